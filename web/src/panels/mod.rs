//! The panels, one file each. Each is a pure function of plain data; what a person does comes back as an
//! [`Action`](crate::Action). [`page()`] puts the data of a [`State`](crate::state::State) into them.

pub mod ask;
mod card;
mod dialog;
mod editor;
pub mod gauge;
mod help;
mod import;
mod inspector;
mod left;
mod lessons;
mod link_card;
mod log;
mod narration;
mod page;
mod parts;
mod proc;
mod scenario_pane;
mod share;
mod shell;
mod stage_frame;
mod stage_view;
pub mod strip;
pub mod timeline;
mod toast;
pub mod tools;
mod top_bar;
mod transport;
mod twin;
pub mod vitals;

pub use page::page;

//! What a panel shows, as plain data: pure functions of a [`Moment`], one file per panel.
//!
//! Nothing here knows Yew, a canvas or a colour value: colours are tokens, places are numbers, sentences are text in
//! the asked language. Everything is tested natively.

mod board;
pub mod charts;
pub mod cma;
pub mod compaction;
pub mod dma;
pub mod faults;
pub mod fragmentation;
pub mod frame_map;
pub mod hierarchy;
pub mod huge;
pub mod import;
pub mod inspector;
mod moment;
pub mod narrate;
pub mod nodes;
pub mod number;
pub mod objects;
pub mod oom;
pub mod pageblocks;
pub mod parts;
pub mod percpu;
mod process;
pub mod pyramid;
pub mod question;
pub mod reclaim;
pub mod scene;
pub mod segmentation;
mod stage;
#[cfg(test)]
mod testing;
pub mod timeline;
pub mod twin;
pub mod vitals;
pub mod vmalloc;
pub mod walk;
pub mod zones;

pub use moment::Moment;
pub use stage::Stage;

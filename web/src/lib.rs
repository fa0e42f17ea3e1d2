//! The mmscope page: state and actions, panels that mirror [`view`], and nothing that decides about memory.
//!
//! 1. Everything a person does becomes an [`Action`]: a button, a key, a link, a drag.
//! 2. [`State::apply`](state::State) turns it into a new state; the session in it does the time travel.
//! 3. Each state gives a [`view::Moment`]; panels are pure functions of it.

pub mod action;
pub mod address;
mod api;
pub mod app;
pub mod canvas;
pub mod charts;
pub mod crash;
pub mod i18n;
pub mod icons;
pub mod keys;
pub mod lazy;
pub mod panels;
pub mod prefs;
pub mod stage;
pub mod state;
mod storage;
pub mod texts;
pub mod writing;

pub use action::Action;

/// Mounts the page, once what its address needs is there.
pub fn run() {
    // The skeleton is in there; the crash card is not.
    let root = gloo::utils::document().get_element_by_id("app").unwrap_or_else(|| gloo::utils::body().into());
    yew::platform::spawn_local(async {
        // Without it the page says that it could not open the link.
        let _ = lazy::fetch_for(&address::Address::fragment()).await;
        yew::Renderer::<app::App>::with_root(root).render();
    });
}

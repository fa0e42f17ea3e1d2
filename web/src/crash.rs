//! When our own code breaks: the work is given back instead of a dead page.

use crate::storage;

const KEY: &str = "mmscope.autosave";

/// Keeps the text of the scenario and the link to the moment where a crash cannot reach them.
pub fn autosave(text: &str) {
    storage::save(KEY, text);
}

/// After a panic nothing of ours runs any more, so the hook does all there is to do: it shows the card that waits
/// hidden in the page, with the link and the text in it.
pub fn install_hook() {
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&info.to_string().into());
        let document = gloo::utils::document();
        if let Some(card) = document.get_element_by_id("crash") {
            let _ = card.remove_attribute("hidden");
        }
        if let Some(place) = document.get_element_by_id("crash-text") {
            place.set_text_content(storage::load(KEY).as_deref());
        }
        if let Some(place) = document.get_element_by_id("crash-what") {
            place.set_text_content(Some(&info.to_string()));
        }
    }));
}

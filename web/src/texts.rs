//! Texts in files of their own: the lessons, the dictionary of packed links, and style sheets.

use js_sys::Promise;
use js_sys::futures::JsFuture;
use scenario::link::{dictionary_is_there, provide_dictionary};
use scenario::{all_builtins_are_there, provide_builtins};
use wasm_bindgen::JsCast;
use web_sys::{Element, Response};

use crate::lazy::NotFetched;

/// Fetches all lessons, if they are not there yet.
pub async fn fetch_lessons() -> Result<(), NotFetched> {
    let there = all_builtins_are_there() || provide_builtins(&fetch("lessons").await.ok_or(NotFetched)?);
    there.then_some(()).ok_or(NotFetched)
}

/// Fetches the dictionary, if it is not there yet.
pub async fn fetch_dictionary() -> Result<(), NotFetched> {
    let there = dictionary_is_there() || provide_dictionary(fetch("dictionary").await.ok_or(NotFetched)?);
    there.then_some(()).ok_or(NotFetched)
}

/// Fetches the style sheets that are disabled in the page, each in its place.
pub async fn fetch_styles() -> Result<(), NotFetched> {
    let links = gloo::utils::document().query_selector_all("link[disabled]").map_err(|_| NotFetched)?;
    let links = (0..links.length()).filter_map(|at| links.get(at)?.dyn_into::<Element>().ok());
    let coming: Vec<(Element, Promise)> = links.map(|link| (link.clone(), enabled(&link))).collect();
    for (link, arrived) in coming {
        if JsFuture::from(arrived).await.is_err() {
            let _ = link.set_attribute("disabled", "");
            return Err(NotFetched);
        }
    }
    Ok(())
}

fn enabled(link: &Element) -> Promise {
    Promise::new(&mut |arrived, failed| {
        let _ = link.add_event_listener_with_callback("load", &arrived);
        let _ = link.add_event_listener_with_callback("error", &failed);
        let _ = link.remove_attribute("disabled");
    })
}

/// The text of the file that a `<meta>` of this name names: `cargo xtask post-build` writes both.
async fn fetch(name: &str) -> Option<String> {
    let meta = gloo::utils::document().query_selector(&format!("meta[name={name}]")).ok()??;
    let file = meta.get_attribute("content").filter(|file| !file.is_empty())?;
    let response = JsFuture::from(gloo::utils::window().fetch_with_str(&file)).await.ok()?;
    let response: Response = response.dyn_into().ok()?;
    let text = JsFuture::from(response.text().ok().filter(|_| response.ok())?).await.ok()?;
    text.as_string()
}

//! Texts in files of their own: the lessons, and the dictionary of packed links.

use js_sys::futures::JsFuture;
use scenario::link::{dictionary_is_there, provide_dictionary};
use scenario::{all_builtins_are_there, provide_builtins};
use wasm_bindgen::JsCast;
use web_sys::Response;

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

/// The text of the file that a `<meta>` of this name names: `cargo xtask post-build` writes both.
async fn fetch(name: &str) -> Option<String> {
    let meta = gloo::utils::document().query_selector(&format!("meta[name={name}]")).ok()??;
    let file = meta.get_attribute("content").filter(|file| !file.is_empty())?;
    let response = JsFuture::from(gloo::utils::window().fetch_with_str(&file)).await.ok()?;
    let response: Response = response.dyn_into().ok()?;
    let text = JsFuture::from(response.text().ok().filter(|_| response.ok())?).await.ok()?;
    text.as_string()
}

//! The share dialog: the link to this moment, how far it will get with that length, and its QR code.

use js_sys::Array;
use qrcodegen::{QrCode, QrCodeEcc};
use scenario::Lang;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, HtmlAnchorElement, HtmlTextAreaElement, Url};
use yew::prelude::*;

use super::dialog::Dialog;
use super::parts::CopyButton;
use crate::Action;
use crate::action::Overlay;
use crate::i18n::Msg;
use crate::i18n::panes::{PaneMsg, PaneSay};
use crate::icons::{Icon, icon};

/// Properties of [`Share`].
#[derive(Properties, PartialEq)]
pub struct ShareProps {
    /// The language.
    pub lang: Lang,
    /// The scenario's title.
    pub title: AttrValue,
    /// Steps done.
    pub global: u64,
    /// The fragment of a link to this moment, without `#`; empty when the text is too long for any link.
    pub here: AttrValue,
    /// The fragment of a link to the beginning.
    pub beginning: AttrValue,
    /// The scenario's text: what the file holds.
    pub text: AttrValue,
    /// Where actions go.
    pub on: Callback<Action>,
}

/// How far a link of some length gets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Light {
    Good,
    Chat,
    Risky,
    File,
}

impl Light {
    fn of(length: usize) -> Light {
        match length {
            0..=213 => Light::Good,
            214..=1000 => Light::Chat,
            1001..=2000 => Light::Risky,
            _ => Light::File,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Light::Good => "good",
            Light::Chat => "chat",
            Light::Risky => "risky",
            Light::File => "file",
        }
    }

    fn meaning(self) -> PaneMsg {
        match self {
            Light::Good => PaneMsg::LightGood,
            Light::Chat => PaneMsg::LightChat,
            Light::Risky => PaneMsg::LightRisky,
            Light::File => PaneMsg::LightFile,
        }
    }

    /// Differs by shape, not by colour alone: check, dot in a ring, triangle, cross.
    fn path(self) -> &'static str {
        match self {
            Light::Good => "M3 9.5 7.5 14 15 5",
            Light::Chat => "M9 2a7 7 0 1 0 0 14A7 7 0 0 0 9 2zM9 8.9v.2",
            Light::Risky => "M9 2 1.5 15.5h15zM9 7.5v3M9 13v.1",
            Light::File => "M4 4l10 10M14 4 4 14",
        }
    }
}

/// The share dialog.
#[component]
pub fn Share(props: &ShareProps) -> Html {
    let ShareProps { lang, title, global, here, beginning, text, on } = props;
    let lang = *lang;
    let from_start = use_state(|| false);
    let keep_language = use_state(|| false);
    let fragment = if *from_start { beginning } else { here };
    let link = link(fragment, keep_language.then_some(lang));
    let length = link.chars().count();
    let light = if fragment.is_empty() { Light::File } else { Light::of(length) };
    let name = if title.is_empty() { Msg::Untitled.text(lang).to_owned() } else { title.to_string() };
    let label =
        if *from_start { name } else { PaneSay::LinkTitle { title: &name, global: *global }.text(lang) };
    let markdown = format!("[{}]({link})", label.replace(['[', ']'], ""));
    let choose = |to: bool| {
        let from_start = from_start.clone();
        move |_: Event| from_start.set(to)
    };
    let onlanguage = {
        let keep_language = keep_language.clone();
        move |_: Event| keep_language.set(!*keep_language)
    };
    let onfocus = |event: FocusEvent| {
        let area: HtmlTextAreaElement = event.target_unchecked_into();
        area.select();
    };
    let ondownload = {
        let text = text.clone();
        move |_: MouseEvent| {
            let _ = download(&text);
        }
    };
    html! {
        <Dialog
            {lang}
            title={PaneMsg::ShareHeading.text(lang)}
            on_close={on.reform(|()| Action::Overlay(None::<Overlay>))}
        >
            <div class="share">
                <div class="main">
                    <div class="choice" role="radiogroup" aria-label={PaneMsg::ShareHeading.text(lang)}>
                        <label>
                            <input type="radio" name="start" checked={!*from_start} onchange={choose(false)} />
                            { PaneMsg::StartHere.text(lang) }
                        </label>
                        <label>
                            <input type="radio" name="start" checked={*from_start} onchange={choose(true)} />
                            { PaneMsg::StartAtBeginning.text(lang) }
                        </label>
                        <label>
                            <input type="checkbox" checked={*keep_language} onchange={onlanguage} />
                            { PaneMsg::KeepLanguage.text(lang) }
                        </label>
                    </div>
                    <textarea
                        class="field link-text"
                        readonly={true}
                        aria-label={PaneMsg::LinkLabel.text(lang)}
                        value={link.clone()}
                        {onfocus}
                    />
                    <p class="length" data-light={light.name()}>
                        <svg class="lamp" viewBox="0 0 18 18" aria-hidden="true"><path d={light.path()} /></svg>
                        <span>{ PaneSay::Characters(length).text(lang) }{ lang.pick(": ", "：") }{ light.meaning().text(lang) }</span>
                    </p>
                    <div class="buttons">
                        <CopyButton {lang} text={link.clone()} label={PaneMsg::CopyLink} class="solid" first={true} />
                        <CopyButton {lang} text={markdown} label={PaneMsg::CopyMarkdown} />
                        <button type="button" class="btn line" onclick={ondownload}>
                            { icon(Icon::Download) }
                            { PaneMsg::DownloadFile.text(lang) }
                        </button>
                    </div>
                </div>
                <div class="qr-side">
                    if light == Light::Good {
                        { qr(&link, lang) }
                    }
                </div>
            </div>
        </Dialog>
    }
}

/// The page's own address with another fragment, and without the hints of this viewer.
fn link(fragment: &str, lang: Option<Lang>) -> String {
    let location = gloo::utils::window().location();
    let origin = location.origin().unwrap_or_default();
    let path = location.pathname().unwrap_or_default();
    let hint = lang.map(|lang| format!("?lang={}", lang.tag())).unwrap_or_default();
    format!("{origin}{path}{hint}#{fragment}")
}

/// Dark squares on light ground with the border of four that readers ask for.
fn qr(link: &str, lang: Lang) -> Html {
    const BORDER: i32 = 4;
    let Ok(code) = QrCode::encode_text(link, QrCodeEcc::Medium) else {
        return html! {};
    };
    let mut path = String::new();
    for y in 0..code.size() {
        for x in 0..code.size() {
            if code.get_module(x, y) {
                path.push_str(&format!("M{} {}h1v1h-1z", x + BORDER, y + BORDER));
            }
        }
    }
    let side = code.size() + 2 * BORDER;
    html! {
        <svg
            class="qr"
            viewBox={format!("0 0 {side} {side}")}
            shape-rendering="crispEdges"
            role="img"
            aria-label={PaneMsg::QrLabel.text(lang)}
        >
            <path d={path} />
        </svg>
    }
}

/// Gives the browser a file to save.
fn download(text: &str) -> Result<(), JsValue> {
    let blob = Blob::new_with_str_sequence(&Array::of1(&JsValue::from_str(text)))?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let anchor = gloo::utils::document().create_element("a")?.dyn_into::<HtmlAnchorElement>()?;
    anchor.set_href(&url);
    anchor.set_download("scenario.mm");
    anchor.click();
    Url::revoke_object_url(&url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_light_changes_where_it_should() {
        let lights = [213, 214, 1000, 1001, 2000, 2001].map(Light::of);
        let wanted = [Light::Good, Light::Chat, Light::Chat, Light::Risky, Light::Risky, Light::File];
        assert_eq!(lights, wanted);
    }
}

//! The card for a link that cannot be opened: what is wrong with it, and what can still be done.

use scenario::Lang;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::dialog::Dialog;
use crate::Action;
use crate::i18n::panes::PaneMsg;
use crate::icons::Icon;

/// Properties of [`LinkCard`].
#[derive(Properties, PartialEq)]
pub struct LinkCardProps {
    /// The language.
    pub lang: Lang,
    /// What is wrong: "link was cut after 120 characters".
    pub message: AttrValue,
    /// What opens the part that was recovered, if any was.
    pub recovered: Option<Action>,
    /// Where actions go.
    pub on: Callback<Action>,
}

/// The card.
#[component]
pub fn LinkCard(props: &LinkCardProps) -> Html {
    let LinkCardProps { lang, message, recovered, on } = props;
    let lang = *lang;
    let pasted = use_state(String::new);
    let oninput = {
        let pasted = pasted.clone();
        move |event: InputEvent| {
            let area: HtmlTextAreaElement = event.target_unchecked_into();
            pasted.set(area.value());
        }
    };
    let fragment = pasted.split_once('#').map_or(&**pasted, |(_, fragment)| fragment).trim().to_owned();
    let nothing = fragment.is_empty();
    html! {
        <Dialog
            {lang}
            class="error-card"
            title={PaneMsg::LinkErrorHeading.text(lang)}
            sign={Icon::Warning}
            on_close={on.reform(|()| Action::Overlay(None))}
        >
            <p role="alert"><b>{ message.clone() }</b>{ " " }{ PaneMsg::LinkErrorKept.text(lang) }</p>
            <div class="buttons">
                if let Some(open) = recovered.clone() {
                    <button
                        type="button"
                        class="btn solid"
                        onclick={on.reform(move |_| open.clone())}
                    >
                        { PaneMsg::OpenRecovered.text(lang) }
                    </button>
                }
            </div>
            <label for="full-link">{ PaneMsg::PasteFullLink.text(lang) }</label>
            <textarea
                id="full-link"
                class="field link-text"
                spellcheck="false"
                autocomplete="off"
                {oninput}
            />
            <div class="buttons">
                <button
                    type="button"
                    class="btn line"
                    disabled={nothing}
                    onclick={on.reform(move |_| Action::OpenFragment(fragment.clone()))}
                >
                    { PaneMsg::OpenLink.text(lang) }
                </button>
                <button type="button" class="btn" onclick={on.reform(|_| Action::Overlay(None))}>
                    { PaneMsg::KeepCurrent.text(lang) }
                </button>
            </div>
        </Dialog>
    }
}

//! The note at the bottom of the page: said once, gone with the next action or after a while.

use gloo::timers::callback::Timeout;
use scenario::Lang;
use yew::prelude::*;

use super::parts::icon_button;
use crate::Action;
use crate::i18n::Msg;
use crate::icons::Icon;

/// How long a note stays, in milliseconds.
const STAY_MS: u32 = 6000;

/// Properties of [`Toast`].
#[derive(Properties, PartialEq)]
pub struct ToastProps {
    /// The language.
    pub lang: Lang,
    /// What it says.
    pub text: AttrValue,
    /// Where actions go.
    pub on: Callback<Action>,
}

/// The note.
#[component]
pub fn Toast(props: &ToastProps) -> Html {
    let ToastProps { lang, text, on } = props;
    {
        let on = on.clone();
        use_effect_with(text.clone(), move |_| {
            let timeout = Timeout::new(STAY_MS, move || on.emit(Action::DismissNote));
            move || drop(timeout)
        });
    }
    html! {
        <div class="toast" role="status">
            <span>{ text.clone() }</span>
            { icon_button(Icon::Close, Msg::Close.text(*lang), "", on, Action::DismissNote) }
        </div>
    }
}

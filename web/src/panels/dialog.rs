//! A dialog: the browser's own, so that the page under it is inert and the focus stays in it and comes back.

use scenario::Lang;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, HtmlElement, KeyboardEvent};
use yew::prelude::*;

use crate::i18n::Msg;
use crate::icons::{Icon, icon};

/// Properties of [`Dialog`].
#[derive(Properties, PartialEq)]
pub struct DialogProps {
    /// The language.
    pub lang: Lang,
    /// What its heading says.
    pub title: AttrValue,
    /// An icon before the heading.
    #[prop_or_default]
    pub sign: Option<Icon>,
    /// Classes besides `dialog`.
    #[prop_or_default]
    pub class: Classes,
    /// It was closed: by its button, by Esc, by a press beside it.
    pub on_close: Callback<()>,
    /// Its body.
    pub children: Html,
}

/// The dialog; it is open as long as it is there.
#[component]
pub fn Dialog(props: &DialogProps) -> Html {
    let DialogProps { lang, title, sign, class, on_close, children } = props;
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            let before = gloo::utils::document().active_element();
            let dialog = node.cast::<HtmlDialogElement>();
            if let Some(dialog) = &dialog {
                let _ = dialog.show_modal();
                let first = dialog.query_selector("[data-first]").ok().flatten();
                if let Some(first) = first.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
                    let _ = first.focus();
                }
            }
            move || {
                if let Some(dialog) = dialog {
                    dialog.close();
                }
                if let Some(before) = before.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
                    let _ = before.focus();
                }
            }
        });
    }
    // Esc. What is shown is the state's business, so the browser does not close it by itself.
    let oncancel = on_close.reform(|event: Event| event.prevent_default());
    let onkeydown = {
        let on_close = on_close.clone();
        move |event: KeyboardEvent| {
            // The other keys go on to the page, which knows which of them work under a dialog.
            if event.key() == "Escape" {
                event.stop_propagation();
                event.prevent_default();
                on_close.emit(());
            }
        }
    };
    let onclick = {
        let (node, on_close) = (node.clone(), on_close.clone());
        move |event: MouseEvent| {
            let dialog = node.cast::<HtmlDialogElement>();
            let itself = event.target().and_then(|target| target.dyn_into::<HtmlDialogElement>().ok());
            if dialog.is_some() && dialog == itself {
                on_close.emit(());
            }
        }
    };
    html! {
        <dialog
            ref={node}
            class={classes!("dialog", class.clone())}
            aria-labelledby="dialog-title"
            {oncancel}
            {onkeydown}
            {onclick}
        >
            <div class="head">
                <h2 id="dialog-title">
                    <span class="slot">
                        if let Some(sign) = *sign {
                            { icon(sign) }
                        }
                    </span>
                    { title.clone() }
                </h2>
                <button
                    type="button"
                    class="btn square"
                    aria-label={Msg::Close.text(*lang)}
                    title={Msg::Close.text(*lang)}
                    onclick={on_close.reform(|_| ())}
                >
                    { icon(Icon::Close) }
                </button>
            </div>
            <div class="body scroll" tabindex="0" role="group" aria-labelledby="dialog-title">{ children.clone() }</div>
        </dialog>
    }
}

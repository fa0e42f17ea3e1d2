//! The few building blocks that several panels use.

use scenario::Lang;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::stage_view::Zoom;
use crate::Action;
use crate::i18n::Msg;
use crate::i18n::panes::PaneMsg;
use crate::icons::{Icon, icon};

/// A button that is only an icon; its name is read out and shown to a pointer that rests on it.
pub fn icon_button(
    shape: Icon,
    name: &str,
    class: &'static str,
    on: &Callback<Action>,
    action: Action,
) -> Html {
    let name = AttrValue::from(name.to_owned());
    html! {
        <button
            type="button"
            class={classes!("btn", "square", class)}
            aria-label={name.clone()}
            title={name}
            onclick={on.reform(move |_| action.clone())}
        >
            { icon(shape) }
        </button>
    }
}

/// Visible ways to do what a pinch or a wheel does.
pub fn zoom_buttons(lang: Lang, on_zoom: &Callback<Zoom>) -> Html {
    let buttons = [
        (Icon::Minus, Msg::ZoomOut, Zoom::Out),
        (Icon::Fit, Msg::ZoomFit, Zoom::Fit),
        (Icon::Plus, Msg::ZoomIn, Zoom::In),
    ];
    html! {
        <div class="zoom" role="group">
            { for buttons.map(|(shape, name, zoom)| html! {
                <button
                    key={name.text(Lang::En)}
                    type="button"
                    class="btn square"
                    aria-label={name.text(lang)}
                    title={name.text(lang)}
                    onclick={on_zoom.reform(move |_| zoom)}
                >
                    { icon(shape) }
                </button>
            }) }
        </div>
    }
}

/// One line of a log: a step that was done, told shortly.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// Steps done since the beginning, this one included: where a click goes.
    pub global: u64,
    /// What it says.
    pub text: AttrValue,
    /// The kernel function, where there is room.
    pub func: AttrValue,
    /// It failed.
    pub failed: bool,
    /// It is the moment.
    pub now: bool,
}

/// Draws a line of a log.
pub fn entry(entry: &Entry, on: &Callback<Action>) -> Html {
    let Entry { global, text, func, failed, now } = entry.clone();
    html! {
        <li key={global}>
            <button
                type="button"
                class={classes!("log-entry", failed.then_some("fail"))}
                aria-current={now.then_some("step")}
                onclick={on.reform(move |_| Action::SeekGlobal(global))}
            >
                <span class="at">{ global }</span>
                <span>
                    { text }
                    <span class="fn">{ func }</span>
                </span>
            </button>
        </li>
    }
}

/// Scrolls so that what `selector` finds can be seen, unless somebody types there.
pub fn keep_in_sight(scroller: &HtmlElement, selector: &str) {
    let active = gloo::utils::document().active_element();
    let typing =
        active.is_some_and(|active| active.tag_name() == "TEXTAREA" && scroller.contains(Some(&active)));
    let Ok(Some(line)) = scroller.query_selector(selector) else { return };
    if typing {
        return;
    }
    let (view, row) = (scroller.get_bounding_client_rect(), line.get_bounding_client_rect());
    let margin = row.height().min(view.height() / 4.0);
    if row.top() < view.top() || row.bottom() > view.bottom() - margin {
        let to = f64::from(scroller.scroll_top()) + row.top() - view.top() - view.height() / 3.0;
        scroller.set_scroll_top(to.max(0.0) as i32);
    }
}

/// Properties of [`CopyButton`].
#[derive(Properties, PartialEq)]
pub struct CopyButtonProps {
    /// The language.
    pub lang: Lang,
    /// What goes to the clipboard.
    pub text: AttrValue,
    /// What the button says.
    pub label: PaneMsg,
    /// The class besides `btn`.
    #[prop_or("line")]
    pub class: &'static str,
    /// It has the focus when its dialog opens.
    #[prop_or_default]
    pub first: bool,
}

/// Copies a text, and says so for two seconds.
#[component]
pub fn CopyButton(props: &CopyButtonProps) -> Html {
    let CopyButtonProps { lang, text, label, class, first } = props;
    let copied = use_state(|| false);
    let timeout = use_mut_ref(|| None::<gloo::timers::callback::Timeout>);
    let onclick = {
        let (text, copied) = (text.clone(), copied.clone());
        move |_: MouseEvent| {
            let _ = gloo::utils::window().navigator().clipboard().write_text(&text);
            copied.set(true);
            let copied = copied.clone();
            *timeout.borrow_mut() =
                Some(gloo::timers::callback::Timeout::new(2000, move || copied.set(false)));
        }
    };
    html! {
        <button type="button" class={classes!("btn", *class)} data-first={first.then_some("")} {onclick}>
            { icon(if *copied { Icon::Check } else { Icon::Copy }) }
            <span role="status">{ if *copied { PaneMsg::Copied } else { *label }.text(*lang) }</span>
        </button>
    }
}

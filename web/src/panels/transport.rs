//! Z5: the buttons that move in time, the timeline between them, and how far one is.

use std::rc::Rc;

use history::Cursor;
use scenario::Lang;
use web_sys::{HtmlInputElement, KeyboardEvent};
use yew::prelude::*;

use super::parts::icon_button;
use super::timeline::{Timeline, TimelineData};
use crate::Action;
use crate::action::Way;
use crate::i18n::{Msg, Say};
use crate::icons::{Icon, icon};

/// Where one is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// The op that the last step belongs to, from 1; 0 at the beginning.
    pub op: u32,
    /// How many ops there are.
    pub ops: u32,
    /// Steps done.
    pub global: u64,
    /// Steps of the scenario, as far as they are known.
    pub total: u64,
    /// All of them are known.
    pub surveyed: bool,
}

/// What [`transport`] shows.
pub struct Transport {
    /// The language.
    pub lang: Lang,
    /// Time runs by itself.
    pub playing: bool,
    /// Steps a second while it does.
    pub speed: f32,
    /// Where one is.
    pub place: Place,
    /// Strip and marks.
    pub timeline: Rc<TimelineData>,
    /// The moment in words, for the reading voice.
    pub value_text: AttrValue,
    /// Where actions go.
    pub on: Callback<Action>,
}

/// The transport.
pub fn transport(props: &Transport) -> Html {
    let Transport { lang, playing, speed, place, timeline, value_text, on } = props;
    let lang = *lang;
    let key = |msg: Msg, key: &str| format!("{} ({key})", msg.text(lang));
    let speed_text = view::scene::num(*speed);
    let play = if *playing { Msg::Pause } else { Msg::Play };
    html! {
        <section class="z5" aria-label={Msg::Transport.text(lang)}>
            <div class="keys" role="group" aria-label={Msg::Transport.text(lang)}>
                { icon_button(Icon::First, &key(Msg::ToStart, "Home"), "rare", on, Action::End(Way::Back)) }
                { icon_button(Icon::OpBack, &key(Msg::OpBack, "Shift ←"), "rare", on, Action::Op(Way::Back)) }
                { icon_button(Icon::Back, &key(Msg::StepBack, "←"), "step", on, Action::Step(Way::Back)) }
                <button
                    type="button"
                    class="btn solid play"
                    aria-label={play.text(lang)}
                    title={key(play, "Space")}
                    onclick={on.reform(|_| Action::TogglePlay)}
                >
                    { icon(if *playing { Icon::Pause } else { Icon::Play }) }
                </button>
                { icon_button(Icon::Forward, &key(Msg::StepForward, "→"), "step", on, Action::Step(Way::Forward)) }
                { icon_button(Icon::OpForward, &key(Msg::OpForward, "Shift →"), "rare", on, Action::Op(Way::Forward)) }
                { icon_button(Icon::Last, &key(Msg::ToEnd, "End"), "rare", on, Action::End(Way::Forward)) }
            </div>
            <Timeline
                {lang}
                global={place.global}
                total={place.total}
                data={Rc::clone(timeline)}
                value_text={value_text.clone()}
                on={on.clone()}
            />
            <Counter {lang} place={*place} on={on.clone()} />
            <div class="speed" role="group" aria-label={Say::Speed(&speed_text).text(lang)}>
                { icon_button(Icon::Minus, &key(Msg::Slower, "−"), "", on, Action::Speed(Way::Back)) }
                <output title={Say::Speed(&speed_text).text(lang)}>{ format!("{speed_text}/s") }</output>
                { icon_button(Icon::Plus, &key(Msg::Faster, "+"), "", on, Action::Speed(Way::Forward)) }
            </div>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct CounterProps {
    lang: Lang,
    place: Place,
    on: Callback<Action>,
}

/// "op 12/58 · step 37/412"; the step can be typed over.
#[component]
fn Counter(props: &CounterProps) -> Html {
    let CounterProps { lang, place, on } = props;
    let lang = *lang;
    let draft = use_state(|| None::<String>);
    let shown = draft.as_ref().cloned().unwrap_or_else(|| place.global.to_string());
    let bad = draft.as_ref().is_some_and(|draft| goto(draft).is_none());

    let oninput = {
        let draft = draft.clone();
        move |event: InputEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            draft.set(Some(input.value()));
        }
    };
    let onfocus = |event: FocusEvent| {
        let input: HtmlInputElement = event.target_unchecked_into();
        input.select();
    };
    let onkeydown = {
        let (draft, on) = (draft.clone(), on.clone());
        move |event: KeyboardEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            match event.key().as_str() {
                "Enter" => {
                    let Some(action) = goto(&input.value()) else { return };
                    draft.set(None);
                    on.emit(action);
                    let _ = input.blur();
                }
                "Escape" => {
                    event.stop_propagation();
                    draft.set(None);
                    let _ = input.blur();
                }
                _ => {}
            }
        }
    };
    let onblur = move |_: FocusEvent| draft.set(None);
    let size = shown.chars().count().max(1).to_string();
    html! {
        <div class={classes!("count", (place.total >= 10_000).then_some("wide"))}>
            <span class="ops">
                { lang.pick("op ", "操作 ") }
                <b>{ place.op }</b>
                { format!("/{}", place.ops) }
            </span>
            <span class="dot">{ " · " }</span>
            <span class="steps">
                { lang.pick("step ", "步 ") }
                <input
                    class={classes!("goto", bad.then_some("bad"))}
                    type="text"
                    inputmode="decimal"
                    autocomplete="off"
                    {size}
                    aria-label={Msg::GoTo.text(lang)}
                    title={Msg::GoTo.text(lang)}
                    aria-invalid={bad.then_some("true")}
                    value={shown}
                    {oninput}
                    {onfocus}
                    {onkeydown}
                    {onblur}
                />
                { format!("/{}{}", place.total, if place.surveyed { "" } else { "…" }) }
            </span>
        </div>
    }
}

/// A typed place: a step, or an op and its step as links write them.
fn goto(typed: &str) -> Option<Action> {
    let typed = typed.trim();
    match typed.split_once('.') {
        None => typed.parse().ok().map(Action::SeekGlobal),
        Some((op, step)) => Some(Action::Seek(Cursor::new(op.parse().ok()?, step.parse().ok()?))),
    }
}

//! `/proc`: what this machine would print, and a box for what one's own machine prints.

use scenario::Lang;
use yew::prelude::*;

use super::import::ImportBox;
use super::parts::CopyButton;
use super::vitals::grouped;
use crate::Action;
use crate::i18n::panes::PaneMsg;

/// How the trace goes that the scenario replays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Replay {
    /// Predictions in all of it.
    pub predictions: u64,
    /// The right ones.
    pub agreed: u64,
    /// Steps up to the first one at which the kernel took another block.
    pub first: Option<u64>,
}

/// Properties of [`Proc`].
#[derive(Properties, PartialEq)]
pub struct ProcProps {
    /// The language.
    pub lang: Lang,
    /// File name and text, in the order of the tabs.
    pub files: Vec<(AttrValue, AttrValue)>,
    /// How the trace goes, if it replays one.
    pub replay: Option<Replay>,
    /// Where actions go.
    pub on: Callback<Action>,
}

/// The `/proc` pane.
#[component]
pub fn Proc(props: &ProcProps) -> Html {
    let ProcProps { lang, files, replay, on } = props;
    let lang = *lang;
    let shown = use_state(|| 0_usize);
    let (_, text) = files.get(*shown).cloned().unwrap_or_default();
    html! {
        <div class="pane proc-pane">
            <div>{ replay.map(|replay| replay_box(&replay, lang, on)).unwrap_or_default() }</div>
            <div class="side-tabs files" role="group" aria-label={PaneMsg::ProcOfMachine.text(lang)}>
                { for files.iter().enumerate().map(|(at, (name, _))| {
                    let choose = shown.clone();
                    html! {
                        <button
                            key={name.to_string()}
                            type="button"
                            class="btn mono"
                            aria-current={(at == *shown).then_some("true")}
                            onclick={move |_| choose.set(at)}
                        >
                            { name.clone() }
                        </button>
                    }
                }) }
            </div>
            <div class="pad buttons">
                <span class="quiet grow">{ PaneMsg::ProcOfMachine.text(lang) }</span>
                <CopyButton {lang} text={text.clone()} label={PaneMsg::Copy} />
            </div>
            <pre class="scroll proc" tabindex="0" role="region" aria-label={PaneMsg::ProcOfMachine.text(lang)}>{ text }</pre>
            <ImportBox {lang} on={on.clone()} />
        </div>
    }
}

/// Agreed, diverged, and the way to the first divergence.
fn replay_box(replay: &Replay, lang: Lang, on: &Callback<Action>) -> Html {
    let Replay { predictions, agreed, first } = *replay;
    let [all, right, wrong] = [predictions, agreed, predictions - agreed].map(grouped);
    let words = match lang {
        Lang::En => format!("Replay of a real trace: of {all} predictions {right} agreed, {wrong} diverged."),
        Lang::Zh => format!("重放真实的跟踪记录：{all} 个预测，{right} 个一致，{wrong} 个分歧。"),
    };
    let seek = first.map(Action::SeekGlobal);
    let onclick = on.reform(move |_: MouseEvent| seek.clone().unwrap_or(Action::DismissNote));
    html! {
        <section class="replay">
            <p>{ words }</p>
            <button type="button" class="btn line" disabled={first.is_none()} {onclick}>
                { match first {
                    Some(_) => lang.pick("≠ Go to the first divergence", "≠ 到首次分歧"),
                    None => lang.pick("It never diverges", "没有分歧"),
                } }
            </button>
        </section>
    }
}

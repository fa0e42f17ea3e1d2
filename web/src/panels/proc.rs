//! `/proc`: what this machine would print, and a box for what one's own machine prints.

use scenario::Lang;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::parts::CopyButton;
use crate::Action;
use crate::i18n::panes::PaneMsg;

/// What a pasted text is worth.
#[derive(Clone, PartialEq, Debug)]
pub struct Pasted {
    /// The scenario that it makes; none when nothing in it can be used.
    pub scenario: Option<String>,
    /// What is wrong, by line.
    pub errors: Vec<(u32, AttrValue)>,
}

/// Properties of [`Proc`].
#[derive(Properties, PartialEq)]
pub struct ProcProps {
    /// The language.
    pub lang: Lang,
    /// File name and text, in the order of the tabs.
    pub files: Vec<(AttrValue, AttrValue)>,
    /// Reads a pasted text.
    pub read: Callback<String, Pasted>,
    /// Where actions go.
    pub on: Callback<Action>,
}

/// The `/proc` pane.
#[component]
pub fn Proc(props: &ProcProps) -> Html {
    let ProcProps { lang, files, read, on } = props;
    let lang = *lang;
    let shown = use_state(|| 0_usize);
    let (_, text) = files.get(*shown).cloned().unwrap_or_default();
    html! {
        <div class="pane">
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
            <Paste {lang} read={read.clone()} on={on.clone()} />
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct PasteProps {
    lang: Lang,
    read: Callback<String, Pasted>,
    on: Callback<Action>,
}

/// The box. What it gets is read in the page and goes nowhere.
#[component]
fn Paste(props: &PasteProps) -> Html {
    let PasteProps { lang, read, on } = props;
    let lang = *lang;
    let text = use_state(String::new);
    let pasted = (!text.trim().is_empty()).then(|| read.emit((*text).clone()));
    let errors = pasted.as_ref().map(|pasted| pasted.errors.clone()).unwrap_or_default();
    let scenario = pasted.and_then(|pasted| pasted.scenario);
    let oninput = {
        let text = text.clone();
        move |event: InputEvent| {
            let area: HtmlTextAreaElement = event.target_unchecked_into();
            text.set(area.value());
        }
    };
    let onclick = {
        let (on, scenario) = (on.clone(), scenario.clone());
        move |_: MouseEvent| {
            if let Some(scenario) = scenario.clone() {
                on.emit(Action::OpenText(scenario));
            }
        }
    };
    html! {
        <section class="paste">
            <label for="paste"><b>{ PaneMsg::PasteOwn.text(lang) }</b>{ " " }{ PaneMsg::NothingLeaves.text(lang) }</label>
            <textarea
                id="paste"
                class="field"
                spellcheck="false"
                autocomplete="off"
                placeholder={PaneMsg::PastePlaceholder.text(lang)}
                {oninput}
            />
            <ul class="diags" aria-live="polite">
                { for errors.into_iter().enumerate().map(|(at, (line, message))| html! {
                    <li key={at} class="diag">
                        <span class="mono">{ format!("✕ {line}") }</span>
                        <span>{ message }</span>
                    </li>
                }) }
            </ul>
            <button type="button" class="btn solid" disabled={scenario.is_none()} {onclick}>
                { PaneMsg::OpenPasted.text(lang) }
            </button>
        </section>
    }
}

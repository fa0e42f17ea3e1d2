//! The scenario: its text, and buttons that put ready-made ops in at the cursor.

use scenario::Lang;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::editor::{Editor, Problem};
use super::parts::icon_button;
use crate::Action;
use crate::i18n::panes::PaneMsg;
use crate::icons::{Icon, icon};

/// Properties of [`ScenarioPane`].
#[derive(Properties, PartialEq)]
pub struct ScenarioPaneProps {
    /// The language.
    pub lang: Lang,
    /// The text.
    pub text: AttrValue,
    /// The line of the op that the cursor is in.
    pub now: Option<u32>,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// A name that is not taken.
    pub fresh: AttrValue,
    /// The names of blocks that can be freed now.
    pub held: Vec<AttrValue>,
    /// An op is under the cursor.
    pub can_remove: bool,
    /// An edit can be taken back.
    pub can_undo: bool,
    /// It can be done again.
    pub can_redo: bool,
    /// Where actions go.
    pub on: Callback<Action>,
}

/// The scenario pane.
#[component]
pub fn ScenarioPane(props: &ScenarioPaneProps) -> Html {
    let ScenarioPaneProps { lang, text, now, problems, fresh, held, on, .. } = props;
    html! {
        <div class="pane">
            <Editor lang={*lang} text={text.clone()} now={*now} problems={problems.clone()} on={on.clone()} />
            <div class="do" role="group" aria-label={PaneMsg::AddOps.text(*lang)}>
                <AllocLine lang={*lang} fresh={fresh.clone()} on={on.clone()} />
                <FreeLine lang={*lang} held={held.clone()} on={on.clone()} />
                { edit_line(props) }
            </div>
        </div>
    }
}

fn edit_line(props: &ScenarioPaneProps) -> Html {
    let ScenarioPaneProps { lang, can_remove, can_undo, can_redo, on, .. } = props;
    html! {
        <div class="line">
            <button
                type="button"
                class="btn line"
                disabled={!can_remove}
                onclick={on.reform(|_| Action::RemoveOp)}
            >
                { icon(Icon::Trash) }
                { PaneMsg::RemoveOp.text(*lang) }
            </button>
            <span class="grow" />
            <fieldset class="slot" disabled={!can_undo}>
                { icon_button(Icon::Undo, PaneMsg::Undo.text(*lang), "", on, Action::Undo) }
            </fieldset>
            <fieldset class="slot" disabled={!can_redo}>
                { icon_button(Icon::Redo, PaneMsg::Redo.text(*lang), "", on, Action::Redo) }
            </fieldset>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct AllocLineProps {
    lang: Lang,
    fresh: AttrValue,
    on: Callback<Action>,
}

/// What a request can be for, as the language writes it.
const KINDS: [&str; 5] = ["movable", "unmovable", "reclaimable", "anon", "file"];

/// `name = alloc order=k kind`
#[component]
fn AllocLine(props: &AllocLineProps) -> Html {
    let AllocLineProps { lang, fresh, on } = props;
    let lang = *lang;
    let order = use_state(|| 0_u8);
    let kind = use_state(|| KINDS[0]);
    let name = use_state(|| None::<String>);
    let shown = (*name).clone().unwrap_or_else(|| fresh.to_string());

    let onname = {
        let name = name.clone();
        move |event: InputEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            name.set(Some(input.value()));
        }
    };
    let onorder = {
        let order = order.clone();
        move |event: Event| {
            let select: HtmlSelectElement = event.target_unchecked_into();
            order.set(select.value().parse().unwrap_or_default());
        }
    };
    let onkind = {
        let kind = kind.clone();
        move |event: Event| {
            let select: HtmlSelectElement = event.target_unchecked_into();
            kind.set(KINDS.into_iter().find(|word| *word == select.value()).unwrap_or(KINDS[0]));
        }
    };
    let onclick = {
        let (on, statement) = (on.clone(), format!("{} = alloc order={} {}", shown.trim(), *order, *kind));
        let name = name.clone();
        move |_: MouseEvent| {
            name.set(None);
            on.emit(Action::Insert(statement.clone()));
        }
    };
    html! {
        <div class="line">
            <label>
                <span class="sr-only">{ PaneMsg::FieldName.text(lang) }</span>
                <input class="field name" type="text" size="4" autocomplete="off" value={shown} oninput={onname} />
            </label>
            <label title={PaneMsg::FieldOrder.text(lang)}>
                <span>{ PaneMsg::FieldOrder.text(lang) }</span>
                <select class="field order" onchange={onorder}>
                    { for (0..=10_u8).map(|each| html! {
                        <option key={each} value={each.to_string()} selected={each == *order}>{ each }</option>
                    }) }
                </select>
            </label>
            <label class="grow">
                <span class="sr-only">{ PaneMsg::FieldKind.text(lang) }</span>
                <select class="field" onchange={onkind}>
                    { for KINDS.map(|each| html! {
                        <option key={each} value={each} selected={each == *kind}>{ each }</option>
                    }) }
                </select>
            </label>
            <button type="button" class="btn line" {onclick}>{ PaneMsg::AllocHere.text(lang) }</button>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct FreeLineProps {
    lang: Lang,
    held: Vec<AttrValue>,
    on: Callback<Action>,
}

/// `free name`
#[component]
fn FreeLine(props: &FreeLineProps) -> Html {
    let FreeLineProps { lang, held, on } = props;
    let lang = *lang;
    let chosen = use_state(AttrValue::default);
    let current =
        if held.contains(&chosen) { (*chosen).clone() } else { held.first().cloned().unwrap_or_default() };
    let onchange = {
        let chosen = chosen.clone();
        move |event: Event| {
            let select: HtmlSelectElement = event.target_unchecked_into();
            chosen.set(AttrValue::from(select.value()));
        }
    };
    let statement = format!("free {current}");
    html! {
        <div class="line">
            <label class="grow">
                <span class="sr-only">{ PaneMsg::FieldName.text(lang) }</span>
                <select class="field" disabled={held.is_empty()} {onchange}>
                    { for held.iter().enumerate().map(|(at, name)| html! {
                        <option key={at} value={name.clone()} selected={*name == current}>
                            { name.clone() }
                        </option>
                    }) }
                    <option hidden={!held.is_empty()} disabled={true} selected={held.is_empty()}>
                        { PaneMsg::NothingToFree.text(lang) }
                    </option>
                </select>
            </label>
            <button
                type="button"
                class="btn line"
                disabled={held.is_empty()}
                onclick={on.reform(move |_| Action::Insert(statement.clone()))}
            >
                { PaneMsg::FreeHere.text(lang) }
            </button>
        </div>
    }
}

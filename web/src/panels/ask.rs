//! Predict, then reveal: the question about the next step, and what came of it. It stands where the narration says
//! what comes next. In a part of its own with the tools ([`crate::lazy`]).

use std::rc::Rc;

use history::Session;
use mm::Step;
use scenario::{Lang, Scenario};
use view::Moment;
use view::question::{self, Answers, Given, Marks, Question, correction};
use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent, SubmitEvent};
use yew::prelude::*;

use crate::Action;
use crate::i18n::Msg;
use crate::i18n::panes::{PaneMsg, PaneSay};
use crate::icons::{Icon, icon};
use crate::state::{Asking, State};

/// What can be asked about the next step.
pub fn question(session: &Session, scenario: &Rc<Scenario>) -> Option<Question> {
    let coming: Vec<Step> = session.coming().copied().collect();
    question::question(&Moment::of(session, scenario), &coming)
}

/// Where something is worth asking.
pub fn places(session: &Session, scenario: &Rc<Scenario>) -> Vec<u64> {
    question::places(session, scenario).iter().map(|place| place.global).collect()
}

/// What the question marks on the picture.
pub fn marks(state: &State) -> Marks {
    let marks = |asking: &Asking| asking.question.marks(asking.given, asking.shown);
    state.asking.as_ref().map(marks).unwrap_or_default()
}

/// The question for the reading voice; when it is answered, what came of it.
pub fn voice(state: &State) -> String {
    let (Some(asking), lang) = (&state.asking, state.lang()) else { return String::new() };
    let scenario = &state.doc.scenario;
    if !asking.shown {
        return asking.question.sentence(scenario, lang);
    }
    let Shown { verdict, kernel, why, .. } = Shown::of(asking, scenario, lang);
    let (colon, gap) = lang.pick((": ", " "), ("：", ""));
    format!(
        "{}{gap}{}{colon}{kernel}{}{gap}{why}",
        verdict.text(lang),
        PaneMsg::Kernel.text(lang),
        lang.pick(".", "。")
    )
}

/// The question or its answer.
pub fn panel(state: &State, on: &Callback<Action>) -> Html {
    let Some(asking) = &state.asking else { return html! {} };
    let lang = state.lang();
    let scenario = &state.doc.scenario;
    let tally = state.prefs.tally;
    if asking.shown {
        return html! { <Answer {lang} shown={Shown::of(asking, scenario, lang)} {tally} on={on.clone()} /> };
    }
    let question = &asking.question;
    let choices =
        (0..question.choices().len()).map(|at| question.answer(Given::Choice(at), scenario, lang).into());
    let is_number = matches!(question.answers, Answers::Number { .. });
    let typed = is_number.then(|| AttrValue::from(asking.typed.clone()));
    html! {
        <Open
            {lang}
            sentence={question.sentence(scenario, lang)}
            choices={choices.collect::<Vec<AttrValue>>()}
            picked={match asking.given {
                Some(Given::Choice(at)) => Some(at),
                _ => None,
            }}
            {typed}
            answered={asking.given.is_some()}
            {tally}
            on={on.clone()}
        />
    }
}

#[derive(Properties, PartialEq)]
struct OpenProps {
    lang: Lang,
    sentence: AttrValue,
    /// The answers to choose from; empty: a number is asked for.
    choices: Vec<AttrValue>,
    picked: Option<usize>,
    /// What is typed, where a number is asked for.
    typed: Option<AttrValue>,
    answered: bool,
    tally: (u32, u32),
    on: Callback<Action>,
}

/// Moves the focus to an element.
fn focus(node: &NodeRef) {
    if let Some(element) = node.cast::<HtmlElement>() {
        let _ = element.focus();
    }
}

/// A finger, which the keyboard of a phone would take the picture from.
fn is_coarse() -> bool {
    let coarse = gloo::utils::window().match_media("(pointer: coarse)");
    coarse.ok().flatten().is_some_and(|query| query.matches())
}

/// The question that waits.
#[component]
fn Open(props: &OpenProps) -> Html {
    let OpenProps { lang, sentence, choices, picked, typed, answered, tally, on } = props;
    let lang = *lang;
    let (group, field) = (use_node_ref(), use_node_ref());
    {
        let (group, field) = (group.clone(), field.clone());
        use_effect_with(sentence.clone(), move |_| {
            focus(&group);
            if !is_coarse() {
                focus(&field);
            }
        });
    }
    let onsubmit = {
        let on = on.clone();
        move |event: SubmitEvent| {
            event.prevent_default();
            on.emit(Action::Ask);
        }
    };
    let oninput = {
        let on = on.clone();
        move |event: InputEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let digits: String = input.value().chars().filter(char::is_ascii_digit).take(9).collect();
            input.set_value(&digits);
            on.emit(Action::Answer(digits));
        }
    };
    // What is typed into has no single keys, but a digit is all that it takes.
    let onkeydown = {
        let on = on.clone();
        move |event: KeyboardEvent| {
            if matches!(event.key().as_str(), "q" | "Q") && !event.ctrl_key() && !event.meta_key() {
                event.prevent_default();
                on.emit(Action::Ask);
            }
        }
    };
    let choice = |(at, text): (usize, &AttrValue)| {
        html! {
            <label key={at} class="answer">
                <input
                    type="radio"
                    name="answer"
                    data-arrows=""
                    checked={*picked == Some(at)}
                    onchange={on.reform(move |_| Action::Pick(at))}
                />
                <kbd aria-hidden="true">{ at + 1 }</kbd>
                <span>{ text.clone() }</span>
            </label>
        }
    };
    let submit = if *answered { PaneMsg::CheckAnswer } else { PaneMsg::ShowAnswer };
    html! {
        <form class="ask" {onsubmit}>
            <div class="row asked">
                <span class="tag">
                    { icon(Icon::Predict) }
                    <span>{ PaneMsg::Question.text(lang) }</span>
                </span>
                <p id="asked">{ sentence.clone() }</p>
            </div>
            <div
                class="answers"
                ref={group}
                tabindex="-1"
                role={if typed.is_some() { "group" } else { "radiogroup" }}
                aria-labelledby="asked"
            >
                <div class="list">
                    { for choices.iter().enumerate().map(choice) }
                </div>
                <div class="list">
                    if let Some(typed) = typed {
                        <label class="number">
                            <span>{ PaneMsg::AnswerNumber.text(lang) }</span>
                            <input
                                ref={field.clone()}
                                class="field num"
                                type="text"
                                inputmode="numeric"
                                autocomplete="off"
                                size="6"
                                value={typed.clone()}
                                {oninput}
                                {onkeydown}
                            />
                        </label>
                    }
                </div>
                <div class="ask-buttons">
                    { score(*tally, lang) }
                    <button
                        type="button"
                        class="btn line"
                        title={format!("{} (Esc)", PaneMsg::SkipQuestion.text(lang))}
                        onclick={on.reform(|_| Action::LeaveQuestion)}
                    >
                        { PaneMsg::SkipQuestion.text(lang) }
                    </button>
                    <button type="submit" class="btn solid" title={format!("{} (Enter, Q)", submit.text(lang))}>
                        { submit.text(lang) }
                    </button>
                </div>
            </div>
        </form>
    }
}

/// Right answers of all, once there is one.
fn score((right, all): (u32, u32), lang: Lang) -> Html {
    let text = PaneSay::Tally(right, all).text(lang);
    html! {
        <span class="score">
            if all > 0 {
                <span>{ text }</span>
            }
        </span>
    }
}

/// What came of a question.
#[derive(Clone, PartialEq)]
struct Shown {
    right: Option<bool>,
    verdict: PaneMsg,
    yours: Option<AttrValue>,
    kernel: AttrValue,
    why: AttrValue,
}

impl Shown {
    fn of(asking: &Asking, scenario: &Scenario, lang: Lang) -> Shown {
        let Asking { question, given, .. } = asking;
        let answer = |given| AttrValue::from(question.answer(given, scenario, lang));
        let mistake = given.and_then(|given| question.mistake(given));
        let right = given.map(|_| mistake.is_none());
        let verdict = match right {
            Some(true) => PaneMsg::RightAnswer,
            Some(false) => PaneMsg::WrongAnswer,
            None => PaneMsg::AnswerIs,
        };
        Shown {
            right,
            verdict,
            yours: given.filter(|_| mistake.is_some()).map(answer),
            kernel: answer(question.right()),
            why: mistake.map_or(String::new(), |mistake| correction(&mistake, scenario, lang)).into(),
        }
    }
}

#[derive(Properties, PartialEq)]
struct AnswerProps {
    lang: Lang,
    shown: Shown,
    tally: (u32, u32),
    on: Callback<Action>,
}

/// What was answered, what is so, and which misconception stands between.
#[component]
fn Answer(props: &AnswerProps) -> Html {
    let AnswerProps { lang, shown, tally, on } = props;
    let lang = *lang;
    let Shown { right, verdict, yours, kernel, why } = shown.clone();
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| focus(&node));
    }
    let (class, sign) = match right {
        Some(true) => ("right", Icon::Check),
        Some(false) => ("wrong", Icon::Cross),
        None => ("open", Icon::Predict),
    };
    html! {
        <div class={classes!("ask", "shown", class)} ref={node} tabindex="-1">
            <div class="row asked">
                <span class="tag">
                    { icon(sign) }
                    <span>{ verdict.text(lang) }</span>
                </span>
                <p>
                    <span class="pair">
                        if let Some(yours) = yours {
                            <span class="yours">
                                <i>{ PaneMsg::Yours.text(lang) }</i>
                                <span>{ yours }</span>
                            </span>
                        }
                        <span class="kernel">
                            <i>{ PaneMsg::Kernel.text(lang) }</i>
                            <b>{ kernel }</b>
                        </span>
                    </span>
                    <span class="why">{ why }</span>
                </p>
            </div>
            <div class="ask-buttons">
                { score(*tally, lang) }
                <span class="slot">
                    if tally.1 > 0 {
                        <button
                            type="button"
                            class="btn line square"
                            aria-label={PaneMsg::ResetTally.text(lang)}
                            title={PaneMsg::ResetTally.text(lang)}
                            onclick={on.reform(|_| Action::ResetTally)}
                        >
                            { icon(Icon::Undo) }
                        </button>
                    }
                </span>
                <button
                    type="button"
                    class="btn line"
                    aria-label={Msg::PredictNext.text(lang)}
                    title={format!("{} (Q)", Msg::PredictNext.text(lang))}
                    onclick={on.reform(|_| Action::Ask)}
                >
                    { icon(Icon::Predict) }
                    { Msg::Predict.text(lang) }
                </button>
                <button type="button" class="btn solid" title="Enter, Esc" onclick={on.reform(|_| Action::LeaveQuestion)}>
                    { PaneMsg::GoOn.text(lang) }
                </button>
            </div>
        </div>
    }
}

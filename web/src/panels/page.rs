//! The whole page: what the state knows, put into the panels. Nothing is decided here; `view` has said it all.

use std::cell::RefCell;
use std::rc::Rc;

use kernel_io::{buddyinfo, extfrag_index, pagetypeinfo, unusable_index};
use mm::Named;
use mm::op::NameId;
use mm::step::StepClass;
use scenario::link::{self, LinkState, Recovered};
use scenario::{BUILTINS, Lang, Note as RuleNote, Phrase, Scenario, Severity, Statement};
use view::narrate::{self, Narration as Told, Sentence};
use view::{Moment, Stage, inspector, twin, vitals};
use yew::prelude::*;

use super::editor::Problem;
use super::help::Help;
use super::inspector::Inspector;
use super::left::Left;
use super::lessons::{Beat, Lesson, Lessons};
use super::link_card::LinkCard;
use super::log::Log;
use super::narration::{Narration, Said};
use super::parts::Entry;
use super::proc::{Pasted, Proc};
use super::scenario_pane::ScenarioPane;
use super::share::Share;
use super::shell::Shell;
use super::stage_frame::{Headline, StageFrame};
use super::stage_view::StageView;
use super::timeline::TimelineData;
use super::toast::Toast;
use super::top_bar::{Rules, TopBar};
use super::transport::{Place, Transport};
use super::twin::Twin;
use super::vitals::VitalsData;
use crate::Action;
use crate::action::{LeftPanel, Overlay};
use crate::canvas::Shared;
use crate::i18n::{Msg, Say};
use crate::state::{Note, State};

/// Draws the page. `announced` counts the sentences that were to be read out.
pub fn page(state: &State, announced: u32, on: &Callback<Action>) -> Html {
    let lang = state.lang();
    let moment = Shared::from(state.moment());
    let told = narrate::narration(&moment, lang);
    let present = state.prefs.present;
    let story = !moment.scenario.captions.is_empty();
    let title = AttrValue::from(moment.scenario.title(lang).to_owned());
    let top = html! {
        <TopBar
            {lang}
            theme={state.prefs.theme}
            {present}
            title={title.clone()}
            stage={state.stage}
            rules={rules(&moment, lang)}
            on={on.clone()}
        />
    };
    let side = html! {
        <Left {lang} open={state.left} on={on.clone()}>{ pane(state, &moment, on) }</Left>
    };
    let stage = html! {
        <StageFrame {lang} headline={headline(state, &moment, &told)} vitals={figures(&moment, lang)}>
            <StageView
                {lang}
                stage={state.stage}
                moment={moment.clone()}
                survey={Shared::from(state.doc.session.survey_so_far().clone())}
                zone={state.zone}
                selected={state.selected}
                {present}
                on={on.clone()}
            />
        </StageFrame>
    };
    let card = state.selected.map(|pfn| inspector::card(&moment, pfn, lang));
    let card = html! {
        <Inspector {lang} {card} on={on.clone()} />
    };
    let caption = moment.scenario.caption(moment.cursor.op).map(|say| say.in_lang(lang).to_owned());
    let narration = html! {
        <Narration
            {lang}
            did={said(told.did.as_ref())}
            next={said(told.next.as_ref())}
            failed={told.failed}
            looked={moment.just_did.is_some_and(|step| step.kind.class() == StepClass::Look)}
            caption={caption.unwrap_or_default()}
            hint={!state.moved && moment.next.is_some()}
            {announced}
        />
    };
    let transport = html! {
        <Transport
            {lang}
            playing={state.playing}
            speed={state.speed()}
            place={place(state, &moment)}
            timeline={timeline(state, &moment, lang)}
            value_text={view::timeline::value_text(&moment, lang)}
            on={on.clone()}
        />
    };
    html! {
        <Shell
            {lang}
            {present}
            left={state.left}
            inspector={state.inspector}
            {story}
            selected={state.selected.is_some()}
            {top}
            {side}
            {stage}
            {card}
            {narration}
            {transport}
            overlays={overlays(state, &moment, &title, on)}
            on={on.clone()}
        />
    }
}

fn said(sentence: Option<&Sentence>) -> Option<Said> {
    sentence.map(|sentence| Said { text: sentence.text.clone().into(), why: sentence.why.clone().into() })
}

/// The badge: whose rules, then every simplification; the word for it is said once.
fn rules(moment: &Moment, lang: Lang) -> Rules {
    let notes = moment.scenario.notes();
    let whose = notes.iter().find(|note| matches!(note, RuleNote::AsIn(_)));
    let rest = notes.iter().filter(|note| !matches!(note, RuleNote::AsIn(_)));
    let word = lang.pick("simplified: ", "简化：");
    let mut labels: Vec<String> = Vec::new();
    for label in rest.clone().map(|note| note.label(lang)) {
        match (label.strip_prefix(word), labels.last_mut()) {
            (Some(more), Some(last)) if last.starts_with(word) => {
                *last += &format!("{}{more}", lang.pick(", ", "、"))
            }
            _ => labels.push(label),
        }
    }
    Rules {
        whose: whose.map(|note| note.label(lang)).unwrap_or_default().into(),
        notes: labels.into_iter().map(AttrValue::from).collect(),
        reasons: whose.into_iter().chain(rest).map(|note| note.reason(lang).into()).collect(),
    }
}

fn headline(state: &State, moment: &Moment, told: &Told) -> Headline {
    let lang = state.lang();
    match state.stage {
        Stage::Pyramid => {
            let op = narrate::op_title(moment, lang);
            let (code, words) = op.map(|op| (op.code, op.text)).unwrap_or_default();
            let chain = told.breadcrumb.iter().skip(told.breadcrumb.len().saturating_sub(3));
            Headline {
                sentence: AttrValue::default(),
                code: code.into(),
                words: words.into(),
                chain: chain.map(|func| AttrValue::from(*func)).collect(),
            }
        }
        Stage::FrameMap => Headline {
            sentence: view::frame_map::Headline::of(&moment.machine).text(lang).into(),
            ..Headline::default()
        },
    }
}

fn figures(moment: &Moment, lang: Lang) -> VitalsData {
    let vitals = vitals::vitals(moment, lang);
    VitalsData {
        free: vitals.free,
        total: vitals.managed,
        in_hand: vitals.in_hand,
        largest: vitals.largest.map(|order| order.get()),
        law: Some((vitals.invariant.holds, vitals.invariant.text.into())),
        marks: Vec::new(),
    }
}

fn place(state: &State, moment: &Moment) -> Place {
    let cursor = moment.cursor;
    Place {
        op: if cursor.step > 0 { cursor.op + 1 } else { cursor.op },
        ops: moment.scenario.ops.len() as u32,
        global: moment.global,
        total: moment.total,
        surveyed: state.doc.session.is_surveyed(),
    }
}

/// How many columns the strip has at most, and how many places its line.
const COLUMNS: u32 = 320;

/// The timeline of the scenario that is open: it changes with the survey and the language, not with the moment.
struct Kept {
    scenario: Rc<Scenario>,
    steps: u64,
    lang: Lang,
    data: Rc<TimelineData>,
}

thread_local! {
    static TIMELINE: RefCell<Option<Kept>> = const { RefCell::new(None) };
}

fn timeline(state: &State, moment: &Moment, lang: Lang) -> Rc<TimelineData> {
    let survey = state.doc.session.survey_so_far();
    let steps = survey.steps();
    TIMELINE.with_borrow_mut(|kept| match kept {
        Some(kept)
            if Rc::ptr_eq(&kept.scenario, &moment.scenario) && (kept.steps, kept.lang) == (steps, lang) =>
        {
            Rc::clone(&kept.data)
        }
        _ => {
            let managed = moment.machine.zones().iter().map(|zone| zone.managed.0).sum();
            let data = Rc::new(TimelineData {
                bars: view::timeline::strip(survey, COLUMNS),
                vital: view::timeline::vital_line(survey, COLUMNS),
                vital_most: managed,
                marks: view::timeline::marks(survey, &moment.scenario, lang),
            });
            *kept = Some(Kept { scenario: Rc::clone(&moment.scenario), steps, lang, data: Rc::clone(&data) });
            data
        }
    })
}

/// What the left panel holds.
fn pane(state: &State, moment: &Moment, on: &Callback<Action>) -> Html {
    let lang = state.lang();
    match state.left.unwrap_or(LeftPanel::Lessons) {
        LeftPanel::Lessons => html! {
            <Lessons
                {lang}
                story={story(moment, lang)}
                lessons={lessons(state, lang)}
                on={on.clone()}
            />
        },
        LeftPanel::Scenario => html! {
            <ScenarioPane
                {lang}
                text={state.doc.text.clone()}
                now={moment.scenario.ops.get(moment.cursor.op as usize).map(|op| op.line)}
                problems={problems(state, lang)}
                fresh={scenario::fresh_name(&moment.scenario)}
                held={held(moment)}
                can_remove={(moment.cursor.op as usize) < moment.scenario.ops.len()}
                can_undo={state.can_undo()}
                can_redo={state.can_redo()}
                on={on.clone()}
            />
        },
        LeftPanel::Proc => html! {
            <Proc {lang} files={proc_files(moment)} read={Callback::from(move |text: String| paste(&text, lang))} on={on.clone()} />
        },
        LeftPanel::Log => {
            let op = narrate::op_title(moment, lang).map(|op| op.code).unwrap_or_default();
            html! {
                <Log {lang} {op} entries={entries(moment, lang)} on={on.clone()} />
            }
        }
    }
}

fn story(moment: &Moment, lang: Lang) -> Vec<Beat> {
    let captions = &moment.scenario.captions;
    let newest = captions.partition_point(|caption| caption.op <= moment.cursor.op);
    captions
        .iter()
        .enumerate()
        .map(|(at, caption)| Beat {
            op: caption.op,
            text: caption.say.in_lang(lang).to_owned().into(),
            now: at + 1 == newest,
        })
        .collect()
}

/// Title and first sentence of a built-in scenario, in both languages.
type About = (&'static str, Phrase, Phrase);

thread_local! {
    /// What the list of lessons shows: read once.
    static ABOUT: Vec<About> = BUILTINS.iter().map(|builtin| about(builtin.id, builtin.text)).collect();
}

fn about(id: &'static str, text: &'static str) -> About {
    let document = scenario::parse(text).document;
    let (mut title, mut say) = (Phrase::default(), Phrase::default());
    for statement in document.lines.into_iter().filter_map(|line| line.statement) {
        match statement {
            Statement::Title(phrase) => title = phrase,
            Statement::Say(phrase) => {
                say = phrase;
                break;
            }
            _ => {}
        }
    }
    (id, title, say)
}

fn lessons(state: &State, lang: Lang) -> Vec<Lesson> {
    ABOUT.with(|about| {
        let lesson = |(id, title, say): &About| Lesson {
            id: AttrValue::Static(id),
            title: title.in_lang(lang).to_owned().into(),
            about: say.in_lang(lang).to_owned().into(),
            open: state.doc.builtin.is_some_and(|builtin| builtin.id == *id),
        };
        about.iter().map(lesson).collect()
    })
}

fn problems(state: &State, lang: Lang) -> Vec<Problem> {
    let problem = |diagnostic: &scenario::Diagnostic| Problem {
        line: diagnostic.span.line,
        column: diagnostic.span.column,
        len: diagnostic.span.len,
        warning: diagnostic.severity() == Severity::Warning,
        message: diagnostic.message(lang).into(),
        hint: diagnostic.hint(lang).unwrap_or_default().into(),
    };
    state.doc.parsed.diagnostics.iter().map(problem).collect()
}

/// The names that hold memory, for the button that frees one.
fn held(moment: &Moment) -> Vec<AttrValue> {
    /// More than this nobody looks through in a list.
    const MOST: usize = 200;
    let ids = (0..moment.scenario.names.len() as u32).map(NameId);
    let holds =
        |id: &NameId| matches!(moment.machine.named(*id), Named::Block(_) | Named::Pool { len: 1.., .. });
    ids.filter(holds).take(MOST).map(|id| moment.name(id).to_owned().into()).collect()
}

fn proc_files(moment: &Moment) -> Vec<(AttrValue, AttrValue)> {
    let machine = &moment.machine;
    [
        ("buddyinfo", buddyinfo(machine)),
        ("pagetypeinfo", pagetypeinfo(machine)),
        ("extfrag_index", extfrag_index(machine)),
        ("unusable_index", unusable_index(machine)),
    ]
    .into_iter()
    .map(|(name, text)| (AttrValue::Static(name), AttrValue::from(text)))
    .collect()
}

/// A pasted text as a scenario. Rows of `/proc/buddyinfo` become its `buddyinfo` lines and everything between them
/// comments, so that line numbers are those of the pasted text; a text without rows is read as a scenario.
fn paste(text: &str, lang: Lang) -> Pasted {
    let is_row = |line: &str| line.trim_start().starts_with("Node");
    let mut errors: Vec<(u32, AttrValue)> = Vec::new();
    let text = if text.lines().any(is_row) {
        let mut lines: Vec<String> = Vec::new();
        for (line, number) in text.lines().map(str::trim).zip(1..) {
            lines.push(match line {
                "" => String::new(),
                row if is_row(row) => format!("buddyinfo {row}"),
                other => {
                    errors.push((number, Say::NoRow(other).text(lang).into()));
                    format!("# {other}")
                }
            });
        }
        lines.push("title \"My /proc/buddyinfo\" zh \"我的 /proc/buddyinfo\"".into());
        lines.push("pcp off".into());
        lines.join("\n") + "\n"
    } else {
        text.to_owned()
    };
    let parsed = scenario::parse(&text);
    for diagnostic in parsed.diagnostics.iter().filter(|d| d.severity() == Severity::Error) {
        let hint = diagnostic.hint(lang).map(|hint| format!(" {hint}")).unwrap_or_default();
        errors.push((diagnostic.span.line, AttrValue::from(diagnostic.message(lang) + &hint)));
    }
    mm::sort::by_key(&mut errors, |(line, _)| u64::from(*line));
    Pasted { scenario: parsed.lower().is_some().then_some(text), errors }
}

fn entries(moment: &Moment, lang: Lang) -> Vec<Entry> {
    let first = moment.global + 1 - (moment.trail.len() as u64).min(moment.global);
    let entry = |(global, step): (u64, &mm::Step)| Entry {
        global,
        text: narrate::step_line(&moment.scenario, step, lang).into(),
        func: AttrValue::Static(step.chain.innermost().name()),
        failed: step.kind.class() == StepClass::Fail,
        now: global == moment.global,
    };
    (first..).zip(&moment.trail).map(entry).collect()
}

fn overlays(state: &State, moment: &Moment, title: &AttrValue, on: &Callback<Action>) -> Html {
    let lang = state.lang();
    let overlay = match state.overlay {
        Some(Overlay::Help) => html! {
            <Help {lang} keys={state.prefs.keys} motion={state.prefs.motion} on={on.clone()} />
        },
        Some(Overlay::Share) => html! {
            <Share
                {lang}
                title={title.clone()}
                global={moment.global}
                here={state.fragment().unwrap_or_default().trim_start_matches('#').to_owned()}
                beginning={beginning(state)}
                text={state.doc.text.clone()}
                on={on.clone()}
            />
        },
        Some(Overlay::Twin) => html! {
            <Twin
                {lang}
                summary={vec![AttrValue::from(twin::describe(moment, lang))]}
                tables={twin::tables(moment, state.stage, lang)}
                on={on.clone()}
            />
        },
        None => html! {},
    };
    html! {
        <div class="overlays">
            <div>{ overlay }</div>
            <div>{ link_card(state, lang, on) }</div>
            <div>
                if let Some(note) = state.note {
                    <Toast {lang} text={note_text(note).text(lang)} on={on.clone()} />
                }
            </div>
        </div>
    }
}

/// A link to the first moment of what is open; empty when the text is too long for one.
fn beginning(state: &State) -> String {
    link::encode(&LinkState::new(&state.doc.text, link::Cursor::default(), None))
        .map(|link| link.trim_start_matches('#').to_owned())
        .unwrap_or_default()
}

/// Why the address could not be opened.
fn link_card(state: &State, lang: Lang, on: &Callback<Action>) -> Html {
    let Some(error) = &state.link_error else { return html! {} };
    let recovered = error.recovered.as_ref().map(|recovered| match recovered {
        Recovered::Preset(builtin) => Action::OpenBuiltin(builtin.id.to_owned()),
        Recovered::Text(text) => Action::OpenText(text.clone()),
    });
    html! {
        <LinkCard {lang} message={sentence(&error.kind.message(lang), lang)} {recovered} on={on.clone()} />
    }
}

/// A message as a sentence of its own.
fn sentence(message: &str, lang: Lang) -> String {
    let mut text = message.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text + lang.pick(".", "。")
}

fn note_text(note: Note) -> Msg {
    match note {
        Note::LinkCopied => Msg::NoteLinkCopied,
        Note::NoFurtherChange => Msg::NoteNoFurtherChange,
        Note::NothingSelected => Msg::NoteNothingSelected,
        Note::StepMoved => Msg::NoteStepMoved,
        Note::OldFutureKept => Msg::NoteOldFutureKept,
        Note::OpFromLoop => Msg::NoteOpFromLoop,
    }
}

//! The whole page: what the state knows, put into the panels. Nothing is decided here; `view` has said it all.

use std::cell::RefCell;
use std::rc::Rc;

use mm::step::StepClass;
use scenario::{BUILTIN_IDS, Builtin, Lang, Note as RuleNote, Phrase, Scenario, builtins, first_scenario};
use view::narrate::{self, Narration as Told, Sentence};
use view::{Moment, Stage, vitals};
use yew::prelude::*;

use super::inspector::Inspector;
use super::left::left;
use super::lessons::{Beat, Lesson, Lessons};
use super::narration::{Narration, Said};
use super::shell::Shell;
use super::stage_frame::{Headline, stage_frame};
use super::stage_view::StageView;
use super::timeline::TimelineData;
use super::toast::Toast;
use super::top_bar::{Rules, TopBar};
use super::transport::{Place, Transport};
use super::vitals::VitalsData;
use crate::Action;
use crate::action::LeftPanel;
use crate::canvas::Shared;
use crate::i18n::Msg;
use crate::lazy;
use crate::state::{Note, State};

/// Draws the page. `announced` counts the sentences that were to be read out.
pub fn page(state: &State, announced: u32, on: &Callback<Action>) -> Html {
    let lang = state.lang();
    let moment = Shared::from(state.moment());
    let told = narrate::narration(&moment, lang);
    let tools = lazy::tools();
    let present = state.prefs.present;
    let story = !moment.scenario.captions.is_empty();
    let title = AttrValue::from(moment.scenario.title(lang).to_owned());
    let top = html! {
        <TopBar
            {lang}
            theme={state.prefs.theme}
            {present}
            title={title}
            stage={state.stage}
            rules={rules(&moment, lang)}
            on={on.clone()}
        />
    };
    let side = left(lang, state.left, pane(state, &moment, on), on);
    let stage = html! {
            <StageView
                {lang}
                stage={state.stage}
                map={lazy::map()}
                lists={lazy::lists()}
                moment={moment.clone()}
                survey={Shared::from(state.doc.session.survey_so_far().clone())}
                zone={state.zone}
                selected={state.selected}
                {present}
                marks={state.asking.as_ref().and(tools).map(|tools| (tools.ask_marks)(state)).unwrap_or_default()}
                on={on.clone()}
            />
    };
    let stage = stage_frame(lang, &headline(state, &moment, &told), &figures(&moment, lang), stage);
    let card = state.selected.zip(lazy::tools());
    let card = html! {
        <Inspector {lang} selected={state.selected.is_some()} on={on.clone()}>
            { card.map(|(pfn, tools)| (tools.card)(pfn, &moment, lang, on)).unwrap_or_default() }
        </Inspector>
    };
    let caption = moment.scenario.caption(moment.cursor.op).map(|say| say.in_lang(lang).to_owned());
    let narration = html! {
        <Narration
            {lang}
            did={said(told.did.as_ref())}
            next={said(told.next.as_ref())}
            ask={state.asking.as_ref().and(tools).map(|tools| (tools.ask)(state, on))}
            voice={state.asking.as_ref().and(tools).map(|tools| (tools.ask_voice)(state)).unwrap_or_default()}
            on={on.clone()}
            failed={told.failed}
            looked={moment.just_did.is_some_and(|step| step.kind.class() == StepClass::Look)}
            caption={caption.filter(|_| !state.is_asking()).unwrap_or_default()}
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
            ask={match &state.asking {
                None => "off",
                Some(asking) if asking.shown => "shown",
                Some(_) => "asking",
            }}
            {top}
            {side}
            {stage}
            {card}
            {narration}
            {transport}
            overlays={overlays(state, &moment, on)}
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
        Stage::Pyramid | Stage::PerCpu | Stage::Zones => {
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
        pcp: vitals.pcp,
        // Of several zones each has marks of its own: the stage of the zones shows them.
        marks: match vitals.zones.as_slice() {
            [zone] => {
                let [min, low, high] = zone.marks.unwrap_or_default();
                let named = [("min", min), ("low", low), ("high", high)].into_iter();
                let named = named.map(|(name, pages)| (AttrValue::Static(name), u64::from(pages)));
                named.filter(|_| zone.marks.is_some()).collect()
            }
            _ => Vec::new(),
        },
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
    asks: bool,
    data: Rc<TimelineData>,
}

thread_local! {
    static TIMELINE: RefCell<Option<Kept>> = const { RefCell::new(None) };
}

fn timeline(state: &State, moment: &Moment, lang: Lang) -> Rc<TimelineData> {
    let survey = state.doc.session.survey_so_far();
    let steps = survey.steps();
    let places = state.doc.places.as_deref();
    let asks = places.is_some();
    TIMELINE.with_borrow_mut(|kept| match kept {
        Some(kept)
            if Rc::ptr_eq(&kept.scenario, &moment.scenario)
                && (kept.steps, kept.lang, kept.asks) == (steps, lang, asks) =>
        {
            Rc::clone(&kept.data)
        }
        _ => {
            let managed = moment.machine.zones().iter().map(|zone| zone.managed.0).sum();
            let data = Rc::new(TimelineData {
                bars: view::timeline::strip(survey, COLUMNS),
                vital: view::timeline::vital_line(survey, COLUMNS),
                vital_most: managed,
                marks: view::timeline::with_questions(
                    view::timeline::marks(survey, &moment.scenario, lang),
                    places.unwrap_or_default(),
                    lang,
                ),
            });
            *kept = Some(Kept {
                scenario: Rc::clone(&moment.scenario),
                steps,
                lang,
                asks,
                data: Rc::clone(&data),
            });
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
                coming={BUILTIN_IDS.len() - builtins().len()}
                on={on.clone()}
            />
        },
        other => match lazy::tools() {
            Some(tools) => (tools.pane)(other, state, moment, on),
            None => html! {},
        },
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
    /// What the list of lessons shows: each read once.
    static ABOUT: RefCell<Vec<About>> = const { RefCell::new(Vec::new()) };
}

fn about(builtin: &Builtin) -> About {
    // Without what reads texts there is the first one only.
    let scenario =
        lazy::writing().map_or_else(|| Some(first_scenario()), |writing| (writing.scenario)(builtin.text));
    let Some(Scenario { title, captions, .. }) = scenario else {
        return (builtin.id, Phrase::default(), Phrase::default());
    };
    let say = captions.first().map(|caption| Phrase::clone(&caption.say)).unwrap_or_default();
    (builtin.id, title.unwrap_or_default(), say)
}

fn lessons(state: &State, lang: Lang) -> Vec<Lesson> {
    ABOUT.with_borrow_mut(|read| {
        let more = builtins().iter().skip(read.len());
        read.extend(more.map(about));
        let lesson = |(id, title, say): &About| Lesson {
            id: AttrValue::Static(id),
            title: title.in_lang(lang).to_owned().into(),
            about: say.in_lang(lang).to_owned().into(),
            open: state.doc.builtin.is_some_and(|builtin| builtin.id == *id),
        };
        read.iter().map(lesson).collect()
    })
}

fn overlays(state: &State, moment: &Moment, on: &Callback<Action>) -> Html {
    let lang = state.lang();
    let overlay = match (state.overlay, lazy::tools()) {
        (Some(which), Some(tools)) => (tools.overlay)(which, state, moment, on),
        _ => html! {},
    };
    html! {
        <div class="overlays">
            <div>{ overlay }</div>
            <div>{ lazy::tools().map(|tools| (tools.link_card)(state, on)).unwrap_or_default() }</div>
            <div>
                if let Some(note) = state.note {
                    <Toast {lang} text={note_text(note).text(lang)} on={on.clone()} />
                }
            </div>
        </div>
    }
}

fn note_text(note: Note) -> Msg {
    match note {
        Note::LinkCopied => Msg::NoteLinkCopied,
        Note::NoFurtherChange => Msg::NoteNoFurtherChange,
        Note::NothingSelected => Msg::NoteNothingSelected,
        Note::StepMoved => Msg::NoteStepMoved,
        Note::OldFutureKept => Msg::NoteOldFutureKept,
        Note::OpFromLoop => Msg::NoteOpFromLoop,
        Note::PartMissing => Msg::NotePartMissing,
        Note::NothingToAsk => Msg::NoteNothingToAsk,
    }
}

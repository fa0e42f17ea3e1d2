//! What is not seen at first: the scenario's text, the `/proc` files, the log, and the dialogs. A part of its own
//! ([`crate::lazy`]).

use std::cell::RefCell;
use std::rc::Rc;

use history::MarkerKind;
use kernel_io::{
    Procps, SlabSort, buddyinfo, extfrag_index, pagetypeinfo, unusable_index, vmalloc_rows_of, vmallocinfo,
};
use mm::op::NameId;
use mm::process::{Mm, Processes};
use mm::reclaim::GroupId;
use mm::step::StepClass;
use mm::{Machine, Named, Op, Pfn, UnitEnd};
use scenario::link::{self, LinkState, Recovered};
use scenario::{Builtin, Lang, Phrase, Scenario, Severity, builtins};
use view::{Moment, inspector, narrate, twin};
use yew::prelude::*;

use super::card;
use super::editor::Problem;
use super::help::Help;
use super::lessons::{Beat, Lesson, Lessons};
use super::link_card::LinkCard;
use super::log::Log;
use super::parts::Entry;
use super::proc::{Proc, Replay};
use super::scenario_pane::ScenarioPane;
use super::share::Share;
use super::twin::Twin;
use crate::Action;
use crate::action::{LeftPanel, Overlay};
use crate::state::State;

/// A pane of the left panel.
pub fn pane(which: LeftPanel, state: &State, moment: &Moment, on: &Callback<Action>) -> Html {
    let lang = state.lang();
    match which {
        LeftPanel::Lessons => html! {
            <Lessons {lang} story={story(moment, lang)} lessons={lessons(state, lang)} on={on.clone()} />
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
            <Proc {lang} files={proc_files(moment)} replay={replay_of(state)} on={on.clone()} />
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
    /// What the list of lessons shows: each read once.
    static ABOUT: RefCell<Vec<About>> = const { RefCell::new(Vec::new()) };
}

fn about(builtin: &Builtin) -> About {
    let parsed = scenario::parse(builtin.text);
    let scenario = parsed.lower();
    let title = scenario.and_then(|scenario| scenario.title.clone()).unwrap_or_default();
    let say = scenario.and_then(|scenario| scenario.captions.first());
    (builtin.id, title, say.map(|caption| Phrase::clone(&caption.say)).unwrap_or_default())
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

/// The card of the frame that is selected.
pub fn card(pfn: Pfn, moment: &Moment, lang: Lang, on: &Callback<Action>) -> Html {
    card::draw(&inspector::card(moment, pfn, lang), lang, on)
}

/// A dialog.
pub fn overlay(which: Overlay, state: &State, moment: &Moment, on: &Callback<Action>) -> Html {
    let lang = state.lang();
    match which {
        Overlay::Help => html! {
            <Help {lang} keys={state.prefs.keys} motion={state.prefs.motion} on={on.clone()} />
        },
        Overlay::Share => html! {
            <Share
                {lang}
                title={moment.scenario.title(lang).to_owned()}
                global={moment.global}
                here={state.fragment().unwrap_or_default().trim_start_matches('#').to_owned()}
                beginning={beginning(state)}
                text={state.doc.text.clone()}
                on={on.clone()}
            />
        },
        Overlay::Twin => html! {
            <Twin
                {lang}
                summary={vec![AttrValue::from(twin::describe(moment, lang))]}
                tables={twin::tables(moment, state.stage, lang)}
                on={on.clone()}
            />
        },
    }
}

/// Why the address could not be opened.
pub fn link_card(state: &State, on: &Callback<Action>) -> Html {
    let lang = state.lang();
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
    let ends = text.ends_with(['?', '？']);
    if ends { text } else { text + lang.pick(".", "。") }
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
    state.doc.diagnostics.iter().map(problem).collect()
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
    let name = |name: NameId| moment.name(name).to_owned();
    let has_objects = moment.scenario.ops.iter().any(|op| matches!(op.op, Op::Kmem(_)));
    let info = kernel_io::slabinfo_of(machine, name);
    let of_objects = [
        ("slabinfo", info.to_string()),
        ("slabtop", kernel_io::slabtop(&info, SlabSort::default(), Procps::default())),
        ("vmallocinfo", vmallocinfo(&vmalloc_rows_of(machine, name), moment.scenario.config.arch)),
    ];
    let has_processes = machine.processes().mms().next().is_some();
    let of_processes = has_processes.then(|| {
        let of_each = |file, text: fn(&Processes, &Mm, &dyn Fn(NameId) -> String) -> String| {
            kernel_io::of_every_process(machine, file, |procs, mm| text(procs, mm, &name))
        };
        [
            ("ps", kernel_io::ps(machine, name)),
            ("status", of_each("status", |procs, mm, name| kernel_io::pid_status(procs, mm, name))),
            ("maps", of_each("maps", |procs, mm, name| kernel_io::pid_maps(procs, mm, name))),
            ("smaps", of_each("smaps", |procs, mm, name| kernel_io::pid_smaps(procs, mm, name))),
            ("pagemap", of_each("pagemap", |procs, mm, name| kernel_io::pid_pagemap(procs, mm, name))),
        ]
    });
    let has_groups = machine.reclaim().is_some_and(|reclaim| !reclaim.groups().is_empty());
    let of_groups = has_groups.then(|| {
        let of_each = |file, text: fn(&Machine, GroupId) -> String| {
            kernel_io::of_every_group(machine, file, name, text)
        };
        [
            ("memory.current", of_each("memory.current", kernel_io::memory_current)),
            ("memory.events", of_each("memory.events", kernel_io::memory_events)),
            ("memory.stat", of_each("memory.stat", kernel_io::memory_stat)),
        ]
    });
    [
        ("buddyinfo", buddyinfo(machine)),
        ("pagetypeinfo", pagetypeinfo(machine)),
        ("extfrag_index", extfrag_index(machine)),
        ("unusable_index", unusable_index(machine)),
    ]
    .into_iter()
    .chain(of_objects.into_iter().filter(|_| has_objects))
    .chain(of_processes.into_iter().flatten())
    .chain(of_groups.into_iter().flatten())
    .map(|(name, text)| (AttrValue::Static(name), AttrValue::from(text)))
    .collect()
}

/// How the trace goes that the scenario replays: all of it is run once, with nobody looking on.
fn replay_of(state: &State) -> Option<Replay> {
    thread_local! {
        static KEPT: RefCell<Option<(Rc<Scenario>, u64, u64)>> = const { RefCell::new(None) };
    }
    let scenario = &state.doc.scenario;
    if !scenario.ops.iter().any(|op| matches!(op.op, Op::Recorded(_))) {
        return None;
    }
    let (predictions, agreed) = KEPT.with_borrow_mut(|kept| match kept {
        Some((of, predictions, agreed)) if Rc::ptr_eq(of, scenario) => Some((*predictions, *agreed)),
        _ => {
            let mut machine = Machine::boot(&scenario.config).ok()?;
            for op in scenario.engine_ops() {
                while machine.run_unit_unseen(op) == UnitEnd::More {}
            }
            let tally = machine.tally();
            let counts = (u64::from(tally.events), u64::from(tally.predicted));
            *kept = Some((Rc::clone(scenario), counts.0, counts.1));
            Some(counts)
        }
    })?;
    let markers = state.doc.session.survey_so_far().markers();
    let first = markers.iter().find(|marker| marker.kind == MarkerKind::Diverged).map(|marker| marker.global);
    Some(Replay { predictions, agreed, first })
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

/// A link to the first moment of what is open; empty when the text is too long for one.
fn beginning(state: &State) -> String {
    link::encode(&LinkState::new(&state.doc.text, link::Cursor::default(), None))
        .map(|link| link.trim_start_matches('#').to_owned())
        .unwrap_or_default()
}

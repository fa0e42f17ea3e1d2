//! The whole page: what the state knows, put into the panels. Nothing is decided here; `view` has said it all.

use mm::step::StepClass;
use scenario::{Lang, Note as RuleNote};
use view::narrate::{self, Narration as Told, Sentence};
use view::vitals::{self, ZoneVitals};
use view::{Moment, Stage};
use yew::prelude::*;

use super::inspector::inspector;
use super::left::left;
use super::narration::{Narration, Said};
use super::shell::Shell;
use super::stage_frame::{Headline, stage_frame};
use super::stage_view::StageView;
use super::toast::Toast;
use super::top_bar::{Rules, TopBar, top_bar};
use super::transport::{Place, Transport, transport};
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
    let top = top_bar(&TopBar {
        lang,
        theme: state.prefs.theme,
        present,
        title,
        stage: state.stage,
        rules: rules(&moment, lang),
        on: on.clone(),
    });
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
    let stage = stage_frame(lang, &headline(state, &moment, &told), &figures(&moment), stage);
    let card = state.selected.zip(tools);
    let card = card.map(|(pfn, tools)| (tools.card)(pfn, &moment, lang, on)).unwrap_or_default();
    let card = inspector(lang, state.selected.is_some(), card, on);
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
    let transport = transport(&Transport {
        lang,
        playing: state.playing,
        speed: state.speed(),
        place: place(state, &moment),
        timeline: tools.map(|tools| (tools.timeline)(state, &moment)).unwrap_or_default(),
        value_text: view::timeline::value_text(&moment, lang).into(),
        on: on.clone(),
    });
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
        Stage::Pyramid
        | Stage::PerCpu
        | Stage::Zones
        | Stage::Pageblocks
        | Stage::Fragmentation
        | Stage::Objects
        | Stage::Vmalloc
        | Stage::Faults
        | Stage::Walk
        | Stage::Hierarchy
        | Stage::Oom
        | Stage::Cma
        | Stage::Dma
        | Stage::Huge
        | Stage::Segmentation
        | Stage::Nodes
        | Stage::Reclaim
        | Stage::Compaction => {
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

fn figures(moment: &Moment) -> VitalsData {
    let machine = &moment.machine;
    let zones = vitals::zones(machine);
    let sum = |figure: fn(&ZoneVitals) -> u64| zones.iter().map(figure).sum::<u64>();
    VitalsData {
        free: sum(|zone| zone.free),
        total: sum(|zone| zone.managed),
        in_hand: sum(|zone| zone.in_hand),
        largest: zones.iter().filter_map(|zone| zone.largest).max().map(|order| order.get()),
        pcp: machine.has_pcp().then(|| sum(|zone| zone.pcp)),
        // Of several zones each has marks of its own: the stage of the zones shows them.
        marks: match zones.as_slice() {
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

/// What the left panel holds.
fn pane(state: &State, moment: &Moment, on: &Callback<Action>) -> Html {
    let which = state.left.unwrap_or(LeftPanel::Lessons);
    lazy::tools().map(|tools| (tools.pane)(which, state, moment, on)).unwrap_or_default()
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

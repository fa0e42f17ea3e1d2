//! What stands on the timeline: how much happens when, and the notable moments. A part of its own ([`crate::lazy`]).

use std::cell::RefCell;
use std::rc::Rc;

use mm::step::StepClass;
use scenario::{Lang, Scenario};
use view::Moment;
use view::number::fixed;
use view::timeline::{Mark, MarkGlyph};
use yew::prelude::*;

use super::timeline::{TimelineData, look, shape};
use crate::i18n::panes::PaneMsg;
use crate::state::State;

/// What a mark's kind means, for the legend.
#[must_use]
pub fn meaning(glyph: MarkGlyph) -> PaneMsg {
    match glyph {
        MarkGlyph::Caption => PaneMsg::MarkerCaption,
        MarkGlyph::Question => PaneMsg::MarkerQuestion,
        MarkGlyph::Failure => PaneMsg::MarkerFailure,
        MarkGlyph::Steal => PaneMsg::MarkerSteal,
        MarkGlyph::Merge => PaneMsg::MarkerMerge,
        MarkGlyph::Skipped => PaneMsg::MarkerSkipped,
        MarkGlyph::Diverged => PaneMsg::MarkerDiverged,
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

/// Strip and marks of what is open.
pub fn timeline(state: &State, moment: &Moment) -> Rc<TimelineData> {
    let lang = state.lang();
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

/// How much happens when.
pub fn density(data: &Rc<TimelineData>) -> Html {
    html! { <Density data={Rc::clone(data)} /> }
}

/// The notable moments of so many steps.
pub fn marks(data: &Rc<TimelineData>, total: u64) -> Html {
    html! { <Marks {total} data={Rc::clone(data)} /> }
}

#[derive(Properties, PartialEq)]
struct DensityProps {
    data: Rc<TimelineData>,
}

/// The bars: drawn once for a scenario, whatever the moment.
#[component]
fn Density(props: &DensityProps) -> Html {
    const CLASSES: [&str; StepClass::COUNT] = ["bar-look", "bar-alloc", "bar-free", "bar-steal", "bar-fail"];
    let TimelineData { bars, vital, vital_most, .. } = &*props.data;
    let width = 1000.0 / bars.len().max(1) as f32;
    let thin = (width * 0.86).max(0.4);
    let most = bars.iter().map(|bar| bar.iter().sum::<u32>()).max().unwrap_or(1).max(1) as f32;
    let mut paths: [String; StepClass::COUNT] = Default::default();
    for (at, bar) in bars.iter().enumerate() {
        let x = width * at as f32;
        let mut top = 100.0;
        for (path, steps) in paths.iter_mut().zip(bar) {
            if *steps > 0 {
                let height = 70.0 * *steps as f32 / most;
                top -= height;
                let [x, top, thin, height] =
                    [x as f64, top as f64, thin as f64, height as f64].map(|v| fixed(v, 2));
                path.push_str(&format!("M{x} {top}h{thin}v{height}h-{thin}z"));
            }
        }
    }
    let mut line = String::new();
    let stride = 1000.0 / vital.len().saturating_sub(1).max(1) as f64;
    for (at, value) in vital.iter().enumerate() {
        let share = *value as f64 / (*vital_most).max(1) as f64;
        let (x, y) = (stride * at as f64, 6.0 + 88.0 * (1.0 - share));
        let verb = if at == 0 { "M" } else { "L" };
        line.push_str(&format!("{verb}{} {}", fixed(x, 2), fixed(y, 2)));
    }
    html! {
        <svg viewBox="0 0 1000 100" preserveAspectRatio="none" width="100%" height="100%">
            <rect class="ground" width="1000" height="100" />
            { for paths.into_iter().zip(CLASSES).map(|(d, class)| html! { <path key={class} {class} {d} /> }) }
            <path class="vital" d={line} />
        </svg>
    }
}

#[derive(Properties, PartialEq)]
struct MarksProps {
    total: u64,
    data: Rc<TimelineData>,
}

/// The notable moments. Where they crowd, only so many are drawn that each can be seen; all can be reached by keys.
#[component]
fn Marks(props: &MarksProps) -> Html {
    /// Shapes keep this distance, letters the next, shapes on a phone the last, as shares of the length.
    const SHAPE: f64 = 0.022;
    const LETTER: f64 = 0.03;
    const PHONE: f64 = 0.085;
    let MarksProps { total, data } = props;
    let place = |mark: &Mark| mark.global as f64 / (*total).max(1) as f64;
    let mut last = (f64::NEG_INFINITY, f64::NEG_INFINITY);
    let mut shown: Vec<(&Mark, f64, bool)> = Vec::new();
    let asks = |at: u64| data.marks.iter().any(|m| m.glyph == MarkGlyph::Question && m.global == at);
    for mark in &data.marks {
        let at = place(mark);
        if at - last.0 < SHAPE {
            // What failed takes the place of something before it, and anything that of a question.
            let failed = matches!(mark.glyph, MarkGlyph::Failure | MarkGlyph::Diverged);
            let is_less = |before: &Mark| failed || before.glyph == MarkGlyph::Question;
            if let Some(before) = shown.last_mut().filter(|before| is_less(before.0)) {
                before.0 = mark;
            }
            continue;
        }
        let minor = at - last.1 < PHONE;
        last = (at, if minor { last.1 } else { at });
        shown.push((mark, at, minor));
    }
    let marks = shown.iter().enumerate().map(|(index, (mark, at, minor))| {
        let crowded = shown.get(index + 1).is_some_and(|(_, next, _)| next - at < LETTER);
        let (class, _, letter) = look(mark.glyph);
        // A sentence of the lesson that is followed by a question at once.
        let letter = if letter.is_empty() && asks(mark.global) { "Q" } else { letter };
        html! {
            <svg key={index} x={format!("{}%", fixed(100.0 * at, 3))} y="10" overflow="visible">
                <g class={classes!("marker", class, minor.then_some("minor"))} data-global={mark.global.to_string()}>
                    <title>{ mark.label.clone() }</title>
                    <rect class="hit" x="-12" y="-12" width="24" height="34" />
                    { shape(mark.glyph) }
                    <text y="22">{ if crowded { "" } else { letter } }</text>
                </g>
            </svg>
        }
    });
    html! {
        <g>{ for marks }</g>
    }
}

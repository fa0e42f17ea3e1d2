//! The density strip and the scrubber under it: one slider, dragged anywhere, with the notable moments on it
//! ([`super::strip`] draws those).

use std::rc::Rc;

use mm::step::StepClass;
use scenario::Lang;
use view::number::{between, fixed};
use view::timeline::{Mark, MarkGlyph};
use web_sys::{HtmlElement, KeyboardEvent, PointerEvent};
use yew::prelude::*;

use crate::action::Way;
use crate::i18n::Msg;
use crate::{Action, lazy};

/// How a mark looks: its class, its shape around the origin, and the letter below it. The lesson's own has none.
pub fn look(glyph: MarkGlyph) -> (&'static str, &'static str, &'static str) {
    match glyph {
        MarkGlyph::Caption => ("caption", "M-6-5.5H6V3H1L-3 6.5V3h-3z", ""),
        MarkGlyph::Question => ("question", "M0-6.5 6.5 0 0 6.5-6.5 0z", "Q"),
        MarkGlyph::Failure => ("failure", "M-5-5 5 5M5-5-5 5", "F"),
        MarkGlyph::Steal => ("steal", "M0-6.5 6.5 5h-13z", "S"),
        MarkGlyph::Merge => ("merge", "M-6 4.5 0-5 6 4.5", "M"),
        MarkGlyph::Skipped => ("skipped", "M0-5A5 5 0 1 0 0 5 5 5 0 0 0 0-5z", "0"),
        MarkGlyph::Diverged => ("failure", "M-6-2.5H6M-6 2.5H6M-3.5 6.5 3.5-6.5", "D"),
    }
}

/// Strip and marks: the same for every moment of a scenario once its survey is done.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TimelineData {
    /// Columns of equal width: the steps of each class, as `view::timeline::strip` counts them.
    pub bars: Vec<[u32; StepClass::COUNT]>,
    /// The vital figure at even places from the beginning to the end.
    pub vital: Vec<u64>,
    /// Its full height.
    pub vital_most: u64,
    /// The notable moments, ascending.
    pub marks: Vec<Mark>,
}

/// Properties of [`Timeline`].
#[derive(Properties, PartialEq)]
pub struct TimelineProps {
    /// The language.
    pub lang: Lang,
    /// Steps done.
    pub global: u64,
    /// Steps of the scenario.
    pub total: u64,
    /// Strip and marks.
    pub data: Rc<TimelineData>,
    /// The moment in words, for the reading voice.
    pub value_text: AttrValue,
    /// Where actions go.
    pub on: Callback<Action>,
}

/// A press this near to a mark means the mark, in CSS pixels: a target of 24.
const NEAR_PX: f64 = 12.0;

/// The slider.
#[component]
pub fn Timeline(props: &TimelineProps) -> Html {
    let TimelineProps { lang, global, total, data, value_text, on } = props;
    let (lang, global, total) = (*lang, *global, *total);
    let slider = use_node_ref();
    let dragging = use_mut_ref(|| None::<u64>);

    let place = {
        let (slider, data) = (slider.clone(), Rc::clone(data));
        move |event: &PointerEvent, snap: bool| -> Option<u64> {
            let bounds = slider.cast::<HtmlElement>()?.get_bounding_client_rect();
            let (x, width) = (f64::from(event.client_x()) - bounds.left(), bounds.width().max(1.0));
            let at = |global: u64| width * global as f64 / total.max(1) as f64;
            let near = |mark: &Mark| {
                let way = (at(mark.global) - x).abs();
                // Where they crowd, a question is the mark that is not drawn.
                let is_question = mark.glyph == MarkGlyph::Question;
                (snap && way < NEAR_PX)
                    .then_some((mark.global, way + if is_question { NEAR_PX } else { 0.0 }))
            };
            let nearest = data.marks.iter().filter_map(near).min_by(|a, b| a.1.total_cmp(&b.1));
            // The strip is for any moment, the line below it for its marks.
            let low = f64::from(event.client_y()) > bounds.top() + bounds.height() * 0.4;
            match nearest.filter(|_| low) {
                Some((global, _)) => Some(global),
                None => Some((total as f64 * between(x / width, 0.0, 1.0)).round() as u64),
            }
        }
    };
    let seek = {
        let (on, dragging) = (on.clone(), dragging.clone());
        move |to: u64| {
            if dragging.borrow_mut().replace(to) != Some(to) {
                on.emit(Action::SeekGlobal(to));
            }
        }
    };
    let onpointerdown = {
        let (slider, place, seek, on) = (slider.clone(), place.clone(), seek.clone(), on.clone());
        move |event: PointerEvent| {
            if event.button() != 0 {
                return;
            }
            if let Some(element) = slider.cast::<HtmlElement>() {
                let _ = element.set_pointer_capture(event.pointer_id());
                let _ = element.focus();
            }
            event.prevent_default();
            if let Some(to) = place(&event, true) {
                on.emit(Action::Hold(true));
                seek(to);
            }
        }
    };
    let onpointermove = {
        let dragging = dragging.clone();
        move |event: PointerEvent| {
            if dragging.borrow().is_some()
                && let Some(to) = place(&event, false)
            {
                seek(to);
            }
        }
    };
    let onpointerup = {
        let on = on.clone();
        move |_: PointerEvent| {
            if dragging.borrow_mut().take().is_some() {
                on.emit(Action::Hold(false));
            }
        }
    };
    let onkeydown = {
        let on = on.clone();
        move |event: KeyboardEvent| {
            // The other keys of a slider mean the same everywhere on the page.
            let way = match event.key().as_str() {
                "ArrowUp" => Way::Forward,
                "ArrowDown" => Way::Back,
                _ => return,
            };
            event.prevent_default();
            on.emit(Action::Step(way));
        }
    };

    let share = 100.0 * global as f64 / total.max(1) as f64;
    let now = format!("{}%", fixed(share, 3));
    let tools = lazy::tools();
    html! {
        <div class="timeline">
            <div
                ref={slider}
                class="slider"
                role="slider"
                tabindex="0"
                aria-label={Msg::Timeline.text(lang)}
                aria-valuemin="0"
                aria-valuemax={total.to_string()}
                aria-valuenow={global.to_string()}
                aria-valuetext={value_text.clone()}
                onpointercancel={onpointerup.clone()}
                {onpointerdown}
                {onpointermove}
                {onpointerup}
                {onkeydown}
            >
                <svg class="density" aria-hidden="true">
                    <g>{ tools.map(|tools| (tools.density)(data)).unwrap_or_default() }</g>
                    <rect class="future" x={now.clone()} y="0" width={format!("{}%", fixed(100.0 - share, 3))} height="100%" />
                    <line class="now" x1={now.clone()} x2={now.clone()} y1="0" y2="100%" />
                </svg>
                <svg class="scrub" aria-hidden="true">
                    <line class="now" x1={now.clone()} x2={now.clone()} y1="0" y2="10" />
                    <line class="track" x1="0" x2="100%" y1="10" y2="10" />
                    <line class="done" x1="0" x2={now.clone()} y1="10" y2="10" />
                    <g>{ tools.map(|tools| (tools.marks)(data, total)).unwrap_or_default() }</g>
                    <circle class="knob" cx={now} cy="10" r="8" />
                </svg>
            </div>
        </div>
    }
}

/// A mark's shape around the origin.
pub fn shape(glyph: MarkGlyph) -> Html {
    let (_, path, _) = look(glyph);
    let class = match glyph {
        MarkGlyph::Failure | MarkGlyph::Diverged => "cross",
        MarkGlyph::Merge | MarkGlyph::Skipped => "open",
        MarkGlyph::Caption | MarkGlyph::Question | MarkGlyph::Steal => "full",
    };
    html! {
        <g>
            <path class="halo" d={path} />
            <path {class} d={path} />
        </g>
    }
}

/// A mark as a legend shows it.
pub fn mark_sign(glyph: MarkGlyph) -> Html {
    html! {
        <svg class="mk" viewBox="-9 -9 18 18" aria-hidden="true">{ shape(glyph) }</svg>
    }
}

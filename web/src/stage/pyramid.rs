//! The aligned pyramid on the stage: measures its room, draws the scene for it, and moves the data cursor.
//!
//! Zoom and selection belong to the page; this component only asks for them.

use std::rc::Rc;

use mm::mmzone::ZoneId;
use mm::{Pfn, PfnRange};
use scenario::Lang;
use view::Moment;
use view::pyramid::{self, Direction, Layout};
use view::question::Marks;
use view::scene::{Form, Hit, Scene};
use wasm_bindgen::prelude::*;
use web_sys::{Element, MouseEvent, ResizeObserver, WheelEvent};
use yew::prelude::*;

use super::svg::SceneSvg;
use crate::canvas::Shared;

/// Narrower than this, in design pixels, is a phone.
pub(super) const PHONE: f32 = 600.0;

/// The properties of [`PyramidStage`].
#[derive(Properties, PartialEq)]
pub struct PyramidStageProps {
    /// The moment that is shown.
    pub moment: Shared<Moment>,
    /// Which zone.
    pub zone: ZoneId,
    /// The frames that the viewer has zoomed to; none: the picture follows the step.
    #[prop_or_default]
    pub window: Option<PfnRange>,
    /// Asks for another part of the zone.
    #[prop_or_default]
    pub on_window: Callback<Option<PfnRange>>,
    /// The frame that is looked at everywhere.
    pub selected: Option<Pfn>,
    /// Looks at another one, or at none.
    pub on_select: Callback<Option<Pfn>>,
    /// The language.
    pub lang: Lang,
    /// Large, for a projector.
    #[prop_or_default]
    pub present: bool,
    /// Whether the picture says itself which op it is about, because nothing above it does.
    #[prop_or_default]
    pub names_op: bool,
    /// What a question marks.
    #[prop_or_default]
    pub marks: Marks,
    /// Picks an answer, from 0.
    #[prop_or_default]
    pub on_answer: Callback<usize>,
}

/// The room of the stage.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Room {
    pub width: f32,
    pub height: f32,
    /// CSS pixels of a design pixel.
    pub scale: f32,
}

impl Room {
    /// Measures the stage; the ruler is a hundred design pixels long.
    fn of(stage: &Element, ruler: &Element) -> Option<Room> {
        let (width, height) = (stage.client_width() as f32, stage.client_height() as f32);
        let scale = ruler.get_bounding_client_rect().width() as f32 / 100.0;
        let scale = if scale > 0.05 { scale } else { 1.0 };
        (width > 0.0 && height > 0.0).then_some(Room { width, height, scale })
    }
}

/// The room of an element, measured again whenever it changes; none before it is on the page.
#[hook]
pub(super) fn use_room(stage: NodeRef, ruler: NodeRef, again: bool) -> Option<Room> {
    let room = use_state_eq(|| None);
    {
        let room = room.clone();
        // Presenting changes how long a design pixel is without changing the stage's own size first.
        use_effect_with((stage, ruler, again), move |(stage, ruler, _)| {
            let (stage, ruler) = (stage.cast::<Element>(), ruler.cast::<Element>());
            let measure = {
                let (stage, ruler) = (stage.clone(), ruler.clone());
                move || {
                    if let (Some(stage), Some(ruler)) = (&stage, &ruler) {
                        room.set(Room::of(stage, ruler));
                    }
                }
            };
            measure();
            let on_resize = Closure::<dyn FnMut()>::new(measure);
            let observer = ResizeObserver::new(on_resize.as_ref().unchecked_ref()).ok();
            if let Some(observer) = &observer {
                for element in stage.iter().chain(&ruler) {
                    observer.observe(element);
                }
            }
            move || {
                if let Some(observer) = observer {
                    observer.disconnect();
                }
                drop(on_resize);
            }
        });
    }
    *room
}

/// The aligned pyramid.
#[component]
pub fn PyramidStage(props: &PyramidStageProps) -> Html {
    let (stage, ruler) = (use_node_ref(), use_node_ref());
    let room = use_room(stage.clone(), ruler.clone(), props.present);
    let PyramidStageProps { moment, zone, window, selected, lang, present, names_op, marks, .. } = props;
    let (zone, lang, selected) = (*zone, *lang, *selected);

    let scene = {
        let deps = (moment.clone(), room, zone, *window, selected, lang, *present, *names_op, marks.clone());
        use_memo(deps, |(moment, room, zone, window, selected, lang, present, names_op, marks)| {
            let room = (*room)?;
            let form = match room.width / room.scale {
                _ if *present => Form::Projector,
                width if width < PHONE => Form::Phone,
                _ => Form::Laptop,
            };
            let layout = Layout {
                width: room.width,
                height: room.height,
                scale: room.scale,
                form,
                zone: *zone,
                names_op: *names_op || form == Form::Phone,
                window: *window,
            };
            Some(Rc::new(pyramid::scene_asked(moment, &layout, *lang, *selected, &marks.blocks, marks.veil)))
        })
    };
    let scene: Option<Shared<Scene>> = scene.as_ref().as_ref().map(|scene| Shared(Rc::clone(scene)));
    let shown = window.unwrap_or_else(|| pyramid::window(moment, zone));
    let whole = pyramid::whole(&moment.machine, zone);

    let on_hit = {
        let (on_select, on_window) = (props.on_select.clone(), props.on_window.clone());
        let (moment, on_answer) = (moment.clone(), props.on_answer.clone());
        Callback::from(move |hit| match hit {
            Hit::Answer(number) => on_answer.emit(usize::from(number).saturating_sub(1)),
            Hit::Block(pfn) => on_select.emit(Some(pfn)),
            Hit::List { zone, order, migratetype } => {
                on_select.emit(moment.machine.zone(zone).area(order).list(migratetype).head());
            }
            Hit::Zone(_) | Hit::Order(_) | Hit::Buddy | Hit::Scale(_) => {}
            Hit::Look(pfn) => {
                let half = i64::from(shown.len() / 2);
                let eighths =
                    (i64::from(pfn.0) - half - i64::from(shown.start.0)) * 8 / i64::from(shown.len().max(1));
                on_window.emit(Some(pyramid::pan(whole, shown, eighths as i32)));
            }
        })
    };
    let onkeydown = {
        let (on_select, moment) = (props.on_select.clone(), moment.clone());
        Callback::from(move |event: KeyboardEvent| {
            let to = match event.key().as_str() {
                "ArrowLeft" => Some(Direction::Left),
                "ArrowRight" => Some(Direction::Right),
                "ArrowUp" => Some(Direction::Up),
                "ArrowDown" => Some(Direction::Down),
                // From nowhere, any arrow finds the first block.
                "Enter" if selected.is_none() => Some(Direction::Right),
                "Escape" if selected.is_some() => None,
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            match to {
                None => on_select.emit(None),
                Some(to) => {
                    let next = pyramid::neighbour(&moment, zone, shown, selected, to);
                    if next.is_some() {
                        on_select.emit(next);
                    }
                }
            }
        })
    };
    let onwheel = {
        let (on_window, scene, stage) = (props.on_window.clone(), scene.clone(), stage.clone());
        Callback::from(move |event: WheelEvent| {
            let Some(scene) = &scene else { return };
            let Some(axis) = scene.axis else { return };
            if event.delta_x().abs() > event.delta_y().abs() {
                let eighths = if event.delta_x() > 0.0 { 1 } else { -1 };
                on_window.emit(Some(pyramid::pan(whole, shown, eighths)));
            } else if event.delta_y() != 0.0 {
                let Some(at) = place(&event, &stage, scene) else { return };
                let to = pyramid::zoom(whole, shown, axis.frame_at(at), event.delta_y() < 0.0);
                on_window.emit(Some(to));
            }
        })
    };
    // A pointer that selects does not take the arrow keys away from stepping.
    let onmousedown = Callback::from(|event: MouseEvent| event.prevent_default());
    let name = pyramid::label(moment, zone, selected, lang);
    html! {
        <div
            class="sc-stage"
            ref={stage}
            tabindex="0"
            role="application"
            aria-label={name}
            {onkeydown}
            {onwheel}
            {onmousedown}
        >
            <div class="sc-ruler" ref={ruler}></div>
            <div class="sc-box">
                if let Some(scene) = scene {
                    <SceneSvg {scene} {on_hit} />
                }
            </div>
        </div>
    }
}

/// Where a pointer is, in units of the scene.
fn place(event: &WheelEvent, stage: &NodeRef, scene: &Scene) -> Option<f32> {
    let stage = stage.cast::<Element>()?.get_bounding_client_rect();
    let share = (f64::from(event.client_x()) - stage.left()) / stage.width().max(1.0);
    Some(share as f32 * scene.width)
}

//! The stages of the per-CPU lists, of the zones, of the pageblocks and of fragmentation: scenes that fill their room, with arrow keys of their own.

use std::rc::Rc;

use history::Survey;
use mm::mmzone::ZoneId;
use mm::op::KmemOp;
use mm::{Op, Order, Pfn};
use scenario::Lang;
use view::charts::{Indices, Pressure, ProcessMemory, SlabMemory};
use view::pageblocks::{self, Census};
use view::pyramid::Direction;
use view::question::{self, Marks};
use view::scene::{Form, Hit, Room, Scene};
use view::{
    Moment, Stage, cma, compaction, dma, faults, fragmentation, hierarchy, huge, nodes, objects, oom, percpu,
    reclaim, segmentation, vmalloc, walk, zones,
};
use web_sys::{Element, MouseEvent};
use yew::prelude::*;

use super::pyramid::{PHONE, use_room};
use super::svg::SceneSvg;
use crate::canvas::Shared;
use crate::charts::{IndexChart, PressureChart, ProcessMemoryChart, SlabMemoryChart};

/// The properties of [`ListsStage`].
#[derive(Properties, PartialEq, Clone)]
pub struct ListsStageProps {
    /// Which of them.
    pub stage: Stage,
    /// The moment that is shown.
    pub moment: Shared<Moment>,
    /// Which zone.
    pub zone: ZoneId,
    /// What is known about the history, for a chart.
    pub survey: Shared<Survey>,
    /// Goes to the moment after so many steps.
    pub on_seek: Callback<u64>,
    /// The frame that is looked at everywhere.
    pub selected: Option<Pfn>,
    /// Looks at another one, or at none.
    pub on_select: Callback<Option<Pfn>>,
    /// Shows another zone.
    pub on_zone: Callback<ZoneId>,
    /// Shows another picture.
    pub on_stage: Callback<Stage>,
    /// The language.
    pub lang: Lang,
    /// Large, for a projector.
    pub present: bool,
    /// What a question marks.
    #[prop_or_default]
    pub marks: Marks,
    /// Picks an answer, from 0.
    #[prop_or_default]
    pub on_answer: Callback<usize>,
}

/// A picture of lists or of tanks; kernel objects, processes, reclaim and compaction with a chart below.
#[component]
pub fn ListsStage(props: &ListsStageProps) -> Html {
    // Where the level-1 cache stands beside the slabs, they need the room.
    let ops = &props.moment.scenario.ops;
    let touches = || ops.iter().any(|op| matches!(op.op, Op::Kmem(KmemOp::Touch { .. })));
    let has_chart = props.stage == Stage::Objects && !touches();
    let chart = use_memo((has_chart, props.survey.clone()), |(has_chart, survey)| {
        has_chart.then(|| Shared::from(SlabMemory::of(survey)))
    });
    let process = (props.stage == Stage::Faults).then(|| faults::in_play(&props.moment)).flatten();
    let process = use_memo((process, props.survey.clone()), |(process, survey)| {
        process.map(|process| Shared::from(ProcessMemory::of(survey, process)))
    });
    let reclaims = props.stage == Stage::Reclaim;
    let pressure = use_memo((reclaims, props.survey.clone()), |(reclaims, survey)| {
        reclaims.then(|| Pressure::of(survey)).flatten().map(Shared::from)
    });
    let compacts = props.stage == Stage::Compaction;
    let asked = compacts
        .then(|| (compaction::zone_in_play(&props.moment), fragmentation::order_in_play(&props.moment)));
    let indices = use_memo((asked, props.survey.clone()), |(asked, survey)| {
        asked.map(|(zone, order)| Shared::from(Indices::of(survey, zone, order)))
    });
    let is_pair = has_chart || process.is_some() || pressure.is_some() || indices.is_some();
    html! {
        <div class={classes!("sc-pair", is_pair.then_some("has-chart"))}>
            <Picture ..props.clone() />
            if let Some(chart) = process.as_ref().as_ref() {
                <div class="sc-chart">
                    <ProcessMemoryChart
                        chart={chart.clone()}
                        moment={props.moment.clone()}
                        lang={props.lang}
                        on_seek={props.on_seek.clone()}
                    />
                </div>
            }
            if let Some(chart) = pressure.as_ref().as_ref() {
                <div class="sc-chart">
                    <PressureChart
                        chart={chart.clone()}
                        moment={props.moment.clone()}
                        lang={props.lang}
                        on_seek={props.on_seek.clone()}
                    />
                </div>
            }
            if let Some(chart) = indices.as_ref().as_ref() {
                <div class="sc-chart">
                    <IndexChart
                        chart={chart.clone()}
                        moment={props.moment.clone()}
                        lang={props.lang}
                        above={true}
                        on_seek={props.on_seek.clone()}
                    />
                </div>
            }
            if let Some(chart) = chart.as_ref().as_ref() {
                <div class="sc-chart">
                    <SlabMemoryChart
                        chart={chart.clone()}
                        moment={props.moment.clone()}
                        lang={props.lang}
                        on_seek={props.on_seek.clone()}
                    />
                </div>
            }
        </div>
    }
}

/// The picture alone.
#[component]
fn Picture(props: &ListsStageProps) -> Html {
    let (box_ref, ruler) = (use_node_ref(), use_node_ref());
    let room = use_room(box_ref.clone(), ruler.clone(), props.present);
    let ListsStageProps { stage, moment, zone, selected, lang, present, marks, .. } = props;
    let (stage, zone, lang, selected) = (*stage, *zone, *lang, *selected);

    // The order that is asked for: chosen, or that of the request in play.
    let chosen = use_state(|| None::<Order>);
    let order = chosen.unwrap_or_else(|| fragmentation::order_in_play(moment));
    // How deep the steps of the staircase are.
    let depth = use_state(hierarchy::Scale::default);
    let census = use_mut_ref(|| None::<Census>);
    let room = room.map(|room| {
        let form = match room.width / room.scale {
            _ if *present => Form::Projector,
            width if width < PHONE => Form::Phone,
            _ => Form::Laptop,
        };
        Room { width: room.width, height: room.height, scale: room.scale, form }
    });
    let scene = {
        let deps = (stage, moment.clone(), room, zone, selected, lang, (order, *depth), marks.clone());
        use_memo(deps, |(stage, moment, room, zone, selected, lang, (order, depth), marks)| {
            let room = (*room)?;
            let mut scene = match stage {
                Stage::Zones => zones::scene(moment, &room, *zone, *lang),
                Stage::Pageblocks => {
                    let mut census = census.borrow_mut();
                    let census = census.get_or_insert_with(|| Census::of(&moment.machine));
                    census.follow(&moment.machine);
                    pageblocks::scene(moment, census, &room, *lang, *selected)
                }
                Stage::Vmalloc => vmalloc::scene(moment, &room, *lang, *selected),
                Stage::Objects => objects::scene(moment, &room, *lang, *selected),
                Stage::Faults => faults::scene(moment, &room, *lang),
                Stage::Walk => walk::scene(moment, &room, *lang),
                Stage::Hierarchy => hierarchy::scene(moment, &room, *depth, *lang),
                Stage::Oom => oom::scene(moment, &room, *lang),
                Stage::Segmentation => segmentation::scene(moment, &room, *lang),
                Stage::Nodes => nodes::scene(moment, &room, *lang),
                Stage::Cma => cma::scene(moment, &room, *lang, *selected),
                Stage::Dma => dma::scene(moment, &room, *lang, *selected),
                Stage::Huge => huge::scene(moment, &room, *lang, *selected),
                Stage::Reclaim => reclaim::scene(moment, &room, *lang, *selected),
                Stage::Compaction => compaction::scene(moment, &room, *lang, *selected),
                Stage::Fragmentation => fragmentation::scene(moment, &room, *zone, *order, *lang),
                _ => percpu::scene(moment, &room, *zone, *lang, *selected),
            };
            let places = |block| match stage {
                Stage::Pageblocks => pageblocks::places(moment, &room, block),
                _ => Vec::new(),
            };
            question::mark(&mut scene, marks, &places);
            Some(Rc::new(scene))
        })
    };
    let scene: Option<Shared<Scene>> = scene.as_ref().as_ref().map(|scene| Shared(Rc::clone(scene)));
    let on_hit = {
        let (on_select, on_zone) = (props.on_select.clone(), props.on_zone.clone());
        let (on_answer, on_stage) = (props.on_answer.clone(), props.on_stage.clone());
        let (chosen, depth) = (chosen.clone(), depth.clone());
        Callback::from(move |hit| match hit {
            Hit::Answer(number) => on_answer.emit(usize::from(number).saturating_sub(1)),
            Hit::Block(pfn) => on_select.emit(Some(pfn)),
            Hit::Zone(zone) => on_zone.emit(zone),
            Hit::Order(order) => chosen.set(Some(order)),
            Hit::Scale(at) => {
                if let Some(scale) = hierarchy::Scale::ALL.get(usize::from(at)) {
                    depth.set(*scale);
                }
            }
            Hit::Buddy => on_stage.emit(Stage::Pyramid),
            Hit::List { .. } | Hit::Look(_) => {}
        })
    };
    let onkeydown = {
        let (on_select, on_zone, moment) = (props.on_select.clone(), props.on_zone.clone(), moment.clone());
        let (chosen, depth) = (chosen.clone(), depth.clone());
        Callback::from(move |event: KeyboardEvent| {
            let to = match event.key().as_str() {
                "ArrowLeft" => Direction::Left,
                "ArrowRight" => Direction::Right,
                "ArrowUp" => Direction::Up,
                "ArrowDown" => Direction::Down,
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            match (stage, to) {
                (Stage::Zones, Direction::Left | Direction::Right) => {
                    let by = if to == Direction::Left { -1 } else { 1 };
                    if let Some(zone) = zones::neighbour(&moment, zone, by) {
                        on_zone.emit(zone);
                    }
                }
                (Stage::Hierarchy, Direction::Left | Direction::Right) => {
                    depth.set(depth.turned(to == Direction::Right));
                }
                (
                    Stage::Zones
                    | Stage::Faults
                    | Stage::Walk
                    | Stage::Hierarchy
                    | Stage::Oom
                    | Stage::Segmentation
                    | Stage::Nodes
                    | Stage::Huge,
                    _,
                ) => {}
                (Stage::Fragmentation, Direction::Left) => chosen.set(order.down().or(Some(order))),
                (Stage::Fragmentation, Direction::Right) => chosen.set(order.up().or(Some(order))),
                (Stage::Fragmentation, _) => {
                    let by = if to == Direction::Up { -1 } else { 1 };
                    if let Some(zone) = zones::neighbour(&moment, zone, by) {
                        on_zone.emit(zone);
                    }
                }
                (
                    Stage::Objects
                    | Stage::Vmalloc
                    | Stage::Reclaim
                    | Stage::Cma
                    | Stage::Dma
                    | Stage::Compaction,
                    _,
                ) => {
                    let next = match stage {
                        Stage::Reclaim => reclaim::neighbour(&moment, selected, to),
                        Stage::Cma => cma::neighbour(&moment, selected, to),
                        Stage::Dma => dma::neighbour(&moment, selected, to),
                        Stage::Compaction => compaction::neighbour(&moment, selected, to),
                        Stage::Vmalloc => vmalloc::neighbour(&moment, selected, to),
                        _ => objects::neighbour(&moment, selected, to),
                    };
                    if next.is_some() {
                        on_select.emit(next);
                    }
                }
                (Stage::Pageblocks, _) => {
                    let next = room.and_then(|room| pageblocks::neighbour(&moment, &room, selected, to));
                    if next.is_some() {
                        on_select.emit(next);
                    }
                }
                _ => {
                    let next = percpu::neighbour(&moment, zone, selected, to);
                    if next.is_some() {
                        on_select.emit(next);
                    }
                }
            }
        })
    };
    // Tiles are drawn together: the place of the pointer says which of them it is on.
    let onclick = {
        let (box_ref, on_select, moment) = (box_ref.clone(), props.on_select.clone(), moment.clone());
        let waits = marks.veil;
        Callback::from(move |event: MouseEvent| {
            // While a question waits, a click answers.
            let (Stage::Pageblocks, Some(room), Some(element), false) =
                (stage, room, box_ref.cast::<Element>(), waits)
            else {
                return;
            };
            let bounds = element.get_bounding_client_rect();
            let x = (f64::from(event.client_x()) - bounds.left()) as f32 / room.scale;
            let y = (f64::from(event.client_y()) - bounds.top()) as f32 / room.scale;
            let hit = pageblocks::tile_at(&moment, &room, x, y);
            if hit.is_some() {
                on_select.emit(hit);
            }
        })
    };
    // A pointer that selects does not take the arrow keys away from stepping.
    let onmousedown = Callback::from(|event: MouseEvent| event.prevent_default());
    let name = match stage {
        Stage::Zones => zones::label(moment, lang),
        Stage::Pageblocks => pageblocks::label(moment, zone, lang),
        Stage::Objects => objects::label(moment, lang),
        Stage::Vmalloc => vmalloc::label(moment, lang),
        Stage::Faults => faults::label(moment, lang),
        Stage::Walk => walk::label(moment, lang),
        Stage::Hierarchy => hierarchy::label(moment, lang),
        Stage::Oom => oom::label(moment, lang),
        Stage::Segmentation => segmentation::label(moment, lang),
        Stage::Nodes => nodes::label(moment, lang),
        Stage::Cma => cma::label(moment, lang),
        Stage::Dma => dma::label(moment, lang),
        Stage::Huge => huge::label(moment, lang),
        Stage::Reclaim => reclaim::label(moment, lang),
        Stage::Compaction => compaction::label(moment, lang),
        Stage::Fragmentation => fragmentation::label(moment, order, lang),
        _ => percpu::label(moment, zone, lang),
    };
    html! {
        <div
            class={classes!("sc-stage", (stage == Stage::Pageblocks).then_some("sc-tiles"))}
            ref={box_ref}
            tabindex="0"
            role="application"
            aria-label={name}
            {onkeydown}
            {onmousedown}
            {onclick}
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

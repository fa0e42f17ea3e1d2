//! The page-frame map: all of memory in one picture, a lens on 1,024 frames, and the question whether a request fits.
//!
//! Left the map (texture), in the middle the lens (what has to be read) with the request as a ring, right the staircase
//! over the orders and the indices over time. Narrow stages show one of the three at a time.
//!
//! The raster follows the machine while rendering; canvases are drawn in effects. View and lens are the viewer's own:
//! no link carries them.

mod backing;
mod paint;
mod staircase;

use std::cell::RefCell;
use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions};
use history::Survey;
use mm::mmzone::{ZoneId, ZoneKind};
use mm::page::Block;
use mm::step::StepClass;
use mm::{Machine, Order, Pfn, StepKind};
use scenario::Lang;
use view::Moment;
use view::charts::Indices;
use view::frame_map::{
    Dirty, Geometry, Ghost, Headline, Ink, Layout, Point, Raster, Rect, Size, Staircase, Verdict, Viewport,
    frame_text, frames_text, ink_label, thousands,
};
use view::number::{between, fixed};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, Element, HtmlElement, KeyboardEvent, PointerEvent, WheelEvent};
use yew::prelude::*;

use crate::canvas::{DeviceSize, Draw, HiDpiCanvas, Shared, Tokens, version};
use crate::charts::IndexChart;
use crate::icons::{Icon, icon};
use backing::{Backing, Read};
use paint::{Pen, Ring};
use staircase::Stairs;

/// The order that is asked for until somebody chooses another: 64 KiB, the first that a scattered machine lacks.
const FIRST_ORDER: u8 = 4;

/// The properties of [`FrameMapStage`].
#[derive(Properties, PartialEq)]
pub struct FrameMapStageProps {
    /// The moment that is shown.
    pub moment: Shared<Moment>,
    /// What the chart over time is made of.
    pub survey: Shared<Survey>,
    /// Which zone the staircase and the indices are about.
    pub zone: ZoneId,
    /// The frame that is looked at everywhere.
    pub selected: Option<Pfn>,
    /// Looks at another one.
    pub on_select: Callback<Option<Pfn>>,
    /// Asks for the moment after so many steps.
    pub on_seek: Callback<u64>,
    /// The language.
    pub lang: Lang,
    /// Whether the headline is part of the stage, because nothing else says it.
    #[prop_or(true)]
    pub headline: bool,
}

/// The raster and its picture.
struct Picture {
    raster: Raster,
    backing: Option<Backing>,
    /// What changed since the picture was painted.
    pending: Dirty,
    /// Counts the changes.
    revision: u64,
    /// `nr_free` of the zones at the moment shown, and at the one before it.
    nr_free: (u64, Vec<[u32; Order::COUNT]>),
    before: Option<Vec<[u32; Order::COUNT]>>,
}

impl Picture {
    fn new(moment: &Moment) -> Picture {
        Picture {
            raster: Raster::of(&moment.machine),
            backing: None,
            pending: Dirty::default(),
            revision: 0,
            nr_free: (moment.global, lists(&moment.machine)),
            before: None,
        }
    }

    fn follow(&mut self, moment: &Moment) {
        let frames = self.raster.frames();
        let dirty = self.raster.seek(&moment.machine);
        if self.raster.frames() != frames {
            self.backing = None;
        }
        if !dirty.is_empty() {
            self.pending.merge(dirty);
            self.revision += 1;
        }
        let now = (moment.global, lists(&moment.machine));
        if now != self.nr_free {
            let (_, old) = std::mem::replace(&mut self.nr_free, now);
            self.before = Some(old);
        }
    }

    /// The picture, up to date.
    fn painted(
        &mut self,
        ctx: &CanvasRenderingContext2d,
        tokens: &Tokens,
        geometry: &Geometry,
    ) -> Option<&mut Backing> {
        let palette = backing::palette(ctx, tokens);
        let pending = std::mem::take(&mut self.pending);
        match self.backing.take().filter(|backing| backing.is_for(geometry)) {
            Some(mut backing) => {
                backing.follow(&self.raster, palette, &pending);
                self.backing = Some(backing);
            }
            None => self.backing = Backing::new(&self.raster, *geometry, palette, Read::No),
        }
        self.backing.as_mut()
    }
}

fn lists(machine: &Machine) -> Vec<[u32; Order::COUNT]> {
    machine.zones().iter().map(|zone| zone.nr_free()).collect()
}

/// What a narrow stage shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Pane {
    #[default]
    Map,
    Lens,
    Chart,
}

impl Pane {
    const ALL: [Pane; 3] = [Pane::Map, Pane::Lens, Pane::Chart];

    fn name(self) -> &'static str {
        match self {
            Pane::Map => "map",
            Pane::Lens => "lens",
            Pane::Chart => "chart",
        }
    }

    fn label(self, lang: Lang) -> &'static str {
        match self {
            Pane::Map => lang.pick("Map", "全图"),
            Pane::Lens => lang.pick("Lens", "放大"),
            Pane::Chart => lang.pick("Chart", "图表"),
        }
    }
}

/// What the viewer has chosen to see.
#[derive(Clone, Copy, Default)]
struct Looking {
    /// None: all of it.
    view: Option<Viewport>,
    /// None: where the request comes nearest to fitting.
    lens: Option<Pfn>,
    /// The data cursor.
    cursor: Option<Pfn>,
    order: Option<Order>,
    layout: Layout,
    pane: Pane,
}

/// Pointers that are down.
#[derive(Default)]
struct Pointers {
    down: Vec<(i32, Point)>,
    moved: bool,
}

/// The stage.
#[component]
pub fn FrameMapStage(props: &FrameMapStageProps) -> Html {
    let FrameMapStageProps { moment, survey, zone, selected, on_select, on_seek, lang, headline } = props;
    let (lang, selected) = (*lang, *selected);
    let zone = if zone.index() < moment.machine.zones().len() { *zone } else { ZoneId(0) };
    let picture = {
        let moment = moment.clone();
        use_mut_ref(move || Picture::new(&moment))
    };
    let looking = use_mut_ref(Looking::default);
    let update = use_force_update();
    picture.borrow_mut().follow(moment);
    let now = *looking.borrow();

    let asked = asked(moment);
    let order =
        asked.map(|(order, _)| order).or(now.order).or(Order::new(FIRST_ORDER)).unwrap_or(Order::ZERO);
    let highest = asked.map_or(ZoneKind::Movable, |(_, highest)| highest);
    let revision = picture.borrow().revision;
    let ghost = {
        let picture = Rc::clone(&picture);
        use_memo((revision, order, highest, moment.global), move |(_, order, highest, _)| {
            Ghost::find(&picture.borrow().raster, *order, *highest)
        })
    };
    let chart = use_memo((survey.clone(), zone, order), |(survey, zone, order)| {
        Shared::from(Indices::of(survey, *zone, *order))
    });
    let geometry = Geometry::new(now.layout, moment.machine.end().0);
    let nearest = ghost.block().map_or(Pfn(0), |block| block.pfn);
    let lens = geometry.lens_at(now.lens.filter(|pfn| pfn.0 < geometry.frames()).unwrap_or(nearest));
    let stairs = {
        let picture = picture.borrow();
        let before = picture.before.as_ref().and_then(|before| before.get(zone.index()));
        Staircase::of(&moment.machine, zone, order, before)
    };
    // The headline is about the machine, the charts are about one zone of it.
    let zones = moment.machine.zones();
    let of_zone = (zones.len() > 1).then(|| zones[zone.index()].kind);

    let refs = Refs {
        root: use_node_ref(),
        layer: use_node_ref(),
        map: use_node_ref(),
        lens: use_node_ref(),
        links: use_node_ref(),
        zones: use_node_ref(),
    };
    let act = Act { looking: Rc::clone(&looking), update, layer: refs.layer.clone(), geometry };

    let scene = Scene {
        picture: Rc::clone(&picture),
        moment: moment.clone(),
        ghost: Rc::clone(&ghost),
        selected,
        cursor: now.cursor,
        geometry,
        lens,
        view: now.view,
        refs: refs.clone(),
    };
    let seen = now.view.map(|v| [v.center.x.to_bits(), v.center.y.to_bits(), v.scale.to_bits()]);
    let what = (revision, moment.global, selected, now.cursor, lens, seen, now.layout, order);
    let map_version = version(&(what, lang));
    let lens_version = version(&(what, now.pane as u8));
    let draw_map = {
        let scene = scene.clone();
        Draw::new(move |ctx, size, dpr| scene.draw_map(ctx, size, dpr))
    };
    let draw_lens = Draw::new(move |ctx, size, dpr| scene.draw_lens(ctx, size, dpr));

    let pointers = use_mut_ref(Pointers::default);
    use_wheel(&refs.layer, &act);
    let on_order = act.callback(|looking, order: Order| {
        looking.order = Some(order);
        looking.lens = None;
    });
    let zoom = |factor: f64| {
        let of = act.clone();
        act.callback(move |looking, _: MouseEvent| {
            if let Some(size) = of.size() {
                looking.zoom(factor, None, size, &of.geometry);
            }
        })
    };
    let names = |en: &'static str, zh: &'static str| lang.pick(en, zh);
    let tool = |shape: Icon, name: &'static str, onclick: Callback<MouseEvent>| {
        html! {
            <button type="button" class="btn square fm-tool" aria-label={name} title={name} onclick={onclick}>
                { icon(shape) }
            </button>
        }
    };
    let pane_button = |pane: Pane| {
        html! {
            <button
                key={pane.name()}
                type="button"
                class="btn line fm-pane-button"
                aria-pressed={(now.pane == pane).to_string()}
                onclick={act.callback(move |looking, _: MouseEvent| looking.pane = pane)}
            >
                { pane.label(lang) }
            </button>
        }
    };
    let far = geometry.lens_at(nearest) != lens;
    let cursor_text = now.cursor.map(|pfn| frame_text(&moment.machine, pfn, lang)).unwrap_or_default();
    let zone_names = moment.machine.zones();
    html! {
        <div ref={refs.root.clone()} class="fm" data-pane={now.pane.name()}>
            <p class="fm-headline" hidden={!headline}>
                { for Headline::of(&moment.machine).spans(lang).into_iter().map(|span| html! {
                    if span.strong { <b>{ span.text }</b> } else { <span>{ span.text }</span> }
                }) }
            </p>
            <div class="fm-map">
                <HiDpiCanvas class="fm-canvas" canvas={refs.map.clone()} draw={draw_map} version={map_version} />
                <div ref={refs.zones.clone()} class="fm-zones" aria-hidden="true">
                    { for zone_names.iter().enumerate().map(|(i, zone)| html! {
                        <span key={i} class="fm-zone">{ zone.kind.name() }</span>
                    }) }
                </div>
                <div
                    ref={refs.layer.clone()}
                    class="fm-layer"
                    role="application"
                    tabindex="0"
                    aria-label={names(
                        "Frames of memory. Arrows move the data cursor, Shift moves it by block, Enter selects.",
                        "内存的页框。方向键移动数据光标，Shift 按块移动，Enter 选中。",
                    )}
                    onpointerdown={act.pointer_down(&pointers)}
                    onpointermove={act.pointer_move(&pointers)}
                    onpointerup={act.pointer_up(&pointers, on_select)}
                    onpointercancel={act.pointer_cancel(&pointers)}
                    onkeydown={act.key(moment, lens, on_select)}
                />
                <div class="fm-tools">
                    { tool(Icon::Plus, names("Zoom in", "放大"), zoom(2.0)) }
                    { tool(Icon::Minus, names("Zoom out", "缩小"), zoom(0.5)) }
                    { tool(Icon::Fit, names("Show all", "显示全部"),
                        act.callback(|looking, _: MouseEvent| looking.view = None)) }
                </div>
                <span class="sr-only" role="status">{ cursor_text }</span>
            </div>
            <div class="fm-panes">{ for Pane::ALL.map(pane_button) }</div>
            <div class="fm-lens">
                <h3 class="fm-question">{ ghost.question(now.layout, lang) }</h3>
                <p class="fm-answer">{ ghost.answer(lang) }</p>
                <p class="fm-where">
                    <span>{ format!("{}{}", frames_text(lens, lang), names(", enlarged", "，放大")) }</span>
                    <button
                        type="button"
                        class="fm-back"
                        hidden={!far}
                        onclick={act.callback(|looking, _: MouseEvent| looking.lens = None)}
                    >
                        { if ghost.fits() { names("to the place found", "到找到的位置") }
                          else { names("to the best place", "到最好的位置") } }
                    </button>
                </p>
                <div class="fm-lens-box">
                    <HiDpiCanvas
                        class="fm-canvas"
                        canvas={refs.lens.clone()}
                        draw={draw_lens}
                        version={lens_version}
                    />
                    <div class="fm-lens-layer" onclick={act.lens_click(lens, &refs.lens, on_select)} />
                </div>
                <p class={classes!("fm-caption", if ghost.fits() { "is-good" } else { "is-bad" })}>
                    { ghost.caption(lang) }
                </p>
                { legend(&picture.borrow().raster, lang) }
            </div>
            <div class="fm-charts">
                <Stairs stairs={stairs} of_zone={of_zone} lang={lang} on_order={on_order} />
                <div class="fm-index">
                    <IndexChart
                        chart={(*chart).clone()}
                        moment={moment.clone()}
                        lang={lang}
                        on_seek={on_seek.clone()}
                    />
                </div>
                <p class="fm-note">{ chart.legend(lang) }</p>
            </div>
            <svg ref={refs.links.clone()} class="fm-links" aria-hidden="true">
                <line />
                <line />
            </svg>
        </div>
    }
}

/// A request that has just failed asks the question by itself: the order, and the highest zone that may serve it.
fn asked(moment: &Moment) -> Option<(Order, ZoneKind)> {
    let order = match moment.just_did.as_ref()?.kind {
        StepKind::Failed { order, .. } => Order::new(order)?,
        StepKind::ZoneFailed { order, .. } => order,
        _ => return None,
    };
    let highest = moment.trail.iter().rev().find_map(|step| match step.kind {
        StepKind::Request { highest_zone, .. } => Some(highest_zone),
        _ => None,
    });
    Some((order, highest?))
}

/// The kinds that are on the map, each with its picture and its number: they add up to all frames.
fn legend(raster: &Raster, lang: Lang) -> Html {
    let shown = Ink::ALL.into_iter().filter(|ink| *ink != Ink::Outside && raster.count(*ink) > 0);
    html! {
        <ul class="fm-legend">
            { for shown.map(|ink| {
                let count = thousands(u64::from(raster.count(ink)));
                html! {
                    <li key={ink as u8} title={count.clone()}>
                        <svg class={classes!("fm-swatch", swatch(ink))} viewBox="0 0 12 12" aria-hidden="true">
                            <rect x="0.5" y="0.5" width="11" height="11" />
                            <path d={mark(ink)} />
                        </svg>
                        { ink_label(ink, lang) }
                        <span class="fm-count">{ count }</span>
                    </li>
                }
            }) }
        </ul>
    }
}

/// The class that colours the swatch of an ink.
fn swatch(ink: Ink) -> &'static str {
    match ink {
        Ink::Outside | Ink::Free => "is-free",
        Ink::Hole => "is-hole",
        Ink::Reserved => "is-reserved",
        Ink::InHand => "is-hand",
        Ink::Pcp => "is-pcp",
        Ink::Anon => "is-anon",
        Ink::File => "is-file",
        Ink::Movable => "is-movable",
        Ink::Unmovable => "is-unmovable",
        Ink::Reclaimable => "is-reclaimable",
        Ink::Unknown => "is-unknown",
        Ink::Slab => "is-slab",
        Ink::PageTable => "is-page-table",
    }
}

/// The pattern of an ink in a box of 12.
fn mark(ink: Ink) -> &'static str {
    use view::frame_map::Pattern;
    match ink.pattern() {
        Pattern::Empty | Pattern::Solid => "",
        Pattern::Dot => "M4 6a2 2 0 1 0 4 0 2 2 0 1 0-4 0z",
        Pattern::Eye => "M4.2 4.2h3.6v3.6h-3.6z",
        Pattern::Edge => "M3 3h6v6h-6z",
        Pattern::Roof => "M2 8 6 3.4 10 8v2L6 5.4 2 10z",
        Pattern::Lines => "M1 3.6h10v1.4h-10zM1 7.2h10v1.4h-10z",
        Pattern::Grid => "M3.4 1h1v10h-1zM7.6 1h1v10h-1zM1 3.4h10v1h-10zM1 7.6h10v1h-10z",
        Pattern::Bars => "M3.6 1h1.4v10h-1.4zM7.2 1h1.4v10h-1.4z",
        Pattern::Hatch => "M3 8.2 8.2 3 9 3.8 3.8 9z",
        Pattern::Cross => "M3 3.8 3.8 3 9 8.2 8.2 9zM3 8.2 8.2 3 9 3.8 3.8 9z",
    }
}

#[derive(Clone)]
struct Refs {
    root: NodeRef,
    layer: NodeRef,
    map: NodeRef,
    lens: NodeRef,
    links: NodeRef,
    zones: NodeRef,
}

/// Everything that a redraw shows.
#[derive(Clone)]
struct Scene {
    picture: Rc<RefCell<Picture>>,
    moment: Shared<Moment>,
    ghost: Rc<Ghost>,
    selected: Option<Pfn>,
    cursor: Option<Pfn>,
    geometry: Geometry,
    lens: Block,
    view: Option<Viewport>,
    refs: Refs,
}

impl Scene {
    fn draw_map(&self, ctx: &CanvasRenderingContext2d, device: DeviceSize, dpr: f64) {
        let Some(tokens) = Tokens::of_context(ctx) else { return };
        let size = Size { w: f64::from(device.w) / dpr, h: f64::from(device.h) / dpr };
        let used = self.geometry.used();
        let view = self.view.map_or_else(|| fitted(used, size), |view| view.clamped(used, size));
        ctx.clear_rect(0.0, 0.0, f64::from(device.w), f64::from(device.h));
        let pen = Pen::new(ctx, &tokens, &self.geometry, view, size, dpr);
        let seen = view.seen(size, &self.geometry);
        let mut picture = self.picture.borrow_mut();
        if view.scale >= tokens.number("--fm-cell-least", 10.0) {
            pen.blocks(&self.moment.machine, seen);
        } else if let Some(backing) = picture.painted(ctx, &tokens, &self.geometry) {
            backing.draw(ctx, view, size, dpr);
        }
        let pageblock = u32::from(self.moment.machine.pageblock_order().get());
        let tile = self.geometry.rect(0, pageblock);
        if f64::from(tile.w.min(tile.h)) * view.scale >= tokens.number("--fm-grid-least", 22.0) {
            pen.grid(pageblock, seen.intersect(used));
        }
        pen.nails(picture.raster.nails());
        let zones = self.moment.machine.zones();
        pen.outline(Pfn(0), self.moment.machine.end(), "--ink-2", 1.0);
        if zones.len() > 1 {
            for zone in zones {
                pen.outline(zone.span.start, zone.span.end, "--ink", tokens.number("--fm-zone", 2.0));
            }
        }
        pen.ring(self.lens, Ring::Lens);
        if let Some(block) = self.ghost.block() {
            pen.ring(block, if self.ghost.fits() { Ring::Look } else { Ring::Failed });
        }
        self.rings(&pen);
        self.name_zones(view, size);
        self.link(&pen.place(self.geometry.rect_of(self.lens)), dpr, size);
    }

    fn draw_lens(&self, ctx: &CanvasRenderingContext2d, device: DeviceSize, dpr: f64) {
        let Some(tokens) = Tokens::of_context(ctx) else { return };
        let size = Size { w: f64::from(device.w) / dpr, h: f64::from(device.h) / dpr };
        let rect = self.geometry.rect_of(self.lens);
        ctx.clear_rect(0.0, 0.0, f64::from(device.w), f64::from(device.h));
        let view = Viewport::fit(rect, size);
        let pen = Pen::new(ctx, &tokens, &self.geometry, view, size, dpr);
        pen.grid(4, rect);
        pen.blocks(&self.moment.machine, rect);
        pen.outline(self.lens.pfn, self.lens.last().plus(1), "--ink-2", 1.5);
        let inside = |block: &Block| self.lens.pfn <= block.pfn && block.pfn <= self.lens.last();
        self.rings(&pen);
        if let Some(block) = self.ghost.block().filter(inside) {
            match self.ghost.verdict {
                Verdict::Fits(_) => pen.ring(block, Ring::Did),
                Verdict::Blocked { .. } | Verdict::NoPlace => {
                    pen.ring(block, Ring::Failed);
                    pen.badge(block);
                }
            }
        }
    }

    /// What comes next, what was just done, what is looked at. A canvas clips what lies outside of it.
    fn rings(&self, pen: &Pen<'_>) {
        let blocks = |step: &Option<mm::Step>| step.map_or([None, None], |step| step.kind.blocks());
        for block in blocks(&self.moment.next).into_iter().flatten() {
            pen.ring(block, Ring::Next);
        }
        let failed = self.moment.just_did.is_some_and(|step| step.kind.class() == StepClass::Fail);
        for block in blocks(&self.moment.just_did).into_iter().flatten() {
            pen.ring(block, if failed { Ring::Failed } else { Ring::Did });
        }
        let looked_at =
            |pfn: Pfn| self.moment.machine.block_of(pfn).unwrap_or(Block { pfn, order: Order::ZERO });
        if let Some(pfn) = self.selected {
            pen.ring(looked_at(pfn), Ring::Look);
        }
        if let Some(pfn) = self.cursor {
            pen.ring(Block { pfn, order: Order::ZERO }, Ring::Look);
        }
    }

    /// Puts the names of the zones where their largest piece begins.
    fn name_zones(&self, view: Viewport, size: Size) {
        let Some(names) = self.refs.zones.cast::<Element>() else { return };
        let zones = self.moment.machine.zones();
        let children = names.children();
        for (i, zone) in zones.iter().enumerate() {
            let Some(name) = children.item(i as u32).and_then(|e| e.dyn_into::<HtmlElement>().ok()) else {
                continue;
            };
            let pieces = self.geometry.rects(zone.span.start, zone.span.end);
            let largest = pieces.max_by_key(|rect| rect.w * rect.h).unwrap_or_default();
            let at = view.to_screen(Point { x: f64::from(largest.x), y: f64::from(largest.y) }, size);
            let room = f64::from(largest.w) * view.scale;
            let hide = zones.len() < 2
                || room < 36.0
                || at.x < -1.0
                || at.y < -1.0
                || at.x > size.w
                || at.y > size.h;
            let _ = if hide { name.set_attribute("hidden", "") } else { name.remove_attribute("hidden") };
            let _ = name
                .style()
                .set_property("transform", &format!("translate({}px, {}px)", fixed(at.x, 1), fixed(at.y, 1)));
        }
    }

    /// Two lines from the lens' place on the map to the lens.
    fn link(&self, place: &paint::Box2, dpr: f64, size: Size) {
        let elements = || {
            Some((
                self.refs.links.cast::<Element>()?,
                self.refs.root.cast::<Element>()?.get_bounding_client_rect(),
                self.refs.map.cast::<Element>()?.get_bounding_client_rect(),
                self.refs.lens.cast::<Element>()?.get_bounding_client_rect(),
            ))
        };
        let Some((links, root, map, lens)) = elements() else { return };
        let (x, top) = (map.left() - root.left(), map.top() - root.top());
        let right = (x + (place.x + place.w) / dpr).min(x + size.w);
        let clamp = |y: f64| between(y / dpr, 0.0, size.h) + top;
        let (x2, lens_top) = (lens.left() - root.left(), lens.top() - root.top());
        let ends = [(clamp(place.y), lens_top), (clamp(place.y + place.h), lens_top + lens.height())];
        for (i, (y1, y2)) in ends.into_iter().enumerate() {
            let Some(line) = links.children().item(i as u32) else { continue };
            for (name, value) in [("x1", right), ("y1", y1), ("x2", x2), ("y2", y2)] {
                let _ = line.set_attribute(name, &fixed(value, 1));
            }
        }
    }
}

/// All of `used`, with room for the ring around it.
fn fitted(used: Rect, size: Size) -> Viewport {
    let whole = Viewport::fit(used, Size { w: size.w - 4.0, h: size.h - 4.0 });
    // At the upper left corner rather than in the middle: the labels beside it stand at its edge.
    let center = Point {
        x: size.w / 2.0 / whole.scale - 2.0 / whole.scale,
        y: size.h / 2.0 / whole.scale - 2.0 / whole.scale,
    };
    Viewport { center, ..whole }
}

impl Looking {
    /// Larger or smaller about `at`, or about the middle.
    fn zoom(&mut self, factor: f64, at: Option<Point>, size: Size, geometry: &Geometry) {
        let view = self.view.unwrap_or_else(|| fitted(geometry.used(), size));
        let at = at.unwrap_or(Point { x: size.w / 2.0, y: size.h / 2.0 });
        let view = view.zoom_at(factor, at, size).clamped(geometry.used(), size);
        let whole = Viewport::fit(geometry.used(), size).scale;
        self.view = (view.scale > whole * 1.01).then_some(view);
    }
}

/// What handlers need.
#[derive(Clone)]
struct Act {
    looking: Rc<RefCell<Looking>>,
    update: UseForceUpdateHandle,
    layer: NodeRef,
    geometry: Geometry,
}

impl Act {
    fn callback<E: 'static>(&self, change: impl Fn(&mut Looking, E) + 'static) -> Callback<E> {
        let (looking, update) = (Rc::clone(&self.looking), self.update.clone());
        Callback::from(move |event: E| {
            change(&mut looking.borrow_mut(), event);
            update.force_update();
        })
    }

    fn size(&self) -> Option<Size> {
        let rect = self.layer.cast::<Element>()?.get_bounding_client_rect();
        Some(Size { w: rect.width(), h: rect.height() })
    }

    fn point(&self, x: i32, y: i32) -> Point {
        let corner = self.layer.cast::<Element>().map(|layer| layer.get_bounding_client_rect());
        let (left, top) = corner.map_or((0.0, 0.0), |rect| (rect.left(), rect.top()));
        Point { x: f64::from(x) - left, y: f64::from(y) - top }
    }

    fn view(&self, size: Size) -> Viewport {
        let used = self.geometry.used();
        self.looking.borrow().view.map_or_else(|| fitted(used, size), |view| view.clamped(used, size))
    }

    fn pfn_at(&self, at: Point) -> Option<Pfn> {
        let size = self.size()?;
        self.view(size).pfn_at(at, size, &self.geometry)
    }

    fn pointer_down(&self, pointers: &Rc<RefCell<Pointers>>) -> Callback<PointerEvent> {
        let (act, pointers) = (self.clone(), Rc::clone(pointers));
        Callback::from(move |event: PointerEvent| {
            let at = act.point(event.client_x(), event.client_y());
            let mut pointers = pointers.borrow_mut();
            pointers.moved = pointers.down.len() == 1;
            pointers.down.push((event.pointer_id(), at));
            if let Some(layer) = act.layer.cast::<Element>() {
                let _ = layer.set_pointer_capture(event.pointer_id());
            }
        })
    }

    /// One finger: drags an enlarged map, moves the lens over a whole one. Two fingers: pinch.
    fn pointer_move(&self, pointers: &Rc<RefCell<Pointers>>) -> Callback<PointerEvent> {
        let (act, pointers) = (self.clone(), Rc::clone(pointers));
        Callback::from(move |event: PointerEvent| {
            let mut pointers = pointers.borrow_mut();
            let Some(i) = pointers.down.iter().position(|(id, _)| *id == event.pointer_id()) else { return };
            let at = act.point(event.client_x(), event.client_y());
            let old = pointers.down[i].1;
            let far = (at.x - old.x).hypot(at.y - old.y);
            // A click with a trembling hand is a click.
            if far < 4.0 && !pointers.moved {
                return;
            }
            pointers.moved = true;
            pointers.down[i].1 = at;
            let Some(size) = act.size() else { return };
            let view = act.view(size);
            if let [(_, a), (_, b)] = pointers.down[..] {
                let other = if i == 0 { b } else { a };
                let (now, before) =
                    ((at.x - other.x).hypot(at.y - other.y), (old.x - other.x).hypot(old.y - other.y));
                let middle = Point { x: (at.x + other.x) / 2.0, y: (at.y + other.y) / 2.0 };
                let factor = if before > 0.0 { now / before } else { 1.0 };
                act.looking.borrow_mut().zoom(factor, Some(middle), size, &act.geometry);
            } else if act.looking.borrow().view.is_some() {
                let moved = view.pan_by(at.x - old.x, at.y - old.y).clamped(act.geometry.used(), size);
                act.looking.borrow_mut().view = Some(moved);
            } else if let Some(pfn) = view.pfn_at(at, size, &act.geometry) {
                act.looking.borrow_mut().lens = Some(pfn);
            }
            act.update.force_update();
        })
    }

    fn pointer_up(
        &self,
        pointers: &Rc<RefCell<Pointers>>,
        on_select: &Callback<Option<Pfn>>,
    ) -> Callback<PointerEvent> {
        let (act, pointers, on_select) = (self.clone(), Rc::clone(pointers), on_select.clone());
        Callback::from(move |event: PointerEvent| {
            let clicked = {
                let mut pointers = pointers.borrow_mut();
                pointers.down.retain(|(id, _)| *id != event.pointer_id());
                !pointers.moved
            };
            let at = act.point(event.client_x(), event.client_y());
            if let Some(pfn) = act.pfn_at(at).filter(|_| clicked) {
                act.looking.borrow_mut().lens = Some(pfn);
                on_select.emit(Some(pfn));
                act.update.force_update();
            }
        })
    }

    fn pointer_cancel(&self, pointers: &Rc<RefCell<Pointers>>) -> Callback<PointerEvent> {
        let pointers = Rc::clone(pointers);
        Callback::from(move |_: PointerEvent| pointers.borrow_mut().down.clear())
    }

    fn lens_click(
        &self,
        lens: Block,
        canvas: &NodeRef,
        on_select: &Callback<Option<Pfn>>,
    ) -> Callback<MouseEvent> {
        let (canvas, on_select, geometry) = (canvas.clone(), on_select.clone(), self.geometry);
        Callback::from(move |event: MouseEvent| {
            let Some(rect) = canvas.cast::<Element>().map(|canvas| canvas.get_bounding_client_rect()) else {
                return;
            };
            let size = Size { w: rect.width(), h: rect.height() };
            let at = Point {
                x: f64::from(event.client_x()) - rect.left(),
                y: f64::from(event.client_y()) - rect.top(),
            };
            let pfn = Viewport::fit(geometry.rect_of(lens), size).pfn_at(at, size, &geometry);
            if let Some(pfn) = pfn.filter(|pfn| lens.pfn <= *pfn && *pfn <= lens.last()) {
                on_select.emit(Some(pfn));
            }
        })
    }

    /// Arrows move the data cursor by a frame, with Shift by a block; Enter selects; W and S zoom, X shows all,
    /// Z goes to the selection.
    fn key(
        &self,
        moment: &Shared<Moment>,
        lens: Block,
        on_select: &Callback<Option<Pfn>>,
    ) -> Callback<KeyboardEvent> {
        let (act, moment, on_select) = (self.clone(), moment.clone(), on_select.clone());
        Callback::from(move |event: KeyboardEvent| {
            if event.ctrl_key() || event.meta_key() || event.alt_key() || event.is_composing() {
                return;
            }
            let Some(size) = act.size() else { return };
            let cursor = act.looking.borrow().cursor;
            let at = cursor.unwrap_or(lens.pfn);
            let block = moment.machine.block_of(at).filter(|_| event.shift_key());
            let rect = act.geometry.rect_of(block.unwrap_or(Block { pfn: at, order: Order::ZERO }));
            let go = |x: i64, y: i64| {
                let (x, y) = (u32::try_from(x).ok()?, u32::try_from(y).ok()?);
                act.geometry.pfn_at(x, y)
            };
            let [x, y, w, h] = [rect.x, rect.y, rect.w, rect.h].map(i64::from);
            let key = event.key();
            let moved = match key.as_str() {
                "ArrowLeft" => go(x - 1, y),
                "ArrowRight" => go(x + w, y),
                "ArrowUp" => go(x, y - 1),
                "ArrowDown" => go(x, y + h),
                _ => None,
            };
            {
                let mut looking = act.looking.borrow_mut();
                match (event.code().as_str(), key.as_str()) {
                    (_, "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown") => {
                        let pfn = if cursor.is_some() { moved.unwrap_or(at) } else { at };
                        looking.cursor = Some(pfn);
                        looking.lens = Some(pfn);
                        looking.view = looking.view.map(|view| {
                            let seen = view.seen(size, &act.geometry);
                            let (x, y) = act.geometry.place(pfn);
                            if seen.contains(x, y) {
                                return view;
                            }
                            let center = Point { x: f64::from(x) + 0.5, y: f64::from(y) + 0.5 };
                            Viewport { center, ..view }.clamped(act.geometry.used(), size)
                        });
                    }
                    (_, "Enter") if cursor.is_some() => {}
                    ("KeyW", _) => looking.zoom(2.0, None, size, &act.geometry),
                    ("KeyS", _) => looking.zoom(0.5, None, size, &act.geometry),
                    ("KeyX", _) => looking.view = None,
                    ("KeyZ", _) => {
                        let view = Viewport::to_selection(act.geometry.rect_of(lens), size);
                        looking.view = Some(view.clamped(act.geometry.used(), size));
                    }
                    _ => return,
                }
            }
            event.prevent_default();
            event.stop_propagation();
            if key == "Enter" {
                on_select.emit(cursor);
            }
            act.update.force_update();
        })
    }
}

/// The wheel zooms at the pointer. Yew's own listener would be passive, and the page would scroll too.
#[hook]
fn use_wheel(layer: &NodeRef, act: &Act) {
    let (node, latest) = (layer.clone(), use_mut_ref(|| None::<Act>));
    latest.replace(Some(act.clone()));
    use_effect_with((), move |()| {
        let listener = node.cast::<Element>().map(|layer| {
            let options = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&layer, "wheel", options, move |event| {
                let (Some(event), Some(act)) = (event.dyn_ref::<WheelEvent>(), latest.borrow().clone())
                else {
                    return;
                };
                let Some(size) = act.size() else { return };
                event.prevent_default();
                let at = act.point(event.client_x(), event.client_y());
                let lines = if event.delta_mode() == WheelEvent::DOM_DELTA_LINE { 20.0 } else { 1.0 };
                let factor = (-event.delta_y() * lines / 300.0).exp();
                act.looking.borrow_mut().zoom(factor, Some(at), size, &act.geometry);
                act.update.force_update();
            })
        });
        move || drop(listener)
    });
}

/// Patches that are measured together.
const PATCHES: u32 = 32;

/// Medians in milliseconds of a full redraw of 1,048,576 frames, and of a patch of 64 × 64 frames: cells to pixels,
/// pixels to the backing canvas; the full one also from there to a canvas of 1,024 × 1,024. Every time ends with a
/// pixel read back, which makes the browser finish what it was told to draw.
#[must_use]
pub fn measure_redraw() -> (f64, f64) {
    measure(1 << 20, 31).unwrap_or((f64::NAN, f64::NAN))
}

fn measure(frames: u32, rounds: usize) -> Option<(f64, f64)> {
    let mut machine = Machine::boot(&mm::Config::single_zone(frames)).ok()?;
    // Half of it in use in single frames, a run of 64 × 64 of them among it.
    let workload = mm::op::Workload {
        name: mm::op::NameId(0),
        actions: frames / 4,
        orders: (Order::ZERO, Order::new(1)?),
        weights: [1, 1, 1, 4, 4],
        free_percent: 10,
        zone: None,
        cpu: mm::CpuId(0),
    };
    let op = mm::Op::Workload(workload);
    while machine.run_unit(&op, &mut ()) == mm::UnitEnd::More {}
    let raster = Raster::of(&machine);
    let geometry = Geometry::new(Layout::Quad, frames);
    let (_, ctx) = backing::hidden_canvas(1024, 1024, Read::Often)?;
    let tokens = Tokens::of(&gloo::utils::document().document_element()?)?;
    let palette = backing::palette(&ctx, &tokens);
    let mut shades = [palette, palette];
    shades[1][Ink::Free as usize][0] ^= 1;
    let mut backing = Backing::new(&raster, geometry, palette, Read::Often)?;
    let size = Size { w: 1024.0, h: 1024.0 };
    let view = Viewport::fit(geometry.used(), size);
    let clock = gloo::utils::window().performance()?;
    let patch = Dirty::of(8192, 8192 + 4096);
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..rounds {
        let start = clock.now();
        backing.follow(&raster, shades[round % 2], &Dirty::default());
        backing.draw(&ctx, view, size, 1.0);
        let _ = ctx.get_image_data(0.0, 0.0, 1.0, 1.0);
        times[0].push(clock.now() - start);
    }
    let last = shades[(rounds + 1) % 2];
    // A patch is faster than the clock ticks: many at once.
    for _ in 0..rounds {
        let start = clock.now();
        for _ in 0..PATCHES {
            backing.follow(&raster, last, &patch);
        }
        backing.finish();
        times[1].push((clock.now() - start) / f64::from(PATCHES));
    }
    let [full, patch] = times.map(|mut times| {
        mm::sort::by_key(&mut times, |ms| (ms * 1e6) as u64);
        times[times.len() / 2]
    });
    Some((full, patch))
}

//! Puts everything in its place, from back to front.

use mm::mmzone::ZoneId;
use mm::page::Block;
use mm::{Machine, Order, Pfn, PfnRange};
use scenario::Lang;

use super::asked::{self, Asked};
use super::ground::is_mixed;
use super::gutter::{Chip, types_in};
use super::labels::Labels;
use super::memory::{Grain, Memory};
use super::plan::{Needs, Plan};
use super::story::{Place, Story};
use super::{Layout, window};
use crate::Moment;
use crate::number::between;
use crate::scene::{Area, Dash, Form, FrameAxis, Id, Layer, Motion, Paint, PathData, Ring, Scene};

/// The picture in the making.
pub(super) struct Draw<'a> {
    pub moment: &'a Moment,
    pub zone: ZoneId,
    pub form: Form,
    pub story: Story,
    pub plan: Plan,
    pub labels: Labels,
    /// The picture says itself which op it is about.
    pub names_op: bool,
    /// More than one type holds something, so lists say whose they are.
    pub many: bool,
    pub chips: Layer,
    pub placed: Vec<Chip>,
    pub memory: Memory,
    pub back: Layer,
    pub blocks: Layer,
    pub ways: Layer,
    pub rings: Layer,
    pub asked: Layer,
}

pub(super) fn scene(
    moment: &Moment,
    layout: &Layout,
    lang: Lang,
    selected: Option<Pfn>,
    asked: &[Asked],
    veil: bool,
) -> Scene {
    let machine = &moment.machine;
    let zone = layout.zone;
    let story = Story::of(moment, zone);
    let whole = window::whole(machine, zone);
    let shown =
        layout.window.map(|w| w.and(whole)).filter(|w| !w.is_empty()).unwrap_or_else(|| {
            asked::cover(window::window(moment, zone), whole, &here(machine, zone, asked))
        });
    let span = machine.zone(zone).span;
    let mut types = types_in(machine, zone);
    types.extend(story.lists.iter().map(|(_, t, _)| *t).filter(|t| !types.contains(t)).collect::<Vec<_>>());
    let needs = Needs {
        window: shown,
        is_whole: shown == whole,
        lowest: asked
            .iter()
            .map(|a| a.block.order)
            .chain([lowest(machine, zone, &story)])
            .min()
            .unwrap_or_default(),
        largest: Order::all().rev().find(|o| fits(*o, span)).unwrap_or(Order::ZERO),
        has_band: story.band.is_some() || is_mixed(machine, span),
        digits: span.end.0.saturating_sub(1).max(1).ilog10() + 1,
        lanes: types.len(),
    };
    let plan = Plan::new(layout, &needs);
    let width = plan.axis.x1 - plan.axis.x0;
    let frames = |width: f32| (width / plan.axis.per_frame()).ceil().max(1.0) as u32;
    let grain = Grain {
        columns: (width / plan.s.column) as u32,
        min_frames: frames(plan.s.narrow),
        thin_frames: frames(1.0),
    };
    let memory = Memory::read(machine, zone, shown, grain);
    let mut draw = Draw {
        moment,
        zone,
        form: layout.form,
        names_op: layout.names_op,
        labels: Labels::new(lang, plan.w, plan.h),
        many: types.len() > 1,
        story,
        plan,
        chips: Layer::default(),
        placed: Vec::new(),
        memory,
        back: Layer::default(),
        blocks: Layer::default(),
        ways: Layer::default(),
        rings: Layer::default(),
        asked: Layer::default(),
    };
    // What always stands there comes first, then what the step is about, then the rest.
    draw.numerals();
    draw.axis();
    draw.invariant();
    draw.gutter();
    draw.shelves();
    draw.hands_and_ghosts();
    draw.rings();
    draw.ground();
    draw.ways();
    draw.told();
    draw.band();
    draw.heads();
    draw.block_labels();
    draw.notes();
    draw.sums();
    draw.owners();
    draw.overview();
    draw.legend();
    if let Some(block) = selected.and_then(|pfn| machine.block_of(pfn)) {
        draw.selected(block);
    }
    draw.asked(&here(machine, zone, asked), veil);
    let Draw { plan, back, blocks, chips, ways, rings, labels, asked, .. } = draw;
    let mut items = back.items;
    for layer in [blocks, chips, ways, rings] {
        items.extend(layer.items);
    }
    items.extend(labels.items);
    items.extend(asked.items);
    let axis = FrameAxis { x0: plan.axis.x0, x1: plan.axis.x1, window: plan.axis.window };
    Scene { width: plan.w, height: plan.h, form: layout.form, moment: moment.global, axis: Some(axis), items }
}

/// The marks in this zone.
fn here(machine: &Machine, zone: ZoneId, asked: &[Asked]) -> Vec<Asked> {
    asked.iter().copied().filter(|a| machine.zone_of(a.block.pfn) == Some(zone)).collect()
}

/// Whether an aligned block of this order fits into the span.
fn fits(order: Order, span: PfnRange) -> bool {
    let pages = u64::from(order.pages());
    u64::from(span.start.0).div_ceil(pages) * pages + pages <= u64::from(span.end.0)
}

/// The smallest order that is used: by a list, by the hand or by the op.
fn lowest(machine: &Machine, zone: ZoneId, story: &Story) -> Order {
    let on_lists = Order::all().find(|o| machine.zone(zone).area(*o).nr_free() > 0);
    let in_hand = machine.in_hand().iter().map(|b| b.order).min();
    [on_lists, in_hand, story.lowest].into_iter().flatten().min().unwrap_or(Order::MAX)
}

pub(super) fn dash_of(ring: Ring) -> Dash {
    ring.dash()
}

impl Draw<'_> {
    pub(super) fn machine(&self) -> &Machine {
        &self.moment.machine
    }

    pub(super) fn span(&self) -> PfnRange {
        self.machine().zone(self.zone).span
    }

    pub(super) fn is_visible(&self, block: Block) -> bool {
        let window = self.plan.axis.window;
        block.pfn < window.end && window.start <= block.last()
    }

    /// The block on its shelf, cut off at the ends of the axis.
    pub(super) fn on_shelf(&self, block: Block) -> Area {
        let row = self.plan.row(block.order);
        let (x0, x1) = self.across(block);
        Area { x: x0, y: row.top, w: x1 - x0, h: row.bottom - row.top }
    }

    /// From where to where a block reaches, with a little air on both sides.
    pub(super) fn across(&self, block: Block) -> (f32, f32) {
        let axis = &self.plan.axis;
        let air = self.plan.s.line / 2.0;
        let inside = |x| between(x, axis.x0 + air, axis.x1 - air);
        let x0 = inside(axis.x(block.pfn) + air);
        let x1 = inside(axis.x(block.pfn.plus(block.order.pages())) - air);
        (x0, x1.max(x0 + 1.0))
    }

    /// The same, never too narrow to be seen.
    pub(super) fn seen(&self, area: Area) -> Area {
        let least = self.plan.s.ring_min;
        if area.w >= least {
            return area;
        }
        let x = area.x + area.w / 2.0 - least / 2.0;
        let x = between(x, self.plan.axis.x0, (self.plan.axis.x1 - least).max(self.plan.axis.x0));
        Area { x, w: least, ..area }
    }

    pub(super) fn on_ground(&self, block: Block) -> Area {
        let (x0, x1) = self.across(block);
        let ground = self.plan.ground;
        let s = self.plan.s;
        let inset = s.ring / 2.0 + s.line / 2.0 + 1.0;
        let air = if x1 - x0 > s.ring_min * 3.0 { s.line } else { 0.0 };
        let (y, h) = (ground.y + inset, ground.h - 2.0 * inset);
        self.seen(Area { x: x0 + air, y, w: x1 - x0 - 2.0 * air, h })
    }

    pub(super) fn ring_around(&mut self, area: Area, ring: Ring, id: Id) {
        let radius = self.plan.s.radius * 2.0;
        self.ring_with(area, ring, id, radius);
    }

    /// A double ring: paper outside, the ring on it.
    pub(super) fn ring_with(&mut self, area: Area, ring: Ring, id: Id, radius: f32) {
        let s = self.plan.s;
        self.rings.rect(area, radius, Paint::Halo, s.halo);
        let item = self.rings.rect(area, radius, Paint::Ring(ring), s.ring);
        item.pen.dash = dash_of(ring);
        item.id = id;
        if ring == Ring::Done {
            item.motion = Motion::Appear;
        }
    }

    /// A cross: it failed.
    pub(super) fn cross(&mut self, (x, y): (f32, f32), half: f32, id: Id) {
        let (x0, y0, x1, y1) = (x - half, y - half, x + half, y + half);
        let mut d = PathData::default();
        d.to('M', &[x0, y0]).to('L', &[x1, y1]).to('M', &[x1, y0]).to('L', &[x0, y1]);
        let d = d.take();
        self.rings.path(d.clone(), Paint::Halo, self.plan.s.halo);
        self.rings.path(d, Paint::Cross, self.plan.s.ring).id = id;
    }

    pub(super) fn ring_of(&self, place: Place, block: Block) -> Option<Ring> {
        self.story.rings.iter().find(|(p, b, _)| (*p, *b) == (place, block)).map(|(_, _, ring)| *ring)
    }

    /// Whether a step has just moved this block together with others.
    pub(super) fn is_hot(&self, block: Block) -> bool {
        self.story.hot.is_some_and(|hot| hot.pfn <= block.pfn && block.last() <= hot.last())
    }

    pub(super) fn strip(&self, range: PfnRange) -> Area {
        let ground = self.plan.ground;
        Area::between(self.plan.axis.x(range.start), ground.y, self.plan.axis.x(range.end), ground.bottom())
    }
}

//! The left gutter: each order's lists in their own order, head first, because list order is not address order.

use mm::mmzone::ZoneId;
use mm::page::{Block, MigrateType};
use mm::{Order, Pfn};

use super::draw::Draw;
use super::labels::{Spot, centred};
use super::plan::Row;
use super::words::{Word, letter};
use crate::narrate::num;
use crate::scene::{Area, Dash, Face, Form, Hit, Id, Motion, Paint, Ring};

/// Lists longer than this are not walked to their tails.
const WALKED: usize = 64;

/// One chip: a block's place on its list.
pub(super) struct Chip {
    pub block: Block,
    pub migratetype: MigrateType,
    pub area: Area,
}

/// One list of an order.
struct Lane {
    migratetype: MigrateType,
    /// From the head on.
    chips: Vec<Pfn>,
    /// The block that was just taken off its head.
    taken: Option<Pfn>,
    /// All blocks on it.
    len: u32,
    /// The last chip, if it is known.
    tail: Option<Pfn>,
    /// The step is about the last chip.
    is_about_tail: bool,
}

impl Lane {
    /// Chips that are shown when there is room for `room` of them: how many from the head, and whether the tail.
    fn shown(&self, room: usize) -> (usize, Option<Pfn>) {
        let all = self.chips.len();
        if self.len as usize <= room && all <= room {
            return (all, None);
        }
        match self.tail {
            Some(tail) if room >= 2 => (room - 1, Some(tail)),
            Some(tail) if room == 1 && self.is_about_tail => (0, Some(tail)),
            _ => (room.min(all), None),
        }
    }

    fn width(&self, room: usize, chip: f32, gap: f32, label: f32, more: f32) -> f32 {
        let (head, tail) = self.shown(room);
        let chips = head + usize::from(tail.is_some()) + usize::from(self.taken.is_some());
        let hidden = self.len as usize > head + usize::from(tail.is_some());
        label + chips as f32 * (chip + gap) + if hidden { more } else { 0.0 }
    }
}

impl Draw<'_> {
    fn lanes(&self, order: Order) -> Vec<Lane> {
        let machine = &self.moment.machine;
        let zone = self.zone;
        let mut lanes = Vec::new();
        for migratetype in MigrateType::ALL {
            let list = machine.zone(zone).area(order).list(migratetype);
            let at = |of: Option<(Block, MigrateType)>| {
                of.filter(|(b, t)| (b.order, *t) == (order, migratetype)).map(|(b, _)| b.pfn)
            };
            let taken = at(self.story.taken);
            let is_looked_at = self.story.lists.iter().any(|(o, t, _)| (*o, *t) == (order, migratetype));
            if list.is_empty() && taken.is_none() && !is_looked_at {
                continue;
            }
            let chips: Vec<Pfn> = machine.free_list(zone, order, migratetype).take(WALKED).collect();
            let is_all = chips.len() == list.len() as usize;
            let told = at(self.story.tail);
            let tail = told.or(if is_all { chips.last().copied() } else { None });
            let is_about_tail = told.is_some();
            lanes.push(Lane { migratetype, chips, taken, len: list.len(), tail, is_about_tail });
        }
        lanes
    }

    /// Draws the lists of every order.
    pub(super) fn gutter(&mut self) {
        for row in self.plan.rows.clone() {
            if row.folded {
                continue;
            }
            let order = row.orders.0;
            if self.form == Form::Phone { self.count(order, row) } else { self.lists(order, row) }
        }
    }

    /// The phone has room for a number.
    fn count(&mut self, order: Order, row: Row) {
        let s = self.plan.s;
        let blocks = self.moment.machine.zone(self.zone).area(order).nr_free();
        let words = if blocks == 0 { "·".to_owned() } else { num(blocks) };
        let y = centred((row.top + row.bottom) / 2.0, s.label);
        if self.story.crossed.is_some_and(|from| from <= order) {
            return;
        }
        let id = Id::List(order, MigrateType::Movable);
        let area = self.labels.at(&words, s.mono(), Spot::start(s.list_x - 4.0, y), Paint::Quiet, id);
        if let (Some(area), Some((_, _, ring))) =
            (area, self.story.lists.iter().find(|(o, ..)| *o == order).copied())
        {
            self.ring_around(area.grown(2.5), ring, Id::Ringed(ring));
        }
    }

    fn lists(&mut self, order: Order, row: Row) {
        let s = self.plan.s;
        let (chip, gap) = (self.plan.chip, s.chip_gap);
        let y = centred((row.top + row.bottom) / 2.0, s.label);
        let right = self.plan.axis.x0 - s.label * 0.6;
        let lanes = self.lanes(order);
        if lanes.iter().all(|lane| lane.len == 0 && lane.taken.is_none()) && (!self.many || lanes.is_empty())
        {
            let area = self.labels.word(&Word::Empty, s.plain(), &[Spot::start(s.list_x, y)], Paint::Quiet);
            let looked = self.story.lists.iter().find(|(o, ..)| *o == order).copied();
            if let (Some(area), Some((_, _, ring))) = (area, looked) {
                self.ring_around(area.grown(s.label * 0.28), ring, Id::Ringed(ring));
            }
            return;
        }
        let label = if self.many { s.label * 1.25 } else { 0.0 };
        let more = |lane: &Lane| s.plain().width(&format!("+{}", lane.len)) + gap;
        let width = |room: usize| {
            let between = s.label * 0.5 * (lanes.len().saturating_sub(1)) as f32;
            lanes.iter().map(|lane| lane.width(room, chip, gap, label, more(lane))).sum::<f32>() + between
        };
        let room = (0..=12).rev().find(|room| s.list_x + width(*room) - gap <= right).unwrap_or(0);
        let mut x = s.list_x;
        for lane in &lanes {
            x = self.lane(order, row, lane, room, x, y, right);
        }
    }

    #[allow(clippy::too_many_arguments, reason = "one lane of one row")]
    fn lane(&mut self, order: Order, row: Row, lane: &Lane, room: usize, x: f32, y: f32, right: f32) -> f32 {
        let s = self.plan.s;
        let (chip, gap) = (self.plan.chip, s.chip_gap);
        let mut x = x;
        let start = x;
        let block = |pfn| Block { pfn, order };
        let strong = Face { bold: true, ..s.plain() };
        if self.many {
            let paint = Paint::Quiet;
            if self.labels.at(letter(lane.migratetype), strong, Spot::start(x, y), paint, Id::None).is_none()
            {
                return x;
            }
            x += s.label * 1.25;
        }
        let area = |x: f32| Area { x, y: row.top, w: chip, h: row.bottom - row.top };
        let link = |draw: &mut Draw<'_>, x: f32, is_first: bool| {
            if !is_first {
                let y = (row.top + row.bottom) / 2.0;
                draw.chips.line([x - gap, y, x, y], Paint::Link, s.shelf);
            }
        };
        let mut first = true;
        if let Some(pfn) = lane.taken {
            self.chip(block(pfn), lane, area(x), true);
            x += chip + gap;
            first = false;
        }
        let (head, tail) = lane.shown(room);
        for pfn in &lane.chips[..head] {
            link(self, x, first);
            self.chip(block(*pfn), lane, area(x), false);
            x += chip + gap;
            first = false;
        }
        let hidden = lane.len - (head + usize::from(tail.is_some())) as u32;
        if hidden > 0 {
            let words = if first && self.many {
                vec![num(hidden)]
            } else if tail.is_some() {
                vec![format!("+{hidden}"), "…".to_owned()]
            } else {
                Word::More(hidden).say(self.labels.lang)
            };
            let room = if tail.is_some() { right - chip - gap } else { right };
            let within = Area::between(x - 1.0, row.top - s.label, room, row.bottom + s.label);
            let spot = Spot::start(x, y);
            if let Some(area) = self.labels.first_fit(&words, s.plain(), &[spot], within, false, Paint::Quiet)
            {
                x = area.right() + gap;
            }
        }
        if let Some(tail) = tail {
            self.chip(block(tail), lane, area(x), false);
            x += chip + gap;
        }
        if lane.len == 0
            && lane.taken.is_none()
            && let Some(area) = self.labels.word(&Word::Empty, s.plain(), &[Spot::start(x, y)], Paint::Quiet)
        {
            x = area.right() + gap;
        }
        let looked = self.story.lists.iter().find(|(o, t, _)| (*o, *t) == (order, lane.migratetype)).copied();
        if let Some((_, _, ring)) = looked {
            let area = Area { x: start, y: row.top, w: x - gap - start, h: row.bottom - row.top };
            self.ring_around(area.grown(s.label * 0.18), ring, Id::Ringed(ring));
        }
        x + s.label * 0.5
    }

    fn chip(&mut self, block: Block, lane: &Lane, area: Area, is_ghost: bool) {
        let s = self.plan.s;
        let migratetype = lane.migratetype;
        let ring = self.story.rings.iter().find_map(|(place, b, ring)| {
            (*place == super::story::Place::Chip(migratetype) && *b == block).then_some(*ring)
        });
        let radius = s.radius * 2.2;
        let paint = match ring {
            _ if is_ghost => Paint::ChipGhost,
            Some(Ring::Done) => Paint::ChipHot,
            _ => Paint::Chip,
        };
        let item = self.chips.rect(area, radius, paint, s.shelf);
        item.id = Id::Chip(block);
        if is_ghost {
            item.pen.dash = Dash::Ghost;
            item.hit = Some(Hit::List { zone: self.zone, order: block.order, migratetype });
        } else {
            item.hit = Some(Hit::Block(block.pfn));
            if ring == Some(Ring::Done) {
                item.motion = Motion::Appear;
            }
        }
        let (x, y) = area.centre();
        let face = Face { bold: ring == Some(Ring::Done) && !is_ghost, ..s.mono() };
        let paint = if is_ghost { Paint::Quiet } else { Paint::Ink };
        let words = num(block.pfn.0);
        self.labels.at(&words, face, Spot::middle(x, centred(y, s.label)), paint, Id::None);
        if let Some(ring) = ring {
            self.ring_with(area, ring, Id::Ring(ring, block), radius);
        }
        self.placed.push(Chip { block, migratetype, area });
    }

    /// Where the end of a list is, or would be: the chip there and whether anything stands to its right.
    pub(super) fn end_of_list(
        &self,
        of: Block,
        migratetype: MigrateType,
        tail: bool,
    ) -> Option<(Area, bool)> {
        let mut lane =
            self.placed.iter().filter(|chip| chip.block.order == of.order && chip.migratetype == migratetype);
        let chip = lane
            .clone()
            .find(|chip| chip.block == of)
            .or_else(|| if tail { lane.next_back() } else { lane.next() })?;
        let is_last =
            !self.placed.iter().any(|other| other.block.order == of.order && other.area.x > chip.area.x);
        Some((chip.area, is_last))
    }
}

/// The types that hold something in a zone.
pub(super) fn types_in(machine: &mm::Machine, zone: ZoneId) -> Vec<MigrateType> {
    MigrateType::ALL
        .into_iter()
        .filter(|t| Order::all().any(|o| !machine.zone(zone).area(o).list(*t).is_empty()))
        .collect()
}

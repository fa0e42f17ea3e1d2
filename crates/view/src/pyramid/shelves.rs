//! The shelves: where blocks can start, the free blocks, the block in hand, and what was.

use mm::page::Block;
use mm::step::StepKind;
use mm::{Order, Pfn, PfnRange};

use super::draw::Draw;
use super::labels::{Spot, centred};
use super::memory::frames_of_columns;
use super::plan::Row;
use super::story::Place;
use super::words::Word;
use crate::scene::{Area, Dash, Face, Hit, Id, Motion, Paint, PathData, Ring};

impl Draw<'_> {
    /// Where blocks can start, and the free ones.
    pub(super) fn shelves(&mut self) {
        let (axis, s) = (self.plan.axis, self.plan.s);
        let inside = self.span().and(axis.window);
        for row in self.plan.rows.clone() {
            if row.folded {
                continue;
            }
            let order = row.orders.0;
            self.slots(row, order, inside);
            let area = Area { x: axis.x0, y: row.top, w: axis.x1 - axis.x0, h: row.bottom - row.top };
            let density = &self.memory.density[order.index()];
            let mut d = match density.len() {
                0 => PathData::default(),
                columns => bars(density, &frames_of_columns(axis.window, columns as u32), area),
            };
            for pfn in &self.memory.thin_free[order.index()] {
                let (x0, x1) = (axis.x(*pfn), axis.x(pfn.plus(order.pages())));
                let air = ((x1 - x0) * 0.2).min(s.line / 2.0);
                d.rect(Area { x: x0 + air, w: (x1 - x0 - 2.0 * air).max(1.0), ..area });
            }
            if !d.is_empty() {
                self.back.path(d.take(), Paint::Density, 0.0).id = Id::Density(order);
            }
        }
        for block in self.memory.free.clone() {
            let area = self.on_shelf(block);
            let ring = self.ring_of(Place::Shelf, block);
            let is_hot = ring == Some(Ring::Done) || self.is_hot(block);
            let paint = if is_hot { Paint::FreeHot } else { Paint::Free };
            let item = self.blocks.rect(area, s.radius, paint, s.line);
            item.id = Id::Free(block);
            item.hit = Some(Hit::Block(block.pfn));
            item.motion = match self.moment.just_did.map(|step| step.kind) {
                Some(StepKind::Split { put, .. }) if put == block => Motion::Drop,
                Some(StepKind::PutBlock { block: put, .. }) if put == block => Motion::Appear,
                _ => Motion::Still,
            };
            self.labels.keep_off(area);
        }
    }

    pub(super) fn slots(&mut self, row: Row, order: Order, inside: PfnRange) {
        let (axis, s) = (self.plan.axis, self.plan.s);
        let pages = order.pages();
        let h = row.bottom - row.top;
        // A slot may begin before the window, but not before the zone.
        let span = self.span();
        let first = (inside.start.0 / pages * pages).max(span.start.0.div_ceil(pages) * pages);
        let count = (inside.end.0.saturating_sub(first).div_ceil(pages))
            .min(span.end.0.saturating_sub(first) / pages);
        if count == 0 {
            return;
        }
        let mut d = PathData::default();
        let mut slot = |x0: f32, x1: f32| {
            let (x0, x1) = (x0.max(axis.x0 + s.line / 2.0), x1.min(axis.x1 - s.line / 2.0));
            d.rect(Area { x: x0, y: row.top, w: x1 - x0, h });
        };
        let air = (s.line / 2.0).min(pages as f32 * axis.per_frame() * 0.2);
        if pages as f32 * axis.per_frame() < s.narrow {
            slot(axis.x(Pfn(first)) + air, axis.x(Pfn(first + count * pages)) - air);
        } else {
            for at in (0..count).map(|i| first + i * pages) {
                slot(axis.x(Pfn(at)) + air, axis.x(Pfn(at + pages)) - air);
            }
        }
        self.back.path(d.take(), Paint::Slot, 0.0);
    }

    /// The block in hand, and what was.
    pub(super) fn hands_and_ghosts(&mut self) {
        let s = self.plan.s;
        let mut seen: Vec<Block> = Vec::new();
        for (block, _) in self.story.ghosts.clone() {
            if !self.is_visible(block) || seen.contains(&block) {
                continue;
            }
            seen.push(block);
            let area = self.on_shelf(block);
            let item = self.blocks.rect(area, s.radius, Paint::Ghost, s.line);
            item.pen.dash = Dash::Ghost;
            item.id = Id::Ghost(block);
            self.labels.keep_off(area);
        }
        for block in self.machine().in_hand().to_vec() {
            if !self.is_visible(block) || self.machine().zone_of(block.pfn) != Some(self.zone) {
                continue;
            }
            let area = self.seen(self.on_shelf(block));
            let item = self.blocks.rect(area, s.radius, Paint::Hand, s.line);
            item.pen.dash = Dash::Next;
            item.id = Id::Hand(block);
            item.hit = Some(Hit::Block(block.pfn));
            item.motion = match self.moment.just_did.map(|step| step.kind) {
                Some(StepKind::Split { .. }) => Motion::Drop,
                Some(StepKind::Merge { .. } | StepKind::FreeRequest { .. }) => Motion::Rise,
                _ => Motion::Still,
            };
            self.labels.keep_off(area);
            self.hand_label(block, area);
        }
    }

    pub(super) fn hand_label(&mut self, block: Block, area: Area) {
        let s = self.plan.s;
        if s.label > area.h {
            return;
        }
        let pad = (s.label * 0.45).min(area.w * 0.12);
        // The line of the coming cut goes through the middle.
        let area = match self.story.cut {
            Some((cut, Ring::Next)) if cut == block => Area { w: (area.w - s.halo) / 2.0, ..area },
            _ => area,
        };
        let (x, y) = area.centre();
        let within = Area { x: area.x + pad, w: (area.w - 2.0 * pad).max(0.0), ..area }.grown(0.5);
        let words = Word::InHand(block).say(self.labels.lang);
        let spot = Spot::middle(x, centred(y, s.label));
        let placed = self.labels.first_fit(&words, s.strong(), &[spot], within, false, Paint::Ink);
        if let Some(text) = placed {
            // Letters on a hatch need paper under them.
            let paper =
                Area { x: text.x - pad * 0.6, y: area.y + 3.0, w: text.w + pad * 1.2, h: area.h - 6.0 };
            self.blocks.rect(paper, s.radius, Paint::Paper, 0.0);
        }
    }

    /// Heads of blocks, in the blocks that have room, and in goals that have no block yet.
    pub(super) fn block_labels(&mut self) {
        let s = self.plan.s;
        let free: Vec<(Block, bool)> = self.memory.free.iter().map(|b| (*b, true)).collect();
        let goals = self.story.rings.iter().filter(|(place, ..)| *place == Place::Shelf);
        let goals: Vec<(Block, bool)> = goals.map(|(_, b, _)| (*b, false)).collect();
        for (block, is_free) in free.into_iter().chain(goals) {
            let area = self.on_shelf(block);
            let in_hand = self.machine().in_hand().contains(&block);
            if area.h < s.label || !self.is_visible(block) || in_hand {
                continue;
            }
            let pad = s.label * 0.25;
            let within = Area { x: area.x + pad, w: (area.w - 2.0 * pad).max(0.0), ..area }.grown(0.6);
            let ring = self.ring_of(Place::Shelf, block);
            let face = Face { bold: ring == Some(Ring::Done), ..s.mono() };
            let paint = match ring {
                _ if is_free => Paint::Ink,
                Some(Ring::Look | Ring::Fail) => Paint::Quiet,
                _ => Paint::Action,
            };
            let words = Word::Plain(block).say(self.labels.lang);
            let spot = Spot::middle(area.centre().0, centred(area.centre().1, s.label));
            self.labels.first_fit(&words, face, &[spot], within, false, paint);
        }
    }
}

/// Columns as high as their share of free frames, in three steps.
fn bars(free: &[u32], frames: &[u32], area: Area) -> PathData {
    let level = |i: usize| (free[i] * 3).div_ceil(frames[i].max(1)).min(3);
    let w = area.w / free.len() as f32;
    let mut d = PathData::default();
    let mut at = 0;
    while at < free.len() {
        let here = level(at);
        let end = (at..free.len()).find(|i| level(*i) != here).unwrap_or(free.len());
        if here > 0 {
            let h = area.h * here as f32 / 3.0;
            let (x0, x1) = (area.x + w * at as f32, area.x + w * end as f32);
            d.rect(Area { x: x0, y: area.bottom(), w: x1 - x0, h: -h });
        }
        at = end;
    }
    d
}

//! Rings, crosses, pointers to what lies outside, and the corners of the selection.

use mm::page::{Block, PageState};

use super::draw::Draw;
use super::story::Place;
use crate::scene::{Area, Form, Id, Paint, PathData, Ring, arrow_head};

impl Draw<'_> {
    /// The rings around blocks on shelves and on the strip of frames.
    pub(super) fn rings(&mut self) {
        let s = self.plan.s;
        for (place, block, ring) in self.story.rings.clone() {
            let id = Id::Ring(ring, block);
            if !self.is_visible(block) {
                if place == Place::Shelf {
                    self.beyond(block, ring);
                }
                continue;
            }
            match place {
                Place::Shelf => {
                    let area = self.seen(self.on_shelf(block));
                    self.ring_with(area, ring, id, s.radius * 1.3);
                    self.labels.keep_off(area);
                }
                Place::Ground => self.ring_with(self.on_ground(block), ring, id, s.radius * 1.3),
                Place::Chip(_) | Place::Band => {}
            }
        }
        for (order, _, ring) in self.story.lists.clone() {
            // The whole shelf is looked at, and there is nothing on it.
            let row = self.plan.row(order);
            if ring == Ring::Look && self.machine().zone(self.zone).area(order).nr_free() == 0 {
                let (x, w) = (self.plan.axis.x0, self.plan.axis.x1 - self.plan.axis.x0);
                let area = Area { x, y: row.top, w, h: row.bottom - row.top };
                self.ring_with(area, ring, Id::Ringed(ring), s.radius * 1.3);
            }
        }
        if let Some((order, ring)) = self.story.wanted {
            let row = self.plan.row(order);
            let size = s.numeral.min((row.bottom - row.top) * 0.94).max(s.label);
            let (w, h) = (size * 1.65, (size * 1.2).max(row.bottom - row.top));
            let y = (row.top + row.bottom - h) / 2.0;
            let area = Area { x: s.numeral_x - w / 2.0, y, w, h };
            self.ring_around(area, ring, Id::Ringed(ring));
        }
        if let (Some((order, ring)), true) = (self.story.all_lists, self.form != Form::Phone) {
            let top = self.plan.rows.first().map_or(s.top, |row| row.top);
            let bottom = self.plan.row(order).bottom;
            let air = s.label * 0.3;
            let area =
                Area::between(s.list_x - air, top - air / 2.0, self.plan.axis.x0 - air, bottom + air / 2.0);
            self.ring_around(area, ring, Id::Ringed(ring));
        }
        if let Some(order) = self.story.crossed {
            for row in self.plan.rows.clone().into_iter().filter(|row| row.orders.1 >= order) {
                let half = s.numeral * 0.25;
                let x = if self.form == Form::Phone {
                    s.list_x
                } else {
                    s.list_x - (s.list_x - s.numeral_x - s.numeral * 0.68) / 1.8
                };
                self.cross((x, (row.top + row.bottom) / 2.0), half, Id::Crossed(row.orders.0));
            }
        }
    }

    /// A block that the step speaks of lies outside the window: a pointer at the end of its shelf.
    pub(super) fn beyond(&mut self, block: Block, ring: Ring) {
        let (axis, s) = (self.plan.axis, self.plan.s);
        let area = self.on_shelf(block);
        let y = area.centre().1;
        let right = block.pfn >= axis.window.end;
        let (tip, way) = if right {
            ((axis.x1 + s.arrow * 0.9, y), (1.0, 0.0))
        } else {
            ((axis.x0 - s.arrow * 0.9, y), (-1.0, 0.0))
        };
        let d = arrow_head(tip, way, s.arrow * 0.8);
        let paint = if ring == Ring::Fail { Paint::Cross } else { Paint::GoHead };
        self.rings.path(d, paint, 0.0).id = Id::Off(block);
    }

    /// Corners around the selected block, wherever it is drawn.
    pub(super) fn selected(&mut self, block: Block) {
        let s = self.plan.s;
        if !self.is_visible(block) {
            return;
        }
        let mut areas = Vec::new();
        match self.machine().page(block.pfn).state {
            PageState::Free | PageState::InHand => areas.push(self.seen(self.on_shelf(block))),
            _ => areas.push(self.on_ground(block)),
        }
        areas.extend(self.placed.iter().filter(|chip| chip.block == block).map(|chip| chip.area));
        for area in areas {
            let Area { x, y, w, h } = area.grown(s.halo * 0.6);
            let arm = (w.min(h) * 0.3).min(s.label);
            let mut d = PathData::default();
            for (cx, cy, dx, dy) in
                [(x, y, 1.0, 1.0), (x + w, y, -1.0, 1.0), (x + w, y + h, -1.0, -1.0), (x, y + h, 1.0, -1.0)]
            {
                d.to('M', &[cx, cy + dy * arm]).to('V', &[cy]).to('H', &[cx + dx * arm]);
            }
            self.rings.path(d.take(), Paint::Selected, s.line).id = Id::Selected(block);
        }
    }
}

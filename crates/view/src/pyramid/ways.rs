//! Cuts, brackets and arrows: what goes where.

use mm::page::{Block, MigrateType};

use super::draw::{Draw, dash_of};
use super::labels::{Spot, centred};
use super::plan::Row;
use super::story::{Bracket, Spot as End, Way, halves};
use crate::scene::{Area, Form, Paint, PathData, Ring, arrow_head, route};

impl Draw<'_> {
    /// Cuts, brackets and arrows.
    pub(super) fn ways(&mut self) {
        let s = self.plan.s;
        let gap = self.plan.gap;
        if let Some((parent, ring)) = self.story.cut.filter(|(b, _)| self.is_visible(*b))
            && let Some([_, upper]) = halves(parent)
        {
            let row = self.plan.row(parent.order);
            let x = self.plan.axis.x(upper.pfn);
            let below = row.line + gap * 0.4;
            let cut = self.rings.line([x, row.top - gap * 0.35, x, below], Paint::Go, s.go);
            cut.pen.dash = dash_of(ring);
        }
        for (pair, bracket) in self.story.brackets.clone() {
            let Some([low, high]) = halves(pair) else { continue };
            if !self.is_visible(pair) {
                continue;
            }
            // The way to the list goes where the bracket would be; the rings show the pair.
            let leaves = |way: &Way| matches!(way.from, End::Shelf(b) if b == low || b == high);
            if bracket == Bracket::Pair && self.story.ways.iter().any(leaves) {
                continue;
            }
            let row = self.plan.row(low.order);
            let (x0, x1) = (self.on_shelf(low).x, self.on_shelf(high).right());
            let inset = ((x1 - x0) * 0.03).min(s.line * 2.0);
            let (arm, bar) = match bracket {
                Bracket::Split => (row.line + gap * 0.2, row.line + gap * 0.8),
                Bracket::Pair | Bracket::Merged => (row.top - gap * 0.15, row.top - gap * 0.65),
            };
            let mut d = PathData::default();
            d.to('M', &[x0 + inset, arm]).to('V', &[bar]).to('H', &[x1 - inset]).to('V', &[arm]);
            self.ways.path(d.take(), Paint::Bracket, s.line);
        }
        for way in self.story.ways.clone() {
            self.way(&way);
        }
    }

    pub(super) fn way(&mut self, way: &Way) {
        match (way.from, way.to) {
            (End::Shelf(b), End::Ground(_)) => self.fall(b, way.ring, true),
            (End::Ground(_), End::Shelf(b)) => self.fall(b, way.ring, false),
            (End::Shelf(b), End::Head(_, t)) => self.way_to_list(b, t, way, false),
            (End::Shelf(b), End::Tail(_, t)) => self.way_to_list(b, t, way, true),
            (End::Head(_, t), End::Shelf(b)) => self.way_from_list(b, t, way.ring),
            _ => {}
        }
    }

    pub(super) fn stroke(&mut self, d: String, ring: Ring, head: String) {
        self.ways.path(d, Paint::Go, self.plan.s.go).pen.dash = dash_of(ring);
        self.ways.path(head, Paint::GoHead, 0.0);
    }

    /// Between a shelf and the strip of frames.
    pub(super) fn fall(&mut self, block: Block, ring: Ring, down: bool) {
        let s = self.plan.s;
        if !self.is_visible(block) {
            return;
        }
        let area = self.seen(self.on_shelf(block));
        let x = area.centre().0;
        let air = s.halo / 2.0;
        let (high, low) =
            (area.bottom() + air, self.plan.band.map_or(self.plan.ground.y, |b| b.y) - air * 0.7);
        let (d, head) = if down {
            let head = arrow_head((x, low), (0.0, 1.0), s.arrow);
            (route(&[(x, high), (x, low - s.arrow * 0.8)], 0.0), head)
        } else {
            let head = arrow_head((x, high), (0.0, -1.0), s.arrow);
            (route(&[(x, low), (x, high + s.arrow * 0.8)], 0.0), head)
        };
        self.labels.keep_off(Area::between(x - s.arrow * 0.6, high, x + s.arrow * 0.6, low));
        self.stroke(d, ring, head);
    }

    /// From a block to the place on its list.
    pub(super) fn way_to_list(&mut self, block: Block, migratetype: MigrateType, way: &Way, tail: bool) {
        let s = self.plan.s;
        if self.form == Form::Phone {
            return;
        }
        let row = self.plan.row(block.order);
        let height = row.bottom - row.top;
        let (chip, is_last) = self
            .end_of_list(block, migratetype, tail)
            .unwrap_or((Area { x: s.list_x, y: row.top, w: s.plain().width("empty"), h: height }, true));
        let is_there = self.placed.iter().any(|c| c.block == block && c.migratetype == migratetype);
        let (from, y) = self.leave(block, row);
        let mut points = vec![(from, row.top - s.ring / 2.0), (from, y)];
        let elbow = chip.right() + s.arrow * 2.9;
        let head;
        if is_last && elbow + s.arrow < self.plan.axis.x0 && (is_there || tail || self.placed.is_empty()) {
            let tip = (chip.right() + s.arrow * 0.45, chip.centre().1);
            points.extend([(elbow, y), (elbow, tip.1), (tip.0 + s.arrow * 0.8, tip.1)]);
            head = arrow_head(tip, (-1.0, 0.0), s.arrow);
            if let Some(label) = &way.label {
                let words = label.say(self.labels.lang);
                let spot = Spot::start(elbow + s.arrow * 0.7, centred(tip.1, s.label));
                let within = Area::between(0.0, 0.0, self.plan.axis.x0, self.plan.h);
                let paint = Paint::Action;
                self.labels.first_fit(&words, s.strong(), &[spot], within, false, paint);
            }
        } else {
            let x = if is_there {
                chip.centre().0
            } else if tail {
                chip.right()
            } else {
                chip.x
            };
            let tip = (x, chip.y - s.ring / 2.0);
            let size = s.arrow.min((tip.1 - y).abs() * 0.95);
            points.extend([(x, y), (x, tip.1 - size * 0.8)]);
            head = arrow_head(tip, (0.0, 1.0), size);
            if let Some(label) = &way.label {
                let right = self.placed.iter().filter(|c| c.block.order == block.order);
                let right = right.map(|c| c.area.right()).fold(chip.right(), f32::max);
                let words = label.say(self.labels.lang);
                let y = centred(chip.centre().1, s.label);
                let spots = [Spot::start(right + s.space, y)];
                let within = Area::between(0.0, 0.0, self.plan.axis.x0, self.plan.h);
                self.labels.first_fit(&words, s.strong(), &spots, within, false, Paint::Action);
            }
        }
        self.keep_off_path(&points);
        self.stroke(route(&points, s.arrow * 0.5), way.ring, head);
    }

    /// From the head of a list to a block.
    pub(super) fn way_from_list(&mut self, block: Block, migratetype: MigrateType, ring: Ring) {
        let s = self.plan.s;
        if self.form == Form::Phone {
            return;
        }
        let Some((chip, _)) = self.end_of_list(block, migratetype, false) else { return };
        let row = self.plan.row(block.order);
        let (to, y) = self.leave(block, row);
        let x = chip.centre().0;
        let tip = (to, row.top - s.ring / 2.0);
        let size = s.arrow.min((tip.1 - y).abs() * 0.95);
        let points = [(x, chip.y - s.ring / 2.0), (x, y), (to, y), (to, tip.1 - size * 0.8)];
        self.keep_off_path(&points);
        let head = arrow_head(tip, (0.0, 1.0), size);
        self.stroke(route(&points, s.arrow * 0.5), ring, head);
    }

    /// Where a way leaves a block upwards, and the height at which it goes along.
    pub(super) fn leave(&self, block: Block, row: Row) -> (f32, f32) {
        let area = self.seen(self.on_shelf(block));
        let s = self.plan.s;
        (area.x + (area.w / 2.0).min(s.arrow * 2.5), row.top - self.plan.gap * 0.62)
    }

    pub(super) fn keep_off_path(&mut self, points: &[(f32, f32)]) {
        let half = self.plan.s.go;
        for pair in points.windows(2) {
            self.labels.keep_off(Area::between(pair[0].0, pair[0].1, pair[1].0, pair[1].1).grown(half));
        }
    }
}

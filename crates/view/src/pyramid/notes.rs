//! What the step says beside blocks, brackets and arrows.

use mm::Order;

use super::draw::Draw;
use super::labels::{Spot, centred};
use super::plan::Row;
use super::story::{Bracket, Spot as End, halves};
use super::words::Word;
use crate::scene::{Area, Face, Form, Id, Paint, Ring};

impl Draw<'_> {
    /// What the step itself says, before anything else takes the room.
    pub(super) fn told(&mut self) {
        let s = self.plan.s;
        if let Some(order) = self.story.too_large {
            let row = self.plan.row(Order::MAX);
            let spot =
                Spot::start(self.plan.axis.x0 + s.space, centred((row.top + row.bottom) / 2.0, s.label));
            self.labels.word(&Word::TooLarge(order), s.strong(), &[spot], Paint::Fail);
            self.cross(
                (s.list_x * 0.84, (row.top + row.bottom) / 2.0),
                s.numeral * 0.28,
                Id::Crossed(Order::MAX),
            );
        }
        for (block, word) in self.story.ghosts.clone() {
            let Some(word) = word.filter(|_| self.is_visible(block)) else { continue };
            let area = self.on_shelf(block);
            if area.h < s.label {
                continue;
            }
            let y = centred(area.centre().1, s.label);
            let within = Area { w: area.w / 2.0 - s.go * 2.0, ..area };
            let spot = Spot::start(area.x + s.space, y);
            let words = word.say(self.labels.lang);
            self.labels.first_fit(&words, s.plain(), &[spot], within, false, Paint::Quiet);
        }
    }

    /// The sum that makes two blocks buddies, at their bracket.
    pub(super) fn sums(&mut self) {
        let s = self.plan.s;
        let gap = self.plan.gap;
        for (pair, bracket) in self.story.brackets.clone() {
            let Some([low, high]) = halves(pair).filter(|_| self.is_visible(pair)) else { continue };
            if bracket == Bracket::Merged {
                continue;
            }
            let row = self.plan.row(low.order);
            let (left, right) = (self.on_shelf(low).x, self.on_shelf(high).right());
            let words = Word::Buddies(pair).say(self.labels.lang);
            let under = row.line + gap + s.label * 1.1;
            let over = self.plan.row(pair.order);
            let over = centred((over.top + over.bottom) / 2.0, s.label);
            let beside = centred((row.top + row.bottom) / 2.0, s.label);
            let spots = match bracket {
                Bracket::Split => {
                    let below = self.plan.rows.iter().find(|r| r.line > row.line && !r.folded);
                    let y = below.map_or(under, |r| centred((r.top + r.bottom) / 2.0, s.label));
                    // On the phone words far from their bracket are worse than none.
                    let far = if self.form == Form::Phone { right } else { left };
                    [
                        Spot::end(right - s.space, y),
                        Spot::start(right + s.space, y),
                        Spot::end(far - s.space, y),
                    ]
                }
                _ => [
                    Spot::start(right + s.space, beside),
                    Spot::start(right + s.space, over),
                    Spot::end(left - s.space, beside),
                ],
            };
            let within = Area::between(self.plan.axis.x0, 0.0, self.plan.axis.x1, self.plan.ground.y);
            self.labels.first_fit(&words, s.mono(), &spots, within, true, Paint::Quiet);
        }
    }

    /// What to say beside blocks and beside arrows.
    pub(super) fn notes(&mut self) {
        let s = self.plan.s;
        let within = Area::between(self.plan.axis.x0, 0.0, self.plan.axis.x1, self.plan.ground.y);
        let face = if self.form == Form::Laptop { Face { size: s.body, ..s.strong() } } else { s.strong() };
        for (block, word, ring) in self.story.notes.clone() {
            let area = self.seen(self.on_shelf(block));
            let (left, right) = (area.x - s.space, area.right() + s.space);
            let y = centred(area.centre().1, face.size);
            let other = |order: Option<Order>| {
                let row = self.plan.row(order.unwrap_or(block.order));
                centred((row.top + row.bottom) / 2.0, face.size)
            };
            let (up, down) = (other(block.order.up()), other(block.order.down()));
            let spots = [
                Spot::start(right, y),
                Spot::end(left, y),
                Spot::start(right, up),
                Spot::end(left, up),
                Spot::start(right, down),
                Spot::end(left, down),
                Spot::middle(area.centre().0, up),
                Spot::middle(area.centre().0, down),
            ];
            let (face, paint) = match (&word, ring) {
                (Word::StartsHere(_) | Word::MergedTimes(_), _) => (s.plain(), Paint::Quiet),
                (Word::Verdict(..), Ring::Fail) => (face, Paint::Fail),
                (Word::Verdict(..), _) => (face, Paint::Holds),
                _ => (face, Paint::Action),
            };
            let words = word.say(self.labels.lang);
            self.labels.first_fit(&words, face, &spots, within, true, paint);
        }
        for way in self.story.ways.clone() {
            let block = match (way.from, way.to) {
                (End::Shelf(b), End::Ground(_)) | (End::Ground(_), End::Shelf(b)) => b,
                _ => continue,
            };
            let Some(label) = way.label.filter(|_| self.is_visible(block)) else { continue };
            let area = self.seen(self.on_shelf(block));
            let x = area.centre().0;
            let below: Vec<Row> =
                self.plan.rows.iter().copied().filter(|r| r.line > area.bottom() + s.label).collect();
            let mut spots = Vec::new();
            // Not right under the block, where its bracket is, if there is another shelf.
            for row in below.iter().skip(1).chain(below.first()) {
                let y = centred((row.top + row.bottom) / 2.0, face.size);
                spots.extend([Spot::start(x + s.space * 1.2, y), Spot::end(x - s.space * 1.2, y)]);
            }
            let y = self.plan.ground.y - s.fall * 0.3;
            spots.extend([Spot::start(x + s.space * 1.2, y), Spot::end(x - s.space * 1.2, y)]);
            let words = label.say(self.labels.lang);
            self.labels.first_fit(&words, face, &spots, within, true, Paint::Action);
        }
    }
}

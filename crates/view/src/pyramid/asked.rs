//! Where the blocks that a question marks are on the pyramid.

use mm::PfnRange;
use mm::page::Block;

use super::draw::Draw;
use crate::scene::{Marked, Pens, Sign, draw_marks};

/// A block that a question marks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asked {
    /// The block.
    pub block: Block,
    /// Where it is marked.
    pub place: Where,
    /// As what.
    pub sign: Sign,
}

/// Where a block is marked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Where {
    /// On the shelf of its order, and on its list.
    Shelf,
    /// On the strip of frames.
    Frames,
}

/// The smallest aligned window that shows `window` and every marked block.
pub(super) fn cover(window: PfnRange, whole: PfnRange, asked: &[Asked]) -> PfnRange {
    let low = asked.iter().map(|a| a.block.pfn.0).min().unwrap_or(window.start.0);
    let high = asked.iter().map(|a| a.block.last().0).max().unwrap_or(window.start.0);
    let (low, high) = (low.min(window.start.0), high.max(window.end.0 - 1));
    let mut size = window.len().next_power_of_two();
    while low / size != high / size && size < whole.len() {
        size *= 2;
    }
    if size >= whole.len() { whole } else { PfnRange::new(low / size * size, low / size * size + size) }
}

impl Draw<'_> {
    /// Draws the marks of a question.
    pub(super) fn asked(&mut self, asked: &[Asked], veil: bool) {
        let ring = self.plan.s.ring;
        let marked = |a: &Asked| {
            let area = match a.place {
                Where::Shelf => self.seen(self.on_shelf(a.block)),
                Where::Frames => self.on_ground(a.block),
            };
            let chips = self.placed.iter().filter(|chip| a.place == Where::Shelf && chip.block == a.block);
            let chips = chips.map(|chip| chip.area.grown(ring * 0.5));
            let areas = std::iter::once(area.grown(ring * 0.8)).chain(chips).collect();
            Marked { areas, sign: a.sign, block: Some(a.block) }
        };
        let marked: Vec<Marked> = asked.iter().filter(|a| self.is_visible(a.block)).map(marked).collect();
        let pens = Pens::of(self.form, self.plan.w, self.plan.h);
        draw_marks(&mut self.asked, &pens, &marked, veil);
    }
}

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

/// The window when blocks are marked: it shows all of them, and none of the answers so small that a pointer misses it.
pub(super) fn cover(window: PfnRange, whole: PfnRange, asked: &[Asked]) -> PfnRange {
    /// Blocks of less than this share of the window are too small.
    const SHARE: u32 = 96;
    let answers: Vec<Block> = asked.iter().filter(|a| a.sign != Sign::About).map(|a| a.block).collect();
    let hull = |blocks: &mut dyn Iterator<Item = Block>| {
        blocks.fold(None, |hull: Option<(u32, u32)>, b| {
            let (low, high) = hull.unwrap_or((b.pfn.0, b.last().0));
            Some((low.min(b.pfn.0), high.max(b.last().0)))
        })
    };
    let around = |(low, high): (u32, u32), least: u32| {
        let mut size = least.next_power_of_two();
        while low / size != high / size && size < whole.len() {
            size *= 2;
        }
        let window = PfnRange::new(low / size * size, (low / size * size).saturating_add(size)).and(whole);
        if size >= whole.len() { whole } else { window }
    };
    let smallest = answers.iter().map(|b| b.order.pages()).min();
    if let (Some(smallest), Some(hull)) = (smallest, hull(&mut answers.iter().copied())) {
        let closer = around(hull, smallest * SHARE / 3);
        if window.len() > smallest * SHARE && closer.len() < window.len() {
            return closer;
        }
    }
    match hull(&mut asked.iter().map(|a| a.block)) {
        Some((low, high)) if low < window.start.0 || high >= window.end.0 => {
            around((low.min(window.start.0), high.max(window.end.0 - 1)), window.len())
        }
        _ => window,
    }
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

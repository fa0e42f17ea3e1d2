//! Memory that a device tree keeps for devices (kernel/dma/coherent.c, 6.1): a bit for each page, and the first run of free
//! ones that is aligned to its size.

use crate::hash::Digest;
use crate::units::{Order, Pfn, PfnRange};

/// A pool (`struct dma_coherent_mem`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pool {
    /// Its frames.
    pub frames: PfnRange,
    /// A bit for each of them.
    bits: Vec<u64>,
}

impl Pool {
    pub(super) fn new(frames: PfnRange) -> Pool {
        Pool { frames, bits: vec![0; frames.len().div_ceil(64) as usize] }
    }

    fn is_set(&self, page: u32) -> bool {
        self.bits.get((page / 64) as usize).is_some_and(|word| word >> (page % 64) & 1 == 1)
    }

    /// How many pages are lent.
    #[must_use]
    pub fn used(&self) -> u32 {
        self.bits.iter().map(|word| word.count_ones()).sum()
    }

    /// Whether all of these pages are lent.
    #[must_use]
    pub fn holds(&self, first: Pfn, order: Order) -> bool {
        let Some(page) = first.0.checked_sub(self.frames.start.0) else { return false };
        page + order.pages() <= self.frames.len()
            && (page..page + order.pages()).all(|page| self.is_set(page))
    }

    fn set(&mut self, first: u32, pages: u32, used: bool) {
        for page in first..first + pages {
            if let Some(word) = self.bits.get_mut((page / 64) as usize) {
                *word = *word & !(1 << (page % 64)) | u64::from(used) << (page % 64);
            }
        }
    }

    /// The first free run of this size, from a multiple of it on; it is lent then (`bitmap_find_free_region()`).
    pub(super) fn take(&mut self, order: Order) -> Option<Pfn> {
        let pages = order.pages();
        let mut at = 0;
        while at + pages <= self.frames.len() {
            if !(at..at + pages).any(|page| self.is_set(page)) {
                self.set(at, pages, true);
                return Some(self.frames.start.plus(at));
            }
            at += pages;
        }
        None
    }

    /// It is free again (`bitmap_release_region()`).
    pub(super) fn give_back(&mut self, first: Pfn, order: Order) {
        if self.holds(first, order) {
            self.set(first.0 - self.frames.start.0, order.pages(), false);
        }
    }

    pub(super) fn digest(&self, to: &mut Digest) {
        to.word(u64::from(self.frames.start.0) << 32 | u64::from(self.frames.end.0));
        self.bits.iter().for_each(|word| to.word(*word));
    }
}

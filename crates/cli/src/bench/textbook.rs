//! The peer: the buddy allocator of a textbook. No migratetypes, no list order, no steps, no history; just ordered
//! sets of free blocks, one for each order.

use std::collections::BTreeSet;

use mm::Order;

/// Free blocks by order.
pub struct Textbook {
    free: [BTreeSet<u32>; Order::COUNT],
}

impl Textbook {
    /// `frames` frames, all free; a multiple of 1024.
    pub fn new(frames: u32) -> Textbook {
        let mut free: [BTreeSet<u32>; Order::COUNT] = Default::default();
        free[Order::MAX.index()] = (0..frames).step_by(Order::MAX.pages() as usize).collect();
        Textbook { free }
    }

    /// The lowest block of the smallest order that will do, cut down.
    pub fn alloc(&mut self, order: usize) -> Option<u32> {
        let found = (order..Order::COUNT).find(|o| !self.free[*o].is_empty())?;
        let pfn = self.free[found].pop_first()?;
        for half in (order..found).rev() {
            self.free[half].insert(pfn + (1 << half));
        }
        Some(pfn)
    }

    /// Merges as far as it goes.
    pub fn free(&mut self, mut pfn: u32, mut order: usize) {
        while order < Order::MAX.index() && self.free[order].remove(&(pfn ^ (1 << order))) {
            pfn &= !(1 << order);
            order += 1;
        }
        self.free[order].insert(pfn);
    }
}

//! How many free blocks of each order fit into a zone so that no two of them would merge.
//!
//! [`mm::Machine::boot`] invents the places; whether there are enough does not depend on the places that it draws,
//! so counting is enough to tell. That makes a diagnostic cheap: an editor asks on every key, and a server's rows
//! are millions of frames.

use mm::units::{Order, Pfn, PfnRange};

/// Regions of one order that are not taken yet.
#[derive(Clone, Copy, Default)]
struct Regions {
    /// That may become one free block.
    whole: u32,
    /// Whose buddy is, or may become, a free block: as a whole they would merge.
    halves: u32,
}

/// Whether so many free blocks fit into these free ranges.
pub(super) fn fits(ranges: &[PfnRange], counts: &[u32; Order::COUNT]) -> bool {
    let mut regions = [Regions::default(); Order::COUNT];
    let mut last_whole = [None; Order::COUNT];
    for (pfn, order) in ranges.iter().flat_map(|range| blocks(*range)) {
        // Of two neighbours that would merge only the lower one may be free as a whole.
        let buddy = pfn.buddy(order);
        if order < Order::MAX && buddy < pfn && last_whole[order.index()] == Some(buddy) {
            regions[order.index()].halves += 1;
        } else {
            regions[order.index()].whole += 1;
            last_whole[order.index()] = Some(pfn);
        }
    }
    place(&mut regions, counts).is_none()
}

/// The frames of the smallest zone that starts at a multiple of 4 MiB, is a multiple of 4 MiB and has room for so
/// many free blocks.
pub(super) fn smallest(counts: &[u32; Order::COUNT]) -> u32 {
    let largest = Order::MAX.pages();
    let sum: u64 = Order::all().zip(counts).map(|(order, n)| u64::from(order.pages()) * u64::from(*n)).sum();
    // Every count may need twice its room, never more: a bound for the search and against overflow.
    let (mut low, mut high) = (1, (2 * sum / u64::from(largest) + 2).min(1 << 22) as u32);
    while low < high {
        let middle = low + (high - low) / 2;
        let mut regions = [Regions::default(); Order::COUNT];
        regions[Order::MAX.index()].whole = middle;
        match place(&mut regions, counts) {
            None => high = middle,
            Some(_) => low = middle + 1,
        }
    }
    low.saturating_mul(largest)
}

/// Places the blocks, largest first, each in the smallest region that has room; the order that did not fit.
fn place(regions: &mut [Regions; Order::COUNT], counts: &[u32; Order::COUNT]) -> Option<Order> {
    for wanted in Order::all().rev() {
        let own = &mut regions[wanted.index()];
        let direct = counts[wanted.index()].min(own.whole);
        own.whole -= direct;
        if !split_for(regions, wanted, counts[wanted.index()] - direct) {
            return Some(wanted);
        }
    }
    None
}

/// Cuts larger regions, smallest first, until `left` blocks of `wanted` have a place.
fn split_for(regions: &mut [Regions; Order::COUNT], wanted: Order, mut left: u32) -> bool {
    while left > 0 {
        // Every pair of buddies in a region gives one block; the other one stays in use as a whole.
        let Some(from) = wanted.and_up().skip(1).find(|order| regions[order.index()].any() > 0) else {
            return false;
        };
        let pairs = from.pages() / wanted.pages() / 2;
        let used_up = (left / pairs).min(regions[from.index()].any());
        regions[from.index()].take(used_up);
        regions[wanted.index()].halves += used_up * pairs;
        left -= used_up * pairs;
        if used_up == 0 {
            // More than is needed: one cut, and the parts between are smaller regions for the next turn.
            regions[from.index()].take(1);
            regions[wanted.index()].halves += 1;
            wanted.and_up().skip(1).take_while(|o| *o < from).for_each(|o| regions[o.index()].whole += 1);
            left -= 1;
        }
    }
    true
}

impl Regions {
    fn any(self) -> u32 {
        self.whole + self.halves
    }

    /// Which of them makes no difference: all that is placed later is smaller.
    fn take(&mut self, count: u32) {
        let halves = count.min(self.halves);
        self.halves -= halves;
        self.whole -= count - halves;
    }
}

/// The aligned blocks that a range falls into, as memblock hands them over.
fn blocks(range: PfnRange) -> impl Iterator<Item = (Pfn, Order)> {
    let mut pfn = range.start;
    std::iter::from_fn(move || {
        if pfn >= range.end {
            return None;
        }
        let aligned = Order::new(pfn.0.trailing_zeros().min(10) as u8).unwrap_or(Order::MAX);
        let order = Order::all().rev().find(|o| *o <= aligned && pfn.0 + o.pages() <= range.end.0)?;
        let block = (pfn, order);
        pfn = pfn.plus(order.pages());
        Some(block)
    })
}

/// The parts of `span` that are RAM and not reserved.
pub(super) fn free_ranges(config: &mm::Config, span: PfnRange) -> Vec<PfnRange> {
    let mut reserved = config.reserved.clone();
    mm::sort::by_key(&mut reserved, |range| u64::from(range.start.0));
    let mut free = Vec::new();
    for ram in config.ram.iter().map(|ram| ram.and(span)) {
        let mut at = ram.start;
        for range in reserved.iter().map(|range| range.and(ram)).filter(|range| !range.is_empty()) {
            free.push(PfnRange::new(at.0, range.start.0));
            at = at.max(range.end);
        }
        free.push(PfnRange::new(at.0, ram.end.0));
    }
    free.retain(|range| !range.is_empty());
    free
}

//! The figures about fragmentation (mm/vmstat.c).

use crate::units::{NrPages, Order};

/// What the indices are computed from (`struct contig_page_info`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ContigPageInfo {
    /// Free pages on the lists.
    pub free_pages: NrPages,
    /// Free blocks of any order.
    pub free_blocks: u64,
    /// Blocks of the wanted order that could be cut out of them.
    pub suitable_blocks: u64,
}

/// Counts the free blocks of all migratetypes (`fill_contig_page_info()`, 6.1).
#[must_use]
pub fn contig_page_info(nr_free: &[u32; Order::COUNT], wanted: Order) -> ContigPageInfo {
    let mut info = ContigPageInfo::default();
    for order in Order::all() {
        let blocks = u64::from(nr_free[order.index()]);
        info.free_blocks += blocks;
        info.free_pages.0 += blocks << order.get();
        if order >= wanted {
            info.suitable_blocks += blocks << (order.get() - wanted.get());
        }
    }
    info
}

/// How much of the free memory a request of this order cannot use, in thousandths
/// (`unusable_free_index()`, 6.1): 0 = all usable, 1000 = none, or nothing is free.
#[must_use]
pub fn unusable_free_index(nr_free: &[u32; Order::COUNT], wanted: Order) -> u32 {
    let info = contig_page_info(nr_free, wanted);
    if info.free_pages.0 == 0 {
        return 1000;
    }
    ((info.free_pages.0 - (info.suitable_blocks << wanted.get())) * 1000 / info.free_pages.0) as u32
}

/// The same in percent, and 0 when nothing is free (`extfrag_for_order()`, 6.1).
#[must_use]
pub fn extfrag_for_order(nr_free: &[u32; Order::COUNT], wanted: Order) -> u32 {
    let info = contig_page_info(nr_free, wanted);
    if info.free_pages.0 == 0 {
        return 0;
    }
    ((info.free_pages.0 - (info.suitable_blocks << wanted.get())) * 100 / info.free_pages.0) as u32
}

/// Why a request of this order would fail, in thousandths (`__fragmentation_index()`, 6.1): -1000 = it would not,
/// towards 0 = too little memory, towards 1000 = enough memory, too scattered. 0 when nothing is free.
/// It can also lie between -1000 and 0: one free block just too small gives -500.
#[must_use]
pub fn fragmentation_index(nr_free: &[u32; Order::COUNT], wanted: Order) -> i32 {
    let info = contig_page_info(nr_free, wanted);
    if info.free_blocks == 0 {
        return 0;
    }
    if info.suitable_blocks > 0 {
        return -1000;
    }
    let requested = 1u64 << wanted.get();
    1000 - ((1000 + info.free_pages.0 * 1000 / requested) / info.free_blocks) as i32
}

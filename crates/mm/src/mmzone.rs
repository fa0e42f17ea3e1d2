//! Zones and their free lists (include/linux/mmzone.h).

use crate::hash::{Digest, Digestible};
use crate::page::{MigrateType, NONE};
use crate::units::{NrPages, Order, Pfn, PfnRange};

/// `enum zone_type`, lowest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
#[repr(u8)]
pub enum ZoneKind {
    /// What an ISA device can reach: the first 16 MiB.
    Dma,
    /// What a 32-bit device can reach: below 4 GiB (64-bit kernels).
    Dma32,
    /// Memory that the kernel has mapped all the time.
    Normal,
    /// Memory without a lasting kernel mapping (32-bit kernels).
    HighMem,
    /// Movable pages only.
    Movable,
    /// Memory of a device with a `struct page`: never the buddy system's. `/proc/zoneinfo` lists it.
    Device,
}

impl ZoneKind {
    /// Those that the buddy system serves, lowest first: what a machine can have.
    pub const ALL: [ZoneKind; 5] =
        [ZoneKind::Dma, ZoneKind::Dma32, ZoneKind::Normal, ZoneKind::HighMem, ZoneKind::Movable];
    /// How many kinds there are, Device included.
    pub const COUNT: usize = 6;

    /// The name as `/proc` prints it (`zone_names`, mm/page_alloc.c).
    #[must_use]
    pub fn name(self) -> &'static str {
        ["DMA", "DMA32", "Normal", "HighMem", "Movable", "Device"][self as usize]
    }

    /// The zone of a machine with that name, in any case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<ZoneKind> {
        Self::ALL.into_iter().find(|zone| zone.name().eq_ignore_ascii_case(name))
    }

    /// The kind that `/proc` calls so, Device included; the case counts.
    #[must_use]
    pub fn from_proc_name(name: &str) -> Option<ZoneKind> {
        Self::ALL.into_iter().chain([ZoneKind::Device]).find(|zone| zone.name() == name)
    }
}

/// Which of the machine's zones: an index into [`crate::Machine::zones`], lowest address first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct ZoneId(pub u8);

impl ZoneId {
    /// As an index.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// One free list: its two ends. The links between are in `mem_map`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FreeList {
    pub(crate) head: u32,
    pub(crate) tail: u32,
    pub(crate) len: u32,
}

impl FreeList {
    pub(crate) const EMPTY: FreeList = FreeList { head: NONE, tail: NONE, len: 0 };

    /// The first block: the one that the next request takes.
    #[must_use]
    pub fn head(&self) -> Option<Pfn> {
        (self.head != NONE).then_some(Pfn(self.head))
    }

    /// How many blocks it holds.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// `struct free_area`: the free blocks of one order, a list for each migratetype.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FreeArea {
    pub(crate) lists: [FreeList; MigrateType::COUNT],
    pub(crate) nr_free: u32,
}

impl FreeArea {
    /// The list of one type.
    #[must_use]
    pub fn list(&self, migratetype: MigrateType) -> &FreeList {
        &self.lists[migratetype.index()]
    }

    /// Blocks on all lists of this order (`nr_free`): what `/proc/buddyinfo` prints.
    #[must_use]
    pub fn nr_free(&self) -> u32 {
        self.nr_free
    }
}

/// `struct zone`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Zone {
    /// Which kind.
    pub kind: ZoneKind,
    /// The NUMA node it belongs to.
    pub node: u8,
    /// From `zone_start_pfn` to its end, holes included (`spanned_pages`).
    pub span: PfnRange,
    /// Pages that exist (`present_pages`).
    pub present: NrPages,
    /// Pages that the buddy system was given (`managed_pages`).
    pub managed: NrPages,
    /// Pages on the free lists or in the allocator's hand (`NR_FREE_PAGES`).
    pub nr_free_pages: NrPages,
    pub(crate) free_area: [FreeArea; Order::COUNT],
}

impl Zone {
    /// The free blocks of one order.
    #[must_use]
    pub fn area(&self, order: Order) -> &FreeArea {
        &self.free_area[order.index()]
    }

    /// Free blocks per order: the line of `/proc/buddyinfo`.
    #[must_use]
    pub fn nr_free(&self) -> [u32; Order::COUNT] {
        std::array::from_fn(|order| self.free_area[order].nr_free)
    }

    /// The largest order that has a free block.
    #[must_use]
    pub fn largest_free_order(&self) -> Option<Order> {
        Order::all().rev().find(|order| self.area(*order).nr_free > 0)
    }
}

impl Digestible for Zone {
    fn digest(&self, to: &mut Digest) {
        let Zone { kind, node, span, present, managed, nr_free_pages, free_area } = self;
        to.word(u64::from(*kind as u8) | u64::from(*node) << 8);
        to.word(u64::from(span.start.0) << 32 | u64::from(span.end.0));
        for pages in [present, managed, nr_free_pages] {
            to.word(pages.0);
        }
        for area in free_area {
            to.word(u64::from(area.nr_free));
            for list in &area.lists {
                to.word(u64::from(list.head) << 32 | u64::from(list.tail));
                to.word(u64::from(list.len));
            }
        }
    }
}

//! What can be asked of the machine: one op is one thing a person would say.

use crate::mmzone::ZoneKind;
use crate::page::MigrateType;
use crate::units::Order;

/// A name of the scenario (`a`, `buf`, `b[3]`), as a number: steps hold no words.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct NameId(pub u32);

/// What a page is used for; decides its colour and, for [`PageKind::Anon`] and [`PageKind::File`], that it is on
/// an LRU list and so counts as movable when a pageblock is claimed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
#[repr(u8)]
pub enum PageKind {
    /// In use, and nothing more is known (the rest of a real machine's dump).
    Unknown,
    /// Kernel memory that cannot move.
    Unmovable,
    /// Movable, but on no LRU list: a driver's or a test's `__GFP_MOVABLE` page.
    Movable,
    /// Kernel memory that can be given back.
    Reclaimable,
    /// Anonymous memory of a process.
    Anon,
    /// A page of the page cache.
    File,
}

impl PageKind {
    /// The kinds that a scenario can ask for.
    pub const ASKABLE: [PageKind; 5] =
        [PageKind::Unmovable, PageKind::Movable, PageKind::Reclaimable, PageKind::Anon, PageKind::File];

    /// The migratetype that such a request carries (`gfp_migratetype()`, include/linux/gfp.h).
    #[must_use]
    pub fn migratetype(self) -> MigrateType {
        match self {
            PageKind::Unknown | PageKind::Unmovable => MigrateType::Unmovable,
            PageKind::Movable | PageKind::Anon | PageKind::File => MigrateType::Movable,
            PageKind::Reclaimable => MigrateType::Reclaimable,
        }
    }

    /// Whether such pages are on an LRU list (`PageLRU`).
    #[must_use]
    pub fn is_lru(self) -> bool {
        matches!(self, PageKind::Anon | PageKind::File)
    }
}

/// What a request says besides its size: the part of `gfp_t` that is modelled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gfp {
    /// What the pages are for.
    pub kind: PageKind,
    /// The highest zone that may serve it (`gfp_zone()`).
    pub highest_zone: ZoneKind,
}

/// A seeded random workload: `actions` times, allocate or free a block of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Workload {
    /// The name of its pool of blocks.
    pub name: NameId,
    /// How many actions, at most [`crate::limits::MAX_WORKLOAD_ACTIONS`].
    pub actions: u32,
    /// The smallest and the largest order it asks for, evenly drawn.
    pub orders: (Order, Order),
    /// How often each of [`PageKind::ASKABLE`] is asked for, as weights.
    pub weights: [u8; 5],
    /// Of a hundred actions, this many free a block (when the pool has one). 0 to 100.
    pub free_percent: u8,
    /// The highest zone that may serve it.
    pub highest_zone: ZoneKind,
}

/// One thing a person would say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Op {
    /// `name = alloc order=… …`
    Alloc {
        /// What the block is called from now on.
        name: NameId,
        /// Its size. Larger than [`Order::MAX`] is a request that the kernel refuses, so it is a plain number here.
        order: u8,
        /// The rest of the request.
        gfp: Gfp,
    },
    /// `free name`: one block, or what is left of a workload's pool.
    Free {
        /// What to free.
        name: NameId,
    },
    /// `name = workload …`
    Workload(Workload),
}

impl Op {
    /// The name it gives or takes away.
    #[must_use]
    pub fn name(&self) -> NameId {
        match self {
            Op::Alloc { name, .. } | Op::Free { name } | Op::Workload(Workload { name, .. }) => *name,
        }
    }
}

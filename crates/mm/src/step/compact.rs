//! Steps of compaction: what each is to a timeline.

use super::StepClass;
use crate::compaction::{CompactPriority, CompactResult, Compactor, Passed, Scanner, Suitable};
use crate::migrate::Stays;
use crate::mmzone::ZoneId;
use crate::units::{Order, Pfn};

/// What compaction does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CompactStep {
    /// A request that found nothing compacts memory itself (`__alloc_pages_direct_compact()`).
    Direct {
        /// What it wants.
        order: Order,
        /// How thoroughly it does so.
        priority: CompactPriority,
    },
    /// A zone need not be compacted, or it makes no sense (`compaction_suitable()`).
    Unsuitable {
        /// Which.
        zone: ZoneId,
        /// What is wanted.
        order: Order,
        /// Why.
        suitable: Suitable,
    },
    /// It has failed lately and is put off (`compaction_deferred()`).
    PutOff {
        /// In which zone.
        zone: ZoneId,
        /// What is wanted.
        order: Order,
        /// Which attempt since then this is.
        considered: u32,
        /// The attempt that counts again.
        limit: u32,
    },
    /// A zone begins to be compacted (`compact_zone()`).
    Begins {
        /// Which.
        zone: ZoneId,
        /// Who does it.
        by: Compactor,
        /// The order that is wanted; none: as large as possible.
        order: Option<Order>,
        /// Where the scanner for pages to move begins.
        migrate: Pfn,
        /// Where the scanner for room begins.
        free: Pfn,
        /// From end to end.
        whole_zone: bool,
    },
    /// A scanner passes over a pageblock.
    Passed {
        /// In which zone.
        zone: ZoneId,
        /// Which scanner.
        scanner: Scanner,
        /// The first frame of the pageblock.
        pageblock: Pfn,
        /// Why.
        why: Passed,
    },
    /// Pages of a pageblock were taken to be moved (`isolate_migratepages_block()`).
    IsolatedPages {
        /// In which zone.
        zone: ZoneId,
        /// From where on it was looked at.
        from: Pfn,
        /// Where the scanner is now.
        to: Pfn,
        /// How many pages were taken.
        pages: u32,
        /// How many have to stay.
        stays: u32,
        /// The first of them, and why.
        first: Option<(Pfn, Stays)>,
    },
    /// Free frames of a pageblock were taken for pages to move to (`isolate_freepages_block()`).
    IsolatedRoom {
        /// In which zone.
        zone: ZoneId,
        /// From where on it was looked at.
        from: Pfn,
        /// Where the scanner is now.
        to: Pfn,
        /// How many frames were taken.
        pages: u32,
    },
    /// Between the scanners there is no pageblock left.
    NothingLeft {
        /// In which zone.
        zone: ZoneId,
    },
    /// There is no room for pages that were taken: they go back.
    NoRoom {
        /// In which zone.
        zone: ZoneId,
        /// How many.
        pages: u32,
    },
    /// What came free and lay with the CPU is on the lists now, and merges (`lru_add_drain_cpu_zone()`).
    Drained {
        /// Of which zone.
        zone: ZoneId,
        /// How many pages.
        pages: u32,
    },
    /// A zone is done.
    Ends {
        /// Which.
        zone: ZoneId,
        /// Who did it.
        by: Compactor,
        /// How it ended.
        result: CompactResult,
        /// Pages that moved.
        moved: u32,
        /// Where the scanner for pages to move is.
        migrate: Pfn,
        /// Where the scanner for room is.
        free: Pfn,
        /// The largest free block of the zone.
        largest: Option<Order>,
    },
    /// Whether the request has what it wanted.
    Served {
        /// What it wanted.
        order: Order,
        /// From which zone; none: it has not.
        zone: Option<ZoneId>,
    },
    /// Whether compacting once more makes sense (`should_compact_retry()`).
    Retry {
        /// What is wanted.
        order: Order,
        /// How it ended the last time.
        result: CompactResult,
        /// How thoroughly the next time; none: there is none.
        priority: Option<CompactPriority>,
    },
    /// kcompactd of a node is woken (`wakeup_kcompactd()`).
    Woken {
        /// Which node.
        node: u8,
        /// The order that it is to make.
        order: Order,
    },
    /// kcompactd of a node has done what it could, and sleeps.
    Sleeps {
        /// Which node.
        node: u8,
    },
    /// kcompactd looked how scattered the free memory of its node is.
    Score {
        /// Which node.
        node: u8,
        /// The percentage of it in small blocks.
        score: u32,
        /// It works until this score.
        low: u32,
        /// From above this one on.
        high: u32,
        /// Whether it sets to work.
        begins: bool,
    },
}

impl CompactStep {
    /// The frames that it is about.
    #[must_use]
    pub fn frames(&self) -> [Option<Pfn>; 2] {
        match *self {
            CompactStep::Begins { migrate, free, .. } | CompactStep::Ends { migrate, free, .. } => {
                [Some(migrate), Some(free)]
            }
            CompactStep::Passed { pageblock, .. } => [Some(pageblock), None],
            CompactStep::IsolatedPages { from, first, .. } => [Some(from), first.map(|(pfn, _)| pfn)],
            CompactStep::IsolatedRoom { from, .. } => [Some(from), None],
            CompactStep::Direct { .. }
            | CompactStep::Unsuitable { .. }
            | CompactStep::PutOff { .. }
            | CompactStep::NothingLeft { .. }
            | CompactStep::NoRoom { .. }
            | CompactStep::Drained { .. }
            | CompactStep::Served { .. }
            | CompactStep::Retry { .. }
            | CompactStep::Woken { .. }
            | CompactStep::Sleeps { .. }
            | CompactStep::Score { .. } => [None, None],
        }
    }

    /// The zone that it is about.
    #[must_use]
    pub fn zone(&self) -> Option<ZoneId> {
        match *self {
            CompactStep::Unsuitable { zone, .. }
            | CompactStep::PutOff { zone, .. }
            | CompactStep::Begins { zone, .. }
            | CompactStep::Passed { zone, .. }
            | CompactStep::IsolatedPages { zone, .. }
            | CompactStep::IsolatedRoom { zone, .. }
            | CompactStep::NothingLeft { zone }
            | CompactStep::NoRoom { zone, .. }
            | CompactStep::Drained { zone, .. }
            | CompactStep::Ends { zone, .. } => Some(zone),
            CompactStep::Served { zone, .. } => zone,
            CompactStep::Direct { .. }
            | CompactStep::Retry { .. }
            | CompactStep::Woken { .. }
            | CompactStep::Sleeps { .. }
            | CompactStep::Score { .. } => None,
        }
    }

    pub(super) fn class(&self) -> StepClass {
        match self {
            CompactStep::IsolatedRoom { .. } => StepClass::Alloc,
            CompactStep::Drained { .. } => StepClass::Free,
            CompactStep::IsolatedPages { .. } => StepClass::Steal,
            CompactStep::Unsuitable { .. }
            | CompactStep::PutOff { .. }
            | CompactStep::NoRoom { .. }
            | CompactStep::Served { zone: None, .. } => StepClass::Fail,
            CompactStep::Direct { .. }
            | CompactStep::Begins { .. }
            | CompactStep::Passed { .. }
            | CompactStep::NothingLeft { .. }
            | CompactStep::Ends { .. }
            | CompactStep::Served { .. }
            | CompactStep::Retry { .. }
            | CompactStep::Woken { .. }
            | CompactStep::Sleeps { .. }
            | CompactStep::Score { .. } => StepClass::Look,
        }
    }

    pub(super) fn code(&self) -> u8 {
        119
    }
}

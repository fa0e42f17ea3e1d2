//! The steps of contiguous memory areas.

use super::StepClass;
use crate::cma::Denied;
use crate::op::NameId;
use crate::page::Block;
use crate::units::{Order, Pfn};

/// What `cma_alloc()`, `alloc_contig_range()` or `cma_release()` did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CmaStep {
    /// A buffer is asked of an area.
    Asked {
        /// What it will be called.
        name: NameId,
        /// Which area, from 0.
        area: u8,
        /// How many pages.
        count: u32,
        /// Its alignment as an order.
        align: u8,
    },
    /// A range of frames is asked for, whatever is in it.
    AskedRange {
        /// What it will be called.
        name: NameId,
        /// Its first frame.
        first: Pfn,
        /// How many pages.
        count: u32,
    },
    /// There is no such area.
    NoArea {
        /// What the buffer would have been called.
        name: NameId,
    },
    /// A run of zeros in the bitmap is long enough; its bits are set.
    Found {
        /// Which area.
        area: u8,
        /// The frame of its first bit.
        first: Pfn,
        /// How many pages.
        count: u32,
    },
    /// No run of zeros is long enough.
    NotFound {
        /// Which area.
        area: u8,
        /// From this frame on.
        from: Pfn,
        /// How many pages were wanted.
        count: u32,
    },
    /// The CPUs have given the pages of the zone back that they had kept.
    Drained {
        /// How many.
        pages: u32,
    },
    /// A guest has left: its page was copied, and whoever has it finds it at its new place.
    Moved {
        /// Where it was.
        from: Pfn,
        /// Where it is now.
        to: Pfn,
    },
    /// A guest was a page of a file that need not be written: it was thrown away (`reclaim_clean_pages_from_list()`).
    Dropped {
        /// Where it was.
        page: Pfn,
    },
    /// A guest could not leave.
    Stays {
        /// Where it is.
        page: Pfn,
        /// Because there is no place to go; otherwise somebody holds it.
        no_memory: bool,
    },
    /// Nobody is left between these frames who could leave.
    Emptied {
        /// From this frame.
        from: Pfn,
        /// To this one, which is not part of it.
        to: Pfn,
        /// How many guests have left.
        moved: u32,
    },
    /// Every page of the range is free, or this one is not.
    Tested {
        /// The first frame of the range.
        first: Pfn,
        /// How many pages.
        count: u32,
        /// The first page that is not free.
        busy: Option<Pfn>,
    },
    /// The pages were taken off their lists.
    Taken {
        /// Whose they are now.
        name: NameId,
        /// The first frame.
        first: Pfn,
        /// How many pages.
        count: u32,
        /// Pages of the free blocks that were too many: they go back.
        rest: u32,
    },
    /// The range was not had: its bits are cleared, and the search goes on a little further.
    Slides {
        /// Which area.
        area: u8,
        /// Why.
        denied: Denied,
        /// From this frame on.
        from: Pfn,
    },
    /// The buffer is there.
    Got {
        /// Whose it is.
        name: NameId,
        /// Its first frame.
        first: Pfn,
        /// How many pages.
        count: u32,
    },
    /// The request was not met.
    Failed {
        /// What it would have been called.
        name: NameId,
        /// How many pages.
        count: u32,
        /// Why the last range was not had; none: there was none.
        denied: Option<Denied>,
    },
    /// A buffer is given back.
    Release {
        /// Which.
        name: NameId,
        /// Its first frame.
        first: Pfn,
        /// How many pages.
        count: u32,
    },
    /// So many of its pages went back, one by one.
    Returned {
        /// From this frame on.
        first: Pfn,
        /// How many.
        count: u32,
    },
    /// All of them are back, and the bits are cleared.
    Released {
        /// Which buffer.
        name: NameId,
        /// Its first frame.
        first: Pfn,
        /// How many pages.
        count: u32,
    },
}

impl CmaStep {
    pub(super) fn class(&self) -> StepClass {
        match self {
            CmaStep::Asked { .. }
            | CmaStep::AskedRange { .. }
            | CmaStep::Tested { busy: None, .. }
            | CmaStep::Emptied { .. }
            | CmaStep::Release { .. } => StepClass::Look,
            CmaStep::Found { .. } | CmaStep::Moved { .. } => StepClass::Steal,
            CmaStep::Taken { .. } | CmaStep::Got { .. } => StepClass::Alloc,
            CmaStep::Drained { .. }
            | CmaStep::Dropped { .. }
            | CmaStep::Returned { .. }
            | CmaStep::Released { .. } => StepClass::Free,
            CmaStep::NoArea { .. }
            | CmaStep::NotFound { .. }
            | CmaStep::Stays { .. }
            | CmaStep::Tested { .. }
            | CmaStep::Slides { .. }
            | CmaStep::Failed { .. } => StepClass::Fail,
        }
    }

    /// The pages that it is about: where somebody left from, and where to; of a range its first and its last one.
    pub(super) fn blocks(&self) -> [Option<Block>; 2] {
        let page = |pfn: Pfn| Some(Block { pfn, order: Order::ZERO });
        let ends = |first: Pfn, count: u32| [page(first), page(first.plus(count.saturating_sub(1)))];
        let busy = |denied: Denied| match denied {
            Denied::Busy(pfn) => pfn.and_then(page),
            Denied::NoMemory | Denied::NoZone => None,
        };
        match *self {
            CmaStep::Moved { from, to } => [page(from), page(to)],
            CmaStep::Stays { page: at, .. } | CmaStep::Dropped { page: at } => [page(at), None],
            CmaStep::Tested { busy: Some(at), .. } => [page(at), None],
            CmaStep::AskedRange { first, count, .. }
            | CmaStep::Found { first, count, .. }
            | CmaStep::Tested { first, count, .. }
            | CmaStep::Taken { first, count, .. }
            | CmaStep::Got { first, count, .. }
            | CmaStep::Release { first, count, .. }
            | CmaStep::Returned { first, count }
            | CmaStep::Released { first, count, .. } => ends(first, count),
            CmaStep::Emptied { from, to, .. } => ends(from, to.0.saturating_sub(from.0)),
            CmaStep::NotFound { from, .. } => [page(from), None],
            CmaStep::Slides { denied, from, .. } => [page(from), busy(denied)],
            CmaStep::Failed { denied, .. } => [denied.and_then(busy), None],
            CmaStep::Asked { .. } | CmaStep::NoArea { .. } | CmaStep::Drained { .. } => [None, None],
        }
    }

    /// Its numbers are shared: a link tells a step of an area from any other, and that is enough to notice a change.
    pub(super) fn code(&self) -> u8 {
        match self {
            CmaStep::Slides { .. } | CmaStep::Failed { .. } | CmaStep::NotFound { .. } => 119,
            _ => 118,
        }
    }
}

//! Steps of huge pages that come later than with a fault: khugepaged, and pages beyond the pool.

use super::StepClass;
use crate::page::Block;
use crate::process::{Found, ScanResult};
use crate::units::{NrPages, Order, Pfn, Vaddr};

/// What khugepaged does, or the pool of huge pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HugeStep {
    /// So many pages may be had beyond the pool from now on (`nr_overcommit_hugepages`).
    Overcommit {
        /// How many.
        most: u32,
        /// How many there are.
        surplus: u32,
    },
    /// The pool gets a page beyond its size, which goes when it comes back (`alloc_surplus_huge_page()`).
    Surplus {
        /// Its first frame.
        pfn: Pfn,
        /// How many such pages there are now.
        surplus: u32,
        /// How many there may be.
        most: u32,
        /// All huge pages of the pool now.
        total: u32,
    },
    /// It gets none: there are as many as there may be, or no block of 512 frames is free.
    NoSurplus {
        /// How many there are.
        surplus: u32,
        /// How many there may be.
        most: u32,
    },
    /// 2 MiB of addresses were looked at (`hpage_collapse_scan_pmd()`).
    Scanned {
        /// Where they begin.
        address: Vaddr,
        /// What their entries say.
        found: Found,
        /// What comes of it.
        result: ScanResult,
    },
    /// The pages are taken from their lists, no entry leads to them any more, and what is in them is copied to a huge page
    /// (`__collapse_huge_page_copy()`).
    CollapseCopied {
        /// Where they begin.
        address: Vaddr,
        /// The first frame of the huge page.
        pfn: Pfn,
        /// Pages that are copied.
        copied: u32,
        /// Pages that were never there, and are zeros now.
        cleared: u32,
    },
    /// One entry leads to all 2 MiB; the table of 512 is put by (`collapse_huge_page()`).
    Collapsed {
        /// Where they begin.
        address: Vaddr,
        /// The first frame.
        pfn: Pfn,
        /// The frame of the table that is put by.
        table: Pfn,
        /// RSS from now on.
        rss: NrPages,
        /// How much more that is.
        more: NrPages,
    },
    /// It does not come to that.
    NotCollapsed {
        /// Where they begin.
        address: Vaddr,
        /// Why not.
        why: ScanResult,
    },
    /// khugepaged goes to sleep (`khugepaged_do_scan()`).
    Slept {
        /// Pages of addresses that were looked at.
        scanned: u32,
        /// Huge pages that were made.
        collapsed: u32,
        /// Times that it has been through all processes since boot (`full_scans`).
        full_scans: u64,
    },
}

impl HugeStep {
    pub(super) fn class(&self) -> StepClass {
        match self {
            HugeStep::Surplus { .. } | HugeStep::Collapsed { .. } => StepClass::Alloc,
            HugeStep::NoSurplus { .. } | HugeStep::NotCollapsed { .. } => StepClass::Fail,
            HugeStep::Overcommit { .. }
            | HugeStep::Scanned { .. }
            | HugeStep::CollapseCopied { .. }
            | HugeStep::Slept { .. } => StepClass::Look,
        }
    }

    /// The huge page that it speaks of.
    pub(super) fn block(&self) -> Option<Block> {
        match *self {
            HugeStep::Surplus { pfn, .. }
            | HugeStep::CollapseCopied { pfn, .. }
            | HugeStep::Collapsed { pfn, .. } => {
                Some(Block { pfn, order: Order::new(9).unwrap_or(Order::MAX) })
            }
            _ => None,
        }
    }

    /// The address that it speaks of.
    #[must_use]
    pub fn address(&self) -> Option<Vaddr> {
        match *self {
            HugeStep::Scanned { address, .. }
            | HugeStep::CollapseCopied { address, .. }
            | HugeStep::Collapsed { address, .. }
            | HugeStep::NotCollapsed { address, .. } => Some(address),
            HugeStep::Overcommit { .. }
            | HugeStep::Surplus { .. }
            | HugeStep::NoSurplus { .. }
            | HugeStep::Slept { .. } => None,
        }
    }

    /// (All numbers are taken: those that look, and those that change something, share one each with other kinds.)
    pub(super) fn code(&self) -> u8 {
        if self.class() == StepClass::Look { 118 } else { 119 }
    }
}

//! Steps of the processor itself: how it translates an address, and what it is told to forget.

use super::StepClass;
use crate::op::NameId;
use crate::units::{NrPages, Pfn, Vaddr};
use crate::x86::pgtable::{Level, Pte};
use crate::x86::tlb::PageSize;

/// Why the tables do not let an access through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Denial {
    /// The entry says that nothing is there (`P` is 0).
    NotPresent,
    /// It may not be written to (`R/W` is 0).
    ReadOnly,
    /// It is no code (`NX` is 1).
    NoExec,
}

/// What the memory management unit of a CPU does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MmuStep {
    /// Another address space: its topmost table goes into `CR3` (`switch_mm_irqs_off()`).
    Switched {
        /// That table.
        pgd: Pfn,
        /// The slot of the CPU that it gets (`PCID` is one more).
        asid: u16,
        /// Nothing of that slot could be used any more; so many translations went. None: what is there is still true.
        dropped: Option<u32>,
    },
    /// The CPU goes on with another task of the same address space: `CR3` stays, and so does all that is remembered.
    Kept {
        /// Which task.
        task: NameId,
        /// The topmost table of both.
        pgd: Pfn,
    },
    /// A TLB is asked for the page of an address.
    Look {
        /// Which address.
        address: Vaddr,
        /// Which TLB: the first or the second.
        level: u8,
        /// The set that pages of 4 KiB are looked for in.
        set: u16,
        /// The page was there: how large it is, and its frame.
        hit: Option<(PageSize, Pfn)>,
    },
    /// The translation is there, and it is the first write: the tables have to hear of it, so they are read after all.
    NotDirty {
        /// Which address.
        address: Vaddr,
    },
    /// A table further down is remembered from an earlier walk: the levels above it need not be read.
    Skipped {
        /// Which address.
        address: Vaddr,
        /// The level that is read first.
        level: Level,
        /// Its table.
        table: Pfn,
        /// How many levels that saves.
        levels: u8,
    },
    /// An entry of a table is read: one reference to memory.
    Read {
        /// For which address.
        address: Vaddr,
        /// The level.
        level: Level,
        /// The table.
        table: Pfn,
        /// Which of its entries: bits of the address.
        index: u16,
        /// What it says.
        entry: Pte,
        /// References so far.
        references: u8,
    },
    /// The processor notes in the entry that the page was used, or written to.
    Marked {
        /// Which address.
        address: Vaddr,
        /// The table.
        table: Pfn,
        /// Which of its entries.
        index: u16,
        /// What it says now.
        entry: Pte,
        /// It notes a write (`D`), not only a use (`A`).
        dirty: bool,
    },
    /// A TLB keeps the translation.
    Filled {
        /// Which address.
        address: Vaddr,
        /// Which TLB: the first or the second.
        level: u8,
        /// Its set.
        set: u16,
        /// How large the page is.
        size: PageSize,
        /// The page that had to go for it, and its slot.
        evicted: Option<(Vaddr, u16)>,
    },
    /// The address in memory is known.
    Translated {
        /// Which address.
        address: Vaddr,
        /// Where that is in memory.
        physical: u64,
        /// How large the page is.
        size: PageSize,
        /// References to memory that it took.
        references: u8,
    },
    /// The entry does not allow it: a page fault follows.
    Denied {
        /// Which address.
        address: Vaddr,
        /// The level of the entry that says so; none: a TLB remembered it.
        level: Option<Level>,
        /// What it says.
        entry: Pte,
        /// Why that is a no.
        why: Denial,
    },
    /// Translations are forgotten, as the kernel wants it.
    Forgot {
        /// The first address.
        start: Vaddr,
        /// So many pages were named (`INVLPG` for each); none: everything of the address space.
        pages: Option<NrPages>,
        /// Translations that this CPU had of them.
        dropped: u32,
        /// Another CPU said so, by an interrupt.
        ipi: bool,
    },
}

impl MmuStep {
    pub(super) fn class(&self) -> StepClass {
        match self {
            MmuStep::Denied { .. } => StepClass::Fail,
            MmuStep::Forgot { .. } => StepClass::Free,
            MmuStep::Filled { .. } => StepClass::Alloc,
            _ => StepClass::Look,
        }
    }

    /// The frames that it speaks of: a table and what its entry leads to, or the page.
    pub(super) fn frames(&self) -> [Option<Pfn>; 2] {
        match *self {
            MmuStep::Switched { pgd: table, .. }
            | MmuStep::Kept { pgd: table, .. }
            | MmuStep::Skipped { table, .. }
            | MmuStep::Marked { table, .. } => [Some(table), None],
            MmuStep::Read { table, entry, .. } => [Some(table), entry.has(Pte::PRESENT).then(|| entry.pfn())],
            MmuStep::Look { hit: Some((_, pfn)), .. } => [Some(pfn), None],
            MmuStep::Translated { physical, .. } => [Some(Pfn((physical >> 12) as u32)), None],
            _ => [None, None],
        }
    }

    /// The address that it speaks of.
    #[must_use]
    pub fn address(&self) -> Option<Vaddr> {
        match *self {
            MmuStep::Look { address, .. }
            | MmuStep::NotDirty { address }
            | MmuStep::Skipped { address, .. }
            | MmuStep::Read { address, .. }
            | MmuStep::Marked { address, .. }
            | MmuStep::Filled { address, .. }
            | MmuStep::Translated { address, .. }
            | MmuStep::Denied { address, .. } => Some(address),
            MmuStep::Switched { .. } | MmuStep::Kept { .. } | MmuStep::Forgot { .. } => None,
        }
    }

    pub(super) fn code(&self) -> u8 {
        match self {
            MmuStep::Switched { .. } => 200,
            MmuStep::Look { .. } => 201,
            MmuStep::NotDirty { .. } => 202,
            MmuStep::Skipped { .. } => 203,
            MmuStep::Read { .. } => 204,
            MmuStep::Marked { .. } => 205,
            MmuStep::Filled { .. } => 206,
            MmuStep::Translated { .. } => 207,
            MmuStep::Denied { .. } => 208,
            MmuStep::Forgot { .. } => 209,
            MmuStep::Kept { .. } => 112,
        }
    }
}

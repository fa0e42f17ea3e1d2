//! Steps of the memory hierarchy: a word on its way through the caches.

use super::StepClass;
use crate::hierarchy::{CacheId, Level, Victim};
use crate::op::NameId;
use crate::process::Access;
use crate::units::{CpuId, PAGE_SIZE, Pfn, Vaddr};

/// What the caches do. Lines are named by their first physical address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HierarchyStep {
    /// A process asks for a word.
    Reference {
        /// Which process.
        process: NameId,
        /// The CPU it runs on.
        cpu: CpuId,
        /// The word's address.
        address: Vaddr,
        /// The same as page tables translate it.
        physical: u64,
        /// What is done with it.
        access: Access,
    },
    /// So many references in a row find their line in level 1.
    Hits {
        /// The CPU.
        cpu: CpuId,
        /// The first address.
        address: Vaddr,
        /// The line.
        line: u64,
        /// How many.
        references: u32,
    },
    /// The tags of one set are compared.
    Look {
        /// The CPU that asks.
        cpu: CpuId,
        /// Where.
        cache: CacheId,
        /// Which line.
        line: u64,
        /// Its set.
        set: u32,
        /// Lines in the set, whose tags are compared.
        compared: u8,
        /// One of them is it.
        hit: bool,
        /// What it has cost so far.
        cycles: u64,
    },
    /// Memory gives the line.
    Dram {
        /// The CPU that asks.
        cpu: CpuId,
        /// Which line.
        line: u64,
        /// What it has cost so far.
        cycles: u64,
    },
    /// The line is copied into a level on its way up.
    Fill {
        /// The CPU that asks.
        cpu: CpuId,
        /// Where.
        cache: CacheId,
        /// Which line.
        line: u64,
        /// Its set.
        set: u32,
        /// What goes for it; none: there was room.
        victim: Option<Victim>,
    },
    /// Another CPU has written to the line, and writes it back to level 3 first.
    Supplied {
        /// Who has it.
        from: CpuId,
        /// Who asks.
        to: CpuId,
        /// Which line.
        line: u64,
    },
    /// A CPU writes, so all others lose their copies.
    Invalidated {
        /// Who writes.
        cpu: CpuId,
        /// Which line.
        line: u64,
        /// Who loses it, as bits.
        cpus: u64,
    },
    /// The processor reads an entry of a page table, and finds it somewhere as it finds any word.
    Entry {
        /// The CPU that translates.
        cpu: CpuId,
        /// Where the entry lies in memory.
        physical: u64,
        /// Where it was found.
        level: Level,
        /// What that cost.
        cycles: u64,
    },
    /// The word had to wait for its page, which came from a disk.
    Disk {
        /// The CPU that asks.
        cpu: CpuId,
        /// The word.
        address: Vaddr,
        /// What it cost in all.
        cycles: u64,
    },
    /// Many references together, which are not told one by one.
    Batch {
        /// Which process.
        process: NameId,
        /// The CPU.
        cpu: CpuId,
        /// How many.
        references: u32,
        /// Where they were found, by [`crate::hierarchy::Level`].
        found: [u32; 5],
        /// What they cost.
        cycles: u64,
    },
    /// All references of an op are done.
    Scanned {
        /// Which process.
        process: NameId,
        /// The CPU.
        cpu: CpuId,
        /// How many.
        references: u32,
        /// Where they were found, by [`crate::hierarchy::Level`].
        found: [u32; 5],
        /// What they cost.
        cycles: u64,
    },
    /// A process runs on another CPU from now on.
    Moved {
        /// Which process.
        process: NameId,
        /// Where it ran; the same: nothing changes.
        from: CpuId,
        /// Where it runs now.
        to: CpuId,
    },
}

impl HierarchyStep {
    /// Copies of lines come and go; the memory itself stays what it is.
    pub(super) fn class(&self) -> StepClass {
        StepClass::Look
    }

    /// The line that it speaks of.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        match *self {
            HierarchyStep::Reference { physical, .. } | HierarchyStep::Entry { physical, .. } => {
                Some(physical & !u64::from(crate::hierarchy::LINE - 1))
            }
            HierarchyStep::Hits { line, .. }
            | HierarchyStep::Look { line, .. }
            | HierarchyStep::Dram { line, .. }
            | HierarchyStep::Fill { line, .. }
            | HierarchyStep::Supplied { line, .. }
            | HierarchyStep::Invalidated { line, .. } => Some(line),
            HierarchyStep::Disk { .. }
            | HierarchyStep::Batch { .. }
            | HierarchyStep::Scanned { .. }
            | HierarchyStep::Moved { .. } => None,
        }
    }

    /// The CPU that it is about.
    #[must_use]
    pub fn cpu(&self) -> CpuId {
        match *self {
            HierarchyStep::Reference { cpu, .. }
            | HierarchyStep::Hits { cpu, .. }
            | HierarchyStep::Look { cpu, .. }
            | HierarchyStep::Dram { cpu, .. }
            | HierarchyStep::Fill { cpu, .. }
            | HierarchyStep::Supplied { to: cpu, .. }
            | HierarchyStep::Invalidated { cpu, .. }
            | HierarchyStep::Disk { cpu, .. }
            | HierarchyStep::Entry { cpu, .. }
            | HierarchyStep::Batch { cpu, .. }
            | HierarchyStep::Scanned { cpu, .. }
            | HierarchyStep::Moved { to: cpu, .. } => cpu,
        }
    }

    /// The frame that its line is in.
    pub(super) fn frame(&self) -> Option<Pfn> {
        let frame = self.line()? / PAGE_SIZE;
        u32::try_from(frame).ok().map(Pfn)
    }

    pub(super) fn code(&self) -> u8 {
        match self {
            HierarchyStep::Reference { .. } => 210,
            HierarchyStep::Hits { .. } => 211,
            HierarchyStep::Look { .. } => 212,
            HierarchyStep::Dram { .. } => 213,
            HierarchyStep::Fill { .. } => 214,
            HierarchyStep::Supplied { .. } => 215,
            HierarchyStep::Invalidated { .. } => 216,
            HierarchyStep::Disk { .. } => 217,
            HierarchyStep::Batch { .. } => 218,
            HierarchyStep::Scanned { .. } => 219,
            HierarchyStep::Moved { .. } => 220,
            HierarchyStep::Entry { .. } => 117,
        }
    }
}

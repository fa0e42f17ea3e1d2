//! What `memory.stat` says of a group (`memory_stat_format()`, mm/memcontrol.c, 6.1), counted from whose each frame is.

use super::super::VmEvent;
use super::super::lruvec::{Lru, LruFlags};
use super::GroupId;
use crate::Machine;
use crate::hash::Digest;
use crate::op::NameId;
use crate::units::Pfn;
use crate::x86::pgtable::{Level, Pte};

/// What a group's pages are, in pages, and what happened to them so far.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemoryStat {
    /// Mapped pages without a file (`NR_ANON_MAPPED`).
    pub anon: u64,
    /// Pages of files, those of shared anonymous memory among them (`NR_FILE_PAGES`).
    pub file: u64,
    /// What the kernel itself has for the group (`MEMCG_KMEM`).
    pub kernel: u64,
    /// Of that, page tables of the two lowest levels (`NR_PAGETABLE`).
    pub pagetables: u64,
    /// Shared anonymous memory (`NR_SHMEM`).
    pub shmem: u64,
    /// Pages of files that processes have mapped (`NR_FILE_MAPPED`).
    pub file_mapped: u64,
    /// Those that were written to, and the disk does not know it (`NR_FILE_DIRTY`).
    pub file_dirty: u64,
    /// Pages on their way to a disk (`NR_WRITEBACK`).
    pub file_writeback: u64,
    /// Pages that a slot in swap has as well (`NR_SWAPCACHE`).
    pub swapcached: u64,
    /// Of the pages without a file those of huge pages (`NR_ANON_THPS`).
    pub anon_thp: u64,
    /// Pages on each list.
    pub lru: [u64; 5],
    /// By the names of `/proc/vmstat`, as [`VmEvent::ALL`] orders them.
    pub events: [u64; VmEvent::ALL.len()],
    /// Faults, and those among them that took a disk.
    pub faults: [u64; 2],
}

impl MemoryStat {
    /// How often something happened.
    #[must_use]
    pub fn event(&self, event: VmEvent) -> u64 {
        self.events[event as usize]
    }

    pub(crate) fn digest(&self, to: &mut Digest) {
        let MemoryStat { anon, file, kernel, pagetables, shmem, file_mapped, file_dirty, .. } = *self;
        let pages = [anon, file, kernel, pagetables, shmem, file_mapped, file_dirty];
        let more = [self.file_writeback, self.swapcached, self.anon_thp];
        pages.iter().chain(&more).chain(&self.lru).for_each(|word| to.word(*word));
        VmEvent::digest(&self.events, to);
        self.faults.iter().for_each(|word| to.word(*word));
    }
}

impl Machine {
    /// `memory.stat` of a group; none of the root.
    #[must_use]
    pub fn memory_stat(&self, group: GroupId) -> Option<MemoryStat> {
        let reclaim = self.reclaim()?;
        let of = reclaim.group(group)?;
        let procs = self.processes();
        let mut stat = MemoryStat {
            anon: 0,
            file: 0,
            kernel: of.kmem,
            pagetables: of.kmem - self.upper_tables(group),
            shmem: 0,
            file_mapped: 0,
            file_dirty: 0,
            file_writeback: 0,
            swapcached: 0,
            anon_thp: 0,
            lru: Lru::ALL.map(|lru| of.size(lru)),
            events: of.stat,
            faults: of.faults,
        };
        for pfn in (0..self.end().0).map(Pfn).filter(|pfn| reclaim.group_of(*pfn) == group) {
            let mapped = procs.mapped(pfn);
            let flags = reclaim.page(pfn).flags;
            stat.file_writeback += u64::from(flags.has(LruFlags::WRITEBACK));
            stat.swapcached += if flags.has(LruFlags::SWAPCACHE) { reclaim.page(pfn).pages() } else { 0 };
            match mapped.file() {
                Some((file, _)) => {
                    stat.file += 1;
                    let is_shmem = procs.file(file).is_some_and(|file| file.shmem);
                    stat.shmem += u64::from(is_shmem);
                    stat.file_mapped += u64::from(mapped.mapcount > 0);
                    stat.file_dirty += u64::from(mapped.dirty && !is_shmem);
                }
                None => {
                    let is_table = self.block_of(pfn).and_then(|block| self.page(block.pfn).owner())
                        == Some(NameId::PAGE_TABLE);
                    let huge = procs.huge().of(pfn).is_some_and(|(_, of)| of.pmds > 0);
                    let is_mapped = mapped.mapcount > 0 || huge;
                    stat.anon += u64::from(is_mapped && !is_table);
                    stat.anon_thp += u64::from(huge);
                }
            }
        }
        Some(stat)
    }

    /// Tables above those whose entries lead to tables of the last level, which `NR_PAGETABLE` does not count.
    fn upper_tables(&self, group: GroupId) -> u64 {
        let Some(reclaim) = self.reclaim() else { return 0 };
        let tables = self.processes().tables();
        let levels = tables.paging().levels();
        let upper = levels.iter().filter(|(level, ..)| *level < Level::Pmd).count();
        let mut count = 0;
        for mm in self.processes().mms() {
            let mut of_level = vec![mm.pgd];
            for depth in 0..upper {
                count += of_level.iter().filter(|table| reclaim.group_of(**table) == group).count() as u64;
                if depth + 1 == upper {
                    break;
                }
                let below = |table: &Pfn| {
                    let entries = tables.entries(*table).unwrap_or(&[]).iter();
                    entries
                        .filter(|entry| entry.has(Pte::PRESENT))
                        .map(|entry| entry.pfn())
                        .collect::<Vec<_>>()
                };
                of_level = of_level.iter().flat_map(below).collect();
            }
        }
        count
    }
}

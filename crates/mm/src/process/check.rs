//! The laws of processes, which hold at every step.

use std::collections::BTreeMap;

use super::mm_types::{Counter, Rss};
use super::{Processes, Vaddr};
use crate::units::Pfn;
use crate::x86::pgtable::{Level, Pte};

impl Processes {
    /// Checks every law in full.
    ///
    /// # Errors
    /// The first one that does not hold.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.check_threads()?;
        let mut entries: BTreeMap<Pfn, u32> = BTreeMap::new();
        let mut writers: BTreeMap<Pfn, u32> = BTreeMap::new();
        let (mut tables, mut promised, mut shmem) = (0, 0, 0);
        for mm in self.mms() {
            let who = mm.name;
            let mut rss = Rss::default();
            let mut end = Vaddr(0);
            for vma in mm.vmas() {
                if vma.start < end || vma.end <= vma.start || vma.start.0 % 4096 != 0 || vma.end.0 % 4096 != 0
                {
                    return Err(format!("{who:?}: {vma:x?} overlaps or is empty"));
                }
                end = vma.end;
                if vma.account {
                    promised += vma.pages().0;
                }
            }
            self.check_huge_of(mm, &mut rss)?;
            for (address, _, _, pte) in self.tables.between(mm.pgd, Vaddr(0), mm.top) {
                let Some(vma) = mm.vma_at(address) else {
                    return Err(format!("{who:?}: a page at {address:x} outside of all areas"));
                };
                if pte.has(Pte::RW) && !vma.prot.write {
                    return Err(format!("{who:?}: {address:x} can be written to, {vma:x?} not"));
                }
                if pte.has(Pte::SPECIAL) {
                    if pte.has(Pte::RW) || pte.pfn() != self.zero_page {
                        return Err(format!("{who:?}: {address:x} is not quite the zero page: {pte:x?}"));
                    }
                    continue;
                }
                *rss.of(self.counter(pte.pfn())) += 1;
                *entries.entry(pte.pfn()).or_default() += 1;
                if pte.has(Pte::RW) && !vma.shared {
                    *writers.entry(pte.pfn()).or_default() += 1;
                    if self.counter(pte.pfn()) != Counter::Anon {
                        return Err(format!("{who:?}: {address:x} writes to a file that is not shared"));
                    }
                }
            }
            // A page that is on its way to another frame is still counted, as what nothing tells just now.
            let moving = self.tables.moving(mm.pgd, Vaddr(0), mm.top).count() as u64;
            if moving > 0 && rss.total().0 + moving == mm.rss.total().0 {
                rss = mm.rss;
            }
            if let Some(arena) = &mm.malloc {
                arena.check().map_err(|why| format!("{who:?}: {why}"))?;
            }
            if rss != mm.rss {
                return Err(format!("{who:?}: {:?} by its counters, {rss:?} by its tables", mm.rss));
            }
            let total: u64 = mm.vmas().iter().map(|vma| vma.pages().0).sum();
            if total != mm.total_vm().0 {
                return Err(format!("{who:?}: {total} pages in its areas, not {}", mm.total_vm()));
            }
            let own = self.count_tables(mm.pgd, Level::Pgd);
            let deposited = self.deposits_of(mm);
            if own + deposited != mm.pgtables.0 + 1 {
                return Err(format!("{who:?}: {own} tables, not {} and one", mm.pgtables));
            }
            tables += own;
        }
        if tables != self.tables.frames().count() as u64 {
            return Err(format!("{tables} tables are reached, not {}", self.tables.frames().count()));
        }
        for (pfn, mapped) in self.mapped.iter().enumerate() {
            let pfn = Pfn(pfn as u32);
            let there = entries.get(&pfn).copied().unwrap_or(0);
            if mapped.mapcount != there {
                return Err(format!("frame {pfn}: {mapped:?}, and {there} entries"));
            }
            let writers = writers.get(&pfn).copied().unwrap_or(0);
            if writers > 1 || writers == 1 && self.mapcount(pfn) > 1 {
                return Err(format!("frame {pfn} of {there} is written to by {writers} as their own"));
            }
            if let Some((file, index)) = mapped.file()
                && self.file(file).and_then(|file| file.cached(index)) != Some(pfn)
            {
                return Err(format!("frame {pfn}: {mapped:?} does not know it"));
            }
        }
        self.check_compounds()?;
        self.check_pool()?;
        for (id, file) in self.files() {
            for (index, pfn) in file.cache() {
                shmem += u64::from(file.shmem);
                if self.mapped(pfn).file() != Some((id, index)) {
                    return Err(format!("page {index} of {id:?} is frame {pfn}: {:?}", self.mapped(pfn)));
                }
            }
        }
        // While areas go their pages go first; a child's promise is made before its areas are there.
        if promised != self.committed {
            return Err(format!("{promised} pages are promised, not {} ({shmem} shared)", self.committed));
        }
        Ok(())
    }

    /// Tables from one on downwards, itself included.
    fn count_tables(&self, table: Pfn, level: Level) -> u64 {
        let levels = self.tables.paging().levels();
        let Some(below) = levels.iter().map(|(of, ..)| *of).find(|of| *of > level) else { return 1 };
        let entries = self.tables.entries(table).unwrap_or(&[]);
        let tables = entries.iter().filter(|entry| entry.has(Pte::PRESENT) && !entry.has(Pte::PSE));
        1 + tables.map(|entry| self.count_tables(entry.pfn(), below)).sum::<u64>()
    }
}

//! Huge pages that are taken apart: their entries, they themselves, and what becomes of parts that nobody needs
//! (mm/huge_memory.c, mm/rmap.c, 6.1).

use super::mm_types::Vma;
use super::pgtable::Mapped;
use super::{HPAGE_PAGES, Leaf};
use crate::machine::Machine;
use crate::op::NameId;
use crate::page::Block;
use crate::reclaim::Batch;
use crate::step::{Func, ProcessStep, Trace};
use crate::units::{CpuId, NrPages, Order, Pfn, Vaddr};
use crate::x86::pgtable::Pte;

impl Machine {
    /// The entry of a huge page becomes a table (`__split_huge_pmd()`).
    pub(crate) fn split_huge_pmd(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        vma: &Vma,
        leaf: &Leaf,
        cpu: CpuId,
    ) -> Option<()> {
        let (address, zero) = (leaf.address, leaf.entry.has(Pte::SPECIAL));
        // The processor may remember 2 MiB as a whole (`pmdp_invalidate()`).
        self.will_flush(process);
        let pfn = self.procs().split_pmd(leaf, vma)?;
        self.told_process(t, Func::SplitHugePmd, process, || ProcessStep::SplitPmd { address, pfn, zero });
        self.flush_tlb(t, cpu, process, (address, NrPages(1)), false);
        if vma.locked && !zero {
            self.munlock_huge(t, leaf.entry.pfn());
        }
        Some(())
    }

    /// A locked area no longer has a huge page as a whole: it may go, unless another one has (`munlock_vma_page()`).
    fn munlock_huge(&mut self, t: &mut Trace<'_>, head: Pfn) {
        if self.reclaim.is_some() && !self.rmap(head).iter().any(|place| place.locked && place.is_huge()) {
            self.lru_mlock(t, head, false);
        }
    }

    /// A process has a huge page no longer, or that of zeros (`zap_huge_pmd()`).
    pub(super) fn unmap_huge_pmd(&mut self, t: &mut Trace<'_>, process: NameId, leaf: &Leaf) {
        let locked =
            self.processes.mm(process).and_then(|mm| mm.vma_at(leaf.address)).is_some_and(|vma| vma.locked);
        let table = self.procs().zap_huge_pmd(process, leaf);
        let head = leaf.entry.pfn();
        let gone = if self.processes.huge.of(head).is_some() {
            if locked {
                self.munlock_huge(t, head);
            }
            self.part_unmapped(head)
        } else {
            None
        };
        self.procs().gathered.extend(gone.into_iter().chain(table));
    }

    /// An entry less leads to a huge page: its first frame, if nobody needs it any more. If somebody needs a part of it, it
    /// waits to be split.
    pub(super) fn part_unmapped(&mut self, head: Pfn) -> Option<Pfn> {
        let compound = *self.processes.huge.of(head)?.1;
        let wanted = self.reclaim().is_some_and(|reclaim| reclaim.folio_swapped(head));
        if compound.entries() == 0 && !wanted {
            return Some(head);
        }
        if compound.pmds == 0 && !compound.queued && self.processes.used_frames(head) < HPAGE_PAGES as u16 {
            self.deferred_split(head);
        }
        None
    }

    /// An area is cut at an address, or pages go up to it: a huge page across it is taken apart
    /// (`split_huge_pmd_if_needed()`).
    pub(super) fn split_at(&mut self, t: &mut Trace<'_>, process: NameId, address: Vaddr, cpu: CpuId) {
        if self.processes.huge.is_idle() {
            return;
        }
        let Some(mm) = self.processes.mm(process) else { return };
        let Some(leaf) = self.processes.tables.leaf(mm.pgd, address) else { return };
        let Some(vma) = mm.vma_at(address).copied() else { return };
        if leaf.is_huge() && leaf.address < address && !vma.hugetlb {
            self.split_huge_pmd(t, process, &vma, &leaf, cpu);
        }
    }

    /// A huge page itself becomes 512 of 4 KiB; those that nobody has are free (`split_huge_page()`). Entries that lead to it
    /// as a whole become tables first. False: somebody counts on where it lies.
    pub(crate) fn split_huge_page(&mut self, t: &mut Trace<'_>, head: Pfn, cpu: CpuId) -> bool {
        if self.is_pinned(head) {
            return false;
        }
        if self.reclaim.is_some() {
            self.split_huge_pmds(t, head, cpu);
        }
        let places = if self.reclaim.is_some() { self.rmap(head) } else { Vec::new() };
        let (page, was) = (self.page(head), self.processes.mapped(head));
        let owner = page.owner().unwrap_or(NameId::KHUGEPAGED);
        let lazyfree = self.processes.is_lazyfree(head);
        self.lru_split(head);
        let procs = self.procs();
        procs.huge.forget(head);
        procs.huge.events.split_page += 1;
        let mut freed = NrPages(0);
        for pfn in (head.0..head.0 + HPAGE_PAGES).map(Pfn) {
            self.mem_map.hand_over(Block { pfn, order: Order::ZERO }, page.kind, owner.0);
            let procs = self.procs();
            let mapped = procs.mapped(pfn);
            let (dirty, cached) = (was.dirty, was.cached);
            procs.set_mapped(pfn, Mapped { lazyfree, dirty, cached, ..mapped });
            if mapped.mapcount == 0 && !(cached && self.is_wanted_in_swap(pfn)) {
                self.lru_forget_part(pfn);
                let procs = self.procs();
                procs.set_mapped(pfn, Mapped::NOBODY);
                procs.gathered.push(pfn);
                freed.0 += 1;
            }
        }
        // (`remove_migration_pte()`: what has to stay has to stay.)
        for place in places.iter().filter(|place| place.locked) {
            self.lru_mlock(&mut Trace::unseen(), place.pte.pfn(), true);
        }
        self.told_process(t, Func::SplitHugePage, owner, || ProcessStep::SplitPage { pfn: head, freed });
        self.free_gathered(t, cpu);
        true
    }

    /// Pages of a process's own are as good as free until they are written to again: those of huge pages as well
    /// (`madvise_free_huge_pmd()`). So many are there.
    pub(super) fn lazyfree(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        (start, end): (Vaddr, Vaddr),
        cpu: CpuId,
    ) -> u64 {
        let (mut at, mut present) = (start, 0);
        self.will_flush(process);
        let Some(pgd) = self.processes.mm(process).map(|mm| mm.pgd) else { return 0 };
        loop {
            let Some(leaf) = self.processes.tables.leaves(pgd, at, end).next() else { return present };
            let first = at.max(leaf.address);
            at = leaf.end();
            if leaf.entry.has(Pte::SPECIAL) {
                continue;
            }
            let pfn = leaf.entry.pfn();
            if let Some((head, compound)) = self.processes.huge.of(pfn).map(|(head, of)| (head, *of)) {
                // What others have as well, they may still need.
                if self.processes.mapcount(pfn) != 1 || leaf.is_huge() && compound.entries() != 1 {
                    continue;
                }
                let is_part = leaf.is_huge() && (first > leaf.address || end < leaf.end());
                if is_part || !leaf.is_huge() {
                    let vma = self.processes.mm(process).and_then(|mm| mm.vma_at(first)).copied();
                    if let (true, Some(vma)) = (leaf.is_huge(), vma) {
                        self.split_huge_pmd(t, process, &vma, &leaf, cpu);
                    }
                    let whole = self.processes.huge.of(pfn).is_some_and(|(_, of)| of.pmds == 0)
                        && self.split_huge_page(t, head, cpu);
                    at = if leaf.is_huge() && whole { first } else { at };
                    if leaf.is_huge() || !whole {
                        continue;
                    }
                }
            }
            let entry = leaf.entry.without(Pte::ACCESSED).without(Pte::DIRTY);
            let reclaims = self.reclaim.is_some();
            let procs = self.procs();
            procs.tables.write(leaf.table, leaf.index, entry);
            match procs.huge.of_mut(pfn) {
                _ if reclaims => self.put_in_batch(t, Batch::LazyFree, pfn, cpu),
                Some((_, compound)) => compound.lazyfree = true,
                None => {
                    let mapped = procs.mapped(pfn);
                    procs.set_mapped(pfn, Mapped { lazyfree: true, ..mapped });
                }
            }
            present += leaf.pages();
        }
    }
}

//! What is taken away again: entries, pages and tables (mm/memory.c: `unmap_page_range()`, mm/mmu_gather.c, mm/mmap.c:
//! `exit_mmap()`, 6.1).

use super::mm_types::{Backing, FileId, Vma};
use super::pgtable::Mapped;
use super::{Leaf, Mm, Then, Work};
use crate::machine::{Machine, UnitEnd};
use crate::op::NameId;
use crate::page::Block;
use crate::step::{Func, ProcessStep, Trace};
use crate::units::{CpuId, NrPages, Order, PAGE_SIZE, Pfn, Vaddr};
use crate::x86::pgtable::Pte;
use crate::x86::tlb::{Flush, flush_range};
use crate::xarray::Entry;

/// Pages that are gathered before they are freed (`MAX_GATHER_BATCH`), but for the first few
/// (`MMU_GATHER_BUNDLE`).
const GATHERED: [usize; 2] = [8, 510];

/// The first pages of these, at most so many of 4 KiB, or one huge page; and from which address on the next ones come, if
/// there may be more.
pub(super) fn batch_of(leaves: impl Iterator<Item = Leaf>, most: usize) -> (Vec<Leaf>, Option<Vaddr>) {
    let mut batch: Vec<Leaf> = Vec::new();
    for leaf in leaves {
        if leaf.is_huge() && !batch.is_empty() {
            return (batch, Some(leaf.address));
        }
        batch.push(leaf);
        if leaf.is_huge() || batch.len() == most {
            return (batch, Some(leaf.end()));
        }
    }
    (batch, None)
}

impl Machine {
    /// Takes one entry away; the frame, if nobody has it any more.
    pub(super) fn unmap_one(&mut self, process: NameId, table: Pfn, index: u16, pte: Pte) -> Option<Pfn> {
        let procs = self.procs();
        procs.tables.write(table, index, Pte(0));
        if pte.has(Pte::SPECIAL) {
            return None;
        }
        let (pfn, counter) = (pte.pfn(), procs.counter(pte.pfn()));
        let mapped = procs.mapped(pfn);
        *procs.mm_mut(process)?.rss.of(counter) -= 1;
        let mapcount = mapped.mapcount - 1;
        if let Some((head, _)) = procs.huge.of(pfn) {
            let exclusive = mapped.exclusive && mapcount > 0;
            procs.set_mapped(pfn, Mapped { mapcount, exclusive, ..mapped });
            procs.leaves_compound(pfn);
            return self.part_unmapped(head);
        }
        if mapcount == 0 && mapped.file().is_none() {
            if mapped.cached && self.is_wanted_in_swap(pfn) {
                self.procs().set_mapped(pfn, Mapped { mapcount, exclusive: false, ..mapped });
                return None;
            }
            self.lru_forget(pfn);
            let procs = self.procs();
            procs.set_mapped(pfn, Mapped::NOBODY);
            return Some(pfn);
        }
        procs.set_mapped(pfn, Mapped { mapcount, ..mapped });
        if mapped.file().is_some() && pte.has(Pte::DIRTY) {
            self.set_dirty(pfn, true);
        }
        None
    }

    /// The next batch of pages goes (`zap_pte_range()`, `tlb_batch_pages_flush()`), and with the last one all the rest
    /// that the op takes away.
    pub(crate) fn zap(&mut self, t: &mut Trace<'_>, cpu: CpuId) -> UnitEnd {
        let Some(Work::Zap { process, start, at, end, present, freed: so_far, batches, then }) =
            self.processes.work
        else {
            return UnitEnd::Done;
        };
        let Some(pgd) = self.processes.mm(process).map(|mm| mm.pgd) else {
            self.procs().work = None;
            return UnitEnd::Done;
        };
        // All who share it go first.
        if then == Then::Exit && self.threads_end(t, process) {
            return UnitEnd::More;
        }
        let (mut next, mut present, mut batches) = (at, present, batches);
        let (mut back, had) = (0, self.processes.pool.total);
        let queued = self.queued();
        let mut seen = false;
        // Since the last unit kswapd may have sent more of it to swap.
        if self.processes.mm(process).is_some_and(|mm| mm.swapents > 0) || batches == 0 {
            present += self.zap_swap(process, at, end);
        }
        // What others have still is not given back: there is nothing to see of it.
        while next < end && self.processes.gathered.is_empty() {
            let most = GATHERED[usize::from(batches > 0)];
            let (batch, rest) = batch_of(self.processes.tables.leaves(pgd, next, end), most);
            next = rest.unwrap_or(end);
            batches += 1;
            seen |= !batch.is_empty();
            for leaf in batch {
                present += if leaf.entry.has(Pte::SPECIAL) { 0 } else { leaf.pages() };
                if leaf.is_huge() && self.processes.pool.entries(leaf.entry.pfn()).is_some() {
                    self.procs().unmap_hugetlb(process, &leaf);
                    back += 1;
                } else if leaf.is_huge() {
                    self.unmap_huge_pmd(t, process, &leaf);
                } else {
                    self.note_use(t, process, &leaf, cpu);
                    let gone = self.unmap_one(process, leaf.table, leaf.index, leaf.entry);
                    self.procs().gathered.extend(gone);
                }
            }
        }
        self.told_queued(t, queued);
        let so_far = so_far + self.processes.gathered_pages();
        if seen {
            // Before anybody else can have the pages.
            let pages = NrPages((next.0 - at.0) / PAGE_SIZE);
            self.flush_tlb(t, cpu, process, (at, pages), false);
        }
        t.within(Func::ZapPteRange, |t| self.free_gathered(t, cpu));
        if back > 0 {
            let (free, total) = (self.processes.pool.free(), self.processes.pool.total);
            let gone = had - total;
            let told = || ProcessStep::PoolBack { back, gone, free, total };
            self.told_process(t, Func::FreeHugePage, process, told);
        }
        if next < end {
            self.procs().work =
                Some(Work::Zap { process, start, at: next, end, present, freed: so_far, batches, then });
            return UnitEnd::More;
        }
        self.procs().work = None;
        let pages = NrPages((end.0 - start.0) / PAGE_SIZE);
        let present = NrPages(present);
        match then {
            Then::Keep => {
                self.told_process(t, Func::Madvise, process, || ProcessStep::DontNeed {
                    start,
                    pages,
                    present,
                });
                self.told_flush(t, process, pages, false);
            }
            Then::Thread(name) => {
                self.told_process(t, Func::Madvise, process, || ProcessStep::DontNeed {
                    start,
                    pages,
                    present,
                });
                return self.thread_gone(t, name, cpu);
            }
            Then::Unmap | Then::Uncache => {
                self.remove_areas(process, start, end, t, cpu);
                let tables = self.free_pgtables(t, process, start, end, cpu);
                let total = self.processes.mm(process).map_or(NrPages(0), Mm::total_vm);
                self.told_process(t, Func::Munmap, process, || ProcessStep::Unmapped {
                    start,
                    pages,
                    present,
                    tables,
                    total,
                });
                self.told_flush(t, process, pages, tables > 0);
                if tables > 0 {
                    self.flush_tlb(t, cpu, process, (start, pages), true);
                }
                if then == Then::Uncache {
                    return self.trim_stacks(t, process, cpu);
                }
            }
            Then::Exit => self.exit_mmap(t, process, so_far, cpu),
            Then::Reap => {}
        }
        UnitEnd::Done
    }

    /// Gives gathered pages back. A list is made of them, each in front of the last.
    pub(super) fn free_gathered(&mut self, t: &mut Trace<'_>, cpu: CpuId) {
        if !self.processes.gathered.is_empty() {
            // (`free_pages_and_swap_cache()`)
            self.lru_add_drain(t, cpu);
        }
        while let Some(pfn) = self.procs().gathered.pop() {
            let page = self.page(pfn);
            if self.processes.huge.of(pfn).is_some() {
                self.lru_forget(pfn);
                for frame in (pfn.0..pfn.0 + page.order.pages()).map(Pfn) {
                    if self.processes.mapped(frame) != Mapped::NOBODY {
                        self.procs().set_mapped(frame, Mapped::NOBODY);
                    }
                }
                self.procs().huge.forget(pfn);
            }
            self.put_pages(t, cpu, page.owner(), Block { pfn, order: page.order });
        }
    }

    /// Translations of so many pages are forgotten (`flush_tlb_mm_range()`).
    pub(super) fn flush(
        &mut self,
        t: &mut Trace<'_>,
        cpu: CpuId,
        process: NameId,
        (start, pages): (Vaddr, NrPages),
        tables: bool,
    ) {
        self.told_flush(t, process, pages, tables);
        self.flush_tlb(t, cpu, process, (start, pages), tables);
    }

    fn told_flush(&self, t: &mut Trace<'_>, process: NameId, pages: NrPages, tables: bool) {
        self.told_process(t, Func::FlushTlbMmRange, process, || ProcessStep::Flush {
            pages: match flush_range(pages.0, tables) {
                Flush::Pages(pages) => Some(NrPages(pages)),
                Flush::All => None,
            },
        });
    }

    /// The areas between two addresses go; what is promised for them is no longer.
    fn remove_areas(&mut self, process: NameId, start: Vaddr, end: Vaddr, t: &mut Trace<'_>, cpu: CpuId) {
        let procs = self.procs();
        let Some(mm) = procs.mm_mut(process) else { return };
        for vma in mm.remove(start, end) {
            if vma.account {
                procs.uncharge(vma.pages());
            }
            if vma.hugetlb {
                procs.close_hugetlb(process, &vma);
            }
        }
        self.free_gathered(t, cpu);
        self.drop_shmem(t, cpu);
    }

    /// Shared anonymous memory goes with the last area that shows it.
    fn drop_shmem(&mut self, t: &mut Trace<'_>, cpu: CpuId) {
        let shows = |id: FileId| {
            let is_it = |vma: &Vma| matches!(vma.backing, Backing::File { file, .. } if file == id);
            self.processes.mms().any(|mm| mm.vmas().iter().any(is_it))
        };
        let gone: Vec<FileId> =
            self.processes.files().filter(|(id, file)| file.shmem && !shows(*id)).map(|(id, _)| id).collect();
        for id in gone {
            // Its pages leave their lists while it is known what they are.
            let entries: Vec<_> =
                self.processes.file(id).into_iter().flat_map(|file| file.entries()).collect();
            for (_, entry) in entries {
                match entry {
                    Entry::Page(pfn) => self.release_page(pfn),
                    Entry::Swap(entry) => self.free_swap_and_cache(entry),
                    Entry::Shadow(_) => {}
                }
            }
            self.procs().files[id.0 as usize] = None;
            self.free_gathered(t, cpu);
        }
    }

    /// Tables go that no area needs any more (`free_pgtables()`); how many.
    pub(super) fn free_pgtables(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        start: Vaddr,
        end: Vaddr,
        cpu: CpuId,
    ) -> u32 {
        let paging = self.processes.tables.paging();
        let levels = paging.levels();
        let mut freed = 0;
        // From the lowest tables upwards: an entry of a level maps what the table below it is about.
        for (above, ..) in levels[..levels.len() - 1].iter().rev() {
            let Some(span) = paging.span(*above) else { continue };
            let mut at = start.0 & !(span - 1);
            while at < end.0 {
                let address = Vaddr(at);
                let Some(mm) = self.processes.mm(process) else { return freed };
                let walk = self.processes.tables.walk(mm.pgd, address);
                let Some(read) = walk.reads().find(|read| read.level == *above) else {
                    // Nothing is there above it either: on to where something may be.
                    let last = walk.last().and_then(|read| paging.span(read.level)).unwrap_or(span);
                    at = (at & !(last - 1)) + last;
                    continue;
                };
                at += span;
                if !read.entry.has(Pte::PRESENT) || mm.is_used(address, Vaddr(address.0 + span)) {
                    continue;
                }
                let pfn = read.entry.pfn();
                let procs = self.procs();
                procs.tables.write(read.table, read.index, Pte(0));
                procs.tables.remove(pfn);
                if let Some(mm) = procs.mm_mut(process) {
                    mm.pgtables.0 -= 1;
                }
                let block = Block { pfn, order: Order::ZERO };
                t.within(Func::FreePgtables, |t| self.put_pages(t, cpu, Some(NameId::PAGE_TABLE), block));
                freed += 1;
            }
        }
        freed
    }

    /// The address space itself goes (`exit_mmap()`, `__mmdrop()`).
    fn exit_mmap(&mut self, t: &mut Trace<'_>, process: NameId, freed: u64, cpu: CpuId) {
        let top = self.processes.tables.paging().stack_top();
        self.remove_areas(process, Vaddr(0), top, t, cpu);
        self.drop_surplus_pages(t, cpu);
        let tables = self.free_pgtables(t, process, Vaddr(0), top, cpu);
        let procs = self.procs();
        let Some(mm) = procs.remove_mm(process) else { return };
        procs.tables.remove(mm.pgd);
        procs.ran.retain(|_, task| *task != process);
        self.forget_mm(process);
        self.set_named(process, crate::Named::Freed);
        let block = Block { pfn: mm.pgd, order: Order::ZERO };
        t.within(Func::ExitMmap, |t| self.put_pages(t, cpu, Some(NameId::PAGE_TABLE), block));
        let freed = NrPages(freed + u64::from(tables) + 1);
        self.told_process(t, Func::DoExit, process, || ProcessStep::Exited { freed });
    }

    /// Changes what may be done with the pages between two addresses (`change_protection()`).
    pub(super) fn change_protection(&mut self, process: NameId, start: Vaddr, end: Vaddr) {
        let Some(mm) = self.processes.mm(process) else { return };
        let pgd = mm.pgd;
        let leaves: Vec<Leaf> = self.processes.tables.leaves(pgd, start, end).collect();
        for leaf in leaves {
            let Leaf { address, table, index, entry: pte, .. } = leaf;
            let Some(vma) = self.processes.mm(process).and_then(|mm| mm.vma_at(address)).copied() else {
                continue;
            };
            if leaf.is_huge() {
                self.procs().change_huge_pmd(&leaf, &vma);
                continue;
            }
            let mapped = self.processes.mapped(pte.pfn());
            let mut now = pte.without(Pte::RW).without(Pte::NX).without(Pte::GLOBAL).with(Pte::PRESENT);
            if !vma.prot.exec && self.processes.tables.paging().has_nx() {
                now = now.with(Pte::NX);
            }
            // What is the process's own and written to already may be written to at once.
            if vma.prot.write
                && pte.has(Pte::DIRTY)
                && !pte.has(Pte::SPECIAL)
                && (mapped.exclusive || vma.shared)
            {
                now = now.with(Pte::RW);
            }
            if vma.prot == super::Prot::NONE {
                now = now.without(Pte::PRESENT).with(Pte::GLOBAL);
            }
            self.procs().tables.write(table, index, now);
        }
    }
}

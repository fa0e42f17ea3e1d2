//! What reclaim asks of processes and files: their entries, their counters, and the bytes of their pages.

use super::memory::pte_of;
use super::mm_types::{Counter, FileId, Vma};
use super::pgtable::{Mapped, Tables};
use super::zap::batch_of;
use super::{At, ByteRange, Leaf, Saved, Spot};
use crate::gfp::GfpFlags;
use crate::machine::{Machine, UnitEnd};
use crate::mempolicy::InArea;
use crate::op::{Gfp, NameId, PageKind};
use crate::reclaim::readahead::FileRa;
use crate::reclaim::{Batch, LruFlags};
use crate::step::{Func, ReclaimStep, Trace};
use crate::units::{CpuId, NrPages, Pfn, Vaddr};
use crate::x86::pgtable::{Level, Pte};
use crate::xarray::{Entry, SwapEntry};

/// Pages that are looked at in one unit when a program says that they can go.
const COLD_BATCH: usize = 32;

/// An entry that leads to a page that is to go, and whose it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Way {
    pub process: NameId,
    pub address: Vaddr,
    pub table: Pfn,
    pub index: u16,
    pub pte: Pte,
}

impl Tables {
    /// The entries between two addresses that lead to swap: the address, the table, which entry it is, the slot, and the
    /// entry itself.
    pub fn swaps(
        &self,
        pgd: Pfn,
        start: Vaddr,
        end: Vaddr,
    ) -> impl Iterator<Item = (Vaddr, Pfn, u16, SwapEntry, Pte)> + use<'_> {
        self.lowest(pgd, start, end, Pte::as_swap)
    }

    /// The entries of lowest tables between two addresses of which something holds: the address, the table, which entry it
    /// is, what holds, and the entry itself.
    pub(super) fn lowest<T>(
        &self,
        pgd: Pfn,
        start: Vaddr,
        end: Vaddr,
        what: fn(Pte) -> Option<T>,
    ) -> impl Iterator<Item = (Vaddr, Pfn, u16, T, Pte)> + use<'_, T> {
        let mut at = start;
        std::iter::from_fn(move || {
            while at < end {
                let address = at;
                let last = self.walk(pgd, address).last()?;
                let span = self.paging().span(last.level).unwrap_or(1 << 12);
                at = Vaddr((address.0 & !(span - 1)) + span);
                if last.level == Level::Pte
                    && let Some(entry) = what(last.entry)
                {
                    return Some((address, last.table, last.index, entry, last.entry));
                }
            }
            None
        })
    }
}

impl Machine {
    pub(crate) fn write_pte(&mut self, table: Pfn, index: u16, pte: Pte) {
        self.procs().tables.write(table, index, pte);
    }

    pub(crate) fn set_lazyfree(&mut self, pfn: Pfn, lazyfree: bool) {
        let procs = self.procs();
        if let Some(compound) = procs.huge_mut().at_mut(pfn) {
            compound.lazyfree = lazyfree;
            return;
        }
        let mapped = procs.mapped(pfn);
        procs.set_mapped(pfn, Mapped { lazyfree, ..mapped });
    }

    /// See [`Machine::set_dirty`].
    pub(crate) fn set_page_dirty(&mut self, pfn: Pfn, dirty: bool) {
        let procs = self.procs();
        let mapped = procs.mapped(pfn);
        procs.set_mapped(pfn, Mapped { dirty, ..mapped });
    }

    /// The swap cache has a page of no file from now on, or has it no longer.
    pub(crate) fn set_cached(&mut self, pfn: Pfn, cached: bool) {
        let procs = self.procs();
        let mapped = procs.mapped(pfn);
        if mapped.file().is_none() {
            procs.set_mapped(pfn, Mapped { cached, ..mapped });
        }
    }

    pub(crate) fn count_swapents(&mut self, process: NameId, by: i64) {
        if let Some(mm) = self.procs().mm_mut(process) {
            mm.swapents = mm.swapents.saturating_add_signed(by);
        }
    }

    /// A page for what is read from swap (`GFP_HIGHUSER_MOVABLE`): the swap cache has it, or the process alone.
    pub(crate) fn alloc_swapin(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        cpu: CpuId,
        cached: bool,
        address: Option<Vaddr>,
    ) -> Option<Pfn> {
        let gfp = Gfp { kind: PageKind::Anon, flags: GfpFlags::GFP_HIGHUSER_MOVABLE };
        let of = address.map(|address| InArea { process, address });
        let pfn = self.alloc_pages_in(t, cpu, process, 0, gfp, of)?;
        let procs = self.procs();
        procs.contents.is_fresh(pfn);
        procs.set_mapped(pfn, Mapped { cached, exclusive: !cached, ..Mapped::NOBODY });
        Some(pfn)
    }

    /// An entry that led to swap leads to a page again (the end of `do_swap_page()`).
    pub(crate) fn map_swapped(
        &mut self,
        process: NameId,
        (table, index): (Pfn, u16),
        vma: &Vma,
        pfn: Pfn,
        (alone, writable): (bool, bool),
    ) {
        let in_cache = self.reclaim().is_some_and(|reclaim| reclaim.page(pfn).swap().is_some());
        let paging = self.processes.tables().paging();
        let pte = pte_of(paging, vma, pfn);
        let pte = if writable { pte.with(Pte::RW).with(Pte::DIRTY) } else { pte };
        let procs = self.procs();
        procs.tables.write(table, index, pte);
        let mapped = procs.mapped(pfn);
        let mapcount = mapped.mapcount + 1;
        // (Of a huge page in the swap cache its first frame says so.)
        let cached = if procs.huge.of(pfn).is_some() { mapped.cached } else { in_cache };
        procs.set_mapped(pfn, Mapped { mapcount, exclusive: alone, cached, ..mapped });
        procs.joins_compound(pfn);
        if let Some(mm) = procs.mm_mut(process) {
            mm.add(Counter::Anon, 1);
            mm.swapents = mm.swapents.saturating_sub(1);
        }
    }

    /// An entry goes, and says something else from now on; no processor remembers it any more (`try_to_unmap_one()`).
    pub(crate) fn unmap_for_reclaim(&mut self, t: &mut Trace<'_>, cpu: CpuId, way: &Way, now: Pte) {
        self.will_flush(way.process);
        self.drop_entry(way, now);
        self.flush_tlb(t, cpu, way.process, (way.address, NrPages(1)), false);
    }

    /// The same without a flush; the page may be a part of a huge one.
    pub(crate) fn drop_entry(&mut self, way: &Way, now: Pte) {
        let Way { process, table, index, pte, .. } = *way;
        let pfn = pte.pfn();
        let procs = self.procs();
        procs.tables.write(table, index, now);
        let counter = procs.counter(pfn);
        let mapped = procs.mapped(pfn);
        let mapcount = mapped.mapcount - 1;
        procs.set_mapped(pfn, Mapped { mapcount, exclusive: mapped.exclusive && mapcount > 0, ..mapped });
        procs.leaves_compound(pfn);
        if let Some(mm) = procs.mm_mut(process) {
            *mm.rss.of(counter) -= 1;
            mm.swapents += u64::from(now.0 != 0);
        }
        if pte.has(Pte::DIRTY) {
            let folio = procs.folio(pfn);
            self.set_dirty(folio, true);
        }
    }

    /// An entry can be read only from now on, and is clean (`page_mkclean_one()`).
    pub(crate) fn clean_for_writeback(&mut self, t: &mut Trace<'_>, way: &Way, now: Pte) {
        self.will_flush(way.process);
        self.write_pte(way.table, way.index, now);
        self.flush_tlb(t, CpuId(0), way.process, (way.address, NrPages(1)), false);
    }

    /// A page that nobody has any more is on its way back; the file that had it has to forget it first.
    pub(crate) fn release_page(&mut self, pfn: Pfn) {
        self.lru_forget(pfn);
        let procs = self.procs();
        procs.set_mapped(pfn, Mapped::NOBODY);
        procs.gathered.push(pfn);
    }

    /// Pages on their way back are free now.
    pub(crate) fn give_back(&mut self, t: &mut Trace<'_>, cpu: CpuId) {
        self.free_gathered(t, cpu);
    }

    /// A page that only the swap cache has goes with its slot.
    pub(crate) fn drop_unmapped(&mut self, pfn: Pfn) {
        let busy =
            self.reclaim().is_some_and(|r| r.in_flight().contains(&pfn) || r.isolated().contains(&pfn));
        if !busy {
            self.release_page(pfn);
        }
    }

    pub(crate) fn set_file_entry(&mut self, file: FileId, index: u32, entry: Option<Entry>) {
        self.procs().set_file_entry(file, index, entry);
    }

    /// A page of shared memory leaves its file for the swap cache (`shmem_writepage()`): it is a page of no file then.
    pub(crate) fn shmem_to_swap(&mut self, file: FileId, index: u32, pfn: Pfn, entry: SwapEntry) {
        self.set_file_entry(file, index, Some(Entry::Swap(entry)));
        let procs = self.procs();
        let mapped = procs.mapped(pfn);
        procs.set_mapped(pfn, Mapped { cached: true, dirty: mapped.dirty, ..Mapped::NOBODY });
    }

    pub(crate) fn set_ra(&mut self, file: FileId, ra: FileRa) {
        if let Some(file) = self.procs().file_mut(file) {
            file.ra = ra;
        }
    }

    pub(crate) fn set_prev(&mut self, file: FileId, index: u32) {
        if let Some(file) = self.procs().file_mut(file) {
            file.ra.prev = Some(index);
        }
    }

    /// A file is at least so long from now on.
    pub(crate) fn grow_file(&mut self, file: FileId, bytes: u64) {
        if let Some(file) = self.procs().file_mut(file) {
            file.bytes = file.bytes.max(bytes);
        }
    }

    /// The bytes of a page, to be kept elsewhere.
    pub(crate) fn saved_contents(&self, pfn: Pfn) -> Option<Saved> {
        self.processes.contents.saved(pfn)
    }

    /// A page gets bytes that were kept elsewhere.
    pub(crate) fn put_contents(&mut self, pfn: Pfn, saved: Option<Saved>) {
        self.procs().contents.restore(pfn, saved);
    }

    /// What a page of a file has becomes what the disk has.
    pub(crate) fn save_to_disk(&mut self, file: FileId, index: u32, pfn: Pfn) {
        let saved = self.saved_contents(pfn);
        if let Some(file) = self.procs().file_mut(file) {
            match saved {
                Some(saved) => {
                    file.disk.insert(index, saved);
                }
                None => {
                    file.disk.remove(&index);
                }
            }
        }
    }

    /// A page of shared memory that lies in swap is wanted: it comes back into its file (`shmem_swapin_folio()`).
    pub(super) fn shmem_swapin(
        &mut self,
        t: &mut Trace<'_>,
        spot: Spot,
        file: FileId,
        index: u32,
        entry: SwapEntry,
    ) -> Option<Pfn> {
        let pfn = self.swap_in(t, entry, spot.process, spot.cpu)?;
        let dirty = self.processes.mapped(pfn).dirty;
        self.leave_swap(t, entry);
        self.procs().set_mapped(pfn, Mapped { file: file.0, index, dirty, ..Mapped::NOBODY });
        self.set_page_dirty(pfn, true);
        self.set_file_entry(file, index, Some(Entry::Page(pfn)));
        Some(pfn)
    }

    /// What leads to swap between two addresses, and the child does not have yet, is copied for it as well
    /// (`copy_nonpresent_pte()`).
    pub(super) fn fork_swaps(
        &mut self,
        t: &mut Trace<'_>,
        parent: NameId,
        child: NameId,
        (start, end): (Vaddr, Vaddr),
        cpu: CpuId,
    ) -> bool {
        if self.reclaim.is_none() {
            return true;
        }
        let Some(pgd) = self.processes.mm(parent).map(|mm| mm.pgd) else { return true };
        let entries: Vec<Vaddr> = self.processes.tables.swaps(pgd, start, end).map(|swap| swap.0).collect();
        entries.into_iter().all(|address| {
            self.alloc_tables(t, child, address, cpu, Level::Pte).is_some()
                && self.fork_one_swap(parent, child, address)
        })
    }

    /// One entry that leads to swap is there twice; of one that leads nowhere there is nothing to copy.
    pub(super) fn fork_one_swap(&mut self, parent: NameId, child: NameId, address: Vaddr) -> bool {
        let Some((table, index, pte)) = self.place(parent, address) else { return true };
        let Some(entry) = pte.as_swap() else { return true };
        let Some((theirs, at, now)) = self.place(child, address) else { return true };
        if now.0 != 0 {
            return true;
        }
        let shared = pte.without(Pte::SWP_EXCLUSIVE);
        self.write_pte(table, index, shared);
        self.write_pte(theirs, at, shared);
        self.count_swapents(child, 1);
        if let Some(reclaim) = self.reclaim_mut() {
            reclaim.swap_duplicate(entry);
        }
        true
    }
}

impl Machine {
    /// A page that one process has becomes that process's alone; false: something else leads to it, or may
    /// (`do_wp_page()`).
    pub(super) fn leaves_swap_cache(&mut self, t: &mut Trace<'_>, pfn: Pfn, cpu: CpuId) -> bool {
        let Some(reclaim) = self.reclaim() else { return true };
        let pfn = reclaim.folio(pfn);
        if reclaim.page(pfn).flags.has(LruFlags::BATCHED) {
            self.lru_add_drain(t, cpu);
        }
        let Some(reclaim) = self.reclaim_mut() else { return true };
        let page = reclaim.page(pfn);
        if page.pages() > 1 {
            // (511 more count on it there: `folio_ref_count()`.)
            return page.swap().is_none();
        }
        let Some(entry) = page.swap() else { return true };
        if reclaim.swap_count(entry) > 0 || page.flags.has(LruFlags::WRITEBACK) {
            return false;
        }
        reclaim.uncache_swap(entry);
        self.set_cached(pfn, false);
        self.set_page_dirty(pfn, true);
        true
    }

    /// Whether entries that lead to swap still mean a page that nobody maps, or the disk does.
    pub(super) fn is_wanted_in_swap(&self, pfn: Pfn) -> bool {
        let Some(reclaim) = self.reclaim() else { return false };
        let page = reclaim.page(pfn);
        page.swap().is_some_and(|entry| reclaim.swap_count(entry) > 0)
    }

    /// A page of a file goes from a process: that it was used is noted with the page (`zap_pte_range()`).
    pub(super) fn note_use(&mut self, t: &mut Trace<'_>, process: NameId, leaf: &Leaf, cpu: CpuId) {
        if self.reclaim.is_none() || leaf.entry.has(Pte::SPECIAL) {
            return;
        }
        let pfn = leaf.entry.pfn();
        if self.processes.mapped(pfn).file().is_none() {
            return;
        }
        if leaf.entry.has(Pte::ACCESSED) {
            self.folio_mark_accessed(t, pfn, cpu);
        }
        let vma = self.processes.mm(process).and_then(|mm| mm.vma_at(leaf.address));
        if vma.is_some_and(|vma| vma.locked) {
            self.lru_mlock(t, pfn, false);
        }
    }

    /// Pages that one process alone has will not be used for long, or may go at once (`madvise_cold_or_pageout_pte_range()`).
    pub(super) fn madvise_cold(
        &mut self,
        t: &mut Trace<'_>,
        at: At,
        bytes: Option<ByteRange>,
        pageout: bool,
        cpu: CpuId,
    ) -> UnitEnd {
        let Some((process, start, end)) = self.pages_at(t, at, bytes) else { return UnitEnd::Done };
        let Some(pgd) = self.processes.mm(process).map(|mm| mm.pgd) else { return UnitEnd::Done };
        let from = self.madvise_left().unwrap_or(start);
        self.lru_add_drain(t, cpu);
        let is_own = |leaf: &Leaf| {
            let pooled = leaf.is_huge() && self.processes.huge.of(leaf.entry.pfn()).is_none();
            !leaf.entry.has(Pte::SPECIAL) && !pooled
        };
        let leaves = self.processes.tables.leaves(pgd, from, end).filter(is_own);
        let (batch, mut next) = batch_of(leaves, COLD_BATCH);
        let mut go = Vec::new();
        for leaf in &batch {
            let pfn = leaf.entry.pfn();
            if self.processes.mapcount(pfn) != 1 {
                continue;
            }
            let is_part = leaf.is_huge() && (leaf.address < from || end < leaf.end());
            if let Some((head, _)) = self.processes.huge.of(pfn)
                && (is_part || !leaf.is_huge() || self.reclaim.is_none())
            {
                // (`split_huge_page()`; then its pages are looked at one by one. Where nothing is reclaimed it stays.)
                if self.reclaim.is_some() && self.split_huge_page(t, head, cpu) {
                    next = Some(leaf.address.max(from));
                    break;
                }
                continue;
            }
            if leaf.is_huge() {
                self.will_flush(process);
            }
            self.write_pte(leaf.table, leaf.index, leaf.entry.without(Pte::ACCESSED));
            if leaf.is_huge() {
                self.flush_tlb(t, cpu, process, (leaf.address, NrPages(1)), false);
            }
            go.push(pfn);
        }
        let frames =
            self.reclaim().map_or(0, |r| go.iter().map(|pfn| r.page(*pfn).pages()).sum::<u64>()) as u32;
        let told = || ReclaimStep::Cold { process, start: from, pages: frames, pageout };
        self.told_reclaim(t, Func::Madvise, told);
        if pageout {
            self.reclaim_pages(t, &go, cpu);
        } else {
            go.iter().for_each(|pfn| self.put_in_batch(t, Batch::Deactivate, *pfn, cpu));
        }
        self.set_madvise_left(next.filter(|next| *next < end))
    }

    /// What stands behind shared memory is nowhere else: it is dirty from the start.
    pub(super) fn set_page_dirty_of_shmem(&mut self, pfn: Pfn) {
        if self.reclaim.is_some() {
            self.set_page_dirty(pfn, true);
        }
    }
}

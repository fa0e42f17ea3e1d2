//! Pages that are in memory and in swap, and what is read from there (mm/swap_state.c; mm/memory.c: `do_swap_page()`, 6.1).

use super::VmEvent;
use super::lruvec::LruFlags;
use super::swapfile::Medium;
use crate::Machine;
use crate::gfp::GfpFlags;
use crate::hash::Digest;
use crate::op::NameId;
use crate::page::Block;
use crate::process::{Access, Spot, Vma};
use crate::step::{Func, ReclaimStep, Trace};
use crate::units::{CpuId, Order, Pfn, Vaddr};
use crate::x86::pgtable::Pte;
use crate::xarray::SwapEntry;

/// What is known of the reads so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct SwapState {
    /// The area that is used next among those of the same priority.
    pub turn: u8,
    /// Pages that were read ahead and asked for since the last read (`swapin_readahead_hits`).
    hits: u32,
    /// The slot of the last read without hits (`prev_offset`).
    prev: u32,
    /// Pages of the last read (`last_readahead_pages`).
    last: u32,
}

impl Default for SwapState {
    fn default() -> SwapState {
        SwapState { turn: 0, hits: 4, prev: 0, last: 0 }
    }
}

impl SwapState {
    /// How many slots are looked at for one that is wanted, a power of two (`swapin_nr_pages()`).
    fn nr_pages(&mut self, offset: u32, page_cluster: u8) -> u32 {
        let max = 1 << page_cluster.min(5);
        if max <= 1 {
            return 1;
        }
        let hits = std::mem::take(&mut self.hits);
        let pages = match hits + 2 {
            2 if offset != self.prev + 1 && offset + 1 != self.prev => 1,
            2 => 2,
            more => more.max(4).next_power_of_two(),
        };
        let pages = pages.min(max).max(self.last / 2);
        if hits == 0 {
            self.prev = offset;
        }
        self.last = pages;
        pages
    }

    pub(super) fn digest(self, to: &mut Digest) {
        to.word(u64::from(self.turn) << 32 | u64::from(self.hits));
        to.word(u64::from(self.prev) << 32 | u64::from(self.last));
    }
}

impl Machine {
    /// A page that is in swap is wanted (`do_swap_page()`). None: there is no memory for it; whether a disk was read.
    pub(crate) fn do_swap_page(
        &mut self,
        t: &mut Trace<'_>,
        spot: Spot,
        vma: &Vma,
        entry: SwapEntry,
        was: Pte,
    ) -> Option<bool> {
        let Spot { process, address, access, cpu } = spot;
        t.within(Func::DoSwapPage, |t| {
            let (pfn, major, cached) = match self.lookup_swap_cache(t, entry) {
                Some(pfn) => (pfn, false, true),
                None => {
                    let reclaim = self.reclaim()?;
                    let alone = reclaim.swap_count(entry) == 1;
                    let skips = reclaim.medium(entry) == Medium::Zram && alone;
                    if skips {
                        (self.read_swap(t, entry, (process, Some(address)), cpu, None)?, true, false)
                    } else {
                        (self.swapin_readahead(t, entry, (process, Some(address)), cpu)?, true, true)
                    }
                }
            };
            self.unlock_all();
            // Whoever writes wants it for itself alone: nobody else may hold it.
            let writes = access == Access::Write;
            let waits = self.reclaim().is_some_and(|r| !r.page(r.folio(pfn)).flags.has(LruFlags::LRU));
            if writes && cached && waits {
                self.lru_add_drain(t, cpu);
            }
            let (table, index, now) = self.place(process, address)?;
            if now != was {
                return Some(major);
            }
            let exclusive = was.has(Pte::SWP_EXCLUSIVE) || !cached;
            let is_mapped = self.processes.mapcount(pfn) > 0;
            let reclaim = self.reclaim_mut()?;
            reclaim.swap_free(entry);
            let folio = reclaim.folio(pfn);
            let is_huge = reclaim.page(folio).pages() > 1;
            // (`should_try_to_free_swap()`; of a huge page the cache holds on to 512 frames.)
            let last = if is_huge { !reclaim.folio_swapped(folio) } else { reclaim.swap_count(entry) == 0 };
            let wants = reclaim.swap_full(folio) || vma.locked || writes && !is_mapped && !is_huge;
            let idle = !reclaim.page(folio).flags.has(LruFlags::WRITEBACK);
            let freed = cached && last && wants && idle;
            if freed {
                reclaim.uncache_swap(entry);
            }
            // Without its slot the page is all that there is.
            let alone = exclusive || (freed || !cached) && last && !is_mapped && !is_huge;
            if !is_huge {
                self.set_index(Some(vma), address, pfn);
            }
            if freed {
                self.set_dirty(folio, true);
                self.set_cached(folio, false);
            }
            let is_writable = alone && writes && vma.prot.write;
            self.map_swapped(process, (table, index), vma, pfn, (alone, is_writable));
            if vma.locked && !is_huge {
                self.lru_mlock(t, pfn, true);
            }
            self.told_reclaim(t, Func::DoSwapPage, || ReclaimStep::Swapped {
                process,
                address,
                pfn,
                entry,
                freed,
            });
            Some(major)
        })
    }

    /// The page in memory that has the contents of a slot.
    fn lookup_swap_cache(&mut self, t: &mut Trace<'_>, entry: SwapEntry) -> Option<Pfn> {
        let reclaim = self.reclaim_mut()?;
        let pfn = reclaim.cached_swap(entry)?;
        let read_ahead = reclaim.page(pfn).flags.has(LruFlags::READAHEAD);
        if read_ahead {
            reclaim.clear_flags(pfn, LruFlags::READAHEAD);
            reclaim.swap.hits += 1;
            reclaim.count(VmEvent::SwapRaHit, 1);
        }
        self.told_reclaim(t, Func::DoSwapPage, || ReclaimStep::SwapCacheHit { pfn, entry, read_ahead });
        Some(pfn)
    }

    /// A slot is read, and those around it that are in use (`swap_cluster_readahead()`).
    fn swapin_readahead(
        &mut self,
        t: &mut Trace<'_>,
        entry: SwapEntry,
        whose: (NameId, Option<Vaddr>),
        cpu: CpuId,
    ) -> Option<Pfn> {
        t.within(Func::SwapClusterReadahead, |t| {
            let reclaim = self.reclaim_mut()?;
            let cluster = reclaim.tunables.page_cluster;
            let end = reclaim.areas.get(usize::from(entry.area))?.pages;
            let pages = reclaim.swap.nr_pages(entry.offset, cluster);
            let mask = pages - 1;
            let first = (entry.offset & !mask).max(1);
            let last = (entry.offset | mask).min(end.saturating_sub(1));
            let told = || ReclaimStep::SwapIn { entry, start: first, pages: (last - first + 1) as u8 };
            self.told_reclaim(t, Func::SwapClusterReadahead, told);
            let offsets = if pages > 1 { first..=last } else { entry.offset..=entry.offset };
            for offset in offsets {
                let of = SwapEntry { offset, ..entry };
                let is_wanted = offset == entry.offset;
                let Some(reclaim) = self.reclaim() else { continue };
                if reclaim.cached_swap(of).is_some() || reclaim.swap_count(of) == 0 {
                    continue;
                }
                let got = self.read_swap(t, of, whose, cpu, Some(!is_wanted));
                if got.is_none() && is_wanted {
                    return None;
                }
            }
            if pages > 1 {
                self.lru_add_drain(t, cpu);
            }
            self.reclaim()?.cached_swap(entry)
        })
    }

    /// A page with the contents of a slot. Some: it has them together with the slot, and whether nobody asked for it; none:
    /// the slot is given up.
    fn read_swap(
        &mut self,
        t: &mut Trace<'_>,
        entry: SwapEntry,
        (process, address): (NameId, Option<Vaddr>),
        cpu: CpuId,
        ahead: Option<bool>,
    ) -> Option<Pfn> {
        let pfn = self.alloc_swapin(t, process, cpu, ahead.is_some(), address)?;
        // (`mem_cgroup_swapin_charge_folio()`: the group that it was taken from has it again.)
        let group = self.reclaim()?.group_of_swap(entry);
        let gfp = if ahead.is_some() { GfpFlags::GFP_HIGHUSER_MOVABLE } else { GfpFlags::GFP_KERNEL };
        let block = Block { pfn, order: Order::ZERO };
        if !self.mem_cgroup_charge(t, cpu, group, gfp, block) {
            self.give_up(t, cpu, process, block);
            return None;
        }
        let reclaim = self.reclaim_mut()?;
        // Whoever was killed meanwhile may have been the last to want the slot.
        if reclaim.swap_count(entry) == 0 || ahead.is_some() && reclaim.cached_swap(entry).is_some() {
            self.give_up(t, cpu, process, block);
            return None;
        }
        reclaim.locked.push(pfn);
        let shadow = match ahead {
            Some(_) => reclaim.cache_swap(entry, pfn),
            None => reclaim.take_swap_shadow(entry),
        };
        reclaim.count(VmEvent::PswpIn, 1);
        if ahead == Some(true) {
            reclaim.set_flags(pfn, LruFlags::READAHEAD);
            reclaim.count(VmEvent::SwapRa, 1);
        }
        let saved = reclaim.swap_contents(entry);
        self.put_contents(pfn, saved);
        self.told_reclaim(t, Func::SwapReadpage, || ReclaimStep::SwapRead { entry, pfn });
        if let Some(shadow) = shadow {
            self.workingset_refault(t, pfn, shadow);
        }
        self.lru_add(t, pfn, cpu);
        Some(pfn)
    }

    /// A slot's page in memory, read if it is not there (`shmem_swapin()`).
    pub(crate) fn swap_in(
        &mut self,
        t: &mut Trace<'_>,
        entry: SwapEntry,
        process: NameId,
        cpu: CpuId,
    ) -> Option<Pfn> {
        let found = self.lookup_swap_cache(t, entry);
        let pfn = found.or_else(|| self.swapin_readahead(t, entry, (process, None), cpu));
        self.unlock_all();
        pfn
    }

    /// A page is where it belongs, and its slot is nobody's.
    pub(crate) fn leave_swap(&mut self, t: &mut Trace<'_>, entry: SwapEntry) {
        // What the disk is being told has to be told first (`folio_wait_writeback()`).
        let in_flight =
            |r: &super::Reclaim| r.cached_swap(entry).is_some_and(|pfn| r.in_flight.contains(&pfn));
        if self.reclaim().is_some_and(in_flight) {
            self.end_writeback(t);
        }
        if let Some(reclaim) = self.reclaim_mut() {
            reclaim.swap_free(entry);
            reclaim.uncache_swap(entry);
        }
    }

    /// Nothing is being read any more.
    pub(crate) fn unlock_all(&mut self) {
        if let Some(reclaim) = self.reclaim_mut()
            && !reclaim.locked.is_empty()
        {
            reclaim.locked.clear();
        }
    }

    /// A page is being read: nobody may take it away meanwhile.
    pub(crate) fn lock_page(&mut self, pfn: Pfn) {
        if let Some(reclaim) = self.reclaim_mut() {
            reclaim.locked.push(pfn);
        }
    }

    /// Entries of a process that lead to swap are gone, between two addresses; how many (`zap_pte_range()`).
    pub(crate) fn zap_swap(&mut self, process: NameId, start: Vaddr, end: Vaddr) -> u64 {
        if self.reclaim.is_none() {
            return 0;
        }
        let Some(pgd) = self.processes.mm(process).map(|mm| mm.pgd) else { return 0 };
        let gone: Vec<_> = self.processes.tables().swaps(pgd, start, end).collect();
        for (_, table, index, entry, _) in &gone {
            self.write_pte(*table, *index, Pte(0));
            self.count_swapents(process, -1);
            self.free_swap_and_cache(*entry);
        }
        gone.len() as u64
    }

    /// An entry that led to a slot is gone; a page in memory that nobody else wants leaves it (`free_swap_and_cache()`).
    pub(crate) fn free_swap_and_cache(&mut self, entry: SwapEntry) {
        let Some(reclaim) = self.reclaim_mut() else { return };
        reclaim.swap_free(entry);
        if reclaim.swap_count(entry) > 0 {
            return;
        }
        let Some(pfn) = reclaim.cached_swap(entry).map(|pfn| reclaim.folio(pfn)) else { return };
        // (`swap_page_trans_huge_swapped()`)
        if reclaim.page(pfn).pages() > 1 && reclaim.folio_swapped(pfn) {
            return;
        }
        // Nobody maps it, and nobody ever will: it goes with the slot (`__try_to_reclaim_swap()`).
        let compound = self.processes.huge().of(pfn).map(|(_, of)| of.entries());
        if compound.unwrap_or(self.processes.mapped(pfn).mapcount) == 0 {
            self.drop_unmapped(pfn);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_12_swap_readahead() {
        let mut state = SwapState { hits: 0, prev: 100, last: 0, turn: 0 };
        assert_eq!(
            [(500, 3), (501, 3), (900, 3)].map(|(at, cluster)| state.nr_pages(at, cluster)),
            [1, 2, 1]
        );
        state.hits = 3;
        assert_eq!(state.nr_pages(7, 3), 8);
        assert_eq!(state.nr_pages(1000, 3), 4, "not less than half of the last time");
        state.hits = 40;
        assert_eq!(state.nr_pages(7, 3), 8);
        assert_eq!(state.nr_pages(7, 0), 1);
    }
}

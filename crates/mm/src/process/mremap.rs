//! An area gets another length, and perhaps other addresses (mm/mremap.c, 6.1).
//!
//! Entries are moved one by one; whole page tables, which the kernel moves when both places begin with one, never are, and
//! huge pages are taken apart. Pages of the pool do not move.

use super::mm_types::Vma;
use super::{NameId, Then};
use crate::machine::{Machine, UnitEnd};
use crate::step::{Func, ProcessStep, Refusal, Trace};
use crate::units::{CpuId, NrPages, PAGE_SIZE, Vaddr};
use crate::x86::pgtable::{Level, Pte};

impl Machine {
    /// `mremap(start, from, to, MREMAP_MAYMOVE)`, with lengths in bytes: where it lies now, and whether there is more to do
    /// for it.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn mremap(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        start: Vaddr,
        from: u64,
        to: u64,
        may_move: bool,
        cpu: CpuId,
    ) -> Result<(Vaddr, UnitEnd), Refusal> {
        let (from, to) = (from.next_multiple_of(PAGE_SIZE), to.next_multiple_of(PAGE_SIZE));
        if to == 0 || from == 0 {
            return Err(Refusal::Empty);
        }
        t.within(Func::Mremap, |t| {
            if to < from {
                let cut = (Vaddr(start.0 + to), Vaddr(start.0 + from));
                self.remapped(t, process, (start, start), (from, to), 0);
                return Ok((start, self.start_zap(t, process, cut, Then::Unmap, cpu)));
            }
            let (more, grown) = (NrPages((to - from) / PAGE_SIZE), to - from);
            let Some(mm) = self.processes().mm(process) else { return Err(Refusal::NotMapped) };
            let Some(vma) = mm.vma_at(start).copied() else { return Err(Refusal::NotMapped) };
            // It has to be one area.
            if from > vma.end.0 - start.0 {
                return Err(Refusal::NotMapped);
            }
            if vma.hugetlb {
                return Err(Refusal::Pooled);
            }
            if more == NrPages(0) {
                self.remapped(t, process, (start, start), (from, to), 0);
                return Ok((start, UnitEnd::Done));
            }
            if vma.locked {
                mm.may_lock(more, |pages, most| Refusal::LockAgain { pages, most })?;
            }
            if !mm.may_expand(more) {
                return Err(Refusal::AddressSpaceLimit);
            }
            let total = mm.total_vm();
            let end = Vaddr(start.0 + from);
            let fits = vma.end == end
                && !mm.is_used(end, Vaddr(end.0.saturating_add(grown)))
                && mm.find_vma(end).is_none_or(|next| next.start_gap().0 >= end.0 + grown)
                && end.0.checked_add(grown).is_some_and(|end| end <= mm.top.0);
            let place = if fits { Some(start) } else { mm.unmapped_area(to) };
            let has_room = fits || mm.has_room_for_areas(4);
            if vma.account {
                self.procs().charge(total, more)?;
            }
            let give_back = |this: &mut Self| {
                if vma.account {
                    this.procs().uncharge(more);
                }
            };
            let Some(place) = place.filter(|_| fits || may_move) else {
                give_back(self);
                return Err(Refusal::NoGap);
            };
            if !has_room {
                give_back(self);
                return Err(Refusal::TooMany);
            }
            if fits {
                let Some(mm) = self.procs().mm_mut(process) else { return Err(Refusal::NotMapped) };
                // What is new is alike, and becomes part of it.
                if let Some(vma) = mm.vma_at_mut(start) {
                    vma.end = Vaddr(end.0 + grown);
                }
                mm.grow(more);
                mm.merge_around(end, Vaddr(end.0 + grown));
                self.remapped(t, process, (start, start), (from, to), 0);
                return Ok((start, self.lock_rest(process, &vma, end, Vaddr(end.0 + grown))));
            }
            self.move_vma(t, process, &vma, (start, place), (from, to), cpu).inspect_err(|_| {
                if vma.account {
                    self.procs().uncharge(more);
                }
            })
        })
    }

    /// The area lies elsewhere, and its entries with it (`move_vma()`, `move_page_tables()`).
    fn move_vma(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        vma: &Vma,
        (start, place): (Vaddr, Vaddr),
        (from, to): (u64, u64),
        cpu: CpuId,
    ) -> Result<(Vaddr, UnitEnd), Refusal> {
        let end = Vaddr(start.0 + from);
        self.split_all(t, process, vma, (start, end), cpu);
        let copy = vma.moved_part(start, place, Vaddr(place.0 + to));
        let Some(mm) = self.procs().mm_mut(process) else { return Err(Refusal::NotMapped) };
        let peak = mm.hiwater_vm;
        // What was promised for it goes with it.
        for at in mm.cut(start, end) {
            mm.vmas[at].account = false;
        }
        mm.insert(copy);
        let pgd = mm.pgd;
        let tables = self.processes().tables();
        let pages = tables.between(pgd, start, end).map(|(address, ..)| address);
        let mut entries: Vec<Vaddr> = pages.chain(tables.swaps(pgd, start, end).map(|swap| swap.0)).collect();
        crate::sort::by_key(&mut entries, |address| address.0);
        let mut moved = Vec::new();
        self.will_flush(process);
        for address in entries {
            let at = Vaddr(place.0 + (address.0 - start.0));
            let fits = self.alloc_tables(t, process, at, cpu, Level::Pte).is_some();
            let slot = self.processes().tables().place(pgd, at).filter(|_| fits);
            let Some((new_table, new_index, _)) = slot else {
                // Everything goes back to where it was.
                for ((table, index), (new_table, new_index), pte) in moved {
                    let tables = &mut self.procs().tables;
                    tables.write(new_table, new_index, Pte(0));
                    tables.write(table, index, pte);
                }
                self.leave(t, process, (place, Vaddr(place.0 + to)), peak, cpu);
                self.flush_tlb(t, cpu, process, (start, NrPages(from / PAGE_SIZE)), true);
                if let Some(mm) = self.procs().mm_mut(process) {
                    for at in mm.cut(start, end) {
                        mm.vmas[at].account = vma.account;
                    }
                    mm.merge_around(start, end);
                }
                return Err(Refusal::NoTable);
            };
            // (As it is now: for the tables something may have gone to swap.)
            let Some((table, index, pte)) = self.place(process, address) else { continue };
            let tables = &mut self.procs().tables;
            tables.write(new_table, new_index, pte);
            tables.write(table, index, Pte(0));
            moved.push(((table, index), (new_table, new_index), pte));
        }
        let moved = moved.len() as u64;
        self.leave(t, process, (start, end), peak, cpu);
        self.remapped(t, process, (start, place), (from, to), moved);
        self.flush(t, cpu, process, (start, NrPages(from / PAGE_SIZE)), true);
        Ok((place, self.lock_rest(process, vma, Vaddr(place.0 + from), Vaddr(place.0 + to))))
    }

    /// Of a locked area what is new comes at once.
    fn lock_rest(&mut self, process: NameId, vma: &Vma, start: Vaddr, end: Vaddr) -> UnitEnd {
        if vma.locked {
            self.lock_pages(process, start, end);
        }
        if self.processes().work.is_some() { UnitEnd::More } else { UnitEnd::Done }
    }

    /// Addresses without pages go, with the tables that nobody needs any more; what was promised for them stays so.
    fn leave(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        (start, end): (Vaddr, Vaddr),
        peak: NrPages,
        cpu: CpuId,
    ) {
        if let Some(mm) = self.procs().mm_mut(process) {
            mm.remove(start, end);
            // The moment in which both were there does not count.
            mm.hiwater_vm = peak.max(mm.total_vm());
        }
        self.free_pgtables(t, process, start, end, cpu);
    }

    fn remapped(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        (start, to): (Vaddr, Vaddr),
        (old, new): (u64, u64),
        moved: u64,
    ) {
        let total = self.processes().mm(process).map_or(NrPages(0), super::Mm::total_vm);
        self.told_process(t, Func::Mremap, process, || ProcessStep::Remapped {
            start,
            to,
            old: NrPages(old / PAGE_SIZE),
            new: NrPages(new / PAGE_SIZE),
            moved: NrPages(moved),
            total,
        });
    }
}

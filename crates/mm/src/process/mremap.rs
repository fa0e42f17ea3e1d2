//! An area gets another length, and perhaps other addresses (mm/mremap.c, 6.1).
//!
//! Entries of pages are moved one by one, but for those of a whole table where both places begin with one: then the entry
//! above it moves (`move_normal_pmd()`, `move_normal_pud()`), and that of a huge page as it is (`move_huge_pmd()`). Pages of
//! the pool do not move.

use super::mm_types::Vma;
use super::{NameId, Processes, Then};
use crate::machine::{Machine, UnitEnd};
use crate::step::{Func, ProcessStep, Refusal, Trace};
use crate::units::{CpuId, NrPages, PAGE_SIZE, Pfn, Vaddr};
use crate::x86::pgtable::{Level, Pte};

/// An entry that lies elsewhere now: in which table it was, and in which it is.
struct MovedEntry {
    from: (Pfn, u16),
    to: (Pfn, u16),
}

/// What a move has done so far.
#[derive(Default)]
struct Moved {
    entries: Vec<MovedEntry>,
    /// Those among them of a whole table, or of a huge page.
    whole: u32,
}

/// Bytes up to where either address comes to a border of so many, at most as many as are left (`get_extent()`).
fn extent(span: u64, old: Vaddr, new: Vaddr, left: u64) -> u64 {
    let to_border = |at: Vaddr| span - at.0 % span;
    left.min(to_border(old)).min(to_border(new))
}

impl Processes {
    /// An entry leaves one table for another; what was put by for a huge page goes with it (`pmd_move_must_withdraw()`).
    fn move_entry(&mut self, (from, at): (Pfn, u16), (to, index): (Pfn, u16), entry: Pte) {
        self.tables.write(from, at, Pte(0));
        self.tables.write(to, index, entry);
        if entry.has(Pte::PSE) && from != to {
            self.move_deposit(from, to);
        }
    }
}

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
                self.remapped(t, process, (start, start), (from, to), (0, 0));
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
                self.remapped(t, process, (start, start), (from, to), (0, 0));
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
                self.remapped(t, process, (start, start), (from, to), (0, 0));
                return Ok((start, self.lock_rest(process, &vma, end, Vaddr(end.0 + grown))));
            }
            self.move_vma(t, process, &vma, (start, place), (from, to), cpu)
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
        self.split_at(t, process, start, cpu);
        self.split_at(t, process, end, cpu);
        let copy = vma.moved_part(start, place, Vaddr(place.0 + to));
        let Some(mm) = self.procs().mm_mut(process) else { return Err(Refusal::NotMapped) };
        let peak = mm.hiwater_vm;
        // What was promised for it goes with it.
        for at in mm.cut(start, end) {
            mm.vmas[at].account = false;
        }
        mm.insert(copy);
        self.will_flush(process);
        let mut moved = Moved::default();
        if self.move_page_tables(t, (process, vma), (start, end, place), cpu, &mut moved).is_none() {
            // Everything goes back to where it was.
            for entry in moved.entries.into_iter().rev() {
                // (As it is now: for a table something may have gone to swap.)
                let now = self.processes().tables().entry(entry.to.0, entry.to.1);
                self.procs().move_entry(entry.to, entry.from, now);
            }
            if let Some(mm) = self.procs().mm_mut(process) {
                for at in mm.cut(start, end) {
                    mm.vmas[at].account = vma.account;
                }
            }
            if vma.account {
                self.procs().uncharge(NrPages((to - from) / PAGE_SIZE));
            }
            self.leave(t, process, (place, Vaddr(place.0 + to)), peak, cpu);
            self.flush_tlb(t, cpu, process, (start, NrPages(from / PAGE_SIZE)), true);
            if let Some(mm) = self.procs().mm_mut(process) {
                mm.merge_around(start, end);
            }
            return Err(Refusal::NoTable);
        }
        self.leave(t, process, (start, end), peak, cpu);
        let (entries, whole) = (moved.entries.len() as u64, moved.whole);
        self.remapped(t, process, (start, place), (from, to), (entries, whole));
        self.flush(t, cpu, process, (start, NrPages(from / PAGE_SIZE)), true);
        Ok((place, self.lock_rest(process, vma, Vaddr(place.0 + from), Vaddr(place.0 + to))))
    }

    /// The entries of an area come to lie elsewhere (`move_page_tables()`): as many at once as lie between the same borders
    /// at both places. None: there is no frame for a table; what was moved until then is in `moved`.
    fn move_page_tables(
        &mut self,
        t: &mut Trace<'_>,
        (process, vma): (NameId, &Vma),
        (start, end, place): (Vaddr, Vaddr, Vaddr),
        cpu: CpuId,
        moved: &mut Moved,
    ) -> Option<()> {
        let pgd = self.processes().mm(process)?.pgd;
        let paging = self.processes().tables().paging();
        let levels = paging.levels();
        // The two levels above that of pages, the upper one first.
        let above = &levels[levels.len().saturating_sub(3)..levels.len() - 1];
        let mut at = start;
        'next: while at < end {
            let new = Vaddr(place.0 + (at.0 - start.0));
            let mut bytes = end.0 - at.0;
            for (level, ..) in above {
                let span = paging.span(*level)?;
                bytes = extent(span, at, new, end.0 - at.0);
                let read_at = |this: &Self, address| {
                    let walk = this.processes().tables().walk(pgd, address);
                    walk.reads().find(|read| read.level == *level)
                };
                if read_at(self, at).is_none_or(|read| read.entry.0 == 0) {
                    at = Vaddr(at.0 + bytes);
                    continue 'next;
                }
                self.alloc_tables(t, process, new, cpu, *level)?;
                // (For a table something may have gone to swap, or a huge page may be in pieces now.)
                let old = read_at(self, at)?;
                let slot = read_at(self, new)?;
                let is_huge = old.entry.has(Pte::PSE);
                // A table that comes with the topmost one stays where it is.
                if bytes == span && slot.entry.0 == 0 {
                    let (from, to) = ((old.table, old.index), (slot.table, slot.index));
                    self.procs().move_entry(from, to, old.entry);
                    moved.entries.push(MovedEntry { from, to });
                    moved.whole += 1;
                    at = Vaddr(at.0 + bytes);
                    continue 'next;
                }
                if is_huge {
                    let leaf = self.processes().tables().leaf(pgd, at)?;
                    self.split_huge_pmd(t, process, vma, &leaf, cpu)?;
                }
            }
            self.alloc_tables(t, process, new, cpu, Level::Pte)?;
            let part = Vaddr(at.0 + bytes);
            let tables = self.processes().tables();
            let swaps = tables
                .swaps(pgd, at, part)
                .map(|(address, table, index, _, pte)| (address, table, index, pte));
            let entries: Vec<_> = tables.between(pgd, at, part).chain(swaps).collect();
            for (address, table, index, entry) in entries {
                let address = Vaddr(place.0 + (address.0 - start.0));
                let (new_table, new_index, _) = self.processes().tables().place(pgd, address)?;
                let (from, to) = ((table, index), (new_table, new_index));
                self.procs().move_entry(from, to, entry);
                moved.entries.push(MovedEntry { from, to });
            }
            at = part;
        }
        Some(())
    }

    /// Of a locked area what is new comes at once.
    fn lock_rest(&mut self, process: NameId, vma: &Vma, start: Vaddr, end: Vaddr) -> UnitEnd {
        if vma.locked {
            self.lock_pages(process, start, end, true);
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
        (moved, whole): (u64, u32),
    ) {
        let total = self.processes().mm(process).map_or(NrPages(0), super::Mm::total_vm);
        self.told_process(t, Func::Mremap, process, || ProcessStep::Remapped {
            start,
            to,
            old: NrPages(old / PAGE_SIZE),
            new: NrPages(new / PAGE_SIZE),
            moved: NrPages(moved),
            whole,
            total,
        });
    }
}

//! Pages that have to stay (mm/mlock.c, `__mm_populate()` in mm/gup.c, 6.1).
//!
//! All pages are there at once, count against a limit, and are not taken away where memory is reclaimed.

use super::memory::page_of;
use super::mm_types::Vma;
use super::{Access, At, ByteRange, Leaf, Mm, Prot, Work};
use crate::machine::{Machine, UnitEnd};
use crate::op::NameId;
use crate::step::{Func, ProcessStep, Refusal, Trace};
use crate::units::{CpuId, NrPages, PAGE_SIZE, Vaddr};
use crate::x86::pgtable::Pte;

impl Mm {
    /// `VmLck`: the pages of all areas that are locked, there or not.
    #[must_use]
    pub fn locked_vm(&self) -> NrPages {
        NrPages(self.vmas().iter().filter(|vma| vma.locked).map(|vma| vma.pages().0).sum())
    }

    /// Whether so many pages more may be locked, and if not why: `over` is what says that they are too many.
    pub(super) fn may_lock(
        &self,
        more: NrPages,
        over: impl Fn(NrPages, NrPages) -> Refusal,
    ) -> Result<(), Refusal> {
        let Some(limit) = self.limits.memlock else { return Ok(()) };
        if limit == 0 {
            return Err(Refusal::LockForbidden);
        }
        let (most, pages) = (NrPages(limit / PAGE_SIZE), NrPages(self.locked_vm().0.saturating_add(more.0)));
        if pages > most { Err(over(pages, most)) } else { Ok(()) }
    }
}

impl Machine {
    /// The addresses of a place in whole pages.
    fn whole_pages(
        &self,
        t: &mut Trace<'_>,
        at: At,
        bytes: Option<ByteRange>,
    ) -> Option<(NameId, Vaddr, Vaddr)> {
        let (process, start, end) = self.range_of(t, at, bytes)?;
        let top = self.processes().mm(process)?.top;
        let end = end.0.min(top.0).next_multiple_of(PAGE_SIZE);
        Some((process, page_of(start.min(Vaddr(end))), Vaddr(end)))
    }

    /// `mlock()`: what lies there is locked, and comes at once.
    pub(super) fn mlock(
        &mut self,
        t: &mut Trace<'_>,
        at: At,
        bytes: Option<ByteRange>,
        cpu: CpuId,
    ) -> UnitEnd {
        let Some((process, start, end)) = self.whole_pages(t, at, bytes) else { return UnitEnd::Done };
        t.within(Func::Mlock, |t| {
            let Some(mm) = self.processes().mm(process) else { return UnitEnd::Done };
            let inside = |vma: &&Vma| vma.locked && vma.start < end && start < vma.end;
            let again: u64 = mm
                .vmas()
                .iter()
                .filter(inside)
                .map(|vma| (vma.end.min(end).0 - vma.start.max(start).0) / PAGE_SIZE)
                .sum();
            let more = NrPages((end.0 - start.0) / PAGE_SIZE - again);
            let over = |pages, most| Refusal::LockLimit { pages, most };
            if let Err(why) = mm.may_lock(more, over) {
                return self.refused(t, process, why);
            }
            match self.set_locked(t, process, (start, end), true, cpu) {
                Err(why) => self.refused(t, process, why),
                Ok(()) => {
                    self.lock_pages(process, start, end, false);
                    if self.processes().work.is_some() { UnitEnd::More } else { UnitEnd::Done }
                }
            }
        })
    }

    /// `munlock()`: it may go again, and stays for now.
    pub(super) fn munlock(
        &mut self,
        t: &mut Trace<'_>,
        at: At,
        bytes: Option<ByteRange>,
        cpu: CpuId,
    ) -> UnitEnd {
        let Some((process, start, end)) = self.whole_pages(t, at, bytes) else { return UnitEnd::Done };
        t.within(Func::Munlock, |t| {
            if let Err(why) = self.set_locked(t, process, (start, end), false, cpu) {
                self.refused(t, process, why);
            }
            UnitEnd::Done
        })
    }

    /// Areas become locked or not (`apply_vma_lock_flags()`): up to the first hole, which is an error.
    fn set_locked(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        (start, end): (Vaddr, Vaddr),
        locked: bool,
        cpu: CpuId,
    ) -> Result<(), Refusal> {
        let Some(mm) = self.procs().mm_mut(process) else { return Err(Refusal::Hole) };
        let mut reached = start;
        for vma in mm.vmas().iter().skip_while(|vma| vma.end <= start) {
            if vma.start > reached || reached >= end {
                break;
            }
            reached = vma.end.min(end);
        }
        if reached == start && start < end {
            return Err(Refusal::Hole);
        }
        if !mm.has_room_for_areas(2) {
            return Err(Refusal::TooMany);
        }
        self.split_at(t, process, start, cpu);
        self.split_at(t, process, reached, cpu);
        let Some(mm) = self.procs().mm_mut(process) else { return Err(Refusal::Hole) };
        for at in mm.cut(start, reached) {
            mm.vmas[at].locked = locked;
        }
        mm.merge_around(start, reached);
        let (pgd, was_any) = (mm.pgd, self.reclaim.is_some());
        if was_any {
            let procs = self.processes();
            let leaves = procs.tables().leaves(pgd, start, reached);
            // (`mlock_pte_range()`: what leads into the middle of a huge page is left out.)
            let stays = |leaf: &Leaf| {
                let pfn = leaf.entry.pfn();
                let pooled = leaf.is_huge() && procs.pool().entries(pfn).is_some();
                !pooled && !leaf.entry.has(Pte::SPECIAL) && (leaf.is_huge() || procs.huge().of(pfn).is_none())
            };
            let frames: Vec<_> = leaves.filter(stays).map(|leaf| leaf.entry.pfn()).collect();
            for pfn in frames {
                self.lru_mlock(t, pfn, locked);
            }
        }
        let Some(mm) = self.processes().mm(process) else { return Err(Refusal::Hole) };
        let (pages, total) = (NrPages((reached.0 - start.0) / PAGE_SIZE), mm.locked_vm());
        let func = if locked { Func::Mlock } else { Func::Munlock };
        self.told_process(t, func, process, || ProcessStep::Locked { start, pages, locked, total });
        if reached < end { Err(Refusal::Hole) } else { Ok(()) }
    }

    /// `mlockall()`: all that is mapped is locked and comes, or all that will be, or both; with neither it is
    /// `munlockall()`, and nothing is locked any more.
    pub(super) fn mlockall(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        current: bool,
        future: bool,
    ) -> UnitEnd {
        if !self.is_process(t, process) {
            return UnitEnd::Done;
        }
        let func = if current || future { Func::Mlockall } else { Func::Munlockall };
        t.within(func, |t| {
            let Some(mm) = self.processes().mm(process) else { return UnitEnd::Done };
            let most = mm.limits.memlock.map(|limit| NrPages(limit / PAGE_SIZE));
            let why = match (mm.limits.memlock, most) {
                (Some(0), _) if current || future => Some(Refusal::LockForbidden),
                // Whatever is locked already counts once more here, as `total_vm` does.
                (_, Some(most)) if current && mm.total_vm() > most => {
                    Some(Refusal::LockLimit { pages: mm.total_vm(), most })
                }
                _ => None,
            };
            if let Some(why) = why {
                return self.refused(t, process, why);
            }
            let Some(mm) = self.procs().mm_mut(process) else { return UnitEnd::Done };
            mm.lock_future = future;
            // `MCL_FUTURE` alone leaves what is there as it is.
            if current || !future {
                for vma in mm.vmas.iter_mut().filter(|vma| !vma.hugetlb) {
                    vma.locked = current;
                }
                let top = mm.top;
                mm.merge_around(Vaddr(0), top);
            }
            let (total, top) = (mm.locked_vm(), mm.top);
            self.told_process(t, func, process, || ProcessStep::LockedAll { current, future, total });
            if current {
                self.procs().to_lock.push((process, Vaddr(0), top));
            }
            UnitEnd::Done
        })
    }

    /// All pages between two addresses come with the next units (`__mm_populate()`). What cannot come ends that, but for
    /// who takes what there is (`all`, `ignore_errors`): the next area is tried then.
    pub(super) fn lock_pages(&mut self, process: NameId, start: Vaddr, end: Vaddr, all: bool) {
        let next = self.next_to_lock(process, start, end, all);
        self.procs().work = next.map(|(at, _)| Work::Lock { process, at, end, all });
    }

    /// The next page comes.
    pub(super) fn lock_on(&mut self, t: &mut Trace<'_>, cpu: CpuId) -> UnitEnd {
        let Some(Work::Lock { process, at, end, all }) = self.processes().work else { return UnitEnd::Done };
        let access = self.next_to_lock(process, at, end, all).map(|(_, access)| access);
        let got = access
            .is_some_and(|access| t.within(Func::Mlock, |t| self.fault_in(t, process, at, access, cpu)));
        self.procs().work = None;
        let behind = self.processes().mm(process).and_then(|mm| mm.vma_at(at)).map(|vma| vma.end);
        match behind {
            _ if got => self.lock_pages(process, Vaddr(at.0 + PAGE_SIZE), end, all),
            Some(behind) if all => self.lock_pages(process, behind, end, all),
            _ => {}
        }
        if self.processes().work.is_some() { UnitEnd::More } else { UnitEnd::Done }
    }

    /// The first page from an address on that is not there as its area wants it: one of its own to write to where that is
    /// allowed. Where nothing may be done nothing comes.
    fn next_to_lock(&self, process: NameId, start: Vaddr, end: Vaddr, all: bool) -> Option<(Vaddr, Access)> {
        let procs = self.processes();
        let mm = procs.mm(process)?;
        let mut at = start;
        while at < end {
            let vma = mm.find_vma(at)?;
            if at < vma.start || vma.prot == Prot::NONE {
                if !all {
                    return None;
                }
                at = if at < vma.start { vma.start } else { vma.end };
                continue;
            }
            let access = if vma.prot.write && !vma.shared { Access::Write } else { Access::Read };
            let pte = procs.tables().page(mm.pgd, at);
            let is_there = pte.is_some_and(|pte| access == Access::Read || pte.has(Pte::RW));
            if !is_there {
                if self.can_be_there(process, at) {
                    return Some((at, access));
                }
                if !all {
                    return None;
                }
                at = vma.end;
                continue;
            }
            at = Vaddr(at.0 + PAGE_SIZE);
        }
        None
    }
}

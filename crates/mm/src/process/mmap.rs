//! Areas that come and go, where they come to lie, and what may be promised (mm/mmap.c, mm/mprotect.c, arch/x86/mm/mmap.c,
//! 6.1).

use super::filemap::File;
use super::mm_types::{Backing, MAX_MAP_COUNT, MMAP_MIN_ADDR, Mm, STACK_GUARD_GAP, Vma};
use super::{Access, At, ByteRange, HPAGE_SIZE, MmapArgs, Processes, Prot, Rlimits, Then, Work};
use crate::machine::{Machine, Named, UnitEnd};
use crate::op::NameId;
use crate::step::{Func, ProcessStep, Refusal, Trace};
use crate::units::{CpuId, NrPages, PAGE_SIZE, Vaddr};
use crate::util::Asker;

/// Where areas are put that ask for no address, from there downwards (`mmap_base()`): below the room that a stack may
/// take below `top`, which is 128 MiB at least. Nothing is left to chance here (no `randomize_va_space`).
#[must_use]
pub fn mmap_base(top: Vaddr, limits: Rlimits) -> Vaddr {
    const LEAST: u64 = 128 << 20;
    let most = top.0 / 6 * 5;
    let gap = limits.stack.saturating_add(STACK_GUARD_GAP.bytes().0).clamp(LEAST, most);
    Vaddr((top.0 - gap).next_multiple_of(PAGE_SIZE))
}

impl Mm {
    /// The highest free addresses below `mmap_base` that are as long; if there are none, the lowest ones from a third
    /// of the address space upwards (`vm_unmapped_area()`).
    #[must_use]
    pub fn unmapped_area(&self, bytes: u64) -> Option<Vaddr> {
        if bytes > self.top.0 {
            return None;
        }
        let gaps = || {
            let starts = std::iter::once(MMAP_MIN_ADDR).chain(self.vmas().iter().map(|vma| vma.end));
            let ends = self.vmas().iter().map(|vma| vma.start_gap()).chain([self.top]);
            starts.zip(ends)
        };
        let below = |(start, end): (Vaddr, Vaddr)| (start, end.min(self.mmap_base));
        let fits = |(start, end): &(Vaddr, Vaddr)| end.0.checked_sub(start.0).is_some_and(|gap| gap >= bytes);
        if let Some((_, end)) = gaps().map(below).filter(fits).last() {
            return Some(Vaddr(end.0 - bytes));
        }
        let bottom = Vaddr((self.top.0 / 3).next_multiple_of(PAGE_SIZE));
        gaps().map(|(start, end)| (start.max(bottom), end)).find(fits).map(|(start, _)| start)
    }

    /// Whether so many pages more stay below `RLIMIT_AS` (`may_expand_vm()`).
    #[must_use]
    pub fn may_expand(&self, pages: NrPages) -> bool {
        let most = self.limits.address_space.map_or(u64::MAX, |bytes| bytes / PAGE_SIZE);
        self.total_vm().0.saturating_add(pages.0) <= most
    }

    /// Whether there may be another area.
    pub(crate) fn has_room_for_areas(&self, more: usize) -> bool {
        self.vmas().len() + more <= MAX_MAP_COUNT + 1
    }
}

impl Processes {
    /// Promises so many pages to a process that has so many addresses already, or says why not (`security_vm_enough_memory_mm()`).
    pub(crate) fn charge(&mut self, total_vm: NrPages, pages: NrPages) -> Result<(), Refusal> {
        let asker = Asker { admin: true, total_vm };
        if !self.commit.allows(pages, NrPages(self.committed), asker) {
            let most = self.commit.most(asker);
            return Err(Refusal::Overcommit { pages, most });
        }
        self.committed += pages.0;
        Ok(())
    }

    /// So many pages are no longer promised (`vm_unacct_memory()`).
    pub(crate) fn uncharge(&mut self, pages: NrPages) {
        self.committed -= pages.0;
    }
}

impl Machine {
    /// Addresses are promised (`do_mmap()`, `mmap_region()`).
    pub(super) fn mmap(
        &mut self,
        t: &mut Trace<'_>,
        name: NameId,
        process: NameId,
        bytes: u64,
        args: &MmapArgs,
        cpu: CpuId,
    ) -> UnitEnd {
        if !self.may_name(t, name) || !self.is_process(t, process) {
            return UnitEnd::Done;
        }
        t.within(Func::Mmap, |t| {
            let Some(came) = self.gather_surplus_pages(t, process, bytes, args, cpu) else {
                return UnitEnd::More;
            };
            let bytes = bytes.next_multiple_of(if args.huge { HPAGE_SIZE } else { PAGE_SIZE });
            let pages = NrPages(bytes / PAGE_SIZE);
            match self.mmap_region(name, process, bytes, args) {
                Err(why) => {
                    self.return_surplus_pages(t, came, cpu);
                    self.refused(t, name, why)
                }
                Ok((start, merged)) => {
                    let count = u32::try_from(pages.0).unwrap_or(u32::MAX);
                    self.set_named(name, Named::Mapping { process, start, pages: count });
                    let total = self.processes().mm(process).map_or(NrPages(0), Mm::total_vm);
                    self.told_process(t, Func::Mmap, process, || ProcessStep::Mapped {
                        start,
                        pages,
                        merged,
                        total,
                    });
                    if args.locked
                        || self.processes().mm(process).is_some_and(|mm| mm.lock_future && !args.huge)
                    {
                        self.lock_pages(process, start, Vaddr(start.0 + bytes), true);
                        return if self.processes().work.is_some() { UnitEnd::More } else { UnitEnd::Done };
                    }
                    if !args.populate || args.prot == Prot::NONE || !self.can_be_there(process, start) {
                        return UnitEnd::Done;
                    }
                    let access = if args.prot.write { Access::Write } else { Access::Read };
                    let left = pages.0;
                    self.procs().work =
                        Some(Work::Access { process, access, at: start, left, down: false, populate: true });
                    UnitEnd::More
                }
            }
        })
    }

    pub(super) fn mmap_region(
        &mut self,
        name: NameId,
        process: NameId,
        bytes: u64,
        args: &MmapArgs,
    ) -> Result<(Vaddr, bool), Refusal> {
        if args.huge && bytes > 0 {
            let MmapArgs { prot, noreserve, .. } = *args;
            let none = Vma::anon(Vaddr(0), Vaddr(0));
            let vma = Vma { prot, noreserve, account: false, hugetlb: true, reserved: !noreserve, ..none };
            return self.mmap_hugetlb(process, bytes, vma);
        }
        let MmapArgs { prot, shared, file, noreserve, locked, .. } = *args;
        let pages = NrPages(bytes / PAGE_SIZE);
        if bytes == 0 {
            return Err(Refusal::Empty);
        }
        let locked = locked || self.processes().mm(process).is_some_and(|mm| mm.lock_future);
        let (start, total) = {
            let mm = self.processes().mm(process).ok_or(Refusal::NoGap)?;
            if !mm.has_room_for_areas(1) {
                return Err(Refusal::TooMany);
            }
            let start = mm.unmapped_area(bytes).ok_or(Refusal::NoGap)?;
            if locked {
                mm.may_lock(pages, |pages, most| Refusal::LockAgain { pages, most })?;
            }
            if !mm.may_expand(pages) {
                return Err(Refusal::AddressSpaceLimit);
            }
            (start, mm.total_vm())
        };
        let file = match file {
            None => None,
            Some((of, offset)) => {
                let file = self.processes().file_of(of).ok_or(Refusal::NotAFile)?;
                Some((file, offset / PAGE_SIZE))
            }
        };
        // What stands behind shared anonymous memory is promised as well (`shmem_acct_size()`).
        let counts = match file {
            Some(_) => self.processes().commit.counts(!shared, prot.write, noreserve),
            None => self.processes().commit.counts(true, shared || prot.write, noreserve),
        };
        let procs = self.procs();
        if counts {
            procs.charge(total, pages)?;
        }
        let backing = match file {
            Some((file, pgoff)) => Backing::File { file, pgoff },
            None if shared => {
                let file = File::new(name, bytes, true);
                Backing::File { file: procs.add_file(file), pgoff: 0 }
            }
            None => Backing::Anon,
        };
        let anon = Vma::anon(start, Vaddr(start.0 + bytes));
        let vma = Vma { prot, shared, noreserve, account: counts, backing, locked, ..anon };
        let merged = procs.mm_mut(process).is_some_and(|mm| mm.insert(vma));
        Ok((start, merged))
    }

    pub(super) fn munmap(
        &mut self,
        t: &mut Trace<'_>,
        at: At,
        bytes: Option<ByteRange>,
        cpu: CpuId,
    ) -> UnitEnd {
        let Some((process, start, end)) = self.pages_at(t, at, bytes) else { return UnitEnd::Done };
        let Some(mm) = self.processes().mm(process) else { return UnitEnd::Done };
        if mm.cuts_hugetlb(start, end) {
            return self.refused(t, process, Refusal::Pooled);
        }
        // A hole in the middle of an area makes two of one.
        let cuts = mm.vma_at(start).is_some_and(|vma| vma.start < start && end < vma.end);
        if cuts && !mm.has_room_for_areas(1) {
            return self.refused(t, process, Refusal::TooMany);
        }
        // A thread takes it from all that share the address space.
        if let At::Area { name, by } = at
            && by.is_none_or(|by| {
                self.processes().thread(by).is_some()
                    && matches!(self.named(name), Named::Mapping { process: of, .. } if of == process)
            })
            && bytes.is_none()
        {
            self.set_named(name, Named::Freed);
        }
        self.start_zap(t, process, (start, end), Then::Unmap, cpu)
    }

    /// What may be done with pages changes (`mprotect_fixup()`).
    pub(super) fn mprotect(
        &mut self,
        t: &mut Trace<'_>,
        at: At,
        bytes: Option<ByteRange>,
        prot: Prot,
        cpu: CpuId,
    ) -> UnitEnd {
        let Some((process, start, end)) = self.pages_at(t, at, bytes) else { return UnitEnd::Done };
        t.within(Func::Mprotect, |t| {
            let Some(mm) = self.processes().mm(process) else { return UnitEnd::Done };
            let inside: Vec<Vma> =
                mm.vmas().iter().filter(|vma| vma.start < end && start < vma.end).copied().collect();
            let covered: u64 = inside.iter().map(|vma| vma.end.min(end).0 - vma.start.max(start).0).sum();
            if covered != end.0 - start.0 || inside.is_empty() {
                return self.refused(t, process, Refusal::NoGap);
            }
            let total = mm.total_vm();
            if mm.cuts_hugetlb(start, end) {
                return self.refused(t, process, Refusal::Pooled);
            }
            if !mm.has_room_for_areas(2) {
                return self.refused(t, process, Refusal::TooMany);
            }
            // What becomes one's own to write to is promised from now on.
            let fresh =
                |vma: &Vma| prot.write && vma.is_private() && !vma.account && !vma.noreserve && !vma.hugetlb;
            let pages = |vma: &Vma| (vma.end.min(end).0 - vma.start.max(start).0) / PAGE_SIZE;
            let more = inside.iter().filter(|vma| fresh(vma)).map(pages).sum();
            if let Err(why) = self.procs().charge(total, NrPages(more)) {
                return self.refused(t, process, why);
            }
            self.split_at(t, process, start, cpu);
            self.split_at(t, process, end, cpu);
            let Some(mm) = self.procs().mm_mut(process) else { return UnitEnd::Done };
            let mut comes = None;
            for at in mm.cut(start, end) {
                let vma = &mut mm.vmas[at];
                // What is locked and could not be written to so far comes now (`mprotect_fixup()`).
                if vma.locked && !vma.shared && !vma.prot.write && prot.write {
                    let from = comes.map_or(vma.start, |(from, _)| from);
                    comes = Some((from, vma.end));
                }
                vma.account |= fresh(vma);
                vma.prot = prot;
            }
            if let Some((from, to)) = comes {
                self.procs().to_lock.push((process, from, to));
            }
            self.will_flush(process);
            self.change_protection(process, start, end);
            let Some(mm) = self.procs().mm_mut(process) else { return UnitEnd::Done };
            mm.merge_around(start, end);
            let (areas, pages) = (mm.vmas().len() as u32, NrPages((end.0 - start.0) / PAGE_SIZE));
            self.told_process(t, Func::Mprotect, process, || ProcessStep::Protected {
                start,
                pages,
                prot,
                areas,
            });
            self.flush(t, cpu, process, (start, pages), false);
            UnitEnd::Done
        })
    }

    /// Whether an area with a part between two addresses is locked.
    pub(super) fn has_locked(&self, process: NameId, start: Vaddr, end: Vaddr) -> bool {
        let has = |vma: &Vma| vma.locked && vma.start < end && start < vma.end;
        self.processes().mm(process).is_some_and(|mm| mm.vmas().iter().any(has))
    }

    /// Pages of a process's own are as good as free until they are written to again (`madvise_free_single_vma()`).
    pub(super) fn madvise_free(&mut self, t: &mut Trace<'_>, at: At, bytes: Option<ByteRange>, cpu: CpuId) {
        let Some((process, start, end)) = self.pages_at(t, at, bytes) else { return };
        let Some(mm) = self.processes().mm(process) else { return };
        if self.has_locked(process, start, end) {
            self.refused(t, process, Refusal::IsLocked);
            return;
        }
        let of_file = |vma: &Vma| vma.backing != Backing::Anon && vma.start < end && start < vma.end;
        if mm.vmas().iter().any(of_file) {
            self.refused(t, process, Refusal::NotAnonymous);
            return;
        }
        if mm.has_hugetlb(start, end) {
            self.refused(t, process, Refusal::Pooled);
            return;
        }
        let pages = NrPages((end.0 - start.0) / PAGE_SIZE);
        let present = NrPages(self.lazyfree(t, process, (start, end), cpu));
        self.told_process(t, Func::Madvise, process, || ProcessStep::LazyFreed { start, pages, present });
        self.flush(t, cpu, process, (start, pages), false);
    }

    /// The end of the heap moves (`brk()`).
    pub(super) fn brk(&mut self, t: &mut Trace<'_>, process: NameId, by: i64, cpu: CpuId) -> UnitEnd {
        if !self.is_process(t, process) {
            return UnitEnd::Done;
        }
        t.within(Func::Brk, |t| {
            let Some(mm) = self.processes().mm(process) else { return UnitEnd::Done };
            let Some(to) =
                mm.brk.0.checked_add_signed(by).filter(|to| (mm.start_brk.0..mm.top.0).contains(to))
            else {
                return self.refused(t, process, Refusal::Heap);
            };
            let (old, new) = (mm.brk.0.next_multiple_of(PAGE_SIZE), to.next_multiple_of(PAGE_SIZE));
            let total = mm.total_vm();
            let pages = NrPages(new.saturating_sub(old) / PAGE_SIZE);
            // A page is kept free to the next area, and below a stack the gap.
            let next = mm.find_vma(Vaddr(old)).map(|vma| vma.start_gap().0);
            let why = if next.is_some_and(|next| new + PAGE_SIZE > next) {
                Some(Refusal::Heap)
            } else if !mm.may_expand(pages) {
                Some(Refusal::AddressSpaceLimit)
            } else {
                (!mm.has_room_for_areas(1)).then_some(Refusal::TooMany)
            };
            let set = |this: &mut Self| {
                if let Some(mm) = this.procs().mm_mut(process) {
                    mm.brk = Vaddr(to);
                }
            };
            let locked = mm.lock_future;
            let why = why.or_else(|| {
                let more = |pages, most| Refusal::LockAgain { pages, most };
                (locked && new > old).then(|| mm.may_lock(pages, more).err()).flatten()
            });
            if new <= old {
                set(self);
                if new < old {
                    return self.start_zap(t, process, (Vaddr(new), Vaddr(old)), Then::Unmap, cpu);
                }
                self.told_process(t, Func::Brk, process, || ProcessStep::Mapped {
                    start: Vaddr(old),
                    pages: NrPages(0),
                    merged: true,
                    total,
                });
                return UnitEnd::Done;
            }
            if let Some(why) = why.or_else(|| self.procs().charge(total, pages).err()) {
                return self.refused(t, process, why);
            }
            set(self);
            let vma = Vma { locked, ..Vma::anon(Vaddr(old), Vaddr(new)) };
            if locked {
                self.procs().to_lock.push((process, Vaddr(old), Vaddr(new)));
            }
            let merged = self.procs().mm_mut(process).is_some_and(|mm| mm.insert(vma));
            let total = self.processes().mm(process).map_or(NrPages(0), Mm::total_vm);
            self.told_process(t, Func::Brk, process, || ProcessStep::Mapped {
                start: Vaddr(old),
                pages,
                merged,
                total,
            });
            UnitEnd::Done
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::TASK_SIZE;

    #[test]
    fn facts_10_mmap_base() {
        assert_eq!(mmap_base(TASK_SIZE, Rlimits::default()), Vaddr(0x7fff_f7ff_f000));
        // A stack that may be larger than 127 MiB moves it down.
        let large = Rlimits { stack: 1 << 30, ..Rlimits::default() };
        assert_eq!(mmap_base(TASK_SIZE, large), Vaddr(0x7fff_bfef_f000));
    }
}

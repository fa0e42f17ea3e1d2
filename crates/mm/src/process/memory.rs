//! Page faults (mm/memory.c, arch/x86/mm/fault.c, 6.1).

use super::mm_types::{AnonVma, Backing, Counter, FileId, STACK_GUARD_GAP, Vma};
use super::pgtable::Mapped;
use super::{Access, Processes};
use crate::cow::own;
use crate::gfp::GfpFlags;
use crate::machine::Machine;
use crate::mempolicy::InArea;
use crate::op::{Gfp, NameId, PageKind};
use crate::page::Block;
use crate::reclaim::{GroupId, LruFlags, Reclaim};
use crate::step::{Func, ProcessStep, Signal, StepKind, Trace};
use crate::units::{CpuId, NrPages, Order, PAGE_SIZE, Pfn, Vaddr};
use crate::x86::pgtable::{Level, Paging, Pte};
use crate::xarray::Entry;

/// Pages that are mapped around a fault when they are in memory anyway (`fault_around_bytes`: 64 KiB).
const FAULT_AROUND: u64 = 16;

/// How a fault ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The access can be tried again.
    Resolved,
    /// The process is killed.
    Killed,
    /// There is no memory for it.
    NoMemory,
}

/// A page to be had, and who wants it.
#[derive(Clone, Copy)]
pub(crate) struct Spot {
    pub process: NameId,
    /// The first address of the page.
    pub address: Vaddr,
    pub access: Access,
    pub cpu: CpuId,
}

/// The first address of a page.
pub(super) fn page_of(address: Vaddr) -> Vaddr {
    Vaddr(address.0 & !(PAGE_SIZE - 1))
}

/// Whether the processor finds the page by itself.
pub(super) fn is_allowed(pte: Pte, access: Access) -> bool {
    pte.has(Pte::PRESENT)
        && match access {
            Access::Read => true,
            Access::Write => pte.has(Pte::RW),
            Access::Exec => !pte.has(Pte::NX),
        }
}

/// The entry of a page of an area; it was just used.
pub(super) fn pte_of(paging: Paging, vma: &Vma, pfn: Pfn) -> Pte {
    let pte = Pte::PRESENT.with(Pte::USER).with(Pte::ACCESSED).to(pfn);
    if vma.prot.exec || !paging.has_nx() { pte } else { pte.with(Pte::NX) }
}

impl Machine {
    /// All processes and files.
    #[must_use]
    pub fn processes(&self) -> &Processes {
        &self.processes
    }

    pub(crate) fn procs(&mut self) -> &mut Processes {
        own(&mut self.processes)
    }

    pub(crate) fn told_process(
        &self,
        t: &mut Trace<'_>,
        func: Func,
        process: NameId,
        step: impl FnOnce() -> ProcessStep,
    ) {
        if t.looks() {
            let kind = StepKind::Process { process, step: step() };
            t.within_once(func, |t| t.emit(self, kind));
        }
    }

    /// The processor touches pages that are there, as far as it gets: how many. What it does with them it notes in
    /// their entries.
    pub(super) fn touch_present(
        &mut self,
        process: NameId,
        from: Vaddr,
        left: u64,
        access: Access,
        down: bool,
    ) -> u64 {
        let procs = self.procs();
        let Some(pgd) = procs.mm(process).map(|mm| mm.pgd) else { return 0 };
        let bits = if access == Access::Write { Pte::ACCESSED.with(Pte::DIRTY) } else { Pte::ACCESSED };
        let mut touched = 0;
        while touched < left {
            let offset = touched * PAGE_SIZE;
            let address = if down { from.0.checked_sub(offset) } else { from.0.checked_add(offset) };
            let Some(leaf) = address.and_then(|at| procs.tables.leaf(pgd, Vaddr(at))) else { break };
            let (table, index, pte) = (leaf.table, leaf.index, leaf.entry);
            if !is_allowed(pte, access) {
                break;
            }
            if !pte.has(bits) {
                procs.tables.write(table, index, pte.with(bits));
            }
            touched += 1;
        }
        touched
    }

    /// The processor does not get on: the kernel finds out why, and mends it or ends the process
    /// (`do_user_addr_fault()`).
    pub(super) fn page_fault(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        address: Vaddr,
        access: Access,
        cpu: CpuId,
    ) -> Outcome {
        t.within(Func::ExcPageFault, |t| {
            let Some(pgd) = self.processes.mm(process).map(|mm| mm.pgd) else { return Outcome::Killed };
            let paging = self.processes.tables.paging();
            let is_user = address < paging.task_size();
            let there = is_user
                && self.processes.tables.walk(pgd, address).pte().is_some_and(|pte| pte.has(Pte::PRESENT));
            let is_fetch = access == Access::Exec && paging.has_nx();
            let bits = [(there, 1), (access == Access::Write, 2), (true, 4), (is_fetch, 16)];
            let error_code = bits.iter().filter(|(is, _)| *is).map(|(_, bit)| bit).sum();
            self.told_process(t, Func::ExcPageFault, process, || ProcessStep::Fault {
                address,
                access,
                error_code,
            });
            let killed = |this: &mut Self, t: &mut Trace<'_>, signal| {
                this.told_process(t, Func::ExcPageFault, process, || ProcessStep::Killed { address, signal });
                Outcome::Killed
            };
            if !is_user {
                return killed(self, t, Signal::NotCanonical);
            }
            let Some(vma) = self.processes.mm(process).and_then(|mm| mm.find_vma(address)).copied() else {
                return killed(self, t, Signal::NoArea);
            };
            if address < vma.start {
                if !vma.grows_down {
                    return killed(self, t, Signal::NoArea);
                }
                if let Err(signal) = self.expand_downwards(t, process, vma, page_of(address)) {
                    return killed(self, t, signal);
                }
            }
            let Some(vma) = self.processes.mm(process).and_then(|mm| mm.vma_at(address)).copied() else {
                return killed(self, t, Signal::NoArea);
            };
            // Without that bit all that can be read is code.
            let wanted = if access == Access::Exec && !is_fetch { Access::Read } else { access };
            if !vma.allows(wanted) {
                return killed(self, t, Signal::NotAllowed);
            }
            self.told_process(t, Func::ExcPageFault, process, || ProcessStep::Area {
                start: vma.start,
                end: vma.end,
            });
            let spot = Spot { process, address: page_of(address), access, cpu };
            match self.handle_mm_fault(t, spot, &vma) {
                Ok(major) => {
                    let Some(mm) = self.procs().mm_mut(process) else { return Outcome::Killed };
                    mm.count_fault(major);
                    let minor = mm.min_flt;
                    self.told_process(t, Func::ExcPageFault, process, || ProcessStep::Resolved {
                        address,
                        major,
                        minor,
                    });
                    Outcome::Resolved
                }
                Err(Some(signal)) => killed(self, t, signal),
                Err(None) => {
                    self.told_process(t, Func::ExcPageFault, process, || ProcessStep::NoMemory { address });
                    Outcome::NoMemory
                }
            }
        })
    }

    /// The kernel itself wants a page of a process to be there (`faultin_page()`): no processor complains, but it counts.
    /// False: there is none.
    pub(super) fn fault_in(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        address: Vaddr,
        access: Access,
        cpu: CpuId,
    ) -> bool {
        let Some(vma) = self.processes.mm(process).and_then(|mm| mm.vma_at(address)).copied() else {
            return false;
        };
        let spot = Spot { process, address, access, cpu };
        let Ok(major) = self.handle_mm_fault(t, spot, &vma) else { return false };
        if let Some(mm) = self.procs().mm_mut(process) {
            mm.count_fault(major);
        }
        true
    }

    /// Whether there can be a page: of a file only up to its end.
    pub(super) fn can_be_there(&self, process: NameId, address: Vaddr) -> bool {
        let Some(vma) = self.processes.mm(process).and_then(|mm| mm.vma_at(address)) else { return false };
        let has = |(file, index)| self.processes.file(file).is_some_and(|file| index < file.len().0);
        vma.index_of(address).is_none_or(has)
    }

    /// Whether the next page is there already, however it may be used.
    pub(super) fn is_present(&self, process: NameId, address: Vaddr) -> bool {
        self.processes.mm(process).is_some_and(|mm| self.processes.tables.leaf(mm.pgd, address).is_some())
    }

    /// A stack grows down to an address (`expand_downwards()`).
    fn expand_downwards(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        stack: Vma,
        to: Vaddr,
    ) -> Result<(), Signal> {
        let Some(mm) = self.processes.mm(process) else { return Err(Signal::NoArea) };
        let by = NrPages((stack.start.0 - to.0) / PAGE_SIZE);
        let below = mm.vmas().iter().rev().find(|vma| vma.end <= stack.start);
        // `mmap_min_addr` counts as well.
        if to < super::MMAP_MIN_ADDR {
            return Err(Signal::NoArea);
        }
        // The kernel looks at what is below first; of several reasons the limit is the one that tells most.
        if stack.end.0 - to.0 > mm.limits.stack {
            return Err(Signal::StackLimit);
        }
        let near = below.filter(|vma| !vma.grows_down && vma.prot != super::Prot::NONE);
        if near.is_some_and(|vma| vma.end.0 + STACK_GUARD_GAP.bytes().0 > to.0) {
            return Err(Signal::StackGuard);
        }
        if !mm.may_expand(by) {
            return Err(Signal::AddressSpaceLimit);
        }
        if stack.locked
            && mm.may_lock(by, |pages, most| crate::step::Refusal::LockAgain { pages, most }).is_err()
        {
            return Err(Signal::LockLimit);
        }
        let total = mm.total_vm();
        if self.procs().charge(total, by).is_err() {
            return Err(Signal::AddressSpaceLimit);
        }
        let Some(mm) = self.procs().mm_mut(process) else { return Err(Signal::NoArea) };
        if let Some(stack) = mm.vma_at_mut(stack.start) {
            stack.start = to;
        }
        mm.grow(by);
        let total = mm.total_vm();
        self.told_process(t, Func::ExpandDownwards, process, || ProcessStep::StackGrows {
            start: to,
            by,
            total,
        });
        Ok(())
    }

    /// Makes the page of an area be there as it is wanted (`handle_mm_fault()`); whether a disk was read. No signal:
    /// there was no memory.
    fn handle_mm_fault(&mut self, t: &mut Trace<'_>, spot: Spot, vma: &Vma) -> Result<bool, Option<Signal>> {
        self.count_group_fault(spot.process, false);
        let end = self.mm_fault(t, spot, vma);
        if end == Ok(true) {
            self.count_group_fault(spot.process, true);
        }
        end
    }

    fn mm_fault(&mut self, t: &mut Trace<'_>, spot: Spot, vma: &Vma) -> Result<bool, Option<Signal>> {
        t.within(Func::HandleMmFault, |t| {
            if self.huge_fault(t, spot, vma)? {
                return Ok(false);
            }
            self.alloc_tables(t, spot.process, spot.address, spot.cpu, Level::Pte).ok_or(None)?;
            let Some((_, _, pte)) = self.place(spot.process, spot.address) else { return Err(None) };
            if let Some(entry) = pte.as_swap() {
                let major = self.do_swap_page(t, spot, vma, entry, pte).ok_or(None)?;
                // It may be others' as well.
                let now = self.place(spot.process, spot.address).map(|(.., pte)| pte);
                if let (Access::Write, Some(pte)) = (spot.access, now)
                    && pte.is_page()
                    && !pte.has(Pte::RW)
                {
                    self.do_wp_page(t, spot, vma, pte).ok_or(None)?;
                }
                return Ok(major);
            }
            if pte.0 != 0 {
                // It is there already, and may only be read.
                return match spot.access {
                    Access::Write if pte.has(Pte::PRESENT) && !pte.has(Pte::RW) => {
                        self.do_wp_page(t, spot, vma, pte).ok_or(None).map(|()| false)
                    }
                    _ => Ok(false),
                };
            }
            match (vma.backing, spot.access) {
                (Backing::Anon, _) => self.do_anonymous_page(t, spot, vma).ok_or(None).map(|()| false),
                (Backing::File { .. }, Access::Write) if vma.is_private() => self.do_cow_fault(t, spot, vma),
                (Backing::File { .. }, Access::Write) => self.do_shared_fault(t, spot, vma),
                (Backing::File { .. }, _) => self.do_read_fault(t, spot, vma),
            }
        })
    }

    /// The entry of a page, and the table that it is in.
    pub(crate) fn place(&self, process: NameId, address: Vaddr) -> Option<(Pfn, u16, Pte)> {
        self.processes.tables.place(self.processes.mm(process)?.pgd, address)
    }

    /// Tables down to the one of a level with the entry of an address (`__p4d_alloc()` to `__pte_alloc()`).
    pub(super) fn alloc_tables(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        address: Vaddr,
        cpu: CpuId,
        to: Level,
    ) -> Option<()> {
        loop {
            let pgd = self.processes.mm(process)?.pgd;
            let last = self.processes.tables.walk(pgd, address).last()?;
            if last.level >= to {
                return Some(());
            }
            let pfn = self.alloc_table(t, cpu, self.group_of_process(process))?;
            self.add_table(t, Func::HandleMmFault, process, (address, last), pfn)?;
        }
    }

    /// A frame for a table, filled with zeros, and charged to a group (`GFP_PGTABLE_USER`).
    pub(super) fn alloc_table(&mut self, t: &mut Trace<'_>, cpu: CpuId, group: GroupId) -> Option<Pfn> {
        let flags = GfpFlags::GFP_KERNEL | GfpFlags::ZERO;
        let pfn =
            self.alloc_pages(t, cpu, NameId::PAGE_TABLE, 0, Gfp { kind: PageKind::PageTable, flags })?;
        let block = Block { pfn, order: Order::ZERO };
        if !self.mem_cgroup_charge(t, cpu, group, flags | GfpFlags::ACCOUNT, block) {
            self.free_pages(t, cpu, Some(NameId::PAGE_TABLE), block);
            return None;
        }
        self.procs().contents.is_fresh(pfn);
        Some(pfn)
    }

    /// A page that nobody has mapped yet is not wanted after all.
    pub(crate) fn give_up(&mut self, t: &mut Trace<'_>, cpu: CpuId, name: NameId, block: Block) {
        self.procs().set_mapped(block.pfn, Mapped::NOBODY);
        self.put_pages(t, cpu, Some(name), block);
    }

    /// A page for a process, which has it alone.
    fn alloc_anon(&mut self, t: &mut Trace<'_>, spot: Spot, zero: bool) -> Option<Pfn> {
        let zero = if zero { GfpFlags::ZERO } else { GfpFlags::NONE };
        let gfp = Gfp { kind: PageKind::Anon, flags: GfpFlags::GFP_HIGHUSER_MOVABLE | zero };
        let of = InArea { process: spot.process, address: spot.address };
        let pfn = self.alloc_pages_in(t, spot.cpu, spot.process, 0, gfp, Some(of))?;
        self.procs().contents.is_fresh(pfn);
        self.procs().set_mapped(pfn, Mapped { exclusive: true, ..Mapped::NOBODY });
        let (group, block) = (self.group_of_process(spot.process), Block { pfn, order: Order::ZERO });
        if !self.mem_cgroup_charge(t, spot.cpu, group, GfpFlags::GFP_KERNEL, block) {
            self.give_up(t, spot.cpu, spot.process, block);
            return None;
        }
        Some(pfn)
    }

    /// Enters a page of a process itself, to be written to; the count of its pages there.
    fn map_anon(&mut self, spot: Spot, vma: &Vma, pfn: Pfn) -> Option<NrPages> {
        self.anon_vma_prepare(spot.process, spot.address);
        let (table, index, _) = self.place(spot.process, spot.address)?;
        let pte = pte_of(self.processes.tables.paging(), vma, pfn).with(Pte::DIRTY);
        let procs = self.procs();
        procs.tables.write(table, index, if vma.prot.write { pte.with(Pte::RW) } else { pte });
        procs.set_mapped(pfn, Mapped { mapcount: 1, exclusive: true, ..Mapped::NOBODY });
        let mm = procs.mm_mut(spot.process)?;
        mm.add(Counter::Anon, 1);
        Some(mm.rss.total())
    }

    /// The area gets what ties its own pages to it (`anon_vma_prepare()`); that of a neighbour if they could become one
    /// area (`find_mergeable_anon_vma()`).
    pub(super) fn anon_vma_prepare(&mut self, process: NameId, address: Vaddr) {
        let procs = self.procs();
        let fresh = procs.anon_vmas;
        let Some(mm) = procs.mm_mut(process) else { return };
        let at = mm.index_above(address);
        if mm.vmas.get(at).is_none_or(|vma| vma.anon_vma.is_some()) {
            return;
        }
        let near = |other: Option<&Vma>| {
            let vma = &mm.vmas[at];
            let other = other?;
            let touches = other.end == vma.start || vma.end == other.start;
            let alike = (other.shared, other.noreserve, other.backing == Backing::Anon)
                == (vma.shared, vma.noreserve, vma.backing == Backing::Anon);
            other.anon_vma.filter(|anon| touches && alike && anon.chain == 1)
        };
        let shared =
            near(mm.vmas.get(at + 1)).or_else(|| near(at.checked_sub(1).and_then(|at| mm.vmas.get(at))));
        mm.vmas[at].anon_vma = Some(shared.unwrap_or(AnonVma { id: fresh, chain: 1 }));
        if shared.is_none() {
            procs.anon_vmas += 1;
        }
    }

    /// Memory of its own, touched for the first time (`do_anonymous_page()`).
    fn do_anonymous_page(&mut self, t: &mut Trace<'_>, spot: Spot, vma: &Vma) -> Option<()> {
        let Spot { process, address, .. } = spot;
        t.within(Func::DoAnonymousPage, |t| {
            if spot.access != Access::Write {
                let (table, index, _) = self.place(process, address)?;
                let pfn = self.processes.zero_page;
                let pte = pte_of(self.processes.tables.paging(), vma, pfn).with(Pte::SPECIAL);
                self.procs().tables.write(table, index, pte);
                self.told_process(t, Func::DoAnonymousPage, process, || ProcessStep::ZeroPage {
                    address,
                    pfn,
                });
                return Some(());
            }
            let pfn = self.alloc_anon(t, spot, true)?;
            let rss = self.map_anon(spot, vma, pfn)?;
            self.told_process(t, Func::DoAnonymousPage, process, || ProcessStep::AnonPage {
                address,
                pfn,
                rss,
            });
            self.lru_add_anon(t, process, address, pfn, spot.cpu);
            Some(())
        })
    }

    /// A page is written to that may only be read (`do_wp_page()`).
    fn do_wp_page(&mut self, t: &mut Trace<'_>, spot: Spot, vma: &Vma, pte: Pte) -> Option<()> {
        let Spot { process, address, .. } = spot;
        t.within(Func::DoWpPage, |t| {
            let pfn = pte.pfn();
            let mapped = self.processes.mapped(pfn);
            if vma.shared {
                let (table, index, _) = self.place(process, address)?;
                let procs = self.procs();
                procs.tables.write(table, index, pte.with(Pte::RW).with(Pte::DIRTY).with(Pte::ACCESSED));
                self.set_dirty(pfn, true);
                self.told_process(t, Func::DoWpPage, process, || ProcessStep::MadeWritable { address, pfn });
                return Some(());
            }
            let is_own = !pte.has(Pte::SPECIAL) && mapped.file().is_none();
            // Nobody else has it, or nobody else has it any more.
            let compound = self.processes.huge.of(pfn).map(|(_, of)| of.entries());
            let is_last =
                compound.unwrap_or(mapped.mapcount) == 1 && self.leaves_swap_cache(t, pfn, spot.cpu);
            if is_own && (mapped.exclusive || is_last) {
                let mapped = self.processes.mapped(pfn);
                let (table, index, _) = self.place(process, address)?;
                let procs = self.procs();
                procs.tables.write(table, index, pte.with(Pte::RW).with(Pte::DIRTY).with(Pte::ACCESSED));
                procs.set_mapped(pfn, Mapped { exclusive: true, ..mapped });
                self.told_process(t, Func::DoWpPage, process, || ProcessStep::Reused { address, pfn });
                return Some(());
            }
            t.within(Func::WpPageCopy, |t| {
                let copy = self.alloc_anon(t, spot, pte.has(Pte::SPECIAL))?;
                let (table, index, now) = self.place(process, address)?;
                if now != pte {
                    // The page had to go for its own copy: it is tried again.
                    self.release_page(copy);
                    self.free_gathered(t, spot.cpu);
                    return Some(());
                }
                if !pte.has(Pte::SPECIAL) {
                    self.procs().copy_contents(pfn, copy);
                }
                self.will_flush(process);
                let queued = self.queued();
                let gone = self.unmap_one(process, table, index, pte);
                self.procs().gathered.extend(gone);
                let rss = self.map_anon(spot, vma, copy)?;
                self.told_process(t, Func::WpPageCopy, process, || match pte.has(Pte::SPECIAL) {
                    // Of the zero page nothing has to be copied.
                    true => ProcessStep::AnonPage { address, pfn: copy, rss },
                    false => ProcessStep::Copied { address, from: pfn, to: copy, rss },
                });
                self.flush(t, spot.cpu, process, (address, NrPages(1)), false);
                self.told_queued(t, queued);
                self.lru_add_anon(t, process, address, copy, spot.cpu);
                if !self.processes.gathered.is_empty() {
                    self.free_gathered(t, spot.cpu);
                }
                Some(())
            })
        })
    }

    /// The frame of a file's page, and whether a disk was read for it (`filemap_fault()`, `shmem_fault()`).
    fn filemap_fault(
        &mut self,
        t: &mut Trace<'_>,
        spot: Spot,
        file: FileId,
        index: u64,
    ) -> Result<(Pfn, bool), Option<Signal>> {
        let Some(of) = self.processes.file(file) else { return Err(Some(Signal::BeyondFile)) };
        if index >= of.len().0 {
            return Err(Some(Signal::BeyondFile));
        }
        let index = index as u32;
        let (name, shmem) = (of.name, of.shmem);
        if let Some(pfn) = of.cached(index) {
            let request = of.ra.ra_pages;
            self.ra_marked(t, file, index, request, pfn, spot.cpu);
            return Ok((pfn, false));
        }
        if let Some(Entry::Swap(entry)) = of.i_pages.get(index) {
            return self.shmem_swapin(t, spot, file, index, entry).map(|pfn| (pfn, true)).ok_or(None);
        }
        let window = if shmem { index..index + 1 } else { of.read_around(index) };
        let func = if shmem { Func::ShmemFault } else { Func::FilemapFault };
        t.within(func, |t| {
            if !shmem {
                let (first, pages) = (window.start, window.len() as u32);
                self.told_process(t, func, spot.process, || ProcessStep::CacheMiss {
                    file: name,
                    index,
                    first,
                    pages,
                });
            }
            if self.reclaim.is_some() && !shmem {
                // The same pages, and one of them gets a mark.
                let Some(mut ra) = self.processes.file(file).map(|of| of.ra) else { return Err(None) };
                let around = ra.around(index);
                self.set_ra(file, ra);
                self.read_window(t, file, index, around, true, spot.cpu);
            }
            for at in window {
                if self.processes.file(file).is_some_and(|of| of.cached(at).is_some()) {
                    continue;
                }
                // Of what is only read ahead a group that is full has had enough with the first try.
                if at != index && self.reclaim.is_some() && !self.group_of_current().is_root() {
                    continue;
                }
                let got = self.add_to_page_cache(t, file, at, spot.cpu, false);
                // What was only to be read ahead may be missing.
                if got.is_none() && at == index {
                    return Err(None);
                }
                if let Some(pfn) = got {
                    self.lock_page(pfn);
                }
            }
            self.unlock_all();
            let pfn = self.processes.file(file).and_then(|of| of.cached(index)).ok_or(None)?;
            Ok((pfn, !shmem))
        })
    }

    /// A page of a file comes into memory (`page_cache_ra_unbounded()`, `filemap_add_folio()`), and is charged to the group of
    /// whoever is in the kernel just now. What is only read ahead kills nobody.
    pub(crate) fn add_to_page_cache(
        &mut self,
        t: &mut Trace<'_>,
        file: FileId,
        index: u32,
        cpu: CpuId,
        ahead: bool,
    ) -> Option<Pfn> {
        let (name, shmem) = self.processes.file(file).map(|of| (of.name, of.shmem))?;
        let func = if shmem { Func::ShmemFault } else { Func::PageCacheRaUnbounded };
        t.within(func, |t| {
            let zero = if shmem { GfpFlags::ZERO } else { GfpFlags::NONE };
            let gfp = Gfp { kind: PageKind::File, flags: GfpFlags::GFP_HIGHUSER_MOVABLE | zero };
            // A page of the page cache goes by what the process says, one of shared memory by what it says of the area.
            let of = if shmem { self.shmem_area(file, index) } else { None };
            let pfn = self.alloc_pages_in(t, cpu, name, 0, gfp, of)?;
            let (group, block) = (self.group_of_current(), Block { pfn, order: Order::ZERO });
            let easy = if ahead { GfpFlags::NORETRY } else { GfpFlags::NONE };
            if !self.mem_cgroup_charge(t, cpu, group, (gfp.flags & !GfpFlags::ZERO) | easy, block) {
                self.free_pages(t, cpu, Some(name), block);
                return None;
            }
            if !shmem {
                self.dma_wrote(pfn);
            }
            let procs = self.procs();
            procs.contents.is_fresh(pfn);
            procs.set_mapped(pfn, Mapped { file: file.0, index, ..Mapped::NOBODY });
            let of = procs.file_mut(file)?;
            let was = of.i_pages.set(index, Some(Entry::Page(pfn)));
            let saved = of.disk.get(&index).cloned();
            self.told_process(t, func, name, || ProcessStep::Cached { file: name, index, pfn });
            if saved.is_some() {
                self.put_contents(pfn, saved);
            }
            if let Some(Entry::Shadow(shadow)) = was {
                self.workingset_refault(t, pfn, shadow);
            }
            self.lru_add(t, pfn, cpu);
            if shmem {
                self.set_page_dirty_of_shmem(pfn);
            }
            Some(pfn)
        })
    }

    /// Enters a page of a file; the count of the process's pages there.
    fn map_file(&mut self, spot: Spot, pte: Pte) -> Option<NrPages> {
        let (table, index, _) = self.place(spot.process, spot.address)?;
        let procs = self.procs();
        procs.tables.write(table, index, pte);
        let mapped = procs.mapped(pte.pfn());
        procs.set_mapped(pte.pfn(), Mapped { mapcount: mapped.mapcount + 1, ..mapped });
        if pte.has(Pte::DIRTY) {
            self.set_dirty(pte.pfn(), true);
        }
        let procs = self.procs();
        let counter = procs.counter(pte.pfn());
        let mm = procs.mm_mut(spot.process)?;
        mm.add(counter, 1);
        Some(mm.rss.total())
    }

    /// A page of a file is read (`do_read_fault()`).
    fn do_read_fault(&mut self, t: &mut Trace<'_>, spot: Spot, vma: &Vma) -> Result<bool, Option<Signal>> {
        let Spot { process, address, .. } = spot;
        let Some((file, index)) = vma.index_of(address) else { return Err(None) };
        t.within(Func::DoReadFault, |t| {
            let shmem = self.processes.file(file).is_some_and(|of| of.shmem);
            if !shmem && self.filemap_map_pages(t, spot, vma) {
                return Ok(false);
            }
            let (pfn, major) = self.filemap_fault(t, spot, file, index)?;
            let pte = pte_of(self.processes.tables.paging(), vma, pfn);
            // What stands behind shared anonymous memory wants no notice of the first write.
            let pte = if shmem && vma.shared && vma.prot.write { pte.with(Pte::RW) } else { pte };
            let rss = self.map_file(spot, pte).ok_or(None)?;
            if vma.locked {
                self.lru_mlock(t, pfn, true);
            }
            let shared = vma.shared;
            self.told_process(t, Func::DoReadFault, process, || ProcessStep::FilePage {
                address,
                pfn,
                shared,
                rss,
            });
            Ok(major)
        })
    }

    /// Maps what is in memory anyway around an address (`do_fault_around()`); whether the page at the address was.
    fn filemap_map_pages(&mut self, t: &mut Trace<'_>, spot: Spot, vma: &Vma) -> bool {
        let start = Vaddr((spot.address.0 & !(FAULT_AROUND * PAGE_SIZE - 1)).max(vma.start.0));
        // The end of the page table is one as well.
        let table_end = (spot.address.0 & !((2 << 20) - 1)) + (2 << 20);
        let end = Vaddr((start.0 + FAULT_AROUND * PAGE_SIZE).min(vma.end.0).min(table_end));
        let (mut mapped, mut rss, mut first) = (0, NrPages(0), None);
        let mut at = start;
        while at < end {
            let address = at;
            at = Vaddr(at.0 + PAGE_SIZE);
            let Some((file, index)) = vma.index_of(address) else { break };
            let Some(pfn) = self.processes.file(file).and_then(|of| of.cached(u32::try_from(index).ok()?))
            else {
                continue;
            };
            // What says where to read on is to be noticed.
            let marked = |r: &Reclaim| r.page(pfn).flags.has(LruFlags::READAHEAD);
            if self.reclaim().is_some_and(marked) {
                continue;
            }
            if self.place(spot.process, address).is_none_or(|(.., pte)| pte.0 != 0) {
                continue;
            }
            let pte = pte_of(self.processes.tables.paging(), vma, pfn);
            // Only the one that was asked for was used.
            let pte = if address == spot.address { pte } else { pte.without(Pte::ACCESSED) };
            if let Some(total) = self.map_file(Spot { address, ..spot }, pte) {
                (mapped, rss) = (mapped + 1, total);
                first.get_or_insert(address);
                if vma.locked {
                    self.lru_mlock(t, pfn, true);
                }
            }
        }
        if let Some(address) = first {
            let process = spot.process;
            self.told_process(t, Func::FilemapMapPages, process, || ProcessStep::FaultAround {
                address,
                mapped,
                rss,
            });
        }
        self.place(spot.process, spot.address).is_some_and(|(.., pte)| pte.0 != 0)
    }

    /// A private page of a file is written to before it was ever read (`do_cow_fault()`).
    fn do_cow_fault(&mut self, t: &mut Trace<'_>, spot: Spot, vma: &Vma) -> Result<bool, Option<Signal>> {
        let Spot { process, address, .. } = spot;
        let Some((file, index)) = vma.index_of(address) else { return Err(None) };
        t.within(Func::DoCowFault, |t| {
            // The copy is asked for first.
            let copy = self.alloc_anon(t, spot, false).ok_or(None)?;
            let (from, major) = match self.filemap_fault(t, spot, file, index) {
                Ok(found) => found,
                Err(why) => {
                    self.give_up(t, spot.cpu, process, Block { pfn: copy, order: Order::ZERO });
                    return Err(why);
                }
            };
            self.procs().copy_contents(from, copy);
            let rss = self.map_anon(spot, vma, copy).ok_or(None)?;
            self.told_process(t, Func::DoCowFault, process, || ProcessStep::Copied {
                address,
                from,
                to: copy,
                rss,
            });
            self.lru_add_anon(t, process, address, copy, spot.cpu);
            Ok(major)
        })
    }

    /// A page that everybody shares is written to (`do_shared_fault()`).
    fn do_shared_fault(&mut self, t: &mut Trace<'_>, spot: Spot, vma: &Vma) -> Result<bool, Option<Signal>> {
        let Spot { process, address, .. } = spot;
        let Some((file, index)) = vma.index_of(address) else { return Err(None) };
        t.within(Func::DoSharedFault, |t| {
            let (pfn, major) = self.filemap_fault(t, spot, file, index)?;
            let pte = pte_of(self.processes.tables.paging(), vma, pfn).with(Pte::RW).with(Pte::DIRTY);
            let rss = self.map_file(spot, pte).ok_or(None)?;
            if vma.locked {
                self.lru_mlock(t, pfn, true);
            }
            self.told_process(t, Func::DoSharedFault, process, || ProcessStep::FilePage {
                address,
                pfn,
                shared: true,
                rss,
            });
            Ok(major)
        })
    }
}

//! A pool of huge pages that are set aside, and areas that take theirs from it (mm/hugetlb.c, 6.1).

use std::collections::BTreeMap;

use super::huge::{Compound, HPAGE_SIZE, hpage_of, hpage_order};
use super::memory::Spot;
use super::mm_types::{Mm, Vma};
use super::pgtable::Read;
use super::{Access, HPAGE_PAGES, Leaf, MmapArgs, Processes};
use crate::config::Arch;
use crate::gfp::GfpFlags;
use crate::hash::Digest;
use crate::machine::{Machine, UnitEnd};
use crate::op::{Gfp, NameId, PageKind};
use crate::step::{Func, HugeStep, ProcessStep, Refusal, Signal, Trace};
use crate::units::{CpuId, NrPages, Order, PAGE_SIZE, Pfn, Vaddr};
use crate::x86::pgtable::{Level, Pte};

/// Huge pages that are set aside (`struct hstate`).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pool {
    /// All of them (`HugePages_Total`).
    pub total: u32,
    /// Those of them that go when they come back (`HugePages_Surp`).
    pub surplus: u32,
    /// Those that areas were promised, and did not take yet (`HugePages_Rsvd`).
    pub reserved: u32,
    /// So many may be more than were asked for, when somebody wants them (`nr_overcommit_hugepages`).
    pub overcommit: u32,
    /// Blocks that the buddy system gave (`htlb_buddy_alloc_success`).
    pub buddy_success: u64,
    /// Times that it had none (`htlb_buddy_alloc_fail`).
    pub buddy_fail: u64,
    /// Those more that came for an area or an entry which is not there yet, the latest last.
    gathered: Vec<Pfn>,
    /// Those that nobody has, the next one to be taken last.
    free: Vec<Pfn>,
    /// Those that processes have, and how many entries lead to each.
    used: BTreeMap<Pfn, u32>,
}

impl Pool {
    /// `HugePages_Free`
    #[must_use]
    pub fn free(&self) -> u32 {
        self.free.len() as u32
    }

    /// Those that can still be promised, or taken by those who were promised none.
    #[must_use]
    pub fn available(&self) -> u32 {
        self.free().saturating_sub(self.reserved)
    }

    /// How many entries lead to one of its pages; none: it has none, or the frame is not its.
    #[must_use]
    pub fn entries(&self, pfn: Pfn) -> Option<u32> {
        self.used.get(&pfn).copied()
    }

    /// The first frames of all its pages.
    pub fn pages(&self) -> impl Iterator<Item = Pfn> {
        self.free.iter().chain(self.used.keys()).chain(&self.gathered).copied()
    }

    pub(super) fn blocks(&self) -> impl Iterator<Item = (Pfn, Order)> {
        self.pages().map(|pfn| (pfn, hpage_order()))
    }

    pub(super) fn digest(&self, to: &mut Digest) {
        // Where nothing may be had beyond the pool its pages alone tell what happened.
        if self.overcommit > 0 || !self.gathered.is_empty() {
            to.word(1 << 43 | u64::from(self.overcommit));
            to.word(self.buddy_success << 32 | self.buddy_fail & 0xffff_ffff);
            self.gathered.iter().for_each(|pfn| to.word(u64::from(pfn.0)));
        }
        if (self.total, self.reserved) == (0, 0) {
            return;
        }
        to.word(u64::from(self.total) << 32 | u64::from(self.surplus) << 16 | 1);
        to.word(u64::from(self.reserved));
        self.free.iter().for_each(|pfn| to.word(u64::from(pfn.0)));
        self.used.iter().for_each(|(pfn, entries)| to.word(u64::from(pfn.0) << 32 | u64::from(*entries)));
    }

    /// The laws of the pool that it knows by itself, and what is promised to these areas.
    pub(super) fn check(&self, promised: u32, entries: &BTreeMap<Pfn, u32>) -> Result<(), String> {
        let all = self.free.len() + self.used.len() + self.gathered.len();
        if all != self.total as usize || self.surplus > self.total {
            return Err(format!("the pool does not add up: {self:?}"));
        }
        if self.reserved != promised || self.reserved > self.free() {
            return Err(format!("{promised} huge pages are promised: {self:?}"));
        }
        if *entries != self.used {
            return Err(format!("entries of the pool: {entries:?}, {:?}", self.used));
        }
        Ok(())
    }
}

/// Huge pages of an area that are still to be taken from what it was promised.
pub(super) fn unused(mm: &Mm, vma: &Vma) -> u32 {
    if !vma.reserved {
        return 0;
    }
    let all = (vma.end.0 - vma.start.0) / HPAGE_SIZE;
    all as u32 - mm.hugetlb_used.range(vma.start..vma.end).count() as u32
}

impl Processes {
    /// The pool of huge pages.
    #[must_use]
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Of a page of the pool nothing goes unless all of it does: where what goes ends then.
    pub(super) fn end_of_whole_pages(&self, process: NameId, start: Vaddr, end: Vaddr) -> Vaddr {
        let vma = self.mm(process).and_then(|mm| mm.vma_at(start));
        if vma.is_some_and(|vma| vma.hugetlb) { hpage_of(end).max(start) } else { end }
    }

    /// Takes a page for an area, of those that it was promised if it has not had it yet (`alloc_huge_page()`).
    fn take_huge_page(&mut self, process: NameId, vma: &Vma, address: Vaddr) -> Option<Pfn> {
        let mm = self.mms.get_mut(&process).map(std::rc::Rc::make_mut)?;
        if vma.reserved && mm.hugetlb_used.insert(address) {
            self.pool.reserved -= 1;
        } else if self.pool.available() == 0 {
            return None;
        }
        let pfn = self.pool.free.pop()?;
        self.pool.used.insert(pfn, 0);
        Some(pfn)
    }

    /// One entry less leads to a page; with the last one it is back in the pool, or goes if there are too many
    /// (`free_huge_page()`).
    fn put_huge_page(&mut self, pfn: Pfn) {
        let Some(entries) = self.pool.used.get_mut(&pfn) else { return };
        *entries -= 1;
        if *entries > 0 {
            return;
        }
        self.pool.used.remove(&pfn);
        if self.pool.surplus > 0 {
            self.pool.surplus -= 1;
            self.leaves_pool(pfn);
        } else {
            self.pool.free.push(pfn);
        }
    }

    /// A page is on its way back to the buddy system.
    fn leaves_pool(&mut self, pfn: Pfn) {
        self.pool.total -= 1;
        self.commit.hugetlb.0 -= u64::from(HPAGE_PAGES);
        self.gather_huge(pfn, Compound::default());
    }

    /// An entry leads to a page of the pool.
    fn map_hugetlb(&mut self, process: NameId, (table, index): (Pfn, u16), entry: Pte) {
        self.tables.write(table, index, entry);
        *self.pool.used.entry(entry.pfn()).or_default() += 1;
        if let Some(mm) = self.mm_mut(process) {
            mm.hugetlb += 1;
        }
    }

    /// Takes such an entry away (`__unmap_hugepage_range()`).
    pub(super) fn unmap_hugetlb(&mut self, process: NameId, leaf: &Leaf) {
        self.tables.write(leaf.table, leaf.index, Pte(0));
        if let Some(mm) = self.mm_mut(process) {
            mm.hugetlb -= 1;
        }
        self.put_huge_page(leaf.entry.pfn());
    }

    /// An area goes: what it was promised and did not take is free again (`hugetlb_vm_op_close()`).
    pub(super) fn close_hugetlb(&mut self, process: NameId, vma: &Vma) {
        let Some(mm) = self.mms.get_mut(&process).map(std::rc::Rc::make_mut) else { return };
        let unused = unused(mm, vma);
        mm.hugetlb_used.retain(|address| !vma.contains(*address));
        self.pool.reserved -= unused;
        // What was kept for it alone goes (`return_unused_surplus_pages()`).
        for _ in 0..unused.min(self.pool.surplus) {
            let Some(pfn) = self.pool.free.pop() else { break };
            self.pool.surplus -= 1;
            self.leaves_pool(pfn);
        }
    }
}

impl Mm {
    /// The highest free addresses below `mmap_base` for huge pages, which begin at a multiple of their size; if there are
    /// none, the lowest ones above (`hugetlb_get_unmapped_area()`).
    pub(super) fn unmapped_huge_area(&self, bytes: u64) -> Option<Vaddr> {
        let starts = std::iter::once(super::MMAP_MIN_ADDR).chain(self.vmas().iter().map(|vma| vma.end));
        let ends = self.vmas().iter().map(Vma::start_gap).chain([self.top]);
        let gaps: Vec<(Vaddr, Vaddr)> = starts.zip(ends).collect();
        let below = gaps.iter().rev().find_map(|(start, end)| {
            let at = hpage_of(Vaddr((*end).min(self.mmap_base).0.checked_sub(bytes)?));
            (at >= *start).then_some(at)
        });
        let bottom = (self.top.0 / 3).next_multiple_of(HPAGE_SIZE);
        below.or_else(|| {
            gaps.iter().find_map(|(start, end)| {
                let at = start.0.max(bottom).next_multiple_of(HPAGE_SIZE);
                (at.checked_add(bytes)? <= end.0).then_some(Vaddr(at))
            })
        })
    }

    /// Whether a part of an area with pages of the pool would have to be cut within one of them
    /// (`hugetlb_vm_op_split()`).
    pub(super) fn cuts_hugetlb(&self, start: Vaddr, end: Vaddr) -> bool {
        [start, end]
            .into_iter()
            .any(|at| at != hpage_of(at) && self.vma_at(at).is_some_and(|vma| vma.hugetlb))
    }

    /// Whether there is such an area between two addresses.
    pub(super) fn has_hugetlb(&self, start: Vaddr, end: Vaddr) -> bool {
        self.vmas().iter().any(|vma| vma.hugetlb && vma.start < end && start < vma.end)
    }
}

impl Machine {
    /// `nr_hugepages` is written to: the pool grows page by page as far as there are blocks, or shrinks by those that
    /// nobody has and nobody was promised (`set_max_huge_pages()`).
    pub(super) fn set_max_huge_pages(&mut self, t: &mut Trace<'_>, wanted: u32, cpu: CpuId) -> UnitEnd {
        let func = Func::SetMaxHugePages;
        t.within(func, |t| {
            let pool = &self.processes.pool;
            let persistent = pool.total - pool.surplus;
            if persistent < wanted && pool.surplus > 0 {
                // Those that were to go stay first.
                let kept = pool.surplus.min(wanted - persistent);
                self.procs().pool.surplus -= kept;
            }
            let pool = &self.processes.pool;
            let persistent = pool.total - pool.surplus;
            if persistent < wanted && self.processes.tables.paging().has_thp() {
                if let Some(pfn) = self.alloc_fresh_huge_page(t, GfpFlags::THISNODE, cpu) {
                    let procs = self.procs();
                    procs.pool.free.push(pfn);
                    let total = procs.pool.total;
                    self.told_process(t, func, NameId::HUGETLB, || ProcessStep::PoolGrows { pfn, total });
                    if persistent + 1 < wanted {
                        return UnitEnd::More;
                    }
                }
            } else if persistent > wanted {
                let least = wanted.max(pool.reserved + pool.total - pool.free());
                for _ in least..persistent {
                    let procs = self.procs();
                    let Some(pfn) = procs.pool.free.pop() else { break };
                    procs.leaves_pool(pfn);
                }
                self.free_gathered(t, cpu);
                let pool = &mut self.procs().pool;
                pool.surplus += (pool.total - pool.surplus).saturating_sub(wanted);
            }
            let pool = &self.processes.pool;
            let (total, free) = (pool.total, pool.free());
            let step = || ProcessStep::PoolSized { wanted, total, free };
            self.told_process(t, func, NameId::HUGETLB, step);
            UnitEnd::Done
        })
    }

    /// A block of the buddy system joins the pool; it is still to be put where it belongs (`alloc_fresh_huge_page()`).
    fn alloc_fresh_huge_page(&mut self, t: &mut Trace<'_>, more: GfpFlags, cpu: CpuId) -> Option<Pfn> {
        let movable = self.settings().arch == Arch::X86_64;
        let usual = if movable { GfpFlags::GFP_HIGHUSER_MOVABLE } else { GfpFlags::GFP_HIGHUSER };
        let flags = usual | GfpFlags::COMP | GfpFlags::NOWARN | GfpFlags::RETRY_MAYFAIL | more;
        let kind = if movable { PageKind::Movable } else { PageKind::Unmovable };
        let got = self.alloc_pages(t, cpu, NameId::HUGETLB, hpage_order().get(), Gfp { kind, flags });
        let procs = self.procs();
        if got.is_none() {
            procs.pool.buddy_fail += 1;
            return None;
        }
        procs.pool.buddy_success += 1;
        procs.pool.total += 1;
        procs.commit.hugetlb.0 += u64::from(HPAGE_PAGES);
        got
    }

    /// `nr_overcommit_hugepages` is written to (`hugetlb_overcommit_handler()`): what there is stays.
    pub(super) fn set_overcommit_huge_pages(&mut self, t: &mut Trace<'_>, most: u32) -> UnitEnd {
        let pool = &mut self.procs().pool;
        pool.overcommit = most;
        let surplus = pool.surplus;
        let told = || ProcessStep::Huge(HugeStep::Overcommit { most, surplus });
        self.told_process(t, Func::HugetlbOvercommitHandler, NameId::HUGETLB, told);
        UnitEnd::Done
    }

    /// A page beyond the pool, as long as there may be more of them; it goes when it comes back. It is gathered
    /// (`alloc_surplus_huge_page()`).
    fn alloc_surplus_huge_page(&mut self, t: &mut Trace<'_>, process: NameId, cpu: CpuId) -> Option<Pfn> {
        let func = Func::AllocSurplusHugePage;
        t.within(func, |t| {
            let may = self.processes.pool.surplus < self.processes.pool.overcommit
                && self.processes.tables.paging().has_thp();
            let got = if may { self.alloc_fresh_huge_page(t, GfpFlags::NONE, cpu) } else { None };
            let pool = &mut self.procs().pool;
            pool.surplus += u32::from(got.is_some());
            pool.gathered.extend(got);
            let Pool { surplus, overcommit: most, total, .. } = *pool;
            self.told_process(t, func, process, || {
                ProcessStep::Huge(match got {
                    Some(pfn) => HugeStep::Surplus { pfn, surplus, most, total },
                    None => HugeStep::NoSurplus { surplus, most },
                })
            });
            got
        })
    }

    /// What an area is to be promised and the pool does not have is asked for first, a page with each unit; none: there is
    /// more to ask for, else how many came. All of them go again where one cannot be had (`gather_surplus_pages()`).
    pub(super) fn gather_surplus_pages(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        bytes: u64,
        args: &MmapArgs,
        cpu: CpuId,
    ) -> Option<u32> {
        let pool = &self.processes.pool;
        if !args.huge || args.noreserve || pool.overcommit == 0 {
            return Some(0);
        }
        let has = u64::from(pool.available()) + pool.gathered.len() as u64;
        if bytes.div_ceil(HPAGE_SIZE) > has {
            if self.alloc_surplus_huge_page(t, process, cpu).is_some() {
                return None;
            }
            self.drop_surplus_pages(t, cpu);
            return Some(0);
        }
        let pool = &mut self.procs().pool;
        let gathered = std::mem::take(&mut pool.gathered);
        let came = gathered.len() as u32;
        pool.free.extend(gathered.into_iter().rev());
        Some(came)
    }

    /// The area for which so many came is refused for another reason: they go again (`return_unused_surplus_pages()`).
    pub(super) fn return_surplus_pages(&mut self, t: &mut Trace<'_>, came: u32, cpu: CpuId) {
        let pool = &mut self.procs().pool;
        for _ in 0..came {
            pool.gathered.extend(pool.free.pop());
        }
        self.drop_surplus_pages(t, cpu);
    }

    /// What was asked for an area that does not come about after all goes again.
    pub(super) fn drop_surplus_pages(&mut self, t: &mut Trace<'_>, cpu: CpuId) {
        if self.processes.pool.gathered.is_empty() {
            return;
        }
        for pfn in std::mem::take(&mut self.procs().pool.gathered) {
            let procs = self.procs();
            procs.pool.surplus -= 1;
            procs.leaves_pool(pfn);
        }
        self.free_gathered(t, cpu);
    }

    /// Addresses for huge pages of the pool, each of which is promised, or the call fails (`hugetlb_reserve_pages()`).
    pub(super) fn mmap_hugetlb(
        &mut self,
        process: NameId,
        bytes: u64,
        vma: Vma,
    ) -> Result<(Vaddr, bool), Refusal> {
        let mm = self.processes.mm(process).ok_or(Refusal::NoGap)?;
        if !mm.has_room_for_areas(1) {
            return Err(Refusal::TooMany);
        }
        let start = mm.unmapped_huge_area(bytes).ok_or(Refusal::NoGap)?;
        if !mm.may_expand(NrPages(bytes / PAGE_SIZE)) {
            return Err(Refusal::AddressSpaceLimit);
        }
        let pages = bytes / HPAGE_SIZE;
        let available = self.processes.pool.available();
        if vma.reserved && pages > u64::from(available) {
            return Err(Refusal::NoHugePages { pages, available });
        }
        let procs = self.procs();
        procs.pool.reserved += if vma.reserved { pages as u32 } else { 0 };
        let end = Vaddr(start.0 + bytes);
        procs.mm_mut(process).map(|mm| mm.insert(Vma { start, end, ..vma }));
        Ok((start, false))
    }

    /// A page of the pool is touched (`hugetlb_fault()`).
    pub(super) fn hugetlb_fault(
        &mut self,
        t: &mut Trace<'_>,
        spot: Spot,
        vma: &Vma,
    ) -> Result<bool, Option<Signal>> {
        let Spot { process, access, cpu, .. } = spot;
        let address = hpage_of(spot.address);
        t.within(Func::HugetlbFault, |t| {
            self.alloc_tables(t, process, address, cpu, Level::Pmd).ok_or(None)?;
            let mm = self.processes.mm(process).ok_or(None)?;
            let walk = self.processes.tables.walk(mm.pgd, address);
            let read = walk.reads().find(|read| read.level == Level::Pmd).ok_or(None)?;
            let paging = self.processes.tables.paging();
            let entry = super::memory::pte_of(paging, vma, Pfn(0)).with(Pte::PSE);
            let written = Pte::RW.with(Pte::DIRTY).with(Pte::ACCESSED);
            if read.entry.0 == 0 {
                self.anon_vma_prepare(process, spot.address);
                let pfn = self.procs().take_huge_page(process, vma, address);
                // Whoever was promised none may still get one of those beyond the pool.
                let pfn = pfn.or_else(|| self.alloc_huge_page_beyond(t, process, spot.cpu));
                let Some(pfn) = pfn else {
                    self.told_process(t, Func::HugetlbFault, process, || ProcessStep::PoolEmpty { address });
                    return Err(Some(Signal::NoHugePage));
                };
                let entry = if access == Access::Write { entry.with(written) } else { entry };
                self.procs().contents.are_fresh(pfn);
                self.procs().map_hugetlb(process, (read.table, read.index), entry.to(pfn));
                let (free, reserved) = (self.processes.pool.free(), self.processes.pool.reserved);
                self.told_process(t, Func::HugetlbFault, process, || ProcessStep::HugetlbPage {
                    address,
                    pfn,
                    free,
                    reserved,
                });
                return Ok(true);
            }
            let forbids = read.entry.has(Pte::PRESENT) && !read.entry.has(Pte::RW);
            if access != Access::Write || !forbids {
                return Ok(true);
            }
            self.hugetlb_wp(t, process, vma, address, read, (entry.with(written), cpu))?;
            Ok(true)
        })
    }

    /// A page beyond the pool for a fault, where any may be had (`alloc_buddy_huge_page_with_mpol()`).
    fn alloc_huge_page_beyond(&mut self, t: &mut Trace<'_>, process: NameId, cpu: CpuId) -> Option<Pfn> {
        if self.processes.pool.overcommit == 0 {
            return None;
        }
        self.alloc_surplus_huge_page(t, process, cpu)?;
        let pool = &mut self.procs().pool;
        let pfn = pool.gathered.pop()?;
        pool.used.insert(pfn, 0);
        Some(pfn)
    }

    /// A page of the pool is written to that may only be read (`hugetlb_wp()`). Whoever it was promised to gets a copy, and
    /// if there is none takes the page away from all others.
    fn hugetlb_wp(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        vma: &Vma,
        address: Vaddr,
        read: Read,
        (entry, cpu): (Pte, CpuId),
    ) -> Result<(), Option<Signal>> {
        let from = read.entry.pfn();
        let func = Func::HugetlbFault;
        let copies = self.processes.pool.entries(from).is_some_and(|entries| entries > 1);
        let spare = if !copies {
            None
        } else if self.processes.pool.available() > 0 {
            self.procs().pool.free.pop()
        } else {
            self.alloc_huge_page_beyond(t, process, cpu)
        };
        if let Some(to) = spare {
            self.will_flush(process);
            let procs = self.procs();
            let Read { level, table, index, entry: old } = read;
            procs.unmap_hugetlb(process, &Leaf { address, level, table, index, entry: old });
            procs.map_hugetlb(process, (table, index), entry.to(to));
            procs.copy_huge_contents(from, to);
            let free = procs.pool.free();
            self.told_process(t, func, process, || ProcessStep::HugetlbCopied { address, from, to, free });
            self.flush_tlb(t, cpu, process, (address, NrPages(1)), false);
            return Ok(());
        }
        if copies && !vma.reserved {
            self.told_process(t, func, process, || ProcessStep::PoolEmpty { address });
            return Err(Some(Signal::NoHugePage));
        }
        if copies {
            for other in self.procs().unmap_ref_private(process, address, from) {
                self.will_flush(other);
                self.flush_tlb(t, cpu, other, (address, NrPages(1)), false);
            }
        }
        self.procs().tables.write(read.table, read.index, entry.to(from));
        self.told_process(t, func, process, || ProcessStep::HugeReused { address, pfn: from });
        Ok(())
    }

    /// A child gets the entry of a page of the pool (`copy_hugetlb_page_range()`).
    pub(super) fn fork_hugetlb(
        &mut self,
        t: &mut Trace<'_>,
        child: NameId,
        leaf: &Leaf,
        cpu: CpuId,
    ) -> Option<()> {
        self.alloc_tables(t, child, leaf.address, cpu, Level::Pmd)?;
        let walk = self.processes.tables.walk(self.processes.mm(child)?.pgd, leaf.address);
        let read = walk.reads().find(|read| read.level == Level::Pmd)?;
        let procs = self.procs();
        let entry = leaf.entry.without(Pte::RW);
        procs.tables.write(leaf.table, leaf.index, entry);
        procs.map_hugetlb(child, (read.table, read.index), entry.without(Pte::ACCESSED));
        Some(())
    }
}

impl Processes {
    /// Everybody else loses a page (`unmap_ref_private()`).
    fn unmap_ref_private(&mut self, process: NameId, address: Vaddr, pfn: Pfn) -> Vec<NameId> {
        let mut gone = Vec::new();
        let others: Vec<(NameId, Pfn)> =
            self.mms().filter(|mm| mm.name != process).map(|mm| (mm.name, mm.pgd)).collect();
        for (other, pgd) in others {
            let leaf =
                self.tables.leaf(pgd, address).filter(|leaf| leaf.is_huge() && leaf.entry.pfn() == pfn);
            if let Some(leaf) = leaf {
                self.unmap_hugetlb(other, &leaf);
                gone.push(other);
            }
        }
        gone
    }
}

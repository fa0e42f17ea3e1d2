//! khugepaged (mm/khugepaged.c, 6.1): pages of 4 KiB that share 2 MiB of addresses become one huge page, behind the back of
//! the process.

use super::huge::{Compound, HPAGE_SIZE, hpage_order};
use super::memory::{Spot, pte_of};
use super::mm_types::{Counter, Mm, Vma};
use super::pgtable::Read;
use super::{Access, HPAGE_PAGES, Leaf, Processes, Work};
use crate::config::Thp;
use crate::gfp::GfpFlags;
use crate::hash::Digest;
use crate::machine::{Machine, UnitEnd};
use crate::mempolicy::{NodeMask, Placement};
use crate::op::{Gfp, NameId, PageKind};
use crate::page::Block;
use crate::reclaim::LruFlags;
use crate::step::{Func, HugeStep, ProcessStep, Trace};
use crate::units::{CpuId, NrPages, PAGE_SIZE, Pfn, Vaddr};
use crate::x86::pgtable::{Level, Pte};

/// How far a turn goes, and what may be missing in a range (`/sys/kernel/mm/transparent_hugepage/khugepaged/`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScanLimits {
    /// `pages_to_scan`: pages of addresses that a turn looks at, 1 and more.
    pub pages_to_scan: u32,
    /// `max_ptes_none`: so many of 512 pages may not be there, 0 to 511.
    pub max_ptes_none: u16,
    /// `max_ptes_swap`: so many may lie in swap, 0 to 511.
    pub max_ptes_swap: u16,
    /// `max_ptes_shared`: so many may be others' as well, 0 to 511.
    pub max_ptes_shared: u16,
}

impl Default for ScanLimits {
    fn default() -> ScanLimits {
        ScanLimits { pages_to_scan: 8 * 512, max_ptes_none: 511, max_ptes_swap: 64, max_ptes_shared: 256 }
    }
}

impl ScanLimits {
    /// The files with their values, as a text says them.
    #[must_use]
    pub fn words(&self) -> [(&'static str, u32); 4] {
        [
            ("pages_to_scan", self.pages_to_scan),
            ("max_ptes_none", u32::from(self.max_ptes_none)),
            ("max_ptes_swap", u32::from(self.max_ptes_swap)),
            ("max_ptes_shared", u32::from(self.max_ptes_shared)),
        ]
    }
}

/// What the 512 entries of a range say, as far as they were looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// Pages that are there.
    pub present: u16,
    /// Pages that are not there, or are the page of zeros.
    pub none: u16,
    /// Pages that lie in swap.
    pub swap: u16,
    /// Pages that others have as well.
    pub shared: u16,
    /// Pages that were used of late.
    pub referenced: u16,
}

/// What comes of looking at 2 MiB of addresses (`enum scan_result`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum ScanResult {
    /// They can become a huge page.
    Succeed,
    /// There is no table for them yet.
    PmdNull,
    /// They are a huge page already.
    PmdMapped,
    /// More pages are missing than `max_ptes_none` allows.
    ExceedNone,
    /// More lie in swap than `max_ptes_swap` allows.
    ExceedSwap,
    /// Others have more of them than `max_ptes_shared` allows.
    ExceedShared,
    /// None of them can be written to.
    PageRo,
    /// None of them was used of late; or too few, where some would have to come from swap.
    LackReferenced,
    /// One of them is on no list.
    PageLru,
    /// Somebody counts on where one of them lies.
    PageCount,
    /// One went to swap meanwhile.
    PteNonPresent,
    /// No block of 512 frames is free.
    AllocFail,
    /// The control group may have no more.
    ChargeFail,
    /// What lies in swap could not be read.
    SwapIn,
}

/// What khugepaged knows, and what is counted of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Khugepaged {
    /// Where it goes on: in which process, and from which address (`khugepaged_scan`).
    pub at: Option<(NameId, Vaddr)>,
    /// `pages_collapsed`
    pub pages_collapsed: u64,
    /// `full_scans`
    pub full_scans: u64,
    /// `thp_collapse_alloc`
    pub collapse_alloc: u64,
    /// `thp_collapse_alloc_failed`
    pub collapse_alloc_failed: u64,
    /// `thp_scan_exceed_none_pte`, `thp_scan_exceed_swap_pte`, `thp_scan_exceed_share_pte`
    pub exceeded: [u64; 3],
}

impl Khugepaged {
    /// Nothing where it never ran.
    pub(super) fn digest(&self, to: &mut Digest) {
        if *self == Khugepaged::default() {
            return;
        }
        let (process, address) = self.at.map_or((0, 0), |(process, address)| (process.0, address.0));
        to.word(1 << 42 | u64::from(process));
        to.word(address);
        let counts = [self.pages_collapsed, self.full_scans, self.collapse_alloc, self.collapse_alloc_failed];
        counts.iter().chain(&self.exceeded).for_each(|count| to.word(*count));
    }
}

/// How far a turn has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Turn {
    pub limits: ScanLimits,
    /// What counts against `pages_to_scan`: pages of addresses, and one for each process and each area passed over.
    pub progress: u32,
    /// Pages of addresses that were looked at.
    pub scanned: u32,
    pub collapsed: u32,
    /// It has come by the head of the list of processes so many times (`pass_through_head`).
    pub passes: u8,
    /// There was no huge page once already, and it has waited for a minute (`khugepaged_alloc_sleep()`).
    pub has_waited: bool,
    /// It goes on in the middle of a process, whose lock it never dropped.
    pub inside: bool,
}

impl Turn {
    pub(crate) fn new(limits: ScanLimits) -> Turn {
        Turn { limits, progress: 0, scanned: 0, collapsed: 0, passes: 0, has_waited: false, inside: false }
    }
}

impl Processes {
    /// The addresses of an area that can be huge pages: whole ones in it, where pages of its own can be, and have been
    /// (`hugepage_vma_check()`).
    #[must_use]
    pub fn collapsible(&self, vma: &Vma) -> Option<(Vaddr, Vaddr)> {
        if !self.is_thp_eligible(vma) || vma.anon_vma.is_none() {
            return None;
        }
        let (start, end) = (vma.start.0.next_multiple_of(HPAGE_SIZE), vma.end.0 & !(HPAGE_SIZE - 1));
        (start < end).then_some((Vaddr(start), Vaddr(end)))
    }

    fn is_scanned(&self, mm: &Mm) -> bool {
        mm.vmas().iter().any(|vma| self.collapsible(vma).is_some())
    }

    /// The first process of khugepaged's list, or the first behind another one.
    fn next_to_scan(&self, after: Option<NameId>) -> Option<NameId> {
        let from = after.and_then(|name| self.order.iter().position(|of| *of == name)).map_or(0, |at| at + 1);
        let mut rest = self.order.get(from..).unwrap_or(&[]).iter();
        rest.find(|name| self.mm(**name).is_some_and(|mm| self.is_scanned(mm))).copied()
    }

    /// The entry of the table that 2 MiB of addresses have; why there is none (`find_pmd_or_thp_or_none()`).
    fn find_pmd(&self, process: NameId, address: Vaddr) -> Result<Read, ScanResult> {
        let mm = self.mm(process).ok_or(ScanResult::PmdNull)?;
        let walk = self.tables.walk(mm.pgd, address);
        let read = walk.reads().find(|read| read.level == Level::Pmd).ok_or(ScanResult::PmdNull)?;
        match read.entry {
            entry if entry.has(Pte::PSE) => Err(ScanResult::PmdMapped),
            entry if !entry.has(Pte::PRESENT) => Err(ScanResult::PmdNull),
            _ => Ok(read),
        }
    }
}

impl Machine {
    fn told_huge(&self, t: &mut Trace<'_>, func: Func, process: NameId, step: impl FnOnce() -> HugeStep) {
        self.told_process(t, func, process, || ProcessStep::Huge(step()));
    }

    /// khugepaged wakes: the first range of its turn.
    pub(super) fn khugepaged(&mut self, t: &mut Trace<'_>, limits: ScanLimits, cpu: CpuId) -> UnitEnd {
        // Pages that wait for their lists would look like pages of nobody knows what.
        self.lru_add_drain_all(t);
        self.procs().work = Some(Work::Khugepaged(Turn::new(limits)));
        self.khugepaged_on(t, cpu)
    }

    /// The next range of 2 MiB, or the end of the turn (`khugepaged_do_scan()`, `khugepaged_scan_mm_slot()`).
    pub(super) fn khugepaged_on(&mut self, t: &mut Trace<'_>, cpu: CpuId) -> UnitEnd {
        let Some(Work::Khugepaged(mut turn)) = self.processes.work else { return UnitEnd::Done };
        t.within(Func::KhugepagedDoScan, |t| {
            let Some((process, address)) = self.next_range(&mut turn) else {
                self.procs().work = None;
                let Turn { scanned, collapsed, .. } = turn;
                let full_scans = self.processes.huge.khugepaged.full_scans;
                let told = || HugeStep::Slept { scanned, collapsed, full_scans };
                self.told_huge(t, Func::KhugepagedDoScan, NameId::KHUGEPAGED, told);
                return UnitEnd::Done;
            };
            let end = Vaddr(address.0 + HPAGE_SIZE);
            self.procs().huge.khugepaged.at = Some((process, end));
            turn.progress += HPAGE_PAGES;
            turn.scanned += HPAGE_PAGES;
            let (found, result) = self.scan_pmd(process, address, &turn.limits);
            let told = || HugeStep::Scanned { address, found, result };
            self.told_huge(t, Func::HpageCollapseScanPmd, process, told);
            turn.inside = result != ScanResult::Succeed;
            if result == ScanResult::Succeed {
                match self.collapse_huge_page(t, process, address, cpu) {
                    Ok(()) => turn.collapsed += 1,
                    Err(why) => {
                        self.told_huge(t, Func::CollapseHugePage, process, || HugeStep::NotCollapsed {
                            address,
                            why,
                        });
                        if why == ScanResult::AllocFail {
                            // A second time it gives up, and sleeps.
                            turn.progress += if turn.has_waited { u32::MAX - turn.progress } else { 0 };
                            turn.has_waited = true;
                        }
                    }
                }
            }
            self.procs().work = Some(Work::Khugepaged(turn));
            UnitEnd::More
        })
    }

    /// The next 2 MiB of addresses to be looked at; none: the turn is over.
    fn next_range(&mut self, turn: &mut Turn) -> Option<(NameId, Vaddr)> {
        let procs = self.procs();
        if procs.huge.enabled == Thp::Never || !procs.tables.paging().has_thp() {
            return None;
        }
        while turn.progress < turn.limits.pages_to_scan {
            let at = procs.huge.khugepaged.at.filter(|(name, _)| procs.mms.contains_key(name));
            let Some((process, from)) = at else {
                turn.passes += 1;
                let first = procs.next_to_scan(None).filter(|_| turn.passes < 2)?;
                procs.huge.khugepaged.at = Some((first, Vaddr(0)));
                turn.inside = false;
                continue;
            };
            turn.progress += u32::from(!turn.inside);
            turn.inside = true;
            let mut passed = 0;
            let mut range = None;
            for vma in procs.mm(process)?.vmas().iter().filter(|vma| vma.end > from) {
                match procs.collapsible(vma) {
                    Some((start, end)) if from < end => {
                        range = Some(start.max(from));
                        break;
                    }
                    // It is done with this one, and has not passed it over.
                    Some((_, end)) if from == end => {}
                    _ => passed += 1,
                }
            }
            turn.progress += passed;
            if let Some(address) = range {
                procs.huge.khugepaged.at = Some((process, address));
                if turn.progress < turn.limits.pages_to_scan {
                    return Some((process, address));
                }
                return None;
            }
            let next = procs.next_to_scan(Some(process));
            procs.huge.khugepaged.at = next.map(|next| (next, Vaddr(0)));
            procs.huge.khugepaged.full_scans += u64::from(next.is_none());
            turn.inside = false;
        }
        None
    }

    /// Looks at the 512 entries of a range (`hpage_collapse_scan_pmd()`).
    fn scan_pmd(&mut self, process: NameId, address: Vaddr, limits: &ScanLimits) -> (Found, ScanResult) {
        let mut found = Found::default();
        let result = match self.processes.find_pmd(process, address) {
            Err(why) => why,
            Ok(read) => self.scan_table(read.entry.pfn(), limits, &mut found),
        };
        let exceeded = &mut self.procs().huge.khugepaged.exceeded;
        match result {
            ScanResult::ExceedNone => exceeded[0] += 1,
            ScanResult::ExceedSwap => exceeded[1] += 1,
            ScanResult::ExceedShared => exceeded[2] += 1,
            _ => {}
        }
        (found, result)
    }

    fn scan_table(&self, table: Pfn, limits: &ScanLimits, found: &mut Found) -> ScanResult {
        let mut writable = false;
        for pte in self.processes.tables.entries(table).unwrap_or(&[]) {
            if pte.as_swap().is_some() {
                found.swap += 1;
                if found.swap > limits.max_ptes_swap {
                    return ScanResult::ExceedSwap;
                }
            } else if pte.0 == 0 || pte.has(Pte::SPECIAL) {
                found.none += 1;
                if found.none > limits.max_ptes_none {
                    return ScanResult::ExceedNone;
                }
            } else if pte.is_page() {
                writable |= pte.has(Pte::RW);
                found.present += 1;
                let pfn = pte.pfn();
                found.shared += u16::from(self.processes.mapcount(pfn) > 1);
                if found.shared > limits.max_ptes_shared {
                    return ScanResult::ExceedShared;
                }
                if let Err(why) = self.can_collapse(pfn) {
                    return why;
                }
                let noted = |flags: LruFlags| flags.has(LruFlags::REFERENCED);
                let listed = self.reclaim().map(|reclaim| reclaim.page(pfn).flags);
                found.referenced += u16::from(pte.has(Pte::ACCESSED) || listed.is_some_and(noted));
            } else {
                // On its way to another frame.
                return ScanResult::PteNonPresent;
            }
        }
        if !writable {
            ScanResult::PageRo
        } else if found.referenced == 0 || found.swap > 0 && u32::from(found.referenced) < HPAGE_PAGES / 2 {
            ScanResult::LackReferenced
        } else {
            ScanResult::Succeed
        }
    }

    /// Whether a page can be taken from where it is: it is on a list, where there are lists, and nobody counts on it.
    fn can_collapse(&self, pfn: Pfn) -> Result<(), ScanResult> {
        let head = self.processes.folio(pfn);
        let on_list = |reclaim: &crate::reclaim::Reclaim| reclaim.page(head).flags.has(LruFlags::LRU);
        if !self.reclaim().is_none_or(on_list) {
            return Err(ScanResult::PageLru);
        }
        if self.is_pinned(head) || self.is_pinned(pfn) { Err(ScanResult::PageCount) } else { Ok(()) }
    }

    /// The node that most pages of a range lie on (`hpage_collapse_find_target_node()`).
    fn target_node(&self, table: Pfn) -> Option<u8> {
        let mut load = vec![0u32; usize::from(self.nodes())];
        for pte in self.processes.tables.entries(table).unwrap_or(&[]) {
            if pte.is_page()
                && !pte.has(Pte::SPECIAL)
                && let Some(zone) = self.zone_of(pte.pfn())
                && let Some(of) = load.get_mut(usize::from(self.zone(zone).node))
            {
                *of += 1;
            }
        }
        let most = load.iter().max().copied()?;
        load.iter().position(|of| *of == most).map(|node| node as u8)
    }

    /// The pages of a range become a huge one (`collapse_huge_page()`).
    fn collapse_huge_page(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        address: Vaddr,
        cpu: CpuId,
    ) -> Result<(), ScanResult> {
        t.within(Func::CollapseHugePage, |t| {
            let (pfn, block) = self.alloc_charge_hpage(t, process, address, cpu)?;
            let end = self.collapse_into(t, process, address, pfn, cpu);
            if end.is_err() {
                self.procs().huge.forget(pfn);
                self.put_pages(t, cpu, Some(process), block);
            }
            end
        })
    }

    /// The huge page, of the node that most of the small ones are on (`alloc_charge_hpage()`).
    fn alloc_charge_hpage(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        address: Vaddr,
        cpu: CpuId,
    ) -> Result<(Pfn, Block), ScanResult> {
        let table = self.processes.find_pmd(process, address)?.entry.pfn();
        let node = self.target_node(table).filter(|_| self.nodes() > 1);
        let place = node.map(|node| Placement {
            node: Some(node),
            allowed: Some(NodeMask::of([node])),
            ..Placement::default()
        });
        let flags = GfpFlags::GFP_TRANSHUGE | GfpFlags::THISNODE;
        let gfp = Gfp { kind: PageKind::Anon, flags };
        let got = self.alloc_pages_placed(t, cpu, process, hpage_order().get(), gfp, place);
        let khugepaged = &mut self.procs().huge.khugepaged;
        let Some(pfn) = got else {
            khugepaged.collapse_alloc_failed += 1;
            return Err(ScanResult::AllocFail);
        };
        khugepaged.collapse_alloc += 1;
        let block = Block { pfn, order: hpage_order() };
        if !self.mem_cgroup_charge(t, cpu, self.group_of_process(process), flags, block) {
            self.free_pages(t, cpu, Some(process), block);
            return Err(ScanResult::ChargeFail);
        }
        self.procs().huge.insert(pfn, Compound { exclusive: true, ..Compound::default() });
        Ok((pfn, block))
    }

    /// What is in the small pages goes to the huge one, and one entry takes the place of 512.
    fn collapse_into(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        address: Vaddr,
        pfn: Pfn,
        cpu: CpuId,
    ) -> Result<(), ScanResult> {
        self.collapse_swapin(t, process, address, cpu)?;
        let read = self.processes.find_pmd(process, address)?;
        let mm = self.processes.mm(process).ok_or(ScanResult::PmdNull)?;
        let vma = *mm.vma_at(address).ok_or(ScanResult::PmdNull)?;
        let (table, pgd, end) = (read.entry.pfn(), mm.pgd, Vaddr(address.0 + HPAGE_SIZE));
        let leaves: Vec<Leaf> = self.processes.tables.leaves(pgd, address, end).collect();
        // What reclaim took meanwhile, or somebody pinned, it finds out now (`__collapse_huge_page_isolate()`).
        if self.processes.tables.swaps(pgd, address, end).next().is_some() {
            return Err(ScanResult::PteNonPresent);
        }
        let pages = || leaves.iter().filter(|leaf| !leaf.entry.has(Pte::SPECIAL));
        pages().try_for_each(|leaf| self.can_collapse(leaf.entry.pfn()))?;
        self.will_flush(process);
        let procs = self.procs();
        procs.contents.are_fresh(pfn);
        let copied = pages().count() as u32;
        for leaf in pages() {
            let at = (leaf.address.0 - address.0) / PAGE_SIZE;
            procs.copy_contents(leaf.entry.pfn(), Pfn(pfn.0 + at as u32));
        }
        let cleared = HPAGE_PAGES - copied;
        self.told_huge(t, Func::CollapseHugePageCopy, process, || HugeStep::CollapseCopied {
            address,
            pfn,
            copied,
            cleared,
        });
        let mut gone = Vec::new();
        for leaf in &leaves {
            gone.extend(self.unmap_one(process, leaf.table, leaf.index, leaf.entry));
        }
        // They go back in the order of their addresses; the last one gathered goes first.
        self.procs().gathered.extend(gone.into_iter().rev());
        let procs = self.procs();
        procs.tables.remove(table);
        let entry = pte_of(procs.tables.paging(), &vma, pfn).with(Pte::PSE).with(Pte::DIRTY);
        procs.tables.write(read.table, read.index, if vma.prot.write { entry.with(Pte::RW) } else { entry });
        procs.huge.insert(pfn, Compound { pmds: 1, exclusive: true, ..Compound::default() });
        // What was there somebody had touched.
        for leaf in leaves.iter().filter(|leaf| !leaf.entry.has(Pte::SPECIAL)) {
            let at = (leaf.address.0 - address.0) / PAGE_SIZE;
            procs.huge.set_touched(Pfn(pfn.0 + at as u32));
        }
        procs.huge.khugepaged.pages_collapsed += 1;
        if let Some(mm) = procs.mm_mut(process) {
            mm.pgtables.0 -= 1;
            mm.add(Counter::Anon, u64::from(HPAGE_PAGES));
        }
        procs.deposit(process, read.table, table);
        let rss = self.processes.mm(process).map_or(NrPages(0), |mm| mm.rss.total());
        let more = NrPages(u64::from(cleared));
        self.told_huge(t, Func::CollapseHugePage, process, || HugeStep::Collapsed {
            address,
            pfn,
            table,
            rss,
            more,
        });
        self.lru_add_anon(t, process, address, pfn, cpu);
        // (`pmdp_collapse_flush()`: nobody uses the small ones any more before they go.)
        self.flush(t, cpu, process, (address, NrPages(u64::from(HPAGE_PAGES))), false);
        self.free_gathered(t, cpu);
        Ok(())
    }

    /// What lies in swap comes back first (`__collapse_huge_page_swapin()`).
    fn collapse_swapin(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        address: Vaddr,
        cpu: CpuId,
    ) -> Result<(), ScanResult> {
        t.within(Func::CollapseHugePageSwapin, |t| {
            let end = Vaddr(address.0 + HPAGE_SIZE);
            let mut from = address;
            let mut swapped = false;
            loop {
                let mm = self.processes.mm(process).ok_or(ScanResult::SwapIn)?;
                let vma = *mm.vma_at(address).ok_or(ScanResult::SwapIn)?;
                let Some((at, _, _, entry, pte)) = self.processes.tables.swaps(mm.pgd, from, end).next()
                else {
                    break;
                };
                let spot = Spot { process, address: at, access: Access::Read, cpu };
                self.do_swap_page(t, spot, &vma, entry, pte).ok_or(ScanResult::SwapIn)?;
                (from, swapped) = (Vaddr(at.0 + PAGE_SIZE), true);
            }
            if swapped {
                self.lru_add_drain(t, cpu);
            }
            Ok(())
        })
    }
}

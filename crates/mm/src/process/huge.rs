//! Pages of 512 frames in a process: a fault that brings one, what takes it apart again, and the page tables that are put
//! by for that (mm/huge_memory.c, 6.1).

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use super::khugepaged::Khugepaged;
use super::memory::Spot;
use super::mm_types::{Backing, Counter, Vma};
use super::pgtable::{Mapped, Read, Tables};
use super::{Access, At, ByteRange, Processes};
use crate::config::Thp;
use crate::gfp::GfpFlags;
use crate::hash::Digest;
use crate::machine::{Machine, UnitEnd};
use crate::mempolicy::InArea;
use crate::op::{Gfp, NameId, PageKind};
use crate::page::Block;
use crate::page_alloc::setup::hugepages_stay_on;
use crate::step::{Func, ProcessStep, Refusal, Signal, Trace};
use crate::units::{CpuId, NrPages, Order, PAGE_SIZE, Pfn, Vaddr};
use crate::x86::pgtable::{Level, Pte};

/// Bytes of a huge page (`HPAGE_PMD_SIZE`).
pub const HPAGE_SIZE: u64 = 2 << 20;
/// Frames of a huge page (`HPAGE_PMD_NR`).
pub const HPAGE_PAGES: u32 = 512;

/// What an entry leads to: a page of 4 KiB, or a huge one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leaf {
    /// The first address of the page.
    pub address: Vaddr,
    /// The level of the table.
    pub level: Level,
    /// The table.
    pub table: Pfn,
    /// Which entry of it.
    pub index: u16,
    /// What the entry says.
    pub entry: Pte,
}

impl Leaf {
    /// Whether it is a huge page.
    #[must_use]
    pub fn is_huge(&self) -> bool {
        self.level != Level::Pte
    }

    /// How many frames it maps.
    #[must_use]
    pub fn pages(&self) -> u64 {
        if self.is_huge() { u64::from(HPAGE_PAGES) } else { 1 }
    }

    /// One past its last address.
    #[must_use]
    pub fn end(&self) -> Vaddr {
        Vaddr(self.address.0 + self.pages() * PAGE_SIZE)
    }

    /// The entry that one of its frames would have by itself.
    fn small(&self, at: u64) -> Pte {
        if self.is_huge() {
            self.entry.without(Pte::PSE).to(Pfn(self.entry.pfn().0 + at as u32))
        } else {
            self.entry
        }
    }
}

impl Tables {
    /// The pages between two addresses, small and huge, that there are; a huge one begins before them, or
    /// ends behind them, if only a part of it lies there.
    pub fn leaves(&self, pgd: Pfn, start: Vaddr, end: Vaddr) -> impl Iterator<Item = Leaf> + use<'_> {
        let mut at = start;
        std::iter::from_fn(move || {
            while at < end {
                let Read { level, table, index, entry } = self.walk(pgd, at).last()?;
                let span = self.paging().span(level).unwrap_or(PAGE_SIZE);
                let address = Vaddr(at.0 & !(span - 1));
                at = Vaddr(address.0 + span);
                if entry.is_page() && (level == Level::Pte || entry.has(Pte::PSE)) {
                    return Some(Leaf { address, level, table, index, entry });
                }
            }
            None
        })
    }

    /// The same frame by frame: each of a huge page's as if it had an entry of its own.
    pub fn pages(&self, pgd: Pfn, start: Vaddr, end: Vaddr) -> impl Iterator<Item = (Vaddr, Pte)> + use<'_> {
        self.leaves(pgd, start, end).flat_map(move |leaf| {
            let all =
                (0..leaf.pages()).map(move |at| (Vaddr(leaf.address.0 + at * PAGE_SIZE), leaf.small(at)));
            all.filter(move |(address, _)| start <= *address && *address < end)
        })
    }

    /// The entry of the page at an address, if it says anything; of a frame of a huge page the one that it would have by
    /// itself.
    #[must_use]
    pub fn page(&self, pgd: Pfn, address: Vaddr) -> Option<Pte> {
        let leaf = self.leaf(pgd, address)?;
        Some(leaf.small((address.0 - leaf.address.0) / PAGE_SIZE))
    }

    /// The page at an address, if its entry says anything.
    #[must_use]
    pub fn leaf(&self, pgd: Pfn, address: Vaddr) -> Option<Leaf> {
        self.leaves(pgd, address, Vaddr(address.0.checked_add(1)?)).next()
    }
}

/// A page of 512 frames (a compound page).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Compound {
    /// Entries that lead to it as a whole (`compound_mapcount()`).
    pub pmds: u32,
    /// Entries that lead to single frames of it.
    pub ptes: u32,
    /// It belongs to one process alone, which maps it as a whole (`PageAnonExclusive`).
    pub exclusive: bool,
    /// It may go as long as it is not written to (`MADV_FREE`).
    pub lazyfree: bool,
    /// Some of its frames are nobody's, and it is to be split for them one day (`deferred_list`). No part of the hash: where
    /// memory is reclaimed, the queue is.
    pub queued: bool,
}

impl Compound {
    /// All entries that lead to it or into it.
    #[must_use]
    pub fn entries(&self) -> u32 {
        self.pmds + self.ptes
    }
}

/// What is counted of huge pages (`/proc/vmstat`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ThpEvents {
    /// `thp_fault_alloc`
    pub fault_alloc: u64,
    /// `thp_fault_fallback`
    pub fault_fallback: u64,
    /// `thp_split_page`
    pub split_page: u64,
    /// `thp_deferred_split_page`
    pub deferred_split_page: u64,
    /// `thp_split_pmd`
    pub split_pmd: u64,
    /// `thp_zero_page_alloc`
    pub zero_page_alloc: u64,
    /// `thp_swpout`
    pub swpout: u64,
    /// `thp_swpout_fallback`
    pub swpout_fallback: u64,
}

/// Huge pages, and what belongs to them.
#[derive(Clone, Debug, Default)]
pub struct Huge {
    /// `/sys/kernel/mm/transparent_hugepage/enabled`
    pub enabled: Thp,
    /// `/sys/kernel/mm/transparent_hugepage/use_zero_page`
    pub use_zero_page: bool,
    /// By their first frames.
    compounds: BTreeMap<Pfn, Compound>,
    /// The huge page of zeros, once somebody needed it (`huge_zero_page`).
    zero: Option<Pfn>,
    /// For each table whose entries are huge pages the frames that are put by for tables below it (`pmd_huge_pte`), the
    /// next one to be taken first.
    deposits: BTreeMap<Pfn, VecDeque<Pfn>>,
    /// What happened so far.
    pub events: ThpEvents,
    /// What khugepaged knows.
    pub khugepaged: Khugepaged,
    /// Which frames of each huge page programs ever touched. Neither the processor nor the kernel knows, and nothing depends on
    /// it: it is kept for whoever looks on, and is no part of the hash.
    touched: Rc<BTreeMap<Pfn, [u64; 8]>>,
}

impl Huge {
    /// The huge pages of processes, by their first frames.
    pub fn compounds(&self) -> impl Iterator<Item = (Pfn, &Compound)> {
        self.compounds.iter().map(|(pfn, compound)| (*pfn, compound))
    }

    /// The huge page that a frame belongs to.
    #[must_use]
    pub fn of(&self, pfn: Pfn) -> Option<(Pfn, &Compound)> {
        let head = Pfn(pfn.0 & !(HPAGE_PAGES - 1));
        self.compounds.get(&head).map(|compound| (head, compound))
    }

    pub(super) fn of_mut(&mut self, pfn: Pfn) -> Option<(Pfn, &mut Compound)> {
        let head = Pfn(pfn.0 & !(HPAGE_PAGES - 1));
        self.compounds.get_mut(&head).map(|compound| (head, compound))
    }

    /// The huge page of zeros.
    #[must_use]
    pub fn zero_page(&self) -> Option<Pfn> {
        self.zero
    }

    /// Tables that are put by for the entries of a table.
    #[must_use]
    pub fn deposited(&self, table: Pfn) -> usize {
        self.deposits.get(&table).map_or(0, VecDeque::len)
    }

    /// Whether there is anything huge, or can be.
    pub(super) fn is_idle(&self) -> bool {
        self.enabled == Thp::Never && self.compounds.is_empty() && self.zero.is_none()
    }

    /// Blocks of it: huge pages, and tables that are put by.
    pub(super) fn blocks(&self) -> impl Iterator<Item = (Pfn, Order)> {
        let huge = self.compounds.keys().chain(&self.zero).map(|pfn| (*pfn, hpage_order()));
        huge.chain(self.deposits.values().flatten().map(|pfn| (*pfn, Order::ZERO)))
    }

    pub(super) fn forget(&mut self, head: Pfn) {
        self.compounds.remove(&head);
        if self.touched.contains_key(&head) {
            Rc::make_mut(&mut self.touched).remove(&head);
        }
    }

    /// How many frames of the huge page that begins here programs ever touched.
    #[must_use]
    pub fn touched(&self, head: Pfn) -> u32 {
        self.touched.get(&head).map_or(0, |bits| bits.iter().map(|word| word.count_ones()).sum())
    }

    /// Whether this frame of a huge page is one of them.
    #[must_use]
    pub fn is_touched(&self, pfn: Pfn) -> bool {
        let at = (pfn.0 % HPAGE_PAGES) as usize;
        let bits = self.touched.get(&Pfn(pfn.0 & !(HPAGE_PAGES - 1)));
        bits.is_some_and(|bits| bits[at / 64] >> (at % 64) & 1 == 1)
    }

    /// The huge pages of which something was touched.
    pub(super) fn noted(&self) -> impl Iterator<Item = Pfn> {
        self.touched.keys().copied()
    }

    /// A frame of a huge page is touched.
    pub(super) fn set_touched(&mut self, pfn: Pfn) {
        if self.is_touched(pfn) || self.of(pfn).is_none() {
            return;
        }
        let at = (pfn.0 % HPAGE_PAGES) as usize;
        let all = Rc::make_mut(&mut self.touched);
        all.entry(Pfn(pfn.0 & !(HPAGE_PAGES - 1))).or_default()[at / 64] |= 1 << (at % 64);
    }

    /// What is known of the huge page that begins here.
    pub(super) fn at_mut(&mut self, head: Pfn) -> Option<&mut Compound> {
        self.compounds.get_mut(&head)
    }

    /// It is to be split one day; false: it was already.
    pub(crate) fn enqueue(&mut self, head: Pfn) -> bool {
        self.compounds.get_mut(&head).is_some_and(|of| !std::mem::replace(&mut of.queued, true))
    }

    pub(super) fn insert(&mut self, head: Pfn, compound: Compound) {
        self.compounds.insert(head, compound);
    }

    /// Nothing of machines that never had a huge page.
    pub(super) fn digest(&self, to: &mut Digest) {
        for (pfn, compound) in &self.compounds {
            to.word(
                u64::from(pfn.0) << 2 | u64::from(compound.exclusive) << 1 | u64::from(compound.lazyfree),
            );
            to.word(u64::from(compound.pmds) << 32 | u64::from(compound.ptes));
        }
        if let Some(pfn) = self.zero {
            to.word(u64::from(pfn.0) | 1 << 40);
        }
        for (table, deposits) in self.deposits.iter().filter(|(_, deposits)| !deposits.is_empty()) {
            to.word(u64::from(table.0) | 1 << 41);
            deposits.iter().for_each(|pfn| to.word(u64::from(pfn.0)));
        }
        let ThpEvents { fault_alloc, fault_fallback, split_page, split_pmd, zero_page_alloc, .. } =
            self.events;
        let events = [fault_alloc, fault_fallback, split_page, split_pmd, zero_page_alloc];
        if events != [0; 5] {
            events.iter().for_each(|count| to.word(*count));
        }
        // (What waits to be split is known to whoever reclaims memory; without that nobody ever asks.)
        let swpout = [self.events.swpout, self.events.swpout_fallback];
        for (at, count) in (0u64..).zip(swpout).filter(|(_, count)| *count > 0) {
            to.word(1 << 45 | at << 40);
            to.word(count);
        }
        self.khugepaged.digest(to);
    }
}

/// The order of a huge page (`HPAGE_PMD_ORDER`).
pub(super) fn hpage_order() -> Order {
    Order::new(9).unwrap_or(Order::MAX)
}

/// The first address of the huge page that an address would lie in.
pub(super) fn hpage_of(address: Vaddr) -> Vaddr {
    Vaddr(address.0 & !(HPAGE_SIZE - 1))
}

/// Whether the area has all of the huge page that an address lies in (`transhuge_vma_suitable()`).
fn is_suitable(vma: &Vma, address: Vaddr) -> bool {
    let start = hpage_of(address);
    vma.start <= start && start.0 + HPAGE_SIZE <= vma.end.0
}

impl Processes {
    /// Huge pages.
    #[must_use]
    pub fn huge(&self) -> &Huge {
        &self.huge
    }

    /// How many entries lead to a frame, those of the huge page that it belongs to included (`page_mapcount()`).
    #[must_use]
    pub fn mapcount(&self, pfn: Pfn) -> u32 {
        let head = Pfn(pfn.0 & !(HPAGE_PAGES - 1));
        let pooled = self.pool.entries(head).unwrap_or(0);
        self.mapped(pfn).mapcount + pooled + self.huge.of(pfn).map_or(0, |(_, compound)| compound.pmds)
    }

    /// Whether a page may go until it is written to again (`MADV_FREE`).
    #[must_use]
    #[inline(never)]
    pub fn is_lazyfree(&self, pfn: Pfn) -> bool {
        self.huge.of(pfn).map_or(self.mapped(pfn).lazyfree, |(_, compound)| compound.lazyfree)
    }

    /// Whether faults in an area bring huge pages, where they fit (`hugepage_vma_check()`).
    #[must_use]
    pub fn makes_huge_pages(&self, vma: &Vma) -> bool {
        self.tables.paging().has_thp()
            && vma.backing == Backing::Anon
            && !vma.hugetlb
            && match (self.huge.enabled, vma.hugepage) {
                (Thp::Never, _) | (_, Some(false)) => false,
                (Thp::Always, _) | (Thp::Madvise, Some(true)) => true,
                (Thp::Madvise, None) => false,
            }
    }

    /// `THPeligible`: they do, and there is room for one at its end.
    #[must_use]
    pub fn is_thp_eligible(&self, vma: &Vma) -> bool {
        self.makes_huge_pages(vma)
            && vma.end.0.checked_sub(HPAGE_SIZE).is_some_and(|last| is_suitable(vma, Vaddr(last)))
    }

    /// Puts a frame by for a table (`pgtable_trans_huge_deposit()`): it is the next one to be taken, and the one that was
    /// so becomes the last.
    pub(super) fn deposit(&mut self, process: NameId, table: Pfn, pfn: Pfn) {
        let ring = self.huge.deposits.entry(table).or_default();
        if let Some(head) = ring.pop_front() {
            ring.push_back(head);
        }
        ring.push_front(pfn);
        if let Some(mm) = self.mm_mut(process) {
            mm.pgtables.0 += 1;
        }
    }

    /// What was put by for an entry of one table is for one of another now.
    pub(super) fn move_deposit(&mut self, from: Pfn, to: Pfn) {
        if let Some(pfn) = self.withdraw(from) {
            let ring = self.huge.deposits.entry(to).or_default();
            if let Some(head) = ring.pop_front() {
                ring.push_back(head);
            }
            ring.push_front(pfn);
        }
    }

    /// Takes it again (`pgtable_trans_huge_withdraw()`).
    fn withdraw(&mut self, table: Pfn) -> Option<Pfn> {
        let ring = self.huge.deposits.get_mut(&table)?;
        let pfn = ring.pop_front();
        if ring.is_empty() {
            self.huge.deposits.remove(&table);
        }
        pfn
    }

    /// The entry of a huge page becomes a table of 512 entries for the same frames (`__split_huge_pmd_locked()`); the
    /// table, which had been put by.
    pub(super) fn split_pmd(&mut self, leaf: &Leaf, vma: &Vma) -> Option<Pfn> {
        let table = self.withdraw(leaf.table)?;
        let is_zero = leaf.entry.has(Pte::SPECIAL);
        self.tables.add(Level::Pte, table);
        let entry = self.tables.paging().table_entry(leaf.level).to(table);
        self.tables.write(leaf.table, leaf.index, entry);
        let compound = self.huge.of_mut(leaf.entry.pfn()).map(|(_, compound)| {
            let exclusive = compound.exclusive;
            compound.pmds -= 1;
            compound.ptes += HPAGE_PAGES;
            compound.exclusive &= compound.pmds > 0;
            exclusive
        });
        let zero = leaf.entry.without(Pte::PSE).without(Pte::RW).without(Pte::DIRTY).to(self.zero_page);
        for at in 0..HPAGE_PAGES {
            let small = leaf.small(u64::from(at));
            self.tables.write(table, at as u16, if is_zero { zero } else { small });
            if let (false, Some(exclusive)) = (is_zero, compound) {
                let mapped = self.mapped(small.pfn());
                let mapcount = mapped.mapcount + 1;
                self.set_mapped(small.pfn(), Mapped { mapcount, exclusive, ..mapped });
            }
        }
        debug_assert!(vma.contains(leaf.address) || vma.contains(Vaddr(leaf.end().0 - 1)));
        self.huge.events.split_pmd += 1;
        Some(table)
    }

    /// The first frame of the huge page that a frame belongs to, or the frame itself (`page_folio()`).
    #[must_use]
    pub fn folio(&self, pfn: Pfn) -> Pfn {
        self.huge.of(pfn).map_or(pfn, |(head, _)| head)
    }

    pub(crate) fn huge_mut(&mut self) -> &mut Huge {
        &mut self.huge
    }

    /// Frames of a huge page that anybody has.
    #[must_use]
    pub fn used_frames(&self, head: Pfn) -> u16 {
        (head.0..head.0 + HPAGE_PAGES).filter(|pfn| self.mapcount(Pfn(*pfn)) > 0).count() as u16
    }

    /// One more entry leads into a huge page, if the frame belongs to one.
    pub(crate) fn joins_compound(&mut self, pfn: Pfn) {
        if let Some((_, compound)) = self.huge.of_mut(pfn) {
            compound.ptes += 1;
        }
    }

    /// An entry that led into a huge page is gone.
    pub(super) fn leaves_compound(&mut self, pfn: Pfn) {
        if let Some((_, compound)) = self.huge.of_mut(pfn) {
            compound.ptes -= 1;
        }
    }

    /// Takes the entry of a huge page away; the table that was put by for it (`zap_huge_pmd()`).
    pub(super) fn zap_huge_pmd(&mut self, process: NameId, leaf: &Leaf) -> Option<Pfn> {
        self.tables.write(leaf.table, leaf.index, Pte(0));
        let table = self.withdraw(leaf.table);
        if let Some((_, compound)) = self.huge.of_mut(leaf.entry.pfn()) {
            compound.pmds -= 1;
        }
        let is_page = !leaf.entry.has(Pte::SPECIAL);
        if let Some(mm) = self.mm_mut(process) {
            mm.pgtables.0 -= 1;
            *mm.rss.of(Counter::Anon) -= if is_page { u64::from(HPAGE_PAGES) } else { 0 };
        }
        table
    }

    /// A huge page that nobody has is on its way back.
    pub(super) fn gather_huge(&mut self, pfn: Pfn, compound: Compound) {
        self.huge.compounds.insert(pfn, compound);
        self.gathered.push(pfn);
    }

    /// Frames of what is gathered.
    pub(super) fn gathered_pages(&self) -> u64 {
        let pages = |pfn: &Pfn| self.huge.compounds.get(pfn).map_or(1, |_| u64::from(HPAGE_PAGES));
        self.gathered.iter().map(pages).sum()
    }

    /// A child gets the entry of a huge page (`copy_huge_pmd()`).
    pub(super) fn copy_huge_pmd(
        &mut self,
        child: NameId,
        leaf: &Leaf,
        (table, index): (Pfn, u16),
        deposit: Pfn,
    ) {
        self.deposit(child, table, deposit);
        let entry = leaf.entry.without(Pte::RW);
        self.tables.write(leaf.table, leaf.index, entry);
        self.tables.write(table, index, entry.without(Pte::ACCESSED));
        if let Some((_, compound)) = self.huge.of_mut(leaf.entry.pfn()) {
            compound.pmds += 1;
            compound.exclusive = false;
            if let Some(mm) = self.mm_mut(child) {
                mm.add(Counter::Anon, u64::from(HPAGE_PAGES));
            }
        }
    }

    /// The entry of a huge page after `mprotect()` (`change_huge_pmd()`): nothing is writable at once, 6.1 leaves that to
    /// the next fault.
    pub(super) fn change_huge_pmd(&mut self, leaf: &Leaf, vma: &Vma) {
        let bits = Pte::RW.with(Pte::NX).with(Pte::GLOBAL);
        let mut now = leaf.entry.without(bits).with(Pte::PRESENT);
        if !vma.prot.exec && self.tables.paging().has_nx() {
            now = now.with(Pte::NX);
        }
        if vma.prot == super::Prot::NONE {
            now = now.without(Pte::PRESENT).with(Pte::GLOBAL);
        }
        self.tables.write(leaf.table, leaf.index, now);
    }
}

impl Machine {
    /// What huge pages are, when the first process comes: as the machine booted, unless somebody wrote to
    /// `transparent_hugepage/enabled` since (`hugepage_init()`).
    pub(super) fn boot_huge_pages(&mut self, managed: NrPages) {
        let is_large = hugepages_stay_on(managed);
        let usual = if self.tunables().thp && is_large { Thp::Always } else { Thp::Never };
        let enabled = self.settings().thp.unwrap_or(usual);
        let huge = &mut self.procs().huge;
        (huge.enabled, huge.use_zero_page) = (enabled, is_large);
    }

    /// What is huge about a fault; false: its page has 4 KiB. No signal: there was no memory.
    pub(super) fn huge_fault(
        &mut self,
        t: &mut Trace<'_>,
        spot: Spot,
        vma: &Vma,
    ) -> Result<bool, Option<Signal>> {
        if vma.hugetlb {
            return self.hugetlb_fault(t, spot, vma);
        }
        self.thp_fault(t, spot, vma).ok_or(None)
    }

    fn thp_fault(&mut self, t: &mut Trace<'_>, spot: Spot, vma: &Vma) -> Option<bool> {
        if self.processes.huge.is_idle() || !self.processes.tables.paging().has_thp() {
            return Some(false);
        }
        self.alloc_tables(t, spot.process, spot.address, spot.cpu, Level::Pmd)?;
        let walk = self.processes.tables.walk(self.processes.mm(spot.process)?.pgd, spot.address);
        let read = walk.reads().find(|read| read.level == Level::Pmd)?;
        if read.entry.0 == 0 {
            let makes = self.processes.makes_huge_pages(vma) && is_suitable(vma, spot.address);
            return if makes { self.do_huge_pmd_anonymous_page(t, spot, vma, read) } else { Some(false) };
        }
        if !read.entry.has(Pte::PSE) {
            return Some(false);
        }
        let forbids = read.entry.has(Pte::PRESENT) && !read.entry.has(Pte::RW);
        if spot.access == Access::Write && forbids {
            return self.do_huge_pmd_wp_page(t, spot, vma, read);
        }
        Some(true)
    }

    /// A huge page comes, filled with zeros, or the one of zeros that all share (`do_huge_pmd_anonymous_page()`).
    fn do_huge_pmd_anonymous_page(
        &mut self,
        t: &mut Trace<'_>,
        spot: Spot,
        vma: &Vma,
        read: Read,
    ) -> Option<bool> {
        let Spot { process, cpu, access, .. } = spot;
        let func = Func::DoHugePmdAnonymousPage;
        let address = hpage_of(spot.address);
        t.within(func, |t| {
            self.anon_vma_prepare(process, spot.address);
            let paging = self.processes.tables.paging();
            let entry = super::memory::pte_of(paging, vma, Pfn(0)).with(Pte::PSE);
            if access != Access::Write && self.processes.huge.use_zero_page {
                let table = self.alloc_table(t, cpu, self.group_of_process(process))?;
                self.procs().fresh.push(table);
                let zero = self.huge_zero_page(t, cpu);
                self.procs().fresh.pop();
                let Some(pfn) = zero else {
                    let block = Block { pfn: table, order: Order::ZERO };
                    self.put_pages(t, cpu, Some(NameId::PAGE_TABLE), block);
                    return Some(self.huge_fallback(t, process, address));
                };
                // Linux knows it by its frame; here the entry says so as well.
                let procs = self.procs();
                procs.tables.write(read.table, read.index, entry.with(Pte::SPECIAL).to(pfn));
                procs.deposit(process, read.table, table);
                let tables = procs.mm(process)?.pgtables;
                self.told_process(t, func, process, || ProcessStep::HugeZeroPage { address, pfn, tables });
                return Some(true);
            }
            // Who asked for huge pages waits for one to be made of small ones, where that is the rule.
            let madvised = vma.hugepage == Some(true) && self.processes.huge.use_zero_page;
            let waits = if madvised { GfpFlags::DIRECT_RECLAIM } else { GfpFlags::NONE };
            let gfp = Gfp { kind: PageKind::Anon, flags: GfpFlags::GFP_TRANSHUGE_LIGHT | waits };
            let of = Some(InArea { process, address });
            let Some(pfn) = self.alloc_pages_in(t, cpu, process, hpage_order().get(), gfp, of) else {
                return Some(self.huge_fallback(t, process, address));
            };
            let (group, block) = (self.group_of_process(process), Block { pfn, order: hpage_order() });
            if !self.mem_cgroup_charge(t, cpu, group, gfp.flags, block) {
                self.free_pages(t, cpu, Some(process), block);
                return Some(self.huge_fallback(t, process, address));
            }
            self.procs().huge.compounds.insert(pfn, Compound { exclusive: true, ..Compound::default() });
            let Some(table) = self.alloc_table(t, cpu, group) else {
                self.procs().huge.forget(pfn);
                self.put_pages(t, cpu, Some(process), block);
                return None;
            };
            let procs = self.procs();
            let entry = entry.with(Pte::DIRTY).to(pfn);
            procs.tables.write(
                read.table,
                read.index,
                if vma.prot.write { entry.with(Pte::RW) } else { entry },
            );
            procs.deposit(process, read.table, table);
            procs.contents.are_fresh(pfn);
            procs.huge.of_mut(pfn)?.1.pmds = 1;
            procs.huge.events.fault_alloc += 1;
            let mm = procs.mm_mut(process)?;
            mm.add(Counter::Anon, u64::from(HPAGE_PAGES));
            let (rss, tables) = (mm.rss.total(), mm.pgtables);
            self.told_process(t, func, process, || ProcessStep::HugePage { address, pfn, rss, tables });
            self.lru_add_anon(t, process, address, pfn, cpu);
            Some(true)
        })
    }

    /// No huge page: 4 KiB will do.
    fn huge_fallback(&mut self, t: &mut Trace<'_>, process: NameId, address: Vaddr) -> bool {
        self.procs().huge.events.fault_fallback += 1;
        self.told_process(t, Func::DoHugePmdAnonymousPage, process, || ProcessStep::HugeFallback { address });
        false
    }

    /// The huge page of zeros, made when it is wanted for the first time (`get_huge_zero_page()`).
    fn huge_zero_page(&mut self, t: &mut Trace<'_>, cpu: CpuId) -> Option<Pfn> {
        if let Some(pfn) = self.processes.huge.zero {
            return Some(pfn);
        }
        let flags = (GfpFlags::GFP_TRANSHUGE | GfpFlags::ZERO) & !GfpFlags::MOVABLE;
        let gfp = Gfp { kind: PageKind::Unmovable, flags };
        let pfn = self.alloc_pages(t, cpu, NameId::HUGE_ZERO_PAGE, hpage_order().get(), gfp)?;
        self.procs().contents.are_fresh(pfn);
        let huge = &mut self.procs().huge;
        huge.zero = Some(pfn);
        huge.events.zero_page_alloc += 1;
        Some(pfn)
    }

    /// A huge page is written to that may only be read (`do_huge_pmd_wp_page()`): whoever has it alone keeps it, for all
    /// others it is taken apart, and 4 KiB of it are copied.
    fn do_huge_pmd_wp_page(&mut self, t: &mut Trace<'_>, spot: Spot, vma: &Vma, read: Read) -> Option<bool> {
        let (process, address) = (spot.process, hpage_of(spot.address));
        let pfn = read.entry.pfn();
        t.within(Func::DoHugePmdWpPage, |t| {
            let alone = self.processes.huge.of(pfn).is_some_and(|(_, of)| of.exclusive || of.entries() == 1);
            if alone && !read.entry.has(Pte::SPECIAL) {
                let procs = self.procs();
                let bits = Pte::RW.with(Pte::DIRTY).with(Pte::ACCESSED);
                procs.tables.write(read.table, read.index, read.entry.with(bits));
                procs.huge.of_mut(pfn)?.1.exclusive = true;
                self.told_process(t, Func::DoHugePmdWpPage, process, || ProcessStep::HugeReused {
                    address,
                    pfn,
                });
                return Some(true);
            }
            let Read { level, table, index, entry } = read;
            self.split_huge_pmd(t, process, vma, &Leaf { address, level, table, index, entry }, spot.cpu)?;
            Some(false)
        })
    }

    /// A program has touched so many pages from an address on, upwards or down, as far as they are of huge ones.
    pub(super) fn note_touched(&mut self, process: NameId, (from, pages, down): (Vaddr, u64, bool)) {
        if pages == 0 || self.processes.huge.compounds.is_empty() {
            return;
        }
        let Some(pgd) = self.processes.mm(process).map(|mm| mm.pgd) else { return };
        let from = if down { Vaddr(from.0.saturating_sub((pages - 1) * PAGE_SIZE)) } else { from };
        let end = Vaddr(from.0.saturating_add(pages * PAGE_SIZE));
        let touched: Vec<Pfn> =
            self.processes.tables.pages(pgd, from, end).map(|(_, pte)| pte.pfn()).collect();
        touched.into_iter().for_each(|pfn| self.procs().huge.set_touched(pfn));
    }

    /// `madvise m hugepage`, `madvise m nohugepage`
    pub(super) fn madvise_huge(
        &mut self,
        t: &mut Trace<'_>,
        at: At,
        bytes: Option<ByteRange>,
        huge: bool,
        cpu: CpuId,
    ) -> UnitEnd {
        let Some((process, start, end)) = self.pages_at(t, at, bytes) else { return UnitEnd::Done };
        if self.processes.mm(process).is_some_and(|mm| mm.has_hugetlb(start, end)) {
            return self.refused(t, process, Refusal::Pooled);
        }
        self.hugepage_madvise(t, process, (start, end), huge, cpu);
        UnitEnd::Done
    }

    /// What `MADV_HUGEPAGE` and `MADV_NOHUGEPAGE` say of areas (`hugepage_madvise()`).
    pub(super) fn hugepage_madvise(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        (start, end): (Vaddr, Vaddr),
        huge: bool,
        cpu: CpuId,
    ) {
        self.split_at(t, process, start, cpu);
        self.split_at(t, process, end, cpu);
        if let Some(mm) = self.procs().mm_mut(process) {
            for at in mm.cut(start, end) {
                mm.vmas[at].hugepage = Some(huge);
            }
            mm.merge_around(start, end);
        }
        let pages = NrPages((end.0 - start.0) / PAGE_SIZE);
        self.told_process(t, Func::HugepageMadvise, process, || ProcessStep::HugeAdvised {
            start,
            pages,
            huge,
        });
    }
}

//! How pages come to their lists and move on them (mm/swap.c, mm/mlock.c, 6.1): in batches of 15 per CPU.

use super::lruvec::{Lru, LruFlags, LruPage};
use super::rmap::linear_index;
use super::{Reclaim, VmEvent};
use crate::Machine;
use crate::hash::Digest;
use crate::mmzone::ZoneId;
use crate::op::NameId;
use crate::process::Vma;
use crate::step::{Func, ReclaimStep, Trace};
use crate::units::{CpuId, Pfn, Vaddr};

/// Pages that a batch holds (`PAGEVEC_SIZE`).
pub const BATCH: usize = 15;

/// What pages wait for (`struct cpu_fbatches`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Batch {
    /// They are new (`lru_add`).
    Add,
    /// They are written and go next (`lru_rotate`).
    Rotate,
    /// They are not wanted any more (`lru_deactivate`).
    Deactivate,
    /// They may be thrown away (`lru_lazyfree`).
    LazyFree,
    /// They were used again (`activate`).
    Activate,
}

impl Batch {
    /// All of them, in the order in which they are drained.
    pub const ALL: [Batch; 5] =
        [Batch::Add, Batch::Rotate, Batch::Deactivate, Batch::LazyFree, Batch::Activate];

    fn func(self) -> Func {
        match self {
            Batch::Add => Func::FolioAddLru,
            Batch::Rotate => Func::FolioRotateReclaimable,
            Batch::Deactivate => Func::FolioDeactivate,
            Batch::LazyFree => Func::FolioMarkLazyfree,
            Batch::Activate => Func::FolioActivate,
        }
    }
}

/// What waits on a CPU.
#[derive(Clone, Debug, Default)]
pub(super) struct Batches([Vec<Pfn>; 5]);

impl Batches {
    /// All that wait, batch by batch.
    pub(super) fn all(&mut self) -> &mut [Vec<Pfn>] {
        &mut self.0
    }

    pub(super) fn of(&self, batch: Batch) -> &[Pfn] {
        &self.0[batch as usize]
    }

    /// Puts a page that waits nowhere into a batch; whether that is full now.
    #[inline]
    pub(super) fn push(&mut self, batch: Batch, pfn: Pfn) -> bool {
        let waiting = &mut self.0[batch as usize];
        waiting.push(pfn);
        waiting.len() == BATCH
    }

    pub(super) fn digest(&self, to: &mut Digest) {
        for waiting in &self.0 {
            to.word(waiting.len() as u64);
            waiting.iter().for_each(|pfn| to.word(u64::from(pfn.0)));
        }
    }
}

impl Reclaim {
    /// Puts a page in front of a list.
    pub(super) fn add(&mut self, node: u8, zone: ZoneId, lru: Lru, pfn: Pfn) {
        let (lruvec, pages) = self.lists_of(node, pfn);
        lruvec.add(pages, lru, pfn);
        self.count_on_list(zone, lru, pfn, true);
    }

    pub(super) fn add_tail(&mut self, node: u8, zone: ZoneId, lru: Lru, pfn: Pfn) {
        let (lruvec, pages) = self.lists_of(node, pfn);
        lruvec.add_tail(pages, lru, pfn);
        self.count_on_list(zone, lru, pfn, true);
    }

    pub(super) fn del(&mut self, node: u8, zone: ZoneId, lru: Lru, pfn: Pfn) {
        let (lruvec, pages) = self.lists_of(node, pfn);
        lruvec.del(pages, lru, pfn);
        self.count_on_list(zone, lru, pfn, false);
    }

    pub(super) fn set_flags(&mut self, pfn: Pfn, flags: LruFlags) {
        let page = self.pages.get_mut(pfn.0);
        page.flags = page.flags.with(flags);
    }

    pub(super) fn clear_flags(&mut self, pfn: Pfn, flags: LruFlags) {
        let page = self.pages.get_mut(pfn.0);
        page.flags = page.flags.without(flags);
    }
}

impl Machine {
    /// See [`Processes::is_swapbacked`](crate::process::Processes::is_swapbacked).
    pub(super) fn is_swapbacked(&self, pfn: Pfn) -> bool {
        self.processes.is_swapbacked(pfn)
    }

    /// The list that a page belongs to (`folio_lru_list()`).
    pub(super) fn lru_of(&self, pfn: Pfn) -> Lru {
        let flags = self.reclaim().map_or(LruFlags::default(), |reclaim| reclaim.page(pfn).flags);
        if flags.has(LruFlags::UNEVICTABLE) {
            return Lru::Unevictable;
        }
        Lru::of(!self.is_swapbacked(pfn), flags.has(LruFlags::ACTIVE))
    }

    pub(super) fn node_and_zone(&self, pfn: Pfn) -> (u8, ZoneId) {
        let zone = self.zone_of(pfn).unwrap_or(ZoneId(0));
        (self.zone(zone).node, zone)
    }

    /// A page without a file is new in an area, and waits for a list (`lru_cache_add_inactive_or_unevictable()`).
    pub(crate) fn lru_add_anon(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        address: Vaddr,
        pfn: Pfn,
        cpu: CpuId,
    ) {
        if self.reclaim.is_none() {
            return;
        }
        let vma = self.processes.mm(process).and_then(|mm| mm.vma_at(address)).copied();
        self.set_index(vma.as_ref(), address, pfn);
        let huge = self.processes.huge().of(pfn).is_some();
        if let Some(reclaim) = self.reclaim_mut() {
            if huge {
                reclaim.set_flags(pfn, LruFlags::HEAD);
            }
            if vma.is_some_and(|vma| vma.locked) {
                reclaim.set_flags(pfn, LruFlags::UNEVICTABLE);
            }
        }
        self.lru_add(t, pfn, cpu);
    }

    /// Where in its area a page belongs, so that whoever has it can be found.
    pub(super) fn set_index(&mut self, vma: Option<&Vma>, address: Vaddr, pfn: Pfn) {
        if let (Some(vma), Some(reclaim)) = (vma, self.reclaim_mut()) {
            reclaim.pages.get_mut(pfn.0).index = linear_index(vma, address);
        }
    }

    /// A page waits for its list (`folio_add_lru()`).
    pub(crate) fn lru_add(&mut self, t: &mut Trace<'_>, pfn: Pfn, cpu: CpuId) {
        if self.reclaim.is_some() {
            self.put_in_batch(t, Batch::Add, pfn, cpu);
        }
    }

    /// A page waits in a batch; a full one goes to the lists, and one with a huge page at once
    /// (`folio_batch_add_and_move()`).
    pub(crate) fn put_in_batch(&mut self, t: &mut Trace<'_>, batch: Batch, pfn: Pfn, cpu: CpuId) {
        let Some(reclaim) = self.reclaim_mut() else { return };
        let Some(batches) = reclaim.batches.get_mut(cpu.index()) else { return };
        let waiting = &mut batches.0[batch as usize];
        if waiting.contains(&pfn) {
            return;
        }
        waiting.push(pfn);
        let count = waiting.len();
        reclaim.set_flags(pfn, LruFlags::BATCHED);
        let told = || ReclaimStep::Batched { pfn, batch, cpu, waiting: count as u8 };
        self.told_reclaim(t, batch.func(), told);
        if count == BATCH || self.reclaim().is_some_and(|reclaim| reclaim.page(pfn).pages() > 1) {
            self.drain_batch(t, batch, cpu);
        }
    }

    /// Everything that waits on a CPU goes to the lists (`lru_add_drain()`).
    pub(crate) fn lru_add_drain(&mut self, t: &mut Trace<'_>, cpu: CpuId) {
        if self.reclaim.is_none() {
            return;
        }
        for batch in Batch::ALL {
            self.drain_batch(t, batch, cpu);
        }
    }

    /// The same on all CPUs (`lru_add_drain_all()`).
    pub(crate) fn lru_add_drain_all(&mut self, t: &mut Trace<'_>) {
        for cpu in (0..self.cpus()).map(CpuId) {
            self.lru_add_drain(t, cpu);
        }
    }

    pub(super) fn drain_batch(&mut self, t: &mut Trace<'_>, batch: Batch, cpu: CpuId) {
        let Some(reclaim) = self.reclaim_mut() else { return };
        let Some(batches) = reclaim.batches.get_mut(cpu.index()) else { return };
        let mut pages = std::mem::take(&mut batches.0[batch as usize]);
        if pages.is_empty() {
            return;
        }
        if t.looks() || !self.drain_unseen(batch, cpu, &pages) {
            let all = self.pages_of(&pages) as u16;
            for pfn in &pages {
                self.move_in_batch(batch, *pfn);
            }
            let told = || ReclaimStep::Drained { cpu, batch, pages: all };
            self.told_reclaim(t, Func::LruAddDrain, told);
        }
        // Room for the next ones.
        pages.clear();
        if let Some(batches) = self.reclaim_mut().and_then(|reclaim| reclaim.batches.get_mut(cpu.index())) {
            batches.0[batch as usize] = pages;
        }
    }

    /// What a batch does with one of its pages.
    fn move_in_batch(&mut self, batch: Batch, pfn: Pfn) {
        let waits = self.waits_elsewhere(pfn);
        let Some(reclaim) = self.reclaim_mut() else { return };
        if !waits {
            reclaim.clear_flags(pfn, LruFlags::BATCHED);
        }
        let flags = reclaim.page(pfn).flags;
        if batch == Batch::Add {
            // (`lru_add_fn()`)
            let (node, zone) = self.node_and_zone(pfn);
            let lru = self.lru_of(pfn);
            if let Some(reclaim) = self.reclaim_mut() {
                reclaim.add(node, zone, lru, pfn);
            }
            return;
        }
        // Somebody took it from its list meanwhile, or it has to stay.
        if !flags.has(LruFlags::LRU) || flags.has(LruFlags::UNEVICTABLE) {
            return;
        }
        let (node, zone) = self.node_and_zone(pfn);
        let from = self.lru_of(pfn);
        let is_active = flags.has(LruFlags::ACTIVE);
        match batch {
            Batch::Activate if is_active => return,
            Batch::Rotate if is_active => return,
            Batch::Deactivate if !is_active => return,
            Batch::LazyFree if !self.is_swapbacked(pfn) || flags.has(LruFlags::SWAPCACHE) => return,
            _ => {}
        }
        let Some(reclaim) = self.reclaim_mut() else { return };
        let (group, pages) = (reclaim.group_of(pfn), reclaim.page(pfn).pages());
        reclaim.del(node, zone, from, pfn);
        match batch {
            Batch::Add => {}
            Batch::Rotate => {
                reclaim.add_tail(node, zone, from, pfn);
                reclaim.count(VmEvent::PgRotated, pages);
            }
            Batch::Activate => {
                reclaim.set_flags(pfn, LruFlags::ACTIVE);
                reclaim.add(node, zone, Lru::of(from.is_file(), true), pfn);
                reclaim.count_both(group, VmEvent::PgActivate, pages);
            }
            Batch::Deactivate => {
                reclaim.clear_flags(pfn, LruFlags::ACTIVE.with(LruFlags::REFERENCED));
                reclaim.add(node, zone, Lru::of(from.is_file(), false), pfn);
                reclaim.count_both(group, VmEvent::PgDeactivate, pages);
            }
            Batch::LazyFree => {
                reclaim.clear_flags(pfn, LruFlags::ACTIVE.with(LruFlags::REFERENCED));
                reclaim.count_both(group, VmEvent::PgLazyfree, pages);
                self.set_lazyfree(pfn, true);
                if let Some(reclaim) = self.reclaim_mut() {
                    reclaim.add(node, zone, Lru::InactiveFile, pfn);
                }
            }
        }
    }

    /// Whether a page waits in another batch.
    fn waits_elsewhere(&self, pfn: Pfn) -> bool {
        let waits = |batches: &Batches| batches.0.iter().any(|waiting| waiting.contains(&pfn));
        self.reclaim().is_some_and(|reclaim| reclaim.batches.iter().any(waits))
    }

    /// A page was used (`folio_mark_accessed()`): the first time it is marked, the second time it becomes active.
    pub(crate) fn folio_mark_accessed(&mut self, t: &mut Trace<'_>, pfn: Pfn, cpu: CpuId) {
        let Some(reclaim) = self.reclaim_mut() else { return };
        let flags = reclaim.page(pfn).flags;
        if !flags.has(LruFlags::REFERENCED) {
            reclaim.set_flags(pfn, LruFlags::REFERENCED);
            self.told_reclaim(t, Func::FolioMarkAccessed, || ReclaimStep::Referenced { pfn });
        } else if flags.has(LruFlags::UNEVICTABLE) || flags.has(LruFlags::ACTIVE) {
            // It cannot become more than that.
        } else {
            reclaim.clear_flags(pfn, LruFlags::REFERENCED);
            if flags.has(LruFlags::LRU) {
                self.put_in_batch(t, Batch::Activate, pfn, cpu);
            } else if let Some(reclaim) = self.reclaim_mut() {
                // It waits for its list: for the active one now (`__lru_cache_activate_folio()`).
                reclaim.set_flags(pfn, LruFlags::ACTIVE);
            }
            self.workingset_activation(pfn);
        }
    }

    /// A page has to stay from now on, or need not any more (`mlock_folio()`, `munlock_folio()`).
    pub(crate) fn lru_mlock(&mut self, t: &mut Trace<'_>, pfn: Pfn, stays: bool) {
        let Some(reclaim) = self.reclaim() else { return };
        let flags = reclaim.page(pfn).flags;
        if flags.has(LruFlags::UNEVICTABLE) == stays {
            return;
        }
        let (node, zone) = self.node_and_zone(pfn);
        let from = self.lru_of(pfn);
        let Some(reclaim) = self.reclaim_mut() else { return };
        let on_list = flags.has(LruFlags::LRU);
        if on_list {
            reclaim.del(node, zone, from, pfn);
        }
        if stays {
            reclaim.set_flags(pfn, LruFlags::UNEVICTABLE);
            reclaim.clear_flags(pfn, LruFlags::ACTIVE);
        } else {
            reclaim.clear_flags(pfn, LruFlags::UNEVICTABLE);
        }
        if on_list {
            let to = self.lru_of(pfn);
            if let Some(reclaim) = self.reclaim_mut() {
                reclaim.add(node, zone, to, pfn);
            }
        }
        self.told_reclaim(t, Func::MlockFolio, || ReclaimStep::Evictable { pfn, may_go: !stays });
    }

    /// A page is nobody's any more: it leaves its list, or the batch that it waits in (`__page_cache_release()`).
    pub(crate) fn lru_forget(&mut self, pfn: Pfn) {
        let Some(reclaim) = self.reclaim() else { return };
        let flags = reclaim.page(pfn).flags;
        if reclaim.page(pfn) == LruPage::NOTHING {
            return;
        }
        let (node, zone) = self.node_and_zone(pfn);
        let from = self.lru_of(pfn);
        let Some(reclaim) = self.reclaim_mut() else { return };
        if flags.has(LruFlags::LRU) {
            reclaim.del(node, zone, from, pfn);
        }
        if flags.has(LruFlags::BATCHED) {
            for waiting in reclaim.batches.iter_mut().flat_map(|batches| &mut batches.0) {
                waiting.retain(|at| *at != pfn);
            }
        }
        if flags.has(LruFlags::WRITEBACK) {
            reclaim.in_flight.retain(|at| *at != pfn);
        }
        if let Some(entry) = reclaim.page(pfn).swap() {
            reclaim.uncache_swap(entry);
        }
        if flags.has(LruFlags::HEAD) {
            reclaim.split_queue.remove(pfn);
        }
        reclaim.pages.set(pfn.0, LruPage::NOTHING);
    }
}

//! Pages of 512 frames on the lists, and how they go: as a whole where swap has a cluster for them, otherwise in pieces
//! (mm/huge_memory.c: `split_huge_page_to_list()`, `deferred_split_scan()`; mm/vmscan.c, mm/rmap.c, 6.1).

use std::collections::{BTreeMap, VecDeque};

use super::balance::{DEF_PRIORITY, shrink_slab};
use super::lruvec::LruFlags;
use super::rmap::Place;
use super::shrink::Fate;
use super::{GroupId, VmEvent};
use crate::Machine;
use crate::hash::Digest;
use crate::process::{HPAGE_PAGES, Leaf};
use crate::slab_common::shrinker::DEFAULT_SEEKS;
use crate::step::{Func, Kept, ReclaimStep, Trace};
use crate::units::{CpuId, NrPages, PAGE_SIZE, Pfn};
use crate::x86::pgtable::{Level, Pte};
use crate::xarray::SwapEntry;

/// Huge pages that are looked at together (`SHRINK_BATCH`).
const SHRINK_BATCH: u64 = 128;

/// Why a huge page is split by who looks for memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum SplitWhy {
    /// No entry leads to it as a whole any more: some of its frames may be nobody's.
    InPieces,
    /// Swap has no 512 free slots side by side for it.
    NoCluster,
}

/// Huge pages of which parts are nobody's (`struct deferred_split`): whoever is short of memory splits them. Linux has such
/// a queue for each node and each group; here it is one, of which everybody sees its own.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SplitQueue {
    /// By their first frames, the one that came first in front.
    waiting: VecDeque<Pfn>,
    /// What was to be looked at and was too little for a batch, by node and group (`nr_deferred`).
    deferred: BTreeMap<(u8, u8), u64>,
}

impl SplitQueue {
    pub(super) fn remove(&mut self, head: Pfn) {
        self.waiting.retain(|at| *at != head);
    }

    pub(super) fn digest(&self, to: &mut Digest) {
        for pfn in &self.waiting {
            to.word(1 << 43 | u64::from(pfn.0));
        }
        for ((node, group), count) in self.deferred.iter().filter(|(_, count)| **count > 0) {
            to.word(1 << 44 | u64::from(*node) << 8 | u64::from(*group));
            to.word(*count);
        }
    }
}

impl super::Reclaim {
    /// Huge pages that wait to be split, by their first frames, the one that came first in front
    /// (`deferred_split_queue`).
    pub fn split_queue(&self) -> impl ExactSizeIterator<Item = Pfn> + use<'_> {
        self.split_queue.waiting.iter().copied()
    }
}

impl Machine {
    /// A page without a file that is to go gets a slot in swap.
    pub(super) fn add_small_to_swap(&mut self, t: &mut Trace<'_>, pfn: Pfn) -> Result<(), Fate> {
        self.add_to_swap(t, pfn).map(|_| ()).ok_or(Fate::Activated(Some(Kept::NoSwap)))
    }

    /// A huge page that is to go gets 512 slots side by side; where there are none, or no entry leads to it as a whole, it is
    /// split, and its first frame goes on alone. The others come next in the list.
    pub(super) fn add_huge_to_swap(
        &mut self,
        t: &mut Trace<'_>,
        head: Pfn,
        cpu: CpuId,
        list: &mut VecDeque<Pfn>,
    ) -> Result<(), Fate> {
        // (`can_split_folio()`)
        if self.is_pinned(head) {
            return Err(Fate::Activated(Some(Kept::Pinned)));
        }
        let whole = self.processes.huge().of(head).is_some_and(|(_, of)| of.pmds > 0);
        if whole && self.add_to_swap(t, head).is_some() {
            return Ok(());
        }
        let why = if whole { SplitWhy::NoCluster } else { SplitWhy::InPieces };
        self.told_reclaim(t, Func::ShrinkFolioList, || ReclaimStep::HugeSplit { pfn: head, why });
        self.split_huge_page(t, head, cpu);
        if whole {
            self.procs().huge_mut().events.swpout_fallback += 1;
        }
        let Some(reclaim) = self.reclaim() else { return Err(Fate::Gone) };
        let stays = |pfn: Pfn| reclaim.page(pfn).flags.has(LruFlags::ISOLATED);
        for pfn in (head.0 + 1..head.0 + HPAGE_PAGES).rev().map(Pfn).filter(|pfn| stays(*pfn)) {
            list.push_front(pfn);
        }
        if !stays(head) {
            return Err(Fate::Gone);
        }
        if reclaim.page(head).flags.has(LruFlags::UNEVICTABLE) {
            return Err(Fate::Kept(Some(Kept::Mlocked)));
        }
        self.add_small_to_swap(t, head)
    }

    /// A huge page was written to swap as a whole (`count_swpout_vm_event()`).
    pub(super) fn count_thp_swpout(&mut self) {
        self.procs().huge_mut().events.swpout += 1;
    }

    /// Every entry that leads to a huge page as a whole becomes a table of 512 (`TTU_SPLIT_HUGE_PMD`).
    pub(crate) fn split_huge_pmds(&mut self, t: &mut Trace<'_>, head: Pfn, cpu: CpuId) {
        for place in self.rmap(head).into_iter().filter(Place::is_huge) {
            let Place { process, address, table, index, pte: entry, .. } = place;
            let vma = self.processes.mm(process).and_then(|mm| mm.vma_at(address)).copied();
            if let Some(vma) = vma {
                let leaf = Leaf { address, level: Level::Pmd, table, index, entry };
                self.split_huge_pmd(t, process, &vma, &leaf, cpu);
            }
        }
    }

    /// The entries that lead into a huge page go, run by run; what they say instead is where each frame will be.
    pub(super) fn unmap_huge(&mut self, t: &mut Trace<'_>, cpu: CpuId, head: Pfn, places: &[Place]) {
        let first = self.reclaim().and_then(|reclaim| reclaim.page(head).swap());
        let follows = |a: &Place, b: &Place| {
            a.process == b.process
                && b.address.0 == a.address.0 + PAGE_SIZE
                && b.pte.pfn().0 == a.pte.pfn().0 + 1
        };
        for run in places.chunk_by(follows) {
            let Some(Place { process, address, pte, .. }) = run.first().copied() else { continue };
            let pages = NrPages(run.len() as u64);
            self.will_flush(process);
            let slot = |pfn: Pfn| first.map(|of| SwapEntry { offset: of.offset + (pfn.0 - head.0), ..of });
            for place in run {
                let pfn = place.pte.pfn();
                let now = match slot(pfn) {
                    Some(entry) => {
                        if let Some(reclaim) = self.reclaim_mut() {
                            reclaim.swap_duplicate(entry);
                        }
                        Pte::swap(entry, self.processes.mapped(pfn).exclusive)
                    }
                    None => Pte(0),
                };
                self.drop_entry(&(*place).into(), now);
            }
            self.flush_tlb(t, cpu, process, (address, pages), false);
            let (pfn, entry, pages) = (pte.pfn(), slot(pte.pfn()), pages.0 as u16);
            let told = || ReclaimStep::HugeUnmapped { pfn, process, address, entry, pages };
            self.told_reclaim(t, Func::TryToUnmap, told);
        }
        if first.is_none() {
            // It goes at once: nobody will find it there.
            let huge = self.procs().huge_mut();
            huge.events.deferred_split_page += u64::from(huge.enqueue(head));
        }
    }

    /// The lists know 512 pages where they knew one (`__split_huge_page_tail()`): each has what was said of all.
    pub(crate) fn lru_split(&mut self, head: Pfn) {
        let (lru, (node, _)) = (self.lru_of(head), self.node_and_zone(head));
        let Some(reclaim) = self.reclaim_mut() else { return };
        let page = reclaim.page(head);
        if page.pages() == 1 {
            return;
        }
        reclaim.split_queue.remove(head);
        reclaim.clear_flags(head, LruFlags::HEAD);
        let own = LruFlags::HEAD.with(LruFlags::LRU).with(LruFlags::RECLAIM).with(LruFlags::BATCHED);
        for at in 1..HPAGE_PAGES {
            let tail = reclaim.pages.get_mut(head.0 + at);
            tail.flags = page.flags.without(own);
            tail.index = page.index + u64::from(at);
            if let Some(entry) = page.swap() {
                (tail.area, tail.offset) = (entry.area, entry.offset + at);
            }
        }
        if page.flags.has(LruFlags::LRU) {
            let (lruvec, pages) = reclaim.lists_of(node, head);
            lruvec.split(pages, lru, head);
        }
        if page.flags.has(LruFlags::ISOLATED) {
            let at = reclaim.isolated.iter().position(|pfn| *pfn == head).map_or(0, |at| at + 1);
            reclaim.isolated.splice(at..at, (head.0 + 1..head.0 + HPAGE_PAGES).map(Pfn));
        }
    }

    /// A frame of what was a huge page is nobody's: the lists forget it, or whoever looked at the page.
    pub(crate) fn lru_forget_part(&mut self, pfn: Pfn) {
        let (lru, (node, _)) = (self.lru_of(pfn), self.node_and_zone(pfn));
        if let Some(reclaim) = self.reclaim_mut()
            && reclaim.page(pfn).flags.has(LruFlags::ISOLATED)
        {
            reclaim.clear_flags(pfn, LruFlags::ISOLATED);
            reclaim.no_longer_isolated(pfn);
            reclaim.nodes[usize::from(node)].lruvec.isolated[usize::from(lru.is_file())] -= 1;
        }
        self.lru_forget(pfn);
    }

    /// A part of a huge page is nobody's any more: it stays whole until memory is short (`deferred_split_huge_page()`). Not
    /// one that is on its way to swap.
    pub(crate) fn deferred_split(&mut self, head: Pfn) {
        let cached = self.reclaim().is_some_and(|r| r.page(head).flags.has(LruFlags::SWAPCACHE));
        if cached || !self.procs().huge_mut().enqueue(head) {
            return;
        }
        self.procs().huge_mut().events.deferred_split_page += 1;
        if let Some(reclaim) = self.reclaim_mut() {
            reclaim.split_queue.waiting.push_back(head);
        }
    }

    /// How many huge pages wait to be split.
    pub(crate) fn queued(&self) -> usize {
        self.reclaim().map_or(0, |reclaim| reclaim.split_queue.waiting.len())
    }

    /// Those that came to wait since there were so many are told of, as far as anybody needs a part of them.
    pub(crate) fn told_queued(&self, t: &mut Trace<'_>, since: usize) {
        for head in self.reclaim().into_iter().flat_map(|reclaim| reclaim.split_queue().skip(since)) {
            let used = self.processes.used_frames(head);
            if used > 0 {
                let told = || ReclaimStep::DeferredSplit { pfn: head, used };
                self.told_reclaim(t, Func::DeferredSplitHugePage, told);
            }
        }
    }

    /// The shrinker of huge pages that nobody needs all of (`do_shrink_slab()` with `deferred_split_count()` and
    /// `deferred_split_scan()`), for what is a group's or, of the root, on a node; how many were split.
    pub(crate) fn shrink_split_queue(
        &mut self,
        t: &mut Trace<'_>,
        (node, group): (u8, GroupId),
        priority: u8,
        cpu: CpuId,
    ) -> u64 {
        let Some(reclaim) = self.reclaim().filter(|reclaim| !reclaim.split_queue.waiting.is_empty()) else {
            return 0;
        };
        // (The queue of a group is one for all nodes.)
        let is_seen = |pfn: &Pfn| {
            reclaim.group_of(*pfn) == group && (!group.is_root() || self.node_and_zone(*pfn).0 == node)
        };
        let waiting: Vec<Pfn> = reclaim.split_queue().filter(is_seen).collect();
        let (key, freeable) = ((node, group.raw()), waiting.len() as u64);
        if freeable == 0 {
            return 0;
        }
        let deferred = reclaim.split_queue.deferred.get(&key).copied().unwrap_or(0);
        let name = reclaim.group(group).map(|group| group.name);
        let (scan, deferred) =
            shrink_slab(freeable, priority, u64::from(DEFAULT_SEEKS), deferred, SHRINK_BATCH);
        let Some(reclaim) = self.reclaim_mut() else { return 0 };
        reclaim.split_queue.deferred.insert(key, deferred);
        reclaim.count(VmEvent::SlabsScanned, scan);
        t.within(Func::DeferredSplitScan, |t| {
            let to_u32 = |count| u32::try_from(count).unwrap_or(u32::MAX);
            let (waits, looks) = (to_u32(freeable), to_u32(scan));
            let told = || ReclaimStep::SplitScan { node, group: name, priority, waiting: waits, scan: looks };
            // (That it is too early is said once in a pass, at its mildest.)
            if scan > 0 || priority == DEF_PRIORITY {
                self.told_reclaim(t, Func::DeferredSplitScan, told);
            }
            let mut split = 0;
            // What is taken from the queue comes in front of what was taken before, and what stays goes to its end.
            for head in waiting.into_iter().take(scan as usize).rev() {
                if self.split_huge_page(t, head, cpu) {
                    split += 1;
                } else if let Some(reclaim) = self.reclaim_mut() {
                    reclaim.split_queue.remove(head);
                    reclaim.split_queue.waiting.push_back(head);
                }
            }
            split
        })
    }

    /// What waits to be split is huge, knows it, and has frames that nobody has.
    pub(super) fn check_split_queue(&self, reclaim: &super::Reclaim) -> Result<(), String> {
        let mut seen = std::collections::BTreeSet::new();
        for head in reclaim.split_queue() {
            let of = self.processes.huge().of(head).filter(|(at, _)| *at == head);
            if !of.is_some_and(|(_, of)| of.queued) || !seen.insert(head) {
                return Err(format!("{head} waits to be split, and is {of:?}"));
            }
        }
        match self.processes.huge().compounds().find(|(head, of)| of.queued && !seen.contains(head)) {
            Some((head, of)) if of.entries() > 0 => Err(format!("{head} is to be split, and does not wait")),
            _ => Ok(()),
        }
    }
}

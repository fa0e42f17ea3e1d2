//! What most pages come to where nobody looks on: what a seek, a survey and a benchmark consist of.
//!
//! Most pages are plain: single ones of a file, clean, and mapped nowhere. Where there is one node, and nobody is charged for
//! anything, what becomes of them follows from their flags alone, so that a run of them is dealt with at once. The rules are
//! those of the other rooms, and so is every list afterwards; whatever is not plain is left to them.

use super::balance::SWAP_CLUSTER_MAX;
use super::lruvec::{Lru, LruFlags, LruPage};
use super::readahead::Window;
use super::swap::Batch;
use super::vmscan::Scan;
use super::{GroupId, Reclaim, VmEvent};
use crate::Machine;
use crate::cow::own;
use crate::gfp::GfpFlags;
use crate::mmzone::ZoneId;
use crate::op::{NameId, PageKind};
use crate::page::{Block, NONE};
use crate::process::FileId;
use crate::step::Trace;
use crate::units::{CpuId, Order, PAGE_SIZE, Pfn};
use crate::xarray::{Entry, Shadow};

/// Pages at the tail of a list, the oldest first.
struct Tail {
    pages: [Pfn; SWAP_CLUSTER_MAX as usize],
    len: usize,
}

impl Tail {
    fn pages(&self) -> &[Pfn] {
        &self.pages[..self.len]
    }
}

/// What a read of a page comes to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Its use is known now, or was before.
    Noted,
    /// It waits to become active, and so many do that they all are moved.
    BatchFull,
    /// It is not in memory.
    Missing,
    /// It is, and more than that has to be done.
    Else,
}

impl Reclaim {
    /// Whether all lists are those of one node, and nobody is charged for a page.
    #[inline]
    fn has_one_lruvec(&self) -> bool {
        self.nodes.len() == 1 && !self.groups.has_any()
    }

    /// Whether a page that waits on a CPU to be added or to become active may wait elsewhere, too.
    fn may_wait_twice(&self, cpu: CpuId) -> bool {
        let waits = |(at, batches): (usize, &super::swap::Batches)| {
            let alone = |batch: &&Batch| at != cpu.index() || !matches!(batch, Batch::Add | Batch::Activate);
            Batch::ALL.iter().filter(alone).any(|batch| !batches.of(*batch).is_empty())
        };
        self.batches.iter().enumerate().any(waits)
    }
}

impl Machine {
    /// Single pages of a file are read, each with an op of its own, and nobody looks on: how many were read, and how many of
    /// them had been missing. It ends with the first for which there is no memory.
    pub fn read_pages_unseen(
        &mut self,
        file: NameId,
        cpu: CpuId,
        pages: impl IntoIterator<Item = u32>,
    ) -> (u64, u64) {
        let Some(file) = self.processes.file_of(file) else { return (0, 0) };
        let t = &mut Trace::unseen();
        let (mut read, mut missed) = (0, 0);
        let mut pages = pages.into_iter();
        let (mut works, mut is_plain) = (self.daemons_work(), self.reads_plainly(file));
        while let Some((index, what)) = self.read_cached(file, cpu, &mut pages, works, &mut read) {
            let done = match what {
                Use::Noted => true,
                Use::BatchFull => {
                    self.drain_batch(t, Batch::Activate, cpu);
                    true
                }
                Use::Missing | Use::Else => {
                    let is_alone = is_plain && what == Use::Missing;
                    let alone = is_alone.then(|| self.read_missing(t, file, index, cpu)).flatten();
                    let from = u64::from(index) * PAGE_SIZE;
                    alone.unwrap_or_else(|| self.read_call(t, file, from, from + PAGE_SIZE, cpu))
                }
            };
            works = self.daemons_work();
            if works {
                self.run_daemons(t);
                (works, is_plain) = (self.daemons_work(), self.reads_plainly(file));
            }
            if !done {
                self.did_ops(1);
                break;
            }
            read += 1;
            missed += u64::from(what == Use::Missing);
        }
        self.did_ops(read as u32);
        (read, missed)
    }

    /// Pages are read until something has to be done besides, or only one: the last one, which is not yet counted in
    /// `read`, and what it comes to. None: there are no more of them.
    fn read_cached(
        &mut self,
        file: FileId,
        cpu: CpuId,
        references: &mut impl Iterator<Item = u32>,
        only_one: bool,
        read: &mut u64,
    ) -> Option<(u32, Use)> {
        let of = own(&mut self.processes).file_mut(file)?;
        let Reclaim { pages, nodes, groups, batches, .. } = own(self.reclaim.as_mut()?);
        let activates = match &mut nodes[..] {
            [node] if !groups.has_any() => batches.get_mut(cpu.index()).map(|batches| (node, batches)),
            _ => None,
        };
        let (Some(pages), Some((node, batches))) = (pages.flat(), activates) else {
            return references
                .next()
                .map(|index| (index, if of.cached(index).is_some() { Use::Else } else { Use::Missing }));
        };
        let mut prev = of.ra.prev;
        let end = loop {
            let Some(index) = references.next() else { break None };
            let Some(pfn) = of.cached(index) else { break Some((index, Use::Missing)) };
            let flags = &mut pages[pfn.0 as usize].flags;
            if flags.has(LruFlags::READAHEAD) {
                break Some((index, Use::Else));
            }
            if prev != Some(index) {
                if !flags.has(LruFlags::REFERENCED) {
                    *flags = flags.with(LruFlags::REFERENCED);
                } else if !flags.has(LruFlags::ACTIVE) {
                    // It is used for the second time: it becomes active.
                    if flags.without(LruFlags::WORKINGSET) != LruFlags::LRU.with(LruFlags::REFERENCED) {
                        break Some((index, Use::Else));
                    }
                    *flags = flags.without(LruFlags::REFERENCED).with(LruFlags::BATCHED);
                    node.lruvec.nonresident_age += 1;
                    if batches.push(Batch::Activate, pfn) {
                        prev = Some(index);
                        break Some((index, Use::BatchFull));
                    }
                }
                prev = Some(index);
            }
            if only_one {
                break Some((index, Use::Noted));
            }
            *read += 1;
        };
        of.ra.prev = prev;
        end
    }

    /// Whether the pages of a file come from the disk and nothing else is to be done.
    fn reads_plainly(&self, file: FileId) -> bool {
        self.hierarchy.is_none()
            && self.processes.has_plain_pages()
            && self.reclaim().is_some_and(Reclaim::has_one_lruvec)
            && self.processes.file(file).is_some_and(|of| of.disk.is_empty())
    }

    /// A page that is missed is read, alone (`page_cache_sync_readahead()`, `filemap_add_folio()`): false if there was no
    /// memory. None, and nothing has happened: more than that is to be done.
    #[inline]
    fn read_missing(&mut self, t: &mut Trace<'_>, file: FileId, index: u32, cpu: CpuId) -> Option<bool> {
        let of = self.processes.file(file)?;
        let mut ra = of.ra;
        let window = ra.ondemand(index, 1, false, |at| of.cached(at).is_some());
        let alone = Window { start: index, pages: 1, lookahead: 0 };
        if window != Some(alone) || u64::from(index) >= of.len().0 {
            return None;
        }
        let (name, mut used) = (of.name, LruFlags::BATCHED);
        if ra.prev != Some(index) {
            used = used.with(LruFlags::REFERENCED);
        }
        let Some(pfn) = self.alloc(cpu, Order::ZERO, GfpFlags::GFP_HIGHUSER_MOVABLE) else {
            // What was only read ahead may be missing; whoever needs it asks once more.
            self.set_ra(file, ra);
            let pfn = self.add_to_page_cache(t, file, index, cpu, false);
            return Some(pfn.is_some_and(|pfn| {
                self.was_read(t, file, (index, 1), pfn, cpu);
                true
            }));
        };
        self.mem_map.hand_over(Block { pfn, order: Order::ZERO }, PageKind::File, name.0);
        ra.prev = Some(index);
        let was = own(&mut self.processes).enter_page(file, ra, index, pfn);
        let reclaim = own(self.reclaim.as_mut()?);
        reclaim.set_flags(pfn, used);
        let is_full =
            reclaim.batches.get_mut(cpu.index()).is_some_and(|batches| batches.push(Batch::Add, pfn));
        if let Some(Entry::Shadow(shadow)) = was {
            reclaim.refaults(pfn, shadow, true);
        }
        if is_full {
            self.drain_batch(t, Batch::Add, cpu);
        }
        Some(true)
    }

    /// What a batch does with its pages, if they are single ones and may move. False: nothing has happened.
    pub(super) fn drain_unseen(&mut self, batch: Batch, cpu: CpuId, waiting: &[Pfn]) -> bool {
        const ELSE: LruFlags = LruFlags::UNEVICTABLE.with(LruFlags::HEAD);
        let activates = batch == Batch::Activate;
        let Machine { reclaim, processes, pageblocks, settings, .. } = self;
        let Some(reclaim) = reclaim.as_mut().map(own) else { return false };
        if !(activates || batch == Batch::Add) || !reclaim.has_one_lruvec() || reclaim.may_wait_twice(cpu) {
            return false;
        }
        let Reclaim { nodes, pages, zone_sizes, events, .. } = reclaim;
        let Some(pages) = pages.flat() else { return false };
        if !waiting.iter().all(|pfn| pages[pfn.0 as usize].flags.is_without(ELSE)) {
            return false;
        }
        let zone = |pfn| settings.zone_in(pageblocks, pfn).map_or(0, ZoneId::index);
        let lruvec = &mut nodes[0].lruvec;
        for pfn in waiting.iter().copied() {
            let page = &mut pages[pfn.0 as usize];
            let (flags, was_active) = (page.flags, page.flags.has(LruFlags::ACTIVE));
            page.flags = flags.without(LruFlags::BATCHED);
            let is_file = !processes.is_swapbacked(pfn);
            let sizes = &mut zone_sizes[zone(pfn)];
            if activates {
                // Somebody took it from its list meanwhile, or made it active.
                if was_active || !flags.has(LruFlags::LRU) {
                    continue;
                }
                page.flags = page.flags.with(LruFlags::ACTIVE);
                let from = Lru::of(is_file, false);
                lruvec.del(pages, from, pfn);
                sizes[from as usize] -= 1;
                events[VmEvent::PgActivate as usize] += 1;
            }
            let to = Lru::of(is_file, was_active || activates);
            lruvec.add(pages, to, pfn);
            sizes[to as usize] += 1;
        }
        true
    }

    /// The oldest pages of a list of files, at most so many; none: there are others than plain ones among them.
    fn plain_tail(&self, sc: &Scan, lru: Lru, most: u64) -> Option<Tail> {
        let reclaim =
            self.reclaim().filter(|reclaim| reclaim.has_one_lruvec() && reclaim.locked.is_empty())?;
        let is_plain = self.migrate.is_none()
            && self.processes.has_plain_pages()
            && self.zones.iter().all(|zone| zone.kind <= sc.highest);
        if !is_plain || !lru.is_file() || most > SWAP_CLUSTER_MAX {
            return None;
        }
        let mut tail = Tail { pages: [Pfn(0); SWAP_CLUSTER_MAX as usize], len: 0 };
        let mut at = reclaim.nodes[0].lruvec.tail(lru).map_or(NONE, |pfn| pfn.0);
        for place in &mut tail.pages[..most as usize] {
            let Some(page) = reclaim.pages.peek(at) else { break };
            if !page.flags.is_within(LruFlags::PLAIN) || !self.processes.is_plain(Pfn(at)) {
                return None;
            }
            (*place, tail.len, at) = (Pfn(at), tail.len + 1, page.prev());
        }
        (at == NONE || tail.len as u64 == most).then_some(tail)
    }

    /// The oldest inactive pages go, if they are plain: all of them do (`isolate_lru_folios()`, `shrink_folio_list()`). How
    /// many they were; none: nothing has happened.
    pub(super) fn evict_unseen(&mut self, sc: &mut Scan, lru: Lru, most: u64) -> Option<u64> {
        let tail = self.plain_tail(sc, lru, most)?;
        let Some(youngest) = tail.pages().last() else { return Some(0) };
        let Machine { reclaim, processes, pageblocks, settings, .. } = self;
        let zone = |pfn| settings.zone_in(pageblocks, pfn).map_or(0, ZoneId::index);
        let (reclaim, processes) = (own(reclaim.as_mut()?), own(processes));
        let Reclaim { nodes, pages, zone_sizes, .. } = reclaim;
        let (pages, lruvec) = (pages.flat()?, &mut nodes[0].lruvec);
        lruvec.cut_tail(pages, lru, *youngest, tail.len as u64);
        let mut age = lruvec.nonresident_age;
        lruvec.nonresident_age += tail.len as u64;
        processes.evict_pages(tail.pages().iter().map(|pfn| {
            zone_sizes[zone(*pfn)][lru as usize] -= 1;
            let page = std::mem::replace(&mut pages[pfn.0 as usize], LruPage::NOTHING);
            let workingset = page.flags.has(LruFlags::WORKINGSET);
            let shadow = Shadow { age: age as u32, workingset, node: 0, group: GroupId::ROOT.raw() };
            age += 1;
            (*pfn, shadow)
        }));
        sc.scanned += tail.len as u64;
        // (`free_unref_page_list()`)
        self.free_pages_unseen(sc.cpu, tail.pages().iter().rev().copied());
        Some(tail.len as u64)
    }

    /// The oldest active pages become inactive, if they are plain: all of them do (`shrink_active_list()`). False: nothing
    /// has happened.
    pub(super) fn deactivate_unseen(&mut self, sc: &mut Scan, lru: Lru, most: u64) -> bool {
        let Some(tail) = self.plain_tail(sc, lru, most) else { return false };
        let Some(youngest) = tail.pages().last() else { return true };
        let Machine { reclaim, pageblocks, settings, .. } = self;
        let zone = |pfn| settings.zone_in(pageblocks, pfn).map_or(0, ZoneId::index);
        let Some(Reclaim { nodes, pages, zone_sizes, events, .. }) = reclaim.as_mut().map(own) else {
            return false;
        };
        let Some(pages) = pages.flat() else { return false };
        let (to, len) = (Lru::of(true, false), tail.len as u64);
        nodes[0].lruvec.move_tail(pages, (lru, to), *youngest, len);
        for pfn in tail.pages().iter().copied() {
            let sizes = &mut zone_sizes[zone(pfn)];
            sizes[lru as usize] -= 1;
            sizes[to as usize] += 1;
            let flags = &mut pages[pfn.0 as usize].flags;
            *flags = flags.without(LruFlags::ACTIVE).with(LruFlags::WORKINGSET);
        }
        sc.scanned += len;
        events[VmEvent::PgRefill as usize] += len;
        events[VmEvent::PgDeactivate as usize] += len;
        true
    }
}

//! What programs and people do with files: `read()`, `write()`, `fsync()`, `sync()`, `posix_fadvise()`, `drop_caches`, and
//! time that passes (mm/filemap.c, mm/fadvise.c, fs/sync.c, fs/drop_caches.c, 6.1).

use super::lruvec::LruFlags;
use super::page_writeback::DIRTY_WRITEBACK;
use super::readahead::{RA_PAGES, Window};
use super::{Reclaim, VmEvent};
use crate::Machine;
use crate::hash::Digest;
use crate::machine::UnitEnd;
use crate::op::NameId;
use crate::process::{ByteRange, FileId};
use crate::step::{Func, ReclaimStep, Trace};
use crate::units::{CpuId, PAGE_SIZE, Pfn, Vaddr};
use crate::xarray::Entry;

/// What a program says of its reads (`posix_fadvise()`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum FileAdvice {
    /// Nothing in particular.
    Normal,
    /// One after the other: twice as much is read ahead.
    Sequential,
    /// Anywhere: nothing is read ahead.
    Random,
    /// What is clean and nobody's can go.
    DontNeed,
}

/// What is done with files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileOp {
    /// `cat f`, `cat f 0..64K block=16K`: a program reads.
    Read {
        /// Which file.
        file: NameId,
        /// Which part of it; none: all.
        bytes: Option<ByteRange>,
        /// How much it reads with one call.
        block: u32,
        /// Where it runs.
        cpu: CpuId,
    },
    /// `dd f`, `dd f 0..64K block=16K`: a program writes; the file grows if it must.
    Write {
        /// Which file.
        file: NameId,
        /// Which part of it; none: all.
        bytes: Option<ByteRange>,
        /// How much it writes with one call.
        block: u32,
        /// Where it runs.
        cpu: CpuId,
    },
    /// `fsync f`, `sync`: everything of a file, or of all, is on the disk.
    Sync {
        /// Which file; none: all.
        file: Option<NameId>,
    },
    /// `fadvise f random`
    Advise {
        /// Which file.
        file: NameId,
        /// What it says.
        advice: FileAdvice,
    },
    /// `drop_caches 1`: clean pages of files that nobody has are thrown away.
    DropCaches {
        /// 1: pages of files, 2: objects of the kernel that can be had again, 3: both.
        what: u8,
    },
    /// `g = cgroup max=40M swap.max=0`: a control group.
    Group {
        /// What it is called.
        name: NameId,
        /// Pages that it may have (`memory.max`); none: as many as it likes.
        max: Option<u64>,
        /// The same of slots in swap (`memory.swap.max`).
        swap_max: Option<u64>,
    },
    /// `memory.max g 20M`, `memory.swap.max g max`: another limit.
    GroupMax {
        /// Of which group.
        group: NameId,
        /// Pages; none: as many as it likes.
        max: Option<u64>,
        /// Of slots in swap; otherwise of memory.
        swap: bool,
    },
    /// `wait 5s`: time passes, and the daemons work.
    Wait {
        /// Milliseconds.
        ms: u32,
    },
}

/// What an op of several units has left to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Work {
    /// Bytes from one to another, one call after the other.
    Io { at: u64, end: u64 },
    /// Pages from here on, and what has been thrown away so far, and kept.
    Drop { file: u32, index: u32, dropped: u32, kept: u32 },
    /// Time that is left.
    Wait { ms: u32 },
    /// The next address whose page a program says can go.
    Cold { at: Vaddr },
    /// A group has more than it may: so many fruitless tries more before somebody is killed.
    Limit { left: u8 },
}

impl Work {
    pub(super) fn digest(&self, to: &mut Digest) {
        let words = match *self {
            Work::Io { at, end } => [1, at, end],
            Work::Drop { file, index, dropped, kept } => {
                [2, u64::from(file) << 32 | u64::from(index), u64::from(dropped) << 32 | u64::from(kept)]
            }
            Work::Wait { ms } => [3, u64::from(ms), 0],
            Work::Cold { at } => [4, at.0, 0],
            Work::Limit { left } => [5, u64::from(left), 0],
        };
        words.iter().for_each(|word| to.word(*word));
    }
}

/// Pages that are thrown away in one unit.
const DROP_BATCH: u32 = 64;
/// A daemon that has work gets a slice so often while time passes, in milliseconds.
const WAIT_SLICE: u32 = 100;

impl Machine {
    /// The next unit of an op.
    pub(super) fn file_op(&mut self, op: &FileOp, t: &mut Trace<'_>) -> UnitEnd {
        self.boot_processes();
        match *op {
            FileOp::Read { file, bytes, block, cpu } => self.io(t, file, bytes, block, cpu, false),
            FileOp::Write { file, bytes, block, cpu } => self.io(t, file, bytes, block, cpu, true),
            FileOp::Sync { file } => self.sync(t, file),
            FileOp::Advise { file, advice } => self.fadvise(t, file, advice),
            FileOp::DropCaches { what } => self.drop_caches(t, what),
            FileOp::Group { name, max, swap_max } => self.make_group(t, name, max, swap_max),
            FileOp::GroupMax { group, max, swap: true } => self.swap_max(t, group, max),
            FileOp::GroupMax { group, max, swap: false } => self.memory_max(t, group, max, CpuId(0)),
            FileOp::Wait { ms } => self.wait(t, ms),
        }
    }

    /// Where a program that says what can go has come to.
    pub(crate) fn madvise_left(&self) -> Option<Vaddr> {
        match self.reclaim()?.work {
            Some(Work::Cold { at }) => Some(at),
            _ => None,
        }
    }

    pub(crate) fn set_madvise_left(&mut self, at: Option<Vaddr>) -> UnitEnd {
        self.set_work(at.map(|at| Work::Cold { at }))
    }

    fn work(&mut self) -> Option<&mut Option<Work>> {
        self.reclaim_mut().map(|reclaim: &mut Reclaim| &mut reclaim.work)
    }

    pub(super) fn set_work(&mut self, work: Option<Work>) -> UnitEnd {
        if let Some(slot) = self.work() {
            *slot = work;
        }
        if work.is_some() && self.reclaim.is_some() { UnitEnd::More } else { UnitEnd::Done }
    }

    /// One call of `read()` or `write()`.
    fn io(
        &mut self,
        t: &mut Trace<'_>,
        name: NameId,
        bytes: Option<ByteRange>,
        block: u32,
        cpu: CpuId,
        writes: bool,
    ) -> UnitEnd {
        let Some(file) = self.processes.file_of(name) else {
            self.skipped(t, name);
            return UnitEnd::Done;
        };
        let length = self.processes.file(file).map_or(0, |file| file.bytes);
        let (at, end) = match self.reclaim().and_then(|reclaim| reclaim.work) {
            Some(Work::Io { at, end }) => (at, end),
            _ => {
                let (from, to) = bytes.map_or((0, length), |bytes| (bytes.from, bytes.to));
                (from, if writes { to } else { to.min(length) })
            }
        };
        let to = end.min(at.saturating_add(u64::from(block.max(1))));
        if at >= to {
            self.told_reclaim(t, Func::Scenario, || ReclaimStep::EndOfFile { file: name });
            return self.set_work(None);
        }
        let done =
            if writes { self.write_call(t, file, at, to, cpu) } else { self.read_call(t, file, at, to, cpu) };
        if !done {
            self.told_reclaim(t, Func::Scenario, || ReclaimStep::NoPage { file: name });
            return self.set_work(None);
        }
        self.set_work((to < end).then_some(Work::Io { at: to, end }))
    }

    /// `read()` (`filemap_read()`); false: there was no memory.
    pub(super) fn read_call(
        &mut self,
        t: &mut Trace<'_>,
        file: FileId,
        from: u64,
        to: u64,
        cpu: CpuId,
    ) -> bool {
        let (first, last) = ((from / PAGE_SIZE) as u32, ((to - 1) / PAGE_SIZE) as u32);
        t.within(Func::FilemapRead, |t| {
            for index in first..=last {
                let request = last - index + 1;
                let was_there = self.processes.file(file).and_then(|file| file.cached(index));
                if was_there.is_none() && !self.ra_missed(t, file, index, request, cpu) {
                    return false;
                }
                let Some(of) = self.processes.file(file) else { return false };
                let Some(pfn) = was_there.or_else(|| of.cached(index)) else { return false };
                if was_there.is_some() {
                    let told = || ReclaimStep::ReadHit { file: of.name, index, pfn };
                    self.told_reclaim(t, Func::FilemapRead, told);
                }
                self.was_read(t, file, (index, request), pfn, cpu);
            }
            true
        })
    }

    /// A page that is in memory is read, the first one of a request of so many.
    pub(super) fn was_read(
        &mut self,
        t: &mut Trace<'_>,
        file: FileId,
        (index, request): (u32, u32),
        pfn: Pfn,
        cpu: CpuId,
    ) {
        self.ra_marked(t, file, index, request, pfn, cpu);
        let prev = self.processes.file(file).and_then(|file| file.ra.prev);
        // The rest of a page is no second use of it.
        if prev != Some(index) {
            self.folio_mark_accessed(t, pfn, cpu);
        }
        self.set_prev(file, index);
    }

    /// A page of a file is missed: it is read, and others with it (`page_cache_sync_readahead()`).
    pub(crate) fn ra_missed(
        &mut self,
        t: &mut Trace<'_>,
        file: FileId,
        index: u32,
        request: u32,
        cpu: CpuId,
    ) -> bool {
        let Some(of) = self.processes.file(file) else { return false };
        let mut ra = of.ra;
        let window = ra.ondemand(index, request, false, |at| of.cached(at).is_some());
        self.set_ra(file, ra);
        let read = window.is_some_and(|window| self.read_window(t, file, index, window, true, cpu));
        read || self.add_to_page_cache(t, file, index, cpu, false).is_some()
    }

    /// Whoever comes to a page with the mark has the next window read (`page_cache_async_readahead()`).
    pub(crate) fn ra_marked(
        &mut self,
        t: &mut Trace<'_>,
        file: FileId,
        index: u32,
        request: u32,
        pfn: Pfn,
        cpu: CpuId,
    ) {
        let Some(reclaim) = self.reclaim_mut() else { return };
        if !reclaim.page(pfn).flags.has(LruFlags::READAHEAD) {
            return;
        }
        reclaim.clear_flags(pfn, LruFlags::READAHEAD);
        let Some(of) = self.processes.file(file) else { return };
        let mut ra = of.ra;
        let window = ra.ondemand(index, request, true, |at| of.cached(at).is_some());
        self.set_ra(file, ra);
        if let Some(window) = window {
            self.lock_page(pfn);
            self.read_window(t, file, index, window, false, cpu);
            self.unlock_all();
        }
    }

    /// Pages of a file are read (`page_cache_ra_unbounded()`); whether the one that is wanted is there now.
    pub(crate) fn read_window(
        &mut self,
        t: &mut Trace<'_>,
        file: FileId,
        index: u32,
        window: Window,
        missed: bool,
        cpu: CpuId,
    ) -> bool {
        let Some((name, pages)) = self.processes.file(file).map(|of| (of.name, of.len().0 as u32)) else {
            return false;
        };
        let Some(window) = window.within(pages) else { return false };
        let Window { start, pages, .. } = window;
        let mark = window.mark();
        let told = || ReclaimStep::ReadAhead { file: name, index, start, pages, mark, missed };
        self.told_reclaim(t, Func::OndemandReadahead, told);
        for at in start..start + pages {
            if self.processes.file(file).is_none_or(|of| of.cached(at).is_some()) {
                continue;
            }
            match self.add_to_page_cache(t, file, at, cpu, true) {
                Some(pfn) => {
                    // Until all are read, nobody takes one away.
                    self.lock_page(pfn);
                    if mark == Some(at)
                        && let Some(reclaim) = self.reclaim_mut()
                    {
                        reclaim.set_flags(pfn, LruFlags::READAHEAD);
                    }
                }
                // What was only to be read ahead may be missing.
                None => break,
            }
        }
        self.unlock_all();
        self.processes.file(file).is_some_and(|of| of.cached(index).is_some())
    }

    /// `write()` (`generic_perform_write()`); false: there was no memory.
    fn write_call(&mut self, t: &mut Trace<'_>, file: FileId, from: u64, to: u64, cpu: CpuId) -> bool {
        let (first, last) = ((from / PAGE_SIZE) as u32, ((to - 1) / PAGE_SIZE) as u32);
        t.within(Func::GenericPerformWrite, |t| {
            for index in first..=last {
                let Some(name) = self.processes.file(file).map(|file| file.name) else { return false };
                let found = self.processes.file(file).and_then(|file| file.cached(index));
                // (Of a page that is written in part the rest is read; the page is the same.)
                let Some(pfn) = found.or_else(|| self.add_to_page_cache(t, file, index, cpu, false)) else {
                    return false;
                };
                self.grow_file(file, to.min((u64::from(index) + 1) * PAGE_SIZE));
                self.set_dirty(pfn, true);
                let dirty = self.reclaim().map_or(0, Reclaim::nr_dirty) as u32;
                let told = || ReclaimStep::Dirtied { file: name, index, pfn, dirty };
                self.told_reclaim(t, Func::GenericPerformWrite, told);
            }
            self.balance_dirty_pages(t);
            true
        })
    }

    /// Everything dirty is written, and the disk has it (`fsync()`, `sync()`).
    fn sync(&mut self, t: &mut Trace<'_>, name: Option<NameId>) -> UnitEnd {
        let file = match name.map(|name| (name, self.processes.file_of(name))) {
            Some((name, None)) => {
                self.skipped(t, name);
                return UnitEnd::Done;
            }
            Some((_, file)) => file,
            None => None,
        };
        let Some(reclaim) = self.reclaim() else { return UnitEnd::Done };
        let pages: Vec<_> = reclaim.dirty().filter(|(of, _)| file.is_none_or(|file| *of == file)).collect();
        t.within(Func::Sync, |t| {
            let pages = self.write_pages(t, &pages);
            self.end_writeback(t);
            self.told_reclaim(t, Func::Sync, || ReclaimStep::Synced { file: name, pages });
        });
        UnitEnd::Done
    }

    fn fadvise(&mut self, t: &mut Trace<'_>, name: NameId, advice: FileAdvice) -> UnitEnd {
        let Some(file) = self.processes.file_of(name) else {
            self.skipped(t, name);
            return UnitEnd::Done;
        };
        let Some(mut ra) = self.processes.file(file).map(|file| file.ra) else { return UnitEnd::Done };
        ra.ra_pages = match advice {
            FileAdvice::Normal => RA_PAGES,
            FileAdvice::Sequential => 2 * RA_PAGES,
            FileAdvice::Random => 0,
            FileAdvice::DontNeed => ra.ra_pages,
        };
        self.set_ra(file, ra);
        if advice == FileAdvice::DontNeed {
            self.lru_add_drain_all(t);
            let (dropped, kept) = self.invalidate(t, file, 0, u32::MAX);
            self.told_reclaim(t, Func::Fadvise, || ReclaimStep::Dropped { pages: dropped, kept });
        } else {
            let ra_pages = ra.ra_pages;
            self.told_reclaim(t, Func::Fadvise, || ReclaimStep::Advised { file: name, ra_pages });
        }
        UnitEnd::Done
    }

    /// Pages of a file go that are clean and that nobody has, from one on and at most so many are looked at
    /// (`invalidate_mapping_pages()`): how many went, and how many stay.
    fn invalidate(&mut self, t: &mut Trace<'_>, file: FileId, from: u32, most: u32) -> (u32, u32) {
        let Some(of) = self.processes.file(file) else { return (0, 0) };
        let pages: Vec<_> = of.cache().filter(|(index, _)| *index >= from).take(most as usize).collect();
        let (mut dropped, mut kept) = (0, 0);
        for (index, pfn) in pages {
            let flags = self.reclaim().map_or(LruFlags::default(), |reclaim| reclaim.page(pfn).flags);
            let busy = flags.has(LruFlags::WRITEBACK) || flags.has(LruFlags::BATCHED);
            let mapped = self.processes.mapped(pfn);
            if mapped.dirty || mapped.mapcount > 0 || busy {
                kept += 1;
                continue;
            }
            self.set_file_entry(file, index, None::<Entry>);
            self.lru_forget(pfn);
            self.release_page(pfn);
            dropped += 1;
        }
        t.within(Func::InvalidateMappingPages, |t| self.give_back(t, CpuId(0)));
        (dropped, kept)
    }

    /// A write to `/proc/sys/vm/drop_caches`.
    fn drop_caches(&mut self, t: &mut Trace<'_>, what: u8) -> UnitEnd {
        t.within(Func::DropCaches, |t| {
            let (mut file, index, mut dropped, mut kept) = match self.reclaim().and_then(|r| r.work) {
                Some(Work::Drop { file, index, dropped, kept }) => (file, index, dropped, kept),
                _ => {
                    self.lru_add_drain_all(t);
                    if let Some(reclaim) = self.reclaim_mut() {
                        reclaim.count(VmEvent::DropPagecache, u64::from(what & 1));
                        reclaim.count(VmEvent::DropSlab, u64::from(what >> 1));
                    }
                    (0, 0, 0, 0)
                }
            };
            let mut next = index;
            let last = self.processes.files().map(|(id, _)| id.0).last();
            while what & 1 != 0 && last.is_some_and(|last| file <= last) {
                let of = self.processes.file(FileId(file)).filter(|of| !of.shmem);
                let end = of.and_then(|of| {
                    let looked = of.cache().map(|(index, _)| index).filter(|index| *index >= next);
                    looked.take(DROP_BATCH as usize).last()
                });
                let Some(end) = end else {
                    (file, next) = (file + 1, 0);
                    continue;
                };
                let (gone, stays) = self.invalidate(t, FileId(file), next, DROP_BATCH);
                (dropped, kept) = (dropped + gone, kept + stays);
                next = end.saturating_add(1);
                if gone > 0 {
                    return self.set_work(Some(Work::Drop { file, index: next, dropped, kept }));
                }
            }
            if what & 1 != 0 {
                self.told_reclaim(t, Func::DropCaches, || ReclaimStep::Dropped { pages: dropped, kept });
            }
            if what & 2 != 0 {
                self.drop_slab(t);
            }
            self.set_work(None)
        })
    }

    /// Time passes; after each unit of it the daemons get their turn.
    fn wait(&mut self, t: &mut Trace<'_>, ms: u32) -> UnitEnd {
        let left = match self.reclaim().and_then(|reclaim| reclaim.work) {
            Some(Work::Wait { ms }) => ms,
            _ => ms,
        };
        // While nobody works, it passes at once, up to when the flusher looks.
        let clock = self.reclaim().map_or(0, Reclaim::clock);
        let next_look = (DIRTY_WRITEBACK - clock % DIRTY_WRITEBACK) as u32;
        let has_dirty = self.reclaim().is_some_and(|reclaim| reclaim.nr_dirty() > 0);
        let now = match (self.daemons_work(), has_dirty) {
            (true, _) => WAIT_SLICE,
            (false, true) => next_look,
            (false, false) => left,
        };
        let now = now.min(left);
        self.lru_add_drain_all(t);
        let looks = self
            .reclaim()
            .is_some_and(|r| r.clock() / DIRTY_WRITEBACK != (r.clock() + u64::from(now)) / DIRTY_WRITEBACK);
        self.told_reclaim(t, Func::Scenario, || ReclaimStep::Waited { ms: now });
        if looks {
            self.tick(t, u64::from(now))
        } else {
            self.pass(u64::from(now))
        }
        let left = left - now;
        self.set_work((left > 0).then_some(Work::Wait { ms: left }))
    }
}

//! Dirty pages of files: how many there may be, and who writes them (mm/page-writeback.c, fs/fs-writeback.c, 6.1).
//!
//! A disk has written what it was sent by the end of the unit; how long a program that writes has to pause is not
//! modelled, only that it has to.

use std::collections::{BTreeMap, BTreeSet};

use super::balance::dirty_limits;
use super::lruvec::{Lru, LruFlags};
use super::swap::Batch;
use super::{Reclaim, VmEvent};
use crate::Machine;
use crate::hash::Digest;
use crate::mmzone::ZoneKind;
use crate::process::FileId;
use crate::step::{Func, ReclaimStep, Trace};
use crate::units::{CpuId, Pfn};
use crate::x86::pgtable::Pte;

/// Pages that the flusher sends to the disk in one slice.
const SLICE: usize = 32;
/// How long a page may be dirty before it is written anyway (`dirty_expire_centisecs`), in milliseconds.
const DIRTY_EXPIRE: u64 = 30_000;
/// How often the flusher looks for such pages (`dirty_writeback_centisecs`), in milliseconds.
pub(super) const DIRTY_WRITEBACK: u64 = 5000;

/// The dirty pages, and the thread that writes them.
#[derive(Clone, Debug, Default)]
pub(super) struct Flusher {
    /// Dirty pages of files, file by file.
    dirty: BTreeSet<(FileId, u32)>,
    /// Since when a file has dirty pages (`dirtied_when`), in milliseconds.
    since: BTreeMap<FileId, u64>,
    /// Milliseconds since boot, as far as somebody waited.
    pub clock: u64,
    /// It has been woken.
    awake: bool,
    /// It writes everything, however little that is.
    everything: bool,
}

impl Flusher {
    pub(super) fn is_awake(&self) -> bool {
        self.awake
    }

    pub(super) fn digest(&self, to: &mut Digest) {
        to.word(self.clock << 2 | u64::from(self.awake) << 1 | u64::from(self.everything));
        for (file, index) in &self.dirty {
            to.word(u64::from(file.0) << 32 | u64::from(*index));
        }
        for (file, since) in &self.since {
            to.word(u64::from(file.0));
            to.word(*since);
        }
    }
}

impl Reclaim {
    /// Dirty pages of files (`NR_FILE_DIRTY`).
    #[must_use]
    pub fn nr_dirty(&self) -> u64 {
        self.flusher.dirty.len() as u64
    }

    /// Pages on their way to a disk (`NR_WRITEBACK`).
    #[must_use]
    pub fn nr_writeback(&self) -> u64 {
        self.in_flight.len() as u64
    }

    /// Milliseconds since boot, as far as somebody waited.
    #[must_use]
    pub fn clock(&self) -> u64 {
        self.flusher.clock
    }

    /// The dirty pages, file by file.
    pub fn dirty(&self) -> impl Iterator<Item = (FileId, u32)> {
        self.flusher.dirty.iter().copied()
    }

    pub(super) fn note_dirty(&mut self, file: FileId, index: u32, dirty: bool) {
        let flusher = &mut self.flusher;
        if dirty && flusher.dirty.insert((file, index)) {
            flusher.since.entry(file).or_insert(flusher.clock);
            self.count(VmEvent::Dirtied, 1);
        } else if !dirty && flusher.dirty.remove(&(file, index)) {
            let all = (file, 0)..=(file, u32::MAX);
            if flusher.dirty.range(all).next().is_none() {
                flusher.since.remove(&file);
            }
        }
    }
}

impl Machine {
    /// Pages that could be dirty (`global_dirtyable_memory()`): free ones without the reserves, and those of files.
    #[must_use]
    pub fn dirtyable_memory(&self) -> u64 {
        let Some(reclaim) = self.reclaim() else { return 0 };
        let lowmem = self.zones().iter().filter(|zone| zone.kind != ZoneKind::HighMem);
        let free: u64 = lowmem.map(|zone| zone.nr_free_pages.0).sum();
        let file = reclaim.size(Lru::InactiveFile) + reclaim.size(Lru::ActiveFile);
        free - free.min(self.setup().totalreserve().0) + file + 1
    }

    /// How many pages may be dirty before the flusher works, and before whoever writes has to wait
    /// (`global_dirty_limits()`); `nr_dirty_background_threshold` and `nr_dirty_threshold`.
    #[must_use]
    pub fn dirty_limits(&self) -> (u64, u64) {
        let Some(reclaim) = self.reclaim() else { return (0, 0) };
        let tunables = &reclaim.tunables;
        dirty_limits(self.dirtyable_memory(), tunables.dirty_ratio, tunables.dirty_background_ratio)
    }

    pub(crate) fn is_dirty(&self, pfn: Pfn) -> bool {
        self.processes.mapped(pfn).dirty
    }

    /// A page has something that is nowhere else, or has no longer (`folio_mark_dirty()`).
    pub(crate) fn set_dirty(&mut self, pfn: Pfn, dirty: bool) {
        let mapped = self.processes.mapped(pfn);
        if let Some((file, index)) = mapped.file()
            && self.processes.file(file).is_some_and(|file| !file.shmem)
            && let Some(reclaim) = self.reclaim_mut()
        {
            reclaim.note_dirty(file, index, dirty);
        }
        self.set_page_dirty(pfn, dirty);
    }

    /// The flusher is to write what is dirty (`wakeup_flusher_threads()`).
    pub(super) fn wakeup_flusher(&mut self, t: &mut Trace<'_>) {
        let limit = self.dirty_limits().0;
        let Some(reclaim) = self.reclaim_mut() else { return };
        let dirty = reclaim.nr_dirty();
        if dirty == 0 || reclaim.flusher.everything {
            return;
        }
        (reclaim.flusher.awake, reclaim.flusher.everything) = (true, true);
        let told = || ReclaimStep::FlusherWoken { dirty: dirty as u32, limit: limit as u32 };
        self.told_reclaim(t, Func::WakeupFlusherThreads, told);
    }

    /// Somebody has written: the flusher is woken where too much is dirty, and the writer waits where that is no help
    /// (`balance_dirty_pages()`).
    pub(super) fn balance_dirty_pages(&mut self, t: &mut Trace<'_>) {
        let (background, limit) = self.dirty_limits();
        let Some(reclaim) = self.reclaim_mut() else { return };
        let dirty = reclaim.nr_dirty();
        if dirty > background && !reclaim.flusher.awake {
            reclaim.flusher.awake = true;
            let told = || ReclaimStep::FlusherWoken { dirty: dirty as u32, limit: background as u32 };
            self.told_reclaim(t, Func::WakeupFlusherThreads, told);
        }
        let free_run = background.midpoint(limit);
        let sum = |machine: &Machine| machine.reclaim().map_or(0, |r| r.nr_dirty() + r.nr_writeback());
        let now = sum(self);
        if now <= free_run {
            return;
        }
        let told = || ReclaimStep::Throttled { dirty: now as u32, limit: free_run as u32 };
        self.told_reclaim(t, Func::BalanceDirtyPages, told);
        while sum(self) > free_run {
            let before = sum(self);
            self.flusher_slice(t);
            self.end_writeback(t);
            if sum(self) == before {
                break;
            }
        }
    }

    /// The flusher works for a while (`wb_workfn()`).
    pub(super) fn flusher_slice(&mut self, t: &mut Trace<'_>) {
        let background = self.dirty_limits().0;
        let Some(reclaim) = self.reclaim_mut() else { return };
        if !reclaim.flusher.awake {
            return;
        }
        let everything = reclaim.flusher.everything;
        let dirty = reclaim.nr_dirty();
        let wanted = if everything { dirty } else { dirty.saturating_sub(background) };
        let pages: Vec<_> = reclaim.flusher.dirty.iter().take(SLICE.min(wanted as usize)).copied().collect();
        if (pages.len() as u64) >= wanted {
            (reclaim.flusher.awake, reclaim.flusher.everything) = (false, false);
        }
        t.within(Func::WbWorkfn, |t| self.write_pages(t, &pages));
    }

    /// Dirty pages are sent to the disk, in the order of the files; how many.
    pub(super) fn write_pages(&mut self, t: &mut Trace<'_>, pages: &[(FileId, u32)]) -> u32 {
        let mut sent = 0;
        let mut at = 0;
        while let Some(&(file, first)) = pages.get(at) {
            // Neighbours go together.
            let follows = |by: &usize| pages.get(at + by) == Some(&(file, first + *by as u32));
            let run = (1..).take_while(follows).count() + 1;
            for index in first..first + run as u32 {
                if let Some(pfn) = self.processes.file(file).and_then(|file| file.cached(index)) {
                    self.write_page(t, file, index, pfn);
                    sent += 1;
                }
            }
            if let Some(name) = self.processes.file(file).map(|file| file.name) {
                let told = || ReclaimStep::WriteBack { file: name, first, pages: run as u32 };
                self.told_reclaim(t, Func::WriteCachePages, told);
            }
            at += run;
        }
        sent
    }

    /// A page of a file is sent to the disk: whoever writes to it from now on makes it dirty again
    /// (`clear_page_dirty_for_io()`, `folio_mkclean()`).
    pub(super) fn write_page(&mut self, t: &mut Trace<'_>, file: FileId, index: u32, pfn: Pfn) {
        for place in self.rmap(pfn) {
            if place.pte.has(Pte::RW) || place.pte.has(Pte::DIRTY) {
                let clean = place.pte.without(Pte::RW).without(Pte::DIRTY);
                self.clean_for_writeback(t, &place.into(), clean);
            }
        }
        self.set_dirty(pfn, false);
        self.save_to_disk(file, index, pfn);
        if let Some(reclaim) = self.reclaim_mut()
            && !reclaim.page(pfn).flags.has(LruFlags::WRITEBACK)
        {
            reclaim.set_flags(pfn, LruFlags::WRITEBACK);
            reclaim.in_flight.push(pfn);
        }
    }

    /// Everything that was sent to a disk is there (`end_page_writeback()`).
    pub(super) fn end_writeback(&mut self, t: &mut Trace<'_>) {
        let Some(reclaim) = self.reclaim_mut() else { return };
        if reclaim.in_flight.is_empty() {
            return;
        }
        let pages = std::mem::take(&mut reclaim.in_flight);
        let mut rotated = 0;
        for pfn in &pages {
            let Some(reclaim) = self.reclaim_mut() else { return };
            let flags = reclaim.page(*pfn).flags;
            reclaim.clear_flags(*pfn, LruFlags::WRITEBACK.with(LruFlags::RECLAIM));
            reclaim.count(VmEvent::Written, 1);
            let goes_next = flags.has(LruFlags::RECLAIM)
                && flags.has(LruFlags::LRU)
                && !flags.has(LruFlags::ACTIVE)
                && !flags.has(LruFlags::UNEVICTABLE);
            if goes_next {
                rotated += 1;
                // (The disk's interrupt; who looks on is told of all of them together.)
                self.put_in_batch(&mut Trace::unseen(), Batch::Rotate, *pfn, CpuId(0));
            }
        }
        let told = || ReclaimStep::Written { pages: pages.len() as u32, first: pages[0], rotated };
        self.told_reclaim(t, Func::EndPageWriteback, told);
    }

    /// Time passes, and nobody looks.
    pub(super) fn pass(&mut self, ms: u64) {
        if let Some(reclaim) = self.reclaim_mut() {
            reclaim.flusher.clock += ms;
        }
    }

    /// Time passes: what has been dirty for long enough is written.
    pub(super) fn tick(&mut self, t: &mut Trace<'_>, ms: u64) {
        let Some(reclaim) = self.reclaim_mut() else { return };
        reclaim.flusher.clock += ms;
        let now = reclaim.flusher.clock;
        let old: BTreeSet<FileId> = reclaim
            .flusher
            .since
            .iter()
            .filter(|(_, since)| now - **since >= DIRTY_EXPIRE)
            .map(|(file, _)| *file)
            .collect();
        let pages: Vec<_> = reclaim.dirty().filter(|(file, _)| old.contains(file)).collect();
        t.within(Func::WbWorkfn, |t| self.write_pages(t, &pages));
    }
}

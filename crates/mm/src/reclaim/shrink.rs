//! What becomes of pages that are taken from the end of a list (mm/vmscan.c: `shrink_folio_list()`, `shrink_active_list()`,
//! 6.1).

use std::collections::VecDeque;

use super::lruvec::{Lru, LruFlags};
use super::swapfile::Medium;
use super::vmscan::Scan;
use super::{GroupId, VmEvent};
use crate::Machine;
use crate::mmzone::ZoneKind;
use crate::step::{Func, Kept, ReclaimStep, Reclaimer, Trace};
use crate::units::{CpuId, Pfn};
use crate::x86::pgtable::Pte;
use crate::xarray::{Entry, SwapEntry};

/// What is done with an inactive page (`enum folio_references`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Verdict {
    /// It goes.
    Reclaim,
    /// It goes if it is clean: it was used once, by `read()`.
    ReclaimClean,
    /// It stays where it is, at the head: it was used since the last time.
    Keep,
    /// It becomes active.
    Activate,
}

/// What was found on the way (`struct reclaim_stat`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Stat {
    dirty: u64,
    unqueued_dirty: u64,
    writeback: u64,
    immediate: u64,
    pageout: u64,
    activated: u64,
}

/// Where a page goes that was looked at.
pub(super) enum Fate {
    Freed,
    /// Nobody had it any more: it was given back as it was split.
    Gone,
    Kept(Option<Kept>),
    Activated(Option<Kept>),
}

impl Machine {
    /// Pages are taken from the tail of a list, at most so many, and looked at; how many are free now.
    pub(super) fn shrink_inactive_list(
        &mut self,
        t: &mut Trace<'_>,
        sc: &mut Scan,
        (node, group): (u8, GroupId),
        lru: Lru,
        most: u64,
    ) -> u64 {
        t.within(Func::ShrinkInactiveList, |t| {
            self.lru_add_drain(t, sc.cpu);
            let evicted = if t.looks() { None } else { self.evict_unseen(sc, lru, most) };
            let taken = match evicted {
                None => self.isolate(t, sc, (node, group), lru, most),
                Some(_) => Vec::new(),
            };
            let pages = evicted.unwrap_or_else(|| self.pages_of(&taken));
            if pages == 0 {
                return 0;
            }
            let is_file = lru.is_file();
            self.count_by(sc, group, [VmEvent::PgScanKswapd, VmEvent::PgScanDirect], pages);
            self.count_event(if is_file { VmEvent::PgScanFile } else { VmEvent::PgScanAnon }, pages);
            let (stat, freed) = match evicted {
                None => self.shrink_folio_list(t, sc, node, taken),
                Some(freed) => (Stat::default(), freed),
            };
            self.count_by(sc, group, [VmEvent::PgStealKswapd, VmEvent::PgStealDirect], freed);
            self.count_event(if is_file { VmEvent::PgStealFile } else { VmEvent::PgStealAnon }, freed);
            if let Some(reclaim) = self.reclaim_mut() {
                reclaim.note_cost(node, group, is_file, stat.pageout);
            }
            let told = || ReclaimStep::Shrunk {
                node,
                lru,
                taken: pages as u16,
                gone: freed as u16,
                active: stat.activated as u16,
            };
            self.told_reclaim(t, Func::ShrinkInactiveList, told);
            if stat.unqueued_dirty == pages {
                self.wakeup_flusher(t);
            }
            sc.note(pages, is_file, [stat.unqueued_dirty, stat.writeback, stat.immediate]);
            freed
        })
    }

    fn count_event(&mut self, event: VmEvent, by: u64) {
        if let Some(reclaim) = self.reclaim_mut() {
            reclaim.count(event, by);
        }
    }

    /// What a group finds in itself counts for the group alone.
    fn count_by(&mut self, sc: &Scan, group: GroupId, [kswapd, direct]: [VmEvent; 2], by: u64) {
        let event = if matches!(sc.by, Reclaimer::Kswapd(_)) { kswapd } else { direct };
        let Some(reclaim) = self.reclaim_mut() else { return };
        if sc.within.is_root() {
            reclaim.count(event, by);
        }
        reclaim.count_in(group, event, by);
    }

    /// How many pages these are, with all of huge ones.
    pub(super) fn pages_of(&self, folios: &[Pfn]) -> u64 {
        self.reclaim().map_or(0, |reclaim| folios.iter().map(|pfn| reclaim.page(*pfn).pages()).sum())
    }

    /// Whether anybody has a page mapped (`folio_mapped()`).
    fn is_mapped(&self, folio: Pfn) -> bool {
        let compound = self.processes.huge().of(folio).map(|(_, of)| of.entries());
        compound.unwrap_or(self.processes.mapped(folio).mapcount) > 0
    }

    /// Takes pages from the tail of a list (`isolate_lru_folios()`). What lies in zones that are no help goes to the head.
    /// A huge page counts as all that it has, and so there can be more of them than were wanted.
    fn isolate(
        &mut self,
        t: &mut Trace<'_>,
        sc: &mut Scan,
        (node, group): (u8, GroupId),
        lru: Lru,
        most: u64,
    ) -> Vec<Pfn> {
        let Some(reclaim) = self.reclaim() else { return Vec::new() };
        let (mut taken, mut skipped) = (Vec::new(), Vec::new());
        // What may not be unmapped goes to the head as well, and counts as looked at.
        let (mut scanned, mut pages_taken) = (0, 0);
        for pfn in reclaim.lruvec(node, group).from_tail(&reclaim.pages, lru) {
            if scanned >= most {
                break;
            }
            let zone = self.node_and_zone(pfn).1;
            let fits = self.zone(zone).kind <= sc.highest;
            let stays = !sc.may_unmap && self.is_mapped(pfn);
            let pages = reclaim.page(pfn).pages();
            scanned += if fits { pages } else { 0 };
            if fits && !stays {
                taken.push(pfn);
                pages_taken += pages;
            } else {
                skipped.push(pfn);
            }
        }
        let pages_skipped = self.pages_of(&skipped);
        let places: Vec<_> =
            taken.iter().chain(&skipped).map(|pfn| (*pfn, self.node_and_zone(*pfn).1)).collect();
        let Some(reclaim) = self.reclaim_mut() else { return Vec::new() };
        for (at, (pfn, zone)) in places.into_iter().enumerate() {
            reclaim.del(node, zone, lru, pfn);
            if at < taken.len() {
                reclaim.set_flags(pfn, LruFlags::ISOLATED);
                reclaim.isolated.push(pfn);
            } else {
                reclaim.add(node, zone, lru, pfn);
            }
        }
        reclaim.nodes[usize::from(node)].lruvec.isolated[usize::from(lru.is_file())] += pages_taken;
        sc.scanned += scanned;
        if !taken.is_empty() || !skipped.is_empty() {
            let skipped = pages_skipped.min(u64::from(u16::MAX)) as u16;
            let told = || ReclaimStep::Isolated { node, lru, taken: pages_taken as u16, skipped };
            self.told_reclaim(t, Func::IsolateLruFolios, told);
        }
        taken
    }

    /// Pages that stay go back to the lists, the oldest first (`move_folios_to_lru()`).
    fn put_back(&mut self, node: u8, from: Lru, pages: &[Pfn]) {
        for pfn in pages {
            let (lru, zone) = (self.lru_of(*pfn), self.node_and_zone(*pfn).1);
            let Some(reclaim) = self.reclaim_mut() else { return };
            reclaim.clear_flags(*pfn, LruFlags::ISOLATED);
            reclaim.no_longer_isolated(*pfn);
            let pages = reclaim.page(*pfn).pages();
            reclaim.nodes[usize::from(node)].lruvec.isolated[usize::from(from.is_file())] -= pages;
            reclaim.add(node, zone, lru, *pfn);
        }
    }

    /// What becomes of each page (`shrink_folio_list()`): what was found, and how many are free. What a huge page is split into
    /// is looked at next.
    pub(super) fn shrink_folio_list(
        &mut self,
        t: &mut Trace<'_>,
        sc: &Scan,
        node: u8,
        taken: Vec<Pfn>,
    ) -> (Stat, u64) {
        let from = taken.first().map_or(Lru::InactiveAnon, |pfn| self.lru_of(*pfn));
        let mut stat = Stat::default();
        let (mut kept, mut freed) = (Vec::new(), 0);
        let mut list = VecDeque::from(taken);
        while let Some(pfn) = list.pop_front() {
            let fate = t.within(Func::ShrinkFolioList, |t| {
                self.shrink_folio(t, sc, node, pfn, (&mut stat, &mut list))
            });
            let (stays, why, active) = match fate {
                Fate::Gone => continue,
                Fate::Freed => (false, None, false),
                Fate::Kept(why) => (true, why, false),
                Fate::Activated(why) => (true, why, true),
            };
            if active {
                self.activate_locked(pfn, &mut stat);
            }
            if let Some(why) = why {
                let told = || ReclaimStep::Kept { pfn, why };
                self.told_reclaim(t, Func::ShrinkFolioList, told);
            }
            if stays {
                kept.push(pfn);
            } else {
                let pages = u64::from(self.page(pfn).order.pages());
                if let Some(reclaim) = self.reclaim_mut() {
                    reclaim.nodes[usize::from(node)].lruvec.isolated[usize::from(from.is_file())] -= pages;
                }
                freed += pages;
            }
        }
        // (`free_unref_page_list()`)
        self.give_back(t, sc.cpu);
        self.put_back(node, from, &kept);
        (stat, freed)
    }

    /// These pages go, whether they were used or not (`reclaim_pages()`).
    pub(crate) fn reclaim_pages(&mut self, t: &mut Trace<'_>, pages: &[Pfn], cpu: CpuId) {
        if self.reclaim.is_none() {
            return;
        }
        t.within(Func::ReclaimPages, |t| {
            for node in 0..self.nodes() {
                for lru in Lru::EVICTABLE {
                    let fits = |pfn: &&Pfn| {
                        let flags = self.reclaim().map_or(LruFlags::default(), |r| r.page(**pfn).flags);
                        flags.has(LruFlags::LRU)
                            && self.node_and_zone(**pfn).0 == node
                            && self.lru_of(**pfn) == lru
                    };
                    let taken: Vec<Pfn> = pages.iter().filter(fits).copied().collect();
                    if taken.is_empty() {
                        continue;
                    }
                    for pfn in &taken {
                        let zone = self.node_and_zone(*pfn).1;
                        let Some(reclaim) = self.reclaim_mut() else { return };
                        reclaim.del(node, zone, lru, *pfn);
                        reclaim.set_flags(*pfn, LruFlags::ISOLATED);
                        reclaim.clear_flags(*pfn, LruFlags::ACTIVE.with(LruFlags::REFERENCED));
                        reclaim.isolated.push(*pfn);
                        let pages = reclaim.page(*pfn).pages();
                        reclaim.nodes[usize::from(node)].lruvec.isolated[usize::from(lru.is_file())] += pages;
                    }
                    let sc = Scan::new(Reclaimer::Madvise, cpu, ZoneKind::Movable, 0);
                    self.shrink_folio_list(t, &sc, node, taken);
                }
            }
        });
    }

    /// The end of a page that is used after all: its slot in swap is wanted by others.
    fn activate_locked(&mut self, pfn: Pfn, stat: &mut Stat) {
        let Some(reclaim) = self.reclaim_mut() else { return };
        let page = reclaim.page(pfn);
        if let Some(entry) = page.swap() {
            let unwanted = reclaim.swap_full(pfn) || page.flags.has(LruFlags::UNEVICTABLE);
            let idle = !page.flags.has(LruFlags::WRITEBACK);
            if unwanted && idle && !reclaim.folio_swapped(pfn) {
                reclaim.uncache_swap(entry);
                self.set_dirty(pfn, true);
                self.set_cached(pfn, false);
            }
        }
        let Some(reclaim) = self.reclaim_mut() else { return };
        if !page.flags.has(LruFlags::UNEVICTABLE) {
            reclaim.set_flags(pfn, LruFlags::ACTIVE);
            let (group, pages) = (reclaim.group_of(pfn), page.pages());
            reclaim.count_both(group, VmEvent::PgActivate, pages);
            stat.activated += pages;
        }
    }

    fn shrink_folio(
        &mut self,
        t: &mut Trace<'_>,
        sc: &Scan,
        node: u8,
        pfn: Pfn,
        (stat, list): (&mut Stat, &mut VecDeque<Pfn>),
    ) -> Fate {
        let Some(reclaim) = self.reclaim() else { return Fate::Kept(None) };
        let (flags, pages) = (reclaim.page(pfn).flags, reclaim.page(pfn).pages());
        let by_kswapd = matches!(sc.by, Reclaimer::Kswapd(_));
        let of_node = &reclaim.nodes[usize::from(node)];
        let (node_dirty, node_writeback) = (of_node.is_dirty, of_node.is_writeback);
        if reclaim.locked.contains(&pfn) {
            return Fate::Kept(Some(Kept::Locked));
        }
        if flags.has(LruFlags::UNEVICTABLE) {
            return Fate::Kept(Some(Kept::Mlocked));
        }
        let is_swapbacked = self.is_swapbacked(pfn);
        let is_anon = self.processes.mapped(pfn).file().is_none();
        let (dirty, writeback) = (self.is_dirty(pfn), flags.has(LruFlags::WRITEBACK));
        if !is_swapbacked {
            stat.dirty += if dirty || writeback { pages } else { 0 };
            stat.unqueued_dirty += if dirty && !writeback { pages } else { 0 };
        }
        if writeback {
            if by_kswapd && flags.has(LruFlags::RECLAIM) && node_writeback {
                stat.immediate += 1;
            } else {
                stat.writeback += 1;
                if let Some(reclaim) = self.reclaim_mut() {
                    reclaim.set_flags(pfn, LruFlags::RECLAIM);
                }
            }
            return Fate::Activated(Some(Kept::Writeback));
        }
        let verdict =
            if sc.ignores_references() { Verdict::Reclaim } else { self.check_references(t, pfn, sc.cpu) };
        match verdict {
            Verdict::Activate => return Fate::Activated(None),
            Verdict::Keep => return Fate::Kept(None),
            Verdict::Reclaim | Verdict::ReclaimClean => {}
        }
        if is_anon && is_swapbacked && !flags.has(LruFlags::SWAPCACHE) {
            let added = if pages > 1 {
                self.add_huge_to_swap(t, pfn, sc.cpu, list)
            } else {
                self.add_small_to_swap(t, pfn)
            };
            if let Err(fate) = added {
                return fate;
            }
        }
        if self.is_mapped(pfn)
            && let Err(why) = self.try_to_unmap(t, sc, pfn)
        {
            return Fate::Activated(Some(why));
        }
        if self.is_dirty(pfn) {
            let is_file = !self.is_swapbacked(pfn);
            if is_file && (!by_kswapd || !flags.has(LruFlags::RECLAIM) || !node_dirty) {
                if let Some(reclaim) = self.reclaim_mut() {
                    reclaim.count(VmEvent::VmscanImmediate, 1);
                    reclaim.set_flags(pfn, LruFlags::RECLAIM);
                }
                return Fate::Activated(Some(Kept::Dirty));
            }
            if verdict == Verdict::ReclaimClean || !sc.may_writepage {
                return Fate::Kept(Some(Kept::Dirty));
            }
            match self.pageout(t, pfn) {
                None => return Fate::Activated(Some(Kept::NoSwap)),
                Some(at_once) => {
                    stat.pageout += self.pages_of(&[pfn]);
                    if !at_once {
                        return Fate::Kept(Some(Kept::PagedOut));
                    }
                }
            }
        }
        self.remove_mapping(t, (node, sc.within), pfn);
        Fate::Freed
    }

    /// Whether a page was used since the last time (`folio_check_references()`).
    fn check_references(&mut self, t: &mut Trace<'_>, pfn: Pfn, cpu: CpuId) -> Verdict {
        let used = self.folio_referenced(t, pfn, cpu);
        let is_file = !self.is_swapbacked(pfn);
        let Some(reclaim) = self.reclaim_mut() else { return Verdict::Keep };
        let referenced = reclaim.page(pfn).flags.has(LruFlags::REFERENCED);
        reclaim.clear_flags(pfn, LruFlags::REFERENCED);
        let verdict = if used.locked {
            // (`mlock_vma_folio()`: that was missed.)
            reclaim.set_flags(pfn, LruFlags::UNEVICTABLE);
            reclaim.clear_flags(pfn, LruFlags::ACTIVE);
            Verdict::Activate
        } else if used.ptes > 0 {
            reclaim.set_flags(pfn, LruFlags::REFERENCED);
            if referenced || used.ptes > 1 || used.exec && is_file {
                Verdict::Activate
            } else {
                Verdict::Keep
            }
        } else if referenced && is_file {
            Verdict::ReclaimClean
        } else {
            Verdict::Reclaim
        };
        let ptes = used.ptes.min(u32::from(u8::MAX)) as u8;
        let told = || ReclaimStep::Looked { pfn, ptes, referenced, verdict };
        self.told_reclaim(t, Func::FolioCheckReferences, told);
        verdict
    }

    /// A page gets a slot in swap, which is to have its contents (`add_to_swap()`); a huge one gets 512 side by side.
    pub(super) fn add_to_swap(&mut self, t: &mut Trace<'_>, pfn: Pfn) -> Option<SwapEntry> {
        let reclaim = self.reclaim_mut()?;
        let entry = reclaim.get_swap_page(pfn)?;
        reclaim.cache_swap(entry, pfn);
        self.set_cached(pfn, true);
        self.set_dirty(pfn, true);
        self.told_reclaim(t, Func::AddToSwap, || ReclaimStep::AddedToSwap { pfn, entry });
        Some(entry)
    }

    /// All entries that lead to a page go (`try_to_unmap()`); what they say instead is where it will be.
    ///
    /// # Errors
    /// Why they stay: it was written to since it was said that it may be thrown away, or has to stay in memory.
    fn try_to_unmap(&mut self, t: &mut Trace<'_>, sc: &Scan, pfn: Pfn) -> Result<(), Kept> {
        let is_anon = self.processes.mapped(pfn).file().is_none();
        let lazyfree = is_anon && !self.is_swapbacked(pfn);
        let is_huge = self.pages_of(&[pfn]) > 1;
        if is_huge {
            self.split_huge_pmds(t, pfn, sc.cpu);
        }
        let places = self.rmap(pfn);
        if places.iter().any(|place| place.locked) {
            if let Some(reclaim) = self.reclaim_mut().filter(|_| !is_huge) {
                reclaim.set_flags(pfn, LruFlags::UNEVICTABLE);
                reclaim.clear_flags(pfn, LruFlags::ACTIVE);
            }
            return Err(Kept::Mlocked);
        }
        if lazyfree && (places.iter().any(|place| place.pte.has(Pte::DIRTY)) || self.is_dirty(pfn)) {
            // It is ordinary memory again.
            self.set_lazyfree(pfn, false);
            return Err(Kept::Redirtied);
        }
        if is_huge {
            self.unmap_huge(t, sc.cpu, pfn, &places);
            return Ok(());
        }
        for place in places {
            let entry = self.reclaim().and_then(|reclaim| reclaim.page(pfn).swap()).filter(|_| is_anon);
            let now = match entry {
                Some(entry) => {
                    let exclusive = self.processes.mapped(pfn).exclusive;
                    if let Some(reclaim) = self.reclaim_mut() {
                        reclaim.swap_duplicate(entry);
                    }
                    Pte::swap(entry, exclusive)
                }
                None => Pte(0),
            };
            self.unmap_for_reclaim(t, sc.cpu, &place.into(), now);
            let (process, address) = (place.process, place.address);
            let told = || ReclaimStep::Unmapped { pfn, process, address, entry };
            self.told_reclaim(t, Func::TryToUnmap, told);
        }
        Ok(())
    }

    /// A dirty page is written (`pageout()`): whether it is there at once. None: there is nowhere for it to go.
    fn pageout(&mut self, t: &mut Trace<'_>, pfn: Pfn) -> Option<bool> {
        if let Some((file, index)) = self.processes.mapped(pfn).file() {
            let is_shmem = self.processes.file(file).is_some_and(|file| file.shmem);
            if !is_shmem {
                self.write_page(t, file, index, pfn);
                self.reclaim_mut()?.count(VmEvent::VmscanWrite, 1);
                return Some(false);
            }
            // Shared memory moves from its file to swap (`shmem_writepage()`).
            if !self.reclaim()?.page(pfn).flags.has(LruFlags::SWAPCACHE) {
                let entry = self.add_to_swap(t, pfn)?;
                self.reclaim_mut()?.swap_duplicate(entry);
                self.shmem_to_swap(file, index, pfn, entry);
            }
        }
        let entry = self.reclaim()?.page(pfn).swap()?;
        let pages = self.pages_of(&[pfn]);
        let saved: Vec<_> = (0..pages as u32).map(|at| self.saved_contents(Pfn(pfn.0 + at))).collect();
        self.set_dirty(pfn, false);
        let reclaim = self.reclaim_mut()?;
        let at_once = reclaim.medium(entry) == Medium::Zram;
        for (entry, saved) in reclaim.slots_of(pfn).zip(saved) {
            reclaim.set_swap_contents(entry, saved);
        }
        reclaim.count(VmEvent::VmscanWrite, pages);
        reclaim.count(VmEvent::PswpOut, pages);
        reclaim.set_flags(pfn, LruFlags::RECLAIM);
        if !at_once {
            reclaim.set_flags(pfn, LruFlags::WRITEBACK);
            reclaim.in_flight.push(pfn);
        } else {
            reclaim.clear_flags(pfn, LruFlags::RECLAIM);
            reclaim.count(VmEvent::Written, pages);
        }
        if pages > 1 {
            self.count_thp_swpout();
        }
        self.told_reclaim(t, Func::Pageout, || ReclaimStep::PagedOut { pfn, entry, at_once });
        Some(at_once)
    }

    /// A page that nobody maps and that is clean goes (`__remove_mapping()`); a shadow stays.
    fn remove_mapping(&mut self, t: &mut Trace<'_>, (node, within): (u8, GroupId), pfn: Pfn) {
        let of_file = self.processes.mapped(pfn).file();
        let Some(reclaim) = self.reclaim_mut() else { return };
        let swap = reclaim.page(pfn).swap();
        let group = reclaim.group_of(pfn);
        let has_place = swap.is_some() || of_file.is_some();
        let shadow = has_place.then(|| reclaim.workingset_eviction(node, within, pfn));
        match (swap, of_file, shadow) {
            (Some(entry), _, Some(shadow)) => {
                let slots = reclaim.slots_of(pfn);
                reclaim.uncache_swap(entry);
                slots.for_each(|entry| reclaim.set_swap_shadow(entry, shadow));
            }
            (None, Some((file, index)), Some(shadow)) => {
                self.set_file_entry(file, index, Some(Entry::Shadow(shadow)));
            }
            _ => {
                let pages = reclaim.page(pfn).pages();
                reclaim.count_both(group, VmEvent::PgLazyfreed, pages);
            }
        }
        if let Some(reclaim) = self.reclaim_mut() {
            reclaim.no_longer_isolated(pfn);
            reclaim.clear_flags(pfn, LruFlags::ISOLATED);
        }
        self.release_page(pfn);
        self.told_reclaim(t, Func::RemoveMapping, || ReclaimStep::Reclaimed {
            pfn,
            age: shadow.map(|s| s.age),
        });
    }

    /// Active pages are taken from the tail of a list and become inactive, but for code that was used
    /// (`shrink_active_list()`).
    pub(super) fn shrink_active_list(
        &mut self,
        t: &mut Trace<'_>,
        sc: &mut Scan,
        (node, group): (u8, GroupId),
        lru: Lru,
        most: u64,
    ) {
        t.within(Func::ShrinkActiveList, |t| {
            self.lru_add_drain(t, sc.cpu);
            if !t.looks() && self.deactivate_unseen(sc, lru, most) {
                return;
            }
            let taken = self.isolate(t, sc, (node, group), lru, most);
            if taken.is_empty() {
                return;
            }
            let pages = self.pages_of(&taken);
            if let Some(reclaim) = self.reclaim_mut() {
                if sc.within.is_root() {
                    reclaim.count(VmEvent::PgRefill, pages);
                }
                reclaim.count_in(group, VmEvent::PgRefill, pages);
            }
            let (mut stay, mut go) = (Vec::new(), Vec::new());
            for pfn in &taken {
                let unevictable =
                    self.reclaim().is_some_and(|r| r.page(*pfn).flags.has(LruFlags::UNEVICTABLE));
                let used = self.folio_referenced(t, *pfn, sc.cpu);
                let stays = !unevictable && used.ptes > 0 && used.exec && lru.is_file();
                if stays || unevictable {
                    stay.push(*pfn);
                } else {
                    go.push(*pfn);
                    if let Some(reclaim) = self.reclaim_mut() {
                        reclaim.clear_flags(*pfn, LruFlags::ACTIVE);
                        reclaim.set_flags(*pfn, LruFlags::WORKINGSET);
                    }
                }
                self.told_reclaim(t, Func::ShrinkActiveList, || ReclaimStep::Aged { pfn: *pfn, stays });
            }
            let (stayed, gone) = (self.pages_of(&stay), self.pages_of(&go));
            self.put_back(node, lru, &stay);
            self.put_back(node, lru, &go);
            if let Some(reclaim) = self.reclaim_mut() {
                reclaim.count_both(group, VmEvent::PgDeactivate, gone);
            }
            let told = || ReclaimStep::Shrunk {
                node,
                lru,
                taken: pages as u16,
                gone: gone as u16,
                active: stayed as u16,
            };
            self.told_reclaim(t, Func::ShrinkActiveList, told);
        });
    }
}

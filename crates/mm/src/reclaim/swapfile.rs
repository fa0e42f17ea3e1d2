//! Areas of swap and their slots (mm/swapfile.c, 6.1): a slot for a page, counted by the entries that lead to it.
//!
//! Slots are taken one after the other from where the last one was found; the per-CPU cache of 64 of them and the clusters
//! that each CPU of a solid-state disk has for itself are left out. For a huge page it takes 512 slots side by side, a whole
//! cluster that nobody has a slot of; only what does not turn has clusters, which is zram here.

use std::collections::BTreeMap;

use super::{GroupId, Reclaim};
use crate::cow::CowVec;
use crate::hash::Digest;
use crate::process::{HPAGE_PAGES, Saved};
use crate::units::{NrPages, Pfn};
use crate::xarray::{Shadow, SwapEntry};

/// Slots that a huge page is written to, side by side (`SWAPFILE_CLUSTER`, with `CONFIG_THP_SWAP`).
pub const SWAPFILE_CLUSTER: u32 = HPAGE_PAGES;
/// Areas that a machine can have (`MAX_SWAPFILES`, without those of other uses).
pub const MAX_SWAPFILES: usize = 28;

/// Where swapped pages lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub enum Medium {
    /// A disk: writing takes until the next unit, and what is read brings its neighbours.
    #[default]
    Disk,
    /// Compressed in memory (zram): done at once, and page by page. What it takes itself is not counted.
    Zram,
}

/// An area as a scenario says it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SwapSpec {
    /// Its size; the first page is its header.
    pub pages: NrPages,
    /// Those with a higher one are used first; none: each new one comes after all others.
    pub priority: Option<i16>,
    /// Where it lies.
    pub medium: Medium,
}

/// An area of swap (`struct swap_info_struct`).
#[derive(Clone)]
pub struct SwapArea {
    /// Its size, the header included.
    pub pages: u32,
    /// Those with a higher one are used first.
    pub priority: i16,
    /// Where it lies.
    pub medium: Medium,
    /// Entries that lead to each slot (`swap_map`); the highest bit: a page in memory has the same contents.
    map: CowVec<u8, 1024>,
    /// Where the next slot is looked for (`cluster_next`).
    next: u32,
    used: u32,
    /// Slots whose page is in memory, or shadows of those that were (the swap cache).
    cache: BTreeMap<u32, Pfn>,
    shadows: BTreeMap<u32, Shadow>,
    /// The group that each slot is charged to (`swap_cgroup_ctrl[]`).
    groups: CowVec<GroupId, 1024>,
    /// What lies in the slots, where somebody said so.
    contents: BTreeMap<u32, Saved>,
}

/// A page in memory has the contents of the slot (`SWAP_HAS_CACHE`).
const HAS_CACHE: u8 = 0x80;
/// Entries that are counted for one slot; a machine has fewer processes.
const MAX_COUNT: u8 = 0x7f;

pub(super) fn areas(specs: &[SwapSpec]) -> Vec<SwapArea> {
    // Automatic ones are -2, -3 and so on.
    let mut automatic = -1;
    let area = |spec: &SwapSpec| {
        let pages = u32::try_from(spec.pages.0).unwrap_or(u32::MAX);
        SwapArea {
            pages,
            priority: spec.priority.unwrap_or_else(|| {
                automatic -= 1;
                automatic
            }),
            medium: spec.medium,
            map: CowVec::filled(pages, 0),
            next: 1,
            used: 0,
            cache: BTreeMap::new(),
            shadows: BTreeMap::new(),
            groups: CowVec::filled(pages, GroupId::ROOT),
            contents: BTreeMap::new(),
        }
    };
    specs.iter().take(MAX_SWAPFILES).map(area).collect()
}

impl SwapArea {
    /// Slots that there are: all pages but the header.
    #[must_use]
    pub fn slots(&self) -> u32 {
        self.pages.saturating_sub(1)
    }

    /// Slots that nobody has.
    #[must_use]
    pub fn free(&self) -> u32 {
        self.slots() - self.used
    }

    /// Entries that lead to a slot.
    #[must_use]
    pub fn count(&self, offset: u32) -> u8 {
        self.map.get_or_fill(offset) & MAX_COUNT
    }

    /// Whether a page in memory has the contents of a slot, or will have.
    #[must_use]
    pub fn has_cache(&self, offset: u32) -> bool {
        self.map.get_or_fill(offset) & HAS_CACHE != 0
    }

    /// The page in memory that has the contents of a slot.
    #[must_use]
    pub fn cached(&self, offset: u32) -> Option<Pfn> {
        self.cache.get(&offset).copied()
    }

    /// The group that a slot is charged to.
    #[must_use]
    pub fn group(&self, offset: u32) -> GroupId {
        *self.groups.get_or_fill(offset)
    }

    /// Pages in memory that have slots.
    #[must_use]
    pub fn in_cache(&self) -> u32 {
        self.cache.len() as u32
    }

    /// A slot that nobody has, for a page in memory (`scan_swap_map_slots()`).
    fn take(&mut self, pfn: Pfn) -> Option<u32> {
        if self.free() == 0 {
            return None;
        }
        let all = (self.next..self.pages).chain(1..self.next);
        let offset = { all }.find(|offset| *self.map.get_or_fill(*offset) == 0)?;
        self.next = if offset + 1 < self.pages { offset + 1 } else { 1 };
        self.map.set(offset, HAS_CACHE);
        self.cache.insert(offset, pfn);
        self.used += 1;
        Some(offset)
    }

    /// Slots side by side that nobody has, for a huge page in memory (`swap_alloc_cluster()`); the first of them.
    fn take_cluster(&mut self, head: Pfn) -> Option<u32> {
        let first = self.clusters().find(|first| self.is_free_cluster(*first))?;
        for at in 0..SWAPFILE_CLUSTER {
            self.map.set(first + at, HAS_CACHE);
            self.cache.insert(first + at, Pfn(head.0 + at));
        }
        self.used += SWAPFILE_CLUSTER;
        Some(first)
    }

    /// The first slots of its clusters, but for the one with the header and for what is left at the end; where nothing is
    /// gained by slots that lie side by side there are none (`SWP_SOLIDSTATE`).
    fn clusters(&self) -> impl Iterator<Item = u32> + use<> {
        let end = if self.medium == Medium::Zram { self.pages / SWAPFILE_CLUSTER } else { 0 };
        (1..end).map(|at| at * SWAPFILE_CLUSTER)
    }

    fn is_free_cluster(&self, first: u32) -> bool {
        self.free() >= SWAPFILE_CLUSTER
            && (first..first + SWAPFILE_CLUSTER).all(|offset| *self.map.get_or_fill(offset) == 0)
    }

    /// Clusters of 512 slots that nobody has one of (`free_clusters`): each has room for a huge page.
    #[must_use]
    pub fn free_clusters(&self) -> u32 {
        self.clusters().filter(|first| self.is_free_cluster(*first)).count() as u32
    }

    /// Its clusters, each with its first slot and how many of its slots are in use, 0 to 512.
    pub fn clusters_in_use(&self) -> impl Iterator<Item = (u32, u32)> + use<'_> {
        let used = |first: u32| {
            (first..first + SWAPFILE_CLUSTER).filter(|offset| *self.map.get_or_fill(*offset) != 0).count()
                as u32
        };
        self.clusters().map(move |first| (first, used(first)))
    }

    /// What is counted of a slot from now on; the group that it is charged to no longer, if it is nobody's.
    fn put(&mut self, offset: u32, now: u8) -> GroupId {
        self.map.set(offset, now);
        if now > 0 {
            return GroupId::ROOT;
        }
        self.used -= 1;
        self.shadows.remove(&offset);
        self.contents.remove(&offset);
        let group = self.group(offset);
        if !group.is_root() {
            self.groups.set(offset, GroupId::ROOT);
        }
        group
    }

    pub(super) fn digest(&self, to: &mut Digest) {
        to.word(u64::from(self.pages) << 32 | u64::from(self.priority as u16));
        to.word(u64::from(self.next) << 32 | u64::from(self.used));
        for (offset, count) in self.map.iter().enumerate().filter(|(_, count)| *count != 0) {
            to.word((offset as u64) << 8 | u64::from(count));
        }
        for (offset, pfn) in &self.cache {
            to.word(u64::from(*offset) << 32 | u64::from(pfn.0));
        }
        for (offset, shadow) in &self.shadows {
            to.word(u64::from(*offset) << 32 | u64::from(shadow.age));
        }
        for (offset, group) in self.groups.iter().enumerate().filter(|(_, group)| !group.is_root()) {
            to.word((offset as u64) << 8 | u64::from(group.raw()));
        }
        for (offset, saved) in &self.contents {
            to.word(u64::from(*offset));
            saved.digest(to);
        }
    }
}

impl Reclaim {
    fn area(&self, entry: SwapEntry) -> Option<&SwapArea> {
        self.areas.get(usize::from(entry.area))
    }

    fn area_mut(&mut self, entry: SwapEntry) -> Option<&mut SwapArea> {
        self.areas.get_mut(usize::from(entry.area))
    }

    /// Where an area's pages lie.
    pub(super) fn medium(&self, entry: SwapEntry) -> Medium {
        self.area(entry).map_or(Medium::Disk, |area| area.medium)
    }

    /// `SwapTotal` and `SwapFree`, in pages.
    #[must_use]
    pub fn swap_pages(&self) -> (u64, u64) {
        let sum = |of: fn(&SwapArea) -> u32| self.areas.iter().map(|area| u64::from(of(area))).sum();
        (sum(SwapArea::slots), sum(SwapArea::free))
    }

    /// Pages in memory that have a slot in swap (`SwapCached`).
    #[must_use]
    pub fn swap_cached(&self) -> u64 {
        self.areas.iter().map(|area| area.cache.len() as u64).sum()
    }

    /// Less than half of all slots are left (`vm_swap_full()`): pages that are in memory give theirs back.
    #[must_use]
    pub fn vm_swap_full(&self) -> bool {
        let (total, free) = self.swap_pages();
        free * 2 < total
    }

    /// Entries that lead to a slot.
    #[must_use]
    pub fn swap_count(&self, entry: SwapEntry) -> u8 {
        self.area(entry).map_or(0, |area| area.count(entry.offset))
    }

    /// The page in memory that has the contents of a slot (`swap_cache_get_folio()`).
    #[must_use]
    pub fn cached_swap(&self, entry: SwapEntry) -> Option<Pfn> {
        self.area(entry)?.cached(entry.offset)
    }

    /// A slot for a page, of the area with the highest priority that has one; those of the same priority in turn
    /// (`folio_alloc_swap()`). For a huge page 512 side by side, of that area or of none.
    pub(super) fn get_swap_page(&mut self, pfn: Pfn) -> Option<SwapEntry> {
        let best = self.areas.iter().filter(|area| area.free() > 0).map(|area| area.priority).max()?;
        let fits = |area: &SwapArea| area.priority == best && area.free() > 0;
        let count = self.areas.len();
        let turn = usize::from(self.swap.turn);
        let at = (0..count).map(|by| (turn + by) % count).find(|at| fits(&self.areas[*at]))?;
        let pages = self.page(pfn).pages() as u32;
        let has_room = pages == 1 || {
            let area = &self.areas[at];
            area.clusters().any(|first| area.is_free_cluster(first))
        };
        if !has_room || !self.try_charge_swap(pfn) {
            return None;
        }
        let area = &mut self.areas[at];
        let offset = if pages == 1 { area.take(pfn) } else { area.take_cluster(pfn) }?;
        let group = self.group_of(pfn);
        if !group.is_root() {
            (offset..offset + pages).for_each(|offset| self.areas[at].groups.set(offset, group));
        }
        self.swap.turn = ((at + 1) % count) as u8;
        Some(SwapEntry { area: at as u8, offset })
    }

    /// One more entry leads to a slot (`swap_duplicate()`).
    pub(crate) fn swap_duplicate(&mut self, entry: SwapEntry) {
        if let Some(area) = self.area_mut(entry) {
            let now = *area.map.get_or_fill(entry.offset);
            debug_assert!(now & MAX_COUNT < MAX_COUNT, "more entries than processes");
            area.map.set(entry.offset, now.saturating_add(1));
        }
    }

    /// One entry less does (`swap_free()`); whether the slot is nobody's now.
    pub(crate) fn swap_free(&mut self, entry: SwapEntry) -> bool {
        let Some(area) = self.area_mut(entry) else { return false };
        let now = *area.map.get_or_fill(entry.offset);
        if now & MAX_COUNT == 0 {
            return false;
        }
        let group = area.put(entry.offset, now - 1);
        self.uncharge_swap(group);
        now == 1
    }

    /// A page in memory will have the contents of a slot, a huge one those of 512 (`add_to_swap_cache()`); what was known of
    /// the one before.
    pub(super) fn cache_swap(&mut self, entry: SwapEntry, pfn: Pfn) -> Option<Shadow> {
        let pages = self.page(pfn).pages() as u32;
        let page = self.pages.get_mut(pfn.0);
        page.flags = page.flags.with(super::LruFlags::SWAPCACHE);
        (page.area, page.offset) = (entry.area, entry.offset);
        let area = self.area_mut(entry)?;
        for at in 0..pages {
            let offset = entry.offset + at;
            let now = *area.map.get_or_fill(offset);
            area.map.set(offset, now | HAS_CACHE);
            area.cache.insert(offset, Pfn(pfn.0 + at));
        }
        area.shadows.remove(&entry.offset)
    }

    /// Another frame has the page that has a slot's contents.
    pub(super) fn move_swap_cache(&mut self, entry: SwapEntry, to: Pfn) {
        let page = self.pages.get_mut(to.0);
        (page.area, page.offset) = (entry.area, entry.offset);
        if let Some(area) = self.area_mut(entry) {
            area.cache.insert(entry.offset, to);
        }
    }

    /// What was known of the page that a slot's contents had, without a page for them.
    pub(super) fn take_swap_shadow(&mut self, entry: SwapEntry) -> Option<Shadow> {
        self.area_mut(entry)?.shadows.remove(&entry.offset)
    }

    /// No page in memory has the contents of a slot any more, or of any of those of a huge page
    /// (`delete_from_swap_cache()`); nobody's slot is free.
    pub(crate) fn uncache_swap(&mut self, entry: SwapEntry) {
        let Some(pfn) = self.cached_swap(entry).map(|pfn| self.folio(pfn)) else { return };
        for entry in self.slots_of(pfn) {
            let Some(area) = self.area_mut(entry) else { return };
            area.cache.remove(&entry.offset);
            let now = *area.map.get_or_fill(entry.offset) & !HAS_CACHE;
            let group = area.put(entry.offset, now);
            self.uncharge_swap(group);
        }
        let page = self.pages.get_mut(pfn.0);
        page.flags = page.flags.without(super::LruFlags::SWAPCACHE);
        (page.area, page.offset) = (0, 0);
    }

    /// The page that has a frame: of a huge one the first (`page_folio()`), as far as the lists know.
    #[must_use]
    pub(crate) fn folio(&self, pfn: Pfn) -> Pfn {
        let head = Pfn(pfn.0 & !(HPAGE_PAGES - 1));
        if self.page(head).flags.has(super::LruFlags::HEAD) { head } else { pfn }
    }

    /// The slots that have the contents of a page, or will have: one, or 512 side by side.
    pub(crate) fn slots_of(&self, folio: Pfn) -> impl Iterator<Item = SwapEntry> + use<> {
        let page = self.page(folio);
        let first = page.swap().into_iter();
        let pages = page.pages() as u32;
        first.flat_map(move |of| (of.offset..of.offset + pages).map(move |offset| SwapEntry { offset, ..of }))
    }

    /// Whether any entry leads to a slot of a page in memory (`folio_swapped()`).
    #[must_use]
    pub(crate) fn folio_swapped(&self, folio: Pfn) -> bool {
        self.slots_of(folio).any(|entry| self.swap_count(entry) > 0)
    }

    /// What is known of a page that was taken away stays with its slot.
    pub(super) fn set_swap_shadow(&mut self, entry: SwapEntry, shadow: Shadow) {
        if let Some(area) = self.area_mut(entry).filter(|area| *area.map.get_or_fill(entry.offset) != 0) {
            area.shadows.insert(entry.offset, shadow);
        }
    }

    /// What lies in a slot from now on.
    pub(super) fn set_swap_contents(&mut self, entry: SwapEntry, saved: Option<Saved>) {
        let Some(area) = self.area_mut(entry) else { return };
        match saved {
            Some(saved) => {
                area.contents.insert(entry.offset, saved);
            }
            None => {
                area.contents.remove(&entry.offset);
            }
        }
    }

    /// What lies in a slot.
    pub(super) fn swap_contents(&self, entry: SwapEntry) -> Option<Saved> {
        self.area(entry)?.contents.get(&entry.offset).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(pages: u64, priority: Option<i16>) -> SwapSpec {
        SwapSpec { pages: NrPages(pages), priority, medium: Medium::Disk }
    }

    #[test]
    fn slots_come_one_after_the_other_and_the_first_page_is_no_slot() {
        let mut areas = areas(&[spec(4, None), spec(8, None), spec(8, Some(5))]);
        assert_eq!(areas.iter().map(|area| area.priority).collect::<Vec<_>>(), [-2, -3, 5]);
        let area = &mut areas[0];
        assert_eq!([1, 2, 3, 4].map(|pfn| area.take(Pfn(pfn))), [Some(1), Some(2), Some(3), None]);
        area.put(2, 0);
        assert_eq!((area.free(), area.take(Pfn(9))), (1, Some(2)));
    }

    #[test]
    fn a_cluster_is_whole_or_no_cluster() {
        let of = |pages, medium| areas(&[SwapSpec { medium, ..spec(pages, None) }]).remove(0);
        assert_eq!(of(4096, Medium::Disk).free_clusters(), 0);
        // The one with the header is none, and neither is what is left at the end.
        let mut area = of(4 * 512 - 1, Medium::Zram);
        assert_eq!((area.slots(), area.free_clusters()), (4 * 512 - 2, 2));
        assert_eq!(area.take_cluster(Pfn(1024)), Some(512));
        assert_eq!((area.free(), area.free_clusters(), area.cached(515)), (3 * 512 - 2, 1, Some(Pfn(1027))));
        // Single slots come from where they always did.
        assert_eq!(area.take(Pfn(7)), Some(1));
        area.next = 1030;
        assert_eq!((area.take(Pfn(8)), area.take_cluster(Pfn(1536))), (Some(1030), None));
        area.put(1030, 0);
        assert_eq!(area.take_cluster(Pfn(1536)), Some(1024));
    }
}

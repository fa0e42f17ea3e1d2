//! Areas of swap and their slots (mm/swapfile.c, 6.1): a slot for a page, counted by the entries that lead to it.
//!
//! Slots are taken one after the other from where the last one was found; the per-CPU cache of 64 of them and the clusters
//! of solid-state disks are left out.

use std::collections::BTreeMap;

use super::{GroupId, Reclaim};
use crate::cow::CowVec;
use crate::hash::Digest;
use crate::process::Saved;
use crate::units::{NrPages, Pfn};
use crate::xarray::{Shadow, SwapEntry};

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
    /// (`get_swap_page()`).
    pub(super) fn get_swap_page(&mut self, pfn: Pfn) -> Option<SwapEntry> {
        let best = self.areas.iter().filter(|area| area.free() > 0).map(|area| area.priority).max()?;
        let fits = |area: &SwapArea| area.priority == best && area.free() > 0;
        let count = self.areas.len();
        let turn = usize::from(self.swap.turn);
        let at = (0..count).map(|by| (turn + by) % count).find(|at| fits(&self.areas[*at]))?;
        if !self.try_charge_swap(pfn) {
            return None;
        }
        let offset = self.areas[at].take(pfn)?;
        let group = self.group_of(pfn);
        if !group.is_root() {
            self.areas[at].groups.set(offset, group);
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

    /// A page in memory will have the contents of a slot (`add_to_swap_cache()`); what was known of the one before.
    pub(super) fn cache_swap(&mut self, entry: SwapEntry, pfn: Pfn) -> Option<Shadow> {
        let page = self.pages.get_mut(pfn.0);
        page.flags = page.flags.with(super::LruFlags::SWAPCACHE);
        (page.area, page.offset) = (entry.area, entry.offset);
        let area = self.area_mut(entry)?;
        let now = *area.map.get_or_fill(entry.offset);
        area.map.set(entry.offset, now | HAS_CACHE);
        area.cache.insert(entry.offset, pfn);
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

    /// No page in memory has the contents of a slot any more (`delete_from_swap_cache()`); nobody's slot is free.
    pub(crate) fn uncache_swap(&mut self, entry: SwapEntry) {
        let Some(area) = self.area_mut(entry) else { return };
        let Some(pfn) = area.cache.remove(&entry.offset) else { return };
        let now = *area.map.get_or_fill(entry.offset) & !HAS_CACHE;
        let group = area.put(entry.offset, now);
        self.uncharge_swap(group);
        let page = self.pages.get_mut(pfn.0);
        page.flags = page.flags.without(super::LruFlags::SWAPCACHE);
        (page.area, page.offset) = (0, 0);
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
}

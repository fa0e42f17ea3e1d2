//! The laws of reclaim, which hold at every step.

use std::collections::{BTreeMap, BTreeSet};

use super::Reclaim;
use super::lruvec::{Lru, LruFlags, LruPage};
use super::swap::Batch;
use crate::Machine;
use crate::mmzone::ZoneId;
use crate::page::PageState;
use crate::process::HPAGE_PAGES;
use crate::units::{CpuId, Pfn, Vaddr};
use crate::xarray::{Entry, SwapEntry};

impl Machine {
    /// Every page is on one list or none, as its flags say, counters equal a recount, and a slot has as many references as
    /// entries.
    ///
    /// # Errors
    /// The first law that does not hold.
    pub(crate) fn check_reclaim(&self) -> Result<(), String> {
        let Some(reclaim) = self.reclaim() else { return Ok(()) };
        let listed = self.check_lru_lists(reclaim)?;
        self.check_places(reclaim, &listed)?;
        self.check_swap(reclaim)?;
        self.check_groups(reclaim)?;
        self.check_split_queue(reclaim)?;
        self.check_huge_lists(reclaim)?;
        self.check_dirty(reclaim)
    }

    fn check_lru_lists(&self, reclaim: &Reclaim) -> Result<BTreeSet<Pfn>, String> {
        let mut listed = BTreeSet::new();
        let mut sizes = vec![[0u64; 5]; self.zones().len()];
        let nodes = (0u8..).zip(reclaim.nodes()).map(|(node, _)| node);
        for (node, group) in nodes.flat_map(|node| reclaim.group_ids().map(move |group| (node, group))) {
            for lru in Lru::ALL {
                let mut count = 0;
                for pfn in reclaim.list_of(node, group, lru) {
                    if reclaim.group_of(pfn) != group {
                        let of = reclaim.group_of(pfn);
                        return Err(format!("frame {pfn} of {of:?} is on a list of {group:?}"));
                    }
                    if !listed.insert(pfn) {
                        return Err(format!("frame {pfn} is on two lists, or a list goes in circles"));
                    }
                    let flags = reclaim.page(pfn).flags;
                    if !flags.has(LruFlags::LRU) || flags.has(LruFlags::ISOLATED) {
                        return Err(format!("frame {pfn} is on {lru:?}, and its flags say {flags:?}"));
                    }
                    if self.lru_of(pfn) != lru {
                        return Err(format!(
                            "frame {pfn} is on {lru:?} and belongs to {:?}",
                            self.lru_of(pfn)
                        ));
                    }
                    let (its_node, zone) = self.node_and_zone(pfn);
                    if its_node != node {
                        return Err(format!("frame {pfn} of node {its_node} is on a list of node {node}"));
                    }
                    let pages = reclaim.page(pfn).pages();
                    sizes[zone.index()][lru as usize] += pages;
                    count += pages;
                }
                if count != reclaim.lruvec(node, group).len(lru) {
                    return Err(format!(
                        "{lru:?} of node {node} has {count} pages, not {}",
                        reclaim.lruvec(node, group).len(lru)
                    ));
                }
            }
        }
        for (at, sizes) in (0u8..).zip(&sizes) {
            if reclaim.zone_sizes(ZoneId(at)) != *sizes {
                return Err(format!(
                    "zone {at}: {:?} on its lists, not {sizes:?}",
                    reclaim.zone_sizes(ZoneId(at))
                ));
            }
        }
        Ok(listed)
    }

    fn check_places(&self, reclaim: &Reclaim, listed: &BTreeSet<Pfn>) -> Result<(), String> {
        let mut waiting = BTreeSet::new();
        for cpu in (0..self.cpus()).map(CpuId) {
            for batch in Batch::ALL {
                for pfn in reclaim.batch(cpu, batch) {
                    waiting.insert(*pfn);
                    let on_list = listed.contains(pfn);
                    if batch == Batch::Add && on_list {
                        return Err(format!("frame {pfn} waits for a list and is on one"));
                    }
                }
            }
        }
        let isolated: BTreeSet<Pfn> = reclaim.isolated().iter().copied().collect();
        let counted: u64 = reclaim.nodes().iter().flat_map(|node| node.lruvec.isolated).sum();
        let pages: u64 = isolated.iter().map(|pfn| reclaim.page(*pfn).pages()).sum();
        // (What went is counted until the whole batch is done.)
        if counted < pages {
            return Err(format!("{pages} pages are off their lists, not {counted}"));
        }
        let in_flight: BTreeSet<Pfn> = reclaim.in_flight().iter().copied().collect();
        for (pfn, page) in reclaim.pages.iter().enumerate().filter(|(_, page)| *page != LruPage::NOTHING) {
            let pfn = Pfn(pfn as u32);
            let has = |flag| page.flags.has(flag);
            if self.page(pfn).state != PageState::Allocated {
                return Err(format!("frame {pfn} is nobody's, and {page:?}"));
            }
            let places = [
                (LruFlags::LRU, listed.contains(&pfn)),
                (LruFlags::BATCHED, waiting.contains(&pfn)),
                (LruFlags::ISOLATED, isolated.contains(&pfn)),
                (LruFlags::WRITEBACK, in_flight.contains(&pfn)),
            ];
            if let Some((flag, is)) = places.iter().find(|(flag, is)| has(*flag) != *is) {
                return Err(format!("frame {pfn}: {flag:?} is {is}, and its flags say {:?}", page.flags));
            }
            let mapped = self.processes().mapped(pfn);
            if mapped.file().is_none() && has(LruFlags::SWAPCACHE) != mapped.cached {
                return Err(format!("frame {pfn}: {mapped:?}, and its flags say {:?}", page.flags));
            }
            if let Some(entry) = page.swap()
                && reclaim.cached_swap(entry) != Some(pfn)
            {
                return Err(format!("frame {pfn} has slot {entry:?}, which knows nothing of it"));
            }
            let entries = self.processes().huge().of(pfn).map_or(mapped.mapcount, |(_, of)| of.entries());
            if entries > 0 && self.rmap(pfn).len() as u32 != entries {
                let found = self.rmap(pfn).len();
                return Err(format!("frame {pfn}: {mapped:?}, and {found} entries are found for {page:?}"));
            }
        }
        Ok(())
    }

    /// A huge page that anybody has is one to the lists, and what is one to them is huge; its other frames are nothing to
    /// them. Its slots lie side by side.
    fn check_huge_lists(&self, reclaim: &Reclaim) -> Result<(), String> {
        let huge = self.processes().huge();
        let heads = reclaim.pages.iter().enumerate().filter(|(_, page)| page.flags.has(LruFlags::HEAD));
        let mut heads: BTreeSet<Pfn> = heads.map(|(pfn, _)| Pfn(pfn as u32)).collect();
        for (head, compound) in huge.compounds() {
            let known = heads.remove(&head);
            // (Between the entry and the list there are steps.)
            if !known && reclaim.page(head) != LruPage::NOTHING {
                return Err(format!("huge page {head}: {compound:?}, and {:?}", reclaim.page(head)));
            }
            let tails = || (head.0 + 1..head.0 + HPAGE_PAGES).map(Pfn);
            if let Some(tail) = tails().find(|pfn| reclaim.page(*pfn) != LruPage::NOTHING) {
                return Err(format!("frame {tail} of huge page {head}: {:?}", reclaim.page(tail)));
            }
            for (entry, pfn) in reclaim.slots_of(head).zip(head.0..) {
                if reclaim.cached_swap(entry) != Some(Pfn(pfn)) {
                    return Err(format!("slot {entry:?} of huge page {head} does not know it"));
                }
            }
            let other = tails().find(|pfn| self.processes().mapped(*pfn).cached);
            if known && (other.is_some() || reclaim.page(head).flags.has(LruFlags::WRITEBACK)) {
                return Err(format!("huge page {head}: {other:?}, {:?}", reclaim.page(head)));
            }
        }
        match heads.first() {
            Some(head) => Err(format!("{head} is huge on the lists, and nowhere else")),
            None => Ok(()),
        }
    }

    fn check_swap(&self, reclaim: &Reclaim) -> Result<(), String> {
        let mut counts: BTreeMap<SwapEntry, u32> = BTreeMap::new();
        for mm in self.processes().mms() {
            let mut swapents = 0;
            for (.., entry, _) in self.processes().tables().swaps(mm.pgd, Vaddr(0), mm.top) {
                *counts.entry(entry).or_default() += 1;
                swapents += 1;
            }
            if swapents != mm.swapents {
                return Err(format!("{:?} has {swapents} entries in swap, not {}", mm.name, mm.swapents));
            }
        }
        for (_, file) in self.processes().files() {
            for (_, entry) in file.entries() {
                if let Entry::Swap(entry) = entry {
                    *counts.entry(entry).or_default() += 1;
                }
            }
        }
        for (at, area) in (0u8..).zip(reclaim.areas()) {
            let mut used = 0;
            for offset in 1..area.pages {
                let entry = SwapEntry { area: at, offset };
                let count = counts.remove(&entry).unwrap_or(0);
                let (says, cached) = (u32::from(area.count(offset)), area.has_cache(offset));
                if says != count {
                    return Err(format!(
                        "slot {entry:?} is counted {says} times, and {count} entries lead to it"
                    ));
                }
                if cached != area.cached(offset).is_some() {
                    return Err(format!("slot {entry:?} and the swap cache do not agree"));
                }
                used += u32::from(count > 0 || cached);
            }
            if area.slots() - used != area.free() {
                return Err(format!("area {at} has {used} slots in use, and {} free", area.free()));
            }
        }
        match counts.into_iter().next() {
            Some((entry, _)) => Err(format!("an entry leads to {entry:?}, which is no slot")),
            None => Ok(()),
        }
    }

    fn check_dirty(&self, reclaim: &Reclaim) -> Result<(), String> {
        let mut dirty = BTreeSet::new();
        for (id, file) in self.processes().files().filter(|(_, file)| !file.shmem) {
            for (index, pfn) in file.cache() {
                if self.processes().mapped(pfn).dirty {
                    dirty.insert((id, index));
                }
            }
        }
        if reclaim.dirty().collect::<BTreeSet<_>>() != dirty {
            return Err(format!("{} pages of files are dirty, not {}", dirty.len(), reclaim.nr_dirty()));
        }
        Ok(())
    }
}

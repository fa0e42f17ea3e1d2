//! What migration asks of the lists (mm/vmscan.c: `folio_isolate_lru()`, `folio_putback_lru()`; mm/migrate.c:
//! `folio_migrate_flags()`, 6.1).

use super::lruvec::{LruFlags, LruPage};
use super::{GroupId, Reclaim};
use crate::Machine;
use crate::units::Pfn;

impl Reclaim {
    /// Whether a page is being read.
    pub(crate) fn is_locked(&self, pfn: Pfn) -> bool {
        self.locked.contains(&pfn)
    }
}

impl Machine {
    /// A page leaves its list, to be moved; one that is on none stays as it is.
    pub(crate) fn isolate_lru_page(&mut self, pfn: Pfn) {
        let listed = self.reclaim().is_some_and(|reclaim| reclaim.page(pfn).flags.has(LruFlags::LRU));
        if !listed {
            return;
        }
        let (lru, (node, zone)) = (self.lru_of(pfn), self.node_and_zone(pfn));
        let Some(reclaim) = self.reclaim_mut() else { return };
        reclaim.del(node, zone, lru, pfn);
        reclaim.set_flags(pfn, LruFlags::ISOLATED);
        reclaim.isolated.push(pfn);
        let pages = reclaim.page(pfn).pages();
        reclaim.nodes[usize::from(node)].lruvec.isolated[usize::from(lru.is_file())] += pages;
    }

    /// A page that was taken from its list goes back there.
    pub(crate) fn putback_lru_page(&mut self, pfn: Pfn) {
        let isolated = self.reclaim().is_some_and(|reclaim| reclaim.page(pfn).flags.has(LruFlags::ISOLATED));
        if !isolated {
            return;
        }
        let (lru, (node, zone)) = (self.lru_of(pfn), self.node_and_zone(pfn));
        let Some(reclaim) = self.reclaim_mut() else { return };
        reclaim.clear_flags(pfn, LruFlags::ISOLATED);
        reclaim.no_longer_isolated(pfn);
        let pages = reclaim.page(pfn).pages();
        reclaim.nodes[usize::from(node)].lruvec.isolated[usize::from(lru.is_file())] -= pages;
        reclaim.add(node, zone, lru, pfn);
    }

    /// What the lists know of a page is known of another frame, which is on none yet: its flags, its slot in swap, its
    /// group, and where in its area it belongs. What is known of the page's file has moved before.
    pub(crate) fn migrate_lru(&mut self, from: Pfn, to: Pfn) {
        let is_file = !self.is_swapbacked(to);
        let node = usize::from(self.node_and_zone(from).0);
        let Some(reclaim) = self.reclaim_mut() else { return };
        let page = reclaim.page(from);
        if page == LruPage::NOTHING {
            return;
        }
        if page.flags.has(LruFlags::ISOLATED) {
            reclaim.no_longer_isolated(from);
            reclaim.nodes[node].lruvec.isolated[usize::from(is_file)] -= 1;
        }
        if page.flags.has(LruFlags::BATCHED) {
            for waiting in reclaim.batches.iter_mut().flat_map(super::swap::Batches::all) {
                waiting.retain(|at| *at != from);
            }
        }
        let flags = page.flags.without(LruFlags::ISOLATED.with(LruFlags::BATCHED).with(LruFlags::LRU));
        let moved = reclaim.pages.get_mut(to.0);
        (moved.flags, moved.index) = (flags, page.index);
        reclaim.pages.set(from.0, LruPage::NOTHING);
        if let Some(entry) = page.swap() {
            reclaim.move_swap_cache(entry, to);
        }
        let group = reclaim.group_of(from);
        if !group.is_root() {
            reclaim.groups.move_charge(from, to, group);
        }
    }
}

impl super::memcontrol::Groups {
    /// The charge of a page goes with it (`mem_cgroup_migrate()`).
    fn move_charge(&mut self, from: Pfn, to: Pfn, group: GroupId) {
        self.of_frame.set(from.0, GroupId::ROOT);
        self.of_frame.set(to.0, group);
    }
}

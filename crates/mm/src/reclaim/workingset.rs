//! What is known of a page that comes back (mm/workingset.c, 6.1): how long it was away, measured in pages that were taken
//! away or became active meanwhile.

use super::balance::refault;
use super::lruvec::{Lru, LruFlags};
use super::{GroupId, Reclaim, VmEvent};
use crate::Machine;
use crate::step::{Func, ReclaimStep, Trace};
use crate::units::Pfn;
use crate::xarray::Shadow;

impl Reclaim {
    /// What is left of a page that is taken away (`workingset_eviction()`).
    /// `within` is the group that had to find room in itself.
    pub(super) fn workingset_eviction(&mut self, node: u8, within: GroupId, pfn: Pfn) -> Shadow {
        let workingset = self.page(pfn).flags.has(LruFlags::WORKINGSET);
        let age = self.lruvec(node, within).nonresident_age as u32;
        self.age_nonresident(node, within, self.page(pfn).pages());
        Shadow { age, workingset, node, group: within.raw() }
    }
}

impl Machine {
    /// A page became active (`workingset_activation()`).
    pub(super) fn workingset_activation(&mut self, pfn: Pfn) {
        let (node, _) = self.node_and_zone(pfn);
        if let Some(reclaim) = self.reclaim_mut() {
            let (group, pages) = (reclaim.group_of(pfn), reclaim.page(pfn).pages());
            reclaim.age_nonresident(node, group, pages);
        }
    }

    /// A page comes back that was taken away (`workingset_refault()`): had fewer pages been active, it would have stayed, and
    /// so it becomes active itself.
    pub(crate) fn workingset_refault(&mut self, t: &mut Trace<'_>, pfn: Pfn, shadow: Shadow) {
        let is_file = !self.is_swapbacked(pfn);
        let Some(reclaim) = self.reclaim_mut() else { return };
        // It is measured by the lists that it was taken from; what comes of it counts for the group that has it now.
        let mut others = reclaim.group_ids().skip(1);
        let within = others.find(|group| group.raw() == shadow.group).unwrap_or_default();
        let group = reclaim.group_of(pfn);
        let has_swap = reclaim.swap_left(within) > 0;
        let kind = usize::from(is_file);
        let node = shadow.node.min(reclaim.nodes.len() as u8 - 1);
        let now = reclaim.lruvec(node, within).nonresident_age as u32;
        let len = |lru| reclaim.len_within(node, within, lru);
        // Who competes with it: of its own kind only those that are active.
        let size = match (is_file, has_swap) {
            (true, false) => len(Lru::ActiveFile),
            (true, true) => len(Lru::ActiveFile) + len(Lru::ActiveAnon) + len(Lru::InactiveAnon),
            (false, false) => len(Lru::ActiveFile) + len(Lru::InactiveFile),
            (false, true) => len(Lru::ActiveFile) + len(Lru::InactiveFile) + len(Lru::ActiveAnon),
        };
        let events = |anon, file| if is_file { file } else { anon };
        reclaim.count_both(group, events(VmEvent::WorkingsetRefaultAnon, VmEvent::WorkingsetRefaultFile), 1);
        let (distance, activated) = refault(now, shadow.age, size);
        let restored = activated && shadow.workingset;
        if activated {
            reclaim.set_flags(pfn, LruFlags::ACTIVE);
            reclaim.age_nonresident(node, group, 1);
            reclaim.count_activated(node, group, kind);
            let event = events(VmEvent::WorkingsetActivateAnon, VmEvent::WorkingsetActivateFile);
            reclaim.count_both(group, event, 1);
        }
        if restored {
            reclaim.set_flags(pfn, LruFlags::WORKINGSET);
            reclaim.note_cost(node, group, is_file, 1);
            let event = events(VmEvent::WorkingsetRestoreAnon, VmEvent::WorkingsetRestoreFile);
            reclaim.count_both(group, event, 1);
        }
        let size = u32::try_from(size).unwrap_or(u32::MAX);
        let told = || ReclaimStep::Refault { pfn, distance, size, activated, restored };
        self.told_reclaim(t, Func::WorkingsetRefault, told);
    }
}

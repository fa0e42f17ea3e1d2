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

    /// See [`Machine::workingset_refault`].
    #[inline]
    pub(super) fn refaults(&mut self, pfn: Pfn, shadow: Shadow, is_file: bool) -> Refault {
        // It is measured by the lists that it was taken from; what comes of it counts for the group that has it now.
        let (within, group) = match self.groups.has_any() {
            true => {
                let within = self.group_ids().find(|group| group.raw() == shadow.group);
                (within.unwrap_or_default(), self.group_of(pfn))
            }
            false => (GroupId::ROOT, GroupId::ROOT),
        };
        let has_swap = self.swap_left(within) > 0;
        let node = shadow.node.min(self.nodes.len() as u8 - 1);
        let now = self.lruvec(node, within).nonresident_age as u32;
        let len = |lru| self.len_within(node, within, lru);
        // Who competes with it: of its own kind only those that are active.
        let size = match (is_file, has_swap) {
            (true, false) => len(Lru::ActiveFile),
            (true, true) => len(Lru::ActiveFile) + len(Lru::ActiveAnon) + len(Lru::InactiveAnon),
            (false, false) => len(Lru::ActiveFile) + len(Lru::InactiveFile),
            (false, true) => len(Lru::ActiveFile) + len(Lru::InactiveFile) + len(Lru::ActiveAnon),
        };
        let events = |anon, file| if is_file { file } else { anon };
        self.count_both(group, events(VmEvent::WorkingsetRefaultAnon, VmEvent::WorkingsetRefaultFile), 1);
        let (distance, activated) = refault(now, shadow.age, size);
        let restored = activated && shadow.workingset;
        if activated {
            self.set_flags(pfn, LruFlags::ACTIVE);
            self.age_nonresident(node, group, 1);
            self.count_activated(node, group, usize::from(is_file));
            let event = events(VmEvent::WorkingsetActivateAnon, VmEvent::WorkingsetActivateFile);
            self.count_both(group, event, 1);
        }
        if restored {
            self.set_flags(pfn, LruFlags::WORKINGSET);
            self.note_cost(node, group, is_file, 1);
            let event = events(VmEvent::WorkingsetRestoreAnon, VmEvent::WorkingsetRestoreFile);
            self.count_both(group, event, 1);
        }
        Refault { distance, size, activated, restored }
    }
}

/// What a page comes to that was taken away before.
pub(super) struct Refault {
    distance: u32,
    size: u64,
    activated: bool,
    restored: bool,
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
        let Refault { distance, size, activated, restored } = reclaim.refaults(pfn, shadow, is_file);
        let size = u32::try_from(size).unwrap_or(u32::MAX);
        let told = || ReclaimStep::Refault { pfn, distance, size, activated, restored };
        self.told_reclaim(t, Func::WorkingsetRefault, told);
    }
}

//! What is known of a page that comes back (mm/workingset.c, 6.1): how long it was away, measured in pages that were taken
//! away or became active meanwhile.

use super::balance::refault;
use super::lruvec::{Lru, LruFlags};
use super::{Reclaim, VmEvent};
use crate::Machine;
use crate::step::{Func, ReclaimStep, Trace};
use crate::units::Pfn;
use crate::xarray::Shadow;

impl Reclaim {
    /// What is left of a page that is taken away (`workingset_eviction()`).
    pub(super) fn workingset_eviction(&mut self, node: u8, pfn: Pfn) -> Shadow {
        let workingset = self.page(pfn).flags.has(LruFlags::WORKINGSET);
        let lruvec = &mut self.nodes[usize::from(node)].lruvec;
        let shadow = Shadow { age: lruvec.nonresident_age as u32, workingset, node };
        lruvec.nonresident_age += 1;
        shadow
    }

    /// Whether there is anywhere for pages without a file to go.
    pub(super) fn has_swap_left(&self) -> bool {
        self.areas.iter().any(|area| area.free() > 0)
    }
}

impl Machine {
    /// A page became active (`workingset_activation()`).
    pub(super) fn workingset_activation(&mut self, pfn: Pfn) {
        let (node, _) = self.node_and_zone(pfn);
        if let Some(reclaim) = self.reclaim_mut() {
            reclaim.nodes[usize::from(node)].lruvec.nonresident_age += 1;
        }
    }

    /// A page comes back that was taken away (`workingset_refault()`): had fewer pages been active, it would have stayed, and
    /// so it becomes active itself.
    pub(crate) fn workingset_refault(&mut self, t: &mut Trace<'_>, pfn: Pfn, shadow: Shadow) {
        let is_file = !self.is_swapbacked(pfn);
        let Some(reclaim) = self.reclaim_mut() else { return };
        let has_swap = reclaim.has_swap_left();
        let kind = usize::from(is_file);
        let node = usize::from(shadow.node).min(reclaim.nodes.len() - 1);
        let lruvec = &reclaim.nodes[node].lruvec;
        let now = lruvec.nonresident_age as u32;
        // Who competes with it: of its own kind only those that are active.
        let size = if is_file {
            let anon = lruvec.len(Lru::ActiveAnon) + lruvec.len(Lru::InactiveAnon);
            lruvec.len(Lru::ActiveFile) + if has_swap { anon } else { 0 }
        } else {
            let file = lruvec.len(Lru::ActiveFile) + lruvec.len(Lru::InactiveFile);
            file + if has_swap { lruvec.len(Lru::ActiveAnon) } else { 0 }
        };
        let events = |anon, file| if is_file { file } else { anon };
        reclaim.count(events(VmEvent::WorkingsetRefaultAnon, VmEvent::WorkingsetRefaultFile), 1);
        let (distance, activated) = refault(now, shadow.age, size);
        let restored = activated && shadow.workingset;
        if activated {
            reclaim.set_flags(pfn, LruFlags::ACTIVE);
            reclaim.nodes[node].lruvec.nonresident_age += 1;
            reclaim.nodes[node].activated[kind] += 1;
            reclaim.count(events(VmEvent::WorkingsetActivateAnon, VmEvent::WorkingsetActivateFile), 1);
        }
        if restored {
            reclaim.set_flags(pfn, LruFlags::WORKINGSET);
            reclaim.nodes[node].lruvec.note_cost(is_file, 1);
            reclaim.count(events(VmEvent::WorkingsetRestoreAnon, VmEvent::WorkingsetRestoreFile), 1);
        }
        let size = u32::try_from(size).unwrap_or(u32::MAX);
        let told = || ReclaimStep::Refault { pfn, distance, size, activated, restored };
        self.told_reclaim(t, Func::WorkingsetRefault, told);
    }
}

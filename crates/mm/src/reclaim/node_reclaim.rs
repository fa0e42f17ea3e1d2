//! Memory of a near node is reclaimed before a far one is asked, where `zone_reclaim_mode` says so (mm/vmscan.c:
//! `node_reclaim()`, 6.1).

use super::balance::SWAP_CLUSTER_MAX;
use super::lruvec::Lru;
use super::vmscan::Scan;
use crate::Machine;
use crate::gfp::GfpFlags;
use crate::mmzone::ZoneKind;
use crate::step::{Func, ReclaimStep, Reclaimer, Trace};
use crate::units::{CpuId, Order};

/// Dirty pages may be written (`RECLAIM_WRITE`).
const RECLAIM_WRITE: u8 = 2;
/// Mapped pages may go (`RECLAIM_UNMAP`).
const RECLAIM_UNMAP: u8 = 4;
/// The priority it begins with: a sixteenth of each list (`NODE_RECLAIM_PRIORITY`).
const NODE_RECLAIM_PRIORITY: u8 = 4;
/// So many pages of files stay in any case, in per cent of a node (`min_unmapped_ratio`).
const MIN_UNMAPPED_RATIO: u64 = 1;
/// Nodes that are farther away are left alone (`RECLAIM_DISTANCE`).
pub(crate) const RECLAIM_DISTANCE: u8 = 30;

/// What comes of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NodeReclaim {
    /// Nothing was looked at.
    Nothing,
    /// Some pages went, or none: the zone is measured again.
    Tried,
}

impl Machine {
    /// Pages of files of a node that could go without more ado (`node_pagecache_reclaimable()`).
    fn node_pagecache_reclaimable(&self, node: u8, mode: u8) -> u64 {
        let Some(reclaim) = self.reclaim() else { return 0 };
        let pages =
            || [Lru::InactiveFile, Lru::ActiveFile].into_iter().flat_map(|lru| reclaim.list(node, lru));
        let goes = |mapcount: u32, dirty: bool| {
            (mode & RECLAIM_UNMAP != 0 || mapcount == 0) && (mode & RECLAIM_WRITE != 0 || !dirty)
        };
        let pages = pages().map(|pfn| self.processes.mapped(pfn));
        pages.filter(|mapped| goes(mapped.mapcount, mapped.dirty)).count() as u64
    }

    /// A node is short: some of its page cache goes, if there is enough of it, before another node is asked.
    pub(crate) fn node_reclaim(
        &mut self,
        t: &mut Trace<'_>,
        node: u8,
        cpu: CpuId,
        gfp: GfpFlags,
        (order, highest): (Order, ZoneKind),
    ) -> NodeReclaim {
        let mode = self.reclaim().map_or(0, |reclaim| reclaim.tunables.zone_reclaim_mode);
        let waits = gfp.contains(GfpFlags::DIRECT_RECLAIM) && !gfp.contains(GfpFlags::MEMALLOC);
        // Whose CPUs can do it themselves is left to them.
        let has_cpus = (0..self.cpus()).any(|cpu| self.node_of(CpuId(cpu)) == node);
        if mode == 0 || !waits || has_cpus && self.node_of(cpu) != node {
            return NodeReclaim::Nothing;
        }
        let managed: u64 =
            self.zones().iter().filter(|zone| zone.node == node).map(|zone| zone.managed.0).sum();
        let (pages, least) =
            (self.node_pagecache_reclaimable(node, mode), managed * MIN_UNMAPPED_RATIO / 100);
        let enough = pages > least;
        let told = || ReclaimStep::NodeReclaim { node, pages: bounded(pages), least: bounded(least), enough };
        self.told_reclaim(t, Func::NodeReclaim, told);
        if !enough {
            return NodeReclaim::Nothing;
        }
        t.within(Func::NodeReclaim, |t| {
            let wanted = u64::from(order.pages());
            let mut sc = Scan::new(Reclaimer::Direct, cpu, highest, wanted.max(SWAP_CLUSTER_MAX));
            (sc.may_writepage, sc.may_unmap) = (mode & RECLAIM_WRITE != 0, mode & RECLAIM_UNMAP != 0);
            for priority in (0..=NODE_RECLAIM_PRIORITY).rev() {
                sc.priority = priority;
                let Some(mut round) = self.begin_node(t, &mut sc, node) else { break };
                while !self.shrink_round(t, &mut sc, node, &mut round) {}
                self.lowmem_scan(t, sc.by);
                if sc.reclaimed >= wanted {
                    break;
                }
            }
            let reclaimed = bounded(sc.reclaimed);
            self.told_reclaim(t, Func::NodeReclaim, || ReclaimStep::NodeReclaimed { node, reclaimed });
        });
        NodeReclaim::Tried
    }
}

fn bounded(pages: u64) -> u32 {
    u32::try_from(pages).unwrap_or(u32::MAX)
}

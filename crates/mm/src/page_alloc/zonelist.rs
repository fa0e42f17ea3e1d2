//! Which zones a request may use, and in which order; where it was served (mm/page_alloc.c, mm/vmstat.c).

use super::AllocContext;
use crate::Machine;
use crate::gfp::GfpFlags;
use crate::mempolicy::{NodeMask, Placement};
use crate::mmzone::{Mark, ZoneId, ZoneKind};
use crate::page_alloc::{AllocFlags, zone_watermark_ok};
use crate::parts;
use crate::step::{Func, StepKind, Trace, WatermarkVerdict};
use crate::units::{CpuId, Order};

impl Machine {
    /// What the request is about (`prepare_alloc_pages()`). None when no zone is allowed.
    pub(crate) fn prepare_alloc_pages(
        &self,
        cpu: CpuId,
        order: Order,
        gfp: GfpFlags,
        place: Option<Placement>,
    ) -> Option<AllocContext> {
        let mut ac = AllocContext {
            cpu,
            order,
            gfp,
            migratetype: self.gfp_migratetype(gfp),
            highest: self.highest_zone(gfp),
            node: place.and_then(|place| place.node).unwrap_or(self.settings().node_of_cpu[cpu.index()]),
            nodemask: place.and_then(|place| place.allowed),
            cpuset: place.and_then(|place| place.cpuset),
            mems: None,
            preferred: ZoneId(0),
        };
        let anywhere = self.next_zone(&ac, &mut 0)?;
        ac.mems = ac.cpuset.map(|cpuset| cpuset.mems);
        // Inside there may be no zone for it; then the slow path finds one.
        ac.preferred = self.next_zone(&ac, &mut 0).unwrap_or(anywhere);
        Some(ac)
    }

    /// The highest zone that may serve a request (`gfp_zone()`).
    #[must_use]
    pub fn highest_zone(&self, gfp: GfpFlags) -> ZoneKind {
        gfp.highest_zone(self.settings().has_highmem, self.settings().has_dma32)
    }

    /// The next zone of the zonelist that the request may use; `at` is the place in the list.
    #[inline]
    pub(super) fn next_zone(&self, ac: &AllocContext, at: &mut usize) -> Option<ZoneId> {
        let zonelist = &self.settings().zonelists[usize::from(ac.node)];
        while let Some(&(zone, kind, node)) = zonelist.get(*at) {
            *at += 1;
            let is_near = node == ac.node || !ac.gfp.contains(GfpFlags::THISNODE);
            let is_allowed = |nodes: Option<NodeMask>| nodes.is_none_or(|nodes| nodes.has(node));
            if kind <= ac.highest && is_near && is_allowed(ac.nodemask) && is_allowed(ac.mems) {
                return Some(zone);
            }
        }
        None
    }

    /// The zones that the request may use, in the order they are tried.
    pub(super) fn zonelist(&self, ac: &AllocContext) -> Vec<ZoneId> {
        let mut at = 0;
        std::iter::from_fn(|| self.next_zone(ac, &mut at)).collect()
    }

    /// The zones that a request of a CPU may use, in the order they are tried: node by node, and of each node from
    /// the highest allowed zone down (`build_zonelists()`).
    #[must_use]
    pub fn zonelist_of(&self, cpu: CpuId, gfp: GfpFlags) -> Vec<ZoneId> {
        self.prepare_alloc_pages(cpu, Order::ZERO, gfp, None).map_or_else(Vec::new, |ac| self.zonelist(&ac))
    }

    /// The zones up to this kind, in the order in which a request of the first CPU tries them.
    pub fn zones_up_to(&self, highest: ZoneKind) -> impl Iterator<Item = ZoneId> {
        let node = usize::from(self.settings().node_of_cpu[0]);
        let zonelist = self.settings().zonelists[node].iter();
        zonelist.filter(move |(_, kind, _)| *kind <= highest).map(|(zone, ..)| *zone)
    }

    /// Whether the node has the zone just below.
    pub(super) fn has_zone_below(&self, zone: ZoneId) -> bool {
        let z = self.zone(zone);
        self.zone_ids().any(|id| self.zone(id).node == z.node && self.zone(id).kind == ZoneKind::Dma32)
    }

    /// Counts where a request was served, and where it had been meant to (`zone_statistics()`).
    pub(super) fn zone_statistics(&mut self, ac: &AllocContext, zone: ZoneId, blocks: u64) {
        let cpu_node = self.settings().node_of_cpu[ac.cpu.index()];
        let preferred = self.zone(ac.preferred).node;
        let z = self.zone_mut(zone);
        let node = z.node;
        if node == preferred {
            z.numa.hit += blocks;
        } else {
            z.numa.miss += blocks;
        }
        if node == cpu_node {
            z.numa.local += blocks;
        } else {
            z.numa.other += blocks;
        }
        if node != preferred {
            self.zone_mut(ac.preferred).numa.foreign += blocks;
        }
    }

    /// Wakes kswapd of the zone's node, unless some zone of it is balanced and none is boosted (`wakeup_kswapd()`,
    /// mm/vmscan.c). What kswapd then does is not modelled yet.
    pub(super) fn wakeup_kswapd(&mut self, t: &mut Trace<'_>, zone: ZoneId, order: Order, highest: ZoneKind) {
        let node = self.zone(zone).node;
        let mut of_node = self.zones().iter().filter(|z| z.node == node && z.kind <= highest);
        let boosted = of_node.clone().any(|z| z.watermark_boost > 0);
        let balanced = of_node.any(|z| {
            let mark = z.wmark_pages(Mark::High);
            let free = z.nr_free_pages.0;
            zone_watermark_ok(z, order, mark, highest, AllocFlags::WMARK_MIN, free).verdict
                == WatermarkVerdict::Ok
        });
        if boosted || !balanced {
            if self.reclaim.is_some() && !(parts::rules().kswapd_wakes)(self, node, order, highest) {
                return;
            }
            t.within(Func::WakeupKswapd, |t| t.emit(self, StepKind::WakeKswapd { zone, order }));
        }
    }
}

//! Requests that nobody looks at: what a seek, a trace and a benchmark consist of.
//!
//! The rules are those of the other rooms, and so is every list afterwards; only that no step is told of. What nearly
//! all requests need is done on the spot, and everything else is left to the functions they end with.

use super::pcp::is_free_high;
use super::watermark::{AllocFlags, has_block};
use crate::Machine;
use crate::gfp::GfpFlags;
use crate::machine::{Pageblock, Route};
use crate::mmzone::{End, Mark, PerCpuPages, Zone, ZoneId, ZoneKind};
use crate::page::{Block, MigrateType, PageFlags, PageState};
use crate::step::Trace;
use crate::units::{CpuId, Order, Pfn};

impl Machine {
    /// Asks for a block without a name, and without anybody looking on.
    #[inline]
    pub fn alloc(&mut self, cpu: CpuId, order: Order, gfp: GfpFlags) -> Option<Pfn> {
        let settings = &*self.settings;
        let route = settings.route(cpu, gfp)?;
        for &id in &route.near {
            let Some(zone) = self.zones.get_mut(id.index()) else { break };
            if settings.watermarks && !is_above(zone, order, route.highest) {
                if self.reclaim.as_ref().is_some_and(|reclaim| reclaim.tunables.zone_reclaim_mode > 0) {
                    break;
                }
                continue;
            }
            let Some(pcp) = zone.pageset.get_mut(cpu.index()).filter(|_| !zone.boosted) else { break };
            let Some(list) = pcp.lists.get_mut(usize::from(route.lists[order.index()])) else {
                return self.take_from_buddy(id, cpu, order, gfp);
            };
            let Some(pfn) = self.pcp_blocks.pop_at_hand(list) else {
                return self.take_refilled(id, cpu, order, gfp);
            };
            pcp.free_factor >>= 1;
            pcp.count -= order.pages();
            zone.numa.hit += 1;
            zone.numa.local += 1;
            let flags = PageFlags::in_use(order, route.kind);
            match self.mem_map.flags_at_hand(pfn) {
                Some(at) => *at = flags,
                None => self.mem_map.set_flags(pfn, flags),
            }
            return Some(pfn);
        }
        self.alloc_the_whole_way(cpu, order, gfp)
    }

    /// The block comes straight from the buddy system.
    #[inline(never)]
    fn take_from_buddy(&mut self, id: ZoneId, cpu: CpuId, order: Order, gfp: GfpFlags) -> Option<Pfn> {
        let &Route { migratetype, kind, .. } = self.settings.route(cpu, gfp)?;
        let Some(pfn) = self.flat(id).and_then(|mut flat| flat.take(order, migratetype)) else {
            return self.alloc_the_whole_way(cpu, order, gfp);
        };
        let zone = &mut self.zones[id.index()];
        zone.numa.hit += 1;
        zone.numa.local += 1;
        self.mem_map.set_flags(pfn, PageFlags::in_use(order, kind));
        Some(pfn)
    }

    /// The block is the last one of the CPU's list, or the list has to be refilled first.
    #[inline(never)]
    fn take_refilled(&mut self, id: ZoneId, cpu: CpuId, order: Order, gfp: GfpFlags) -> Option<Pfn> {
        let &Route { near, migratetype, kind, .. } = self.settings.route(cpu, gfp)?;
        let index = PerCpuPages::index_of(order, migratetype);
        if self.zones[id.index()].pageset[cpu.index()].lists[index].list.is_empty() {
            let flags = self.first_flags(near[0], migratetype, gfp);
            self.rmqueue_bulk(&mut Trace::unseen(), id, cpu, order, migratetype, flags);
            if std::mem::take(&mut self.zones[id.index()].boosted) {
                self.wakeup_kswapd(&mut Trace::unseen(), id, Order::ZERO, self.zone(id).kind);
            }
        }
        let zone = &mut self.zones[id.index()];
        let pcp = &mut zone.pageset[cpu.index()];
        let Some(pfn) = self.pcp_blocks.pop(&mut pcp.lists[index], End::Head) else {
            return self.alloc_the_whole_way(cpu, order, gfp);
        };
        pcp.free_factor >>= 1;
        pcp.count -= order.pages();
        zone.numa.hit += 1;
        zone.numa.local += 1;
        self.mem_map.set_flags(pfn, PageFlags::in_use(order, kind));
        Some(pfn)
    }

    #[cold]
    fn alloc_the_whole_way(&mut self, cpu: CpuId, order: Order, gfp: GfpFlags) -> Option<Pfn> {
        let (_, block) = self.alloc_step_by_step(&mut Trace::unseen(), cpu, order, gfp, None)?;
        let kind = self.settings.route(cpu, gfp)?.kind;
        self.mem_map.set_flags(block.pfn, PageFlags::in_use(order, kind));
        Some(block.pfn)
    }

    /// Gives such a block back.
    ///
    /// # Panics
    /// When it is not in use as a block of this order.
    #[inline]
    pub fn free(&mut self, cpu: CpuId, block: Block) {
        let Block { pfn, order } = block;
        let settings = &*self.settings;
        // The number of no zone stands for several.
        if let Some(&Pageblock { zone, migratetype }) =
            self.pageblocks.peek(pfn.0 >> settings.pageblock_order.get())
            && let Some(flags) = self.mem_map.flags_at_hand(pfn)
            && flags.is(PageState::Allocated, order)
            && let Some(zone) = self.zones.get_mut(usize::from(zone))
            && let Some(pcp) = zone.pageset.get_mut(cpu.index())
            && let Some(list) = pcp.lists.get_mut(usize::from(settings.free_list(order, migratetype)))
            && pcp.count + order.pages() < pcp.high
            && !zone.reclaim_active
            && (pcp.free_factor == 0 || order == Order::ZERO || order.get() > 3)
            && self.pcp_blocks.push_at_hand(list, pfn)
        {
            *flags = PageFlags::listed(PageState::Pcp, order, migratetype);
            pcp.count += order.pages();
            return;
        }
        self.free_further(cpu, block);
    }

    /// The block goes to the buddy system, or others do because of it.
    #[inline(never)]
    fn free_further(&mut self, cpu: CpuId, block: Block) {
        let Block { pfn, order } = block;
        let Some((id, migratetype)) = self.zone_and_type(pfn) else {
            return self.free_the_whole_way(cpu, block);
        };
        let index = usize::from(self.settings.free_list(order, migratetype));
        if !self.mem_map.flags(pfn).is(PageState::Allocated, order) || migratetype == MigrateType::Isolate {
            return self.free_the_whole_way(cpu, block);
        }
        let pcp = &mut self.zones[id.index()].pageset[cpu.index()];
        // It would be put on the list, and all that is on the lists would be given back.
        let is_only = is_free_high(pcp, order) && pcp.count == 0;
        if is_only || index >= PerCpuPages::LISTS {
            return match self.flat(id) {
                Some(mut flat) => flat.free_one(block, migratetype),
                None => self.free_the_whole_way(cpu, block),
            };
        }
        pcp.count += order.pages();
        self.pcp_blocks.push(&mut pcp.lists[index], pfn, End::Head);
        self.mem_map.set_flags(pfn, PageFlags::listed(PageState::Pcp, order, migratetype));
        self.drain_if_full(&mut Trace::unseen(), id, cpu, order, index);
    }

    #[cold]
    fn free_the_whole_way(&mut self, cpu: CpuId, block: Block) {
        self.free_step_by_step(&mut Trace::unseen(), cpu, None, block);
    }
}

/// Whether an ordinary request finds a zone above its low mark (`zone_watermark_ok()`).
#[inline(always)]
fn is_above(zone: &Zone, order: Order, highest: ZoneKind) -> bool {
    let kept = zone.wmark_pages(Mark::Low) + zone.lowmem_reserve[highest as usize];
    let unusable = order.pages() - 1 + zone.nr_reserved_highatomic;
    let enough = u64::from(kept) + u64::from(unusable) + zone.nr_free_cma.0;
    zone.nr_free_pages.0 > enough && (order == Order::ZERO || has_block(zone, order, AllocFlags::WMARK_LOW))
}

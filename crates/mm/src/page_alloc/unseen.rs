//! Requests that nobody looks at: what a seek, a trace and a benchmark consist of.
//!
//! The rules are those of the other rooms, and so is every list afterwards; only that no step is told of. What nearly
//! all requests need is done on the spot, and everything else is left to the functions they end with.

use std::iter::Peekable;

use super::pcp::nr_pcp_high;
use super::watermark::{AllocFlags, has_block};
use crate::Machine;
use crate::gfp::GfpFlags;
use crate::machine::{Pageblock, Route};
use crate::mmzone::{Mark, PerCpuPages, Zone, ZoneKind};
use crate::page::{Block, PageFlags, PageState};
use crate::step::Trace;
use crate::units::{CpuId, Order, Pfn};

impl Machine {
    /// Asks for a block without a name, and without anybody looking on.
    #[inline]
    pub fn alloc(&mut self, cpu: CpuId, order: Order, gfp: GfpFlags) -> Option<Pfn> {
        let pfn = self.alloc_at_hand(cpu, order, gfp);
        if pfn.is_some() { pfn } else { self.alloc_further(cpu, order, gfp) }
    }

    /// The head of the CPU's list, if that is all there is to it; nothing has happened if not.
    #[inline(always)]
    fn alloc_at_hand(&mut self, cpu: CpuId, order: Order, gfp: GfpFlags) -> Option<Pfn> {
        let settings = &*self.settings;
        let route = settings.route(cpu, gfp)?;
        let index = usize::from(*route.lists.get(order.index())?);
        if index >= PerCpuPages::LISTS {
            return None;
        }
        let mut zone = self.zones.get_mut(route.near[0].index())?;
        if settings.watermarks && !is_above(zone, order, route.highest) {
            if self.reclaim.is_some() {
                return None;
            }
            zone = self.zones.get_mut(route.near[1].index())?;
            if !is_above(zone, order, route.highest) {
                return None;
            }
        }
        let pcp = zone.pageset.get_mut(cpu.index()).filter(|_| !zone.boosted)?;
        let list = pcp.lists.get_mut(index)?;
        let pfn = list.list.head()?;
        let flags = self.mem_map.flags_at_hand(pfn)?;
        self.pcp_blocks.pop_at_hand(list)?;
        *flags = PageFlags::in_use(order, route.kind);
        pcp.free_factor >>= 1;
        pcp.count -= order.pages();
        zone.numa.hit += 1;
        zone.numa.local += 1;
        Some(pfn)
    }

    /// The same with the zones further on, with blocks straight from the buddy system, and with a list that has to be
    /// refilled first.
    #[inline(never)]
    fn alloc_further(&mut self, cpu: CpuId, order: Order, gfp: GfpFlags) -> Option<Pfn> {
        let settings = &*self.settings;
        let route = settings.route(cpu, gfp)?;
        let (index, migratetype, kind) = (route.lists[order.index()], route.migratetype, route.kind);
        let mut at = 0;
        let id = loop {
            let id = route.near.get(at).copied();
            let Some((id, zone)) = id.and_then(|id| Some((id, self.zones.get(id.index())?))) else {
                return self.alloc_the_whole_way(cpu, order, gfp);
            };
            if !settings.watermarks || is_above(zone, order, route.highest) {
                break id;
            }
            if self.reclaim.as_ref().is_some_and(|reclaim| reclaim.tunables.zone_reclaim_mode > 0) {
                return self.alloc_the_whole_way(cpu, order, gfp);
            }
            at += 1;
        };
        let preferred = route.near[0];
        let Some(mut flat) = self.flat(id).filter(|flat| !flat.is_boosted()) else {
            return self.alloc_the_whole_way(cpu, order, gfp);
        };
        let pfn = if index == Route::NO_LIST {
            flat.take(order, migratetype)
        } else {
            match flat.take_from_pcp(cpu, usize::from(index), order, migratetype) {
                Ok(pfn) => Some(pfn),
                Err(got) => {
                    let (t, flags) = (&mut Trace::unseen(), self.first_flags(preferred, migratetype, gfp));
                    self.refill_rest(t, id, cpu, (order, migratetype), flags, got);
                    if std::mem::take(&mut self.zone_mut(id).boosted) {
                        self.wakeup_kswapd(t, id, Order::ZERO, self.zone(id).kind);
                    }
                    self.flat(id).and_then(|mut flat| flat.pop(cpu, usize::from(index), order))
                }
            }
        };
        let Some(pfn) = pfn else { return self.alloc_the_whole_way(cpu, order, gfp) };
        let zone = &mut self.zones[id.index()];
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
            && pcp.count + order.pages() < nr_pcp_high(pcp, zone.reclaim_active, false)
            && let Some(list) = pcp.lists.get_mut(usize::from(settings.free_list(order, migratetype)))
            && (pcp.free_factor == 0 || order == Order::ZERO || order.get() > 3)
            && self.pcp_blocks.push_at_hand(list, pfn)
        {
            *flags = PageFlags::listed(PageState::Pcp, order, migratetype);
            pcp.count += order.pages();
            return;
        }
        self.free_further(cpu, block);
    }

    /// Gives single pages back, one after the other (`free_unref_page_list()`).
    ///
    /// # Panics
    /// When one of them is not in use as a block of order 0.
    pub(crate) fn free_pages_unseen(&mut self, cpu: CpuId, pages: impl Iterator<Item = Pfn>) {
        let mut pages = pages.peekable();
        while let Some(first) = pages.peek().copied() {
            self.free_at_hand(cpu, first, &mut pages);
            if let Some(pfn) = pages.next() {
                self.free(cpu, Block { pfn, order: Order::ZERO });
            }
        }
    }

    /// The same, as long as all there is to it is that they are put on the CPU's list, and they lie in pageblocks of one
    /// zone and type.
    #[inline]
    fn free_at_hand(&mut self, cpu: CpuId, first: Pfn, pages: &mut Peekable<impl Iterator<Item = Pfn>>) {
        let shift = self.settings.pageblock_order.get();
        let Some(&of) = self.pageblocks.peek(first.0 >> shift) else { return };
        let Some(zone) = self.zones.get_mut(usize::from(of.zone)) else { return };
        let Some(pcp) = zone.pageset.get_mut(cpu.index()) else { return };
        let high = nr_pcp_high(pcp, zone.reclaim_active, false);
        let list = usize::from(self.settings.free_list(Order::ZERO, of.migratetype));
        let Some(list) = pcp.lists.get_mut(list) else { return };
        while let Some(&pfn) = pages.peek()
            && pcp.count + 1 < high
            && self.pageblocks.peek(pfn.0 >> shift) == Some(&of)
            && let Some(flags) = self.mem_map.flags_at_hand(pfn)
            && flags.is(PageState::Allocated, Order::ZERO)
            && self.pcp_blocks.push_at_hand(list, pfn)
        {
            *flags = PageFlags::listed(PageState::Pcp, Order::ZERO, of.migratetype);
            pcp.count += 1;
            pages.next();
        }
    }

    /// The block goes to the buddy system, or others do because of it.
    #[inline(never)]
    fn free_further(&mut self, cpu: CpuId, block: Block) {
        let Block { pfn, order } = block;
        let settings = &*self.settings;
        if let Some(&Pageblock { migratetype, .. }) =
            self.pageblocks.peek(pfn.0 >> settings.pageblock_order.get())
        {
            let index = usize::from(settings.free_list(order, migratetype));
            let zone = settings.zone_in(&self.pageblocks, pfn);
            if let Some(mut flat) = zone.and_then(|zone| self.flat(zone))
                && flat.is_in_use(block)
            {
                return flat.free(cpu, block, migratetype, index);
            }
        }
        self.free_the_whole_way(cpu, block);
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

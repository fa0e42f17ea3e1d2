//! The per-CPU lists between a task and the buddy system (mm/page_alloc.c, 6.1.192).

use super::{AllocContext, AllocFlags, FreeTo};
use crate::Machine;
use crate::mmzone::{End, PerCpuPages, ZoneId};
use crate::page::{Block, MigrateType, PageFlags, PageState};
use crate::replay::{Moved, Moving};
use crate::step::{Func, Nothing, StepKind, Trace};
use crate::units::{CpuId, Order, Pfn};

impl Machine {
    /// Whether blocks of this order go through the per-CPU lists: orders 0 to 3, and huge pages
    /// (`pcp_allowed_order()`, with CONFIG_TRANSPARENT_HUGEPAGE).
    #[must_use]
    pub fn pcp_allowed_order(&self, order: Order) -> bool {
        self.settings().is_pcp_order(order)
    }

    /// A block from the CPU's own list, which is refilled when it is empty (`rmqueue_pcplist()`,
    /// `__rmqueue_pcplist()`).
    pub(super) fn rmqueue_pcplist(
        &mut self,
        t: &mut Trace<'_>,
        zone: ZoneId,
        ac: &AllocContext,
        flags: AllocFlags,
    ) -> Option<Block> {
        t.within(Func::RmqueuePcplist, |t| {
            let &AllocContext { cpu, order, migratetype, .. } = ac;
            let pcp = &mut self.zone_mut(zone).pageset[cpu.index()];
            pcp.free_factor >>= 1;
            self.take_from_pcp(t, zone, cpu, order, migratetype, flags)
        })
    }

    /// The head of a CPU's list (`__rmqueue_pcplist()`); it is in hand then.
    pub(super) fn take_from_pcp(
        &mut self,
        t: &mut Trace<'_>,
        zone: ZoneId,
        cpu: CpuId,
        order: Order,
        migratetype: MigrateType,
        flags: AllocFlags,
    ) -> Option<Block> {
        let index = PerCpuPages::index_of(order, migratetype);
        if self.zone(zone).pcp(cpu).list(index).is_empty() {
            self.rmqueue_bulk(t, zone, cpu, order, migratetype, flags);
        }
        let block = self.pcp_pop(zone, cpu, index, order, End::Head)?;
        self.put_in_hand(t, block);
        let count = self.zone(zone).pcp(cpu).count;
        t.emit(self, StepKind::PcpTake { zone, cpu, block, migratetype, count });
        Some(block)
    }

    /// How many blocks a refill asks for.
    pub(crate) fn refill_blocks(&self, zone: ZoneId, cpu: CpuId, order: Order) -> u32 {
        refill_blocks(self.zone(zone).pcp(cpu), order)
    }

    /// Refills a list from the buddy system; the marks are not looked at again (`rmqueue_bulk()`).
    pub(super) fn rmqueue_bulk(
        &mut self,
        t: &mut Trace<'_>,
        zone: ZoneId,
        cpu: CpuId,
        order: Order,
        migratetype: MigrateType,
        flags: AllocFlags,
    ) {
        let wanted = self.refill_blocks(zone, cpu, order);
        t.emit(self, StepKind::PcpEmpty { zone, cpu, order, migratetype, blocks: wanted });
        t.within(Func::RmqueueBulk, |t| {
            let blocks = self.refill_rest(t, zone, cpu, (order, migratetype), flags, 0);
            let count = self.zone(zone).pageset[cpu.index()].count;
            t.emit(self, StepKind::PcpRefilled { zone, cpu, order, migratetype, blocks, count });
        });
    }

    /// A refill goes on that has come to so many blocks; gives how many they are at last.
    pub(super) fn refill_rest(
        &mut self,
        t: &mut Trace<'_>,
        zone: ZoneId,
        cpu: CpuId,
        (order, migratetype): (Order, MigrateType),
        flags: AllocFlags,
        got: u32,
    ) -> u32 {
        let index = PerCpuPages::index_of(order, migratetype);
        let (wanted, mut got) = (self.refill_blocks(zone, cpu, order), got);
        while got < wanted {
            if !t.looks()
                && !self.settings().cma
                && let Some(mut flat) = self.flat(zone)
            {
                got += flat.refill(cpu, index, (order, migratetype), wanted - got);
                if got == wanted {
                    break;
                }
            }
            let Some((block, from)) = self.rmqueue(t, zone, order, migratetype, flags) else { break };
            got += 1;
            self.take_out_of_hand(t, block);
            if from == MigrateType::Cma {
                self.zone_mut(zone).nr_free_cma.0 -= u64::from(order.pages());
            }
            // It goes back to the type of the list it came from (`set_pcppage_migratetype()`).
            self.pcp_add(zone, cpu, index, block, from, End::Tail);
            t.emit(self, StepKind::PcpAppend { zone, cpu, block, migratetype });
        }
        let z = self.zone_mut(zone);
        z.nr_free_pages.0 -= u64::from(z.off_lists);
        z.off_lists = 0;
        got
    }

    /// A freed block goes to the head of the CPU's list; when it has too many, its coldest go back to the buddy
    /// system (`free_unref_page()`, `free_unref_page_commit()`). The block is in hand.
    pub(super) fn free_to_pcp(
        &mut self,
        t: &mut Trace<'_>,
        zone: ZoneId,
        cpu: CpuId,
        block: Block,
        migratetype: MigrateType,
    ) {
        t.within(Func::FreeUnrefPageCommit, |t| {
            let index = PerCpuPages::index_of(block.order, migratetype);
            self.take_out_of_hand(t, block);
            self.pcp_add(zone, cpu, index, block, migratetype, End::Head);
            let z = self.zone(zone);
            let pcp = &z.pageset[cpu.index()];
            let (high, count) =
                (nr_pcp_high(pcp, z.reclaim_active, is_free_high(pcp, block.order)), pcp.count);
            t.emit(self, StepKind::PcpPut { zone, cpu, block, migratetype, count, high });
            self.drain_if_full(t, zone, cpu, block.order, index);
        });
    }

    /// When a CPU has too many pages, its coldest go back to the buddy system (the rest of
    /// `free_unref_page_commit()`), beginning with the list that a block of `order` was just put on.
    pub(super) fn drain_if_full(
        &mut self,
        t: &mut Trace<'_>,
        zone: ZoneId,
        cpu: CpuId,
        order: Order,
        index: usize,
    ) {
        let z = self.zone_mut(zone);
        let pcp = &mut z.pageset[cpu.index()];
        let free_high = is_free_high(pcp, order);
        let high = nr_pcp_high(pcp, z.reclaim_active, free_high);
        if pcp.count >= high {
            let pages = nr_pcp_free(pcp, high, pcp.batch, free_high);
            self.free_pcppages_bulk(t, zone, cpu, pages, index);
        }
    }

    /// Gives `pages` pages of a CPU back to the buddy system, list by list from `first` on, each from its tail
    /// (`free_pcppages_bulk()`). The last block may be larger than what was left to give.
    fn free_pcppages_bulk(&mut self, t: &mut Trace<'_>, zone: ZoneId, cpu: CpuId, pages: u32, first: usize) {
        t.within(Func::FreePcppagesBulk, |t| {
            let pcp = &self.zone(zone).pageset[cpu.index()];
            let (count, free_factor) = (pcp.count, pcp.free_factor);
            let pages = pages.min(count);
            t.emit(self, StepKind::PcpDrainBegins { zone, cpu, count, pages, free_factor });
            if !t.looks()
                && let Some(mut flat) = self.flat(zone)
            {
                return flat.drain(cpu, pages, first);
            }
            let (mut left, mut index) = (pages, first);
            while left > 0 {
                // No more pages are given back than there are, so one of the lists has some.
                let lists = &self.zones[zone.index()].pageset[cpu.index()].lists;
                while lists[index].list.is_empty() {
                    index = if index + 1 == PerCpuPages::LISTS { 0 } else { index + 1 };
                }
                let order = PerCpuPages::order_of(index, self.pageblock_order());
                let Some(block) = self.pcp_pop(zone, cpu, index, order, End::Tail) else { break };
                let migratetype = self.mem_map.flags(block.pfn).migratetype();
                self.put_in_hand(t, block);
                left = left.saturating_sub(block.order.pages());
                // While any pageblock is isolated the type is looked up anew.
                let isolated = self.zone(zone).nr_isolate_pageblock > 0;
                let migratetype = if isolated { self.pageblock_type(block.pfn) } else { migratetype };
                t.emit(self, StepKind::PcpDrain { zone, cpu, block, migratetype });
                self.free_one_page(t, zone, block, migratetype, FreeTo::Either);
                t.moved(Moved { how: Moving::Drained, block, migratetype });
            }
        });
    }

    /// Gives back every page that any CPU keeps (`drain_all_pages()`; in chunks, each of which begins with the first
    /// list again, 6.1.192).
    pub(crate) fn drain_all_pages(&mut self, t: &mut Trace<'_>) {
        t.within(Func::DrainAllPages, |t| {
            if t.looks() && self.zones.iter().all(|zone| zone.pageset.iter().all(|pcp| pcp.count == 0)) {
                t.emit(self, StepKind::NothingToDo { why: Nothing::NoCpuPages });
            }
            for cpu in 0..self.settings().node_of_cpu.len() as u8 {
                for zone in self.zone_ids() {
                    self.drain_pages_zone(t, zone, CpuId(cpu));
                }
            }
        });
    }

    /// Gives back every page that a CPU keeps of a zone (`drain_pages_zone()`, 6.1.192).
    fn drain_pages_zone(&mut self, t: &mut Trace<'_>, zone: ZoneId, cpu: CpuId) {
        self.drain_pages(t, zone, cpu, self.zone(zone).pageset[cpu.index()].count);
    }

    /// Gives back so many pages that a CPU keeps of a zone, in chunks.
    pub(crate) fn drain_pages(&mut self, t: &mut Trace<'_>, zone: ZoneId, cpu: CpuId, pages: u32) {
        let mut left = pages;
        while left > 0 {
            let PerCpuPages { count, batch, .. } = self.zone(zone).pageset[cpu.index()];
            let chunk = left.min(count).min(batch << PerCpuPages::MAX_FREE_FACTOR);
            if chunk == 0 {
                return;
            }
            self.free_pcppages_bulk(t, zone, cpu, chunk, 0);
            left -= chunk;
        }
    }

    /// The refill that `alloc_pages_bulk()` causes when it finds the list empty.
    pub(crate) fn refill_for_bulk(
        &mut self,
        t: &mut Trace<'_>,
        zone: ZoneId,
        cpu: CpuId,
        order: Order,
        migratetype: MigrateType,
    ) {
        let flags = AllocFlags::WMARK_LOW.with(AllocFlags::KSWAPD);
        self.rmqueue_bulk(t, zone, cpu, order, migratetype, flags);
    }

    /// Puts a block on a CPU's list.
    #[inline]
    pub(crate) fn pcp_add(
        &mut self,
        zone: ZoneId,
        cpu: CpuId,
        index: usize,
        block: Block,
        migratetype: MigrateType,
        end: End,
    ) {
        let pcp = &mut self.zones[zone.index()].pageset[cpu.index()];
        pcp.count += block.order.pages();
        self.pcp_blocks.push(&mut pcp.lists[index], block.pfn, end);
        self.mem_map.set_flags(block.pfn, PageFlags::listed(PageState::Pcp, block.order, migratetype));
    }

    /// Takes the block at one end of a CPU's list, which holds blocks of this order. The caller sets the head's entry
    /// next.
    #[inline]
    fn pcp_pop(&mut self, zone: ZoneId, cpu: CpuId, index: usize, order: Order, end: End) -> Option<Block> {
        let pcp = &mut self.zones[zone.index()].pageset[cpu.index()];
        let pfn = self.pcp_blocks.pop(&mut pcp.lists[index], end)?;
        pcp.count -= order.pages();
        Some(Block { pfn, order })
    }

    /// Takes a block off a CPU's list, wherever on it it is.
    pub(crate) fn pcp_del(&mut self, zone: ZoneId, cpu: CpuId, index: usize, block: Block) {
        let pcp = &mut self.zones[zone.index()].pageset[cpu.index()];
        let was_listed = self.pcp_blocks.remove(&mut pcp.lists[index], block.pfn);
        assert!(was_listed, "frame {} of order {} is not on the list", block.pfn, block.order);
        pcp.count -= block.order.pages();
    }

    /// The blocks of a CPU's list, head first.
    pub fn pcp_list(&self, zone: ZoneId, cpu: CpuId, index: usize) -> impl Iterator<Item = Pfn> {
        self.pcp_blocks.iter(&self.zone(zone).pcp(cpu).lists[index])
    }
}

/// How many blocks a refill asks for.
#[inline(always)]
pub(super) fn refill_blocks(pcp: &PerCpuPages, order: Order) -> u32 {
    if pcp.batch > 1 { (pcp.batch >> order.get()).max(2) } else { pcp.batch }
}

/// Whether a free of this order gives all pages back: there have been drains since the last allocations.
#[inline(always)]
pub(super) fn is_free_high(pcp: &PerCpuPages, order: Order) -> bool {
    pcp.free_factor > 0 && (1..=3).contains(&order.get())
}

/// From so many pages on a free gives some back (`nr_pcp_high()`).
#[inline(always)]
pub(super) fn nr_pcp_high(pcp: &PerCpuPages, reclaim_active: bool, free_high: bool) -> u32 {
    if pcp.high == 0 || free_high {
        0
    } else if reclaim_active {
        pcp.high.min(pcp.batch << 2)
    } else {
        pcp.high
    }
}

/// How many pages are given back (`nr_pcp_free()`); counts the drains in a row.
pub(super) fn nr_pcp_free(pcp: &mut PerCpuPages, high: u32, batch: u32, free_high: bool) -> u32 {
    if free_high {
        return pcp.count;
    }
    if high < batch {
        return 1;
    }
    let most = high - batch;
    let pages = batch << pcp.free_factor;
    if pages < most && pcp.free_factor < PerCpuPages::MAX_FREE_FACTOR {
        pcp.free_factor += 1;
    }
    // As the kernel's `clamp()`: should the bounds cross, the upper one wins.
    pages.max(batch).min(most)
}

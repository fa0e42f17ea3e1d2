//! Pageblocks set aside for high-order requests that cannot wait (mm/page_alloc.c, 6.1.192).

use super::AllocContext;
use crate::Machine;
use crate::mmzone::ZoneId;
use crate::page::{Block, MigrateType, Page, PageState};
use crate::step::{Func, StepKind, Trace};
use crate::units::Order;

impl Machine {
    /// The pageblock of a block that such a request got is set aside, up to a hundredth of the zone and one
    /// pageblock (`reserve_highatomic_pageblock()`).
    pub(super) fn reserve_highatomic_pageblock(&mut self, t: &mut Trace<'_>, zone: ZoneId, block: Block) {
        let order = self.pageblock_order();
        let z = self.zone(zone);
        let max = (z.managed.0 / 100) as u32 + order.pages();
        let is_ours = self.pageblock_type(block.pfn).is_mergeable();
        if z.nr_reserved_highatomic >= max || !is_ours {
            return;
        }
        t.within(Func::ReserveHighatomic, |t| {
            let pageblock = Block { pfn: block.pfn.align_down(order), order };
            // It is in hand, whether that is kept or not: the walk must not take it for a free one.
            self.set_page(block.pfn, Page { order: block.order, ..Page::plain(PageState::InHand) });
            self.set_pageblock_types(pageblock, MigrateType::HighAtomic);
            self.move_freepages_block(zone, block.pfn, MigrateType::HighAtomic);
            let z = self.zone_mut(zone);
            z.nr_reserved_highatomic += order.pages();
            let reserved = z.nr_reserved_highatomic;
            t.emit(self, StepKind::ReserveHighatomic { zone, pageblock, reserved, max });
        });
    }

    /// Gives one such pageblock back, for a request that is about to fail; the last one of a zone only when `force`
    /// says so. True when free pages came of it (`unreserve_highatomic_pageblock()`).
    pub(super) fn unreserve_highatomic_pageblock(
        &mut self,
        t: &mut Trace<'_>,
        ac: &AllocContext,
        force: bool,
    ) -> bool {
        let order = self.pageblock_order();
        for zone in self.zonelist_of_policy(ac) {
            let z = self.zone(zone);
            if !force && z.nr_reserved_highatomic <= order.pages() {
                continue;
            }
            let heads: Vec<_> =
                Order::all().filter_map(|o| z.area(o).list(MigrateType::HighAtomic).head()).collect();
            for head in heads {
                let pageblock = Block { pfn: head.align_down(order), order };
                if self.pageblock_type(head) == MigrateType::HighAtomic {
                    let z = self.zone_mut(zone);
                    z.nr_reserved_highatomic -= order.pages().min(z.nr_reserved_highatomic);
                }
                self.set_pageblock_types(pageblock, ac.migratetype);
                let free = self.move_freepages_block(zone, head, ac.migratetype).map_or(0, |(free, _)| free);
                t.within(Func::UnreserveHighatomic, |t| {
                    t.emit(self, StepKind::UnreserveHighatomic { zone, pageblock, to: ac.migratetype, free });
                });
                if free > 0 {
                    return true;
                }
            }
        }
        false
    }
}

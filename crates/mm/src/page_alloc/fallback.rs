//! When a migratetype has nothing left: whose blocks are taken, and how much of a pageblock.

use super::AllocFlags;
use crate::Machine;
use crate::mmzone::{Mark, ZoneId};
use crate::page::{Block, MigrateType, PageState};
use crate::replay::{Moved, Moving};
use crate::step::{Func, StepKind, Trace};
use crate::units::{Order, Pfn};

impl MigrateType {
    /// Whose lists are looked at when this type has nothing left, in this order (`fallbacks`, mm/page_alloc.c, 6.1).
    /// HighAtomic, CMA and Isolate are never fallen back to, and never fall back.
    #[must_use]
    pub fn fallbacks(self) -> &'static [MigrateType] {
        use MigrateType::{Movable, Reclaimable, Unmovable};
        match self {
            Unmovable => &[Reclaimable, Movable],
            Movable => &[Reclaimable, Unmovable],
            Reclaimable => &[Unmovable, Movable],
            _ => &[],
        }
    }
}

impl Machine {
    /// Moves another type's free block, or the whole of its pageblock, to the lists of `wanted_type`; true when
    /// there is something to take now (`__rmqueue_fallback()`, 6.1).
    ///
    /// The largest block is looked for first, so that types mix in few places; only a movable request that cannot
    /// claim a pageblock takes the smallest that will do.
    pub(super) fn rmqueue_fallback(
        &mut self,
        t: &mut Trace<'_>,
        zone: ZoneId,
        wanted: Order,
        wanted_type: MigrateType,
        flags: AllocFlags,
    ) -> bool {
        t.within(Func::RmqueueFallback, |t| {
            let pageblock = self.pageblock_order();
            let no_fragment = flags.has(AllocFlags::NOFRAGMENT) && wanted < pageblock;
            let min_order = if no_fragment { pageblock } else { wanted };
            t.emit(self, StepKind::FallbackBegins { zone, migratetype: wanted_type, wanted, min_order });
            let largest = min_order.and_up().rev().find_map(|order| {
                let from = self.find_suitable_fallback(zone, order, wanted_type)?;
                Some((order, from))
            });
            let Some((order, from)) = largest else {
                return false;
            };
            let mut found = (order, from);
            let mut is_largest = true;
            if !self.can_steal(order, wanted_type) && wanted_type == MigrateType::Movable && order > wanted {
                is_largest = false;
                for order in wanted.and_up() {
                    if let Some(from) = self.find_suitable_fallback(zone, order, wanted_type) {
                        found = (order, from);
                        break;
                    }
                }
            }
            let (order, from) = found;
            let pfn = self.zone(zone).area(order).list(from).head().expect("a suitable list has a head");
            let block = Block { pfn, order };
            t.emit(self, StepKind::FallbackFound { zone, block, from, to: wanted_type, largest: is_largest });
            self.steal_suitable_fallback(t, zone, block, from, wanted_type, flags);
            let claimed = self.pageblock_type(pfn) == wanted_type;
            t.moved(Moved { how: Moving::Stolen { from, claimed }, block, migratetype: wanted_type });
            true
        })
    }

    /// Whether a request would find a block of this order by taking a whole pageblock of another type
    /// (`find_suitable_fallback()`, `only_stealable`).
    pub(crate) fn can_steal_from(&self, zone: ZoneId, order: Order, wanted: MigrateType) -> bool {
        self.can_steal(order, wanted) && self.find_suitable_fallback(zone, order, wanted).is_some()
    }

    /// The first fallback type that has a block of this order (`find_suitable_fallback()`).
    fn find_suitable_fallback(&self, zone: ZoneId, order: Order, wanted: MigrateType) -> Option<MigrateType> {
        let area = self.zone(zone).area(order);
        wanted.fallbacks().iter().copied().find(|from| !area.list(*from).is_empty())
    }

    /// Whether the whole pageblock may be claimed for such a block (`can_steal_fallback()`).
    fn can_steal(&self, order: Order, wanted: MigrateType) -> bool {
        order.get() >= self.pageblock_order().get() / 2
            || matches!(wanted, MigrateType::Reclaimable | MigrateType::Unmovable)
            || !self.groups_by_mobility()
    }

    /// Moves free memory to the lists of `to`; takes nothing itself (`steal_suitable_fallback()`, 6.1).
    fn steal_suitable_fallback(
        &mut self,
        t: &mut Trace<'_>,
        zone: ZoneId,
        block: Block,
        from: MigrateType,
        to: MigrateType,
        flags: AllocFlags,
    ) {
        t.within(Func::StealSuitableFallback, |t| {
            let pageblock_order = self.pageblock_order();
            let old = self.pageblock_type(block.pfn);
            if old != MigrateType::HighAtomic {
                if block.order >= pageblock_order {
                    self.set_pageblock_types(block, to);
                    t.emit(self, StepKind::ClaimPageblocks { zone, block, from: old, to });
                } else {
                    self.boost_watermark(t, zone, flags);
                    if self.can_steal(block.order, to) && self.steal_pageblock(t, zone, block, old, to) {
                        return;
                    }
                }
            }
            self.move_to_free_list(zone, block, to);
            t.emit(self, StepKind::MoveBlock { zone, block, from, to });
        });
    }

    /// Moves every free block of the pageblock, and changes its type when half of it is free or alike; false when
    /// nothing could be moved because the pageblock reaches out of the zone (`move_freepages_block()`).
    fn steal_pageblock(
        &mut self,
        t: &mut Trace<'_>,
        zone: ZoneId,
        block: Block,
        old: MigrateType,
        to: MigrateType,
    ) -> bool {
        let order = self.pageblock_order();
        let pageblock = Block { pfn: block.pfn.align_down(order), order };
        let Some((free, movable)) = self.move_freepages_block(zone, block.pfn, to) else { return false };
        let alike = match (to, old) {
            (MigrateType::Movable, _) => movable,
            // Not free and not movable: unmovable or reclaimable, we cannot tell which.
            (_, MigrateType::Movable) => order.pages().saturating_sub(free + movable),
            _ => 0,
        };
        let claimed = free + alike >= order.pages() / 2 || !self.groups_by_mobility();
        if claimed {
            self.set_pageblock_types(pageblock, to);
        }
        t.emit(self, StepKind::MoveFreePages { zone, pageblock, free, alike, from: old, to, claimed });
        true
    }

    /// Moves every free block of a pageblock to the tails of another type's lists (`move_freepages_block()`): how
    /// many pages were free, and how many of the others are on an LRU list; none when the pageblock reaches out of
    /// its zone.
    pub(crate) fn move_freepages_block(
        &mut self,
        zone: ZoneId,
        inside: Pfn,
        to: MigrateType,
    ) -> Option<(u32, u32)> {
        let order = self.pageblock_order();
        let pageblock = Block { pfn: inside.align_down(order), order };
        let span = self.zone(zone).span;
        if !span.contains(pageblock.last()) {
            return None;
        }
        // A pageblock that starts before the zone is walked from the given page on.
        let mut pfn = if span.contains(pageblock.pfn) { pageblock.pfn } else { inside };
        let (mut free, mut movable) = (0, 0);
        while pfn <= pageblock.last() {
            let page = self.page(pfn);
            let pages = if page.is_head() { page.order.pages() } else { 1 };
            if page.state == PageState::Free {
                self.move_to_free_list(zone, Block { pfn, order: page.order }, to);
                // By the type of its list, which is not always that of the pageblock: nothing is counted twice or lost.
                self.count_free(zone, page.migratetype, -i64::from(pages));
                self.count_free(zone, to, i64::from(pages));
                free += pages;
            } else if page.kind.is_lru() && page.state == PageState::Allocated {
                movable += pages;
            }
            pfn = Pfn(pfn.0 + pages);
        }
        Some((free, movable))
    }

    /// Types get mixed in a pageblock: the marks are raised, so that kswapd makes room (`boost_watermark()`).
    fn boost_watermark(&mut self, t: &mut Trace<'_>, zone: ZoneId, flags: AllocFlags) {
        let pageblock = self.pageblock_order().pages();
        let factor = self.tunables().watermark_boost_factor;
        let z = self.zone(zone);
        if !self.settings().watermarks || factor == 0 || z.managed.0 < 4 * u64::from(pageblock) {
            return;
        }
        // `mult_frac()`
        let high = u64::from(z.watermark[Mark::High as usize]);
        let max = high / 10_000 * u64::from(factor) + high % 10_000 * u64::from(factor) / 10_000;
        if max == 0 {
            return;
        }
        let max = (max.min(1 << 30) as u32).max(pageblock);
        let boost = (z.watermark_boost + pageblock).min(max);
        let z = self.zone_mut(zone);
        z.watermark_boost = boost;
        z.boosted |= flags.has(AllocFlags::KSWAPD);
        t.emit(self, StepKind::Boost { zone, boost, max });
    }
}

//! Taking, splitting and merging blocks, and the free lists they stand on.

use super::{AllocFlags, FreeTo};
use crate::Machine;
use crate::mmzone::{End, ZoneId};
use crate::page::{Block, MigrateType, PageFlags, PageState};
use crate::replay::{Moved, Moving};
use crate::step::{BuddyVerdict, Func, StepKind, Trace};
use crate::units::Order;

impl Machine {
    /// A block of the buddy system and the type of the list it came from: the smallest of the own type that will
    /// do; if there is none, another type's blocks are moved over and it is tried again (`__rmqueue()`). It is in
    /// hand then, and still counted as free.
    pub(super) fn rmqueue(
        &mut self,
        t: &mut Trace<'_>,
        zone: ZoneId,
        order: Order,
        migratetype: MigrateType,
        flags: AllocFlags,
    ) -> Option<(Block, MigrateType)> {
        if flags.has(AllocFlags::CMA) && self.settings().cma {
            // Movable pages are spread over both, so that a large area does not lie idle.
            let z = self.zone(zone);
            if z.nr_free_cma.0 > z.nr_free_pages.0 / 2
                && let Some(block) = self.rmqueue_smallest(t, zone, order, MigrateType::Cma)
            {
                return Some((block, MigrateType::Cma));
            }
        }
        loop {
            if let Some(block) = self.rmqueue_smallest(t, zone, order, migratetype) {
                return Some((block, migratetype));
            }
            if flags.has(AllocFlags::CMA)
                && self.settings().cma
                && let Some(block) = self.rmqueue_smallest(t, zone, order, MigrateType::Cma)
            {
                return Some((block, MigrateType::Cma));
            }
            if !self.rmqueue_fallback(t, zone, order, migratetype, flags) {
                return None;
            }
        }
    }

    /// A block straight from the buddy system (`rmqueue_buddy()`, 6.1.192); it is in hand then, and no longer
    /// counted as free.
    pub(super) fn rmqueue_buddy(
        &mut self,
        t: &mut Trace<'_>,
        zone: ZoneId,
        order: Order,
        migratetype: MigrateType,
        flags: AllocFlags,
    ) -> Option<Block> {
        t.within(Func::RmqueueBuddy, |t| {
            let reserved = |this: &mut Self, t: &mut _| {
                Some((
                    this.rmqueue_smallest(t, zone, order, MigrateType::HighAtomic)?,
                    MigrateType::HighAtomic,
                ))
            };
            let first = if flags.has(AllocFlags::HIGHATOMIC) { reserved(self, t) } else { None };
            let (block, from) = match first.or_else(|| self.rmqueue(t, zone, order, migratetype, flags)) {
                Some(found) => found,
                None if flags.has(AllocFlags::OOM) || flags.has(AllocFlags::NON_BLOCK) => reserved(self, t)?,
                None => return None,
            };
            let pages = u64::from(order.pages());
            let z = self.zone_mut(zone);
            z.nr_free_pages.0 -= pages;
            z.off_lists -= order.pages();
            if from == MigrateType::Cma {
                z.nr_free_cma.0 -= pages;
            }
            Some(block)
        })
    }

    /// The head of the first list from `order` up that has one, cut down to `order` (`__rmqueue_smallest()`).
    pub(super) fn rmqueue_smallest(
        &mut self,
        t: &mut Trace<'_>,
        zone: ZoneId,
        wanted: Order,
        migratetype: MigrateType,
    ) -> Option<Block> {
        t.within(Func::RmqueueSmallest, |t| {
            let found = Order::lowest_of(self.zone(zone).listed_from(wanted, migratetype));
            for order in wanted.and_up().take_while(|order| Some(*order) != found) {
                t.emit(self, StepKind::ListEmpty { zone, order, migratetype });
            }
            let order = found?;
            let pfn = self.zone(zone).area(order).list(migratetype).head()?;
            let block = Block { pfn, order };
            self.del_from_free_list(zone, block);
            self.zone_mut(zone).off_lists += order.pages();
            self.put_in_hand(t, block);
            t.emit(self, StepKind::TakeHead { zone, block, migratetype, wanted });
            let block = self.expand(t, zone, block, wanted, migratetype);
            t.moved(Moved { how: Moving::Taken, block, migratetype });
            Some(block)
        })
    }

    /// Cuts the block in hand down to `wanted`: each upper half becomes the head of its list, the lower half is
    /// kept, so the caller gets the lowest frames (`expand()`).
    fn expand(
        &mut self,
        t: &mut Trace<'_>,
        zone: ZoneId,
        block: Block,
        wanted: Order,
        migratetype: MigrateType,
    ) -> Block {
        t.within(Func::Expand, |t| {
            let mut kept = block;
            while kept.order > wanted {
                let Some(order) = kept.order.down() else { break };
                let put = Block { pfn: kept.pfn.plus(order.pages()), order };
                self.take_out_of_hand(t, kept);
                kept.order = order;
                self.put_in_hand(t, kept);
                self.add_to_free_list(zone, put, migratetype, End::Head);
                self.zone_mut(zone).off_lists -= put.order.pages();
                t.emit(self, StepKind::Split { zone, kept, put, migratetype, wanted });
            }
            kept
        })
    }

    /// Merges the block in hand with its buddies as far as it goes and puts it on a list (`__free_one_page()`).
    pub(crate) fn free_one_page(
        &mut self,
        t: &mut Trace<'_>,
        zone: ZoneId,
        block: Block,
        migratetype: MigrateType,
        to: FreeTo,
    ) {
        t.within(Func::FreeOnePage, |t| {
            let mut block = block;
            self.count_off_lists(t, zone, block);
            self.count_free(zone, migratetype, i64::from(block.order.pages()));
            while let Some(up) = block.order.up() {
                let buddy = Block { pfn: block.pfn.buddy(block.order), order: block.order };
                if t.looks() {
                    let verdict = self.buddy_verdict(zone, block, migratetype);
                    t.emit(self, StepKind::BuddyCheck { zone, block, buddy: buddy.pfn, verdict });
                }
                if !self.merges(zone, block, migratetype) {
                    break;
                }
                let from = self.mem_map.flags(buddy.pfn).migratetype();
                self.del_from_free_list(zone, buddy);
                self.count_off_lists(t, zone, buddy);
                self.take_out_of_hand(t, block);
                self.mem_map.set_flags(block.pfn.max(buddy.pfn), PageFlags::TAIL);
                block = Block { pfn: block.pfn.min(buddy.pfn), order: up };
                self.put_in_hand(t, block);
                t.emit(self, StepKind::Merge { zone, merged: block, buddy, from });
            }
            let tail = to == FreeTo::Tail || self.buddy_merge_likely(zone, block);
            self.take_out_of_hand(t, block);
            self.add_to_free_list(zone, block, migratetype, if tail { End::Tail } else { End::Head });
            self.count_on_list(t, zone, block);
            t.emit(self, StepKind::PutBlock { zone, block, migratetype, tail });
        });
    }

    /// A block that comes back is off the lists until it is on one, for those who look on.
    #[inline]
    fn count_off_lists(&mut self, t: &Trace<'_>, zone: ZoneId, block: Block) {
        if t.looks() {
            self.zone_mut(zone).off_lists += block.order.pages();
        }
    }

    /// It is on one.
    #[inline]
    fn count_on_list(&mut self, t: &Trace<'_>, zone: ZoneId, block: Block) {
        if t.looks() {
            self.zone_mut(zone).off_lists -= block.order.pages();
        }
    }

    /// Counts pages that come to or leave a list of this type (`__mod_zone_freepage_state()`). What is isolated is on
    /// its list, but not counted as free.
    #[inline]
    pub(crate) fn count_free(&mut self, zone: ZoneId, migratetype: MigrateType, pages: i64) {
        if migratetype == MigrateType::Isolate {
            return;
        }
        let z = self.zone_mut(zone);
        z.nr_free_pages.0 = z.nr_free_pages.0.wrapping_add_signed(pages);
        if migratetype == MigrateType::Cma {
            z.nr_free_cma.0 = z.nr_free_cma.0.wrapping_add_signed(pages);
        }
    }

    /// Whether the block in hand merges with its buddy (`page_is_buddy()` and the type barrier at pageblock order).
    #[inline]
    fn merges(&self, zone: ZoneId, block: Block, migratetype: MigrateType) -> bool {
        let buddy = block.pfn.buddy(block.order);
        if !self.mem_map.flags(buddy).is(PageState::Free, block.order)
            || !self.zone(zone).span.contains(buddy)
        {
            return false;
        }
        if block.order < self.pageblock_order() {
            return true;
        }
        self.pageblock_type(buddy).merges_with(migratetype)
    }

    /// The same with the reason.
    fn buddy_verdict(&self, zone: ZoneId, block: Block, migratetype: MigrateType) -> BuddyVerdict {
        let buddy = block.pfn.buddy(block.order);
        if self.merges(zone, block, migratetype) {
            return BuddyVerdict::Yes;
        }
        // It is no tail: a block that holds it and begins before it would hold ours as well.
        let head = self.mem_map.flags(buddy);
        match head.state() {
            PageState::Free => {}
            PageState::Hole | PageState::Reserved => return BuddyVerdict::NoMemory,
            _ => return BuddyVerdict::InUse,
        }
        if !self.zone(zone).span.contains(buddy) {
            return BuddyVerdict::OtherZone;
        }
        if head.order() != block.order {
            return BuddyVerdict::OtherOrder(head.order());
        }
        BuddyVerdict::OtherType { ours: migratetype, theirs: self.pageblock_type(buddy) }
    }

    /// Whether the block's next merge is only waiting for its buddy: the block beside their union is free and as
    /// large as the union (`buddy_merge_likely()`). Such a block goes to the tail, to be left alone a little longer.
    #[inline]
    fn buddy_merge_likely(&self, zone: ZoneId, block: Block) -> bool {
        let Some(up) = block.order.up() else { return false };
        if up == Order::MAX {
            return false; // order >= MAX_ORDER - 2
        }
        let uncle = block.pfn.align_down(up).buddy(up);
        self.mem_map.flags(uncle).is(PageState::Free, up) && self.zone(zone).span.contains(uncle)
    }

    /// Puts a block on a free list (`add_to_free_list()`, `add_to_free_list_tail()`).
    #[inline(always)]
    pub(crate) fn add_to_free_list(
        &mut self,
        zone: ZoneId,
        block: Block,
        migratetype: MigrateType,
        end: End,
    ) {
        let (prev, next) = self.zones[zone.index()].push(block, migratetype, end);
        self.mem_map.link(block, migratetype, prev, next);
    }

    /// Takes a block off the list it is on (`del_page_from_free_list()`). The caller sets the head's entry next.
    #[inline]
    pub(crate) fn del_from_free_list(&mut self, zone: ZoneId, block: Block) {
        let flags = self.mem_map.flags(block.pfn);
        let is_listed = flags.is(PageState::Free, block.order);
        assert!(is_listed, "frame {} of order {} is on no list", block.pfn, block.order);
        let (prev, next) = self.mem_map.neighbours(block.pfn);
        self.mem_map.unlink(prev, next);
        self.zones[zone.index()].remove(block, flags.migratetype(), prev, next);
    }

    /// Moves a free block to the tail of another type's list (`move_to_free_list()`).
    pub(crate) fn move_to_free_list(&mut self, zone: ZoneId, block: Block, to: MigrateType) {
        self.del_from_free_list(zone, block);
        self.add_to_free_list(zone, block, to, End::Tail);
    }
}

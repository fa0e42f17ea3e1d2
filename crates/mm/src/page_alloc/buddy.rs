//! Taking, splitting and merging blocks, and the free lists they stand on.

use super::{AllocFlags, FreeTo};
use crate::Machine;
use crate::mmzone::{End, ZoneId};
use crate::page::{Block, MigrateType, NONE, Page, PageState};
use crate::replay::{Moved, Moving};
use crate::step::{BuddyVerdict, Func, StepKind, Watch};
use crate::units::{Order, Pfn};

impl Machine {
    /// A block of the buddy system and the type of the list it came from: the smallest of the own type that will
    /// do; if there is none, another type's blocks are moved over and it is tried again (`__rmqueue()`). It is in
    /// hand then, and still counted as free.
    pub(super) fn rmqueue(
        &mut self,
        t: &mut impl Watch,
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
        t: &mut impl Watch,
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
    fn rmqueue_smallest(
        &mut self,
        t: &mut impl Watch,
        zone: ZoneId,
        wanted: Order,
        migratetype: MigrateType,
    ) -> Option<Block> {
        t.within(Func::RmqueueSmallest, |t| {
            for order in wanted.and_up() {
                let Some(pfn) = self.zone(zone).area(order).list(migratetype).head() else {
                    t.emit(self, StepKind::ListEmpty { zone, order, migratetype });
                    continue;
                };
                let block = Block { pfn, order };
                self.del_from_free_list(zone, block);
                self.zone_mut(zone).off_lists += order.pages();
                self.put_in_hand(block);
                t.emit(self, StepKind::TakeHead { zone, block, migratetype, wanted });
                let block = self.expand(t, zone, block, wanted, migratetype);
                t.moved(Moved { how: Moving::Taken, block, migratetype });
                return Some(block);
            }
            None
        })
    }

    /// Cuts the block in hand down to `wanted`: each upper half becomes the head of its list, the lower half is
    /// kept, so the caller gets the lowest frames (`expand()`).
    fn expand(
        &mut self,
        t: &mut impl Watch,
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
                self.take_out_of_hand(kept);
                kept.order = order;
                self.put_in_hand(kept);
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
        t: &mut impl Watch,
        zone: ZoneId,
        block: Block,
        migratetype: MigrateType,
        to: FreeTo,
    ) {
        t.within(Func::FreeOnePage, |t| {
            let mut block = block;
            let z = self.zone_mut(zone);
            z.off_lists += block.order.pages();
            self.count_free(zone, migratetype, i64::from(block.order.pages()));
            while let Some(up) = block.order.up() {
                let buddy = Block { pfn: block.pfn.buddy(block.order), order: block.order };
                let verdict = self.buddy_verdict(zone, block, migratetype);
                t.emit(self, StepKind::BuddyCheck { zone, block, buddy: buddy.pfn, verdict });
                if verdict != BuddyVerdict::Yes {
                    break;
                }
                let from = self.page(buddy.pfn).migratetype;
                self.del_from_free_list(zone, buddy);
                self.zone_mut(zone).off_lists += buddy.order.pages();
                self.take_out_of_hand(block);
                self.set_page(block.pfn.max(buddy.pfn), Page::plain(PageState::Tail));
                block = Block { pfn: block.pfn.min(buddy.pfn), order: up };
                self.put_in_hand(block);
                t.emit(self, StepKind::Merge { zone, merged: block, buddy, from });
            }
            let tail = to == FreeTo::Tail || self.buddy_merge_likely(zone, block);
            self.take_out_of_hand(block);
            self.add_to_free_list(zone, block, migratetype, if tail { End::Tail } else { End::Head });
            self.zone_mut(zone).off_lists -= block.order.pages();
            t.emit(self, StepKind::PutBlock { zone, block, migratetype, tail });
        });
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
    fn buddy_verdict(&self, zone: ZoneId, block: Block, migratetype: MigrateType) -> BuddyVerdict {
        let buddy = block.pfn.buddy(block.order);
        let Some(head) = self.block_of(buddy) else {
            return BuddyVerdict::NoMemory;
        };
        if self.page(head.pfn).state != PageState::Free {
            return BuddyVerdict::InUse;
        }
        if self.zone_of(buddy) != Some(zone) {
            return BuddyVerdict::OtherZone;
        }
        if head != (Block { pfn: buddy, order: block.order }) {
            return BuddyVerdict::OtherOrder(head.order);
        }
        if block.order >= self.pageblock_order() {
            let theirs = self.pageblock_type(buddy);
            if theirs != migratetype && !(theirs.is_mergeable() && migratetype.is_mergeable()) {
                return BuddyVerdict::OtherType { ours: migratetype, theirs };
            }
        }
        BuddyVerdict::Yes
    }

    /// Whether the block's next merge is only waiting for its buddy: the block beside their union is free and as
    /// large as the union (`buddy_merge_likely()`). Such a block goes to the tail, to be left alone a little longer.
    fn buddy_merge_likely(&self, zone: ZoneId, block: Block) -> bool {
        let Some(up) = block.order.up() else { return false };
        if up == Order::MAX {
            return false; // order >= MAX_ORDER - 2
        }
        let uncle = block.pfn.align_down(up).buddy(up);
        self.zone_of(uncle) == Some(zone)
            && self.page(uncle).state == PageState::Free
            && self.page(uncle).order == up
    }

    /// Puts a block on a free list (`add_to_free_list()`, `add_to_free_list_tail()`).
    pub(crate) fn add_to_free_list(
        &mut self,
        zone: ZoneId,
        block: Block,
        migratetype: MigrateType,
        end: End,
    ) {
        let Block { pfn, order } = block;
        let area = &mut self.zone_mut(zone).free_area[order.index()];
        area.nr_free += 1;
        let (prev, next) = area.lists[migratetype.index()].push(pfn, end);
        self.set_page(pfn, Page { order, migratetype, prev, next, ..Page::plain(PageState::Free) });
        self.link(prev, next, pfn);
    }

    /// Tells the neighbours on a list that `pfn` is between them.
    #[inline]
    pub(super) fn link(&mut self, prev: u32, next: u32, pfn: Pfn) {
        if prev != NONE {
            self.page_mut(Pfn(prev)).next = pfn.0;
        }
        if next != NONE {
            self.page_mut(Pfn(next)).prev = pfn.0;
        }
    }

    /// Tells the neighbours on a list that they are side by side.
    #[inline]
    pub(super) fn unlink(&mut self, prev: u32, next: u32) {
        if prev != NONE {
            self.page_mut(Pfn(prev)).next = next;
        }
        if next != NONE {
            self.page_mut(Pfn(next)).prev = prev;
        }
    }

    /// Takes a block off the list it is on (`del_page_from_free_list()`).
    pub(crate) fn del_from_free_list(&mut self, zone: ZoneId, block: Block) {
        let Page { state, order, migratetype, next, prev, .. } = self.page(block.pfn);
        let is_listed = state == PageState::Free && order == block.order;
        assert!(is_listed, "frame {} of order {} is on no list", block.pfn, block.order);
        self.unlink(prev, next);
        let area = &mut self.zone_mut(zone).free_area[order.index()];
        area.nr_free -= 1;
        area.lists[migratetype.index()].remove(block.pfn, prev, next);
        self.set_page(block.pfn, Page::plain(PageState::Tail));
    }

    /// Moves a free block to the tail of another type's list (`move_to_free_list()`).
    pub(crate) fn move_to_free_list(&mut self, zone: ZoneId, block: Block, to: MigrateType) {
        self.del_from_free_list(zone, block);
        self.add_to_free_list(zone, block, to, End::Tail);
    }
}

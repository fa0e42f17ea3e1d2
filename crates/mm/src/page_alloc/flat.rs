//! Taking, splitting, merging, refills and drains where nobody looks on, in tables that are laid out flat.
//!
//! The rules are those of `buddy` and `pcp`, and so is every list afterwards. What goes step by step there is done at
//! once here: blocks that lie side by side are cut off as one run, and come back as the block they make up.

use super::pcp::{is_free_high, nr_pcp_free, nr_pcp_high, refill_blocks};
use crate::Machine;
use crate::cow::CowVec;
use crate::deque::Pieces;
use crate::machine::Pageblock;
use crate::mmzone::{End, FreeList, PerCpuPages, Zone, ZoneId};
use crate::page::{Block, Links, MigrateType, NONE, PageFlags, PageState};
use crate::units::{CpuId, Order, Pfn};

/// One zone of a machine, with its frames.
pub(super) struct Flat<'m> {
    zone: &'m mut Zone,
    pieces: &'m mut Pieces,
    flags: &'m mut [PageFlags],
    links: &'m mut [Links],
    pageblocks: &'m CowVec<Pageblock, 1024>,
    /// From this order on, types may keep buddies apart.
    pageblock_order: Order,
}

impl Machine {
    /// A zone, if the tables are laid out flat and none of its pageblocks is isolated.
    #[inline(always)]
    pub(super) fn flat(&mut self, zone: ZoneId) -> Option<Flat<'_>> {
        let zone = self.zones.get_mut(zone.index()).filter(|zone| zone.nr_isolate_pageblock == 0)?;
        let (flags, links) = self.mem_map.flat()?;
        let (pieces, pageblocks) = (&mut self.pcp_blocks, &self.pageblocks);
        Some(Flat { zone, pieces, flags, links, pageblocks, pageblock_order: self.settings.pageblock_order })
    }
}

impl Flat<'_> {
    /// Whether kswapd is to be woken by whoever comes next.
    #[inline(always)]
    pub(super) fn is_boosted(&self) -> bool {
        self.zone.boosted
    }

    /// A block of the own type, if there is one; it is counted as free no longer.
    #[inline(always)]
    pub(super) fn take(&mut self, order: Order, migratetype: MigrateType) -> Option<Pfn> {
        let found = Order::lowest_of(self.zone.listed_from(order, migratetype))?;
        self.zone.nr_free_pages.0 -= u64::from(order.pages());
        Some(self.take_run(found, order, migratetype, 1))
    }

    /// A block from the CPU's list, which is refilled when it is empty; or how many blocks the refill came to, when the
    /// own type has not enough of them. What has been refilled till then still counts as free.
    #[inline(always)]
    pub(super) fn take_from_pcp(
        &mut self,
        cpu: CpuId,
        index: usize,
        order: Order,
        migratetype: MigrateType,
    ) -> Result<Pfn, u32> {
        if let Some(pfn) = self.pop(cpu, index, order) {
            return Ok(pfn);
        }
        let wanted = refill_blocks(&self.zone.pageset[cpu.index()], order);
        let got = self.refill(cpu, index, (order, migratetype), wanted);
        if got < wanted {
            return Err(got);
        }
        self.zone.nr_free_pages.0 -= u64::from(self.zone.off_lists);
        self.zone.off_lists = 0;
        self.pop(cpu, index, order).ok_or(got)
    }

    /// The head of a CPU's list.
    #[inline(always)]
    pub(super) fn pop(&mut self, cpu: CpuId, index: usize, order: Order) -> Option<Pfn> {
        let pcp = &mut self.zone.pageset[cpu.index()];
        let pfn = self.pieces.pop(&mut pcp.lists[index], End::Head)?;
        pcp.free_factor >>= 1;
        pcp.count -= order.pages();
        Some(pfn)
    }

    /// Whether it is the head of a block of this order that somebody has.
    #[inline(always)]
    pub(super) fn is_in_use(&self, block: Block) -> bool {
        let flags = self.flags.get(block.pfn.0 as usize);
        flags.is_some_and(|flags| flags.is(PageState::Allocated, block.order))
    }

    /// Gives a block back to the CPU's list `index`, if there is one, or to the buddy system
    /// (`free_unref_page_commit()`).
    #[inline(always)]
    pub(super) fn free(&mut self, cpu: CpuId, block: Block, migratetype: MigrateType, index: usize) {
        let Block { pfn, order } = block;
        let pcp = &mut self.zone.pageset[cpu.index()];
        let free_high = is_free_high(pcp, order);
        // It would be put on the list, and all that is on the lists would be given back.
        let is_only = free_high && pcp.count == 0;
        let Some(list) = pcp.lists.get_mut(index).filter(|_| !is_only) else {
            return self.free_one(block, migratetype);
        };
        pcp.count += order.pages();
        self.pieces.push(list, pfn, End::Head);
        self.flags[pfn.0 as usize] = PageFlags::listed(PageState::Pcp, order, migratetype);
        let high = nr_pcp_high(pcp, self.zone.reclaim_active, free_high);
        if pcp.count >= high {
            let pages = nr_pcp_free(pcp, high, pcp.batch, free_high).min(pcp.count);
            self.drain(cpu, pages, index);
        }
    }

    /// So many blocks of `wanted` from the head of the list of `found`, the first that has one; gives the first of
    /// them. They lie side by side, and nobody has them.
    ///
    /// One by one, each block of a list is taken before one of the next is cut, so the lists between are empty until
    /// then, and what is left of the cut one stands on them, one block on each at most.
    #[inline(always)]
    fn take_run(&mut self, found: Order, wanted: Order, migratetype: MigrateType, blocks: u32) -> Pfn {
        let pfn = Pfn(self.zone.free_area[found.index()].lists[migratetype.index()].head);
        let next = self.links[pfn.0 as usize].next;
        self.unlink(found, migratetype, NONE, next);
        let mut left = found.pages() - (blocks << wanted.get());
        let mut put = pfn.plus(blocks << wanted.get());
        self.zone.listed[migratetype.index()] |= left as u16;
        while left > 0 {
            let order = Order::of_bits(left.trailing_zeros() as u8);
            self.zone.free_area[order.index()].lists[migratetype.index()] =
                FreeList { head: put.0, tail: put.0, len: 1 };
            self.links[put.0 as usize] = Links { next: NONE, prev: NONE };
            self.flags[put.0 as usize] = PageFlags::listed(PageState::Free, order, migratetype);
            put = put.plus(order.pages());
            left &= left - 1;
        }
        pfn
    }

    /// Merges a block that nobody has with its buddies as far as it goes and puts it on a list
    /// (`__free_one_page()`).
    #[inline(never)]
    pub(super) fn free_one(&mut self, block: Block, migratetype: MigrateType) {
        let Block { mut pfn, mut order } = block;
        let pages = u64::from(order.pages());
        self.zone.nr_free_pages.0 += pages;
        if migratetype == MigrateType::Cma {
            self.zone.nr_free_cma.0 += pages;
        }
        loop {
            let buddy = pfn.buddy(order);
            // Below pageblocks nothing keeps buddies apart.
            if order >= self.pageblock_order
                && (order == Order::MAX || !self.is_mergeable(buddy, migratetype))
            {
                break;
            }
            let Some(flags) = self.free_at(buddy, order) else { break };
            let Links { prev, next } = self.links[buddy.0 as usize];
            self.unlink(order, flags.migratetype(), prev, next);
            self.flags[pfn.max(buddy).0 as usize] = PageFlags::TAIL;
            (pfn, order) = (pfn.min(buddy), order.above());
        }
        let block = Block { pfn, order };
        let end = if self.buddy_merge_likely(block) { End::Tail } else { End::Head };
        self.link(block, migratetype, end);
    }

    /// What the frame is, if a free block of this order begins there that is of the same zone.
    #[inline(always)]
    fn free_at(&self, pfn: Pfn, order: Order) -> Option<PageFlags> {
        let flags = *self.flags.get(pfn.0 as usize)?;
        (flags.is(PageState::Free, order) && self.zone.span.contains(pfn)).then_some(flags)
    }

    fn is_mergeable(&self, buddy: Pfn, migratetype: MigrateType) -> bool {
        let theirs = self.pageblocks.get_or_fill(buddy.0 >> self.pageblock_order.get()).migratetype;
        theirs.merges_with(migratetype)
    }

    /// See [`Machine::buddy_merge_likely`].
    #[inline(always)]
    fn buddy_merge_likely(&self, block: Block) -> bool {
        let Some(up) = block.order.up().filter(|up| *up != Order::MAX) else { return false };
        self.free_at(block.pfn.align_down(up).buddy(up), up).is_some()
    }

    /// Takes a block off a list where it lies between these.
    #[inline(always)]
    fn unlink(&mut self, order: Order, migratetype: MigrateType, prev: u32, next: u32) {
        let list = &mut self.zone.free_area[order.index()].lists[migratetype.index()];
        list.len -= 1;
        if list.len == 0 {
            (list.head, list.tail) = (NONE, NONE);
            self.zone.listed[migratetype.index()] &= !(1 << order.get());
            return;
        }
        *if prev == NONE { &mut list.head } else { &mut self.links[prev as usize].next } = next;
        *if next == NONE { &mut list.tail } else { &mut self.links[next as usize].prev } = prev;
    }

    /// Puts a block at one end of a list.
    #[inline(always)]
    fn link(&mut self, block: Block, migratetype: MigrateType, end: End) {
        let Block { pfn, order } = block;
        let (prev, next) = self.zone.push(block, migratetype, end);
        if next != NONE {
            self.links[next as usize].prev = pfn.0;
        }
        if prev != NONE {
            self.links[prev as usize].next = pfn.0;
        }
        self.links[pfn.0 as usize] = Links { next, prev };
        self.flags[pfn.0 as usize] = PageFlags::listed(PageState::Free, order, migratetype);
    }

    /// Fills a CPU's list with what the lists of the own type have; gives how many blocks that came to, at most so
    /// many. They still count as free.
    pub(super) fn refill(
        &mut self,
        cpu: CpuId,
        index: usize,
        (order, migratetype): (Order, MigrateType),
        most: u32,
    ) -> u32 {
        let mut got = 0;
        while got < most
            && let Some(found) = Order::lowest_of(self.zone.listed_from(order, migratetype))
        {
            if found == order {
                got += self.refill_whole(cpu, index, (order, migratetype), most - got);
                continue;
            }
            let blocks = (most - got).min(found.pages() >> order.get());
            let first = self.take_run(found, order, migratetype, blocks);
            let deque = &mut self.zone.pageset[cpu.index()].lists[index];
            self.pieces.push_run(deque, Block { pfn: first, order }, blocks);
            self.set_run(first, order, blocks, PageFlags::listed(PageState::Pcp, order, migratetype));
            got += blocks;
        }
        self.zone.off_lists += got << order.get();
        self.zone.pageset[cpu.index()].count += got << order.get();
        got
    }

    /// The same with blocks that need not be split, as many as there are.
    #[inline(always)]
    fn refill_whole(
        &mut self,
        cpu: CpuId,
        index: usize,
        (order, migratetype): (Order, MigrateType),
        most: u32,
    ) -> u32 {
        let list = &mut self.zone.free_area[order.index()].lists[migratetype.index()];
        let deque = &mut self.zone.pageset[cpu.index()].lists[index];
        let flags = PageFlags::listed(PageState::Pcp, order, migratetype);
        let (blocks, mut next) = (most.min(list.len), list.head);
        for _ in 0..blocks {
            self.pieces.push(deque, Pfn(next), End::Tail);
            self.flags[next as usize] = flags;
            next = self.links[next as usize].next;
        }
        list.len -= blocks;
        list.head = next;
        if next == NONE {
            list.tail = NONE;
            self.zone.listed[migratetype.index()] &= !(1 << order.get());
        } else {
            self.links[next as usize].prev = NONE;
        }
        blocks
    }

    /// Says what the heads of so many blocks are that lie side by side.
    #[inline(always)]
    fn set_run(&mut self, first: Pfn, order: Order, blocks: u32, flags: PageFlags) {
        let run = &mut self.flags[first.0 as usize..(first.0 + (blocks << order.get())) as usize];
        run.iter_mut().step_by(1 << order.get()).for_each(|head| *head = flags);
    }

    /// Gives so many pages of a CPU back, no more than there are, list by list from `index` on, each from its tail
    /// (`free_pcppages_bulk()`).
    pub(super) fn drain(&mut self, cpu: CpuId, pages: u32, mut index: usize) {
        let mut left = pages;
        while left > 0 {
            while self.zone.pageset[cpu.index()].lists[index].list.is_empty() {
                index = if index + 1 == PerCpuPages::LISTS { 0 } else { index + 1 };
            }
            let order = PerCpuPages::order_of(index, self.pageblock_order);
            left = left.saturating_sub(self.drain_tail(cpu, index, order, left));
        }
    }

    /// Gives back the block at the tail of a CPU's list, and with it all that come next and make up a larger block with
    /// it; gives how many pages.
    ///
    /// One by one, a block that is freed before its buddies are is put on a list, and taken off it when they come: as
    /// far as they come next, nothing of that is left but the whole. From pageblocks on types may keep them apart.
    #[inline(always)]
    fn drain_tail(&mut self, cpu: CpuId, index: usize, order: Order, left: u32) -> u32 {
        let pcp = &mut self.zone.pageset[cpu.index()];
        let list = &mut pcp.lists[index];
        let Some(tail) = list.list.tail() else { return 0 };
        let (first, flags) = (tail.0, self.flags[tail.0 as usize]);
        let (size, mut doublings) = (order.pages(), 0);
        let next = self.pieces.before_tail(list).unwrap_or(first);
        let (rises, falls) = (next == first + size, next.wrapping_add(size) == first);
        if rises || falls {
            // From an even block upwards, or from an odd one downwards.
            let place = first >> order.get();
            let place = if rises { place } else { !place };
            let largest = self.pageblock_order.get().saturating_sub(order.get());
            let most = 1 << place.trailing_zeros().min(u32::from(largest));
            let most = left.div_ceil(size).min(most);
            let mut at = first;
            let before = self.pieces.last_piece(list).iter().rev().skip(1);
            let follow = before.take(most as usize - 1).take_while(|next| {
                at = if rises { at + size } else { at - size };
                **next == at && self.flags[at as usize] == flags
            });
            doublings = (follow.count() + 1).ilog2();
        }
        self.pieces.drop_back(list, 1 << doublings);
        let whole = Order::of_bits(order.get() + doublings as u8);
        let whole = Block { pfn: Pfn(first).align_down(whole), order: whole };
        pcp.count -= whole.order.pages();
        if doublings > 0 {
            self.set_run(whole.pfn, order, 1 << doublings, PageFlags::TAIL);
        }
        self.free_one(whole, flags.migratetype());
        whole.order.pages()
    }
}

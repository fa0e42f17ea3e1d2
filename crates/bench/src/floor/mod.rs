//! What the rules cost alone: one zone with a mark, per-CPU lists, two migratetypes and the buddy system of Linux 6.1,
//! in bare arrays.
//!
//! It decides as the engine does, request by request (the test below), and does nothing else: there are no other zones,
//! nodes and CPUs, no names, no counts for `/proc`, no copies that share what did not change, and nobody can look on.
//! What the engine takes beyond this is its own; what this takes beyond the peers are the rules.

mod replacement;

use std::num::NonZeroU32;

use mm::Machine;
use mm::mmzone::{Mark, Zone};

pub use self::replacement::Cache;
use crate::candidate::Candidate;
use crate::engine::config;

const ORDERS: u32 = 11;
const PAGEBLOCK: u32 = 9;
const TYPES: u32 = 2;
/// Of each order from 0 to 3, and of huge pages, one for each type.
const LISTS: usize = 10;
/// Frames that a CPU's list has room for: more than its `high`.
const RING: u32 = 1 << 14;

const TAIL: u16 = 2;
const FREE: u16 = 3;
const IN_USE: u16 = 4;
const PCP: u16 = 6;
const STATE_AND_ORDER: u16 = 0x7f;

const fn flags(state: u16, order: u32, migratetype: u32) -> u16 {
    state | (order as u16) << 3 | (migratetype as u16) << 7
}

/// Places in a ring, which go round.
#[derive(Clone, Copy, Default)]
struct Ends {
    head: u32,
    tail: u32,
}

impl Ends {
    fn len(self) -> u32 {
        self.tail.wrapping_sub(self.head)
    }
}

/// The zone.
pub struct Floor {
    end: u32,
    flags: Vec<u16>,
    /// Next and previous on a free list. Behind the frames come the lists themselves, each a ring through its own entry.
    links: Vec<[u32; 2]>,
    /// A bit for each order on whose list there is a block.
    listed: [u32; TYPES as usize],
    free: u32,
    low: u32,
    pageblocks: Vec<u8>,
    rings: Vec<u32>,
    lists: [Ends; LISTS],
    count: u32,
    high: u32,
    batch: u32,
    free_factor: u32,
    /// kswapd is at work, so the CPU's lists are kept short.
    reclaim_active: bool,
}

impl Floor {
    /// A zone that is all movable, and has all of its frames.
    fn of_zone(zone: &Zone) -> Floor {
        let (pcp, end) = (&zone.pagesets()[0], zone.span.end.0);
        let mut floor = Floor {
            end,
            flags: vec![0; (end + (1 << ORDERS)) as usize],
            links: (0..end + ORDERS * TYPES).map(|list| [list; 2]).collect(),
            listed: [0; TYPES as usize],
            free: 0,
            low: zone.wmark_pages(Mark::Low),
            pageblocks: vec![1; (end >> PAGEBLOCK) as usize + 1],
            rings: vec![0; LISTS * RING as usize],
            lists: [Ends::default(); LISTS],
            count: 0,
            high: pcp.high.min(RING / 2),
            batch: pcp.batch,
            free_factor: 0,
            reclaim_active: false,
        };
        let mut pfn = zone.span.start.0;
        while pfn < end {
            let order = (ORDERS - 1).min(pfn.trailing_zeros()).min((end - pfn).ilog2());
            floor.push(pfn, order, 1, true);
            floor.free += 1 << order;
            pfn += 1 << order;
        }
        floor
    }

    /// `nr_pcp_high()`
    #[inline(always)]
    fn pcp_high(&self) -> u32 {
        if self.reclaim_active { self.high.min(self.batch << 2) } else { self.high }
    }

    /// The head of a list of the CPU, which is refilled when it is empty.
    #[inline(always)]
    fn take_from_pcp(&mut self, list: usize, order: u32, migratetype: u32) -> Option<u32> {
        self.free_factor >>= 1;
        if self.lists[list].len() == 0 {
            self.refill(list, order, migratetype);
            if self.lists[list].len() == 0 {
                return None;
            }
        }
        let head = self.lists[list].head;
        self.lists[list].head = head.wrapping_add(1);
        self.count -= 1 << order;
        Some(*self.at(list, head))
    }

    /// `free_unref_page_commit()`
    #[inline(always)]
    fn give_to_pcp(&mut self, list: usize, pfn: u32, order: u32, migratetype: u32) {
        self.flags[pfn as usize] = flags(PCP, order, migratetype);
        let head = self.lists[list].head.wrapping_sub(1);
        self.lists[list].head = head;
        *self.at(list, head) = pfn;
        self.count += 1 << order;
        let free_high = self.free_factor > 0 && (1..=3).contains(&order);
        if free_high || self.count >= self.pcp_high() {
            self.drain(list, free_high);
        }
    }

    fn list(&self, order: u32, migratetype: u32) -> u32 {
        self.end + order * TYPES + migratetype
    }

    #[inline(always)]
    fn push(&mut self, pfn: u32, order: u32, migratetype: u32, at_tail: bool) {
        let list = self.list(order, migratetype);
        let [first, last] = self.links[list as usize];
        let [next, prev] = if at_tail { [list, last] } else { [first, list] };
        self.links[pfn as usize] = [next, prev];
        self.links[next as usize][1] = pfn;
        self.links[prev as usize][0] = pfn;
        self.flags[pfn as usize] = flags(FREE, order, migratetype);
        self.listed[migratetype as usize] |= 1 << order;
    }

    #[inline(always)]
    fn unlink(&mut self, pfn: u32, order: u32, migratetype: u32) {
        let [next, prev] = self.links[pfn as usize];
        self.links[prev as usize][0] = next;
        self.links[next as usize][1] = prev;
        // Only the list itself is on both sides of the last one.
        self.listed[migratetype as usize] &= !(u32::from(next == prev && next >= self.end) << order);
    }

    /// `__rmqueue()`, so many blocks at once; gives the first, and how many it came to.
    #[inline(always)]
    fn take(&mut self, order: u32, migratetype: u32, most: u32) -> Option<(u32, u32)> {
        let listed = self.listed[migratetype as usize] >> order << order;
        if listed == 0 {
            return self.steal(order, migratetype).then(|| self.take(order, migratetype, most))?;
        }
        let found = listed.trailing_zeros();
        let pfn = self.links[self.list(found, migratetype) as usize][0];
        self.unlink(pfn, found, migratetype);
        let blocks = most.min(1 << (found - order));
        let (mut left, mut put) = ((1u32 << found) - (blocks << order), pfn + (blocks << order));
        while left > 0 {
            let order = left.trailing_zeros();
            self.push(put, order, migratetype, false);
            put += 1 << order;
            left &= left - 1;
        }
        Some((pfn, blocks))
    }

    /// The largest block of the other type becomes the type's, with its pageblocks: as far as `steal_suitable_fallback()`
    /// comes into it where memory is half free.
    #[cold]
    #[inline(never)]
    fn steal(&mut self, order: u32, migratetype: u32) -> bool {
        let other = 1 - migratetype;
        let Some(found) = (order..ORDERS).rev().find(|order| self.listed[other as usize] >> order & 1 != 0)
        else {
            return false;
        };
        let pfn = self.links[self.list(found, other) as usize][0];
        self.unlink(pfn, found, other);
        if found >= PAGEBLOCK - 1 {
            let last = pfn + (1 << found) - 1;
            self.pageblocks[(pfn >> PAGEBLOCK) as usize..=(last >> PAGEBLOCK) as usize]
                .fill(migratetype as u8);
        }
        self.push(pfn, found, migratetype, true);
        true
    }

    /// `__free_one_page()`.
    #[inline(never)]
    fn give(&mut self, mut pfn: u32, mut order: u32, migratetype: u32) {
        self.free += 1 << order;
        while order < ORDERS - 1 {
            let buddy = pfn ^ 1 << order;
            let theirs = self.flags[buddy as usize];
            if theirs & STATE_AND_ORDER != flags(FREE, order, 0) {
                break;
            }
            self.unlink(buddy, order, u32::from(theirs >> 7));
            self.flags[(pfn | buddy) as usize] = TAIL;
            pfn &= buddy;
            order += 1;
        }
        let up = order + 1;
        let uncle = (pfn >> up ^ 1) << up;
        let merge_likely =
            up < ORDERS - 1 && self.flags[uncle as usize] & STATE_AND_ORDER == flags(FREE, up, 0);
        self.push(pfn, order, migratetype, merge_likely);
    }

    /// The CPU's list for blocks of this order, if they have one.
    #[inline(always)]
    fn pcp(order: u32, migratetype: u32) -> Option<usize> {
        match order {
            0..=3 => Some((order * TYPES + migratetype) as usize),
            PAGEBLOCK => Some((4 * TYPES + migratetype) as usize),
            _ => None,
        }
    }

    #[inline(always)]
    fn at(&mut self, list: usize, place: u32) -> &mut u32 {
        &mut self.rings[list * RING as usize + (place % RING) as usize]
    }

    /// `rmqueue_bulk()`
    #[inline(never)]
    fn refill(&mut self, list: usize, order: u32, migratetype: u32) {
        let wanted = if self.batch > 1 { (self.batch >> order).max(2) } else { 1 };
        let mut got = 0;
        while got < wanted
            && let Some((first, blocks)) = self.take(order, migratetype, wanted - got)
        {
            for block in 0..blocks {
                let pfn = first + (block << order);
                let tail = self.lists[list].tail;
                *self.at(list, tail) = pfn;
                self.lists[list].tail = tail.wrapping_add(1);
                self.flags[pfn as usize] = flags(PCP, order, migratetype);
            }
            got += blocks;
        }
        self.free -= got << order;
        self.count += got << order;
    }

    /// `free_pcppages_bulk()`, with `nr_pcp_free()`.
    #[inline(never)]
    fn drain(&mut self, mut list: usize, free_high: bool) {
        let pages = if free_high {
            self.count
        } else {
            let (pages, most) = (self.batch << self.free_factor, self.pcp_high() - self.batch);
            if pages < most && self.free_factor < 5 {
                self.free_factor += 1;
            }
            pages.max(self.batch).min(most).min(self.count)
        };
        let mut left = pages;
        while left > 0 {
            while self.lists[list].len() == 0 {
                list = (list + 1) % LISTS;
            }
            left = left.saturating_sub(self.drain_tail(list, left));
        }
    }

    /// What makes up a larger block at the tail comes back as that.
    #[inline(always)]
    fn drain_tail(&mut self, list: usize, left: u32) -> u32 {
        let (order, migratetype) =
            if list < 8 { (list as u32 / TYPES, list as u32 % TYPES) } else { (PAGEBLOCK, list as u32 - 8) };
        let (ends, size) = (self.lists[list], 1u32 << order);
        let first = *self.at(list, ends.tail.wrapping_sub(1));
        let mut blocks = 1;
        if ends.len() > 1 {
            let next = *self.at(list, ends.tail.wrapping_sub(2));
            let (rises, falls) = (next == first + size, next + size == first);
            if rises || falls {
                let place = if rises { first >> order } else { !(first >> order) };
                let most = 1 << place.trailing_zeros().min(PAGEBLOCK.saturating_sub(order));
                let most = left.div_ceil(size).min(ends.len()).min(most);
                let mut pfn = first;
                while blocks < most {
                    pfn = if rises { pfn + size } else { pfn - size };
                    if *self.at(list, ends.tail.wrapping_sub(blocks + 1)) != pfn {
                        break;
                    }
                    blocks += 1;
                }
                blocks = 1 << blocks.ilog2();
            }
        }
        self.lists[list].tail = ends.tail.wrapping_sub(blocks);
        let whole = order + blocks.trailing_zeros();
        let pfn = first >> whole << whole;
        (0..blocks).for_each(|block| self.flags[(pfn + (block << order)) as usize] = TAIL);
        self.count -= 1 << whole;
        self.give(pfn, whole, migratetype);
        1 << whole
    }
}

impl Candidate for Floor {
    type Block = NonZeroU32;
    const NAME: &'static str = "the rules alone";

    fn new(frames: u32) -> Floor {
        let machine = Machine::boot(&config(frames)).expect("a PC boots");
        let zone = machine.zones().iter().max_by_key(|zone| zone.managed).expect("it has zones");
        Floor::of_zone(zone)
    }

    #[inline]
    fn alloc(&mut self, order: u8, movable: bool) -> Option<NonZeroU32> {
        let (order, migratetype) = (u32::from(order), u32::from(movable));
        let pages = 1 << order;
        let is_listed = order == 0 || (self.listed[0] | self.listed[1]) >> order != 0;
        if self.free < self.low + pages || !is_listed {
            return None;
        }
        let pfn = if let Some(list) = Floor::pcp(order, migratetype) {
            self.take_from_pcp(list, order, migratetype)?
        } else {
            let (pfn, _) = self.take(order, migratetype, 1)?;
            self.free -= pages;
            pfn
        };
        self.flags[pfn as usize] = flags(IN_USE, order, 0);
        NonZeroU32::new(pfn)
    }

    #[inline]
    fn free(&mut self, frame: NonZeroU32, order: u8) {
        let (pfn, order) = (frame.get(), u32::from(order));
        let migratetype = u32::from(self.pageblocks[(pfn >> PAGEBLOCK) as usize]);
        let Some(list) = Floor::pcp(order, migratetype) else { return self.give(pfn, order, migratetype) };
        self.give_to_pcp(list, pfn, order, migratetype);
    }

    fn first_frame(&self, frame: NonZeroU32) -> usize {
        frame.get() as usize
    }

    fn state_bytes(&self) -> Option<u64> {
        let bytes =
            self.flags.len() * 2 + self.links.len() * 8 + self.pageblocks.len() + self.rings.len() * 4;
        Some(bytes as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Engine;
    use crate::mix::{Mix, stream};

    /// The engine gives away the same frames, from the first request to the last.
    #[test]
    fn decides_as_the_engine_does() {
        const FRAMES: u32 = 65_536;
        for mix in [Mix::Geometric, Mix::Uniform, Mix::Order0] {
            let requests = stream(mix, FRAMES, 200_000, 5);
            let (mut floor, mut engine) = (Floor::new(FRAMES), Engine::new(FRAMES));
            let mut held = vec![None; requests.slots as usize];
            for (at, ask) in requests.fill.iter().chain(&requests.steady).enumerate() {
                let slot = &mut held[ask.slot as usize];
                if ask.is_alloc {
                    *slot = engine.alloc(ask.order, ask.movable);
                    assert!(slot.is_some(), "memory is half free");
                    assert_eq!(floor.alloc(ask.order, ask.movable), *slot, "{mix:?}, request {at}");
                } else if let Some(frame) = slot.take() {
                    engine.free(frame, ask.order);
                    floor.free(frame, ask.order);
                }
            }
        }
    }
}

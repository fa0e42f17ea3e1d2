//! What the rules of reclaim cost alone: a file that is read page by page, the lists with their batches, shadows, kswapd and
//! the page allocator of Linux 6.1, in bare arrays.
//!
//! It misses the same pages as the engine (the test below), and does nothing else: there is one zone, one file of which
//! nothing is read ahead, and no processes; nothing is counted for `/proc`, and no page says whose it is.

use mm::Machine;
use mm::mmzone::Mark;

use super::{Floor, IN_USE, flags};

const NONE: u32 = u32::MAX;
/// The list of the CPU for single movable pages.
const PCP_LIST: usize = 1;

const LRU: u8 = 1;
const ACTIVE: u8 = 2;
const REFERENCED: u8 = 4;
const WORKINGSET: u8 = 8;
const BATCHED: u8 = 16;

/// `PAGEVEC_SIZE`
const BATCH: usize = 15;
/// `SWAP_CLUSTER_MAX`
const CLUSTER: u32 = 32;
/// `DEF_PRIORITY`
const PRIORITY: u32 = 12;

/// A frame: its neighbours on a list, the page of the file, and its flags.
#[derive(Clone, Copy)]
struct Page {
    prev: u32,
    next: u32,
    index: u32,
    flags: u8,
}

#[derive(Clone, Copy)]
struct List {
    head: u32,
    tail: u32,
    len: u32,
}

/// A run of kswapd.
#[derive(Clone, Copy)]
struct Run {
    priority: u32,
    reclaimed: u32,
    before: u32,
    scanned: u32,
    /// What is left to be looked at of both lists, and what came of it so far.
    round: Option<([u32; 2], u32)>,
}

/// The page cache.
pub struct Cache {
    zone: Floor,
    high: u32,
    pages: Vec<Page>,
    /// For each page of the file its frame, or a shadow; the lowest two bits say which.
    file: Vec<u64>,
    /// Inactive and active.
    lists: [List; 2],
    adds: Vec<u32>,
    activates: Vec<u32>,
    /// The page that was read last.
    prev: u32,
    age: u32,
    activated: u32,
    /// `activated` as kswapd found it.
    refaults: u32,
    awake: bool,
    run: Option<Run>,
    may_deactivate: bool,
}

impl Cache {
    /// The memory of a machine with one zone, of which nothing is in use, and a file of so many pages.
    #[must_use]
    pub fn new(machine: &Machine, pages: u32) -> Cache {
        let zone = &machine.zones()[0];
        Cache {
            zone: Floor::of_zone(zone),
            high: zone.wmark_pages(Mark::High),
            pages: vec![Page { prev: NONE, next: NONE, index: 0, flags: 0 }; zone.span.end.0 as usize],
            file: vec![0; pages as usize],
            lists: [List { head: NONE, tail: NONE, len: 0 }; 2],
            adds: Vec::with_capacity(BATCH),
            activates: Vec::with_capacity(BATCH),
            prev: NONE,
            age: 0,
            activated: 0,
            refaults: 0,
            awake: false,
            run: None,
            may_deactivate: false,
        }
    }

    /// Reads a page: whether it was there.
    #[inline(always)]
    pub fn read(&mut self, index: u32) -> bool {
        let word = self.file[index as usize];
        let was_there = word & 3 == 1;
        if was_there {
            self.mark_accessed(index, (word >> 8) as u32);
        } else {
            self.miss(index, word);
        }
        if self.awake {
            self.kswapd();
        }
        was_there
    }

    /// The frame of a page that is in memory.
    #[must_use]
    pub fn frame(&self, index: u32) -> Option<u32> {
        let word = self.file[index as usize];
        (word & 3 == 1).then_some((word >> 8) as u32)
    }

    #[inline(always)]
    fn mark_accessed(&mut self, index: u32, pfn: u32) {
        if std::mem::replace(&mut self.prev, index) == index {
            return;
        }
        let page = &mut self.pages[pfn as usize];
        if page.flags & REFERENCED == 0 {
            page.flags |= REFERENCED;
        } else if page.flags & ACTIVE == 0 {
            page.flags &= !REFERENCED;
            self.age += 1;
            if page.flags & LRU == 0 {
                page.flags |= ACTIVE;
            } else if page.flags & BATCHED == 0 {
                page.flags |= BATCHED;
                self.activates.push(pfn);
                if self.activates.len() == BATCH {
                    self.drain_activates();
                }
            }
        }
    }

    #[inline(always)]
    fn miss(&mut self, index: u32, word: u64) {
        self.awake |= self.zone.free <= self.zone.low;
        let Some(pfn) = self.zone.take_from_pcp(PCP_LIST, 0, 1) else { return };
        self.zone.flags[pfn as usize] = flags(IN_USE, 0, 0);
        let mut now = BATCHED | REFERENCED;
        if word & 3 == 2 {
            let distance = self.age.wrapping_sub((word >> 24) as u32);
            if distance <= self.lists[1].len {
                now |= ACTIVE | (word >> 2) as u8 & WORKINGSET;
                self.age += 1;
                self.activated += 1;
            }
        }
        self.pages[pfn as usize] = Page { prev: NONE, next: NONE, index, flags: now };
        self.file[index as usize] = u64::from(pfn) << 8 | 1;
        self.prev = index;
        self.adds.push(pfn);
        if self.adds.len() == BATCH {
            self.drain_adds();
        }
    }

    #[inline(always)]
    fn add(&mut self, list: usize, pfn: u32) {
        let List { head, tail, len } = &mut self.lists[list];
        let page = &mut self.pages[pfn as usize];
        (page.prev, page.next, page.flags) = (NONE, *head, page.flags | LRU);
        match *head {
            NONE => *tail = pfn,
            head => self.pages[head as usize].prev = pfn,
        }
        (*head, *len) = (pfn, *len + 1);
    }

    #[inline(always)]
    fn del(&mut self, list: usize, pfn: u32) {
        let List { head, tail, len } = &mut self.lists[list];
        let Page { prev, next, .. } = self.pages[pfn as usize];
        *if prev == NONE { head } else { &mut self.pages[prev as usize].next } = next;
        *if next == NONE { tail } else { &mut self.pages[next as usize].prev } = prev;
        *len -= 1;
    }

    fn drain_adds(&mut self) {
        for at in 0..self.adds.len() {
            let pfn = self.adds[at];
            let flags = &mut self.pages[pfn as usize].flags;
            *flags &= !BATCHED;
            let list = usize::from(*flags & ACTIVE != 0);
            self.add(list, pfn);
        }
        self.adds.clear();
    }

    fn drain_activates(&mut self) {
        for at in 0..self.activates.len() {
            let pfn = self.activates[at];
            let flags = &mut self.pages[pfn as usize].flags;
            *flags &= !BATCHED;
            if *flags & (LRU | ACTIVE) == LRU {
                *flags |= ACTIVE;
                self.del(0, pfn);
                self.add(1, pfn);
            }
        }
        self.activates.clear();
    }

    /// A slice of kswapd (`balance_pgdat()`).
    #[inline(never)]
    fn kswapd(&mut self) {
        self.zone.reclaim_active = true;
        let new = Run { priority: PRIORITY, reclaimed: 0, before: 0, scanned: 0, round: None };
        let mut run = self.run.take().unwrap_or(new);
        let target = self.high.max(CLUSTER);
        let (mut left, mut reclaimed) = match run.round.take() {
            Some(round) => round,
            None if self.zone.free > self.high => return self.kswapd_ends(),
            None => {
                (run.scanned, run.before) = (0, run.reclaimed);
                self.may_deactivate =
                    self.activated != self.refaults || self.lists[0].len < self.lists[1].len;
                (self.lists.map(|list| list.len >> run.priority), 0)
            }
        };
        if left != [0; 2] {
            let now = left.map(|left| left.min(CLUSTER));
            (0..2).for_each(|list| left[list] -= now[list]);
            if now[0] > 0 {
                let evicted = self.evict(now[0]);
                (reclaimed, run.scanned) = (reclaimed + evicted, run.scanned + evicted);
            }
            if now[1] > 0 && self.may_deactivate {
                run.scanned += self.deactivate(now[1]);
            }
            if reclaimed < target && left != [0; 2] {
                run.round = Some((left, reclaimed));
                self.run = Some(run);
                return;
            }
        }
        run.reclaimed += reclaimed;
        if run.scanned < target || run.reclaimed == run.before {
            run.priority -= 1;
        }
        if run.priority == 0 {
            return self.kswapd_ends();
        }
        self.run = Some(run);
    }

    fn kswapd_ends(&mut self) {
        self.zone.reclaim_active = false;
        self.refaults = self.activated;
        self.awake = self.zone.free <= self.high;
    }

    /// `shrink_inactive_list()`
    fn evict(&mut self, most: u32) -> u32 {
        self.drain_adds();
        self.drain_activates();
        let mut run = [0; CLUSTER as usize];
        let run = &mut run[..most.min(self.lists[0].len) as usize];
        let mut tail = self.lists[0].tail;
        for place in run.iter_mut() {
            *place = tail;
            tail = self.pages[tail as usize].prev;
        }
        match tail {
            NONE => self.lists[0].head = NONE,
            tail => self.pages[tail as usize].next = NONE,
        }
        (self.lists[0].tail, self.lists[0].len) = (tail, self.lists[0].len - run.len() as u32);
        for pfn in run.iter() {
            let page = &mut self.pages[*pfn as usize];
            let workingset = u64::from(page.flags & WORKINGSET) << 2;
            self.file[page.index as usize] = u64::from(self.age) << 24 | workingset | 2;
            self.age += 1;
            page.flags = 0;
        }
        for pfn in run.iter().rev() {
            self.zone.give_to_pcp(PCP_LIST, *pfn, 0, 1);
        }
        run.len() as u32
    }

    /// `shrink_active_list()`
    fn deactivate(&mut self, most: u32) -> u32 {
        self.drain_adds();
        self.drain_activates();
        let most = most.min(self.lists[1].len);
        for _ in 0..most {
            let pfn = self.lists[1].tail;
            self.del(1, pfn);
            let flags = &mut self.pages[pfn as usize].flags;
            *flags = *flags & !ACTIVE | WORKINGSET;
            self.add(0, pfn);
        }
        most
    }
}

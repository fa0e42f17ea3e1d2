//! The lists of pages that can be taken away (`struct lruvec`, include/linux/mmzone.h, mm_inline.h, 6.1): the youngest at
//! the head, and whoever looks for a page to take looks at the tail.

use crate::cow::CowVec;
use crate::hash::{Digest, Digestible};
use crate::page::NONE;
use crate::process::HPAGE_PAGES;
use crate::units::Pfn;
use crate::xarray::SwapEntry;

/// Which list (`enum lru_list`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Lru {
    /// Without a file, and not used for long.
    InactiveAnon,
    /// Without a file, and in use.
    ActiveAnon,
    /// Of files, and not used for long.
    InactiveFile,
    /// Of files, and in use.
    ActiveFile,
    /// They have to stay.
    Unevictable,
}

impl Lru {
    /// All of them, as the kernel numbers them.
    pub const ALL: [Lru; 5] =
        [Lru::InactiveAnon, Lru::ActiveAnon, Lru::InactiveFile, Lru::ActiveFile, Lru::Unevictable];
    /// Those that pages are taken from.
    pub const EVICTABLE: [Lru; 4] = [Lru::InactiveAnon, Lru::ActiveAnon, Lru::InactiveFile, Lru::ActiveFile];

    /// The list of a kind.
    #[must_use]
    pub fn of(is_file: bool, is_active: bool) -> Lru {
        match (is_file, is_active) {
            (false, false) => Lru::InactiveAnon,
            (false, true) => Lru::ActiveAnon,
            (true, false) => Lru::InactiveFile,
            (true, true) => Lru::ActiveFile,
        }
    }

    /// Whether its pages are those of files; lazily freed memory is among them.
    #[must_use]
    pub fn is_file(self) -> bool {
        matches!(self, Lru::InactiveFile | Lru::ActiveFile)
    }

    /// Whether its pages are in use.
    #[must_use]
    pub fn is_active(self) -> bool {
        matches!(self, Lru::ActiveAnon | Lru::ActiveFile)
    }
}

/// What is known of a page on a list (`page->flags`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LruFlags(u16);

impl LruFlags {
    /// It is on a list (`PG_lru`).
    pub const LRU: LruFlags = LruFlags(1);
    /// On one of the active lists, or will be (`PG_active`).
    pub const ACTIVE: LruFlags = LruFlags(1 << 1);
    /// It was used once (`PG_referenced`).
    pub const REFERENCED: LruFlags = LruFlags(1 << 2);
    /// It was active before it became inactive (`PG_workingset`).
    pub const WORKINGSET: LruFlags = LruFlags(1 << 3);
    /// It has to stay (`PG_unevictable`).
    pub const UNEVICTABLE: LruFlags = LruFlags(1 << 4);
    /// It is on its way to a disk (`PG_writeback`).
    pub const WRITEBACK: LruFlags = LruFlags(1 << 5);
    /// It is to go as soon as it is written (`PG_reclaim`).
    pub const RECLAIM: LruFlags = LruFlags(1 << 6);
    /// A slot in swap has the same contents, or will have (`PG_swapcache`).
    pub const SWAPCACHE: LruFlags = LruFlags(1 << 7);
    /// Whoever comes to it reads the next window (`PG_readahead`).
    pub const READAHEAD: LruFlags = LruFlags(1 << 8);
    /// It waits in a CPU's batch for a list (`struct cpu_fbatches`).
    pub const BATCHED: LruFlags = LruFlags(1 << 9);
    /// It was taken from its list to be looked at (`folio_isolate_lru()`).
    pub const ISOLATED: LruFlags = LruFlags(1 << 10);
    /// It is the first of 512 that are on the list as one (`PG_head`): what is said of it is said of all of them.
    pub const HEAD: LruFlags = LruFlags(1 << 11);

    /// What a page may have and still be dealt with by its flags alone.
    pub(super) const PLAIN: LruFlags =
        LruFlags(Self::LRU.0 | Self::ACTIVE.0 | Self::REFERENCED.0 | Self::WORKINGSET.0 | Self::READAHEAD.0);

    /// Whether it has nothing but these.
    #[must_use]
    #[inline]
    pub(super) fn is_within(self, flags: LruFlags) -> bool {
        self.0 & !flags.0 == 0
    }

    /// Whether it has none of these.
    #[must_use]
    #[inline]
    pub(super) fn is_without(self, flags: LruFlags) -> bool {
        self.0 & flags.0 == 0
    }

    /// Whether it has all of these.
    #[must_use]
    #[inline]
    pub fn has(self, flags: LruFlags) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// With these as well.
    #[must_use]
    pub const fn with(self, flags: LruFlags) -> LruFlags {
        LruFlags(self.0 | flags.0)
    }

    /// Without these.
    #[must_use]
    pub const fn without(self, flags: LruFlags) -> LruFlags {
        LruFlags(self.0 & !flags.0)
    }
}

/// A page that may be on a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LruPage {
    prev: u32,
    next: u32,
    /// What is known of it.
    pub flags: LruFlags,
    /// Its slot in swap, with [`LruFlags::SWAPCACHE`].
    pub(crate) area: u8,
    pub(crate) offset: u32,
    /// Of a page without a file the place in its area where it belongs (`page->index`, `linear_page_index()`).
    pub(crate) index: u64,
}

impl LruPage {
    pub(crate) const NOTHING: LruPage =
        LruPage { prev: NONE, next: NONE, flags: LruFlags(0), area: 0, offset: 0, index: 0 };

    /// The page before it on its list, which is younger; or [`NONE`].
    #[inline]
    pub(super) fn prev(&self) -> u32 {
        self.prev
    }

    /// How many pages it stands for: 512 if it is huge (`folio_nr_pages()`).
    #[must_use]
    #[inline]
    pub fn pages(&self) -> u64 {
        if self.flags.has(LruFlags::HEAD) { u64::from(HPAGE_PAGES) } else { 1 }
    }

    /// Its slot in swap, if that has its contents, or will have; of a huge page the first of 512 side by side.
    #[must_use]
    pub fn swap(&self) -> Option<SwapEntry> {
        self.flags.has(LruFlags::SWAPCACHE).then_some(SwapEntry { area: self.area, offset: self.offset })
    }
}

impl Digestible for LruPage {
    fn digest(&self, to: &mut Digest) {
        to.word(u64::from(self.prev) << 32 | u64::from(self.next));
        to.word(u64::from(self.flags.0) << 40 | u64::from(self.area) << 32 | u64::from(self.offset));
        to.word(self.index);
    }
}

/// The pages of all lists, by frame.
pub type LruPages = CowVec<LruPage, 64>;

/// Where pages are, to be written to: in a table, or in one that is laid out flat.
pub(super) trait Cells {
    fn cell(&mut self, pfn: u32) -> &mut LruPage;
}

impl Cells for LruPages {
    #[inline(always)]
    fn cell(&mut self, pfn: u32) -> &mut LruPage {
        self.get_mut(pfn)
    }
}

impl Cells for [LruPage] {
    #[inline(always)]
    fn cell(&mut self, pfn: u32) -> &mut LruPage {
        &mut self[pfn as usize]
    }
}

/// A list: its ends, and how many pages it has, those of huge ones among them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct List {
    head: u32,
    tail: u32,
    len: u64,
}

impl List {
    const EMPTY: List = List { head: NONE, tail: NONE, len: 0 };
}

/// The lists of a node.
#[derive(Clone, Debug)]
pub struct Lruvec {
    lists: [List; 5],
    /// Pages that were taken away or became active so far (`nonresident_age`).
    pub nonresident_age: u64,
    /// What reclaiming pages without a file cost, and what those of files did (`anon_cost`, `file_cost`).
    pub cost: [u64; 2],
    /// `WORKINGSET_ACTIVATE` of both kinds when reclaim last looked (`refaults`).
    pub refaults: [u64; 2],
    /// Pages that were taken from the lists to be looked at (`NR_ISOLATED_ANON`, `NR_ISOLATED_FILE`).
    pub isolated: [u64; 2],
}

impl Default for Lruvec {
    fn default() -> Lruvec {
        Lruvec {
            lists: [List::EMPTY; 5],
            nonresident_age: 0,
            cost: [0; 2],
            refaults: [0; 2],
            isolated: [0; 2],
        }
    }
}

impl Lruvec {
    /// Pages on a list.
    #[must_use]
    pub fn len(&self, lru: Lru) -> u64 {
        self.lists[lru as usize].len
    }

    /// Whether no list has a page.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lists.iter().all(|list| list.len == 0)
    }

    /// The page that was on a list for longest.
    #[must_use]
    pub fn tail(&self, lru: Lru) -> Option<Pfn> {
        let tail = self.lists[lru as usize].tail;
        (tail != NONE).then_some(Pfn(tail))
    }

    /// The pages of a list, the youngest first.
    pub fn iter<'p>(&self, pages: &'p LruPages, lru: Lru) -> impl Iterator<Item = Pfn> + use<'p> {
        let some = |at: u32| (at != NONE).then_some(Pfn(at));
        std::iter::successors(some(self.lists[lru as usize].head), move |pfn| some(pages.get(pfn.0).next))
    }

    /// The pages of a list, the oldest first.
    pub fn from_tail<'p>(&self, pages: &'p LruPages, lru: Lru) -> impl Iterator<Item = Pfn> + use<'p> {
        let some = |at: u32| (at != NONE).then_some(Pfn(at));
        std::iter::successors(some(self.lists[lru as usize].tail), move |pfn| some(pages.get(pfn.0).prev))
    }

    /// Puts a page in front of all others (`lruvec_add_folio()`).
    #[inline(always)]
    pub(super) fn add(&mut self, pages: &mut (impl Cells + ?Sized), lru: Lru, pfn: Pfn) {
        let list = &mut self.lists[lru as usize];
        let page = pages.cell(pfn.0);
        page.flags = page.flags.with(LruFlags::LRU);
        (page.prev, page.next) = (NONE, list.head);
        list.len += page.pages();
        match list.head {
            NONE => list.tail = pfn.0,
            head => pages.cell(head).prev = pfn.0,
        }
        list.head = pfn.0;
    }

    /// Puts a page behind all others (`lruvec_add_folio_tail()`).
    pub(crate) fn add_tail(&mut self, pages: &mut LruPages, lru: Lru, pfn: Pfn) {
        let list = &mut self.lists[lru as usize];
        let page = pages.get_mut(pfn.0);
        page.flags = page.flags.with(LruFlags::LRU);
        (page.prev, page.next) = (list.tail, NONE);
        list.len += page.pages();
        match list.tail {
            NONE => list.head = pfn.0,
            tail => pages.get_mut(tail).next = pfn.0,
        }
        list.tail = pfn.0;
    }

    /// Takes a page from its list (`lruvec_del_folio()`).
    #[inline(always)]
    pub(super) fn del(&mut self, pages: &mut (impl Cells + ?Sized), lru: Lru, pfn: Pfn) {
        let list = &mut self.lists[lru as usize];
        let page = pages.cell(pfn.0);
        let (prev, next) = (page.prev, page.next);
        page.flags = page.flags.without(LruFlags::LRU);
        (page.prev, page.next) = (NONE, NONE);
        list.len -= page.pages();
        match prev {
            NONE => list.head = next,
            prev => pages.cell(prev).next = next,
        }
        match next {
            NONE => list.tail = prev,
            next => pages.cell(next).prev = prev,
        }
    }

    /// The pages from `youngest` to the tail leave a list, all of them together; they are `len` single ones, and what is known
    /// of them stays. Gives the oldest of them.
    pub(super) fn cut_tail(&mut self, pages: &mut [LruPage], lru: Lru, youngest: Pfn, len: u64) -> u32 {
        let list = &mut self.lists[lru as usize];
        let (oldest, prev) = (list.tail, pages[youngest.0 as usize].prev);
        list.len -= len;
        list.tail = prev;
        match prev {
            NONE => list.head = NONE,
            prev => pages[prev as usize].next = NONE,
        }
        oldest
    }

    /// The same, of pages that are put in front of all others of another list, the oldest first.
    pub(super) fn move_tail(
        &mut self,
        pages: &mut [LruPage],
        (from, to): (Lru, Lru),
        youngest: Pfn,
        len: u64,
    ) {
        let oldest = self.cut_tail(pages, from, youngest, len);
        let list = &mut self.lists[to as usize];
        pages[youngest.0 as usize].prev = NONE;
        pages[oldest as usize].next = list.head;
        match list.head {
            NONE => list.tail = oldest,
            head => pages[head as usize].prev = oldest,
        }
        list.head = youngest.0;
        list.len += len;
    }

    /// A huge page becomes 512 that are on the list by themselves, in its place: the first one is the next to be looked at
    /// (`lru_add_page_tail()`). How many pages the list has stays.
    pub(crate) fn split(&mut self, pages: &mut LruPages, lru: Lru, head: Pfn) {
        let list = &mut self.lists[lru as usize];
        let mut next = head.0;
        for pfn in head.0 + 1..head.0 + HPAGE_PAGES {
            let prev = pages.get(next).prev;
            let page = pages.get_mut(pfn);
            page.flags = page.flags.with(LruFlags::LRU);
            (page.prev, page.next) = (prev, next);
            pages.get_mut(next).prev = pfn;
            match prev {
                NONE => list.head = pfn,
                prev => pages.get_mut(prev).next = pfn,
            }
            next = pfn;
        }
    }

    /// Something of a kind was written out or came back too early: it is left alone for longer (`lru_note_cost()`).
    /// `size` is what can be taken away of it.
    pub(crate) fn note_cost(&mut self, is_file: bool, pages: u64, size: u64) {
        self.cost[usize::from(is_file)] += pages;
        if self.cost[0] + self.cost[1] > size / 4 {
            self.cost = self.cost.map(|cost| cost / 2);
        }
    }

    pub(super) fn digest(&self, to: &mut Digest) {
        for List { head, tail, len } in self.lists {
            to.word(u64::from(head) << 32 | u64::from(tail));
            to.word(len);
        }
        to.word(self.nonresident_age);
        [self.cost, self.refaults, self.isolated].iter().flatten().for_each(|word| to.word(*word));
    }
}

//! `struct page`: one entry of `mem_map` per frame (include/linux/mm_types.h).
//!
//! As in the kernel, a block is described by its *head* frame alone; the frames behind it are [`PageState::Tail`].
//! So every frame of a zone is a head, a tail of exactly one head, reserved, or a hole.

use crate::cow::CowVec;
use crate::hash::{Digest, Digestible};
use crate::op::{NameId, PageKind};
use crate::units::{Order, Pfn, PfnRange};

/// No neighbour on a list, no owner.
pub(crate) const NONE: u32 = u32::MAX;

/// The kernel's `enum migratetype` (include/linux/mmzone.h). The numbers are those of a kernel with CMA.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
#[repr(u8)]
pub enum MigrateType {
    /// Kernel memory that cannot move.
    Unmovable = 0,
    /// Pages whose content can be moved elsewhere.
    Movable = 1,
    /// Kernel memory that cannot move, but can be given back.
    Reclaimable = 2,
    /// Reserved for high-order atomic requests (`MIGRATE_HIGHATOMIC`).
    HighAtomic = 3,
    /// Lent out by a contiguous memory area (`MIGRATE_CMA`).
    Cma = 4,
    /// Taken out of use while it is isolated (`MIGRATE_ISOLATE`).
    Isolate = 5,
}

impl MigrateType {
    /// How many there are.
    pub const COUNT: usize = 6;
    /// All of them, in the kernel's order.
    pub const ALL: [MigrateType; 6] = [
        MigrateType::Unmovable,
        MigrateType::Movable,
        MigrateType::Reclaimable,
        MigrateType::HighAtomic,
        MigrateType::Cma,
        MigrateType::Isolate,
    ];

    /// The type with the number `raw`.
    #[must_use]
    pub fn from_raw(raw: u8) -> Option<MigrateType> {
        Self::ALL.get(usize::from(raw)).copied()
    }

    /// The number as an index.
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }

    /// The name as `/proc/pagetypeinfo` prints it (`migratetype_names`, mm/page_alloc.c).
    #[must_use]
    pub fn name(self) -> &'static str {
        ["Unmovable", "Movable", "Reclaimable", "HighAtomic", "CMA", "Isolate"][self.index()]
    }

    /// Whether blocks of this type may merge with blocks of another such type
    /// (`migratetype_is_mergeable()`, 6.1: one of the first three).
    #[must_use]
    pub fn is_mergeable(self) -> bool {
        self.index() < 3
    }

    /// Whether pageblocks of these types may become one block (the barrier of `__free_one_page()`, 6.1).
    #[must_use]
    #[inline]
    pub fn merges_with(self, other: MigrateType) -> bool {
        self == other || self.is_mergeable() && other.is_mergeable()
    }
}

impl Digestible for MigrateType {
    fn digest(&self, to: &mut Digest) {
        to.word(u64::from(*self as u8));
    }
}

/// What a frame is to the page allocator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum PageState {
    /// No memory at this address.
    Hole,
    /// Memory that never reached the buddy system (`PG_reserved`).
    Reserved,
    /// Part of the block whose head lies before it.
    Tail,
    /// Head of a block on a free list (`PageBuddy`).
    Free,
    /// Head of a block that somebody has.
    Allocated,
    /// Head of a block in the allocator's hand: off its list, not yet given out or put back.
    InHand,
    /// Head of a block on a per-CPU list.
    Pcp,
}

/// One entry of `mem_map`, with all that is known of the frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Page {
    /// What the frame is; the other fields have a meaning for heads only.
    pub state: PageState,
    /// The order of the block (`page->private` of a buddy page).
    pub order: Order,
    /// Free: the type of the list it is on. On a per-CPU list: the type it goes back to
    /// (`get_pcppage_migratetype()`).
    pub migratetype: MigrateType,
    /// Allocated: what it was asked for.
    pub kind: PageKind,
    /// Allocated: the name it was given in the scenario, as a raw [`NameId`], or [`NONE`].
    pub(crate) owner: u32,
    /// Free: neighbours on the list (`page->buddy_list`). Those on a per-CPU list follow from the list.
    pub(crate) next: u32,
    pub(crate) prev: u32,
}

impl Page {
    pub(crate) const fn plain(state: PageState) -> Page {
        Page {
            state,
            order: Order::ZERO,
            migratetype: MigrateType::Unmovable,
            kind: PageKind::Unknown,
            owner: NONE,
            next: NONE,
            prev: NONE,
        }
    }

    /// The name that the scenario gave to this allocated block.
    #[must_use]
    pub fn owner(&self) -> Option<NameId> {
        (self.owner != NONE).then_some(NameId(self.owner))
    }

    /// Whether this frame is the head of a block.
    #[must_use]
    pub fn is_head(&self) -> bool {
        matches!(self.state, PageState::Free | PageState::Allocated | PageState::InHand | PageState::Pcp)
    }
}

/// What a frame is, packed as into `page->flags`: all but its links and its owner.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PageFlags(u16);

impl PageFlags {
    const ORDER: u32 = 3;
    const MIGRATETYPE: u32 = 7;
    const KIND: u32 = 10;
    const OWNED: u16 = 1 << 14;
    /// The bits of the state and of the order.
    const STATE_AND_ORDER: u16 = 0x7f;

    #[inline]
    const fn of_block(state: PageState, order: Order) -> PageFlags {
        PageFlags(state as u16 | (order.get() as u16) << Self::ORDER)
    }

    /// Head of a block on a list.
    #[inline]
    pub(crate) const fn listed(state: PageState, order: Order, migratetype: MigrateType) -> PageFlags {
        PageFlags(Self::of_block(state, order).0 | (migratetype as u16) << Self::MIGRATETYPE)
    }

    /// Head of a block that somebody without a name has.
    #[inline]
    pub(crate) const fn in_use(order: Order, kind: PageKind) -> PageFlags {
        PageFlags(Self::of_block(PageState::Allocated, order).0 | (kind as u16) << Self::KIND)
    }

    /// Part of the block whose head lies before it.
    pub(crate) const TAIL: PageFlags = Self::of_block(PageState::Tail, Order::ZERO);

    fn of(page: &Page) -> PageFlags {
        let owned = if page.owner == NONE { 0 } else { Self::OWNED };
        let listed = Self::listed(page.state, page.order, page.migratetype);
        PageFlags(listed.0 | (page.kind as u16) << Self::KIND | owned)
    }

    /// Whether it is the head of a block of this order in this state.
    #[inline]
    pub(crate) fn is(self, state: PageState, order: Order) -> bool {
        self.0 & Self::STATE_AND_ORDER == Self::of_block(state, order).0
    }

    /// What the frame is.
    #[must_use]
    #[inline]
    pub fn state(self) -> PageState {
        match self.0 & 7 {
            0 => PageState::Hole,
            1 => PageState::Reserved,
            2 => PageState::Tail,
            3 => PageState::Free,
            4 => PageState::Allocated,
            5 => PageState::InHand,
            _ => PageState::Pcp,
        }
    }

    #[inline]
    pub(crate) fn order(self) -> Order {
        Order::of_bits((self.0 >> Self::ORDER) as u8)
    }

    #[inline]
    pub(crate) fn migratetype(self) -> MigrateType {
        match self.0 >> Self::MIGRATETYPE & 7 {
            0 => MigrateType::Unmovable,
            1 => MigrateType::Movable,
            2 => MigrateType::Reclaimable,
            3 => MigrateType::HighAtomic,
            4 => MigrateType::Cma,
            _ => MigrateType::Isolate,
        }
    }

    fn kind(self) -> PageKind {
        match self.0 >> Self::KIND & 15 {
            0 => PageKind::Unknown,
            1 => PageKind::Unmovable,
            2 => PageKind::Movable,
            3 => PageKind::Reclaimable,
            4 => PageKind::Anon,
            5 => PageKind::File,
            6 => PageKind::Slab,
            7 => PageKind::Vmalloc,
            _ => PageKind::PageTable,
        }
    }

    /// Whether it is the head of a block that somebody with a name has.
    #[must_use]
    pub fn is_owned(self) -> bool {
        self.0 & Self::OWNED != 0
    }

    /// The entry, but for who has it.
    #[must_use]
    #[inline]
    pub fn page(self) -> Page {
        let (order, migratetype, kind) = (self.order(), self.migratetype(), self.kind());
        Page { order, migratetype, kind, ..Page::plain(self.state()) }
    }
}

/// Neighbours on a free list; or in `next` the owner of a block that has one. Of any other frame it is not kept up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Links {
    pub next: u32,
    pub prev: u32,
}

/// One entry for each frame (`mem_map`): what it is, and apart from that its links. Most requests are served by a
/// per-CPU list and touch nothing but two bytes.
#[derive(Clone)]
pub(crate) struct MemMap {
    flags: CowVec<PageFlags, 512>,
    links: CowVec<Links, 128>,
}

impl MemMap {
    /// So many frames without memory.
    pub(crate) fn holes(frames: u32) -> MemMap {
        MemMap {
            flags: CowVec::filled(frames, PageFlags::of_block(PageState::Hole, Order::ZERO)),
            links: CowVec::filled(frames, Links { next: NONE, prev: NONE }),
        }
    }

    pub(crate) fn len(&self) -> u32 {
        self.flags.len()
    }

    /// What a frame is; beyond the end there are holes.
    #[inline]
    pub(crate) fn flags(&self, pfn: Pfn) -> PageFlags {
        *self.flags.get_or_fill(pfn.0)
    }

    /// The same of a flat table, to be written to.
    #[inline(always)]
    pub(crate) fn flags_at_hand(&mut self, pfn: Pfn) -> Option<&mut PageFlags> {
        self.flags.at_hand(pfn.0)
    }

    #[inline]
    pub(crate) fn set_flags(&mut self, pfn: Pfn, flags: PageFlags) {
        self.flags.set(pfn.0, flags);
    }

    /// Both tables, if they are laid out flat: what frames are, and their links.
    #[inline(always)]
    pub(crate) fn flat(&mut self) -> Option<(&mut [PageFlags], &mut [Links])> {
        Some((self.flags.flat()?, self.links.flat()?))
    }

    /// The whole entry; of a block on a per-CPU list without its neighbours.
    pub(crate) fn page(&self, pfn: Pfn) -> Page {
        let flags = self.flags(pfn);
        let mut page = flags.page();
        if flags.is_owned() {
            page.owner = self.links.get(pfn.0).next;
        } else if page.state == PageState::Free {
            Links { next: page.next, prev: page.prev } = self.links.get(pfn.0);
        }
        page
    }

    /// Sets the entry of a frame that is on no list.
    #[inline]
    pub(crate) fn set(&mut self, pfn: Pfn, page: Page) {
        self.flags.set(pfn.0, PageFlags::of(&page));
        if page.owner != NONE {
            self.links.get_mut(pfn.0).next = page.owner;
        }
    }

    /// The head of a block that somebody has, by this name if it is one.
    #[inline]
    pub(crate) fn hand_over(&mut self, block: Block, kind: PageKind, owner: u32) {
        let flags = PageFlags::in_use(block.order, kind);
        if owner == NONE {
            self.flags.set(block.pfn.0, flags);
        } else {
            self.flags.set(block.pfn.0, PageFlags(flags.0 | PageFlags::OWNED));
            self.links.get_mut(block.pfn.0).next = owner;
        }
    }

    /// Sets the entries of frames that are on no list, and nobody's with a name.
    pub(crate) fn fill(&mut self, range: PfnRange, page: Page) {
        self.flags.fill(range.start.0, range.end.0, PageFlags::of(&page));
    }

    /// What all frames are, in chunks.
    pub(crate) fn slices(&self) -> impl Iterator<Item = &[PageFlags]> {
        self.flags.slices()
    }

    /// Neighbours on a free list, previous and next.
    #[inline]
    pub(crate) fn neighbours(&self, pfn: Pfn) -> (u32, u32) {
        let Links { next, prev } = self.links.get(pfn.0);
        (prev, next)
    }

    /// Makes a frame the head of a block on a free list, between these neighbours.
    #[inline]
    pub(crate) fn link(&mut self, block: Block, migratetype: MigrateType, prev: u32, next: u32) {
        let Block { pfn, order } = block;
        if prev != NONE {
            self.links.get_mut(prev).next = pfn.0;
        }
        if next != NONE {
            self.links.get_mut(next).prev = pfn.0;
        }
        *self.links.get_mut(pfn.0) = Links { next, prev };
        self.flags.set(pfn.0, PageFlags::listed(PageState::Free, order, migratetype));
    }

    /// Tells the neighbours on a free list that they are side by side now.
    #[inline]
    pub(crate) fn unlink(&mut self, prev: u32, next: u32) {
        if prev != NONE {
            self.links.get_mut(prev).next = next;
        }
        if next != NONE {
            self.links.get_mut(next).prev = prev;
        }
    }

    pub(crate) fn flatten(&mut self) {
        self.flags.flatten();
        self.links.flatten();
    }

    pub(crate) fn copied_chunks(&self) -> u64 {
        self.flags.copied_chunks() + self.links.copied_chunks()
    }

    pub(crate) fn chunks(&self) -> u64 {
        self.flags.chunks() + self.links.chunks()
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.flags.bytes() + self.links.bytes()
    }

    pub(crate) fn clone_cost(&self) -> usize {
        self.flags.clone_cost() + self.links.clone_cost()
    }

    /// Feeds every entry to a digest. `listed` are the blocks on per-CPU lists with their neighbours, previous and
    /// next, in ascending order.
    pub(crate) fn digest(&self, listed: &[(u32, u32, u32)], to: &mut Digest) {
        /// Frames of which a digest is taken at once, and so many of those of which another one is.
        const CHUNK: u32 = 64;
        const NODE: u32 = 64 * CHUNK;
        let mut listed = listed.iter().peekable();
        to.word(u64::from(self.len()));
        for node in 0..self.len().div_ceil(NODE) {
            let mut of_node = Digest::default();
            for chunk in 0..NODE / CHUNK {
                let mut of_chunk = Digest::default();
                let first = node * NODE + chunk * CHUNK;
                for pfn in first..first + CHUNK {
                    let mut page = self.page(Pfn(pfn));
                    if let Some((_, prev, next)) = listed.next_if(|(of, ..)| *of == pfn) {
                        (page.prev, page.next) = (*prev, *next);
                    }
                    page.digest(&mut of_chunk);
                }
                of_node.word(of_chunk.finish() | 1);
            }
            to.word(of_node.finish() | 1);
        }
    }
}

impl Digestible for Page {
    fn digest(&self, to: &mut Digest) {
        to.word(
            u64::from(self.state as u8)
                | u64::from(self.order.get()) << 8
                | u64::from(self.migratetype as u8) << 16
                | u64::from(self.kind as u8) << 24
                | u64::from(self.owner) << 32,
        );
        to.word(u64::from(self.next) << 32 | u64::from(self.prev));
    }
}

/// A block of frames: its first frame and its order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct Block {
    /// The first frame.
    pub pfn: Pfn,
    /// The size.
    pub order: Order,
}

impl Block {
    /// The last frame.
    #[must_use]
    pub fn last(self) -> Pfn {
        self.pfn.plus(self.order.pages() - 1)
    }
}

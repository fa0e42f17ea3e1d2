//! `struct page`: one entry of `mem_map` per frame (include/linux/mm_types.h).
//!
//! As in the kernel, a block is described by its *head* frame alone; the frames behind it are [`PageState::Tail`].
//! So every frame of a zone is a head, a tail of exactly one head, reserved, or a hole.

use crate::cow::CowVec;
use crate::hash::{Digest, Digestible};
use crate::op::{NameId, PageKind};
use crate::units::{Order, Pfn};

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

/// One entry of `mem_map`.
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
    /// Free or on a per-CPU list: neighbours on it (`page->buddy_list`, `page->pcp_list`).
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

/// One entry for each frame (`mem_map`).
pub(crate) type MemMap = CowVec<Page, 64>;

impl MemMap {
    /// Makes a frame the head of a block on a list, between these neighbours. Inlined, so that the entry is written
    /// field by field, and not put together somewhere else first.
    #[inline(always)]
    pub(crate) fn link(
        &mut self,
        block: Block,
        state: PageState,
        migratetype: MigrateType,
        prev: u32,
        next: u32,
    ) {
        let Block { pfn, order } = block;
        if prev != NONE {
            self.get_mut(prev).next = pfn.0;
        }
        if next != NONE {
            self.get_mut(next).prev = pfn.0;
        }
        *self.get_mut(pfn.0) = Page { order, migratetype, prev, next, ..Page::plain(state) };
    }

    /// Tells the neighbours on a list that they are side by side now.
    #[inline]
    pub(crate) fn unlink(&mut self, prev: u32, next: u32) {
        if prev != NONE {
            self.get_mut(prev).next = next;
        }
        if next != NONE {
            self.get_mut(next).prev = prev;
        }
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

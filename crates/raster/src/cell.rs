//! What one frame shows.

use mm::op::PageKind;
use mm::page::{Page, PageState};
use mm::{Order, Pfn};

/// What a frame is, as far as its fill tells. The number is the index into a palette.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
#[repr(u8)]
pub enum Ink {
    /// Behind the last frame.
    Outside,
    /// No memory at this address.
    Hole,
    /// Memory that never reached the buddy system.
    Reserved,
    /// On a free list: paper.
    Free,
    /// In the allocator's hand.
    InHand,
    /// On a list of a CPU: neither free nor in use.
    Pcp,
    /// Anonymous memory of a process.
    Anon,
    /// A page of the page cache.
    File,
    /// Movable, but on no LRU list.
    Movable,
    /// Kernel memory that cannot move.
    Unmovable,
    /// Kernel memory that can be given back.
    Reclaimable,
    /// In use, and nothing more is known.
    Unknown,
    /// Cut into kernel objects, or handed out whole by `kmalloc()`.
    Slab,
    /// A table of page-table entries.
    PageTable,
}

/// What tells a fill from another one when colours do not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pattern {
    /// Paper with an outline.
    Empty,
    /// One colour.
    Solid,
    /// Paper with a thick edge.
    Edge,
    /// A dot, as the head of a nail.
    Dot,
    /// Horizontal lines.
    Lines,
    /// One rising line.
    Hatch,
    /// A cross.
    Cross,
    /// A small square hole.
    Eye,
    /// A roof: a line up and down again.
    Roof,
    /// A fine grid.
    Grid,
    /// Vertical lines.
    Bars,
}

impl Ink {
    /// How many there are.
    pub const COUNT: usize = 14;
    /// All of them, by index.
    pub const ALL: [Ink; Ink::COUNT] = [
        Ink::Outside,
        Ink::Hole,
        Ink::Reserved,
        Ink::Free,
        Ink::InHand,
        Ink::Pcp,
        Ink::Anon,
        Ink::File,
        Ink::Movable,
        Ink::Unmovable,
        Ink::Reclaimable,
        Ink::Unknown,
        Ink::Slab,
        Ink::PageTable,
    ];

    /// The ink of a cell of the raster.
    #[must_use]
    pub fn of_cell(cell: u8) -> Ink {
        Ink::ALL.get(usize::from(cell & 15)).copied().unwrap_or(Ink::Outside)
    }

    /// How it is told apart without its colour.
    #[must_use]
    pub fn pattern(self) -> Pattern {
        match self {
            Ink::Outside | Ink::Free => Pattern::Empty,
            Ink::Hole | Ink::Reserved => Pattern::Cross,
            Ink::InHand => Pattern::Edge,
            Ink::Pcp => Pattern::Roof,
            Ink::Anon | Ink::File => Pattern::Solid,
            Ink::Movable => Pattern::Eye,
            Ink::Unmovable => Pattern::Dot,
            Ink::Reclaimable => Pattern::Lines,
            Ink::Unknown => Pattern::Hatch,
            Ink::Slab => Pattern::Grid,
            Ink::PageTable => Pattern::Bars,
        }
    }

    /// Whether somebody has the frame: it has ink, or it is out of reach.
    #[must_use]
    pub fn is_in_use(self) -> bool {
        !matches!(self, Ink::Outside | Ink::Free)
    }

    /// Whether nothing can move its content elsewhere.
    #[must_use]
    pub fn is_pinned(self) -> bool {
        matches!(
            self,
            Ink::Hole
                | Ink::Reserved
                | Ink::Unmovable
                | Ink::Reclaimable
                | Ink::Unknown
                | Ink::Slab
                | Ink::PageTable
        )
    }
}

/// What a frame shows, given the entry of the head of its block. None for a tail: its head decides.
#[must_use]
pub fn ink_of(head: &Page) -> Option<Ink> {
    match head.state {
        PageState::Hole => Some(Ink::Hole),
        PageState::Reserved => Some(Ink::Reserved),
        PageState::Free => Some(Ink::Free),
        PageState::InHand => Some(Ink::InHand),
        PageState::Pcp => Some(Ink::Pcp),
        PageState::Tail => None,
        PageState::Allocated => Some(match head.kind {
            PageKind::Unknown => Ink::Unknown,
            PageKind::Unmovable | PageKind::Vmalloc => Ink::Unmovable,
            PageKind::Movable => Ink::Movable,
            PageKind::Reclaimable => Ink::Reclaimable,
            PageKind::Anon => Ink::Anon,
            PageKind::File => Ink::File,
            PageKind::Slab => Ink::Slab,
            PageKind::PageTable => Ink::PageTable,
        }),
    }
}

/// The bit of a cell that tells a block from its neighbours of the same size: a chequerboard in the quad layout,
/// because bit 0 and bit 1 of a block's number are the two directions there. Single frames do not need it.
pub(crate) const ODD: u8 = 16;

/// The cell of every frame of the block whose head is `head`, and how many frames that is.
#[must_use]
pub fn cell_of(head: &Page, pfn: Pfn) -> (u8, u32) {
    let Some(ink) = ink_of(head) else { return (Ink::Unknown as u8, 1) };
    if !head.is_head() || head.order == Order::ZERO {
        return (ink as u8, 1);
    }
    let number = pfn.0 >> head.order.get();
    let odd = if (number ^ number >> 1) & 1 == 1 { ODD } else { 0 };
    (ink as u8 | odd, head.order.pages())
}

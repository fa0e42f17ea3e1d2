//! Units as types: a frame number, an order, a number of pages and a number of bytes are never mixed up.
//!
//! All of them have a fixed width: `usize` is 32 bits in wasm32, and state has to be the same there.

use std::fmt;

/// Size of a page frame in bytes (4 KiB, as on x86; `PAGE_SIZE`).
pub const PAGE_SIZE: u64 = 4096;

/// A page frame number: physical address / [`PAGE_SIZE`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct Pfn(pub u32);

impl Pfn {
    /// The frame `pages` further on.
    #[must_use]
    #[inline]
    pub fn plus(self, pages: u32) -> Pfn {
        Pfn(self.0 + pages)
    }

    /// The start of the block of `order` that holds this frame.
    #[must_use]
    #[inline]
    pub fn align_down(self, order: Order) -> Pfn {
        Pfn(self.0 & !(order.pages() - 1))
    }

    /// Whether a block of `order` can start here.
    #[must_use]
    #[inline]
    pub fn is_aligned(self, order: Order) -> bool {
        self.0 & (order.pages() - 1) == 0
    }

    /// The buddy of the block of `order` that starts here: the one bit that differs
    /// (`__find_buddy_pfn()`, mm/page_alloc.c, 6.1).
    #[must_use]
    #[inline]
    pub fn buddy(self, order: Order) -> Pfn {
        Pfn(self.0 ^ order.pages())
    }
}

impl fmt::Display for Pfn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A logical CPU: an index into the machine's CPUs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct CpuId(pub u8);

impl CpuId {
    /// As an index.
    #[must_use]
    #[inline]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl fmt::Display for CpuId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The size of a block as a power of two: a block of order `o` is `1 << o` frames. 0 to 10.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct Order(u8);

impl Order {
    /// The largest order the buddy system holds: `MAX_ORDER - 1` in 6.1, where `MAX_ORDER` is 11.
    pub const MAX: Order = Order(10);
    /// How many orders there are (`MAX_ORDER` in 6.1).
    pub const COUNT: usize = 11;
    /// A single page.
    pub const ZERO: Order = Order(0);

    /// The order `order`, if the buddy system has it.
    #[must_use]
    #[inline]
    pub fn new(order: u8) -> Option<Order> {
        (order <= Self::MAX.0).then_some(Order(order))
    }

    /// The number of frames in a block, 1 to 1024.
    #[must_use]
    #[inline]
    pub fn pages(self) -> u32 {
        1 << self.0
    }

    /// The number itself, 0 to 10.
    #[must_use]
    #[inline]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The number as an index into a table of [`Order::COUNT`] rows.
    #[must_use]
    #[inline]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// One order up, unless this is the largest.
    #[must_use]
    #[inline]
    pub fn up(self) -> Option<Order> {
        Order::new(self.0 + 1)
    }

    /// One order up, of one that is not the largest.
    #[inline(always)]
    pub(crate) fn above(self) -> Order {
        debug_assert!(self < Order::MAX);
        Order(self.0 + 1)
    }

    /// One order down, unless this is the smallest.
    #[must_use]
    #[inline]
    pub fn down(self) -> Option<Order> {
        self.0.checked_sub(1).map(Order)
    }

    /// All orders from 0 to 10.
    pub fn all() -> impl DoubleEndedIterator<Item = Order> + ExactSizeIterator {
        (0..11u8).map(Order)
    }

    /// The order in the lowest four bits, which came from one.
    #[inline]
    pub(crate) fn of_bits(bits: u8) -> Order {
        Order((bits & 15).min(Order::MAX.0))
    }

    /// The lowest of some orders, each a bit.
    pub(crate) fn lowest_of(orders: u16) -> Option<Order> {
        Order::new(orders.trailing_zeros() as u8)
    }

    /// The orders from `self` up to 10.
    pub fn and_up(self) -> impl DoubleEndedIterator<Item = Order> {
        (self.0..=Self::MAX.0).map(Order)
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A virtual address, of a process or of the kernel.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct Vaddr(pub u64);

impl fmt::LowerHex for Vaddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::LowerHex::fmt(&self.0, f)
    }
}

/// A number of pages.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct NrPages(pub u64);

impl std::ops::AddAssign for NrPages {
    fn add_assign(&mut self, more: NrPages) {
        self.0 += more.0;
    }
}

impl NrPages {
    /// The same amount in bytes.
    #[must_use]
    pub fn bytes(self) -> Bytes {
        Bytes(self.0 * PAGE_SIZE)
    }
}

impl fmt::Display for NrPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A number of bytes. Its `Display` is the way a person writes it: `64 MiB`, `1.5 GiB`, `12 KiB`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct Bytes(pub u64);

impl Bytes {
    /// How many whole pages fit.
    #[must_use]
    #[inline]
    pub fn pages(self) -> NrPages {
        NrPages(self.0 / PAGE_SIZE)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, name) = match self.0 {
            b if b >= 1 << 30 => (1u64 << 30, "GiB"),
            b if b >= 1 << 20 => (1 << 20, "MiB"),
            b if b >= 1 << 10 => (1 << 10, "KiB"),
            _ => (1, "B"),
        };
        let tenths = self.0 * 10 / unit;
        if tenths.is_multiple_of(10) {
            write!(f, "{} {name}", tenths / 10)
        } else {
            write!(f, "{}.{} {name}", tenths / 10, tenths % 10)
        }
    }
}

/// A half-open range of frames, `start..end`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct PfnRange {
    /// The first frame.
    pub start: Pfn,
    /// The frame after the last one.
    pub end: Pfn,
}

impl PfnRange {
    /// The range `start..end`; empty when `end <= start`.
    #[must_use]
    #[inline]
    pub fn new(start: u32, end: u32) -> PfnRange {
        PfnRange { start: Pfn(start), end: Pfn(end.max(start)) }
    }

    /// How many frames it covers.
    #[must_use]
    pub fn len(self) -> u32 {
        self.end.0 - self.start.0
    }

    /// Whether it covers no frame.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Whether `pfn` lies in it.
    #[must_use]
    #[inline]
    pub fn contains(self, pfn: Pfn) -> bool {
        self.start <= pfn && pfn < self.end
    }

    /// What both ranges cover.
    #[must_use]
    pub fn and(self, other: PfnRange) -> PfnRange {
        PfnRange::new(self.start.0.max(other.start.0), self.end.0.min(other.end.0))
    }
}

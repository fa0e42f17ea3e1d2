//! Free lists as books teach them: which free piece a request gets, where a piece that comes back is put, and whether
//! neighbours become one. Neither Linux nor glibc does it so (their rules are those of `page_alloc` and of
//! `process::malloc`); it is what a lesson compares them with.

/// Which free piece a request gets, of those that are large enough.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Fit {
    /// The first one in the list.
    First,
    /// The smallest.
    Best,
    /// The largest.
    Worst,
}

/// Where a piece that comes back is put into the list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Insert {
    /// Before all others.
    Front,
    /// Behind all others.
    Back,
    /// By addresses, the lowest first.
    ByAddress,
    /// By sizes, the smallest first.
    Ascending,
    /// By sizes, the largest first.
    Descending,
}

/// Addresses that are free.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Piece {
    /// The first one.
    pub start: u32,
    /// How many, at least 1.
    pub size: u32,
}

impl Piece {
    fn end(self) -> u32 {
        self.start.saturating_add(self.size)
    }
}

/// A heap with one free list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heap {
    fit: Fit,
    insert: Insert,
    coalesce: bool,
    header: u32,
    align: u32,
    free: Vec<Piece>,
    /// By address; the header is part of each.
    used: Vec<Piece>,
}

impl Heap {
    /// All of it free. `header` bytes stand in front of each block; sizes are rounded up to a multiple of `align` first
    /// (0 and 1: as they are).
    #[must_use]
    pub fn new(all: Piece, fit: Fit, insert: Insert, coalesce: bool, header: u32, align: u32) -> Heap {
        let free = if all.size > 0 { vec![all] } else { Vec::new() };
        Heap { fit, insert, coalesce, header, align: align.max(1), free, used: Vec::new() }
    }

    /// The free list.
    #[must_use]
    pub fn free_list(&self) -> &[Piece] {
        &self.free
    }

    /// The pieces that are in use, the lowest address first, with their headers.
    #[must_use]
    pub fn used(&self) -> &[Piece] {
        &self.used
    }

    /// A block of so many bytes: the address behind its header; none where no piece is large enough.
    pub fn alloc(&mut self, bytes: u32) -> Option<u32> {
        let size = bytes.checked_next_multiple_of(self.align)?.checked_add(self.header)?;
        if size == 0 {
            return None;
        }
        let mut fits = self.free.iter().enumerate().filter(|(_, piece)| piece.size >= size);
        // Of several that are alike the first one in the list is taken.
        let at = match self.fit {
            Fit::First => fits.next(),
            Fit::Best => fits.min_by_key(|(at, piece)| (piece.size, *at)),
            Fit::Worst => fits.min_by_key(|(at, piece)| (u32::MAX - piece.size, *at)),
        };
        let at = at.map(|(at, _)| at)?;
        let piece = self.free[at];
        // What is left keeps its place in the list.
        if piece.size == size {
            self.free.remove(at);
        } else {
            self.free[at] = Piece { start: piece.start + size, size: piece.size - size };
        }
        let block = Piece { start: piece.start, size };
        let place = self.used.partition_point(|other| other.start < block.start);
        self.used.insert(place, block);
        Some(block.start + self.header)
    }

    /// Gives a block back; false where there is none.
    pub fn free(&mut self, address: u32) -> bool {
        let Some(start) = address.checked_sub(self.header) else { return false };
        let Ok(at) = self.used.binary_search_by_key(&start, |block| block.start) else { return false };
        let block = self.used.remove(at);
        let place = match self.insert {
            Insert::Front => 0,
            Insert::Back => self.free.len(),
            Insert::ByAddress => return self.sorted(block, |piece| u64::from(piece.start)),
            Insert::Ascending => return self.sorted(block, |piece| u64::from(piece.size)),
            Insert::Descending => return self.sorted(block, |piece| u64::from(u32::MAX - piece.size)),
        };
        self.free.insert(place, block);
        self.join();
        true
    }

    /// What was cut since the last time may stand in the wrong place, so all of the list is put in order.
    fn sorted(&mut self, block: Piece, key: impl Fn(&Piece) -> u64) -> bool {
        self.free.push(block);
        crate::sort::by_key(&mut self.free, key);
        self.join();
        true
    }

    /// Pieces that follow each other in the list and in memory become one.
    fn join(&mut self) {
        if self.coalesce {
            self.free.dedup_by(|next, piece| {
                let touches = piece.end() == next.start;
                if touches {
                    piece.size += next.size;
                }
                touches
            });
        }
    }
}

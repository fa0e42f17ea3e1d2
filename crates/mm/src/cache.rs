//! A level-1 data cache: which set a line belongs to, and what it pushes out.
//!
//! An address says which set its line belongs to; a set has room for a few lines, and the one that was not used for the
//! longest time goes. With 64 sets of 64 bytes each page begins at the same set: that is why slabs have colours.

use std::fmt;

use crate::cow::CowVec;
use crate::hash::{Digest, Digestible};
use crate::units::PAGE_SIZE;

/// Size and shape of a cache.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Shape {
    /// Bytes of a line, a power of two.
    pub line: u32,
    /// Sets, a power of two.
    pub sets: u32,
    /// Lines of a set.
    pub ways: u32,
}

impl Shape {
    /// The level-1 data cache of most PCs: 32 KiB, eight ways, lines of 64 bytes.
    pub const L1D: Shape = Shape { line: 64, sets: 64, ways: 8 };

    /// All of it, in bytes.
    #[must_use]
    pub fn bytes(self) -> u32 {
        self.line * self.sets * self.ways
    }

    /// The set of an address.
    #[must_use]
    pub fn set_of(self, address: u64) -> u32 {
        (address / u64::from(self.line)) as u32 % self.sets
    }

    /// The first address of an address's line.
    #[must_use]
    pub fn line_of(self, address: u64) -> u64 {
        address & !u64::from(self.line - 1)
    }

    /// Sets from the start of one page to the start of the next; 0: every page begins at the same one.
    #[must_use]
    pub fn sets_a_page(self) -> u32 {
        (PAGE_SIZE / u64::from(self.line)) as u32 % self.sets
    }
}

/// What an access met.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// The line was there.
    Hit {
        /// Its set.
        set: u32,
    },
    /// The line was not there.
    Miss {
        /// Its set.
        set: u32,
        /// The line that went for it, by its first address; none: there was room.
        evicted: Option<u64>,
    },
}

impl Access {
    /// The set of the line.
    #[must_use]
    pub fn set(self) -> u32 {
        match self {
            Access::Hit { set } | Access::Miss { set, .. } => set,
        }
    }
}

/// A line of a cache.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Line {
    /// Its first address.
    pub address: u64,
    /// It was written to, and what is below does not know yet.
    pub modified: bool,
}

impl Line {
    /// An address is that of a line, so its lowest bit is free.
    const MODIFIED: u64 = 1;
    /// No line.
    const NONE: u64 = u64::MAX;

    fn of(packed: u64) -> Line {
        Line { address: packed & !Line::MODIFIED, modified: packed & Line::MODIFIED != 0 }
    }

    fn packed(self) -> u64 {
        self.address | u64::from(self.modified)
    }
}

/// The most lines of a set.
pub const MAX_WAYS: u32 = 128;

/// The lines of a set-associative cache, in each set the last one used first.
#[derive(Clone)]
pub struct Sets {
    shape: Shape,
    /// Cells from a set to the next, a power of two, so that a set lies in one chunk.
    stride: u32,
    lines: CowVec<u64, { MAX_WAYS as usize }>,
}

impl fmt::Debug for Sets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries((0..self.shape.sets).map(|set| self.lines(set).collect::<Vec<_>>())).finish()
    }
}

impl PartialEq for Sets {
    fn eq(&self, other: &Sets) -> bool {
        self.shape == other.shape && self.lines.iter().eq(other.lines.iter())
    }
}

impl Eq for Sets {}

impl Sets {
    /// With nothing in them.
    ///
    /// # Panics
    /// When a set has no line or more than [`MAX_WAYS`].
    #[must_use]
    pub fn new(shape: Shape) -> Sets {
        assert!((1..=MAX_WAYS).contains(&shape.ways), "{} ways", shape.ways);
        let stride = shape.ways.next_power_of_two();
        Sets { shape, stride, lines: CowVec::filled(shape.sets * stride, Line::NONE) }
    }

    /// Size and shape.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// The lines of a set, the last one used first.
    pub fn lines(&self, set: u32) -> impl Iterator<Item = Line> + '_ {
        let cells = self.lines.slice(set * self.stride, self.shape.ways);
        cells.iter().take_while(|cell| **cell != Line::NONE).map(|cell| Line::of(*cell))
    }

    /// The line of an address, if it is there.
    #[must_use]
    pub fn find(&self, address: u64) -> Option<Line> {
        let line = self.shape.line_of(address);
        self.lines(self.shape.set_of(address)).find(|there| there.address == line)
    }

    fn set_mut(&mut self, address: u64) -> (&mut [u64], u64) {
        let (set, line) = (self.shape.set_of(address), self.shape.line_of(address));
        (self.lines.slice_mut(set * self.stride, self.shape.ways), line)
    }

    /// The line of an address is used: it is the last one used from now on. False: it is not there.
    pub fn touch(&mut self, address: u64) -> bool {
        // Mostly it is the one that was used last.
        let (set, line) = (self.shape.set_of(address), self.shape.line_of(address));
        let cells = self.lines.slice(set * self.stride, self.shape.ways);
        let Some(at) = cells.iter().position(|cell| cell & !Line::MODIFIED == line) else { return false };
        if at > 0 {
            self.set_mut(address).0[..=at].rotate_right(1);
        }
        true
    }

    /// A line comes in as the last one used; the line that goes for it, if there was no room.
    pub fn insert(&mut self, line: Line) -> Option<Line> {
        let (cells, address) = self.set_mut(line.address);
        cells.rotate_right(1);
        let gone = std::mem::replace(&mut cells[0], Line { address, ..line }.packed());
        (gone != Line::NONE).then(|| Line::of(gone))
    }

    /// A line goes.
    pub fn remove(&mut self, address: u64) -> Option<Line> {
        let there = self.find(address)?;
        let (cells, line) = self.set_mut(address);
        let at = cells.iter().position(|cell| cell & !Line::MODIFIED == line)?;
        cells[at..].rotate_left(1);
        let last = cells.len() - 1;
        cells[last] = Line::NONE;
        Some(there)
    }

    /// Says of a line that is there whether what is below knows its contents.
    pub fn mark(&mut self, address: u64, modified: bool) {
        if self.find(address).is_none_or(|line| line.modified == modified) {
            return;
        }
        let (cells, line) = self.set_mut(address);
        if let Some(cell) = cells.iter_mut().find(|cell| **cell & !Line::MODIFIED == line) {
            *cell = Line { address: line, modified }.packed();
        }
    }
}

impl Digestible for Sets {
    fn digest(&self, to: &mut Digest) {
        to.word(u64::from(self.shape.sets) << 32 | u64::from(self.shape.ways));
        self.lines.digest(to);
    }
}

/// A cache, what is in it, and how it did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cache {
    sets: Sets,
    /// Of each set how many accesses found their line, and how many did not.
    counts: Vec<(u64, u64)>,
}

impl Cache {
    /// With nothing in it.
    #[must_use]
    pub fn new(shape: Shape) -> Cache {
        Cache { sets: Sets::new(shape), counts: vec![(0, 0); shape.sets as usize] }
    }

    /// Size and shape.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.sets.shape
    }

    /// One access to a physical address.
    pub fn access(&mut self, address: u64) -> Access {
        let set = self.sets.shape.set_of(address);
        let (hits, misses) = &mut self.counts[set as usize];
        if self.sets.touch(address) {
            *hits += 1;
            return Access::Hit { set };
        }
        *misses += 1;
        let gone = self.sets.insert(Line { address, modified: false });
        Access::Miss { set, evicted: gone.map(|line| line.address) }
    }

    /// Of each set how many accesses found their line, and how many did not.
    #[must_use]
    pub fn counts(&self) -> &[(u64, u64)] {
        &self.counts
    }

    /// The lines of a set by their first addresses, the last one used first.
    #[must_use]
    pub fn lines(&self, set: u32) -> Vec<u64> {
        self.sets.lines(set).map(|line| line.address).collect()
    }

    /// Misses of all sets.
    #[must_use]
    pub fn misses(&self) -> u64 {
        self.counts.iter().map(|(_, misses)| misses).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Arch;
    use crate::slab::{Era, Geometry, Machine};
    use crate::slab_common::CacheArgs;

    #[test]
    fn a_set_forgets_what_was_not_used_for_longest() {
        let mut cache = Cache::new(Shape { line: 64, sets: 2, ways: 2 });
        let set = |number: u64| number * 128;
        assert_eq!(cache.access(set(0)), Access::Miss { set: 0, evicted: None });
        assert_eq!(cache.access(set(1) + 63), Access::Miss { set: 0, evicted: None });
        assert_eq!(cache.access(set(0) + 8), Access::Hit { set: 0 });
        assert_eq!(cache.access(set(2)), Access::Miss { set: 0, evicted: Some(set(1)) });
        assert_eq!(cache.access(set(1)), Access::Miss { set: 0, evicted: Some(set(0)) });
        assert_eq!(cache.access(64), Access::Miss { set: 1, evicted: None });
        assert_eq!((cache.lines(0), cache.lines(1)), (vec![set(1), set(2)], vec![64]));
        assert_eq!((cache.counts(), cache.misses()), (&[(1, 4), (0, 1)][..], 5));
    }

    #[test]
    fn the_usual_l1() {
        assert_eq!((Shape::L1D.bytes(), Shape::L1D.sets_a_page()), (32 << 10, 0));
    }

    /// The first word of the first object of each slab, round and round: without colours they share one set, with
    /// colours they spread. (The reference: a count by hand.)
    #[test]
    fn colours_spread_the_first_objects() {
        let misses = |coloured: bool| {
            let args = CacheArgs::of_size(500);
            let g =
                Geometry::of(&args, Era::Linux2_6, Machine::of(Arch::X86_64, 1)).expect("it has an order");
            let mut cache = Cache::new(Shape::L1D);
            for _round in 0..10 {
                for slab in 0..16u32 {
                    let colour = if coloured { slab % g.colours } else { 0 };
                    cache.access(u64::from(slab) * PAGE_SIZE + u64::from(g.place(colour, 0)));
                }
            }
            cache.misses()
        };
        // Sixteen lines in a set of eight, one after the other: none is there any more when its turn comes.
        assert_eq!(misses(false), 160);
        // Seven colours: three lines a set at most.
        assert_eq!(misses(true), 16);
    }
}

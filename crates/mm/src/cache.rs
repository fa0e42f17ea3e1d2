//! A level-1 data cache: which set a line belongs to, and what it pushes out.
//!
//! An address says which set its line belongs to; a set has room for a few lines, and the one that was not used for the
//! longest time goes. With 64 sets of 64 bytes each page begins at the same set: that is why slabs have colours.

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

/// A cache and what is in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cache {
    shape: Shape,
    /// Of each set the lines (first addresses), the last one used first.
    sets: Vec<Vec<u64>>,
    /// Of each set how many accesses found their line, and how many did not.
    counts: Vec<(u64, u64)>,
}

impl Cache {
    /// With nothing in it.
    #[must_use]
    pub fn new(shape: Shape) -> Cache {
        let sets = shape.sets as usize;
        Cache { shape, sets: vec![Vec::new(); sets], counts: vec![(0, 0); sets] }
    }

    /// Size and shape.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// One access to a physical address.
    pub fn access(&mut self, address: u64) -> Access {
        let set = self.shape.set_of(address);
        let line = address / u64::from(self.shape.line) * u64::from(self.shape.line);
        let (lines, (hits, misses)) = (&mut self.sets[set as usize], &mut self.counts[set as usize]);
        if let Some(at) = lines.iter().position(|there| *there == line) {
            lines[..=at].rotate_right(1);
            *hits += 1;
            return Access::Hit { set };
        }
        *misses += 1;
        let full = lines.len() == self.shape.ways as usize;
        let evicted = if full { lines.pop() } else { None };
        lines.insert(0, line);
        Access::Miss { set, evicted }
    }

    /// Of each set how many accesses found their line, and how many did not.
    #[must_use]
    pub fn counts(&self) -> &[(u64, u64)] {
        &self.counts
    }

    /// The lines of a set, the last one used first.
    #[must_use]
    pub fn lines(&self, set: u32) -> &[u64] {
        &self.sets[set as usize]
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
        assert_eq!((cache.lines(0), cache.lines(1)), (&[set(1), set(2)][..], &[64][..]));
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

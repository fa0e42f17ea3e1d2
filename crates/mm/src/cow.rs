//! The copy-on-write table that everything which grows with the scenario lives in.
//!
//! A clone shares all chunks; a write copies the one chunk (and the one node above it) that it touches. So a
//! keyframe costs what changed since the last one, and cloning is bounded by the number of *nodes*.
//! A table that starts uniform shares a single chunk until it is written to.
//!
//! The digest of a chunk is cached beside it, so hashing the machine again costs what changed.

use std::cell::Cell;
use std::rc::Rc;

use crate::hash::{Digest, Digestible};

/// Chunks under one node of the spine.
const FANOUT: usize = 64;

#[derive(Clone)]
struct Chunk<T, const N: usize> {
    cells: [T; N],
    /// 0: not known.
    digest: Cell<u64>,
}

#[derive(Clone)]
struct Node<T, const N: usize> {
    chunks: [Rc<Chunk<T, N>>; FANOUT],
    /// 0: not known.
    digest: Cell<u64>,
}

/// A vector of `T` in copy-on-write chunks of `N` cells (choose `N` so that a chunk is about 1 KiB).
#[derive(Clone)]
pub struct CowVec<T, const N: usize> {
    spine: Vec<Rc<Node<T, N>>>,
    len: u32,
    fill: T,
    copied: u64,
}

impl<T: Copy + Digestible, const N: usize> CowVec<T, N> {
    const PER_NODE: usize = N * FANOUT;

    /// `len` cells that all hold `fill`, in one shared chunk.
    #[must_use]
    pub fn filled(len: u32, fill: T) -> Self {
        let mut table = CowVec { spine: Vec::new(), len: 0, fill, copied: 0 };
        table.grow(len);
        table
    }

    fn blank_node(&self) -> Rc<Node<T, N>> {
        let chunk = Rc::new(Chunk { cells: [self.fill; N], digest: Cell::new(0) });
        Rc::new(Node { chunks: std::array::from_fn(|_| Rc::clone(&chunk)), digest: Cell::new(0) })
    }

    /// Makes the table at least `len` cells long; new cells hold the fill value.
    pub fn grow(&mut self, len: u32) {
        self.len = self.len.max(len);
        let nodes = (self.len as usize).div_ceil(Self::PER_NODE);
        if nodes > self.spine.len() {
            let blank = self.blank_node();
            self.spine.resize(nodes, blank);
        }
    }

    /// The number of cells.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Whether there is no cell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The cell `index`.
    ///
    /// # Panics
    /// When `index` is out of range: an index comes from the machine, never from input.
    #[must_use]
    pub fn get(&self, index: u32) -> T {
        assert!(index < self.len, "cell {index} of {}", self.len);
        let index = index as usize;
        self.spine[index / Self::PER_NODE].chunks[index / N % FANOUT].cells[index % N]
    }

    /// Puts `value` into cell `index`.
    pub fn set(&mut self, index: u32, value: T) {
        *self.get_mut(index) = value;
    }

    /// The cell `index`, to be written to.
    pub fn get_mut(&mut self, index: u32) -> &mut T {
        assert!(index < self.len, "cell {index} of {}", self.len);
        let index = index as usize;
        let chunk = self.chunk_mut(index / Self::PER_NODE, index / N % FANOUT);
        &mut chunk.cells[index % N]
    }

    fn chunk_mut(&mut self, node: usize, chunk: usize) -> &mut Chunk<T, N> {
        let node = Rc::make_mut(&mut self.spine[node]);
        node.digest.set(0);
        let slot = &mut node.chunks[chunk];
        if Rc::strong_count(slot) > 1 {
            self.copied += 1;
        }
        let chunk = Rc::make_mut(slot);
        chunk.digest.set(0);
        chunk
    }

    /// Puts `value` into the cells `start..end`; whole chunks inside the range share one copy of it.
    pub fn fill(&mut self, start: u32, end: u32, value: T) {
        assert!(start <= end && end <= self.len, "cells {start}..{end} of {}", self.len);
        let (mut at, end) = (start as usize, end as usize);
        let mut shared: Option<Rc<Chunk<T, N>>> = None;
        while at < end {
            let (node, chunk) = (at / Self::PER_NODE, at / N % FANOUT);
            if at.is_multiple_of(N) && at + N <= end {
                let whole =
                    shared.get_or_insert_with(|| Rc::new(Chunk { cells: [value; N], digest: Cell::new(0) }));
                let node = Rc::make_mut(&mut self.spine[node]);
                node.digest.set(0);
                node.chunks[chunk] = Rc::clone(whole);
                at += N;
            } else {
                let stop = end.min((at / N + 1) * N);
                self.chunk_mut(node, chunk).cells[at % N..=(stop - 1) % N].fill(value);
                at = stop;
            }
        }
    }

    /// Appends a cell and gives its index.
    pub fn push(&mut self, value: T) -> u32 {
        let index = self.len;
        self.grow(index + 1);
        self.set(index, value);
        index
    }

    /// Every chunk in order, the last one cut to the length: the fast way to read it all.
    pub fn slices(&self) -> impl Iterator<Item = &[T]> {
        let len = self.len as usize;
        self.spine.iter().flat_map(|node| node.chunks.iter()).enumerate().map_while(move |(i, chunk)| {
            let left = len.checked_sub(i * N).filter(|left| *left > 0)?;
            Some(&chunk.cells[..left.min(N)])
        })
    }

    /// Every cell in order.
    pub fn iter(&self) -> impl Iterator<Item = T> {
        self.slices().flatten().copied()
    }

    /// How many shared chunks were copied in the whole life of this table and of those it was cloned from:
    /// the price of keyframes, in units of about 1 KiB.
    #[must_use]
    pub fn copied_chunks(&self) -> u64 {
        self.copied
    }

    /// Bytes of all chunks and nodes with their counts, as if none were shared.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        const COUNTS: usize = 2 * size_of::<usize>();
        let chunks = (self.len as usize).div_ceil(N) * (size_of::<Chunk<T, N>>() + COUNTS);
        let nodes = self.spine.len() * (size_of::<Node<T, N>>() + COUNTS + size_of::<Rc<Node<T, N>>>());
        (chunks + nodes) as u64
    }

    /// How many nodes a clone has to share: the bound on the cost of cloning.
    #[must_use]
    pub fn clone_cost(&self) -> usize {
        self.spine.len()
    }
}

impl<T: Copy + Digestible, const N: usize> Digestible for CowVec<T, N> {
    fn digest(&self, to: &mut Digest) {
        to.word(u64::from(self.len));
        for node in &self.spine {
            if node.digest.get() == 0 {
                let mut of_node = Digest::default();
                for chunk in &node.chunks {
                    if chunk.digest.get() == 0 {
                        let mut of_chunk = Digest::default();
                        for cell in &chunk.cells {
                            cell.digest(&mut of_chunk);
                        }
                        chunk.digest.set(of_chunk.finish() | 1);
                    }
                    of_node.word(chunk.digest.get());
                }
                node.digest.set(of_node.finish() | 1);
            }
            to.word(node.digest.get());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(table: &CowVec<u32, 4>) -> u64 {
        let mut d = Digest::default();
        table.digest(&mut d);
        d.finish()
    }

    #[test]
    fn behaves_like_a_vec() {
        let mut rng = crate::rng::Rng::new(1, 2);
        let mut cow: CowVec<u32, 4> = CowVec::filled(1000, 7);
        let mut vec = vec![7u32; 1000];
        let mut kept = Vec::new();
        for round in 0..2000 {
            match rng.below(10) {
                0 => kept.push((cow.clone(), vec.clone())),
                1 => {
                    cow.push(round);
                    vec.push(round);
                }
                2 => {
                    let a = rng.below(vec.len() as u32);
                    let b = a + rng.below(vec.len() as u32 - a + 1);
                    cow.fill(a, b, round);
                    vec[a as usize..b as usize].fill(round);
                }
                _ => {
                    let i = rng.below(vec.len() as u32);
                    cow.set(i, round);
                    vec[i as usize] = round;
                }
            }
        }
        kept.push((cow, vec));
        for (cow, vec) in &kept {
            assert!(cow.iter().eq(vec.iter().copied()), "an old clone changed");
            assert_eq!(cow.len() as usize, vec.len());
            for (i, v) in vec.iter().enumerate() {
                assert_eq!(cow.get(i as u32), *v);
            }
        }
    }

    #[test]
    fn the_digest_is_of_the_content() {
        let mut a: CowVec<u32, 4> = CowVec::filled(300, 0);
        let before = digest(&a);
        a.set(299, 5);
        assert_ne!(digest(&a), before);
        a.set(299, 0);
        assert_eq!(digest(&a), before, "a cached digest went stale");
        a.fill(3, 297, 9);
        let mut b: CowVec<u32, 4> = CowVec::filled(300, 0);
        (3..297).for_each(|i| b.set(i, 9));
        assert_eq!(digest(&a), digest(&b), "shared chunks hash like written ones");
    }

    #[test]
    fn cloning_is_bounded_by_the_number_of_nodes() {
        let table: CowVec<u32, 256> = CowVec::filled(4_194_304, 0);
        assert_eq!(table.clone_cost(), 256);
        assert_eq!(table.copied_chunks(), 0);
    }
}

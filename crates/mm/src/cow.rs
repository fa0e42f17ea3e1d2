//! The copy-on-write table that everything which grows with the scenario lives in.
//!
//! A clone shares all chunks; a write copies the one chunk (and the one node above it) that it touches. So a
//! keyframe costs what changed since the last one, and cloning is bounded by the number of *nodes*.
//! A table that starts uniform shares a single chunk until it is written to.
//!
//! Whoever runs far lays the table out flat first ([`CowVec::flatten`]): its cells then lie side by side, a write
//! costs one store, and a clone reads it all and copies the chunks that differ from the last one. The clone itself is
//! not flat.
//!
//! The digest of a chunk is cached beside it, so hashing the machine again costs what changed.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::hash::{Digest, Digestible};

/// What is shared, to be written to: a copy of its own, if others have it too (`Rc::make_mut()`, of which only the test
/// stands where it is called).
#[inline(always)]
pub(crate) fn own<T: Clone>(shared: &mut Rc<T>) -> &mut T {
    #[cold]
    fn copy<T: Clone>(shared: &mut Rc<T>) {
        *shared = Rc::new(T::clone(shared));
    }
    if Rc::get_mut(shared).is_none() {
        copy(shared);
    }
    Rc::get_mut(shared).unwrap_or_else(|| unreachable!("nobody else has the copy"))
}

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

type Spine<T, const N: usize> = Vec<Rc<Node<T, N>>>;

/// A vector of `T` in copy-on-write chunks of `N` cells (choose `N` so that a chunk is about 1 KiB).
pub struct CowVec<T, const N: usize> {
    is_flat: bool,
    /// All cells side by side, up to the end of the last node; empty while the table is not flat.
    flat: Vec<T>,
    /// The chunks as the last clone of the flat table shares them.
    kept: RefCell<Spine<T, N>>,
    /// The chunks; empty while the table is flat.
    spine: Spine<T, N>,
    len: u32,
    fill: T,
    copied: Cell<u64>,
}

impl<T: Copy + PartialEq, const N: usize> Clone for CowVec<T, N> {
    fn clone(&self) -> Self {
        let spine = if self.is_flat() { self.keep() } else { self.spine.clone() };
        CowVec { spine, len: self.len, copied: self.copied.clone(), ..CowVec::empty(self.fill) }
    }
}

impl<T: Copy + PartialEq, const N: usize> CowVec<T, N> {
    const PER_NODE: usize = N * FANOUT;

    /// No cells yet; those that come hold `fill`.
    #[must_use]
    pub fn empty(fill: T) -> Self {
        CowVec {
            is_flat: false,
            flat: Vec::new(),
            kept: RefCell::default(),
            spine: Vec::new(),
            len: 0,
            fill,
            copied: Cell::new(0),
        }
    }

    /// `len` cells that all hold `fill`, in one shared chunk.
    #[must_use]
    pub fn filled(len: u32, fill: T) -> Self {
        let mut table = CowVec::empty(fill);
        table.grow(len);
        table
    }

    fn blank_node(fill: T) -> Rc<Node<T, N>> {
        let chunk = Rc::new(Chunk { cells: [fill; N], digest: Cell::new(0) });
        Rc::new(Node { chunks: std::array::from_fn(|_| Rc::clone(&chunk)), digest: Cell::new(0) })
    }

    fn grow_spine(spine: &mut Spine<T, N>, nodes: usize, fill: T) {
        if nodes > spine.len() {
            spine.resize(nodes, Self::blank_node(fill));
        }
    }

    /// Makes the table at least `len` cells long; new cells hold the fill value.
    pub fn grow(&mut self, len: u32) {
        self.len = self.len.max(len);
        let nodes = (self.len as usize).div_ceil(Self::PER_NODE);
        if !self.is_flat() {
            Self::grow_spine(&mut self.spine, nodes, self.fill);
        } else if nodes * Self::PER_NODE > self.flat.len() {
            self.flat.resize(nodes * Self::PER_NODE, self.fill);
            Self::grow_spine(self.kept.get_mut(), nodes, self.fill);
        }
    }

    /// Whether the cells lie side by side.
    #[inline]
    fn is_flat(&self) -> bool {
        self.is_flat
    }

    /// Lays the cells out side by side, for whoever writes much between two clones.
    pub fn flatten(&mut self) {
        if self.is_flat() {
            return;
        }
        self.is_flat = true;
        let chunks = self.spine.iter().flat_map(|node| node.chunks.iter());
        self.flat.reserve_exact(self.spine.len() * Self::PER_NODE);
        chunks.for_each(|chunk| self.flat.extend_from_slice(&chunk.cells));
        self.kept = RefCell::new(std::mem::take(&mut self.spine));
    }

    /// The chunks of the flat table as they are now.
    fn keep(&self) -> Spine<T, N> {
        let mut kept = self.kept.borrow_mut();
        for (index, cells) in self.flat.as_chunks().0.iter().enumerate() {
            let (node, chunk) = (&mut kept[index / FANOUT], index % FANOUT);
            // All of them, so that several are compared at once.
            let differs = node.chunks[chunk].cells.iter().zip(cells).fold(false, |so, (a, b)| so | (a != b));
            if differs {
                let node = Rc::make_mut(node);
                node.digest.set(0);
                node.chunks[chunk] = Rc::new(Chunk { cells: *cells, digest: Cell::new(0) });
                self.copied.set(self.copied.get() + 1);
            }
        }
        kept.clone()
    }

    /// The number of cells.
    #[must_use]
    #[inline]
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
    #[inline]
    pub fn get(&self, index: u32) -> T {
        match self.flat.get(index as usize) {
            Some(cell) => *cell,
            None => *self.get_shared(index),
        }
    }

    /// The cell `index`, or beyond the end what new cells hold. Not copied, so that of a large cell only what is
    /// looked at is read.
    #[must_use]
    #[inline]
    pub fn get_or_fill(&self, index: u32) -> &T {
        match self.flat.get(index as usize) {
            Some(cell) => cell,
            None if index < self.len => self.get_shared(index),
            None => &self.fill,
        }
    }

    fn get_shared(&self, index: u32) -> &T {
        assert!(index < self.len, "cell {index} of {}", self.len);
        let index = index as usize;
        &self.spine[index / Self::PER_NODE].chunks[index / N % FANOUT].cells[index % N]
    }

    /// Puts `value` into cell `index`.
    #[inline]
    pub fn set(&mut self, index: u32, value: T) {
        *self.get_mut(index) = value;
    }

    /// The cell `index`, to be written to.
    #[inline]
    pub fn get_mut(&mut self, index: u32) -> &mut T {
        if let Some(cell) = self.flat.get_mut(index as usize) {
            return cell;
        }
        Self::get_mut_shared(&mut self.spine, self.len, &self.copied, index)
    }

    /// The cell `index` of a flat table.
    #[must_use]
    #[inline(always)]
    pub fn peek(&self, index: u32) -> Option<&T> {
        self.flat.get(index as usize)
    }

    /// The cell `index`, to be written to, of a flat table.
    #[inline(always)]
    pub fn at_hand(&mut self, index: u32) -> Option<&mut T> {
        self.flat.get_mut(index as usize)
    }

    /// So many cells from `start` on, which are all in one chunk.
    #[must_use]
    pub fn slice(&self, start: u32, len: u32) -> &[T] {
        let (start, len) = (start as usize, len as usize);
        match self.flat.get(start..start + len) {
            Some(cells) => cells,
            None => {
                let chunk = &self.spine[start / Self::PER_NODE].chunks[start / N % FANOUT];
                &chunk.cells[start % N..start % N + len]
            }
        }
    }

    /// The same, to be written to.
    pub fn slice_mut(&mut self, start: u32, len: u32) -> &mut [T] {
        let (start, len) = (start as usize, len as usize);
        if self.is_flat() {
            return &mut self.flat[start..start + len];
        }
        let chunk = Self::chunk_mut(&mut self.spine, &self.copied, start / N);
        &mut chunk.cells[start % N..start % N + len]
    }

    /// All cells of a flat table, up to the end of the last node.
    #[inline(always)]
    pub fn flat(&mut self) -> Option<&mut [T]> {
        self.is_flat.then_some(&mut self.flat[..])
    }

    #[cold]
    fn get_mut_shared<'s>(spine: &'s mut Spine<T, N>, len: u32, copied: &Cell<u64>, index: u32) -> &'s mut T {
        assert!(index < len, "cell {index} of {len}");
        let index = index as usize;
        let chunk = Self::chunk_mut(spine, copied, index / N);
        &mut chunk.cells[index % N]
    }

    fn chunk_mut<'s>(spine: &'s mut Spine<T, N>, copied: &Cell<u64>, chunk: usize) -> &'s mut Chunk<T, N> {
        let node = Rc::make_mut(&mut spine[chunk / FANOUT]);
        node.digest.set(0);
        let slot = &mut node.chunks[chunk % FANOUT];
        if Rc::strong_count(slot) > 1 {
            copied.set(copied.get() + 1);
        }
        let chunk = Rc::make_mut(slot);
        chunk.digest.set(0);
        chunk
    }

    /// Puts `value` into the cells `start..end`; whole chunks inside the range share one copy of it.
    pub fn fill(&mut self, start: u32, end: u32, value: T) {
        assert!(start <= end && end <= self.len, "cells {start}..{end} of {}", self.len);
        let (mut at, end) = (start as usize, end as usize);
        if self.is_flat() && at < end {
            self.flat[at..end].fill(value);
            return;
        }
        let mut shared: Option<Rc<Chunk<T, N>>> = None;
        while at < end {
            if at.is_multiple_of(N) && at + N <= end {
                let whole =
                    shared.get_or_insert_with(|| Rc::new(Chunk { cells: [value; N], digest: Cell::new(0) }));
                let node = Rc::make_mut(&mut self.spine[at / Self::PER_NODE]);
                node.digest.set(0);
                node.chunks[at / N % FANOUT] = Rc::clone(whole);
                at += N;
            } else {
                let stop = end.min((at / N + 1) * N);
                let chunk = Self::chunk_mut(&mut self.spine, &self.copied, at / N);
                chunk.cells[at % N..=(stop - 1) % N].fill(value);
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
        let shared = self.spine.iter().flat_map(|node| node.chunks.iter()).map(|chunk| &chunk.cells[..]);
        self.flat.chunks(N).chain(shared).enumerate().map_while(move |(i, cells)| {
            let left = len.checked_sub(i * N).filter(|left| *left > 0)?;
            Some(&cells[..left.min(N)])
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
        self.copied.get()
    }

    /// How many chunks hold the cells.
    #[must_use]
    pub fn chunks(&self) -> u64 {
        u64::from(self.len).div_ceil(N as u64)
    }

    /// Bytes of all cells with what is kept beside them; a chunk or node that several share counts in parts.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        const COUNTS: usize = 2 * size_of::<usize>();
        let of_node = |node: &Rc<Node<T, N>>| {
            let chunks = node
                .chunks
                .iter()
                .map(|chunk| (size_of::<Chunk<T, N>>() + COUNTS) as u64 / Rc::strong_count(chunk) as u64);
            let own = (size_of::<Node<T, N>>() + COUNTS) as u64;
            (own + chunks.sum::<u64>()) / Rc::strong_count(node) as u64 + size_of::<usize>() as u64
        };
        let flat = self.flat.len() * size_of::<T>();
        flat as u64 + self.kept.borrow().iter().chain(&self.spine).map(of_node).sum::<u64>()
    }

    /// How many nodes a clone has to share: the bound on the cost of cloning a table that is not flat.
    #[must_use]
    pub fn clone_cost(&self) -> usize {
        self.spine.len().max(self.flat.len() / Self::PER_NODE)
    }
}

impl<T: Copy + PartialEq + Digestible, const N: usize> Digestible for CowVec<T, N> {
    fn digest(&self, to: &mut Digest) {
        if self.is_flat() {
            self.keep();
        }
        to.word(u64::from(self.len));
        for node in self.kept.borrow().iter().chain(&self.spine) {
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
            if round == 500 {
                cow.flatten();
            }
            match rng.below(10) {
                0 => kept.push((cow.clone(), vec.clone())),
                // Time runs on from a clone, flat or not.
                4 if rng.below(20) == 0 => {
                    cow = cow.clone();
                    if round > 1000 {
                        cow.flatten();
                    }
                }
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
        b.flatten();
        assert_eq!(digest(&a), digest(&b), "flat tables hash like shared ones");
        b.set(7, 1);
        assert_ne!(digest(&a), digest(&b), "a cached digest went stale");
    }

    #[test]
    fn cloning_is_bounded_by_the_number_of_nodes() {
        let table: CowVec<u32, 256> = CowVec::filled(4_194_304, 0);
        assert_eq!(table.clone_cost(), 256);
        assert_eq!(table.copied_chunks(), 0);
    }
}

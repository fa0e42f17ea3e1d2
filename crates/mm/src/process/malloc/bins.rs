//! The lists of free chunks: which one a size belongs to, and what a request finds there (`_int_malloc()`).

use super::{ALIGN, Arena, ChunkState, LEAST, Notes, Place, TCACHE_COUNT};
use crate::process::MallocStep;
use crate::units::Vaddr;

/// The list of those that are in no order.
pub(super) const UNSORTED: u8 = 1;
/// The largest chunk of a fastbin (`global_max_fast`).
const FASTEST: u64 = 128;
/// The first size of the large bins (`MIN_LARGE_SIZE`).
const LARGE: u64 = 1024;
/// Lists of the tcache.
const TCACHE_LISTS: u64 = 64;

/// Whether all chunks of its bin have the same size.
pub(super) fn is_small(size: u64) -> bool {
    size < LARGE
}

/// The list of the tcache for a size (`csize2tidx()`).
pub(super) fn tcache_of(size: u64) -> Option<u8> {
    let list = (size - LEAST).div_ceil(ALIGN);
    (list < TCACHE_LISTS).then_some(list as u8)
}

/// The fastbin for a size.
pub(super) fn fast_of(size: u64) -> Option<u8> {
    (size <= FASTEST).then_some((size >> 4) as u8)
}

/// The bin for a size (`bin_index()`).
pub(super) fn bin_of(size: u64) -> u8 {
    let bin = match size {
        ..LARGE => size >> 4,
        _ if size >> 6 <= 48 => 48 + (size >> 6),
        _ if size >> 9 <= 20 => 91 + (size >> 9),
        _ if size >> 12 <= 10 => 110 + (size >> 12),
        _ if size >> 15 <= 4 => 119 + (size >> 15),
        _ if size >> 18 <= 2 => 124 + (size >> 18),
        _ => 126,
    };
    bin as u8
}

impl Arena {
    /// The last one that a fastbin got; others of its size go to the thread.
    pub(super) fn take_fast(&mut self, size: u64, notes: &mut Notes) -> Option<Vaddr> {
        let list = self.fast.get_mut(&fast_of(size)?)?;
        let start = list.pop()?;
        let others: Vec<Vaddr> = std::iter::from_fn(|| list.pop()).collect();
        self.set(start, ChunkState::InUse);
        self.stash(size, Place::Fast, others, notes);
        notes.steps.push(MallocStep::Found { at: start, size, from: Place::Fast, rest: 0 });
        Some(start)
    }

    /// The oldest one of a small bin; others of its size go to the thread.
    pub(super) fn take_small(&mut self, size: u64, notes: &mut Notes) -> Option<Vaddr> {
        let list = self.bins.get_mut(&bin_of(size)).filter(|_| is_small(size))?;
        let start = list.pop()?;
        let others: Vec<Vaddr> = std::iter::from_fn(|| list.pop()).collect();
        self.set(start, ChunkState::InUse);
        notes.writes.push((Vaddr(start.0 + size + super::WORD), super::WORD as u16));
        self.stash(size, Place::Small, others, notes);
        notes.steps.push(MallocStep::Found { at: start, size, from: Place::Small, rest: 0 });
        Some(start)
    }

    /// Chunks of a size, in the order in which they would be found: the thread keeps as many as it may, the others go
    /// back.
    fn stash(&mut self, size: u64, from: Place, others: Vec<Vaddr>, notes: &mut Notes) {
        let Some(list) = tcache_of(size) else { return };
        let mut back = Vec::new();
        for start in others {
            let kept = self.tcache.entry(list).or_default();
            if kept.len() >= TCACHE_COUNT {
                back.push(start);
                continue;
            }
            kept.push(start);
            self.set(start, ChunkState::Tcache);
            notes.writes.push((Vaddr(start.0 + super::HEADER), 2 * super::WORD as u16));
        }
        back.reverse();
        if from == Place::Fast {
            self.fast.insert((size >> 4) as u8, back);
        } else {
            self.bins.insert(bin_of(size), back);
        }
    }

    /// What was freed lately is put into its bins, the oldest first; one that fits exactly is used, or kept by the thread
    /// as long as it may.
    pub(super) fn sort(&mut self, size: u64, notes: &mut Notes) -> Option<Vaddr> {
        let (mut sorted, mut kept) = (0, None);
        let found = loop {
            let Some(list) = self.bins.get_mut(&UNSORTED) else { break None };
            let Some(start) = list.last().copied() else { break None };
            let (is_only, is_last) = (list.len() == 1, self.last_remainder == Some(start));
            let Some(chunk) = self.chunk_at(start) else { break None };
            if is_small(size) && is_only && is_last && chunk.size > size + LEAST {
                self.bins.remove(&UNSORTED);
                break Some((start, true));
            }
            if let Some(list) = self.bins.get_mut(&UNSORTED) {
                list.pop();
            }
            if chunk.size == size {
                let list =
                    tcache_of(size).filter(|list| self.tcache.get(list).map_or(0, Vec::len) < TCACHE_COUNT);
                let Some(list) = list else { break Some((start, false)) };
                self.tcache.entry(list).or_default().push(start);
                self.set(start, ChunkState::Tcache);
                notes.writes.push((Vaddr(start.0 + super::HEADER), 2 * super::WORD as u16));
                notes.writes.push((Vaddr(start.0 + size + super::WORD), super::WORD as u16));
                kept = Some(list);
                continue;
            }
            self.put(start, chunk.size);
            sorted += 1;
        };
        if sorted > 0 {
            notes.steps.push(MallocStep::Sorted { chunks: sorted });
        }
        if let Some((start, is_last)) = found {
            return Some(self.use_free(start, size, Place::Unsorted, is_last, notes));
        }
        // One of those that the thread just kept.
        let start = self.tcache.get_mut(&kept?)?.pop()?;
        self.is_taken_from_tcache(start, size, notes);
        Some(start)
    }

    fn chunk_at(&self, start: Vaddr) -> Option<super::Chunk> {
        self.at(start).map(|at| self.chunks[at])
    }

    /// Into its bin: a small one in front, a large one where its size belongs, behind the first of the same.
    fn put(&mut self, start: Vaddr, size: u64) {
        let bin = bin_of(size);
        let at = match is_small(size) {
            true => 0,
            false => {
                let sizes: Vec<u64> = self.sizes(bin);
                let at = sizes.iter().position(|of| *of <= size).unwrap_or(sizes.len());
                at + usize::from(sizes.get(at) == Some(&size))
            }
        };
        self.set(start, ChunkState::Bin(bin));
        self.bins.entry(bin).or_default().insert(at, start);
    }

    fn sizes(&self, bin: u8) -> Vec<u64> {
        let list = self.bins.get(&bin).map_or(&[][..], Vec::as_slice);
        list.iter().filter_map(|start| self.chunk_at(*start)).map(|chunk| chunk.size).collect()
    }

    /// The smallest free chunk that is long enough: of its own bin if it is a large one, else of the next that has any.
    pub(super) fn take_larger(&mut self, size: u64, notes: &mut Notes) -> Option<Vaddr> {
        let own = bin_of(size);
        let sizes = if is_small(size) { Vec::new() } else { self.sizes(own) };
        let (bin, at) = if sizes.first().is_some_and(|largest| *largest >= size) {
            let fits = *sizes.iter().rev().find(|of| **of >= size)?;
            let first = sizes.iter().position(|of| *of == fits)?;
            // The first of several stands for all of them, so the second goes.
            (own, first + usize::from(sizes.get(first + 1) == Some(&fits)))
        } else {
            let (bin, list) = self.bins.range(own + 1..).find(|(_, list)| !list.is_empty())?;
            (*bin, list.len() - 1)
        };
        let start = self.bins.get_mut(&bin)?.remove(at);
        let from = if bin < 64 { Place::Small } else { Place::Large };
        let is_last = bin != own && is_small(size);
        Some(self.use_free(start, size, from, is_last, notes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_follow_each_other() {
        assert_eq!([32, 1008, 1024, 3136, 3200].map(bin_of), [2, 63, 64, 97, 97]);
        let sizes = (2..70_000).map(|n| n * 16);
        let bins: Vec<u8> = sizes.map(bin_of).collect();
        assert!(bins.is_sorted());
        assert_eq!(bins.last(), Some(&126));
        assert_eq!([32, 48, 1040, 1056].map(tcache_of), [Some(0), Some(1), Some(63), None]);
        assert_eq!([32, 128, 144].map(fast_of), [Some(2), Some(8), None]);
    }
}

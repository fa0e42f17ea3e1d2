//! What lies between a program and the kernel: the chunks of glibc's `malloc()` (malloc/malloc.c, 2.36, 64 bits).
//!
//! [`Arena`] is the main arena of a process: chunks that tile its heap, lists of those that are free, and beside the heap
//! the chunks that are areas of their own. It decides, and notes what it did and where it wrote; `machine` asks the
//! kernel for it and lets its writes touch pages.
//!
//! Threads have no arenas of their own here, and nothing of `mallopt()` is set.

mod bins;
pub(crate) mod machine;

use std::collections::BTreeMap;

use super::MallocStep;
use crate::hash::Digest;
use crate::units::{PAGE_SIZE, Vaddr};
use bins::{UNSORTED, bin_of, fast_of, is_small, tcache_of};

/// Sizes of chunks are multiples of it (`MALLOC_ALIGNMENT`).
const ALIGN: u64 = 16;
/// What precedes the bytes of a chunk; the first half of it is the last word of the chunk before, while that is in use.
pub const HEADER: u64 = 16;
/// `SIZE_SZ`
const WORD: u64 = 8;
/// The smallest chunk (`MINSIZE`).
const LEAST: u64 = 32;
/// Chunks of a size that a thread keeps for itself (`mp_.tcache_count`).
pub const TCACHE_COUNT: usize = 7;
/// The chunk with the heads of those lists (`struct tcache_perthread_struct`).
pub const TCACHE_STRUCT: u64 = 0x290;
/// `DEFAULT_MMAP_THRESHOLD`, and as much is asked for on top (`DEFAULT_TOP_PAD`).
const MMAP_THRESHOLD: u64 = 128 << 10;
const TOP_PAD: u64 = 128 << 10;
/// `DEFAULT_MMAP_THRESHOLD_MAX`
const MMAP_THRESHOLD_MAX: u64 = 32 << 20;
/// `FASTBIN_CONSOLIDATION_THRESHOLD`
const CONSOLIDATE: u64 = 64 << 10;
/// `DEFAULT_MMAP_MAX`
const MOST_MAPPINGS: usize = 65_536;

/// The chunk that a request takes (`request2size()`).
#[must_use]
pub fn chunk_size(bytes: u64) -> u64 {
    bytes.saturating_add(WORD + ALIGN - 1).max(LEAST + ALIGN - 1) & !(ALIGN - 1)
}

/// Where a chunk is found, and where it goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Place {
    /// Kept by the thread, up to seven of each size.
    Tcache,
    /// Small ones that are not joined with their neighbours yet.
    Fast,
    /// What was freed lately, in no order.
    Unsorted,
    /// Free ones of one size.
    Small,
    /// Free ones of similar sizes, the smallest last.
    Large,
    /// The rest of the heap.
    Top,
    /// An area of its own.
    Mapping,
}

/// What a chunk of the heap is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChunkState {
    /// The program has it.
    InUse,
    /// The heads of the thread's own lists: malloc has it.
    Own,
    /// The thread keeps it.
    Tcache,
    /// In a fastbin.
    Fast,
    /// In a bin: 1 has those that are not sorted yet.
    Bin(u8),
    /// The rest.
    Top,
    /// None of malloc's: between two parts of the heap somebody else moved its end.
    Foreign,
}

impl ChunkState {
    /// Whether neighbours may be joined with it.
    #[must_use]
    pub fn is_joinable(self) -> bool {
        matches!(self, ChunkState::Bin(_))
    }

    /// Whether it can be handed out again, but for the rest at the end.
    #[must_use]
    pub fn is_free(self) -> bool {
        matches!(self, ChunkState::Tcache | ChunkState::Fast | ChunkState::Bin(_))
    }

    fn number(self) -> u64 {
        match self {
            ChunkState::InUse => 128,
            ChunkState::Own => 129,
            ChunkState::Tcache => 130,
            ChunkState::Fast => 131,
            ChunkState::Top => 132,
            ChunkState::Foreign => 133,
            ChunkState::Bin(bin) => u64::from(bin),
        }
    }
}

/// A part of the heap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Chunk {
    /// Where it begins; the program's pointer is [`HEADER`] behind that.
    pub start: Vaddr,
    /// Its length, with its header.
    pub size: u64,
    /// What it is.
    pub state: ChunkState,
}

impl Chunk {
    /// One past its last byte.
    #[must_use]
    pub fn end(&self) -> Vaddr {
        Vaddr(self.start.0 + self.size)
    }
}

/// What an arena did, to be told, and the words that it wrote: the address, and how many bytes.
#[derive(Default)]
pub(super) struct Notes {
    pub steps: Vec<MallocStep>,
    pub writes: Vec<(Vaddr, u16)>,
}

impl Notes {
    fn header(&mut self, chunk: Vaddr) {
        self.writes.push((Vaddr(chunk.0 + WORD), WORD as u16));
    }

    /// What a chunk on a list needs: links in front, its length at the end, and the bit in the next header.
    fn linked(&mut self, chunk: Vaddr, size: u64) {
        self.header(chunk);
        let links = if is_small(size) { 2 * WORD } else { 4 * WORD };
        self.writes.push((Vaddr(chunk.0 + HEADER), links as u16));
        self.writes.push((Vaddr(chunk.0 + size), HEADER as u16));
    }
}

/// How the kernel is asked for more (`sysmalloc()`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ask {
    /// An area of its own, so long.
    Mmap(u64),
    /// So many bytes more of heap.
    Brk(u64),
}

/// What is to be done for `realloc()` (`_int_realloc()`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Resize {
    /// It stays where it is.
    Stays,
    /// It is an area that has to become so long.
    Remap(u64),
    /// Another chunk has to be found for it, and what is in it copied.
    Moves,
}

/// The main arena of a process (`struct malloc_state`), with what the thread keeps and with `struct malloc_par`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arena {
    /// In the order of their addresses; the last one is the top.
    chunks: Vec<Chunk>,
    /// By size; each list's end is handed out next.
    tcache: BTreeMap<u8, Vec<Vaddr>>,
    fast: BTreeMap<u8, Vec<Vaddr>>,
    /// By number, each list with its first one in front.
    bins: BTreeMap<u8, Vec<Vaddr>>,
    last_remainder: Option<Vaddr>,
    /// Chunks that are areas of their own, with their lengths.
    mappings: BTreeMap<Vaddr, u64>,
    /// From this size on a chunk is an area of its own, if the heap does not have it.
    pub mmap_threshold: u64,
    /// A top that is as long is given back but for a pad.
    pub trim_threshold: u64,
    /// The most that the heap ever was: what lies beyond was never written to.
    most: u64,
}

impl Default for Arena {
    fn default() -> Arena {
        Arena {
            chunks: Vec::new(),
            tcache: BTreeMap::new(),
            fast: BTreeMap::new(),
            bins: BTreeMap::new(),
            last_remainder: None,
            mappings: BTreeMap::new(),
            mmap_threshold: MMAP_THRESHOLD,
            trim_threshold: 128 << 10,
            most: 0,
        }
    }
}

impl Arena {
    /// The chunks of the heap, lowest address first; nothing before the first request.
    #[must_use]
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// The chunks that are areas of their own, with their lengths.
    pub fn mappings(&self) -> impl Iterator<Item = (Vaddr, u64)> {
        self.mappings.iter().map(|(start, length)| (*start, *length))
    }

    /// What is left at the end of the heap.
    #[must_use]
    pub fn top(&self) -> Option<Chunk> {
        self.chunks.last().copied()
    }

    /// The chunk of a pointer that was handed out, area or not: its first byte, and its length.
    #[must_use]
    pub fn chunk_of(&self, pointer: Vaddr) -> Option<Chunk> {
        let start = Vaddr(pointer.0.checked_sub(HEADER)?);
        if let Some(size) = self.mappings.get(&start) {
            return Some(Chunk { start, size: *size, state: ChunkState::InUse });
        }
        self.at(start).map(|at| self.chunks[at])
    }

    /// Whether a chunk is an area of its own.
    #[must_use]
    pub fn is_mapping(&self, start: Vaddr) -> bool {
        self.mappings.contains_key(&start)
    }

    /// How many chunks the thread keeps of a size.
    #[must_use]
    pub fn kept(&self, size: u64) -> usize {
        tcache_of(size).and_then(|list| self.tcache.get(&list)).map_or(0, Vec::len)
    }

    fn at(&self, start: Vaddr) -> Option<usize> {
        self.chunks.binary_search_by_key(&start, |chunk| chunk.start).ok()
    }

    fn top_size(&self) -> u64 {
        self.top().map_or(0, |top| top.size)
    }

    fn has_fast(&self) -> bool {
        self.fast.values().any(|list| !list.is_empty())
    }

    /// A chunk of this size, from what the arena has (`tcache_get()` and `_int_malloc()`); none: it has none, and not even
    /// its top is as long.
    pub(super) fn take(&mut self, size: u64, by_thread: bool, notes: &mut Notes) -> Option<Vaddr> {
        let kept = tcache_of(size).filter(|_| by_thread);
        if let Some(list) = kept
            && let Some(start) = self.tcache.get_mut(&list).and_then(Vec::pop)
        {
            self.is_taken_from_tcache(start, size, notes);
            return Some(start);
        }
        if let Some(start) = self.take_fast(size, notes).or_else(|| self.take_small(size, notes)) {
            return Some(start);
        }
        if !is_small(size) {
            self.consolidate(notes);
        }
        loop {
            if let Some(start) = self.sort(size, notes) {
                return Some(start);
            }
            if let Some(start) = self.take_larger(size, notes) {
                return Some(start);
            }
            if self.top_size() >= size + LEAST {
                return Some(self.cut_top(size, notes));
            }
            if !self.has_fast() {
                return None;
            }
            self.consolidate(notes);
        }
    }

    fn is_taken_from_tcache(&mut self, start: Vaddr, size: u64, notes: &mut Notes) {
        self.set(start, ChunkState::InUse);
        // The mark that it lies there is wiped out, and the head of the list changes.
        notes.writes.push((Vaddr(start.0 + HEADER + WORD), WORD as u16));
        self.write_heads(notes);
        notes.steps.push(MallocStep::Found { at: start, size, from: Place::Tcache, rest: 0 });
    }

    fn write_heads(&self, notes: &mut Notes) {
        if let Some(own) = self.chunks.iter().find(|chunk| chunk.state == ChunkState::Own) {
            notes.writes.push((Vaddr(own.start.0 + HEADER), WORD as u16));
        }
    }

    fn set(&mut self, start: Vaddr, state: ChunkState) {
        if let Some(at) = self.at(start) {
            self.chunks[at].state = state;
        }
    }

    /// The end of the heap is cut.
    fn cut_top(&mut self, size: u64, notes: &mut Notes) -> Vaddr {
        let at = self.chunks.len() - 1;
        let Chunk { start, size: whole, .. } = self.chunks[at];
        self.chunks[at] = Chunk { start, size, state: ChunkState::InUse };
        let rest = Vaddr(start.0 + size);
        self.chunks.push(Chunk { start: rest, size: whole - size, state: ChunkState::Top });
        notes.header(start);
        notes.header(rest);
        notes.steps.push(MallocStep::Found { at: start, size, from: Place::Top, rest: whole - size });
        start
    }

    /// A free chunk is used; what is too much of it becomes one that is not sorted yet.
    fn use_free(&mut self, start: Vaddr, size: u64, from: Place, is_last: bool, notes: &mut Notes) -> Vaddr {
        let Some(at) = self.at(start) else { return start };
        let whole = self.chunks[at].size;
        let rest = whole - size;
        self.chunks[at].state = ChunkState::InUse;
        if rest < LEAST {
            notes.writes.push((Vaddr(start.0 + whole + WORD), WORD as u16));
            notes.steps.push(MallocStep::Found { at: start, size: whole, from, rest: 0 });
            return start;
        }
        self.chunks[at].size = size;
        let other = Vaddr(start.0 + size);
        self.chunks.insert(at + 1, Chunk { start: other, size: rest, state: ChunkState::Bin(UNSORTED) });
        self.bins.entry(UNSORTED).or_default().insert(0, other);
        if is_last {
            self.last_remainder = Some(other);
        }
        notes.header(start);
        notes.linked(other, rest);
        notes.steps.push(MallocStep::Found { at: start, size, from, rest });
        start
    }

    /// How the kernel is asked when the top is too short: chunks from the threshold on become areas of their own.
    pub(super) fn ask(&self, size: u64) -> Ask {
        if size >= self.mmap_threshold && self.mappings.len() < MOST_MAPPINGS {
            return Ask::Mmap((size + WORD).next_multiple_of(PAGE_SIZE));
        }
        Ask::Brk(self.ask_brk(size))
    }

    pub(super) fn ask_brk(&self, size: u64) -> u64 {
        (size + TOP_PAD + LEAST - self.top_size()).next_multiple_of(PAGE_SIZE)
    }

    /// An area is a chunk from now on.
    pub(super) fn add_mapping(&mut self, start: Vaddr, length: u64, notes: &mut Notes) {
        self.mappings.insert(start, length);
        notes.header(start);
    }

    /// The heap reaches from `from` to `end` now: where its end was before, or behind what somebody else did with it.
    pub(super) fn grow(&mut self, from: Vaddr, end: Vaddr, notes: &mut Notes) {
        let Some(top) = self.top() else {
            let start = Vaddr(from.0.next_multiple_of(ALIGN));
            self.chunks.push(Chunk { start, size: end.0 - start.0, state: ChunkState::Top });
            self.most = end.0 - start.0;
            notes.header(start);
            return;
        };
        let at = self.chunks.len() - 1;
        if top.end() == from {
            self.chunks[at].size += end.0 - from.0;
        } else {
            // Two headers are kept at the end of the old part, so that nothing is joined over the gap.
            let start = Vaddr(from.0.next_multiple_of(ALIGN));
            let used = top.size.saturating_sub(4 * WORD) & !(ALIGN - 1);
            // What is too small for a chunk is lost with the fence posts.
            let used = if used < LEAST { 0 } else { used };
            let fence = Vaddr(top.start.0 + used);
            self.chunks.pop();
            if used > 0 {
                self.chunks.push(Chunk { start: top.start, size: used, state: ChunkState::InUse });
            }
            self.chunks.push(Chunk { start: fence, size: start.0 - fence.0, state: ChunkState::Foreign });
            self.chunks.push(Chunk { start, size: end.0 - start.0, state: ChunkState::Top });
            notes.header(start);
            if used > 0 {
                self.give(top.start, false, notes);
            }
        }
        let first = self.chunks[0].start;
        self.most = self.most.max(end.0 - first.0);
        if let Some(top) = self.top() {
            notes.header(top.start);
        }
    }

    /// malloc takes room for the thread's own lists, with the first request.
    pub(super) fn take_own(&mut self, notes: &mut Notes) {
        let mut cut = Notes::default();
        let at = self.cut_top(TCACHE_STRUCT, &mut cut);
        self.set(at, ChunkState::Own);
        notes.writes.extend(cut.writes);
        notes.writes.push((Vaddr(at.0 + HEADER), (TCACHE_STRUCT - HEADER) as u16));
        notes.steps.push(MallocStep::Own { at, size: TCACHE_STRUCT });
    }

    /// How much of a chunk `calloc()` has to clear: not what the kernel has cleared already. `before` is the end of the
    /// heap as it was, and the most that the heap ever was.
    pub(super) fn to_clear(&self, start: Vaddr, before: (Option<Chunk>, u64)) -> u64 {
        let Some(chunk) = self.at(start).map(|at| self.chunks[at]) else { return 0 };
        let first = self.chunks[0].start;
        let size = match before {
            (Some(top), most) if top.start == start => {
                // Beyond what the heap ever was nothing was written to.
                chunk.size.min(top.size.max((first.0 + most).saturating_sub(top.start.0)))
            }
            (None, _) => WORD,
            _ => chunk.size,
        };
        size.saturating_sub(WORD)
    }

    /// The most that the heap ever was.
    pub(super) fn most(&self) -> u64 {
        self.most
    }

    /// A chunk of the heap is given back (`_int_free()`).
    pub(super) fn give(&mut self, start: Vaddr, by_thread: bool, notes: &mut Notes) {
        let Some(at) = self.at(start) else { return };
        let size = self.chunks[at].size;
        if let Some(list) = tcache_of(size).filter(|_| by_thread) {
            let kept = self.tcache.entry(list).or_default();
            if kept.len() < TCACHE_COUNT {
                kept.push(start);
                self.chunks[at].state = ChunkState::Tcache;
                notes.writes.push((Vaddr(start.0 + HEADER), 2 * WORD as u16));
                self.write_heads(notes);
                notes.steps.push(MallocStep::Freed { at: start, size, to: Place::Tcache, whole: size });
                return;
            }
        }
        if let Some(list) = fast_of(size) {
            self.fast.entry(list).or_default().push(start);
            self.chunks[at].state = ChunkState::Fast;
            notes.writes.push((Vaddr(start.0 + HEADER), WORD as u16));
            notes.steps.push(MallocStep::Freed { at: start, size, to: Place::Fast, whole: size });
            return;
        }
        let (to, whole) = self.join(start, notes);
        notes.steps.push(MallocStep::Freed { at: start, size, to, whole });
        if whole >= CONSOLIDATE {
            self.consolidate(notes);
        }
    }

    /// Makes a chunk one with its free neighbours and puts it where those are that are not sorted, or into the top; how
    /// long it is then.
    fn join(&mut self, start: Vaddr, notes: &mut Notes) -> (Place, u64) {
        let Some(mut at) = self.at(start) else { return (Place::Unsorted, 0) };
        if at > 0 && self.chunks[at - 1].state.is_joinable() {
            let before = self.chunks[at - 1];
            self.unlink(before);
            self.chunks[at - 1].size += self.chunks[at].size;
            self.chunks.remove(at);
            at -= 1;
        }
        match self.chunks.get(at + 1).copied() {
            Some(top) if top.state == ChunkState::Top => {
                self.chunks.pop();
                self.chunks[at].size += top.size;
                self.chunks[at].state = ChunkState::Top;
                notes.header(self.chunks[at].start);
                return (Place::Top, self.chunks[at].size);
            }
            Some(next) if next.state.is_joinable() => {
                self.unlink(next);
                self.chunks[at].size += next.size;
                self.chunks.remove(at + 1);
            }
            _ => {}
        }
        let Chunk { start, size, .. } = self.chunks[at];
        self.chunks[at].state = ChunkState::Bin(UNSORTED);
        self.bins.entry(UNSORTED).or_default().insert(0, start);
        notes.linked(start, size);
        (Place::Unsorted, size)
    }

    fn unlink(&mut self, chunk: Chunk) {
        if let ChunkState::Bin(bin) = chunk.state
            && let Some(list) = self.bins.get_mut(&bin)
        {
            list.retain(|start| *start != chunk.start);
        }
    }

    /// Chunks of the fastbins are joined with their neighbours after all (`malloc_consolidate()`).
    fn consolidate(&mut self, notes: &mut Notes) {
        let lists = std::mem::take(&mut self.fast);
        let all: Vec<Vaddr> = lists.into_values().flat_map(|list| list.into_iter().rev()).collect();
        if all.is_empty() {
            return;
        }
        let chunks = all.len() as u32;
        for start in all {
            self.join(start, notes);
        }
        notes.steps.push(MallocStep::Emptied { chunks });
    }

    /// How much of the top is given back after something of this length was freed (`systrim()`); 0: nothing.
    pub(super) fn to_trim(&self, freed: u64, brk: Vaddr) -> u64 {
        let Some(top) = self.top().filter(|top| freed >= CONSOLIDATE && top.size >= self.trim_threshold)
        else {
            return 0;
        };
        // Not if somebody else has moved the end of the heap.
        let spare = (top.size - LEAST - 1).saturating_sub(TOP_PAD) & !(PAGE_SIZE - 1);
        if top.end() == brk { spare } else { 0 }
    }

    /// The top is so much shorter.
    pub(super) fn trim(&mut self, by: u64, notes: &mut Notes) {
        if let Some(top) = self.chunks.last_mut() {
            top.size -= by;
            notes.writes.push((Vaddr(top.start.0 + WORD), WORD as u16));
        }
    }

    /// An area that was a chunk goes; whether chunks of its size stay in the heap from now on (`munmap_chunk()`).
    pub(super) fn drop_mapping(&mut self, start: Vaddr) -> (u64, bool) {
        let Some(length) = self.mappings.remove(&start) else { return (0, false) };
        let raises = length > self.mmap_threshold && length <= MMAP_THRESHOLD_MAX;
        if raises {
            self.mmap_threshold = length;
            self.trim_threshold = 2 * length;
        }
        (length, raises)
    }

    /// An area that is a chunk has another length, perhaps elsewhere.
    pub(super) fn move_mapping(&mut self, from: Vaddr, to: Vaddr, length: u64, notes: &mut Notes) {
        self.mappings.remove(&from);
        self.mappings.insert(to, length);
        notes.header(to);
    }

    /// A chunk is to hold so much (`_int_realloc()`, and `__libc_realloc()` for areas).
    pub(super) fn resize(&mut self, start: Vaddr, bytes: u64, notes: &mut Notes) -> Resize {
        let size = chunk_size(bytes);
        if let Some(length) = self.mappings.get(&start) {
            let wanted = (size + WORD).next_multiple_of(PAGE_SIZE);
            if wanted == *length {
                notes.steps.push(MallocStep::Resized { at: start, from: *length, size: wanted });
                return Resize::Stays;
            }
            return Resize::Remap(wanted);
        }
        let Some(at) = self.at(start) else { return Resize::Moves };
        let from = self.chunks[at].size;
        if from < size {
            match self.chunks.get(at + 1).copied() {
                Some(top) if top.state == ChunkState::Top && from + top.size >= size + LEAST => {
                    self.chunks[at].size = size;
                    let rest = Vaddr(start.0 + size);
                    self.chunks[at + 1] = Chunk { start: rest, size: from + top.size - size, ..top };
                    notes.header(start);
                    notes.header(rest);
                    notes.steps.push(MallocStep::Resized { at: start, from, size });
                    return Resize::Stays;
                }
                Some(next) if next.state.is_joinable() && from + next.size >= size => {
                    self.unlink(next);
                    self.chunks[at].size += next.size;
                    self.chunks.remove(at + 1);
                }
                _ => return Resize::Moves,
            }
        }
        let size = self.shrink(at, size, notes);
        notes.steps.push(MallocStep::Resized { at: start, from, size });
        Resize::Stays
    }

    /// The rest of a chunk that is too long is freed; how long it is then.
    fn shrink(&mut self, at: usize, size: u64, notes: &mut Notes) -> u64 {
        let Chunk { start, size: whole, .. } = self.chunks[at];
        notes.header(start);
        if whole - size < LEAST {
            notes.writes.push((Vaddr(start.0 + whole + WORD), WORD as u16));
            return whole;
        }
        self.chunks[at].size = size;
        let rest = Vaddr(start.0 + size);
        self.chunks.insert(at + 1, Chunk { start: rest, size: whole - size, state: ChunkState::InUse });
        notes.header(rest);
        self.give(rest, true, notes);
        size
    }

    /// A chunk that was found for `realloc()` lies right behind the old one: they become one.
    pub(super) fn join_behind(&mut self, start: Vaddr, found: Vaddr, size: u64, notes: &mut Notes) -> bool {
        let Some(at) = self.at(start).filter(|at| self.chunks[*at].end() == found) else { return false };
        if self.at(found) != Some(at + 1) {
            return false;
        }
        let from = self.chunks[at].size;
        self.chunks[at].size += self.chunks[at + 1].size;
        self.chunks.remove(at + 1);
        let size = self.shrink(at, size, notes);
        notes.steps.push(MallocStep::Resized { at: start, from, size });
        true
    }

    /// Checks its laws: chunks tile the heap, lists hold what is free, and free neighbours are one.
    pub(super) fn check(&self) -> Result<(), String> {
        for pair in self.chunks.windows(2) {
            if pair[0].end() != pair[1].start {
                return Err(format!("{:x?} does not lie next to {:x?}", pair[0], pair[1]));
            }
            if pair[0].state.is_joinable()
                && (pair[1].state.is_joinable() || pair[1].state == ChunkState::Top)
            {
                return Err(format!("{:x?} is not joined with {:x?}", pair[0], pair[1]));
            }
        }
        for (at, chunk) in self.chunks.iter().enumerate() {
            let is_last = at + 1 == self.chunks.len();
            if is_last != (chunk.state == ChunkState::Top) {
                return Err(format!("{chunk:x?} is the last: {is_last}"));
            }
            let is_whole = matches!(chunk.state, ChunkState::Top | ChunkState::Foreign);
            if !is_whole && (chunk.size < LEAST || chunk.size % ALIGN != 0) {
                return Err(format!("{chunk:x?} has no size of a chunk"));
            }
        }
        let mut listed = 0;
        let lists = self.tcache.iter().map(|(of, list)| (ChunkState::Tcache, *of, list));
        let lists = lists.chain(self.fast.iter().map(|(of, list)| (ChunkState::Fast, *of, list)));
        for (state, of, list) in lists.chain(self.bins.iter().map(|(of, l)| (ChunkState::Bin(*of), *of, l))) {
            listed += list.len();
            if state == ChunkState::Tcache && list.len() > TCACHE_COUNT {
                return Err(format!("{} chunks in list {of} of the tcache", list.len()));
            }
            for start in list {
                let Some(chunk) = self.at(*start).map(|at| self.chunks[at]) else {
                    return Err(format!("{start:x} on {state:?} is no chunk"));
                };
                let fits = match state {
                    ChunkState::Tcache => tcache_of(chunk.size) == Some(of),
                    ChunkState::Fast => fast_of(chunk.size) == Some(of),
                    _ => of == UNSORTED || bin_of(chunk.size) == of,
                };
                if chunk.state != state || !fits {
                    return Err(format!("{chunk:x?} is on {state:?}, list {of}"));
                }
            }
        }
        let free = self.chunks.iter().filter(|chunk| chunk.state.is_free()).count();
        if free != listed {
            return Err(format!("{free} chunks are free, {listed} on a list"));
        }
        Ok(())
    }

    pub(super) fn digest(&self, to: &mut Digest) {
        for chunk in &self.chunks {
            to.word(chunk.start.0);
            to.word(chunk.size << 8 | chunk.state.number());
        }
        for list in self.tcache.values().chain(self.fast.values()).chain(self.bins.values()) {
            to.word(list.len() as u64);
            list.iter().for_each(|start| to.word(start.0));
        }
        for (start, length) in &self.mappings {
            to.word(start.0);
            to.word(*length);
        }
        let last = self.last_remainder.map_or(0, |at| at.0);
        [self.mmap_threshold, self.trim_threshold, self.most, last]
            .into_iter()
            .for_each(|word| to.word(word));
    }
}

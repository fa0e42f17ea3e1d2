//! What lies in memory: the bytes of frames, as far as somebody said what they are.
//!
//! A frame keeps what was written to it until somebody else writes: giving it back clears nothing. Pages for processes are
//! cleared when they are handed out, a copy has the bytes of what it was copied from, and a page of a file those of the
//! file. What a plain `write` writes is not said, so it changes nothing here; `memset` and malloc's own words do.
//!
//! The kernel's own memory is not cleared when it is handed out, so of what nobody said there nothing is known.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::huge::HPAGE_PAGES;
use super::{Mm, Processes};
use crate::hash::Digest;
use crate::op::NameId;
use crate::units::{PAGE_SIZE, Pfn, Vaddr};
use crate::x86::pgtable::Pte;

/// What a byte is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Cell {
    /// This.
    Byte(u8),
    /// Part of what malloc keeps there for itself: a header or a link.
    Libc,
    /// What the file has there.
    File,
    /// SLUB's pointer to the next free object, which it left there (`set_freepointer()`).
    FreePointer,
    /// Nobody said: what the last owner left, whoever that was.
    Unsaid,
}

impl Cell {
    fn number(self) -> u64 {
        match self {
            Cell::Byte(byte) => u64::from(byte),
            Cell::Libc => 256,
            Cell::File => 257,
            Cell::FreePointer => 258,
            Cell::Unsaid => 259,
        }
    }
}

/// The bytes of a frame: where each run of equal ones begins.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Runs(Vec<(u16, Cell)>);

impl Runs {
    fn all(cell: Cell) -> Runs {
        Runs(vec![(0, cell)])
    }

    /// Bytes from one up to another become the same.
    fn write(&mut self, from: u16, to: u16, cell: Cell) {
        let behind = self.at(to);
        let is_end = u64::from(to) >= PAGE_SIZE;
        self.0.retain(|(start, _)| *start < from || *start > to);
        self.0.push((from, cell));
        if !is_end {
            self.0.push((to, behind));
        }
        crate::sort::by_key(&mut self.0, |(start, _)| u64::from(*start));
        self.0.dedup_by(|next, run| next.1 == run.1);
    }

    fn at(&self, byte: u16) -> Cell {
        let behind = self.0.partition_point(|(start, _)| *start <= byte);
        behind.checked_sub(1).map_or(Cell::Byte(0), |at| self.0[at].1)
    }

    /// The runs between two bytes: how long, and of what.
    fn between(&self, from: u16, to: u16) -> impl Iterator<Item = (u64, Cell)> {
        let ends = self.0.iter().skip(1).map(|(start, _)| *start).chain([PAGE_SIZE as u16]);
        self.0.iter().zip(ends).filter_map(move |((start, cell), end)| {
            let length = end.min(to).checked_sub((*start).max(from)).filter(|length| *length > 0)?;
            Some((u64::from(length), *cell))
        })
    }
}

/// The first bytes of some memory, as runs of equal ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Window {
    runs: [(u64, Cell); Window::MOST],
    used: u8,
    /// Something else follows.
    pub goes_on: bool,
}

impl Window {
    /// Runs that are looked at.
    pub const MOST: usize = 3;
    /// Bytes that are looked at.
    const BYTES: u64 = 16 * PAGE_SIZE;
    /// Nothing.
    pub const EMPTY: Window = Window { runs: [(0, Cell::Byte(0)); Window::MOST], used: 0, goes_on: false };

    /// These runs, of which there are at most [`Window::MOST`].
    #[must_use]
    pub fn of(runs: &[(u64, Cell)]) -> Window {
        let mut window = Window::EMPTY;
        runs.iter().for_each(|(length, cell)| window.push(*length, *cell));
        window
    }

    fn push(&mut self, length: u64, cell: Cell) {
        let used = usize::from(self.used);
        match used.checked_sub(1) {
            Some(last) if self.runs[last].1 == cell => self.runs[last].0 += length,
            _ if used < Window::MOST => {
                self.runs[used] = (length, cell);
                self.used += 1;
            }
            _ => self.goes_on = true,
        }
    }

    /// The runs: how long each is, and what its bytes are.
    #[must_use]
    pub fn runs(&self) -> &[(u64, Cell)] {
        &self.runs[..usize::from(self.used)]
    }

    /// Whether there is anything but zeros.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        !self.goes_on && self.runs().iter().all(|(_, cell)| *cell == Cell::Byte(0))
    }
}

type Frames = BTreeMap<Pfn, Rc<Runs>>;

/// The bytes of all frames of which something is known; of the others a file's page has the file's, any other zeros, and
/// one of the kernel's own nobody knows what.
#[derive(Clone, Default)]
pub(super) struct Contents {
    /// What somebody said, and what came of it.
    said: Rc<Frames>,
    /// What the kernel did to its own memory, of which nobody said anything so far: it counts once somebody looks there.
    quiet: Rc<Frames>,
    /// Somebody did.
    looks: bool,
}

/// The bytes of a page that lie elsewhere for now: in swap, or on a disk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Saved(Rc<Runs>);

impl Saved {
    pub(crate) fn digest(&self, to: &mut Digest) {
        self.0.0.iter().for_each(|(start, cell)| to.word(u64::from(*start) << 16 | cell.number()));
    }
}

impl Contents {
    /// What is known of a frame.
    pub(super) fn saved(&self, pfn: Pfn) -> Option<Saved> {
        self.get(pfn).map(|runs| Saved(Rc::clone(runs)))
    }

    /// A frame gets what was saved.
    pub(super) fn restore(&mut self, pfn: Pfn, saved: Option<Saved>) {
        self.is_fresh(pfn);
        if let Some(Saved(runs)) = saved {
            Rc::make_mut(&mut self.said).insert(pfn, runs);
        }
    }

    fn get(&self, pfn: Pfn) -> Option<&Rc<Runs>> {
        self.said.get(&pfn).or_else(|| self.quiet.get(&pfn))
    }

    /// Whether nothing is known of any frame.
    pub(super) fn is_empty(&self) -> bool {
        self.said.is_empty() && self.quiet.is_empty()
    }

    /// A frame was filled with zeros, or with what a file has.
    pub(super) fn is_fresh(&mut self, pfn: Pfn) {
        for frames in [&mut self.said, &mut self.quiet] {
            if frames.contains_key(&pfn) {
                Rc::make_mut(frames).remove(&pfn);
            }
        }
    }

    /// One frame gets the bytes of another, as far as they are known.
    pub(super) fn copy_frame(&mut self, from: Pfn, to: Pfn) {
        self.is_fresh(to);
        for frames in [&mut self.said, &mut self.quiet] {
            if let Some(runs) = frames.get(&from).cloned() {
                Rc::make_mut(frames).insert(to, runs);
            }
        }
    }

    /// The same of all frames of a huge page.
    pub(super) fn are_fresh(&mut self, head: Pfn) {
        let frames = head..Pfn(head.0 + HPAGE_PAGES);
        let known: Vec<Pfn> = [&self.said, &self.quiet]
            .iter()
            .flat_map(|of| of.range(frames.clone()))
            .map(|(pfn, _)| *pfn)
            .collect();
        known.into_iter().for_each(|pfn| self.is_fresh(pfn));
    }

    pub(super) fn digest(&self, to: &mut Digest) {
        // A page that was copied from a file's and never changed is told by what it is part of.
        let said = |runs: &Runs| runs.0[..] != [(0, Cell::File)];
        let frames = |frames: &Frames, to: &mut Digest| {
            for (pfn, runs) in frames.iter().filter(|(_, runs)| said(runs)) {
                to.word(u64::from(pfn.0) << 32 | runs.0.len() as u64);
                runs.0.iter().for_each(|(start, cell)| to.word(u64::from(*start) << 16 | cell.number()));
            }
        };
        frames(&self.said, to);
        if self.looks {
            to.word(u64::MAX);
            frames(&self.quiet, to);
        }
    }
}

/// The parts of a piece of memory that lie in one frame each: the frame, and from which byte of it to which.
fn parts(at: u64, bytes: u64) -> impl Iterator<Item = (Pfn, u16, u16)> {
    let end = at.saturating_add(bytes);
    let first = at / PAGE_SIZE;
    (first..end.div_ceil(PAGE_SIZE)).map(move |frame| {
        let start = frame * PAGE_SIZE;
        let (from, to) = (at.max(start) - start, end.min(start + PAGE_SIZE) - start);
        (Pfn(frame as u32), from as u16, to as u16)
    })
}

/// The kernel's own memory, by physical addresses.
impl Processes {
    /// Whether somebody said what lies anywhere: whoever hands memory out has to look then.
    #[must_use]
    pub fn knows_bytes(&self) -> bool {
        !self.contents.said.is_empty()
    }

    /// Whether somebody said what lies in any frame of a piece of memory.
    pub(crate) fn knows_bytes_at(&self, at: u64, bytes: u64) -> bool {
        self.knows_bytes() && parts(at, bytes).any(|(pfn, ..)| self.contents.said.contains_key(&pfn))
    }

    /// Somebody looks at the kernel's memory.
    pub(crate) fn looks_at_kernel(&mut self) {
        self.contents.looks = true;
    }

    /// Somebody says what bytes become.
    pub(crate) fn fill_frames(&mut self, at: u64, bytes: u64, value: u8) {
        let whole = Rc::new(Runs::all(Cell::Byte(value)));
        for (pfn, from, to) in parts(at, bytes) {
            if u64::from(to - from) == PAGE_SIZE {
                self.contents.is_fresh(pfn);
                Rc::make_mut(&mut self.contents.said).insert(pfn, Rc::clone(&whole));
                continue;
            }
            if let Some(known) = self.contents.quiet.get(&pfn).cloned() {
                Rc::make_mut(&mut self.contents.quiet).remove(&pfn);
                Rc::make_mut(&mut self.contents.said).insert(pfn, known);
            }
            let frames = Rc::make_mut(&mut self.contents.said);
            let runs = frames.entry(pfn).or_insert_with(|| Rc::new(Runs::all(Cell::Unsaid)));
            Rc::make_mut(runs).write(from, to, Cell::Byte(value));
        }
    }

    /// The kernel itself writes there.
    pub(crate) fn kernel_writes(&mut self, at: u64, bytes: u64, cell: Cell) {
        for (pfn, from, to) in parts(at, bytes) {
            let contents = &mut self.contents;
            let is_said = contents.said.contains_key(&pfn);
            let frames = Rc::make_mut(if is_said { &mut contents.said } else { &mut contents.quiet });
            let runs = frames.entry(pfn).or_insert_with(|| Rc::new(Runs::all(Cell::Unsaid)));
            Rc::make_mut(runs).write(from, to, cell);
        }
    }

    /// What is known of a byte.
    pub(crate) fn cell_at(&self, at: u64) -> Cell {
        let (pfn, byte) = (Pfn((at / PAGE_SIZE) as u32), (at % PAGE_SIZE) as u16);
        self.contents.get(pfn).map_or(Cell::Unsaid, |runs| runs.at(byte))
    }

    /// What lies in a piece of the kernel's memory, as far as somebody said.
    #[must_use]
    pub fn kernel_window(&self, at: u64, bytes: u64) -> Window {
        let mut window = Window::EMPTY;
        for (pfn, from, to) in parts(at, bytes.min(Window::BYTES)) {
            match self.contents.get(pfn) {
                Some(runs) => runs.between(from, to).for_each(|(length, cell)| window.push(length, cell)),
                None => window.push(u64::from(to - from), Cell::Unsaid),
            }
        }
        window
    }
}

impl Processes {
    /// What is in a frame of which nothing was said.
    fn unsaid(&self, pfn: Pfn) -> Cell {
        let file = self.mapped(pfn).file().and_then(|(file, _)| self.file(file));
        if file.is_some_and(|file| !file.shmem) { Cell::File } else { Cell::Byte(0) }
    }

    /// One frame gets the bytes of another.
    pub(super) fn copy_contents(&mut self, from: Pfn, to: Pfn) {
        let runs = self.contents.get(from).cloned();
        let runs = runs.or_else(|| match self.unsaid(from) {
            Cell::Byte(0) => None,
            cell => Some(Rc::new(Runs::all(cell))),
        });
        match runs {
            Some(runs) => {
                self.contents.is_fresh(to);
                Rc::make_mut(&mut self.contents.said).insert(to, runs);
            }
            None => self.contents.is_fresh(to),
        }
    }

    /// The frames of one huge page get the bytes of another.
    pub(super) fn copy_huge_contents(&mut self, from: Pfn, to: Pfn) {
        for at in 0..HPAGE_PAGES {
            self.copy_contents(Pfn(from.0 + at), Pfn(to.0 + at));
        }
    }

    /// What lies in a frame, from its first byte on, whoever has it; none: nobody ever said.
    #[must_use]
    pub fn frame_window(&self, pfn: Pfn) -> Option<Window> {
        let runs = self.contents.get(pfn)?;
        let mut window = Window::EMPTY;
        runs.between(0, PAGE_SIZE as u16).for_each(|(length, cell)| window.push(length, cell));
        Some(window)
    }

    /// What a process finds at an address, as far as it has pages there or would get zeros.
    #[must_use]
    pub fn window(&self, mm: &Mm, address: Vaddr, bytes: u64) -> Window {
        let mut window = Window::EMPTY;
        self.each_part(address, bytes.min(Window::BYTES), |page, from, to| {
            let pte = self.tables.page(mm.pgd, page);
            let length = u64::from(to - from);
            match pte {
                Some(pte) if pte.has(Pte::SPECIAL) => window.push(length, Cell::Byte(0)),
                Some(pte) => match self.contents.get(pte.pfn()) {
                    Some(runs) => runs.between(from, to).for_each(|(length, cell)| window.push(length, cell)),
                    None => window.push(length, self.unsaid(pte.pfn())),
                },
                None => {
                    let of_file = mm.vma_at(page).and_then(|vma| vma.index_of(page));
                    let shmem = of_file.and_then(|(file, _)| self.file(file)).is_some_and(|file| file.shmem);
                    let cell = if of_file.is_some() && !shmem { Cell::File } else { Cell::Byte(0) };
                    window.push(length, cell);
                }
            }
        });
        window
    }

    /// The parts of a range that lie in one page each: the page, and the bytes in it.
    fn each_part(&self, address: Vaddr, bytes: u64, mut part: impl FnMut(Vaddr, u16, u16)) {
        let end = address.0.saturating_add(bytes);
        let mut at = address.0;
        while at < end {
            let page = at & !(PAGE_SIZE - 1);
            let next = (page + PAGE_SIZE).min(end);
            part(Vaddr(page), (at - page) as u16, (next - page) as u16);
            at = next;
        }
    }

    /// Bytes of a process become these, where it has pages that it may write to.
    pub(super) fn write_contents(&mut self, process: NameId, address: Vaddr, bytes: u64, cell: Cell) {
        let Some(pgd) = self.mm(process).map(|mm| mm.pgd) else { return };
        let mut parts = Vec::new();
        self.each_part(address, bytes, |page, from, to| parts.push((page, from, to)));
        for (page, from, to) in parts {
            let Some(pte) = self.tables.page(pgd, page).filter(|pte| pte.has(Pte::RW)) else { continue };
            let unsaid = self.unsaid(pte.pfn());
            let whole = u64::from(to - from) == PAGE_SIZE;
            if !whole && self.contents.get(pte.pfn()).is_none() && unsaid == cell {
                continue;
            }
            let map = Rc::make_mut(&mut self.contents.said);
            if whole && cell == unsaid {
                map.remove(&pte.pfn());
                continue;
            }
            let runs = map.entry(pte.pfn()).or_insert_with(|| Rc::new(Runs::all(unsaid)));
            Rc::make_mut(runs).write(from, to, cell);
        }
    }

    /// Bytes of a process are copied to where it may write to (`memcpy()`).
    pub(super) fn copy_bytes(&mut self, process: NameId, from: Vaddr, to: Vaddr, bytes: u64) {
        let Some(mm) = self.mm(process).cloned() else { return };
        let mut at = 0;
        while at < bytes {
            let page_left = PAGE_SIZE - (from.0 + at) % PAGE_SIZE;
            let length = page_left.min(bytes - at);
            let mut runs = Vec::new();
            let source = Vaddr(from.0 + at);
            let page = Vaddr(source.0 & !(PAGE_SIZE - 1));
            let pte = self.tables.page(mm.pgd, page);
            let first = (source.0 - page.0) as u16;
            match pte.filter(|pte| !pte.has(Pte::SPECIAL)) {
                Some(pte) => match self.contents.get(pte.pfn()) {
                    Some(of) => runs.extend(of.between(first, first + length as u16)),
                    None => runs.push((length, self.unsaid(pte.pfn()))),
                },
                None => runs.push((length, Cell::Byte(0))),
            }
            for (length, cell) in runs {
                self.write_contents(process, Vaddr(to.0 + at), length, cell);
                at += length;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_joined_and_cut() {
        let mut runs = Runs::all(Cell::Byte(0));
        runs.write(16, 32, Cell::Byte(0x41));
        runs.write(32, 48, Cell::Byte(0x41));
        assert_eq!(runs.0, [(0, Cell::Byte(0)), (16, Cell::Byte(0x41)), (48, Cell::Byte(0))]);
        runs.write(20, 24, Cell::Libc);
        let parts: Vec<_> = runs.between(18, 40).collect();
        assert_eq!(parts, [(2, Cell::Byte(0x41)), (4, Cell::Libc), (16, Cell::Byte(0x41))]);
        runs.write(0, 4096, Cell::Byte(1));
        assert_eq!(runs.0, [(0, Cell::Byte(1))]);
        runs.write(4000, 4096, Cell::File);
        assert_eq!([3999, 4000, 4095].map(|at| runs.at(at)), [Cell::Byte(1), Cell::File, Cell::File]);
    }

    #[test]
    fn a_window_has_three_runs() {
        let a = Cell::Byte(1);
        let window = Window::of(&[(3, a), (4, a), (1, Cell::Libc), (2, a)]);
        assert_eq!(window.runs(), [(7, a), (1, Cell::Libc), (2, a)]);
        assert!(!window.goes_on && !window.is_zero());
    }
}

//! The page tables of processes: frames with entries, as the processor reads them.

use super::mm_types::FileId;
use crate::cow::CowVec;
use crate::hash::{Digest, Digestible};
use crate::units::{Pfn, Vaddr};
use crate::x86::pgtable::{Level, Paging, Pte};

/// No table.
const NONE: u32 = u32::MAX;

/// The most entries that a table has (i386 with two levels): room for so many is kept for each.
const ROOM: usize = 1024;

/// A table: its frame, and how many entries it has.
#[derive(Clone, Copy)]
struct Table {
    pfn: Pfn,
    entries: u16,
    /// Entries that say anything.
    used: u16,
}

/// What lies in the frames that are page tables.
#[derive(Clone)]
pub struct Tables {
    paging: Paging,
    tables: Vec<Option<Table>>,
    /// The entries of all of them, each table a chunk.
    entries: CowVec<Pte, ROOM>,
    /// For each frame its table.
    of_frame: CowVec<u32, 256>,
    spare: Vec<u32>,
}

/// One table that was read on the way to a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Read {
    /// Its level.
    pub level: Level,
    /// The frame of the table.
    pub table: Pfn,
    /// Which entry.
    pub index: u16,
    /// What it says.
    pub entry: Pte,
}

/// A way through the tables: each one that was read, the topmost first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Walk {
    reads: [Option<Read>; 5],
}

impl Walk {
    /// The tables that were read, the topmost first.
    pub fn reads(&self) -> impl DoubleEndedIterator<Item = Read> + use<> {
        self.reads.into_iter().flatten()
    }

    /// The last entry that was read, and its level.
    #[must_use]
    pub fn last(&self) -> Option<Read> {
        self.reads().next_back()
    }

    /// The entry of the page, if the way leads to the end, which may be a huge page.
    #[must_use]
    pub fn pte(&self) -> Option<Pte> {
        self.last().filter(|read| read.level == Level::Pte || read.entry.has(Pte::PSE)).map(|read| read.entry)
    }
}

impl Tables {
    /// Nothing yet.
    #[must_use]
    pub fn new(paging: Paging) -> Tables {
        Tables {
            paging,
            tables: Vec::new(),
            entries: CowVec::empty(Pte(0)),
            of_frame: CowVec::empty(NONE),
            spare: Vec::new(),
        }
    }

    /// How the processor translates.
    #[must_use]
    pub fn paging(&self) -> Paging {
        self.paging
    }

    /// See [`crate::Machine::flatten`].
    pub(crate) fn flatten(&mut self) {
        self.entries.flatten();
        self.of_frame.flatten();
    }

    /// A frame becomes a table of a level, without entries.
    pub(crate) fn add(&mut self, level: Level, pfn: Pfn) {
        let entries = self.paging.entries(level).unwrap_or(0) as u16;
        let table = Some(Table { pfn, entries, used: 0 });
        let at = match self.spare.pop() {
            Some(at) => {
                self.tables[at as usize] = table;
                at
            }
            None => {
                self.tables.push(table);
                self.entries.grow(self.tables.len() as u32 * ROOM as u32);
                self.tables.len() as u32 - 1
            }
        };
        self.of_frame.grow(pfn.0 + 1);
        self.of_frame.set(pfn.0, at);
    }

    /// A frame is no table any more.
    pub(crate) fn remove(&mut self, pfn: Pfn) {
        let at = self.of_frame.get(pfn.0);
        self.of_frame.set(pfn.0, NONE);
        if self.tables[at as usize].take().is_some_and(|table| table.used > 0) {
            self.entries.slice_mut(at * ROOM as u32, ROOM as u32).fill(Pte(0));
        }
        self.spare.push(at);
    }

    fn table(&self, pfn: Pfn) -> Option<(u32, &Table)> {
        let at = *self.of_frame.get_or_fill(pfn.0);
        Some((at, self.tables.get(at as usize)?.as_ref()?))
    }

    /// The entries of a table; none when the frame is not one.
    #[must_use]
    pub fn entries(&self, pfn: Pfn) -> Option<&[Pte]> {
        let (at, table) = self.table(pfn)?;
        Some(self.entries.slice(at * ROOM as u32, u32::from(table.entries)))
    }

    /// One entry of a table; nothing where the frame is none.
    #[inline]
    pub(crate) fn entry(&self, table: Pfn, index: u16) -> Pte {
        match *self.of_frame.get_or_fill(table.0) {
            NONE => Pte(0),
            at => self.entries.get(at * ROOM as u32 + u32::from(index) % ROOM as u32),
        }
    }

    /// Whether a table has no entry that says anything.
    #[must_use]
    pub fn is_empty(&self, pfn: Pfn) -> bool {
        self.table(pfn).is_none_or(|(_, table)| table.used == 0)
    }

    /// All frames that are tables.
    pub fn frames(&self) -> impl Iterator<Item = Pfn> {
        self.tables.iter().flatten().map(|table| table.pfn)
    }

    /// Writes an entry.
    ///
    /// # Panics
    /// When the frame is no table.
    pub(crate) fn write(&mut self, table: Pfn, index: u16, entry: Pte) {
        let at = self.of_frame.get(table.0);
        let cell = self.entries.get_mut(at * ROOM as u32 + u32::from(index));
        let was = std::mem::replace(cell, entry);
        let table = self.tables[at as usize].as_mut().expect("the frame is a table");
        table.used = table.used + u16::from(entry.0 != 0) - u16::from(was.0 != 0);
    }

    /// The way from the topmost table to an address, as far as it leads.
    #[must_use]
    pub fn walk(&self, pgd: Pfn, address: Vaddr) -> Walk {
        let mut reads = [None; 5];
        let mut at = pgd;
        for ((level, shift, bits), read) in self.paging.levels().iter().zip(&mut reads) {
            let index = (address.0 >> shift) as u16 & ((1 << bits) - 1);
            let slot = *self.of_frame.get_or_fill(at.0);
            if slot == NONE {
                break;
            }
            let entry = self.entries.get(slot * ROOM as u32 + u32::from(index));
            *read = Some(Read { level: *level, table: at, index, entry });
            if !entry.has(Pte::PRESENT) || entry.has(Pte::PSE) {
                break;
            }
            at = entry.pfn();
        }
        Walk { reads }
    }

    /// The table that has the entry of a page, and which one it is.
    #[must_use]
    pub fn place(&self, pgd: Pfn, address: Vaddr) -> Option<(Pfn, u16, Pte)> {
        let last = self.walk(pgd, address).last().filter(|read| read.level == Level::Pte)?;
        Some((last.table, last.index, last.entry))
    }

    /// The entries of pages of 4 KiB between two addresses that lead to one: the address, the table, which entry it is, and the entry.
    pub fn between(
        &self,
        pgd: Pfn,
        start: Vaddr,
        end: Vaddr,
    ) -> impl Iterator<Item = (Vaddr, Pfn, u16, Pte)> + use<'_> {
        let mut at = start;
        std::iter::from_fn(move || {
            while at < end {
                let address = at;
                let last = self.walk(pgd, address).last()?;
                // What is not there is skipped as a whole.
                let span = self.paging.span(last.level).unwrap_or(1 << 12);
                at = Vaddr((address.0 & !(span - 1)) + span);
                if last.level == Level::Pte && last.entry.is_page() {
                    return Some((address, last.table, last.index, last.entry));
                }
            }
            None
        })
    }

    pub(crate) fn digest(&self, to: &mut Digest) {
        for (at, table) in (0..).zip(&self.tables) {
            let Some(Table { pfn, entries, .. }) = *table else { continue };
            to.word(u64::from(pfn.0));
            self.entries
                .slice(at * ROOM as u32, u32::from(entries))
                .iter()
                .for_each(|entry| to.word(entry.0));
        }
    }
}

/// What is known of a frame that processes have mapped, or a file keeps (`struct page`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mapped {
    /// Entries that lead to it (`_mapcount`).
    pub mapcount: u32,
    /// The file it belongs to, and which of its pages; none: a page of a process.
    pub(crate) file: u32,
    pub(crate) index: u32,
    /// It belongs to one process alone (`PageAnonExclusive`).
    pub exclusive: bool,
    /// Something was written to it that is nowhere else (`PG_dirty`).
    pub dirty: bool,
    /// It may go as long as it is not written to (`MADV_FREE`; no `PG_swapbacked`).
    pub lazyfree: bool,
    /// The swap cache has it, and nobody else need (`PG_swapcache`).
    pub cached: bool,
}

impl Mapped {
    /// Nobody has it.
    pub(crate) const NOBODY: Mapped = Mapped {
        mapcount: 0,
        file: NONE,
        index: 0,
        exclusive: false,
        dirty: false,
        lazyfree: false,
        cached: false,
    };

    /// The file it belongs to, and which of its pages.
    #[must_use]
    pub fn file(&self) -> Option<(FileId, u32)> {
        (self.file != NONE).then_some((FileId(self.file), self.index))
    }
}

impl Digestible for Mapped {
    fn digest(&self, to: &mut Digest) {
        let flags = [self.lazyfree, self.exclusive, self.dirty];
        let flags = flags.iter().fold(0, |bits, flag| bits << 1 | u64::from(*flag));
        to.word(u64::from(self.mapcount) << 3 | flags);
        to.word(u64::from(self.file) << 32 | u64::from(self.index));
        if self.cached {
            to.word(1);
        }
    }
}

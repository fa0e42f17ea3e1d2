//! The page directory and the page tables of an i386 machine of its own: two levels, entries of four bytes.

use std::rc::Rc;

use super::Why;
use crate::hash::Digest;
use crate::process::Access;
use crate::x86::pgtable::{Level, Paging, Pte};

/// Where the directory lies: what CR3 holds.
pub const CR3: u32 = 0x1000;

/// A page table: 1024 entries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageTable {
    /// Its place in the directory.
    pub index: u16,
    /// What the directory says of it: where it lies, and the bits.
    pub entry: u32,
    entries: Rc<Vec<u32>>,
}

/// The directory, with the tables that it leads to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PageTables {
    /// By their places in the directory.
    tables: Vec<PageTable>,
}

/// What may be done with a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Rights {
    /// R/W
    pub write: bool,
    /// U/S: programs may use it.
    pub user: bool,
}

fn index(level: Level, linear: u32) -> u16 {
    Paging::TwoLevel.index(level, u64::from(linear)).unwrap_or(0)
}

/// The places of an address in the directory and in its table.
#[must_use]
pub fn places(linear: u32) -> (u16, u16) {
    (index(Level::Pgd, linear), index(Level::Pte, linear))
}

/// Whether an entry lets an access pass. The 80386 does not stop the kernel from writing: it has no CR0.WP yet.
///
/// # Errors
/// Why not: a page fault.
pub fn allows(entry: u32, access: Access, user: bool) -> Result<(), Why> {
    let pte = Pte(u64::from(entry));
    let write = access == Access::Write;
    let fits = (!user || pte.has(Pte::USER)) && (!user || !write || pte.has(Pte::RW));
    match (pte.has(Pte::PRESENT), fits) {
        (true, true) => Ok(()),
        (present, _) => Err(Why::Page { present, write, user }),
    }
}

impl PageTables {
    fn find(&self, directory: u16) -> Result<usize, usize> {
        self.tables.binary_search_by(|table| table.index.cmp(&directory))
    }

    /// The entry of the directory for an address.
    #[must_use]
    pub fn directory_entry(&self, linear: u32) -> u32 {
        self.find(places(linear).0).map_or(0, |at| self.tables[at].entry)
    }

    /// The entry of its page table; 0 where there is no table.
    #[must_use]
    pub fn table_entry(&self, linear: u32) -> u32 {
        let (directory, place) = places(linear);
        self.find(directory).map_or(0, |at| self.tables[at].entries[usize::from(place)])
    }

    /// How many tables there are, without the directory.
    #[must_use]
    pub fn count(&self) -> usize {
        self.tables.len()
    }

    /// All pages that are mapped: linear address and entry, lowest first.
    pub fn pages(&self) -> impl Iterator<Item = (u32, u32)> {
        self.tables.iter().flat_map(|table| {
            let of = u32::from(table.index) << 22;
            let entries = (0u32..).zip(table.entries.iter()).filter(|(_, entry)| **entry != 0);
            entries.map(move |(place, entry)| (of | place << 12, *entry))
        })
    }

    /// Maps a page to a frame, or takes the mapping away. True: a page table had to be made for it.
    pub(super) fn map(&mut self, linear: u32, frame: Option<(u32, Rights)>) -> bool {
        let (directory, place) = places(linear);
        let bits = |rights: Rights| {
            let with = |pte: Pte, on: bool, bit: Pte| if on { pte.with(bit) } else { pte };
            with(with(Pte::PRESENT, rights.write, Pte::RW), rights.user, Pte::USER).0 as u32
        };
        let entry = frame.map_or(0, |(frame, rights)| frame & !0xfff | bits(rights));
        let (at, new) = match self.find(directory) {
            Ok(at) => (at, false),
            Err(_) if frame.is_none() => return false,
            Err(at) => {
                // The tables lie behind the directory, in the order in which they were made.
                let frame = CR3 + ((self.tables.len() as u32 + 1) << 12);
                let entry = frame | bits(Rights { write: true, user: true });
                self.tables
                    .insert(at, PageTable { index: directory, entry, entries: Rc::new(vec![0; 1024]) });
                (at, true)
            }
        };
        Rc::make_mut(&mut self.tables[at].entries)[usize::from(place)] = entry;
        new
    }

    /// The processor notes in the directory that it came by.
    pub(super) fn passed_directory(&mut self, linear: u32) {
        if let Ok(at) = self.find(places(linear).0) {
            self.tables[at].entry |= Pte::ACCESSED.0 as u32;
        }
    }

    /// The processor notes that the page was used, and perhaps written to.
    pub(super) fn used(&mut self, linear: u32, access: Access) {
        let (directory, place) = places(linear);
        let Ok(at) = self.find(directory) else { return };
        let dirty = if access == Access::Write { Pte::DIRTY.0 as u32 } else { 0 };
        let entry = &mut Rc::make_mut(&mut self.tables[at].entries)[usize::from(place)];
        *entry |= Pte::ACCESSED.0 as u32 | dirty;
    }

    pub(super) fn digest(&self, d: &mut Digest) {
        d.word(self.tables.len() as u64);
        for table in &self.tables {
            d.word(u64::from(table.index) << 32 | u64::from(table.entry));
        }
        for (linear, entry) in self.pages() {
            d.word(u64::from(linear) << 32 | u64::from(entry));
        }
    }
}

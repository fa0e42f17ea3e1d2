//! Page tables: which bits of an address choose which entry, what an entry says, and how many tables a mapping takes
//! (arch/x86/include/asm/pgtable_types.h, pgtable_64_types.h, pgtable-2level_types.h and pgtable-3level_types.h, 6.1).

use std::collections::BTreeSet;

use crate::units::{PAGE_SIZE, Pfn};
use crate::xarray::SwapEntry;

/// A level of the tables, from the one that the processor's register points to down to the one with the pages.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Level {
    /// Page global directory.
    Pgd,
    /// Fourth level, with LA57 only.
    P4d,
    /// Page upper directory.
    Pud,
    /// Page middle directory.
    Pmd,
    /// Page table.
    Pte,
}

/// How the processor translates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Paging {
    /// x86-64 with four levels, 48 bits.
    FourLevel,
    /// x86-64 with five levels (LA57), 57 bits.
    FiveLevel,
    /// i386 with two levels.
    TwoLevel,
    /// i386 with PAE: three levels, entries of eight bytes.
    Pae,
}

impl Paging {
    /// The levels from the top: which bits of the address are the index, by shift and number of bits.
    #[must_use]
    pub fn levels(self) -> &'static [(Level, u8, u8)] {
        match self {
            Paging::FourLevel => {
                &[(Level::Pgd, 39, 9), (Level::Pud, 30, 9), (Level::Pmd, 21, 9), (Level::Pte, 12, 9)]
            }
            Paging::FiveLevel => &[
                (Level::Pgd, 48, 9),
                (Level::P4d, 39, 9),
                (Level::Pud, 30, 9),
                (Level::Pmd, 21, 9),
                (Level::Pte, 12, 9),
            ],
            Paging::TwoLevel => &[(Level::Pgd, 22, 10), (Level::Pte, 12, 10)],
            Paging::Pae => &[(Level::Pgd, 30, 2), (Level::Pmd, 21, 9), (Level::Pte, 12, 9)],
        }
    }

    /// Bits of an address that are translated: 32, 48 or 57.
    #[must_use]
    pub fn address_bits(self) -> u8 {
        let (_, shift, bits) = self.levels()[0];
        shift + bits
    }

    /// Bytes of an entry.
    #[must_use]
    pub fn entry_size(self) -> u32 {
        if self == Paging::TwoLevel { 4 } else { 8 }
    }

    /// Whether the processor takes the address: on x86-64 the bits above the translated ones repeat the highest of
    /// them, on i386 there are none.
    #[must_use]
    pub fn is_canonical(self, address: u64) -> bool {
        let bits = u32::from(self.address_bits());
        match self {
            Paging::TwoLevel | Paging::Pae => address >> bits == 0,
            Paging::FourLevel | Paging::FiveLevel => {
                let above = 64 - bits;
                ((address << above) as i64 >> above) as u64 == address
            }
        }
    }

    /// The index into the table of a level; none: this mode has no such level.
    #[must_use]
    pub fn index(self, level: Level, address: u64) -> Option<u16> {
        let (_, shift, bits) = self.levels().iter().find(|(l, ..)| *l == level)?;
        Some((address >> shift) as u16 & ((1 << bits) - 1))
    }

    /// Bytes that one entry of a level maps: a page of this size, if the level has pages of its own.
    #[must_use]
    pub fn span(self, level: Level) -> Option<u64> {
        self.levels().iter().find(|(l, ..)| *l == level).map(|(_, shift, _)| 1 << shift)
    }

    /// The sizes that a page can have, smallest first: 4 KiB, 2 MiB and 1 GiB, or 4 MiB with two levels.
    #[must_use]
    pub fn page_sizes(self) -> &'static [(Level, u64)] {
        match self {
            Paging::FourLevel | Paging::FiveLevel => {
                &[(Level::Pte, PAGE_SIZE), (Level::Pmd, 2 << 20), (Level::Pud, 1 << 30)]
            }
            Paging::TwoLevel => &[(Level::Pte, PAGE_SIZE), (Level::Pgd, 4 << 20)],
            Paging::Pae => &[(Level::Pte, PAGE_SIZE), (Level::Pmd, 2 << 20)],
        }
    }

    /// How many tables it takes to map these addresses with pages of the level `leaf`, without the one at the top
    /// (which every address space has): one for each stretch that an entry of the level above maps.
    #[must_use]
    pub fn tables(self, leaf: Level, addresses: impl IntoIterator<Item = u64>) -> Tables {
        let mut tables: Vec<(Level, BTreeSet<u64>)> = Vec::new();
        for (level, ..) in &self.levels()[1..] {
            if *level <= leaf {
                tables.push((*level, BTreeSet::new()));
            }
        }
        for address in addresses {
            for (above, (_, set)) in self.levels().iter().zip(&mut tables) {
                set.insert(address >> above.1);
            }
        }
        Tables(tables.into_iter().map(|(level, set)| (level, set.len() as u64)).collect())
    }
}

/// Tables by level, from the top.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tables(pub Vec<(Level, u64)>);

impl Tables {
    /// All of them: `pgtables_bytes` is so many pages.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }
}

/// An entry that maps a page of 4 KiB on x86-64, bit by bit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct Pte(pub u64);

impl Pte {
    /// There is a page (`_PAGE_PRESENT`).
    pub const PRESENT: Pte = Pte(1);
    /// It may be written to (`_PAGE_RW`).
    pub const RW: Pte = Pte(1 << 1);
    /// Programs may use it (`_PAGE_USER`).
    pub const USER: Pte = Pte(1 << 2);
    /// It was used: the processor sets this (`_PAGE_ACCESSED`).
    pub const ACCESSED: Pte = Pte(1 << 5);
    /// It was written to: the processor sets this (`_PAGE_DIRTY`).
    pub const DIRTY: Pte = Pte(1 << 6);
    /// In an upper level: a large page (`_PAGE_PSE`).
    pub const PSE: Pte = Pte(1 << 7);
    /// It stays when the address space changes (`_PAGE_GLOBAL`).
    pub const GLOBAL: Pte = Pte(1 << 8);
    /// No page that is counted, as the zero page (`_PAGE_SPECIAL`).
    pub const SPECIAL: Pte = Pte(1 << 9);
    /// No code (`_PAGE_NX`).
    pub const NX: Pte = Pte(1 << 63);
    /// An entry of an upper level in a process (`_PAGE_TABLE`).
    pub const USER_TABLE: Pte = Pte(0x67);
    /// An entry of an upper level of the kernel (`_KERNPG_TABLE`).
    pub const KERNEL_TABLE: Pte = Pte(0x63);

    /// Of an entry that leads to swap: the page was the process's alone (`_PAGE_SWP_EXCLUSIVE`).
    pub const SWP_EXCLUSIVE: Pte = Pte(1 << 3);

    /// Of an entry that leads to a page which moves, instead of an area of swap, which has at most the number 27.
    const MIGRATION_READ: u64 = 30;
    const MIGRATION_WRITE: u64 = 31;

    const FRAME: u64 = 0x000f_ffff_ffff_f000;

    /// With these bits as well.
    #[must_use]
    pub const fn with(self, bits: Pte) -> Pte {
        Pte(self.0 | bits.0)
    }

    /// Without these bits.
    #[must_use]
    pub const fn without(self, bits: Pte) -> Pte {
        Pte(self.0 & !bits.0)
    }

    /// Whether it has all of these bits.
    #[must_use]
    pub fn has(self, bits: Pte) -> bool {
        self.0 & bits.0 == bits.0
    }

    /// An entry that leads to a slot of swap (`__swp_entry()`, pgtable_64.h): the area in the topmost 5 bits, below them the
    /// slot, all bits the other way round.
    #[must_use]
    pub fn swap(entry: SwapEntry, exclusive: bool) -> Pte {
        let pte = Pte(u64::from(entry.area) << 59 | !u64::from(entry.offset) << 14 >> 5);
        if exclusive { pte.with(Pte::SWP_EXCLUSIVE) } else { pte }
    }

    /// An entry that leads to a page which is on its way to another frame (`make_writable_migration_entry()`): in the topmost
    /// 5 bits a number that no area of swap has, and the frame that the page leaves where a slot would be.
    #[must_use]
    pub fn migration(pfn: Pfn, writable: bool) -> Pte {
        let kind = if writable { Self::MIGRATION_WRITE } else { Self::MIGRATION_READ };
        Pte(kind << 59 | !u64::from(pfn.0) << 14 >> 5)
    }

    /// The frame that a page leaves which this entry leads to.
    #[must_use]
    pub fn as_migration(self) -> Option<Pfn> {
        let moves = self.0 != 0 && !self.is_page() && self.0 >> 59 >= Self::MIGRATION_READ;
        moves.then_some(Pfn(!(self.0 << 5 >> 14) as u32))
    }

    /// Whether it leads to a page, if only to one that nobody may use just now (`PROT_NONE`).
    #[must_use]
    pub fn is_page(self) -> bool {
        self.has(Pte::PRESENT) || self.has(Pte::GLOBAL)
    }

    /// The slot of swap that it leads to.
    #[must_use]
    pub fn as_swap(self) -> Option<SwapEntry> {
        if self.0 == 0 || self.is_page() || self.as_migration().is_some() {
            return None;
        }
        let offset = (!(self.0 << 5 >> 14)) as u32;
        Some(SwapEntry { area: (self.0 >> 59) as u8, offset })
    }

    /// The same for this frame.
    #[must_use]
    pub fn to(self, pfn: Pfn) -> Pte {
        Pte(self.0 & !Self::FRAME | u64::from(pfn.0) << 12)
    }

    /// Its frame.
    #[must_use]
    pub fn pfn(self) -> Pfn {
        Pfn(((self.0 & Self::FRAME) >> 12) as u32)
    }

    /// What a page that a process has written to looks like.
    #[must_use]
    pub fn anonymous_written(pfn: Pfn) -> Pte {
        Self::USER_TABLE.with(Self::NX).to(pfn)
    }

    /// What a page that a process has only read looks like: the zero page, which nobody counts and nobody may write.
    #[must_use]
    pub fn zero_page(pfn: Pfn) -> Pte {
        Self::PRESENT.with(Self::USER).with(Self::ACCESSED).with(Self::SPECIAL).with(Self::NX).to(pfn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn addresses_split_as_the_books_split_them() {
        let text = include_str!("../../tests/data/paging/x86_64_va_split.json");
        let vectors: Value = serde_json::from_str(text).expect("JSON");
        let mut rows = 0;
        for (key, paging) in [("l4", Paging::FourLevel), ("l5", Paging::FiveLevel)] {
            for row in vectors[key].as_array().expect("rows") {
                let va =
                    row["va"].as_str().and_then(|va| u64::from_str_radix(&va[2..], 16).ok()).expect("hex");
                for (name, level) in [
                    ("pgd", Level::Pgd),
                    ("p4d", Level::P4d),
                    ("pud", Level::Pud),
                    ("pmd", Level::Pmd),
                    ("pte", Level::Pte),
                ] {
                    assert_eq!(paging.index(level, va).map(u64::from), row[name].as_u64(), "{va:x} {name}");
                }
                for (name, level) in [("off4k", Level::Pte), ("off2m", Level::Pmd), ("off1g", Level::Pud)] {
                    let span = paging.span(level).expect("the level is there");
                    assert_eq!(Some(va % span), row[name].as_u64(), "{va:x} {name}");
                }
                assert_eq!(Some(paging.is_canonical(va)), row["canonical"].as_bool(), "{va:x}");
                rows += 1;
            }
        }
        assert_eq!(rows, 28);
    }

    #[test]
    fn facts_11_examples() {
        let va = 0x7f12_3456_7890;
        let indices =
            [Level::Pgd, Level::Pud, Level::Pmd, Level::Pte].map(|l| Paging::FourLevel.index(l, va));
        assert_eq!(indices, [Some(254), Some(72), Some(418), Some(359)]);
        let old = 0xC010_1234;
        assert_eq!([Level::Pgd, Level::Pte].map(|l| Paging::TwoLevel.index(l, old)), [Some(768), Some(257)]);
        assert_eq!(Paging::TwoLevel.index(Level::Pmd, old), None);
        assert_eq!(Paging::Pae.index(Level::Pgd, old), Some(3));
        assert_eq!(
            [Paging::FourLevel, Paging::FiveLevel, Paging::TwoLevel, Paging::Pae].map(Paging::address_bits),
            [48, 57, 32, 32]
        );
    }

    #[test]
    fn facts_11_entries() {
        assert_eq!(Pte::anonymous_written(Pfn(0)).0, 0x8000_0000_0000_0067);
        assert_eq!(Pte::zero_page(Pfn(0)).0, 0x8000_0000_0000_0225);
        let pte = Pte::anonymous_written(Pfn(0x1234));
        assert_eq!(
            (pte.pfn(), pte.has(Pte::RW), pte.without(Pte::RW).has(Pte::RW)),
            (Pfn(0x1234), true, false)
        );
        assert_eq!(pte.to(Pfn(1)), Pte::anonymous_written(Pfn(1)));
    }

    #[test]
    fn what_is_in_swap_is_found_again() {
        for (area, offset, exclusive) in [(0, 1, true), (27, u32::MAX, false), (5, 0x1234, true)] {
            let entry = SwapEntry { area, offset };
            let pte = Pte::swap(entry, exclusive);
            assert_eq!((pte.as_swap(), pte.has(Pte::SWP_EXCLUSIVE)), (Some(entry), exclusive));
            assert!(!pte.is_page());
        }
        for writable in [false, true] {
            let moves = Pte::migration(Pfn(9), writable);
            assert_eq!((moves.as_migration(), moves.as_swap(), moves.is_page()), (Some(Pfn(9)), None, false));
        }
        assert_eq!(Pte(0).as_swap(), None);
        assert_eq!(Pte::anonymous_written(Pfn(7)).as_swap(), None);
    }

    #[test]
    fn facts_11_tables_needed() {
        let gib = || (0..1 << 18).map(|page| 0x7f00_0000_0000 + page * PAGE_SIZE);
        let small = Paging::FourLevel.tables(Level::Pte, gib());
        assert_eq!(small.0, [(Level::Pud, 1), (Level::Pmd, 1), (Level::Pte, 512)]);
        assert_eq!(small.count() * PAGE_SIZE, 2_105_344);
        assert_eq!(Paging::FourLevel.tables(Level::Pmd, gib()).0, [(Level::Pud, 1), (Level::Pmd, 1)]);
    }

    /// What `VmPTE` grew by when a real process touched pages in strides, in a part of its address space of its own.
    #[test]
    fn the_tables_of_real_processes() {
        /// Nothing else was mapped near it; it began at a table's first page, but not at a directory's.
        const START: u64 = 0x7e80_4020_0000;
        let mut rows = 0;
        for line in
            include_str!("../../tests/data/paging/tables.txt").lines().filter(|line| !line.starts_with('#'))
        {
            let (_, numbers) = line.split_once(' ').expect("the kernel and its numbers");
            let numbers: Vec<u64> = numbers.split(' ').map(|n| n.parse().expect("a number")).collect();
            let [stride, pages, mapped, touched, unmapped] = numbers[..] else { panic!("{line}") };
            let addresses = (0..pages).map(|page| START + page * stride * 1024);
            let tables = Paging::FourLevel.tables(Level::Pte, addresses);
            assert_eq!(touched - mapped, 4 * tables.count(), "{line}");
            assert_eq!(unmapped, mapped, "{line}");
            rows += 1;
        }
        assert_eq!(rows, 24);
    }
}

//! The cache of translations, and when Linux empties it (arch/x86/mm/tlb.c, 6.1).

use super::pgtable::Pte;
use crate::hash::Digest;

/// `tlb_single_page_flush_ceiling`: of more pages than this, everything is flushed at once.
pub const SINGLE_PAGE_FLUSH_CEILING: u64 = 33;

/// `TLB_NR_DYN_ASIDS`: address spaces that a CPU remembers translations of, where it has PCIDs.
pub const DYN_ASIDS: usize = 6;

/// What a flush does on each CPU that it reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flush {
    /// `INVLPG` for each of so many pages.
    Pages(u64),
    /// Everything that is not global.
    All,
}

/// How a range of pages is flushed (`flush_tlb_mm_range()`); `tables` were freed too, whose entries the processor may
/// have kept.
#[must_use]
pub fn flush_range(pages: u64, tables: bool) -> Flush {
    if tables || pages > SINGLE_PAGE_FLUSH_CEILING { Flush::All } else { Flush::Pages(pages) }
}

/// How large a page is that one entry translates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum PageSize {
    /// 4 KiB
    Small,
    /// 2 MiB
    Large,
    /// 1 GiB
    Giant,
}

impl PageSize {
    /// All of them, the smallest first.
    pub const ALL: [PageSize; 3] = [PageSize::Small, PageSize::Large, PageSize::Giant];

    /// Bits of an address within such a page: 12, 21 or 30.
    #[must_use]
    pub const fn shift(self) -> u8 {
        12 + 9 * self as u8
    }

    /// Bytes of such a page.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        1 << self.shift()
    }
}

/// What a translation is found by: which page of which address space.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct Key {
    /// The address space it belongs to: the slot of the CPU, 0 to 5.
    pub asid: u16,
    /// The number of the page: the address by the page's size.
    pub page: u64,
    /// How large it is.
    pub size: PageSize,
    /// It stays when the address space changes, and belongs to all of them.
    pub global: bool,
}

/// A key in one word, so that a set is searched by comparing words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Tag(u64);

impl Tag {
    const NOTHING: Tag = Tag(0);
    const VALID: u64 = 1;
    const GLOBAL: u64 = 2;
    const ASID: u64 = 0b111 << 2;
    const SIZE: u64 = 0b11 << 5;

    #[inline(always)]
    fn of(key: Key) -> Tag {
        let global = u64::from(key.global) << 1;
        Tag(key.page << 7 | (key.size as u64) << 5 | u64::from(key.asid) << 2 | global | Self::VALID)
    }

    fn key(self) -> Option<Key> {
        (self.0 & Self::VALID != 0).then(|| Key {
            asid: ((self.0 & Self::ASID) >> 2) as u16,
            page: self.0 >> 7,
            size: PageSize::ALL[((self.0 & Self::SIZE) >> 5) as usize % 3],
            global: self.0 & Self::GLOBAL != 0,
        })
    }

    /// Whether an entry with this tag translates what `wanted` asks for.
    #[inline]
    fn answers(self, wanted: Tag) -> bool {
        let differs = self.0 ^ wanted.0;
        differs & !(Self::ASID | Self::GLOBAL) == 0
            && (differs & Self::ASID == 0 || self.0 & Self::GLOBAL != 0)
    }

    /// Whether it belongs to this address space alone.
    fn is_of(self, asid: u16) -> bool {
        self.0 & (Self::VALID | Self::GLOBAL) == Self::VALID && (self.0 & Self::ASID) >> 2 == u64::from(asid)
    }
}

/// An entry: a page, and what the tables said of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Which page.
    pub key: Key,
    /// The entry of the tables, as it was when it was read.
    pub pte: Pte,
}

/// A cache of translations: sets of a few ways, the one that was not used for longest goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tlb {
    ways: u16,
    mask: u64,
    /// Set by set, and of each set the entries, the last one used first, and then those that are empty.
    entries: Vec<(Tag, Pte)>,
    /// Whether an entry is global: if not, tags are simply the same or not.
    has_global: bool,
}

impl Tlb {
    const EMPTY: (Tag, Pte) = (Tag::NOTHING, Pte(0));

    /// An empty one.
    ///
    /// # Panics
    /// When the number of sets is no power of two, or there are no ways.
    #[must_use]
    pub fn new(sets: u16, ways: u16) -> Tlb {
        assert!(sets.is_power_of_two() && ways > 0, "a set is chosen by bits of the address");
        let entries = usize::from(sets) * usize::from(ways);
        Tlb { ways, mask: u64::from(sets) - 1, entries: vec![Self::EMPTY; entries], has_global: false }
    }

    /// How many translations it holds at most.
    #[must_use]
    pub fn entries(&self) -> u32 {
        self.entries.len() as u32
    }

    /// Of how many ways a set is.
    #[must_use]
    pub fn ways(&self) -> u16 {
        self.ways
    }

    /// How many sets there are.
    #[must_use]
    pub fn sets(&self) -> u16 {
        self.mask as u16 + 1
    }

    /// The set that a page belongs to.
    #[must_use]
    pub fn set_of(&self, page: u64) -> u16 {
        (page & self.mask) as u16
    }

    #[inline(always)]
    fn range(&self, page: u64) -> std::ops::Range<usize> {
        let first = (page & self.mask) as usize * usize::from(self.ways);
        first..first + usize::from(self.ways)
    }

    /// The place in its set of an entry that translates what is asked for.
    #[inline(always)]
    fn place(set: &[(Tag, Pte)], wanted: Tag, has_global: bool) -> Option<usize> {
        if has_global {
            return set.iter().position(|(tag, _)| tag.answers(wanted));
        }
        // Sets of the usual sizes are known to be so long.
        match set.len() {
            4 => set[..4].iter().position(|(tag, _)| *tag == wanted),
            12 => set[..12].iter().position(|(tag, _)| *tag == wanted),
            _ => set.iter().position(|(tag, _)| *tag == wanted),
        }
    }

    /// Moves all entries of a set one place back, and the last one to the front.
    #[inline(always)]
    fn turn(set: &mut [(Tag, Pte)]) {
        match set.len() {
            4 => set[..4].rotate_right(1),
            12 => set[..12].rotate_right(1),
            _ => set.rotate_right(1),
        }
    }

    /// Looks a translation up; one that is found was used last now.
    #[inline(always)]
    pub fn find(&mut self, key: Key) -> Option<Pte> {
        let (range, has_global) = (self.range(key.page), self.has_global);
        let set = &mut self.entries[range];
        let at = Self::place(set, Tag::of(key), has_global)?;
        if at > 0 {
            set[..=at].rotate_right(1);
        }
        Some(set[0].1)
    }

    /// Keeps a translation; the one that went for it. One of the same page is replaced.
    #[inline]
    pub fn keep(&mut self, entry: Entry) -> Option<Entry> {
        let range = self.range(entry.key.page);
        let tag = Tag::of(entry.key);
        match Self::place(&self.entries[range.clone()], tag, self.has_global) {
            Some(at) => {
                let set = &mut self.entries[range];
                set[..=at].rotate_right(1);
                set[0] = (tag, entry.pte);
                None
            }
            None => self.keep_new(entry),
        }
    }

    /// Keeps a translation of a page that is not there; the one that went for it.
    #[inline(always)]
    pub fn keep_new(&mut self, entry: Entry) -> Option<Entry> {
        let range = self.range(entry.key.page);
        let set = &mut self.entries[range];
        // Empty ones stand last.
        Self::turn(set);
        let (tag, pte) = std::mem::replace(&mut set[0], (Tag::of(entry.key), entry.pte));
        self.has_global |= entry.key.global;
        tag.key().map(|key| Entry { key, pte })
    }

    /// Forgets entries for which this says so; how many.
    fn forget(&mut self, range: std::ops::Range<usize>, goes: impl Fn(Tag) -> bool) -> u32 {
        let mut gone = 0;
        for start in range.step_by(usize::from(self.ways)) {
            let mut left = start;
            let end = start + usize::from(self.ways);
            for at in start..end {
                let entry = self.entries[at];
                if entry.0 == Tag::NOTHING {
                    break;
                }
                if goes(entry.0) {
                    gone += 1;
                } else {
                    self.entries[left] = entry;
                    left += 1;
                }
            }
            self.entries[left..end].fill(Self::EMPTY);
        }
        gone
    }

    /// Forgets one page of an address space, the global one too (`INVLPG`); how many entries that were.
    pub fn flush_page(&mut self, key: Key) -> u32 {
        let wanted = Tag::of(key);
        self.forget(self.range(key.page), |tag| tag.answers(wanted))
    }

    /// Forgets an address space, but for what is global; how many entries that were.
    pub fn flush_asid(&mut self, asid: u16) -> u32 {
        self.forget(0..self.entries.len(), |tag| tag.is_of(asid))
    }

    /// Forgets everything but what is global (`CR3` is written, and there are no PCIDs); how many entries that were.
    pub fn flush_local(&mut self) -> u32 {
        self.forget(0..self.entries.len(), |tag| tag.0 & Tag::GLOBAL == 0)
    }

    /// What is in a set, the last one used first.
    pub fn set(&self, set: u16) -> impl Iterator<Item = Entry> + use<'_> {
        Self::known(&self.entries[self.range(u64::from(set))])
    }

    /// What is in it, set by set.
    pub fn iter(&self) -> impl Iterator<Item = Entry> + use<'_> {
        Self::known(&self.entries)
    }

    fn known(entries: &[(Tag, Pte)]) -> impl Iterator<Item = Entry> + use<'_> {
        entries.iter().filter_map(|(tag, pte)| Some(Entry { key: tag.key()?, pte: *pte }))
    }

    pub(crate) fn digest(&self, to: &mut Digest) {
        // The set follows from the page.
        for (tag, pte) in self.entries.iter().filter(|(tag, _)| *tag != Tag::NOTHING) {
            to.word(tag.0);
            to.word(pte.0);
        }
    }
}

/// What a CPU remembers of address spaces (`struct tlb_state`): six of them, and how far each has come.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Asids {
    /// The address space of each slot, and the generation of its flushes that this CPU has seen.
    slots: [Option<(u32, u64)>; DYN_ASIDS],
    /// The slot that the next stranger takes.
    next: u16,
}

/// What a switch to an address space takes (`choose_new_asid()`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Switch {
    /// The slot: the PCID is one more.
    pub asid: u16,
    /// What is remembered of it is of somebody else, or too old.
    pub flush: bool,
}

impl Asids {
    /// Switches to an address space whose flushes have come to this generation.
    pub fn switch_to(&mut self, mm: u32, generation: u64) -> Switch {
        if let Some(at) = self.slots.iter().position(|slot| slot.is_some_and(|(of, _)| of == mm)) {
            let flush = self.slots[at].is_some_and(|(_, seen)| seen < generation);
            self.slots[at] = Some((mm, generation));
            return Switch { asid: at as u16, flush };
        }
        let at = self.next;
        self.next = (at + 1) % DYN_ASIDS as u16;
        self.slots[usize::from(at)] = Some((mm, generation));
        Switch { asid: at, flush: true }
    }

    /// The slots: the address space of each, and the generation of its flushes that this CPU has seen.
    #[must_use]
    pub fn slots(&self) -> &[Option<(u32, u64)>; DYN_ASIDS] {
        &self.slots
    }

    /// A slot has come to this generation; the one before.
    pub fn catch_up(&mut self, asid: u16, generation: u64) -> Option<u64> {
        let (_, seen) = self.slots[usize::from(asid)].as_mut()?;
        Some(std::mem::replace(seen, generation))
    }

    /// An address space is no more; the slot it had.
    pub fn forget(&mut self, mm: u32) -> Option<u16> {
        let at = self.slots.iter().position(|slot| slot.is_some_and(|(of, _)| of == mm))?;
        self.slots[at] = None;
        Some(at as u16)
    }

    pub(crate) fn digest(&self, to: &mut Digest) {
        to.word(u64::from(self.next));
        for (mm, generation) in self.slots.iter().map(|slot| slot.unwrap_or((u32::MAX, 0))) {
            to.word(u64::from(mm));
            to.word(generation);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(page: u64) -> Entry {
        let key = Key { asid: 0, page, size: PageSize::Small, global: false };
        Entry { key, pte: Pte(page << 12) }
    }

    /// Looks it up, and keeps it where it was not there.
    fn access(tlb: &mut Tlb, entry: Entry) -> (bool, Option<Entry>) {
        match tlb.find(entry.key) {
            Some(pte) => {
                assert_eq!(pte, entry.pte);
                (true, None)
            }
            None => (false, tlb.keep(entry)),
        }
    }

    #[test]
    fn facts_11_flushes() {
        assert_eq!(flush_range(1, false), Flush::Pages(1));
        assert_eq!(flush_range(33, false), Flush::Pages(33));
        assert_eq!(flush_range(34, false), Flush::All);
        assert_eq!(flush_range(1, true), Flush::All, "munmap that frees a table");
    }

    #[test]
    fn pages_of_one_set_push_each_other_out() {
        let mut tlb = Tlb::new(16, 4);
        for round in 0..2 {
            for way in 0..4 {
                assert_eq!(access(&mut tlb, page(16 * way)), (round == 1, None));
            }
        }
        assert_eq!(access(&mut tlb, page(64)), (false, Some(page(0))));
        // All 64 fit when they are neighbours.
        let mut tlb = Tlb::new(16, 4);
        let hits = (0..128).filter(|at| access(&mut tlb, page(at % 64)).0).count();
        assert_eq!(hits, 64);
    }

    #[test]
    fn an_entry_is_replaced_by_a_newer_one_of_its_page() {
        let mut tlb = Tlb::new(1, 4);
        (0..4).for_each(|at| assert_eq!(tlb.keep(page(at)), None));
        let newer = Entry { pte: Pte(7), ..page(1) };
        assert_eq!(tlb.keep(newer), None);
        assert_eq!(tlb.set(0).collect::<Vec<_>>(), [newer, page(3), page(2), page(0)]);
    }

    #[test]
    fn global_entries_stay_and_belong_to_all() {
        let mut tlb = Tlb::new(1, 4);
        let of = |asid, page, global| Key { asid, page, size: PageSize::Small, global };
        let global = Entry { key: of(1, 7, true), pte: Pte(1) };
        tlb.keep(global);
        tlb.keep(Entry { key: of(1, 8, false), pte: Pte(2) });
        assert_eq!(tlb.find(of(2, 7, false)), Some(Pte(1)));
        assert_eq!(tlb.find(of(2, 8, false)), None);
        assert_eq!(tlb.flush_asid(1), 1);
        assert_eq!(tlb.iter().collect::<Vec<_>>(), [global]);
        assert_eq!(tlb.flush_local(), 0);
        assert_eq!(tlb.flush_page(of(2, 7, false)), 1);
        assert_eq!(tlb.iter().count(), 0);
    }

    #[test]
    fn pages_of_different_sizes_are_different_pages() {
        let mut tlb = Tlb::new(1, 4);
        tlb.keep(page(5));
        let large = Key { size: PageSize::Large, ..page(5).key };
        assert_eq!(tlb.find(large), None);
        assert_eq!(PageSize::ALL.map(PageSize::bytes), [4 << 10, 2 << 20, 1 << 30]);
    }

    #[test]
    fn six_address_spaces_are_remembered() {
        let mut asids = Asids::default();
        for mm in 0..6 {
            assert_eq!(asids.switch_to(mm, 1), Switch { asid: mm as u16, flush: true });
        }
        assert_eq!(asids.switch_to(2, 1), Switch { asid: 2, flush: false });
        assert_eq!(asids.switch_to(2, 2), Switch { asid: 2, flush: true }, "flushed elsewhere since");
        assert_eq!(asids.switch_to(6, 1), Switch { asid: 0, flush: true }, "the slot of the first one");
        assert_eq!(asids.switch_to(0, 1), Switch { asid: 1, flush: true });
    }
}

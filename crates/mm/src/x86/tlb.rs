//! The cache of translations, and when Linux empties it (arch/x86/mm/tlb.c, 6.1).

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

/// A cache of translations: sets of a few ways, the one that was not used for longest goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tlb {
    ways: usize,
    /// Of each set the entries, the last one used first.
    sets: Vec<Vec<Entry>>,
    /// Accesses that found their translation, and those that did not.
    pub hits: u64,
    /// See [`hits`](Self::hits).
    pub misses: u64,
}

/// A translation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct Entry {
    /// The address space it belongs to.
    pub asid: u16,
    /// The number of the page: the address by the page's size.
    pub page: u64,
    /// It stays when the address space changes, and belongs to all of them.
    pub global: bool,
}

impl Tlb {
    /// The first-level data TLB of a Skylake for pages of 4 KiB: 64 entries in 16 sets.
    #[must_use]
    pub fn skylake_l1() -> Tlb {
        Tlb::new(16, 4)
    }

    /// Its second level: 1,536 entries in 128 sets.
    #[must_use]
    pub fn skylake_l2() -> Tlb {
        Tlb::new(128, 12)
    }

    /// An empty one.
    #[must_use]
    pub fn new(sets: usize, ways: usize) -> Tlb {
        Tlb { ways, sets: vec![Vec::new(); sets], hits: 0, misses: 0 }
    }

    /// How many translations it holds at most.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.sets.len() * self.ways
    }

    /// Looks a translation up and keeps it; whether it was there, and which one went for it.
    pub fn access(&mut self, entry: Entry) -> (bool, Option<Entry>) {
        let at = (entry.page % self.sets.len() as u64) as usize;
        let set = &mut self.sets[at];
        let same = |there: &Entry| there.page == entry.page && (there.global || there.asid == entry.asid);
        if let Some(at) = set.iter().position(same) {
            set[..=at].rotate_right(1);
            self.hits += 1;
            return (true, None);
        }
        self.misses += 1;
        let evicted = if set.len() == self.ways { set.pop() } else { None };
        set.insert(0, entry);
        (false, evicted)
    }

    /// Forgets one page of an address space, the global one too (`INVLPG`).
    pub fn flush_page(&mut self, asid: u16, page: u64) {
        let at = (page % self.sets.len() as u64) as usize;
        self.sets[at].retain(|entry| entry.page != page || (entry.asid != asid && !entry.global));
    }

    /// Forgets an address space, but for what is global.
    pub fn flush_asid(&mut self, asid: u16) {
        self.sets.iter_mut().for_each(|set| set.retain(|entry| entry.global || entry.asid != asid));
    }

    /// Forgets everything.
    pub fn flush_all(&mut self) {
        self.sets.iter_mut().for_each(Vec::clear);
    }

    /// What is in it.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.sets.iter().flatten()
    }
}

/// What a CPU remembers of address spaces (`struct tlb_state`): six of them, and how far each has come.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Asids {
    /// The address space of each slot, and the generation of its flushes that this CPU has seen.
    slots: [Option<(u32, u64)>; DYN_ASIDS],
    /// The slot that the next stranger takes.
    next: usize,
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
        self.next = (at + 1) % DYN_ASIDS;
        self.slots[at] = Some((mm, generation));
        Switch { asid: at as u16, flush: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(page: u64) -> Entry {
        Entry { asid: 0, page, global: false }
    }

    #[test]
    fn facts_11_flushes() {
        assert_eq!(flush_range(1, false), Flush::Pages(1));
        assert_eq!(flush_range(33, false), Flush::Pages(33));
        assert_eq!(flush_range(34, false), Flush::All);
        assert_eq!(flush_range(1, true), Flush::All, "munmap that frees a table");
    }

    #[test]
    fn facts_11_reach() {
        assert_eq!(Tlb::skylake_l1().entries() as u64 * 4096, 256 << 10);
        assert_eq!(Tlb::skylake_l2().entries() as u64 * 4096, 6 << 20);
    }

    #[test]
    fn pages_of_one_set_push_each_other_out() {
        let mut tlb = Tlb::skylake_l1();
        for round in 0..2 {
            for way in 0..4 {
                assert_eq!(tlb.access(page(16 * way)), (round == 1, None));
            }
        }
        assert_eq!(tlb.access(page(64)), (false, Some(page(0))));
        assert_eq!((tlb.hits, tlb.misses), (4, 5));
        // All 64 fit when they are neighbours.
        let mut tlb = Tlb::skylake_l1();
        for at in 0..128 {
            tlb.access(page(at % 64));
        }
        assert_eq!((tlb.hits, tlb.misses), (64, 64));
    }

    #[test]
    fn global_entries_stay_and_belong_to_all() {
        let mut tlb = Tlb::new(1, 4);
        let global = Entry { asid: 1, page: 7, global: true };
        tlb.access(global);
        tlb.access(Entry { asid: 1, ..page(8) });
        assert!(tlb.access(Entry { asid: 2, page: 7, global: false }).0);
        tlb.flush_asid(1);
        assert_eq!(tlb.iter().collect::<Vec<_>>(), [&global]);
        tlb.flush_page(2, 7);
        assert_eq!(tlb.iter().count(), 0);
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

//! vmalloc: pages from anywhere, one behind the other in the kernel's own address space (mm/vmalloc.c, 6.1).
//!
//! An area is as long as its pages and one page more, the *guard page*, which is not mapped: who runs over the end of
//! an area faults there. Addresses that were freed are not used again at once, because every CPU may still have them in
//! its TLB; they wait, until so many have come together that one flush of all TLBs pays (*lazy purging*).

pub(crate) mod machine;

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::config::Arch;
use crate::units::{NrPages, PAGE_SIZE, Pfn};

pub use crate::units::Vaddr;

/// `VMALLOC_START` on x86-64 with four levels of page tables and without address randomisation.
pub const VMALLOC_START: Vaddr = Vaddr(0xffff_c900_0000_0000);
/// `VMALLOC_END` there, one further on: 32 TiB.
pub const VMALLOC_END: Vaddr = Vaddr(0xffff_e900_0000_0000);

/// How far above the last directly mapped byte the range begins on i386 (`VMALLOC_OFFSET`).
const VMALLOC_OFFSET: u64 = 8 << 20;
/// The length of the range on i386 (`__VMALLOC_RESERVE`).
const VMALLOC_RESERVE: u64 = 128 << 20;
/// One table of last-level entries maps so much.
fn table_span(arch: Arch) -> u64 {
    match arch {
        // 512 entries of eight bytes, with PAE as well.
        Arch::X86_64 | Arch::I386 => 2 << 20,
    }
}

/// Why there is no area.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoArea {
    /// Nothing was asked for: a warning in the log.
    ZeroSize,
    /// More than all of memory: "exceeds total pages".
    ExceedsTotalPages,
    /// No gap in the addresses is long enough.
    NoAddresses,
    /// Memory ran out after so many pages, which were given back.
    NoPages {
        /// Pages that were there.
        got: NrPages,
    },
}

/// What vmalloc does, told as it happens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VmallocStep {
    /// So many bytes are wanted.
    Request {
        /// Bytes.
        bytes: u64,
    },
    /// The lowest gap that is long enough is taken (`alloc_vmap_area()`).
    Addresses {
        /// The area's first byte.
        start: Vaddr,
        /// Pages, the guard page included.
        pages: u64,
    },
    /// One page for the area (`vm_area_alloc_pages()`).
    Page {
        /// Its number in the area.
        index: u32,
        /// The frame.
        pfn: Pfn,
    },
    /// A table of entries is new: nothing was mapped near there before (`vmap_pages_range()`).
    Table {
        /// The first address that it maps.
        from: Vaddr,
        /// The frame of the table.
        pfn: Pfn,
    },
    /// The entries are written: the area can be used.
    Mapped {
        /// The area's first byte.
        start: Vaddr,
        /// Pages that are mapped.
        pages: u32,
    },
    /// The entries are cleared; the addresses wait (`free_vmap_area_noflush()`).
    Unmapped {
        /// The area's first byte.
        start: Vaddr,
        /// Pages that wait now, of all areas together.
        waiting: u64,
    },
    /// One flush of every TLB, and all addresses that waited can be had again (`__purge_vmap_area_lazy()`).
    Purged {
        /// Pages that waited.
        pages: u64,
    },
    /// There is no area: the caller gets NULL.
    Failed {
        /// Why.
        why: NoArea,
    },
}

/// An area (`struct vm_struct`): in use, being built, or being given back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Area {
    /// Its first byte.
    pub start: Vaddr,
    /// Its frames, in the order of its addresses.
    pub pages: Vec<Pfn>,
}

impl Area {
    /// Bytes of addresses that it takes, the guard page included.
    #[must_use]
    pub fn size(&self) -> u64 {
        (self.pages.len() as u64 + 1) * PAGE_SIZE
    }

    /// How many runs of neighbouring frames it has: 1 would do for `kmalloc()` too.
    #[must_use]
    pub fn runs(&self) -> u32 {
        let breaks = self.pages.windows(2).filter(|pair| pair[0].0 + 1 != pair[1].0).count();
        u32::from(!self.pages.is_empty()) + breaks as u32
    }
}

/// The addresses and who has them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vmalloc {
    start: Vaddr,
    end: Vaddr,
    arch: Arch,
    /// Gaps: start to end, none touching the next.
    free: BTreeMap<u64, u64>,
    /// Areas in use by their start.
    areas: BTreeMap<Vaddr, Rc<Area>>,
    /// The area that is being built, and how many pages it will have; or with 0 the one whose pages are being given
    /// back, the next one at the end.
    open: Option<(Area, u32)>,
    /// How many pages of that area are given back already.
    gone: u32,
    /// Addresses that wait for a purge.
    lazy: Vec<(u64, u64)>,
    /// The frames of the tables that are there, by what they map: they are never taken away.
    tables: BTreeMap<u64, Pfn>,
    /// More pages than this may not wait (`lazy_max_pages()`).
    lazy_max: u64,
    total: NrPages,
}

impl Vmalloc {
    /// The empty range of a machine with so much memory and so many CPUs. `high_memory` is where the directly mapped
    /// memory ends, which decides on i386 where the range begins.
    #[must_use]
    pub fn new(arch: Arch, cpus: u32, total: NrPages, high_memory: Vaddr) -> Vmalloc {
        let (start, end) = match arch {
            Arch::X86_64 => (VMALLOC_START, VMALLOC_END),
            Arch::I386 => {
                let start = (high_memory.0 + VMALLOC_OFFSET).next_multiple_of(VMALLOC_OFFSET);
                (Vaddr(start), Vaddr(start + VMALLOC_RESERVE))
            }
        };
        // `fls(num_online_cpus()) * 32 MiB`
        let lazy_max = u64::from(u32::BITS - cpus.leading_zeros()) * (32 << 20) / PAGE_SIZE;
        Vmalloc {
            start,
            end,
            arch,
            free: BTreeMap::from([(start.0, end.0)]),
            areas: BTreeMap::new(),
            open: None,
            gone: 0,
            lazy: Vec::new(),
            tables: BTreeMap::new(),
            lazy_max,
            total,
        }
    }

    /// The first address of the range; it is from here on that a gap is looked for.
    #[must_use]
    pub fn start(&self) -> Vaddr {
        self.start
    }

    /// The areas in use, by address.
    pub fn areas(&self) -> impl Iterator<Item = &Area> {
        self.areas.values().map(Rc::as_ref)
    }

    /// `VmallocUsed` of `/proc/meminfo` in pages: those of areas, without guard pages.
    #[must_use]
    pub fn nr_vmalloc_pages(&self) -> u64 {
        self.areas.values().map(|area| area.pages.len() as u64).sum()
    }

    /// `VmallocTotal` of `/proc/meminfo` in bytes.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        self.end.0 - self.start.0 - 1
    }

    /// Addresses that wait for a purge, from the first to behind the last, in the order in which they were freed.
    pub fn unpurged(&self) -> impl Iterator<Item = (u64, u64)> {
        self.lazy.iter().copied()
    }

    /// Pages of addresses that wait for a purge.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.lazy.iter().map(|(start, end)| (end - start) / PAGE_SIZE).sum()
    }

    /// The addresses that wait for a purge, from and to, in the order in which they came.
    pub fn waits(&self) -> impl Iterator<Item = (Vaddr, Vaddr)> {
        self.lazy.iter().map(|(start, end)| (Vaddr(*start), Vaddr(*end)))
    }

    /// The area that is being built, and how many pages it is to have; or with 0 the one whose pages are being given
    /// back, the next one at the end.
    #[must_use]
    pub fn open(&self) -> Option<(&Area, u32)> {
        self.open.as_ref().map(|(area, want)| (area, *want))
    }

    /// How many pages of the area that is being given back are gone.
    #[must_use]
    pub fn gone(&self) -> u32 {
        self.gone
    }

    /// The tables: the first address that each maps, and its frame.
    pub fn tables(&self) -> impl Iterator<Item = (Vaddr, Pfn)> {
        let span = self.table_span();
        self.tables.iter().map(move |(table, pfn)| (Vaddr(table * span), *pfn))
    }

    /// So many bytes of addresses are mapped by one table.
    #[must_use]
    pub fn table_span(&self) -> u64 {
        table_span(self.arch)
    }

    /// `vmalloc(bytes)` begins with the addresses: the lowest gap that is long enough (`__get_vm_area_node()`). The pages
    /// follow one by one ([`Self::add_page`]). With it, how many pages of addresses had to be purged first.
    ///
    /// # Errors
    /// [`NoArea`]; nothing is taken then.
    pub fn begin(&mut self, bytes: u64) -> Result<(Vaddr, Option<u64>), NoArea> {
        if bytes == 0 {
            return Err(NoArea::ZeroSize);
        }
        let count = bytes.div_ceil(PAGE_SIZE);
        if bytes >> 12 > self.total.0 {
            return Err(NoArea::ExceedsTotalPages);
        }
        let size = (count + 1) * PAGE_SIZE;
        let (start, purged) = match self.take_addresses(size) {
            Some(start) => (start, None),
            None => {
                // What waits may be enough.
                let purged = self.purge();
                (self.take_addresses(size).ok_or(NoArea::NoAddresses)?, Some(purged))
            }
        };
        self.open = Some((Area { start, pages: Vec::new() }, count as u32));
        Ok((start, purged))
    }

    /// The next page of the area that is being built; its number in the area.
    pub fn add_page(&mut self, pfn: Pfn) -> u32 {
        let Some((area, _)) = &mut self.open else { unreachable!("an area is being built") };
        area.pages.push(pfn);
        area.pages.len() as u32 - 1
    }

    /// How many pages are missing from the area that is being built.
    #[must_use]
    pub fn missing(&self) -> u32 {
        self.open.as_ref().map_or(0, |(area, want)| want - area.pages.len() as u32)
    }

    /// The first address of which nothing near is mapped yet, so that the area that is being built needs a table for it.
    #[must_use]
    pub fn missing_table(&self) -> Option<Vaddr> {
        let (area, want) = self.open.as_ref()?;
        let span = table_span(self.arch);
        let last = area.start.0 + u64::from(want - 1) * PAGE_SIZE;
        let missing = (area.start.0 / span..=last / span).find(|table| !self.tables.contains_key(table))?;
        Some(Vaddr(missing * span))
    }

    /// A table in this frame that maps from this address on (`pte_alloc_kernel_track()`). It is never taken away.
    pub fn add_table(&mut self, from: Vaddr, pfn: Pfn) {
        self.tables.insert(from.0 / table_span(self.arch), pfn);
    }

    /// All entries are written: the area is in use.
    pub fn finish(&mut self) -> Vaddr {
        let Some((area, _)) = self.open.take() else { unreachable!("an area is being built") };
        let start = area.start;
        self.areas.insert(start, Rc::new(area));
        start
    }

    /// What was being built will not be: its addresses wait, its pages are to be given back ([`Self::next_page`]).
    pub fn give_up(&mut self) {
        let Some((area, want)) = &mut self.open else { unreachable!("an area is being built") };
        let size = (u64::from(*want) + 1) * PAGE_SIZE;
        // Nothing was mapped, but the way back is the same.
        self.lazy.push((area.start.0, area.start.0 + size));
        *want = 0;
        self.gone = 0;
        area.pages.reverse();
    }

    /// `vfree()`: the entries go at once, the addresses wait; the pages are to be given back ([`Self::next_page`]). How
    /// many pages of addresses wait now; none when no area begins there.
    pub fn unmap(&mut self, start: Vaddr) -> Option<u64> {
        let mut area = Rc::unwrap_or_clone(self.areas.remove(&start)?);
        self.lazy.push((start.0, start.0 + area.size()));
        area.pages.reverse();
        self.open = Some((area, 0));
        self.gone = 0;
        Some(self.waiting())
    }

    /// Whether so much waits that one flush of every TLB pays (`lazy_max_pages()`).
    #[must_use]
    pub fn wants_purge(&self) -> bool {
        self.waiting() > self.lazy_max
    }

    /// The next page to be given back; none when all are.
    pub fn next_page(&mut self) -> Option<Pfn> {
        let (area, _) = self.open.as_mut()?;
        let next = area.pages.pop();
        match next {
            Some(_) => self.gone += 1,
            None => self.open = None,
        }
        next
    }

    /// Everything that waits becomes gaps again: so many pages of addresses (`__purge_vmap_area_lazy()`).
    pub fn purge(&mut self) -> u64 {
        let pages = self.waiting();
        for (start, end) in std::mem::take(&mut self.lazy) {
            self.give_addresses(start, end);
        }
        pages
    }

    /// First fit, the lowest (`find_vmap_lowest_match()`).
    fn take_addresses(&mut self, size: u64) -> Option<Vaddr> {
        let (start, end) = self.free.iter().map(|(s, e)| (*s, *e)).find(|(s, e)| e - s >= size)?;
        self.free.remove(&start);
        if start + size < end {
            self.free.insert(start + size, end);
        }
        Some(Vaddr(start))
    }

    /// A gap, one with its neighbours.
    fn give_addresses(&mut self, mut start: u64, mut end: u64) {
        if let Some((before, _)) = self.free.range(..start).next_back().filter(|(_, e)| **e == start) {
            start = *before;
        }
        if let Some(behind) = self.free.remove(&end) {
            end = behind;
        }
        self.free.insert(start, end);
    }

    /// The laws: gaps, areas and what waits make up the range, and nothing overlaps.
    ///
    /// # Errors
    /// What is broken, in a sentence.
    pub fn check(&self) -> Result<(), String> {
        let areas = self.areas.values().map(|area| (area.start.0, area.start.0 + area.size()));
        let built = self.open.iter().filter(|(_, want)| *want > 0);
        let built =
            built.map(|(area, want)| (area.start.0, area.start.0 + (u64::from(*want) + 1) * PAGE_SIZE));
        let areas = areas.chain(built);
        let gaps = self.free.iter().map(|(start, end)| (*start, *end));
        let mut all: Vec<(u64, u64)> = areas.chain(gaps).chain(self.lazy.iter().copied()).collect();
        all.sort_unstable();
        let mut at = self.start.0;
        for (start, end) in all {
            if start != at || end <= start {
                return Err(format!("{start:x} to {end:x} does not follow {at:x}"));
            }
            at = end;
        }
        if at != self.end.0 {
            return Err(format!("the range ends at {at:x}"));
        }
        if self.free.iter().any(|(_, end)| self.free.contains_key(end)) {
            return Err("two gaps touch".into());
        }
        let span = table_span(self.arch);
        let mapped = self.areas.values().flat_map(|area| {
            (0..area.pages.len() as u64).map(move |page| (area.start.0 + page * PAGE_SIZE) / span)
        });
        match mapped.into_iter().find(|table| !self.tables.contains_key(table)) {
            Some(table) => Err(format!("nothing maps {:x}", table * span)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Frames that lie two apart, `left` of them.
    struct Frames {
        next: u32,
        left: u32,
        back: Vec<Pfn>,
    }

    impl Frames {
        fn new(left: u32) -> Frames {
            Frames { next: 100, left, back: Vec::new() }
        }
    }

    impl Frames {
        fn take(&mut self) -> Option<Pfn> {
            self.left = self.left.checked_sub(1)?;
            self.next += 2;
            Some(Pfn(self.next))
        }

        fn take_all_back(&mut self, v: &mut Vmalloc) {
            while let Some(pfn) = v.next_page() {
                self.left += 1;
                self.back.push(pfn);
            }
        }

        fn alloc(&mut self, v: &mut Vmalloc, bytes: u64) -> Result<Vaddr, NoArea> {
            v.begin(bytes)?;
            let mut failed = false;
            while !failed && (v.missing() > 0 || v.missing_table().is_some()) {
                match (self.take(), v.missing_table().filter(|_| v.missing() == 0)) {
                    (None, _) => failed = true,
                    (Some(pfn), Some(from)) => v.add_table(from, pfn),
                    (Some(pfn), None) => _ = v.add_page(pfn),
                }
            }
            if failed {
                let got = NrPages(v.open().map_or(0, |(area, _)| area.pages.len() as u64));
                v.give_up();
                self.take_all_back(v);
                return Err(NoArea::NoPages { got });
            }
            Ok(v.finish())
        }

        fn free(&mut self, v: &mut Vmalloc, start: Vaddr) -> bool {
            let is_there = v.unmap(start).is_some();
            if v.wants_purge() {
                v.purge();
            }
            self.take_all_back(v);
            is_there
        }
    }

    fn range(total: u64) -> Vmalloc {
        Vmalloc::new(Arch::X86_64, 1, NrPages(total), Vaddr(0))
    }

    /// Facts 09, the test at their end.
    #[test]
    fn facts_09_addresses() {
        let (mut v, mut frames) = (range(1000), Frames::new(1000));
        let first = frames.alloc(&mut v, 10000).unwrap();
        assert_eq!(first, VMALLOC_START);
        assert_eq!((v.areas[&first].pages.len(), v.areas[&first].size()), (3, 0x4000));
        assert_eq!(v.areas[&first].pages, [102, 104, 106].map(Pfn));
        assert_eq!(v.tables().map(|(from, _)| from).collect::<Vec<_>>(), [VMALLOC_START]);
        assert_eq!(v.areas[&first].runs(), 3);
        let second = frames.alloc(&mut v, 1).unwrap();
        assert_eq!(second.0 - first.0, 0x4000);
        assert!(frames.free(&mut v, first));
        assert!(!frames.free(&mut v, first), "it is no area any more");
        v.purge();
        assert_eq!(frames.alloc(&mut v, 4096).unwrap(), first);
        assert_eq!(frames.alloc(&mut v, 8192).unwrap().0 - first.0, 0x6000);
        assert_eq!(v.nr_vmalloc_pages(), 4);
        assert_eq!(v.check(), Ok(()));
        assert_eq!(v.total_bytes() >> 10, 34_359_738_367);
    }

    #[test]
    fn addresses_wait_until_a_flush_pays() {
        let (mut v, mut frames) = (range(100_000), Frames::new(100_000));
        let bytes = 4095 * PAGE_SIZE;
        let first = frames.alloc(&mut v, bytes).unwrap();
        assert!(frames.free(&mut v, first));
        let second = frames.alloc(&mut v, bytes).unwrap();
        assert_ne!(first, second, "some CPU may still know it");
        assert!(frames.free(&mut v, second));
        assert_eq!(v.waiting(), 8192);
        let third = frames.alloc(&mut v, 1).unwrap();
        assert_eq!(v.unmap(third), Some(8194));
        assert!(v.wants_purge());
        assert_eq!(v.purge(), 8194);
        frames.take_all_back(&mut v);
        assert_eq!(frames.alloc(&mut v, bytes).unwrap(), first);
    }

    #[test]
    fn what_cannot_be_is_refused_and_nothing_is_lost() {
        let (mut v, mut frames) = (range(64), Frames::new(10));
        assert_eq!(frames.alloc(&mut v, 0), Err(NoArea::ZeroSize));
        assert_eq!(frames.alloc(&mut v, 66 * PAGE_SIZE), Err(NoArea::ExceedsTotalPages));
        let failed = frames.alloc(&mut v, 20 * PAGE_SIZE);
        assert_eq!(failed, Err(NoArea::NoPages { got: NrPages(10) }));
        assert_eq!((frames.left, frames.back.len()), (10, 10));
        let mut small = Vmalloc::new(Arch::I386, 1, NrPages(1 << 20), Vaddr(0xf780_0000));
        let mut many = Frames::new(1 << 20);
        assert_eq!(many.alloc(&mut small, 200 << 20), Err(NoArea::NoAddresses));
        assert!(many.alloc(&mut small, 100 << 20).is_ok());
        assert_eq!(many.alloc(&mut small, 30 << 20), Err(NoArea::NoAddresses));
    }

    proptest! {
        #![proptest_config(crate::testing::config())]

        #[test]
        fn addresses_and_pages_are_conserved(
            deeds in prop::collection::vec((any::<bool>(), 1u64..3_000_000, any::<usize>()), 0..80)
        ) {
            let (mut v, mut frames) = (range(4000), Frames::new(4000));
            for (take, bytes, which) in deeds {
                let held: Vec<Vaddr> = v.areas().map(|area| area.start).collect();
                if take || held.is_empty() {
                    let before = frames.left + v.tables.len() as u32;
                    match frames.alloc(&mut v, bytes) {
                        Ok(start) => prop_assert!(!held.contains(&start)),
                        Err(_) => prop_assert_eq!(frames.left + v.tables.len() as u32, before),
                    }
                } else {
                    prop_assert!(frames.free(&mut v, held[which % held.len()]));
                }
                prop_assert_eq!(v.check(), Ok(()));
                let used = v.nr_vmalloc_pages() as u32 + v.tables.len() as u32;
                prop_assert_eq!(frames.left + used, 4000);
            }
        }
    }
}

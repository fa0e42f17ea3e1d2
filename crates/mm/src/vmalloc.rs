//! vmalloc: pages from anywhere, one behind the other in the kernel's own address space (mm/vmalloc.c, 6.1).
//!
//! An area is as long as its pages and one page more, the *guard page*, which is not mapped: who runs over the end of
//! an area faults there. Addresses that were freed are not used again at once, because every CPU may still have them in
//! its TLB; they wait, until so many have come together that one flush of all TLBs pays (*lazy purging*).

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Arch;
use crate::units::{NrPages, PAGE_SIZE, Pfn};

/// A kernel virtual address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct Vaddr(pub u64);

impl std::fmt::LowerHex for Vaddr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::LowerHex::fmt(&self.0, f)
    }
}

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

/// Where the pages come from: the buddy system, one at a time.
pub trait VmallocPages {
    /// A page for an area (`GFP_KERNEL | __GFP_HIGHMEM`); none when there is none.
    fn take_page(&mut self) -> Option<Pfn>;
    /// A page for a table of entries (`GFP_KERNEL | __GFP_ZERO`); none when there is none.
    fn take_table(&mut self) -> Option<Pfn>;
    /// Gives a page of an area back.
    fn give_back(&mut self, pfn: Pfn);
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
}

/// An area that is in use (`struct vm_struct`).
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
    areas: BTreeMap<Vaddr, Area>,
    /// Addresses that wait for a purge.
    lazy: Vec<(u64, u64)>,
    /// The tables that are there, by what they map: they are never taken away.
    tables: BTreeSet<u64>,
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
            lazy: Vec::new(),
            tables: BTreeSet::new(),
            lazy_max,
            total,
        }
    }

    /// The areas in use, by address.
    pub fn areas(&self) -> impl Iterator<Item = &Area> {
        self.areas.values()
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

    /// Pages of addresses that wait for a purge.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.lazy.iter().map(|(start, end)| (end - start) / PAGE_SIZE).sum()
    }

    /// `vmalloc(bytes)`: addresses, then page after page, then the entries.
    ///
    /// # Errors
    /// [`NoArea`]; nothing is taken then.
    pub fn alloc(
        &mut self,
        bytes: u64,
        pages: &mut impl VmallocPages,
        watch: &mut impl FnMut(VmallocStep),
    ) -> Result<Vaddr, NoArea> {
        if bytes == 0 {
            return Err(NoArea::ZeroSize);
        }
        let count = bytes.div_ceil(PAGE_SIZE);
        if bytes >> 12 > self.total.0 {
            return Err(NoArea::ExceedsTotalPages);
        }
        let size = (count + 1) * PAGE_SIZE;
        let start = match self.take_addresses(size) {
            Some(start) => start,
            None => {
                // What waits may be enough.
                self.purge(watch);
                self.take_addresses(size).ok_or(NoArea::NoAddresses)?
            }
        };
        watch(VmallocStep::Addresses { start, pages: count + 1 });
        let mut area = Area { start, pages: Vec::new() };
        for index in 0..count as u32 {
            let Some(pfn) = pages.take_page() else {
                let got = NrPages(area.pages.len() as u64);
                self.undo(start, size, &area.pages, pages);
                return Err(NoArea::NoPages { got });
            };
            area.pages.push(pfn);
            watch(VmallocStep::Page { index, pfn });
        }
        let span = table_span(self.arch);
        let last = start.0 + (count - 1) * PAGE_SIZE;
        for table in start.0 / span..=last / span {
            if self.tables.contains(&table) {
                continue;
            }
            let Some(pfn) = pages.take_table() else {
                let got = NrPages(area.pages.len() as u64);
                self.undo(start, size, &area.pages, pages);
                return Err(NoArea::NoPages { got });
            };
            self.tables.insert(table);
            watch(VmallocStep::Table { from: Vaddr(table * span), pfn });
        }
        watch(VmallocStep::Mapped { start, pages: count as u32 });
        self.areas.insert(start, area);
        Ok(start)
    }

    fn undo(&mut self, start: Vaddr, size: u64, taken: &[Pfn], pages: &mut impl VmallocPages) {
        taken.iter().for_each(|pfn| pages.give_back(*pfn));
        // Nothing was mapped, but the way back is the same: the addresses wait.
        self.lazy.push((start.0, start.0 + size));
    }

    /// `vfree()`: the entries go at once, the pages go back, the addresses wait. False: no area begins there.
    pub fn free(
        &mut self,
        start: Vaddr,
        pages: &mut impl VmallocPages,
        watch: &mut impl FnMut(VmallocStep),
    ) -> bool {
        let Some(area) = self.areas.remove(&start) else { return false };
        self.lazy.push((start.0, start.0 + area.size()));
        let waiting = self.waiting();
        watch(VmallocStep::Unmapped { start, waiting });
        if waiting > self.lazy_max {
            self.purge(watch);
        }
        area.pages.iter().for_each(|pfn| pages.give_back(*pfn));
        true
    }

    /// Everything that waits becomes gaps again.
    pub fn purge(&mut self, watch: &mut impl FnMut(VmallocStep)) {
        let pages = self.waiting();
        if pages == 0 {
            return;
        }
        for (start, end) in std::mem::take(&mut self.lazy) {
            self.give_addresses(start, end);
        }
        watch(VmallocStep::Purged { pages });
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
        match mapped.into_iter().find(|table| !self.tables.contains(table)) {
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

    impl VmallocPages for Frames {
        fn take_page(&mut self) -> Option<Pfn> {
            self.left = self.left.checked_sub(1)?;
            self.next += 2;
            Some(Pfn(self.next))
        }

        fn take_table(&mut self) -> Option<Pfn> {
            self.take_page()
        }

        fn give_back(&mut self, pfn: Pfn) {
            self.left += 1;
            self.back.push(pfn);
        }
    }

    fn range(total: u64) -> Vmalloc {
        Vmalloc::new(Arch::X86_64, 1, NrPages(total), Vaddr(0))
    }

    /// Facts 09, the test at their end.
    #[test]
    fn facts_09_addresses() {
        let (mut v, mut frames) = (range(1000), Frames::new(1000));
        let mut steps = Vec::new();
        let first = v.alloc(10000, &mut frames, &mut |step| steps.push(step)).unwrap();
        assert_eq!(first, VMALLOC_START);
        assert_eq!((v.areas[&first].pages.len(), v.areas[&first].size()), (3, 0x4000));
        assert_eq!(
            steps,
            [
                VmallocStep::Addresses { start: first, pages: 4 },
                VmallocStep::Page { index: 0, pfn: Pfn(102) },
                VmallocStep::Page { index: 1, pfn: Pfn(104) },
                VmallocStep::Page { index: 2, pfn: Pfn(106) },
                VmallocStep::Table { from: VMALLOC_START, pfn: Pfn(108) },
                VmallocStep::Mapped { start: first, pages: 3 },
            ]
        );
        assert_eq!(v.areas[&first].runs(), 3);
        let second = v.alloc(1, &mut frames, &mut |_| ()).unwrap();
        assert_eq!(second.0 - first.0, 0x4000);
        assert!(v.free(first, &mut frames, &mut |_| ()));
        assert!(!v.free(first, &mut frames, &mut |_| ()), "it is no area any more");
        v.purge(&mut |_| ());
        assert_eq!(v.alloc(4096, &mut frames, &mut |_| ()).unwrap(), first);
        assert_eq!(v.alloc(8192, &mut frames, &mut |_| ()).unwrap().0 - first.0, 0x6000);
        assert_eq!(v.nr_vmalloc_pages(), 4);
        assert_eq!(v.check(), Ok(()));
        assert_eq!(v.total_bytes() >> 10, 34_359_738_367);
    }

    #[test]
    fn addresses_wait_until_a_flush_pays() {
        let (mut v, mut frames) = (range(100_000), Frames::new(100_000));
        let bytes = 4095 * PAGE_SIZE;
        let first = v.alloc(bytes, &mut frames, &mut |_| ()).unwrap();
        assert!(v.free(first, &mut frames, &mut |_| ()));
        let second = v.alloc(bytes, &mut frames, &mut |_| ()).unwrap();
        assert_ne!(first, second, "some CPU may still know it");
        assert!(v.free(second, &mut frames, &mut |_| ()));
        assert_eq!(v.waiting(), 8192);
        let third = v.alloc(1, &mut frames, &mut |_| ()).unwrap();
        let mut steps = Vec::new();
        assert!(v.free(third, &mut frames, &mut |step| steps.push(step)));
        assert_eq!(
            steps,
            [VmallocStep::Unmapped { start: third, waiting: 8194 }, VmallocStep::Purged { pages: 8194 }]
        );
        assert_eq!(v.alloc(bytes, &mut frames, &mut |_| ()).unwrap(), first);
    }

    #[test]
    fn what_cannot_be_is_refused_and_nothing_is_lost() {
        let (mut v, mut frames) = (range(64), Frames::new(10));
        assert_eq!(v.alloc(0, &mut frames, &mut |_| ()), Err(NoArea::ZeroSize));
        assert_eq!(v.alloc(66 * PAGE_SIZE, &mut frames, &mut |_| ()), Err(NoArea::ExceedsTotalPages));
        let failed = v.alloc(20 * PAGE_SIZE, &mut frames, &mut |_| ());
        assert_eq!(failed, Err(NoArea::NoPages { got: NrPages(10) }));
        assert_eq!((frames.left, frames.back.len()), (10, 10));
        let mut small = Vmalloc::new(Arch::I386, 1, NrPages(1 << 20), Vaddr(0xf780_0000));
        let mut many = Frames::new(1 << 20);
        assert_eq!(small.alloc(200 << 20, &mut many, &mut |_| ()), Err(NoArea::NoAddresses));
        assert!(small.alloc(100 << 20, &mut many, &mut |_| ()).is_ok());
        assert_eq!(small.alloc(30 << 20, &mut many, &mut |_| ()), Err(NoArea::NoAddresses));
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
                    match v.alloc(bytes, &mut frames, &mut |_| ()) {
                        Ok(start) => prop_assert!(!held.contains(&start)),
                        Err(_) => prop_assert_eq!(frames.left + v.tables.len() as u32, before),
                    }
                } else {
                    prop_assert!(v.free(held[which % held.len()], &mut frames, &mut |_| ()));
                }
                prop_assert_eq!(v.check(), Ok(()));
                let used = v.nr_vmalloc_pages() as u32 + v.tables.len() as u32;
                prop_assert_eq!(frames.left + used, 4000);
            }
        }
    }
}

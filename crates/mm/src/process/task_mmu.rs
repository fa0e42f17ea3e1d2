//! What `/proc/PID/smaps` says of an area, counted from the page tables (fs/proc/task_mmu.c, 6.1).

use std::collections::BTreeMap;

use super::mm_types::{Backing, FileId, Mm, Vma};
use super::{Counter, Processes, Prot};
use crate::units::{NrPages, PAGE_SIZE, Vaddr};
use crate::x86::pgtable::Pte;
use crate::xarray::SwapEntry;

/// Shares of pages are counted in so many parts of a byte (`PSS_SHIFT`).
const PSS_SHIFT: u32 = 12;

/// The pages of an area, by what can be said of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Smaps {
    /// All that are there.
    pub rss: u64,
    /// Each divided by those who have it, in bytes shifted by `PSS_SHIFT`: of its own, of files, of shared memory.
    pss: Shares,
    /// Of all of them those that something was written to.
    pss_dirty: u64,
    /// More than one has them, and nothing was written to them.
    pub shared_clean: u64,
    /// More than one has them, and something was.
    pub shared_dirty: u64,
    /// One has them, and nothing was written to them.
    pub private_clean: u64,
    /// One has them, and something was.
    pub private_dirty: u64,
    /// They were used.
    pub referenced: u64,
    /// They belong to no file.
    pub anonymous: u64,
    /// Those of them that may go (`LazyFree`).
    pub lazyfree: u64,
    /// Of `pss` what is locked.
    locked: u64,
    /// They are mapped as parts of huge pages (`AnonHugePages`).
    pub anon_huge: u64,
    /// Pages of the pool that more than one has (`Shared_Hugetlb`).
    pub shared_hugetlb: u64,
    /// Pages of the pool that one has (`Private_Hugetlb`).
    pub private_hugetlb: u64,
    /// Pages that are in swap (`Swap`).
    pub swap: u64,
    /// Each divided by the entries that lead to it, in bytes shifted by `PSS_SHIFT`.
    swap_pss: u64,
}

/// Shares of pages, by what the pages are counted as.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Shares {
    anon: u64,
    file: u64,
    shmem: u64,
}

impl Smaps {
    /// `Pss` in KiB.
    #[must_use]
    pub fn pss_kib(&self) -> u64 {
        kib(self.pss.anon + self.pss.file + self.pss.shmem)
    }

    /// `Pss_Anon`, `Pss_File` or `Pss_Shmem` in KiB.
    #[must_use]
    pub fn pss_kib_of(&self, counter: Counter) -> u64 {
        kib(match counter {
            Counter::Anon => self.pss.anon,
            Counter::File => self.pss.file,
            Counter::Shmem => self.pss.shmem,
        })
    }

    /// `SwapPss` in KiB.
    #[must_use]
    pub fn swap_pss_kib(&self) -> u64 {
        kib(self.swap_pss)
    }

    /// `Pss_Dirty` in KiB.
    #[must_use]
    pub fn pss_dirty_kib(&self) -> u64 {
        kib(self.pss_dirty)
    }

    /// `Locked` in KiB.
    #[must_use]
    pub fn locked_kib(&self) -> u64 {
        kib(self.locked)
    }

    /// Both together.
    pub fn add(&mut self, other: &Smaps) {
        self.rss += other.rss;
        self.pss.anon += other.pss.anon;
        self.pss.file += other.pss.file;
        self.pss.shmem += other.pss.shmem;
        self.pss_dirty += other.pss_dirty;
        self.shared_clean += other.shared_clean;
        self.shared_dirty += other.shared_dirty;
        self.private_clean += other.private_clean;
        self.private_dirty += other.private_dirty;
        self.referenced += other.referenced;
        self.anonymous += other.anonymous;
        self.lazyfree += other.lazyfree;
        self.locked += other.locked;
        self.anon_huge += other.anon_huge;
        self.shared_hugetlb += other.shared_hugetlb;
        self.private_hugetlb += other.private_hugetlb;
    }
}

fn kib(shares: u64) -> u64 {
    shares >> (10 + PSS_SHIFT)
}

/// What an area shows, as far as its line says it (`show_map_vma()`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shows {
    /// A file, from a page of it on.
    File(FileId, u64),
    /// Memory that is shared, from a page of it on: a file without a name.
    Shmem(FileId, u64),
    /// The heap.
    Heap,
    /// The stack.
    Stack,
    /// Memory of its own, which has no name.
    Own,
    /// Huge pages of the pool, from one of them on: a file without a name.
    Hugetlb,
}

impl Vma {
    /// What may be done with it, as `maps` writes it: `rw-p`, where the last letter says private or shared.
    #[must_use]
    pub fn rights(&self) -> [char; 4] {
        let Prot { read, write, exec } = self.prot;
        let one = |has: bool, letter: char| if has { letter } else { '-' };
        [one(read, 'r'), one(write, 'w'), one(exec, 'x'), if self.shared { 's' } else { 'p' }]
    }
}

impl Processes {
    /// What an area shows.
    #[must_use]
    pub fn shows(&self, mm: &Mm, vma: &Vma) -> Shows {
        // The beginning of the stack lies in the page with the arguments, the last one that there is.
        let start_stack = Vaddr(mm.top.0 - 1);
        match vma.backing {
            Backing::File { file, pgoff } if self.file(file).is_some_and(|file| file.shmem) => {
                Shows::Shmem(file, pgoff)
            }
            Backing::File { file, pgoff } => Shows::File(file, pgoff),
            Backing::Anon if vma.hugetlb => Shows::Hugetlb,
            // A neighbour that only touches the heap counts as well, as in the kernel.
            Backing::Anon if vma.start <= mm.brk && vma.end >= mm.start_brk => Shows::Heap,
            Backing::Anon if vma.contains(start_stack) => Shows::Stack,
            Backing::Anon => Shows::Own,
        }
    }

    /// Counts the pages of an area (`smaps_pte_range()`).
    #[must_use]
    pub fn smaps(&self, mm: &Mm, vma: &Vma) -> Smaps {
        let mut sums = Smaps::default();
        if vma.hugetlb {
            // `smaps_hugetlb_range()`: they are counted apart.
            for leaf in self.tables().leaves(mm.pgd, vma.start, vma.end) {
                let several = self.mapcount(leaf.entry.pfn()) >= 2;
                *if several { &mut sums.shared_hugetlb } else { &mut sums.private_hugetlb } += leaf.pages();
            }
            return sums;
        }
        let swapped = |of: &Mm, start, end| self.tables().swaps(of.pgd, start, end).map(|swap| swap.3);
        if mm.swapents > 0 {
            let mut entries: BTreeMap<SwapEntry, u64> = BTreeMap::new();
            for entry in self.mms().flat_map(|mm| swapped(mm, Vaddr(0), mm.top)) {
                *entries.entry(entry).or_default() += 1;
            }
            for entry in swapped(mm, vma.start, vma.end) {
                sums.swap += 1;
                sums.swap_pss += (PAGE_SIZE << PSS_SHIFT) / entries.get(&entry).copied().unwrap_or(1);
            }
        }
        let huge = self.tables().leaves(mm.pgd, vma.start, vma.end).filter(|leaf| leaf.is_huge());
        sums.anon_huge = huge.filter(|leaf| !leaf.entry.has(Pte::SPECIAL)).map(|leaf| leaf.pages()).sum();
        for (_, pte) in self.tables().pages(mm.pgd, vma.start, vma.end) {
            if pte.has(Pte::SPECIAL) {
                continue;
            }
            let mapped = self.mapped(pte.pfn());
            let dirty = pte.has(Pte::DIRTY) || mapped.dirty;
            sums.rss += 1;
            let counter = self.counter(pte.pfn());
            let mapcount = self.mapcount(pte.pfn());
            let share = (PAGE_SIZE << PSS_SHIFT) / u64::from(mapcount.max(1));
            *match counter {
                Counter::Anon => &mut sums.pss.anon,
                Counter::File => &mut sums.pss.file,
                Counter::Shmem => &mut sums.pss.shmem,
            } += share;
            sums.pss_dirty += if dirty { share } else { 0 };
            sums.locked += if vma.locked { share } else { 0 };
            *match (mapcount >= 2, dirty) {
                (true, false) => &mut sums.shared_clean,
                (true, true) => &mut sums.shared_dirty,
                (false, false) => &mut sums.private_clean,
                (false, true) => &mut sums.private_dirty,
            } += 1;
            sums.referenced += u64::from(pte.has(Pte::ACCESSED));
            sums.anonymous += u64::from(counter == Counter::Anon);
            sums.lazyfree += u64::from(counter == Counter::Anon && self.is_lazyfree(pte.pfn()) && !dirty);
        }
        sums
    }

    /// All areas of a process together (`smaps_rollup`).
    #[must_use]
    pub fn smaps_rollup(&self, mm: &Mm) -> Smaps {
        let mut sums = Smaps::default();
        mm.vmas().iter().for_each(|vma| sums.add(&self.smaps(mm, vma)));
        sums
    }

    /// `VmExe` and `VmLib`: code of the program itself, and of everything else. Which file a program is nobody says
    /// here, so all code is the program's.
    #[must_use]
    pub fn code(&self, mm: &Mm) -> (NrPages, NrPages) {
        (mm.exec_vm(), NrPages(0))
    }
}

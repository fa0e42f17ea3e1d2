//! An address space and its areas (`struct mm_struct`, `struct vm_area_struct`, include/linux/mm_types.h, 6.1).

use std::collections::BTreeSet;
use std::rc::Rc;

use super::{Access, Arena, Prot, Rlimits};
use crate::hash::Digest;
use crate::mempolicy::Mempolicy;
use crate::oom_kill::TaskOom;
use crate::op::NameId;
use crate::units::{NrPages, PAGE_SIZE, Pfn, Vaddr};

/// One past the last address that a process can have (`TASK_SIZE_MAX`), x86-64 with four levels.
pub const TASK_SIZE: Vaddr = Vaddr(0x7fff_ffff_f000);
/// The lowest address that may be mapped (`vm.mmap_min_addr`).
pub const MMAP_MIN_ADDR: Vaddr = Vaddr(0x1_0000);
/// Pages that are kept free below a stack (`stack_guard_gap`).
pub const STACK_GUARD_GAP: NrPages = NrPages(256);
/// `vm.max_map_count`: there may be one area more.
pub const MAX_MAP_COUNT: usize = 65_530;
/// How far a stack reaches below the arguments when a program begins (`stack_expand`).
pub const STACK_EXPAND: u64 = 131_072;
/// Where a program that can lie anywhere begins when nothing is left to chance (`ELF_ET_DYN_BASE`).
pub const ELF_ET_DYN_BASE: Vaddr = Vaddr(0x5555_5555_4000);

/// Which of the files, and of the objects behind shared anonymous memory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct FileId(pub u32);

/// What an area shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Backing {
    /// Memory of its own.
    Anon,
    /// A file, or what stands behind shared anonymous memory (`shmem`).
    File {
        /// Which.
        file: FileId,
        /// From which page of it on (`vm_pgoff`).
        pgoff: u64,
    },
}

/// What ties the pages of an area to those that may have them (`struct anon_vma`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AnonVma {
    /// Its number.
    pub id: u32,
    /// How many it is linked to: its own, and one more for each `fork()` above it.
    pub chain: u32,
}

/// An area: addresses with the same properties (`struct vm_area_struct`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Vma {
    /// The first address.
    pub start: Vaddr,
    /// One past the last.
    pub end: Vaddr,
    /// What may be done with it (`VM_READ`, `VM_WRITE`, `VM_EXEC`).
    pub prot: Prot,
    /// What is written is there for everybody (`VM_SHARED`).
    pub shared: bool,
    /// It grows downwards (`VM_GROWSDOWN`): a stack.
    pub grows_down: bool,
    /// No promise is counted for it (`VM_NORESERVE`).
    pub noreserve: bool,
    /// Its pages are counted as promised (`VM_ACCOUNT`).
    pub account: bool,
    /// What it shows.
    pub backing: Backing,
    /// Its pages are huge ones of the pool (`VM_HUGETLB`).
    pub hugetlb: bool,
    /// It was promised them (`HPAGE_RESV_OWNER`).
    pub reserved: bool,
    /// Whether the program wants huge pages (`VM_HUGEPAGE`) or none (`VM_NOHUGEPAGE`); none: it said nothing.
    pub hugepage: Option<bool>,
    /// None before it has a page of its own.
    pub anon_vma: Option<AnonVma>,
    /// By how many pages memory of its own was moved since it has pages (`vm_pgoff` against its address): those that were
    /// moved differently do not become one.
    pub moved: u64,
    /// Its pages have to stay (`VM_LOCKED`).
    pub locked: bool,
    /// Which nodes its pages come from (`vm_policy`); none: as the process says.
    pub policy: Option<Mempolicy>,
}

impl Vma {
    /// Memory of its own, from nowhere, to read and to write, that is accounted: what a heap and a stack are.
    pub(crate) fn anon(start: Vaddr, end: Vaddr) -> Vma {
        Vma {
            start,
            end,
            prot: Prot::READ_WRITE,
            shared: false,
            grows_down: false,
            noreserve: false,
            account: true,
            backing: Backing::Anon,
            hugetlb: false,
            reserved: false,
            hugepage: None,
            anon_vma: None,
            moved: 0,
            locked: false,
            policy: None,
        }
    }

    /// How long it is.
    #[must_use]
    pub fn pages(&self) -> NrPages {
        NrPages((self.end.0 - self.start.0) / PAGE_SIZE)
    }

    /// Whether an address lies in it.
    #[must_use]
    pub fn contains(&self, address: Vaddr) -> bool {
        (self.start..self.end).contains(&address)
    }

    /// The page of its file at an address.
    #[must_use]
    pub fn index_of(&self, address: Vaddr) -> Option<(FileId, u64)> {
        let Backing::File { file, pgoff } = self.backing else { return None };
        Some((file, pgoff + (address.0 - self.start.0) / PAGE_SIZE))
    }

    /// Whether a page that is written to becomes one of its own (`is_cow_mapping()`).
    #[must_use]
    pub fn is_private(&self) -> bool {
        !self.shared
    }

    /// Whether the area allows an access; whoever may write or run it may read it (`access_error()`, x86).
    #[must_use]
    pub fn allows(&self, access: Access) -> bool {
        match access {
            Access::Read => self.prot != Prot::NONE,
            other => self.prot.allows(other),
        }
    }

    /// The lowest address that another area may reach to: below a stack a gap is kept (`vm_start_gap()`).
    #[must_use]
    pub fn start_gap(&self) -> Vaddr {
        let gap = if self.grows_down { STACK_GUARD_GAP.bytes().0 } else { 0 };
        Vaddr(self.start.0.saturating_sub(gap))
    }

    /// The part of it from `start` on.
    fn from(&self, start: Vaddr) -> Vma {
        let skipped = (start.0 - self.start.0) / PAGE_SIZE;
        let backing = match self.backing {
            Backing::Anon => Backing::Anon,
            Backing::File { file, pgoff } => Backing::File { file, pgoff: pgoff + skipped },
        };
        Vma { start, backing, ..*self }
    }

    /// A part of it from `start` on, as it lies between two other addresses (`copy_vma()`).
    pub(super) fn moved_part(&self, start: Vaddr, to: Vaddr, end: Vaddr) -> Vma {
        let part = self.from(start);
        // What has no page yet can be numbered anew.
        let moved = match self.anon_vma {
            Some(_) if self.backing == Backing::Anon => {
                let by = (start.0 / PAGE_SIZE).wrapping_sub(to.0 / PAGE_SIZE);
                self.moved.wrapping_add(by)
            }
            _ => 0,
        };
        Vma { start: to, end, moved, ..part }
    }

    /// Whether the area behind can become part of this one (`can_vma_merge_after()`).
    fn merges_with(&self, next: &Vma) -> bool {
        let follows = match (self.backing, next.backing) {
            (Backing::Anon, Backing::Anon) => self.moved == next.moved,
            (Backing::File { file, pgoff }, Backing::File { file: other, pgoff: at }) => {
                file == other && pgoff + self.pages().0 == at
            }
            _ => false,
        };
        // `is_mergeable_anon_vma()`
        let anon = match (self.anon_vma, next.anon_vma) {
            (None, None) => true,
            (Some(only), None) | (None, Some(only)) => only.chain == 1,
            (Some(a), Some(b)) => a == b,
        };
        let flags = |vma: &Vma| {
            let of = (vma.prot, vma.shared, vma.grows_down, vma.noreserve, vma.account);
            (of, vma.locked, vma.hugepage, vma.policy)
        };
        !self.hugetlb
            && !next.hugetlb
            && self.end == next.start
            && follows
            && anon
            && flags(self) == flags(next)
    }

    fn digest(&self, to: &mut Digest) {
        to.word(self.start.0);
        to.word(self.end.0);
        let Prot { read, write, exec } = self.prot;
        let flags = [read, write, exec, self.shared, self.grows_down, self.noreserve, self.account];
        let pooled = u64::from(self.hugetlb) << 3 | u64::from(self.reserved) << 2;
        let advised = pooled | self.hugepage.map_or(0, |huge| 1 + u64::from(huge));
        to.word(flags.iter().fold(advised, |bits, flag| bits << 1 | u64::from(*flag)));
        match self.backing {
            Backing::Anon => to.word(u64::MAX),
            Backing::File { file, pgoff } => {
                to.word(u64::from(file.0));
                to.word(pgoff);
            }
        }
        to.word(self.anon_vma.map_or(u64::MAX, |a| u64::from(a.id) << 32 | u64::from(a.chain)));
        if self.moved != 0 {
            to.word(self.moved);
        }
        if self.locked {
            to.word(u64::MAX - 1);
        }
        if let Some(policy) = &self.policy {
            policy.digest(to);
        }
    }
}

/// What the pages of a process are counted as (`MM_FILEPAGES`, `MM_ANONPAGES`, `MM_SHMEMPAGES`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Counter {
    /// Pages of files.
    File,
    /// Pages of its own.
    Anon,
    /// Pages of shared anonymous memory.
    Shmem,
}

/// Pages that are there, by what they are counted as.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Rss {
    /// `RssFile`
    pub file: u64,
    /// `RssAnon`
    pub anon: u64,
    /// `RssShmem`
    pub shmem: u64,
}

impl Rss {
    /// `VmRSS`: all of them.
    #[must_use]
    pub fn total(self) -> NrPages {
        NrPages(self.file + self.anon + self.shmem)
    }

    pub(crate) fn of(&mut self, counter: Counter) -> &mut u64 {
        match counter {
            Counter::File => &mut self.file,
            Counter::Anon => &mut self.anon,
            Counter::Shmem => &mut self.shmem,
        }
    }
}

/// The address space of a process (`struct mm_struct`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mm {
    /// What the process is called.
    pub name: NameId,
    /// Who forked it.
    pub parent: Option<NameId>,
    /// The areas, lowest address first.
    pub(crate) vmas: Vec<Vma>,
    /// The pages of all of them (`total_vm`).
    pub(crate) total_vm: NrPages,
    /// One past the last address that it is given (`STACK_TOP`).
    pub top: Vaddr,
    /// The page global directory, which its processor's `CR3` points to.
    pub pgd: Pfn,
    /// Where areas are put that ask for no address, from here downwards (`mmap_base`).
    pub mmap_base: Vaddr,
    /// Where the heap begins.
    pub start_brk: Vaddr,
    /// Where the heap ends.
    pub brk: Vaddr,
    /// Limits.
    pub limits: Rlimits,
    /// Pages that are there.
    pub rss: Rss,
    /// The most that ever were (`VmHWM`).
    pub hiwater_rss: NrPages,
    /// The most addresses that were ever promised (`VmPeak`).
    pub hiwater_vm: NrPages,
    /// Page tables but for the topmost (`VmPTE`).
    pub pgtables: NrPages,
    /// Huge pages of the pool that it has (`HugetlbPages`); they are not among the pages that are there.
    pub hugetlb: u64,
    /// Where it took those that its areas were promised (`struct resv_map`).
    pub(crate) hugetlb_used: BTreeSet<Vaddr>,
    /// Its pages that are in swap (`MM_SWAPENTS`, `VmSwap`).
    pub swapents: u64,
    /// Faults that took no disk.
    pub min_flt: u64,
    /// Faults that did.
    pub maj_flt: u64,
    /// What malloc knows of it; none before it was ever asked.
    pub malloc: Option<Rc<Arena>>,
    /// What decides whether it is killed when memory has run out.
    pub oom: TaskOom,
    /// Stacks that threads had and others may have, the latest first: from where, and how many bytes with the guard.
    pub(crate) stacks: Vec<(Vaddr, u64)>,
    /// Whatever is mapped from now on has to stay in memory (`MCL_FUTURE`, `def_flags`).
    pub lock_future: bool,
    /// Which nodes its memory comes from (`task->mempolicy`); none: as usual.
    pub mempolicy: Option<Mempolicy>,
    /// The node whose turn it was last (`il_prev`); none: nobody's.
    pub il_prev: Option<u8>,
}

impl Mm {
    /// The areas, lowest address first.
    #[must_use]
    pub fn vmas(&self) -> &[Vma] {
        &self.vmas
    }

    /// One more fault is resolved.
    pub(super) fn count_fault(&mut self, major: bool) {
        *if major { &mut self.maj_flt } else { &mut self.min_flt } += 1;
    }

    /// `VmSize`: all addresses that are promised.
    #[must_use]
    pub fn total_vm(&self) -> NrPages {
        self.total_vm
    }

    /// `VmData`: what can be written to and is nobody else's, without the stack.
    #[must_use]
    pub fn data_vm(&self) -> NrPages {
        self.sum(|vma| vma.prot.write && !vma.shared && !vma.grows_down)
    }

    /// `VmStk`
    #[must_use]
    pub fn stack_vm(&self) -> NrPages {
        self.sum(|vma| vma.grows_down)
    }

    /// `VmExe` and `VmLib` together.
    #[must_use]
    pub fn exec_vm(&self) -> NrPages {
        self.sum(|vma| vma.prot.exec && !vma.prot.write && !vma.grows_down)
    }

    fn sum(&self, of: impl Fn(&Vma) -> bool) -> NrPages {
        NrPages(self.vmas.iter().filter(|vma| of(vma)).map(|vma| vma.pages().0).sum())
    }

    /// The first area that ends above an address (`find_vma()`).
    #[must_use]
    pub fn find_vma(&self, address: Vaddr) -> Option<&Vma> {
        self.vmas.get(self.index_above(address))
    }

    /// The area that an address lies in.
    #[must_use]
    pub fn vma_at(&self, address: Vaddr) -> Option<&Vma> {
        self.find_vma(address).filter(|vma| vma.contains(address))
    }

    pub(crate) fn vma_at_mut(&mut self, address: Vaddr) -> Option<&mut Vma> {
        let at = self.index_above(address);
        self.vmas.get_mut(at).filter(|vma| vma.contains(address))
    }

    /// Stacks that threads had and others may have, the latest first: from where, and how many bytes with the guard.
    #[must_use]
    pub fn thread_stacks(&self) -> &[(Vaddr, u64)] {
        &self.stacks
    }

    /// The stack.
    #[must_use]
    pub fn stack(&self) -> Option<&Vma> {
        self.vmas.iter().rev().find(|vma| vma.grows_down)
    }

    /// Where the first area stands that ends above an address.
    pub(crate) fn index_above(&self, address: Vaddr) -> usize {
        self.vmas.partition_point(|vma| vma.end <= address)
    }

    /// Whether any area has a part between two addresses.
    #[must_use]
    pub fn is_used(&self, start: Vaddr, end: Vaddr) -> bool {
        self.find_vma(start).is_some_and(|vma| vma.start < end)
    }

    /// Puts an area where there is none, and makes it one with its neighbours if they are alike; whether they were.
    pub(crate) fn insert(&mut self, vma: Vma) -> bool {
        let at = self.index_above(vma.start);
        self.vmas.insert(at, vma);
        self.grow(vma.pages());
        let after = self.merge_at(at);
        let before = at > 0 && self.merge_at(at - 1);
        after || before
    }

    /// Makes the area at an index one with the next, if they are alike.
    fn merge_at(&mut self, at: usize) -> bool {
        let [vma, next] = self.vmas.get(at..at + 2).unwrap_or(&[]) else { return false };
        if !vma.merges_with(next) {
            return false;
        }
        let (end, anon_vma) = (next.end, vma.anon_vma.or(next.anon_vma));
        self.vmas.remove(at + 1);
        self.vmas[at].end = end;
        self.vmas[at].anon_vma = anon_vma;
        true
    }

    /// Cuts an area in two, so that one begins at an address (`__split_vma()`).
    pub(crate) fn split(&mut self, address: Vaddr) {
        let at = self.index_above(address);
        let Some(vma) = self.vmas.get(at).copied() else { return };
        if vma.start < address {
            self.vmas.insert(at + 1, vma.from(address));
            self.vmas[at].end = address;
        }
    }

    /// The indices of the areas between two addresses, which are cut at both.
    pub(crate) fn cut(&mut self, start: Vaddr, end: Vaddr) -> std::ops::Range<usize> {
        self.split(start);
        self.split(end);
        self.index_above(start)..self.vmas.partition_point(|vma| vma.start < end)
    }

    /// Makes neighbours that have become alike one again, around the areas between two addresses.
    pub(crate) fn merge_around(&mut self, start: Vaddr, end: Vaddr) {
        let first = self.index_above(start).saturating_sub(1);
        let mut at = self.vmas.partition_point(|vma| vma.start <= end).min(self.vmas.len());
        while at > first {
            at -= 1;
            self.merge_at(at);
        }
    }

    /// So many pages more are promised.
    pub(crate) fn grow(&mut self, pages: NrPages) {
        self.total_vm += pages;
        self.hiwater_vm = self.hiwater_vm.max(self.total_vm);
    }

    /// Takes the areas between two addresses away.
    pub(crate) fn remove(&mut self, start: Vaddr, end: Vaddr) -> Vec<Vma> {
        let range = self.cut(start, end);
        let gone: Vec<Vma> = self.vmas.drain(range).collect();
        self.total_vm.0 -= gone.iter().map(|vma| vma.pages().0).sum::<u64>();
        gone
    }

    /// One page more is there.
    pub(crate) fn add(&mut self, counter: Counter, pages: u64) {
        *self.rss.of(counter) += pages;
        self.hiwater_rss = self.hiwater_rss.max(self.rss.total());
    }

    pub(crate) fn digest(&self, to: &mut Digest) {
        to.word(u64::from(self.name.0) << 32 | u64::from(self.parent.map_or(u32::MAX, |p| p.0)));
        self.vmas.iter().for_each(|vma| vma.digest(to));
        let Rss { file, anon, shmem } = self.rss;
        let words = [
            u64::from(self.pgd.0),
            self.mmap_base.0,
            self.start_brk.0,
            self.brk.0,
            self.limits.stack,
            self.limits.address_space.unwrap_or(u64::MAX),
            file,
            anon,
            shmem,
            self.hiwater_rss.0,
            self.hiwater_vm.0,
            self.pgtables.0,
            self.min_flt,
            self.maj_flt,
        ];
        words.into_iter().for_each(|word| to.word(word));
        if let Some(limit) = self.limits.memlock {
            to.word(limit);
        }
        if let Some(arena) = &self.malloc {
            arena.digest(to);
        }
        if self.hugetlb > 0 {
            to.word(self.hugetlb);
        }
        if self.swapents > 0 {
            to.word(self.swapents << 1 | 1);
        }
        self.hugetlb_used.iter().for_each(|address| to.word(address.0));
        self.oom.digest(to);
        for (start, bytes) in &self.stacks {
            to.word(start.0);
            to.word(*bytes);
        }
        if self.lock_future {
            to.word(u64::MAX - 2);
        }
        if let Some(policy) = &self.mempolicy {
            policy.digest(to);
            to.word(self.il_prev.map_or(u64::MAX, u64::from));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anon(start: u64, end: u64) -> Vma {
        Vma::anon(Vaddr(start), Vaddr(end))
    }

    fn mm() -> Mm {
        Mm {
            name: NameId(0),
            parent: None,
            vmas: Vec::new(),
            total_vm: NrPages(0),
            top: TASK_SIZE,
            pgd: Pfn(1),
            mmap_base: Vaddr(0x7fff_f7ff_f000),
            start_brk: ELF_ET_DYN_BASE,
            brk: ELF_ET_DYN_BASE,
            limits: Rlimits::default(),
            rss: Rss::default(),
            hiwater_rss: NrPages(0),
            hiwater_vm: NrPages(0),
            pgtables: NrPages(0),
            hugetlb: 0,
            swapents: 0,
            hugetlb_used: BTreeSet::new(),
            min_flt: 0,
            maj_flt: 0,
            malloc: None,
            oom: TaskOom::default(),
            stacks: Vec::new(),
            lock_future: false,
            mempolicy: None,
            il_prev: None,
        }
    }

    #[test]
    fn an_area_that_fills_a_hole_makes_three_one() {
        let mut mm = mm();
        assert!(!mm.insert(anon(0x10_0000, 0x20_0000)));
        assert!(!mm.insert(anon(0x30_0000, 0x40_0000)));
        assert!(mm.insert(anon(0x20_0000, 0x30_0000)));
        assert_eq!(mm.vmas(), [anon(0x10_0000, 0x40_0000)]);
        assert_eq!(mm.total_vm(), NrPages(0x300));
    }

    #[test]
    fn a_change_in_the_middle_makes_three_of_one_and_back() {
        let mut mm = mm();
        mm.insert(anon(0x10_0000, 0x40_0000));
        for at in mm.cut(Vaddr(0x20_0000), Vaddr(0x30_0000)) {
            mm.vmas[at].prot = Prot::READ;
        }
        mm.merge_around(Vaddr(0x20_0000), Vaddr(0x30_0000));
        assert_eq!(mm.vmas().len(), 3);
        for at in mm.cut(Vaddr(0x20_0000), Vaddr(0x30_0000)) {
            mm.vmas[at].prot = Prot::READ_WRITE;
        }
        mm.merge_around(Vaddr(0x20_0000), Vaddr(0x30_0000));
        assert_eq!(mm.vmas(), [anon(0x10_0000, 0x40_0000)]);
    }

    #[test]
    fn pages_of_a_file_follow_each_other_or_stay_apart() {
        let of = |start: u64, end: u64, pgoff: u64| Vma {
            backing: Backing::File { file: FileId(0), pgoff },
            ..anon(start, end)
        };
        let mut mm = mm();
        mm.insert(of(0x10_0000, 0x20_0000, 0));
        assert!(mm.insert(of(0x20_0000, 0x30_0000, 0x100)));
        assert!(!mm.insert(of(0x30_0000, 0x40_0000, 0)));
        // A part of it shows the pages that it showed before.
        mm.split(Vaddr(0x18_0000));
        assert_eq!(mm.vma_at(Vaddr(0x18_0000)), Some(&of(0x18_0000, 0x30_0000, 0x80)));
    }

    #[test]
    fn areas_with_pages_of_a_parent_stay_apart() {
        let with = |start: u64, end: u64, id: u32, chain: u32| Vma {
            anon_vma: Some(AnonVma { id, chain }),
            ..anon(start, end)
        };
        let mut mm = mm();
        mm.insert(with(0x10_0000, 0x20_0000, 1, 2));
        assert!(!mm.insert(anon(0x20_0000, 0x30_0000)), "after a fork");
        let mut mm = self::mm();
        mm.insert(with(0x10_0000, 0x20_0000, 1, 1));
        assert!(mm.insert(anon(0x20_0000, 0x30_0000)));
        assert!(!mm.insert(with(0x30_0000, 0x40_0000, 2, 1)), "two that grew apart");
    }
}

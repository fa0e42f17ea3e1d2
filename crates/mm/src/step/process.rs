//! Steps of processes: what each is to a timeline, and which frame it speaks of.

use super::{CpusetStep, HugeStep, MallocStep, StepClass};
use crate::mempolicy::Mempolicy;
use crate::op::NameId;
use crate::page::Block;
use crate::process::{Access, Prot};
use crate::units::{CpuId, NrPages, Order, Pfn, Vaddr};
use crate::x86::pgtable::Level;

/// Why an access ends a process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signal {
    /// SIGSEGV, `SEGV_MAPERR`: there is no area.
    NoArea,
    /// SIGSEGV, `SEGV_ACCERR`: there is one that does not allow it.
    NotAllowed,
    /// SIGSEGV as the stack cannot grow any further: it would be larger than `RLIMIT_STACK`.
    StackLimit,
    /// SIGSEGV as the stack cannot grow any further: another area is nearer than `stack_guard_gap`.
    StackGuard,
    /// SIGSEGV as the stack cannot grow any further: the address space would be larger than `RLIMIT_AS`.
    AddressSpaceLimit,
    /// SIGSEGV as the stack cannot grow any further: it is locked, and more would be than `RLIMIT_MEMLOCK` allows.
    LockLimit,
    /// SIGSEGV: the address is none that a process can have.
    NotCanonical,
    /// SIGBUS: the file ends before it.
    BeyondFile,
    /// SIGBUS: the pool of huge pages is empty.
    NoHugePage,
}

/// Why the kernel says no to a call that asks for addresses (ENOMEM, unless said otherwise).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// EINVAL: a length of nothing.
    Empty,
    /// There are not as many free addresses side by side.
    NoGap,
    /// It would promise more than overcommit allows.
    Overcommit {
        /// Pages that are asked for.
        pages: NrPages,
        /// Pages that may be promised in all, or with one request where each is judged by itself.
        most: NrPages,
    },
    /// The address space would be larger than `RLIMIT_AS`.
    AddressSpaceLimit,
    /// There are too many areas (`vm.max_map_count`).
    TooMany,
    /// The heap would run into another area, or end before it begins.
    Heap,
    /// EACCES: a shared mapping of a file that was opened for reading. ENODEV: not a file at all.
    NotAFile,
    /// No frame for a page table.
    NoTable,
    /// EINVAL: `MADV_FREE` is for memory of its own, not for files.
    NotAnonymous,
    /// EINVAL: none of the nodes has memory (`mpol_new()`).
    NoNodes,
    /// EFAULT: not all of it lies in one area (`mremap()`).
    NotMapped,
    /// Part of it belongs to no area.
    Hole,
    /// EPERM: it may not lock anything (`RLIMIT_MEMLOCK` is 0).
    LockForbidden,
    /// More would be locked than `RLIMIT_MEMLOCK` allows.
    LockLimit {
        /// Pages that would be locked.
        pages: NrPages,
        /// Pages that may be.
        most: NrPages,
    },
    /// EAGAIN: the same, of an area that would be locked from the beginning, or grow.
    LockAgain {
        /// Pages that would be locked.
        pages: NrPages,
        /// Pages that may be.
        most: NrPages,
    },
    /// EINVAL: what is locked cannot be given up.
    IsLocked,
    /// The pool has fewer huge pages than that.
    NoHugePages {
        /// How many are asked for.
        pages: u64,
        /// How many nobody has, and nobody was promised.
        available: u32,
    },
    /// EINVAL: pages of the pool go as a whole, and only so.
    Pooled,
}

/// What a process does, or what is done for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProcessStep {
    /// There is a file; so many of its pages are in the page cache.
    File {
        /// All of them.
        pages: NrPages,
        /// Those in the page cache.
        cached: NrPages,
    },
    /// It has an address space: the top of its page tables, and a stack (`exec`).
    Exec {
        /// The page global directory.
        pgd: Pfn,
        /// From where.
        stack: Vaddr,
        /// To where, the end of all addresses that it can have.
        top: Vaddr,
    },
    /// There is not even a frame for the top of its tables.
    NoExec,
    /// Addresses are promised, and not a single page yet (`mmap()`, `brk()`).
    Mapped {
        /// From where.
        start: Vaddr,
        /// How many pages.
        pages: NrPages,
        /// It became part of the area next to it.
        merged: bool,
        /// VSZ from now on (`VmSize`).
        total: NrPages,
    },
    /// The call fails.
    Refused {
        /// Why.
        why: Refusal,
    },
    /// Addresses are taken back, with the pages that were there.
    Unmapped {
        /// From where.
        start: Vaddr,
        /// How many pages of addresses.
        pages: NrPages,
        /// How many frames were behind them.
        present: NrPages,
        /// Page tables that nobody needs any more.
        tables: u32,
        /// VSZ from now on.
        total: NrPages,
    },
    /// Pages are taken back, and the addresses stay (`MADV_DONTNEED`).
    DontNeed {
        /// From where.
        start: Vaddr,
        /// How many pages of addresses.
        pages: NrPages,
        /// How many frames were behind them.
        present: NrPages,
    },
    /// Pages stay for now, and may be taken without a word until they are written to again (`MADV_FREE`).
    LazyFreed {
        /// From where.
        start: Vaddr,
        /// How many pages of addresses.
        pages: NrPages,
        /// How many frames are behind them.
        present: NrPages,
    },
    /// What may be done with an area changes (`mprotect()`).
    Protected {
        /// From where.
        start: Vaddr,
        /// How many pages.
        pages: NrPages,
        /// What may be done now.
        prot: Prot,
        /// How many areas the process has now.
        areas: u32,
    },
    /// The processor forgets translations (`flush_tlb_mm_range()`): of so many pages, or of all when that is quicker.
    Flush {
        /// Of how many pages; none: of all.
        pages: Option<NrPages>,
    },
    /// Pages that are there already, and may be used so: the processor finds them by itself.
    Present {
        /// The first one.
        address: Vaddr,
        /// How many in a row.
        pages: NrPages,
        /// What was done.
        access: Access,
    },
    /// The processor does not get on: a page fault (`exc_page_fault()`).
    Fault {
        /// Where.
        address: Vaddr,
        /// What was to be done.
        access: Access,
        /// What the processor says: 1 there is a page, 2 it was to be written, 4 by a process, 16 it was code.
        error_code: u8,
    },
    /// The area that the address lies in (`find_vma()`), and it allows it.
    Area {
        /// Its first address.
        start: Vaddr,
        /// One past its last.
        end: Vaddr,
    },
    /// The address lies below the stack, which grows down to it (`expand_stack()`).
    StackGrows {
        /// Its first address now.
        start: Vaddr,
        /// How many pages it is larger.
        by: NrPages,
        /// VSZ from now on.
        total: NrPages,
    },
    /// A page table was missing and is there now (`__pmd_alloc()`, `__pte_alloc()`).
    Table {
        /// Of which level.
        level: Level,
        /// The frame of the table.
        pfn: Pfn,
        /// The first address that it is about.
        from: Vaddr,
        /// Bytes of the process's tables now (`VmPTE`), in pages.
        tables: NrPages,
    },
    /// Only read, and never written: the one page of zeros that all share (`do_anonymous_page()`).
    ZeroPage {
        /// Where.
        address: Vaddr,
        /// That page.
        pfn: Pfn,
    },
    /// A page of its own, filled with zeros (`do_anonymous_page()`).
    AnonPage {
        /// Where.
        address: Vaddr,
        /// The frame.
        pfn: Pfn,
        /// RSS from now on.
        rss: NrPages,
    },
    /// The page of the file is not in memory: a read from the disk (`filemap_fault()`).
    CacheMiss {
        /// Which file.
        file: NameId,
        /// Which page of it.
        index: u32,
        /// Pages that are read with it, from the first one on.
        first: u32,
        /// How many are read.
        pages: u32,
    },
    /// A page of a file is in the page cache now.
    Cached {
        /// Which file.
        file: NameId,
        /// Which page of it.
        index: u32,
        /// The frame.
        pfn: Pfn,
    },
    /// Pages of the file that are in memory anyway are mapped around the address (`filemap_map_pages()`).
    FaultAround {
        /// The first one.
        address: Vaddr,
        /// How many were mapped.
        mapped: u32,
        /// RSS from now on.
        rss: NrPages,
    },
    /// The page of the file is mapped (`do_read_fault()`, `do_shared_fault()`).
    FilePage {
        /// Where.
        address: Vaddr,
        /// The frame.
        pfn: Pfn,
        /// It may be written to: it is everybody's.
        shared: bool,
        /// RSS from now on.
        rss: NrPages,
    },
    /// A private page is written to that others see: a copy (`wp_page_copy()`, `do_cow_fault()`).
    Copied {
        /// Where.
        address: Vaddr,
        /// The frame that was there, or the file's.
        from: Pfn,
        /// The copy.
        to: Pfn,
        /// RSS from now on.
        rss: NrPages,
    },
    /// A page is written to that nobody else has any more: it needs no copy (`do_wp_page()`).
    Reused {
        /// Where.
        address: Vaddr,
        /// The frame.
        pfn: Pfn,
    },
    /// A page that everybody shares is written to for the first time: it is noted, and allowed.
    MadeWritable {
        /// Where.
        address: Vaddr,
        /// The frame.
        pfn: Pfn,
    },
    /// The fault is over, and the access is tried again.
    Resolved {
        /// Where.
        address: Vaddr,
        /// Something had to be read from the disk (`maj_flt`).
        major: bool,
        /// Faults of the process so far that needed no disk (`min_flt`).
        minor: u64,
    },
    /// There was no frame: the process waits for the OOM killer, which is not modelled yet.
    NoMemory {
        /// Where.
        address: Vaddr,
    },
    /// The process gets a signal, and ends.
    Killed {
        /// Where.
        address: Vaddr,
        /// Why.
        signal: Signal,
    },
    /// A child has the same areas (`dup_mmap()`).
    Forked {
        /// What it is called.
        child: NameId,
        /// How many areas.
        areas: u32,
        /// VSZ of each of the two.
        total: NrPages,
    },
    /// The child's page tables for an area are filled: both may only read what is private now (`copy_page_range()`).
    CopiedArea {
        /// Which child.
        child: NameId,
        /// The area's first address.
        start: Vaddr,
        /// Pages that both have now.
        shared: NrPages,
    },
    /// Nothing of an area is copied: what is in a file can be found there again.
    LeftOut {
        /// Which child.
        child: NameId,
        /// The area's first address.
        start: Vaddr,
        /// How many pages were mapped.
        present: NrPages,
    },
    /// A stack that an ended thread had is there still: it is the new thread's (`get_cached_stack()`, in the C library).
    StackReused {
        /// From where, the guard included.
        start: Vaddr,
        /// How many pages, the guard included.
        pages: NrPages,
    },
    /// There is one more task, on the same address space (`copy_mm()` with `CLONE_VM`).
    ThreadStarted {
        /// What it is called.
        thread: NameId,
        /// The CPU it runs on.
        cpu: CpuId,
        /// How many tasks use the address space (`mm_users`).
        users: u32,
    },
    /// A thread is gone, and the address space is not (`mmput()`).
    ThreadExited {
        /// What it was called.
        thread: NameId,
        /// How many tasks use the address space still.
        users: u32,
    },
    /// The scheduler puts a thread on a CPU.
    ThreadMoved {
        /// Which.
        thread: NameId,
        /// Where it was.
        from: CpuId,
        /// Where it is.
        to: CpuId,
    },
    /// All memory has to stay, or all that will come (`mlockall()`); or nothing has to any more (`munlockall()`).
    LockedAll {
        /// What is there.
        current: bool,
        /// What comes.
        future: bool,
        /// `VmLck` from now on.
        total: NrPages,
    },
    /// The process is gone, with all that it had (`exit_mmap()`).
    Exited {
        /// Frames that came back with it.
        freed: NrPages,
    },
    /// An area has another length, and perhaps other addresses (`mremap()`).
    Remapped {
        /// Where it began.
        start: Vaddr,
        /// Where it begins.
        to: Vaddr,
        /// Its length before.
        old: NrPages,
        /// Its length now.
        new: NrPages,
        /// Entries of page tables that were moved.
        moved: NrPages,
        /// Those among them that are of a whole table, or of a huge page.
        whole: u32,
        /// VSZ from now on.
        total: NrPages,
    },
    /// Areas have to stay in memory with all of their pages, or need not any more (`mlock()`, `munlock()`).
    Locked {
        /// From where.
        start: Vaddr,
        /// How many pages of addresses.
        pages: NrPages,
        /// Whether they have to.
        locked: bool,
        /// `VmLck` from now on.
        total: NrPages,
    },
    /// What malloc does for it.
    Malloc(MallocStep),
    /// What khugepaged does to it, or the pool of huge pages.
    Huge(HugeStep),
    /// A huge page of its own, filled with zeros, and a table put by for the day when it is taken apart
    /// (`do_huge_pmd_anonymous_page()`).
    HugePage {
        /// Where it begins.
        address: Vaddr,
        /// Its first frame.
        pfn: Pfn,
        /// RSS from now on.
        rss: NrPages,
        /// `VmPTE` from now on.
        tables: NrPages,
    },
    /// Only read, and never written: the huge page of zeros that all share, and a table put by.
    HugeZeroPage {
        /// Where it begins.
        address: Vaddr,
        /// Its first frame.
        pfn: Pfn,
        /// `VmPTE` from now on.
        tables: NrPages,
    },
    /// There is no huge page to be had: one of 4 KiB will do.
    HugeFallback {
        /// Where it would have begun.
        address: Vaddr,
    },
    /// A huge page is written to that nobody else has: it may be written to as a whole (`do_huge_pmd_wp_page()`).
    HugeReused {
        /// Where it begins.
        address: Vaddr,
        /// Its first frame.
        pfn: Pfn,
    },
    /// The entry of a huge page becomes a table, which was put by for this: the same frames, 512 entries
    /// (`__split_huge_pmd()`).
    SplitPmd {
        /// Where it begins.
        address: Vaddr,
        /// The frame of the table.
        pfn: Pfn,
        /// It was the huge page of zeros: 512 times the small one now.
        zero: bool,
    },
    /// The huge page itself becomes 512 pages of 4 KiB; those that nobody has are given back (`split_huge_page()`).
    SplitPage {
        /// Its first frame.
        pfn: Pfn,
        /// How many are given back.
        freed: NrPages,
    },
    /// The program wants huge pages in these areas, or none (`MADV_HUGEPAGE`, `MADV_NOHUGEPAGE`).
    HugeAdvised {
        /// From where.
        start: Vaddr,
        /// How many pages of addresses.
        pages: NrPages,
        /// Whether it wants them.
        huge: bool,
    },
    /// One more huge page is set aside (`alloc_pool_huge_page()`).
    PoolGrows {
        /// Its first frame.
        pfn: Pfn,
        /// How many there are now.
        total: u32,
    },
    /// The pool is as large as was asked for, or as it can be (`set_max_huge_pages()`).
    PoolSized {
        /// How many were wanted.
        wanted: u32,
        /// How many there are.
        total: u32,
        /// How many of them nobody has.
        free: u32,
    },
    /// A huge page of the pool is mapped (`hugetlb_fault()`): RSS does not count it.
    HugetlbPage {
        /// Where it begins.
        address: Vaddr,
        /// Its first frame.
        pfn: Pfn,
        /// How many nobody has now.
        free: u32,
        /// How many of those are promised.
        reserved: u32,
    },
    /// A huge page of the pool is written to that others see: a copy (`hugetlb_wp()`).
    HugetlbCopied {
        /// Where it begins.
        address: Vaddr,
        /// The first frame that was there.
        from: Pfn,
        /// The first one of the copy.
        to: Pfn,
        /// How many nobody has now.
        free: u32,
    },
    /// No huge page of the pool is left that was not promised to somebody else.
    PoolEmpty {
        /// Where one was wanted.
        address: Vaddr,
    },
    /// Huge pages go back to the pool (`free_huge_page()`).
    PoolBack {
        /// How many entries led to them.
        back: u32,
        /// How many of them were too many, and went on to the buddy system.
        gone: u32,
        /// How many nobody has now.
        free: u32,
        /// How many there are.
        total: u32,
    },
    /// Which nodes memory comes from from now on (`set_mempolicy()`, `mbind()`).
    PolicySet {
        /// By which policy; none: as usual, or as the process says.
        policy: Option<Mempolicy>,
        /// Of an area: from where, and how many pages of addresses; none: of all the memory of the process.
        area: Option<(Vaddr, NrPages)>,
    },
    /// A policy decides where a request looks for memory.
    Placed {
        /// Which.
        policy: Mempolicy,
        /// The node that it looks at first; none: the nearest that is allowed.
        node: Option<u8>,
        /// It is said of the area; otherwise of the process.
        by_area: bool,
        /// Which page of the area it is, where that decides.
        index: Option<u64>,
    },
    /// A cpuset is made or written, or decides where a request looks for memory.
    Cpuset(CpusetStep),
}

impl ProcessStep {
    pub(super) fn class(&self) -> StepClass {
        match self {
            ProcessStep::Malloc(step) => step.class(),
            ProcessStep::Huge(step) => step.class(),
            ProcessStep::Cpuset(CpusetStep::NoMemory { .. }) => StepClass::Fail,
            ProcessStep::Cpuset(_) => StepClass::Look,
            ProcessStep::Remapped { .. }
            | ProcessStep::Locked { .. }
            | ProcessStep::PolicySet { .. }
            | ProcessStep::Placed { .. }
            | ProcessStep::LockedAll { .. }
            | ProcessStep::StackReused { .. }
            | ProcessStep::ThreadStarted { .. }
            | ProcessStep::ThreadMoved { .. }
            | ProcessStep::ThreadExited { .. } => StepClass::Look,
            ProcessStep::File { .. }
            | ProcessStep::Mapped { .. }
            | ProcessStep::LazyFreed { .. }
            | ProcessStep::Protected { .. }
            | ProcessStep::Flush { .. }
            | ProcessStep::Present { .. }
            | ProcessStep::Fault { .. }
            | ProcessStep::Area { .. }
            | ProcessStep::StackGrows { .. }
            | ProcessStep::CacheMiss { .. }
            | ProcessStep::Resolved { .. }
            | ProcessStep::Forked { .. }
            | ProcessStep::LeftOut { .. }
            | ProcessStep::HugeFallback { .. }
            | ProcessStep::SplitPage { .. }
            | ProcessStep::HugeAdvised { .. } => StepClass::Look,
            ProcessStep::PoolSized { wanted, total, .. } if total < wanted => StepClass::Fail,
            ProcessStep::PoolSized { .. } => StepClass::Look,
            ProcessStep::PoolBack { .. } => StepClass::Free,
            ProcessStep::Exec { .. }
            | ProcessStep::Table { .. }
            | ProcessStep::ZeroPage { .. }
            | ProcessStep::AnonPage { .. }
            | ProcessStep::Cached { .. }
            | ProcessStep::FaultAround { .. }
            | ProcessStep::FilePage { .. }
            | ProcessStep::Copied { .. }
            | ProcessStep::Reused { .. }
            | ProcessStep::MadeWritable { .. }
            | ProcessStep::HugePage { .. }
            | ProcessStep::HugeZeroPage { .. }
            | ProcessStep::HugeReused { .. }
            | ProcessStep::SplitPmd { .. }
            | ProcessStep::PoolGrows { .. }
            | ProcessStep::HugetlbPage { .. }
            | ProcessStep::HugetlbCopied { .. }
            | ProcessStep::CopiedArea { .. } => StepClass::Alloc,
            ProcessStep::Unmapped { .. } | ProcessStep::DontNeed { .. } | ProcessStep::Exited { .. } => {
                StepClass::Free
            }
            ProcessStep::NoExec
            | ProcessStep::Refused { .. }
            | ProcessStep::NoMemory { .. }
            | ProcessStep::PoolEmpty { .. }
            | ProcessStep::Killed { .. } => StepClass::Fail,
        }
    }

    /// The frames that it speaks of.
    pub(super) fn blocks(&self) -> [Option<Block>; 2] {
        let single = |pfn: Pfn| Some(Block { pfn, order: Order::ZERO });
        let huge = |pfn: Pfn| Some(Block { pfn, order: Order::new(9).unwrap_or(Order::MAX) });
        match *self {
            ProcessStep::Exec { pgd: pfn, .. }
            | ProcessStep::Table { pfn, .. }
            | ProcessStep::ZeroPage { pfn, .. }
            | ProcessStep::AnonPage { pfn, .. }
            | ProcessStep::Cached { pfn, .. }
            | ProcessStep::FilePage { pfn, .. }
            | ProcessStep::Reused { pfn, .. }
            | ProcessStep::SplitPmd { pfn, .. }
            | ProcessStep::MadeWritable { pfn, .. } => [single(pfn), None],
            ProcessStep::HugePage { pfn, .. }
            | ProcessStep::HugeZeroPage { pfn, .. }
            | ProcessStep::PoolGrows { pfn, .. }
            | ProcessStep::HugetlbPage { pfn, .. }
            | ProcessStep::HugeReused { pfn, .. } => [huge(pfn), None],
            ProcessStep::HugetlbCopied { from, to, .. } => [huge(to), huge(from)],
            ProcessStep::SplitPage { pfn, .. } => [single(pfn), None],
            ProcessStep::Huge(step) => [step.block(), None],
            ProcessStep::Copied { from, to, .. } => [single(to), single(from)],
            _ => [None, None],
        }
    }

    /// The address that it speaks of.
    #[must_use]
    pub fn address(&self) -> Option<Vaddr> {
        match *self {
            ProcessStep::Malloc(step) => step.address(),
            ProcessStep::Huge(step) => step.address(),
            ProcessStep::Remapped { to, .. } => Some(to),
            ProcessStep::Locked { start, .. } | ProcessStep::StackReused { start, .. } => Some(start),
            ProcessStep::PolicySet { area, .. } => area.map(|(start, _)| start),
            ProcessStep::Placed { .. } | ProcessStep::Cpuset(_) => None,
            ProcessStep::Present { address, .. }
            | ProcessStep::Fault { address, .. }
            | ProcessStep::ZeroPage { address, .. }
            | ProcessStep::AnonPage { address, .. }
            | ProcessStep::FaultAround { address, .. }
            | ProcessStep::FilePage { address, .. }
            | ProcessStep::Copied { address, .. }
            | ProcessStep::Reused { address, .. }
            | ProcessStep::MadeWritable { address, .. }
            | ProcessStep::Resolved { address, .. }
            | ProcessStep::NoMemory { address }
            | ProcessStep::HugePage { address, .. }
            | ProcessStep::HugeZeroPage { address, .. }
            | ProcessStep::HugeFallback { address }
            | ProcessStep::PoolEmpty { address }
            | ProcessStep::HugeReused { address, .. }
            | ProcessStep::SplitPmd { address, .. }
            | ProcessStep::HugetlbPage { address, .. }
            | ProcessStep::HugetlbCopied { address, .. }
            | ProcessStep::Killed { address, .. } => Some(address),
            ProcessStep::Mapped { start, .. }
            | ProcessStep::Unmapped { start, .. }
            | ProcessStep::DontNeed { start, .. }
            | ProcessStep::LazyFreed { start, .. }
            | ProcessStep::Protected { start, .. }
            | ProcessStep::Area { start, .. }
            | ProcessStep::StackGrows { start, .. }
            | ProcessStep::CopiedArea { start, .. }
            | ProcessStep::LeftOut { start, .. }
            | ProcessStep::HugeAdvised { start, .. }
            | ProcessStep::Table { from: start, .. } => Some(start),
            ProcessStep::File { .. }
            | ProcessStep::Exec { .. }
            | ProcessStep::NoExec
            | ProcessStep::Refused { .. }
            | ProcessStep::Flush { .. }
            | ProcessStep::CacheMiss { .. }
            | ProcessStep::Cached { .. }
            | ProcessStep::Forked { .. }
            | ProcessStep::SplitPage { .. }
            | ProcessStep::PoolGrows { .. }
            | ProcessStep::PoolSized { .. }
            | ProcessStep::PoolBack { .. }
            | ProcessStep::LockedAll { .. }
            | ProcessStep::ThreadStarted { .. }
            | ProcessStep::ThreadMoved { .. }
            | ProcessStep::ThreadExited { .. }
            | ProcessStep::Exited { .. } => None,
        }
    }

    pub(super) fn code(&self) -> u8 {
        match self {
            ProcessStep::File { .. } => 120,
            ProcessStep::Exec { .. } => 121,
            ProcessStep::NoExec => 122,
            ProcessStep::Mapped { .. } => 123,
            ProcessStep::Refused { .. } => 124,
            ProcessStep::Unmapped { .. } => 125,
            ProcessStep::DontNeed { .. } => 126,
            ProcessStep::LazyFreed { .. } => 150,
            ProcessStep::Protected { .. } => 127,
            ProcessStep::Flush { .. } => 128,
            ProcessStep::Present { .. } => 129,
            ProcessStep::Fault { .. } => 130,
            ProcessStep::Area { .. } => 131,
            ProcessStep::StackGrows { .. } => 132,
            ProcessStep::Table { .. } => 133,
            ProcessStep::ZeroPage { .. } => 134,
            ProcessStep::AnonPage { .. } => 135,
            ProcessStep::CacheMiss { .. } => 136,
            ProcessStep::Cached { .. } => 137,
            ProcessStep::FaultAround { .. } => 138,
            ProcessStep::FilePage { .. } => 139,
            ProcessStep::Copied { .. } => 140,
            ProcessStep::Reused { .. } => 141,
            ProcessStep::MadeWritable { .. } => 142,
            ProcessStep::Resolved { .. } => 143,
            ProcessStep::NoMemory { .. } => 144,
            ProcessStep::Killed { .. } => 145,
            ProcessStep::Forked { .. } => 146,
            ProcessStep::CopiedArea { .. } => 147,
            ProcessStep::LeftOut { .. } => 148,
            ProcessStep::Exited { .. } => 149,
            ProcessStep::ThreadStarted { .. } => 108,
            ProcessStep::ThreadExited { .. } => 109,
            ProcessStep::ThreadMoved { .. } => 110,
            ProcessStep::StackReused { .. } => 111,
            ProcessStep::LockedAll { .. } => 113,
            ProcessStep::Remapped { .. } => 219,
            ProcessStep::Locked { .. } => 218,
            ProcessStep::Malloc(step) => step.code(),
            ProcessStep::Huge(step) => step.code(),
            ProcessStep::HugePage { .. } => 170,
            ProcessStep::HugeZeroPage { .. } => 171,
            ProcessStep::HugeFallback { .. } => 172,
            ProcessStep::HugeReused { .. } => 173,
            ProcessStep::SplitPmd { .. } => 174,
            ProcessStep::SplitPage { .. } => 175,
            ProcessStep::HugeAdvised { .. } => 176,
            ProcessStep::PoolGrows { .. } => 177,
            ProcessStep::PoolSized { .. } => 178,
            ProcessStep::HugetlbPage { .. } => 179,
            ProcessStep::HugetlbCopied { .. } => 180,
            ProcessStep::PoolBack { .. } => 181,
            ProcessStep::PoolEmpty { .. } => 182,
            ProcessStep::PolicySet { .. } => 58,
            ProcessStep::Placed { .. } => 59,
            // They share with policies, which say as much.
            ProcessStep::Cpuset(CpusetStep::Inside { .. } | CpusetStep::Leaves { .. }) => 59,
            ProcessStep::Cpuset(_) => 58,
        }
    }
}

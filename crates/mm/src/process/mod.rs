//! Processes and their memory: addresses that are promised first, and pages that come when they are touched.
//!
//! - `mm_types`: an address space and its areas (include/linux/mm_types.h);
//! - `mmap`: where an area comes to lie, how areas become one and are cut (mm/mmap.c);
//! - `memory`: the faults (mm/memory.c, arch/x86/mm/fault.c);
//! - `zap`: what is taken away again (mm/memory.c, mm/mmu_gather.c);
//! - `mmu`: how the processor translates, and what it is told to forget (arch/x86/mm/tlb.c);
//! - `pgtable`: the page tables, which are frames themselves;
//! - `mremap`: an area that grows, shrinks or moves (mm/mremap.c);
//! - `mlock`: what has to stay in memory (mm/mlock.c);
//! - `malloc`: what glibc makes of it all (malloc/malloc.c);
//! - `contents`: the bytes that lie in frames;
//! - `layout`: where its addresses end, as the machine translates them;
//! - `fork`: a second address space with the same pages (kernel/fork.c, mm/memory.c);
//! - `huge`: pages of 2 MiB (mm/huge_memory.c);
//! - `khugepaged`: small pages that become huge ones later (mm/khugepaged.c);
//! - `hugetlb`: the pool of huge pages (mm/hugetlb.c);
//! - `filemap`: the pages of files (mm/filemap.c);
//! - `swap`: what reclaim asks of them all;
//! - `split`: huge pages that are taken apart (mm/huge_memory.c);
//! - `scan`: word by word through an area, and the caches (no file of the kernel's);
//! - `thread`: more tasks on one address space (kernel/fork.c, glibc's nptl);
//! - `task_mmu`: what `/proc/PID` says of it (fs/proc/task_mmu.c);
//! - `machine`: the ops.

mod check;
mod check_huge;
mod contents;
mod filemap;
mod fork;
mod huge;
mod hugetlb;
mod khugepaged;
mod layout;
pub(crate) mod machine;
pub(crate) mod malloc;
mod memory;
mod migrate;
mod mlock;
mod mm_types;
mod mmap;
mod mmu;
mod mremap;
mod pgd;
mod pgtable;
mod scan;
mod split;
mod swap;
mod task_mmu;
mod thread;
mod zap;

pub(crate) use contents::Saved;
pub use contents::{Cell, Window};
pub use filemap::File;
pub use huge::{Compound, HPAGE_PAGES, HPAGE_SIZE, Huge, Leaf, ThpEvents};
pub use hugetlb::Pool;
pub use khugepaged::{Found, Khugepaged, ScanLimits, ScanResult};
pub use malloc::{Arena, Chunk, ChunkState, HEADER, Place, TCACHE_COUNT, TCACHE_STRUCT, chunk_size};
pub(crate) use memory::Spot;
pub use mm_types::{
    AnonVma, Backing, Counter, ELF_ET_DYN_BASE, FileId, MAX_MAP_COUNT, MMAP_MIN_ADDR, Mm, Rss, STACK_EXPAND,
    STACK_GUARD_GAP, TASK_SIZE, Vma,
};
pub use mmap::mmap_base;
pub use pgtable::{Mapped, Read, Tables, Walk};
pub use scan::{Pattern, Scan, TOLD};
pub(crate) use swap::Way;
pub use task_mmu::{Shows, Smaps};
pub use thread::{GUARD, STACK_MIN, Thread};

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::cow::{CowVec, own};
use crate::cpuset::{Cpuset, CpusetOp, Cpusets};
use crate::hash::{Digest, Digestible};
use crate::mempolicy::Mempolicy;
use crate::oom_kill::{Oom, OomOp, TaskArgs};
use crate::op::{Gfp, NameId};
use crate::step::MallocStep;
use crate::units::{CpuId, NrPages, Order, Pfn, Vaddr};
use crate::util::{Commit, Overcommit};
use crate::x86::mmu::Mmus;
use crate::x86::pgtable::Paging;

/// What an access does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Access {
    /// It reads.
    Read,
    /// It writes.
    Write,
    /// It fetches an instruction.
    Exec,
}

/// What may be done with the pages of an area (`PROT_*`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub struct Prot {
    /// `PROT_READ`
    pub read: bool,
    /// `PROT_WRITE`
    pub write: bool,
    /// `PROT_EXEC`
    pub exec: bool,
}

impl Prot {
    /// `PROT_NONE`
    pub const NONE: Prot = Prot { read: false, write: false, exec: false };
    /// `PROT_READ`
    pub const READ: Prot = Prot { read: true, ..Prot::NONE };
    /// `PROT_READ | PROT_WRITE`
    pub const READ_WRITE: Prot = Prot { read: true, write: true, exec: false };
    /// `PROT_READ | PROT_EXEC`
    pub const READ_EXEC: Prot = Prot { read: true, write: false, exec: true };

    /// Whether an access of this kind is allowed.
    #[must_use]
    pub fn allows(self, access: Access) -> bool {
        match access {
            Access::Read => self.read,
            Access::Write => self.write,
            Access::Exec => self.exec,
        }
    }
}

/// What `mmap()` is asked for besides a length.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MmapArgs {
    /// What may be done with it.
    pub prot: Prot,
    /// `MAP_SHARED`: what is written is there for everybody; otherwise `MAP_PRIVATE`.
    pub shared: bool,
    /// The file it shows, and from which byte of it on, a multiple of the page size; none: anonymous memory.
    pub file: Option<(NameId, u64)>,
    /// `MAP_NORESERVE`: no promise is counted, where that is believed.
    pub noreserve: bool,
    /// `MAP_POPULATE`: all pages are touched at once.
    pub populate: bool,
    /// `MAP_LOCKED`: and have to stay.
    pub locked: bool,
    /// `MAP_HUGETLB`: its pages are huge ones of the pool; private and anonymous.
    pub huge: bool,
}

impl MmapArgs {
    /// Private anonymous memory to read and write: what `malloc()` asks for.
    pub const ANONYMOUS: MmapArgs = MmapArgs {
        prot: Prot::READ_WRITE,
        shared: false,
        file: None,
        noreserve: false,
        populate: false,
        locked: false,
        huge: false,
    };
}

/// What `madvise()` says of pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Advice {
    /// `MADV_DONTNEED`: they go at once, and what was in them is gone.
    DontNeed,
    /// `MADV_FREE`: they may go, if memory is short before they are written to again.
    Free,
    /// `MADV_HUGEPAGE`: faults may bring huge pages.
    HugePage,
    /// `MADV_NOHUGEPAGE`: they may not.
    NoHugePage,
    /// `MADV_COLD`: they will not be used for long.
    Cold,
    /// `MADV_PAGEOUT`: they may be taken away at once.
    PageOut,
}

/// Limits of a process (`setrlimit()`), in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rlimits {
    /// `RLIMIT_STACK`
    pub stack: u64,
    /// `RLIMIT_AS`: of the whole address space; none: as much as the addresses reach.
    pub address_space: Option<u64>,
    /// `RLIMIT_MEMLOCK`; none: it may lock as much as it likes (`CAP_IPC_LOCK`).
    pub memlock: Option<u64>,
}

impl Default for Rlimits {
    fn default() -> Rlimits {
        Rlimits { stack: 8 << 20, address_space: None, memlock: None }
    }
}

/// Some of the bytes of an area, from its beginning; of a stack, from its top downwards.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct ByteRange {
    /// The first one.
    pub from: u64,
    /// One past the last one.
    pub to: u64,
}

/// Where in a process something is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum At {
    /// An area that `mmap()` gave a name, in the process that made it or in another one that has it since `fork()`.
    Area {
        /// Which.
        name: NameId,
        /// Another process; none: the one that mapped it.
        by: Option<NameId>,
    },
    /// The heap of a process, from its beginning.
    Heap(NameId),
    /// Its stack, from its top downwards.
    Stack(NameId),
    /// An address, whatever is there.
    Address(NameId, Vaddr),
}

/// What is asked of a process, or done by it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProcessOp {
    /// `f = file 2500K`, `f = file 2500K cached=1000K`: a file on the disk.
    File {
        /// What it is called.
        name: NameId,
        /// Its length.
        bytes: u64,
        /// So many of its first bytes are in the page cache already.
        cached: u64,
        /// The CPU whose pages it takes.
        cpu: CpuId,
    },
    /// `p = exec`, `p = exec stack=1M as=64M uid=1000`: a new process, with a stack and nothing else.
    Exec {
        /// What it is called.
        name: NameId,
        /// Its limits.
        limits: Rlimits,
        /// What else it says of itself.
        task: TaskArgs,
        /// The CPU it runs on.
        cpu: CpuId,
    },
    /// `q = fork p`
    Fork {
        /// What the child is called.
        name: NameId,
        /// Who forks.
        parent: NameId,
        /// The CPU it runs on.
        cpu: CpuId,
    },
    /// `t = thread p`, `t = thread p stack=64K cpu=1`: one more task on the address space (`pthread_create()`).
    Thread {
        /// What the thread is called.
        name: NameId,
        /// Who starts it: a process, or another thread of it.
        of: NameId,
        /// Bytes of its stack without the guard, at least [`STACK_MIN`]; none: as many as `RLIMIT_STACK` says.
        stack: Option<u64>,
        /// The CPU that it runs on, from now on.
        cpu: CpuId,
    },
    /// `exit p`: a process ends with all of its threads; `exit t`: one thread.
    Exit {
        /// Who.
        process: NameId,
        /// The CPU it runs on.
        cpu: CpuId,
    },
    /// `m = mmap p 10M`, `m = mmap p 500K file=f offset=4K rx shared noreserve populate`
    Mmap {
        /// What the area is called.
        name: NameId,
        /// Whose it is.
        process: NameId,
        /// How long it is to be; 0 is refused.
        bytes: u64,
        /// The rest.
        args: MmapArgs,
        /// The CPU it runs on.
        cpu: CpuId,
    },
    /// `munmap m`, `munmap m 0..64K`
    Munmap {
        /// What.
        at: At,
        /// Which part of it; none: all.
        bytes: Option<ByteRange>,
        /// The CPU it runs on.
        cpu: CpuId,
    },
    /// `mprotect m r 0..64K`
    Mprotect {
        /// What.
        at: At,
        /// Which part of it; none: all.
        bytes: Option<ByteRange>,
        /// What may be done from now on.
        prot: Prot,
    },
    /// `mlockall p current future`, `munlockall p`
    Mlockall {
        /// Whose memory.
        process: NameId,
        /// `MCL_CURRENT`: all that is mapped now has to stay.
        current: bool,
        /// `MCL_FUTURE`: so does all that will be. Neither: `munlockall()`, and nothing has to any more.
        future: bool,
        /// The CPU it runs on.
        cpu: CpuId,
    },
    /// `madvise m dontneed 0..64K`, `madvise m free`
    Madvise {
        /// What.
        at: At,
        /// What may be done with it.
        advice: Advice,
        /// Which part of it; none: all.
        bytes: Option<ByteRange>,
        /// The CPU it runs on.
        cpu: CpuId,
    },
    /// `brk p +132K`, `brk p -8K`: the end of the heap moves.
    Brk {
        /// Whose.
        process: NameId,
        /// By so many bytes.
        by: i64,
        /// The CPU it runs on.
        cpu: CpuId,
    },
    /// `mremap m 20M maymove`: an area gets another length.
    Mremap {
        /// Which.
        name: NameId,
        /// How long it is to be; 0 is refused.
        bytes: u64,
        /// `MREMAP_MAYMOVE`: it may lie elsewhere then.
        may_move: bool,
        /// The CPU it runs on.
        cpu: CpuId,
    },
    /// `mlock m`, `munlock m 0..64K`: its pages have to stay, or need not any more.
    Mlock {
        /// What.
        at: At,
        /// Which part of it; none: all.
        bytes: Option<ByteRange>,
        /// Whether it is locked or not any more.
        locked: bool,
        /// The CPU it runs on.
        cpu: CpuId,
    },
    /// `b = malloc p 100`, `b = calloc p 100`
    Malloc {
        /// What the block is called.
        name: NameId,
        /// Whose it is.
        process: NameId,
        /// How long it is to be, below 4 GiB.
        bytes: u64,
        /// It has to be zeros: `calloc()`.
        zero: bool,
        /// The CPU it runs on.
        cpu: CpuId,
    },
    /// `c = realloc b 200`
    Realloc {
        /// What the block is called from now on; the same name is fine.
        name: NameId,
        /// What it was called.
        of: NameId,
        /// How long it is to be, 1 byte to below 4 GiB.
        bytes: u64,
        /// The CPU it runs on.
        cpu: CpuId,
    },
    /// `memset b 0x41 0..16`: bytes become the same.
    Memset {
        /// Where.
        at: At,
        /// What they become.
        value: u8,
        /// Which part of it; none: all.
        bytes: Option<ByteRange>,
        /// The CPU it runs on.
        cpu: CpuId,
    },
    /// `hexdump b 0..64`: the program looks at what lies in memory.
    Hexdump {
        /// Where.
        at: At,
        /// Which part of it; none: all.
        bytes: Option<ByteRange>,
        /// The CPU it runs on.
        cpu: CpuId,
    },
    /// `nr_hugepages 4`: so many huge pages are set aside.
    NrHugepages {
        /// How many.
        pages: u32,
        /// The CPU it runs on.
        cpu: CpuId,
    },
    /// `nr_overcommit_hugepages 4`: so many more can be had when somebody wants them.
    NrOvercommitHugepages {
        /// How many.
        pages: u32,
    },
    /// `khugepaged`, `khugepaged max_ptes_none=0`: its ten seconds of sleep are over.
    Khugepaged {
        /// How far it goes.
        limits: ScanLimits,
        /// The CPU it runs on.
        cpu: CpuId,
    },
    /// `write m`, `read m 0..64K`, `read m by=q`, `write p heap`, `write p stack 0..1M`, `read p 0x0`, `exec m 0..4K`:
    /// each page of it is touched once.
    Access {
        /// What it does.
        access: Access,
        /// Where.
        at: At,
        /// Which part of it; none: all there is (of an address one byte).
        bytes: Option<ByteRange>,
        /// The CPU it runs on.
        cpu: CpuId,
    },
    /// `scan m column 64x64`, `scan m stride=64 0..1M write times=2`: word by word, through the caches.
    Scan {
        /// Where.
        at: At,
        /// Which part of it; none: all there is.
        bytes: Option<ByteRange>,
        /// In which order, and what is done.
        scan: Scan,
        /// The CPU it runs on from now on; none: that which it runs on.
        cpu: Option<CpuId>,
    },
    /// `move p cpu=1`: the scheduler puts a process on another CPU.
    Move {
        /// Which process.
        process: NameId,
        /// Where it goes.
        cpu: CpuId,
    },
    /// `set_mempolicy p bind 0,1`: which nodes its memory comes from from now on.
    SetMempolicy {
        /// Whose.
        process: NameId,
        /// By which policy; none: as usual.
        policy: Option<Mempolicy>,
    },
    /// `mbind m interleave 0,1 0..64K`: which nodes the pages of an area come from that are not there yet.
    Mbind {
        /// Where.
        at: At,
        /// Which part of it; none: all there is.
        bytes: Option<ByteRange>,
        /// By which policy; none: by that of the process.
        policy: Option<Mempolicy>,
    },
    /// `oom_score_adj p 500`, `sysrq f`: what decides who is killed when memory has run out.
    Oom(OomOp),
    /// `c = cpuset mems=0`, `cpuset.mems c 1`: which nodes processes may have memory of.
    Cpuset(CpusetOp),
    /// `a = alloc order=0 gfp=GFP_KERNEL by=p`: what the kernel asks for in a call of a process.
    AllocPages {
        /// What the block is called.
        name: NameId,
        /// Whose call it is.
        process: NameId,
        /// How large it is.
        order: u8,
        /// What for, and how.
        gfp: Gfp,
        /// The CPU that asks.
        cpu: CpuId,
    },
}

impl ProcessOp {
    /// The CPU it runs on.
    #[must_use]
    pub fn cpu(&self) -> Option<CpuId> {
        match *self {
            ProcessOp::File { cpu, .. }
            | ProcessOp::Exec { cpu, .. }
            | ProcessOp::Fork { cpu, .. }
            | ProcessOp::Thread { cpu, .. }
            | ProcessOp::Mlockall { cpu, .. }
            | ProcessOp::Exit { cpu, .. }
            | ProcessOp::Mmap { cpu, .. }
            | ProcessOp::Munmap { cpu, .. }
            | ProcessOp::Madvise { cpu, .. }
            | ProcessOp::Brk { cpu, .. }
            | ProcessOp::Mremap { cpu, .. }
            | ProcessOp::Mlock { cpu, .. }
            | ProcessOp::Malloc { cpu, .. }
            | ProcessOp::Realloc { cpu, .. }
            | ProcessOp::Memset { cpu, .. }
            | ProcessOp::Hexdump { cpu, .. }
            | ProcessOp::NrHugepages { cpu, .. }
            | ProcessOp::Khugepaged { cpu, .. }
            | ProcessOp::Access { cpu, .. }
            | ProcessOp::AllocPages { cpu, .. }
            | ProcessOp::Move { cpu, .. } => Some(cpu),
            ProcessOp::Scan { cpu, .. } => cpu,
            ProcessOp::Mprotect { .. }
            | ProcessOp::NrOvercommitHugepages { .. }
            | ProcessOp::SetMempolicy { .. }
            | ProcessOp::Mbind { .. }
            | ProcessOp::Cpuset(_)
            | ProcessOp::Oom(_) => None,
        }
    }

    /// The name that it gives or takes away.
    #[must_use]
    pub fn name(&self) -> Option<NameId> {
        match *self {
            ProcessOp::File { name, .. }
            | ProcessOp::Exec { name, .. }
            | ProcessOp::Fork { name, .. }
            | ProcessOp::Thread { name, .. }
            | ProcessOp::Malloc { name, .. }
            | ProcessOp::Realloc { name, .. }
            | ProcessOp::AllocPages { name, .. }
            | ProcessOp::Cpuset(CpusetOp::Make(Cpuset { name, .. }))
            | ProcessOp::Mmap { name, .. } => Some(name),
            ProcessOp::Exit { process, .. } => Some(process),
            ProcessOp::Munmap { at: At::Area { name, by: None }, bytes: None, .. } => Some(name),
            _ => None,
        }
    }
}

/// What an op of several units has left to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Work {
    /// Pages are touched one after the other.
    Access {
        process: NameId,
        access: Access,
        /// The next one, and how many are left.
        at: Vaddr,
        left: u64,
        /// From above downwards.
        down: bool,
        /// Nobody waits for it: `MAP_POPULATE` touches what it can.
        populate: bool,
    },
    /// Pages go, and then what else the op takes away.
    Zap {
        process: NameId,
        start: Vaddr,
        at: Vaddr,
        end: Vaddr,
        /// Pages that were there so far, and those of them that nobody has any more.
        present: u64,
        freed: u64,
        /// Batches so far.
        batches: u32,
        then: Then,
    },
    /// Pages come that are locked, the next of them first.
    Lock {
        process: NameId,
        at: Vaddr,
        end: Vaddr,
        /// Where one cannot come the next area is tried.
        all: bool,
    },
    /// Page tables are copied for a child.
    Fork {
        parent: NameId,
        child: NameId,
        /// The next page, and how many of its area were copied so far.
        at: Vaddr,
        shared: u64,
    },
    /// khugepaged is awake.
    Khugepaged(khugepaged::Turn),
}

/// What follows when all pages are gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Then {
    /// The addresses stay.
    Keep,
    /// They go as well (`munmap()`, `brk()`).
    Unmap,
    /// The process goes.
    Exit,
    /// A thread goes, and its stack waits for another one.
    Thread(NameId),
    /// A stack that waited goes.
    Uncache,
    /// The addresses stay, and so does the process, which was killed and does not go (`__oom_reap_task_mm()`).
    Reap,
}

impl Work {
    pub(crate) fn digest(&self, to: &mut Digest) {
        let words = match *self {
            Work::Access { at, left, .. } => [at.0, left],
            Work::Lock { at, end, .. } => [at.0, end.0],
            Work::Zap { at, present, .. } => [at.0, present],
            Work::Fork { at, shared, .. } => [at.0, shared],
            // (Where it is, the huge pages know.)
            Work::Khugepaged(turn) => {
                let flags = u64::from(turn.has_waited) << 33 | u64::from(turn.inside) << 32;
                let passes = u64::from(turn.passes) << 34;
                [
                    flags | passes | u64::from(turn.progress),
                    u64::from(turn.collapsed) << 32 | u64::from(turn.scanned),
                ]
            }
        };
        words.iter().for_each(|word| to.word(*word));
    }
}

/// All processes and files.
#[derive(Clone)]
pub struct Processes {
    mms: BTreeMap<NameId, Rc<Mm>>,
    /// Their names as they came: the kernel's list of tasks.
    pub(crate) order: Vec<NameId>,
    pub(crate) oom: Oom,
    /// Somebody has said where memory is to come from, or may; until then nobody is asked.
    pub(crate) has_policies: bool,
    pub(crate) cpusets: Cpusets,
    /// Those that are no leaders.
    threads: BTreeMap<NameId, Thread>,
    /// Where there are threads, the task that ran on a CPU last.
    ran: BTreeMap<CpuId, NameId>,
    /// By number; none: gone.
    files: Vec<Option<Rc<File>>>,
    tables: Tables,
    mapped: CowVec<Mapped, 64>,
    /// Pages that are promised (`vm_committed_as`).
    pub committed: u64,
    /// What decides how many may be.
    pub commit: Commit,
    /// The page of zeros that all share (`empty_zero_page`).
    pub zero_page: Pfn,
    anon_vmas: u32,
    /// Pages that nobody has any more, and that are not given back yet (`struct mmu_gather`).
    gathered: Vec<Pfn>,
    /// Frames that are to become a table or a page, while the rest of what that takes is asked for.
    fresh: Vec<Pfn>,
    huge: Huge,
    pool: Pool,
    /// What an op of several units has left to do.
    pub(crate) work: Option<Work>,
    /// Addresses that are locked since a moment ago: their pages come once nothing else is to be done.
    to_lock: Vec<(NameId, Vaddr, Vaddr)>,
    /// What follows the work.
    after: Option<malloc::machine::After>,
    contents: contents::Contents,
}

impl Default for Processes {
    fn default() -> Processes {
        Processes {
            mms: BTreeMap::new(),
            order: Vec::new(),
            oom: Oom::default(),
            has_policies: false,
            cpusets: Cpusets::default(),
            threads: BTreeMap::new(),
            ran: BTreeMap::new(),
            files: Vec::new(),
            tables: Tables::new(Paging::FourLevel),
            mapped: CowVec::empty(Mapped::NOBODY),
            committed: 0,
            commit: Commit {
                mode: Overcommit::Guess,
                total_ram: NrPages(0),
                total_swap: NrPages(0),
                hugetlb: NrPages(0),
                ratio: 50,
                kbytes: 0,
                admin_reserve_kbytes: 0,
                user_reserve_kbytes: 0,
            },
            zero_page: Pfn(0),
            anon_vmas: 0,
            gathered: Vec::new(),
            fresh: Vec::new(),
            huge: Huge::default(),
            pool: Pool::default(),
            work: None,
            to_lock: Vec::new(),
            after: None,
            contents: contents::Contents::default(),
        }
    }
}

impl Processes {
    /// Whether nobody ever asked for a process or a file.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        // Known from the first op on.
        self.commit.total_ram == NrPages(0)
    }

    /// The processes, in the order of their names.
    pub fn mms(&self) -> impl Iterator<Item = &Mm> {
        self.mms.values().map(Rc::as_ref)
    }

    /// The address space of a process.
    #[must_use]
    pub fn mm(&self, process: NameId) -> Option<&Mm> {
        self.mms.get(&process).map(Rc::as_ref)
    }

    pub(crate) fn mm_mut(&mut self, process: NameId) -> Option<&mut Mm> {
        self.mms.get_mut(&process).map(own)
    }

    /// A process more, the last one in the kernel's list.
    fn add_mm(&mut self, mm: Mm) {
        self.order.push(mm.name);
        self.mms.insert(mm.name, Rc::new(mm));
    }

    /// A process is gone.
    fn remove_mm(&mut self, process: NameId) -> Option<Rc<Mm>> {
        self.order.retain(|name| *name != process);
        self.mms.remove(&process)
    }

    /// What an op has left to do is not done any more.
    pub(crate) fn drop_work(&mut self) {
        (self.work, self.after) = (None, None);
        self.to_lock.clear();
    }

    /// Every frame that processes and files have, what it is counted as, how many entries lead to it, and whether it was
    /// written to.
    pub(crate) fn each_frame(&self, of: &mut impl FnMut(Pfn, Counter, u32, bool)) {
        for (pfn, mapped) in self.mapped.iter().enumerate() {
            let pfn = Pfn(pfn as u32);
            if mapped != Mapped::NOBODY && self.huge.of(pfn).is_none() {
                of(pfn, self.counter(pfn), mapped.mapcount, mapped.dirty);
            }
        }
        for (head, compound) in self.huge.compounds() {
            for pfn in (head.0..head.0 + HPAGE_PAGES).map(Pfn) {
                of(pfn, Counter::Anon, compound.pmds + self.mapped(pfn).mapcount, false);
            }
        }
    }

    /// The files, with their numbers.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &File)> {
        let numbered = (0..).map(FileId).zip(&self.files);
        numbered.filter_map(|(id, file)| Some((id, file.as_deref()?)))
    }

    /// One file.
    #[must_use]
    pub fn file(&self, id: FileId) -> Option<&File> {
        self.files.get(id.0 as usize)?.as_deref()
    }

    #[inline]
    pub(crate) fn file_mut(&mut self, id: FileId) -> Option<&mut File> {
        self.files.get_mut(id.0 as usize)?.as_mut().map(own)
    }

    fn add_file(&mut self, file: File) -> FileId {
        self.files.push(Some(Rc::new(file)));
        FileId(self.files.len() as u32 - 1)
    }

    /// The file with a name of the scenario.
    #[must_use]
    pub fn file_of(&self, name: NameId) -> Option<FileId> {
        self.files().find(|(_, file)| file.name == name && !file.shmem).map(|(id, _)| id)
    }

    /// Pages that nobody has any more, and that are not given back yet (`struct mmu_gather`).
    #[must_use]
    pub fn being_freed(&self) -> NrPages {
        NrPages(self.gathered_pages())
    }

    /// See [`crate::Machine::flatten`].
    pub(crate) fn flatten(&mut self) {
        self.tables.flatten();
        self.mapped.flatten();
        for file in self.files.iter_mut().flatten() {
            own(file).i_pages.flatten();
        }
    }

    /// The page tables.
    #[must_use]
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// What is known of a frame.
    #[must_use]
    pub fn mapped(&self, pfn: Pfn) -> Mapped {
        *self.mapped.get_or_fill(pfn.0)
    }

    #[inline]
    fn set_mapped(&mut self, pfn: Pfn, mapped: Mapped) {
        if pfn.0 >= self.mapped.len() {
            self.mapped.grow(pfn.0 + 1);
        }
        self.mapped.set(pfn.0, mapped);
    }

    /// What pages of a frame are counted as.
    #[must_use]
    pub fn counter(&self, pfn: Pfn) -> Counter {
        match self.mapped(pfn).file().and_then(|(file, _)| self.file(file)) {
            None => Counter::Anon,
            Some(file) if file.shmem => Counter::Shmem,
            Some(_) => Counter::File,
        }
    }

    /// Blocks that belong to processes and files.
    pub(crate) fn frames(&self) -> impl Iterator<Item = (Pfn, Order)> {
        let anon = self.mapped.iter().enumerate();
        let used = anon.filter(|(_, mapped)| *mapped != Mapped::NOBODY).map(|(pfn, _)| Pfn(pfn as u32));
        let gathered = self.gathered.iter().chain(&self.fresh).copied();
        let single = used.chain(gathered).filter(|pfn| self.huge.of(*pfn).is_none());
        single
            .chain(self.tables.frames())
            .map(|pfn| (pfn, Order::ZERO))
            .chain(self.huge.blocks())
            .chain(self.pool.blocks())
    }

    pub(crate) fn digest_of(processes: &Processes, mmus: &Mmus) -> u64 {
        let mut d = Digest::default();
        mmus.digest(&mut d);
        processes.mms().for_each(|mm| mm.digest(&mut d));
        processes.threads().for_each(|thread| thread.digest(&mut d));
        for (cpu, task) in &processes.ran {
            d.word(u64::from(cpu.0) << 32 | u64::from(task.0));
        }
        processes.files().for_each(|(_, file)| file.digest(&mut d));
        processes.tables.digest(&mut d);
        // Beyond the last frame that anybody had there is nothing, however far the table reaches.
        for (pfn, mapped) in processes.mapped.iter().enumerate() {
            if mapped != Mapped::NOBODY {
                d.word(pfn as u64);
                mapped.digest(&mut d);
            }
        }
        processes.huge.digest(&mut d);
        processes.pool.digest(&mut d);
        d.word(processes.committed);
        d.word(u64::from(processes.commit.mode.number()) << 32 | u64::from(processes.commit.ratio));
        d.word(u64::from(processes.anon_vmas));
        processes.contents.digest(&mut d);
        if let Some(after) = processes.after {
            after.digest(&mut d);
        }
        match &processes.work {
            None => d.word(0),
            Some(work) => work.digest(&mut d),
        }
        // As they came; nothing where that is the order of their names.
        if !processes.order.is_sorted() {
            processes.order.iter().for_each(|name| d.word(u64::from(name.0)));
        }
        processes.oom.digest(&mut d);
        processes.cpusets.digest(&mut d);
        d.finish()
    }
}

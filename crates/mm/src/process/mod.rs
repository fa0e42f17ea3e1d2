//! Processes and their memory: addresses that are promised first, and pages that come when they are touched.
//!
//! - `mm_types`: an address space and its areas (include/linux/mm_types.h);
//! - `mmap`: where an area comes to lie, how areas become one and are cut (mm/mmap.c);
//! - `memory`: the faults, and what is taken away again (mm/memory.c, arch/x86/mm/fault.c);
//! - `fork`: a second address space with the same pages (kernel/fork.c, mm/memory.c);
//! - `filemap`: the pages of files (mm/filemap.c);
//! - `task_mmu`: what `/proc/PID` says of it (fs/proc/task_mmu.c);
//! - `machine`: the ops.

pub(crate) mod machine;

use crate::op::NameId;
use crate::units::{CpuId, Vaddr};

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
}

impl MmapArgs {
    /// Private anonymous memory to read and write: what `malloc()` asks for.
    pub const ANONYMOUS: MmapArgs =
        MmapArgs { prot: Prot::READ_WRITE, shared: false, file: None, noreserve: false, populate: false };
}

/// Limits of a process (`setrlimit()`), in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rlimits {
    /// `RLIMIT_STACK`
    pub stack: u64,
    /// `RLIMIT_AS`: of the whole address space; none: as much as the addresses reach.
    pub address_space: Option<u64>,
}

impl Default for Rlimits {
    fn default() -> Rlimits {
        Rlimits { stack: 8 << 20, address_space: None }
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
    /// `f = file 2500K`, `f = file 2500K cached`: a file on the disk.
    File {
        /// What it is called.
        name: NameId,
        /// Its length.
        bytes: u64,
        /// All of it is in the page cache already.
        cached: bool,
        /// The CPU whose pages it takes.
        cpu: CpuId,
    },
    /// `p = exec`, `p = exec stack=1M as=64M`: a new process, with a stack and nothing else.
    Exec {
        /// What it is called.
        name: NameId,
        /// Its limits.
        limits: Rlimits,
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
    /// `exit p`
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
    /// `madvise m dontneed 0..64K`: the pages may go, what was in them is gone (`MADV_DONTNEED`).
    DontNeed {
        /// What.
        at: At,
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
}

impl ProcessOp {
    /// The CPU it runs on.
    #[must_use]
    pub fn cpu(&self) -> Option<CpuId> {
        match *self {
            ProcessOp::File { cpu, .. }
            | ProcessOp::Exec { cpu, .. }
            | ProcessOp::Fork { cpu, .. }
            | ProcessOp::Exit { cpu, .. }
            | ProcessOp::Mmap { cpu, .. }
            | ProcessOp::Munmap { cpu, .. }
            | ProcessOp::DontNeed { cpu, .. }
            | ProcessOp::Brk { cpu, .. }
            | ProcessOp::Access { cpu, .. } => Some(cpu),
            ProcessOp::Mprotect { .. } => None,
        }
    }

    /// The name that it gives or takes away.
    #[must_use]
    pub fn name(&self) -> Option<NameId> {
        match *self {
            ProcessOp::File { name, .. }
            | ProcessOp::Exec { name, .. }
            | ProcessOp::Fork { name, .. }
            | ProcessOp::Mmap { name, .. } => Some(name),
            ProcessOp::Exit { process, .. } => Some(process),
            ProcessOp::Munmap { at: At::Area { name, by: None }, bytes: None, .. } => Some(name),
            _ => None,
        }
    }
}

/// All processes and files.
#[derive(Clone, Default)]
pub struct Processes {}

impl Processes {
    pub(crate) fn is_untouched(&self) -> bool {
        true
    }

    pub(crate) fn digest_of(_: &Processes) -> u64 {
        0
    }
}

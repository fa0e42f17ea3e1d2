//! What a text says of memory that runs short: `swap 64M`, `cat f`, `dd f 0..1M`, `sync`, `drop_caches 1`, `wait 5s`,
//! `lowmemorykiller on`, and `g = cgroup max=40M`.

use std::fmt;

use mm::oom_kill::{Lowmem, MINFREE_LEVELS};
use mm::process::ByteRange;
use mm::reclaim::{FileAdvice, Medium, SwapSpec};
use mm::units::NrPages;

use crate::ast::{Amount, Target};
use crate::kmem::{Cpu, Size};

/// How much a program reads or writes with one call unless its line says so.
pub const USUAL_BLOCK: u32 = 4096;
/// The most that it does.
pub const MAX_BLOCK: u64 = 1 << 20;
/// The longest that a line waits, in milliseconds: an hour.
pub const MAX_WAIT: u32 = 3_600_000;
/// The largest area of swap, in pages: 16 GiB.
pub const MAX_SWAP: u64 = 4 << 20;

/// What a program says of its reads.
pub(crate) const ADVICES: [(&str, FileAdvice); 4] = [
    ("normal", FileAdvice::Normal),
    ("sequential", FileAdvice::Sequential),
    ("random", FileAdvice::Random),
    ("dontneed", FileAdvice::DontNeed),
];

/// Something that is done with files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FileLine {
    /// `cat f 0..64K block=16K`, `dd f 0..64K block=16K`: a program reads, or writes.
    Io {
        /// Which file.
        file: Target,
        /// Which part of it; none: all.
        bytes: Option<ByteRange>,
        /// How much with one call, 1 to [`MAX_BLOCK`].
        block: u32,
        /// It writes.
        writes: bool,
        /// Where it runs.
        cpu: u8,
    },
    /// `fsync f`
    Fsync(Target),
    /// `sync`
    Sync,
    /// `fadvise f random`
    Advise(Target, FileAdvice),
    /// `drop_caches 1`; 1 to 3.
    DropCaches(u8),
    /// `wait 5s`, in milliseconds.
    Wait(u32),
    /// `g = cgroup max=40M swap.max=0`: a control group.
    Group {
        /// What it is called.
        target: Target,
        /// What it may have; none: as much as it likes.
        max: Option<Amount>,
        /// The same of swap.
        swap_max: Option<Amount>,
    },
    /// `memory.max g 20M`, `memory.swap.max g max`: another limit.
    GroupMax {
        /// Of which group.
        group: Target,
        /// What it may have; none: as much as it likes.
        max: Option<Amount>,
        /// Of swap; otherwise of memory.
        swap: bool,
    },
}

impl FileLine {
    /// The file, or the group, that it is about.
    #[must_use]
    pub fn target(&self) -> Option<&Target> {
        match self {
            FileLine::Io { file, .. }
            | FileLine::Fsync(file)
            | FileLine::Advise(file, _)
            | FileLine::Group { target: file, .. }
            | FileLine::GroupMax { group: file, .. } => Some(file),
            FileLine::Sync | FileLine::DropCaches(_) | FileLine::Wait(_) => None,
        }
    }
}

impl fmt::Display for FileLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileLine::Io { file, bytes, block, writes, cpu } => {
                write!(f, "{} {file}", if *writes { "dd" } else { "cat" })?;
                if let Some(ByteRange { from, to }) = bytes {
                    write!(f, " {}..{}", Size(*from), Size(*to))?;
                }
                if *block != USUAL_BLOCK {
                    write!(f, " block={}", Size(u64::from(*block)))?;
                }
                write!(f, "{}", Cpu(*cpu))
            }
            FileLine::Fsync(file) => write!(f, "fsync {file}"),
            FileLine::Sync => f.write_str("sync"),
            FileLine::Advise(file, advice) => {
                let word = ADVICES.into_iter().find(|(_, of)| of == advice).map_or("", |(word, _)| word);
                write!(f, "fadvise {file} {word}")
            }
            FileLine::DropCaches(what) => write!(f, "drop_caches {what}"),
            FileLine::Wait(ms) if ms.is_multiple_of(1000) => write!(f, "wait {}s", ms / 1000),
            FileLine::Wait(ms) => write!(f, "wait {ms}ms"),
            FileLine::Group { target, max, swap_max } => {
                write!(f, "{target} = cgroup")?;
                if let Some(max) = max {
                    write!(f, " max={max}")?;
                }
                swap_max.map_or(Ok(()), |max| write!(f, " swap.max={max}"))
            }
            FileLine::GroupMax { group, max, swap } => {
                write!(f, "{} {group} ", if *swap { "memory.swap.max" } else { "memory.max" })?;
                match max {
                    Some(max) => write!(f, "{max}"),
                    None => f.write_str("max"),
                }
            }
        }
    }
}

/// `swap 64M zram priority=5`: an area of swap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SwapLine {
    /// Its size.
    pub size: Amount,
    /// Where it lies.
    pub medium: Medium,
    /// Those with a higher one are used first; none: each new one comes after all others.
    pub priority: Option<i16>,
}

impl SwapLine {
    /// The same for a machine.
    #[must_use]
    pub fn spec(&self) -> SwapSpec {
        SwapSpec { pages: NrPages(self.size.count()), priority: self.priority, medium: self.medium }
    }
}

impl fmt::Display for SwapLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "swap {}", self.size)?;
        if self.medium == Medium::Zram {
            f.write_str(" zram")?;
        }
        self.priority.map_or(Ok(()), |priority| write!(f, " priority={priority}"))
    }
}

/// `lowmemorykiller on adj=0,100,900 minfree=1024,2048,8192`: Android's driver.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LowmemLine {
    /// Whether it is there.
    pub on: bool,
    /// From which adjustment on somebody goes, level by level, at most [`MINFREE_LEVELS`]; none: as the driver has it.
    pub adj: Vec<i16>,
    /// Pages, level by level, below which memory is short; none: as the driver has it.
    pub minfree: Vec<u32>,
}

impl LowmemLine {
    /// The same for a machine. There are as many levels as the shorter list has numbers.
    #[must_use]
    pub fn levels(&self) -> Option<Lowmem> {
        let usual = Lowmem::default();
        let adj = |at: usize, of: i16| if self.adj.is_empty() { Some(of) } else { self.adj.get(at).copied() };
        let minfree = |at: usize, of: NrPages| {
            let given = self.minfree.get(at).map(|pages| NrPages(u64::from(*pages)));
            if self.minfree.is_empty() { Some(of) } else { given }
        };
        let mut levels = usual.levels;
        for (at, level) in levels.iter_mut().enumerate() {
            let given = adj(at, level.0).zip(minfree(at, level.1));
            *level = given.unwrap_or((0, NrPages(0)));
        }
        self.on.then_some(Lowmem { levels })
    }
}

impl fmt::Display for LowmemLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lowmemorykiller {}", if self.on { "on" } else { "off" })?;
        let list = |numbers: Vec<String>| numbers.join(",");
        if !self.adj.is_empty() {
            write!(f, " adj={}", list(self.adj.iter().map(ToString::to_string).collect()))?;
        }
        if !self.minfree.is_empty() {
            write!(f, " minfree={}", list(self.minfree.iter().map(ToString::to_string).collect()))?;
        }
        Ok(())
    }
}

/// The most numbers of a list.
pub(crate) const MAX_LEVELS: usize = MINFREE_LEVELS;

//! What a text says of processes and their memory: `p = exec`, `m = mmap p 10M`, `write m 0..64K`.

use std::fmt;

use mm::mempolicy::{Mempolicy, Mode, NodeMask};
use mm::oom_kill::TaskArgs;
use mm::process::{Access, Advice, ByteRange, Prot, Rlimits, Scan, ScanLimits};
use mm::units::PAGE_SIZE;

use crate::ast::Target;
use crate::caches::{options, pattern};
use crate::kmem::{Cpu, Size};
use crate::span::Part;

/// The longest area, range or limit: all the addresses that a process of 47 bits has.
pub const MAX_BYTES: u64 = 1 << 47;

/// The longest block of malloc: what is longer belongs into an area.
pub const MAX_BLOCK: u64 = (4 << 30) - 1;
/// The most huge pages that are set aside: 16 GiB of them.
pub const MAX_HUGEPAGES: u32 = 8192;
/// The most pages of addresses that one turn of khugepaged looks at: 1 GiB.
pub const MAX_PAGES_TO_SCAN: u32 = 1 << 18;

/// The longest time that a process has run or worked, in seconds: 68 years; the largest number of a user as well.
pub const MAX_SECONDS: u32 = i32::MAX as u32;

/// The longest file.
pub const MAX_FILE: u64 = 16 << 30;

/// The end of all addresses. The kernel never maps the last page: its addresses stand for error numbers.
pub const ADDRESS_END: u64 = 0u64.wrapping_sub(PAGE_SIZE);

/// An op of processes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Process {
    /// `libc = file 2500K cached`, `libc = file 2500K cached=1000K`
    File {
        /// What it is called.
        target: Target,
        /// Its length.
        bytes: u64,
        /// All of it is in the page cache already.
        cached: u64,
        /// The CPU whose pages it takes.
        cpu: u8,
    },
    /// `p = exec stack=1M as=64M uid=1000 cgroup=g cpuset=c`
    Exec {
        /// What the process is called.
        target: Target,
        /// Its limits.
        limits: Rlimits,
        /// What else it says of itself; its group and its cpuset stand beside it.
        task: TaskArgs,
        /// The control group that it is in.
        cgroup: Option<Box<Target>>,
        /// The cpuset that it is in.
        cpuset: Option<Box<Target>>,
        /// The CPU it runs on.
        cpu: u8,
    },
    /// `q = fork p`
    Fork {
        /// What the child is called.
        target: Target,
        /// Who forks.
        parent: Target,
        /// The CPU it runs on.
        cpu: u8,
    },
    /// `t = thread p stack=64K cpu=1`
    Thread {
        /// What the thread is called.
        target: Target,
        /// Who starts it.
        of: Target,
        /// Bytes of its stack; none: as many as `RLIMIT_STACK` says.
        stack: Option<u64>,
        /// The CPU it runs on from now on.
        cpu: u8,
    },
    /// `mlockall p current future`, and `munlockall p` with neither.
    Mlockall {
        /// Whose memory.
        process: Target,
        /// What is mapped.
        current: bool,
        /// What will be.
        future: bool,
        /// The CPU it runs on.
        cpu: u8,
    },
    /// `exit p`
    Exit {
        /// Who.
        process: Target,
        /// The CPU it runs on.
        cpu: u8,
    },
    /// `m = mmap p 500K file=libc offset=4K rx shared noreserve populate`
    Mmap {
        /// What the area is called.
        target: Target,
        /// Whose it is.
        process: Target,
        /// How long it is to be.
        bytes: u64,
        /// The rest; boxed, because it is far larger than all the others.
        args: Box<MmapArgs>,
        /// The CPU it runs on.
        cpu: u8,
    },
    /// `munmap m 0..64K`
    Munmap {
        /// What.
        at: At,
        /// Which part of it; none: all.
        bytes: Option<ByteRange>,
        /// The CPU it runs on.
        cpu: u8,
    },
    /// `mprotect m r 0..64K`
    Mprotect {
        /// What.
        at: At,
        /// What may be done from now on.
        prot: Prot,
        /// Which part of it; none: all.
        bytes: Option<ByteRange>,
    },
    /// `madvise m dontneed 0..64K`, `madvise m free`, `madvise m hugepage`
    Madvise {
        /// What.
        at: At,
        /// What may be done with it.
        advice: Advice,
        /// Which part of it; none: all.
        bytes: Option<ByteRange>,
        /// The CPU it runs on.
        cpu: u8,
    },
    /// `mremap m 20M maymove`
    Mremap {
        /// Which area.
        area: Target,
        /// How long it is to be.
        bytes: u64,
        /// Whether it may lie elsewhere then.
        may_move: bool,
        /// The CPU it runs on.
        cpu: u8,
    },
    /// `mlock m`, `munlock m 0..64K`
    Mlock {
        /// What.
        at: At,
        /// Which part of it; none: all.
        bytes: Option<ByteRange>,
        /// Whether it is locked or not any more.
        locked: bool,
        /// The CPU it runs on.
        cpu: u8,
    },
    /// `b = malloc p 100`, `b = calloc p 100`
    Malloc {
        /// What the block is called.
        target: Target,
        /// Whose it is.
        process: Target,
        /// How long it is, at most [`MAX_BLOCK`].
        bytes: u64,
        /// Whether it has to be zeros: `calloc`.
        zero: bool,
        /// The CPU it runs on.
        cpu: u8,
    },
    /// `b = realloc b 200`
    Realloc {
        /// What the block is called from now on.
        target: Target,
        /// What it was called.
        of: Target,
        /// How long it is to be: 1 to [`MAX_BLOCK`].
        bytes: u64,
        /// The CPU it runs on.
        cpu: u8,
    },
    /// `memset b 0x41 0..16`
    Memset {
        /// Where; no address, as the number behind the name is the byte.
        at: At,
        /// What the bytes become.
        value: u8,
        /// Which part of it; none: all.
        bytes: Option<ByteRange>,
        /// The CPU it runs on.
        cpu: u8,
    },
    /// `hexdump b 0..16`
    Hexdump {
        /// Where.
        at: At,
        /// Which part of it; none: all.
        bytes: Option<ByteRange>,
        /// The CPU it runs on.
        cpu: u8,
    },
    /// `brk p +132K`
    Brk {
        /// Whose heap.
        process: Target,
        /// By so many bytes; at most [`MAX_BYTES`] in either direction.
        by: i64,
        /// The CPU it runs on.
        cpu: u8,
    },
    /// `nr_hugepages 4`: so many huge pages are set aside.
    NrHugepages {
        /// How many; at most [`MAX_HUGEPAGES`].
        pages: u32,
        /// The CPU it runs on.
        cpu: u8,
    },
    /// `nr_overcommit_hugepages 4`: so many more may be had when somebody wants them.
    NrOvercommitHugepages {
        /// How many; at most [`MAX_HUGEPAGES`].
        pages: u32,
    },
    /// `khugepaged`, `khugepaged max_ptes_none=0`: its ten seconds of sleep are over.
    Khugepaged {
        /// How far it goes, and what may be missing.
        limits: ScanLimits,
        /// The CPU it runs on.
        cpu: u8,
    },
    /// `read m`, `write p heap 0..64K`, `exec m by=q`
    Access {
        /// What it does.
        access: Access,
        /// Where.
        at: At,
        /// Which part of it; none: all there is.
        bytes: Option<ByteRange>,
        /// The CPU it runs on.
        cpu: u8,
    },
    /// `scan m column 64x64 write times=2`
    Scan {
        /// Where.
        at: At,
        /// Which part of it; none: all there is.
        bytes: Option<ByteRange>,
        /// In which order, and what is done.
        scan: Scan,
        /// The CPU it runs on from now on; none: that which it runs on.
        cpu: Option<u8>,
    },
    /// `move p cpu=1`
    Move {
        /// Which process.
        process: Target,
        /// Where it goes.
        cpu: u8,
    },
    /// `set_mempolicy p bind 0,1`: which nodes its memory comes from.
    SetMempolicy {
        /// Whose.
        process: Target,
        /// By which policy; none: as usual.
        policy: Option<Mempolicy>,
    },
    /// `mbind m interleave 0,1 0..64K`: which nodes new pages of an area come from.
    Mbind {
        /// Where.
        at: At,
        /// By which policy; none: as the process says.
        policy: Option<Mempolicy>,
        /// Which part of it; none: all.
        bytes: Option<ByteRange>,
    },
    /// `c = cpuset mems=0,1 mem_hardwall`: which nodes processes may have memory of.
    Cpuset {
        /// What it is called.
        target: Target,
        /// Its nodes.
        mems: NodeMask,
        /// What the kernel asks for on their behalf stays inside as well.
        hardwall: bool,
    },
    /// `cpuset.mems c 1`: it has these nodes from now on.
    CpusetMems {
        /// Which cpuset.
        cpuset: Target,
        /// Its nodes.
        mems: NodeMask,
    },
    /// `oom_score_adj p 500`, `oom_adj p 5 root`
    Adjust {
        /// Whose file is written.
        process: Target,
        /// What, -1000 to 1000; to the old file -17 to 15.
        value: i16,
        /// To the old file, `oom_adj`.
        legacy: bool,
        /// By root, not by the process itself.
        root: bool,
    },
    /// `sysrq f`: somebody is killed.
    Sysrq,
}

/// What `mmap` is asked for besides a length.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MmapArgs {
    /// What may be done with it.
    pub prot: Prot,
    /// Whether what is written is there for everybody.
    pub shared: bool,
    /// The file it shows, and from which byte of it on, a multiple of the page size; none: anonymous memory.
    pub file: Option<(Target, u64)>,
    /// Whether no promise is counted.
    pub noreserve: bool,
    /// Whether all pages are touched at once.
    pub populate: bool,
    /// Whether they have to stay as well.
    pub locked: bool,
    /// Whether its pages are huge ones of the pool; private and anonymous then.
    pub huge: bool,
}

impl Default for MmapArgs {
    /// Private anonymous memory to read and write.
    fn default() -> MmapArgs {
        MmapArgs {
            prot: Prot::READ_WRITE,
            shared: false,
            file: None,
            noreserve: false,
            populate: false,
            locked: false,
            huge: false,
        }
    }
}

/// Where in a process something is done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum At {
    /// `m`, `m by=q`: an area that `mmap` gave a name.
    Area {
        /// Which.
        area: Target,
        /// Another process than the one that mapped it.
        by: Option<Target>,
    },
    /// `p heap`: from its beginning.
    Heap(Target),
    /// `p stack`: from its top downwards.
    Stack(Target),
    /// `p 0x7fff12345000`; below [`ADDRESS_END`].
    Address(Target, u64),
}

/// The words for what may be done with an area.
pub(crate) const PROTS: [(&str, Prot); 8] = [
    ("none", Prot::NONE),
    ("r", Prot::READ),
    ("w", Prot { write: true, ..Prot::NONE }),
    ("rw", Prot::READ_WRITE),
    ("x", Prot { exec: true, ..Prot::NONE }),
    ("rx", Prot::READ_EXEC),
    ("wx", Prot { write: true, exec: true, ..Prot::NONE }),
    ("rwx", Prot { read: true, write: true, exec: true }),
];

/// The words of advice.
pub(crate) const ADVICES: [(&str, Advice); 6] = [
    ("dontneed", Advice::DontNeed),
    ("free", Advice::Free),
    ("hugepage", Advice::HugePage),
    ("nohugepage", Advice::NoHugePage),
    ("cold", Advice::Cold),
    ("pageout", Advice::PageOut),
];

/// The words of policies, and whether nodes follow; the first one takes a policy away.
pub(crate) const POLICIES: [(&str, Option<Mode>); 6] = [
    ("default", None),
    ("local", Some(Mode::Local)),
    ("preferred", Some(Mode::Preferred)),
    ("preferred_many", Some(Mode::PreferredMany)),
    ("bind", Some(Mode::Bind)),
    ("interleave", Some(Mode::Interleave)),
];

/// The words of accesses; each begins a line.
pub(crate) const ACCESSES: [(&str, Access); 3] =
    [("read", Access::Read), ("write", Access::Write), ("exec", Access::Exec)];

impl Process {
    /// The names on its line, each with what it is there: first the one that it gives or takes away or works on.
    pub(crate) fn targets(&self) -> [Option<(Part, &Target)>; 3] {
        let (first, second, third) = match self {
            Process::NrHugepages { .. }
            | Process::NrOvercommitHugepages { .. }
            | Process::Khugepaged { .. }
            | Process::Sysrq => return [None; 3],
            Process::Exec { target, cgroup, cpuset, .. } => {
                let cpuset = cpuset.as_deref().map(|cpuset| (Part::Cpuset, cpuset));
                (target, cgroup.as_deref().map(|group| (Part::Group, group)), cpuset)
            }
            Process::File { target, .. }
            | Process::Exit { process: target, .. }
            | Process::Mlockall { process: target, .. }
            | Process::Mremap { area: target, .. }
            | Process::Move { process: target, .. }
            | Process::Adjust { process: target, .. }
            | Process::SetMempolicy { process: target, .. }
            | Process::Cpuset { target, .. }
            | Process::CpusetMems { cpuset: target, .. }
            | Process::Brk { process: target, .. } => (target, None, None),
            Process::Fork { target, parent, .. }
            | Process::Thread { target, of: parent, .. }
            | Process::Malloc { target, process: parent, .. }
            | Process::Realloc { target, of: parent, .. } => (target, Some((Part::Process, parent)), None),
            Process::Mmap { target, process, args, .. } => {
                let file = args.file.as_ref().map(|(file, _)| (Part::File, file));
                (target, Some((Part::Process, process)), file)
            }
            Process::Munmap { at, .. }
            | Process::Mprotect { at, .. }
            | Process::Madvise { at, .. }
            | Process::Memset { at, .. }
            | Process::Mlock { at, .. }
            | Process::Mbind { at, .. }
            | Process::Hexdump { at, .. }
            | Process::Scan { at, .. }
            | Process::Access { at, .. } => match at {
                At::Area { area, by } => (area, by.as_ref().map(|by| (Part::By, by)), None),
                At::Heap(process) | At::Stack(process) | At::Address(process, _) => (process, None, None),
            },
        };
        [Some((Part::Target, first)), second, third]
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Process::File { target, bytes, cached, cpu } => {
                write!(f, "{target} = file {}", Size(*bytes))?;
                match *cached {
                    0 => {}
                    all if all == *bytes => f.write_str(" cached")?,
                    part => write!(f, " cached={}", Size(part))?,
                }
                write!(f, "{}", Cpu(*cpu))
            }
            Process::Exec { target, limits, task, cgroup, cpuset, cpu } => {
                write!(f, "{target} = exec")?;
                if limits.stack != Rlimits::default().stack {
                    write!(f, " stack={}", Size(limits.stack))?;
                }
                if let Some(bytes) = limits.address_space {
                    write!(f, " as={}", Size(bytes))?;
                }
                if let Some(bytes) = limits.memlock {
                    write!(f, " memlock={}", Size(bytes))?;
                }
                write!(f, "{}", Task(task))?;
                if let Some(group) = cgroup {
                    write!(f, " cgroup={group}")?;
                }
                if let Some(cpuset) = cpuset {
                    write!(f, " cpuset={cpuset}")?;
                }
                write!(f, "{}", Cpu(*cpu))
            }
            Process::Fork { target, parent, cpu } => write!(f, "{target} = fork {parent}{}", Cpu(*cpu)),
            Process::Thread { target, of, stack, cpu } => {
                write!(f, "{target} = thread {of}")?;
                if let Some(bytes) = stack {
                    write!(f, " stack={}", Size(*bytes))?;
                }
                write!(f, "{}", Cpu(*cpu))
            }
            Process::Mlockall { process, current: false, future: false, cpu } => {
                write!(f, "munlockall {process}{}", Cpu(*cpu))
            }
            Process::Mlockall { process, current, future, cpu } => {
                let (current, future) = (word(*current, " current"), word(*future, " future"));
                write!(f, "mlockall {process}{current}{future}{}", Cpu(*cpu))
            }
            Process::Exit { process, cpu } => write!(f, "exit {process}{}", Cpu(*cpu)),
            Process::Mmap { target, process, bytes, args, cpu } => {
                write!(f, "{target} = mmap {process} {}{args}{}", Size(*bytes), Cpu(*cpu))
            }
            Process::Mremap { area, bytes, may_move, cpu } => {
                write!(f, "mremap {area} {}{}{}", Size(*bytes), word(*may_move, " maymove"), Cpu(*cpu))
            }
            Process::Malloc { target, process, bytes, zero, cpu } => {
                let word = if *zero { "calloc" } else { "malloc" };
                write!(f, "{target} = {word} {process} {}{}", Size(*bytes), Cpu(*cpu))
            }
            Process::Realloc { target, of, bytes, cpu } => {
                write!(f, "{target} = realloc {of} {}{}", Size(*bytes), Cpu(*cpu))
            }
            Process::Memset { at, value, bytes, cpu } => {
                write!(f, "memset {}{}", on(at, &format!("{value:#04x}"), *bytes), Cpu(*cpu))
            }
            Process::Mlock { at, bytes, locked, cpu } => {
                let word = if *locked { "mlock" } else { "munlock" };
                write!(f, "{word} {}{}", on(at, "", *bytes), Cpu(*cpu))
            }
            Process::Hexdump { at, bytes, cpu } => {
                write!(f, "hexdump {}{}", on(at, "", *bytes), Cpu(*cpu))
            }
            Process::Munmap { at, bytes, cpu } => write!(f, "munmap {}{}", on(at, "", *bytes), Cpu(*cpu)),
            Process::Mprotect { at, prot, bytes } => {
                write!(f, "mprotect {}", on(at, prot_word(*prot), *bytes))
            }
            Process::Madvise { at, advice, bytes, cpu } => {
                let word = ADVICES.into_iter().find(|(_, of)| of == advice).map_or("", |(word, _)| word);
                write!(f, "madvise {}{}", on(at, word, *bytes), Cpu(*cpu))
            }
            Process::NrHugepages { pages, cpu } => write!(f, "nr_hugepages {pages}{}", Cpu(*cpu)),
            Process::NrOvercommitHugepages { pages } => write!(f, "nr_overcommit_hugepages {pages}"),
            Process::Khugepaged { limits, cpu } => {
                f.write_str("khugepaged")?;
                let (usual, now) = (ScanLimits::default().words(), limits.words());
                for ((word, value), (_, usual)) in now.into_iter().zip(usual) {
                    if value != usual {
                        write!(f, " {word}={value}")?;
                    }
                }
                write!(f, "{}", Cpu(*cpu))
            }
            Process::Brk { process, by, cpu } => {
                let sign = if *by < 0 { '-' } else { '+' };
                write!(f, "brk {process} {sign}{}{}", Size(by.unsigned_abs()), Cpu(*cpu))
            }
            Process::Access { access, at, bytes, cpu } => {
                let of = ACCESSES.into_iter().find(|(_, of)| of == access);
                write!(f, "{} {}{}", of.map_or("", |(word, _)| word), on(at, "", *bytes), Cpu(*cpu))
            }
            Process::Scan { at, bytes, scan, cpu } => {
                write!(f, "scan {}{}", on(at, &pattern(scan.pattern), *bytes), options(scan))?;
                cpu.map_or(Ok(()), |cpu| write!(f, " cpu={cpu}"))
            }
            Process::Adjust { process, value, legacy, root } => {
                let file = if *legacy { "oom_adj" } else { "oom_score_adj" };
                write!(f, "{file} {process} {value}{}", word(*root, " root"))
            }
            Process::Sysrq => f.write_str("sysrq f"),
            Process::SetMempolicy { process, policy } => {
                write!(f, "set_mempolicy {process} {}", policy_words(*policy))
            }
            Process::Cpuset { target, mems, hardwall } => {
                let wall = word(*hardwall, " mem_hardwall");
                write!(f, "{target} = cpuset mems={}{wall}", node_words(*mems))
            }
            Process::CpusetMems { cpuset, mems } => {
                write!(f, "cpuset.mems {cpuset} {}", node_words(*mems))
            }
            Process::Mbind { at, policy, bytes } => {
                write!(f, "mbind {}", on(at, &policy_words(*policy), *bytes))
            }
            Process::Move { process, cpu } => write!(f, "move {process} cpu={cpu}"),
        }
    }
}

/// What a program says of itself, where it is not as usual.
struct Task<'t>(&'t TaskArgs);

impl fmt::Display for Task<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TaskArgs { uid, nice, cpu_seconds, age_seconds, stuck, .. } = *self.0;
        for (word, value) in [
            ("uid", i64::from(uid)),
            ("nice", i64::from(nice)),
            ("cputime", i64::from(cpu_seconds)),
            ("age", i64::from(age_seconds)),
        ] {
            if value != 0 {
                write!(f, " {word}={value}")?;
            }
        }
        f.write_str(word(stuck, " stuck"))
    }
}

impl fmt::Display for MmapArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((file, offset)) = &self.file {
            write!(f, " file={file}")?;
            if *offset > 0 {
                write!(f, " offset={}", Size(*offset))?;
            }
        }
        if self.prot != Prot::READ_WRITE {
            write!(f, " {}", prot_word(self.prot))?;
        }
        f.write_str(word(self.shared, " shared"))?;
        f.write_str(word(self.noreserve, " noreserve"))?;
        f.write_str(word(self.populate, " populate"))?;
        f.write_str(word(self.locked, " locked"))?;
        f.write_str(word(self.huge, " huge"))
    }
}

/// A place, what is said of it, the part of it that is meant, and who does it.
fn on(at: &At, said: &str, bytes: Option<ByteRange>) -> String {
    let (mut out, by) = match at {
        At::Area { area, by } => (area.to_string(), by.as_ref()),
        At::Heap(process) => (format!("{process} heap"), None),
        At::Stack(process) => (format!("{process} stack"), None),
        At::Address(process, address) => (format!("{process} {address:#x}"), None),
    };
    if !said.is_empty() {
        out += &format!(" {said}");
    }
    if let Some(ByteRange { from, to }) = bytes {
        out += &format!(" {}..{}", Size(from), Size(to));
    }
    if let Some(by) = by {
        out += &format!(" by={by}");
    }
    out
}

/// `bind 0,1`
fn policy_words(policy: Option<Mempolicy>) -> String {
    let mode = policy.map(|policy| policy.mode);
    let word = POLICIES.into_iter().find(|(_, of)| *of == mode).map_or("", |(word, _)| word);
    let nodes = policy.map_or_else(String::new, |policy| node_words(policy.nodes));
    if nodes.is_empty() { word.to_owned() } else { format!("{word} {nodes}") }
}

/// `0,1`
fn node_words(nodes: NodeMask) -> String {
    nodes.nodes().map(|node| node.to_string()).collect::<Vec<_>>().join(",")
}

fn prot_word(prot: Prot) -> &'static str {
    PROTS.into_iter().find(|(_, of)| *of == prot).map_or("none", |(word, _)| word)
}

fn word(is: bool, word: &str) -> &str {
    if is { word } else { "" }
}

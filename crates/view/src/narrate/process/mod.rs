//! What is said of processes: their addresses, and the pages that come when they are touched.

mod en;
mod zh;

use mm::config::Arch;
use mm::op::{NameId, ProcessOp};
use mm::process::{Access, At, ByteRange, MmapArgs, Prot, Rlimits};
use mm::step::{ProcessStep, Refusal};
use mm::units::{PAGE_SIZE, Vaddr};
use mm::x86::pgtable::{Level, Paging};
use mm::{Bytes, NrPages, Op};
use scenario::Lang;

use super::{Told, Words, num};

/// A step of a process, told.
pub(crate) fn tell(lang: Lang, w: &Words, process: NameId, step: &ProcessStep) -> Told {
    match lang {
        Lang::En => en::process(w, process, step),
        Lang::Zh => zh::process(w, process, step),
    }
}

/// What an op wants, behind its name.
pub(crate) fn op_text(lang: Lang, w: &Words, op: &ProcessOp) -> String {
    match lang {
        Lang::En => en::op_text(w, op),
        Lang::Zh => zh::op_text(w, op),
    }
}

/// An op as a programmer writes it: the call, or the access in C.
pub(crate) fn code(w: &Words, op: &ProcessOp) -> String {
    match *op {
        ProcessOp::File { name, bytes, cached, cpu: _ } => {
            let name = w.full_name(name);
            let bytes = size(bytes);
            let read = if cached { format!(" readahead({name}, 0, {bytes});") } else { String::new() };
            format!("{name} = open(\"{name}\", O_RDWR|O_CREAT); ftruncate({name}, {bytes});{read}")
        }
        ProcessOp::Exec { name, limits, cpu: _ } => {
            let stack = (limits.stack != Rlimits::default().stack).then_some(("STACK", limits.stack));
            let all = [stack, limits.address_space.map(|bytes| ("AS", bytes))];
            let set = |(of, bytes)| format!("setrlimit(RLIMIT_{of}, {}); ", size(bytes));
            let limits: String = all.into_iter().flatten().map(set).collect();
            format!("{limits}execve(\"{}\", argv, envp);", w.full_name(name))
        }
        ProcessOp::Fork { name, .. } => format!("{} = fork();", w.full_name(name)),
        ProcessOp::Exit { .. } => "exit(0);".into(),
        ProcessOp::Mmap { name, process: _, bytes, args, cpu: _ } => {
            let MmapArgs { prot, shared, file, noreserve, populate } = args;
            let sharing = if shared { "MAP_SHARED" } else { "MAP_PRIVATE" };
            let rest = [
                (file.is_none(), "|MAP_ANONYMOUS"),
                (noreserve, "|MAP_NORESERVE"),
                (populate, "|MAP_POPULATE"),
            ];
            let rest: String = rest.into_iter().filter(|(given, _)| *given).map(|(_, flag)| flag).collect();
            let (file, offset) =
                file.map_or(("-1", "0".into()), |(file, offset)| (w.full_name(file), size(offset)));
            let (name, bytes, prot) = (w.full_name(name), size(bytes), prot_of(prot));
            format!("{name} = mmap(NULL, {bytes}, {prot}, {sharing}{rest}, {file}, {offset});")
        }
        ProcessOp::Munmap { at, bytes, cpu: _ } => {
            format!("munmap({}, {});", pointer(w, at, bytes), length(bytes))
        }
        ProcessOp::Mprotect { at, bytes, prot } => {
            format!("mprotect({}, {}, {});", pointer(w, at, bytes), length(bytes), prot_of(prot))
        }
        ProcessOp::DontNeed { at, bytes, cpu: _ } => {
            format!("madvise({}, {}, MADV_DONTNEED);", pointer(w, at, bytes), length(bytes))
        }
        ProcessOp::Brk { process: _, by, cpu: _ } => {
            let sign = if by < 0 { "-" } else { "" };
            format!("sbrk({sign}{});", size(by.unsigned_abs()))
        }
        ProcessOp::Access { access, at, bytes, cpu: _ } => accesses(w, access, at, bytes),
    }
}

/// One access, or a loop that touches each page once.
fn accesses(w: &Words, access: Access, at: At, bytes: Option<ByteRange>) -> String {
    let single = match (at, bytes) {
        (At::Address(..), None) => true,
        (_, bytes) => bytes.is_some_and(|bytes| bytes.to.saturating_sub(bytes.from) <= PAGE_SIZE),
    };
    let (base, from) = (base(w, at), bytes.map_or(0, |bytes| bytes.from));
    let (base, sign) = match at {
        // The first byte of a stack is the one below its end.
        At::Stack(_) => (format!("{base} - 1"), '-'),
        _ => (base, '+'),
    };
    let place = match (single, from) {
        (true, 0) if base.contains(' ') => format!("({base})"),
        (true, 0) => base,
        (true, from) => format!("({base} {sign} {})", size(from)),
        (false, _) => format!("({base} {sign} i)"),
    };
    let access = match access {
        Access::Read => format!("*(volatile char *){place};"),
        Access::Write => format!("*(volatile char *){place} = 1;"),
        Access::Exec => format!("((void (*)(void)){place})();"),
    };
    if single {
        return access;
    }
    let to = bytes.map_or("length".into(), |bytes| size(bytes.to));
    format!("for (i = {}; i < {to}; i += {}) {access}", size(from), size(PAGE_SIZE))
}

/// What an expression in C begins with.
fn base(w: &Words, at: At) -> String {
    match at {
        At::Area { name, .. } => w.full_name(name).into(),
        At::Heap(_) => "heap".into(),
        At::Stack(_) => "stack".into(),
        At::Address(_, address) => hex(address),
    }
}

/// The lowest of the addresses that a call is about.
fn pointer(w: &Words, at: At, bytes: Option<ByteRange>) -> String {
    let base = base(w, at);
    match (at, bytes) {
        (At::Stack(_), None) => format!("{base} - length"),
        (At::Stack(_), Some(bytes)) => format!("{base} - {}", size(bytes.to)),
        (_, Some(bytes)) if bytes.from > 0 => format!("{base} + {}", size(bytes.from)),
        _ => base,
    }
}

fn length(bytes: Option<ByteRange>) -> String {
    bytes.map_or("length".into(), |bytes| size(bytes.to.saturating_sub(bytes.from)))
}

/// Bytes with the largest unit of which they are a whole number: `40`, `64K`, `10M`.
fn size(bytes: u64) -> String {
    let units = [('G', 30), ('M', 20), ('K', 10)];
    match units.into_iter().find(|(_, shift)| bytes > 0 && bytes.trailing_zeros() >= *shift) {
        Some((unit, shift)) => format!("{}{unit}", bytes >> shift),
        None => bytes.to_string(),
    }
}

fn prot_of(prot: Prot) -> String {
    let all = [(prot.read, "PROT_READ"), (prot.write, "PROT_WRITE"), (prot.exec, "PROT_EXEC")];
    let given: Vec<&str> = all.into_iter().filter(|(given, _)| *given).map(|(_, name)| name).collect();
    if given.is_empty() { "PROT_NONE".into() } else { given.join("|") }
}

/// `0x7ffff7a00000`, as a debugger writes it.
fn hex(address: Vaddr) -> String {
    format!("{address:#x}")
}

/// VSZ or RSS as `ps` has it, in KiB, so that a single page shows; rounded when room is very short.
fn kib(w: &Words, pages: NrPages) -> String {
    if w.first_frame_only() {
        return bytes_of(pages);
    }
    format!("{} KiB", num(pages.0.saturating_mul(PAGE_SIZE / 1024)))
}

/// The longer of two wordings, unless room is very short.
fn pick<'a>(w: &Words, long: &'a str, short: &'a str) -> &'a str {
    if w.first_frame_only() { short } else { long }
}

fn bytes_of(pages: NrPages) -> String {
    Bytes(pages.0.saturating_mul(PAGE_SIZE)).to_string()
}

/// How much lies from one address up to another.
fn between(start: Vaddr, end: Vaddr) -> Bytes {
    Bytes(end.0.saturating_sub(start.0))
}

/// The system call that a step belongs to; none where no op is known, or where it is no call.
fn call(w: &Words) -> Option<&'static str> {
    let (_, Op::Process(op)) = w.op()? else { return None };
    match op {
        ProcessOp::Exec { .. } => Some("exec"),
        ProcessOp::Fork { .. } => Some("fork"),
        ProcessOp::Mmap { .. } => Some("mmap"),
        ProcessOp::Munmap { .. } => Some("munmap"),
        ProcessOp::Mprotect { .. } => Some("mprotect"),
        ProcessOp::DontNeed { .. } => Some("madvise"),
        ProcessOp::Brk { .. } => Some("brk"),
        ProcessOp::File { .. } | ProcessOp::Exit { .. } | ProcessOp::Access { .. } => None,
    }
}

/// What `errno` is then; a file that cannot be mapped so has two ways to fail.
fn errno(why: Refusal) -> &'static str {
    match why {
        Refusal::Empty => "EINVAL",
        Refusal::NotAFile => "EACCES",
        Refusal::NoGap
        | Refusal::Overcommit { .. }
        | Refusal::AddressSpaceLimit
        | Refusal::TooMany
        | Refusal::Heap
        | Refusal::NoTable => "ENOMEM",
    }
}

/// The bits of an error code that are set, from the lowest on, each with its words where there is room; and whether a
/// page was there.
fn error_bits(w: &Words, code: u8, words: [&'static str; 4]) -> (Vec<String>, bool) {
    let set = [1u8, 2, 4, 16].into_iter().zip(words).filter(|(bit, _)| code & bit > 0);
    (set.map(|(bit, word)| format!("{bit}{}", pick(w, word, ""))).collect(), code & 1 > 0)
}

/// How much a table serves, where it is known: an i386 has two sizes of tables.
fn reach(w: &Words, level: Level) -> Option<Bytes> {
    let entries = PAGE_SIZE / u64::from(Paging::FourLevel.entry_size());
    let known = w.config().arch == Arch::X86_64 && level >= Level::Pud;
    let span = Paging::FourLevel.span(level).filter(|_| known)?;
    Some(Bytes(span * entries))
}

/// What a table of a level is called.
fn level_name(level: Level) -> &'static str {
    match level {
        Level::Pgd => "PGD",
        Level::P4d => "P4D",
        Level::Pud => "PUD",
        Level::Pmd => "PMD",
        Level::Pte => "PTE",
    }
}

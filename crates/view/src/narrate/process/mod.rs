//! What is said of processes: their addresses, and the pages that come when they are touched.

mod cpuset;
mod en;
mod huge_en;
mod huge_zh;
mod khugepaged;
pub(super) mod malloc;
mod numa;
mod threads;
mod zh;

use mm::cpuset::{Cpuset, CpusetOp};
use mm::oom_kill::TaskArgs;
use mm::op::{NameId, ProcessOp};
use mm::process::{At, MmapArgs};
use mm::step::{ProcessStep, Refusal};
use mm::units::{PAGE_SIZE, Vaddr};
use mm::x86::pgtable::Level;
use mm::{Bytes, NrPages, Op};
use scenario::ast::{Alloc, Flags, Size, Target};
use scenario::process as ast;
use scenario::{Lang, Statement, print_statement};

pub(super) use zh::join;

use super::{Told, Words, num};

/// A step of a process, told.
pub(crate) fn tell(lang: Lang, w: &Words, process: NameId, step: &ProcessStep) -> Told {
    match lang {
        Lang::En => huge_en::huge(w, &w.name(process), step)
            .or_else(|| threads::en(w, &w.name(process), step))
            .unwrap_or_else(|| en::process(w, process, step)),
        Lang::Zh => huge_zh::huge(w, &w.name(process), step)
            .or_else(|| threads::zh(w, &w.name(process), step))
            .unwrap_or_else(|| zh::process(w, process, step)),
    }
}

/// What an op wants, behind its name.
pub(crate) fn op_text(lang: Lang, w: &Words, op: &ProcessOp) -> String {
    if let Some(text) = super::hierarchy::op_text(lang, w, op) {
        return text;
    }
    if let ProcessOp::Oom(op) = *op {
        return super::oom::op_text(lang, w, op);
    }
    match lang {
        Lang::En => en::op_text(w, op),
        Lang::Zh => zh::op_text(w, op),
    }
}

/// An op as the language writes it.
pub(crate) fn code(w: &Words, op: &ProcessOp) -> String {
    let target = |name: NameId| Target::named(w.full_name(name));
    let place = |at: At| match at {
        At::Area { name, by } => ast::At::Area { area: target(name), by: by.map(target) },
        At::Heap(process) => ast::At::Heap(target(process)),
        At::Stack(process) => ast::At::Stack(target(process)),
        At::Address(process, Vaddr(address)) => ast::At::Address(target(process), address),
    };
    if let ProcessOp::AllocPages { name, process, order, gfp, cpu } = *op {
        // The flags are what it is about.
        let flags = Flags::Given(gfp.flags);
        let by = Some(Box::new(target(process)));
        let alloc = Alloc::new(target(name), Size::Order(order), gfp.kind);
        return Alloc { flags, cpu: cpu.0, by, ..alloc }.to_string();
    }
    print_statement(&Statement::Process(match *op {
        ProcessOp::AllocPages { .. } => unreachable!("it is written above"),
        ProcessOp::Cpuset(CpusetOp::Make(Cpuset { name, mems, hardwall })) => {
            ast::Process::Cpuset { target: target(name), mems, hardwall }
        }
        ProcessOp::Cpuset(CpusetOp::Mems { cpuset, mems }) => {
            ast::Process::CpusetMems { cpuset: target(cpuset), mems }
        }
        ProcessOp::File { name, bytes, cached, cpu } => {
            ast::Process::File { target: target(name), bytes, cached, cpu: cpu.0 }
        }
        ProcessOp::Exec { name, limits, task, cpu } => {
            let cgroup = task.cgroup.map(|group| Box::new(target(group)));
            let cpuset = task.cpuset.map(|cpuset| Box::new(target(cpuset)));
            let task = TaskArgs { cgroup: None, cpuset: None, ..task };
            ast::Process::Exec { target: target(name), limits, task, cgroup, cpuset, cpu: cpu.0 }
        }
        ProcessOp::Oom(op) => super::oom::code(op, target),
        ProcessOp::Fork { name, parent, cpu } => {
            ast::Process::Fork { target: target(name), parent: target(parent), cpu: cpu.0 }
        }
        ProcessOp::Thread { name, of, stack, cpu } => {
            ast::Process::Thread { target: target(name), of: target(of), stack, cpu: cpu.0 }
        }
        ProcessOp::Mlockall { process, current, future, cpu } => {
            ast::Process::Mlockall { process: target(process), current, future, cpu: cpu.0 }
        }
        ProcessOp::Exit { process, cpu } => ast::Process::Exit { process: target(process), cpu: cpu.0 },
        ProcessOp::Mmap { name, process, bytes, args, cpu } => {
            let MmapArgs { prot, shared, file, noreserve, populate, locked, huge } = args;
            let file = file.map(|(file, offset)| (target(file), offset));
            let args = Box::new(ast::MmapArgs { prot, shared, file, noreserve, populate, locked, huge });
            ast::Process::Mmap { target: target(name), process: target(process), bytes, args, cpu: cpu.0 }
        }
        ProcessOp::Munmap { at, bytes, cpu } => ast::Process::Munmap { at: place(at), bytes, cpu: cpu.0 },
        ProcessOp::Mprotect { at, bytes, prot } => ast::Process::Mprotect { at: place(at), prot, bytes },
        ProcessOp::SetMempolicy { process, policy } => {
            ast::Process::SetMempolicy { process: target(process), policy }
        }
        ProcessOp::Mbind { at, bytes, policy } => ast::Process::Mbind { at: place(at), policy, bytes },
        ProcessOp::Madvise { at, advice, bytes, cpu } => {
            ast::Process::Madvise { at: place(at), advice, bytes, cpu: cpu.0 }
        }
        ProcessOp::Mremap { name, bytes, may_move, cpu } => {
            ast::Process::Mremap { area: target(name), bytes, may_move, cpu: cpu.0 }
        }
        ProcessOp::Malloc { name, process, bytes, zero, cpu } => {
            ast::Process::Malloc { target: target(name), process: target(process), bytes, zero, cpu: cpu.0 }
        }
        ProcessOp::Realloc { name, of, bytes, cpu } => {
            ast::Process::Realloc { target: target(name), of: target(of), bytes, cpu: cpu.0 }
        }
        ProcessOp::Mlock { at, bytes, locked, cpu } => {
            ast::Process::Mlock { at: place(at), bytes, locked, cpu: cpu.0 }
        }
        ProcessOp::Memset { at, value, bytes, cpu } => {
            ast::Process::Memset { at: place(at), value, bytes, cpu: cpu.0 }
        }
        ProcessOp::Hexdump { at, bytes, cpu } => ast::Process::Hexdump { at: place(at), bytes, cpu: cpu.0 },
        ProcessOp::Brk { process, by, cpu } => ast::Process::Brk { process: target(process), by, cpu: cpu.0 },
        ProcessOp::NrHugepages { pages, cpu } => ast::Process::NrHugepages { pages, cpu: cpu.0 },
        ProcessOp::NrOvercommitHugepages { pages } => ast::Process::NrOvercommitHugepages { pages },
        ProcessOp::Khugepaged { limits, cpu } => ast::Process::Khugepaged { limits, cpu: cpu.0 },
        ProcessOp::Access { access, at, bytes, cpu } => {
            ast::Process::Access { access, at: place(at), bytes, cpu: cpu.0 }
        }
        ProcessOp::Scan { at, bytes, scan, cpu } => {
            ast::Process::Scan { at: place(at), bytes, scan, cpu: cpu.map(|cpu| cpu.0) }
        }
        ProcessOp::Move { process, cpu } => ast::Process::Move { process: target(process), cpu: cpu.0 },
    }))
}

/// `0x7ffff7a00000`, as a debugger writes it.
pub(super) fn hex(address: Vaddr) -> String {
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
pub(super) fn pick<'a>(w: &Words, long: &'a str, short: &'a str) -> &'a str {
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
        ProcessOp::Madvise { .. } => Some("madvise"),
        ProcessOp::SetMempolicy { .. } => Some("set_mempolicy"),
        ProcessOp::Mbind { .. } => Some("mbind"),
        ProcessOp::Brk { .. } => Some("brk"),
        ProcessOp::Mremap { .. } => Some("mremap"),
        ProcessOp::Mlock { locked, .. } => Some(if *locked { "mlock" } else { "munlock" }),
        ProcessOp::Thread { .. } => Some("mmap"),
        ProcessOp::Mlockall { current: false, future: false, .. } => Some("munlockall"),
        ProcessOp::Mlockall { .. } => Some("mlockall"),
        ProcessOp::Malloc { .. }
        | ProcessOp::Cpuset(_)
        | ProcessOp::AllocPages { .. }
        | ProcessOp::Realloc { .. }
        | ProcessOp::Memset { .. }
        | ProcessOp::Hexdump { .. }
        | ProcessOp::File { .. }
        | ProcessOp::Exit { .. }
        | ProcessOp::Access { .. }
        | ProcessOp::Scan { .. }
        | ProcessOp::NrHugepages { .. }
        | ProcessOp::NrOvercommitHugepages { .. }
        | ProcessOp::Khugepaged { .. }
        | ProcessOp::Oom(_)
        | ProcessOp::Move { .. } => None,
    }
}

/// What `errno` is then; a file that cannot be mapped so has two ways to fail.
fn errno(why: Refusal) -> &'static str {
    match why {
        Refusal::NoNodes | Refusal::Empty | Refusal::NotAnonymous | Refusal::IsLocked | Refusal::Pooled => {
            "EINVAL"
        }
        Refusal::LockForbidden => "EPERM",
        Refusal::LockAgain { .. } => "EAGAIN",
        Refusal::NotAFile => "EACCES",
        Refusal::NotMapped => "EFAULT",
        Refusal::NoGap
        | Refusal::Overcommit { .. }
        | Refusal::AddressSpaceLimit
        | Refusal::TooMany
        | Refusal::Heap
        | Refusal::Hole
        | Refusal::LockLimit { .. }
        | Refusal::NoHugePages { .. }
        | Refusal::NoTable => "ENOMEM",
    }
}

/// The bits of an error code that are set, from the lowest on, each with its words where there is room; and whether a
/// page was there.
fn error_bits(w: &Words, code: u8, words: [&'static str; 4]) -> (Vec<String>, bool) {
    let set = [1u8, 2, 4, 16].into_iter().zip(words).filter(|(bit, _)| code & bit > 0);
    (set.map(|(bit, word)| format!("{bit}{}", pick(w, word, ""))).collect(), code & 1 > 0)
}

/// How much a table serves; of the largest ones it would say nothing to anybody.
fn reach(w: &Words, level: Level) -> Option<Bytes> {
    let paging = w.config().paging;
    let span = paging.span(level).filter(|_| level >= Level::Pud)?;
    Some(Bytes(span * paging.entries(level)? as u64))
}

/// What a table of a level is called.
pub(super) fn level_name(level: Level) -> &'static str {
    match level {
        Level::Pgd => "PGD",
        Level::P4d => "P4D",
        Level::Pud => "PUD",
        Level::Pmd => "PMD",
        Level::Pte => "PTE",
    }
}

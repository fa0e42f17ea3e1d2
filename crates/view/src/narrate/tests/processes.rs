//! Processes: every kind of step in both languages, and what their ops look like.

use std::collections::BTreeSet;

use expect_test::expect_file;
use mm::cpuset::{Cpuset, CpusetOp};
use mm::gfp::GfpFlags;
use mm::mempolicy::{Mempolicy, Mode, NodeMask};
use mm::oom_kill::TaskArgs;
use mm::op::ProcessOp;
use mm::process::{Access, Advice, At, ByteRange, Cell, MmapArgs, Place, Prot, Rlimits, Window};
use mm::step::{CpusetStep, Leaves, MallocStep, ProcessStep, Refusal, Signal};
use mm::units::Vaddr;
use mm::x86::pgtable::Level;
use mm::{Config, NrPages};

use super::rules::{is_cjk, keeps_the_rules};
use super::*;

const P: NameId = NameId(0);
const Q: NameId = NameId(1);
const M: NameId = NameId(2);
const F: NameId = NameId(3);
const CPU: CpuId = CpuId(0);

/// Names for two processes, an area and a file. Its ops only give them: no step here comes from a run.
pub(super) fn scenario() -> std::rc::Rc<Scenario> {
    let story = Story::on(Config::single_zone(1024));
    ["p", "q", "m", "f"]
        .into_iter()
        .fold(story, |story, name| story.alloc(name, 0, PageKind::Anon))
        .scenario()
}

const fn pages(pages: u64) -> NrPages {
    NrPages(pages)
}

pub(super) fn mmap(args: MmapArgs) -> Op {
    Op::Process(ProcessOp::Mmap { name: M, process: P, bytes: 10 << 20, args, cpu: CPU })
}

/// Everything that can be said of where memory comes from.
fn policies() -> Vec<Option<Mempolicy>> {
    let of = |mode, nodes: &[u8]| Some(Mempolicy { mode, nodes: NodeMask::of(nodes.iter().copied()) });
    vec![
        None,
        of(Mode::Local, &[]),
        of(Mode::Preferred, &[1]),
        of(Mode::PreferredMany, &[0, 1]),
        of(Mode::Bind, &[1]),
        of(Mode::Bind, &[0, 1, 3, 4, 6]),
        of(Mode::Interleave, &[0, 2]),
    ]
}

fn brk(by: i64) -> Op {
    Op::Process(ProcessOp::Brk { process: P, by, cpu: CPU })
}

fn fork() -> Op {
    Op::Process(ProcessOp::Fork { name: Q, parent: P, cpu: CPU })
}

pub(super) fn access(access: Access, at: At, bytes: Option<ByteRange>) -> Op {
    Op::Process(ProcessOp::Access { access, at, bytes, cpu: CPU })
}

fn thread() -> Op {
    Op::Process(ProcessOp::Thread { name: Q, of: P, stack: None, cpu: CpuId(1) })
}

fn lock_all(current: bool, future: bool) -> Op {
    Op::Process(ProcessOp::Mlockall { process: P, current, future, cpu: CPU })
}

/// The steps as they come in a small machine, each with the op that it belongs to.
fn usual() -> Vec<(Op, ProcessStep)> {
    use ProcessStep as S;
    let whole = At::Area { name: M, by: None };
    let (start, top) = (Vaddr(0x7fff_f75f_f000), Vaddr(0x7fff_ffff_f000));
    let (address, pfn) = (start, Pfn(812));
    let write = || access(Access::Write, whole, None);
    let read = || access(Access::Read, whole, None);
    let file = |cached| Op::Process(ProcessOp::File { name: F, bytes: 2500 << 10, cached, cpu: CPU });
    let exec = || {
        Op::Process(ProcessOp::Exec {
            name: P,
            limits: Rlimits::default(),
            task: TaskArgs::default(),
            cpu: CPU,
        })
    };
    let munmap = || Op::Process(ProcessOp::Munmap { at: whole, bytes: None, cpu: CPU });
    let exit = || Op::Process(ProcessOp::Exit { process: P, cpu: CPU });
    let anon = || mmap(MmapArgs::ANONYMOUS);
    let anywhere = || Op::Process(ProcessOp::SetMempolicy { process: P, policy: None });
    let of_area = || Op::Process(ProcessOp::Mbind { at: whole, bytes: None, policy: None });
    let lock = || Op::Process(ProcessOp::Mlock { at: whole, bytes: None, locked: true, cpu: CPU });
    let mut all = vec![
        (file(0), S::File { pages: pages(625), cached: pages(0) }),
        (file(2500 << 10), S::File { pages: pages(625), cached: pages(625) }),
        (file(2400 << 10), S::File { pages: pages(625), cached: pages(600) }),
        (exec(), S::Exec { pgd: pfn, stack: Vaddr(0x7fff_fffd_e000), top }),
        (exec(), S::NoExec),
        (anon(), S::Mapped { start, pages: pages(2560), merged: false, total: pages(2593) }),
        (brk(132 << 10), S::Mapped { start, pages: pages(33), merged: true, total: pages(2593) }),
        (munmap(), S::Unmapped { start, pages: pages(2560), present: pages(3), tables: 1, total: pages(33) }),
        (munmap(), S::DontNeed { start, pages: pages(16), present: pages(3) }),
        (munmap(), S::LazyFreed { start, pages: pages(16), present: pages(3) }),
        (munmap(), S::Flush { pages: Some(pages(3)) }),
        (munmap(), S::Flush { pages: None }),
        (read(), S::Present { address, pages: pages(16), access: Access::Read }),
        (write(), S::Present { address, pages: pages(1), access: Access::Write }),
        (read(), S::Present { address, pages: pages(1), access: Access::Exec }),
        (write(), S::Area { start, end: Vaddr(0x7fff_f7ff_f000) }),
        (write(), S::StackGrows { start: Vaddr(0x7fff_fffc_e000), by: pages(16), total: pages(49) }),
        (read(), S::ZeroPage { address, pfn: Pfn(5) }),
        (write(), S::AnonPage { address, pfn, rss: pages(26) }),
        (read(), S::CacheMiss { file: F, index: 5, first: 4, pages: 8 }),
        (read(), S::CacheMiss { file: F, index: 5, first: 5, pages: 1 }),
        (read(), S::Cached { file: F, index: 5, pfn }),
        (read(), S::FaultAround { address, mapped: 15, rss: pages(41) }),
        (read(), S::FilePage { address, pfn, shared: false, rss: pages(42) }),
        (write(), S::FilePage { address, pfn, shared: true, rss: pages(42) }),
        (write(), S::Copied { address, from: Pfn(700), to: pfn, rss: pages(42) }),
        (write(), S::Reused { address, pfn }),
        (write(), S::MadeWritable { address, pfn }),
        (write(), S::Resolved { address, major: false, minor: 27 }),
        (read(), S::Resolved { address, major: true, minor: 27 }),
        (write(), S::NoMemory { address }),
        (fork(), S::Forked { child: Q, areas: 5, total: pages(2593) }),
        (fork(), S::CopiedArea { child: Q, start, shared: pages(12) }),
        (fork(), S::CopiedArea { child: Q, start, shared: pages(0) }),
        (fork(), S::LeftOut { child: Q, start, present: pages(12) }),
        (exit(), S::Exited { freed: pages(26) }),
        (thread(), S::StackReused { start, pages: pages(2049) }),
        (thread(), S::ThreadStarted { thread: Q, cpu: CpuId(1), users: 2 }),
        (exit(), S::ThreadExited { thread: Q, users: 1 }),
        (thread(), S::ThreadMoved { thread: Q, from: CPU, to: CpuId(1) }),
        (lock_all(true, false), S::LockedAll { current: true, future: false, total: pages(2593) }),
        (lock_all(false, true), S::LockedAll { current: false, future: true, total: pages(0) }),
        (lock_all(true, true), S::LockedAll { current: true, future: true, total: pages(2593) }),
        (lock_all(false, false), S::LockedAll { current: false, future: false, total: pages(0) }),
    ];
    for level in [Level::Pgd, Level::P4d, Level::Pud, Level::Pmd, Level::Pte] {
        all.push((write(), S::Table { level, pfn, from: Vaddr(0x7fff_f740_0000), tables: pages(4) }));
    }
    for prot in [
        Prot::NONE,
        Prot::READ,
        Prot::READ_WRITE,
        Prot::READ_EXEC,
        Prot { read: true, write: true, exec: true },
    ] {
        let op = Op::Process(ProcessOp::Mprotect { at: whole, bytes: None, prot });
        all.push((op, S::Protected { start, pages: pages(16), prot, areas: 5 }));
    }
    for (access, error_code) in [
        (Access::Read, 4),
        (Access::Write, 6),
        (Access::Write, 7),
        (Access::Exec, 20),
        (Access::Exec, 21),
        (Access::Read, 0),
    ] {
        all.push((read(), S::Fault { address, access, error_code }));
    }
    let most = pages(2000);
    for (op, why) in [
        (anon(), Refusal::Empty),
        (anywhere(), Refusal::NoNodes),
        (anon(), Refusal::NoGap),
        (anon(), Refusal::Overcommit { pages: pages(2560), most }),
        (anon(), Refusal::AddressSpaceLimit),
        (munmap(), Refusal::TooMany),
        (brk(-8192), Refusal::Heap),
        (anon(), Refusal::NotAFile),
        (fork(), Refusal::NoTable),
        (anon(), Refusal::NotAnonymous),
        (anon(), Refusal::NotMapped),
        (lock(), Refusal::Hole),
        (lock(), Refusal::LockForbidden),
        (lock(), Refusal::LockLimit { pages: pages(33), most: pages(16) }),
        (anon(), Refusal::LockAgain { pages: pages(33), most: pages(16) }),
        (munmap(), Refusal::IsLocked),
    ] {
        all.push((op, S::Refused { why }));
    }
    for (address, signal) in [
        (address, Signal::NoArea),
        (Vaddr(0), Signal::NoArea),
        (address, Signal::NotAllowed),
        (address, Signal::StackLimit),
        (address, Signal::StackGuard),
        (address, Signal::LockLimit),
        (address, Signal::AddressSpaceLimit),
        (Vaddr(0xdead_beef_0000_0000), Signal::NotCanonical),
        (address, Signal::BeyondFile),
    ] {
        all.push((write(), S::Killed { address, signal }));
    }
    let to = Vaddr(0x7fff_f73f_f000);
    let remapped = |to, moved| {
        let (old, new, total) = (pages(256), pages(512), pages(545));
        S::Remapped { start, to, old, new, moved: pages(moved), whole: 0, total }
    };
    let whole = S::Remapped {
        start,
        to,
        old: pages(2048),
        new: pages(4096),
        moved: pages(515),
        whole: 3,
        total: pages(4129),
    };
    all.push((Op::Process(ProcessOp::Mremap { name: M, bytes: 16 << 20, may_move: true, cpu: CPU }), whole));
    for policy in policies() {
        all.push((anywhere(), S::PolicySet { policy, area: None }));
        all.push((of_area(), S::PolicySet { policy, area: Some((start, pages(256))) }));
        let Some(policy) = policy else { continue };
        for (by_area, index) in [(false, None), (true, Some(34_359_738_111))] {
            let node = (policy.mode != Mode::Bind).then_some(1);
            all.push((write(), S::Placed { policy, node, by_area, index }));
        }
    }
    let (c, mems) = (F, NodeMask::of([0, 2]));
    for step in [
        CpusetStep::Made { mems, hardwall: false },
        CpusetStep::Made { mems: NodeMask::of([1]), hardwall: true },
        CpusetStep::Joined { cpuset: c, mems },
        CpusetStep::Mems { old: mems, mems: NodeMask::of([1]), members: 2 },
        CpusetStep::NoMemory { mems },
        CpusetStep::Inside { cpuset: c, mems },
        CpusetStep::Leaves { cpuset: c, mems, why: Leaves::Kernel },
        CpusetStep::Leaves { cpuset: c, mems, why: Leaves::Urgent },
        CpusetStep::Leaves { cpuset: c, mems, why: Leaves::Victim },
    ] {
        all.push((write(), S::Cpuset(step)));
    }
    for locked in [true, false] {
        let total = pages(if locked { 256 } else { 0 });
        all.push((lock(), S::Locked { start, pages: pages(256), locked, total }));
    }
    let op = || Op::Process(ProcessOp::Mremap { name: M, bytes: 2 << 20, may_move: true, cpu: CPU });
    all.extend(
        [remapped(start, 0), remapped(to, 0), remapped(to, 1), remapped(to, 16)].map(|step| (op(), step)),
    );
    let op = || Op::Process(ProcessOp::Malloc { name: M, process: P, bytes: 100, zero: false, cpu: CPU });
    all.extend(of_malloc().into_iter().map(|step| (op(), S::Malloc(step))));
    all
}

/// What malloc does, each kind once, and what is told differently of it.
fn of_malloc() -> Vec<MallocStep> {
    use MallocStep as S;
    let (at, to) = (Vaddr(0x5555_5555_42a0), Vaddr(0x5555_5555_5310));
    let old = Window::of(&[(16, Cell::Libc), (84, Cell::Byte(0x41))]);
    let zeros = Window::of(&[(100, Cell::Byte(0))]);
    let more = Window::of(&[(8, Cell::File), (8, Cell::Libc), (8, Cell::File), (8, Cell::Libc)]);
    let found = |from, rest| S::Found { at, size: 112, from, rest };
    let freed = |to, whole| S::Freed { at, size: 112, to, whole };
    vec![
        S::Wants { bytes: 100, size: 112, zero: false },
        S::Wants { bytes: 1 << 20, size: (1 << 20) + 16, zero: true },
        S::Own { at, size: 656 },
        S::Emptied { chunks: 1 },
        S::Sorted { chunks: 12 },
        found(Place::Tcache, 0),
        found(Place::Top, 134_400),
        found(Place::Large, 3904),
        S::Asks { size: 4016, top: 1200, bytes: 135_168, mmap: false },
        S::Asks { size: 204_816, top: 1200, bytes: 208_896, mmap: true },
        S::Given { at, bytes: 100, holds: old },
        S::Given { at, bytes: 100, holds: zeros },
        S::Given { at, bytes: 100, holds: Window::of(&[(100, Cell::Libc)]) },
        S::Null { bytes: 100 },
        freed(Place::Tcache, 112),
        freed(Place::Fast, 112),
        freed(Place::Unsorted, 112),
        freed(Place::Top, 134_512),
        S::Threshold { mmap: 208_896, trim: 417_792 },
        S::Trim { top: 270_000, by: 135_168 },
        S::Resized { at, from: 112, size: 208 },
        S::Resized { at, from: 112, size: 112 },
        S::Moved { from: at, to, bytes: 104 },
        S::Cleared { at, bytes: 104 },
        S::Cleared { at, bytes: 0 },
        S::Filled { at, bytes: 100, value: 0x41 },
        S::Dumped { at, bytes: 100, holds: old },
        S::Dumped { at, bytes: 100, holds: zeros },
        S::Dumped { at, bytes: 100, holds: more },
        S::Dumped { at, bytes: 0, holds: Window::EMPTY },
    ]
}

fn largest_of_malloc(step: MallocStep) -> MallocStep {
    use MallocStep as S;
    let (at, size) = (Vaddr(0x7fff_ffff_f000), (4u64 << 30) - 16);
    // Windows end after a few pages.
    let grown = |window: Window| {
        let runs: Vec<_> = window.runs().iter().map(|(_, cell)| (65_535, *cell)).collect();
        Window::of(&runs)
    };
    match step {
        S::Wants { zero, .. } => S::Wants { bytes: size, size, zero },
        S::Own { .. } => S::Own { at, size: 656 },
        S::Emptied { .. } => S::Emptied { chunks: 1_000_000 },
        S::Sorted { .. } => S::Sorted { chunks: 1_000_000 },
        S::Found { from, rest, .. } => S::Found { at, size, from, rest: if rest == 0 { 0 } else { size } },
        S::Asks { mmap, .. } => S::Asks { size, top: size, bytes: size, mmap },
        S::Given { holds, .. } => S::Given { at, bytes: size, holds: grown(holds) },
        S::Null { .. } => S::Null { bytes: size },
        S::Freed { size: of, to, whole, .. } => {
            S::Freed { at, size: size - 16, to, whole: if whole > of { size } else { size - 16 } }
        }
        S::Threshold { .. } => S::Threshold { mmap: 32 << 20, trim: 64 << 20 },
        S::Trim { .. } => S::Trim { top: size, by: size },
        S::Resized { from, size: of, .. } => {
            S::Resized { at, from: size, size: if from == of { size } else { size - 16 } }
        }
        S::Moved { .. } => S::Moved { from: at, to: at, bytes: size },
        S::Cleared { bytes: 0, .. } => S::Cleared { at, bytes: 0 },
        S::Cleared { .. } => S::Cleared { at, bytes: size },
        S::Filled { value, .. } => S::Filled { at, bytes: size, value },
        S::Dumped { holds, .. } => S::Dumped { at, bytes: size, holds: grown(holds) },
    }
}

/// The same steps with the largest numbers, of processes with this name.
fn largest_of_cpuset(step: CpusetStep, cpuset: NameId) -> CpusetStep {
    use CpusetStep as S;
    let mems = NodeMask::of([0, 2, 4, 6]);
    match step {
        S::Made { hardwall, .. } => S::Made { mems, hardwall },
        S::Joined { .. } => S::Joined { cpuset, mems },
        S::Mems { .. } => S::Mems { old: mems, mems, members: u32::MAX },
        S::NoMemory { .. } => S::NoMemory { mems },
        S::Inside { .. } => S::Inside { cpuset, mems },
        S::Leaves { why, .. } => S::Leaves { cpuset, mems, why },
    }
}

fn largest(name: NameId) -> Vec<StepKind> {
    let (far, most, frame) = (Vaddr(0x7fff_ffff_f000), pages(1 << 35), Pfn(8_387_584));
    let ram = pages(8_388_608);
    let largest = |step| match step {
        ProcessStep::File { cached, .. } if cached.0 == 0 => {
            ProcessStep::File { pages: pages(1 << 32), cached }
        }
        ProcessStep::File { .. } => ProcessStep::File { pages: pages(1 << 32), cached: ram },
        ProcessStep::Exec { .. } => {
            ProcessStep::Exec { pgd: frame, stack: Vaddr(far.0 - (8 << 30)), top: far }
        }
        ProcessStep::Mapped { merged, .. } => {
            ProcessStep::Mapped { start: far, pages: most, merged, total: most }
        }
        ProcessStep::Refused { why: Refusal::Overcommit { .. } } => {
            ProcessStep::Refused { why: Refusal::Overcommit { pages: most, most } }
        }
        ProcessStep::Unmapped { .. } => {
            ProcessStep::Unmapped { start: far, pages: most, present: ram, tables: 8_388_608, total: most }
        }
        ProcessStep::DontNeed { .. } => ProcessStep::DontNeed { start: far, pages: most, present: ram },
        ProcessStep::LazyFreed { .. } => ProcessStep::LazyFreed { start: far, pages: most, present: ram },
        ProcessStep::Protected { prot, .. } => {
            ProcessStep::Protected { start: far, pages: most, prot, areas: 65_530 }
        }
        ProcessStep::Flush { pages: Some(_) } => ProcessStep::Flush { pages: Some(ram) },
        ProcessStep::Present { access, .. } => ProcessStep::Present { address: far, pages: ram, access },
        ProcessStep::Fault { access, error_code, .. } => {
            ProcessStep::Fault { address: far, access, error_code }
        }
        ProcessStep::Area { .. } => ProcessStep::Area { start: far, end: far },
        ProcessStep::StackGrows { .. } => {
            ProcessStep::StackGrows { start: far, by: pages(1 << 21), total: most }
        }
        ProcessStep::Table { level, .. } => ProcessStep::Table { level, pfn: frame, from: far, tables: ram },
        ProcessStep::ZeroPage { .. } => ProcessStep::ZeroPage { address: far, pfn: frame },
        ProcessStep::AnonPage { .. } => ProcessStep::AnonPage { address: far, pfn: frame, rss: ram },
        ProcessStep::CacheMiss { pages, .. } => {
            let (index, first) = (8_388_600, 8_388_590);
            ProcessStep::CacheMiss { file: name, index, first, pages: if pages > 1 { 1024 } else { pages } }
        }
        ProcessStep::Cached { .. } => ProcessStep::Cached { file: name, index: 8_388_600, pfn: frame },
        ProcessStep::FaultAround { .. } => ProcessStep::FaultAround { address: far, mapped: 512, rss: ram },
        ProcessStep::FilePage { shared, .. } => {
            ProcessStep::FilePage { address: far, pfn: frame, shared, rss: ram }
        }
        ProcessStep::Copied { .. } => ProcessStep::Copied { address: far, from: frame, to: frame, rss: ram },
        ProcessStep::Reused { .. } => ProcessStep::Reused { address: far, pfn: frame },
        ProcessStep::MadeWritable { .. } => ProcessStep::MadeWritable { address: far, pfn: frame },
        ProcessStep::Resolved { major, .. } => {
            ProcessStep::Resolved { address: far, major, minor: 100_000_000 }
        }
        ProcessStep::NoMemory { .. } => ProcessStep::NoMemory { address: far },
        ProcessStep::Killed { signal, address } => ProcessStep::Killed {
            signal,
            address: Vaddr(if signal == Signal::NotCanonical { u64::MAX } else { address.0 }),
        },
        ProcessStep::Forked { .. } => ProcessStep::Forked { child: name, areas: 65_530, total: most },
        ProcessStep::CopiedArea { .. } => ProcessStep::CopiedArea { child: name, start: far, shared: ram },
        ProcessStep::LeftOut { .. } => ProcessStep::LeftOut { child: name, start: far, present: ram },
        ProcessStep::Exited { .. } => ProcessStep::Exited { freed: ram },
        ProcessStep::StackReused { .. } => ProcessStep::StackReused { start: far, pages: most },
        ProcessStep::ThreadStarted { .. } => {
            ProcessStep::ThreadStarted { thread: name, cpu: CpuId(63), users: 100_000 }
        }
        ProcessStep::ThreadExited { .. } => ProcessStep::ThreadExited { thread: name, users: 100_000 },
        ProcessStep::ThreadMoved { .. } => {
            ProcessStep::ThreadMoved { thread: name, from: CpuId(62), to: CpuId(63) }
        }
        ProcessStep::LockedAll { current, future, .. } => {
            ProcessStep::LockedAll { current, future, total: most }
        }
        ProcessStep::Locked { locked, .. } => {
            ProcessStep::Locked { start: far, pages: most, locked, total: most }
        }
        ProcessStep::Refused { why: Refusal::LockLimit { .. } } => {
            ProcessStep::Refused { why: Refusal::LockLimit { pages: most, most } }
        }
        ProcessStep::Refused { why: Refusal::LockAgain { .. } } => {
            ProcessStep::Refused { why: Refusal::LockAgain { pages: most, most } }
        }
        ProcessStep::Remapped { start, to, whole, .. } => {
            let to = if start == to { far } else { Vaddr(far.0 - 4096) };
            ProcessStep::Remapped { start: far, to, old: most, new: most, moved: ram, whole, total: most }
        }
        ProcessStep::Malloc(step) => ProcessStep::Malloc(largest_of_malloc(step)),
        ProcessStep::Cpuset(step) => ProcessStep::Cpuset(largest_of_cpuset(step, name)),
        // Huge pages are told, and tested, in files of their own.
        step => step,
    };
    usual().into_iter().map(|(_, step)| StepKind::Process { process: name, step: largest(step) }).collect()
}

/// What is told of a step: as done, as coming, and as a line of the log.
pub(super) fn told_of(lang: Lang, words: &Words, kind: &StepKind) -> ([Sentence; 2], String) {
    match lang {
        Lang::En => ([did::<En>(words, kind), next::<En>(words, kind)], tell::<En>(words, kind).brief),
        Lang::Zh => ([did::<Zh>(words, kind), next::<Zh>(words, kind)], tell::<Zh>(words, kind).brief),
    }
}

#[test]
fn every_step_of_a_process_is_told() {
    let scenario = scenario();
    let mut texts = [String::new(), String::new()];
    let mut seen = BTreeSet::new();
    for (op, step) in &usual() {
        let process = if matches!(step, ProcessStep::File { .. }) { F } else { P };
        let kind = StepKind::Process { process, step: *step };
        seen.insert(kind.code());
        let words = Words::of_scenario(&scenario).remembering(Some((0, op)), None);
        for (lang, text) in Lang::ALL.into_iter().zip(&mut texts) {
            let (sentences, brief) = told_of(lang, &words, &kind);
            for sentence in &sentences {
                keeps_the_rules(sentence, lang, &scenario.names, Some(&kind));
            }
            assert!(
                !brief.ends_with(['.', '。']) && brief.chars().any(is_cjk) == (lang == Lang::Zh),
                "{brief}"
            );
            let [did, next] = sentences;
            text.push_str(&format!(
                "{} | {}\n  ▸ {} | {}\n  · {brief}\n",
                did.text, did.why, next.text, next.why
            ));
        }
    }
    let threads = (108..112).chain([113]);
    let policies = 58..60;
    assert_eq!(seen, policies.chain(threads).chain(120..151).chain(218..236).collect(), "every kind of step");
    let [en, zh] = texts;
    expect_file!["expected/every-step-of-a-process-is-told-en.txt"].assert_eq(&en);
    expect_file!["expected/every-step-of-a-process-is-told-zh.txt"].assert_eq(&zh);
}

/// A number of the figures that matter is never rounded in a machine of the usual size.
#[test]
fn usual_sentences_are_told_in_full_precision() {
    let scenario = scenario();
    for (op, step) in &usual() {
        let kind = StepKind::Process { process: P, step: *step };
        let words = Words::of_scenario(&scenario).remembering(Some((0, op)), None);
        for lang in Lang::ALL {
            let (sentences, _) = told_of(lang, &words, &kind);
            let exact = match lang {
                Lang::En => [tell::<En>(&words, &kind).did, tell::<En>(&words, &kind).next],
                Lang::Zh => [tell::<Zh>(&words, &kind).did, tell::<Zh>(&words, &kind).next],
            };
            for (told, full) in sentences.iter().zip(&exact) {
                assert_eq!(told, full, "{} characters", full.whole(lang).chars().count());
            }
        }
    }
}

#[test]
fn the_longest_sentences_of_processes_fit() {
    let long = format!("{}[1000000]", "abcdefghijklmnopqrstuvwxyz_12345");
    let name = NameId(0);
    let scenario = Story::on(Config::single_zone(1024)).alloc(&long, 3, PageKind::Anon).scenario();
    let longest_call = ProcessOp::Mprotect { at: At::Heap(name), bytes: None, prot: Prot::READ };
    for op in
        [mmap(MmapArgs::ANONYMOUS), Op::Process(longest_call), access(Access::Read, At::Heap(name), None)]
    {
        let words = Words::of_scenario(&scenario).remembering(Some((99_999, &op)), None);
        for (kind, lang) in largest(name).iter().flat_map(|kind| Lang::ALL.map(|lang| (kind, lang))) {
            for sentence in told_of(lang, &words, kind).0 {
                keeps_the_rules(&sentence, lang, &scenario.names, Some(kind));
            }
        }
    }
}

#[test]
fn titles_of_ops_of_processes() {
    let scenario = scenario();
    let area = At::Area { name: M, by: None };
    let range = |from, to| Some(ByteRange { from, to });
    let limits = Rlimits { stack: 1 << 20, address_space: Some(64 << 20), memlock: Some(1 << 20) };
    let library = MmapArgs { prot: Prot::READ_EXEC, file: Some((F, 4096)), ..MmapArgs::ANONYMOUS };
    let shared = MmapArgs { shared: true, noreserve: true, populate: true, ..MmapArgs::ANONYMOUS };
    let policies = policies().into_iter().flat_map(|policy| {
        [
            ProcessOp::SetMempolicy { process: P, policy },
            ProcessOp::Mbind { at: area, bytes: range(0, 65_536), policy },
        ]
    });
    let kernel = Gfp { kind: PageKind::Unmovable, flags: GfpFlags::GFP_KERNEL };
    let for_user = Gfp { flags: GfpFlags::GFP_USER, ..kernel };
    let ops = [
        ProcessOp::File { name: F, bytes: 2500 << 10, cached: 0, cpu: CPU },
        ProcessOp::File { name: F, bytes: 100, cached: 2500 << 10, cpu: CPU },
        ProcessOp::Exec { name: P, limits: Rlimits::default(), task: TaskArgs::default(), cpu: CPU },
        ProcessOp::Exec { name: P, limits, task: TaskArgs::default(), cpu: CPU },
        ProcessOp::Exit { process: P, cpu: CPU },
        ProcessOp::Munmap { at: area, bytes: None, cpu: CPU },
        ProcessOp::Munmap { at: area, bytes: range(4096, 65_536), cpu: CPU },
        ProcessOp::Mprotect { at: area, bytes: range(0, 65_536), prot: Prot::READ },
        ProcessOp::Mprotect { at: At::Stack(P), bytes: range(4096, 65_536), prot: Prot::NONE },
        ProcessOp::Madvise { at: At::Heap(P), advice: Advice::DontNeed, bytes: None, cpu: CPU },
        ProcessOp::Madvise { at: At::Stack(P), advice: Advice::Free, bytes: None, cpu: CPU },
        ProcessOp::Mremap { name: M, bytes: 2 << 20, may_move: false, cpu: CPU },
        ProcessOp::Mremap { name: M, bytes: 2 << 20, may_move: true, cpu: CPU },
        ProcessOp::Mlock { at: area, bytes: range(0, 65_536), locked: true, cpu: CPU },
        ProcessOp::Mlock { at: area, bytes: None, locked: false, cpu: CPU },
        ProcessOp::Malloc { name: M, process: P, bytes: 100, zero: false, cpu: CPU },
        ProcessOp::Malloc { name: M, process: P, bytes: 200 << 10, zero: true, cpu: CPU },
        ProcessOp::Realloc { name: Q, of: M, bytes: 200, cpu: CPU },
        ProcessOp::Memset { at: area, value: 0x41, bytes: None, cpu: CPU },
        ProcessOp::Hexdump { at: area, bytes: range(0, 64), cpu: CPU },
        ProcessOp::Cpuset(CpusetOp::Make(Cpuset { name: F, mems: NodeMask::of([0, 1]), hardwall: true })),
        ProcessOp::Cpuset(CpusetOp::Mems { cpuset: F, mems: NodeMask::of([2]) }),
        ProcessOp::AllocPages { name: M, process: P, order: 1, gfp: kernel, cpu: CPU },
        ProcessOp::AllocPages { name: M, process: P, order: 0, gfp: for_user, cpu: CpuId(1) },
        ProcessOp::Exec {
            name: P,
            limits: Rlimits::default(),
            task: TaskArgs { cpuset: Some(F), ..TaskArgs::default() },
            cpu: CPU,
        },
    ];
    let accesses = [
        access(Access::Write, area, None),
        access(Access::Read, area, range(4096, 65_536)),
        access(Access::Exec, area, range(0, 4096)),
        access(Access::Write, area, range(8192, 8193)),
        access(Access::Read, At::Area { name: M, by: Some(Q) }, None),
        access(Access::Write, At::Heap(P), None),
        access(Access::Write, At::Stack(P), range(0, 1 << 20)),
        access(Access::Write, At::Stack(P), range(0, 1)),
        access(Access::Read, At::Address(P, Vaddr(0)), None),
        access(Access::Exec, At::Address(P, Vaddr(0x40_0000)), None),
        access(Access::Write, At::Address(P, Vaddr(0x40_0000)), range(4096, 65_536)),
    ];
    let all = ops.into_iter().chain(policies).map(Op::Process).chain([
        mmap(MmapArgs::ANONYMOUS),
        mmap(library),
        mmap(shared),
        fork(),
        brk(132 << 10),
        brk(-100),
    ]);
    let mut text = String::new();
    for op in all.chain(accesses) {
        let [en, zh] = Lang::ALL.map(|lang| title_of(&scenario, &op, lang));
        assert_eq!(en.code, zh.code);
        assert!(!en.text.chars().any(is_cjk) && zh.text.chars().any(is_cjk), "{} {}", en.text, zh.text);
        text.push_str(&format!("{}\n  {}\n  {}\n", en.code, en.text, zh.text));
    }
    expect_file!["expected/titles-of-ops-of-processes.txt"].assert_eq(&text);
}

/// Ranges the wrong way round and numbers beyond any machine do no harm.
#[test]
fn titles_bear_any_number() {
    let scenario = scenario();
    let at = At::Address(P, Vaddr(u64::MAX));
    let range = Some(ByteRange { from: 1 << 60, to: 0 });
    for op in [
        access(Access::Write, at, range),
        access(Access::Read, At::Stack(P), range),
        Op::Process(ProcessOp::Munmap { at, bytes: range, cpu: CPU }),
        Op::Process(ProcessOp::Brk { process: NameId(u32::MAX), by: -(1 << 60), cpu: CPU }),
    ] {
        for lang in Lang::ALL {
            let title = title_of(&scenario, &op, lang);
            assert!(!title.code.is_empty() && !title.text.is_empty());
        }
    }
}

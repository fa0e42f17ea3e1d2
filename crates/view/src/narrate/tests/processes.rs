//! Processes: every kind of step in both languages, and what their ops look like.

use std::collections::BTreeSet;

use expect_test::expect;
use mm::mempolicy::{Mempolicy, Mode, NodeMask};
use mm::oom_kill::TaskArgs;
use mm::op::ProcessOp;
use mm::process::{Access, Advice, At, ByteRange, Cell, MmapArgs, Place, Prot, Rlimits, Window};
use mm::step::{MallocStep, ProcessStep, Refusal, Signal};
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
    expect![[r#"
        f is a file of 625 pages (2.4 MiB). | It lies on the disk: no page of it is in memory yet.
          ▸ Make f a file of 625 pages (2.4 MiB). | It lies on the disk: no page of it is in memory yet.
          · f: a file of 625 pages
        f is a file of 625 pages (2.4 MiB). | All of it is in the page cache already: no read has to wait for the disk.
          ▸ Make f a file of 625 pages (2.4 MiB). | All of it is in the page cache already: no read has to wait for the disk.
          · f: a file of 625 pages
        f is a file of 625 pages (2.4 MiB). | 600 of its pages are in the page cache, the rest on the disk.
          ▸ Make f a file of 625 pages (2.4 MiB). | 600 of its pages are in the page cache, the rest on the disk.
          · f: a file of 625 pages
        p has an address space: its PGD is frame 812, its stack of 132 KiB ends at 0x7ffffffff000. | Behind all of it there is no page yet.
          ▸ Give p an address space: frame 812 as its PGD, a stack of 132 KiB below 0x7ffffffff000. | Each process has page tables of its own.
          · p has an address space, its PGD in frame 812
        p was not started: no frame for its PGD. | Without page tables the processor could not translate a single address of it.
          ▸ Give up on p: there is no frame for its PGD. | Without page tables the processor could not translate a single address of it.
          · p is not started: no frame for its PGD
        mmap promised p 2560 pages (10 MiB) from 0x7ffff75ff000 on: VSZ is 10,372 KiB now. | Only addresses so far: not a page was taken.
          ▸ Promise p 2560 pages (10 MiB) from 0x7ffff75ff000 on: VSZ becomes 10,372 KiB. | Only addresses: pages come when they are touched.
          · p is promised 2560 pages from 0x7ffff75ff000
        brk promised p 33 pages (132 KiB) from 0x7ffff75ff000 on: VSZ is 10,372 KiB now. | They joined the area beside them, and not a page was taken.
          ▸ Promise p 33 pages (132 KiB) from 0x7ffff75ff000 on: VSZ becomes 10,372 KiB. | Only addresses: pages come when they are touched.
          · p is promised 33 pages from 0x7ffff75ff000
        p gave 2560 pages (10 MiB) back, from 0x7ffff75ff000 on: VSZ is 132 KiB now. | 3 frames were behind them, and 1 page table became needless.
          ▸ Take 2560 pages (10 MiB) back, from 0x7ffff75ff000 on: VSZ becomes 132 KiB. | 3 frames were behind them, and 1 page table became needless.
          · p gives back 2560 pages from 0x7ffff75ff000
        p did without 16 pages from 0x7ffff75ff000 on; 3 of them were there. | The addresses stay; the next access finds zeros, or the file's bytes.
          ▸ Take from p the 16 pages from 0x7ffff75ff000 on; 3 of them are there. | The addresses stay; the next access finds zeros, or the file's bytes.
          · p does without 16 pages from 0x7ffff75ff000
        p may lose 16 pages from 0x7ffff75ff000 on; 3 of them are there. | They count until they go; what is written to again stays.
          ▸ Let p lose 16 pages from 0x7ffff75ff000 on; 3 of them are there. | They count until they go; what is written to again stays.
          · p may lose 16 pages from 0x7ffff75ff000
        The TLB forgot 3 pages of p. | Otherwise the processor would go on with translations that hold no longer.
          ▸ Let the TLB forget 3 pages of p. | Otherwise the processor would go on with translations that hold no longer.
          · the TLB forgets 3 pages of p
        The TLB forgot all translations of p. | One flush of everything is quicker than many of one page each.
          ▸ Let the TLB forget all translations of p. | One flush of everything is quicker than many of one page each.
          · the TLB forgets all of p
        p read 16 pages from 0x7ffff75ff000 on: the processor found the way alone. | The page tables say where: the kernel notices nothing.
          ▸ p reads 16 pages from 0x7ffff75ff000 on: the processor finds the way alone. | The page tables say where: the kernel notices nothing.
          · p reads 16 pages from 0x7ffff75ff000 on, without a fault
        p wrote to the page at 0x7ffff75ff000: the processor found the way alone. | The page tables say where: the kernel notices nothing.
          ▸ p writes to the page at 0x7ffff75ff000: the processor finds the way alone. | The page tables say where: the kernel notices nothing.
          · p writes to the page at 0x7ffff75ff000, without a fault
        p executed the page at 0x7ffff75ff000: the processor found the way alone. | The page tables say where: the kernel notices nothing.
          ▸ p executes the page at 0x7ffff75ff000: the processor finds the way alone. | The page tables say where: the kernel notices nothing.
          · p executes the page at 0x7ffff75ff000, without a fault
        The address is in an area, from 0x7ffff75ff000 to 0x7ffff7fff000, that allows this. | So it is no mistake of the program: a promise falls due.
          ▸ Find its area, from 0x7ffff75ff000 to 0x7ffff7fff000: it allows this. | So it is no mistake of the program: a promise falls due.
          · it is in the area from 0x7ffff75ff000 to 0x7ffff7fff000
        The stack of p grew by 16 pages (64 KiB) down to 0x7ffffffce000: VSZ is 196 KiB now. | Touching it is enough: nobody has to ask.
          ▸ Let the stack of p grow by 16 pages (64 KiB) down to 0x7ffffffce000: VSZ becomes 196 KiB. | Touching it is enough: nobody has to ask.
          · the stack of p grows to 0x7ffffffce000
        The one page of zeros that all share, frame 5, is mapped at 0x7ffff75ff000. | It was only read: this page counts for nobody's RSS.
          ▸ Map the one page of zeros that all share, frame 5, at 0x7ffff75ff000. | It was only read: this page counts for nobody's RSS.
          · the page of zeros is mapped at 0x7ffff75ff000
        Frame 812, filled with zeros, is mapped at 0x7ffff75ff000: RSS of p is 104 KiB now. | Zeros, so that nobody's old data shows.
          ▸ Fill frame 812 with zeros and map it at 0x7ffff75ff000: RSS of p becomes 104 KiB. | Zeros, so that nobody's old data shows.
          · frame 812, zeroed, is mapped at 0x7ffff75ff000
        Page 6 of f is not in memory: pages 5 to 12 are read from the disk. | A major fault: p waits for the disk, so neighbours are read ahead.
          ▸ Page 6 of f is not in memory: read pages 5 to 12 from the disk. | A major fault: p waits for the disk, so neighbours are read ahead.
          · page 6 of f has to come from the disk
        Page 6 of f is not in memory: it is read from the disk. | A major fault: p waits for the disk.
          ▸ Page 6 of f is not in memory: read it from the disk. | A major fault: p waits for the disk.
          · page 6 of f has to come from the disk
        Frame 812 holds page 6 of f: it is in the page cache now. | Whoever wants it from now on needs no disk.
          ▸ Put page 6 of f into the page cache, in frame 812. | Whoever wants it from now on needs no disk.
          · page 6 of f is cached in frame 812
        15 pages of the file were mapped at once, from 0x7ffff75ff000 on: RSS of p is 164 KiB now. | They were cached, and each would cost a fault.
          ▸ Map 15 pages of the file at once, from 0x7ffff75ff000 on: RSS of p becomes 164 KiB. | They were cached, and each would cost a fault.
          · 15 pages of the file are mapped from 0x7ffff75ff000
        Frame 812, a page of the file, is mapped at 0x7ffff75ff000: RSS of p is 168 KiB now. | It stays the file's: a write would get a copy.
          ▸ Map frame 812, a page of the file, at 0x7ffff75ff000: RSS of p becomes 168 KiB. | It stays the file's: a write would get a copy.
          · frame 812 of the file is mapped at 0x7ffff75ff000
        Frame 812, a page of the file, is mapped at 0x7ffff75ff000: RSS of p is 168 KiB now. | It is everybody's: what is written goes to the file.
          ▸ Map frame 812, a page of the file, at 0x7ffff75ff000: RSS of p becomes 168 KiB. | It is everybody's: what is written goes to the file.
          · frame 812 of the file is mapped at 0x7ffff75ff000
        Frame 812, a copy of frame 700, is mapped at 0x7ffff75ff000: RSS is 168 KiB now. | Copy-on-write: for all others the old page stays as it was.
          ▸ Copy frame 700 to frame 812 and map that at 0x7ffff75ff000: RSS becomes 168 KiB. | Copy-on-write: for all others the old page stays as it was.
          · frame 700 is copied to frame 812 for 0x7ffff75ff000
        p may write to frame 812 at 0x7ffff75ff000 itself: no copy was made. | Nobody else has it any more, so a copy would be a waste.
          ▸ Let p write to frame 812 at 0x7ffff75ff000 itself, without a copy. | Nobody else has it any more, so a copy would be a waste.
          · frame 812 at 0x7ffff75ff000 is reused without a copy
        p may write to frame 812 at 0x7ffff75ff000 from now on. | It is shared, so there is no copy; the kernel notes that it is dirty now.
          ▸ Let p write to frame 812 at 0x7ffff75ff000. | It is shared, so there is no copy; the kernel notes that it is dirty now.
          · frame 812 at 0x7ffff75ff000 may be written to
        The minor fault at 0x7ffff75ff000 is over: p tries again. | It needed no disk. Minor faults so far: 27.
          ▸ End the minor fault at 0x7ffff75ff000: p tries again. | It needed no disk. Minor faults so far: 27.
          · the minor fault at 0x7ffff75ff000 is over
        The major fault at 0x7ffff75ff000 is over: p tries again. | It had to wait for the disk. Minor faults so far: 27.
          ▸ End the major fault at 0x7ffff75ff000: p tries again. | It had to wait for the disk. Minor faults so far: 27.
          · the major fault at 0x7ffff75ff000 is over
        There is no frame for 0x7ffff75ff000: p cannot go on. | More was promised than there is, and nobody could be killed for it.
          ▸ Find no frame for 0x7ffff75ff000: p cannot go on. | More was promised than there is, and nobody could be killed for it.
          · no frame for 0x7ffff75ff000: p cannot go on
        q has the 5 areas of p: VSZ of each is 10,372 KiB. | The addresses are copied at once, the pages only when somebody writes.
          ▸ Give q the 5 areas of p: VSZ of each is 10,372 KiB then. | The addresses are copied at once, the pages only when somebody writes.
          · q gets the 5 areas of p
        p and q share 12 pages in the area at 0x7ffff75ff000. | Both may only read what is private: whoever writes first gets a copy.
          ▸ Let p and q share 12 pages in the area at 0x7ffff75ff000. | Both may only read what is private: whoever writes first gets a copy.
          · p and q share 12 pages at 0x7ffff75ff000
        p and q share 0 pages in the area at 0x7ffff75ff000. | Nobody touched it so far, so there is no page to share.
          ▸ Let p and q share 0 pages in the area at 0x7ffff75ff000. | Nobody touched it so far, so there is no page to share.
          · p and q share 0 pages at 0x7ffff75ff000
        Left 12 pages in the area at 0x7ffff75ff000 out: q has none of them mapped. | The file has them: a fault later costs less than copying now.
          ▸ Leave 12 pages in the area at 0x7ffff75ff000 out: q gets none mapped. | The file has them: a fault later costs less than copying now.
          · 12 pages at 0x7ffff75ff000 are left out for q
        p is gone, and 26 pages (104 KiB) came back with it. | What others share stays; its areas and page tables are gone.
          ▸ End p: 26 pages (104 KiB) come back with it. | What others share stays; its areas and page tables are gone.
          · p is gone, 26 pages (104 KiB) come back
        A stack of 2049 pages was left at 0x7ffff75ff000: no mmap is needed. | The C library kept it when another thread ended.
          ▸ Take the stack of 2049 pages at 0x7ffff75ff000: no mmap is needed. | The C library kept it when another thread ended.
          · the stack at 0x7ffff75ff000 is used again
        q runs on CPU 1, in the address space of p: 2 tasks use it. | They share all: no area and no page table is copied.
          ▸ Start q on CPU 1, in the address space of p: 2 tasks use it. | They share all: no area and no page table is copied.
          · q starts in p, on CPU 1
        q is gone; the address space of p has 1 user left. | It goes when its last user does.
          ▸ End q; the address space of p has 1 user left. | It goes when its last user does.
          · q is gone, p has 1 user left
        q went from CPU 0 to CPU 1. | Another CPU, another TLB: it is cold there.
          ▸ Put q from CPU 0 on CPU 1. | Another CPU, another TLB: it is cold there.
          · q goes from CPU 0 to CPU 1
        p has what is mapped locked: VmLck is 10,372 KiB. | What is missing comes now.
          ▸ Have what is mapped of p locked: VmLck becomes 10,372 KiB. | What is missing comes now.
          · p has what is mapped locked
        p has what will be mapped locked: VmLck is 0 KiB. | What is there may go as before.
          ▸ Have what will be mapped of p locked: VmLck becomes 0 KiB. | What is there may go as before.
          · p has what will be mapped locked
        p has all memory locked: VmLck is 10,372 KiB. | What is missing comes now, what is new at once.
          ▸ Have all memory of p locked: VmLck becomes 10,372 KiB. | What is missing comes now, what is new at once.
          · p has all memory locked
        p has nothing locked: VmLck is 0 KiB. | Pages stay for now, but they may go.
          ▸ Have nothing of p locked: VmLck becomes 0 KiB. | Pages stay for now, but they may go.
          · p has nothing locked
        Frame 812 became a page table (PGD) for addresses from 0x7ffff7400000 on. | The tables of p take 16 KiB now.
          ▸ Make frame 812 a page table (PGD) for addresses from 0x7ffff7400000 on. | The tables of p take 16 KiB now.
          · a page table (PGD) in frame 812
        Frame 812 became a page table (P4D) for addresses from 0x7ffff7400000 on. | The tables of p take 16 KiB now.
          ▸ Make frame 812 a page table (P4D) for addresses from 0x7ffff7400000 on. | The tables of p take 16 KiB now.
          · a page table (P4D) in frame 812
        Frame 812 became a page table (PUD) for addresses from 0x7ffff7400000 on. | One serves 512 GiB; all tables of p take 16 KiB now.
          ▸ Make frame 812 a page table (PUD) for addresses from 0x7ffff7400000 on. | One serves 512 GiB; all tables of p take 16 KiB now.
          · a page table (PUD) in frame 812
        Frame 812 became a page table (PMD) for addresses from 0x7ffff7400000 on. | One serves 1 GiB; all tables of p take 16 KiB now.
          ▸ Make frame 812 a page table (PMD) for addresses from 0x7ffff7400000 on. | One serves 1 GiB; all tables of p take 16 KiB now.
          · a page table (PMD) in frame 812
        Frame 812 became a page table (PTE) for addresses from 0x7ffff7400000 on. | One serves 2 MiB; all tables of p take 16 KiB now.
          ▸ Make frame 812 a page table (PTE) for addresses from 0x7ffff7400000 on. | One serves 2 MiB; all tables of p take 16 KiB now.
          · a page table (PTE) in frame 812
        16 pages (64 KiB) from 0x7ffff75ff000 on may not be touched at all now. | One area, one set of rights: p has 5 areas.
          ▸ From now on 16 pages (64 KiB) from 0x7ffff75ff000 on may not be touched at all. | One area, one set of rights: p has 5 areas.
          · 16 pages from 0x7ffff75ff000 may not be touched at all
        16 pages (64 KiB) from 0x7ffff75ff000 on may only be read now. | One area, one set of rights: p has 5 areas.
          ▸ From now on 16 pages (64 KiB) from 0x7ffff75ff000 on may only be read. | One area, one set of rights: p has 5 areas.
          · 16 pages from 0x7ffff75ff000 may only be read
        16 pages (64 KiB) from 0x7ffff75ff000 on may be read and written now. | One area, one set of rights: p has 5 areas.
          ▸ From now on 16 pages (64 KiB) from 0x7ffff75ff000 on may be read and written. | One area, one set of rights: p has 5 areas.
          · 16 pages from 0x7ffff75ff000 may be read and written
        16 pages (64 KiB) from 0x7ffff75ff000 on may be read and executed now. | One area, one set of rights: p has 5 areas.
          ▸ From now on 16 pages (64 KiB) from 0x7ffff75ff000 on may be read and executed. | One area, one set of rights: p has 5 areas.
          · 16 pages from 0x7ffff75ff000 may be read and executed
        16 pages (64 KiB) from 0x7ffff75ff000 on may be read, written, executed now. | One area, one set of rights: p has 5 areas.
          ▸ From now on 16 pages (64 KiB) from 0x7ffff75ff000 on may be read, written, executed. | One area, one set of rights: p has 5 areas.
          · 16 pages from 0x7ffff75ff000 may be read, written, executed
        p wanted to read 0x7ffff75ff000: a page fault. | Error code 4 (user): no page is there.
          ▸ p reads 0x7ffff75ff000: a page fault. | Error code 4 (user): no page is there.
          · page fault: p reads 0x7ffff75ff000, error code 4
        p wanted to write to 0x7ffff75ff000: a page fault. | Error code 6 = 2 (write) + 4 (user): no page is there.
          ▸ p writes to 0x7ffff75ff000: a page fault. | Error code 6 = 2 (write) + 4 (user): no page is there.
          · page fault: p writes to 0x7ffff75ff000, error code 6
        p wanted to write to 0x7ffff75ff000: a page fault. | Error code 7 = 1 (protection) + 2 (write) + 4 (user): the entry forbids it.
          ▸ p writes to 0x7ffff75ff000: a page fault. | Error code 7 = 1 (protection) + 2 (write) + 4 (user): the entry forbids it.
          · page fault: p writes to 0x7ffff75ff000, error code 7
        p wanted to execute 0x7ffff75ff000: a page fault. | Error code 20 = 4 (user) + 16 (instruction fetch): no page is there.
          ▸ p executes 0x7ffff75ff000: a page fault. | Error code 20 = 4 (user) + 16 (instruction fetch): no page is there.
          · page fault: p executes 0x7ffff75ff000, error code 20
        p wanted to execute 0x7ffff75ff000: a page fault. | Error code 21 = 1 (protection) + 4 (user) + 16 (instruction fetch): the entry forbids it.
          ▸ p executes 0x7ffff75ff000: a page fault. | Error code 21 = 1 (protection) + 4 (user) + 16 (instruction fetch): the entry forbids it.
          · page fault: p executes 0x7ffff75ff000, error code 21
        p wanted to read 0x7ffff75ff000: a page fault. | Error code 0: no page is there.
          ▸ p reads 0x7ffff75ff000: a page fault. | Error code 0: no page is there.
          · page fault: p reads 0x7ffff75ff000, error code 0
        mmap failed for p with EINVAL: a length of 0 is none. | An area has at least one page.
          ▸ Let mmap of p fail with EINVAL: a length of 0 is none. | An area has at least one page.
          · mmap of p fails: EINVAL
        set_mempolicy failed for p with EINVAL: none of these nodes has memory. | There would be no page to be had.
          ▸ Let set_mempolicy of p fail with EINVAL: none of these nodes has memory. | There would be no page to be had.
          · set_mempolicy of p fails: EINVAL
        mmap failed for p with ENOMEM: no gap between the areas is that long. | Addresses have to be in a row, unlike frames.
          ▸ Let mmap of p fail with ENOMEM: no gap between the areas is that long. | Addresses have to be in a row, unlike frames.
          · mmap of p fails: ENOMEM
        mmap failed for p with ENOMEM: 2560 pages more would break the limit of 2000 pages. | Overcommit: what is promised may fall due one day.
          ▸ Let mmap of p fail with ENOMEM: 2560 pages more would break the limit of 2000 pages. | Overcommit: what is promised may fall due one day.
          · mmap of p fails: ENOMEM
        mmap failed for p with ENOMEM: the address space would exceed RLIMIT_AS. | That limit counts addresses, with or without pages.
          ▸ Let mmap of p fail with ENOMEM: the address space would exceed RLIMIT_AS. | That limit counts addresses, with or without pages.
          · mmap of p fails: ENOMEM
        munmap failed for p with ENOMEM: that would be too many areas. | Each costs the kernel memory: see vm.max_map_count.
          ▸ Let munmap of p fail with ENOMEM: that would be too many areas. | Each costs the kernel memory: see vm.max_map_count.
          · munmap of p fails: ENOMEM
        brk failed for p with ENOMEM: the heap cannot end there. | It would run into another area, or end before it begins.
          ▸ Let brk of p fail with ENOMEM: the heap cannot end there. | It would run into another area, or end before it begins.
          · brk of p fails: ENOMEM
        mmap failed for p with EACCES: the file cannot be mapped so. | Who shares it to write needs it open for writing; ENODEV if it is no file.
          ▸ Let mmap of p fail with EACCES: the file cannot be mapped so. | Who shares it to write needs it open for writing; ENODEV if it is no file.
          · mmap of p fails: EACCES
        fork failed for p with ENOMEM: there is no frame for a page table. | Page tables are memory, too.
          ▸ Let fork of p fail with ENOMEM: there is no frame for a page table. | Page tables are memory, too.
          · fork of p fails: ENOMEM
        mmap failed for p with EINVAL: there is a file in it. | What a file shows cannot be given up so: the file has it.
          ▸ Let mmap of p fail with EINVAL: there is a file in it. | What a file shows cannot be given up so: the file has it.
          · mmap of p fails: EINVAL
        mmap failed for p with EFAULT: not all of it lies in one area. | Only one area can be remapped at a time.
          ▸ Let mmap of p fail with EFAULT: not all of it lies in one area. | Only one area can be remapped at a time.
          · mmap of p fails: EFAULT
        mlock failed for p with ENOMEM: part of it is in no area. | What lies before the hole is done all the same.
          ▸ Let mlock of p fail with ENOMEM: part of it is in no area. | What lies before the hole is done all the same.
          · mlock of p fails: ENOMEM
        mlock failed for p with EPERM: it may not lock anything. | RLIMIT_MEMLOCK is 0.
          ▸ Let mlock of p fail with EPERM: it may not lock anything. | RLIMIT_MEMLOCK is 0.
          · mlock of p fails: EPERM
        mlock failed for p with ENOMEM: 33 pages would be locked, and 16 pages may be. | RLIMIT_MEMLOCK counts addresses, with or without pages.
          ▸ Let mlock of p fail with ENOMEM: 33 pages would be locked, and 16 pages may be. | RLIMIT_MEMLOCK counts addresses, with or without pages.
          · mlock of p fails: ENOMEM
        mmap failed for p with EAGAIN: 33 pages would be locked, and 16 pages may be. | RLIMIT_MEMLOCK counts addresses, with or without pages.
          ▸ Let mmap of p fail with EAGAIN: 33 pages would be locked, and 16 pages may be. | RLIMIT_MEMLOCK counts addresses, with or without pages.
          · mmap of p fails: EAGAIN
        munmap failed for p with EINVAL: some of it is locked. | What has to stay cannot be given up.
          ▸ Let munmap of p fail with EINVAL: some of it is locked. | What has to stay cannot be given up.
          · munmap of p fails: EINVAL
        p got SIGSEGV at 0x7ffff75ff000 and is gone: no area is there. | Nobody was promised that address: a stray pointer.
          ▸ End p with SIGSEGV at 0x7ffff75ff000: no area is there. | Nobody was promised that address: a stray pointer.
          · p gets SIGSEGV at 0x7ffff75ff000: no area is there
        p got SIGSEGV at 0x0 and is gone: no area is there. | A null pointer: nothing lies so low, so that this is noticed.
          ▸ End p with SIGSEGV at 0x0: no area is there. | A null pointer: nothing lies so low, so that this is noticed.
          · p gets SIGSEGV at 0x0: no area is there
        p got SIGSEGV at 0x7ffff75ff000 and is gone: its area forbids that. | Rights are the area's, whatever page is there.
          ▸ End p with SIGSEGV at 0x7ffff75ff000: its area forbids that. | Rights are the area's, whatever page is there.
          · p gets SIGSEGV at 0x7ffff75ff000: its area forbids that
        p got SIGSEGV at 0x7ffff75ff000 and is gone: the stack is at its limit. | RLIMIT_STACK ends a recursion without end.
          ▸ End p with SIGSEGV at 0x7ffff75ff000: the stack is at its limit. | RLIMIT_STACK ends a recursion without end.
          · p gets SIGSEGV at 0x7ffff75ff000: the stack is at its limit
        p got SIGSEGV at 0x7ffff75ff000 and is gone: the stack came too near an area. | A gap stays free, so neither spoils the other.
          ▸ End p with SIGSEGV at 0x7ffff75ff000: the stack came too near an area. | A gap stays free, so neither spoils the other.
          · p gets SIGSEGV at 0x7ffff75ff000: the stack came too near an area
        p got SIGSEGV at 0x7ffff75ff000 and is gone: the stack cannot grow. | It is locked, and RLIMIT_MEMLOCK ends that.
          ▸ End p with SIGSEGV at 0x7ffff75ff000: the stack cannot grow. | It is locked, and RLIMIT_MEMLOCK ends that.
          · p gets SIGSEGV at 0x7ffff75ff000: the stack cannot grow
        p got SIGSEGV at 0x7ffff75ff000 and is gone: the stack cannot grow. | The address space would exceed RLIMIT_AS.
          ▸ End p with SIGSEGV at 0x7ffff75ff000: the stack cannot grow. | The address space would exceed RLIMIT_AS.
          · p gets SIGSEGV at 0x7ffff75ff000: the stack cannot grow
        p got SIGSEGV at 0xdeadbeef00000000 and is gone: that is no address of a process. | It lies beyond all that a process can have.
          ▸ End p with SIGSEGV at 0xdeadbeef00000000: that is no address of a process. | It lies beyond all that a process can have.
          · p gets SIGSEGV at 0xdeadbeef00000000: that is no address of a process
        p got SIGBUS at 0x7ffff75ff000 and is gone: the file ends before it. | An area may be longer than its file, but no page is there.
          ▸ End p with SIGBUS at 0x7ffff75ff000: the file ends before it. | An area may be longer than its file, but no page is there.
          · p gets SIGBUS at 0x7ffff75ff000: the file ends before it
        p's area moved from 0x7ffff75ff000 to 0x7ffff73ff000: VSZ is 16,516 KiB. | 515 entries moved, 3 of them with a whole table or a huge page.
          ▸ Move p's area from 0x7ffff75ff000 to 0x7ffff73ff000: VSZ becomes 16,516 KiB. | 515 entries moved, 3 of them with a whole table or a huge page.
          · the area at 0x7ffff75ff000 moves to 0x7ffff73ff000
        Memory of p comes from wherever is usual now. | What is said of an area goes first.
          ▸ Let memory of p come from wherever is usual. | What is said of an area goes first.
          · memory of p comes from wherever is usual
        New pages of the area at 0x7ffff75ff000 come from wherever is usual. | Pages that are there stay where they are.
          ▸ Let new pages of the area at 0x7ffff75ff000 come from wherever is usual. | Pages that are there stay where they are.
          · new pages at 0x7ffff75ff000 come from wherever is usual
        Memory of p comes from the CPU's own node now. | What is said of an area goes first.
          ▸ Let memory of p come from the CPU's own node. | What is said of an area goes first.
          · memory of p comes from the CPU's own node
        New pages of the area at 0x7ffff75ff000 come from the CPU's own node. | Pages that are there stay where they are.
          ▸ Let new pages of the area at 0x7ffff75ff000 come from the CPU's own node. | Pages that are there stay where they are.
          · new pages at 0x7ffff75ff000 come from the CPU's own node
        The CPU's own node is asked first. | So it is said of p.
          ▸ Ask the CPU's own node first. | So it is said of p.
          · the CPU's own node first
        The CPU's own node is asked first. | So it is said of the area.
          ▸ Ask the CPU's own node first. | So it is said of the area.
          · the CPU's own node first
        Memory of p comes from node 1 first now. | What is said of an area goes first.
          ▸ Let memory of p come from node 1 first. | What is said of an area goes first.
          · memory of p comes from node 1 first
        New pages of the area at 0x7ffff75ff000 come from node 1 first. | Pages that are there stay where they are.
          ▸ Let new pages of the area at 0x7ffff75ff000 come from node 1 first. | Pages that are there stay where they are.
          · new pages at 0x7ffff75ff000 come from node 1 first
        Node 1 is asked first. | So it is said of p; the others come after it.
          ▸ Ask node 1 first. | So it is said of p; the others come after it.
          · node 1 first
        Node 1 is asked first. | So it is said of the area; the others come after it.
          ▸ Ask node 1 first. | So it is said of the area; the others come after it.
          · node 1 first
        Memory of p comes from nodes 0-1 first now. | What is said of an area goes first.
          ▸ Let memory of p come from nodes 0-1 first. | What is said of an area goes first.
          · memory of p comes from nodes 0-1 first
        New pages of the area at 0x7ffff75ff000 come from nodes 0-1 first. | Pages that are there stay where they are.
          ▸ Let new pages of the area at 0x7ffff75ff000 come from nodes 0-1 first. | Pages that are there stay where they are.
          · new pages at 0x7ffff75ff000 come from nodes 0-1 first
        Only nodes 0-1 are asked at first. | So it is said of p; without waiting, and then all.
          ▸ Ask nodes 0-1 first. | So it is said of p; without waiting, and then all.
          · nodes 0-1 first
        Only nodes 0-1 are asked at first. | So it is said of the area; without waiting, and then all.
          ▸ Ask nodes 0-1 first. | So it is said of the area; without waiting, and then all.
          · nodes 0-1 first
        Memory of p comes from node 1 alone now. | What is said of an area goes first.
          ▸ Let memory of p come from node 1 alone. | What is said of an area goes first.
          · memory of p comes from node 1 alone
        New pages of the area at 0x7ffff75ff000 come from node 1 alone. | Pages that are there stay where they are.
          ▸ Let new pages of the area at 0x7ffff75ff000 come from node 1 alone. | Pages that are there stay where they are.
          · new pages at 0x7ffff75ff000 come from node 1 alone
        Only node 1 may serve it. | So it is said of p: rather nothing than other memory.
          ▸ Ask node 1 alone. | So it is said of p: rather nothing than other memory.
          · node 1 alone
        Only node 1 may serve it. | So it is said of the area: rather nothing than other memory.
          ▸ Ask node 1 alone. | So it is said of the area: rather nothing than other memory.
          · node 1 alone
        Memory of p comes from nodes 0-1,3-4,6 alone now. | What is said of an area goes first.
          ▸ Let memory of p come from nodes 0-1,3-4,6 alone. | What is said of an area goes first.
          · memory of p comes from nodes 0-1,3-4,6 alone
        New pages of the area at 0x7ffff75ff000 come from nodes 0-1,3-4,6 alone. | Pages that are there stay where they are.
          ▸ Let new pages of the area at 0x7ffff75ff000 come from nodes 0-1,3-4,6 alone. | Pages that are there stay where they are.
          · new pages at 0x7ffff75ff000 come from nodes 0-1,3-4,6 alone
        Only nodes 0-1,3-4,6 may serve it. | So it is said of p: rather nothing than other memory.
          ▸ Ask nodes 0-1,3-4,6 alone. | So it is said of p: rather nothing than other memory.
          · nodes 0-1,3-4,6 alone
        Only nodes 0-1,3-4,6 may serve it. | So it is said of the area: rather nothing than other memory.
          ▸ Ask nodes 0-1,3-4,6 alone. | So it is said of the area: rather nothing than other memory.
          · nodes 0-1,3-4,6 alone
        Memory of p comes from nodes 0,2 in turn now. | What is said of an area goes first.
          ▸ Let memory of p come from nodes 0,2 in turn. | What is said of an area goes first.
          · memory of p comes from nodes 0,2 in turn
        New pages of the area at 0x7ffff75ff000 come from nodes 0,2 in turn. | Pages that are there stay where they are.
          ▸ Let new pages of the area at 0x7ffff75ff000 come from nodes 0,2 in turn. | Pages that are there stay where they are.
          · new pages at 0x7ffff75ff000 come from nodes 0,2 in turn
        It is the turn of node 1. | Whatever p asks for, nodes 0,2 serve in turn.
          ▸ Ask node 1: it is its turn. | Whatever p asks for, nodes 0,2 serve in turn.
          · the turn of node 1
        It is the turn of node 1. | Page 34,359,738,111 modulo 2, among nodes 0,2.
          ▸ Ask node 1: it is its turn. | Page 34,359,738,111 modulo 2, among nodes 0,2.
          · the turn of node 1
        p locked 256 pages from 0x7ffff75ff000 on: VmLck is 1024 KiB. | They never leave memory, so all of them are wanted at once.
          ▸ Lock 256 pages of p from 0x7ffff75ff000 on: VmLck becomes 1024 KiB. | They never leave memory, so all of them are wanted at once.
          · p locks 256 pages from 0x7ffff75ff000
        p unlocked 256 pages from 0x7ffff75ff000 on: VmLck is 0 KiB. | They stay for now, but they may go.
          ▸ Unlock 256 pages of p from 0x7ffff75ff000 on: VmLck becomes 0 KiB. | They stay for now, but they may go.
          · p unlocks 256 pages from 0x7ffff75ff000
        The 256 pages of p at 0x7ffff75ff000 became 512 pages: VSZ is 2180 KiB. | Only its end moves.
          ▸ Make 512 pages of the 256 pages of p at 0x7ffff75ff000: VSZ becomes 2180 KiB. | Only its end moves.
          · the area at 0x7ffff75ff000 has 512 pages now
        p's area moved from 0x7ffff75ff000 to 0x7ffff73ff000: VSZ is 2180 KiB. | No page was there, so only addresses change.
          ▸ Move p's area from 0x7ffff75ff000 to 0x7ffff73ff000: VSZ becomes 2180 KiB. | No page was there, so only addresses change.
          · the area at 0x7ffff75ff000 moves to 0x7ffff73ff000
        p's area moved from 0x7ffff75ff000 to 0x7ffff73ff000: VSZ is 2180 KiB. | 1 entry of a page table moved, no page.
          ▸ Move p's area from 0x7ffff75ff000 to 0x7ffff73ff000: VSZ becomes 2180 KiB. | 1 entry of a page table moved, no page.
          · the area at 0x7ffff75ff000 moves to 0x7ffff73ff000
        p's area moved from 0x7ffff75ff000 to 0x7ffff73ff000: VSZ is 2180 KiB. | 16 entries moved; no page was copied.
          ▸ Move p's area from 0x7ffff75ff000 to 0x7ffff73ff000: VSZ becomes 2180 KiB. | 16 entries moved; no page was copied.
          · the area at 0x7ffff75ff000 moves to 0x7ffff73ff000
        p asks malloc for 100 bytes: a chunk of 112 bytes. | 8 bytes for its size are added; it is a multiple of 16, and 32 at least.
          ▸ Look for 100 bytes for p: a chunk of 112 bytes. | 8 bytes for its size are added; it is a multiple of 16, and 32 at least.
          · p wants a chunk of 112 bytes
        p asks malloc for zeroed 1 MiB: a chunk of 1 MiB. | 8 bytes for its size are added; it is a multiple of 16, and 32 at least.
          ▸ Look for zeroed 1 MiB for p: a chunk of 1 MiB. | 8 bytes for its size are added; it is a multiple of 16, and 32 at least.
          · p wants a chunk of 1 MiB
        malloc took the first 656 bytes of the heap for itself, at 0x5555555542a0. | The lists of the thread's own, the tcache, begin there.
          ▸ Take the first 656 bytes of the heap, at 0x5555555542a0, for malloc itself. | The lists of the thread's own, the tcache, begin there.
          · malloc takes 656 bytes for itself
        malloc emptied its fastbins: 1 chunk. | What lay there apart is joined with its free neighbours now.
          ▸ Empty the fastbins: 1 chunk. | What lay there apart is joined with its free neighbours now.
          · the fastbins are emptied: 1 chunk
        malloc put 12 chunks from the unsorted bin into bins of their size. | Freed lately, they did not fit; in bins they lie by size.
          ▸ Put 12 chunks from the unsorted bin into bins of their size. | Freed lately, they did not fit; in bins they lie by size.
          · 12 chunks are sorted into bins
        malloc took the chunk at 0x5555555542a0, 112 bytes, from the tcache. | No system call: the kernel hears nothing of this.
          ▸ Take the chunk at 0x5555555542a0, 112 bytes, from the tcache. | No system call: the kernel hears nothing of this.
          · 112 bytes at 0x5555555542a0 come from the tcache
        malloc took the chunk at 0x5555555542a0, 112 bytes, from the top of the heap. | 131.2 KiB are left of it. The kernel hears nothing of this.
          ▸ Take the chunk at 0x5555555542a0, 112 bytes, from the top of the heap. | 131.2 KiB are left of it. The kernel hears nothing of this.
          · 112 bytes at 0x5555555542a0 come from the top of the heap
        malloc took the chunk at 0x5555555542a0, 112 bytes, from a large bin. | It was larger: the other 3904 bytes stay free.
          ▸ Take the chunk at 0x5555555542a0, 112 bytes, from a large bin. | It was larger: the other 3904 bytes stay free.
          · 112 bytes at 0x5555555542a0 come from a large bin
        No chunk is as long as 4016 bytes: malloc asks brk for 132 KiB more. | Its top has 1200 bytes; 128 KiB are asked for to spare.
          ▸ Ask brk for 132 KiB more: no chunk is as long as 4016 bytes. | Its top has 1200 bytes; 128 KiB are asked for to spare.
          · malloc asks brk for 132 KiB
        No chunk is as long as 200 KiB: malloc asks mmap for 204 KiB. | From the mmap threshold on a chunk is an area: free can give it back.
          ▸ Ask mmap for 204 KiB: no chunk is as long as 200 KiB. | From the mmap threshold on a chunk is an area: free can give it back.
          · malloc asks mmap for 204 KiB
        p has its 100 bytes, at 0x5555555542a0. | Old contents lie there: 16 of malloc's own, 84 × 0x41.
          ▸ Give p its 100 bytes, at 0x5555555542a0. | Old contents lie there: 16 of malloc's own, 84 × 0x41.
          · p gets 100 bytes at 0x5555555542a0
        p has its 100 bytes, at 0x5555555542a0. | It holds zeros: nobody has written there yet.
          ▸ Give p its 100 bytes, at 0x5555555542a0. | It holds zeros: nobody has written there yet.
          · p gets 100 bytes at 0x5555555542a0
        p has its 100 bytes, at 0x5555555542a0. | There lies: 100 of malloc's own.
          ▸ Give p its 100 bytes, at 0x5555555542a0. | There lies: 100 of malloc's own.
          · p gets 100 bytes at 0x5555555542a0
        malloc returned NULL to p, which wanted 100 bytes. | The kernel gave nothing more, and no free chunk is long enough.
          ▸ Return NULL to p, which wants 100 bytes. | The kernel gave nothing more, and no free chunk is long enough.
          · p gets NULL for 100 bytes
        The chunk at 0x5555555542a0, 112 bytes, went to the tcache. | malloc keeps it for the next request: the kernel gets nothing back.
          ▸ Put the chunk at 0x5555555542a0, 112 bytes, into the tcache. | malloc keeps it for the next request: the kernel gets nothing back.
          · 112 bytes at 0x5555555542a0 go to the tcache
        The chunk at 0x5555555542a0, 112 bytes, went to a fastbin. | The tcache has seven of its size already; it is not joined yet.
          ▸ Put the chunk at 0x5555555542a0, 112 bytes, into a fastbin. | The tcache has seven of its size already; it is not joined yet.
          · 112 bytes at 0x5555555542a0 go to a fastbin
        The chunk at 0x5555555542a0, 112 bytes, went to the unsorted bin. | Its neighbours are in use, so it is joined with nothing.
          ▸ Put the chunk at 0x5555555542a0, 112 bytes, into the unsorted bin. | Its neighbours are in use, so it is joined with nothing.
          · 112 bytes at 0x5555555542a0 go to the unsorted bin
        The chunk at 0x5555555542a0, 112 bytes, went to the top of the heap. | With the free memory beside it, it is 131.3 KiB long.
          ▸ Put the chunk at 0x5555555542a0, 112 bytes, into the top of the heap. | With the free memory beside it, it is 131.3 KiB long.
          · 112 bytes at 0x5555555542a0 go to the top of the heap
        malloc raised its mmap threshold to 204 KiB. | Such chunks stay in the heap now; it shrinks when its top has 408 KiB.
          ▸ Raise the mmap threshold to 204 KiB. | Such chunks stay in the heap now; it shrinks when its top has 408 KiB.
          · the mmap threshold is 204 KiB
        malloc gives 132 KiB of its top of 263.6 KiB back, with brk. | The top is past the trim threshold; 128 KiB of it stay.
          ▸ Give 132 KiB of the top of 263.6 KiB back, with brk. | The top is past the trim threshold; 128 KiB of it stay.
          · malloc gives back 132 KiB of the top
        The chunk at 0x5555555542a0 stays where it is: 112 bytes became 208 bytes. | No byte is copied: what lies behind it was free, or is free now.
          ▸ Leave the chunk at 0x5555555542a0 where it is: 112 bytes become 208 bytes. | No byte is copied: what lies behind it was free, or is free now.
          · the chunk at 0x5555555542a0 has 208 bytes now
        The chunk at 0x5555555542a0 stays where it is: 112 bytes became 112 bytes. | The chunk is long enough as it is.
          ▸ Leave the chunk at 0x5555555542a0 where it is: 112 bytes become 112 bytes. | The chunk is long enough as it is.
          · the chunk at 0x5555555542a0 has 112 bytes now
        realloc copied 104 bytes from 0x5555555542a0 to 0x555555555310. | Behind it there was no room; the old chunk is freed.
          ▸ Copy 104 bytes from 0x5555555542a0 to 0x555555555310. | Behind it there was no room; the old chunk is freed.
          · 104 bytes are copied to 0x555555555310
        calloc filled 104 bytes at 0x5555555542a0 with zeros. | It was used before, and malloc keeps no account of what was written.
          ▸ Fill 104 bytes at 0x5555555542a0 with zeros. | It was used before, and malloc keeps no account of what was written.
          · 104 bytes at 0x5555555542a0 are cleared
        calloc has nothing to clear at 0x5555555542a0. | It comes straight from the kernel, which hands out zeros only.
          ▸ Clear nothing at 0x5555555542a0. | It comes straight from the kernel, which hands out zeros only.
          · nothing to clear at 0x5555555542a0
        p filled 100 bytes at 0x5555555542a0 with 0x41. | A frame keeps its bytes until somebody writes others.
          ▸ Fill 100 bytes of p at 0x5555555542a0 with 0x41. | A frame keeps its bytes until somebody writes others.
          · 100 bytes at 0x5555555542a0 are 0x41
        p sees in 100 bytes at 0x5555555542a0: 16 of malloc's own, 84 × 0x41. | Bytes stay until somebody writes over them.
          ▸ Let p look at 100 bytes at 0x5555555542a0: 16 of malloc's own, 84 × 0x41. | Bytes stay until somebody writes over them.
          · 100 bytes at 0x5555555542a0: 16 of malloc's own, 84 × 0x41
        p sees in 100 bytes at 0x5555555542a0: 100 × 0x00. | All zeros: the kernel clears a page before a process gets it.
          ▸ Let p look at 100 bytes at 0x5555555542a0: 100 × 0x00. | All zeros: the kernel clears a page before a process gets it.
          · 100 bytes at 0x5555555542a0: 100 × 0x00
        p sees in 100 bytes at 0x5555555542a0: 8 of the file, 8 of malloc's own, …. | Somebody wrote it, or keeps it.
          ▸ Let p look at 100 bytes at 0x5555555542a0: 8 of the file, 8 of malloc's own, …. | Somebody wrote it, or keeps it.
          · 100 bytes at 0x5555555542a0: 8 of the file, 8 of malloc's own, …
        p sees in 0 bytes at 0x5555555542a0: nothing. | All zeros: the kernel clears a page before a process gets it.
          ▸ Let p look at 0 bytes at 0x5555555542a0: nothing. | All zeros: the kernel clears a page before a process gets it.
          · 0 bytes at 0x5555555542a0: nothing
    "#]].assert_eq(&en);
    expect![[r#"
        f 是一个 625 页（2.4 MiB）的文件。 | 它在磁盘上，内存里还没有它的页。
          ▸ 建一个 625 页（2.4 MiB）的文件，叫 f。 | 它在磁盘上，内存里还没有它的页。
          · f：625 页的文件
        f 是一个 625 页（2.4 MiB）的文件。 | 它已全在页缓存里，读它不用等磁盘。
          ▸ 建一个 625 页（2.4 MiB）的文件，叫 f。 | 它已全在页缓存里，读它不用等磁盘。
          · f：625 页的文件
        f 是一个 625 页（2.4 MiB）的文件。 | 其中 600 页在页缓存里，其余在磁盘上。
          ▸ 建一个 625 页（2.4 MiB）的文件，叫 f。 | 其中 600 页在页缓存里，其余在磁盘上。
          · f：625 页的文件
        p 有了地址空间：PGD 是 812 号页框，132 KiB 的栈到 0x7ffffffff000 为止。 | 其余地址都空着，一页也没有。
          ▸ 给 p 建地址空间：812 号页框做 PGD，132 KiB 的栈到 0x7ffffffff000 为止。 | 每个进程有自己的页表。
          · p 有了地址空间，PGD 是 812 号页框
        p 没能启动：没有页框做 PGD。 | 没有页表，处理器一个地址也翻译不了。
          ▸ 放弃启动 p：没有页框做 PGD。 | 没有页表，处理器一个地址也翻译不了。
          · p 没能启动：没有页框做 PGD
        mmap 把 0x7ffff75ff000 起的 2560 页（10 MiB）许给 p，VSZ 为 10,372 KiB。 | 只许诺，不占页。
          ▸ 把 0x7ffff75ff000 起的 2560 页（10 MiB）许给 p：VSZ 变为 10,372 KiB。 | 只给地址，访问时才给页。
          · 把 0x7ffff75ff000 起的 2560 页许给 p
        brk 把 0x7ffff75ff000 起的 33 页（132 KiB）许给 p，VSZ 为 10,372 KiB。 | 并入邻区，不占页。
          ▸ 把 0x7ffff75ff000 起的 33 页（132 KiB）许给 p：VSZ 变为 10,372 KiB。 | 只给地址，访问时才给页。
          · 把 0x7ffff75ff000 起的 33 页许给 p
        p 交还 0x7ffff75ff000 起的 2560 页（10 MiB）：VSZ 降到 132 KiB。 | 3 页有页框，1 张页表空了。
          ▸ 收回 0x7ffff75ff000 起的 2560 页（10 MiB）：VSZ 变为 132 KiB。 | 3 页有页框，1 张页表空了。
          · p 交还 0x7ffff75ff000 起的 2560 页
        p 不要 0x7ffff75ff000 起 16 页的内容了，其中 3 页在。 | 地址还在；再访问时是零，或是文件的内容。
          ▸ 丢掉 p 从 0x7ffff75ff000 起的 16 页，其中 3 页在。 | 地址还在；再访问时是零，或是文件的内容。
          · p 不要 0x7ffff75ff000 起的 16 页
        p 的 0x7ffff75ff000 起的 16 页可随时收走，3 页在。 | 收走以前还算在 RSS 里；再写过的页就留下。
          ▸ p 的 0x7ffff75ff000 起的 16 页将可收走，3 页在。 | 收走以前还算在 RSS 里；再写过的页就留下。
          · p 的 0x7ffff75ff000 起的 16 页可以收走
        TLB 里 p 的 3 页翻译作废了。 | 不然处理器还会照旧翻译。
          ▸ 让 TLB 里 p 的 3 页翻译作废。 | 不然处理器还会照旧翻译。
          · TLB 里 p 的 3 页翻译作废
        TLB 里 p 的翻译全部作废了。 | 一次全刷，比一页一页刷快。
          ▸ 让 TLB 里 p 的翻译全部作废。 | 一次全刷，比一页一页刷快。
          · TLB 里 p 的翻译全部作废
        p 读了 0x7ffff75ff000 起的 16 页：处理器自己找到了。 | 页表里写着：没有缺页，内核毫不知情。
          ▸ p 读 0x7ffff75ff000 起的 16 页：处理器自己找得到。 | 页表里写着：没有缺页，内核毫不知情。
          · p 读 0x7ffff75ff000 起的 16 页，没有缺页
        p 写了 0x7ffff75ff000 那一页：处理器自己找到了。 | 页表里写着：没有缺页，内核毫不知情。
          ▸ p 写 0x7ffff75ff000 那一页：处理器自己找得到。 | 页表里写着：没有缺页，内核毫不知情。
          · p 写 0x7ffff75ff000 那一页，没有缺页
        p 执行了 0x7ffff75ff000 那一页：处理器自己找到了。 | 页表里写着：没有缺页，内核毫不知情。
          ▸ p 执行 0x7ffff75ff000 那一页：处理器自己找得到。 | 页表里写着：没有缺页，内核毫不知情。
          · p 执行 0x7ffff75ff000 那一页，没有缺页
        地址在 0x7ffff75ff000 到 0x7ffff7fff000 的区域里，这样做是允许的。 | 不是程序出错，是许诺该兑现了。
          ▸ 查找地址所在的区域：0x7ffff75ff000 到 0x7ffff7fff000，允许。 | 不是程序出错，是许诺该兑现了。
          · 地址在 0x7ffff75ff000 到 0x7ffff7fff000 的区域里
        p 的栈向下长了 16 页（64 KiB），到 0x7ffffffce000：VSZ 升到 196 KiB。 | 不用申请，碰到就长。
          ▸ 让 p 的栈向下长 16 页（64 KiB），到 0x7ffffffce000：VSZ 变为 196 KiB。 | 不用申请，碰到就长。
          · p 的栈长到 0x7ffffffce000
        大家共用的零页（5 号页框）映射到了 0x7ffff75ff000。 | 只读没写：它不算进谁的 RSS。
          ▸ 把大家共用的零页（5 号页框）映射到 0x7ffff75ff000。 | 只读没写：它不算进谁的 RSS。
          · 零页映射到 0x7ffff75ff000
        812 号页框清零后映射到 0x7ffff75ff000：p 的 RSS 升到 104 KiB。 | 清零，免得露出别人的旧数据。
          ▸ 把 812 号页框清零，映射到 0x7ffff75ff000：p 的 RSS 变为 104 KiB。 | 清零，免得露出别人的旧数据。
          · 812 号页框清零，映射到 0x7ffff75ff000
        f 的第 6 页不在内存里：从磁盘读第 5 到 12 页。 | 主缺页：p 要等磁盘，所以顺便预读。
          ▸ f 的第 6 页不在内存里：要从磁盘读第 5 到 12 页。 | 主缺页：p 要等磁盘，所以顺便预读。
          · f 的第 6 页要从磁盘读
        f 的第 6 页不在内存里：从磁盘读它。 | 主缺页：p 要等磁盘。
          ▸ f 的第 6 页不在内存里：要从磁盘读它。 | 主缺页：p 要等磁盘。
          · f 的第 6 页要从磁盘读
        812 号页框装着 f 的第 6 页，进了页缓存。 | 以后谁要它，都不用等磁盘。
          ▸ 把 f 的第 6 页放进页缓存，用 812 号页框。 | 以后谁要它，都不用等磁盘。
          · f 的第 6 页缓存在 812 号页框
        一次映射了文件的 15 页，从 0x7ffff75ff000 起：p 的 RSS 升到 164 KiB。 | 反正在页缓存里，省得一页页地缺页。
          ▸ 一次映射文件的 15 页，从 0x7ffff75ff000 起：p 的 RSS 变为 164 KiB。 | 反正在页缓存里，省得一页页地缺页。
          · 从 0x7ffff75ff000 起映射文件的 15 页
        文件页 812 号页框映射到了 0x7ffff75ff000：p 的 RSS 升到 168 KiB。 | 它还是文件的，要写就得复制。
          ▸ 把文件页 812 号页框映射到 0x7ffff75ff000：p 的 RSS 变为 168 KiB。 | 它还是文件的，要写就得复制。
          · 文件页 812 号页框映射到 0x7ffff75ff000
        文件页 812 号页框映射到了 0x7ffff75ff000：p 的 RSS 升到 168 KiB。 | 大家共用它，写的都进文件。
          ▸ 把文件页 812 号页框映射到 0x7ffff75ff000：p 的 RSS 变为 168 KiB。 | 大家共用它，写的都进文件。
          · 文件页 812 号页框映射到 0x7ffff75ff000
        700 号页框复制到 812 号，映射在 0x7ffff75ff000：RSS 为 168 KiB。 | 写时复制：别人看到的旧页不变。
          ▸ 把 700 号页框复制到 812 号，映射在 0x7ffff75ff000：RSS 变为 168 KiB。 | 写时复制：别人看到的旧页不变。
          · 700 号页框复制到 812 号，映射在 0x7ffff75ff000
        p 直接写 0x7ffff75ff000 的 812 号页框，没有复制。 | 别人都不用它了，复制是浪费。
          ▸ 让 p 直接写 0x7ffff75ff000 的 812 号页框，不复制。 | 别人都不用它了，复制是浪费。
          · 0x7ffff75ff000 的 812 号页框不复制，直接写
        p 从此可以写 0x7ffff75ff000 的 812 号页框。 | 共享的页不复制，内核只记下它脏了。
          ▸ 允许 p 写 0x7ffff75ff000 的 812 号页框。 | 共享的页不复制，内核只记下它脏了。
          · 0x7ffff75ff000 的 812 号页框可写了
        0x7ffff75ff000 的次缺页处理完了，p 再试一次。 | 没用到磁盘。次缺页至今 27 次。
          ▸ 结束 0x7ffff75ff000 的次缺页，p 再试一次。 | 没用到磁盘。次缺页至今 27 次。
          · 0x7ffff75ff000 的次缺页处理完了
        0x7ffff75ff000 的主缺页处理完了，p 再试一次。 | 等了磁盘。次缺页至今 27 次。
          ▸ 结束 0x7ffff75ff000 的主缺页，p 再试一次。 | 等了磁盘。次缺页至今 27 次。
          · 0x7ffff75ff000 的主缺页处理完了
        0x7ffff75ff000 没有页框可用，p 走不下去了。 | 许诺的比有的多，又没有谁能杀。
          ▸ 0x7ffff75ff000 找不到页框，p 走不下去。 | 许诺的比有的多，又没有谁能杀。
          · 0x7ffff75ff000 没有页框，p 走不下去
        q 有了 p 的 5 个区域，VSZ 都是 10,372 KiB。 | 地址马上照抄，页等有人写才复制。
          ▸ 把 p 的 5 个区域也给 q，VSZ 都是 10,372 KiB。 | 地址马上照抄，页等有人写才复制。
          · q 有了 p 的 5 个区域
        p 和 q 在 0x7ffff75ff000 的区域里共用 12 页。 | 私有的页都改成只读：谁先写，谁复制。
          ▸ 让 p 和 q 在 0x7ffff75ff000 的区域里共用 12 页。 | 私有的页都改成只读：谁先写，谁复制。
          · p 和 q 在 0x7ffff75ff000 共用 12 页
        p 和 q 在 0x7ffff75ff000 的区域里共用 0 页。 | 那里还没人碰过，没有页可以共用。
          ▸ 让 p 和 q 在 0x7ffff75ff000 的区域里共用 0 页。 | 那里还没人碰过，没有页可以共用。
          · p 和 q 在 0x7ffff75ff000 共用 0 页
        0x7ffff75ff000 的区域跳过了 12 页，q 没有映射它们。 | 文件里找得回来，缺页比抄页表项省。
          ▸ 跳过 0x7ffff75ff000 的区域里的 12 页，q 不映射它们。 | 文件里找得回来，缺页比抄页表项省。
          · 0x7ffff75ff000 的区域跳过 12 页
        p 结束了，归还了 26 页（104 KiB）。 | 区域和页表没了，别人共用的页还在。
          ▸ 结束 p，收回 26 页（104 KiB）。 | 区域和页表没了，别人共用的页还在。
          · p 结束，归还 26 页（104 KiB）
        0x7ffff75ff000 留着一个 2049 页的栈，不用 mmap。 | 别的线程结束时，C 库留下了它。
          ▸ 用 0x7ffff75ff000 留着的 2049 页的栈，不用 mmap。 | 别的线程结束时，C 库留下了它。
          · 再用 0x7ffff75ff000 的栈
        q 在 CPU 1 上跑起来，2 个任务同用 p 的地址空间。 | 共享一切：区域和页表都不复制。
          ▸ 在 CPU 1 上启动 q，2 个任务同用 p 的地址空间。 | 共享一切：区域和页表都不复制。
          · q 在 p 里启动，CPU 1
        q 结束了，p 的地址空间还有 1 个任务在用。 | 最后一个走了，地址空间才走。
          ▸ 结束 q，p 的地址空间还有 1 个任务在用。 | 最后一个走了，地址空间才走。
          · q 结束，p 还有 1 个任务
        q 从 CPU 0 到了 CPU 1。 | 换了 CPU 就换了 TLB，那里是冷的。
          ▸ 把 q 从 CPU 0 挪到 CPU 1。 | 换了 CPU 就换了 TLB，那里是冷的。
          · q 从 CPU 0 到 CPU 1
        p 锁住现有的内存：VmLck 为 10,372 KiB。 | 缺的页现在就来。
          ▸ 让 p 锁住现有的内存：VmLck 变为 10,372 KiB。 | 缺的页现在就来。
          · p 锁住现有的内存
        p 锁住以后的内存：VmLck 为 0 KiB。 | 现有的照旧可以走。
          ▸ 让 p 锁住以后的内存：VmLck 变为 0 KiB。 | 现有的照旧可以走。
          · p 锁住以后的内存
        p 锁住所有内存：VmLck 为 10,372 KiB。 | 缺的现在来，新的马上来。
          ▸ 让 p 锁住所有内存：VmLck 变为 10,372 KiB。 | 缺的现在来，新的马上来。
          · p 锁住所有内存
        p 什么都不再锁住：VmLck 为 0 KiB。 | 页暂时还在，以后可以走。
          ▸ 让 p 不再锁住任何内存：VmLck 变为 0 KiB。 | 页暂时还在，以后可以走。
          · p 什么都不再锁住
        812 号页框成了页表（PGD），管 0x7ffff7400000 起的地址。 | 页表共 16 KiB。
          ▸ 拿 812 号页框做页表（PGD），管 0x7ffff7400000 起的地址。 | 页表共 16 KiB。
          · 812 号页框做页表（PGD）
        812 号页框成了页表（P4D），管 0x7ffff7400000 起的地址。 | 页表共 16 KiB。
          ▸ 拿 812 号页框做页表（P4D），管 0x7ffff7400000 起的地址。 | 页表共 16 KiB。
          · 812 号页框做页表（P4D）
        812 号页框成了页表（PUD），管 0x7ffff7400000 起的地址。 | 一张管 512 GiB；p 的页表共 16 KiB。
          ▸ 拿 812 号页框做页表（PUD），管 0x7ffff7400000 起的地址。 | 一张管 512 GiB；p 的页表共 16 KiB。
          · 812 号页框做页表（PUD）
        812 号页框成了页表（PMD），管 0x7ffff7400000 起的地址。 | 一张管 1 GiB；p 的页表共 16 KiB。
          ▸ 拿 812 号页框做页表（PMD），管 0x7ffff7400000 起的地址。 | 一张管 1 GiB；p 的页表共 16 KiB。
          · 812 号页框做页表（PMD）
        812 号页框成了页表（PTE），管 0x7ffff7400000 起的地址。 | 一张管 2 MiB；p 的页表共 16 KiB。
          ▸ 拿 812 号页框做页表（PTE），管 0x7ffff7400000 起的地址。 | 一张管 2 MiB；p 的页表共 16 KiB。
          · 812 号页框做页表（PTE）
        0x7ffff75ff000 起的 16 页（64 KiB）现在不可访问。 | 一个区域一种权限，可能要切开：p 有 5 个区域。
          ▸ 把 0x7ffff75ff000 起的 16 页（64 KiB）改成不可访问。 | 一个区域一种权限，可能要切开：p 有 5 个区域。
          · 0x7ffff75ff000 起的 16 页不可访问
        0x7ffff75ff000 起的 16 页（64 KiB）现在只可读。 | 一个区域一种权限，可能要切开：p 有 5 个区域。
          ▸ 把 0x7ffff75ff000 起的 16 页（64 KiB）改成只可读。 | 一个区域一种权限，可能要切开：p 有 5 个区域。
          · 0x7ffff75ff000 起的 16 页只可读
        0x7ffff75ff000 起的 16 页（64 KiB）现在可读可写。 | 一个区域一种权限，可能要切开：p 有 5 个区域。
          ▸ 把 0x7ffff75ff000 起的 16 页（64 KiB）改成可读可写。 | 一个区域一种权限，可能要切开：p 有 5 个区域。
          · 0x7ffff75ff000 起的 16 页可读可写
        0x7ffff75ff000 起的 16 页（64 KiB）现在可读可执行。 | 一个区域一种权限，可能要切开：p 有 5 个区域。
          ▸ 把 0x7ffff75ff000 起的 16 页（64 KiB）改成可读可执行。 | 一个区域一种权限，可能要切开：p 有 5 个区域。
          · 0x7ffff75ff000 起的 16 页可读可执行
        0x7ffff75ff000 起的 16 页（64 KiB）现在可读可写可执行。 | 一个区域一种权限，可能要切开：p 有 5 个区域。
          ▸ 把 0x7ffff75ff000 起的 16 页（64 KiB）改成可读可写可执行。 | 一个区域一种权限，可能要切开：p 有 5 个区域。
          · 0x7ffff75ff000 起的 16 页可读可写可执行
        p 要读 0x7ffff75ff000，发生缺页异常。 | 错误码 4（用户态）：那里没有页。
          ▸ p 读 0x7ffff75ff000：缺页异常。 | 错误码 4（用户态）：那里没有页。
          · 缺页异常：p 读 0x7ffff75ff000，错误码 4
        p 要写 0x7ffff75ff000，发生缺页异常。 | 错误码 6 = 2（写）+ 4（用户态）：那里没有页。
          ▸ p 写 0x7ffff75ff000：缺页异常。 | 错误码 6 = 2（写）+ 4（用户态）：那里没有页。
          · 缺页异常：p 写 0x7ffff75ff000，错误码 6
        p 要写 0x7ffff75ff000，发生缺页异常。 | 错误码 7 = 1（权限）+ 2（写）+ 4（用户态）：页表项不允许。
          ▸ p 写 0x7ffff75ff000：缺页异常。 | 错误码 7 = 1（权限）+ 2（写）+ 4（用户态）：页表项不允许。
          · 缺页异常：p 写 0x7ffff75ff000，错误码 7
        p 要执行 0x7ffff75ff000，发生缺页异常。 | 错误码 20 = 4（用户态）+ 16（取指令）：那里没有页。
          ▸ p 执行 0x7ffff75ff000：缺页异常。 | 错误码 20 = 4（用户态）+ 16（取指令）：那里没有页。
          · 缺页异常：p 执行 0x7ffff75ff000，错误码 20
        p 要执行 0x7ffff75ff000，发生缺页异常。 | 错误码 21 = 1（权限）+ 4（用户态）+ 16（取指令）：页表项不允许。
          ▸ p 执行 0x7ffff75ff000：缺页异常。 | 错误码 21 = 1（权限）+ 4（用户态）+ 16（取指令）：页表项不允许。
          · 缺页异常：p 执行 0x7ffff75ff000，错误码 21
        p 要读 0x7ffff75ff000，发生缺页异常。 | 错误码 0：那里没有页。
          ▸ p 读 0x7ffff75ff000：缺页异常。 | 错误码 0：那里没有页。
          · 缺页异常：p 读 0x7ffff75ff000，错误码 0
        p 的 mmap 返回了 EINVAL：长度不能是 0。 | 一个区域至少有一页。
          ▸ p 的 mmap 将返回 EINVAL：长度不能是 0。 | 一个区域至少有一页。
          · p 的 mmap 返回 EINVAL
        p 的 set_mempolicy 返回了 EINVAL：这些节点都没有内存。 | 那样一页也要不到。
          ▸ p 的 set_mempolicy 将返回 EINVAL：这些节点都没有内存。 | 那样一页也要不到。
          · p 的 set_mempolicy 返回 EINVAL
        p 的 mmap 返回了 ENOMEM：没有这么长的空隙。 | 地址要连成一片，页框倒不必。
          ▸ p 的 mmap 将返回 ENOMEM：没有这么长的空隙。 | 地址要连成一片，页框倒不必。
          · p 的 mmap 返回 ENOMEM
        p 的 mmap 返回了 ENOMEM：再许诺 2560 页就超过上限 2000 页。 | 超量使用：许诺过的，总有要兑现的时候。
          ▸ p 的 mmap 将返回 ENOMEM：再许诺 2560 页就超过上限 2000 页。 | 超量使用：许诺过的，总有要兑现的时候。
          · p 的 mmap 返回 ENOMEM
        p 的 mmap 返回了 ENOMEM：地址空间会超过 RLIMIT_AS。 | 它限的是地址，不管有没有页。
          ▸ p 的 mmap 将返回 ENOMEM：地址空间会超过 RLIMIT_AS。 | 它限的是地址，不管有没有页。
          · p 的 mmap 返回 ENOMEM
        p 的 munmap 返回了 ENOMEM：区域太多了。 | 每个区域都占内核内存，见 vm.max_map_count。
          ▸ p 的 munmap 将返回 ENOMEM：区域太多了。 | 每个区域都占内核内存，见 vm.max_map_count。
          · p 的 munmap 返回 ENOMEM
        p 的 brk 返回了 ENOMEM：堆不能到那里。 | 会撞上别的区域，或者退到起点以下。
          ▸ p 的 brk 将返回 ENOMEM：堆不能到那里。 | 会撞上别的区域，或者退到起点以下。
          · p 的 brk 返回 ENOMEM
        p 的 mmap 返回了 EACCES：文件不能这样映射。 | 要共享着写，得以可写方式打开；不是文件则是 ENODEV。
          ▸ p 的 mmap 将返回 EACCES：文件不能这样映射。 | 要共享着写，得以可写方式打开；不是文件则是 ENODEV。
          · p 的 mmap 返回 EACCES
        p 的 fork 返回了 ENOMEM：没有页框做页表。 | 页表也是要占内存的。
          ▸ p 的 fork 将返回 ENOMEM：没有页框做页表。 | 页表也是要占内存的。
          · p 的 fork 返回 ENOMEM
        p 的 mmap 返回了 EINVAL：里面有文件映射。 | 文件的内容不能这样放弃：它在文件里。
          ▸ p 的 mmap 将返回 EINVAL：里面有文件映射。 | 文件的内容不能这样放弃：它在文件里。
          · p 的 mmap 返回 EINVAL
        p 的 mmap 返回了 EFAULT：不全在一个区域里。 | 一次只能重映射一个区域。
          ▸ p 的 mmap 将返回 EFAULT：不全在一个区域里。 | 一次只能重映射一个区域。
          · p 的 mmap 返回 EFAULT
        p 的 mlock 返回了 ENOMEM：有一段不在任何区域里。 | 空洞前面的照样做了。
          ▸ p 的 mlock 将返回 ENOMEM：有一段不在任何区域里。 | 空洞前面的照样做了。
          · p 的 mlock 返回 ENOMEM
        p 的 mlock 返回了 EPERM：它什么也不许锁。 | RLIMIT_MEMLOCK 是 0。
          ▸ p 的 mlock 将返回 EPERM：它什么也不许锁。 | RLIMIT_MEMLOCK 是 0。
          · p 的 mlock 返回 EPERM
        p 的 mlock 返回了 ENOMEM：要锁 33 页，只许 16 页。 | RLIMIT_MEMLOCK 限的是地址。
          ▸ p 的 mlock 将返回 ENOMEM：要锁 33 页，只许 16 页。 | RLIMIT_MEMLOCK 限的是地址。
          · p 的 mlock 返回 ENOMEM
        p 的 mmap 返回了 EAGAIN：要锁 33 页，只许 16 页。 | RLIMIT_MEMLOCK 限的是地址。
          ▸ p 的 mmap 将返回 EAGAIN：要锁 33 页，只许 16 页。 | RLIMIT_MEMLOCK 限的是地址。
          · p 的 mmap 返回 EAGAIN
        p 的 munmap 返回了 EINVAL：里面有锁住的。 | 锁住的不能放弃。
          ▸ p 的 munmap 将返回 EINVAL：里面有锁住的。 | 锁住的不能放弃。
          · p 的 munmap 返回 EINVAL
        p 在 0x7ffff75ff000 遇到段错误（SIGSEGV），结束了：那里没有区域。 | 没有谁得到过这个地址：野指针。
          ▸ 用段错误（SIGSEGV）结束 p，在 0x7ffff75ff000：那里没有区域。 | 没有谁得到过这个地址：野指针。
          · p 在 0x7ffff75ff000 遇到段错误（SIGSEGV）：那里没有区域
        p 在 0x0 遇到段错误（SIGSEGV），结束了：那里没有区域。 | 空指针：最低处故意不映射，错误才会露出来。
          ▸ 用段错误（SIGSEGV）结束 p，在 0x0：那里没有区域。 | 空指针：最低处故意不映射，错误才会露出来。
          · p 在 0x0 遇到段错误（SIGSEGV）：那里没有区域
        p 在 0x7ffff75ff000 遇到段错误（SIGSEGV），结束了：区域不允许。 | 权限是区域的，不管那里有什么页。
          ▸ 用段错误（SIGSEGV）结束 p，在 0x7ffff75ff000：区域不允许。 | 权限是区域的，不管那里有什么页。
          · p 在 0x7ffff75ff000 遇到段错误（SIGSEGV）：区域不允许
        p 在 0x7ffff75ff000 遇到段错误（SIGSEGV），结束了：栈到了上限。 | RLIMIT_STACK 挡住无穷递归。
          ▸ 用段错误（SIGSEGV）结束 p，在 0x7ffff75ff000：栈到了上限。 | RLIMIT_STACK 挡住无穷递归。
          · p 在 0x7ffff75ff000 遇到段错误（SIGSEGV）：栈到了上限
        p 在 0x7ffff75ff000 遇到段错误（SIGSEGV），结束了：栈离别的区域太近。 | 下面总留一段间隙，免得互相踩坏。
          ▸ 用段错误（SIGSEGV）结束 p，在 0x7ffff75ff000：栈离别的区域太近。 | 下面总留一段间隙，免得互相踩坏。
          · p 在 0x7ffff75ff000 遇到段错误（SIGSEGV）：栈离别的区域太近
        p 在 0x7ffff75ff000 遇到段错误（SIGSEGV），结束了：栈长不了。 | 它锁着，会超过 RLIMIT_MEMLOCK。
          ▸ 用段错误（SIGSEGV）结束 p，在 0x7ffff75ff000：栈长不了。 | 它锁着，会超过 RLIMIT_MEMLOCK。
          · p 在 0x7ffff75ff000 遇到段错误（SIGSEGV）：栈长不了
        p 在 0x7ffff75ff000 遇到段错误（SIGSEGV），结束了：栈长不了。 | 地址空间会超过 RLIMIT_AS。
          ▸ 用段错误（SIGSEGV）结束 p，在 0x7ffff75ff000：栈长不了。 | 地址空间会超过 RLIMIT_AS。
          · p 在 0x7ffff75ff000 遇到段错误（SIGSEGV）：栈长不了
        p 在 0xdeadbeef00000000 遇到段错误（SIGSEGV），结束了：进程没有这样的地址。 | 它在进程的地址范围之外。
          ▸ 用段错误（SIGSEGV）结束 p，在 0xdeadbeef00000000：进程没有这样的地址。 | 它在进程的地址范围之外。
          · p 在 0xdeadbeef00000000 遇到段错误（SIGSEGV）：进程没有这样的地址
        p 在 0x7ffff75ff000 遇到总线错误（SIGBUS），结束了：文件没有这么长。 | 区域可以比文件长，但那里没有页可给。
          ▸ 用总线错误（SIGBUS）结束 p，在 0x7ffff75ff000：文件没有这么长。 | 区域可以比文件长，但那里没有页可给。
          · p 在 0x7ffff75ff000 遇到总线错误（SIGBUS）：文件没有这么长
        区域从 0x7ffff75ff000 搬到了 0x7ffff73ff000：VSZ 为 16,516 KiB。 | 搬 515 项，3 张整表。
          ▸ 把区域从 0x7ffff75ff000 搬到 0x7ffff73ff000：VSZ 变为 16,516 KiB。 | 搬 515 项，3 张整表。
          · 区域从 0x7ffff75ff000 搬到 0x7ffff73ff000
        p 的内存此后照旧。 | 对区域说的优先。
          ▸ 让 p 的内存此后照旧。 | 对区域说的优先。
          · p 的内存照旧
        0x7ffff75ff000 的区域里新来的页照旧。 | 已有的页留在原处。
          ▸ 让 0x7ffff75ff000 的区域里新来的页照旧。 | 已有的页留在原处。
          · 0x7ffff75ff000 的新页照旧
        p 的内存此后取自 CPU 自己的节点。 | 对区域说的优先。
          ▸ 让 p 的内存此后取自 CPU 自己的节点。 | 对区域说的优先。
          · p 的内存取自 CPU 自己的节点
        0x7ffff75ff000 的区域里新来的页取自 CPU 自己的节点。 | 已有的页留在原处。
          ▸ 让 0x7ffff75ff000 的区域里新来的页取自 CPU 自己的节点。 | 已有的页留在原处。
          · 0x7ffff75ff000 的新页取自 CPU 自己的节点
        先问了 CPU 自己的节点。 | 对 p 是这样说的。
          ▸ 先问 CPU 自己的节点。 | 对 p 是这样说的。
          · 先问 CPU 自己的节点
        先问了 CPU 自己的节点。 | 对这个区域是这样说的。
          ▸ 先问 CPU 自己的节点。 | 对这个区域是这样说的。
          · 先问 CPU 自己的节点
        p 的内存此后先取自节点 1。 | 对区域说的优先。
          ▸ 让 p 的内存此后先取自节点 1。 | 对区域说的优先。
          · p 的内存先取自节点 1
        0x7ffff75ff000 的区域里新来的页先取自节点 1。 | 已有的页留在原处。
          ▸ 让 0x7ffff75ff000 的区域里新来的页先取自节点 1。 | 已有的页留在原处。
          · 0x7ffff75ff000 的新页先取自节点 1
        先问了节点 1。 | 对 p 是这样说的，没有再找别的节点。
          ▸ 先问节点 1。 | 对 p 是这样说的，没有再找别的节点。
          · 先问节点 1
        先问了节点 1。 | 对这个区域是这样说的，没有再找别的节点。
          ▸ 先问节点 1。 | 对这个区域是这样说的，没有再找别的节点。
          · 先问节点 1
        p 的内存此后先取自节点 0-1。 | 对区域说的优先。
          ▸ 让 p 的内存此后先取自节点 0-1。 | 对区域说的优先。
          · p 的内存先取自节点 0-1
        0x7ffff75ff000 的区域里新来的页先取自节点 0-1。 | 已有的页留在原处。
          ▸ 让 0x7ffff75ff000 的区域里新来的页先取自节点 0-1。 | 已有的页留在原处。
          · 0x7ffff75ff000 的新页先取自节点 0-1
        先只问了节点 0-1。 | 对 p 是这样说的：不等待，没有再问所有节点。
          ▸ 先只问节点 0-1。 | 对 p 是这样说的：不等待，没有再问所有节点。
          · 先问节点 0-1
        先只问了节点 0-1。 | 对这个区域是这样说的：不等待，没有再问所有节点。
          ▸ 先只问节点 0-1。 | 对这个区域是这样说的：不等待，没有再问所有节点。
          · 先问节点 0-1
        p 的内存此后只取自节点 1。 | 对区域说的优先。
          ▸ 让 p 的内存此后只取自节点 1。 | 对区域说的优先。
          · p 的内存只取自节点 1
        0x7ffff75ff000 的区域里新来的页只取自节点 1。 | 已有的页留在原处。
          ▸ 让 0x7ffff75ff000 的区域里新来的页只取自节点 1。 | 已有的页留在原处。
          · 0x7ffff75ff000 的新页只取自节点 1
        只有节点 1 可以给。 | 对 p 是这样说的：宁可没有，也不要别处的。
          ▸ 只问节点 1。 | 对 p 是这样说的：宁可没有，也不要别处的。
          · 只问节点 1
        只有节点 1 可以给。 | 对这个区域是这样说的：宁可没有，也不要别处的。
          ▸ 只问节点 1。 | 对这个区域是这样说的：宁可没有，也不要别处的。
          · 只问节点 1
        p 的内存此后只取自节点 0-1,3-4,6。 | 对区域说的优先。
          ▸ 让 p 的内存此后只取自节点 0-1,3-4,6。 | 对区域说的优先。
          · p 的内存只取自节点 0-1,3-4,6
        0x7ffff75ff000 的区域里新来的页只取自节点 0-1,3-4,6。 | 已有的页留在原处。
          ▸ 让 0x7ffff75ff000 的区域里新来的页只取自节点 0-1,3-4,6。 | 已有的页留在原处。
          · 0x7ffff75ff000 的新页只取自节点 0-1,3-4,6
        只有节点 0-1,3-4,6 可以给。 | 对 p 是这样说的：宁可没有，也不要别处的。
          ▸ 只问节点 0-1,3-4,6。 | 对 p 是这样说的：宁可没有，也不要别处的。
          · 只问节点 0-1,3-4,6
        只有节点 0-1,3-4,6 可以给。 | 对这个区域是这样说的：宁可没有，也不要别处的。
          ▸ 只问节点 0-1,3-4,6。 | 对这个区域是这样说的：宁可没有，也不要别处的。
          · 只问节点 0-1,3-4,6
        p 的内存此后轮流取自节点 0,2。 | 对区域说的优先。
          ▸ 让 p 的内存此后轮流取自节点 0,2。 | 对区域说的优先。
          · p 的内存轮流取自节点 0,2
        0x7ffff75ff000 的区域里新来的页轮流取自节点 0,2。 | 已有的页留在原处。
          ▸ 让 0x7ffff75ff000 的区域里新来的页轮流取自节点 0,2。 | 已有的页留在原处。
          · 0x7ffff75ff000 的新页轮流取自节点 0,2
        轮到了节点 1。 | 不管 p 要什么，都由节点 0,2 轮流给。
          ▸ 轮到节点 1，问它。 | 不管 p 要什么，都由节点 0,2 轮流给。
          · 轮到节点 1
        轮到了节点 1。 | 第 34,359,738,111 页除以 2 的余数，在节点 0,2 里数。
          ▸ 轮到节点 1，问它。 | 第 34,359,738,111 页除以 2 的余数，在节点 0,2 里数。
          · 轮到节点 1
        p 锁住 0x7ffff75ff000 起的 256 页：VmLck 为 1024 KiB。 | 不许离开内存，所以马上都要来。
          ▸ 锁住 0x7ffff75ff000 起的 256 页：VmLck 变为 1024 KiB。 | 不许离开内存，所以马上都要来。
          · p 锁住 0x7ffff75ff000 起的 256 页
        p 解锁 0x7ffff75ff000 起的 256 页：VmLck 为 0 KiB。 | 页暂时还在，以后可以走。
          ▸ 解锁 0x7ffff75ff000 起的 256 页：VmLck 变为 0 KiB。 | 页暂时还在，以后可以走。
          · p 解锁 0x7ffff75ff000 起的 256 页
        0x7ffff75ff000 的区域由 256 页变成 512 页：VSZ 为 2180 KiB。 | 只移动末尾。
          ▸ 让 0x7ffff75ff000 的区域变成 512 页：VSZ 变为 2180 KiB。 | 只移动末尾。
          · 0x7ffff75ff000 的区域变成 512 页
        区域从 0x7ffff75ff000 搬到了 0x7ffff73ff000：VSZ 为 2180 KiB。 | 没有页，只换地址。
          ▸ 把区域从 0x7ffff75ff000 搬到 0x7ffff73ff000：VSZ 变为 2180 KiB。 | 没有页，只换地址。
          · 区域从 0x7ffff75ff000 搬到 0x7ffff73ff000
        区域从 0x7ffff75ff000 搬到了 0x7ffff73ff000：VSZ 为 2180 KiB。 | 搬了 1 个页表项，没复制页。
          ▸ 把区域从 0x7ffff75ff000 搬到 0x7ffff73ff000：VSZ 变为 2180 KiB。 | 搬了 1 个页表项，没复制页。
          · 区域从 0x7ffff75ff000 搬到 0x7ffff73ff000
        区域从 0x7ffff75ff000 搬到了 0x7ffff73ff000：VSZ 为 2180 KiB。 | 搬了 16 个页表项，没复制页。
          ▸ 把区域从 0x7ffff75ff000 搬到 0x7ffff73ff000：VSZ 变为 2180 KiB。 | 搬了 16 个页表项，没复制页。
          · 区域从 0x7ffff75ff000 搬到 0x7ffff73ff000
        p 向 malloc 要 100 字节：chunk 要 112 字节。 | 加 8 字节记大小，再凑成 16 的倍数，至少 32。
          ▸ 给 p 找 100 字节：chunk 要 112 字节。 | 加 8 字节记大小，再凑成 16 的倍数，至少 32。
          · p 要 112 字节的 chunk
        p 向 malloc 要全零的 1 MiB：chunk 要 1 MiB。 | 加 8 字节记大小，再凑成 16 的倍数，至少 32。
          ▸ 给 p 找全零的 1 MiB：chunk 要 1 MiB。 | 加 8 字节记大小，再凑成 16 的倍数，至少 32。
          · p 要 1 MiB 的 chunk
        malloc 自己先占了堆头 0x5555555542a0 的 656 字节。 | 线程自己的空闲链表 tcache 的表头就放在这里。
          ▸ 堆头 0x5555555542a0 的 656 字节留给 malloc 自己。 | 线程自己的空闲链表 tcache 的表头就放在这里。
          · malloc 自用 656 字节
        malloc 清空了 fastbin，共 1 个 chunk。 | 这些 chunk 这才与空闲邻居合并。
          ▸ 清空 fastbin，共 1 个 chunk。 | 这些 chunk 这才与空闲邻居合并。
          · fastbin 清空 1 个
        unsorted bin 里的 12 个 chunk 按大小进了各自的 bin。 | 刚释放的先不分类，用不上时才按大小归位。
          ▸ 把 unsorted bin 里的 12 个 chunk 按大小放进各自的 bin。 | 刚释放的先不分类，用不上时才按大小归位。
          · 12 个 chunk 按大小归位
        从 tcache 取了 0x5555555542a0 的 chunk，112 字节。 | 没有系统调用，内核毫不知情。
          ▸ 从 tcache 取 0x5555555542a0 的 chunk，112 字节。 | 没有系统调用，内核毫不知情。
          · 从 tcache 取 0x5555555542a0 的 chunk
        从 top 取了 0x5555555542a0 的 chunk，112 字节。 | top 还剩 131.2 KiB，内核不知情。
          ▸ 从 top 取 0x5555555542a0 的 chunk，112 字节。 | top 还剩 131.2 KiB，内核不知情。
          · 从 top 取 0x5555555542a0 的 chunk
        从 large bin 取了 0x5555555542a0 的 chunk，112 字节。 | 切剩的 3904 字节仍空闲。
          ▸ 从 large bin 取 0x5555555542a0 的 chunk，112 字节。 | 切剩的 3904 字节仍空闲。
          · 从 large bin 取 0x5555555542a0 的 chunk
        空闲 chunk 都不够 4016 字节：用 brk 再要 132 KiB。 | top 只有 1200 字节；多要 128 KiB 备用。
          ▸ 用 brk 再要 132 KiB：空闲 chunk 都不够 4016 字节。 | top 只有 1200 字节；多要 128 KiB 备用。
          · malloc 用 brk 要 132 KiB
        空闲 chunk 都不够 200 KiB：用 mmap 要 204 KiB。 | 到了 mmap 阈值就单独映射。
          ▸ 用 mmap 要 204 KiB：空闲 chunk 都不够 200 KiB。 | 到了 mmap 阈值就单独映射。
          · malloc 用 mmap 要 204 KiB
        p 得到了 100 字节，在 0x5555555542a0。 | 旧内容：malloc 16 字节，84 × 0x41。
          ▸ 给 p 100 字节，在 0x5555555542a0。 | 旧内容：malloc 16 字节，84 × 0x41。
          · p 得到 0x5555555542a0 的 100 字节
        p 得到了 100 字节，在 0x5555555542a0。 | 里面是零：还没人写过。
          ▸ 给 p 100 字节，在 0x5555555542a0。 | 里面是零：还没人写过。
          · p 得到 0x5555555542a0 的 100 字节
        p 得到了 100 字节，在 0x5555555542a0。 | 里面是：malloc 100 字节。
          ▸ 给 p 100 字节，在 0x5555555542a0。 | 里面是：malloc 100 字节。
          · p 得到 0x5555555542a0 的 100 字节
        p 要 100 字节，malloc 返回了 NULL。 | 内核不再给了，空闲的 chunk 又都不够长。
          ▸ p 要 100 字节，malloc 将返回 NULL。 | 内核不再给了，空闲的 chunk 又都不够长。
          · p 得到 NULL
        0x5555555542a0 的 chunk（112 字节）进了 tcache。 | malloc 留着给下一个同样大小的请求，没还给内核。
          ▸ 把 0x5555555542a0 的 chunk（112 字节）放进 tcache。 | malloc 留着给下一个同样大小的请求，没还给内核。
          · 0x5555555542a0 的 chunk 进 tcache
        0x5555555542a0 的 chunk（112 字节）进了 fastbin。 | tcache 里同样大小的满了七个；它先不合并。
          ▸ 把 0x5555555542a0 的 chunk（112 字节）放进 fastbin。 | tcache 里同样大小的满了七个；它先不合并。
          · 0x5555555542a0 的 chunk 进 fastbin
        0x5555555542a0 的 chunk（112 字节）进了 unsorted bin。 | 两边都在用，没有可合并的。
          ▸ 把 0x5555555542a0 的 chunk（112 字节）放进 unsorted bin。 | 两边都在用，没有可合并的。
          · 0x5555555542a0 的 chunk 进 unsorted bin
        0x5555555542a0 的 chunk（112 字节）进了 top。 | 连上旁边空闲的，一共 131.3 KiB。
          ▸ 把 0x5555555542a0 的 chunk（112 字节）放进 top。 | 连上旁边空闲的，一共 131.3 KiB。
          · 0x5555555542a0 的 chunk 进 top
        malloc 把 mmap 阈值升到 204 KiB。 | 放过一次多半还会放；top 到 408 KiB 才归还。
          ▸ 把 mmap 阈值升到 204 KiB。 | 放过一次多半还会放；top 到 408 KiB 才归还。
          · mmap 阈值升到 204 KiB
        top 有 263.6 KiB，malloc 用 brk 归还 132 KiB。 | top 到了归还阈值；留下 128 KiB。
          ▸ top 有 263.6 KiB，用 brk 归还 132 KiB。 | top 到了归还阈值；留下 128 KiB。
          · malloc 归还 top 的 132 KiB
        0x5555555542a0 的 chunk 原地从 112 字节变成 208 字节。 | 一个字节也不用复制。
          ▸ 让 0x5555555542a0 的 chunk 原地从 112 字节变成 208 字节。 | 一个字节也不用复制。
          · 0x5555555542a0 的 chunk 变成 208 字节
        0x5555555542a0 的 chunk 原地从 112 字节变成 112 字节。 | 本来就够长。
          ▸ 让 0x5555555542a0 的 chunk 原地从 112 字节变成 112 字节。 | 本来就够长。
          · 0x5555555542a0 的 chunk 变成 112 字节
        realloc 把 104 字节从 0x5555555542a0 复制到 0x555555555310。 | 后面没有地方，只好搬。
          ▸ 把 104 字节从 0x5555555542a0 复制到 0x555555555310。 | 后面没有地方，只好搬。
          · 104 字节复制到 0x555555555310
        calloc 把 0x5555555542a0 起的 104 字节清零了。 | 用过的内存里有什么，malloc 不知道。
          ▸ 把 0x5555555542a0 起的 104 字节清零。 | 用过的内存里有什么，malloc 不知道。
          · 0x5555555542a0 起的 104 字节清零
        calloc 不用清零 0x5555555542a0。 | 刚从内核来，内核给的本来就是零。
          ▸ 不用清零 0x5555555542a0。 | 刚从内核来，内核给的本来就是零。
          · 0x5555555542a0 不用清零
        p 把 0x5555555542a0 起的 100 字节都写成 0x41。 | 没人再写，页框里的内容就一直在。
          ▸ 把 p 的 0x5555555542a0 起 100 字节都写成 0x41。 | 没人再写，页框里的内容就一直在。
          · 0x5555555542a0 起的 100 字节写成 0x41
        0x5555555542a0 起 100 字节里是：malloc 16 字节，84 × 0x41。 | 没人覆盖，就一直在。
          ▸ 看看 0x5555555542a0 起 100 字节：malloc 16 字节，84 × 0x41。 | 没人覆盖，就一直在。
          · 0x5555555542a0 起 100 字节：malloc 16 字节，84 × 0x41
        0x5555555542a0 起 100 字节里是：100 × 0x00。 | 全是零：页给进程以前，内核会清零。
          ▸ 看看 0x5555555542a0 起 100 字节：100 × 0x00。 | 全是零：页给进程以前，内核会清零。
          · 0x5555555542a0 起 100 字节：100 × 0x00
        0x5555555542a0 起 100 字节里是：文件 8 字节，malloc 8 字节，…。 | 有人写过。
          ▸ 看看 0x5555555542a0 起 100 字节：文件 8 字节，malloc 8 字节，…。 | 有人写过。
          · 0x5555555542a0 起 100 字节：文件 8 字节，malloc 8 字节，…
        0x5555555542a0 起 0 字节里是：没有内容。 | 全是零：页给进程以前，内核会清零。
          ▸ 看看 0x5555555542a0 起 0 字节：没有内容。 | 全是零：页给进程以前，内核会清零。
          · 0x5555555542a0 起 0 字节：没有内容
    "#]].assert_eq(&zh);
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
    expect![[r#"
        f = file 2500K
          is a file of 2.4 MiB, on the disk
          文件，长 2.4 MiB，都在磁盘上
        f = file 100 cached=2500K
          is a file of 100 bytes, all of it cached
          文件，长 100 字节，全在页缓存里
        p = exec
          is a new process
          新进程
        p = exec stack=1M as=64M memlock=1M
          is a new process with a stack of at most 1 MiB and at most 64 MiB of addresses and at most 1 MiB locked
          新进程，栈最多 1 MiB，地址最多 64 MiB，最多锁 1 MiB
        exit p
          p ends
          p 结束
        munmap m
          gives all of m back
          交还整个 m
        munmap m 4K..64K
          gives 60 KiB of m behind 4 KiB back
          交还 m 里 4 KiB 后的 60 KiB
        mprotect m r 0..64K
          64 KiB of m may only be read
          把 m 的 64 KiB 改成只可读
        mprotect p stack none 4K..64K
          60 KiB of p's stack behind 4 KiB may not be touched at all
          把 p 的栈里 4 KiB 后的 60 KiB 改成不可访问
        madvise p heap dontneed
          does without all of p's heap
          不要整个 p 的堆的内容了
        madvise p stack free
          may lose all of p's stack
          整个 p 的栈随时可以收走
        mremap m 2M
          m is to have 2 MiB
          m 改成 2 MiB
        mremap m 2M maymove
          m is to have 2 MiB, wherever there is room
          m 改成 2 MiB，可以搬家
        mlock m 0..64K
          locks 64 KiB of m
          锁住 m 的 64 KiB
        munlock m
          unlocks all of m
          解锁整个 m
        m = malloc p 100
          p wants a block of 100 bytes
          p 要一块 100 字节
        m = calloc p 200K
          p wants a block of 200 KiB of zeros
          p 要一块 200 KiB，全零
        q = realloc m 200
          m is to have 200 bytes
          把 m 改成 200 字节
        memset m 0x41
          fills all of m with 0x41
          把整个 m 都写成 0x41
        hexdump m 0..64
          looks at 64 bytes of m
          看看 m 的 64 字节里有什么
        set_mempolicy p default
          p wants memory from wherever is usual
          p 的内存照旧
        mbind m default 0..64K
          wants 64 KiB of m from wherever is usual
          m 的 64 KiB 的新页照旧
        set_mempolicy p local
          p wants memory from the CPU's own node
          p 的内存取自 CPU 自己的节点
        mbind m local 0..64K
          wants 64 KiB of m from the CPU's own node
          m 的 64 KiB 的新页取自 CPU 自己的节点
        set_mempolicy p preferred 1
          p wants memory from node 1 first
          p 的内存先取自节点 1
        mbind m preferred 1 0..64K
          wants 64 KiB of m from node 1 first
          m 的 64 KiB 的新页先取自节点 1
        set_mempolicy p preferred_many 0,1
          p wants memory from nodes 0-1 first
          p 的内存先取自节点 0-1
        mbind m preferred_many 0,1 0..64K
          wants 64 KiB of m from nodes 0-1 first
          m 的 64 KiB 的新页先取自节点 0-1
        set_mempolicy p bind 1
          p wants memory from node 1 alone
          p 的内存只取自节点 1
        mbind m bind 1 0..64K
          wants 64 KiB of m from node 1 alone
          m 的 64 KiB 的新页只取自节点 1
        set_mempolicy p bind 0,1,3,4,6
          p wants memory from nodes 0-1,3-4,6 alone
          p 的内存只取自节点 0-1,3-4,6
        mbind m bind 0,1,3,4,6 0..64K
          wants 64 KiB of m from nodes 0-1,3-4,6 alone
          m 的 64 KiB 的新页只取自节点 0-1,3-4,6
        set_mempolicy p interleave 0,2
          p wants memory from nodes 0,2 in turn
          p 的内存轮流取自节点 0,2
        mbind m interleave 0,2 0..64K
          wants 64 KiB of m from nodes 0,2 in turn
          m 的 64 KiB 的新页轮流取自节点 0,2
        m = mmap p 10M
          p wants 10 MiB of addresses
          p 要 10 MiB 的地址
        m = mmap p 10M file=f offset=4K rx
          p wants 10 MiB of addresses that show f
          p 要 10 MiB 的地址，映射 f
        m = mmap p 10M shared noreserve populate
          p wants 10 MiB of shared addresses
          p 要 10 MiB 的共享地址
        q = fork p
          is a child of p, with the same pages
          p 的子进程，页都一样
        brk p +132K
          p's heap grows by 132 KiB
          p 的堆增长 132 KiB
        brk p -100
          p's heap shrinks by 100 bytes
          p 的堆缩小 100 字节
        write m
          writes to all of m
          写整个 m
        read m 4K..64K
          reads 60 KiB of m behind 4 KiB
          读 m 里 4 KiB 后的 60 KiB
        exec m 0..4K
          executes 4 KiB of m
          执行 m 的 4 KiB
        write m 8K..8193
          writes to 1 byte of m behind 8 KiB
          写 m 里 8 KiB 后的 1 字节
        read m by=q
          q reads all of m
          q 读整个 m
        write p heap
          writes to all of p's heap
          写整个 p 的堆
        write p stack 0..1M
          writes to 1 MiB of p's stack
          写 p 的栈的 1 MiB
        write p stack 0..1
          writes to 1 byte of p's stack
          写 p 的栈的 1 字节
        read p 0x0
          reads p's address 0x0
          读 p 的地址 0x0
        exec p 0x400000
          executes p's address 0x400000
          执行 p 的地址 0x400000
        write p 0x400000 4K..64K
          writes to 60 KiB of p at 0x401000
          写 p 在 0x401000 的 60 KiB
    "#]]
    .assert_eq(&text);
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

//! Threads: several tasks on one address space. Every law is checked at every step, and the same ops with nobody looking on
//! lead to the same machine.

#[path = "common/process.rs"]
mod common;

use common::{KIB, M, MIB, N, P, Q, Run, area, by, range};
use mm::op::NameId;
use mm::process::{Access, Advice, At, GUARD, MmapArgs, ProcessOp, Prot, Rlimits, STACK_MIN};
use mm::step::{MmuStep, ProcessStep, Refusal, Signal};
use mm::units::PAGE_SIZE;
use mm::x86::mmu::{MmuConfig, Ways};
use mm::{Config, CpuId, Machine, Named, NrPages, Step, StepKind, Vaddr};
use proptest::prelude::*;

const T: NameId = NameId(6);
const U: NameId = NameId(7);
const ZERO: CpuId = CpuId(0);
const ONE: CpuId = CpuId(1);

fn config(frames: u32) -> Config {
    let mmu = Some(MmuConfig::SKYLAKE);
    Config { pcp: true, watermarks: true, cpus: vec![0, 0], mmu, ..Config::x86_64(frames) }
}

/// A process, and a thread of it on CPU 1.
fn two() -> Run {
    let mut run = Run::of_config(&config(16_384));
    run.exec();
    run.op(thread(T, P, None));
    run
}

fn thread(name: NameId, of: NameId, stack: Option<u64>) -> ProcessOp {
    ProcessOp::Thread { name, of, stack, cpu: ONE }
}

fn access(access: Access, at: At, bytes: Option<(u64, u64)>) -> ProcessOp {
    ProcessOp::Access { access, at, bytes: range(bytes), cpu: ZERO }
}

fn translations(run: &Run, cpu: CpuId) -> usize {
    use mm::x86::tlb::PageSize;
    run.machine.mmus().cpu(cpu).expect("it is there").tlb(1, PageSize::Small).iter().count()
}

fn mmu_steps(steps: &[Step]) -> impl Iterator<Item = (CpuId, MmuStep)> {
    steps.iter().filter_map(|step| match step.kind {
        StepKind::Mmu { cpu, step, .. } => Some((cpu, step)),
        _ => None,
    })
}

/// `pthread_create()` of glibc 2.36: 8 MiB and a page of `PROT_NONE`, then all but the lowest page is for use, and the top
/// page has what the library keeps of the thread.
#[test]
fn a_stack_is_mapped_with_a_guard() {
    let mut run = Run::of_config(&config(16_384));
    run.exec();
    let before = run.of(P);
    let committed = run.machine.processes().committed;
    let steps = run.op(thread(T, P, None));
    let stack = *run.machine.processes().thread(T).expect("it runs");
    assert_eq!((stack.bytes, stack.cpu, stack.process), (8 * MIB + GUARD, ONE, P));
    assert!(steps.contains(&ProcessStep::ThreadStarted { thread: T, cpu: ONE, users: 2 }));
    let mm = run.machine.processes().mm(P).expect("it runs");
    let prot = |at: u64| mm.vma_at(Vaddr(at)).map(|vma| vma.prot);
    assert_eq!(prot(stack.stack.0), Some(Prot::NONE));
    assert_eq!(prot(stack.stack.0 + GUARD), Some(Prot::READ_WRITE));
    assert_eq!(run.of(P).size - before.size, 8 * 1024 + 4);
    assert_eq!((run.of(P).rss - before.rss, run.of(P).minflt - before.minflt), (4, 1));
    // The guard is not promised: nobody can write to it.
    assert_eq!(run.machine.processes().committed - committed, 2048);
    assert_eq!(run.machine.named(T), Named::Thread { process: P });
    // Not a page of the guard can be touched, and all threads end by it.
    let steps = run.op(access(Access::Write, At::Address(T, stack.stack), None));
    let killed = |step: &ProcessStep| matches!(step, ProcessStep::Killed { signal: Signal::NotAllowed, .. });
    assert!(steps.iter().any(killed));
    assert!(steps.contains(&ProcessStep::ThreadExited { thread: T, users: 1 }));
    assert!(run.machine.processes().mm(P).is_none() && run.machine.processes().thread(T).is_none());
}

/// The smallest stack, that of `RLIMIT_STACK`, and one that is asked for.
#[test]
fn stacks_have_the_length_that_is_asked_for() {
    let mut run = Run::of_config(&config(16_384));
    run.op(ProcessOp::Exec {
        name: P,
        limits: Rlimits { stack: MIB, ..Rlimits::default() },
        task: mm::oom_kill::TaskArgs::default(),
        cpu: ZERO,
    });
    for (name, asked, bytes) in [(T, None, MIB), (U, Some(64 * KIB), 64 * KIB), (Q, Some(1), STACK_MIN)] {
        run.op(thread(name, P, asked));
        assert_eq!(run.machine.processes().thread(name).map(|thread| thread.bytes), Some(bytes + GUARD));
    }
    // Nothing of it grows.
    let below = (0, 64 * KIB + 1);
    let steps = run.op(access(Access::Write, At::Stack(U), Some(below)));
    assert!(steps.iter().any(|step| matches!(step, ProcessStep::Killed { .. })));
}

#[test]
fn both_see_what_one_writes_and_the_translations_stay() {
    let mut run = two();
    run.mmap(M, 64 * KIB, MmapArgs::ANONYMOUS);
    run.touch(Access::Write, area(M), None);
    let faults = run.of(P).minflt;
    // Not one fault: the pages are everybody's. But each CPU has its own TLB.
    let steps = run.steps(access(Access::Read, by(M, T), None));
    assert_eq!(run.of(P).minflt, faults);
    let walks =
        mmu_steps(&steps).filter(|(_, step)| matches!(step, MmuStep::Translated { references: 1.., .. }));
    assert_eq!(walks.inspect(|(cpu, _)| assert_eq!(*cpu, ONE)).count(), 16);
    assert!(!mmu_steps(&steps).any(|(_, step)| matches!(step, MmuStep::Switched { .. })));
    // On the CPU of the other one all of them are there already.
    run.op(ProcessOp::Move { process: T, cpu: ZERO });
    let steps = run.steps(access(Access::Read, by(M, T), None));
    let kept = |(cpu, step)| matches!((cpu, step), (ZERO, MmuStep::Kept { task: T, .. }));
    assert!(mmu_steps(&steps).any(kept));
    assert!(
        !mmu_steps(&steps).any(|(_, step)| matches!(step, MmuStep::Switched { .. } | MmuStep::Read { .. }))
    );
}

/// What one takes away goes from the TLB of the other, by an interrupt; what the first page of it is, is in facts 11: up to 33
/// pages one by one.
#[test]
fn a_shootdown_reaches_the_cpu_of_the_other_thread() {
    for (pages, named) in [(1, Some(NrPages(1))), (33, Some(NrPages(33))), (34, None)] {
        let mut run = two();
        run.mmap(M, 64 * PAGE_SIZE, MmapArgs::ANONYMOUS);
        run.touch(Access::Write, area(M), None);
        run.op(access(Access::Read, by(M, T), None));
        let (mine, theirs) = (translations(&run, ZERO), translations(&run, ONE));
        let protect =
            ProcessOp::Mprotect { at: area(M), bytes: range(Some((0, pages * PAGE_SIZE))), prot: Prot::READ };
        let steps = run.steps(protect);
        let forgot: Vec<_> = mmu_steps(&steps)
            .filter_map(|(cpu, step)| match step {
                MmuStep::Forgot { pages, dropped, ipi, .. } => Some((cpu, pages, dropped > 0, ipi)),
                _ => None,
            })
            .collect();
        assert_eq!(forgot, [(ZERO, named, true, false), (ONE, named, true, true)], "{pages}");
        assert!(translations(&run, ZERO) < mine && translations(&run, ONE) < theirs);
        assert_eq!(run.machine.mmus().cpu(ONE).map(|unit| unit.counts.ipis), Some(1));
    }
    // The other way round, and the area is gone for both.
    let mut run = two();
    run.mmap(M, 16 * KIB, MmapArgs::ANONYMOUS);
    run.touch(Access::Write, area(M), None);
    run.steps(ProcessOp::Munmap { at: by(M, T), bytes: None, cpu: ZERO });
    assert_eq!(run.machine.mmus().cpu(ZERO).map(|unit| unit.counts.ipis > 0), Some(true));
    assert_eq!(run.machine.named(M), Named::Freed);
}

/// A stack that waits is the next thread's; beyond 40 MiB the oldest goes.
#[test]
fn stacks_wait_for_the_next_thread() {
    let mut run = two();
    let first = *run.machine.processes().thread(T).expect("it runs");
    run.touch(Access::Write, At::Stack(T), Some((0, 64 * KIB)));
    let before = run.of(P);
    let steps = run.exit(T);
    // But for what is used and 16 KiB more, its pages go at once.
    assert!(steps.iter().any(|step| matches!(step, ProcessStep::DontNeed { present: NrPages(11), .. })));
    assert!(steps.contains(&ProcessStep::ThreadExited { thread: T, users: 1 }));
    assert_eq!((before.size, before.rss - 44), (run.of(P).size, run.of(P).rss));
    let steps = run.op(thread(U, P, None));
    assert!(steps.contains(&ProcessStep::StackReused { start: first.stack, pages: NrPages(2049) }));
    assert_eq!(run.machine.processes().thread(U).map(|thread| thread.stack), Some(first.stack));
    // One that is far too large is not taken.
    run.exit(U);
    run.op(thread(T, P, Some(64 * KIB)));
    assert_ne!(run.machine.processes().thread(T).map(|thread| thread.stack), Some(first.stack));
    run.exit(T);
    let names: Vec<NameId> = (10..15).map(NameId).collect();
    for name in &names {
        run.op(thread(*name, P, None));
    }
    let size = run.of(P).size;
    for name in &names {
        run.exit(*name);
    }
    // 64 KiB and five of 8 MiB are more than 40 MiB: the first that was put by goes, and one of the large ones.
    let waiting = run.machine.processes().mm(P).map(|mm| mm.thread_stacks().len());
    assert_eq!((waiting, size - run.of(P).size), (Some(4), 68 + 8 * 1024 + 4));
}

#[test]
fn all_threads_go_with_the_leader() {
    let mut run = two();
    run.op(thread(U, T, None));
    assert_eq!(run.machine.processes().users(P), 3);
    let steps = run.exit(P);
    let gone: Vec<_> = steps
        .iter()
        .filter_map(|step| match step {
            ProcessStep::ThreadExited { thread, users } => Some((*thread, *users)),
            _ => None,
        })
        .collect();
    assert_eq!(gone, [(T, 2), (U, 1)]);
    assert!(matches!(steps.last(), Some(ProcessStep::Exited { .. })));
    assert_eq!([P, T, U].map(|name| run.machine.named(name)), [Named::Freed; 3]);
    // What is done by one that is gone is skipped.
    run.exit(T);
}

/// `fork()` copies the thread that calls it, and no other; the stacks of the others wait in the child.
#[test]
fn a_child_has_one_thread() {
    let mut run = two();
    run.op(thread(U, P, None));
    let stack = run.machine.processes().thread(U).map(|thread| thread.stack);
    run.op(ProcessOp::Fork { name: Q, parent: T, cpu: ZERO });
    let procs = run.machine.processes();
    let child = procs.mm(Q).expect("it runs");
    assert_eq!((procs.users(Q), child.parent, procs.users(P)), (1, Some(P), 3));
    assert_eq!(child.thread_stacks().iter().map(|(start, _)| Some(*start)).collect::<Vec<_>>(), [stack]);
}

#[test]
fn what_a_thread_asks_for_is_its_process_s() {
    let mut run = two();
    run.op(ProcessOp::Mmap { name: N, process: T, bytes: 16 * KIB, args: MmapArgs::ANONYMOUS, cpu: ZERO });
    assert!(matches!(run.machine.named(N), Named::Mapping { process: P, .. }));
    run.op(ProcessOp::Brk { process: T, by: 4096, cpu: ZERO });
    run.touch(Access::Write, At::Heap(T), None);
    run.touch(Access::Write, area(N), None);
    assert_eq!(run.machine.processes().mms().count(), 1);
    // malloc is the main thread's alone.
    let steps = run.op(ProcessOp::Malloc { name: M, process: T, bytes: 100, zero: false, cpu: ZERO });
    assert!(steps.is_empty());
    // A line that names a CPU puts it there.
    let steps = run.op(ProcessOp::Exit { process: T, cpu: ONE });
    assert!(!steps.iter().any(|step| matches!(step, ProcessStep::ThreadMoved { .. })));
}

#[test]
fn there_may_be_no_room_for_a_stack() {
    let mut run = Run::of_config(&config(16_384));
    let limits = Rlimits { address_space: Some(4 * MIB), ..Rlimits::default() };
    run.op(ProcessOp::Exec { name: P, limits, task: mm::oom_kill::TaskArgs::default(), cpu: ZERO });
    let steps = run.op(thread(T, P, None));
    assert_eq!(steps, [ProcessStep::Refused { why: Refusal::AddressSpaceLimit }]);
    assert_eq!(run.machine.named(T), Named::Failed);
    run.op(thread(T, P, Some(64 * KIB)));
    assert_eq!(run.machine.processes().users(P), 2);
}

/// With `MCL_FUTURE` a whole stack comes at once, and none of it is given up.
#[test]
fn a_locked_stack_is_there_at_once() {
    let mut run = Run::of_config(&config(16_384));
    run.exec();
    run.op(ProcessOp::Mlockall { process: P, current: false, future: true, cpu: ZERO });
    let before = run.of(P).rss;
    run.op(thread(T, P, Some(256 * KIB)));
    assert_eq!(run.of(P).rss - before, 256);
    run.exit(T);
    assert_eq!(run.of(P).rss - before, 256);
}

/// What two threads and their process may do, on two CPUs.
fn any_op() -> impl Strategy<Value = ProcessOp> {
    let task = || prop_oneof![2 => Just(P), 3 => Just(T), 3 => Just(U), 1 => Just(Q)];
    let areas = || prop_oneof![Just(M), Just(N)];
    let cpu = || prop_oneof![2 => Just(ZERO), 1 => Just(ONE)];
    let bytes = || {
        proptest::option::of((0u64..20, 1u64..40).prop_map(|(from, len)| mm::process::ByteRange {
            from: from * PAGE_SIZE,
            to: (from + len) * PAGE_SIZE,
        }))
    };
    let at = move || {
        prop_oneof![
            3 => areas().prop_map(|name| At::Area { name, by: None }),
            5 => (areas(), task()).prop_map(|(name, by)| At::Area { name, by: Some(by) }),
            1 => task().prop_map(At::Heap),
        ]
    };
    let prot = || prop_oneof![Just(Prot::READ), Just(Prot::READ_WRITE), Just(Prot::NONE)];
    let what = || prop_oneof![Just(Access::Read), Just(Access::Write)];
    let small = || prop_oneof![Just(None), Just(Some(64 * KIB)), Just(Some(20 * MIB))];
    prop_oneof![
        2 => Just(ProcessOp::Exec { name: P, limits: Rlimits { memlock: Some(MIB), ..Rlimits::default() }, task: mm::oom_kill::TaskArgs::default(), cpu: ZERO }),
        4 => (prop_oneof![Just(T), Just(U)], task(), small(), cpu())
            .prop_map(|(name, of, stack, cpu)| ProcessOp::Thread { name, of, stack, cpu }),
        2 => (task(), cpu()).prop_map(|(process, cpu)| ProcessOp::Exit { process, cpu }),
        1 => (task(), cpu()).prop_map(|(parent, cpu)| ProcessOp::Fork { name: Q, parent, cpu }),
        2 => (task(), cpu()).prop_map(|(process, cpu)| ProcessOp::Move { process, cpu }),
        4 => (areas(), task(), 1u64..60, cpu()).prop_map(|(name, process, pages, cpu)| ProcessOp::Mmap {
            name, process, bytes: pages * PAGE_SIZE, args: MmapArgs::ANONYMOUS, cpu,
        }),
        2 => (at(), bytes(), cpu()).prop_map(|(at, bytes, cpu)| ProcessOp::Munmap { at, bytes, cpu }),
        3 => (at(), bytes(), prot()).prop_map(|(at, bytes, prot)| ProcessOp::Mprotect { at, bytes, prot }),
        1 => (at(), bytes(), cpu())
            .prop_map(|(at, bytes, cpu)| ProcessOp::Madvise { at, advice: Advice::DontNeed, bytes, cpu }),
        1 => (task(), -60_000i64..90_000, cpu()).prop_map(|(process, by, cpu)| ProcessOp::Brk { process, by, cpu }),
        1 => (task(), any::<[bool; 2]>(), cpu()).prop_map(|(process, [current, future], cpu)| {
            ProcessOp::Mlockall { process, current, future, cpu }
        }),
        12 => (what(), at(), bytes(), cpu())
            .prop_map(|(access, at, bytes, cpu)| ProcessOp::Access { access, at, bytes, cpu }),
        2 => (what(), task(), 0u64..30)
            .prop_map(|(access, task, page)| ProcessOp::Access {
                access,
                at: At::Stack(task),
                bytes: range(Some((page * PAGE_SIZE, (page + 4) * PAGE_SIZE))),
                cpu: ZERO,
            }),
    ]
}

proptest! {
    #![proptest_config(common::cases::usually(32))]

    /// Whatever two threads do on two CPUs: no TLB remembers what the tables deny, the address space goes with its last
    /// user, and nothing of it is left then.
    #[test]
    fn laws(
        ops in proptest::collection::vec(any_op(), 1..50),
        frames in prop_oneof![Just(700u32), Just(4096)],
        pcid in any::<bool>(),
    ) {
        let mmu = MmuConfig {
            l1: Ways { entries: 8, ways: 2 },
            l1_large: Ways { entries: 2, ways: 1 },
            l2: Ways { entries: 32, ways: 4 },
            pcid,
        };
        let config = Config { mmu: Some(mmu), cpus: vec![0, 0], pcp: true, watermarks: true, ..Config::single_zone(frames) };
        let mut run = Run::of_config(&config);
        let before = run.free();
        run.op(ProcessOp::Exec { name: P, limits: Rlimits::default(), task: mm::oom_kill::TaskArgs::default(), cpu: ZERO });
        run.op(thread(T, P, Some(64 * KIB)));
        for op in &ops {
            run.op(*op);
        }
        for process in [T, U, Q, P] {
            run.op(ProcessOp::Exit { process, cpu: ZERO });
        }
        let procs = run.machine.processes();
        prop_assert_eq!(run.free(), before);
        prop_assert_eq!((procs.committed, procs.threads().count(), procs.mms().count()), (0, 0, 0));
        let machine: &Machine = &run.machine;
        prop_assert!(machine.mmus().iter().all(|(_, unit)| unit.loaded().is_none()));
    }
}

//! Pages that have to stay: limits, what is locked and what comes with it. Every law is checked at every step, and the same
//! ops with nobody looking on lead to the same machine.

#[path = "common/process.rs"]
mod common;

use common::{KIB, M, N, P, Q, Run, area, range};
use mm::op::NameId;
use mm::process::{Access, Advice, ByteRange, MmapArgs, ProcessOp, Prot, Rlimits};
use mm::step::{ProcessStep, Refusal};
use mm::{Config, CpuId, NrPages};

const CPU: CpuId = CpuId(0);

fn boot(memlock: Option<u64>) -> Run {
    let mut run = Run::of_config(&Config::x86_64(4096));
    run.exec_with(Rlimits { memlock, ..Rlimits::default() });
    run
}

fn lock(run: &mut Run, name: NameId, bytes: Option<(u64, u64)>, locked: bool) -> Option<Refusal> {
    refused(&run.op(ProcessOp::Mlock { at: area(name), bytes: range(bytes), locked, cpu: CPU }))
}

/// `VmLck` and RSS in pages, and how many areas.
fn figures(run: &Run, process: NameId) -> (u64, u64, usize) {
    let mm = run.machine.processes().mm(process).expect("it runs");
    (mm.locked_vm().0, mm.rss.total().0, mm.vmas().len())
}

fn refused(steps: &[ProcessStep]) -> Option<Refusal> {
    steps.iter().find_map(|step| match step {
        ProcessStep::Refused { why } => Some(*why),
        _ => None,
    })
}

#[test]
fn what_is_locked_is_there_at_once_and_counts_whether_or_not() {
    let mut run = boot(None);
    run.mmap(M, 64 * KIB, MmapArgs::ANONYMOUS);
    assert_eq!(figures(&run, P), (0, 1, 2));
    // One page in the middle: three areas of one.
    assert_eq!(lock(&mut run, M, Some((16 * KIB, 20 * KIB)), true), None);
    assert_eq!(figures(&run, P), (1, 2, 4));
    assert_eq!(lock(&mut run, M, None, true), None);
    assert_eq!(figures(&run, P), (16, 17, 2));
    // The pages stay.
    assert_eq!(lock(&mut run, M, None, false), None);
    assert_eq!(figures(&run, P), (0, 17, 2));
}

#[test]
fn pages_to_read_are_read_and_those_to_write_to_are_its_own() {
    let mut run = boot(None);
    run.mmap(M, 8 * KIB, MmapArgs { prot: Prot::READ, ..MmapArgs::ANONYMOUS });
    run.mmap(N, 8 * KIB, MmapArgs::ANONYMOUS);
    run.op(ProcessOp::Access { access: Access::Read, at: area(N), bytes: None, cpu: CPU });
    assert_eq!(figures(&run, P).1, 1);
    lock(&mut run, M, None, true);
    assert_eq!(figures(&run, P).1, 1, "the zero page will do");
    lock(&mut run, N, None, true);
    assert_eq!(figures(&run, P).1, 3, "it will not where something may be written");
}

#[test]
fn facts_10_limits_of_locks() {
    // Nothing at all: EPERM.
    let mut run = boot(Some(0));
    run.mmap(M, 8 * KIB, MmapArgs::ANONYMOUS);
    assert_eq!(lock(&mut run, M, None, true), Some(Refusal::LockForbidden));
    // Too much: ENOMEM of `mlock()`, EAGAIN of `MAP_LOCKED` and `mremap()`.
    let mut run = boot(Some(64 * KIB));
    run.mmap(M, 128 * KIB, MmapArgs::ANONYMOUS);
    let (pages, most) = (NrPages(32), NrPages(16));
    assert_eq!(lock(&mut run, M, None, true), Some(Refusal::LockLimit { pages, most }));
    assert_eq!(lock(&mut run, M, Some((0, 64 * KIB)), true), None);
    // What is locked already does not count twice.
    assert_eq!(lock(&mut run, M, Some((0, 64 * KIB)), true), None);
    let locked = MmapArgs { locked: true, ..MmapArgs::ANONYMOUS };
    let why = refused(&run.mmap(N, 4 * KIB, locked));
    assert_eq!(why, Some(Refusal::LockAgain { pages: NrPages(17), most }));
    lock(&mut run, M, None, false);
    assert_eq!(refused(&run.mmap(N, 4 * KIB, locked)), None);
    assert_eq!(figures(&run, P).0, 1);
    let why = refused(&run.op(ProcessOp::Mremap { name: N, bytes: 68 * KIB, may_move: true, cpu: CPU }));
    assert_eq!(why, Some(Refusal::LockAgain { pages: NrPages(17), most }));
    // What grows is locked and there at once.
    let rss = figures(&run, P).1;
    run.op(ProcessOp::Mremap { name: N, bytes: 64 * KIB, may_move: true, cpu: CPU });
    assert_eq!((figures(&run, P).0, figures(&run, P).1 - rss), (16, 15));
}

#[test]
fn a_child_inherits_no_lock_and_a_lock_forbids_to_give_up() {
    let mut run = boot(None);
    run.mmap(M, 16 * KIB, MmapArgs { locked: true, ..MmapArgs::ANONYMOUS });
    assert_eq!(figures(&run, P).0, 4);
    run.op(ProcessOp::Fork { name: Q, parent: P, cpu: CPU });
    assert_eq!((figures(&run, P).0, figures(&run, Q).0), (4, 0));
    for advice in [Advice::DontNeed, Advice::Free] {
        let steps = run.op(ProcessOp::Madvise { at: area(M), advice, bytes: None, cpu: CPU });
        assert_eq!(refused(&steps), Some(Refusal::IsLocked));
    }
    run.op(ProcessOp::Munmap { at: area(M), bytes: None, cpu: CPU });
    assert_eq!(figures(&run, P).0, 0);
}

#[test]
fn what_lies_before_a_hole_is_locked_all_the_same() {
    let mut run = boot(None);
    run.mmap(M, 16 * KIB, MmapArgs::ANONYMOUS);
    let hole = Some(ByteRange { from: 8 * KIB, to: 12 * KIB });
    run.op(ProcessOp::Munmap { at: area(M), bytes: hole, cpu: CPU });
    assert_eq!(lock(&mut run, M, None, true), Some(Refusal::Hole));
    assert_eq!(figures(&run, P).0, 2);
    // It begins with nothing.
    assert_eq!(lock(&mut run, M, Some((8 * KIB, 16 * KIB)), true), Some(Refusal::Hole));
    assert_eq!(figures(&run, P).0, 2);
}

fn lock_all(current: bool, future: bool) -> ProcessOp {
    ProcessOp::Mlockall { process: P, current, future, cpu: CPU }
}

/// `MCL_CURRENT` locks what is mapped and brings it; `MCL_FUTURE` what comes, and leaves the rest; `munlockall()` ends both.
#[test]
fn all_of_a_process_is_locked_and_unlocked() {
    let mut run = boot(None);
    run.mmap(M, 16 * KIB, MmapArgs::ANONYMOUS);
    let (_, rss, _) = figures(&run, P);
    let steps = run.op(lock_all(true, false));
    let total = run.machine.processes().mm(P).map_or(NrPages(0), |mm| mm.total_vm());
    assert!(steps.contains(&ProcessStep::LockedAll { current: true, future: false, total }));
    // The stack's 33 pages, of which one was there, and the area's four.
    assert_eq!((figures(&run, P).0, figures(&run, P).1), (total.0, rss + total.0 - 1));
    run.mmap(N, 16 * KIB, MmapArgs::ANONYMOUS);
    assert_eq!(figures(&run, P).0, total.0, "what comes is not locked");
    run.op(lock_all(false, false));
    assert_eq!(figures(&run, P).0, 0);
    // The future alone: nothing that is there, and all that comes, at once.
    run.op(lock_all(false, true));
    assert_eq!(figures(&run, P).0, 0);
    let (_, rss, _) = figures(&run, P);
    run.op(ProcessOp::Brk { process: P, by: 16 << 10, cpu: CPU });
    assert_eq!((figures(&run, P).0, figures(&run, P).1 - rss), (4, 4));
    run.op(ProcessOp::Mmap { name: Q, process: P, bytes: 8 * KIB, args: MmapArgs::ANONYMOUS, cpu: CPU });
    assert_eq!((figures(&run, P).0, figures(&run, P).1 - rss), (6, 6));
    // Of what nothing may be done with nothing comes before it may be written to.
    let name = NameId(9);
    run.mmap(name, 16 * KIB, MmapArgs { prot: Prot::NONE, ..MmapArgs::ANONYMOUS });
    assert_eq!((figures(&run, P).0, figures(&run, P).1 - rss), (10, 6));
    run.op(ProcessOp::Mprotect { at: area(name), bytes: None, prot: Prot::READ_WRITE });
    assert_eq!((figures(&run, P).0, figures(&run, P).1 - rss), (10, 10));
    // malloc's memory comes from the same calls.
    let (_, before, _) = figures(&run, P);
    run.op(ProcessOp::Malloc { name: NameId(10), process: P, bytes: 200 << 10, zero: false, cpu: CPU });
    assert!(figures(&run, P).1 - before >= 50 + 33);
    // A child locks nothing, now or later.
    run.op(ProcessOp::Fork { name: NameId(11), parent: P, cpu: CPU });
    let child = run.machine.processes().mm(NameId(11)).expect("it runs");
    assert_eq!((child.locked_vm(), child.lock_future), (NrPages(0), false));
}

/// With a limit: all addresses count for `MCL_CURRENT`, and later calls fail.
#[test]
fn a_limit_counts_all_addresses() {
    let mut run = boot(Some(64 * KIB));
    let (pages, most) = (NrPages(33), NrPages(16));
    let why = refused(&run.op(lock_all(true, true)));
    assert_eq!(why, Some(Refusal::LockLimit { pages, most }));
    assert_eq!(refused(&run.op(lock_all(false, true))), None);
    run.mmap(M, 64 * KIB, MmapArgs::ANONYMOUS);
    assert_eq!(figures(&run, P).0, 16);
    let why = refused(&run.op(ProcessOp::Brk { process: P, by: 4096, cpu: CPU }));
    assert_eq!(why, Some(Refusal::LockAgain { pages: NrPages(17), most }));
    let mut run = boot(Some(0));
    assert_eq!(refused(&run.op(lock_all(true, false))), Some(Refusal::LockForbidden));
    assert_eq!(refused(&run.op(lock_all(false, false))), None);
}

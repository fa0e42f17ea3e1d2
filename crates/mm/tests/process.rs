//! Processes, through ops of a machine: what real kernels said of them, and the worked examples of facts 10. Every law is
//! checked at every step, and the same ops with nobody looking on lead to the same machine.

use std::collections::BTreeMap;

#[path = "common/process.rs"]
mod common;

use common::{Figures, KIB, M, MIB, N, P, Q, Row, Run, SPACER, area, by, captured, compare_sums};
use mm::oom_kill::TaskArgs;
use mm::op::NameId;
use mm::process::{Access, Advice, At, ByteRange, MmapArgs, ProcessOp, Prot, Rlimits, Smaps};
use mm::step::{ProcessStep, Refusal, Signal};
use mm::x86::mmu::{MmuConfig, Ways};
use mm::{Config, CpuId, Named, NrPages, Op, Vaddr};
use proptest::prelude::*;

const F: NameId = NameId(5);
const PROCESSES: &str = include_str!("data/process/processes.tsv");

fn boot() -> Run {
    with(16_384)
}

fn with(frames: u32) -> Run {
    Run::of_config(&Config { pcp: true, watermarks: true, ..Config::x86_64(frames) })
}

/// Kernels of which there are captures, and where the region that is tested ends: chance had placed it so there that it
/// takes five tables and a directory, or six.
const KERNELS: [(&str, u64); 2] =
    [("amd64_256M_smp1_wl", 0x7fff_c000_0000), ("cust_256M_smp1", 0x7fff_bfe8_0000)];

/// An area that ends at an address: what is above it is taken meanwhile.
fn mmap_below(run: &mut Run, end: u64, name: NameId, bytes: u64, args: MmapArgs) {
    let above = MmapArgs { prot: Prot::NONE, noreserve: true, ..MmapArgs::ANONYMOUS };
    run.mmap(SPACER, 0x7fff_f7ff_f000 - end, above);
    run.mmap(name, bytes, args);
    run.op(ProcessOp::Munmap { at: area(SPACER), bytes: None, cpu: CpuId(0) });
}

/// The figures of a moment beside what a kernel said, from where both began; faults of the test program itself, a few
/// with each moment, are not ours.
fn compare(moment: &str, row: &Row, start: &Row, ours: Figures, begun: Figures, region: (u64, Smaps)) {
    let theirs = |name: &str| row[name] as i64 - start[name] as i64;
    assert_eq!(ours.size as i64 - begun.size as i64, theirs("VmSize"), "{moment}: VmSize");
    assert_eq!(ours.data as i64 - begun.data as i64, theirs("VmData"), "{moment}: VmData");
    assert_eq!(ours.pte as i64 - begun.pte as i64, theirs("VmPTE"), "{moment}: VmPTE");
    assert_eq!(ours.majflt - begun.majflt, row["majflt"], "{moment}: majflt");
    compare_sums(moment, row, region);
}

#[test]
fn ten_mebibytes_as_real_kernels_counted_them() {
    for (kernel, end) in KERNELS {
        let captured: BTreeMap<String, Row> =
            captured(PROCESSES, &["anon_10M", kernel]).into_iter().collect();
        let mut run = boot();
        run.exec();
        let begun = run.of(P);
        let mut faults = begun.minflt;
        let mut last = captured["start"]["minflt"];
        let mut place = (Vaddr(0), Vaddr(0));
        let mut moment = |run: &Run, name: &str, place: (Vaddr, Vaddr)| {
            let row = &captured[name];
            compare(name, row, &captured["start"], run.of(P), begun, run.region(P, place));
            let (ours, theirs) = (run.of(P).minflt - faults, row["minflt"] - last);
            assert!(ours <= theirs && theirs <= ours + 3, "{name}: {ours} faults, {theirs} there");
            (faults, last) = (run.of(P).minflt, row["minflt"]);
        };
        mmap_below(&mut run, end, M, 10 * MIB, MmapArgs::ANONYMOUS);
        place = if place.0 == Vaddr(0) { run.place(M) } else { place };
        moment(&run, "after_mmap", place);
        run.touch(Access::Read, area(M), None);
        moment(&run, "after_read_all", place);
        run.touch(Access::Write, area(M), Some((0, 5 * MIB)));
        moment(&run, "after_write_half", place);
        run.touch(Access::Write, area(M), None);
        moment(&run, "after_write_all", place);
        let dontneed = |bytes: Option<ByteRange>| ProcessOp::Madvise {
            at: area(M),
            advice: Advice::DontNeed,
            bytes,
            cpu: CpuId(0),
        };
        let quarter = 10 * MIB / 4;
        run.op(dontneed(Some(ByteRange { from: quarter, to: quarter + 4096 })));
        moment(&run, "after_dontneed_1page_at_quarter", place);
        run.op(dontneed(None));
        moment(&run, "after_dontneed_all", place);
        run.touch(Access::Write, area(M), None);
        moment(&run, "after_rewrite_all", place);
        run.op(ProcessOp::Munmap { at: area(M), bytes: None, cpu: CpuId(0) });
        moment(&run, "after_munmap", place);
        mmap_below(&mut run, end, N, 10 * MIB, MmapArgs::ANONYMOUS);
        assert_eq!(run.place(N), place, "the same addresses again");
        moment(&run, "fresh_mmap2", place);
        run.touch(Access::Write, area(N), None);
        moment(&run, "write_all_without_prior_read", place);
        run.op(ProcessOp::Madvise { at: area(N), advice: Advice::Free, bytes: None, cpu: CpuId(0) });
        moment(&run, "after_madv_free", place);
        // The last few wait in a list of the CPU there (`struct pagevec`).
        assert_eq!(run.region(P, place).1.lazyfree, 2560);
        let half = Some(ByteRange { from: 0, to: 5 * MIB });
        run.op(ProcessOp::Mprotect { at: area(N), bytes: half, prot: Prot::READ });
        moment(&run, "after_mprotect_half_ro", place);
        run.op(ProcessOp::Munmap { at: area(N), bytes: half, cpu: CpuId(0) });
        // Two tables of five.
        moment(&run, "after_munmap_first_half", place);
    }
}

#[test]
fn a_fork_as_real_kernels_counted_it() {
    for (kernel, end) in KERNELS {
        let captured: BTreeMap<String, Row> =
            captured(PROCESSES, &["fork_cow", kernel]).into_iter().collect();
        let mut run = boot();
        run.exec();
        mmap_below(&mut run, end, M, 8 * MIB, MmapArgs::ANONYMOUS);
        run.touch(Access::Write, area(M), None);
        let place = run.place(M);
        let sums = |run: &Run, moment: &str, process: NameId| {
            // What both did is told once.
            let row = captured
                .get(moment)
                .unwrap_or_else(|| &captured[&moment.replacen("parent_parent", "parent", 1)]);
            let (areas, sums) = run.region(process, place);
            let ours = [
                areas,
                sums.rss * 4,
                sums.pss_kib(),
                sums.shared_clean * 4,
                sums.shared_dirty * 4,
                sums.private_clean * 4,
                sums.private_dirty * 4,
                sums.anonymous * 4,
            ];
            let names = [
                "vmas",
                "Rss",
                "Pss",
                "Shared_Clean",
                "Shared_Dirty",
                "Private_Clean",
                "Private_Dirty",
                "Anonymous",
            ];
            assert_eq!(ours, names.map(|name| row[name]), "{moment}");
            // What the child only reads is not marked there: the virtual machine's processor does not walk again.
            if !moment.starts_with("child_child_read") && !moment.starts_with("child_parent_wrote") {
                assert_eq!(sums.referenced * 4, row["Referenced"], "{moment}: Referenced");
            }
            row["minflt"]
        };
        sums(&run, "parent_before_fork", P);
        let steps = run.op(ProcessOp::Fork { name: Q, parent: P, cpu: CpuId(0) });
        let copied: Vec<_> =
            steps.iter().filter(|step| matches!(step, ProcessStep::CopiedArea { .. })).collect();
        assert_eq!(copied.len(), 2, "the area and the stack: {copied:?}");
        let parent = sums(&run, "parent_after_fork", P);
        let child = sums(&run, "child_after_fork", Q);
        let (ours_p, ours_q) = (run.of(P).minflt, run.of(Q).minflt);
        let check = |run: &Run, moment: &str, of_parent: u64, of_child: u64| {
            let theirs = sums(run, &format!("parent_{moment}"), P) - parent;
            assert!(
                theirs.abs_diff(run.of(P).minflt - ours_p) <= 5,
                "{moment}: {theirs} faults of the parent"
            );
            assert_eq!(run.of(P).minflt - ours_p, of_parent, "{moment}");
            let theirs = sums(run, &format!("child_{moment}"), Q) - child;
            assert!(
                theirs.abs_diff(run.of(Q).minflt - ours_q) <= 8,
                "{moment}: {theirs} faults of the child"
            );
            assert_eq!(run.of(Q).minflt - ours_q, of_child, "{moment}");
        };
        let steps = run.touch(Access::Write, by(M, Q), Some((0, 2 * MIB)));
        assert_eq!(steps.iter().filter(|step| matches!(step, ProcessStep::Copied { .. })).count(), 512);
        check(&run, "child_wrote_quarter", 0, 512);
        run.touch(Access::Read, by(M, Q), None);
        check(&run, "child_read_all", 0, 512);
        let steps = run.touch(Access::Write, area(M), Some((0, MIB)));
        assert_eq!(steps.iter().filter(|step| matches!(step, ProcessStep::Reused { .. })).count(), 256);
        check(&run, "parent_wrote_eighth", 256, 512);
        run.touch(Access::Write, by(M, Q), None);
        check(&run, "child_wrote_all", 256, 2048);
        run.touch(Access::Write, area(M), None);
        check(&run, "parent_rewrote_all", 256 + 1792, 2048);
        run.op(ProcessOp::Exit { process: Q, cpu: CpuId(0) });
        sums(&run, "parent_after_child_exit", P);
    }
}

#[test]
fn everything_comes_back() {
    let mut run = boot();
    let free = |run: &Run| {
        let mut machine = run.machine.clone();
        machine.run_unit(&Op::Drain, &mut ());
        machine.zones().iter().map(|zone| zone.nr_free_pages.0).sum::<u64>()
    };
    let before = free(&run);
    run.exec();
    run.mmap(M, 3 * MIB, MmapArgs::ANONYMOUS);
    run.mmap(N, MIB, MmapArgs { shared: true, ..MmapArgs::ANONYMOUS });
    run.touch(Access::Write, area(M), None);
    run.touch(Access::Write, area(N), None);
    run.op(ProcessOp::Fork { name: Q, parent: P, cpu: CpuId(0) });
    run.touch(Access::Write, by(M, Q), Some((0, 64 * KIB)));
    run.touch(Access::Read, by(N, Q), None);
    run.op(ProcessOp::Exit { process: P, cpu: CpuId(0) });
    assert!(free(&run) < before, "the child has it still");
    run.op(ProcessOp::Exit { process: Q, cpu: CpuId(0) });
    assert_eq!(free(&run), before);
    assert_eq!(run.machine.processes().committed, 0);
}

#[test]
fn a_stack_grows_to_its_limit() {
    for (limit, most) in [(8 * MIB, 8 * MIB), (MIB, MIB), (16 * MIB, 16 * MIB)] {
        let mut run = boot();
        run.exec_with(Rlimits { stack: limit, ..Rlimits::default() });
        let stack = |run: &Run| run.machine.processes().mm(P).map(|mm| mm.stack_vm().0 * 4);
        assert_eq!(stack(&run), Some(132));
        // The lowest page alone: the stack reaches down to it, and nothing between is there.
        let steps = run.touch(Access::Write, At::Stack(P), Some((most - 4096, most)));
        assert!(steps.iter().any(|step| matches!(step, ProcessStep::StackGrows { .. })), "{steps:?}");
        assert_eq!(stack(&run), Some(most / KIB));
        let steps = run.touch(Access::Write, At::Stack(P), Some((most, most + 4096)));
        assert!(
            steps.iter().any(|step| matches!(step, ProcessStep::Killed { signal: Signal::StackLimit, .. })),
            "{steps:?}"
        );
        assert!(run.machine.processes().mm(P).is_none(), "it is gone");
    }
}

#[test]
fn a_stack_keeps_away_from_other_areas() {
    let mut run = boot();
    run.exec_with(Rlimits { stack: 1 << 47, ..Rlimits::default() });
    // The whole of the room below the stack, but for the gap.
    let base = run.machine.processes().mm(P).map_or(Vaddr(0), |mm| mm.mmap_base);
    run.mmap(M, 4096, MmapArgs::ANONYMOUS);
    let below = 0x7fff_ffff_f000 - base.0;
    let steps = run.touch(Access::Write, At::Stack(P), Some((below - 255 * 4096, below - 254 * 4096)));
    assert!(
        steps.iter().any(|step| matches!(step, ProcessStep::Killed { signal: Signal::StackGuard, .. })),
        "{steps:?}"
    );
}

fn signal(steps: &[ProcessStep]) -> Option<(u8, Signal)> {
    let code = steps.iter().rev().find_map(|step| match step {
        ProcessStep::Fault { error_code, .. } => Some(*error_code),
        _ => None,
    });
    let signal = steps.iter().find_map(|step| match step {
        ProcessStep::Killed { signal, .. } => Some(*signal),
        _ => None,
    });
    Some((code?, signal?))
}

/// The fatal faults of the captures, and what the processor says of each (facts 10, section 5).
#[test]
fn what_ends_a_process() {
    let fresh = || {
        let mut run = boot();
        run.exec();
        run
    };
    let at = |address: u64| At::Address(P, Vaddr(address));
    assert_eq!(signal(&fresh().touch(Access::Read, at(0), None)), Some((4, Signal::NoArea)));
    assert_eq!(
        signal(&fresh().touch(Access::Read, at(0xffff_8000_0000_0000), None)),
        Some((4, Signal::NotCanonical))
    );
    let mut run = fresh();
    run.mmap(M, 4096, MmapArgs { prot: Prot::READ, ..MmapArgs::ANONYMOUS });
    run.touch(Access::Read, area(M), None);
    assert_eq!(signal(&run.touch(Access::Write, area(M), None)), Some((7, Signal::NotAllowed)));
    let mut run = fresh();
    run.mmap(M, 4096, MmapArgs::ANONYMOUS);
    run.touch(Access::Write, area(M), None);
    assert_eq!(signal(&run.touch(Access::Exec, area(M), None)), Some((0x15, Signal::NotAllowed)));
    let mut run = fresh();
    run.mmap(M, 4096, MmapArgs { prot: Prot::NONE, ..MmapArgs::ANONYMOUS });
    assert_eq!(signal(&run.touch(Access::Read, area(M), None)), Some((4, Signal::NotAllowed)));
    let mut run = fresh();
    run.op(ProcessOp::File { name: F, bytes: 4096, cached: 4096, cpu: CpuId(0) });
    run.mmap(M, 8192, MmapArgs { prot: Prot::READ, shared: true, file: Some((F, 0)), ..MmapArgs::ANONYMOUS });
    assert_eq!(signal(&run.touch(Access::Read, area(M), None)), Some((4, Signal::BeyondFile)));
}

fn file(run: &mut Run, bytes: u64, cached: u64) {
    run.op(ProcessOp::File { name: F, bytes, cached, cpu: CpuId(0) });
}

fn of_file(prot: Prot, shared: bool) -> MmapArgs {
    MmapArgs { prot, shared, file: Some((F, 0)), ..MmapArgs::ANONYMOUS }
}

/// "1024 cached pages sequential → 64 minor faults" (facts 10, section 5).
#[test]
fn facts_10_fault_around() {
    let mut run = boot();
    run.exec();
    file(&mut run, 4 * MIB, 4 * MIB);
    // So that it begins at 64 KiB.
    run.mmap(SPACER, 0xf000, MmapArgs { prot: Prot::NONE, ..MmapArgs::ANONYMOUS });
    run.mmap(M, 4 * MIB, of_file(Prot::READ, false));
    let before = run.of(P);
    run.touch(Access::Read, area(M), None);
    let after = run.of(P);
    assert_eq!((after.minflt - before.minflt, after.majflt), (64, 0));
    let mm = run.machine.processes().mm(P).expect("it runs");
    assert_eq!((mm.rss.file, mm.rss.anon), (1024, 1));
}

#[test]
fn a_file_that_is_not_in_memory_is_read_around_the_miss() {
    let mut run = boot();
    run.exec();
    file(&mut run, MIB, 0);
    run.mmap(M, MIB, of_file(Prot::READ, false));
    let steps = run.touch(Access::Read, area(M), Some((0, 4096)));
    let missed = steps.iter().find_map(|step| match step {
        ProcessStep::CacheMiss { first, pages, .. } => Some((*first, *pages)),
        _ => None,
    });
    assert_eq!(missed, Some((0, 32)));
    assert_eq!((run.of(P).majflt, run.of(P).minflt), (1, 1), "the other is the page of the arguments");
    // What was read with it is mapped with the next fault.
    run.touch(Access::Read, area(M), Some((4096, 8192)));
    assert_eq!(run.of(P).majflt, 1);
}

#[test]
fn private_and_shared_pages_of_one_file() {
    let mut run = boot();
    run.exec();
    file(&mut run, 64 * KIB, 64 * KIB);
    run.mmap(M, 64 * KIB, of_file(Prot::READ_WRITE, false));
    run.mmap(N, 64 * KIB, of_file(Prot::READ_WRITE, true));
    // Written to at once: a copy, and no page of the file is counted (`do_cow_fault()`).
    run.touch(Access::Write, area(M), Some((0, 4096)));
    let rss =
        |run: &Run| run.machine.processes().mm(P).map(|mm| (mm.rss.file, mm.rss.anon - 1)).expect("it runs");
    assert_eq!(rss(&run), (0, 1));
    // Read first: all sixteen, then one of them becomes its own.
    run.touch(Access::Read, area(M), Some((4096, 8192)));
    assert_eq!(rss(&run), (15, 1));
    run.touch(Access::Write, area(M), Some((4096, 8192)));
    assert_eq!(rss(&run), (14, 2));
    // What everybody shares stays the file's.
    run.touch(Access::Read, area(N), None);
    let steps = run.touch(Access::Write, area(N), Some((0, 4096)));
    assert!(steps.iter().any(|step| matches!(step, ProcessStep::MadeWritable { .. })), "{steps:?}");
    assert_eq!(rss(&run), (30, 2));
}

/// The second article: a binary of 500K of which 400K are there, a library of 2500K of which 1000K, stack and heap of
/// 200K of which 100K: RSS 1500K, VSZ 3200K.
#[test]
fn the_articles_rss_and_vsz() {
    const LIBRARY: NameId = NameId(6);
    let mut run = boot();
    run.exec();
    file(&mut run, 500 * KIB, 400 * KIB);
    run.op(ProcessOp::File { name: LIBRARY, bytes: 2500 * KIB, cached: 1000 * KIB, cpu: CpuId(0) });
    run.mmap(M, 500 * KIB, of_file(Prot::READ_EXEC, false));
    let library = MmapArgs { file: Some((LIBRARY, 0)), ..of_file(Prot::READ_EXEC, false) };
    run.mmap(N, 2500 * KIB, library);
    run.op(ProcessOp::Brk { process: P, by: 68 * KIB as i64, cpu: CpuId(0) });
    run.touch(Access::Exec, area(M), Some((0, 400 * KIB)));
    run.touch(Access::Exec, area(N), Some((0, 1000 * KIB)));
    run.touch(Access::Write, At::Stack(P), Some((0, 32 * KIB)));
    run.touch(Access::Write, At::Heap(P), None);
    let mm = run.machine.processes().mm(P).expect("it runs");
    assert_eq!((mm.rss.total().bytes().0, mm.total_vm().bytes().0), (1500 * KIB, 3200 * KIB));
    assert_eq!((mm.rss.file * 4, mm.rss.anon * 4), (1400, 100));
}

#[test]
fn facts_10_places() {
    let mut run = boot();
    run.exec();
    // Consecutive ones lie below each other, and become one.
    run.mmap(M, MIB, MmapArgs::ANONYMOUS);
    let steps = run.mmap(N, MIB, MmapArgs::ANONYMOUS);
    assert_eq!(run.place(M).1, Vaddr(0x7fff_f7ff_f000));
    assert_eq!(run.place(N).1, run.place(M).0);
    assert!(
        matches!(steps[..], [ProcessStep::Mapped { merged: true, pages: NrPages(256), .. }]),
        "{steps:?}"
    );
    let areas = |run: &Run| run.machine.processes().mm(P).map(|mm| mm.vmas().len());
    assert_eq!(areas(&run), Some(2), "that and the stack");
    // mprotect in the middle makes three of one, and the other way round.
    let middle = Some(ByteRange { from: 64 * KIB, to: 128 * KIB });
    run.op(ProcessOp::Mprotect { at: area(N), bytes: middle, prot: Prot::READ });
    assert_eq!(areas(&run), Some(4));
    run.op(ProcessOp::Mprotect { at: area(N), bytes: middle, prot: Prot::READ_WRITE });
    assert_eq!(areas(&run), Some(2));
    // A hole in the middle makes two of one.
    run.op(ProcessOp::Munmap { at: area(N), bytes: middle, cpu: CpuId(0) });
    assert_eq!(areas(&run), Some(3));
}

#[test]
fn what_is_refused() {
    let refused = |steps: &[ProcessStep]| match steps {
        [ProcessStep::Refused { why }] => Some(*why),
        _ => None,
    };
    let mut run = boot();
    run.exec_with(Rlimits { address_space: Some(4 * MIB), ..Rlimits::default() });
    assert_eq!(refused(&run.mmap(M, 0, MmapArgs::ANONYMOUS)), Some(Refusal::Empty));
    assert_eq!(refused(&run.mmap(M, 4 * MIB, MmapArgs::ANONYMOUS)), Some(Refusal::AddressSpaceLimit));
    assert_eq!(refused(&run.mmap(M, 1 << 47, MmapArgs::ANONYMOUS)), Some(Refusal::NoGap));
    assert_eq!(refused(&run.mmap(M, 4096, of_file(Prot::READ, false))), Some(Refusal::NotAFile));
    let mut run = boot();
    run.exec();
    let total = run.machine.processes().commit.total_ram;
    let steps = run.mmap(M, total.bytes().0 + 4096, MmapArgs::ANONYMOUS);
    assert_eq!(
        refused(&steps),
        Some(Refusal::Overcommit { pages: NrPages(total.0 + 1), most: total }),
        "one request for more than there is"
    );
    // All of it twice is promised: each request is judged by itself.
    assert_eq!(refused(&run.mmap(M, total.bytes().0, MmapArgs::ANONYMOUS)), None);
    assert_eq!(refused(&run.mmap(N, total.bytes().0, MmapArgs::ANONYMOUS)), None);
    let below = ProcessOp::Brk { process: P, by: -4096, cpu: CpuId(0) };
    assert_eq!(refused(&run.op(below)), Some(Refusal::Heap));
}

/// The largest mapping that may be had in each mode, to the page (wl/l: total memory in mode 0, anything in mode 1, and in
/// mode 2 one page less than the limit leaves).
#[test]
fn overcommit_has_three_modes() {
    use mm::op::Sysctl;
    use mm::util::Overcommit;
    let write = |run: &mut Run, sysctl: Sysctl| {
        let op = Op::Sysctl(sysctl);
        run.machine.run_unit(&op, &mut ());
        run.unseen.run_unit_unseen(&op);
    };
    let fits = |run: &Run, pages: u64, args: MmapArgs| {
        let mut machine = run.machine.clone();
        let op = ProcessOp::Mmap { name: M, process: P, bytes: pages * 4096, args, cpu: CpuId(0) };
        machine.run_unit(&Op::Process(op), &mut ());
        matches!(machine.named(M), Named::Mapping { .. })
    };
    let mut run = boot();
    run.exec();
    let (all, had) = (run.machine.processes().commit.total_ram.0, run.machine.processes().committed);
    let anonymous = MmapArgs::ANONYMOUS;
    assert!(fits(&run, all, anonymous) && !fits(&run, all + 1, anonymous));
    assert!(fits(&run, 100 * all, MmapArgs { noreserve: true, ..anonymous }), "nobody counts it");
    write(&mut run, Sysctl::OvercommitMemory(Overcommit::Always));
    assert!(fits(&run, 100 * all, anonymous));
    write(&mut run, Sysctl::OvercommitMemory(Overcommit::Never));
    for ratio in [50, 80] {
        write(&mut run, Sysctl::OvercommitRatio(ratio));
        let total_vm = run.machine.processes().mm(P).map_or(0, |mm| mm.total_vm().0);
        // For root; a part of the address space is kept for users.
        let most = all * u64::from(ratio) / 100 - total_vm / 32 - had - 1;
        assert!(fits(&run, most, anonymous) && !fits(&run, most + 1, anonymous), "{ratio} per cent");
        let noreserve = MmapArgs { noreserve: true, ..anonymous };
        assert!(!fits(&run, most + 1, noreserve), "it is counted in this mode");
    }
}

/// wl/k: what the tables of sparse mappings took, now through faults.
#[test]
fn sparse_mappings_as_real_kernels_counted_them() {
    for line in include_str!("data/paging/tables.txt").lines().filter(|line| !line.starts_with('#')) {
        let numbers: Vec<u64> = line.split(' ').skip(1).map(|n| n.parse().expect("a number")).collect();
        let [stride, pages, mapped, touched, unmapped] = numbers[..] else { panic!("{line}") };
        if pages > 64 {
            continue; // What it takes to look at every step.
        }
        let mut run = with(16_384);
        run.exec();
        // A part of the address space of its own, with the alignment of the captures: chance had moved it there.
        let bytes = (pages - 1) * stride * KIB + 4096;
        let args = MmapArgs { noreserve: true, ..MmapArgs::ANONYMOUS };
        mmap_below(&mut run, 0x7e80_4020_0000 + bytes, M, bytes, args);
        assert_eq!(run.place(M).0, Vaddr(0x7e80_4020_0000), "{line}");
        let before = run.of(P).pte;
        run.is_quick = true;
        for page in 0..pages {
            let at = page * stride * KIB;
            run.touch(Access::Write, area(M), Some((at, at + 1)));
        }
        run.is_quick = false;
        assert_eq!(run.of(P).pte - before, touched - mapped, "{line}");
        run.op(ProcessOp::Munmap { at: area(M), bytes: None, cpu: CpuId(0) });
        assert_eq!((run.of(P).pte - before, unmapped), (0, mapped), "{line}");
    }
}

/// One of everything that can be asked, of a few processes and areas, often of what is not there.
fn any_op() -> impl Strategy<Value = ProcessOp> {
    let process = || (0u32..3).prop_map(NameId);
    let area = || (3u32..8).prop_map(NameId);
    let file = || (8u32..10).prop_map(NameId);
    let cpu = || (0u8..2).prop_map(CpuId);
    let pages = || prop_oneof![4 => 0u64..40, 1 => 400u64..700];
    let bytes = || {
        (0u64..20, 1u64..20).prop_map(|(from, len)| ByteRange { from: from * 4096, to: (from + len) * 4096 })
    };
    let at = move || {
        prop_oneof![
            4 => area().prop_map(|name| At::Area { name, by: None }),
            2 => (area(), process()).prop_map(|(name, by)| At::Area { name, by: Some(by) }),
            1 => process().prop_map(At::Heap),
            1 => process().prop_map(At::Stack),
            1 => (process(), 0u64..1 << 48).prop_map(|(process, at)| At::Address(process, Vaddr(at))),
        ]
    };
    let prot = || {
        (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(read, write, exec)| Prot {
            read,
            write,
            exec,
        })
    };
    let access = prop_oneof![Just(Access::Read), Just(Access::Write), Just(Access::Exec)];
    let mapped =
        (area(), process(), pages(), prot(), any::<[bool; 3]>(), proptest::option::of((file(), 0u64..3)));
    let mmap = (mapped, cpu()).prop_map(
        |((name, process, pages, prot, [shared, noreserve, populate], file), cpu)| {
            let file = file.map(|(file, page)| (file, page * 4096));
            ProcessOp::Mmap {
                name,
                process,
                bytes: pages * 4096,
                args: MmapArgs { prot, shared, file, noreserve, populate, ..MmapArgs::ANONYMOUS },
                cpu,
            }
        },
    );
    prop_oneof![
        2 => (file(), 0u64..100, 0u64..100, cpu())
            .prop_map(|(name, kib, cached, cpu)| ProcessOp::File { name, bytes: kib << 12, cached: cached << 12, cpu }),
        3 => (process(), cpu()).prop_map(|(name, cpu)| {
            ProcessOp::Exec { name, limits: Rlimits { stack: 256 << 10, address_space: Some(16 << 20), memlock: None }, task: TaskArgs::default(), cpu }
        }),
        2 => (process(), process(), cpu()).prop_map(|(name, parent, cpu)| ProcessOp::Fork { name, parent, cpu }),
        1 => (process(), cpu()).prop_map(|(process, cpu)| ProcessOp::Exit { process, cpu }),
        5 => mmap,
        2 => (at(), proptest::option::of(bytes()), cpu()).prop_map(|(at, bytes, cpu)| ProcessOp::Munmap { at, bytes, cpu }),
        2 => (at(), proptest::option::of(bytes()), prot()).prop_map(|(at, bytes, prot)| ProcessOp::Mprotect { at, bytes, prot }),
        1 => (at(), any::<bool>(), proptest::option::of(bytes()), cpu()).prop_map(|(at, free, bytes, cpu)| {
            let advice = if free { Advice::Free } else { Advice::DontNeed };
            ProcessOp::Madvise { at, advice, bytes, cpu }
        }),
        2 => (process(), -200_000i64..400_000, cpu()).prop_map(|(process, by, cpu)| ProcessOp::Brk { process, by, cpu }),
        8 => (access, at(), proptest::option::of(bytes()), cpu())
            .prop_map(|(access, at, bytes, cpu)| ProcessOp::Access { access, at, bytes, cpu }),
    ]
}

/// Caches of translations that are soon full, and a large one.
fn mmus() -> impl Strategy<Value = MmuConfig> {
    let small = MmuConfig {
        l1: Ways { entries: 4, ways: 2 },
        l1_large: Ways { entries: 2, ways: 1 },
        l2: Ways { entries: 16, ways: 4 },
        pcid: true,
    };
    (any::<bool>(), any::<bool>())
        .prop_map(move |(large, pcid)| MmuConfig { pcid, ..if large { MmuConfig::SKYLAKE } else { small } })
}

proptest! {
    #![proptest_config(common::cases::usually(40))]

    /// Whatever is asked, also of a machine that has hardly any memory: every law holds at every step, nobody looking on
    /// makes no difference, and in the end everything comes back.
    #[test]
    fn laws(
        ops in proptest::collection::vec(any_op(), 1..60),
        frames in prop_oneof![Just(600u32), Just(2048)],
        mmu in proptest::option::of(mmus()),
    ) {
        let config = Config { pcp: true, watermarks: true, cpus: vec![0, 0], mmu, ..Config::single_zone(frames) };
        let mut run = Run::of_config(&config);
        let before = run.free();
        for op in &ops {
            run.op(*op);
        }
        for process in 0..3 {
            run.op(ProcessOp::Exit { process: NameId(process), cpu: CpuId(0) });
        }
        let procs = run.machine.processes();
        let cached: usize = procs.files().map(|(_, file)| file.cache().count()).sum();
        prop_assert_eq!(run.free() + cached as u64, before);
        prop_assert_eq!(procs.committed, 0);
    }
}

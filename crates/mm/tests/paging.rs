//! The ways to translate addresses, each with processes on it: what a real i386 kernel said, and the formulas of facts 11.

#[path = "common/process.rs"]
mod process;

use mm::config::{Arch, Thp};
use mm::mmzone::ZoneKind;
use mm::oom_kill::TaskArgs;
use mm::op::NameId;
use mm::process::{Access, Advice, At, MmapArgs, ProcessOp, Prot, Rlimits};
use mm::step::{ProcessStep, Signal};
use mm::x86::pgtable::{Level, Paging, Pte};
use mm::{Config, CpuId, Vaddr};
use process::{KIB, M, MIB, N, P, Q, Row, Run, SPACER, VDSO, area, by, captured, compare_sums};

const I386: &str = include_str!("data/paging/i386pae.tsv");

fn run(paging: Paging, mib: u32) -> Run {
    let config = Config {
        paging,
        // As in the captures: this is about tables.
        thp: Some(Thp::Never),
        pcp: true,
        watermarks: true,
        ..Config::pc(paging.arch(), &[mib * 256])
    };
    Run::of_config(&config)
}

/// All tables of `VmPTE` as text: how many of each level.
fn tables(run: &Run, process: NameId) -> Vec<(Level, u64)> {
    let procs = run.machine.processes();
    let mm = procs.mm(process).expect("it runs");
    let levels: Vec<Level> = procs.tables().paging().levels().iter().map(|(level, ..)| *level).collect();
    let mut at = vec![mm.pgd];
    let mut found = Vec::new();
    for level in &levels[1..] {
        let entries = at.iter().flat_map(|pfn| procs.tables().entries(*pfn).expect("a table"));
        at = entries.filter(|entry| entry.has(Pte::PRESENT)).map(|entry| entry.pfn()).collect();
        found.push((*level, at.len() as u64));
    }
    found
}

#[test]
fn ten_mebibytes_as_a_real_i386_counted_them() {
    let rows = captured(I386, &["anon_10M"]);
    let row = |name: &str| {
        rows.iter().find(|(moment, _)| moment == name).map(|(_, row)| row.clone()).expect("a row")
    };
    let mut run = run(Paging::Pae, 1536);
    run.exec();
    let begun = run.of(P);
    let mut faults = begun.minflt;
    let start: Row = row("start");
    let mut last = start["minflt"];
    let above = MmapArgs { prot: Prot::NONE, noreserve: true, ..MmapArgs::ANONYMOUS };
    // Chance had placed it so that it takes five tables of its own.
    run.mmap(SPACER, 16 * MIB, above);
    run.mmap(M, 10 * MIB, MmapArgs::ANONYMOUS);
    run.munmap(SPACER, None);
    let place = run.place(M);
    let mut moment = |run: &Run, name: &str| {
        let row = row(name);
        let (ours, theirs) = (run.of(P), |column: &str| row[column] as i64 - start[column] as i64);
        assert_eq!(ours.size as i64 - begun.size as i64, theirs("VmSize"), "{name}: VmSize");
        assert_eq!(ours.data as i64 - begun.data as i64, theirs("VmData"), "{name}: VmData");
        assert_eq!(ours.pte as i64 - begun.pte as i64, theirs("VmPTE"), "{name}: VmPTE");
        compare_sums(name, &row, run.region(P, place));
        // Faults of the test program itself, a few with each moment, are not ours.
        let (mine, there) = (ours.minflt - faults, row["minflt"] - last);
        assert!(mine <= there && there <= mine + 4, "{name}: {mine} faults, {there} there");
        (faults, last) = (ours.minflt, row["minflt"]);
    };
    moment(&run, "after_mmap");
    run.touch(Access::Read, area(M), None);
    moment(&run, "after_read_all");
    run.touch(Access::Write, area(M), Some((0, 5 * MIB)));
    moment(&run, "after_write_half");
    run.touch(Access::Write, area(M), None);
    moment(&run, "after_write_all");
    let quarter = 10 * MIB / 4;
    run.madvise(M, Advice::DontNeed, Some((quarter, quarter + 4096)));
    moment(&run, "after_dontneed_1page_at_quarter");
    run.madvise(M, Advice::DontNeed, None);
    moment(&run, "after_dontneed_all");
    run.touch(Access::Write, area(M), None);
    moment(&run, "after_rewrite_all");
    run.munmap(M, None);
    moment(&run, "after_munmap");
    run.mmap(SPACER, 16 * MIB, above);
    run.mmap(N, 10 * MIB, MmapArgs::ANONYMOUS);
    run.munmap(SPACER, None);
    assert_eq!(run.place(N), place, "the same addresses again");
    moment(&run, "fresh_mmap2");
    run.touch(Access::Write, area(N), None);
    moment(&run, "write_all_without_prior_read");
    run.madvise(N, Advice::Free, None);
    moment(&run, "after_madv_free");
    run.mprotect(N, Prot::READ, Some((0, 5 * MIB)));
    moment(&run, "after_mprotect_half_ro");
    run.munmap(N, Some((0, 5 * MIB)));
    moment(&run, "after_munmap_first_half");
}

/// What `VmPTE` of a real i386 grew by, and what it fell to: a PMD table comes with the address space, and goes with the
/// last area in its GiB.
#[test]
fn the_tables_of_a_real_i386() {
    let rows = captured(I386, &["pagetables"]);
    let mut cases = 0;
    for rows in rows.chunks(4) {
        let [(name, mapped), (_, touched), (_, kept), (_, unmapped)] = rows else { panic!("four moments") };
        let mut parts = name.split('_');
        let stride: u64 =
            parts.nth(1).and_then(|kib| kib.trim_end_matches('K').parse().ok()).expect("a stride");
        let count: u64 = parts.next().and_then(|n| n[1..].parse().ok()).expect("a count");
        let mut run = run(Paging::Pae, 1536);
        run.exec();
        // Something of the kernel's is there first, as everywhere.
        run.mmap(VDSO, 20 * KIB, MmapArgs { prot: Prot::READ_EXEC, populate: true, ..MmapArgs::ANONYMOUS });
        run.mmap(M, stride * count * KIB + 2 * MIB, MmapArgs { noreserve: true, ..MmapArgs::ANONYMOUS });
        run.is_quick = true;
        let begun = run.of(P).pte as i64;
        let (start, _) = run.place(M);
        for at in 0..count {
            let from = start.0.next_multiple_of(2 * MIB) - start.0 + at * stride * KIB;
            run.touch(Access::Write, area(M), Some((from, from + 1)));
        }
        let theirs = |row: &Row| row["VmPTE"] as i64 - mapped["VmPTE"] as i64;
        assert_eq!(run.of(P).pte as i64 - begun, theirs(touched), "{name}");
        run.madvise(M, Advice::DontNeed, None);
        assert_eq!(run.of(P).pte as i64 - begun, theirs(kept), "{name}");
        run.munmap(M, None);
        assert_eq!(run.of(P).pte as i64 - begun, theirs(unmapped), "{name}");
        cases += 1;
    }
    assert_eq!(cases, 9);
}

#[test]
fn facts_11_tables_of_every_mode() {
    let expected: [(Paging, &[(Level, u64)]); 4] = [
        (Paging::FourLevel, &[(Level::Pud, 1), (Level::Pmd, 1), (Level::Pte, 1)]),
        (Paging::FiveLevel, &[(Level::P4d, 1), (Level::Pud, 1), (Level::Pmd, 1), (Level::Pte, 1)]),
        (Paging::TwoLevel, &[(Level::Pte, 1)]),
        // Three come with the address space.
        (Paging::Pae, &[(Level::Pmd, 3), (Level::Pte, 1)]),
    ];
    for (paging, levels) in expected {
        let mut run = run(paging, 64);
        run.exec();
        assert_eq!(tables(&run, P), levels, "{paging:?}");
        assert_eq!(run.of(P).pte, 4 * levels.iter().map(|(_, count)| count).sum::<u64>(), "{paging:?}");
        let mm = run.machine.processes().mm(P).expect("it runs");
        assert_eq!(mm.stack().map(|vma| vma.end), Some(paging.stack_top()));
        assert_eq!(mm.start_brk, paging.et_dyn_base());
        let before = run.free();
        run.exit(P);
        assert_eq!(run.free(), before + levels.iter().map(|(_, count)| count).sum::<u64>() + 2, "{paging:?}");
    }
}

#[test]
fn a_table_of_two_levels_serves_four_mebibytes() {
    let mut run = run(Paging::TwoLevel, 64);
    run.exec();
    run.mmap(M, 8 * MIB, MmapArgs::ANONYMOUS);
    run.touch(Access::Write, area(M), None);
    assert_eq!(tables(&run, P), [(Level::Pte, 3)], "two and the stack's");
    // Entries of four bytes cannot forbid code.
    let steps = run.touch(Access::Exec, area(M), Some((0, 4096)));
    assert!(matches!(steps[..], [ProcessStep::Present { .. }]), "{steps:?}");
    run.fork();
    assert_eq!(tables(&run, Q), [(Level::Pte, 3)]);
    run.touch(Access::Write, by(M, Q), Some((0, 4096)));
    run.exit(P);
    run.exit(Q);
}

#[test]
fn with_pae_what_is_no_code_is_not_run() {
    let mut run = run(Paging::Pae, 64);
    run.exec();
    run.mmap(M, 4096, MmapArgs::ANONYMOUS);
    run.touch(Access::Write, area(M), None);
    let steps = run.touch(Access::Exec, area(M), None);
    let killed = |step: &ProcessStep| matches!(step, ProcessStep::Killed { signal: Signal::NotAllowed, .. });
    assert!(steps.iter().any(killed), "{steps:?}");
    assert!(
        steps.iter().any(|step| matches!(step, ProcessStep::Fault { error_code: 0x15, .. })),
        "{steps:?}"
    );
}

#[test]
fn above_three_gibibytes_is_the_kernel() {
    for (paging, address, signal) in [
        (Paging::Pae, 0xc000_0000, Signal::NotCanonical),
        (Paging::Pae, 0xbf00_0000, Signal::StackLimit),
        (Paging::FourLevel, 1 << 50, Signal::NotCanonical),
        // With 57 bits it is one that a process could have.
        (Paging::FiveLevel, 1 << 50, Signal::NoArea),
        (Paging::FiveLevel, 1 << 60, Signal::NotCanonical),
    ] {
        let mut run = run(paging, 64);
        run.exec();
        let steps = run.touch(Access::Read, At::Address(P, Vaddr(address)), None);
        let last = steps.iter().find_map(|step| match step {
            ProcessStep::Killed { signal, .. } => Some(*signal),
            _ => None,
        });
        assert_eq!(last, Some(signal), "{paging:?} {address:#x}");
    }
}

#[test]
fn tables_are_below_896_mebibytes_and_pages_above() {
    let mut run = run(Paging::Pae, 1536);
    run.exec();
    run.mmap(M, MIB, MmapArgs::ANONYMOUS);
    run.touch(Access::Write, area(M), None);
    let kind = |pfn| run.machine.zone_of(pfn).map(|zone| run.machine.zone(zone).kind);
    let procs = run.machine.processes();
    assert!(procs.tables().frames().all(|pfn| kind(pfn) == Some(ZoneKind::Normal)));
    let mm = procs.mm(P).expect("it runs");
    let pages: Vec<_> = procs.tables().between(mm.pgd, Vaddr(0), mm.top).map(|(.., pte)| pte.pfn()).collect();
    assert_eq!(pages.len(), 257);
    assert!(pages.iter().all(|pfn| kind(*pfn) == Some(ZoneKind::HighMem)));
}

#[test]
fn three_gibibytes_are_all() {
    let mut run = run(Paging::Pae, 1536);
    run.exec();
    let huge = MmapArgs { noreserve: true, ..MmapArgs::ANONYMOUS };
    run.mmap(M, 2900 * MIB, huge);
    assert_eq!(run.place(M).1, Vaddr(0xb800_0000));
    let steps = run.mmap(N, 2 << 30, huge);
    assert!(steps.iter().any(|step| matches!(step, ProcessStep::Refused { .. })), "{steps:?}");
}

#[test]
fn no_frame_for_a_table_is_no_process() {
    // Of some machine the last frames go to tables.
    let config = Config { arch: Arch::I386, paging: Paging::Pae, ..Config::single_zone(64) };
    let mut run = Run::of_config(&config);
    let exec = |name: u32| ProcessOp::Exec {
        name: NameId(name),
        limits: Rlimits::default(),
        task: TaskArgs::default(),
        cpu: CpuId(0),
    };
    let mut failed = 0;
    for name in 0..20 {
        let steps = run.op(exec(name));
        failed += u32::from(steps.iter().any(|step| matches!(step, ProcessStep::NoExec)));
    }
    assert!(failed > 0);
    for name in 0..20 {
        if run.machine.processes().mm(NameId(name)).is_some() {
            run.exit(NameId(name));
        }
    }
    assert_eq!(run.free(), 64);
}

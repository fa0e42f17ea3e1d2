//! The OOM killer on whole machines: who is killed, that all of it comes back, and that it ends.

#[path = "common/process.rs"]
mod common;

use common::{KIB, MIB, Run};
use mm::gfp::GfpFlags;
use mm::mmzone::ZoneKind;
use mm::oom_kill::{LogLine, OomOp, OomRules, TaskArgs};
use mm::op::{Gfp, NameId, PageKind, Sysctl};
use mm::process::{Access, At, ByteRange, MmapArgs, ProcessOp, Rlimits};
use mm::step::{OomStep, ProcessStep, Spared, Verdict};
use mm::{Config, CpuId, Machine, Op, Step, StepKind, UnitEnd};
use proptest::prelude::{ProptestConfig, TestCaseError, any, prop, prop_assert_eq, proptest};

const CPU: CpuId = CpuId(0);

/// The processes, and for each an area.
fn process(at: u32) -> NameId {
    NameId(at)
}

fn area(at: u32) -> NameId {
    NameId(50 + at)
}

fn machine(frames: u32, oom_rules: OomRules) -> Run {
    Run::of_config(&Config { pcp: true, watermarks: true, oom_rules, ..Config::x86_64(frames) })
}

/// Steps of any op, as [`Run::steps`] does it for those of processes.
fn op(run: &mut Run, op: &Op) -> Vec<Step> {
    let mut steps = Vec::new();
    while run.machine.run_unit(op, &mut steps) == UnitEnd::More {}
    while run.unseen.run_unit_unseen(op) == UnitEnd::More {}
    run.machine.check().expect("every law holds");
    assert_eq!(run.machine.state_hash(), run.unseen.state_hash(), "{op:?}");
    steps
}

fn exec(run: &mut Run, name: NameId, task: TaskArgs) {
    run.steps(ProcessOp::Exec { name, limits: Rlimits::default(), task, cpu: CPU });
}

/// A process that has touched so much of an area of its own.
fn with(run: &mut Run, at: u32, bytes: u64, task: TaskArgs) {
    exec(run, process(at), task);
    let (name, process) = (area(at), process(at));
    run.steps(ProcessOp::Mmap { name, process, bytes, args: MmapArgs::ANONYMOUS, cpu: CPU });
    write(run, at, bytes);
}

fn write(run: &mut Run, at: u32, bytes: u64) -> Vec<Step> {
    let bytes = Some(ByteRange { from: 0, to: bytes });
    let at = At::Area { name: area(at), by: None };
    run.steps(ProcessOp::Access { access: Access::Write, at, bytes, cpu: CPU })
}

fn adjust(run: &mut Run, at: u32, value: i16) -> Vec<OomStep> {
    oom(&run.steps(ProcessOp::Oom(OomOp::ScoreAdj { process: process(at), value, root: false })))
}

fn oom(steps: &[Step]) -> Vec<OomStep> {
    let of = |step: &Step| match step.kind {
        StepKind::Oom(step) => Some(step),
        _ => None,
    };
    steps.iter().filter_map(of).collect()
}

fn killed(steps: &[Step]) -> Vec<NameId> {
    let of = |step: OomStep| match step {
        OomStep::Kill { process, .. } => Some(process),
        _ => None,
    };
    oom(steps).into_iter().filter_map(of).collect()
}

fn exited(steps: &[Step]) -> Vec<NameId> {
    let of = |step: &Step| match step.kind {
        StepKind::Process { process, step: ProcessStep::Exited { .. } } => Some(process),
        _ => None,
    };
    steps.iter().filter_map(of).collect()
}

/// A machine of 16 MiB whose last pages are wanted by a process: the largest other one goes, and the write goes on.
#[test]
fn the_largest_goes_and_the_request_is_served() {
    let mut run = machine(4096, OomRules::V6_1);
    let free = run.free();
    with(&mut run, 0, 2 * MIB, TaskArgs::default());
    with(&mut run, 1, 6 * MIB, TaskArgs::default());
    exec(&mut run, process(2), TaskArgs::default());
    let (name, of) = (area(2), process(2));
    run.steps(ProcessOp::Mmap { name, process: of, bytes: 9 * MIB, args: MmapArgs::ANONYMOUS, cpu: CPU });
    let steps = write(&mut run, 2, 9 * MIB);
    // The writer has less than 6 MiB when memory runs out.
    assert_eq!(killed(&steps), [process(1)]);
    assert_eq!(exited(&steps), [process(1)]);
    let mm = run.machine.processes().mm(process(2)).expect("it lives");
    assert_eq!(mm.rss.anon, 9 * 256 + 1, "all of it, and the page with its arguments");
    assert!(run.machine.processes().mm(process(0)).is_some());
    let scored: Vec<_> = oom(&steps)
        .into_iter()
        .filter_map(|step| match step {
            OomStep::Scored { process, points, verdict, .. } => Some((process, points, verdict)),
            _ => None,
        })
        .collect();
    let points = |mib: i64| mib * 256 + 1;
    assert_eq!(scored[0].0, process(0));
    assert!(scored[0].1.is_some_and(|of| of > points(2) && of < points(2) + 8));
    assert_eq!(scored[1].2, Verdict::Worst);
    assert_eq!(scored[2].2, Verdict::Better);
    assert!(!run.machine.processes().oom().is_untouched());
    for at in [0, 2] {
        run.exit(process(at));
    }
    assert_eq!(run.free(), free, "all pages come back");
}

/// Who asks for memory has the most: it is killed itself, and the rest of what it was about is dropped.
#[test]
fn whoever_asks_may_be_the_worst() {
    let mut run = machine(4096, OomRules::V6_1);
    with(&mut run, 0, MIB, TaskArgs::default());
    exec(&mut run, process(1), TaskArgs::default());
    let (name, of) = (area(1), process(1));
    // More than there is: nobody is refused that.
    run.steps(ProcessOp::Mmap { name, process: of, bytes: 15 * MIB, args: MmapArgs::ANONYMOUS, cpu: CPU });
    let steps = write(&mut run, 1, 15 * MIB);
    assert_eq!((killed(&steps), exited(&steps)), (vec![process(1)], vec![process(1)]));
    assert!(oom(&steps).iter().any(|step| matches!(step, OomStep::Dies { .. })));
    assert!(run.machine.processes().mm(process(0)).is_some());
    // Its name can be given again.
    exec(&mut run, process(1), TaskArgs::default());
}

/// A child that is half made when its parent is killed is no process.
#[test]
fn a_fork_that_kills_its_parent_leaves_no_child() {
    let mut run = machine(4096, OomRules::V6_1);
    let free = run.free();
    let mut nr = 0;
    with(&mut run, 0, 6 * MIB, TaskArgs::default());
    // Kernel memory takes all but a few pages.
    while run.machine.zones().iter().map(|zone| zone.nr_free_pages.0).sum::<u64>() > 40 {
        let gfp = Gfp { kind: PageKind::Unmovable, flags: GfpFlags(0x2_0cc0) };
        op(&mut run, &Op::Alloc { name: NameId(100 + nr), order: 0, gfp, cpu: CPU });
        nr += 1;
    }
    let steps = run.steps(ProcessOp::Fork { name: process(1), parent: process(0), cpu: CPU });
    assert_eq!(killed(&steps), [process(0)]);
    assert_eq!(run.machine.processes().mms().count(), 0);
    for at in 0..nr {
        op(&mut run, &Op::Free { name: NameId(100 + at), cpu: CPU });
    }
    assert_eq!(run.free(), free);
}

/// Requests of the kernel itself kill as well, and several orders.
#[test]
fn a_request_of_the_kernel_kills() {
    let mut run = machine(4096, OomRules::V6_1);
    with(&mut run, 0, 10 * MIB, TaskArgs::default());
    let mut deaths = Vec::new();
    for at in 0..400 {
        let gfp = Gfp { kind: PageKind::Unmovable, flags: GfpFlags::GFP_KERNEL };
        let steps = op(&mut run, &Op::Alloc { name: NameId(100 + at), order: 3, gfp, cpu: CPU });
        deaths.extend(killed(&steps));
        if !deaths.is_empty() {
            assert!(matches!(run.machine.named(NameId(100 + at)), mm::Named::Block(_)), "it is served then");
            break;
        }
    }
    assert_eq!(deaths, [process(0)]);
}

/// Facts 04, section 7: whom a request spares.
#[test]
fn facts_04_requests_that_kill_nobody() {
    let of_zone = |zone| Gfp::of(PageKind::Unmovable, Some(zone)).flags;
    let cases: [(u8, GfpFlags, Option<Spared>); 6] = [
        (4, GfpFlags::GFP_KERNEL, None),
        (0, GfpFlags::GFP_KERNEL | GfpFlags::RETRY_MAYFAIL, None),
        (0, GfpFlags::GFP_KERNEL | GfpFlags::NORETRY, None),
        (0, GfpFlags::GFP_KERNEL | GfpFlags::THISNODE, Some(Spared::ThisNode)),
        (0, GfpFlags::GFP_NOFS, Some(Spared::NoFs)),
        (0, of_zone(ZoneKind::Dma), None),
    ];
    for (order, flags, why) in cases {
        let mut run = machine(8192, OomRules::V6_1);
        exec(&mut run, process(0), TaskArgs::default());
        let gfp = Gfp { kind: PageKind::Unmovable, flags };
        let mut last = Vec::new();
        for at in 0..9000 {
            let name = NameId(100 + at);
            last = any_quick(&mut run, &Op::Alloc { name, order, gfp, cpu: CPU });
            if run.machine.named(name) == mm::Named::Failed {
                break;
            }
        }
        assert_eq!(killed(&last), []);
        let spared = oom(&last).into_iter().find_map(|step| match step {
            OomStep::Spared { why } => Some(why),
            _ => None,
        });
        match (why, spared) {
            (None, Some(Spared::LowZone { zone: ZoneKind::Dma, above })) => assert!(above.0 > 3000),
            (why, spared) => assert_eq!(why, spared, "{flags:?}"),
        }
        assert!(run.machine.processes().mm(process(0)).is_some());
        run.machine.check().expect("every law holds");
    }
}

fn any_quick(run: &mut Run, op: &Op) -> Vec<Step> {
    let mut steps = Vec::new();
    while run.machine.run_unit(op, &mut steps) == UnitEnd::More {}
    steps
}

#[test]
fn sysrq_kills_without_any_need() {
    let mut run = machine(4096, OomRules::V6_1);
    for (at, mib) in [1, 3, 2].into_iter().enumerate() {
        with(&mut run, at as u32, mib * MIB, TaskArgs::default());
    }
    adjust(&mut run, 2, 900);
    let steps = run.steps(ProcessOp::Oom(OomOp::Sysrq));
    assert_eq!((killed(&steps), exited(&steps)), (vec![process(2)], vec![process(2)]));
    adjust(&mut run, 0, -1000);
    adjust(&mut run, 1, -1000);
    let steps = oom(&run.steps(ProcessOp::Oom(OomOp::Sysrq)));
    assert_eq!(steps.last(), Some(&OomStep::NobodyLeft));
    let lines: Vec<_> = run.machine.processes().oom().log().collect();
    assert!(matches!(lines[..], [LogLine::Report(first), LogLine::Report(last)]
        if first.victim().is_some_and(|of| of.name == process(2)) && last.victim().is_none()));
}

/// A process that waits in the kernel is no use to a signal: the reaper takes its own pages, and what is shared stays.
#[test]
fn the_reaper_takes_from_whoever_does_not_go() {
    let mut run = machine(4096, OomRules::V6_1);
    let stuck = TaskArgs { stuck: true, ..TaskArgs::default() };
    with(&mut run, 0, 5 * MIB, stuck);
    let (name, of) = (NameId(80), process(0));
    let args = MmapArgs { shared: true, ..MmapArgs::ANONYMOUS };
    run.steps(ProcessOp::Mmap { name, process: of, bytes: MIB, args, cpu: CPU });
    let at = At::Area { name, by: None };
    run.steps(ProcessOp::Access { access: Access::Write, at, bytes: None, cpu: CPU });
    with(&mut run, 1, MIB, TaskArgs::default());
    let steps = run.steps(ProcessOp::Oom(OomOp::Sysrq));
    assert_eq!((killed(&steps), exited(&steps)), (vec![process(0)], vec![]));
    let mm = run.machine.processes().mm(process(0)).expect("it is there still");
    assert_eq!((mm.rss.anon, mm.rss.shmem, mm.oom.skip), (0, 256, true));
    assert!(oom(&steps).contains(&OomStep::Reaped {
        process: process(0),
        taken: mm::NrPages(5 * 256 + 1),
        rss: mm.rss
    }));
    // The next time it is somebody else's turn.
    let steps = run.steps(ProcessOp::Oom(OomOp::Sysrq));
    assert_eq!(killed(&steps), [process(1)]);
    // Old kernels wait for ever.
    let mut run = machine(4096, OomRules::V3_10);
    with(&mut run, 0, 5 * MIB, stuck);
    with(&mut run, 1, MIB, TaskArgs::default());
    assert_eq!(killed(&run.steps(ProcessOp::Oom(OomOp::Sysrq))), [process(0)]);
    let steps = oom(&run.steps(ProcessOp::Oom(OomOp::Sysrq)));
    assert_eq!(steps.last(), Some(&OomStep::Hangs { process: process(0) }));
}

/// The same three processes by three kernels.
#[test]
fn three_kernels_kill_three_processes() {
    let victim = |rules: OomRules| {
        let mut run = machine(8192, rules);
        // A database of root's, as large as anything.
        with(
            &mut run,
            0,
            8 * MIB,
            TaskArgs { cpu_seconds: 3600, age_seconds: 90_000, ..TaskArgs::default() },
        );
        // A program that has reserved much, and uses little.
        let user = TaskArgs { uid: 1000, ..TaskArgs::default() };
        exec(&mut run, process(1), user);
        let (name, of) = (area(1), process(1));
        run.steps(ProcessOp::Mmap {
            name,
            process: of,
            bytes: 24 * MIB,
            args: MmapArgs::ANONYMOUS,
            cpu: CPU,
        });
        write(&mut run, 1, MIB);
        // One that is almost as large as the database.
        with(&mut run, 2, 7900 * KIB, user);
        killed(&run.steps(ProcessOp::Oom(OomOp::Sysrq)))
    };
    assert_eq!(victim(OomRules::V6_1), [process(0)]);
    assert_eq!(victim(OomRules::V3_10), [process(2)], "root is spared three hundredths of all memory");
    assert_eq!(victim(OomRules::V2_6_32), [process(1)], "what is reserved counts");
}

#[test]
fn old_kernels_take_a_child() {
    for (rules, dies) in [(OomRules::V6_1, 0), (OomRules::V3_10, 2), (OomRules::V2_6_32, 1)] {
        let mut run = machine(8192, rules);
        with(&mut run, 0, 6 * MIB, TaskArgs::default());
        for child in [1, 2] {
            run.steps(ProcessOp::Fork { name: process(child), parent: process(0), cpu: CPU });
        }
        // The second one has two pages of its own more.
        run.steps(ProcessOp::Brk { process: process(2), by: 8192, cpu: CPU });
        let at = At::Heap(process(2));
        run.steps(ProcessOp::Access { access: Access::Write, at, bytes: None, cpu: CPU });
        adjust(&mut run, 0, 100);
        assert_eq!(killed(&run.steps(ProcessOp::Oom(OomOp::Sysrq))), [process(dies)], "{rules:?}");
    }
}

/// Facts 13, section 1: of several that are as bad the last one goes; older kernels took the first.
#[test]
fn facts_13_of_equals_the_last_one_goes() {
    for (rules, dies) in [(OomRules::V6_1, 2), (OomRules::V3_10, 0), (OomRules::V2_6_32, 0)] {
        let mut run = machine(4096, rules);
        // The names are not in the order of the processes.
        for at in [0, 1, 2] {
            with(&mut run, at, MIB, TaskArgs::default());
        }
        assert_eq!(killed(&run.steps(ProcessOp::Oom(OomOp::Sysrq))), [process(dies)], "{rules:?}");
    }
    let mut run = machine(4096, OomRules::V6_1);
    for at in [2, 0, 1] {
        with(&mut run, at, MIB, TaskArgs::default());
    }
    assert_eq!(killed(&run.steps(ProcessOp::Oom(OomOp::Sysrq))), [process(1)], "not the highest number");
}

#[test]
fn facts_13_who_may_lower_the_adjustment() {
    let mut run = machine(4096, OomRules::V6_1);
    exec(&mut run, process(0), TaskArgs { uid: 1000, ..TaskArgs::default() });
    let of = |run: &Run| run.machine.processes().mm(process(0)).expect("it lives").oom;
    let write = |run: &mut Run, value: i16, root: bool| {
        let op = OomOp::ScoreAdj { process: process(0), value, root };
        matches!(oom(&run.steps(ProcessOp::Oom(op)))[..], [OomStep::Adjusted { .. }])
    };
    assert!(write(&mut run, 500, false));
    assert!(write(&mut run, 0, false), "back to where it was");
    assert!(!write(&mut run, -1, false), "below that only root");
    assert!(write(&mut run, 300, true));
    assert!(!write(&mut run, 0, false), "root has said 300");
    assert!(write(&mut run, 400, false) && write(&mut run, 300, false));
    let legacy = |run: &mut Run, value: i8, root: bool| {
        let op = OomOp::Adj { process: process(0), value, root };
        matches!(oom(&run.steps(ProcessOp::Oom(op)))[..], [OomStep::Adjusted { .. }])
    };
    assert!(legacy(&mut run, 10, false));
    assert_eq!((of(&run).oom_score_adj, of(&run).oom_adj), (588, 10));
    assert!(!legacy(&mut run, 9, false), "the old file knows no floor: it may only be raised");
    assert!(legacy(&mut run, -17, true));
    assert_eq!(of(&run).oom_score_adj, -1000);
}

#[test]
fn files_of_proc_sys_vm() {
    let mut run = machine(4096, OomRules::V6_1);
    with(&mut run, 0, 4 * MIB, TaskArgs::default());
    op(&mut run, &Op::Sysctl(Sysctl::OomKillAllocatingTask(1)));
    exec(&mut run, process(1), TaskArgs::default());
    let (name, of) = (area(1), process(1));
    run.steps(ProcessOp::Mmap { name, process: of, bytes: 12 * MIB, args: MmapArgs::ANONYMOUS, cpu: CPU });
    let steps = write(&mut run, 1, 12 * MIB);
    assert_eq!(killed(&steps), [process(1)]);
    assert!(
        !oom(&steps).iter().any(|step| matches!(step, OomStep::Scored { .. })),
        "nobody else is looked at"
    );
    op(&mut run, &Op::Sysctl(Sysctl::PanicOnOom(1)));
    exec(&mut run, process(1), TaskArgs::default());
    let name = area(3);
    run.steps(ProcessOp::Mmap { name, process: of, bytes: 12 * MIB, args: MmapArgs::ANONYMOUS, cpu: CPU });
    let steps = write(&mut run, 3, 12 * MIB);
    assert_eq!(oom(&steps).last(), Some(&OomStep::Panic { compulsory: false }));
    assert_eq!(run.machine.processes().mms().count(), 2, "nobody is killed");
}

/// The report's figures follow from each other.
fn check_report(machine: &Machine) {
    for line in machine.processes().oom().log() {
        let LogLine::Report(report) = line else { continue };
        for zone in &report.zones {
            assert_eq!(zone.on_lists(), zone.free, "{:?}", zone.kind);
            assert!(zone.free + zone.free_pcp[0] + zone.anon + zone.file <= zone.managed);
        }
        if let Some(victim) = report.victim() {
            assert!(report.tasks.contains(victim));
        }
    }
}

/// The worst by counting once more: another way than the killer's.
fn worst(machine: &Machine, rules: OomRules) -> Option<NameId> {
    let procs = machine.processes();
    let managed: u64 = machine.zones().iter().map(|zone| zone.managed.0).sum();
    let mut best: Option<(i64, NameId)> = None;
    for mm in procs.in_list_order() {
        let adj = i64::from(mm.oom.oom_score_adj);
        // What the reaper has taken everything from is no choice any more.
        if adj == -1000 || mm.oom.skip {
            continue;
        }
        let present = procs.tables().pages(mm.pgd, mm::Vaddr(0), mm.top);
        let zero = procs.zero_page;
        let rss = present.filter(|(_, pte)| pte.pfn() != zero).count() as i64;
        let points = match rules {
            OomRules::V6_1 => rss + mm.pgtables.0 as i64 + adj * (managed as i64 / 1000),
            _ => unreachable!("only the newest rules are counted again"),
        };
        if best.is_none_or(|(most, _)| points >= most) {
            best = Some((points, mm.name));
        }
    }
    best.map(|(_, name)| name)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whoever is killed is the worst by another count; all of it comes back; the slow path ends; nobody looking on leads
    /// to the same machine.
    #[test]
    fn the_victim_is_the_worst_and_all_comes_back(
        sizes in prop::collection::vec((0u64..1200, -1000i16..=1000), 1..6),
        writer in 0u32..6,
        stuck in any::<bool>(),
    ) {
        let mut run = machine(4096, OomRules::V6_1);
        run.is_quick = true;
        let free = run.free();
        for (at, (pages, adj)) in sizes.iter().enumerate() {
            let at = at as u32;
            let task = TaskArgs { stuck: stuck && at == 0, ..TaskArgs::default() };
            with(&mut run, at, (pages + 1) * 4 * KIB, task);
            if run.machine.processes().mm(process(at)).is_some() {
                adjust(&mut run, at, *adj);
            }
        }
        let writer = process(writer % sizes.len() as u32);
        let expected = worst(&run.machine, OomRules::V6_1);
        let before = run.machine.clone();
        let steps = run.steps(ProcessOp::Oom(OomOp::Sysrq));
        prop_assert_eq!(killed(&steps).first().copied(), expected);
        check_report(&run.machine);
        run.machine.check().map_err(TestCaseError::fail)?;
        prop_assert_eq!(run.machine.state_hash(), run.unseen.state_hash());
        // The same of the machine before leads to the same: there is nothing else that it depends on.
        let mut again = before;
        let sysrq = Op::Process(ProcessOp::Oom(OomOp::Sysrq));
        while again.run_unit(&sysrq, &mut ()) == UnitEnd::More {}
        prop_assert_eq!(again.state_hash(), run.machine.state_hash());
        // More than there is, until the writer or all others are gone.
        if run.machine.processes().mm(writer).is_some() {
            let name = NameId(70);
            run.steps(ProcessOp::Mmap { name, process: writer, bytes: 15 * MIB, args: MmapArgs::ANONYMOUS, cpu: CPU });
            let at = At::Area { name, by: None };
            run.steps(ProcessOp::Access { access: Access::Write, at, bytes: None, cpu: CPU });
            run.machine.check().map_err(TestCaseError::fail)?;
            prop_assert_eq!(run.machine.state_hash(), run.unseen.state_hash());
            check_report(&run.machine);
        }
        let left: Vec<NameId> = run.machine.processes().mms().map(|mm| mm.name).collect();
        for name in left {
            run.exit(name);
        }
        prop_assert_eq!(run.free(), free);
        prop_assert_eq!(run.machine.processes().committed, 0);
    }
}

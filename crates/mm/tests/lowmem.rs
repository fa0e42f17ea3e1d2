//! Android's driver on whole machines: who goes before memory has run out, in which order, and that all of it comes back.

#[path = "common/process.rs"]
mod common;

use common::{KIB, MIB, Run};
use mm::oom_kill::{Behalf, LogLine, LowMemory, LowVerdict, Lowmem, OomOp, TaskArgs};
use mm::op::{FileOp, NameId};
use mm::process::{Access, At, ByteRange, MmapArgs, ProcessOp, Rlimits};
use mm::reclaim::{Medium, ReclaimConfig, SwapSpec};
use mm::step::{OomStep, ProcessStep};
use mm::{Config, CpuId, NrPages, Op, Step, StepKind};
use proptest::prelude::{ProptestConfig, TestCaseError, any, prop, prop_assert, prop_assert_eq, proptest};

const CPU: CpuId = CpuId(0);

/// The processes, and for each an area.
fn process(at: u32) -> NameId {
    NameId(at)
}

fn area(at: u32) -> NameId {
    NameId(50 + at)
}

/// 8 MiB, and levels that suit them.
fn machine(levels: &[(i16, u64)], swap: bool) -> Run {
    let mut of = Lowmem { levels: [(0, NrPages(0)); 6] };
    for (slot, (adj, pages)) in of.levels.iter_mut().zip(levels) {
        *slot = (*adj, NrPages(*pages));
    }
    let zram = SwapSpec { pages: NrPages(512), priority: None, medium: Medium::Zram };
    let reclaim =
        ReclaimConfig { swap: if swap { vec![zram] } else { Vec::new() }, ..ReclaimConfig::default() };
    let config = Config::single_zone(2048);
    Run::of_config(&Config {
        pcp: true,
        watermarks: true,
        reclaim: Some(reclaim),
        lowmem: Some(of),
        ..config
    })
}

/// An app with such an adjustment that has touched so much.
fn app(run: &mut Run, at: u32, adj: i16, bytes: u64, task: TaskArgs) {
    run.steps(ProcessOp::Exec { name: process(at), limits: Rlimits::default(), task, cpu: CPU });
    run.steps(ProcessOp::Oom(OomOp::ScoreAdj { process: process(at), value: adj, root: true }));
    let (name, of) = (area(at), process(at));
    run.steps(ProcessOp::Mmap { name, process: of, bytes: 7 * MIB, args: MmapArgs::ANONYMOUS, cpu: CPU });
    write(run, at, 0, bytes);
}

fn write(run: &mut Run, at: u32, from: u64, to: u64) -> Vec<Step> {
    let bytes = Some(ByteRange { from, to });
    let at = At::Area { name: area(at), by: None };
    run.steps(ProcessOp::Access { access: Access::Write, at, bytes, cpu: CPU })
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
        OomStep::LowKill { process, .. } => Some(process),
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

fn lives(run: &Run, at: u32) -> bool {
    run.machine.processes().mm(process(at)).is_some()
}

const LEVELS: [(i16, u64); 3] = [(0, 128), (200, 256), (900, 768)];

/// The cached ones go, the highest adjustment first, and nobody else; the OOM killer is never called.
#[test]
fn cached_apps_go_first_and_memory_never_runs_out() {
    let mut run = machine(&LEVELS, false);
    let free = run.free();
    app(&mut run, 0, 0, 256 * KIB, TaskArgs::default());
    app(&mut run, 1, 500, MIB, TaskArgs::default());
    app(&mut run, 2, 900, MIB, TaskArgs::default());
    app(&mut run, 3, 906, 1536 * KIB, TaskArgs::default());
    let steps = write(&mut run, 0, 256 * KIB, 4608 * KIB);
    assert_eq!(killed(&steps), [process(3), process(2)]);
    assert_eq!(exited(&steps), [process(3), process(2)]);
    assert!(lives(&run, 0) && lives(&run, 1));
    assert!(!oom(&steps).iter().any(|step| matches!(step, OomStep::Invoked { .. })));
    assert_eq!(run.machine.processes().oom().kills, 0, "the counter is the OOM killer's");
    // By kswapd, of which the writer knows nothing.
    let log: Vec<_> = run.machine.processes().oom().log().cloned().collect();
    let LogLine::LowKill(kill) = &log[0] else { panic!("{log:?}") };
    assert_eq!((kill.process, kill.min_adj, kill.minfree), (process(3), 900, NrPages(768)));
    assert_eq!(kill.behalf, Behalf::Kswapd(0));
    for at in 0..2 {
        run.exit(process(at));
    }
    assert_eq!(run.free(), free, "all pages come back");
}

/// Of all that are looked at each has its verdict, and the level is the first that is reached.
#[test]
fn every_process_is_looked_at() {
    let mut run = machine(&LEVELS, false);
    app(&mut run, 0, -900, 256 * KIB, TaskArgs::default());
    app(&mut run, 1, 950, 512 * KIB, TaskArgs::default());
    app(&mut run, 2, 950, MIB, TaskArgs::default());
    app(&mut run, 3, 900, MIB, TaskArgs::default());
    let steps = write(&mut run, 0, 256 * KIB, 5 * MIB);
    let at = oom(&steps).iter().position(|step| matches!(step, OomStep::LowKill { .. })).expect("a kill");
    let scan = &oom(&steps)[at - 5..at];
    let OomStep::LowMemory { memory, reached } = scan[0] else { panic!("{scan:?}") };
    let levels = run.machine.lowmem().expect("it is there");
    assert_eq!(reached, levels.level(memory).map(|at| levels.levels[at]));
    assert_eq!(memory.file, 0);
    let looked: Vec<_> = scan[1..]
        .iter()
        .map(|step| match *step {
            OomStep::LowScored { process, verdict, .. } => (process, verdict),
            _ => panic!("{step:?}"),
        })
        .collect();
    let (first, later, spared) = (LowVerdict::First, LowVerdict::Later, LowVerdict::Spared);
    let expected = [(0, spared), (1, first), (2, first), (3, later)];
    assert_eq!(looked, expected.map(|(at, verdict)| (process(at), verdict)));
}

/// Files that can still go keep everybody alive: both have to be below a level.
#[test]
fn a_full_page_cache_keeps_the_driver_away() {
    let mut run = machine(&[(0, 300), (900, 600)], false);
    let file = NameId(90);
    run.steps(ProcessOp::File { name: file, bytes: 3 * MIB, cached: 0, cpu: CPU });
    app(&mut run, 0, 0, 256 * KIB, TaskArgs::default());
    app(&mut run, 1, 900, MIB, TaskArgs::default());
    run.steps_of(&Op::File(FileOp::Read { file, bytes: None, block: 65536, cpu: CPU }));
    // Below the low mark now, and 768 pages are of files.
    let steps = write(&mut run, 0, 256 * KIB, 3 * MIB);
    let looked: Vec<(LowMemory, bool)> = oom(&steps)
        .into_iter()
        .filter_map(|step| match step {
            OomStep::LowMemory { memory, reached } => Some((memory, reached.is_some())),
            _ => None,
        })
        .collect();
    assert!(
        looked.iter().any(|(memory, reached)| memory.free < 600 && memory.file >= 600 && !reached),
        "{looked:?}"
    );
    assert_eq!(killed(&steps), []);
    assert!(lives(&run, 1));
}

/// Whoever is killed while it runs finds the signal at the end of its unit, and the rest is dropped.
#[test]
fn whoever_writes_may_go_itself() {
    for swap in [false, true] {
        let mut run = machine(&LEVELS, swap);
        let free = run.free();
        app(&mut run, 0, 0, MIB, TaskArgs::default());
        app(&mut run, 1, 950, MIB, TaskArgs::default());
        let steps = write(&mut run, 1, MIB, 7 * MIB);
        assert_eq!((killed(&steps), exited(&steps)), (vec![process(1)], vec![process(1)]));
        let dies = oom(&steps).iter().filter(|step| matches!(step, OomStep::Dies { .. })).count();
        assert_eq!(dies, 1);
        assert!(lives(&run, 0));
        run.exit(process(0));
        assert_eq!(run.free(), free);
    }
}

/// One that no signal reaches is waited for, for a second; then it is killed once more, for there is no reaper.
#[test]
fn the_driver_waits_a_second_for_one_that_does_not_go() {
    let mut run = machine(&[(0, 128), (200, 1500)], false);
    app(&mut run, 0, 0, 256 * KIB, TaskArgs::default());
    app(&mut run, 1, 900, MIB, TaskArgs { stuck: true, ..TaskArgs::default() });
    app(&mut run, 2, 800, 1800 * KIB, TaskArgs::default());
    let pending =
        |steps: &[Step]| oom(steps).iter().filter(|s| matches!(s, OomStep::LowPending { .. })).count();
    let first = write(&mut run, 0, 256 * KIB, 4800 * KIB);
    assert_eq!(killed(&first), [process(1)]);
    assert!(pending(&first) > 0, "nobody else goes before the second is over");
    assert!(lives(&run, 1) && lives(&run, 2), "it holds on to its pages");
    run.steps_of(&Op::File(FileOp::Wait { ms: 1001 }));
    let more = write(&mut run, 0, 4800 * KIB, 5200 * KIB);
    assert!(killed(&more).contains(&process(1)), "{:?}", oom(&more));
}

/// Nobody has such an adjustment: reclaim and the OOM killer do what they do without the driver.
#[test]
fn the_driver_finds_nobody() {
    let mut run = machine(&[(900, 1500)], false);
    app(&mut run, 0, 0, 256 * KIB, TaskArgs::default());
    app(&mut run, 1, 899, MIB, TaskArgs::default());
    let steps = write(&mut run, 0, 256 * KIB, 7 * MIB);
    assert_eq!(killed(&steps), []);
    assert!(oom(&steps).contains(&OomStep::LowNobody { min_adj: 900 }));
    assert!(oom(&steps).iter().any(|step| matches!(step, OomStep::Kill { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Whoever is killed had the highest adjustment of those that may go; all comes back; nobody looking on leads to the
    /// same machine.
    #[test]
    fn the_highest_adjustment_goes_and_all_comes_back(
        apps in prop::collection::vec((0u64..400, 0i16..=1000, any::<bool>()), 1..6),
        levels in prop::collection::vec((0i16..=1000, 1u64..1500), 1..=6),
        swap in any::<bool>(),
        asks in prop::collection::vec((0u32..6, 0u64..1200), 1..5),
    ) {
        let mut run = machine(&levels, swap);
        run.is_quick = true;
        let free = run.free();
        for (at, (pages, adj, forks)) in apps.iter().enumerate() {
            let at = at as u32;
            app(&mut run, at, *adj, (pages + 1) * 4 * KIB, TaskArgs::default());
            if *forks && lives(&run, at) {
                let name = process(20 + at);
                run.steps(ProcessOp::Fork { name, parent: process(at), cpu: CPU });
            }
        }
        for (at, pages) in asks {
            let at = at % apps.len() as u32;
            if !lives(&run, at) {
                continue;
            }
            let highest = run.machine.processes().in_list_order().map(|mm| mm.oom.oom_score_adj).max();
            let steps = write(&mut run, at, 0, (pages + 1) * 4 * KIB);
            let first = oom(&steps).into_iter().find_map(|step| match step {
                OomStep::LowKill { oom_score_adj, .. } => Some(oom_score_adj),
                OomStep::Kill { .. } => Some(i16::MIN),
                _ => None,
            });
            if let Some(adj) = first.filter(|adj| *adj != i16::MIN) {
                // Those that stand higher lie in swap as a whole: nothing would come of killing them.
                let empty = oom(&steps).into_iter().filter_map(|step| match step {
                    OomStep::LowScored { oom_score_adj, verdict: LowVerdict::Empty, .. } => Some(oom_score_adj),
                    _ => None,
                });
                let empty: Vec<i16> = empty.collect();
                prop_assert!(Some(adj) == highest || swap && highest.is_some_and(|highest| empty.contains(&highest)));
            }
            run.machine.check().map_err(TestCaseError::fail)?;
            prop_assert_eq!(run.machine.state_hash(), run.unseen.state_hash());
            prop_assert!(run.machine.processes().oom().dying().is_none(), "an op ends when its victims are gone");
        }
        let left: Vec<NameId> = run.machine.processes().mms().map(|mm| mm.name).collect();
        for name in left {
            run.exit(name);
        }
        prop_assert_eq!(run.free(), free);
    }
}

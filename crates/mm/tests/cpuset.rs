//! Which nodes processes may have memory of (kernel/cgroup/cpuset.c), and what follows when those are exhausted.

#[path = "common/process.rs"]
mod common;

use common::{KIB, M, MIB, N, P, Q, Run, area, range};
use mm::config::{Arch, Mobility, ZoneSpec};
use mm::cpuset::{Cpuset, CpusetOp};
use mm::gfp::GfpFlags;
use mm::mempolicy::{Mempolicy, Mode, NodeMask};
use mm::migrate::PinWhat;
use mm::oom_kill::{LogLine, OomOp, Report, TaskArgs};
use mm::op::{CompactOp, FileOp, Gfp, NameId, PageKind, Sysctl};
use mm::process::{Access, At, MmapArgs, ProcessOp, Rlimits};
use mm::reclaim::{Medium, ReclaimConfig, SwapSpec, VmEvent};
use mm::step::{CompactStep, CpusetStep, Leaves, OomStep, ProcessStep, ReclaimStep, Refusal, Verdict};
use mm::units::PAGE_SIZE;
use mm::{Config, CpuId, Named, NrPages, Op, PfnRange, Step, StepKind, Vaddr};
use proptest::prelude::{
    Strategy, TestCaseError, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest,
};

const RED: NameId = NameId(60);
const BLUE: NameId = NameId(61);

fn config(reclaim: Option<ReclaimConfig>) -> Config {
    let config = Config::pc(Arch::X86_64, &[6144, 2048]);
    Config { pcp: true, watermarks: true, cpus: vec![0, 1], reclaim, ..config }
}

/// Two nodes of so many frames, each with a CPU.
fn two_nodes(frames: u32) -> Config {
    let one = Config::single_zone(2 * frames);
    let zone = |node, span| ZoneSpec { node, span, ..one.zones[0] };
    let (low, high) = (PfnRange::new(0, frames), PfnRange::new(frames, 2 * frames));
    Config { zones: vec![zone(0, low), zone(1, high)], cpus: vec![0, 1], pcp: true, watermarks: true, ..one }
}

/// Two nodes of 8 MiB above the lowest 16 MiB, each with a CPU.
fn machine() -> Run {
    Run::of_config(&config(None))
}

fn mask(nodes: &[u8]) -> NodeMask {
    NodeMask::of(nodes.iter().copied())
}

fn cpuset(run: &mut Run, name: NameId, mems: &[u8], hardwall: bool) -> Vec<ProcessStep> {
    run.op(ProcessOp::Cpuset(CpusetOp::Make(Cpuset { name, mems: mask(mems), hardwall })))
}

fn mems(run: &mut Run, cpuset: NameId, nodes: &[u8]) -> Vec<ProcessStep> {
    run.op(ProcessOp::Cpuset(CpusetOp::Mems { cpuset, mems: mask(nodes) }))
}

fn exec(run: &mut Run, name: NameId, cpuset: Option<NameId>) -> Vec<Step> {
    let task = TaskArgs { cpuset, ..TaskArgs::default() };
    run.steps(ProcessOp::Exec { name, limits: Rlimits::default(), task, cpu: CpuId(0) })
}

fn mmap(run: &mut Run, name: NameId, process: NameId, bytes: u64) {
    run.op(ProcessOp::Mmap { name, process, bytes, args: MmapArgs::ANONYMOUS, cpu: CpuId(0) });
}

fn write(run: &mut Run, name: NameId, bytes: Option<(u64, u64)>) -> Vec<Step> {
    let op = ProcessOp::Access { access: Access::Write, at: area(name), bytes: range(bytes), cpu: CpuId(0) };
    run.steps(op)
}

/// What the kernel asks for in a call of a process.
fn asks(run: &mut Run, name: NameId, process: NameId, order: u8, flags: GfpFlags) -> (Option<u8>, Vec<Step>) {
    let gfp = Gfp { kind: PageKind::Unmovable, flags };
    let steps = run.steps(ProcessOp::AllocPages { name, process, order, gfp, cpu: CpuId(0) });
    let Named::Block(block) = run.machine.named(name) else { return (None, steps) };
    let zone = run.machine.zone_of(block.pfn).expect("a block lies in a zone");
    (Some(run.machine.zone(zone).node), steps)
}

/// The nodes of the pages of an area that are there.
fn nodes_of(run: &Run, name: NameId) -> Vec<u8> {
    let procs = run.machine.processes();
    let Named::Mapping { process, start, pages } = run.machine.named(name) else { return Vec::new() };
    let end = Vaddr(start.0 + u64::from(pages) * PAGE_SIZE);
    let Some(mm) = procs.mm(process) else { return Vec::new() };
    let node = |pfn| run.machine.zone_of(pfn).map(|zone| run.machine.zone(zone).node).expect("a zone");
    let pages = procs.tables().pages(mm.pgd, start, end);
    pages.filter(|(_, pte)| pte.pfn() != procs.zero_page).map(|(_, pte)| node(pte.pfn())).collect()
}

fn of_oom(steps: &[Step]) -> Vec<OomStep> {
    let step = |step: &Step| if let StepKind::Oom(step) = step.kind { Some(step) } else { None };
    steps.iter().filter_map(step).collect()
}

fn killed(steps: &[Step]) -> Vec<NameId> {
    let kill = |step: OomStep| if let OomStep::Kill { process, .. } = step { Some(process) } else { None };
    of_oom(steps).into_iter().filter_map(kill).collect()
}

fn leaves(steps: &[Step]) -> Vec<Leaves> {
    let step = |step: &Step| match step.kind {
        StepKind::Process { step: ProcessStep::Cpuset(CpusetStep::Leaves { why, .. }), .. } => Some(why),
        _ => None,
    };
    steps.iter().filter_map(step).collect()
}

fn report(run: &Run) -> Report {
    let mut reports = run.machine.processes().oom().log().filter_map(|line| match line {
        LogLine::Report(report) => Some((**report).clone()),
        _ => None,
    });
    reports.next_back().expect("somebody was killed")
}

/// Takes what a node has, down to below its min mark, by requests in the name of nobody.
fn fill(run: &mut Run, node: u8, from: u32) {
    let free = |run: &Run| {
        let zones = run.machine.zones().iter().filter(|zone| zone.node == node);
        zones.map(|zone| zone.nr_free_pages.0 + zone.pcp_pages().0).sum::<u64>()
    };
    let min: u64 =
        run.machine.zones().iter().filter(|z| z.node == node).map(|z| u64::from(z.watermark[0])).sum();
    let flags = GfpFlags::GFP_KERNEL | GfpFlags::THISNODE | GfpFlags::MEMALLOC;
    for name in from.. {
        if free(run) <= min / 2 {
            break;
        }
        let gfp = Gfp { kind: PageKind::Unmovable, flags };
        run.steps_of(&Op::Alloc { name: NameId(name), order: 0, gfp, cpu: CpuId(node) });
        assert!(matches!(run.machine.named(NameId(name)), Named::Block(_)), "{name}");
    }
}

#[test]
fn pages_of_programs_stay_inside() {
    let mut run = machine();
    assert_eq!(
        cpuset(&mut run, RED, &[1], false),
        [ProcessStep::Cpuset(CpusetStep::Made { mems: mask(&[1]), hardwall: false })]
    );
    exec(&mut run, P, Some(RED));
    mmap(&mut run, M, P, 2 * MIB);
    write(&mut run, M, None);
    assert_eq!(nodes_of(&run, M), [1; 512], "though CPU 0 is on node 0");
    // All its tables, too, as long as there is enough: the fast path never leaves.
    let pgd = run.machine.processes().mm(P).expect("it runs").pgd;
    let zone = run.machine.zone_of(pgd).expect("a zone");
    assert_eq!(run.machine.zone(zone).node, 1);
    // A child is in the cpuset of its parent; others are in the root.
    run.fork();
    run.op(ProcessOp::Access {
        access: Access::Write,
        at: At::Area { name: M, by: Some(Q) },
        bytes: None,
        cpu: CpuId(0),
    });
    let procs = run.machine.processes();
    let of = |name| run.machine.mems_allowed(procs.mm(name).expect("it runs"));
    assert_eq!((of(P), of(Q)), (mask(&[1]), mask(&[1])));
    exec(&mut run, NameId(7), None);
    let procs = run.machine.processes();
    assert_eq!(run.machine.mems_allowed(procs.mm(NameId(7)).expect("it runs")), mask(&[0, 1]));
    mmap(&mut run, N, NameId(7), 64 * KIB);
    write(&mut run, N, None);
    assert_eq!(nodes_of(&run, N), [0; 16]);
}

/// `__cpuset_node_allowed()`, line by line: which requests leave, when there is nothing inside.
#[test]
fn who_may_leave() {
    let story = |hardwall: bool| {
        let mut run = machine();
        run.is_quick = true;
        cpuset(&mut run, RED, &[1], hardwall);
        exec(&mut run, P, Some(RED));
        // Nobody to be killed: what finds nothing fails.
        run.op(ProcessOp::Oom(OomOp::ScoreAdj { process: P, value: -1000, root: true }));
        fill(&mut run, 1, 1000);
        let mut name = 100;
        let mut of = |flags: GfpFlags| {
            name += 1;
            let (node, steps) = asks(&mut run, NameId(name), P, 0, flags);
            (node, leaves(&steps))
        };
        let norestart = GfpFlags::NORETRY;
        [
            of(GfpFlags::GFP_USER | norestart),
            of(GfpFlags::GFP_HIGHUSER_MOVABLE | norestart),
            of(GfpFlags::GFP_KERNEL | norestart),
            of(GfpFlags::GFP_ATOMIC),
            of(GfpFlags::GFP_ATOMIC | GfpFlags::HARDWALL),
            of(GfpFlags::GFP_NOWAIT),
            of(GfpFlags::GFP_USER | GfpFlags::NOFAIL),
        ]
    };
    let free = || (Some(0), vec![Leaves::Kernel]);
    let urgent = || (Some(0), vec![Leaves::Urgent]);
    let stays = || (None, Vec::new());
    // (What must not fail may have the last pages, those inside first.)
    let fallback = || (Some(1), Vec::new());
    assert_eq!(story(false), [stays(), stays(), free(), urgent(), urgent(), free(), fallback()]);
    assert_eq!(story(true), [stays(), stays(), stays(), urgent(), urgent(), stays(), fallback()]);
}

/// What must not fail gets the last page of the cpuset, and then memory elsewhere (`__alloc_pages_cpuset_fallback()`).
#[test]
fn what_must_not_fail_leaves_last() {
    let mut run = machine();
    run.is_quick = true;
    cpuset(&mut run, RED, &[1], true);
    exec(&mut run, P, Some(RED));
    run.op(ProcessOp::Oom(OomOp::ScoreAdj { process: P, value: -1000, root: true }));
    fill(&mut run, 1, 1000);
    let flags = GfpFlags::GFP_USER | GfpFlags::NOFAIL;
    let nodes: Vec<Option<u8>> = (0..200).map(|at| asks(&mut run, NameId(100 + at), P, 0, flags).0).collect();
    let elsewhere = nodes.iter().position(|node| *node == Some(0)).expect("the cpuset is exhausted");
    assert!(elsewhere > 5 && nodes[..elsewhere].iter().all(|node| *node == Some(1)), "{nodes:?}");
    assert!(nodes[elsewhere..].iter().all(|node| *node == Some(0)), "{nodes:?}");
    let left: u64 = run.machine.zones().iter().filter(|zone| zone.node == 1).map(|z| z.nr_free_pages.0).sum();
    assert_eq!(left, 0);
}

/// Below the low mark, above the min mark: whatever it is for, a request is served inside, or not, by the slow path's
/// own order, which begins with the node of the CPU.
#[test]
fn the_slow_path_begins_near_the_cpu_again() {
    let mut run = machine();
    run.is_quick = true;
    cpuset(&mut run, RED, &[1], false);
    exec(&mut run, P, Some(RED));
    fill(&mut run, 1, 1000);
    let (node, steps) = asks(&mut run, NameId(99), P, 0, GfpFlags::GFP_KERNEL);
    assert_eq!(node, Some(0));
    let tried: Vec<u8> = steps
        .iter()
        .filter_map(|step| match step.kind {
            StepKind::TryZone { zone, .. } => Some(run.machine.zone(zone).node),
            _ => None,
        })
        .collect();
    assert_eq!((tried.first(), tried.last()), (Some(&1), Some(&0)));
    // The preferred node is that of the CPU then: nothing is missed.
    let numa = |run: &Run| run.machine.zones().iter().map(|zone| zone.numa.miss).sum::<u64>();
    let before = numa(&run);
    asks(&mut run, NameId(98), P, 0, GfpFlags::GFP_KERNEL);
    assert_eq!(numa(&run), before);
}

#[test]
fn policies_and_cpusets_intersect() {
    let policy = |mode, nodes: &[u8]| Some(Mempolicy { mode, nodes: mask(nodes) });
    let set = |run: &mut Run, policy| run.op(ProcessOp::SetMempolicy { process: P, policy });
    let config = Config::pc(Arch::X86_64, &[6144, 2048, 2048]);
    let mut run = Run::of_config(&Config { pcp: true, watermarks: true, cpus: vec![0, 1, 2], ..config });
    cpuset(&mut run, RED, &[1, 2], false);
    exec(&mut run, P, Some(RED));
    // What is outside does not count; nothing left: EINVAL.
    assert_eq!(
        set(&mut run, policy(Mode::Bind, &[0, 2])),
        [ProcessStep::PolicySet { policy: policy(Mode::Bind, &[2]), area: None }]
    );
    assert_eq!(set(&mut run, policy(Mode::Bind, &[0])), [ProcessStep::Refused { why: Refusal::NoNodes }]);
    set(&mut run, policy(Mode::Interleave, &[0, 1, 2]));
    mmap(&mut run, M, P, 64 * KIB);
    write(&mut run, M, None);
    let nodes = nodes_of(&run, M);
    assert!(nodes.contains(&1) && nodes.contains(&2) && !nodes.contains(&0), "{nodes:?}");
    // Another cpuset: policies follow by rank, pages stay.
    mmap(&mut run, N, P, 64 * KIB);
    run.op(ProcessOp::Mbind { at: area(N), bytes: None, policy: policy(Mode::Bind, &[2]) });
    assert_eq!(
        mems(&mut run, RED, &[0, 1]),
        [ProcessStep::Cpuset(CpusetStep::Mems { old: mask(&[1, 2]), mems: mask(&[0, 1]), members: 1 })]
    );
    let mm = run.machine.processes().mm(P).expect("it runs");
    assert_eq!(mm.mempolicy, policy(Mode::Interleave, &[0, 1]));
    assert_eq!(nodes_of(&run, M), nodes);
    write(&mut run, N, None);
    assert_eq!(nodes_of(&run, N), [1; 16], "the second of its nodes, as before");
}

#[test]
fn what_a_cpuset_cannot_have() {
    let config = Config::pc(Arch::X86_64, &[8192, 4096]);
    let mut run = Run::of_config(&Config { pcp: true, watermarks: true, cpus: vec![0, 1, 2], ..config });
    let refused = |nodes: &[u8]| vec![ProcessStep::Cpuset(CpusetStep::NoMemory { mems: mask(nodes) })];
    assert_eq!(cpuset(&mut run, RED, &[1, 2], false), refused(&[1, 2]), "node 2 has a CPU alone");
    // Nobody is put into what is not there.
    let steps = exec(&mut run, P, Some(RED));
    assert!(matches!(steps[..], [Step { kind: StepKind::Skipped { .. }, .. }]), "{steps:?}");
    assert!(run.machine.processes().mm(P).is_none());
    cpuset(&mut run, BLUE, &[1], false);
    assert_eq!(mems(&mut run, BLUE, &[2]), refused(&[2]));
    assert_eq!(run.machine.processes().cpuset(BLUE).map(|of| of.mems), Some(mask(&[1])));
}

/// The cpuset is full, and the other node is not: the worst of those who share a node with it goes, measured against its
/// nodes alone, and whoever is elsewhere is left alone however large.
#[test]
fn facts_13_a_cpuset_is_exhausted() {
    let mut run = machine();
    cpuset(&mut run, RED, &[1], false);
    cpuset(&mut run, BLUE, &[0], false);
    let (large, small, of_large, of_small) = (NameId(30), NameId(31), NameId(40), NameId(41));
    exec(&mut run, large, Some(BLUE));
    mmap(&mut run, of_large, large, 10 * MIB);
    write(&mut run, of_large, None);
    exec(&mut run, small, Some(RED));
    mmap(&mut run, of_small, small, 2 * MIB);
    write(&mut run, of_small, None);
    exec(&mut run, P, Some(RED));
    mmap(&mut run, M, P, 8 * MIB);
    let steps = write(&mut run, M, None);
    let oom = of_oom(&steps);
    let OomStep::Invoked { nodes, cpuset, total, memcg: None, .. } = oom[0] else { panic!("{oom:?}") };
    assert_eq!((nodes, cpuset, total), (Some(mask(&[1])), Some(RED), NrPages(2048)));
    let elsewhere = |step: &OomStep| matches!(step, OomStep::Scored { process, verdict: Verdict::Elsewhere, .. } if *process == large);
    assert!(oom.iter().any(elsewhere), "{oom:?}");
    assert_eq!(killed(&steps), [P]);
    let report = report(&run);
    assert_eq!((report.cpuset, report.mems, report.cpuset_limits), (Some(RED), mask(&[1]), true));
    assert_eq!(report.nodes, None, "no policy is to blame");
    assert_eq!(report.tasks.iter().map(|task| task.name).collect::<Vec<_>>(), [small, P]);
    let free: u64 = run.machine.zones().iter().filter(|zone| zone.node == 0).map(|z| z.nr_free_pages.0).sum();
    assert!(free > 2000, "there was enough elsewhere: {free}");
}

/// What is for the kernel itself is short only when the whole machine is: then the constraint is no cpuset's, and yet
/// nobody of another cpuset is asked to go.
#[test]
fn facts_13_the_kernels_own_request_is_not_limited_by_a_cpuset() {
    let mut run = machine();
    run.is_quick = true;
    cpuset(&mut run, RED, &[1], false);
    cpuset(&mut run, BLUE, &[0], false);
    let (other, of_other) = (NameId(30), NameId(40));
    exec(&mut run, other, Some(BLUE));
    mmap(&mut run, of_other, other, 4 * MIB);
    write(&mut run, of_other, None);
    exec(&mut run, P, Some(RED));
    mmap(&mut run, M, P, MIB);
    write(&mut run, M, None);
    fill(&mut run, 0, 1000);
    fill(&mut run, 1, 20_000);
    let (node, steps) = asks(&mut run, NameId(99), P, 0, GfpFlags::GFP_KERNEL);
    let oom = of_oom(&steps);
    let OomStep::Invoked { nodes: None, cpuset: None, .. } = oom[0] else { panic!("{oom:?}") };
    assert_eq!(killed(&steps), [P], "the other one is larger, and shares no node: {oom:?}");
    assert!(node.is_some(), "and being killed itself it may have what is left anywhere");
    assert!(!report(&run).cpuset_limits);
}

/// A panic for what only a cpuset is short of has to be wanted.
#[test]
fn facts_13_panic_on_oom_and_cpusets() {
    for (value, panics) in [(1, false), (2, true)] {
        let mut run = machine();
        run.is_quick = true;
        run.steps_of(&Op::Sysctl(Sysctl::PanicOnOom(value)));
        cpuset(&mut run, RED, &[1], false);
        exec(&mut run, P, Some(RED));
        mmap(&mut run, M, P, 9 * MIB);
        let steps = write(&mut run, M, None);
        let panicked = of_oom(&steps).iter().any(|step| matches!(step, OomStep::Panic { .. }));
        assert_eq!(panicked, panics);
    }
}

/// After a kill everything is tried again from the beginning: reclaim, too, and it counts anew.
#[test]
fn facts_04_after_a_kill_the_slow_path_begins_anew() {
    // Swap for a little: when it is full, somebody has to go.
    let swap = vec![SwapSpec { pages: NrPages(64), priority: None, medium: Medium::Zram }];
    let reclaim = Some(ReclaimConfig { swap, ..ReclaimConfig::default() });
    let mut run =
        Run::of_config(&Config { reclaim, pcp: true, watermarks: true, ..Config::single_zone(1024) });
    exec(&mut run, P, None);
    mmap(&mut run, M, P, 3 * MIB);
    write(&mut run, M, None);
    exec(&mut run, Q, None);
    mmap(&mut run, N, Q, 2 * MIB);
    let steps = write(&mut run, N, None);
    assert_eq!(killed(&steps), [P]);
    let at = |wanted: &dyn Fn(&StepKind) -> bool| steps.iter().position(|step| wanted(&step.kind));
    let kill = at(&|kind| matches!(kind, StepKind::Oom(OomStep::Kill { .. }))).expect("a kill");
    let gave_up = steps[..kill].iter().rev().find_map(|step| match step.kind {
        StepKind::Reclaim { step: ReclaimStep::Retry { zone, no_progress, .. } } => Some((zone, no_progress)),
        _ => None,
    });
    assert!(matches!(gave_up, Some((None, 1..))), "another round made no sense: {gave_up:?}");
    let mm = run.machine.processes().mm(Q).expect("it runs");
    assert_eq!(mm.rss.anon + mm.swapents, 513, "and then all of it came, beside its stack");
    assert!(run.machine.reclaim().expect("it reclaims").event(VmEvent::AllocStall) > 0);
}

/// Whoever is short inside reclaims inside (`shrink_zones()`), and wakes no daemon elsewhere (`wakeup_kswapd()`); and as
/// another look makes sense to 6.1 as long as any node has enough, it takes all 16 rounds before somebody goes.
#[test]
fn reclaim_stays_inside() {
    const FILE: NameId = NameId(20);
    let mut run = Run::of_config(&config(Some(ReclaimConfig::default())));
    run.is_quick = true;
    run.op(ProcessOp::File { name: FILE, bytes: 4 * MIB, cached: 4 * MIB, cpu: CpuId(0) });
    let cached =
        |run: &Run| run.machine.processes().files().map(|(_, file)| file.cache().count()).sum::<usize>();
    assert_eq!(cached(&run), 1024);
    cpuset(&mut run, RED, &[1], false);
    exec(&mut run, P, Some(RED));
    mmap(&mut run, M, P, 9 * MIB);
    let steps = write(&mut run, M, None);
    assert_eq!(killed(&steps), [P]);
    assert_eq!(cached(&run), 1024, "what is on node 0 is no help");
    let node = |node: usize| &run.machine.reclaim().expect("it reclaims").nodes()[node].kswapd;
    let woken = |node: u8| {
        let zone = |step: &Step| match step.kind {
            StepKind::WakeKswapd { zone, .. } => Some(zone),
            _ => None,
        };
        steps.iter().filter_map(zone).any(|zone| run.machine.zone(zone).node == node)
    };
    assert!(woken(1) && !woken(0) && !node(0).is_awake());
    let kill = steps.iter().position(|step| matches!(step.kind, StepKind::Oom(OomStep::Kill { .. })));
    let rounds = steps[..kill.expect("a kill")].iter().rev().map_while(|step| match step.kind {
        StepKind::Process { step: ProcessStep::Fault { .. }, .. } => None,
        StepKind::Reclaim { step: ReclaimStep::Retry { no_progress, zone, .. } } => {
            Some(Some((no_progress, zone)))
        }
        _ => Some(None),
    });
    let rounds: Vec<_> = rounds.flatten().collect();
    assert_eq!(rounds.first(), Some(&(17, None)), "{rounds:?}");
    assert_eq!(rounds.len(), 17);
    let elsewhere = |zone: Option<mm::mmzone::ZoneId>| zone.is_some_and(|id| run.machine.zone(id).node == 0);
    assert!(rounds[1..].iter().all(|(_, zone)| elsewhere(*zone)), "{rounds:?}");
}

/// What comes back in pieces is no help to a request for eight pages in a row: reclaim and compaction run again after the
/// kill, and count anew, until nobody is left.
#[test]
fn facts_04_reclaim_and_compaction_run_again_after_a_kill() {
    let swap = vec![SwapSpec { pages: NrPages(16), priority: None, medium: Medium::Zram }];
    let reclaim = Some(ReclaimConfig { swap, ..ReclaimConfig::default() });
    let compaction = Some(Default::default());
    let base = Config { mobility: Mobility::Off, ..Config::single_zone(1024) };
    let mut run = Run::of_config(&Config { reclaim, compaction, pcp: true, watermarks: true, ..base });
    run.is_quick = true;
    exec(&mut run, P, None);
    mmap(&mut run, M, P, 2 * MIB);
    exec(&mut run, Q, None);
    run.op(ProcessOp::Oom(OomOp::ScoreAdj { process: Q, value: -1000, root: true }));
    // Three of four pages are the kernel's, and stay.
    let free = |run: &Run| run.machine.zones()[0].nr_free_pages.0;
    let mut name = 1000;
    for page in 0..512u64 {
        if free(&run) < 140 {
            break;
        }
        write(&mut run, M, Some((page * 4096, page * 4096 + 1)));
        for _ in 0..3 {
            asks(&mut run, NameId(name), Q, 0, GfpFlags::GFP_KERNEL);
            name += 1;
        }
    }
    // Nothing comes together before the kill.
    run.steps_of(&Op::Compact(CompactOp::Pin { what: PinWhat::Name(M), on: true }));
    let all = GfpFlags::GFP_KERNEL | GfpFlags::MEMALLOC | GfpFlags::NORETRY;
    let gfp = Gfp { kind: PageKind::Unmovable, flags: all };
    let taken = (4000..4100).map(NameId).take_while(|name| {
        run.steps_of(&Op::Alloc { name: *name, order: 3, gfp, cpu: CpuId(0) });
        matches!(run.machine.named(*name), Named::Block(_))
    });
    assert!(taken.count() < 100);
    let (node, steps) = asks(&mut run, NameId(5000), Q, 3, GfpFlags::GFP_KERNEL);
    assert_eq!(node, None, "eight in a row there are not, whoever goes");
    assert_eq!(killed(&steps), [P]);
    assert!(run.machine.processes().mm(P).is_none(), "the request has waited for all of it");
    let at = |wanted: &dyn Fn(&StepKind) -> bool| {
        let places = steps.iter().enumerate().filter(|(_, step)| wanted(&step.kind));
        places.map(|(at, _)| at).collect::<Vec<_>>()
    };
    let kill = at(&|kind| matches!(kind, StepKind::Oom(OomStep::Kill { .. })))[0];
    let asked = at(&|kind| matches!(kind, StepKind::Oom(OomStep::Waits { .. } | OomStep::NobodyLeft)));
    let compacts = at(&|kind| matches!(kind, StepKind::Compact(CompactStep::Direct { .. })));
    let reclaims = at(&|kind| {
        let order = match kind {
            StepKind::Reclaim { step: ReclaimStep::DirectReclaim { order } } => order.get(),
            _ => return false,
        };
        order == 3
    });
    assert!(asked.len() > 1, "it gives back a part in each turn, and then nobody is left: {asked:?}");
    // Between the kill and each time that the killer is asked again both are tried, and the rounds count from one.
    for (from, to) in std::iter::once(&kill).chain(&asked).zip(&asked) {
        let between = |places: &[usize]| places.iter().any(|at| (from..to).contains(&at));
        assert!(between(&reclaims) && between(&compacts), "{from} to {to}");
        let rounds: Vec<u8> = steps[*from..*to]
            .iter()
            .filter_map(|step| match step.kind {
                StepKind::Reclaim { step: ReclaimStep::Retry { no_progress, .. } } => Some(no_progress),
                _ => None,
            })
            .collect();
        assert!(matches!(rounds[..], [0 | 1, ..]), "{rounds:?}");
        assert!(rounds.iter().all(|round| *round <= 17), "{rounds:?}");
    }
    run.machine.check().expect("every law holds");
}

/// The pages of an area that are there, each with the node that it is on, by the process that may have it.
fn placed(run: &Run) -> Vec<(NameId, u8)> {
    let procs = run.machine.processes();
    let mut all = Vec::new();
    for mm in procs.mms() {
        for vma in mm.vmas().iter().filter(|vma| !vma.shared) {
            let pages = procs.tables().pages(mm.pgd, vma.start, vma.end);
            for (_, pte) in pages.filter(|(_, pte)| pte.pfn() != procs.zero_page) {
                let zone = run.machine.zone_of(pte.pfn()).expect("a zone");
                all.push((mm.name, run.machine.zone(zone).node));
            }
        }
    }
    all
}

/// Processes of the random test, their areas, and what the kernel has for them.
const TASKS: [NameId; 3] = [P, Q, NameId(7)];
const AREAS: [NameId; 3] = [M, N, NameId(8)];
const BLOCKS: u32 = 200;

fn any_op() -> impl Strategy<Value = ProcessOp> {
    let task = || prop::sample::select(TASKS.to_vec());
    let name = || prop::sample::select(AREAS.to_vec());
    let cpuset = || prop::sample::select(vec![RED, BLUE]);
    let nodes = || prop::sample::select(vec![mask(&[0]), mask(&[1]), mask(&[0, 1])]);
    let cpu = || (0u8..2).prop_map(CpuId);
    let modes = vec![Mode::Local, Mode::Preferred, Mode::PreferredMany, Mode::Bind, Mode::Interleave];
    let policy = (prop::sample::select(modes), 0u8..2, nodes()).prop_map(|(mode, first, nodes)| {
        let nodes = match mode {
            Mode::Local => NodeMask::default(),
            Mode::Preferred => mask(&[first]),
            _ => nodes,
        };
        Mempolicy { mode, nodes }
    });
    let flags = prop::sample::select(vec![
        GfpFlags::GFP_KERNEL,
        GfpFlags::GFP_USER,
        GfpFlags::GFP_ATOMIC,
        GfpFlags::GFP_NOWAIT,
        GfpFlags::GFP_NOFS,
        GfpFlags::GFP_KERNEL | GfpFlags::NOFAIL,
        GfpFlags::GFP_USER | GfpFlags::NOFAIL,
        GfpFlags::GFP_KERNEL | GfpFlags::NORETRY,
        GfpFlags::GFP_KERNEL | GfpFlags::RETRY_MAYFAIL,
    ]);
    prop_oneof![
        3 => (task(), prop::option::of(cpuset()), cpu()).prop_map(|(name, cpuset, cpu)| {
            let task = TaskArgs { cpuset, ..TaskArgs::default() };
            ProcessOp::Exec { name, limits: Rlimits::default(), task, cpu }
        }),
        1 => (task(), task(), cpu()).prop_map(|(name, parent, cpu)| ProcessOp::Fork { name, parent, cpu }),
        1 => (task(), cpu()).prop_map(|(process, cpu)| ProcessOp::Exit { process, cpu }),
        4 => (name(), task(), 1u64..900, any::<bool>(), cpu()).prop_map(|(name, process, pages, populate, cpu)| {
            let args = MmapArgs { populate, ..MmapArgs::ANONYMOUS };
            ProcessOp::Mmap { name, process, bytes: pages << 12, args, cpu }
        }),
        2 => name().prop_map(|name| ProcessOp::Munmap { at: area(name), bytes: None, cpu: CpuId(0) }),
        8 => (name(), prop::option::of(task()), cpu()).prop_map(|(name, by, cpu)| {
            ProcessOp::Access { access: Access::Write, at: At::Area { name, by }, bytes: None, cpu }
        }),
        2 => (cpuset(), nodes())
            .prop_map(|(cpuset, mems)| ProcessOp::Cpuset(CpusetOp::Mems { cpuset, mems })),
        2 => (task(), prop::option::of(policy.clone()))
            .prop_map(|(process, policy)| ProcessOp::SetMempolicy { process, policy }),
        1 => (name(), prop::option::of(policy))
            .prop_map(|(name, policy)| ProcessOp::Mbind { at: area(name), bytes: None, policy }),
        5 => (BLOCKS..BLOCKS + 12, task(), 0u8..6, flags, cpu()).prop_map(|(name, process, order, flags, cpu)| {
            let gfp = Gfp { kind: PageKind::Unmovable, flags };
            ProcessOp::AllocPages { name: NameId(name), process, order, gfp, cpu }
        }),
        1 => (task(), -1000i16..1000).prop_map(|(process, value)| {
            ProcessOp::Oom(OomOp::ScoreAdj { process, value, root: true })
        }),
    ]
}

proptest! {
    #![proptest_config(common::cases::usually(24))]

    /// Two nodes with hardly any memory, two cpusets that change, policies, requests of all sorts: every law holds, nobody
    /// looking on makes no difference, no request goes on for ever, new pages of programs lie inside, nobody is killed whose
    /// cpuset has none of the nodes, and in the end everything comes back.
    #[test]
    fn cpusets_under_pressure(
        ops in prop::collection::vec(any_op(), 1..40),
        reclaims in any::<bool>(),
        swap in 8u64..600,
        compacts in any::<bool>(),
        hardwall in any::<bool>(),
    ) {
        /// Steps of one op: the largest area, and all reclaim that it can need.
        const MOST: usize = 1_000_000;
        let swap = vec![SwapSpec { pages: NrPages(swap), priority: None, medium: Medium::Disk }];
        let reclaim = reclaims.then(|| ReclaimConfig { swap, ..ReclaimConfig::default() });
        let compaction = (reclaims && compacts).then(Default::default);
        let mut run = Run::of_config(&Config { reclaim, compaction, ..two_nodes(1024) });
        let before = run.free();
        cpuset(&mut run, RED, &[1], hardwall);
        cpuset(&mut run, BLUE, &[0, 1], false);
        // Pages that came while the cpuset had other nodes stay.
        let mut moved = false;
        for op in &ops {
            let old = placed(&run);
            let steps = run.steps(*op);
            prop_assert!(steps.len() < MOST, "{:?}: {} steps", op, steps.len());
            moved |= matches!(op, ProcessOp::Cpuset(_));
            run.machine.check().map_err(TestCaseError::fail)?;
            let allowed: Vec<_> = run.machine.processes().mms()
                .map(|mm| (mm.name, run.machine.mems_allowed(mm))).collect();
            if !moved && !reclaims {
                for (process, node) in placed(&run) {
                    let mems = allowed.iter().find(|(name, _)| *name == process).map(|(_, mems)| *mems);
                    prop_assert!(mems.is_some_and(|mems| mems.has(node)) || old.contains(&(process, node)),
                        "{:?} has a page on node {}: {:?}", process, node, mems);
                }
            }
            let mut short = None;
            for step in of_oom(&steps) {
                match step {
                    OomStep::Invoked { nodes, cpuset, .. } => short = cpuset.and(nodes),
                    OomStep::Scored { process, verdict: Verdict::Worst, .. } => {
                        let of = allowed.iter().find(|(name, _)| *name == process);
                        if let (Some(short), Some((_, mems)), false) = (short, of, moved) {
                            prop_assert!(!mems.and(short).is_empty(), "{:?} of {} for {}", process, mems, short);
                        }
                    }
                    _ => {}
                }
            }
        }
        for task in TASKS {
            run.exit(task);
        }
        for name in BLOCKS..BLOCKS + 12 {
            run.steps_of(&Op::Free { name: NameId(name), cpu: CpuId(0) });
        }
        let mut in_cache = 0;
        if reclaims {
            run.steps_of(&Op::File(FileOp::Wait { ms: 2000 }));
            let reclaim = run.machine.reclaim().expect("it reclaims");
            // What was on its way to the disk as its process went stays until somebody needs it (`folio_free_swap()`).
            in_cache = reclaim.swap_cached();
            let (total, free) = reclaim.swap_pages();
            prop_assert_eq!(total, free + in_cache);
        }
        prop_assert_eq!(run.free() + in_cache, before);
    }
}

//! Control groups with a limit: what is charged, what a group that is full finds in itself, and who is killed in it.

#[path = "common/process.rs"]
mod common;

use common::{KIB, MIB, Run};
use mm::oom_kill::{LogLine, ReportEnd, TaskArgs};
use mm::op::{FileOp, NameId, Sysctl};
use mm::process::{Access, At, ByteRange, MmapArgs, ProcessOp, Prot, Rlimits};
use mm::reclaim::{GroupEvent, Lru, Medium, Memcg, ReclaimConfig, SwapSpec, VmEvent};
use mm::step::{OomStep, ReclaimStep};
use mm::units::NrPages;
use mm::{Config, CpuId, Op, Step, StepKind};

const CPU: CpuId = CpuId(0);
const G: NameId = NameId(40);
const FILE: NameId = NameId(20);
/// A group without swap has the kernel's rounds of its own: the first charge that fails, one more when the CPUs have given
/// back what they charged ahead, and 16 retries.
const ROUNDS: u64 = 18;

fn machine(mib: u32, swap: u64) -> Run {
    let swap = if swap == 0 {
        Vec::new()
    } else {
        vec![SwapSpec { pages: NrPages(swap * 256), priority: None, medium: Medium::Disk }]
    };
    let reclaim = Some(ReclaimConfig { swap, ..ReclaimConfig::default() });
    let mut run =
        Run::of_config(&Config { pcp: true, watermarks: true, reclaim, ..Config::x86_64(mib * 256) });
    run.is_quick = true;
    run
}

fn group(run: &mut Run, max: u64, swap_max: Option<u64>) -> Vec<Step> {
    run.steps_of(&Op::File(FileOp::Group { name: G, max: Some(max), swap_max }))
}

/// A process, in the group or not, with an area of its own that it writes to.
fn with(run: &mut Run, at: u32, bytes: u64, cgroup: Option<NameId>) -> Vec<Step> {
    let task = TaskArgs { cgroup, ..TaskArgs::default() };
    run.steps(ProcessOp::Exec { name: NameId(at), limits: Rlimits::default(), task, cpu: CPU });
    let (name, process) = (NameId(50 + at), NameId(at));
    run.steps(ProcessOp::Mmap { name, process, bytes, args: MmapArgs::ANONYMOUS, cpu: CPU });
    write(run, at, bytes)
}

fn write(run: &mut Run, at: u32, bytes: u64) -> Vec<Step> {
    let bytes = Some(ByteRange { from: 0, to: bytes });
    let at = At::Area { name: NameId(50 + at), by: None };
    run.steps(ProcessOp::Access { access: Access::Write, at, bytes, cpu: CPU })
}

fn of(run: &Run) -> &Memcg {
    run.machine.reclaim().unwrap().groups().first().unwrap()
}

fn killed(steps: &[Step]) -> Vec<NameId> {
    let of = |step: &Step| match step.kind {
        StepKind::Oom(OomStep::Kill { process, .. }) => Some(process),
        _ => None,
    };
    steps.iter().filter_map(of).collect()
}

fn same(run: &Run) {
    run.machine.check().unwrap();
    assert_eq!(run.machine.state_hash(), run.unseen.state_hash());
}

/// What a real kernel did with 40 MiB and processes of 15, 20 and then 12 MB (Linux 6.1.192 amd64,
/// tests/data/oom/kills.txt): the one of 20 MB was killed, and the last one went on.
#[test]
fn the_largest_of_the_group_goes_as_in_a_real_kernel() {
    let mut run = machine(256, 0);
    // Somebody who has more, and is none of the group's.
    with(&mut run, 0, 60 * MIB, None);
    group(&mut run, 40 * 256, Some(0));
    with(&mut run, 1, 15_000_000, Some(G));
    with(&mut run, 2, 20_000_000, Some(G));
    assert_eq!(of(&run).event(GroupEvent::Max), 0);
    let steps = with(&mut run, 3, 12_000_000, Some(G));
    assert_eq!(killed(&steps), [NameId(2)]);
    let free: u64 = run.machine.zones().iter().map(|zone| zone.nr_free_pages.0).sum();
    assert!(free > 100 * 256, "the machine has enough: {free}");
    let looked: Vec<NameId> = steps
        .iter()
        .filter_map(|step| match step.kind {
            StepKind::Oom(OomStep::Scored { process, .. }) => Some(process),
            _ => None,
        })
        .collect();
    assert_eq!(looked, [1, 2, 3].map(NameId), "nobody else is asked");
    let invoked = steps.iter().find_map(|step| match step.kind {
        StepKind::Oom(OomStep::Invoked { memcg, total, .. }) => Some((memcg, total)),
        _ => None,
    });
    assert_eq!(invoked, Some((Some(G), NrPages(40 * 256))), "a thousandth is one of the limit");
    let group = of(&run);
    let events = [GroupEvent::Max, GroupEvent::Oom, GroupEvent::OomKill].map(|event| group.event(event));
    assert_eq!(events, [ROUNDS, 1, 1]);
    let Some(LogLine::Report(report)) = run.machine.processes().oom().log().next() else { panic!() };
    assert_eq!((report.memcg, report.usage[..2].to_vec()), (Some(G), vec![40 * 256, 40 * 256]));
    assert_eq!(report.tasks.len(), 3);
    assert!(matches!(report.end, ReportEnd::Killed(row) if row.name == NameId(2)));
    // As there: all that is charged is memory of processes and of the kernel for them.
    let stat = report.stat.as_ref().unwrap();
    assert_eq!(stat.anon + stat.file + stat.kernel, report.usage[0]);
    assert_eq!(stat.file, 0);
    let tables: u64 = report.tasks.iter().map(|task| task.pgtables_bytes / 4096).sum();
    // Beside them the topmost tables; and `pagetables` is about the two lowest levels alone.
    assert_eq!((stat.kernel, stat.pagetables), (tables + 3, tables - 3));
    let lists = stat.lru[Lru::InactiveAnon as usize] + stat.lru[Lru::ActiveAnon as usize];
    assert!(stat.anon - lists < 15, "the last ones wait in a batch: {stat:?}");
    let mm = run.machine.processes().mm(NameId(3)).unwrap();
    assert_eq!(mm.rss.anon, 12_000_000u64.div_ceil(4096) + 1, "it has got all that it asked for");
    same(&run);
}

/// A CPU charges 64 pages at once, and one page at a time when no more fit.
#[test]
fn pages_are_charged_in_batches() {
    let mut run = machine(64, 0);
    group(&mut run, 200, None);
    with(&mut run, 0, 4 * KIB, Some(G));
    let charged = |run: &Run| (of(run).memory.usage, run.machine.reclaim().unwrap().charged_ahead(CPU).1);
    // The stack and the area: four tables and one of each page.
    let (usage, ahead) = charged(&run);
    assert_eq!(usage, 64);
    assert_eq!(u64::from(64 - ahead), of(&run).kmem + 2);
    write(&mut run, 0, 4 * KIB);
    run.steps(ProcessOp::Mmap {
        name: NameId(51),
        process: NameId(0),
        bytes: 600 * KIB,
        args: MmapArgs::ANONYMOUS,
        cpu: CPU,
    });
    write(&mut run, 1, 600 * KIB);
    let (usage, ahead) = charged(&run);
    // Three batches are 192; of those beyond each is charged by itself.
    assert_eq!(
        (usage - u64::from(ahead), ahead),
        (of(&run).kmem + 2 + 150, 192 - (of(&run).kmem + 152) as u32)
    );
    assert_eq!(of(&run).memory.failcnt, 0);
    run.exit(NameId(0));
    assert!(of(&run).memory.usage <= 64, "only what the CPU keeps: {:?}", of(&run).memory);
    assert_eq!(of(&run).kmem, 0);
    same(&run);
}

/// The page cache of a member goes, and nobody else's; the group's own counters say so.
#[test]
fn page_cache_of_the_group_goes_first() {
    let mut run = machine(64, 0);
    for (name, at) in [(FILE, 0), (NameId(21), 1)] {
        run.op(ProcessOp::File { name, bytes: 8 * MIB, cached: 0, cpu: CPU });
        if at == 0 {
            group(&mut run, 4 * 256, None);
        }
    }
    run.steps_of(&Op::File(FileOp::Read { file: NameId(21), bytes: None, block: 1 << 20, cpu: CPU }));
    with(&mut run, 0, MIB, Some(G));
    let args = MmapArgs { prot: Prot::READ, shared: true, file: Some((FILE, 0)), ..MmapArgs::ANONYMOUS };
    run.steps(ProcessOp::Mmap { name: NameId(60), process: NameId(0), bytes: 8 * MIB, args, cpu: CPU });
    let at = At::Area { name: NameId(60), by: None };
    let steps = run.steps(ProcessOp::Access { access: Access::Read, at, bytes: None, cpu: CPU });
    assert_eq!(killed(&steps), []);
    let found = steps.iter().any(|step| {
        matches!(step.kind, StepKind::Reclaim { step: ReclaimStep::GroupReclaimed { reclaimed: 1.., .. } })
    });
    assert!(found);
    let group = of(&run);
    assert!(group.stat(VmEvent::PgStealDirect) > 4 * 256, "{group:?}");
    assert!(group.event(GroupEvent::Max) > 0 && group.event(GroupEvent::Oom) == 0);
    assert!(group.memory.usage <= 4 * 256);
    let reclaim = run.machine.reclaim().unwrap();
    assert_eq!(reclaim.event(VmEvent::PgScanDirect), 0, "of the machine's own nothing was wanted");
    let of_other = run.machine.processes().file_of(NameId(21)).unwrap();
    assert_eq!(run.machine.processes().file(of_other).unwrap().cache().count(), 8 * 256);
    assert_eq!(run.machine.processes().mm(NameId(0)).unwrap().rss.anon, 257);
    same(&run);
}

/// With swap a group is full of what it used last, up to what it may have there.
#[test]
fn pages_go_to_swap_as_far_as_the_group_may() {
    let mut run = machine(64, 32);
    group(&mut run, 4 * 256, Some(4 * 256));
    let steps = with(&mut run, 0, 6 * MIB, Some(G));
    assert_eq!(killed(&steps), []);
    let group = of(&run);
    assert!(group.swap.usage >= 2 * 256 && group.memory.usage <= 4 * 256, "{group:?}");
    assert_eq!(group.swap.usage, run.machine.processes().mm(NameId(0)).unwrap().swapents);
    // What comes back is charged again, and others go for it.
    let at = At::Area { name: NameId(50), by: None };
    run.steps(ProcessOp::Access { access: Access::Read, at, bytes: None, cpu: CPU });
    let group = of(&run);
    assert!(group.faults[1] > 0 && group.stat(VmEvent::WorkingsetRefaultAnon) > 0);
    same(&run);
    // 8 MiB are all that fit into both; who wants more is killed.
    let steps = with(&mut run, 1, 4 * MIB, Some(G));
    assert_eq!(killed(&steps), [NameId(0)]);
    let invoked =
        |step: &Step| matches!(step.kind, StepKind::Oom(OomStep::Invoked { total: NrPages(2048), .. }));
    assert!(steps.iter().any(invoked), "limits of both");
    same(&run);
    run.exit(NameId(1));
    assert_eq!(of(&run).swap.usage, 0);
    same(&run);
}

/// A limit that is lowered takes what is above it: the page cache, and in the end a process.
#[test]
fn a_lower_limit_takes_what_is_above_it() {
    let mut run = machine(64, 0);
    run.op(ProcessOp::File { name: FILE, bytes: 4 * MIB, cached: 0, cpu: CPU });
    group(&mut run, 16 * 256, None);
    with(&mut run, 0, 3 * MIB, Some(G));
    with(&mut run, 1, 2 * MIB, Some(G));
    let args = MmapArgs { prot: Prot::READ, shared: true, file: Some((FILE, 0)), ..MmapArgs::ANONYMOUS };
    run.steps(ProcessOp::Mmap { name: NameId(60), process: NameId(0), bytes: 4 * MIB, args, cpu: CPU });
    let at = At::Area { name: NameId(60), by: None };
    run.steps(ProcessOp::Access { access: Access::Read, at, bytes: None, cpu: CPU });
    let lower = |run: &mut Run, mib: u64| {
        run.steps_of(&Op::File(FileOp::GroupMax { group: G, max: Some(mib * 256), swap: false }))
    };
    let steps = lower(&mut run, 7);
    assert_eq!(killed(&steps), []);
    assert!(of(&run).memory.usage <= 7 * 256);
    assert_eq!(of(&run).event(GroupEvent::Oom), 0);
    let steps = lower(&mut run, 3);
    assert_eq!(killed(&steps), [NameId(0)]);
    assert!(of(&run).memory.usage <= 3 * 256);
    same(&run);
    let steps = lower(&mut run, 0);
    assert_eq!(killed(&steps), [NameId(1)]);
    same(&run);
}

/// Who cannot be killed is not: the request fails, and so does the next one; others are not asked for it.
#[test]
fn a_group_of_protected_processes_is_refused() {
    let mut run = machine(64, 0);
    with(&mut run, 0, 8 * MIB, None);
    group(&mut run, 2 * 256, None);
    with(&mut run, 1, MIB, Some(G));
    run.steps(ProcessOp::Oom(mm::oom_kill::OomOp::ScoreAdj { process: NameId(1), value: -1000, root: true }));
    run.steps(ProcessOp::Mmap {
        name: NameId(52),
        process: NameId(1),
        bytes: 4 * MIB,
        args: MmapArgs::ANONYMOUS,
        cpu: CPU,
    });
    let steps = write(&mut run, 2, 4 * MIB);
    assert_eq!(killed(&steps), []);
    let has = |step: &ReclaimStep| steps.iter().any(|of| of.kind == StepKind::Reclaim { step: *step });
    assert!(has(&ReclaimStep::GroupRefused { group: G, pages: 1 }));
    assert!(steps.iter().any(|step| step.kind == StepKind::Oom(OomStep::NobodyInGroup { group: G })));
    assert_eq!(run.machine.processes().mm(NameId(1)).unwrap().rss.anon + of(&run).kmem, 2 * 256);
    same(&run);
}

/// What a child copies is its group's, which is its parent's; what both have counts once.
#[test]
fn children_are_in_the_group_of_their_parent() {
    let mut run = machine(64, 0);
    group(&mut run, 4 * 256, None);
    with(&mut run, 0, MIB, Some(G));
    let before = of(&run).memory.usage;
    run.fork_of(NameId(0), NameId(1));
    assert!(of(&run).memory.usage <= before + 64, "tables only");
    let at = At::Area { name: NameId(50), by: Some(NameId(1)) };
    run.steps(ProcessOp::Access { access: Access::Write, at, bytes: None, cpu: CPU });
    let stat = run.machine.memory_stat(run.machine.group_of_process(NameId(1))).unwrap();
    assert_eq!(stat.anon, 2 * 256 + 1);
    same(&run);
    run.exit(NameId(0));
    run.exit(NameId(1));
    assert!(of(&run).memory.usage <= 64);
    same(&run);
}

/// Without swappiness a group has nothing but its page cache to give.
#[test]
fn without_swappiness_somebody_is_killed_at_once() {
    let mut run = machine(64, 32);
    run.steps_of(&Op::Sysctl(Sysctl::Swappiness(0)));
    group(&mut run, 2 * 256, None);
    with(&mut run, 0, MIB, Some(G));
    let steps = with(&mut run, 1, 3 * MIB, Some(G));
    assert!(!killed(&steps).is_empty());
    assert_eq!(run.machine.reclaim().unwrap().event(VmEvent::PswpOut), 0);
    same(&run);
}

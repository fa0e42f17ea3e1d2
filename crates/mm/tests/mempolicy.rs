//! Where memory comes from on machines with several nodes: what is said of a process and of an area (mm/mempolicy.c).

#[path = "common/process.rs"]
mod common;

use common::{KIB, M, MIB, N, P, Q, Run, area, by, range};
use mm::config::Arch;
use mm::mempolicy::{Mempolicy, Mode, NodeMask};
use mm::oom_kill::{LogLine, TaskArgs};
use mm::op::{FileOp, NameId};
use mm::process::{Access, At, MmapArgs, ProcessOp, Rlimits};
use mm::reclaim::{ReclaimConfig, ReclaimTunables};
use mm::step::{OomStep, ProcessStep, ReclaimStep, Refusal, Verdict};
use mm::units::PAGE_SIZE;
use mm::{Config, CpuId, NrPages, Op, Step, StepKind, Vaddr};
use proptest::prelude::{ProptestConfig, TestCaseError, any, prop, prop_assert_eq, proptest};

const F: NameId = NameId(9);

/// Three nodes of 16 MiB above the lowest 16 MiB, each with a CPU, or the last one without.
fn machine(cpus: &[u8]) -> Run {
    let config = Config::pc(Arch::X86_64, &[8192, 4096, 4096]);
    Run::of_config(&Config { pcp: true, watermarks: true, cpus: cpus.to_vec(), ..config })
}

fn policy(mode: Mode, nodes: &[u8]) -> Option<Mempolicy> {
    Some(Mempolicy { mode, nodes: NodeMask::of(nodes.iter().copied()) })
}

fn mbind(
    run: &mut Run,
    name: NameId,
    policy: Option<Mempolicy>,
    bytes: Option<(u64, u64)>,
) -> Vec<ProcessStep> {
    run.op(ProcessOp::Mbind { at: area(name), bytes: range(bytes), policy })
}

fn set(run: &mut Run, process: NameId, policy: Option<Mempolicy>) -> Vec<ProcessStep> {
    run.op(ProcessOp::SetMempolicy { process, policy })
}

fn write(run: &mut Run, at: At, bytes: Option<(u64, u64)>) -> Vec<Step> {
    run.steps(ProcessOp::Access { access: Access::Write, at, bytes: range(bytes), cpu: CpuId(0) })
}

/// The nodes of the pages of a process that are there between two addresses, lowest address first.
fn nodes(run: &Run, process: NameId, (start, end): (Vaddr, Vaddr)) -> Vec<(u64, u8)> {
    let procs = run.machine.processes();
    let mm = procs.mm(process).expect("it runs");
    let pages = procs.tables().pages(mm.pgd, start, end);
    let node = |pfn| run.machine.zone_of(pfn).map(|zone| run.machine.zone(zone).node).expect("a zone");
    pages
        .filter(|(_, pte)| pte.pfn() != procs.zero_page)
        .map(|(at, pte)| (at.0 / PAGE_SIZE, node(pte.pfn())))
        .collect()
}

fn nodes_of(run: &Run, name: NameId) -> Vec<u8> {
    nodes(run, P, run.place(name)).into_iter().map(|(_, node)| node).collect()
}

fn counters(run: &Run, node: u8) -> [u64; 6] {
    let mut sums = [0; 6];
    for zone in run.machine.zones().iter().filter(|zone| zone.node == node) {
        let of = zone.numa;
        let all = [of.hit, of.miss, of.foreign, of.interleave_hit, of.local, of.other];
        sums.iter_mut().zip(all).for_each(|(sum, more)| *sum += more);
    }
    sums
}

/// The list's own example: nodes 0 to 2, interleaved over 0 and 2, page 0 of the object first.
#[test]
fn facts_14_interleave_of_two_nodes_among_three() {
    let mut run = machine(&[0, 1, 2]);
    run.exec();
    let shared = MmapArgs { shared: true, ..MmapArgs::ANONYMOUS };
    run.mmap(M, 24 * KIB, shared);
    mbind(&mut run, M, policy(Mode::Interleave, &[0, 2]), None);
    // From above, so that it is the place that decides and not the order.
    for page in (0..6u64).rev() {
        write(&mut run, area(M), Some((page * 4 * KIB, page * 4 * KIB + 1)));
    }
    assert_eq!(nodes_of(&run, M), [0, 2, 0, 2, 0, 2]);
    assert_eq!(counters(&run, 0)[3] + counters(&run, 2)[3], 6, "interleave_hit");
}

/// Memory of its own counts from the address where it lay first, and goes on counting where it is moved.
#[test]
fn facts_14_interleave_counts_from_vm_pgoff() {
    let mut run = machine(&[0, 1, 2]);
    run.exec();
    run.mmap(M, 40 * KIB, MmapArgs::ANONYMOUS);
    mbind(&mut run, M, policy(Mode::Interleave, &[0, 1, 2]), None);
    let steps = write(&mut run, area(M), None);
    let (start, _) = run.place(M);
    let first = start.0 / PAGE_SIZE;
    let expected: Vec<u8> = (first..first + 10).map(|page| (page % 3) as u8).collect();
    assert_eq!(nodes_of(&run, M), expected);
    let placed = steps.iter().filter_map(|step| match step.kind {
        StepKind::Process {
            step: ProcessStep::Placed { node, by_area: true, index: Some(index), .. },
            ..
        } => Some((index, node)),
        _ => None,
    });
    assert!(
        placed.clone().count() == 10 && placed.clone().all(|(index, node)| node == Some((index % 3) as u8))
    );
}

/// Bound: the nearest of the allowed nodes first, whichever number it has, and never another one.
#[test]
fn facts_14_bind_takes_the_nearest_and_no_other() {
    let config = Config::pc(Arch::X86_64, &[8192, 4096, 4096]);
    let distances = vec![vec![10, 31, 21], vec![31, 10, 21], vec![21, 21, 10]];
    let mut run =
        Run::of_config(&Config { pcp: true, watermarks: true, cpus: vec![0, 1, 2], distances, ..config });
    run.exec();
    run.mmap(M, 20 * MIB, MmapArgs::ANONYMOUS);
    mbind(&mut run, M, policy(Mode::Bind, &[1, 2]), None);
    write(&mut run, area(M), Some((0, 20 * MIB)));
    let pages = nodes_of(&run, M);
    assert_eq!(pages.len(), 20 * 256);
    assert_eq!(pages[..1000], [2; 1000], "it is nearer to node 0 than node 1 is");
    assert!(pages.contains(&1) && !pages.contains(&0));
    // The first of those that are allowed was meant: nothing was missed where it served.
    assert!(counters(&run, 2)[0] > 3000 && counters(&run, 2)[2] > 0, "{:?}", counters(&run, 2));
    assert_eq!(counters(&run, 1)[1], counters(&run, 2)[2], "missed by node 2, found in node 1");
}

#[test]
fn facts_14_preferred_falls_back_to_all() {
    for (mode, wanted) in [(Mode::Preferred, &[1][..]), (Mode::PreferredMany, &[1, 2])] {
        let mut run = machine(&[0, 1, 2]);
        run.exec();
        run.mmap(M, 40 * MIB, MmapArgs::ANONYMOUS);
        set(&mut run, P, policy(mode, wanted));
        write(&mut run, area(M), None);
        let pages = nodes_of(&run, M);
        let first = pages.iter().position(|node| !wanted.contains(node)).expect("it falls back");
        assert!(first > 3000 * wanted.len(), "{mode:?}: {first}");
        assert_eq!(pages.len(), 40 * 256, "{mode:?}: all of it came");
    }
}

/// What is said of the area goes before what is said of the process; without either it is the CPU's node.
#[test]
fn facts_14_the_area_goes_before_the_process() {
    let mut run = machine(&[0, 1, 2]);
    run.exec();
    run.mmap(M, 64 * KIB, MmapArgs::ANONYMOUS);
    run.mmap(N, 64 * KIB, MmapArgs { shared: true, ..MmapArgs::ANONYMOUS });
    set(&mut run, P, policy(Mode::Bind, &[1]));
    mbind(&mut run, M, policy(Mode::Preferred, &[2]), Some((16 * KIB, 32 * KIB)));
    write(&mut run, area(M), None);
    write(&mut run, area(N), None);
    let of = nodes_of(&run, M);
    assert_eq!((&of[..4], &of[4..8], &of[8..]), (&[1; 4][..], &[2; 4][..], &[1; 8][..]));
    assert_eq!(nodes_of(&run, N), [1; 16]);
    // A child has both from its parent.
    run.fork();
    write(&mut run, by(M, Q), None);
    let child: Vec<u8> = nodes(&run, Q, run.place(M)).into_iter().map(|(_, node)| node).collect();
    assert_eq!(child, of);
    // Back to usual; what is there stays.
    mbind(&mut run, M, None, None);
    set(&mut run, P, None);
    assert_eq!(
        run.machine
            .processes()
            .mm(P)
            .expect("it runs")
            .vmas()
            .iter()
            .filter(|vma| vma.policy.is_some())
            .count(),
        0
    );
    assert_eq!(nodes_of(&run, M), of);
    run.mmap(NameId(20), 16 * KIB, MmapArgs::ANONYMOUS);
    write(&mut run, area(NameId(20)), None);
    assert_eq!(nodes_of(&run, NameId(20)), [0; 4]);
}

/// What is no page of an area comes in turn: the pages of a file and the tables.
#[test]
fn facts_14_a_process_counts_for_everything_else() {
    let mut run = machine(&[0, 1, 2]);
    run.op(ProcessOp::File { name: F, bytes: 64 * KIB, cached: 0, cpu: CpuId(0) });
    run.exec();
    set(&mut run, P, policy(Mode::Interleave, &[0, 1, 2]));
    run.mmap(M, 64 * KIB, MmapArgs { file: Some((F, 0)), ..MmapArgs::ANONYMOUS });
    let steps =
        run.steps(ProcessOp::Access { access: Access::Read, at: area(M), bytes: None, cpu: CpuId(0) });
    let turns: Vec<Option<u8>> = steps
        .iter()
        .filter_map(|step| match step.kind {
            StepKind::Process { step: ProcessStep::Placed { node, index: None, .. }, .. } => Some(node),
            _ => None,
        })
        .collect();
    assert!(turns.len() >= 16, "{turns:?}");
    assert!(turns.iter().enumerate().all(|(at, node)| *node == Some((at % 3) as u8)), "{turns:?}");
    assert_eq!(run.machine.processes().mm(P).expect("it runs").il_prev, turns.last().copied().flatten());
}

#[test]
fn nodes_without_memory_do_not_count() {
    let config = Config::pc(Arch::X86_64, &[8192, 4096]);
    let mut run = Run::of_config(&Config { pcp: true, watermarks: true, cpus: vec![0, 1, 2], ..config });
    assert_eq!(run.machine.nodes(), 3);
    run.exec();
    let refused = ProcessStep::Refused { why: Refusal::NoNodes };
    assert_eq!(set(&mut run, P, policy(Mode::Bind, &[2, 7])), [refused]);
    let set = set(&mut run, P, policy(Mode::Bind, &[1, 2, 7]));
    assert_eq!(set, [ProcessStep::PolicySet { policy: policy(Mode::Bind, &[1]), area: None }]);
}

/// Node 1 is full, and whoever asks may have nothing else: of those that may have memory there the worst goes, though
/// another one is larger, and it is measured against node 1 alone.
#[test]
fn facts_14_a_bound_process_exhausts_its_nodes() {
    let mut run = machine(&[0, 1, 2]);
    let exec = |run: &mut Run, name| {
        let task = TaskArgs::default();
        run.steps(ProcessOp::Exec { name, limits: Rlimits::default(), task, cpu: CpuId(0) });
    };
    let (large, small) = (NameId(30), NameId(31));
    let (of_large, of_small) = (NameId(40), NameId(41));
    for (name, mapping, node, mib) in [(large, of_large, 2, 14), (small, of_small, 1, 4)] {
        exec(&mut run, name);
        set(&mut run, name, policy(Mode::Bind, &[node]));
        run.op(ProcessOp::Mmap {
            name: mapping,
            process: name,
            bytes: mib * MIB,
            args: MmapArgs::ANONYMOUS,
            cpu: CpuId(0),
        });
        write(&mut run, area(mapping), None);
    }
    exec(&mut run, P);
    run.mmap(M, 3 * MIB, MmapArgs::ANONYMOUS);
    write(&mut run, area(M), None);
    run.mmap(N, 14 * MIB, MmapArgs::ANONYMOUS);
    mbind(&mut run, N, policy(Mode::Bind, &[1]), None);
    let steps = write(&mut run, area(N), None);
    let of_oom: Vec<OomStep> = steps
        .iter()
        .filter_map(|step| match step.kind {
            StepKind::Oom(step) => Some(step),
            _ => None,
        })
        .collect();
    let OomStep::Invoked { nodes, total, .. } = of_oom[0] else { panic!("{of_oom:?}") };
    assert_eq!((nodes, total), (Some(NodeMask::of([1])), NrPages(4096)));
    let looked = |of: NameId| {
        of_oom.iter().find_map(|step| match *step {
            OomStep::Scored { process, verdict, .. } if process == of => Some(verdict),
            _ => None,
        })
    };
    assert_eq!(looked(large), Some(Verdict::Elsewhere), "it has more, and none of it there");
    let killed: Vec<NameId> = of_oom
        .iter()
        .filter_map(|step| match *step {
            OomStep::Kill { process, .. } => Some(process),
            _ => None,
        })
        .collect();
    assert_eq!(killed, [P], "it is bound to nothing, and has the most of all who may use node 1");
    let log: Vec<_> = run.machine.processes().oom().log().collect();
    let LogLine::Report(report) = log[0] else { panic!("{log:?}") };
    assert_eq!(report.nodes, Some(NodeMask::of([1])));
    assert_eq!(report.tasks.iter().map(|task| task.name).collect::<Vec<_>>(), [small, P]);
}

/// The page cache of node 0 is in the way of whoever runs there: by default it stays, and memory of node 1 is taken; with
/// `zone_reclaim_mode` it goes.
#[test]
fn facts_14_zone_reclaim_mode_keeps_memory_near() {
    let story = |mode: u8, distance: u8| {
        let config = Config::pc(Arch::X86_64, &[1280, 1024]);
        let tunables = ReclaimTunables { zone_reclaim_mode: mode, ..ReclaimTunables::default() };
        let mut run = Run::of_config(&Config {
            pcp: true,
            watermarks: true,
            cpus: vec![0, 1],
            distances: vec![vec![10, distance], vec![distance, 10]],
            reclaim: Some(ReclaimConfig { tunables, ..ReclaimConfig::default() }),
            ..config
        });
        let file = F;
        run.op(ProcessOp::File { name: file, bytes: 3 * MIB, cached: 0, cpu: CpuId(0) });
        run.steps_of(&Op::File(FileOp::Read { file, bytes: None, block: 65536, cpu: CpuId(0) }));
        run.exec();
        run.mmap(M, MIB, MmapArgs::ANONYMOUS);
        let steps = write(&mut run, area(M), None);
        let tried = steps.iter().any(|step| {
            matches!(step.kind, StepKind::Reclaim { step: ReclaimStep::NodeReclaim { enough: true, .. } })
        });
        (tried, nodes_of(&run, M).iter().filter(|node| **node == 1).count())
    };
    let (tried, far) = story(0, 20);
    assert!(!tried && far > 40, "{far}");
    let (tried, far) = story(1, 40);
    // What went may lie with the CPU, where the mark does not see it.
    assert!(tried && far < 5, "{far}");
}

/// What a step of the random test below does.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Bind(Mode, u8, u64, u64),
    Process(Mode, u8),
    Touch(u64, u64, u8),
    Unmap(u64, u64),
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Pages of a bound area lie on its nodes, interleaved ones where the rule says, unless their node was full; nobody
    /// looking on leads to the same machine.
    #[test]
    fn pages_lie_where_the_policy_says(
        deeds in prop::collection::vec((0u8..4, 0usize..5, 1u8..8, 0u64..48, 1u64..48, 0u8..3), 1..24),
        forks in any::<bool>(),
    ) {
        const MODES: [Mode; 5] =
            [Mode::Local, Mode::Preferred, Mode::PreferredMany, Mode::Bind, Mode::Interleave];
        let mut run = machine(&[0, 1, 2]);
        run.is_quick = true;
        let free = run.free();
        run.exec();
        run.mmap(M, 48 * 4 * KIB, MmapArgs::ANONYMOUS);
        let (start, _) = run.place(M);
        // For each page the policy of its area, and of those that are there the one that it came by.
        let mut of_area = [None; 48];
        let mut of_process = None;
        let mut came: [Option<(Option<Mempolicy>, u8)>; 48] = [None; 48];
        for (deed, mode, nodes, from, pages, cpu) in deeds {
            let (mode, to) = (MODES[mode], (from + pages).min(48));
            let deed = match deed {
                0 => Deed::Bind(mode, nodes, from, to),
                1 => Deed::Process(mode, nodes),
                2 => Deed::Touch(from, to, cpu),
                _ => Deed::Unmap(from, to),
            };
            let kib = |page: u64| page * 4 * KIB;
            let some = |mode: Mode, nodes: u8| {
                let of = (0..3).filter(|node| nodes >> node & 1 == 1).take(if mode == Mode::Preferred { 1 } else { 3 });
                let of: Vec<u8> = of.collect();
                policy(mode, if mode == Mode::Local { &[] } else { &of })
            };
            match deed {
                Deed::Bind(mode, nodes, from, to) => {
                    let policy = some(mode, nodes);
                    mbind(&mut run, M, policy, Some((kib(from), kib(to))));
                    of_area[from as usize..to as usize].fill(policy);
                }
                Deed::Process(mode, nodes) => {
                    of_process = some(mode, nodes);
                    set(&mut run, P, of_process);
                }
                Deed::Touch(from, to, cpu) => {
                    let op = ProcessOp::Access {
                        access: Access::Write,
                        at: area(M),
                        bytes: range(Some((kib(from), kib(to)))),
                        cpu: CpuId(cpu),
                    };
                    run.steps(op);
                    for page in from as usize..to as usize {
                        came[page].get_or_insert((of_area[page].or(of_process), cpu));
                    }
                }
                Deed::Unmap(from, to) => {
                    run.madvise(M, mm::process::Advice::DontNeed, Some((kib(from), kib(to))));
                    came[from as usize..to as usize].fill(None);
                }
            }
            run.machine.check().map_err(TestCaseError::fail)?;
            prop_assert_eq!(run.machine.state_hash(), run.unseen.state_hash());
        }
        let there = nodes(&run, P, run.place(M));
        prop_assert_eq!(there.len(), came.iter().flatten().count());
        for (at, node) in there {
            let page = at - start.0 / PAGE_SIZE;
            let Some((policy, cpu)) = came[page as usize] else { panic!("page {page} is nobody's") };
            // There is enough everywhere, so that nobody has to go elsewhere.
            let expected = match policy.map(|policy| (policy.mode, policy.nodes)) {
                None | Some((Mode::Local, _)) => cpu,
                Some((Mode::Preferred, nodes)) => nodes.nodes().next().expect("one"),
                Some((Mode::PreferredMany | Mode::Bind, nodes)) if nodes.has(cpu) => cpu,
                Some((Mode::PreferredMany | Mode::Bind, nodes)) => {
                    assert!(nodes.has(node), "page {page} on node {node}");
                    node
                }
                Some((Mode::Interleave, nodes)) => nodes.nth(at).expect("one"),
            };
            prop_assert_eq!(node, expected, "page {} by {:?}", page, policy);
        }
        if forks {
            run.fork();
            run.exit(Q);
        }
        run.exit(P);
        prop_assert_eq!(run.free(), free);
    }
}

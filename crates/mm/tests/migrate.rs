//! Pages that move to another frame: what they hold, whose they are and what leads to them stays the same.

#[path = "common/process.rs"]
mod common;

use common::{KIB, M, MIB, N, P, Q, Run, area};
use mm::config::Arch;
use mm::migrate::{PinWhat, Stays};
use mm::op::{CompactOp, Gfp, NameId, PageKind, Workload};
use mm::process::{Access, MmapArgs, ProcessOp};
use mm::reclaim::{Lru, Medium, ReclaimConfig, SwapSpec};
use mm::step::MigrateStep;
use mm::x86::mmu::MmuConfig;
use mm::{Config, CpuId, Machine, Named, NrPages, Op, Order, Pfn, Step, StepKind, UnitEnd};
use proptest::prelude::*;

const CPU: CpuId = CpuId(0);
const F: NameId = NameId(9);
const G: NameId = NameId(12);
const W: NameId = NameId(13);

/// Two nodes of 16 MiB above the lowest 16 MiB.
fn machine(reclaim: bool, mmu: bool) -> Run {
    let swap = vec![SwapSpec { pages: NrPages(4096), priority: None, medium: Medium::Disk }];
    Run::of_config(&Config {
        pcp: true,
        watermarks: true,
        cpus: vec![0, 1],
        reclaim: reclaim.then(|| ReclaimConfig { swap, ..ReclaimConfig::default() }),
        mmu: mmu.then_some(MmuConfig::SKYLAKE),
        ..Config::pc(Arch::X86_64, &[8192, 4096])
    })
}

fn move_to(run: &mut Run, name: NameId, node: u8) -> Vec<Step> {
    run.steps_of(&Op::Compact(CompactOp::MovePages { name, node, cpu: CPU }))
}

fn pin(run: &mut Run, what: PinWhat, on: bool) -> Vec<Step> {
    run.steps_of(&Op::Compact(CompactOp::Pin { what, on }))
}

/// Whether and where a page lies, what its entry says besides that, and what is in it, address by address.
fn pages(machine: &Machine, process: NameId) -> Vec<(u64, u64, Option<mm::process::Window>)> {
    let procs = machine.processes();
    let mm = procs.mm(process).expect("it runs");
    let all = procs.tables().between(mm.pgd, mm::Vaddr(0), mm.top);
    all.map(|(at, .., pte)| (at.0, pte.to(Pfn(0)).0, procs.frame_window(pte.pfn()))).collect()
}

fn node_of(machine: &Machine, pfn: Pfn) -> u8 {
    machine.zone(machine.zone_of(pfn).expect("a zone")).node
}

fn nodes(machine: &Machine, name: NameId) -> Vec<u8> {
    let Named::Mapping { process, start, pages } = machine.named(name) else { return Vec::new() };
    let procs = machine.processes();
    let mm = procs.mm(process).expect("it runs");
    let end = mm::Vaddr(start.0 + (u64::from(pages) << 12));
    procs.tables().between(mm.pgd, start, end).map(|(.., pte)| node_of(machine, pte.pfn())).collect()
}

fn told(steps: &[Step]) -> Vec<MigrateStep> {
    steps
        .iter()
        .filter_map(|step| if let StepKind::Migrate(step) = step.kind { Some(step) } else { None })
        .collect()
}

#[test]
fn pages_of_a_process_go_to_another_node_and_come_back() {
    for (reclaim, mmu) in [(false, false), (true, false), (false, true), (true, true)] {
        let mut run = machine(reclaim, mmu);
        run.exec();
        run.mmap(M, 256 * KIB, MmapArgs::ANONYMOUS);
        run.touch(Access::Write, area(M), None);
        run.op(ProcessOp::Memset {
            at: area(M),
            value: 0x41,
            bytes: common::range(Some((0, 8192))),
            cpu: CPU,
        });
        let before = pages(&run.machine, P);
        let sizes = |run: &Run| {
            run.machine.reclaim().map(|r| Lru::ALL.map(|lru| r.size(lru) + r.isolated().len() as u64))
        };
        let (rss, lru) = (run.machine.processes().mm(P).map(|mm| mm.rss), sizes(&run));
        assert!(nodes(&run.machine, M).iter().all(|node| *node == 0));
        let steps = move_to(&mut run, M, 1);
        assert!(nodes(&run.machine, M).iter().all(|node| *node == 1), "{reclaim} {mmu}");
        assert_eq!(pages(&run.machine, P), before, "{reclaim} {mmu}");
        let per_page = told(&steps).iter().filter(|step| matches!(step, MigrateStep::Copied { .. })).count();
        assert_eq!(per_page, 64);
        assert_eq!(run.machine.migrate().map(|of| (of.success, of.fail)), Some((64, 0)));
        move_to(&mut run, M, 0);
        assert_eq!(pages(&run.machine, P), before);
        assert_eq!(run.machine.processes().mm(P).map(|mm| mm.rss), rss);
        // Those that waited for a list in a batch are on one now.
        let sum = |of: Option<[u64; 5]>| of.map(|of| of.iter().sum::<u64>());
        assert!(sum(sizes(&run)) >= sum(lru));
        run.exit(P);
    }
}

#[test]
fn a_page_that_two_processes_have_moves_for_both() {
    let mut run = machine(true, true);
    run.exec();
    run.mmap(M, 64 * KIB, MmapArgs::ANONYMOUS);
    run.touch(Access::Write, area(M), None);
    run.op(ProcessOp::Fork { name: Q, parent: P, cpu: CPU });
    let both = [P, Q].map(|of| pages(&run.machine, of));
    let steps = told(&move_to(&mut run, M, 1));
    assert_eq!([P, Q].map(|of| pages(&run.machine, of)), both);
    for of in [P, Q] {
        let unmapped =
            steps.iter().filter(|s| matches!(s, MigrateStep::Unmapped { process, .. } if *process == of));
        assert_eq!(unmapped.count(), 16, "{of:?}");
    }
}

#[test]
fn pages_of_a_file_move_with_their_places_in_it() {
    let mut run = machine(true, false);
    run.exec();
    run.op(ProcessOp::File { name: F, bytes: 64 * KIB, cached: 64 * KIB, cpu: CPU });
    run.mmap(M, 64 * KIB, MmapArgs { shared: true, file: Some((F, 0)), ..MmapArgs::ANONYMOUS });
    run.touch(Access::Write, area(M), None);
    let file = run.machine.processes().file_of(F).expect("a file");
    let cache = |run: &Run| -> Vec<u32> {
        run.machine.processes().file(file).expect("a file").cache().map(|(index, _)| index).collect()
    };
    let (before, indices) = (pages(&run.machine, P), cache(&run));
    move_to(&mut run, M, 1);
    assert_eq!((pages(&run.machine, P), cache(&run)), (before, indices));
    let there = run.machine.processes().file(file).expect("a file").cache().map(|(_, pfn)| pfn);
    assert!(there.into_iter().all(|pfn| node_of(&run.machine, pfn) == 1));
}

#[test]
fn guests_of_the_scenario_move_with_their_names() {
    let mut run = machine(false, false);
    let one = |name, kind, order| Op::Alloc { name, order, gfp: Gfp::of(kind, None), cpu: CPU };
    run.steps_of(&one(G, PageKind::Movable, 0));
    let workload = Workload {
        name: W,
        actions: 100,
        orders: (Order::ZERO, Order::ZERO),
        weights: [0, 1, 0, 1, 1],
        free_percent: 10,
        zone: None,
        cpu: CPU,
    };
    run.steps_of(&Op::Workload(workload));
    let pool = run.machine.pool(W).count();
    let steps = told(&move_to(&mut run, G, 1));
    assert!(matches!(steps[0], MigrateStep::Moved { owner: Some(G), .. }), "{steps:?}");
    let Named::Block(block) = run.machine.named(G) else { panic!("it has its name still") };
    assert_eq!(node_of(&run.machine, block.pfn), 1);
    move_to(&mut run, W, 1);
    let there: Vec<u8> = run.machine.pool(W).map(|block| node_of(&run.machine, block.pfn)).collect();
    assert_eq!((there.len(), there.iter().all(|node| *node == 1)), (pool, true));
    run.steps_of(&Op::Free { name: W, cpu: CPU });
    run.steps_of(&Op::Free { name: G, cpu: CPU });
}

#[test]
fn what_cannot_move_says_why() {
    let mut run = machine(true, false);
    run.exec();
    let one = |name, kind, order| Op::Alloc { name, order, gfp: Gfp::of(kind, None), cpu: CPU };
    for (kind, order, why) in [
        (PageKind::Unmovable, 0, Stays::Unmovable(PageKind::Unmovable)),
        (PageKind::Movable, 3, Stays::Compound(Order::new(3).expect("small"))),
    ] {
        run.steps_of(&one(G, kind, order));
        let steps = told(&move_to(&mut run, G, 1));
        assert!(matches!(steps[0], MigrateStep::Stays { why: of, .. } if of == why), "{steps:?}");
        run.steps_of(&Op::Free { name: G, cpu: CPU });
    }
    // Pinned: a page of a process, of a file, and a guest, until they are unpinned.
    run.op(ProcessOp::File { name: F, bytes: 8 * KIB, cached: 8 * KIB, cpu: CPU });
    run.mmap(M, 8 * KIB, MmapArgs::ANONYMOUS);
    run.mmap(N, 8 * KIB, MmapArgs { shared: true, file: Some((F, 0)), ..MmapArgs::ANONYMOUS });
    run.touch(Access::Write, area(M), None);
    run.touch(Access::Write, area(N), None);
    run.steps_of(&one(G, PageKind::Movable, 0));
    for name in [M, N, G] {
        let was = run.machine.clone();
        let pinned = told(&pin(&mut run, PinWhat::Name(name), true));
        assert!(matches!(pinned[0], MigrateStep::Pinned { name: Some(of), .. } if of == name));
        let steps = told(&move_to(&mut run, name, 1));
        assert!(matches!(steps[0], MigrateStep::Stays { why: Stays::Pinned, .. }), "{name:?}: {steps:?}");
        assert!(!steps.iter().any(|s| matches!(s, MigrateStep::Copied { .. } | MigrateStep::Moved { .. })));
        pin(&mut run, PinWhat::Name(name), false);
        assert_eq!(run.machine.migrate().map(|of| of.pinned().count()), Some(0));
        assert_eq!(pages(&run.machine, P), pages(&was, P));
        let steps = told(&move_to(&mut run, name, 1));
        assert!(!steps.iter().any(|s| matches!(s, MigrateStep::Stays { .. })), "{name:?}: {steps:?}");
    }
    // What is given back is pinned no longer, and there is nothing to pin where nothing is.
    pin(&mut run, PinWhat::Name(G), true);
    run.steps_of(&Op::Free { name: G, cpu: CPU });
    assert_eq!(run.machine.migrate().map(|of| of.pinned().count()), Some(0));
    assert_eq!(told(&pin(&mut run, PinWhat::Name(G), true)), [MigrateStep::NothingPinned { name: Some(G) }]);
    assert_eq!(
        told(&pin(&mut run, PinWhat::Frame(Pfn(1 << 30)), true)),
        [MigrateStep::NothingPinned { name: None }]
    );
}

/// What a program and a driver do on a machine where pages also go to swap and come back.
fn any_op() -> impl Strategy<Value = Op> {
    let name = || prop::sample::select(vec![M, N, G, W]);
    let process = || prop::sample::select(vec![P, Q]);
    let access = prop::sample::select(vec![Access::Read, Access::Write]);
    prop_oneof![
        4 => (name(), 0u8..2).prop_map(|(name, node)| Op::Compact(CompactOp::MovePages { name, node, cpu: CPU })),
        1 => (name(), any::<bool>()).prop_map(|(name, on)| Op::Compact(CompactOp::Pin { what: PinWhat::Name(name), on })),
        3 => (prop::sample::select(vec![M, N]), access, prop::option::of(process())).prop_map(|(name, access, by)| {
            let at = mm::process::At::Area { name, by };
            Op::Process(ProcessOp::Access { access, at, bytes: None, cpu: CPU })
        }),
        1 => Just(Op::Process(ProcessOp::Fork { name: Q, parent: P, cpu: CPU })),
        1 => Just(Op::Process(ProcessOp::Exit { process: Q, cpu: CPU })),
        1 => (prop::sample::select(vec![M, N]), prop::sample::select(vec![
            mm::process::Advice::Cold, mm::process::Advice::PageOut, mm::process::Advice::Free, mm::process::Advice::DontNeed,
        ])).prop_map(|(name, advice)| {
            Op::Process(ProcessOp::Madvise { at: area(name), advice, bytes: None, cpu: CPU })
        }),
        1 => Just(Op::Alloc { name: G, order: 0, gfp: Gfp::of(PageKind::Movable, None), cpu: CPU }),
        1 => Just(Op::Free { name: G, cpu: CPU }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever was there before a move is there after it, and it makes no difference whether anybody looks on.
    #[test]
    fn moving_changes_nothing_but_places(
        ops in prop::collection::vec(any_op(), 1..25), reclaim in any::<bool>(), mmu in any::<bool>(),
    ) {
        let mut run = machine(reclaim, mmu);
        run.exec();
        run.op(ProcessOp::File { name: F, bytes: 64 * KIB, cached: 32 * KIB, cpu: CPU });
        run.mmap(M, 128 * KIB, MmapArgs::ANONYMOUS);
        run.mmap(N, 64 * KIB, MmapArgs { shared: true, file: Some((F, 0)), ..MmapArgs::ANONYMOUS });
        for op in &ops {
            let (mut unseen, before) = (run.machine.clone(), run.machine.clone());
            run.steps_of(op);
            while unseen.run_unit_unseen(op) == UnitEnd::More {}
            prop_assert_eq!(unseen.state_hash(), run.machine.state_hash(), "{:?}", op);
            prop_assert_eq!(run.machine.check(), Ok(()));
            if matches!(op, Op::Compact(_)) && !reclaim {
                for mm in before.processes().mms() {
                    prop_assert_eq!(pages(&run.machine, mm.name), pages(&before, mm.name));
                    prop_assert_eq!(run.machine.processes().mm(mm.name).map(|mm| mm.rss), Some(mm.rss));
                }
            }
        }
    }
}

#[test]
fn a_move_of_more_than_there_is_room_for_stops() {
    let mut run = machine(false, false);
    run.exec();
    run.is_quick = true;
    run.mmap(M, 27 * MIB, MmapArgs::ANONYMOUS);
    run.touch(Access::Write, area(M), None);
    let before = pages(&run.machine, P);
    let steps = told(&move_to(&mut run, M, 1));
    assert!(steps.iter().any(|step| matches!(step, MigrateStep::ToNode { stayed: 1.., .. })));
    assert_eq!(pages(&run.machine, P), before);
}

//! Compaction: the figures and examples of facts 05, and machines that are compacted with every law checked at every step.

#[path = "common/process.rs"]
mod common;

use common::{KIB, M, MIB, P, Run, area};
use mm::compaction::{
    CompactEvent, CompactPriority, CompactResult, CompactionConfig, Compactor, Deferral, Passed, Scanner,
    compact_gap, fragmentation_score, proactive_marks,
};
use mm::migrate::{PinWhat, Stays};
use mm::mmzone::{Mark, ZoneId, ZoneKind};
use mm::op::{CompactOp, Gfp, NameId, PageKind, Workload};
use mm::page::PageState;
use mm::process::{Access, Advice, ByteRange, MmapArgs, ProcessOp};
use mm::reclaim::{Medium, ReclaimConfig, SwapSpec};
use mm::step::{CompactStep, MigrateStep};
use mm::vmstat::{fragmentation_index, unusable_free_index};
use mm::{AllocFlags, Config, CpuId, Machine, Named, NrPages, Op, Order, Pfn, Step, StepKind, UnitEnd};
use proptest::prelude::*;

const CPU: CpuId = CpuId(0);
const COMPACT: Op = Op::Compact(CompactOp::CompactMemory { cpu: CPU });

fn order(order: u8) -> Order {
    Order::new(order).expect("an order")
}

fn told(steps: &[Step]) -> Vec<CompactStep> {
    let of = |step: &Step| if let StepKind::Compact(step) = step.kind { Some(step) } else { None };
    steps.iter().filter_map(of).collect()
}

fn free(run: &mut Run, name: NameId) -> Vec<Step> {
    run.steps_of(&Op::Free { name, cpu: CPU })
}

fn alloc(run: &mut Run, name: NameId, kind: PageKind, order: u8) -> bool {
    run.steps_of(&Op::Alloc { name, order, gfp: Gfp::of(kind, None), cpu: CPU });
    matches!(run.machine.named(name), Named::Block(_))
}

fn event(run: &Run, event: CompactEvent) -> u64 {
    run.machine.compaction().map_or(0, |compaction| compaction.event(event))
}

/// One zone of so many frames, pageblocks of 64 frames.
fn small(frames: u32) -> Config {
    Config { pageblock_order: order(6), pcp: true, ..Config::single_zone(frames) }
}

/// Every other of so many frames is in use, by guests that can move.
fn every_other(run: &mut Run, frames: u32) {
    for at in 0..frames {
        assert!(alloc(run, NameId(at), PageKind::Movable, 0));
    }
    for at in (0..frames).step_by(2) {
        free(run, NameId(at));
    }
    run.steps_of(&Op::Drain);
}

fn blocks(machine: &Machine, at_least: u8) -> u32 {
    let zone = machine.zone(ZoneId(0));
    order(at_least).and_up().map(|order| zone.area(order).nr_free() << (order.get() - at_least)).sum()
}

#[test]
fn facts_05_2_and_3_indices() {
    let of = |blocks: &[(usize, u32)]| {
        let mut counts = [0; Order::COUNT];
        blocks.iter().for_each(|(order, count)| counts[*order] = *count);
        counts
    };
    assert_eq!(fragmentation_index(&of(&[(8, 1)]), order(9)), -500);
    assert_eq!(fragmentation_index(&of(&[(0, 100)]), order(9)), 989);
    assert_eq!(fragmentation_index(&of(&[(0, 10)]), order(9)), 899);
    assert_eq!(fragmentation_index(&of(&[(3, 64)]), order(9)), 969);
    assert_eq!(fragmentation_index(&of(&[(8, 2)]), order(9)), 0);
    assert_eq!(fragmentation_index(&of(&[(2, 4), (0, 3)]), order(3)), 518);
    assert_eq!(fragmentation_index(&of(&[(9, 1)]), order(9)), -1000);
    assert_eq!(fragmentation_index(&of(&[]), order(9)), 0);
    assert_eq!(unusable_free_index(&of(&[]), order(9)), 1000);
}

#[test]
fn facts_05_4_gap_and_suitability() {
    assert_eq!(compact_gap(order(9)), 1024);
    let mut run = Run::of_config(&Config { watermarks: true, ..Config::x86_64(16384) });
    let zone = ZoneId(1);
    let low = run.machine.zone(zone).wmark_pages(Mark::Low);
    let (suits, flags) = (order(9), AllocFlags::WMARK_MIN);
    let of = |machine: &Machine, order: Option<Order>, free: u64| {
        machine.compaction_suitable(zone, order, flags, ZoneKind::Dma32, free)
    };
    let free = run.machine.zone(zone).nr_free_pages.0;
    // There is a block, so nothing is to be done; and a person is not asked for reasons.
    assert_eq!(of(&run.machine, Some(suits), free).result, CompactResult::Success);
    assert_eq!(of(&run.machine, None, 0).result, CompactResult::Continue);
    // Without a block: as many pages as low mark and gap say are too few, one more is enough to ask the index.
    let workload = Workload {
        name: NameId(0),
        actions: 12000,
        orders: (Order::ZERO, Order::ZERO),
        weights: [0, 1, 0, 0, 0],
        free_percent: 0,
        zone: Some(ZoneKind::Dma32),
        cpu: CPU,
    };
    run.is_quick = true;
    run.steps_of(&Op::Workload(workload));
    let at = |free: u32| of(&run.machine, Some(suits), u64::from(free));
    let needs = low + 1024;
    assert_eq!((at(needs).result, at(needs).mark), (CompactResult::Skipped, needs));
    assert_ne!(at(needs + 1).result, CompactResult::Skipped);
    assert!(at(needs + 1).index.is_some());
    // Up to order 3 the index is not asked, and the lowest mark counts.
    let min = run.machine.zone(zone).wmark_pages(Mark::Min);
    let small = of(&run.machine, Some(order(3)), u64::from(min + 7));
    assert_eq!((small.result, small.mark, small.index), (CompactResult::Skipped, min + 16, None));
}

#[test]
fn facts_05_6_deferral() {
    let mut deferral = Deferral::default();
    deferral.defer(order(4));
    assert_eq!(deferral, Deferral { considered: 0, shift: 1, order_failed: 0 });
    assert!(deferral.is_deferred(order(4)));
    assert!(!deferral.is_deferred(order(4)));
    deferral.defer(order(4));
    assert_eq!((0..4).map(|_| deferral.is_deferred(order(4))).collect::<Vec<_>>(), [true, true, true, false]);
    // At most 63 are put off.
    (0..10).for_each(|_| deferral.defer(order(4)));
    assert_eq!((0..64).filter(|_| deferral.is_deferred(order(4))).count(), 63);
    assert!(deferral.is_restarting(order(4)));
    // Success lets the order, and those below, try at once.
    deferral.reset(order(4), false);
    assert_eq!(
        (deferral.order_failed, deferral.is_deferred(order(4)), deferral.is_deferred(order(5))),
        (5, false, false)
    );
    deferral.defer(order(5));
    assert!(deferral.is_deferred(order(5)));
    deferral.reset(order(5), true);
    assert_eq!((deferral.considered, deferral.shift), (0, 0));
    // How thorough: a costly order is never looked for with everything.
    assert_eq!(CompactPriority::Async.more(order(9)), Some(CompactPriority::SyncLight));
    assert_eq!(CompactPriority::SyncLight.more(order(9)), None);
    assert_eq!(CompactPriority::SyncLight.more(order(3)), Some(CompactPriority::SyncFull));
    let order_of_results = [
        CompactResult::NotSuitableZone,
        CompactResult::Skipped,
        CompactResult::Deferred,
        CompactResult::NoSuitablePage,
        CompactResult::Continue,
        CompactResult::Complete,
        CompactResult::PartialSkipped,
        CompactResult::Contended,
        CompactResult::Success,
    ];
    assert!(order_of_results.is_sorted());
}

#[test]
fn facts_05_7_proactive_marks_and_score() {
    assert_eq!([20, 0, 100, 97].map(proactive_marks), [(80, 90), (100, 100), (5, 15), (5, 15)]);
    // 10,000 free pages, 1024 of them in two blocks of order 9.
    let mut counts = [0; Order::COUNT];
    (counts[0], counts[9]) = (10_000 - 1024, 2);
    assert_eq!(fragmentation_score(&counts, order(9)), 89);
    assert_eq!(100_000u64 * 89 / 100_001, 88);
}

#[test]
fn every_other_frame_becomes_whole_blocks() {
    let mut run = Run::of_config(&small(512));
    every_other(&mut run, 512);
    assert_eq!(blocks(&run.machine, 1), 0);
    let before: Vec<u32> = (1..512).step_by(2).collect();
    let steps = run.steps_of(&COMPACT);
    let all = told(&steps);
    assert!(matches!(
        all[0],
        CompactStep::Begins { by: Compactor::Person, whole_zone: true, order: None, .. }
    ));
    let Some(CompactStep::Ends { result, moved, migrate, free, .. }) = all.last().copied() else {
        panic!("{all:?}")
    };
    // 256 guests in 8 pageblocks: those of the lowest three move up. The block beside the one that is being emptied is not
    // filled, so the scanners meet before the middle is done.
    assert_eq!((result, moved), (CompactResult::Complete, 96));
    assert_eq!(migrate.0 / 64, 4, "{migrate} {free}");
    run.steps_of(&Op::Drain);
    assert_eq!(blocks(&run.machine, 6), 3);
    for name in before {
        let Named::Block(block) = run.machine.named(NameId(name)) else { panic!("{name} is gone") };
        assert!(block.pfn.0 >= 192 && run.machine.page(block.pfn).owner() == Some(NameId(name)));
    }
    assert!(event(&run, CompactEvent::Isolated) >= 192);
    assert!(event(&run, CompactEvent::MigrateScanned) >= 256);
    assert_eq!(run.machine.migrate().map(|of| (of.success, of.fail)), Some((96, 32)));
    // Once more finds little to do, and nothing gets lost.
    run.steps_of(&COMPACT);
    run.steps_of(&Op::Drain);
    assert_eq!(blocks(&run.machine, 6), 3);
}

#[test]
fn batches_are_of_32_and_the_last_one_first() {
    let mut run = Run::of_config(&small(256));
    every_other(&mut run, 256);
    let steps = run.steps_of(&COMPACT);
    let first = told(&steps).into_iter().find_map(|step| match step {
        CompactStep::IsolatedPages { pages, stays, .. } => Some((pages, stays)),
        _ => None,
    });
    assert_eq!(first, Some((32, 0)));
    let moved: Vec<(u32, u32)> = steps
        .iter()
        .filter_map(|step| match step.kind {
            StepKind::Migrate(MigrateStep::Moved { from, to, .. }) => Some((from.0, to.0)),
            _ => None,
        })
        .collect();
    // The guest that was taken last moves first, to the highest frame that was taken for them.
    assert_eq!(moved[0], (63, 254));
    assert_eq!(moved[31], (1, 192));
}

#[test]
fn what_cannot_move_stays_and_defeats_it() {
    let mut run = Run::of_config(&small(512));
    for at in 0..512 {
        assert!(alloc(&mut run, NameId(at), PageKind::Anon, 0));
    }
    // One unmovable frame in each pageblock: there is no other room.
    for at in (8..512).step_by(64) {
        free(&mut run, NameId(at));
        run.steps_of(&Op::Drain);
        assert!(alloc(&mut run, NameId(at), PageKind::Unmovable, 0));
    }
    for at in (0..512).filter(|at| at % 2 == 1) {
        free(&mut run, NameId(at));
    }
    // A guest that somebody counts on is as bad.
    run.steps_of(&Op::Compact(CompactOp::Pin { what: PinWhat::Name(NameId(0)), on: true }));
    run.steps_of(&Op::Drain);
    let steps = told(&run.steps_of(&COMPACT));
    let stays: Vec<Stays> = steps
        .iter()
        .filter_map(|step| match step {
            CompactStep::IsolatedPages { first: Some((_, why)), .. } => Some(*why),
            _ => None,
        })
        .collect();
    assert!(!stays.is_empty(), "{steps:?}");
    assert!(stays.contains(&Stays::Pinned), "{stays:?}");
    assert!(stays.contains(&Stays::Unmovable(PageKind::Unmovable)));
    run.steps_of(&Op::Drain);
    assert_eq!(blocks(&run.machine, 6), 0);
    assert!(matches!(run.machine.named(NameId(0)), Named::Block(block) if block.pfn == Pfn(0)));
}

/// A machine on which requests compact memory; guests fill it, and every other one goes.
fn compacting(frames: u32, reclaim: bool) -> Run {
    let swap = vec![SwapSpec { pages: NrPages(4096), priority: None, medium: Medium::Disk }];
    let mut run = Run::of_config(&Config {
        pcp: true,
        watermarks: true,
        compaction: Some(CompactionConfig::default()),
        reclaim: reclaim.then(|| ReclaimConfig { swap, ..ReclaimConfig::default() }),
        ..Config::single_zone(frames)
    });
    run.is_quick = true;
    let mut name = 10;
    while run.machine.zone(ZoneId(0)).nr_free_pages.0
        > u64::from(run.machine.zone(ZoneId(0)).wmark_pages(Mark::High))
    {
        assert!(alloc(&mut run, NameId(name), PageKind::Movable, 0));
        name += 1;
    }
    (10..name).step_by(2).for_each(|at| {
        free(&mut run, NameId(at));
    });
    run.steps_of(&Op::Drain);
    run
}

#[test]
fn a_request_that_finds_nothing_compacts_memory_itself() {
    let mut run = compacting(8192, false);
    assert_eq!(blocks(&run.machine, 9), 0);
    let steps = run.steps_of(&Op::Alloc {
        name: NameId(0),
        order: 9,
        gfp: Gfp::of(PageKind::Movable, None),
        cpu: CPU,
    });
    assert!(matches!(run.machine.named(NameId(0)), Named::Block(_)));
    let all = told(&steps);
    assert!(matches!(all[0], CompactStep::Direct { priority: CompactPriority::Async, .. }), "{all:?}");
    let results: Vec<CompactResult> = all
        .iter()
        .filter_map(|step| match step {
            CompactStep::Ends { result, .. } => Some(*result),
            _ => None,
        })
        .collect();
    assert_eq!(results.last(), Some(&CompactResult::Success));
    assert!(all.iter().any(|step| matches!(step, CompactStep::Served { zone: Some(_), .. })));
    assert!(all.iter().any(|step| matches!(step, CompactStep::Drained { .. })));
    let counted = [CompactEvent::Stall, CompactEvent::Success, CompactEvent::Fail].map(|e| event(&run, e));
    // In great strides the scanner for room meets none of the holes; frame by frame it does.
    assert_eq!((results.len(), counted), (2, [2, 1, 1]));
    // An atomic one may not: it fails as before.
    let atomic = Gfp { flags: Gfp::of(PageKind::Unmovable, None).flags.atomic(), kind: PageKind::Unmovable };
    let steps = run.steps_of(&Op::Alloc { name: NameId(1), order: 10, gfp: atomic, cpu: CPU });
    assert_eq!(told(&steps), []);
}

#[test]
fn failures_are_put_off() {
    let mut run = compacting(8192, true);
    // Every guest is pinned: nothing moves.
    for name in 10..8192 {
        if matches!(run.machine.named(NameId(name)), Named::Block(_)) {
            run.steps_of(&Op::Compact(CompactOp::Pin { what: PinWhat::Name(NameId(name)), on: true }));
        }
    }
    let mut put_off = 0;
    for at in 0..6 {
        let gfp = Gfp::of(PageKind::Movable, None);
        let steps = run.steps_of(&Op::Alloc { name: NameId(at), order: 9, gfp, cpu: CPU });
        put_off += told(&steps).iter().filter(|step| matches!(step, CompactStep::PutOff { .. })).count();
        assert_eq!(run.machine.named(NameId(at)), Named::Failed);
    }
    assert!(put_off > 2, "{put_off}");
    assert!(event(&run, CompactEvent::Fail) > 0 && event(&run, CompactEvent::Success) == 0);
    // What was looked at in vain is marked.
    let marked = (0..16).filter(|at| run.machine.compaction().is_some_and(|of| of.skips(*at))).count();
    assert!(marked > 4, "{marked}");
}

#[test]
fn kcompactd_works_while_others_do() {
    let mut run = compacting(8192, false);
    run.steps_of(&Op::Compact(CompactOp::Proactive));
    assert!(run.machine.fragmentation_score_node(0) > 90);
    let awake = |run: &Run| run.machine.compaction().is_some_and(|of| of.nodes()[0].wanted.is_some());
    assert!(awake(&run));
    let mut turns = 0;
    while awake(&run) {
        run.steps_of(&Op::Compact(CompactOp::Pin { what: PinWhat::Frame(Pfn(0)), on: false }));
        turns += 1;
        assert!(turns < 1000);
    }
    assert!(run.machine.fragmentation_score_node(0) <= 80, "{}", run.machine.fragmentation_score_node(0));
    assert!(turns > 3);
    assert!(event(&run, CompactEvent::DaemonMigrateScanned) > 0);
    assert_eq!(run.machine.check(), Ok(()));
}

#[test]
fn kswapd_wakes_kcompactd_when_it_has_done_its_part() {
    let mut run = compacting(8192, true);
    run.exec();
    run.mmap(M, 40 * MIB, MmapArgs::ANONYMOUS);
    run.touch(Access::Write, area(M), None);
    // What kswapd was woken for has order 0; a request for a large block says more.
    let gfp = Gfp::of(PageKind::Unmovable, None);
    let gfp = Gfp { flags: gfp.flags.nowait(), ..gfp };
    let mut woken = false;
    for at in 0..40 {
        let steps = run.steps_of(&Op::Alloc { name: NameId(6 + at % 2), order: 5, gfp, cpu: CPU });
        woken |= told(&steps).iter().any(|step| matches!(step, CompactStep::Woken { node: 0, .. }));
        free(&mut run, NameId(6 + at % 2));
    }
    assert!(woken || event(&run, CompactEvent::DaemonWake) > 0);
}

#[test]
fn scanners_pass_over_pageblocks_with_a_reason() {
    let mut run = Run::of_config(&small(1024));
    every_other(&mut run, 512);
    let steps = told(&run.steps_of(&COMPACT));
    let whole = steps
        .iter()
        .any(|step| matches!(step, CompactStep::Passed { scanner: Scanner::Free, why: Passed::IsFree, .. }));
    assert!(whole, "the upper half is free as a whole");
}

/// What programs and drivers do on a small machine that compacts.
fn any_op() -> impl Strategy<Value = Op> {
    let name = || (10u32..200).prop_map(NameId);
    let kind = prop::sample::select(vec![
        PageKind::Movable,
        PageKind::Movable,
        PageKind::Anon,
        PageKind::Unmovable,
        PageKind::Reclaimable,
    ]);
    let range = (0u64..500, 1u64..300)
        .prop_map(|(from, pages)| ByteRange { from: from << 12, to: (from + pages) << 12 });
    prop_oneof![
        6 => (name(), kind, 0u8..10).prop_map(|(name, kind, order)| {
            Op::Alloc { name, order, gfp: Gfp::of(kind, None), cpu: CPU }
        }),
        4 => name().prop_map(|name| Op::Free { name, cpu: CPU }),
        3 => Just(COMPACT),
        1 => Just(Op::Compact(CompactOp::Proactive)),
        1 => (name(), any::<bool>()).prop_map(|(name, on)| Op::Compact(CompactOp::Pin { what: PinWhat::Name(name), on })),
        2 => range.clone().prop_map(|bytes| {
            Op::Process(ProcessOp::Access { access: Access::Write, at: area(M), bytes: Some(bytes), cpu: CPU })
        }),
        2 => range.prop_map(|bytes| {
            Op::Process(ProcessOp::Madvise { at: area(M), advice: Advice::DontNeed, bytes: Some(bytes), cpu: CPU })
        }),
        1 => (1u32..400, any::<u8>()).prop_map(|(actions, weight)| Op::Workload(Workload {
            name: NameId(9), actions, orders: (Order::ZERO, order(3)), weights: [weight % 3, 8, 1, 4, 4],
            free_percent: 40, zone: None, cpu: CPU,
        })),
        1 => Just(Op::Free { name: NameId(9), cpu: CPU }),
        1 => Just(Op::Drain),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    /// Pages are conserved, everybody keeps what he has, and whether anybody looks on makes no difference.
    #[test]
    fn compaction_keeps_every_law(
        ops in prop::collection::vec(any_op(), 1..40),
        frames in 1024u32..3000, pageblock in 4u8..9, automatic in any::<bool>(), reclaim in any::<bool>(),
        pcp in any::<bool>(), watermarks in any::<bool>(),
    ) {
        let swap = vec![SwapSpec { pages: NrPages(4096), priority: None, medium: Medium::Disk }];
        let mut run = Run::of_config(&Config {
            pcp,
            watermarks,
            pageblock_order: order(pageblock),
            compaction: automatic.then(CompactionConfig::default),
            reclaim: reclaim.then(|| ReclaimConfig { swap, ..ReclaimConfig::default() }),
            ..Config::single_zone(frames)
        });
        run.exec();
        run.mmap(M, 2000 * KIB, MmapArgs::ANONYMOUS);
        for op in &ops {
            let (mut unseen, before) = (run.machine.clone(), run.machine.clone());
            run.steps_of(op);
            while unseen.run_unit_unseen(op) == UnitEnd::More {}
            prop_assert_eq!(unseen.state_hash(), run.machine.state_hash(), "{:?}", op);
            if *op == COMPACT && !reclaim {
                let held = |machine: &Machine| -> usize {
                    machine.mem_map().flatten().filter(|page| page.is_owned()).count()
                };
                prop_assert_eq!(held(&run.machine), held(&before));
                let managed = |machine: &Machine| machine.zone(ZoneId(0)).managed;
                prop_assert_eq!(managed(&run.machine), managed(&before));
                let unowned = |machine: &Machine| (0..frames).filter(|pfn| {
                    let page = machine.page(Pfn(*pfn));
                    page.state == PageState::Allocated && page.owner().is_none()
                }).count();
                let kcompactd = run.machine.compaction().map_or(0, |of| {
                    of.running().map(|control| control.freepages.len()).sum()
                });
                prop_assert_eq!(unowned(&run.machine), kcompactd);
                prop_assert_eq!(
                    run.machine.processes().mm(P).map(|mm| mm.rss),
                    before.processes().mm(P).map(|mm| mm.rss)
                );
            }
        }
    }
}

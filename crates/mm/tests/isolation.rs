//! Pageblocks that are taken out of use (Linux 6.1, mm/page_isolation.c).

mod common;

use common::*;
use mm::op::PageKind;
use mm::page::Block;
use mm::page::MigrateType::{Isolate, Movable, Unmovable};
use mm::replay::{Moves, Recorded};
use mm::step::{Nothing, StepKind};
use mm::{Config, CpuId, Machine, Op, Order, Pfn};

/// Free pages of an isolated pageblock are on lists, but not counted as free, and nobody gets them.
#[test]
fn what_is_isolated_is_not_free() {
    let mut m = Machine::boot(&Config::single_zone(1024)).expect("boots");
    // A page of the upper pageblock: the block of order 10 is cut.
    assert_eq!(alloc(&mut m, 0, 9, PageKind::Movable), Some(0));
    run(&mut m, &Op::Isolate(Pfn(600)));
    assert_eq!(m.pageblock_type(Pfn(600)), Isolate);
    assert_eq!(list(&m, 9, Isolate), [512]);
    assert_eq!(m.zone(ZONE).nr_free_pages.0, 0);
    assert_eq!(nr_free(&m)[9], 1, "nr_free counts it all the same");
    assert_eq!(alloc(&mut m, 1, 0, PageKind::Movable), None);
    run(&mut m, &Op::Unisolate(Pfn(600), Movable));
    assert_eq!(list(&m, 9, Movable), [512]);
    assert_eq!(m.zone(ZONE).nr_free_pages.0, 512);
    free(&mut m, 0);
    assert_eq!(list(&m, 10, Movable), [0], "merged again");
}

/// A block of two pageblocks, the lower one isolated, is on the isolated list as a whole; isolating the upper one cuts it,
/// and each half counts by its own type (`split_free_page()`).
#[test]
fn a_block_of_two_pageblocks_is_cut_and_counted() {
    let mut m = Machine::boot(&Config::single_zone(2048)).expect("boots");
    let pfn = alloc(&mut m, 0, 10, PageKind::Movable).expect("a block");
    let before = m.zone(ZONE).nr_free_pages.0;
    run(&mut m, &Op::Isolate(Pfn(pfn)));
    free(&mut m, 0);
    assert_eq!((list(&m, 10, Isolate), m.zone(ZONE).nr_free_pages.0), (vec![pfn], before));
    run(&mut m, &Op::Isolate(Pfn(pfn + 512)));
    assert_eq!((list(&m, 9, Isolate), m.zone(ZONE).nr_free_pages.0), (vec![pfn, pfn + 512], before));
    assert_eq!(m.check(), Ok(()));
    run(&mut m, &Op::Unisolate(Pfn(pfn), Movable));
    run(&mut m, &Op::Unisolate(Pfn(pfn + 512), Movable));
    assert_eq!(m.zone(ZONE).nr_free_pages.0, before + 1024);
    assert_eq!(m.check(), Ok(()));
}

/// A page that is freed in an isolated pageblock goes to the isolated list at once, past the CPU's lists, and does not
/// merge across the border.
#[test]
fn a_page_freed_in_an_isolated_pageblock() {
    let config = Config { pcp: true, ..Config::single_zone(4096) };
    let mut m = Machine::boot(&config).expect("boots");
    let pfn = alloc(&mut m, 0, 0, PageKind::Movable).expect("a page");
    run(&mut m, &Op::Drain);
    let before = m.zone(ZONE).nr_free_pages.0;
    let pageblock = u64::from(m.pageblock_order().pages());
    run(&mut m, &Op::Isolate(Pfn(pfn)));
    assert!(m.zone(ZONE).nr_free_pages.0 <= before + 1 - pageblock, "its free pages are no longer counted");
    let steps = free(&mut m, 0);
    assert!(!steps.iter().any(|s| matches!(s.kind, StepKind::PcpPut { .. })));
    assert_eq!(list(&m, 9, Isolate), [pfn & !511]);
}

/// One page that cannot be moved away, and the pageblock stays as it is.
#[test]
fn an_unmovable_page_is_in_the_way() {
    let mut m = Machine::boot(&Config::single_zone(1024)).expect("boots");
    let pfn = alloc(&mut m, 0, 0, PageKind::Unmovable).expect("a page");
    let steps = run(&mut m, &Op::Isolate(Pfn(pfn)));
    assert!(
        steps
            .iter()
            .any(|s| matches!(s.kind, StepKind::IsolateRefused { unmovable, .. } if unmovable.0 == pfn))
    );
    assert_eq!(m.pageblock_type(Pfn(pfn)), Unmovable);
}

/// While a pageblock is isolated, what the CPUs give back goes where its pageblock says.
#[test]
fn drained_pages_are_looked_up_anew() {
    let config = Config { pcp: true, ..Config::single_zone(4096) };
    let mut m = Machine::boot(&config).expect("boots");
    let pfn = alloc(&mut m, 0, 0, PageKind::Movable).expect("a page");
    free(&mut m, 0);
    run(&mut m, &Op::Isolate(Pfn(pfn)));
    run(&mut m, &Op::Drain);
    assert_eq!(m.zone(ZONE).pcp_pages().0, 0);
    assert_eq!(list(&m, 9, Isolate), [pfn & !511]);
}

/// What finds nothing to do says so, in one step.
#[test]
fn an_op_that_finds_nothing_to_do_says_so() {
    let config = Config { pcp: true, ..Config::single_zone(4096) };
    let mut m = Machine::boot(&config).expect("boots");
    let pageblock = Block { pfn: Pfn(512), order: m.pageblock_order() };
    let mut does = |op: Op, wanted: Option<Nothing>| {
        let before = m.state_hash();
        let steps = run(&mut m, &op);
        let found = steps.iter().find_map(|step| match step.kind {
            StepKind::NothingToDo { why } => Some(why),
            _ => None,
        });
        assert_eq!(found, wanted, "{op:?}");
        assert!(!steps.is_empty() && (found.is_none() || steps.len() == 1), "{op:?}: {steps:?}");
        assert_ne!(m.state_hash(), before, "{op:?} is done");
    };
    does(Op::Drain, Some(Nothing::NoCpuPages));
    does(Op::Isolate(Pfn(4096)), Some(Nothing::NoPageblock(Pfn(4096))));
    does(Op::Unisolate(Pfn(600), Movable), Some(Nothing::NotIsolated(pageblock)));
    does(Op::Isolate(Pfn(600)), None);
    does(Op::Isolate(Pfn(700)), Some(Nothing::IsIsolated(pageblock)));
    does(Op::Unisolate(Pfn(600), Movable), None);
    does(Op::Unisolate(Pfn(9999), Movable), Some(Nothing::NoPageblock(Pfn(9999))));
    let recorded = |first| Op::Recorded(Recorded::Drain { moves: Moves { first, len: 0 } });
    does(recorded(0), Some(Nothing::NotFollowed));
    let foreign = Block { pfn: Pfn(9999), order: Order::ZERO };
    let of_another = Recorded::Free { cpu: CpuId(0), block: foreign, moves: Moves::default() };
    does(Op::Recorded(of_another), Some(Nothing::NotFollowed));
}

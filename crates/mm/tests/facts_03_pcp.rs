//! The worked examples of the per-CPU lists (facts 03), on a machine.
//!
//! The sizes alone are in `facts_01_03_04_setup.rs`.

mod common;

use common::*;
use mm::config::{Start, StartPcp, ZoneLists};
use mm::mmzone::PerCpuPages;
use mm::op::{NameId, PageKind};
use mm::page::MigrateType;
use mm::{Config, CpuId, Machine, Op, Pfn, Step, StepKind};

const CPU: CpuId = CpuId(0);

/// Two free blocks of 1024 movable frames, and a CPU with these sizes and an empty set of lists.
fn with_sizes(high: u32, batch: u32) -> Machine {
    let sizes = [high, batch, 0, 0];
    let lists = ZoneLists {
        pageblocks: vec![MigrateType::Movable; 4],
        lists: vec![(order(10), MigrateType::Movable, vec![Pfn(0), Pfn(1024)])],
        pcp: vec![StartPcp { cpu: CPU, sizes, lists: Vec::new() }],
        ..ZoneLists::empty(ZONE)
    };
    let config = Config { pcp: true, start: Start::Lists(vec![lists]), ..Config::single_zone(2048) };
    Machine::boot(&config).expect("it boots")
}

fn pcp(m: &Machine) -> &PerCpuPages {
    m.zone(ZONE).pcp(CPU)
}

/// Pages that drains gave back, in order: how many each began with, and how many it was to give.
fn drains(steps: &[Step]) -> Vec<(u32, u32)> {
    let of = |step: &Step| match step.kind {
        StepKind::PcpDrainBegins { count, pages, .. } => Some((count, pages)),
        _ => None,
    };
    steps.iter().filter_map(of).collect()
}

fn drained(steps: &[Step]) -> Vec<u32> {
    let of = |step: &Step| match step.kind {
        StepKind::PcpDrain { block, .. } => Some(block.pfn.0),
        _ => None,
    };
    steps.iter().filter_map(of).collect()
}

fn take_all(m: &mut Machine, names: std::ops::Range<u32>, order: u8) {
    for name in names {
        assert!(alloc(m, name, order, PageKind::Movable).is_some());
    }
}

fn free_all(m: &mut Machine, names: std::ops::Range<u32>) -> Vec<Step> {
    names.flat_map(|name| free(m, name)).collect()
}

/// Section 6, number by number: high 20, batch 4, one CPU.
#[test]
fn facts_03_6_free_factor_doubles() {
    let mut m = with_sizes(20, 4);
    for name in 0..32 {
        assert_eq!(alloc(&mut m, name, 0, PageKind::Movable), Some(name));
    }
    assert_eq!((pcp(&m).count, pcp(&m).free_factor), (0, 0));
    assert_eq!(drains(&free_all(&mut m, 0..19)), []);
    let twentieth = free(&mut m, 19);
    assert_eq!(drains(&twentieth), [(20, 4)]);
    assert_eq!(drained(&twentieth), [0, 1, 2, 3], "the oldest go");
    assert_eq!((pcp(&m).count, pcp(&m).free_factor), (16, 1));
    assert_eq!(drains(&free_all(&mut m, 20..24)), [(20, 8)]);
    assert_eq!((pcp(&m).count, pcp(&m).free_factor), (12, 2));
    assert_eq!(drains(&free_all(&mut m, 24..32)), [(20, 16)]);
    assert_eq!((pcp(&m).count, pcp(&m).free_factor), (4, 2));
    // The newest page is the head; the request halves the factor.
    assert_eq!(alloc(&mut m, 50, 0, PageKind::Movable), Some(31));
    assert_eq!((pcp(&m).count, pcp(&m).free_factor), (3, 1));
}

/// Section 3: how many blocks a refill asks for.
#[test]
fn facts_03_3_refills() {
    let refill = |batch, order| {
        let mut m = with_sizes(10_000, batch);
        let steps = {
            let op = Op::Alloc { name: NameId(0), order, gfp: gfp(PageKind::Movable), cpu: CPU };
            run(&mut m, &op)
        };
        let of = |step: &Step| match step.kind {
            StepKind::PcpRefilled { blocks, .. } => Some(blocks),
            _ => None,
        };
        steps.iter().find_map(of)
    };
    assert_eq!([0, 1, 2, 3, 9].map(|order| refill(63, order)), [63, 31, 15, 7, 2].map(Some));
    assert_eq!([0, 1, 2, 3].map(|order| refill(15, order)), [15, 7, 3, 2].map(Some));
    assert_eq!([0, 1, 2, 3, 9].map(|order| refill(1, order)), [Some(1); 5]);
    // Orders 4 to 8 and 10 have no lists.
    assert_eq!([4, 5, 6, 7, 8, 10].map(|order| refill(63, order)), [None; 6]);
}

/// Section 3: pages of one block come in ascending order, and they leave the count of free pages at the refill.
#[test]
fn facts_03_3_a_refill_is_ascending_and_counted() {
    let mut m = with_sizes(10_000, 63);
    let pages: Vec<_> = (0..64).map(|name| alloc(&mut m, name, 0, PageKind::Movable)).collect();
    assert_eq!(pages, (0..64).map(Some).collect::<Vec<_>>());
    assert_eq!(m.zone(ZONE).nr_free_pages.0, 2048 - 126);
    assert_eq!((pcp(&m).count, m.zone(ZONE).pcp_pages().0), (62, 62));
}

/// Section 4: a block of order 1 to 3 while drains go on takes the whole list with it.
#[test]
fn facts_03_4_high_orders_are_not_kept_while_draining() {
    let mut m = with_sizes(20, 4);
    take_all(&mut m, 0..2, 2);
    take_all(&mut m, 2..32, 0);
    // Nothing was drained yet: it stays.
    assert_eq!(drains(&free(&mut m, 0)), []);
    // Two pages of a refill and the block of four are there: 14 more make 20.
    assert_eq!(drains(&free_all(&mut m, 2..16)), [(20, 4)]);
    assert_eq!(drains(&free(&mut m, 1)), [(20, 20)]);
    assert_eq!(pcp(&m).count, 0);
}

/// Section 4: with high below batch one page goes for each that comes.
#[test]
fn facts_03_4_a_short_list() {
    let mut m = with_sizes(2, 4);
    take_all(&mut m, 0..4, 0);
    assert_eq!(drains(&free_all(&mut m, 0..4)), [(2, 1), (2, 1), (2, 1)]);
    assert_eq!(pcp(&m).count, 1);
}

/// Section 1: which list, and that types beyond the first three share the movable one.
#[test]
fn facts_03_1_fourteen_lists() {
    use MigrateType::{Cma, HighAtomic, Movable, Reclaimable, Unmovable};
    let index = |o, t| PerCpuPages::index_of(order(o), t);
    assert_eq!([Unmovable, Movable, Reclaimable].map(|t| index(0, t)), [0, 1, 2]);
    assert_eq!([Unmovable, Movable, Reclaimable].map(|t| index(3, t)), [9, 10, 11]);
    assert_eq!([Unmovable, Reclaimable, Movable].map(|t| index(9, t)), [12, 12, 13]);
    assert_eq!([HighAtomic, Cma].map(|t| index(2, t)), [7, 7]);
}

/// Section 5: everything goes, in chunks of 32 batches.
#[test]
fn facts_03_5_draining_in_chunks() {
    let mut m = with_sizes(10_000, 1);
    take_all(&mut m, 0..70, 0);
    free_all(&mut m, 0..70);
    assert_eq!(drains(&run(&mut m, &Op::Drain)), [(70, 32), (38, 32), (6, 6)]);
    assert_eq!((pcp(&m).count, nr_free(&m)[10]), (0, 2));
    assert_eq!(drains(&run(&mut m, &Op::Drain)), []);
}

/// A CPU knows only its own lists.
#[test]
fn each_cpu_has_lists_of_its_own() {
    let config = Config { pcp: true, cpus: vec![0, 0], ..Config::single_zone(65_536) };
    let mut m = Machine::boot(&config).expect("it boots");
    let ask = |m: &mut Machine, name, cpu| {
        let op = Op::Alloc { name: NameId(name), order: 0, gfp: gfp(PageKind::Movable), cpu: CpuId(cpu) };
        run(m, &op);
        match m.named(NameId(name)) {
            mm::Named::Block(block) => block.pfn.0,
            other => panic!("{other:?}"),
        }
    };
    // 65536 pages have a batch of 15.
    assert_eq!((ask(&mut m, 0, 0), ask(&mut m, 1, 1), ask(&mut m, 2, 0)), (0, 15, 1));
    // What CPU 1 frees, CPU 1 gets.
    run(&mut m, &Op::Free { name: NameId(0), cpu: CpuId(1) });
    assert_eq!((ask(&mut m, 3, 0), ask(&mut m, 4, 1)), (2, 0));
}

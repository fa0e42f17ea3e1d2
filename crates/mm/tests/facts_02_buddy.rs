//! The worked examples of the fact sheet about the buddy allocator (Linux 6.1.192, mm/page_alloc.c), by their names.

mod common;

use common::*;
use mm::config::{Mobility, Start, ZoneSpec};
use mm::mmzone::{ZoneId, ZoneKind};
use mm::op::PageKind;
use mm::page::MigrateType::{Cma, Movable, Reclaimable, Unmovable};
use mm::step::BuddyVerdict;
use mm::{Config, Machine, Pfn, PfnRange, StepKind};

/// One order-10 movable block; an unmovable page is wanted.
#[test]
fn t1_first_unmovable_page_takes_both_pageblocks() {
    let mut m = Machine::boot(&Config::single_zone(1024)).expect("boots");
    assert_eq!(list(&m, 10, Movable), [0]);
    assert_eq!(alloc(&mut m, 0, 0, PageKind::Unmovable), Some(0));
    for order in 0..10 {
        assert_eq!(list(&m, order, Unmovable), [1 << order], "order {order}");
    }
    assert_eq!(nr_free(&m), [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]);
    assert_eq!(m.pageblock_type(Pfn(0)), Unmovable);
    assert_eq!(m.pageblock_type(Pfn(512)), Unmovable);
}

/// Freeing that page merges everything again, on the unmovable list.
#[test]
fn t2_free_merges_all_the_way_up() {
    let mut m = Machine::boot(&Config::single_zone(1024)).expect("boots");
    alloc(&mut m, 0, 0, PageKind::Unmovable);
    let steps = free(&mut m, 0);
    assert_eq!(list(&m, 10, Unmovable), [0]);
    assert_eq!(nr_free(&m), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(steps.iter().filter(|s| matches!(s.kind, StepKind::Merge { .. })).count(), 10);
}

/// A pageblock that is CMA does not merge with a movable one.
#[test]
fn t3_type_barrier_at_pageblock_order() {
    let config = Config {
        cma: true,
        start: Start::Lists(vec![mm::config::ZoneLists {
            zone: ZONE,
            pageblocks: vec![Cma, Movable],
            lists: vec![(order(8), Cma, vec![Pfn(256)]), (order(9), Movable, vec![Pfn(512)])],
            ..mm::config::ZoneLists::empty(ZoneId(0))
        }]),
        ..Config::single_zone(1024)
    };
    let mut m = Machine::boot(&config).expect("boots");
    // The rest of the CMA block, frames 0 to 255, is in use by somebody unknown.
    let kinds = free_unknown(&mut m, 0, 8);
    assert!(kinds.iter().any(|k| matches!(
        k,
        StepKind::BuddyCheck { verdict: BuddyVerdict::OtherType { ours: Cma, theirs: Movable }, .. }
    )));
    assert_eq!(list(&m, 9, Cma), [0]);
    assert_eq!(list(&m, 9, Movable), [512]);
    assert_eq!(nr_free(&m)[10], 0);
}

/// Frees single frames that nobody has a name for, up to `1 << order` from `first` on.
fn free_unknown(m: &mut Machine, first: u32, order: u8) -> Vec<StepKind> {
    let mut steps = Vec::new();
    for pfn in first..first + (1 << order) {
        m.free_unknown_page(Pfn(pfn), &mut steps);
        m.check().expect("laws");
    }
    steps.iter().map(|s| s.kind).collect()
}

/// A freed block goes to the tail when its next merge is likely, else to the head.
#[test]
fn t4_merge_likely_decides_head_or_tail() {
    // Frames 6 and 7 free as one block of order 1: frame 4 goes to the tail.
    let mut m = from_lists(64, Movable, &[(1, Movable, &[6]), (0, Movable, &[32])]);
    free_unknown(&mut m, 4, 0);
    assert_eq!(list(&m, 0, Movable), [32, 4]);
    // In use: it goes to the head.
    let mut m = from_lists(64, Movable, &[(0, Movable, &[32])]);
    free_unknown(&mut m, 4, 0);
    assert_eq!(list(&m, 0, Movable), [4, 32]);
}

/// A page is cut out of the head of the first list that has one.
#[test]
fn t5_takes_the_head_and_puts_upper_halves_on_heads() {
    let mut m = from_lists(64, Movable, &[(3, Movable, &[24, 8])]);
    assert_eq!(alloc(&mut m, 0, 0, PageKind::Movable), Some(24));
    assert_eq!(list(&m, 3, Movable), [8]);
    assert_eq!(list(&m, 2, Movable), [28]);
    assert_eq!(list(&m, 1, Movable), [26]);
    assert_eq!(list(&m, 0, Movable), [25]);
}

/// A movable request that can only pollute takes the smallest block, and only that one.
#[test]
fn t6_movable_takes_the_smallest_unmovable_block() {
    let mut m = from_lists(1024, Unmovable, &[(3, Unmovable, &[520]), (2, Unmovable, &[600])]);
    assert_eq!(alloc(&mut m, 0, 0, PageKind::Movable), Some(600));
    assert_eq!(list(&m, 1, Movable), [602]);
    assert_eq!(list(&m, 0, Movable), [601]);
    assert_eq!(m.pageblock_type(Pfn(600)), Unmovable);
    assert_eq!(list(&m, 3, Unmovable), [520]);
    free(&mut m, 0);
    // It merges with what was cut off it, and the whole goes back to the type of its pageblock.
    assert_eq!(list(&m, 2, Unmovable), [600]);
}

/// An unmovable request takes the free pages of a mostly movable pageblock, but not the pageblock.
#[test]
fn t7_pageblock_keeps_its_type_below_half() {
    let mut m = lru_beside(16, 400);
    assert_eq!(alloc(&mut m, 1000, 0, PageKind::Unmovable), Some(16));
    assert_eq!(m.pageblock_type(Pfn(16)), Movable);
    assert_eq!(list(&m, 3, Unmovable), [24], "all 16 free pages moved");
    assert_eq!(list(&m, 0, Unmovable), [17]);
}

/// With half of the pageblock free or alike, the pageblock changes its type.
#[test]
fn t8_pageblock_is_claimed_from_half_on() {
    let mut m = lru_beside(16, 100);
    let steps = run(
        &mut m,
        &mm::Op::Alloc {
            name: mm::op::NameId(1000),
            order: 0,
            gfp: gfp(PageKind::Unmovable),
            cpu: mm::CpuId(0),
        },
    );
    assert!(steps.iter().any(|s| matches!(
        s.kind,
        StepKind::MoveFreePages { free: 16, alike: 396, claimed: true, from: Movable, to: Unmovable, .. }
    )));
    assert_eq!(m.pageblock_type(Pfn(16)), Unmovable);
}

/// A machine whose first pageblock has one free order-4 block at `free_at` and `lru` anonymous pages.
fn lru_beside(free_at: u32, lru: u32) -> Machine {
    let singles: Vec<u32> = (100..100 + lru).collect();
    let mut m = from_lists(512, Movable, &[(4, Movable, &[free_at]), (0, Movable, &singles)]);
    for name in 0..lru {
        assert_eq!(alloc(&mut m, name, 0, PageKind::Anon), Some(100 + name));
    }
    assert_eq!(nr_free(&m), [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    m
}

/// The DMA zone of a PC: frames 256 to 4095 are handed over at boot.
#[test]
fn boot_list() {
    let m = Machine::boot(&Config::x86_64(16384)).expect("boots");
    assert_eq!(nr_free(&m), [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 3]);
    // The quirk: the pageblock that the zone does not begin keeps the value 0, so its block is unmovable.
    assert_eq!(list(&m, 8, Unmovable), [256]);
    assert_eq!(list(&m, 9, Movable), [512]);
    assert_eq!(list(&m, 10, Movable), [1024, 2048, 3072], "ascending");
    m.check().expect("laws");
    m.check_merged().expect("merged");
}

/// The example of a range that begins and ends anywhere: frames 1 to 158.
#[test]
fn boot_list_of_an_unaligned_range() {
    let config = Config {
        ram: vec![PfnRange::new(1, 159)],
        zones: vec![ZoneSpec { kind: ZoneKind::Dma, node: 0, span: PfnRange::new(1, 159) }],
        ..Config::single_zone(159)
    };
    let m = Machine::boot(&config).expect("boots");
    assert_eq!(nr_free(&m), [2, 2, 2, 2, 2, 1, 1, 0, 0, 0, 0]);
    let all = |order| [list(&m, order, Unmovable), list(&m, order, Movable)].concat();
    assert_eq!(
        (0..7).map(all).collect::<Vec<_>>(),
        [vec![1, 158], vec![2, 156], vec![4, 152], vec![8, 144], vec![16, 128], vec![32], vec![64]]
    );
}

/// Grouping by mobility is off when there are fewer pages than a pageblock for each type.
#[test]
fn small_machines_do_not_group_by_mobility() {
    let auto = |frames| {
        let config = Config { mobility: Mobility::Auto, ..Config::single_zone(frames) };
        Machine::boot(&config).expect("boots").groups_by_mobility()
    };
    assert!(!auto(2559));
    assert!(auto(2560));
}

/// What moved over goes to the tail of a list; reclaimable comes before movable for an unmovable request.
#[test]
fn unmovable_falls_back_to_reclaimable_first() {
    let mut m = from_lists(1024, Reclaimable, &[(9, Movable, &[0]), (9, Reclaimable, &[512])]);
    assert_eq!(alloc(&mut m, 0, 0, PageKind::Unmovable), Some(512));
    assert_eq!(m.pageblock_type(Pfn(512)), Unmovable);
    assert_eq!(list(&m, 9, Movable), [0]);
}

/// Zone fallback: Normal first, then the zones below, and never above what the request allows.
#[test]
fn zones_are_tried_from_the_highest_allowed_down() {
    let zone = |kind, from, to| ZoneSpec { kind, node: 0, span: PfnRange::new(from, to) };
    let config = Config {
        ram: vec![PfnRange::new(0, 192)],
        zones: vec![
            zone(ZoneKind::Dma, 0, 64),
            zone(ZoneKind::Dma32, 64, 128),
            zone(ZoneKind::Normal, 128, 192),
        ],
        ..Config::single_zone(192)
    };
    let mut m = Machine::boot(&config).expect("boots");
    let mut got = Vec::new();
    for name in 0..4 {
        got.push(alloc(&mut m, name, 6, PageKind::Unmovable));
    }
    assert_eq!(got, [Some(128), Some(64), Some(0), None]);
    assert_eq!(m.zone(ZoneId(2)).nr_free_pages.0, 0);
}

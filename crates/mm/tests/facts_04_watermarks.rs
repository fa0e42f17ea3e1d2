//! The worked examples of watermarks, reserves and the slow path (facts 04), on a machine.
//!
//! The figures of zones alone are in `facts_01_03_04_setup.rs`.

mod common;

use common::*;
use mm::config::{Arch, Start, StartFigures, ZoneLists, ZoneSpec};
use mm::gfp::GfpFlags;
use mm::mmzone::{Mark, Zone, ZoneId, ZoneKind};
use mm::op::{Gfp, NameId, PageKind, Sysctl};
use mm::page::MigrateType;
use mm::setup::Tunables;
use mm::step::{NotModelled, WatermarkVerdict};
use mm::{AllocFlags, Config, CpuId, Machine, NrPages, Op, Pfn, PfnRange, Step, StepKind, zone_watermark_ok};

/// A machine with watermarks and these zones, one behind the other, nothing reserved.
fn machine(arch: Arch, zones: &[(ZoneKind, u32)], thp: bool) -> Machine {
    let mut at = 0;
    let zones = zones.iter().map(|(kind, pages)| {
        let span = PfnRange::new(at, at + pages);
        at += pages;
        ZoneSpec { kind: *kind, node: 0, span }
    });
    let zones: Vec<ZoneSpec> = zones.collect();
    let ram = vec![PfnRange::new(0, at)];
    let tunables = Tunables { thp, ..Tunables::default() };
    let config = Config { ram, zones, arch, watermarks: true, tunables, ..Config::single_zone(0) };
    Machine::boot(&config).expect("it boots")
}

const EXAMPLE_A: [(ZoneKind, u32); 3] =
    [(ZoneKind::Dma, 3840), (ZoneKind::Dma32, 760_000), (ZoneKind::Normal, 260_000)];

fn marks(m: &Machine) -> Vec<[u32; 4]> {
    m.zones().iter().map(|zone| zone.watermark).collect()
}

#[test]
fn facts_04_a_marks_and_reserves_of_the_zones() {
    let m = machine(Arch::X86_64, &EXAMPLE_A, false);
    assert_eq!(m.setup().min_free_kbytes(), 8094);
    assert_eq!(marks(&m), [[7, 10, 13, 16], [1501, 2261, 3021, 3781], [513, 773, 1033, 1293]]);
    let reserves: Vec<_> = m.zones().iter().map(|zone| zone.lowmem_reserve).collect();
    assert_eq!(reserves[0], [0, 2968, 3984, 3984, 3984, 3984]);
    assert_eq!(reserves[1], [0, 0, 1015, 1015, 1015, 1015]);
    assert_eq!(reserves[2], [0; 6]);
    let m = machine(Arch::X86_64, &EXAMPLE_A, true);
    assert_eq!(
        marks(&m).iter().map(|m| [m[0], m[1], m[2]]).collect::<Vec<_>>(),
        [[63, 78, 93], [12541, 15676, 18811], [4290, 5362, 6434]]
    );
}

#[test]
fn facts_04_b_marks_of_an_i386() {
    let zones = [(ZoneKind::Dma, 3970), (ZoneKind::Normal, 219_000), (ZoneKind::HighMem, 300_000)];
    let m = machine(Arch::I386, &zones, false);
    assert_eq!(
        marks(&m).iter().map(|m| [m[0], m[1], m[2]]).collect::<Vec<_>>(),
        [[16, 20, 24], [927, 1158, 1389], [128, 445, 762]]
    );
    // DMA, Normal, HighMem and Movable as the highest zone.
    let reserve = |zone: u8| {
        let r = m.zone(ZoneId(zone)).lowmem_reserve;
        [r[ZoneKind::Dma as usize], r[ZoneKind::Normal as usize], r[ZoneKind::HighMem as usize], r[4]]
    };
    assert_eq!(reserve(0), [0, 855, 2027, 2027]);
    assert_eq!(reserve(1), [0, 0, 9375, 9375]);
}

/// A zone of 8192 frames that has every list filled as given.
fn zone_with(lists: &[(u8, MigrateType, &[u32])], figures: StartFigures) -> Machine {
    let lists = lists.iter().map(|(o, t, pfns)| (order(*o), *t, pfns.iter().map(|p| Pfn(*p)).collect()));
    let start = ZoneLists { lists: lists.collect(), figures: Some(figures), ..ZoneLists::empty(ZONE) };
    let start = Start::Lists(vec![start]);
    Machine::boot(&Config { watermarks: true, start, ..Config::single_zone(8192) }).expect("it boots")
}

fn figures(min: u32, low: u32, high: u32) -> StartFigures {
    StartFigures { watermark: [min, low, high, high], watermark_boost: 0, nr_reserved_highatomic: 0 }
}

/// The minimum after what the flags take off.
fn lowered(zone: &Zone, mark: u32, flags: AllocFlags) -> i64 {
    zone_watermark_ok(zone, order(0), mark, ZoneKind::Normal, flags, 1 << 20).min
}

/// Section 5: min 1501 becomes 751, and 564 for a request that cannot wait.
#[test]
fn facts_04_5_integer_maths_of_the_rights() {
    let m = zone_with(&[(10, MigrateType::Movable, &[0])], figures(1501, 2261, 3021));
    let zone = m.zone(ZONE);
    let rights = |flags: AllocFlags| lowered(zone, 1501, flags);
    assert_eq!(rights(AllocFlags::WMARK_MIN), 1501);
    assert_eq!(rights(AllocFlags::MIN_RESERVE), 751);
    assert_eq!(rights(AllocFlags::MIN_RESERVE.with(AllocFlags::NON_BLOCK)), 564);
    assert_eq!(rights(AllocFlags::NON_BLOCK), 1501, "alone it takes nothing off");
    assert_eq!(rights(AllocFlags::OOM), 751);
    assert_eq!(rights(AllocFlags::HIGHATOMIC), 1501);
}

/// Section 5: strictly more than the mark and the reserve, without the other pages of the block.
#[test]
fn facts_04_5_strictly_more() {
    let m = machine(Arch::X86_64, &[(ZoneKind::Dma32, 2048), (ZoneKind::Normal, 4096)], false);
    let zone = m.zone(ZoneId(0));
    assert_eq!(zone.lowmem_reserve[ZoneKind::Normal as usize], 16);
    let verdict = |o, highest, free| {
        zone_watermark_ok(zone, order(o), 100, highest, AllocFlags::WMARK_MIN, free).verdict
    };
    assert_eq!(verdict(0, ZoneKind::Dma32, 100), WatermarkVerdict::TooFew);
    assert_eq!(verdict(0, ZoneKind::Dma32, 101), WatermarkVerdict::Ok);
    assert_eq!(verdict(0, ZoneKind::Normal, 116), WatermarkVerdict::TooFew);
    assert_eq!(verdict(0, ZoneKind::Normal, 117), WatermarkVerdict::Ok);
    assert_eq!(verdict(3, ZoneKind::Dma32, 107), WatermarkVerdict::TooFew);
    assert_eq!(verdict(3, ZoneKind::Dma32, 108), WatermarkVerdict::Ok);
}

/// Section 5: what does not count, and which lists have to have a block.
#[test]
fn facts_04_5_pages_that_do_not_count() {
    let start = StartFigures { nr_reserved_highatomic: 512, ..figures(10, 20, 30) };
    let m = zone_with(
        &[
            (0, MigrateType::Movable, &[0, 2]),
            (5, MigrateType::HighAtomic, &[512]),
            (6, MigrateType::Cma, &[1024]),
        ],
        start,
    );
    let zone = m.zone(ZONE);
    assert_eq!((zone.nr_free_pages, zone.nr_free_cma), (NrPages(98), NrPages(64)));
    let check = |o: u8, flags| zone_watermark_ok(zone, order(o), 10, ZoneKind::Normal, flags, 1000);
    assert_eq!(check(0, AllocFlags::WMARK_MIN).free, 1000 - 512 - 64);
    assert_eq!(check(0, AllocFlags::CMA).free, 1000 - 512);
    assert_eq!(check(0, AllocFlags::MIN_RESERVE).free, 1000 - 64);
    assert_eq!(check(0, AllocFlags::HIGHATOMIC.with(AllocFlags::CMA)).free, 1000);
    let verdict = |o, flags| check(o, flags).verdict;
    assert_eq!(verdict(0, AllocFlags::WMARK_MIN), WatermarkVerdict::Ok);
    assert_eq!(verdict(1, AllocFlags::WMARK_MIN), WatermarkVerdict::NoBlock);
    assert_eq!(verdict(5, AllocFlags::HIGHATOMIC), WatermarkVerdict::Ok);
    assert_eq!(verdict(5, AllocFlags::MIN_RESERVE), WatermarkVerdict::NoBlock);
    assert_eq!(verdict(5, AllocFlags::OOM), WatermarkVerdict::Ok);
    assert_eq!(verdict(6, AllocFlags::CMA), WatermarkVerdict::Ok);
    assert_eq!(verdict(6, AllocFlags::HIGHATOMIC), WatermarkVerdict::NoBlock);
}

/// One request on a zone whose marks nothing reaches, with these flags: the marks it is measured against with what
/// the flags leave of them, what it runs into, and whether it is served.
fn asked(free: &[u32], flags: GfpFlags) -> (Vec<(Mark, u32)>, Vec<NotModelled>, bool) {
    let config_lists = [(0, MigrateType::Movable, free)];
    let mut m = zone_with(&config_lists, figures(100, 125, 150));
    let gfp = Gfp { kind: PageKind::Movable, flags };
    let steps = run(&mut m, &Op::Alloc { name: NameId(0), order: 0, gfp, cpu: CpuId(0) });
    let measured = |step: &Step| match step.kind {
        StepKind::Watermark { mark, min, .. } => Some((mark, min)),
        _ => None,
    };
    let missing = |step: &Step| match step.kind {
        StepKind::Missing { what } => Some(what),
        _ => None,
    };
    let mut marks: Vec<_> = steps.iter().filter_map(measured).collect();
    // The pass that does not mix types and the one that does.
    marks.dedup();
    let served = matches!(m.named(NameId(0)), mm::Named::Block(_));
    (marks, steps.iter().filter_map(missing).collect(), served)
}

fn singles(count: u32) -> Vec<u32> {
    (0..count).map(|n| n * 2).collect()
}

/// Sections 5 to 7: how deep each kind of request goes, and what it would call on the way.
#[test]
fn facts_04_7_the_slow_path() {
    use NotModelled::{DirectReclaim, OutOfMemory};
    let kernel = GfpFlags::GFP_KERNEL | GfpFlags::MOVABLE;
    let atomic = GfpFlags::GFP_ATOMIC | GfpFlags::MOVABLE;
    let nowait = GfpFlags::GFP_NOWAIT | GfpFlags::MOVABLE;
    let at_min = [(Mark::Low, 125), (Mark::Min, 100)].to_vec();
    // Above low nothing special happens; at low the slow path begins, and min still lets it pass.
    assert_eq!(asked(&singles(126), kernel), (vec![(Mark::Low, 125)], vec![], true));
    assert_eq!(asked(&singles(125), kernel), (at_min.clone(), vec![], true));
    // At min a request that may wait would reclaim, look once more above high, and kill.
    let mut then_high = at_min.clone();
    then_high.push((Mark::High, 150));
    assert_eq!(asked(&singles(100), kernel), (then_high, vec![DirectReclaim, OutOfMemory], false));
    let (marks, missing, served) = asked(&singles(100), kernel | GfpFlags::NORETRY);
    assert_eq!((marks, missing, served), (at_min.clone(), vec![DirectReclaim], false));
    // One that cannot wait has none of this; half of min and a quarter of the rest less when it is urgent.
    assert_eq!(asked(&singles(100), nowait), (at_min.clone(), vec![], false));
    let at_3_8 = vec![(Mark::Low, 125), (Mark::Min, 38)];
    assert_eq!(asked(&singles(39), atomic), (at_3_8.clone(), vec![], true));
    assert_eq!(asked(&singles(38), atomic), (at_3_8, vec![], false));
    // Urgent, but it can wait: half.
    assert_eq!(asked(&singles(51), kernel | GfpFlags::HIGH).0, [(Mark::Low, 125), (Mark::Min, 50)]);
    assert!(asked(&singles(51), kernel | GfpFlags::HIGH).2);
    // The reserve of the allocator itself, down to the last page; unless it is ruled out.
    assert!(asked(&singles(1), kernel | GfpFlags::MEMALLOC).2);
    assert!(!asked(&singles(1), kernel | GfpFlags::MEMALLOC | GfpFlags::NOMEMALLOC).2);
    // What must not fail goes into the reserve at the end.
    assert!(asked(&singles(51), kernel | GfpFlags::NOFAIL).2);
}

/// Section 9, example A: high 1033 and factor 15000 raise the marks by 512, 1024, 1536 and then 1549.
#[test]
fn facts_04_9_boost() {
    let singles: Vec<u32> = (0..6).map(|n| n * 512).collect();
    // Free, but not to be had by a fallback: so that the marks are met.
    let reserve: Vec<u32> = (4..8).map(|n| n * 1024).collect();
    let lists = [(0, MigrateType::Movable, &singles[..]), (10, MigrateType::HighAtomic, &reserve[..])];
    let mut m = zone_with(&lists, figures(513, 773, 1033));
    let mut boosts = Vec::new();
    for name in 0..5 {
        let gfp = gfp(PageKind::Unmovable);
        let steps = run(&mut m, &Op::Alloc { name: NameId(name), order: 0, gfp, cpu: CpuId(0) });
        boosts.extend(steps.iter().filter_map(|step| match step.kind {
            StepKind::Boost { boost, max, .. } => Some((boost, max)),
            _ => None,
        }));
    }
    assert_eq!(boosts, [(512, 1549), (1024, 1549), (1536, 1549), (1549, 1549), (1549, 1549)]);
    assert_eq!(m.zone(ZONE).wmark_pages(Mark::Min), 513 + 1549);
    // A write to the marks takes the boost away; a factor of 0 switches it off.
    run(&mut m, &Op::Sysctl(Sysctl::WatermarkScaleFactor(10)));
    assert_eq!(m.zone(ZONE).watermark_boost, 0);
    run(&mut m, &Op::Sysctl(Sysctl::WatermarkBoostFactor(0)));
    let steps =
        run(&mut m, &Op::Alloc { name: NameId(9), order: 0, gfp: gfp(PageKind::Unmovable), cpu: CpuId(0) });
    assert!(!steps.iter().any(|step| matches!(step.kind, StepKind::Boost { .. })));
}

/// Sections 1 to 3: which figures each write moves.
#[test]
fn writes_move_what_the_kernel_moves() {
    let mut m = machine(Arch::X86_64, &EXAMPLE_A, false);
    let figures = |m: &Machine| {
        let zone = m.zone(ZoneId(1));
        (zone.watermark[0], zone.watermark[1], zone.lowmem_reserve[2], zone.pcp(CpuId(0)).high)
    };
    assert_eq!(figures(&m), (1501, 2261, 1015, 2261));
    run(&mut m, &Op::Sysctl(Sysctl::MinFreeKbytes(16_188)));
    assert_eq!(figures(&m), (3004, 3764, 1015, 3764));
    run(&mut m, &Op::Sysctl(Sysctl::WatermarkScaleFactor(100)));
    assert_eq!(figures(&m), (3004, 3004 + 7600, 1015, 3004 + 7600));
    run(&mut m, &Op::Sysctl(Sysctl::LowmemReserveRatio([256, 100, 32, 0, 0, 0])));
    assert_eq!(figures(&m), (3004, 10_604, 2600, 10_604));
    run(&mut m, &Op::Sysctl(Sysctl::PercpuPagelistHighFraction(8)));
    assert_eq!(figures(&m), (3004, 10_604, 2600, 95_000));
    run(&mut m, &Op::Sysctl(Sysctl::PercpuPagelistHighFraction(7)));
    assert_eq!(figures(&m).3, 95_000, "refused");
}

//! The worked examples of zones, per-CPU lists and watermarks, and what an independent program computes.
//!
//! Origin of the data: `data/setup.json` holds the rows `watermarks`, `min_free_kbytes`, `lowmem_reserve` and
//! `pcp_batch` of the project's vectors (`formulas.json`: the kernel's formulas by an independent program). The
//! examples are the project's facts; numbers called *captured* or *live* were printed by real kernels.

use mm::mmzone::ZoneKind;
use mm::setup::*;
use mm::units::{NrPages, PfnRange};
use serde_json::Value;

const DEBIAN: [ZoneKind; 5] =
    [ZoneKind::Dma, ZoneKind::Dma32, ZoneKind::Normal, ZoneKind::Movable, ZoneKind::Device];
const I386: [ZoneKind; 4] = [ZoneKind::Dma, ZoneKind::Normal, ZoneKind::HighMem, ZoneKind::Movable];

/// Zones of node 0 without holes.
fn zones<const N: usize>(kinds: [ZoneKind; N], managed: [u64; N]) -> Vec<ZoneSize> {
    kinds.into_iter().zip(managed).map(|(kind, pages)| zone(kind, 0, pages)).collect()
}

fn zone(kind: ZoneKind, node: u8, pages: u64) -> ZoneSize {
    let pages = NrPages(pages);
    ZoneSize { kind, node, managed: pages, present: pages, spanned: pages }
}

fn boot(zones: &[ZoneSize], thp: bool, cpus: u32) -> ZoneSetup {
    ZoneSetup::boot(zones, &Tunables { thp, ..Tunables::default() }, &[cpus])
}

/// min, low and high of each zone.
fn marks(setup: &ZoneSetup) -> Vec<[u64; 3]> {
    let three = |f: &ZoneFigures| [f.marks.min.0, f.marks.low.0, f.marks.high.0];
    setup.figures().iter().map(three).collect()
}

/// The reserves as `/proc/zoneinfo` prints them for these zones.
fn protection(setup: &ZoneSetup, zones: &[ZoneSize]) -> Vec<Vec<u64>> {
    let of = |f: &ZoneFigures| zones.iter().map(|z| f.lowmem_reserve[z.kind as usize].0).collect();
    setup.figures().iter().map(of).collect()
}

fn pcp_high(setup: &ZoneSetup) -> Vec<u32> {
    setup.figures().iter().map(|f| f.pcp_high).collect()
}

fn example_a() -> Vec<ZoneSize> {
    zones(DEBIAN, [3840, 760_000, 260_000, 0, 0])
}

#[test]
fn facts_01_a_pages_of_the_zones_of_an_x86_64_pc() {
    const GIB: u32 = 1 << 18;
    let ram = [PfnRange::new(1, 159), PfnRange::new(256, 3 * GIB), PfnRange::new(4 * GIB, 5 * GIB)];
    let zones = zone_sizes_init(1, 5 * GIB, 5 * GIB);
    let pages: Vec<_> = zones
        .iter()
        .map(|(kind, range)| {
            let (span, present) = zone_pages_in_node(*range, &ram);
            (*kind, span.start.0, span.len(), present.0)
        })
        .collect();
    assert_eq!(
        pages,
        [
            (ZoneKind::Dma, 1, 4095, 3998),
            (ZoneKind::Dma32, 4096, 1_044_480, 782_336),
            (ZoneKind::Normal, 1_048_576, 262_144, 262_144),
        ]
    );
}

#[test]
fn facts_01_b_pages_of_the_zones_of_a_classic_i386_with_1_gib() {
    let pages: Vec<_> =
        zone_sizes_init(0, 229_376, 262_144).iter().map(|(kind, range)| (*kind, range.len())).collect();
    assert_eq!(pages, [(ZoneKind::Dma, 4096), (ZoneKind::Normal, 225_280), (ZoneKind::HighMem, 32_768)]);
}

#[test]
fn a_zone_lies_where_its_node_has_memory() {
    let (low, high) = (PfnRange::new(1, 262_144), PfnRange::new(262_144, 524_250));
    let dma32 = PfnRange::new(4096, 524_250);
    assert_eq!(zone_pages_in_node(dma32, &[low]), (PfnRange::new(4096, 262_144), NrPages(258_048)));
    assert_eq!(zone_pages_in_node(dma32, &[high]), (high, NrPages(262_106)));
    assert_eq!(zone_pages_in_node(PfnRange::new(1, 4096), &[high]).1, NrPages(0));
    assert!(zone_pages_in_node(PfnRange::new(1, 4096), &[high]).0.is_empty());
    assert_eq!(zone_pages_in_node(dma32, &[]).1, NrPages(0));
}

fn nodes(distances: &[&[u8]], cpus: &[u32]) -> NumaNodes {
    NumaNodes {
        distances: distances.iter().map(|row| row.to_vec()).collect(),
        cpus: cpus.to_vec(),
        has_memory: vec![true; cpus.len()],
    }
}

#[test]
fn facts_01_c_fallback_order_of_nodes() {
    let two_pairs =
        nodes(&[&[10, 21, 31, 31], &[21, 10, 31, 31], &[31, 31, 10, 21], &[31, 31, 21, 10]], &[1; 4]);
    assert_eq!(two_pairs.fallback_orders(), [[0, 1, 2, 3], [1, 0, 3, 2], [2, 3, 0, 1], [3, 2, 1, 0]]);
    let all_equal = nodes(&[], &[1; 4]);
    assert_eq!(all_equal.fallback_orders(), [[0, 1, 2, 3], [1, 2, 3, 0], [2, 3, 0, 1], [3, 0, 1, 2]]);
    let headless = nodes(&[], &[1, 1, 0]);
    assert_eq!(headless.fallback_orders(), [[0, 2, 1], [1, 2, 0], [2, 0, 1]]);
}

#[test]
fn facts_03_batch_by_managed_pages() {
    let ranges = [(12_288, 1), (24_576, 3), (45_056, 7), (90_112, 15), (176_128, 31)];
    for (below, batch) in ranges {
        assert_eq!(zone_batchsize(NrPages(below - 1)), batch, "below {below}");
        assert_eq!(zone_batchsize(NrPages(below)), batch * 2 + 1, "from {below}");
    }
    let captured = [
        (0, 1),
        (3840, 1),
        (16_634, 3),
        (20_442, 3),
        (27_088, 7),
        (48_839, 15),
        (113_258, 31),
        (242_090, 63),
        (u64::MAX, 63),
    ];
    for (managed, batch) in captured {
        assert_eq!(zone_batchsize(NrPages(managed)), batch, "{managed}");
    }
}

#[test]
fn facts_03_high_by_low_mark_and_cpus() {
    let zones = example_a();
    assert_eq!(pcp_high(&boot(&zones, false, 4)), [4, 565, 252, 0, 0]);
    assert_eq!(pcp_high(&boot(&zones, true, 4)), [19, 3919, 1340, 0, 0]);
    assert_eq!(pcp_high(&boot(&zones, true, 1)), [78, 15_676, 5362, 0, 0]);
    let batches: Vec<u32> = boot(&zones, true, 1).figures().iter().map(|f| f.pcp_batch).collect();
    assert_eq!(batches, [1, 63, 63, 0, 0]);
}

/// Captured (256 MiB, one CPU): a fraction replaces the low mark; from 1 to 7 it is refused.
#[test]
fn facts_03_high_by_fraction() {
    let zones = zones(DEBIAN, [3840, 48_839, 0, 0, 0]);
    let mut setup = boot(&zones, true, 1);
    setup.write_min_free_kbytes(&zones, 1791);
    for (fraction, high) in [(8, [480, 6104]), (100, [38, 488]), (7, [38, 488]), (0, [40, 517])] {
        setup.write_percpu_pagelist_high_fraction(&zones, fraction);
        assert_eq!(pcp_high(&setup)[..2], high, "1/{fraction}");
    }
}

#[test]
fn a_node_without_cpus_shares_with_all() {
    let zones = [zone(ZoneKind::Normal, 0, 500_000), zone(ZoneKind::Normal, 1, 500_000)];
    let tunables = Tunables { thp: false, ..Tunables::default() };
    let high = |cpus: &[u32]| -> Vec<u32> {
        ZoneSetup::compute(&zones, &tunables, cpus).iter().map(|f| f.pcp_high).collect()
    };
    let low = u32::try_from(ZoneSetup::compute(&zones, &tunables, &[1])[0].marks.low.0).expect("small");
    assert_eq!(high(&[2, 1]), [low / 2, low]);
    assert_eq!(high(&[2, 0]), [low / 2, low / 2]);
}

#[test]
fn facts_04_min_free_kbytes_by_lowmem() {
    let table = [
        (16, 512),
        (32, 724),
        (64, 1024),
        (128, 1448),
        (256, 2048),
        (512, 2896),
        (1024, 4096),
        (2048, 5792),
        (4096, 8192),
        (8192, 11_585),
        (16_384, 16_384),
    ];
    for (mib, kb) in table {
        assert_eq!(calculate_min_free_kbytes(NrPages(mib << 8)), kb, "{mib} MiB");
    }
    assert_eq!(calculate_min_free_kbytes(NrPages(0)), 128);
    assert_eq!(calculate_min_free_kbytes(NrPages(u64::MAX)), 262_144);
}

#[test]
fn facts_04_a_three_zones_of_4_gib() {
    let zones = example_a();
    let mut setup = boot(&zones, false, 4);
    assert_eq!(setup.min_free_kbytes(), 8094);
    let none = [0, 0, 0];
    assert_eq!(marks(&setup), [[7, 10, 13], [1501, 2261, 3021], [513, 773, 1033], none, none]);
    let promo: Vec<u64> = setup.figures().iter().map(|f| f.marks.promo.0).collect();
    assert_eq!(promo, [16, 3781, 1293, 0, 0]);
    assert_eq!(
        protection(&setup, &zones)[..3],
        [[0, 2968, 3984, 3984, 3984], [0, 0, 1015, 1015, 1015], [0; 5]]
    );
    assert_eq!(setup.totalreserve(), NrPages(8909));
    setup.write_thp(&zones, true);
    assert_eq!(setup.min_free_kbytes(), 67_584);
    assert_eq!(marks(&setup)[..3], [[63, 78, 93], [12_541, 15_676, 18_811], [4290, 5362, 6434]]);
    assert_eq!(setup.totalreserve(), NrPages(30_100));
    assert_eq!(setup, boot(&zones, true, 4), "as it boots");
}

#[test]
fn facts_04_b_i386_with_high_memory() {
    let zones = zones(I386, [3970, 219_000, 300_000, 0]);
    let setup = boot(&zones, false, 1);
    assert_eq!(setup.min_free_kbytes(), 3777);
    assert_eq!(
        marks(&setup),
        [[16, 20, 24], [927, 1158, 1389], [128, 445, 762], [32, 32, 32]],
        "an empty Movable counts as high memory"
    );
    assert_eq!(
        protection(&setup, &zones),
        [vec![0, 855, 2027, 2027], vec![0, 0, 9375, 9375], vec![0; 4], vec![0; 4]]
    );
}

/// Captured (i386 with little memory): an empty HighMem has its own min, and Movable is none then.
#[test]
fn facts_04_an_empty_highmem() {
    let zones = zones(I386, [3840, 60_000, 0, 0]);
    assert_eq!(marks(&boot(&zones, false, 1))[2..], [[32, 32, 32], [0, 0, 0]]);
}

/// 256 MiB: captured. Too small for huge pages; reading the ratio takes the pages that were freed after boot.
#[test]
fn facts_04_c_256_mib() {
    let at_init = zones(DEBIAN, [3840, 46_319, 0, 0, 0]);
    let mut setup = boot(&at_init, true, 1);
    assert!(!setup.tunables().thp);
    assert_eq!(setup.min_free_kbytes(), 1791);
    assert_eq!(marks(&setup)[..2], [[34, 42, 50], [412, 515, 618]]);
    assert_eq!(protection(&setup, &at_init)[0], [0, 180, 180, 180, 180]);
    assert_eq!(pcp_high(&setup)[..2], [42, 515]);

    let now = zones(DEBIAN, [3840, 48_839, 0, 0, 0]);
    setup.write_lowmem_reserve_ratio(&now, setup.tunables().lowmem_reserve_ratio);
    assert_eq!(protection(&setup, &now)[0], [0, 190, 190, 190, 190]);
    assert_eq!(marks(&setup)[1], [412, 515, 618], "the marks stay");
    setup.write_min_free_kbytes(&now, 1791);
    assert_eq!(marks(&setup)[..2], [[32, 40, 48], [414, 517, 620]]);
    setup.write_watermark_scale_factor(&now, 1000);
    assert_eq!(marks(&setup)[..2], [[32, 416, 800], [414, 5297, 10_180]]);
    setup.write_watermark_scale_factor(&now, 10);
    // Captured: huge pages raise even a person's value, and switching them off does not go below it.
    setup.write_thp(&now, true);
    assert_eq!(setup.min_free_kbytes(), 10_400);
    assert_eq!(marks(&setup)[..2], [[189, 236, 283], [2410, 3012, 3614]]);
    setup.write_thp(&now, false);
    assert_eq!(setup.min_free_kbytes(), 10_400, "1765 would be below the 1791 of a person");
}

#[test]
fn facts_04_d_the_cap_of_a_twentieth_looks_at_the_first_marks() {
    let zones = zones(I386, [3840, 213_945, 36_828, 0]);
    let first = boot(&zones, false, 1);
    assert_eq!(first.min_free_kbytes(), 3733);
    assert_eq!(marks(&first).iter().map(|m| m[2]).take(2).collect::<Vec<_>>(), [24, 1374]);
    let setup = boot(&zones, true, 1);
    assert_eq!(setup.min_free_kbytes(), 43_276);
    assert_eq!(marks(&setup)[..3], [[190, 237, 284], [10_628, 13_285, 15_942], [35, 492, 949]]);
}

/// Printed by a live kernel (6.18, two CPUs).
#[test]
fn facts_04_live_kernel() {
    let zones = zones(DEBIAN, [3840, 772_918, 3_178_496, 0, 0]);
    let setup = boot(&zones, true, 2);
    assert_eq!(setup.min_free_kbytes(), 67_584);
    assert_eq!(marks(&setup)[..3], [[16, 20, 24], [3301, 4126, 4951], [13_577, 16_971, 20_365]]);
    assert_eq!(
        protection(&setup, &zones)[..2],
        [[0, 3019, 15_435, 15_435, 15_435], [0, 0, 12_416, 12_416, 12_416]]
    );
    assert_eq!(pcp_high(&setup)[..3], [10, 2063, 8485]);
    let thresholds: Vec<u32> = setup.figures().iter().map(|f| f.stat_threshold).collect();
    assert_eq!(thresholds[..2], [4, 24]);
}

#[test]
fn facts_16_thresholds_of_captures() {
    let captured =
        [(3840, 1, 2), (48_839, 1, 4), (113_255, 1, 6), (242_090, 1, 8), (3840, 4, 6), (242_463, 4, 24)];
    for (managed, cpus, threshold) in captured {
        assert_eq!(calculate_normal_threshold(NrPages(managed), cpus), threshold, "{managed}, {cpus} CPUs");
    }
    assert_eq!(calculate_normal_threshold(NrPages(u64::MAX), u32::MAX), 125);
}

#[test]
fn a_small_zone_with_many_cpus_has_a_drift_mark() {
    let setup = boot(&zones(DEBIAN, [3840, 46_319, 0, 0, 0]), true, 4);
    let [dma, dma32] = [0, 1].map(|zone| setup.figures()[zone]);
    assert_eq!(dma.stat_threshold, 6);
    assert_eq!(dma.percpu_drift_mark, NrPages(50 + 24), "24 pages may hide the 8 from low to min");
    assert_eq!(calculate_pressure_threshold(&dma.marks, 4), 2);
    assert_eq!(dma32.percpu_drift_mark, NrPages(0));
    assert_eq!(calculate_pressure_threshold(&dma32.marks, 4), 25);
    assert_eq!(calculate_pressure_threshold(&Watermarks::default(), 0), 1);
}

#[test]
fn no_numbers_are_too_large_or_too_small() {
    for pages in [0, 1, u64::MAX] {
        let kinds = ZoneKind::ALL.map(|kind| zone(kind, 0, pages));
        for cpus in [&[][..], &[0], &[u32::MAX, u32::MAX]] {
            let tunables = Tunables {
                min_free_kbytes: Some(u32::MAX),
                watermark_scale_factor: u32::MAX,
                ..Tunables::default()
            };
            let mut setup = ZoneSetup::boot(&kinds, &tunables, cpus);
            setup.write_thp(&kinds, false);
            setup.write_lowmem_reserve_ratio(&kinds, [1; ZoneKind::COUNT]);
            assert_eq!(setup.figures().len(), kinds.len());
        }
    }
}

fn vectors(name: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("data/setup.json")).expect("test data is JSON");
    all[name].as_array().expect("rows").clone()
}

fn number(v: &Value) -> u64 {
    v.as_u64().expect("a number")
}

fn small(v: &Value) -> u32 {
    u32::try_from(number(v)).expect("small")
}

fn row_zones(row: &Value) -> Vec<ZoneSize> {
    let of = |pair: &Value| {
        let kind = ZoneKind::from_proc_name(pair[0].as_str().expect("a name")).expect("a zone");
        zone(kind, 0, number(&pair[1]))
    };
    row["zones"].as_array().expect("zones").iter().map(of).collect()
}

#[test]
fn vectors_watermarks() {
    for row in vectors("watermarks") {
        let zones = row_zones(&row);
        let marks = setup_per_zone_wmarks(&zones, small(&row["min_free_kbytes"]), small(&row["wsf"]));
        for (zone, m) in zones.iter().zip(marks) {
            let Some(expected) = row["expect"].get(zone.kind.name()) else { continue };
            let four: Vec<u64> = expected.as_array().expect("marks").iter().map(number).collect();
            assert_eq!(
                [m.min, m.low, m.high, m.promo].map(|pages| pages.0)[..],
                four,
                "{}",
                zone.kind.name()
            );
        }
    }
}

#[test]
fn vectors_min_free_kbytes() {
    for row in vectors("min_free_kbytes") {
        let pages = NrPages(number(&row["lowmem_kb"]) / 4);
        assert_eq!(calculate_min_free_kbytes(pages), small(&row["expect"]), "{row}");
    }
}

#[test]
fn vectors_lowmem_reserve() {
    for row in vectors("lowmem_reserve") {
        let zones = row_zones(&row);
        let mut ratio = [0; ZoneKind::COUNT];
        for (zone, r) in zones.iter().zip(row["ratios"].as_array().expect("ratios")) {
            ratio[zone.kind as usize] = small(r);
        }
        for (zone, reserve) in zones.iter().zip(setup_per_zone_lowmem_reserve(&zones, &ratio)) {
            let expected: Vec<u64> =
                row["expect"][zone.kind.name()].as_array().expect("a reserve").iter().map(number).collect();
            let ours: Vec<u64> = zones.iter().map(|other| reserve[other.kind as usize].0).collect();
            assert_eq!(ours, expected, "{}", zone.kind.name());
        }
    }
}

#[test]
fn vectors_pcp_batch() {
    for row in vectors("pcp_batch") {
        assert_eq!(zone_batchsize(NrPages(number(&row["managed"]))), small(&row["expect"]), "{row}");
    }
}

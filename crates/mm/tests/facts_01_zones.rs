//! The worked examples of nodes, zones, zonelists and pageblocks (facts 01), on a machine.

mod common;

use mm::config::{Arch, ZoneSpec};
use mm::gfp::GfpFlags;
use mm::mmzone::{ZoneId, ZoneKind};
use mm::op::{Gfp, NameId, PageKind};
use mm::page::MigrateType;
use mm::{Config, CpuId, Machine, Op, Pfn, PfnRange};

fn pages(m: &Machine) -> Vec<(&'static str, u32, u32, u64, u64)> {
    m.zones()
        .iter()
        .map(|z| (z.kind.name(), z.span.start.0, z.span.len(), z.present.0, z.managed.0))
        .collect()
}

/// Section 6 A and the live machine of section 2: the first MiB is reserved, so DMA manages 3840 pages.
#[test]
fn facts_01_6_a_spanned_present_and_managed() {
    let ram = vec![PfnRange::new(1, 159), PfnRange::new(256, 0xc_0000), PfnRange::new(0x10_0000, 0x14_0000)];
    let m = Machine::boot(&Config { ram, ..Config::x86_64(0x10_0000) }).expect("it boots");
    assert_eq!(
        pages(&m),
        [
            ("DMA", 1, 4095, 3998, 3840),
            ("DMA32", 4096, 1_044_480, 782_336, 782_336),
            ("Normal", 0x10_0000, 262_144, 262_144, 262_144),
        ]
    );
}

/// Section 6 B: a classic i386 with 1 GiB. Frame 0 exists in no PC of ours, so DMA has one page less.
#[test]
fn facts_01_6_b_an_i386_with_1_gib() {
    let m = Machine::boot(&Config::pc(Arch::I386, &[262_144])).expect("it boots");
    assert_eq!(
        pages(&m),
        [
            ("DMA", 1, 4095, 4095, 3840),
            ("Normal", 4096, 225_280, 225_280, 225_280),
            ("HighMem", 229_376, 32_768, 32_768, 32_768),
        ]
    );
    // Below 896 MiB there is no HighMem, and no DMA32 anywhere.
    let m = Machine::boot(&Config::pc(Arch::I386, &[16_384])).expect("it boots");
    assert_eq!(pages(&m).iter().map(|zone| zone.0).collect::<Vec<_>>(), ["DMA", "Normal"]);
}

/// Zones of 1024 frames each, one behind the other.
fn machine(zones: &[(u8, ZoneKind)], cpus: &[u8], distances: &[&[u8]]) -> Machine {
    let spec = |(at, (node, kind)): (u32, &(u8, ZoneKind))| ZoneSpec {
        kind: *kind,
        node: *node,
        span: PfnRange::new(at * 1024, at * 1024 + 1024),
    };
    let config = Config {
        zones: (0u32..).zip(zones).map(spec).collect(),
        cpus: cpus.to_vec(),
        distances: distances.iter().map(|row| row.to_vec()).collect(),
        ..Config::single_zone(zones.len() as u32 * 1024)
    };
    Machine::boot(&config).expect("it boots")
}

fn zonelist(m: &Machine, cpu: u8, flags: GfpFlags) -> Vec<(u8, &'static str)> {
    let zones = m.zonelist_of(CpuId(cpu), flags);
    zones.into_iter().map(|id| (m.zone(id).node, m.zone(id).kind.name())).collect()
}

/// Section 3: node by node, and of each node the highest allowed zone first.
#[test]
fn facts_01_3_zonelists() {
    use ZoneKind::{Dma, Dma32, Movable, Normal};
    let m = machine(&[(0, Dma), (0, Dma32), (0, Normal), (1, Normal)], &[0, 1], &[]);
    let all = [(0, "Normal"), (0, "DMA32"), (0, "DMA"), (1, "Normal")];
    assert_eq!(zonelist(&m, 0, GfpFlags::GFP_KERNEL), all);
    assert_eq!(
        zonelist(&m, 1, GfpFlags::GFP_KERNEL),
        [(1, "Normal"), (0, "Normal"), (0, "DMA32"), (0, "DMA")]
    );
    assert_eq!(zonelist(&m, 0, GfpFlags::GFP_KERNEL | GfpFlags::THISNODE), all[..3]);
    assert_eq!(zonelist(&m, 1, GfpFlags::GFP_KERNEL | GfpFlags::DMA32), [(0, "DMA32"), (0, "DMA")]);
    assert_eq!(zonelist(&m, 1, GfpFlags::GFP_KERNEL | GfpFlags::DMA | GfpFlags::THISNODE), []);
    let m = machine(&[(0, Normal), (0, Movable)], &[0], &[]);
    assert_eq!(zonelist(&m, 0, GfpFlags::GFP_HIGHUSER_MOVABLE), [(0, "Movable"), (0, "Normal")]);
    // Movable alone does not reach the zone: the request has to be good for high memory, too.
    assert_eq!(zonelist(&m, 0, GfpFlags::GFP_KERNEL | GfpFlags::MOVABLE), [(0, "Normal")]);
}

/// Section 6 C: the order of the nodes.
#[test]
fn facts_01_6_c_fallback_order_of_nodes() {
    let orders = |cpus: &[u8], distances: &[&[u8]]| -> Vec<Vec<u8>> {
        let nodes = cpus.iter().max().map_or(0, |n| n + 1).max(3);
        let zones: Vec<_> = (0..nodes).map(|node| (node, ZoneKind::Normal)).collect();
        let m = machine(&zones, cpus, distances);
        let of_cpu = |cpu: usize| zonelist(&m, cpu as u8, GfpFlags::GFP_KERNEL).into_iter().map(|z| z.0);
        (0..cpus.len()).map(|cpu| of_cpu(cpu).collect()).collect()
    };
    assert_eq!(
        orders(&[0, 1, 2, 3], &[&[10, 21, 31, 31], &[21, 10, 31, 31], &[31, 31, 10, 21], &[31, 31, 21, 10]]),
        [[0, 1, 2, 3], [1, 0, 3, 2], [2, 3, 0, 1], [3, 2, 1, 0]]
    );
    assert_eq!(orders(&[0, 1, 2, 3], &[]), [[0, 1, 2, 3], [1, 2, 3, 0], [2, 3, 0, 1], [3, 0, 1, 2]]);
    // Node 2 has no CPU: it is asked first.
    assert_eq!(orders(&[0, 1], &[]), [[0, 2, 1], [1, 2, 0]]);
}

/// Section 4: every pageblock is movable at first, but for one that begins before its zone.
#[test]
fn facts_01_4_pageblocks_at_boot() {
    let m = Machine::boot(&Config::x86_64(16_384)).expect("it boots");
    let types: Vec<MigrateType> = (0..32).map(|at| m.pageblock_type(Pfn(at * 512))).collect();
    assert_eq!(types[0], MigrateType::Unmovable);
    assert!(types[1..].iter().all(|t| *t == MigrateType::Movable));
}

/// Section 4: below one pageblock for each migratetype pages are not grouped by mobility; CMA is one type more.
#[test]
fn facts_01_4_grouping_by_mobility() {
    let groups = |pages: u32, cma: bool| {
        let config = Config { mobility: mm::config::Mobility::Auto, cma, ..Config::single_zone(pages) };
        Machine::boot(&config).expect("it boots").groups_by_mobility()
    };
    assert_eq!([2559, 2560].map(|pages| groups(pages, false)), [false, true]);
    assert_eq!([3071, 3072].map(|pages| groups(pages, true)), [false, true]);
}

/// `numa_hit`, `numa_miss` and `numa_foreign`, by node: where it was meant to be served, and where it was.
#[test]
fn requests_are_counted_where_they_are_served() {
    let mut m = machine(&[(0, ZoneKind::Normal), (1, ZoneKind::Normal)], &[0, 1], &[]);
    for name in 0..3 {
        let gfp = Gfp::of(PageKind::Movable, None);
        common::run(&mut m, &Op::Alloc { name: NameId(name), order: 9, gfp, cpu: CpuId(1) });
    }
    let numa = |zone: u8| {
        let n = m.zone(ZoneId(zone)).numa;
        [n.hit, n.miss, n.foreign, n.local, n.other]
    };
    assert_eq!((numa(0), numa(1)), ([0, 1, 0, 0, 1], [2, 0, 1, 2, 0]));
}

//! The counters of compaction and of contiguous areas stand in `/proc/vmstat` as the kernel has them.

use kernel_io::vmstat;
use mm::op::CompactOp;
use mm::reclaim::ReclaimConfig;
use mm::{Config, CpuId, Machine, Op, UnitEnd};

/// What a real 6.1.192 printed before anything was compacted.
const KERNEL: &str = include_str!("../../mm/tests/data/compaction/amd64_every_other.txt");

#[test]
fn counters_have_the_kernels_names_and_order() {
    for reclaim in [None, Some(ReclaimConfig::default())] {
        let config = Config { pcp: true, watermarks: true, reclaim, ..Config::x86_64(16_384) };
        let mut machine = Machine::boot(&config).expect("it boots");
        let names = |text: &str| -> Vec<String> {
            let lines =
                text.lines().filter(|line| line.starts_with("compact_") || line.starts_with("pgmigrate_"));
            lines.filter_map(|line| Some(line.split_whitespace().next()?.to_owned())).collect()
        };
        assert_eq!(names(&vmstat(&machine)), [""; 0]);
        let page = mm::op::Gfp::of(mm::op::PageKind::Movable, None);
        let alloc = Op::Alloc { name: mm::op::NameId(0), order: 0, gfp: page, cpu: CpuId(0) };
        for op in [alloc, Op::Compact(CompactOp::CompactMemory { cpu: CpuId(0) })] {
            while machine.run_unit_unseen(&op) == UnitEnd::More {}
        }
        let text = vmstat(&machine);
        let kernels: Vec<String> = names(KERNEL).into_iter().take(11).collect();
        assert_eq!(names(&text), kernels);
        assert!(!text.contains("compact_migrate_scanned 0\n"), "{text}");
        let of = |name: &str| text.find(name);
        assert!(reclaim_is_before(of("drop_pagecache"), of("pgmigrate_success"), of("swap_ra ")));
    }
}

fn reclaim_is_before(drop: Option<usize>, migrate: Option<usize>, ahead: Option<usize>) -> bool {
    match (drop, migrate, ahead) {
        (Some(drop), Some(migrate), Some(ahead)) => drop < migrate && migrate < ahead,
        (None, Some(_), None) => true,
        _ => false,
    }
}

/// Every line that a machine with an area has is one of a real kernel with an area, and stands in its order.
#[test]
fn counters_of_areas_have_the_kernels_order() {
    let kernel = include_str!("data/cust_256M_cma64M/idle_after_vmstat.txt");
    let names =
        |text: &str| text.lines().filter_map(|l| l.split_whitespace().next()).map(str::to_owned).collect();
    let kernels: Vec<String> = names(kernel);
    for reclaim in [None, Some(ReclaimConfig::default())] {
        let mut config = Config { pcp: true, watermarks: true, reclaim, cma: true, ..Config::x86_64(16_384) };
        let area = mm::cma::place::declare(&config, &mm::cma::place::Wish::anywhere(4096)).expect("room");
        config.areas.push(area);
        let mut machine = Machine::boot(&config).expect("it boots");
        for (name, count) in [(0, 300), (1, 5000)] {
            let name = mm::op::NameId(name);
            let op = mm::cma::CmaOp::Alloc { name, area: None, count, align: 0, cpu: CpuId(0) };
            while machine.run_unit_unseen(&Op::Cma(op)) == UnitEnd::More {}
        }
        while machine.run_unit_unseen(&Op::Compact(CompactOp::CompactMemory { cpu: CpuId(0) }))
            == UnitEnd::More
        {}
        let text = vmstat(&machine);
        let ours: Vec<String> = names(&text);
        let contiguity: Vec<&String> = ours
            .iter()
            .filter(|name| ["compact_", "cma_", "nr_free_cma"].iter().any(|of| name.starts_with(of)))
            .collect();
        assert_eq!(contiguity.len(), 12, "{text}");
        assert!(contiguity.iter().all(|name| kernels.contains(name)), "{contiguity:?}");
        let mut at = 0;
        // The counters of events; the kernel counts stalls by zone.
        let events = ours.iter().skip_while(|name| !name.starts_with("pswp") && !name.starts_with("pgm"));
        for name in events.filter(|name| *name != "allocstall") {
            let found = kernels.iter().position(|of| of == name).expect("the kernel has it");
            assert!(found >= at, "{name}");
            at = found;
        }
        assert!(text.contains("cma_alloc_success 1\ncma_alloc_fail 1\n"), "{text}");
        let free: u64 = machine.zones().iter().map(|zone| zone.nr_free_cma.0).sum();
        assert!(text.contains(&format!("nr_free_cma {free}\n")));
        let memory = kernel_io::meminfo(&machine);
        assert!(memory.contains("CmaTotal:          16384 kB\n"), "{memory}");
        assert!(memory.contains(&format!("CmaFree:  {:>14} kB\n", free * 4)), "{memory}");
        assert!(kernel_io::ZoneInfo::of(&machine).to_string().contains("        cma      4096\n"));
    }
}

//! The counters of compaction stand in `/proc/vmstat` as the kernel has them.

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

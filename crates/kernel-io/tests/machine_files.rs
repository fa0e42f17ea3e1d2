//! What real kernels said about themselves: `/proc/zoneinfo` comes back to the byte, every other file is read, and
//! every mistake is named with its place.

use std::path::PathBuf;

use expect_test::{Expect, expect};
use kernel_io::*;
use mm::mmzone::ZoneKind;
use proptest::prelude::*;

fn data(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

const CONFIGS: [&str; 5] = [
    "amd64_256M_smp1",
    "amd64_320M_3zones_smp1",
    "amd64_2048M_2nodes_smp4",
    "i386pae_1536M_smp1",
    "cust_256M_cma64M",
];

fn zoneinfo(config: &str) -> String {
    data(&format!("{config}/base_zoneinfo.txt"))
}

#[test]
fn zoneinfo_comes_back_to_the_byte() {
    for config in CONFIGS {
        let text = zoneinfo(config);
        let info = read_zoneinfo(&text).expect(config);
        assert_eq!(info.to_string(), text, "{config}");
    }
}

#[test]
fn zoneinfo_has_every_field() {
    let info = read_zoneinfo(&zoneinfo("amd64_2048M_2nodes_smp4")).expect("reads");
    assert_eq!(info.zones.len(), 10);
    assert_eq!(info.online_cpus(), 4);
    let kinds = [ZoneKind::Dma, ZoneKind::Dma32, ZoneKind::Normal, ZoneKind::Movable, ZoneKind::Device];
    assert_eq!(info.kinds(), kinds);
    let zone = &info.zones[6];
    assert_eq!((zone.node, zone.kind), (1, ZoneKind::Dma32));
    let of_node = zone.node_stats.as_ref().expect("the first populated one of node 1");
    assert_eq!((of_node.len(), &of_node[0].name[..], of_node[0].value), (43, "nr_inactive_anon", 264));
    assert_eq!((zone.pages.min, zone.pages.managed, zone.pages.cma), (8667, 257_829, 0));
    assert_eq!(zone.protection, [0; 5]);
    let populated = zone.populated.as_ref().expect("has pages");
    assert_eq!(populated.stat("nr_free_pages"), Some(247_540));
    assert_eq!(populated.stat("numa_other"), Some(1369));
    assert_eq!(populated.stat("nr_inactive_anon"), None, "that is the node's");
    let last = PageSet { cpu: 3, count: 1632, high: 5416, batch: 63, stat_threshold: Some(24) };
    assert_eq!(populated.pagesets.last(), Some(&last));
    assert_eq!((populated.node_unreclaimable, populated.start_pfn), (0, 262_144));
    assert!(info.zones[2].populated.is_none());
}

fn mistakes<T: std::fmt::Debug>(result: Result<T, Vec<ReadError>>, expected: Expect) {
    let errors = result.expect_err("has mistakes");
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn every_mistake_in_zoneinfo_is_named_with_its_place() {
    let text = zoneinfo("amd64_256M_smp1").replace("        min      34", "        min      34x");
    mistakes(read_zoneinfo(&text), expect!["48:18: error: expected a number, found `34x`"]);
    mistakes(
        read_zoneinfo(""),
        expect![
            "1:1: error: there is no line of /proc/zoneinfo (`Node 0, zone …` and what belongs to it) here"
        ],
    );
    mistakes(
        read_zoneinfo("  min 1\nNode 0, zone DMA\n"),
        expect![
            "1:3: error: expected a line of /proc/zoneinfo (`Node 0, zone …` and what belongs to it), found `min`"
        ],
    );
    mistakes(
        read_zoneinfo("Node 0, zone DMA\n  pages free 1\n"),
        expect!["1:1: error: expected `boost` for the zone that begins here"],
    );
    mistakes(
        read_zoneinfo_excerpt(
            "Node 0, zone DMA\nmin 1\nmin 2\nlow\nprotection: (0, x)\ncpu: -1\nNode x, zone DMA\nNode 0, zone DMA33\nNode 0, zone DMA\n",
        ),
        expect![[r#"
            3:1: error: `min` was there before
            4:4: error: expected a number
            5:17: error: expected a number, found `x)`
            6:6: error: expected a number, found `-1`
            7:6: error: expected the number of the node, as in `Node 0, zone DMA`
            8:14: error: no zone is called `DMA33`: DMA, DMA32, Normal, HighMem or Movable
            9:1: error: zone DMA was there before"#]],
    );
}

#[test]
fn an_excerpt_of_zoneinfo_has_what_is_left() {
    let text = "Node 0, zone Normal\n  low 3\n  pagesets\n  count: 1\n  high: 5\n  count: 2\n  high: 6\n  batch: 7\n";
    let zones = read_zoneinfo_excerpt(text).expect("reads");
    assert_eq!(
        (zones[0].field("low"), zones[0].field("min"), zones[0].field("no such")),
        (Some(3), None, None)
    );
    let high: Vec<_> = zones[0].pagesets.iter().map(|set| (set.high, set.batch)).collect();
    assert_eq!(high, [(Some(5), None), (Some(6), Some(7))]);
}

#[test]
fn pagetypeinfo_of_two_nodes() {
    let info = read_pagetypeinfo(&data("amd64_2048M_2nodes_smp4/base_pagetypeinfo.txt")).expect("reads");
    let rows = read_free_rows(&data("amd64_2048M_2nodes_smp4/base_buddyinfo.txt")).expect("reads");
    assert_eq!((info.page_block_order, info.free.len(), rows.len()), (9, 15, 3));
    assert_eq!(info.types, ["Unmovable", "Movable", "Reclaimable", "HighAtomic", "Isolate"]);
    assert_eq!(info.blocks.len(), 3);
    for row in rows {
        assert_eq!(info.totals(row.node, row.kind), Some(row.values.map(Some)), "node {}", row.node);
    }
    assert_eq!(info.totals(2, ZoneKind::Dma), None);
}

#[test]
fn pagetypeinfo_where_the_kernel_stopped_counting() {
    let row = "Node    0, zone   Normal, type      Movable >100000      2      3      0      0      0      0      0      0      0      4 ";
    let info = read_pagetypeinfo(row).expect("reads");
    let totals = info.totals(0, ZoneKind::Normal).expect("is there");
    assert_eq!((totals[0], totals[1], totals[10]), (None, Some(2), Some(4)));
    mistakes(
        read_pagetypeinfo(
            "Node 0, zone DMA, type\nNode 0, zone DMA, type Movable 1\nhello\nNode 0, zone DMA",
        ),
        expect![[r#"
            1:23: error: expected the number of the migratetype, 0 to 5
            2:33: error: expected a number
            3:1: error: expected a line of /proc/pagetypeinfo (`Node 0, zone …, type … 0 1 2 …`), found `hello`
            4:17: error: expected the numbers of free blocks, smallest order first"#]],
    );
}

#[test]
fn numbers_by_name() {
    let meminfo = read_meminfo("MemTotal:         210728 kB\nActive(file):        124 kB\n").expect("reads");
    assert_eq!((meminfo.get("MemTotal"), meminfo.get("Active(file)")), (Some(210_728), Some(124)));
    assert_eq!(read_vmstat("nr_free_pages 52164\n").expect("reads").get("nr_free_pages"), Some(52_164));
    let grep =
        "/proc/sys/vm/lowmem_reserve_ratio:256\t256\t32\t0\t0\n/proc/sys/vm/numa_zonelist_order:Node\n";
    let sysctl = read_sysctl_vm(grep).expect("reads");
    assert_eq!(sysctl.list("lowmem_reserve_ratio"), Some(&[256, 256, 32, 0, 0][..]));
    assert_eq!(sysctl.get("numa_zonelist_order"), None);
    let sysctl = read_sysctl_vm("vm.min_free_kbytes = 67584\n").expect("reads");
    assert_eq!(sysctl.get("min_free_kbytes"), Some(67_584));
    mistakes(
        read_meminfo("MemTotal: x kB\nhello\nMemFree: 1 kB\nMemFree: 1 kB\n"),
        expect![[r#"
            1:11: error: expected a number, found `x`
            2:1: error: expected a line of /proc/meminfo (`MemTotal: … kB`), found `hello`
            4:1: error: `MemFree` was there before"#]],
    );
}

#[test]
fn index_rows_are_texts() {
    let rows = read_index_rows(
        "Node 0, zone   Normal -1.000 0.-500 0.000 0.000 0.000 0.000 0.000 0.000 0.008 0.025 0.193 \n",
    )
    .expect("reads");
    assert_eq!(
        (&rows[0].values[0][..], &rows[0].values[1][..], &rows[0].values[10][..]),
        ("-1.000", "0.-500", "0.193")
    );
    mistakes(
        read_free_rows("Node 0, zone DMA 1 2\nNode 0, zone DMA 0 0 0 0 0 0 0 0 0 0 0 0\n"),
        expect![[r#"
            1:21: error: expected a number
            2:40: error: expected a line `Node 0, zone …`, found `0`: leave only the lines of /proc/buddyinfo"#]],
    );
}

const LOG: &str = "\
### min_free_kbytes=1024
Node 0, zone      DMA
        min      18
Z node=0 zone=DMA start=1 min=18 low=22 high=26 promo=30 boost=0
P cpu=0 count=0 high=22 batch=1
### watermark_scale_factor=10 (min_free_kbytes restored)
Node 0, zone      DMA
        low      40
### lowmem_reserve_ratio default
256\t32\t0\t0
### 64 64 32 0 0
Node 0, zone      DMA
        protection: (0, 763)
### percpu_pagelist_high_fraction=8
";

#[test]
fn a_log_of_sysctl_writes() {
    let steps = read_sysctl_log(LOG).expect("reads");
    let writes: Vec<_> = steps.iter().map(|step| step.write.clone()).collect();
    assert_eq!(
        writes,
        [
            SysctlWrite::MinFreeKbytes(1024),
            SysctlWrite::WatermarkScaleFactor(10),
            SysctlWrite::LowmemReserveRatioRead(vec![256, 32, 0, 0]),
            SysctlWrite::LowmemReserveRatio(vec![64, 64, 32, 0, 0]),
            SysctlWrite::PercpuPagelistHighFraction(8),
        ]
    );
    assert_eq!((steps[0].zones[0].line, steps[0].zones[0].field("min")), (2, Some(18)));
    assert_eq!((steps[0].marks[0].line, steps[0].marks[0].marks), (4, [18, 22, 26, 30]));
    assert_eq!(steps[0].marks[0].pcp, [[22, 1]]);
    assert_eq!((steps[1].zones[0].line, steps[1].zones[0].field("low")), (7, Some(40)));
    assert!(steps[2].zones.is_empty() && steps[4].zones.is_empty());
    mistakes(
        read_sysctl_log(
            "hello\n### min_free_kbytes=x\n### swappiness=1\n### min_free_kbytes=1\nNode 0, zone DMA\nmin y\nZ node=0\nP\n",
        ),
        expect![[r#"
            1:1: error: expected a line of a log of sysctl writes (`### NAME=VALUE`), found `hello`
            2:5: error: expected a line of a log of sysctl writes (`### NAME=VALUE`), found `min_free_kbytes=x`
            3:5: error: expected a line of a log of sysctl writes (`### NAME=VALUE`), found `swappiness=1`
            7:1: error: expected a line of a log of sysctl writes (`### NAME=VALUE`), found `Z node=0`
            6:5: error: expected a number, found `y`
            8:2: error: expected a number"#]],
    );
}

/// Lines of a log of each kind; the times are made up.
const DMESG: &str = "\
[    0.000000] RAMDISK: [mem 0x5fdec000-0x5ffcffff]
<6>[    0.000000] Allocated new RAMDISK: [mem 0x36e1a000-0x36ffdf35]
[    0.000000] SRAT: PXM 1 -> APIC 0x02 -> Node 1
[    0.000000] Zone ranges:
[    0.000000]   DMA      [mem 0x0000000000001000-0x0000000000ffffff]
[    0.000000]   HighMem  empty
[    0.000000] Movable zone start for each node
[    0.000000] Early memory node ranges
[    0.000000]   node   0: [mem 0x0000000000001000-0x000000000009efff]
[    0.000000]   node   1: [mem 0x0000000040000000-0x000000007ffd9fff]
[    0.000000] Initmem setup node 0 [mem 0x0000000000001000-0x000000003fffffff]
[    0.000000] Fallback order for Node 1: 1 0 
[    0.000000] Memory: 391932K/2096608K available (14343K kernel code)
[    1.003265] Freeing initrd memory: 2072K
[    4.096992] Freeing unused kernel image (initmem) memory: 2824K
";

#[test]
fn the_boot_log() {
    let log = BootLog::read(DMESG);
    let range = mm::PfnRange::new;
    assert_eq!(log.ramdisk, Some(range(0x36e1a, 0x36ffe)));
    assert_eq!(log.apic_nodes, [(2, 1)]);
    assert_eq!(log.zone_ranges, [(ZoneKind::Dma, range(1, 4096)), (ZoneKind::HighMem, range(0, 0))]);
    assert!(!log.has_movable);
    assert_eq!(log.node_ranges, [(0, range(1, 159)), (1, range(0x40000, 0x7ffda))]);
    assert_eq!(log.fallback_orders, [(1, vec![1, 0])]);
    assert_eq!(log.memory_kb, Some(2_096_608));
    let freed: Vec<_> = log.freed.iter().map(|f| (&f.what[..], f.kb)).collect();
    assert_eq!(freed, [("initrd", 2072), ("unused kernel image (initmem)", 2824)]);
}

/// Words of all formats, to come closer to their corners than chance would.
fn lines_of_words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "Node",
        "0,",
        "0",
        "1",
        "zone",
        "DMA",
        "Normal",
        "pages",
        "free",
        "min",
        "protection:",
        "(0,",
        "1)",
        "pagesets",
        "cpu:",
        "count:",
        "high:",
        "batch:",
        "vm",
        "stats",
        "threshold:",
        "per-node",
        "type",
        "Movable",
        ">100000",
        ">",
        "Page block order: 9",
        "Number of blocks type",
        "### ",
        "###",
        "=",
        ":",
        "Z",
        "P",
        "min=1",
        "kB",
        "é",
        "\t",
        "/proc/sys/vm/x:",
        "min_free_kbytes=1",
        "99999999999999999999",
        "[mem 0x0-0x1]",
        "  node",
        "Zone ranges:",
    ]);
    let line = prop::collection::vec(word, 0..8).prop_map(|words| words.join(" "));
    prop::collection::vec(line, 0..12).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #[test]
    fn nothing_panics(text in prop_oneof![lines_of_words(), any::<String>()]) {
        if let Ok(info) = read_zoneinfo(&text) {
            let again = read_zoneinfo(&info.to_string());
            prop_assert_eq!(again, Ok(info), "what is written reads as the same");
        }
        let _ = (read_pagetypeinfo(&text), read_free_rows(&text), read_index_rows(&text));
        let _ = (read_meminfo(&text), read_vmstat(&text), read_sysctl_vm(&text), read_sysctl_log(&text));
        let _ = (BootLog::read(&text), kernel_frame(&text), apic_ids(&text), node_distances(&text));
    }

    /// A kernel's file with any one byte changed is read, or its mistakes are named inside it.
    #[test]
    fn a_changed_zoneinfo_is_read_or_refused(at in 0usize..3500, with in any::<u8>()) {
        let mut text = zoneinfo("amd64_256M_smp1").into_bytes();
        let at = at % text.len();
        text[at] = with & 0x7f;
        let text = String::from_utf8(text).expect("ASCII");
        if let Err(errors) = read_zoneinfo(&text) {
            let lines = text.lines().count() as u32;
            prop_assert!(errors.iter().all(|e| (1..=lines).contains(&e.line) && e.column >= 1));
        }
    }
}

//! What is said about wrong texts, as far as they are about the machine and what is asked of its pages.

mod checks;

use checks::{check, check_ops};
use expect_test::expect;

#[test]
fn machines() {
    check("", expect!["1:1: error: nothing says how much memory the machine has (hint: write `ram 64M`)"]);
    check("ram 64M", expect![""]);
    check(
        "rules 2.6.32\nram 64M\npcp off",
        expect!["1:7: error: the rules of Linux 2.6.32 are not modelled yet (hint: write `rules 6.1`)"],
    );
    check(
        "rules new\nram 64M\npcp off",
        expect!["1:7: error: expected a kernel version, found `new` (hint: for example `6.1`)"],
    );
    check("ram 64M\nram 32M\npcp off", expect!["2:1: error: `ram` was set on line 1 already"]);
    check(
        "ram 64M\npcp off\na = alloc order=0\nseed 3",
        expect![
            "4:1: warning: this setting stands behind the first op, but holds from the start (hint: put it above the first op)"
        ],
    );
    check(
        "ram 64M\npcp off\nzone Normal 16M\nzone DMA",
        expect![
            "4:1: error: zone DMA cannot follow zone Normal: zones ascend (hint: the order is DMA, DMA32, Normal, HighMem, Movable, each at most once)"
        ],
    );
    check(
        "ram 64M\npcp off\nzone DMA\nzone Normal",
        expect![
            "3:1: error: zone DMA has no size; only the last zone takes the rest (hint: for example `zone DMA 16M`)"
        ],
    );
    check(
        "pcp off\nzone DMA",
        expect![
            "2:1: error: zone DMA takes the rest, but nothing says of how much (hint: add a line `ram 64M`, or give the zone a size)"
        ],
    );
    check(
        "ram 64M\npcp off\nzone DMA 16M\nzone Normal 16M",
        expect![
            "4:1: error: the zones add up to 32 MiB (8192 frames), but there is 64 MiB (16384 frames) of RAM (hint: leave out the size of the last zone: it takes the rest)"
        ],
    );
    check(
        "ram 16M\npcp off\nzone DMA 16M\nzone Normal",
        expect!["4:1: error: no memory is left for zone Normal"],
    );
    check(
        "ram 64M\npcp off\nreserve 60M 8M",
        expect!["3:1: error: the reservation reaches outside the machine, which has 16384 frames"],
    );
    check(
        "ram 1M\npcp off",
        expect![
            "1:1: warning: every frame is reserved, so every request will fail (hint: the first MiB of a PC is reserved; a line `zone Normal` gives one plain zone)"
        ],
    );
    check_ops(
        "a = alloc order=0 zone=Normal",
        expect!["3:24: warning: this machine has no zone Normal; requests go to DMA32 and below"],
    );
    check(
        "ram 64M\nzone Normal\npcp off\na = alloc order=0 zone=DMA",
        expect!["4:24: error: this machine has no zone DMA and none below it"],
    );
}

#[test]
fn starts() {
    check(
        "pcp off\nbuddyinfo Node 0, zone DMA 3 2 x",
        expect!["2:32: error: expected a count of free blocks, found `x`"],
    );
    check(
        "pcp off\nbuddyinfo Node 0, zone DMA",
        expect!["2:27: error: expected a count of free blocks, but the line ends here"],
    );
    check(
        "pcp off\nbuddyinfo Node 0, zone DMA 1 2 3 4 5 6 7 8 9 10 11 12",
        expect!["2:52: error: the statement is complete, but `12` follows (hint: a comment begins with `#`)"],
    );
    check(
        "pcp off\nNode 0 zone Normal 1\nNode 0 zone Normal 2",
        expect!["3:1: error: line 2 says this of zone Normal already"],
    );
    check(
        "ram 64M\npcp off\nNode 0, zone HighMem 1",
        expect!["3:14: error: this machine has no zone HighMem (hint: it has DMA, DMA32)"],
    );
    check(
        "ram 64M\nzone Normal\npcp off\nNode 0, zone Normal 0 0 0 0 0 0 0 0 0 0 17",
        expect![
            "4:1: error: these free blocks are 68 MiB (17408 frames); zone Normal has room for 64 MiB (16384 frames)"
        ],
    );
    check(
        "ram 64M\npcp off\nNode 0, zone DMA 1\nfree_list DMA 0 Movable: 0x200",
        expect![
            "4:1: error: the free lists are given in another way on line 3; a start is either counts or lists"
        ],
    );
    check(
        "ram 64M\npcp off\nfree_list DMA 3 Movable: 0x201 0x800",
        expect!["3:26: error: a block of order 3 cannot start at frame 0x201: not a multiple of 8"],
    );
    check(
        "ram 64M\npcp off\nfree_list DMA 3 Movable: 0x2000 0x10",
        expect![[r#"
        3:26: error: the block of order 3 at 0x2000 leaves zone DMA, which goes from 0x1 to 0x1000
        3:33: error: the block of order 3 at 0x10 holds frames that are reserved or no memory"#]],
    );
    check(
        "ram 64M\npcp off\nfree_list DMA 3 Movable: 0x208\nfree_list DMA 0 Movable: 0x20f",
        expect!["4:26: error: frame 0x20f is in a block of line 3 already"],
    );
    check(
        "ram 64M\npcp off\nfree_list DMA 3 Moveable 0x208",
        expect!["3:17: error: expected a migratetype, found `Moveable` (hint: did you mean `Movable`?)"],
    );
    check(
        "ram 64M\npcp off\npageblocks DMA 1*9",
        expect!["3:1: error: zone DMA has 8 pageblocks, but 9 are listed"],
    );
    check(
        "ram 64M\npcp off\npageblocks DMA 0022*3 7",
        expect![
            "3:16: error: expected digits of pageblock types, 0 to 5, found `0022*` (hint: did you mean `002 2*`?)"
        ],
    );
}

#[test]
fn architectures_and_cpus() {
    check(
        "arch arm64\nram 64M",
        expect!["1:6: error: expected an architecture, found `arm64` (hint: for example `x86_64`)"],
    );
    check(
        "arch i386\nram 64M\nzone DMA 16M\nzone DMA32",
        expect![
            "4:6: error: a kernel for i386 has no zone DMA32 (hint: the zones are DMA, Normal, HighMem, Movable)"
        ],
    );
    check(
        "ram 64M\nzone Normal 16M\nzone HighMem",
        expect!["3:6: error: a kernel for x86_64 has no zone HighMem (hint: write `arch i386`)"],
    );
    check(
        "Node 0, zone HighMem 1",
        expect!["1:14: error: a kernel for x86_64 has no zone HighMem (hint: write `arch i386`)"],
    );
    check("ram 64M\ncpus 0", expect!["2:6: error: number of CPUs is between 1 and 64, not 0"]);
    check("ram 64M\ncpus 65", expect!["2:6: error: number of CPUs is between 1 and 64, not 65"]);
    check(
        "ram 64M\ncpus 2\na = alloc order=0 cpu=2\nfree a cpu=1\nw = workload 9 anon=1 cpu=7",
        expect![[r#"
            3:23: error: this machine has no CPU 2, only 0 to 1
            5:27: error: this machine has no CPU 7, only 0 to 1"#]],
    );
    check(
        "ram 64M\nfor i in 0..1\n  a[i] = alloc order=0\n  free a[i] cpu=1\nend",
        expect!["4:17: error: this machine has no CPU 1, only CPU 0"],
    );
    check_ops("a = alloc order=0 cpu=64", expect!["3:23: error: CPU is between 0 and 63, not 64"]);
    check_ops("a = alloc order=0 cpu", expect!["3:22: error: expected `=`, but the line ends here"]);
    check_ops(
        "a = alloc order=0\nfree a cup=1",
        expect!["4:8: error: there is no option `cup` here (hint: did you mean `cpu`?)"],
    );
    check_ops(
        "a = alloc order=0\nfree a cpu=0 1",
        expect!["4:14: error: the statement is complete, but `1` follows (hint: a comment begins with `#`)"],
    );
}

#[test]
fn nodes() {
    check("node 0 ram 1G cpus 0..1\nnode 1 ram 1G cpus 2..3\ndistance 0 1 21", expect![[r#""#]]);
    check(
        "node 0",
        expect![
            "1:7: error: expected `ram` or `cpus`, but the line ends here (hint: for example `node 0 ram 1G cpus 0..1`)"
        ],
    );
    check(
        "node 0 rom 1G",
        expect!["1:8: error: expected `ram` or `cpus`, found `rom` (hint: did you mean `ram`?)"],
    );
    check(
        "node 0 ram 1G cpus 2",
        expect![
            "1:21: error: expected a range of CPUs, but the line ends here (hint: for example `cpus 0..1`)"
        ],
    );
    check(
        "node 0 ram 1G cpus 3..2",
        expect![
            "1:20: error: the range 3..2 is empty: it ends before it starts (hint: both ends are included; did you mean 2..3?)"
        ],
    );
    check("node 0 ram 1G cpus", expect!["1:19: error: expected a CPU, but the line ends here"]);
    check("node 8 ram 1G", expect!["1:6: error: node is between 0 and 7, not 8"]);
    check(
        "node 0 ram 1G\nnode 2 ram 1G",
        expect!["2:6: error: node 2 stands where node 1 comes next: nodes ascend from 0"],
    );
    check("node 1 ram 1G", expect!["1:6: error: node 1 stands where node 0 comes next: nodes ascend from 0"]);
    check(
        "node 0 ram 1G\nnode 0 ram 1G",
        expect!["2:6: error: node 0 stands where node 1 comes next: nodes ascend from 0"],
    );
    check(
        "node 0 ram 1G\nnode 1 ram 64K",
        expect!["2:1: error: the memory of node 1 has fewer than 64 frames"],
    );
    check(
        "node 0 cpus 0..1",
        expect!["1:1: error: no node has any memory (hint: for example `node 0 ram 1G`)"],
    );
    check(
        "node 0 ram 9G\nnode 1 ram 9G",
        expect!["2:1: error: 18 GiB (4718592 frames): a machine has between 64 and 4194304 frames"],
    );
    check(
        "node 0 ram 1G cpus 0..2\nnode 1 ram 1G cpus 2..3",
        expect!["2:1: error: CPU 2 is on the node of line 1 already"],
    );
    check(
        "node 0 ram 1G cpus 0..0\nnode 1 ram 1G cpus 2..3",
        expect!["1:1: error: CPU 1 is on no node (hint: CPUs are numbered from 0 without gaps)"],
    );
    check(
        "ram 1G\ncpus 4\nnode 0 ram 1G\nzone Normal",
        expect![[r#"
        1:1: error: `ram` cannot stand beside `node` lines, which say it (hint: write `node 0 ram 1G`)
        2:1: error: `cpus` cannot stand beside `node` lines, which say it (hint: write `node 0 ram 1G cpus 0..3`)
        4:1: error: `zone` cannot stand beside `node` lines, which say it (hint: zones lie on the nodes as Linux lays them out)"#]],
    );
    check("node 0 ram 1G\ndistance 0 1 20", expect!["2:1: error: this machine has no node 1, only node 0"]);
    check(
        "node 0 ram 1G\ndistance 0 0 10",
        expect!["2:12: error: the distance of a node to itself is always 10"],
    );
    check(
        "node 0 ram 1G\nnode 1 ram 1G\ndistance 0 1 10\ndistance 0 1 255",
        expect![[r#"
        3:14: error: distance is between 11 and 254, not 10
        4:14: error: distance is between 11 and 254, not 255"#]],
    );
    check(
        "node 0 ram 1G\nnode 1 ram 1G\ndistance 0 1 20\ndistance 1 0 21\ndistance 0 1 30",
        expect!["5:1: error: line 3 says this distance already"],
    );
    check(
        "node 0 ram 1G\nnode 1 ram 1G\nfree_list DMA node=1 0 Movable: 0x300",
        expect!["3:11: error: node 1 has no zone DMA (hint: it has DMA32)"],
    );
    check(
        "node 0 ram 1G\nnode 1 ram 1G\nNode 2, zone DMA32 1",
        expect!["3:6: error: this machine has no node 2, only 0 to 1"],
    );
    check(
        "ram 64M\nfree_list DMA node=1 0 Movable: 0x300",
        expect!["2:20: error: this machine has no node 1, only node 0"],
    );
    check("ram 64M\nfree_list DMA node 0 Movable: 0x300", expect!["2:20: error: expected `=`, found `0`"]);
}

#[test]
fn files_of_proc_sys_vm() {
    check("ram 64M\nmin_free_kbytes 64M", expect!["2:17: error: expected a number of KiB, found `64M`"]);
    check(
        "ram 64M\nmin_free_kbytes 2147483648",
        expect!["2:17: error: number of KiB is between 0 and 2147483647, not 2147483648"],
    );
    check(
        "ram 64M\nmin_free_kbyte 100",
        expect!["2:1: error: `min_free_kbyte` begins no statement (hint: did you mean `min_free_kbytes`?)"],
    );
    check("ram 64M\nwatermark_scale_factor 0", expect!["2:24: error: factor is between 1 and 3000, not 0"]);
    check(
        "ram 64M\nwatermark_scale_factor 3001",
        expect!["2:24: error: factor is between 1 and 3000, not 3001"],
    );
    check(
        "ram 64M\npercpu_pagelist_high_fraction 7",
        expect!["2:31: error: the kernel refuses 7: it takes 0, or 8 and more"],
    );
    check(
        "ram 64M\nlowmem_reserve_ratio 256 256 32",
        expect![
            "2:1: error: this kernel has 5 zones and takes as many ratios, not 3 (hint: one each for DMA, DMA32, Normal, Movable, Device)"
        ],
    );
    check(
        "arch i386\nram 64M\nlowmem_reserve_ratio 256 256 32 0 0",
        expect![
            "3:1: error: this kernel has 4 zones and takes as many ratios, not 5 (hint: one each for DMA, Normal, HighMem, Movable)"
        ],
    );
    check(
        "ram 64M\nlowmem_reserve_ratio 1 2 3 4 5 6 7",
        expect!["2:34: error: the statement is complete, but `7` follows (hint: a comment begins with `#`)"],
    );
    check("ram 64M\nthp on", expect!["2:5: error: expected `always`, `madvise` or `never`, found `on`"]);
    check(
        "ram 64M\nmin_free_kbytes 100\nwatermark_boost_factor 0\nmin_free_kbytes 100",
        expect!["4:1: error: `min_free_kbytes` was set on line 2 already"],
    );
    check_ops("sysctl vm.min_free_kbytes = 4096\nsysctl vm.min_free_kbytes 4096", expect![[r#""#]]);
    check_ops(
        "sysctl min_free_kbytes 4096",
        expect![
            "3:8: error: expected a file of /proc/sys/vm, found `min_free_kbytes` (hint: did you mean `vm.min_free_kbytes`?)"
        ],
    );
    check_ops(
        "sysctl vm.compact_memory 1",
        expect![
            "3:8: error: expected a file of /proc/sys/vm, found `vm.compact_memory` (hint: for example `sysctl vm.min_free_kbytes 4096`)"
        ],
    );
    check_ops("sysctl vm.swappiness = 201", expect!["3:24: error: number is between 0 and 200, not 201"]);
    check_ops(
        "sysctl vm.min_free_kbytes",
        expect!["3:26: error: expected a number of KiB, but the line ends here"],
    );
    check_ops(
        "sysctl vm.lowmem_reserve_ratio 1",
        expect![
            "3:1: error: this kernel has 5 zones and takes as many ratios, not 1 (hint: one each for DMA, DMA32, Normal, Movable, Device)"
        ],
    );
    check_ops(
        "for i in 0..2\n  sysctl vm.lowmem_reserve_ratio 1\nend",
        expect![
            "4:3: error: this kernel has 5 zones and takes as many ratios, not 1 (hint: one each for DMA, DMA32, Normal, Movable, Device)"
        ],
    );
    check_ops(
        "drain all",
        expect!["3:7: error: the statement is complete, but `all` follows (hint: a comment begins with `#`)"],
    );
    check_ops(
        "drain = alloc order=0",
        expect![
            "3:1: error: `drain` is a word of the language, so nothing can be called so (hint: `drain1` would do)"
        ],
    );
}

#[test]
fn flags_of_requests() {
    check_ops(
        "a = alloc order=0 gfp=GFP_KERNAL",
        expect![
            "3:23: error: expected flags of a request, found `GFP_KERNAL` (hint: did you mean `GFP_KERNEL`?)"
        ],
    );
    check_ops(
        "a = alloc order=0 gfp=gfp_atomic",
        expect![
            "3:23: error: expected flags of a request, found `gfp_atomic` (hint: did you mean `GFP_ATOMIC`?)"
        ],
    );
    check_ops(
        "a = alloc order=0 gfp=",
        expect![
            "3:23: error: expected flags of a request, but the line ends here (hint: for example `GFP_KERNEL|__GFP_NOWARN`)"
        ],
    );
    check_ops(
        "a = alloc order=0 gfp=GFP_KERNEL|",
        expect![
            "3:34: error: expected flags of a request, but the line ends here (hint: for example `GFP_KERNEL|__GFP_NOWARN`)"
        ],
    );
    check_ops(
        "a = alloc order=0 gfp=0x8000000",
        expect!["3:23: error: set of flags is between 0 and 134217727, not 0x8000000"],
    );
    check_ops(
        "a = alloc order=0 gfp=GFP_DMA|GFP_DMA32",
        expect![
            "3:23: error: these flags name two zones at once (hint: of GFP_DMA, GFP_DMA32 and __GFP_HIGHMEM only one can stand)"
        ],
    );
    check_ops(
        "a = alloc order=0 gfp=__GFP_MOVABLE|__GFP_RECLAIMABLE",
        expect![
            "3:23: error: these flags name two migratetypes at once (hint: of __GFP_MOVABLE and __GFP_RECLAIMABLE only one can stand)"
        ],
    );
    check_ops(
        "a = alloc order=0 gfp=GFP_KERNEL zone=DMA",
        expect![
            "3:34: error: `zone=` cannot stand beside `gfp=`, which says it (hint: GFP_DMA, GFP_DMA32 or __GFP_HIGHMEM among the flags)"
        ],
    );
    check_ops(
        "a = alloc order=0 gfp=GFP_KERNEL atomic",
        expect!["3:34: error: `atomic` cannot stand beside `gfp=`, which says it"],
    );
    check_ops(
        "a = alloc order=0 movable gfp=GFP_KERNEL",
        expect![
            "3:19: error: the pages are to be `movable`, but these flags ask for unmovable ones (hint: add `|__GFP_MOVABLE`, or leave the word out)"
        ],
    );
    check_ops(
        "a = alloc order=0 gfp=GFP_KERNEL reclaimable",
        expect![
            "3:34: error: the pages are to be `reclaimable`, but these flags ask for unmovable ones (hint: add `|__GFP_RECLAIMABLE`, or leave the word out)"
        ],
    );
    check_ops(
        "a = alloc order=0 unmovable gfp=GFP_HIGHUSER_MOVABLE",
        expect![
            "3:19: error: the pages are to be `unmovable`, but these flags ask for movable ones (hint: leave the word out)"
        ],
    );
    check_ops("a = alloc order=0 anon gfp=GFP_HIGHUSER_MOVABLE", expect![[r#""#]]);
    check_ops("a = alloc order=0 atomic nowait", expect!["3:26: error: `nowait` stands here twice"]);
    check_ops(
        "a = alloc order=0 atomic gfp=GFP_KERNEL gfp=GFP_KERNEL",
        expect![[r#"
        3:19: error: `atomic` cannot stand beside `gfp=`, which says it
        3:45: error: `gfp` stands here twice"#]],
    );
    check_ops(
        "a = alloc order=0 gfp=GFP_ATOMIC\u{ff5c}__GFP_NOWARN",
        expect!["3:33: error: `｜` is a full-width sign (hint: write `|`)"],
    );
    check(
        "ram 64M\nzone Normal\na = alloc order=0 gfp=GFP_KERNEL|GFP_DMA",
        expect!["3:23: error: this machine has no zone DMA and none below it"],
    );
    check(
        "ram 64M\nzone DMA 16M\nzone Normal\na = alloc order=0 gfp=GFP_KERNEL|GFP_DMA32",
        expect!["4:23: warning: this machine has no zone DMA32; requests go to DMA and below"],
    );
    check("arch i386\nram 64M\na = alloc order=0 gfp=GFP_KERNEL|GFP_DMA32", expect![[r#""#]]);
}

#[test]
fn figures_and_lists_of_cpus() {
    check(
        "ram 64M\nfigures DMA min=34 low=42",
        expect![
            "2:26: error: expected `high=` and a number, but the line ends here (hint: for example `high=50`)"
        ],
    );
    check(
        "ram 64M\nfigures DMA min=34 low=42 hihg=50",
        expect!["2:27: error: there is no option `hihg` here (hint: did you mean `high`?)"],
    );
    check(
        "ram 64M\nfigures DMA min=34 low=42 high=40",
        expect!["2:13: error: the marks do not ascend from min over low and high to promo"],
    );
    check("ram 64M\nfigures DMA min=34 min=42 high=40", expect!["2:24: error: `min` stands here twice"]);
    check(
        "ram 64M\nfigures DMA min=34 low=42 high=50 boost=9999999",
        expect!["2:41: error: boost is between 0 and 8388608, not 9999999"],
    );
    check(
        "ram 64M\nfigures DMA min=34 low=42 high=50",
        expect![
            "2:1: warning: no free list is given, so every frame is in use (hint: for example `free_list DMA 10 Movable: 0x400 0x800 0xc00`)"
        ],
    );
    let dma = "ram 64M\ncpus 2\nfree_list DMA 3 Movable: 0x208\n";
    check(
        &format!("{dma}figures DMA min=1 low=2 high=3\nfigures DMA min=1 low=2 high=3"),
        expect!["5:1: error: line 4 says this of zone DMA already"],
    );
    check(
        &format!("{dma}figures HighMem min=1 low=2 high=3"),
        expect!["4:9: error: this machine has no zone HighMem (hint: it has DMA, DMA32)"],
    );
    check(
        &format!("{dma}pcp_sizes DMA high=12 batch=3"),
        expect!["4:15: error: expected `cpu=` and a number, found `high` (hint: for example `cpu=0`)"],
    );
    check(
        &format!("{dma}pcp_sizes DMA cpu=0 high=12"),
        expect![
            "4:28: error: expected `batch=` and a number, but the line ends here (hint: for example `batch=15`)"
        ],
    );
    check(
        &format!("{dma}pcp_sizes DMA cpu=0 high=12 batch=0"),
        expect!["4:35: error: batch is between 1 and 65536, not 0"],
    );
    check(
        &format!("{dma}pcp_sizes DMA cpu=0 high=12 batch=3 free_factor=6"),
        expect!["4:49: error: free_factor is between 0 and 5, not 6"],
    );
    check(
        &format!("{dma}pcp_sizes DMA cpu=2 high=12 batch=3"),
        expect!["4:19: error: this machine has no CPU 2, only 0 to 1"],
    );
    let sizes = format!("{dma}pcp_sizes DMA cpu=1 high=12 batch=3\n");
    check(
        &format!("{sizes}pcp_sizes DMA cpu=1 high=12 batch=3"),
        expect!["5:1: error: line 4 says this of zone DMA already"],
    );
    check(
        &format!("{sizes}pcp_list DMA cpu=1 order=0 Movable: 0x300 0x301 0x300"),
        expect!["5:49: error: frame 0x300 is in a block of line 5 already"],
    );
    check(
        &format!("{sizes}pcp_list DMA cpu=1 order=0 Movable: 0x20a"),
        expect!["5:37: error: frame 0x20a is in a block of line 3 already"],
    );
    check(
        &format!("{sizes}pcp_list DMA cpu=1 order=1 Movable: 0x301 0x9000 0x80"),
        expect![[r#"
        5:37: error: a block of order 1 cannot start at frame 0x301: not a multiple of 2
        5:43: error: the block of order 1 at 0x9000 leaves zone DMA, which goes from 0x1 to 0x1000
        5:50: error: the block of order 1 at 0x80 holds frames that are reserved or no memory"#]],
    );
    check(
        &format!("{sizes}pcp_list DMA cpu=0 order=0 Movable: 0x300"),
        expect![
            "5:1: error: nothing says how long the lists of CPU 0 in zone DMA may be (hint: add a line `pcp_sizes DMA cpu=0 high=515 batch=15`)"
        ],
    );
    check(
        &format!("{sizes}pcp_list DMA cpu=7 order=0 Movable: 0x300"),
        expect!["5:18: error: this machine has no CPU 7, only 0 to 1"],
    );
    check(
        &format!("{sizes}pcp_list DMA cpu=1 order=4 Movable: 0x300"),
        expect![
            "5:26: error: blocks of order 4 are on no per-CPU list (hint: those of orders 0 to 3 are, and those of order 9, a pageblock)"
        ],
    );
    check(
        &format!("{sizes}pcp_list DMA cpu=1 order=0 CMA: 0x300"),
        expect![
            "5:28: error: there is no per-CPU list of type CMA (hint: such blocks are on the movable list)"
        ],
    );
    check(
        &format!("{sizes}pcp_list DMA cpu=1 order=0 Movable 0x300"),
        expect!["5:36: error: expected `:`, found `0x300`"],
    );
    check(
        &format!("{sizes}pcp_list DMA cpu=1 0 Movable: 0x300"),
        expect!["5:20: error: expected `order=` and a number, found `0` (hint: for example `order=0`)"],
    );
    check(
        &format!("pcp off\n{sizes}"),
        expect!["5:1: error: line 1 says that there are no per-CPU lists (hint: leave that line out)"],
    );
    check(
        "ram 64M\npcp_sizes DMA cpu=0 high=12 batch=3\nNode 0, zone DMA 1",
        expect![
            "3:1: error: the free lists are given in another way on line 2; a start is either counts or lists"
        ],
    );
}

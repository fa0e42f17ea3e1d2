//! What is said about wrong texts: one line of text, one line of diagnostics, in both languages.

mod checks;

use checks::{check, check_ops};
use expect_test::expect;
use scenario::{Lang, Severity, parse};

#[test]
fn a_good_text_has_no_diagnostics() {
    check_ops("a = alloc order=8 movable\nfree a\n", expect![""]);
}

#[test]
fn misspelt_words_are_suggested() {
    check_ops("fre a", expect!["3:1: error: `fre` begins no statement (hint: did you mean `free`?)"]);
    check_ops(
        "a = aloc order=3",
        expect![
            "3:5: error: expected `alloc`, `workload`, `kmalloc` or the like, found `aloc` (hint: did you mean `alloc`?)"
        ],
    );
    check_ops(
        "a = alloc ordr=3 movabel",
        expect![[r#"
        3:11: error: there is no option `ordr` here (hint: did you mean `order`?)
        3:18: error: there is no option `movabel` here (hint: did you mean `movable`?)"#]],
    );
    check_ops(
        "a = alloc order=3 zone=DMA23",
        expect!["3:24: error: expected a zone, found `DMA23` (hint: did you mean `DMA32`?)"],
    );
    check("rma 64M\npcp off", expect!["1:1: error: `rma` begins no statement (hint: did you mean `ram`?)"]);
    check("RAM 64M\npcp off", expect!["1:1: error: `RAM` begins no statement (hint: did you mean `ram`?)"]);
}

#[test]
fn what_is_missing_is_named() {
    check_ops(
        "a = alloc movable",
        expect![
            "3:18: error: expected `order=` or `pages=`, but the line ends here (hint: for example `order=3`)"
        ],
    );
    check_ops(
        "a =",
        expect![
            "3:4: error: expected `alloc`, `workload`, `kmalloc` or the like, but the line ends here (hint: for example `a = alloc order=3 movable`)"
        ],
    );
    check_ops(
        "a",
        expect!["3:1: error: `a` begins no statement (hint: a request reads `a = alloc order=3 movable`)"],
    );
    check_ops("free", expect!["3:5: error: expected a name, but the line ends here (hint: for example `a`)"]);
    check_ops(
        "for i in 0..\nend",
        expect!["3:13: error: expected a range, but the line ends here (hint: for example `0..63`)"],
    );
    check_ops(
        "say Hello",
        expect![[
            r#"3:5: error: expected a text in quotation marks, found `Hello` (hint: for example `"One sentence."`)"#
        ]],
    );
    check_ops(
        "say \"Hello",
        expect![[
            r#"3:5: error: this text has no closing quotation mark (hint: texts stand between two `"` on one line)"#
        ]],
    );
    check_ops("a = alloc order= movable", expect!["3:18: error: expected an order, found `movable`"]);
    check_ops(
        "w = workload 10 orders=0..3",
        expect![
            "3:28: error: expected what is asked for and how often, but the line ends here (hint: for example `movable=60`)"
        ],
    );
}

#[test]
fn what_is_too_much_is_quoted() {
    check_ops("a = alloc order=3 movable movable", expect!["3:27: error: `movable` stands here twice"]);
    check_ops(
        "b = alloc order=0\nfree b now and then, please, or later",
        expect![
            "4:8: error: the statement is complete, but `now and then ,` follows (hint: a comment begins with `#`)"
        ],
    );
    check_ops(
        "b = alloc order=300",
        expect![
            "3:17: error: order is between 0 and 255, not 300 (hint: an order is a power of two: order 3 is 8 pages)"
        ],
    );
    check_ops("b = alloc pages=0", expect!["3:17: error: number of pages is between 1 and 8388608, not 0"]);
    check(
        "ram 64M 3\npcp off",
        expect!["1:9: error: the statement is complete, but `3` follows (hint: a comment begins with `#`)"],
    );
    check(
        "ram 65K\npcp off",
        expect!["1:5: error: 65K is no whole number of 4 KiB frames (hint: a multiple of 4K)"],
    );
    check(
        "ram 64Q\npcp off",
        expect!["1:5: error: expected an amount of memory, found `64Q` (hint: for example `64M`)"],
    );
    check(
        "ram 1000000000000G\npcp off",
        expect!["1:5: error: number of pages is between 0 and 4294967296, not 1000000000000G"],
    );
}

#[test]
fn every_error_of_a_line_is_found() {
    check_ops(
        "a = alloc ordre=3 movable zoen=DMA reel=7 b = 3",
        expect![[r#"
            3:11: error: there is no option `ordre` here (hint: did you mean `order`?)
            3:27: error: there is no option `zoen` here (hint: did you mean `zone`?)
            3:36: error: there is no option `reel` here (hint: did you mean `real`?)
            3:43: error: there is no option `b` here (hint: did you mean `by`?)
            3:47: error: there is no option `3` here"#]],
    );
    check_ops(
        "w = workload 0\nw = workload 5 orders=9..12 anon=300 free=101",
        expect![[r#"
        3:14: error: number of actions is between 1 and 1000000, not 0
        4:26: error: order is between 0 and 10, not 12 (hint: an order is a power of two: order 3 is 8 pages)
        4:34: error: weight is between 0 and 255, not 300
        4:43: error: percentage is between 0 and 100, not 101"#]],
    );
}

#[test]
fn signs_of_a_chinese_keyboard_are_recognised() {
    check_ops("a \u{ff1d} alloc order=3", expect!["3:3: error: `＝` is a full-width sign (hint: write `=`)"]);
    check_ops(
        "say \u{201c}你好\u{201d}",
        expect![[r#"3:5: error: `“` is a full-width sign (hint: write `"`)"#]],
    );
    check_ops(
        "b\u{3010}3\u{3011} = alloc order=3",
        expect![[r#"
        3:2: error: `【` is a full-width sign (hint: write `[`)
        3:4: error: `】` is a full-width sign (hint: write `]`)"#]],
    );
    check_ops(
        "a = alloc order=\u{ff13}",
        expect!["3:17: error: `３` is a full-width sign (hint: write `3`)"],
    );
    check_ops("块 = alloc order=3\nfree 块", expect![""]);
    check_ops(
        "a = alloc order=3 ; free a",
        expect!["3:19: error: `;` means nothing here (hint: one statement stands on a line)"],
    );
}

#[test]
fn words_of_the_language_are_no_names() {
    check_ops(
        "free = alloc order=3",
        expect![
            "3:1: error: `free` is a word of the language, so nothing can be called so (hint: `free1` would do)"
        ],
    );
    check_ops(
        "alloc = alloc order=3",
        expect![
            "3:1: error: `alloc` is a word of the language, so nothing can be called so (hint: `alloc1` would do)"
        ],
    );
    check_ops(
        "for ram in 0..3\nend",
        expect![
            "3:5: error: `ram` is a word of the language, so nothing can be called so (hint: `ram1` would do)"
        ],
    );
}

#[test]
fn loops() {
    check_ops(
        "for i in 0..3\n  b[i] = alloc order=0",
        expect![
            "3:1: error: this loop has no `end` (hint: write `end` on a line of its own behind the last line of the loop)"
        ],
    );
    check_ops(
        "end",
        expect!["3:1: error: this `end` ends no loop (hint: a loop begins with `for i in 0..63`)"],
    );
    check_ops("for i in 0..3\nend", expect!["3:1: warning: this loop has nothing to do"]);
    check_ops(
        "for i in 5..3\n  b[i] = alloc order=0\nend\nfree b[4]",
        expect![
            "3:10: error: the range 5..3 is empty: it ends before it starts (hint: both ends are included; did you mean 3..5?)"
        ],
    );
    check_ops(
        "for i in 0..3\n  b[j] = alloc order=0\nend\nfree b[4]",
        expect!["4:5: error: no loop around this line counts `j` (hint: did you mean `i`?)"],
    );
    check_ops(
        "for i in 0..3\n  b[i-1] = alloc order=0\nend",
        expect!["4:3: error: the index becomes -1; it is between 0 and 4294967295"],
    );
    check_ops(
        "for i in 0..3\nfor i in 0..3\n b[i] = alloc order=0\nend\nend",
        expect![
            "4:1: error: the loop around this one already counts `i` (hint: give one of them another variable)"
        ],
    );
    check_ops(
        "for i in 0..1\nfor j in 0..1\nfor k in 0..1\nfor l in 0..1\nfor m in 0..1\nend\nend\nend\nend\nend",
        expect!["7:1: error: loops nest at most 4 deep"],
    );
    check_ops(
        "for i in 0..999\nfor j in 0..999\n b[1000*i+j] = alloc order=0\nend\nend",
        expect!["3:1: error: 1000000 ops with all loops unrolled; a scenario has at most 100000"],
    );
}

#[test]
fn names() {
    check_ops(
        "q = alloc order=0\nfree qq",
        expect!["4:6: error: nothing is called `qq` (hint: did you mean `q`?)"],
    );
    check_ops("q = alloc order=0\nfree q\nfree q", expect!["5:6: error: `q` was freed on line 4 already"]);
    check_ops(
        "q = alloc order=0\nq = alloc order=0",
        expect!["4:1: warning: `q` still holds what line 3 asked for, unless that request fails"],
    );
    check_ops(
        "free q\nq = alloc order=0",
        expect!["3:6: error: `q` is used before line 4 asks for it (hint: move this line below it)"],
    );
    check_ops(
        "for i in 0..63\n b[i] = alloc order=0\nend\nfor i in 0..64\n free b[i]\nend",
        expect![
            "7:7: error: nothing is called `b[64]`; the row has 0 to 63 (hint: a range includes both ends: 0..63 is 64 turns)"
        ],
    );
    check_ops(
        "for i in 0..63\n b[i] = alloc order=0\nend\nfree b",
        expect!["6:6: error: nothing is called `b` (hint: did you mean `b[0]`?)"],
    );
    check_ops(
        "q = alloc ordr=0\nfree q",
        expect!["3:11: error: there is no option `ordr` here (hint: did you mean `order`?)"],
    );
    check_ops(
        "w = workload 10 anon=1\nfree w\nfree w",
        expect!["5:6: error: `w` was freed on line 4 already"],
    );
}

#[test]
fn bounds_are_named() {
    check_ops(
        "w = workload 1000001 anon=1",
        expect!["3:14: error: number of actions is between 1 and 1000000, not 1000001"],
    );
    check_ops(
        "for i in 0..5\n w[i] = workload 1000000 anon=1\nend",
        expect!["3:1: error: 6000000 actions of random workloads; a scenario has at most 5000000"],
    );
    check_ops(
        "a = alloc order=11",
        expect!["3:17: warning: the kernel refuses order 11 at the door; the largest is 10"],
    );
    check(
        "ram 63 frames\npcp off",
        expect!["1:1: error: 252 KiB (63 frames): a machine has between 64 and 4194304 frames"],
    );
    check(
        "ram 17G\npcp off",
        expect!["1:1: error: 17 GiB (4456448 frames): a machine has between 64 and 4194304 frames"],
    );
    check(&"#".repeat(65537), expect!["1:1: error: the text has 65537 bytes; at most 65536 are read"]);
}

#[test]
fn kernel_objects() {
    check_ops(
        "c = kmem_cache_create size=600 align=64 hwcache_align reclaim_account ctor nomerge\no = kmem_cache_alloc c\nfree o\nkmem_cache_shrink c\nkmem_cache_destroy c\np = kzalloc 40 reclaimable\ntouch p offset=8\nreap\nv = vzalloc 1G",
        expect![""],
    );
    check("ram 64M\nslab slab 2.6\nfreelist_random on\nslab_colour off\ninit_on_alloc on", expect![""]);
    check(
        "ram 64M\nslab slob",
        expect!["2:6: error: expected `slub` or `slab`, found `slob` (hint: did you mean `slub`?)"],
    );
    check(
        "ram 64M\nslab",
        expect![
            "2:5: error: expected `slub` or `slab`, but the line ends here (hint: for example `slab slub`)"
        ],
    );
    check(
        "ram 64M\nslab slub 2.6",
        expect![
            "2:11: error: the statement is complete, but `2.6` follows (hint: a comment begins with `#`)"
        ],
    );
    check(
        "ram 64M\nslab_color off",
        expect!["2:1: error: `slab_color` begins no statement (hint: did you mean `slab_colour`?)"],
    );
    check("ram 64M\ninit_on_alloc yes", expect!["2:15: error: expected `on` or `off`, found `yes`"]);
    check("ram 64M\nslab slub\nslab slab", expect!["3:1: error: `slab` was set on line 2 already"]);
    // Misspelt words.
    check_ops(
        "a = kmaloc 40",
        expect![
            "3:5: error: expected `alloc`, `workload`, `kmalloc` or the like, found `kmaloc` (hint: did you mean `kmalloc`?)"
        ],
    );
    check_ops(
        "a = kmem_cache_aloc c",
        expect![
            "3:5: error: expected `alloc`, `workload`, `kmalloc` or the like, found `kmem_cache_aloc` (hint: did you mean `kmem_cache_alloc`?)"
        ],
    );
    check_ops(
        "c = kmem_cache_create size=600 aling=64 hwcache_alin",
        expect![[r#"
        3:32: error: there is no option `aling` here (hint: did you mean `align`?)
        3:41: error: there is no option `hwcache_alin` here (hint: did you mean `hwcache_align`?)"#]],
    );
    check_ops(
        "a = kmalloc 40 reclaimabel",
        expect!["3:16: error: there is no option `reclaimabel` here (hint: did you mean `reclaimable`?)"],
    );
    check_ops(
        "kmem_cache_shrnk c",
        expect![
            "3:1: error: `kmem_cache_shrnk` begins no statement (hint: did you mean `kmem_cache_shrink`?)"
        ],
    );
    // What is missing, and what is too much.
    check_ops(
        "c = kmem_cache_create",
        expect![
            "3:22: error: expected `size=` and a number of bytes, but the line ends here (hint: for example `c = kmem_cache_create size=600`)"
        ],
    );
    check_ops(
        "c = kmem_cache_create size=0",
        expect!["3:28: error: number of bytes is between 1 and 4194304, not 0"],
    );
    check_ops("c = kmem_cache_create ctor ctor size=8", expect!["3:28: error: `ctor` stands here twice"]);
    check_ops(
        "a = kmalloc",
        expect!["3:12: error: expected a number of bytes, but the line ends here (hint: for example `64K`)"],
    );
    check_ops("a = kmalloc 40 account dma", expect!["3:24: error: there is no option `dma` here"]);
    check_ops(
        "a = kmem_cache_alloc",
        expect!["3:21: error: expected a name, but the line ends here (hint: for example `a`)"],
    );
    check_ops(
        "touch",
        expect!["3:6: error: expected a name, but the line ends here (hint: for example `a`)"],
    );
    // Sizes that cannot be.
    check_ops(
        "c = kmem_cache_create size=5M",
        expect!["3:28: error: number of bytes is between 1 and 4194304, not 5M"],
    );
    check_ops("c = kmem_cache_create size=600 align=48", expect!["3:38: error: 48 is no power of two"]);
    check_ops(
        "c = kmem_cache_create size=600 align=8K",
        expect!["3:38: error: number of bytes is between 1 and 4096, not 8K"],
    );
    check_ops("a = kmalloc 2G", expect!["3:13: error: number of bytes is between 0 and 1073741824, not 2G"]);
    check_ops(
        "a = kvmalloc 1G\nv = vmalloc 40P",
        expect!["4:13: error: expected a number of bytes, found `40P` (hint: for example `64K`)"],
    );
    check_ops(
        "a = kmalloc -1",
        expect!["3:13: error: expected a number of bytes, found `-` (hint: for example `64K`)"],
    );
    // Names that stand for nothing, or for something else.
    check_ops(
        "o = kmem_cache_alloc inode\ninode = kmem_cache_create size=600",
        expect!["3:22: error: `inode` is used before line 4 asks for it (hint: move this line below it)"],
    );
    check_ops(
        "inode = kmem_cache_create size=600\no = kmem_cache_alloc inod",
        expect!["4:22: error: nothing is called `inod` (hint: did you mean `inode`?)"],
    );
    check_ops(
        "kmem_cache_shrink c\ntouch x\nkmem_cache_destroy d",
        expect![[r#"
        3:19: error: nothing is called `c`
        4:7: error: nothing is called `x`
        5:20: error: nothing is called `d`"#]],
    );
    check_ops(
        "c = kmem_cache_create size=8\nkmem_cache_destroy c\nkmem_cache_destroy c",
        expect!["5:20: error: `c` was freed on line 4 already"],
    );
    check_ops(
        "c = kmem_cache_create size=8\nc = kmalloc 8",
        expect!["4:1: warning: `c` still holds what line 3 asked for, unless that request fails"],
    );
    check_ops(
        "kmalloc = kmalloc 8",
        expect![
            "3:1: error: `kmalloc` is a word of the language, so nothing can be called so (hint: `kmalloc1` would do)"
        ],
    );
    check_ops(
        "a = kmalloc 8 cpu=3\nreap cpu=2",
        expect![[r#"
        3:19: error: this machine has no CPU 3, only CPU 0
        4:10: error: this machine has no CPU 2, only CPU 0"#]],
    );
}

#[test]
fn the_same_in_chinese() {
    let text = "fre a\na = alloc ordr=3\nfor i in 0..3\nq = alloc order=0\nfree qq\nram 64M";
    let lines: Vec<String> = parse(text).diagnostics.iter().map(|d| d.line(Lang::Zh)).collect();
    expect![[r#"
        1:1: 错误: 没有以“fre”开头的语句（提示：是不是想写“free”？）
        2:11: 错误: 这里没有“ordr”这个选项（提示：是不是想写“order”？）
        3:1: 错误: 这个循环缺少 end（提示：在循环最后一行之后单独写一行 end）
        4:1: 警告: “q”还占着第 4 行申请的内存（除非那次请求失败）
        5:6: 错误: 没有叫“qq”的（提示：是不是想写“q”？）
        6:1: 警告: 这项设置写在第一个操作之后，却从一开始就生效（提示：把它移到第一个操作之前）"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn what_is_right_still_runs() {
    let parsed = parse("ram 64M\npcp off\nfre a\nb = alloc order=0\nfree c\nc = alloc order=1\n");
    let scenario = parsed.lower().expect("there is a machine");
    assert_eq!(scenario.ops.iter().map(|op| op.line).collect::<Vec<_>>(), [4, 5, 6]);
    assert_eq!(scenario.names, ["b", "c"]);
    assert!(parsed.diagnostics.iter().all(|d| d.severity() == Severity::Error));
}

#[test]
fn caches_and_scans() {
    let of = "ram 64M\ncpus 2\np = exec\nm = mmap p 64K\n";
    let mut all = String::new();
    for line in [
        "caches",
        "caches pentium",
        "caches skylake-xp",
        "caches l1d=24K/8",
        "caches l1d=32K",
        "caches l1d=32K/0",
        "caches l3=1G/16",
        "caches cycles=4/12",
        "caches disk=floppy",
        "caches skylake l2=256K/4 l2=512K/8",
        "scan m",
        "scan m diagonal",
        "scan m row 64",
        "scan m row 0x40",
        "scan m column 128x128",
        "scan m column 8x8 0..256",
        "scan m stride 64",
        "scan m stride=0",
        "scan m random 10",
        "scan m stride=64 0..4K slowly",
        "scan m stride=64 times=0",
        "scan p heap stride=8 by=p",
        "scan m stride=1 times=100",
        "scan n stride=64",
        "move p",
        "move p cpu=2",
        "move m cpu=1",
    ] {
        let is_setting = line.starts_with("caches");
        let text = if is_setting { format!("{line}\n{of}") } else { format!("{of}{line}\n") };
        for diagnostic in scenario::parse(&text).diagnostics {
            checks::has_both_languages(&diagnostic);
            all += &format!("{line}: {}\n", diagnostic);
        }
    }
    expect![[r#"
        caches: 1:7: error: expected a processor, or the size of a cache, but the line ends here (hint: for example `caches skylake`)
        caches pentium: 1:8: error: there is no option `pentium` here
        caches skylake-xp: 1:16: error: expected a processor, or the size of a cache, found `xp` (hint: for example `caches skylake`)
        caches l1d=24K/8: 1:12: error: 24K with 8 ways and lines of 64 bytes do not make a power of two of sets (hint: `32K/8` has 64 sets, `48K/12` too)
        caches l1d=32K: 1:15: error: expected `/` and the number of ways, but the line ends here (hint: for example `l1d=32K/8`)
        caches l1d=32K/0: 1:16: error: number of ways is between 1 and 128, not 0
        caches l3=1G/16: 1:11: error: number of bytes is between 64 and 67108864, not 1G
        caches cycles=4/12: 1:19: error: expected cycles of L1, L2, L3 and DRAM, with `/` between them, but the line ends here (hint: for example `cycles=4/12/44/320`)
        caches disk=floppy: 1:13: error: expected `ssd` or `hdd`, found `floppy` (hint: for example `disk=hdd`)
        caches skylake l2=256K/4 l2=512K/8: 1:34: error: `l2` stands here twice
        scan m: 5:7: error: expected `row`, `column`, `stride` or `random`, but the line ends here (hint: for example `scan m stride=64`)
        scan m diagonal: 5:8: error: expected `row`, `column`, `stride` or `random`, found `diagonal` (hint: for example `scan m stride=64`)
        scan m row 64: 5:12: error: expected rows `x` columns, found `64` (hint: for example `scan m row 64x64`)
        scan m row 0x40: 5:12: error: expected rows `x` columns, found `0x40` (hint: for example `scan m row 64x64`)
        scan m column 128x128: 5:1: error: the matrix has 131072 bytes; there are only 65536 (hint: make the area larger, or the matrix smaller)
        scan m column 8x8 0..256: 5:1: error: the matrix has 512 bytes; there are only 256 (hint: make the area larger, or the matrix smaller)
        scan m stride 64: 5:15: error: expected `=`, found `64`
        scan m stride=0: 5:15: error: number of bytes is between 1 and 140737488355328, not 0
        scan m random 10: 5:15: error: expected `count=`, found `10` (hint: for example `scan m random count=1000`)
        scan m stride=64 0..4K slowly: 5:24: error: there is no option `slowly` here
        scan m stride=64 times=0: 5:24: error: number is between 1 and 5000000, not 0
        scan p heap stride=8 by=p: 5:22: error: `by=` cannot stand here: the line names a process already (hint: behind an area: `write m by=q`; of another process: `write q heap`)
        scan m stride=1 times=100: 5:1: error: scans ask for 6553600 words up to here; a scenario has at most 5000000 (hint: scan a part of it: `scan m stride=64 0..64K`)
        scan n stride=64: 5:6: error: nothing is called `n`
        move p: 5:7: error: expected a CPU, but the line ends here
        move p cpu=2: 5:12: error: this machine has no CPU 2, only 0 to 1
    "#]].assert_eq(&all);
}

#[test]
fn what_caches_and_scans_say_is_read_back() {
    for line in [
        "caches skylake",
        "caches skylake-sp",
        "caches zen2 l3=2M/16 disk=hdd",
        "caches l1d=48K/12 l1i=32K/8 l2=2M/16 l3=32M/16 cycles=5/14/60/300 mhz=3200 disk=ssd",
        "scan m row 64x64",
        "scan m column 16x8 0..4K by=q write elem=4 times=3 cpu=1",
        "scan m stride=64",
        "scan p heap stride=4K exec",
        "scan p stack random count=100 0..64K",
        "scan p 0x7fff0000 stride=8 0..64",
        "move p cpu=0",
        "scan = exec",
        "m = mmap scan 4K",
        "scan m[3] random count=7 cpu=0",
    ] {
        let statement = scenario::parse_statement(line).expect(line);
        assert_eq!(scenario::print_statement(&statement), line);
    }
}

#[test]
fn files_and_swap() {
    check("ram 16M\nswap 1M flash", expect!["2:9: error: there is no option `flash` here"]);
    check("ram 16M\nswap 4K", expect!["2:6: error: number of pages of swap is between 2 and 4194304, not 1"]);
    check(
        "ram 16M\nswap 1M priority=40000",
        expect!["2:18: error: priority is between 0 and 32767, not 40000"],
    );
    check("ram 16M\nreclaim maybe", expect!["2:9: error: expected `on` or `off`, found `maybe`"]);
    check_ops(
        "f = file 1M\ncat f 0..64K blok=4K",
        expect!["4:14: error: there is no option `blok` here (hint: did you mean `block`?)"],
    );
    check_ops("cat g", expect!["3:5: error: nothing is called `g`"]);
    check_ops(
        "f = file 1M\nfadvise f often",
        expect![
            "4:11: error: expected `normal`, `sequential`, `random` or `dontneed`, found `often` (hint: for example `fadvise f random`)"
        ],
    );
    check_ops("drop_caches 4", expect!["3:13: error: kind of caches is between 1 and 3, not 4"]);
    check_ops(
        "wait 5",
        expect![
            "3:6: error: expected a time such as `5s` or `200ms`, found `5` (hint: for example `wait 5s`)"
        ],
    );
    check_ops(
        "wait 2h",
        expect![
            "3:6: error: expected a time such as `5s` or `200ms`, found `2h` (hint: for example `wait 5s`)"
        ],
    );
    check_ops(
        "wait 9000s",
        expect!["3:6: error: number of milliseconds is between 1 and 3600000, not 9000s"],
    );
    check_ops("f = file 1M\ncat f\ndd f 0..8K block=1K\nfsync f\nsync\nwait 200ms", expect![[r#""#]]);
}

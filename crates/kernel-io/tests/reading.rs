//! What a person pastes: read, or every mistake named with its place.

use expect_test::{Expect, expect};
use kernel_io::{Dump, buddyinfo, read, read_buddyinfo, read_kpf_free, read_lists, write_lists};
use mm::Machine;
use mm::mmzone::ZoneKind;
use mm::page::MigrateType;
use mm::units::{NrPages, Pfn, PfnRange};
use proptest::prelude::*;

fn errors(text: &str, expected: Expect) {
    let errors = read(text).expect_err("has mistakes");
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    expected.assert_eq(&lines.join("\n"));
}

/// `/proc/buddyinfo` of the article that asks about external fragmentation: a server with 20 GiB free.
const ARTICLE: &str = "\
Node 0, zone DMA 3 2 3 0 3 2 0 0 1 1 3
Node 0, zone DMA32 8 5 3 6 3 10 5 9 7 7 724
Node 0, zone Normal 22694 22791 58053 23855 9955 6270 3532 2158 1375 1083 2743
";

#[test]
fn the_articles_counts_come_back_as_the_kernel_prints_them() {
    let info = read_buddyinfo(ARTICLE).expect("reads");
    let machine = Machine::boot(&info.config()).expect("boots");
    expect![[r#"
        Node 0, zone      DMA      3      2      3      0      3      2      0      0      1      1      3 
        Node 0, zone    DMA32      8      5      3      6      3     10      5      9      7      7    724 
        Node 0, zone   Normal  22694  22791  58053  23855   9955   6270   3532   2158   1375   1083   2743 
    "#]]
    .assert_eq(&buddyinfo(&machine));
}

#[test]
fn spacing_case_commas_and_missing_orders_do_not_matter() {
    let info = read_buddyinfo("\n# mine\r\n\tnode 0  ZONE   normal\t1,2\r\nNode 0, zone DMA 0 0 1\n")
        .expect("reads");
    let rows: Vec<_> = info.rows.iter().map(|r| (r.zone, r.counts[0], r.counts[1], r.counts[2])).collect();
    assert_eq!(rows, [(ZoneKind::Dma, 0, 0, 1), (ZoneKind::Normal, 1, 2, 0)]);
}

#[test]
fn a_kernel_with_more_orders_is_read_when_they_are_empty() {
    let row = "Node 0, zone Normal 1 2 3 4 5 6 7 8 9 10 11 0 0 0";
    assert_eq!(read_buddyinfo(row).expect("reads").rows[0].counts[10], 11);
}

#[test]
fn every_mistake_in_buddyinfo_is_named_with_its_place() {
    errors(
        "$ cat /proc/buddyinfo\nNode 0, zone DMA 1 2 x 3 -1\nNode 1, zone Normal 1\nNode 0, zon DMA 1\nNode 0\nNode, zone DMA 1\nNode 0, zone DMA33 1\nNode 0, zone DMA32\nNode 0, zone Normal 0 0 0 0 0 0 0 0 0 0 0 7\nNode 0, zone HighMem 99999999999999999999 9999999999\n",
        expect![[r#"
            1:1: error: expected a line `Node 0, zone …`, found `$`: leave only the lines of /proc/buddyinfo
            2:22: error: expected a number, found `x`
            2:26: error: expected a number, found `-1`
            3:6: error: node 1: one node so far; leave only the lines of node 0
            4:9: error: expected the word `zone`, as in `Node 0, zone DMA`
            5:7: error: expected the word `zone`, as in `Node 0, zone DMA`
            6:7: error: expected the number of the node, as in `Node 0, zone DMA`
            7:14: error: no zone is called `DMA33`: DMA, DMA32, Normal, HighMem or Movable
            8:19: error: expected the numbers of free blocks, smallest order first
            9:43: error: free blocks of order 11: the largest order is 10; two of order 10 are one of order 11
            10:22: error: expected a number, found `99999999999999999999`
            10:43: error: 19999999998 frames in all: at most 8388608 are possible"#]],
    );
    errors("Node 0, zone DMA 1\nNode 0, zone DMA 2", expect![[r#"2:1: error: zone DMA was there before"#]]);
    errors(
        "Node 0, zone Normal 0 0 0 0 0 0 0 0 0 0 8388608\nNode 0, zone DMA 1",
        expect![[r#"1:1: error: 8589935616 frames in all: at most 8388608 are possible"#]],
    );
}

#[test]
fn two_nodes_are_one_too_many() {
    errors(
        include_str!("data/amd64_2048M_2nodes_smp4/base_buddyinfo.txt"),
        expect![[r#"3:6: error: node 1: one node so far; leave only the lines of node 0"#]],
    );
}

#[test]
fn a_text_of_neither_format_is_refused() {
    for text in ["", "\n\n", "# nothing", "MemTotal: 1 kB\n"] {
        let errors = read(text).expect_err("is no dump");
        assert_eq!(errors.len(), 1, "{text:?}");
    }
}

const SMALL: &str = "\
Z node=0 zone=DMA start=1 spanned=fff present=f9e managed=f00 free=3808
PB 01111111
F 5 0: 120
F 10 1: c00 400
P cpu=0 count=2 high=42
L 0 1: 303 301
L 0 13: 800
END len=100 max=2000
";

#[test]
fn a_dump_keeps_its_list_order() {
    let Ok(Dump::Lists(dump)) = read(SMALL) else { panic!("is a dump") };
    let zone = &dump.zones[0];
    assert_eq!(zone.kind, ZoneKind::Dma);
    assert_eq!(zone.free_pages(), NrPages(32 + 2048));
    assert_eq!(
        zone.pcp.iter().map(|b| (b.pfn.0, b.order.get())).collect::<Vec<_>>(),
        [(0x303, 0), (0x301, 0), (0x800, 9)].map(|(pfn, order): (u32, u8)| (pfn, order))
    );
}

#[test]
fn what_a_dump_leaves_open_is_where_a_pc_has_it() {
    let text = SMALL.replace("L 0 13: 800\n", "");
    let dump = read_lists(&text).expect("reads");
    let config = dump.config();
    // The BIOS's hole below 1 MiB; the 158 frames under it reserved, as on every 6.1 kernel.
    let ranges = |of: &[mm::PfnRange]| of.iter().map(|r| (r.start.0, r.end.0)).collect::<Vec<_>>();
    assert_eq!(ranges(&config.ram), [(1, 0x9f), (0x100, 0x1000)]);
    assert_eq!(ranges(&config.reserved), [(1, 0x9f)]);
    let machine = Machine::boot(&config).expect("boots");
    assert_eq!(machine.pageblock_type(Pfn(0x120)), MigrateType::Unmovable);
    let order = mm::Order::MAX;
    let list: Vec<u32> =
        machine.free_list(mm::mmzone::ZoneId(0), order, MigrateType::Movable).map(|p| p.0).collect();
    assert_eq!(list, [0xc00, 0x400]);
}

#[test]
fn every_mistake_in_a_dump_is_named_with_its_place() {
    errors(
        "F 0 0: 1\nZ node=0 zone=DMA start=1 spanned=fff present=f9e managed=f00\nPB 0111111111\nPB 0\nF\nF 11 0: 1\nF x 0: 1\nF 0\nF 0 7: 1\nF 0 0 1\nF 0 0: 1 zz 99999999\nF 0 0: 5\nL 0 14: 1\nQ 1\nEND len=5 max=5\n: :\nZ node=0 zone=DMA start=1\nF this is skipped\nZ node=32 zone=Normal\nZ node=0 zone=Normal start=1000 spanned=10 present=11 managed=1\n",
        expect![[r#"
            1:1: error: there is no `Z` line before this
            3:12: error: the zone has only 8 pageblocks
            4:1: error: this zone has its pageblock types already
            5:2: error: expected `:` and the frames of the list
            6:3: error: free blocks of order 11: the largest order is 10; two of order 10 are one of order 11
            7:3: error: expected a number, found `x`
            8:4: error: expected `:` and the frames of the list
            9:5: error: no migratetype has the number `7`: 0 Unmovable, 1 Movable, 2 Reclaimable, 3 HighAtomic, 4 CMA, 5 Isolate
            10:8: error: expected `:` and the frames of the list
            11:10: error: expected a number, found `zz`
            11:13: error: frame 0x99999999: frames below 0x1000000 are possible
            12:3: error: this list was there before
            13:5: error: no per-CPU list has the number `14`: 0 to 13
            14:1: error: expected a line that begins with Z, PB, F, P, L or END, found `Q`
            15:1: error: the dump was cut off: its buffer was too small
            16:1: error: expected a line that begins with Z, PB, F, P, L or END, found `:`
            17:15: error: zone DMA was there before
            19:8: error: node 32: nodes 0 to 31 are possible
            20:52: error: more present pages than the zone can have: managed ≤ present ≤ spanned"#]],
    );
}

#[test]
fn the_numbers_of_a_dump_are_read_or_explained() {
    let dump = read_lists(SMALL).expect("reads");
    let zone = &dump.zones[0];
    assert_eq!((zone.node, zone.numbers.free, zone.numbers.min), (0, Some(NrPages(3808)), None));
    assert_eq!((zone.pcp_numbers[0].count, zone.pcp_numbers[0].high), (Some(2), Some(42)));
    assert_eq!(zone.pcp_numbers[0].batch, None);
    let lists: Vec<_> =
        zone.pcp_lists.iter().map(|l| (l.cpu, l.index, l.order().get(), l.pfns.len())).collect();
    assert_eq!(lists, [(0, 1, 0, 2), (0, 13, 9, 1)]);
    assert_eq!(dump.buffer, Some(2000));
    errors(
        "Z node=0 zone=DMA start=1 spanned=fff present=f9e managed=f00 free=x\nP\nZ node=0 zone=DMA start=1 spanned=fff present=f9e managed=f00\nPB 01111111\nP\nP cpu=70000\nP cpu=1 batch=-1\nP cpu=1\nP cpu=1\nL\nL x 1: 5\nL 1 1: 303\nL 1 1: 304\nL 2 1: 305\n",
        expect![[r#"
            1:68: error: expected a number, found `x`
            5:2: error: expected `cpu=…`
            6:7: error: expected a number, found `70000`
            7:15: error: expected a number, found `-1`
            9:1: error: the numbers of CPU 1 were there before
            10:2: error: expected `:` and the frames of the list
            11:3: error: expected a number, found `x`
            13:5: error: this list was there before"#]],
    );
}

/// Two nodes have zones of the same kind, and what was free on each stays there.
#[test]
fn two_nodes_are_read() {
    let text = "\
Z node=0 zone=DMA32 start=1000 spanned=400 present=400 managed=400 free=512
PB 11
F 9 1: 1000
Z node=1 zone=DMA32 start=1400 spanned=400 present=400 managed=3f0 free=512
PB 11
F 9 1: 1600
P cpu=0 count=1 high=5 batch=1 free_factor=0 expire=3
L 0 1: 1555
L 3 0: 1444
";
    let dump = read_lists(text).expect("reads");
    assert_eq!(write_lists(&dump), text);
    let machine = Machine::boot(&dump.config()).expect("boots");
    let nodes: Vec<_> = machine.zones().iter().map(|z| (z.node, z.kind, z.nr_free_pages.0)).collect();
    assert_eq!(nodes, [(0, ZoneKind::Dma32, 512), (1, ZoneKind::Dma32, 512)]);
}

#[test]
fn free_frames_are_a_set() {
    let text = "# ranges\n10 20\n20 30\n\n 100  101\n# total_buddy_pages 33 of 65536 pfns\n# flag LOCKED 0\n";
    let free = read_kpf_free(text).expect("reads");
    assert_eq!(free.ranges(), [PfnRange::new(0x10, 0x30), PfnRange::new(0x100, 0x101)]);
    assert_eq!(free.pages(), NrPages(33));
    let has = |pfn| free.contains(Pfn(pfn));
    assert!(has(0x10) && has(0x20) && has(0x2f) && has(0x100));
    assert!(!has(0) && !has(0xf) && !has(0x30) && !has(0x101) && !has(u32::MAX));
    let said = |text: &str, expected: Expect| {
        let errors = read_kpf_free(text).expect_err("has mistakes");
        expected.assert_eq(&errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    };
    said("", expect!["1:1: error: expected ranges of frames, as in `100 1000`"]);
    said(
        "10 20\nxy 3\n5\n15 18\n30 30\n40 99999999\n# total_buddy_pages x",
        expect![[r#"
        2:1: error: expected a number, found `xy`
        3:2: error: expected the frame behind the range, in hex
        4:1: error: a range is not empty, and lies above the one before it
        5:1: error: a range is not empty, and lies above the one before it
        6:4: error: frame 0x99999999: frames below 0x1000000 are possible
        7:21: error: expected a number, found `x`"#]],
    );
    said(
        "10 20\n# total_buddy_pages 17 of 20 pfns",
        expect!["2:21: error: the text counts 17 free frames, but its ranges have 16: is a part missing?"],
    );
}

#[test]
fn lists_that_cannot_be_are_refused_before_the_machine_is_built() {
    errors(
        "Z node=0 zone=DMA start=1 spanned=fff present=d9e managed=c00\nPB 0-11111\nF 3 0: 9 10 300\nF 4 0: 10 1000\nL 0 1: 801\nF 10 1: 800\n",
        expect![[r#"
            3:8: error: frame 0x9 cannot begin a block of order 3: not a multiple of 8
            3:13: error: the block of order 3 at frame 0x300 lies in a pageblock that is a hole
            4:11: error: the block of order 4 at frame 0x1000 leaves its zone
            4:8: error: frame 0x10 is on another list too
            5:8: error: frame 0x801 is on another list too
            2:11: error: expected one digit or `-` for each pageblock"#]],
    );
    errors(
        "Z node=0 zone=Normal start=1000 spanned=400 present=300 managed=2\nPB 11\nF 9 1: 1000\nF 8 1: 1200\n",
        expect!["1:15: error: too many pages of the zone are free for as many holes as the numbers say"],
    );
    errors(
        "Z node=0 zone=Normal start=1000 spanned=400 present=400 managed=400\nPB 11\nZ node=0 zone=DMA start=0 spanned=200 present=200 managed=200\nPB 1",
        expect![[r#"3:15: error: zone DMA does not lie above the zone before it"#]],
    );
    errors(
        "Z node=0 zone=Normal start=1000 spanned=400 present=200 managed=200\nPB 1-",
        expect!["2:6: error: zone Normal ends with a hole, but the last frame of a machine is memory"],
    );
}

/// As many cases as `MMSCOPE_PROPTEST_CASES` says.
fn cases() -> ProptestConfig {
    let cases = std::env::var("MMSCOPE_PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(200);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Whatever was read boots, or is too large for a test; whatever was not is explained.
fn survives(text: &str) {
    match read(text) {
        Ok(dump) => {
            let config = dump.config();
            if config.end() < Pfn(1 << 18) {
                let machine = Machine::boot(&config).unwrap_or_else(|e| panic!("{e}: {text}"));
                machine.check().unwrap_or_else(|e| panic!("{e}: {text}"));
            }
        }
        Err(errors) => assert!(!errors.is_empty() && errors.iter().all(|e| e.line > 0 && e.column > 0)),
    }
}

/// Words that the formats are made of, and some that they are not.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("Node 0, zone".to_owned()),
        Just("\nNode 0, zone DMA".to_owned()),
        Just("\nZ node=0 zone=Normal start=0 spanned=400 present=400 managed=400\nPB 11\n".to_owned()),
        Just("\nZ".to_owned()),
        "(node|zone|start|spanned|present|managed)=[0-9a-fA-Z]{0,3}",
        "\nPB [01245-]{0,12}",
        "\nF [0-9]{1,2} [0-6]: ?",
        "\nL 0 1?[0-9]: ?",
        "\n(END|P) len=[0-9] max=[0-9]",
        "[0-9a-f]{1,4}",
        "[0-9]{1,12}",
        "(DMA|DMA32|Normal|HighMem|Movable|Device)",
        "[ ,:=\t\n\u{e9}\u{1f600}]{1,3}",
    ]
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_text_is_read_or_explained(text in "\\PC{0,200}") {
        survives(&text);
        survives(&format!("Node 0, zone {text}"));
        survives(&format!("Z {text}"));
    }

    #[test]
    fn any_mix_of_the_formats_words_is_read_or_explained(words in prop::collection::vec(word(), 0..40)) {
        survives(&words.join(" "));
    }

    /// A dump of a kernel with one character changed or lost.
    #[test]
    fn a_damaged_dump_is_read_or_explained(at in 0usize..978, new in "[ -~\n]?") {
        let text = include_str!("data/amd64_256M_smp1/kbuddy4_before_lists.txt");
        let damaged = format!("{}{new}{}", &text[..at.min(text.len())], &text[(at + 1).min(text.len())..]);
        survives(&damaged);
    }

    /// What was printed is read back as the same counts.
    #[test]
    fn printed_counts_come_back(counts in prop::array::uniform11(0u32..40)) {
        let row: Vec<String> = counts.iter().map(ToString::to_string).collect();
        let info = read_buddyinfo(&format!("Node 0, zone DMA32 {}", row.join(" "))).expect("reads");
        let machine = Machine::boot(&info.config()).expect("counts that were read fit");
        machine.check().expect("the laws hold");
        machine.check_merged().expect("no two would merge");
        prop_assert_eq!(read_buddyinfo(&buddyinfo(&machine)).expect("reads"), info);
    }
}

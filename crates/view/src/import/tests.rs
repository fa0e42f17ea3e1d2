//! Texts of a kernel become scenarios, and what is wrong in them is said with its line.

use scenario::Lang;

use super::{Import, Opening, Role, Wrong};

const LISTS: &str = "\
Z node=0 zone=DMA start=1 spanned=fff present=f9e managed=f00 free=512 min=0 low=0 high=0 promo=0 boost=0 nr_reserved_highatomic=0
PB 11111111
F 9 1: 200
P cpu=0 count=0 high=0 batch=1 free_factor=0 expire=0
";

/// Requests of order 4, which go to the buddy system directly: these blocks, in this order.
fn trace(pfns: &[u32]) -> String {
    let mut text = String::new();
    for (at, pfn) in pfns.iter().enumerate() {
        let head = format!("1.{at:06}\t000\tt-1\t");
        text +=
            &format!("{head}mm_page_alloc_zone_locked\tpfn={pfn:#x} order=4 migratetype=1 percpu_refill=0\n");
        text += &format!(
            "{head}mm_page_alloc\tpfn={pfn:#x} order=4 migratetype=1 gfp_flags=GFP_HIGHUSER_MOVABLE\n"
        );
    }
    text
}

fn done(texts: &[(&str, &str)]) -> Import {
    let texts = texts.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    let mut import = Import::new(texts);
    let mut last = 0;
    while let Some(progress) = import.work() {
        assert!(progress.done <= progress.of.max(progress.done) && progress.done >= last, "{progress:?}");
        last = progress.done;
    }
    import
}

fn said(import: &Import, lang: Lang) -> Vec<String> {
    let line = |problem: &super::Problem| {
        format!(
            "{}:{} {} {}",
            problem.file,
            problem.line,
            problem.message(lang),
            problem.hint(lang).unwrap_or_default()
        )
    };
    import.problems().iter().map(line).collect()
}

#[test]
fn a_trace_with_its_lists_is_replayed_and_opens() {
    let trace = trace(&[0x200, 0x210, 0x220, 0x230]);
    for texts in
        [vec![("lists.txt", LISTS), ("t.tsv", trace.as_str())], vec![("", &*format!("{LISTS}{trace}"))]]
    {
        let import = done(&texts);
        assert_eq!(import.problems(), [], "{:?}", said(&import, Lang::En));
        let replayed = import.replayed().expect("it was replayed");
        assert_eq!((replayed.ops, replayed.diverged(), replayed.first), (4, 0, None));
        assert!(replayed.tally.events >= 4);
        assert_eq!(import.openings(), [Opening::Start]);
        let (text, range) = import.scenario_of(Opening::Start).expect("a scenario");
        assert_eq!(range, 0..4);
        let parsed = scenario::parse(&text);
        assert!(!parsed.has_errors(), "{:?}\n{text}", parsed.diagnostics);
        assert_eq!(parsed.lower().expect("it runs").ops.len(), 4);
    }
}

#[test]
fn the_first_divergence_has_its_line_and_opens_shortly_before() {
    let mut pfns: Vec<u32> = (0..30).map(|i| 0x200 + 16 * i).collect();
    pfns.swap(28, 29);
    let text = trace(&pfns);
    let import = done(&[("before_lists.txt", LISTS), ("t.tsv", &text)]);
    let replayed = import.replayed().expect("it was replayed");
    assert!(replayed.diverged() > 0);
    assert_eq!(replayed.first, Some((29, 57)));
    assert_eq!(import.openings(), [Opening::Start, Opening::Divergence]);
    let (_, all) = import.scenario_of(Opening::Start).expect("a scenario");
    assert_eq!(all, 0..30);
    let (text, part) = import.scenario_of(Opening::Divergence).expect("a scenario");
    assert!(part.start <= 28 && part.end == 30, "{part:?}");
    let parsed = scenario::parse(&text);
    assert!(!parsed.has_errors(), "{:?}\n{text}", parsed.diagnostics);
}

#[test]
fn a_divergence_far_from_the_start_begins_from_the_machine_then() {
    let mut pfns: Vec<u32> = Vec::new();
    // Down to the last block, so that many ops come before it.
    pfns.extend((0..32).map(|i| 0x200 + 16 * i));
    let mut text = trace(&pfns[..30]);
    for (at, pfn) in pfns[..30].iter().enumerate() {
        text += &format!("2.{at:06}\t000\tt-1\tmm_page_free\tpfn={pfn:#x} order=4\n");
    }
    let next = text.lines().count() as u32 + 1;
    text +=
        "3.000000\t000\tt-1\tmm_page_alloc_zone_locked\tpfn=0x3e0 order=4 migratetype=1 percpu_refill=0\n";
    text +=
        "3.000000\t000\tt-1\tmm_page_alloc\tpfn=0x3e0 order=4 migratetype=1 gfp_flags=GFP_HIGHUSER_MOVABLE\n";
    text +=
        "3.000001\t000\tt-1\tmm_page_alloc_zone_locked\tpfn=0x240 order=4 migratetype=1 percpu_refill=0\n";
    text +=
        "3.000001\t000\tt-1\tmm_page_alloc\tpfn=0x240 order=4 migratetype=1 gfp_flags=GFP_HIGHUSER_MOVABLE\n";
    let import = done(&[("lists", LISTS), ("trace", &text)]);
    let (op, line) = import.replayed().and_then(|replayed| replayed.first).expect("it diverges");
    assert!(op > 60 && line >= next, "{op} {line}");
    let (text, part) = import.scenario_of(Opening::Divergence).expect("a scenario");
    assert!(part.start >= 24 && part.start < op, "{part:?}");
    let parsed = scenario::parse(&text);
    assert!(!parsed.has_errors(), "{:?}\n{text}", parsed.diagnostics);
    // It goes the same way from there.
    let scenario = parsed.lower().expect("it runs");
    let mut machine = mm::Machine::boot(&scenario.config).expect("boots");
    for op in scenario.engine_ops() {
        while machine.run_unit_unseen(op) == mm::UnitEnd::More {}
    }
    assert_eq!(machine.tally().first.iter().filter(|op| **op > 0).min().copied(), Some(op - part.start));
}

#[test]
fn what_is_missing_or_wrong_is_said_in_both_languages() {
    let alone = done(&[("t.tsv", &trace(&[0x200]))]);
    assert_eq!(alone.problems().len(), 1);
    assert_eq!(alone.problems()[0].wrong, Wrong::NoLists);
    for lang in Lang::ALL {
        assert!(said(&alone, lang)[0].contains("`Z node=0 …`"), "{:?}", said(&alone, lang));
    }

    let bad = LISTS.replace("F 9 1: 200", "F 9 1: 201");
    let import = done(&[("lists.txt", &bad), ("t.tsv", &trace(&[0x200]))]);
    assert_eq!((import.problems()[0].file.as_str(), import.problems()[0].line), ("lists.txt", 3));
    assert!(said(&import, Lang::Zh)[0].contains("512 的倍数"), "{:?}", said(&import, Lang::Zh));
    assert!(import.openings().is_empty());

    let broken = trace(&[0x200])
        + "1.9\t000\tt-1\tmm_page_alloc\tpfn=zzz order=4 migratetype=1 gfp_flags=GFP_KERNEL\n";
    let import = done(&[("lists.txt", LISTS), ("t.tsv", &broken)]);
    assert_eq!(import.problems()[0].line, 3);
    assert_eq!(import.openings(), [Opening::Start], "the rest is opened all the same");
}

#[test]
fn texts_that_only_count_open_as_before() {
    let rows = "Node 0, zone   Normal   216   55  189  101   84   38   37   27    5    3  587\n";
    let import = done(&[("", rows)]);
    assert_eq!((import.sources()[0].role, import.problems()), (Role::BuddyInfo, &[][..]));
    assert!(import.scenario_of(Opening::Start).expect("a scenario").0.contains("buddyinfo Node 0"));

    let import = done(&[("", &format!("hello\n{rows}"))]);
    assert_eq!(import.problems()[0].line, 1);
    assert_eq!(import.openings(), [Opening::Start]);

    let machine = mm::Machine::boot(&mm::Config::single_zone(4096)).expect("boots");
    let import = done(&[("pagetypeinfo", &kernel_io::pagetypeinfo(&machine))]);
    assert_eq!(import.sources()[0].role, Role::PageTypeInfo);
    assert_eq!(import.openings(), [Opening::Start], "{:?}", said(&import, Lang::En));

    let import = done(&[("lists", LISTS)]);
    assert_eq!(import.openings(), [Opening::Start], "{:?}", said(&import, Lang::En));

    let zones = "Node 0, zone      DMA\n  per-node stats\n  pages free     3840\n";
    let import = done(&[("zoneinfo", zones)]);
    assert_eq!(import.problems()[0].wrong, Wrong::OnlyZoneInfo);

    let import = done(&[("", "ram 4M\nzone Normal\na = alloc order=3 movable\n")]);
    assert_eq!((import.sources()[0].role, import.openings()), (Role::Scenario, vec![Opening::Start]));
}

const BOARD: &str = "/dts-v1/;\n/ {\n\tmemory@0 { reg = <0x0 0x3000000>; };\n\treserved-memory {\n\t\tvideo: video {\n\
    \t\t\tcompatible = \"shared-dma-pool\";\n\t\t\treusable;\n\t\t\tsize = <0x800000>;\n\t\t};\n\t};\n\
    \tvpu { memory-region = <&video>; };\n};\n";

#[test]
fn a_device_tree_makes_a_machine() {
    let import = done(&[("board.dts", BOARD)]);
    assert_eq!(import.sources()[0].role, Role::DeviceTree);
    assert_eq!(import.problems(), [], "{:?}", said(&import, Lang::En));
    let (text, _) = import.scenario_of(Opening::Start).expect("a scenario");
    let scenario = scenario::parse(&text).strict().expect("it is right");
    assert_eq!(scenario.config.end(), mm::Pfn(0x3000));
    assert_eq!(scenario.config.areas[0].frames.len(), 2048);
    assert_eq!(scenario.ops.len(), 1, "a device");
    // What is wrong has its line and its column in the tree.
    let import = done(&[("board.dts", &BOARD.replace("&video", "&vidio"))]);
    let places: Vec<String> = import.problems().iter().map(super::Problem::place).collect();
    assert_eq!(places, ["board.dts:11:26"], "{:?}", said(&import, Lang::En));
}

//! Lowering, seen from inside: what fits agrees with the engine, and ops, names and sentences meet.

use mm::config::{Start, ZoneSpec};
use mm::mmzone::{ZoneId, ZoneKind};
use mm::units::{Order, PfnRange};
use mm::{BootError, Config, Machine};
use proptest::prelude::*;

use super::pack;
use crate::ast::{Alloc, Flags, Size, Statement, Target};
use crate::scenario::{Note, Simplification};
use crate::{Lang, Scenario, edit, fresh_name, parse, parse_statement, print_statement};

fn scenario(text: &str) -> Scenario {
    match parse(text).strict() {
        Ok(scenario) => scenario,
        Err(diagnostics) => panic!("{diagnostics:?}"),
    }
}

const MACHINE: &str = "ram 8M\nzone Normal\npcp off\nwatermarks off\n";

fn boots(frames: u32, counts: [u32; Order::COUNT], seed: u64) -> bool {
    let start = Start::Counts(vec![(ZoneId(0), counts)]);
    match Machine::boot(&Config { start, seed, ..Config::single_zone(frames) }) {
        Ok(_) => true,
        Err(BootError::DoesNotFit(_)) => false,
        Err(other) => panic!("{other}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    /// Counting tells the same as the engine's inventing of places, whatever it draws.
    #[test]
    fn the_smallest_zone_is_the_smallest(counts in prop::array::uniform11(0u32..12), seed in any::<u64>()) {
        let frames = pack::smallest(&counts);
        prop_assert!(boots(frames, counts, seed));
        if frames > 1024 {
            prop_assert!(!boots(frames - 1024, counts, seed), "{} frames are enough", frames - 1024);
        }
    }

    /// The same for a zone that begins and ends anywhere and has reservations.
    #[test]
    fn what_fits_is_what_boots(
        counts in prop::array::uniform11(0u32..3),
        (start, len) in (0u32..700, 64u32..5000),
        (reserved, hole) in (0u32..5000, 0u32..300),
        seed in any::<u64>(),
    ) {
        let span = PfnRange::new(start, start + len);
        let config = Config {
            ram: vec![span],
            zones: vec![ZoneSpec { kind: ZoneKind::Normal, node: 0, span }],
            reserved: vec![PfnRange::new(reserved, reserved + hole)],
            start: Start::Counts(vec![(ZoneId(0), counts)]),
            seed,
            ..Config::single_zone(64)
        };
        let fits = pack::fits(&pack::free_ranges(&config, span), &counts);
        prop_assert_eq!(fits, Machine::boot(&config).is_ok());
    }
}

#[test]
fn millions_of_free_blocks_are_counted_at_once() {
    assert_eq!(
        pack::smallest(&[8_000_000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        16_000_000_u32.div_ceil(1024) * 1024
    );
    assert_eq!(pack::smallest(&[0; 11]), 1024);
}

#[test]
fn the_shown_language_is_the_read_one() {
    let reference = include_str!("../../../../docs/language.md");
    for text in reference.split("```").skip(1).step_by(2) {
        let diagnostics: Vec<String> = parse(text).diagnostics.iter().map(ToString::to_string).collect();
        assert_eq!(diagnostics, [""; 0]);
    }
}

#[test]
fn loops_are_unrolled_and_know_their_turn() {
    let s = scenario(&format!(
        "{MACHINE}for i in 0..1\n  for j in 0..4 step 2\n    b[10*i+j] = alloc order=0 anon\n  end\nend\n"
    ));
    assert_eq!(s.names, ["b[0]", "b[2]", "b[4]", "b[10]", "b[12]", "b[14]"]);
    assert!(s.ops.iter().all(|op| op.line == 7));
    assert_eq!(s.ops[4].turns.values(), [1, 2]);
}

#[test]
fn sentences_meet_their_ops() {
    let s = scenario(&format!(
        "{MACHINE}say \"one\"\na = alloc order=0\nsay \"two\" zh \"二\"\nsay \"three\"\nfree a\nsay \"end\"\n"
    ));
    let at = |op| s.captions_at(op).map(|phrase| phrase.in_lang(Lang::Zh)).collect::<Vec<_>>();
    assert_eq!((at(0), at(1), at(2), at(3)), (vec!["one"], vec!["二", "three"], vec!["end"], vec![]));
    assert_eq!(s.caption(1).map(|phrase| phrase.in_lang(Lang::En)), Some("three"));
}

#[test]
fn a_loop_says_its_sentence_on_every_turn() {
    let s = scenario(&format!(
        "{MACHINE}for i in 0..2\n  a[i] = alloc order=0\n  say \"next\"\nend\nfree a[0]\n"
    ));
    assert_eq!(s.captions.iter().map(|c| c.op).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn zones_are_where_the_kernel_would_look() {
    let text = "arch i386\nram 64M\nzone DMA 16M\nzone Normal 16M\nzone HighMem\n\
                a = alloc order=0 anon\nb = alloc order=0 movable\nc = alloc order=0 anon zone=DMA\n";
    let scenario = scenario(text);
    let machine = Machine::boot(&scenario.config).expect("it boots");
    let zones: Vec<ZoneKind> = scenario
        .engine_ops()
        .map(|op| match op {
            mm::Op::Alloc { gfp, cpu, .. } => machine.zone(machine.zonelist_of(*cpu, gfp.flags)[0]).kind,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(zones, [ZoneKind::HighMem, ZoneKind::Normal, ZoneKind::Dma]);
}

/// The flags of requests, as the kernel prints them.
#[test]
fn words_are_flags() {
    let flags = |options: &str| {
        let text = format!("{MACHINE}a = alloc order=0 {options}\n");
        match parse(&text).lower().expect("there is a machine").ops[0].op {
            mm::Op::Alloc { gfp, .. } => gfp.flags.to_string(),
            ref other => panic!("{other:?}"),
        }
    };
    assert_eq!(flags(""), "GFP_KERNEL");
    assert_eq!(flags("atomic"), "GFP_ATOMIC");
    assert_eq!(flags("atomic movable"), "GFP_ATOMIC|__GFP_MOVABLE");
    assert_eq!(flags("nowait zone=DMA"), "GFP_NOWAIT|GFP_DMA");
    assert_eq!(flags("anon"), "GFP_HIGHUSER_MOVABLE");
    assert_eq!(flags("gfp=GFP_ATOMIC|__GFP_NOWARN|0x1000"), "GFP_ATOMIC|__GFP_NOWARN|__GFP_WRITE");
    assert_eq!(flags("gfp=none"), "none");
    // And back to words.
    for (options, said) in [
        ("file", "alloc order=0 file"),
        ("atomic movable cpu=0", "alloc order=0 movable atomic"),
        ("nowait zone=DMA", "alloc order=0 unmovable nowait zone=DMA"),
        ("gfp=GFP_ATOMIC", "alloc order=0 unmovable atomic"),
        ("gfp=GFP_KERNEL|__GFP_NOWARN", "alloc order=0 gfp=GFP_KERNEL|__GFP_NOWARN"),
    ] {
        let s = scenario(&format!("{MACHINE}a = alloc order=0 {options}\n").replace("zone Normal\n", ""));
        let mm::Op::Alloc { gfp, .. } = s.ops[0].op else { panic!("{options}") };
        let (flags, zone) = Flags::of(gfp);
        let alloc = Alloc::new(Target::named("a"), Size::Order(0), gfp.kind);
        let printed = print_statement(&Statement::Alloc(Alloc { flags, zone, ..alloc }));
        assert_eq!(printed, format!("a = {said}"));
    }
}

#[test]
fn nodes_are_laid_out_as_linux_does() {
    let s = scenario(
        "node 0 ram 2G cpus 0..1 4..4\nnode 1 ram 2G cpus 2..3\nnode 2 cpus 5..5\ndistance 0 1 21\ndistance 1 0 22\n",
    );
    let zones: Vec<_> =
        s.config.zones.iter().map(|z| (z.node, z.kind, z.span.start.0, z.span.end.0)).collect();
    assert_eq!(
        zones,
        [
            (0, ZoneKind::Dma, 1, 0x1000),
            (0, ZoneKind::Dma32, 0x1000, 0x8_0000),
            (1, ZoneKind::Dma32, 0x8_0000, 0x10_0000),
            (1, ZoneKind::Normal, 0x10_0000, 0x14_0000),
        ]
    );
    assert_eq!(s.config.cpus, [0, 0, 1, 1, 0, 2]);
    assert_eq!(s.config.distances, [[10, 21, 20], [22, 10, 20], [20, 20, 10]]);
}

#[test]
fn an_i386_has_high_memory_above_896_mib() {
    let zones = |text: &str| -> Vec<_> {
        let zones = scenario(text).config.zones;
        zones.iter().map(|z| (z.kind.name(), z.span.start.0, z.span.end.0)).collect()
    };
    assert_eq!(
        zones("arch i386\nram 1G\n"),
        [("DMA", 1, 0x1000), ("Normal", 0x1000, 0x3_8000), ("HighMem", 0x3_8000, 0x4_0000)]
    );
    assert_eq!(zones("arch i386\nram 64M\n"), [("DMA", 1, 0x1000), ("Normal", 0x1000, 0x4000)]);
}

/// A dump of a kernel, and what becomes of it.
#[test]
fn figures_and_lists_of_cpus_are_where_they_were() {
    let s = scenario(
        "ram 16M\ncpus 2\npageblocks DMA 0 1*7\nfigures DMA min=34 low=42 high=50 boost=8\n\
         free_list DMA 10 Movable: 0x400\npcp_sizes DMA cpu=1 high=12 batch=3 free_factor=2\n\
         pcp_list DMA cpu=1 order=0 Movable: 0x801 0x800\npcp_list DMA cpu=1 order=9 Movable: 0xe00\n",
    );
    let machine = Machine::boot(&s.config).expect("it boots");
    let zone = machine.zone(ZoneId(0));
    assert_eq!((zone.watermark, zone.watermark_boost), ([34, 42, 50, 58], 8));
    let pcp = zone.pcp(mm::CpuId(1));
    assert_eq!((pcp.count, pcp.high, pcp.batch, pcp.free_factor), (514, 12, 3, 2));
    let list: Vec<u32> = machine.pcp_list(ZoneId(0), mm::CpuId(1), 1).map(|pfn| pfn.0).collect();
    assert_eq!(list, [0x801, 0x800]);
    assert_eq!(machine.check(), Ok(()));
}

/// Settings that the kernel's files have.
#[test]
fn tunables_are_those_of_the_machine() {
    let s = scenario(
        "ram 64M\nmin_free_kbytes 2048\nwatermark_scale_factor 50\nlowmem_reserve_ratio 128 64 32 0 0\nthp never\n\
         sysctl vm.lowmem_reserve_ratio = 1 2 3 4 5\n",
    );
    let tunables = s.config.tunables;
    assert_eq!(
        (tunables.min_free_kbytes, tunables.watermark_scale_factor, tunables.thp),
        (Some(2048), 50, false)
    );
    assert_eq!(tunables.lowmem_reserve_ratio, [128, 64, 32, 0, 0, 0]);
    assert_eq!(s.ops[0].op, mm::Op::Sysctl(mm::op::Sysctl::LowmemReserveRatio([1, 2, 3, 0, 4, 5])));
}

#[test]
fn notes_admit_what_is_not_real() {
    let notes = |text: &str| scenario(text).notes().to_vec();
    let plain = [Note::Simplified(Simplification::NoPcp), Note::Simplified(Simplification::NoWatermarks)];
    assert_eq!(notes(MACHINE)[1..], plain);
    assert_eq!(notes("ram 64M\n")[1..], [Note::Simplified(Simplification::NoReclaim)]);
    assert_eq!(notes("ram 64M\nreclaim on\n")[1..], [Note::Simplified(Simplification::NoCompaction)]);
    assert_eq!(notes("pcp off\nNode 0, zone DMA 1\n")[1..3], [Note::PositionsInvented, Note::ZonesInvented]);
    assert_eq!(notes("ram 64M\npcp off\nfree_list DMA 0 Movable: 0x300\n")[1], Note::GivenLists);
    for note in notes("pcp off\nNode 0, zone DMA 1\n").into_iter().chain(plain) {
        for lang in Lang::ALL {
            assert!(!note.label(lang).is_empty() && !note.reason(lang).is_empty());
        }
    }
}

#[test]
fn fresh_names_go_through_the_alphabet() {
    assert_eq!(fresh_name(&scenario(MACHINE)), "a");
    assert_eq!(
        fresh_name(&scenario(&format!("{MACHINE}a = alloc order=0\nb[1] = alloc order=0\nfree a\n"))),
        "c"
    );
    let all: String = ('a'..='z').map(|name| format!("{name} = alloc order=0\n")).collect();
    assert_eq!(fresh_name(&scenario(&format!("{MACHINE}{all}"))), "a1");
}

#[test]
fn edits_change_one_line() {
    let op = |text: &str| parse_statement(text).expect("it is an op");
    let text = "ram 8M\nzone Normal\npcp off\n\n# first\nsay \"one\"\na  =  alloc order=3 movable # why\n\
                for i in 0..1\n  b[i] = alloc order=0\nend\nfree a\n";
    let insert = |text: &str, op_before, new: &str| {
        edit::insert_after(text, op_before, &op(new)).expect("it is there")
    };
    let (after, line) = insert(text, Some(0), "c = alloc order=1");
    assert_eq!(after.lines().nth(line as usize - 1), Some("c = alloc order=1 unmovable"));
    assert!(after.contains("# why\nc = alloc order=1 unmovable\nfor i"), "{after}");
    let (behind_loop, _) = insert(text, Some(1), "free a");
    assert!(behind_loop.contains("end\nfree a\nfree a\n"), "{behind_loop}");
    let (first, _) = insert(text, None, "c = alloc order=1");
    assert!(first.contains("pcp off\n\nc = alloc order=1 unmovable\n# first\n"), "{first}");
    let replaced = edit::replace(text, 0, &op("a = alloc order=4 anon")).expect("op 0 is there");
    assert!(replaced.contains("say \"one\"\na = alloc order=4 anon # why\n"), "{replaced}");
    let removed = edit::remove(text, 0).expect("op 0 is there");
    assert!(removed.contains("# first\n# why\nfor i"), "{removed}");
    assert_eq!(edit::remove(text, 2), Err(edit::EditError::InLoop { line: 9, of: 8 }));
    assert_eq!(edit::replace(text, 9, &op("free a")), Err(edit::EditError::NoSuchOp { op: 9 }));
    assert_eq!(insert("ram 8M", None, "free a"), ("ram 8M\nfree a".to_owned(), 2));
    let seeded = edit::set_setting(text, &op("seed 9")).expect("it is a setting");
    assert!(seeded.starts_with("ram 8M\nzone Normal\npcp off\nseed 9\n\n"), "{seeded}");
    assert_eq!(edit::set_setting(&seeded, &op("seed 10")), Ok(seeded.replace("seed 9", "seed 10")));
    assert_eq!(insert("ram 8M\r\npcp off\r\n", None, "free a").0, "ram 8M\r\npcp off\r\nfree a\r\n");
}

#[test]
fn the_longest_scenario_is_lowered() {
    let s = scenario(&format!("{MACHINE}for i in 0..49999\n  a[i] = alloc order=0\n  free a[i]\nend\n"));
    assert_eq!((s.ops.len(), s.names.len()), (100_000, 50_000));
}

#[test]
fn a_refusal_to_start_has_a_place() {
    let parsed = parse("ram 64M\npcp off\nfree_list DMA 3 Movable: 0x208 0x300\n");
    let line = |error| parsed.boot_diagnostic(&error).line(Lang::En);
    assert_eq!(line(BootError::Overlap(mm::Pfn(0x303))), "3:32: error: two free blocks hold frame 0x303");
    assert!(line(BootError::Layout).starts_with("1:1: error: the zones"));
    assert!(line(BootError::DoesNotFit(ZoneId(7))).starts_with("1:1: error: the counts"));
}

#[test]
fn numbers_of_an_index_that_add_up_to_too_much_are_no_index() {
    let parsed = parse(&format!("{MACHINE}a[1000000+1] = alloc order=0\n"));
    assert_eq!(parsed.diagnostics[0].to_string(), "5:11: error: index is between 0 and 1000000, not 1000001");
}

//! Source of a device tree in a text: what is kept, whose it is, and what is said of mistakes, each at its place.

use mm::dma::{DmaOp, Lane, Region};
use mm::op::NameId;
use mm::{Machine, Op, PfnRange, UnitEnd};
use proptest::prelude::*;
use scenario::{Lang, Scenario, parse, print};

/// Each line behind `dts`, below a machine of 64 MiB.
fn with(tree: &str) -> String {
    let lines: String = tree.lines().map(|line| format!("dts {line}\n")).collect();
    format!("ram 64M\nzone Normal\n{lines}")
}

fn read(tree: &str) -> Scenario {
    parse(&with(tree)).strict().unwrap_or_else(|wrong| panic!("{wrong:?}"))
}

const BOARD: &str = r#"/dts-v1/;
/ { /* a board */
    #address-cells = <2>;
    #size-cells = <2>;
    memory@0 { device_type = "memory"; reg = <0 0 0 0x4000000>; };
    reserved-memory {
        #address-cells = <2>; #size-cells = <2>; ranges;
        // one of each kind
        dsp_mem: dsp-mem@2000000 {
            compatible = "shared-dma-pool"; no-map;
            reg = <0x0 0x2000000 0x0 0x100000>;
        };
        video: video-mem {
            compatible = "shared-dma-pool"; reusable;
            size = <0 0x800000>; alignment = <0x0 0x400000>;
            alloc-ranges = <0x0 0x1000000 0x0 0x1000000>;
            linux,cma-default;
        };
        firmware@1800000 { no-map; reg = <0 0x3800000 0 0x10000>; };
        off: off-mem { compatible = "shared-dma-pool"; status = "disabled"; size = <0 0x1000>; };
        all: coherent { compatible = "shared-dma-pool"; no-map; linux,dma-default; size = <0 0x40000>; };
    };
    soc {
        dsp: dsp@ff000000 { compatible = "acme,dsp", "acme,core"; memory-region = <&dsp_mem>; };
        vpu@ff100000 { memory-region = <&video>; dma-coherent; clocks = <&clk 3>, <&clk 4>; };
        gpu@ff200000 { memory-region = <&video>; iommus = <&smmu 0x10>; local-mac-address = [00 11 22]; };
    };
};
"#;

#[test]
fn a_board_becomes_areas_pools_and_devices() {
    let scenario = read(BOARD);
    let areas: Vec<PfnRange> = scenario.config.areas.iter().map(|area| area.frames).collect();
    // From 16 to 32 MiB, as high as there is room.
    assert_eq!(areas, [PfnRange::new(0x1800, 0x2000)]);
    assert!(scenario.config.areas[0].default);
    assert_eq!(scenario.areas, ["video"]);
    assert_eq!(scenario.pools, ["dsp_mem", "all"]);
    assert_eq!(scenario.config.pools[0], PfnRange::new(0x2000, 0x2100));
    assert_eq!((scenario.config.pools[1].len(), scenario.config.default_pool), (0x40, Some(1)));
    // What is for no driver is kept from everybody, and what is off is not there.
    assert!(scenario.config.reserved.contains(&PfnRange::new(0x3800, 0x3810)));
    assert_eq!(scenario.config.reserved.len(), 3);
    let devices: Vec<(&str, bool, bool, Option<Region>)> = scenario
        .engine_ops()
        .filter_map(|op| match *op {
            Op::Dma(DmaOp::Device { name, iommu, coherent, region, .. }) => {
                Some((scenario.names[name.0 as usize].as_str(), iommu, coherent, region))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        devices,
        [
            ("dsp", false, false, Some(Region::Pool(0))),
            ("vpu", false, true, Some(Region::Area(0))),
            ("gpu", true, false, Some(Region::Area(0))),
        ]
    );
    assert_eq!(scenario::dts::memory(BOARD), Some(64 << 20));
}

/// A text prints as it was, and means the same then.
#[test]
fn it_prints_as_it_was() {
    let text = with(BOARD);
    let parsed = parse(&text);
    let printed = print(&parsed.document);
    assert_eq!(printed.trim_end(), text.trim_end());
    assert_eq!(parse(&printed).document, parsed.document);
}

/// A device that does not look into caches, and has nothing of its own, gets it from the global pool.
/// What begins with `#` is source, also right behind the word, and not a comment.
#[test]
fn a_property_with_a_hash_needs_no_blank_before_it() {
    let parsed = parse("dts#size-cells = <1>;\ndts # a remark\n").document;
    let printed = print(&parsed);
    assert_eq!(printed, "dts #size-cells = <1>;\ndts # a remark\n");
    assert_eq!(parse(&printed).document, parsed);
}

#[test]
fn the_global_pool_is_for_all_that_have_none() {
    let tree = "reserved-memory {\nall: a { compatible = \"shared-dma-pool\"; no-map; linux,dma-default; size = <0x40000>; };\n};";
    let text = with(tree)
        + "d = device noncoherent\ne = device mask=40\na = dma_alloc_coherent d 16K\nb = dma_alloc_coherent e 16K\n";
    let scenario = parse(&text).strict().expect("a scenario");
    let mut machine = Machine::boot(&scenario.config).expect("boots");
    for op in scenario.engine_ops() {
        while machine.run_unit_unseen(op) == UnitEnd::More {}
    }
    let lane = |name: &str| {
        let at = scenario.names.iter().position(|of| of == name).expect("a name");
        machine.dma().and_then(|dma| dma.buffer(NameId(at as u32))).map(|buffer| buffer.lane)
    };
    assert!(matches!(lane("a"), Some(Lane::Pool { pool: 0, .. })));
    assert!(matches!(lane("b"), Some(Lane::Buddy(_))));
    assert_eq!(machine.check(), Ok(()));
}

/// What is wrong stands where it is, in both languages.
#[test]
fn mistakes_have_a_place() {
    let kept = |inside: &str| format!("reserved-memory {{\n{inside}\n}};");
    for (tree, place, says) in [
        (kept("v: v { reusable; };"), (4, 8), "how large"),
        (kept("v: v { size = <0x400000> };"), (4, 30), "expected `;`, found `}`"),
        (kept("v: v { size = <big>; };"), (4, 20), "a number or `>`"),
        (
            kept("v: v { compatible = \"shared-dma-pool\"; reusable; no-map; size = <0x400000>; };"),
            (4, 44),
            "has to be mapped",
        ),
        (kept("v: v { reg = <0x400000>; };"), (4, 12), "fewer than 2 cells"),
        ("reserved-memory {\nv: v { size = <0x1000>; };".to_owned(), (3, 5), "does not end"),
        (
            kept("video: v { size = <0x1000>; };") + "\nd { memory-region = <&vidoe>; };",
            (6, 27),
            "no node of reserved memory",
        ),
        ("#include <dt-bindings/clock.h>".to_owned(), (3, 5), "other files"),
        ("};".to_owned(), (3, 5), "a node"),
    ] {
        let parsed = parse(&with(&tree));
        let wrong = parsed.diagnostics.first().unwrap_or_else(|| panic!("nothing is wrong with {tree}"));
        assert_eq!((wrong.span.line, wrong.span.column), place, "{tree}: {}", wrong.line(Lang::En));
        assert!(wrong.message(Lang::En).contains(says), "{tree}: {}", wrong.line(Lang::En));
        assert!(wrong.message(Lang::Zh).chars().any(|c| c > '\u{4e00}'), "{}", wrong.line(Lang::Zh));
    }
    let parsed =
        parse(&with(&(kept("video: v { size = <0x1000>; };") + "\nd { memory-region = <&vidoe>; };")));
    assert_eq!(parsed.diagnostics[0].hint(Lang::En).as_deref(), Some("did you mean `video`?"));
}

/// Ops are put behind the tree, and its nodes are not taken for lines.
#[test]
fn a_tree_is_edited_in_the_text_alone() {
    use scenario::edit::{EditError, insert_after, remove};
    let text = with(BOARD);
    let statement = scenario::parse_statement("a = dma_alloc_coherent dsp 4K").expect("a statement");
    let end = text.lines().count() as u32;
    for op in [None, Some(0), Some(2)] {
        let (edited, line) = insert_after(&text, op, &statement).expect("it fits");
        assert_eq!(line, end + 1, "{op:?}");
        assert_eq!(parse(&edited).strict().expect("a scenario").ops.len(), 4);
    }
    let line = text.lines().position(|line| line.contains("vpu@")).expect("a node") as u32 + 1;
    assert_eq!(remove(&text, 1), Err(EditError::OfDeviceTree { line }));
}

/// A block may still be called so.
#[test]
fn the_word_is_free_as_a_name() {
    let scenario = parse("ram 4M\ndts = alloc order=0 movable\nfree dts\n").strict().expect("a scenario");
    assert_eq!(scenario.ops.len(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// No text makes it panic, and what makes sense boots.
    #[test]
    fn nothing_panics(pieces in prop::collection::vec(prop_oneof![
        Just("reserved-memory {"), Just("v: v@0 {"), Just("};"), Just("}"), Just("size = <0x400000>;"), Just("reg = <0x1000000 0x100000>;"),
        Just("reusable;"), Just("no-map;"), Just("compatible = \"shared-dma-pool\";"), Just("memory-region = <&v>;"), Just("/* "), Just(" */"), Just("// x"),
        Just("#size-cells = <2>;"), Just("alloc-ranges = <0 0x2000000>;"), Just("alignment = <0x200000>;"), Just("<"), Just("&v {"), Just("= "), Just("\""), Just("["), Just("/ {"),
        Just("linux,cma-default;"), Just("linux,dma-default;"), Just("é中"), Just("/delete-node/ v;"), Just("reg = <0xffffffffffffffff 0xffffffffffffffff>;"),
    ], 0..24), breaks in any::<u32>()) {
        let mut tree = String::new();
        for (at, piece) in pieces.iter().enumerate() {
            tree += piece;
            tree.push(if breaks >> (at % 32) & 1 == 1 { '\n' } else { ' ' });
        }
        let parsed = parse(&with(&tree));
        for wrong in &parsed.diagnostics {
            prop_assert!(!wrong.line(Lang::En).is_empty() && !wrong.line(Lang::Zh).is_empty());
        }
        if let Some(scenario) = parsed.lower() {
            prop_assert!(Machine::boot(&scenario.config).is_ok(), "{tree}");
        }
    }
}

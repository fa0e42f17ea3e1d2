//! What books and other programs compute: buddy runs and fragmentation indices.
//!
//! Origin of the data: published textbook examples (OpenDSA, Silberschatz, Stallings, Wikipedia) worked by an
//! independent program (`data/buddy_sequences.json`), `/proc/buddyinfo` rows of published reports
//! (`data/fragmentation_index.json`), and the kernel's formulas by an independent program (`data/frag.json`).

mod common;

use common::*;
use mm::op::PageKind;
use mm::page::MigrateType;
use mm::vmstat::{extfrag_for_order, fragmentation_index, unusable_free_index};
use mm::{Config, Machine, StepKind};
use serde_json::Value;

fn number(v: &Value) -> u32 {
    v.as_u64().and_then(|n| u32::try_from(n).ok()).expect("a number")
}

fn data(text: &str) -> Value {
    serde_json::from_str(text).expect("test data is JSON")
}

/// Each book's run on a machine of its size: every address, every split and merge in order, and the free blocks
/// after every op. The books give sizes in KiB with blocks of 1 KiB or 64 KiB; a frame stands for one such block.
#[test]
fn buddy_sequences() {
    for (name, case) in data(include_str!("data/buddy_sequences.json")).as_object().expect("cases") {
        let unit = number(&case["min_block"]);
        let total = number(&case["total"]) / unit;
        // Machines have 64 frames at least; the books' smallest has 16, so the rest of the frames stays in use.
        let order = u8::try_from(total.ilog2()).expect("small");
        let mut m = from_lists(total.max(64), MigrateType::Movable, &[(order, MigrateType::Movable, &[0])]);
        let mut names: Vec<&str> = Vec::new();
        for entry in case["log"].as_array().expect("a log") {
            let who = entry[1].as_str().expect("a name");
            let id = names.iter().position(|n| *n == who).unwrap_or_else(|| {
                names.push(who);
                names.len() - 1
            }) as u32;
            let (at, size) = (number(&entry[3][0]) / unit, number(&entry[3][1]) / unit);
            let steps = if entry[0] == "alloc" {
                let wanted = number(&entry[2]).div_ceil(unit).next_power_of_two();
                let order = u8::try_from(wanted.ilog2()).expect("small");
                let op = mm::Op::Alloc {
                    name: mm::op::NameId(id),
                    order,
                    gfp: gfp(PageKind::Movable),
                    cpu: mm::CpuId(0),
                };
                let steps = run(&mut m, &op);
                match m.named(mm::op::NameId(id)) {
                    mm::Named::Block(b) => {
                        assert_eq!((b.pfn.0, b.order.pages()), (at, size), "{name}: {who}")
                    }
                    other => panic!("{name}: {who} is {other:?}"),
                }
                steps
            } else {
                free(&mut m, id)
            };
            let changes: Vec<[u32; 2]> = steps
                .iter()
                .filter_map(|s| match s.kind {
                    StepKind::Split { kept, .. } => Some([kept.order.pages() * 2 * unit, kept.pfn.0 * unit]),
                    StepKind::Merge { buddy, merged, .. } => {
                        Some([buddy.order.pages() * unit, merged.pfn.0 * unit])
                    }
                    _ => None,
                })
                .collect();
            let expected: Vec<[u32; 2]> = entry[4]
                .as_array()
                .expect("changes")
                .iter()
                .map(|c| [number(&c[0]), number(&c[1])])
                .collect();
            assert_eq!(changes, expected, "{name}: splits or merges of {who}");
            for order in 0..=10u8 {
                let mut blocks: Vec<u32> =
                    list(&m, order, MigrateType::Movable).iter().map(|p| p * unit).collect();
                blocks.sort_unstable();
                let size = (1u32 << order) * unit;
                let expected: Vec<u32> = entry[5][size.to_string()]
                    .as_array()
                    .map(|a| a.iter().map(number).collect())
                    .unwrap_or_default();
                assert_eq!(blocks, expected, "{name}: free blocks of {size} after {who}");
            }
        }
    }
}

fn row(v: &Value) -> [u32; 11] {
    let numbers: Vec<u32> = v.as_array().expect("a row").iter().map(number).collect();
    numbers.try_into().expect("eleven orders")
}

/// The `frag` rows of the table of formulas.
#[test]
fn formulas_frag() {
    let table = data(include_str!("data/frag.json"));
    let rows = table["frag"].as_array().expect("rows");
    assert!(rows.len() > 10);
    for case in rows {
        let (free, order) =
            (row(&case["nr_free"]), order(u8::try_from(number(&case["order"])).expect("small")));
        assert_eq!(i64::from(fragmentation_index(&free, order)), case["fragmentation_index"], "{case}");
        assert_eq!(i64::from(unusable_free_index(&free, order)), case["unusable"], "{case}");
        assert_eq!(i64::from(extfrag_for_order(&free, order)), case["extfrag_pct"], "{case}");
    }
}

/// Rows of `/proc/buddyinfo` that people published.
#[test]
fn published_fragmentation_indices() {
    for (name, case) in data(include_str!("data/fragmentation_index.json")).as_object().expect("cases") {
        let free = row(&case["row"]);
        for o in 0..=10u8 {
            let at = usize::from(o);
            assert_eq!(
                i64::from(fragmentation_index(&free, order(o))),
                case["fragmentation_index"][at],
                "{name} {o}"
            );
            assert_eq!(
                i64::from(unusable_free_index(&free, order(o))),
                case["unusable_index"][at],
                "{name} {o}"
            );
        }
    }
}

/// A whole machine boots at the smallest and at the largest size.
#[test]
fn sizes() {
    for frames in [64, 4_194_304] {
        let mut m = Machine::boot(&Config::single_zone(frames)).expect("boots");
        let (before, hash) = (nr_free(&m), m.state_hash());
        assert_eq!(alloc(&mut m, 0, 0, PageKind::Movable), Some(0));
        assert_ne!(m.state_hash(), hash);
        free(&mut m, 0);
        assert_eq!(nr_free(&m), before);
    }
    assert!(Machine::boot(&Config::single_zone(63)).is_err());
}

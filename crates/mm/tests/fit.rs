//! Free lists of the books: every address and every list of 34 runs of a course's simulator, and the laws of any heap.
//!
//! Origin of the data: runs of the simulator of OSTEP's chapter on free space (`data/ostep_malloc.json`: its settings, each
//! request with the address that it got, and the list afterwards).

use mm::fit::{Fit, Heap, Insert, Piece};
use proptest::prelude::*;
use serde_json::Value;

fn number(of: &Value) -> u32 {
    u32::try_from(of.as_u64().expect("a number")).expect("a small one")
}

fn fit(word: &str) -> Fit {
    match word {
        "FIRST" => Fit::First,
        "BEST" => Fit::Best,
        "WORST" => Fit::Worst,
        other => panic!("{other}"),
    }
}

fn insert(word: &str) -> Insert {
    match word {
        "ADDRSORT" => Insert::ByAddress,
        "SIZESORT+" => Insert::Ascending,
        "SIZESORT-" => Insert::Descending,
        "INSERT-FRONT" => Insert::Front,
        "INSERT-BACK" => Insert::Back,
        other => panic!("{other}"),
    }
}

#[test]
fn course_free_lists() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("data/ostep_malloc.json")).expect("JSON");
    let (mut ops, mut failed) = (0, 0);
    for case in &cases {
        let cfg = &case["cfg"];
        let word = |key: &str| cfg[key].as_str().expect("a word");
        let all = Piece { start: number(&cfg["baseAddr"]), size: number(&cfg["heapSize"]) };
        let (header, align) = (number(&cfg["headerSize"]), cfg["align"].as_i64().expect("a number"));
        let coalesce = cfg["coalesce"].as_bool().expect("yes or no");
        let align = u32::try_from(align).unwrap_or(0);
        let mut heap =
            Heap::new(all, fit(word("policy")), insert(word("listOrder")), coalesce, header, align);
        let mut given: Vec<Option<u32>> = Vec::new();
        for op in case["ops"].as_array().expect("ops") {
            let id = number(&op["id"]) as usize;
            if op["op"] == "alloc" {
                let got = heap.alloc(number(&op["size"]));
                given.resize(given.len().max(id + 1), None);
                given[id] = got;
                // The simulator adds the header to its −1.
                let ret = op["ret"].as_i64().expect("an address");
                let expected = u32::try_from(ret).ok().filter(|at| *at >= all.start);
                assert_eq!(got, expected, "{cfg} {op}");
                failed += usize::from(got.is_none());
            } else {
                assert!(heap.free(given[id].expect("it was given")), "{cfg} {op}");
            }
            let list: Vec<(u32, u32)> =
                heap.free_list().iter().map(|piece| (piece.start, piece.size)).collect();
            let expected = op["free"].as_array().expect("a list").iter();
            let expected: Vec<(u32, u32)> = expected.map(|of| (number(&of[0]), number(&of[1]))).collect();
            assert_eq!(list, expected, "{cfg} {op}");
            ops += 1;
        }
    }
    assert!(cases.len() == 34 && ops > 1500 && failed > 100, "{} {ops} {failed}", cases.len());
}

proptest! {
    /// Free and used pieces together are the heap, none overlaps another, and when all comes back into a list by addresses
    /// it is one piece again.
    #[test]
    fn nothing_is_lost(
        sizes in proptest::collection::vec((0u32..40, any::<bool>()), 1..60),
        which in 0usize..3,
        order in 0usize..5,
        coalesce in any::<bool>(),
        header in 0u32..9,
        align in 0u32..9,
    ) {
        let fit = [Fit::First, Fit::Best, Fit::Worst][which];
        let insert =
            [Insert::Front, Insert::Back, Insert::ByAddress, Insert::Ascending, Insert::Descending][order];
        let all = Piece { start: 1000, size: 300 };
        let mut heap = Heap::new(all, fit, insert, coalesce, header, align);
        let mut given = Vec::new();
        for (bytes, frees) in sizes {
            if frees && let Some(address) = given.pop() {
                prop_assert!(heap.free(address));
                prop_assert!(!heap.free(address));
            } else {
                given.extend(heap.alloc(bytes));
            }
            let mut pieces = [heap.free_list(), heap.used()].concat();
            pieces.sort_by_key(|piece| piece.start);
            let mut at = all.start;
            for piece in pieces {
                prop_assert_eq!(piece.start, at);
                prop_assert!(piece.size > 0);
                at += piece.size;
            }
            prop_assert_eq!(at, all.start + all.size);
        }
        given.into_iter().for_each(|address| assert!(heap.free(address)));
        prop_assert!(heap.used().is_empty());
        if coalesce && insert == Insert::ByAddress {
            prop_assert!(heap.free_list() == [all]);
        }
    }
}

//! The laws of the language, on random documents and on random text.

mod common;
mod laws;

use common::{cases, document, scenario_text};
use laws::{check_any, check_canonical};
use proptest::prelude::*;
use scenario::{parse, print};

proptest! {
    #![proptest_config(cases(300))]

    /// Printer and parser are inverses.
    #[test]
    fn parsing_what_was_printed_gives_the_document(document in document()) {
        let text = print(&document);
        prop_assert_eq!(parse(&text).document, document, "{}", text);
    }

    #[test]
    fn printing_is_idempotent(text in "([a-z0-9=\"#\\[\\]*. \\\\]{0,20}\n?){0,8}") {
        check_canonical(&text);
    }

    #[test]
    fn parsing_never_panics(text in "\\PC*") {
        check_any(&text);
    }

    /// Words of the language in a wrong order find more.
    #[test]
    fn parsing_never_panics_on_words(words in prop::collection::vec(prop::sample::select(WORDS.to_vec()), 0..60)) {
        check_any(&words.join(" ").replace(" \n ", "\n"));
    }

    /// What lowers, boots.
    #[test]
    fn every_scenario_boots(document in document(), text in scenario_text()) {
        check_any(&print(&document));
        let parsed = parse(&text);
        prop_assert!(parsed.lower().is_some(), "{:?}", parsed.diagnostics);
        check_any(&text);
    }

    /// Settings of every kind on a machine that is there, most of them nonsense: diagnostics, or a machine.
    #[test]
    fn any_settings_boot_or_are_refused(text in scenario_text(), document in document()) {
        check_any(&format!("{}{text}", print(&document)));
        check_any(&format!("{text}{}", print(&document)));
    }

    /// And then it runs, every law kept after every op.
    #[test]
    fn every_scenario_runs(text in scenario_text()) {
        let parsed = parse(&text);
        let scenario = parsed.lower().expect("there is a machine");
        let mut machine = mm::Machine::boot(&scenario.config).expect("it boots");
        prop_assert_eq!(machine.check(), Ok(()), "{}", text);
        for op in scenario.engine_ops() {
            while machine.run_unit(op, &mut ()) == mm::UnitEnd::More {}
            prop_assert_eq!(machine.check(), Ok(()), "{:?} {}", op, text);
        }
    }
}

const WORDS: [&str; 120] = [
    "\n",
    "\n",
    "\n",
    "\n",
    "title",
    "say",
    "\"x\"",
    "\"",
    "zh",
    "rules",
    "6.1",
    "ram",
    "64M",
    "4M",
    "zone",
    "DMA",
    "Normal",
    "reserve",
    "pageblock_order",
    "9",
    "pcp",
    "off",
    "on",
    "seed",
    "buddyinfo",
    "Node",
    "0",
    ",",
    "free_list",
    "pageblocks",
    "Movable",
    ":",
    "0x200",
    "1*3",
    "a",
    "b[i]",
    "=",
    "alloc",
    "order=3",
    "free",
    "workload",
    "movable=3",
    "for",
    "i",
    "in",
    "0..9",
    "end",
    "#",
    "arch",
    "i386",
    "HighMem",
    "cpus",
    "node",
    "1",
    "distance",
    "20",
    "watermarks",
    "min_free_kbytes",
    "lowmem_reserve_ratio",
    "256",
    "thp",
    "paging",
    "pae",
    "5level",
    "never",
    "figures",
    "min=34",
    "low=42",
    "high=50",
    "batch=15",
    "pcp_sizes",
    "pcp_list",
    "cpu=0",
    "cpu=1",
    "order=0",
    "drain",
    "sysctl",
    "vm.min_free_kbytes",
    "gfp=GFP_ATOMIC",
    "|",
    "atomic",
    "slab",
    "slub",
    "2.6",
    "init_on_alloc",
    "kmem_cache_create",
    "size=600",
    "align=64",
    "ctor",
    "kmem_cache_alloc",
    "kmem_cache_shrink",
    "kmalloc",
    "40",
    "vmalloc",
    "touch",
    "reap",
    "p",
    "file",
    "2500K",
    "cached",
    "exec",
    "stack",
    "as",
    "fork",
    "exit",
    "mmap",
    "file=a",
    "offset=4K",
    "rw",
    "shared",
    "populate",
    "munmap",
    "0..64K",
    "mprotect",
    "madvise",
    "dontneed",
    "brk",
    "+",
    "write",
    "heap",
];

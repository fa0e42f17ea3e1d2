//! The built-in scenarios: clean, canonical, and doing what their captions say.

use std::collections::BTreeMap;

use expect_test::expect;
use mm::mmzone::Mark;
use mm::op::Op;
use mm::process::Mm;
use mm::slub::SlubStep;
use mm::step::{KmemStep, MmuStep, ProcessStep, Refusal, Signal};
use mm::x86::pgtable::Level;
use mm::{CpuId, Machine, Named, Step, StepKind, UnitEnd};
use scenario::{REAL_KERNEL_EXPECTED, Scenario, Severity, builtin, builtins, parse, print};

/// The scenario of a built-in, and its machine after every op, shown to `look`.
fn run(id: &str, mut look: impl FnMut(&Scenario, usize, &Machine)) -> Scenario {
    let scenario = parse(builtin(id).expect("it exists").text).strict().expect("it has no errors");
    let mut machine = Machine::boot(&scenario.config).expect("it boots");
    for (at, op) in scenario.engine_ops().enumerate() {
        while machine.run_unit(op, &mut ()) == UnitEnd::More {}
        look(&scenario, at, &machine);
    }
    scenario
}

/// What an op gives a name to, or takes it from; nothing for the others.
fn called<'s>(scenario: &'s Scenario, op: &Op) -> &'s str {
    op.name().map_or("", |name| scenario.name(name))
}

/// The names whose requests failed.
fn failed(id: &str) -> Vec<String> {
    let mut failed = Vec::new();
    run(id, |scenario, at, machine| {
        let op = &scenario.ops[at].op;
        if let Some(name) = op.name()
            && machine.named(name) == Named::Failed
        {
            failed.push(called(scenario, op).to_owned());
        }
    });
    failed
}

#[test]
fn they_are_clean_canonical_and_bilingual() {
    for builtin in builtins() {
        let parsed = parse(builtin.text);
        let diagnostics: Vec<_> = parsed.diagnostics.iter().map(ToString::to_string).collect();
        let expected: &[&str] = match builtin.id {
            "article-buddyinfo" => {
                &["23:19: warning: the kernel refuses order 11 at the door; the largest is 10"]
            }
            _ => &[],
        };
        assert_eq!(diagnostics, expected, "{}", builtin.id);
        assert!(parsed.diagnostics.iter().all(|d| d.severity() == Severity::Warning));
        assert_eq!(print(&parsed.document), builtin.text, "{} is not canonical", builtin.id);
        let scenario = parsed.strict().expect("no errors");
        let phrases = scenario.title.iter().chain(scenario.captions.iter().map(|c| &*c.say));
        for phrase in phrases {
            let zh = phrase.zh.as_deref().expect("every sentence is in both languages");
            assert!(phrase.text.chars().count() <= 140, "{}", phrase.text);
            assert!(zh.chars().count() <= 70, "{zh}");
            // Half-width marks between Chinese characters look wrong.
            let wrong =
                zh.chars().zip(zh.chars().skip(1)).find(|(a, b)| !a.is_ascii() && ",:?!()".contains(*b));
            assert_eq!(wrong, None, "{zh}");
        }
    }
}

#[test]
fn ids_cannot_be_mistaken_for_each_other() {
    for a in builtins() {
        for b in builtins().iter().filter(|b| b.id != a.id) {
            assert!(!a.id.starts_with(b.id), "{} begins with {}", a.id, b.id);
            assert!(!a.id.is_empty() && a.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'));
            let shared = a.id.chars().zip(b.id.chars()).filter(|(a, b)| a == b).count();
            assert!(a.id.len().max(b.id.len()) - shared > 3, "{} and {}", a.id, b.id);
        }
    }
}

#[test]
fn the_requests_that_should_fail_do() {
    assert_eq!(failed("buddy-split"), ["c"]);
    assert_eq!(failed("merge-chain"), [""; 0]);
    assert_eq!(failed("article-buddyinfo"), ["d4", "e2", "big"]);
    assert_eq!(failed("fragmentation"), ["big"]);
    assert_eq!(failed("real-kernel"), [""; 0]);
    assert_eq!(failed("memblock-boot"), [""; 0]);
    assert_eq!(failed("stealing-tail"), ["big[1]"]);
    assert_eq!(failed("with-pcp"), [""; 0]);
    assert_eq!(failed("without-pcp"), [""; 0]);
    assert_eq!(failed("refill-drain"), [""; 0]);
    assert_eq!(failed("watermark-rights"), ["b", "c"]);
    assert_eq!(failed("lowmem-reserve"), ["x", "z"]);
    assert_eq!(failed("high-memory"), ["x"]);
    assert_eq!(failed("two-nodes"), ["f"]);
    assert_eq!(failed("kmalloc-sizes"), ["g"]);
    assert_eq!(failed("vmalloc-instead"), ["b"]);
    assert_eq!(failed("malloc-promise"), ["c"]);
    assert_eq!(failed("stack-limit"), ["m"]);
    assert_eq!(failed("libc-keeps"), [""; 0]);
    assert_eq!(failed("old-bytes"), [""; 0]);
    assert_eq!(failed("mremap-moves"), [""; 0]);
    assert_eq!(failed("mlock-price"), ["o"]);
    for id in ["slab-life", "remote-free", "constructor", "empty-slabs-stay", "article-slabtop"] {
        assert_eq!(failed(id), [""; 0], "{id}");
    }
}

/// Lessons about the buddy system alone say that they leave the rest out; with it they would fail elsewhere.
#[test]
fn lessons_about_the_buddy_system_are_about_nothing_else() {
    for id in ["buddy-split", "merge-chain", "fragmentation", "stealing-tail", "article-buddyinfo"] {
        let config = parse(builtin(id).expect("it exists").text).strict().expect("no error").config;
        assert!(!config.pcp && !config.watermarks, "{id}");
    }
}

/// Every step of a built-in, with the number of its op.
fn steps(id: &str) -> Vec<(u32, StepKind)> {
    let scenario = parse(builtin(id).expect("it exists").text).strict().expect("it has no errors");
    let mut machine = Machine::boot(&scenario.config).expect("it boots");
    let mut all = Vec::new();
    for (at, op) in (0u32..).zip(scenario.engine_ops()) {
        let mut steps: Vec<Step> = Vec::new();
        while machine.run_unit(op, &mut steps) == UnitEnd::More {}
        all.extend(steps.into_iter().map(|step| (at, step.kind)));
    }
    all
}

/// The same requests cost the buddy system less when a CPU keeps pages.
#[test]
fn per_cpu_lists_save_cuts_and_merges() {
    let count = |id: &str| {
        let steps = steps(id);
        let of = |wanted: fn(&StepKind) -> bool| steps.iter().filter(|(_, kind)| wanted(kind)).count();
        (of(|k| matches!(k, StepKind::Split { .. })), of(|k| matches!(k, StepKind::Merge { .. })))
    };
    // With them: a batch of three at a time, and one drain at the end.
    assert_eq!((count("with-pcp"), count("without-pcp")), ((13, 13), (21, 21)));
}

/// Facts 03 §6: 4, 8 and 16 pages go back; the factor stays at 2, because 16 is all that can ever go; a block of
/// order 1 takes everything with it.
#[test]
fn drains_double() {
    let drains: Vec<_> = steps("refill-drain")
        .into_iter()
        .filter_map(|(_, kind)| match kind {
            StepKind::PcpDrainBegins { count, pages, free_factor, .. } => Some((count, pages, free_factor)),
            _ => None,
        })
        .collect();
    assert_eq!(drains, [(20, 4, 1), (20, 8, 2), (20, 16, 2), (5, 5, 1)]);
}

/// The minimum that each request of `watermark-rights` is measured against last, and what else it brings about.
#[test]
fn rights_lower_the_mark() {
    let steps = steps("watermark-rights");
    let last = |op: u32| {
        steps.iter().rev().find_map(|(at, kind)| match kind {
            StepKind::Watermark { mark: Mark::Min, min, free, .. } if *at == op => Some((*free, *min)),
            _ => None,
        })
    };
    // GFP_KERNEL, GFP_NOWAIT, GFP_ATOMIC of order 0 and of order 3; GFP_KERNEL once the reserve is given up.
    assert_eq!(
        [39, 40, 41, 42, 44].map(last),
        [Some((128, 128)), Some((128, 128)), Some((128, 48)), Some((120, 48)), Some((631, 128))]
    );
    let reserves = |kind: &StepKind| {
        matches!(kind, StepKind::ReserveHighatomic { .. } | StepKind::UnreserveHighatomic { .. })
    };
    assert_eq!(steps.iter().filter(|(_, k)| reserves(k)).map(|(op, _)| *op).collect::<Vec<_>>(), [42, 44]);
}

/// What `wanted` makes of the steps of a built-in, in order.
fn steps_that<T>(id: &str, wanted: fn(&StepKind) -> Option<T>) -> Vec<T> {
    steps(id).iter().filter_map(|(_, kind)| wanted(kind)).collect()
}

/// With colours the second round of reads finds everything; without, every first word is in one set.
#[test]
fn colours_save_misses() {
    let misses = |id: &str| {
        let mut counted = (0, 0);
        run(id, |_, _, machine| {
            if let Some(l1) = machine.kmem().l1(mm::CpuId(0)) {
                let used = l1.counts().iter().filter(|(hits, misses)| hits + misses > 0);
                counted = (l1.misses(), used.count());
            }
        });
        counted
    };
    assert_eq!((misses("same-cache-lines"), misses("slab-colours")), ((20, 1), (10, 10)));
}

/// The same requests, from the first letter behind the settings on; the captions differ.
#[test]
fn pairs_of_lessons_ask_for_the_same() {
    for (a, b) in [("by-slub", "by-classic-slab"), ("same-cache-lines", "slab-colours")] {
        let ops = |id: &str| -> Vec<Op> { run(id, |_, _, _| {}).engine_ops().cloned().collect() };
        assert_eq!(ops(a), ops(b), "{a} and {b}");
    }
    let index = |kind: &StepKind| match kind {
        StepKind::Kmem(KmemStep::Handed { object, .. }) => Some(object.index),
        _ => None,
    };
    assert_eq!(steps_that("by-slub", index), [0, 1, 0, 1, 1]);
    assert_eq!(steps_that("by-classic-slab", index), [11, 10, 11, 11, 10]);
}

/// How many slabs a cache has left, as `kmem_cache_shrink()` found.
#[test]
fn empty_slabs_stay_until_the_cache_is_shrunk() {
    let left = |kind: &StepKind| match kind {
        StepKind::Kmem(KmemStep::Shrunk { slabs, .. }) => Some(*slabs),
        _ => None,
    };
    assert_eq!(steps_that("empty-slabs-stay", left), [0, 1]);
    let discarded = |kind: &StepKind| match kind {
        StepKind::Slub { step: SlubStep::Discards { .. }, .. } => Some(()),
        _ => None,
    };
    assert_eq!(steps_that("empty-slabs-stay", discarded).len(), 5);
    assert_eq!(steps_that("slab-life", discarded).len(), 0);
}

/// The lines of the article's table, a thousandth of them: objects, and how many a slab of how many pages has.
#[test]
fn the_articles_caches_have_its_layouts() {
    let mut lines = String::new();
    run("article-slabtop", |scenario, at, machine| {
        if at + 1 < scenario.ops.len() {
            return;
        }
        for cache in machine.kmem().caches().filter(|cache| cache.pages().0 > 0) {
            let name = cache.name.kernel_name().unwrap_or_else(|| scenario.name(cache.name));
            let f = cache.figures();
            let (num, active, size) = (f.num_objs, f.active_objs, f.objsize);
            lines += &format!(
                "{num} {active} {size} {} {} {} {name}\n",
                f.num_slabs, f.objperslab, f.pagesperslab
            );
        }
    });
    expect![[r#"
        128 128 32 1 128 1 kmalloc-32
        64 64 64 1 64 1 kmalloc-64
        16 16 1024 1 16 4 kmalloc-1k
        8 8 4096 1 8 8 kmalloc-4k
        507 500 104 13 39 1 buffer_head
        231 231 192 11 21 1 dentry
        180 180 1088 6 30 8 ext4_inode_cache
        76 76 208 4 19 1 vm_area_struct
        56 56 584 2 28 4 radix_tree_node
        60 60 136 2 30 1 kernfs_node_cache
        26 26 608 1 26 4 inode_cache
        32 32 256 2 16 1 filp
    "#]]
    .assert_eq(&lines);
}

/// What the CPU of a lesson counts after every op: references to memory, and hits of the two TLBs.
fn translated(id: &str, cpu: u8) -> Vec<[u64; 3]> {
    let mut all = Vec::new();
    run(id, |_, _, machine| {
        let counts = machine.mmus().cpu(CpuId(cpu)).expect("it has TLBs").counts;
        all.push([counts.references, counts.l1_hits, counts.l2_hits]);
    });
    all
}

#[test]
fn a_page_costs_four_references_and_then_none() {
    let after = translated("page-walk", 0);
    let of = |op: usize| after[op][0] - after[op - 1][0];
    // The first write ends at a table that is missing, and is tried again; the second use needs no table at all, and
    // its neighbour one, and again one.
    assert_eq!([of(2), of(3), of(4)], [3 + 4, 0, 1 + 4]);
    assert_eq!(after[3][1] - after[2][1], 1);
}

#[test]
fn going_round_more_pages_than_entries_never_hits() {
    let after = translated("tlb-reach", 0);
    let hits = |op: usize| [after[op][1] - after[op - 1][1], after[op][2] - after[op - 1][2]];
    assert_eq!([hits(3), hits(5), hits(7)], [[0, 12], [0, 0], [4, 0]]);
}

#[test]
fn a_switch_forgets_without_numbers_only() {
    let id = "tlb-switch";
    let with = |pcid: &str| {
        let text = builtin(id).expect("it is there").text.replace("pcid=off", pcid);
        let scenario = parse(&text).strict().expect("a scenario");
        let mut machine = Machine::boot(&scenario.config).expect("it boots");
        for op in &scenario.ops {
            while machine.run_unit(&op.op, &mut ()) == UnitEnd::More {}
        }
        machine.mmus().cpu(CpuId(0)).expect("it has TLBs").counts
    };
    let (off, on) = (with("pcid=off"), with("pcid=on"));
    assert_eq!((off.l1_hits, on.l1_hits), (0, 8));
    assert!(off.walks > on.walks);
}

#[test]
fn the_other_cpu_is_told_to_forget() {
    let mut ipis = Vec::new();
    run("tlb-shootdown", |_, _, machine| {
        ipis.push(machine.mmus().cpu(CpuId(1)).expect("it has TLBs").counts.ipis);
    });
    assert_eq!(ipis, [0, 0, 0, 0, 1, 1, 2, 2]);
    let forgot = |(_, kind)| match kind {
        StepKind::Mmu { cpu, step: MmuStep::Forgot { pages, dropped, .. }, .. } => {
            Some((cpu.0, pages.map(|pages| pages.0), dropped))
        }
        _ => None,
    };
    let forgot: Vec<_> = steps("tlb-shootdown").into_iter().filter_map(forgot).collect();
    assert_eq!(forgot[..2], [(0, Some(4), 8), (1, Some(4), 8)], "{forgot:?}");
    assert!(forgot[2..].iter().all(|(_, pages, _)| pages.is_none()));
}

/// The steps that processes took in a built-in, with the number of the op.
fn process_steps(id: &str) -> Vec<(u32, ProcessStep)> {
    let of_process = |(op, kind)| match kind {
        StepKind::Process { step, .. } => Some((op, step)),
        _ => None,
    };
    steps(id).into_iter().filter_map(of_process).collect()
}

/// What `wanted` makes of the steps of processes, each with its op.
fn moments<T>(id: &str, wanted: impl Fn(&ProcessStep) -> Option<T>) -> Vec<(u32, T)> {
    process_steps(id).iter().filter_map(|(op, step)| Some((*op, wanted(step)?))).collect()
}

/// The ops in which such a step is taken, as often as it is.
fn ops_with(id: &str, wanted: impl Fn(&ProcessStep) -> bool) -> Vec<u32> {
    moments(id, |step| wanted(step).then_some(())).iter().map(|(op, ())| *op).collect()
}

/// The ops in which the processor finds no way, and is helped or not, as often as it does.
fn faults(id: &str) -> Vec<u32> {
    ops_with(id, |step| matches!(step, ProcessStep::Fault { .. }))
}

/// A process, by the name that the lesson gives it.
fn process<'m>(scenario: &Scenario, machine: &'m Machine, name: &str) -> Option<&'m Mm> {
    machine.processes().mms().find(|mm| scenario.name(mm.name) == name)
}

/// What a process has after every op while it is there: VSZ, RSS and VmPTE in KiB, and its minor and major faults.
fn status(id: &str, name: &str) -> BTreeMap<usize, [u64; 5]> {
    let mut all = BTreeMap::new();
    run(id, |scenario, at, machine| {
        if let Some(mm) = process(scenario, machine, name) {
            let [vsz, rss, tables] = [mm.total_vm(), mm.rss.total(), mm.pgtables].map(|pages| pages.0 * 4);
            all.insert(at, [vsz, rss, tables, mm.min_flt, mm.maj_flt]);
        }
    });
    all
}

/// `Pss` in KiB of all areas of a process but its stack, after every op while it is there.
fn pss(id: &str, name: &str) -> BTreeMap<usize, u64> {
    let mut all = BTreeMap::new();
    run(id, |scenario, at, machine| {
        if let Some(mm) = process(scenario, machine, name) {
            let areas = mm.vmas().iter().filter(|vma| !vma.grows_down);
            all.insert(at, areas.map(|vma| machine.processes().smaps(mm, vma).pss_kib()).sum());
        }
    });
    all
}

/// How processes end by themselves: which signal, in which op.
fn signals(id: &str) -> Vec<(u32, Signal)> {
    moments(id, |step| match step {
        ProcessStep::Killed { signal, .. } => Some(*signal),
        _ => None,
    })
}

#[test]
fn ten_mebibytes_are_promised_at_once_and_come_page_by_page() {
    let p = status("malloc-promise", "p");
    let sizes: Vec<_> = p.values().map(|[vsz, rss, ..]| (*vsz, *rss)).collect();
    assert_eq!(
        sizes,
        [
            (132, 4),
            (10_372, 4),
            (10_372, 8),
            (10_372, 8),
            (10_372, 12),
            (10_372, 10_244),
            (132, 4),
            (10_372, 4),
            (20_612, 4),
            (20_612, 4),
        ]
    );
    assert_eq!(p[&5][3] - p[&4][3], 2558, "memset: one fault for each page that was not there");
    let refused = moments("malloc-promise", |step| match step {
        ProcessStep::Refused { why } => Some(*why),
        _ => None,
    });
    assert!(matches!(refused[..], [(9, Refusal::Overcommit { .. })]), "{refused:?}");
}

/// VSZ and RSS of `p` after the op with this text.
fn after(id: &str, op: &str) -> (u64, u64) {
    let text = builtin(id).expect("it exists").text;
    let scenario = parse(text).strict().expect("it has no errors");
    let lines: Vec<&str> = text.lines().collect();
    let at =
        scenario.ops.iter().rposition(|of| lines[of.line as usize - 1].trim() == op).expect("such an op");
    let p = status(id, "p");
    let [vsz, rss, ..] = p[&at];
    (vsz, rss)
}

#[test]
fn libc_keeps_what_was_freed_and_gives_back_a_little() {
    let id = "libc-keeps";
    assert_eq!(after(id, "a = malloc p 100"), after(id, "b = malloc p 100"));
    assert_eq!(after(id, "b = malloc p 100"), after(id, "free a"), "not a byte goes back");
    let full = after(id, "m[i] = malloc p 4000");
    assert_eq!(after(id, "free m[i]"), full, "59 of 60 blocks are free");
    let trimmed = after(id, "free m[59]");
    assert_eq!((full.0 - trimmed.0, full.1 - trimmed.1), (132, 108), "some of it was never touched");
    let mapped = after(id, "write d");
    assert_eq!(after(id, "free d"), trimmed, "an area goes at once");
    assert_eq!(mapped.0 - trimmed.0, 204);
    let kept = after(id, "write e");
    assert_eq!(after(id, "free e"), kept, "the same again stays in the heap");
}

#[test]
fn old_bytes_are_seen_by_the_program_and_never_by_another() {
    use mm::process::Cell;
    use mm::step::MallocStep;
    let shown = moments("old-bytes", |step| match step {
        ProcessStep::Malloc(MallocStep::Dumped { holds, .. }) => Some(holds.runs().to_vec()),
        _ => None,
    });
    let shown: Vec<_> = shown.into_iter().map(|(_, runs)| runs).collect();
    assert_eq!(
        shown,
        [
            vec![(16, Cell::Libc), (48, Cell::Byte(0x41))],
            vec![(64, Cell::Byte(0))],
            vec![(8192, Cell::Byte(0))],
            vec![(64, Cell::Byte(0))],
            vec![(64, Cell::Byte(0x43))],
        ]
    );
}

#[test]
fn mremap_moves_entries_and_no_page() {
    let id = "mremap-moves";
    let moved = moments(id, |step| match step {
        ProcessStep::Remapped { start, to, moved, .. } if start != to => Some(moved.0),
        _ => None,
    });
    assert_eq!(
        moved.iter().map(|(_, moved)| *moved).collect::<Vec<_>>(),
        [16, 76],
        "the area, and the block"
    );
    let refused = moments(id, |step| match step {
        ProcessStep::Refused { why } => Some(*why),
        _ => None,
    });
    assert!(matches!(refused[..], [(_, Refusal::NoGap)]), "{refused:?}");
    assert_eq!(after(id, "memset m 0x41 0..64K").1, 68);
    assert_eq!(after(id, "mremap m 2M maymove").1, 68);
}

#[test]
fn a_page_that_is_read_first_costs_two_faults() {
    let id = "zero-page";
    assert_eq!(faults(id), [2, 3, 4, 5, 8, 8, 9]);
    let zeros = moments(id, |step| match step {
        ProcessStep::ZeroPage { pfn, .. } => Some(*pfn),
        _ => None,
    });
    assert_eq!(zeros.iter().map(|(op, _)| *op).collect::<Vec<_>>(), [2, 3, 8, 8, 9]);
    assert!(zeros.iter().all(|(_, pfn)| *pfn == zeros[0].1), "one page for all: {zeros:?}");
    let codes = moments(id, |step| match step {
        ProcessStep::Fault { error_code, .. } => Some(*error_code),
        _ => None,
    });
    assert_eq!(codes[2], (4, 7));
    let rss = |of: &str| status(id, of).values().map(|[_, rss, ..]| *rss).collect::<Vec<_>>();
    assert_eq!(rss("p"), [4, 4, 4, 4, 8, 12, 12, 12, 12, 12]);
    assert_eq!(rss("q"), [4, 4, 4, 4]);
}

/// 500K + 2500K + 200K = 3200K, and 400K + 1000K + 100K = 1500K.
#[test]
fn the_articles_sum_comes_out() {
    let p = status("article-rss-vsz", "p");
    assert_eq!((p[&2][0], p[&3][0], p[&4][0], p[&5][0]), (132, 200, 700, 3200));
    assert_eq!(p[&5][1], 4);
    assert_eq!(p[&6][1] - p[&5][1], 64, "sixteen pages with the first fault");
    assert_eq!((p[&7][1] - p[&5][1], p[&7][3] - p[&5][3]), (400, 7));
    assert_eq!(p[&8][1] - p[&7][1], 1000);
    assert_eq!((p[&10][0], p[&10][1]), (3200, 1500));
    assert_eq!(p[&10][4], 0, "all of it was in the page cache");
}

#[test]
fn the_stack_grows_to_its_limit_and_no_further() {
    let id = "stack-limit";
    let p = status(id, "p");
    let sizes: Vec<_> = p.values().map(|[vsz, rss, ..]| (*vsz, *rss)).collect();
    assert_eq!(sizes, [(132, 4), (132, 8), (144, 12), (148, 16), (256, 124)]);
    assert_eq!(signals(id), [(5, Signal::StackLimit), (8, Signal::AddressSpaceLimit)]);
    let refused =
        ops_with(id, |step| matches!(step, ProcessStep::Refused { why: Refusal::AddressSpaceLimit }));
    assert_eq!(refused, [7]);
}

#[test]
fn after_fork_who_writes_first_gets_the_copy() {
    let id = "fork-cow";
    assert_eq!(ops_with(id, |step| matches!(step, ProcessStep::Copied { .. })), [5, 7]);
    assert_eq!(ops_with(id, |step| matches!(step, ProcessStep::Reused { .. })), [6, 11]);
    assert_eq!(ops_with(id, |step| matches!(step, ProcessStep::Present { .. })), [4]);
    assert_eq!(faults(id), [2, 2, 5, 6, 7, 11]);
    let freed = moments(id, |step| match step {
        ProcessStep::Exited { freed } => Some(freed.0),
        _ => None,
    });
    assert_eq!(freed, [(8, 7), (10, 5)], "five tables, and two pages of its own where they were copied");
    let (p, q) = (status(id, "p"), status(id, "q"));
    assert!((2..12).all(|op| p[&op][1] == 12), "the parent has three pages all the time: {p:?}");
    assert!((3..8).all(|op| q[&op][1] == 12), "and so has the child: {q:?}");
}

#[test]
fn a_library_is_in_memory_once() {
    let id = "shared-library";
    let read = moments(id, |step| match step {
        ProcessStep::CacheMiss { pages, .. } => Some(*pages),
        _ => None,
    });
    assert_eq!(read, [(3, 32)]);
    let around = moments(id, |step| match step {
        ProcessStep::FaultAround { mapped, .. } => Some(*mapped),
        _ => None,
    });
    assert_eq!(around, [(4, 16), (7, 16), (9, 16)]);
    assert_eq!(ops_with(id, |step| matches!(step, ProcessStep::LeftOut { .. })), [8]);
    let (p, q, r) = (status(id, "p"), status(id, "q"), status(id, "r"));
    assert_eq!([p[&4], q[&9], r[&9]].map(|[.., major]| major), [1, 0, 0]);
    assert_eq!([p[&4][1], p[&7][1], q[&7][1], r[&8][1], r[&9][1]], [72, 72, 68, 4, 68]);
    // 16 pages of two, of three, of two again; p has one more for itself, and the PSS of the stack is not counted.
    assert_eq!([pss(id, "p")[&7], pss(id, "q")[&7]], [32 + 4, 32]);
    assert_eq!([pss(id, "q")[&9], pss(id, "r")[&9]], [21, 21]);
    assert_eq!([pss(id, "q")[&10], pss(id, "r")[&10]], [32, 32]);
    let mut cached = Vec::new();
    run(id, |_, _, machine| cached.extend(machine.processes().files().map(|(_, file)| file.cache().count())));
    assert_eq!(cached[3..], [32; 8], "until the end");
}

#[test]
fn what_is_shared_is_written_for_all_and_what_is_private_is_not() {
    let id = "shared-or-private";
    assert_eq!(ops_with(id, |step| matches!(step, ProcessStep::MadeWritable { .. })), [7]);
    let copies = moments(id, |step| match step {
        ProcessStep::Copied { from, .. } => Some(*from),
        _ => None,
    });
    let written = moments(id, |step| match step {
        ProcessStep::MadeWritable { pfn, .. } => Some(*pfn),
        _ => None,
    });
    assert_eq!(copies, [(9, written[0].1), (12, written[0].1)], "both are copies of what p wrote");
    assert_eq!(ops_with(id, |step| matches!(step, ProcessStep::Present { .. })), [5, 6, 8, 10]);
    let mut counted = Vec::new();
    run(id, |scenario, at, machine| {
        let q = process(scenario, machine, "q").filter(|_| at >= 6);
        counted.extend(q.map(|mm| (mm.rss.file, mm.rss.anon)));
    });
    assert_eq!(counted, [(4, 1), (4, 1), (4, 1), (3, 2), (3, 2), (3, 2), (3, 3)]);
}

#[test]
fn pages_far_apart_cost_up_to_three_tables_each() {
    let id = "sparse-tables";
    let tables = |level: Level, ops: std::ops::Range<u32>| {
        let made = ops_with(id, |step| matches!(step, ProcessStep::Table { level: of, .. } if *of == level));
        made.iter().filter(|op| ops.contains(op)).count()
    };
    for (ops, expected) in
        [(0..1, [1, 1, 1]), (1..3, [0, 0, 1]), (3..19, [0, 0, 8]), (19..35, [0, 8, 8]), (35..51, [8, 8, 8])]
    {
        assert_eq!([Level::Pud, Level::Pmd, Level::Pte].map(|level| tables(level, ops.clone())), expected);
    }
    let p = status(id, "p");
    assert_eq!([0, 2, 18, 34, 50, 51].map(|op| p[&op][2]), [12, 16, 48, 112, 208, 196]);
    assert_eq!([0, 2, 18, 34, 50, 51].map(|op| p[&op][1]), [4, 36, 68, 100, 132, 128]);
    assert!(!p.contains_key(&52));
}

#[test]
fn five_processes_die_of_five_faults() {
    let id = "segfaults";
    assert_eq!(
        signals(id),
        [
            (1, Signal::NoArea),
            (5, Signal::NotAllowed),
            (9, Signal::NotAllowed),
            (14, Signal::NoArea),
            (19, Signal::BeyondFile),
        ]
    );
    let codes = moments(id, |step| match step {
        ProcessStep::Fault { error_code, .. } => Some(*error_code),
        _ => None,
    });
    let of = |op: u32| codes.iter().find(|(at, _)| *at == op).map(|(_, code)| *code);
    assert_eq!([1, 5, 9, 14, 19].map(of), [4, 7, 21, 4, 4].map(Some));
    run(id, |_, at, machine| {
        if [1, 5, 9, 14, 19].contains(&at) {
            assert_eq!(machine.processes().mms().count(), 0, "none is left after op {at}");
        }
    });
}

#[test]
fn far_memory_is_counted() {
    run("two-nodes", |scenario, at, machine| {
        if at + 1 == scenario.ops.len() {
            let numa = |zone: u8| machine.zone(mm::mmzone::ZoneId(zone)).numa;
            assert_eq!((numa(1).miss, numa(1).other, numa(2).foreign), (1, 1, 1));
            assert_eq!((numa(1).hit, numa(2).hit), (1, 4));
        }
    });
}

#[test]
fn fragmentation_fails_with_half_of_memory_free() {
    let mut seen = false;
    run("fragmentation", |scenario, at, machine| {
        let free: u64 = machine.zones().iter().map(|zone| zone.nr_free_pages.0).sum();
        let name = called(scenario, &scenario.ops[at].op);
        if name == "big" || (name == "moved[1023]") {
            assert_eq!(free, 2048);
            seen |= name == "big";
        }
    });
    assert!(seen);
}

/// Per order: requests, and those for which the model hands out the kernel's frame.
fn agreement() -> BTreeMap<u8, (u32, u32)> {
    let mut by_order = BTreeMap::new();
    run("real-kernel", |scenario, at, machine| {
        let op = &scenario.ops[at];
        if let Op::Alloc { name, order, .. } = op.op {
            let Named::Block(block) = machine.named(name) else { panic!("it is served") };
            let (requests, equal) = by_order.entry(order).or_insert((0, 0));
            *requests += 1;
            *equal += u32::from(op.real == Some(block.pfn));
        }
    });
    by_order
}

/// Order 9 too, which comes from the per-CPU list in the kernel and here.
#[test]
fn the_model_hands_out_the_frames_that_the_real_kernel_did() {
    let mut expected: BTreeMap<u8, (u32, u32)> = (4..=10).map(|order| (order, (16, 16))).collect();
    expected.insert(4, (15, 15));
    assert_eq!(agreement(), expected);
}

/// `after_lists.txt` of the same window, zone DMA32.
#[test]
fn the_free_lists_end_as_the_real_kernels_did() {
    let mut lists = String::new();
    run("real-kernel", |scenario, at, machine| {
        if at + 1 < scenario.ops.len() {
            return;
        }
        let zone = mm::mmzone::ZoneId(1);
        for order in mm::Order::all() {
            for migratetype in mm::page::MigrateType::ALL {
                let pfns: Vec<String> =
                    machine.free_list(zone, order, migratetype).map(|pfn| format!(" {:x}", pfn.0)).collect();
                if !pfns.is_empty() {
                    lists += &format!("F {order} {}:{}\n", migratetype as u8, pfns.concat());
                }
            }
        }
    });
    expect![[r#"
        F 1 0: 2b02
        F 1 1: 8ebe
        F 1 2: 34fe 34fa
        F 2 0: 4ef8 4f1c 32a4
        F 3 2: 34d8
        F 4 0: 4f40 4fa0
        F 5 0: 4f60 4f80
        F 6 0: 4fc0
        F 6 1: 8d80
        F 7 1: ab80
        F 8 2: 3500
        F 9 2: 3600
        F 10 0: b000 bc00 c800 b800 b400 c000 c400 ac00 cc00 d400 d000
        F 10 1: d800 dc00 e000 e400 e800 ec00 f000
    "#]]
    .assert_eq(&lists);
}

#[test]
fn the_expected_frames_are_those_of_the_text() {
    let scenario = run("real-kernel", |_, _, _| {});
    let order_nine = steps("real-kernel").into_iter().filter(|(_, kind)| match kind {
        StepKind::PcpTake { block, .. } => block.order.get() == 9,
        _ => false,
    });
    assert_eq!(order_nine.count(), 16);
    let rows = REAL_KERNEL_EXPECTED.lines().filter(|line| !line.starts_with('#'));
    let mut count = 0;
    for row in rows {
        let fields: Vec<&str> = row.split('\t').collect();
        let op = &scenario.ops[fields[0].parse::<usize>().expect("a number")];
        assert_eq!(called(&scenario, &op.op), fields[1]);
        assert_eq!(format!("{:#x}", op.real.expect("it has one").0), fields[3]);
        count += 1;
    }
    assert_eq!(count, scenario.ops.iter().filter(|op| op.real.is_some()).count());
}

/// Where the words of each scan of a built-in were found: in L1, L2, L3, DRAM and on the disk.
fn found(id: &str) -> Vec<[u32; 5]> {
    let scanned = |(_, kind): (u32, StepKind)| match kind {
        StepKind::Hierarchy(mm::step::HierarchyStep::Scanned { found, .. }) => Some(found),
        _ => None,
    };
    steps(id).into_iter().filter_map(scanned).collect()
}

/// What the lessons about caches say in words, in numbers.
#[test]
fn lessons_about_caches_count_what_they_say() {
    // A row: every eighth word misses. The columns: all of them miss L1, and L2 has them.
    let rows = [[7, 0, 0, 1, 0], [225, 0, 0, 31, 0], [0, 256, 0, 0, 0], [224, 32, 0, 0, 0]];
    assert_eq!(found("rows-columns"), rows);
    // Eight lines fit into a set; of nine, one too many, none is there when its turn comes.
    let conflicts = [[0, 0, 0, 8, 0], [8, 0, 0, 0, 0], [8, 81, 0, 1, 0], [0, 9, 0, 0, 0], [81, 1, 0, 8, 0]];
    assert_eq!(found("cache-conflicts"), conflicts);
    // Cold, warm; on the other CPU from level 3, warm; four lines written; back again.
    let cold = [
        [0, 0, 0, 16, 0],
        [16, 0, 0, 0, 0],
        [0, 0, 16, 0, 0],
        [16, 0, 0, 0, 0],
        [4, 0, 0, 0, 0],
        [12, 0, 4, 0, 0],
    ];
    assert_eq!(found("cold-caches"), cold);
    // Four rounds each: what does not fit into a level is not found there at all.
    let sets = found("working-sets");
    assert_eq!(sets[0], [12, 0, 0, 4, 0]);
    assert_eq!(sets[1][0] + sets[1][1], 28);
    assert_eq!(sets[2][0], 0);
    assert!(sets[2][2] >= 90 && sets[3][3] >= 450, "{sets:?}");
    assert_eq!(sets[4..].iter().map(|found| found[0]).collect::<Vec<_>>(), [12; 4]);
}

#[test]
fn one_fault_brings_what_512_bring_elsewhere() {
    let id = "huge-page";
    assert_eq!(ops_with(id, |step| matches!(step, ProcessStep::HugePage { .. })), [3, 10]);
    assert_eq!(ops_with(id, |step| matches!(step, ProcessStep::SplitPmd { .. })), [6, 12]);
    let p = status(id, "p");
    assert_eq!(
        [1, 2, 3, 4, 5, 6, 7, 8, 10].map(|op| p[&op][1]),
        [4, 8, 2056, 2056, 4100, 4096, 4100, 4, 2052]
    );
    let faults = moments(id, |step| match step {
        ProcessStep::Fault { .. } => Some(()),
        _ => None,
    });
    assert_eq!(
        [2, 3, 4, 5, 6, 7].map(|op| faults.iter().filter(|(at, ())| *at == op).count()),
        [1, 1, 0, 511, 0, 1]
    );
    // The last frame of a page that was taken apart brings all 512 back.
    let mut free = Vec::new();
    run(id, |_, _, machine| free.push(machine.zones()[0].nr_free_pages.0));
    assert_eq!([free[6] - free[5], free[8] - free[7]], [0, 512 + 512 + 1 + 3]);
}

#[test]
fn a_pool_keeps_what_it_has() {
    let id = "hugetlb-pool";
    let mut pool = Vec::new();
    let mut free = Vec::new();
    run(id, |_, _, machine| {
        let of = machine.processes().pool();
        pool.push([of.total, of.free(), of.reserved]);
        free.push(machine.zones()[0].nr_free_pages.0);
    });
    let two = [2, 2, 0];
    assert_eq!(pool, [two, two, [2, 2, 1], [2, 2, 1], [2, 1, 0], two, two, two, [4, 4, 0], [0, 0, 0]]);
    assert_eq!(failed(id), ["n"]);
    let p = status(id, "p");
    assert_eq!([1, 2, 4, 5].map(|op| p[&op][1]), [4; 4]);
    assert!(free[7] * 4 > 5 * 1024, "{} KiB are free", free[7] * 4);
}

/// The same bytes: with small pages each is looked up in the tables, with a huge one none.
#[test]
fn huge_pages_save_walks() {
    let mut counts = Vec::new();
    run("huge-reach", |_, _, machine| {
        let counts_now = machine.mmus().cpu(CpuId(0)).expect("it has TLBs").counts;
        counts.push((counts_now.accesses, counts_now.walks));
    });
    let of = |op: usize| (counts[op].0 - counts[op - 1].0, counts[op].1 - counts[op - 1].1);
    // Both are read a second time in the ops behind those that write.
    assert_eq!([of(5), of(7)], [(32, 32), (32, 0)]);
}

/// Two threads: no fault of the second for what the first has, one interrupt, nothing on one CPU, and all go together.
#[test]
fn two_threads_share_an_address_space() {
    let steps = process_steps("two-threads");
    let faults = |op: u32| {
        steps.iter().filter(|(of, step)| *of == op && matches!(step, ProcessStep::Fault { .. })).count()
    };
    assert_eq!([faults(2), faults(4), faults(6)], [4, 0, 2]);
    let mut ipis = Vec::new();
    run("two-threads", |_, _, machine| {
        ipis.push(machine.mmus().cpu(CpuId(1)).expect("it has TLBs").counts.ipis);
    });
    // The end of all is told to every CPU once more.
    assert_eq!(ipis, [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 2]);
    let kept = |kind: &StepKind| matches!(kind, StepKind::Mmu { step: MmuStep::Kept { .. }, .. });
    assert!(self::steps("two-threads").iter().any(|(_, kind)| kept(kind)));
    let ended = steps.iter().filter(|(_, step)| matches!(step, ProcessStep::ThreadExited { .. })).count();
    assert_eq!((ended, matches!(steps.last(), Some((_, ProcessStep::Exited { .. })))), (2, true));
}

/// Who clears and who does not.
#[test]
fn nobody_clears_but_for_processes_and_kzalloc() {
    use mm::process::Cell;
    use mm::step::{KmemStep, MallocStep};
    let dumped: Vec<Vec<(u64, Cell)>> = steps("who-clears")
        .iter()
        .filter_map(|(_, kind)| match kind {
            StepKind::Kmem(KmemStep::Dumped { holds, .. })
            | StepKind::Process { step: ProcessStep::Malloc(MallocStep::Dumped { holds, .. }), .. } => {
                Some(holds.runs().to_vec())
            }
            _ => None,
        })
        .collect();
    let byte = Cell::Byte;
    assert_eq!(dumped[0], [(32, byte(0x41)), (8, Cell::FreePointer), (24, byte(0x41))]);
    assert_eq!(dumped[1], [(64, byte(0))]);
    assert_eq!(dumped[2], [(4096, byte(0x42))]);
    assert_eq!(dumped[3], [(16, byte(0x43)), (48, byte(0))]);
    assert!(dumped[4].contains(&(84, byte(0x44))), "{:?}", dumped[4]);
    // The process's page is the frame that the kernel had filled.
    let mut frames = Vec::new();
    run("who-clears", |scenario, at, machine| {
        let name =
            |of: &str| scenario.names.iter().position(|name| name == of).map(|id| mm::op::NameId(id as u32));
        if let Some(mm::Named::Block(block)) = name("b").map(|name| machine.named(name)) {
            frames.push(block.pfn);
        }
        if let Some(mm::Named::Mapping { process, start, .. }) = name("m").map(|name| machine.named(name)) {
            let procs = machine.processes();
            let pte = procs.mm(process).and_then(|mm| procs.tables().page(mm.pgd, start));
            frames.extend(pte.map(|pte| pte.pfn()));
        }
        let _ = at;
    });
    frames.dedup();
    assert_eq!(frames.len(), 1, "{frames:?}");
}

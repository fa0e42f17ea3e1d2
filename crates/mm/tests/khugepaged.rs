//! khugepaged: which 2 MiB of addresses it makes huge pages of, what that changes, and the laws at every step.

#[path = "common/process.rs"]
mod process;

use mm::compaction::{CompactOp, CompactionConfig};
use mm::config::Thp;
use mm::process::{Access, Advice, At, Found, HPAGE_SIZE, MmapArgs, ProcessOp, ScanLimits, ScanResult};
use mm::reclaim::{FileOp, Medium, ReclaimConfig, SwapSpec};
use mm::step::{HugeStep, ProcessStep};
use mm::{Config, CpuId, NrPages, Op, Vaddr};
use process::{KIB, M, MIB, N, P, Q, Run, area, range};
use proptest::prelude::*;

const CPU: CpuId = CpuId(0);

/// A machine where nothing is reserved; small pages come with faults until somebody asks for huge ones.
fn small(mib: u32) -> Run {
    Run::of_config(&Config { thp: Some(Thp::Madvise), ..Config::single_zone(mib * 256) })
}

fn wake(run: &mut Run, limits: ScanLimits) -> Vec<HugeStep> {
    let steps = run.op(ProcessOp::Khugepaged { limits, cpu: CPU });
    let of_huge = |step: ProcessStep| match step {
        ProcessStep::Huge(step) => Some(step),
        _ => None,
    };
    steps.into_iter().filter_map(of_huge).collect()
}

fn results(steps: &[HugeStep]) -> Vec<ScanResult> {
    let of = |step: &HugeStep| match *step {
        HugeStep::Scanned { result, .. } => Some(result),
        _ => None,
    };
    steps.iter().filter_map(of).collect()
}

/// An area with a whole huge page in it: 2 MiB to 4 MiB, of which `pages` are written to from the first whole one on.
fn sparse(run: &mut Run, pages: u64) -> Vaddr {
    run.mmap(M, 4 * MIB, MmapArgs::ANONYMOUS);
    let start = run.place(M).0.0;
    let first = start.next_multiple_of(HPAGE_SIZE) - start;
    run.touch(Access::Write, area(M), Some((first, first + pages * 4 * KIB)));
    run.madvise(M, Advice::HugePage, None);
    Vaddr(start + first)
}

#[test]
fn one_page_of_512_is_enough() {
    let mut run = small(16);
    run.exec();
    let address = sparse(&mut run, 1);
    let (before, free) = (run.of(P), run.free());
    let steps = wake(&mut run, ScanLimits::default());
    let found = Found { present: 1, none: 511, referenced: 1, ..Found::default() };
    assert_eq!(steps[0], HugeStep::Scanned { address, found, result: ScanResult::Succeed });
    let HugeStep::CollapseCopied { pfn, copied: 1, cleared: 511, .. } = steps[1] else { panic!("{steps:?}") };
    assert!(matches!(steps[2], HugeStep::Collapsed { more: NrPages(511), .. }), "{steps:?}");
    let last = HugeStep::Slept { scanned: 512, collapsed: 1, full_scans: 1 };
    assert_eq!(steps.last(), Some(&last));
    // RSS grows by what nobody ever touched; the table is put by, so VmPTE stays; the small page is free again.
    let after = run.of(P);
    assert_eq!((after.rss - before.rss, after.pte - before.pte), (511 * 4, 0));
    assert_eq!(free - run.free(), 511);
    let leaf =
        run.machine.processes().mm(P).and_then(|mm| run.machine.processes().tables().leaf(mm.pgd, address));
    assert!(leaf.is_some_and(|leaf| leaf.is_huge() && leaf.entry.pfn() == pfn));
    // The next turn finds it done.
    assert_eq!(results(&wake(&mut run, ScanLimits::default())), [ScanResult::PmdMapped]);
    let events = run.machine.processes().huge().khugepaged;
    assert_eq!((events.pages_collapsed, events.full_scans, events.collapse_alloc), (1, 2, 1));
    // And it can be taken apart as any other.
    run.munmap(M, Some((0, 4 * MIB)));
    assert_eq!(run.of(P).rss, before.rss - 4);
}

#[test]
fn what_may_be_missing() {
    let mut run = small(16);
    run.exec();
    sparse(&mut run, 200);
    let usual = ScanLimits::default();
    // 312 are missing.
    assert_eq!(
        results(&wake(&mut run, ScanLimits { max_ptes_none: 311, ..usual })),
        [ScanResult::ExceedNone]
    );
    assert_eq!(run.machine.processes().huge().khugepaged.exceeded, [1, 0, 0]);
    assert_eq!(results(&wake(&mut run, ScanLimits { max_ptes_none: 312, ..usual })), [ScanResult::Succeed]);
}

#[test]
fn pages_of_zeros_count_as_missing_and_nothing_to_write_to_is_left_alone() {
    let mut run = small(16);
    run.exec();
    run.mmap(M, 4 * MIB, MmapArgs::ANONYMOUS);
    run.touch(Access::Read, area(M), None);
    run.madvise(M, Advice::HugePage, None);
    // Nothing ties the area to pages of its own before the first one is written to.
    assert_eq!(
        wake(&mut run, ScanLimits::default()),
        [HugeStep::Slept { scanned: 0, collapsed: 0, full_scans: 0 }]
    );
    run.touch(Access::Write, area(M), Some((4 * MIB - 1, 4 * MIB)));
    let steps = wake(&mut run, ScanLimits::default());
    assert_eq!(results(&steps), [ScanResult::ExceedNone], "all 512 of them");
    run.touch(Access::Write, area(M), None);
    run.mprotect(M, mm::process::Prot::READ, None);
    let steps = wake(&mut run, ScanLimits::default());
    assert_eq!(results(&steps), [ScanResult::PageRo], "{steps:?}");
}

#[test]
fn a_turn_looks_at_so_many_pages_and_the_next_goes_on() {
    let mut run = small(32);
    run.exec();
    run.mmap(M, 10 * MIB, MmapArgs::ANONYMOUS);
    run.touch(Access::Write, area(M), None);
    run.madvise(M, Advice::HugePage, None);
    let none = ScanLimits { max_ptes_none: 0, pages_to_scan: 1024, ..ScanLimits::default() };
    let scanned = |steps: &[HugeStep]| match steps.last() {
        Some(HugeStep::Slept { scanned, full_scans, .. }) => (*scanned, *full_scans),
        other => panic!("{other:?}"),
    };
    let first = wake(&mut run, none);
    assert_eq!(scanned(&first), (1024, 0));
    let second = wake(&mut run, none);
    assert_eq!(results(&second), [ScanResult::Succeed; 2]);
    let (a, b) = match (first[0], second[0]) {
        (HugeStep::Scanned { address: a, .. }, HugeStep::Scanned { address: b, .. }) => (a, b),
        other => panic!("{other:?}"),
    };
    assert_eq!(b.0 - a.0, 2 * HPAGE_SIZE);
    assert_eq!(run.machine.processes().huge().khugepaged.pages_collapsed, 4);
}

#[test]
fn without_a_block_it_waits_once_and_gives_up() {
    let mut run = Run::of_config(&Config {
        thp: Some(Thp::Madvise),
        watermarks: true,
        compaction: Some(CompactionConfig::default()),
        ..Config::single_zone(4096)
    });
    run.exec();
    let address = sparse(&mut run, 100);
    run.mmap(N, 12 * MIB, MmapArgs::ANONYMOUS);
    run.touch(Access::Write, area(N), None);
    let steps = wake(&mut run, ScanLimits::default());
    let why = ScanResult::AllocFail;
    assert_eq!(steps[1], HugeStep::NotCollapsed { address, why }, "{steps:?}");
    assert_eq!(run.machine.processes().huge().khugepaged.collapse_alloc_failed, 1);
    // Every other page of what fills the machine goes: plenty is free, and compaction makes a block of it.
    run.is_quick = true;
    for at in (0..12 * MIB / (4 * KIB)).step_by(2) {
        run.madvise(N, Advice::DontNeed, Some((at * 4 * KIB, (at + 1) * 4 * KIB)));
    }
    run.is_quick = false;
    let steps = wake(&mut run, ScanLimits::default());
    assert!(matches!(steps[2], HugeStep::Collapsed { .. }), "{steps:?}");
}

#[test]
fn what_others_have_is_copied_and_stays_theirs() {
    let mut run = small(16);
    run.exec();
    let address = sparse(&mut run, 300);
    run.fork();
    let steps = wake(&mut run, ScanLimits::default());
    // 300 are others' as well: more than 256. Nobody could write to them at once either.
    assert_eq!(results(&steps), [ScanResult::ExceedShared; 2]);
    let first = address.0 - run.place(M).0.0;
    run.touch(Access::Write, area(M), Some((first, first + 100 * 4 * KIB)));
    let free = run.free();
    let steps = wake(&mut run, ScanLimits { pages_to_scan: 513, ..ScanLimits::default() });
    assert!(
        steps.iter().any(|step| matches!(step, HugeStep::CollapseCopied { copied: 300, .. })),
        "{steps:?}"
    );
    // 100 of its own come back; the 200 that the child has stay.
    assert_eq!(free - run.free(), 512 - 100);
    let rss = |of| run.of(of).rss;
    assert_eq!((rss(P) - rss(Q)) / 4, 212);
}

#[test]
fn a_pinned_page_keeps_them_all() {
    let mut run = small(16);
    run.exec();
    let address = sparse(&mut run, 10);
    let mm = run.machine.processes().mm(P).expect("it runs");
    let pfn = run.machine.processes().tables().page(mm.pgd, address).expect("it is there").pfn();
    let pin = |run: &mut Run, on| {
        run.steps_of(&Op::Compact(CompactOp::Pin { what: mm::migrate::PinWhat::Frame(pfn), on }));
    };
    pin(&mut run, true);
    assert_eq!(results(&wake(&mut run, ScanLimits::default())), [ScanResult::PageCount]);
    pin(&mut run, false);
    assert_eq!(results(&wake(&mut run, ScanLimits::default())), [ScanResult::Succeed]);
}

fn with_swap(frames: u32) -> Run {
    let swap = vec![SwapSpec { pages: NrPages(8192), priority: None, medium: Medium::Disk }];
    Run::of_config(&Config {
        pcp: true,
        watermarks: true,
        thp: Some(Thp::Madvise),
        compaction: Some(CompactionConfig::default()),
        reclaim: Some(ReclaimConfig { swap, ..ReclaimConfig::default() }),
        ..Config::single_zone(frames)
    })
}

#[test]
fn what_lies_in_swap_comes_back_first() {
    let mut run = with_swap(8192);
    run.exec();
    let address = sparse(&mut run, 512);
    let first = address.0 - run.place(M).0.0;
    run.madvise(M, Advice::PageOut, Some((first, first + 40 * 4 * KIB)));
    while run.machine.processes().mm(P).is_some_and(|mm| mm.swapents < 40) {
        run.steps_of(&Op::File(FileOp::Wait { ms: 1000 }));
    }
    // All others were used; 40 of 512 may be missing.
    let steps = wake(&mut run, ScanLimits { max_ptes_swap: 39, ..ScanLimits::default() });
    assert_eq!(results(&steps), [ScanResult::ExceedSwap]);
    let steps = wake(&mut run, ScanLimits::default());
    assert!(matches!(steps[0], HugeStep::Scanned { found: Found { swap: 40, .. }, .. }), "{steps:?}");
    assert!(matches!(steps[1], HugeStep::CollapseCopied { copied: 512, cleared: 0, .. }), "{steps:?}");
    assert_eq!(run.machine.processes().mm(P).map(|mm| mm.swapents), Some(0));
}

fn any_op() -> impl Strategy<Value = ProcessOp> {
    let pages =
        (0u64..1600, 1u64..700).prop_map(|(from, len)| Some((from * 4 * KIB, (from + len) * 4 * KIB)));
    let bytes = || prop_oneof![3 => pages.clone(), 1 => Just(None)].prop_map(range);
    let at = || {
        let area = (prop::sample::select(vec![M, N]), prop::option::of(Just(Q)));
        area.prop_map(|(name, by)| At::Area { name, by })
    };
    let advice =
        [Advice::DontNeed, Advice::Free, Advice::HugePage, Advice::NoHugePage, Advice::PageOut].to_vec();
    let (cpu, limit) = (CPU, || prop_oneof![Just(0u16), Just(511), 0u16..512]);
    prop_oneof![
        3 => (at(), bytes(), any::<bool>()).prop_map(move |(at, bytes, write)| {
            let access = if write { Access::Write } else { Access::Read };
            ProcessOp::Access { access, at, bytes, cpu }
        }),
        2 => (at(), bytes(), any::<u8>())
            .prop_map(move |(at, bytes, value)| ProcessOp::Memset { at, value, bytes, cpu }),
        2 => (at(), bytes(), prop::sample::select(advice))
            .prop_map(move |(at, bytes, advice)| ProcessOp::Madvise { at, advice, bytes, cpu }),
        1 => (prop::sample::select(vec![M, N]), 1u64..4).prop_map(move |(name, size)| {
            ProcessOp::Mmap { name, process: P, bytes: size * 2 * MIB, args: MmapArgs::ANONYMOUS, cpu }
        }),
        1 => Just(ProcessOp::Fork { name: Q, parent: P, cpu }),
        1 => Just(ProcessOp::Exit { process: Q, cpu }),
        3 => (limit(), limit(), limit(), 1u32..3000).prop_map(move |(none, swap, shared, pages_to_scan)| {
            let [max_ptes_none, max_ptes_swap, max_ptes_shared] = [none, swap, shared];
            let limits = ScanLimits { pages_to_scan, max_ptes_none, max_ptes_swap, max_ptes_shared };
            ProcessOp::Khugepaged { limits, cpu }
        }),
    ]
}

/// The bytes of every page of a process that is there, and what it has by its counters.
fn bytes_of(run: &Run) -> Vec<(Vaddr, mm::process::Window)> {
    let procs = run.machine.processes();
    let of = |name| {
        let mm = procs.mm(name)?;
        let pages = procs.tables().pages(mm.pgd, Vaddr(0), mm.top);
        let there = pages.filter(|(_, pte)| !pte.has(mm::x86::pgtable::Pte::SPECIAL));
        Some(there.map(|(at, _)| (at, procs.window(mm, at, 4096))).collect::<Vec<_>>())
    };
    [P, Q].into_iter().filter_map(of).flatten().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every law at every step and the same machine with nobody looking on (`Run`); what was in a page still is, nobody loses
    /// one, and all of them come back in the end.
    #[test]
    fn whatever_khugepaged_finds(
        ops in prop::collection::vec(any_op(), 1..16), frames in 3000u32..9000, swaps in any::<bool>(), always in any::<bool>(),
    ) {
        let thp = Some(if always { Thp::Always } else { Thp::Madvise });
        let mut run = if swaps { with_swap(frames) } else {
            Run::of_config(&Config { thp, mmu: Some(mm::x86::mmu::MmuConfig::SKYLAKE), ..Config::single_zone(frames) })
        };
        run.exec();
        let before = run.free();
        sparse(&mut run, 60);
        for op in ops {
            if run.machine.processes().mm(P).is_none() {
                break;
            }
            let had = bytes_of(&run);
            run.op(op);
            if let ProcessOp::Khugepaged { .. } = op {
                let has: std::collections::BTreeMap<_, Vec<_>> =
                    bytes_of(&run).into_iter().fold(Default::default(), |mut all, (at, bytes)| {
                        all.entry(at).or_insert_with(Vec::new).push(bytes);
                        all
                    });
                // (Reclaim may take one away meanwhile, where there is swap.)
                let kept = |(at, bytes): &(Vaddr, mm::process::Window)| {
                    has.get(at).map_or(swaps, |all| all.contains(bytes))
                };
                prop_assert!(had.iter().all(kept));
            }
        }
        for process in [P, Q] {
            if run.machine.processes().mm(process).is_some() {
                run.exit(process);
            }
        }
        let zero = if run.machine.processes().huge().zero_page().is_some() { 512 } else { 0 };
        if !swaps {
            // The topmost table and the stack came with the process.
            prop_assert!(run.free() + zero >= before);
        }
    }
}

#[test]
fn nobody_else_reads_what_was_his() {
    // A child that reads its own copy afterwards still finds what was there before.
    let mut run = small(24);
    run.exec();
    let address = sparse(&mut run, 300);
    let first = address.0 - run.place(M).0.0;
    let part = |pages: u64| range(Some((first, first + pages * 4 * KIB)));
    run.op(ProcessOp::Memset { at: area(M), value: 0x41, bytes: part(300), cpu: CPU });
    run.fork();
    run.op(ProcessOp::Memset { at: area(M), value: 0x42, bytes: part(100), cpu: CPU });
    wake(&mut run, ScanLimits { pages_to_scan: 513, ..ScanLimits::default() });
    let byte = |run: &Run, of, page: u64| {
        let procs = run.machine.processes();
        let mm = procs.mm(of).expect("it runs");
        procs.window(mm, Vaddr(address.0 + page * 4096), 1).runs()[0].1
    };
    use mm::process::Cell::Byte;
    assert_eq!([0, 99, 100, 299, 300].map(|page| byte(&run, P, page)), [0x42, 0x42, 0x41, 0x41, 0].map(Byte));
    assert_eq!([0, 99, 100, 299].map(|page| byte(&run, Q, page)), [0x41; 4].map(Byte));
}

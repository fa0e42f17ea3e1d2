//! Huge pages of processes: what real kernels said of them, what takes them apart, and the laws at every step.

#[path = "common/process.rs"]
mod process;

use mm::compaction::{CompactEvent, CompactOp, CompactionConfig};
use mm::config::Thp;
use mm::process::{Access, Advice, At, MmapArgs, ProcessOp, Prot, Rlimits};
use mm::reclaim::ReclaimConfig;
use mm::step::{HugeStep, ProcessStep};
use mm::x86::pgtable::{Paging, Pte};
use mm::{Config, CpuId, Op, Vaddr};
use process::{KIB, M, MIB, N, P, Q, Row, Run, SPACER, area, by, captured, compare_sums, range};
use proptest::prelude::*;

const THP: &str = include_str!("data/huge/thp.tsv");

/// A machine where huge pages are what somebody wrote to `enabled`; of 512 MiB and more they are on as it boots.
fn run(mib: u32, thp: Option<Thp>) -> Run {
    let config = Config { pcp: true, watermarks: true, thp, ..Config::x86_64(mib * 256) };
    Run::of_config(&config)
}

/// A small one: nothing of it is reserved, so that all of it can be huge pages.
fn small(mib: u32, thp: Thp) -> Run {
    Run::of_config(&Config { thp: Some(thp), ..Config::single_zone(mib * 256) })
}

/// An area that ends at an address: what is above it is taken meanwhile.
fn mmap_below(run: &mut Run, end: u64, name: mm::op::NameId, bytes: u64, args: MmapArgs) {
    let above = MmapArgs { prot: Prot::NONE, noreserve: true, ..MmapArgs::ANONYMOUS };
    let base = run.machine.processes().mm(P).map_or(0, |mm| mm.mmap_base.0);
    run.mmap(SPACER, base - end, above);
    run.mmap(name, bytes, args);
    run.munmap(SPACER, None);
}

/// What `thp_*` of `/proc/vmstat` count: faults that brought one, faults that could not, entries and pages taken apart.
fn events(run: &Run) -> [u64; 4] {
    let events = run.machine.processes().huge().events;
    [events.fault_alloc, events.fault_fallback, events.split_pmd, events.split_page]
}

fn count(steps: &[ProcessStep], is: impl Fn(&ProcessStep) -> bool) -> usize {
    steps.iter().filter(|step| is(step)).count()
}

fn splits(steps: &[ProcessStep]) -> usize {
    count(steps, |step| matches!(step, ProcessStep::SplitPmd { .. }))
}

/// An area at an address that is a multiple of 2 MiB.
const ALIGNED: u64 = 0x7fff_c000_0000;

fn sixteen_mebibytes(test: &str, enabled: Thp, advice: Option<Advice>, end: u64) {
    let rows = captured(THP, &[test]);
    let row = |name: &str| {
        rows.iter().find(|(moment, _)| moment == name).map(|(_, row)| row.clone()).expect("a row")
    };
    let mut run = run(1024, Some(enabled));
    run.exec();
    run.is_quick = true;
    let begun = run.of(P);
    let start: Row = row("start");
    let (mut faults, mut last) = (begun.minflt, start["minflt"]);
    let mut seen = 0;
    let mut moment = |run: &Run, name: &str, place: (Vaddr, Vaddr)| {
        let row = row(name);
        let (ours, theirs) = (run.of(P), |column: &str| row[column] as i64 - start[column] as i64);
        assert_eq!(ours.size as i64 - begun.size as i64, theirs("VmSize"), "{test} {name}: VmSize");
        assert_eq!(ours.data as i64 - begun.data as i64, theirs("VmData"), "{test} {name}: VmData");
        assert_eq!(ours.pte as i64 - begun.pte as i64, theirs("VmPTE"), "{test} {name}: VmPTE");
        let region = run.region(P, place);
        compare_sums(&format!("{test} {name}"), &row, region);
        assert_eq!(region.1.anon_huge * 4, row["AnonHugePages"], "{test} {name}: AnonHugePages");
        // The last few wait in a list of the CPU there (`struct pagevec`).
        let waiting = region.1.lazyfree * 4 - row["LazyFree"];
        assert!(waiting <= 56, "{test} {name}: LazyFree {}", row["LazyFree"]);
        // Faults of the test program itself, a few with each moment, are not ours.
        let (mine, there) = (ours.minflt - faults, row["minflt"] - last);
        assert!(mine <= there && there <= mine + 3, "{test} {name}: {mine} faults, {there} there");
        (faults, last) = (ours.minflt, row["minflt"]);
        run.machine.check().expect("every law holds");
        seen += 1;
    };
    let half = Some((0, 8 * MIB));
    mmap_below(&mut run, end, M, 16 * MIB, MmapArgs::ANONYMOUS);
    let place = run.place(M);
    let advise = |run: &mut Run, name| advice.map(|advice| run.madvise(name, advice, None));
    advise(&mut run, M);
    moment(&run, "after_mmap", place);
    run.touch(Access::Read, area(M), None);
    moment(&run, "after_read_all", place);
    run.touch(Access::Write, area(M), half);
    moment(&run, "after_write_half", place);
    run.touch(Access::Write, area(M), None);
    moment(&run, "after_write_all", place);
    run.madvise(M, Advice::DontNeed, Some((4 * MIB, 4 * MIB + 4096)));
    moment(&run, "after_dontneed_1page_at_quarter", place);
    run.madvise(M, Advice::DontNeed, None);
    moment(&run, "after_dontneed_all", place);
    run.touch(Access::Write, area(M), None);
    moment(&run, "after_rewrite_all", place);
    run.munmap(M, None);
    moment(&run, "after_munmap", place);
    mmap_below(&mut run, end, N, 16 * MIB, MmapArgs::ANONYMOUS);
    advise(&mut run, N);
    moment(&run, "fresh_mmap2", place);
    run.touch(Access::Write, area(N), None);
    moment(&run, "write_all_without_prior_read", place);
    run.madvise(N, Advice::Free, None);
    moment(&run, "after_madv_free", place);
    run.mprotect(N, Prot::READ, half);
    moment(&run, "after_mprotect_half_ro", place);
    run.munmap(N, half);
    moment(&run, "after_munmap_first_half", place);
    run.munmap(N, Some((8 * MIB, 16 * MIB)));
    // Nobody said anything of this one, and chance had placed it across nine tables.
    mmap_below(&mut run, end - MIB, M, 16 * MIB, MmapArgs { populate: true, ..MmapArgs::ANONYMOUS });
    let place = run.place(M);
    moment(&run, "map_populate", place);
    assert_eq!(seen, 14);
}

#[test]
fn sixteen_mebibytes_as_a_real_kernel_counted_them() {
    // Chance had placed it so that it takes a directory of its own, or two.
    const FAR: u64 = 0x7f00_0000_0000;
    sixteen_mebibytes("always", Thp::Always, None, ALIGNED);
    sixteen_mebibytes("hugepage", Thp::Always, Some(Advice::HugePage), ALIGNED);
    sixteen_mebibytes("nohugepage", Thp::Always, Some(Advice::NoHugePage), FAR);
    sixteen_mebibytes("madvise_no_hint", Thp::Madvise, None, FAR);
}

#[test]
fn facts_10_one_touch_brings_two_mebibytes() {
    let mut run = run(1024, None);
    run.exec();
    mmap_below(&mut run, ALIGNED, M, 4 * MIB, MmapArgs::ANONYMOUS);
    run.touch(Access::Write, area(M), Some((0, 1)));
    let before = run.of(P);
    let free = run.free();
    let steps = run.touch(Access::Write, area(M), Some((3 * MIB, 3 * MIB + 1)));
    let after = run.of(P);
    assert_eq!((after.rss - before.rss, after.pte - before.pte, after.minflt - before.minflt), (2048, 4, 1));
    assert_eq!(free - run.free(), 513);
    // The page begins at a multiple of 2 MiB, wherever in it the fault was.
    let begins = |step: &ProcessStep| match step {
        ProcessStep::HugePage { address, .. } => Some(address.0),
        _ => None,
    };
    assert_eq!(steps.iter().find_map(begins), Some(ALIGNED - 2 * MIB));
    assert_eq!(events(&run), [2, 0, 0, 0]);
}

#[test]
fn machines_below_512_mebibytes_make_none() {
    for (mib, thp, huge) in
        [(256, None, 0), (256, Some(Thp::Always), 1), (1024, None, 1), (1024, Some(Thp::Never), 0)]
    {
        let mut run = run(mib, thp);
        run.exec();
        mmap_below(&mut run, ALIGNED, M, 2 * MIB, MmapArgs::ANONYMOUS);
        let steps = run.touch(Access::Read, area(M), Some((0, 1)));
        // Who had none at boot has no huge page of zeros either: a page of its own comes at once.
        let (zeros, own) = if mib < 512 { (0, huge) } else { (huge, 0) };
        let found = count(&steps, |step| matches!(step, ProcessStep::HugeZeroPage { .. }));
        assert_eq!(found, zeros, "{mib} {thp:?}");
        assert_eq!(count(&steps, |step| matches!(step, ProcessStep::HugePage { .. })), own, "{mib} {thp:?}");
    }
}

#[test]
fn only_whole_ones_fit() {
    let mut run = small(16, Thp::Always);
    run.exec();
    // It begins a page below a multiple of 2 MiB, and ends a page below one.
    run.mmap(M, 4 * MIB, MmapArgs::ANONYMOUS);
    run.touch(Access::Write, area(M), None);
    let (_, sums) = run.region(P, run.place(M));
    assert_eq!((sums.rss, sums.anon_huge), (1024, 512));
    assert_eq!(events(&run), [1, 0, 0, 0]);
    let procs = run.machine.processes();
    let mm = procs.mm(P).expect("it runs");
    assert_eq!(mm.vmas().iter().map(|vma| procs.is_thp_eligible(vma)).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn without_a_free_block_small_ones_do() {
    let mut run = small(4, Thp::Always);
    run.exec();
    mmap_below(&mut run, ALIGNED, M, 2 * MIB, MmapArgs::ANONYMOUS);
    // Both pageblocks have holes.
    let spoil = |frames: std::ops::Range<u64>, run: &mut Run| {
        run.mmap(N, 3 * MIB, MmapArgs::ANONYMOUS);
        run.madvise(N, Advice::NoHugePage, None);
        run.touch(Access::Write, area(N), Some((frames.start * 4096, frames.end * 4096)));
    };
    spoil(0..600, &mut run);
    let steps = run.touch(Access::Write, area(M), Some((0, 1)));
    assert_eq!(count(&steps, |step| matches!(step, ProcessStep::HugeFallback { .. })), 1, "{steps:?}");
    assert_eq!(count(&steps, |step| matches!(step, ProcessStep::AnonPage { .. })), 1, "{steps:?}");
    assert_eq!(events(&run), [0, 1, 0, 0]);
    // There is a table now, so nothing huge comes there any more.
    run.munmap(N, None);
    let steps = run.touch(Access::Write, area(M), Some((4096, 4097)));
    assert_eq!(count(&steps, |step| matches!(step, ProcessStep::HugePage { .. })), 0, "{steps:?}");
}

#[test]
fn a_part_that_goes_takes_the_entry_apart_and_the_page_stays() {
    let mut run = small(16, Thp::Always);
    run.exec();
    mmap_below(&mut run, ALIGNED, M, 2 * MIB, MmapArgs::ANONYMOUS);
    run.touch(Access::Write, area(M), None);
    let (free, tables) = (run.free(), run.of(P).pte);
    let pages = |run: &Run| -> Vec<(Vaddr, u32)> {
        let procs = run.machine.processes();
        let mm = procs.mm(P).expect("it runs");
        let (start, end) = run.place(M);
        procs.tables().pages(mm.pgd, start, end).map(|(at, pte)| (at, pte.pfn().0)).collect()
    };
    let before = pages(&run);
    let steps = run.madvise(M, Advice::DontNeed, Some((MIB, MIB + 4096)));
    assert_eq!(splits(&steps), 1);
    // Every other address leads to the same frame, and the table is the one that was put by.
    let after = pages(&run);
    assert!(before.iter().filter(|(at, _)| at.0 != ALIGNED - MIB).eq(&after));
    assert_eq!((run.free(), run.of(P).pte), (free, tables), "nothing comes back yet");
    assert_eq!(run.of(P).rss, 2044 + 4);
    let (_, sums) = run.region(P, run.place(M));
    assert_eq!((sums.rss, sums.anon_huge), (511, 0));
    // It comes back as a whole, with the last of its frames.
    run.madvise(M, Advice::DontNeed, Some((0, 2 * MIB - 4096)));
    assert_eq!(run.free(), free);
    run.madvise(M, Advice::DontNeed, None);
    assert_eq!(run.free(), free + 512);
}

#[test]
fn a_huge_page_that_goes_takes_its_table_along() {
    let mut run = small(16, Thp::Always);
    run.exec();
    mmap_below(&mut run, ALIGNED, M, 4 * MIB, MmapArgs::ANONYMOUS);
    let (free, tables) = (run.free(), run.of(P).pte);
    run.touch(Access::Write, area(M), None);
    // A directory, and two tables that are put by.
    assert_eq!((free - run.free(), run.of(P).pte - tables), (1024 + 3, 12));
    run.madvise(M, Advice::DontNeed, None);
    assert_eq!((free - run.free(), run.of(P).pte - tables), (1, 4));
    run.touch(Access::Write, area(M), Some((0, 1)));
    run.exit(P);
    assert!(run.machine.processes().huge().compounds().next().is_none());
}

#[test]
fn after_fork_whoever_writes_takes_it_apart() {
    let mut run = small(32, Thp::Always);
    run.exec();
    mmap_below(&mut run, ALIGNED, M, 2 * MIB, MmapArgs::ANONYMOUS);
    run.touch(Access::Write, area(M), None);
    run.fork();
    let place = run.place(M);
    for process in [P, Q] {
        let (_, sums) = run.region(process, place);
        assert_eq!((sums.rss, sums.anon_huge, sums.shared_dirty, sums.pss_kib()), (512, 512, 512, 1024));
    }
    assert_eq!(run.of(P).pte, run.of(Q).pte);
    // Reading needs nothing.
    assert_eq!(run.touch(Access::Read, by(M, Q), None).len(), 1);
    let steps = run.touch(Access::Write, by(M, Q), Some((0, 4096)));
    assert_eq!(splits(&steps), 1);
    assert_eq!(count(&steps, |step| matches!(step, ProcessStep::Copied { .. })), 1);
    assert_eq!(
        count(&steps, |step| matches!(step, ProcessStep::Fault { error_code: 7, .. })),
        1,
        "one fault"
    );
    let (_, sums) = run.region(P, place);
    assert_eq!((sums.anon_huge, sums.private_dirty, sums.shared_dirty), (512, 1, 511));
    // The parent has a part alone, but not all of it.
    let steps = run.touch(Access::Write, area(M), Some((0, 4096)));
    assert_eq!((splits(&steps), count(&steps, |step| matches!(step, ProcessStep::Copied { .. }))), (1, 1));
    run.exit(Q);
    // Of a page that is in pieces each piece is copied as long as there are others (6.1 looks at the whole page).
    let steps = run.touch(Access::Write, area(M), Some((4096, 8192)));
    assert_eq!(count(&steps, |step| matches!(step, ProcessStep::Copied { .. })), 1, "{steps:?}");
    run.exit(P);
}

#[test]
fn whoever_has_it_alone_again_keeps_it() {
    let mut run = small(16, Thp::Always);
    run.exec();
    mmap_below(&mut run, ALIGNED, M, 2 * MIB, MmapArgs::ANONYMOUS);
    run.touch(Access::Write, area(M), None);
    run.fork();
    run.exit(Q);
    let before = run.of(P).minflt;
    let steps = run.touch(Access::Write, area(M), None);
    assert_eq!(count(&steps, |step| matches!(step, ProcessStep::HugeReused { .. })), 1);
    assert_eq!((splits(&steps), run.of(P).minflt - before), (0, 1));
    // After `mprotect` back and forth one fault makes all of it writable again.
    run.mprotect(M, Prot::READ, None);
    run.mprotect(M, Prot::READ_WRITE, None);
    let steps = run.touch(Access::Write, area(M), None);
    assert_eq!(count(&steps, |step| matches!(step, ProcessStep::HugeReused { .. })), 1);
}

#[test]
fn madv_free_of_a_part_takes_the_page_itself_apart() {
    let mut run = small(16, Thp::Always);
    run.exec();
    mmap_below(&mut run, ALIGNED, M, 2 * MIB, MmapArgs::ANONYMOUS);
    run.touch(Access::Write, area(M), None);
    let free = run.free();
    let steps = run.madvise(M, Advice::Free, Some((0, MIB)));
    assert_eq!(events(&run), [1, 0, 1, 1], "{steps:?}");
    let (_, sums) = run.region(P, run.place(M));
    assert_eq!((sums.rss, sums.lazyfree, sums.anon_huge), (512, 256, 0));
    // From now on a single frame comes back by itself.
    run.madvise(M, Advice::DontNeed, Some((0, 4096)));
    assert_eq!(run.free(), free + 1);
    // What others have as well is left as it is.
    run.munmap(M, None);
    mmap_below(&mut run, ALIGNED, M, 2 * MIB, MmapArgs::ANONYMOUS);
    run.touch(Access::Write, area(M), None);
    run.fork();
    run.madvise(M, Advice::Free, None);
    assert_eq!(run.region(P, run.place(M)).1.lazyfree, 0);
}

#[test]
fn a_hint_decides_where_only_those_who_ask_get_them() {
    let mut run = small(16, Thp::Madvise);
    run.exec();
    mmap_below(&mut run, ALIGNED, M, 4 * MIB, MmapArgs::ANONYMOUS);
    run.madvise(M, Advice::HugePage, Some((0, 2 * MIB)));
    assert_eq!(run.machine.processes().mm(P).map(|mm| mm.vmas().len()), Some(3), "cut in two, and the stack");
    run.touch(Access::Write, area(M), Some((0, 1)));
    run.touch(Access::Write, area(M), Some((2 * MIB, 2 * MIB + 1)));
    assert_eq!(run.region(P, run.place(M)).1.anon_huge, 512);
    assert_eq!(run.region(P, run.place(M)).1.rss, 513);
    run.madvise(M, Advice::NoHugePage, None);
    assert_eq!(run.machine.processes().mm(P).map(|mm| mm.vmas().len()), Some(2), "one again");
    assert_eq!(run.region(P, run.place(M)).1.anon_huge, 512, "what is there stays");
}

#[test]
fn with_two_levels_there_are_none() {
    for (paging, huge) in [(Paging::Pae, 512), (Paging::TwoLevel, 0)] {
        let config = Config { thp: Some(Thp::Always), paging, ..Config::single_zone(4096) };
        let mut run = Run::of_config(&Config { arch: paging.arch(), ..config });
        run.exec();
        // It ends at a multiple of 4 MiB.
        run.mmap(M, 4 * MIB, MmapArgs::ANONYMOUS);
        run.touch(Access::Write, area(M), Some((0, 1)));
        assert_eq!(run.region(P, run.place(M)).1.anon_huge, huge, "{paging:?}");
        run.exit(P);
    }
}

#[test]
fn a_page_that_may_not_be_touched_stays_huge() {
    let mut run = small(16, Thp::Always);
    run.exec();
    mmap_below(&mut run, ALIGNED, M, 2 * MIB, MmapArgs::ANONYMOUS);
    run.touch(Access::Write, area(M), None);
    run.mprotect(M, Prot::NONE, None);
    let procs = run.machine.processes();
    let mm = procs.mm(P).expect("it runs");
    let leaf = procs.tables().leaf(mm.pgd, run.place(M).0).expect("it is there");
    assert!(leaf.is_huge() && !leaf.entry.has(Pte::PRESENT));
    assert_eq!(run.region(P, run.place(M)).1.rss, 512);
    run.mprotect(M, Prot::READ, None);
    assert_eq!(run.touch(Access::Read, area(M), None).len(), 1);
}

fn any_op() -> impl Strategy<Value = ProcessOp> {
    let pages =
        (0u64..1200, 1u64..700).prop_map(|(from, len)| Some((from * 4 * KIB, (from + len) * 4 * KIB)));
    let wide = (0u64..3, 1u64..3).prop_map(|(from, len)| Some((from * 2 * MIB, (from + len) * 2 * MIB)));
    let bytes = || prop_oneof![2 => pages.clone(), 2 => wide.clone(), 1 => Just(None)].prop_map(range);
    let at = || {
        let area = (prop::sample::select(vec![M, N]), prop::option::of(Just(Q)));
        area.prop_map(|(name, by)| At::Area { name, by })
    };
    let cpu = CpuId(0);
    let advice = [Advice::DontNeed, Advice::Free, Advice::HugePage, Advice::NoHugePage].to_vec();
    let prot = [Prot::NONE, Prot::READ, Prot::READ_WRITE].to_vec();
    prop_oneof![
        3 => (at(), bytes(), any::<bool>()).prop_map(move |(at, bytes, write)| {
            let access = if write { Access::Write } else { Access::Read };
            ProcessOp::Access { access, at, bytes, cpu }
        }),
        2 => (at(), bytes(), prop::sample::select(advice))
            .prop_map(move |(at, bytes, advice)| ProcessOp::Madvise { at, advice, bytes, cpu }),
        1 => (at(), bytes(), prop::sample::select(prot))
            .prop_map(|(at, bytes, prot)| ProcessOp::Mprotect { at, bytes, prot }),
        1 => (at(), bytes()).prop_map(move |(at, bytes)| ProcessOp::Munmap { at, bytes, cpu }),
        1 => (prop::sample::select(vec![M, N]), 1u64..5, any::<bool>()).prop_map(move |(name, size, populate)| {
            let args = MmapArgs { populate, ..MmapArgs::ANONYMOUS };
            ProcessOp::Mmap { name, process: P, bytes: size * 2 * MIB, args, cpu }
        }),
        1 => Just(ProcessOp::Fork { name: Q, parent: P, cpu }),
        1 => Just(ProcessOp::Exit { process: Q, cpu }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Every law at every step, the same machine with nobody looking on, and nothing lost in the end.
    #[test]
    fn whatever_happens_to_huge_pages(ops in prop::collection::vec(any_op(), 1..14), frames in 3000u32..9000) {
        let mmu = Some(mm::x86::mmu::MmuConfig::SKYLAKE);
        let config = Config { thp: Some(Thp::Always), mmu, ..Config::single_zone(frames) };
        let mut run = Run::of_config(&config);
        let before = run.free();
        run.exec();
        for op in ops {
            run.op(op);
        }
        run.exit(P);
        if run.machine.processes().mm(Q).is_some() {
            run.exit(Q);
        }
        let zero = if run.machine.processes().huge().zero_page().is_some() { 512 } else { 0 };
        prop_assert_eq!(run.free() + zero, before);
    }
}

fn pool(run: &Run) -> [u32; 4] {
    let pool = run.machine.processes().pool();
    [pool.total, pool.free(), pool.reserved, pool.surplus]
}

fn nr_hugepages(run: &mut Run, pages: u32) -> Vec<ProcessStep> {
    run.op(ProcessOp::NrHugepages { pages, cpu: CpuId(0) })
}

const POOL: MmapArgs = MmapArgs { huge: true, ..MmapArgs::ANONYMOUS };

/// What real kernels said (Linux 6.1.192): MiB of memory, huge pages that are asked for, CommitLimit in KiB without and with them,
/// and at each moment HugePages_Total, _Free and _Rsvd: of Debian's kernel with 1 GiB and with 256 MiB, and of one built for
/// this with 256 MiB. Half of the pool is mapped.
type Captured = (u32, u32, [u64; 2], [[u32; 3]; 6]);

const POOLS: [Captured; 3] = [
    (
        1024,
        32,
        [491_860, 459_092],
        [[32, 32, 0], [32, 32, 16], [32, 16, 0], [32, 32, 0], [32, 32, 0], [0; 3]],
    ),
    (256, 16, [367_496, 351_112], [[16, 16, 0], [16, 16, 8], [16, 8, 0], [16, 16, 0], [16, 16, 0], [0; 3]]),
    (256, 16, [383_576, 367_192], [[16, 16, 0], [16, 16, 8], [16, 8, 0], [16, 16, 0], [16, 16, 0], [0; 3]]),
];

#[test]
fn a_pool_as_real_kernels_counted_it() {
    for (mib, wanted, limits, moments) in POOLS {
        let mut run = run(mib, Some(Thp::Never));
        run.exec();
        let begun = run.free();
        let mut rows = moments.iter();
        let mut row = |run: &Run| {
            let counts = rows.next().expect("a row");
            assert_eq!(pool(run), [counts[0], counts[1], counts[2], 0]);
            // Half of what may not be promised any more (`overcommit_ratio` 50).
            let less = run.machine.processes().commit.hugetlb.0 * 4 / 2;
            assert_eq!(limits[0] - less, if counts[0] == 0 { limits[0] } else { limits[1] }, "CommitLimit");
            // What lay in the lists of the CPU was not free for them either, so their MemFree tells less.
            assert_eq!((begun - run.free()) / 512, u64::from(counts[0]), "MemFree");
        };
        let half = u64::from(wanted / 2);
        nr_hugepages(&mut run, wanted);
        row(&run);
        let before = run.of(P);
        run.mmap(M, half * 2 * MIB, POOL);
        row(&run);
        // VmSize 2556 before and 35324 after where it was 16 of them, and 4636 and 21020 or so where it was 8.
        assert_eq!(run.of(P).size - before.size, half * 2048);
        run.touch(Access::Write, area(M), None);
        let after = run.of(P);
        // VmRSS 4 before and after; VmPTE 32 or 36 and 40; 19 or 11 faults, 3 of them of the test program itself.
        assert_eq!((after.rss - before.rss, after.minflt - before.minflt), (0, half));
        assert!(after.pte - before.pte <= 8, "no tables are put by");
        row(&run);
        let (areas, sums) = run.region(P, run.place(M));
        assert_eq!((areas, sums.rss, sums.private_hugetlb), (1, 0, half * 512));
        assert_eq!(run.machine.processes().mm(P).map(|mm| mm.hugetlb), Some(half));
        run.munmap(M, None);
        row(&run);
        let steps = run.mmap(M, (u64::from(wanted) + 1) * 2 * MIB, POOL);
        let refused = |step: &ProcessStep| {
            let why = mm::step::Refusal::NoHugePages { pages: u64::from(wanted) + 1, available: wanted };
            *step == ProcessStep::Refused { why }
        };
        assert!(steps.iter().any(refused), "{steps:?}");
        row(&run);
        nr_hugepages(&mut run, 0);
        row(&run);
        assert_eq!(run.free(), begun);
    }
}

fn overcommit(run: &mut Run, pages: u32) {
    run.op(ProcessOp::NrOvercommitHugepages { pages });
}

fn surplus(steps: &[ProcessStep]) -> usize {
    count(steps, |step| matches!(step, ProcessStep::Huge(HugeStep::Surplus { .. })))
}

#[test]
fn a_fragmented_machine_gives_fewer_and_more_once_it_is_compacted() {
    let scattered = |compaction: Option<CompactionConfig>| {
        let reclaim = compaction.map(|_| ReclaimConfig::default());
        let thp = Some(Thp::Never);
        let config = Config { watermarks: true, thp, compaction, reclaim, ..Config::single_zone(32 * 256) };
        let mut run = Run::of_config(&config);
        run.exec();
        run.is_quick = true;
        run.mmap(M, 28 * MIB, MmapArgs::ANONYMOUS);
        run.touch(Access::Write, area(M), None);
        for page in (0..28 * MIB / (4 * KIB)).step_by(2) {
            run.madvise(M, Advice::DontNeed, Some((page * 4 * KIB, (page + 1) * 4 * KIB)));
        }
        run
    };
    let mut fresh = small(32, Thp::Never);
    fresh.exec();
    nr_hugepages(&mut fresh, 7);
    assert_eq!(pool(&fresh)[0], 7, "half of it is free, and all in one piece");
    let mut run = scattered(None);
    assert!(run.free() > 7 * 512);
    nr_hugepages(&mut run, 7);
    let few = pool(&run)[0];
    assert!(few <= 1, "{few}");
    // Nobody moves anything by itself there; on demand all zones are compacted, and then there is room.
    run.steps_of(&Op::Compact(CompactOp::CompactMemory { cpu: CpuId(0) }));
    nr_hugepages(&mut run, 7);
    let more = pool(&run)[0];
    assert!(more >= 5, "{more}");
    // Where requests compact, the first one to fail does.
    let mut run = scattered(Some(CompactionConfig::default()));
    nr_hugepages(&mut run, 7);
    let made = pool(&run)[0];
    assert!(made > few, "{made}");
    let events = run.machine.compaction().map(|of| of.event(CompactEvent::Stall));
    assert!(events.is_some_and(|stalls| stalls > 0));
}

#[test]
fn what_the_pool_lacks_may_come_from_the_buddy_system() {
    let mut run = small(16, Thp::Never);
    run.exec();
    let begun = run.free();
    nr_hugepages(&mut run, 1);
    overcommit(&mut run, 2);
    // Of three that are promised one is there, and two come; they are counted as soon as they are there.
    let steps = run.mmap(M, 6 * MIB, POOL);
    assert_eq!((surplus(&steps), pool(&run)), (2, [3, 3, 3, 2]));
    // No more than that.
    let steps = run.mmap(N, 2 * MIB, POOL);
    let none = HugeStep::NoSurplus { surplus: 2, most: 2 };
    assert!(steps.contains(&ProcessStep::Huge(none)), "{steps:?}");
    assert_eq!(pool(&run), [3, 3, 3, 2]);
    run.touch(Access::Write, area(M), Some((0, 1)));
    assert_eq!(pool(&run), [3, 2, 2, 2]);
    // They go when they come back, and so does what was promised and never taken.
    run.munmap(M, None);
    assert_eq!(pool(&run), [1, 1, 0, 0]);
    // Whoever was promised none gets one when it touches it.
    let steps = run.mmap(N, 4 * MIB, MmapArgs { noreserve: true, ..POOL });
    assert_eq!(surplus(&steps), 0);
    let steps = run.touch(Access::Write, area(N), None);
    assert_eq!((surplus(&steps), pool(&run)), (1, [2, 0, 0, 1]));
    // So does whoever writes to what a child has as well.
    run.fork();
    let steps = run.touch(Access::Write, area(N), Some((0, 1)));
    assert_eq!((surplus(&steps), pool(&run)), (1, [3, 0, 0, 2]));
    run.exit(Q);
    run.exit(P);
    assert_eq!(pool(&run), [1, 1, 0, 0]);
    nr_hugepages(&mut run, 0);
    assert!(run.free() > begun);
}

#[test]
fn what_came_for_an_area_that_is_refused_goes_again() {
    let mut run = small(16, Thp::Never);
    run.exec_with(Rlimits { address_space: Some(4 * MIB), ..Rlimits::default() });
    let begun = run.free();
    overcommit(&mut run, 3);
    let steps = run.mmap(M, 6 * MIB, POOL);
    assert_eq!(surplus(&steps), 3);
    let why = mm::step::Refusal::AddressSpaceLimit;
    assert!(steps.contains(&ProcessStep::Refused { why }), "{steps:?}");
    assert_eq!((pool(&run), run.free()), ([0; 4], begun));
}

#[test]
fn all_that_came_goes_again_where_one_is_missing() {
    let mut run = small(16, Thp::Never);
    run.exec();
    let begun = run.free();
    overcommit(&mut run, 100);
    // Six blocks are free, and eight were wanted.
    let steps = run.mmap(M, 16 * MIB, POOL);
    assert_eq!(surplus(&steps), 6);
    assert!(steps.iter().any(|step| matches!(step, ProcessStep::Refused { .. })), "{steps:?}");
    assert_eq!((pool(&run), run.free()), ([0; 4], begun));
    let pool = run.machine.processes().pool();
    assert_eq!((pool.buddy_success, pool.buddy_fail), (6, 1));
    // Those beyond the pool are the first that it keeps when it is to be larger.
    run.mmap(M, 4 * MIB, POOL);
    nr_hugepages(&mut run, 1);
    let pool = run.machine.processes().pool();
    assert_eq!((pool.total, pool.surplus, pool.buddy_success), (2, 1, 8));
}

#[test]
fn a_pool_grows_as_far_as_there_are_blocks() {
    let mut run = small(16, Thp::Never);
    run.exec();
    // Pages and tables of the process are in two of the eight pageblocks.
    let steps = nr_hugepages(&mut run, 8);
    assert_eq!(pool(&run)[0], 6);
    assert!(steps.contains(&ProcessStep::PoolSized { wanted: 8, total: 6, free: 6 }), "{steps:?}");
    // What is promised cannot be promised again, and cannot be given back either.
    run.mmap(M, 6 * MIB, POOL);
    assert_eq!(pool(&run), [6, 6, 3, 0]);
    run.mmap(N, 10 * MIB, POOL);
    assert_eq!(pool(&run), [6, 6, 3, 0]);
    nr_hugepages(&mut run, 1);
    assert_eq!(pool(&run), [3, 3, 3, 2]);
    run.touch(Access::Write, area(M), Some((0, 1)));
    assert_eq!(pool(&run), [3, 2, 2, 2]);
    // Those that are too many go when they come back.
    run.munmap(M, Some((0, 2 * MIB)));
    assert_eq!(pool(&run), [2, 2, 2, 1]);
    // A part goes only as a whole.
    let steps = run.munmap(M, Some((2 * MIB, 2 * MIB + 4096)));
    assert!(steps.iter().any(|step| matches!(step, ProcessStep::Refused { why: mm::step::Refusal::Pooled })));
    run.exit(P);
    assert_eq!(pool(&run), [1, 1, 0, 0]);
    nr_hugepages(&mut run, 0);
    assert_eq!(pool(&run), [0, 0, 0, 0]);
}

#[test]
fn a_page_of_the_pool_after_fork() {
    let mut run = small(16, Thp::Never);
    run.exec();
    nr_hugepages(&mut run, 3);
    run.mmap(M, 2 * MIB, POOL);
    // Read first: there is no page of zeros of the pool.
    let steps = run.touch(Access::Read, area(M), Some((0, 1)));
    assert_eq!(count(&steps, |step| matches!(step, ProcessStep::HugetlbPage { .. })), 1);
    let steps = run.touch(Access::Write, area(M), Some((0, 1)));
    assert_eq!(count(&steps, |step| matches!(step, ProcessStep::HugeReused { .. })), 1);
    run.fork();
    let steps = run.touch(Access::Write, by(M, Q), Some((0, 1)));
    assert_eq!(count(&steps, |step| matches!(step, ProcessStep::HugetlbCopied { .. })), 1);
    assert_eq!(pool(&run), [3, 1, 0, 0]);
    run.exit(Q);
    assert_eq!(pool(&run), [3, 2, 0, 0]);
    // With nothing to copy to, whoever was promised the page takes it away from the child, which gets a signal then.
    run.fork();
    nr_hugepages(&mut run, 1);
    assert_eq!(pool(&run), [1, 0, 0, 0]);
    run.touch(Access::Write, area(M), Some((0, 1)));
    let steps = run.touch(Access::Read, by(M, Q), Some((0, 1)));
    let killed =
        |step: &ProcessStep| matches!(step, ProcessStep::Killed { signal: mm::step::Signal::NoHugePage, .. });
    assert!(steps.iter().any(killed), "{steps:?}");
}

fn pool_op() -> impl Strategy<Value = ProcessOp> {
    let cpu = CpuId(0);
    prop_oneof![
        2 => (0u32..10).prop_map(move |pages| ProcessOp::NrHugepages { pages, cpu }),
        1 => (0u32..4).prop_map(|pages| ProcessOp::NrOvercommitHugepages { pages }),
        3 => (prop::sample::select(vec![M, N]), 1u64..4, any::<bool>(), any::<bool>()).prop_map(
            move |(name, size, populate, noreserve)| {
                let args = MmapArgs { populate, noreserve, ..POOL };
                ProcessOp::Mmap { name, process: P, bytes: size * 2 * MIB, args, cpu }
            }
        ),
        5 => any_op(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// The same with a pool beside them.
    #[test]
    fn whatever_happens_to_the_pool(ops in prop::collection::vec(pool_op(), 1..16), frames in 3000u32..9000) {
        let config = Config { thp: Some(Thp::Madvise), ..Config::single_zone(frames) };
        let mut run = Run::of_config(&config);
        let before = run.free();
        run.exec();
        for op in ops {
            if run.machine.processes().mm(P).is_some() {
                run.op(op);
            }
        }
        for process in [P, Q] {
            if run.machine.processes().mm(process).is_some() {
                run.exit(process);
            }
        }
        nr_hugepages(&mut run, 0);
        let zero = if run.machine.processes().huge().zero_page().is_some() { 512 } else { 0 };
        prop_assert_eq!(run.free() + zero, before);
    }
}

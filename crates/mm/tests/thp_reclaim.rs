//! Huge pages where memory is reclaimed: one entry of the lists with 512 pages, to swap as a whole or in pieces, and parts
//! that nobody has come back when memory is short. Every law at every step, seen and unseen.

#[path = "common/process.rs"]
mod common;

use common::{KIB, M, MIB, N, P, Q, Run, SPACER, area, range};
use mm::config::{Arch, Thp};
use mm::migrate::PinWhat;
use mm::oom_kill::TaskArgs;
use mm::op::{CompactOp, FileOp, NameId, Sysctl};
use mm::process::{Access, Advice, At, ByteRange, MmapArgs, ProcessOp, Rlimits, ScanLimits};
use mm::reclaim::{Lru, LruFlags, Medium, ReclaimConfig, ReclaimTunables, SplitWhy, SwapSpec, VmEvent};
use mm::step::{Kept, ProcessStep, ReclaimStep};
use mm::units::NrPages;
use mm::x86::mmu::MmuConfig;
use mm::{Config, CpuId, Op, Pfn, Step, StepKind, Vaddr};
use proptest::prelude::*;

const CPU: CpuId = CpuId(0);
const HUGE: u64 = 2 * MIB;

fn config(frames: u32, swap: Option<(u64, Medium)>) -> Config {
    let swap = swap.map(|(pages, medium)| SwapSpec { pages: NrPages(pages), priority: None, medium });
    Config {
        thp: Some(Thp::Always),
        watermarks: true,
        pcp: true,
        cpus: vec![0, 0],
        reclaim: Some(ReclaimConfig { swap: swap.into_iter().collect(), ..ReclaimConfig::default() }),
        ..Config::single_zone(frames)
    }
}

/// A process with so many huge pages at [`M`], all written to; where the area begins.
fn with_huge(frames: u32, swap: Option<(u64, Medium)>, huge: u64) -> (Run, Vaddr) {
    let mut run = Run::of_config(&config(frames, swap));
    run.exec();
    let at = mmap_aligned(&mut run, M, huge);
    run.touch(Access::Write, area(M), None);
    assert_eq!(run.machine.processes().huge().compounds().count() as u64, huge);
    (run, at)
}

/// An area of so many huge pages, at an address that is a multiple of 2 MiB.
fn mmap_aligned(run: &mut Run, name: NameId, huge: u64) -> Vaddr {
    let mm = run.machine.processes().mm(P).expect("it runs");
    let end = mm.unmapped_area(4096).expect("there is room").0 + 4096;
    if !end.is_multiple_of(HUGE) {
        run.mmap(SPACER, end % HUGE, MmapArgs { noreserve: true, ..MmapArgs::ANONYMOUS });
    }
    run.mmap(name, huge * HUGE, MmapArgs::ANONYMOUS);
    run.place(name).0
}

/// Pages on each list, but for that of the stack, which went there with the first huge page.
fn lists(run: &Run) -> [u64; 5] {
    let reclaim = run.machine.reclaim().expect("it reclaims");
    let [inactive, rest @ ..] = Lru::ALL.map(|lru| reclaim.size(lru));
    let others = [inactive - u64::from(run.machine.processes().mm(P).is_some())];
    [others.as_slice(), &rest].concat().try_into().expect("five")
}

fn event(run: &Run, event: VmEvent) -> u64 {
    run.machine.reclaim().expect("it reclaims").event(event)
}

/// `thp_swpout`, `thp_swpout_fallback`, `thp_split_page`, `thp_deferred_split_page`, `thp_split_pmd`.
fn events(run: &Run) -> [u64; 5] {
    let of = run.machine.processes().huge().events;
    [of.swpout, of.swpout_fallback, of.split_page, of.deferred_split_page, of.split_pmd]
}

fn reclaim_steps(steps: &[Step]) -> Vec<ReclaimStep> {
    let of = |step: &Step| match step.kind {
        StepKind::Reclaim { step } => Some(step),
        _ => None,
    };
    steps.iter().filter_map(of).collect()
}

fn pageout(run: &mut Run, bytes: Option<(u64, u64)>) -> Vec<ReclaimStep> {
    let op = ProcessOp::Madvise { at: area(M), advice: Advice::PageOut, bytes: range(bytes), cpu: CPU };
    reclaim_steps(&run.steps(op))
}

fn drop_slab(run: &mut Run) -> Vec<Step> {
    run.steps_of(&Op::File(FileOp::DropCaches { what: 2 }))
}

fn memset(run: &mut Run, value: u8, bytes: (u64, u64)) {
    run.op(ProcessOp::Memset { at: area(M), value, bytes: range(Some(bytes)), cpu: CPU });
}

fn byte(run: &Run, at: Vaddr) -> mm::process::Cell {
    let procs = run.machine.processes();
    procs.window(procs.mm(P).expect("it runs"), at, 1).runs()[0].1
}

#[test]
fn a_huge_page_is_one_entry_with_512_pages() {
    let (run, _) = with_huge(8192, None, 3);
    assert_eq!(lists(&run), [3 * 512, 0, 0, 0, 0]);
    let reclaim = run.machine.reclaim().unwrap();
    assert_eq!(reclaim.list(0, Lru::InactiveAnon).count(), 1 + 3);
    let zones = run.machine.zone_ids().map(|zone| reclaim.zone_sizes(zone)[0]).sum::<u64>();
    assert_eq!(zones, 1 + 3 * 512);
    let head = reclaim.list(0, Lru::InactiveAnon).next().unwrap();
    assert_eq!(reclaim.page(head).pages(), 512);
    assert_eq!(run.machine.young_ptes(head), 1);
}

/// `thp_fault_alloc`, `thp_split_pmd`, `thp_deferred_split_page` and `thp_split_page` of a real kernel, which had 8 huge pages
/// written to, one split and all unmapped (`amd64_1024M_smp1_thp`, `win_thp`): 8, 1, 1 and 0.
#[test]
fn a_part_that_is_unmapped_is_counted_as_a_real_kernel_did() {
    for swap in [None, Some((2048, Medium::Zram))] {
        let (mut run, _) = with_huge(8192, swap, 8);
        run.madvise(M, Advice::DontNeed, Some((HUGE, HUGE + 4 * KIB)));
        run.munmap(M, None);
        assert_eq!(run.machine.processes().huge().events.fault_alloc, 8);
        assert_eq!(events(&run), [0, 0, 0, 1, 1]);
        assert_eq!(lists(&run), [0; 5]);
        assert_eq!(run.machine.reclaim().unwrap().split_queue().len(), 0);
    }
}

#[test]
fn with_a_cluster_it_goes_as_a_whole_and_comes_back_page_by_page() {
    let (mut run, at) = with_huge(8192, Some((2048, Medium::Zram)), 2);
    memset(&mut run, 0x41, (0, 4 * KIB));
    memset(&mut run, 0x42, (HUGE - 4 * KIB, HUGE));
    let free = run.free();
    let steps = pageout(&mut run, Some((0, HUGE)));
    assert!(
        steps
            .iter()
            .any(|step| matches!(step, ReclaimStep::HugeUnmapped { pages: 512, entry: Some(entry), .. }
        if entry.offset == 512))
    );
    assert_eq!(run.free(), free + 512);
    assert_eq!((events(&run), event(&run, VmEvent::PswpOut)), ([1, 0, 0, 0, 1], 512));
    assert_eq!(lists(&run), [512, 0, 0, 0, 0]);
    let mm = run.machine.processes().mm(P).unwrap();
    assert_eq!((mm.rss.anon, mm.swapents), (512 + 1, 512));
    // One page is wanted: one comes.
    run.touch(Access::Read, area(M), Some((HUGE - 4 * KIB, HUGE)));
    let mm = run.machine.processes().mm(P).unwrap();
    assert_eq!((mm.rss.anon, mm.swapents, mm.maj_flt), (512 + 2, 511, 1));
    assert_eq!(byte(&run, Vaddr(at.0 + HUGE - 1)), mm::process::Cell::Byte(0x42));
    run.touch(Access::Read, area(M), Some((0, HUGE)));
    assert_eq!(byte(&run, at), mm::process::Cell::Byte(0x41));
    assert_eq!(event(&run, VmEvent::PswpIn), 512);
    run.exit(P);
    assert_eq!(run.machine.reclaim().unwrap().swap_pages(), (2047, 2047));
}

#[test]
fn without_a_cluster_it_is_split_and_goes_in_pieces() {
    // On a disk that turns nothing is gained by it; and there may be too few slots, or none side by side.
    for (swap, gone) in [((2048, Medium::Disk), 512), ((1000, Medium::Zram), 512), ((301, Medium::Zram), 300)]
    {
        let (mut run, _) = with_huge(8192, Some(swap), 2);
        let steps = pageout(&mut run, Some((0, HUGE)));
        let split =
            |step: &&ReclaimStep| matches!(step, ReclaimStep::HugeSplit { why: SplitWhy::NoCluster, .. });
        assert_eq!(steps.iter().filter(split).count(), 1);
        run.steps_of(&Op::File(FileOp::Wait { ms: 1000 }));
        pageout(&mut run, Some((0, HUGE)));
        assert_eq!(events(&run), [0, 1, 1, 0, 1], "{swap:?}");
        let mm = run.machine.processes().mm(P).unwrap();
        assert_eq!((mm.rss.anon, mm.swapents), (2 * 512 + 1 - gone, gone), "{swap:?}");
    }
}

#[test]
fn clusters_that_have_a_slot_in_use_are_none() {
    let (mut run, _) = with_huge(8192, Some((1536, Medium::Zram)), 3);
    let clusters = |run: &Run| run.machine.reclaim().unwrap().areas()[0].free_clusters();
    pageout(&mut run, Some((0, HUGE)));
    pageout(&mut run, Some((HUGE, 2 * HUGE)));
    assert_eq!((events(&run)[0], clusters(&run)), (2, 0));
    // One page of each stays in swap.
    run.madvise(M, Advice::DontNeed, Some((4 * KIB, HUGE)));
    run.madvise(M, Advice::DontNeed, Some((HUGE, 2 * HUGE - 4 * KIB)));
    assert_eq!((run.machine.reclaim().unwrap().swap_pages().1, clusters(&run)), (1535 - 2, 0));
    pageout(&mut run, Some((2 * HUGE, 3 * HUGE)));
    assert_eq!(events(&run)[..3], [2, 1, 1]);
}

#[test]
fn under_pressure_one_that_was_used_has_a_second_chance() {
    let (mut run, _) = with_huge(4096, Some((8192, Medium::Zram)), 4);
    run.steps_of(&Op::Sysctl(Sysctl::Swappiness(100)));
    mmap_aligned(&mut run, N, 5);
    let steps = run.steps(ProcessOp::Access { access: Access::Write, at: area(N), bytes: None, cpu: CPU });
    let looked: Vec<_> = reclaim_steps(&steps)
        .into_iter()
        .filter_map(|step| match step {
            ReclaimStep::Looked { pfn, ptes, verdict, .. } => Some((pfn, ptes, verdict)),
            _ => None,
        })
        .collect();
    let first = looked.first().expect("somebody looked").0;
    let of: Vec<_> = looked.iter().filter(|(pfn, ..)| *pfn == first).map(|(_, ptes, _)| *ptes).collect();
    assert_eq!(of[..2], [1, 0], "used once, and not again");
    assert!(events(&run)[0] > 0 && event(&run, VmEvent::PswpOut) >= 512);
}

#[test]
fn a_rest_is_given_back_when_memory_is_short() {
    let (mut run, _) = with_huge(8192, Some((4096, Medium::Zram)), 2);
    let free = run.free();
    let op = ProcessOp::Munmap { at: area(M), bytes: range(Some((0, MIB))), cpu: CPU };
    let steps = reclaim_steps(&run.steps(op));
    assert!(steps.iter().any(|step| matches!(step, ReclaimStep::DeferredSplit { used: 256, .. })));
    // Half a huge page is nobody's, and not free; the table for it is in use now.
    assert_eq!((run.free(), lists(&run)), (free, [1024, 0, 0, 0, 0]));
    assert_eq!(run.machine.reclaim().unwrap().split_queue().len(), 1);
    let steps = drop_slab(&mut run);
    let freed = |step: &ProcessStep| matches!(step, ProcessStep::SplitPage { freed: NrPages(256), .. });
    assert!(common::of_process(&steps).iter().any(freed));
    assert_eq!((run.free(), lists(&run)), (free + 256, [512 + 256, 0, 0, 0, 0]));
    assert_eq!((events(&run), event(&run, VmEvent::SlabsScanned)), ([0, 0, 1, 1, 1], 2));
    let reclaim = run.machine.reclaim().unwrap();
    assert_eq!((reclaim.split_queue().len(), reclaim.list(0, Lru::InactiveAnon).count()), (0, 1 + 1 + 256));
    // What is left lies in the order of the addresses, the first one is looked at first.
    let tails: Vec<_> = reclaim.list_from_tail(0, Lru::InactiveAnon).skip(1).take(256).collect();
    assert!(tails.windows(2).all(|pair| pair[0].0 + 1 == pair[1].0), "{tails:?}");
}

#[test]
fn what_reclaim_meets_in_pieces_it_splits_and_what_is_pinned_stays() {
    let (mut run, _) = with_huge(8192, Some((4096, Medium::Zram)), 2);
    run.munmap(M, Some((0, MIB)));
    let head = run.machine.reclaim().unwrap().split_queue().next().unwrap();
    run.steps_of(&Op::Compact(CompactOp::Pin { what: PinWhat::Frame(Pfn(head.0 + 300)), on: true }));
    drop_slab(&mut run);
    assert_eq!(events(&run), [0, 0, 0, 1, 1]);
    let rest = (MIB, HUGE);
    pageout(&mut run, Some(rest));
    assert_eq!((events(&run)[2], lists(&run)[0]), (0, 1024));
    run.steps_of(&Op::Compact(CompactOp::Pin { what: PinWhat::Frame(head), on: false }));
    // Reclaim, and not the shrinker: the page goes as 256 small ones.
    let steps = pageout(&mut run, Some(rest));
    assert!(!steps.iter().any(|step| matches!(step, ReclaimStep::Kept { why: Kept::Pinned, .. })));
    assert_eq!((events(&run)[..3].to_vec(), lists(&run)[0]), (vec![0, 0, 1], 512));
    assert_eq!(run.machine.processes().mm(P).unwrap().swapents, 256);
}

#[test]
fn what_may_be_thrown_away_needs_no_swap() {
    let (mut run, _) = with_huge(8192, Some((4096, Medium::Zram)), 2);
    run.madvise(M, Advice::Free, None);
    assert_eq!((lists(&run), event(&run, VmEvent::PgLazyfree)), ([0, 0, 1024, 0, 0], 1024));
    // One of them is written to again.
    run.touch(Access::Write, area(M), Some((HUGE, HUGE + 4 * KIB)));
    pageout(&mut run, None);
    assert_eq!(event(&run, VmEvent::PgLazyfreed), 512);
    let mm = run.machine.processes().mm(P).unwrap();
    assert_eq!((mm.rss.anon, mm.swapents, event(&run, VmEvent::PswpOut)), (512 + 1, 0, 0));
    assert_eq!(lists(&run)[..2].iter().sum::<u64>(), 512);
}

#[test]
fn a_locked_one_is_on_the_unevictable_list() {
    let (mut run, _) = with_huge(8192, Some((4096, Medium::Zram)), 2);
    let lock = |run: &mut Run, bytes, locked| {
        run.op(ProcessOp::Mlock { at: area(M), bytes: range(bytes), locked, cpu: CPU });
    };
    lock(&mut run, None, true);
    assert_eq!(lists(&run), [0, 0, 0, 0, 1024]);
    pageout(&mut run, None);
    assert_eq!(run.machine.processes().mm(P).unwrap().swapents, 0);
    // In pieces it is not locked any more, as far as the lists know; reclaim finds that out.
    lock(&mut run, Some((0, MIB)), false);
    assert_eq!((lists(&run), events(&run)[4]), ([512, 0, 0, 0, 512], 1));
    pageout(&mut run, Some((0, HUGE)));
    assert_eq!((lists(&run)[4], run.machine.processes().mm(P).unwrap().swapents), (512 + 256, 256));
    lock(&mut run, None, false);
    assert_eq!(lists(&run)[4], 0);
}

/// What khugepaged makes of small pages is one entry as well, and the small ones leave their lists; what parent and child
/// share goes for both, from either kind of entry.
#[test]
fn made_of_small_pages_and_shared_with_a_child() {
    let mut run =
        Run::of_config(&Config { thp: Some(Thp::Madvise), ..config(8192, Some((4096, Medium::Zram))) });
    run.exec();
    mmap_aligned(&mut run, M, 1);
    run.touch(Access::Write, area(M), Some((0, 400 * 4 * KIB)));
    run.madvise(M, Advice::HugePage, None);
    run.op(ProcessOp::Khugepaged { limits: ScanLimits::default(), cpu: CPU });
    assert_eq!(lists(&run), [512, 0, 0, 0, 0]);
    assert_eq!(run.machine.reclaim().unwrap().list(0, Lru::InactiveAnon).count(), 2);
    // The child takes its entry apart and has one page of its own; the parent has the huge page as a whole.
    run.fork();
    run.touch(Access::Write, common::by(M, Q), Some((0, 4 * KIB)));
    let head = run.machine.processes().huge().compounds().next().map(|(head, of)| (head, of.pmds, of.ptes));
    let (head, pmds, ptes) = head.expect("it is there");
    // (Those of a child are old from the start.)
    assert_eq!((pmds, ptes, run.machine.young_ptes(head)), (1, 511, 1));
    run.op(ProcessOp::Mmap { name: N, process: P, bytes: 34 * MIB, args: MmapArgs::ANONYMOUS, cpu: CPU });
    run.touch(Access::Write, area(N), None);
    assert_eq!(events(&run)[..2], [1, 0], "it went as a whole, for both");
    let out = [P, Q].map(|of| run.machine.processes().mm(of).unwrap().swapents);
    assert!(out[0] >= 512 && out[1] >= 511, "{out:?}");
}

#[test]
fn a_group_that_is_full_finds_room_in_its_own_huge_pages() {
    const G: NameId = NameId(40);
    let mut run = Run::of_config(&config(8192, Some((4096, Medium::Zram))));
    run.steps_of(&Op::File(FileOp::Group { name: G, max: Some(1600), swap_max: Some(700) }));
    let task = TaskArgs { cgroup: Some(G), ..TaskArgs::default() };
    run.op(ProcessOp::Exec { name: P, limits: Rlimits::default(), task, cpu: CPU });
    mmap_aligned(&mut run, M, 2);
    run.touch(Access::Write, area(M), None);
    let group = |run: &Run| run.machine.reclaim().unwrap().group_named(G).unwrap();
    let stat = run.machine.memory_stat(group(&run)).unwrap();
    assert_eq!((stat.anon_thp, stat.lru[0]), (1024, 1025));
    run.munmap(M, Some((0, MIB)));
    run.steps_of(&Op::File(FileOp::GroupMax { group: G, max: Some(700), swap: false }));
    let of = run.machine.reclaim().unwrap().group(group(&run)).unwrap();
    assert!(of.memory.usage <= 700, "{:?}", of.memory);
    assert!((512..520).contains(&of.swap.usage), "{:?}", of.swap);
    let used = of.memory.usage;
    // One is enough, and goes as a whole; what the other one's half has nobody needs.
    assert_eq!(events(&run)[..4], [1, 0, 0, 1]);
    drop_slab(&mut run);
    assert_eq!(events(&run)[..4], [1, 0, 1, 1]);
    let now = run.machine.reclaim().unwrap().group(group(&run)).unwrap().memory.usage;
    assert_eq!(now, used - 256);
}

fn any_op() -> impl Strategy<Value = Op> {
    let pages = (0u64..1600, 1u64..900)
        .prop_map(|(from, len)| ByteRange { from: from << 12, to: (from + len) << 12 });
    let wide =
        (0u64..3, 1u64..3).prop_map(|(from, len)| ByteRange { from: from * HUGE, to: (from + len) * HUGE });
    let bytes = || prop::option::of(prop_oneof![pages.clone(), wide.clone()]);
    let name = || prop::sample::select(vec![M, N]);
    let process = || prop::sample::select(vec![P, Q]);
    let cpu = || (0u8..2).prop_map(CpuId);
    let at = move || {
        let area = (name(), prop::option::of(prop::sample::select(vec![P, Q])));
        area.prop_map(|(name, by)| At::Area { name, by })
    };
    let advice = [
        Advice::DontNeed,
        Advice::DontNeed,
        Advice::Free,
        Advice::Free,
        Advice::Cold,
        Advice::PageOut,
        Advice::PageOut,
        Advice::HugePage,
    ];
    let limit = || prop_oneof![Just(0u16), Just(511), 0u16..512];
    let of_process = prop_oneof![
        9 => (at(), bytes(), prop::bool::weighted(0.8), cpu()).prop_map(|(at, bytes, write, cpu)| {
            let access = if write { Access::Write } else { Access::Read };
            ProcessOp::Access { access, at, bytes, cpu }
        }),
        2 => (at(), bytes(), any::<u8>(), cpu())
            .prop_map(|(at, bytes, value, cpu)| ProcessOp::Memset { at, value, bytes, cpu }),
        6 => (at(), bytes(), prop::sample::select(advice.to_vec()), cpu())
            .prop_map(|(at, bytes, advice, cpu)| ProcessOp::Madvise { at, advice, bytes, cpu }),
        2 => (at(), bytes(), cpu()).prop_map(|(at, bytes, cpu)| ProcessOp::Munmap { at, bytes, cpu }),
        3 => (name(), process(), 1u64..5, any::<[bool; 2]>(), cpu()).prop_map(|(name, process, huge, [populate, locked], cpu)| {
            let args = MmapArgs { populate, locked: locked && huge < 3, ..MmapArgs::ANONYMOUS };
            ProcessOp::Mmap { name, process, bytes: huge * HUGE, args, cpu }
        }),
        2 => (at(), bytes(), any::<bool>(), cpu())
            .prop_map(|(at, bytes, locked, cpu)| ProcessOp::Mlock { at, bytes, locked, cpu }),
        2 => (name(), 1u64..2600, cpu())
            .prop_map(|(name, pages, cpu)| ProcessOp::Mremap { name, bytes: pages << 12, may_move: true, cpu }),
        2 => cpu().prop_map(|cpu| ProcessOp::Fork { name: Q, parent: P, cpu }),
        1 => cpu().prop_map(|cpu| ProcessOp::Exit { process: Q, cpu }),
        1 => cpu().prop_map(|cpu| ProcessOp::Thread { name: NameId(6), of: P, stack: None, cpu }),
        1 => Just(ProcessOp::Exit { process: NameId(6), cpu: CPU }),
        1 => (limit(), limit(), limit(), cpu()).prop_map(|(none, swap, shared, cpu)| {
            let [max_ptes_none, max_ptes_swap, max_ptes_shared] = [none, swap, shared];
            let limits = ScanLimits { pages_to_scan: 3000, max_ptes_none, max_ptes_swap, max_ptes_shared };
            ProcessOp::Khugepaged { limits, cpu }
        }),
    ];
    prop_oneof![
        14 => of_process.prop_map(Op::Process),
        1 => prop::sample::select(vec![1u8, 2, 3]).prop_map(|what| Op::File(FileOp::DropCaches { what })),
        1 => (1u32..40_000).prop_map(|ms| Op::File(FileOp::Wait { ms })),
        1 => prop::option::of(300u64..2500)
            .prop_map(|max| Op::File(FileOp::GroupMax { group: NameId(40), max, swap: false })),
        1 => (0u32..4096, any::<bool>())
            .prop_map(|(pfn, on)| Op::Compact(CompactOp::Pin { what: PinWhat::Frame(Pfn(pfn)), on })),
        1 => (0u8..=200).prop_map(|value| Op::Sysctl(Sysctl::Swappiness(value))),
    ]
}

proptest! {
    #![proptest_config(common::cases::usually(48))]

    /// Whatever is asked of a machine that has little memory and huge pages: every law at every step (among them that each
    /// page is on one list or on none, that the counters are a recount, and that slots have as many references as entries),
    /// the same machine with nobody looking on, and everything comes back in the end.
    #[test]
    fn laws(
        ops in prop::collection::vec(any_op(), 1..28),
        frames in 2600u32..5200,
        swap in prop::collection::vec((600u64..3000, prop::option::of(0i16..3), prop::bool::weighted(0.8)), 0..3),
        mmu in any::<bool>(),
        group in any::<bool>(),
        near in prop::option::weighted(0.3, 0u8..8),
    ) {
        let area = |(pages, priority, zram)| SwapSpec {
            pages: NrPages(pages),
            priority,
            medium: if zram { Medium::Zram } else { Medium::Disk },
        };
        // With two nodes a near one is reclaimed first, and what may not be written stays in the swap cache.
        let tunables = ReclaimTunables { zone_reclaim_mode: near.unwrap_or(0), ..ReclaimTunables::default() };
        let reclaim = ReclaimConfig { swap: swap.into_iter().map(area).collect(), tunables };
        let base = config(frames, None);
        let base = match near {
            Some(_) => Config {
                thp: base.thp,
                watermarks: true,
                pcp: true,
                cpus: vec![0, 1],
                distances: vec![vec![10, 40], vec![40, 10]],
                ..Config::pc(Arch::X86_64, &[frames / 2 + 700, frames / 2 + 700])
            },
            None => base,
        };
        let config = Config { mmu: mmu.then_some(MmuConfig::SKYLAKE), reclaim: Some(reclaim), ..base };
        let mut run = Run::of_config(&config);
        let before = run.free();
        let group = group.then_some(NameId(40));
        if let Some(name) = group {
            run.steps_of(&Op::File(FileOp::Group { name, max: Some(2000), swap_max: Some(900) }));
        }
        let task = TaskArgs { cgroup: group, ..TaskArgs::default() };
        run.op(ProcessOp::Exec { name: P, limits: Rlimits::default(), task, cpu: CPU });
        mmap_aligned(&mut run, M, 3);
        run.touch(Access::Write, common::area(M), None);
        for op in &ops {
            run.steps_of(op);
        }
        for process in [P, Q] {
            run.exit(process);
        }
        run.steps_of(&Op::File(FileOp::Wait { ms: 1000 }));
        let zero = if run.machine.processes().huge().zero_page().is_some() { 512 } else { 0 };
        prop_assert_eq!(run.free() + zero, before);
        let reclaim = run.machine.reclaim().unwrap();
        let (total, free) = reclaim.swap_pages();
        prop_assert_eq!((total, reclaim.split_queue().len(), lists(&run)), (free, 0, [0; 5]));
        prop_assert!(reclaim.in_flight().is_empty() && reclaim.isolated().is_empty());
        let known = (0..run.machine.end().0).find(|pfn| reclaim.page(Pfn(*pfn)).flags != LruFlags::default());
        prop_assert_eq!(known, None);
    }
}

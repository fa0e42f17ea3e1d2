//! Contiguous areas (Linux 6.1, mm/cma.c and `alloc_contig_range()`): where they lie, who may use them, and who has to leave.

mod common;

use common::{ZONE, run};
use mm::cma::place::{Refused, Wish, declare};
use mm::cma::{Cma, CmaOp, Denied};
use mm::config::Arch;
use mm::migrate::PinWhat;
use mm::mmzone::ZoneId;
use mm::op::{CompactOp, Gfp, NameId, PageKind, Workload};
use mm::page::{MigrateType, PageState};
use mm::process::{Access, At, MmapArgs, ProcessOp, Rlimits};
use mm::reclaim::ReclaimConfig;
use mm::step::CmaStep;
use mm::{Config, CpuId, Machine, Named, Op, Order, Pfn, PfnRange, Step, StepKind, UnitEnd};
use proptest::prelude::*;

const CPU: CpuId = CpuId(0);
const BUF: NameId = NameId(9000);

fn alloc_op(name: NameId, count: u32, align: u8) -> Op {
    Op::Cma(CmaOp::Alloc { name, area: None, count, align, cpu: CPU })
}

fn release_op(name: NameId) -> Op {
    Op::Cma(CmaOp::Release { name, cpu: CPU })
}

fn with_area(config: Config, wish: &Wish) -> Config {
    let area = declare(&config, wish).expect("there is room");
    Config { areas: vec![area], ..config }
}

/// So many MiB as one zone, and an area of so many pages on top of it.
fn one_zone(frames: u32, pages: u32) -> Config {
    with_area(Config::single_zone(frames), &Wish::anywhere(pages))
}

fn cma(machine: &Machine) -> &Cma {
    machine.cma().expect("it has an area")
}

fn told(steps: &[Step]) -> Vec<CmaStep> {
    steps.iter().filter_map(|s| if let StepKind::Cma(step) = s.kind { Some(step) } else { None }).collect()
}

fn got(machine: &Machine, name: NameId) -> Option<(u32, u32)> {
    match machine.named(name) {
        Named::Contig { first, count } => Some((first.0, count)),
        _ => None,
    }
}

fn movable(machine: &mut Machine, name: u32) -> u32 {
    let gfp = Gfp::of(PageKind::Movable, None);
    run(machine, &Op::Alloc { name: NameId(name), order: 0, gfp, cpu: CPU });
    match machine.named(NameId(name)) {
        Named::Block(block) => block.pfn.0,
        other => panic!("{other:?}"),
    }
}

fn pin(machine: &mut Machine, pfn: u32) {
    run(machine, &Op::Compact(CompactOp::Pin { what: PinWhat::Frame(Pfn(pfn)), on: true }));
}

fn free_cma(machine: &Machine) -> u64 {
    machine.zones().iter().map(|zone| zone.nr_free_cma.0).sum()
}

/// 256 MiB and an area of 64 MiB: memblock has it at frames 0xbe00 to 0xfe00, whose pageblocks are on the lists in this
/// order (Linux 6.1.192, its dmesg, its zoneinfo and its free lists after boot).
#[test]
fn facts_06_where_a_real_kernel_put_it() {
    let pc = Config::pc(Arch::X86_64, &[0x1_0000]);
    let ram = vec![PfnRange::new(1, 0x9f), PfnRange::new(0x100, 0xffda)];
    let zones = pc.zones.iter().map(|zone| mm::config::ZoneSpec {
        span: PfnRange::new(zone.span.start.0, zone.span.end.0.min(0xffda)),
        ..*zone
    });
    let config = Config { zones: zones.collect(), ram, ..pc };
    let config = with_area(config, &Wish::anywhere(16384));
    assert_eq!(config.areas[0].frames, PfnRange::new(0xbe00, 0xfe00));
    let machine = Machine::boot(&config).expect("boots");
    assert_eq!(machine.check(), Ok(()));
    let dma32 = ZoneId(1);
    let list = |order: u8| -> Vec<u32> {
        let order = Order::new(order).expect("an order");
        machine.free_list(dma32, order, MigrateType::Cma).map(|pfn| pfn.0).collect()
    };
    assert_eq!(list(9), [0xfc00, 0xbe00]);
    let tens: Vec<u32> = (0..15).map(|at| 0xf800 - at * 0x400).collect();
    assert_eq!(list(10), tens);
    assert_eq!((machine.cma_pages(dma32).0, machine.cma_pages(ZoneId(0)).0), (16384, 0));
    assert_eq!(machine.zone(dma32).nr_free_cma.0, 16384);
    // Movable pages may use it, and so it is managed.
    let types =
        (0u32..0x1_0000).step_by(512).filter(|pfn| machine.pageblock_type(Pfn(*pfn)) == MigrateType::Cma);
    assert_eq!(types.count(), 32);
}

#[test]
fn facts_06_where_there_is_no_place() {
    let config = Config::pc(Arch::X86_64, &[16384]);
    let fixed = |at: u32| Wish { from: Pfn(at), fixed: true, ..Wish::anywhere(1024) };
    assert_eq!(declare(&config, &fixed(0x1000)).map(|area| area.frames), Ok(PfnRange::new(0x1000, 0x1400)));
    assert_eq!(declare(&config, &fixed(0x1001)), Err(Refused::Unaligned));
    assert_eq!(declare(&config, &fixed(0x3e00)), Err(Refused::Taken), "beyond the end of memory");
    // From 14 to 18 MiB: in DMA and in DMA32.
    assert_eq!(declare(&config, &fixed(0xe00)), Err(Refused::ManyZones));
    assert_eq!(declare(&config, &Wish::anywhere(16384)), Err(Refused::NoRoom));
    // The size is rounded up to whole pageblocks, and a limit is kept.
    let below = Wish { limit: Some(Pfn(0x2001)), ..Wish::anywhere(1000) };
    assert_eq!(declare(&config, &below).map(|area| area.frames), Ok(PfnRange::new(0x1c00, 0x2000)));
    // On a machine with more than 4 GiB it lies above them, from there upwards.
    let large = Config::pc(Arch::X86_64, &[6 << 18]);
    let area = declare(&large, &Wish::anywhere(4096)).expect("there is room");
    assert_eq!(area.frames.start, Pfn(0x10_0000));
    // In high memory, if there is any.
    let i386 = Config::pc(Arch::I386, &[1 << 18]);
    let area = declare(&i386, &Wish::anywhere(4096)).expect("there is room");
    assert_eq!(area.frames.end, Pfn(1 << 18));
}

/// Kernel memory never comes from an area; movable memory comes from it first while more than half of what is free lies
/// there, and as a last resort.
#[test]
fn facts_02_4_who_may_use_it() {
    let mut machine = Machine::boot(&one_zone(4096, 2048)).expect("boots");
    let area = cma(&machine).areas()[0].frames;
    let mut names = 0u32;
    let mut next = |machine: &mut Machine, kind: PageKind| {
        names += 1;
        let gfp = Gfp::of(kind, None);
        run(machine, &Op::Alloc { name: NameId(names), order: 9, gfp, cpu: CPU });
        match machine.named(NameId(names)) {
            Named::Block(block) => Some(area.contains(block.pfn)),
            _ => None,
        }
    };
    // 2048 of 4096 are half: the rest of the zone is first.
    assert_eq!(next(&mut machine, PageKind::Movable), Some(false));
    assert_eq!(next(&mut machine, PageKind::Movable), Some(true), "2048 of 3584");
    for _ in 0..3 {
        assert_eq!(next(&mut machine, PageKind::Unmovable), Some(false));
    }
    assert_eq!(next(&mut machine, PageKind::Unmovable), None, "1536 pages of the area are free");
    for _ in 0..3 {
        assert_eq!(next(&mut machine, PageKind::Movable), Some(true));
    }
    assert_eq!(next(&mut machine, PageKind::Movable), None);
}

/// The worked example: 300 pages, alignment 256, and one page that stays 10 frames from the beginning.
#[test]
fn facts_06_3_a_pinned_page_and_one_step_further() {
    let mut config = Config::single_zone(0x4_2000);
    let wish = Wish { from: Pfn(0x4_0000), fixed: true, ..Wish::anywhere(4096) };
    config = with_area(config, &wish);
    let mut machine = Machine::boot(&config).expect("boots");
    // Everything but the area is in use, and so is its first half MiB.
    let mut name = 0;
    while machine.zone(ZONE).nr_free_pages > machine.zone(ZONE).nr_free_cma {
        let left = machine.zone(ZONE).nr_free_pages.0 - machine.zone(ZONE).nr_free_cma.0;
        let order = (63 - left.leading_zeros()).min(10) as u8;
        let gfp = Gfp::of(PageKind::Unmovable, None);
        machine.run_unit_unseen(&Op::Alloc { name: NameId(name), order, gfp, cpu: CPU });
        name += 1;
    }
    let guests: Vec<u32> = (0..64).map(|at| movable(&mut machine, 600 + at)).collect();
    let base = 0x4_0000;
    // The highest block is the head of its list: the guests are there, and are brought to the beginning.
    assert!(guests.iter().all(|pfn| (base..base + 4096).contains(pfn)));
    let pinned = guests[10];
    pin(&mut machine, pinned);
    let around = pinned & !0xff;
    let before = free_cma(&machine);
    let steps = told(&run(&mut machine, &alloc_op(BUF, 300, 8)));
    let found: Vec<u32> = steps
        .iter()
        .filter_map(|s| if let CmaStep::Found { first, .. } = s { Some(first.0) } else { None })
        .collect();
    let (first, count) = got(&machine, BUF).expect("it was had");
    assert_eq!((first % 256, count), (0, 300));
    assert!(!(first..first + 300).contains(&pinned));
    // Each try begins one step of the alignment behind the last one.
    assert!(found.windows(2).all(|pair| pair[1] == pair[0] + 256), "{found:?}");
    assert_eq!(found.last(), Some(&first));
    assert!(first == base || first > around);
    assert_eq!(free_cma(&machine), before - 300, "guests moved inside of the area, or nobody was there");
    assert_eq!(cma(&machine).events(), [1, 0]);
    run(&mut machine, &release_op(BUF));
    assert_eq!((free_cma(&machine), cma(&machine).areas()[0].used()), (before, 0));
}

/// The bits behind the pinned page are tried one step further each time, until none is left: −EBUSY, and nothing has changed.
#[test]
fn facts_06_2_a_pinned_page_in_every_place() {
    let mut machine = Machine::boot(&one_zone(2048, 512)).expect("boots");
    let area = cma(&machine).areas()[0].frames;
    let mut name = 0;
    let mut pinned = Vec::new();
    while pinned.len() < 8 {
        let pfn = movable(&mut machine, name);
        name += 1;
        if area.contains(Pfn(pfn)) && pfn % 64 == 32 {
            pin(&mut machine, pfn);
            pinned.push(pfn);
        }
    }
    // Whoever leaves finds a place.
    for name in (0..name).step_by(2) {
        let outside = matches!(machine.named(NameId(name)), Named::Block(block) if !area.contains(block.pfn));
        if outside {
            run(&mut machine, &Op::Free { name: NameId(name), cpu: CPU });
        }
    }
    let hash = |machine: &Machine| (free_cma(machine), cma(machine).areas()[0].used());
    let before = hash(&machine);
    let steps = told(&run(&mut machine, &alloc_op(BUF, 128, 6)));
    assert_eq!(machine.named(BUF), Named::Failed);
    let tries = steps.iter().filter(|s| matches!(s, CmaStep::Slides { denied: Denied::Busy(Some(_)), .. }));
    assert_eq!(tries.count(), 7);
    assert!(matches!(steps.last(), Some(CmaStep::Failed { denied: Some(Denied::Busy(Some(_))), .. })));
    assert_eq!(before.1, hash(&machine).1);
    assert_eq!(cma(&machine).events(), [0, 1]);
    // More than the area has is not even tried.
    let steps = told(&run(&mut machine, &alloc_op(NameId(9001), 513, 0)));
    assert!(steps.iter().all(|s| !matches!(s, CmaStep::Found { .. })));
    assert_eq!(cma(&machine).events(), [0, 2]);
}

/// What a real kernel was asked through debugfs, with 178 MiB of a process in the way.
#[test]
fn facts_06_2_debugfs_as_a_real_kernel() {
    const P: NameId = NameId(0);
    const M: NameId = NameId(1);
    // (Of DMA32 50,370 pages were free when it began.)
    let pc = Config::pc(Arch::X86_64, &[0xffda]);
    let config = Config {
        pcp: true,
        watermarks: true,
        reclaim: Some(ReclaimConfig::default()),
        reserved: vec![PfnRange::new(1, 0x100), PfnRange::new(0x1000, 0x3b18)],
        ..pc
    };
    let config = with_area(config, &Wish::anywhere(16384));
    assert_eq!(config.areas[0].frames.start, Pfn(48640));
    let mut machine = Machine::boot(&config).expect("boots");
    let quick = |machine: &mut Machine, op: &Op| while machine.run_unit_unseen(op) == UnitEnd::More {};
    let (limits, task) = (Rlimits::default(), mm::oom_kill::TaskArgs::default());
    quick(&mut machine, &Op::Process(ProcessOp::Exec { name: P, limits, task, cpu: CPU }));
    let map = ProcessOp::Mmap { name: M, process: P, bytes: 178 << 20, args: MmapArgs::ANONYMOUS, cpu: CPU };
    quick(&mut machine, &Op::Process(map));
    let at = At::Area { name: M, by: None };
    quick(&mut machine, &Op::Process(ProcessOp::Access { access: Access::Write, at, bytes: None, cpu: CPU }));
    // CmaFree was 9496 kB then: 14010 guests.
    let guests = 16384 - free_cma(&machine);
    assert!((13_000..15_500).contains(&guests), "{guests}");
    let rss = machine.processes().mm(P).map(|mm| (mm.rss.anon, mm.swapents));
    let lines = include_str!("data/cma/debugfs.tsv").lines().filter(|line| !line.starts_with('#'));
    for (number, line) in (0u32..).zip(lines) {
        let cells: Vec<i64> = line.split('\t').skip(1).map(|cell| cell.parse().expect("a number")).collect();
        let [pages, ret, used, max] = cells[..] else { panic!("{line}") };
        let name = NameId(10 + number);
        quick(&mut machine, &alloc_op(name, pages as u32, 0));
        // (debugfs says −ENOMEM whatever the reason was.)
        assert_eq!(got(&machine, name).map_or(-12, |_| 0), ret, "{line}");
        let area = &cma(&machine).areas()[0];
        assert_eq!((i64::from(area.used()), i64::from(area.max_chunk())), (used, max), "{line}");
    }
    assert_eq!(machine.check(), Ok(()));
    // The process has lost nothing.
    assert_eq!(machine.processes().mm(P).map(|mm| (mm.rss.anon, mm.swapents)), rss);
}

/// The allocator itself: a range outside of every area, whoever is there; and refused where kernel memory is.
#[test]
fn facts_06_3_any_range() {
    let config = Config { pcp: true, ..Config::single_zone(4096) };
    let mut machine = Machine::boot(&config).expect("boots");
    let guests: Vec<u32> = (0..100).map(|at| movable(&mut machine, at)).collect();
    let first = guests[50] & !511;
    let op = |name: u32, first: u32, count: u32| {
        Op::Cma(CmaOp::Range { name: NameId(name), first: Pfn(first), count, cpu: CPU })
    };
    let steps = told(&run(&mut machine, &op(BUF.0, first + 3, 200)));
    let moved = steps.iter().filter(|s| matches!(s, CmaStep::Moved { .. })).count();
    let inside = guests.iter().filter(|pfn| (first + 3..first + 203).contains(*pfn)).count();
    assert_eq!((moved, got(&machine, BUF)), (inside, Some((first + 3, 200))));
    assert!(inside > 0);
    // They are the caller's now, and cannot be had a second time.
    run(&mut machine, &op(901, first + 100, 10));
    assert_eq!(machine.named(NameId(901)), Named::Failed);
    run(&mut machine, &op(902, 5000, 10));
    assert_eq!(machine.named(NameId(902)), Named::Failed, "no memory there");
    run(&mut machine, &Op::Free { name: BUF, cpu: CPU });
    assert_eq!(machine.named(BUF), Named::Freed);
    run(&mut machine, &op(903, first + 100, 10));
    assert_eq!(got(&machine, NameId(903)), Some((first + 100, 10)));
}

const NAMES: u32 = 40;

fn any_op() -> impl Strategy<Value = Op> {
    let name = || (0..NAMES).prop_map(NameId);
    let buffer = || (100u32..104).prop_map(NameId);
    let cpu = || (0u8..2).prop_map(CpuId);
    let kind = prop::sample::select(PageKind::ASKABLE.to_vec());
    prop_oneof![
        6 => (name(), prop_oneof![3 => Just(0u8), 1 => 0u8..6], kind, cpu())
            .prop_map(|(name, order, kind, cpu)| Op::Alloc { name, order, gfp: Gfp::of(kind, None), cpu }),
        3 => (name(), cpu()).prop_map(|(name, cpu)| Op::Free { name, cpu }),
        2 => (50u32..53, 1u32..300, 0u8..60, cpu()).prop_map(|(name, actions, free_percent, cpu)| {
            Op::Workload(Workload {
                name: NameId(name),
                actions,
                orders: (Order::ZERO, Order::ZERO),
                weights: [0, 2, 0, 1, 1],
                free_percent,
                zone: None,
                cpu,
            })
        }),
        4 => (buffer(), prop_oneof![1u32..100, 1u32..600], 0u8..9, cpu())
            .prop_map(|(name, count, align, cpu)| Op::Cma(CmaOp::Alloc { name, area: None, count, align, cpu })),
        1 => (buffer(), 0u32..2100, 1u32..200, cpu())
            .prop_map(|(name, first, count, cpu)| Op::Cma(CmaOp::Range { name, first: Pfn(first), count, cpu })),
        3 => (buffer(), cpu()).prop_map(|(name, cpu)| Op::Cma(CmaOp::Release { name, cpu })),
        2 => (name(), any::<bool>())
            .prop_map(|(name, on)| Op::Compact(CompactOp::Pin { what: PinWhat::Name(name), on })),
        1 => Just(Op::Drain),
    ]
}

fn random_machine(pcp: bool, order: u8) -> Config {
    let pageblock_order = Order::new(order).expect("an order");
    let config = Config { pcp, cpus: vec![0, 0], pageblock_order, ..Config::single_zone(2048) };
    with_area(config, &Wish::anywhere(700))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// What is handed out is in one piece, aligned and inside of its area; nobody gets a page of an isolated pageblock;
    /// all laws hold at every step; and with nobody looking on the same comes of it.
    #[test]
    fn areas_keep_their_laws(ops in prop::collection::vec(any_op(), 1..40), pcp: bool, order in 4u8..10) {
        let mut machine = Machine::boot(&random_machine(pcp, order)).expect("boots");
        let mut unseen = machine.clone();
        let area = cma(&machine).areas()[0].frames;
        for op in &ops {
            let (mut isolated_given, mut was_got) = (None, None);
            let mut watch = |machine: &Machine, step: &Step| {
                let given = match step.kind {
                    StepKind::Handed { block, .. } => Some(block.pfn),
                    StepKind::Cma(CmaStep::Moved { to, .. }) => Some(to),
                    _ => None,
                };
                if let Some(pfn) = given.filter(|pfn| machine.pageblock_type(*pfn) == MigrateType::Isolate) {
                    isolated_given = Some(pfn);
                }
                if let StepKind::Cma(CmaStep::Got { first, count, .. }) = step.kind {
                    was_got = Some((first, count));
                }
            };
            loop {
                let mut steps = Steps(&mut watch, 0);
                let end = machine.run_unit(op, &mut steps);
                prop_assert!(steps.1 > 0, "a unit without a step: {op:?}");
                prop_assert_eq!(machine.check(), Ok(()));
                let other = unseen.run_unit_unseen(op);
                prop_assert_eq!(end, other);
                if end == UnitEnd::Done {
                    break;
                }
            }
            prop_assert_eq!(isolated_given, None);
            prop_assert_eq!(machine.state_hash(), unseen.state_hash());
            if let (Op::Cma(CmaOp::Alloc { name, count, align, .. }), Some((first, pages))) = (op, was_got) {
                prop_assert_eq!(got(&machine, *name), Some((first.0, *count)));
                prop_assert_eq!((pages, first.0 % (1 << align)), (*count, 0));
                let range = PfnRange::new(first.0, first.0 + pages);
                prop_assert_eq!(range.and(area), range);
                for pfn in first.0..first.0 + pages {
                    prop_assert_eq!(machine.page(Pfn(pfn)).state, PageState::Allocated);
                }
            }
            let isolated = machine.zone(ZONE).nr_isolate_pageblock;
            prop_assert_eq!(isolated, 0, "a pageblock was left isolated by {:?}", op);
        }
    }
}

/// Counts steps, and shows each to a closure.
struct Steps<'w>(&'w mut dyn FnMut(&Machine, &Step), usize);

impl mm::Observer for Steps<'_> {
    fn step(&mut self, machine: &Machine, step: &Step) {
        (self.0)(machine, step);
        self.1 += 1;
    }
}

//! What real 6.1.192 kernels did when half of a large piece of memory was given back and `compact_memory` was written to,
//! beside a machine of the same size on which the same is done.

#[path = "common/process.rs"]
mod common;

use common::{M, MIB, P, Run, area};
use mm::compaction::CompactEvent;
use mm::config::Thp;
use mm::op::{CompactOp, Gfp, NameId, PageKind};
use mm::process::{Access, Advice, ByteRange, MmapArgs, ProcessOp};
use mm::reclaim::ReclaimConfig;
use mm::vmstat::{fragmentation_index, unusable_free_index};
use mm::{Config, CpuId, Machine, Op, Order};

const CPU: CpuId = CpuId(0);

const AMD64_EVERY_OTHER: &str = include_str!("data/compaction/amd64_every_other.txt");
const AMD64_RANDOM_HALF: &str = include_str!("data/compaction/amd64_random_half.txt");
const WL_EVERY_OTHER: &str = include_str!("data/compaction/wl_every_other.txt");
const WL_RANDOM_HALF: &str = include_str!("data/compaction/wl_random_half.txt");
const THP_EVERY_OTHER: &str = include_str!("data/compaction/thp_every_other.txt");
const THP_RANDOM_HALF: &str = include_str!("data/compaction/thp_random_half.txt");
const CUST_EVERY_OTHER: &str = include_str!("data/compaction/cust_every_other.txt");
const CUST_RANDOM_HALF: &str = include_str!("data/compaction/cust_random_half.txt");

/// The rows behind a heading, each with its zone.
fn rows<'t>(text: &'t str, heading: &str) -> Vec<(&'t str, Vec<&'t str>)> {
    let mut found = Vec::new();
    let mut here = false;
    for line in text.lines() {
        if line.starts_with("## ") {
            here = line == heading && found.is_empty();
        } else if here && let Some(rest) = line.strip_prefix("Node 0, zone") {
            let mut cells = rest.split_whitespace();
            found.push((cells.next().expect("a zone"), cells.collect()));
        }
    }
    found
}

fn counts(text: &str, heading: &str, zone: &str) -> [u32; Order::COUNT] {
    let rows = rows(text, heading);
    let (_, cells) = rows.iter().find(|(of, _)| *of == zone).expect("the zone");
    let mut counts = [0; Order::COUNT];
    counts.iter_mut().zip(cells).for_each(|(count, cell)| *count = cell.parse().expect("a number"));
    counts
}

/// What a counter said after `compact_memory`.
fn counter(text: &str, name: &str) -> u64 {
    let mut last_first = text.lines().rev();
    last_first.find_map(|line| line.strip_prefix(name)?.trim().parse().ok()).expect("a counter")
}

fn pages(counts: &[u32; Order::COUNT], from: usize) -> u64 {
    (from..).zip(&counts[from..]).map(|(order, count)| u64::from(*count) << order).sum()
}

/// The indices that the kernel printed, from the counts that it printed a moment before, digit by digit.
#[test]
fn the_indices_are_the_kernels() {
    for (text, moment) in [
        (AMD64_EVERY_OTHER, "freed_every_other"),
        (AMD64_RANDOM_HALF, "freed_random_half"),
        (WL_EVERY_OTHER, "freed_every_other"),
        (WL_RANDOM_HALF, "freed_random_half"),
        (THP_EVERY_OTHER, "freed_every_other"),
        (THP_RANDOM_HALF, "freed_random_half"),
        (CUST_EVERY_OTHER, "freed_every_other"),
        (CUST_RANDOM_HALF, "freed_random_half"),
    ] {
        let heading = format!("## buddyinfo {moment}");
        let mut compared = 0;
        for zone in ["DMA", "DMA32"] {
            let counts = counts(text, &heading, zone);
            let of = |heading: &str| -> Vec<String> {
                let rows = rows(text, heading);
                let row = rows.iter().find(|(of, _)| *of == zone);
                row.map_or(Vec::new(), |(_, cells)| cells.iter().map(ToString::to_string).collect())
            };
            let printed = |index: i32| format!("{}.{:03}", index / 1000, index % 1000);
            let unusable: Vec<String> =
                Order::all().map(|order| printed(unusable_free_index(&counts, order) as i32)).collect();
            assert_eq!(of("## unusable_index"), unusable, "{zone}");
            let fragmentation: Vec<String> = Order::all()
                .map(|order| fragmentation_index(&counts, order))
                .map(|index| if index == -1000 { "-1.000".to_owned() } else { printed(index) })
                .collect();
            assert_eq!(of("## extfrag_index"), fragmentation, "{zone}");
            compared += 1;
        }
        assert_eq!(compared, 2);
    }
}

fn nr_free(machine: &Machine) -> [u32; Order::COUNT] {
    let zone = machine.zone(mm::mmzone::ZoneId(1));
    let mut counts = [0; Order::COUNT];
    Order::all().for_each(|order| counts[order.index()] = zone.area(order).nr_free());
    counts
}

/// Pages that were free when memory was filled.
fn free_when_filled(text: &str) -> u64 {
    let row = text.lines().find_map(|line| line.strip_prefix("meminfo filled ")).expect("a row");
    let kib: u64 = row.split(' ').nth(1).and_then(|cell| cell.parse().ok()).expect("MemFree");
    kib / 4
}

/// As `wl/h` does it: 144 MiB (`cust`: 172) of single pages, half of them given back, then `compact_memory`.
/// With the pages that stay, and the free blocks before.
fn the_same_here(
    mib: u64,
    frames: u32,
    left_free: u64,
    goes: impl Fn(u64) -> bool,
) -> (Run, u64, [u32; Order::COUNT]) {
    let config = Config {
        pcp: true,
        watermarks: true,
        thp: Some(Thp::Never),
        reclaim: Some(ReclaimConfig::default()),
        ..Config::x86_64(frames)
    };
    let mut run = Run::of_config(&config);
    run.is_quick = true;
    run.exec();
    // What the rest of the system has.
    for at in 0u32.. {
        let free: u64 = run.machine.zones().iter().map(|zone| zone.nr_free_pages.0).sum();
        if free < left_free + mib * 256 + 1024 {
            break;
        }
        let name = NameId(100 + at);
        let gfp = Gfp::of(PageKind::Unmovable, None);
        run.steps_of(&Op::Alloc { name, order: 10, gfp, cpu: CPU });
    }
    run.mmap(M, mib * MIB, MmapArgs::ANONYMOUS);
    run.touch(Access::Write, area(M), None);
    let mut left = 0;
    for page in 0..mib * 256 {
        if goes(page) {
            let bytes = Some(ByteRange { from: page << 12, to: (page + 1) << 12 });
            run.steps(ProcessOp::Madvise { at: area(M), advice: Advice::DontNeed, bytes, cpu: CPU });
        } else {
            left += 1;
        }
    }
    let before = nr_free(&run.machine);
    run.steps_of(&Op::Compact(CompactOp::CompactMemory { cpu: CPU }));
    assert_eq!(run.machine.check(), Ok(()));
    assert_eq!(run.machine.state_hash(), run.unseen.state_hash());
    assert!(run.machine.processes().mm(P).is_some());
    (run, left, before)
}

/// The blocks of one order alone.
fn counts_of(counts: &[u32; Order::COUNT], order: Order) -> [u32; Order::COUNT] {
    let mut alone = [0; Order::COUNT];
    alone[order.index()] = counts[order.index()];
    alone
}

/// By how many of a hundred pages those that move may differ, and those that lie in whole pageblocks then.
const MOVED: u64 = 15;
const WHOLE: u64 = 12;
/// By how many of a thousand free pages those in blocks of one order may differ, before and after.
const BY_ORDER: u64 = 65;

/// Half of the pages that stay are moved, as in the kernel; most of what is free lies in whole pageblocks then, as there. The
/// rest differs by what the rest of a real system has in its pageblocks, and by the searches that are left out.
#[test]
fn as_much_moves_and_as_much_comes_together() {
    let dice = |page: u64| mm::rng::Rng::new(page, 1).below(2) == 0;
    let odd = |page: u64| page % 2 == 1;
    for (text, mib, frames, is_fresh, heading, goes) in [
        (AMD64_EVERY_OTHER, 144, 65536, true, "## buddyinfo freed_every_other", &odd as &dyn Fn(u64) -> bool),
        (AMD64_RANDOM_HALF, 144, 65536, true, "## buddyinfo freed_random_half", &dice),
        (WL_EVERY_OTHER, 146, 65536, false, "## buddyinfo freed_every_other", &odd),
        (WL_RANDOM_HALF, 144, 65536, false, "## buddyinfo freed_random_half", &dice),
        (THP_EVERY_OTHER, 512, 262144, true, "## buddyinfo freed_every_other", &odd),
        (THP_RANDOM_HALF, 512, 262144, true, "## buddyinfo freed_random_half", &dice),
        (CUST_EVERY_OTHER, 172, 65536, false, "## buddyinfo freed_every_other", &odd),
        (CUST_RANDOM_HALF, 172, 65536, false, "## buddyinfo freed_random_half", &dice),
    ] {
        let left_free = free_when_filled(text);
        let (run, left, before) = the_same_here(mib, frames, left_free, goes);
        let moved = run.machine.migrate().map_or(0, |migrate| migrate.success);
        // Of a hundred pages that could move, so many did.
        let theirs_before: u64 =
            if heading.ends_with("half") { counter_before(text, "pgmigrate_success") } else { 0 };
        let theirs = (counter(text, "pgmigrate_success") - theirs_before) * 100 / (mib * 128);
        let ours = moved * 100 / left;
        assert!(
            ours.abs_diff(theirs) <= MOVED,
            "{heading}: {ours} of a hundred moved, in the kernel {theirs}"
        );
        // Both count what they take once for each page, and once for its room.
        let isolated = run.machine.compaction().map_or(0, |of| of.event(CompactEvent::Isolated));
        assert!((200..=230).contains(&(isolated * 100 / moved)), "{isolated} for {moved}");
        if !is_fresh {
            continue;
        }
        // Of a hundred free pages, so many lie in whole pageblocks.
        let share = |counts: &[u32; Order::COUNT]| pages(counts, 9) * 100 / pages(counts, 0);
        let ours = share(&nr_free(&run.machine));
        let theirs = share(&counts(text, "## buddyinfo compacted", "DMA32"));
        assert!(
            ours.abs_diff(theirs) <= WHOLE,
            "{heading}: {ours} of a hundred in pageblocks, in the kernel {theirs}"
        );
        let theirs_before = share(&counts(text, heading, "DMA32"));
        assert!(theirs_before < theirs && theirs > 70, "{theirs_before} {theirs}");
        // Of a thousand free pages, so many lie in blocks of each order, before and after.
        let by_order = |counts: &[u32; Order::COUNT]| {
            Order::all()
                .map(|order| pages(&counts_of(counts, order), 0) * 1000 / pages(counts, 0))
                .collect::<Vec<_>>()
        };
        for (ours, heading) in [(before, heading), (nr_free(&run.machine), "## buddyinfo compacted")] {
            let (ours, theirs) = (by_order(&ours), by_order(&counts(text, heading, "DMA32")));
            let differs = ours.iter().zip(&theirs).map(|(ours, theirs)| ours.abs_diff(*theirs)).max();
            assert!(differs <= Some(BY_ORDER), "{heading}: {ours:?}, in the kernel {theirs:?}");
        }
    }
}

/// What a counter said before `compact_memory`.
fn counter_before(text: &str, name: &str) -> u64 {
    text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok()).expect("a counter")
}

//! Compaction of memory of which every second frame is in use, beside the copying alone that it cannot do without.
//!
//! A process fills memory and gives every second page back; then all zones are compacted from end to end. Frames are scanned
//! one by one from both ends, and each page that moves is taken from its list, unmapped, remapped and put back. The engine
//! keeps no bytes of these pages: what it takes comes on top of copying them.

use std::fmt::Write as _;

use mm::compaction::{CompactEvent, CompactOp};
use mm::config::Thp;
use mm::oom_kill::TaskArgs;
use mm::op::{NameId, Op, ProcessOp};
use mm::process::{Access, Advice, At, ByteRange, MmapArgs, Rlimits};
use mm::reclaim::ReclaimConfig;
use mm::{Config, CpuId, Machine, UnitEnd};

use crate::cpu_time;

/// Frames of the machine.
pub const FRAMES: u32 = 1 << 20;
const PAGE: u64 = 4096;
const CPU: CpuId = CpuId(0);
const PROCESS: NameId = NameId(0);
const AREA: NameId = NameId(1);

/// What compacting came to.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Compacted {
    /// Frames that both scanners looked at.
    pub scanned: u64,
    /// Pages that moved.
    pub moved: u64,
    /// Seconds of CPU.
    pub seconds: f64,
}

fn run(machine: &mut Machine, op: Op) {
    while machine.run_unit_unseen(&op) == UnitEnd::More {}
}

/// A machine of which every second frame that a program can have is in use.
#[must_use]
pub fn half_full(frames: u32) -> Machine {
    // Pages lie on lists, from which they are taken, and each knows who has it.
    let reclaim = Some(ReclaimConfig::default());
    let config =
        Config { pcp: true, watermarks: true, reclaim, thp: Some(Thp::Never), ..Config::x86_64(frames) };
    let mut machine = Machine::boot(&config).expect("it boots");
    // As much as there is above the marks; the tables take a little.
    let pages = u64::from(frames) / 16 * 15;
    let (limits, args) = (Rlimits::default(), MmapArgs { noreserve: true, ..MmapArgs::ANONYMOUS });
    for op in [
        ProcessOp::Exec { name: PROCESS, limits, task: TaskArgs::default(), cpu: CPU },
        ProcessOp::Mmap { name: AREA, process: PROCESS, bytes: pages * PAGE, args, cpu: CPU },
    ] {
        run(&mut machine, Op::Process(op));
    }
    machine.flatten();
    let at = At::Area { name: AREA, by: None };
    run(&mut machine, Op::Process(ProcessOp::Access { access: Access::Write, at, bytes: None, cpu: CPU }));
    let there = machine.processes().mm(PROCESS).map_or(0, |mm| mm.rss.anon);
    assert!(there >= pages, "all of it fits: {there} of {pages}");
    for page in (0..pages).step_by(2) {
        let bytes = Some(ByteRange { from: page * PAGE, to: (page + 1) * PAGE });
        run(&mut machine, Op::Process(ProcessOp::Madvise { at, advice: Advice::DontNeed, bytes, cpu: CPU }));
    }
    run(&mut machine, Op::Drain);
    machine
}

/// Compacts all zones from end to end (`/proc/sys/vm/compact_memory`).
pub fn compact(machine: &mut Machine) -> Compacted {
    let (time, ()) = cpu_time(|| run(machine, Op::Compact(CompactOp::CompactMemory { cpu: CPU })));
    let count = |event| machine.compaction().map_or(0, |compaction| compaction.event(event));
    Compacted {
        scanned: count(CompactEvent::MigrateScanned) + count(CompactEvent::FreeScanned),
        moved: machine.migrate().map_or(0, |migrate| migrate.success),
        seconds: time.as_secs_f64(),
    }
}

/// Copies so many pages, each to a place of its own in memory that no cache holds: seconds of CPU.
#[must_use]
pub fn copy(pages: u64) -> f64 {
    const AT_ONCE: usize = 1 << 13;
    let from = vec![0x5a_u8; AT_ONCE * PAGE as usize];
    let mut to = vec![0_u8; AT_ONCE * PAGE as usize];
    let (time, ()) = cpu_time(|| {
        let mut left = pages as usize;
        while left > 0 {
            let now = left.min(AT_ONCE);
            let page = PAGE as usize;
            // From the bottom upwards, and from the top downwards, as the scanners go.
            for (from, to) in from.chunks_exact(page).zip(to.chunks_exact_mut(page).rev()).take(now) {
                to.copy_from_slice(from);
            }
            std::hint::black_box(&mut to);
            left -= now;
        }
    });
    time.as_secs_f64()
}

/// Measures both in turns and writes the table, in Markdown.
#[must_use]
pub fn table(turns: usize, frames: u32) -> String {
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    let mut last = None;
    for _ in 0..turns {
        // Made anew each time: there is not room for two of them wherever this runs.
        let mut machine = half_full(frames);
        let compacted = compact(&mut machine);
        ours.push(compacted.seconds);
        drop(machine);
        floor.push(copy(compacted.moved));
        last = Some(compacted);
    }
    let Some(Compacted { scanned, moved, .. }) = last else { return String::new() };
    [&mut ours, &mut floor].into_iter().for_each(|times| times.sort_by(f64::total_cmp));
    let (ours, floor) = (ours[turns / 2], floor[turns / 2]);
    let per_page = |seconds: f64| seconds * 1e9 / moved.max(1) as f64;
    let mut text = String::from(
        "| compaction of half-full frames | frames scanned | a second | pages moved | ns a page | copying alone | ours / copying |\n\
         | --- | --: | --: | --: | --: | --: | --: |\n",
    );
    let _ = writeln!(
        text,
        "| {frames} | {scanned} | {:.1} million | {moved} | {:.0} | {:.0} | {:.2} |",
        scanned as f64 / ours / 1e6,
        per_page(ours),
        per_page(floor),
        ours / floor
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use mm::Order;

    /// Half of memory was in crumbs, and comes in large blocks afterwards.
    #[test]
    fn crumbs_become_blocks() {
        let mut machine = half_full(16_384);
        let in_large = |machine: &Machine| -> u64 {
            machine
                .zones()
                .iter()
                .map(|zone| u64::from(zone.nr_free()[Order::MAX.index()]) << Order::MAX.get())
                .sum()
        };
        let before = in_large(&machine);
        let Compacted { scanned, moved, .. } = compact(&mut machine);
        assert_eq!(machine.check(), Ok(()));
        assert!(in_large(&machine) > before + 4096, "{before} {}", in_large(&machine));
        assert!(moved > 3000 && scanned > 2 * moved, "{moved} {scanned}");
        assert_eq!(table(1, 16_384).lines().count(), 3);
    }
}

//! Areas that move: what is moved entry by entry, and what as a whole (`move_page_tables()`). Every law is checked at every
//! step, and the same ops with nobody looking on lead to the same machine.

#[path = "common/process.rs"]
mod common;

use common::{KIB, M, MIB, P, Run, SPACER, area};
use mm::gfp::GfpFlags;
use mm::oom_kill::OomOp;
use mm::op::{Gfp, NameId, PageKind};
use mm::process::{Access, MmapArgs, ProcessOp};
use mm::step::ProcessStep;
use mm::{Config, CpuId, Op, Pfn, Vaddr};
use proptest::prelude::*;

const CPU: CpuId = CpuId(0);

fn run(thp: bool) -> Run {
    let mut config = Config { pcp: true, watermarks: true, ..Config::x86_64(16_384) };
    config.thp = Some(if thp { mm::config::Thp::Always } else { mm::config::Thp::Never });
    let mut run = Run::of_config(&config);
    run.exec();
    run
}

/// An area of so many bytes with one right behind it, so that it has to move to grow.
fn hemmed_in(run: &mut Run, bytes: u64, spacer: u64) {
    run.mmap(SPACER, spacer, MmapArgs { prot: mm::process::Prot::READ, ..MmapArgs::ANONYMOUS });
    run.mmap(M, bytes, MmapArgs::ANONYMOUS);
}

fn remap(run: &mut Run, bytes: u64) -> (u64, u32) {
    let steps = run.op(ProcessOp::Mremap { name: M, bytes, may_move: true, cpu: CPU });
    let moved = steps.iter().find_map(|step| match step {
        ProcessStep::Remapped { start, to, moved, whole, .. } if start != to => Some((moved.0, *whole)),
        _ => None,
    });
    moved.unwrap_or_else(|| panic!("{steps:?}"))
}

/// The frames behind an area, page by page.
fn frames(run: &Run, bytes: u64) -> Vec<Option<Pfn>> {
    let procs = run.machine.processes();
    let (start, _) = run.place(M);
    let pgd = procs.mm(P).expect("it runs").pgd;
    (0..bytes / 4096)
        .map(|page| Some(procs.tables().page(pgd, Vaddr(start.0 + page * 4096))?.pfn()))
        .collect()
}

/// Both places are as far from a border of 2 MiB: what lies between two of them moves with its table.
#[test]
fn whole_tables_move_where_both_begin_with_one() {
    let mut run = run(false);
    hemmed_in(&mut run, 8 * MIB, 2 * MIB);
    run.touch(Access::Write, area(M), None);
    let (before, tables, free) = (frames(&run, 8 * MIB), run.of(P).pte, run.free());
    // The area begins 4 KiB below a border: one page, three whole tables, and the other 511 pages.
    assert_eq!(run.place(M).0.0 % (2 * MIB), 2 * MIB - 4 * KIB);
    assert_eq!(remap(&mut run, 16 * MIB), (1 + 3 + 511, 3));
    assert_eq!(frames(&run, 8 * MIB), before);
    // The first page and the last 511 need new tables; the old ones of these two also serve the neighbours.
    assert_eq!((run.of(P).pte, run.free()), (tables + 2 * 4, free - 2));
    // 1 MiB out of step: page by page.
    let mut run = self::run(false);
    hemmed_in(&mut run, 8 * MIB, 2 * MIB);
    run.touch(Access::Write, area(M), Some((0, 4 * MIB)));
    let before = frames(&run, 8 * MIB);
    assert_eq!(remap(&mut run, 15 * MIB), (1024, 0));
    assert_eq!(frames(&run, 8 * MIB), before);
}

/// The entry of a huge page moves as it is, and the table that was put by for it goes along.
#[test]
fn huge_pages_move_without_being_split() {
    for (length, whole) in [(16 * MIB, true), (15 * MIB, false)] {
        let mut run = run(true);
        hemmed_in(&mut run, 8 * MIB, 2 * MIB);
        run.touch(Access::Write, area(M), None);
        let huge = |run: &Run| {
            run.machine.processes().huge().compounds().filter(|(_, of)| of.entries() == 1).count()
        };
        assert_eq!(huge(&run), 3);
        let before = frames(&run, 8 * MIB);
        let (_, moved) = remap(&mut run, length);
        assert_eq!((huge(&run), moved), if whole { (3, 3) } else { (0, 0) });
        assert_eq!(frames(&run, 8 * MIB), before);
        run.munmap(M, None);
        run.exit(P);
    }
}

/// Somebody else has all frames but for a few, in blocks as large as there are: how many.
fn take_all(run: &mut Run, flags: GfpFlags, left: u64) -> u64 {
    let (free, mut name) = (run.free(), NameId(100));
    for order in (0..=10u8).rev() {
        loop {
            let before = run.free();
            if before - left < 1 << order {
                break;
            }
            let gfp = Gfp { kind: PageKind::Unmovable, flags };
            run.steps_of(&Op::Alloc { name, order, gfp, cpu: CPU });
            name.0 += 1;
            if run.free() == before {
                break;
            }
        }
    }
    free - run.free()
}

/// No frame for a table in the middle of it: everything is where it was. Nobody may be killed for it.
#[test]
fn without_memory_everything_goes_back() {
    let mut refused = 0;
    for frames_left in 0..4 {
        let config = Config { thp: Some(mm::config::Thp::Never), ..Config::x86_64(16_384) };
        let mut run = Run::of_config(&config);
        run.exec();
        run.op(ProcessOp::Oom(OomOp::ScoreAdj { process: P, value: -1000, root: true }));
        hemmed_in(&mut run, 4 * MIB, MIB);
        run.touch(Access::Write, area(M), None);
        let figures = |run: &Run| {
            (frames(run, 4 * MIB), run.place(M), run.of(P).pte, run.machine.processes().committed, run.free())
        };
        take_all(&mut run, GfpFlags::GFP_KERNEL, frames_left);
        assert_eq!(run.free(), frames_left);
        let before = figures(&run);
        let steps = run.op(ProcessOp::Mremap { name: M, bytes: 8 * MIB, may_move: true, cpu: CPU });
        if steps.iter().any(|step| matches!(step, ProcessStep::Refused { .. })) {
            assert_eq!(figures(&run), before);
            refused += 1;
        } else {
            assert_eq!(frames(&run, 4 * MIB), before.0);
            assert_ne!(run.place(M), before.1);
        }
    }
    assert!((1..4).contains(&refused), "{refused}");
}

/// The same where somebody may be killed, and only who moves its area is there: it is gone, with all that it had.
#[test]
fn without_memory_who_moves_is_killed() {
    let config = Config { thp: Some(mm::config::Thp::Never), watermarks: true, ..Config::x86_64(16_384) };
    let mut run = Run::of_config(&config);
    let free = run.free();
    run.exec();
    hemmed_in(&mut run, 4 * MIB, MIB);
    run.touch(Access::Write, area(M), None);
    let taken = take_all(&mut run, GfpFlags::GFP_ATOMIC, 0);
    run.op(ProcessOp::Mremap { name: M, bytes: 8 * MIB, may_move: true, cpu: CPU });
    assert!(run.machine.processes().mm(P).is_none());
    assert_eq!(run.free(), free - taken);
}

proptest! {
    #![proptest_config(common::cases::usually(12))]

    /// Wherever an area moves, its pages are the same, and all comes back in the end.
    #[test]
    fn pages_stay_the_same(
        pages in 1u64..2600,
        spacer in prop_oneof![Just(256u64), Just(512), 1u64..1100],
        touched in proptest::collection::vec((0u64..2600, 1u64..300), 1..5),
        thp in any::<bool>(),
        more in 1u64..1500,
    ) {
        let mut run = run(thp);
        run.is_quick = true;
        let free = run.free();
        hemmed_in(&mut run, pages * 4096, spacer * 4096);
        for (from, length) in touched {
            let from = from % pages;
            let to = (from + length).min(pages);
            run.touch(Access::Write, area(M), Some((from * 4096, to * 4096)));
        }
        let before = frames(&run, pages * 4096);
        let rss = run.of(P).rss;
        run.op(ProcessOp::Mremap { name: M, bytes: (pages + more) * 4096, may_move: true, cpu: CPU });
        run.machine.check().expect("every law holds");
        prop_assert_eq!(run.machine.state_hash(), run.unseen.state_hash());
        prop_assert_eq!(frames(&run, pages * 4096), before);
        prop_assert_eq!(run.of(P).rss, rss);
        run.munmap(M, None);
        run.munmap(SPACER, None);
        prop_assert_eq!(run.free(), free);
    }
}

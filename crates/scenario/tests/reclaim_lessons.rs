//! The lessons about memory that runs short do what their captions say.

use std::cell::RefCell;

use mm::reclaim::{Lru, Reclaim, VmEvent};
use mm::step::ReclaimStep;
use mm::{Machine, Observer, Step, StepKind, UnitEnd};
use scenario::{builtin, parse};

/// What the ops of a lesson did, one after the other.
struct Run {
    machine: Machine,
    /// The steps of reclaim of each op.
    steps: Vec<Vec<ReclaimStep>>,
    /// The machine after each op.
    after: Vec<Machine>,
}

#[derive(Default)]
struct Seen(RefCell<Vec<ReclaimStep>>);

impl Observer for &Seen {
    fn step(&mut self, _: &Machine, step: &Step) {
        if let StepKind::Reclaim { step } = step.kind {
            self.0.borrow_mut().push(step);
        }
    }
}

fn run(id: &str) -> Run {
    let scenario = parse(builtin(id).expect("it exists").text).strict().expect("it has no errors");
    let machine = Machine::boot(&scenario.config).expect("it boots");
    let mut run = Run { machine, steps: Vec::new(), after: Vec::new() };
    for op in scenario.engine_ops() {
        let seen = Seen::default();
        while run.machine.run_unit(op, &mut &seen) == UnitEnd::More {}
        run.steps.push(seen.0.into_inner());
        run.after.push(run.machine.clone());
        run.machine.check().expect("every law holds");
    }
    run
}

impl Run {
    fn reclaim(&self, op: usize) -> &Reclaim {
        self.after[op].reclaim().expect("it reclaims")
    }

    fn size(&self, op: usize, lru: Lru) -> u64 {
        self.reclaim(op).size(lru)
    }

    /// How often something happened during an op.
    fn during(&self, op: usize, event: VmEvent) -> u64 {
        let before = op.checked_sub(1).map_or(0, |op| self.reclaim(op).event(event));
        self.reclaim(op).event(event) - before
    }

    fn has(&self, op: usize, wanted: impl Fn(&ReclaimStep) -> bool) -> bool {
        self.steps[op].iter().any(wanted)
    }
}

#[test]
fn a_second_read_makes_pages_active() {
    let run = run("read-twice");
    assert_eq!(run.size(1, Lru::ActiveFile), 0);
    assert!(run.has(1, |step| matches!(step, ReclaimStep::ReadAhead { missed: false, .. })));
    assert_eq!(run.size(2, Lru::ActiveFile), 15);
}

#[test]
fn a_write_ends_in_memory() {
    let run = run("dirty-pages");
    assert_eq!((run.reclaim(1).nr_dirty(), run.reclaim(2).nr_dirty()), (16, 0));
    assert!(run.has(3, |step| matches!(step, ReclaimStep::FlusherWoken { .. })));
    assert!(run.has(3, |step| matches!(step, ReclaimStep::Throttled { .. })));
    assert!(run.reclaim(3).nr_dirty() > 0);
    assert_eq!(run.reclaim(4).nr_dirty(), 0);
}

#[test]
fn kswapd_works_and_nobody_waits() {
    let run = run("kswapd-works");
    assert!(run.has(4, |step| matches!(step, ReclaimStep::KswapdSleeps { reclaimed: 1.., .. })));
    assert_eq!(run.during(4, VmEvent::AllocStall), 0);
    assert!(run.during(4, VmEvent::PgStealKswapd) > 0);
}

#[test]
fn who_asks_pays() {
    let run = run("direct-reclaim");
    assert!(run.during(2, VmEvent::AllocStall) > 0);
    assert!(run.during(2, VmEvent::PswpOut) > 0);
}

#[test]
fn swappiness_decides_who_goes() {
    let run = run("swappiness");
    for (op, anon, file) in [(7, false, true), (9, false, true), (11, true, false)] {
        assert_eq!(run.during(op, VmEvent::PgStealAnon) > 0, anon, "op {op}");
        assert_eq!(run.during(op, VmEvent::PgStealFile) > 0, file, "op {op}");
    }
    let looked = |op: usize| run.during(op, VmEvent::PgScanAnon);
    assert_eq!(looked(7), 0);
    assert!(looked(9) > 0, "looked at, and left: they were used");
}

#[test]
fn swappiness_side_by_side() {
    let run = run("swap-or-drop");
    let swapped = [7, 16, 25, 34].map(|op| run.during(op, VmEvent::PswpOut));
    let [zero, at_boot, same, all] = swapped;
    assert!(zero == 0 && 0 < at_boot && at_boot < 16 && 4 * at_boot < same && same < all, "{swapped:?}");
    let of_file = [7, 16, 25, 34].map(|op| run.during(op, VmEvent::PgStealFile));
    assert!(of_file[..3].iter().all(|pages| *pages > 0) && of_file[3] == 0, "{of_file:?}");
}

#[test]
fn thrashing_ends_where_less_is_used() {
    let run = run("thrashing");
    assert!(run.during(3, VmEvent::PswpIn) > 200, "each page, as far as nothing was there");
    assert!(run.during(4, VmEvent::PswpIn) > 100);
    assert_eq!(run.during(5, VmEvent::PswpIn), 0);
}

#[test]
fn a_stream_leaves_the_working_set_alone() {
    let run = run("streaming-read");
    let once = |op: usize| {
        let files = run.after[op].processes().files();
        files.map(|(_, file)| file.cache().count()).nth(1).expect("the file")
    };
    assert_eq!((once(5), once(6)), (16, 0));
    let activated = |step: &ReclaimStep| matches!(step, ReclaimStep::Refault { activated: true, .. });
    assert!(run.has(7, activated));
    assert!(once(8) > 8, "it is active now");
    let missed = |step: &ReclaimStep| matches!(step, ReclaimStep::ReadAhead { missed: true, .. });
    assert!(run.has(6, missed) && !run.has(9, missed), "hot is all there");
}

#[test]
fn what_is_locked_stays() {
    let run = run("mlock-stays");
    assert_eq!(run.size(3, Lru::Unevictable), 16);
    assert!(run.during(3, VmEvent::PswpOut) > 0);
    assert_eq!(run.during(4, VmEvent::PswpIn), 0);
}

/// The two that are only cached go, the higher adjustment first, and with files still in memory.
#[test]
fn cached_apps_go_before_those_that_serve() {
    let run = run("android-apps");
    let oom = run.machine.processes().oom();
    let kills: Vec<(i16, i64)> = oom
        .log()
        .map(|line| match line {
            mm::oom_kill::LogLine::LowKill(kill) => (kill.oom_score_adj, kill.memory.file),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kills, [(906, 256), (900, 256)]);
    assert_eq!(run.machine.processes().mms().count(), 2, "front and mail");
}

/// Pages in turn; then node 0 is emptied for whoever is bound to it while node 1 has room, and serves whoever is not.
#[test]
fn a_bound_process_has_pages_swapped_out_beside_free_memory() {
    let run = run("bound-nodes");
    let at = |op: usize, node: u8| {
        let zones = run.after[op].zones().iter().filter(move |zone| zone.node == node);
        zones.fold((0, 0, 0), |(free, miss, turns), zone| {
            (free + zone.nr_free_pages.0, miss + zone.numa.miss, turns + zone.numa.interleave_hit)
        })
    };
    let (write_m, write_n, write_o) = (3, 7, 10);
    assert_eq!((at(write_m, 0).2, at(write_m, 1).2), (8, 8));
    assert!(run.during(write_n, VmEvent::PswpOut) > 50, "{}", run.during(write_n, VmEvent::PswpOut));
    assert!(at(write_n, 1).0 > 200, "node 1 has room: {:?}", at(write_n, 1));
    assert_eq!(at(write_n, 1).1, 0);
    let woken = |step: &ReclaimStep| matches!(step, ReclaimStep::Balance { node: 0, .. });
    assert!(run.has(write_n, woken));
    assert!(at(write_o, 1).1 > 8, "{:?}", at(write_o, 1));
}

//! Time runs both ways exactly, whatever the way to a cursor.

use std::rc::Rc;

use mm::op::{Gfp, NameId, PageKind, Workload};
use mm::{Config, CpuId, Machine, Op, Order};
use proptest::prelude::*;

use crate::{Cursor, Session};

fn gfp(kind: PageKind) -> Gfp {
    Gfp::of(kind, None)
}

fn alloc(name: u32, order: u8) -> Op {
    Op::Alloc { name: NameId(name), order, gfp: gfp(PageKind::Movable), cpu: CpuId(0) }
}

fn free(name: u32) -> Op {
    Op::Free { name: NameId(name), cpu: CpuId(0) }
}

fn workload(name: u32, actions: u32) -> Op {
    Op::Workload(Workload {
        name: NameId(name),
        actions,
        orders: (Order::ZERO, Order::new(3).expect("an order")),
        weights: [1, 2, 1, 3, 3],
        free_percent: 40,
        zone: None,
        cpu: CpuId(0),
    })
}

fn session(frames: u32, ops: Vec<Op>) -> Session {
    Session::new(Machine::boot(&Config::single_zone(frames)).expect("boots"), Rc::new(ops))
}

/// The state at every cursor, by stepping forward from the beginning.
fn hashes(session: &mut Session) -> Vec<(Cursor, u64)> {
    session.seek(Cursor::START);
    let mut all = vec![(session.cursor(), session.machine().state_hash())];
    while session.step_forward() {
        all.push((session.cursor(), session.machine().state_hash()));
    }
    all
}

#[test]
fn a_split_is_stepped_through_both_ways() {
    let mut s = session(1024, vec![alloc(0, 8), free(0)]);
    let forward = hashes(&mut s);
    assert!(s.is_surveyed());
    assert_eq!(s.survey_so_far().steps() as usize + 1, forward.len());
    assert!(s.next_step().is_none());
    for (cursor, hash) in forward.iter().rev().skip(1) {
        assert!(s.step_back());
        assert_eq!((s.cursor(), s.machine().state_hash()), (*cursor, *hash));
        s.machine().check().expect("every step can be looked at");
    }
    assert!(!s.step_back());
    assert!(s.just_did().is_none());
}

#[test]
fn just_did_and_next_agree() {
    let mut s = session(256, vec![alloc(0, 2), workload(1, 50), free(1)]);
    let mut next = s.next_step();
    let mut done = Vec::new();
    while s.step_forward() {
        assert_eq!(s.just_did(), next);
        assert!(s.trail().count() > 0, "what led here is known at every cursor");
        done.push(next);
        next = s.next_step();
    }
    for step in done.iter().rev() {
        assert_eq!(s.just_did(), *step);
        s.step_back();
    }
}

#[test]
fn ops_are_stepped_over_both_ways() {
    let mut s = session(256, vec![alloc(0, 0), alloc(1, 3), alloc(2, 9)]);
    assert!(s.op_forward() && s.op_forward());
    assert_eq!(s.cursor(), Cursor::new(2, 0));
    s.step_forward();
    assert!(s.op_back());
    assert_eq!(s.cursor(), Cursor::new(2, 0));
    assert!(s.op_back());
    assert_eq!(s.cursor(), Cursor::new(1, 0));
    s.seek(Cursor::new(99, 99));
    assert_eq!(s.cursor(), Cursor::new(3, 0));
    assert!(!s.op_forward());
    assert!(s.op_back() && s.op_back() && s.op_back() && !s.op_back());
}

#[test]
fn a_fork_leaves_the_old_future_as_it_is() {
    let mut s = session(256, vec![alloc(0, 0), alloc(1, 3), alloc(2, 1)]);
    let old = hashes(&mut s);
    let mut fork = s.fork(Rc::new(vec![alloc(0, 0), alloc(3, 2)]), 1);
    assert_eq!(fork.cursor(), Cursor::new(1, 0));
    assert_eq!(
        Some((fork.cursor(), fork.machine().state_hash())),
        old.iter().find(|(c, _)| c.op == 1).copied()
    );
    assert_ne!(hashes(&mut fork).last(), old.last());
    assert_eq!(hashes(&mut s), old);
}

#[test]
fn the_next_change_of_a_block_is_found_both_ways() {
    let mut s = session(256, vec![alloc(0, 0), alloc(1, 0), free(0), alloc(2, 5)]);
    s.survey(u64::MAX);
    let block = mm::page::Block { pfn: mm::Pfn(0), order: Order::ZERO };
    let mut forward = Vec::new();
    while let Some(at) = s.find_change(block, true) {
        s.seek(at);
        assert!(s.just_did().is_some_and(|step| step.kind.changes(block)));
        forward.push(at);
    }
    let mut back = vec![s.cursor()];
    while let Some(at) = s.find_change(block, false) {
        s.seek(at);
        back.push(at);
    }
    back.reverse();
    assert_eq!(forward, back);
    assert!(forward.len() >= 4);
}

/// Far ways are run with nobody looking on, and end in the same machines.
#[test]
fn far_seeks_land_where_steps_lead() {
    let ops = vec![workload(0, 20_000), alloc(1, 3), workload(2, 20_000), free(0)];
    let mut s = session(8192, ops.clone());
    assert!(s.survey(u64::MAX));
    let steps = s.survey_so_far().steps();
    let mut machine = Machine::boot(&Config::single_zone(8192)).expect("boots");
    let (mut done, mut wanted) = (0, 0);
    for op in &ops {
        loop {
            let mut seen: Vec<mm::Step> = Vec::new();
            let end = machine.run_unit(op, &mut seen);
            done += seen.len() as u64;
            if done >= wanted {
                // Far away and back again.
                s.seek_global((done + steps / 2) % steps);
                s.seek_global(done);
                assert_eq!((s.global(), s.machine().state_hash()), (done, machine.state_hash()));
                wanted = done + steps / 37;
            }
            if end == mm::UnitEnd::Done {
                break;
            }
        }
    }
}

/// A million frames and ten thousand ops: wherever a moment is, what is run to get there is short, and a step back from it
/// runs nothing.
#[test]
fn the_way_to_any_moment_is_short() {
    let ops = (0..5000).flat_map(|name| [alloc(2 * name, (name % 4) as u8), alloc(2 * name + 1, 0)]);
    let ops: Vec<Op> = ops.chain((0..5000).map(|name| free(2 * name))).collect();
    let mut s = session(1 << 20, ops);
    assert!(s.survey(u64::MAX));
    let steps = s.survey_so_far().steps();
    let mut longest = 0;
    for nth in 1..200 {
        let to = steps * nth / 200;
        longest = longest.max(to - s.keyframe_before(to));
        s.seek_global(to);
        assert_eq!(s.global(), to);
        let held = s.held();
        assert!(s.step_back(), "there is a step before");
        assert_eq!((s.global(), s.held()), (to - 1, held), "nothing is run for a step back");
    }
    assert!(longest <= 2 * steps / 64, "{longest} of {steps} steps");
}

#[test]
fn keyframes_are_bounded_whatever_the_length() {
    let mut s = session(4096, vec![workload(0, 60_000), free(0)]);
    assert!(s.survey(u64::MAX));
    assert!(s.survey_so_far().steps() > 200_000);
    let (machines, kib) = s.held();
    assert!(machines <= 64 && kib < 96 * 1024, "{machines} machines, {kib} KiB");
    assert!(s.survey_so_far().bars().len() <= 2048 && s.survey_so_far().samples().len() <= 2048);
    let total: u64 = s.survey_so_far().bars().iter().flatten().map(|n| u64::from(*n)).sum();
    assert_eq!(total, s.survey_so_far().steps());
}

fn any_op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (0u32..12, 0u8..12, 0usize..5).prop_map(|(name, order, kind)| Op::Alloc {
            name: NameId(name),
            order,
            gfp: gfp(PageKind::ASKABLE[kind]),
            cpu: CpuId(0),
        }),
        3 => (0u32..12).prop_map(free),
        1 => (0u32..12, 1u32..60).prop_map(|(name, actions)| workload(name, actions)),
    ]
}

/// How many cases a property is tried with; a soak sets it high.
fn cases() -> u32 {
    std::env::var("MMSCOPE_PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(48)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    /// Back and forth is the identity, and a random seek lands on the same state; every law holds at every step.
    #[test]
    fn time_runs_both_ways(
        frames in 64u32..2500,
        pageblock in 2u8..10,
        ops in proptest::collection::vec(any_op(), 1..25),
        jumps in proptest::collection::vec(any::<prop::sample::Index>(), 20),
    ) {
        let config = Config {
            pageblock_order: Order::new(pageblock).expect("an order"),
            ..Config::single_zone(frames)
        };
        let mut s = Session::new(Machine::boot(&config).expect("boots"), Rc::new(ops));
        let forward = hashes(&mut s);
        for (cursor, hash) in forward.iter().rev() {
            prop_assert_eq!(s.cursor(), *cursor);
            prop_assert_eq!(s.machine().state_hash(), *hash);
            prop_assert!(s.machine().check().is_ok(), "{:?}", s.machine().check());
            s.step_back();
        }
        for jump in jumps {
            let (cursor, hash) = forward[jump.index(forward.len())];
            s.seek(cursor);
            prop_assert_eq!(s.machine().state_hash(), hash);
            prop_assert_eq!(s.survey_so_far().cursor_at(s.global()), cursor);
        }
        s.seek(Cursor::new(u32::MAX, 0));
        prop_assert_eq!(s.machine().check_merged(), Ok(()));
    }
}

#[test]
fn a_unit_can_be_looked_at_from_afar() {
    let ops = vec![alloc(0, 2), workload(1, 120), free(1), free(0)];
    let mut s = session(512, ops);
    while !s.survey(50) {}
    s.seek(Cursor::START);
    let mut at = s.cursor();
    loop {
        let coming: Vec<_> = s.coming().copied().collect();
        assert_eq!(coming.first().copied(), s.next_step());
        if coming.is_empty() {
            break;
        }
        let unit = s.unit_at(at).expect("there is more to come");
        let done = (at.step - unit.at.step) as usize;
        let machine = if done == 0 { &unit.before } else { &unit.steps[done - 1].1 };
        assert_eq!(machine.state_hash(), s.machine().state_hash());
        assert!(unit.steps[done..].iter().map(|(step, _)| *step).eq(coming));
        let trail: Vec<_> = s.trail().copied().collect();
        let led: Vec<_> = unit.steps[..done].iter().map(|(step, _)| *step).collect();
        assert_eq!(trail, if done == 0 { unit.previous } else { led });
        s.step_forward();
        at = s.cursor();
    }
    assert!(s.unit_at(at).is_none(), "nothing comes at the end");
    let firsts = s.survey_so_far().firsts();
    assert!(firsts.windows(2).all(|pair| pair[0] < pair[1]) && firsts[0] == 0);
}

//! The per-CPU lists as lists of drawing operations, and the laws that every scene keeps.

use mm::mmzone::{PerCpuPages, ZoneId};
use mm::op::PageKind;
use mm::step::StepKind;
use mm::{CpuId, Op};
use scenario::Lang;

use super::{cpu_in_play, neighbour, scene};
use crate::Moment;
use crate::pyramid::{Direction, zone_in_play};
use crate::scene::{Id, Ring, Scene};
use crate::testing::{ROOMS, Story, every_room, lawful, many_nodes, small_pc, walk};

fn moments(story: Story, wanted: fn(&StepKind) -> bool) -> Vec<Moment> {
    let mut found = Vec::new();
    walk(&story.scenario(), |moment| {
        if moment.just_did.is_some_and(|step| wanted(&step.kind)) {
            found.push(moment.clone());
        }
    });
    found
}

fn drawn(moment: &Moment, room: usize) -> Scene {
    scene(moment, &ROOMS[room].0, zone_in_play(moment), Lang::En, None)
}

#[test]
fn laws_hold_in_every_room() {
    every_room(|moment, room, lang, of| {
        let zone = zone_in_play(moment);
        let selected = moment.just_did.and_then(|step| step.kind.blocks()[0]).map(|b| b.pfn);
        let scene = scene(moment, room, zone, lang, selected);
        lawful(&scene, of);
        if !moment.machine.has_pcp() {
            return;
        }
        let cpu = cpu_in_play(moment);
        assert!(scene.has(Id::Cpu(cpu)), "{of}: CPU {} is not there", cpu.0);
        // What the step moved to or from a list is ringed.
        if let Some(
            StepKind::PcpAppend { block, zone: of_zone, .. }
            | StepKind::PcpPut { block, zone: of_zone, .. }
            | StepKind::PcpTake { block, zone: of_zone, .. }
            | StepKind::PcpDrain { block, zone: of_zone, .. },
        ) = moment.just_did.map(|step| step.kind)
        {
            assert_eq!(of_zone, zone);
            assert!(
                scene.rings(block).any(|ring| ring == Ring::Done),
                "{of}: {block:?} has no ring\n{scene}"
            );
        }
    });
}

#[test]
fn chips_stand_in_the_order_of_the_list() {
    let story =
        Story::on(small_pc()).alloc("a", 0, PageKind::Anon).alloc("b", 0, PageKind::Anon).free("a").free("b");
    let moment = story.end();
    let scene = drawn(&moment, 0);
    let chips: Vec<u32> = scene
        .items
        .iter()
        .filter_map(|item| match item.id {
            Id::Chip(b) => Some(b.pfn.0),
            _ => None,
        })
        .collect();
    let list: Vec<u32> = moment.machine.pcp_list(ZoneId(1), CpuId(0), 1).map(|pfn| pfn.0).collect();
    assert_eq!(chips, list);
    assert!(chips.len() == 3, "{chips:?}");
}

#[test]
fn a_long_list_shows_its_head_and_its_tail() {
    let mut story = Story::on(many_nodes());
    for i in 0..40 {
        story = story.alloc(&format!("a[{i}]"), 0, PageKind::Anon);
    }
    for i in 0..40 {
        story = story.free(&format!("a[{i}]"));
    }
    let moment = story.end();
    let zone = ZoneId(2);
    let list = moment.machine.zone(zone).pcp(CpuId(0)).list(1);
    assert!(list.len() > 30);
    for (room, name) in &ROOMS {
        let scene = scene(&moment, room, zone, Lang::En, None);
        let has =
            |pfn: mm::Pfn| scene.items.iter().any(|item| matches!(item.id, Id::Chip(b) if b.pfn == pfn));
        assert!(has(list.head().expect("a head")), "{name}");
        assert!(has(list.tail().expect("a tail")), "{name}");
    }
}

#[test]
fn the_words_of_a_refill_a_pop_and_a_drain() {
    let story = || Story::on(small_pc()).alloc("a", 0, PageKind::Anon).free("a").op(Op::Drain);
    for (wanted, words) in [
        ((|k| matches!(k, StepKind::PcpAppend { .. })) as fn(&StepKind) -> bool, "new tail"),
        (|k| matches!(k, StepKind::PcpTake { .. }), "the head went to the task"),
        (|k| matches!(k, StepKind::PcpPut { .. }), "new head"),
        (|k| matches!(k, StepKind::PcpDrain { .. }), "the tail went back"),
    ] {
        let moment = moments(story(), wanted).swap_remove(0);
        let scene = drawn(&moment, 0);
        assert!(scene.texts().any(|(text, _)| text.text == words), "{words}\n{scene}");
    }
}

#[test]
fn arrow_keys_go_along_and_between_lists() {
    let story = Story::on(small_pc())
        .alloc("a", 0, PageKind::Anon)
        .alloc("b", 1, PageKind::Unmovable)
        .free("a")
        .free_on("b", 1);
    let moment = story.end();
    let zone = ZoneId(1);
    let go = |from, to| neighbour(&moment, zone, from, to);
    let first = go(None, Direction::Right).expect("a head");
    let list: Vec<_> = moment.machine.pcp_list(zone, CpuId(0), 1).collect();
    assert_eq!(first, list[0]);
    assert_eq!(go(Some(first), Direction::Right), Some(list[1]));
    assert_eq!(go(Some(list[1]), Direction::Left), Some(first));
    assert_eq!(go(Some(first), Direction::Left), None);
    let below = go(Some(first), Direction::Down).expect("another list");
    assert_eq!(go(Some(below), Direction::Up), Some(first));
    let all = (0..2).flat_map(|cpu| (0..PerCpuPages::LISTS).map(move |i| (CpuId(cpu), i)));
    let held = all.filter(|(cpu, i)| !moment.machine.zone(zone).pcp(*cpu).list(*i).is_empty()).count();
    let mut at = Some(first);
    let mut seen = 0;
    while at.is_some() {
        seen += 1;
        at = go(at, Direction::Down);
    }
    assert_eq!(seen, held);
}

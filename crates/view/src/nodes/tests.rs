//! The laws that every scene keeps, and what it shows.

use super::*;
use crate::hierarchy::tests_watch as watch;
use crate::scene::{Id, Room, Shape};
use crate::testing::{ROOMS, every_room, lawful};

/// Two nodes with policies, and memory that runs short on one of them; four nodes, one of them without a CPU.
const STORIES: [&str; 3] = [
    "node 0 ram 2M cpus 0..0\nnode 1 ram 1M cpus 1..1\ndistance 0 1 21\npcp off\nswap 2M zram\na = exec\n\
     m = mmap a 64K\nmbind m interleave 0,1\nwrite m\nb = exec\nset_mempolicy b bind 0\nn = mmap b 1M\nwrite n\n\
     c = exec\nset_mempolicy c preferred 1\no = mmap c 64K\nwrite o",
    "node 0 ram 4M cpus 0..1\nnode 1 ram 4M cpus 2..2\nnode 2 ram 2M cpus 3..3\nnode 3 ram 8M\na = alloc order=9 movable\n\
     b = alloc order=9 movable cpu=2\nc = alloc order=10 cpu=3\nd = alloc order=0 file\nfree b",
    // A cpuset that runs short, and what may leave it.
    "node 0 ram 2M cpus 0..0\nnode 1 ram 1M cpus 1..1\npcp off\nred = cpuset mems=0\nboth = cpuset mems=0,1\n\
     b = exec cpuset=red\nset_mempolicy b preferred 0\ny = mmap b 1M\noom_score_adj b -1000 root\nwrite y\n\
     k = alloc order=0 gfp=GFP_KERNEL by=b\nu = alloc order=0 gfp=GFP_USER by=b",
];

fn texts(scene: &Scene) -> Vec<String> {
    let text = |item: &crate::scene::Item| match &item.shape {
        Shape::Text(text) => Some(text.text.clone()),
        _ => None,
    };
    scene.items.iter().filter_map(text).collect()
}

#[test]
fn laws_hold_in_every_room() {
    every_room(|moment, room, lang, what| lawful(&scene(moment, room, lang), what));
    for text in STORIES {
        let mut at = 0usize;
        watch(text, |moment| {
            at += 1;
            if !at.is_multiple_of(23) && at > 150 {
                return;
            }
            let ((room, name), lang) = (ROOMS[at % 5], Lang::ALL[at / 5 % 2]);
            let size = if at.is_multiple_of(3) && at % 5 > 1 { 1.25 } else { 1.0 };
            let scene = scene(moment, &Room { scale: size, ..room }, lang);
            lawful(&scene, &format!("{}, {name} {lang:?} × {size}", moment.cursor));
            assert!(!label(moment, lang).is_empty());
        });
    }
}

/// The last moment of a story.
fn end_of(text: &str) -> Moment {
    let mut last = None;
    watch(text, |moment| last = Some(moment.clone()));
    last.expect("a moment")
}

#[test]
fn every_node_is_there_with_its_cpus_its_distance_and_whose_memory_it_is() {
    let moment = end_of(STORIES[1]);
    let said = texts(&scene(&moment, &ROOMS[1].0, Lang::En));
    for words in ["node 0 · distance 10", "CPU 0–1", "node 2 · distance 20", "CPU 3", "no CPU"] {
        assert!(said.iter().any(|text| text == words), "{words}: {said:?}");
    }
    let holds = |part: &str| said.iter().any(|text| text.contains(part));
    assert!(holds("a 512") && holds("d 1") && holds("✓ hit + miss = local + other"), "{said:?}");
    let served: u64 = (0..4).map(|node| numastat(&moment.machine, node)).map(|of| of.hit + of.miss).sum();
    assert_eq!(served, 4);
}

#[test]
fn whoever_is_bound_asks_these_nodes_alone() {
    let (mut bound, mut preferred, mut turns) = (0, 0, 0);
    watch(STORIES[0], |moment| {
        let asks = Asks::of(moment);
        let nodes: Vec<u8> =
            asks.zonelist(&moment.machine).iter().map(|zone| moment.machine.zone(*zone).node).collect();
        let Some((policy, node)) = asks.placed else {
            let home = moment.machine.node_of(asks.asked.cpu);
            assert_eq!(nodes.first(), Some(&home), "nearest first");
            return;
        };
        match policy.mode {
            Mode::Bind => assert_eq!((bound += 1, nodes.as_slice()).1, [0]),
            Mode::Preferred => assert_eq!((preferred += 1, nodes.as_slice()).1, [1, 0]),
            _ => assert_eq!((turns += 1, nodes.first().copied()).1, node),
        }
        // What is tried is among them.
        if let Some(StepKind::TryZone { zone, .. }) = moment.just_did.map(|step| step.kind) {
            assert!(nodes.contains(&moment.machine.zone(zone).node), "{}", moment.cursor);
        }
    });
    assert!(bound > 100 && preferred > 10 && turns > 10, "{bound} {preferred} {turns}");
}

#[test]
fn the_zone_in_play_is_ringed_and_a_way_leads_there() {
    let (mut rings, mut ways) = (0, 0);
    watch(STORIES[0], |moment| {
        if matches!(moment.just_did.map(|step| step.kind), Some(StepKind::TryZone { .. })) {
            let scene = scene(moment, &ROOMS[0].0, Lang::En);
            let ringed = |item: &&crate::scene::Item| matches!(item.id, Id::Ringed(_));
            rings += scene.items.iter().filter(ringed).count();
            ways += scene.items.iter().filter(|item| item.paint == crate::scene::Paint::GoHead).count();
        }
    });
    assert!(rings > 50 && ways >= rings, "{rings} {ways}");
}

#[test]
fn a_scenario_with_nodes_opens_on_their_map_and_the_twin_says_the_same() {
    let moment = end_of(STORIES[0]);
    assert_eq!(crate::Stage::Pyramid.opens(&moment.scenario), crate::Stage::Nodes);
    for lang in Lang::ALL {
        let tables = crate::twin::tables(&moment, crate::Stage::Nodes, lang);
        let cells = tables.iter().flat_map(|table| &table.rows).flatten();
        let text: Vec<&str> = cells.map(String::as_str).collect();
        let works = lang.pick("sleeps", "在睡");
        assert!(["21", "b", works].iter().all(|words| text.contains(words)), "{text:?}");
    }
}

#[test]
fn whoever_is_in_a_cpuset_asks_its_nodes_alone_until_it_may_leave() {
    let (mut inside, mut left) = (0, 0);
    watch(STORIES[2], |moment| {
        let asks = Asks::of(moment);
        let nodes: Vec<u8> =
            asks.zonelist(&moment.machine).iter().map(|zone| moment.machine.zone(*zone).node).collect();
        let Some(of) = asks.inside else { return };
        assert_eq!(moment.name(of.cpuset), "red");
        let zone = moment.just_did.and_then(|step| match step.kind {
            StepKind::TryZone { zone, .. } => Some(zone),
            _ => None,
        });
        match (of.leaves, zone) {
            (false, _) => assert_eq!((inside += 1, nodes.as_slice()).1, [0]),
            (true, Some(zone)) if moment.machine.zone(zone).node == 1 => {
                assert_eq!((left += 1, nodes.as_slice()).1, [0, 1]);
                let said = texts(&scene(moment, &ROOMS[0].0, Lang::En));
                assert!(said.iter().any(|text| text.contains("may leave cpuset red")), "{said:?}");
            }
            _ => {}
        }
    });
    assert!(inside > 1000 && left > 0, "{inside} {left}");
    let moment = end_of(STORIES[2]);
    assert_eq!(crate::Stage::Pyramid.opens(&moment.scenario), crate::Stage::Nodes);
    let said = texts(&scene(&moment, &ROOMS[0].0, Lang::En));
    let holds = |part: &str| said.iter().any(|text| text.contains(part));
    assert!(holds("in cpuset red: node 0 alone") && holds("not for this request"), "{said:?}");
    assert!(holds("node 0 · distance 10 · cpuset red, both"), "{said:?}");
    assert!(holds("node 1 · distance 20 · cpuset both"), "{said:?}");
    for lang in Lang::ALL {
        let tables = crate::twin::tables(&moment, crate::Stage::Nodes, lang);
        let row = tables.iter().flat_map(|table| &table.rows).find(|row| row[0] == "red");
        assert_eq!(row.map(|row| row.join("|")).as_deref(), Some("red|0|0|b"));
    }
}

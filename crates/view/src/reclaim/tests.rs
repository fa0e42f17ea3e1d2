//! What is on the picture, and the laws that it keeps in every room.

use std::rc::Rc;

use mm::page::Block;
use mm::reclaim::Medium;
use mm::{Config, Order};

use super::*;
use crate::scene::{Form, Id, Ring};
use crate::testing::{ROOMS, Story, first, lawful, reclaiming, short_of_memory, walk};

fn first_of(wanted: impl Fn(&StepKind) -> bool) -> Moment {
    first(short_of_memory(Medium::Disk), wanted)
}

fn texts(moment: &Moment, room: usize, lang: Lang) -> Vec<String> {
    scene(moment, &ROOMS[room].0, lang, None).texts().map(|(text, _)| text.text.clone()).collect()
}

fn has(texts: &[String], part: &str) -> bool {
    texts.iter().any(|text| text.contains(part))
}

fn single(pfn: Pfn) -> Block {
    Block { pfn, order: Order::ZERO }
}

#[test]
fn laws_hold_in_every_room() {
    for (s, medium) in [Medium::Disk, Medium::Zram].into_iter().enumerate() {
        let mut at = s;
        walk(&short_of_memory(medium).scenario(), |moment| {
            at += 1;
            // Every kind of step comes by within so many.
            if !at.is_multiple_of(37) && at > 400 {
                return;
            }
            let turn = at / 37 % ROOMS.len();
            let (room, name) = ROOMS[turn];
            let lang = Lang::ALL[at % 2];
            let scale = if at.is_multiple_of(3) && room.form != Form::Projector { 1.25 } else { 1.0 };
            let selected = at.is_multiple_of(2).then_some(Pfn(at as u32 % 2048));
            let scene = scene(moment, &Room { scale, ..room }, lang, selected);
            lawful(&scene, &format!("{medium:?}, {}, {name} {lang:?} × {scale}", moment.cursor));
            assert!(!label(moment, lang).is_empty());
        });
    }
}

/// A huge page is one wide card, and shows what nobody has of it; swap shows its clusters.
#[test]
fn a_huge_page_is_one_wide_card() {
    let text = "ram 16M\nreclaim on\nswap 8M zram\nthp always\np = exec\na = mmap p 2044K\nm = mmap p 6M\nwrite m\n\
                madvise m pageout 0..2M\nmunmap m 3M..4M\nmadvise m pageout 2M..3M\nsay \"the end\"\ndrop_caches 2";
    let scenario = Rc::new(scenario::parse(text).strict().expect("a scenario"));
    let (mut at, mut seen) = (0usize, std::collections::BTreeSet::new());
    walk(&scenario, |moment| {
        at += 1;
        let step = of_step(moment.just_did.as_ref());
        let is_new = step.is_some_and(|step| seen.insert(format!("{:?}", std::mem::discriminant(&step))));
        if !is_new && !at.is_multiple_of(97) {
            return;
        }
        for (turn, (room, name)) in ROOMS.into_iter().enumerate() {
            let lang = Lang::ALL[(at + turn) % 2];
            let scene = scene(moment, &room, lang, Some(Pfn(at as u32 % 4096)));
            lawful(&scene, &format!("{}, {name} {lang:?}", moment.cursor));
            // (Among many small ones it may be one of those that are left out.)
            let heads: Vec<Pfn> =
                moment.machine.reclaim().unwrap().list(0, Lru::InactiveAnon).take(6).collect();
            let heads = heads.iter().filter(|_| heads.len() < 6).copied();
            let wide = |pfn: &Pfn| moment.machine.reclaim().unwrap().page(*pfn).pages() > 1;
            let order = Order::new(9).expect("an order");
            for pfn in heads.filter(wide) {
                let of = |order| Id::Chip(Block { pfn, order });
                let is_wide = |item: &crate::scene::Item| match item.shape {
                    crate::scene::Shape::Rect { area, .. } => item.id == of(order) && area.w > area.h * 1.5,
                    _ => false,
                };
                let found = scene.items.iter().any(is_wide) && !scene.has(of(Order::ZERO));
                assert!(found, "{name}\n{scene}");
            }
        }
    });
    assert!(seen.len() > 8, "{seen:?}");
    let mut said = Vec::new();
    walk(&scenario, |moment| {
        if let Some(ReclaimStep::DeferredSplit { .. }) = of_step(moment.just_did.as_ref()) {
            said = texts(moment, 0, Lang::En);
        }
    });
    assert!(has(&said, "nobody's part") && has(&said, "clusters of 512 slots: 2 of 3 free"), "{said:?}");
}

#[test]
fn a_machine_without_reclaim_says_so() {
    let moment = Story::on(Config::single_zone(1024)).end();
    for (room, name) in ROOMS {
        for lang in Lang::ALL {
            lawful(&scene(&moment, &room, lang, None), name);
            assert!(!label(&moment, lang).is_empty());
        }
    }
}

#[test]
fn the_page_that_is_looked_at_is_ringed_in_the_hands() {
    let wanted = |kind: &StepKind| matches!(kind, StepKind::Reclaim { step: ReclaimStep::Looked { .. } });
    let moment = first_of(wanted);
    let pfn = of_step(moment.just_did.as_ref()).and_then(|step| step.frame()).unwrap();
    assert!(moment.machine.reclaim().unwrap().isolated().contains(&pfn));
    for (room, name) in ROOMS {
        let scene = scene(&moment, &room, Lang::En, None);
        assert!(scene.rings(single(pfn)).any(|ring| ring == Ring::Look), "{name}\n{scene}");
    }
}

#[test]
fn who_pays_is_seen_at_once() {
    let in_func = |func: Func| {
        let mut found = None;
        walk(&short_of_memory(Medium::Disk).scenario(), |moment| {
            if found.is_none() && moment.just_did.is_some_and(|step| step.chain.funcs().contains(&func)) {
                found = Some(moment.clone());
            }
        });
        found.expect("it happens")
    };
    let moment = in_func(Func::Kswapd);
    assert_eq!(worker(&moment), Worker::Kswapd);
    assert!(has(&texts(&moment, 0, Lang::En), "▸ kswapd"));
    let moment = in_func(Func::TryToFreePages);
    assert_eq!(worker(&moment), Worker::Direct);
    for (room, (_, name)) in ROOMS.iter().enumerate() {
        let (en, zh) = (texts(&moment, room, Lang::En), texts(&moment, room, Lang::Zh));
        assert!(has(&en, "reclaims itself"), "{name}: {en:?}");
        assert!(has(&zh, "自己回收"), "{name}: {zh:?}");
    }
    assert!(scene(&moment, &ROOMS[0].0, Lang::En, None).has(Id::Ringed(Ring::Fail)));
}

#[test]
fn the_slot_and_the_card_of_a_page_are_ringed() {
    let wanted =
        |kind: &StepKind| matches!(kind, StepKind::Reclaim { step: ReclaimStep::AddedToSwap { .. } });
    let moment = first(short_of_memory(Medium::Zram), wanted);
    let scene = scene(&moment, &ROOMS[0].0, Lang::En, None);
    let pfn = of_step(moment.just_did.as_ref()).and_then(|step| step.frame()).unwrap();
    assert!(scene.rings(single(pfn)).any(|ring| ring == Ring::Done), "{scene}");
    assert!(scene.has(Id::Ringed(Ring::Done)), "{scene}");
    assert!(has(&texts(&moment, 0, Lang::En), "zram"));
}

#[test]
fn arrows_walk_along_the_belts() {
    let kswapd =
        |kind: &StepKind| matches!(kind, StepKind::Reclaim { step: ReclaimStep::KswapdSleeps { .. } });
    let moment = first_of(kswapd);
    let reclaim = moment.machine.reclaim().unwrap();
    let first = neighbour(&moment, None, Direction::Left).unwrap();
    let (lru, at) = place_of(reclaim, 0, first).unwrap();
    assert_eq!(at, 0);
    let left = neighbour(&moment, Some(first), Direction::Left).unwrap();
    assert_eq!(place_of(reclaim, 0, left), Some((lru, 1)));
    assert_eq!(neighbour(&moment, Some(left), Direction::Right), Some(first));
    assert_eq!(neighbour(&moment, Some(first), Direction::Right), None);
    let down = neighbour(&moment, Some(first), Direction::Down).unwrap();
    assert!(place_of(reclaim, 0, down).unwrap().0 != lru);
}

#[test]
fn a_scenario_that_reclaims_opens_here() {
    let scenario = Story::on(reclaiming(Medium::Disk)).scenario();
    assert_eq!(crate::Stage::Pyramid.opens(&scenario), crate::Stage::Reclaim);
    let without = Story::on(Config::single_zone(1024)).scenario();
    assert_eq!(crate::Stage::Reclaim.opens(&Rc::clone(&without)), crate::Stage::Pyramid);
}

#[test]
fn the_twin_says_what_is_on_the_picture() {
    let text = scenario::builtin("swappiness").expect("it is there").text;
    let tables = |moment: &Moment, lang: Lang| crate::twin::tables(moment, crate::Stage::Reclaim, lang);
    let end = crate::testing::end_of_tables(text, tables);
    let said = crate::testing::in_words(&tables(&end, Lang::En));
    assert!(said.starts_with("LRU lists; the tail is looked at first"), "{said}");
    for part in ["kswapd0 | ", "swap\n", "Files in the page cache", "zram"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

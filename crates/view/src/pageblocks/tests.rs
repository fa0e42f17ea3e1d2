//! Tiles agree with the machine, every room is kept, and what a step did is said.

use std::rc::Rc;

use mm::mmzone::ZoneId;
use mm::page::MigrateType;
use mm::step::StepKind;
use mm::{Config, Order, Pfn};
use scenario::Lang;

use super::{Census, Use, label, neighbour, scene, tile_at};
use crate::Moment;
use crate::pyramid::Direction;
use crate::scene::{Id, Paint, Ring, Scene};
use crate::testing::{ROOMS, Story, every_room, first, lawful, lists, mixed, three_zones, walk};

fn drawn(moment: &Moment, room: usize, lang: Lang) -> Scene {
    scene(moment, &Census::of(&moment.machine), &ROOMS[room].0, lang, None)
}

fn texts(scene: &Scene) -> String {
    scene.texts().map(|(text, _)| text.text.clone()).collect::<Vec<_>>().join(" | ")
}

#[test]
fn laws_hold_in_every_room() {
    every_room(|moment, room, lang, of| {
        let selected = moment.just_did.and_then(|step| step.kind.blocks()[0]).map(|b| b.pfn);
        let scene = scene(moment, &Census::of(&moment.machine), room, lang, selected);
        lawful(&scene, of);
    });
}

#[test]
fn a_census_that_follows_is_one_that_counts() {
    for story in [
        mixed(),
        Story::on(three_zones(4, mm::config::Mobility::On)).workload("w", 60, (0, 6), [1, 1, 1, 1, 1], 40),
    ] {
        let mut followed: Option<Census> = None;
        walk(&story.scenario(), |moment| {
            let counted = Census::of(&moment.machine);
            let followed = followed.get_or_insert_with(|| counted.clone());
            followed.follow(&moment.machine);
            assert_eq!(followed.zones(), counted.zones(), "{}", moment.cursor);
            let all: u64 = counted.zones().iter().flatten().map(|fill| u64::from(fill.all())).sum();
            let spans: u64 = moment.machine.zones().iter().map(|zone| u64::from(zone.span.len())).sum();
            assert_eq!(all, spans);
        });
    }
}

#[test]
fn a_pageblock_that_is_stolen_says_from_and_to_and_why() {
    let changes = |k: &StepKind| matches!(k, StepKind::ClaimPageblocks { from, to, .. } if from != to);
    let moment = first(mixed(), changes);
    let scene = drawn(&moment, 0, Lang::En);
    let said = texts(&scene);
    assert!(said.contains("MOVABLE → UNMOVABLE"), "{said}");
    // The old type is left in a corner of each of the two tiles.
    let corner = |item: &&crate::scene::Item| {
        item.paint == Paint::TypeMovable && item.motion == crate::scene::Motion::Appear
    };
    assert_eq!(scene.items.iter().filter(corner).count(), 2, "{scene}");
    assert!(said.contains("no smaller than a"), "{said}");
    let said = texts(&drawn(&moment, 2, Lang::Zh));
    assert!(said.contains("MOVABLE → UNMOVABLE"), "{said}");

    // The lesson has one that is not even half free.
    let text = scenario::builtin("stealing-tail").expect("a lesson").text;
    let lesson = Rc::new(scenario::parse(text).strict().expect("it runs"));
    let mut kept = None;
    walk(&lesson, |moment| {
        let stays = |k: StepKind| matches!(k, StepKind::MoveFreePages { claimed: false, .. });
        if kept.is_none() && moment.just_did.is_some_and(|step| stays(step.kind)) {
            kept = Some(moment.clone());
        }
    });
    let moment = kept.expect("such a step");
    let scene = drawn(&moment, 0, Lang::En);
    let said = texts(&scene);
    assert!(said.contains("stays MOVABLE") && said.contains("12 free < 32, half of 64"), "{said}");
    assert!(
        scene
            .items
            .iter()
            .any(|item| matches!(item.id, Id::Ring(Ring::Done, b) if b.order == Order::new(6).expect("6")))
    );
}

#[test]
fn a_pageblock_that_is_set_aside_has_a_colour_of_its_own() {
    let moment = first(mixed(), |k| matches!(k, StepKind::ReserveHighatomic { .. }));
    let scene = drawn(&moment, 0, Lang::En);
    assert!(scene.items.iter().any(|item| item.paint == Paint::TypeHighAtomic));
    let said = texts(&scene);
    assert!(said.contains("Set aside for requests") && said.contains("1 HIGHATOMIC"), "{said}");
}

#[test]
fn a_pointer_and_the_arrow_keys_find_every_tile() {
    let story = Story::on(three_zones(5, mm::config::Mobility::On)).alloc("a", 0, mm::op::PageKind::Anon);
    let moment = story.end();
    for (room, name) in &ROOMS {
        let mut at = neighbour(&moment, room, None, Direction::Right);
        let mut seen = 0;
        while let Some(pfn) = at {
            seen += 1;
            let next = neighbour(&moment, room, at, Direction::Right);
            if let Some(next) = next {
                assert_eq!(neighbour(&moment, room, Some(next), Direction::Left), at, "{name}");
            }
            let plan = super::plan::Plan::of(&moment.machine, room);
            let (zone, tile) = plan.place_of(&moment.machine, pfn).expect("in a zone");
            let (x, y) = plan.area(zone, tile).expect("a place").centre();
            assert_eq!(tile_at(&moment, room, x, y), at, "{name}");
            at = next;
        }
        // 1 to 256, 256 to 1000, 1000 to 1500 in blocks of 32.
        assert_eq!(seen, 8 + 24 + 16, "{name}");
    }
}

#[test]
fn from_one_pageblock_to_8192() {
    for frames in [512, 512 * 7, 512 * 300, 4 << 20] {
        let moment = Story::on(Config::single_zone(frames)).alloc("a", 3, mm::op::PageKind::Anon).end();
        let census = Census::of(&moment.machine);
        for (room, name) in &ROOMS {
            for lang in Lang::ALL {
                let scene = scene(&moment, &census, room, lang, Some(Pfn(frames / 2)));
                lawful(&scene, &format!("{frames} frames, {name}"));
                let plan = super::plan::Plan::of(&moment.machine, room);
                let last = plan.area(ZoneId(0), frames / 512 - 1).expect("the last tile");
                assert!(plan.map.grown(1.0).holds(last), "{frames} frames, {name}: {last:?} {plan:?}");
            }
        }
    }
}

#[test]
fn the_fill_is_told_in_numbers() {
    let config = lists(
        1024,
        MigrateType::Movable,
        &[(9, MigrateType::Movable, &[512]), (6, MigrateType::Movable, &[64])],
    );
    let moment = Story::on(config).alloc("a", 4, mm::op::PageKind::File).end();
    let census = Census::of(&moment.machine);
    assert_eq!(census.fill(ZoneId(0), 0).of(Use::File), 16);
    let scene = scene(&moment, &census, &ROOMS[0].0, Lang::En, Some(Pfn(100)));
    let said = texts(&scene);
    assert!(said.contains("48 free") && said.contains("16 file") && said.contains("448 unknown"), "{said}");
    assert!(label(&moment, ZoneId(0), Lang::En).contains("2 MOVABLE"));
}

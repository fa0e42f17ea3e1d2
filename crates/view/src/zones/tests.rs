//! The tanks as lists of drawing operations, and the laws that every scene keeps.

use mm::gfp::GfpFlags;
use mm::mmzone::{Mark, ZoneId, ZoneKind};
use mm::op::PageKind;
use mm::step::{StepKind, WatermarkVerdict};
use scenario::Lang;

use super::{neighbour, scene};
use crate::Moment;
use crate::pyramid::zone_in_play;
use crate::scene::{Id, Ring, Scene, Shape};
use crate::testing::{ROOMS, Story, every_room, first, lawful, many_nodes, mixed, small_pc, two_nodes};

fn drawn(moment: &Moment, room: usize) -> Scene {
    scene(moment, &ROOMS[room].0, zone_in_play(moment), Lang::En)
}

#[test]
fn laws_hold_in_every_room() {
    every_room(|moment, room, lang, of| {
        let zone = zone_in_play(moment);
        let scene = scene(moment, room, zone, lang);
        lawful(&scene, of);
        assert!(scene.has(Id::Tank(zone)), "{of}: zone {} is not there", zone.0);
        if let Some(StepKind::Watermark { zone, verdict, .. }) = moment.just_did.map(|step| step.kind) {
            assert!(scene.has(Id::Verdict(zone, verdict)), "{of}");
        }
    });
}

/// The mark of a zone lies above the next lower one, and the level above a mark that is passed.
#[test]
fn heights_tell_which_is_more() {
    every_room(|moment, room, lang, of| {
        let zone = zone_in_play(moment);
        if !moment.machine.has_watermarks() {
            return;
        }
        let scene = scene(moment, room, zone, lang);
        let y = |mark| {
            scene.items.iter().find_map(|item| match (&item.shape, item.id) {
                (Shape::Line { y1, .. }, Id::Mark(of, m)) if (of, m) == (zone, mark) => Some(*y1),
                _ => None,
            })
        };
        let [min, low, high] = [Mark::Min, Mark::Low, Mark::High].map(|mark| y(mark).expect("a mark"));
        assert!(high <= low && low <= min, "{of}: {min} {low} {high}");
    });
}

#[test]
fn the_numbers_that_are_compared() {
    let story = Story::on(small_pc()).alloc("a", 0, PageKind::Anon);
    let moment = first(story, |k| matches!(k, StepKind::Watermark { .. }));
    let scene = drawn(&moment, 0);
    let texts: Vec<&str> = scene.texts().map(|(text, _)| text.text.as_str()).collect();
    for words in [
        "✓ 12,288 > low 240 + 0",
        "enough",
        "1. DMA32",
        "2. DMA",
        "12,288 free",
        "reserve 48",
        "⅜ min 72: GFP_ATOMIC",
    ] {
        assert!(texts.contains(&words), "{words:?} is not among {texts:?}");
    }
    assert!(scene.has(Id::Locked(ZoneId(0))) && !scene.has(Id::Locked(ZoneId(1))));
    assert!(scene.has(Id::Verdict(ZoneId(1), WatermarkVerdict::Ok)));
}

#[test]
fn a_zone_above_the_request_is_not_allowed() {
    let story = Story::on(small_pc()).alloc_below("a", 0, PageKind::Unmovable, ZoneKind::Dma);
    let moment = first(story, |k| matches!(k, StepKind::Watermark { .. }));
    let texts: Vec<String> = drawn(&moment, 1).texts().map(|(text, _)| text.text.clone()).collect();
    assert!(texts.contains(&"1. DMA".into()) && texts.contains(&"not for this request".into()), "{texts:?}");
}

#[test]
fn nodes_are_told_with_their_distances() {
    let story = Story::on(many_nodes()).alloc_with("a", 0, PageKind::Unmovable, GfpFlags::GFP_KERNEL, 3);
    let moment = first(story, |k| matches!(k, StepKind::TryZone { .. }));
    let texts: Vec<String> = drawn(&moment, 1).texts().map(|(text, _)| text.text.clone()).collect();
    for words in ["node 1 · distance 10", "node 2 · distance 20"] {
        assert!(texts.iter().any(|text| text == words), "{words:?} is not among {texts:?}");
    }
    assert_eq!(neighbour(&moment, ZoneId(3), 1), Some(ZoneId(4)));
    assert_eq!(neighbour(&moment, ZoneId(3), -1), None);
}

#[test]
fn a_boost_is_a_band() {
    let moment = first(mixed(), |k| matches!(k, StepKind::Boost { .. }));
    let scene = drawn(&moment, 2);
    assert!(scene.has(Id::Boost(ZoneId(0))));
    assert!(scene.has(Id::Ringed(Ring::Done)));
}

#[test]
fn a_walk_over_the_zonelist_is_a_way() {
    let story = crate::testing::pressed(two_nodes());
    let moment = first(story, |k| matches!(k, StepKind::Watermark { verdict: WatermarkVerdict::TooFew, .. }));
    let scene = drawn(&moment, 0);
    let Some(StepKind::Watermark { zone, .. }) = moment.just_did.map(|step| step.kind) else { panic!() };
    assert!(scene.has(Id::Verdict(zone, WatermarkVerdict::TooFew)));
    assert!(scene.texts().any(|(text, _)| text.text.starts_with('✕')), "{scene}");
}

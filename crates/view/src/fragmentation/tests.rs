//! Readings agree with the kernel's figures, every room is kept, and every sentence says what the number means.

use mm::op::PageKind;
use mm::page::MigrateType::Movable;
use mm::{Machine, Order};
use scenario::Lang;

use super::{Reading, label, order_in_play, scene};
use crate::pyramid::zone_in_play;
use crate::scene::Id;
use crate::testing::{ROOMS, Story, every_room, lawful, lists, order};

#[test]
fn laws_hold_in_every_room() {
    every_room(|moment, room, lang, of| {
        let zone = zone_in_play(moment);
        let order = order_in_play(moment);
        let scene = scene(moment, room, zone, order, lang);
        lawful(&scene, of);
        for order in Order::all() {
            assert!(scene.has(Id::Unusable(zone, order)) && scene.has(Id::ExtFrag(zone, order)), "{of}");
        }
    });
}

fn machine(free: &[(u8, mm::page::MigrateType, &[u32])]) -> Machine {
    Machine::boot(&lists(1024, Movable, free)).expect("boots")
}

#[test]
fn the_three_answers() {
    let zone = mm::mmzone::ZoneId(0);
    // 512 pages in one piece.
    let whole = machine(&[(9, Movable, &[512])]);
    let reading = Reading::of(&whole, zone, order(9));
    assert_eq!((reading.unusable, reading.extfrag), (0, -1000));
    assert!(reading.answer(Lang::En)[0].contains("MOVABLE block 512 of order 9"));
    assert!(reading.extfrag_words(Lang::Zh)[0].contains("请求会成功"));
    // Sixteen single pages: enough for order 4, and scattered.
    let pfns: Vec<u32> = (0..16).map(|i| i * 4).collect();
    let scattered = machine(&[(0, Movable, &pfns)]);
    let reading = Reading::of(&scattered, zone, order(4));
    assert_eq!((reading.unusable, reading.place), (1000, None));
    assert!(reading.extfrag > 500, "{}", reading.extfrag);
    assert!(reading.answer(Lang::En)[0].contains("64 KiB wanted, the largest piece is 4 KiB"));
    assert!(reading.extfrag_words(Lang::En)[0].contains("compaction"));
    assert!(reading.unusable_words(Lang::En)[0].starts_with("100% of the free memory"));
    // Far too little.
    let reading = Reading::of(&scattered, zone, order(10));
    assert!(reading.extfrag_words(Lang::En)[1].contains("reclaim") == (reading.extfrag <= 500));
    let none = machine(&[]);
    let reading = Reading::of(&none, zone, order(0));
    assert_eq!((reading.unusable, reading.extfrag), (1000, 0));
    assert!(reading.answer(Lang::Zh)[0].contains("没有空闲页"));
}

#[test]
fn the_request_in_play_is_asked_about() {
    let moment = Story::on(lists(1024, Movable, &[(6, Movable, &[64])])).alloc("a", 8, PageKind::Anon).end();
    assert_eq!(order_in_play(&moment), order(8));
    assert!(label(&moment, order(8), Lang::En).contains("unusable_index 1.000"));
    let scene = scene(&moment, &ROOMS[0].0, mm::mmzone::ZoneId(0), order(8), Lang::En);
    assert!(scene.texts().any(|(text, _)| text.text.contains("fits nowhere")), "{scene}");
}

/// A projector of few pixels: words give way, the numbers at the axes stay.
#[test]
fn the_axes_keep_their_numbers_on_a_small_projector() {
    let moment = Story::on(crate::testing::two_nodes()).alloc("a", 4, PageKind::Anon).end();
    let zone = mm::mmzone::ZoneId(0);
    for lang in Lang::ALL {
        let form = crate::scene::Form::Projector;
        let room = crate::scene::Room { width: 1367.0, height: 624.0, scale: 1.0, form };
        let scene = scene(&moment, &room, zone, order(4), lang);
        let count = |words: &str| scene.texts().filter(|(text, _)| text.text == words).count();
        let zones = count("unusable_index");
        assert!(zones > 0);
        assert_eq!((count("−1"), count("0"), count("1")), (zones, 3 * zones, 3 * zones), "{scene}");
    }
}

//! The picture of vmalloc as lists of drawing operations, and the laws that every scene keeps.

use std::rc::Rc;

use history::Cursor;
use mm::page::Block;
use mm::vmalloc::VmallocStep;
use mm::{Op, Order, Pfn, StepKind};
use scenario::{Lang, Scenario};

use super::{What, addresses, label, neighbour, scene};
use crate::Moment;
use crate::pyramid::Direction;
use crate::scene::{Form, Id, Paint, Ring, Room};
use crate::testing::{ROOMS, lawful, session};

/// Machines and ops that meet every step of vmalloc.
const STORIES: [&str; 4] = [
    // Memory in crumbs: nothing larger than two pages is free, and those lie far apart.
    "ram 4M\nzone Normal\npage_group_by_mobility off\npcp off\nwatermarks off\n\
     for i in 0..1023\n  a[i] = alloc order=0 unmovable\nend\n\
     for i in 0..140\n  free a[i*7+11]\nend\n\
     v = vmalloc 64K\nw = vmalloc 20K\nfree v\nx = vmalloc 8K\nbig = vmalloc 1M",
    // A new machine with per-CPU lists.
    "ram 64M\ncpus 2\nv = vmalloc 12K\nu = vmalloc 4K\nfree v cpu=1\nz = vmalloc 8K\nn = vmalloc 100M",
    // Longer than a table maps, and longer than may wait.
    "ram 128M\npcp off\nwatermarks off\nv = vmalloc 3M\nfree v\nw = vmalloc 34M\nfree w\ny = vmalloc 16K",
    // Many areas.
    "ram 16M\nzone Normal\nwatermarks off\nfor i in 0..30\n  v[i] = vmalloc 8K\nend\n\
     for i in 3..8\n  free v[i]\nend\nk = kvmalloc 32K\nlast = vmalloc 400K",
];

fn read(text: &str) -> Rc<Scenario> {
    let parsed = scenario::parse(text);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    Rc::new(parsed.strict().expect("a scenario"))
}

/// Calls `look` for every moment from shortly before the first area on.
fn watch(text: &str, mut look: impl FnMut(&Moment)) {
    let scenario = read(text);
    let first = scenario.ops.iter().position(|op| matches!(op.op, Op::Kmem(_))).unwrap_or(0);
    let mut session = session(&scenario);
    while !session.survey(1 << 20) {}
    session.seek(Cursor::new(first as u32, 0));
    look(&Moment::of(&session, &scenario));
    while session.step_forward() {
        look(&Moment::of(&session, &scenario));
    }
}

/// The moment after the first step that is wanted.
fn first(text: &str, wanted: fn(&StepKind) -> bool) -> Moment {
    let mut found = None;
    watch(text, |moment| {
        if found.is_none() && moment.just_did.is_some_and(|step| wanted(&step.kind)) {
            found = Some(moment.clone());
        }
    });
    found.expect("no such step")
}

#[test]
fn laws_hold_in_every_room() {
    let mut met = Vec::new();
    for (s, text) in STORIES.iter().enumerate() {
        let mut at = 0usize;
        watch(text, |moment| {
            at += 1;
            let step = moment.just_did.map(|step| step.kind);
            let is_page = matches!(step, Some(StepKind::Vmalloc { step: VmallocStep::Page { .. }, .. }));
            let is_vmalloc = matches!(step, Some(StepKind::Vmalloc { .. }));
            let is_rare = is_vmalloc && !is_page;
            if !is_rare && !at.is_multiple_of(if at > 400 { 997 } else { 7 }) {
                return;
            }
            if let Some(StepKind::Vmalloc { step, .. }) = step {
                met.push(std::mem::discriminant(&step));
            }
            let turns = if is_rare && at < 3000 { 0..10 } else { at % 10..at % 10 + 1 };
            for turn in turns {
                let (room, name) = ROOMS[turn / 2];
                let lang = Lang::ALL[turn % 2];
                let scale = if at.is_multiple_of(3) && room.form != Form::Projector { 1.25 } else { 1.0 };
                let selected =
                    moment.machine.kmem().vmalloc().and_then(|v| Some(*v.areas().next()?.pages.last()?));
                let scene = scene(moment, &Room { scale, ..room }, lang, selected);
                let of = format!("story {s}, {}, {name} {lang:?} × {scale}", moment.cursor);
                lawful(&scene, &of);
                let rule = scene.texts().find(|(_, item)| item.id == Id::Invariant).expect("the rule");
                assert!(rule.0.text.starts_with('✓'), "{of}: {}", rule.0.text);
            }
        });
    }
    met.sort_by_key(|step| format!("{step:?}"));
    met.dedup();
    assert_eq!(met.len(), 8, "every kind of step");
}

#[test]
fn the_page_of_a_step_and_its_frame_are_ringed_and_joined() {
    let moment = first(STORIES[0], |kind| {
        matches!(kind, StepKind::Vmalloc { step: VmallocStep::Page { index: 9, .. }, .. })
    });
    let Some(StepKind::Vmalloc { step: VmallocStep::Page { pfn, .. }, .. }) = moment.just_did.map(|s| s.kind)
    else {
        unreachable!()
    };
    let block = Block { pfn, order: Order::ZERO };
    for (room, name) in &ROOMS {
        let scene = scene(&moment, room, Lang::En, None);
        assert!(scene.rings(block).eq([Ring::Done]), "{name}");
        assert!(scene.has(Id::Chip(block)) && scene.has(Id::Ground(block)), "{name}");
        assert_eq!(scene.items.iter().filter(|item| item.paint == Paint::GoHead).count(), 1, "{name}");
        let words = |part: &str| scene.texts().any(|(text, _)| text.text.contains(part));
        assert!(words("order 4") && words("order 0"), "{name}: kmalloc could not have them\n{scene}");
    }
}

#[test]
fn addresses_from_the_first_to_the_last() {
    let whats = |moment: &Moment| -> Vec<(What, u64)> {
        addresses(moment).iter().map(|segment| (segment.what, segment.pages)).collect()
    };
    let end = |text: &str| {
        let mut last = None;
        watch(text, |moment| last = Some(moment.clone()));
        last.expect("a moment")
    };
    let head = "ram 64M\npcp off\nwatermarks off\n";
    let story = format!("{head}a = vmalloc 12K\nb = vmalloc 4K\nc = vmalloc 8K\nfree a\nfree b");
    assert_eq!(whats(&end(&story)), [(What::Waits, 6), (What::Area, 3)]);
    let story = format!("{head}a = vmalloc 12K");
    let built =
        first(&story, |kind| matches!(kind, StepKind::Vmalloc { step: VmallocStep::Page { .. }, .. }));
    assert_eq!(whats(&built), [(What::Built, 4)]);
    let story = format!("{head}a = vmalloc 12K\nfree a");
    let mut given = Vec::new();
    watch(&story, |moment| {
        for segment in addresses(moment).iter().filter(|segment| segment.what == What::GivenBack) {
            given.push((segment.pages, segment.first, segment.frames.len()));
        }
    });
    given.dedup();
    assert_eq!(given, [(4, 0, 3), (4, 1, 2), (4, 2, 1), (4, 3, 0)][..given.len()]);
    assert!(given.len() >= 3);
    // Before the first and without any.
    let none = first("ram 64M\na = alloc order=0 anon", |_| true);
    assert!(addresses(&none).is_empty());
    assert!(scene(&none, &ROOMS[0].0, Lang::En, None).texts().any(|(text, _)| text.text.contains("no area")));
}

#[test]
fn arrow_keys_go_from_page_to_page_and_from_area_to_area() {
    let story = "ram 64M\na = vmalloc 12K\nb = vmalloc 8K";
    let mut last = None;
    watch(story, |moment| last = Some(moment.clone()));
    let moment = last.expect("a moment");
    let areas: Vec<Vec<Pfn>> =
        moment.machine.kmem().vmalloc().expect("a range").areas().map(|area| area.pages.clone()).collect();
    let go = |from: Pfn, to| neighbour(&moment, Some(from), to);
    assert_eq!(neighbour(&moment, None, Direction::Right), Some(areas[1][0]), "the one in play");
    assert_eq!(go(areas[0][0], Direction::Right), Some(areas[0][1]));
    assert_eq!(go(areas[0][1], Direction::Left), Some(areas[0][0]));
    assert_eq!(go(areas[0][2], Direction::Right), None);
    assert_eq!(go(areas[0][2], Direction::Down), Some(areas[1][0]));
    assert_eq!(go(areas[1][1], Direction::Up), Some(areas[0][0]));
    assert!(label(&moment, Lang::En).contains("2 areas, 5 pages"));
    assert!(label(&moment, Lang::Zh).contains("2 个区域"));
}

//! The laws that every scene keeps, and what it shows.

use std::collections::BTreeSet;

use mm::page::Block;
use mm::step::CmaStep;
use mm::{Order, StepKind};
use scenario::Lang;

use super::{Census, What, headline, in_play, is_lawful, label, of_step, pages_of, range_in_play, scene};
use crate::hierarchy::tests_watch as watch;
use crate::scene::{Id, Ring, Room};
use crate::testing::{ROOMS, lawful};

/// Guests that leave, a pinned one, one that finds no place, and areas of many sizes.
pub(crate) const STORIES: [&str; 5] = [
    "ram 2M\nzone Normal\npage_group_by_mobility on\npageblock_order 5\ncma 1280K\npcp off\nwatermarks off\n\
     for i in 0..99\n  g[i] = alloc order=0 movable\nend\npin g[7]\na = cma_alloc 16 align=4\nb = cma_alloc 100\n\
     cma_release a\nc = cma_alloc 4\nfree c",
    "ram 2M\nzone Normal\npage_group_by_mobility on\npageblock_order 4\ncma 768K\npcp off\nwatermarks off\n\
     w = workload 480 orders=0..0 movable=1\na_rather_long_name_of_a_buffer = cma_alloc 150\n\
     x = alloc_contig_range 0 32\nnone = cma_alloc 1000",
    "ram 32M\nreserved_memory video size=4M reusable\ncma 8M\nf = file 2M\np = exec\nm = mmap p 6M\nwrite m\n\
     cat f\nv = cma_alloc 300 align=8 area=video\nd = cma_alloc 2048\ncma_release v cpu=0",
    "ram 16M\nreclaim on\ncma 2M\nf = file 4M\ncat f block=64K\np = exec\nm = mmap p 2M\nwrite m\n\
     d = cma_alloc 512\ncma_release d",
    "ram 2M\nzone Normal\na = cma_alloc 3",
];

#[test]
fn laws_hold_in_every_room() {
    let mut seen = BTreeSet::new();
    for (s, text) in STORIES.iter().enumerate() {
        let mut at = 0usize;
        watch(text, |moment| {
            let step = of_step(moment.just_did.as_ref()).map(|step| std::mem::discriminant(&step));
            let is_new = step.is_some_and(|step| seen.insert((s, format!("{step:?}"))));
            at += 1;
            if !is_new && !at.is_multiple_of(401) {
                return;
            }
            let turns = if is_new { 0..10 } else { at % 10..at % 10 + 1 };
            for turn in turns {
                let ((room, name), lang) = (ROOMS[turn % 5], Lang::ALL[turn / 5]);
                let size = if at.is_multiple_of(3) && turn % 5 > 1 { 1.25 } else { 1.0 };
                let chosen = super::neighbour(moment, None, crate::pyramid::Direction::Right)
                    .and_then(|pfn| super::neighbour(moment, Some(pfn), crate::pyramid::Direction::Down));
                let scene =
                    scene(moment, &Room { scale: size, ..room }, lang, chosen.filter(|_| turn % 2 == 0));
                lawful(&scene, &format!("story {s}, {}, {name} {lang:?} × {size}", moment.cursor));
                assert!(!label(moment, lang).is_empty());
            }
        });
    }
    assert!(seen.len() > 30, "{seen:?}");
}

#[test]
fn whoever_stays_is_ringed_and_the_range_slides() {
    let mut refused = 0;
    let mut ranges = Vec::new();
    watch(STORIES[0], |moment| {
        let (room, _) = ROOMS[0];
        if let Some(CmaStep::Tested { busy: Some(pfn), .. }) = of_step(moment.just_did.as_ref()) {
            let scene = scene(moment, &room, Lang::En, None);
            assert!(scene.has(Id::Ring(Ring::Fail, Block { pfn, order: Order::ZERO })), "{scene}");
            refused += 1;
        }
        if let Some((range, true)) = range_in_play(moment)
            && ranges.last() != Some(&range)
        {
            ranges.push(range);
        }
    });
    assert!(refused > 0 && ranges.len() > 2, "{refused} {ranges:?}");
    assert!(ranges[1].start > ranges[0].start);
}

#[test]
fn pages_are_counted_as_they_are() {
    let mut last = None;
    watch(STORIES[0], |moment| {
        let (_, area) = in_play(moment).expect("an area");
        let pages = pages_of(&moment.machine, area.frames);
        let census = Census::of(&pages);
        let Census { free, guests, pinned, handed, other } = census;
        assert_eq!(free + guests + pinned + handed + other, 320);
        assert!(is_lawful(moment, area, &pages));
        if matches!(moment.just_did.map(|s| s.kind), Some(StepKind::Cma(CmaStep::Got { .. }))) {
            assert!(pages.contains(&What::Handed));
            assert!(headline(area, &census, Lang::En)[0].contains("handed out"));
        }
        last = Some(census);
    });
    assert_eq!(last.map(|census| census.pinned), Some(1));
}

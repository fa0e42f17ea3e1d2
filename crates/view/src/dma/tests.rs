//! The laws that every scene keeps, and what it shows.

use std::collections::BTreeSet;

use mm::step::DmaStep;
use scenario::Lang;

use super::{Way, label, of_step, rows, scene};
use crate::hierarchy::tests_watch as watch;
use crate::scene::{Id, Ring};
use crate::testing::{ROOMS, lawful};

/// All ways, and one that fails.
const STORY: &str = "ram 32M\nreserved_memory dsp size=64K no-map\nreserved_memory video size=4M reusable\nthp never\n\
    nic = device\na = dma_alloc_coherent nic 8M\nb = dma_alloc_coherent nic 20K\n\
    a_sound_processor = device memory_region=dsp\n\
    a_buffer_with_a_long_name = dma_alloc_coherent a_sound_processor 32K\n\
    gpu = device iommu\nc = dma_alloc_coherent gpu 300K\ndma_read c pages=3\ndma_read c\n\
    cam = device memory_region=video mask=40\nd = dma_alloc_coherent cam 1M\ndma_read d\n\
    e = dma_alloc_coherent a_sound_processor 64K\nfree d\ndma_free_coherent c\nfree b";

#[test]
fn laws_hold_in_every_room() {
    let mut seen = BTreeSet::new();
    let mut at = 0usize;
    watch(STORY, |moment| {
        let is_new = of_step(moment.just_did.as_ref()).is_some_and(|step| seen.insert(format!("{step:?}")));
        at += 1;
        if !is_new && !at.is_multiple_of(97) {
            return;
        }
        for turn in 0..10 {
            let ((room, name), lang) = (ROOMS[turn % 5], Lang::ALL[turn / 5]);
            let scene = scene(moment, &room, lang);
            lawful(&scene, &format!("{}, {name} {lang:?}", moment.cursor));
            assert!(!label(moment, lang).is_empty());
        }
    });
    assert!(seen.len() > 20, "{seen:?}");
}

#[test]
fn every_way_shows_what_came_of_it() {
    let (mut had, mut failed) = (BTreeSet::new(), BTreeSet::new());
    watch(STORY, |moment| {
        for row in rows(moment) {
            if row.buffer.is_some() {
                had.insert(row.way);
            }
            if row.failed.is_some() {
                failed.insert(row.way);
            }
        }
        if matches!(of_step(moment.just_did.as_ref()), Some(DmaStep::Failed { .. })) {
            let scene = scene(moment, &ROOMS[0].0, Lang::En);
            assert!(scene.has(Id::Ringed(Ring::Fail)), "{scene}");
        }
    });
    assert_eq!(had.into_iter().collect::<Vec<_>>(), Way::ALL);
    assert_eq!(failed.into_iter().collect::<Vec<_>>(), [Way::Pool, Way::Buddy]);
}

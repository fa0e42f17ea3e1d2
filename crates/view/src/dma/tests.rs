//! The laws that every scene keeps, and what it shows.

use std::collections::BTreeSet;

use mm::step::DmaStep;
use scenario::Lang;

use super::{Way, label, neighbour, of_step, rows, scene};
use crate::hierarchy::tests_watch as watch;
use crate::pyramid::Direction;
use crate::scene::{Id, Ring, Shape};
use crate::testing::{ROOMS, lawful};

/// All ways, and one that fails.
const STORY: &str = "ram 32M\nreserved_memory dsp size=64K no-map\nreserved_memory video size=4M reusable\nthp never\n\
    nic = device\na = dma_alloc_coherent nic 8M\nb = dma_alloc_coherent nic 20K\n\
    a_sound_processor = device memory_region=dsp\n\
    a_buffer_with_a_long_name = dma_alloc_coherent a_sound_processor 32K\n\
    gpu = device iommu\nc = dma_alloc_coherent gpu 300K\ndma_read c pages=3\ndma_read c\n\
    cam = device memory_region=video mask=40\nd = dma_alloc_coherent cam 1M\ndma_read d\n\
    e = dma_alloc_coherent a_sound_processor 64K\nfree d\ndma_free_coherent c\nfree b";

/// Everything that is lent: where it lies, in slots, behind an IOMMU, and what is stale or refused.
const LENT: &str = "ram 5G\nswiotlb 1M\npcp off\na_camera = device mask=40 noncoherent\na = alloc order=0 unmovable\n\
    cpu_write a\nm = dma_map a_camera a dir=both\ndma_read m\ndma_write m\ncpu_read a\ndma_sync_for_cpu m\n\
    cpu_read a\ncpu_write a\ndma_unmap m\nc = device\na_long_buffer = alloc order=7 unmovable\n\
    a_long_mapping = dma_map c a_long_buffer 6K dir=from\ncpu_write a_long_buffer\ndma_write a_long_mapping\n\
    dma_sync_for_cpu a_long_mapping\ndma_sync_for_device a_long_mapping\nq = dma_map c a_long_buffer 400K dir=to\n\
    r = dma_map c a_long_buffer 200K dir=to\ndma_read r\nfree r\ng = device mask=40 iommu noncoherent\n\
    s = dma_map g a_long_buffer 64K dir=to\ndma_read s\ndma_write s\ndma_unmap s\ndma_unmap a_long_mapping";

#[test]
fn laws_hold_in_every_room() {
    laws(STORY, 20);
}

#[test]
fn laws_hold_where_something_is_lent() {
    laws(LENT, 30);
    // Beside the ways as well.
    laws(
        &format!("{STORY}\nx = alloc order=0 unmovable\ny = dma_map nic x dir=both\ndma_write y\ncpu_read x"),
        20,
    );
}

/// What is old is said to be, and the turn is where the machine says.
#[test]
fn what_is_old_and_whose_turn_it_is_can_be_seen() {
    let (mut old, mut turns) = (0, BTreeSet::new());
    watch(LENT, |moment| {
        let Some(lent) = super::lent(moment) else { return };
        let scene = scene(moment, &ROOMS[0].0, Lang::En, None);
        let says = |words: &str| {
            scene.items.iter().any(|item| matches!(&item.shape, Shape::Text(text) if text.text == words))
        };
        let lies = |value: u32| value != lent.contents.newest;
        let line = lent.contents.line;
        let seen = lent.stream.map(|(_, of)| super::seen_by_device(&moment.machine, &lent.contents, &of));
        let cached = line.cache.map(|(value, _)| value);
        if [Some(line.memory), cached, seen].into_iter().flatten().any(lies) {
            assert!(says("old"), "{}: {scene}", moment.cursor);
            old += 1;
        }
        if let Some((_, stream)) = lent.stream {
            assert!(says("its turn"), "{}: {scene}", moment.cursor);
            turns.insert(stream.with_device);
        }
    });
    assert!(old > 5 && turns.len() == 2, "{old} {turns:?}");
}

fn laws(text: &str, least: usize) {
    let mut seen = BTreeSet::new();
    let mut at = 0usize;
    watch(text, |moment| {
        let is_new = of_step(moment.just_did.as_ref()).is_some_and(|step| seen.insert(format!("{step:?}")));
        at += 1;
        if !is_new && !at.is_multiple_of(97) {
            return;
        }
        for turn in 0..10 {
            let ((room, name), lang) = (ROOMS[turn % 5], Lang::ALL[turn / 5]);
            let chosen = neighbour(moment, None, Direction::Right).filter(|_| turn % 2 == 0);
            let scene = scene(moment, &room, lang, chosen);
            lawful(&scene, &format!("{}, {name} {lang:?}", moment.cursor));
            assert!(!label(moment, lang).is_empty());
        }
    });
    assert!(seen.len() > least, "{seen:?}");
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
            let scene = scene(moment, &ROOMS[0].0, Lang::En, None);
            assert!(scene.has(Id::Ringed(Ring::Fail)), "{scene}");
        }
    });
    assert_eq!(had.into_iter().collect::<Vec<_>>(), Way::ALL);
    assert_eq!(failed.into_iter().collect::<Vec<_>>(), [Way::Pool, Way::Buddy]);
}

/// Arrow keys go through all that devices have, one after the other, and the card of each says whose it is.
#[test]
fn arrow_keys_go_from_buffer_to_buffer() {
    let mut most = 0;
    watch(&format!("{STORY}\nx = alloc order=0 unmovable\ny = dma_map nic x dir=both"), |moment| {
        let mut at = neighbour(moment, None, Direction::Right);
        let mut seen = Vec::new();
        while let Some(pfn) = at {
            assert!(seen.last().is_none_or(|last| *last < pfn) && seen.len() < 20, "{seen:?}");
            let card = crate::inspector::card(moment, pfn, Lang::En);
            let is_said =
                card.rows.iter().any(|row| ["buffer", "lent to", "contents"].contains(&row.label.as_str()));
            assert!(is_said, "{}: {pfn}", moment.cursor);
            seen.push(pfn);
            at = neighbour(moment, Some(pfn), Direction::Down);
        }
        if let [.., before, last] = seen[..] {
            assert_eq!(neighbour(moment, Some(last), Direction::Left), Some(before));
            let scene = scene(moment, &ROOMS[0].0, Lang::En, Some(last));
            assert!(scene.items.iter().any(|item| item.hit.is_some()));
        }
        most = most.max(seen.len());
    });
    assert!(most >= 4, "{most}");
}

/// Forwards and backwards, step by step and by leaps, a moment is the same.
#[test]
fn back_and_forth_is_the_identity() {
    let story = std::rc::Rc::new(scenario::parse(LENT).strict().expect("a scenario"));
    let mut session = crate::testing::session(&story);
    while !session.survey(1 << 20) {}
    session.seek(history::Cursor::START);
    let mut hashes = vec![session.machine().state_hash()];
    while session.step_forward() {
        hashes.push(session.machine().state_hash());
    }
    let all = hashes.len();
    while session.step_back() {
        hashes.pop();
        assert_eq!(hashes.last().copied(), Some(session.machine().state_hash()), "{:?}", session.cursor());
    }
    assert!(hashes.len() == 1 && all > 80, "{all}");
}

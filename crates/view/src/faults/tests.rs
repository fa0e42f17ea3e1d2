//! The way of a fault, what is on the picture of it, and the laws that every scene keeps.

use std::rc::Rc;

use history::Cursor;
use mm::StepKind;
use scenario::Lang;

use super::*;
use crate::scene::{Form, Id, Ring};
use crate::testing::{ROOMS, lawful, session};

/// Stories that meet every end of a fault, and processes side by side.
pub(crate) const STORIES: [&str; 6] = [
    "ram 32M\nlib = file 96K cached=64K\np = exec\nm = mmap p 100K\nread m 0..8K\nwrite m 0..12K\nt = mmap p 96K file=lib rx\n\
     exec t 0..4K\nexec t 80K..84K\nw = mmap p 64K file=lib rw\nwrite w 0..4K\nread w 4K..8K\nwrite w 4K..8K\nbrk p +40K\n\
     write p heap\nq = fork p\nwrite m 0..4K by=q\nwrite m 0..4K\nexit q\nwrite p stack 0..200K\nmprotect m r\nwrite m",
    "ram 32M\np = exec stack=64K\nm = mmap p 4M shared\nwrite m 0..8K\nq = fork p\nread m 0..8K by=q\nread p 0x0",
    "ram 16M\nf = file 4K\np = exec\nm = mmap p 8K file=f r\nread m\nq = exec\nb = mmap q 400M\nwrite b 0..16K\nmunmap b",
    "ram 32M\np = exec\na = malloc p 100\nb = malloc p 100\nmemset a 0x41\nfree a\nc = malloc p 100\nhexdump c\n\
     for i in 0..19\n  d[i] = malloc p 4000\nend\nfor i in 0..18\n  free d[i]\nend\ne = calloc p 9000\nfree d[19]\n\
     f = malloc p 300K\nwrite f\nb = realloc b 3000\nf = realloc f 600K\nq = fork p\nmemset c 0x42\nhexdump c by=q\nfree f\n\
     g = malloc p 300K\nfree g\nm = mmap p 64K r\nn = mmap p 64K\nwrite n\nmremap n 128K maymove",
    "ram 32M\nthp always\np = exec\nm = mmap p 6M\nwrite m 0..8K\nread m 2M..2052K\nmadvise m dontneed 1M..1028K\n\
     write m 1M..1028K\nmprotect m r 0..4K\nn = mmap p 4M\nwrite n 4K..8K\nq = fork p\nwrite n 4K..8K by=q\nexit q\n\
     write n 8K..12K\nmadvise n free 1M..1028K\nmadvise n nohugepage\nmunmap m",
    "ram 16M\nnr_hugepages 3\np = exec\nm = mmap p 4M huge\nwrite m 0..4K\nread m 2M..2052K\nwrite m 2M..2052K\n\
     q = fork p\nwrite m 0..4K by=q\nnr_hugepages 0\nwrite m 2M..2052K by=q\nmunmap m\nnr_hugepages 9",
];

fn watch(text: &str, mut look: impl FnMut(&Moment)) {
    let parsed = scenario::parse(text);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    let scenario = Rc::new(parsed.strict().expect("a scenario"));
    let mut session = session(&scenario);
    while !session.survey(1 << 20) {}
    session.seek(Cursor::new(0, 0));
    look(&Moment::of(&session, &scenario));
    while session.step_forward() {
        look(&Moment::of(&session, &scenario));
    }
}

/// The ends of all faults of a story, in their order.
fn ends(text: &str) -> Vec<Leaf> {
    let mut ends = Vec::new();
    watch(text, |moment| {
        let is_end = |step: &Step| {
            matches!(
                step.kind,
                StepKind::Process { step: ProcessStep::Resolved { .. } | ProcessStep::Killed { .. }, .. }
            )
        };
        if moment.just_did.as_ref().is_some_and(is_end) {
            ends.push(way(moment.trail.iter()).leaf.expect("a fault has an end"));
        }
    });
    ends
}

#[test]
fn every_end_is_met() {
    let first = ends(STORIES[0]);
    use Leaf::{Cached, Copied, Disk, Fresh, NotAllowed, PrivateCopy, Reused, Zero};
    // Pages of m, two of them read before; of the library; of its data.
    let expected = [Zero, Zero, Fresh, Fresh, Fresh, Cached, Disk, PrivateCopy, Cached, Copied];
    assert_eq!(first[..expected.len()], expected);
    assert!(first.contains(&Reused) && first.last() == Some(&NotAllowed), "{first:?}");
    let second = ends(STORIES[1]);
    assert_eq!(second.last(), Some(&Leaf::NoArea), "{second:?}");
    assert!(ends(STORIES[2]).contains(&Leaf::BeyondFile));
    let huge = ends(STORIES[4]);
    assert!([Leaf::Huge, Copied, Reused].iter().all(|leaf| huge.contains(leaf)), "{huge:?}");
    let pool = ends(STORIES[5]);
    assert_eq!(pool, [Leaf::Huge, Leaf::Huge, Reused, Copied, Leaf::PoolEmpty], "{pool:?}");
}

#[test]
fn laws_hold_in_every_room() {
    for (s, text) in STORIES.iter().enumerate() {
        let mut at = 0usize;
        watch(text, |moment| {
            let is_ours = moment.just_did.is_some_and(|step| matches!(step.kind, StepKind::Process { .. }));
            at += 1;
            if !is_ours && !at.is_multiple_of(11) || at > 2000 && !at.is_multiple_of(13) {
                return;
            }
            let turn = at % 10;
            let (room, name) = ROOMS[turn / 2];
            let lang = Lang::ALL[turn % 2];
            let scale = if at.is_multiple_of(3) && room.form != Form::Projector { 1.25 } else { 1.0 };
            let scene = scene(moment, &Room { scale, ..room }, lang);
            let of = format!("story {s}, {}, {name} {lang:?} × {scale}", moment.cursor);
            if in_play(moment).is_some() {
                lawful(&scene, &of);
            }
            assert!(!label(moment, lang).is_empty());
        });
    }
}

#[test]
fn the_page_of_a_step_is_ringed() {
    watch(STORIES[0], |moment| {
        let Some(StepKind::Process { step: ProcessStep::AnonPage { pfn, .. }, .. }) =
            moment.just_did.map(|s| s.kind)
        else {
            return;
        };
        let (room, _) = ROOMS[0];
        let scene = scene(moment, &room, Lang::En);
        let ringed =
            |item: &crate::scene::Item| matches!(item.id, Id::Ring(Ring::Done, block) if block.pfn == pfn);
        assert!(scene.items.iter().any(ringed), "{}\n{scene}", moment.cursor);
    });
}

#[test]
fn the_process_at_work_is_in_play_and_its_kin_beside_it() {
    let mut both = 0;
    watch(STORIES[0], |moment| {
        let names: Vec<&str> = shown(moment).iter().map(|mm| moment.name(mm.name)).collect();
        if moment.machine.processes().mms().count() == 2 {
            assert_eq!(names, ["p", "q"], "{}", moment.cursor);
            both += 1;
        }
    });
    assert!(both > 10);
}

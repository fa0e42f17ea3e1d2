//! The laws that every scene keeps, and what it rings.

use std::rc::Rc;

use history::Cursor;
use mm::hierarchy::CacheId;

use super::*;
use crate::scene::{Form, Id, Ring, Shape};
use crate::testing::{ROOMS, lawful, session};

/// Stories that meet every kind of step, small caches and real ones.
pub(crate) const STORIES: [&str; 3] = [
    "ram 16M\ncpus 4\ncaches l1d=512/2 l2=2K/4 l3=8K/8\np = exec\nm = mmap p 16K\nscan m row 8x16\n\
     scan m column 16x16 write\nmove p cpu=1\nscan m row 4x16 write\nscan m row 2x16 cpu=0\nmove p cpu=0\n\
     q = fork p\nscan m row 2x8 by=q cpu=3\nscan m stride=64 exec\nread m",
    "ram 32M\ncpus 2\ncaches skylake-sp disk=hdd\nf = file 256K cached=64K\np = exec\nm = mmap p 256K file=f rx\n\
     scan m stride=4K exec\nscan m random count=40 0..64K\nw = mmap p 1M\nscan w stride=64 write\nscan p heap stride=8\n\
     scan p stack stride=512 0..4K\nscan p 0x1000 stride=8",
    "ram 16M\np = exec\nm = mmap p 64K\nscan m column 8x8 elem=64 times=3",
];

pub(crate) fn watch(text: &str, mut look: impl FnMut(&Moment)) {
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

#[test]
fn laws_hold_in_every_room() {
    let mut seen = std::collections::BTreeSet::new();
    for (s, text) in STORIES.iter().enumerate() {
        let mut at = 0usize;
        watch(text, |moment| {
            let code = moment.just_did.filter(|step| matches!(step.kind, StepKind::Hierarchy(_)));
            let is_new = code.is_some_and(|step| seen.insert((s, step.kind.code())));
            at += 1;
            if !is_new && !at.is_multiple_of(17) {
                return;
            }
            let turns = if is_new { 0..30 } else { at % 30..at % 30 + 1 };
            for turn in turns {
                let ((room, name), lang) = (ROOMS[turn % 5], Lang::ALL[turn / 5 % 2]);
                let scale = Scale::ALL[turn / 10];
                let size = if at.is_multiple_of(3) && room.form != Form::Projector { 1.25 } else { 1.0 };
                let scene = scene(moment, &Room { scale: size, ..room }, scale, lang);
                lawful(&scene, &format!("story {s}, {}, {name} {lang:?} {scale:?} × {size}", moment.cursor));
                assert!(!label(moment, lang).is_empty());
            }
        });
    }
    let codes: std::collections::BTreeSet<u8> = seen.into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, (210..221).collect(), "every kind of step");
}

#[test]
fn a_hit_is_ringed_in_its_set() {
    let mut rings = 0;
    watch(STORIES[2], |moment| {
        let Some(HierarchyStep::Fill { cache: CacheId::L1d, line, .. }) = of_step(moment.just_did.as_ref())
        else {
            return;
        };
        let (room, _) = ROOMS[0];
        let scene = scene(moment, &room, Scale::Log, Lang::En);
        let what = label_of(moment, line).expect("a line of the matrix");
        let ring = |item: &&crate::scene::Item| item.id == Id::Ringed(Ring::Done);
        let ringed: Vec<_> = scene
            .items
            .iter()
            .filter(ring)
            .filter_map(|item| if let Shape::Rect { area, .. } = item.shape { Some(area) } else { None })
            .collect();
        let mut named = scene.texts().filter(|(text, _)| text.text == what);
        assert!(
            named.any(|(text, _)| ringed.iter().any(|ring| ring.holds(text.area()))),
            "{}: {what} is not ringed\n{scene}",
            moment.cursor
        );
        rings += 1;
    });
    assert!(rings > 20);
}

#[test]
fn time_that_people_know() {
    let last = |text: &str| {
        let mut words = String::new();
        watch(text, |moment| {
            let (room, _) = ROOMS[1];
            let scene = scene(moment, &room, Scale::Human, Lang::En);
            words = scene.texts().map(|(text, _)| text.text.clone()).collect::<Vec<_>>().join("|");
        });
        words
    };
    let words = last("ram 16M\np = exec");
    for expected in ["1 second", "4 seconds", "44 s", "5.3 min", "4.6 days", "1.3 years"] {
        assert!(words.contains(expected), "{expected}: {words}");
    }
}

#[test]
fn a_line_is_named_by_what_it_holds() {
    let mut last = None;
    watch(STORIES[2], |moment| last = Some(moment.clone()));
    let moment = last.expect("a moment");
    let hierarchy = moment.machine.hierarchy().expect("it was asked");
    let sets = hierarchy.sets(CpuId(0), CacheId::L1d).expect("it was asked");
    let mut names: Vec<String> = (0..sets.shape().sets)
        .flat_map(|set| sets.lines(set).collect::<Vec<_>>())
        .filter_map(|line| label_of(&moment, line.address))
        .collect();
    names.sort();
    assert_eq!(names.len(), 64);
    assert_eq!((&names[0][..], &names[63][..]), ("[0][0]", "[7][7]"));
}

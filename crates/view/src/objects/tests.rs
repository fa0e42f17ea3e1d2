//! The stage of kernel objects as a list of drawing operations, and the laws that every scene keeps.

use std::rc::Rc;

use mm::slab::SlabStep;
use mm::slub::SlubStep;
use mm::step::StepKind;
use scenario::{Lang, Scenario};

use super::{label, neighbour, scene};
use crate::Moment;
use crate::pyramid::Direction;
use crate::scene::{Form, Id, Paint, Ring, Room, Scene};
use crate::testing::{ROOMS, lawful, walk};

fn scenario(settings: &str, ops: &str) -> Rc<Scenario> {
    let text =
        format!("ram 4M\nzone Normal\npage_group_by_mobility on\npcp off\nwatermarks off\n{settings}\n{ops}");
    Rc::new(scenario::parse(&text).strict().expect("a scenario"))
}

const FILLS: &str = "
inode = kmem_cache_create size=600 ctor
for i in 0..29
  o[i] = kmem_cache_alloc inode
end
free o[0] cpu=1
for i in 1..28
  free o[i]
end
p = kmalloc 40
q = kmalloc 8000 reclaimable
free p
kmem_cache_shrink inode
big = kmalloc 20K";

const TOUCHES: &str = "
obj = kmem_cache_create size=500
tiny = kmem_cache_create size=8 nomerge
for i in 0..69
  o[i] = kmem_cache_alloc obj
end
t = kmem_cache_alloc tiny
for r in 1..2
  for i in 0..9
    touch o[7*i+6]
  end
end
for i in 0..69
  free o[i]
end
reap";

fn all() -> Vec<Rc<Scenario>> {
    vec![
        scenario("cpus 2", FILLS),
        scenario("cpus 2\nslab slab", FILLS),
        scenario("slab slab 2.6", TOUCHES),
        scenario("slab slab\nslab_colour off", TOUCHES),
        scenario("freelist_random on", TOUCHES),
        scenario("", "a = alloc order=0"),
    ]
}

#[test]
fn laws_hold_in_every_room() {
    for (s, scenario) in all().into_iter().enumerate() {
        let mut at = 0usize;
        walk(&scenario, |moment| {
            at += 1;
            if at > 60 && !at.is_multiple_of(7) {
                return;
            }
            let (room, name) = ROOMS[at / 2 % ROOMS.len()];
            let lang = Lang::ALL[at % 2];
            let scale = if at.is_multiple_of(3) && room.form != Form::Projector { 1.25 } else { 1.0 };
            let room = Room { scale, ..room };
            let selected = moment.just_did.and_then(|step| step.kind.blocks()[0]).map(|block| block.pfn);
            let scene = scene(moment, &room, lang, selected);
            lawful(&scene, &format!("story {s}, step {at}, {name}, {lang:?}"));
            assert!(!label(moment, lang).is_empty());
        });
    }
}

fn at(scenario: &Rc<Scenario>, wanted: impl Fn(&StepKind) -> bool) -> Moment {
    let mut found = None;
    walk(scenario, |moment| {
        if found.is_none() && moment.just_did.is_some_and(|step| wanted(&step.kind)) {
            found = Some(moment.clone());
        }
    });
    found.expect("such a step")
}

fn drawn(moment: &Moment) -> Scene {
    scene(moment, &ROOMS[3].0, Lang::En, None)
}

#[test]
fn what_a_step_speaks_of_is_ringed() {
    let fills = scenario("cpus 2", FILLS);
    let slub = |wanted: fn(&SlubStep) -> bool| {
        at(&fills, move |kind| matches!(kind, StepKind::Slub { step, .. } if wanted(step)))
    };
    for moment in [
        slub(|step| matches!(step, SlubStep::FastAlloc(_))),
        slub(|step| matches!(step, SlubStep::NewSlab { .. })),
        slub(|step| matches!(step, SlubStep::SlowFree { .. })),
        slub(|step| matches!(step, SlubStep::ToCpuPartial { .. })),
    ] {
        let kind = moment.just_did.expect("a step").kind;
        let block = kind.blocks()[0].expect("a slab");
        assert!(drawn(&moment).rings(block).any(|ring| ring == Ring::Done), "{kind:?}");
    }
}

#[test]
fn every_object_is_drawn_as_what_it_is() {
    let moment = at(&scenario("cpus 2", FILLS), |kind| {
        matches!(kind, StepKind::Slub { step: SlubStep::SlowFree { .. }, .. })
    });
    let cache = moment.machine.kmem().caches().find(|cache| cache.args().ctor).expect("the cache");
    let (scene, slabs) = (drawn(&moment), cache.slabs());
    for slab in &slabs {
        for index in 0..slab.objects {
            let id = Id::Object { slab: slab.pfn, index };
            let paint = scene.items.iter().find(|item| item.id == id).map(|item| item.paint);
            let expected = if slab.free.contains(&index) { Paint::Free } else { Paint::Object };
            assert_eq!(paint, Some(expected), "object {index} of {}", slab.pfn);
        }
    }
    assert_eq!(slabs.iter().map(|slab| slab.free.len()).sum::<usize>(), 39 - 29);
}

#[test]
fn colours_and_sets_are_shown_where_there_are_some() {
    let hit = |kind: &StepKind| matches!(kind, StepKind::Kmem(mm::step::KmemStep::Touched { .. }));
    let colours = at(&scenario("slab slab 2.6", TOUCHES), hit);
    let has = |moment: &Moment, paint: Paint| drawn(moment).items.iter().any(|item| item.paint == paint);
    assert!(has(&colours, Paint::Outside) && has(&colours, Paint::Note));
    assert!(drawn(&colours).texts().any(|(text, _)| text.text.contains("misses")));
    let plain = at(&scenario("slab slab 2.6\nslab_colour off", TOUCHES), hit);
    assert!(!has(&plain, Paint::Outside));
    let array = at(&scenario("slab slab", TOUCHES), |kind| {
        matches!(kind, StepKind::Slab { step: SlabStep::ArrayFree(_), .. })
    });
    assert!(has(&array, Paint::Pcp));
}

#[test]
fn arrow_keys_go_from_slab_to_slab() {
    let moment = at(&scenario("cpus 2", FILLS), |kind| {
        matches!(kind, StepKind::Kmem(mm::step::KmemStep::Shrinks { .. }))
    });
    let first = neighbour(&moment, None, Direction::Down).expect("a slab");
    let second = neighbour(&moment, Some(first), Direction::Down).expect("another");
    assert_ne!(first, second);
    assert_eq!(neighbour(&moment, Some(second), Direction::Up), Some(first));
    assert_eq!(neighbour(&moment, Some(first), Direction::Up), None);
}

#[test]
fn a_question_marks_objects_and_sizes() {
    use crate::question::{mark, question};
    let mut marked = [0, 0];
    for scenario in [scenario("cpus 2", FILLS), scenario("cpus 2\nslab slab", FILLS)] {
        let mut session = crate::testing::session(&scenario);
        while session.step_forward() {
            let moment = Moment::of(&session, &scenario);
            let coming: Vec<mm::Step> = session.coming().copied().collect();
            let Some(asked) = question(&moment, &coming) else { continue };
            let marks = asked.marks(None, false);
            let mut scene = drawn(&moment);
            mark(&mut scene, &marks, &|_| Vec::new());
            let rings = scene.items.iter().filter(|item| matches!(item.id, Id::Candidate(_))).count();
            for (at, wanted) in [marks.objects.len(), marks.sizes.len()].into_iter().enumerate() {
                marked[at] += usize::from(wanted > 0 && rings > 0);
            }
        }
    }
    assert!(marked[0] > 3 && marked[1] > 0, "{marked:?}");
}

/// What lies in an object is shown run by run, once somebody wrote somewhere; in every room within the laws.
#[test]
fn the_bytes_of_an_object_are_a_strip() {
    let ops = "o = kmalloc 64\nmemset o 0x41\nfree o\nn = kmalloc 64\nhexdump n\nz = kzalloc 40\nhexdump z\nw = kmalloc 192\nmemset w 0x42 0..8\nhexdump w";
    let mut seen = std::collections::BTreeSet::new();
    walk(&scenario("", ops), |moment| {
        for (at, (room, name)) in ROOMS.iter().enumerate() {
            let scene = scene(moment, room, Lang::ALL[at % 2], None);
            lawful(&scene, &format!("{}, {name}", moment.cursor));
            if at == 0 {
                seen.extend(scene.texts().map(|(text, _)| text.text.clone()));
            }
        }
    });
    for words in
        ["The bytes of n", "32 × 0x41", "8 next free", "24 × 0x41", "64 × 0x00", "8 × 0x42", "88 unknown"]
    {
        assert!(seen.contains(words), "{words}: {seen:?}");
    }
}

//! Every question of every scenario: its right answer is what the machine then does, judged by the machine's own
//! state and not by the question.

mod contig;
mod judge;
mod reclaim;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use mm::cache::Access;
use mm::hierarchy::Level;
use mm::mmzone::PerCpuPages;
use mm::op::{KmemOp, PageKind, Workload};
use mm::page::PageState;
use mm::slab_common::{Objects, SlabPlace};
use mm::step::{CmaStep, HierarchyStep, KmemStep, WatermarkVerdict};
use mm::vmalloc::VmallocStep;
use mm::{Config, CpuId, Machine, Op, Step, StepKind};
use scenario::{Scenario, builtins, parse};

use super::*;
use crate::faults::Leaf;
use crate::scene::{Id, Paint, Scene, Shape};
use crate::testing::{
    ROOMS, Story, mixed, order, pressed, session, small_with_reserves, three_zones, two_nodes,
};

/// What was asked at a cursor, and the machine there.
struct Open {
    question: Question,
    before: Machine,
    at: usize,
}

/// Asks at every cursor and follows the machine to where each answer is seen; counts the kinds.
fn examine(scenario: &Rc<Scenario>, kinds: &mut BTreeMap<Kind, u32>) {
    let mut session = session(scenario);
    while !session.survey(1 << 20) {}
    let mut steps: Vec<Step> = Vec::new();
    session.seek(history::Cursor::START);
    while let Some(step) = session.next_step() {
        steps.push(step);
        session.step_forward();
    }
    session.seek(history::Cursor::START);
    let mut open: Vec<Open> = Vec::new();
    let mut done = 0;
    let mut texts = BTreeSet::new();
    loop {
        let moment = Moment::of(&session, scenario);
        open.retain(|asked| {
            let due = asked.at + asked.question.steps as usize == done;
            if due {
                let truth = judge::is_so(asked, &moment, &steps);
                assert!(
                    truth,
                    "at {} {:?}: {:?} after {:?}",
                    asked.at, moment.cursor, asked.question, moment.just_did
                );
            }
            !due
        });
        let coming: Vec<Step> = session.coming().copied().collect();
        assert_eq!(coming.first().copied(), moment.next);
        if let Some(question) = question(&moment, &coming) {
            assert_eq!(super::question(&moment, &coming), Some(question.clone()), "the same each time");
            well_formed(&question);
            // The words of one question of many are enough to look at.
            if texts.insert((question.ask.kind(), steps.get(done).map(|step| step.kind.code()), done % 7)) {
                in_words(&question, scenario);
            }
            *kinds.entry(question.ask.kind()).or_default() += 1;
            open.push(Open { question, before: moment.machine.clone(), at: done });
        }
        if !session.step_forward() {
            break;
        }
        done += 1;
    }
    assert!(open.is_empty(), "an answer that is never seen: {:?}", open.first().map(|open| &open.question));
}

fn well_formed(question: &Question) {
    assert!(question.steps > 0);
    match &question.answers {
        Answers::Number { right, most, wrong, .. } => {
            assert!(!wrong.is_empty() && wrong.iter().all(|(answer, _)| answer != right && answer <= most));
            assert_eq!(question.mistake(Given::Number(*right)), None);
            assert!(question.mistake(Given::Number(most + 1)).is_some());
        }
        Answers::Choice(choices) | Answers::Click(choices) => {
            assert!((2..=9).contains(&choices.len()), "{question:?}");
            assert_eq!(choices.iter().filter(|choice| choice.mistake.is_none()).count(), 1);
            for (at, choice) in choices.iter().enumerate() {
                assert!(choices[..at].iter().all(|other| other.claim != choice.claim));
                assert_eq!(question.mistake(Given::Choice(at)), choice.mistake);
            }
            let blocks = choices.iter().filter(|choice| matches!(choice.claim, Claim::Block(..))).count();
            let clicks = matches!(question.answers, Answers::Click(_));
            assert_eq!(blocks, if clicks { choices.len() } else { 0 }, "{question:?}");
        }
    }
}

fn in_words(question: &Question, scenario: &Scenario) {
    for lang in [Lang::En, Lang::Zh] {
        let fits = |text: &str, most: usize| {
            assert!(!text.is_empty() && !text.contains("  "), "{text}");
            assert!(text.chars().count() <= most, "{} characters: {text}", text.chars().count());
        };
        fits(&question.sentence(scenario, lang), longest(lang));
        let given: Vec<Given> = match &question.answers {
            Answers::Number { wrong, .. } => wrong.iter().map(|(answer, _)| Given::Number(*answer)).collect(),
            _ => (0..question.choices().len()).map(Given::Choice).collect(),
        };
        let mut seen = BTreeSet::new();
        for given in given {
            let text = question.answer(given, scenario, lang);
            fits(&text, longest(lang) / 3);
            assert!(seen.insert(text), "two answers read the same: {question:?}");
            if let Some(mistake) = question.mistake(given) {
                fits(&correction(&mistake, scenario, lang), longest(lang));
            }
        }
        if let Answers::Number { otherwise, .. } = &question.answers {
            fits(&correction(otherwise, scenario, lang), longest(lang));
        }
    }
}

#[test]
fn every_question_of_every_builtin_is_right() {
    for builtin in builtins() {
        let scenario = Rc::new(parse(builtin.text).strict().expect("a built-in scenario"));
        let mut kinds = BTreeMap::new();
        examine(&scenario, &mut kinds);
        let least = match is_about_reads(&scenario) {
            true => 3,
            // There is not more to ask: a fault or which address, and what a selector chooses.
            false if scenario.engine_ops().any(|op| matches!(op, Op::Segment(_))) => 2,
            false if is_about_devices(&scenario) => 1,
            false => 5,
        };
        assert!(kinds.len() >= least, "{}: {kinds:?}", builtin.id);
    }
}

/// Nothing is asked of reads, which is what lessons about colours are about.
fn is_about_reads(scenario: &Scenario) -> bool {
    scenario.engine_ops().any(|op| matches!(op, Op::Kmem(KmemOp::Touch { .. })))
}

/// Of an area the one question is whether a device gets its piece.
fn is_about_devices(scenario: &Scenario) -> bool {
    scenario.engine_ops().any(|op| matches!(op, Op::Cma(_) | Op::Dma(_)))
}

#[test]
fn every_question_of_a_hundred_random_workloads_is_right() {
    let mut kinds = BTreeMap::new();
    for seed in 0..100 {
        let config = match seed % 4 {
            0 => Config::single_zone(1024),
            1 => three_zones(5, mm::config::Mobility::On),
            2 => two_nodes(),
            _ => small_with_reserves(),
        };
        let cpus = config.cpus.len() as u8;
        let free_percent = [30, 45, 60][seed as usize % 3];
        let work = |name: u32, cpu: u8, free_percent: u8| {
            Op::Workload(Workload {
                name: NameId(name),
                actions: 50,
                orders: (order(0), order(4)),
                weights: [3, 2, 2, 3, 3],
                free_percent,
                zone: None,
                cpu: CpuId(cpu),
            })
        };
        let config = Config { seed, ..config };
        let story = Story::on(config)
            .alloc("a", 0, PageKind::Anon)
            .alloc("b", 0, PageKind::Anon)
            .workload("w", 1, (0, 0), [1, 1, 1, 1, 1], 0)
            .workload("v", 1, (0, 0), [1, 1, 1, 1, 1], 0)
            .free("w")
            .free("v")
            .op(work(2, 0, free_percent))
            .op(work(3, cpus - 1, 20))
            .alloc("big", 9, PageKind::Unmovable)
            .alloc("small", 1, PageKind::Unmovable)
            .alloc("huge", 10, PageKind::Anon)
            .free("w")
            .free("a")
            .free("v")
            .free("b");
        examine(&story.scenario(), &mut kinds);
    }
    let many = [
        Kind::List,
        Kind::Head,
        Kind::Half,
        Kind::UpperHalf,
        Kind::Buddy,
        Kind::BuddyPlace,
        Kind::Put,
        Kind::Cuts,
    ];
    assert!(many.iter().all(|kind| kinds.get(kind).is_some_and(|n| *n > 50)), "{kinds:?}");
}

/// Kernel objects and areas, on SLUB and on both kinds of SLAB.
fn kmem_stories() -> Vec<Rc<Scenario>> {
    let objects = "cpus 2\nsizes = kmalloc 70\nsmall = kmalloc 40\nwhole = kmalloc 192\nbytes = kmalloc 1\n\
        c = kmem_cache_create size=2000\nfor i in 0..79\n  o[i] = kmem_cache_alloc c\nend\n\
        free o[70]\nfree o[72]\nq = kmem_cache_alloc c\nfree o[3]\nfree o[11] cpu=1\nfree o[4]\nfree o[12]\n\
        x = kmem_cache_alloc c\nfor i in 20..69\n  free o[i]\nend\nfree o[0] cpu=1\n\
        for i in 5..10\n  free o[i]\nend\nfor i in 13..19\n  free o[i]\nend\ny = kmem_cache_alloc c cpu=1\n\
        touch o[1]\ntouch o[2]\ntouch o[71]\ntouch o[1]\nkmem_cache_shrink c\nd = kmem_cache_create size=1000 nomerge\n\
        for i in 0..255\n  d[i] = kmem_cache_alloc d\nend\nfor i in 0..15\n  free d[i*16]\nend\n\
        for i in 1..15\n  free d[i]\nend\nfor i in 17..31\n  free d[i]\nend\n";
    let crumbs = "ram 4M\nzone Normal\npage_group_by_mobility off\npcp off\nwatermarks off\n\
        for i in 0..1023\n  a[i] = alloc order=0 unmovable\nend\nfor i in 0..40\n  free a[i*7+11]\nend\n\
        v = vmalloc 40K\nw = vmalloc 20K\nfree v\nx = vmalloc 8K\nbig = vmalloc 1M\nk = kvmalloc 12K\n";
    let slub = format!("ram 64M\n{objects}");
    let random = format!("ram 64M\nfreelist_random on\n{objects}");
    let slab = format!("ram 64M\nslab slab\n{objects}");
    let old = format!("ram 64M\nslab slab 2.6\n{objects}");
    let read = |text: &str| Rc::new(parse(text).strict().expect("a scenario"));
    [slub.as_str(), &random, &slab, &old, crumbs].map(read).to_vec()
}

#[test]
fn every_question_about_objects_and_areas_is_right() {
    let mut kinds = BTreeMap::new();
    for story in kmem_stories() {
        examine(&story, &mut kinds);
    }
    let all = [
        Kind::SizeClass,
        Kind::NextObject,
        Kind::FreedObject,
        Kind::EmptySlab,
        Kind::Vmalloc,
        Kind::Addresses,
        Kind::Sets,
        Kind::Line,
    ];
    assert!(all.iter().all(|kind| kinds.contains_key(kind)), "{kinds:?}");
}

#[test]
fn every_question_about_faults_is_right() {
    let mut kinds = BTreeMap::new();
    let mut ends = BTreeSet::new();
    for text in crate::faults::STORIES {
        let story = Rc::new(parse(text).strict().expect("a scenario"));
        examine(&story, &mut kinds);
        let mut session = session(&story);
        while !session.survey(1 << 20) {}
        session.seek(history::Cursor::START);
        while session.step_forward() {
            let coming: Vec<Step> = session.coming().copied().collect();
            let asked = question(&Moment::of(&session, &story), &coming);
            for choice in asked.iter().flat_map(Question::choices).filter(|choice| choice.mistake.is_none()) {
                if let Claim::Fault(leaf) = choice.claim {
                    ends.insert(leaf as u8);
                }
            }
        }
    }
    let all = [Kind::FaultEnds, Kind::RssAfter, Kind::ChunkFrom, Kind::RssAfterFree];
    assert!(all.iter().all(|kind| kinds.contains_key(kind)), "{kinds:?}");
    assert_eq!(ends.len(), 12, "every end is asked for");
}

#[test]
fn every_question_about_translations_is_right() {
    let mut kinds = BTreeMap::new();
    for text in crate::walk::STORIES {
        examine(&Rc::new(parse(text).strict().expect("a scenario")), &mut kinds);
    }
    assert!(
        [Kind::References, Kind::Evicted, Kind::CpusForget].iter().all(|kind| kinds.contains_key(kind)),
        "{kinds:?}"
    );
}

#[test]
fn every_question_about_caches_is_right() {
    let mut kinds = BTreeMap::new();
    for text in crate::hierarchy::STORIES {
        let story = Rc::new(parse(text).strict().expect("a scenario"));
        examine(&story, &mut kinds);
    }
    let all = [Kind::FoundIn, Kind::Leaves, Kind::CacheMisses];
    assert!(all.iter().all(|kind| kinds.contains_key(kind)), "{kinds:?}");
}

#[test]
fn every_question_about_segments_is_right() {
    let mut kinds = BTreeMap::new();
    for (seed, text) in crate::segmentation::STORIES.iter().enumerate() {
        for seed in [seed, seed + 7] {
            let story = Rc::new(parse(&format!("seed {seed}\n{text}")).strict().expect("a scenario"));
            examine(&story, &mut kinds);
        }
    }
    let all = [Kind::SegmentEnds, Kind::SegmentLoads, Kind::SegmentEntry];
    assert!(all.iter().all(|kind| kinds.contains_key(kind)), "{kinds:?}");
}

#[test]
fn an_empty_slab_stays_or_goes() {
    let mut seen = BTreeSet::new();
    let scenario = Rc::clone(&kmem_stories()[0]);
    let mut session = session(&scenario);
    while !session.survey(1 << 20) {}
    session.seek(history::Cursor::START);
    while session.step_forward() {
        let coming: Vec<Step> = session.coming().copied().collect();
        let asked = question(&Moment::of(&session, &scenario), &coming);
        for choice in asked.iter().flat_map(Question::choices) {
            if let (Claim::SlabGoes(goes), Some(mistake)) = (choice.claim, choice.mistake) {
                let keeps = matches!(mistake, Mistake::KeepsSlabs { partial, min } if partial < min);
                let has_enough = matches!(mistake, Mistake::EnoughSlabs { partial, min } if partial >= min);
                assert!(if goes { keeps } else { has_enough }, "{mistake:?}");
                seen.insert(goes);
            }
        }
    }
    assert_eq!(seen.len(), 2);
}

/// The wrong answers of the first question of a kind in a text, and where the right one stands.
fn first_of(text: &str, kind: Kind) -> Question {
    let scenario = Rc::new(parse(text).strict().expect("a scenario"));
    let mut session = session(&scenario);
    while !session.survey(1 << 20) {}
    session.seek(history::Cursor::START);
    loop {
        let coming: Vec<Step> = session.coming().copied().collect();
        match question(&Moment::of(&session, &scenario), &coming) {
            Some(question) if question.ask.kind() == kind => return question,
            _ => assert!(session.step_forward(), "never asked"),
        }
    }
}

#[test]
fn misconceptions_about_objects_and_addresses_have_names() {
    let mistakes = |question: &Question| -> Vec<Mistake> {
        question.choices().iter().filter_map(|choice| choice.mistake).collect()
    };
    // 96 lies between the powers of two.
    let asked = first_of("ram 64M\np = kmalloc 70", Kind::SizeClass);
    let expected = [Mistake::CacheTooSmall { size: 64 }, Mistake::ExactCache, Mistake::PowersOfTwo];
    assert_eq!(mistakes(&asked), expected);
    // Behind the first area comes its guard page; what was freed waits.
    let text = "ram 64M\nv = vmalloc 12K\nw = vmalloc 4K";
    assert_eq!(mistakes(&first_of(text, Kind::Addresses)), [Mistake::NoGuardPage]);
    let text = "ram 64M\nv = vmalloc 12K\nfree v\nw = vmalloc 4K";
    assert_eq!(mistakes(&first_of(text, Kind::Addresses)), [Mistake::StillWaits]);
}

#[test]
fn rules_of_who_misunderstands_addresses() {
    use mm::config::Arch;
    use mm::vmalloc::{VMALLOC_START, Vaddr, Vmalloc};
    let mut vmalloc = Vmalloc::new(Arch::X86_64, 1, mm::NrPages(1000), Vaddr(0));
    let at = |pages: u64| Vaddr(VMALLOC_START.0 + pages * mm::units::PAGE_SIZE);
    let mut area = |pages: u32| {
        vmalloc.begin(u64::from(pages) * mm::units::PAGE_SIZE).expect("addresses");
        (0..pages).for_each(|pfn| _ = vmalloc.add_page(Pfn(pfn)));
        vmalloc.add_table(VMALLOC_START, Pfn(100));
        vmalloc.finish()
    };
    // With their guard pages: 0 to 3, 4 to 5, 6 to 8.
    let [first, _, last] = [area(3), area(1), area(2)];
    let free = |vmalloc: &mut Vmalloc, start: Vaddr| {
        vmalloc.unmap(start);
        while vmalloc.next_page().is_some() {}
    };
    free(&mut vmalloc, first);
    assert_eq!(rules::as_if_purged(&vmalloc, 2), at(0));
    assert_eq!(rules::behind_the_last(&vmalloc), at(9));
    assert_eq!(rules::without_guards(&vmalloc, 3), at(8));
    // The purge makes a gap in front: behind the last is wrong then.
    vmalloc.purge();
    free(&mut vmalloc, last);
    let (right, _) = vmalloc.begin(mm::units::PAGE_SIZE).expect("addresses");
    assert_eq!(right, at(0));
    assert_eq!(rules::behind_the_last(&vmalloc), at(9), "what waits is in the way");
}

#[test]
fn every_kind_is_asked() {
    let mut kinds = BTreeMap::new();
    examine(&pressed(two_nodes()).scenario(), &mut kinds);
    examine(&pressed(small_with_reserves()).scenario(), &mut kinds);
    examine(&mixed().scenario(), &mut kinds);
    for builtin in builtins() {
        let scenario = Rc::new(parse(builtin.text).strict().expect("a built-in scenario"));
        examine(&scenario, &mut kinds);
    }
    let all = [
        Kind::List,
        Kind::Head,
        Kind::Half,
        Kind::UpperHalf,
        Kind::Buddy,
        Kind::BuddyPlace,
        Kind::MergeStart,
        Kind::MergeTo,
        Kind::Put,
        Kind::Cuts,
        Kind::Given,
        Kind::Served,
        Kind::Watermark,
        Kind::Refill,
        Kind::PcpHead,
        Kind::PcpTail,
        Kind::PcpPut,
        Kind::PcpAppend,
        Kind::Drain,
        Kind::Steal,
        Kind::Pageblock,
        Kind::Fails,
        Kind::Source,
        Kind::Marks,
    ];
    let missing: Vec<Kind> = all.into_iter().filter(|kind| !kinds.contains_key(kind)).collect();
    assert!(missing.is_empty(), "never asked: {missing:?}; {kinds:?}");
}

#[test]
fn places_are_where_something_is_asked() {
    for builtin in builtins() {
        let scenario = Rc::new(parse(builtin.text).strict().expect("a built-in scenario"));
        let mut session = session(&scenario);
        while !session.survey(1 << 20) {}
        let places = places(&session, &scenario);
        let least = match is_about_reads(&scenario) {
            true => 3,
            false if is_about_devices(&scenario) => 1,
            false => 4,
        };
        assert!(places.len() >= least, "{}: {places:?}", builtin.id);
        assert!(places.windows(2).all(|pair| pair[0].global < pair[1].global));
        for place in places {
            session.seek_global(place.global);
            let coming: Vec<Step> = session.coming().copied().collect();
            let asked = question(&Moment::of(&session, &scenario), &coming);
            assert_eq!(asked.map(|question| question.ask.kind()), Some(place.kind), "{}", builtin.id);
        }
    }
}

/// Where pageblocks are tiles and orders are columns, what a question speaks of is marked as well: each place once, and
/// an answer that can be picked there has it for itself.
#[test]
fn tiles_and_columns_are_marked() {
    let (mut tiles, mut columns, mut picked) = (0, 0, 0);
    for builtin in builtins() {
        let scenario = Rc::new(parse(builtin.text).strict().expect("a built-in scenario"));
        let mut session = session(&scenario);
        while !session.survey(1 << 20) {}
        for place in places(&session, &scenario) {
            session.seek_global(place.global);
            let moment = Moment::of(&session, &scenario);
            let coming: Vec<Step> = session.coming().copied().collect();
            let asked = question(&moment, &coming).expect("a question");
            for (room, name) in ROOMS {
                let of = format!("{} {} {name}", builtin.id, moment.cursor);
                let marks = asked.marks(None, false);
                let census = crate::pageblocks::Census::of(&moment.machine);
                let mut scene = crate::pageblocks::scene(&moment, &census, &room, Lang::En, None);
                mark(&mut scene, &marks, &|block| crate::pageblocks::places(&moment, &room, block));
                let known = marks.blocks.iter().any(|a| moment.machine.zone_of(a.block.pfn).is_some());
                assert_eq!(is_veiled(&scene), known, "{of}");
                tiles += u32::from(known);
                picked += own_places(&scene, &of);
                if name == "phone" {
                    continue;
                }
                let zone = marks.lists.first().map_or(mm::mmzone::ZoneId(0), |(zone, ..)| *zone);
                let mut scene = crate::fragmentation::scene(&moment, &room, zone, mm::Order::ZERO, Lang::Zh);
                mark(&mut scene, &marks, &|_| Vec::new());
                let candidates = own_places(&scene, &of);
                assert_eq!(candidates > 0, !(marks.lists.is_empty() && marks.zones.is_empty()), "{of}");
                assert!(candidates >= marks.lists.len() as u32, "{of}: a column has no number");
                columns += candidates;
            }
        }
    }
    assert!(tiles > 50 && columns > 50 && picked > 20, "{tiles} {columns} {picked}");
}

fn is_veiled(scene: &Scene) -> bool {
    scene.items.iter().any(|item| item.paint == Paint::Veil)
}

/// How many answers can be picked; no two at the same place.
fn own_places(scene: &Scene, of: &str) -> u32 {
    let mut areas = Vec::new();
    for item in &scene.items {
        if let (Id::Candidate(number), Shape::Rect { area, .. }) = (item.id, &item.shape) {
            assert!(areas.iter().all(|(other, n)| other != area || *n == number), "{of}: {number}");
            areas.push((*area, number));
        }
    }
    areas.into_iter().map(|(_, number)| number).collect::<BTreeSet<u8>>().len() as u32
}

/// Examines a text, and shows every question that is asked on the way.
fn examine_and_show(text: &str, kinds: &mut BTreeMap<Kind, u32>, mut show: impl FnMut(&Question)) {
    let story = Rc::new(parse(text).strict().expect("a scenario"));
    examine(&story, kinds);
    let mut session = session(&story);
    while !session.survey(1 << 20) {}
    session.seek(history::Cursor::START);
    while session.step_forward() {
        let coming: Vec<Step> = session.coming().copied().collect();
        if let Some(asked) = question(&Moment::of(&session, &story), &coming) {
            show(&asked);
        }
    }
}

#[test]
fn every_question_about_killing_is_right() {
    let mut kinds = BTreeMap::new();
    let mut mistakes = BTreeSet::new();
    for text in crate::oom::STORIES {
        examine_and_show(text, &mut kinds, |asked| {
            for choice in asked.choices() {
                if let Some(Mistake::Oom(mistake)) = choice.mistake {
                    mistakes.insert(format!("{mistake:?}").split([' ', '(']).next().map(str::to_owned));
                }
            }
        });
    }
    assert!(kinds.contains_key(&Kind::WhoDies), "{kinds:?}");
    assert_eq!(mistakes.len(), 9, "every misconception is met: {mistakes:?}");
}

/// Where a page comes from that a cpuset decides about: what it forbids, and what it does not.
#[test]
fn every_question_about_cpusets_is_right() {
    let (mut kinds, mut mistakes) = (BTreeMap::new(), BTreeSet::new());
    let text = scenario::builtin("cpuset-oom").expect("it is there").text;
    examine_and_show(text, &mut kinds, |asked| {
        for choice in asked.choices() {
            let name = choice.mistake.map(|mistake| format!("{mistake:?}"));
            mistakes.extend(name.filter(|name| name.contains("Cpuset") || name.contains("Elsewhere")));
        }
    });
    assert!([Kind::Served, Kind::WhoDies].iter().all(|kind| kinds.contains_key(kind)), "{kinds:?}");
    let mistakes: Vec<&str> = mistakes.iter().map(String::as_str).collect();
    assert!(
        matches!(mistakes[..], ["CpusetForbids", "CpusetHolds", elsewhere] if elsewhere.starts_with("Oom(Elsewhere")),
        "{mistakes:?}"
    );
}

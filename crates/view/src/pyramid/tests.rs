//! The pyramid as lists of drawing operations, and the laws that every scene keeps.

use std::rc::Rc;

use expect_test::expect_file;
use history::Cursor;
use mm::config::{Mobility, Start};
use mm::mmzone::ZoneId;
use mm::op::PageKind;
use mm::page::{Block, MigrateType};
use mm::step::StepKind;
use mm::{Config, Order, Pfn, PfnRange};
use scenario::Lang;

use super::{Direction, Layout, label, neighbour, pan, scene, whole, window, zone_in_play, zoom};
use crate::Moment;
use crate::scene::{Form, Id, Ring, Scene};
use crate::testing::{
    Story, lawful, lists, mixed, order, pressed, session, small_pc, small_with_reserves, three_zones,
    two_nodes, walk,
};

/// Sizes of the stage that the picture has to work in.
const STAGES: [(Form, f32, f32, &str); 5] = [
    (Form::Projector, 1580.0, 820.0, "projector"),
    (Form::Projector, 1920.0, 820.0, "projector-wide"),
    (Form::Laptop, 806.0, 417.0, "laptop"),
    (Form::Laptop, 1278.0, 417.0, "laptop-wide"),
    (Form::Phone, 390.0, 312.0, "phone"),
];

fn layout(stage: usize, zone: ZoneId) -> Layout {
    let (form, width, height, _) = STAGES[stage];
    Layout { width, height, scale: 1.0, form, zone, names_op: true, window: None }
}

fn drawn(moment: &Moment, stage: usize, lang: Lang) -> Scene {
    scene(moment, &layout(stage, zone_in_play(moment)), lang, None)
}

/// The machine of the mock: an order-8 request, and the smallest block that fits is one of order 9.
fn split() -> Moment {
    use MigrateType::Movable;
    let config = lists(
        1024,
        Movable,
        &[
            (9, Movable, &[512]),
            (6, Movable, &[64, 256]),
            (5, Movable, &[480, 32]),
            (4, Movable, &[464, 416, 352, 208]),
        ],
    );
    let scenario = Story::on(config).alloc("buf", 8, PageKind::Movable).scenario();
    moment_where(&scenario, |kind| matches!(kind, StepKind::Split { .. }))
}

/// A page comes back and merges with its buddies several times: the second merge.
fn merge() -> Moment {
    let story = Story::on(Config::single_zone(1024));
    let story = story.alloc("a", 4, PageKind::Anon).alloc("b", 4, PageKind::File).free("b").free("a");
    let mut merges = 0;
    moment_where(&story.scenario(), |kind| {
        merges += u32::from(matches!(kind, StepKind::Merge { .. }));
        merges == 2
    })
}

fn moment_where(scenario: &Rc<scenario::Scenario>, mut wanted: impl FnMut(&StepKind) -> bool) -> Moment {
    let mut found = None;
    walk(scenario, |moment| {
        let hit = moment.just_did.as_ref().is_some_and(|step| wanted(&step.kind));
        if hit && found.is_none() {
            found = Some(moment.clone());
        }
    });
    found.expect("no such step")
}

fn block(pfn: u32, o: u8) -> Block {
    Block { pfn: Pfn(pfn), order: order(o) }
}

#[test]
fn the_split_of_the_mock() {
    let moment = split();
    for (stage, (_, _, _, name)) in STAGES.iter().enumerate() {
        for lang in Lang::ALL {
            let file = format!("goldens/split-{name}-{}.txt", lang.tag());
            expect_file![file].assert_eq(&drawn(&moment, stage, lang).to_string());
        }
    }
}

#[test]
fn the_trail_of_a_merge() {
    let scene = drawn(&merge(), 2, Lang::Zh);
    expect_file!["goldens/merge-laptop-zh.txt"].assert_eq(&scene.to_string());
}

/// A CPU's list is filled up, taken from, and given back to the free lists.
#[test]
fn blocks_go_to_a_cpu_and_come_back() {
    let scenario = Story::on(small_pc()).alloc("a", 0, PageKind::Anon).free("a").op(mm::Op::Drain).scenario();
    let texts = |wanted: fn(&StepKind) -> bool| {
        let moment = moment_where(&scenario, wanted);
        let scene = drawn(&moment, 0, Lang::En);
        let kind = moment.just_did.expect("a step").kind;
        for b in kind.blocks().into_iter().flatten() {
            assert!(scene.rings(b).any(|ring| ring == Ring::Done), "{kind:?}");
        }
        scene.texts().map(|(text, _)| text.text.clone()).collect::<Vec<_>>().join(" | ")
    };
    for (wanted, words) in [
        ((|k| matches!(k, StepKind::Watermark { .. })) as fn(&StepKind) -> bool, "> low 240 + reserve 0"),
        (|k| matches!(k, StepKind::PcpEmpty { .. }), "CPU 0 is out: refill with 3"),
        (|k| matches!(k, StepKind::PcpAppend { .. }), "to CPU 0's list"),
        (|k| matches!(k, StepKind::PcpRefilled { .. }), "CPU 0 got 3: no longer free"),
        (|k| matches!(k, StepKind::PcpTake { .. }), "off CPU 0's list"),
        (|k| matches!(k, StepKind::PcpPut { .. }), "CPUs keep 3"),
        (|k| matches!(k, StepKind::PcpDrainBegins { .. }), "CPU 0 gives back 3"),
        (|k| matches!(k, StepKind::PcpDrain { .. }), "off CPU 0's list"),
    ] {
        let said = texts(wanted);
        assert!(said.contains(words), "{words:?} is not in {said}");
    }
}

#[test]
fn a_split_is_told_in_full() {
    let scene = drawn(&split(), 0, Lang::En);
    for id in [
        Id::Ghost(block(512, 9)),
        Id::Hand(block(512, 8)),
        Id::Ring(Ring::Next, block(512, 8)),
        Id::Ring(Ring::Done, block(768, 8)),
        Id::Chip(block(768, 8)),
        Id::Free(block(64, 6)),
    ] {
        assert!(scene.has(id), "{id} is not on the stage");
    }
    assert_eq!(scene.rings(block(768, 8)).collect::<Vec<_>>(), [Ring::Done, Ring::Done], "chip and block");
    assert!(scene.shows(Pfn(512)) && scene.shows(Pfn(100)) && !scene.shows(Pfn(0)), "{scene}");
    let texts: Vec<&str> = scene.texts().map(|(text, _)| text.text.as_str()).collect();
    for words in [
        "✓ 512 on lists + 256 in hand = 768 free",
        "buddies: 512 ⊕ 256 = 768",
        "was 512 – 1023",
        "new head",
        "next: to the caller",
        "buf = alloc order=8 movable",
        "rmqueue_buddy › __rmqueue_smallest › expand",
    ] {
        assert!(texts.contains(&words), "{words:?} is not among {texts:?}");
    }
}

#[test]
fn a_list_keeps_its_order_and_not_that_of_addresses() {
    let scene = drawn(&split(), 0, Lang::En);
    let chips: Vec<u32> = scene
        .items
        .iter()
        .filter_map(|item| match item.id {
            Id::Chip(b) if b.order == order(4) => Some(b.pfn.0),
            _ => None,
        })
        .collect();
    assert_eq!(chips, [464, 416, 352, 208]);
}

#[test]
fn what_the_selection_marks() {
    let moment = split();
    let marks = |pfn| {
        let scene = scene(&moment, &layout(0, ZoneId(0)), Lang::En, Some(Pfn(pfn)));
        scene.items.iter().filter(|item| matches!(item.id, Id::Selected(_))).count()
    };
    assert_eq!(marks(800), 2, "the block and its chip");
    assert_eq!(marks(520), 1, "the block in hand");
    assert_eq!(marks(3), 1, "a frame in use");
}

/// Every block that the steps speak of is there, with a ring of its own or as the ghost of what it was.
fn named_blocks_are_there(moment: &Moment, scene: &Scene, zone: ZoneId) {
    for (step, is_next) in [(&moment.just_did, false), (&moment.next, true)] {
        let Some(step) = step.filter(|step| step.kind.zone() == Some(zone)) else { continue };
        for b in step.kind.blocks().into_iter().flatten() {
            let has_ring = scene.rings(b).next().is_some();
            let is_there = has_ring || scene.has(Id::Off(b)) || (!is_next && scene.has(Id::Ghost(b)));
            assert!(is_there, "{:?}: {b:?} has no ring\n{scene}", step.kind);
        }
    }
    for b in moment.machine.in_hand().iter().filter(|b| moment.machine.zone_of(b.pfn) == Some(zone)) {
        assert!(scene.has(Id::Hand(*b)), "{b:?} is in hand and not on the stage\n{scene}");
    }
}

#[test]
fn laws_hold_on_random_machines() {
    let single = |frames, pageblock, seed| Config {
        pageblock_order: order(pageblock),
        seed,
        ..Config::single_zone(frames)
    };
    let counts = Config {
        start: Start::Counts(vec![(ZoneId(0), [40, 20, 9, 7, 5, 4, 3, 2, 1, 1, 1])]),
        ..single(8192, 9, 5)
    };
    let mut pc = Config::x86_64(8192);
    pc.mobility = Mobility::On;
    let all = [20, 20, 20, 40, 40];
    let stories = [
        Story::on(single(64, 3, 1)).workload("w", 60, (0, 3), all, 40).alloc("big", 10, PageKind::Anon),
        Story::on(single(1000, 6, 2)).workload("a", 40, (0, 5), all, 30).alloc("x", 9, PageKind::Unmovable),
        Story::on(single(1024, 9, 3))
            .workload("w", 50, (2, 8), all, 45)
            .alloc("much_too_large", 11, PageKind::File)
            .free("much_too_large")
            .free("w"),
        Story::on(counts).workload("w", 40, (0, 9), all, 30),
        Story::on(three_zones(5, Mobility::On)).workload("worker", 60, (0, 6), all, 20).free("worker"),
        Story::on(pc).workload("w", 60, (0, 4), all, 40).alloc("x", 10, PageKind::Reclaimable),
        Story::on(Config { cma: true, ..single(4096, 8, 9) }).workload("w", 60, (0, 8), all, 10),
        pressed(two_nodes()),
        pressed(small_with_reserves()),
        Story::on(small_pc()).workload("w", 40, (0, 3), all, 45),
        mixed(),
    ];
    let mut pictures = 0u32;
    for (s, story) in stories.into_iter().enumerate() {
        let mut at = 0u32;
        walk(&story.scenario(), |moment| {
            at += 1;
            // Every stage and language in turn, all of them now and then; the long middle of a story in part.
            if at > 40 && !at.is_multiple_of(11) {
                return;
            }
            let zone = zone_in_play(moment);
            let turns = if at.is_multiple_of(35) { 0..10 } else { at % 10..at % 10 + 1 };
            for turn in turns {
                let (stage, lang) = (turn as usize / 2, Lang::ALL[turn as usize % 2]);
                let of = format!("story {s}, {}, {} {lang:?}", moment.cursor, STAGES[stage].3);
                let selected = (turn % 3 == 0).then_some(Pfn(at * 31 % moment.machine.end().0));
                let picture = scene(moment, &layout(stage, zone), lang, selected);
                lawful(&picture, &of);
                named_blocks_are_there(moment, &picture, zone);
                pictures += 1;
                // Zoomed somewhere else, and drawn larger.
                let all = whole(&moment.machine, zone);
                let closer = zoom(all, all, Pfn(all.start.0 + at * 77 % all.len()), true);
                let part = pan(all, zoom(all, closer, closer.start, true), (at % 7) as i32 - 3);
                let mut other = layout(stage, zone);
                other.names_op = at.is_multiple_of(3);
                (other.window, other.scale) = (Some(part), if at.is_multiple_of(2) { 1.25 } else { 0.7 });
                lawful(&scene(moment, &other, lang, selected), &of);
            }
        });
    }
    assert!(pictures > 600, "{pictures}");
}

#[test]
fn a_large_zone_is_shown_around_the_step() {
    let story = Story::on(Config::x86_64(1 << 18)).workload("w", 30, (0, 3), [1, 1, 1, 1, 1], 30);
    let mut last: Option<(u32, PfnRange)> = None;
    let mut jumps = 0;
    walk(&story.scenario(), |moment| {
        let zone = zone_in_play(moment);
        let shown = window(moment, zone);
        assert!(shown.len() >= 64 && shown.len().is_power_of_two() || shown == whole(&moment.machine, zone));
        assert_eq!(shown.start.0 % shown.len().next_power_of_two(), 0, "{shown:?} is not aligned");
        let blocks = moment.just_did.iter().flat_map(|step| step.kind.blocks()).flatten();
        for b in blocks.filter(|b| moment.machine.zone_of(b.pfn) == Some(zone)) {
            assert!(shown.contains(b.pfn), "{b:?} is not in {shown:?}");
        }
        // Splits and merges of one unit do not move the window.
        let changes = moment.just_did.is_some_and(|step| {
            matches!(step.kind, StepKind::Split { .. } | StepKind::Merge { .. } | StepKind::Handed { .. })
        });
        if let Some((zone_before, before)) = last {
            jumps += u32::from(changes && zone_before == u32::from(zone.0) && before != shown);
        }
        last = Some((u32::from(zone.0), shown));
    });
    assert!(jumps <= 3, "the window jumped {jumps} times inside an op");
}

#[test]
fn an_empty_list_is_looked_at() {
    let scenario = Story::on(lists(1024, MigrateType::Movable, &[(9, MigrateType::Movable, &[512])]))
        .alloc("buf", 8, PageKind::Movable)
        .scenario();
    let moment = moment_where(&scenario, |kind| matches!(kind, StepKind::ListEmpty { .. }));
    let scene = drawn(&moment, 0, Lang::En);
    assert!(scene.has(Id::Ringed(Ring::Look)));
    assert!(scene.has(Id::Ring(Ring::Next, block(512, 9))), "what is taken next");
}

#[test]
fn what_fails_is_crossed_from_the_wanted_order_up() {
    let scenario = Story::on(lists(1024, MigrateType::Movable, &[(4, MigrateType::Movable, &[512])]))
        .alloc("buf", 8, PageKind::Movable)
        .scenario();
    let moment = moment_where(&scenario, |kind| matches!(kind, StepKind::Failed { .. }));
    let scene = drawn(&moment, 0, Lang::En);
    let crossed: Vec<u8> = Order::all().filter(|o| scene.has(Id::Crossed(*o))).map(Order::get).collect();
    assert_eq!(crossed, [8, 9, 10]);
}

#[test]
fn arrow_keys_go_along_and_between_shelves() {
    let moment = split();
    let all = whole(&moment.machine, ZoneId(0));
    let go = |from: Option<u32>, to| neighbour(&moment, ZoneId(0), all, from.map(Pfn), to).map(|pfn| pfn.0);
    use Direction::{Down, Left, Right, Up};
    assert_eq!(go(None, Right), Some(512), "the topmost shelf first; what is in hand counts");
    assert_eq!(go(Some(512), Right), Some(768));
    assert_eq!(go(Some(900), Left), Some(512), "any frame of the block will do");
    assert_eq!(go(Some(512), Up), None);
    assert_eq!(go(Some(768), Down), Some(256), "the nearest on the next shelf that has one");
    assert_eq!(go(Some(256), Left), Some(64));
    assert_eq!(go(Some(256), Right), None);
    assert_eq!(go(Some(208), Up), Some(32));
    let used = go(Some(208), Down).expect("blocks in use lie below all shelves");
    assert_eq!(go(Some(used), Down), None);
    assert_eq!(go(Some(used), Up), Some(208));
}

#[test]
fn every_block_is_reached_by_arrow_keys() {
    let scenario =
        Story::on(Config::single_zone(1024)).workload("w", 40, (0, 5), [1, 1, 1, 1, 1], 30).scenario();
    let mut session = session(&scenario);
    session.seek(Cursor::new(1, 0));
    let moment = Moment::of(&session, &scenario);
    let all = whole(&moment.machine, ZoneId(0));
    let mut reached = std::collections::BTreeSet::new();
    let mut next: Vec<Pfn> = neighbour(&moment, ZoneId(0), all, None, Direction::Right).into_iter().collect();
    while let Some(pfn) = next.pop() {
        if reached.insert(pfn) {
            let ways = [Direction::Left, Direction::Right, Direction::Up, Direction::Down];
            next.extend(ways.iter().filter_map(|to| neighbour(&moment, ZoneId(0), all, Some(pfn), *to)));
        }
    }
    let heads = (0..1024).map(Pfn).filter(|pfn| moment.machine.page(*pfn).is_head()).count();
    assert_eq!(reached.len(), heads);
}

#[test]
fn zooming_stays_in_the_zone() {
    let all = PfnRange::new(1024, 9216);
    assert_eq!(zoom(all, all, Pfn(1024), true), PfnRange::new(1024, 5120));
    assert_eq!(zoom(all, all, Pfn(9216), true), PfnRange::new(5120, 9216));
    assert_eq!(zoom(all, PfnRange::new(2048, 4096), Pfn(3072), false), PfnRange::new(1024, 5120));
    assert_eq!(zoom(all, PfnRange::new(2048, 2064), Pfn(2050), true).len(), 16);
    assert_eq!(pan(all, PfnRange::new(2048, 4096), 4), PfnRange::new(3072, 5120));
    assert_eq!(pan(all, PfnRange::new(2048, 4096), -80), PfnRange::new(1024, 3072));
}

#[test]
fn a_million_frames_cost_one_walk() {
    let scenario = Story::on(Config::single_zone(1 << 20))
        .workload("w", 300, (0, 2), [20, 20, 20, 40, 40], 30)
        .scenario();
    let mut session = session(&scenario);
    session.seek(Cursor::new(1, 0));
    let moment = Moment::of(&session, &scenario);
    let mut layout = layout(0, ZoneId(0));
    layout.window = Some(whole(&moment.machine, ZoneId(0)));
    let picture = scene(&moment, &layout, Lang::En, None);
    lawful(&picture, "a million frames");
    assert!(picture.to_svg_string().len() < 300_000);
}

#[test]
fn the_picture_is_named_for_those_who_do_not_see_it() {
    let moment = split();
    let en = |pfn: Option<u32>| label(&moment, ZoneId(0), pfn.map(Pfn), Lang::En);
    assert_eq!(en(None), "Free lists of zone Normal. Arrow keys go from block to block.");
    assert_eq!(
        en(Some(800)),
        "Free lists of zone Normal. Selected: frames 768–1023, order 8, free, Movable."
    );
    assert_eq!(en(Some(600)), "Free lists of zone Normal. Selected: frames 512–767, order 8, in hand.");
    assert_eq!(en(Some(0)), "Free lists of zone Normal. Selected: frame 0, order 0, in use.");
    let zh = label(&moment, ZoneId(0), Some(Pfn(70)), Lang::Zh);
    assert_eq!(zh, "Normal 区的空闲链表。选中：页框 64–127，6 阶，空闲，Movable。");
}

#[test]
fn a_pointer_finds_its_frame() {
    let scene = drawn(&split(), 0, Lang::En);
    let axis = scene.axis.expect("frames lie along the axis");
    assert_eq!(axis.frame_at(0.0), Pfn(0));
    assert_eq!(axis.frame_at(f32::MAX), Pfn(1023));
    assert_eq!(axis.frame_at((axis.x0 + axis.x1) / 2.0), Pfn(512));
}

#[test]
fn what_a_list_does_not_show_it_counts() {
    let story = Story::on(Config::single_zone(1 << 18)).alloc("a", 0, PageKind::Anon);
    let moment = story.end();
    for stage in 0..4 {
        let scene = drawn(&moment, stage, Lang::En);
        let chips = scene.items.iter().filter(|item| matches!(item.id, Id::Chip(b) if b.order == order(10)));
        let rest = 255 - chips.count();
        let says = |text: &str| text == format!("{rest} more") || text == format!("+{rest}");
        assert!(scene.texts().any(|(text, _)| says(&text.text)), "{rest} blocks are not counted\n{scene}");
    }
}

/// What a process gets is ringed where its frames lie, as done and as coming.
#[test]
fn frames_of_a_process_are_ringed() {
    use mm::step::ProcessStep;
    use mm::units::Vaddr;
    let mut moment = Story::on(Config::single_zone(64)).alloc("p", 0, PageKind::Anon).end();
    let done = moment.just_did.expect("a step");
    let StepKind::Handed { block, name, .. } = done.kind else { panic!("the block was handed out last") };
    let step = ProcessStep::AnonPage { address: Vaddr(0x1000), pfn: block.pfn, rss: mm::NrPages(1) };
    let step = Some(mm::Step { kind: StepKind::Process { process: name, step }, ..done });
    for (just_did, next, ring) in [(step, None, Ring::Done), (None, step, Ring::Next)] {
        (moment.just_did, moment.next) = (just_did, next);
        let story = super::story::Story::of(&moment, ZoneId(0));
        assert_eq!(story.rings, [(super::story::Place::Ground, block, ring)]);
    }
}

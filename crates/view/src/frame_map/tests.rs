//! The map against a naive classification of every frame, and the laws of its geometry.

use mm::config::Mobility;
use mm::mmzone::{ZoneId, ZoneKind};
use mm::op::{Gfp, NameId, PageKind, Workload};
use mm::page::{Block, PageState};
use mm::{Config, CpuId, Machine, Op, Order, Pfn, Step};
use scenario::Lang;

use super::*;
use raster::cell_of;
use raster::{even_bits, pieces, spread};

/// A small generator of its own: tests need no other crate's dice.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as u32) % n
    }
}

fn order(n: u8) -> Order {
    Order::new(n).expect("an order of the buddy system")
}

fn machine(frames: u32) -> Machine {
    Machine::boot(&Config::single_zone(frames)).expect("a small machine boots")
}

fn workload(name: u32, actions: u32, free_percent: u8, most: u8) -> Op {
    Op::Workload(Workload {
        name: NameId(name),
        actions,
        orders: (Order::ZERO, order(most)),
        weights: [1, 1, 1, 4, 4],
        free_percent,
        zone: Some(ZoneKind::Normal),
        cpu: CpuId(0),
    })
}

/// Runs an op to its end and gives the machine after every step, with the step.
fn every_step(machine: &mut Machine, op: &Op) -> Vec<(Step, Machine)> {
    struct Keep(Vec<(Step, Machine)>);
    impl mm::Observer for Keep {
        fn step(&mut self, machine: &Machine, step: &Step) {
            self.0.push((*step, machine.clone()));
        }
    }
    let mut keep = Keep(Vec::new());
    while machine.run_unit(op, &mut keep) == mm::UnitEnd::More {}
    keep.0
}

/// Frame by frame, with the slow question of whose block each is.
fn naive(machine: &Machine) -> Vec<u8> {
    let cell = |pfn: Pfn| match machine.block_of(pfn) {
        Some(block) => cell_of(&machine.page(block.pfn), block.pfn).0,
        None if machine.page(pfn).state == PageState::Hole => Ink::Hole as u8,
        None => Ink::Reserved as u8,
    };
    (0..machine.end().0).map(|pfn| cell(Pfn(pfn))).collect()
}

fn check(raster: &Raster, machine: &Machine) {
    assert_eq!(raster.cells(), naive(machine));
    let fresh = Raster::of(machine);
    for ink in Ink::ALL {
        let counted = naive(machine).iter().filter(|c| Ink::of_cell(**c) == ink).count();
        assert_eq!(raster.count(ink) as usize, counted, "{ink:?}");
    }
    assert_eq!(Ink::ALL.iter().map(|ink| raster.count(*ink)).sum::<u32>(), machine.end().0);
    assert_eq!(raster.in_use(), fresh.in_use());
    assert!(raster.nails().eq(fresh.nails()));
}

fn palette() -> Palette {
    std::array::from_fn(|i| [i as u8, 1, 2, 255])
}

fn painted(raster: &Raster, geometry: &Geometry) -> Vec<Rgba> {
    let (w, h) = geometry.texture();
    let mut texture = vec![[0; 4]; (w * h) as usize];
    raster.paint(geometry, &palette(), &mut texture);
    texture
}

#[test]
fn morton_numbers_go_there_and_back() {
    let mut dice = Dice(1);
    for _ in 0..10_000 {
        let n = dice.below(1 << 30);
        assert_eq!(spread(even_bits(n)) | spread(even_bits(n >> 1)) << 1, n);
    }
}

#[test]
fn the_hit_test_is_the_inverse_of_the_place() {
    let mut dice = Dice(2);
    for layout in [Layout::Quad, Layout::Ruler] {
        for frames in [64, 100, 1024, 4096, 65_536, 100_000, 1_310_720, 4_194_304, 8_388_608] {
            let geometry = Geometry::new(layout, frames);
            let (w, h) = geometry.size();
            assert!(u64::from(w) * u64::from(h) >= u64::from(frames));
            for _ in 0..2000 {
                let pfn = Pfn(dice.below(frames));
                let (x, y) = geometry.place(pfn);
                assert!(x < w && y < h, "{layout:?} {frames} {pfn}");
                assert_eq!(geometry.pfn_at(x, y), Some(pfn));
                assert!(geometry.used().contains(x, y));
            }
            assert_eq!(geometry.pfn_at(w, 0), None);
            let (tw, th) = geometry.texture();
            assert!(tw <= 2048 && th <= 2048, "{frames} frames: {tw} × {th}");
        }
    }
}

#[test]
fn a_block_is_a_rectangle_of_exactly_its_frames() {
    let mut dice = Dice(3);
    for layout in [Layout::Quad, Layout::Ruler] {
        for frames in [4096, 65_536, 262_144] {
            let geometry = Geometry::new(layout, frames);
            for _ in 0..300 {
                let order = order(dice.below(11) as u8);
                let block = Block { pfn: Pfn(dice.below(frames)).align_down(order), order };
                let rect = geometry.rect_of(block);
                assert_eq!(rect.w * rect.h, order.pages());
                for y in rect.y..rect.y + rect.h {
                    for x in rect.x..rect.x + rect.w {
                        let pfn = geometry.pfn_at(x, y).expect("inside the machine");
                        assert!(block.pfn <= pfn && pfn <= block.last());
                    }
                }
                if layout == Layout::Quad {
                    assert!(rect.w == rect.h || rect.w == 2 * rect.h, "{rect:?}");
                }
            }
        }
    }
}

#[test]
fn buddies_touch() {
    let geometry = Geometry::new(Layout::Quad, 65_536);
    let mut dice = Dice(4);
    for _ in 0..1000 {
        let order = order(dice.below(10) as u8);
        let pfn = Pfn(dice.below(65_536)).align_down(order);
        let [a, b] = [pfn, pfn.buddy(order)].map(|pfn| geometry.rect_of(Block { pfn, order }));
        let both = a.union(b);
        assert_eq!(both.w * both.h, 2 * order.pages(), "{a:?} and {b:?}");
    }
}

#[test]
fn pieces_cover_a_run_once() {
    let mut dice = Dice(5);
    for _ in 0..500 {
        let start = dice.below(5000);
        let end = start + dice.below(5000);
        let mut at = start;
        for (from, bits) in pieces(start, end, 30) {
            assert_eq!(from, at);
            assert_eq!(from % (1 << bits), 0);
            at += 1 << bits;
        }
        assert_eq!(at, end.max(start));
    }
}

#[test]
fn an_outline_goes_around_and_nowhere_else() {
    let geometry = Geometry::new(Layout::Quad, 4096);
    let whole = geometry.outline(Pfn(0), Pfn(4096));
    let length: u32 = whole.iter().map(|(x0, y0, x1, y1)| (x1 - x0) + (y1 - y0)).sum();
    assert_eq!(length, 4 * 64);
    // Two quarters, one above the other's right: an edge between pieces of the same run is not drawn.
    let half = geometry.outline(Pfn(1024), Pfn(3072));
    let length: u32 = half.iter().map(|(x0, y0, x1, y1)| (x1 - x0) + (y1 - y0)).sum();
    assert_eq!(length, 2 * 4 * 32, "the two quarters touch in a corner only");
}

#[test]
fn the_raster_is_what_each_frame_is() {
    for seed in 0..4 {
        let mut config = Config::x86_64(20_000);
        config.seed = seed;
        let mut machine = Machine::boot(&config).expect("boots");
        check(&Raster::of(&machine), &machine);
        every_step(&mut machine, &workload(0, 1200, 25, 9));
        check(&Raster::of(&machine), &machine);
    }
}

#[test]
fn following_is_the_same_as_reading_it_all_again() {
    for (seed, frames) in [(1, 4096), (2, 5000), (3, 20_000)] {
        let mut config = Config::single_zone(frames);
        config.seed = seed;
        let mut machine = Machine::boot(&config).expect("boots");
        let mut seeking = Raster::of(&machine);
        let mut updating = seeking.clone();
        let geometry = Geometry::new(Layout::Quad, frames);
        let mut texture = painted(&seeking, &geometry);
        let ops =
            [workload(0, 150, 20, 10), workload(1, 100, 60, 4), Op::Free { name: NameId(0), cpu: CpuId(0) }];
        let mut moments = Vec::new();
        for op in &ops {
            for (step, machine) in every_step(&mut machine, op) {
                let dirty = seeking.seek(&machine);
                updating.update(&machine, step.kind.blocks().into_iter().flatten());
                assert_eq!(seeking.cells(), updating.cells(), "{step:?}");
                seeking.paint_dirty(&geometry, &palette(), &mut texture, &dirty);
                moments.push(machine);
            }
            check(&seeking, &machine);
            check(&updating, &machine);
            assert_eq!(texture, painted(&seeking, &geometry), "the painted picture follows");
        }
        let mut dice = Dice(seed);
        for _ in 0..40 {
            let moment = &moments[dice.below(moments.len() as u32) as usize];
            seeking.seek(moment);
            check(&seeking, moment);
        }
    }
}

#[test]
fn seeking_the_same_moment_changes_nothing() {
    let mut machine = machine(4096);
    every_step(&mut machine, &workload(0, 100, 20, 3));
    let mut raster = Raster::of(&machine);
    assert!(raster.seek(&machine.clone()).is_empty());
}

#[test]
fn every_frame_is_painted_where_it_lies() {
    for frames in [64, 1000, 4096, 20_000] {
        let mut machine = machine(frames);
        every_step(&mut machine, &workload(0, frames / 8, 20, 3));
        let raster = Raster::of(&machine);
        for layout in [Layout::Quad, Layout::Ruler] {
            let geometry = Geometry::new(layout, frames);
            let texture = painted(&raster, &geometry);
            let width = geometry.texture().0;
            for pfn in 0..frames {
                let (x, y) = geometry.place(Pfn(pfn));
                let cell = raster.cells()[pfn as usize];
                assert_eq!(texture[(y * width + x) as usize][0], cell, "{layout:?} {pfn}");
            }
        }
    }
}

#[test]
fn dirty_rectangles_cover_what_changed() {
    let mut machine = machine(20_000);
    for layout in [Layout::Quad, Layout::Ruler] {
        let geometry = Geometry::new(layout, 20_000);
        let mut raster = Raster::of(&machine);
        let before = painted(&raster, &geometry);
        every_step(&mut machine, &workload(u32::from(layout == Layout::Ruler), 300, 30, 5));
        let dirty = raster.seek(&machine);
        let after = painted(&raster, &geometry);
        let rects = dirty.texel_rects(&geometry);
        let width = geometry.texture().0;
        for (i, (a, b)) in before.iter().zip(&after).enumerate() {
            let (x, y) = (i as u32 % width, i as u32 / width);
            assert!(a == b || rects.iter().any(|rect| rect.contains(x, y)), "{layout:?} ({x}, {y})");
        }
    }
}

#[test]
fn more_than_four_million_frames_share_texels() {
    let frames = 4_194_305 + 1023;
    let mut machine = machine(frames);
    let one = |name, kind| Op::Alloc {
        name: NameId(name),
        order: 0,
        gfp: Gfp::of(kind, Some(ZoneKind::Normal)),
        cpu: CpuId(0),
    };
    every_step(&mut machine, &one(0, PageKind::Unmovable));
    every_step(&mut machine, &one(1, PageKind::Anon));
    let raster = Raster::of(&machine);
    for layout in [Layout::Quad, Layout::Ruler] {
        let geometry = Geometry::new(layout, frames);
        assert_eq!(geometry.frames_per_texel(), 4);
        let texture = painted(&raster, &geometry);
        let width = geometry.texture().0;
        for (ink, seen) in [(Ink::Unmovable, true), (Ink::Anon, false)] {
            let pfn = raster.cells().iter().position(|c| Ink::of_cell(*c) == ink).expect("allocated") as u32;
            let (x, y) = geometry.place(Pfn(pfn));
            let texel = geometry.texels(Rect { x, y, w: 1, h: 1 });
            let shown = Ink::of_cell(texture[(texel.y * width + texel.x) as usize][0]);
            assert_eq!(shown == ink, seen, "one unmovable frame is seen, one of four movable ones is not");
        }
    }
}

#[test]
fn the_viewport_keeps_its_laws() {
    let mut dice = Dice(6);
    let geometry = Geometry::new(Layout::Quad, 65_536);
    let size = Size { w: 384.0, h: 300.0 };
    let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
    for _ in 0..2000 {
        let at = Point { x: f64::from(dice.below(384)), y: f64::from(dice.below(300)) };
        let center = Point { x: f64::from(dice.below(256)), y: f64::from(dice.below(256)) };
        let view = Viewport { center, scale: f64::from(dice.below(1000) + 1) / 100.0 };
        let under = view.to_plane(at, size);
        let back = view.to_screen(under, size);
        assert!(near(back.x, at.x) && near(back.y, at.y), "there and back");
        let factor = f64::from(dice.below(300) + 10) / 100.0;
        let zoomed = view.zoom_at(factor, at, size);
        let still = zoomed.to_plane(at, size);
        assert!(near(still.x, under.x) && near(still.y, under.y), "zoom keeps what is under the pointer");
        let undone = zoomed.zoom_at(view.scale / zoomed.scale, at, size);
        assert!(near(undone.center.x, view.center.x) && near(undone.scale, view.scale), "zoom is undone");
        let panned = view.pan_by(7.0, -3.0).pan_by(-7.0, 3.0);
        assert!(near(panned.center.x, view.center.x) && near(panned.center.y, view.center.y));
        let clamped = view.clamped(geometry.used(), size);
        assert_eq!(clamped, clamped.clamped(geometry.used(), size), "clamping again changes nothing");
        assert!(clamped.scale >= Viewport::fit(geometry.used(), size).scale);
    }
    let fit = Viewport::fit(geometry.used(), size);
    assert_eq!(fit, fit.clamped(geometry.used(), size));
    let corner = fit.to_screen(Point { x: 256.0, y: 256.0 }, size);
    assert!(near(corner.x, 342.0) && near(corner.y, 300.0), "{corner:?}");
}

#[test]
fn the_frame_under_a_pointer_is_the_frame_drawn_there() {
    let mut dice = Dice(7);
    for layout in [Layout::Quad, Layout::Ruler] {
        let geometry = Geometry::new(layout, 50_000);
        let size = Size { w: 806.0, h: 417.0 };
        for _ in 0..2000 {
            let pfn = Pfn(dice.below(50_000));
            let (x, y) = geometry.place(pfn);
            let center = Point { x: f64::from(x), y: f64::from(y) };
            let view = Viewport { center, scale: f64::from(dice.below(3000) + 20) / 100.0 };
            let middle = view.middle_of(pfn, size, &geometry);
            assert_eq!(view.pfn_at(middle, size, &geometry), Some(pfn));
            assert!(view.seen(size, &geometry).contains(x, y));
        }
        let fit = Viewport::fit(geometry.used(), size);
        assert_eq!(fit.pfn_at(Point { x: -5.0, y: 0.0 }, size, &geometry), None);
    }
}

/// Every aligned place, counted frame by frame.
fn best_by_force(raster: &Raster, order: Order) -> Option<(u32, u32, Pfn)> {
    let machine = raster.shown();
    let mut best = None;
    for pfn in (0..machine.end().0).step_by(order.pages() as usize).map(Pfn) {
        let block = Block { pfn, order };
        let inks: Vec<Ink> = (pfn.0..=block.last().0).map(|pfn| raster.ink(Pfn(pfn))).collect();
        let one_zone =
            machine.zone_of(pfn).is_some() && machine.zone_of(pfn) == machine.zone_of(block.last());
        if !one_zone || inks.contains(&Ink::Hole) || inks.contains(&Ink::Outside) {
            continue;
        }
        let in_use = inks.iter().filter(|ink| ink.is_in_use()).count() as u32;
        let pinned = inks.iter().filter(|ink| ink.is_pinned()).count() as u32;
        if best.is_none_or(|best| (in_use, pinned, pfn) < best) {
            best = Some((in_use, pinned, pfn));
        }
    }
    best
}

#[test]
fn the_ghost_finds_the_best_place() {
    let mut blocked = 0;
    for seed in 0..6 {
        let mut config = if seed % 2 == 0 { Config::single_zone(4096) } else { Config::x86_64(6000) };
        config.seed = seed;
        let mut machine = Machine::boot(&config).expect("boots");
        let mut raster = Raster::of(&machine);
        let mut dice = Dice(seed);
        for round in 0..4 {
            // Fill it up, then give a part of it back, scattered.
            let names = || (0..3000).map(NameId);
            for name in names() {
                let kind = PageKind::ASKABLE[dice.below(40).saturating_sub(35) as usize];
                let kind = if dice.below(20) == 0 { kind } else { PageKind::Anon };
                let gfp = Gfp::of(kind, Some(ZoneKind::Normal));
                let order = if dice.below(8) == 0 { 2 } else { 0 };
                if !matches!(machine.named(name), mm::Named::Block(_)) {
                    every_step(&mut machine, &Op::Alloc { name, order, gfp, cpu: CpuId(0) });
                }
            }
            for name in names().filter(|_| dice.below(100) < 20 * round + 10) {
                every_step(&mut machine, &Op::Free { name, cpu: CpuId(0) });
            }
            raster.seek(&machine);
            for order in Order::all() {
                let ghost = Ghost::find(&raster, order, ZoneKind::Movable);
                let fits = machine.zones().iter().any(|z| z.largest_free_order() >= Some(order));
                assert_eq!(ghost.fits(), fits);
                match ghost.verdict {
                    Verdict::Fits(block) => {
                        assert!((block.pfn.0..=block.last().0).all(|p| raster.ink(Pfn(p)) == Ink::Free));
                    }
                    Verdict::Blocked { block, in_use, pinned, first } => {
                        blocked += 1;
                        let best = best_by_force(&raster, order).expect("there is a place");
                        assert_eq!((in_use, pinned, block.pfn), best);
                        assert!(raster.ink(first).is_in_use());
                    }
                    Verdict::NoPlace => assert_eq!(best_by_force(&raster, order), None),
                }
            }
        }
    }
    assert!(blocked > 50, "only {blocked} of the questions were hard");
}

#[test]
fn a_scattered_machine_has_no_square() {
    let mut machine = machine(1024);
    let gfp = Gfp::of(PageKind::Anon, Some(ZoneKind::Normal));
    for name in 0..1024 {
        every_step(&mut machine, &Op::Alloc { name: NameId(name), order: 0, gfp, cpu: CpuId(0) });
    }
    for name in (0..1024).filter(|name| name % 16 != 5) {
        every_step(&mut machine, &Op::Free { name: NameId(name), cpu: CpuId(0) });
    }
    let raster = Raster::of(&machine);
    let ghost = Ghost::find(&raster, order(4), ZoneKind::Movable);
    let Verdict::Blocked { in_use, .. } = ghost.verdict else { panic!("{ghost:?}") };
    assert_eq!((in_use, ghost.places), (1, 64));
    assert_eq!(ghost.question(Layout::Quad, Lang::En), "Does a 4 × 4 square fit anywhere?");
    assert_eq!(ghost.answer(Lang::En), "No. Best of 64 places: 1 of 16 in use.");
    assert_eq!(ghost.caption(Lang::En), "Order 4 here: frame 5 is in use");
    assert_eq!(Headline::of(&machine).text(Lang::En), "Free 3.8 MiB of 4 MiB, largest piece 32 KiB");
    assert_eq!(Headline::of(&machine).text(Lang::Zh), "4 MiB 里空闲 3.8 MiB，最大的一块是 32 KiB");
    let stairs = Staircase::of(&machine, ZoneId(0), order(4), None);
    assert_eq!(stairs.now[3], 466);
    assert_eq!(stairs.unusable(), 1000);
    assert!(stairs.compaction_helps());
    assert_eq!(stairs.reading(Lang::En), "order 4: 1.000");
}

#[test]
fn the_staircase_only_rises() {
    let mut machine = machine(4096);
    let mut before = machine.zone(ZoneId(0)).nr_free();
    for (_, moment) in every_step(&mut machine, &workload(0, 300, 30, 4)) {
        let stairs = Staircase::of(&moment, ZoneId(0), order(5), Some(&before));
        assert!(stairs.now.is_sorted(), "{stairs:?}");
        assert_ne!(stairs.before, Some(stairs.now), "a ghost that is the same is none");
        before = moment.zone(ZoneId(0)).nr_free();
    }
}

#[test]
fn amounts_are_rounded_to_a_tenth() {
    let texts = [(0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (87_135_846, "83.1 MiB"), (1 << 40, "1 TiB")];
    for (bytes, text) in texts {
        assert_eq!(bytes_text(mm::Bytes(bytes)), text);
    }
    assert_eq!(bytes_text(mm::Bytes(65_535 * 4096)), "256 MiB");
    assert_eq!(bytes_text(mm::Bytes(262_143 * 4096)), "1 GiB");
    assert_eq!(thousands(1_048_576), "1,048,576");
    assert_eq!(thousands(512), "512");
}

#[test]
fn a_limited_request_looks_only_where_it_may() {
    let machine = Machine::boot(&crate::testing::three_zones(9, Mobility::Off)).expect("a machine");
    let raster = Raster::of(&machine);
    for (highest, en, zh) in [
        (ZoneKind::Dma, "Does a 2 × 2 square fit in DMA?", "DMA 区哪里放得下一个 2 × 2 的正方形？"),
        (
            ZoneKind::Dma32,
            "Does a 2 × 2 square fit in DMA32 or below?",
            "DMA32 及更低的区哪里放得下一个 2 × 2 的正方形？",
        ),
        (ZoneKind::Normal, "Does a 2 × 2 square fit anywhere?", "哪里放得下一个 2 × 2 的正方形？"),
    ] {
        let ghost = Ghost::find(&raster, order(2), highest);
        assert_eq!(ghost.question(Layout::Quad, Lang::En), en);
        assert_eq!(ghost.question(Layout::Quad, Lang::Zh), zh);
        let zone = machine.zone_of(ghost.block().expect("a place").pfn).expect("in a zone");
        assert!(machine.zone(zone).kind <= highest);
        let size = |zone: &mm::mmzone::Zone| zone.span.len() / 4;
        let places: u32 = machine.zones().iter().filter(|zone| zone.kind <= highest).map(size).sum();
        assert_eq!(ghost.places, places);
    }
}

#[test]
fn the_words_exist_in_both_languages() {
    let raster = Raster::of(&machine(64));
    for order in Order::all() {
        let ghost = Ghost::find(&raster, order, ZoneKind::Movable);
        for layout in [Layout::Quad, Layout::Ruler] {
            assert!(ghost.question(layout, Lang::En).ends_with('?'));
            assert!(ghost.question(layout, Lang::Zh).ends_with('？'));
        }
        assert_eq!(ghost.verdict == Verdict::NoPlace, order.pages() > 64);
    }
}

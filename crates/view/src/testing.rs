//! Small scenarios for the tests of the texts, made without the scenario's language.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::rc::Rc;

use history::{Cursor, Session};
use mm::config::{Mobility, Start, ZoneLists, ZoneSpec};
use mm::gfp::GfpFlags;
use mm::mmzone::{ZoneId, ZoneKind};
use mm::oom_kill::TaskArgs;
use mm::op::{FileOp, Gfp, NameId, PageKind, ProcessOp, Sysctl, Workload};
use mm::page::MigrateType;
use mm::process::{Access, Advice, At, ByteRange, MmapArgs, Rlimits};
use mm::reclaim::{FileAdvice, Medium, ReclaimConfig, SwapSpec};
use mm::{Config, CpuId, Machine, NrPages, Op, Order, Pfn, PfnRange};
use scenario::{Lang, Scenario, ScenarioOp};

use crate::Moment;
use crate::scene::{Area, Form, Id, Item, Paint, Room, Scene, Shape};
use crate::twin::Table;

pub(crate) fn order(order: u8) -> Order {
    Order::new(order).expect("an order")
}

/// A scenario in the making.
pub(crate) struct Story {
    config: Config,
    ops: Vec<Op>,
    names: Vec<String>,
    ids: BTreeMap<String, NameId>,
}

impl Story {
    pub(crate) fn on(config: Config) -> Story {
        Story { config, ops: Vec::new(), names: Vec::new(), ids: BTreeMap::new() }
    }

    fn id(&mut self, name: &str) -> NameId {
        *self.ids.entry(name.to_owned()).or_insert_with(|| {
            self.names.push(name.to_owned());
            NameId(self.names.len() as u32 - 1)
        })
    }

    pub(crate) fn alloc(self, name: &str, order: u8, kind: PageKind) -> Story {
        self.alloc_below(name, order, kind, ZoneKind::Movable)
    }

    pub(crate) fn alloc_below(mut self, name: &str, order: u8, kind: PageKind, highest: ZoneKind) -> Story {
        let name = self.id(name);
        let zone = (highest != ZoneKind::Movable).then_some(highest);
        self.ops.push(Op::Alloc { name, order, gfp: Gfp::of(kind, zone), cpu: CpuId(0) });
        self
    }

    /// A request with flags of its own, on a CPU.
    pub(crate) fn alloc_with(
        mut self,
        name: &str,
        order: u8,
        kind: PageKind,
        flags: GfpFlags,
        cpu: u8,
    ) -> Story {
        let name = self.id(name);
        self.ops.push(Op::Alloc { name, order, gfp: Gfp { kind, flags }, cpu: CpuId(cpu) });
        self
    }

    /// Names for ops that are given as the engine has them, from number 0 on.
    pub(crate) fn names(mut self, names: &[&str]) -> Story {
        for name in names {
            self.id(name);
        }
        self
    }

    /// An op without a name.
    pub(crate) fn op(mut self, op: Op) -> Story {
        self.ops.push(op);
        self
    }

    pub(crate) fn free_on(mut self, name: &str, cpu: u8) -> Story {
        let name = self.id(name);
        self.ops.push(Op::Free { name, cpu: CpuId(cpu) });
        self
    }

    pub(crate) fn free(mut self, name: &str) -> Story {
        let name = self.id(name);
        self.ops.push(Op::Free { name, cpu: CpuId(0) });
        self
    }

    pub(crate) fn workload(
        mut self,
        name: &str,
        actions: u32,
        orders: (u8, u8),
        weights: [u8; 5],
        free: u8,
    ) -> Story {
        let name = self.id(name);
        self.ops.push(Op::Workload(Workload {
            name,
            actions,
            orders: (order(orders.0), order(orders.1)),
            weights,
            free_percent: free,
            zone: None,
            cpu: CpuId(0),
        }));
        self
    }

    pub(crate) fn scenario(self) -> Rc<Scenario> {
        let ops = (1..)
            .zip(self.ops)
            .map(|(line, op)| ScenarioOp { op, line, turns: Default::default(), real: None })
            .collect();
        Rc::new(Scenario {
            title: None,
            config: self.config,
            ops,
            names: self.names,
            areas: Vec::new(),
            pools: Vec::new(),
            captions: Vec::new(),
            notes: Vec::new(),
        })
    }

    /// Every moment of it, from the beginning to the end.
    pub(crate) fn moments(self) -> Vec<Moment> {
        let mut moments = Vec::new();
        walk(&self.scenario(), |moment| moments.push(moment.clone()));
        moments
    }

    /// The moment after the last step.
    pub(crate) fn end(self) -> Moment {
        let scenario = self.scenario();
        let mut session = session(&scenario);
        session.seek(Cursor::new(u32::MAX, 0));
        Moment::of(&session, &scenario)
    }

    /// The moment at a cursor.
    pub(crate) fn at(self, op: u32, step: u32) -> Moment {
        let scenario = self.scenario();
        let mut session = session(&scenario);
        while !session.survey(1 << 20) {}
        session.seek(Cursor::new(op, step));
        Moment::of(&session, &scenario)
    }
}

pub(crate) fn session(scenario: &Scenario) -> Session {
    let start = Machine::boot(&scenario.config).expect("boots");
    Session::new(start, Rc::new(scenario.engine_ops().cloned().collect()))
}

/// The moment after the first step of a story that is wanted.
pub(crate) fn first(story: Story, wanted: impl Fn(&mm::StepKind) -> bool) -> Moment {
    let mut found = None;
    walk(&story.scenario(), |moment| {
        if found.is_none() && moment.just_did.is_some_and(|step| wanted(&step.kind)) {
            found = Some(moment.clone());
        }
    });
    found.expect("no such step")
}

/// Calls `look` for every moment of a scenario, in order.
pub(crate) fn walk(scenario: &Rc<Scenario>, mut look: impl FnMut(&Moment)) {
    let mut session = session(scenario);
    while !session.survey(1 << 20) {}
    session.seek(Cursor::START);
    look(&Moment::of(&session, scenario));
    while session.step_forward() {
        look(&Moment::of(&session, scenario));
    }
}

/// One zone with these free lists; every other frame is in use by somebody unknown.
pub(crate) fn lists(frames: u32, pageblocks: MigrateType, lists: &[(u8, MigrateType, &[u32])]) -> Config {
    let lists =
        lists.iter().map(|(o, t, pfns)| (order(*o), *t, pfns.iter().copied().map(Pfn).collect())).collect();
    Config {
        start: Start::Lists(vec![ZoneLists {
            zone: ZoneId(0),
            pageblocks: vec![pageblocks; frames.div_ceil(512) as usize],
            lists,
            ..ZoneLists::empty(ZoneId(0))
        }]),
        ..Config::single_zone(frames)
    }
}

/// Three zones, small enough that the upper ones run out.
pub(crate) fn three_zones(pageblock_order: u8, mobility: Mobility) -> Config {
    let all = PfnRange::new(0, 1500);
    let zone = |kind, from, to| ZoneSpec { kind, node: 0, span: PfnRange::new(from, to) };
    Config {
        ram: vec![all],
        reserved: vec![PfnRange::new(0, 16), PfnRange::new(700, 720)],
        zones: vec![
            zone(ZoneKind::Dma, 1, 256),
            zone(ZoneKind::Dma32, 256, 1000),
            zone(ZoneKind::Normal, 1000, 1500),
        ],
        pageblock_order: order(pageblock_order),
        mobility,
        seed: 7,
        ..Config::single_zone(1500)
    }
}

/// Two nodes with two CPUs each, per-CPU lists and watermarks: all small, so that they run low soon.
pub(crate) fn two_nodes() -> Config {
    let all = PfnRange::new(0, 2560);
    let zone = |kind, node, from, to| ZoneSpec { kind, node, span: PfnRange::new(from, to) };
    Config {
        ram: vec![all],
        zones: vec![
            zone(ZoneKind::Dma32, 0, 0, 1024),
            zone(ZoneKind::Normal, 0, 1024, 2048),
            zone(ZoneKind::Normal, 1, 2048, 2560),
        ],
        cpus: vec![0, 0, 1, 1],
        pageblock_order: order(5),
        mobility: Mobility::On,
        pcp: true,
        watermarks: true,
        seed: 7,
        ..Config::single_zone(2560)
    }
}

/// One node and one CPU, with pageblocks so small that some are set aside.
pub(crate) fn small_with_reserves() -> Config {
    Config { pageblock_order: order(5), pcp: true, watermarks: true, ..Config::single_zone(1024) }
}

/// A story that meets every kind of step there is on a machine with per-CPU lists and watermarks.
pub(crate) fn pressed(config: Config) -> Story {
    let last = config.cpus.len() as u8 - 1;
    let any = [3, 2, 2, 3, 3];
    let atomic = GfpFlags::GFP_ATOMIC;
    let mut story = Story::on(config)
        .op(Op::Sysctl(Sysctl::MinFreeKbytes(512)))
        .alloc("a", 0, PageKind::Anon)
        .alloc("b", 1, PageKind::Unmovable)
        .free_on("a", last)
        .free("b")
        .workload("w", 120, (0, 3), any, 40)
        .op(Op::Drain)
        .alloc_with("now", 1, PageKind::Unmovable, atomic, last);
    // All that an ordinary request can get, in single pages of every type.
    for i in 0..3 {
        story = story.workload(&format!("fill[{i}]"), 45, (2, 5), any, 0);
    }
    story = story
        .alloc_with("urgent", 2, PageKind::Unmovable, atomic, last)
        .alloc_with("quick", 0, PageKind::Unmovable, GfpFlags::GFP_NOWAIT, 0)
        .alloc_with("all", 0, PageKind::Unmovable, GfpFlags::GFP_KERNEL | GfpFlags::MEMALLOC, 0)
        .alloc_with("try", 5, PageKind::Anon, GfpFlags::GFP_HIGHUSER_MOVABLE | GfpFlags::NORETRY, 0)
        .alloc("late", 1, PageKind::Unmovable)
        .alloc("page", 0, PageKind::Anon);
    for i in 0..3 {
        story = story.free(&format!("fill[{i}]"));
    }
    story
        .free_on("urgent", last)
        .op(Op::Sysctl(Sysctl::WatermarkScaleFactor(300)))
        .op(Op::Sysctl(Sysctl::WatermarkBoostFactor(0)))
        .op(Op::Sysctl(Sysctl::LowmemReserveRatio([8, 8, 8, 8, 0, 0])))
        .op(Op::Sysctl(Sysctl::PercpuPagelistHighFraction(8)))
}

/// An x86-64 PC of 64 MiB with two CPUs, per-CPU lists and watermarks.
pub(crate) fn small_pc() -> Config {
    Config { cpus: vec![0, 0], pcp: true, watermarks: true, mobility: Mobility::On, ..Config::x86_64(16_384) }
}

/// A machine of 8 MiB that reclaims, with 16 MiB of swap.
pub(crate) fn reclaiming(medium: Medium) -> Config {
    let swap = vec![SwapSpec { pages: NrPages(4096), priority: None, medium }];
    Config {
        pcp: true,
        watermarks: true,
        reclaim: Some(ReclaimConfig { swap, ..Default::default() }),
        ..Config::x86_64(2048)
    }
}

/// Memory runs short, and everything that reclaim does comes by: a file is read and written, a process wants more than
/// there is, and time passes.
pub(crate) fn short_of_memory(medium: Medium) -> Story {
    let [p, m, f, g] = [NameId(0), NameId(1), NameId(2), NameId(3)];
    let cpu = CpuId(0);
    let of = |op| Op::Process(op);
    let at = At::Area { name: m, by: None };
    let touch = |access, bytes| of(ProcessOp::Access { access, at, bytes, cpu });
    let read = |file, bytes, block| Op::File(FileOp::Read { file, bytes, block, cpu });
    let write = |file, bytes| Op::File(FileOp::Write { file, bytes, block: 64 << 10, cpu });
    let part = |from, to| Some(ByteRange { from, to });
    let (kib, mib) = (1u64 << 10, 1u64 << 20);
    Story::on(reclaiming(medium))
        .names(&["p", "m", "f", "g"])
        .op(of(ProcessOp::File { name: f, bytes: 2 * mib, cached: 0, cpu }))
        .op(of(ProcessOp::File { name: g, bytes: 4 * mib, cached: 0, cpu }))
        .op(of(ProcessOp::Exec { name: p, limits: Rlimits::default(), task: TaskArgs::default(), cpu }))
        .op(of(ProcessOp::Mmap { name: m, process: p, bytes: 8 * mib, args: MmapArgs::ANONYMOUS, cpu }))
        .op(read(f, part(0, 64 * kib), 4096))
        .op(read(f, part(0, 64 * kib), 4096))
        .op(Op::File(FileOp::Advise { file: f, advice: FileAdvice::Random }))
        .op(read(f, part(mib, mib + 8 * kib), 4096))
        .op(write(g, part(0, 2 * mib)))
        .op(of(ProcessOp::Mlock { at, bytes: part(0, 16 * kib), locked: true, cpu }))
        .op(touch(Access::Write, part(0, 6 * mib)))
        .op(of(ProcessOp::Madvise { at, bytes: part(64 * kib, 96 * kib), advice: Advice::Cold, cpu }))
        .op(of(ProcessOp::Madvise { at, bytes: part(96 * kib, 128 * kib), advice: Advice::PageOut, cpu }))
        .op(touch(Access::Read, part(0, 2 * mib)))
        .op(touch(Access::Write, part(0, mib)))
        .op(read(f, None, 64 << 10))
        .op(of(ProcessOp::Mlock { at, bytes: part(0, 16 * kib), locked: false, cpu }))
        .op(write(f, part(0, 64 * kib)))
        .op(Op::File(FileOp::Sync { file: Some(f) }))
        .op(Op::File(FileOp::Sync { file: None }))
        .op(Op::File(FileOp::DropCaches { what: 1 }))
        .op(Op::Sysctl(Sysctl::Swappiness(0)))
        .op(Op::Sysctl(Sysctl::DirtyRatio(30)))
        .op(Op::Sysctl(Sysctl::DirtyBackgroundRatio(5)))
        .op(Op::Sysctl(Sysctl::PageCluster(0)))
        .op(Op::File(FileOp::Wait { ms: 6000 }))
        .op(read(f, part(4 * mib, 5 * mib), 4096))
}

/// Types are mixed in a pageblock, and a pageblock is set aside and given up.
pub(crate) fn mixed() -> Story {
    let mut story = Story::on(small_with_reserves());
    for i in 0..58 {
        story = story.alloc(&format!("m[{i}]"), 4, PageKind::Movable);
    }
    for i in 0..29 {
        story = story.free(&format!("m[{}]", 2 * i));
    }
    for i in 0..3 {
        story = story.alloc(&format!("k[{i}]"), 5, PageKind::Unmovable);
    }
    story
        .alloc("mixes", 0, PageKind::Unmovable)
        .op(Op::Sysctl(Sysctl::MinFreeKbytes(2048)))
        .alloc_with("urgent", 1, PageKind::Unmovable, GfpFlags::GFP_ATOMIC, 0)
        .alloc("late", 0, PageKind::Anon)
}

/// All the laws of a picture.
pub(crate) fn lawful(scene: &Scene, of: &str) {
    assert!(scene.items.len() <= 1500, "{of}: {} things", scene.items.len());
    let stage = Area { x: 0.0, y: 0.0, w: scene.width, h: scene.height };
    let least = if scene.form == Form::Projector { 22.0 } else { 12.0 };
    let texts: Vec<(Area, &str)> = scene.texts().map(|(text, _)| (text.area(), text.text.as_str())).collect();
    for (text, _) in scene.texts() {
        assert!(stage.holds(text.area()), "{of}: {:?} leaves the stage\n{scene}", text.text);
        assert!(text.face.size >= least, "{of}: {:?} is too small", text.text);
    }
    for (i, (area, words)) in texts.iter().enumerate() {
        for (other, others) in &texts[..i] {
            assert!(!area.meets(*other), "{of}: {words:?} lies on {others:?}\n{scene}");
        }
    }
    for Item { shape, pen, paint, .. } in &scene.items {
        let is_thin = pen.width > 0.0 && pen.width < 3.0;
        assert!(!(scene.form == Form::Projector && is_thin), "{of}: {paint:?} has a line of {}", pen.width);
        if let Shape::Rect { area, .. } = shape {
            assert!(area.w >= 0.0 && area.h >= 0.0, "{of}: {paint:?} is {area:?}");
            assert!(stage.grown(1.0).holds(*area), "{of}: {paint:?} leaves the stage: {area:?}");
        }
        if let Shape::Path(d) = shape {
            assert!(!d.contains("NaN") && !d.contains("inf"), "{of}: {d}");
        }
    }
    let rule = scene.items.iter().find(|item| item.id == Id::Invariant);
    assert_eq!(
        rule.map(|item| item.paint),
        Some(Paint::Holds),
        "{of}: the rule is written, and holds\n{scene}"
    );
    let svg = scene.to_svg_string();
    assert!(!svg.contains("style="));
}

/// Sizes of the stage that every picture has to work in.
pub(crate) const ROOMS: [(Room, &str); 5] = [
    (Room { width: 1580.0, height: 820.0, scale: 1.0, form: Form::Projector }, "projector"),
    (Room { width: 1920.0, height: 820.0, scale: 1.0, form: Form::Projector }, "projector-wide"),
    (Room { width: 806.0, height: 417.0, scale: 1.0, form: Form::Laptop }, "laptop"),
    (Room { width: 1278.0, height: 417.0, scale: 1.0, form: Form::Laptop }, "laptop-wide"),
    (Room { width: 390.0, height: 312.0, scale: 1.0, form: Form::Phone }, "phone"),
];

/// Calls `draw` for moments of stories that meet every kind of step, in rooms and languages by turns.
pub(crate) fn every_room(draw: impl Fn(&Moment, &Room, scenario::Lang, &str)) {
    let stories = [
        pressed(two_nodes()),
        pressed(small_with_reserves()),
        mixed(),
        Story::on(small_pc()).workload("w", 40, (0, 3), [1, 1, 1, 1, 1], 45).op(Op::Drain),
        isolated(),
        Story::on(many_nodes()).workload("w", 60, (0, 3), [1, 1, 1, 1, 1], 45),
        Story::on(three_zones(5, Mobility::On)).workload("w", 20, (0, 6), [1, 1, 1, 1, 1], 20),
    ];
    for (s, story) in stories.into_iter().enumerate() {
        let mut at = 0usize;
        walk(&story.scenario(), |moment| {
            at += 1;
            if at > 200 && !at.is_multiple_of(5) {
                return;
            }
            let turns = if at.is_multiple_of(41) { 0..10 } else { at % 10..at % 10 + 1 };
            for turn in turns {
                let (room, name) = ROOMS[turn / 2];
                let lang = scenario::Lang::ALL[turn % 2];
                let scale = if at.is_multiple_of(3) { 1.25 } else { 1.0 };
                let room = if room.form == Form::Projector { room } else { Room { scale, ..room } };
                draw(
                    moment,
                    &room,
                    lang,
                    &format!("story {s}, {}, {name} {lang:?} × {scale}", moment.cursor),
                );
            }
        });
    }
}

/// Pageblocks are taken out of use and given back, and half of the ops find nothing to do.
pub(crate) fn isolated() -> Story {
    let pageblock = Pfn(2048);
    Story::on(small_pc())
        .op(Op::Drain)
        .op(Op::Drain)
        .op(Op::Isolate(Pfn(99_999)))
        .op(Op::Isolate(pageblock))
        .op(Op::Isolate(pageblock))
        .alloc("fixed", 0, PageKind::Unmovable)
        .op(Op::Isolate(Pfn(4096)))
        .op(Op::Unisolate(pageblock, MigrateType::Movable))
        .op(Op::Unisolate(pageblock, MigrateType::Movable))
        .op(Op::Unisolate(Pfn(99_999), MigrateType::Movable))
        .free("fixed")
        .op(Op::Drain)
        .op(Op::Drain)
}

/// Four nodes with two CPUs and two zones each.
pub(crate) fn many_nodes() -> Config {
    let all = PfnRange::new(0, 32_768);
    let zone = |kind, node: u8, from, to| ZoneSpec { kind, node, span: PfnRange::new(from, to) };
    Config {
        ram: vec![all],
        zones: vec![
            zone(ZoneKind::Dma, 0, 0, 4096),
            zone(ZoneKind::Dma32, 0, 4096, 8192),
            zone(ZoneKind::Normal, 0, 8192, 16_384),
            zone(ZoneKind::Normal, 1, 16_384, 20_480),
            zone(ZoneKind::Normal, 2, 20_480, 24_576),
            zone(ZoneKind::Normal, 3, 24_576, 32_768),
        ],
        cpus: vec![0, 0, 1, 1, 2, 2, 3, 3],
        mobility: Mobility::On,
        pcp: true,
        watermarks: true,
        ..Config::single_zone(32_768)
    }
}

/// The last moment of a scenario; at each one before it every row of every table has as many cells as the head.
pub(crate) fn end_of_tables<T: IntoIterator<Item = Table>>(
    text: &str,
    tables: impl Fn(&Moment, Lang) -> T,
) -> Moment {
    let mut last = None;
    walk(&Rc::new(scenario::parse(text).strict().expect("a scenario")), |moment| {
        for table in Lang::ALL.into_iter().flat_map(|lang| tables(moment, lang)) {
            assert!(table.rows.iter().all(|row| row.len() == table.headers.len()), "{table:?}");
        }
        last = Some(moment.clone());
    });
    last.expect("a moment")
}

/// Tables as a test reads them: the caption, the head, and the rows.
pub(crate) fn in_words(tables: &[Table]) -> String {
    let mut text = String::new();
    for Table { caption, headers, rows } in tables {
        let _ = writeln!(text, "{caption}\n  {}", headers.join(" | "));
        for row in rows {
            let _ = writeln!(text, "  {}", row.join(" | "));
        }
    }
    text
}

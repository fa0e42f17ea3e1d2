//! Where everything goes: caches at the top, the slabs of one below each other, the level-1 cache at the left, the door at
//! the right.

mod bytes;
mod level_1;
mod slab;

use std::collections::{BTreeMap, BTreeSet};

use mm::op::NameId;
use mm::page::Block;
use mm::slab::Management;
use mm::slab::SlabStep;
use mm::slab_common::{Cache, Kmem, Objects, SlabLook, SlabPlace};
use mm::slub::{Object, SlubStep};
use mm::step::{KmemStep, StepClass, StepKind};
use mm::units::PAGE_SIZE;
use mm::{CpuId, Named, Pfn};
use scenario::Lang;

use super::{cpu_in_play, in_play, left_over};
use crate::Moment;
use crate::board::Board;
use crate::narrate::num;
use crate::number::between;
use crate::scene::{Area, Dash, Face, Form, Hit, Id, Paint, Ring, Room, Scene, Spot, centred};

/// Sizes of this picture.
#[derive(Clone, Copy)]
struct Sizes {
    /// A slab: at least, at most.
    row: (f32, f32),
    /// Left of the slabs.
    names: f32,
    /// Where the first frame of each is written, beside it.
    frame: f32,
    /// Right of them.
    door: f32,
    /// The level-1 cache.
    l1: f32,
}

impl Sizes {
    fn of(form: Form) -> Sizes {
        match form {
            Form::Projector => Sizes { row: (34.0, 84.0), names: 216.0, frame: 96.0, door: 250.0, l1: 250.0 },
            Form::Laptop => Sizes { row: (18.0, 44.0), names: 112.0, frame: 52.0, door: 130.0, l1: 150.0 },
            Form::Phone => Sizes { row: (18.0, 34.0), names: 66.0, frame: 0.0, door: 0.0, l1: 0.0 },
        }
    }
}

/// What stands in one row.
#[derive(Clone)]
enum Row {
    /// A slab.
    Slab(SlabLook),
    /// Free objects that a CPU of SLAB has, the next one last; or the CPUs of a node together.
    Array(Vec<Object>, u32),
    /// Nothing is there.
    Empty,
    /// So many slabs more.
    More(usize),
}

/// Rows that belong together.
struct Lane {
    words: Vec<String>,
    rows: Vec<Row>,
}

/// The picture in the making.
struct Draw<'a> {
    moment: &'a Moment,
    b: Board,
    k: Sizes,
    kmem: &'a Kmem,
    cache: &'a Cache,
    slabs: Vec<SlabLook>,
    cpu: CpuId,
    did: Option<StepKind>,
    next: Option<StepKind>,
    /// Where the ribbons are.
    body: Area,
    door: Area,
    l1: Option<Area>,
    /// The sizes of kmalloc, where the cache is one of them.
    classes: Option<Area>,
    /// What lies in the object that the story is about.
    bytes: Option<Area>,
    /// Each slab's ribbon.
    ribbons: Vec<(Pfn, Area)>,
    /// Objects in arrays.
    kept: BTreeSet<(Pfn, u16)>,
    /// What objects are called.
    names: BTreeMap<(Pfn, u16), NameId>,
    selected: Option<Block>,
}

/// Slabs with more objects are not drawn object by object.
const MOST_SINGLE: u16 = 32;
/// More names than this are not written into the objects.
const MOST_NAMES: usize = 4096;

pub(super) fn scene(moment: &Moment, room: &Room, lang: Lang, selected: Option<Pfn>) -> Scene {
    let mut board = Board::new(room, lang);
    board.head(moment);
    let kmem = moment.machine.kmem_booted();
    let Some(cache) = in_play(moment, &kmem, selected).and_then(|name| kmem.cache_of(name)) else {
        return without(moment, board);
    };
    let k = Sizes::of(room.form);
    let of = |step: Option<mm::Step>| step.map(|step| step.kind);
    let mut draw = Draw {
        moment,
        k,
        kmem: &kmem,
        cache,
        slabs: cache.slabs(),
        cpu: cpu_in_play(moment),
        did: of(moment.just_did),
        next: of(moment.next),
        body: Area::between(0.0, 0.0, 0.0, 0.0),
        door: Area::between(0.0, 0.0, 0.0, 0.0),
        l1: None,
        classes: None,
        bytes: None,
        ribbons: Vec::new(),
        kept: BTreeSet::new(),
        names: BTreeMap::new(),
        selected: selected.and_then(|pfn| moment.machine.block_of(pfn)),
        b: board,
    };
    draw.remember();
    draw.plan();
    draw.invariant();
    draw.caches();
    draw.lanes();
    draw.door();
    draw.level_1();
    draw.size_classes();
    draw.strip();
    draw.rings();
    draw.legend();
    draw.b.finish(moment)
}

/// Nobody has asked for an object yet.
fn without(moment: &Moment, mut b: Board) -> Scene {
    let words = b.say(
        &["No slab yet: kmem_cache_alloc and a small kmalloc need one.", "No slab yet."],
        &["还没有 slab：kmem_cache_alloc 和小块的 kmalloc 才需要它。", "还没有 slab。"],
    );
    let (face, all) = (b.title(), b.all());
    let spot = Spot::middle(b.w / 2.0, b.h / 2.0);
    b.words(&words, face, spot, all, Paint::Quiet);
    let words = vec![b.lang.pick("✓ 0 objects".to_owned(), "✓ 0 个对象".to_owned())];
    b.invariant(&words, true);
    b.finish(moment)
}

/// The object that a step speaks of.
fn object_of(kind: &StepKind) -> Option<Object> {
    match *kind {
        StepKind::Kmem(KmemStep::Handed { object, .. } | KmemStep::FreeObject { object, .. })
        | StepKind::Slub {
            step: SlubStep::FastAlloc(object) | SlubStep::FastFree(object) | SlubStep::SlowFree { object, .. },
            ..
        }
        | StepKind::Slab { step: SlabStep::ArrayAlloc(object) | SlabStep::ArrayFree(object), .. } => {
            Some(object)
        }
        _ => None,
    }
}

/// The slab that a step speaks of as a whole.
fn slab_of(kind: &StepKind) -> Option<Pfn> {
    match kind {
        StepKind::Slub { step, .. } => step.slab(),
        StepKind::Slab { step, .. } => step.slab(),
        _ => None,
    }
}

/// Whether a step is about objects, and not about pages.
fn is_ours(kind: &StepKind) -> bool {
    matches!(
        kind,
        StepKind::Kmem(_) | StepKind::Slub { .. } | StepKind::Slab { .. } | StepKind::Vmalloc { .. }
    )
}

/// Whether a slab goes through the door with a step: in, or out.
fn through_door(kind: &StepKind) -> Option<(Pfn, bool)> {
    match *kind {
        StepKind::Slub { step: SlubStep::NewSlab { slab, .. }, .. }
        | StepKind::Slab { step: SlabStep::NewSlab { slab, .. }, .. } => Some((slab, true)),
        StepKind::Slub { step: SlubStep::Discards { slab }, .. }
        | StepKind::Slab { step: SlabStep::Destroys { slab }, .. } => Some((slab, false)),
        _ => None,
    }
}

impl Draw<'_> {
    fn remember(&mut self) {
        if let Objects::Slab(cache) = &self.cache.objects {
            let machine = &self.moment.machine;
            let of_cpus = (0..machine.cpus()).flat_map(|cpu| cache.array(CpuId(cpu)));
            let shared = (0..machine.nodes()).flat_map(|node| cache.shared_array(node));
            self.kept = of_cpus.chain(shared).map(|object| (object.slab, object.index)).collect();
        }
        let names = self.moment.scenario.names.len().min(MOST_NAMES);
        for name in (0..names as u32).map(NameId) {
            if let Named::Object { cache, object } = self.moment.machine.named(name)
                && cache == self.cache.name
            {
                self.names.insert((object.slab, object.index), name);
            }
        }
    }

    fn plan(&mut self) {
        let (k, s) = (self.k, self.b.s);
        let top = s.head + s.space * 0.6 + s.label * if self.b.form == Form::Phone { 3.6 } else { 4.2 };
        let bottom = self.b.h - s.legend - s.label * 1.6;
        let right = self.b.w - s.margin;
        let door = match self.b.form {
            Form::Phone => {
                Area { x: s.margin, y: bottom - s.label * 2.2, w: right - s.margin, h: s.label * 2.0 }
            }
            _ => Area { x: right - k.door, y: top, w: k.door, h: (s.label * 7.0).min(bottom - top) },
        };
        let bottom = if self.b.form == Form::Phone { door.y - s.space } else { bottom };
        let has_l1 = k.l1 > 0.0 && self.kmem.l1(self.cpu).is_some();
        let mut x = s.margin;
        if has_l1 {
            self.l1 = Some(Area::between(x, top, x + k.l1, bottom));
            // Between the two there is room for the lines; what a lane is called stands above it.
            x += k.l1 + s.space * 12.0;
            (self.k.names, self.k.frame) = (0.0, 0.0);
        }
        let k = self.k;
        let ribbons_end = if self.b.form == Form::Phone { right } else { door.x - s.space * 2.0 };
        let is_kmalloc = self.cache.name.as_kmalloc().is_some();
        let (bottom, left) = if is_kmalloc && !has_l1 && self.b.form != Form::Phone {
            let h = s.label * 3.6;
            self.classes = Some(Area::between(x, bottom - h, right, bottom));
            (bottom - h - s.space, x)
        } else {
            (bottom, x)
        };
        let x = left;
        let strip = self.strip_height();
        let bottom = if strip > 0.0 && bottom - top > strip + k.row.0 * 3.0 {
            self.bytes = Some(Area::between(x, bottom - strip, ribbons_end, bottom));
            bottom - strip - s.space
        } else {
            bottom
        };
        self.body = Area::between(x + k.names + k.frame, top, ribbons_end, bottom);
        self.door = door;
    }

    /// The caches that have slabs, the one in play first; and what that one is.
    fn caches(&mut self) {
        let s = self.b.s;
        let y = s.head + s.space * 0.6 + s.label * 1.3;
        let lang = self.b.lang;
        let name = self.moment.name(self.cache.name).to_owned();
        let face = Face { mono: true, ..self.b.title() };
        let all = self.b.all();
        let mut x = s.margin;
        if let Some(area) = self.b.words(&[name], face, Spot::start(x, y), all, Paint::Ink) {
            x = area.right() + s.space;
        }
        // What else there is: a click on one selects its first slab, and so shows it.
        let others: Vec<(String, Pfn)> = self
            .kmem
            .caches()
            .filter(|cache| cache.name != self.cache.name)
            .filter_map(|cache| {
                let first = cache.slabs().first()?.pfn;
                let f = cache.figures();
                Some((format!("{} {}/{}", self.moment.name(cache.name), f.in_use, f.num_objs), first))
            })
            .collect();
        let face = self.b.mono();
        let right = self.b.w - s.margin;
        for (at, (words, pfn)) in others.iter().enumerate() {
            let width = face.width(words) + s.label * 1.2;
            if x + width > right - s.label * 3.0 && at + 1 < others.len() || x + width > right {
                let more = format!("+{}", others.len() - at);
                self.b.words(&[more], face, Spot::start(x, y), all, Paint::Quiet);
                break;
            }
            let chip = Area { x, y: y - s.label * 1.1, w: width, h: s.label * 1.6 };
            let (radius, edge) = (s.radius * 2.0, s.edge);
            self.b.things.rect(chip, radius, Paint::Chip, edge).hit = Some(Hit::Block(*pfn));
            self.b.labels.at(words, face, Spot::middle(chip.centre().0, y), Paint::Quiet, Id::None);
            x = chip.right() + s.space;
        }
        let y = y + s.label * 1.7;
        let f = self.cache.figures();
        let (asked, left) = (self.cache.args().object_size, left_over(self.cache));
        let (size, objects, pages) = (f.objsize, f.objperslab, f.pagesperslab);
        let colours = match &self.cache.objects {
            Objects::Slab(cache) => Some(cache.geometry().colours.max(1)),
            Objects::Slub(_) => None,
        };
        let words = match lang {
            Lang::En => {
                let each =
                    if asked == size { format!("{size} bytes") } else { format!("{asked} bytes in {size}") };
                let short =
                    format!("{each} · {objects} in {pages} {}", if pages == 1 { "page" } else { "pages" });
                let long = format!("{short} · {left} bytes left over");
                let colour =
                    colours.map(|n| format!("{long} · {n} {}", if n == 1 { "colour" } else { "colours" }));
                colour.into_iter().chain([long, short, each]).collect::<Vec<_>>()
            }
            Lang::Zh => {
                let each = if asked == size {
                    format!("{size} 字节")
                } else {
                    format!("{asked} 字节占 {size}")
                };
                let short = format!("{each} · {pages} 页装 {objects} 个");
                let long = format!("{short} · 剩余 {left} 字节");
                let colour = colours.map(|n| format!("{long} · {n} 种颜色"));
                colour.into_iter().chain([long, short, each]).collect()
            }
        };
        let face = self.b.plain();
        self.b.words(&words, face, Spot::start(s.margin, y), all, Paint::Quiet);
    }

    /// What stands below each other.
    fn rows(&self) -> Vec<Lane> {
        let lang = self.b.lang;
        let machine = &self.moment.machine;
        let of = |place: fn(SlabPlace) -> Option<u8>, number: u8| -> Vec<Row> {
            let there = self.slabs.iter().filter(|slab| place(slab.place) == Some(number));
            there.map(|slab| Row::Slab(slab.clone())).collect()
        };
        let mut lanes = Vec::new();
        let mut lane = |words: Vec<String>, rows: Vec<Row>| lanes.push(Lane { words, rows });
        let partial = |place| if let SlabPlace::Partial(of) = place { Some(of) } else { None };
        let full = |place| if let SlabPlace::Full(of) = place { Some(of) } else { None };
        let many = machine.nodes() > 1;
        // In full, and as short as it can be.
        let node = |number: u8, [en, en_short]: [&str; 2], [zh, zh_short]: [&str; 2]| match lang {
            Lang::En if many => vec![format!("node {number} {en}"), format!("{en_short} {number}")],
            Lang::Zh if many => vec![format!("节点 {number} {zh}"), format!("{zh_short} {number}")],
            Lang::En => vec![en.to_owned(), en_short.to_owned()],
            Lang::Zh => vec![zh.to_owned(), zh_short.to_owned()],
        };
        match &self.cache.objects {
            Objects::Slub(_) => {
                for cpu in 0..machine.cpus() {
                    let own = of(|place| if let SlabPlace::Cpu(of) = place { Some(of) } else { None }, cpu);
                    let own = if own.is_empty() { vec![Row::Empty] } else { own };
                    lane(
                        vec![
                            lang.pick(format!("CPU {cpu}'s slab"), format!("CPU {cpu} 的 slab")),
                            format!("CPU {cpu}"),
                        ],
                        own,
                    );
                    let kept =
                        of(|place| if let SlabPlace::CpuPartial(of) = place { Some(of) } else { None }, cpu);
                    if !kept.is_empty() {
                        let words =
                            lang.pick(["partial, its own", "partial"], ["自己的部分空闲", "部分空闲"]);
                        lane(words.map(str::to_owned).to_vec(), kept);
                    }
                }
                for number in 0..machine.nodes() {
                    let rows = of(partial, number);
                    let rows = if rows.is_empty() { vec![Row::Empty] } else { rows };
                    lane(node(number, ["partial list", "partial"], ["部分空闲链表", "部分空闲"]), rows);
                }
                for number in 0..machine.nodes() {
                    let rows = of(full, number);
                    if !rows.is_empty() {
                        lane(node(number, ["full, no list", "full"], ["满，无链表", "满"]), rows);
                    }
                }
            }
            Objects::Slab(cache) => {
                let limit = cache.geometry().limit;
                for cpu in 0..machine.cpus() {
                    let array: Vec<Object> = cache.array(CpuId(cpu)).collect();
                    let words = lang.pick(format!("CPU {cpu}'s array"), format!("CPU {cpu} 的数组"));
                    lane(vec![words, format!("CPU {cpu}")], vec![Row::Array(array, limit)]);
                }
                let most = cache.geometry().shared * cache.geometry().batchcount;
                for number in (0..machine.nodes()).filter(|_| most > 0) {
                    let array: Vec<Object> = cache.shared_array(number).collect();
                    lane(
                        node(number, ["shared array", "shared"], ["共享数组", "共享"]),
                        vec![Row::Array(array, most)],
                    );
                }
                let free = |place| if let SlabPlace::Free(of) = place { Some(of) } else { None };
                for number in 0..machine.nodes() {
                    for (rows, en, zh) in [
                        (of(partial, number), ["partial slabs", "partial"], ["部分空闲", "部分空闲"]),
                        (of(free, number), ["free slabs", "free"], ["全空闲", "全空闲"]),
                        (of(full, number), ["full slabs", "full"], ["满", "满"]),
                    ] {
                        if !rows.is_empty() {
                            lane(node(number, en, zh), rows);
                        }
                    }
                }
            }
        }
        let moving = |place| if let SlabPlace::Moving(of) = place { Some(of) } else { None };
        let rows: Vec<Row> = (0..machine.nodes()).flat_map(|number| of(moving, number)).collect();
        if !rows.is_empty() {
            lanes.push(Lane { words: vec![lang.pick("on the way", "移动中").to_owned()], rows });
        }
        lanes
    }

    /// The slab that a step speaks of, so that it is never among those left out.
    fn is_touched(&self, slab: &SlabLook) -> bool {
        let of = |kind: &StepKind| kind.blocks().into_iter().flatten().any(|block| block.pfn == slab.pfn);
        [&self.did, &self.next].into_iter().flatten().any(of)
            || self.selected.is_some_and(|block| block.pfn == slab.pfn)
    }

    fn lanes(&mut self) {
        let (k, s, body) = (self.k, self.b.s, self.body);
        let mut lanes = self.rows();
        let title = if k.names > 0.0 { 0.0 } else { s.label * 1.25 };
        let gap = s.space * 0.5 + title;
        let count = |lanes: &[Lane], most: usize| -> usize {
            lanes.iter().map(|lane| lane.rows.len().min(most + 1)).sum()
        };
        let fits = |lanes: &[Lane], most: usize| {
            count(lanes, most) as f32 * k.row.0 + gap * lanes.len() as f32 <= body.h
        };
        let most = (1..=40).rev().find(|most| fits(&lanes, *most)).unwrap_or(1);
        for lane in &mut lanes {
            if lane.rows.len() > most + 1 {
                let hidden = lane.rows.len() - most;
                let mut shown: Vec<Row> = Vec::new();
                let (touched, others): (Vec<Row>, Vec<Row>) = lane
                    .rows
                    .drain(..)
                    .partition(|row| matches!(row, Row::Slab(slab) if self.is_touched(slab)));
                shown.extend(touched.into_iter().chain(others).take(most));
                shown.push(Row::More(hidden));
                lane.rows = shown;
            }
        }
        let rows: usize = lanes.iter().map(|lane| lane.rows.len()).sum();
        let each = (body.h - gap * lanes.len() as f32) / rows.max(1) as f32;
        let h = between(each, k.row.0.min(each.max(8.0)), k.row.1);
        let mut y = body.y;
        let left = body.x - k.names - k.frame;
        for lane in &lanes {
            let face = self.b.strong();
            if k.names > 0.0 {
                let first = Area { x: left, y, w: k.names - s.space, h };
                let spot = Spot::start(left, centred(first.centre().1, s.label));
                self.b.words(&lane.words, face, spot, first, Paint::Ink);
            } else {
                let above = Area { y, h: title, ..body };
                let spot = Spot::start(body.x, y + title * 0.8);
                self.b.words(&lane.words, face, spot, above, Paint::Ink);
                y += title;
            }
            for row in &lane.rows {
                let area = Area { x: body.x, y: y + h * 0.1, w: body.w, h: h * 0.8 };
                match row {
                    Row::Slab(slab) => {
                        let beside = Area::between(body.x - k.frame, y, body.x, y + h);
                        let spot = Spot::end(body.x - s.space, centred(area.centre().1, s.label));
                        let face = self.b.mono();
                        self.b.words(&[num(slab.pfn.0)], face, spot, beside, Paint::Quiet);
                        self.slab(slab, area);
                    }
                    Row::Array(objects, limit) => self.array(objects, *limit, area),
                    Row::Empty => {
                        let radius = s.radius;
                        let edge = s.edge;
                        self.b.things.rect(area, radius, Paint::Slot, edge).pen.dash = Dash::Ghost;
                        let words = self.b.say(&["none"], &["无"]);
                        let face = self.b.plain();
                        let spot = Spot::start(area.x + s.space, centred(area.centre().1, s.label));
                        self.b.words(&words, face, spot, area, Paint::Quiet);
                    }
                    Row::More(more) => {
                        let words = self.b.lang.pick(format!("… {more} more"), format!("…… 还有 {more} 个"));
                        let face = self.b.plain();
                        let spot = Spot::start(area.x, centred(area.centre().1, s.label));
                        self.b.words(&[words], face, spot, area, Paint::Quiet);
                    }
                }
                y += h;
            }
            y += gap - title;
        }
    }

    /// Where a byte of a slab lies on its ribbon.
    fn x_of(&self, slab: &SlabLook, area: Area, byte: u32) -> f32 {
        let bytes = slab.order.pages() * PAGE_SIZE as u32;
        area.x + area.w * byte as f32 / bytes as f32
    }

    fn object_area(&self, slab: &SlabLook, area: Area, index: u16) -> Area {
        let at = self.cache.place(Object { slab: slab.pfn, at: slab.at, index });
        let (x0, x1) = (self.x_of(slab, area, at), self.x_of(slab, area, at + self.cache.size()));
        Area::between(x0, area.y, x1.min(area.right()), area.bottom())
    }

    /// The free objects that a CPU of SLAB has: the next one is the last.
    fn array(&mut self, objects: &[Object], limit: u32, area: Area) {
        let s = self.b.s;
        let (radius, edge) = (s.radius, s.edge);
        self.b.things.rect(area, radius, Paint::Slot, edge);
        self.b.labels.keep_off(area);
        let share = objects.len() as f32 / limit.max(1) as f32;
        if !objects.is_empty() {
            let w = (area.w * share.min(1.0)).max(edge * 2.0);
            let filled = Area { w, ..area };
            self.b.things.rect(filled, radius, Paint::Pcp, edge);
        }
        let last = objects.last();
        let lang = self.b.lang;
        let count =
            lang.pick(format!("{} of {limit}", objects.len()), format!("{} / {limit}", objects.len()));
        let words = match last {
            Some(next) => vec![
                lang.pick(
                    format!("{count} · next: object {} of slab {}", next.index, num(next.slab.0)),
                    format!("{count} · 下一个：slab {} 的对象 {}", num(next.slab.0), next.index),
                ),
                count,
            ],
            None => vec![count],
        };
        let face = self.b.plain();
        let at = area.x + s.space;
        let spot = Spot::start(at, centred(area.centre().1, s.label));
        if let Some(words) = words.iter().find(|words| face.width(words) <= area.w - 2.0 * s.space) {
            let paper = Area {
                x: at - s.label * 0.3,
                y: area.y + edge * 1.5,
                w: face.width(words) + s.label * 0.6,
                h: area.h - edge * 3.0,
            };
            self.b.things.rect(paper, radius, Paint::Paper, 0.0);
            self.b.labels.at(words, face, spot, Paint::Ink, Id::None);
        }
    }

    /// The buddy system, where slabs come from and go to.
    fn door(&mut self) {
        let (s, door, lang) = (self.b.s, self.door, self.b.lang);
        let (radius, line) = (s.radius * 2.0, s.line);
        self.b.back.rect(door, radius, Paint::Paper, 0.0).hit = Some(Hit::Buddy);
        self.b.things.rect(door, radius, Paint::Axis, line);
        let face = self.b.strong();
        let inside = door.grown(-s.line);
        let title = self.b.say(&["buddy system ›", "buddy ›"], &["伙伴系统 ›"]);
        let order = self.cache.figures().pagesperslab.trailing_zeros();
        let free: u32 = self.moment.machine.zones().iter().map(|zone| zone.nr_free()[order as usize]).sum();
        let pages: u64 = self.moment.machine.zones().iter().map(|zone| zone.nr_free_pages.0).sum();
        let lines = [
            lang.pick(format!("order {order}: {free} free"), format!("{order} 阶：空闲 {free} 块")),
            lang.pick(format!("{} pages free", num(pages)), format!("空闲 {} 页", num(pages))),
        ];
        if self.b.form == Form::Phone {
            let y = centred(door.centre().1, s.label);
            let area = self.b.words(&title, face, Spot::start(door.x + s.space, y), inside, Paint::Ink);
            let x = area.map_or(door.x + s.space, |area| area.right() + s.space);
            let face = self.b.plain();
            self.b.words(
                &[lines.join(" · "), lines[0].clone()],
                face,
                Spot::start(x, y),
                inside,
                Paint::Quiet,
            );
        } else {
            let mut y = door.y + s.label * 1.5;
            let middle = door.centre().0;
            self.b.words(&title, face, Spot::middle(middle, y), inside, Paint::Ink);
            let face = self.b.plain();
            for words in lines {
                y += s.label * 1.5;
                self.b.words(&[words], face, Spot::middle(middle, y), inside, Paint::Quiet);
            }
            let mine = self.cache.pages();
            let share =
                lang.pick(format!("this cache: {}", mine.bytes()), format!("此缓存：{}", mine.bytes()));
            y += s.label * 1.5;
            self.b.words(&[share], face, Spot::middle(middle, y), inside, Paint::Quiet);
        }
        // What passes.
        for (kind, ring) in [(self.did, Ring::Done), (self.next, Ring::Next)] {
            let Some(kind) = kind else { continue };
            if let Some((slab, comes)) = through_door(&kind) {
                self.pass(slab, comes, ring);
            } else if !is_ours(&kind) {
                // The buddy system is at work: its own stages show how.
                let ring = match (kind.class(), ring) {
                    (StepClass::Fail, Ring::Done) => Ring::Fail,
                    (StepClass::Look, Ring::Done) => Ring::Look,
                    _ => ring,
                };
                self.b.ring(door, ring, Id::Ringed(ring));
            }
        }
    }

    /// A slab comes out of the door, or goes in.
    fn pass(&mut self, slab: Pfn, comes: bool, ring: Ring) {
        let s = self.b.s;
        let ribbon = self.ribbons.iter().find(|(pfn, _)| *pfn == slab).map(|(_, area)| *area);
        let (Some(area), false) = (ribbon, self.b.form == Form::Phone) else {
            self.b.ring(self.door, ring, Id::Ringed(ring));
            return;
        };
        let y = area.centre().1;
        let door = self.door;
        let at_door = y.clamp(door.y + s.space, door.bottom() - s.space);
        let turn = (area.right() + door.x) / 2.0;
        let mut points =
            vec![(area.right() + s.line, y), (turn, y), (turn, at_door), (door.x - s.line, at_door)];
        points.dedup_by(|a, b| (a.0 - b.0).abs() < 0.1 && (a.1 - b.1).abs() < 0.1);
        if comes {
            points.reverse();
        }
        self.b.way(&points, ring);
    }

    /// The sizes of kmalloc side by side: which one serves a request, and what is lost in it.
    fn size_classes(&mut self) {
        let (Some(area), Some((ty, size))) = (self.classes, self.cache.name.as_kmalloc()) else { return };
        let (s, lang) = (self.b.s, self.b.lang);
        let of_type =
            |cache: &Cache| cache.name.as_kmalloc().filter(|(of, _)| *of == ty).map(|(_, size)| size);
        let sizes: Vec<(u32, bool)> = self
            .kmem
            .caches()
            .filter_map(|cache| Some((of_type(cache)?, cache.figures().in_use > 0)))
            .collect();
        let wanted = self.wanted();
        let words = match (wanted, lang) {
            (Some(bytes), Lang::En) => vec![
                format!(
                    "{} bytes want the smallest size that holds them: {} of {} are lost",
                    num(bytes),
                    num(size - bytes),
                    num(size)
                ),
                format!("{} bytes in {}: {} lost", num(bytes), num(size), num(size - bytes)),
            ],
            (Some(bytes), Lang::Zh) => vec![
                format!(
                    "{} 字节用放得下的最小一档：{} 字节里浪费 {}",
                    num(bytes),
                    num(size),
                    num(size - bytes)
                ),
                format!("{} 字节用 {}：浪费 {}", num(bytes), num(size), num(size - bytes)),
            ],
            (None, Lang::En) => vec!["The sizes of kmalloc".to_owned()],
            (None, Lang::Zh) => vec!["kmalloc 的各档大小".to_owned()],
        };
        let face = self.b.strong();
        self.b.words(&words, face, Spot::start(area.x, area.y + s.label), area, Paint::Ink);
        let w = area.w / sizes.len().max(1) as f32;
        let (top, h) = (area.y + s.label * 1.6, s.label * 1.8);
        for (at, (of, has_objects)) in sizes.iter().enumerate() {
            let cell = Area { x: area.x + w * at as f32, y: top, w: w - s.space * 0.4, h };
            let (radius, edge) = (s.radius, s.edge);
            self.b.things.rect(cell, radius, Paint::Slot, edge).id = Id::SizeClass(*of);
            let is_it = *of == size;
            if let Some(bytes) = wanted.filter(|_| is_it) {
                let share = bytes as f32 / size as f32;
                let used = Area { w: cell.w * share, ..cell };
                let lost = Area::between(used.right(), cell.y, cell.right(), cell.bottom());
                self.b.things.rect(lost, 0.0, Paint::Outside, 0.0);
                self.b.things.rect(used, 0.0, Paint::Object, 0.0);
            }
            if is_it {
                self.b.things.rect(cell, radius, Paint::Frame, s.line);
            }
            let text = if *of >= 1024 { format!("{}k", of / 1024) } else { of.to_string() };
            let face = if is_it { Face { bold: true, ..self.b.mono() } } else { self.b.mono() };
            let width = face.width(&text);
            if is_it && wanted.is_some() {
                let paper = Area {
                    x: cell.centre().0 - width * 0.62,
                    y: cell.y + edge * 2.0,
                    w: width * 1.24,
                    h: cell.h - edge * 4.0,
                };
                self.b.things.rect(paper, radius, Paint::Paper, 0.0);
            }
            let paint = if is_it || *has_objects { Paint::Ink } else { Paint::Quiet };
            let spot = Spot::middle(cell.centre().0, centred(cell.centre().1, s.label));
            self.b.words(&[text], face, spot, cell, paint);
        }
        for (kind, ring) in [(self.did, Ring::Done), (self.next, Ring::Next)] {
            if let Some(StepKind::Kmem(KmemStep::SizeClass { size: of, .. })) = kind
                && let Some(at) = sizes.iter().position(|(size, _)| *size == of)
            {
                let cell = Area { x: area.x + w * at as f32, y: top, w: w - s.space * 0.4, h };
                self.b.ring(cell, ring, Id::Ringed(ring));
            }
        }
    }

    /// What was just done, and what comes next.
    fn rings(&mut self) {
        for (kind, ring) in [(self.next, Ring::Next), (self.did, Ring::Done)] {
            let Some(kind) = kind else { continue };
            let failed = ring == Ring::Done && kind.class() == StepClass::Fail;
            let ring = if failed { Ring::Fail } else { ring };
            if let Some(object) = object_of(&kind) {
                let place = self.ribbons.iter().find(|(pfn, _)| *pfn == object.slab).map(|(_, area)| *area);
                let slab = self.slabs.iter().find(|slab| slab.pfn == object.slab).cloned();
                if let (Some(area), Some(slab)) = (place, slab) {
                    let cell = self.object_area(&slab, area, object.index);
                    let least = self.b.s.ring * 2.5;
                    let cell = if cell.w < least {
                        Area { x: cell.centre().0 - least / 2.0, w: least, ..cell }
                    } else {
                        cell
                    };
                    self.b.ring(
                        cell,
                        ring,
                        Id::Ring(ring, Block { pfn: object.slab, order: mm::Order::ZERO }),
                    );
                }
            } else if let Some(pfn) = slab_of(&kind)
                && let Some((_, area)) = self.ribbons.iter().find(|(of, _)| *of == pfn)
            {
                let area = *area;
                self.b.ring(area, ring, Id::Ring(ring, Block { pfn, order: mm::Order::ZERO }));
            }
        }
        if let Some(block) = self.selected
            && let Some((_, area)) = self.ribbons.iter().find(|(of, _)| *of == block.pfn)
        {
            let area = *area;
            self.b.selected(area, block);
        }
    }

    fn invariant(&mut self) {
        let f = self.cache.figures();
        let free: u32 = self.slabs.iter().map(|slab| slab.free.len() as u32).sum();
        let kept = self.kept.len() as u32;
        let total: u32 = self.slabs.iter().map(|slab| u32::from(slab.objects)).sum();
        let holds = f.in_use + free + kept == total;
        let sign = if holds { "✓" } else { "✕" };
        let (used, free, kept, all) = (num(f.in_use), num(free), num(kept), num(total));
        let words = match (self.b.lang, self.kept.is_empty()) {
            (Lang::En, true) => vec![format!("{sign} {used} in use + {free} free = {all} objects")],
            (Lang::En, false) => {
                vec![format!("{sign} {used} in use + {kept} in arrays + {free} free = {all} objects")]
            }
            (Lang::Zh, true) => vec![format!("{sign} 在用 {used} + 空闲 {free} = {all} 个对象")],
            (Lang::Zh, false) => {
                vec![format!("{sign} 在用 {used} + 数组里 {kept} + 空闲 {free} = {all} 个对象")]
            }
        };
        let mut words = words;
        words.push(format!("{sign} {all}"));
        self.b.invariant(&words, holds);
    }

    fn legend(&mut self) {
        let mut fills = vec![
            (Paint::Object, self.b.say(&["in use"], &["在用"])),
            (Paint::Free, self.b.say(&["free, numbered by turn"], &["空闲，数字是次序"])),
        ];
        if let Objects::Slab(cache) = &self.cache.objects {
            fills.push((Paint::Pcp, self.b.say(&["in an array"], &["在数组里"])));
            if self.slabs.iter().any(|slab| slab.colour > 0) {
                fills.push((Paint::Outside, self.b.say(&["colour"], &["颜色"])));
            }
            if cache.geometry().management == Management::OnSlab {
                fills.push((Paint::Note, self.b.say(&["notes of the slab"], &["slab 的管理信息"])));
            }
        }
        self.b.legend(&fills);
    }
}

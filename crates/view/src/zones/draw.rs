//! Where everything goes: nodes above, tanks side by side, what was found below.

use mm::mmzone::{Mark, Zone, ZoneId};
use mm::setup::NumaNodes;
use mm::step::{StepKind, WatermarkVerdict};
use mm::{AllocFlags, Machine};
use scenario::Lang;

use super::{Asked, order};
use crate::Moment;
use crate::board::Board;
use crate::narrate::num;
use crate::number::between;
use crate::scene::{Area, Dash, Form, Hit, Id, Paint, PathData, Ring, Room, Scene, Spot, centred};
use crate::vitals::{vitals, zone_name};

/// Heights and widths of this picture.
#[derive(Clone, Copy)]
struct Rows {
    /// A tank with its words is at least so wide.
    slot: f32,
    /// The line of the nodes.
    node: f32,
    /// The line of the zones' names.
    name: f32,
    /// Where the way from zone to zone goes.
    path: f32,
    /// What was found, below a tank.
    foot: f32,
    /// A tank with its words is at most so wide.
    widest: f32,
    /// Share of a slot that the tank takes, and its bounds.
    tank: (f32, f32, f32),
}

impl Rows {
    fn of(form: Form) -> Rows {
        match form {
            Form::Projector => Rows {
                slot: 290.0,
                node: 40.0,
                name: 40.0,
                path: 34.0,
                foot: 76.0,
                widest: 1000.0,
                tank: (0.36, 90.0, 400.0),
            },
            Form::Laptop => Rows {
                slot: 150.0,
                node: 20.0,
                name: 20.0,
                path: 17.0,
                foot: 38.0,
                widest: 540.0,
                tank: (0.36, 44.0, 230.0),
            },
            Form::Phone => Rows {
                slot: 122.0,
                node: 15.0,
                name: 16.0,
                path: 13.0,
                foot: 34.0,
                widest: 400.0,
                tank: (0.34, 34.0, 110.0),
            },
        }
    }
}

/// What was found when a zone was measured.
#[derive(Clone, Copy)]
struct Found {
    mark: Mark,
    flags: AllocFlags,
    free: u32,
    min: u32,
    reserve: u32,
    verdict: Option<WatermarkVerdict>,
}

impl Found {
    fn of(kind: &StepKind, is_next: bool) -> Option<(ZoneId, Found)> {
        match *kind {
            StepKind::Watermark { zone, mark, flags, free, min, reserve, verdict, .. } => {
                let verdict = (!is_next).then_some(verdict);
                Some((zone, Found { mark, flags, free, min, reserve, verdict }))
            }
            _ => None,
        }
    }
}

/// One tank.
#[derive(Clone, Copy)]
struct Tank {
    zone: ZoneId,
    /// Its place in the zonelist, from 0; none: the request may not use it.
    at: Option<usize>,
    slot: Area,
    area: Area,
}

/// How pages become heights: the foot of a tank is larger than the rest.
#[derive(Clone, Copy)]
struct Scale {
    /// Up to so many pages the foot reaches; 0: one scale for all of it.
    foot: f32,
    /// All of the tank.
    top: f32,
}

/// The share of a tank that its foot takes.
const FOOT: f32 = 0.64;

impl Scale {
    fn of(zone: &Zone, reserve: u32, has_marks: bool) -> Scale {
        let managed = zone.managed.0.max(1) as f32;
        if !has_marks {
            return Scale { foot: 0.0, top: managed };
        }
        let marks = reserve as f32 + zone.wmark_pages(Mark::High) as f32;
        let foot = (marks * 1.25).max(1.0);
        if foot > managed * 0.5 {
            Scale { foot: 0.0, top: managed.max(foot) }
        } else {
            Scale { foot, top: managed }
        }
    }

    /// From the bottom, as a share of the height.
    fn share(self, pages: f32) -> f32 {
        let pages = between(pages, 0.0, self.top);
        if self.foot <= 0.0 {
            pages / self.top
        } else if pages <= self.foot {
            FOOT * pages / self.foot
        } else {
            FOOT + (1.0 - FOOT) * (pages - self.foot) / (self.top - self.foot).max(1.0)
        }
    }
}

/// A line across a tank, or a band in it, and what to say of it.
struct Said {
    y: f32,
    words: Vec<String>,
    paint: Paint,
    is_strong: bool,
    /// What stays when there is not room for all: the smaller, the longer.
    rank: u8,
}

struct Draw<'a> {
    moment: &'a Moment,
    b: Board,
    k: Rows,
    asked: Asked,
    shown: ZoneId,
    tanks: Vec<Tank>,
    did: Option<StepKind>,
    next: Option<StepKind>,
}

pub(super) fn scene(moment: &Moment, room: &Room, zone: ZoneId, lang: Lang) -> Scene {
    let mut b = Board::new(room, lang);
    b.head(moment);
    let mut draw = Draw {
        moment,
        k: Rows::of(room.form),
        asked: Asked::of(moment),
        shown: zone,
        tanks: Vec::new(),
        did: moment.just_did.map(|step| step.kind),
        next: moment.next.map(|step| step.kind),
        b,
    };
    draw.plan();
    draw.invariant();
    draw.nodes();
    for tank in draw.tanks.clone() {
        draw.name(tank);
    }
    draw.path();
    for tank in draw.tanks.clone() {
        draw.tank(tank);
        draw.foot(tank);
    }
    draw.legend();
    draw.b.finish(moment)
}

impl Draw<'_> {
    fn machine(&self) -> &Machine {
        &self.moment.machine
    }

    fn zone(&self, id: ZoneId) -> &Zone {
        self.machine().zone(id)
    }

    fn has_marks(&self) -> bool {
        self.machine().has_watermarks()
    }

    fn many_nodes(&self) -> bool {
        self.machine().nodes() > 1
    }

    /// What the zone keeps from this request.
    fn reserve(&self, id: ZoneId) -> u32 {
        if self.has_marks() { self.zone(id).lowmem_reserve[self.asked.highest as usize] } else { 0 }
    }

    fn plan(&mut self) {
        let (k, s) = (self.k, self.b.s);
        let (zones, allowed) = order(self.machine(), &self.asked);
        let width = self.b.w - 2.0 * s.margin;
        let most = ((width / k.slot) as usize).clamp(1, zones.len().max(1));
        // The zone in play is among those that are shown.
        let at = zones.iter().position(|id| *id == self.shown).unwrap_or(0);
        let first = (at + 1).saturating_sub(most).min(zones.len().saturating_sub(most));
        // One or two tanks stand in the middle, with their words, and not in a corner of a wide wall.
        let w = (width / most as f32).min(k.widest);
        let left = (self.b.w - w * most as f32) / 2.0;
        let node = if self.many_nodes() { k.node } else { 0.0 };
        let y = s.head + node + k.name + k.path + s.space * 0.4;
        let bottom = self.b.h - s.legend - s.label * 1.6 - k.foot;
        let tank_w = between(w * k.tank.0, k.tank.1, k.tank.2);
        self.tanks = (first..zones.len().min(first + most))
            .enumerate()
            .map(|(i, at)| {
                let slot = Area { x: left + w * i as f32, y: s.head, w, h: self.b.h - s.head };
                let x = slot.x + s.space * 0.5;
                let area = Area { x, y, w: tank_w, h: (bottom - y).max(1.0) };
                Tank { zone: zones[at], at: (at < allowed).then_some(at), slot, area }
            })
            .collect();
        let hidden = zones.len() - self.tanks.len();
        if hidden > 0 {
            let words = self.b.lang.pick(format!("+ {hidden} more zones"), format!("还有 {hidden} 个区"));
            let (face, all) = (self.b.plain(), self.b.all());
            let spot = Spot::end(self.b.w - s.margin, s.head + s.label * 1.05);
            self.b.words(&[words], face, spot, all, Paint::Quiet);
        }
    }

    /// The nodes, each over its zones, with the distance from the CPU that asks.
    fn nodes(&mut self) {
        let (k, s, lang) = (self.k, self.b.s, self.b.lang);
        if !self.many_nodes() {
            return;
        }
        let config = &self.moment.scenario.config;
        let nodes = NumaNodes { distances: config.distances.clone(), ..NumaNodes::default() };
        let home = self.machine().node_of(self.asked.cpu);
        let mut at = 0;
        let tanks = self.tanks.clone();
        while at < tanks.len() {
            let node = self.zone(tanks[at].zone).node;
            let len = tanks[at..].iter().take_while(|tank| self.zone(tank.zone).node == node).count();
            let (x0, x1) = (tanks[at].slot.x, tanks[at + len - 1].slot.right() - s.space);
            let y = s.head + k.node * 0.7;
            let far = nodes.distance(home, node);
            let cpu = self.asked.cpu.0;
            let words = match (lang, node == home) {
                (Lang::En, true) => {
                    vec![
                        format!("node {node}, of CPU {cpu} · distance {far}"),
                        format!("node {node} · distance {far}"),
                        format!("node {node} · {far}"),
                    ]
                }
                (Lang::En, false) => {
                    vec![format!("node {node} · distance {far}"), format!("node {node} · {far}")]
                }
                (Lang::Zh, true) => {
                    vec![
                        format!("节点 {node}，CPU {cpu} 所在 · 距离 {far}"),
                        format!("节点 {node} · 距离 {far}"),
                        format!("节点 {node} · {far}"),
                    ]
                }
                (Lang::Zh, false) => {
                    vec![format!("节点 {node} · 距离 {far}"), format!("节点 {node} · {far}")]
                }
            };
            let woken = match self.did {
                Some(StepKind::WakeKswapd { zone, .. }) => self.zone(zone).node == node,
                _ => false,
            };
            let face = self.b.strong();
            let within = Area::between(x0, 0.0, x1, self.b.h);
            let named = self.b.words(&words, face, Spot::start(x0, y), within, Paint::Ink);
            if let (true, Some(named)) = (woken, named) {
                let words = self.b.say(&["kswapd is woken", "kswapd"], &["唤醒 kswapd", "kswapd"]);
                let spot = Spot::start(named.right() + s.space, y);
                if let Some(area) = self.b.words(&words, face, spot, within, Paint::Action) {
                    self.b.ring(area.grown(s.label * 0.2), Ring::Done, Id::Ringed(Ring::Done));
                }
            }
            let line = s.line;
            let y = s.head + k.node * 0.94;
            self.b.back.line([x0, y, x1, y], Paint::Bracket, line);
            at += len;
        }
    }

    fn name_y(&self) -> f32 {
        let node = if self.many_nodes() { self.k.node } else { 0.0 };
        self.b.s.head + node + self.k.name * 0.72
    }

    /// The zone's name with its place in the zonelist.
    fn name(&mut self, tank: Tank) {
        let s = self.b.s;
        let name = zone_name(self.machine(), tank.zone);
        let name = if self.many_nodes() { self.zone(tank.zone).kind.name().to_owned() } else { name };
        let words = match tank.at {
            Some(at) => vec![format!("{}. {name}", at + 1), name],
            None => vec![name],
        };
        let paint = if tank.at.is_some() { Paint::Ink } else { Paint::Quiet };
        let face = self.b.title();
        let within = Area { w: tank.slot.w - s.space, ..tank.slot };
        let spot = Spot::start(tank.area.x, self.name_y());
        let Some(area) = self.b.words(&words, face, spot, within, paint) else { return };
        if tank.at.is_none() {
            let words = self.b.say(&["not for this request", "not allowed"], &["这个请求不能用", "不能用"]);
            let face = self.b.plain();
            let spot = Spot::start(area.right() + s.space, self.name_y());
            self.b.words(&words, face, spot, within, Paint::Quiet);
        }
    }

    /// The zones that the request has tried, in order.
    fn tried(&self) -> Vec<ZoneId> {
        // From the last walk on: the fast path and the slow path each begin with the first zone.
        let mut tried = Vec::new();
        for step in &self.moment.trail {
            match step.kind {
                StepKind::Request { .. } | StepKind::SlowPath { .. } | StepKind::AllowFragment { .. } => {
                    tried.clear();
                }
                StepKind::TryZone { zone, .. } => {
                    if tried.contains(&zone) {
                        tried.clear();
                    }
                    tried.push(zone);
                }
                _ => {}
            }
        }
        tried
    }

    /// The way from zone to zone.
    fn path(&mut self) {
        let (k, s) = (self.k, self.b.s);
        let y = self.name_y() + k.name * 0.28 + k.path * 0.42;
        let x = |id: &ZoneId| {
            let tank = self.tanks.iter().find(|tank| tank.zone == *id)?;
            Some(tank.area.centre().0)
        };
        let lid = self.tanks.first().map_or(y, |tank| tank.area.y) - s.halo * 0.6;
        let tried = self.tried();
        let mut legs = Vec::new();
        let mut from = None;
        for (at, id) in tried.iter().enumerate() {
            let Some(to) = x(id) else { continue };
            let is_now = at + 1 == tried.len();
            if is_now || from.is_some() {
                legs.push((from, to, if is_now { Ring::Done } else { Ring::Look }));
            }
            from = Some(to);
        }
        if let Some(StepKind::TryZone { zone, .. }) = self.next
            && let Some(to) = x(&zone)
        {
            let from = if tried.contains(&zone) || matches!(self.did, Some(StepKind::Request { .. })) {
                None
            } else {
                from
            };
            legs.push((from, to, Ring::Next));
        }
        for (from, to, ring) in legs {
            let points = match from {
                Some(from) if (from - to).abs() > 1.0 => vec![(from, lid), (from, y), (to, y), (to, lid)],
                _ => vec![(to, y - k.path * 0.3), (to, lid)],
            };
            self.b.way(&points, ring);
        }
        if matches!(self.did, Some(StepKind::SlowPath { .. })) {
            let words = self.b.say(&["slow path: from here on min counts"], &["慢速路径：从这里起看 min"]);
            let (face, all) = (self.b.strong(), self.b.all());
            let spot = Spot::start(s.margin, y + s.label * 0.3);
            self.b.words(&words, face, spot, all, Paint::Fail);
        }
    }

    /// What was found in a zone last, and whether it is only what comes.
    fn found(&self, id: ZoneId) -> Option<Found> {
        let next = self.next.as_ref().and_then(|kind| Found::of(kind, true));
        let trail = self.moment.trail.iter().rev().chain(&self.moment.just_did);
        let seen = trail.filter_map(|step| Found::of(&step.kind, false));
        next.into_iter().chain(seen).find(|(zone, _)| *zone == id).map(|(_, found)| found)
    }

    /// One tank.
    fn tank(&mut self, tank: Tank) {
        let s = self.b.s;
        let id = tank.zone;
        let zone = self.zone(id).clone();
        let (reserve, has_marks) = (self.reserve(id), self.has_marks());
        let scale = Scale::of(&zone, reserve, has_marks);
        let Area { x, y: top, w, h } = tank.area;
        let y = |pages: f32| top + h * (1.0 - scale.share(pages));
        let free = zone.nr_free_pages.0;
        let level = y(free as f32);
        let is_quiet = tank.at.is_none();
        let radius = s.radius;
        // What is in use is hatched, what is free is paper.
        let item = self.b.back.rect(tank.area, radius, Paint::Paper, 0.0);
        item.id = Id::Tank(id);
        item.hit = Some(Hit::Zone(id));
        let used = Area { x, y: top, w, h: (level - top).max(0.0) };
        self.b.back.rect(used, radius, Paint::Used, 0.0);
        let mut said = Vec::new();
        if has_marks {
            let boost = zone.watermark_boost;
            if reserve > 0 {
                let band = Area::between(x, y(reserve as f32), x + w, top + h);
                let edge = s.edge;
                self.b.back.rect(band, 0.0, Paint::Locked, edge).id = Id::Locked(id);
                said.push(Said {
                    y: band.centre().1.max(y(reserve as f32)),
                    words: match self.b.lang {
                        Lang::En => {
                            vec![format!("reserve {}", num(reserve)), format!("res. {}", num(reserve))]
                        }
                        Lang::Zh => vec![format!("保留 {}", num(reserve))],
                    },
                    paint: Paint::Quiet,
                    is_strong: false,
                    rank: 2,
                });
            }
            if boost > 0 {
                let band = Area::between(x, y((reserve + boost) as f32), x + w, y(reserve as f32));
                let edge = s.edge;
                self.b.back.rect(band, 0.0, Paint::Boost, edge).id = Id::Boost(id);
                said.push(Said {
                    y: band.centre().1,
                    words: vec![
                        self.b.lang.pick(format!("boost {}", num(boost)), format!("抬高 {}", num(boost))),
                    ],
                    paint: Paint::Ink,
                    is_strong: false,
                    rank: 3,
                });
                if matches!(self.did, Some(StepKind::Boost { zone, .. }) if zone == id) {
                    self.b.ring(band, Ring::Done, Id::Ringed(Ring::Done));
                }
            }
            for (mark, rank) in [(Mark::High, 4), (Mark::Low, 1), (Mark::Min, 1)] {
                let pages = zone.wmark_pages(mark);
                let at = y((reserve + pages) as f32);
                let width = if mark == Mark::High { s.line } else { s.line * 1.4 };
                self.b.things.line([x, at, x + w, at], Paint::Mark, width).id = Id::Mark(id, mark);
                said.push(Said {
                    y: at,
                    words: vec![format!("{} {}", mark.name(), num(pages)), mark.name().to_owned()],
                    paint: if is_quiet { Paint::Quiet } else { Paint::Ink },
                    is_strong: false,
                    rank,
                });
            }
            if id == self.shown && !is_quiet {
                self.depths(id, &zone, reserve, &y, &mut said);
            }
        }
        if scale.foot > 0.0 {
            self.zigzag(Area { x, y: top + h * (1.0 - FOOT), w, h: 0.0 });
        }
        let line = s.line;
        self.b.things.line([x - line * 2.0, level, x + w + line * 2.0, level], Paint::Level, line * 1.8);
        said.push(Said {
            y: level,
            words: match self.b.lang {
                Lang::En => vec![format!("{} free", num(free)), num(free)],
                Lang::Zh => vec![format!("空闲 {}", num(free)), num(free)],
            },
            paint: Paint::Ink,
            is_strong: true,
            rank: 0,
        });
        self.b.things.rect(tank.area, radius, Paint::Axis, line);
        self.say(tank, said);
        self.rings(tank);
    }

    /// How deep which request may go below min.
    fn depths(
        &mut self,
        id: ZoneId,
        zone: &Zone,
        reserve: u32,
        y: &dyn Fn(f32) -> f32,
        said: &mut Vec<Said>,
    ) {
        let s = self.b.s;
        let min = zone.wmark_pages(Mark::Min);
        let half = min - min / 2;
        let atomic = half - half / 4;
        if min == 0 {
            return;
        }
        let Some(tank) = self.tanks.iter().find(|tank| tank.zone == id).copied() else { return };
        let Area { x, w, .. } = tank.area;
        let lang = self.b.lang;
        for (pages, part, long, short, is_ours) in [
            (half, "½", lang.pick("__GFP_HIGH, OOM victim", "__GFP_HIGH、OOM 牺牲者"), "HIGH, OOM", false),
            (atomic, "⅜", lang.pick("GFP_ATOMIC", "GFP_ATOMIC"), "ATOMIC", true),
        ] {
            let flags = self.found(id).map_or(AllocFlags::WMARK_MIN, |found| found.flags);
            let high = flags.has(AllocFlags::MIN_RESERVE) || flags.has(AllocFlags::OOM);
            let no_wait = flags.has(AllocFlags::MIN_RESERVE) && flags.has(AllocFlags::NON_BLOCK);
            let counts = high && no_wait == is_ours;
            let at = y((reserve + pages) as f32);
            let line = s.line;
            let item = self.b.things.line([x + w * 0.35, at, x + w, at], Paint::Mark, line);
            item.pen.dash = Dash::Look;
            said.push(Said {
                y: at,
                words: vec![
                    format!("{part} min {}: {long}", num(pages)),
                    format!("{part} min {}: {short}", num(pages)),
                    format!("{part} {}: {short}", num(pages)),
                    format!("{part} {}", num(pages)),
                ],
                paint: if counts { Paint::Action } else { Paint::Quiet },
                is_strong: counts,
                rank: 5,
            });
        }
    }

    /// The break between the foot and the rest.
    fn zigzag(&mut self, at: Area) {
        let (s, h) = (self.b.s, self.b.s.label * 0.32);
        let teeth = ((at.w / (s.label * 0.9)) as usize).max(2) * 2;
        let step = at.w / teeth as f32;
        let mut d = PathData::default();
        for i in 0..=teeth {
            let y = if i % 2 == 0 { at.y - h / 2.0 } else { at.y + h / 2.0 };
            d.to(if i == 0 { 'M' } else { 'L' }, &[at.x + step * i as f32, y]);
        }
        let d = d.take();
        let halo = s.halo;
        self.b.things.path(d.clone(), Paint::Halo, halo);
        let line = s.line;
        self.b.things.path(d, Paint::Bracket, line);
    }

    /// The words beside a tank, kept apart from each other.
    fn say(&mut self, tank: Tank, mut said: Vec<Said>) {
        let s = self.b.s;
        let step = s.label * 1.22;
        let (top, bottom) = (tank.area.y + s.label * 0.6, tank.area.bottom() - s.label * 0.3);
        let room = ((bottom - top) / step) as usize + 1;
        while said.len() > room {
            let Some(worst) = (0..said.len()).max_by_key(|i| said[*i].rank) else { break };
            said.remove(worst);
        }
        mm::sort::by_key(&mut said, |one| (one.y * 16.0) as u64);
        let mut at: Vec<f32> = said.iter().map(|one| between(one.y, top, bottom)).collect();
        for i in 1..at.len() {
            at[i] = at[i].max(at[i - 1] + step);
        }
        let mut limit = bottom;
        for y in at.iter_mut().rev() {
            *y = y.min(limit);
            limit = *y - step;
        }
        let x = tank.area.right() + s.space * 1.7;
        let within = Area::between(x, 0.0, tank.slot.right() - s.space * 0.3, self.b.h);
        for (one, y) in said.into_iter().zip(at) {
            let face = if one.is_strong { self.b.strong() } else { self.b.plain() };
            let put = self.b.words(&one.words, face, Spot::start(x, centred(y, s.label)), within, one.paint);
            if put.is_some() {
                let from = tank.area.right() + s.edge;
                let edge = s.edge;
                self.b.back.line([from, one.y, x - s.space * 0.4, y], Paint::Link, edge);
            }
        }
    }

    /// Rings and crosses at a tank.
    fn rings(&mut self, tank: Tank) {
        let id = tank.zone;
        let is_at = |kind: &Option<StepKind>| kind.as_ref().and_then(StepKind::zone) == Some(id);
        let area = tank.area.grown(self.b.s.ring * 0.5);
        match self.did {
            Some(StepKind::Watermark { zone, verdict, .. }) if zone == id => {
                let ring = if verdict == WatermarkVerdict::Ok { Ring::Done } else { Ring::Fail };
                self.b.ring(area, ring, Id::Verdict(id, verdict));
            }
            Some(StepKind::ZoneFailed { zone, .. }) if zone == id => {
                self.b.ring(area, Ring::Fail, Id::Ringed(Ring::Fail));
            }
            Some(StepKind::TryZone { zone, .. }) if zone == id => {
                self.b.ring(area, Ring::Look, Id::Ringed(Ring::Look));
            }
            Some(StepKind::Handed { zone, .. } | StepKind::FreeRequest { zone, .. }) if zone == id => {
                self.b.ring(area, Ring::Done, Id::Ringed(Ring::Done));
            }
            _ if is_at(&self.next)
                && matches!(self.next, Some(StepKind::Watermark { .. } | StepKind::TryZone { .. })) =>
            {
                self.b.ring(area, Ring::Next, Id::Ringed(Ring::Next));
            }
            _ => {}
        }
    }

    /// The compared numbers under a tank.
    fn foot(&mut self, tank: Tank) {
        let (s, lang) = (self.b.s, self.b.lang);
        let x = tank.area.x;
        let within = Area { x, w: tank.slot.right() - x - s.space * 0.3, ..tank.slot };
        let lines = [tank.area.bottom() + s.label * 1.25, tank.area.bottom() + s.label * 2.5];
        let order = self.asked.order;
        let (words, why, paint): (Vec<String>, Vec<String>, Paint) = match self.found(tank.zone) {
            Some(Found { mark, free, min, reserve, verdict, flags }) => {
                let (free, min, reserve) = (num(free), num(min), num(reserve));
                let (sign, than) = match verdict {
                    None => ("", "?"),
                    Some(WatermarkVerdict::TooFew) => ("✕ ", "≤"),
                    Some(WatermarkVerdict::Ok) => ("✓ ", ">"),
                    Some(WatermarkVerdict::NoBlock) => ("✕ ", ">"),
                };
                let words = vec![
                    format!("{sign}{free} {than} {} {min} + {reserve}", mark.name()),
                    format!("{sign}{free} {than} {min} + {reserve}"),
                    format!("{sign}{than} {min} + {reserve}"),
                    format!("{sign}{than}"),
                ];
                let all = flags.has(AllocFlags::NO_WATERMARKS);
                let (en, zh): (String, String) = match verdict {
                    None => ("next: is there more?".into(), "下一步：够不够？".into()),
                    Some(WatermarkVerdict::Ok) => ("enough".into(), "够".into()),
                    Some(_) if all => ("taken all the same".into(), "照样取".into()),
                    Some(WatermarkVerdict::TooFew) => ("not enough".into(), "不够".into()),
                    Some(WatermarkVerdict::NoBlock) => {
                        (format!("no block of order {order}"), format!("没有 {order} 阶块"))
                    }
                };
                let paint = match verdict {
                    None => Paint::Action,
                    Some(WatermarkVerdict::Ok) => Paint::Holds,
                    Some(_) => Paint::Fail,
                };
                (words, vec![lang.pick(en, zh)], paint)
            }
            None if !self.has_marks() => (
                self.b.say(
                    &["no watermarks: every page may go", "no watermarks"],
                    &["没有水位：每一页都能取", "没有水位"],
                ),
                vec![],
                Paint::Quiet,
            ),
            None if tank.at.is_none() => (vec![], vec![], Paint::Quiet),
            None if self.asked.is_real => (
                if self.is_over() {
                    self.b.say(&["not tried in this op", "not tried"], &["这次没有试", "没有试"])
                } else {
                    self.b.say(&["not tried so far", "not yet"], &["还没有试", "没试"])
                },
                vec![],
                Paint::Quiet,
            ),
            None => (vec![], vec![], Paint::Quiet),
        };
        let face = if paint == Paint::Quiet { self.b.plain() } else { self.b.strong() };
        self.b.words(&words, face, Spot::start(x, lines[0]), within, paint);
        let mut why = why;
        let aside = self.zone(tank.zone).nr_reserved_highatomic;
        if aside > 0 {
            let more = lang.pick(format!("{} set aside", num(aside)), format!("另预留 {}", num(aside)));
            match why.first().cloned() {
                Some(first) => why.insert(0, format!("{first} · {more}")),
                None => why.push(more),
            }
        }
        let face = self.b.plain();
        self.b.words(
            &why,
            face,
            Spot::start(x, lines[1]),
            within,
            if paint == Paint::Quiet { paint } else { Paint::Ink },
        );
    }

    /// The op of the request has ended.
    fn is_over(&self) -> bool {
        self.moment.cursor.step == 0
    }

    fn invariant(&mut self) {
        let invariant = vitals(self.moment, self.b.lang).invariant;
        let free: u64 = self.machine().zones().iter().map(|zone| zone.nr_free_pages.0).sum();
        let listed: u64 = self.machine().zones().iter().map(|zone| zone.counted_on_lists().0).sum();
        let mark = if invariant.holds { "✓" } else { "✕" };
        let words = [
            invariant.text,
            format!("{mark} {} + {} = {}", num(listed), num(free.saturating_sub(listed)), num(free)),
        ];
        self.b.invariant(&words, invariant.holds);
    }

    fn legend(&mut self) {
        let mut fills = vec![(Paint::Used, self.b.say(&["in use"], &["在用"]))];
        let is_drawn = |b: &Board, wanted: Paint| b.back.items.iter().any(|item| item.paint == wanted);
        if is_drawn(&self.b, Paint::Locked) {
            fills.push((Paint::Locked, self.b.say(&["kept for lower requests"], &["留给低区请求"])));
        }
        if is_drawn(&self.b, Paint::Boost) {
            fills.push((Paint::Boost, self.b.say(&["boost"], &["抬高"])));
        }
        self.b.legend(&fills);
    }
}

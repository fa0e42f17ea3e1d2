//! Where everything goes: who asks above, the nodes side by side, what holds below.

use mm::mempolicy::{Mempolicy, Mode, NodeMask};
use mm::mmzone::{Mark, Zone, ZoneId};
use mm::step::WatermarkVerdict;
use mm::{CpuId, Machine, StepKind};
use scenario::Lang;

use super::{Asks, cpusets_with, distances, numastat, shares};
use crate::Moment;
use crate::board::Board;
use crate::narrate::num;
use crate::number::between;
use crate::pageblocks::Use;
use crate::scene::{Area, Dash, Form, Hit, Id, Paint, Ring, Room, Scene, Spot, centred};

/// Heights and widths of this picture.
#[derive(Clone, Copy)]
struct Rows {
    /// Nodes in a row at most.
    columns: usize,
    /// Between two nodes: their distance stands there.
    gap: f32,
    /// A node is at most so wide.
    widest: f32,
    /// A bar is at least and at most so high.
    bar: (f32, f32),
}

impl Rows {
    fn of(form: Form) -> Rows {
        match form {
            Form::Projector => Rows { columns: 3, gap: 120.0, widest: 760.0, bar: (26.0, 210.0) },
            Form::Laptop => Rows { columns: 4, gap: 58.0, widest: 520.0, bar: (13.0, 120.0) },
            Form::Phone => Rows { columns: 2, gap: 30.0, widest: 300.0, bar: (11.0, 84.0) },
        }
    }
}

/// Nodes that are drawn; there are at most four CPUs' worth of them in any lesson.
const MOST_NODES: usize = 8;

/// One node on the map.
#[derive(Clone, Copy)]
struct Place {
    node: u8,
    area: Area,
}

struct Draw<'a> {
    moment: &'a Moment,
    b: Board,
    k: Rows,
    asks: Asks,
    zonelist: Vec<ZoneId>,
    places: Vec<Place>,
    /// Where the CPU that asks stands, and the bars of the zones.
    chip: Option<Area>,
    bars: Vec<(ZoneId, Area)>,
    did: Option<StepKind>,
    next: Option<StepKind>,
}

pub(super) fn scene(moment: &Moment, room: &Room, lang: Lang) -> Scene {
    let mut b = Board::new(room, lang);
    b.head(moment);
    let asks = Asks::of(moment);
    let mut draw = Draw {
        moment,
        k: Rows::of(room.form),
        zonelist: asks.zonelist(&moment.machine),
        asks,
        places: Vec::new(),
        chip: None,
        bars: Vec::new(),
        did: moment.just_did.map(|step| step.kind),
        next: moment.next.map(|step| step.kind),
        b,
    };
    draw.invariant();
    draw.plan();
    draw.who_asks();
    for place in draw.places.clone() {
        draw.node(place);
    }
    draw.ways();
    draw.links();
    draw.legend();
    draw.b.finish(moment)
}

impl Draw<'_> {
    fn machine(&self) -> &Machine {
        &self.moment.machine
    }

    fn plan(&mut self) {
        let (k, s) = (self.k, self.b.s);
        let nodes = usize::from(self.machine().nodes());
        let shown = nodes.min(MOST_NODES);
        let columns = shown.min(k.columns).max(1);
        let lines = shown.div_ceil(columns).max(1);
        let top = s.head + s.label * 2.3;
        let bottom = self.b.h - s.legend - s.label * 1.6;
        let width = self.b.w - 2.0 * s.margin;
        let w = ((width - k.gap * (columns - 1) as f32) / columns as f32).min(k.widest);
        let left = (self.b.w - w * columns as f32 - k.gap * (columns - 1) as f32) / 2.0;
        let h = ((bottom - top - s.space * (lines - 1) as f32) / lines as f32).max(1.0);
        self.places = (0..shown)
            .map(|at| Place {
                node: at as u8,
                area: Area {
                    x: left + (w + k.gap) * (at % columns) as f32,
                    y: top + (h + s.space) * (at / columns) as f32,
                    w,
                    h,
                },
            })
            .collect();
        if nodes > shown {
            let more = nodes - shown;
            let words = self.b.lang.pick(format!("+ {more} more nodes"), format!("还有 {more} 个节点"));
            let (face, all) = (self.b.plain(), self.b.all());
            let spot = Spot::end(self.b.w - s.margin, s.head + s.label * 1.4);
            self.b.words(&[words], face, spot, all, Paint::Quiet);
        }
    }

    /// Who asks, and what was said of it.
    fn who_asks(&mut self) {
        let s = self.b.s;
        let Asks { asked, home, placed, by_area, inside } = self.asks;
        let cpu = asked.cpu.0;
        let (en, zh) = match placed {
            None => (
                ["its own node first, then the nearest", "nearest first"],
                ["先本节点，再由近到远", "由近到远"],
            ),
            Some((Mempolicy { mode, .. }, _)) => match mode {
                Mode::Local => (["local: its own node first", "local"], ["local：先本节点", "local"]),
                Mode::Preferred => {
                    (["preferred: that node first", "preferred"], ["preferred：先那个节点", "preferred"])
                }
                Mode::PreferredMany => {
                    (["preferred: those nodes first", "preferred"], ["preferred：先那些节点", "preferred"])
                }
                Mode::Bind => (["bind: those nodes alone", "bind"], ["bind：只用那些节点", "bind"]),
                Mode::Interleave => {
                    (["interleave: in turn", "interleave"], ["interleave：轮流", "interleave"])
                }
            },
        };
        let of = match placed {
            Some((Mempolicy { nodes, .. }, _)) if nodes != NodeMask::default() => format!(" {nodes}"),
            _ => String::new(),
        };
        let whose = match (self.b.lang, placed.is_some(), by_area) {
            (_, false, _) => "",
            (Lang::En, true, true) => ", said of the area",
            (Lang::En, true, false) => ", said of the process",
            (Lang::Zh, true, true) => "（对区域说的）",
            (Lang::Zh, true, false) => "（对进程说的）",
        };
        let turn = match placed {
            Some((Mempolicy { mode: Mode::Interleave | Mode::Preferred, .. }, Some(node))) => {
                self.b.lang.pick(format!("; now node {node}"), format!("，现在是节点 {node}"))
            }
            _ => String::new(),
        };
        // "bind: those nodes alone" with the nodes: "bind 0: those nodes alone".
        let with = |words: &str| match words.split_once([':', '：']) {
            Some((mode, rest)) => format!("{mode}{of}{}{}", self.b.lang.pick(": ", "："), rest.trim_start()),
            None => format!("{words}{of}"),
        };
        let begin = match self.b.lang {
            Lang::En => format!("CPU {cpu} of node {home} asks"),
            Lang::Zh => format!("节点 {home} 的 CPU {cpu} 来要内存"),
        };
        // A cpuset says more than that nothing was said.
        let inside = inside.map(|inside| {
            let (c, mems) = (self.moment.name(inside.cpuset), inside.mems);
            match (self.b.lang, inside.leaves) {
                (Lang::En, false) => {
                    [format!("in cpuset {c}: node {mems} alone"), format!("cpuset {c}: {mems}")]
                }
                (Lang::En, true) => [format!("may leave cpuset {c}"), format!("leaves {c}")],
                (Lang::Zh, false) => {
                    [format!("在 cpuset {c} 里：只用节点 {mems}"), format!("cpuset {c}：{mems}")]
                }
                (Lang::Zh, true) => [format!("可以出 cpuset {c}"), format!("可出 {c}")],
            }
        });
        let policy = placed.map(|_| format!(" · {}{turn}", with(self.b.lang.pick(en[1], zh[1]))));
        let policy = policy.unwrap_or_default();
        let words = match (self.b.lang, inside) {
            (_, Some([long, short])) => vec![
                format!("{begin} · {long}{policy}"),
                format!("CPU {cpu} · {long}{policy}"),
                format!("CPU {cpu} · {short}{policy}"),
                format!("CPU {cpu} · {short}"),
            ],
            (Lang::En, None) => vec![
                format!("{begin} · {}{whose}{turn}", with(en[0])),
                format!("{begin} · {}{turn}", with(en[0])),
                format!("CPU {cpu} · {}{turn}", with(en[0])),
                format!("CPU {cpu} · {}", with(en[1])),
            ],
            (Lang::Zh, None) => vec![
                format!("{begin} · {}{whose}{turn}", with(zh[0])),
                format!("{begin} · {}{turn}", with(zh[0])),
                format!("CPU {cpu} · {}", with(zh[1])),
            ],
        };
        let x = self.places.first().map_or(s.margin, |place| place.area.x);
        let within = Area::between(x, 0.0, self.b.w - s.margin, self.b.h);
        let face = self.b.strong();
        self.b.words(&words, face, Spot::start(x, s.head + s.label * 1.4), within, Paint::Ink);
    }

    /// One node: its name and CPUs, its zones, its kswapd and its counters.
    fn node(&mut self, place: Place) {
        let (s, lang, node) = (self.b.s, self.b.lang, place.node);
        let home = self.asks.home;
        let (radius, line) = (s.radius * 2.0, s.line);
        // Where a request may look, when not everywhere.
        let is_inside = self.asks.inside.is_some_and(|inside| inside.leaves || inside.mems.has(node));
        let (paint, line) = if is_inside { (Paint::Bracket, line * 2.2) } else { (Paint::Axis, line) };
        self.b.back.rect(place.area, radius, paint, line);
        let pad = s.space * 0.8;
        let room = Area { x: place.area.x + pad, w: place.area.w - pad * 2.0, ..place.area };
        let mut y = place.area.y + pad + s.body * 0.9;
        let far = distances(self.moment).distance(home, node);
        let mut words = match lang {
            Lang::En => vec![
                format!("node {node} · distance {far}"),
                format!("node {node} · {far}"),
                format!("node {node}"),
            ],
            Lang::Zh => vec![
                format!("节点 {node} · 距离 {far}"),
                format!("节点 {node} · {far}"),
                format!("节点 {node}"),
            ],
        };
        let cpusets = cpusets_with(self.moment, node);
        if !cpusets.is_empty() {
            let of = format!(" · cpuset {}", cpusets.join(", "));
            let with: Vec<String> = words.iter().map(|words| format!("{words}{of}")).collect();
            words.splice(0..0, with);
        }
        let cpus: Vec<u8> =
            (0..self.machine().cpus()).filter(|cpu| self.machine().node_of(CpuId(*cpu)) == node).collect();
        let cpus = match cpus.as_slice() {
            [] => lang.pick("no CPU", "没有 CPU").to_owned(),
            [one] => format!("CPU {one}"),
            [first, .., last] => format!("CPU {first}–{last}"),
        };
        let face = self.b.strong();
        let chip_w = face.width(&cpus) + s.label;
        let chip = Area { x: room.right() - chip_w, y: y - s.label * 1.05, w: chip_w, h: s.label * 1.5 };
        let title = self.b.title();
        let left = Area { w: (room.w - chip_w - s.space).max(0.0), ..room };
        self.b.words(&words, title, Spot::start(room.x, y), left, Paint::Ink);
        self.b.things.rect(chip, s.radius, Paint::Chip, s.edge);
        let spot = Spot::middle(chip.centre().0, centred(chip.centre().1, s.label));
        self.b.words(&[cpus], face, spot, chip.grown(s.label), Paint::Ink);
        self.b.labels.keep_off(chip);
        if node == home {
            self.chip = Some(chip);
        }
        y += s.label * 0.9;

        let zones: Vec<ZoneId> =
            self.machine().zone_ids().filter(|id| self.machine().zone(*id).node == node).collect();
        let foot = self.foot(place, room);
        let each = ((foot - y) / zones.len().max(1) as f32).max(1.0);
        for id in zones {
            self.zone(id, Area { y, h: each, ..room });
            y += each;
        }
    }

    /// kswapd and the counters, at the foot of a node; where they begin.
    fn foot(&mut self, place: Place, room: Area) -> f32 {
        let (s, lang) = (self.b.s, self.b.lang);
        let stat = numastat(self.machine(), place.node);
        let step = s.label * 1.35;
        let [hit, miss, foreign, local, other, turns] =
            [stat.hit, stat.miss, stat.foreign, stat.local, stat.other, stat.interleave_hit].map(num);
        let mut lines: Vec<(Vec<String>, Paint)> = vec![
            (
                vec![
                    format!("numa_hit {hit} · miss {miss} · foreign {foreign}"),
                    format!("hit {hit} · miss {miss} · foreign {foreign}"),
                    format!("{hit} · {miss} · {foreign}"),
                ],
                Paint::Ink,
            ),
            (
                vec![
                    format!("local {local} · other {other} · interleave {turns}"),
                    format!("local {local} · other {other}"),
                ],
                Paint::Quiet,
            ),
        ];
        if let Some(reclaim) = self.machine().reclaim() {
            let kswapd = &reclaim.nodes()[usize::from(place.node)].kswapd;
            let (words, paint) = match (kswapd.is_awake(), kswapd.priority()) {
                (false, _) => (lang.pick("kswapd sleeps", "kswapd 在睡").to_owned(), Paint::Quiet),
                (true, None) => (lang.pick("kswapd is woken", "kswapd 被唤醒").to_owned(), Paint::Action),
                (true, Some(priority)) => (
                    lang.pick(
                        format!("kswapd works, priority {priority}"),
                        format!("kswapd 在工作，优先级 {priority}"),
                    ),
                    Paint::Action,
                ),
            };
            lines.insert(0, (vec![words, "kswapd".to_owned()], paint));
        }
        // Where little room is left, the bars need it.
        let most = ((place.area.h * 0.42) / step) as usize;
        lines.truncate(most.max(1));
        let mut y = place.area.bottom() - s.space * 0.8 - step * (lines.len() - 1) as f32;
        let top = y - s.label * 1.1;
        for (words, paint) in lines {
            let face = if paint == Paint::Action { self.b.strong() } else { self.b.plain() };
            self.b.words(&words, face, Spot::start(room.x, y), room, paint);
            y += step;
        }
        top
    }

    /// A zone as a bar: who has how much of it, what is free, and the marks.
    fn zone(&mut self, id: ZoneId, room: Area) {
        let (s, lang) = (self.b.s, self.b.lang);
        let zone = self.machine().zone(id).clone();
        let at = self.zonelist.iter().position(|one| *one == id);
        let paint = if at.is_some() { Paint::Ink } else { Paint::Quiet };
        let (managed, free) = (zone.managed.0.max(1), zone.nr_free_pages.0);
        let kind = zone.kind.name();
        let name = at.map_or(kind.to_owned(), |at| format!("{}. {kind}", at + 1));
        let (free_words, of) = (num(free), num(managed));
        let words = match lang {
            Lang::En => {
                vec![format!("{name}: {free_words} of {of} free"), format!("{name}: {free_words} free"), name]
            }
            Lang::Zh => vec![
                format!("{name}：{of} 页，空闲 {free_words}"),
                format!("{name}：空闲 {free_words}"),
                name,
            ],
        };
        let y = room.y + s.label * 1.2;
        let face = self.b.strong();
        let named = self.b.words(&words, face, Spot::start(room.x, y), room, paint);
        if let (None, Some(named)) = (at, named) {
            let words = self.b.say(&["not for this request", "not allowed"], &["这个请求不能用", "不能用"]);
            let face = self.b.plain();
            self.b.words(&words, face, Spot::start(named.right() + s.space, y), room, Paint::Quiet);
        }
        // Zones of one machine have one scale, but a small one can still be seen.
        let largest = self.machine().zones().iter().map(|zone| zone.managed.0).max().unwrap_or(1).max(1);
        let w = room.w * between(managed as f32 / largest as f32, 0.3, 1.0);
        let text = s.label * 1.4;
        let h = between(room.h - s.label * 1.5 - text * 1.3, self.k.bar.0, self.k.bar.1);
        let bar = Area { x: room.x, y: y + s.label * 0.45, w, h };
        self.bars.push((id, bar));
        let item = self.b.back.rect(bar, s.radius, Paint::Paper, 0.0);
        item.id = Id::Tank(id);
        item.hit = Some(Hit::Zone(id));
        let scale = |pages: f32| bar.w * between(pages / managed as f32, 0.0, 1.0);
        let all = shares(self.machine(), id);
        let mut x = bar.x;
        for share in &all {
            let area = Area { x, w: scale(share.pages as f32).min(bar.right() - x), ..bar };
            self.b.things.rect(area, 0.0, share.of.paint(), s.edge);
            x += area.w;
        }
        let used = managed - free.min(managed);
        if all.is_empty() && used > 0 {
            self.b.things.rect(Area { w: scale(used as f32), ..bar }, 0.0, Paint::Used, 0.0);
        }
        self.marks(&zone, bar, &scale);
        self.b.things.rect(bar, s.radius, Paint::Axis, s.line);
        let y = bar.bottom() + s.label * 1.15;
        if y < room.bottom() + s.label * 0.3 {
            let more = |shown: usize| match all.len() - shown {
                0 => String::new(),
                more => lang.pick(format!(" · {more} more"), format!(" · 还有 {more} 个")),
            };
            let said: Vec<String> = all
                .iter()
                .map(|share| format!("{} {}", share.who(self.moment, lang), num(share.pages)))
                .collect();
            let words: Vec<String> =
                (1..=said.len()).rev().map(|n| said[..n].join(" · ") + &more(n)).collect();
            let face = self.b.plain();
            self.b.words(&words, face, Spot::start(bar.x, y), room, paint);
        }
        self.rings(id, bar);
    }

    /// min, low and high: so much should stay free at the right end.
    fn marks(&mut self, zone: &Zone, bar: Area, scale: &dyn Fn(f32) -> f32) {
        if !self.machine().has_watermarks() {
            return;
        }
        let s = self.b.s;
        for mark in [Mark::High, Mark::Low, Mark::Min] {
            let x = bar.right() - scale(zone.wmark_pages(mark) as f32);
            if x <= bar.x || bar.right() - x < s.line {
                continue;
            }
            // Also over what is dark.
            self.b.things.line([x, bar.y, x, bar.bottom()], Paint::Halo, s.line * 2.6);
            let item = self.b.things.line([x, bar.y, x, bar.bottom()], Paint::Mark, s.line);
            if mark != Mark::Low {
                item.pen.dash = Dash::Look;
            }
        }
        let low = bar.right() - scale(zone.wmark_pages(Mark::Low) as f32);
        let words = [format!("low {}", num(zone.wmark_pages(Mark::Low))), "low".to_owned()];
        let face = self.b.plain();
        let spot = Spot::end(bar.right().max(low), bar.bottom() + s.label * 1.15);
        let within = Area::between(bar.x, bar.y, self.b.w, self.b.h);
        self.b.words(&words, face, spot, within, Paint::Quiet);
    }

    /// Rings at the zone that a step is about.
    fn rings(&mut self, id: ZoneId, bar: Area) {
        let area = bar.grown(self.b.s.ring * 0.5);
        let is_at = |kind: &Option<StepKind>| kind.as_ref().and_then(StepKind::zone) == Some(id);
        let ring = match self.did {
            Some(StepKind::Watermark { verdict, .. }) if is_at(&self.did) => {
                let ring = if verdict == WatermarkVerdict::Ok { Ring::Done } else { Ring::Fail };
                self.b.ring(area, ring, Id::Verdict(id, verdict));
                return;
            }
            Some(StepKind::ZoneFailed { .. }) if is_at(&self.did) => Ring::Fail,
            Some(StepKind::TryZone { .. } | StepKind::ListEmpty { .. }) if is_at(&self.did) => Ring::Look,
            Some(_) if is_at(&self.did) => Ring::Done,
            _ if is_at(&self.next) => Ring::Next,
            _ => return,
        };
        self.b.ring(area, ring, Id::Ringed(ring));
    }

    /// From the CPU that asks to the zone that is looked at, over the other nodes.
    fn ways(&mut self) {
        let s = self.b.s;
        let Some(chip) = self.chip else { return };
        let zone = |kind: &Option<StepKind>| match kind {
            Some(
                kind @ (StepKind::TryZone { .. }
                | StepKind::TakeHead { .. }
                | StepKind::PcpTake { .. }
                | StepKind::Handed { .. }),
            ) => kind.zone(),
            _ => None,
        };
        for (kind, ring) in [(self.did, Ring::Done), (self.next, Ring::Next)] {
            let Some((id, bar)) =
                zone(&kind).and_then(|id| self.bars.iter().find(|(at, _)| *at == id)).copied()
            else {
                continue;
            };
            if ring == Ring::Next && zone(&self.did) == Some(id) {
                continue;
            }
            let place = |area: Area| self.places.iter().position(|place| place.area.holds(area));
            let (Some(from), Some(to)) = (place(chip), place(bar)) else { continue };
            let tip = bar.centre().1;
            let points = if from == to {
                let x = between(chip.centre().0, bar.x + s.arrow, bar.right() - s.arrow);
                if (x - chip.centre().0).abs() < 1.0 {
                    vec![(x, chip.bottom()), (x, bar.y)]
                } else {
                    let y = (chip.bottom() + bar.y) / 2.0;
                    vec![(chip.centre().0, chip.bottom()), (chip.centre().0, y), (x, y), (x, bar.y)]
                }
            } else {
                let target = self.places[to].area;
                let lane = self.places[from].area.y - s.label * 0.4;
                let after = target.x > chip.x;
                // Into the gap beside the node, on the side of the CPU.
                let side =
                    if after { target.x - self.k.gap * 0.22 } else { target.right() + self.k.gap * 0.22 };
                let end = if after { bar.x } else { bar.right() };
                let x = chip.centre().0;
                vec![(x, chip.y), (x, lane), (side, lane), (side, tip), (end, tip)]
            };
            self.b.way(&points, ring);
        }
    }

    /// How far neighbours on the map are from each other.
    fn links(&mut self) {
        let s = self.b.s;
        let far = distances(self.moment);
        for pair in self.places.clone().windows(2) {
            let [left, right] = pair else { continue };
            if right.area.x <= left.area.x {
                continue;
            }
            let y = left.area.bottom() - s.label * 2.0;
            let (x0, x1) = (left.area.right(), right.area.x);
            self.b.back.line([x0, y, x1, y], Paint::Bracket, s.line);
            let words = [num(far.distance(left.node, right.node))];
            let face = self.b.strong();
            let within = Area::between(x0, 0.0, x1, self.b.h);
            let spot = Spot::middle((x0 + x1) / 2.0, y - s.label * 0.45);
            self.b.words(&words, face, spot, within, Paint::Ink);
        }
    }

    /// Each page was served once, and what one node missed another one had been asked for.
    fn invariant(&mut self) {
        let machine = self.machine();
        let sum = (0..machine.nodes()).map(|node| numastat(machine, node)).fold([0; 4], |sum, of| {
            [sum[0] + of.hit + of.miss, sum[1] + of.local + of.other, sum[2] + of.miss, sum[3] + of.foreign]
        });
        let holds = sum[0] == sum[1] && sum[2] == sum[3];
        let sign = if holds { "✓" } else { "✕" };
        let [served, placed, miss, foreign] = sum.map(num);
        let words = [
            format!(
                "{sign} hit + miss = local + other: {served} = {placed} · miss = foreign: {miss} = {foreign}"
            ),
            format!("{sign} hit + miss = local + other: {served} = {placed}"),
            format!("{sign} {served} = {placed}"),
        ];
        self.b.invariant(&words, holds);
    }

    fn legend(&mut self) {
        let drawn = |paint: Paint| self.b.things.items.iter().any(|item| item.paint == paint);
        let mut fills: Vec<(Paint, Vec<String>)> = Vec::new();
        for of in Use::ALL {
            if drawn(of.paint()) {
                fills.push((of.paint(), vec![of.name(self.b.lang).to_owned()]));
            }
        }
        if drawn(Paint::Used) {
            fills.push((Paint::Used, self.b.say(&["in use"], &["在用"])));
        }
        fills.push((Paint::Free, self.b.say(&["free"], &["空闲"])));
        self.b.legend(&fills);
    }
}

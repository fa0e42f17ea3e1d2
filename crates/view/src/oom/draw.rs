//! Where everything goes: the processes as rows, the tank of free memory on their right.

use mm::CpuId;
use mm::mmzone::{Mark, Zone};
use mm::oom_kill::{Lowmem, OomRules};
use mm::step::OomStep;
use scenario::Lang;

use super::{Row, Standing, group_in_play, group_of, headline, is_drivers, nodes_in_play, of_step, rows};
use crate::Moment;
use crate::board::Board;
use crate::narrate::num;
use crate::narrate::oom::signed;
use crate::number::between;
use crate::scene::{Area, Dash, Face, Form, Id, Motion, Paint, Ring, Room, Scene, Spot, centred};

struct Draw<'a> {
    moment: &'a Moment,
    b: Board,
    rows: Vec<Row>,
    rules: OomRules,
    /// The levels of Android's driver, when the board is its own.
    levels: Option<Lowmem>,
    did: Option<OomStep>,
    next: Option<OomStep>,
}

/// How points become widths: where zero is, and how many points the rest of the width is worth.
#[derive(Clone, Copy)]
struct Scale {
    zero: f32,
    each: f32,
}

impl Scale {
    fn x(self, points: i64) -> f32 {
        self.zero + points as f32 * self.each
    }
}

pub(super) fn scene(moment: &Moment, room: &Room, lang: Lang) -> Scene {
    let mut b = Board::new(room, lang);
    b.head(moment);
    let mut draw = Draw {
        moment,
        b,
        rows: rows(moment),
        rules: moment.machine.oom_rules(),
        levels: moment.machine.lowmem().filter(|_| is_drivers(moment)),
        did: of_step(moment.just_did.as_ref()),
        next: of_step(moment.next.as_ref()),
    };
    draw.invariant();
    let s = draw.b.s;
    let (left, right, top) = (s.margin, draw.b.w - s.margin, s.head + s.space * 0.6);
    let bottom = draw.b.h - s.legend - s.label * 1.5;
    let width = right - left;
    let tank = if room.form == Form::Phone { width * 0.26 } else { between(width * 0.2, 120.0, 330.0) };
    let split = right - tank;
    let level = draw.tank(Area::between(split, top, right, bottom));
    let gap = if room.form == Form::Phone { s.space * 1.5 } else { s.arrow + s.space * 2.0 };
    draw.board(Area::between(left, top, split - gap, bottom), level);
    draw.legend();
    draw.b.finish(moment)
}

impl Draw<'_> {
    /// How points come about, and that they do.
    fn invariant(&mut self) {
        if self.levels.is_some() {
            let words = self.b.say(
                &["✓ the highest adj goes, of several the largest", "✓ the highest adj goes"],
                &["✓ adj 最高的先走，一样高的先杀最大的", "✓ adj 最高的先走"],
            );
            let looked = || {
                let rows = self.rows.iter();
                rows.filter(|row| matches!(row.standing, Standing::Worst | Standing::Better))
            };
            let key = |row: &Row| (row.oom_score_adj, row.rss.total());
            let first = self.rows.iter().find(|row| row.standing == Standing::Worst);
            let holds = first.is_none_or(|first| looked().all(|row| key(row) <= key(first)));
            self.b.invariant(&words, holds);
            return;
        }
        let words = match self.rules {
            OomRules::V6_1 => self.b.say(
                &["✓ points = RSS + swap + PT + adj × total/1000", "✓ points = RSS + swap + PT + adj"],
                &["✓ 分 = RSS + 交换 + 页表 + adj × 总页数/1000", "✓ 分 = RSS + 交换 + 页表 + adj"],
            ),
            OomRules::V3_10 => self.b.say(
                &["✓ points = RSS + swap + PT + (adj − 30 for root) × total/1000", "✓ points: root 30‰ less"],
                &["✓ 分 = RSS + 交换 + 页表 +（adj，root 减 30）× 总页数/1000", "✓ 分：root 少 30‰"],
            ),
            OomRules::V2_6_32 => self.b.say(
                &["✓ points = (VSZ + ½ children) ÷ √CPU time ÷ ⁴√age", "✓ points from VSZ and time"],
                &["✓ 分 =（VSZ + 子进程的一半）÷ √CPU 时间 ÷ ⁴√年龄", "✓ 分：看 VSZ 和时间"],
            ),
        };
        let adds_up = |row: &Row| match (row.standing, row.points) {
            (Standing::Dying | Standing::Gone | Standing::Unkillable | Standing::Outside, _) | (_, None) => {
                true
            }
            (_, Some(points)) => match self.rules {
                OomRules::V6_1 => points == row.pages() as i64 + row.offset,
                OomRules::V3_10 => points == (row.pages() as i64 + row.offset).max(1),
                OomRules::V2_6_32 => points >= 0,
            },
        };
        let holds = self.rows.iter().all(adds_up);
        self.b.invariant(&words, holds);
    }

    /// The tank of free memory, or of what a group that is in play may have still; how high its level is.
    fn tank(&mut self, room: Area) -> (f32, f32) {
        let s = self.b.s;
        let short = nodes_in_play(self.moment).map(|(nodes, _)| nodes);
        let is_short = |zone: &&Zone| short.is_none_or(|nodes| nodes.has(zone.node));
        let of_machine: u64 = self.moment.machine.zones().iter().map(|zone| zone.nr_free_pages.0).sum();
        let zones: Vec<&Zone> = self.moment.machine.zones().iter().filter(is_short).collect();
        let free: u64 = zones.iter().map(|zone| zone.nr_free_pages.0).sum();
        let all: u64 = zones.iter().map(|zone| zone.managed.0).sum::<u64>().max(1);
        let mark = |mark: Mark| zones.iter().map(|zone| u64::from(zone.wmark_pages(mark))).sum::<u64>();
        let group =
            group_of(self.moment).and_then(|group| Some((group.name, group.memory, group.memory.max?)));
        let title = match group {
            Some((name, ..)) => {
                let g = self.moment.name(name);
                self.b
                    .lang
                    .pick(vec![format!("Room in {g}"), g.into()], vec![format!("{g} 的余地"), g.into()])
            }
            None if short.is_some() => {
                let nodes = short.unwrap_or_default();
                let node = if nodes.weight() == 1 { "node" } else { "nodes" };
                self.b.lang.pick(
                    vec![format!("Free on {node} {nodes}"), format!("{node} {nodes}")],
                    vec![format!("节点 {nodes} 空闲"), format!("节点 {nodes}")],
                )
            }
            None => self.b.say(&["Free memory", "Free"], &["空闲内存", "空闲"]),
        };
        let (free, all) = group.map_or((free, all), |(_, memory, max)| (memory.margin(), max.max(1)));
        let (bold, plain) = (self.b.title(), self.b.plain());
        let name = self.b.words(&title, bold, Spot::start(room.x, room.y + s.body), room, Paint::Ink);
        if name.is_none() {
            let strong = self.b.strong();
            self.b.words(&title, strong, Spot::start(room.x, room.y + s.body), room, Paint::Ink);
        }
        let line = s.label * 1.35;
        let count = match self.b.lang {
            Lang::En => vec![
                format!("{} of {} pages", num(free), num(all)),
                format!("{} of {}", num(free), num(all)),
                num(free),
            ],
            Lang::Zh => vec![format!("{} / {} 页", num(free), num(all)), num(free)],
        };
        self.b.words(&count, plain, Spot::start(room.x, room.y + s.body + line), room, Paint::Quiet);
        let mut top = room.y + s.body + line * 1.7;
        if group.is_some() || short.is_some() {
            // The machine has enough all the same.
            let words = match self.b.lang {
                Lang::En => {
                    vec![format!("machine: {} free", num(of_machine)), format!("({} free)", num(of_machine))]
                }
                Lang::Zh => {
                    vec![format!("整机空闲 {} 页", num(of_machine)), format!("（空闲 {}）", num(of_machine))]
                }
            };
            self.b.words(
                &words,
                plain,
                Spot::start(room.x, room.y + s.body + line * 2.0),
                room,
                Paint::Quiet,
            );
            top += line;
        }
        let width = room.w * if self.b.form == Form::Phone { 0.5 } else { 0.46 };
        let area = Area::between(room.x, top, room.x + width, room.bottom());
        // What the driver is measured against begins above the reserve.
        let reserve = self.moment.machine.setup().totalreserve().0;
        let levels: Vec<(i16, u64)> = self
            .levels
            .map(|levels| levels.used().map(|(adj, pages)| (adj, pages.0 + reserve)).collect())
            .unwrap_or_default();
        let highest = levels.iter().map(|(_, pages)| *pages).max().unwrap_or(mark(Mark::High));
        // What has run out is little: the marks get half of the height.
        let foot = (highest as f32 * 1.6).max(1.0);
        let share = |pages: f32| {
            if group.is_some() || foot >= all as f32 * 0.5 {
                pages / all as f32
            } else if pages <= foot {
                0.5 * pages / foot
            } else {
                0.5 + 0.5 * (pages - foot) / (all as f32 - foot)
            }
        };
        let y = |pages: f32| area.bottom() - area.h * between(share(pages), 0.0, 1.0);
        let level = y(free as f32);
        self.b.back.rect(area, s.radius, Paint::Used, 0.0);
        self.b.back.rect(Area::between(area.x, level, area.right(), area.bottom()), 0.0, Paint::Free, 0.0);
        // What CPUs keep is as good as free to them.
        let kept: u64 = match group {
            Some(_) => self.charged_ahead(),
            None => zones.iter().map(|zone| zone.pcp_pages().0).sum(),
        };
        let above = y((free + kept) as f32);
        if level - above > s.edge {
            let edge = s.edge;
            self.b.back.rect(Area::between(area.x, above, area.right(), level), 0.0, Paint::Pcp, edge);
        }
        let marks = [(Mark::Min, "min"), (Mark::Low, "low"), (Mark::High, "high")];
        if self.levels.is_some() {
            let mut above = f32::INFINITY;
            for (adj, pages) in &levels {
                let at = y(*pages as f32);
                let (edge, x) = (s.edge, area.right());
                self.b.things.line([area.x, at, x, at], Paint::Mark, edge);
                // Words that would lie on each other are left out.
                if (above - at).abs() < s.label * 1.3 {
                    continue;
                }
                above = at;
                let words = [format!("adj ≥ {}", signed(*adj)), signed(*adj)];
                let spot = Spot::start(x + s.space * 0.5, centred(at, s.label));
                let within = Area::between(x, top - s.label, room.right(), room.bottom() + s.label);
                self.b.words(&words, plain, spot, within, Paint::Quiet);
            }
        } else if self.moment.machine.has_watermarks() && group.is_none() {
            for (of, word) in marks {
                let at = y(mark(of) as f32);
                let (edge, x) = (s.edge, area.right());
                self.b.things.line([area.x, at, x, at], Paint::Mark, edge);
                let words = [format!("{word} {}", num(mark(of))), word.to_owned()];
                let spot = Spot::start(x + s.space * 0.5, centred(at, s.label));
                let within = Area::between(x, top - s.label, room.right(), room.bottom() + s.label);
                self.b.words(&words, plain, spot, within, Paint::Quiet);
            }
        }
        let line = s.line;
        self.b.things.line([area.x, level, area.right(), level], Paint::Level, line * 1.8);
        self.b.things.rect(area, s.radius, Paint::Axis, line);
        (area.x, level)
    }

    /// Pages that CPUs have charged to the group in play and not used yet.
    fn charged_ahead(&self) -> u64 {
        let group = group_in_play(self.moment);
        let of_cpu = |cpu: u8| self.moment.machine.reclaim().map(|reclaim| reclaim.charged_ahead(CpuId(cpu)));
        let all = (0..self.moment.machine.cpus()).filter_map(of_cpu);
        all.filter(|(of, _)| *of == group).map(|(_, pages)| u64::from(pages)).sum()
    }

    /// The headline, and a row for each process.
    fn board(&mut self, room: Area, level: (f32, f32)) {
        let s = self.b.s;
        let (bold, plain) = (self.b.title(), self.b.plain());
        let head = headline(self.moment, self.b.lang);
        let paint = if self.rows.iter().any(|row| row.standing == Standing::Dying) {
            Paint::Fail
        } else {
            Paint::Ink
        };
        let title = self.b.words(&head, bold, Spot::start(room.x, room.y + s.body), room, paint);
        if title.is_none() {
            let strong = self.b.strong();
            self.b.words(&head, strong, Spot::start(room.x, room.y + s.body), room, paint);
        }
        let top = room.y + s.body * 1.75;
        if self.rows.is_empty() {
            let none = self.b.say(&["No process runs yet."], &["还没有进程。"]);
            self.b.words(&none, plain, Spot::start(room.x, top + s.body * 1.5), room, Paint::Quiet);
            return;
        }
        let least = s.label * if self.b.form == Form::Phone { 2.1 } else { 2.9 };
        let fit = (((room.bottom() - top) / least) as usize).max(1);
        let fit = if self.rows.len() > fit { fit.saturating_sub(1).max(1) } else { fit };
        let first = self.first_row(fit);
        let shown: Vec<Row> = self.rows.iter().skip(first).take(fit).cloned().collect();
        let most = if self.b.form == Form::Projector { 2.4 } else { 1.9 };
        let height = ((room.bottom() - top) / shown.len() as f32).min(least * most);
        let scale = self.scale(&shown, room);
        if scale.zero > room.x + self.name_width(room) + s.space {
            let (edge, x) = (s.edge, scale.zero);
            let bottom = top + height * shown.len() as f32;
            self.b.back.line([x, top, x, bottom], Paint::Axis, edge);
        }
        for (at, row) in shown.iter().enumerate() {
            let area = Area { x: room.x, y: top + height * at as f32, w: room.w, h: height };
            self.row(row, area, scale, level);
        }
        let hidden = self.rows.len() - shown.len();
        if hidden > 0 {
            let words = self.b.lang.pick(format!("+ {hidden} more"), format!("还有 {hidden} 个"));
            let y = top + height * shown.len() as f32 + s.label;
            self.b.words(&[words], plain, Spot::start(room.x, y), room.grown(s.label), Paint::Quiet);
        }
    }

    /// Which row stands first when there is no room for all: whoever is in play is shown.
    fn first_row(&self, fit: usize) -> usize {
        let of = |step: Option<OomStep>| step.and_then(|step| step.process());
        let in_play = of(self.did).or(of(self.next));
        let dying = self.rows.iter().find(|row| row.standing == Standing::Dying).map(|row| row.name);
        let at = dying.or(in_play).and_then(|name| self.rows.iter().position(|row| row.name == name));
        at.unwrap_or(0).saturating_sub(fit / 2).min(self.rows.len().saturating_sub(fit))
    }

    fn name_width(&self, room: Area) -> f32 {
        room.w * if self.b.form == Form::Phone { 0.24 } else { 0.19 }
    }

    fn score_width(&self, room: Area) -> f32 {
        room.w * if self.b.form == Form::Phone { 0.3 } else { 0.25 }
    }

    /// From the lowest points to the highest that any row reaches, or would without its adjustment.
    fn scale(&self, shown: &[Row], room: Area) -> Scale {
        let ends = |row: &Row| {
            let pages = row.pages().max(row.had.unwrap_or(0)) as i64;
            let base = if self.rules == OomRules::V2_6_32 { row.vsz as i64 } else { pages };
            [base, row.points.unwrap_or(0).max(base + row.offset.min(0)), 0]
        };
        let all = || shown.iter().flat_map(ends);
        let (low, high) = (all().min().unwrap_or(0).min(0), all().max().unwrap_or(1).max(1));
        let s = self.b.s;
        let from = room.x + self.name_width(room) + s.space;
        // A cross has room in the corner of a ring.
        let to = room.right() - self.score_width(room) - s.arrow * 2.2;
        let each = (to - from).max(1.0) / (high - low) as f32;
        Scale { zero: from - low as f32 * each, each }
    }

    fn row(&mut self, row: &Row, area: Area, scale: Scale, level: (f32, f32)) {
        let s = self.b.s;
        let room = area;
        let height = (area.h * 0.5).min(s.label * 3.0);
        let bar_y = area.y + (area.h - height) / 2.0;
        self.names(row, area);
        let bar = |from: i64, to: i64| {
            Area::between(scale.x(from.min(to)), bar_y, scale.x(from.max(to)), bar_y + height)
        };
        // What it had is a shadow behind what it has still.
        if let Some(had) = row.had {
            let edge = s.edge;
            self.b.back.rect(bar(0, had as i64), s.radius, Paint::Ghost, edge).pen.dash = Dash::Ghost;
        }
        if self.rules == OomRules::V2_6_32 && row.vsz > 0 {
            let line = s.line;
            self.b.back.rect(bar(0, row.vsz as i64), s.radius, Paint::Vma, line);
        }
        let parts = [
            (row.rss.anon + row.rss.shmem + row.freed, Paint::Anon),
            (row.rss.file, Paint::File),
            (row.swap, Paint::Reserved),
            (row.tables, Paint::Unmovable),
        ];
        let mut at = 0;
        for (pages, paint) in parts {
            if pages > 0 {
                let edge = s.edge;
                // Whoever is none of the group's is there, and no more than that.
                let paint = if row.standing == Standing::Outside { Paint::Ghost } else { paint };
                self.b.things.rect(bar(at, at + pages as i64), 0.0, paint, edge);
                at += pages as i64;
            }
        }
        let mut end = at;
        let is_scored = !matches!(
            row.standing,
            Standing::Protected | Standing::Gone | Standing::Unkillable | Standing::Outside
        );
        if is_scored && row.offset != 0 && self.rules != OomRules::V2_6_32 {
            let to = at + row.offset;
            let (paint, line) = (if row.offset > 0 { Paint::Boost } else { Paint::Locked }, s.line);
            let item = self.b.things.rect(bar(at, to), s.radius, paint, line);
            item.pen.dash = Dash::Next;
            end = to;
        }
        if let (true, Some(points)) = (is_scored, row.points)
            && row.standing != Standing::Dying
        {
            let x = scale.x(if self.rules == OomRules::V2_6_32 { points } else { end });
            let line = s.line;
            self.b.things.line([x, bar_y - height * 0.2, x, bar_y + height * 1.2], Paint::Level, line * 1.6);
        }
        self.score(row, room);
        // The cross of a kill keeps off the points.
        let right = area.right() - self.score_width(area);
        self.rings(row, Area::between(area.x, bar_y - height * 0.32, right, bar_y + height * 1.32));
        if row.standing == Standing::Dying && self.b.form != Form::Phone {
            // It runs into the tank.
            let from = (room.right() - s.space * 0.2, bar_y + height * 0.5);
            let tip = (level.0 - s.ring, level.1);
            let bend = tip.0 - s.arrow - s.space * 0.6;
            self.b.way(&[from, (bend, from.1), (bend, tip.1), tip], Ring::Done);
        }
    }

    /// What it is called, and its adjustment.
    fn names(&mut self, row: &Row, area: Area) {
        let s = self.b.s;
        let strong = Face { mono: true, ..self.b.strong() };
        let plain = self.b.plain();
        let within = Area { x: area.x + s.space * 0.5, w: self.name_width(area), ..area };
        let name = self.moment.name(row.name);
        let short = |most: usize| {
            let chars: Vec<char> = name.chars().collect();
            if chars.len() <= most {
                name.to_owned()
            } else {
                chars[..most - 1].iter().chain(&['…']).collect()
            }
        };
        let names = [name.to_owned(), short(14), short(10), short(7), short(4)];
        let line = s.label * 1.15;
        let middle = area.centre().1;
        let is_quiet = matches!(row.standing, Standing::Gone | Standing::Outside);
        let paint = if is_quiet { Paint::Quiet } else { Paint::Ink };
        let two = area.h > line * 2.1;
        let y = if two { middle - s.label * 0.12 } else { centred(middle, s.label) };
        self.b.words(&names, strong, Spot::start(within.x, y), within, paint);
        if two && self.levels.is_none() {
            let adj = signed(row.oom_score_adj);
            let words = [format!("adj {adj}"), adj];
            self.b.words(&words, plain, Spot::start(within.x, y + line), within, Paint::Quiet);
        }
    }

    /// Its points, and how it stands.
    fn score(&mut self, row: &Row, area: Area) {
        let s = self.b.s;
        let lang = self.b.lang;
        let right = area.right() - s.space * 0.5;
        let within = Area { x: area.right() - self.score_width(area), w: self.score_width(area), ..area };
        let points = row.points.map(signed);
        let score = match (points, lang) {
            _ if self.levels.is_some() => {
                let adj = signed(row.oom_score_adj);
                vec![format!("adj {adj}"), adj]
            }
            (None, Lang::En) => vec!["no points".to_owned(), "–".into()],
            (None, Lang::Zh) => vec!["不计分".to_owned(), "–".into()],
            (Some(points), Lang::En) => vec![format!("{points} points"), points],
            (Some(points), Lang::Zh) => vec![format!("{points} 分"), points],
        };
        let pages = num(row.pages());
        let (words, paint): (Vec<String>, Paint) = match row.standing {
            Standing::Open => (Vec::new(), Paint::Quiet),
            Standing::Worst if self.levels.is_some() => {
                (self.b.say(&["the first to go", "first"], &["最先走"]), Paint::Action)
            }
            Standing::Better if self.levels.is_some() => {
                (self.b.say(&["goes later", "later"], &["以后才走"]), Paint::Quiet)
            }
            Standing::Spared if self.levels.is_some() => {
                (self.b.say(&["not on this level", "stays"], &["这一级不杀"]), Paint::Holds)
            }
            Standing::Spared => (self.b.say(&["bound elsewhere", "stays"], &["绑在别处"]), Paint::Holds),
            Standing::Better => {
                (self.b.say(&["not the worst", "passed"], &["不是最高", "放过"]), Paint::Quiet)
            }
            Standing::Worst => (self.b.say(&["the worst so far", "worst"], &["目前最高"]), Paint::Action),
            Standing::Protected => {
                (self.b.say(&["may not be killed", "protected"], &["不能杀"]), Paint::Holds)
            }
            Standing::Unkillable => {
                (self.b.say(&["nothing left to give", "reaped"], &["已没有可给的", "已收完"]), Paint::Quiet)
            }
            Standing::Outside => (self.b.say(&["not in the group", "outside"], &["不在组里"]), Paint::Quiet),
            Standing::Dying => (
                match lang {
                    Lang::En => vec![format!("SIGKILL: {pages} left"), "SIGKILL".into()],
                    Lang::Zh => vec![format!("SIGKILL：还剩 {pages}"), "SIGKILL".into()],
                },
                Paint::Fail,
            ),
            Standing::Gone => {
                let had = num(row.had.unwrap_or(0));
                (
                    match lang {
                        Lang::En => vec![format!("gone: {had} came back"), "gone".into()],
                        Lang::Zh => vec![format!("已死，还回 {had} 页"), "已死".into()],
                    },
                    Paint::Quiet,
                )
            }
        };
        let (strong, plain) = (self.b.strong(), self.b.plain());
        let line = s.label * 1.15;
        let middle = area.centre().1;
        let two = area.h > line * 2.1 && !words.is_empty();
        let y = if two { middle - s.label * 0.12 } else { centred(middle, s.label) };
        let is_quiet = matches!(row.standing, Standing::Gone | Standing::Outside);
        let ink = if is_quiet { Paint::Quiet } else { Paint::Ink };
        if two || words.is_empty() {
            self.b.words(&score, strong, Spot::end(right, y), within, ink);
        }
        let y = if two { y + line } else { y };
        let face = if paint == Paint::Quiet { plain } else { strong };
        self.b.words(&words, face, Spot::end(right, y), within, paint);
    }

    /// Who is looked at, who is killed, and who comes next.
    fn rings(&mut self, row: &Row, area: Area) {
        let of = |step: Option<OomStep>| step.and_then(|step| step.process()) == Some(row.name);
        let is_kill = matches!(self.did, Some(OomStep::Kill { .. } | OomStep::LowKill { .. }));
        if of(self.did) && !matches!(self.did, Some(OomStep::Invoked { .. })) {
            let ring = if is_kill { Ring::Fail } else { Ring::Done };
            self.b.ring(area, ring, Id::Ringed(ring));
            if let Some(item) = self.b.rings.items.last_mut() {
                item.motion = Motion::Appear;
            }
        } else if of(self.next) && !matches!(self.next, Some(OomStep::Invoked { .. })) {
            self.b.ring(area, Ring::Next, Id::Ringed(Ring::Next));
        }
    }

    fn legend(&mut self) {
        let has = |b: &Board, paint: Paint| b.things.items.iter().any(|item| item.paint == paint);
        let mut fills = vec![(Paint::Anon, self.b.say(&["RSS"], &["RSS"]))];
        for (paint, en, zh) in [
            (Paint::File, "of files", "文件页"),
            (Paint::Unmovable, "page tables", "页表"),
            (Paint::Boost, "adj above 0", "adj 加分"),
            (Paint::Locked, "adj below 0", "adj 减分"),
        ] {
            if has(&self.b, paint) {
                fills.push((paint, self.b.say(&[en], &[zh])));
            }
        }
        if self.b.back.items.iter().any(|item| item.paint == Paint::Pcp) {
            fills.push((Paint::Pcp, self.b.say(&["kept by CPUs"], &["CPU 留着"])));
        }
        if self.rules == OomRules::V2_6_32 {
            fills.push((Paint::Vma, self.b.say(&["VSZ"], &["VSZ"])));
        }
        self.b.legend(&fills);
    }
}

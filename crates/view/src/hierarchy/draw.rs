//! Where everything goes: the staircase on the left, the caches of the CPUs and the sets in play on the right.

use mm::CpuId;
use mm::hierarchy::{Amat, CacheId, Caches, Disk, Hierarchy, Level};
use mm::step::HierarchyStep;
use mm::units::{Bytes, PAGE_SIZE};
use scenario::Lang;

use super::{Contents, Scale, in_play, of_step};
use crate::Moment;
use crate::board::Board;
use crate::narrate::hierarchy::{average, geometry};
use crate::narrate::num;
use crate::scene::{Area, Dash, Face, Form, Hit, Id, Paint, Ring, Room, Scene, Spot, centred};
use crate::twin::hierarchy::percent;

/// A step of the staircase.
struct Stair {
    names: [&'static str; 2],
    /// Which level, if it is one that a word is looked for in.
    level: Option<Level>,
    bytes: u64,
    cycles: u64,
    /// Whether the machine has it.
    is_there: bool,
}

/// The picture in the making.
struct Draw<'a> {
    moment: &'a Moment,
    hierarchy: &'a Hierarchy,
    caches: Caches,
    b: Board,
    scale: Scale,
    did: Option<HierarchyStep>,
    next: Option<HierarchyStep>,
    cpu: CpuId,
    line: Option<u64>,
    contents: Option<Contents>,
}

pub(super) fn scene(moment: &Moment, room: &Room, scale: Scale, lang: Lang) -> Scene {
    let mut b = Board::new(room, lang);
    b.head(moment);
    let caches = moment.machine.caches();
    let none = Hierarchy::new(caches);
    let (cpu, line) = in_play(moment);
    let mut draw = Draw {
        hierarchy: moment.machine.hierarchy().unwrap_or(&none),
        did: of_step(moment.just_did.as_ref()),
        next: of_step(moment.next.as_ref()),
        contents: Contents::of(moment),
        moment,
        caches,
        b,
        scale,
        cpu,
        line,
    };
    let s = draw.b.s;
    draw.invariant();
    let (left, right, top) = (s.margin, draw.b.w - s.margin, s.head + s.space);
    let bottom = draw.b.h - s.legend - s.label * 1.3;
    if room.form == Form::Phone {
        let middle = top + (bottom - top) * 0.52;
        draw.staircase(Area::between(left, top, right, middle));
        draw.sets(Area::between(left, middle + s.space, right, bottom));
    } else {
        let split = draw.b.w * 0.46;
        draw.staircase(Area::between(left, top, split - s.space * 1.5, bottom));
        let (hair, edge) = (Paint::Hair, s.edge);
        draw.b.back.line([split, top, split, bottom], hair, edge);
        draw.sets(Area::between(split + s.space * 1.5, top, right, bottom));
    }
    let legend = [
        (Paint::Object, draw.b.say(&["line"], &["行"])),
        (Paint::Anon, draw.b.say(&["* written to"], &["* 写过"])),
        (Paint::Slot, draw.b.say(&["free way"], &["空位"])),
    ];
    draw.b.legend(&legend);
    draw.b.finish(moment)
}

/// So many seconds, as a person says it.
fn human(seconds: u64, lang: Lang) -> [String; 3] {
    const UNITS: [(u64, &str, &str, &str, &str); 5] = [
        (31_557_600, "year", "years", "y", "年"),
        (86_400, "day", "days", "d", "天"),
        (3600, "hour", "hours", "h", "小时"),
        (60, "minute", "minutes", "min", "分"),
        (1, "second", "seconds", "s", "秒"),
    ];
    let of = UNITS.into_iter().find(|(unit, ..)| seconds >= *unit).unwrap_or(UNITS[4]);
    let (unit, one, many, short, zh) = of;
    let tenths = (seconds * 10 + unit / 2) / unit;
    let number = match (tenths % 10, unit) {
        (0, _) | (_, 1) => num(tenths / 10),
        (rest, _) => format!("{}.{rest}", num(tenths / 10)),
    };
    // Where there is hardly any room.
    let whole = num((seconds + unit / 2) / unit);
    match lang {
        Lang::En => {
            let long = if number == "1" { one } else { many };
            [format!("{number} {long}"), format!("{number} {short}"), format!("{whole} {}", &short[..1])]
        }
        Lang::Zh => [format!("{number} {zh}"), format!("{number}{zh}"), format!("{whole}{zh}")],
    }
}

impl Draw<'_> {
    /// What the references cost is what the rates say.
    fn invariant(&mut self) {
        let Amat { cycles, references } = self.hierarchy.amat(None);
        let words = match self.hierarchy.amat_of_rates() {
            None => self.b.say(
                &["✓ AMAT = L1 + m1 × (L2 + m2 × (L3 + m3 × DRAM))", "✓ AMAT: no references yet"],
                &["✓ AMAT = L1 + m1 × (L2 + m2 × (L3 + m3 × DRAM))", "✓ AMAT：还没有访问"],
            ),
            Some(_) => {
                let all = average(self.hierarchy.amat(None));
                let formula = crate::twin::hierarchy::formula(self.hierarchy);
                let cycles = self.b.lang.pick("cycles", "周期");
                vec![
                    format!("✓ {formula} {cycles}"),
                    format!("✓ AMAT = {all} {cycles}"),
                    format!("✓ AMAT {all}"),
                ]
            }
        };
        let holds = self.hierarchy.amat_of_rates().is_none_or(|(over, under)| {
            // An access that is under way has been counted where it was looked for, and not yet in the sum.
            let is_under_way = u128::from(cycles) * under != u128::from(references) * over;
            !is_under_way || self.is_under_way()
        });
        self.b.invariant(&words, holds);
    }

    /// Whether an access is on its way.
    fn is_under_way(&self) -> bool {
        matches!(
            self.did,
            Some(
                HierarchyStep::Look { .. }
                    | HierarchyStep::Dram { .. }
                    | HierarchyStep::Fill { .. }
                    | HierarchyStep::Supplied { .. }
                    | HierarchyStep::Invalidated { .. }
            )
        )
    }

    fn stairs(&self) -> [Stair; 7] {
        let Caches { l1d, l2, l3, cycles, disk, .. } = self.caches;
        let stair = |name, level, bytes: u64, cycles: u64, is_there| Stair {
            names: [name, name],
            level,
            bytes,
            cycles,
            is_there,
        };
        // The first frame is none, and nobody would say so of his memory.
        let ram = u64::from(self.moment.machine.end().0) * PAGE_SIZE;
        let (regs, short) = self.b.lang.pick(("Registers", "Regs"), ("寄存器", "寄存器"));
        let of = |of| self.caches.disk_cycles(of);
        let has = |of| (disk == of).then_some(Level::Disk);
        [
            // The 32 vector registers of 64 bytes; the sixteen others hardly count beside them.
            Stair { names: [regs, short], level: None, bytes: 2048, cycles: 1, is_there: true },
            stair("L1", Some(Level::L1), u64::from(l1d.bytes), u64::from(cycles.l1), true),
            stair("L2", Some(Level::L2), u64::from(l2.bytes), u64::from(cycles.l2), true),
            stair("L3", Some(Level::L3), u64::from(l3.bytes), u64::from(cycles.l3), true),
            stair("DRAM", Some(Level::Dram), ram, u64::from(cycles.dram), true),
            stair("SSD", has(Disk::Ssd), 1 << 40, of(Disk::Ssd), disk == Disk::Ssd),
            stair("HDD", has(Disk::Hdd), 8 << 40, of(Disk::Hdd), disk == Disk::Hdd),
        ]
    }

    fn staircase(&mut self, room: Area) {
        let s = self.b.s;
        let top = room.y + self.chips(room);
        let stairs = self.stairs();
        let width = room.w / stairs.len() as f32;
        let is_phone = self.b.form == Form::Phone;
        // Above a step its name and its time, below it its hit rate.
        let (above, under) = (s.label * if is_phone { 2.5 } else { 2.7 }, s.label * 1.5);
        // Seen from the last row a box still has room for its size.
        let tallest = (room.bottom() - top - above - under) * if is_phone { 0.36 } else { 0.28 };
        let depth = room.bottom() - top - above - under - tallest;
        let log = |n: u64| (n.max(1) as f32).log2();
        let most = log(stairs[6].cycles).max(1.0);
        let biggest = log(stairs[6].bytes);
        let dram = stairs[4].cycles.max(1);
        let mut boxes: Vec<Option<Area>> = Vec::new();
        for (at, stair) in stairs.iter().enumerate() {
            let drop = match self.scale {
                Scale::Linear => stair.cycles as f32 / dram as f32 * 0.8,
                Scale::Log | Scale::Human => log(stair.cycles) / most,
            };
            let x = room.x + at as f32 * width;
            let column = Area { x, y: room.y, w: width, h: room.h };
            if drop > 1.0 {
                self.far_below(stair, column, drop);
                boxes.push(None);
                continue;
            }
            let y = top + above + drop * depth;
            let area =
                Area { x: x + width * 0.15, y, w: width * 0.7, h: tallest * log(stair.bytes) / biggest };
            self.stair(stair, area, column);
            boxes.push(Some(area));
        }
        self.token(&stairs, &boxes);
    }

    /// The chips that choose the scale: how high they are.
    fn chips(&mut self, room: Area) -> f32 {
        let s = self.b.s;
        let words = self.b.lang.pick(["log", "linear", "1 cycle = 1 s"], ["对数", "线性", "1 周期 = 1 秒"]);
        let (mut right, face, height) =
            (room.right(), self.b.strong(), s.label * if self.b.form == Form::Phone { 1.4 } else { 1.7 });
        for (at, (scale, words)) in Scale::ALL.into_iter().zip(words).enumerate().rev() {
            let width = face.width(words) + s.label * 1.2;
            let area = Area { x: right - width, y: room.y, w: width, h: height };
            let is_on = scale == self.scale;
            let item =
                self.b.things.rect(area, s.radius * 2.0, Paint::Slot, if is_on { s.ring } else { s.edge });
            item.hit = Some(Hit::Scale(at as u8));
            if !is_on {
                item.pen.dash = Dash::Look;
            }
            let paint = if is_on { Paint::Ink } else { Paint::Quiet };
            let spot = Spot::middle(area.centre().0, centred(area.centre().1, s.label));
            self.b.labels.at(words, face, spot, paint, Id::None);
            right -= width + s.space * 0.7;
        }
        // The first step lies as high as they do, and on its left.
        if self.b.form == Form::Phone { height + s.space * 0.4 } else { s.label * 0.4 }
    }

    fn time(&self, cycles: u64) -> Vec<String> {
        let lang = self.b.lang;
        match self.scale {
            Scale::Human => human(cycles, lang).to_vec(),
            Scale::Log | Scale::Linear => {
                let (one, many) = lang.pick(("cycle", "cycles"), ("周期", "周期"));
                let unit = if cycles == 1 { one } else { many };
                let short = match cycles {
                    1_000_000.. => format!("{} M", num(cycles / 1_000_000)),
                    10_000.. => format!("{} k", num(cycles / 1000)),
                    _ => num(cycles),
                };
                vec![format!("{} {unit}", num(cycles)), format!("{short} {unit}"), short]
            }
        }
    }

    /// A step that no screen is deep enough for.
    fn far_below(&mut self, stair: &Stair, column: Area, drop: f32) {
        let s = self.b.s;
        let x = column.centre().0;
        let bottom = column.bottom() - s.label * 0.4;
        let from = column.y + column.h * 0.42;
        self.b.way(&[(x, from), (x, bottom)], Ring::Next);
        let (strong, plain) = (self.b.strong(), self.b.plain());
        let screens = num(drop as u64);
        let short = if drop >= 10_000.0 {
            format!("× {} k", num(drop as u64 / 1000))
        } else {
            format!("× {screens}")
        };
        let words = match self.b.lang {
            Lang::En => vec![format!("{screens} screens"), short],
            Lang::Zh => vec![format!("{screens} 屏"), short],
        };
        let line = s.label * 1.25;
        self.b.labels.at(stair.names[0], strong, Spot::middle(x, from - line * 2.4), Paint::Ink, Id::None);
        let time = self.time(stair.cycles);
        self.b.words(&time, plain, Spot::middle(x, from - line * 1.4), column, Paint::Quiet);
        self.b.words(&words, plain, Spot::middle(x, from - line * 0.4), column, Paint::Quiet);
    }

    fn stair(&mut self, stair: &Stair, area: Area, column: Area) {
        let s = self.b.s;
        let paint = if stair.is_there { Paint::Slot } else { Paint::Ghost };
        let item = self.b.things.rect(area, s.radius, paint, s.line);
        if !stair.is_there {
            item.pen.dash = Dash::Ghost;
        }
        self.b.back.line([area.x, area.y, area.right(), area.y], Paint::Frame, s.ring);
        let x = area.centre().0;
        let (strong, plain) = (Face { size: s.body, ..self.b.strong() }, self.b.plain());
        let names = stair.names.map(str::to_owned);
        let line = s.label * 1.25;
        let name = self.b.words(&names, strong, Spot::middle(x, area.y - line * 1.35), column, Paint::Ink);
        if name.is_none() {
            let strong = self.b.strong();
            self.b.words(&names, strong, Spot::middle(x, area.y - line * 1.35), column, Paint::Ink);
        }
        let time = self.time(stair.cycles);
        self.b.words(&time, plain, Spot::middle(x, area.y - s.label * 0.45), column, Paint::Quiet);
        let size = match stair.bytes {
            tebi @ 0x100_0000_0000.. => format!("{} TiB", tebi >> 40),
            bytes => Bytes(bytes).to_string(),
        };
        let short = size.replace("iB", "").replace(' ', "");
        let spot = Spot::middle(x, centred(area.centre().1, s.label));
        self.b.words(&[size, short], plain, spot, area, Paint::Ink);
        let rate = self.rate(stair.level);
        let spot = Spot::middle(x, area.bottom() + s.label * 1.15);
        self.b.words(&rate, strong, spot, column, Paint::Ink);
    }

    /// How often a level had what was looked for in it.
    fn rate(&self, level: Option<Level>) -> Vec<String> {
        let of = |cache| self.hierarchy.counts(None, cache);
        let (hits, all) = match level {
            None => return Vec::new(),
            Some(Level::L1) => {
                let (l1d, l1i) = (of(CacheId::L1d), of(CacheId::L1i));
                (l1d.hits + l1i.hits, l1d.lookups() + l1i.lookups())
            }
            Some(Level::L2) => (of(CacheId::L2).hits, of(CacheId::L2).lookups()),
            Some(Level::L3) => (of(CacheId::L3).hits, of(CacheId::L3).lookups()),
            Some(Level::Dram) => {
                let reads = self.hierarchy.dram().0;
                (reads.saturating_sub(self.hierarchy.disk_reads()), reads)
            }
            Some(Level::Disk) => (self.hierarchy.disk_reads(), self.hierarchy.disk_reads()),
        };
        if all == 0 {
            return vec!["–".into()];
        }
        let rate = percent(hits, all);
        vec![rate.clone(), rate.replace(' ', "")]
    }

    /// Where the request is, and the way that it came.
    fn token(&mut self, stairs: &[Stair; 7], boxes: &[Option<Area>]) {
        let s = self.b.s;
        let place = |level: Level| {
            let at = stairs.iter().position(|stair| stair.level == Some(level))?;
            boxes.get(at).copied().flatten()
        };
        let of = |step: HierarchyStep| -> Option<(Level, bool)> {
            Some(match step {
                HierarchyStep::Reference { .. } | HierarchyStep::Hits { .. } => (Level::L1, false),
                HierarchyStep::Look { cache, hit, .. } => (level_of(cache), !hit),
                HierarchyStep::Dram { .. } => (Level::Dram, false),
                HierarchyStep::Fill { cache, .. } => (level_of(cache), false),
                HierarchyStep::Supplied { .. } => (Level::L3, false),
                HierarchyStep::Invalidated { .. } => (Level::L1, false),
                HierarchyStep::Disk { .. } => (Level::Disk, false),
                HierarchyStep::Entry { level, .. } => (level, false),
                HierarchyStep::Batch { .. } | HierarchyStep::Scanned { .. } | HierarchyStep::Moved { .. } => {
                    return None;
                }
            })
        };
        // The levels that this reference has gone through.
        let steps: Vec<HierarchyStep> =
            self.moment.trail.iter().filter_map(|step| of_step(Some(step))).collect();
        let from =
            steps.iter().rposition(|step| matches!(step, HierarchyStep::Reference { .. })).unwrap_or(0);
        let way: Vec<Level> = match self.did.and_then(of) {
            Some(_) => steps[from..].iter().filter_map(|step| of(*step)).map(|(level, _)| level).collect(),
            None => Vec::new(),
        };
        // Down to where it is, or up again: the last two places that differ.
        let mut last: Vec<Area> = Vec::new();
        for area in way.iter().filter_map(|level| place(*level)) {
            if last.last() != Some(&area) {
                last.push(area);
            }
        }
        for pair in last.windows(2).rev().take(1) {
            let [a, b] = pair else { continue };
            let (x0, x1) = (a.centre().0, b.centre().0);
            let (y0, y1) = (a.y + a.h * 0.5, b.y + b.h * 0.5);
            let tip = if x1 > x0 { b.x - s.ring } else { b.right() + s.ring };
            let start = if x1 > x0 { a.right() } else { a.x };
            let bend = start + (tip - start) * 0.3;
            self.b.way(&[(start, y0), (bend, y0), (bend, y1), (tip, y1)], Ring::Done);
        }
        if let Some((level, missed)) = self.did.and_then(of)
            && let Some(area) = place(level)
        {
            self.b.ring(area, if missed { Ring::Fail } else { Ring::Done }, Id::Ringed(Ring::Done));
        }
        if let Some((level, _)) = self.next.and_then(of)
            && self.did.and_then(of).map(|(level, _)| level) != Some(level)
            && let Some(area) = place(level)
        {
            self.b.ring(area, Ring::Next, Id::Ringed(Ring::Next));
        }
    }

    /// The caches of the CPUs side by side, and the level 3 under them.
    fn sets(&mut self, room: Area) {
        let s = self.b.s;
        let is_phone = self.b.form == Form::Phone;
        let mut cpus: Vec<CpuId> = self.hierarchy.cores().map(|(cpu, _)| cpu).collect();
        if !cpus.contains(&self.cpu) {
            cpus.push(self.cpu);
        }
        let most = if is_phone { 1 } else { 2 };
        if cpus.len() > most {
            // The one at work, and whoever comes first.
            let first = cpus.iter().copied().find(|cpu| *cpu != self.cpu);
            cpus = if is_phone { vec![self.cpu] } else { first.into_iter().chain([self.cpu]).collect() };
        }
        mm::sort::by_key(&mut cpus, |cpu| u64::from(cpu.0));
        let l1 = match self.did.or(self.next) {
            Some(
                HierarchyStep::Look { cache: CacheId::L1i, .. }
                | HierarchyStep::Fill { cache: CacheId::L1i, .. },
            ) => CacheId::L1i,
            Some(HierarchyStep::Reference { access: mm::process::Access::Exec, .. }) => CacheId::L1i,
            _ => CacheId::L1d,
        };
        let gutter = s.space * 2.0;
        let width = (room.w - gutter * (cpus.len() - 1) as f32) / cpus.len() as f32;
        let heights = |cell: f32, strips: bool| {
            let of = |cache, width| self.table_height(cache, width, cell, strips);
            let title = if is_phone { 0.0 } else { s.body * 1.5 };
            title + of(l1, width) + of(CacheId::L2, width) + of(CacheId::L3, room.w) + s.space * 3.0
        };
        // The largest cells that there is room for.
        let sizes = [(1.9, true), (1.6, true), (1.45, true), (1.45, false), (1.3, false)];
        let fits = sizes.into_iter().find(|(cell, strips)| heights(s.label * cell, *strips) <= room.h);
        let (cell, strips) = fits.unwrap_or((1.3, false));
        let cell = s.label * cell;
        let mut y = room.y;
        if !is_phone {
            for (at, cpu) in cpus.iter().enumerate() {
                let x = room.x + at as f32 * (width + gutter);
                self.cpu_title(*cpu, Area { x, y, w: width, h: s.body * 1.5 });
            }
            y += s.body * 1.5;
        }
        for cache in [l1, CacheId::L2] {
            let height = self.table_height(cache, width, cell, strips);
            if y + height > room.bottom() {
                return;
            }
            for (at, cpu) in cpus.iter().enumerate() {
                let x = room.x + at as f32 * (width + gutter);
                self.table(Area { x, y, w: width, h: height }, *cpu, cache, cell, strips);
            }
            y += height + s.space;
        }
        let height = self.table_height(CacheId::L3, room.w, cell, strips);
        if y + height <= room.bottom() {
            self.table(Area { y, h: height, ..room }, self.cpu, CacheId::L3, cell, strips);
            y += height + s.space;
        }
        self.notes(Area::between(room.x, y, room.right(), room.bottom()));
    }

    fn cpu_title(&mut self, cpu: CpuId, room: Area) {
        let s = self.b.s;
        let running: Vec<&str> = self
            .moment
            .machine
            .processes()
            .mms()
            .filter(|mm| self.hierarchy.runs_on(mm.name) == Some(cpu))
            .map(|mm| self.moment.name(mm.name))
            .collect();
        let is_at_work = cpu == self.cpu;
        let face = Face { size: s.body, ..self.b.strong() };
        let paint = if is_at_work { Paint::Ink } else { Paint::Quiet };
        let (sign, title) = (if is_at_work { "▸ " } else { "" }, format!("CPU {cpu}"));
        let with = match running[..] {
            [] => title.clone(),
            _ => format!("{sign}{title}: {}", running.join(", ")),
        };
        let words = [with, format!("{sign}{title}"), title];
        let y = room.y + s.body;
        let Some(area) = self.b.words(&words, face, Spot::start(room.x, y), room, paint) else { return };
        let loses = |step: Option<HierarchyStep>| match step {
            Some(HierarchyStep::Invalidated { cpus, .. }) => cpus >> cpu.0.min(63) & 1 != 0,
            Some(HierarchyStep::Supplied { from, .. }) => from == cpu,
            Some(HierarchyStep::Moved { to, .. }) => to == cpu,
            _ => false,
        };
        for (step, ring) in [(self.did, Ring::Done), (self.next, Ring::Next)] {
            if loses(step) {
                let ringed = area.grown(s.halo * 0.3);
                self.b.ring(Area { x: ringed.x.max(0.0), ..ringed }, ring, Id::Ringed(ring));
                break;
            }
        }
    }

    /// How many ways stand in a row.
    fn columns(&self, cache: CacheId, width: f32) -> u32 {
        let s = self.b.s;
        let ways = u32::from(geometry(&self.caches, cache).ways);
        // Room for what a line holds, or for its address.
        let least = self.b.mono().width("[63][56]") + s.label * 0.7;
        let most = ((width - self.set_label()) / least) as u32;
        (1..=ways.min(most.max(1))).rev().find(|columns| ways.is_multiple_of(*columns)).unwrap_or(1)
    }

    fn set_label(&self) -> f32 {
        let words = self.b.lang.pick("set 8191", "8191 组");
        self.b.plain().width(words) + self.b.s.label * 0.5
    }

    fn header(&self) -> f32 {
        self.b.s.label * if self.b.form == Form::Phone { 1.3 } else { 1.5 }
    }

    fn strip(&self) -> f32 {
        self.b.s.label * 0.6
    }

    fn table_height(&self, cache: CacheId, width: f32, cell: f32, strips: bool) -> f32 {
        let ways = u32::from(geometry(&self.caches, cache).ways);
        let rows = ways / self.columns(cache, width).max(1);
        let strips = if strips { self.strip() * 2.0 } else { 0.0 };
        self.header() + rows as f32 * cell + strips
    }

    /// The set that the line in play belongs to, way by way, and its neighbours as strips.
    fn table(&mut self, room: Area, cpu: CpuId, cache: CacheId, cell: f32, strips: bool) {
        let s = self.b.s;
        let size = geometry(&self.caches, cache);
        let (ways, sets) = (u32::from(size.ways), size.sets());
        let counts = self.hierarchy.counts(Some(cpu), cache);
        let of_cpu = format!("CPU {cpu} {}", cache.name());
        // Where no title says whose it is.
        let is_named = self.b.form == Form::Phone && cache != CacheId::L3;
        let name = if is_named { &of_cpu[..] } else { cache.name() };
        let bytes = Bytes(u64::from(size.bytes));
        let words = match self.b.lang {
            Lang::En => vec![
                format!("{name}: {bytes}, {sets} sets × {ways} ways"),
                format!("{name}: {sets} × {ways} ways"),
                name.to_owned(),
            ],
            Lang::Zh => vec![
                format!("{name}：{bytes}，{} 组 × {ways} 路", num(sets)),
                format!("{name}：{} × {ways} 路", num(sets)),
                name.to_owned(),
            ],
        };
        let (strong, plain) = (self.b.strong(), self.b.plain());
        let y = room.y + s.label;
        let rate = match self.b.lang {
            Lang::En => [
                format!("hits {}, misses {}", num(counts.hits), num(counts.misses)),
                percent(counts.hits, counts.lookups()),
            ],
            Lang::Zh => [
                format!("命中 {}，未命中 {}", num(counts.hits), num(counts.misses)),
                percent(counts.hits, counts.lookups()),
            ],
        };
        // The rate is what changes; of sizes it is enough that they can be read somewhere.
        let narrow = room.w < self.b.w * 0.3;
        let rate = if narrow { &rate[1..] } else { &rate[..] };
        let said = self.b.words(rate, plain, Spot::end(room.right(), y), room, Paint::Quiet);
        let end = said.map_or(room.right(), |area| area.x - s.space);
        let within = Area::between(room.x, room.y, end, room.bottom());
        self.b.words(&words[..], strong, Spot::start(room.x, y), within, Paint::Ink);
        let columns = self.columns(cache, room.w);
        let rows = ways / columns.max(1);
        let label = self.set_label();
        let grid_x = room.x + label;
        let width = (room.right() - grid_x) / columns as f32;
        let set = self.line.map_or(0, |line| size.shape().set_of(line));
        let mut top = room.y + self.header();
        let strip = self.strip();
        if strips {
            self.neighbour(
                set.checked_sub(1),
                cpu,
                cache,
                Area { x: grid_x, y: top, w: room.right() - grid_x, h: strip * 0.7 },
            );
            top += strip;
        }
        let said = self.b.lang.pick(format!("set {set}"), format!("{set} 组"));
        let spot = Spot::start(room.x, centred(top + cell * 0.5, s.label));
        let within = Area { x: room.x, y: top - s.label, w: label, h: cell * 2.0 + s.label };
        let plain_words = [said, set.to_string()];
        self.b.words(&plain_words, plain, spot, within, Paint::Ink);
        let lines: Vec<mm::cache::Line> =
            self.hierarchy.sets(cpu, cache).map_or_else(Vec::new, |sets| sets.lines(set).collect());
        let pad = s.edge;
        let mut cells: Vec<(Area, Option<u64>)> = Vec::new();
        for way in 0..ways {
            let (row, column) = (way / columns, way % columns);
            let area = Area {
                x: grid_x + column as f32 * width + pad,
                y: top + row as f32 * cell + pad,
                w: width - pad * 2.0,
                h: cell - pad * 2.0,
            };
            let line = lines.get(way as usize);
            let paint = match line {
                None => Paint::Slot,
                Some(line) if line.modified => Paint::Anon,
                Some(_) => Paint::Object,
            };
            self.b.things.rect(area, s.radius, paint, s.line);
            if let Some(line) = line {
                self.cell(area, line);
            }
            cells.push((area, line.map(|line| line.address)));
        }
        if strips {
            let below = top + rows as f32 * cell + strip * 0.3;
            let next = (set + 1 < sets).then_some(set + 1);
            let area = Area { x: grid_x, y: below, w: room.right() - grid_x, h: strip * 0.7 };
            self.neighbour(next, cpu, cache, area);
        }
        let all = Area { x: grid_x, y: top, w: room.right() - grid_x, h: rows as f32 * cell };
        self.rings(cpu, cache, all, &cells);
    }

    fn cell(&mut self, area: Area, line: &mm::cache::Line) {
        let s = self.b.s;
        let what = self.contents.as_ref().and_then(|contents| contents.spot(line.address));
        let what = what.map(|spot| spot.words(&|name| self.moment.name(name).to_owned()));
        let star = if line.modified { "*" } else { "" };
        let hex = format!("{star}{:x}", line.address);
        let words: Vec<String> = match what {
            Some(what) => vec![format!("{star}{what}"), what, star.to_owned()],
            None => vec![hex, star.to_owned()],
        };
        let words: Vec<String> = words.into_iter().filter(|words| !words.is_empty()).collect();
        let face = self.b.mono();
        let spot = Spot::middle(area.centre().0, centred(area.centre().1, s.label));
        let text = self.b.words(&words, face, spot, area.grown(1.0), Paint::Ink);
        if let Some(text) = text {
            // Letters on a pattern need paper under them.
            let pad = s.label * 0.12;
            let y = area.y + s.line;
            let paper = Area {
                x: (text.x - pad).max(area.x + s.line),
                y,
                w: (text.w + pad * 2.0).min(area.w - s.line * 2.0),
                h: (area.h - s.line * 2.0).max(0.0),
            };
            self.b.things.rect(paper, s.radius, Paint::Paper, 0.0);
        }
    }

    /// A set beside the one in play: how full it is.
    fn neighbour(&mut self, set: Option<u32>, cpu: CpuId, cache: CacheId, room: Area) {
        let Some(set) = set else { return };
        let ways = u32::from(geometry(&self.caches, cache).ways);
        let full = self.hierarchy.sets(cpu, cache).map_or(0, |sets| sets.lines(set).count()) as u32;
        let width = room.w / ways as f32;
        let edge = self.b.s.edge;
        for way in 0..ways {
            let paint = if way < full { Paint::Object } else { Paint::Slot };
            let area = Area { x: room.x + way as f32 * width + edge, w: width - edge * 2.0, ..room };
            self.b.back.rect(area, self.b.s.radius, paint, 0.0);
        }
    }

    fn rings(&mut self, cpu: CpuId, cache: CacheId, all: Area, cells: &[(Area, Option<u64>)]) {
        let cell_of =
            |line: u64| cells.iter().find(|(_, of)| *of == Some(line)).map(|(area, _)| area.grown(1.0));
        let is_here = |of: CacheId, by: CpuId| of == cache && (cache == CacheId::L3 || by == cpu);
        let steps = [(self.did, Ring::Done), (self.next, Ring::Next)];
        for (step, ring) in steps {
            let Some(step) = step else { continue };
            let place = match step {
                HierarchyStep::Hits { cpu: by, line, .. }
                    if cache == CacheId::L1d || cache == CacheId::L1i =>
                {
                    (by == cpu).then(|| cell_of(line)).flatten().map(|area| (area, ring))
                }
                HierarchyStep::Look { cpu: by, cache: of, hit, line, .. } if is_here(of, by) => match hit {
                    true => cell_of(line).map(|area| (area, ring)),
                    false if ring == Ring::Done => Some((all, Ring::Fail)),
                    false => Some((all, ring)),
                },
                HierarchyStep::Fill { cpu: by, cache: of, line, victim, .. } if is_here(of, by) => {
                    match (ring, victim) {
                        (Ring::Next, Some(victim)) => cell_of(victim.line).map(|area| (area, Ring::Next)),
                        (Ring::Next, None) => {
                            cells.iter().find(|(_, of)| of.is_none()).map(|(a, _)| (*a, ring))
                        }
                        _ => cell_of(line).map(|area| (area, ring)),
                    }
                }
                _ => None,
            };
            if let Some((area, ring)) = place {
                self.b.ring(area, ring, Id::Ringed(ring));
            }
        }
    }

    /// What memory did, and how a set is read.
    fn notes(&mut self, room: Area) {
        let s = self.b.s;
        let (gave, back) = self.hierarchy.dram();
        let how = self.b.say(
            &[
                "In a set the line used last stands first; the last one leaves first.",
                "Used last stands first; the last one leaves.",
            ],
            &["组里最近用过的行在最前，最后一个先离开。", "最近用过的在最前，末尾的先走。"],
        );
        let dram = match self.b.lang {
            Lang::En => vec![
                format!("Lines from DRAM: {}, written back: {}", num(gave), num(back)),
                format!("From DRAM {}, back {}", num(gave), num(back)),
            ],
            Lang::Zh => vec![
                format!("DRAM 给出 {} 行，写回 {} 行", num(gave), num(back)),
                format!("DRAM：出 {}，回 {}", num(gave), num(back)),
            ],
        };
        let (plain, strong) = (self.b.plain(), self.b.strong());
        let y = room.y + s.label;
        self.b.words(&dram, strong, Spot::start(room.x, y), room, Paint::Ink);
        self.b.words(&how, plain, Spot::start(room.x, y + s.label * 1.4), room, Paint::Quiet);
    }
}

fn level_of(cache: CacheId) -> Level {
    match cache {
        CacheId::L1d | CacheId::L1i => Level::L1,
        CacheId::L2 => Level::L2,
        CacheId::L3 => Level::L3,
    }
}

//! Where everything goes: the tank and who works on the left, the belts in the middle, the shelves on the right.

use mm::Order;
use mm::Pfn;
use mm::page::Block;
use mm::process::FileId;
use mm::reclaim::{BATCH, Batch, Lru, LruFlags, Reclaim};
use mm::step::{Func, ReclaimStep};
use scenario::Lang;

use super::places::Places;
use super::{LISTS, Worker, list_name, node_in_play, of_step, pass, place_of, worker};
use crate::Moment;
use crate::board::Board;
use crate::narrate::num;
use crate::scene::{Area, Dash, Face, Form, Hit, Id, Paint, Ring, Room, Scene, Spot, centred};

/// How many cards of small pages the card of a huge one takes.
const HUGE_UNITS: usize = 4;

/// The picture in the making.
pub(super) struct Draw<'a> {
    pub moment: &'a Moment,
    pub reclaim: &'a Reclaim,
    pub b: Board,
    pub node: u8,
    pub did: Option<ReclaimStep>,
    pub next: Option<ReclaimStep>,
    pub worker: Worker,
    pub selected: Option<Pfn>,
    pub places: Places,
}

pub(super) fn scene(moment: &Moment, room: &Room, lang: Lang, selected: Option<Pfn>) -> Scene {
    let mut b = Board::new(room, lang);
    b.head(moment);
    let Some(reclaim) = moment.machine.reclaim() else {
        return nobody(b, moment);
    };
    let mut draw = Draw {
        moment,
        reclaim,
        b,
        node: node_in_play(moment),
        did: of_step(moment.just_did.as_ref()),
        next: of_step(moment.next.as_ref()),
        worker: worker(moment),
        selected,
        places: Places::default(),
    };
    draw.invariant();
    let s = draw.b.s;
    let (left, right, top) = (s.margin, draw.b.w - s.margin, s.head + s.space);
    if room.form == Form::Phone {
        let bottom = draw.b.h - s.legend - s.label * 1.3;
        draw.phone(Area::between(left, top, right, bottom));
    } else {
        let bottom = draw.b.h - s.legend - s.label * 1.5;
        let tank = (draw.b.w * 0.17).max(s.label * 10.5);
        let shelf = draw.b.w * 0.26;
        let gap = s.space * 1.6;
        draw.tank_and_workers(Area::between(left, top, left + tank, bottom));
        draw.shelves(Area::between(right - shelf, top, right, bottom));
        let (x0, x1) = (left + tank + gap, right - shelf - gap);
        for x in [x0 - gap * 0.5, x1 + gap * 0.5] {
            let edge = s.edge;
            draw.b.back.line([x, top, x, bottom], Paint::Hair, edge);
        }
        draw.middle(Area::between(x0, top, x1, bottom));
    }
    draw.go();
    draw.rings();
    draw.legend();
    draw.b.finish(moment)
}

/// A machine on which nobody takes memory away.
fn nobody(mut b: Board, moment: &Moment) -> Scene {
    let words = b.say(
        &[
            "Nobody takes memory away on this machine: its text does not say “reclaim on”.",
            "No “reclaim on”: nothing is taken away.",
        ],
        &["这台机器不回收内存：它的文本里没有 “reclaim on”。", "没有 “reclaim on”，不回收。"],
    );
    let (face, all, spot) = (b.strong(), b.all(), Spot::middle(b.w / 2.0, b.h / 2.0));
    b.words(&words, face, spot, all, Paint::Quiet);
    let none = b.say(&["✓ nothing to reclaim"], &["✓ 没有可回收的"]);
    b.invariant(&none, true);
    b.finish(moment)
}

impl Draw<'_> {
    pub(super) fn is_file(&self, pfn: Pfn) -> bool {
        let processes = self.moment.machine.processes();
        let mapped = processes.mapped(pfn);
        match mapped.file() {
            None => processes.is_lazyfree(pfn),
            Some((file, _)) => processes.file(file).is_some_and(|file| !file.shmem),
        }
    }

    /// The page that has a frame: of a huge one the first.
    pub(super) fn folio(&self, pfn: Pfn) -> Pfn {
        self.moment.machine.processes().folio(pfn)
    }

    /// A page as a block: of a huge one all of it.
    fn block(&self, pfn: Pfn) -> Block {
        let is_huge = self.reclaim.page(pfn).pages() > 1;
        Block { pfn, order: if is_huge { Order::new(9).unwrap_or(Order::ZERO) } else { Order::ZERO } }
    }

    /// How many cards wide a page is.
    fn units(&self, pfn: Pfn) -> usize {
        if self.reclaim.page(pfn).pages() > 1 { HUGE_UNITS } else { 1 }
    }

    /// The first pages of these that fit into so many cards.
    fn that_fit(&self, pages: impl Iterator<Item = Pfn>, most: usize) -> Vec<(usize, Pfn)> {
        let mut at = 0;
        let placed = pages.map(|pfn| {
            let from = at;
            at += self.units(pfn);
            (from, pfn)
        });
        placed.take_while(|(from, pfn)| from + self.units(*pfn) <= most).collect()
    }

    /// The page of a file that a frame holds.
    pub(super) fn file_of(&self, pfn: Pfn) -> Option<(FileId, u32)> {
        let mapped = self.moment.machine.processes().mapped(pfn);
        let (file, index) = mapped.file()?;
        (!self.moment.machine.processes().file(file)?.shmem).then_some((file, index))
    }

    /// Every page that is on a list is counted by its zone as well.
    fn invariant(&mut self) {
        let machine = &self.moment.machine;
        let on_lists: Vec<u64> = LISTS.iter().map(|lru| self.reclaim.size(*lru)).collect();
        let sum: u64 = on_lists.iter().sum();
        let zones: u64 =
            machine.zone_ids().map(|zone| self.reclaim.zone_sizes(zone).iter().sum::<u64>()).sum();
        let parts: Vec<String> = on_lists.iter().map(|pages| num(*pages)).collect();
        let parts = parts.join(" + ");
        let holds = sum == zones;
        let mark = if holds { "✓" } else { "✕" };
        let (zones, lang) = (num(zones), self.b.lang);
        let words = match lang {
            Lang::En => vec![
                format!("{mark} on lists: {parts} = {zones}"),
                format!("{mark} {parts} = {zones}"),
                format!("{mark} lists = {zones}"),
            ],
            Lang::Zh => vec![
                format!("{mark} 链表：{parts} = {zones}"),
                format!("{mark} {parts} = {zones}"),
                format!("{mark} 链表 = {zones}"),
            ],
        };
        self.b.invariant(&words, holds);
    }

    fn legend(&mut self) {
        let mut fills = vec![
            (Paint::Anon, self.b.say(&["anon"], &["匿名"])),
            (Paint::File, self.b.say(&["file"], &["文件"])),
        ];
        if self.has_shrinkers() {
            fills.push((Paint::Object, self.b.say(&["object in use"], &["对象在用"])));
            fills.push((Paint::Reclaimable, self.b.say(&["unused"], &["没人用"])));
        }
        let letters = self.b.say(
            &[
                "R used once · D dirty · W writeback · S in swap too · • used since",
                "R used · D dirty · W written · S swap",
            ],
            &["R 用过一次，D 脏，W 回写，S 也在 swap，白点：又用过", "R 用过，D 脏，W 回写，S swap"],
        );
        if self.moment.machine.processes().huge().compounds().next().is_some() {
            fills.push((Paint::Anon, self.b.say(&["wide: 512 pages"], &["宽的：512 页"])));
            if self.reclaim.split_queue().len() > 0 {
                fills.push((Paint::Wash, self.b.say(&["nobody's part"], &["没人用的部分"])));
            }
        }
        fills.push((Paint::Paper, letters));
        self.b.legend(&fills);
    }

    /// The middle: batches, belts, what the scanner has in its hands, and how it divides its work.
    fn middle(&mut self, room: Area) {
        let s = self.b.s;
        let l = s.label;
        // Trays, six rows under their names, and the bar; the rows share what the others leave.
        let bar = if room.h < l * 23.0 { l * 1.3 } else { l * 3.2 };
        let each = (room.h - l * (2.4 + 6.0 * 1.25) - bar) / 6.0;
        let cell = (each * 0.75).clamp(l * 0.8, l * 2.0);
        let gap = (each - cell).clamp(l * 0.1, l * 0.6);
        let mut y = room.y;
        self.trays(Area { y, h: l * 1.8, ..room });
        y += l * 2.4;
        for lru in LISTS {
            self.belt(lru, Area { y: y + l * 1.25, h: cell, ..room }, Some(y + l));
            y += l * 1.25 + cell + gap;
        }
        self.hands(Area { y: y + l * 1.25, h: cell, ..room }, Some(y + l));
        y += l * 1.25 + cell + gap;
        self.foot(Area::between(room.x, y.max(room.bottom() - bar), room.right(), room.bottom()));
    }

    /// What waits on a CPU.
    fn trays(&mut self, room: Area) {
        let s = self.b.s;
        let cpu = self.moment.scenario.ops.get(self.moment.cursor.op as usize).and_then(|op| op.op.cpu());
        let of_step = match self.did.or(self.next) {
            Some(ReclaimStep::Batched { cpu, .. } | ReclaimStep::Drained { cpu, .. }) => Some(cpu),
            _ => None,
        };
        let cpu = of_step.or(cpu).unwrap_or_default();
        let face = self.b.strong();
        let is_phone = self.b.form == Form::Phone;
        let name = if is_phone { String::new() } else { format!("CPU {}", cpu.0) };
        let mut x = room.x;
        if !name.is_empty()
            && let Some(area) = self.b.labels.at(
                &name,
                face,
                Spot::start(x, centred(room.centre().1, s.label)),
                Paint::Ink,
                Id::Cpu(cpu),
            )
        {
            x = area.right() + s.space;
        }
        let gap = s.space * 0.6;
        let names: [[&str; 2]; 5] = [
            self.b.lang.pick(["new", "new"], ["新页", "新"]),
            self.b.lang.pick(["written", "wr."], ["写完", "完"]),
            self.b.lang.pick(["deactivate", "deact."], ["转不活跃", "降"]),
            self.b.lang.pick(["lazyfree", "lazy"], ["可丢弃", "弃"]),
            self.b.lang.pick(["activate", "act."], ["转活跃", "升"]),
        ];
        let width = (room.right() - x - gap * 4.0) / 5.0;
        for (batch, names) in Batch::ALL.into_iter().zip(names) {
            let waiting = self.reclaim.batch(cpu, batch);
            let area = Area { x, y: room.y, w: width, h: room.h };
            let (radius, edge) = (s.radius, s.edge);
            self.b.back.rect(area, radius, Paint::Slot, edge);
            let filled = Area {
                y: area.bottom() - area.h * 0.18,
                h: area.h * 0.18,
                w: area.w * waiting.len() as f32 / BATCH as f32,
                ..area
            };
            if !waiting.is_empty() {
                self.b.things.rect(filled, 0.0, Paint::Level, 0.0);
            }
            let count = waiting.len();
            let words = [
                format!("{} {count}/{BATCH}", names[0]),
                format!("{} {count}", names[0]),
                format!("{} {count}", names[1]),
                count.to_string(),
            ];
            let paint = if waiting.is_empty() { Paint::Quiet } else { Paint::Ink };
            let spot = Spot::middle(area.centre().0, centred(area.centre().1 - area.h * 0.06, s.label));
            let face = self.b.plain();
            self.b.words(&words, face, spot, area, paint);
            if batch == Batch::Add {
                for pfn in waiting {
                    self.places.cards.push((*pfn, area));
                }
            }
            self.places.trays.push((batch, area));
            x += width + gap;
        }
    }

    /// How wide a card is.
    fn card_width(&self, height: f32) -> f32 {
        let least = if self.b.form == Form::Projector { 24.0 } else { 12.0 };
        (height * 0.8).max(least)
    }

    /// A list: the young end on the left, and on the right the tail, where pages are taken.
    pub(super) fn belt(&mut self, lru: Lru, room: Area, caption: Option<f32>) {
        let s = self.b.s;
        let reclaim = self.reclaim;
        let len = reclaim.len(self.node, lru);
        let (strong, plain) = (self.b.strong(), self.b.plain());
        let lang = self.b.lang;
        let mut room = room;
        let name = list_name(lru, lang);
        let words = vec![format!("{name}  {}", num(len)), num(len)];
        match caption {
            Some(y) => {
                self.b.words(
                    &words,
                    strong,
                    Spot::start(room.x, y),
                    Area { y: y - s.label, h: s.label * 1.4, ..room },
                    Paint::Ink,
                );
                self.right_words(lru, Spot::end(room.right(), y));
            }
            None => {
                let within = Area { w: room.w * 0.36, ..room };
                let spot = Spot::start(room.x, centred(room.centre().1, s.label));
                self.b.words(&words, plain, spot, within, Paint::Ink);
                room = Area::between(room.x + room.w * 0.37, room.y, room.right(), room.bottom());
            }
        }
        let (edge, radius) = (s.edge, s.radius);
        self.b.back.rect(room.grown(edge), radius, Paint::Slot, edge);
        self.places.belts.push((lru, room));
        let (w, gap) = (self.card_width(room.h), if self.b.form == Form::Projector { 3.0 } else { 1.5 });
        let most = ((room.w + gap) / (w + gap)) as usize;
        let wide = |units: usize| units as f32 * w + (units - 1) as f32 * gap;
        let right = |at: usize, units: usize| room.right() - wide(at + units);
        let all = self.that_fit(reclaim.list_from_tail(self.node, lru), most);
        if reclaim.list_from_tail(self.node, lru).nth(all.len()).is_none() {
            for (at, pfn) in all {
                let units = self.units(pfn);
                self.card(pfn, Area { x: right(at, units), w: wide(units), ..room });
            }
            return;
        }
        // The youngest, how many more, and the oldest.
        let more = 4.min(most);
        let young = (most - more) / 4;
        let old = most - more - young;
        let oldest = self.that_fit(reclaim.list_from_tail(self.node, lru), old);
        let shown: Vec<Pfn> = oldest.iter().map(|(_, pfn)| *pfn).collect();
        let youngest = self.that_fit(reclaim.list(self.node, lru), young);
        let youngest: Vec<(usize, Pfn)> =
            youngest.into_iter().take_while(|(_, pfn)| !shown.contains(pfn)).collect();
        let (mut drawn, mut ends) = (0, [0, 0]);
        for (at, pfn) in oldest {
            let units = self.units(pfn);
            self.card(pfn, Area { x: right(at, units), w: wide(units), ..room });
            (drawn, ends[1]) = (drawn + reclaim.page(pfn).pages(), at + units);
        }
        for (at, pfn) in youngest {
            let units = self.units(pfn);
            self.card(pfn, Area { x: room.x + at as f32 * (w + gap), w: wide(units), ..room });
            (drawn, ends[0]) = (drawn + reclaim.page(pfn).pages(), at + units);
        }
        let from = room.x + ends[0] as f32 * (w + gap);
        let to = if ends[1] == 0 { room.right() } else { right(ends[1] - 1, 1) - gap };
        let between = Area::between(from, room.y, to, room.bottom());
        let radius = s.radius;
        self.b.back.rect(between, radius, Paint::Wash, 0.0);
        let hidden = num(len - drawn);
        let words = [format!("… {hidden} …"), hidden, "…".to_owned()];
        let spot = Spot::middle(between.centre().0, centred(between.centre().1, s.label));
        self.b.words(&words, plain, spot, between, Paint::Quiet);
        // A page in the middle that the step is about is not left out.
        for pfn in [self.did, self.next].into_iter().flatten().filter_map(|step| step.frame()) {
            let pfn = self.folio(pfn);
            let is_here = self.places.card(pfn).is_none()
                && place_of(reclaim, self.node, pfn).is_some_and(|(of, _)| of == lru);
            if is_here {
                self.places.cards.push((pfn, Area { x: between.centre().0 - w / 2.0, w, ..between }));
            }
        }
    }

    /// What is said at the tail of a belt: how many of it this pass looks at.
    fn right_words(&mut self, lru: Lru, spot: Spot) {
        let Some(at) = Lru::EVICTABLE.iter().position(|of| *of == lru) else {
            let words = self.b.say(&["mlock: never scanned"], &["mlock：不扫描"]);
            let (face, all) = (self.b.plain(), self.b.all());
            self.b.words(&words, face, spot, all, Paint::Quiet);
            return;
        };
        let (face, strong, all) = (self.b.plain(), self.b.strong(), self.b.all());
        let counts = match pass(self.moment) {
            Some(ReclaimStep::ScanCount { counts, .. })
                if matches!(self.worker, Worker::Kswapd | Worker::Direct) =>
            {
                Some(counts[at])
            }
            _ => None,
        };
        match counts {
            Some(count) => {
                let words = match self.b.lang {
                    Lang::En => vec![format!("to scan: {} ▸", num(count))],
                    Lang::Zh => vec![format!("要扫描 {} ▸", num(count))],
                };
                let paint = if count > 0 { Paint::Action } else { Paint::Quiet };
                self.b.words(&words, strong, spot, all, paint);
            }
            None => {
                let words = if lru.is_active() {
                    self.b.say(&["tail ▸ becomes inactive"], &["尾 ▸ 转不活跃"])
                } else {
                    self.b.say(&["tail ▸ taken first"], &["尾 ▸ 先取"])
                };
                self.b.words(&words, face, spot, all, Paint::Quiet);
            }
        }
    }

    /// A page: what it is by its colour, what is known of it by a letter.
    fn card(&mut self, pfn: Pfn, area: Area) {
        let s = self.b.s;
        let processes = self.moment.machine.processes();
        let mapped = processes.mapped(pfn);
        let is_file =
            mapped.file().is_some_and(|(file, _)| processes.file(file).is_some_and(|file| !file.shmem));
        let flags = self.reclaim.page(pfn).flags;
        let is_huge = self.reclaim.page(pfn).pages() > 1;
        let (paint, on) = if is_file { (Paint::File, Paint::OnFile) } else { (Paint::Anon, Paint::OnAnon) };
        let (radius, edge) = (s.radius, s.edge);
        let block = self.block(pfn);
        let item = self.b.things.rect(area, radius, paint, edge);
        item.id = Id::Chip(block);
        item.hit = Some(Hit::Block(pfn));
        let mut own = area;
        let mut used = 512;
        if is_huge && processes.huge().of(pfn).is_some_and(|(_, of)| of.queued) {
            // What nobody has of it is pale.
            used = u32::from(processes.used_frames(pfn));
            let part = area.w * (512 - used) as f32 / 512.0;
            let rest = Area { x: area.right() - part, w: part, ..area };
            own.w -= part;
            self.b.things.rect(rest.grown(-edge), radius, Paint::Wash, 0.0);
        }
        let letter = if flags.has(LruFlags::WRITEBACK) {
            "W"
        } else if is_file && mapped.dirty {
            "D"
        } else if flags.has(LruFlags::SWAPCACHE) {
            "S"
        } else if flags.has(LruFlags::REFERENCED) {
            "R"
        } else {
            ""
        };
        let face = Face { mono: true, ..self.b.strong() };
        if is_huge {
            let words = [format!("{letter} {used}").trim().to_owned(), used.to_string()];
            let spot = Spot::middle(own.centre().0, centred(own.centre().1, s.label));
            let fits = |words: &&String| own.w > face.width(words) + s.edge * 3.0 && own.h > s.label;
            if let Some(words) = words.iter().find(fits) {
                self.b.labels.at(words, face, spot, on, Id::None);
            }
        } else if !letter.is_empty() && area.w > face.width(letter) + s.edge * 3.0 {
            let spot = Spot::middle(area.centre().0, centred(area.centre().1, s.label));
            self.b.labels.at(letter, face, spot, on, Id::None);
        }
        if self.moment.machine.young_ptes(pfn) > 0 {
            let dot = s.label * 0.26;
            let (x, y) = (area.right() - dot * 1.6, area.y + dot * 0.6);
            self.b.things.rect(Area { x, y, w: dot, h: dot }, dot / 2.0, Paint::Paper, 0.0);
        }
        if self.selected == Some(pfn) {
            self.b.selected(area, block);
        }
        self.places.cards.push((pfn, area));
    }

    /// The pages that were taken from a tail and are being looked at, one by one.
    fn hands(&mut self, room: Area, caption: Option<f32>) {
        let s = self.b.s;
        let pages = self.reclaim.isolated();
        let count = num(pages.iter().map(|pfn| self.reclaim.page(*pfn).pages()).sum::<u64>());
        let (en, zh) = match self.worker {
            Worker::Direct => ("in the task's own hands", "任务自己手里"),
            Worker::Kswapd => ("in kswapd's hands", "kswapd 手里"),
            Worker::Task | Worker::Flusher | Worker::Disk => ("in the scanner's hands", "扫描者手里"),
        };
        let name = self.b.lang.pick(en, zh);
        let face = self.b.strong();
        let paint = if pages.is_empty() { Paint::Quiet } else { Paint::Ink };
        let mut room = room;
        let short = self.b.lang.pick("in hand", "手里");
        let words = vec![format!("{name}  {count}"), format!("{short}  {count}"), count];
        match caption {
            Some(y) => {
                self.b.words(
                    &words,
                    face,
                    Spot::start(room.x, y),
                    Area { y: y - s.label, h: s.label * 1.4, ..room },
                    paint,
                );
            }
            None => {
                let within = Area { w: room.w * 0.36, ..room };
                let (plain, spot) = (self.b.plain(), Spot::start(room.x, centred(room.centre().1, s.label)));
                self.b.words(&words, plain, spot, within, paint);
                room = Area::between(room.x + room.w * 0.37, room.y, room.right(), room.bottom());
            }
        }
        let (radius, line) = (s.radius, s.line);
        let item = self.b.back.rect(room, radius, Paint::Hand, line);
        item.pen.dash = Dash::Next;
        if pages.is_empty() {
            self.b.back.rect(room.grown(-line), radius, Paint::Paper, 0.0);
        }
        self.places.hands = Some(room);
        let inner = room.grown(-line * 1.5);
        let gap = if self.b.form == Form::Projector { 3.0 } else { 1.0 };
        let widest = self.card_width(inner.h);
        let w = ((inner.w + gap) / 32.0 - gap).clamp(widest * 0.45, widest);
        let most = ((inner.w + gap) / (w + gap)) as usize;
        // Those that are still to be looked at, the one in play among them.
        let in_play = self.did.and_then(|step| step.frame()).map(|pfn| self.folio(pfn));
        let at = in_play.and_then(|pfn| pages.iter().position(|of| *of == pfn)).unwrap_or(0);
        let from = at.min(pages.len().saturating_sub(most));
        for (place, pfn) in self.that_fit(pages.iter().skip(from).copied(), most) {
            let (units, x) = (self.units(pfn) as f32, inner.x + place as f32 * (w + gap));
            self.card(pfn, Area { x, w: units * w + (units - 1.0) * gap, ..inner });
        }
    }

    /// Rings around what the step was about, and what the next one is.
    fn rings(&mut self) {
        let (did, next) = (self.did, self.next);
        let ring_of = |step: &ReclaimStep, now: bool| match step {
            _ if !now => Ring::Next,
            ReclaimStep::Looked { .. } | ReclaimStep::ReadHit { .. } => Ring::Look,
            _ => Ring::Done,
        };
        for (step, now) in [(next, false), (did, true)] {
            let Some(step) = step else { continue };
            let ring = ring_of(&step, now);
            let mut frame = step.frame().map(|pfn| self.folio(pfn));
            if let ReclaimStep::Isolated { lru, .. } = step
                && !now
            {
                frame = self.reclaim.list_from_tail(self.node, lru).next();
            }
            if let Some(pfn) = frame
                && let Some(area) = self.places.card(pfn)
                && (now || did.and_then(|step| step.frame()).map(|pfn| self.folio(pfn)) != Some(pfn))
            {
                self.b.ring(area, ring, Id::Ring(ring, self.block(pfn)));
                self.name(pfn, area, now);
            }
            if let Some(area) = super::slot_of(step).and_then(|entry| self.places.slot(entry)) {
                self.b.ring(area, ring, Id::Ringed(ring));
            }
            if let Some(area) = self.places.cluster.filter(|_| super::slot_of(step).is_some()) {
                self.b.ring(area, ring, Id::Ringed(ring));
            }
            self.ring_file(&step, ring);
            match step {
                ReclaimStep::Drained { batch, .. } => {
                    if let Some((_, area)) = self.places.trays.iter().find(|(of, _)| *of == batch).copied() {
                        self.b.ring(area, ring, Id::Ringed(ring));
                    }
                }
                ReclaimStep::Isolated { .. } if now => {
                    if let Some(area) = self.places.hands {
                        self.b.ring(area, ring, Id::Ringed(ring));
                    }
                }
                _ => {}
            }
        }
    }

    /// Pages of a file that a step is about.
    fn ring_file(&mut self, step: &ReclaimStep, ring: Ring) {
        let (file, first, pages) = match *step {
            ReclaimStep::ReadHit { file, index, .. } | ReclaimStep::Dirtied { file, index, .. } => {
                (file, index, 1)
            }
            ReclaimStep::ReadAhead { file, start, pages, .. } => (file, start, pages),
            ReclaimStep::WriteBack { file, first, pages } => (file, first, pages),
            _ => match step.frame().and_then(|pfn| self.file_of(pfn)) {
                Some((id, index)) => match self.moment.machine.processes().file(id) {
                    Some(file) => (file.name, index, 1),
                    None => return,
                },
                None => return,
            },
        };
        // A run is ringed row by row.
        let areas: Vec<Area> = (first..first.saturating_add(pages.min(256)))
            .filter_map(|at| self.places.page(file, at))
            .collect();
        let mut rows: Vec<Area> = Vec::new();
        for area in areas {
            match rows.last_mut() {
                Some(row) if (row.y - area.y).abs() < 1.0 => *row = Area { w: area.right() - row.x, ..*row },
                _ => rows.push(area),
            }
        }
        for row in rows {
            self.b.ring(row, ring, Id::Ringed(ring));
        }
    }

    /// The number of the frame beside its card.
    fn name(&mut self, pfn: Pfn, area: Area, now: bool) {
        let s = self.b.s;
        let x = area.centre().0;
        let face = self.b.mono();
        let spots = [
            Spot::middle(x, area.y - s.ring - s.label * 0.3),
            Spot::middle(x, area.bottom() + s.ring + s.label * 0.95),
            Spot::end(area.right(), area.y - s.ring - s.label * 0.3),
            Spot::start(area.x, area.y - s.ring - s.label * 0.3),
        ];
        let paint = if now { Paint::Ink } else { Paint::Quiet };
        let all = self.b.all();
        self.b.labels.first_fit(&[num(pfn.0)], face, &spots, all, false, paint);
    }

    /// Whether the step runs inside a function.
    pub(super) fn is_in(&self, func: Func) -> bool {
        self.moment.just_did.is_some_and(|step| step.chain.funcs().contains(&func))
    }

    fn phone(&mut self, room: Area) {
        let l = self.b.s.label;
        let row = ((room.h - l * 9.0) / 6.0).clamp(l * 1.1, l * 1.7);
        let mut y = room.y;
        self.tank_line(Area { y, h: l * 2.3, ..room });
        y += l * 2.6;
        self.trays(Area { y, h: l * 1.5, ..room });
        y += l * 1.9;
        for lru in LISTS {
            self.belt(lru, Area { y, h: row, ..room }, None);
            y += row + l * 0.25;
        }
        self.hands(Area { y, h: row, ..room }, None);
        y += row + l * 0.4;
        self.shelf_lines(Area::between(room.x, y, room.right(), room.bottom()));
    }
}

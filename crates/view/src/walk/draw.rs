//! The picture of a page walk.

use mm::process::Read;
use mm::step::{MmuStep, StepKind};
use mm::x86::mmu::Mmu;
use mm::x86::pgtable::{Level, Paging, Pte};
use mm::x86::tlb::{PageSize, Tlb};
use mm::{Order, Pfn};
use scenario::Lang;

use super::{Lookup, shootdown, shown, walk};
use crate::Moment;
use crate::board::Board;
use crate::narrate::num;
use crate::scene::{Area, Dash, Face, Form, Hit, Id, Paint, PathData, Ring, Room, Scene, Spot, centred};
use mm::page::Block;

/// Digits of a page's number that are written into an entry of a TLB.
pub(super) const DIGITS: usize = 6;

pub(super) struct Draw<'m> {
    pub(super) b: Board,
    pub(super) moment: &'m Moment,
    /// What the processor just did, and does next, about the address that is shown.
    did: Option<MmuStep>,
    next: Option<MmuStep>,
}

/// What a level is called.
pub(crate) fn name_of(level: Level) -> &'static str {
    match level {
        Level::Pgd => "PGD",
        Level::P4d => "P4D",
        Level::Pud => "PUD",
        Level::Pmd => "PMD",
        Level::Pte => "PTE",
    }
}

/// The bits of an entry as lamps: a letter for each that is set, a dot for each that is not.
fn lamps(entry: Pte) -> String {
    let all = [
        (Pte::PRESENT, 'P'),
        (Pte::RW, 'W'),
        (Pte::USER, 'U'),
        (Pte::ACCESSED, 'A'),
        (Pte::DIRTY, 'D'),
        (Pte::NX, 'X'),
    ];
    all.iter().map(|(bit, letter)| if entry.has(*bit) { *letter } else { '·' }).collect()
}

fn mmu_step(kind: Option<StepKind>) -> Option<MmuStep> {
    match kind? {
        StepKind::Mmu { step, .. } => Some(step),
        _ => None,
    }
}

pub(super) fn scene(moment: &Moment, room: &Room, lang: Lang) -> Scene {
    let mut draw = Draw {
        b: Board::new(room, lang),
        moment,
        did: mmu_step(moment.just_did.map(|step| step.kind)),
        next: mmu_step(moment.next.map(|step| step.kind)),
    };
    draw.b.head(moment);
    let s = draw.b.s;
    draw.invariant();
    let bottom = draw.b.h - s.legend - s.label * 1.5;
    let room = Area::between(s.margin, s.head + s.space * 0.6, draw.b.w - s.margin, bottom);
    match shown(moment) {
        None => draw.nothing(room),
        _ if let Some(flush) = shootdown::flush(moment) => {
            draw.shootdown(&flush, room);
            draw.b.legend(&shootdown::legend(&draw.b));
            return draw.b.finish(moment);
        }
        Some(of) if draw.b.form == Form::Phone => draw.list(&of, room),
        Some(of) => draw.columns(&of, room),
    }
    let legend = [
        (Paint::ChipHot, draw.b.say(&["on the way"], &["经过"])),
        (Paint::Chip, draw.b.say(&["of this process"], &["本进程的"])),
        (Paint::ChipGhost, draw.b.say(&["of others"], &["别人的"])),
    ];
    draw.b.legend(&legend);
    draw.b.finish(moment)
}

impl Draw<'_> {
    /// No CPU remembers what the tables deny; without TLBs, tables are counted.
    fn invariant(&mut self) {
        let machine = &self.moment.machine;
        let procs = machine.processes();
        if machine.mmus().config().is_some() {
            let words = self.b.say(
                &["✓ no TLB says what the tables deny", "✓ TLBs agree with the tables"],
                &["✓ TLB 里没有页表否认的转换", "✓ TLB 与页表一致"],
            );
            self.b.invariant(&words, machine.tlbs_are_true());
            return;
        }
        let counted: u64 = procs.mms().map(|mm| mm.pgtables.0 + 1).sum();
        let there = procs.tables().frames().count() as u64;
        let words = match self.b.lang {
            Lang::En => [format!("✓ {} page tables = frames that are tables", num(there))],
            Lang::Zh => [format!("✓ 页表 {} 张 = 用作页表的页框", num(there))],
        };
        self.b.invariant(&words, counted == there);
    }

    fn nothing(&mut self, room: Area) {
        let s = self.b.s;
        let area = Area { h: room.h.min(s.label * 4.0), ..room };
        let words = self.b.say(
            &["No process yet. Try p = exec, then write p stack 0..4K", "No process yet: p = exec"],
            &["还没有进程。试试 p = exec，再 write p stack 0..4K", "还没有进程：p = exec"],
        );
        self.b.things.rect(area, s.radius, Paint::Ghost, s.line).pen.dash = Dash::Ghost;
        let spot = Spot::middle(area.centre().0, centred(area.centre().1, s.label));
        let face = self.b.plain();
        self.b.words(&words, face, spot, area, Paint::Quiet);
    }

    fn paging(&self) -> Paging {
        self.moment.machine.processes().tables().paging()
    }

    /// What is asked: who wants which address.
    fn wanted(&self, of: &Lookup) -> [String; 2] {
        let (name, address) = (self.moment.name(of.process), of.address);
        let cpu = of.cpu.0;
        match self.b.lang {
            Lang::En => [
                format!("virtual address {address:#x} of {name}, on CPU {cpu}"),
                format!("{address:#x} of {name}"),
            ],
            Lang::Zh => {
                [format!("CPU {cpu} 上 {name} 的虚拟地址 {address:#x}"), format!("{name} 的 {address:#x}")]
            }
        }
    }

    /// The five columns: a field of the address above each table that it chooses from, and memory.
    fn columns(&mut self, of: &Lookup, room: Area) {
        let s = self.b.s;
        let paging = self.paging();
        let levels = paging.levels();
        let gutter = s.space * if self.b.form == Form::Projector { 2.6 } else { 2.2 };
        let count = levels.len() + 1;
        let width = (room.w - gutter * (count - 1) as f32) / count as f32;
        let column = |at: usize| room.x + at as f32 * (width + gutter);
        // The address.
        let y = room.y + s.body;
        let title = Face { size: s.body, ..self.b.strong() };
        let wanted = self.wanted(of);
        self.b.words(&wanted, title, Spot::start(room.x, y), room, Paint::Ink);
        self.counts(of, room, y);
        let fields = Area { y: y + s.label * 0.6, h: s.label * 2.7, ..room };
        for (at, (level, shift, bits)) in levels.iter().enumerate() {
            let index = (of.address.0 >> shift) & ((1 << bits) - 1);
            let area = Area { x: column(at), w: width, ..fields };
            let paint = if of.has_read(*level) { Paint::ChipHot } else { Paint::Slot };
            let words = [format!("{} {index}", name_of(*level)), format!("{index}")];
            let digits = format!("{index:0width$b}", width = usize::from(*bits));
            self.field(area, paint, &words, &digits);
        }
        let offset = of.address.0 & 0xfff;
        let area = Area { x: column(levels.len()), w: width, ..fields };
        let words = match self.b.lang {
            Lang::En => [format!("offset {offset:#x}"), format!("{offset:#x}")],
            Lang::Zh => [format!("页内 {offset:#x}"), format!("{offset:#x}")],
        };
        let paint = if of.physical.is_some() { Paint::ChipHot } else { Paint::Slot };
        self.field(area, paint, &words, &format!("{offset:012b}"));
        // The TLBs.
        let mut y = fields.bottom() + s.space;
        let unit = self.moment.machine.mmus().cpu(of.cpu).cloned();
        let mut from = None;
        if let Some(unit) = &unit {
            for level in [1u8, 2] {
                let row = Area { x: room.x, y, w: room.w, h: s.label * 1.75 };
                let hit = self.tlb(of, unit, level, row);
                from = from.or(hit);
                y = row.bottom() + s.space * 0.7;
            }
        }
        // The tables.
        y += s.space * 0.8;
        let tables = Area::between(room.x, y, room.right(), room.bottom());
        let way = walk(self.moment, of);
        let reads: Vec<Read> = way.iter().flat_map(|way| way.reads()).collect();
        let mut tip = None;
        for (at, (level, ..)) in levels.iter().enumerate() {
            let area = Area { x: column(at), w: width, ..tables };
            let read = reads.get(at).copied();
            let row = self.table(of, *level, read, area);
            if let (Some((x, y)), Some(row)) = (tip, row) {
                let middle = x + (area.x - x) / 2.0;
                self.b.way(
                    &[(x, y), (middle, y), (middle, row.header), (area.x - s.edge, row.header)],
                    Ring::Done,
                );
            }
            let is_read = of.has_read(*level);
            tip = row.filter(|_| is_read).map(|row| (row.area.right() + s.edge, row.area.centre().1));
            let leads = read.is_some_and(|read| read.entry.has(Pte::PRESENT));
            if !leads || !is_read {
                tip = None;
            }
            let is_leaf = read.is_some_and(|read| read.entry.has(Pte::PSE) && leads);
            if is_leaf && let Some((x, y)) = tip {
                // A large page: what is left of the address is its offset.
                let target = column(levels.len());
                let header = tables.y + s.label * 0.65;
                let middle = target - gutter / 2.0;
                self.b.way(&[(x, y), (middle, y), (middle, header), (target - s.edge, header)], Ring::Done);
                tip = None;
            }
        }
        let memory = Area { x: column(levels.len()), w: width, ..tables };
        let page = self.memory(of, reads.last().copied(), memory);
        if let Some((x, y)) = tip {
            let middle = x + (memory.x - x) / 2.0;
            let target = page.centre().1;
            self.b.way(&[(x, y), (middle, y), (middle, target), (memory.x - s.edge, target)], Ring::Done);
        }
        // A hit leaves all tables aside.
        if let (Some((x, y)), Some(_), None) = (from, of.physical, of.read) {
            let down = memory.right() - width * 0.12;
            self.b.way(&[(x, y), (down, y), (down, page.y - s.edge)], Ring::Done);
        }
    }

    /// One field of the address: the number that it is, and its bits.
    fn field(&mut self, area: Area, paint: Paint, words: &[String], digits: &str) {
        let s = self.b.s;
        self.b.things.rect(area, s.radius, paint, s.edge);
        self.b.labels.keep_off(area);
        let (x, strong, mono) = (area.centre().0, Face { bold: true, ..self.b.mono() }, self.b.mono());
        let spot = Spot::middle(x, area.y + s.label * 1.1);
        self.b.words(words, strong, spot, area, Paint::Ink);
        let spot = Spot::middle(x, area.y + s.label * 2.3);
        self.b.words(&[digits.to_owned()], mono, spot, area, Paint::Quiet);
    }

    /// The set of a TLB that the address belongs to; of a hit the end of its row, where the way begins.
    fn tlb(&mut self, of: &Lookup, unit: &Mmu, level: u8, row: Area) -> Option<(f32, f32)> {
        let s = self.b.s;
        // The page that was found may be a large one.
        let asked = of.asked[usize::from(level - 1)];
        let size = asked.flatten().unwrap_or(PageSize::Small);
        let tlb: &Tlb = unit.tlb(level, size);
        let page = of.address.0 >> size.shift();
        let set = tlb.set_of(page);
        let names = s.label * if self.b.form == Form::Projector { 10.5 } else { 8.6 };
        let said = match (asked, self.b.lang) {
            (None, _) => "",
            (Some(Some(_)), Lang::En) => "hit",
            (Some(Some(_)), Lang::Zh) => "命中",
            (Some(None), Lang::En) => "miss",
            (Some(None), Lang::Zh) => "未命中",
        };
        let words = match self.b.lang {
            Lang::En => [format!("L{level} TLB, set {set}"), format!("L{level}, set {set}")],
            Lang::Zh => [format!("L{level} TLB 第 {set} 组"), format!("L{level} 第 {set} 组")],
        };
        let (strong, y) = (self.b.strong(), centred(row.centre().1, s.label));
        let within = Area { w: names, ..row };
        self.b.words(&words, strong, Spot::start(row.x, y), within, Paint::Ink);
        // Whether it was there stands behind the entries.
        let behind = s.label * 4.2;
        let ways = u32::from(tlb.ways());
        let most = if self.b.form == Form::Projector { 12 } else { 10 };
        let shown = ways.min(most);
        let each = ((row.w - names - behind) / shown as f32).min(s.label * 8.0);
        let entries: Vec<_> = tlb.set(set).collect();
        for at in 0..shown {
            let area =
                Area { x: row.x + names + at as f32 * each, y: row.y, w: each - s.space * 0.35, h: row.h };
            let entry = entries.get(at as usize);
            let is_its =
                |key: &mm::x86::tlb::Key| key.asid == unit.asid() && unit.loaded() == Some(of.process);
            let paint = match entry {
                None => Paint::Slot,
                Some(entry) if is_its(&entry.key) && entry.key.page == page => Paint::ChipHot,
                Some(entry) if is_its(&entry.key) => Paint::Chip,
                Some(_) => Paint::ChipGhost,
            };
            let item = self.b.things.rect(area, s.radius, paint, s.edge);
            self.b.labels.keep_off(area);
            if let Some(entry) = entry {
                item.hit = Some(Hit::Block(entry.pte.pfn()));
                let digits = format!("{:x}", entry.key.page);
                let tail = &digits[digits.len().saturating_sub(DIGITS)..];
                let (mono, spot) =
                    (self.b.mono(), Spot::middle(area.centre().0, centred(area.centre().1, s.label)));
                self.b.words(&[format!("…{tail}"), tail.to_owned()], mono, spot, area, Paint::Ink);
            }
        }
        let end = row.x + names + shown as f32 * each;
        let face = self.b.strong();
        let spot = Spot::start(end + s.space * 0.8, y);
        let paint = if asked == Some(None) { Paint::Quiet } else { Paint::Ink };
        let told = self.b.words(&[said.to_owned()], face, spot, row, paint);
        let is_asked = |step: Option<MmuStep>| matches!(step, Some(MmuStep::Look { level: l, .. } | MmuStep::Filled { level: l, .. }) if l == level);
        for (step, ring) in [(self.did, Ring::Done), (self.next, Ring::Next)] {
            if is_asked(step) {
                let area = Area::between(row.x - s.space * 0.5, row.y, end, row.bottom());
                self.b.ring(area.grown(s.edge), ring, Id::Ringed(ring));
            }
        }
        (of.hit() == Some(usize::from(level - 1)))
            .then(|| (told.map_or(end, |area| area.right()) + s.space * 0.5, row.centre().1))
    }

    /// A table: a few of its entries around the one that the address chooses.
    fn table(&mut self, of: &Lookup, level: Level, read: Option<Read>, room: Area) -> Option<Row> {
        let s = self.b.s;
        let header = room.y + s.label * 0.95;
        let strong = self.b.strong();
        let name = name_of(level).to_owned();
        let Some(read) = read else {
            let named = self.b.words(&[name], strong, Spot::start(room.x, header), room, Paint::Quiet);
            let area = Area::between(room.x, room.y + s.label * 1.5, room.right(), room.bottom());
            self.b.things.rect(area, s.radius, Paint::Ghost, s.edge.max(s.line)).pen.dash = Dash::Ghost;
            let words = self.b.say(&["no table", "none"], &["没有表", "无"]);
            let spot = Spot::middle(area.centre().0, centred(area.centre().1, s.label));
            let face = self.b.plain();
            self.b.words(&words, face, spot, area, Paint::Quiet);
            let _ = named;
            return None;
        };
        let table = num(read.table.0);
        let words = match self.b.lang {
            Lang::En => [format!("{name}, frame {table}"), format!("{name} {table}")],
            Lang::Zh => [format!("{name}，{table} 号页框"), format!("{name} {table}")],
        };
        let is_read = of.has_read(level);
        let paint = if is_read || of.read.is_none() { Paint::Ink } else { Paint::Quiet };
        let titled = self.b.words(&words, strong, Spot::start(room.x, header), room, paint);
        let skipped = of.begins.is_some_and(|begins| level < begins);
        let outline = Area::between(room.x, room.y + s.label * 1.5, room.right(), room.bottom());
        let height = s.label * 1.55;
        let rows = ((outline.h - s.edge * 2.0) / height) as i64;
        let rows = if rows % 2 == 0 { rows - 1 } else { rows }.clamp(1, 9);
        let outline = Area { h: rows as f32 * height + s.edge * 2.0, ..outline };
        let item = self.b.things.rect(outline, s.radius, Paint::Vma, s.line);
        if skipped {
            item.pen.dash = Dash::Look;
        }
        item.hit = Some(Hit::Block(read.table));
        self.b.labels.keep_off(outline);
        let procs = self.moment.machine.processes();
        let entries = procs.tables().entries(read.table)?.to_vec();
        let all = entries.len() as i64;
        let first = (i64::from(read.index) - rows / 2).clamp(0, (all - rows).max(0));
        let mut chosen = None;
        let mut lines = PathData::default();
        for row in 0..rows.min(all) {
            let index = first + row;
            let y = outline.y + s.edge + row as f32 * height;
            let area = Area { x: outline.x + s.edge, y, w: outline.w - s.edge * 2.0, h: height };
            let entry = entries[index as usize];
            let is_chosen = index == i64::from(read.index);
            if is_chosen {
                let paint = if is_read { Paint::ChipHot } else { Paint::Chip };
                self.b.things.rect(area, s.radius, paint, s.edge);
                chosen = Some(area);
            } else if row > 0 && index != i64::from(read.index) + 1 {
                lines.to('M', &[area.x, area.y]).to('H', &[area.right()]);
            }
            let leads = match entry {
                Pte(0) => "–".to_owned(),
                entry if entry.has(Pte::PRESENT) => format!("→{} {}", entry.pfn().0, lamps(entry)),
                entry => format!("{:#x}", entry.0),
            };
            let short = if entry.0 == 0 { "–".to_owned() } else { format!("→{}", entry.pfn().0) };
            let face = if is_chosen { Face { bold: true, ..self.b.mono() } } else { self.b.mono() };
            let paint = if is_chosen { Paint::Ink } else { Paint::Quiet };
            let spot = Spot::start(area.x + s.space * 0.5, centred(area.centre().1, s.label));
            let words = [format!("{index:>3} {leads}"), format!("{index:>3} {short}"), format!("{index}")];
            self.b.words(&words, face, spot, area, paint);
        }
        let d = lines.take();
        if !d.is_empty() {
            let edge = s.edge;
            self.b.things.path(d, Paint::Hair, edge);
        }
        if skipped {
            let words = self.b.say(&["remembered", "skipped"], &["记得，跳过", "跳过"]);
            let x = titled.map_or(room.x, |area| area.right() + s.space);
            let within = Area::between(x, room.y, room.right(), room.bottom());
            let face = self.b.plain();
            self.b.words(&words, face, Spot::end(room.right(), header), within, Paint::Quiet);
        }
        let area = chosen?;
        for (step, ring) in [(self.did, Ring::Done), (self.next, Ring::Next)] {
            let about = match step {
                Some(MmuStep::Read { table, .. } | MmuStep::Marked { table, .. }) => table == read.table,
                Some(MmuStep::Skipped { table, .. }) => table == read.table,
                Some(MmuStep::Denied { level: Some(of), .. }) => of == level,
                _ => false,
            };
            if about {
                let denied = matches!(step, Some(MmuStep::Denied { .. }));
                let ring = if denied && ring == Ring::Done { Ring::Fail } else { ring };
                let block = Block { pfn: read.table, order: Order::ZERO };
                self.b.ring(area.grown(s.edge), ring, Id::Ring(ring, block));
            }
        }
        Some(Row { area, header: header - s.label * 0.3 })
    }

    /// The page in memory, and the place in it.
    fn memory(&mut self, of: &Lookup, last: Option<Read>, room: Area) -> Area {
        let s = self.b.s;
        let header = room.y + s.label * 0.95;
        let words = self.b.say(&["memory"], &["内存"]);
        let strong = self.b.strong();
        self.b.words(&words, strong, Spot::start(room.x, header), room, Paint::Ink);
        let is_leaf = |read: &Read| read.level == Level::Pte || read.entry.has(Pte::PSE);
        let leaf = last.filter(|read| is_leaf(read) && read.entry.has(Pte::PRESENT));
        let h = (s.label * 5.2).min(room.h - s.label * 1.6).max(s.label * 2.0);
        let area = Area { y: room.y + s.label * 1.5 + (room.h - s.label * 1.5 - h) / 2.0, h, ..room };
        let Some(read) = leaf else {
            self.b.things.rect(area, s.radius, Paint::Ghost, s.edge.max(s.line)).pen.dash = Dash::Ghost;
            let words = self.b.say(&["no page yet", "no page"], &["还没有页", "没有页"]);
            let spot = Spot::middle(area.centre().0, centred(area.centre().1, s.label));
            let face = self.b.plain();
            self.b.words(&words, face, spot, area, Paint::Quiet);
            return area;
        };
        let paint = if of.physical.is_some() { Paint::Anon } else { Paint::Slot };
        let pfn = of.physical.map_or(read.entry.pfn(), |at| Pfn((at >> 12) as u32));
        let item = self.b.things.rect(area, s.radius, paint, s.edge);
        item.hit = Some(Hit::Block(pfn));
        self.b.labels.keep_off(area);
        let frame = match self.b.lang {
            Lang::En => format!("frame {}", num(pfn.0)),
            Lang::Zh => format!("{} 号页框", num(pfn.0)),
        };
        let ink = if of.physical.is_some() { Paint::OnAnon } else { Paint::Ink };
        let (x, body) = (area.centre().0, Face { size: s.body, ..self.b.strong() });
        let spot = Spot::middle(x, area.y + s.label * 1.7);
        self.b.words(&[frame, num(pfn.0)], body, spot, area, ink);
        if let Some(at) = of.physical {
            let mono = Face { bold: true, ..self.b.mono() };
            let spot = Spot::middle(x, area.y + s.label * 3.2);
            self.b.words(&[format!("{at:#x}")], mono, spot, area, ink);
        }
        let is_about = |step: Option<MmuStep>| matches!(step, Some(MmuStep::Translated { .. }));
        for (step, ring) in [(self.did, Ring::Done), (self.next, Ring::Next)] {
            if is_about(step) {
                let block = Block { pfn, order: Order::ZERO };
                self.b.ring(area.grown(s.edge), ring, Id::Ring(ring, block));
            }
        }
        area
    }

    /// What was counted, at the right of a line.
    fn counts(&mut self, of: &Lookup, room: Area, y: f32) {
        let references = of.read.map_or(0, |(_, references)| references);
        let counts = self.moment.machine.mmus().cpu(of.cpu).map(|unit| unit.counts);
        let hits = counts.map_or((0, 0), |counts| (counts.l1_hits + counts.l2_hits, counts.accesses));
        let words = match (self.b.lang, counts.is_some()) {
            (Lang::En, true) => vec![
                format!("references to memory: {references}    hits {} of {}", num(hits.0), num(hits.1)),
                format!("references: {references}"),
            ],
            (Lang::Zh, true) => vec![
                format!("访存 {references} 次    命中 {} / {}", num(hits.0), num(hits.1)),
                format!("访存 {references} 次"),
            ],
            (Lang::En, false) => vec!["tlb skylake would show the TLBs".to_owned(), "no TLBs".to_owned()],
            (Lang::Zh, false) => vec!["加一行 tlb skylake 就能看到 TLB".to_owned(), "没有 TLB".to_owned()],
        };
        let face = Face { size: self.b.s.body, ..self.b.strong() };
        let paint = if counts.is_some() { Paint::Ink } else { Paint::Quiet };
        self.b.words(&words, face, Spot::end(room.right(), y), room, paint);
    }

    /// The same where there is room for lines only.
    fn list(&mut self, of: &Lookup, room: Area) {
        let s = self.b.s;
        let mut y = room.y + s.label;
        let (strong, mono) = (self.b.strong(), self.b.mono());
        let step = s.label * 1.75;
        let [_, wanted] = self.wanted(of);
        self.b.words(&[wanted], strong, Spot::start(room.x, y), room, Paint::Ink);
        let references = of.read.map_or(0, |(_, references)| references);
        let words = match self.b.lang {
            Lang::En => format!("{references} references"),
            Lang::Zh => format!("访存 {references} 次"),
        };
        self.b.words(&[words], strong, Spot::end(room.right(), y), room, Paint::Ink);
        y += step;
        let mut line = |this: &mut Self, left: String, right: String, hot: bool, ring: Option<Ring>| {
            let area = Area { x: room.x, y: y - s.label * 1.15, w: room.w, h: s.label * 1.55 };
            this.b.things.rect(area, s.radius, if hot { Paint::ChipHot } else { Paint::Slot }, s.edge);
            let named = this.b.words(&[left], strong, Spot::start(room.x + s.space, y), room, Paint::Ink);
            let x = named.map_or(room.x, |area| area.right() + s.space);
            let within = Area::between(x, room.y, room.right(), room.bottom());
            this.b.words(&[right], mono, Spot::end(room.right() - s.space, y), within, Paint::Ink);
            if let Some(ring) = ring {
                this.b.ring(area, ring, Id::Ringed(ring));
            }
            y += step;
        };
        let unit = self.moment.machine.mmus().cpu(of.cpu).cloned();
        let ring_of = |this: &Self, is: &dyn Fn(MmuStep) -> bool| {
            [(this.did, Ring::Done), (this.next, Ring::Next)]
                .into_iter()
                .find_map(|(step, ring)| step.filter(|step| is(*step)).map(|_| ring))
        };
        for level in [1u8, 2].into_iter().filter(|_| unit.is_some()) {
            let asked = of.asked[usize::from(level - 1)];
            let said = match (asked, self.b.lang) {
                (None, _) => "",
                (Some(Some(_)), Lang::En) => "hit",
                (Some(Some(_)), Lang::Zh) => "命中",
                (Some(None), Lang::En) => "miss",
                (Some(None), Lang::Zh) => "未命中",
            };
            let ring = ring_of(
                self,
                &|step| matches!(step, MmuStep::Look { level: l, .. } | MmuStep::Filled { level: l, .. } if l == level),
            );
            line(self, format!("L{level} TLB"), said.to_owned(), matches!(asked, Some(Some(_))), ring);
        }
        let paging = self.paging();
        let reads: Vec<Read> = walk(self.moment, of).iter().flat_map(|way| way.reads()).collect();
        for (at, (level, shift, bits)) in paging.levels().iter().enumerate() {
            let index = (of.address.0 >> shift) & ((1 << bits) - 1);
            let right = match reads.get(at) {
                None => "–".to_owned(),
                Some(read) if read.entry.has(Pte::PRESENT) => {
                    format!("→{} {}", read.entry.pfn().0, lamps(read.entry))
                }
                Some(_) => "P = 0".to_owned(),
            };
            let ring = ring_of(self, &|step| matches!(step, MmuStep::Read { level: l, .. } if l == *level));
            line(self, format!("{} [{index}]", name_of(*level)), right, of.has_read(*level), ring);
        }
        let physical = of.physical.map_or("–".to_owned(), |at| format!("{at:#x}"));
        let ring = ring_of(self, &|step| matches!(step, MmuStep::Translated { .. }));
        let name = self.b.lang.pick("memory", "内存").to_owned();
        line(self, name, physical, of.physical.is_some(), ring);
    }
}

/// The entry of a table that an address chooses, and the height at which ways come in.
#[derive(Clone, Copy)]
struct Row {
    area: Area,
    header: f32,
}

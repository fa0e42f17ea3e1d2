//! Where everything goes, from the task at the top to the free lists at the bottom.

use mm::mmzone::{PerCpuPages, ZoneId};
use mm::page::{Block, PageState};
use mm::step::StepKind;
use mm::{CpuId, Machine, Order, Pfn};
use scenario::Lang;

use super::{cpu_in_play, cpu_of};
use crate::Moment;
use crate::board::Board;
use crate::narrate::{num, step_line};
use crate::number::between;
use crate::scene::{Area, Dash, Face, Form, Id, Motion, Paint, Ring, Room, Scene, Spot, centred};
use crate::vitals::zone_name;

/// Heights of this picture.
#[derive(Clone, Copy)]
struct Rows {
    /// From the top to the task's box.
    column_head: f32,
    task: f32,
    gauge: f32,
    /// A list that holds something: at least, at most.
    full: (f32, f32),
    /// A list that is empty on every CPU.
    quiet: f32,
    /// The free lists.
    buddy: f32,
    /// Left of all columns.
    names: f32,
    /// On both sides of a column, for the ways.
    gutter: f32,
    /// A column is at least so wide.
    column: f32,
}

impl Rows {
    fn of(form: Form) -> Rows {
        match form {
            Form::Projector => Rows {
                column_head: 42.0,
                task: 48.0,
                gauge: 74.0,
                full: (34.0, 58.0),
                quiet: 13.0,
                buddy: 66.0,
                names: 216.0,
                gutter: 34.0,
                column: 300.0,
            },
            Form::Laptop => Rows {
                column_head: 22.0,
                task: 24.0,
                gauge: 36.0,
                full: (17.0, 32.0),
                quiet: 6.0,
                buddy: 34.0,
                names: 112.0,
                gutter: 18.0,
                column: 160.0,
            },
            Form::Phone => Rows {
                column_head: 17.0,
                task: 20.0,
                gauge: 30.0,
                full: (16.0, 28.0),
                quiet: 4.0,
                buddy: 32.0,
                names: 34.0,
                gutter: 14.0,
                column: 220.0,
            },
        }
    }
}

/// The place of one list.
#[derive(Clone, Copy)]
struct Row {
    index: usize,
    y: f32,
    h: f32,
    is_full: bool,
}

/// The column of one CPU.
#[derive(Clone, Copy)]
struct Column {
    cpu: CpuId,
    /// With its gutters.
    area: Area,
    /// Where the shelves begin and end.
    x0: f32,
    x1: f32,
}

/// Where the block in hand is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Task,
    Buddy,
}

/// The picture in the making.
struct Draw<'a> {
    moment: &'a Moment,
    zone: ZoneId,
    b: Board,
    k: Rows,
    did: Option<StepKind>,
    next: Option<StepKind>,
    play: CpuId,
    rows: Vec<Row>,
    columns: Vec<Column>,
    task_y: f32,
    gauge_y: f32,
    buddy: Area,
    /// The chips at both ends of the lists: CPU, list, head, tail.
    ends: Vec<(CpuId, usize, Area, Area)>,
    selected: Option<Block>,
}

pub(super) fn scene(moment: &Moment, room: &Room, zone: ZoneId, lang: Lang, selected: Option<Pfn>) -> Scene {
    let mut board = Board::new(room, lang);
    board.head(moment);
    if !moment.machine.has_pcp() {
        return without(moment, board);
    }
    let k = Rows::of(room.form);
    let here = |kind: &StepKind| kind.zone().is_none_or(|z| z == zone);
    let of = |step: Option<mm::Step>| step.map(|step| step.kind).filter(here);
    let top = board.s.head + k.column_head;
    let bottom = board.h - board.s.legend - board.s.label * 1.5;
    let buddy =
        Area { x: board.s.margin, y: bottom - k.buddy, w: board.w - 2.0 * board.s.margin, h: k.buddy };
    let mut draw = Draw {
        moment,
        zone,
        k,
        did: of(moment.just_did),
        next: of(moment.next),
        play: cpu_in_play(moment),
        rows: Vec::new(),
        columns: Vec::new(),
        task_y: top,
        gauge_y: top + k.task,
        buddy,
        ends: Vec::new(),
        selected: selected.and_then(|pfn| moment.machine.block_of(pfn)),
        b: board,
    };
    draw.plan();
    draw.invariant();
    draw.names();
    for column in draw.columns.clone() {
        draw.column(column);
    }
    let hand = draw.in_hand();
    draw.buddy(hand);
    draw.ways();
    draw.legend();
    draw.b.finish(moment)
}

/// A machine without such lists says so.
fn without(moment: &Moment, mut b: Board) -> Scene {
    let words = b.say(
        &[
            "This machine has no per-CPU lists: every request goes to the free lists.",
            "No per-CPU lists here.",
        ],
        &["这台机器没有每 CPU 链表：请求都直接找空闲链表。", "这里没有每 CPU 链表。"],
    );
    let (face, all) = (b.title(), b.all());
    let spot = Spot::middle(b.w / 2.0, b.h / 2.0);
    b.words(&words, face, spot, all, Paint::Quiet);
    let free: u64 = moment.machine.zones().iter().map(|zone| zone.nr_free_pages.0).sum();
    let words = vec![
        b.lang.pick(format!("✓ CPUs keep 0; {} free", num(free)), format!("✓ CPU 留 0；空闲 {}", num(free))),
    ];
    b.invariant(&words, true);
    b.finish(moment)
}

/// The list that a step is about.
fn list_of(kind: &StepKind) -> Option<(CpuId, usize)> {
    match *kind {
        StepKind::PcpEmpty { cpu, order, migratetype, .. }
        | StepKind::PcpRefilled { cpu, order, migratetype, .. } => {
            Some((cpu, PerCpuPages::index_of(order, migratetype)))
        }
        StepKind::PcpAppend { cpu, block, migratetype, .. }
        | StepKind::PcpTake { cpu, block, migratetype, .. }
        | StepKind::PcpPut { cpu, block, migratetype, .. }
        | StepKind::PcpDrain { cpu, block, migratetype, .. } => {
            Some((cpu, PerCpuPages::index_of(block.order, migratetype)))
        }
        _ => None,
    }
}

/// The letter of a list's type; the first list of huge pages serves two.
fn type_words(index: usize, lang: Lang) -> (&'static str, &'static str) {
    let names = [
        ("U", lang.pick("unmovable", "不可移动")),
        ("M", lang.pick("movable", "可移动")),
        ("R", lang.pick("reclaimable", "可回收")),
    ];
    match index {
        PerCpuPages::THP_LIST => ("U", lang.pick("others", "其他")),
        13.. => names[1],
        _ => names[index % 3],
    }
}

impl Draw<'_> {
    fn machine(&self) -> &Machine {
        &self.moment.machine
    }

    fn pcp(&self, cpu: CpuId) -> &PerCpuPages {
        self.machine().zone(self.zone).pcp(cpu)
    }

    fn order(&self, index: usize) -> Order {
        PerCpuPages::order_of(index, self.machine().pageblock_order())
    }

    /// Rows and columns for the room there is.
    fn plan(&mut self) {
        let (k, s) = (self.k, self.b.s);
        let cpus: Vec<CpuId> = (0..self.machine().cpus()).map(CpuId).collect();
        let touched = [&self.did, &self.next].map(|kind| kind.as_ref().and_then(list_of).map(|(_, i)| i));
        let is_full = |index: usize| {
            touched.contains(&Some(index)) || cpus.iter().any(|cpu| !self.pcp(*cpu).list(index).is_empty())
        };
        let top = self.gauge_y + k.gauge;
        let room = (self.buddy.y - s.label * 1.9 - top).max(1.0);
        let full = (0..PerCpuPages::LISTS).filter(|i| is_full(*i)).count();
        let empty = PerCpuPages::LISTS - full;
        let each = |quiet: f32| (room - empty as f32 * quiet) / full.max(1) as f32;
        let least = k.full.0.min(room / full.max(1) as f32);
        let quiet = k.quiet.min((room - full as f32 * least).max(0.0) / empty.max(1) as f32);
        let each = between(each(quiet), least, k.full.1);
        // What is left makes the empty lists a little easier to see.
        let left = (room - full as f32 * each) / empty.max(1) as f32;
        let quiet = between(left, quiet, k.quiet * 2.0);
        let mut y = top;
        let mut rows = Vec::new();
        for index in 0..PerCpuPages::LISTS {
            let is_full = is_full(index);
            let h = if is_full { each } else { quiet };
            rows.push(Row { index, y, h, is_full });
            y += h;
        }
        self.rows = rows;
        // The CPU in play first; the others as far as there is room, in their order.
        let x0 = s.margin + k.names;
        let width = self.b.w - s.margin - x0;
        let most = ((width / k.column) as usize).clamp(1, cpus.len().max(1));
        let first = usize::from(self.play.0).saturating_sub(most - 1).min(cpus.len().saturating_sub(most));
        let shown: Vec<CpuId> = cpus.iter().copied().skip(first).take(most).collect();
        let (play, many) = (self.play, shown.len() > 1);
        let weight = |cpu: CpuId| if cpu == play && many { 1.7 } else { 1.0 };
        let total: f32 = shown.iter().map(|cpu| weight(*cpu)).sum();
        let mut x = x0;
        let mut columns = Vec::new();
        for cpu in shown {
            let w = width * weight(cpu) / total;
            let area = Area { x, y: s.head, w, h: self.buddy.y - s.head };
            columns.push(Column { cpu, area, x0: x + k.gutter, x1: x + w - k.gutter });
            x += w;
        }
        self.columns = columns;
    }

    /// Orders and types at the left.
    fn names(&mut self) {
        let (k, s, lang) = (self.k, self.b.s, self.b.lang);
        let mut last = None;
        for row in self.rows.clone() {
            let order = self.order(row.index);
            let middle = row.y + row.h / 2.0;
            if row.is_full {
                let (letter, name) = type_words(row.index, lang);
                let words = match self.b.form {
                    Form::Phone => vec![format!("{order}{letter}")],
                    _ => vec![format!("{letter} {name}"), letter.to_owned()],
                };
                let x = if self.b.form == Form::Phone { s.margin } else { s.margin + s.body * 1.3 };
                let within = Area { x: 0.0, y: 0.0, w: s.margin + k.names, h: self.b.h };
                let face = self.b.plain();
                self.b.words(&words, face, Spot::start(x, centred(middle, s.label)), within, Paint::Quiet);
            }
            let is_group = last != Some(order);
            if is_group {
                last = Some(order);
                let group: Vec<&Row> = self.rows.iter().filter(|r| self.order(r.index) == order).collect();
                let end = group.last().map_or(row.y, |r| r.y + r.h);
                let (x, w) = (s.margin, self.b.w - 2.0 * s.margin);
                let edge = s.edge;
                if row.index > 0 {
                    self.b.back.line([x, row.y, x + w, row.y], Paint::Hair, edge);
                }
                let h = end - row.y;
                if self.b.form != Form::Phone && h >= s.label {
                    let face = Face { size: s.body.min(h), ..self.b.strong() };
                    let face = if face.size < s.label { self.b.strong() } else { face };
                    let spot = Spot::start(s.margin, centred(row.y + h / 2.0, face.size));
                    self.b.labels.at(&order.to_string(), face, spot, Paint::Ink, Id::None);
                }
            }
        }
        if self.b.form != Form::Phone {
            let words = self.b.say(&["order, type", "order"], &["阶、类型", "阶"]);
            let within = Area { x: 0.0, y: 0.0, w: s.margin + k.names, h: self.b.h };
            let face = self.b.plain();
            let y = self.rows.first().map_or(0.0, |row| row.y) - s.label * 0.5;
            self.b.words(&words, face, Spot::start(s.margin, y), within, Paint::Quiet);
            let words = self.b.say(&["task"], &["任务"]);
            let y = centred(self.task_y + k.task * 0.45, s.label);
            self.b.words(&words, face, Spot::start(s.margin, y), within, Paint::Quiet);
        }
    }

    /// One CPU: its task, its gauge, its lists.
    fn column(&mut self, column: Column) {
        let (k, s, lang) = (self.k, self.b.s, self.b.lang);
        let Column { cpu, area, x0, x1 } = column;
        let is_play = cpu == self.play;
        if self.columns.first().is_some_and(|first| first.cpu != cpu) {
            let edge = s.edge;
            self.b.back.line(
                [area.x, area.y + s.space, area.x, area.bottom() - s.label * 2.0],
                Paint::Shelf,
                edge,
            );
        }
        // Its name.
        let mut words = vec![format!("CPU {}", cpu.0)];
        if self.machine().nodes() > 1 {
            let node = self.machine().node_of(cpu);
            words.insert(
                0,
                lang.pick(format!("CPU {} · node {node}", cpu.0), format!("CPU {} · 节点 {node}", cpu.0)),
            );
        }
        let hidden = usize::from(self.machine().cpus()) - self.columns.len();
        let is_last = self.columns.last().is_some_and(|last| last.cpu == cpu);
        let y = self.task_y - k.column_head * 0.32;
        let face = self.b.title();
        let paint = if is_play { Paint::Ink } else { Paint::Quiet };
        let named = self.b.words(&words, face, Spot::start(x0, y), area, paint);
        if let (true, Some(named)) = (is_last && hidden > 0, named) {
            let more = lang.pick(
                format!("+ {hidden} more {}", if hidden == 1 { "CPU" } else { "CPUs" }),
                format!("还有 {hidden} 个 CPU"),
            );
            let within = Area::between(named.right() + s.space, 0.0, self.b.w, self.b.h);
            let face = self.b.plain();
            self.b.words(&[more], face, Spot::end(area.right(), y), within, Paint::Quiet);
        }
        self.task(column);
        self.gauge(column);
        let touched = [(&self.did, false), (&self.next, true)];
        let touched = touched.map(|(kind, is_next)| kind.as_ref().and_then(list_of).map(|l| (l, is_next)));
        for row in self.rows.clone() {
            self.list(column, row);
            for ((of, index), is_next) in touched.into_iter().flatten() {
                if (of, index) != (cpu, row.index) {
                    continue;
                }
                let kind = if is_next { self.next } else { self.did };
                let ring = match (kind, is_next) {
                    (Some(StepKind::PcpEmpty { .. }), false) => Ring::Look,
                    (Some(StepKind::PcpRefilled { blocks: 0, .. }), false) => Ring::Fail,
                    (Some(StepKind::PcpRefilled { .. }), false) => Ring::Done,
                    (Some(StepKind::PcpEmpty { .. }), true) => Ring::Next,
                    _ => continue,
                };
                let inner = Area { x: x0, y: row.y + s.ring, w: x1 - x0, h: row.h - 2.0 * s.ring };
                self.b.ring(inner, ring, Id::Ringed(ring));
            }
        }
    }

    /// Who runs on this CPU, and what it just got or gives.
    fn task(&mut self, column: Column) {
        let (k, s) = (self.k, self.b.s);
        let Column { cpu, area, .. } = column;
        let inset = s.space * 0.5;
        let box_area = Area { x: area.x + inset, y: self.task_y, w: area.w - 2.0 * inset, h: k.task * 0.9 };
        let is_play = cpu == self.play;
        let line = s.line;
        let radius = s.radius * 2.0;
        self.b.back.rect(box_area, radius, if is_play { Paint::Paper } else { Paint::Wash }, 0.0);
        let item = self.b.things.rect(box_area, radius, Paint::Axis, line);
        item.id = Id::Cpu(cpu);
        if !is_play {
            item.pen.dash = Dash::Ghost;
            return;
        }
        let y = centred(box_area.centre().1, s.label);
        let within = box_area.grown(-s.line);
        // What it has just got, as a chip; the names of others are not known.
        if let Some(StepKind::Handed { block, name, .. }) = self.did {
            let text = format!("{} ← {}", self.moment.name(name), block.pfn);
            let face = self.b.strong();
            let words = [text, self.moment.name(name).to_owned()];
            let spot = Spot::middle(box_area.centre().0, y);
            if let Some(text) = self.b.words(&words, face, spot, within, Paint::Action) {
                self.b.ring(text.grown(s.label * 0.2), Ring::Done, Id::Ring(Ring::Done, block));
            }
        }
    }

    /// How many pages it keeps, against its limit.
    fn gauge(&mut self, column: Column) {
        let (k, s) = (self.k, self.b.s);
        let Column { cpu, x0, x1, .. } = column;
        let PerCpuPages { count, high, batch, free_factor, .. } = *self.pcp(cpu);
        let scale = count.max(high).max(1) as f32 * 1.12;
        let h = k.gauge * 0.2;
        let y = self.gauge_y + k.gauge * 0.56;
        let x = |pages: u32| x0 + (x1 - x0) * (pages as f32 / scale).min(1.0);
        let bar = Area { x: x0, y, w: x1 - x0, h };
        let edge = s.edge;
        self.b.back.rect(bar, s.radius, Paint::Paper, 0.0);
        self.b.things.rect(bar, s.radius, Paint::Axis, edge);
        if count > 0 {
            let fill = Area { w: (x(count) - x0).max(s.line), ..bar };
            self.b.things.rect(fill, s.radius, Paint::Pcp, edge);
        }
        // What a drain takes off, from the end.
        if let Some(StepKind::PcpDrainBegins { cpu: of, pages, .. }) = self.did.or(self.next)
            && of == cpu
        {
            let from = x(count.saturating_sub(pages));
            let part = Area { x: from, w: (x(count) - from).max(s.line), ..bar };
            let ring = if matches!(self.did, Some(StepKind::PcpDrainBegins { .. })) {
                Ring::Done
            } else {
                Ring::Next
            };
            self.b.ring(part, ring, Id::Ringed(ring));
        }
        let mark = x(high);
        let (line, tall) = (s.line, h * 0.55);
        self.b.ways.line([mark, y - tall, mark, y + h + tall], Paint::Mark, line * 1.3);
        let times = 1u32 << free_factor;
        let drains = if times > 1 { format!("{batch} × {times}") } else { batch.to_string() };
        let y = self.gauge_y + k.gauge * 0.4;
        let face = if cpu == self.play { self.b.strong() } else { self.b.plain() };
        let within = Area::between(x0, 0.0, x1, self.b.h);
        let plain = self.b.plain();
        let limit = [format!("high {}", num(high)), num(high)];
        let spots = [Spot::middle(mark, y), Spot::end(x1, y)];
        let count_width = face.width(&format!("count {}", num(count)));
        let beyond = Area::between(x0 + count_width + s.space, 0.0, x1, self.b.h);
        let put = self.b.labels.first_fit(&limit, plain, &spots, beyond, false, Paint::Ink);
        let within = match put {
            Some(put) => Area { w: (put.x - s.space - x0).max(0.0), ..within },
            None => within,
        };
        let words = vec![
            format!("count {} · batch {drains}", num(count)),
            format!("count {}", num(count)),
            num(count),
        ];
        self.b.words(&words, face, Spot::start(x0, y), within, Paint::Ink);
    }

    /// One list: its blocks from the head on, the tail last.
    fn list(&mut self, column: Column, row: Row) {
        let s = self.b.s;
        let Column { cpu, x0, x1, .. } = column;
        let line_y = row.y + row.h - s.edge / 2.0;
        let edge = s.edge;
        self.b.back.line([x0, line_y, x1, line_y], Paint::Shelf, edge).id = Id::CpuList(cpu, row.index as u8);
        if !row.is_full {
            return;
        }
        let order = self.order(row.index);
        let len = self.pcp(cpu).list(row.index).len() as usize;
        let widest = num(self.machine().zone(self.zone).span.end.0.saturating_sub(1));
        let pad = s.label * 0.3;
        let gap = s.ring + s.edge;
        let w = self.b.mono().width(&widest) + 2.0 * pad;
        let h = (row.h - gap * 1.4).max(s.label);
        let y = row.y + (row.h - h) / 2.0 - s.edge / 2.0;
        let slot = |at: usize| Area { x: x0 + gap + at as f32 * (w + gap), y, w, h };
        let room = (((x1 - x0 - gap) / (w + gap)) as usize).max(1);
        // One slot more than there are blocks, so that there is a place for what comes.
        let cut = len + 1 > room;
        let heads = if cut { room.saturating_sub(3).max(1).min(len) } else { len };
        let blocks: Vec<Pfn> = self.machine().pcp_list(self.zone, cpu, row.index).take(heads).collect();
        for (at, pfn) in blocks.iter().enumerate() {
            self.block(slot(at), Block { pfn: *pfn, order });
        }
        let mut tail = if blocks.is_empty() { slot(0) } else { slot(blocks.len() - 1) };
        let tail_pfn = self.pcp(cpu).list(row.index).tail();
        let left = len - heads;
        if left > 0 {
            // How many are between, and the tail.
            let more = slot(heads);
            let words = match self.b.lang {
                Lang::En => {
                    vec![format!("+{} more", num(left as u64 - 1)), format!("+{}", num(left as u64 - 1))]
                }
                Lang::Zh => {
                    vec![format!("还有 {}", num(left as u64 - 1)), format!("+{}", num(left as u64 - 1))]
                }
            };
            let face = self.b.plain();
            let spot = Spot::middle(more.centre().0, centred(more.centre().1, s.label));
            if left > 1 && room > 2 {
                self.b.words(&words, face, spot, more.grown(gap), Paint::Quiet);
            }
            if let Some(pfn) = tail_pfn.filter(|_| room > 2) {
                tail = slot(heads + usize::from(left > 1));
                self.block(tail, Block { pfn, order });
            }
        }
        if len == 0 {
            let words = self.b.say(&["empty"], &["空"]);
            let face = self.b.plain();
            let within = Area::between(x0, 0.0, x1, self.b.h);
            let spot = Spot::start(x0 + gap + pad, centred(y + h / 2.0, s.label));
            self.b.words(&words, face, spot, within, Paint::Quiet);
        }
        self.ends.push((cpu, row.index, slot(0), tail));
    }

    /// One block on a list.
    fn block(&mut self, area: Area, block: Block) {
        let words = [num(block.pfn.0)];
        self.b.chip(area, &words, Paint::Pcp, block, Id::Chip(block));
        let is_put = match self.did {
            Some(StepKind::PcpAppend { block: put, .. }) => put == block,
            Some(StepKind::PcpPut { block: put, .. }) => put == block,
            _ => false,
        };
        let is_next = match self.next {
            Some(StepKind::PcpTake { block: b, .. } | StepKind::PcpDrain { block: b, .. }) => b == block,
            _ => false,
        };
        if is_put {
            if let Some(item) = self.b.things.items.iter_mut().rev().find(|item| item.id == Id::Chip(block)) {
                item.motion = Motion::Appear;
            }
            self.b.ring(area, Ring::Done, Id::Ring(Ring::Done, block));
        } else if is_next {
            self.b.ring(area, Ring::Next, Id::Ring(Ring::Next, block));
        }
        if self.selected == Some(block) {
            self.b.selected(area, block);
        }
    }

    /// The free lists that the refills come from: the line of `/proc/buddyinfo`.
    fn buddy(&mut self, hand: Option<Area>) {
        let s = self.b.s;
        let zone = self.machine().zone(self.zone);
        let (nr_free, free) = (zone.nr_free(), zone.nr_free_pages.0);
        let name = zone_name(self.machine(), self.zone);
        let area = self.buddy;
        let line = s.line;
        self.b.back.rect(area, s.radius, Paint::Paper, 0.0);
        self.b.things.rect(area, s.radius, Paint::Axis, line);
        let cell = area.w / Order::COUNT as f32;
        let ringed = |kind: &Option<StepKind>| match kind {
            Some(StepKind::TakeHead { block, .. } | StepKind::PutBlock { block, .. }) => Some(block.order),
            Some(StepKind::Split { put, .. }) => Some(put.order),
            Some(StepKind::Merge { buddy, .. }) => Some(buddy.order),
            Some(StepKind::ListEmpty { order, .. }) => Some(*order),
            _ => None,
        };
        let (done, next) = (ringed(&self.did), ringed(&self.next));
        for order in Order::all() {
            let x = area.x + cell * order.index() as f32;
            let edge = s.edge;
            if order > Order::ZERO {
                self.b.back.line([x, area.y, x, area.bottom()], Paint::Hair, edge);
            }
            let middle = x + cell / 2.0;
            let within = Area { x, y: area.y, w: cell, h: area.h };
            let face = self.b.plain();
            let y = area.y + area.h * 0.26;
            self.b.words(
                &[order.to_string()],
                face,
                Spot::middle(middle, centred(y, s.label)),
                within,
                Paint::Quiet,
            );
            let count = nr_free[order.index()];
            let paint = if count == 0 { Paint::Quiet } else { Paint::Ink };
            let face = self.b.mono();
            let y = area.y + area.h * 0.73;
            let words = [num(count), format!("{}k", count / 1000)];
            self.b.words(&words, face, Spot::middle(middle, centred(y, s.label)), within, paint);
            let inner = within.grown(-s.ring);
            if done == Some(order) {
                let ring = if matches!(self.did, Some(StepKind::ListEmpty { .. })) {
                    Ring::Look
                } else {
                    Ring::Done
                };
                self.b.ring(inner, ring, Id::Ringed(ring));
            } else if next == Some(order) {
                self.b.ring(inner, Ring::Next, Id::Ringed(Ring::Next));
            }
        }
        let y = area.y - s.label * 0.55;
        let free = num(free);
        let words = match self.b.lang {
            Lang::En => vec![
                format!("free lists of {name}, by order: {free} pages free"),
                format!("free lists of {name}: {free} pages"),
                format!("{name}: {free} free"),
            ],
            Lang::Zh => {
                vec![format!("{name} 区各阶空闲链表：空闲 {free} 页"), format!("{name}：空闲 {free}")]
            }
        };
        let face = self.b.strong();
        // A block in hand stands beside it.
        let right = hand.filter(|hand| hand.y > self.b.h / 2.0).map_or(area.right(), |hand| hand.x - s.space);
        let within = Area::between(0.0, 0.0, right, self.b.h);
        let put = self.b.words(&words, face, Spot::start(area.x, y), within, Paint::Ink);
        // What goes on in there, in the words of the log.
        let inside = self.did.filter(|kind| kind.zone().is_some() && cpu_of(kind).is_none());
        if let (Some(put), Some(step)) = (put, self.moment.just_did.filter(|step| Some(step.kind) == inside))
        {
            let said = step_line(&self.moment.scenario, &step, self.b.lang);
            let from = put.right() + s.space * 2.0;
            if from >= right {
                return;
            }
            let within = Area::between(from, 0.0, right, self.b.h);
            let face = self.b.plain();
            self.b.words(&[said], face, Spot::end(right, y), within, Paint::Action);
        }
    }

    fn column_of(&self, cpu: CpuId) -> Option<Column> {
        self.columns.iter().find(|column| column.cpu == cpu).copied()
    }

    /// On which side of the lists the block in hand is.
    fn side(&self) -> Side {
        let at_task = matches!(self.did, Some(StepKind::PcpTake { .. } | StepKind::FreeRequest { .. }))
            || matches!(self.next, Some(StepKind::PcpPut { .. } | StepKind::Handed { .. }));
        if at_task { Side::Task } else { Side::Buddy }
    }

    /// Where a block in hand is drawn.
    fn hand_area(&self) -> Option<Area> {
        let (k, s) = (self.k, self.b.s);
        let column = self.column_of(self.play)?;
        let w = (column.area.w * 0.62).min(self.b.mono().width("1,000,000–1,000,000") + s.label);
        let h = k.task * 0.62;
        Some(match self.side() {
            Side::Task => Area { x: column.area.centre().0 - w / 2.0, y: self.task_y + k.task * 0.14, w, h },
            Side::Buddy => {
                let h = s.label * 1.4;
                Area { x: column.area.right() - w, y: self.buddy.y - h * 1.12, w, h }
            }
        })
    }

    /// The block off all lists, and where it is.
    fn in_hand(&mut self) -> Option<Area> {
        let area = self.hand_area()?;
        let in_zone = |b: &&Block| self.machine().zone_of(b.pfn) == Some(self.zone);
        let block = self.machine().in_hand().iter().find(in_zone).copied()?;
        let of = |kind: &Option<StepKind>| {
            kind.iter().flat_map(|kind| kind.blocks()).flatten().any(|b| b == block)
        };
        let range = if block.order == Order::ZERO {
            num(block.pfn.0)
        } else {
            format!("{}–{}", num(block.pfn.0), num(block.last().0))
        };
        let words = match self.b.lang {
            Lang::En => vec![format!("{range} in hand"), range, num(block.pfn.0)],
            Lang::Zh => vec![format!("手中 {range}"), range, num(block.pfn.0)],
        };
        self.b.chip(area, &words, Paint::Hand, block, Id::Hand(block));
        if of(&self.did) {
            self.b.ring(area, Ring::Done, Id::Ring(Ring::Done, block));
        } else if of(&self.next) {
            self.b.ring(area, Ring::Next, Id::Ring(Ring::Next, block));
        }
        if self.selected == Some(block) {
            self.b.selected(area, block);
        }
        Some(area)
    }

    /// What goes where: along the left gutter between head and task, along the right one between tail and free lists.
    fn ways(&mut self) {
        for (kind, ring) in [(self.did, Ring::Done), (self.next, Ring::Next)] {
            let Some(kind) = kind else { continue };
            let Some((cpu, index)) = list_of(&kind) else { continue };
            let Some(column) = self.column_of(cpu) else { continue };
            let Some((_, _, head, tail)) =
                self.ends.iter().find(|(c, i, ..)| (*c, *i) == (cpu, index)).copied()
            else {
                continue;
            };
            let s = self.b.s;
            let air = s.halo * 0.5;
            let left = column.area.x + (column.x0 - column.area.x) * 0.5;
            let right = column.x1 + (column.area.right() - column.x1) * 0.5;
            let task = self.task_y + self.k.task * 0.9 + air;
            let hand = self.b.s.label * 1.4 * 1.12;
            let is_there = self.side() == Side::Buddy && !self.machine().in_hand().is_empty();
            let buddy = self.buddy.y - air - if is_there { hand } else { 0.0 };
            let (head_y, tail_y) = (head.centre().1, tail.centre().1);
            let is_empty = self.pcp(cpu).list(index).is_empty();
            let behind = if is_empty { tail.x } else { tail.right() };
            match kind {
                StepKind::PcpTake { .. } => {
                    self.b.way(&[(head.x - air, head_y), (left, head_y), (left, task)], ring);
                }
                StepKind::PcpPut { .. } => {
                    self.b.way(&[(left, task), (left, head_y), (head.x - air, head_y)], ring);
                }
                StepKind::PcpAppend { .. } => {
                    self.b.way(&[(right, buddy), (right, tail_y), (behind + air, tail_y)], ring);
                }
                StepKind::PcpDrain { .. } => {
                    self.b.way(&[(behind + air, tail_y), (right, tail_y), (right, buddy)], ring);
                }
                _ => {}
            }
            self.way_word(&kind, ring, column, tail, right);
        }
    }

    /// What a way does, beside the end of its list.
    fn way_word(&mut self, kind: &StepKind, ring: Ring, column: Column, tail: Area, right: f32) {
        let s = self.b.s;
        let (en, zh): (&[&str], &[&str]) = match (kind, ring) {
            (StepKind::PcpTake { .. }, Ring::Done) => {
                (&["the head went to the task", "head taken"], &["表头给了任务", "取走表头"])
            }
            (StepKind::PcpTake { .. }, _) => (&["next: the head", "next"], &["下一步：取表头", "下一步"]),
            (StepKind::PcpPut { .. }, Ring::Done) => (&["new head"], &["新的头"]),
            (StepKind::PcpPut { .. }, _) => (&["next: to the head", "next"], &["下一步：放到头", "下一步"]),
            (StepKind::PcpAppend { .. }, Ring::Done) => (&["new tail"], &["新的尾"]),
            (StepKind::PcpAppend { .. }, _) => {
                (&["next: to the tail", "next"], &["下一步：放到尾", "下一步"])
            }
            (StepKind::PcpDrain { .. }, Ring::Done) => {
                (&["the tail went back", "given back"], &["尾部退回了", "退回"])
            }
            (StepKind::PcpDrain { .. }, _) => {
                (&["next: the tail goes back", "next"], &["下一步：退回尾部", "下一步"])
            }
            _ => return,
        };
        let words = self.b.say(en, zh);
        let from = tail.right() + s.arrow * 2.2;
        let within = Area::between(from, 0.0, right - s.go * 2.0, self.b.h);
        let face = self.b.strong();
        let over = Spot::start(from, tail.y + s.label * 0.55);
        let level = Spot::start(from, centred(tail.centre().1, s.label));
        let spots = if matches!(kind, StepKind::PcpAppend { .. } | StepKind::PcpDrain { .. }) {
            [over, level]
        } else {
            [level, over]
        };
        self.b.labels.first_fit(&words, face, &spots, within.grown(column.area.w * 0.0), true, Paint::Action);
    }

    /// What the lists hold is what the counts say.
    fn invariant(&mut self) {
        let zone = self.machine().zone(self.zone);
        let mut on_lists = 0u64;
        for pcp in zone.pagesets() {
            for index in 0..PerCpuPages::LISTS {
                on_lists += u64::from(pcp.list(index).len()) << self.order(index).get();
            }
        }
        let counts = zone.pcp_pages().0;
        let is_kept = |pfn: Pfn| self.machine().page(pfn).state == PageState::Pcp;
        let heads =
            zone.pagesets().iter().flat_map(|pcp| (0..PerCpuPages::LISTS).filter_map(|i| pcp.list(i).head()));
        let holds = on_lists == counts && heads.into_iter().all(is_kept);
        let (mark, equals) = if holds { ("✓", "=") } else { ("✕", "≠") };
        let (l, c, free) = (num(on_lists), num(counts), num(zone.nr_free_pages.0));
        let words = match self.b.lang {
            Lang::En => vec![
                format!("{mark} {l} pages on CPU lists {equals} counts {c}; not among the {free} free"),
                format!("{mark} {l} pages on CPU lists {equals} counts {c}"),
                format!("{mark} {l} {equals} {c}"),
            ],
            Lang::Zh => vec![
                format!("{mark} CPU 链表上 {l} 页 {equals} count 之和 {c}，不算在空闲 {free} 里"),
                format!("{mark} CPU 链表上 {l} 页 {equals} count 之和 {c}"),
                format!("{mark} {l} {equals} {c}"),
            ],
        };
        self.b.invariant(&words, holds);
    }

    fn legend(&mut self) {
        let mut fills = vec![(Paint::Pcp, self.b.say(&["kept by a CPU"], &["CPU 留着"]))];
        if !self.machine().in_hand().is_empty() {
            fills.push((Paint::Hand, self.b.say(&["in hand"], &["手中"])));
        }
        self.b.legend(&fills);
    }
}

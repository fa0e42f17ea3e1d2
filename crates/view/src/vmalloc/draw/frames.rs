//! The frames below the addresses, the threads that lead to them, and where they lie in memory.

use std::collections::BTreeSet;
use std::ops::Range;

use mm::mmzone::ZoneId;
use mm::op::PageKind;
use mm::page::PageState;
use mm::units::PAGE_SIZE;
use mm::{Order, Pfn};
use scenario::Lang;

use super::super::{What, largest_free, order_for, wanted_pages};
use super::{Cell, Cluster, Draw, block, frame_of};
use crate::narrate::num;
use crate::scene::{Area, Dash, Face, Form, Hit, Id, Paint, PathData, Pen, Ring, Spot, arrow_head, centred};
use crate::vitals::zone_name;

impl Draw<'_> {
    /// Which frames are drawn one by one: those that matter and as many around them as there is room for.
    fn choose(&mut self) {
        let s = self.b.s;
        let end = self.machine().end().0;
        let width = self.lens.w;
        let least = self.k.cell.0;
        let between_clusters = s.label * 0.8;
        let clusters = |frames: &BTreeSet<u32>, around: u32| -> Vec<Range<u32>> {
            let mut all: Vec<Range<u32>> = Vec::new();
            for frame in frames {
                let one = frame.saturating_sub(around)..(frame + around + 1).min(end);
                match all.last_mut() {
                    Some(last) if one.start <= last.end + 2 => last.end = one.end,
                    _ => all.push(one),
                }
            }
            all
        };
        let sum = |all: &[Range<u32>]| -> f32 {
            all.iter().map(|range| range.len() as f32 * least).sum::<f32>()
                + between_clusters * (all.len() as f32 - 1.0)
        };
        let fits = |frames: &BTreeSet<u32>| sum(&clusters(frames, 0)) <= width;
        let mut chosen = BTreeSet::new();
        let of_steps = self.steps().into_iter().filter_map(|(kind, _)| Some(frame_of(&kind?)?.0));
        let tables = self.machine().kmem().vmalloc().into_iter().flat_map(|vmalloc| vmalloc.tables());
        let mut rest: Vec<u32> = of_steps.collect();
        // What was built last lies nearest to the step.
        let (own, others): (Vec<Cell>, Vec<Cell>) =
            self.cells.iter().partition(|cell| self.play == Some(cell.at));
        for cell in own.iter().rev().chain(&others) {
            rest.extend(self.segments[cell.at].frame(cell.page).map(|pfn| pfn.0));
        }
        rest.extend(tables.map(|(_, pfn)| pfn.0));
        for frame in rest {
            let is_new = chosen.insert(frame);
            if is_new && !fits(&chosen) {
                chosen.remove(&frame);
            }
        }
        if chosen.is_empty() {
            return;
        }
        let around = [24, 16, 8, 4, 2, 1, 0];
        let found = around.into_iter().map(|around| clusters(&chosen, around)).find(|all| sum(all) <= width);
        let Some(all) = found else { return };
        let frames: usize = all.iter().map(ExactSizeIterator::len).sum();
        let room = width - between_clusters * (all.len() as f32 - 1.0);
        self.frame_width = (room / frames as f32).min(self.k.cell.1);
        let mut x = self.lens.x;
        for frames in all {
            let w = frames.len() as f32 * self.frame_width;
            self.clusters.push(Cluster { frames, x });
            x += w + between_clusters;
        }
    }

    fn frame_area(&self, pfn: Pfn) -> Option<Area> {
        let cluster = self.clusters.iter().find(|cluster| cluster.frames.contains(&pfn.0))?;
        let x = cluster.x + (pfn.0 - cluster.frames.start) as f32 * self.frame_width;
        Some(Area { x, w: self.frame_width, ..self.lens })
    }

    /// What a frame is filled with.
    fn ink(&self, pfn: Pfn) -> Paint {
        let machine = self.machine();
        match machine.page(pfn).state {
            PageState::Hole => return Paint::Outside,
            PageState::Reserved => return Paint::Reserved,
            _ => {}
        }
        let Some(block) = machine.block_of(pfn) else { return Paint::Used };
        let page = machine.page(block.pfn);
        match (page.state, page.kind) {
            (PageState::Free, _) => Paint::Free,
            (PageState::Pcp, _) => Paint::Pcp,
            (PageState::InHand, _) => Paint::Hand,
            (_, PageKind::Vmalloc) => Paint::Unmovable,
            (_, PageKind::PageTable) => Paint::Density,
            _ => Paint::Used,
        }
    }

    /// The frames that matter, and their neighbours.
    pub(super) fn frames(&mut self) {
        self.choose();
        let s = self.b.s;
        if self.clusters.is_empty() {
            let words = self.b.say(&["no frame yet", "none"], &["还没有页框", "没有"]);
            let (face, lens) = (self.b.plain(), self.lens);
            let item = self.b.things.rect(lens, s.radius, Paint::Ghost, s.line);
            item.pen.dash = Dash::Ghost;
            let spot = Spot::middle(lens.centre().0, centred(lens.centre().1, s.label));
            self.b.words(&words, face, spot, lens, Paint::Quiet);
            return;
        }
        let numbers = self.lens.bottom() + s.label * 1.15;
        for cluster in self.clusters.clone() {
            for frame in cluster.frames.clone() {
                self.frame(Pfn(frame));
            }
            let w = cluster.frames.len() as f32 * self.frame_width;
            let words = [num(cluster.frames.start)];
            let face = self.b.mono();
            let within = Area::between(self.x.0, 0.0, self.x.1, self.b.h);
            self.b.words(&words, face, Spot::start(cluster.x, numbers), within, Paint::Quiet);
            let words = [num(cluster.frames.end - 1)];
            self.b.words(&words, face, Spot::end(cluster.x + w, numbers), within, Paint::Quiet);
            // Where in all of memory.
            let from = self.strip_x(cluster.frames.start);
            let to = self.strip_x(cluster.frames.end).max(from + s.line);
            let top = self.lens.bottom() + s.label * 1.5;
            let mut d = PathData::default();
            d.to('M', &[cluster.x, top]).to('L', &[from, self.strip.y]).to('H', &[to]);
            d.to('L', &[cluster.x + w, top]).to('Z', &[]);
            self.b.back.path(d.take(), Paint::Slot, 0.0);
        }
    }

    pub(super) fn frame(&mut self, pfn: Pfn) {
        let s = self.b.s;
        let Some(area) = self.frame_area(pfn) else { return };
        let paint = self.ink(pfn);
        if paint == Paint::Used {
            self.b.things.rect(area, 0.0, Paint::Ghost, s.line);
        }
        let item = self.b.things.rect(area, 0.0, paint, s.line);
        match paint {
            Paint::Used => item.pen = Pen::NONE,
            Paint::Hand => item.pen.dash = Dash::Next,
            Paint::Free => item.pen.width = s.edge,
            _ => {}
        }
        item.id = Id::Ground(block(pfn));
        item.hit = Some(Hit::Block(pfn));
        // Which page of the area it is.
        let page = self.play.and_then(|play| {
            let segment = &self.segments[play];
            let at = segment.frames.iter().position(|frame| *frame == pfn)?;
            Some(u64::from(segment.first) + at as u64 + 1)
        });
        if let Some(page) = page {
            let face = self.b.mono();
            let spot = Spot::middle(area.centre().0, centred(area.centre().1, s.label));
            if let Some(text) = self.b.words(&[num(page)], face, spot, area, Paint::Ink) {
                self.paper(text, area);
            }
        }
        let did = self.did.as_ref().and_then(frame_of);
        let next = self.next.as_ref().and_then(frame_of);
        if did == Some(pfn) {
            self.b.ring(area, Ring::Done, Id::Ring(Ring::Done, block(pfn)));
        } else if next == Some(pfn) {
            self.b.ring(area, Ring::Next, Id::Ring(Ring::Next, block(pfn)));
        }
        if self.selected == Some(pfn) {
            self.b.selected(area, block(pfn));
        }
    }

    /// From each page to its frame.
    pub(super) fn threads(&mut self) {
        let s = self.b.s;
        let [mut own, mut others] = [PathData::default(), PathData::default()];
        let steps = [Self::page_of(self.did), Self::page_of(self.next)];
        let bend = |d: &mut PathData, from: (f32, f32), to: (f32, f32)| {
            let middle = (from.1 + to.1) / 2.0;
            d.to('M', &[from.0, from.1]).to('C', &[from.0, middle, to.0, middle, to.0, to.1]);
        };
        let ends = |cell: Area, frame: Area| ((cell.centre().0, cell.bottom()), (frame.centre().0, frame.y));
        for cell in self.cells.clone() {
            let pfn = self.segments[cell.at].frame(cell.page);
            let Some(frame) = pfn.and_then(|pfn| self.frame_area(pfn)) else { continue };
            let (from, to) = ends(cell.area, frame);
            let is_play = self.play == Some(cell.at);
            if is_play && steps[0].is_some_and(|(index, _)| u64::from(index) == cell.page) {
                self.go(from, to, Ring::Done);
            } else {
                bend(if is_play { &mut own } else { &mut others }, from, to);
            }
        }
        // An entry that is cleared leads nowhere, but the frame is still the area's.
        let is_cleared = self.play.is_some_and(|play| self.segments[play].what == What::GivenBack);
        for (d, paint) in [(&mut others, Paint::Shelf), (&mut own, Paint::Bracket)] {
            if d.is_empty() {
                continue;
            }
            let item = self.b.back.path(d.take(), paint, self.k.thread);
            if is_cleared && paint == Paint::Bracket {
                item.pen = Pen { width: self.k.thread, dash: Dash::Ghost };
            }
        }
        // Where the next page will be.
        if let (Some((index, pfn)), Some(play)) = (steps[1], self.play)
            && let Some(frame) = self.frame_area(pfn)
            && let Some(cell) = self.cells.iter().find(|c| c.at == play && c.page == u64::from(index))
        {
            let (from, to) = ends(cell.area, frame);
            self.go(from, to, Ring::Next);
        }
        let air = self.lens.y - self.band.bottom();
        let taken = Area { x: self.x.0, y: self.band.bottom(), w: self.x.1 - self.x.0, h: air };
        self.b.labels.keep_off(taken.grown(-s.line));
    }

    /// The thread of a step.
    fn go(&mut self, from: (f32, f32), to: (f32, f32), ring: Ring) {
        let s = self.b.s;
        let from = (from.0, from.1 + s.halo * 0.5);
        let tip = (to.0, to.1 - s.halo * 0.5);
        let end = (tip.0, tip.1 - s.arrow * 0.8);
        let middle = (from.1 + end.1) / 2.0;
        let mut d = PathData::default();
        d.to('M', &[from.0, from.1]).to('C', &[from.0, middle, end.0, middle, end.0, end.1]);
        let d = d.take();
        self.b.ways.path(d.clone(), Paint::Halo, s.halo);
        self.b.ways.path(d, Paint::Go, s.go).pen.dash = ring.dash();
        self.b.ways.path(arrow_head(tip, (0.0, 1.0), s.arrow), Paint::GoHead, 0.0);
    }

    /// Where a frame lies on the strip of all memory.
    fn strip_x(&self, frame: u32) -> f32 {
        let end = self.machine().end().0.max(1);
        self.strip.x + self.strip.w * (frame as f32 / end as f32).min(1.0)
    }

    /// All of memory: the darker, the more of it is in use; where vmalloc has frames.
    pub(super) fn memory(&mut self, used: &[u8]) {
        let s = self.b.s;
        let strip = self.strip;
        self.b.things.rect(strip, 0.0, Paint::Paper, 0.0);
        let end = self.machine().end().0.max(1);
        let each = end.div_ceil((strip.w / (s.line * 2.0)) as u32).max(1);
        let mut d = PathData::default();
        // Stretches of the same height are one.
        let mut at = 0;
        while at < used.len() {
            let many = used[at..].iter().take_while(|other| **other == used[at]).count();
            if used[at] > 0 {
                let h = strip.h * f32::from(used[at]) / 255.0;
                let x0 = self.strip_x(at as u32 * each);
                let x1 = self.strip_x((at + many) as u32 * each);
                d.rect(Area { x: x0, y: strip.bottom() - h, w: x1 - x0, h });
            }
            at += many;
        }
        if !d.is_empty() {
            self.b.things.path(d.take(), Paint::Used, 0.0);
        }
        // A frame's mark is as wide as a line, and one mark serves all that lie there.
        let mut marks = PathData::default();
        let mut columns = vec![false; (strip.w / s.line) as usize];
        for pfn in self.segments.iter().flat_map(|segment| &segment.frames) {
            let at = ((self.strip_x(pfn.0) - strip.x) / s.line) as usize;
            if let Some(column) = columns.get_mut(at)
                && !std::mem::replace(column, true)
            {
                marks.rect(Area { x: strip.x + at as f32 * s.line, w: s.line, ..strip });
            }
        }
        if !marks.is_empty() {
            self.b.things.path(marks.take(), Paint::TypeUnmovable, 0.0);
        }
        self.b.things.rect(strip, 0.0, Paint::Axis, s.edge);
        // The zones.
        let zones: Vec<(ZoneId, u32, u32)> = (0..)
            .map(ZoneId)
            .zip(self.machine().zones())
            .map(|(id, zone)| (id, zone.span.start.0, zone.span.end.0))
            .collect();
        for (id, from, to) in zones {
            let (x0, x1) = (self.strip_x(from), self.strip_x(to));
            if x0 > strip.x {
                self.b.things.line([x0, strip.y, x0, strip.bottom()], Paint::Axis, s.edge);
            }
            if self.b.form == Form::Phone {
                continue;
            }
            let y = strip.bottom() + s.label * 1.1;
            let name = zone_name(self.machine(), id);
            let pages = num(to - from);
            let words = match self.b.lang {
                Lang::En => vec![format!("{name}, {pages} frames"), name],
                Lang::Zh => vec![format!("{name}，{pages} 个页框"), name],
            };
            let face = self.b.plain();
            let within = Area::between(x0, 0.0, x1.max(x0 + 1.0), self.b.h);
            self.b.words(&words, face, Spot::start(x0, y), within, Paint::Quiet);
        }
    }

    /// What `kmalloc()` would need for the same: one free block.
    pub(super) fn one_piece(&mut self, y: f32) {
        let s = self.b.s;
        let play = self.play.map(|play| &self.segments[play]);
        let wanted = wanted_pages(self.moment, play);
        let size = |order: Order| mm::Bytes(u64::from(order.pages()) * PAGE_SIZE).to_string();
        let free = largest_free(self.machine());
        let has = free.map_or_else(
            || self.b.lang.pick("none".to_owned(), "没有".to_owned()),
            |order| {
                self.b
                    .lang
                    .pick(format!("order {order}, {}", size(order)), format!("{order} 阶，{}", size(order)))
            },
        );
        let needs = wanted.map(order_for);
        let fits = needs.is_none_or(|order| order.is_some() && free >= order);
        let words = match (self.b.lang, needs) {
            (Lang::En, Some(Some(order))) => vec![
                format!(
                    "kmalloc would need one piece of order {order} ({}): {}. Largest free block: {has}",
                    size(order),
                    if fits { "there is one" } else { "there is none" }
                ),
                format!("In one piece (kmalloc): order {order}. Largest free: {has}"),
                format!(
                    "one piece: order {order}; largest free: {}",
                    free.map_or("–".into(), |o| o.to_string())
                ),
            ],
            (Lang::Zh, Some(Some(order))) => vec![
                format!(
                    "用 kmalloc 就要连成一块，{order} 阶（{}）：{}。最大的空闲块：{has}",
                    size(order),
                    if fits { "有" } else { "没有" }
                ),
                format!("连成一块（kmalloc）要 {order} 阶，最大空闲块：{has}"),
                format!("一整块要 {order} 阶，最大空闲 {}", free.map_or("无".into(), |o| o.to_string())),
            ],
            (Lang::En, Some(None)) => vec![
                format!("kmalloc would need one piece larger than any block. Largest free block: {has}"),
                format!("in one piece: no block is as large; free: {has}"),
            ],
            (Lang::Zh, Some(None)) => vec![
                format!("用 kmalloc 就要连成一块，可没有这么大的块。最大的空闲块：{has}"),
                format!("没有这么大的块；最大空闲：{has}"),
            ],
            (Lang::En, None) => vec![
                format!("In one piece, kmalloc can have at most the largest free block: {has}"),
                format!("largest free block: {has}"),
            ],
            (Lang::Zh, None) => {
                vec![
                    format!("kmalloc 要连成一块，最多只有最大的空闲块：{has}"),
                    format!("最大的空闲块：{has}"),
                ]
            }
        };
        let paint = if fits { Paint::Ink } else { Paint::Fail };
        let face: Face = self.b.strong();
        let all = self.b.all();
        self.b.words(&words, face, Spot::start(s.margin, y), all, paint);
    }
}

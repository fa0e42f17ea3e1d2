//! The rows: what the device sees, where it is, and what it costs.

use mm::dma::Lane;
use mm::page::Block;
use mm::step::DmaStep;
use mm::{Order, Pfn, PfnRange};
use scenario::Lang;

use super::{Row, Way, has_ways, is_lawful, lent, of_step, rows, score};
use crate::Moment;
use crate::board::Board;
use crate::narrate::cma::{size, span};
use crate::narrate::dma::address;
use crate::scene::{Area, Form, Hit, Id, Paint, PathData, Ring, Room, Scene, Spot, centred};

/// The most threads from what a device sees to where it is.
const MOST_THREADS: usize = 20;

pub(super) fn scene(moment: &Moment, room: &Room, lang: Lang, selected: Option<Pfn>) -> Scene {
    let mut picture = Picture { moment, b: Board::new(room, lang), selected };
    picture.b.head(moment);
    let holds = is_lawful(moment);
    let mark = if holds { "✓" } else { "✕" };
    let words = lang.pick(
        [format!("{mark} every device sees its buffer in one piece"), format!("{mark} one piece for each")],
        [format!("{mark} 每个设备看到的都是一整块"), format!("{mark} 都是一整块")],
    );
    picture.b.invariant(&words, holds);
    let only_lends = lent(moment).is_some() && !has_ways(moment);
    let s = picture.b.s;
    let (top, bottom) = (s.head + s.space, picture.b.h - s.legend - s.label * 1.5);
    let lent = lent(moment);
    let rows = if only_lends { Vec::new() } else { rows(moment) };
    // What is lent has the room of two rows, or all of it.
    let share = if lent.is_some() { 2.0 } else { 0.0 };
    let each = (bottom - top) / (rows.len() as f32 + share).max(1.0);
    if let Some(lent) = &lent {
        let area = Area {
            x: s.margin,
            y: top + each * rows.len() as f32,
            w: picture.b.w - 2.0 * s.margin,
            h: each * share - s.space,
        };
        picture.lent(lent, area);
    }
    for (at, row) in rows.iter().enumerate() {
        let area = Area {
            x: s.margin,
            y: top + each * at as f32,
            w: picture.b.w - 2.0 * s.margin,
            h: each - s.space,
        };
        picture.row(row, area);
    }
    let reserved = (Paint::Reserved, picture.b.say(&["reserved"], &["预留"]));
    if only_lends {
        picture.b.legend(&[
            (Paint::Unknown, picture.b.say(&["version 0: whatever lay there"], &["第 0 版：原来就在那里的"])),
            reserved,
        ]);
    } else {
        picture.b.legend(&[
            (Paint::Object, picture.b.say(&["the buffer"], &["缓冲区"])),
            reserved,
            (Paint::TypeCma, picture.b.say(&["a contiguous area"], &["连续内存区"])),
        ]);
    }
    picture.b.finish(moment)
}

pub(super) struct Picture<'m> {
    pub(super) moment: &'m Moment,
    pub(super) b: Board,
    pub(super) selected: Option<Pfn>,
}

impl Picture<'_> {
    fn row(&mut self, row: &Row, area: Area) {
        let s = self.b.s;
        let lang = self.b.lang;
        let is_phone = self.b.form == Form::Phone;
        let left = if is_phone { area.w * 0.3 } else { area.w * 0.16 };
        let right = if is_phone { 0.0 } else { area.w * 0.24 };
        let (radius, edge) = (s.radius, s.edge);
        self.b.back.rect(area, radius, Paint::Wash, edge);
        // Its name, who goes it, and what came of it.
        let within = Area { x: area.x + s.space, w: left - s.space, ..area };
        let middle = area.centre().1;
        let title = self.b.title();
        self.b.words(
            &[row.way.name(lang).to_owned(), row.way.short(lang).to_owned()],
            title,
            Spot::start(within.x, middle - s.label * 0.5),
            within,
            Paint::Ink,
        );
        let (words, paint) = self.state_of(row);
        let face = self.b.plain();
        self.b.words(&words, face, Spot::start(within.x, middle + s.label * 0.9), within, paint);
        // What it costs.
        if !is_phone {
            let within = Area { x: area.right() - right + s.space, w: right - s.space * 2.0, ..area };
            let lines = score(self.moment, row, lang);
            let step = s.label * 1.35;
            let y = middle - step * (lines.len() as f32 - 1.0) / 2.0;
            for (at, words) in lines.iter().enumerate() {
                let y = centred(y + step * at as f32, s.label);
                self.b.words(
                    std::slice::from_ref(words),
                    face,
                    Spot::start(within.x, y),
                    within,
                    Paint::Quiet,
                );
            }
        }
        let picture = Area { x: area.x + left + s.space, w: area.w - left - right - s.space * 2.0, ..area };
        self.picture(row, picture);
        self.rings(row, area);
    }

    /// Who goes the way, and what it has.
    fn state_of(&self, row: &Row) -> (Vec<String>, Paint) {
        let lang = self.b.lang;
        let device = row.device.map(|name| self.moment.name(name).to_owned());
        match (device, row.failed, row.buffer) {
            (Some(device), Some((name, bytes)), _) => {
                let (name, size) = (self.moment.name(name), mm::Bytes(bytes));
                let words = match lang {
                    Lang::En => vec![format!("{device}: no {size} for {name}"), format!("{name} fails")],
                    Lang::Zh => vec![format!("{device}：{name} 要不到 {size}"), format!("{name} 失败")],
                };
                (words, Paint::Fail)
            }
            (Some(device), None, Some((name, buffer))) => {
                let (name, size) = (self.moment.name(name), size(buffer.lane.pages()));
                (
                    vec![format!("{device}: {name}, {size}"), format!("{name}, {size}"), name.to_owned()],
                    Paint::Holds,
                )
            }
            (Some(device), None, None) => (vec![device], Paint::Quiet),
            (None, ..) => (vec![lang.pick("no device yet", "还没有设备").into()], Paint::Quiet),
        }
    }

    /// What the device sees above, memory below, and what leads from one to the other.
    fn picture(&mut self, row: &Row, area: Area) {
        let s = self.b.s;
        let h = (area.h * 0.2).min(s.label * 1.3);
        // The words above keep off the ring, if there is room.
        let line = if self.b.form == Form::Phone { 0.0 } else { s.label * 1.35 };
        let left = area.h - 2.0 * h - s.label * 2.05 - line;
        let sees = Area { y: area.y + s.label * 1.55 + left.clamp(0.0, s.label * 0.2), h, ..area };
        let memory = Area { y: area.bottom() - h - s.label * 0.5, h, ..area };
        let face = self.b.plain();
        let frames = row.buffer.and_then(|(_, buffer)| match buffer.lane {
            Lane::Pool { first, order, .. } => Some(span(first, order.pages())),
            Lane::Cma { first, pages } => Some(span(first, pages)),
            Lane::Buddy(block) => Some(span(block.pfn, block.order.pages())),
            Lane::Iommu { .. } => None,
        });
        let words = match (frames, self.b.lang) {
            (Some(frames), Lang::En) => vec![format!("memory: frames {frames}"), "memory".to_owned()],
            (Some(frames), Lang::Zh) => vec![format!("内存：{frames} 号页框"), "内存".to_owned()],
            (None, Lang::En) => vec!["memory".to_owned()],
            (None, Lang::Zh) => vec!["内存".to_owned()],
        };
        let all = self.b.all();
        // Threads come down to where the pages of an IOMMU lie, most often on the left.
        let y = memory.y - s.label * 0.35;
        let spot =
            if row.way == Way::Iommu { Spot::end(memory.right(), y) } else { Spot::start(memory.x, y) };
        // A phone has no line for them where the buffer is.
        if self.b.form != Form::Phone || row.buffer.is_none() {
            self.b.words(&words, face, spot, all, Paint::Quiet);
        }
        self.b.back.rect(memory, s.radius, Paint::Slot, s.edge);
        let end = self.moment.machine.end().0.max(1) as f32;
        let x = |pfn: Pfn| memory.x + memory.w * pfn.0 as f32 / end;
        let place = |range: PfnRange| Area::between(x(range.start), memory.y, x(range.end), memory.bottom());
        let machine = &self.moment.machine;
        match row.way {
            Way::Pool => {
                for pool in machine.dma().map_or(&[][..], mm::dma::Dma::pools) {
                    self.b.things.rect(place(pool.frames), 0.0, Paint::Reserved, s.line);
                }
            }
            Way::Cma => {
                for cma in machine.cma().map_or(&[][..], mm::cma::Cma::areas) {
                    self.b.things.rect(place(cma.frames), 0.0, Paint::TypeCma, s.line);
                }
            }
            Way::Iommu | Way::Buddy => {}
        }
        let Some((name, buffer)) = row.buffer else { return };
        // The device's own picture of it.
        let piece = Area { x: sees.x + sees.w * 0.12, w: sees.w * 0.76, ..sees };
        let first = match buffer.lane {
            Lane::Iommu { iova, .. } => {
                machine.dma().and_then(|dma| dma.device(buffer.device)?.iommu.as_ref()?.frame(iova))
            }
            Lane::Pool { first, .. } | Lane::Cma { first, .. } => Some(first),
            Lane::Buddy(block) => Some(block.pfn),
        };
        self.b.things.rect(piece, s.radius, Paint::Object, s.line).hit = first.map(Hit::Block);
        self.corners(piece, first);
        let at = match buffer.lane {
            Lane::Iommu { iova, .. } => iova,
            Lane::Pool { first, .. } | Lane::Cma { first, .. } => u64::from(first.0),
            Lane::Buddy(block) => u64::from(block.pfn.0),
        };
        let (device, at) = (self.moment.name(buffer.device), address(at));
        let words = match self.b.lang {
            Lang::En => vec![format!("{device} sees {} from {at} on", self.moment.name(name)), at.clone()],
            Lang::Zh => vec![format!("{device} 看到的 {}：从 {at} 起", self.moment.name(name)), at.clone()],
        };
        let strong = self.b.strong();
        let within = Area { y: 0.0, h: self.b.h, ..area };
        self.b.words(&words, strong, Spot::start(piece.x, piece.y - s.label * 0.35), within, Paint::Ink);
        // Where it is: blocks, each with the pages of the piece that it stands for.
        let blocks: Vec<(u32, PfnRange)> = match buffer.lane {
            Lane::Iommu { iova, pages } => {
                let iommu = machine.dma().and_then(|dma| dma.device(buffer.device)?.iommu.as_ref());
                let maps = iommu.into_iter().flat_map(|iommu| iommu.maps());
                maps.filter(|(from, _)| (iova..iova + u64::from(pages)).contains(from))
                    .map(|(from, Block { pfn, order })| {
                        ((from - iova) as u32, PfnRange::new(pfn.0, pfn.0 + order.pages()))
                    })
                    .collect()
            }
            Lane::Pool { first, order, .. } => vec![(0, PfnRange::new(first.0, first.0 + order.pages()))],
            Lane::Cma { first, pages } => vec![(0, PfnRange::new(first.0, first.0 + pages))],
            Lane::Buddy(block) => vec![(0, PfnRange::new(block.pfn.0, block.pfn.0 + block.order.pages()))],
        };
        let pages = buffer.lane.pages().max(1) as f32;
        let mut threads = PathData::default();
        let each = blocks.len().div_ceil(MOST_THREADS).max(1);
        for (number, (page, frames)) in blocks.iter().enumerate() {
            let there = place(*frames);
            if number.is_multiple_of(each) {
                let seen = |page: f32| piece.x + piece.w * page / pages;
                let ends = if blocks.len() == 1 {
                    vec![(seen(0.0), there.x), (seen(pages), there.right())]
                } else {
                    vec![(seen(*page as f32 + frames.len() as f32 / 2.0), there.centre().0)]
                };
                for (a, z) in ends {
                    threads.to('M', &[a, piece.bottom()]).to('L', &[z, memory.y]);
                }
            }
        }
        let line = s.edge.max(s.line * 0.6);
        self.b.ways.path(threads.take(), Paint::Thread, line);
        // Those that are side by side, or as good as that, are one mark.
        let mut places: Vec<Area> = blocks.iter().map(|(_, frames)| place(*frames)).collect();
        places.sort_by(|a, b| a.x.total_cmp(&b.x));
        let mut marks = PathData::default();
        let mut run: Option<Area> = None;
        for there in places {
            run = match run {
                Some(run) if there.x <= run.right() + s.line * 0.7 => {
                    Some(Area::between(run.x, run.y, there.right().max(run.right()), run.bottom()))
                }
                run => {
                    if let Some(run) = run {
                        marks.rect(Area { w: run.w.max(s.line * 0.7), ..run });
                    }
                    Some(there)
                }
            };
        }
        if let Some(run) = run {
            marks.rect(Area { w: run.w.max(s.line * 0.7), ..run });
        }
        self.b.things.path(marks.take(), Paint::Object, 0.0);
    }

    /// Corners, where the selected frame is this one.
    pub(super) fn corners(&mut self, area: Area, first: Option<Pfn>) {
        if let Some(pfn) = self.selected.filter(|of| Some(*of) == first) {
            self.b.selected(area, Block { pfn, order: Order::ZERO });
        }
    }

    fn rings(&mut self, row: &Row, area: Area) {
        let is_of = |step: Option<DmaStep>| {
            let device = match step {
                Some(
                    DmaStep::Asked { device, .. }
                    | DmaStep::Got { device, .. }
                    | DmaStep::Free { device, .. }
                    | DmaStep::Access { device, .. },
                ) => Some(device),
                Some(DmaStep::Device { name, .. }) => Some(name),
                _ => None,
            };
            device.is_some() && device == row.device
        };
        let did = of_step(self.moment.just_did.as_ref());
        let inside = area.grown(-self.b.s.halo * 0.5);
        let fails =
            matches!(did, Some(DmaStep::Failed { name, .. }) if row.failed.is_some_and(|(of, _)| of == name));
        if fails {
            self.b.ring(inside, Ring::Fail, Id::Ringed(Ring::Fail));
        } else if is_of(did) {
            self.b.ring(inside, Ring::Done, Id::Ringed(Ring::Done));
        } else if is_of(of_step(self.moment.next.as_ref())) {
            self.b.ring(inside, Ring::Next, Id::Ringed(Ring::Next));
        }
    }
}

//! Where everything goes: from the addresses at the top through the threads down to the frames, and all of memory below.

mod frames;

use std::ops::Range;

use mm::page::Block;
use mm::step::StepKind;
use mm::units::PAGE_SIZE;
use mm::vmalloc::{Vaddr, VmallocStep};
use mm::{Machine, Order, Pfn};
use scenario::Lang;

use super::{Segment, What, addresses, in_play, name_of, survey};
use crate::Moment;
use crate::board::Board;
use crate::narrate::num;
use crate::number::between;
use crate::scene::{
    Area, Dash, Form, Hit, Id, Motion, Paint, PathData, Pen, Ring, Room, Scene, Spot, centred,
};

/// Sizes of this picture.
#[derive(Clone, Copy)]
struct Sizes {
    /// Left of the rulers, for their names.
    names: f32,
    /// The addresses: at least, at most.
    band: (f32, f32),
    /// The frames around those that matter: at least, at most.
    lens: (f32, f32),
    /// From the lens to all of memory.
    zoom: f32,
    /// All of memory.
    strip: f32,
    /// A cell that has no number in it: at least, at most.
    cell: (f32, f32),
    /// A thread.
    thread: f32,
}

impl Sizes {
    fn of(form: Form) -> Sizes {
        match form {
            Form::Projector => Sizes {
                names: 190.0,
                band: (56.0, 84.0),
                lens: (50.0, 76.0),
                zoom: 40.0,
                strip: 30.0,
                cell: (14.0, 64.0),
                thread: 3.0,
            },
            Form::Laptop => Sizes {
                names: 92.0,
                band: (24.0, 40.0),
                lens: (22.0, 36.0),
                zoom: 18.0,
                strip: 13.0,
                cell: (8.0, 36.0),
                thread: 1.2,
            },
            Form::Phone => Sizes {
                names: 0.0,
                band: (22.0, 34.0),
                lens: (20.0, 30.0),
                zoom: 12.0,
                strip: 9.0,
                cell: (8.0, 30.0),
                thread: 1.2,
            },
        }
    }
}

/// The lines of the tables stand so far above the addresses, as a multiple of a text's height.
const TABLES: f32 = 2.1;
/// A break is as wide as so many.
const BREAK: f32 = 3.0;

/// What is drawn of a segment.
#[derive(Clone)]
enum Piece {
    /// Pages side by side.
    Cells(Range<u64>),
    /// So many pages are left out.
    Break(u64),
}

/// About `most` cells of `pages`: the ends, and what is around the page in focus. A break takes more room than a few
/// cells, so as few as `spare` are never left out.
fn cut(pages: u64, most: u64, focus: Option<u64>, spare: u64) -> Vec<Piece> {
    let tail = (most / 4).clamp(1, 3);
    let head = most - tail;
    let keep = match focus.filter(|focus| *focus + 1 >= head && *focus < pages) {
        _ if pages <= most => return vec![Piece::Cells(0..pages)],
        None => vec![0..head, pages - tail..pages],
        // The first page, those before the one in focus and one behind it, the last ones.
        Some(focus) => {
            let to = (focus + 2).min(pages);
            vec![0..1, (to + 1).saturating_sub(head)..to, pages - tail..pages]
        }
    };
    let mut pieces = Vec::new();
    let mut open: Option<Range<u64>> = None;
    for range in keep {
        open = match open {
            Some(before) if range.start <= before.end + spare => {
                Some(before.start..range.end.max(before.end))
            }
            Some(before) => {
                let hidden = range.start - before.end;
                pieces.extend([Piece::Cells(before), Piece::Break(hidden)]);
                Some(range)
            }
            None => Some(range),
        };
    }
    pieces.extend(open.map(Piece::Cells));
    pieces
}

/// A segment and its place.
struct Band {
    /// Its number among all segments.
    at: usize,
    pieces: Vec<Piece>,
    area: Area,
    cell: f32,
}

/// A page of addresses and its place.
#[derive(Clone, Copy)]
struct Cell {
    area: Area,
    /// The segment, and the page in it.
    at: usize,
    page: u64,
}

/// Frames side by side, and their place.
#[derive(Clone)]
struct Cluster {
    frames: Range<u32>,
    x: f32,
}

/// The picture in the making.
struct Draw<'a> {
    moment: &'a Moment,
    b: Board,
    k: Sizes,
    segments: Vec<Segment>,
    play: Option<usize>,
    did: Option<StepKind>,
    next: Option<StepKind>,
    selected: Option<Pfn>,
    /// Where the rulers begin and end.
    x: (f32, f32),
    band: Area,
    lens: Area,
    strip: Area,
    cells: Vec<Cell>,
    clusters: Vec<Cluster>,
    frame_width: f32,
}

pub(super) fn scene(moment: &Moment, room: &Room, lang: Lang, selected: Option<Pfn>) -> Scene {
    let mut b = Board::new(room, lang);
    b.head(moment);
    let segments = addresses(moment);
    let (k, s) = (Sizes::of(room.form), b.s);
    let x = (s.margin + k.names, b.w - s.margin);
    // From both ends towards the threads, which get what is left.
    let top = s.head + s.space * 0.5 + s.label * (TABLES + 1.3);
    let legend = b.h - s.legend - s.label * 1.2;
    let need = legend - s.label * 0.9;
    let zones = if room.form == Form::Phone { s.label * 0.3 } else { s.label * 1.6 };
    let strip = Area { x: x.0, y: need - s.label * 0.9 - zones - k.strip, w: x.1 - x.0, h: k.strip };
    let lens_end = strip.y - k.zoom - s.label * 1.4;
    let left = lens_end - top - k.band.0 - k.lens.0;
    let band = Area { x: x.0, y: top, w: x.1 - x.0, h: between(k.band.0 + left * 0.16, k.band.0, k.band.1) };
    let h = between(k.lens.0 + left * 0.14, k.lens.0, k.lens.1);
    let lens = Area { x: x.0, y: lens_end - h, w: x.1 - x.0, h };
    let mut draw = Draw {
        play: in_play(moment, &segments),
        moment,
        k,
        segments,
        did: moment.just_did.map(|step| step.kind),
        next: moment.next.map(|step| step.kind),
        selected,
        x,
        band,
        lens,
        strip,
        cells: Vec::new(),
        clusters: Vec::new(),
        frame_width: 0.0,
        b,
    };
    let (of_vmalloc, used) = survey(&moment.machine, (strip.w / (s.line * 2.0)) as u32);
    draw.invariant(of_vmalloc);
    draw.ruler_names();
    if draw.segments.is_empty() {
        draw.nothing();
    } else {
        draw.addresses();
        draw.tables();
        draw.frames();
        draw.threads();
    }
    draw.memory(&used);
    draw.one_piece(need);
    draw.legend();
    draw.b.finish(moment)
}

/// A frame as a block of its own.
fn block(pfn: Pfn) -> Block {
    Block { pfn, order: Order::ZERO }
}

/// The single frame that a step speaks of.
fn frame_of(kind: &StepKind) -> Option<Pfn> {
    let block = kind.blocks().into_iter().flatten().next()?;
    (block.order == Order::ZERO).then_some(block.pfn)
}

impl Draw<'_> {
    fn machine(&self) -> &Machine {
        &self.moment.machine
    }

    fn steps(&self) -> [(Option<StepKind>, Ring); 2] {
        [(self.did, Ring::Done), (self.next, Ring::Next)]
    }

    /// The page of the area in play that a step is about.
    fn page_of(kind: Option<StepKind>) -> Option<(u32, Pfn)> {
        match kind {
            Some(StepKind::Vmalloc { step: VmallocStep::Page { index, pfn }, .. }) => Some((index, pfn)),
            _ => None,
        }
    }

    fn ruler_names(&mut self) {
        if self.k.names == 0.0 {
            return;
        }
        let s = self.b.s;
        let runs = self.play.map_or(0, |play| self.segments[play].runs());
        let pieces = match (self.b.lang, runs) {
            (_, 0) => self.b.say(&["wherever free"], &["哪里空闲都行"]),
            (Lang::En, 1) => vec!["in 1 piece".to_owned()],
            (Lang::En, _) => vec![format!("in {} pieces", num(runs as u64))],
            (Lang::Zh, _) => vec![format!("分成 {} 段", num(runs as u64))],
        };
        let rows = [
            (self.band, self.b.say(&["addresses"], &["地址"]), self.b.say(&["in a row"], &["一个挨一个"])),
            (self.lens, self.b.say(&["frames"], &["页框"]), pieces),
        ];
        for (row, name, more) in rows {
            let within = Area { x: 0.0, y: 0.0, w: self.x.0 - s.space * 0.5, h: self.b.h };
            let (title, plain) = (self.b.title(), self.b.plain());
            let middle = row.centre().1;
            let y = centred(middle - s.label * 0.62, s.body);
            self.b.words(&name, title, Spot::start(s.margin, y), within, Paint::Ink);
            let y = centred(middle + s.label * 0.62, s.label);
            self.b.words(&more, plain, Spot::start(s.margin, y), within, Paint::Quiet);
        }
        let words = self.b.say(&["all memory"], &["全部内存"]);
        let within = Area { x: 0.0, y: 0.0, w: self.x.0, h: self.b.h };
        let spot = Spot::start(s.margin, centred(self.strip.centre().1, s.label));
        let face = self.b.plain();
        self.b.words(&words, face, spot, within, Paint::Quiet);
    }

    /// No address is taken.
    fn nothing(&mut self) {
        let words = self.b.say(
            &[
                "vmalloc has no area: every address is free. Try v = vmalloc 64K",
                "no area yet: try v = vmalloc 64K",
            ],
            &["vmalloc 还没有区域：所有地址都空着。试试 v = vmalloc 64K", "还没有区域：试试 v = vmalloc 64K"],
        );
        let (s, area) = (self.b.s, self.band);
        let item = self.b.things.rect(area, s.radius, Paint::Ghost, s.line);
        item.pen.dash = Dash::Ghost;
        let face = self.b.plain();
        let spot = Spot::middle(area.centre().0, centred(area.centre().1, s.label));
        self.b.words(&words, face, spot, area, Paint::Quiet);
    }

    /// The width of a cell with a number in it.
    fn numbered(&self) -> f32 {
        let most = self.play.map_or(0, |play| self.segments[play].pages);
        self.b.mono().width(&num(most)) + self.b.s.label * 0.5
    }

    /// How much of each segment is drawn, and where.
    fn plan(&self) -> Vec<Band> {
        let s = self.b.s;
        let gap = s.space;
        let width = self.x.1 - self.x.0;
        let numbered = self.numbered().max(self.k.cell.0);
        // The page that the story has come to.
        let focus = Self::page_of(self.next).or(Self::page_of(self.did)).map(|(index, _)| u64::from(index));
        let focus = focus.or_else(|| {
            let segment = &self.segments[self.play?];
            let end = u64::from(segment.first) + segment.frames.len() as u64;
            match segment.what {
                What::Built => Some(end),
                What::GivenBack => Some(u64::from(segment.first)),
                _ => None,
            }
        });
        let is_play = |at: usize| self.play == Some(at);
        let pieces = |at: usize, (own, others): (u64, u64)| {
            let (most, focus) = if is_play(at) { (own, focus) } else { (others, None) };
            cut(self.segments[at].pages, most, focus, if is_play(at) { 1 } else { 3 })
        };
        let cell = |at: usize| if is_play(at) { numbered } else { self.k.cell.0 };
        let widths = |at: usize, pieces: &[Piece]| -> (f32, f32) {
            pieces.iter().fold((0.0, 0.0), |(cells, breaks), piece| match piece {
                Piece::Cells(range) => (cells + (range.end - range.start) as f32 * cell(at), breaks),
                Piece::Break(_) => (cells, breaks + s.label * BREAK),
            })
        };
        // The segment in play and its neighbours, as many as there is room for.
        let middle = self.play.unwrap_or(0);
        let mut shown = 0..self.segments.len();
        let most =
            [(64, 64), (64, 17), (40, 17), (40, 9), (32, 5), (24, 4), (16, 3), (12, 3), (8, 2), (5, 2)];
        // Rather than that, a neighbour is left out.
        let least = most.len() - 1;
        let (all, fits) = loop {
            let lay = |most: (u64, u64)| {
                let all: Vec<_> = shown.clone().map(|at| (at, pieces(at, most))).collect();
                let sum =
                    all.iter().fold((0.0, gap * (all.len() as f32 - 1.0)), |(cells, rest), (at, pieces)| {
                        let (c, breaks) = widths(*at, pieces);
                        (cells + c, rest + breaks)
                    });
                (all, sum)
            };
            let found =
                most[..least].iter().copied().map(lay).find(|(_, (cells, rest))| cells + rest <= width);
            match found {
                Some(found) => break found,
                None if shown.len() == 1 => break lay(most[least]),
                // The one that is farther away goes.
                None if middle - shown.start > shown.end - 1 - middle => shown.start += 1,
                None => shown.end -= 1,
            }
        };
        let (cells, rest) = fits;
        let most = all.iter().map(|(at, _)| cell(*at)).fold(1.0, f32::max);
        let stretch = ((width - rest) / f32::max(cells, 1.0)).min(self.k.cell.1.max(numbered) / most);
        let mut x = self.x.0;
        all.into_iter()
            .map(|(at, pieces)| {
                let (cells, breaks) = widths(at, &pieces);
                let area = Area { x, w: cells * stretch + breaks, ..self.band };
                x += area.w + gap;
                Band { at, pieces, area, cell: cell(at) * stretch }
            })
            .collect()
    }

    fn addresses(&mut self) {
        let bands = self.plan();
        let s = self.b.s;
        for band in &bands {
            self.segment(band);
        }
        // Those that there is no room for.
        let (first, last) = (bands.first().map_or(0, |b| b.at), bands.last().map_or(0, |b| b.at));
        let hidden = [(self.segments.len() - 1 - last, "→"), (first, "←")];
        let y = self.band.y - s.label * (TABLES + 0.4);
        let mut right = self.x.1;
        for (many, arrow) in hidden.into_iter().filter(|(many, _)| *many > 0) {
            let words = match self.b.lang {
                Lang::En => vec![format!("{arrow} {many} more")],
                Lang::Zh => vec![format!("{arrow} 还有 {many} 段")],
            };
            let (face, all) = (self.b.plain(), self.b.all());
            let put = self.b.words(&words, face, Spot::end(right, y), all, Paint::Quiet);
            right = put.map_or(right, |put| put.x - s.space);
        }
        self.refused(Spot::end(right, y));
    }

    /// No addresses were found: the caller gets nothing.
    fn refused(&mut self, spot: Spot) {
        let is_open =
            self.segments.iter().any(|segment| matches!(segment.what, What::Built | What::GivenBack));
        for (kind, ring) in self.steps() {
            let Some(StepKind::Vmalloc { name, step: VmallocStep::Failed { .. } }) = kind else { continue };
            if is_open {
                continue;
            }
            let ring = if ring == Ring::Done { Ring::Fail } else { ring };
            let words = [format!("{} = NULL", self.moment.name(name)), "NULL".to_owned()];
            let (face, all, pad) = (self.b.strong(), self.b.all(), self.b.s.label * 0.25);
            // The cross of the ring stands at the right.
            let cross = self.b.s.arrow;
            let spot = Spot { x: spot.x - pad - cross, ..spot };
            if let Some(put) = self.b.words(&words, face, spot, all, Paint::Fail) {
                let area = Area { w: put.w + cross, ..put };
                self.b.ring(area.grown(pad), ring, Id::Ringed(ring));
            }
        }
    }

    /// One segment: its name, its pages, its rings.
    fn segment(&mut self, band: &Band) {
        let (s, lang) = (self.b.s, self.b.lang);
        let segment = self.segments[band.at].clone();
        let is_play = self.play == Some(band.at);
        let mut x = band.area.x;
        let mut guard = None;
        for piece in &band.pieces {
            match piece {
                Piece::Cells(pages) => {
                    for page in pages.clone() {
                        let area = Area { x, w: band.cell, ..band.area };
                        self.cell(Cell { area, at: band.at, page }, is_play);
                        if segment.is_area() && page == segment.mapped() {
                            guard = Some(area);
                        }
                        x += band.cell;
                    }
                }
                Piece::Break(hidden) => {
                    let w = s.label * BREAK;
                    let area = Area { x, w, ..band.area };
                    let words = [format!("+{}", num(*hidden)), "…".to_owned()];
                    let face = self.b.plain();
                    let spot = Spot::middle(area.centre().0, centred(area.centre().1, s.label));
                    self.b.words(&words, face, spot, area, Paint::Quiet);
                    x += w;
                }
            }
        }
        // Its name, above it.
        let name = name_of(self.moment, &segment).unwrap_or_default();
        let mapped = num(segment.mapped());
        let en = |of: &str| match segment.what {
            What::Waits => {
                vec![format!("{mapped} pages wait for a purge"), format!("{mapped} wait"), "waits".to_owned()]
            }
            What::Gap => vec![format!("{mapped} free"), "free".to_owned()],
            _ => vec![
                format!("{of} · {mapped} {}", if mapped == "1" { "page" } else { "pages" }),
                of.to_owned(),
            ],
        };
        let zh = |of: &str| match segment.what {
            What::Waits => vec![format!("{mapped} 页等清理"), "等清理".to_owned()],
            What::Gap => vec![format!("空闲 {mapped} 页"), "空闲".to_owned()],
            _ => vec![format!("{of} · {mapped} 页"), of.to_owned()],
        };
        let mut words = lang.pick(en(name), zh(name));
        if is_play && segment.is_area() {
            let from = format!("{:x}", segment.start);
            let rest = words[0].clone();
            words.insert(0, lang.pick(format!("{rest}, from {from}"), format!("{rest}，从 {from} 起")));
        }
        let paint = if is_play { Paint::Ink } else { Paint::Quiet };
        let face = if is_play { self.b.strong() } else { self.b.plain() };
        let y = band.area.y - s.label * 0.7;
        // A long name may go on over what is at its right, as far as nothing stands there.
        let within =
            Area::between(band.area.x, 0.0, if is_play { self.x.1 } else { band.area.right() }, self.b.h);
        self.b.words(&words, face, Spot::start(band.area.x, y), within, paint);
        if let Some(area) = guard.filter(|_| is_play) {
            let words = self.b.say(&["guard"], &["保护页"]);
            let face = self.b.plain();
            let spots =
                [Spot::middle(area.centre().0, y), Spot::start(area.x, y), Spot::end(area.right(), y)];
            let within = Area::between(self.x.0, 0.0, self.x.1, self.b.h);
            self.b.labels.first_fit(&words, face, &spots, within, false, Paint::Quiet);
        }
        self.segment_rings(band, &segment);
    }

    /// What happens to all of a segment.
    fn segment_rings(&mut self, band: &Band, segment: &Segment) {
        for (kind, ring) in self.steps() {
            let Some(StepKind::Vmalloc { step, .. }) = kind else { continue };
            let ring = match step {
                VmallocStep::Addresses { start, .. }
                | VmallocStep::Mapped { start, .. }
                | VmallocStep::Unmapped { start, .. }
                    if start == segment.start && segment.is_area() =>
                {
                    ring
                }
                VmallocStep::Purged { .. } if segment.what == What::Waits => ring,
                VmallocStep::Failed { .. } if matches!(segment.what, What::Built | What::GivenBack) => {
                    if ring == Ring::Done { Ring::Fail } else { ring }
                }
                _ => continue,
            };
            self.b.ring(band.area, ring, Id::Ringed(ring));
        }
    }

    /// One page of addresses.
    fn cell(&mut self, cell: Cell, is_play: bool) {
        let s = self.b.s;
        let segment = &self.segments[cell.at];
        let (what, frame) = (segment.what, segment.frame(cell.page));
        let is_guard = segment.is_area() && cell.page == segment.mapped();
        let paint = match what {
            What::Gap => Paint::Free,
            What::Waits => Paint::Ghost,
            _ if is_guard => Paint::Reserved,
            // Its entry is cleared; the frame is still there.
            What::GivenBack if frame.is_some() => Paint::Used,
            _ if frame.is_some() => Paint::Unmovable,
            _ => Paint::Ghost,
        };
        let line = s.line;
        if paint == Paint::Ghost {
            self.b.back.rect(cell.area, 0.0, Paint::Paper, 0.0);
        }
        if paint == Paint::Used {
            self.b.things.rect(cell.area, 0.0, Paint::Ghost, line);
        }
        let item = self.b.things.rect(cell.area, 0.0, paint, line);
        if paint == Paint::Ghost {
            item.pen.dash = Dash::Ghost;
        }
        if paint == Paint::Used {
            item.pen = Pen::NONE;
        }
        if let Some(pfn) = frame {
            item.id = Id::Chip(block(pfn));
            item.hit = Some(Hit::Block(pfn));
        }
        self.cells.push(cell);
        let is_new = Self::page_of(self.did).is_some_and(|(index, _)| u64::from(index) == cell.page);
        if is_play && is_new {
            item.motion = Motion::Appear;
        }
        if is_play && !is_guard && what != What::Gap && what != What::Waits {
            let number = num(cell.page + 1);
            let face = self.b.mono();
            let spot = Spot::middle(cell.area.centre().0, centred(cell.area.centre().1, s.label));
            if let Some(text) = self.b.words(&[number], face, spot, cell.area, Paint::Ink) {
                self.paper(text, cell.area);
            }
        }
        if is_play {
            for (kind, ring) in self.steps() {
                if Self::page_of(kind).is_some_and(|(index, _)| u64::from(index) == cell.page) {
                    self.b.ring(cell.area, ring, Id::Ringed(ring));
                }
            }
        }
        if let Some(pfn) = frame.filter(|pfn| self.selected == Some(*pfn)) {
            self.b.selected(cell.area, block(pfn));
        }
    }

    /// Letters on a pattern need paper under them.
    fn paper(&mut self, text: Area, within: Area) {
        let s = self.b.s;
        let h = (within.h - s.line * 4.0).min(s.label * 1.4);
        let (x, y) = (text.x - s.label * 0.08, within.centre().1 - h / 2.0);
        self.b.things.rect(Area { x, y, w: text.w + s.label * 0.16, h }, s.radius, Paint::Paper, 0.0);
    }

    /// Which addresses one table maps.
    fn tables(&mut self) {
        let s = self.b.s;
        let Some(vmalloc) = self.machine().kmem().vmalloc() else { return };
        let span = vmalloc.table_span();
        let ends = |(from, pfn): (Vaddr, Pfn)| {
            let address = |cell: &&Cell| self.segments[cell.at].start.0 + cell.page * PAGE_SIZE;
            let mut under = self.cells.iter().filter(|cell| (from.0..from.0 + span).contains(&address(cell)));
            let first = under.next()?;
            Some((pfn, first.area.x, under.next_back().unwrap_or(first).area.right()))
        };
        let tables: Vec<(Pfn, f32, f32)> = vmalloc.tables().filter_map(ends).collect();
        let y = self.band.y - s.label * TABLES;
        for (at, (pfn, x0, x1)) in tables.iter().copied().enumerate() {
            let (line, tick) = (s.line, s.label * 0.4);
            let mut d = PathData::default();
            d.to('M', &[x0, y + tick]).to('V', &[y]).to('H', &[x1]).to('V', &[y + tick]);
            self.b.back.path(d.take(), Paint::Bracket, line);
            let frame = num(pfn.0);
            let words = match self.b.lang {
                Lang::En => vec![
                    format!("one table maps these 2 MiB: frame {frame}"),
                    format!("page table: frame {frame}"),
                    format!("table {frame}"),
                ],
                Lang::Zh => vec![
                    format!("这 2 MiB 共用一张页表：{frame} 号页框"),
                    format!("页表：{frame} 号页框"),
                    format!("页表 {frame}"),
                ],
            };
            let face = self.b.plain();
            let right = tables.get(at + 1).map_or(self.x.1, |(_, next, _)| *next - s.space);
            let within = Area::between(x0, 0.0, right.max(x0), self.b.h);
            let spot = Spot::start(x0, y - s.label * 0.4);
            let put = self.b.words(&words, face, spot, within, Paint::Quiet);
            for (kind, ring) in self.steps() {
                if let (Some(StepKind::Vmalloc { step: VmallocStep::Table { pfn: of, .. }, .. }), Some(put)) =
                    (kind, put)
                    && of == pfn
                {
                    self.b.ring(put.grown(s.label * 0.15), ring, Id::Ringed(ring));
                }
            }
        }
    }

    /// Every page of an area is a frame, and every frame of vmalloc a page of an area.
    fn invariant(&mut self, frames: u64) {
        let pages: u64 = self.segments.iter().map(|segment| segment.frames.len() as u64).sum();
        let is_open =
            self.segments.iter().any(|segment| matches!(segment.what, What::Built | What::GivenBack));
        // A page on its way into an area, or out of it.
        let moving = frames.wrapping_sub(pages);
        let is_moving = is_open && moving == 1;
        let holds = pages == frames || is_moving;
        let (mark, equals) = if holds { ("✓", "=") } else { ("✕", "≠") };
        let (p, f) = (num(pages), num(frames));
        let words = match (self.b.lang, is_moving) {
            (Lang::En, false) => vec![
                format!("{mark} {p} pages of areas {equals} {f} frames of vmalloc"),
                format!("{mark} pages {p} {equals} frames {f}"),
            ],
            (Lang::En, true) => vec![
                format!("{mark} {p} pages of areas + 1 on its way = {f} frames of vmalloc"),
                format!("{mark} pages {p} + 1 = frames {f}"),
            ],
            (Lang::Zh, false) => vec![
                format!("{mark} 各区域共 {p} 页 {equals} vmalloc 的 {f} 个页框"),
                format!("{mark} {p} 页 {equals} {f} 个页框"),
            ],
            (Lang::Zh, true) => vec![
                format!("{mark} 各区域共 {p} 页 + 路上 1 页 = vmalloc 的 {f} 个页框"),
                format!("{mark} {p} 页 + 1 = {f} 个页框"),
            ],
        };
        self.b.invariant(&words, holds);
    }

    fn legend(&mut self) {
        let has = |b: &Board, paint: Paint| b.things.items.iter().any(|item| item.paint == paint);
        let all: [(Paint, &str, &str); 6] = [
            (Paint::Unmovable, "page of an area", "区域的页"),
            (Paint::Reserved, "guard page", "保护页"),
            (Paint::Free, "free", "空闲"),
            (Paint::Used, "in use", "在用"),
            (Paint::Pcp, "kept by a CPU", "CPU 留着"),
            (Paint::Density, "page table", "页表"),
        ];
        let fills: Vec<(Paint, Vec<String>)> = all
            .into_iter()
            .filter(|(paint, ..)| has(&self.b, *paint))
            .map(|(paint, en, zh)| (paint, vec![self.b.lang.pick(en, zh).to_owned()]))
            .collect();
        self.b.legend(&fills);
    }
}

//! What is lent to a device for a while: whose turn it is, what each of them would see, and the slots of the bounce buffers.

use mm::dma::{Contents, Direction, Dma, DmaOp, Stream, Swiotlb, Through};
use mm::op::NameId;
use mm::page::Block;
use mm::step::DmaStep;
use mm::{Machine, Op, Order};
use scenario::Lang;

use super::draw::Picture;
use super::of_step;
use crate::Moment;
use crate::narrate::num;
use crate::scene::{Area, Form, Hit, Id, Paint, PathData, Ring, Spot, centred};

/// What is shown of all that is lent: the block that the last op was about.
pub(crate) struct Lent {
    /// The block.
    pub what: NameId,
    /// What lies in it.
    pub contents: Contents,
    /// The mapping, while it lasts.
    pub stream: Option<(NameId, Stream)>,
}

/// The block that was lent or touched last; none where no text does that.
pub(crate) fn lent(moment: &Moment) -> Option<Lent> {
    let dma = moment.machine.dma()?;
    let done = moment.scenario.ops.get(..=moment.cursor.op as usize).unwrap_or(&moment.scenario.ops);
    let mapped = |name: NameId| {
        done.iter().rev().find_map(|op| match op.op {
            Op::Dma(DmaOp::Map { name: of, what, .. }) if of == name => Some(what),
            _ => None,
        })
    };
    done.iter().rev().find_map(|op| {
        let (name, what) = match op.op {
            Op::Dma(DmaOp::Map { name, what, .. }) => (Some(name), what),
            Op::Dma(DmaOp::Cpu { name, .. }) => (None, name),
            Op::Dma(
                DmaOp::Unmap { name }
                | DmaOp::Sync { name, .. }
                | DmaOp::Write { name }
                | DmaOp::Access { name, .. },
            ) => (Some(name), mapped(name)?),
            _ => return None,
        };
        let contents = *dma.contents_of(what)?;
        let of_block = || dma.streams().filter(|(_, of)| of.what == what).last();
        let stream = name.and_then(|name| Some((name, dma.stream(name)?))).or_else(of_block);
        let stream = stream.map(|(name, stream)| (name, *stream));
        Some(Lent { what, contents, stream })
    })
}

/// What a device would see of a mapping now.
pub(crate) fn seen_by_device(machine: &Machine, contents: &Contents, stream: &Stream) -> u32 {
    let line = match stream.through {
        Through::Swiotlb { .. } => stream.slot,
        Through::Direct | Through::Iommu { .. } => contents.line,
    };
    let coherent =
        machine.dma().and_then(|dma| dma.device(stream.device)).is_none_or(|device| device.coherent);
    if coherent { line.seen_by_cpu() } else { line.memory }
}

/// Which way data goes, in a few words.
pub(crate) fn way(dir: Direction, lang: Lang) -> &'static str {
    match dir {
        Direction::ToDevice => lang.pick("to be read", "给它读"),
        Direction::FromDevice => lang.pick("to be written", "给它写"),
        Direction::Both => lang.pick("to be read and written", "给它读写"),
    }
}

/// A version's colour: what is old has another one.
fn paint_of(value: u32) -> Paint {
    const PAINTS: [Paint; 4] = [Paint::Anon, Paint::File, Paint::Object, Paint::Reclaimable];
    match value.checked_sub(1) {
        None => Paint::Unknown,
        Some(at) => PAINTS[at as usize % PAINTS.len()],
    }
}

/// A place where a version lies.
struct Cell {
    title: Vec<String>,
    value: Option<u32>,
    note: Vec<String>,
    has_turn: bool,
}

impl Picture<'_> {
    /// The cells in a row, the baton below them, and the shelf.
    pub(super) fn lent(&mut self, lent: &Lent, area: Area) {
        let s = self.b.s;
        let moment = self.moment;
        let lang = self.b.lang;
        self.b.back.rect(area, s.radius, Paint::Wash, s.edge);
        let inside = Area {
            x: area.x + s.space,
            y: area.y + s.space * 0.5,
            w: area.w - s.space * 2.0,
            h: area.h - s.space,
        };
        // Who has it.
        let what = moment.name(lent.what);
        let words = match (&lent.stream, lang) {
            (None, Lang::En) => vec![format!("{what}: lent to nobody"), what.to_owned()],
            (None, Lang::Zh) => vec![format!("{what}：没有借出"), what.to_owned()],
            (Some((name, stream)), Lang::En) => {
                let (device, way) = (moment.name(stream.device), way(stream.dir, lang));
                let name = moment.name(*name);
                vec![
                    format!("{name}: {what} is lent to {device}, {way}"),
                    format!("{what} is lent to {device}"),
                    name.to_owned(),
                ]
            }
            (Some((name, stream)), Lang::Zh) => {
                let (device, way) = (moment.name(stream.device), way(stream.dir, lang));
                let name = moment.name(*name);
                vec![
                    format!("{name}：{what} 借给 {device}，{way}"),
                    format!("{what} 借给 {device}"),
                    name.to_owned(),
                ]
            }
        };
        let face = self.b.title();
        self.b.words(&words, face, Spot::start(inside.x, inside.y + s.body), inside, Paint::Ink);
        let swiotlb = moment.machine.dma().and_then(Dma::swiotlb);
        let shelf = if swiotlb.is_some() { (inside.h * 0.3).min(s.label * 4.5) } else { 0.0 };
        let top = inside.y + s.body * 1.5;
        let row = Area { y: top, h: inside.bottom() - shelf - top, ..inside };
        self.cells(lent, row);
        if let Some(pool) = swiotlb {
            let within = Area { y: inside.bottom() - shelf, h: shelf, ..inside };
            self.shelf(pool, lent, within);
        }
    }

    fn cells(&mut self, lent: &Lent, row: Area) {
        let s = self.b.s;
        let lang = self.b.lang;
        let moment = self.moment;
        let line = lent.contents.line;
        let turn = lent.stream.map(|(_, stream)| stream.with_device);
        let words = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let mut cells = vec![
            Cell {
                title: words(lang.pick(&["the CPU's cache", "cache"], &["CPU 的缓存", "缓存"])),
                value: line.cache.map(|(value, _)| value),
                note: words(match line.cache {
                    Some((_, true)) => lang.pick(&["not in memory yet", "dirty"], &["还没到内存", "脏"]),
                    Some((_, false)) => lang.pick(&["as read"], &["读来的"]),
                    None => lang.pick(&["nothing of it"], &["没有"]),
                }),
                has_turn: turn == Some(false),
            },
            Cell {
                title: words(lang.pick(&["the buffer in memory", "memory"], &["内存里的缓冲区", "内存"])),
                value: Some(line.memory),
                note: Vec::new(),
                has_turn: false,
            },
        ];
        if let Some((_, stream)) = lent.stream {
            if matches!(stream.through, Through::Swiotlb { .. }) {
                cells.push(Cell {
                    title: words(lang.pick(&["its slots", "slots"], &["它的槽", "槽"])),
                    value: Some(stream.slot.memory),
                    note: words(lang.pick(&["a copy"], &["副本"])),
                    has_turn: false,
                });
            }
            let device = moment.name(stream.device).to_owned();
            cells.push(Cell {
                title: match lang {
                    Lang::En => vec![format!("what {device} sees"), device],
                    Lang::Zh => vec![format!("{device} 看到的"), device],
                },
                value: Some(seen_by_device(&moment.machine, &lent.contents, &stream)),
                note: Vec::new(),
                has_turn: stream.with_device,
            });
        }
        let many = cells.len() as f32;
        let gap = if self.b.form == Form::Phone { s.space } else { row.w * 0.05 };
        let each = ((row.w - gap * (many - 1.0)) / many).min(s.label * 16.0);
        let left = row.x + (row.w - each * many - gap * (many - 1.0)) / 2.0;
        let (face, strong) = (self.b.plain(), self.b.strong());
        let mut boxes = Vec::new();
        for (at, cell) in cells.iter().enumerate() {
            let x = left + (each + gap) * at as f32;
            let column = Area { x, w: each, ..row };
            let middle = column.centre().0;
            self.b.words(
                &cell.title,
                face,
                Spot::middle(middle, row.y + s.label),
                column.grown(gap * 0.4),
                Paint::Quiet,
            );
            let h = (row.h - s.label * 4.6).clamp(s.label * 2.8, s.label * 7.0);
            let place = Area { x, y: row.y + s.label * 1.5, w: each, h };
            boxes.push(place);
            let paint = cell.value.map_or(Paint::Slot, paint_of);
            let item = self.b.things.rect(place, s.radius, paint, s.line);
            item.hit = Some(Hit::Block(lent.contents.first));
            self.b.labels.keep_off(place);
            let told = match (cell.value, lang) {
                (None, _) => vec!["–".to_owned()],
                (Some(value), Lang::En) => vec![format!("version {value}"), value.to_string()],
                (Some(value), Lang::Zh) => vec![format!("第 {value} 版"), value.to_string()],
            };
            // What is old is alarming where somebody looks at it.
            let is_old = cell.value.is_some_and(|value| value != lent.contents.newest);
            let note = if is_old { words(lang.pick(&["old"], &["旧的"])) } else { cell.note.clone() };
            let looks = at == 0 || at + 1 == cells.len() && lent.stream.is_some();
            let paint = if is_old && looks { Paint::Fail } else { Paint::Quiet };
            let centre = place.centre().1;
            let lines = [
                (&told, strong, Paint::Ink, centre - s.label * 0.65),
                (&note, face, paint, centre + s.label * 0.75),
            ];
            for (told, face, paint, y) in lines {
                let spot = Spot::middle(middle, centred(if note.is_empty() { centre } else { y }, s.label));
                if let Some(text) = self.b.words(told, face, spot, place, paint) {
                    // Letters on a pattern need paper under them.
                    let pad = s.label * 0.3;
                    let paper = Area { x: text.x - pad, w: text.w + pad * 2.0, ..text };
                    self.b.things.rect(paper, s.radius, Paint::Paper, 0.0);
                }
            }
            // The baton.
            if cell.has_turn {
                let face = self.b.strong();
                let told = lang.pick("its turn", "轮到它");
                let w = face.width(told) + s.label;
                let y = place.bottom() + s.label * 1.1;
                let baton = Area { x: middle - w / 2.0, y, w, h: s.label * 1.5 };
                if baton.bottom() <= row.bottom() + s.label * 0.6 {
                    self.b.things.rect(baton, s.label * 0.7, Paint::Hand, s.line);
                    let spot = Spot::middle(middle, centred(baton.centre().1, s.label));
                    self.b.words(&[told.to_owned()], face, spot, baton, Paint::Ink);
                }
            }
        }
        if let Some(buffer) = boxes.get(1) {
            self.corners(*buffer, Some(lent.contents.first));
        }
        self.moved(&boxes, lent);
    }

    /// Where a version went with the last step, and what was touched.
    fn moved(&mut self, boxes: &[Area], lent: &Lent) {
        let last = boxes.len().saturating_sub(1);
        let is_bounced = boxes.len() == 4;
        let did = of_step(self.moment.just_did.as_ref());
        let (from, to) = match did {
            Some(DmaStep::Bounced { to_device: true, .. }) if is_bounced => (0, 2),
            Some(DmaStep::Bounced { to_device: false, .. }) if is_bounced => (2, 0),
            Some(DmaStep::Cleaned { wrote: true, .. }) if !is_bounced => (0, 1),
            _ => (last + 1, 0),
        };
        if let (Some(a), Some(z)) = (boxes.get(from), boxes.get(to)) {
            let y = a.centre().1;
            let between =
                if from < to { [(a.right(), y), (boxes[to].x, y)] } else { [(a.x, y), (z.right(), y)] };
            // Straight where they are neighbours; else above what lies between.
            if from.abs_diff(to) == 1 {
                self.b.way(&between, Ring::Done);
            } else {
                let y = a.bottom() + self.b.s.label * 0.65;
                let (ax, zx) = (a.centre().0, z.centre().0);
                self.b.way(&[(ax, a.bottom()), (ax, y), (zx, y), (zx, z.bottom())], Ring::Done);
            }
        }
        let touched = match did {
            Some(DmaStep::CpuTouched { what, .. }) if what == lent.what => boxes.first(),
            Some(DmaStep::DeviceTouched { .. } | DmaStep::Faulted { .. }) => boxes.get(last),
            _ => None,
        };
        let fails = matches!(did, Some(DmaStep::Faulted { .. }))
            || matches!(did, Some(DmaStep::CpuTouched { value, newest, .. } | DmaStep::DeviceTouched { value, newest, .. }) if value != newest);
        let ring = if fails { Ring::Fail } else { Ring::Done };
        if let Some(area) = touched {
            self.b.ring(area.grown(-self.b.s.halo * 0.3), ring, Id::Ringed(ring));
        }
    }

    /// All slots in a row, segment by segment.
    fn shelf(&mut self, pool: &Swiotlb, lent: &Lent, area: Area) {
        let s = self.b.s;
        let (used, slots) = (num(pool.used()), num(pool.slots()));
        let words = match self.b.lang {
            Lang::En => vec![
                format!("bounce buffers: {used} of {slots} slots of 2 KiB in use"),
                format!("{used} of {slots} slots"),
            ],
            Lang::Zh => vec![
                format!("弹跳缓冲区：{slots} 个 2 KiB 的槽，在用 {used}"),
                format!("{slots} 个槽，在用 {used}"),
            ],
        };
        let face = self.b.plain();
        self.b.words(&words, face, Spot::start(area.x, area.y + s.label), area, Paint::Quiet);
        let h = (area.h - s.label * 1.6).clamp(s.label * 0.5, s.label * 1.4);
        let strip = Area { y: area.y + s.label * 1.45, h, ..area };
        self.b.back.rect(strip, s.radius, Paint::Reserved, s.edge);
        let x = |slot: u32| strip.x + strip.w * slot as f32 / pool.slots().max(1) as f32;
        let mut edges = PathData::default();
        let segments = pool.slots() / mm::dma::swiotlb::IO_TLB_SEGSIZE;
        for segment in (1..segments).filter(|_| segments <= 64) {
            let at = x(segment * mm::dma::swiotlb::IO_TLB_SEGSIZE);
            edges.to('M', &[at, strip.y]).to('L', &[at, strip.bottom()]);
        }
        self.b.back.path(edges.take(), Paint::Hair, s.edge);
        let least = s.line * 1.5;
        for (name, stream) in self.moment.machine.dma().into_iter().flat_map(Dma::streams) {
            let Through::Swiotlb { first, slots } = stream.through else { continue };
            let at = Area::between(x(first), strip.y, x(first + slots), strip.bottom());
            let at = Area { w: at.w.max(least), ..at };
            let is_shown = lent.stream.is_some_and(|(of, _)| of == name);
            let paint = if is_shown { paint_of(stream.slot.memory) } else { Paint::Used };
            let frame = pool.frames.start.plus(first / 2);
            let item = self.b.things.rect(at, 0.0, paint, s.edge);
            item.hit = Some(Hit::Block(frame));
            self.corners(at, Some(frame));
            if is_shown && matches!(of_step(self.moment.just_did.as_ref()), Some(DmaStep::Slots { .. })) {
                self.b.ring(
                    at.grown(s.halo * 0.5),
                    Ring::Done,
                    Id::Ring(Ring::Done, Block { pfn: frame, order: Order::ZERO }),
                );
            }
        }
    }
}

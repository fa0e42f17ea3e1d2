//! The strip of frames: who has what, and the types of the pageblocks.

use mm::page::MigrateType;
use mm::step::StepKind;
use mm::{Machine, PfnRange};

use super::draw::Draw;
use super::labels::{Spot, centred};
use super::memory::{Kept, frames_of_columns};
use super::words::Word;
use crate::scene::{Area, Face, Form, Hit, Id, Motion, Paint, PathData};

/// Stretches of pageblocks of one type that are drawn.
const BANDS: usize = 160;

impl Draw<'_> {
    /// Everything that somebody has, at its place.
    pub(super) fn ground(&mut self) {
        let (axis, s, ground) = (self.plan.axis, self.plan.s, self.plan.ground);
        let narrow = s.edge;
        self.back.rect(ground, 0.0, Paint::Ground, 0.0);
        let span = self.span();
        for outside in
            [PfnRange::new(axis.window.start.0, span.start.0), PfnRange::new(span.end.0, axis.window.end.0)]
        {
            let part = outside.and(axis.window);
            if !part.is_empty() {
                self.back.rect(self.strip(part), 0.0, Paint::Outside, 0.0);
            }
        }
        for range in self.memory.absent.clone() {
            self.back.rect(self.strip(range), 0.0, Paint::Reserved, narrow);
        }
        // Narrow blocks: their kinds stand on one another, as high as their share.
        let columns = self.memory.crowd[0].len();
        let frames = frames_of_columns(axis.window, columns as u32);
        let mut floor = vec![0u32; columns];
        for (kind, crowd) in self.memory.crowd.iter().enumerate() {
            let mut d = stacked(crowd, &mut floor, &frames, ground);
            for run in &self.memory.thin_used[kind] {
                d.rect(self.strip(run.and(axis.window)));
            }
            if !d.is_empty() {
                let paint = Kept::ALL.get(kind).map_or(Paint::Reserved, |kept| kept_paint(*kept));
                self.back.path(d.take(), paint, 0.0);
            }
        }
        for (block, page) in self.memory.used.clone() {
            let range = PfnRange::new(block.pfn.0, block.last().0 + 1).and(axis.window);
            let area = self.strip(range);
            let item = self.blocks.rect(area, 0.0, kept_paint(Kept::of(&page)), narrow);
            item.id = Id::Ground(block);
            item.hit = Some(Hit::Block(block.pfn));
            if let Some(
                StepKind::Handed { block: given, .. }
                | StepKind::PcpAppend { block: given, .. }
                | StepKind::PcpPut { block: given, .. },
            ) = self.moment.just_did.map(|step| step.kind)
                && given == block
            {
                item.motion = Motion::Appear;
            }
        }
        self.blocks.rect(ground, 0.0, Paint::Axis, s.line);
        if self.form != Form::Phone || axis.x0 > s.margin + s.strong().width("frames") {
            let face = Face { size: s.body, ..s.strong() };
            let y = centred(ground.centre().1, s.body);
            let area = self.labels.word(&Word::FramesHead, face, &[Spot::start(s.margin, y)], Paint::Ink);
            let x = s.list_x.max(area.map_or(0.0, |area| area.right() + s.space));
            let within = Area::between(0.0, 0.0, axis.x0 - s.space, self.plan.h);
            let words = Word::FramesHint.say(self.labels.lang);
            self.labels.first_fit(&words, s.plain(), &[Spot::start(x, y)], within, false, Paint::Quiet);
        }
        // Where a block will be, its name.
        if let Some(StepKind::Handed { block, name, .. }) = self.moment.next.map(|step| step.kind)
            && self.is_visible(block)
        {
            let area = self.on_ground(block);
            let face = Face { size: s.body, ..s.strong() };
            let spot = Spot::middle(area.centre().0, centred(area.centre().1, s.body));
            let words = [self.moment.name(name).to_owned()];
            let within = area.grown(-s.ring);
            self.labels.first_fit(&words, face, &[spot], within, false, Paint::Action);
        }
    }

    /// The names of blocks in use.
    pub(super) fn owners(&mut self) {
        let s = self.plan.s;
        let face = Face { size: s.body, ..s.strong() };
        for (block, page) in self.memory.used.clone() {
            let Some(owner) = page.owner() else { continue };
            let words = self.moment.name(owner).to_owned();
            let range = PfnRange::new(block.pfn.0, block.last().0 + 1).and(self.plan.axis.window);
            let area = self.strip(range);
            let pad = s.line * 2.0;
            let within = Area { x: area.x + pad, w: (area.w - 2.0 * pad).max(0.0), ..area };
            let spot = Spot::middle(area.centre().0, centred(area.centre().1, s.body));
            let paint = paint_on(Kept::of(&page));
            let placed =
                self.labels.first_fit(&[words], face, &[spot], within, false, paint.unwrap_or(Paint::Ink));
            if let (Some(text), None) = (placed, paint) {
                let paper = text.grown(s.line);
                let y = area.y.max(paper.y);
                let paper = Area { y, h: paper.bottom().min(area.bottom()) - y, ..paper };
                self.blocks.rect(paper, s.radius, Paint::Paper, 0.0);
            }
        }
    }

    /// The types of the pageblocks, when they differ or change.
    pub(super) fn band(&mut self) {
        let (axis, s) = (self.plan.axis, self.plan.s);
        let Some(area) = self.plan.band else { return };
        let part = |range: PfnRange| Area {
            x: axis.x(range.start),
            w: range.len() as f32 * axis.per_frame(),
            ..area
        };
        if self.form != Form::Phone {
            let spot = Spot::start(s.margin, centred(area.centre().1, s.label));
            self.labels.word(&Word::PageblockHead, s.plain(), &[spot], Paint::Quiet);
        }
        if let Some((block, ring, from, to)) = self.story.band.filter(|(b, ..)| self.is_visible(*b)) {
            let range = PfnRange::new(block.pfn.0, block.last().0 + 1).and(axis.window);
            let ringed = self.seen(part(range));
            self.ring_with(ringed, ring, Id::Ring(ring, block), s.radius);
            let y = centred(area.centre().1, s.label);
            let word = if from == to { Word::TypeName(to) } else { Word::Claimed(from, to) };
            let words = word.say(self.labels.lang);
            let inside = [Spot::middle(ringed.centre().0, y)];
            let above = area.y - s.halo * 0.6 - s.label * 0.2;
            let above = [
                Spot::middle(ringed.centre().0, above),
                Spot::start(ringed.x, above),
                Spot::end(ringed.right(), above),
            ];
            if self.form != Form::Phone {
                let within = Area::between(axis.x0, 0.0, axis.x1, self.plan.h);
                let paint = Paint::Action;
                let room = ringed.grown(-s.ring).grown(0.1);
                let put = self.labels.first_fit(&words, s.strong(), &inside, room, false, paint);
                if put.is_none() {
                    self.labels.first_fit(&words, s.strong(), &above, within, true, paint);
                }
            }
        }
        let mut runs: Vec<(PfnRange, Option<MigrateType>)> = Vec::new();
        let least = (s.line * 2.0 / axis.per_frame()).ceil() as u32;
        for (range, t) in pageblocks(self.machine(), self.span().and(axis.window)) {
            match runs.last_mut() {
                Some((run, of)) if *of == Some(t) => run.end = range.end,
                // Too narrow to be told apart.
                Some((run, of)) if run.len() < least => {
                    run.end = range.end;
                    *of = None;
                }
                _ => runs.push((range, Some(t))),
            }
        }
        runs.truncate(BANDS);
        for (range, of) in runs {
            let area = part(range);
            let paint = match of {
                Some(MigrateType::Unmovable) => Paint::BandUnmovable,
                Some(MigrateType::Movable) => Paint::BandMovable,
                Some(MigrateType::Reclaimable) => Paint::BandReclaimable,
                Some(_) => Paint::BandOther,
                None => Paint::Wash,
            };
            let inset = s.line / 2.0;
            let inner = Area { x: area.x + inset, w: (area.w - s.line).max(1.0), ..area };
            self.back.rect(inner, s.radius, paint, s.line);
            let Some(t) = of.filter(|_| self.form != Form::Phone) else { continue };
            let spots = [
                Spot::middle(area.centre().0, centred(area.centre().1, s.label)),
                Spot::start(area.x + s.space, centred(area.centre().1, s.label)),
                Spot::end(area.right() - s.space, centred(area.centre().1, s.label)),
            ];
            let words = Word::TypeName(t).say(self.labels.lang);
            self.labels.first_fit(&words, s.plain(), &spots, area, false, Paint::Quiet);
        }
    }
}

fn pageblocks(machine: &Machine, span: PfnRange) -> impl Iterator<Item = (PfnRange, MigrateType)> {
    let pages = machine.pageblock_order().pages();
    let first = span.start.0 / pages * pages;
    let last = span.end.0.min(machine.end().0);
    (first..last).step_by(pages as usize).map(move |at| {
        let range = PfnRange::new(at, at.saturating_add(pages)).and(span);
        (range, machine.pageblock_type(range.start))
    })
}

/// Whether the zone has pageblocks of different types.
pub(super) fn is_mixed(machine: &Machine, span: PfnRange) -> bool {
    let mut types = pageblocks(machine, span).map(|(_, t)| t);
    let first = types.next();
    types.any(|t| Some(t) != first)
}

pub(super) fn kept_paint(kept: Kept) -> Paint {
    match kept {
        Kept::Unknown => Paint::Unknown,
        Kept::Unmovable => Paint::Unmovable,
        Kept::Movable => Paint::Movable,
        Kept::Reclaimable => Paint::Reclaimable,
        Kept::Anon => Paint::Anon,
        Kept::File => Paint::File,
        Kept::Pcp => Paint::Pcp,
    }
}

/// What may stand on a fill, or that it needs paper of its own.
fn paint_on(kept: Kept) -> Option<Paint> {
    match kept {
        Kept::Anon => Some(Paint::OnAnon),
        Kept::File => Some(Paint::OnFile),
        _ => None,
    }
}

/// Columns on top of `floor`, as high as their share; raises the floor.
fn stacked(part: &[u32], floor: &mut [u32], frames: &[u32], area: Area) -> PathData {
    let w = area.w / part.len().max(1) as f32;
    let y = |i: usize, n: u32| area.bottom() - area.h * (n as f32 / frames[i].max(1) as f32).min(1.0);
    let mut d = PathData::default();
    let mut at = 0;
    while at < part.len() {
        if part[at] == 0 {
            at += 1;
            continue;
        }
        // Columns that look alike become one.
        let tenths = |y: f32| (y * 10.0).round() as i32;
        let edges = |i: usize, floor: &[u32]| (tenths(y(i, floor[i])), tenths(y(i, floor[i] + part[i])));
        let here = edges(at, floor);
        let end = (at..part.len()).find(|i| part[*i] == 0 || edges(*i, floor) != here).unwrap_or(part.len());
        let (x0, x1) = (area.x + w * at as f32, area.x + w * end as f32);
        let (low, high) = (y(at, floor[at]), y(at, floor[at] + part[at]));
        d.to('M', &[x0, low]).to('H', &[x1]).to('V', &[high]).to('H', &[x0]).to('z', &[]);
        at = end;
    }
    for (floor, part) in floor.iter_mut().zip(part) {
        *floor += part;
    }
    d
}

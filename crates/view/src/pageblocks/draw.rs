//! The tiles, the one that is told in full, and the legend.

use mm::Pfn;
use mm::mmzone::ZoneId;
use mm::page::{Block, MigrateType};
use scenario::Lang;

use super::census::{Census, Fill, Use, range, types};
use super::plan::{Detail, Plan};
use super::story::Story;
use super::{letter, paint};
use crate::Moment;
use crate::board::{Board, wrap};
use crate::narrate::{num, type_name};
use crate::scene::{Area, Form, Id, Motion, Paint, PathData, Ring, Room, Scene, Spot, centred, num as short};
use crate::vitals::zone_name;

/// Tiles are drawn together in at most so many strips of rows, so that a step draws few of them anew.
const STRIPS: u32 = 24;
/// Levels of a tile that is too small for more.
const LEVELS: usize = 16;

struct Draw<'a> {
    moment: &'a Moment,
    census: &'a Census,
    b: Board,
    plan: Plan,
    story: Option<Story>,
    is_now: bool,
    selected: Option<(ZoneId, u32)>,
    /// The letters of the tiles: they give way to what is told of the step.
    letters: Vec<(f32, f32, MigrateType)>,
}

pub(super) fn scene(
    moment: &Moment,
    census: &Census,
    room: &Room,
    lang: Lang,
    selected: Option<Pfn>,
) -> Scene {
    let mut b = Board::new(room, lang);
    b.head(moment);
    let plan = Plan::of(&moment.machine, room);
    let selected = selected.and_then(|pfn| plan.place_of(&moment.machine, pfn));
    let told = Story::of_moment(moment);
    let (story, is_now) = told.map_or((None, false), |(story, is_now)| (Some(story), is_now));
    let mut draw = Draw { moment, census, b, plan, story, is_now, selected, letters: Vec::new() };
    draw.invariant();
    draw.zones();
    draw.marks();
    draw.letters();
    draw.close_up();
    draw.legend();
    draw.b.finish(moment)
}

/// A rectangle of a path.
fn rect(d: &mut String, x: &str, y: &str, size: &str) {
    for part in ["M", x, " ", y, size] {
        d.push_str(part);
    }
}

/// Its size, to be drawn from its upper left corner.
fn size(w: f32, h: f32) -> String {
    let (w, h) = (short(w), short(h));
    format!("h{w}v{h}h-{w}z")
}

/// The tiles of a strip by what they are painted with.
#[derive(Default)]
struct Strip {
    types: [String; MigrateType::COUNT],
    paper: String,
    uses: [String; Use::COUNT],
}

impl Draw<'_> {
    fn has_memory(fill: &Fill) -> bool {
        fill.of(Use::Hole) < fill.all()
    }

    fn type_of(&self, zone: ZoneId, at: u32) -> MigrateType {
        let machine = &self.moment.machine;
        machine.pageblock_type(range(machine, zone, at).start)
    }

    /// The tiles that a block touches.
    fn touched(&self, block: Block) -> Vec<(ZoneId, u32)> {
        self.plan.touched(&self.moment.machine, block)
    }

    fn zones(&mut self) {
        let s = self.b.s;
        let rows: u32 = self.plan.zones.iter().map(|zone| zone.tiles.div_ceil(self.plan.cols)).sum();
        let per_strip = rows.div_ceil(STRIPS).max(1);
        for zone in self.plan.zones.clone() {
            self.name(zone.id, zone.tiles, zone.name_y);
            let rows = zone.tiles.div_ceil(self.plan.cols);
            let mut row = 0;
            while row < rows {
                self.strip(zone.id, zone.tiles, row..(row + per_strip).min(rows));
                row += per_strip;
            }
            self.rows(zone.id, rows);
            let area = Area::between(self.plan.map.x, zone.y, self.plan.map.right(), zone.y + s.edge);
            self.b.labels.keep_off(Area { h: rows as f32 * self.plan.pitch.1, ..area });
        }
    }

    /// "Zone DMA32: 32 pageblocks, 30 MOVABLE, 2 UNMOVABLE"
    fn name(&mut self, id: ZoneId, tiles: u32, y: f32) {
        let (s, lang) = (self.b.s, self.b.lang);
        let name = zone_name(&self.moment.machine, id);
        let counts = types(&self.moment.machine, id);
        let all = counts.iter().sum::<u32>();
        let present = || MigrateType::ALL.into_iter().filter(|t| counts[t.index()] > 0);
        let list = |name: &dyn Fn(MigrateType) -> &'static str| {
            let part = |t: MigrateType| format!("{} {}", num(counts[t.index()]), name(t));
            present().map(part).collect::<Vec<_>>().join(" · ")
        };
        let hole = tiles - all;
        let holes = match (hole, lang) {
            (0, _) => String::new(),
            (_, Lang::En) => format!(" · {} without memory", num(hole)),
            (_, Lang::Zh) => format!(" · {} 个没有内存", num(hole)),
        };
        let count = lang.pick(
            format!("{} {}", num(all), if all == 1 { "pageblock" } else { "pageblocks" }),
            format!("{} 个 pageblock", num(all)),
        );
        let colon = lang.pick(": ", "：");
        let face = self.b.title();
        let within = Area { y: 0.0, h: self.b.h, ..self.plan.map };
        let spot = Spot::start(self.plan.map.x, y);
        let Some(named) = self.b.words(&[name], face, spot, within, Paint::Ink) else { return };
        let words = vec![
            format!("{count}{colon}{}{holes}", list(&type_name)),
            format!("{count}{colon}{}", list(&type_name)),
            format!("{count}{colon}{}", list(&letter)),
            list(&letter),
        ];
        let face = self.b.plain();
        self.b.words(&words, face, Spot::start(named.right() + s.space, y), within, Paint::Quiet);
    }

    /// The first frame of rows, where there is room.
    fn rows(&mut self, id: ZoneId, rows: u32) {
        let s = self.b.s;
        if self.plan.gutter == 0.0 {
            return;
        }
        let face = self.b.mono();
        let every = ((s.label * 1.7 / self.plan.pitch.1).ceil() as u32).max(1);
        for row in (0..rows).step_by(every as usize) {
            let at = row * self.plan.cols;
            let Some(area) = self.plan.area(id, at) else { continue };
            let first = range(&self.moment.machine, id, at).start;
            let y = centred(area.y + self.plan.tile.1.min(s.label * 1.3) / 2.0, s.label);
            let spot = Spot::end(area.x - s.space, y);
            self.b.labels.at(&num(first.0), face, spot, Paint::Quiet, Id::None);
        }
    }

    /// Rows of tiles, drawn together.
    fn strip(&mut self, id: ZoneId, tiles: u32, rows: std::ops::Range<u32>) {
        let (tile_w, tile_h) = self.plan.tile;
        let detail = self.plan.detail;
        let inset = self.inset(tile_h);
        let gap = match detail {
            Detail::Letter => self.b.s.label * 1.35,
            _ => 0.0,
        };
        let (inner_w, inner_h) = (tile_w - 2.0 * inset - gap, tile_h - 2.0 * inset);
        let outer = size(tile_w, tile_h);
        let inner = size(tile_w - 2.0 * inset, inner_h);
        let levels: Vec<String> = (0..=LEVELS)
            .map(|level| size(tile_w - 2.0 * inset, inner_h * level as f32 / LEVELS as f32))
            .collect();
        let x = |col: u32| self.plan.map.x + self.plan.gutter + col as f32 * self.plan.pitch.0;
        let xs: Vec<[String; 3]> = (0..self.plan.cols)
            .map(|col| [x(col), x(col) + inset, x(col) + inset + gap].map(short))
            .collect();
        let mut strip = Strip::default();
        for row in rows {
            let Some(area) = self.plan.area(id, row * self.plan.cols) else { continue };
            let ys = [area.y, area.y + inset].map(short);
            for col in 0..self.plan.cols {
                let at = row * self.plan.cols + col;
                if at >= tiles {
                    break;
                }
                let fill = self.census.fill(id, at);
                let [x0, x1, x2] = &xs[col as usize];
                if !Self::has_memory(&fill) {
                    rect(&mut strip.uses[Use::Hole as usize], x0, &ys[0], &outer);
                    continue;
                }
                let migratetype = self.type_of(id, at);
                rect(&mut strip.types[migratetype.index()], x0, &ys[0], &outer);
                if detail == Detail::Level {
                    let free = fill.of(Use::Free) + fill.of(Use::Hole);
                    let level = (free as usize * LEVELS).div_ceil(fill.all().max(1) as usize);
                    if level > 0 {
                        rect(&mut strip.paper, x1, &ys[1], &levels[level.min(LEVELS)]);
                    }
                    continue;
                }
                rect(&mut strip.paper, x1, &ys[1], &inner);
                if detail == Detail::Letter {
                    let x = area.x + col as f32 * self.plan.pitch.0 + inset + gap * 0.5;
                    self.letters.push((x, area.y + tile_h / 2.0, migratetype));
                }
                let mut below = area.y + inset + inner_h;
                for (what, frames) in Use::ALL.into_iter().zip(fill.frames) {
                    if frames > 0 && what != Use::Free {
                        let h = inner_h * f32::from(frames) / fill.all() as f32;
                        below -= h;
                        rect(&mut strip.uses[what as usize], x2, &short(below), &size(inner_w, h));
                    }
                }
            }
        }
        let width = if self.b.form == Form::Projector { 3.0 } else { 0.0 };
        for (migratetype, d) in MigrateType::ALL.into_iter().zip(strip.types) {
            self.shape(d, paint(migratetype), 0.0);
        }
        self.shape(strip.paper, Paint::Paper, 0.0);
        for (what, d) in Use::ALL.into_iter().zip(strip.uses) {
            let is_hole = what == Use::Hole;
            self.shape(d, what.paint(), if is_hole { width } else { 0.0 });
        }
    }

    fn letters(&mut self) {
        let face = self.b.strong();
        for (x, y, migratetype) in std::mem::take(&mut self.letters) {
            let spot = Spot::middle(x, centred(y, face.size));
            self.b.labels.at(letter(migratetype), face, spot, Paint::Ink, Id::None);
        }
    }

    fn shape(&mut self, d: String, paint: Paint, pen: f32) {
        if !d.is_empty() {
            self.b.back.path(d, paint, pen);
        }
    }

    /// How thick the colour of the type is around a tile.
    fn inset(&self, tile_h: f32) -> f32 {
        let most = if self.b.form == Form::Projector { 9.0 } else { 4.5 };
        (tile_h * 0.17).min(most).max(0.8)
    }

    /// Rings, the old type in the corner of what has changed, and what is selected.
    fn marks(&mut self) {
        let s = self.b.s;
        if let Some((zone, at)) = self.selected
            && let Some(area) = self.plan.area(zone, at)
        {
            self.b.selected(area, self.block(zone, at));
        }
        let story = self.story.filter(|_| self.is_now);
        let mut ringed = Vec::new();
        if let Some(story) = story
            && let Some(block) = story.block
        {
            for (zone, at) in self.touched(block) {
                let Some(area) = self.plan.area(zone, at) else { continue };
                if let (Some(from), true) = (story.from, story.claimed) {
                    self.corner(area, from);
                }
                self.b.ring(area.grown(s.ring * 0.5), story.ring, Id::Ring(story.ring, self.block(zone, at)));
                ringed.push((zone, at));
            }
            let is_small = self.plan.detail != Detail::Letter;
            if let (Some(from), true, Some((zone, at))) =
                (story.from, story.claimed && is_small, ringed.first().copied())
            {
                self.tag(zone, at, from, story.to);
            }
        } else if let Some(did) = self.moment.just_did {
            for block in did.kind.blocks().into_iter().flatten().take(1) {
                let ring = match did.kind.class() {
                    mm::step::StepClass::Look => Ring::Look,
                    mm::step::StepClass::Fail => Ring::Fail,
                    _ => Ring::Done,
                };
                for (zone, at) in self.touched(block) {
                    let Some(area) = self.plan.area(zone, at) else { continue };
                    self.b.ring(area.grown(s.ring * 0.5), ring, Id::Ring(ring, self.block(zone, at)));
                    ringed.push((zone, at));
                }
            }
        }
        let next = self.moment.next.and_then(|step| step.kind.blocks()[0]);
        for (zone, at) in next.map(|block| self.touched(block)).unwrap_or_default() {
            if let Some(area) = self.plan.area(zone, at).filter(|_| !ringed.contains(&(zone, at))) {
                self.b.ring(area.grown(s.ring * 0.5), Ring::Next, Id::Ring(Ring::Next, self.block(zone, at)));
            }
        }
    }

    /// The pageblock as a block.
    fn block(&self, zone: ZoneId, at: u32) -> Block {
        let machine = &self.moment.machine;
        let order = machine.pageblock_order();
        Block { pfn: range(machine, zone, at).start.align_down(order), order }
    }

    /// The old type, in the upper right corner of a tile.
    fn corner(&mut self, area: Area, from: MigrateType) {
        let Area { x, y, w, h } = area;
        let mut d = PathData::default();
        let (right, reach) = (x + w, (w * 0.5).min(h * 0.7));
        d.to('M', &[right, y]).to('L', &[right - reach, y]).to('L', &[right, y + reach]).to('Z', &[]);
        let line = self.b.s.line;
        self.b.things.path(d.take(), paint(from), line).motion = Motion::Appear;
    }

    /// `M → U` beside the tile.
    fn tag(&mut self, zone: ZoneId, at: u32, from: MigrateType, to: MigrateType) {
        let s = self.b.s;
        let Some(area) = self.plan.area(zone, at) else { return };
        let face = self.b.title();
        let words = format!("{} → {}", letter(from), letter(to));
        let (w, h) = (face.width(&words), face.size * 1.3);
        let gap = s.halo + s.ring;
        let x = if area.right() + gap + w < self.plan.map.right() {
            area.right() + gap + w / 2.0
        } else {
            area.x - gap - w / 2.0
        };
        let y = area.centre().1;
        let paper = Area { x: x - w / 2.0 - s.space * 0.5, y: y - h / 2.0, w: w + s.space, h };
        let item = self.b.rings.rect(paper, s.radius, Paint::Wash, s.line);
        item.motion = Motion::Appear;
        self.b.labels.at(&words, face, Spot::middle(x, centred(y, face.size)), Paint::Action, Id::None);
    }

    /// The pageblock that the story is about or that is selected, in words; else all of them.
    fn close_up(&mut self) {
        let area = self.plan.close_up;
        let line = self.b.s.edge;
        if self.b.form == Form::Phone {
            let y = area.y - self.b.s.space * 0.5;
            self.b.back.line([area.x, y, area.right(), y], Paint::Shelf, line);
        } else {
            let x = area.x - self.b.s.space;
            self.b.back.line([x, area.y, x, area.bottom()], Paint::Shelf, line);
        }
        let story = self.story;
        let of_story =
            story.and_then(|story| story.pfn()).and_then(|pfn| self.plan.place_of(&self.moment.machine, pfn));
        match (story, self.is_now, self.selected) {
            (Some(story), true, _) => self.told(area, of_story, Some(story)),
            (_, _, Some(place)) => {
                let story = story.filter(|_| of_story == Some(place));
                self.told(area, Some(place), story);
            }
            (Some(story), false, None) if story.block.is_some() => self.told(area, of_story, Some(story)),
            _ => match self.changed() {
                Some(place) => {
                    self.told(area, Some(place), None);
                    if self.b.form != Form::Phone {
                        let s = self.b.s;
                        self.key(Area { y: area.bottom() - s.label * 5.6, h: s.label * 5.6, ..area });
                    }
                }
                None => self.all(area),
            },
        }
    }

    /// The pageblock in which the step that was just done changed something.
    fn changed(&self) -> Option<(ZoneId, u32)> {
        let did = self.moment.just_did.filter(|step| step.kind.class() != mm::step::StepClass::Look)?;
        self.touched(did.kind.blocks()[0]?).first().copied()
    }

    /// One pageblock: what it is, what happened to it and why, what it is filled with.
    fn told(&mut self, area: Area, place: Option<(ZoneId, u32)>, story: Option<Story>) {
        let (s, lang) = (self.b.s, self.b.lang);
        let is_phone = self.b.form == Form::Phone;
        let mut y = area.y + s.body;
        let (mut x, mut right) = (area.x, area.right());
        if let Some((zone, at)) = place {
            let machine = &self.moment.machine;
            let range = range(machine, zone, at);
            let number = range.start.0 >> machine.pageblock_order().get();
            // A large block is several pageblocks.
            let more =
                story.and_then(|story| story.block).map_or(1, |block| self.touched(block).len()) as u32;
            let end = self::range(machine, zone, at + more.max(1) - 1).end;
            let (first, last) = (num(range.start.0), num(end.0 - 1));
            let title = match more {
                2.. => format!("Pageblocks {} – {}", num(number), num(number + more - 1)),
                _ => format!("Pageblock {}", num(number)),
            };
            let face = self.b.title();
            let named = self.b.words(&[title], face, Spot::start(x, y), area, Paint::Ink);
            let frames = lang.pick(format!("frames {first} – {last}"), format!("页框 {first} – {last}"));
            let short = format!("{first} – {last}");
            let face = self.b.plain();
            if is_phone {
                let from = named.map_or(x, |named| named.right() + s.space);
                self.b.words(&[frames, short], face, Spot::start(from, y), area, Paint::Quiet);
            } else {
                y += s.label * 1.45;
                self.b.words(&[frames, short], face, Spot::start(x, y), area, Paint::Quiet);
            }
            let mut fill = Fill::default();
            for part in 0..more.max(1) {
                let part = self.census.fill(zone, at + part).frames;
                fill.frames.iter_mut().zip(part).for_each(|(sum, n)| *sum += n);
            }
            let (w, h) = if is_phone {
                (area.w * 0.17, area.bottom() - y - s.label)
            } else {
                (area.w * 0.46, (area.h * 0.27).min(area.w * 0.4))
            };
            let top = y + s.label * 0.7;
            let from = story.filter(|story| story.claimed).and_then(|story| story.from);
            let now = self.type_of(zone, at);
            match from {
                Some(from) if !is_phone => {
                    let small = w * 0.56;
                    let old = Area { x, y: top + h * 0.25, w: small, h: h * 0.5 };
                    self.tile(old, from, None);
                    let (x0, x1, y) =
                        (old.right() + s.space * 0.7, area.right() - w - s.space * 0.7, top + h / 2.0);
                    self.b.way(&[(x0, y), (x1, y)], Ring::Done);
                    self.tile(Area { x: area.right() - w, y: top, w, h }, now, Some(&fill));
                }
                _ => {
                    let tile = Area { x, y: top, w, h };
                    self.tile(tile, now, Some(&fill));
                    if let Some(from) = from {
                        self.corner(tile, from);
                    }
                }
            }
            if is_phone {
                x += w + s.space;
                y += s.label * 1.5;
            } else {
                if from.is_none() {
                    // Beside the tile.
                    let side = Area::between(x + w + s.space, top, right, top + h);
                    self.fills(side, &fill);
                }
                y = top + h + s.label * 1.7;
            }
            right = area.right();
            if let Some(story) = story {
                y = self.why(Area::between(x, y, right, area.bottom()), &story);
            } else {
                let words = vec![format!("{} · {}", type_name(now), zone_name(&self.moment.machine, zone))];
                let face = self.b.strong();
                self.b.words(&words, face, Spot::start(x, y), area, Paint::Ink);
                y += s.label * 1.5;
                if is_phone {
                    self.fills(Area::between(x, y - s.label, right, area.bottom()), &fill);
                }
            }
            if from.is_some() && !is_phone {
                self.fills(Area::between(x, y - s.label * 0.6, right, area.bottom()), &fill);
            }
        } else if let Some(story) = story {
            let top = Area::between(x, y, right, area.bottom());
            self.why(top, &story);
        }
    }

    /// What happened, and why; where the next line can stand.
    fn why(&mut self, area: Area, story: &Story) -> f32 {
        let (s, lang) = (self.b.s, self.b.lang);
        let face = self.b.title();
        let paint = if story.ring == Ring::Fail { Paint::Fail } else { Paint::Action };
        let mut y = area.y;
        let within = Area { y: 0.0, h: self.b.h, ..area };
        if self.b.words(&story.title(lang), face, Spot::start(area.x, y), within, paint).is_some() {
            y += s.label * 1.55;
        }
        let room = ((area.bottom() - y) / (s.label * 1.35)).max(0.0) as usize;
        self.paragraph(&story.reason(lang), Area { y, ..area }, room.min(7))
    }

    /// The longest of the sentences that fits, line under line; where the next line can stand.
    fn paragraph(&mut self, sentences: &[String], area: Area, most: usize) -> f32 {
        let face = self.b.plain();
        let wrapped = sentences.iter().map(|words| wrap(words, face, area.w));
        let Some(lines) = wrapped.into_iter().find(|lines| lines.len() <= most) else { return area.y };
        let mut y = area.y;
        for line in lines {
            self.b.labels.at(&line, face, Spot::start(area.x, y), Paint::Ink, Id::None);
            y += face.size * 1.35;
        }
        y + face.size * 0.3
    }

    /// A tile in large.
    fn tile(&mut self, area: Area, migratetype: MigrateType, fill: Option<&Fill>) {
        let s = self.b.s;
        let inset = self.inset(area.h).max(area.h * 0.07);
        self.b.things.rect(area, s.radius, paint(migratetype), 0.0);
        let inner = area.grown(-inset);
        self.b.things.rect(inner, 0.0, Paint::Paper, 0.0);
        let face = self.b.title();
        let column = face.size * 1.5;
        let y = centred(area.centre().1, face.size);
        let Some(fill) = fill else {
            let spot = Spot::middle(area.centre().0, y);
            self.b.labels.at(letter(migratetype), face, spot, Paint::Ink, Id::None);
            return;
        };
        let spot = Spot::middle(inner.x + column / 2.0, y);
        self.b.labels.at(letter(migratetype), face, spot, Paint::Ink, Id::None);
        let mut below = inner.bottom();
        for (what, frames) in Use::ALL.into_iter().zip(fill.frames) {
            if frames > 0 && what != Use::Free {
                let h = inner.h * f32::from(frames) / fill.all().max(1) as f32;
                below -= h;
                let part = Area { x: inner.x + column, y: below, w: inner.w - column, h };
                self.b.things.rect(part, 0.0, what.paint(), 0.0);
            }
        }
        let (width, edge) = (inner.w - column, s.edge);
        let rest = Area { x: inner.x + column, y: inner.y, w: width, h: inner.h };
        self.b.things.rect(rest, 0.0, Paint::Target, 0.0);
        self.b.things.line([rest.x, inner.y, rest.x, inner.bottom()], Paint::Shelf, edge);
    }

    /// What a pageblock is filled with, as swatches and numbers.
    fn fills(&mut self, area: Area, fill: &Fill) {
        let lang = self.b.lang;
        let mut rows: Vec<(Paint, String)> = Vec::new();
        for what in Use::ALL.into_iter().rev() {
            let frames = fill.of(what);
            if frames > 0 {
                rows.push((what.paint(), format!("{} {}", num(frames), what.name(lang))));
            }
        }
        self.swatches(area, &rows);
    }

    fn swatches(&mut self, area: Area, rows: &[(Paint, String)]) {
        let s = self.b.s;
        let (w, h) = (s.label * 1.3, s.label * 0.9);
        let line = s.line;
        let mut y = area.y + s.label;
        for (paint, words) in rows {
            if y > area.bottom() {
                break;
            }
            let face = self.b.plain();
            let within = Area { y: 0.0, h: self.b.h, ..area };
            let spot = Spot::start(area.x + w + s.space * 0.7, y);
            if self.b.words(std::slice::from_ref(words), face, spot, within, Paint::Ink).is_some() {
                let swatch = Area { x: area.x, y: y - s.label * 0.36 - h / 2.0, w, h };
                self.b.back.rect(swatch, 0.0, *paint, line);
                y += s.label * 1.4;
            }
        }
    }

    /// No pageblock is told: how many there are of each type.
    fn all(&mut self, area: Area) {
        let (s, lang) = (self.b.s, self.b.lang);
        let machine = &self.moment.machine;
        let mut counts = [0u32; MigrateType::COUNT];
        for zone in machine.zone_ids() {
            for (sum, n) in counts.iter_mut().zip(types(machine, zone)) {
                *sum += n;
            }
        }
        let pages = machine.pageblock_order().pages();
        let title = lang.pick(
            format!("A pageblock: {} frames, one type", num(pages)),
            format!("一个 pageblock：{} 个页框，一种类型", num(pages)),
        );
        let short = lang.pick(
            format!("Pageblocks of {} frames", num(pages)),
            format!("每个 pageblock {} 个页框", num(pages)),
        );
        let face = self.b.title();
        let mut y = area.y + s.body;
        self.b.words(&[title, short], face, Spot::start(area.x, y), area, Paint::Ink);
        y += s.label * 0.7;
        let rows: Vec<(Paint, String)> = MigrateType::ALL
            .into_iter()
            .filter(|t| counts[t.index()] > 0)
            .map(|t| (paint(t), format!("{}  {}  {}", letter(t), type_name(t), num(counts[t.index()]))))
            .collect();
        self.swatches(Area::between(area.x, y, area.right(), area.bottom()), &rows);
        y += (rows.len() as f32 * 1.4 + 1.6) * s.label;
        self.key(Area::between(area.x, y, area.right(), area.bottom()));
    }

    /// How a tile is read.
    fn key(&mut self, area: Area) {
        let (s, lang) = (self.b.s, self.b.lang);
        let sentence = [
            lang.pick(
                "The frame of a tile is its type; inside, from the bottom, what is in use. Paper is free. Point at one, or use the arrow keys.",
                "方块的边框是类型；里面从下往上是在用的页，留白是空闲。点一块，或用方向键选。",
            ),
            lang.pick("Frame: its type. Inside: what is in use.", "边框：类型。里面：在用的页。"),
        ];
        let sentence = sentence.map(str::to_owned);
        let room = ((area.bottom() - area.y) / (s.label * 1.35)).max(0.0) as usize;
        self.paragraph(&sentence, area, room);
    }

    fn invariant(&mut self) {
        let machine = &self.moment.machine;
        let of_lists: u64 = machine
            .zones()
            .iter()
            .map(|zone| mm::Order::all().map(|o| u64::from(zone.area(o).nr_free()) << o.get()).sum::<u64>())
            .sum();
        let in_tiles = self.census.free();
        let holds = of_lists == in_tiles;
        let (mark, sign) = if holds { ("✓", "=") } else { ("✕", "≠") };
        let (a, b) = (num(in_tiles), num(of_lists));
        let words = match self.b.lang {
            Lang::En => [
                format!("{mark} free in all pageblocks {a} {sign} free on lists {b}"),
                format!("{mark} free {a} {sign} on lists {b}"),
            ],
            Lang::Zh => [
                format!("{mark} 各 pageblock 空闲合计 {a} {sign} 链表上空闲 {b}"),
                format!("{mark} 空闲 {a} {sign} 链表 {b}"),
            ],
        };
        self.b.invariant(&words, holds);
    }

    fn legend(&mut self) {
        let lang = self.b.lang;
        let is_there = |wanted: Paint| self.b.back.items.iter().any(|item| item.paint == wanted);
        let types = MigrateType::ALL.into_iter().filter(|t| is_there(paint(*t)));
        let types = types.map(|t| (paint(t), vec![format!("{} {}", letter(t), type_name(t))]));
        let uses = Use::ALL.into_iter().filter(|what| is_there(what.paint()));
        let uses = uses.map(|what| (what.paint(), vec![what.name(lang).to_owned()]));
        // Where the tiles have letters, these tell the types.
        let fills: Vec<(Paint, Vec<String>)> = match self.plan.detail {
            Detail::Level => types.collect(),
            Detail::Fill => types.chain(uses).collect(),
            Detail::Letter => uses.chain(types).collect(),
        };
        self.b.legend(&fills);
    }
}

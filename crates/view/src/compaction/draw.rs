//! Where everything goes: the ruler above with the scanners, the two pageblocks in play below, frame by frame.

use mm::compaction::CompactResult;
use mm::mmzone::ZoneId;
use mm::page::Block;
use mm::step::{CompactStep, MigrateStep};
use mm::{Order, Pfn};
use scenario::Lang;

use super::{
    Filling, blocks_in_play, control, of_compaction, of_migration, paint_of, scanners, zone_in_play,
};
use crate::Moment;
use crate::board::Board;
use crate::narrate::num;
use crate::scene::{Area, Dash, Form, Hit, Id, Paint, PathData, Ring, Room, Scene, Spot};
use crate::vitals::zone_name;

/// The most tiles of the ruler: with more pageblocks several share one.
const TILES: u32 = 64;

struct Draw<'a> {
    moment: &'a Moment,
    b: Board,
    zone: ZoneId,
    /// First frame of the ruler, frames of a tile, and how many there are.
    first: u32,
    each: u32,
    tiles: u32,
    ruler: Area,
    selected: Option<Pfn>,
}

pub(super) fn scene(moment: &Moment, room: &Room, lang: Lang, selected: Option<Pfn>) -> Scene {
    let mut b = Board::new(room, lang);
    b.head(moment);
    let zone = zone_in_play(moment);
    let span = moment.machine.zone(zone).span;
    let pageblock = moment.machine.pageblock_order().pages();
    let first = span.start.0 / pageblock * pageblock;
    let blocks = (span.end.0 - first).div_ceil(pageblock).max(1);
    let per_tile = blocks.div_ceil(TILES);
    let tiles = blocks.div_ceil(per_tile);
    let s = b.s;
    let is_phone = room.form == Form::Phone;
    let (left, right) = (s.margin, b.w - s.margin);
    let top = s.head + s.space + s.label * 2.2;
    let height = (b.h * if is_phone { 0.13 } else { 0.17 }).max(s.label * 2.0);
    let ruler = Area::between(left, top, right, top + height);
    let mut draw = Draw { moment, b, zone, first, each: per_tile * pageblock, tiles, ruler, selected };
    draw.title();
    draw.invariant();
    draw.ruler_tiles();
    draw.carets();
    let below = ruler.bottom() + s.label * 4.2;
    let bottom = draw.b.h - s.legend - s.label * if is_phone { 1.3 } else { 1.8 };
    draw.grids(Area::between(left, below, right, bottom));
    draw.legend();
    draw.b.finish(moment)
}

impl Draw<'_> {
    fn x_of(&self, pfn: Pfn) -> f32 {
        let at = pfn.0.saturating_sub(self.first) as f32 / self.each as f32;
        self.ruler.x + self.ruler.w * (at / self.tiles as f32).clamp(0.0, 1.0)
    }

    fn title(&mut self) {
        let s = self.b.s;
        let machine = &self.moment.machine;
        let name = zone_name(machine, self.zone);
        let largest = machine.zone(self.zone).largest_free_order();
        let largest_en = largest.map_or("none".to_owned(), |order| order.to_string());
        let largest_zh = largest.map_or("没有".to_owned(), |order| order.to_string());
        let count = self.tiles;
        let tiles = if count == 1 { "tile" } else { "tiles" };
        let words = match self.b.lang {
            Lang::En => vec![
                format!("Zone {name}: {count} {tiles}, largest free block of order {largest_en}"),
                format!("{name}: largest free order {largest_en}"),
            ],
            Lang::Zh => vec![
                format!("{name} 区：{count} 格，最大的空闲块是 {largest_zh} 阶"),
                format!("{name}：最大空闲阶 {largest_zh}"),
            ],
        };
        let (face, all) = (self.b.title(), self.b.all());
        let spot = Spot::start(s.margin, self.ruler.y - s.label * 0.8);
        self.b.words(&words, face, spot, all, Paint::Ink);
    }

    /// Frames are neither lost nor found: what is in the pageblocks is what the zone manages.
    fn invariant(&mut self) {
        let span = self.moment.machine.zone(self.zone).span;
        let all = Filling::of(&self.moment.machine, span.start, span.end);
        let reserved =
            self.moment.machine.zone(self.zone).present.0 - self.moment.machine.zone(self.zone).managed.0;
        let managed = self.moment.machine.zone(self.zone).managed.0;
        let holds = u64::from(all.total()) == managed + reserved;
        let mark = if holds { "✓" } else { "✕" };
        let (free, moves, stays) = (num(all.free), num(all.moves + all.room), num(all.stays));
        let total = num(managed + reserved);
        let words = match self.b.lang {
            Lang::En => vec![
                format!("{mark} free {free} + movable {moves} + staying {stays} = {total}"),
                format!("{mark} {free} + {moves} + {stays} = {total}"),
            ],
            Lang::Zh => vec![
                format!("{mark} 空闲 {free} + 可移动 {moves} + 不动 {stays} = {total}"),
                format!("{mark} {free} + {moves} + {stays} = {total}"),
            ],
        };
        self.b.invariant(&words, holds);
    }

    /// Each tile from below: what stays, what can move, room that was taken; the rest is free.
    fn ruler_tiles(&mut self) {
        let s = self.b.s;
        let compaction = self.moment.machine.compaction();
        let end = self.moment.machine.zone(self.zone).span.end.0;
        let start = self.moment.machine.zone(self.zone).span.start.0;
        let pageblock = self.moment.machine.pageblock_order().get();
        let width = self.ruler.w / self.tiles as f32;
        let gap = (width * 0.08).min(s.line * 2.0);
        for tile in 0..self.tiles {
            let from = (self.first + tile * self.each).max(start);
            let to = (self.first + (tile + 1) * self.each).min(end);
            let of = Filling::of(&self.moment.machine, Pfn(from), Pfn(to));
            let x = self.ruler.x + width * tile as f32 + gap / 2.0;
            let area = Area { x, w: width - gap, ..self.ruler };
            let block = Block { pfn: Pfn(from), order: Order::ZERO };
            let item = self.b.things.rect(area, s.radius, Paint::Free, s.edge);
            item.hit = Some(Hit::Block(block.pfn));
            let total = of.total().max(1) as f32;
            let mut y = area.bottom();
            for (frames, paint) in
                [(of.stays, Paint::Unmovable), (of.moves, Paint::Movable), (of.room, Paint::Density)]
            {
                let h = area.h * frames as f32 / total;
                if h > 0.0 {
                    y -= h;
                    self.b.things.rect(Area { y, h, ..area }, 0.0, paint, 0.0);
                }
            }
            let number = (self.first + tile * self.each) >> pageblock;
            let marked = self.each >> pageblock == 1 && compaction.is_some_and(|of| of.skips(number));
            if marked {
                // Not worth another look.
                let d = cross(area, (area.w.min(area.h) * 0.28).min(s.arrow));
                self.b.ways.path(d, Paint::Cross, s.line);
            }
        }
        self.b.labels.keep_off(self.ruler);
        if let Some(CompactStep::Passed { pageblock, .. }) = of_compaction(self.moment.just_did.as_ref()) {
            let area = self.tile_of(pageblock);
            self.b.ring(area, Ring::Look, Id::Ringed(Ring::Look));
        }
        if let Some(pfn) = self.selected.filter(|pfn| self.moment.machine.zone_of(*pfn) == Some(self.zone)) {
            let area = self.tile_of(pfn);
            self.b.selected(area, Block { pfn, order: Order::ZERO });
        }
    }

    fn tile_of(&self, pfn: Pfn) -> Area {
        let tile = (pfn.0.saturating_sub(self.first) / self.each).min(self.tiles - 1);
        let width = self.ruler.w / self.tiles as f32;
        Area { x: self.ruler.x + width * tile as f32, w: width, ..self.ruler }
    }

    /// Where the scanners are: one comes from the left, one from the right.
    fn carets(&mut self) {
        let s = self.b.s;
        let Some((migrate, free)) = scanners(self.moment, self.zone) else { return };
        let (xm, xf) = (self.x_of(migrate), self.x_of(free));
        let size = s.arrow * 1.4;
        let y = self.ruler.bottom() + s.space * 0.5;
        for (x, dx) in [(xm, 1.0), (xf, -1.0)] {
            let mut d = PathData::default();
            d.to('M', &[x - dx * size * 0.5, y])
                .to('L', &[x + dx * size * 0.5, y + size * 0.5])
                .to('L', &[x - dx * size * 0.5, y + size])
                .to('Z', &[]);
            self.b.ways.path(d.take(), Paint::GoHead, 0.0);
            let line = self.b.ways.line([x, self.ruler.y, x, y + size], Paint::Go, s.line);
            line.pen.dash = Dash::Solid;
        }
        let met = matches!(
            of_compaction(self.moment.just_did.as_ref()),
            Some(CompactStep::Ends { result: CompactResult::Complete | CompactResult::PartialSkipped, .. })
        );
        if met {
            let x = (xm + xf) / 2.0;
            let line =
                self.b.rings.line([x, self.ruler.y - s.space, x, y + size], Paint::Ring(Ring::Done), s.ring);
            line.pen.dash = Dash::Next;
        }
        let (pm, pf) = (num(migrate.0), num(free.0));
        let lang = self.b.lang;
        let migrate = lang.pick(
            vec![format!("migration scanner: {pm}"), format!("migrate {pm}"), pm.clone()],
            vec![format!("迁移扫描器：{pm}"), format!("迁移 {pm}"), pm.clone()],
        );
        let free = lang.pick(
            vec![format!("free scanner: {pf}"), format!("free {pf}"), pf.clone()],
            vec![format!("空闲扫描器：{pf}"), format!("空闲 {pf}"), pf.clone()],
        );
        let (face, all) = (self.b.strong(), self.b.all());
        // Each on its own line, so that they do not meet where the scanners do.
        let line = y + size + s.label;
        for (words, x, y) in [(migrate, xm, line), (free, xf, line + s.label * 1.25)] {
            let x = x.clamp(s.margin, self.b.w - s.margin);
            let spots = [Spot::middle(x, y), Spot::start(s.margin, y), Spot::end(self.b.w - s.margin, y)];
            self.b.labels.first_fit(&words, face, &spots, all, false, Paint::Ink);
        }
    }

    /// The two pageblocks in play, frame by frame, and what is between them.
    fn grids(&mut self, room: Area) {
        let s = self.b.s;
        let [from, to] = blocks_in_play(self.moment);
        if from.is_none() && to.is_none() {
            let words = self.b.say(&["No page is being moved."], &["现在没有页在搬。"]);
            let (face, spot) = (self.b.plain(), Spot::start(room.x, room.y + s.label));
            self.b.words(&words, face, spot, room, Paint::Quiet);
            return;
        }
        let is_phone = self.b.form == Form::Phone;
        let middle = if is_phone { 0.0 } else { (room.w * 0.2).max(s.label * 9.0) };
        let name = s.label * 1.5;
        let (left, right) = if is_phone {
            let h = (room.h - s.label * 1.5) / 2.0;
            (Area { h, ..room }, Area { y: room.y + h + s.label * 1.5, h, ..room })
        } else {
            let w = (room.w - middle) / 2.0;
            (Area { w, ..room }, Area { x: room.right() - w, w, ..room })
        };
        let lang = self.b.lang;
        let words = |of: Option<Pfn>, en: &str, zh: &str| {
            let at = of.map_or(String::new(), |pfn| format!(" {}", num(pfn.0)));
            vec![lang.pick(format!("{en}{at}"), format!("{zh}{at}"))]
        };
        let mut spots: [Option<Area>; 2] = [None; 2];
        let did = of_migration(self.moment.just_did.as_ref());
        let next = of_migration(self.moment.next.as_ref());
        for (side, (at, area)) in [(from, left), (to, right)].into_iter().enumerate() {
            let names = if side == 0 {
                words(at, "pages come from pageblock", "页来自页块")
            } else {
                words(at, "room in pageblock", "空位在页块")
            };
            let (face, all) = (self.b.strong(), self.b.all());
            self.b.words(&names, face, Spot::start(area.x, area.y + s.label), all, Paint::Quiet);
            let Some(start) = at else { continue };
            let grid = Area { y: area.y + name, h: (area.h - name).max(s.label), ..area };
            let cells = self.grid(start, grid);
            for (step, ring) in [(next, Ring::Next), (did, Ring::Done)] {
                let Some(pfn) = step.and_then(|step| step.frames()[side.min(1)].or(step.frames()[0])) else {
                    continue;
                };
                let both = step.is_some_and(|step| step.frames()[1].is_some());
                // A step about one frame is ringed where that frame is.
                if (both || step.is_some())
                    && let Some(cell) = cells.cell(pfn)
                {
                    let ring = match step {
                        Some(MigrateStep::Stays { .. }) if ring == Ring::Done => Ring::Fail,
                        _ => ring,
                    };
                    self.b.ring(cell, ring, Id::Ring(ring, Block { pfn, order: Order::ZERO }));
                    if ring != Ring::Next || spots[side].is_none() {
                        spots[side] = Some(cell);
                    }
                }
            }
        }
        let moved = matches!(did, Some(MigrateStep::Moved { .. } | MigrateStep::Copied { .. }));
        if let ([Some(a), Some(b)], true) = (spots, moved) {
            let (from, to) = (a.centre(), b.centre());
            let bend =
                if is_phone { (from.0, (from.1 + to.1) / 2.0) } else { ((from.0 + to.0) / 2.0, from.1) };
            let turn = if is_phone { (to.0, bend.1) } else { (bend.0, to.1) };
            self.b.way(&[from, bend, turn, to], Ring::Done);
        }
        if !is_phone {
            self.between(Area { x: left.right(), w: middle, ..room });
        }
    }

    /// Frames of a pageblock, row by row.
    fn grid(&mut self, start: Pfn, room: Area) -> Cells {
        let s = self.b.s;
        let frames = self.moment.machine.pageblock_order().pages();
        // As square as the room lets them be.
        let mut columns = 1;
        while columns < frames && (columns as f32 / (frames / columns) as f32) < room.w / room.h {
            columns *= 2;
        }
        let rows = (frames / columns).max(1);
        let size = (room.w / columns as f32).min(room.h / rows as f32);
        let cells = Cells { start, frames, columns, size, x: room.x, y: room.y };
        let gap = (size * 0.1).min(s.line);
        for at in 0..frames {
            let pfn = Pfn(start.0 + at);
            let Some(area) = cells.cell(pfn) else { continue };
            let area = Area { x: area.x, y: area.y, w: area.w - gap, h: area.h - gap };
            let paint = paint_of(&self.moment.machine, pfn);
            let item = self.b.things.rect(area, 0.0, paint, 0.0);
            item.hit = Some(Hit::Block(pfn));
        }
        let whole = Area { x: room.x, y: room.y, w: size * columns as f32, h: size * rows as f32 };
        self.b.labels.keep_off(whole);
        cells
    }

    /// What waits to move, and what for.
    fn between(&mut self, room: Area) {
        let s = self.b.s;
        let Some(control) = control(self.moment) else { return };
        let lang = self.b.lang;
        let rows = [
            (lang.pick("taken", "取下"), num(control.migratepages.len() as u64)),
            (lang.pick("room", "空位"), num(control.freepages.len() as u64)),
            (lang.pick("moved", "已迁移"), num(control.moved)),
        ];
        let mut y = room.y + s.label * 2.6;
        for (word, value) in rows {
            let (face, plain) = (self.b.title(), self.b.plain());
            let all = self.b.all();
            self.b.words(&[word.to_owned()], plain, Spot::middle(room.centre().0, y), all, Paint::Quiet);
            self.b.words(&[value], face, Spot::middle(room.centre().0, y + s.body * 1.15), all, Paint::Ink);
            y += s.body * 2.6;
        }
    }

    fn legend(&mut self) {
        let fills = [
            (Paint::Movable, self.b.say(&["can move"], &["可移动"])),
            (Paint::Unmovable, self.b.say(&["stays"], &["不能动"])),
            (Paint::Locked, self.b.say(&["pinned"], &["钉住"])),
            (Paint::Density, self.b.say(&["room taken"], &["取下的空位"])),
            (Paint::Free, self.b.say(&["free"], &["空闲"])),
        ];
        self.b.legend(&fills);
    }
}

/// Where the frames of a pageblock are.
struct Cells {
    start: Pfn,
    frames: u32,
    columns: u32,
    size: f32,
    x: f32,
    y: f32,
}

impl Cells {
    fn cell(&self, pfn: Pfn) -> Option<Area> {
        let at = pfn.0.checked_sub(self.start.0).filter(|at| *at < self.frames)?;
        let (column, row) = (at % self.columns, at / self.columns);
        let (x, y) = (self.x + self.size * column as f32, self.y + self.size * row as f32);
        Some(Area { x, y, w: self.size, h: self.size })
    }
}

fn cross(area: Area, half: f32) -> String {
    let (x, y) = area.centre();
    let mut d = PathData::default();
    d.to('M', &[x - half, y - half])
        .to('L', &[x + half, y + half])
        .to('M', &[x + half, y - half])
        .to('L', &[x - half, y + half]);
    d.take()
}

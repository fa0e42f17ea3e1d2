//! The ruler, the field of pages, the bitmap, and who leaves for where.

use mm::cma::Area as CmaArea;
use mm::op::PageKind;
use mm::page::{Block, MigrateType, PageState};
use mm::step::CmaStep;
use mm::{Order, Pfn, PfnRange};
use scenario::Lang;

use super::{Census, What, headline, in_play, is_lawful, of_step, pages_of, range_in_play};
use crate::Moment;
use crate::board::Board;
use crate::narrate::cma::{size, span};
use crate::narrate::num;
use crate::scene::{
    Area, Form, Hit, Id, Motion, Paint, PathData, Ring, Room, Scene, Spot, arrow_head, centred,
};

/// The most columns of pageblocks.
const MOST_COLUMNS: u32 = 64;
/// Parts of the ruler.
const PARTS: u32 = 256;

pub(super) fn scene(moment: &Moment, room: &Room, lang: Lang, selected: Option<Pfn>) -> Scene {
    let mut picture = Picture { moment, b: Board::new(room, lang), selected };
    picture.b.head(moment);
    match in_play(moment) {
        Some((_, area)) => picture.area(area),
        None => picture.nothing(),
    }
    picture.b.finish(moment)
}

struct Picture<'m> {
    moment: &'m Moment,
    b: Board,
    selected: Option<Pfn>,
}

/// How the pages of an area lie in their field.
struct Field {
    /// Where it is.
    area: Area,
    first: Pfn,
    pages: u32,
    /// Pages of a pageblock.
    block: u32,
    /// Pages of a cell.
    each: u32,
    /// Cells side by side in a pageblock.
    gx: u32,
    /// Pageblocks side by side.
    columns: u32,
    /// The edge of a cell.
    cell: f32,
    /// Between pageblocks.
    gap: f32,
}

impl Field {
    /// The arrangement with the largest cells; pages are put together where a cell would be too small to be seen.
    fn of(area: Area, range: PfnRange, block: u32, least: f32, gap: f32) -> Field {
        let blocks = range.len().div_ceil(block).max(1);
        let mut best = Field {
            area,
            first: range.start,
            pages: range.len(),
            block,
            each: block,
            gx: 1,
            columns: 1,
            cell: 0.0,
            gap,
        };
        let mut each = 1;
        while each <= block {
            let cells = block / each;
            let mut found = 0.0;
            let mut gx = 1;
            while gx <= cells {
                let gy = cells / gx;
                for columns in 1..=blocks.min(MOST_COLUMNS) {
                    let rows = blocks.div_ceil(columns);
                    let w = (area.w - gap * (columns - 1) as f32) / (columns * gx) as f32;
                    let h = (area.h - gap * (rows - 1) as f32) / (rows * gy) as f32;
                    let cell = w.min(h);
                    if cell > found {
                        found = cell;
                        best = Field { each, gx, columns, cell, ..best };
                    }
                }
                gx *= 2;
            }
            if found >= least {
                break;
            }
            each *= 2;
        }
        let (columns, rows) = (best.columns, blocks.div_ceil(best.columns));
        let w = best.block_width() * columns as f32 + gap * (columns - 1) as f32;
        let h = best.block_height() * rows as f32 + gap * (rows - 1) as f32;
        // In the middle of what is left over.
        let x = area.x + ((area.w - w) / 2.0).max(0.0);
        let y = area.y + ((area.h - h) / 2.0).max(0.0);
        best.area = Area { x, y, w, h };
        best
    }

    fn gy(&self) -> u32 {
        (self.block / self.each / self.gx).max(1)
    }

    fn block_width(&self) -> f32 {
        self.cell * self.gx as f32
    }

    fn block_height(&self) -> f32 {
        self.cell * self.gy() as f32
    }

    fn block_area(&self, number: u32) -> Area {
        let (column, row) = (number % self.columns, number / self.columns);
        let (w, h) = (self.block_width(), self.block_height());
        let x = self.area.x + (w + self.gap) * column as f32;
        let y = self.area.y + (h + self.gap) * row as f32;
        Area { x, y, w, h }
    }

    fn cell_area(&self, page: u32) -> Area {
        let block = self.block_area(page / self.block);
        let at = page % self.block / self.each;
        let (x, y) = (at % self.gx, at / self.gx);
        Area {
            x: block.x + self.cell * x as f32,
            y: block.y + self.cell * y as f32,
            w: self.cell,
            h: self.cell,
        }
    }

    /// The place of a frame, if it is in the area.
    fn place(&self, pfn: Pfn) -> Option<Area> {
        let page = pfn.0.checked_sub(self.first.0)?;
        (page < self.pages).then(|| self.cell_area(page))
    }

    /// The outline of some pages of one pageblock: as text is selected, line by line.
    fn outline(&self, from: u32, to: u32) -> String {
        let (a, z) = (self.cell_area(from), self.cell_area(to - 1));
        let block = self.block_area(from / self.block);
        let mut d = PathData::default();
        if (a.y - z.y).abs() < 0.1 {
            d.rect(Area::between(a.x, a.y, z.right(), z.bottom()));
            return d.take();
        }
        d.to('M', &[a.x, a.y]).to('H', &[block.right()]).to('V', &[z.y]).to('H', &[z.right()]);
        d.to('V', &[z.bottom()]).to('H', &[block.x]).to('V', &[a.bottom()]).to('H', &[a.x]).to('z', &[]);
        d.take()
    }
}

impl Picture<'_> {
    fn nothing(&mut self) {
        let words = self
            .b
            .say(&["✓ nothing is lent, nothing is owed", "✓ nothing is lent"], &["✓ 没有借出，也没有要还的"]);
        self.b.invariant(&words, true);
        let words = self.b.say(&["There is no contiguous area"], &["没有连续内存区"]);
        let (face, all) = (self.b.title(), self.b.all());
        let (x, y) = all.centre();
        self.b.words(&words, face, Spot::middle(x, y), all, Paint::Quiet);
    }

    fn area(&mut self, area: &CmaArea) {
        let s = self.b.s;
        let machine = &self.moment.machine;
        let pages = pages_of(machine, area.frames);
        let census = Census::of(&pages);
        let all = Area::between(
            s.margin,
            s.head + s.space,
            self.b.w - s.margin,
            self.b.h - s.legend - s.label * 1.4,
        );
        self.invariant(area, &pages);
        // The title, and what is wanted.
        let y = all.y + s.body;
        let face = self.b.title();
        let words = headline(area, &census, self.b.lang);
        let ticket = self.ticket();
        let named = self.b.words(&words, face, Spot::start(all.x, y), all, Paint::Ink);
        let mut top = y + s.space;
        if let Some((words, paint)) = ticket {
            let face = self.b.strong();
            let beside = named.map_or(all.x, |area| area.right() + s.space * 2.0);
            let within = Area::between(beside, 0.0, all.right(), self.b.h);
            if self.b.words(&words, face, Spot::end(all.right(), y), within, paint).is_none() {
                let y = y + s.label * 1.35;
                self.b.words(&words, face, Spot::start(all.x, y), all, paint);
                top = y + s.space;
            }
        }
        let ruler = Area { x: all.x, y: top + s.label * 1.2, w: all.w, h: s.label * 0.9 };
        self.ruler(ruler, area);
        let strip_h = s.label * 1.1;
        let bitmap = Area { x: all.x, y: all.bottom() - strip_h - s.label * 0.4, w: all.w, h: strip_h };
        let from = ruler.bottom() + s.space * 1.6;
        let whole = Area::between(all.x, from, all.right(), bitmap.y - s.label * 2.2);
        let least = match self.b.form {
            Form::Projector => 11.0,
            Form::Laptop => 6.0,
            Form::Phone => 5.0,
        };
        let gap = s.edge * 4.0;
        let block = machine.pageblock_order().pages();
        let field = Field::of(whole.grown(-gap), area.frames, block, least, gap);
        // From where the area is in memory to its picture.
        let frames = self.on_ruler(ruler, area.frames);
        let width = s.edge;
        let band = field.area.grown(gap * 0.8);
        for (a, z) in [(frames.x, band.x), (frames.right(), band.right())] {
            self.b.back.line([a, ruler.bottom(), z, band.y], Paint::Hair, width);
        }
        let line = s.line * 1.4;
        let radius = s.radius;
        self.b.back.rect(band, radius, Paint::TypeCma, line);
        self.b.labels.keep_off(band);
        self.pages(&field, &pages);
        self.blocks(&field, area);
        self.bits(bitmap, area);
        self.range(&field, bitmap, area);
        self.story(&field, ruler);
        self.legend(&census, field.each);
    }

    /// What is wanted, and what has come of it.
    fn ticket(&self) -> Option<(Vec<String>, Paint)> {
        let lang = self.b.lang;
        let step = self.moment.just_did.as_ref();
        let work = self.moment.machine.cma()?.work();
        let name = |name| self.moment.name(name).to_owned();
        match of_step(step) {
            Some(CmaStep::Got { name: of, count, .. }) => {
                let (of, size) = (name(of), size(count));
                let words =
                    lang.pick(format!("{of} has {size} in one piece"), format!("{of} 得到一整块 {size}"));
                return Some((vec![words], Paint::Holds));
            }
            Some(CmaStep::Failed { name: of, .. } | CmaStep::NoArea { name: of }) => {
                let of = name(of);
                return Some((vec![lang.pick(format!("{of} fails"), format!("{of} 失败"))], Paint::Fail));
            }
            _ => {}
        }
        let work = work?;
        let (of, count) = (name(work.name()), work.range().len());
        let (pages, size) = (num(count), size(count));
        let words = match (work.is_release(), lang) {
            (true, Lang::En) => vec![format!("{of} gives back {pages} pages"), format!("{of} goes back")],
            (true, Lang::Zh) => vec![format!("{of} 归还 {pages} 页"), format!("{of} 归还")],
            (false, Lang::En) => vec![
                format!("wanted for {of}: {pages} pages in one piece ({size})"),
                format!("{of}: {pages} pages wanted"),
            ],
            (false, Lang::Zh) => {
                vec![format!("{of} 要一整块 {pages} 页（{size}）"), format!("{of} 要 {pages} 页")]
            }
        };
        Some((words, Paint::Action))
    }

    /// Where frames lie on the ruler.
    fn on_ruler(&self, ruler: Area, frames: PfnRange) -> Area {
        let end = self.moment.machine.end().0.max(1) as f32;
        let x = |pfn: Pfn| ruler.x + ruler.w * pfn.0 as f32 / end;
        Area::between(x(frames.start), ruler.y, x(frames.end), ruler.bottom())
    }

    /// All of memory, and how much of each part is in use.
    fn ruler(&mut self, ruler: Area, area: &CmaArea) {
        let s = self.b.s;
        let machine = &self.moment.machine;
        let end = machine.end().0;
        let each = end.div_ceil(PARTS).max(1);
        self.b.back.rect(ruler, 0.0, Paint::Slot, s.edge);
        let mut used = PathData::default();
        let (mut at, mut is_used, mut count, mut part) = (0u32, false, 0u32, 0u32);
        let w = ruler.w * each as f32 / end.max(1) as f32;
        for flags in machine.mem_map().flatten().take(end as usize) {
            match flags.state() {
                PageState::Tail => {}
                PageState::Allocated | PageState::Reserved | PageState::InHand => is_used = true,
                PageState::Free | PageState::Pcp | PageState::Hole => is_used = false,
            }
            at += 1;
            count += u32::from(is_used);
            if at == each {
                let h = ruler.h * count as f32 / each as f32;
                if h > 0.4 {
                    used.rect(Area { x: ruler.x + w * part as f32, y: ruler.bottom() - h, w, h });
                }
                (at, count, part) = (0, 0, part + 1);
            }
        }
        if !used.is_empty() {
            self.b.things.path(used.take(), Paint::Used, 0.0);
        }
        let frames = self.on_ruler(ruler, area.frames).grown(s.edge);
        let line = s.line * 1.2;
        self.b.things.rect(frames, s.radius, Paint::BandOther, line);
        let y = ruler.y - s.label * 0.4;
        let face = self.b.plain();
        let within = Area::between(ruler.x, 0.0, ruler.right(), self.b.h);
        let words = self.b.say(&["all of memory"], &["全部内存"]);
        self.b.words(&words, face, Spot::start(ruler.x, y), within, Paint::Quiet);
        let words = vec![
            match self.b.lang {
                Lang::En => format!("frames {}", span(area.frames.start, area.frames.len())),
                Lang::Zh => format!("{} 号页框", span(area.frames.start, area.frames.len())),
            },
            span(area.frames.start, area.frames.len()),
        ];
        let middle = frames.centre().0;
        let strong = self.b.strong();
        let half = strong.width(&words[0]) / 2.0;
        let spot = if middle + half > ruler.right() {
            Spot::end(ruler.right(), y)
        } else if middle - half < ruler.x {
            Spot::start(ruler.x, y)
        } else {
            Spot::middle(middle, y)
        };
        self.b.words(&words, strong, spot, within, Paint::Ink);
    }

    /// The pages, those that are alike as one path for each pageblock.
    fn pages(&mut self, field: &Field, pages: &[What]) {
        let inset = (field.cell * 0.08).min(1.0);
        let paint_of = |what: What| match what {
            What::Free => Paint::Free,
            What::Pcp => Paint::Pcp,
            What::Guest(PageKind::File) => Paint::File,
            What::Guest(PageKind::Anon) => Paint::Anon,
            What::Guest(_) => Paint::Movable,
            What::Pinned => Paint::Boost,
            What::Handed => Paint::Object,
            What::Other => Paint::Unmovable,
        };
        let mut pins = PathData::default();
        for (number, of_block) in (0u32..).zip(pages.chunks(field.block as usize)) {
            let first = number * field.block;
            let mut paths: Vec<(Paint, PathData)> = Vec::new();
            for (at, cell) in (0u32..).zip(of_block.chunks(field.each as usize)) {
                // What matters most of the pages that share a cell.
                let Some(what) = cell.iter().copied().max() else { continue };
                let area = field.cell_area(first + at * field.each).grown(-inset);
                let paint = paint_of(what);
                match paths.iter_mut().find(|(of, _)| *of == paint) {
                    Some((_, path)) => path.rect(area),
                    None => {
                        let mut path = PathData::default();
                        path.rect(area);
                        paths.push((paint, path));
                    }
                }
                if what == What::Pinned {
                    pin(&mut pins, area, self.b.s.label);
                }
            }
            for (paint, mut path) in paths {
                self.b.things.path(path.take(), paint, 0.0);
            }
        }
        if !pins.is_empty() {
            let line = self.b.s.line;
            self.b.rings.path(pins.take(), Paint::Cross, line);
        }
    }

    /// Pageblocks that are isolated, and what a pointer hits.
    fn blocks(&mut self, field: &Field, area: &CmaArea) {
        let s = self.b.s;
        let order = self.moment.machine.pageblock_order();
        for number in 0..field.pages.div_ceil(field.block) {
            let pfn = area.frames.start.plus(number * field.block);
            let place = field.block_area(number);
            let block = Block { pfn, order };
            let is_isolated = self.moment.machine.pageblock_type(pfn) == MigrateType::Isolate;
            let (paint, width) =
                if is_isolated { (Paint::TypeIsolate, s.line * 1.6) } else { (Paint::Target, 0.0) };
            if is_isolated {
                // Behind the pages: a thick edge around them.
                self.b.back.rect(place.grown(field.gap * 0.42), s.radius, paint, width).id = Id::Band(block);
            }
            let item = self.b.rings.rect(place, 0.0, Paint::Target, 0.0);
            item.id = Id::Ground(block);
            item.hit = Some(Hit::Block(pfn));
            if self.selected.is_some_and(|of| of.align_down(order) == pfn) {
                self.b.selected(place, block);
            }
        }
    }

    /// The bitmap: ones where pages are handed out or being worked on.
    fn bits(&mut self, strip: Area, area: &CmaArea) {
        let s = self.b.s;
        let len = area.frames.len().max(1);
        self.b.back.rect(strip, s.radius, Paint::Slot, s.edge);
        let x = |page: u32| strip.x + strip.w * page as f32 / len as f32;
        let (mut from, mut runs) = (0, Vec::new());
        for page in 1..=len {
            if page == len || area.is_set(page) != area.is_set(from) {
                runs.push((from, page, area.is_set(from)));
                from = page;
            }
        }
        for (from, to, is_set) in runs {
            let place = Area::between(x(from), strip.y, x(to), strip.bottom());
            if is_set {
                self.b.things.rect(place, 0.0, Paint::Chip, s.edge);
            }
            let face = self.b.mono();
            let spot = Spot::middle(place.centre().0, centred(place.centre().1, s.label));
            let word = if is_set { "1" } else { "0" };
            let paint = if is_set { Paint::Ink } else { Paint::Quiet };
            self.b.words(&[word.to_owned()], face, spot, place.grown(s.edge), paint);
        }
        let words = self.b.say(&["bitmap: 1 is handed out", "bitmap"], &["位图：1 是已交出", "位图"]);
        let within = Area::between(strip.x, 0.0, strip.right(), self.b.h);
        let face = self.b.plain();
        self.b.words(&words, face, Spot::start(strip.x, strip.y - s.label * 0.45), within, Paint::Quiet);
    }

    /// The range that is tried or was had, in the field and under the bitmap.
    fn range(&mut self, field: &Field, strip: Area, area: &CmaArea) {
        let s = self.b.s;
        let Some((range, works)) = range_in_play(self.moment) else { return };
        let range = range.and(area.frames);
        if range.is_empty() {
            return;
        }
        let ring = if works { Ring::Next } else { Ring::Done };
        let (first, end) = (range.start.0 - field.first.0, range.end.0 - field.first.0);
        let mut at = first;
        while at < end {
            let to = (at / field.block + 1) * field.block;
            let to = to.min(end);
            let d = field.outline(at, to);
            let (halo, width) = (s.halo * 0.7, s.ring);
            self.b.rings.path(d.clone(), Paint::Halo, halo);
            let item = self.b.rings.path(d, Paint::Ring(ring), width);
            item.pen.dash = ring.dash();
            item.id = Id::Ringed(ring);
            at = to;
        }
        // The same pages of the bitmap.
        let len = area.frames.len().max(1) as f32;
        let x = |page: u32| strip.x + strip.w * page as f32 / len;
        let (a, z) = (x(first), x(end).max(x(first) + s.line));
        let place = Area::between(a, strip.y, z, strip.bottom()).grown(s.edge);
        let item = self.b.rings.rect(place, s.radius, Paint::Ring(ring), s.ring);
        item.pen.dash = ring.dash();
        let words = vec![span(range.start, range.len())];
        let (face, y) = (self.b.strong(), strip.y - s.label * 0.45);
        let within = Area::between(strip.x, 0.0, strip.right(), self.b.h);
        let half = face.width(&words[0]) / 2.0;
        let middle = ((a + z) / 2.0).max(strip.x + half).min(strip.right() - half);
        self.b.words(&words, face, Spot::middle(middle, y), within, Paint::Action);
    }

    /// Who has just left for where, who comes next, and who keeps the range from being had.
    fn story(&mut self, field: &Field, ruler: Area) {
        let s = self.b.s;
        let page = |pfn: Pfn| Block { pfn, order: Order::ZERO };
        let least = |area: Area| {
            let grow = ((s.label * 0.7 - area.w) / 2.0).max(s.edge);
            area.grown(grow)
        };
        let ringed = |this: &mut Self, pfn: Pfn, ring: Ring| {
            if let Some(area) = field.place(pfn) {
                this.b.ring(least(area), ring, Id::Ring(ring, page(pfn)));
            }
        };
        match of_step(self.moment.just_did.as_ref()) {
            Some(CmaStep::Moved { from, to }) => {
                if let Some(place) = field.place(from) {
                    let target = field.place(to).unwrap_or_else(|| {
                        let at = self.on_ruler(ruler, PfnRange::new(to.0, to.0 + 1));
                        Area { w: at.w.max(s.line), ..at }
                    });
                    self.arc(place.centre(), target.centre());
                    self.b.ring(least(target), Ring::Done, Id::Ring(Ring::Done, page(to)));
                }
            }
            Some(CmaStep::Stays { page: pfn, .. } | CmaStep::Tested { busy: Some(pfn), .. }) => {
                ringed(self, pfn, Ring::Fail);
            }
            _ => {}
        }
        match of_step(self.moment.next.as_ref()) {
            Some(CmaStep::Moved { from, .. }) => ringed(self, from, Ring::Next),
            Some(CmaStep::Stays { page: pfn, .. } | CmaStep::Tested { busy: Some(pfn), .. }) => {
                ringed(self, pfn, Ring::Look);
            }
            _ => {}
        }
    }

    /// A way over the heads of the others.
    fn arc(&mut self, (x0, y0): (f32, f32), (x1, y1): (f32, f32)) {
        let s = self.b.s;
        let lift = ((x1 - x0).hypot(y1 - y0) * 0.28).min(s.label * 5.0);
        let (cx, cy) = ((x0 + x1) / 2.0, y0.min(y1) - lift);
        let cy = cy.max(s.head);
        let (dx, dy) = (x1 - cx, y1 - cy);
        let length = dx.hypot(dy).max(0.01);
        let (dx, dy) = (dx / length, dy / length);
        let mut d = PathData::default();
        let tip = s.arrow.min(length) * 0.8;
        d.to('M', &[x0, y0]).to('Q', &[cx, cy, x1 - dx * tip, y1 - dy * tip]);
        let d = d.take();
        let (halo, width, size) = (s.halo, s.go, s.arrow);
        self.b.ways.path(d.clone(), Paint::Halo, halo);
        self.b.ways.path(d, Paint::Go, width).motion = Motion::Appear;
        self.b.ways.path(arrow_head((x1, y1), (dx, dy), size), Paint::GoHead, 0.0);
    }

    fn invariant(&mut self, area: &CmaArea, pages: &[What]) {
        let holds = is_lawful(self.moment, area, pages);
        let mark = if holds { "✓" } else { "✕" };
        let words = self.b.lang.pick(
            [
                format!("{mark} every guest can leave, or is pinned"),
                format!("{mark} free, lent or handed out"),
            ],
            [format!("{mark} 没交给设备的页：空闲、能搬走，或者被钉住"), format!("{mark} 空闲、借出或交出")],
        );
        self.b.invariant(&words, holds);
    }

    fn legend(&mut self, census: &Census, each: u32) {
        let has = |paint: Paint| self.b.things.items.iter().any(|item| item.paint == paint);
        let mut fills = Vec::new();
        for (paint, en, zh) in [
            (Paint::Anon, "guest: of a process", "客人：进程的页"),
            (Paint::File, "guest: of a file", "客人：文件页"),
            (Paint::Movable, "guest: movable", "客人：可移动"),
            (Paint::Boost, "pinned", "被钉住"),
            (Paint::Object, "handed out", "已交给设备"),
            (Paint::Free, "free", "空闲"),
            (Paint::Pcp, "kept by a CPU", "CPU 留着"),
        ] {
            if has(paint) {
                fills.push((paint, self.b.say(&[en], &[zh])));
            }
        }
        if each > 1 && census.free + census.guests > 0 {
            let words = match self.b.lang {
                Lang::En => format!("a square: {each} pages"),
                Lang::Zh => format!("一格 {each} 页"),
            };
            fills.push((Paint::Slot, vec![words]));
        }
        self.b.legend(&fills);
    }
}

/// A pin in a page: a head with a needle.
fn pin(d: &mut PathData, cell: Area, label: f32) {
    let (x, y) = cell.centre();
    let r = (label * 0.22).max(cell.w * 0.2);
    d.to('M', &[x - r, y - r * 1.6])
        .to('L', &[x + r, y - r * 1.6])
        .to('M', &[x, y - r * 1.6])
        .to('L', &[x, y + r]);
}

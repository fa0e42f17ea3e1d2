//! The rows, what they cost, memory in blocks, and the shelf of the pool.

use mm::page::Block;
use mm::process::{HPAGE_PAGES, HPAGE_SIZE, Pool};
use mm::step::{HugeStep, ProcessStep};
use mm::units::PAGE_SIZE;
use mm::{Bytes, NrPages, Order, Pfn, Vaddr};
use scenario::Lang;

use super::{Cell, Figures, Filling, Row, Whole, blocks, headline, of_step, rows, shown, tlb};
use crate::Moment;
use crate::board::Board;
use crate::narrate::num;
use crate::scene::{Area, Dash, Form, Hit, Id, Paint, PathData, Ring, Room, Scene, Spot, centred};

/// Small pages beside each other in a row, from the tallest arrangement to the flattest.
const COLUMNS: [u32; 5] = [32, 64, 128, 256, 512];
/// A row is as high as so many lines of text at most.
const MOST_LINES: f32 = 5.0;
/// A page of a row may be so much wider than high.
const WIDE: f32 = 1.7;
/// The most blocks of memory that can be pointed at one by one.
const MOST_HITS: usize = 420;
/// The most pages of the pool that are drawn one by one.
const MOST_SLOTS: u32 = 128;

pub(super) fn scene(moment: &Moment, room: &Room, lang: Lang, selected: Option<Pfn>) -> Scene {
    let mut picture = Picture { moment, b: Board::new(room, lang) };
    picture.b.head(moment);
    picture.draw(selected);
    picture.b.finish(moment)
}

struct Picture<'m> {
    moment: &'m Moment,
    b: Board,
}

/// How rows of 2 MiB lie below each other.
struct Lines {
    /// The first one's pages.
    first: Area,
    /// From one row to the next.
    pitch: f32,
    columns: u32,
    /// Width and height of a page.
    cell: (f32, f32),
    /// Which rows are shown.
    from: usize,
    count: usize,
}

impl Lines {
    /// The arrangement with the largest pages that shows most rows.
    fn of(area: Area, rows: usize, around: usize, text: f32, most: f32) -> Lines {
        let mut best = Lines { first: area, pitch: text, columns: 512, cell: (0.0, 0.0), from: 0, count: 0 };
        for columns in COLUMNS {
            let lines = (HPAGE_PAGES / columns) as f32;
            let gap = text * 0.45;
            let wide = (area.w / columns as f32).min(most * WIDE);
            for count in (1..=rows.max(1)).rev() {
                let pitch = area.h / count as f32;
                let high = wide.min((pitch - gap) / lines).min(text * MOST_LINES / lines);
                if pitch < text * 1.3 || high * lines < text * 0.6 {
                    continue;
                }
                let pitch = pitch.min((high * lines + gap).max(text * 1.3));
                let cell = (wide.min(high * WIDE), high);
                if (count, cell.0 * cell.1) > (best.count, best.cell.0 * best.cell.1) {
                    let from = around.saturating_sub(count / 2).min(rows.saturating_sub(count));
                    let first = Area { w: cell.0 * columns as f32, h: high * lines, ..area };
                    best = Lines { first, pitch, columns, cell, from, count };
                }
                break;
            }
        }
        best
    }

    fn row(&self, at: usize) -> Option<Area> {
        let at = at.checked_sub(self.from).filter(|at| *at < self.count)?;
        Some(Area { y: self.first.y + self.pitch * at as f32, ..self.first })
    }

    fn cells(&self, row: Area, from: u32, inset: f32) -> Area {
        let (x, y) = (from % self.columns, from / self.columns);
        let (w, h) = self.cell;
        Area { x: row.x + w * x as f32, y: row.y + h * y as f32, w, h }.grown(-inset)
    }
}

fn kib(pages: u64) -> String {
    let bytes = pages * PAGE_SIZE;
    if bytes.is_multiple_of(1 << 20) {
        Bytes(bytes).to_string()
    } else {
        format!("{} KiB", num(bytes / 1024))
    }
}

impl Picture<'_> {
    fn draw(&mut self, selected: Option<Pfn>) {
        let s = self.b.s;
        let bottom = self.b.h - s.legend - s.label * if self.b.form == Form::Phone { 1.0 } else { 1.5 };
        let all = Area::between(s.margin, s.head + s.space, self.b.w - s.margin, bottom);
        self.invariant();
        let (face, y) = (self.b.title(), all.y + s.body * 0.8);
        let words = headline(self.moment, self.b.lang);
        self.b.words(&words, face, Spot::start(all.x, y), all, Paint::Ink);
        let top = y + s.space * 1.6;
        let is_phone = self.b.form == Form::Phone;
        let split = if is_phone { all.right() } else { all.x + all.w * 0.7 };
        let has_rows = shown(self.moment).is_some();
        let share = match (has_rows, is_phone) {
            (false, _) => 0.0,
            (true, true) => 0.48,
            (true, false) => 0.56,
        };
        let middle = top + (bottom - top) * share;
        if has_rows {
            self.rows(Area::between(all.x, top, split, middle - s.space));
            if !is_phone {
                self.costs(Area::between(split + s.space * 2.0, top, all.right(), middle - s.space));
            }
        }
        let (memory, pool) = if is_phone {
            let cut = middle + (bottom - middle) * 0.62;
            (Area::between(all.x, middle, all.right(), cut), Area::between(all.x, cut, all.right(), bottom))
        } else {
            let cut = all.x + all.w * 0.7;
            (
                Area::between(all.x, middle, cut, bottom),
                Area::between(cut + s.space * 2.0, middle, all.right(), bottom),
            )
        };
        self.memory(memory, selected);
        self.pool(pool);
        self.legend();
    }

    /// The address that the step is about, and how it went.
    fn address(&self) -> Option<(Vaddr, Ring)> {
        let of = |step: &ProcessStep, next: bool| {
            let ring = match step {
                ProcessStep::HugeFallback { .. }
                | ProcessStep::PoolEmpty { .. }
                | ProcessStep::NoMemory { .. }
                | ProcessStep::Killed { .. }
                | ProcessStep::Huge(HugeStep::NotCollapsed { .. }) => Ring::Fail,
                ProcessStep::Fault { .. }
                | ProcessStep::Area { .. }
                | ProcessStep::Huge(HugeStep::Scanned { .. }) => Ring::Look,
                _ => Ring::Done,
            };
            Some((step.address()?, if next { Ring::Next } else { ring }))
        };
        let did = of_step(self.moment.just_did.as_ref());
        did.and_then(|step| of(&step, false))
            .or_else(|| of_step(self.moment.next.as_ref()).and_then(|step| of(&step, true)))
            .or_else(|| {
                let before = self.moment.trail.iter().rev();
                before.filter_map(|step| of_step(Some(step))).find_map(|step| of(&step, false))
            })
    }

    /// Addresses on the left, 512 pages a row, and what each is on the right.
    fn rows(&mut self, room: Area) {
        let s = self.b.s;
        let Some(mm) = shown(self.moment) else { return };
        let rows = rows(&self.moment.machine, mm);
        if rows.is_empty() {
            let words = self
                .b
                .say(&["No area has room for 2 MiB", "No 2 MiB"], &["没有哪个区域容得下 2 MiB", "容不下"]);
            let (x, y) = room.centre();
            let face = self.b.plain();
            self.b.words(&words, face, Spot::middle(x, y), room, Paint::Quiet);
            return;
        }
        let (mono, plain) = (self.b.mono(), self.b.plain());
        let at = self.address();
        let in_row = |row: &Row, at: Vaddr| row.start <= at && at.0 < row.start.0 + HPAGE_SIZE;
        let played = at.and_then(|(at, _)| rows.iter().position(|row| in_row(row, at)));
        let is_phone = self.b.form == Form::Phone;
        let names = if is_phone { 0.0 } else { mono.width("0x7ffff7e00000") + s.space };
        let notes = if is_phone { mono.width("512+512") } else { plain.width("448 there, 64 swapped") };
        let pages = Area::between(room.x + names, room.y, room.right() - notes - s.space, room.bottom());
        let most = s.label * 0.62;
        let lines = Lines::of(pages, rows.len(), played.unwrap_or(0), s.label, most);
        for (number, row) in rows.iter().enumerate() {
            let Some(area) = lines.row(number) else { continue };
            self.row(&lines, area, row);
            let y = centred(area.centre().1, s.label);
            if !is_phone {
                let words = [format!("{:#x}", row.start)];
                self.b.words(&words, mono, Spot::end(area.x - s.space, y), room, Paint::Quiet);
            }
            let words = self.note(row);
            self.b.words(&words, plain, Spot::start(area.right() + s.space, y), room, Paint::Ink);
            if let (true, Some((_, ring))) = (played == Some(number), at) {
                self.b.ring(area.grown(s.edge), ring, Id::Ringed(ring));
            }
        }
        if lines.count < rows.len() {
            let (shown, all) = (num(lines.count as u64), num(rows.len() as u64));
            let words =
                [self.b.lang.pick(format!("{shown} of {all} rows"), format!("{all} 行中的 {shown} 行"))];
            let y = lines.first.y + lines.pitch * lines.count as f32 + s.label * 0.8;
            let within = Area { h: room.h + s.label * 2.0, ..room };
            self.b.words(&words, plain, Spot::start(lines.first.x, y), within, Paint::Quiet);
        }
    }

    /// 2 MiB: small pages as squares, a huge one as one piece.
    fn row(&mut self, lines: &Lines, area: Area, row: &Row) {
        let s = self.b.s;
        let is_whole = !matches!(row.whole, Whole::Small | Whole::Pieces(_));
        let inset = if is_whole { 0.0 } else { (lines.cell.1 * 0.1).min(1.0) };
        let columns = lines.columns;
        let mut paths: Vec<(Cell, PathData)> = Vec::new();
        let mut at = 0u32;
        while at < HPAGE_PAGES {
            let cell = row.cells[at as usize];
            let alike = |at: u32| at < HPAGE_PAGES && row.cells[at as usize] == cell;
            // What is alike in a huge page is one piece: to the end of the line, or whole lines of it.
            let mut to = at + 1;
            while is_whole && !to.is_multiple_of(columns) && alike(to) {
                to += 1;
            }
            if is_whole && at.is_multiple_of(columns) {
                while to.is_multiple_of(columns) && (to..to + columns).all(alike) {
                    to += columns;
                }
            }
            let first = lines.cells(area, at, inset);
            let (wide, high) = ((to - at).min(columns), (to - at).div_ceil(columns));
            let place = Area {
                w: first.w + lines.cell.0 * (wide - 1) as f32,
                h: first.h + lines.cell.1 * (high - 1) as f32,
                ..first
            };
            match paths.iter_mut().find(|(of, _)| *of == cell) {
                Some((_, path)) => path.rect(place),
                None => {
                    let mut path = PathData::default();
                    path.rect(place);
                    paths.push((cell, path));
                }
            }
            at = to;
        }
        let own = if matches!(row.whole, Whole::Pool(_)) { Paint::Object } else { Paint::Anon };
        for (cell, mut path) in paths {
            let paint = match cell {
                Cell::Outside => continue,
                Cell::Promised => Paint::Slot,
                Cell::Untouched => Paint::Reserved,
                Cell::Zero => Paint::Hand,
                Cell::Swap => Paint::Writeback,
                Cell::File => Paint::File,
                Cell::Shared => Paint::Movable,
                Cell::Own => own,
            };
            self.b.things.path(path.take(), paint, 0.0);
        }
        self.b.labels.keep_off(area);
        if let Whole::Huge(pfn) | Whole::Zero(pfn) | Whole::Pool(pfn) = row.whole {
            let block = Block { pfn, order: order() };
            let item = self.b.things.rect(area, s.radius, Paint::Vma, s.line * 1.4);
            item.id = Id::Ground(block);
            let item = self.b.rings.rect(area, 0.0, Paint::Target, 0.0);
            item.hit = Some(Hit::Block(pfn));
        } else if let Some(pfn) = self.first_frame(row) {
            if let Whole::Pieces(_) = row.whole {
                self.b.things.rect(area, s.radius, Paint::Vma, s.line).pen.dash = Dash::Next;
            }
            self.b.rings.rect(area, 0.0, Paint::Target, 0.0).hit = Some(Hit::Block(pfn));
        }
    }

    /// The frame of the first small page of a row.
    fn first_frame(&self, row: &Row) -> Option<Pfn> {
        let mm = shown(self.moment)?;
        let end = Vaddr(row.start.0 + HPAGE_SIZE);
        let leaf = self.moment.machine.processes().tables().leaves(mm.pgd, row.start, end).next()?;
        Some(leaf.entry.pfn())
    }

    /// What a row is, in words.
    fn note(&self, row: &Row) -> Vec<String> {
        let lang = self.b.lang;
        let (there, swap, zero) = (row.present(), row.count(Cell::Swap), row.count(Cell::Zero));
        match row.whole {
            Whole::Huge(_) => {
                let touched = num(there - row.count(Cell::Untouched));
                lang.pick(
                    vec![format!("huge, {touched} touched"), "huge".into()],
                    vec![format!("大页，碰过 {touched} 页"), "大页".into()],
                )
            }
            Whole::Zero(_) => lang
                .pick(vec!["huge page of zeros".into(), "zeros".into()], vec!["大零页".into(), "零".into()]),
            Whole::Pool(_) => {
                lang.pick(vec!["of the pool".into(), "pool".into()], vec!["池里的大页".into(), "池".into()])
            }
            Whole::Pieces(head) => {
                // The entry was split; the page itself, in one block, is as it was.
                let used = num(self.moment.machine.processes().used_frames(head));
                lang.pick(
                    vec![format!("split entry, {used}/512"), format!("{used}/512")],
                    vec![format!("项已拆，用着 {used}/512"), format!("{used}/512")],
                )
            }
            Whole::Small if there + swap + zero == 0 && row.count(Cell::Outside) > 0 => {
                lang.pick(vec!["not all of 2 MiB".into(), "–".into()], vec!["不足 2 MiB".into(), "–".into()])
            }
            Whole::Small if there + swap + zero == 0 => {
                lang.pick(vec!["nothing yet".into(), "–".into()], vec!["还没有页".into(), "–".into()])
            }
            Whole::Small if swap > 0 => {
                let (there, swap) = (num(there), num(swap));
                lang.pick(
                    vec![format!("{there} there, {swap} swapped"), format!("{there}+{swap}")],
                    vec![format!("{there} 页在，{swap} 页换出"), format!("{there}+{swap}")],
                )
            }
            Whole::Small if there == 0 => {
                let zero = num(zero);
                lang.pick(
                    vec![format!("zero page, {zero} times"), "zeros".into()],
                    vec![format!("{zero} 次零页"), "零".into()],
                )
            }
            Whole::Small => {
                let (pages, there) = (if there == 1 { "page" } else { "pages" }, num(there));
                lang.pick(
                    vec![format!("{there} small {pages}"), there.clone()],
                    vec![format!("{there} 个小页"), there.clone()],
                )
            }
        }
    }

    /// RSS beside what was touched, and translations beside those that small pages would take.
    fn costs(&mut self, room: Area) {
        let s = self.b.s;
        let Some(mm) = shown(self.moment) else { return };
        let of = Figures::of(&self.moment.machine, mm);
        let mut y = room.y + s.label;
        let (strong, plain) = (self.b.strong(), self.b.plain());
        let bar_h = s.label * 0.85;
        let (rss, touched) = (kib(of.rss), kib(of.touched));
        let words = self.b.lang.pick(
            vec![format!("RSS {rss}, touched {touched}"), format!("RSS {rss}")],
            vec![format!("RSS {rss}，碰过 {touched}"), format!("RSS {rss}")],
        );
        self.b.words(&words, strong, Spot::start(room.x, y), room, Paint::Ink);
        let scale = of.vsz.max(of.rss).max(1) as f32;
        let bar = Area { x: room.x, y: y + s.label * 0.5, w: room.w, h: bar_h };
        self.b.back.rect(bar, s.radius, Paint::Slot, s.edge);
        for (pages, paint) in [(of.rss, Paint::Reserved), (of.touched, Paint::Anon)] {
            if pages > 0 {
                let w = (bar.w * pages as f32 / scale).max(s.line * 2.0);
                self.b.things.rect(Area { w: w.min(bar.w), ..bar }, s.radius, paint, s.edge);
            }
        }
        self.b.labels.keep_off(bar);
        y = bar.bottom() + s.label * 1.25;
        let (vsz, tables) = (kib(of.vsz), kib(of.tables));
        let words = self.b.lang.pick(
            vec![format!("of VSZ {vsz}; VmPTE {tables}"), format!("VSZ {vsz}")],
            vec![format!("VSZ 共 {vsz}；VmPTE {tables}"), format!("VSZ {vsz}")],
        );
        self.b.words(&words, plain, Spot::start(room.x, y), room, Paint::Quiet);
        y += s.label * 1.9;
        // Translations: what there is needs so many, and would need so many more.
        let config = tlb(&self.moment.machine);
        let (need, would) = (of.small + of.huge, of.all_small());
        let words = self
            .b
            .lang
            .pick(vec![format!("Translations: {}", num(need))], vec![format!("要 {} 个地址翻译", num(need))]);
        self.b.words(&words, strong, Spot::start(room.x, y), room, Paint::Ink);
        let bar = Area { x: room.x, y: y + s.label * 0.5, w: room.w, h: bar_h };
        let scale = would.max(u64::from(config.l2.entries)).max(1) as f32;
        self.b.back.rect(bar, s.radius, Paint::Slot, s.edge);
        for (count, paint) in [(would, Paint::Reserved), (need, Paint::Anon)] {
            if count > 0 {
                let w = (bar.w * count as f32 / scale).max(s.line * 2.0);
                self.b.things.rect(Area { w: w.min(bar.w), ..bar }, s.radius, paint, s.edge);
            }
        }
        let x = bar.x + bar.w * f32::from(config.l2.entries) / scale;
        self.b.things.line([x, bar.y - s.edge * 2.0, x, bar.bottom() + s.edge * 2.0], Paint::Mark, s.line);
        self.b.labels.keep_off(bar);
        y = bar.bottom() + s.label * 1.25;
        let words = self.b.lang.pick(
            vec![format!("with small pages alone {}", num(would)), format!("small: {}", num(would))],
            vec![format!("全用小页要 {} 个", num(would)), format!("小页：{}", num(would))],
        );
        self.b.words(&words, plain, Spot::start(room.x, y), room, Paint::Quiet);
        let entries = config.l2.entries;
        let reach = |pages: u64| Bytes(u64::from(entries) * pages * PAGE_SIZE).to_string();
        let (small, huge) = (reach(1), reach(u64::from(HPAGE_PAGES)));
        for words in [
            self.b.lang.pick(
                vec![format!("A TLB of {} reaches over", num(entries)), format!("TLB of {}", num(entries))],
                vec![format!("{} 项的 TLB 覆盖", num(entries)), format!("TLB {} 项", num(entries))],
            ),
            self.b.lang.pick(
                vec![format!("{small} in 4 KiB, {huge} in 2 MiB"), format!("{small} or {huge}")],
                vec![format!("4 KiB 页 {small}，2 MiB 页 {huge}"), format!("{small} / {huge}")],
            ),
        ] {
            y += s.label * 1.25;
            self.b.words(&words, plain, Spot::start(room.x, y), room, Paint::Quiet);
        }
    }

    /// Memory in blocks of 2 MiB: what is free as a whole, and what stands in the way of that.
    fn memory(&mut self, room: Area, selected: Option<Pfn>) {
        let s = self.b.s;
        let all = blocks(&self.moment.machine);
        let free = all.iter().filter(|block| block.free == HPAGE_PAGES).count() as u64;
        let pages: u64 = all.iter().map(|block| u64::from(block.free)).sum();
        let (free, size) = (num(free), NrPages(pages).bytes().to_string());
        let words = self.b.lang.pick(
            vec![
                format!("Memory, 2 MiB each: {size} free, whole blocks {free}"),
                format!("{size} free, whole {free}"),
            ],
            vec![
                format!("内存，每格 2 MiB：空闲 {size}，整块 {free} 个"),
                format!("空闲 {size}，整块 {free}"),
            ],
        );
        let (face, y) = (self.b.strong(), room.y + s.label);
        self.b.words(&words, face, Spot::start(room.x, y), room, Paint::Ink);
        let field = Area::between(room.x, y + s.label * 0.6, room.right(), room.bottom());
        let most = if shown(self.moment).is_some() { 4.4 } else { 8.0 };
        let grid = Grid::of(field, all.len() as u32, s.label * most, s.edge * 1.5);
        let mut paths: Vec<(Paint, PathData)> = Vec::new();
        let mut draws = |paint: Paint, area: Area| match paths.iter_mut().find(|(of, _)| *of == paint) {
            Some((_, path)) => path.rect(area),
            None => {
                let mut path = PathData::default();
                path.rect(area);
                paths.push((paint, path));
            }
        };
        for (number, block) in (0u32..).zip(&all) {
            let place = grid.place(number);
            let Filling { free, moves, stays, huge, idle, pool } = *block;
            draws(if free == HPAGE_PAGES { Paint::Free } else { Paint::Slot }, place);
            // From the floor upwards, what stays first.
            let mut bottom = place.bottom();
            for (pages, paint) in [
                (stays, Paint::Unmovable),
                (moves, Paint::Movable),
                (huge, Paint::Anon),
                (idle, Paint::Reserved),
                (pool, Paint::Object),
            ] {
                if pages > 0 {
                    let h =
                        (place.h * pages as f32 / HPAGE_PAGES as f32).max(s.line * 2.5).min(bottom - place.y);
                    bottom -= h;
                    draws(paint, Area { y: bottom, h, ..place });
                }
            }
        }
        for (paint, mut path) in paths {
            self.b.things.path(path.take(), paint, 0.0);
        }
        if all.len() <= MOST_HITS {
            for number in 0..all.len() as u32 {
                let pfn = Pfn(number * HPAGE_PAGES);
                let item = self.b.rings.rect(grid.place(number), 0.0, Paint::Target, 0.0);
                item.hit = Some(Hit::Block(self.moment.machine.block_of(pfn).map_or(pfn, |block| block.pfn)));
            }
        }
        self.rings(&grid, all.len() as u32);
        let selected = selected.and_then(|pfn| self.moment.machine.block_of(pfn));
        if let Some(block) = selected.filter(|block| block.pfn.0 / HPAGE_PAGES < all.len() as u32) {
            self.b.selected(grid.place(block.pfn.0 / HPAGE_PAGES), block);
        }
    }

    /// Rings around the blocks that the steps speak of.
    fn rings(&mut self, grid: &Grid, count: u32) {
        let steps = [(self.moment.just_did, Ring::Done), (self.moment.next, Ring::Next)];
        let mut ringed: Vec<u32> = Vec::new();
        for (step, ring) in steps {
            for block in step.iter().flat_map(|step| step.kind.blocks()).flatten() {
                let number = block.pfn.0 / HPAGE_PAGES;
                if number >= count || ringed.contains(&number) {
                    continue;
                }
                ringed.push(number);
                let place = grid.place(number).grown(self.b.s.edge);
                self.b.ring(place, ring, Id::Ring(ring, block));
            }
        }
    }

    /// The pool as a shelf: what is in use, what is promised, what is free, and which of them are too many.
    fn pool(&mut self, room: Area) {
        let s = self.b.s;
        let pool = self.moment.machine.processes().pool();
        let (face, y) = (self.b.strong(), room.y + s.label);
        let (total, free) = (num(pool.total), num(pool.free()));
        if pool.total == 0 {
            let words = self.b.say(&["hugetlb pool: empty", "pool: empty"], &["hugetlb 池：空", "池：空"]);
            self.b.words(&words, face, Spot::start(room.x, y), room, Paint::Ink);
            return;
        }
        let words = self.b.lang.pick(
            vec![
                format!("hugetlb pool: {total}, {free} free"),
                format!("pool: {total}, {free} free"),
                "pool".into(),
            ],
            vec![
                format!("hugetlb 池：{total} 个，空闲 {free}"),
                format!("池：{total}，空闲 {free}"),
                "池".into(),
            ],
        );
        self.b.words(&words, face, Spot::start(room.x, y), room, Paint::Ink);
        let plain = self.b.plain();
        let below = y + s.label * 1.3;
        let (reserved, surplus) = (num(pool.reserved), num(pool.surplus));
        let words = self.b.lang.pick(
            vec![
                format!("{reserved} of the free promised, {surplus} surplus"),
                format!("Rsvd {reserved}, Surp {surplus}"),
            ],
            vec![
                format!("空闲中已许出 {reserved}，超额 {surplus}"),
                format!("许出 {reserved}，超额 {surplus}"),
            ],
        );
        self.b.words(&words, plain, Spot::start(room.x, below), room, Paint::Quiet);
        self.shelf(Area::between(room.x, below + s.label * 0.5, room.right(), room.bottom()), pool);
    }

    fn shelf(&mut self, field: Area, pool: &Pool) {
        let s = self.b.s;
        let count = pool.total.min(MOST_SLOTS);
        let used = pool.total - pool.free();
        let grid = Grid::of(field, count, s.label * 2.2, s.edge * 2.0);
        for number in 0..count {
            let place = grid.place(number);
            let paint = if number < used { Paint::Object } else { Paint::Free };
            let item = self.b.things.rect(place, s.radius, paint, s.edge);
            if number >= used && number < used + pool.reserved {
                item.pen.dash = Dash::Next;
                let (x, y) = place.centre();
                let r = place.w.min(place.h) * 0.2;
                self.b.things.rect(
                    Area { x: x - r, y: y - r, w: r * 2.0, h: r * 2.0 },
                    r,
                    Paint::Object,
                    0.0,
                );
            }
            // Those that go when they come back stand at the end.
            if number + pool.surplus >= pool.total {
                let line = s.line;
                self.b.things.rect(place.grown(s.edge * 1.5), s.radius, Paint::Vma, line).pen.dash =
                    Dash::Ghost;
            }
        }
    }

    fn invariant(&mut self) {
        let pool = self.moment.machine.processes().pool();
        let rows = shown(self.moment).is_none_or(|mm| {
            let of = Figures::of(&self.moment.machine, mm);
            of.touched <= of.rss
        });
        let holds = rows && pool.reserved <= pool.free() && pool.surplus <= pool.total;
        let mark = if holds { "✓" } else { "✕" };
        let words = self.b.lang.pick(
            [format!("{mark} touched ≤ RSS ≤ VSZ; promised ≤ free"), format!("{mark} touched ≤ RSS")],
            [format!("{mark} 碰过 ≤ RSS ≤ VSZ；许出 ≤ 空闲"), format!("{mark} 碰过 ≤ RSS")],
        );
        self.b.invariant(&words, holds);
    }

    fn legend(&mut self) {
        let has = |paint: Paint| self.b.things.items.iter().any(|item| item.paint == paint);
        let mut fills = Vec::new();
        let idle = self.moment.machine.processes().huge().compounds().any(|(_, of)| of.queued);
        let reserved = match idle {
            true => (["never touched, or nobody's", "untouched"], ["没碰过，或没人用", "没碰过"]),
            false => (["never touched", "untouched"], ["没碰过", "没碰过"]),
        };
        for (paint, en, zh) in [
            (Paint::Anon, ["its own", "own"], ["自己的页", "自己"]),
            (Paint::Reserved, reserved.0, reserved.1),
            (Paint::Object, ["of the pool", "pool"], ["池里的", "池"]),
            (Paint::Unmovable, ["stays", "stays"], ["不能搬", "不能搬"]),
            (Paint::Movable, ["can move, or shared", "can move"], ["能搬，或共用", "能搬"]),
            (Paint::Slot, ["promised, or scattered", "promised"], ["只是承诺，或零散", "承诺"]),
            (Paint::Hand, ["zero page", "zero"], ["零页", "零页"]),
            (Paint::Writeback, ["in swap", "swap"], ["已换出", "换出"]),
            (Paint::Free, ["free", "free"], ["空闲", "空闲"]),
        ] {
            if has(paint) {
                fills.push((paint, self.b.say(&en, &zh)));
            }
        }
        self.b.legend(&fills);
    }
}

/// Things in rows, as large as fits.
struct Grid {
    area: Area,
    columns: u32,
    w: f32,
    h: f32,
    gap: f32,
}

impl Grid {
    fn of(area: Area, count: u32, most: f32, gap: f32) -> Grid {
        let mut best = Grid { area, columns: 1, w: 1.0, h: 1.0, gap: 0.0 };
        let mut size = 0.0;
        for columns in 1..=count.max(1) {
            let rows = count.max(1).div_ceil(columns);
            let w = area.w / columns as f32;
            let h = area.h / rows as f32;
            let cell = w.min(h).min(most);
            // In as few rows as can be.
            if cell >= size {
                size = cell;
                // Wide ones where there is room, so that what fills them can be read.
                let (w, h) = (w.min(cell * 1.4), h.min(cell));
                best = Grid { area, columns, w, h, gap: gap.min(cell * 0.25) };
            }
        }
        best
    }

    fn place(&self, number: u32) -> Area {
        let (x, y) = (number % self.columns, number / self.columns);
        Area {
            x: self.area.x + self.w * x as f32,
            y: self.area.y + self.h * y as f32,
            w: (self.w - self.gap).max(0.5),
            h: (self.h - self.gap).max(0.5),
        }
    }
}

fn order() -> Order {
    Order::new(9).unwrap_or(Order::MAX)
}

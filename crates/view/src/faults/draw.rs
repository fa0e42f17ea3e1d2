//! Where everything goes: address spaces on the left, the questions of a fault on the right.

use mm::process::{Access, Counter, HPAGE_SIZE, Mm, Vma};
use mm::step::{HugeStep, ProcessStep, StepKind};
use mm::units::PAGE_SIZE;
use mm::x86::pgtable::Pte;
use mm::{Order, Vaddr};
use scenario::Lang;

use super::tiles::{self, Tiles};
use super::{Leaf, Question, Way, area_name, shown, way};
use crate::Moment;
use crate::board::{Board, wrap};
use crate::narrate::num;
use crate::scene::{Area, Dash, Face, Form, Id, Paint, PathData, Ring, Room, Scene, Spot, centred, route};

/// Sizes of this picture.
#[derive(Clone, Copy)]
struct Sizes {
    /// A page, at most and at least.
    cell: (f32, f32),
    /// Between two pages.
    gap: f32,
    /// Between two areas.
    between: f32,
    /// The share of the width that address spaces get.
    share: f32,
}

impl Sizes {
    fn of(form: Form) -> Sizes {
        match form {
            Form::Projector => Sizes { cell: (30.0, 14.0), gap: 3.0, between: 20.0, share: 0.5 },
            Form::Laptop => Sizes { cell: (16.0, 8.0), gap: 1.5, between: 9.0, share: 0.5 },
            Form::Phone => Sizes { cell: (14.0, 7.0), gap: 1.5, between: 7.0, share: 1.0 },
        }
    }
}

/// What is known of the pages that a cell stands for.
#[derive(Clone, Copy, Default)]
pub(super) struct Ink {
    pub own: u32,
    pub several: u32,
    pub file: u32,
    pub zero: u32,
}

impl Ink {
    fn paint(self) -> Option<Paint> {
        let Ink { own, several, file, zero } = self;
        let most = own.max(several).max(file);
        match most {
            0 if zero > 0 => Some(Paint::Hand),
            0 => None,
            _ if most == several => Some(Paint::Movable),
            _ if most == own => Some(Paint::Anon),
            _ => Some(Paint::File),
        }
    }
}

/// An area and its place.
struct Placed {
    /// What malloc made of it.
    chunks: Vec<super::heap::ChunkBox>,
    vma: Vma,
    outline: Area,
    columns: u64,
    /// Pages that a cell stands for.
    each: u64,
    cell: f32,
    /// Tiles of 2 MiB instead.
    tiles: Option<Tiles>,
}

impl Placed {
    fn corner(&self, gap: f32) -> (f32, f32) {
        (self.outline.x + gap * 2.0, self.outline.y + gap * 2.0)
    }

    /// The cell of a page.
    fn cell_of(&self, address: Vaddr, gap: f32, is_huge: bool) -> Option<Area> {
        if !self.vma.contains(address) {
            return None;
        }
        if let Some(tiles) = &self.tiles {
            let tile = tiles.tile_of(&self.vma, address, self.corner(gap));
            return Some(if is_huge { tile } else { tiles.page_in(tile, address) });
        }
        let at = (address.0 - self.vma.start.0) / PAGE_SIZE / self.each;
        let (row, column) = (at / self.columns, at % self.columns);
        let x = self.outline.x + gap * 2.0 + column as f32 * (self.cell + gap);
        let y = self.outline.y + gap * 2.0 + row as f32 * (self.cell + gap);
        Some(Area { x, y, w: self.cell, h: self.cell })
    }
}

/// The picture in the making.
pub(super) struct Draw<'a> {
    pub(super) moment: &'a Moment,
    pub(super) b: Board,
    k: Sizes,
    pub(super) way: Way,
    pub(super) did: Option<ProcessStep>,
    pub(super) next: Option<ProcessStep>,
    has_chunks: bool,
    /// Some area in the picture can have huge pages.
    makes_huge: bool,
}

fn step_of(step: Option<mm::Step>) -> Option<ProcessStep> {
    match step?.kind {
        StepKind::Process { step, .. } => Some(step),
        _ => None,
    }
}

/// Whether a step is about 2 MiB, all of them.
fn is_huge(step: &ProcessStep) -> bool {
    matches!(
        step,
        ProcessStep::HugePage { .. }
            | ProcessStep::HugeZeroPage { .. }
            | ProcessStep::HugeFallback { .. }
            | ProcessStep::HugeReused { .. }
            | ProcessStep::SplitPmd { .. }
            | ProcessStep::HugetlbPage { .. }
            | ProcessStep::HugetlbCopied { .. }
            | ProcessStep::PoolEmpty { .. }
            | ProcessStep::Huge(
                HugeStep::Scanned { .. }
                    | HugeStep::CollapseCopied { .. }
                    | HugeStep::Collapsed { .. }
                    | HugeStep::NotCollapsed { .. }
            )
    )
}

pub(super) fn scene(moment: &Moment, room: &Room, lang: Lang) -> Scene {
    let mut b = Board::new(room, lang);
    b.head(moment);
    let mut draw = Draw {
        way: way(moment.trail.iter()),
        makes_huge: {
            let procs = moment.machine.processes();
            let makes = |vma: &Vma| vma.hugetlb || procs.makes_huge_pages(vma);
            shown(moment).iter().any(|mm| mm.vmas().iter().any(makes))
        },
        did: step_of(moment.just_did),
        next: step_of(moment.next),
        k: Sizes::of(room.form),
        moment,
        b,
        has_chunks: false,
    };
    let s = draw.b.s;
    let (top, bottom) = (s.head + s.space, draw.b.h - s.legend - s.label * 1.3);
    let split = draw.b.w * draw.k.share;
    let is_phone = room.form == Form::Phone;
    draw.invariant();
    // On a phone the questions are a line of words below.
    let below = if is_phone { bottom - s.label * 4.5 } else { bottom };
    let left = Area::between(
        s.margin,
        top,
        if is_phone { draw.b.w - s.margin } else { split - s.space * 1.5 },
        below,
    );
    draw.spaces(left);
    if is_phone {
        draw.way_in_words(Area::between(s.margin, below, draw.b.w - s.margin, bottom));
    } else {
        let (hair, edge) = (Paint::Hair, s.edge);
        draw.b.back.line([split, top, split, bottom], hair, edge);
        let right = Area::between(split + s.space * 1.5, top, draw.b.w - s.margin, bottom);
        match draw.malloc_at_work() {
            Some(mm) => draw.kept(&mm, right),
            None => draw.tree(right),
        }
    }
    let mut legend = vec![
        (Paint::Slot, draw.b.say(&["promised"], &["只有承诺"])),
        (Paint::Anon, draw.b.say(&["its own"], &["自己的页"])),
        (Paint::Movable, draw.b.say(&["shared"], &["几家共用"])),
        (Paint::File, draw.b.say(&["a file's"], &["文件页"])),
        (Paint::Hand, draw.b.say(&["zero page"], &["零页"])),
    ];
    if draw.has_chunks {
        // What is below the pages of a heap; of those above it the usual ones.
        legend.truncate(2);
        legend.push((Paint::Object, draw.b.say(&["chunk in use"], &["在用的 chunk"])));
        legend.push((Paint::Free, draw.b.say(&["kept free"], &["留着的"])));
    }
    draw.b.legend(&legend);
    draw.b.finish(moment)
}

impl Draw<'_> {
    /// RSS is what the page tables say.
    fn invariant(&mut self) {
        let procs = self.moment.machine.processes();
        let Some(mm) = super::in_play(self.moment).and_then(|name| procs.mm(name)) else { return };
        let sums = procs.smaps_rollup(mm);
        let (present, huge) = (sums.rss, sums.anon_huge > 0);
        let rss = mm.rss.total().0;
        let (name, pages) = (self.moment.name(mm.name), num(rss));
        let words = match self.b.lang {
            // An entry may lead to 512 of them.
            Lang::En if huge => vec![
                format!("✓ RSS of {name} = frames that entries lead to = {pages}"),
                format!("✓ RSS = {pages} frames"),
            ],
            Lang::Zh if huge => {
                vec![format!("✓ {name} 的 RSS = 页表项通向的页 = {pages} 页"), format!("✓ RSS = {pages} 页")]
            }
            Lang::En => vec![
                format!("✓ RSS of {name} = entries with a page = {pages}"),
                format!("✓ RSS = {pages} entries"),
            ],
            Lang::Zh => {
                vec![format!("✓ {name} 的 RSS = 已填的页表项 = {pages} 页"), format!("✓ RSS = {pages} 页")]
            }
        };
        self.b.invariant(&words, present == rss);
    }

    fn spaces(&mut self, room: Area) {
        let moment = self.moment;
        let shown = shown(moment);
        let s = self.b.s;
        if shown.is_empty() {
            let area = Area { h: room.h.min(s.label * 4.0), ..room };
            let words = self.b.say(
                &["No process yet. Try p = exec, then m = mmap p 1M", "No process yet: p = exec"],
                &["还没有进程。试试 p = exec，再 m = mmap p 1M", "还没有进程：p = exec"],
            );
            self.b.things.rect(area, s.radius, Paint::Ghost, s.line).pen.dash = Dash::Ghost;
            let spot = Spot::middle(area.centre().0, centred(area.centre().1, s.label));
            let face = self.b.plain();
            self.b.words(&words, face, spot, area, Paint::Quiet);
            return;
        }
        let gutter = s.space * 2.0;
        let width = (room.w - gutter * (shown.len() - 1) as f32) / shown.len() as f32;
        for (at, mm) in shown.iter().enumerate() {
            let column = Area { x: room.x + at as f32 * (width + gutter), w: width, ..room };
            self.space(mm, column, shown.len() > 1);
        }
    }

    /// One address space, the lowest address at the top.
    fn space(&mut self, mm: &Mm, room: Area, is_narrow: bool) {
        let s = self.b.s;
        let name = self.moment.name(mm.name).to_owned();
        let title = Face { size: s.body, mono: true, bold: true };
        let y = room.y + s.body;
        let named = self.b.words(&[name], title, Spot::start(room.x, y), room, Paint::Ink);
        let behind = named.map_or(room.x, |area| area.right() + s.space);
        let (vsz, rss) = (num(mm.total_vm().0 * 4), num(mm.rss.total().0 * 4));
        let (minor, major, tables) = (num(mm.min_flt), num(mm.maj_flt), num(mm.pgtables.0 * 4));
        let more = match self.b.lang {
            Lang::En => [
                format!("{minor} minor and {major} major faults, tables {tables} KiB"),
                format!("faults {minor} + {major}, tables {tables} KiB"),
                format!("faults {minor} + {major}"),
            ],
            Lang::Zh => [
                format!("次缺页 {minor}，主缺页 {major}，页表 {tables} KiB"),
                format!("缺页 {minor} + {major}，页表 {tables} KiB"),
                format!("缺页 {minor} + {major}"),
            ],
        };
        // In a narrow column the two figures stand below each other.
        let (first, second) = match is_narrow {
            true => (vec![format!("VSZ {vsz} KiB")], vec![format!("RSS {rss} KiB")]),
            false => {
                (vec![format!("VSZ {vsz} KiB   RSS {rss} KiB"), format!("{vsz} / {rss} KiB")], Vec::new())
            }
        };
        let face = Face { size: s.body, ..self.b.strong() };
        let within = Area::between(behind, room.y, room.right(), room.bottom());
        self.b.words(&first, face, Spot::end(room.right(), y), within, Paint::Ink);
        let below = y + s.label * 1.45;
        let taken = self.b.words(&second, face, Spot::end(room.right(), below), room, Paint::Ink);
        let within = Area { w: taken.map_or(room.w, |area| area.x - s.space - room.x), ..room };
        let face = self.b.plain();
        self.b.words(&more, face, Spot::start(room.x, below), within, Paint::Quiet);
        let inside = Area::between(room.x, y + s.label * 2.1, room.right(), room.bottom());
        let placed = self.place(mm, inside, is_narrow);
        let mut chunks = Vec::new();
        for place in &placed {
            self.area(mm, place, inside, is_narrow);
            let Area { x, .. } = place.outline;
            chunks.extend(self.chunks(&place.chunks, x, place.outline.bottom()));
        }
        self.has_chunks |= !chunks.is_empty();
        self.rings(mm, &placed, &chunks);
    }

    /// How large the areas are drawn: as many rows each as the room has, and then several pages in a cell.
    fn place(&self, mm: &Mm, room: Area, is_narrow: bool) -> Vec<Placed> {
        let (s, k) = (self.b.s, self.k);
        // Names stand beside an area, or above it where two address spaces share the room.
        let names = if is_narrow || self.b.form == Form::Phone { 0.0 } else { s.label * 7.0 };
        let above = if names == 0.0 { s.label * 1.5 } else { 0.0 };
        let width = room.w - names;
        let least = if names == 0.0 { 0.0 } else { s.label * 2.2 };
        let of_heap = |vma: &Vma| {
            super::heap::arena(self, mm, vma).map_or(Vec::new(), |arena| self.chunk_boxes(mm, arena, width))
        };
        let procs = self.moment.machine.processes();
        let tiles_of = |cell: f32, vma: &Vma| {
            let is_tiled = tiles::is_tiled(procs, mm, vma);
            is_tiled.then(|| Tiles::of((cell * 0.22).max(1.5), k.gap, width - 4.0 * k.gap))
        };
        let layout = |cell: f32, rows: u64, areas: &[Vma]| -> Vec<(u64, u64, f32)> {
            let columns = (((width - 4.0 * k.gap) / (cell + k.gap)) as u64).max(1);
            let of = |vma: &Vma| {
                let pages = vma.pages().0;
                let each = pages.div_ceil(columns * rows).max(1).next_power_of_two();
                let cells = pages.div_ceil(each);
                let height = match tiles_of(cell, vma) {
                    Some(tiles) => tiles.size(vma).1 + 2.0 * k.gap,
                    None => cells.div_ceil(columns) as f32 * (cell + k.gap) + 3.0 * k.gap,
                };
                (columns, each, height.max(least))
            };
            areas.iter().map(of).collect()
        };
        let areas = self.areas_in_room(mm, room, above + least + k.between);
        let mut boxes: Vec<Vec<super::heap::ChunkBox>> = areas.iter().map(of_heap).collect();
        let below: f32 = boxes.iter().map(|boxes| self.chunks_height(boxes)).sum();
        let total = |sizes: &[(u64, u64, f32)]| -> f32 {
            sizes.iter().map(|(.., height)| height + above + k.between).sum::<f32>() + below
        };
        let (mut cell, mut rows) = (k.cell.0, 16);
        let mut sizes = layout(cell, rows, &areas);
        while total(&sizes) > room.h && (rows > 1 || cell > k.cell.1) {
            if cell > k.cell.1 && rows <= 6 {
                cell = (cell * 0.85).max(k.cell.1);
            } else {
                rows = (rows - 1).max(1);
                cell = if rows == 1 { (cell * 0.85).max(k.cell.1) } else { cell };
            }
            sizes = layout(cell, rows, &areas);
        }
        let mut y = room.y;
        let mut placed = Vec::new();
        for ((vma, (columns, each, height)), chunks) in areas.into_iter().zip(sizes).zip(boxes.drain(..)) {
            y += above;
            if y + height > room.bottom() + 1.0 {
                break;
            }
            let cells = vma.pages().0.div_ceil(each).min(columns);
            let tiles = tiles_of(cell, &vma);
            let w = match &tiles {
                Some(tiles) => tiles.size(&vma).0 + 2.0 * k.gap,
                None => cells as f32 * (cell + k.gap) + 3.0 * k.gap,
            };
            let outline = Area { x: room.x + names, y, w: w.min(width), h: height };
            let below = self.chunks_height(&chunks);
            placed.push(Placed { chunks, vma, outline, columns, each, cell, tiles });
            y += height + k.between + below;
        }
        placed
    }

    /// As many areas as have room at their least, the one in focus and the stack among them.
    fn areas_in_room(&self, mm: &Mm, room: Area, least: f32) -> Vec<Vma> {
        let most = ((room.h / (least + self.k.cell.1)) as usize).max(1);
        let all = mm.vmas();
        if all.len() <= most {
            return all.to_vec();
        }
        let focus = [self.did, self.next].into_iter().flatten().find_map(|step| step.address());
        let at = focus.and_then(|focus| all.iter().position(|vma| focus < vma.end)).unwrap_or(0);
        let first = at.saturating_sub(most / 2).min(all.len() - most);
        all[first..first + most].to_vec()
    }

    fn area(&mut self, mm: &Mm, place: &Placed, room: Area, is_narrow: bool) {
        let (s, gap) = (self.b.s, self.k.gap);
        let procs = self.moment.machine.processes();
        let Placed { vma, outline, each, columns, cell, tiles, .. } = place;
        let cells = vma.pages().0.div_ceil(*each);
        let mut inks = vec![Ink::default(); cells as usize];
        let mut present = 0u64;
        for (address, pte) in procs.tables().pages(mm.pgd, vma.start, vma.end) {
            let at = (address.0 - vma.start.0) / PAGE_SIZE / each;
            let ink = &mut inks[at as usize];
            if pte.has(Pte::SPECIAL) {
                ink.zero += 1;
                continue;
            }
            present += 1;
            let several = procs.mapcount(pte.pfn()) > 1;
            *match procs.counter(pte.pfn()) {
                Counter::Anon if several => &mut ink.several,
                Counter::Anon | Counter::Shmem => &mut ink.own,
                Counter::File => &mut ink.file,
            } += 1;
        }
        let line = if vma.prot == mm::process::Prot::NONE { s.edge } else { s.line };
        let item = self.b.things.rect(*outline, s.radius, Paint::Vma, line);
        if vma.prot == mm::process::Prot::NONE {
            item.pen.dash = Dash::Look;
        }
        self.b.labels.keep_off(*outline);
        // All cells of a look are one path.
        let mut paths: Vec<(Option<Paint>, PathData)> = Vec::new();
        let mut pages = Vec::new();
        if let Some(tiles) = tiles {
            self.tiles(mm, place, tiles, &mut paths);
        } else {
            pages = inks;
        }
        for (at, ink) in pages.iter().enumerate() {
            let (row, column) = (at as u64 / columns, at as u64 % columns);
            let x = outline.x + gap * 2.0 + column as f32 * (cell + gap);
            let y = outline.y + gap * 2.0 + row as f32 * (cell + gap);
            let area = Area { x, y, w: *cell, h: *cell };
            let paint = ink.paint();
            let filled = ink.own + ink.several + ink.file + ink.zero;
            let mut draw = |paint: Option<Paint>, area: Area| {
                let at = paths.iter().position(|(of, _)| *of == paint);
                let at = at.unwrap_or_else(|| {
                    paths.push((paint, PathData::default()));
                    paths.len() - 1
                });
                paths[at].1.rect(area);
            };
            draw(None, area);
            if paint.is_some() {
                // A cell of many pages fills up from below.
                let h = area.h * (filled as f32 / *each as f32).clamp(0.2, 1.0);
                draw(paint, Area { y: area.bottom() - h, h, ..area });
            }
        }
        for (paint, mut d) in paths {
            self.b.things.path(d.take(), paint.unwrap_or(Paint::Slot), 0.0);
        }
        // Its name, its rights, and how much of it is there.
        let name = area_name(self.moment, mm, vma);
        let (rights, pages) = (String::from_iter(vma.rights()), vma.pages().0);
        let each_words = match (self.b.lang, *each) {
            (Lang::En, _) if tiles.is_some() => " (2 MiB a tile)".into(),
            (Lang::Zh, _) if tiles.is_some() => "（每块 2 MiB）".into(),
            (_, 1) => String::new(),
            (Lang::En, each) => format!(" ({} a cell)", num(each)),
            (Lang::Zh, each) => format!("（每格 {}）", num(each)),
        };
        let count = format!("{}/{}", num(present), num(pages));
        let (mono, strong) = (self.b.mono(), Face { bold: true, ..self.b.mono() });
        if is_narrow || self.b.form == Form::Phone {
            let y = outline.y - s.label * 0.5;
            let within = Area { y: outline.y - s.label * 1.6, h: s.label * 1.6, ..room };
            let words = [format!("{name} {rights} {count}{each_words}"), format!("{name} {count}"), name];
            self.b.words(&words, mono, Spot::start(outline.x, y), within, Paint::Quiet);
            return;
        }
        let x = outline.x - s.space * 0.7;
        let within = Area { x: 0.0, y: 0.0, w: x + 1.0, h: self.b.h };
        let y = outline.y + s.label * 0.95;
        self.b.words(&[name], strong, Spot::end(x, y), within, Paint::Ink);
        let beside = format!("{rights} {count}");
        let words = [beside, count];
        self.b.words(&words, mono, Spot::end(x, y + s.label * 1.15), within, Paint::Quiet);
        if (*each > 1 || tiles.is_some()) && outline.h > s.label * 3.3 {
            let (plain, each_words) = (self.b.plain(), each_words.trim().to_owned());
            self.b.words(&[each_words], plain, Spot::end(x, y + s.label * 2.3), within, Paint::Quiet);
        }
    }

    /// The tiles of an area: what is one page is one cell, and says so.
    fn tiles(&mut self, mm: &Mm, place: &Placed, tiles: &Tiles, paths: &mut Vec<(Option<Paint>, PathData)>) {
        let procs = self.moment.machine.processes();
        let (vma, corner) = (&place.vma, place.corner(self.k.gap));
        let mut draw = |paint: Option<Paint>, area: Area| match paths.iter_mut().find(|(of, _)| *of == paint)
        {
            Some((_, path)) => path.rect(area),
            None => {
                let mut path = PathData::default();
                path.rect(area);
                paths.push((paint, path));
            }
        };
        let mut at = vma.start;
        let mut huge = Vec::new();
        while at < vma.end {
            let end = Vaddr(((at.0 / HPAGE_SIZE + 1) * HPAGE_SIZE).min(vma.end.0));
            let tile = tiles.tile_of(vma, at, corner);
            let whole = end.0 - at.0 == HPAGE_SIZE;
            let mut leaves = procs.tables().leaves(mm.pgd, at, end).peekable();
            match leaves.peek() {
                None if whole => draw(None, tile),
                Some(leaf) if leaf.is_huge() => {
                    draw(tiles::ink(procs, leaf).paint(), tile);
                    huge.push((tile, tiles::ink(procs, leaf).paint()));
                }
                _ => {
                    // Of a tile in pieces every page is a cell of its own.
                    let mut page = at;
                    while page < end {
                        draw(None, tiles.page_in(tile, page));
                        page = Vaddr(page.0 + PAGE_SIZE);
                    }
                    for leaf in leaves {
                        draw(tiles::ink(procs, &leaf).paint(), tiles.page_in(tile, leaf.address));
                    }
                }
            }
            at = end;
        }
        let face = self.b.strong();
        for (tile, paint) in huge {
            let on = if paint == Some(Paint::Anon) { Paint::OnAnon } else { Paint::Ink };
            let spot = Spot::middle(tile.centre().0, centred(tile.centre().1, face.size));
            self.b.words(&["2 MiB".into(), "2M".into()], face, spot, tile, on);
        }
    }

    /// Rings around the pages that the step is about, and the one that comes; while the kernel is at work for a fault,
    /// around its page.
    fn rings(&mut self, mm: &Mm, placed: &[Placed], chunks: &[((Vaddr, Vaddr), Area)]) {
        if let Some((address, ..)) = self.way.fault
            && self.way.leaf.is_none()
            && super::in_play(self.moment) == Some(mm.name)
            && [self.did, self.next].into_iter().flatten().all(|step| step.address() != Some(address))
            && let Some(area) = placed.iter().find_map(|place| place.cell_of(address, self.k.gap, false))
        {
            self.b.ring(area.grown(self.k.gap), Ring::Look, Id::Ringed(Ring::Look));
        }
        let fails = self.way.leaf.is_some_and(Leaf::is_fatal);
        for (step, kind, ring) in
            [(self.did, self.moment.just_did, Ring::Done), (self.next, self.moment.next, Ring::Next)]
        {
            let of_this = matches!(kind.map(|step| step.kind), Some(StepKind::Process { process, .. }) if process == mm.name);
            let Some(step) = step.filter(|_| of_this) else { continue };
            let ring = if fails && ring == Ring::Done { Ring::Fail } else { ring };
            let is_area = matches!(
                step,
                ProcessStep::Mapped { .. }
                    | ProcessStep::Area { .. }
                    | ProcessStep::StackGrows { .. }
                    | ProcessStep::Protected { .. }
                    | ProcessStep::Remapped { .. }
                    | ProcessStep::CopiedArea { .. }
                    | ProcessStep::LeftOut { .. }
            );
            let Some(address) = step.address() else { continue };
            if matches!(step, ProcessStep::Malloc(_))
                && let Some((_, area)) =
                    chunks.iter().find(|((start, end), _)| (*start..*end).contains(&address))
            {
                self.b.ring(area.grown(self.b.s.halo * 0.2), ring, Id::Ringed(ring));
                continue;
            }
            let Some(place) = placed.iter().find(|place| place.vma.contains(address)) else { continue };
            let area = match is_area {
                true => Some(place.outline.grown(self.b.s.halo * 0.4)),
                false => {
                    let leaf = self.moment.machine.processes().tables().leaf(mm.pgd, address);
                    let is_huge = is_huge(&step) || leaf.is_some_and(|leaf| leaf.is_huge());
                    place.cell_of(address, self.k.gap, is_huge).map(|area| area.grown(self.k.gap))
                }
            };
            let block = StepKind::Process { process: mm.name, step }.blocks().into_iter().flatten().next();
            let id = block
                .filter(|block| block.order == Order::ZERO)
                .map_or(Id::Ringed(ring), |block| Id::Ring(ring, block));
            if let Some(area) = area {
                self.b.ring(area, ring, id);
            }
        }
    }

    fn question(&self, question: Question) -> Vec<String> {
        let verb = match self.way.fault {
            Some((_, Access::Write, _)) => ("write", "写"),
            Some((_, Access::Exec, _)) => ("execute", "执行"),
            _ => ("read", "读"),
        };
        match question {
            Question::Area => {
                self.b.say(&["Is there an area?", "An area?"], &["这个地址有区域吗？", "有区域吗？"])
            }
            Question::Allowed if self.way.fault.is_some() => vec![
                self.b.lang.pick(format!("May it {}?", verb.0), format!("权限允许{}吗？", verb.1)),
                self.b.lang.pick("Allowed?", "允许吗？").to_owned(),
            ],
            Question::Allowed => self.b.say(&["Is it allowed?", "Allowed?"], &["权限允许吗？", "允许吗？"]),
            Question::Entry => {
                self.b.say(&["What is in the entry?", "The entry?"], &["页表项里有什么？", "页表项？"])
            }
            Question::Whose => self.b.say(&["Whose page is it?", "Whose page?"], &["谁的页？"]),
            Question::Access => self.b.say(&["Read or write?"], &["读还是写？"]),
        }
    }

    /// What leads on from a question, downwards.
    fn answer(&self, question: Question) -> Vec<String> {
        match question {
            Question::Area => self.b.say(&["yes"], &["有"]),
            Question::Allowed => self.b.say(&["yes"], &["允许"]),
            Question::Entry => self.b.say(&["nothing, or the zero page", "nothing"], &["空，或是零页", "空"]),
            Question::Whose => self.b.say(&["its own"], &["自己的"]),
            Question::Access => self.b.say(&["write"], &["写"]),
        }
    }

    fn leaves(&self, question: Question) -> Vec<(Leaf, Vec<String>, Vec<String>)> {
        let say = |en: &[&str], zh: &[&str]| self.b.say(en, zh);
        match question {
            Question::Area => vec![(Leaf::NoArea, say(&["no"], &["没有"]), say(&["SIGSEGV"], &["SIGSEGV"]))],
            Question::Allowed => {
                vec![(Leaf::NotAllowed, say(&["no"], &["不允许"]), say(&["SIGSEGV"], &["SIGSEGV"]))]
            }
            Question::Entry => vec![
                (
                    Leaf::Copied,
                    say(&["read-only, shared", "read-only"], &["只读，有别人", "只读"]),
                    say(&["copy on write", "a copy"], &["写时复制", "复制"]),
                ),
                (
                    Leaf::Reused,
                    say(&["read-only, alone", "alone"], &["只读，没别人", "没别人"]),
                    say(&["let it be written", "keep it"], &["直接改成可写", "直接用"]),
                ),
            ],
            Question::Whose => vec![
                (
                    Leaf::Cached,
                    say(&["a file's, in memory", "in memory"], &["文件页，在内存", "在内存"]),
                    say(&["map it: minor", "map it"], &["映射页缓存（次）", "映射页缓存"]),
                ),
                if self.way.leaf == Some(Leaf::BeyondFile) {
                    (
                        Leaf::BeyondFile,
                        say(&["beyond its end", "beyond"], &["超出文件末尾", "超出"]),
                        say(&["SIGBUS"], &["SIGBUS"]),
                    )
                } else {
                    (
                        Leaf::Disk,
                        say(&["a file's, on disk", "on disk"], &["文件页，在磁盘", "在磁盘"]),
                        say(&["read it: major", "read it"], &["读盘（主）", "读盘"]),
                    )
                },
                (
                    Leaf::PrivateCopy,
                    say(&["private, written", "written"], &["私有映射，要写", "要写"]),
                    say(&["copy at once", "a copy"], &["直接复制一份", "复制"]),
                ),
            ],
            Question::Access => {
                let zero = (
                    Leaf::Zero,
                    say(&["read"], &["读"]),
                    say(&["the zero page, RSS stays", "the zero page"], &["共享零页，RSS 不变", "共享零页"]),
                );
                // Where there are none, nothing is said of them.
                let huge = match self.way.leaf {
                    Some(Leaf::PoolEmpty) => Some((
                        Leaf::PoolEmpty,
                        say(&["the pool is empty", "empty pool"], &["大页池空了", "池空"]),
                        say(&["SIGBUS"], &["SIGBUS"]),
                    )),
                    leaf => (self.makes_huge || leaf == Some(Leaf::Huge)).then(|| {
                        (
                            Leaf::Huge,
                            say(&["2 MiB fit", "2 MiB"], &["放得下 2 MiB", "2 MiB"]),
                            say(
                                &["a huge page, 512 frames", "a huge page"],
                                &["一个大页，512 个页框", "一个大页"],
                            ),
                        )
                    }),
                };
                std::iter::once(zero).chain(huge).collect()
            }
        }
    }

    /// The questions from above to below, and on the right where each may end.
    fn tree(&mut self, room: Area) {
        let s = self.b.s;
        let title = self.b.say(&["The way of a page fault"], &["缺页处理：走到哪一步"]);
        let face = self.b.title();
        self.b.words(&title, face, Spot::start(room.x, room.y + s.body), room, Paint::Ink);
        let what = self.way.fault.map(|(address, access, code)| {
            let verb = match access {
                Access::Read => "read",
                Access::Write => "write",
                Access::Exec => "exec",
            };
            vec![format!("{verb} {address:#x} · error_code {code:#x}"), format!("{verb} {address:#x}")]
        });
        let what = what.unwrap_or_else(|| self.b.say(&["no fault at this moment"], &["此刻没有缺页"]));
        let mono = self.b.mono();
        self.b.words(&what, mono, Spot::start(room.x, room.y + s.body + s.label * 1.4), room, Paint::Quiet);
        let top = room.y + s.body + s.label * 2.4;
        // Each question takes as many rows as it has ends on the right; the last end stands below all.
        let rows: f32 = Question::ALL.iter().map(|of| self.leaves(*of).len() as f32).sum::<f32>() + 1.0;
        let row = ((room.bottom() - top) / rows).min(s.label * 4.2);
        // Words have to fit into it, however short the rows are.
        let height = (row * 0.62).max((s.label * 1.3).min(row * 0.85)).min(s.label * 2.3);
        let question_w = room.w * 0.42;
        let leaf_w = room.w * 0.33;
        let leaf_x = room.right() - leaf_w;
        let mut y = top;
        let down_x = room.x + question_w * 0.3;
        for question in Question::ALL {
            let leaves = self.leaves(question);
            let area = Area { x: room.x, y: y + (row - height) / 2.0, w: question_w, h: height };
            let is_passed = self.way.at.is_some_and(|at| question < at);
            let is_at = self.way.at == Some(question);
            self.node(
                area,
                &self.question(question),
                is_passed || is_at,
                false,
                is_at && self.way.leaf.is_none(),
            );
            let span = leaves.len() as f32 * row;
            for (at, (leaf, words, ends)) in leaves.into_iter().enumerate() {
                let middle = y + row * (at as f32 + 0.5);
                let lit = self.way.leaf == Some(leaf);
                let end = Area { x: leaf_x, y: middle - height / 2.0, w: leaf_w, h: height };
                let from = if at == 0 {
                    vec![(area.right(), middle), (end.x, middle)]
                } else {
                    let x = area.right() - s.space * (1.0 + at as f32 * 1.2);
                    vec![(x, area.bottom()), (x, middle), (end.x, middle)]
                };
                self.edge_with_words(&from, lit, &words);
                self.node(end, &ends, lit, true, false);
                if lit {
                    self.ring_leaf(end, leaf);
                }
            }
            let next = y + span;
            // On to the next question, or to the end of all of them.
            let lit = is_passed || is_at && self.way.leaf == Some(Leaf::Fresh);
            let to = next + (row - height) / 2.0;
            self.edge(&[(down_x, area.bottom()), (down_x, to)], lit, true);
            let face = self.b.plain();
            let paint = if lit { Paint::Action } else { Paint::Quiet };
            let answer = self.answer(question);
            let within = Area::between(down_x, area.bottom(), room.right(), to);
            let spot = Spot::start(down_x + s.arrow * 0.8, centred((area.bottom() + to) / 2.0, s.label));
            self.b.words(&answer, face, spot, within, paint);
            y = next;
        }
        let lit = self.way.leaf == Some(Leaf::Fresh);
        let area = Area { x: room.x, y: y + (row - height) / 2.0, w: room.w * 0.55, h: height };
        let words = self.b.say(
            &["a frame of its own, filled with zeros", "a zeroed frame"],
            &["清零一个新页框：次缺页", "清零一个新页框"],
        );
        self.node(area, &words, lit, true, false);
        if lit {
            self.ring_leaf(area, Leaf::Fresh);
        }
    }

    fn ring_leaf(&mut self, area: Area, leaf: Leaf) {
        let ring = if leaf.is_fatal() { Ring::Fail } else { Ring::Done };
        let (halo, width) = (self.b.s.halo, self.b.s.ring);
        self.b.rings.rect(area, area.h / 2.0, Paint::Halo, halo);
        self.b.rings.rect(area, area.h / 2.0, Paint::Ring(ring), width).id = Id::Ringed(ring);
        if ring == Ring::Fail {
            let half = area.h * 0.2;
            self.b.cross((area.right() - area.h * 0.6, area.centre().1), half);
        }
    }

    fn node(&mut self, area: Area, words: &[String], lit: bool, is_end: bool, is_open: bool) {
        let s = self.b.s;
        let radius = if is_end { area.h / 2.0 } else { s.radius * 2.0 };
        let (paint, line) = if lit { (Paint::ChipHot, s.line) } else { (Paint::Chip, s.edge) };
        self.b.things.rect(area, radius, paint, line);
        self.b.labels.keep_off(area);
        let face = if lit { self.b.strong() } else { self.b.plain() };
        let spot = Spot::middle(area.centre().0, centred(area.centre().1, s.label));
        self.b.words(words, face, spot, area, if lit { Paint::Ink } else { Paint::Quiet });
        if is_open {
            self.b.ring(area.grown(s.halo * 0.3), Ring::Look, Id::Ringed(Ring::Look));
        }
    }

    /// A line, with a head where it is gone.
    fn edge(&mut self, points: &[(f32, f32)], lit: bool, head: bool) {
        let s = self.b.s;
        match (lit, head) {
            (true, true) => self.b.way(points, Ring::Done),
            (true, false) => {
                self.b.ways.path(route(points, s.arrow * 0.5), Paint::Go, s.go);
            }
            (false, _) => {
                for pair in points.windows(2) {
                    self.b.back.line([pair[0].0, pair[0].1, pair[1].0, pair[1].1], Paint::Link, s.edge);
                }
            }
        }
    }

    /// The same with words in its last stretch, which is level.
    fn edge_with_words(&mut self, points: &[(f32, f32)], lit: bool, words: &[String]) {
        let s = self.b.s;
        let [before @ .., end] = points else { return };
        let Some(from) = before.last() else { return };
        let (face, pad) = (self.b.plain(), s.space * 0.5);
        // Room is left for a head.
        let to = end.0 - s.arrow * 1.2;
        let spot = Spot::middle((from.0 + to) / 2.0, centred(end.1, s.label));
        let within = Area::between(from.0 + pad, end.1 - s.label, to, end.1 + s.label);
        let paint = if lit { Paint::Action } else { Paint::Quiet };
        let Some(area) = self.b.words(words, face, spot, within, paint) else {
            return self.edge(points, lit, true);
        };
        let mut first = before.to_vec();
        first.push((area.x - pad, end.1));
        self.edge(&first, lit, false);
        self.edge(&[(area.right() + pad, end.1), *end], lit, true);
    }

    /// The same as words, where there is no room for a picture.
    fn way_in_words(&mut self, room: Area) {
        let s = self.b.s;
        let answers =
            Question::ALL.into_iter().take_while(|question| self.way.at.is_some_and(|at| *question < at));
        let first = |words: Vec<String>| words.last().cloned().unwrap_or_default();
        let mut parts: Vec<String> = answers
            .map(|question| format!("{} {}", first(self.question(question)), first(self.answer(question))))
            .collect();
        if let Some(leaf) = self.way.leaf {
            let ends = self.leaves(leaf.of()).into_iter().find(|(of, ..)| *of == leaf);
            let end = match ends {
                Some((_, words, ends)) => format!("{} → {}", first(words), first(ends)),
                None => self.b.lang.pick("write → a zeroed frame", "写 → 清零一个新页框").to_owned(),
            };
            parts.push(format!("{} {end}", first(self.question(leaf.of()))));
        } else if let Some(at) = self.way.at {
            parts.push(first(self.question(at)));
        }
        let words = if parts.is_empty() {
            self.b.say(&["No fault at this moment."], &["此刻没有缺页。"]).join("")
        } else {
            parts.join(" · ")
        };
        let face = self.b.plain();
        for (at, line) in wrap(&words, face, room.w).into_iter().take(4).enumerate() {
            let spot = Spot::start(room.x, room.y + s.label * (1.0 + at as f32 * 1.2));
            self.b.words(&[line], face, spot, room, Paint::Ink);
        }
    }
}

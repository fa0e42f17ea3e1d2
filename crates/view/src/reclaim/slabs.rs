//! The shelf of kernel objects that a shrinker may take away: how many nobody uses, and the slabs they lie in.

use std::collections::BTreeSet;

use mm::op::NameId;
use mm::slab_common::shrinker::Shrinker;
use mm::step::KmemStep;
use mm::{Step, StepKind};
use scenario::Lang;

use super::draw::Draw;
use crate::narrate::num;
use crate::scene::{Area, Hit, Id, Paint, Ring, Spot, centred};

/// Boxes of slabs side by side, and the squares of objects in each.
struct Grid {
    columns: usize,
    rows: usize,
    /// Objects side by side, and rows of them; none: they are too small to be drawn.
    objects: Option<(usize, usize)>,
    w: f32,
    h: f32,
    gap: f32,
    line: f32,
}

impl Grid {
    /// The largest squares with which all slabs fit; or boxes without squares, as many as there is room for.
    fn of(room: Area, slabs: usize, objects: usize, line: f32) -> Grid {
        const LARGEST: u32 = 14;
        const SMALLEST: u32 = 3;
        let gap = line * 3.0;
        // Twice as wide as high, more or less.
        let across = (1..=objects).find(|across| across * across >= objects * 2).unwrap_or(objects).max(1);
        let down = objects.div_ceil(across);
        let of_side = |w: f32, h: f32, objects| {
            let columns = ((room.w + gap) / (w + gap)).max(1.0) as usize;
            let rows = ((room.h + gap) / (h + gap)).max(1.0) as usize;
            Grid { columns, rows, objects, w, h, gap, line }
        };
        let fits = (SMALLEST..=LARGEST).rev().find_map(|side| {
            let side = side as f32;
            let grid = of_side(across as f32 * side + line, down as f32 * side + line, Some((across, down)));
            (grid.most() >= slabs).then_some(grid)
        });
        fits.unwrap_or_else(|| of_side(line * 12.0, line * 12.0, None))
    }

    fn most(&self) -> usize {
        self.columns * self.rows
    }

    fn cell(&self, room: Area, at: usize) -> Area {
        Area {
            x: room.x + (at % self.columns) as f32 * (self.w + self.gap),
            y: room.y + (at / self.columns) as f32 * (self.h + self.gap),
            w: self.w,
            h: self.h,
        }
    }

    /// The square of each object of a slab.
    fn object(&self, cell: Area) -> Option<impl Fn(u16) -> Area> {
        let (across, down) = self.objects?;
        let inner = cell.grown(-self.line * 0.5);
        let (w, h) = (inner.w / across as f32, inner.h / down as f32);
        let gap = self.line * 0.5;
        Some(move |index: u16| Area {
            x: inner.x + (usize::from(index) % across) as f32 * w + gap,
            y: inner.y + (usize::from(index) / across) as f32 * h + gap,
            w: w - 2.0 * gap,
            h: h - 2.0 * gap,
        })
    }
}

/// The cache whose shrinker a step is about, or whose object.
fn cache_of(step: Option<&Step>) -> Option<NameId> {
    match step?.kind {
        StepKind::Kmem(
            KmemStep::Shrinker { cache, .. }
            | KmemStep::Unused { cache, .. }
            | KmemStep::ShrinkerCount { cache, .. }
            | KmemStep::Spared { cache, .. }
            | KmemStep::ShrinkerDone { cache, .. }
            | KmemStep::FreeObject { cache, .. }
            | KmemStep::Handed { cache, .. },
        )
        | StepKind::Slub { cache, .. }
        | StepKind::Slab { cache, .. } => Some(cache),
        _ => None,
    }
}

impl Draw<'_> {
    /// Whether any cache has a shrinker.
    pub(super) fn has_shrinkers(&self) -> bool {
        !self.moment.machine.kmem().shrinkers().is_empty()
    }

    /// Each cache with a shrinker: its slabs as cells, filled as far as objects are in use, and what of that nobody uses.
    pub(super) fn slab_shelf(&mut self, room: Area) {
        let s = self.b.s;
        let title = self.b.title();
        let words = self.b.say(&["slabs with a shrinker", "shrinkers"], &["有收缩器的 slab", "收缩器"]);
        self.b.words(&words, title, Spot::start(room.x, room.y + s.body), room, Paint::Ink);
        let machine = &self.moment.machine;
        let shrinkers: Vec<Shrinker> = machine.kmem().shrinkers().to_vec();
        let top = room.y + s.body * 1.5;
        let each = (room.bottom() - top) / shrinkers.len() as f32;
        for (at, shrinker) in shrinkers.iter().enumerate() {
            self.shrinker(shrinker, Area { y: top + at as f32 * each, h: each - s.space * 0.4, ..room });
        }
    }

    /// What is said of a shrinker: how many objects of its cache nobody uses.
    pub(super) fn shrinker_words(&self, shrinker: &Shrinker) -> Vec<String> {
        let Some(cache) = self.moment.machine.kmem().cache_of(shrinker.cache) else { return Vec::new() };
        let name = self.moment.name(shrinker.cache);
        let (unused, used, pages) =
            (num(shrinker.unused()), num(cache.figures().in_use), num(cache.pages().0));
        match self.b.lang {
            Lang::En => vec![
                format!("{name}: {unused} of {used} objects unused, {pages} pages"),
                format!("{name}: {unused} of {used} unused"),
                format!("{name} {unused}/{used}"),
            ],
            Lang::Zh => vec![
                format!("{name}：{used} 个对象里 {unused} 个没人用，{pages} 页"),
                format!("{name}：{unused}/{used} 没人用"),
                format!("{name} {unused}/{used}"),
            ],
        }
    }

    fn shrinker(&mut self, shrinker: &Shrinker, room: Area) {
        let s = self.b.s;
        let machine = &self.moment.machine;
        let Some(cache) = machine.kmem().cache_of(shrinker.cache) else { return };
        let slabs = cache.slabs();
        let waiting: u64 = shrinker.nodes.iter().map(|list| list.deferred()).sum();
        let words = self.shrinker_words(shrinker);
        let (strong, plain) = (self.b.strong(), self.b.plain());
        let y = room.y + s.label;
        self.b.words(&words, strong, Spot::start(room.x, y), room, Paint::Ink);
        // A box for each slab, with a square for each object, or filled as far as objects are there.
        let unused: BTreeSet<(mm::Pfn, u16)> = shrinker
            .nodes
            .iter()
            .flat_map(|list| list.iter())
            .filter_map(|object| match machine.named(object.name) {
                mm::Named::Object { object, .. } => Some((object.slab, object.index)),
                _ => None,
            })
            .collect();
        let first = y + s.label * 0.6;
        let bottom_line = s.label * 1.3;
        let space = Area::between(room.x, first, room.right(), room.bottom() - bottom_line);
        let grid =
            Grid::of(space, slabs.len(), usize::from(slabs.first().map_or(1, |slab| slab.objects)), s.edge);
        let (radius, edge) = (s.radius * 0.5, s.edge);
        let mut bottom = first;
        let shown = grid.most().min(slabs.len());
        for (at, slab) in slabs.iter().take(shown).enumerate() {
            let cell = grid.cell(space, at);
            bottom = cell.bottom();
            let item = self.b.back.rect(cell, radius, Paint::Paper, edge);
            item.hit = Some(Hit::Block(slab.pfn));
            let free: BTreeSet<u16> = slab.free.iter().copied().collect();
            let paint = |index: u16| match (free.contains(&index), unused.contains(&(slab.pfn, index))) {
                (true, _) => None,
                (false, true) => Some(Paint::Reclaimable),
                (false, false) => Some(Paint::Object),
            };
            let objects = (0..slab.objects).filter_map(|index| Some((index, paint(index)?)));
            match grid.object(cell) {
                Some(square) => {
                    for (index, paint) in objects {
                        self.b.back.rect(square(index), 0.0, paint, 0.0);
                    }
                }
                None => {
                    let counts = objects.fold([0.0, 0.0], |[used, all], (_, paint)| {
                        [used + if paint == Paint::Object { 1.0 } else { 0.0 }, all + 1.0]
                    });
                    let [used, all] =
                        counts.map(|count: f32| cell.h * count / f32::from(slab.objects.max(1)));
                    self.b.back.rect(
                        Area { y: cell.bottom() - all, h: all, ..cell },
                        0.0,
                        Paint::Reclaimable,
                        0.0,
                    );
                    self.b.back.rect(
                        Area { y: cell.bottom() - used, h: used, ..cell },
                        0.0,
                        Paint::Object,
                        0.0,
                    );
                }
            }
            self.b.things.rect(cell, radius, Paint::Frame, edge);
        }
        let all = num(slabs.len() as u64);
        let one = if slabs.len() == 1 { "slab" } else { "slabs" };
        let mut says = vec![self.b.lang.pick(format!("{all} {one}"), format!("{all} 个 slab"))];
        if shown < slabs.len() {
            let shown = num(shown as u64);
            says.push(self.b.lang.pick(format!("{shown} shown"), format!("画出 {shown} 个")));
        }
        if waiting > 0 {
            let waiting = num(waiting);
            says.push(self.b.lang.pick(format!("{waiting} deferred"), format!("推迟 {waiting} 个")));
        }
        let signs = [says.join(" · ")];
        let below = Area { y: bottom, ..room };
        self.b.words(
            &signs,
            plain,
            Spot::start(room.x, centred(bottom + s.label * 0.9, s.label)),
            below,
            Paint::Quiet,
        );
        let done = cache_of(self.moment.just_did.as_ref()) == Some(shrinker.cache);
        let next = cache_of(self.moment.next.as_ref()) == Some(shrinker.cache);
        if done || next {
            let ring = if done { Ring::Done } else { Ring::Next };
            let all = Area::between(room.x, first, room.right(), bottom).grown(s.ring);
            self.b.ring(all, ring, Id::Ringed(ring));
        }
    }
}

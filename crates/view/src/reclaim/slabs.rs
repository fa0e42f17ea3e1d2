//! The shelf of kernel objects that a shrinker may take away: how many nobody uses, and the slabs they lie in.

use mm::op::NameId;
use mm::slab_common::shrinker::Shrinker;
use mm::step::KmemStep;
use mm::{Step, StepKind};
use scenario::Lang;

use super::draw::Draw;
use crate::narrate::num;
use crate::scene::{Area, Form, Hit, Id, Paint, Ring, Spot, centred};

/// Slabs that are drawn of a cache at most.
const SLABS: usize = 96;

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

    fn shrinker(&mut self, shrinker: &Shrinker, room: Area) {
        let s = self.b.s;
        let machine = &self.moment.machine;
        let Some(cache) = machine.kmem().cache_of(shrinker.cache) else { return };
        let (figures, pages) = (cache.figures(), cache.pages().0);
        let (slabs, name) = (cache.slabs(), self.moment.name(shrinker.cache).to_owned());
        let unused = shrinker.unused();
        let waiting: u64 = shrinker.nodes.iter().map(|list| list.deferred()).sum();
        let (unused_words, used, pages) = (num(unused), num(figures.in_use), num(pages));
        let words = match self.b.lang {
            Lang::En => vec![
                format!("{name}: {unused_words} of {used} objects unused, {pages} pages"),
                format!("{name}: {unused_words} of {used} unused"),
                format!("{name} {unused_words}/{used}"),
            ],
            Lang::Zh => vec![
                format!("{name}：{used} 个对象里 {unused_words} 个没人用，{pages} 页"),
                format!("{name}：{unused_words}/{used} 没人用"),
                format!("{name} {unused_words}/{used}"),
            ],
        };
        let (strong, plain) = (self.b.strong(), self.b.plain());
        let y = room.y + s.label;
        self.b.words(&words, strong, Spot::start(room.x, y), room, Paint::Ink);
        // A cell for each slab: as much ink as objects in it are in use; the part that nobody uses is lighter.
        let unused_of = |pfn: mm::Pfn| {
            let of = |name: NameId| match machine.named(name) {
                mm::Named::Object { object, .. } => object.slab == pfn,
                _ => false,
            };
            shrinker.nodes.iter().flat_map(|list| list.iter()).filter(|object| of(object.name)).count() as u32
        };
        let (side, gap) = match self.b.form {
            Form::Projector => (s.label * 1.25, 3.0),
            Form::Laptop | Form::Phone => (s.label * 1.1, 2.0),
        };
        let columns = (((room.w + gap) / (side + gap)) as usize).max(1);
        let first = y + s.label * 0.5;
        let rows = (((room.bottom() - first - s.label * 1.3) / (side + gap)) as usize).max(1);
        let most = (columns * rows).min(SLABS);
        let shown: Vec<_> = slabs.iter().take(most).map(|slab| (slab.clone(), unused_of(slab.pfn))).collect();
        let (radius, edge) = (s.radius * 0.5, s.edge);
        let mut bottom = first;
        for (at, (slab, unused)) in shown.iter().enumerate() {
            let cell = Area {
                x: room.x + (at % columns) as f32 * (side + gap),
                y: first + (at / columns) as f32 * (side + gap),
                w: side,
                h: side,
            };
            bottom = cell.bottom();
            let part = |objects: u32| cell.h * objects as f32 / f32::from(slab.objects.max(1));
            let in_use = u32::from(slab.in_use);
            let item = self.b.back.rect(cell, radius, Paint::Paper, edge);
            item.hit = Some(Hit::Block(slab.pfn));
            let used = in_use.saturating_sub(*unused);
            let ghost = Area { y: cell.bottom() - part(in_use), h: part(in_use), ..cell };
            self.b.back.rect(ghost, radius, Paint::Reclaimable, 0.0);
            let ink = Area { y: cell.bottom() - part(used), h: part(used), ..cell };
            self.b.back.rect(ink, radius, Paint::Object, 0.0);
            self.b.things.rect(cell, radius, Paint::Frame, edge);
        }
        let more = slabs.len().saturating_sub(shown.len());
        let mut signs = match self.b.lang {
            Lang::En => vec![format!("{} slabs · ▮ used · ▯ unused", num(slabs.len() as u64))],
            Lang::Zh => vec![format!("{} 个 slab · ▮ 在用 · ▯ 没人用", num(slabs.len() as u64))],
        };
        if waiting > 0 {
            let waiting = num(waiting);
            let more = self.b.lang.pick(format!("{waiting} deferred"), format!("推迟 {waiting} 个"));
            signs.insert(0, format!("{} · {more}", signs[0]));
        }
        if more > 0 {
            signs.truncate(1);
        }
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

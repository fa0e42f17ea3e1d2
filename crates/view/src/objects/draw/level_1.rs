//! A level-1 cache, and which of its lines objects share.

use mm::Pfn;
use mm::step::{KmemStep, StepKind};
use mm::units::PAGE_SIZE;

use super::super::slab_at;
use super::Draw;
use crate::narrate::num;
use crate::scene::{Area, Id, Paint, PathData, Ring, Spot, centred};

impl Draw<'_> {
    /// The sets of the level-1 cache, and which objects are in them.
    pub(super) fn level_1(&mut self) {
        let (Some(area), Some(l1)) = (self.l1, self.kmem.l1(self.cpu)) else { return };
        let (s, lang) = (self.b.s, self.b.lang);
        let shape = l1.shape();
        let face = self.b.strong();
        let words =
            lang.pick(format!("CPU {} · L1 sets", self.cpu.0), format!("CPU {} · 一级缓存各组", self.cpu.0));
        let all = self.b.all();
        self.b.words(&[words], face, Spot::start(area.x, area.y + s.label * 0.9), all, Paint::Ink);
        let area = Area { y: area.y + s.label * 1.5, h: area.h - s.label * 1.5, ..area };
        let (hits, misses) = l1.counts().iter().fold((0, 0), |(h, m), (hit, miss)| (h + hit, m + miss));
        let words = lang.pick(
            format!("misses: {} of {}", num(misses), num(hits + misses)),
            format!("未命中 {} / {}", num(misses), num(hits + misses)),
        );
        let bottom = area.bottom() - s.label * 0.4;
        self.b.words(&[words], face, Spot::start(area.x, bottom), area, Paint::Ink);
        let used: Vec<u32> = (0..shape.sets).filter(|set| l1.counts()[*set as usize] != (0, 0)).collect();
        let h = (s.label * 1.45).min((bottom - s.label * 1.2 - area.y) / used.len().max(1) as f32);
        let most = ((bottom - s.label * 1.4 - area.y) / (s.label * 1.15)) as usize;
        let h = h.max(s.label * 1.15);
        let number = face.width("00") + s.space;
        let way = ((area.w * 0.72 - number) / shape.ways as f32).max(2.0);
        let touched = [self.did, self.next].map(|kind| match kind {
            Some(StepKind::Kmem(KmemStep::Touched { access, .. })) => Some(access.set()),
            _ => None,
        });
        for (row, set) in used.iter().take(most).enumerate() {
            let y = area.y + h * row as f32;
            let middle = y + h / 2.0;
            let mono = self.b.mono();
            self.b.labels.at(
                &set.to_string(),
                mono,
                Spot::end(area.x + number - s.space * 0.5, centred(middle, s.label)),
                Paint::Quiet,
                Id::None,
            );
            let lines = l1.lines(*set);
            for at in 0..shape.ways as usize {
                let cell =
                    Area { x: area.x + number + way * at as f32, y: y + h * 0.15, w: way * 0.86, h: h * 0.7 };
                let edge = s.edge;
                let paint = if at < lines.len() { Paint::Object } else { Paint::Slot };
                self.b.things.rect(cell, s.radius, paint, edge);
            }
            let (_, missed) = l1.counts()[*set as usize];
            let end = area.x + number + way * shape.ways as f32;
            let words = format!("✕{missed}");
            let within = Area::between(end, y, area.right() + s.space * 2.0, y + h);
            self.b.words(
                &[words],
                mono,
                Spot::start(end + s.space * 0.5, centred(middle, s.label)),
                within,
                Paint::Quiet,
            );
            self.lines_of_set(&lines, (end + s.space * 0.5 + mono.width("✕000"), middle));
            for (ring, of) in [(Ring::Done, touched[0]), (Ring::Next, touched[1])] {
                if of == Some(*set) {
                    let set = Area {
                        x: area.x + number - s.line,
                        y: y + h * 0.06,
                        w: way * shape.ways as f32 + s.line,
                        h: h * 0.88,
                    };
                    self.b.ring(set, ring, Id::Ringed(ring));
                }
            }
        }
        if used.len() > most {
            let more = used.len() - most;
            let words = lang.pick(format!("… {more} more"), format!("…… 还有 {more} 组"));
            let y = area.y + h * most as f32 + s.label * 0.6;
            let face = self.b.plain();
            self.b.words(&[words], face, Spot::start(area.x, y), area, Paint::Quiet);
        }
    }

    /// The bytes that the request of this op wanted.
    pub(super) fn wanted(&self) -> Option<u32> {
        let of = |kind: &StepKind| match *kind {
            StepKind::Kmem(KmemStep::SizeClass { bytes, cache, .. }) if cache == self.cache.name => {
                Some(bytes)
            }
            _ => None,
        };
        let trail = self.moment.trail.iter().rev().map(|step| &step.kind);
        self.did.iter().chain(trail).chain(&self.next).find_map(of)
    }

    /// Lines from a set to the objects whose lines it holds.
    pub(super) fn lines_of_set(&mut self, lines: &[u64], (x, y): (f32, f32)) {
        let mut d = PathData::default();
        let r = self.b.s.line * 1.3;
        for line in lines {
            let pfn = Pfn((line / PAGE_SIZE) as u32);
            let Some(slab) = slab_at(&self.slabs, pfn) else { continue };
            let Some((_, area)) = self.ribbons.iter().find(|(of, _)| *of == slab.pfn) else { continue };
            let byte = (line - u64::from(slab.pfn.0) * PAGE_SIZE) as u32 + mm::slab_common::CACHE_LINE / 2;
            let (to_x, to_y) = (self.x_of(slab, *area, byte), area.centre().1);
            let bend = (x + area.x) / 2.0;
            d.to('M', &[x, y]).to('C', &[bend, y, bend, to_y, area.x, to_y]);
            // Far inside, the line would cross what other objects are called.
            let is_near = to_x < area.x + area.w * 0.2;
            if is_near {
                d.to('L', &[to_x, to_y]);
            }
            let dot_y = if is_near { to_y } else { area.bottom() - 2.0 * r };
            let dot = Area { x: to_x - r, y: dot_y - r, w: 2.0 * r, h: 2.0 * r };
            self.b.ways.rect(dot, r, Paint::GoHead, 0.0);
        }
        if !d.is_empty() {
            let line = self.b.s.edge.max(1.0);
            self.b.ways.path(d.take(), Paint::Thread, line);
        }
    }
}

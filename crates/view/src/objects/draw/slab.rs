//! A slab: its objects, their freelist, and what lies in them.

use mm::page::Block;
use mm::process::Cell;
use mm::slab::Management;
use mm::slab_common::{Objects, SlabLook};
use mm::slub::Object;
use mm::units::PAGE_SIZE;

use super::{Draw, MOST_SINGLE};
use crate::scene::{Area, Hit, Id, Paint, PathData, Spot, centred};

impl Draw<'_> {
    /// A slab as a ribbon of its bytes.
    pub(super) fn slab(&mut self, slab: &SlabLook, area: Area) {
        let (s, line) = (self.b.s, self.b.s.edge);
        let block = Block { pfn: slab.pfn, order: slab.order };
        self.ribbons.push((slab.pfn, area));
        self.b.labels.keep_off(area);
        let item = self.b.things.rect(area, 0.0, Paint::Wash, line);
        item.id = Id::Ground(block);
        item.hit = Some(Hit::Block(slab.pfn));
        if let Objects::Slab(cache) = &self.cache.objects {
            let g = cache.geometry();
            let pad = slab.colour * g.colour_off;
            if pad > 0 {
                let pad = Area::between(area.x, area.y, self.x_of(slab, area, pad), area.bottom());
                self.b.things.rect(pad, 0.0, Paint::Outside, line);
            }
            let first = self.object_area(slab, area, 0).x;
            let before = self.x_of(slab, area, pad);
            if g.management == Management::OnSlab && first > before + 0.5 {
                let notes = Area::between(before, area.y, first, area.bottom());
                self.b.things.rect(notes, 0.0, Paint::Note, 0.0);
            }
        }
        // What each object is: in use, free, or in an array.
        let mut is_free = vec![false; usize::from(slab.objects)];
        slab.free.iter().for_each(|index| is_free[usize::from(*index)] = true);
        let paint = |index: u16| match (is_free[usize::from(index)], self.kept.contains(&(slab.pfn, index))) {
            (true, _) => Paint::Free,
            (false, true) => Paint::Pcp,
            (false, false) => Paint::Object,
        };
        let cell = self.object_area(slab, area, 0).w;
        let apart = cell >= 4.0 * s.edge.max(1.0);
        if apart && slab.objects <= MOST_SINGLE {
            for index in 0..slab.objects {
                let object = self.object_area(slab, area, index);
                let item = self.b.things.rect(object, 0.0, paint(index), line);
                item.hit = Some(Hit::Block(slab.pfn));
                item.id = Id::Object { slab: slab.pfn, index };
            }
        } else {
            // Many small ones: those that look the same are one thing.
            for of in [Paint::Free, Paint::Pcp, Paint::Object] {
                let mut d = PathData::default();
                let mut from = 0;
                while from < slab.objects {
                    let mut to = from + 1;
                    while !apart && to < slab.objects && paint(to) == paint(from) {
                        to += 1;
                    }
                    if paint(from) == of {
                        let (first, last) =
                            (self.object_area(slab, area, from), self.object_area(slab, area, to - 1));
                        d.rect(Area::between(first.x, area.y, last.right(), area.bottom()));
                    }
                    from = to;
                }
                if !d.is_empty() {
                    self.b.things.path(d.take(), of, if apart { line } else { 0.0 });
                }
            }
        }
        let item = self.b.things.rect(area, 0.0, Paint::Frame, line);
        item.hit = Some(Hit::Block(slab.pfn));
        if apart {
            self.thread(slab, area);
            self.numbers(slab, area, cell);
        }
    }

    /// The free objects, threaded in the order in which they will be handed out.
    pub(super) fn thread(&mut self, slab: &SlabLook, area: Area) {
        const MOST: usize = 40;
        let own = usize::from(slab.free_of_cpu);
        for part in [&slab.free[..own], &slab.free[own..]] {
            let mut d = PathData::default();
            for pair in part.windows(2).take(MOST) {
                let [a, b] = [pair[0], pair[1]].map(|index| self.object_area(slab, area, index).centre().0);
                let (top, bottom) = (area.y + area.h * 0.22, area.y + area.h * 0.1);
                d.to('M', &[a, top]).to('Q', &[(a + b) / 2.0, bottom - area.h * 0.22, b, top]);
            }
            if !d.is_empty() {
                let line = self.b.s.edge.max(1.0);
                self.b.ways.path(d.take(), Paint::Thread, line);
            }
            if let Some(head) = part.first() {
                let centre = self.object_area(slab, area, *head).centre().0;
                let r = (area.h * 0.11).max(2.0);
                let dot = Area { x: centre - r, y: area.y + area.h * 0.22 - r, w: 2.0 * r, h: 2.0 * r };
                self.b.ways.rect(dot, r, Paint::GoHead, 0.0);
            }
        }
    }

    /// What is in use says whose it is, what is free when its turn comes.
    pub(super) fn numbers(&mut self, slab: &SlabLook, area: Area, cell: f32) {
        let s = self.b.s;
        let face = self.b.mono();
        if area.h < s.label * 1.15 {
            return;
        }
        let y = centred(area.y + area.h * 0.58, face.size);
        let mut turn = vec![0u16; usize::from(slab.objects)];
        for (at, index) in (1u16..).zip(&slab.free) {
            turn[usize::from(*index)] = at;
        }
        for index in 0..slab.objects {
            let mut words = match (turn[usize::from(index)], self.names.get(&(slab.pfn, index))) {
                (0, Some(name)) => self.moment.name(*name).to_owned(),
                (0, None) => continue,
                (turn @ 1..=9, _) => turn.to_string(),
                _ => continue,
            };
            // What somebody wrote there, and is there still.
            if let Some(byte) = self.written(slab, index) {
                let with = format!("{words} ·{byte:02x}");
                if face.width(&with) <= cell - s.edge * 2.0 {
                    words = with;
                }
            }
            if face.width(&words) <= cell - s.edge * 2.0 {
                let place = self.object_area(slab, area, index);
                let paint = if turn[usize::from(index)] > 0 { Paint::Quiet } else { Paint::OnObject };
                let spot = Spot::middle(place.centre().0, y);
                self.b.labels.at(&words, face, spot, paint, Id::None);
            }
        }
    }

    /// A byte that somebody wrote to an object.
    pub(super) fn written(&self, slab: &SlabLook, index: u16) -> Option<u8> {
        let processes = self.moment.machine.processes();
        if !processes.knows_bytes() {
            return None;
        }
        let cache = self.cache;
        let inside = cache.place(Object { slab: slab.pfn, at: slab.at, index });
        let start = u64::from(slab.pfn.0) * PAGE_SIZE + u64::from(inside);
        let window = processes.kernel_window(start, u64::from(cache.args().object_size));
        window.runs().iter().find_map(|(_, cell)| match cell {
            Cell::Byte(byte @ 1..) => Some(*byte),
            _ => None,
        })
    }
}

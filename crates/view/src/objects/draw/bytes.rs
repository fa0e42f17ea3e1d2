//! The bytes of the object or block that the story is about: a strip of runs, once somebody said what lies anywhere.

use mm::Named;
use mm::op::NameId;
use mm::process::Cell;
use mm::slub::Object;
use mm::step::{KmemStep, StepKind};
use mm::units::PAGE_SIZE;
use scenario::Lang;

use super::Draw;
use crate::narrate::num;
use crate::scene::{Area, Dash, Paint, Spot, centred};

/// Memory of the kernel's: what it is called, its physical address, and its bytes.
struct Memory {
    name: NameId,
    start: u64,
    bytes: u64,
}

impl Draw<'_> {
    /// How high the strip is; 0: nobody said anything yet.
    pub(super) fn strip_height(&self) -> f32 {
        let knows = self.moment.machine.processes().knows_bytes();
        if knows { self.b.s.label * 3.4 } else { 0.0 }
    }

    fn of_object(&self, name: NameId, cache: NameId, object: Object) -> Option<Memory> {
        let cache = self.kmem.cache_of(cache)?;
        let start = u64::from(object.slab.0) * PAGE_SIZE + u64::from(cache.place(object));
        Some(Memory { name, start, bytes: u64::from(cache.args().object_size) })
    }

    fn of_name(&self, name: NameId) -> Option<Memory> {
        match self.moment.machine.named(name) {
            Named::Object { cache, object } => self.of_object(name, cache, object),
            Named::Block(block) => {
                Some(Memory { name, start: u64::from(block.pfn.0) * PAGE_SIZE, bytes: PAGE_SIZE })
            }
            _ => None,
        }
    }

    /// What the steps speak of, the latest first.
    fn memory(&self) -> Option<Memory> {
        let of = |kind: &StepKind| match *kind {
            StepKind::Kmem(
                KmemStep::Handed { name, cache, object, .. } | KmemStep::FreeObject { name, cache, object },
            ) => self.of_object(name, cache, object),
            StepKind::Kmem(
                KmemStep::Holds { name, .. } | KmemStep::Filled { name, .. } | KmemStep::Dumped { name, .. },
            ) => self.of_name(name),
            _ => None,
        };
        let trail = self.moment.trail.iter().rev().map(|step| &step.kind);
        self.did.iter().chain(trail).chain(&self.next).find_map(of)
    }

    /// Runs of the same byte side by side, each as long as it is as far as its words leave room.
    pub(super) fn strip(&mut self) {
        let Some(area) = self.bytes else { return };
        let Some(Memory { name, start, bytes }) = self.memory() else { return };
        let (s, lang) = (self.b.s, self.b.lang);
        let window = self.moment.machine.processes().kernel_window(start, bytes);
        let of = self.moment.name(name).to_owned();
        let words = match lang {
            Lang::En => vec![format!("The bytes of {of}"), of],
            Lang::Zh => vec![format!("{of} 的字节"), of],
        };
        let face = self.b.strong();
        let spot = Spot::start(area.x, area.y + s.label * 0.9);
        self.b.words(&words, face, spot, area, Paint::Ink);
        let row = Area { y: area.y + s.label * 1.4, h: s.label * 1.75, ..area };
        let runs = window.runs();
        // No run is so short that nothing can be read in it.
        let least = (row.w / 6.0).min(s.label * 9.0);
        let all: u64 = runs.iter().map(|(length, _)| *length).sum();
        let spare = (row.w - least * runs.len() as f32).max(0.0);
        let mut x = row.x;
        for (length, cell) in runs {
            let w = least + spare * *length as f32 / all.max(1) as f32;
            let piece = Area { x, w: w - s.space * 0.3, ..row };
            x += w;
            let (paint, what) = match cell {
                Cell::Byte(0) => (Paint::Slot, "× 0x00".to_owned()),
                Cell::Byte(byte) => (Paint::Chip, format!("× {byte:#04x}")),
                Cell::FreePointer => (Paint::ChipHot, lang.pick("next free", "下一个空闲").to_owned()),
                Cell::Libc => (Paint::Chip, "malloc".to_owned()),
                Cell::File => (Paint::Chip, lang.pick("of a file", "文件").to_owned()),
                Cell::Unsaid => (Paint::Ghost, lang.pick("unknown", "未知").to_owned()),
            };
            let item = self.b.things.rect(piece, s.radius, paint, s.edge);
            if *cell == Cell::Unsaid {
                item.pen.dash = Dash::Ghost;
            }
            self.b.labels.keep_off(piece);
            let face = self.b.mono();
            let spot = Spot::middle(piece.centre().0, centred(piece.centre().1, s.label));
            let length = num(*length);
            self.b.words(&[format!("{length} {what}"), what], face, spot, piece, Paint::Ink);
        }
    }
}

//! Where things are drawn, and the ways between them that a step goes.

use mm::Pfn;
use mm::op::NameId;
use mm::reclaim::{Batch, Lru, Verdict};
use mm::step::ReclaimStep;
use mm::xarray::SwapEntry;

use super::draw::Draw;
use crate::scene::{Area, Ring};

/// The places of a picture in the making.
#[derive(Default)]
pub(super) struct Places {
    /// Pages, wherever they lie: on a belt, in a batch, in the hands.
    pub cards: Vec<(Pfn, Area)>,
    /// The belts with all of their cards.
    pub belts: Vec<(Lru, Area)>,
    pub trays: Vec<(Batch, Area)>,
    pub hands: Option<Area>,
    pub tank: Option<Area>,
    pub slots: Vec<(SwapEntry, Area)>,
    pub pages: Vec<(NameId, u32, Area)>,
}

impl Places {
    pub(super) fn card(&self, pfn: Pfn) -> Option<Area> {
        self.cards.iter().find(|(of, _)| *of == pfn).map(|(_, area)| *area)
    }

    pub(super) fn slot(&self, entry: SwapEntry) -> Option<Area> {
        self.slots.iter().find(|(of, _)| *of == entry).map(|(_, area)| *area)
    }

    pub(super) fn page(&self, file: NameId, index: u32) -> Option<Area> {
        self.pages.iter().find(|(of, at, _)| (*of, *at) == (file, index)).map(|(.., area)| *area)
    }

    fn tray(&self, batch: Batch) -> Option<Area> {
        self.trays.iter().find(|(of, _)| *of == batch).map(|(_, area)| *area)
    }

    /// The young end of a belt, or the old one.
    fn end(&self, lru: Lru, tail: bool) -> Option<(f32, f32)> {
        let area = self.belts.iter().find(|(of, _)| *of == lru).map(|(_, area)| *area)?;
        let x = if tail { area.right() - area.h * 0.4 } else { area.x + area.h * 0.4 };
        Some((x, area.y))
    }
}

fn top(area: Area) -> (f32, f32) {
    (area.centre().0, area.y)
}

fn foot(area: Area) -> (f32, f32) {
    (area.centre().0, area.bottom())
}

impl Draw<'_> {
    /// The way that the step just done went, or that follows from what it decided.
    pub(super) fn go(&mut self) {
        if let Some((from, to, ring)) = self.did.and_then(|step| self.way_of(step)) {
            self.angled(from, to, ring);
        }
    }

    fn way_of(&self, step: ReclaimStep) -> Option<((f32, f32), (f32, f32), Ring)> {
        let p = &self.places;
        let reclaim = self.reclaim;
        let lru_of = |pfn: Pfn, active: bool| Lru::of(self.is_file(pfn), active);
        match step {
            ReclaimStep::Batched { pfn, batch: Batch::Activate | Batch::Deactivate, .. } => {
                let batch = if let ReclaimStep::Batched { batch, .. } = step { batch } else { return None };
                Some((top(p.card(pfn)?), foot(p.tray(batch)?), Ring::Done))
            }
            ReclaimStep::Drained { batch, .. } => {
                // Where the last of them came to lie.
                let lists = match batch {
                    Batch::Activate => [Lru::ActiveFile, Lru::ActiveAnon],
                    Batch::LazyFree => [Lru::InactiveFile; 2],
                    Batch::Add | Batch::Deactivate | Batch::Rotate => [Lru::InactiveAnon, Lru::InactiveFile],
                };
                let longest = lists.into_iter().max_by_key(|lru| reclaim.size(*lru))?;
                let to = p.end(longest, batch == Batch::Rotate)?;
                Some((foot(p.tray(batch)?), to, Ring::Done))
            }
            ReclaimStep::Isolated { lru, taken: 1.., .. } => {
                let (x, _) = p.end(lru, true)?;
                let belt = p.belts.iter().find(|(of, _)| *of == lru)?.1;
                Some(((x, belt.bottom()), top(p.hands?), Ring::Done))
            }
            ReclaimStep::Looked { pfn, verdict, .. } => {
                let to = match verdict {
                    Verdict::Activate => p.end(lru_of(pfn, true), false)?,
                    Verdict::Keep => p.end(lru_of(pfn, false), false)?,
                    Verdict::Reclaim | Verdict::ReclaimClean => return None,
                };
                Some((top(p.card(pfn)?), to, Ring::Next))
            }
            ReclaimStep::Aged { pfn, stays } => {
                let to = p.end(lru_of(pfn, stays), false)?;
                Some((top(p.card(pfn)?), to, Ring::Next))
            }
            ReclaimStep::AddedToSwap { pfn, entry } | ReclaimStep::PagedOut { pfn, entry, .. } => {
                let ring = if matches!(step, ReclaimStep::PagedOut { .. }) { Ring::Done } else { Ring::Next };
                let slot = p.slot(entry)?;
                Some((top(p.card(pfn)?), (slot.x, slot.centre().1), ring))
            }
            ReclaimStep::Reclaimed { pfn, .. } => {
                let tank = p.tank?;
                Some((top(p.card(pfn)?), (tank.right(), tank.y + tank.h * 0.5), Ring::Done))
            }
            ReclaimStep::SwapRead { pfn, entry } | ReclaimStep::Swapped { pfn, entry, .. } => {
                let slot = p.slot(entry)?;
                let card = p.card(pfn).or_else(|| p.tray(Batch::Add))?;
                Some(((slot.x, slot.centre().1), foot(card), Ring::Done))
            }
            _ => None,
        }
    }

    /// Along right angles: up or down first, then aside, then to the place.
    fn angled(&mut self, from: (f32, f32), to: (f32, f32), ring: Ring) {
        let gap = self.b.s.label * 0.45;
        let (x0, y0) = from;
        let (x1, y1) = to;
        if (x0 - x1).abs() < 2.0 {
            self.b.way(&[from, to], ring);
            return;
        }
        let side = self.places.slots.iter().any(|(_, area)| (area.x, area.centre().1) == to);
        let in_tank = self.places.tank.is_some_and(|tank| tank.right() == x1);
        if side || in_tank {
            self.b.way(
                &[
                    from,
                    (x0, y0 - gap),
                    (if side { x1 - gap } else { x1 + gap }, y0 - gap),
                    (if side { x1 - gap } else { x1 + gap }, y1),
                    to,
                ],
                ring,
            );
            return;
        }
        let bend = if y1 < y0 { y1 - gap } else { y0 + gap };
        let bend = if y1 < y0 { bend } else { bend.min(y1 - gap) };
        self.b.way(&[from, (x0, bend), (x1, bend), to], ring);
    }
}

//! Where things are drawn, and the ways between them that a step goes.

use mm::Pfn;
use mm::op::NameId;
use mm::reclaim::{Batch, Lru, Verdict};
use mm::step::ReclaimStep;
use mm::xarray::SwapEntry;

use super::draw::Draw;
use crate::scene::{Area, Form, Ring};

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
    /// The cluster in play.
    pub cluster: Option<Area>,
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

    fn belt(&self, lru: Lru) -> Option<Area> {
        self.belts.iter().find(|(of, _)| *of == lru).map(|(_, area)| *area)
    }
}

/// Where a way ends.
enum End {
    /// At the young end of a belt, or at its tail.
    Belt(Area, bool),
    /// At the hands, from the right.
    Hands(Area),
    /// At the left edge of a slot.
    Slot(Area),
    /// At the right edge of the tank.
    Tank(Area),
    /// From below.
    Foot(Area),
}

fn top(area: Area) -> (f32, f32) {
    (area.centre().0, area.y)
}

fn foot(area: Area) -> (f32, f32) {
    (area.centre().0, area.bottom())
}

fn side(area: Area, right: bool) -> (f32, f32) {
    (if right { area.right() } else { area.x }, area.centre().1)
}

impl Draw<'_> {
    /// The way that the step just done went, or that follows from what it decided.
    pub(super) fn go(&mut self) {
        if let Some((from, end, ring)) = self.did.and_then(|step| self.way_of(step)) {
            self.angled(from, end, ring);
        }
    }

    fn way_of(&self, step: ReclaimStep) -> Option<((f32, f32), End, Ring)> {
        let p = &self.places;
        let reclaim = self.reclaim;
        let lru_of = |pfn: Pfn, active: bool| Lru::of(self.is_file(pfn), active);
        match step {
            ReclaimStep::Batched { pfn, batch, .. } if batch != Batch::Add => {
                Some((top(p.card(pfn)?), End::Foot(p.tray(batch)?), Ring::Done))
            }
            ReclaimStep::Drained { batch, .. } => {
                let lists = match batch {
                    Batch::Activate => [Lru::ActiveFile, Lru::ActiveAnon],
                    Batch::LazyFree => [Lru::InactiveFile; 2],
                    Batch::Add | Batch::Deactivate | Batch::Rotate => [Lru::InactiveAnon, Lru::InactiveFile],
                };
                // Where most of them came to lie.
                let longest = lists.into_iter().max_by_key(|lru| reclaim.size(*lru))?;
                let to = End::Belt(p.belt(longest)?, batch == Batch::Rotate);
                Some((foot(p.tray(batch)?), to, Ring::Done))
            }
            ReclaimStep::Isolated { lru, taken: 1.., .. } => {
                Some((side(p.belt(lru)?, true), End::Hands(p.hands?), Ring::Done))
            }
            ReclaimStep::Looked { pfn, verdict, .. } => {
                let active = match verdict {
                    Verdict::Activate => true,
                    Verdict::Keep => false,
                    Verdict::Reclaim | Verdict::ReclaimClean => return None,
                };
                Some((top(p.card(pfn)?), End::Belt(p.belt(lru_of(pfn, active))?, false), Ring::Next))
            }
            ReclaimStep::Aged { pfn, stays } => {
                Some((top(p.card(pfn)?), End::Belt(p.belt(lru_of(pfn, stays))?, false), Ring::Next))
            }
            ReclaimStep::AddedToSwap { pfn, entry } => {
                Some((top(p.card(self.folio(pfn))?), End::Slot(p.slot(entry)?), Ring::Next))
            }
            ReclaimStep::PagedOut { pfn, entry, .. } => {
                Some((top(p.card(pfn)?), End::Slot(p.slot(entry)?), Ring::Done))
            }
            ReclaimStep::Reclaimed { .. } => Some((side(p.hands?, false), End::Tank(p.tank?), Ring::Done)),
            ReclaimStep::SwapRead { entry, .. } => {
                Some((side(p.slot(entry)?, false), End::Foot(p.tray(Batch::Add)?), Ring::Next))
            }
            _ => None,
        }
    }

    /// Along right angles, and beside the belts where it would cross them.
    fn angled(&mut self, from: (f32, f32), end: End, ring: Ring) {
        let s = self.b.s;
        let gap = s.label * if self.b.form == Form::Phone { 0.2 } else { 0.45 };
        let (x0, y0) = from;
        let points = match end {
            End::Hands(hands) => {
                let (x, y) = side(hands, true);
                let gutter = x + s.space * 0.75;
                vec![from, (gutter, y0), (gutter, y), (x, y)]
            }
            End::Belt(belt, tail) => {
                let (x, y) = side(belt, tail);
                let gutter = if tail { x + s.space * 0.75 } else { x - s.space * 0.75 };
                let bend = if y0 > y { y0 - gap } else { y0 + gap };
                vec![from, (x0, bend), (gutter, bend), (gutter, y), (x, y)]
            }
            End::Slot(slot) => {
                let (x, y) = side(slot, false);
                let gutter = x - s.space * 0.75;
                vec![from, (x0, y0 - gap), (gutter, y0 - gap), (gutter, y), (x, y)]
            }
            End::Tank(tank) => {
                let y = tank.bottom() - tank.h * 0.06;
                let gutter = x0 - s.space * 0.75;
                vec![from, (gutter, y0), (gutter, y), (tank.right(), y)]
            }
            End::Foot(area) => {
                let (x, y) = foot(area);
                if (x - x0).abs() < 2.0 {
                    vec![from, (x, y)]
                } else {
                    vec![from, (x0, y + gap), (x, y + gap), (x, y)]
                }
            }
        };
        self.b.way(&points, ring);
    }
}

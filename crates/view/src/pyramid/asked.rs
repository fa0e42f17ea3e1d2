//! What a question draws over the picture: everything else steps back, candidates get a dotted ring and a number,
//! and when the answer is shown, what was answered (double, `?`) stands beside what is so (solid, ✓).

use mm::PfnRange;
use mm::page::Block;

use super::draw::{Draw, dash_of};
use super::labels::centred;
use crate::number::between;
use crate::scene::{Anchor, Area, Face, Hit, Id, Item, Paint, Ring, Shape, Text};

/// A block that a question marks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asked {
    /// The block.
    pub block: Block,
    /// Where it is marked.
    pub place: Where,
    /// As what.
    pub sign: Sign,
}

/// Where a block is marked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Where {
    /// On the shelf of its order, and on its list.
    Shelf,
    /// On the strip of frames.
    Frames,
}

/// What a mark says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sign {
    /// The question speaks of it.
    About,
    /// It can be the answer.
    Candidate {
        /// The key that picks it.
        number: u8,
        /// It is picked.
        picked: bool,
    },
    /// It was answered, and is not so.
    Yours,
    /// It is so.
    Actual,
}

/// The smallest aligned window that shows `window` and every marked block.
pub(super) fn cover(window: PfnRange, whole: PfnRange, asked: &[Asked]) -> PfnRange {
    let low = asked.iter().map(|a| a.block.pfn.0).min().unwrap_or(window.start.0);
    let high = asked.iter().map(|a| a.block.last().0).max().unwrap_or(window.start.0);
    let (low, high) = (low.min(window.start.0), high.max(window.end.0 - 1));
    let mut size = window.len().next_power_of_two();
    while low / size != high / size && size < whole.len() {
        size *= 2;
    }
    if size >= whole.len() { whole } else { PfnRange::new(low / size * size, low / size * size + size) }
}

impl Draw<'_> {
    /// Draws the marks of a question.
    pub(super) fn asked(&mut self, asked: &[Asked], veil: bool) {
        let s = self.plan.s;
        if veil {
            let all = Area { x: 0.0, y: 0.0, w: self.plan.w, h: self.plan.h };
            self.asked.rect(all, 0.0, Paint::Veil, 0.0);
        }
        let mut badges: Vec<(Area, String, bool)> = Vec::new();
        let visible: Vec<Asked> = asked.iter().copied().filter(|a| self.is_visible(a.block)).collect();
        for Asked { block, place, sign } in visible {
            let on_shelf = place == Where::Shelf;
            let area = if on_shelf { self.seen(self.on_shelf(block)) } else { self.on_ground(block) };
            let area = area.grown(s.ring * 0.8);
            let mut areas = vec![area];
            if on_shelf {
                let chips = self.placed.iter().filter(|chip| chip.block == block);
                areas.extend(chips.map(|chip| chip.area.grown(s.ring * 0.5)));
            }
            for area in &areas {
                self.sign(*area, block, sign);
            }
            let words = match sign {
                Sign::About => continue,
                Sign::Candidate { number, .. } => number.to_string(),
                Sign::Yours => "?".to_owned(),
                Sign::Actual => "✓".to_owned(),
            };
            let strong = matches!(sign, Sign::Candidate { picked: true, .. } | Sign::Actual);
            badges.push((area, words, strong));
        }
        self.badges(badges);
    }

    fn sign(&mut self, area: Area, block: Block, sign: Sign) {
        let s = self.plan.s;
        let radius = s.radius * 1.5;
        let ring = match sign {
            Sign::About | Sign::Candidate { picked: false, .. } => Ring::Look,
            Sign::Candidate { picked: true, .. } | Sign::Actual => Ring::Done,
            Sign::Yours => {
                self.asked.rect(area, radius, Paint::Halo, s.halo);
                self.asked.rect(area.grown(s.ring * 1.4), radius * 1.6, Paint::Yours, s.ring * 0.7);
                self.asked.rect(area.grown(-s.ring * 0.2), radius, Paint::Yours, s.ring * 0.7).id =
                    Id::Yours(block);
                return;
            }
        };
        self.asked.rect(area, radius, Paint::Halo, s.halo);
        let item = self.asked.rect(area, radius, Paint::Ring(ring), s.ring);
        item.pen.dash = dash_of(ring);
        item.id = Id::Ring(ring, block);
        if let Sign::Candidate { number, .. } = sign {
            let item = self.asked.rect(area.grown(s.ring), radius, Paint::Target, 0.0);
            item.hit = Some(Hit::Answer(number));
            item.id = Id::Candidate(number);
        }
    }

    /// The numbers stand above their rings, and none on another.
    fn badges(&mut self, mut badges: Vec<(Area, String, bool)>) {
        let s = self.plan.s;
        let face = Face { size: s.body, mono: true, bold: true };
        let (w, h) = (s.body * 1.45, s.body * 1.35);
        mm::sort::by_key(&mut badges, |(area, ..)| (area.x.max(0.0) * 16.0) as u64);
        let mut taken: Vec<Area> = Vec::new();
        for (area, words, strong) in badges {
            let (middle, _) = area.centre();
            let y = (area.y - h * 0.72).max(0.0);
            let mut x = between(middle - w / 2.0, 0.0, (self.plan.w - w).max(0.0));
            let mut place = Area { x, y, w, h };
            while let Some(other) = taken.iter().find(|other| other.meets(place)) {
                x = other.right() + 1.0;
                place = Area { x, y, w, h };
            }
            taken.push(place);
            let (ground, ink) =
                if strong { (Paint::BadgeFull, Paint::OnBadge) } else { (Paint::Badge, Paint::Action) };
            self.asked.rect(place, h / 2.0, ground, s.line);
            let (x, y) = place.centre();
            let text = Text { x, y: centred(y, face.size), anchor: Anchor::Middle, face, text: words };
            self.asked.items.push(Item::new(Shape::Text(text), ink));
        }
    }
}

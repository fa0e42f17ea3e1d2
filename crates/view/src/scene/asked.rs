//! What a question draws over any picture: everything else steps back, candidates get a dotted ring and a number, and
//! when the answer is shown, what was answered (double, `?`) stands beside what is so (solid, ✓).

use mm::page::Block;

use super::{Anchor, Area, Face, Form, Hit, Id, Item, Layer, Paint, Ring, Shape, Text, centred};
use crate::number::between;

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
    /// It could have been the answer: not drawn, but kept in sight.
    Other,
}

/// A thing that is marked: wherever it is drawn, its badge at the first place.
pub(crate) struct Marked {
    pub areas: Vec<Area>,
    pub sign: Sign,
    /// The block that it is, if it is one.
    pub block: Option<Block>,
}

/// Sizes of rings and badges, and of the picture.
pub(crate) struct Pens {
    pub w: f32,
    pub h: f32,
    pub ring: f32,
    pub halo: f32,
    pub line: f32,
    pub radius: f32,
    pub body: f32,
}

impl Pens {
    pub(crate) fn of(form: Form, w: f32, h: f32) -> Pens {
        match form {
            Form::Projector => Pens { w, h, ring: 4.0, halo: 9.0, line: 3.0, radius: 3.0, body: 24.0 },
            Form::Laptop | Form::Phone => {
                Pens { w, h, ring: 2.5, halo: 6.0, line: 1.5, radius: 2.0, body: 13.0 }
            }
        }
    }
}

/// Draws marks on a layer above everything else, under a veil while the question waits.
pub(crate) fn draw(layer: &mut Layer, pens: &Pens, marked: &[Marked], veil: bool) {
    if veil {
        let all = Area { x: 0.0, y: 0.0, w: pens.w, h: pens.h };
        layer.rect(all, 0.0, Paint::Veil, 0.0);
    }
    let mut badges: Vec<(Area, String, bool)> = Vec::new();
    for mark in marked.iter().filter(|mark| mark.sign != Sign::Other) {
        for area in &mark.areas {
            sign(layer, pens, *area, mark);
        }
        let words = match mark.sign {
            Sign::About | Sign::Other => continue,
            Sign::Candidate { number, .. } => number.to_string(),
            Sign::Yours => "?".to_owned(),
            Sign::Actual => "✓".to_owned(),
        };
        let strong = matches!(mark.sign, Sign::Candidate { picked: true, .. } | Sign::Actual);
        badges.extend(mark.areas.first().map(|area| (*area, words, strong)));
    }
    draw_badges(layer, pens, badges);
}

fn sign(layer: &mut Layer, s: &Pens, area: Area, mark: &Marked) {
    let radius = s.radius * 1.5;
    let ring = match mark.sign {
        Sign::About | Sign::Other | Sign::Candidate { picked: false, .. } => Ring::Look,
        Sign::Candidate { picked: true, .. } | Sign::Actual => Ring::Done,
        Sign::Yours => {
            layer.rect(area, radius, Paint::Halo, s.halo);
            layer.rect(area.grown(s.ring * 1.4), radius * 1.6, Paint::Yours, s.ring * 0.7);
            layer.rect(area.grown(-s.ring * 0.2), radius, Paint::Yours, s.ring * 0.7).id =
                mark.block.map_or(Id::None, Id::Yours);
            return;
        }
    };
    layer.rect(area, radius, Paint::Halo, s.halo);
    let item = layer.rect(area, radius, Paint::Ring(ring), s.ring);
    item.pen.dash = ring.dash();
    item.id = mark.block.map_or(Id::Ringed(ring), |block| Id::Ring(ring, block));
    if let Sign::Candidate { number, .. } = mark.sign {
        let item = layer.rect(area.grown(s.ring), radius, Paint::Target, 0.0);
        item.hit = Some(Hit::Answer(number));
        item.id = Id::Candidate(number);
    }
}

/// The numbers stand above their rings, and none on another.
fn draw_badges(layer: &mut Layer, s: &Pens, mut badges: Vec<(Area, String, bool)>) {
    let face = Face { size: s.body, mono: true, bold: true };
    let (w, h) = (s.body * 1.45, s.body * 1.35);
    mm::sort::by_key(&mut badges, |(area, ..)| (area.x.max(0.0) * 16.0) as u64);
    let mut taken: Vec<Area> = Vec::new();
    for (area, words, strong) in badges {
        let y = (area.y - h * 0.72).max(0.0);
        let x = between(area.centre().0 - w / 2.0, 0.0, (s.w - w).max(0.0));
        let mut place = Area { x, y, w, h };
        while let Some(other) = taken.iter().find(|other| other.meets(place)) {
            place.x = other.right() + 1.0;
        }
        taken.push(place);
        let (ground, ink) =
            if strong { (Paint::BadgeFull, Paint::OnBadge) } else { (Paint::Badge, Paint::Action) };
        layer.rect(place, h / 2.0, ground, s.line);
        let (x, y) = place.centre();
        let text = Text { x, y: centred(y, face.size), anchor: Anchor::Middle, face, text: words };
        layer.items.push(Item::new(Shape::Text(text), ink));
    }
}

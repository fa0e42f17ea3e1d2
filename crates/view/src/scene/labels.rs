//! Where words fit: no text on another, none outside the stage.

use super::{Anchor, Area, Face, Hit, Id, Item, Paint, Shape, Text};
use scenario::Lang;

/// A place where words may stand.
#[derive(Clone, Copy)]
pub(crate) struct Spot {
    pub x: f32,
    pub y: f32,
    pub anchor: Anchor,
}

impl Spot {
    pub(crate) fn start(x: f32, y: f32) -> Spot {
        Spot { x, y, anchor: Anchor::Start }
    }

    pub(crate) fn middle(x: f32, y: f32) -> Spot {
        Spot { x, y, anchor: Anchor::Middle }
    }

    pub(crate) fn end(x: f32, y: f32) -> Spot {
        Spot { x, y, anchor: Anchor::End }
    }
}

/// The baseline that centres a text on a height.
pub(crate) fn centred(middle: f32, size: f32) -> f32 {
    middle + size * 0.35
}

/// What is taken, and the words so far.
pub(crate) struct Labels {
    pub lang: Lang,
    pub(crate) stage: Area,
    texts: Vec<Area>,
    solids: Vec<Area>,
    pub items: Vec<Item>,
}

impl Labels {
    pub(crate) fn new(lang: Lang, w: f32, h: f32) -> Labels {
        let stage = Area { x: 0.0, y: 0.0, w, h };
        Labels { lang, stage, texts: Vec::new(), solids: Vec::new(), items: Vec::new() }
    }

    /// Words that stand beside things keep off this place.
    pub(crate) fn keep_off(&mut self, area: Area) {
        self.solids.push(area);
    }

    /// Whether words may stand there.
    fn is_free(&self, area: Area, within: Area, beside: bool) -> bool {
        within.holds(area)
            && self.stage.holds(area)
            && !self.texts.iter().any(|taken| taken.meets(area))
            && !(beside && self.solids.iter().any(|taken| taken.meets(area)))
    }

    fn put(&mut self, text: Text, paint: Paint, id: Id, hit: Option<Hit>) -> Area {
        let area = text.area();
        self.texts.push(area);
        let item = Item::new(Shape::Text(text), paint).id(id);
        self.items.push(Item { hit, ..item });
        area
    }

    /// Words that belong exactly here, if nothing stands here yet.
    pub(crate) fn at(&mut self, words: &str, face: Face, spot: Spot, paint: Paint, id: Id) -> Option<Area> {
        let text = Text { x: spot.x, y: spot.y, anchor: spot.anchor, face, text: words.to_owned() };
        self.is_free(text.area(), self.stage, false).then(|| self.put(text, paint, id, None))
    }

    /// The longest of the words that fits at one of the places inside `within`; `beside`: things count as well.
    pub(crate) fn first_fit(
        &mut self,
        words: &[String],
        face: Face,
        spots: &[Spot],
        within: Area,
        beside: bool,
        paint: Paint,
    ) -> Option<Area> {
        for words in words {
            for spot in spots {
                let text = Text { x: spot.x, y: spot.y, anchor: spot.anchor, face, text: words.clone() };
                if self.is_free(text.area(), within, beside) {
                    return Some(self.put(text, paint, Id::None, None));
                }
            }
        }
        None
    }
}

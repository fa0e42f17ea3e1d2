//! Things in the order in which they are drawn.

use super::{Area, Dash, Id, Item, Motion, Paint, Pen, Shape};

/// A layer of the picture. One copy of the code that makes a thing; made in place it would be there for each of them.
#[derive(Default)]
pub(crate) struct Layer {
    pub items: Vec<Item>,
}

impl Layer {
    /// A shape with an outline of this width.
    #[inline(never)]
    fn add(&mut self, shape: Shape, paint: Paint, width: f32) -> &mut Item {
        let pen = Pen { width, dash: Dash::Solid };
        self.items.push_mut(Item { shape, paint, pen, id: Id::None, hit: None, motion: Motion::Still })
    }

    #[inline(never)]
    pub(crate) fn rect(&mut self, area: Area, radius: f32, paint: Paint, pen: f32) -> &mut Item {
        self.add(Shape::Rect { area, radius }, paint, pen)
    }

    /// Between `(x1, y1)` and `(x2, y2)`.
    #[inline(never)]
    pub(crate) fn line(&mut self, [x1, y1, x2, y2]: [f32; 4], paint: Paint, pen: f32) -> &mut Item {
        self.add(Shape::Line { x1, y1, x2, y2 }, paint, pen)
    }

    pub(crate) fn path(&mut self, d: String, paint: Paint, pen: f32) -> &mut Item {
        self.add(Shape::Path(d), paint, pen)
    }
}

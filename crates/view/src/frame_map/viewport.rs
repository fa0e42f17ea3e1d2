//! What of the plane is seen.

use mm::Pfn;
use raster::{Geometry, Rect};

use crate::number::between;

/// A place on the screen, in CSS pixels from the top left corner of the picture.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Down.
    pub y: f64,
}

/// The size of the picture in CSS pixels.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Size {
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

/// A frame is never drawn larger than this, in CSS pixels.
const MOST_SCALE: f64 = 64.0;

/// Which part of the plane is seen: the point in the middle of the picture, in frames, and how large a frame is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Viewport {
    /// The point of the plane in the middle.
    pub center: Point,
    /// CSS pixels of a frame's side.
    pub scale: f64,
}

impl Viewport {
    /// All of `rect`, as large as it fits.
    #[must_use]
    pub fn fit(rect: Rect, size: Size) -> Viewport {
        let (w, h) = (f64::from(rect.w.max(1)), f64::from(rect.h.max(1)));
        let center = Point { x: f64::from(rect.x) + w / 2.0, y: f64::from(rect.y) + h / 2.0 };
        let scale = between((size.w / w).min(size.h / h), f64::MIN_POSITIVE, MOST_SCALE);
        Viewport { center, scale }
    }

    /// `rect` with room around it: a third of the picture on each side.
    #[must_use]
    pub fn to_selection(rect: Rect, size: Size) -> Viewport {
        Viewport::fit(rect, Size { w: size.w / 3.0, h: size.h / 3.0 })
    }

    /// Larger (or smaller) by `factor`; what is under `at` stays there.
    #[must_use]
    pub fn zoom_at(self, factor: f64, at: Point, size: Size) -> Viewport {
        let scale = between(self.scale * factor, f64::MIN_POSITIVE, MOST_SCALE);
        let fixed = self.to_plane(at, size);
        let center =
            Point { x: fixed.x - (at.x - size.w / 2.0) / scale, y: fixed.y - (at.y - size.h / 2.0) / scale };
        Viewport { center, scale }
    }

    /// The content follows a drag by `dx`, `dy` CSS pixels.
    #[must_use]
    pub fn pan_by(self, dx: f64, dy: f64) -> Viewport {
        let center = Point { x: self.center.x - dx / self.scale, y: self.center.y - dy / self.scale };
        Viewport { center, ..self }
    }

    /// The nearest viewport that is not smaller than all of `bounds`, and shows no more than it outside of them.
    #[must_use]
    pub fn clamped(self, bounds: Rect, size: Size) -> Viewport {
        let whole = Viewport::fit(bounds, size);
        let scale = between(self.scale, whole.scale, MOST_SCALE.max(whole.scale));
        let axis = |center: f64, from: u32, len: u32, seen: f64| {
            let (from, len) = (f64::from(from), f64::from(len));
            let half = seen / scale / 2.0;
            if len <= 2.0 * half { from + len / 2.0 } else { between(center, from + half, from + len - half) }
        };
        let center = Point {
            x: axis(self.center.x, bounds.x, bounds.w, size.w),
            y: axis(self.center.y, bounds.y, bounds.h, size.h),
        };
        Viewport { center, scale }
    }

    /// The point of the plane at a place on the screen.
    #[must_use]
    pub fn to_plane(self, at: Point, size: Size) -> Point {
        Point {
            x: self.center.x + (at.x - size.w / 2.0) / self.scale,
            y: self.center.y + (at.y - size.h / 2.0) / self.scale,
        }
    }

    /// The place on the screen of a point of the plane.
    #[must_use]
    pub fn to_screen(self, at: Point, size: Size) -> Point {
        Point {
            x: (at.x - self.center.x) * self.scale + size.w / 2.0,
            y: (at.y - self.center.y) * self.scale + size.h / 2.0,
        }
    }

    /// The frame at a place on the screen: the hit test.
    #[must_use]
    pub fn pfn_at(self, at: Point, size: Size, geometry: &Geometry) -> Option<Pfn> {
        let Point { x, y } = self.to_plane(at, size);
        if x < 0.0 || y < 0.0 {
            return None;
        }
        geometry.pfn_at(x as u32, y as u32)
    }

    /// The middle of a frame on the screen: the inverse of [`Viewport::pfn_at`].
    #[must_use]
    pub fn middle_of(self, pfn: Pfn, size: Size, geometry: &Geometry) -> Point {
        let (x, y) = geometry.place(pfn);
        self.to_screen(Point { x: f64::from(x) + 0.5, y: f64::from(y) + 0.5 }, size)
    }

    /// The cells that are at least partly seen, clipped to the plane.
    #[must_use]
    pub fn seen(self, size: Size, geometry: &Geometry) -> Rect {
        let (w, h) = geometry.size();
        let from = self.to_plane(Point::default(), size);
        let to = self.to_plane(Point { x: size.w, y: size.h }, size);
        let low = |v: f64, most: u32| (v.floor().max(0.0) as u32).min(most);
        let high = |v: f64, most: u32| (v.ceil().max(0.0) as u32).min(most);
        let (x, y) = (low(from.x, w), low(from.y, h));
        Rect { x, y, w: high(to.x, w).saturating_sub(x), h: high(to.y, h).saturating_sub(y) }
    }
}

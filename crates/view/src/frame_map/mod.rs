//! The page-frame map: every frame of the machine as one cell, and the question whether a request fits anywhere.
//!
//! 1. [`Raster`] and [`Geometry`] (crate [`raster`]) hold what every frame is, and where it lies.
//! 2. [`Viewport`] is what of it is seen; [`Geometry::pfn_at`] is the hit test.
//! 3. [`Ghost`] is the request that looks for a place, [`Headline`] the two numbers that clash, [`Staircase`] how much
//!    of the free memory each order cannot use.
//!
//! Nothing here draws and nothing here knows a colour.

mod ghost;
mod headline;
mod ink;
mod staircase;
#[cfg(test)]
mod tests;
mod viewport;

pub use ghost::{Ghost, Verdict, frames_text};
pub use headline::{Headline, Span, bytes_text, frame_text, thousands};
pub use ink::ink_label;
pub use raster::{Dirty, Geometry, Ink, Layout, Palette, Pattern, Raster, Rect, Rgba, TILE, ink_of};
pub use staircase::{Staircase, THRESHOLD, thousandths};
pub use viewport::{Point, Size, Viewport};

//! The page-frame map: every frame of the machine as one cell, and the question whether a request fits anywhere.
//!
//! 1. [`Raster`] holds one byte for each frame, in frame order: what it is ([`Ink`]), as an index into a palette.
//!    It follows the machine by comparing chunks, so a step costs what the step touched.
//! 2. [`Geometry`] says where a frame lies. Frame order *is* Morton order, so the quad layout needs no second raster:
//!    [`Raster::paint`] lays 64 frames at a time out as one tile of 8 × 8.
//! 3. [`Viewport`] is what of it is seen; [`Geometry::pfn_at`] is the hit test.
//! 4. [`Ghost`] is the request that looks for a place, [`Headline`] the two numbers that clash, [`Staircase`] how much
//!    of the free memory each order cannot use.
//!
//! Nothing here draws and nothing here knows a colour.

mod cell;
mod geometry;
mod ghost;
mod headline;
mod raster;
mod staircase;
#[cfg(test)]
mod tests;
mod viewport;

pub use cell::{Ink, Pattern, ink_of};
pub use geometry::{Geometry, Layout, Rect};
pub use ghost::{Ghost, Verdict, frames_text};
pub use headline::{Headline, Span, bytes_text, frame_text, thousands};
pub use raster::{Dirty, Palette, Raster, Rgba, TILE};
pub use staircase::{Staircase, THRESHOLD, thousandths};
pub use viewport::{Point, Size, Viewport};

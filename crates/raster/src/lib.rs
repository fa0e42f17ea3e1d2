//! The page-frame map as bytes: what every frame of the machine is, and where it lies on a picture.
//!
//! 1. [`Raster`] holds one byte for each frame, in frame order: what it is ([`Ink`]), as an index into a palette.
//!    It follows the machine by comparing chunks, so a step costs what the step touched.
//! 2. [`Geometry`] says where a frame lies. Frame order *is* Morton order, so the quad layout needs no second raster:
//!    [`Raster::paint`] lays 64 frames at a time out as one tile of 8 × 8.
//!
//! A crate of its own because it is the only hot part of the picture: it is compiled for speed, everything else of
//! the page for size. It draws nothing and knows no colour.

mod cell;
mod geometry;
mod raster;

pub use cell::{Ink, Pattern, cell_of, ink_of};
pub use geometry::{Geometry, Layout, Rect, even_bits, pieces, spread};
pub use raster::{Dirty, Palette, Raster, Rgba, TILE};

//! The aligned pyramid: every free block at its true address, on the shelf of its order.
//!
//! 1. [`window`](fn@window) chooses the frames that are shown; one axis serves all shelves.
//! 2. `story` says what the steps around the moment mean, by blocks and lists; `memory` reads the frames in one walk.
//! 3. `plan` gives everything a place for the size of the stage; `draw` puts it there, from back to front:
//!    `scaffold`, `shelves`, `gutter` (the lists), `ground` (the frames), `ways`, `rings`, `notes`.
//! 4. `labels` lets no text onto another: what does not fit is said shorter, or not at all.
//!
//! Cost: one walk over the blocks in the window, and a bounded number of things drawn. Blocks too narrow to be told
//! apart are drawn as columns whose height says how much of the place they fill.

mod asked;
mod draw;
mod ground;
mod gutter;
mod label;
mod labels;
mod memory;
mod neighbour;
mod notes;
mod plan;
mod rings;
mod scaffold;
mod shelves;
mod story;
#[cfg(test)]
mod tests;
mod ways;
mod window;
mod words;

use mm::mmzone::ZoneId;
use mm::{Pfn, PfnRange};
use scenario::Lang;

pub use asked::{Asked, Where};
pub use label::label;
pub use neighbour::{Direction, neighbour};
pub use window::{pan, whole, window, zone_in_play, zoom};

use crate::Moment;
use crate::scene::{Form, Scene};

/// The stage that the picture is drawn for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Layout {
    /// Its width in CSS pixels.
    pub width: f32,
    /// Its height.
    pub height: f32,
    /// How much larger than designed everything is: 1 at 1080 lines on a projector, the text factor elsewhere. The
    /// scene's units are the designed ones, so its own width is `width / scale`.
    pub scale: f32,
    /// Who looks.
    pub form: Form,
    /// Which zone is shown; see [`zone_in_play`].
    pub zone: ZoneId,
    /// Whether the picture says itself which op it is about; false where something above it does.
    pub names_op: bool,
    /// The frames that the viewer has zoomed to; none: those that [`window`](fn@window) chooses.
    pub window: Option<PfnRange>,
}

/// Draws the free lists of a zone and the story of the steps around `moment`.
#[must_use]
pub fn scene(moment: &Moment, layout: &Layout, lang: Lang, selected: Option<Pfn>) -> Scene {
    draw::scene(moment, layout, lang, selected, &[], false)
}

/// The same with the marks of a question; under a veil while it waits for an answer.
#[must_use]
pub fn scene_asked(
    moment: &Moment,
    layout: &Layout,
    lang: Lang,
    selected: Option<Pfn>,
    asked: &[Asked],
    veil: bool,
) -> Scene {
    draw::scene(moment, layout, lang, selected, asked, veil)
}

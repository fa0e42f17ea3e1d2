//! The pyramid's words among the labels of a picture.

use super::words::Word;
use crate::scene::{Area, Face, Paint};
pub(super) use crate::scene::{Labels, Spot, centred};

impl Labels {
    /// The longest form of a word that fits at the first place that has room, anywhere on the stage.
    pub(super) fn word(&mut self, word: &Word, face: Face, spots: &[Spot], paint: Paint) -> Option<Area> {
        let words = word.say(self.lang);
        self.first_fit(&words, face, spots, self.stage, false, paint)
    }
}

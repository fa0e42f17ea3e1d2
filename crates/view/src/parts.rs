//! What is told of subsystems that may arrive after the first picture (see [`mm::parts`]).

#[cfg(all(feature = "parts", target_arch = "wasm32"))]
use std::cell::Cell;

use mm::{Op, StepKind};
use scenario::Lang;

use crate::Moment;
use crate::narrate::{self, Sentence, Told};

/// What is said of that which only a text can ask for.
pub struct Words {
    pub(crate) tell: fn(Lang, &narrate::Words, &StepKind) -> Told,
    pub(crate) begins: fn(Lang, &narrate::Words, &Moment, &StepKind) -> Sentence,
    pub(crate) op_text: fn(Lang, &narrate::Words, &Op) -> String,
    pub(crate) code: fn(&narrate::Words, &Op) -> String,
}

/// The table, for whoever provides it.
pub const WORDS: Words = Words {
    tell: narrate::rare_tell,
    begins: narrate::page_alloc::begins,
    op_text: narrate::rare_op_text,
    code: narrate::rare_code,
};

#[cfg(all(feature = "parts", target_arch = "wasm32"))]
thread_local! {
    static PROVIDED: Cell<Option<&'static Words>> = const { Cell::new(None) };
}

/// The sentences can be said from now on. The table is handed in, so that nothing here refers to what is in it.
#[cfg(all(feature = "parts", target_arch = "wasm32"))]
pub fn provide(table: &'static Words) {
    PROVIDED.set(Some(table));
}

/// # Panics
/// When nobody has provided them.
#[cfg(all(feature = "parts", target_arch = "wasm32"))]
pub(crate) fn words() -> &'static Words {
    PROVIDED.get().expect("what a text asks for is told only when its words are there")
}

#[cfg(not(all(feature = "parts", target_arch = "wasm32")))]
pub(crate) fn words() -> &'static Words {
    &WORDS
}

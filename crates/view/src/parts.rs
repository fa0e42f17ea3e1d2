//! What is told of subsystems that may arrive after the first picture (see [`mm::parts`]).

#[cfg(feature = "parts")]
use std::cell::Cell;

use mm::StepKind;
use mm::op::KmemOp;
use scenario::Lang;

use crate::narrate::kmem as words;
use crate::narrate::{Told, Words};

/// The sentences of kernel objects and of vmalloc.
pub struct Kmem {
    pub(crate) tell: fn(Lang, &Words, &StepKind) -> Told,
    pub(crate) op_text: fn(Lang, &Words, &KmemOp) -> String,
    pub(crate) code: fn(&Words, &KmemOp) -> String,
}

/// The table, for whoever provides it.
pub const KMEM: Kmem = Kmem { tell: words::tell, op_text: words::op_text, code: words::code };

#[cfg(feature = "parts")]
thread_local! {
    static PROVIDED: Cell<Option<&'static Kmem>> = const { Cell::new(None) };
}

/// The sentences can be said from now on. The table is handed in, so that nothing here refers to what is in it.
#[cfg(feature = "parts")]
pub fn provide_kmem(table: &'static Kmem) {
    PROVIDED.set(Some(table));
}

/// # Panics
/// When nobody has provided them.
#[cfg(feature = "parts")]
pub(crate) fn kmem() -> &'static Kmem {
    PROVIDED.get().expect("a step of kernel objects is told only when their rules are there")
}

#[cfg(not(feature = "parts"))]
pub(crate) fn kmem() -> &'static Kmem {
    &KMEM
}

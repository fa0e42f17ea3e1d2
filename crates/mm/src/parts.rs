//! Subsystems that may arrive after the machine.
//!
//! In a page the first picture should not wait for rules that its scenario never asks for. So the machine calls a
//! subsystem through a table of functions. With the feature `parts` somebody has to provide the table before an op of
//! that subsystem runs; without it the table is simply there.

#[cfg(feature = "parts")]
use std::cell::Cell;

use crate::machine::UnitEnd;
use crate::op::{KmemOp, NameId};
use crate::step::Trace;
use crate::units::CpuId;
use crate::{Machine, slab_common};

/// The allocators of kernel objects, and vmalloc.
pub struct Kmem {
    /// Runs the next unit of an op.
    pub(crate) run: fn(&mut Machine, &KmemOp, &mut Trace<'_>) -> UnitEnd,
    /// Runs the next unit of giving back an object, an area or a cache.
    pub(crate) free: fn(&mut Machine, NameId, CpuId, &mut Trace<'_>) -> UnitEnd,
    /// The digest of all its state.
    pub(crate) digest: fn(&slab_common::Kmem) -> u64,
}

/// The table, for whoever provides it.
pub const KMEM: Kmem = Kmem {
    run: slab_common::machine::run,
    free: slab_common::machine::free,
    digest: slab_common::Kmem::digest_of,
};

#[cfg(feature = "parts")]
thread_local! {
    static PROVIDED: Cell<Option<&'static Kmem>> = const { Cell::new(None) };
}

/// The allocators of kernel objects can be asked from now on. The table is handed in, so that nothing here refers to what is in it.
#[cfg(feature = "parts")]
pub fn provide_kmem(table: &'static Kmem) {
    PROVIDED.set(Some(table));
}

/// # Panics
/// When nobody has provided it.
#[cfg(feature = "parts")]
pub(crate) fn kmem() -> &'static Kmem {
    PROVIDED.get().expect("an op of kernel objects runs only when their rules are there")
}

#[cfg(not(feature = "parts"))]
pub(crate) fn kmem() -> &'static Kmem {
    &KMEM
}

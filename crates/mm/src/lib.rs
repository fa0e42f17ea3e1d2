//! The machine: Linux's memory management as ordinary Rust on plain state.
//!
//! # The steps
//! 1. A [`Config`] says what the machine is; [`Machine::boot`] lays out [`mmzone`] zones and hands memory over.
//! 2. An [`Op`] is one thing a person would say; [`Machine::run_unit`] serves it, unit by unit.
//! 3. While it runs, every decision is emitted as a [`Step`] to an [`Observer`].
//! 4. [`Machine::state_hash`] is the digest of all state; [`Machine::check`] is the oracle of the laws.
//!
//! # Units
//! An op runs as *units*: one block allocated or freed, one loop turn. Between units all state is in [`Machine`]
//! and no Rust stack is live; only there can a clone be kept, the browser get a turn, a daemon get its slice.
//!
//! # What this crate never does
//! No IO, no clock, no floats in state, no hash iteration, no words for people, no knowledge of time travel.
//! Arithmetic on state has fixed-width integers.

pub mod cache;
pub mod check;
pub mod cma;
pub mod compaction;
pub mod config;
pub mod cow;
pub mod cpuset;
mod deque;
pub mod dma;
pub mod fit;
pub mod gfp;
pub mod hash;
pub mod hierarchy;
pub mod limits;
mod machine;
mod memblock;
pub mod mempolicy;
pub mod migrate;
pub mod mmzone;
pub mod oom_kill;
pub mod op;
pub mod page;
mod page_alloc;
mod page_isolation;
pub mod parts;
pub mod policy;
pub mod process;
pub mod reclaim;
pub mod replay;
pub mod rng;
pub mod segmentation;
pub mod slab;
pub mod slab_common;
pub mod slub;
pub mod sort;
pub mod step;
#[cfg(test)]
mod testing;
pub mod units;
pub mod util;
pub mod vmalloc;
pub mod vmstat;
pub mod x86;
pub mod xarray;

pub use config::Config;
pub use machine::{Machine, Named, UnitEnd};
pub use memblock::BootError;
pub use op::Op;
pub use page_alloc::{AllocFlags, WatermarkCheck, setup, zone_watermark_ok};
pub use step::{Observer, Step, StepKind};
pub use units::{Bytes, CpuId, NrPages, Order, Pfn, PfnRange, Vaddr};

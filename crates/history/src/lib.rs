//! Time travel: the only crate that knows about it.
//!
//! Truth = the machine before the first op + the ops. The past is recomputed: nearest keyframe + replay.
//!
//! 1. [`Session::new`] takes a machine and its ops; [`Session::survey`] runs them once, in slices, and learns how
//!    many steps each op has, where the notable moments are, and what the charts show ([`Survey`]).
//! 2. While it runs, keyframes are kept: a bounded number, evenly spread by work done, under a budget of copied
//!    memory ([`Keyframes`](keyframes)). A seek leaves finer ones behind, closer and closer to the cursor.
//! 3. [`Session::seek`], [`Session::step_forward`] and their kin move the [`Cursor`]. The unit around the cursor is
//!    held open: every step of it with the machine after it, so that the next presses cost nothing.
//!
//! Invariant: the machine at a cursor does not depend on the way there.

mod cursor;
mod keyframes;
mod session;
mod survey;
#[cfg(test)]
mod tests;

pub use cursor::Cursor;
pub use session::{OpenUnit, Session};
pub use survey::{ListSizes, Marker, MarkerKind, Sample, Survey};

//! Who runs, besides the op itself.

/// The kernel's daemons, in the fixed order in which the woken ones get a slice at every unit boundary.
///
/// None of them is modelled yet, so the type has no value; the first variant makes the compiler ask for its slice
/// in [`crate::Machine::run_unit`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Daemon {}

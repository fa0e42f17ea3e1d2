//! The moment that is being looked at.

use std::fmt;

/// `(op, step)`: so many ops are done, and so many steps of the next one. The end of an op is written
/// `(op + 1, 0)`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct Cursor {
    /// Ops that are done.
    pub op: u32,
    /// Steps of the next op that are done.
    pub step: u32,
}

impl Cursor {
    /// The beginning.
    pub const START: Cursor = Cursor { op: 0, step: 0 };

    /// The moment `(op, step)`.
    #[must_use]
    pub fn new(op: u32, step: u32) -> Cursor {
        Cursor { op, step }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.op, self.step)
    }
}

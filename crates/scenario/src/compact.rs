//! What a text says of pages that move, or may not: `pin a`, `unpin 0x8000`, `move_pages m node=1`.

use std::fmt;

use crate::ast::Target;
use crate::kmem::Cpu;

/// What is pinned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Pinned {
    /// What a name stands for.
    Name(Target),
    /// The block that a frame belongs to.
    Frame(u32),
}

/// A line about pages that move, or may not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CompactLine {
    /// `pin a`, `unpin a`, `pin 0x8000`
    Pin {
        /// What.
        what: Pinned,
        /// From now on; otherwise not any more.
        on: bool,
    },
    /// `move_pages m node=1`
    MovePages {
        /// Whose.
        target: Target,
        /// Where to.
        node: u8,
        /// The CPU that does it.
        cpu: u8,
    },
}

impl CompactLine {
    /// The name that it speaks of.
    #[must_use]
    pub fn target(&self) -> Option<&Target> {
        match self {
            CompactLine::Pin { what: Pinned::Name(target), .. } | CompactLine::MovePages { target, .. } => {
                Some(target)
            }
            CompactLine::Pin { what: Pinned::Frame(_), .. } => None,
        }
    }
}

impl fmt::Display for CompactLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CompactLine::Pin { what, on } => {
                let word = if *on { "pin" } else { "unpin" };
                match what {
                    Pinned::Name(target) => write!(f, "{word} {target}"),
                    Pinned::Frame(pfn) => write!(f, "{word} {pfn:#x}"),
                }
            }
            CompactLine::MovePages { target, node, cpu } => {
                write!(f, "move_pages {target} node={node}{}", Cpu(*cpu))
            }
        }
    }
}

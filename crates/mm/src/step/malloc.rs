//! Steps of malloc: what happens between a program and the kernel.

use super::StepClass;
use crate::process::{Place, Window};
use crate::units::Vaddr;

/// What malloc does for a process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MallocStep {
    /// The program asks for bytes: a chunk of a size.
    Wants {
        /// As many as it asks for.
        bytes: u64,
        /// The chunk, with its header.
        size: u64,
        /// They have to be zeros (`calloc()`).
        zero: bool,
    },
    /// With the first request, malloc takes a chunk for itself: the heads of the thread's own lists.
    Own {
        /// Where.
        at: Vaddr,
        /// Its size.
        size: u64,
    },
    /// Chunks of the fastbins are joined with their free neighbours.
    Emptied {
        /// How many.
        chunks: u32,
    },
    /// Chunks that were freed lately are put into bins by their sizes.
    Sorted {
        /// How many.
        chunks: u32,
    },
    /// A chunk is found.
    Found {
        /// Where it begins.
        at: Vaddr,
        /// Its size.
        size: u64,
        /// Where it was.
        from: Place,
        /// What was cut off from it, or is left of the top.
        rest: u64,
    },
    /// No chunk is large enough: the kernel is asked.
    Asks {
        /// The size that is wanted.
        size: u64,
        /// The size of the top.
        top: u64,
        /// What is asked for.
        bytes: u64,
        /// By `mmap()`; otherwise by `brk()`.
        mmap: bool,
    },
    /// The program has its pointer.
    Given {
        /// Where it points.
        at: Vaddr,
        /// What was asked for.
        bytes: u64,
        /// What lies there.
        holds: Window,
    },
    /// It gets NULL.
    Null {
        /// What was asked for.
        bytes: u64,
    },
    /// A chunk is free again: for malloc, not for the kernel.
    Freed {
        /// Where it begins.
        at: Vaddr,
        /// Its size.
        size: u64,
        /// Where it goes.
        to: Place,
        /// How large it is with the free ones beside it.
        whole: u64,
    },
    /// An area that was a chunk is given back, so chunks of its size come from the heap from now on.
    Threshold {
        /// `mmap_threshold`
        mmap: u64,
        /// `trim_threshold`
        trim: u64,
    },
    /// The end of the heap is given back to the kernel.
    Trim {
        /// The size of the top.
        top: u64,
        /// What of it goes.
        by: u64,
    },
    /// A chunk has another size where it is (`realloc()`).
    Resized {
        /// Where it begins.
        at: Vaddr,
        /// Its size before.
        from: u64,
        /// Its size now.
        size: u64,
    },
    /// The bytes were copied to another chunk (`realloc()`).
    Moved {
        /// Where they were.
        from: Vaddr,
        /// Where they are.
        to: Vaddr,
        /// How many.
        bytes: u64,
    },
    /// `calloc()` fills with zeros what may not be zeros yet.
    Cleared {
        /// From where.
        at: Vaddr,
        /// How many bytes; 0: they come from the kernel, which has done it.
        bytes: u64,
    },
    /// All bytes become the same (`memset()`).
    Filled {
        /// From where.
        at: Vaddr,
        /// How many.
        bytes: u64,
        /// What they are now.
        value: u8,
    },
    /// What lies in memory.
    Dumped {
        /// From where.
        at: Vaddr,
        /// How many bytes.
        bytes: u64,
        /// What they are.
        holds: Window,
    },
}

impl MallocStep {
    pub(super) fn class(&self) -> StepClass {
        match self {
            MallocStep::Found { .. } | MallocStep::Given { .. } | MallocStep::Own { .. } => StepClass::Alloc,
            MallocStep::Freed { .. } | MallocStep::Trim { .. } => StepClass::Free,
            MallocStep::Null { .. } => StepClass::Fail,
            _ => StepClass::Look,
        }
    }

    /// The address that it speaks of.
    #[must_use]
    pub fn address(&self) -> Option<Vaddr> {
        match *self {
            MallocStep::Own { at, .. }
            | MallocStep::Found { at, .. }
            | MallocStep::Given { at, .. }
            | MallocStep::Freed { at, .. }
            | MallocStep::Resized { at, .. }
            | MallocStep::Moved { to: at, .. }
            | MallocStep::Cleared { at, .. }
            | MallocStep::Filled { at, .. }
            | MallocStep::Dumped { at, .. } => Some(at),
            _ => None,
        }
    }

    pub(super) fn code(&self) -> u8 {
        match self {
            MallocStep::Wants { .. } => 220,
            MallocStep::Own { .. } => 221,
            MallocStep::Emptied { .. } => 222,
            MallocStep::Sorted { .. } => 223,
            MallocStep::Found { .. } => 224,
            MallocStep::Asks { .. } => 225,
            MallocStep::Given { .. } => 226,
            MallocStep::Null { .. } => 227,
            MallocStep::Freed { .. } => 228,
            MallocStep::Threshold { .. } => 229,
            MallocStep::Trim { .. } => 230,
            MallocStep::Resized { .. } => 231,
            MallocStep::Moved { .. } => 232,
            MallocStep::Cleared { .. } => 233,
            MallocStep::Filled { .. } => 234,
            MallocStep::Dumped { .. } => 235,
        }
    }
}

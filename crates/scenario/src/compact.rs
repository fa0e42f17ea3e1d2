//! What a text says of pages that move, or may not: `compaction on`, `compact_memory`, `pin a`, `move_pages m node=1`.

use std::fmt;

use mm::compaction::CompactionConfig;

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
    /// `compact_memory`: all zones are compacted.
    CompactMemory {
        /// The CPU that does it.
        cpu: u8,
    },
    /// `kcompactd`: half a second is over, and kcompactd looks how scattered memory is.
    Kcompactd,
}

impl CompactLine {
    /// The name that it speaks of.
    #[must_use]
    pub fn target(&self) -> Option<&Target> {
        match self {
            CompactLine::Pin { what: Pinned::Name(target), .. } | CompactLine::MovePages { target, .. } => {
                Some(target)
            }
            CompactLine::Pin { what: Pinned::Frame(_), .. }
            | CompactLine::CompactMemory { .. }
            | CompactLine::Kcompactd => None,
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
            CompactLine::CompactMemory { cpu } => write!(f, "compact_memory{}", Cpu(*cpu)),
            CompactLine::Kcompactd => f.write_str("kcompactd"),
        }
    }
}

/// `compaction on extfrag_threshold=500 proactiveness=20`: requests and kcompactd compact memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CompactionLine {
    /// Whether they do.
    pub on: bool,
    /// `extfrag_threshold`, 0 to 1000; none: as in Linux.
    pub extfrag_threshold: Option<u32>,
    /// `compaction_proactiveness`, 0 to 100; none: as in Linux.
    pub proactiveness: Option<u32>,
}

impl CompactionLine {
    /// The same for a machine.
    #[must_use]
    pub fn config(&self) -> Option<CompactionConfig> {
        let usual = CompactionConfig::default();
        self.on.then(|| CompactionConfig {
            extfrag_threshold: self.extfrag_threshold.unwrap_or(usual.extfrag_threshold).min(1000),
            proactiveness: self.proactiveness.map_or(usual.proactiveness, |value| value.min(100) as u8),
        })
    }
}

impl fmt::Display for CompactionLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "compaction {}", if self.on { "on" } else { "off" })?;
        if let Some(value) = self.extfrag_threshold {
            write!(f, " extfrag_threshold={value}")?;
        }
        self.proactiveness.map_or(Ok(()), |value| write!(f, " proactiveness={value}"))
    }
}

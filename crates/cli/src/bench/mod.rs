//! `mmscope bench`: what the README quotes. Medians, and where there is something to compare with, both in the same
//! run: the machine that measures is not the same from one minute to the next.

mod boot;
mod clone;
mod ops;
mod sample;
mod session;
mod textbook;
mod traffic;

use std::io::Write;

use ::bench::table::Effort;

use crate::failure::Failure;

/// One benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bench {
    /// Allocations and frees with nobody looking on, beside other allocators.
    Peers,
    /// `kmalloc()` and `kfree()` with nobody looking on, beside other allocators of small pieces.
    Objects,
    /// Allocations and frees a second with every step emitted, beside a textbook's buddy allocator.
    Ops,
    /// A long history: survey, step back, seek.
    Session,
    /// Booting the largest machine.
    Boot,
    /// Cloning a machine.
    Clone,
    /// Addresses that a process uses: TLBs, walks and faults.
    Accesses,
    /// Pages of a file that is larger than memory: reads, misses and reclaim.
    Replacement,
    /// Memory of which every second frame is in use: scanned, moved, and what copying alone takes.
    Compaction,
}

impl Bench {
    /// All of them, in the order in which they run.
    pub const ALL: [Bench; 9] = [
        Bench::Peers,
        Bench::Objects,
        Bench::Accesses,
        Bench::Replacement,
        Bench::Compaction,
        Bench::Ops,
        Bench::Session,
        Bench::Boot,
        Bench::Clone,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Bench::Peers => "peers",
            Bench::Objects => "objects",
            Bench::Ops => "ops",
            Bench::Session => "session",
            Bench::Boot => "boot",
            Bench::Clone => "clone",
            Bench::Accesses => "accesses",
            Bench::Replacement => "replacement",
            Bench::Compaction => "compaction",
        }
    }

    /// All names, for a message.
    pub fn names() -> String {
        Bench::ALL.map(Bench::name).join(", ")
    }
}

/// Measures and prints a small table.
///
/// # Errors
/// When nothing can be written.
pub fn bench(which: &[Bench], out: &mut dyn Write) -> Result<(), Failure> {
    if cfg!(debug_assertions) {
        writeln!(out, "(a debug build: these numbers mean little)")?;
    }
    for bench in which {
        let rows = match bench {
            Bench::Peers => {
                write!(out, "{}", ::bench::table::table(Effort::FULL))?;
                Vec::new()
            }
            Bench::Objects => {
                write!(out, "{}", ::bench::objects::table(11, 1 << 17))?;
                Vec::new()
            }
            Bench::Accesses => {
                write!(out, "{}", ::bench::accesses::table(3, 10_000_000))?;
                Vec::new()
            }
            Bench::Replacement => {
                write!(out, "{}", ::bench::replacement::table(3, 10_000_000))?;
                Vec::new()
            }
            Bench::Compaction => {
                write!(out, "{}", ::bench::compaction::table(3, ::bench::compaction::FRAMES))?;
                Vec::new()
            }
            Bench::Ops => ops::measure(),
            Bench::Session => session::measure(),
            Bench::Boot => boot::measure(),
            Bench::Clone => clone::measure(),
        };
        for (what, value) in rows {
            writeln!(out, "{:<8} {what:<52} {value:>14}", bench.name())?;
        }
        // The next one takes a while.
        out.flush()?;
    }
    Ok(())
}

/// A line of the table: what was measured, and the value with its unit.
type Row = (String, String);

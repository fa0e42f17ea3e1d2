//! Compaction (mm/compaction.c, 6.1): pages that can move are moved together, so that large free blocks come about.

use crate::Machine;
use crate::machine::UnitEnd;
use crate::migrate::PinWhat;
use crate::op::NameId;
use crate::step::Trace;
use crate::units::CpuId;

/// What is asked of pages that can move.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CompactOp {
    /// `pin a`, `pin 0x8000`, `unpin a`: somebody counts on where pages lie, or not any more.
    Pin {
        /// Which pages.
        what: PinWhat,
        /// From now on; otherwise not any more.
        on: bool,
    },
    /// `move_pages m node=1`: pages are to come to a node.
    MovePages {
        /// Whose.
        name: NameId,
        /// Where to.
        node: u8,
        /// The CPU that does it.
        cpu: CpuId,
    },
}

/// Runs the next unit.
pub(crate) fn run(machine: &mut Machine, op: &CompactOp, t: &mut Trace<'_>) -> UnitEnd {
    match *op {
        CompactOp::Pin { what, on } => {
            machine.pin(t, what, on);
            UnitEnd::Done
        }
        CompactOp::MovePages { name, node, cpu } => machine.move_pages(t, name, node, cpu),
    }
}

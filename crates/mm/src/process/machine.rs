//! The ops of processes.

use crate::Machine;
use crate::machine::UnitEnd;
use crate::process::ProcessOp;
use crate::step::Trace;

/// Runs the next unit of an op.
pub(crate) fn run(_: &mut Machine, _: &ProcessOp, _: &mut Trace<'_>) -> UnitEnd {
    UnitEnd::Done
}

//! Pages that move, or may not.

use mm::migrate::PinWhat;
use mm::op::{CompactOp, NameId};

use super::process::Known;
use super::{Fault, Lowering, Unroll};
use crate::compact::CompactLine;
use crate::diagnostic::Kind;
use crate::span::Part;

impl Unroll {
    /// An op on what a name stands for.
    pub(super) fn compact(
        &mut self,
        lowering: &mut Lowering<'_>,
        line: u32,
        name: NameId,
        of: &CompactLine,
    ) -> Option<CompactOp> {
        self.refers(line, name, Part::Target);
        Some(match of {
            CompactLine::Pin { on, .. } => CompactOp::Pin { what: PinWhat::Name(name), on: *on },
            CompactLine::CompactMemory { .. } | CompactLine::Kcompactd => return None,
            CompactLine::MovePages { node, cpu, .. } => {
                let (node, nodes) = (*node, self.nodes);
                if node >= nodes {
                    let kind = || Kind::UnknownNode { node, nodes };
                    self.report_once(lowering, line, Fault::Group, Part::Node, kind);
                    return None;
                }
                if let Known::Area { pages, .. } = self.of(name) {
                    self.count(pages, None);
                }
                CompactOp::MovePages { name, node, cpu: self.cpu(lowering, line, *cpu) }
            }
        })
    }
}

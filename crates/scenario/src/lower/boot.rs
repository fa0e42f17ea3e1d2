//! Which line a machine's refusal to start is about.
//!
//! Lowering checks everything that [`mm::Machine::boot`] does, so that no machine has to be built to check a text;
//! this is for the case that it missed something.

use mm::BootError;
use mm::mmzone::ZoneId;

use crate::Parsed;
use crate::ast::{Statement, ZoneRef};
use crate::diagnostic::{Diagnostic, Kind};
use crate::span::{Part, Span};

/// The error at its place in the text.
pub(crate) fn diagnostic(parsed: &Parsed, error: &BootError) -> Diagnostic {
    let zone_ref = |id: ZoneId| {
        let spec = parsed.lower().and_then(|s| s.config.zones.get(id.index()));
        spec.map(|spec| ZoneRef { kind: spec.kind, node: spec.node })
    };
    let first = |wanted: &dyn Fn(&Statement) -> bool| {
        let lines = (1u32..).zip(&parsed.document.lines);
        lines
            .filter_map(|(line, l)| Some((line, l.statement.as_ref()?)))
            .find(|(_, s)| wanted(s))
            .map(|(line, _)| line)
    };
    let holding = |frame: u32| {
        (1u32..).zip(&parsed.document.lines).find_map(|(line, l)| match &l.statement {
            Some(Statement::FreeList { order, pfns, .. } | Statement::PcpList { order, pfns, .. }) => {
                let holds = |pfn: &u32| frame.checked_sub(*pfn).is_some_and(|behind| behind < order.pages());
                let at = pfns.iter().rposition(holds)?;
                Some(parsed.spans.part(line, Part::Value(at as u32)))
            }
            _ => None,
        })
    };
    let span = match error {
        BootError::BadBlock(_, block) => holding(block.pfn.0),
        BootError::Overlap(pfn) => holding(pfn.0),
        BootError::DoesNotFit(id) => {
            let of_zone =
                first(&|s| matches!(s, Statement::BuddyInfo { zone, .. } if Some(*zone) == zone_ref(*id)));
            of_zone.map(|line| parsed.spans.statement(line))
        }
        BootError::Frames(_) | BootError::Layout => {
            let layout =
                first(&|s| matches!(s, Statement::Ram(_) | Statement::Zone { .. } | Statement::Node(_)));
            layout.map(|line| parsed.spans.statement(line))
        }
    };
    Diagnostic { span: span.unwrap_or(Span::new(1, 1, 0)), kind: Kind::Boot(*error) }
}

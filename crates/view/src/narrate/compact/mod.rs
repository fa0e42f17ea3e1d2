//! What is said of pages that move to other frames, and of those that may not.

mod en;
mod zh;

use mm::migrate::PinWhat;
use mm::op::{CompactOp, NameId};
use mm::step::{CompactStep, MigrateStep};
use scenario::ast::Target;
use scenario::compact::{CompactLine, Pinned};
use scenario::{Lang, Statement, print_statement};

use super::{Told, Words, num};

/// A step of a page that moves, told.
pub(crate) fn migrate(lang: Lang, w: &Words, step: &MigrateStep) -> Told {
    match lang {
        Lang::En => en::migrate(w, step),
        Lang::Zh => zh::migrate(w, step),
    }
}

/// A step of compaction, told.
pub(crate) fn tell(lang: Lang, w: &Words, step: &CompactStep) -> Told {
    match lang {
        Lang::En => en::tell(w, step),
        Lang::Zh => zh::tell(w, step),
    }
}

/// What an op wants, behind its name.
pub(super) fn op_text(lang: Lang, w: &Words, op: &CompactOp) -> String {
    match lang {
        Lang::En => en::op_text(w, op),
        Lang::Zh => zh::op_text(w, op),
    }
}

/// An op as the language writes it.
pub(super) fn code(w: &Words, op: &CompactOp) -> String {
    let target = |name: NameId| Target::named(w.full_name(name));
    print_statement(&Statement::Compact(match *op {
        CompactOp::Pin { what: PinWhat::Name(name), on } => {
            CompactLine::Pin { what: Pinned::Name(target(name)), on }
        }
        CompactOp::Pin { what: PinWhat::Frame(pfn), on } => {
            CompactLine::Pin { what: Pinned::Frame(pfn.0), on }
        }
        CompactOp::CompactMemory { cpu } => CompactLine::CompactMemory { cpu: cpu.0 },
        CompactOp::Proactive => CompactLine::Kcompactd,
        CompactOp::MovePages { name, node, cpu } => {
            CompactLine::MovePages { target: target(name), node, cpu: cpu.0 }
        }
    }))
}

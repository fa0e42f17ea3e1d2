//! What is said of contiguous areas: who asks for a piece, who leaves it, and why it was not had.

mod en;
mod zh;

use mm::cma::{CmaOp, MAX_ALIGN};
use mm::op::NameId;
use mm::step::CmaStep;
use mm::{CpuId, Pfn};
use scenario::Lang;
use scenario::ast::Target;
use scenario::cma::CmaLine;

use super::{Told, Words, num};

/// A step, told.
pub(crate) fn tell(lang: Lang, w: &Words, step: &CmaStep) -> Told {
    match lang {
        Lang::En => en::tell(w, step),
        Lang::Zh => zh::tell(w, step),
    }
}

/// What an op wants, behind its name.
pub(super) fn op_text(lang: Lang, w: &Words, op: &CmaOp) -> String {
    match lang {
        Lang::En => en::op_text(w, op),
        Lang::Zh => zh::op_text(w, op),
    }
}

/// An op as the language writes it.
pub(super) fn code(w: &Words, op: &CmaOp) -> String {
    let target = |name: NameId| Target::named(w.full_name(name));
    match *op {
        CmaOp::Alloc { name, area, count, align, cpu: CpuId(cpu) } => {
            let area = area.and_then(|area| w.area(area)).map(str::to_owned);
            CmaLine::Alloc { target: target(name), count, align: align.min(MAX_ALIGN), area, cpu }.to_string()
        }
        CmaOp::Range { name, first, count, cpu: CpuId(cpu) } => {
            CmaLine::Range { target: target(name), first: first.0, count, cpu }.to_string()
        }
        CmaOp::Release { name, cpu: CpuId(cpu) } => {
            CmaLine::Release { target: target(name), cpu }.to_string()
        }
    }
}

/// `48,640–48,895`
pub(crate) fn span(first: Pfn, count: u32) -> String {
    match count {
        0 | 1 => num(first.0),
        count => format!("{}–{}", num(first.0), num(first.plus(count - 1).0)),
    }
}

/// `1 MiB`
pub(crate) fn size(pages: u32) -> String {
    mm::NrPages(u64::from(pages)).bytes().to_string()
}

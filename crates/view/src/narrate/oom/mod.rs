//! What is said of the OOM killer: who is looked at, who is killed, and how the memory comes back.

mod en;
mod zh;

use mm::oom_kill::{OOM_SCORE_ADJ_MIN, OomOp, OomRules, TaskArgs};
use mm::op::NameId;
use mm::step::OomStep;
use scenario::Lang;
use scenario::process as ast;

use super::{Told, Words, num};

/// A step, told.
pub(crate) fn tell(lang: Lang, w: &Words, step: &OomStep) -> Told {
    match lang {
        Lang::En => en::tell(w, step),
        Lang::Zh => zh::tell(w, step),
    }
}

/// What an op wants, behind its name.
pub(super) fn op_text(lang: Lang, w: &Words, op: OomOp) -> String {
    match lang {
        Lang::En => en::op_text(w, op),
        Lang::Zh => zh::op_text(w, op),
    }
}

/// What a new program says of itself, behind what it is.
pub(super) fn task_text(lang: Lang, w: &Words, task: &TaskArgs) -> String {
    match lang {
        Lang::En => en::task_text(w, task),
        Lang::Zh => zh::task_text(w, task),
    }
}

/// An op as the language writes it.
pub(super) fn code(op: OomOp, target: impl Fn(NameId) -> scenario::ast::Target) -> ast::Process {
    match op {
        OomOp::ScoreAdj { process, value, root } => {
            ast::Process::Adjust { process: target(process), value, legacy: false, root }
        }
        OomOp::Adj { process, value, root } => {
            let value = i16::from(value);
            ast::Process::Adjust { process: target(process), value, legacy: true, root }
        }
        OomOp::Sysrq => ast::Process::Sysrq,
    }
}

/// A number that may lie below zero.
pub(crate) fn signed(number: impl Into<i64>) -> String {
    let number: i64 = number.into();
    let sign = if number < 0 { "−" } else { "" };
    format!("{sign}{}", num(number.unsigned_abs()))
}

/// How the points of a process come about, as a sum; none where nothing is known of it, or by the rules of 2.6.32. What the
/// adjustment is a thousandth of (the machine, a group, some nodes) follows from the points.
pub(crate) fn sum(w: &Words, process: NameId, points: Option<i64>) -> Option<String> {
    let procs = w.machine()?.processes();
    let rules = w.machine()?.oom_rules();
    let mm = procs.mm(process)?;
    let task = procs.oom_task(mm, rules);
    if rules == OomRules::V2_6_32 {
        return None;
    }
    let adj = i64::from(task.oom_score_adj) - if rules == OomRules::V3_10 && task.admin { 30 } else { 0 };
    let tables = task.pgtables_bytes / mm::units::PAGE_SIZE;
    let mut out = format!("RSS {}", num(task.rss.0));
    if task.swapents.0 > 0 {
        out += &format!(" + swap {}", num(task.swapents.0));
    }
    out += &format!(" + PT {}", num(tables));
    if adj != 0 {
        let sign = if adj < 0 { "−" } else { "+" };
        let own = (task.rss.0 + task.swapents.0 + tables) as i64;
        let of_all =
            points.map(|points| (points - own) / adj).filter(|part| part * adj + own == points.unwrap_or(0));
        let part = of_all.map_or(procs.total_pages().0.0 / 1000, i64::unsigned_abs);
        out += &format!(" {sign} {} × {}", num(adj.unsigned_abs()), num(part));
    }
    Some(out)
}

/// The adjustment that protects, as the rules of the machine know it.
pub(crate) fn protection(w: &Words) -> String {
    match w.machine().map(mm::Machine::oom_rules) {
        Some(OomRules::V2_6_32) => format!("oom_adj {}", signed(mm::oom_kill::OOM_DISABLE)),
        _ => format!("oom_score_adj {}", signed(OOM_SCORE_ADJ_MIN)),
    }
}

/// How many points an adjustment adds or takes.
fn worth(w: &Words, oom_score_adj: i16) -> Option<i64> {
    let total = w.machine()?.processes().total_pages();
    Some(i64::from(oom_score_adj) * i64::try_from(total.0.0 / 1000).ok()?)
}

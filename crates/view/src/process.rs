//! Which process a moment is about.

use mm::oom_kill::OomOp;
use mm::op::{NameId, ProcessOp};
use mm::process::At;
use mm::step::HierarchyStep;
use mm::{Named, Op, Step, StepKind};

use crate::Moment;

/// The process that a step speaks of; steps of files name a file, which is none.
fn process_of_step(step: &Step) -> Option<NameId> {
    match step.kind {
        StepKind::Process { process, .. }
        | StepKind::Mmu { process, .. }
        | StepKind::Hierarchy(
            HierarchyStep::Reference { process, .. }
            | HierarchyStep::Batch { process, .. }
            | HierarchyStep::Scanned { process, .. }
            | HierarchyStep::Moved { process, .. },
        ) => Some(process),
        StepKind::Oom(step) => step.process(),
        _ => None,
    }
}

/// The process that an op speaks of, as the machine is now; of a thread its own.
fn process_of_op(moment: &Moment, op: &Op) -> Option<NameId> {
    task_of_op(moment, op).map(|task| moment.machine.processes().leader(task))
}

/// The process or the thread that an op speaks of.
fn task_of_op(moment: &Moment, op: &Op) -> Option<NameId> {
    let Op::Process(op) = op else { return None };
    match *op {
        ProcessOp::File { .. }
        | ProcessOp::NrHugepages { .. }
        | ProcessOp::NrOvercommitHugepages { .. }
        | ProcessOp::Khugepaged { .. }
        | ProcessOp::Cpuset(_)
        | ProcessOp::Oom(OomOp::Sysrq) => None,
        ProcessOp::Oom(OomOp::ScoreAdj { process, .. } | OomOp::Adj { process, .. }) => Some(process),
        ProcessOp::Exec { name: process, .. }
        | ProcessOp::Fork { parent: process, .. }
        | ProcessOp::Thread { of: process, .. }
        | ProcessOp::Mlockall { process, .. }
        | ProcessOp::SetMempolicy { process, .. }
        | ProcessOp::AllocPages { process, .. }
        | ProcessOp::Exit { process, .. }
        | ProcessOp::Mmap { process, .. }
        | ProcessOp::Malloc { process, .. }
        | ProcessOp::Brk { process, .. }
        | ProcessOp::Move { process, .. } => Some(process),
        ProcessOp::Mremap { name, .. } | ProcessOp::Realloc { of: name, .. } => owner(moment, name),
        ProcessOp::Munmap { at, .. }
        | ProcessOp::Mprotect { at, .. }
        | ProcessOp::Madvise { at, .. }
        | ProcessOp::Memset { at, .. }
        | ProcessOp::Mlock { at, .. }
        | ProcessOp::Mbind { at, .. }
        | ProcessOp::Hexdump { at, .. }
        | ProcessOp::Scan { at, .. }
        | ProcessOp::Access { at, .. } => match at {
            At::Heap(process)
            | At::Stack(process)
            | At::Address(process, _)
            | At::Area { by: Some(process), .. } => Some(process),
            At::Area { name, by: None } => owner(moment, name),
        },
    }
}

/// Whose area or block of malloc a name stands for.
fn owner(moment: &Moment, name: NameId) -> Option<NameId> {
    match moment.machine.named(name) {
        Named::Mapping { process, .. } | Named::Chunk { process, .. } => Some(process),
        _ => None,
    }
}

/// The process in play, of those that are there: that of the step just done, else of the steps before it, of the step
/// that comes, of the op; else of the nearest op before that, so that it stays in view while something else goes on.
#[must_use]
pub fn in_play(moment: &Moment) -> Option<NameId> {
    let processes = moment.machine.processes();
    let is_there = |process: &NameId| processes.mm(*process).is_some();
    // Where nothing is there, no op needs to be looked at.
    processes.mms().next()?;
    let of = |step: &Step| process_of_step(step).filter(is_there);
    let ended = moment.cursor.step == 0 && moment.just_did.is_some();
    let op = moment.cursor.op.saturating_sub(u32::from(ended)) as usize;
    let ops = &moment.scenario.ops;
    let up_to_op = ops[..ops.len().min(op + 1)].iter().rev();
    moment
        .just_did
        .as_ref()
        .and_then(of)
        .or_else(|| moment.trail.iter().rev().find_map(of))
        .or_else(|| moment.next.as_ref().and_then(of))
        .or_else(|| up_to_op.filter_map(|op| process_of_op(moment, &op.op)).find(is_there))
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::testing::walk;

    #[test]
    fn the_process_of_the_step_or_of_what_was_before() {
        let text = "ram 16M\na = alloc order=0\nf = file 16K\np = exec\nm = mmap p 16K\nb = alloc order=0\n\
                    q = fork p\nwrite m by=q\nwrite m\nwrite q stack 0..8K\nfree b\nexit q\nexit p";
        let expected = ["–", "–", "p", "p", "p", "p", "q", "p", "q", "q", "p", "–"];
        // The last moment of an op is the one before the first step of the next.
        let scenario = Rc::new(scenario::parse(text).strict().expect("a scenario"));
        let mut found: Vec<String> = vec![String::new(); scenario.ops.len()];
        walk(&scenario, |moment| {
            if moment.cursor.step == 0 && moment.just_did.is_some() {
                let at = moment.cursor.op as usize - 1;
                found[at] = in_play(moment).map_or("–", |process| moment.name(process)).to_owned();
            }
        });
        assert_eq!(found, expected);
    }
}

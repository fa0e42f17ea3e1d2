//! Questions about malloc: where a chunk comes from, and what the kernel gets back of it.

use mm::process::Place;
use mm::step::{MallocStep, ProcessStep, StepKind};
use mm::{Named, Op};

use super::{At, number};
use crate::question::{Ask, ChunkFrom, Claim, Mistake, Question};

pub(super) fn question(at: &At) -> Option<Question> {
    let StepKind::Process { step: ProcessStep::Malloc(step), .. } = at.next else { return None };
    match step {
        MallocStep::Wants { .. } => from(at),
        MallocStep::Freed { .. } | MallocStep::Threshold { .. } => back(at),
        _ => None,
    }
}

/// Where the chunk comes from.
fn from(at: &At) -> Option<Question> {
    let StepKind::Process { process, step: ProcessStep::Malloc(MallocStep::Wants { bytes, .. }) } = at.next
    else {
        return None;
    };
    // The first request of all has no heap yet.
    at.machine.processes().mm(process)?.malloc.as_ref()?;
    let (right, steps) = at.find(|kind| match kind {
        StepKind::Process { step: ProcessStep::Malloc(step), .. } => match *step {
            MallocStep::Found { from: Place::Top, .. } => Some(ChunkFrom::Top),
            MallocStep::Found { .. } => Some(ChunkFrom::Kept),
            MallocStep::Asks { mmap: true, .. } => Some(ChunkFrom::Mmap),
            MallocStep::Asks { .. } => Some(ChunkFrom::Brk),
            // It stays where it is.
            MallocStep::Resized { .. } => None,
            _ => None,
        },
        _ => None,
    })?;
    let wrong: &[(ChunkFrom, Mistake)] = match right {
        ChunkFrom::Kept => {
            &[(ChunkFrom::Top, Mistake::KeptFirst), (ChunkFrom::Brk, Mistake::SyscallEachTime)]
        }
        ChunkFrom::Top => {
            &[(ChunkFrom::Brk, Mistake::SyscallEachTime), (ChunkFrom::Mmap, Mistake::HeapHasIt)]
        }
        ChunkFrom::Brk => &[(ChunkFrom::Top, Mistake::TopIsTooShort), (ChunkFrom::Mmap, Mistake::HeapHasIt)],
        ChunkFrom::Mmap => {
            &[(ChunkFrom::Brk, Mistake::AreaFromThreshold), (ChunkFrom::Top, Mistake::TopIsTooShort)]
        }
    };
    let wrong = wrong.iter().map(|(from, mistake)| (Claim::Chunk(*from), *mistake)).collect();
    at.choice(Ask::ChunkFrom { process, bytes }, Claim::Chunk(right), wrong, steps).sorted()
}

/// RSS when `free()` is over.
fn back(at: &At) -> Option<Question> {
    let StepKind::Process { process, .. } = at.next else { return None };
    let Op::Free { name, .. } = at.moment.scenario.ops.get(at.moment.cursor.op as usize)?.op else {
        return None;
    };
    // What is held when the question is asked is the old machine's.
    let Named::Chunk { bytes, .. } = at.machine.named(name) else { return None };
    let before = u32::try_from(at.machine.processes().mm(process)?.rss.total().0).ok()?;
    let is = |of: fn(&ProcessStep) -> bool| {
        at.coming.iter().any(|step| matches!(&step.kind, StepKind::Process { step, .. } if of(step)))
    };
    let goes = is(|step| {
        matches!(step, ProcessStep::Malloc(MallocStep::Trim { .. } | MallocStep::Threshold { .. }))
    });
    // What takes several units, or pages of its own, is not seen to its end.
    if goes && !is(|step| matches!(step, ProcessStep::Unmapped { .. }))
        || is(|step| matches!(step, ProcessStep::AnonPage { .. } | ProcessStep::Killed { .. }))
    {
        return None;
    }
    let gone: u64 = at
        .coming
        .iter()
        .filter_map(|step| match step.kind {
            StepKind::Process { step: ProcessStep::Unmapped { present, .. }, .. } => Some(present.0),
            _ => None,
        })
        .sum();
    let right = u32::try_from(u64::from(before).checked_sub(gone)?).ok()?;
    let by_size = before.saturating_sub(bytes.div_ceil(4096));
    let wrong = [(by_size, Mistake::FreeGivesBack), (before, Mistake::FreeKeepsAll)];
    number(Ask::RssAfterFree { name, process, before }, right, &wrong, Mistake::CountPages, at.coming.len())
}

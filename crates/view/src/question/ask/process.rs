//! Questions about processes: how a page fault ends, and what it does to RSS.

use mm::Step;
use mm::process::Access;
use mm::step::{ProcessStep, ReclaimStep, StepKind};

use super::{At, number};
use crate::faults::{Leaf, way};
use crate::question::{Ask, Claim, Mistake, Question};

pub(super) fn question(at: &At) -> Option<Question> {
    match at.next {
        StepKind::Process { step: ProcessStep::Fault { .. }, .. } => {
            // Where memory is taken away meanwhile, comes back from swap, or somebody is killed, it is no simple fault.
            let (_, steps) = at.find(|kind| {
                let ends = matches!(
                    kind,
                    StepKind::Process { step: ProcessStep::Resolved { .. } | ProcessStep::Killed { .. }, .. }
                );
                ends.then_some(())
            })?;
            let moved = |step: &Step| match step.kind {
                StepKind::Reclaim { step: ReclaimStep::Batched { .. } | ReclaimStep::Drained { .. } } => {
                    false
                }
                StepKind::Reclaim { .. } | StepKind::Oom(_) => true,
                _ => false,
            };
            if at.coming.iter().take(steps).any(moved) {
                return None;
            }
            at.one_of(&[end, end, rss]).or_else(|| end(at))
        }
        _ => None,
    }
}

/// Where the way of the fault ends.
fn end(at: &At) -> Option<Question> {
    let StepKind::Process { process, step: ProcessStep::Fault { address, access, .. } } = at.next else {
        return None;
    };
    let (_, steps) = at.find(|kind| match kind {
        StepKind::Process { step: ProcessStep::Resolved { .. } | ProcessStep::Killed { .. }, .. } => Some(()),
        _ => None,
    })?;
    // Other faults may follow in the same unit.
    let right = way(at.coming.iter().take(steps)).leaf?;
    let wrong: &[(Leaf, Mistake)] = match right {
        Leaf::Zero => &[(Leaf::Fresh, Mistake::ReadAllocates), (Leaf::NoArea, Mistake::FaultIsError)],
        Leaf::Huge => &[(Leaf::Fresh, Mistake::HugeIsSmall), (Leaf::Zero, Mistake::ZeroPageWritten)],
        Leaf::Fresh => &[(Leaf::Zero, Mistake::ZeroPageWritten), (Leaf::NoArea, Mistake::FaultIsError)],
        Leaf::Copied => &[
            (Leaf::Reused, Mistake::OthersSeeIt),
            (Leaf::NotAllowed, Mistake::ReadOnlyEntry),
            (Leaf::Fresh, Mistake::ForgetsContents),
        ],
        Leaf::Reused => &[(Leaf::Copied, Mistake::NobodyElse), (Leaf::NotAllowed, Mistake::ReadOnlyEntry)],
        Leaf::Cached => &[(Leaf::Disk, Mistake::InMemoryAlready), (Leaf::Fresh, Mistake::FilesOwnPage)],
        Leaf::Disk => &[(Leaf::Cached, Mistake::NotInMemory), (Leaf::Fresh, Mistake::FilesOwnPage)],
        Leaf::PrivateCopy => {
            &[(Leaf::Cached, Mistake::PrivateWrite), (Leaf::NotAllowed, Mistake::FaultIsError)]
        }
        Leaf::PoolEmpty => &[(Leaf::Huge, Mistake::PoolIsMemory), (Leaf::Fresh, Mistake::PoolIsMemory)],
        Leaf::NoArea | Leaf::NotAllowed | Leaf::BeyondFile => {
            let other = if access == Access::Read { Leaf::Zero } else { Leaf::Fresh };
            let wrong = [(Claim::Fault(other), Mistake::NotPromised)];
            return at
                .choice(Ask::FaultEnds { process, access, address }, Claim::Fault(right), wrong.into(), steps)
                .sorted();
        }
    };
    let wrong = wrong.iter().map(|(leaf, mistake)| (Claim::Fault(*leaf), *mistake)).collect();
    at.choice(Ask::FaultEnds { process, access, address }, Claim::Fault(right), wrong, steps).sorted()
}

/// How many pages the process has afterwards.
fn rss(at: &At) -> Option<Question> {
    let StepKind::Process { process, step: ProcessStep::Fault { .. } } = at.next else { return None };
    let before = u32::try_from(at.machine.processes().mm(process)?.rss.total().0).ok()?;
    let (after, _) = at.find(|kind| match *kind {
        StepKind::Process {
            step:
                ProcessStep::AnonPage { rss, .. }
                | ProcessStep::HugePage { rss, .. }
                | ProcessStep::FaultAround { rss, .. }
                | ProcessStep::FilePage { rss, .. }
                | ProcessStep::Copied { rss, .. },
            ..
        } => Some(rss),
        StepKind::Process {
            step:
                ProcessStep::ZeroPage { .. }
                | ProcessStep::HugeZeroPage { .. }
                | ProcessStep::HugetlbPage { .. }
                | ProcessStep::Reused { .. },
            ..
        } => at.machine.processes().mm(process).map(|mm| mm.rss.total()),
        _ => None,
    })?;
    let right = u32::try_from(after.0).ok()?;
    let (_, steps) = at.find(|kind| match kind {
        StepKind::Process { step: ProcessStep::Resolved { .. }, .. } => Some(()),
        _ => None,
    })?;
    // More than one page at once: that is not a page for each address.
    let each = if right > before + 511 { Mistake::HugeIsSmall } else { Mistake::OnePageEach };
    let pooled = at
        .coming
        .iter()
        .any(|step| matches!(step.kind, StepKind::Process { step: ProcessStep::HugetlbPage { .. }, .. }));
    let wrong = match pooled {
        true => [(before + 512, Mistake::PoolInRss), (before + 1, Mistake::PoolInRss)],
        false => [(before + 1, each), (before, Mistake::RssIsPromise)],
    };
    number(Ask::RssAfter { process, before }, right, &wrong, Mistake::CountPages, steps)
}

//! Where the scanners meet, and whether one takes anything from a pageblock.

use mm::compaction::{CompactResult, Compactor, Passed, Scanner};
use mm::mmzone::ZoneId;
use mm::page::{Block, PageState};
use mm::step::{CompactStep, StepKind};
use mm::{Machine, Observer, Pfn, Step, UnitEnd};

use super::At;
use crate::question::compact::CompactMistake as Wrong;
use crate::question::{Ask, Claim, Mistake, Question};

/// Whoever waits longer for the answer has forgotten the question.
const MOST_STEPS: usize = 20_000;

pub(super) fn question(at: &At) -> Option<Question> {
    match at.next {
        StepKind::Compact(CompactStep::Begins { zone, by, migrate, free, .. }) => {
            meet(at, zone, by, [migrate, free])
        }
        StepKind::Compact(
            CompactStep::Passed { .. } | CompactStep::IsolatedPages { .. } | CompactStep::IsolatedRoom { .. },
        ) => taken(at),
        _ => None,
    }
}

/// Remembers how a zone's compaction ends.
#[derive(Default)]
struct Watch {
    steps: usize,
    end: Option<CompactStep>,
}

impl Watch {
    fn looks(&mut self, zone: ZoneId, by: Compactor, kind: &StepKind) {
        if self.end.is_some() {
            return;
        }
        self.steps += 1;
        match *kind {
            StepKind::Compact(step @ CompactStep::Ends { zone: z, by: b, .. }) if (z, b) == (zone, by) => {
                self.end = Some(step);
            }
            _ => {}
        }
    }
}

/// A watch, and what it looks for.
struct Of(Watch, ZoneId, Compactor);

impl Observer for Of {
    fn step(&mut self, _: &Machine, step: &Step) {
        let Of(watch, zone, by) = self;
        watch.looks(*zone, *by, &step.kind);
    }
}

fn meet(at: &At, zone: ZoneId, by: Compactor, [migrate, free]: [Pfn; 2]) -> Option<Question> {
    let mut watch = Watch::default();
    at.coming.iter().for_each(|step| watch.looks(zone, by, &step.kind));
    // A person's compaction takes many units, and begins with one of its own.
    if watch.end.is_none() && by == Compactor::Person {
        let op = &at.moment.scenario.ops.get(at.moment.cursor.op as usize)?.op;
        let (mut machine, mut of) = (at.machine.clone(), Of(Watch::default(), zone, by));
        while of.0.end.is_none() {
            let end = machine.run_unit(op, &mut of);
            if of.0.steps > MOST_STEPS || end == UnitEnd::Done && of.0.end.is_none() {
                return None;
            }
        }
        watch = of.0;
    }
    let Some(CompactStep::Ends { result, migrate: left, .. }) = watch.end else { return None };
    let order = at.machine.pageblock_order();
    let met = matches!(result, CompactResult::Complete | CompactResult::PartialSkipped);
    let right = met.then(|| left.align_down(order));
    let middle = Pfn(migrate.0 + free.0.saturating_sub(migrate.0) / 2).align_down(order);
    let mut wrong = vec![
        (Claim::Meet(Some(middle)), if met { Wrong::InTheMiddle } else { Wrong::GoesOn }),
        (Claim::Meet(Some(free.align_down(order))), if met { Wrong::AllTheWay } else { Wrong::GoesOn }),
    ];
    if met {
        let why = if by == Compactor::Person { Wrong::StopsWhenServed } else { Wrong::FindsOne };
        wrong.push((Claim::Meet(None), why));
    }
    wrong.retain(|(claim, _)| *claim != Claim::Meet(right));
    let wrong = wrong.into_iter().map(|(claim, why)| (claim, Mistake::Compact(why))).collect();
    at.choice(Ask::ScannersMeet { zone, migrate, free }, Claim::Meet(right), wrong, watch.steps).sorted()
}

fn taken(at: &At) -> Option<Question> {
    let order = at.machine.pageblock_order();
    let StepKind::Compact(next) = at.next else { return None };
    let (scanner, from) = match next {
        CompactStep::Passed { scanner, pageblock, .. } => (scanner, pageblock),
        CompactStep::IsolatedPages { from, .. } => (Scanner::Migrate, from),
        CompactStep::IsolatedRoom { from, .. } => (Scanner::Free, from),
        _ => return None,
    };
    let pageblock = Block { pfn: from.align_down(order), order };
    if from != pageblock.pfn {
        return None;
    }
    let [mut used, mut free] = [0u32; 2];
    for pfn in pageblock.pfn.0..pageblock.pfn.0 + order.pages() {
        match at.machine.block_of(Pfn(pfn)).map(|block| at.machine.page(block.pfn).state) {
            Some(PageState::Free) => free += 1,
            _ => used += 1,
        }
    }
    let (takes, why) = match next {
        CompactStep::Passed { why, .. } => {
            let why = match why {
                Passed::Marked => Wrong::Marked,
                Passed::OtherType(of) => Wrong::OtherType(of),
                Passed::NotMovable(of) => Wrong::NotMovable(of),
                Passed::IsFree => Wrong::IsFree,
                Passed::Huge => Wrong::Huge,
            };
            (false, why)
        }
        CompactStep::IsolatedPages { pages: 0, .. } if used > 0 => (false, Wrong::AllStay),
        CompactStep::IsolatedPages { pages: 1.., stays: 1.., .. } => (true, Wrong::OneSpoilsIt),
        CompactStep::IsolatedRoom { pages: 0, .. } => (false, Wrong::NothingFree),
        CompactStep::IsolatedRoom { .. } if used > 0 => (true, Wrong::OnlyEmptyIsRoom),
        // All of it can move, or none of it is there: nobody is wrong about that.
        _ => return None,
    };
    let wrong = vec![(Claim::Takes(!takes), Mistake::Compact(why))];
    at.choice(Ask::BlockTaken { scanner, pageblock, used, free }, Claim::Takes(takes), wrong, 1)
        .about(&[pageblock])
        .sorted()
}

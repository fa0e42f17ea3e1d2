//! Whether khugepaged makes a huge page, what that does to RSS, how many the pool gets, and how they go again.

use mm::op::{NameId, ProcessOp};
use mm::process::{HPAGE_PAGES, ScanResult};
use mm::reclaim::SplitWhy;
use mm::step::{HugeStep, ProcessStep, ReclaimStep, StepKind};
use mm::{Machine, Observer, Op, Pfn, Step, UnitEnd};

use super::{At, number};
use crate::question::huge::{CollapseEnd, HugeMistake};
use crate::question::{Ask, Claim, Mistake, Question};

/// Whoever waits longer for the answer has forgotten the question.
const MOST_STEPS: usize = 20_000;

pub(super) fn question(at: &At) -> Option<Question> {
    match at.next {
        StepKind::Process { step: ProcessStep::Huge(HugeStep::Scanned { .. }), .. } => collapses(at),
        StepKind::Process { step: ProcessStep::Huge(HugeStep::CollapseCopied { .. }), .. } => rss(at),
        StepKind::Process { step: ProcessStep::SplitPage { pfn, freed }, .. } => split(pfn, freed.0 as u32),
        StepKind::Reclaim { step } => reclaimed(at, step),
        _ => None,
    }
}

/// What reclaim does with a huge page.
fn reclaimed(at: &At, step: ReclaimStep) -> Option<Question> {
    match step {
        ReclaimStep::AddedToSwap { pfn, .. } => {
            at.machine.processes().huge().of(pfn)?;
            goes(at, pfn, true, HugeMistake::AlwaysSplit, 1)
        }
        ReclaimStep::HugeSplit { pfn, why } => {
            let is_it = |kind: &StepKind| match *kind {
                StepKind::Process { step: ProcessStep::SplitPage { pfn: of, .. }, .. } if of == pfn => {
                    Some(())
                }
                _ => None,
            };
            let ((), steps) = at.find(is_it)?;
            let mistake = match why {
                SplitWhy::InPieces => HugeMistake::PiecesGoWhole,
                SplitWhy::NoCluster => HugeMistake::SlotsAnywhere,
            };
            goes(at, pfn, false, mistake, steps)
        }
        ReclaimStep::DeferredSplit { pfn, used } => {
            let used = u32::from(used);
            let wrong = [
                (HPAGE_PAGES - used, Mistake::Huge(HugeMistake::PartsAreFree)),
                (HPAGE_PAGES, Mistake::Huge(HugeMistake::WholeGoes)),
            ];
            let ask = Ask::HugeFrees { pfn, used, split: false };
            number(ask, 0, &wrong, Mistake::Huge(HugeMistake::PartsAreFree), 1)
        }
        _ => None,
    }
}

/// How a huge page goes to swap.
fn goes(at: &At, pfn: Pfn, whole: bool, mistake: HugeMistake, steps: usize) -> Option<Question> {
    let wrong = vec![(Claim::HugeWhole(!whole), Mistake::Huge(mistake))];
    at.choice(Ask::HugeGoes { pfn }, Claim::HugeWhole(whole), wrong, steps).sorted()
}

/// What comes back as a huge page is split.
fn split(pfn: Pfn, freed: u32) -> Option<Question> {
    let wrong = [
        (HPAGE_PAGES, Mistake::Huge(HugeMistake::WholeGoes)),
        (0, Mistake::Huge(HugeMistake::NothingComesBack)),
    ];
    let ask = Ask::HugeFrees { pfn, used: HPAGE_PAGES - freed, split: true };
    number(ask, freed, &wrong, Mistake::Huge(HugeMistake::CountUnused), 1)
}

fn huge_of(kind: &StepKind) -> Option<HugeStep> {
    match kind {
        StepKind::Process { step: ProcessStep::Huge(step), .. } => Some(*step),
        _ => None,
    }
}

/// What becomes of 2 MiB that are looked at.
fn collapses(at: &At) -> Option<Question> {
    let StepKind::Process { process, step } = at.next else { return None };
    let ProcessStep::Huge(HugeStep::Scanned { found, result, .. }) = step else { return None };
    let (right, steps) = if result == ScanResult::Succeed {
        at.find(|kind| match huge_of(kind)? {
            HugeStep::Collapsed { .. } => Some(CollapseEnd::Made),
            HugeStep::NotCollapsed { why: ScanResult::AllocFail, .. } => Some(CollapseEnd::NoBlock),
            HugeStep::NotCollapsed { .. } => Some(CollapseEnd::Unfit),
            _ => None,
        })?
    } else {
        (CollapseEnd::Unfit, 1)
    };
    let wrong = match right {
        CollapseEnd::Made => vec![
            (CollapseEnd::Unfit, HugeMistake::AllMustBeThere),
            (CollapseEnd::NoBlock, HugeMistake::BlockIsThere),
        ],
        CollapseEnd::NoBlock => vec![
            (CollapseEnd::Made, HugeMistake::MergedInPlace),
            (CollapseEnd::Unfit, HugeMistake::AllMustBeThere),
        ],
        CollapseEnd::Unfit if result == ScanResult::PmdMapped => {
            vec![(CollapseEnd::Made, HugeMistake::HugeAlready)]
        }
        CollapseEnd::Unfit => vec![(CollapseEnd::Made, HugeMistake::LimitsIgnored)],
    };
    let wrong = wrong.into_iter().map(|(end, why)| (Claim::Collapse(end), Mistake::Huge(why))).collect();
    let (there, none) = (u32::from(found.present), u32::from(found.none));
    let ask = Ask::Collapses { process, there, none };
    at.choice(ask, Claim::Collapse(right), wrong, steps).sorted()
}

/// RSS once they are one.
fn rss(at: &At) -> Option<Question> {
    let StepKind::Process { process, step } = at.next else { return None };
    let ProcessStep::Huge(HugeStep::CollapseCopied { copied, .. }) = step else { return None };
    let before = u32::try_from(at.machine.processes().mm(process)?.rss.total().0).ok()?;
    let (after, steps) = at.find(|kind| match huge_of(kind)? {
        HugeStep::Collapsed { rss, .. } => Some(rss),
        _ => None,
    })?;
    let right = u32::try_from(after.0).ok()?;
    let wrong = [
        (before, Mistake::Huge(HugeMistake::RssStays)),
        (before + HPAGE_PAGES, Mistake::Huge(HugeMistake::RssIsWhole)),
    ];
    let ask = Ask::CollapseRss { process, before, there: copied };
    number(ask, right, &wrong, Mistake::Huge(HugeMistake::CountHoles), steps)
}

/// Counts steps until the pool has its size.
#[derive(Default)]
struct Watch {
    steps: usize,
    total: Option<u32>,
}

impl Observer for Watch {
    fn step(&mut self, _: &Machine, step: &Step) {
        if self.total.is_some() {
            return;
        }
        self.steps += 1;
        if let StepKind::Process { step: ProcessStep::PoolSized { total, .. }, .. } = step.kind {
            self.total = Some(total);
        }
    }
}

/// How many huge pages the pool gets: asked before the first one is looked for.
pub(super) fn pool(at: &At) -> Option<Question> {
    let StepKind::Request { name: NameId::HUGETLB, .. } = at.next else { return None };
    let cursor = at.moment.cursor;
    let op = &at.moment.scenario.ops.get(cursor.op as usize)?.op;
    let Op::Process(ProcessOp::NrHugepages { pages: wanted, .. }) = *op else { return None };
    if cursor.step > 0 {
        return None;
    }
    let mut machine = at.machine.clone();
    let mut watch = Watch::default();
    while watch.total.is_none() {
        let end = machine.run_unit(op, &mut watch);
        if watch.steps > MOST_STEPS || end == UnitEnd::Done && watch.total.is_none() {
            return None;
        }
    }
    let right = watch.total?;
    let has = at.machine.processes().pool().total;
    let free: u64 = at.machine.zones().iter().map(|zone| zone.nr_free_pages.0).sum();
    let free = u32::try_from(free).ok()?;
    let wrong = [
        (wanted, Mistake::Huge(HugeMistake::AsManyAsWanted)),
        (wanted.min(has + free / HPAGE_PAGES), Mistake::Huge(HugeMistake::PagesAreEnough)),
        (has, Mistake::Huge(HugeMistake::WhenTouched)),
    ];
    let ask = Ask::PoolGets { wanted, has, free };
    number(ask, right, &wrong, Mistake::Huge(HugeMistake::CountBlocks), watch.steps)
}

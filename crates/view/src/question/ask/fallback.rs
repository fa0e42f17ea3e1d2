//! Questions about blocks of another type, and what becomes of their pageblocks.

use mm::page::{Block, MigrateType};
use mm::{Order, StepKind};

use super::{At, rules};
use crate::question::{Ask, Claim, Fate, Mistake, Note, Question};

/// Which block of another type is chosen.
pub(super) fn steal(at: &At) -> Option<Question> {
    let ((zone, block, from, to, largest), steps) = at.find(|kind| match *kind {
        StepKind::FallbackFound { zone, block, from, to, largest } => Some((zone, block, from, to, largest)),
        _ => None,
    })?;
    // Of this search, not of one in the next zone.
    if steps > 2 {
        return None;
    }
    let wanted = match at.request() {
        Some(StepKind::Request { order, .. }) => Order::new(order)?,
        _ => block.order,
    };
    let machine = at.machine;
    let claim = |(block, of): (Block, MigrateType)| Claim::Block(block, Note::Of(of));
    let mut wrong: Vec<(Claim, Mistake)> = Vec::new();
    if let Some(found) = rules::smallest_of_others(machine, zone, wanted, to) {
        wrong.push((claim(found), Mistake::SmallestFirst));
    }
    if let Some(found) = rules::largest_of_others(machine, zone, wanted, to) {
        wrong.push((claim(found), if largest { Mistake::TypeOrder } else { Mistake::LargestAlways }));
    }
    let list = at.list(zone, block.order, from);
    for (pfn, mistake) in
        [(rules::oldest(&list), Mistake::TailFirst), (rules::lowest(&list), Mistake::LowestAddress)]
    {
        wrong.extend(pfn.map(|pfn| (claim((Block { pfn, order: block.order }, from)), mistake)));
    }
    let ask = Ask::Steal { migratetype: to, wanted };
    at.choice(ask, claim((block, from)), wrong, steps).on_the_picture()
}

/// What becomes of the pageblock that a block is stolen from.
pub(super) fn pageblock(at: &At) -> Option<Question> {
    let at_most = at.coming.iter().take(2).enumerate();
    let (kind, steps) = at_most
        .map(|(at, step)| (step.kind, at + 1))
        .find(|(kind, _)| !matches!(kind, StepKind::Boost { .. }))?;
    let order = at.machine.pageblock_order();
    let half = order.pages() / 2;
    let of = |block: Block| Block { pfn: block.pfn.align_down(order), order: order.max(block.order) };
    let found = at.moment.trail.iter().rev().find(|step| !matches!(step.kind, StepKind::Boost { .. }));
    let (ask, right, why, other) = match kind {
        StepKind::ClaimPageblocks { block, from, to, .. } if from != to => {
            let ask = Ask::Pageblock { pageblock: of(block), to, sum: None };
            (ask, Fate::Whole, Mistake::WholeIsFree, Mistake::WholeIsFree)
        }
        StepKind::MoveFreePages { pageblock, free, alike, from, to, claimed, .. }
            if from != to && at.machine.groups_by_mobility() =>
        {
            let ask = Ask::Pageblock { pageblock, to, sum: Some((free, alike)) };
            let sum = free + alike;
            if claimed {
                (ask, Fate::Whole, Mistake::NeverClaims { sum, half }, Mistake::OnlyOne)
            } else {
                (ask, Fate::FreePages, Mistake::AlwaysClaims { sum, half }, Mistake::OnlyOne)
            }
        }
        StepKind::MoveBlock { block, from, to, .. }
            if from != to && matches!(found?.kind, StepKind::FallbackFound { .. }) =>
        {
            if to != MigrateType::Movable {
                return None;
            }
            let ask = Ask::Pageblock { pageblock: of(block), to, sum: None };
            (ask, Fate::Block, Mistake::MovableLeaves, Mistake::MovableLeaves)
        }
        _ => return None,
    };
    let to = match ask {
        Ask::Pageblock { to, .. } => to,
        _ => return None,
    };
    let fates = [Fate::Whole, Fate::FreePages, Fate::Block].map(|fate| {
        let mistake = if fate == Fate::Block { other } else { why };
        (Claim::Fate(fate, to), mistake)
    });
    let about = match ask {
        Ask::Pageblock { pageblock, .. } => vec![pageblock],
        _ => Vec::new(),
    };
    at.choice(ask, Claim::Fate(right, to), fates.to_vec(), steps).about(&about).sorted()
}

/// What mixing types does to the marks.
pub(super) fn marks(at: &At) -> Option<Question> {
    let StepKind::Boost { zone, boost, .. } = at.next else { return None };
    if boost == 0 || at.machine.zone(zone).watermark_boost >= boost {
        return None;
    }
    let wrong = vec![(Claim::Rises(false), Mistake::FixedMarks)];
    at.choice(Ask::Marks { zone }, Claim::Rises(true), wrong, 1).sorted()
}

//! Questions about reclaim: what becomes of a page that is looked at, and whether kswapd goes on.

use mm::mmzone::{Mark, ZoneId};
use mm::page::Block;
use mm::reclaim::{LruFlags, Verdict};
use mm::step::{Kept, ReclaimStep, StepKind};
use mm::{Order, Pfn};

use super::At;
use crate::question::{Ask, Claim, Mistake as AnyMistake, PageFate, Question, ReclaimMistake as Mistake};
use crate::reclaim::zones_of;

pub(super) fn question(at: &At) -> Option<Question> {
    match at.next {
        StepKind::Reclaim { step: ReclaimStep::Looked { pfn, verdict, .. } } => fate(at, pfn, verdict),
        StepKind::Reclaim { step: ReclaimStep::Balance { node, balanced, .. } } => kswapd(at, node, balanced),
        _ => None,
    }
}

/// What becomes of a page in the scanner's hands.
fn fate(at: &At, pfn: Pfn, verdict: Verdict) -> Option<Question> {
    let (right, steps) = match verdict {
        Verdict::Keep => (PageFate::Head, 1),
        Verdict::Activate => (PageFate::Active, 1),
        Verdict::Reclaim | Verdict::ReclaimClean => at.find(|kind| match *kind {
            StepKind::Reclaim { step: ReclaimStep::Reclaimed { pfn: of, .. } } if of == pfn => {
                Some(PageFate::Free)
            }
            StepKind::Reclaim { step: ReclaimStep::Kept { pfn: of, why } } if of == pfn => match why {
                Kept::PagedOut => Some(PageFate::Written),
                Kept::Dirty => Some(PageFate::Flusher),
                _ => None,
            },
            _ => None,
        })?,
    };
    let reclaim = at.machine.reclaim()?;
    let mapped = at.machine.processes().mapped(pfn);
    let flags = reclaim.page(pfn).flags;
    let is_file = mapped.file().is_some();
    let used = at.machine.young_ptes(pfn) > 0 || flags.has(LruFlags::REFERENCED);
    let mut wrong = Vec::new();
    // The oldest goes, whatever it did since.
    wrong.push((
        PageFate::Free,
        match right {
            PageFate::Written => Mistake::FreeAtOnce,
            PageFate::Flusher => Mistake::DirtyIsLost,
            _ => Mistake::OldestGoes,
        },
    ));
    // One use, and it is active.
    if used {
        wrong.push((PageFate::Active, Mistake::AnyUse));
    }
    // Whoever finds it writes it.
    if is_file && mapped.dirty {
        wrong.push((PageFate::Written, Mistake::FinderWrites));
    } else if is_file {
        wrong.push((PageFate::Written, Mistake::CleanIsWritten));
    }
    // Who is mapped is safe.
    if mapped.mapcount > 0 {
        wrong.push((PageFate::Head, Mistake::MappedStays));
    }
    let wrong = wrong
        .into_iter()
        .filter(|(claim, _)| *claim != right)
        .map(|(claim, mistake)| (Claim::PageFate(claim), AnyMistake::Reclaim(mistake)))
        .collect();
    let block = Block { pfn, order: Order::ZERO };
    at.choice(Ask::PageFate { pfn, is_file }, Claim::PageFate(right), wrong, steps).about(&[block]).sorted()
}

/// Whether kswapd goes on.
fn kswapd(at: &At, node: u8, balanced: Option<ZoneId>) -> Option<Question> {
    let zones = zones_of(at.machine, node);
    let above = |mark: Mark| {
        zones.iter().any(|id| {
            let zone = at.machine.zone(*id);
            zone.nr_free_pages.0 > u64::from(zone.wmark_pages(mark))
        })
    };
    let goes_on = balanced.is_none();
    // What stops too early, or never.
    let wrong = if goes_on {
        if above(Mark::Low) {
            Mistake::StopsAtLow
        } else if above(Mark::Min) {
            Mistake::StopsAtMin
        } else {
            return None;
        }
    } else {
        Mistake::NeverStops
    };
    let zone = zones.last().copied()?;
    let of = at.machine.zone(zone);
    let free = u32::try_from(of.nr_free_pages.0).unwrap_or(u32::MAX);
    let marks = [Mark::Min, Mark::Low, Mark::High].map(|mark| of.wmark_pages(mark));
    if goes_on && free > marks[2] {
        // It is a large block that is missing, and of that the marks say nothing.
        return None;
    }
    let wrong = vec![(Claim::Kswapd(!goes_on), AnyMistake::Reclaim(wrong))];
    at.choice(Ask::KswapdGoesOn { zone, free, marks }, Claim::Kswapd(goes_on), wrong, 1).sorted()
}

//! Where a device gets its memory from.

use mm::dma::{Device, Lane, Region};
use mm::op::NameId;
use mm::step::{DmaStep, StepKind};
use mm::{Machine, Observer, Step, UnitEnd};

use super::At;
use crate::question::dma::{DmaEnd, DmaMistake as Wrong};
use crate::question::{Ask, Claim, Mistake, Question};

/// Whoever waits longer for the answer has forgotten the question.
const MOST_STEPS: usize = 20_000;

pub(super) fn question(at: &At) -> Option<Question> {
    match at.next {
        StepKind::Dma(DmaStep::Asked { name, device, pages, atomic, .. }) => {
            ends(at, name, device, pages, atomic)
        }
        _ => None,
    }
}

/// Remembers how it goes.
#[derive(Default)]
struct Watch {
    steps: usize,
    end: Option<DmaEnd>,
}

impl Observer for Watch {
    fn step(&mut self, _: &Machine, step: &Step) {
        if self.end.is_some() {
            return;
        }
        self.steps += 1;
        self.end = match step.kind {
            StepKind::Dma(DmaStep::FromPool { .. }) => Some(DmaEnd::Pool),
            StepKind::Dma(DmaStep::Failed { .. }) => Some(DmaEnd::Nothing),
            StepKind::Dma(DmaStep::Got { lane, .. }) => Some(match lane {
                Lane::Pool { .. } => DmaEnd::Pool,
                Lane::Cma { .. } => DmaEnd::Cma,
                Lane::Buddy(_) => DmaEnd::Buddy,
                Lane::Iommu { .. } => DmaEnd::Iommu,
            }),
            _ => None,
        };
    }
}

fn ends(at: &At, name: NameId, device: NameId, pages: u32, atomic: bool) -> Option<Question> {
    let op = &at.moment.scenario.ops.get(at.moment.cursor.op as usize)?.op;
    let mut machine = at.machine.clone();
    let mut watch = Watch::default();
    while watch.end.is_none() {
        let end = machine.run_unit(op, &mut watch);
        if watch.steps > MOST_STEPS || end == UnitEnd::Done && watch.end.is_none() {
            return None;
        }
    }
    let right = watch.end?;
    let of = at.machine.dma()?.device(device)?;
    let wrong = wrong(at.machine, of, right, atomic);
    let wrong = wrong.into_iter().map(|(end, mistake)| (Claim::Dma(end), Mistake::Dma(mistake))).collect();
    let ask = Ask::DmaEnds { name, device, pages, atomic };
    at.choice(ask, Claim::Dma(right), wrong, watch.steps).sorted()
}

/// The misconceptions that a device invites.
fn wrong(machine: &Machine, device: &Device, right: DmaEnd, atomic: bool) -> Vec<(DmaEnd, Wrong)> {
    let has_area = matches!(device.region, Some(Region::Area(_)))
        || machine.cma().is_some_and(|cma| cma.area(None).is_some());
    match right {
        DmaEnd::Pool => vec![
            (DmaEnd::Buddy, Wrong::OwnComesFirst),
            (DmaEnd::Nothing, Wrong::ReservedIsThere),
            (DmaEnd::Cma, if has_area { Wrong::OwnComesFirst } else { Wrong::HasNone }),
        ],
        DmaEnd::Iommu => vec![
            (DmaEnd::Buddy, Wrong::NeedNotLieTogether),
            (DmaEnd::Nothing, Wrong::NeedNotLieTogether),
            (DmaEnd::Cma, if has_area { Wrong::NeedNotLieTogether } else { Wrong::HasNone }),
        ],
        DmaEnd::Cma => vec![
            (DmaEnd::Buddy, Wrong::AreaComesFirst),
            (DmaEnd::Nothing, Wrong::GuestsLeave),
            (DmaEnd::Iommu, Wrong::HasNone),
        ],
        DmaEnd::Buddy => vec![
            (DmaEnd::Cma, if has_area && atomic { Wrong::CannotWait } else { Wrong::HasNone }),
            (DmaEnd::Nothing, Wrong::BlockIsThere),
        ]
        .into_iter()
        // An area was asked in vain, or not asked for a single page: neither is for want of one.
        .filter(|(end, _)| *end != DmaEnd::Cma || atomic || !has_area)
        .collect(),
        DmaEnd::Nothing if matches!(device.region, Some(Region::Pool(_))) => {
            vec![(DmaEnd::Pool, Wrong::NoRun), (DmaEnd::Buddy, Wrong::PoolIsAll)]
        }
        DmaEnd::Nothing if device.iommu.is_some() => Vec::new(),
        DmaEnd::Nothing => {
            let mut wrong = vec![(DmaEnd::Buddy, Wrong::FreeButScattered), (DmaEnd::Iommu, Wrong::HasNone)];
            wrong.extend((!has_area).then_some((DmaEnd::Cma, Wrong::HasNone)));
            wrong
        }
    }
}

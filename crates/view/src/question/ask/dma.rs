//! Where a device gets its memory from.

use mm::dma::{Device, Lane, Region};
use mm::op::NameId;
use mm::step::{DmaStep, StepKind};
use mm::units::PAGE_SIZE;
use mm::{Machine, Observer, Step, UnitEnd};

use super::At;
use crate::question::dma::{DmaEnd, DmaMistake as Wrong, LendEnd};
use crate::question::{Ask, Claim, Mistake, Question};

/// Whoever waits longer for the answer has forgotten the question.
const MOST_STEPS: usize = 20_000;

pub(super) fn question(at: &At) -> Option<Question> {
    match at.next {
        StepKind::Dma(DmaStep::Asked { name, device, pages, atomic, .. }) => {
            ends(at, name, device, pages, atomic)
        }
        StepKind::Dma(DmaStep::MapAsked { what, device, first, bytes, .. }) => {
            lends(at, what, device, u64::from(first.0) * PAGE_SIZE + u64::from(bytes) - 1)
        }
        StepKind::Dma(DmaStep::CpuTouched { what, write: false, value, newest, .. }) => {
            sees(at, None, what, value, newest)
        }
        StepKind::Dma(DmaStep::DeviceTouched { name, device, write: false, value, newest, .. }) => {
            let what = at.machine.dma()?.stream(name)?.what;
            sees(at, Some(device), what, value, newest)
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
        DmaEnd::Nothing if crate::dma::Way::of(machine, device) == crate::dma::Way::Pool => {
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

/// Where a device finds what is lent to it.
fn lends(at: &At, what: NameId, device: NameId, last: u64) -> Option<Question> {
    let (right, steps) = at.find(|kind| match *kind {
        StepKind::Dma(DmaStep::NotMapped { .. }) => Some(LendEnd::Refused),
        StepKind::Dma(DmaStep::Direct { .. }) => Some(LendEnd::Direct),
        StepKind::Dma(DmaStep::Slots { .. }) => Some(LendEnd::Copy),
        StepKind::Dma(DmaStep::Mapped { .. }) => Some(LendEnd::Iommu),
        _ => None,
    })?;
    let of = at.machine.dma()?.device(device)?;
    let (mask, reaches) = (of.mask, last <= of.limit());
    let wrong = match right {
        LendEnd::Direct => vec![(LendEnd::Copy, Wrong::WithinReach), (LendEnd::Iommu, Wrong::NoTranslation)],
        LendEnd::Copy => vec![(LendEnd::Direct, Wrong::OutOfReach), (LendEnd::Iommu, Wrong::NoTranslation)],
        LendEnd::Iommu if reaches => vec![(LendEnd::Direct, Wrong::TranslatedAnyway)],
        LendEnd::Iommu => {
            vec![(LendEnd::Copy, Wrong::TranslatedAnyway), (LendEnd::Refused, Wrong::TranslatedAnyway)]
        }
        LendEnd::Refused if of.iommu.is_some() => Vec::new(),
        LendEnd::Refused => vec![(LendEnd::Copy, Wrong::NeverRefused), (LendEnd::Direct, Wrong::OutOfReach)],
    };
    let wrong = wrong.into_iter().map(|(end, mistake)| (Claim::Lends(end), Mistake::Dma(mistake))).collect();
    at.choice(Ask::Lends { what, device, last, mask }, Claim::Lends(right), wrong, steps).sorted()
}

/// Which version is read; asked where there is an older one that somebody could have.
fn sees(at: &At, who: Option<NameId>, what: NameId, value: u32, newest: u32) -> Option<Question> {
    let wrong = if value == newest {
        vec![(Claim::Version(newest.checked_sub(1)?), Mistake::Dma(Wrong::OldIsKept))]
    } else {
        vec![(Claim::Version(newest), Mistake::Dma(Wrong::SeenAtOnce))]
    };
    at.choice(Ask::Sees { who, what, newest }, Claim::Version(value), wrong, 1).sorted()
}

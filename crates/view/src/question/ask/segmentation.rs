//! Questions about segments: a fault, or which address; does a register take a selector; which entry does it choose.

use mm::process::Access;
use mm::segmentation::{
    Cpu, Mode, SegReg, SegmentKind, Segmentation, Selector, Vector, Why, rules as engine,
};
use mm::step::{SegmentStep, StepKind};

use super::At;
use crate::question::{Ask, Claim, Mistake as AnyMistake, Question, SegmentMistake as Mistake};

pub(super) fn question(at: &At) -> Option<Question> {
    match at.next {
        StepKind::Segment(SegmentStep::Access { access, reg, offset, size }) => {
            address(at, access, reg, offset, size)
        }
        StepKind::Segment(SegmentStep::Selected { reg: Some(reg), selector }) => {
            let loads = |at: &At| loads(at, reg, selector);
            let entry = |at: &At| entry(at, selector);
            if at.dice.is_multiple_of(3) {
                entry(at).or_else(|| loads(at))
            } else {
                loads(at).or_else(|| entry(at))
            }
        }
        StepKind::Segment(SegmentStep::RealLoaded { reg, selector, base }) => {
            let segment = u32::from(selector.0);
            let wrong = vec![
                (Claim::Loads(segment), Mistake::Unshifted),
                (Claim::Loads(segment * 10), Mistake::TimesTen),
                (Claim::Loads(segment << 3), Mistake::TimesEight),
            ];
            at.choice(Ask::SegmentLoads { reg, selector }, Claim::Loads(base), named(wrong), 1).sorted()
        }
        _ => None,
    }
}

/// The misconceptions as all questions have them.
fn named(wrong: Vec<(Claim, Mistake)>) -> Vec<(Claim, AnyMistake)> {
    wrong.into_iter().map(|(claim, mistake)| (claim, AnyMistake::Segment(mistake))).collect()
}

/// Where an access ends: at a fault of its segment, or with an address.
fn outcome(step: SegmentStep) -> Option<Claim> {
    match step {
        SegmentStep::Fault(fault) if fault.vector != Vector::Pf => Some(Claim::Exception(fault.vector)),
        SegmentStep::Added { linear, .. } | SegmentStep::Based { linear, .. } => Some(Claim::Linear(linear)),
        SegmentStep::Flat { offset, .. } => Some(Claim::Linear(offset)),
        SegmentStep::Reached { address, .. } => Some(Claim::Linear(address)),
        _ => None,
    }
}

/// A fault, or which address.
fn address(at: &At, access: Access, reg: Option<SegReg>, offset: u64, size: u8) -> Option<Question> {
    let seg = at.machine.segmentation();
    let of = |kind: &StepKind| match *kind {
        StepKind::Segment(step) => outcome(step),
        _ => None,
    };
    // Behind the sum there may still be a wrap or a gate, and a fault.
    let is_real = seg.mode() == Mode::Real && seg.cpu().has_segments();
    let fault = |kind: &StepKind| of(kind).filter(|claim| matches!(claim, Claim::Exception(_)));
    let address = |kind: &StepKind| {
        of(kind).filter(|_| !is_real || !matches!(kind, StepKind::Segment(SegmentStep::Added { .. })))
    };
    let (right, steps) = at.find(fault).or_else(|| at.find(address))?;
    let why = at.coming.iter().find_map(|step| match step.kind {
        StepKind::Segment(SegmentStep::Fault(fault)) if fault.vector != Vector::Pf => Some(fault.why),
        _ => None,
    });
    let mut wrong: Vec<(Claim, Mistake)> = Vec::new();
    match reg {
        None => without_segments(seg, offset, size, &mut wrong),
        Some(reg) if is_real => in_real_mode(seg, reg, offset, size, &mut wrong),
        Some(reg) if seg.mode() == Mode::Long => {
            wrong.push((Claim::Linear(offset), Mistake::BaseForgotten));
            wrong.push((Claim::Exception(Vector::Gp), Mistake::LimitStillCounts));
            let descriptor = seg.register(reg).hidden;
            wrong.push((Claim::Linear(engine::linear(descriptor, offset)), Mistake::OldBase));
        }
        Some(reg) => protected(seg, access, reg, offset, size, why, &mut wrong),
    }
    at.choice(Ask::SegmentEnds { access, reg, offset, size }, right, named(wrong), steps).sorted()
}

fn without_segments(seg: &Segmentation, offset: u64, size: u8, wrong: &mut Vec<(Claim, Mistake)>) {
    let Some(bounds) = seg.bounds() else { return };
    let moved = u64::from(bounds.base) + offset;
    let last = offset + u64::from(size) - 1;
    if last <= u64::from(bounds.limit) {
        wrong.push((Claim::Linear(moved), Mistake::BoundIncluded { limit: bounds.limit }));
    }
    // Who measures the sum against the bound, and not the address.
    let sum =
        if moved < u64::from(bounds.limit) { Claim::Linear(moved) } else { Claim::Exception(Vector::Bound) };
    wrong.push((sum, Mistake::BoundOfSum));
    wrong.push((Claim::Linear(moved), Mistake::Unchecked));
    wrong.push((Claim::Linear(offset), Mistake::BaseForgotten));
}

fn in_real_mode(seg: &Segmentation, reg: SegReg, offset: u64, size: u8, wrong: &mut Vec<(Claim, Mistake)>) {
    let segment = seg.register(reg).selector.0;
    let sum = u64::from(segment) * 16 + offset;
    if seg.cpu() == Cpu::I8086 || !seg.a20() {
        wrong.push((Claim::Linear(sum), Mistake::NoWrap));
        wrong.push((Claim::Exception(Vector::Gp), Mistake::WrapFaults));
    } else {
        wrong.push((Claim::Linear(sum & 0xf_ffff), Mistake::AlwaysWraps));
        if offset + u64::from(size) > 0x1_0000 {
            wrong.push((Claim::Linear(sum), Mistake::FirstByte));
        }
        wrong.push((Claim::Exception(Vector::Gp), Mistake::Feared));
    }
    wrong.push((Claim::Linear(u64::from(segment) + offset), Mistake::Unshifted));
    wrong.push((Claim::Linear(u64::from(segment) * 10 + offset), Mistake::TimesTen));
}

fn protected(
    seg: &Segmentation,
    access: Access,
    reg: SegReg,
    offset: u64,
    size: u8,
    why: Option<Why>,
    wrong: &mut Vec<(Claim, Mistake)>,
) {
    let register = seg.register(reg);
    let hidden = register.hidden;
    let fields = hidden.decode();
    let last = offset + u64::from(size) - 1;
    let linear = Claim::Linear(engine::linear(hidden, offset));
    let fault = Claim::Exception(if reg == SegReg::Ss { Vector::Ss } else { Vector::Gp });
    let is_down = matches!(hidden.kind(), SegmentKind::Data { down: true, .. });
    match why {
        Some(Why::Limit { .. }) => {
            if is_down && last <= u64::from(hidden.limit()) {
                wrong.push((linear, Mistake::NotDown));
            }
            if hidden
                .offsets()
                .is_some_and(|(low, high)| u64::from(low) <= offset && offset <= u64::from(high))
            {
                wrong.push((linear, Mistake::FirstByte));
            }
            wrong.push((linear, Mistake::Unchecked));
            let other = if reg == SegReg::Ss { Vector::Gp } else { Vector::Ss };
            wrong.push((Claim::Exception(other), Mistake::StackVector));
        }
        Some(why) => {
            let mistake = match why {
                Why::NullUsed => Mistake::NullIsZero,
                _ => Mistake::TypeIgnored { access },
            };
            wrong.push((linear, mistake));
            wrong.push((Claim::Exception(Vector::Pf), Mistake::NotPaging));
        }
        None => {
            // The limit is the last offset that may be used, not the first that may not.
            if !is_down && last >= u64::from(hidden.limit()) {
                wrong.push((fault, Mistake::LimitExclusive));
            }
            if fields.pages && last > u64::from(fields.limit) {
                wrong.push((fault, Mistake::LimitInBytes));
            }
            if is_down {
                wrong.push((fault, Mistake::NotDown));
            }
            wrong.push((fault, Mistake::Feared));
        }
    }
    wrong.push((Claim::Linear((u64::from(register.selector.0) << 4) + offset), Mistake::RealThinking));
    wrong.push((Claim::Linear(offset), Mistake::BaseForgotten));
}

/// Whether a register takes a selector.
fn loads(at: &At, reg: SegReg, selector: Selector) -> Option<Question> {
    let seg = at.machine.segmentation();
    let (right, steps) = at.find(|kind| match *kind {
        StepKind::Segment(SegmentStep::Loaded { descriptor, .. }) => Some(Claim::Loads(descriptor.base())),
        StepKind::Segment(SegmentStep::Fault(fault)) => Some(Claim::Exception(fault.vector)),
        _ => None,
    })?;
    let why = at.coming.iter().find_map(|step| match step.kind {
        StepKind::Segment(SegmentStep::Fault(fault)) => Some(fault.why),
        _ => None,
    });
    let base = seg.descriptor(selector).map(|descriptor| Claim::Loads(descriptor.base()));
    let mut wrong: Vec<(Claim, Mistake)> = Vec::new();
    match why {
        Some(Why::Privilege { cpl, rpl, dpl }) => {
            // Who does not look at the RPL lets the kernel be talked into it.
            let mistake = if cpl <= dpl && rpl > dpl {
                Mistake::RplIgnored { rpl, dpl }
            } else {
                Mistake::RingsIgnored { cpl, dpl }
            };
            wrong.extend(base.map(|claim| (claim, mistake)));
            wrong.push((Claim::Exception(Vector::Np), Mistake::RingIsNotAbsence));
        }
        Some(Why::Absent) => {
            wrong.extend(base.map(|claim| (claim, Mistake::AbsentLater)));
            wrong.push((Claim::Exception(Vector::Gp), Mistake::AbsentHasItsOwn));
        }
        Some(Why::BeyondTable { .. } | Why::NoLdt) => {
            wrong.push((Claim::Exception(Vector::Np), Mistake::BeyondIsAbsent));
            wrong.push((Claim::Loads(0), Mistake::BeyondIsZero));
        }
        Some(_) => {
            wrong.extend(base.map(|claim| (claim, Mistake::KindIgnored { reg })));
            wrong.push((Claim::Exception(Vector::Np), Mistake::RingIsNotAbsence));
        }
        None => {
            let other = seg.table(mm::segmentation::Table::Gdt).get(usize::from(selector.0));
            wrong.extend(
                other.map(|entry| (Claim::Loads(seg.as_read(*entry).base()), Mistake::IndexIsSelector)),
            );
            wrong.push((Claim::Loads(u32::from(selector.0) << 4), Mistake::RealThinking));
            wrong.push((Claim::Exception(Vector::Gp), Mistake::Feared));
        }
    }
    at.choice(Ask::SegmentLoads { reg, selector }, right, named(wrong), steps).sorted()
}

/// Which entry a selector chooses.
fn entry(at: &At, selector: Selector) -> Option<Question> {
    let (index, local) = (selector.index(), selector.is_local());
    let of = |index: u16, local: bool| Claim::TableEntry { local, index };
    let wrong = vec![
        (of(selector.0, local), Mistake::IndexIsSelector),
        (of(selector.0 >> 2, local), Mistake::RplInIndex),
        (of(index, !local), Mistake::OtherTable { local }),
    ];
    at.choice(Ask::SegmentEntry { selector }, of(index, local), named(wrong), 1).sorted()
}

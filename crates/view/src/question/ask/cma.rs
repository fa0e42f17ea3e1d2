//! Whether a device gets its piece of a contiguous area.

use mm::cma::CmaOp;
use mm::step::{CmaStep, StepKind};
use mm::{Machine, Observer, Op, Step, UnitEnd};

use super::At;
use crate::question::cma::{CmaEnd, CmaMistake};
use crate::question::{Ask, Claim, Mistake, Question};

/// Whoever waits longer for the answer has forgotten the question.
const MOST_STEPS: usize = 20_000;

pub(super) fn question(at: &At) -> Option<Question> {
    match at.next {
        StepKind::Cma(CmaStep::Asked { .. }) => ends(at),
        _ => None,
    }
}

/// Remembers how the request goes.
#[derive(Default)]
struct Watch {
    steps: usize,
    tries: u32,
    got: Option<bool>,
}

impl Observer for Watch {
    fn step(&mut self, _: &Machine, step: &Step) {
        self.steps += 1;
        match step.kind {
            StepKind::Cma(CmaStep::Found { .. }) => self.tries += 1,
            StepKind::Cma(CmaStep::Got { .. }) => self.got = Some(true),
            StepKind::Cma(CmaStep::Failed { .. }) => self.got = Some(false),
            _ => {}
        }
    }
}

fn ends(at: &At) -> Option<Question> {
    let op = &at.moment.scenario.ops.get(at.moment.cursor.op as usize)?.op;
    let Op::Cma(CmaOp::Alloc { name, area, count, .. }) = *op else { return None };
    let mut machine = at.machine.clone();
    let mut watch = Watch::default();
    while watch.got.is_none() {
        let end = machine.run_unit(op, &mut watch);
        if watch.steps > MOST_STEPS || end == UnitEnd::Done && watch.got.is_none() {
            return None;
        }
    }
    let right = match (watch.got, watch.tries) {
        (Some(true), 1) => CmaEnd::First,
        (Some(true), _) => CmaEnd::Later,
        _ => CmaEnd::Fails,
    };
    let cma = at.machine.cma()?;
    let (_, area) = cma.area(area)?;
    let pages = crate::cma::pages_of(at.machine, area.frames);
    let census = crate::cma::Census::of(&pages);
    // The misconceptions that this moment invites.
    let wrong = match right {
        CmaEnd::First => vec![
            (CmaEnd::Fails, CmaMistake::GuestsStay),
            (
                CmaEnd::Later,
                if census.pinned > 0 { CmaMistake::PinnedEndsIt } else { CmaMistake::GuestsStay },
            ),
        ],
        CmaEnd::Later => {
            vec![(CmaEnd::Fails, CmaMistake::PinnedEndsIt), (CmaEnd::First, CmaMistake::PinsIgnored)]
        }
        CmaEnd::Fails => {
            vec![(CmaEnd::First, CmaMistake::AlwaysThere), (CmaEnd::Later, CmaMistake::TriesFurther)]
        }
    };
    let wrong = wrong.into_iter().map(|(end, mistake)| (Claim::Cma(end), Mistake::Cma(mistake))).collect();
    let ask = Ask::CmaEnds { name, count, free: census.free };
    at.choice(ask, Claim::Cma(right), wrong, watch.steps).sorted()
}

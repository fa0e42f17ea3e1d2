//! The moment that is being looked at: all that any panel may read.

use std::rc::Rc;

use history::{Cursor, Session};
use mm::op::NameId;
use mm::{Machine, Step};
use scenario::Scenario;

/// The machine at the cursor, and the steps on both sides of it. Cheap to make and to clone.
#[derive(Clone)]
pub struct Moment {
    /// The scenario that runs.
    pub scenario: Rc<Scenario>,
    /// The machine, after the step that was just done.
    pub machine: Machine,
    /// Where we are.
    pub cursor: Cursor,
    /// Steps done since the beginning.
    pub global: u64,
    /// All steps of the scenario, as far as they are known.
    pub total: u64,
    /// The step that was just done; none at the very beginning.
    pub just_did: Option<Step>,
    /// The step that comes next; none at the very end.
    pub next: Option<Step>,
    /// The steps that led here, oldest first, `just_did` included: of this unit (mostly: of this op), or at its
    /// beginning of the one before.
    pub trail: Vec<Step>,
}

impl Moment {
    /// The moment at the cursor of `session`, which runs `scenario`.
    #[must_use]
    pub fn of(session: &Session, scenario: &Rc<Scenario>) -> Moment {
        Moment {
            scenario: Rc::clone(scenario),
            machine: session.machine().clone(),
            cursor: session.cursor(),
            global: session.global(),
            total: session.survey_so_far().steps(),
            just_did: session.just_did(),
            next: session.next_step(),
            trail: session.trail().copied().collect(),
        }
    }

    /// What the scenario calls it.
    #[must_use]
    pub fn name(&self, name: NameId) -> &str {
        self.scenario.name(name)
    }
}

//! Where it is worth asking: the first question of each kind in a scenario, and the first one after each of its
//! sentences.

use std::collections::BTreeSet;
use std::rc::Rc;

use history::{Cursor, OpenUnit, Session};
use mm::Step;
use scenario::Scenario;

use super::{Kind, question};
use crate::Moment;

/// A moment whose next step is worth a question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// Steps done before it.
    pub global: u64,
    /// What kind of question.
    pub kind: Kind,
}

/// More places than this are not marked.
const MOST: usize = 48;
/// So many sentences get a question of their own.
const MOST_CAPTIONS: usize = 24;

/// The places of a scenario that was surveyed, ascending.
#[must_use]
pub fn places(session: &Session, scenario: &Rc<Scenario>) -> Vec<Place> {
    let survey = session.survey_so_far();
    let mut kinds = BTreeSet::new();
    let mut places: Vec<Place> = Vec::new();
    for global in survey.firsts() {
        let at = survey.cursor_at(global);
        let Some(unit) = session.unit_at(at) else { continue };
        if let Some(kind) = asked(&unit, at, session, scenario)
            && kinds.insert(kind)
        {
            places.push(Place { global, kind });
        }
    }
    let mut said: Vec<u32> = scenario.captions.iter().map(|caption| caption.op).collect();
    said.dedup();
    for op in said.into_iter().take(MOST_CAPTIONS) {
        let Some(unit) = session.unit_at(Cursor::new(op, 0)).filter(|unit| unit.at.op == op) else {
            continue;
        };
        let found = (0..unit.steps.len() as u32).find_map(|step| {
            let at = Cursor::new(op, unit.at.step + step);
            Some(Place { global: survey.global(at), kind: asked(&unit, at, session, scenario)? })
        });
        places.extend(found.filter(|found| places.iter().all(|place| place.global != found.global)));
    }
    mm::sort::by_key(&mut places, |place| place.global);
    places.truncate(MOST);
    places
}

/// What can be asked at a cursor of a unit.
fn asked(unit: &OpenUnit, at: Cursor, session: &Session, scenario: &Rc<Scenario>) -> Option<Kind> {
    let done = at.step.checked_sub(unit.at.step)? as usize;
    let machine = match done.checked_sub(1) {
        Some(last) => &unit.steps.get(last)?.1,
        None => &unit.before,
    };
    let steps: Vec<Step> = unit.steps.iter().map(|(step, _)| *step).collect();
    let (trail, coming) = steps.split_at_checked(done)?;
    let trail = if done == 0 { unit.previous.clone() } else { trail.to_vec() };
    let moment = Moment {
        scenario: Rc::clone(scenario),
        machine: machine.clone(),
        cursor: at,
        global: session.survey_so_far().global(at),
        total: session.survey_so_far().steps(),
        just_did: trail.last().copied(),
        next: coming.first().copied(),
        trail,
    };
    question(&moment, coming).map(|question| question.ask.kind())
}

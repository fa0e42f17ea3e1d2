//! One history and the cursor in it.

use std::collections::VecDeque;
use std::rc::Rc;

use mm::page::Block;
use mm::step::Observer;
use mm::{Machine, Op, Step, UnitEnd};

use crate::Cursor;
use crate::keyframes::{Keyframe, Keyframes};
use crate::survey::{Counter, Survey, Surveyor, Waypoint};

/// The budget of the even keyframes in chunks of about 1 KiB: 64 MiB.
const BUDGET_CHUNKS: u64 = 64 * 1024;

/// From so many steps on a way is run with nobody looking on, but for the last part of it.
const FAR: u64 = 16_384;

/// Behind the open unit others are held open for stepping back, with so many steps in all.
const BEHIND: usize = 128;

/// A unit, held open: each of its steps with the machine after it.
pub struct OpenUnit {
    /// The cursor at its beginning.
    pub at: Cursor,
    /// The machine there.
    pub before: Machine,
    /// The steps of the unit before it; empty when that was not run, or there is none.
    pub previous: Vec<Step>,
    /// Its steps.
    pub steps: Vec<(Step, Machine)>,
    after: Machine,
    /// The cursor at its end.
    end: Cursor,
}

impl OpenUnit {
    /// Its steps alone.
    fn done(&self) -> impl Iterator<Item = Step> {
        self.steps.iter().map(|(step, _)| *step)
    }

    /// Whether it covers the cursor, and the trail to it is known.
    fn holds(&self, cursor: Cursor) -> bool {
        let trail_is_known = self.at < cursor || !self.previous.is_empty() || cursor == Cursor::START;
        self.at <= cursor && cursor < self.end && trail_is_known
    }
}

/// Keeps the machine after every step.
struct Recorder(Vec<(Step, Machine)>);

impl Observer for Recorder {
    fn step(&mut self, machine: &Machine, step: &Step) {
        self.0.push((*step, machine.clone()));
    }
}

/// A history: the machine before the first op, the ops, and a cursor.
pub struct Session {
    ops: Rc<Vec<Op>>,
    survey: Survey,
    keyframes: Keyframes,
    /// Where the survey stands.
    front: Keyframe,
    /// Whether its machine is laid out for a long run.
    is_flat: bool,
    /// Whether an op is part of a recorded trace.
    replays: bool,
    cursor: Cursor,
    /// None at the end of the last op.
    open: Option<OpenUnit>,
    /// The units before it, or before the end, the one that was run last at the back.
    behind: VecDeque<OpenUnit>,
    /// The machine at the end of the last op, and the steps of the last unit, when `open` is none.
    end: Option<(Machine, Vec<Step>)>,
}

impl Session {
    /// A history of `ops` on `start`; the cursor is at the beginning and nothing was run yet.
    #[must_use]
    pub fn new(start: Machine, ops: Rc<Vec<Op>>) -> Session {
        let front = Keyframe { at: Cursor::START, global: 0, machine: start };
        let replays = ops.iter().any(|op| matches!(op, Op::Recorded(_)));
        let mut session = Session {
            ops,
            survey: Survey::new(&front.machine),
            keyframes: Keyframes::new(front.clone(), BUDGET_CHUNKS),
            is_flat: false,
            replays,
            front,
            cursor: Cursor::START,
            open: None,
            behind: VecDeque::new(),
            end: None,
        };
        session.seek(Cursor::START);
        session
    }

    /// The same start with other ops: an edit of the past, or "what if". This history stays as it is; the new one
    /// stands at the beginning of op `at`, or at its own end when it is shorter.
    #[must_use]
    pub fn fork(&self, ops: Rc<Vec<Op>>, at: u32) -> Session {
        let mut fork = Session::new(self.keyframes.nearest(Cursor::START).machine.clone(), ops);
        fork.seek(Cursor::new(at, 0));
        fork
    }

    /// The ops.
    #[must_use]
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// What is known about the history so far.
    #[must_use]
    pub fn survey_so_far(&self) -> &Survey {
        &self.survey
    }

    /// Whether every op was run.
    #[must_use]
    pub fn is_surveyed(&self) -> bool {
        self.survey.ops() as usize == self.ops.len()
    }

    /// Runs on for about `steps` steps, to be called until it says true: the whole history is known.
    pub fn survey(&mut self, steps: u64) -> bool {
        let until = self.front.global.saturating_add(steps);
        while self.front.global < until && !self.is_surveyed() {
            self.survey_unit();
        }
        self.is_surveyed()
    }

    fn survey_unit(&mut self) {
        // It takes about as long as so many steps, and from then on they take less. Replaying a trace clones the machine
        // with every event, so there it would not pay.
        if !self.is_flat && self.front.global > u64::from(self.front.machine.end().0 / 16) && !self.replays {
            self.front.machine.flatten();
            self.is_flat = true;
        }
        let op = &self.ops[self.front.at.op as usize];
        let front = &mut self.front;
        let mut surveyor = Surveyor { survey: &mut self.survey, global: front.global };
        let end = front.machine.run_unit(op, &mut surveyor);
        let Surveyor { global, .. } = surveyor;
        front.at = match end {
            UnitEnd::More => Cursor::new(front.at.op, front.at.step + (global - front.global) as u32),
            UnitEnd::Done => Cursor::new(front.at.op + 1, 0),
        };
        front.global = global;
        self.survey.sample(&front.machine, global);
        self.survey.pass(Waypoint { at: front.at, global, units: front.machine.units_done() });
        if end == UnitEnd::Done {
            self.survey.op_done(global);
        }
        if self.keyframes.is_due(global)
            && (self.replays || self.keyframes.are_paid(&self.front, self.is_flat))
        {
            self.keyframes.push_even(self.front.clone(), self.is_flat);
        }
        if self.is_surveyed() {
            // It runs no further, and need not be held.
            self.front.machine = self.keyframes.nearest(Cursor::START).machine.clone();
        }
    }

    /// Where the cursor is.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// The machine at the cursor.
    #[must_use]
    pub fn machine(&self) -> &Machine {
        match (&self.open, &self.end) {
            (Some(unit), _) => match self.cursor.step.checked_sub(unit.at.step) {
                Some(done @ 1..) => &unit.steps[done as usize - 1].1,
                _ => &unit.before,
            },
            (None, Some((machine, _))) => machine,
            (None, None) => &self.front.machine,
        }
    }

    /// The step that was just done; none at the very beginning.
    #[must_use]
    pub fn just_did(&self) -> Option<Step> {
        self.trail().last().copied()
    }

    /// The step that comes next; none at the very end.
    #[must_use]
    pub fn next_step(&self) -> Option<Step> {
        let unit = self.open.as_ref()?;
        unit.steps.get((self.cursor.step - unit.at.step) as usize).map(|(step, _)| *step)
    }

    /// The steps of the unit around the cursor that are still to come, the next one first.
    pub fn coming(&self) -> impl Iterator<Item = &Step> {
        let done = |unit: &OpenUnit| (self.cursor.step - unit.at.step) as usize;
        let steps = self.open.as_ref().map_or(&[][..], |unit| &unit.steps[done(unit)..]);
        steps.iter().map(|(step, _)| step)
    }

    /// The unit that holds `at`, looked at without going there; none where nothing was surveyed yet, or at the end.
    #[must_use]
    pub fn unit_at(&self, at: Cursor) -> Option<OpenUnit> {
        let to = self.survey.clamp(at);
        let before = self.survey.cursor_at(self.survey.global(to).saturating_sub(1));
        let Keyframe { mut at, mut machine, .. } = self.keyframes.nearest(before).clone();
        while let Some(op) = self.ops.get(at.op as usize).filter(|_| at.op < self.survey.ops()) {
            let start = machine.clone();
            let mut counter = Counter::default();
            let end = machine.run_unit(op, &mut counter);
            let next = after_unit(at, counter.steps, end);
            if before < next {
                let unit = open_unit(op, at, start, Vec::new());
                if to < next {
                    return Some(unit);
                }
                let previous = unit.done().collect();
                let op = self.ops.get(next.op as usize)?;
                return Some(open_unit(op, next, unit.after, previous));
            }
            at = next;
        }
        None
    }

    /// The steps that led here, oldest first: those of the unit around the cursor that are done, or at its beginning
    /// those of the unit before it.
    pub fn trail(&self) -> impl Iterator<Item = &Step> {
        let (steps, previous) = match (&self.open, &self.end) {
            (Some(unit), _) => match self.cursor.step - unit.at.step {
                0 => (&[][..], unit.previous.as_slice()),
                done => (&unit.steps[..done as usize], &[][..]),
            },
            (None, Some((_, previous))) => (&[][..], previous.as_slice()),
            (None, None) => (&[][..], &[][..]),
        };
        steps.iter().map(|(step, _)| step).chain(previous)
    }

    /// Moves the cursor to the nearest one that exists; runs the survey as far as that takes.
    pub fn seek(&mut self, to: Cursor) {
        while !self.is_surveyed() && self.survey.ops() <= to.op {
            self.survey_unit();
        }
        let to = self.survey.clamp(to);
        if !self.holds(to) {
            self.open_at(to);
        }
        self.cursor = to;
    }

    /// Moves the cursor to where so many steps are done since the beginning.
    pub fn seek_global(&mut self, steps: u64) {
        while !self.is_surveyed() && self.survey.steps() <= steps {
            self.survey_unit();
        }
        self.seek(self.survey.cursor_at(steps));
    }

    /// Steps done since the beginning.
    #[must_use]
    pub fn global(&self) -> u64 {
        self.survey.global(self.cursor)
    }

    /// One step forward; false at the end.
    pub fn step_forward(&mut self) -> bool {
        let Some(unit) = &self.open else { return false };
        let next = Cursor::new(self.cursor.op, self.cursor.step + 1);
        if next.step - unit.at.step < unit.steps.len() as u32 {
            self.cursor = next;
        } else {
            self.open_next();
        }
        true
    }

    /// One step back; false at the beginning.
    pub fn step_back(&mut self) -> bool {
        if let (Some(unit), Some(step)) = (&self.open, self.cursor.step.checked_sub(1))
            && unit.holds(Cursor::new(self.cursor.op, step))
        {
            self.cursor.step = step;
            return true;
        }
        if let Some(unit) = self.behind.back()
            && let Some(last) = unit.steps.len().checked_sub(1)
        {
            let last = Cursor::new(unit.at.op, unit.at.step + last as u32);
            if unit.holds(last) {
                self.open = self.behind.pop_back();
                self.end = None;
                self.cursor = last;
                return true;
            }
        }
        let Some(before) = self.survey.before(self.cursor) else { return false };
        self.seek(before);
        true
    }

    /// To the end of this op; false at the end of the last.
    pub fn op_forward(&mut self) -> bool {
        let more = self.open.is_some();
        self.seek(Cursor::new(self.cursor.op + 1, 0));
        more
    }

    /// To the beginning of this op, or of the one before; false at the beginning.
    pub fn op_back(&mut self) -> bool {
        let Cursor { op, step } = self.cursor;
        if op == 0 && step == 0 {
            return false;
        }
        self.seek(Cursor::new(if step > 0 { op } else { op - 1 }, 0));
        true
    }

    /// The nearest later moment (`forward`) or earlier one at which `block` has just changed. Looks through the
    /// whole history, so it is for one key press, not for every frame.
    #[must_use]
    pub fn find_change(&self, block: Block, forward: bool) -> Option<Cursor> {
        let from = if forward { self.cursor } else { Cursor::START };
        let Keyframe { mut at, global: mut done, mut machine, .. } = self.keyframes.nearest(from).clone();
        let here = self.global();
        let mut found = None;
        while let Some(op) = self.ops.get(at.op as usize) {
            let mut counter = Counter { watched: Some(block), ..Counter::default() };
            let end = machine.run_unit(op, &mut counter);
            for change in counter.changes {
                let at = done + u64::from(change);
                if forward && at > here {
                    return Some(self.survey.cursor_at(at));
                }
                if !forward && at < here {
                    found = Some(at);
                }
            }
            done += u64::from(counter.steps);
            at = after_unit(at, counter.steps, end);
            if !forward && done >= here {
                break;
            }
        }
        found.map(|at| self.survey.cursor_at(at))
    }

    /// How many machines are held, and how much memory beyond the first they may have copied, in KiB.
    #[must_use]
    pub fn held(&self) -> (usize, u64) {
        (self.keyframes.len(), self.keyframes.copied_chunks())
    }

    /// Whether the open unit covers the cursor and the trail to it is known, so that nothing has to be run.
    fn holds(&self, cursor: Cursor) -> bool {
        match &self.open {
            Some(unit) => unit.holds(cursor),
            None => self.end.is_some() && cursor == Cursor::new(self.ops.len() as u32, 0),
        }
    }

    /// Opens the unit that holds `to`, by way of those that lead there: the steps of the one before it are the trail.
    fn open_at(&mut self, to: Cursor) {
        (self.open, self.end) = (None, None);
        if let Some(at) = self.behind.iter().rposition(|unit| unit.holds(to)) {
            self.behind.truncate(at + 1);
            self.open = self.behind.pop_back();
            return;
        }
        self.behind.clear();
        let target = self.survey.global(to);
        let before = self.survey.before(to).unwrap_or(Cursor::START);
        // From here on units are held open.
        let near = target.saturating_sub(BEHIND as u64);
        let Keyframe { mut at, mut global, mut machine } =
            self.keyframes.nearest(before.min(self.survey.cursor_at(near))).clone();
        if target - global > FAR
            && let Some(waypoint) =
                self.survey.waypoint_before(target - FAR / 2).filter(|w| w.global > global)
        {
            self.keyframes.forget_fine();
            machine = self.run_to(machine, waypoint);
            (at, global) = (waypoint.at, waypoint.global);
        }
        // Fine keyframes at half the way, at three quarters, …: the next seeks near here start from those.
        let mut next_fine = global + (target - global) / 2;
        let mut previous = Vec::new();
        while let Some(op) = self.ops.get(at.op as usize) {
            let start = machine.clone();
            let counted = (global < near).then(|| {
                let mut counter = Counter::default();
                let end = machine.run_unit(op, &mut counter);
                (after_unit(at, counter.steps, end), counter.steps)
            });
            let (next, steps) = match counted.filter(|(next, _)| *next <= before) {
                Some(counted) => counted,
                None => {
                    let unit = open_unit(op, at, start, std::mem::take(&mut previous));
                    if to < unit.end {
                        self.open = Some(unit);
                        return;
                    }
                    machine = unit.after.clone();
                    previous = unit.done().collect();
                    let so_far = (unit.end, unit.steps.len() as u32);
                    self.leave_behind(unit);
                    so_far
                }
            };
            at = next;
            global += u64::from(steps);
            if global >= next_fine && target - global >= 16 {
                self.keyframes.push_fine(Keyframe { at, global, machine: machine.clone() });
                next_fine = global + (target - global) / 2;
            }
        }
        self.end = Some((machine, previous));
    }

    /// Where the keyframe is that a moment is reached from.
    #[cfg(test)]
    pub(crate) fn keyframe_before(&self, steps: u64) -> u64 {
        self.keyframes.nearest(self.survey.cursor_at(steps)).global
    }

    /// A unit was run to its end.
    fn leave_behind(&mut self, unit: OpenUnit) {
        self.behind.push_back(unit);
        let mut steps: usize = self.behind.iter().map(|unit| unit.steps.len()).sum();
        while steps > 2 * BEHIND && self.behind.len() > 1 {
            steps -= self.behind.pop_front().map_or(0, |unit| unit.steps.len());
        }
    }

    /// Runs a machine as far as a waypoint, where steps need not be counted.
    fn run_to(&self, mut machine: Machine, waypoint: Waypoint) -> Machine {
        if !self.replays {
            machine.flatten();
        }
        while (machine.ops_done(), machine.units_done()) != (waypoint.at.op, waypoint.units) {
            let Some(op) = self.ops.get(machine.ops_done() as usize) else { break };
            machine.run_unit_unseen(op);
        }
        machine.clone()
    }

    /// Opens the unit behind the open one, and moves the cursor to its beginning.
    fn open_next(&mut self) {
        let Some(unit) = self.open.take() else { return };
        let (previous, after, end) = (unit.done().collect(), unit.after.clone(), unit.end);
        self.cursor = end;
        self.leave_behind(unit);
        while !self.is_surveyed() && self.survey.ops() <= end.op {
            self.survey_unit();
        }
        match self.ops.get(end.op as usize) {
            Some(op) => self.open = Some(open_unit(op, end, after, previous)),
            None => self.end = Some((after, previous)),
        }
    }
}

fn after_unit(at: Cursor, steps: u32, end: UnitEnd) -> Cursor {
    match end {
        UnitEnd::More => Cursor::new(at.op, at.step + steps),
        UnitEnd::Done => Cursor::new(at.op + 1, 0),
    }
}

/// Runs one unit and keeps the machine after each of its steps.
fn open_unit(op: &Op, at: Cursor, before: Machine, previous: Vec<Step>) -> OpenUnit {
    let mut after = before.clone();
    let mut recorder = Recorder(Vec::new());
    let end = after.run_unit(op, &mut recorder);
    let end = after_unit(at, recorder.0.len() as u32, end);
    OpenUnit { at, before, previous, steps: recorder.0, after, end }
}

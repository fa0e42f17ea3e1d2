//! Who is told of steps, and what tells them.

use super::{Chain, Func, Step, StepKind};
use crate::Machine;
use crate::replay::Moved;

/// Who looks on while the machine runs. It sees the machine *after* the step.
pub trait Observer {
    /// A step was done.
    fn step(&mut self, machine: &Machine, step: &Step);
}

/// Nobody looks on.
impl Observer for () {
    fn step(&mut self, _: &Machine, _: &Step) {}
}

/// Collects every step: for tests and for the command line.
impl Observer for Vec<Step> {
    fn step(&mut self, _: &Machine, step: &Step) {
        self.push(*step);
    }
}

/// What the algorithms emit their steps through: tells an [`Observer`], if there is one; knows which kernel function is
/// running.
///
/// Where nobody looks on, what only shows inside a function need not be kept, and may be done at once: a block that is
/// in hand is then nowhere.
pub(crate) struct Trace<'o> {
    observer: Option<&'o mut dyn Observer>,
    chain: Chain,
    /// A step was told of.
    has_told: bool,
    /// What was moved, while a replay wants to know.
    notes: Option<Vec<Moved>>,
}

impl<'o> Trace<'o> {
    pub(crate) fn new(observer: &'o mut dyn Observer) -> Trace<'o> {
        Trace { observer: Some(observer), chain: Chain::TOP, has_told: false, notes: None }
    }

    /// With nobody looking on.
    #[inline]
    pub(crate) fn unseen() -> Trace<'static> {
        Trace { observer: None, chain: Chain::TOP, has_told: false, notes: None }
    }

    /// Whether anybody looks on.
    #[inline]
    pub(crate) fn looks(&self) -> bool {
        self.observer.is_some()
    }

    /// A step was done.
    #[inline]
    pub(crate) fn emit(&mut self, machine: &Machine, kind: StepKind) {
        if let Some(observer) = &mut self.observer {
            observer.step(machine, &Step { kind, chain: self.chain });
            self.has_told = true;
        }
    }

    /// Whether a step was told of; with nobody looking on, none is.
    #[inline]
    pub(crate) fn has_told(&self) -> bool {
        self.has_told
    }

    /// Runs `body` as the kernel function `func`.
    #[inline]
    pub(crate) fn within<R>(&mut self, func: Func, body: impl FnOnce(&mut Self) -> R) -> R {
        let looks = self.looks();
        if looks {
            self.chain.push(func);
        }
        let result = body(self);
        if looks {
            self.chain.pop();
        }
        result
    }

    /// The same, but for a function that runs already.
    pub(crate) fn within_once<R>(&mut self, func: Func, body: impl FnOnce(&mut Self) -> R) -> R {
        if self.looks() && self.chain.innermost() == func { body(self) } else { self.within(func, body) }
    }

    /// From now on what is moved is noted.
    pub(crate) fn note(&mut self) {
        self.notes = Some(Vec::new());
    }

    /// What was moved since then; noting ends.
    pub(crate) fn noted(&mut self) -> Vec<Moved> {
        self.notes.take().unwrap_or_default()
    }

    /// A block was moved in a way that the kernel's own traces tell of.
    #[inline]
    pub(crate) fn moved(&mut self, moved: Moved) {
        if let Some(notes) = &mut self.notes {
            notes.push(moved);
        }
    }
}

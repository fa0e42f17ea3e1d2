//! Machines kept from the past: a bounded number of them, whatever the length of the history.

use mm::Machine;

use crate::Cursor;

/// A machine at a unit boundary.
#[derive(Clone)]
pub(crate) struct Keyframe {
    /// Where it is.
    pub(crate) at: Cursor,
    /// Steps done since the beginning.
    pub(crate) global: u64,
    pub(crate) machine: Machine,
}

/// Evenly spread keyframes over the whole history, and fine ones near where the cursor has been.
///
/// The even ones are kept every `stride` steps; when there are more than [`Keyframes::EVEN`] of them, or they hold
/// more copied memory than the budget, the least needed one goes and the stride grows. The fine ones are a queue.
pub(crate) struct Keyframes {
    even: Vec<Keyframe>,
    fine: Vec<Keyframe>,
    stride: u64,
    /// What the even ones have cost so far besides what was copied, in chunks.
    spent_chunks: u64,
    budget_chunks: u64,
}

impl Keyframes {
    /// The most even keyframes that are kept.
    pub(crate) const EVEN: usize = 64;
    /// The most fine keyframes that are kept.
    pub(crate) const FINE: usize = 32;
    /// The first distance between even keyframes, in steps.
    const FIRST_STRIDE: u64 = 512;
    /// Copying a chunk takes as long as some ten steps, and keyframes may take a small part of the time only: a way that
    /// nobody looks at is short.
    const STEPS_A_CHUNK: u64 = 64;
    /// So many chunks are copied whatever they cost: all of a small machine, a few times over.
    const FREE_CHUNKS: u64 = 2048;

    pub(crate) fn new(start: Keyframe, budget_chunks: u64) -> Keyframes {
        Keyframes {
            even: vec![start],
            fine: Vec::new(),
            stride: Self::FIRST_STRIDE,
            spent_chunks: 0,
            budget_chunks,
        }
    }

    /// Whether the survey should leave a keyframe here.
    pub(crate) fn is_due(&self, global: u64) -> bool {
        self.even.last().is_some_and(|last| global >= last.global + self.stride)
    }

    /// Whether the survey has run far enough for what its keyframes have cost. Replaying a trace copies much more, and
    /// takes long enough for any number of them.
    pub(crate) fn are_paid(&self, front: &Keyframe, is_flat: bool) -> bool {
        let next = if is_flat { front.machine.chunks() } else { 0 };
        let cost = front.machine.copied_chunks() + self.spent_chunks + next;
        cost.saturating_sub(Self::FREE_CHUNKS) * Self::STEPS_A_CHUNK <= front.global
    }

    /// Keeps an even keyframe; they come in ascending order. To clone a machine that is laid out for a long run, all of
    /// it is read.
    pub(crate) fn push_even(&mut self, keyframe: Keyframe, is_flat: bool) {
        // Otherwise the nodes are copied with the next writes, and each of those touches the chunks under it.
        self.spent_chunks +=
            if is_flat { keyframe.machine.chunks() } else { 8 * keyframe.machine.clone_cost() as u64 };
        self.even.push(keyframe);
        while self.even.len() > 2
            && (self.even.len() > Self::EVEN || self.copied_chunks() > self.budget_chunks)
        {
            // The one between the nearest two goes, and the next one comes as far behind the last as they are apart at
            // least: no way is more than twice as long as another.
            let apart = |at: usize| self.even[at + 1].global - self.even[at - 1].global;
            let Some(at) = (1..self.even.len() - 1).min_by_key(|at| apart(*at)) else { break };
            self.stride = self.stride.max(apart(at) / 2);
            self.even.remove(at);
        }
    }

    /// What the even keyframes hold beyond the first, in chunks of about 1 KiB. An upper bound: chunks that were
    /// copied and then dropped between two keyframes are counted too, but no more than there are.
    pub(crate) fn copied_chunks(&self) -> u64 {
        let copied = |k: &Keyframe| k.machine.copied_chunks();
        let differ = |w: &[Keyframe]| copied(&w[1]).saturating_sub(copied(&w[0])).min(w[1].machine.chunks());
        self.even.windows(2).map(differ).sum()
    }

    /// The fine ones go: the cursor is going far away.
    pub(crate) fn forget_fine(&mut self) {
        self.fine.clear();
    }

    /// Keeps a fine keyframe.
    pub(crate) fn push_fine(&mut self, keyframe: Keyframe) {
        if self.fine.iter().any(|k| k.at == keyframe.at) {
            return;
        }
        if self.fine.len() == Self::FINE {
            self.fine.remove(0);
        }
        self.fine.push(keyframe);
    }

    /// The last keyframe at or before `at`.
    pub(crate) fn nearest(&self, at: Cursor) -> &Keyframe {
        let even = self.even.partition_point(|k| k.at <= at);
        let even = &self.even[even.max(1) - 1];
        let near = self.fine.iter().filter(|k| k.at <= at);
        near.fold(even, |best, k| if k.at > best.at { k } else { best })
    }

    /// How many machines are held.
    pub(crate) fn len(&self) -> usize {
        self.even.len() + self.fine.len()
    }
}

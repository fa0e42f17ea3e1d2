//! What one run over all ops finds out: the timeline, the notable moments, the charts.

use mm::op::NameId;
use mm::page::Block;
use mm::reclaim::Lru;
use mm::slab_common::KmemTotals;
use mm::step::{Observer, StepClass};
use mm::{Machine, NrPages, Order, Step, StepKind};

use crate::Cursor;

/// A notable moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MarkerKind {
    /// A request was not met.
    Failure,
    /// A pageblock, or what is free in it, changed to another migratetype.
    Steal,
    /// A freed block merged three times or more.
    Merge,
    /// An op could not do anything.
    Skipped,
    /// A real kernel took another block than the rules predict.
    Diverged,
}

/// A notable moment and its place: the cursor after the step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Marker {
    /// What is notable.
    pub kind: MarkerKind,
    /// Steps since the beginning, this one included.
    pub global: u64,
}

/// What the charts show at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sample {
    /// Steps since the beginning.
    pub global: u64,
    /// For each zone, its free blocks of each order.
    pub nr_free: Vec<[u32; Order::COUNT]>,
    /// The memory of kernel objects; none before there is any.
    pub kmem: Option<KmemTotals>,
    /// VSZ and RSS of the processes, a few of them.
    pub processes: Vec<(NameId, NrPages, NrPages)>,
    /// Pages on the lists of reclaim, and slots of swap that are in use; none where nobody takes memory away.
    pub lists: Option<ListSizes>,
}

/// What reclaim has to choose from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ListSizes {
    /// Pages without a file, those that have to stay included.
    pub anon: NrPages,
    /// Pages of files.
    pub file: NrPages,
    /// Slots of swap in use.
    pub swapped: NrPages,
}

impl ListSizes {
    /// As they stand.
    #[must_use]
    pub fn of(machine: &Machine) -> Option<ListSizes> {
        let reclaim = machine.reclaim()?;
        let sum = |lists: &[Lru]| NrPages(lists.iter().map(|lru| reclaim.size(*lru)).sum());
        let (total, free) = reclaim.swap_pages();
        Some(ListSizes {
            anon: sum(&[Lru::InactiveAnon, Lru::ActiveAnon, Lru::Unevictable]),
            file: sum(&[Lru::InactiveFile, Lru::ActiveFile]),
            swapped: NrPages(total - free),
        })
    }
}

/// The most samples and the most bars that are kept: more than a screen has pixels to show them.
const MOST: usize = 2048;
/// The most markers that are kept; later ones are only counted.
const MOST_MARKERS: usize = 1024;

/// Processes of which the memory is kept.
const MOST_PROCESSES: usize = 8;

/// So many first steps of each kind are kept.
const MOST_FIRSTS: usize = 6;

/// What is known about the whole history.
#[derive(Clone, Debug)]
pub struct Survey {
    /// For each op that was run, the steps done before it; one more entry for the end.
    first_step: Vec<u64>,
    markers: Vec<Marker>,
    markers_left_out: u64,
    /// For each kind of step its first few, as the steps done before each.
    firsts: Vec<Vec<u64>>,
    samples: Vec<Sample>,
    sample_stride: u64,
    bars: Vec<[u32; StepClass::COUNT]>,
    bar_width: u64,
    /// Merges of the free that is going on.
    merges: u32,
    waypoints: Vec<Waypoint>,
    waypoint_stride: u64,
}

/// A unit boundary that can be found again without counting steps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waypoint {
    /// Where it is.
    pub(crate) at: Cursor,
    /// Steps done since the beginning.
    pub(crate) global: u64,
    /// Units of its op that are done.
    pub(crate) units: u32,
}

impl Survey {
    pub(crate) fn new(start: &Machine) -> Survey {
        let mut survey = Survey {
            first_step: vec![0],
            markers: Vec::new(),
            markers_left_out: 0,
            firsts: Vec::new(),
            samples: Vec::new(),
            sample_stride: 1,
            bars: Vec::new(),
            bar_width: 1,
            merges: 0,
            waypoints: Vec::new(),
            waypoint_stride: 1024,
        };
        survey.sample(start, 0);
        survey
    }

    /// Ops that were run.
    #[must_use]
    pub fn ops(&self) -> u32 {
        self.first_step.len() as u32 - 1
    }

    /// Steps that were done.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.first_step[self.first_step.len() - 1]
    }

    /// The steps of one op; 0 for one that was not run yet.
    #[must_use]
    pub fn steps_of(&self, op: u32) -> u32 {
        let at = op as usize;
        match (self.first_step.get(at), self.first_step.get(at + 1)) {
            (Some(from), Some(to)) => (to - from) as u32,
            _ => 0,
        }
    }

    /// Steps done since the beginning at a cursor.
    #[must_use]
    pub fn global(&self, cursor: Cursor) -> u64 {
        let at = (cursor.op as usize).min(self.first_step.len() - 1);
        (self.first_step[at] + u64::from(cursor.step)).min(self.steps())
    }

    /// The cursor at which so many steps are done.
    #[must_use]
    pub fn cursor_at(&self, global: u64) -> Cursor {
        let global = global.min(self.steps());
        let op = self.first_step.partition_point(|first| *first <= global) - 1;
        Cursor { op: op as u32, step: (global - self.first_step[op]) as u32 }
    }

    /// The cursor one step before one that exists; none at the very beginning.
    pub(crate) fn before(&self, cursor: Cursor) -> Option<Cursor> {
        if let Some(step) = cursor.step.checked_sub(1) {
            return Some(Cursor::new(cursor.op, step));
        }
        let op = (0..cursor.op).rev().find(|op| self.steps_of(*op) > 0)?;
        Some(Cursor::new(op, self.steps_of(op) - 1))
    }

    /// The nearest cursor that exists: the steps of an op are counted, its end is the next op's beginning.
    #[must_use]
    pub fn clamp(&self, cursor: Cursor) -> Cursor {
        if cursor.op >= self.ops() {
            return Cursor::new(self.ops(), 0);
        }
        if cursor.step < self.steps_of(cursor.op) { cursor } else { Cursor::new(cursor.op + 1, 0) }
    }

    /// The notable moments in order; the first thousand or so.
    #[must_use]
    pub fn markers(&self) -> &[Marker] {
        &self.markers
    }

    /// How many further notable moments there are.
    #[must_use]
    pub fn markers_left_out(&self) -> u64 {
        self.markers_left_out
    }

    /// The first few steps of each kind, as the steps done before each, ascending.
    #[must_use]
    pub fn firsts(&self) -> Vec<u64> {
        let mut all: Vec<u64> = self.firsts.iter().flatten().copied().collect();
        mm::sort::by_key(&mut all, |global| *global);
        all
    }

    /// What the charts show, ascending; evenly thinned.
    #[must_use]
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// How many steps of each class there are in each bar of the density strip.
    #[must_use]
    pub fn bars(&self) -> &[[u32; StepClass::COUNT]] {
        &self.bars
    }

    /// How many steps a bar of the density strip stands for.
    #[must_use]
    pub fn bar_width(&self) -> u64 {
        self.bar_width
    }

    pub(crate) fn count(&mut self, step: &Step, global: u64) {
        if global > self.bars.len() as u64 * self.bar_width {
            self.next_bar();
        }
        if let Some(bar) = self.bars.last_mut() {
            bar[step.kind.class() as usize] += 1;
        }
        let code = usize::from(step.kind.code());
        if self.firsts.get(code).is_none_or(|firsts| firsts.len() < MOST_FIRSTS) {
            self.firsts.resize(self.firsts.len().max(code + 1), Vec::new());
            self.firsts[code].push(global - 1);
        }
        let kind = match step.kind {
            StepKind::Failed { .. } | StepKind::TooLarge { .. } => MarkerKind::Failure,
            StepKind::Skipped { .. } | StepKind::NothingToDo { .. } => MarkerKind::Skipped,
            StepKind::Diverged { .. } => MarkerKind::Diverged,
            StepKind::ClaimPageblocks { .. } | StepKind::MoveFreePages { .. } => MarkerKind::Steal,
            StepKind::PutBlock { .. } => {
                if std::mem::take(&mut self.merges) < 3 {
                    return;
                }
                MarkerKind::Merge
            }
            StepKind::Merge { .. } => {
                self.merges += 1;
                return;
            }
            _ => return,
        };
        // A refusal at the door and the failure that follows from it are one moment.
        if self.markers.len() < MOST_MARKERS {
            self.markers.push(Marker { kind, global });
        } else {
            self.markers_left_out += 1;
        }
    }

    /// Begins another bar of the density strip, twice as wide as those so far when there are too many.
    #[cold]
    fn next_bar(&mut self) {
        if self.bars.len() == MOST {
            self.bar_width *= 2;
            let sum = |pair: &[[u32; StepClass::COUNT]]| {
                std::array::from_fn(|class| pair.iter().map(|bar| bar[class]).sum())
            };
            self.bars = self.bars.chunks(2).map(sum).collect();
        }
        self.bars.push([0; StepClass::COUNT]);
    }

    /// A unit is done.
    pub(crate) fn sample(&mut self, machine: &Machine, global: u64) {
        if self.samples.last().is_some_and(|last| global < last.global + self.sample_stride) {
            return;
        }
        if self.samples.len() == MOST {
            let mut index = 0;
            self.samples.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.sample_stride = (2 * self.sample_stride).max(global / MOST as u64);
        }
        let nr_free = machine.zones().iter().map(|zone| zone.nr_free()).collect();
        let processes = machine.processes().mms().take(MOST_PROCESSES);
        let processes = processes.map(|mm| (mm.name, mm.total_vm(), mm.rss.total())).collect();
        let lists = ListSizes::of(machine);
        self.samples.push(Sample { global, nr_free, kmem: machine.kmem_totals(), processes, lists });
    }

    /// A unit is done, and this is where it leads.
    pub(crate) fn pass(&mut self, waypoint: Waypoint) {
        if self.waypoints.last().is_some_and(|last| waypoint.global < last.global + self.waypoint_stride) {
            return;
        }
        if self.waypoints.len() == MOST {
            let mut index = 0;
            self.waypoints.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.waypoint_stride *= 2;
        }
        self.waypoints.push(waypoint);
    }

    /// The last waypoint at which no more than so many steps are done.
    pub(crate) fn waypoint_before(&self, global: u64) -> Option<Waypoint> {
        let behind = self.waypoints.partition_point(|waypoint| waypoint.global <= global);
        Some(self.waypoints[behind.checked_sub(1)?])
    }

    pub(crate) fn op_done(&mut self, global: u64) {
        self.first_step.push(global);
    }
}

/// Counts steps and feeds the survey.
pub(crate) struct Surveyor<'s> {
    pub(crate) survey: &'s mut Survey,
    pub(crate) global: u64,
}

impl Observer for Surveyor<'_> {
    fn step(&mut self, _: &Machine, step: &Step) {
        self.global += 1;
        self.survey.count(step, self.global);
    }
}

/// Counts steps, and notes those that change the watched block.
#[derive(Default)]
pub(crate) struct Counter {
    pub(crate) steps: u32,
    pub(crate) watched: Option<Block>,
    /// How many steps were done when a watched block had just changed: each such moment.
    pub(crate) changes: Vec<u32>,
}

impl Observer for Counter {
    fn step(&mut self, _: &Machine, step: &Step) {
        self.steps += 1;
        if self.watched.is_some_and(|block| step.kind.changes(block)) {
            self.changes.push(self.steps);
        }
    }
}

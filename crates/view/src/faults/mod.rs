//! Faults: what a process was promised as outlines, what it has got of it as ink, and the decisions that a page fault
//! takes on its way from the one to the other.

mod draw;
mod heap;
#[cfg(test)]
mod tests;
mod tiles;
#[cfg(test)]
pub(crate) use tests::STORIES;

use mm::op::{NameId, ProcessOp};
use mm::process::{Access, Mm, Shows, Vma};
use mm::step::{ProcessStep, Signal, StepKind};
use mm::{Named, Op, Step, Vaddr};
use scenario::Lang;

use crate::Moment;
use crate::narrate::num;
pub use crate::process::in_play;
use crate::scene::{Room, Scene};

/// Draws the process in play, beside it one that shares pages with it, and the way of the fault.
#[must_use]
pub fn scene(moment: &Moment, room: &Room, lang: Lang) -> Scene {
    draw::scene(moment, room, lang)
}

/// What a fault asks, in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Question {
    /// Is there an area?
    Area,
    /// Does it allow this?
    Allowed,
    /// What does the entry of the page table say?
    Entry,
    /// Whose page is it: its own, or a file's?
    Whose,
    /// Is it read or written to?
    Access,
}

impl Question {
    const ALL: [Question; 5] =
        [Question::Area, Question::Allowed, Question::Entry, Question::Whose, Question::Access];
}

/// Where the way ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Leaf {
    /// SIGSEGV: no area, or a stack that cannot grow.
    NoArea,
    /// SIGSEGV: the area does not allow it.
    NotAllowed,
    /// Nobody else has the page: it may be written to.
    Reused,
    /// Others have it: a copy.
    Copied,
    /// A page of the file that is in memory.
    Cached,
    /// A page of the file that has to be read.
    Disk,
    /// A private page of a file is written to: a copy of it.
    PrivateCopy,
    /// SIGBUS: the file ends before it.
    BeyondFile,
    /// The zero page.
    Zero,
    /// A frame of its own.
    Fresh,
    /// A huge page of its own.
    Huge,
    /// SIGBUS: the pool of huge pages is empty.
    PoolEmpty,
}

impl Leaf {
    /// The question that leads to it.
    pub(crate) fn of(self) -> Question {
        match self {
            Leaf::NoArea => Question::Area,
            Leaf::NotAllowed => Question::Allowed,
            Leaf::Reused | Leaf::Copied => Question::Entry,
            Leaf::Cached | Leaf::Disk | Leaf::PrivateCopy | Leaf::BeyondFile => Question::Whose,
            Leaf::Zero | Leaf::Fresh | Leaf::Huge | Leaf::PoolEmpty => Question::Access,
        }
    }

    /// Whether the process ends there.
    pub(crate) fn is_fatal(self) -> bool {
        matches!(self, Leaf::NoArea | Leaf::NotAllowed | Leaf::BeyondFile | Leaf::PoolEmpty)
    }
}

/// How far a fault has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Way {
    /// Where it happened, what was wanted, and the processor's error code.
    pub fault: Option<(Vaddr, Access, u8)>,
    /// The question that is open, or led to the end; all before it are answered.
    pub at: Option<Question>,
    /// Where it ended.
    pub leaf: Option<Leaf>,
}

/// The way of the last fault among some steps.
pub(crate) fn way<'s>(steps: impl Iterator<Item = &'s Step>) -> Way {
    let mut way = Way::default();
    for step in steps {
        let StepKind::Process { step, .. } = step.kind else { continue };
        let from_disk = way.leaf == Some(Leaf::Disk);
        let leaf = match step {
            ProcessStep::Fault { address, access, error_code } => {
                way =
                    Way { fault: Some((address, access, error_code)), at: Some(Question::Area), leaf: None };
                continue;
            }
            ProcessStep::Area { .. } => {
                way.at = way.fault.map(|_| Question::Entry);
                continue;
            }
            ProcessStep::ZeroPage { .. } => Leaf::Zero,
            ProcessStep::AnonPage { .. } => Leaf::Fresh,
            ProcessStep::CacheMiss { .. } => Leaf::Disk,
            ProcessStep::FaultAround { .. } | ProcessStep::FilePage { .. } if from_disk => Leaf::Disk,
            ProcessStep::FaultAround { .. } | ProcessStep::FilePage { .. } => Leaf::Cached,
            ProcessStep::Reused { .. } | ProcessStep::MadeWritable { .. } => Leaf::Reused,
            // Bit 0: there was a page.
            ProcessStep::Copied { .. } if way.fault.is_some_and(|(.., code)| code & 1 == 1) => Leaf::Copied,
            ProcessStep::Copied { .. } => Leaf::PrivateCopy,
            ProcessStep::Killed { signal: Signal::NotAllowed, .. } => Leaf::NotAllowed,
            ProcessStep::Killed { signal: Signal::BeyondFile, .. } => Leaf::BeyondFile,
            ProcessStep::Killed { signal: Signal::NoHugePage, .. } => Leaf::PoolEmpty,
            ProcessStep::HugePage { .. } | ProcessStep::HugetlbPage { .. } => Leaf::Huge,
            ProcessStep::HugeZeroPage { .. } => Leaf::Zero,
            ProcessStep::HugeReused { .. } => Leaf::Reused,
            ProcessStep::HugetlbCopied { .. } => Leaf::Copied,
            ProcessStep::Killed { .. } => Leaf::NoArea,
            _ => continue,
        };
        if way.fault.is_some() {
            (way.at, way.leaf) = (Some(leaf.of()), Some(leaf));
        }
    }
    way
}

/// The process in play, and one that it has to do with: its child, its parent, or another one.
fn shown(moment: &Moment) -> Vec<&Mm> {
    let procs = moment.machine.processes();
    let Some(first) = in_play(moment).and_then(|name| procs.mm(name)) else { return Vec::new() };
    let others = || procs.mms().filter(|mm| mm.name != first.name);
    let kin = others().find(|mm| mm.parent == Some(first.name) || first.parent == Some(mm.name));
    let second = kin.or_else(|| others().next());
    let mut shown: Vec<&Mm> = std::iter::once(first).chain(second).collect();
    // Each keeps its place, whoever is at work.
    mm::sort::by_key(&mut shown, |mm| u64::from(mm.name.0));
    shown
}

/// What an area is called: the stack, the heap, or what the scenario calls it.
fn area_name(moment: &Moment, mm: &Mm, vma: &Vma) -> String {
    match moment.machine.processes().shows(mm, vma) {
        Shows::Stack => return "[stack]".to_owned(),
        Shows::Heap => return "[heap]".to_owned(),
        Shows::File(..) | Shows::Shmem(..) | Shows::Own | Shows::Hugetlb => {}
    }
    let mapped = moment.scenario.ops.iter().filter_map(|op| match op.op {
        Op::Process(
            ProcessOp::Mmap { name, .. } | ProcessOp::Malloc { name, .. } | ProcessOp::Realloc { name, .. },
        ) => Some(name),
        _ => None,
    });
    let covers = |name: &NameId| match moment.machine.named(*name) {
        Named::Mapping { start, pages, .. } => {
            start < vma.end && vma.start.0 < start.0 + u64::from(pages) * mm::units::PAGE_SIZE
        }
        Named::Chunk { at, .. } => vma.contains(at),
        _ => false,
    };
    let named = mapped.filter(covers).map(|name| moment.name(name).to_owned());
    named.last().unwrap_or_else(|| format!("{:x}", vma.start))
}

/// What a screen reader says of the picture as a whole; the text twin has the rest.
#[must_use]
pub fn label(moment: &Moment, lang: Lang) -> String {
    let shown = shown(moment);
    if shown.is_empty() {
        return lang.pick("Processes: none yet.", "进程：还没有。").to_owned();
    }
    let one = |mm: &&Mm| {
        let (name, vsz, rss) = (moment.name(mm.name), num(mm.total_vm().0 * 4), num(mm.rss.total().0 * 4));
        match lang {
            Lang::En => {
                format!("{name}: VSZ {vsz} KiB, RSS {rss} KiB, {} areas", num(mm.vmas().len() as u64))
            }
            Lang::Zh => {
                format!("{name}：VSZ {vsz} KiB，RSS {rss} KiB，{} 个区域", num(mm.vmas().len() as u64))
            }
        }
    };
    let all: Vec<String> = shown.iter().map(one).collect();
    match lang {
        Lang::En => format!("Processes. {}.", all.join(". ")),
        Lang::Zh => format!("进程。{}。", all.join("。")),
    }
}

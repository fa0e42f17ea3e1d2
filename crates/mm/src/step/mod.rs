//! A step: one decision that the kernel takes, as numbers and kinds, never as words.
//!
//! From this record come the sentence in each language, the rings on the picture, the reference to the kernel's
//! source, the question, and the place on the timeline.

mod cma;
mod compact;
mod cpuset;
mod dma;
mod func;
mod hierarchy;
mod huge;
mod kind;
mod kmem;
mod malloc;
mod migrate;
mod mmu;
mod oom;
mod process;
mod reclaim;
mod segmentation;
mod trace;

pub use cma::CmaStep;
pub use compact::CompactStep;
pub use cpuset::{CpusetStep, Leaves};
pub use dma::DmaStep;
pub use func::{Chain, Func};
pub use hierarchy::HierarchyStep;
pub use huge::HugeStep;
pub use kind::{BuddyVerdict, NotModelled, Nothing, SkipReason, StepKind, WatermarkVerdict};
pub use kmem::KmemStep;
pub use malloc::MallocStep;
pub use migrate::MigrateStep;
pub use mmu::{Denial, MmuStep};
pub use oom::{Floor, OomStep, Spared, Verdict};
pub use process::{ProcessStep, Refusal, Signal};
pub use reclaim::{Kept, ReclaimStep, Reclaimer};
pub use segmentation::SegmentStep;
pub use trace::Observer;
pub(crate) use trace::Trace;

use crate::mmzone::ZoneId;
use crate::page::Block;
use crate::units::{Order, Pfn};

/// What a step is to a timeline: the classes of the density strip.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum StepClass {
    /// Looking, without changing anything.
    Look,
    /// Memory leaves the lists.
    Alloc,
    /// Memory comes back.
    Free,
    /// A migratetype takes from another.
    Steal,
    /// A request was not met, or an op was skipped.
    Fail,
}

impl StepClass {
    /// How many classes there are.
    pub const COUNT: usize = 5;
}

impl StepKind {
    /// What it is to a timeline.
    #[must_use]
    pub fn class(&self) -> StepClass {
        match self {
            StepKind::Request { .. }
            | StepKind::TryZone { .. }
            | StepKind::ListEmpty { .. }
            | StepKind::FallbackBegins { .. }
            | StepKind::FallbackFound { .. }
            | StepKind::ZoneFailed { .. }
            | StepKind::BuddyCheck { .. }
            | StepKind::Watermark { verdict: WatermarkVerdict::Ok, .. }
            | StepKind::AllowFragment { .. }
            | StepKind::PcpEmpty { .. }
            | StepKind::PcpDrainBegins { .. }
            | StepKind::WakeKswapd { .. }
            | StepKind::Written { .. } => StepClass::Look,
            StepKind::TakeHead { .. }
            | StepKind::Split { .. }
            | StepKind::Handed { .. }
            | StepKind::PcpAppend { .. }
            | StepKind::PcpRefilled { .. }
            | StepKind::PcpTake { .. } => StepClass::Alloc,
            StepKind::FreeRequest { .. }
            | StepKind::Merge { .. }
            | StepKind::PutBlock { .. }
            | StepKind::PcpPut { .. }
            | StepKind::PcpDrain { .. } => StepClass::Free,
            StepKind::ClaimPageblocks { .. }
            | StepKind::MoveFreePages { .. }
            | StepKind::MoveBlock { .. }
            | StepKind::Boost { .. }
            | StepKind::ReserveHighatomic { .. }
            | StepKind::UnreserveHighatomic { .. }
            | StepKind::Isolate { .. }
            | StepKind::Unisolate { .. } => StepClass::Steal,
            StepKind::NothingToDo { .. }
            | StepKind::Skipped { .. }
            | StepKind::TooLarge { .. }
            | StepKind::Failed { .. }
            | StepKind::Watermark { .. }
            | StepKind::SlowPath { .. }
            | StepKind::Missing { .. }
            | StepKind::IsolateRefused { .. }
            | StepKind::Diverged { .. } => StepClass::Fail,
            StepKind::Kmem(step) => step.class(),
            StepKind::Slub { step, .. } => step.class(),
            StepKind::Slab { step, .. } => step.class(),
            StepKind::Vmalloc { step, .. } => step.class(),
            StepKind::Process { step, .. } => step.class(),
            StepKind::Mmu { step, .. } => step.class(),
            StepKind::Hierarchy(step) => step.class(),
            StepKind::Segment(step) => step.class(),
            StepKind::Reclaim { step } => step.class(),
            StepKind::Oom(step) => step.class(),
            StepKind::Cma(step) => step.class(),
            StepKind::Dma(step) => step.class(),
            StepKind::Migrate(step) => step.class(),
            StepKind::Compact(step) => step.class(),
        }
    }

    /// The blocks that the step speaks of: what it rings on the picture, and what makes it a change of that block.
    #[must_use]
    pub fn blocks(&self) -> [Option<Block>; 2] {
        match *self {
            StepKind::NothingToDo { why: Nothing::IsIsolated(block) | Nothing::NotIsolated(block) } => {
                [Some(block), None]
            }
            StepKind::NothingToDo { why: Nothing::NoPageblock(pfn) } => {
                [Some(Block { pfn, order: Order::ZERO }), None]
            }
            StepKind::NothingToDo { .. }
            | StepKind::Skipped { .. }
            | StepKind::Request { .. }
            | StepKind::TooLarge { .. }
            | StepKind::TryZone { .. }
            | StepKind::ListEmpty { .. }
            | StepKind::FallbackBegins { .. }
            | StepKind::ZoneFailed { .. }
            | StepKind::Failed { .. }
            | StepKind::Watermark { .. }
            | StepKind::AllowFragment { .. }
            | StepKind::PcpEmpty { .. }
            | StepKind::PcpRefilled { .. }
            | StepKind::PcpDrainBegins { .. }
            | StepKind::Boost { .. }
            | StepKind::WakeKswapd { .. }
            | StepKind::SlowPath { .. }
            | StepKind::Missing { .. }
            | StepKind::Segment(_)
            | StepKind::Oom(_)
            | StepKind::Written { .. } => [None, None],
            StepKind::TakeHead { block, .. }
            | StepKind::Handed { block, .. }
            | StepKind::FallbackFound { block, .. }
            | StepKind::ClaimPageblocks { block, .. }
            | StepKind::MoveFreePages { pageblock: block, .. }
            | StepKind::MoveBlock { block, .. }
            | StepKind::FreeRequest { block, .. }
            | StepKind::PcpAppend { block, .. }
            | StepKind::PcpTake { block, .. }
            | StepKind::PcpPut { block, .. }
            | StepKind::PcpDrain { block, .. }
            | StepKind::ReserveHighatomic { pageblock: block, .. }
            | StepKind::UnreserveHighatomic { pageblock: block, .. }
            | StepKind::Isolate { pageblock: block, .. }
            | StepKind::IsolateRefused { pageblock: block, .. }
            | StepKind::Unisolate { pageblock: block, .. }
            | StepKind::Diverged { block, .. }
            | StepKind::PutBlock { block, .. } => [Some(block), None],
            StepKind::Split { kept, put, .. } => [Some(kept), Some(put)],
            StepKind::BuddyCheck { block, buddy, .. } => {
                [Some(block), Some(Block { pfn: buddy, order: block.order })]
            }
            StepKind::Merge { merged, buddy, .. } => [Some(merged), Some(buddy)],
            StepKind::Kmem(step) => [step.page().map(single), None],
            StepKind::Slub { step, .. } => [step.slab().map(single), None],
            StepKind::Slab { step, .. } => [step.slab().map(single), None],
            StepKind::Vmalloc { step, .. } => [step.block(), None],
            StepKind::Process { step, .. } => step.blocks(),
            StepKind::Cma(step) => step.blocks(),
            StepKind::Dma(step) => step.blocks(),
            StepKind::Mmu { step, .. } => step.frames().map(|frame| frame.map(single)),
            StepKind::Hierarchy(step) => [step.frame().map(single), None],
            StepKind::Reclaim { step } => [step.frame().map(single), None],
            StepKind::Migrate(step) => step.frames().map(|frame| frame.map(single)),
            StepKind::Compact(step) => step.frames().map(|frame| frame.map(single)),
        }
    }

    /// The zone that it is about, if it is about one.
    #[must_use]
    pub fn zone(&self) -> Option<ZoneId> {
        match *self {
            StepKind::NothingToDo { .. }
            | StepKind::Skipped { .. }
            | StepKind::Request { .. }
            | StepKind::TooLarge { .. }
            | StepKind::SlowPath { .. }
            | StepKind::Missing { .. }
            | StepKind::Written { .. }
            | StepKind::Kmem(_)
            | StepKind::Slub { .. }
            | StepKind::Slab { .. }
            | StepKind::Vmalloc { .. }
            | StepKind::Process { .. }
            | StepKind::Mmu { .. }
            | StepKind::Hierarchy(_)
            | StepKind::Segment(_)
            | StepKind::Reclaim { .. }
            | StepKind::Oom(_)
            | StepKind::Cma(_)
            | StepKind::Dma(_)
            | StepKind::Migrate(_)
            | StepKind::Failed { .. } => None,
            StepKind::Compact(step) => step.zone(),
            StepKind::TryZone { zone, .. }
            | StepKind::Watermark { zone, .. }
            | StepKind::AllowFragment { zone }
            | StepKind::PcpEmpty { zone, .. }
            | StepKind::PcpAppend { zone, .. }
            | StepKind::PcpRefilled { zone, .. }
            | StepKind::PcpTake { zone, .. }
            | StepKind::PcpPut { zone, .. }
            | StepKind::PcpDrainBegins { zone, .. }
            | StepKind::PcpDrain { zone, .. }
            | StepKind::Boost { zone, .. }
            | StepKind::WakeKswapd { zone, .. }
            | StepKind::ReserveHighatomic { zone, .. }
            | StepKind::UnreserveHighatomic { zone, .. }
            | StepKind::Isolate { zone, .. }
            | StepKind::IsolateRefused { zone, .. }
            | StepKind::Unisolate { zone, .. }
            | StepKind::Diverged { zone, .. }
            | StepKind::ListEmpty { zone, .. }
            | StepKind::FallbackBegins { zone, .. }
            | StepKind::ZoneFailed { zone, .. }
            | StepKind::TakeHead { zone, .. }
            | StepKind::Handed { zone, .. }
            | StepKind::FallbackFound { zone, .. }
            | StepKind::ClaimPageblocks { zone, .. }
            | StepKind::MoveFreePages { zone, .. }
            | StepKind::MoveBlock { zone, .. }
            | StepKind::FreeRequest { zone, .. }
            | StepKind::PutBlock { zone, .. }
            | StepKind::Split { zone, .. }
            | StepKind::BuddyCheck { zone, .. }
            | StepKind::Merge { zone, .. } => Some(zone),
        }
    }

    /// Whether the step changes the state of any frame of `block`, rather than only looking at it.
    #[must_use]
    pub fn changes(&self, block: Block) -> bool {
        self.class() != StepClass::Look
            && self.blocks().into_iter().flatten().any(|b| b.pfn <= block.last() && block.pfn <= b.last())
    }

    /// A stable number for the kind: a link carries it, to notice when a later correction of the rules has moved
    /// the step it points to.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            StepKind::Skipped { .. } => 1,
            StepKind::Request { .. } => 2,
            StepKind::TooLarge { .. } => 3,
            StepKind::TryZone { .. } => 4,
            StepKind::ListEmpty { .. } => 5,
            StepKind::TakeHead { .. } => 6,
            StepKind::Split { .. } => 7,
            StepKind::Handed { .. } => 8,
            StepKind::FallbackBegins { .. } => 9,
            StepKind::FallbackFound { .. } => 10,
            StepKind::ClaimPageblocks { .. } => 11,
            StepKind::MoveFreePages { .. } => 12,
            StepKind::MoveBlock { .. } => 13,
            StepKind::ZoneFailed { .. } => 14,
            StepKind::Failed { .. } => 15,
            StepKind::FreeRequest { .. } => 16,
            StepKind::BuddyCheck { .. } => 17,
            StepKind::Merge { .. } => 18,
            StepKind::PutBlock { .. } => 19,
            StepKind::Watermark { .. } => 20,
            StepKind::AllowFragment { .. } => 21,
            StepKind::PcpEmpty { .. } => 22,
            StepKind::PcpAppend { .. } => 23,
            StepKind::PcpRefilled { .. } => 24,
            StepKind::PcpTake { .. } => 25,
            StepKind::PcpPut { .. } => 26,
            StepKind::PcpDrainBegins { .. } => 27,
            StepKind::PcpDrain { .. } => 28,
            StepKind::Boost { .. } => 29,
            StepKind::WakeKswapd { .. } => 30,
            StepKind::SlowPath { .. } => 31,
            StepKind::Missing { .. } => 32,
            StepKind::ReserveHighatomic { .. } => 33,
            StepKind::UnreserveHighatomic { .. } => 34,
            StepKind::Written { .. } => 35,
            StepKind::Diverged { .. } => 36,
            StepKind::Isolate { .. } => 37,
            StepKind::IsolateRefused { .. } => 38,
            StepKind::Unisolate { .. } => 39,
            StepKind::NothingToDo { .. } => 57,
            StepKind::Kmem(step) => step.code(),
            StepKind::Slub { step, .. } => step.code(),
            StepKind::Slab { step, .. } => step.code(),
            StepKind::Vmalloc { step, .. } => step.code(),
            StepKind::Process { step, .. } => step.code(),
            StepKind::Mmu { step, .. } => step.code(),
            StepKind::Hierarchy(step) => step.code(),
            StepKind::Segment(step) => step.code(),
            StepKind::Reclaim { step } => step.code(),
            StepKind::Oom(step) => step.code(),
            StepKind::Cma(step) => step.code(),
            StepKind::Dma(step) => step.code(),
            StepKind::Migrate(step) => step.code(),
            StepKind::Compact(step) => step.code(),
        }
    }
}

/// The first frame of a slab stands for all of it.
fn single(pfn: Pfn) -> Block {
    Block { pfn, order: Order::ZERO }
}

/// One decision, and where in the kernel it was taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// What happened.
    pub kind: StepKind,
    /// The functions it happened in.
    pub chain: Chain,
}

//! A step: one decision that the kernel takes, as numbers and kinds, never as words.
//!
//! From this record come the sentence in each language, the rings on the picture, the reference to the kernel's
//! source, the question, and the place on the timeline.

use crate::Machine;
use crate::mmzone::{ZoneId, ZoneKind};
use crate::op::{NameId, PageKind};
use crate::page::{Block, MigrateType};
use crate::units::{Order, Pfn};

/// The kernel functions that steps happen in: the breadcrumb on the screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Func {
    /// The scenario itself, outside the kernel.
    Scenario,
    /// `__alloc_pages()`
    AllocPages,
    /// `get_page_from_freelist()`
    GetPageFromFreelist,
    /// `rmqueue_buddy()`
    RmqueueBuddy,
    /// `__rmqueue_smallest()`
    RmqueueSmallest,
    /// `expand()`
    Expand,
    /// `__rmqueue_fallback()`
    RmqueueFallback,
    /// `steal_suitable_fallback()`
    StealSuitableFallback,
    /// `__free_pages()`
    FreePages,
    /// `__free_one_page()`
    FreeOnePage,
}

impl Func {
    /// The name in the kernel's source.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Func::Scenario => "scenario",
            Func::AllocPages => "__alloc_pages",
            Func::GetPageFromFreelist => "get_page_from_freelist",
            Func::RmqueueBuddy => "rmqueue_buddy",
            Func::RmqueueSmallest => "__rmqueue_smallest",
            Func::Expand => "expand",
            Func::RmqueueFallback => "__rmqueue_fallback",
            Func::StealSuitableFallback => "steal_suitable_fallback",
            Func::FreePages => "__free_pages",
            Func::FreeOnePage => "__free_one_page",
        }
    }

    /// The kernel's file that holds it.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Func::Scenario => "",
            _ => "mm/page_alloc.c",
        }
    }
}

/// The functions above a step, outermost first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Chain {
    funcs: [Func; Chain::DEEPEST],
    len: u8,
}

impl Chain {
    const DEEPEST: usize = 12;

    pub(crate) const TOP: Chain = Chain { funcs: [Func::Scenario; Chain::DEEPEST], len: 0 };

    /// The functions, outermost first; the last one is where the step happens.
    #[must_use]
    pub fn funcs(&self) -> &[Func] {
        &self.funcs[..usize::from(self.len)]
    }

    /// The function that the step happens in.
    #[must_use]
    pub fn innermost(&self) -> Func {
        self.funcs().last().copied().unwrap_or(Func::Scenario)
    }

    fn push(&mut self, func: Func) {
        self.funcs[usize::from(self.len)] = func;
        self.len += 1;
    }
}

/// Why `page_is_buddy()` says no, or that it says yes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BuddyVerdict {
    /// It is free, of the same order and in the same zone: they merge.
    Yes,
    /// There is no such frame in any zone, or it never reached the buddy system.
    NoMemory,
    /// Somebody has it, or it is inside a block that somebody has.
    InUse,
    /// It is part of a free block of another order, this one.
    OtherOrder(Order),
    /// It is free, but belongs to another zone.
    OtherZone,
    /// It is free, but of a pageblock type that does not mix with ours.
    OtherType {
        /// The type of the block being freed.
        ours: MigrateType,
        /// The type of its buddy.
        theirs: MigrateType,
    },
}

/// Why an op did nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SkipReason {
    /// The allocation of that name had failed.
    AllocationFailed,
    /// It was freed before.
    AlreadyFreed,
    /// Nothing was ever given that name up to here.
    NotYetAllocated,
    /// The name still holds a block: a second allocation would lose it.
    StillHeld,
}

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StepKind {
    /// The op cannot do anything, and why.
    Skipped {
        /// The name it speaks of.
        name: NameId,
        /// Why.
        reason: SkipReason,
    },
    /// A request enters the allocator.
    Request {
        /// What the block will be called; none for a block of a workload.
        name: NameId,
        /// Its order as asked for, which may be too large.
        order: u8,
        /// What for.
        kind: PageKind,
        /// Which lists it looks at.
        migratetype: MigrateType,
        /// The highest zone that may serve it.
        highest_zone: ZoneKind,
    },
    /// The order is larger than the buddy system has: refused at the door.
    TooLarge {
        /// The order asked for.
        order: u8,
    },
    /// A zone of the zonelist is tried.
    TryZone {
        /// Which.
        zone: ZoneId,
        /// Blocks of other types below a pageblock are left alone on this pass (`ALLOC_NOFRAGMENT`).
        no_fragment: bool,
    },
    /// A list was empty: the next order is looked at.
    ListEmpty {
        /// Whose list.
        zone: ZoneId,
        /// Its order.
        order: Order,
        /// Its type.
        migratetype: MigrateType,
    },
    /// The head of a list was taken off; it is in hand now.
    TakeHead {
        /// Whose list.
        zone: ZoneId,
        /// The block.
        block: Block,
        /// The list's type.
        migratetype: MigrateType,
        /// The order that is wanted.
        wanted: Order,
    },
    /// The block in hand was cut: its upper half went to the head of its list, the lower half stays in hand.
    Split {
        /// Whose list.
        zone: ZoneId,
        /// The half that stays in hand.
        kept: Block,
        /// The half that became the head of its list.
        put: Block,
        /// The list's type.
        migratetype: MigrateType,
        /// The order that is wanted.
        wanted: Order,
    },
    /// The block in hand was given to the caller.
    Handed {
        /// From which zone.
        zone: ZoneId,
        /// The block.
        block: Block,
        /// What it is called.
        name: NameId,
        /// What it is for.
        kind: PageKind,
    },
    /// No list of the request's own type has a block: another type's are looked at, largest first.
    FallbackBegins {
        /// In which zone.
        zone: ZoneId,
        /// The type that has nothing.
        migratetype: MigrateType,
        /// The order that is wanted.
        wanted: Order,
        /// The smallest order that may be taken on this pass.
        min_order: Order,
    },
    /// The order on which another type has a block.
    FallbackFound {
        /// In which zone.
        zone: ZoneId,
        /// The head of that list.
        block: Block,
        /// The type it belongs to.
        from: MigrateType,
        /// The type that wants it.
        to: MigrateType,
        /// The largest was looked for; false: a movable request takes the smallest that will do instead.
        largest: bool,
    },
    /// The block is as large as a pageblock or larger: those pageblocks change their type.
    ClaimPageblocks {
        /// In which zone.
        zone: ZoneId,
        /// The free block.
        block: Block,
        /// The old type of its first pageblock.
        from: MigrateType,
        /// The new type.
        to: MigrateType,
    },
    /// Every free block of one pageblock went to the tails of the request's lists.
    MoveFreePages {
        /// In which zone.
        zone: ZoneId,
        /// The pageblock.
        pageblock: Block,
        /// Free pages moved.
        free: u32,
        /// Pages in use that are as good as our own type.
        alike: u32,
        /// The old type of the pageblock.
        from: MigrateType,
        /// The type whose lists they are on now.
        to: MigrateType,
        /// Half of it is free or alike, so the pageblock itself changed its type.
        claimed: bool,
    },
    /// Only this one block went to the tail of the request's list.
    MoveBlock {
        /// In which zone.
        zone: ZoneId,
        /// The block.
        block: Block,
        /// The type it came from.
        from: MigrateType,
        /// The type whose list it is on now.
        to: MigrateType,
    },
    /// The zone has nothing for this request.
    ZoneFailed {
        /// Which.
        zone: ZoneId,
        /// The order that is wanted.
        order: Order,
        /// The type that is wanted.
        migratetype: MigrateType,
        /// Its free pages: how much there is that cannot be used.
        free: u32,
    },
    /// No zone has anything: the caller gets NULL.
    Failed {
        /// What the block would have been called.
        name: NameId,
        /// The order that was wanted.
        order: u8,
        /// Free pages of all zones that were allowed.
        free: u32,
    },
    /// A block comes back; it is in hand now.
    FreeRequest {
        /// To which zone.
        zone: ZoneId,
        /// The block.
        block: Block,
        /// What it was called; none for a page that somebody unknown had.
        name: Option<NameId>,
        /// The type of its pageblock: the lists it will go to.
        migratetype: MigrateType,
    },
    /// The buddy of the block in hand was looked at.
    BuddyCheck {
        /// In which zone.
        zone: ZoneId,
        /// The block in hand.
        block: Block,
        /// Its buddy.
        buddy: Pfn,
        /// Whether they merge, or why not.
        verdict: BuddyVerdict,
    },
    /// The buddy was taken off its list and joined to the block in hand.
    Merge {
        /// In which zone.
        zone: ZoneId,
        /// The block in hand now.
        merged: Block,
        /// The buddy that was taken.
        buddy: Block,
        /// The list it was taken from.
        from: MigrateType,
    },
    /// The block in hand went to a list.
    PutBlock {
        /// Whose list.
        zone: ZoneId,
        /// The block.
        block: Block,
        /// The list's type.
        migratetype: MigrateType,
        /// At the tail, because its next merge is likely (`buddy_merge_likely()`); false: at the head.
        tail: bool,
    },
}

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
            | StepKind::BuddyCheck { .. } => StepClass::Look,
            StepKind::TakeHead { .. } | StepKind::Split { .. } | StepKind::Handed { .. } => StepClass::Alloc,
            StepKind::FreeRequest { .. } | StepKind::Merge { .. } | StepKind::PutBlock { .. } => {
                StepClass::Free
            }
            StepKind::ClaimPageblocks { .. }
            | StepKind::MoveFreePages { .. }
            | StepKind::MoveBlock { .. } => StepClass::Steal,
            StepKind::Skipped { .. } | StepKind::TooLarge { .. } | StepKind::Failed { .. } => StepClass::Fail,
        }
    }

    /// The blocks that the step speaks of: what it rings on the picture, and what makes it a change of that block.
    #[must_use]
    pub fn blocks(&self) -> [Option<Block>; 2] {
        match *self {
            StepKind::Skipped { .. }
            | StepKind::Request { .. }
            | StepKind::TooLarge { .. }
            | StepKind::TryZone { .. }
            | StepKind::ListEmpty { .. }
            | StepKind::FallbackBegins { .. }
            | StepKind::ZoneFailed { .. }
            | StepKind::Failed { .. } => [None, None],
            StepKind::TakeHead { block, .. }
            | StepKind::Handed { block, .. }
            | StepKind::FallbackFound { block, .. }
            | StepKind::ClaimPageblocks { block, .. }
            | StepKind::MoveFreePages { pageblock: block, .. }
            | StepKind::MoveBlock { block, .. }
            | StepKind::FreeRequest { block, .. }
            | StepKind::PutBlock { block, .. } => [Some(block), None],
            StepKind::Split { kept, put, .. } => [Some(kept), Some(put)],
            StepKind::BuddyCheck { block, buddy, .. } => {
                [Some(block), Some(Block { pfn: buddy, order: block.order })]
            }
            StepKind::Merge { merged, buddy, .. } => [Some(merged), Some(buddy)],
        }
    }

    /// The zone that it is about, if it is about one.
    #[must_use]
    pub fn zone(&self) -> Option<ZoneId> {
        match *self {
            StepKind::Skipped { .. }
            | StepKind::Request { .. }
            | StepKind::TooLarge { .. }
            | StepKind::Failed { .. } => None,
            StepKind::TryZone { zone, .. }
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
        }
    }
}

/// One decision, and where in the kernel it was taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// What happened.
    pub kind: StepKind,
    /// The functions it happened in.
    pub chain: Chain,
}

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

/// What the algorithms emit their steps through; knows which kernel function is running.
pub struct Trace<'o> {
    observer: &'o mut dyn Observer,
    chain: Chain,
}

impl<'o> Trace<'o> {
    /// A trace that tells `observer`.
    pub fn new(observer: &'o mut dyn Observer) -> Trace<'o> {
        Trace { observer, chain: Chain::TOP }
    }

    /// A step was done.
    pub(crate) fn emit(&mut self, machine: &Machine, kind: StepKind) {
        self.observer.step(machine, &Step { kind, chain: self.chain });
    }

    /// Runs `body` as the kernel function `func`.
    pub(crate) fn within<R>(&mut self, func: Func, body: impl FnOnce(&mut Self) -> R) -> R {
        self.chain.push(func);
        let result = body(self);
        self.chain.len -= 1;
        result
    }
}

//! What a step says, kind by kind.

use super::{
    CmaStep, CompactStep, DmaStep, HierarchyStep, KmemStep, MigrateStep, MmuStep, OomStep, ProcessStep,
    ReclaimStep, SegmentStep,
};
use crate::gfp::GfpFlags;
use crate::mmzone::{Mark, ZoneId, ZoneKind};
use crate::op::{NameId, PageKind, Sysctl};
use crate::page::{Block, MigrateType};
use crate::page_alloc::AllocFlags;
use crate::slab::SlabStep;
use crate::slub::SlubStep;
use crate::units::{CpuId, Order, Pfn};
use crate::vmalloc::VmallocStep;

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

/// What a watermark test found (`__zone_watermark_ok()`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WatermarkVerdict {
    /// Enough pages, and a block that will do.
    Ok,
    /// The free pages do not exceed the mark and the reserve.
    TooFew,
    /// Enough pages, but no block is as large as the order.
    NoBlock,
}

/// What the slow path calls for, and this version does not model yet: it gets nothing from it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotModelled {
    /// `__alloc_pages_direct_compact()`
    DirectCompact,
    /// `__alloc_pages_direct_reclaim()`
    DirectReclaim,
    /// `out_of_memory()`: there is no process that could be killed, and the kernel would stop.
    OutOfMemory,
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
    /// The name stands for something that this op does not work on: an object where a cache is meant, say.
    OtherKind,
}

/// Why there is nothing to do for an op.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nothing {
    /// No CPU has a page on its lists.
    NoCpuPages,
    /// No zone has all of the pageblock of this frame.
    NoPageblock(Pfn),
    /// This pageblock is isolated already.
    IsIsolated(Block),
    /// This pageblock is not isolated.
    NotIsolated(Block),
    /// What was recorded moves no block, or CPUs and frames that this machine does not have or cannot give.
    NotFollowed,
    /// SLUB keeps no arrays of objects, so it has no reaper.
    NoReaper,
}

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StepKind {
    /// The op finds nothing to do.
    NothingToDo {
        /// Why.
        why: Nothing,
    },
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
        /// All of the request's flags.
        flags: GfpFlags,
        /// The CPU that asks.
        cpu: CpuId,
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
    /// The zone's free pages were measured against a mark.
    Watermark {
        /// Which zone.
        zone: ZoneId,
        /// The order that is wanted.
        order: Order,
        /// Which mark.
        mark: Mark,
        /// What the request may do; some flags lower the mark.
        flags: AllocFlags,
        /// Free pages that count: without those that the request could not use.
        free: u32,
        /// The mark after what the flags take off.
        min: u32,
        /// Pages kept from requests that a higher zone could serve.
        reserve: u32,
        /// What came out.
        verdict: WatermarkVerdict,
    },
    /// Nothing was found without mixing types (or only on another node): the zonelist is walked again, and now it
    /// may (`ALLOC_NOFRAGMENT` is dropped).
    AllowFragment {
        /// The preferred zone.
        zone: ZoneId,
    },
    /// The CPU's list is empty: it is refilled with so many blocks.
    PcpEmpty {
        /// Whose list.
        zone: ZoneId,
        /// Which CPU's.
        cpu: CpuId,
        /// Order of its blocks.
        order: Order,
        /// Type of its blocks.
        migratetype: MigrateType,
        /// Blocks that the refill asks for.
        blocks: u32,
    },
    /// A block of the refill was put at the tail of the CPU's list.
    PcpAppend {
        /// Whose list.
        zone: ZoneId,
        /// Which CPU's.
        cpu: CpuId,
        /// The block.
        block: Block,
        /// Type of the list.
        migratetype: MigrateType,
    },
    /// The refill is over; its pages are no longer counted as free.
    PcpRefilled {
        /// Whose list.
        zone: ZoneId,
        /// Which CPU's.
        cpu: CpuId,
        /// Order of its blocks.
        order: Order,
        /// Type of its blocks.
        migratetype: MigrateType,
        /// Blocks that were got.
        blocks: u32,
        /// Pages on all lists of this CPU now.
        count: u32,
    },
    /// The head of the CPU's list was taken off; it is in hand now.
    PcpTake {
        /// Whose list.
        zone: ZoneId,
        /// Which CPU's.
        cpu: CpuId,
        /// The block.
        block: Block,
        /// Type of the list.
        migratetype: MigrateType,
        /// Pages left on all lists of this CPU.
        count: u32,
    },
    /// A freed block became the head of the CPU's list.
    PcpPut {
        /// Whose list.
        zone: ZoneId,
        /// Which CPU's.
        cpu: CpuId,
        /// The block.
        block: Block,
        /// The type of its pageblock.
        migratetype: MigrateType,
        /// Pages on all lists of this CPU now.
        count: u32,
        /// From so many on it gives some back; 0: it gives back all of them.
        high: u32,
    },
    /// The CPU has too many pages: it gives so many back.
    PcpDrainBegins {
        /// Whose lists.
        zone: ZoneId,
        /// Which CPU's.
        cpu: CpuId,
        /// Pages that it has.
        count: u32,
        /// Pages that it gives back.
        pages: u32,
        /// How often the batch is doubled from now on.
        free_factor: u8,
    },
    /// The tail of a CPU's list, its coldest block, was taken off to go back to the buddy system; it is in hand now.
    PcpDrain {
        /// Whose list.
        zone: ZoneId,
        /// Which CPU's.
        cpu: CpuId,
        /// The block.
        block: Block,
        /// The free lists it goes to.
        migratetype: MigrateType,
    },
    /// Types were mixed in a pageblock, so the zone's marks are raised for a while (`boost_watermark()`).
    Boost {
        /// Which zone.
        zone: ZoneId,
        /// The boost now, in pages.
        boost: u32,
        /// The most that it can become.
        max: u32,
    },
    /// kswapd of a node is woken.
    WakeKswapd {
        /// Because of which zone.
        zone: ZoneId,
        /// The order that it is to make.
        order: Order,
    },
    /// The fast path found nothing: from here on the lowest mark counts, and rights to the reserve.
    SlowPath {
        /// What the request may do now.
        flags: AllocFlags,
    },
    /// The slow path would now do what this version does not model yet; it gets nothing from it.
    Missing {
        /// What.
        what: NotModelled,
    },
    /// A pageblock was set aside for high-order atomic requests.
    ReserveHighatomic {
        /// In which zone.
        zone: ZoneId,
        /// The pageblock.
        pageblock: Block,
        /// Pages set aside in the zone now.
        reserved: u32,
        /// The most that may be.
        max: u32,
    },
    /// A pageblock set aside for high-order atomic requests was given up.
    UnreserveHighatomic {
        /// In which zone.
        zone: ZoneId,
        /// The pageblock.
        pageblock: Block,
        /// The type it has now.
        to: MigrateType,
        /// Free pages that moved to that type's lists.
        free: u32,
    },
    /// A pageblock was taken out of use.
    Isolate {
        /// In which zone.
        zone: ZoneId,
        /// The pageblock.
        pageblock: Block,
        /// The type it had.
        from: MigrateType,
        /// Free pages that went to lists that nobody takes from.
        free: u32,
    },
    /// A pageblock cannot be taken out of use.
    IsolateRefused {
        /// In which zone.
        zone: ZoneId,
        /// The pageblock.
        pageblock: Block,
        /// A page in it that cannot be moved away.
        unmovable: Pfn,
    },
    /// A pageblock was given back.
    Unisolate {
        /// In which zone.
        zone: ZoneId,
        /// The pageblock.
        pageblock: Block,
        /// The type it has now.
        to: MigrateType,
        /// Free pages that can be taken again.
        free: u32,
    },
    /// The real kernel took another block than the rules predict; the machine follows it.
    Diverged {
        /// In which zone.
        zone: ZoneId,
        /// What the kernel took.
        block: Block,
        /// What the rules predict.
        predicted: Option<Pfn>,
    },
    /// A file of `/proc/sys/vm` was written, and all that follows from it was computed anew.
    Written {
        /// Which, and what.
        sysctl: Sysctl,
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
    /// The allocators of objects, as far as both do the same.
    Kmem(KmemStep),
    /// SLUB works on a cache.
    Slub {
        /// Which.
        cache: NameId,
        /// What it does.
        step: SlubStep,
    },
    /// Classic SLAB works on a cache.
    Slab {
        /// Which.
        cache: NameId,
        /// What it does.
        step: SlabStep,
    },
    /// vmalloc works on an area.
    Vmalloc {
        /// What the area is called.
        name: NameId,
        /// What it does.
        step: VmallocStep,
    },
    /// A process works, or the kernel for it.
    Process {
        /// Which, or the file.
        process: NameId,
        /// What it does.
        step: ProcessStep,
    },
    /// The memory management unit of a CPU works for a process.
    Mmu {
        /// Whose.
        cpu: CpuId,
        /// For whom.
        process: NameId,
        /// What it does.
        step: MmuStep,
    },
    /// A word is asked for: the caches.
    Hierarchy(HierarchyStep),
    /// The processor decides about an address, or about a segment register.
    Segment(SegmentStep),
    /// Memory is taken away, or pages move on the lists of those that can be.
    Reclaim {
        /// What it does.
        step: ReclaimStep,
    },
    /// Memory has run out, and somebody has to go.
    Oom(OomStep),
    /// A contiguous area, or a range of frames.
    Cma(CmaStep),
    /// Memory for a device.
    Dma(DmaStep),
    /// A page moves to another frame, or may not.
    Migrate(MigrateStep),
    /// Memory is compacted.
    Compact(CompactStep),
}

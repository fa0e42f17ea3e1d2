//! Predict, then reveal: any step as a question.
//!
//! The right answer is read from the steps that the engine takes next, never from a rule written down a second time.
//! The wrong ones come from [`rules`]: small engines that each follow one misconception, so that every wrong answer
//! has a name and a sentence that corrects it. What such an engine gets right is no wrong answer, and a question
//! without a wrong answer is not asked.
//!
//! A question is plain data without words, so it stays the same when the language is switched; the same scenario asks
//! the same at the same cursor.

mod ask;
mod cma;
mod compact;
mod dma;
mod en;
mod huge;
mod marks;
mod oom;
mod places;
mod reclaim;
mod rules;
mod segmentation;
#[cfg(test)]
mod tests;
mod zh;

use mm::compaction::Scanner;
use mm::hierarchy::{CacheId, Level};
use mm::mmzone::{Mark, ZoneId};
use mm::oom_kill::OomRules;
use mm::op::NameId;
use mm::page::{Block, MigrateType};
use mm::process::{Access, Scan};
use mm::segmentation::{SegReg, Selector, Vector};
use mm::slub::Object;
use mm::step::WatermarkVerdict;
use mm::{CpuId, Order, Pfn, Step, Vaddr};
use scenario::{Lang, Scenario};

pub use self::cma::{CmaEnd, CmaMistake};
pub use self::compact::CompactMistake;
pub use self::dma::{DmaEnd, DmaMistake, LendEnd};
pub use self::huge::{CollapseEnd, HugeMistake};
pub use self::marks::{Marks, mark};
pub use self::oom::OomMistake;
pub use self::places::{Place, places};
pub use self::reclaim::{PageFate, ReclaimMistake};
pub use self::segmentation::SegmentMistake;
use crate::Moment;
use crate::faults::Leaf;
use crate::hierarchy::Spot;
use crate::narrate::{Words, longest};

/// The question about the step that comes next; none when there is nothing to be wrong about. `coming` are the steps
/// of this unit that are still to come, the next one first.
#[must_use]
pub fn question(moment: &Moment, coming: &[Step]) -> Option<Question> {
    ask::question(moment, coming)
}

/// A question, and what is right and wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// What is asked.
    pub ask: Ask,
    /// What can be answered.
    pub answers: Answers,
    /// So many steps are played until the answer is seen.
    pub steps: u32,
    /// The blocks that it speaks of.
    about: Vec<Block>,
}

/// What can be answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answers {
    /// One of a few sentences.
    Choice(Vec<Choice>),
    /// One of a few blocks of the picture.
    Click(Vec<Choice>),
    /// A number.
    Number {
        /// What the engine does.
        right: u32,
        /// The largest that makes sense.
        most: u32,
        /// What misconceptions say.
        wrong: Vec<(u32, Mistake)>,
        /// What to say of any other number.
        otherwise: Mistake,
    },
}

/// One answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Choice {
    /// What it says.
    pub claim: Claim,
    /// Why somebody would say so; none: it is right.
    pub mistake: Option<Mistake>,
}

/// What somebody has answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Given {
    /// The choice at this place.
    Choice(usize),
    /// This number.
    Number(u32),
}

/// What a question asks, with all that its sentence needs.
#[allow(missing_docs, reason = "the sentences say it")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ask {
    List { who: Option<NameId>, zone: ZoneId, wanted: Order, migratetype: MigrateType },
    Head { zone: ZoneId, order: Order, migratetype: MigrateType, blocks: u32 },
    Half { block: Block },
    UpperHalf { block: Block },
    Buddy { block: Block, buddy: Block },
    BuddyPlace { block: Block },
    MergeStart { halves: [Block; 2] },
    MergeTo { who: Option<NameId>, block: Block },
    Put { block: Block, zone: ZoneId, migratetype: MigrateType },
    Cuts { who: Option<NameId>, block: Option<Block>, wanted: Order },
    Given { who: Option<NameId> },
    Served { who: Option<NameId>, order: u8, many: bool },
    Watermark(Measured),
    Refill { cpu: CpuId, order: Order, batch: u32 },
    PcpHead { list: CpuList, blocks: u32 },
    PcpTail { list: CpuList, blocks: u32 },
    PcpPut { cpu: CpuId, block: Block },
    PcpAppend { cpu: CpuId, block: Block },
    Drain { zone: ZoneId, cpu: CpuId, count: u32, high: u32, batch: u32 },
    Steal { migratetype: MigrateType, wanted: Order },
    Pageblock { pageblock: Block, to: MigrateType, sum: Option<(u32, u32)> },
    Fails { requests: u32 },
    Source { who: Option<NameId>, cpu: CpuId, order: Order },
    Marks { zone: ZoneId },
    SizeClass { who: Option<NameId>, bytes: u32 },
    NextObject { cache: NameId, free: u32 },
    FreedObject { cpu: CpuId, object: Object },
    EmptySlab { slab: Pfn },
    Vmalloc { who: Option<NameId>, pages: u64, largest: Option<Order> },
    Addresses { who: Option<NameId>, pages: u64 },
    Sets { cpu: CpuId, reads: u32 },
    Line { cpu: CpuId, name: NameId },
    FaultEnds { process: NameId, access: Access, address: Vaddr },
    RssAfter { process: NameId, before: u32 },
    ChunkFrom { process: NameId, bytes: u64 },
    RssAfterFree { name: NameId, process: NameId, before: u32 },
    References { process: NameId, address: Vaddr, levels: u32 },
    Evicted { level: u8, set: u16, ways: u32 },
    CpusForget { process: NameId, cpus: u32 },
    FoundIn { cpu: CpuId, line: u64, spot: Option<Spot> },
    Leaves { cpu: CpuId, cache: CacheId, set: u32 },
    CacheMisses { process: NameId, references: u32, scan: Scan },
    SegmentEnds { access: Access, reg: Option<SegReg>, offset: u64, size: u8 },
    SegmentLoads { reg: SegReg, selector: Selector },
    SegmentEntry { selector: Selector },
    WhoDies { victim: NameId, rules: OomRules },
    PageFate { pfn: Pfn, is_file: bool },
    KswapdGoesOn { zone: ZoneId, free: u32, marks: [u32; 3] },
    ShrinkGives { cache: NameId, scan: u32, slabs: u32 },
    CmaEnds { name: NameId, count: u32, free: u32 },
    DmaEnds { name: NameId, device: NameId, pages: u32, atomic: bool },
    Lends { what: NameId, device: NameId, last: u64, mask: u8 },
    Sees { who: Option<NameId>, what: NameId, newest: u32 },
    ScannersMeet { zone: ZoneId, migrate: Pfn, free: Pfn },
    BlockTaken { scanner: Scanner, pageblock: Block, used: u32, free: u32 },
    Collapses { process: NameId, there: u32, none: u32 },
    CollapseRss { process: NameId, before: u32, there: u32 },
    PoolGets { wanted: u32, has: u32, free: u32 },
    HugeGoes { pfn: Pfn },
    HugeFrees { pfn: Pfn, used: u32, split: bool },
}

/// One list of one CPU.
#[allow(missing_docs, reason = "as in the kernel")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CpuList {
    pub zone: ZoneId,
    pub cpu: CpuId,
    pub order: Order,
    pub migratetype: MigrateType,
}

/// A zone's figures before it is measured.
#[allow(missing_docs, reason = "as in the kernel")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Measured {
    pub zone: ZoneId,
    pub order: Order,
    pub mark: Mark,
    /// The mark as it stands.
    pub pages: u32,
    /// What it is after the request's rights.
    pub min: u32,
    pub reserve: u32,
    pub free: u32,
}

/// The kinds of questions.
#[allow(missing_docs, reason = "see `Ask`")]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    List,
    Head,
    Half,
    UpperHalf,
    Buddy,
    BuddyPlace,
    MergeStart,
    MergeTo,
    Put,
    Cuts,
    Given,
    Served,
    Watermark,
    Refill,
    PcpHead,
    PcpTail,
    PcpPut,
    PcpAppend,
    Drain,
    Steal,
    Pageblock,
    Fails,
    Source,
    Marks,
    SizeClass,
    NextObject,
    FreedObject,
    EmptySlab,
    Vmalloc,
    Addresses,
    Sets,
    Line,
    FaultEnds,
    RssAfter,
    ChunkFrom,
    RssAfterFree,
    References,
    Evicted,
    CpusForget,
    FoundIn,
    Leaves,
    CacheMisses,
    SegmentEnds,
    SegmentLoads,
    SegmentEntry,
    WhoDies,
    PageFate,
    KswapdGoesOn,
    ShrinkGives,
    CmaEnds,
    DmaEnds,
    Lends,
    Sees,
    ScannersMeet,
    BlockTaken,
    Collapses,
    CollapseRss,
    PoolGets,
    HugeGoes,
    HugeFrees,
}

impl Ask {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Ask::List { .. } => Kind::List,
            Ask::Head { .. } => Kind::Head,
            Ask::Half { .. } => Kind::Half,
            Ask::UpperHalf { .. } => Kind::UpperHalf,
            Ask::Buddy { .. } => Kind::Buddy,
            Ask::BuddyPlace { .. } => Kind::BuddyPlace,
            Ask::MergeStart { .. } => Kind::MergeStart,
            Ask::MergeTo { .. } => Kind::MergeTo,
            Ask::Put { .. } => Kind::Put,
            Ask::Cuts { .. } => Kind::Cuts,
            Ask::Given { .. } => Kind::Given,
            Ask::Served { .. } => Kind::Served,
            Ask::Watermark(_) => Kind::Watermark,
            Ask::Refill { .. } => Kind::Refill,
            Ask::PcpHead { .. } => Kind::PcpHead,
            Ask::PcpTail { .. } => Kind::PcpTail,
            Ask::PcpPut { .. } => Kind::PcpPut,
            Ask::PcpAppend { .. } => Kind::PcpAppend,
            Ask::Drain { .. } => Kind::Drain,
            Ask::Steal { .. } => Kind::Steal,
            Ask::Pageblock { .. } => Kind::Pageblock,
            Ask::Fails { .. } => Kind::Fails,
            Ask::Source { .. } => Kind::Source,
            Ask::Marks { .. } => Kind::Marks,
            Ask::SizeClass { .. } => Kind::SizeClass,
            Ask::NextObject { .. } => Kind::NextObject,
            Ask::FreedObject { .. } => Kind::FreedObject,
            Ask::EmptySlab { .. } => Kind::EmptySlab,
            Ask::Vmalloc { .. } => Kind::Vmalloc,
            Ask::Addresses { .. } => Kind::Addresses,
            Ask::Sets { .. } => Kind::Sets,
            Ask::Line { .. } => Kind::Line,
            Ask::FaultEnds { .. } => Kind::FaultEnds,
            Ask::RssAfter { .. } => Kind::RssAfter,
            Ask::ChunkFrom { .. } => Kind::ChunkFrom,
            Ask::RssAfterFree { .. } => Kind::RssAfterFree,
            Ask::References { .. } => Kind::References,
            Ask::Evicted { .. } => Kind::Evicted,
            Ask::CpusForget { .. } => Kind::CpusForget,
            Ask::FoundIn { .. } => Kind::FoundIn,
            Ask::Leaves { .. } => Kind::Leaves,
            Ask::CacheMisses { .. } => Kind::CacheMisses,
            Ask::SegmentEnds { .. } => Kind::SegmentEnds,
            Ask::SegmentLoads { .. } => Kind::SegmentLoads,
            Ask::SegmentEntry { .. } => Kind::SegmentEntry,
            Ask::WhoDies { .. } => Kind::WhoDies,
            Ask::PageFate { .. } => Kind::PageFate,
            Ask::KswapdGoesOn { .. } => Kind::KswapdGoesOn,
            Ask::ShrinkGives { .. } => Kind::ShrinkGives,
            Ask::CmaEnds { .. } => Kind::CmaEnds,
            Ask::DmaEnds { .. } => Kind::DmaEnds,
            Ask::Lends { .. } => Kind::Lends,
            Ask::Sees { .. } => Kind::Sees,
            Ask::ScannersMeet { .. } => Kind::ScannersMeet,
            Ask::BlockTaken { .. } => Kind::BlockTaken,
            Ask::Collapses { .. } => Kind::Collapses,
            Ask::CollapseRss { .. } => Kind::CollapseRss,
            Ask::PoolGets { .. } => Kind::PoolGets,
            Ask::HugeGoes { .. } => Kind::HugeGoes,
            Ask::HugeFrees { .. } => Kind::HugeFrees,
        }
    }
}

/// What an answer says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Claim {
    /// The list of this order; none: no list has a block.
    List(Option<Order>),
    /// This block.
    Block(Block, Note),
    /// The block has this order in the end.
    Order(Order),
    /// It begins at this frame.
    Start(Pfn),
    /// The upper half goes there.
    Goes(Goes),
    /// Whether the buddies merge.
    Buddy(Verdict),
    /// Which end of a free list.
    End(End),
    /// Where a freed block goes on its CPU.
    Freed(Freed),
    /// Which zone serves; none: the request fails.
    Zone(Option<ZoneId>),
    /// It is served, whatever zone it is.
    Served(bool),
    /// Whether the mark lets it pass.
    Passes(WatermarkVerdict),
    /// What becomes of a pageblock.
    Fate(Fate, MigrateType),
    /// The request of this name, and its order; none: none of them.
    Name(Option<(NameId, u8)>),
    /// Where a request's block comes from.
    Source(Source),
    /// Whether the marks rise.
    Rises(bool),
    /// This cache.
    Cache(NameId),
    /// One that has objects of just so many bytes, which is not there.
    CacheOf(u32),
    /// This object.
    Object(Object),
    /// Where a freed object goes.
    ObjectTo(ObjectTo),
    /// Whether the slab goes back to the buddy system.
    SlabGoes(bool),
    /// The area begins here.
    Address(Vaddr),
    /// Whether the line is in the level-1 cache.
    LineThere(bool),
    /// The fault ends so.
    Fault(Leaf),
    /// malloc finds the chunk there.
    Chunk(ChunkFrom),
    /// The page at this address.
    Page(Vaddr),
    /// The word is found there.
    Found(Level),
    /// This line, by its first address; what it holds.
    CacheLine(u64, Option<Spot>),
    /// An address comes of it.
    Linear(u64),
    /// The processor does not get on.
    Exception(Vector),
    /// A segment register is loaded, with this base.
    Loads(u32),
    /// An entry of a table of descriptors.
    TableEntry {
        /// Of the LDT.
        local: bool,
        /// Which.
        index: u16,
    },
    /// This process is killed.
    Dies(NameId),
    /// What becomes of a page that reclaim looks at.
    PageFate(PageFate),
    /// Whether kswapd goes on.
    Kswapd(bool),
    /// How a request to a contiguous area ends.
    Cma(CmaEnd),
    /// Where a device's buffer comes from.
    Dma(DmaEnd),
    /// Where a device finds what is lent to it.
    Lends(LendEnd),
    /// This version is read.
    Version(u32),
    /// The scanners meet in this pageblock; none: they do not.
    Meet(Option<Pfn>),
    /// Whether a scanner takes anything from a pageblock.
    Takes(bool),
    /// What becomes of 2 MiB that khugepaged looks at.
    Collapse(CollapseEnd),
    /// Whether a huge page goes to swap as a whole.
    HugeWhole(bool),
}

/// Where malloc gets a chunk from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChunkFrom {
    /// From a list of free chunks.
    Kept,
    /// From the end of the heap, as it is.
    Top,
    /// From the kernel, by `brk()`.
    Brk,
    /// From the kernel, by `mmap()`.
    Mmap,
}

/// What is said of a block besides its frames.
#[allow(missing_docs, reason = "the sentences say it")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Note {
    None,
    Lower,
    Upper,
    Whole,
    Of(MigrateType),
}

/// Where the upper half goes.
#[allow(missing_docs, reason = "the sentences say it")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Goes {
    Head(Order),
    Tail(Order),
    Back(Order),
    Caller,
}

/// Whether buddies merge, or why not.
#[allow(missing_docs, reason = "the sentences say it")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    Merge,
    InUse,
    OtherOrder,
    OtherZone,
    OtherType,
    NoMemory,
}

/// An end of a list.
#[allow(missing_docs, reason = "the sentences say it")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    Head,
    Tail,
    Sorted,
}

/// Where a freed block goes.
#[allow(missing_docs, reason = "the sentences say it")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Freed {
    CpuHead,
    CpuTail,
    FreeLists,
}

/// What becomes of a pageblock.
#[allow(missing_docs, reason = "the sentences say it")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    Whole,
    FreePages,
    Block,
}

/// Where a freed object goes, and its slab with it.
#[allow(missing_docs, reason = "the sentences say it")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ObjectTo {
    Cpu,
    Array,
    Slab,
    CpuPartial,
    Buddy,
}

/// Where a request's block comes from.
#[allow(missing_docs, reason = "the sentences say it")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    OwnList,
    Refill,
    FreeLists,
}

/// A misconception, with what its correction needs.
#[allow(missing_docs, reason = "the sentences say it")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mistake {
    // Which list.
    ExactKept {
        order: Order,
    },
    LargestFirst,
    AnyType {
        from: MigrateType,
    },
    GivesUp,
    NothingLeft {
        migratetype: MigrateType,
    },
    RoundsDown {
        order: Order,
    },
    // Which block of a list.
    LowestAddress,
    TailFirst,
    // Cutting.
    KeepsUpper,
    PutsTail,
    StaysOnList,
    GoesAlong,
    GetsWhole,
    NoCut {
        order: Order,
    },
    OneCut,
    CountsOrders,
    CountsPages,
    HalfByHalf {
        from: Order,
        to: Order,
    },
    // Merging.
    AnyNeighbour {
        buddy: Pfn,
    },
    NextDoor {
        buddy: Pfn,
    },
    /// No misconception, a misreading: what is seen.
    Look {
        verdict: Verdict,
        name: Option<NameId>,
    },
    WrongSide {
        buddy: Pfn,
    },
    StillHeld {
        name: Option<NameId>,
    },
    KeptByCpu,
    IgnoresOrder {
        order: Order,
    },
    IgnoresZone,
    IgnoresType {
        theirs: MigrateType,
    },
    IgnoresHole,
    KeepsAddress,
    NoMerge,
    OneMerge,
    AllTheWay {
        order: Order,
    },
    // Which end.
    AlwaysHead,
    AlwaysTail,
    SortedByAddress,
    // Zones and marks.
    HighestServes,
    LowestFirst,
    MostFree,
    AboveLimit,
    OtherNode,
    StopsAtOne,
    /// It lies outside of the cpuset.
    CpusetForbids,
    /// What is for the kernel itself may leave the cpuset.
    CpusetHolds,
    TooLarge,
    PagesAreEnough {
        free: u32,
    },
    TooLittle {
        free: u32,
    },
    IgnoresReserve {
        need: u32,
    },
    IgnoresRights {
        min: u32,
    },
    AtLeast {
        need: u32,
    },
    NotEnough {
        need: u32,
    },
    Enough {
        need: u32,
    },
    HasBlock,
    NoLargeBlock {
        order: Order,
    },
    // Per-CPU lists.
    OneAtATime,
    BatchOfBlocks {
        order: Order,
    },
    FillsUp,
    RunsOut,
    BatchRule {
        batch: u32,
        order: Order,
    },
    Fifo,
    Lifo,
    PutsAtCpuTail,
    PastCpu,
    AppendsAtHead,
    OnlyTheFreed,
    AlwaysBatch,
    Everything,
    DownToLimit,
    AllOfIt,
    DrainRule {
        pages: u32,
    },
    CpuListEmpty,
    CpuListHas {
        blocks: u32,
    },
    TooLargeForCpu {
        order: Order,
    },
    // Other types.
    SmallestFirst,
    LargestAlways,
    TypeOrder,
    AlwaysClaims {
        sum: u32,
        half: u32,
    },
    NeverClaims {
        sum: u32,
        half: u32,
    },
    WholeIsFree,
    OnlyOne,
    MovableLeaves,
    FixedMarks,
    // Which fails.
    LargestFails,
    ServedFirst,
    FailsEarlier,
    NoneFails,
    // Kernel objects.
    ExactCache,
    PowersOfTwo,
    CacheTooSmall {
        size: u32,
    },
    HeaderRoom,
    LowestObject,
    OldestObject,
    OtherSlab,
    PastArray,
    ArrayFirst,
    NotCpusSlab,
    // Faults.
    FaultIsError,
    ReadAllocates,
    ZeroPageWritten,
    OthersSeeIt,
    ForgetsContents,
    ReadOnlyEntry,
    NobodyElse,
    InMemoryAlready,
    NotInMemory,
    FilesOwnPage,
    /// A fault brings 4 KiB, whatever the area.
    HugeIsSmall,
    /// Memory is there, so a fault gets it, pool or not.
    PoolIsMemory,
    /// Huge pages of the pool count in RSS.
    PoolInRss,
    PrivateWrite,
    NotPromised,
    OnePageEach,
    RssIsPromise,
    ForgetsAlone,
    EveryCpuForgets,
    CountCpus,
    CountPages,
    // malloc.
    SyscallEachTime,
    KeptFirst,
    TopIsTooShort,
    AreaFromThreshold,
    HeapHasIt,
    FreeGivesBack,
    FreeKeepsAll,
    WalksAll,
    TlbKnowsAll,
    OneTable,
    CountTables,
    EvictsNewest,
    EvictsLowest,
    IsCpusSlab,
    WasFull,
    WasNotFull,
    Frozen,
    OthersInUse {
        objects: u32,
    },
    KeepsSlabs {
        partial: u32,
        min: u32,
    },
    EnoughSlabs {
        partial: u32,
        min: u32,
    },
    // vmalloc.
    NeedsOnePiece,
    FramesRunOut,
    StillWaits,
    BehindTheLast,
    NoGuardPage,
    // Level-1 cache.
    SetForEach,
    OneSet,
    SetRule,
    PushedOut {
        ways: u32,
    },
    StillThere,
    // Memory hierarchy.
    ElementLines,
    LinesStay {
        ways: u32,
    },
    FirstInFirstOut,
    SetOfByte,
    DirectMapped {
        ways: u32,
    },
    MissesRule,
    PageIsCached,
    NotInSet,
    PrivateToOther,
    LostEverywhere,
    NeverHere,
    NewestLeaves,
    LowestLine,
    WrittenStays,
    /// About segments.
    Segment(SegmentMistake),
    /// About whom the OOM killer kills.
    Oom(OomMistake),
    /// About reclaim.
    Reclaim(ReclaimMistake),
    Cma(CmaMistake),
    Dma(DmaMistake),
    Compact(CompactMistake),
    /// About huge pages.
    Huge(HugeMistake),
}

impl Question {
    /// The answers to choose from; empty for a number.
    #[must_use]
    pub fn choices(&self) -> &[Choice] {
        match &self.answers {
            Answers::Choice(choices) | Answers::Click(choices) => choices,
            Answers::Number { .. } => &[],
        }
    }

    /// The right answer.
    #[must_use]
    pub fn right(&self) -> Given {
        match &self.answers {
            Answers::Choice(choices) | Answers::Click(choices) => {
                Given::Choice(choices.iter().position(|choice| choice.mistake.is_none()).unwrap_or(0))
            }
            Answers::Number { right, .. } => Given::Number(*right),
        }
    }

    /// What is wrong about an answer; none: it is right.
    #[must_use]
    pub fn mistake(&self, given: Given) -> Option<Mistake> {
        match (&self.answers, given) {
            (Answers::Number { right, wrong, otherwise, .. }, Given::Number(number)) => {
                let known = wrong.iter().find(|(answer, _)| *answer == number);
                (number != *right).then(|| known.map_or(*otherwise, |(_, mistake)| *mistake))
            }
            (_, Given::Choice(at)) => self.choices().get(at)?.mistake,
            (_, Given::Number(_)) => None,
        }
    }

    /// The question in words.
    #[must_use]
    pub fn sentence(&self, scenario: &Scenario, lang: Lang) -> String {
        fit(scenario, longest(lang), |w| match lang {
            Lang::En => en::ask(w, &self.ask),
            Lang::Zh => zh::ask(w, &self.ask),
        })
    }

    /// An answer in words.
    #[must_use]
    pub fn answer(&self, given: Given, scenario: &Scenario, lang: Lang) -> String {
        match given {
            Given::Number(number) => crate::narrate::num(number),
            Given::Choice(at) => self.choices().get(at).map_or(String::new(), |choice| {
                fit(scenario, longest(lang) / 3, |w| match lang {
                    Lang::En => en::claim(w, &choice.claim),
                    Lang::Zh => zh::claim(w, &choice.claim),
                })
            }),
        }
    }
}

/// The sentence that names a misconception and corrects it.
#[must_use]
pub fn correction(mistake: &Mistake, scenario: &Scenario, lang: Lang) -> String {
    fit(scenario, longest(lang), |w| match lang {
        Lang::En => en::mistake(w, mistake),
        Lang::Zh => zh::mistake(w, mistake),
    })
}

/// The fullest words that fit.
fn fit(scenario: &Scenario, most: usize, told: impl Fn(&Words) -> String) -> String {
    let mut words = Words::of_scenario(scenario);
    loop {
        let text = told(&words);
        match words.terser() {
            Some(terser) if text.chars().count() > most => words = terser,
            _ => return text,
        }
    }
}

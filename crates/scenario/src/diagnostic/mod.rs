//! What is wrong with a text, where, and what would be right. Each kind has its sentence in both languages; nothing
//! outside this module writes one.

mod en;
mod zh;

use std::fmt;

use mm::BootError;
use mm::config::Arch;
use mm::mmzone::ZoneKind;
use mm::page::MigrateType;
use mm::segmentation::{Cpu as SegmentCpu, Lack, SegReg};
use mm::units::Order;
use mm::x86::pgtable::Paging;

use crate::lang::Lang;
use crate::span::Span;

/// Whether the text can be used as it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// The line is wrong; the others still run.
    Error,
    /// The line does what it says, but probably not what was meant.
    Warning,
}

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: Kind,
}

/// What was expected in a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// A name for a block.
    Name,
    /// A number.
    Number,
    /// An amount of memory.
    Amount,
    /// A text in quotes.
    Text,
    /// An order.
    Order,
    /// A number of pages.
    Pages,
    /// A frame number.
    Pfn,
    /// A zone.
    Zone,
    /// A migratetype.
    MigrateType,
    /// What a page is for.
    PageKind,
    /// `on` or `off`.
    OnOff,
    /// `on`, `off` or `auto`.
    OnOffAuto,
    /// A kernel's version.
    Rules,
    /// `order=` or `pages=`.
    Size,
    /// A kind with a weight.
    Weight,
    /// A percentage.
    Percent,
    /// The number of actions.
    Actions,
    /// A loop's variable.
    Variable,
    /// An index.
    Index,
    /// A range.
    Range,
    /// `alloc`, `kmalloc` and the like.
    Request,
    /// A number of bytes.
    Bytes,
    /// The size of a cache's objects.
    ObjectSize,
    /// `slub` or `slab`.
    Slab,
    /// A processor, for what it translates addresses with.
    Processor,
    /// A row of `/proc/buddyinfo`.
    BuddyRow,
    /// A count of free blocks.
    Count,
    /// Digits of pageblock types.
    PageblockDigits,
    /// An architecture.
    Arch,
    /// The number of a node.
    Node,
    /// `ram` or `cpus` of a node.
    NodeParts,
    /// The number of a CPU.
    Cpu,
    /// How many CPUs.
    Cpus,
    /// The CPUs of a node.
    CpuRange,
    /// A distance between nodes.
    Distance,
    /// A number of KiB.
    Kibibytes,
    /// Ten-thousandths.
    Factor,
    /// A divisor of a zone's pages.
    Ratio,
    /// A divisor that is 0 or at least 8.
    Fraction,
    /// A file of `/proc/sys/vm`.
    Sysctl,
    /// `always`, `madvise` or `never`.
    Thp,
    /// How addresses are translated.
    Paging,
    /// A number of huge pages.
    HugePages,
    /// What a program says of its reads.
    FileAdvice,
    /// What `drop_caches` drops.
    DropCaches,
    /// A time with its unit.
    Duration,
    /// Milliseconds.
    Milliseconds,
    /// Pages of an area of swap.
    SwapPages,
    /// The priority of an area of swap.
    SwapPriority,
    /// The name of a control group.
    Group,
    /// What a control group may have.
    GroupLimit,
    /// The name of a cpuset.
    Cpuset,
    /// By whose rules the OOM killer chooses.
    OomKiller,
    /// Where memory is to come from.
    Policy,
    /// A key of the magic SysRq.
    SysrqKey,
    /// What a kernel did.
    KernelDid,
    /// How it moved blocks.
    KernelMoved,
    /// Flags of a request.
    Gfp,
    /// The name of a process.
    Process,
    /// What may be done with an area.
    Prot,
    /// What `madvise` is told.
    Advice,
    /// What a byte becomes.
    Byte,
    /// What the caches of a processor are.
    Caches,
    /// How many lines a set has.
    Ways,
    /// How long the levels take.
    Cycles,
    /// What is below memory.
    Disk,
    /// In which order words are asked for.
    Pattern,
    /// How many rows and columns.
    Matrix,
    /// How many words are drawn.
    RandomCount,
    /// How far the end of a heap moves.
    SignedBytes,
    /// A range of bytes, its end not included.
    ByteRange,
    /// A virtual address.
    Address,
    /// `8086`, `80386` and the like.
    SegmentCpu,
    /// `real`, `protected` or `long`.
    Mode,
    /// `ds` and the like.
    SegmentRegister,
    /// What a segment register takes.
    Selector,
    /// `data`, `code` or `ldt`, or eight bytes.
    Descriptor,
    /// The limit of a segment.
    Limit,
    /// Where in a segment.
    Offset,
    /// How many bytes are moved at once.
    AccessSize,
    /// 16, 32 or 64.
    Bits,
    /// `to`, `from` or `both`.
    Direction,
    /// `min=34` and the like: the number behind this word.
    Figure(&'static str),
    /// This very word or sign.
    Literal(&'static str),
}

/// What this version does not know yet. Said, never skipped in silence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotYet {
    /// The rules of this kernel.
    Rules(String),
}

/// What is wrong in the source of a device tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DtsWrong {
    /// Something else should stand here.
    Expected {
        /// What.
        wanted: &'static str,
        /// What stands here.
        found: String,
    },
    /// A node or a property that does not end.
    Unfinished,
    /// A node that says neither `reg` nor `size`.
    NoSize,
    /// A property with too few cells.
    Cells {
        /// Which.
        name: String,
        /// How many there have to be.
        wanted: u32,
    },
    /// No node below `/reserved-memory` has this label.
    UnknownLabel {
        /// The label.
        name: String,
        /// What was probably meant.
        suggestion: Option<String>,
    },
    /// A file that is to be included is not here.
    Include,
    /// Nodes are nested too deep.
    TooDeep,
}

/// Everything that can be wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The line begins with no word of the language.
    UnknownStatement {
        /// The word.
        found: String,
        /// What was probably meant.
        suggestion: Option<String>,
    },
    /// Something else has to stand here.
    Expected {
        /// What.
        what: What,
        /// What stands here; none: the line ends.
        found: Option<String>,
        /// What was probably meant.
        suggestion: Option<String>,
    },
    /// The statement is complete, and more follows.
    Trailing {
        /// What follows.
        found: String,
    },
    /// An option that the statement does not have.
    UnknownOption {
        /// Its name.
        found: String,
        /// What was probably meant.
        suggestion: Option<String>,
    },
    /// The same thing twice on one line.
    RepeatedOption {
        /// Its name.
        name: String,
    },
    /// A `"` without its partner.
    UnclosedText,
    /// A `\` in a text with something else than `"` or `\` behind it.
    BadEscape {
        /// What follows the `\`.
        found: Option<char>,
    },
    /// A full-width sign, as Chinese input methods type them.
    FullWidth {
        /// What stands there.
        found: char,
        /// What has to stand there.
        ascii: &'static str,
    },
    /// A character that means nothing here.
    BadCharacter {
        /// Which.
        found: char,
    },
    /// A number outside its range.
    OutOfRange {
        /// Of what.
        what: What,
        /// The number as written.
        found: String,
        /// The smallest that is possible.
        min: u64,
        /// The largest that is possible.
        max: u64,
    },
    /// An amount that is no whole number of frames.
    NotWholeFrames {
        /// As written.
        found: String,
    },
    /// So many entries make no sets of so many, of which there is a power of two.
    NoSets {
        /// All of them.
        entries: u16,
        /// Of a set.
        ways: u16,
    },
    /// A word of the language as a name.
    ReservedName {
        /// The word.
        name: String,
    },
    /// A range whose end lies before its start.
    EmptyRange {
        /// The start.
        from: u64,
        /// The end.
        to: u64,
    },
    /// A range of bytes with no byte in it.
    NoBytes {
        /// The start.
        from: u64,
        /// The end.
        to: u64,
    },
    /// `offset=` for memory that shows no file.
    OffsetWithoutFile,
    /// Huge pages of the pool that would be shared, or a file's: not modelled.
    HugeOfOthers,
    /// What has this name is no control group.
    NotAGroup {
        /// The name.
        name: String,
    },
    /// What has this name is no cpuset.
    NotACpuset {
        /// The name.
        name: String,
    },
    /// `by=` where the line names the process already.
    ByWithoutArea,
    /// A cache of so many bytes and ways has no number of sets that bits of an address could name.
    CacheSets {
        /// Its size.
        bytes: u64,
        /// Its ways.
        ways: u64,
    },
    /// A matrix has more bytes than the area that it is to lie in.
    MatrixTooLarge {
        /// Its size.
        bytes: u64,
        /// That of the area, or of the part that is meant.
        has: u64,
    },
    /// Scans ask for too many words.
    TooManyReferences {
        /// So many up to here.
        references: u64,
        /// The most.
        max: u64,
    },
    /// Code is executed through CS alone.
    ExecutedElsewhere {
        /// The register that stands there.
        reg: SegReg,
    },
    /// The processor has no such thing.
    CpuLacks {
        /// The processor.
        cpu: SegmentCpu,
        /// What it does not have.
        what: Lack,
    },
    /// `for` without `end`.
    MissingEnd,
    /// `end` without `for`.
    EndWithoutFor,
    /// Loops inside loops inside loops …
    TooDeep {
        /// How many levels are possible.
        max: u32,
    },
    /// A loop with nothing to do in it.
    EmptyLoop,
    /// No loop around this line has that variable.
    UnknownVariable {
        /// Its name.
        name: String,
        /// What was probably meant.
        suggestion: Option<String>,
    },
    /// Two loops, one inside the other, with the same variable.
    ShadowedVariable {
        /// Its name.
        name: String,
    },
    /// An index below 0 or far too large.
    BadIndex {
        /// Its value.
        value: i64,
    },
    /// The text is too long.
    TextTooLong {
        /// How long it is, in bytes.
        bytes: u64,
        /// The bound.
        max: u64,
    },
    /// Too many ops, with all loops unrolled.
    TooManyOps {
        /// How many up to this line.
        ops: u64,
        /// The bound.
        max: u64,
    },
    /// Too many actions of random workloads.
    TooManyActions {
        /// How many up to this line.
        actions: u64,
        /// The bound.
        max: u64,
    },
    /// Too many pages that processes touch, or that are copied or changed with them.
    TooManyPages {
        /// How many up to this line.
        pages: u64,
        /// The actions of random workloads and the like, which take their share of the bound.
        actions: u64,
        /// The bound.
        max: u64,
    },
    /// A setting that may stand only once.
    RepeatedSetting {
        /// Its word.
        name: &'static str,
        /// The line of the first one.
        first: u32,
    },
    /// A setting behind the first op.
    LateSetting,
    /// Nothing says how much memory there is.
    MissingRam,
    /// Too small or too large a machine.
    Frames {
        /// How many frames.
        frames: u64,
        /// The fewest.
        min: u64,
        /// The most.
        max: u64,
    },
    /// A zone below or beside another that has to lie above it.
    ZoneOrder {
        /// The zone.
        zone: ZoneKind,
        /// The one that stands before it.
        after: ZoneKind,
    },
    /// A zone without a size that is not the last, or with nothing to take the rest of.
    ZoneWithoutSize {
        /// The zone.
        zone: ZoneKind,
        /// Whether the machine has no `ram` line.
        no_ram: bool,
    },
    /// A zone with no frame.
    EmptyZone {
        /// The zone.
        zone: ZoneKind,
    },
    /// The zones do not add up to the RAM.
    ZonesMismatch {
        /// Frames of all zones.
        zones: u64,
        /// Frames of RAM.
        ram: u64,
    },
    /// The kernel has no such zone.
    ZoneOfOtherArch {
        /// The zone.
        zone: ZoneKind,
        /// The architecture.
        arch: Arch,
    },
    /// The processors of the architecture have no such way to translate.
    PagingOfOtherArch {
        /// The way.
        paging: Paging,
        /// The architecture.
        arch: Arch,
    },
    /// A setting that the `node` lines make already.
    NodesSayIt {
        /// Its word.
        name: &'static str,
    },
    /// Nodes that do not go up one by one.
    NodeOrder {
        /// The node.
        node: u8,
        /// The one that comes next.
        expected: u8,
    },
    /// A node with too little memory.
    SmallNode {
        /// The node.
        node: u8,
        /// The fewest frames.
        min: u64,
    },
    /// Nodes, none of them with memory.
    NodesWithoutRam,
    /// The machine has no such node.
    UnknownNode {
        /// The node.
        node: u8,
        /// How many there are.
        nodes: u8,
    },
    /// A distance from a node to itself.
    DistanceToItself,
    /// A second line for the same way.
    RepeatedDistance {
        /// The line of the first one.
        first: u32,
    },
    /// A CPU on two nodes.
    CpuTwice {
        /// The CPU.
        cpu: u8,
        /// The line that has it first.
        first: u32,
    },
    /// A CPU on no node, though there are CPUs with higher numbers.
    CpuMissing {
        /// The CPU.
        cpu: u8,
    },
    /// The machine has no such CPU.
    UnknownCpu {
        /// The CPU.
        cpu: u8,
        /// How many there are.
        cpus: u8,
    },
    /// Another number of ratios than the kernel has zones.
    RatioCount {
        /// How many stand there.
        found: u32,
        /// The zones.
        zones: &'static [ZoneKind],
    },
    /// A fraction from 1 to 7.
    SmallFraction {
        /// The number.
        found: u32,
    },
    /// Marks that do not ascend.
    MarksDescend,
    /// Per-CPU lists of a machine that has none.
    PcpIsOff {
        /// The line that says so.
        off: u32,
    },
    /// A list of a CPU whose sizes are not given.
    PcpWithoutSizes {
        /// The zone.
        zone: ZoneKind,
        /// The CPU.
        cpu: u8,
    },
    /// Blocks of this order are on no per-CPU list.
    NoPcpListOfOrder {
        /// The order.
        order: Order,
        /// The order of a pageblock, which has one.
        pageblock: Order,
    },
    /// Blocks of this type are on the per-CPU list of another one.
    NoPcpListOf {
        /// The type.
        migratetype: MigrateType,
    },
    /// Flags that name two zones or two migratetypes.
    FlagsNameTwo {
        /// Zones; else migratetypes.
        zones: bool,
    },
    /// An option that the flags decide already.
    FlagsSayIt {
        /// The option.
        option: &'static str,
    },
    /// A kind of pages that the flags do not ask for.
    FlagsDisagree {
        /// The kind as said.
        word: &'static str,
        /// What the flags ask for.
        flags: &'static str,
    },
    /// The start says what is free, and nothing is.
    NothingListed,
    /// The machine has no such zone.
    UnknownZone {
        /// The zone.
        zone: ZoneKind,
        /// Of which node, when there are several.
        node: Option<u8>,
        /// Those it has.
        has: Vec<ZoneKind>,
    },
    /// A reservation that reaches outside the machine.
    ReserveOutside {
        /// Frames of the machine.
        frames: u64,
    },
    /// There is no place for a contiguous area, or for a node of the device tree.
    AreaRefused {
        /// Why.
        why: mm::cma::place::Refused,
    },
    /// A contiguous area where the places of all free blocks are invented.
    AreaWithRows,
    /// Free lists are given, and the pageblocks of a contiguous area are not said to be CMA, or a block of them lies in
    /// other memory that is set aside.
    AreaNotInLists,
    /// A node of the device tree that is to be used and not to be touched.
    ReusableNoMap,
    /// No contiguous area has this label.
    UnknownArea {
        /// The label.
        name: String,
        /// What was probably meant.
        suggestion: Option<String>,
    },
    /// Something in the source of a device tree.
    Dts(DtsWrong),
    /// Nothing is left for the buddy system.
    NothingFree,
    /// `buddyinfo` and `free_list` in one text.
    MixedStarts {
        /// The line of the other one.
        other: u32,
    },
    /// A second row for a zone.
    RepeatedRow {
        /// The zone.
        zone: ZoneKind,
        /// The line of the first one.
        first: u32,
    },
    /// The counts do not fit.
    CountsDoNotFit {
        /// Which zone.
        zone: ZoneKind,
        /// How many frames the counts add up to.
        needed: u64,
        /// How many frames the zone can give.
        has: u64,
    },
    /// A block that does not start at a multiple of its size.
    Misaligned {
        /// Its first frame.
        pfn: u32,
        /// Its order.
        order: Order,
    },
    /// A block that leaves its zone.
    OutsideZone {
        /// Its first frame.
        pfn: u32,
        /// Its order.
        order: Order,
        /// The zone.
        zone: ZoneKind,
        /// The zone's first frame.
        start: u32,
        /// The frame behind its last one.
        end: u32,
    },
    /// A block that holds reserved frames or a hole.
    NotRam {
        /// Its first frame.
        pfn: u32,
        /// Its order.
        order: Order,
    },
    /// Two free blocks hold the same frame.
    Overlap {
        /// The frame.
        pfn: u32,
        /// The line of the other block.
        other: u32,
    },
    /// More pageblocks than the zone has.
    TooManyPageblocks {
        /// The zone.
        zone: ZoneKind,
        /// How many it has.
        has: u64,
        /// How many are listed.
        found: u64,
    },
    /// Not modelled yet.
    NotYet(NotYet),
    /// An order that the kernel refuses.
    OrderRefused {
        /// The order.
        order: u8,
    },
    /// `zone=` names a zone that the machine does not have.
    ZoneAbsent {
        /// The zone.
        zone: ZoneKind,
        /// The highest one that serves the request instead; none: no zone may.
        instead: Option<ZoneKind>,
    },
    /// Nothing is called so.
    UnknownName {
        /// The name.
        name: String,
        /// What was probably meant.
        suggestion: Option<String>,
        /// For a name of a row: the smallest and largest index that the row has.
        row: Option<(u32, u32)>,
    },
    /// Freed, or used in another way, before it is allocated.
    UsedTooEarly {
        /// The name.
        name: String,
        /// The line that allocates it.
        allocated: u32,
    },
    /// An alignment that is none.
    NoPowerOfTwo {
        /// What was written.
        found: u32,
    },
    /// Freed twice.
    DoubleFree {
        /// The name.
        name: String,
        /// The line that freed it first.
        freed: u32,
    },
    /// Allocated again while it still has a block.
    StillHeld {
        /// The name.
        name: String,
        /// The line that allocated it.
        allocated: u32,
    },
    /// The machine refuses its configuration for a reason that no line above names.
    Boot(BootError),
}

impl Kind {
    /// Error or warning.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Kind::LateSetting
            | Kind::EmptyLoop
            | Kind::NothingFree
            | Kind::NothingListed
            | Kind::OrderRefused { .. }
            | Kind::ZoneAbsent { instead: Some(_), .. }
            | Kind::StillHeld { .. } => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// The sentence: what is wrong.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match lang {
            Lang::En => en::message(self),
            Lang::Zh => zh::message(self),
        }
    }

    /// A likely fix.
    #[must_use]
    pub fn hint(&self, lang: Lang) -> Option<String> {
        match lang {
            Lang::En => en::hint(self),
            Lang::Zh => zh::hint(self),
        }
    }
}

impl Diagnostic {
    /// Error or warning.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.kind.severity()
    }

    /// The sentence: what is wrong.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        self.kind.message(lang)
    }

    /// A likely fix.
    #[must_use]
    pub fn hint(&self, lang: Lang) -> Option<String> {
        self.kind.hint(lang)
    }

    /// The whole line as a compiler would print it: `3:7: error: … (hint: …)`.
    #[must_use]
    pub fn line(&self, lang: Lang) -> String {
        let Span { line, column, .. } = self.span;
        let severity = match (self.severity(), lang) {
            (Severity::Error, Lang::En) => "error",
            (Severity::Warning, Lang::En) => "warning",
            (Severity::Error, Lang::Zh) => "错误",
            (Severity::Warning, Lang::Zh) => "警告",
        };
        let mut out = format!("{line}:{column}: {severity}: {}", self.message(lang));
        if let Some(hint) = self.hint(lang) {
            out += &match lang {
                Lang::En => format!(" (hint: {hint})"),
                Lang::Zh => format!("（提示：{hint}）"),
            };
        }
        out
    }
}

/// By line and column, then the shorter one first.
pub(crate) fn sort_by_place(diagnostics: &mut [Diagnostic]) {
    // A text has fewer than 2^20 lines and characters.
    mm::sort::by_key(diagnostics, |Diagnostic { span: Span { line, column, len }, .. }| {
        u64::from(*line) << 40 | u64::from(*column) << 20 | u64::from(*len)
    });
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line(Lang::En))
    }
}

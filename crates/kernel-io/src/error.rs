//! What can be wrong with a text that a person pastes.

use std::fmt;

use mm::mmzone::ZoneKind;
use mm::page::Block;
use mm::units::{NrPages, Order, Pfn};

use crate::trace::TraceErrorKind;
use crate::words;

/// One mistake and its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadError {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// What is wrong there.
    pub kind: ReadErrorKind,
}

/// The formats that are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// `/proc/buddyinfo`.
    BuddyInfo,
    /// The dump of ordered free lists.
    Lists,
    /// `/proc/zoneinfo`.
    ZoneInfo,
    /// `/proc/pagetypeinfo`.
    PageTypeInfo,
    /// `/proc/meminfo`.
    MemInfo,
    /// `/proc/vmstat`.
    VmStat,
    /// The files of `/proc/sys/vm`, each with its name in front.
    SysctlVm,
    /// A row of numbers for each zone.
    ZoneRows,
    /// The log of what a kernel said after each write to `/proc/sys/vm`.
    SysctlLog,
    /// `/proc/slabinfo`.
    SlabInfo,
    /// The files of `/sys/kernel/slab`, as a table.
    SlabTable,
    /// The same of one cache, again and again.
    SlabLog,
}

impl Format {
    /// What it is called, and how a line of it looks.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Format::BuddyInfo => "/proc/buddyinfo (`Node 0, zone …`)",
            Format::Lists => "a free-list dump (`Z node=0 …`)",
            Format::ZoneInfo => "/proc/zoneinfo (`Node 0, zone …` and what belongs to it)",
            Format::PageTypeInfo => "/proc/pagetypeinfo (`Node 0, zone …, type … 0 1 2 …`)",
            Format::MemInfo => "/proc/meminfo (`MemTotal: … kB`)",
            Format::VmStat => "/proc/vmstat (`nr_free_pages …`)",
            Format::SysctlVm => {
                "`grep -H . /proc/sys/vm/*` (`/proc/sys/vm/NAME:VALUE`) or `sysctl vm` (`vm.NAME = VALUE`)"
            }
            Format::ZoneRows => "a table of zones (`Node 0, zone … 0.000 …`)",
            Format::SysctlLog => "a log of sysctl writes (`### NAME=VALUE`)",
            Format::SlabInfo => "/proc/slabinfo (`NAME 1 1 64 64 1 : tunables … : slabdata …`)",
            Format::SlabTable => "a table of /sys/kernel/slab (`cache<tab>object_size<tab>…`)",
            Format::SlabLog => "a log of a cache (`WHEN<tab>objects=…<tab>slabs=…`)",
        }
    }

    /// What a text seems to be, by the first line that begins like a line of one of the formats.
    #[must_use]
    pub fn of(text: &str) -> Option<Format> {
        text.lines().find_map(|line| match words::words(line).next()?.text {
            word if word.eq_ignore_ascii_case("node") => Some(Format::BuddyInfo),
            "Z" => Some(Format::Lists),
            _ => None,
        })
    }
}

/// A bound of the machine that a text goes beyond.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bound {
    /// [`mm::limits::MAX_FRAMES_IMPORTED`] frames of RAM.
    Frames,
    /// Frame numbers below twice that.
    FrameNumber,
    /// At least [`mm::limits::MIN_FRAMES`] frames.
    TooFewFrames,
    /// Nodes 0 to 31.
    Node,
}

/// Something that a line lacks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Missing {
    /// The number of the node.
    Node,
    /// The word `zone`.
    ZoneWord,
    /// The name of the zone.
    ZoneName,
    /// At least one number of free blocks.
    Counts,
    /// A key of a `Z` line.
    Key(&'static str),
    /// The order of a list.
    Order,
    /// The migratetype of a list.
    MigrateType,
    /// The colon before the frames.
    Colon,
    /// The types of the pageblocks.
    PageblockTypes,
    /// The CPU of a `P` line.
    Cpu,
    /// Ranges of frames.
    Ranges,
    /// The frame behind a range.
    RangeEnd,
    /// A number.
    Number,
    /// A field of a zone of `/proc/zoneinfo`.
    Field(&'static str),
    /// A word that every line has at this place.
    Word(&'static str),
    /// A column of a table, or what a line says about it.
    Column(&'static str),
}

/// What is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReadErrorKind {
    /// The text begins like none of the known formats.
    UnknownFormat,
    /// There is no line of the format in it.
    Empty(Format),
    /// A line that does not belong into the format; the word that it begins with.
    NotALine(Format, String),
    /// Something is missing here.
    Expected(Missing),
    /// This should be a number.
    NotANumber(String),
    /// No zone has this name.
    UnknownZone(String),
    /// A line of `/proc/buddyinfo` of another node than 0: more than one node is not modelled yet.
    SecondNode(u32),
    /// The zone was there before.
    ZoneTwice(ZoneKind),
    /// The zone lies below the one before it, or overlaps it.
    ZonesOutOfOrder(ZoneKind),
    /// A number beyond a bound.
    Beyond(Bound, u64),
    /// Free blocks of an order that the buddy system of the machine does not have.
    OrderTooLarge(u32),
    /// No migratetype has this number.
    UnknownMigrateType(String),
    /// A list or a row of pageblocks before any `Z` line.
    NoZoneYet,
    /// There were pageblock types for this zone before.
    PageblocksTwice,
    /// More pageblock types than the zone has pageblocks.
    TooManyPageblocks {
        /// How many there may be.
        most: u32,
    },
    /// The list of this order and type was there before.
    ListTwice,
    /// The numbers of this CPU's lists were there before.
    CpuTwice(u16),
    /// The zone cannot have more present pages than it spans, nor more managed than present ones.
    TooManyPages(&'static str),
    /// No room for all pages that are said to be holes or reserved: free blocks are in the way.
    NoRoomFor(&'static str),
    /// The last zone of the machine ends with a pageblock that is a hole: a machine ends with memory.
    EndsInHole(ZoneKind),
    /// The block is not aligned to its order.
    NotAligned(Block),
    /// The block leaves its zone.
    OutsideZone(Block),
    /// The block lies in a pageblock that is a hole.
    InHole(Block),
    /// A frame of the block is in another free block, or on a per-CPU list.
    Overlap(Pfn),
    /// The index of a per-CPU list is none that a 6.1 kernel has.
    UnknownPcpList(String),
    /// The dump was cut off: its buffer was too small.
    CutOff,
    /// The range is empty, or does not lie above the one before it.
    RangesOutOfOrder,
    /// The ranges are not as many frames as the text says in its end.
    AnotherTotal {
        /// What it says.
        said: NrPages,
        /// What they are.
        counted: NrPages,
    },
    /// No flag of a request for pages has this name, and it is no number in hex either.
    UnknownGfp(String),
    /// Something in a trace of events.
    Trace(TraceErrorKind),
    /// What this line says was said before.
    FieldTwice(String),
    /// No reader knows this version of the format.
    UnknownVersion(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: error: {}", self.line, self.column, self.kind)
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Missing::Node => "the number of the node, as in `Node 0, zone DMA`",
            Missing::ZoneWord => "the word `zone`, as in `Node 0, zone DMA`",
            Missing::ZoneName => "the name of a zone: DMA, DMA32, Normal, HighMem or Movable",
            Missing::Counts => "the numbers of free blocks, smallest order first",
            Missing::Key(key) => return write!(f, "`{key}=…` in the line of the zone"),
            Missing::Order => "the order of the list, 0 to 10",
            Missing::MigrateType => "the number of the migratetype, 0 to 5",
            Missing::Colon => "`:` and the frames of the list",
            Missing::PageblockTypes => "one digit or `-` for each pageblock",
            Missing::Cpu => "`cpu=…`",
            Missing::Ranges => "ranges of frames, as in `100 1000`",
            Missing::RangeEnd => "the frame behind the range, in hex",
            Missing::Number => "a number",
            Missing::Field(field) => return write!(f, "`{field}` for the zone that begins here"),
            Missing::Word(word) => return write!(f, "`{word}`"),
            Missing::Column(column) => return write!(f, "a number for `{column}`"),
        })
    }
}

impl fmt::Display for ReadErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use ReadErrorKind as K;
        match self {
            K::UnknownFormat => f.write_str("this begins neither like /proc/buddyinfo (`Node 0, zone …`) nor like a free-list dump (`Z node=0 …`)"),
            K::Empty(Format::BuddyInfo) => f.write_str("there is no line `Node 0, zone …` here"),
            K::Empty(Format::Lists) => f.write_str("there is no line `Z node=0 zone=…` here"),
            K::NotALine(Format::BuddyInfo, word) => {
                write!(f, "expected a line `Node 0, zone …`, found `{word}`: leave only the lines of /proc/buddyinfo")
            }
            K::NotALine(Format::Lists, word) => {
                write!(f, "expected a line that begins with Z, PB, F, P, L or END, found `{word}`")
            }
            K::Empty(format) => write!(f, "there is no line of {} here", format.describe()),
            K::NotALine(format, word) => write!(f, "expected a line of {}, found `{word}`", format.describe()),
            K::FieldTwice(field) => write!(f, "`{}` was there before", words::quoted(field)),
            K::Expected(what) => write!(f, "expected {what}"),
            K::NotANumber(word) => write!(f, "expected a number, found `{word}`"),
            K::UnknownZone(word) => {
                write!(f, "no zone is called `{word}`: DMA, DMA32, Normal, HighMem or Movable")
            }
            K::SecondNode(node) => {
                write!(f, "node {node}: one node so far; leave only the lines of node 0")
            }
            K::ZoneTwice(zone) => write!(f, "zone {} was there before", zone.name()),
            K::ZonesOutOfOrder(zone) => {
                write!(f, "zone {} does not lie above the zone before it", zone.name())
            }
            K::Beyond(Bound::Frames, frames) => {
                write!(f, "{frames} frames in all: at most {} are possible", mm::limits::MAX_FRAMES_IMPORTED)
            }
            K::Beyond(Bound::FrameNumber, pfn) => {
                write!(f, "frame {pfn:#x}: frames below {:#x} are possible", 2 * u64::from(mm::limits::MAX_FRAMES_IMPORTED))
            }
            K::Beyond(Bound::TooFewFrames, frames) => {
                write!(f, "{frames} frames in all: at least {} are needed", mm::limits::MIN_FRAMES)
            }
            K::Beyond(Bound::Node, node) => {
                write!(f, "node {node}: nodes 0 to {} are possible", crate::lists::MAX_NODE)
            }
            K::OrderTooLarge(order) => {
                write!(f, "free blocks of order {order}: the largest order is {}; two of order {} are one of order {order}",
                    Order::MAX, u64::from(*order).saturating_sub(1))
            }
            K::UnknownMigrateType(word) => {
                write!(f, "no migratetype has the number `{word}`: 0 Unmovable, 1 Movable, 2 Reclaimable, 3 HighAtomic, 4 CMA, 5 Isolate")
            }
            K::NoZoneYet => f.write_str("there is no `Z` line before this"),
            K::PageblocksTwice => f.write_str("this zone has its pageblock types already"),
            K::TooManyPageblocks { most } => write!(f, "the zone has only {most} pageblocks"),
            K::ListTwice => f.write_str("this list was there before"),
            K::CpuTwice(cpu) => write!(f, "the numbers of CPU {cpu} were there before"),
            K::TooManyPages(key) => write!(f, "more {key} pages than the zone can have: managed ≤ present ≤ spanned"),
            K::NoRoomFor(what) => write!(f, "too many pages of the zone are free for as many {what} as the numbers say"),
            K::EndsInHole(zone) => {
                write!(f, "zone {} ends with a hole, but the last frame of a machine is memory", zone.name())
            }
            K::NotAligned(block) => {
                write!(f, "frame {:#x} cannot begin a block of order {}: not a multiple of {}", block.pfn.0, block.order, block.order.pages())
            }
            K::OutsideZone(block) => {
                write!(f, "the block of order {} at frame {:#x} leaves its zone", block.order, block.pfn.0)
            }
            K::InHole(block) => {
                write!(f, "the block of order {} at frame {:#x} lies in a pageblock that is a hole", block.order, block.pfn.0)
            }
            K::Overlap(pfn) => write!(f, "frame {:#x} is on another list too", pfn.0),
            K::UnknownPcpList(word) => write!(f, "no per-CPU list has the number `{word}`: 0 to 13"),
            K::CutOff => f.write_str("the dump was cut off: its buffer was too small"),
            K::RangesOutOfOrder => f.write_str("a range is not empty, and lies above the one before it"),
            K::AnotherTotal { said, counted } => {
                write!(f, "the text counts {said} free frames, but its ranges have {counted}: is a part missing?")
            }
            K::UnknownGfp(word) => {
                write!(f, "no gfp flag is called `{word}`: names as in `GFP_KERNEL|__GFP_ZERO`, or hex as in `0xdc0`")
            }
            K::Trace(kind) => kind.fmt(f),
            K::UnknownVersion(word) => write!(f, "version {word} of the file: 2.0 or 2.1 is read"),
        }
    }
}

impl std::error::Error for ReadError {}

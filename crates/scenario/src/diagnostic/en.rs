//! The diagnostics in English.

use mm::cma::MAX_AREAS;
use mm::cma::place::Refused;
use mm::config::Arch;
use mm::limits::{MAX_FRAMES_IMPORTED, MIN_FRAMES};
use mm::mmzone::ZoneKind;
use mm::segmentation::{Cpu as SegmentCpu, Lack, Mode};
use mm::units::NrPages;
use mm::x86::pgtable::Paging;
use mm::{BootError, Order};

use super::{DtsWrong, Kind, NotYet, What};
use crate::kmem::Size;

pub(super) fn message(kind: &Kind) -> String {
    match kind {
        Kind::UnknownStatement { found, .. } => format!("`{found}` begins no statement"),
        Kind::Expected { what, found: Some(found), .. } => {
            format!("expected {}, found `{found}`", expected(*what))
        }
        Kind::Expected { what, found: None, .. } => {
            format!("expected {}, but the line ends here", expected(*what))
        }
        Kind::Trailing { found } => format!("the statement is complete, but `{found}` follows"),
        Kind::UnknownOption { found, .. } => format!("there is no option `{found}` here"),
        Kind::RepeatedOption { name } => format!("`{name}` stands here twice"),
        Kind::UnclosedText => "this text has no closing quotation mark".into(),
        Kind::BadEscape { found: Some(found) } => format!("`\\{found}` means nothing in a text"),
        Kind::BadEscape { found: None } => "the text ends with a lone `\\`".into(),
        Kind::FullWidth { found, .. } => format!("`{found}` is a full-width sign"),
        Kind::BadCharacter { found } => format!("`{}` means nothing here", found.escape_debug()),
        Kind::OutOfRange { what, found, min, max } => {
            format!("{} is between {min} and {max}, not {found}", noun(*what))
        }
        Kind::NotWholeFrames { found } => format!("{found} is no whole number of 4 KiB frames"),
        Kind::NoSets { entries, ways } => {
            format!("{entries} entries in sets of {ways} do not make 1, 2, 4, 8, … sets")
        }
        Kind::ReservedName { name } => {
            format!("`{name}` is a word of the language, so nothing can be called so")
        }
        Kind::EmptyRange { from, to } => format!("the range {from}..{to} is empty: it ends before it starts"),
        Kind::MissingEnd => "this loop has no `end`".into(),
        Kind::EndWithoutFor => "this `end` ends no loop".into(),
        Kind::TooDeep { max } => format!("loops nest at most {max} deep"),
        Kind::EmptyLoop => "this loop has nothing to do".into(),
        Kind::UnknownVariable { name, .. } => format!("no loop around this line counts `{name}`"),
        Kind::ShadowedVariable { name } => format!("the loop around this one already counts `{name}`"),
        Kind::BadIndex { value } => format!("the index becomes {value}; it is between 0 and {}", u32::MAX),
        Kind::TextTooLong { bytes, max } => format!("the text has {bytes} bytes; at most {max} are read"),
        Kind::TooManyOps { ops, max } => {
            format!("{ops} ops with all loops unrolled; a scenario has at most {max}")
        }
        Kind::TooManyActions { actions, max } => {
            format!("{actions} actions of random workloads; a scenario has at most {max}")
        }
        Kind::TooManyPages { pages, actions: 0, max } => {
            format!("{pages} pages are touched, copied or changed up to here; a scenario has at most {max}")
        }
        Kind::TooManyPages { pages, actions, max } => format!(
            "{pages} pages are touched, copied or changed up to here, besides {actions} actions of workloads; \
             a scenario has at most {max} of both"
        ),
        Kind::NoBytes { from, to } => {
            format!("no byte is in {}..{}: a range ends before its second number", Size(*from), Size(*to))
        }
        Kind::HugeOfOthers => "huge pages of the pool are private here, and of no file".into(),
        Kind::OffsetWithoutFile => "`offset=` says where in a file, and no file is mapped".into(),
        Kind::NotAGroup { name } => format!("`{name}` is no control group"),
        Kind::NotACpuset { name } => format!("`{name}` is no cpuset"),
        Kind::CacheSets { bytes, ways } => {
            format!(
                "{} with {ways} ways and lines of 64 bytes do not make a power of two of sets",
                Size(*bytes)
            )
        }
        Kind::MatrixTooLarge { bytes, has } => {
            format!("the matrix has {bytes} bytes; there are only {has}")
        }
        Kind::TooManyReferences { references, max } => {
            format!("scans ask for {references} words up to here; a scenario has at most {max}")
        }
        Kind::ByWithoutArea => "`by=` cannot stand here: the line names a process already".into(),
        Kind::ExecutedElsewhere { reg } => format!("code is executed through `cs`, never through `{reg}`"),
        Kind::CpuLacks { cpu, what } => lack(*cpu, *what),
        Kind::RepeatedSetting { name, first } => format!("`{name}` was set on line {first} already"),
        Kind::LateSetting => "this setting stands behind the first op, but holds from the start".into(),
        Kind::MissingRam => "nothing says how much memory the machine has".into(),
        Kind::Frames { frames, min, max } => {
            format!("{}: a machine has between {min} and {max} frames", size(*frames))
        }
        Kind::ZoneOrder { zone, after } => {
            format!("zone {} cannot follow zone {}: zones ascend", zone.name(), after.name())
        }
        Kind::ZoneWithoutSize { zone, no_ram: false } => {
            format!("zone {} has no size; only the last zone takes the rest", zone.name())
        }
        Kind::ZoneWithoutSize { zone, no_ram: true } => {
            format!("zone {} takes the rest, but nothing says of how much", zone.name())
        }
        Kind::EmptyZone { zone } => format!("no memory is left for zone {}", zone.name()),
        Kind::ZonesMismatch { zones, ram } => {
            format!("the zones add up to {}, but there is {} of RAM", size(*zones), size(*ram))
        }
        Kind::UnknownZone { zone, node: None, .. } => format!("this machine has no zone {}", zone.name()),
        Kind::UnknownZone { zone, node: Some(node), .. } => {
            format!("node {node} has no zone {}", zone.name())
        }
        Kind::ZoneOfOtherArch { zone, arch } => {
            format!("a kernel for {} has no zone {}", arch.name(), zone.name())
        }
        Kind::PagingOfOtherArch { paging, arch } => {
            format!("a kernel for {} has no paging {}", arch.name(), paging.word())
        }
        Kind::NodesSayIt { name } => format!("`{name}` cannot stand beside `node` lines, which say it"),
        Kind::NodeOrder { node, expected } => {
            format!("node {node} stands where node {expected} comes next: nodes ascend from 0")
        }
        Kind::SmallNode { node, min } => format!("the memory of node {node} has fewer than {min} frames"),
        Kind::UnknownNode { node, nodes: 1 } => format!("this machine has no node {node}, only node 0"),
        Kind::UnknownNode { node, nodes } => {
            format!("this machine has no node {node}, only 0 to {}", nodes.saturating_sub(1))
        }
        Kind::NodesWithoutRam => "no node has any memory".into(),
        Kind::DistanceToItself => "the distance of a node to itself is always 10".into(),
        Kind::RepeatedDistance { first } => format!("line {first} says this distance already"),
        Kind::CpuTwice { cpu, first } => format!("CPU {cpu} is on the node of line {first} already"),
        Kind::CpuMissing { cpu } => format!("CPU {cpu} is on no node"),
        Kind::UnknownCpu { cpu, cpus: 1 } => format!("this machine has no CPU {cpu}, only CPU 0"),
        Kind::UnknownCpu { cpu, cpus } => {
            format!("this machine has no CPU {cpu}, only 0 to {}", cpus.saturating_sub(1))
        }
        Kind::RatioCount { found, zones: kinds } => {
            format!("this kernel has {} zones and takes as many ratios, not {found}", kinds.len())
        }
        Kind::SmallFraction { found } => format!("the kernel refuses {found}: it takes 0, or 8 and more"),
        Kind::MarksDescend => "the marks do not ascend from min over low and high to promo".into(),
        Kind::PcpIsOff { off } => format!("line {off} says that there are no per-CPU lists"),
        Kind::PcpWithoutSizes { zone, cpu } => {
            format!("nothing says how long the lists of CPU {cpu} in zone {} may be", zone.name())
        }
        Kind::NoPcpListOfOrder { order, .. } => format!("blocks of order {order} are on no per-CPU list"),
        Kind::NoPcpListOf { migratetype } => {
            format!("there is no per-CPU list of type {}", migratetype.name())
        }
        Kind::FlagsNameTwo { zones: true } => "these flags name two zones at once".into(),
        Kind::FlagsNameTwo { zones: false } => "these flags name two migratetypes at once".into(),
        Kind::FlagsSayIt { option } => format!("`{option}` cannot stand beside `gfp=`, which says it"),
        Kind::FlagsDisagree { word, flags } => {
            format!("the pages are to be `{word}`, but these flags ask for {flags} ones")
        }
        Kind::NothingListed => "no free list is given, so every frame is in use".into(),
        Kind::ReserveOutside { frames } => {
            format!("the reservation reaches outside the machine, which has {frames} frames")
        }
        Kind::AreaRefused { why: Refused::Unaligned } => {
            "a contiguous area begins where a pageblock begins, and its alignment is a power of two".into()
        }
        Kind::AreaRefused { why: Refused::Nothing } => "the area would have no page".into(),
        Kind::AreaRefused { why: Refused::Taken } => "some of these frames are reserved, or no memory".into(),
        Kind::AreaRefused { why: Refused::NoRoom } => "nowhere is so much memory free in one piece".into(),
        Kind::AreaRefused { why: Refused::ManyZones } => "the area would lie in more than one zone".into(),
        Kind::AreaRefused { why: Refused::TooMany } => {
            format!("there are at most {MAX_AREAS} contiguous areas")
        }
        Kind::AreaNotInLists => {
            "memory is given list by list, and what is set aside here is not set aside there".into()
        }
        Kind::AreaWithRows => {
            "counts of /proc/buddyinfo do not say what lies in memory that is set aside".into()
        }
        Kind::Dts(why) => dts(why),
        Kind::ReusableNoMap => "memory that the kernel may use has to be mapped".into(),
        Kind::UnknownArea { name, .. } => format!("there is no contiguous area `{name}`"),
        Kind::NothingFree => "every frame is reserved, so every request will fail".into(),
        Kind::MixedStarts { other } => {
            format!(
                "the free lists are given in another way on line {other}; a start is either counts or lists"
            )
        }
        Kind::RepeatedRow { zone, first } => {
            format!("line {first} says this of zone {} already", zone.name())
        }
        Kind::CountsDoNotFit { zone, needed, has } => {
            format!(
                "these free blocks are {}; zone {} has room for {}",
                size(*needed),
                zone.name(),
                size(*has)
            )
        }
        Kind::Misaligned { pfn, order } => {
            format!(
                "a block of order {order} cannot start at frame {pfn:#x}: not a multiple of {}",
                order.pages()
            )
        }
        Kind::OutsideZone { pfn, order, zone, start, end } => format!(
            "the block of order {order} at {pfn:#x} leaves zone {}, which goes from {start:#x} to {end:#x}",
            zone.name()
        ),
        Kind::NotRam { pfn, order } => {
            format!("the block of order {order} at {pfn:#x} holds frames that are reserved or no memory")
        }
        Kind::Overlap { pfn, other } => format!("frame {pfn:#x} is in a block of line {other} already"),
        Kind::TooManyPageblocks { zone, has, found } => {
            format!("zone {} has {has} pageblocks, but {found} are listed", zone.name())
        }
        Kind::NotYet(NotYet::Rules(rules)) => format!("the rules of Linux {rules} are not modelled yet"),
        Kind::OrderRefused { order } => {
            format!("the kernel refuses order {order} at the door; the largest is {}", Order::MAX)
        }
        Kind::ZoneAbsent { zone, instead: Some(instead) } => {
            format!("this machine has no zone {}; requests go to {} and below", zone.name(), instead.name())
        }
        Kind::ZoneAbsent { zone, instead: None } => {
            format!("this machine has no zone {} and none below it", zone.name())
        }
        Kind::UnknownName { name, row: None, .. } => format!("nothing is called `{name}`"),
        Kind::UnknownName { name, row: Some((from, to)), .. } => {
            format!("nothing is called `{name}`; the row has {from} to {to}")
        }
        Kind::UsedTooEarly { name, allocated } => {
            format!("`{name}` is used before line {allocated} asks for it")
        }
        Kind::NoPowerOfTwo { found } => format!("{found} is no power of two"),
        Kind::DoubleFree { name, freed } => format!("`{name}` was freed on line {freed} already"),
        Kind::StillHeld { name, allocated } => {
            format!("`{name}` still holds what line {allocated} asked for, unless that request fails")
        }
        Kind::Boot(error) => boot(error),
    }
}

pub(super) fn hint(kind: &Kind) -> Option<String> {
    Some(match kind {
        Kind::UnknownStatement { suggestion: Some(word), .. }
        | Kind::Expected { suggestion: Some(word), .. }
        | Kind::UnknownOption { suggestion: Some(word), .. }
        | Kind::UnknownVariable { suggestion: Some(word), .. }
        | Kind::UnknownName { suggestion: Some(word), .. } => format!("did you mean `{word}`?"),
        Kind::UnknownStatement { .. } => "a request reads `a = alloc order=3 movable`".into(),
        Kind::Expected { what, .. } => {
            return example(*what).map(|example| format!("for example `{example}`"));
        }
        Kind::Trailing { .. } => "a comment begins with `#`".into(),
        Kind::UnclosedText => "texts stand between two `\"` on one line".into(),
        Kind::BadEscape { .. } => "write `\\\\` for a backslash and `\\\"` for a quotation mark".into(),
        Kind::FullWidth { ascii, .. } => format!("write `{ascii}`"),
        Kind::BadCharacter { found: ';' } => "one statement stands on a line".into(),
        Kind::NotWholeFrames { .. } => "a multiple of 4K".into(),
        Kind::OutOfRange { what: What::Order, .. } => "an order is a power of two: order 3 is 8 pages".into(),
        Kind::NoSets { ways, .. } => format!("for example {}/{ways}", u32::from(*ways) * 16),
        Kind::ReservedName { name } => format!("`{name}1` would do"),
        Kind::EmptyRange { from, to } => format!("both ends are included; did you mean {to}..{from}?"),
        Kind::TooManyPages { .. } => "touch a part of it: `write m 0..64K`".into(),
        Kind::NoBytes { from, to } if to < from => format!("did you mean {}..{}?", Size(*to), Size(*from)),
        Kind::NoBytes { .. } => "`0..4K` is the first page".into(),
        Kind::HugeOfOthers => "leave `shared` and `file=` out: `m = mmap p 4M huge`".into(),
        Kind::OffsetWithoutFile => "name the file: `m = mmap p 64K file=libc offset=4K`".into(),
        Kind::NotAGroup { .. } => "make one above it: `g = cgroup max=40M`".into(),
        Kind::NotACpuset { .. } => "make one above it: `c = cpuset mems=0`".into(),
        Kind::CacheSets { .. } => "`32K/8` has 64 sets, `48K/12` too".into(),
        Kind::MatrixTooLarge { .. } => "make the area larger, or the matrix smaller".into(),
        Kind::TooManyReferences { .. } => "scan a part of it: `scan m stride=64 0..64K`".into(),
        Kind::ExecutedElsewhere { .. } => "for example `exec cs:0x100`".into(),
        Kind::CpuLacks { what, .. } => instead(*what).into(),
        Kind::ByWithoutArea => "behind an area: `write m by=q`; of another process: `write q heap`".into(),
        Kind::MissingEnd => "write `end` on a line of its own behind the last line of the loop".into(),
        Kind::EndWithoutFor => "a loop begins with `for i in 0..63`".into(),
        Kind::ShadowedVariable { .. } => "give one of them another variable".into(),
        Kind::LateSetting => "put it above the first op".into(),
        Kind::MissingRam => "write `ram 64M`".into(),
        Kind::ZoneOrder { .. } => {
            "the order is DMA, DMA32, Normal, HighMem, Movable, each at most once".into()
        }
        Kind::ZoneWithoutSize { no_ram: false, .. } => "for example `zone DMA 16M`".into(),
        Kind::ZoneWithoutSize { no_ram: true, .. } => "add a line `ram 64M`, or give the zone a size".into(),
        Kind::ZonesMismatch { .. } => "leave out the size of the last zone: it takes the rest".into(),
        Kind::UnknownZone { has, .. } if !has.is_empty() => format!("it has {}", zones(has)),
        Kind::AreaRefused { why: Refused::Unaligned } => "a multiple of 2M".into(),
        Kind::AreaRefused { .. } => "leave the place out, or make it smaller: `cma 16M`".into(),
        Kind::AreaNotInLists => "pageblocks of an area are CMA, 4 in a `pageblocks` line; of other memory set aside nothing is on a list".into(),
        Kind::AreaWithRows => "give the free lists themselves: `free_list DMA32 10 CMA: 0xc000`".into(),
        Kind::ReusableNoMap => "`reusable` makes it a contiguous area, `no-map` a pool of one device".into(),
        Kind::UnknownArea { suggestion: Some(near), .. }
        | Kind::Dts(DtsWrong::UnknownLabel { suggestion: Some(near), .. }) => {
            format!("did you mean `{near}`?")
        }
        Kind::Dts(DtsWrong::UnknownLabel { .. }) => "label a node: `video: video { … };`".into(),
        Kind::Dts(DtsWrong::NoSize) => "`size = <0x400000>;` or `reg = <0x3000000 0x400000>;`".into(),
        Kind::Dts(DtsWrong::Cells { .. }) => {
            "see `#address-cells` and `#size-cells`; 1 each if unsaid".into()
        }
        Kind::Dts(DtsWrong::Unfinished) => "close it with `};`".into(),
        Kind::Dts(DtsWrong::Include) => "leave the line out, or put its text in".into(),
        Kind::UnknownArea { .. } => "declare it above: `reserved_memory video size=16M reusable`".into(),
        Kind::NothingFree => {
            "the first MiB of a PC is reserved; a line `zone Normal` gives one plain zone".into()
        }
        Kind::CountsDoNotFit { needed, has, .. } if needed <= has => {
            "two free buddies would merge, so some counts need more room than their sum".into()
        }
        Kind::NotYet(NotYet::Rules(_)) => "write `rules 6.1`".into(),
        Kind::ZoneOfOtherArch { zone: ZoneKind::HighMem, .. } => "write `arch i386`".into(),
        Kind::ZoneOfOtherArch { arch: Arch::I386, .. } => {
            "the zones are DMA, Normal, HighMem, Movable".into()
        }
        Kind::PagingOfOtherArch { arch: Arch::I386, .. } => "it has `pae` and `2level`".into(),
        Kind::PagingOfOtherArch { paging: Paging::TwoLevel | Paging::Pae, .. } => "write `arch i386`".into(),
        Kind::NodesSayIt { name: "ram" } => "write `node 0 ram 1G`".into(),
        Kind::NodesSayIt { name: "cpus" } => "write `node 0 ram 1G cpus 0..3`".into(),
        Kind::NodesSayIt { .. } => "zones lie on the nodes as Linux lays them out".into(),
        Kind::NodesWithoutRam => "for example `node 0 ram 1G`".into(),
        Kind::CpuMissing { .. } => "CPUs are numbered from 0 without gaps".into(),
        Kind::RatioCount { zones: kinds, .. } => format!("one each for {}", zones(kinds)),
        Kind::PcpIsOff { .. } => "leave that line out".into(),
        Kind::PcpWithoutSizes { zone, cpu } => {
            format!("add a line `pcp_sizes {} cpu={cpu} high=515 batch=15`", zone.name())
        }
        Kind::NoPcpListOfOrder { pageblock, .. } => {
            format!("those of orders 0 to 3 are, and those of order {pageblock}, a pageblock")
        }
        Kind::NoPcpListOf { .. } => "such blocks are on the movable list".into(),
        Kind::FlagsNameTwo { zones: true } => {
            "of GFP_DMA, GFP_DMA32 and __GFP_HIGHMEM only one can stand".into()
        }
        Kind::FlagsNameTwo { zones: false } => {
            "of __GFP_MOVABLE and __GFP_RECLAIMABLE only one can stand".into()
        }
        Kind::FlagsSayIt { option: "zone=" } => "GFP_DMA, GFP_DMA32 or __GFP_HIGHMEM among the flags".into(),
        Kind::FlagsDisagree { word: "movable" | "anon" | "file", .. } => {
            "add `|__GFP_MOVABLE`, or leave the word out".into()
        }
        Kind::FlagsDisagree { word: "reclaimable", .. } => {
            "add `|__GFP_RECLAIMABLE`, or leave the word out".into()
        }
        Kind::FlagsDisagree { .. } => "leave the word out".into(),
        Kind::NothingListed => "for example `free_list DMA 10 Movable: 0x400 0x800 0xc00`".into(),
        Kind::UnknownName { row: Some(_), .. } => "a range includes both ends: 0..63 is 64 turns".into(),
        Kind::UsedTooEarly { .. } => "move this line below it".into(),
        _ => return None,
    })
}

/// The parts of speech of [`What`]: with an article, as in "expected a zone".
fn expected(what: What) -> String {
    match what {
        What::Literal(word) => format!("`{word}`"),
        What::Size => "`order=` or `pages=`".into(),
        What::Request => "`alloc`, `workload`, `kmalloc` or the like".into(),
        What::ObjectSize => "`size=` and a number of bytes".into(),
        What::Slab => "`slub` or `slab`".into(),
        What::Processor => "`skylake` or `nehalem`".into(),
        What::OnOff => "`on` or `off`".into(),
        What::OnOffAuto => "`on`, `off` or `auto`".into(),
        What::Text => "a text in quotation marks".into(),
        What::Amount => "an amount of memory".into(),
        What::PageKind => "what the pages are for".into(),
        What::Weight => "what is asked for and how often".into(),
        What::BuddyRow => "a row of /proc/buddyinfo".into(),
        What::PageblockDigits => "digits of pageblock types, 0 to 5".into(),
        What::Actions => "the number of actions".into(),
        What::NodeParts => "`ram` or `cpus`".into(),
        What::CpuRange => "a range of CPUs".into(),
        What::Thp => "`always`, `madvise` or `never`".into(),
        What::HugePages => "a number of huge pages".into(),
        What::OomKiller => "`2.6.32`, `3.10` or `6.1`".into(),
        What::SysrqKey => "`f`".into(),
        What::Policy => "a policy".into(),
        What::Paging => "`4level`, `5level`, `2level` or `pae`".into(),
        What::Sysctl => "a file of /proc/sys/vm".into(),
        What::KernelDid => "`alloc`, `refill`, `free` or `drain`".into(),
        What::KernelMoved => "`taken`, `stolen` or `drained`".into(),
        What::Gfp => "flags of a request".into(),
        What::Process => "the name of a process".into(),
        What::Group => "the name of a control group".into(),
        What::GroupLimit => "an amount of memory, or `max`".into(),
        What::Cpuset => "the name of a cpuset".into(),
        What::Prot => "`r`, `rw`, `rx`, `none` or the like".into(),
        What::Advice => "`dontneed`".into(),
        What::Byte => "a byte, 0x00 to 0xff".into(),
        What::Caches => "a processor, or the size of a cache".into(),
        What::FileAdvice => "`normal`, `sequential`, `random` or `dontneed`".into(),
        What::DropCaches => "`1`, `2` or `3`".into(),
        What::Duration => "a time such as `5s` or `200ms`".into(),
        What::Ways => "`/` and the number of ways".into(),
        What::Cycles => "cycles of L1, L2, L3 and DRAM, with `/` between them".into(),
        What::Disk => "`ssd` or `hdd`".into(),
        What::Pattern => "`row`, `column`, `stride` or `random`".into(),
        What::Matrix => "rows `x` columns".into(),
        What::RandomCount => "`count=`".into(),
        What::SignedBytes => "`+` or `-` and a number of bytes".into(),
        What::SegmentCpu => "`direct`, `8086`, `80286`, `80386` or `x86_64`".into(),
        What::Mode => "`real`, `protected` or `long`".into(),
        What::SegmentRegister => "`cs`, `ds`, `es`, `ss`, `fs` or `gs`".into(),
        What::Descriptor => "`data`, `code` or `ldt`, or eight bytes in hex".into(),
        What::AccessSize => "`1`, `2`, `4` or `8`".into(),
        What::Bits => "`16`, `32` or `64`".into(),
        What::Direction => "`to`, `from` or `both`".into(),
        What::Figure(name) => format!("`{name}=` and a number"),
        What::Arch => "an architecture".into(),
        What::Order | What::Index | What::Address | What::Offset => format!("an {}", noun(what)),
        _ => format!("a {}", noun(what)),
    }
}

fn noun(what: What) -> &'static str {
    match what {
        What::Name => "name",
        What::Number => "number",
        What::Amount => "amount of memory",
        What::Text => "text",
        What::Order => "order",
        What::Pages => "number of pages",
        What::Pfn => "frame number",
        What::Zone => "zone",
        What::MigrateType => "migratetype",
        What::PageKind => "kind of page",
        What::OnOff | What::OnOffAuto => "switch",
        What::Rules => "kernel version",
        What::Size => "size",
        What::Weight => "weight",
        What::Percent => "percentage",
        What::Actions => "number of actions",
        What::Variable => "loop variable",
        What::Index => "index",
        What::Range => "range",
        What::Request => "request",
        What::Bytes => "number of bytes",
        What::ObjectSize => "size",
        What::Slab => "allocator",
        What::Processor => "processor",
        What::BuddyRow => "row",
        What::Count => "count of free blocks",
        What::PageblockDigits => "pageblock type",
        What::Arch => "architecture",
        What::Node => "node",
        What::NodeParts => "node",
        What::Cpu => "CPU",
        What::Cpus => "number of CPUs",
        What::CpuRange => "range",
        What::Distance => "distance",
        What::Kibibytes => "number of KiB",
        What::Factor => "factor",
        What::Ratio => "ratio",
        What::Fraction => "fraction",
        What::Sysctl => "file",
        What::KernelDid => "deed",
        What::KernelMoved => "move",
        What::Thp => "setting",
        What::Paging => "paging mode",
        What::HugePages => "number of huge pages",
        What::OomKiller => "kernel version",
        What::SysrqKey => "key",
        What::Policy => "policy",
        What::Gfp => "set of flags",
        What::Process => "process",
        What::Group => "control group",
        What::GroupLimit => "limit",
        What::Cpuset => "cpuset",
        What::Prot => "protection",
        What::Advice => "advice",
        What::Byte => "byte",
        What::Caches => "caches",
        What::FileAdvice => "advice",
        What::DropCaches => "kind of caches",
        What::Duration => "time",
        What::Milliseconds => "number of milliseconds",
        What::SwapPages => "number of pages of swap",
        What::SwapPriority => "priority",
        What::Ways => "number of ways",
        What::Cycles => "number of cycles",
        What::Disk => "disk",
        What::Pattern => "pattern",
        What::Matrix => "matrix",
        What::RandomCount => "number of words",
        What::SignedBytes => "number of bytes",
        What::ByteRange => "range of bytes",
        What::Address => "address",
        What::SegmentCpu => "processor",
        What::Mode => "mode",
        What::SegmentRegister => "segment register",
        What::Selector => "selector",
        What::Descriptor => "descriptor",
        What::Limit => "limit",
        What::Offset => "offset",
        What::AccessSize => "number of bytes",
        What::Bits => "number of bits",
        What::Direction => "direction",
        What::Figure(word) | What::Literal(word) => word,
    }
}

fn example(what: What) -> Option<&'static str> {
    Some(match what {
        What::Name => "a",
        What::Amount => "64M",
        What::Text => "\"One sentence.\"",
        What::Pfn => "0xb000",
        What::Zone => "DMA32",
        What::MigrateType => "Movable",
        What::PageKind => "movable",
        What::Rules => "6.1",
        What::Size => "order=3",
        What::Weight => "movable=60",
        What::Actions => "workload 1000",
        What::Variable => "for i in 0..63",
        What::Index => "b[2*i+1]",
        What::Range => "0..63",
        What::Request => "a = alloc order=3 movable",
        What::Bytes => "64K",
        What::ObjectSize => "c = kmem_cache_create size=600",
        What::Slab => "slab slub",
        What::Processor => "tlb skylake",
        What::BuddyRow => "Node 0, zone DMA 3 2 3 0 3 2 0 0 1 1 3",
        What::PageblockDigits => "0022 1*40",
        What::Arch => "x86_64",
        What::NodeParts => "node 0 ram 1G cpus 0..1",
        What::Cpus => "cpus 4",
        What::Sysctl => "sysctl vm.min_free_kbytes 4096",
        What::KernelDid => "kernel alloc 0x7a4e order=0 gfp=GFP_KERNEL",
        What::KernelMoved => "kernel alloc 0x7a4e order=0 gfp=GFP_KERNEL taken 0x7a4e 0x7a4f",
        What::Gfp => "GFP_KERNEL|__GFP_NOWARN",
        What::CpuRange => "cpus 0..1",
        What::Process => "p",
        What::Prot => "mprotect m r",
        What::Advice => "madvise m dontneed",
        What::Byte => "memset b 0x41",
        What::Caches => "caches skylake",
        What::FileAdvice => "fadvise f random",
        What::DropCaches => "drop_caches 1",
        What::Duration | What::Milliseconds => "wait 5s",
        What::SwapPages => "swap 64M",
        What::SwapPriority => "swap 64M priority=5",
        What::Group => "p = exec cgroup=g",
        What::GroupLimit => "g = cgroup max=40M",
        What::Cpuset => "p = exec cpuset=c",
        What::Ways => "l1d=32K/8",
        What::Cycles => "cycles=4/12/44/320",
        What::Disk => "disk=hdd",
        What::Pattern => "scan m stride=64",
        What::Matrix => "scan m row 64x64",
        What::RandomCount => "scan m random count=1000",
        What::SignedBytes => "brk p +132K",
        What::ByteRange => "0..64K",
        What::Address => "0x7fff12345000",
        What::SegmentCpu => "cpu 80386",
        What::Mode => "mode protected",
        What::SegmentRegister => "load ds 0x1b",
        What::Selector => "0x1b",
        What::Descriptor => "gdt 3 data base=1M limit=0xffff",
        What::Limit => "limit=0xffff",
        What::Offset => "read ds:0x10",
        What::Figure("limit") => "limit=0xffff",
        What::Figure("base") => "base=1M",
        What::Figure("cs") => "iret cs=0x1b ss=0x23",
        What::Figure("ss") => "iret cs=0x1b ss=0x23",
        What::Figure("min") => "min=34",
        What::Figure("low") => "low=42",
        What::Figure("high") => "high=50",
        What::Figure("batch") => "batch=15",
        What::Figure("cpu") => "cpu=0",
        What::Figure("order") => "order=0",
        _ => return None,
    })
}

/// What a processor does not have, as a sentence.
fn lack(cpu: SegmentCpu, what: Lack) -> String {
    let cpu = if cpu == SegmentCpu::Direct { "processor without segments" } else { cpu.name() };
    match what {
        Lack::Segments => format!("a {cpu} has no segment registers"),
        Lack::Register(reg) => format!("the {cpu} has no register `{reg}`"),
        Lack::Mode(mode) => format!("the {cpu} has no {} mode", mode.name()),
        Lack::BackToReal => format!("the {cpu} gets back to real mode by a reset only"),
        Lack::Gate => format!("the {cpu} has no gate at address line 20"),
        Lack::Descriptors => format!("the {cpu} knows no descriptors"),
        Lack::Paging => format!("the {cpu} has no page tables of two levels"),
        Lack::Bases => format!("on the {cpu}, the base of a segment is in its descriptor"),
        Lack::Relocation => format!("the {cpu} has segments in place of one base and one bound"),
    }
}

fn instead(what: Lack) -> &'static str {
    match what {
        Lack::Segments => "leave the register out, or begin with `cpu 8086`",
        Lack::Register(_) | Lack::Paging => "`cpu 80386` has it",
        Lack::Mode(Mode::Long) | Lack::Bases => "`cpu x86_64` has it",
        Lack::Mode(_) | Lack::Descriptors | Lack::Gate => "it came with the 80286: `cpu 80286`",
        Lack::BackToReal => "`cpu 80286` switches it off and on",
        Lack::Relocation => "`cpu direct` has it",
    }
}

fn boot(error: &BootError) -> String {
    match error {
        BootError::Frames(frames) => {
            format!("{frames} frames: a machine has between {MIN_FRAMES} and {MAX_FRAMES_IMPORTED}")
        }
        BootError::Layout => {
            "the zones or the ranges of RAM overlap, or there is no such zone, node or CPU".into()
        }
        BootError::BadBlock(_, block) => {
            format!("the free block of order {} at {:#x} does not fit its zone", block.order, block.pfn.0)
        }
        BootError::Overlap(pfn) => format!("two free blocks hold frame {:#x}", pfn.0),
        BootError::DoesNotFit(_) => "the counts of free blocks are larger than their zone".into(),
    }
}

/// `64 MiB (16384 frames)`.
fn size(frames: u64) -> String {
    format!("{} ({frames} frames)", NrPages(frames.min(u64::MAX >> 16)).bytes())
}

fn zones(kinds: &[ZoneKind]) -> String {
    kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ")
}

fn dts(why: &DtsWrong) -> String {
    match why {
        DtsWrong::Expected { wanted, found } => format!("expected {wanted}, found `{found}`"),
        DtsWrong::Unfinished => "this does not end".into(),
        DtsWrong::NoSize => "a node of reserved memory says how large it is".into(),
        DtsWrong::Cells { name, wanted } => format!("`{name}` has fewer than {wanted} cells"),
        DtsWrong::UnknownLabel { name, .. } => {
            format!("no node of reserved memory has the label `{name}`")
        }
        DtsWrong::Include => "other files are not read".into(),
        DtsWrong::TooDeep => "nodes are nested too deep".into(),
    }
}

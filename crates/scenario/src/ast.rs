//! What a scenario's text says: one [`Statement`] a line, comments and blank lines kept.
//!
//! The tree is flat, as the text is: a loop is its `for` line and its `end` line. So a comment has a place wherever
//! a person puts it, and an edit on the screen is an edit of one line.

use crate::caches::CachesLine;
use crate::cma::{AreaLine, CmaLine, ReservedLine};
use crate::dma::DmaLine;
use crate::dts::DtsLine;
use crate::kernel::Kernel;
use crate::kmem::{Kmem, KmemSetting};
use crate::process::Process;
use std::fmt;

use mm::config::{Arch, Mobility, Rules, StartFigures};
use mm::gfp::GfpFlags;
use mm::mmzone::ZoneKind;
use mm::oom_kill::OomRules;
use mm::op::{Gfp, PageKind};
use mm::page::MigrateType;
use mm::segmentation::SegmentOp;

use crate::compact::{CompactLine, CompactionLine};
use crate::files::{FileLine, LowmemLine, SwapLine};
use mm::units::{Order, PAGE_SIZE};
use mm::x86::mmu::MmuConfig;
use mm::x86::pgtable::Paging;

use crate::lang::Lang;

/// A whole text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Document {
    /// Its lines, blank ones too.
    pub lines: Vec<Line>,
}

/// One line. Neither statement nor comment: a blank one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Line {
    /// What it says.
    pub statement: Option<Statement>,
    /// What stands behind `#`, without one space after it and without spaces at the end.
    pub comment: Option<String>,
}

impl From<Statement> for Line {
    fn from(statement: Statement) -> Line {
        Line { statement: Some(statement), comment: None }
    }
}

/// One line's worth of the language. `docs/language.md` shows them all in use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Statement {
    /// `title "…" zh "…"`
    Title(Phrase),
    /// `rules 6.1`
    Rules(Rules),
    /// `arch x86_64|i386`
    Arch(Arch),
    /// `ram 64M`
    Ram(Amount),
    /// `zone DMA 16M`; without a size it is the rest of RAM.
    Zone {
        /// Which kind.
        kind: ZoneKind,
        /// How much, or the rest.
        size: Option<Amount>,
    },
    /// `reserve 0 1M`
    Reserve {
        /// From which address or frame.
        start: Amount,
        /// How much.
        size: Amount,
    },
    /// `cpus 4`: so many, all on node 0.
    Cpus(u8),
    /// `node 0 ram 1G cpus 0..1`
    Node(Node),
    /// `distance 0 1 20`
    Distance {
        /// From this node.
        from: u8,
        /// To this one.
        to: u8,
        /// How far, 11 to 254.
        distance: u8,
    },
    /// `pageblock_order 9`; 1 to 10.
    PageblockOrder(Order),
    /// `page_group_by_mobility on|off|auto`
    Mobility(Mobility),
    /// `pcp on|off`
    Pcp(bool),
    /// `watermarks on|off`
    Watermarks(bool),
    /// `min_free_kbytes 4096` and the like: what was written to a file of `/proc/sys/vm` before the scenario begins.
    Tunable(Tunable),
    /// `thp always|madvise|never`
    Thp(Thp),
    /// `paging 5level`: how the processors translate addresses; `4level`, on i386 `pae` or `2level`.
    Paging(Paging),
    /// `cma on|off`
    Cma(bool),
    /// `cma 64M`: the default contiguous area.
    Area(AreaLine),
    /// `reserved_memory video size=16M reusable`: a node of the device tree.
    ReservedMemory(ReservedLine),
    /// `slab slub` and the like: how kernel objects are allocated.
    KmemSetting(KmemSetting),
    /// `tlb skylake`: what CPUs translate addresses with.
    Tlb(MmuConfig),
    /// `reclaim on|off`: whether memory is taken away when it runs short.
    Reclaim(bool),
    /// `swap 64M`: an area of swap, and memory is taken away.
    Swap(SwapLine),
    /// `oom_killer 2.6.32`: by whose rules a process is killed when memory has run out.
    OomKiller(OomRules),
    /// `lowmemorykiller on`: Android's driver kills before memory has run out.
    Lowmem(LowmemLine),
    /// `compaction on`
    Compaction(CompactionLine),
    /// `caches skylake`, `caches l1d=32K/8 l2=256K/4 l3=8M/16`: the caches of the processor.
    Caches(CachesLine),
    /// `seed 7`
    Seed(u64),
    /// `buddyinfo Node 0, zone DMA 3 2 3 0 3 2 0 0 1 1 3`
    BuddyInfo {
        /// Whose row.
        zone: ZoneRef,
        /// Free blocks of each order.
        counts: [u32; Order::COUNT],
    },
    /// `free_list DMA32 10 Movable: 0xb000 0xbc00`
    FreeList {
        /// Whose list.
        zone: ZoneRef,
        /// Its order.
        order: Order,
        /// Its type.
        migratetype: MigrateType,
        /// Its blocks, head first.
        pfns: Vec<u32>,
    },
    /// `pageblocks DMA32 0022 1*40`
    Pageblocks {
        /// Whose pageblocks.
        zone: ZoneRef,
        /// Their types; neighbouring runs differ.
        runs: Vec<Run>,
    },
    /// `figures DMA min=34 low=42 high=50`
    Figures {
        /// Whose figures.
        zone: ZoneRef,
        /// In pages, ascending.
        figures: StartFigures,
    },
    /// `pcp_sizes DMA32 cpu=0 high=515 batch=15`
    PcpSizes {
        /// Of which zone.
        zone: ZoneRef,
        /// Which CPU's.
        cpu: u8,
        /// How long its lists may be, and so on.
        sizes: PcpSizes,
    },
    /// `pcp_list DMA32 cpu=0 order=0 Movable: 0x8ebb 0x8ebc`
    PcpList {
        /// Of which zone.
        zone: ZoneRef,
        /// Which CPU's.
        cpu: u8,
        /// Its order.
        order: Order,
        /// Its type: unmovable, movable or reclaimable.
        migratetype: MigrateType,
        /// Its blocks, head first.
        pfns: Vec<u32>,
    },
    /// `say "…" zh "…"`
    Say(Phrase),
    /// `a = alloc order=8 movable`
    Alloc(Alloc),
    /// `free a`
    Free {
        /// What to free.
        target: Target,
        /// The CPU that frees it.
        cpu: u8,
    },
    /// `w = workload 1000 orders=0..3 movable=60 free=45`
    Workload(Workload),
    /// `dts video: region { size = <0x400000>; };`: a line of source of a device tree.
    Dts(DtsLine),
    /// `swiotlb 64M`: bounce buffers are kept at boot.
    Swiotlb(u64),
    /// `drain`
    Drain,
    /// `sysctl vm.min_free_kbytes 4096`
    Sysctl(Tunable),
    /// `isolate 0x8000`: the pageblock of a frame is taken out of use.
    Isolate(u32),
    /// `unisolate 0x8000 Movable`: it is given back.
    Unisolate(u32, MigrateType),
    /// `kernel alloc 0x7a4e order=0 gfp=GFP_KERNEL`: what a real kernel did.
    Kernel(Kernel),
    /// `p = kmalloc 40` and the like: kernel objects and vmalloc.
    Kmem(Kmem),
    /// `p = exec`, `write m` and the like: processes and their memory.
    Process(Process),
    /// `load ds 0x1b`, `read ds:0x10` and the like: segments.
    Segment(SegmentOp),
    /// `pin a`, `move_pages m node=1` and the like: pages that move, or may not.
    Compact(CompactLine),
    /// `cat f`, `sync` and the like: files, and time that passes.
    File(FileLine),
    /// `buf = cma_alloc 256` and the like: contiguous areas and ranges of frames.
    CmaOp(CmaLine),
    /// `buf = dma_alloc_coherent d 16M` and the like: devices and their memory.
    Dma(DmaLine),
    /// `for i in 0..63 step 2`
    For(For),
    /// `end`
    End,
    /// A line that could not be understood, as it stands: printing loses nothing.
    Broken(String),
}

impl Statement {
    /// Whether it is an op: something that happens, not a setting.
    #[must_use]
    pub fn is_op(&self) -> bool {
        matches!(
            self,
            Statement::Alloc(_)
                | Statement::Free { .. }
                | Statement::Workload(_)
                | Statement::Drain
                | Statement::Sysctl(_)
                | Statement::Isolate(_)
                | Statement::Unisolate(..)
                | Statement::Kernel(_)
                | Statement::Kmem(_)
                | Statement::Process(_)
                | Statement::Segment(_)
                | Statement::File(_)
                | Statement::CmaOp(_)
                | Statement::Dma(_)
                | Statement::Compact(_)
        )
    }

    /// Its word, when it is a setting with one value: it stands at most once, and another value takes its place.
    #[must_use]
    pub fn single_setting(&self) -> Option<&'static str> {
        Some(match self {
            Statement::Title(_) => "title",
            Statement::Rules(_) => "rules",
            Statement::Arch(_) => "arch",
            Statement::Ram(_) => "ram",
            Statement::Cpus(_) => "cpus",
            Statement::PageblockOrder(_) => "pageblock_order",
            Statement::Mobility(_) => "page_group_by_mobility",
            Statement::Pcp(_) => "pcp",
            Statement::Watermarks(_) => "watermarks",
            Statement::Tunable(tunable) => tunable.name(),
            Statement::Thp(_) => "thp",
            Statement::Paging(_) => "paging",
            Statement::Cma(_) | Statement::Area(_) => "cma",
            Statement::KmemSetting(setting) => setting.word(),
            Statement::Tlb(_) => "tlb",
            Statement::Reclaim(_) => "reclaim",
            Statement::OomKiller(_) => "oom_killer",
            Statement::Lowmem(_) => "lowmemorykiller",
            Statement::Compaction(_) => "compaction",
            Statement::Swiotlb(_) => "swiotlb",
            Statement::Caches(_) => "caches",
            Statement::Seed(_) => "seed",
            _ => return None,
        })
    }

    /// Whether a loop begins here, broken or not: what the lines behind it are indented by.
    #[must_use]
    pub fn opens(&self) -> bool {
        matches!(self, Statement::For(_)) || self.broken_word() == Some("for")
    }

    /// Whether a loop ends here, broken or not.
    #[must_use]
    pub fn closes(&self) -> bool {
        matches!(self, Statement::End) || self.broken_word() == Some("end")
    }

    fn broken_word(&self) -> Option<&str> {
        match self {
            Statement::Broken(text) => Some(crate::letter::first_word(text)),
            _ => None,
        }
    }
}

/// A sentence, and the same in Chinese when there is one.
#[derive(Clone, PartialEq, Eq, Debug, Default, Hash)]
pub struct Phrase {
    /// The sentence; the only one of those who write in one language.
    pub text: String,
    /// The same in 简体中文.
    pub zh: Option<String>,
}

impl Phrase {
    /// The sentence in a language, or in the one it was written in.
    #[must_use]
    pub fn in_lang(&self, lang: Lang) -> &str {
        match (lang, &self.zh) {
            (Lang::Zh, Some(zh)) => zh,
            _ => &self.text,
        }
    }
}

/// An amount of memory in whole frames, and whether a person wrote it in bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct Amount {
    frames: u64,
    in_bytes: bool,
}

impl Amount {
    /// So many frames: `1024 frames`.
    #[must_use]
    pub fn frames(frames: u64) -> Amount {
        Amount { frames, in_bytes: false }
    }

    /// So many bytes, if they are whole frames: `64M`.
    #[must_use]
    pub fn bytes(bytes: u64) -> Option<Amount> {
        // Nothing is nothing in either unit, and is written `0`.
        bytes.is_multiple_of(PAGE_SIZE).then_some(Amount { frames: bytes / PAGE_SIZE, in_bytes: bytes > 0 })
    }

    /// In frames.
    #[must_use]
    pub fn count(self) -> u64 {
        self.frames
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kib = self.frames * (PAGE_SIZE / 1024);
        match self.frames {
            0 => f.write_str("0"),
            frames if !self.in_bytes => write!(f, "{frames} frames"),
            _ if kib.is_multiple_of(1 << 20) => write!(f, "{}G", kib >> 20),
            _ if kib.is_multiple_of(1 << 10) => write!(f, "{}M", kib >> 10),
            _ => write!(f, "{kib}K"),
        }
    }
}

/// A zone of a node: `DMA32`, `Normal node=1`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ZoneRef {
    /// Which kind.
    pub kind: ZoneKind,
    /// Of which node.
    pub node: u8,
}

impl fmt::Display for ZoneRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())?;
        if self.node > 0 { write!(f, " node={}", self.node) } else { Ok(()) }
    }
}

/// A NUMA node: memory, CPUs, or both.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// Its number.
    pub node: u8,
    /// Its memory.
    pub ram: Option<Amount>,
    /// Its CPUs, as ranges with both ends included.
    pub cpus: Vec<(u8, u8)>,
}

/// How long a CPU's lists are and how they drain, as a kernel had it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PcpSizes {
    /// From so many pages on some are given back.
    pub high: u32,
    /// Pages of one refill.
    pub batch: u32,
    /// How often the batch of a drain is doubled.
    pub free_factor: u8,
    /// Ticks until the pages of a remote node are given back.
    pub expire: u8,
}

/// A file of `/proc/sys/vm` and what is written to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Tunable {
    /// `min_free_kbytes`
    MinFreeKbytes(u32),
    /// `watermark_scale_factor`; 1 to 3000.
    WatermarkScaleFactor(u32),
    /// `watermark_boost_factor`
    WatermarkBoostFactor(u32),
    /// `lowmem_reserve_ratio`: a number for each zone that the kernel has, 1 to 6 of them here.
    LowmemReserveRatio(Vec<u32>),
    /// `percpu_pagelist_high_fraction`; 0, or 8 and more.
    PercpuPagelistHighFraction(u32),
    /// `overcommit_memory`; 0, 1 or 2.
    OvercommitMemory(u32),
    /// `overcommit_ratio`
    OvercommitRatio(u32),
    /// `swappiness`; 0 to 200.
    Swappiness(u32),
    /// `dirty_ratio`; 0 to 100.
    DirtyRatio(u32),
    /// `dirty_background_ratio`; 0 to 100.
    DirtyBackgroundRatio(u32),
    /// `page-cluster`, in a text `page_cluster`; 0 to 5.
    PageCluster(u32),
    /// `zone_reclaim_mode`; 0 to 7.
    ZoneReclaimMode(u32),
    /// `vfs_cache_pressure`
    VfsCachePressure(u32),
    /// `panic_on_oom`; 0, 1 or 2.
    PanicOnOom(u32),
    /// `oom_kill_allocating_task`
    OomKillAllocatingTask(u32),
}

impl Tunable {
    /// The names of all of them.
    pub const NAMES: [&str; 15] = [
        "min_free_kbytes",
        "watermark_scale_factor",
        "watermark_boost_factor",
        "lowmem_reserve_ratio",
        "percpu_pagelist_high_fraction",
        "overcommit_memory",
        "overcommit_ratio",
        "swappiness",
        "dirty_ratio",
        "dirty_background_ratio",
        "page_cluster",
        "panic_on_oom",
        "oom_kill_allocating_task",
        "zone_reclaim_mode",
        "vfs_cache_pressure",
    ];
    /// The largest number that such a file takes.
    pub const MAX: u32 = i32::MAX as u32;

    /// The name of the file.
    #[must_use]
    pub fn name(&self) -> &'static str {
        let at = match self {
            Tunable::MinFreeKbytes(_) => 0,
            Tunable::WatermarkScaleFactor(_) => 1,
            Tunable::WatermarkBoostFactor(_) => 2,
            Tunable::LowmemReserveRatio(_) => 3,
            Tunable::PercpuPagelistHighFraction(_) => 4,
            Tunable::OvercommitMemory(_) => 5,
            Tunable::OvercommitRatio(_) => 6,
            Tunable::Swappiness(_) => 7,
            Tunable::DirtyRatio(_) => 8,
            Tunable::DirtyBackgroundRatio(_) => 9,
            Tunable::PageCluster(_) => 10,
            Tunable::PanicOnOom(_) => 11,
            Tunable::OomKillAllocatingTask(_) => 12,
            Tunable::ZoneReclaimMode(_) => 13,
            Tunable::VfsCachePressure(_) => 14,
        };
        Tunable::NAMES[at]
    }
}

impl fmt::Display for Tunable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Tunable::LowmemReserveRatio(ratio) => ratio.iter().try_for_each(|number| write!(f, " {number}")),
            Tunable::MinFreeKbytes(number)
            | Tunable::WatermarkScaleFactor(number)
            | Tunable::WatermarkBoostFactor(number)
            | Tunable::PercpuPagelistHighFraction(number)
            | Tunable::OvercommitMemory(number)
            | Tunable::OvercommitRatio(number)
            | Tunable::Swappiness(number)
            | Tunable::DirtyRatio(number)
            | Tunable::DirtyBackgroundRatio(number)
            | Tunable::PageCluster(number)
            | Tunable::VfsCachePressure(number)
            | Tunable::PanicOnOom(number)
            | Tunable::ZoneReclaimMode(number)
            | Tunable::OomKillAllocatingTask(number) => write!(f, " {number}"),
        }
    }
}

/// `/sys/kernel/mm/transparent_hugepage/enabled`: whether khugepaged asks for more free memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Thp {
    /// Huge pages wherever they fit.
    Always,
    /// Where a program asks for them.
    Madvise,
    /// Nowhere.
    Never,
}

impl Thp {
    /// The words, in the order in which the kernel prints them.
    pub const WORDS: [&str; 3] = ["always", "madvise", "never"];

    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        Thp::WORDS[self as usize]
    }
}

/// So many pageblocks of one type in a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Run {
    /// The type.
    pub migratetype: MigrateType,
    /// How many, at least 1.
    pub count: u32,
}

/// `a`, `b[3]`, `b[2*i+1]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// The name.
    pub name: String,
    /// Which one of a row.
    pub index: Option<Index>,
}

impl Target {
    /// The plain name `name`.
    #[must_use]
    pub fn named(name: &str) -> Target {
        Target { name: name.to_owned(), index: None }
    }
}

/// An index: a sum of loop variables with factors, and a number.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Index {
    terms: Vec<(i64, String)>,
    constant: i64,
}

impl Index {
    /// The largest number that may stand in an index or bound a loop: sums of products stay far inside 64 bits.
    pub const MAX_NUMBER: u64 = 1_000_000;
    /// The most terms of one index.
    pub const MAX_TERMS: usize = 4;

    /// A fixed index.
    #[must_use]
    pub fn number(constant: i64) -> Index {
        Index { terms: Vec::new(), constant }
    }

    /// Adds `factor * variable`.
    #[must_use]
    pub fn plus(mut self, factor: i64, variable: &str) -> Index {
        match self.terms.iter_mut().find(|(_, name)| name == variable) {
            Some((sum, _)) => *sum += factor,
            None => self.terms.push((factor, variable.to_owned())),
        }
        self.terms.retain(|(factor, _)| *factor != 0);
        self
    }

    /// Adds a number.
    #[must_use]
    pub fn plus_number(mut self, number: i64) -> Index {
        self.constant += number;
        self
    }

    /// The largest factor or number in it, without its sign.
    #[must_use]
    pub fn largest_number(&self) -> u64 {
        let factors = self.terms.iter().map(|(factor, _)| factor.unsigned_abs());
        factors.max().unwrap_or(0).max(self.constant.unsigned_abs())
    }

    /// The loop variables it uses.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().map(|(_, name)| name.as_str())
    }

    /// Its value, or none when `value_of` does not know a variable or the sum is too large.
    pub fn evaluate(&self, value_of: impl Fn(&str) -> Option<u32>) -> Option<i64> {
        self.terms.iter().try_fold(self.constant, |sum, (factor, name)| {
            factor.checked_mul(i64::from(value_of(name)?))?.checked_add(sum)
        })
    }
}

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `62-i` reads better than `-i+62`.
        let number_first = self.constant > 0 && self.terms.first().is_some_and(|(factor, _)| *factor < 0);
        if number_first || self.terms.is_empty() {
            write!(f, "{}", self.constant)?;
        }
        for (at, (factor, name)) in self.terms.iter().enumerate() {
            let sign = match (*factor < 0, at > 0 || number_first) {
                (true, _) => "-",
                (false, true) => "+",
                (false, false) => "",
            };
            match factor.unsigned_abs() {
                1 => write!(f, "{sign}{name}")?,
                factor => write!(f, "{sign}{factor}*{name}")?,
            }
        }
        match self.constant {
            0 => Ok(()),
            _ if number_first || self.terms.is_empty() => Ok(()),
            constant => write!(f, "{constant:+}"),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.index {
            None => f.write_str(&self.name),
            Some(index) => write!(f, "{}[{index}]", self.name),
        }
    }
}

/// How large a request is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Size {
    /// `order=8`. Above 10 the kernel refuses it.
    Order(u8),
    /// `pages=200`: the smallest order that holds them. At least 1.
    Pages(u32),
}

impl Size {
    /// The order that is asked for.
    #[must_use]
    pub fn order(self) -> u8 {
        match self {
            Size::Order(order) => order,
            Size::Pages(pages) => (32 - pages.saturating_sub(1).leading_zeros()) as u8,
        }
    }
}

/// A request for one block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alloc {
    /// What the block is called.
    pub target: Target,
    /// How large.
    pub size: Size,
    /// What for; when the text does not say, what the flags say, else unmovable.
    pub kind: PageKind,
    /// The highest zone that may serve it; none: as the kernel would for this kind.
    pub zone: Option<ZoneKind>,
    /// What else the kernel is told.
    pub flags: Flags,
    /// The CPU that asks.
    pub cpu: u8,
    /// The frame that a real kernel handed out for this very request: shown beside the model's answer, never used
    /// by it.
    pub real: Option<u32>,
    /// The process in whose call the kernel asks for it; none: nobody's.
    pub by: Option<Box<Target>>,
}

impl Alloc {
    /// A request with no options.
    #[must_use]
    pub fn new(target: Target, size: Size, kind: PageKind) -> Alloc {
        Alloc { target, size, kind, zone: None, flags: Flags::Usual, cpu: 0, real: None, by: None }
    }
}

/// The flags of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flags {
    /// As such a request usually has them.
    Usual,
    /// `nowait`: the usual ones of somebody who cannot sleep.
    Nowait,
    /// `atomic`: and is urgent.
    Atomic,
    /// `gfp=GFP_KERNEL|__GFP_NOWARN`: these. They say the zone and the migratetype too.
    Given(GfpFlags),
}

impl Flags {
    /// How a person would say what a request asks for: its flags, and its zone unless they say it.
    #[must_use]
    pub fn of(gfp: Gfp) -> (Flags, Option<ZoneKind>) {
        let zones = std::iter::once(None).chain(ZoneKind::ALL.map(Some));
        let said = zones.into_iter().find_map(|zone| {
            let usual = Gfp::of(gfp.kind, zone).flags;
            let said =
                [(Flags::Usual, usual), (Flags::Nowait, usual.nowait()), (Flags::Atomic, usual.atomic())];
            said.into_iter().find(|(_, flags)| *flags == gfp.flags).map(|(said, _)| (said, zone))
        });
        said.unwrap_or((Flags::Given(gfp.flags), None))
    }

    /// The kind of pages that a request with given flags is for, when nothing else says it.
    #[must_use]
    pub fn kind(flags: GfpFlags) -> PageKind {
        match flags.migratetype() {
            MigrateType::Movable => PageKind::Movable,
            MigrateType::Reclaimable => PageKind::Reclaimable,
            _ => PageKind::Unmovable,
        }
    }
}

/// A seeded random workload.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Workload {
    /// What its pool of blocks is called.
    pub target: Target,
    /// How many actions, at least 1.
    pub actions: u32,
    /// The smallest and the largest order.
    pub orders: (Order, Order),
    /// How often each of [`PageKind::ASKABLE`] is asked for; not all 0.
    pub weights: [u8; 5],
    /// Of a hundred actions, so many free a block. 0 to 100.
    pub free_percent: u8,
    /// The highest zone that may serve it; none: as the kernel would for these kinds.
    pub zone: Option<ZoneKind>,
    /// The CPU it runs on.
    pub cpu: u8,
}

/// A loop. Both ends are included: `0..63` is 64 turns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct For {
    /// The variable.
    pub variable: String,
    /// Its first value.
    pub from: u32,
    /// The value it does not pass.
    pub to: u32,
    /// What is added each turn, at least 1.
    pub step: u32,
}

impl For {
    /// How many turns; 0 when `to` lies below `from`.
    #[must_use]
    pub fn turns(&self) -> u32 {
        match self.to.checked_sub(self.from) {
            Some(width) => width / self.step.max(1) + 1,
            None => 0,
        }
    }

    /// The values of the variable.
    pub fn values(&self) -> impl Iterator<Item = u32> + use<> {
        let (from, step) = (self.from, self.step.max(1));
        (0..self.turns()).map(move |turn| from + turn * step)
    }
}

/// The word for a kind, as the language writes it.
#[must_use]
pub fn kind_word(kind: PageKind) -> &'static str {
    match kind {
        PageKind::Unknown
        | PageKind::Unmovable
        | PageKind::Slab
        | PageKind::Vmalloc
        | PageKind::PageTable => "unmovable",
        PageKind::Movable => "movable",
        PageKind::Reclaimable => "reclaimable",
        PageKind::Anon => "anon",
        PageKind::File => "file",
    }
}

/// The kind that a word stands for.
#[must_use]
pub fn kind_from_word(word: &str) -> Option<PageKind> {
    PageKind::ASKABLE.into_iter().find(|kind| kind_word(*kind) == word)
}

/// The word for a setting of grouping by mobility.
#[must_use]
pub fn mobility_word(mobility: Mobility) -> &'static str {
    match mobility {
        Mobility::Auto => "auto",
        Mobility::On => "on",
        Mobility::Off => "off",
    }
}

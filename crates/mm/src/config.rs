//! What a machine is before anything happens on it.

use std::rc::Rc;

use crate::cma::AreaSpec;
use crate::compaction::CompactionConfig;
use crate::hierarchy::Caches;
use crate::mmzone::{ZoneId, ZoneKind};
use crate::oom_kill::{Lowmem, OomRules};
use crate::page::MigrateType;
use crate::page_alloc::setup::{Tunables, zone_pages_in_node, zone_sizes_init};
use crate::reclaim::ReclaimConfig;
use crate::replay::Recording;
use crate::slab_common::KmemConfig;
use crate::units::{CpuId, Order, Pfn, PfnRange};
use crate::x86::mmu::MmuConfig;
use crate::x86::pgtable::Paging;

/// Whose rules the machine follows. A difference between kernels is a value asked for where it matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Rules {
    /// Linux 6.1 (measured against 6.1.192).
    #[default]
    V6_1,
}

impl Arch {
    /// The name as `uname -m` and a person write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Arch::X86_64 => "x86_64",
            Arch::I386 => "i386",
        }
    }

    /// The kinds of zones that its kernel has, lowest first, as `/proc/sys/vm/lowmem_reserve_ratio` lists them.
    #[must_use]
    pub fn zone_kinds(self) -> &'static [ZoneKind] {
        use ZoneKind::{Device, Dma, Dma32, HighMem, Movable, Normal};
        match self {
            Arch::X86_64 => &[Dma, Dma32, Normal, Movable, Device],
            Arch::I386 => &[Dma, Normal, HighMem, Movable],
        }
    }
}

impl Rules {
    /// The version as a person writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Rules::V6_1 => "6.1",
        }
    }
}

/// Which zones the kernel has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Arch {
    /// DMA, DMA32, Normal, Movable, Device.
    #[default]
    X86_64,
    /// DMA, Normal, HighMem, Movable.
    I386,
}

/// Where processes get huge pages (`/sys/kernel/mm/transparent_hugepage/enabled`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Thp {
    /// Wherever they fit.
    Always,
    /// Where a program asks for them.
    Madvise,
    /// Nowhere.
    #[default]
    Never,
}

/// Whether pages are grouped by mobility (`page_group_by_mobility_disabled`, mm/page_alloc.c).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mobility {
    /// As the kernel decides it: off when there are fewer pages than one pageblock for each migratetype.
    #[default]
    Auto,
    /// Always on: what a lesson on a tiny machine sets.
    On,
    /// Always off: every request is treated as unmovable.
    Off,
}

/// One zone: its kind, its node and its frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ZoneSpec {
    /// Which kind.
    pub kind: ZoneKind,
    /// The NUMA node.
    pub node: u8,
    /// From the first to behind the last frame, holes included.
    pub span: PfnRange,
}

/// The free lists of one zone as a kernel had them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ZoneLists {
    /// Which zone.
    pub zone: ZoneId,
    /// The type of each pageblock, from the one that holds the zone's first frame on; missing ones are movable.
    pub pageblocks: Vec<MigrateType>,
    /// For each list its blocks, head first.
    pub lists: Vec<(Order, MigrateType, Vec<Pfn>)>,
    /// The zone's figures; none: computed from its size.
    pub figures: Option<StartFigures>,
    /// What the CPUs keep; those that are missing keep nothing.
    pub pcp: Vec<StartPcp>,
}

impl ZoneLists {
    /// Nothing free, nothing known.
    #[must_use]
    pub fn empty(zone: ZoneId) -> ZoneLists {
        ZoneLists { zone, pageblocks: Vec::new(), lists: Vec::new(), figures: None, pcp: Vec::new() }
    }
}

/// A zone's figures as a kernel had them, in pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StartFigures {
    /// min, low, high and promo without the boost.
    pub watermark: [u32; 4],
    /// The boost.
    pub watermark_boost: u32,
    /// Pages in high-atomic pageblocks.
    pub nr_reserved_highatomic: u32,
}

/// What one CPU keeps of a zone, as a kernel had it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StartPcp {
    /// Which CPU.
    pub cpu: CpuId,
    /// `high`, `batch`, `free_factor` and `expire`.
    pub sizes: [u32; 4],
    /// For each list that is not empty its index (0 to 13) and its blocks, head first.
    pub lists: Vec<(u8, Vec<Pfn>)>,
}

/// What the free lists are when the scenario starts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Start {
    /// All memory free, as `memblock_free_all()` hands it over at boot.
    #[default]
    Boot,
    /// So many free blocks of each order, as `/proc/buddyinfo` counts them; the places are invented.
    Counts(Vec<(ZoneId, [u32; Order::COUNT])>),
    /// The very lists of a kernel; every other frame is in use by somebody unknown.
    Lists(Vec<ZoneLists>),
}

/// The whole of a machine's settings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// Whose rules.
    pub rules: Rules,
    /// Frames that exist, ascending and disjoint.
    pub ram: Vec<PfnRange>,
    /// Frames of `ram` that never reach the buddy system (`memblock.reserved`).
    pub reserved: Vec<PfnRange>,
    /// Contiguous areas, as [`crate::cma::place::declare`] has placed them; at most [`crate::cma::MAX_AREAS`].
    pub areas: Vec<AreaSpec>,
    /// Pools of devices: frames of `reserved`, at most [`crate::dma::MAX_POOLS`].
    pub pools: Vec<PfnRange>,
    /// The pool of all devices that do not look into caches and have none of their own (`linux,dma-default`), by number.
    pub default_pool: Option<u8>,
    /// Bounce buffers: frames of `reserved`, a power of two of at least 1 MiB.
    pub swiotlb: Option<PfnRange>,
    /// The zones, ascending and disjoint.
    pub zones: Vec<ZoneSpec>,
    /// Frames of a pageblock as an order (`pageblock_order`): 9 on x86-64, where a pageblock is a huge page.
    pub pageblock_order: Order,
    /// Grouping by mobility.
    pub mobility: Mobility,
    /// Whether the kernel was built with CMA: decides the columns of `/proc/pagetypeinfo` and the number of
    /// migratetypes that [`Mobility::Auto`] counts.
    pub cma: bool,
    /// Which zones the kernel has.
    pub arch: Arch,
    /// How its processors translate addresses; of the same architecture.
    pub paging: Paging,
    /// What was written to `/sys/kernel/mm/transparent_hugepage/enabled`; none: as the kernel boots.
    pub thp: Option<Thp>,
    /// The NUMA node of each CPU; at least one.
    pub cpus: Vec<u8>,
    /// The firmware's table of distances between nodes, row by row; what is missing is 10 to itself, 20 to others.
    pub distances: Vec<Vec<u8>>,
    /// Whether there are per-CPU lists. Linux has no such switch; lessons about the buddy system alone do.
    pub pcp: bool,
    /// Whether requests are measured against watermarks; the same holds.
    pub watermarks: bool,
    /// What a person set in `/proc/sys/vm` before the scenario begins.
    pub tunables: Tunables,
    /// By whose rules the OOM killer chooses.
    pub oom_rules: OomRules,
    /// Android's driver that kills before memory has run out, where memory is reclaimed; none: it is not there.
    pub lowmem: Option<Lowmem>,
    /// How objects are allocated.
    pub kmem: KmemConfig,
    /// What is needed to take memory away again; none: nobody does.
    pub reclaim: Option<ReclaimConfig>,
    /// Requests and kcompactd compact memory; none: nobody does before he is told.
    pub compaction: Option<CompactionConfig>,
    /// What the CPUs translate addresses with; none: translations are not looked at.
    pub mmu: Option<MmuConfig>,
    /// The caches of the processor; none: nobody has said.
    pub caches: Option<Caches>,
    /// What a recorded trace says besides its ops.
    pub recorded: Rc<Recording>,
    /// The seed of everything random.
    pub seed: u64,
    /// The first state of the free lists.
    pub start: Start,
}

impl Config {
    /// One zone `Normal` of `frames` frames from frame 0 on, grouping by mobility on, without per-CPU lists and
    /// watermarks: the machine of the worked examples of the buddy system.
    #[must_use]
    pub fn single_zone(frames: u32) -> Config {
        let all = PfnRange::new(0, frames);
        Config {
            rules: Rules::V6_1,
            ram: vec![all],
            reserved: Vec::new(),
            areas: Vec::new(),
            pools: Vec::new(),
            default_pool: None,
            swiotlb: None,
            zones: vec![ZoneSpec { kind: ZoneKind::Normal, node: 0, span: all }],
            pageblock_order: Order::new(9).unwrap_or(Order::MAX),
            mobility: Mobility::On,
            cma: false,
            arch: Arch::X86_64,
            paging: Paging::FourLevel,
            thp: None,
            cpus: vec![0],
            distances: Vec::new(),
            pcp: false,
            watermarks: false,
            tunables: Tunables::default(),
            oom_rules: OomRules::default(),
            lowmem: None,
            kmem: KmemConfig::default(),
            reclaim: None,
            compaction: None,
            mmu: None,
            caches: None,
            recorded: Rc::default(),
            seed: 1,
            start: Start::Boot,
        }
    }

    /// An x86-64 PC with `frames` frames of RAM on one node: see [`Config::pc`].
    #[must_use]
    pub fn x86_64(frames: u32) -> Config {
        Config::pc(Arch::X86_64, &[frames])
    }

    /// A PC with so many frames of RAM on each node. The nodes lie one behind the other, with a hole from 3 to 4 GiB
    /// when there is more RAM than that; the first MiB is reserved, and frame 0 is none. The zones are DMA from frame 1
    /// to 16 MiB, then DMA32 to 4 GiB and Normal above, or on i386 Normal to 896 MiB and HighMem above; each node has
    /// the part of a zone where its memory lies (`zone_sizes_init()`, arch/x86/mm/init.c; facts 01).
    #[must_use]
    pub fn pc(arch: Arch, nodes: &[u32]) -> Config {
        const HOLE: u32 = 0xc_0000;
        const FOUR_GIB: u32 = 0x10_0000;
        const LOWMEM_END: u32 = 0x3_8000;
        let frames: u32 = nodes.iter().sum();
        let above_hole = |at: u32| if frames > HOLE && at >= HOLE { at - HOLE + FOUR_GIB } else { at };
        let mut at = 0;
        let ram_of = |pages: &u32| {
            let (from, to) = (at, at + pages);
            at = to;
            let low = PfnRange::new(from.max(1), to.min(HOLE).max(from.max(1)));
            let high = PfnRange::new(above_hole(from.max(HOLE)), above_hole(to.max(HOLE)));
            [low, high].into_iter().filter(|range| !range.is_empty()).collect::<Vec<_>>()
        };
        let of_nodes: Vec<Vec<PfnRange>> = nodes.iter().map(ram_of).collect();
        let end = of_nodes.iter().flatten().last().map_or(0, |range| range.end.0);
        let max_low = if arch == Arch::I386 { end.min(LOWMEM_END) } else { end };
        let mut zones = Vec::new();
        for (kind, range) in zone_sizes_init(1, max_low, end) {
            // An i386 kernel has no DMA32: below its high memory everything is Normal.
            let kind = if arch == Arch::I386 && kind == ZoneKind::Dma32 { ZoneKind::Normal } else { kind };
            for (node, ram) in (0u8..).zip(&of_nodes) {
                let (span, present) = zone_pages_in_node(range, ram);
                if present.0 > 0 {
                    zones.push(ZoneSpec { kind, node, span });
                }
            }
        }
        Config {
            ram: of_nodes.into_iter().flatten().collect(),
            reserved: vec![PfnRange::new(1, 256)],
            zones,
            mobility: Mobility::Auto,
            arch,
            paging: Paging::of(arch),
            ..Config::single_zone(0)
        }
    }

    /// How many NUMA nodes there are.
    #[must_use]
    pub fn nodes(&self) -> u8 {
        self.zones.iter().map(|zone| zone.node).chain(self.cpus.iter().copied()).max().unwrap_or(0) + 1
    }

    /// How many CPUs each node has.
    #[must_use]
    pub fn cpus_per_node(&self) -> Vec<u32> {
        let on = |node: u8| self.cpus.iter().filter(|n| **n == node).count() as u32;
        (0..self.nodes()).map(on).collect()
    }

    /// One past the highest frame.
    #[must_use]
    pub fn end(&self) -> Pfn {
        self.ram.last().map_or(Pfn(0), |range| range.end)
    }
}

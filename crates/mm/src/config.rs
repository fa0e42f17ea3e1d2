//! What a machine is before anything happens on it.

use crate::mmzone::{ZoneId, ZoneKind};
use crate::page::MigrateType;
use crate::units::{Order, Pfn, PfnRange};

/// Whose rules the machine follows. A difference between kernels is a value asked for where it matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Rules {
    /// Linux 6.1 (measured against 6.1.192).
    #[default]
    V6_1,
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
    /// The zones, ascending and disjoint.
    pub zones: Vec<ZoneSpec>,
    /// Frames of a pageblock as an order (`pageblock_order`): 9 on x86-64, where a pageblock is a huge page.
    pub pageblock_order: Order,
    /// Grouping by mobility.
    pub mobility: Mobility,
    /// Whether the kernel was built with CMA: decides the columns of `/proc/pagetypeinfo` and the number of
    /// migratetypes that [`Mobility::Auto`] counts.
    pub cma: bool,
    /// The seed of everything random.
    pub seed: u64,
    /// The first state of the free lists.
    pub start: Start,
}

impl Config {
    /// One zone `Normal` of `frames` frames from frame 0 on, grouping by mobility on: the machine of most lessons
    /// and of the worked examples.
    #[must_use]
    pub fn single_zone(frames: u32) -> Config {
        let all = PfnRange::new(0, frames);
        Config {
            rules: Rules::V6_1,
            ram: vec![all],
            reserved: Vec::new(),
            zones: vec![ZoneSpec { kind: ZoneKind::Normal, node: 0, span: all }],
            pageblock_order: Order::new(9).unwrap_or(Order::MAX),
            mobility: Mobility::On,
            cma: false,
            seed: 1,
            start: Start::Boot,
        }
    }

    /// The zones of an x86-64 PC with `frames` frames of RAM: DMA from frame 1 to 16 MiB, DMA32 to 4 GiB, Normal
    /// above; the first MiB reserved; a hole from 3 to 4 GiB when there is more RAM than that
    /// (`zone_sizes_init()`, arch/x86/mm/init.c; facts 01).
    #[must_use]
    pub fn x86_64(frames: u32) -> Config {
        const DMA_END: u32 = 0x1000;
        const HOLE: u32 = 0xc_0000;
        const FOUR_GIB: u32 = 0x10_0000;
        let low = frames.min(HOLE);
        let mut ram = vec![PfnRange::new(1, low)];
        if frames > HOLE {
            ram.push(PfnRange::new(FOUR_GIB, FOUR_GIB + (frames - HOLE)));
        }
        let end = ram[ram.len() - 1].end.0;
        let bounds = [
            (ZoneKind::Dma, 1, DMA_END),
            (ZoneKind::Dma32, DMA_END, FOUR_GIB),
            (ZoneKind::Normal, FOUR_GIB, end),
        ];
        let zones = bounds
            .into_iter()
            .map(|(kind, from, to)| ZoneSpec { kind, node: 0, span: PfnRange::new(from, to.min(end)) })
            .filter(|zone| !zone.span.is_empty())
            .collect();
        Config {
            ram,
            reserved: vec![PfnRange::new(1, 256)],
            zones,
            mobility: Mobility::Auto,
            ..Config::single_zone(0)
        }
    }

    /// One past the highest frame.
    #[must_use]
    pub fn end(&self) -> Pfn {
        self.ram.last().map_or(Pfn(0), |range| range.end)
    }
}

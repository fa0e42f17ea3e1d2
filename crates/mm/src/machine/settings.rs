//! What never changes while a machine runs, and what follows from it for requests.

use std::rc::Rc;

use crate::config::{Arch, Config, Mobility};
use crate::gfp::GfpFlags;
use crate::mmzone::{ZoneId, ZoneKind};
use crate::page::MigrateType;
use crate::page_alloc::setup::NumaNodes;
use crate::replay::Recording;
use crate::slab_common::KmemConfig;
use crate::units::{Order, Pfn, PfnRange};

/// What follows from those of a request's flags that say which zones and which type, for one CPU.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    /// The zones of its own node that are tried, in this order; none where another node's come first, and none where
    /// there is contiguous memory, whose pages some requests may not have.
    pub near: [Option<ZoneId>; ZoneKind::COUNT],
    pub highest: ZoneKind,
    pub migratetype: MigrateType,
}

impl Route {
    /// As many as there are values of those flags.
    pub(crate) const COUNT: usize = 32;
}

/// Settings that never change while the machine runs.
#[derive(Debug)]
pub(crate) struct Settings {
    pub pageblock_order: Order,
    pub groups_by_mobility: bool,
    pub cma: bool,
    pub seed: u64,
    /// Whether there are per-CPU lists.
    pub pcp: bool,
    /// Whether requests are measured against watermarks.
    pub watermarks: bool,
    pub has_dma32: bool,
    pub has_highmem: bool,
    /// The NUMA node of each CPU.
    pub node_of_cpu: Vec<u8>,
    pub nodes: u8,
    pub arch: Arch,
    pub kmem: KmemConfig,
    /// For each node the zones in the order they are tried, with their kinds and nodes.
    pub zonelists: Vec<Vec<(ZoneId, ZoneKind, u8)>>,
    /// For each CPU what follows from the lowest bits of a request's flags.
    pub routes: Vec<[Route; Route::COUNT]>,
    /// What a recorded trace says besides its ops.
    pub recorded: Rc<Recording>,
    /// The zones' frames, to find the zone of a frame without touching the zones.
    spans: Vec<PfnRange>,
}

impl Settings {
    /// The zone whose span a frame lies in.
    #[cold]
    pub(super) fn zone_of(&self, pfn: Pfn) -> Option<ZoneId> {
        self.spans.iter().position(|span| span.contains(pfn)).map(|at| ZoneId(at as u8))
    }

    pub(super) fn new(config: &Config) -> Settings {
        let pages_of = |span: PfnRange| {
            let free = crate::memblock::free_ranges(config, span);
            free.iter().map(|r| u64::from(r.len())).sum::<u64>()
        };
        // `build_all_zonelists()` decides before memory is handed over: 4 types and Isolate, one more with CMA.
        let types = if config.cma { 6 } else { 5 };
        let free = pages_of(PfnRange::new(0, config.end().0));
        let groups_by_mobility = match config.mobility {
            Mobility::Auto => free >= u64::from(config.pageblock_order.pages()) * types,
            Mobility::On => true,
            Mobility::Off => false,
        };
        let nodes = config.nodes();
        let numa = NumaNodes {
            distances: config.distances.clone(),
            cpus: config.cpus_per_node(),
            has_memory: (0..nodes).map(|node| config.zones.iter().any(|z| z.node == node)).collect(),
        };
        let zones_of = |node: u8| {
            let ids = (0u8..).zip(&config.zones).filter(move |(_, z)| z.node == node);
            let mut zones: Vec<_> = ids.map(|(id, z)| (ZoneId(id), z.kind, node)).collect();
            crate::sort::by_key(&mut zones, |(_, kind, _)| ZoneKind::COUNT as u64 - *kind as u64);
            zones
        };
        let zonelists: Vec<Vec<(ZoneId, ZoneKind, u8)>> = numa
            .fallback_orders()
            .into_iter()
            .map(|order| order.into_iter().flat_map(zones_of).collect())
            .collect();
        let (has_dma32, has_highmem) = (config.arch == Arch::X86_64, config.arch == Arch::I386);
        let routes = |node: &u8| {
            let zonelist = &zonelists[usize::from(*node)];
            std::array::from_fn(|bits| {
                let gfp = GfpFlags(bits as u32);
                let highest = gfp.highest_zone(has_highmem, has_dma32);
                let allowed = zonelist.iter().filter(|(_, kind, _)| *kind <= highest);
                let near = allowed.take_while(|(.., of)| of == node && !config.cma);
                let mut near = near.map(|(zone, ..)| *zone);
                let migratetype = if groups_by_mobility { gfp.migratetype() } else { MigrateType::Unmovable };
                Route { near: std::array::from_fn(|_| near.next()), highest, migratetype }
            })
        };
        Settings {
            routes: config.cpus.iter().map(routes).collect(),
            pageblock_order: config.pageblock_order,
            groups_by_mobility,
            cma: config.cma,
            seed: config.seed,
            pcp: config.pcp,
            watermarks: config.watermarks,
            has_dma32,
            has_highmem,
            node_of_cpu: config.cpus.clone(),
            nodes,
            arch: config.arch,
            kmem: config.kmem,
            zonelists,
            recorded: Rc::clone(&config.recorded),
            spans: config.zones.iter().map(|z| z.span).collect(),
        }
    }
}

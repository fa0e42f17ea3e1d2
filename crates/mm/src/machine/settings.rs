//! What never changes while a machine runs, and what follows from it for requests.

use std::rc::Rc;

use super::Pageblock;
use crate::config::{Arch, Config, Mobility, Thp};
use crate::cow::CowVec;
use crate::gfp::GfpFlags;
use crate::hierarchy::Caches;
use crate::mmzone::{PerCpuPages, ZoneId, ZoneKind};
use crate::oom_kill::{Lowmem, OomRules};
use crate::op::PageKind;
use crate::page::MigrateType;
use crate::page_alloc::setup::NumaNodes;
use crate::replay::Recording;
use crate::slab_common::KmemConfig;
use crate::units::{CpuId, Order, Pfn, PfnRange};
use crate::x86::pgtable::Paging;

/// What follows from those of a request's flags that say which zones and which type, for one CPU.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    /// The zones of its own node that are tried, in this order, and then [`Route::NO_ZONE`]; none where another node's
    /// come first, and none where there is contiguous memory, whose pages some requests may not have.
    pub near: [ZoneId; ZoneKind::COUNT],
    pub highest: ZoneKind,
    pub migratetype: MigrateType,
    /// What a request without a name asks for.
    pub kind: PageKind,
    /// For each order the per-CPU list that serves it, or [`Route::NO_LIST`].
    pub lists: [u8; Order::COUNT],
}

impl Route {
    /// Blocks of this order do not go through the per-CPU lists.
    pub(crate) const NO_LIST: u8 = u8::MAX;
    /// No zone of any machine.
    const NO_ZONE: ZoneId = ZoneId(u8::MAX);
    /// As many as there are values of those flags.
    const COUNT: usize = 32;
}

/// Settings that never change while the machine runs.
#[derive(Debug)]
pub(crate) struct Settings {
    pub pageblock_order: Order,
    pub groups_by_mobility: bool,
    pub cma: bool,
    pub seed: u64,
    /// A bit for each order whose blocks go through the per-CPU lists: 0 to 3, and huge pages. None without such lists.
    pcp_orders: u16,
    /// For each order and type the per-CPU list that a freed block goes to, or [`Route::NO_LIST`].
    free_lists: [[u8; 8]; 16],
    /// Whether requests are measured against watermarks.
    pub watermarks: bool,
    pub has_dma32: bool,
    pub has_highmem: bool,
    /// The NUMA node of each CPU.
    pub node_of_cpu: Vec<u8>,
    pub nodes: u8,
    /// How far nodes are from each other, row by row; what is missing is 10 to itself, 20 to others.
    distances: Vec<Vec<u8>>,
    pub arch: Arch,
    pub paging: Paging,
    pub thp: Option<Thp>,
    pub oom_rules: OomRules,
    pub lowmem: Option<Lowmem>,
    pub kmem: KmemConfig,
    pub caches: Option<Caches>,
    /// For each node the zones in the order they are tried, with their kinds and nodes.
    pub zonelists: Vec<Vec<(ZoneId, ZoneKind, u8)>>,
    /// For each CPU what follows from the lowest bits of a request's flags.
    routes: Vec<[Route; Route::COUNT]>,
    /// What a recorded trace says besides its ops.
    pub recorded: Rc<Recording>,
    /// The zones' frames, to find the zone of a frame without touching the zones.
    spans: Vec<PfnRange>,
}

impl Settings {
    /// What follows for a request of this CPU.
    #[inline(always)]
    pub(crate) fn route(&self, cpu: CpuId, gfp: GfpFlags) -> Option<&Route> {
        Some(&self.routes.get(cpu.index())?[gfp.0 as usize % Route::COUNT])
    }

    /// How far one node is from another (`node_distance()`).
    pub(crate) fn distance(&self, from: u8, to: u8) -> u8 {
        let row = self.distances.get(usize::from(from));
        let given = row.and_then(|row| row.get(usize::from(to))).copied();
        given.unwrap_or(if from == to { 10 } else { 20 })
    }

    /// Whether blocks of this order go through the per-CPU lists.
    #[inline(always)]
    pub(crate) fn is_pcp_order(&self, order: Order) -> bool {
        self.pcp_orders >> order.get() & 1 != 0
    }

    /// The per-CPU list that a freed block of this order and type goes to, or [`Route::NO_LIST`].
    #[inline(always)]
    pub(crate) fn free_list(&self, order: Order, migratetype: MigrateType) -> u8 {
        self.free_lists[usize::from(order.get() % 16)][migratetype.index() % 8]
    }

    /// The zone whose span a frame lies in.
    #[cold]
    pub(crate) fn zone_of(&self, pfn: Pfn) -> Option<ZoneId> {
        self.spans.iter().position(|span| span.contains(pfn)).map(|at| ZoneId(at as u8))
    }

    /// The same, by what is known of its pageblock.
    #[inline(always)]
    pub(crate) fn zone_in(&self, pageblocks: &CowVec<Pageblock, 1024>, pfn: Pfn) -> Option<ZoneId> {
        let zone = pageblocks.get_or_fill(pfn.0 >> self.pageblock_order.get()).zone;
        if zone == Pageblock::MANY { self.zone_of(pfn) } else { Some(ZoneId(zone)) }
    }

    pub(super) fn new(config: &Config) -> Settings {
        let pages_of = |span: PfnRange| {
            let free = crate::memblock::free_at_first(config, span);
            free.iter().map(|r| u64::from(r.len())).sum::<u64>()
        };
        // `build_all_zonelists()` decides before memory is handed over: 4 types and Isolate, one more with CMA.
        let cma = config.cma || !config.areas.is_empty();
        let types = if cma { 6 } else { 5 };
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
        let pcp_orders = if config.pcp { 0b1111 | 1 << config.pageblock_order.get() } else { 0 };
        let list = |order: usize, migratetype: MigrateType| {
            let is_served = pcp_orders >> order & 1 != 0;
            let order = Order::of_bits(order as u8);
            if is_served { PerCpuPages::index_of(order, migratetype) as u8 } else { Route::NO_LIST }
        };
        // An isolated pageblock gets its pages back at once.
        let free_list = |order, raw| match MigrateType::from_raw(raw) {
            None | Some(MigrateType::Isolate) => Route::NO_LIST,
            Some(migratetype) => list(order, migratetype),
        };
        let routes = |node: &u8| {
            let zonelist = &zonelists[usize::from(*node)];
            std::array::from_fn(|bits| {
                let gfp = GfpFlags(bits as u32);
                let highest = gfp.highest_zone(has_highmem, has_dma32);
                let allowed = zonelist.iter().filter(|(_, kind, _)| *kind <= highest);
                let near = allowed.take_while(|(.., of)| of == node && !cma);
                let mut near = near.map(|(zone, ..)| *zone);
                let migratetype = if groups_by_mobility { gfp.migratetype() } else { MigrateType::Unmovable };
                let lists = std::array::from_fn(|order| list(order, migratetype));
                let kind = match gfp.migratetype() {
                    MigrateType::Movable => PageKind::Movable,
                    MigrateType::Reclaimable => PageKind::Reclaimable,
                    _ => PageKind::Unmovable,
                };
                let near = std::array::from_fn(|_| near.next().unwrap_or(Route::NO_ZONE));
                Route { near, highest, migratetype, kind, lists }
            })
        };
        Settings {
            routes: config.cpus.iter().map(routes).collect(),
            pageblock_order: config.pageblock_order,
            groups_by_mobility,
            cma,
            seed: config.seed,
            pcp_orders,
            free_lists: std::array::from_fn(|order| std::array::from_fn(|raw| free_list(order, raw as u8))),
            watermarks: config.watermarks,
            has_dma32,
            has_highmem,
            node_of_cpu: config.cpus.clone(),
            nodes,
            distances: config.distances.clone(),
            arch: config.arch,
            thp: config.thp,
            // Who sets the architecture alone means its usual way.
            paging: if config.paging.arch() == config.arch { config.paging } else { Paging::of(config.arch) },
            oom_rules: config.oom_rules,
            lowmem: config.lowmem,
            kmem: config.kmem,
            caches: config.caches,
            zonelists,
            recorded: Rc::clone(&config.recorded),
            spans: config.zones.iter().map(|z| z.span).collect(),
        }
    }
}

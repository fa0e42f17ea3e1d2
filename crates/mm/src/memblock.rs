//! From memblock to the buddy system (mm/memblock.c), and the other ways a machine can start.

use std::fmt;

use crate::Machine;
use crate::config::{Config, Start, StartFigures, StartPcp, ZoneLists};
use crate::limits::{MAX_CPUS, MAX_FRAMES_IMPORTED, MAX_NODES, MIN_FRAMES};
use crate::mmzone::ZoneId;
use crate::mmzone::{End, PerCpuPages};
use crate::op::PageKind;
use crate::page::{Block, MigrateType, Page, PageState};
use crate::page_alloc::FreeTo;
use crate::parts;
use crate::rng::Rng;
use crate::step::Trace;
use crate::units::{NrPages, Order, Pfn, PfnRange};

/// Why a machine cannot start from this configuration. The scenario's diagnostics say it in words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BootError {
    /// Fewer frames than [`MIN_FRAMES`], or more than [`MAX_FRAMES_IMPORTED`].
    Frames(u64),
    /// Zones or ranges of RAM overlap, are out of order, or there is none; or something speaks of a zone, a node or a
    /// CPU that there is not.
    Layout,
    /// A block of a free list is not aligned to its order, leaves its zone, or holds a frame that is not RAM.
    BadBlock(ZoneId, Block),
    /// Two blocks of the free lists overlap at this frame.
    Overlap(Pfn),
    /// The counts do not fit into the zone.
    DoesNotFit(ZoneId),
}

impl fmt::Display for BootError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BootError::Frames(n) => {
                write!(f, "{n} frames: between {MIN_FRAMES} and {MAX_FRAMES_IMPORTED} are possible")
            }
            BootError::Layout => write!(
                f,
                "the zones or the ranges of RAM overlap or are out of order, or there is no such zone, node or CPU"
            ),
            BootError::BadBlock(_, block) => {
                write!(f, "the block of order {} at frame {} does not fit its zone", block.order, block.pfn)
            }
            BootError::Overlap(pfn) => write!(f, "two free blocks hold frame {pfn}"),
            BootError::DoesNotFit(_) => write!(f, "the counts are larger than the zone"),
        }
    }
}

impl Machine {
    /// A machine as the configuration says, before the first op.
    ///
    /// # Errors
    /// When the layout or the first free lists make no machine.
    pub fn boot(config: &Config) -> Result<Machine, BootError> {
        let frames: u64 = config.ram.iter().map(|r| u64::from(r.len())).sum();
        if frames < u64::from(MIN_FRAMES) || u64::from(config.end().0) > 2 * u64::from(MAX_FRAMES_IMPORTED) {
            return Err(BootError::Frames(frames));
        }
        let ascending = |ranges: &[PfnRange]| ranges.windows(2).all(|w| w[0].end <= w[1].start);
        let spans: Vec<PfnRange> = config.zones.iter().map(|z| z.span).collect();
        if spans.is_empty()
            || !ascending(&spans)
            || !ascending(&config.ram)
            || spans.iter().any(|s| s.is_empty() || s.end > config.end())
            || config.cpus.is_empty()
            || config.cpus.len() > MAX_CPUS
            || config.nodes() > MAX_NODES
            || !starts_on_this_machine(config)
            || config.pools.iter().chain(&config.swiotlb).any(|pool| !config.reserved.contains(pool))
            || !config.areas.is_empty() && !(parts::rules().areas_are_placed)(config)
        {
            return Err(BootError::Layout);
        }
        let mut machine = Machine::bare(config);
        machine.init_pageblocks(config);
        if config.reclaim.is_some() || config.compaction.is_some() {
            (parts::rules().boot_reclaim)(&mut machine, config);
        }
        if !config.pools.is_empty() || config.swiotlb.is_some() {
            (parts::rules().boot_dma)(&mut machine, config);
        }
        match &config.start {
            Start::Boot => {
                machine.memblock_free_all(config);
                machine.activate_areas(config);
                machine.init_per_zone_figures(config);
            }
            Start::Counts(rows) => {
                (parts::rules().start_from_counts)(&mut machine, config, rows)?;
                machine.activate_areas(config);
                machine.init_per_zone_figures(config);
            }
            Start::Lists(all) => {
                for zone in machine.zone_ids() {
                    let empty = ZoneLists::empty(zone);
                    machine
                        .start_from_lists(config, all.iter().find(|l| l.zone == zone).unwrap_or(&empty))?;
                }
                machine.activate_areas(config);
                machine.init_per_zone_figures(config);
                all.iter().for_each(|lists| machine.start_figures(lists));
            }
        }
        Ok(machine)
    }

    /// Contiguous areas come after everything else that memblock hands over, and before the marks are computed
    /// (`core_initcall`).
    fn activate_areas(&mut self, config: &Config) {
        if !config.areas.is_empty() {
            (parts::rules().boot_cma)(self, config);
        }
    }

    /// Every pageblock is movable at first, but for one whose first frame lies before its zone
    /// (`memmap_init_range()`: the type is set only where a pageblock begins).
    fn init_pageblocks(&mut self, config: &Config) {
        let order = config.pageblock_order;
        for zone in &config.zones {
            let first = zone.span.start.0.div_ceil(order.pages());
            let end = zone.span.end.0.div_ceil(order.pages());
            for index in first..end {
                let block = Block { pfn: Pfn(index << order.get()), order: Order::ZERO };
                self.set_pageblock_types(block, MigrateType::Movable);
            }
        }
    }

    /// Hands every range that is RAM and not reserved to the buddy system, each block to the tail of its list
    /// (`memblock_free_all()`, `__free_pages_memory()`, 6.1).
    fn memblock_free_all(&mut self, config: &Config) {
        for zone in self.zone_ids() {
            let span = self.zone(zone).span;
            for range in free_at_first(config, span) {
                let mut pfn = range.start;
                while pfn < range.end {
                    let mut order = Order::new(pfn.0.trailing_zeros().min(10) as u8).unwrap_or(Order::MAX);
                    while pfn.0 + order.pages() > range.end.0 {
                        order = order.down().unwrap_or(Order::ZERO);
                    }
                    self.free_pages_core(zone, Block { pfn, order });
                    pfn = pfn.plus(order.pages());
                }
            }
        }
    }

    /// `__free_pages_core()`.
    fn free_pages_core(&mut self, zone: ZoneId, block: Block) {
        let range = PfnRange::new(block.pfn.0, block.pfn.0 + block.order.pages());
        self.fill_pages(range, Page::plain(PageState::Tail));
        self.zone_mut(zone).managed.0 += u64::from(block.order.pages());
        let mut nobody = ();
        let mut t = Trace::new(&mut nobody);
        self.put_in_hand(&t, block);
        let migratetype = self.pageblock_type(block.pfn);
        self.free_one_page(&mut t, zone, block, migratetype, FreeTo::Tail);
    }

    /// As many free blocks as the rows count, in invented places.
    pub(crate) fn start_from_counts(
        &mut self,
        config: &Config,
        rows: &[(ZoneId, [u32; Order::COUNT])],
    ) -> Result<(), BootError> {
        for zone in self.zone_ids() {
            let counts = rows.iter().find(|(id, _)| *id == zone).map_or([0; Order::COUNT], |(_, c)| *c);
            let lists = invent_places(config, zone, &counts).ok_or(BootError::DoesNotFit(zone))?;
            self.start_from_lists(config, &lists)?;
        }
        Ok(())
    }

    /// The zone as a kernel had it: these blocks free, in this list order; every other frame of RAM in use by
    /// somebody unknown.
    fn start_from_lists(&mut self, config: &Config, from: &ZoneLists) -> Result<(), BootError> {
        let zone = from.zone;
        let span = self.zone(zone).span;
        for range in free_ranges(config, span) {
            self.fill_pages(range, Page::plain(PageState::Allocated));
            self.zone_mut(zone).managed.0 += u64::from(range.len());
        }
        let first = span.start.0 >> config.pageblock_order.get();
        for (index, migratetype) in (first..).zip(&from.pageblocks) {
            let pfn = Pfn(index << config.pageblock_order.get());
            if pfn < span.end {
                self.set_pageblock_types(Block { pfn, order: Order::ZERO }, *migratetype);
            }
        }
        for (order, migratetype, blocks) in &from.lists {
            for &pfn in blocks {
                let block = Block { pfn, order: *order };
                self.start_with_block(zone, block)?;
                self.add_to_free_list(zone, block, *migratetype, End::Tail);
                let pages = NrPages(u64::from(order.pages()));
                if *migratetype != MigrateType::Isolate {
                    self.zone_mut(zone).nr_free_pages += pages;
                }
                if *migratetype == MigrateType::Cma {
                    self.zone_mut(zone).nr_free_cma += pages;
                }
            }
        }
        for StartPcp { cpu, lists, .. } in &from.pcp {
            for (index, blocks) in lists {
                let index = usize::from(*index).min(PerCpuPages::LISTS - 1);
                let order = PerCpuPages::order_of(index, config.pageblock_order);
                for &pfn in blocks {
                    let block = Block { pfn, order };
                    self.start_with_block(zone, block)?;
                    // What it goes back to: the type of the list it was refilled from, or of its pageblock when it
                    // was freed. A dump does not say; both are the list's own, unless that is not the type's.
                    let own = self.pageblock_type(pfn);
                    let of_list = PerCpuPages::type_of(index);
                    let to = if PerCpuPages::index_of(order, own) == index { own } else { of_list };
                    self.pcp_add(zone, *cpu, index, block, to, End::Tail);
                }
            }
        }
        Ok(())
    }

    /// The figures that came with the lists.
    fn start_figures(&mut self, from: &ZoneLists) {
        let zone = self.zone_mut(from.zone);
        if let Some(StartFigures { watermark, watermark_boost, nr_reserved_highatomic }) = from.figures {
            zone.watermark = watermark;
            zone.watermark_boost = watermark_boost;
            zone.nr_reserved_highatomic = nr_reserved_highatomic;
        }
        for StartPcp { cpu, sizes: [high, batch, free_factor, expire], .. } in &from.pcp {
            let pcp = &mut zone.pageset[cpu.index()];
            (pcp.high, pcp.batch) = (*high, *batch);
            (pcp.free_factor, pcp.expire) = (*free_factor as u8, *expire as u8);
        }
    }

    /// The frames become one block that is on no list yet.
    fn start_with_block(&mut self, zone: ZoneId, block: Block) -> Result<(), BootError> {
        let bad = Err(BootError::BadBlock(zone, block));
        let span = self.zone(zone).span;
        if !block.pfn.is_aligned(block.order)
            || !span.contains(block.pfn)
            || u64::from(block.pfn.0) + u64::from(block.order.pages()) > u64::from(span.end.0)
        {
            return bad;
        }
        let plain_use = Page { kind: PageKind::Unknown, ..Page::plain(PageState::Allocated) };
        for pfn in block.pfn.0..=block.last().0 {
            let page = self.page(Pfn(pfn));
            match page.state {
                PageState::Free | PageState::Tail => return Err(BootError::Overlap(Pfn(pfn))),
                _ if page == plain_use => {}
                _ => return bad,
            }
        }
        let range = PfnRange::new(block.pfn.0, block.pfn.0 + block.order.pages());
        self.fill_pages(range, Page::plain(PageState::Tail));
        Ok(())
    }
}

/// Whether the first state speaks only of zones and CPUs that there are.
fn starts_on_this_machine(config: &Config) -> bool {
    let zone_exists = |zone: ZoneId| zone.index() < config.zones.len();
    match &config.start {
        Start::Boot => true,
        Start::Counts(rows) => rows.iter().all(|(zone, _)| zone_exists(*zone)),
        Start::Lists(all) => all.iter().all(|lists| {
            zone_exists(lists.zone) && lists.pcp.iter().all(|pcp| pcp.cpu.index() < config.cpus.len())
        }),
    }
}

/// The parts of `span` that memblock hands over: without contiguous areas, which it has reserved.
pub(crate) fn free_at_first(config: &Config, span: PfnRange) -> Vec<PfnRange> {
    if config.areas.is_empty() {
        return free_ranges(config, span);
    }
    free_ranges(&(parts::rules().with_areas_reserved)(config), span)
}

/// The parts of `span` that are RAM and not reserved.
pub(crate) fn free_ranges(config: &Config, span: PfnRange) -> Vec<PfnRange> {
    let mut free = Vec::new();
    for ram in config.ram.iter().map(|ram| ram.and(span)).filter(|r| !r.is_empty()) {
        let mut at = ram.start;
        let mut reserved: Vec<PfnRange> = config.reserved.iter().map(|r| r.and(ram)).collect();
        crate::sort::by_key(&mut reserved, |r| u64::from(r.start.0));
        for r in reserved.into_iter().filter(|r| !r.is_empty()) {
            if r.start > at {
                free.push(PfnRange { start: at, end: r.start });
            }
            at = at.max(r.end);
        }
        if at < ram.end {
            free.push(PfnRange { start: at, end: ram.end });
        }
    }
    free
}

/// Regions of one order that free blocks can be put into. Apart, so that a whole one is found at once: a server's
/// counts leave millions of halves behind.
#[derive(Default)]
struct Regions {
    /// That may become one free block.
    whole: Vec<Pfn>,
    /// Whose buddy is, or may become, a free block: as a whole they would merge.
    halves: Vec<Pfn>,
}

/// Places for so many free blocks of each order, so that no two of them would merge. The counts are real, the
/// places are not: drawn from the seed, and the screen says so.
fn invent_places(config: &Config, zone: ZoneId, counts: &[u32; Order::COUNT]) -> Option<ZoneLists> {
    let mut rng = Rng::new(config.seed, 0x0b0d_d1e5 + u64::from(zone.0));
    let mut regions: [Regions; Order::COUNT] = Default::default();
    for range in free_ranges(config, config.zones[zone.index()].span) {
        let mut pfn = range.start;
        while pfn < range.end {
            let mut order = Order::new(pfn.0.trailing_zeros().min(10) as u8)?;
            while pfn.0 + order.pages() > range.end.0 {
                order = order.down()?;
            }
            let of_order = &mut regions[order.index()];
            // Of two neighbours that would merge only the lower one may be free as a whole. They come in ascending
            // order; a block whose buddy is no region (DMA's 256 to 511: the first MiB is reserved) has none.
            let buddy = pfn.buddy(order);
            if order < Order::MAX && buddy < pfn && of_order.whole.last() == Some(&buddy) {
                of_order.halves.push(pfn);
            } else {
                of_order.whole.push(pfn);
            }
            pfn = pfn.plus(order.pages());
        }
    }
    let mut lists = Vec::new();
    for order in Order::all().rev() {
        let mut blocks = Vec::new();
        for _ in 0..counts[order.index()] {
            blocks.push(place(&mut regions, order, &mut rng)?);
        }
        lists.push((order, MigrateType::Movable, blocks));
    }
    Some(ZoneLists { lists, ..ZoneLists::empty(zone) })
}

/// Takes the place of one free block of `wanted` out of the regions, the smallest that has room.
fn place(regions: &mut [Regions; Order::COUNT], wanted: Order, rng: &mut Rng) -> Option<Pfn> {
    for order in wanted.and_up() {
        let Regions { whole, halves } = &mut regions[order.index()];
        let usable = whole.len() + if order > wanted { halves.len() } else { 0 };
        if usable == 0 {
            continue;
        }
        let at = rng.below(usable as u32) as usize;
        let mut pfn = match at.checked_sub(whole.len()) {
            None => whole.swap_remove(at),
            Some(at) => halves.swap_remove(at),
        };
        for half in (wanted.get()..order.get()).rev().filter_map(Order::new) {
            let (low, high) = (pfn, pfn.buddy(half));
            let (take, leave) = if rng.below(2) == 0 { (low, high) } else { (high, low) };
            let Regions { whole, halves } = &mut regions[half.index()];
            if half > wanted {
                whole.push(leave)
            } else {
                halves.push(leave)
            }
            pfn = take;
        }
        return Some(pfn);
    }
    None
}

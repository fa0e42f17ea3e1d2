//! The whole state of one machine, and the loop that runs an op unit by unit.

mod settings;
mod sysctl;

use std::rc::Rc;

use crate::cma::Cma;
use crate::compaction::Compaction;
use crate::config::Config;
use crate::cow::CowVec;
use crate::deque::Pieces;
use crate::dma::Dma;
use crate::hash::{Digest, Digestible};
use crate::hierarchy::Hierarchy;
use crate::migrate::Migrate;
use crate::mmzone::{FreeArea, FreeList, Mark, NumaStat, PerCpuPages, Zone, ZoneId, ZoneKind};
use crate::op::{Gfp, NameId, Op, PageKind, Workload};
use crate::page::{Block, MemMap, MigrateType, NONE, Page, PageFlags, PageState};
use crate::page_alloc::setup::{Tunables, ZoneSetup, ZoneSize, zone_batchsize, zone_highsize};
use crate::parts;
use crate::process::Processes;
use crate::reclaim::Reclaim;
use crate::replay::Tally;
use crate::rng::Rng;
use crate::segmentation::{self, Segmentation};
use crate::slab_common::{Kmem, KmemTotals};
use crate::slub::{Object, SlabId};
use crate::step::{Func, Observer, SkipReason, StepKind, Trace};
use crate::units::{CpuId, NrPages, Order, Pfn, PfnRange, Vaddr};
use crate::x86::mmu::Mmus;
pub(crate) use settings::{Route, Settings};

/// What a name of the scenario stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Named {
    /// Nothing yet.
    #[default]
    Nothing,
    /// A block.
    Block(Block),
    /// An allocation that failed.
    Failed,
    /// A block or a pool that was freed.
    Freed,
    /// A workload's pool: so many blocks of the table of pool blocks, from the first one on.
    Pool {
        /// Index of its first block.
        first: u32,
        /// How many it holds.
        len: u32,
    },
    /// A cache: the name that it was created under, another one where two became one.
    Cache(NameId),
    /// An object of a cache.
    Object {
        /// Which cache.
        cache: NameId,
        /// Which object.
        object: Object,
    },
    /// An area of vmalloc, by its first byte.
    Area(Vaddr),
    /// A process.
    Process,
    /// A thread that is no leader.
    Thread {
        /// Of which process.
        process: NameId,
    },
    /// What `mmap()` gave a process: its first address, and its length in pages.
    Mapping {
        /// Whose.
        process: NameId,
        /// From where.
        start: Vaddr,
        /// How many pages, at most as many as a `u32` counts.
        pages: u32,
    },
    /// A file.
    File,
    /// A control group.
    Group,
    /// A cpuset.
    Cpuset,
    /// What `malloc()` gave a process: the pointer, and how many bytes were asked for.
    Chunk {
        /// Whose.
        process: NameId,
        /// The pointer.
        at: Vaddr,
        /// How many bytes.
        bytes: u32,
    },
    /// A range of frames in one piece, each of them a block of order 0.
    Contig {
        /// The first frame.
        first: Pfn,
        /// How many.
        count: u32,
    },
    /// A device that wants memory.
    Device,
    /// A buffer of a device that is no block of anybody's name.
    Dma,
}

impl Digestible for Named {
    fn digest(&self, to: &mut Digest) {
        let (tag, a, b) = match *self {
            Named::Cache(name) => (5, name.0, 0),
            Named::Object { cache, object: Object { slab, at: SlabId(at), index } } => {
                to.word(u64::from(slab.0) << 32 | u64::from(at));
                (6, cache.0, u32::from(index))
            }
            Named::Area(Vaddr(start)) => (7, start as u32, (start >> 32) as u32),
            Named::Process => (8, 0, 0),
            Named::Thread { process } => (12, process.0, 0),
            Named::Mapping { process, start, pages } => {
                to.word(start.0);
                (9, process.0, pages)
            }
            Named::File => (10, 0, 0),
            Named::Group => (13, 0, 0),
            Named::Cpuset => (17, 0, 0),
            Named::Contig { first, count } => (14, first.0, count),
            Named::Device => (15, 0, 0),
            Named::Dma => (16, 0, 0),
            Named::Chunk { process, at, bytes } => {
                to.word(at.0);
                (11, process.0, bytes)
            }
            Named::Nothing => (0, 0, 0),
            Named::Block(block) => (1, block.pfn.0, u32::from(block.order.get())),
            Named::Failed => (2, 0, 0),
            Named::Freed => (3, 0, 0),
            Named::Pool { first, len } => (4, first, len),
        };
        to.word(tag | u64::from(b) << 8);
        to.word(u64::from(a));
    }
}

impl Digestible for Block {
    fn digest(&self, to: &mut Digest) {
        to.word(u64::from(self.pfn.0) | u64::from(self.order.get()) << 32);
    }
}

/// Whether an op has more units to run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnitEnd {
    /// The op goes on.
    More,
    /// The op is done.
    Done,
}

/// A pageblock: the type of its pages, and the zone that has all of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pageblock {
    pub migratetype: MigrateType,
    /// The number of a zone, or [`Pageblock::MANY`].
    pub zone: u8,
}

impl Pageblock {
    /// It lies in several zones, or not all of it in one.
    pub(crate) const MANY: u8 = u8::MAX;
}

impl Digestible for Pageblock {
    fn digest(&self, to: &mut Digest) {
        // The zone is a setting.
        self.migratetype.digest(to);
    }
}

/// The op that runs: all that its next unit needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Progress {
    /// Ops done so far: the number of the one that runs.
    op: u32,
    /// Units of it that are done.
    unit: u32,
    /// Its generator; seeded by (seed, op) when it begins.
    rng: Rng,
}

/// A machine: cheap to clone, the same everywhere.
#[derive(Clone)]
pub struct Machine {
    pub(crate) settings: Rc<Settings>,
    /// What was written to `/proc/sys/vm`, and the figures that follow from it.
    setup: Rc<ZoneSetup>,
    /// Holds holes beyond its end.
    pub(crate) mem_map: MemMap,
    /// What is on the lists of the CPUs.
    pub(crate) pcp_blocks: Pieces,
    /// The type of each pageblock (`pageblock_flags`), and its zone.
    pub(crate) pageblocks: CowVec<Pageblock, 1024>,
    pub(crate) zones: Vec<Zone>,
    /// Blocks that are off their list and not yet handed out or put back.
    in_hand: Vec<Block>,
    names: CowVec<Named, 64>,
    pool_blocks: CowVec<Block, 128>,
    pub(crate) kmem: Rc<Kmem>,
    pub(crate) processes: Rc<Processes>,
    pub(crate) mmus: Rc<Mmus>,
    /// None: nobody takes memory away.
    pub(crate) reclaim: Option<Rc<Reclaim>>,
    /// None before anything was compacted, where it is not automatic.
    pub(crate) compaction: Option<Rc<Compaction>>,
    /// None before a page was pinned or moved.
    pub(crate) migrate: Option<Rc<Migrate>>,
    /// None before anybody has asked for a word.
    pub(crate) hierarchy: Option<Rc<Hierarchy>>,
    /// None where there are no contiguous areas, before somebody asks for a range of frames.
    pub(crate) cma: Option<Rc<Cma>>,
    /// None where there are no devices and no pools.
    pub(crate) dma: Option<Rc<Dma>>,
    /// None before an op is about it.
    pub(crate) segmentation: Option<Rc<Segmentation>>,
    progress: Progress,
    /// How a replayed trace goes.
    tally: Tally,
}

impl Machine {
    /// A machine with nothing in it: every frame of RAM reserved, everything else a hole.
    pub(crate) fn bare(config: &Config) -> Machine {
        let end = config.end();
        let mut mem_map = MemMap::holes(end.0);
        for range in &config.ram {
            mem_map.fill(*range, Page::plain(PageState::Reserved));
        }
        let pages =
            |of: &[PfnRange], span: PfnRange| of.iter().map(|r| u64::from(r.and(span).len())).sum::<u64>();
        let zones = config
            .zones
            .iter()
            .map(|spec| Zone {
                kind: spec.kind,
                node: spec.node,
                span: spec.span,
                present: NrPages(pages(&config.ram, spec.span)),
                managed: NrPages(0),
                nr_free_pages: NrPages(0),
                nr_free_cma: NrPages(0),
                off_lists: 0,
                watermark: [0; 4],
                watermark_boost: 0,
                lowmem_reserve: [0; ZoneKind::COUNT],
                nr_reserved_highatomic: 0,
                nr_isolate_pageblock: 0,
                boosted: false,
                reclaim_active: false,
                numa: NumaStat::default(),
                free_area: [FreeArea { lists: [FreeList::EMPTY; 6] }; 11],
                listed: [0; 6],
                pageset: vec![PerCpuPages::BOOT; config.cpus.len()],
            })
            .collect();
        let pageblocks = end.0.div_ceil(config.pageblock_order.pages());
        let settings = Settings::new(config);
        let pageblocks = {
            let nowhere = Pageblock { migratetype: MigrateType::Unmovable, zone: Pageblock::MANY };
            let mut table = CowVec::filled(pageblocks, nowhere);
            for index in 0..pageblocks {
                let first = index << config.pageblock_order.get();
                let last = first + (config.pageblock_order.pages() - 1);
                if let (Some(zone), true) = (settings.zone_of(Pfn(first)), last < end.0)
                    && settings.zone_of(Pfn(last)) == Some(zone)
                {
                    table.set(index, Pageblock { zone: zone.0, ..nowhere });
                }
            }
            table
        };
        Machine {
            settings: Rc::new(settings),
            setup: Rc::new(ZoneSetup::boot(&[], &config.tunables, &[])),
            mem_map,
            pcp_blocks: Pieces::new(),
            pageblocks,
            zones,
            in_hand: Vec::new(),
            names: CowVec::empty(Named::Nothing),
            pool_blocks: CowVec::empty(Block { pfn: Pfn(0), order: Order::ZERO }),
            kmem: Rc::default(),
            processes: Rc::default(),
            mmus: config.mmu.map_or_else(Rc::default, |mmu| (parts::rules().mmus)(mmu, config.cpus.len())),
            reclaim: None,
            migrate: None,
            compaction: None,
            hierarchy: None,
            cma: None,
            dma: None,
            segmentation: None,
            progress: Progress { op: 0, unit: 0, rng: Rng::new(config.seed, 0) },
            tally: Tally::default(),
        }
    }

    /// Computes every zone's marks, reserves and per-CPU sizes, as the kernel does once memory is handed over
    /// (`init_per_zone_wmark_min()` and khugepaged's start, 6.1).
    pub(crate) fn init_per_zone_figures(&mut self, config: &Config) {
        let tunables = Tunables { pageblock_order: config.pageblock_order, ..config.tunables };
        self.setup = Rc::new(ZoneSetup::boot(&self.zone_sizes(), &tunables, &config.cpus_per_node()));
        self.apply_figures();
    }

    /// The zones as [`crate::setup`] wants them: node by node, lowest kind first, those without a page too.
    #[must_use]
    pub fn zone_sizes(&self) -> Vec<ZoneSize> {
        let all = || ZoneKind::ALL.into_iter().chain([ZoneKind::Device]);
        let kinds = || all().filter(|kind| self.has_kind(*kind));
        let of = |node: u8, kind: ZoneKind| {
            let zone = self.zones.iter().find(|z| z.node == node && z.kind == kind);
            let (managed, present, spanned) =
                zone.map_or((0, 0, 0), |z| (z.managed.0, z.present.0, u64::from(z.span.len())));
            ZoneSize {
                kind,
                node,
                managed: NrPages(managed),
                present: NrPages(present),
                spanned: NrPages(spanned),
            }
        };
        (0..self.settings.nodes)
            .flat_map(|node| kinds().map(move |kind| (node, kind)))
            .map(|(n, k)| of(n, k))
            .collect()
    }

    /// Whether the kernel was built with this kind of zone.
    #[must_use]
    pub fn has_kind(&self, kind: ZoneKind) -> bool {
        match kind {
            ZoneKind::Dma32 => self.settings.has_dma32,
            ZoneKind::HighMem => self.settings.has_highmem,
            ZoneKind::Device => self.settings.has_dma32,
            ZoneKind::Dma | ZoneKind::Normal | ZoneKind::Movable => true,
        }
    }

    /// Puts the figures of [`ZoneSetup`] into the zones; a write to the marks takes the boost away
    /// (`__setup_per_zone_wmarks()`).
    fn apply_figures(&mut self) {
        let setup = Rc::clone(&self.setup);
        for (size, figures) in self.zone_sizes().into_iter().zip(setup.figures()) {
            let Some(zone) = self.zones.iter_mut().find(|z| z.node == size.node && z.kind == size.kind)
            else {
                continue;
            };
            // Far more than any machine has pages, and small enough to be added up.
            let bounded = |pages: NrPages| pages.0.min(1 << 30) as u32;
            let marks = figures.marks;
            zone.watermark = [marks.min, marks.low, marks.high, marks.promo].map(bounded);
            zone.lowmem_reserve = figures.lowmem_reserve.map(bounded);
            for pcp in &mut zone.pageset {
                (pcp.high, pcp.batch) = (figures.pcp_high, figures.pcp_batch);
            }
        }
    }

    /// Every CPU's lists get the sizes that follow from the zones' managed pages and low marks
    /// (`zone_set_pageset_high_and_batch()`).
    pub(crate) fn set_up_pagesets(&mut self) {
        let fraction = self.tunables().percpu_pagelist_high_fraction;
        let nodes = self.settings.node_of_cpu.clone();
        for zone in &mut self.zones {
            let on_node = nodes.iter().filter(|node| **node == zone.node).count();
            let cpus = if on_node > 0 { on_node } else { nodes.len() } as u32;
            let batch = zone_batchsize(zone.managed);
            let low = NrPages(u64::from(zone.wmark_pages(Mark::Low)));
            let high = zone_highsize(zone.managed, low, batch, fraction, cpus);
            zone.pageset.iter_mut().for_each(|pcp| (pcp.high, pcp.batch) = (high, batch));
        }
    }

    /// The settings that never change.
    #[inline]
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What was written to `/proc/sys/vm`, and what follows from it.
    #[must_use]
    pub fn setup(&self) -> &ZoneSetup {
        &self.setup
    }

    /// What was written to `/proc/sys/vm`.
    #[must_use]
    pub fn tunables(&self) -> &Tunables {
        self.setup.tunables()
    }

    /// How many CPUs there are.
    #[must_use]
    pub fn cpus(&self) -> u8 {
        self.settings.node_of_cpu.len() as u8
    }

    /// The NUMA node of a CPU.
    #[must_use]
    pub fn node_of(&self, cpu: CpuId) -> u8 {
        self.settings.node_of_cpu[cpu.index()]
    }

    /// How many NUMA nodes there are.
    #[must_use]
    pub fn nodes(&self) -> u8 {
        self.settings.nodes
    }

    /// The memory of all caches; none before anybody asked for an object.
    #[must_use]
    pub fn kmem_totals(&self) -> Option<KmemTotals> {
        (!self.kmem.is_untouched()).then(|| (parts::rules().totals)(&self.kmem))
    }

    /// The processor with its segments.
    #[must_use]
    pub fn segmentation(&self) -> &Segmentation {
        match &self.segmentation {
            Some(segmentation) => segmentation,
            None => segmentation::switched_on(),
        }
    }

    /// How a replayed trace goes.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    pub(crate) fn tally_mut(&mut self) -> &mut Tally {
        &mut self.tally
    }

    /// Units of the op that runs that are done.
    #[must_use]
    pub fn units_done(&self) -> u32 {
        self.progress.unit
    }

    /// Ops that are done.
    #[must_use]
    pub fn ops_done(&self) -> u32 {
        self.progress.op
    }

    /// Whether there are per-CPU lists.
    #[must_use]
    pub fn has_pcp(&self) -> bool {
        self.settings.is_pcp_order(Order::ZERO)
    }

    /// Whether requests are measured against watermarks.
    #[must_use]
    pub fn has_watermarks(&self) -> bool {
        self.settings.watermarks
    }

    /// Runs the next unit of `op`. The same op has to be given until it is [`UnitEnd::Done`].
    pub fn run_unit(&mut self, op: &Op, observer: &mut dyn Observer) -> UnitEnd {
        self.run_unit_before(op, &mut Trace::new(observer))
    }

    /// The same with nobody looking on: the same machine comes of it, and it takes a fraction of the time.
    pub fn run_unit_unseen(&mut self, op: &Op) -> UnitEnd {
        self.run_unit_before(op, &mut Trace::unseen())
    }

    fn run_unit_before(&mut self, op: &Op, t: &mut Trace<'_>) -> UnitEnd {
        if self.progress.unit == 0 {
            self.progress.rng = Rng::new(self.settings.seed, u64::from(self.progress.op) + 1);
        }
        let victims = self.processes.oom.has_turn();
        let end = t.within(Func::Scenario, |t| match op {
            // Whoever was killed goes first: the op waits for what comes back.
            _ if victims => (parts::rules().victims_turn)(self, op, t),
            Op::Alloc { name, order, gfp, cpu } => {
                self.alloc_op(t, *cpu, *name, *order, *gfp);
                UnitEnd::Done
            }
            Op::Kmem(op) => (parts::rules().run)(self, op, t),
            Op::Process(op) => (parts::rules().run_process)(self, op, t),
            Op::Segment(op) => (parts::rules().run_segment)(self, op, t),
            Op::File(op) => (parts::rules().run_file)(self, op, t),
            Op::Cma(op) => (parts::rules().run_cma)(self, op, t),
            Op::Dma(op) => (parts::rules().run_dma)(self, op, t),
            Op::Compact(op) => (parts::rules().run_compact)(self, op, t),
            Op::Free { name, cpu } => self.free_named(t, *cpu, *name),
            Op::Workload(workload) => self.workload_turn(t, workload),
            Op::Recorded(recorded) => {
                // It has to see what is moved.
                if t.looks() {
                    (parts::rules().replay)(self, t, recorded);
                } else {
                    (parts::rules().replay)(self, &mut Trace::new(&mut ()), recorded);
                }
                UnitEnd::Done
            }
            Op::Isolate(_) | Op::Unisolate(..) | Op::Drain | Op::Sysctl(_) => {
                (parts::rules().run_setting)(self, op, t);
                UnitEnd::Done
            }
        });
        // The unit boundary: here, in a fixed order, every woken daemon gets one slice. An op ends when those who were
        // killed by it, or meanwhile, are gone.
        if self.reclaim.is_some() {
            t.within(Func::Scenario, |t| (parts::rules().run_daemons)(self, t));
        }
        if self.compaction.is_some() {
            t.within(Func::Scenario, |t| (parts::rules().run_kcompactd)(self, t));
        }
        let end = if end == UnitEnd::Done && self.processes.oom.has_turn() {
            (parts::rules().op_waits)(self);
            UnitEnd::More
        } else {
            end
        };
        match end {
            UnitEnd::More if victims => {}
            UnitEnd::More => self.progress.unit += 1,
            UnitEnd::Done => {
                self.progress.unit = 0;
                self.progress.op += 1;
            }
        }
        end
    }

    fn free_named(&mut self, t: &mut Trace<'_>, cpu: CpuId, name: NameId) -> UnitEnd {
        let reason = match self.named(name) {
            Named::Object { .. } | Named::Cache(_) | Named::Area(_) => {
                return (parts::rules().free)(self, name, cpu, t);
            }
            _ if self.dma.as_ref().is_some_and(|dma| dma.work.is_some() || dma.buffer(name).is_some()) => {
                return (parts::rules().free_dma)(self, name, cpu, t);
            }
            Named::Dma => return (parts::rules().free_dma)(self, name, cpu, t),
            Named::Contig { .. } => return (parts::rules().free_contig)(self, name, cpu, t),
            Named::Chunk { .. } => return (parts::rules().free_chunk)(self, name, cpu, t),
            _ if self.processes.work.is_some() => return (parts::rules().free_chunk)(self, name, cpu, t),
            _ if self.cma.as_ref().is_some_and(|cma| cma.work().is_some()) => {
                return (parts::rules().free_contig)(self, name, cpu, t);
            }
            _ if self.kmem.is_busy() => return (parts::rules().free)(self, name, cpu, t),
            Named::Block(block) => {
                // The name is taken away first: from the first step on, the block is the allocator's.
                self.set_named(name, Named::Freed);
                self.free_pages(t, cpu, Some(name), block);
                return UnitEnd::Done;
            }
            Named::Pool { first, len: len @ 1.. } => {
                let block = self.pool_blocks.get(first + len - 1);
                self.set_named(
                    name,
                    if len == 1 { Named::Freed } else { Named::Pool { first, len: len - 1 } },
                );
                self.free_pages(t, cpu, Some(name), block);
                return if len == 1 { UnitEnd::Done } else { UnitEnd::More };
            }
            Named::Pool { len: 0, .. } | Named::Freed => SkipReason::AlreadyFreed,
            Named::Failed => SkipReason::AllocationFailed,
            Named::Nothing => SkipReason::NotYetAllocated,
            Named::Process
            | Named::Thread { .. }
            | Named::Mapping { .. }
            | Named::File
            | Named::Group
            | Named::Cpuset
            | Named::Device => SkipReason::OtherKind,
        };
        t.emit(self, StepKind::Skipped { name, reason });
        UnitEnd::Done
    }

    /// A block is asked for on behalf of a name.
    pub(crate) fn alloc_op(&mut self, t: &mut Trace<'_>, cpu: CpuId, name: NameId, order: u8, gfp: Gfp) {
        match self.named(name) {
            Named::Nothing | Named::Failed | Named::Freed => {
                let block = self.alloc_pages(t, cpu, name, order, gfp);
                let order = Order::new(order);
                let named = match (block, order) {
                    (Some(pfn), Some(order)) => Named::Block(Block { pfn, order }),
                    _ => Named::Failed,
                };
                self.set_named(name, named);
                let zero = gfp.flags.contains(crate::gfp::GfpFlags::ZERO);
                let looks = zero || self.kmem_config().init_on_alloc || self.processes.knows_bytes();
                if looks && block.is_some() {
                    (parts::rules().handed)(self, t, name, zero);
                }
            }
            _ => t.emit(self, StepKind::Skipped { name, reason: SkipReason::StillHeld }),
        }
    }

    /// One action of a random workload: a free when the dice say so and the pool has a block, else an allocation.
    fn workload_turn(&mut self, t: &mut Trace<'_>, workload: &Workload) -> UnitEnd {
        let Workload { name, actions, orders, weights, free_percent, zone, cpu } = workload;
        if self.progress.unit == 0 {
            let is_free = matches!(
                self.named(*name),
                Named::Nothing | Named::Failed | Named::Freed | Named::Pool { len: 0, .. }
            );
            if !is_free {
                t.emit(self, StepKind::Skipped { name: *name, reason: SkipReason::StillHeld });
                return UnitEnd::Done;
            }
            self.set_named(*name, Named::Pool { first: self.pool_blocks.len(), len: 0 });
        }
        let Named::Pool { first, len } = self.named(*name) else {
            unreachable!("a workload's name is its pool")
        };
        let mut rng = self.progress.rng;
        if rng.below(100) < u32::from(*free_percent) && len > 0 {
            let (at, last) = (first + rng.below(len), first + len - 1);
            let block = self.pool_blocks.get(at);
            self.pool_blocks.set(at, self.pool_blocks.get(last));
            self.set_named(*name, Named::Pool { first, len: len - 1 });
            self.free_pages(t, *cpu, Some(*name), block);
        } else {
            let (low, high) = (orders.0.get(), orders.1.get());
            let order = low + rng.below(u32::from(high - low) + 1) as u8;
            let kind = pick_kind(&mut rng, weights);
            let gfp = Gfp::of(kind, *zone);
            if let (Some(pfn), Some(order)) =
                (self.alloc_pages(t, *cpu, *name, order, gfp), Order::new(order))
            {
                self.pool_blocks.grow(first + len + 1);
                self.pool_blocks.set(first + len, Block { pfn, order });
                self.set_named(*name, Named::Pool { first, len: len + 1 });
            }
        }
        self.progress.rng = rng;
        if self.progress.unit + 1 < *actions { UnitEnd::More } else { UnitEnd::Done }
    }

    /// Somebody unknown gives a single page back: what a dump of a real machine shows in use, and what later
    /// frees of its trace return.
    ///
    /// # Panics
    /// When the frame is not such a page.
    pub fn free_unknown_page(&mut self, pfn: Pfn, observer: &mut dyn Observer) {
        let page = self.page(pfn);
        assert!(
            page.state == PageState::Allocated && page.owner().is_none(),
            "somebody known has frame {pfn}"
        );
        self.free_pages(&mut Trace::new(observer), CpuId(0), None, Block { pfn, order: page.order });
    }

    /// What a name stands for now.
    #[must_use]
    pub fn named(&self, name: NameId) -> Named {
        if name.0 < self.names.len() { self.names.get(name.0) } else { Named::Nothing }
    }

    /// How many names the machine has heard of.
    pub(crate) fn names_len(&self) -> u32 {
        self.names.len()
    }

    pub(crate) fn set_named(&mut self, name: NameId, named: Named) {
        self.names.grow(name.0 + 1);
        self.names.set(name.0, named);
    }

    /// The blocks of a workload's pool.
    pub fn pool(&self, name: NameId) -> impl Iterator<Item = Block> {
        let (first, len) = match self.named(name) {
            Named::Pool { first, len } => (first, len),
            _ => (0, 0),
        };
        (first..first + len).map(|at| self.pool_blocks.get(at))
    }

    /// One of the workloads' blocks lies elsewhere.
    pub(crate) fn set_pool_block(&mut self, at: u32, block: Block) {
        self.pool_blocks.set(at, block);
    }

    /// The zones, lowest address first.
    #[must_use]
    pub fn zones(&self) -> &[Zone] {
        &self.zones
    }

    /// The ids of all zones.
    pub fn zone_ids(&self) -> impl DoubleEndedIterator<Item = ZoneId> + use<> {
        (0..self.zones.len() as u8).map(ZoneId)
    }

    /// One zone.
    #[must_use]
    #[inline]
    pub fn zone(&self, id: ZoneId) -> &Zone {
        &self.zones[id.index()]
    }

    #[inline]
    pub(crate) fn zone_mut(&mut self, id: ZoneId) -> &mut Zone {
        &mut self.zones[id.index()]
    }

    /// The zone whose span a frame lies in.
    #[must_use]
    #[inline]
    pub fn zone_of(&self, pfn: Pfn) -> Option<ZoneId> {
        let zone = self.pageblocks.get_or_fill(pfn.0 >> self.settings.pageblock_order.get()).zone;
        if zone == Pageblock::MANY { self.settings.zone_of(pfn) } else { Some(ZoneId(zone)) }
    }

    /// One past the highest frame.
    #[must_use]
    pub fn end(&self) -> Pfn {
        Pfn(self.mem_map.len())
    }

    /// The entry of one frame.
    #[must_use]
    #[inline]
    pub fn page(&self, pfn: Pfn) -> Page {
        self.mem_map.page(pfn)
    }

    /// What all frames are, in chunks: the fast way to draw all of it. A chunk that two machines share lies at the same
    /// place.
    pub fn mem_map(&self) -> impl Iterator<Item = &[PageFlags]> {
        self.mem_map.slices()
    }

    #[inline]
    pub(crate) fn set_page(&mut self, pfn: Pfn, page: Page) {
        self.mem_map.set(pfn, page);
    }

    pub(crate) fn fill_pages(&mut self, range: PfnRange, page: Page) {
        self.mem_map.fill(range, page);
    }

    /// The block that a frame belongs to: free, in use or in hand. None for a hole and for reserved memory.
    #[must_use]
    pub fn block_of(&self, pfn: Pfn) -> Option<Block> {
        match self.page(pfn).state {
            PageState::Hole | PageState::Reserved => return None,
            PageState::Free | PageState::Allocated | PageState::InHand | PageState::Pcp => {
                return Some(Block { pfn, order: self.page(pfn).order });
            }
            PageState::Tail => {}
        }
        Order::all().skip(1).find_map(|order| {
            let head = pfn.align_down(order);
            let page = self.page(head);
            (page.is_head() && page.order >= order).then_some(Block { pfn: head, order: page.order })
        })
    }

    /// The type of the pageblock that a frame lies in (`get_pfnblock_migratetype()`).
    #[must_use]
    #[inline]
    pub fn pageblock_type(&self, pfn: Pfn) -> MigrateType {
        let index = pfn.0 >> self.settings.pageblock_order.get();
        self.pageblocks.get(index).migratetype
    }

    /// Changes the type of every pageblock that a block touches (`change_pageblock_range()`).
    pub(crate) fn set_pageblock_types(&mut self, block: Block, to: MigrateType) {
        let order = self.settings.pageblock_order.get();
        for index in block.pfn.0 >> order..=block.last().0 >> order {
            self.pageblocks.get_mut(index).migratetype = to;
        }
    }

    /// Frames of a pageblock as an order.
    #[must_use]
    pub fn pageblock_order(&self) -> Order {
        self.settings.pageblock_order
    }

    /// Whether pages are grouped by mobility.
    #[must_use]
    pub fn groups_by_mobility(&self) -> bool {
        self.settings.groups_by_mobility
    }

    /// The migratetypes that this kernel has, as `/proc/pagetypeinfo` lists them.
    pub fn migratetypes(&self) -> impl Iterator<Item = MigrateType> + use<> {
        let cma = self.settings.cma;
        MigrateType::ALL.into_iter().filter(move |t| cma || *t != MigrateType::Cma)
    }

    /// The blocks that are off their list and neither handed out nor put back: a place of their own, so that the
    /// sum of free pages holds at every step.
    #[must_use]
    pub fn in_hand(&self) -> &[Block] {
        &self.in_hand
    }

    /// Whoever takes it out again sets the head's entry.
    #[inline]
    pub(crate) fn put_in_hand(&mut self, t: &Trace<'_>, block: Block) {
        if t.looks() {
            self.set_page(block.pfn, Page { order: block.order, ..Page::plain(PageState::InHand) });
            self.in_hand.push(block);
        }
    }

    /// The caller sets the head's entry next.
    #[inline]
    pub(crate) fn take_out_of_hand(&mut self, t: &Trace<'_>, block: Block) {
        if t.looks() {
            let taken = self.in_hand.pop();
            assert!(taken == Some(block), "another block was in hand");
        }
    }

    /// The blocks of one free list, head first.
    pub fn free_list(
        &self,
        zone: ZoneId,
        order: Order,
        migratetype: MigrateType,
    ) -> impl Iterator<Item = Pfn> {
        let first = self.zone(zone).area(order).list(migratetype).head();
        std::iter::successors(first, |pfn| {
            let (_, next) = self.mem_map.neighbours(*pfn);
            (next != NONE).then_some(Pfn(next))
        })
    }

    /// So many ops of one unit are done, none of which drew a number.
    pub(crate) fn did_ops(&mut self, ops: u32) {
        if ops > 0 {
            self.progress.op += ops;
            self.progress.rng = Rng::new(self.settings.seed, u64::from(self.progress.op));
        }
    }

    /// The digest of all state: equal exactly when the machines are equal, natively and in wasm.
    #[must_use]
    pub fn state_hash(&self) -> u64 {
        // The setup is a function of the zones' sizes and of the writes, and its figures are in the zones; what is written
        // about promises counts from the next op of a process on, and is in its state then.
        let Machine {
            settings,
            setup: _,
            mem_map,
            pcp_blocks: _,
            pageblocks,
            zones,
            in_hand,
            names,
            pool_blocks,
            kmem,
            processes,
            mmus,
            reclaim,
            migrate,
            compaction,
            hierarchy,
            cma,
            dma,
            segmentation,
            progress,
            tally,
        } = self;
        let mut d = Digest::default();
        d.word(u64::from(settings.pageblock_order.get()) | u64::from(settings.groups_by_mobility) << 8);
        d.word(settings.seed);
        mem_map.digest(&self.linked_pcp_blocks(), &mut d);
        pageblocks.digest(&mut d);
        zones.iter().for_each(|zone| zone.digest(&mut d));
        d.word(in_hand.len() as u64);
        in_hand.iter().for_each(|block| block.digest(&mut d));
        names.digest(&mut d);
        pool_blocks.digest(&mut d);
        d.word(u64::from(progress.op) | u64::from(progress.unit) << 32);
        d.word(progress.rng.state());
        if !kmem.is_untouched() {
            d.word((parts::rules().digest)(kmem));
        }
        if !processes.is_untouched() {
            d.word((parts::rules().digest_processes)(processes, mmus));
        }
        if let Some(reclaim) = reclaim {
            d.word((parts::rules().digest_reclaim)(reclaim));
        }
        if let Some(migrate) = migrate {
            d.word((parts::rules().digest_migrate)(migrate));
        }
        if let Some(compaction) = compaction {
            d.word((parts::rules().digest_compaction)(compaction));
        }
        if let Some(hierarchy) = hierarchy {
            d.word((parts::rules().digest_hierarchy)(hierarchy));
        }
        if let Some(segmentation) = segmentation {
            d.word((parts::rules().digest_segments)(segmentation));
        }
        if let Some(cma) = cma {
            d.word((parts::rules().digest_cma)(cma));
        }
        if let Some(dma) = dma {
            d.word((parts::rules().digest_dma)(dma));
        }
        tally.digest(&mut d);
        let of_oom = [self.tunables().panic_on_oom, self.tunables().oom_kill_allocating_task];
        if of_oom != [0, 0] {
            d.word(u64::from(of_oom[0]) << 32 | u64::from(of_oom[1]));
        }
        d.finish()
    }

    /// The blocks on all CPUs' lists with their neighbours, as the kernel links them through `mem_map`: frame, previous
    /// and next, in ascending order.
    fn linked_pcp_blocks(&self) -> Vec<(u32, u32, u32)> {
        let mut all = Vec::new();
        for deque in self.zones.iter().flat_map(|zone| &zone.pageset).flat_map(|pcp| &pcp.lists) {
            let mut prev = NONE;
            let mut blocks = self.pcp_blocks.iter(deque).peekable();
            while let Some(pfn) = blocks.next() {
                all.push((pfn.0, prev, blocks.peek().map_or(NONE, |next| next.0)));
                prev = pfn.0;
            }
        }
        crate::sort::by_key(&mut all, |(pfn, ..)| u64::from(*pfn));
        all
    }

    /// How many chunks this machine and those it was cloned from had to copy: what keyframes cost, in KiB.
    #[must_use]
    pub fn copied_chunks(&self) -> u64 {
        self.mem_map.copied_chunks()
            + self.pcp_blocks.copied_chunks()
            + self.pageblocks.copied_chunks()
            + self.names.copied_chunks()
            + self.pool_blocks.copied_chunks()
    }

    /// Lays the tables out for a long run: every write then costs less, and a clone what has changed since the last.
    pub fn flatten(&mut self) {
        self.mem_map.flatten();
        self.pcp_blocks.flatten();
        self.pageblocks.flatten();
        self.names.flatten();
        self.pool_blocks.flatten();
        if !self.processes.is_untouched() {
            (parts::rules().flatten_processes)(self);
        }
    }

    /// Bytes of the tables that grow with the frames.
    #[must_use]
    pub fn state_bytes(&self) -> u64 {
        self.mem_map.bytes() + self.pcp_blocks.bytes() + self.pageblocks.bytes()
    }

    /// How many chunks there are: the most that two machines of one history can differ by.
    #[must_use]
    pub fn chunks(&self) -> u64 {
        self.mem_map.chunks()
            + self.pcp_blocks.chunks()
            + self.pageblocks.chunks()
            + self.names.chunks()
            + self.pool_blocks.chunks()
    }

    /// How many shared nodes a clone has to count: the bound on its cost.
    #[must_use]
    pub fn clone_cost(&self) -> usize {
        self.mem_map.clone_cost()
            + self.pcp_blocks.clone_cost()
            + self.pageblocks.clone_cost()
            + self.names.clone_cost()
            + self.pool_blocks.clone_cost()
    }
}

/// Draws a kind by weight; unmovable when every weight is 0.
fn pick_kind(rng: &mut Rng, weights: &[u8; 5]) -> PageKind {
    let total: u32 = weights.iter().map(|w| u32::from(*w)).sum();
    let mut at = rng.below(total.max(1));
    for (kind, weight) in PageKind::ASKABLE.into_iter().zip(weights) {
        match at.checked_sub(u32::from(*weight)) {
            Some(left) => at = left,
            None => return kind,
        }
    }
    PageKind::Unmovable
}

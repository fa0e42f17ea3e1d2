//! The whole state of one machine, and the loop that runs an op unit by unit.

mod boot;
mod hash;
mod named;
mod run;
mod settings;
mod sysctl;

use std::rc::Rc;

pub use self::named::Named;
pub(crate) use self::settings::{Route, Settings};
use crate::cma::Cma;
use crate::compaction::Compaction;
use crate::cow::CowVec;
use crate::deque::Pieces;
use crate::dma::Dma;
use crate::hash::{Digest, Digestible};
use crate::hierarchy::Hierarchy;
use crate::migrate::Migrate;
use crate::mmzone::{Zone, ZoneId};
use crate::op::NameId;
use crate::page::{Block, MemMap, MigrateType, NONE, Page, PageFlags, PageState};
use crate::page_alloc::setup::{Tunables, ZoneSetup};
use crate::parts;
use crate::process::Processes;
use crate::reclaim::Reclaim;
use crate::replay::Tally;
use crate::rng::Rng;
use crate::segmentation::{self, Segmentation};
use crate::slab_common::{Kmem, KmemTotals};
use crate::step::Trace;
use crate::units::{CpuId, Order, Pfn, PfnRange};
use crate::x86::mmu::Mmus;

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
        self.settings.zone_in(&self.pageblocks, pfn)
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
}

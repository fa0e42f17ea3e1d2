//! The whole state of one machine, and the loop that runs an op unit by unit.

use crate::config::{Config, Mobility};
use crate::cow::CowVec;
use crate::hash::{Digest, Digestible};
use crate::mmzone::{Zone, ZoneId};
use crate::op::{NameId, Op, PageKind, Workload};
use crate::page::{Block, MigrateType, Page, PageState};
use crate::rng::Rng;
use crate::step::{Func, Observer, SkipReason, StepKind, Trace};
use crate::units::{Order, Pfn, PfnRange};

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
}

impl Digestible for Named {
    fn digest(&self, to: &mut Digest) {
        let (tag, a, b) = match *self {
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

/// Settings that never change while the machine runs.
#[derive(Clone, Debug)]
struct Settings {
    pageblock_order: Order,
    groups_by_mobility: bool,
    cma: bool,
    seed: u64,
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
    settings: Settings,
    mem_map: CowVec<Page, 64>,
    /// The type of each pageblock (`pageblock_flags`).
    pageblocks: CowVec<u8, 1024>,
    zones: Vec<Zone>,
    /// Blocks that are off their list and not yet handed out or put back.
    in_hand: Vec<Block>,
    names: CowVec<Named, 64>,
    pool_blocks: CowVec<Block, 128>,
    progress: Progress,
}

impl Machine {
    /// A machine with nothing in it: every frame of RAM reserved, everything else a hole.
    pub(crate) fn bare(config: &Config) -> Machine {
        let end = config.end();
        let mut mem_map = CowVec::filled(end.0, Page::plain(PageState::Hole));
        for range in &config.ram {
            mem_map.fill(range.start.0, range.end.0, Page::plain(PageState::Reserved));
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
                present: crate::NrPages(pages(&config.ram, spec.span)),
                managed: crate::NrPages(0),
                nr_free_pages: crate::NrPages(0),
                free_area: [crate::mmzone::FreeArea {
                    lists: [crate::mmzone::FreeList::EMPTY; 6],
                    nr_free: 0,
                }; 11],
            })
            .collect();
        let pageblock_pages = config.pageblock_order.pages();
        // `build_all_zonelists()` decides before memory is handed over: 4 types and Isolate, one more with CMA.
        let types = if config.cma { 6 } else { 5 };
        let all = PfnRange::new(0, end.0);
        let free: u64 = crate::memblock::free_ranges(config, all).iter().map(|r| u64::from(r.len())).sum();
        let groups_by_mobility = match config.mobility {
            Mobility::Auto => free >= u64::from(pageblock_pages) * types,
            Mobility::On => true,
            Mobility::Off => false,
        };
        Machine {
            settings: Settings {
                pageblock_order: config.pageblock_order,
                groups_by_mobility,
                cma: config.cma,
                seed: config.seed,
            },
            mem_map,
            pageblocks: CowVec::filled(end.0.div_ceil(pageblock_pages), MigrateType::Unmovable as u8),
            zones,
            in_hand: Vec::new(),
            names: CowVec::filled(0, Named::Nothing),
            pool_blocks: CowVec::filled(0, Block { pfn: Pfn(0), order: Order::ZERO }),
            progress: Progress { op: 0, unit: 0, rng: Rng::new(config.seed, 0) },
        }
    }

    /// Runs the next unit of `op`. The same op has to be given until it is [`UnitEnd::Done`].
    pub fn run_unit(&mut self, op: &Op, observer: &mut dyn Observer) -> UnitEnd {
        let mut t = Trace::new(observer);
        if self.progress.unit == 0 {
            self.progress.rng = Rng::new(self.settings.seed, u64::from(self.progress.op) + 1);
        }
        let end = t.within(Func::Scenario, |t| match op {
            Op::Alloc { name, order, gfp } => {
                match self.named(*name) {
                    Named::Block(_) | Named::Pool { .. } => {
                        t.emit(self, StepKind::Skipped { name: *name, reason: SkipReason::StillHeld });
                    }
                    Named::Nothing | Named::Failed | Named::Freed => {
                        let block = self.alloc_pages(t, *name, *order, *gfp);
                        let order = Order::new(*order);
                        let named = match (block, order) {
                            (Some(pfn), Some(order)) => Named::Block(Block { pfn, order }),
                            _ => Named::Failed,
                        };
                        self.set_named(*name, named);
                    }
                }
                UnitEnd::Done
            }
            Op::Free { name } => self.free_named(t, *name),
            Op::Workload(workload) => self.workload_turn(t, workload),
        });
        // The unit boundary: here, in a fixed order, every woken daemon will get one slice (none is modelled yet).
        match end {
            UnitEnd::More => self.progress.unit += 1,
            UnitEnd::Done => {
                self.progress.unit = 0;
                self.progress.op += 1;
            }
        }
        end
    }

    fn free_named(&mut self, t: &mut Trace<'_>, name: NameId) -> UnitEnd {
        let reason = match self.named(name) {
            Named::Block(block) => {
                // The name is taken away first: from the first step on, the block is the allocator's.
                self.set_named(name, Named::Freed);
                self.free_pages(t, Some(name), block);
                return UnitEnd::Done;
            }
            Named::Pool { first, len: len @ 1.. } => {
                let block = self.pool_blocks.get(first + len - 1);
                self.set_named(
                    name,
                    if len == 1 { Named::Freed } else { Named::Pool { first, len: len - 1 } },
                );
                self.free_pages(t, Some(name), block);
                return if len == 1 { UnitEnd::Done } else { UnitEnd::More };
            }
            Named::Pool { len: 0, .. } | Named::Freed => SkipReason::AlreadyFreed,
            Named::Failed => SkipReason::AllocationFailed,
            Named::Nothing => SkipReason::NotYetAllocated,
        };
        t.emit(self, StepKind::Skipped { name, reason });
        UnitEnd::Done
    }

    /// One action of a random workload: a free when the dice say so and the pool has a block, else an allocation.
    fn workload_turn(&mut self, t: &mut Trace<'_>, workload: &Workload) -> UnitEnd {
        let Workload { name, actions, orders, weights, free_percent, highest_zone } = workload;
        if self.progress.unit == 0 {
            if matches!(self.named(*name), Named::Block(_) | Named::Pool { len: 1.., .. }) {
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
            self.free_pages(t, Some(*name), block);
        } else {
            let (low, high) = (orders.0.get(), orders.1.get());
            let order = low + rng.below(u32::from(high - low) + 1) as u8;
            let kind = pick_kind(&mut rng, weights);
            let gfp = crate::op::Gfp { kind, highest_zone: *highest_zone };
            if let (Some(pfn), Some(order)) = (self.alloc_pages(t, *name, order, gfp), Order::new(order)) {
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
        self.free_pages(&mut Trace::new(observer), None, Block { pfn, order: page.order });
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

    fn set_named(&mut self, name: NameId, named: Named) {
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
    pub fn zone(&self, id: ZoneId) -> &Zone {
        &self.zones[id.index()]
    }

    pub(crate) fn zone_mut(&mut self, id: ZoneId) -> &mut Zone {
        &mut self.zones[id.index()]
    }

    /// The zone whose span a frame lies in.
    #[must_use]
    pub fn zone_of(&self, pfn: Pfn) -> Option<ZoneId> {
        self.zones.iter().position(|zone| zone.span.contains(pfn)).map(|at| ZoneId(at as u8))
    }

    /// One past the highest frame.
    #[must_use]
    pub fn end(&self) -> Pfn {
        Pfn(self.mem_map.len())
    }

    /// The entry of one frame.
    #[must_use]
    pub fn page(&self, pfn: Pfn) -> Page {
        if pfn.0 < self.mem_map.len() { self.mem_map.get(pfn.0) } else { Page::plain(PageState::Hole) }
    }

    /// Every entry of `mem_map` in chunks: the fast way to draw all of it.
    pub fn mem_map(&self) -> impl Iterator<Item = &[Page]> {
        self.mem_map.slices()
    }

    pub(crate) fn page_mut(&mut self, pfn: Pfn) -> &mut Page {
        self.mem_map.get_mut(pfn.0)
    }

    pub(crate) fn set_page(&mut self, pfn: Pfn, page: Page) {
        self.mem_map.set(pfn.0, page);
    }

    pub(crate) fn fill_pages(&mut self, range: PfnRange, page: Page) {
        self.mem_map.fill(range.start.0, range.end.0, page);
    }

    /// The block that a frame belongs to: free, in use or in hand. None for a hole and for reserved memory.
    #[must_use]
    pub fn block_of(&self, pfn: Pfn) -> Option<Block> {
        match self.page(pfn).state {
            PageState::Hole | PageState::Reserved => return None,
            PageState::Free | PageState::Allocated | PageState::InHand => {
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
    pub fn pageblock_type(&self, pfn: Pfn) -> MigrateType {
        let index = pfn.0 >> self.settings.pageblock_order.get();
        MigrateType::from_raw(self.pageblocks.get(index)).unwrap_or(MigrateType::Movable)
    }

    /// Changes the type of every pageblock that a block touches (`change_pageblock_range()`).
    pub(crate) fn set_pageblock_types(&mut self, block: Block, to: MigrateType) {
        let order = self.settings.pageblock_order.get();
        for index in block.pfn.0 >> order..=block.last().0 >> order {
            self.pageblocks.set(index, to as u8);
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

    pub(crate) fn put_in_hand(&mut self, block: Block) {
        self.set_page(block.pfn, Page { order: block.order, ..Page::plain(PageState::InHand) });
        self.in_hand.push(block);
    }

    /// The caller sets the head's entry next.
    pub(crate) fn take_out_of_hand(&mut self, block: Block) {
        let taken = self.in_hand.pop();
        assert!(taken == Some(block), "another block was in hand");
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
            let next = self.page(*pfn).next;
            (next != crate::page::NONE).then_some(Pfn(next))
        })
    }

    /// The digest of all state: equal exactly when the machines are equal, natively and in wasm.
    #[must_use]
    pub fn state_hash(&self) -> u64 {
        let Machine { settings, mem_map, pageblocks, zones, in_hand, names, pool_blocks, progress } = self;
        let mut d = Digest::default();
        d.word(u64::from(settings.pageblock_order.get()) | u64::from(settings.groups_by_mobility) << 8);
        d.word(settings.seed);
        mem_map.digest(&mut d);
        pageblocks.digest(&mut d);
        zones.iter().for_each(|zone| zone.digest(&mut d));
        d.word(in_hand.len() as u64);
        in_hand.iter().for_each(|block| block.digest(&mut d));
        names.digest(&mut d);
        pool_blocks.digest(&mut d);
        d.word(u64::from(progress.op) | u64::from(progress.unit) << 32);
        d.word(progress.rng.state());
        d.finish()
    }

    /// How many chunks this machine and those it was cloned from had to copy: what keyframes cost, in KiB.
    #[must_use]
    pub fn copied_chunks(&self) -> u64 {
        self.mem_map.copied_chunks()
            + self.pageblocks.copied_chunks()
            + self.names.copied_chunks()
            + self.pool_blocks.copied_chunks()
    }

    /// How many shared nodes a clone has to count: the bound on its cost.
    #[must_use]
    pub fn clone_cost(&self) -> usize {
        self.mem_map.clone_cost()
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

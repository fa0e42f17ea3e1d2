//! A page moves to another frame (mm/migrate.c, mm/rmap.c, 6.1): its bytes, whose it is, its place on the lists and in its
//! file, and every entry of a page table that leads to it.
//!
//! Whoever wants pages to move takes them from their lists first ([`Machine::isolate_movable`]), then has them moved
//! ([`Machine::migrate_pages`]) to frames that it finds itself, and puts back what stayed ([`Machine::putback_movable`]).
//!
//! Single frames of a scenario that may move (`alloc order=0 movable`, `anon`, `file`, and those of workloads) are guests
//! like a program's pages, but no page table leads to them: their names are all that has to be told. Larger blocks stay.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::Machine;
use crate::gfp::GfpFlags;
use crate::hash::Digest;
use crate::machine::{Named, UnitEnd};
use crate::op::{Gfp, NameId, PageKind};
use crate::page::{Block, PageState};
use crate::process::Mapped;
use crate::reclaim::{LruFlags, Place};
use crate::step::{Func, MigrateStep, StepKind, Trace};
use crate::units::{CpuId, Order, Pfn, PfnRange, Vaddr};
use crate::x86::pgtable::Pte;

/// How often a page is tried that something holds on to (`migrate_pages()`: 10 passes).
pub const PASSES: u32 = 10;

/// Pages of a name that come to another node in one unit.
const BATCH: usize = 32;

/// Why a page stays where it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Stays {
    /// It is nobody's, or free.
    NotInUse,
    /// It is kernel memory.
    Unmovable(PageKind),
    /// It is part of a larger block, which is not moved.
    Compound(Order),
    /// Nothing is known of it.
    Unknown,
    /// Somebody counts on where it lies.
    Pinned,
    /// It is on its way to a disk.
    Writeback,
    /// It is being read.
    Locked,
    /// It is on no list of pages that may be taken.
    NotListed,
}

/// What lies in a frame that can move.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Guest {
    /// A page of a process or of a file.
    Page,
    /// A block of the scenario with a name of its own.
    Block(NameId),
    /// One of a workload's blocks.
    Pool(NameId),
}

/// What came of moving pages.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Migration {
    /// How many moved.
    pub moved: u32,
    /// Those that stayed, and why; they are isolated still.
    pub stayed: Vec<(Pfn, Stays)>,
    /// There was no frame for one of them: it and those after it stay.
    pub no_target: Vec<Pfn>,
    /// Frames that were found for pages that stayed.
    pub unused: Vec<Pfn>,
}

/// What is pinned, and how often pages moved.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Migrate {
    /// How often something counts on where a frame lies.
    pins: BTreeMap<Pfn, u32>,
    /// `pgmigrate_success`
    pub success: u64,
    /// `pgmigrate_fail`
    pub fail: u64,
}

impl Migrate {
    /// Whether somebody counts on where a frame lies.
    #[must_use]
    pub fn is_pinned(&self, pfn: Pfn) -> bool {
        self.pins.contains_key(&pfn)
    }

    /// All pinned frames, in ascending order.
    pub fn pinned(&self) -> impl Iterator<Item = Pfn> {
        self.pins.keys().copied()
    }

    pub(crate) fn digest_of(migrate: &Migrate) -> u64 {
        let mut d = Digest::default();
        for (pfn, times) in &migrate.pins {
            d.word(u64::from(pfn.0) << 32 | u64::from(*times));
        }
        d.word(migrate.success);
        d.word(migrate.fail);
        d.finish()
    }
}

/// What is pinned, or unpinned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PinWhat {
    /// What a name stands for: a block, the blocks of a workload, the pages of an area that are there.
    Name(NameId),
    /// One frame.
    Frame(Pfn),
}

impl Machine {
    /// What is pinned, and how often pages moved; none before anybody asked for either.
    #[must_use]
    pub fn migrate(&self) -> Option<&Migrate> {
        self.migrate.as_deref()
    }

    pub(crate) fn migrate_mut(&mut self) -> &mut Migrate {
        Rc::make_mut(self.migrate.get_or_insert_default())
    }

    /// Whether somebody counts on where a frame lies.
    #[must_use]
    pub fn is_pinned(&self, pfn: Pfn) -> bool {
        self.migrate.as_ref().is_some_and(|migrate| migrate.is_pinned(pfn))
    }

    fn told_migrate(&self, t: &mut Trace<'_>, func: Func, step: impl FnOnce() -> MigrateStep) {
        if t.looks() {
            let kind = StepKind::Migrate(step());
            t.within_once(func, |t| t.emit(self, kind));
        }
    }

    /// Somebody counts on where pages lie from now on, or not any more.
    pub(crate) fn pin(&mut self, t: &mut Trace<'_>, what: PinWhat, on: bool) {
        let (name, blocks) = match what {
            PinWhat::Frame(pfn) => (None, self.block_of(pfn).into_iter().collect()),
            PinWhat::Name(name) => (Some(name), self.blocks_of_name(name)),
        };
        let in_use = |block: &Block| self.page(block.pfn).state == PageState::Allocated;
        let fits = |block: &Block| in_use(block) && (on || self.is_pinned(block.pfn));
        let blocks: Vec<Block> = blocks.into_iter().filter(fits).collect();
        let func = if on { Func::PinUserPages } else { Func::UnpinUserPages };
        let Some(first) = blocks.first() else {
            self.told_migrate(t, func, || MigrateStep::NothingPinned { name });
            return;
        };
        let (pfn, pages) = (first.pfn, blocks.iter().map(|block| block.order.pages()).sum());
        let migrate = self.migrate_mut();
        for block in &blocks {
            let times = migrate.pins.entry(block.pfn).or_default();
            *times = if on { times.saturating_add(1) } else { times.saturating_sub(1) };
        }
        migrate.pins.retain(|_, times| *times > 0);
        let told = || {
            if on {
                MigrateStep::Pinned { name, pfn, pages }
            } else {
                MigrateStep::Unpinned { name, pfn, pages }
            }
        };
        self.told_migrate(t, func, told);
    }

    /// A block goes back to the allocator, and nobody counts on it any more.
    #[cold]
    pub(crate) fn unpin_freed(&mut self, block: Block) {
        let end = block.last().plus(1);
        let pinned =
            self.migrate().is_some_and(|migrate| migrate.pins.range(block.pfn..end).next().is_some());
        if pinned {
            self.migrate_mut().pins.retain(|pfn, _| !(block.pfn..end).contains(pfn));
        }
    }

    /// The blocks that a name stands for; of an area those of its pages that are there.
    fn blocks_of_name(&self, name: NameId) -> Vec<Block> {
        match self.named(name) {
            Named::Block(block) => vec![block],
            Named::Pool { .. } => self.pool(name).collect(),
            Named::Mapping { process, start, pages } => {
                let Some(mm) = self.processes.mm(process) else { return Vec::new() };
                let end = Vaddr(start.0.saturating_add(u64::from(pages) * crate::units::PAGE_SIZE));
                let tables = self.processes.tables();
                let there = tables.between(mm.pgd, start, end).filter(|(.., pte)| !pte.has(Pte::SPECIAL));
                there.filter_map(|(.., pte)| self.block_of(pte.pfn())).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What lies in a frame, if it can move at all.
    fn guest(&self, pfn: Pfn) -> Result<Guest, Stays> {
        let page = match self.page(pfn) {
            page if page.state == PageState::Allocated => page,
            page if page.state == PageState::Tail => {
                let head = self.block_of(pfn).map(|block| self.page(block.pfn));
                return Err(match head {
                    Some(head) if head.state != PageState::Allocated => Stays::NotInUse,
                    Some(head) if head.kind.migrates() => Stays::Compound(head.order),
                    Some(head) => Stays::Unmovable(head.kind),
                    None => Stays::NotInUse,
                });
            }
            _ => return Err(Stays::NotInUse),
        };
        if page.kind == PageKind::Unknown {
            return Err(Stays::Unknown);
        }
        if !page.kind.migrates() {
            return Err(Stays::Unmovable(page.kind));
        }
        if page.order > Order::ZERO || self.processes.huge().of(pfn).is_some() {
            return Err(Stays::Compound(page.order));
        }
        let owner = page.owner().ok_or(Stays::NotInUse)?;
        if self.processes.mapped(pfn) != Mapped::NOBODY {
            return Ok(Guest::Page);
        }
        match self.named(owner) {
            Named::Block(block) if block.pfn == pfn => Ok(Guest::Block(owner)),
            Named::Pool { .. } => Ok(Guest::Pool(owner)),
            _ => Err(Stays::NotInUse),
        }
    }

    /// Whether the page in a frame could move now (`isolate_migratepages_block()` for one page); why not.
    ///
    /// # Errors
    /// What keeps it where it is.
    pub fn can_isolate(&self, pfn: Pfn) -> Result<(), Stays> {
        let guest = self.guest(pfn)?;
        // One of a file is found to be held only when it is to move.
        let of_file = self.processes.mapped(pfn).file().is_some();
        if self.is_pinned(pfn) && !of_file {
            return Err(Stays::Pinned);
        }
        let Some(reclaim) = self.reclaim().filter(|_| guest == Guest::Page) else { return Ok(()) };
        let flags = reclaim.page(pfn).flags;
        if !flags.has(LruFlags::LRU) {
            return Err(Stays::NotListed);
        }
        if flags.has(LruFlags::WRITEBACK) {
            return Err(Stays::Writeback);
        }
        Ok(())
    }

    /// Whether the page in a frame can move to another one, whatever it takes to get there.
    ///
    /// # Errors
    /// What keeps it where it is.
    pub fn can_migrate(&self, pfn: Pfn) -> Result<(), Stays> {
        self.can_isolate(pfn)?;
        if self.is_pinned(pfn) { Err(Stays::Pinned) } else { Ok(()) }
    }

    /// Takes the page in a frame from its list, to be moved (`isolate_lru_page()`).
    ///
    /// # Errors
    /// What keeps it where it is.
    pub(crate) fn isolate_movable(&mut self, pfn: Pfn) -> Result<(), Stays> {
        self.can_isolate(pfn)?;
        self.isolate_lru_page(pfn);
        Ok(())
    }

    /// Pages that did not move go back to their lists (`putback_movable_pages()`).
    pub(crate) fn putback_movable(&mut self, pages: impl IntoIterator<Item = Pfn>) {
        pages.into_iter().for_each(|pfn| self.putback_lru_page(pfn));
    }

    /// Isolated pages move to frames that `target` finds, the first one first (`migrate_pages()`). Such a frame is a single
    /// one in use that nobody owns.
    pub(crate) fn migrate_pages(
        &mut self,
        t: &mut Trace<'_>,
        cpu: CpuId,
        pages: &[Pfn],
        mut target: impl FnMut(&mut Machine, &mut Trace<'_>, Pfn) -> Option<Pfn>,
    ) -> Migration {
        t.within(Func::MigratePages, |t| {
            let mut done = Migration::default();
            let pools = self.places_in_pools(pages);
            for (at, pfn) in pages.iter().enumerate() {
                let Some(to) = target(self, t, *pfn) else {
                    done.no_target = pages[at..].to_vec();
                    break;
                };
                match self.unmap_and_move(t, cpu, *pfn, to, &pools) {
                    Ok(()) => done.moved += 1,
                    Err(why) => {
                        self.told_migrate(t, Func::MigratePages, || MigrateStep::Stays { pfn: *pfn, why });
                        done.stayed.push((*pfn, why));
                        done.unused.push(to);
                    }
                }
            }
            let failed = done.stayed.len() + done.no_target.len();
            let migrate = self.migrate_mut();
            migrate.success += u64::from(done.moved);
            migrate.fail += failed as u64;
            done
        })
    }

    /// Isolated pages move to frames of a node, or of any (`alloc_migration_target()`); what did not move goes back to its
    /// list.
    pub(crate) fn migrate_to_node(
        &mut self,
        t: &mut Trace<'_>,
        cpu: CpuId,
        pages: &[Pfn],
        node: Option<u8>,
    ) -> Migration {
        let done =
            self.migrate_pages(t, cpu, pages, |machine, _, _| machine.alloc_migration_target(cpu, node));
        self.putback_movable(done.stayed.iter().map(|(pfn, _)| *pfn).chain(done.no_target.iter().copied()));
        for pfn in &done.unused {
            let block = Block { pfn: *pfn, order: Order::ZERO };
            self.free_pages(&mut Trace::unseen(), cpu, None, block);
        }
        done
    }

    /// A frame for a page that moves, nobody's until it comes (`alloc_migration_target()`).
    pub(crate) fn alloc_migration_target(&mut self, cpu: CpuId, node: Option<u8>) -> Option<Pfn> {
        // Nobody is killed for it.
        let more = if node.is_some() { GfpFlags::THISNODE } else { GfpFlags::RETRY_MAYFAIL };
        let gfp = Gfp { kind: PageKind::Movable, flags: GfpFlags::GFP_HIGHUSER_MOVABLE | more };
        self.alloc_quietly(cpu, Order::ZERO, gfp, node)
    }

    /// Up to 32 more of the pages of a name come to a node (`move_pages()`); the number of the unit says which.
    pub(crate) fn move_pages(&mut self, t: &mut Trace<'_>, name: NameId, node: u8, cpu: CpuId) -> UnitEnd {
        t.within(Func::DoMovePagesToNode, |t| {
            self.lru_add_drain_all(&mut Trace::unseen());
            let blocks = self.blocks_of_name(name);
            let from = self.units_done() as usize * BATCH;
            let elsewhere = |pfn: &Pfn| self.zone_of(*pfn).is_some_and(|zone| self.zone(zone).node != node);
            let turn: Vec<Pfn> =
                blocks.iter().skip(from).take(BATCH).map(|block| block.pfn).filter(elsewhere).collect();
            let mut stayed = 0;
            let mut pages = Vec::new();
            for pfn in turn {
                match self.isolate_movable(pfn) {
                    Ok(()) => pages.push(pfn),
                    Err(why) => {
                        stayed += 1;
                        self.told_migrate(t, Func::DoMovePagesToNode, || MigrateStep::Stays { pfn, why });
                    }
                }
            }
            let done = self.migrate_to_node(t, cpu, &pages, Some(node));
            stayed += (done.stayed.len() + done.no_target.len()) as u32;
            let told = || MigrateStep::ToNode { name, node, moved: done.moved, stayed };
            self.told_migrate(t, Func::DoMovePagesToNode, told);
            if from + BATCH < blocks.len() { UnitEnd::More } else { UnitEnd::Done }
        })
    }

    /// Where in the table of workloads' blocks those of these pages stand that belong to workloads.
    fn places_in_pools(&self, pages: &[Pfn]) -> BTreeMap<Pfn, u32> {
        let mut owners: Vec<NameId> = Vec::new();
        for pfn in pages {
            if let Ok(Guest::Pool(owner)) = self.guest(*pfn)
                && !owners.contains(&owner)
            {
                owners.push(owner);
            }
        }
        let mut places = BTreeMap::new();
        for owner in owners {
            let Named::Pool { first, .. } = self.named(owner) else { continue };
            places.extend(self.pool(owner).zip(first..).map(|(block, at)| (block.pfn, at)));
        }
        places.retain(|pfn, _| pages.contains(pfn));
        places
    }

    /// One page moves (`unmap_and_move()`).
    fn unmap_and_move(
        &mut self,
        t: &mut Trace<'_>,
        cpu: CpuId,
        from: Pfn,
        to: Pfn,
        pools: &BTreeMap<Pfn, u32>,
    ) -> Result<(), Stays> {
        let guest = self.guest(from)?;
        if self.is_pinned(from) {
            return Err(Stays::Pinned);
        }
        if guest == Guest::Page
            && let Some(reclaim) = self.reclaim()
        {
            if reclaim.page(from).flags.has(LruFlags::WRITEBACK) {
                return Err(Stays::Writeback);
            }
            if reclaim.is_locked(from) {
                return Err(Stays::Locked);
            }
        }
        let owner = self.page(from).owner();
        let places = if guest == Guest::Page { self.entries_to(from) } else { Vec::new() };
        for place in &places {
            self.try_to_migrate_one(t, cpu, place);
            let Place { process, address, .. } = *place;
            let told = || MigrateStep::Unmapped { pfn: from, process, address };
            self.told_migrate(t, Func::TryToMigrate, told);
        }
        let page = self.page(from);
        self.mem_map.hand_over(
            Block { pfn: to, order: Order::ZERO },
            page.kind,
            owner.map_or(crate::page::NONE, |name| name.0),
        );
        self.mem_map.hand_over(Block { pfn: from, order: Order::ZERO }, page.kind, crate::page::NONE);
        match guest {
            Guest::Page => self.move_page(from, to),
            Guest::Block(name) => {
                self.set_named(name, Named::Block(Block { pfn: to, order: Order::ZERO }));
                self.move_contents(from, to);
            }
            Guest::Pool(_) => {
                if let Some(at) = pools.get(&from) {
                    self.set_pool_block(*at, Block { pfn: to, order: Order::ZERO });
                }
                self.move_contents(from, to);
            }
        }
        let was_mapped = !places.is_empty();
        if was_mapped {
            self.told_migrate(t, Func::MoveToNewFolio, || MigrateStep::Copied { from, to, owner });
        }
        for place in &places {
            self.remove_migration_pte(place, to);
            let Place { process, address, .. } = *place;
            let told = || MigrateStep::Remapped { pfn: to, process, address };
            self.told_migrate(t, Func::RemoveMigrationPtes, told);
        }
        if guest == Guest::Page && self.reclaim.is_some() {
            self.lru_add(&mut Trace::unseen(), to, cpu);
            if was_mapped {
                self.lru_add_drain(&mut Trace::unseen(), cpu);
            }
        }
        // (The last one to put it back frees it: to the CPU's list.)
        self.free_pages(&mut Trace::unseen(), cpu, None, Block { pfn: from, order: Order::ZERO });
        let told = || {
            if was_mapped { MigrateStep::Freed { pfn: from } } else { MigrateStep::Moved { from, to, owner } }
        };
        self.told_migrate(t, Func::UnmapAndMove, told);
        Ok(())
    }

    /// Every pinned frame is the first one of a block that somebody has.
    ///
    /// # Errors
    /// The first one that is not.
    pub(crate) fn check_migrate(&self) -> Result<(), String> {
        let pinned = self.migrate().into_iter().flat_map(Migrate::pinned);
        for pfn in pinned {
            let page = self.page(pfn);
            if page.state != PageState::Allocated {
                return Err(format!("frame {pfn} is pinned, and is {page:?}"));
            }
        }
        Ok(())
    }

    /// The first frame of a range that somebody counts on.
    #[must_use]
    pub fn first_pinned(&self, range: PfnRange) -> Option<Pfn> {
        self.migrate()
            .and_then(|migrate| migrate.pins.range(range.start..range.end).next())
            .map(|(pfn, _)| *pfn)
    }
}

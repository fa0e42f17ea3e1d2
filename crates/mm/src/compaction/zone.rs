//! A zone is compacted (mm/compaction.c: `compact_zone()`, `try_to_compact_pages()`, 6.1), turn by turn: some pages are taken
//! and moved, and then it is looked whether it is enough.

use super::CompactEvent;
use super::suitable::{CompactPriority, CompactResult};
use crate::Machine;
use crate::gfp::GfpFlags;
use crate::hash::{Digest, Digestible};
use crate::machine::UnitEnd;
use crate::mmzone::{ZoneId, ZoneKind};
use crate::page::{Block, MigrateType};
use crate::page_alloc::{AllocContext, AllocFlags};
use crate::step::{CompactStep, Func, Trace};
use crate::units::{CpuId, Order, Pfn};

/// Who compacts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Compactor {
    /// A request that found nothing.
    Direct,
    /// A person (`/proc/sys/vm/compact_memory`).
    Person,
    /// kcompactd of a node.
    Kcompactd(u8),
}

impl Compactor {
    pub(super) fn index(self) -> usize {
        match self {
            Compactor::Direct | Compactor::Person => 0,
            Compactor::Kcompactd(node) => usize::from(node) + 1,
        }
    }
}

/// What whoever compacts waits for (`enum migrate_mode`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum MigrateMode {
    /// Nothing.
    Async,
    /// Little: not for pages that are on their way to a disk.
    SyncLight,
    /// Everything.
    Sync,
}

/// A zone that is being compacted (`struct compact_control`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Control {
    /// Who does it.
    pub by: Compactor,
    /// Which zone.
    pub zone: ZoneId,
    /// The order that is wanted; none: as large as possible.
    pub order: Option<Order>,
    /// The lists that the request looks at.
    pub migratetype: MigrateType,
    /// What it waits for.
    pub mode: MigrateMode,
    /// The request's highest zone.
    pub highest: ZoneKind,
    /// From end to end, wherever others stopped.
    pub whole_zone: bool,
    /// Marks on pageblocks do not count.
    pub ignore_skip: bool,
    /// Pages are moved into pageblocks of any type.
    pub ignore_block_suitable: bool,
    /// Until the zone's score is this low; none: there is no such aim.
    pub proactive: Option<u32>,
    /// Where the scanner for pages to move is.
    pub migrate_pfn: Pfn,
    /// Where the scanner for room is.
    pub free_pfn: Pfn,
    /// From where pages were taken last, as long as what came free may still lie with the CPU.
    pub(super) last_migrated: Option<Pfn>,
    pub(super) update_cached: bool,
    /// The pageblock is taken to its end, however many pages that are.
    pub(super) finish_pageblock: bool,
    /// Pages that were taken and are to move, the next one first.
    pub migratepages: Vec<Pfn>,
    /// How many pages are moved in this turn.
    pub(super) batch: u32,
    /// Free frames that were taken for them; the last one is used first.
    pub freepages: Vec<Pfn>,
    /// Frames that each scanner looked at.
    pub scanned: [u64; 2],
    /// Pages that moved.
    pub moved: u32,
    /// The CPU that works.
    pub(super) cpu: CpuId,
}

impl Control {
    /// Whether a request waits for it.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        self.by == Compactor::Direct
    }

    pub(super) fn of(by: Compactor, zone: ZoneId, cpu: CpuId) -> Control {
        Control {
            by,
            zone,
            order: None,
            migratetype: MigrateType::Unmovable,
            mode: MigrateMode::Sync,
            highest: ZoneKind::Movable,
            whole_zone: false,
            ignore_skip: false,
            ignore_block_suitable: false,
            proactive: None,
            migrate_pfn: Pfn(0),
            free_pfn: Pfn(0),
            last_migrated: None,
            update_cached: false,
            finish_pageblock: false,
            migratepages: Vec::new(),
            batch: 0,
            freepages: Vec::new(),
            scanned: [0; 2],
            moved: 0,
            cpu,
        }
    }
}

impl Digestible for Control {
    fn digest(&self, to: &mut Digest) {
        to.word(self.by.index() as u64 + 1);
        to.word(u64::from(self.zone.0) | self.order.map_or(0, |order| u64::from(order.get()) + 1) << 8);
        to.word(u64::from(self.migrate_pfn.0) << 32 | u64::from(self.free_pfn.0));
        to.word(self.last_migrated.map_or(0, |pfn| u64::from(pfn.0) + 1));
        to.word(u64::from(self.whole_zone) | u64::from(self.update_cached) << 1);
        for list in [&self.migratepages, &self.freepages] {
            to.word(list.len() as u64);
            list.iter().for_each(|pfn| to.word(u64::from(pfn.0)));
        }
        self.scanned.iter().for_each(|frames| to.word(*frames));
        to.word(u64::from(self.moved));
    }
}

impl Machine {
    pub(super) fn control_of(&self, by: Compactor) -> Option<&Control> {
        self.compaction()?.control(by)
    }

    pub(super) fn with_control(&mut self, by: Compactor, change: impl FnOnce(&mut Control)) {
        if let Some(control) = self.compaction_mut().controls.get_mut(by.index()).and_then(Option::as_mut) {
            change(control);
        }
    }

    /// A zone begins to be compacted (the head of `compact_zone()`). Some: it need not, or makes no sense.
    pub(super) fn compact_begins(
        &mut self,
        t: &mut Trace<'_>,
        control: Control,
        flags: AllocFlags,
    ) -> Option<CompactResult> {
        let Control { by, zone, order, highest, .. } = control;
        let free = self.zone(zone).nr_free_pages.0;
        let suitable = self.compaction_suitable(zone, order, flags, highest, free);
        if suitable.result != CompactResult::Continue {
            let told = || CompactStep::Unsuitable { zone, order: order.unwrap_or(Order::ZERO), suitable };
            self.told_compact(t, Func::CompactionSuitable, told);
            return Some(suitable.result);
        }
        if order.is_some_and(|order| self.compaction_mut().zones[zone.index()].deferral.is_restarting(order))
        {
            self.reset_isolation_suitable(zone);
        }
        let (first, last) = self.zone_ends(zone);
        let span = self.zone(zone).span;
        let waits = usize::from(control.mode != MigrateMode::Async);
        let mut control = control;
        (control.migrate_pfn, control.free_pfn) = (first, last);
        let of = &mut self.compaction_mut().zones[zone.index()];
        if !control.whole_zone {
            (control.migrate_pfn, control.free_pfn) = (of.cached_migrate[waits], of.cached_free);
            if !span.contains(control.free_pfn) {
                (control.free_pfn, of.cached_free) = (last, last);
            }
            if !span.contains(control.migrate_pfn) {
                (control.migrate_pfn, of.cached_migrate) = (first, [first; 2]);
            }
            control.whole_zone = control.migrate_pfn <= of.init[0];
        }
        control.update_cached = waits == 0 && of.cached_migrate[0] == of.cached_migrate[1];
        let (migrate, free, whole_zone) = (control.migrate_pfn, control.free_pfn, control.whole_zone);
        let cpu = control.cpu;
        if let Some(slot) = self.compaction_mut().controls.get_mut(by.index()) {
            *slot = Some(control);
        }
        self.lru_add_drain(&mut Trace::unseen(), cpu);
        let told = || CompactStep::Begins { zone, by, order, migrate, free, whole_zone };
        self.told_compact(t, Func::CompactZone, told);
        None
    }

    /// One turn of the loop of `compact_zone()`: some pages are taken and moved. Some: it is over, and how it ended.
    pub(super) fn compact_turn(&mut self, t: &mut Trace<'_>, by: Compactor) -> Option<CompactResult> {
        if let Some(result) = self.compact_finished(by) {
            return Some(result);
        }
        let order = self.pageblock_order();
        let (before, last) =
            self.control_of(by).map(|control| (control.migrate_pfn, control.last_migrated))?;
        let again = last.is_some_and(|last| last.align_down(order) == before.align_down(order));
        self.with_control(by, |control| control.finish_pageblock = again);
        if self.isolate_migratepages(t, by) {
            self.with_control(by, |control| {
                (control.update_cached, control.last_migrated) = (false, Some(before));
                control.batch = control.migratepages.len() as u32;
            });
            if let Some(result) = self.move_isolated(t, by) {
                return Some(result);
            }
        } else {
            let control = self.control_of(by)?;
            if control.update_cached {
                let zone = control.zone;
                let of = &mut self.compaction_mut().zones[zone.index()];
                of.cached_migrate[1] = of.cached_migrate[0];
            }
        }
        self.flush_finished(t, by);
        None
    }

    /// The pages that were taken move, as far as there is room.
    fn move_isolated(&mut self, t: &mut Trace<'_>, by: Compactor) -> Option<CompactResult> {
        let control = self.control_of(by)?;
        let (pages, cpu, zone) = (control.migratepages.clone(), control.cpu, control.zone);
        let done = self.migrate_pages(t, cpu, &pages, |machine, t, _| machine.compaction_alloc(t, by));
        let stayed = done.stayed.iter().map(|(pfn, _)| *pfn);
        self.putback_movable(stayed.chain(done.no_target.iter().copied()));
        self.with_control(by, |control| {
            control.migratepages.clear();
            control.moved += done.moved;
            control.freepages.extend(done.unused);
        });
        if done.stayed.is_empty() && done.no_target.is_empty() {
            return None;
        }
        let control = self.control_of(by)?.clone();
        if !done.no_target.is_empty() && !self.scanners_met(&control) {
            let pages = done.no_target.len() as u32;
            self.told_compact(t, Func::CompactionAlloc, || CompactStep::NoRoom { zone, pages });
            return Some(CompactResult::Contended);
        }
        if control.is_direct()
            && control.mode == MigrateMode::Async
            && let Some(order) = control.order
        {
            // The rest of the block that was wanted cannot help any more.
            let last = Pfn(control.migrate_pfn.0.saturating_sub(1)).align_down(order);
            self.with_control(by, |control| {
                control.migrate_pfn = last.plus(order.pages()).max(control.migrate_pfn);
                control.last_migrated = None;
            });
        }
        None
    }

    /// Once a block of the wanted order has been emptied, what the CPU keeps of it comes to the lists, so that it merges.
    fn flush_finished(&mut self, t: &mut Trace<'_>, by: Compactor) {
        let Some(control) = self.control_of(by) else { return };
        let (Some(order), Some(last)) = (control.order, control.last_migrated) else { return };
        let (zone, cpu) = (control.zone, control.cpu);
        if last >= control.migrate_pfn.align_down(order) {
            return;
        }
        self.with_control(by, |control| control.last_migrated = None);
        self.lru_add_drain(&mut Trace::unseen(), cpu);
        let pages = self.zone(zone).pcp(cpu).count;
        if pages > 0 {
            self.drain_pages(&mut Trace::unseen(), zone, cpu, pages);
            self.told_compact(t, Func::LruAddDrainCpuZone, || CompactStep::Drained { zone, pages });
        }
    }

    /// A zone is done: frames that were taken and not used go back (the end of `compact_zone()`).
    pub(super) fn compact_ends(&mut self, t: &mut Trace<'_>, by: Compactor, result: CompactResult) {
        let Some(slot) = self.compaction_mut().controls.get_mut(by.index()) else { return };
        let Some(control) = slot.take() else { return };
        let Control { zone, cpu, moved, migrate_pfn: migrate, free_pfn: free, scanned, .. } = control;
        let highest = control.freepages.iter().copied().max();
        for pfn in control.freepages.into_iter().rev() {
            let block = Block { pfn, order: Order::ZERO };
            self.free_pages(&mut Trace::unseen(), cpu, None, block);
        }
        let pageblock = highest.map(|pfn| pfn.align_down(self.pageblock_order()));
        let compaction = self.compaction_mut();
        if let Some(pageblock) = pageblock {
            let of = &mut compaction.zones[zone.index()];
            of.cached_free = of.cached_free.max(pageblock);
        }
        compaction.count(CompactEvent::MigrateScanned, scanned[0]);
        compaction.count(CompactEvent::FreeScanned, scanned[1]);
        if matches!(by, Compactor::Kcompactd(_)) {
            compaction.count(CompactEvent::DaemonMigrateScanned, scanned[0]);
            compaction.count(CompactEvent::DaemonFreeScanned, scanned[1]);
        }
        let largest = Order::all().rev().find(|order| self.zone(zone).area(*order).nr_free() > 0);
        let told = || CompactStep::Ends { zone, by, result, moved, migrate, free, largest };
        self.told_compact(t, Func::CompactZone, told);
    }

    /// The marks of a zone's pageblocks go, and the scanners begin at its ends again (`__reset_isolation_suitable()`).
    pub(super) fn reset_isolation_suitable(&mut self, zone: ZoneId) {
        let (first, last) = self.zone_ends(zone);
        let order = self.pageblock_order().get();
        let compaction = self.compaction_mut();
        for number in first.0 >> order..=last.0 >> order {
            compaction.set_skip(number, false);
        }
        let of = &mut compaction.zones[zone.index()];
        (of.cached_migrate, of.cached_free, of.init) = ([first; 2], last, [first, last]);
        of.blockskip_flush = false;
    }

    /// All of it at once.
    fn compact_zone(&mut self, t: &mut Trace<'_>, control: Control, flags: AllocFlags) -> CompactResult {
        t.within(Func::CompactZone, |t| {
            let by = control.by;
            if let Some(result) = self.compact_begins(t, control, flags) {
                return result;
            }
            loop {
                if let Some(result) = self.compact_turn(t, by) {
                    self.compact_ends(t, by, result);
                    return result;
                }
            }
        })
    }

    /// A request compacts zones until one has a block that it can have (`try_to_compact_pages()`); the best that came of it.
    pub(crate) fn direct_compact(
        &mut self,
        t: &mut Trace<'_>,
        ac: &AllocContext,
        flags: AllocFlags,
        priority: CompactPriority,
        zones: &[ZoneId],
    ) -> CompactResult {
        t.within(Func::TryToCompactPages, |t| {
            let order = ac.order;
            if order == Order::ZERO || !ac.gfp.contains(GfpFlags::IO) {
                return CompactResult::Skipped;
            }
            self.told_compact(t, Func::TryToCompactPages, || CompactStep::Direct { order, priority });
            let mut best = CompactResult::Skipped;
            let full = priority == CompactPriority::SyncFull;
            for zone in zones.iter().copied() {
                let of = &mut self.compaction_mut().zones[zone.index()].deferral;
                if !full && of.is_deferred(order) {
                    let (considered, limit) = (of.considered, 1 << of.shift);
                    let told = || CompactStep::PutOff { zone, order, considered, limit };
                    self.told_compact(t, Func::CompactionDeferred, told);
                    best = best.max(CompactResult::Deferred);
                    continue;
                }
                let control = Control {
                    order: Some(order),
                    migratetype: ac.migratetype,
                    mode: match priority {
                        CompactPriority::Async => MigrateMode::Async,
                        _ => MigrateMode::SyncLight,
                    },
                    highest: ac.highest,
                    whole_zone: full,
                    ignore_skip: full,
                    ignore_block_suitable: full,
                    ..Control::of(Compactor::Direct, zone, ac.cpu)
                };
                let result = self.compact_zone(t, control, flags);
                best = best.max(result);
                let of = &mut self.compaction_mut().zones[zone.index()].deferral;
                if result == CompactResult::Success {
                    of.reset(order, false);
                    break;
                }
                let failed = matches!(result, CompactResult::Complete | CompactResult::PartialSkipped);
                if priority != CompactPriority::Async && failed {
                    of.defer(order);
                }
            }
            if best != CompactResult::Skipped {
                self.compaction_mut().count(CompactEvent::Stall, 1);
            }
            best
        })
    }

    /// Whether a request that compacted got what it wanted (the end of `__alloc_pages_direct_compact()`).
    pub(crate) fn compact_served(&mut self, t: &mut Trace<'_>, zone: Option<ZoneId>, order: Order) {
        let compaction = self.compaction_mut();
        compaction.count(if zone.is_some() { CompactEvent::Success } else { CompactEvent::Fail }, 1);
        if let Some(zone) = zone {
            let of = &mut compaction.zones[zone.index()];
            of.blockskip_flush = false;
            of.deferral.reset(order, true);
        }
        self.told_compact(t, Func::AllocPagesDirectCompact, || CompactStep::Served { order, zone });
    }

    /// Whether compacting once more makes sense, and how thoroughly (`should_compact_retry()`); none: it does not.
    pub(crate) fn should_compact_retry(
        &mut self,
        t: &mut Trace<'_>,
        ac: &AllocContext,
        flags: AllocFlags,
        (result, priority, retries): (CompactResult, CompactPriority, u32),
        zones: &[ZoneId],
    ) -> Option<(CompactPriority, u32)> {
        /// `MAX_COMPACT_RETRIES`
        const MAX_RETRIES: u32 = 16;
        let order = ac.order;
        let retries = retries + u32::from(result == CompactResult::Success);
        let again = if matches!(result, CompactResult::Skipped | CompactResult::NotSuitableZone) {
            // There has to be room: as much as can still be taken away (`compaction_zonelist_suitable()`).
            let suits = |zone: &ZoneId| {
                let reclaimable = self.reclaim().map_or(0, |_| self.zone_reclaimable_pages(*zone));
                let room = reclaimable / u64::from(order.get()).max(1) + self.zone(*zone).nr_free_pages.0;
                let of = self.compaction_suitable(*zone, Some(order), flags, ac.highest, room);
                of.result == CompactResult::Continue
            };
            zones.iter().any(suits).then_some((priority, retries))
        } else if result == CompactResult::Complete || result.is_withdrawn() {
            priority.more(order).map(|more| (more, 0))
        } else {
            let most = if order.get() > 3 { MAX_RETRIES / 4 } else { MAX_RETRIES };
            if retries <= most {
                Some((priority, retries))
            } else {
                priority.more(order).map(|more| (more, 0))
            }
        };
        let priority = again.map(|(priority, _)| priority);
        self.told_compact(t, Func::ShouldCompactRetry, || CompactStep::Retry { order, result, priority });
        again
    }

    /// A person has all zones compacted from end to end (`compact_nodes()`): one turn more.
    pub(super) fn compact_memory(&mut self, t: &mut Trace<'_>, cpu: CpuId) -> UnitEnd {
        t.within(Func::CompactNode, |t| {
            let by = Compactor::Person;
            if self.units_done() == 0 {
                self.lru_add_drain_all(&mut Trace::unseen());
                let mut zones: Vec<u8> = self.zone_ids().map(|zone| zone.0).collect();
                zones.sort_by_key(|zone| self.zone(ZoneId(*zone)).node);
                zones.reverse();
                self.compaction_mut().to_do = zones;
            }
            if self.control_of(by).is_some() {
                if let Some(result) = self.compact_turn(t, by) {
                    self.compact_ends(t, by, result);
                }
            } else if let Some(zone) = self.compaction_mut().to_do.pop() {
                let control =
                    Control { whole_zone: true, ignore_skip: true, ..Control::of(by, ZoneId(zone), cpu) };
                self.compact_begins(t, control, AllocFlags::WMARK_MIN);
            }
            let is_done = self.control_of(by).is_none()
                && self.compaction().is_some_and(|compaction| compaction.to_do.is_empty());
            if is_done { UnitEnd::Done } else { UnitEnd::More }
        })
    }
}

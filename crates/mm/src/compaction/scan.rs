//! The two scanners (mm/compaction.c: `isolate_migratepages()`, `isolate_freepages()`, 6.1).
//!
//! Both go frame by frame. Linux also looks where chances are good first (`fast_find_migrateblock()`,
//! `fast_isolate_freepages()`); that is left out.

use super::CompactEvent;
use super::suitable::CompactResult;
use super::zone::{Compactor, Control, MigrateMode};
use crate::Machine;
use crate::migrate::Stays;
use crate::mmzone::{Mark, ZoneId, ZoneKind};
use crate::op::PageKind;
use crate::page::{Block, MigrateType, NONE, PageState};
use crate::page_alloc::{AllocFlags, zone_watermark_ok};
use crate::step::{CompactStep, Func, Trace, WatermarkVerdict};
use crate::units::{Order, Pfn};

/// Pages that are moved at once, and the longest stride of the scanner for room (`COMPACT_CLUSTER_MAX`).
pub const COMPACT_CLUSTER_MAX: u32 = 32;

/// Which scanner.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Scanner {
    /// It looks for pages to move, upwards.
    Migrate,
    /// It looks for room, downwards.
    Free,
}

/// Why a scanner passes over a pageblock.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Passed {
    /// It was looked at in vain not long ago (`PB_migrate_skip`).
    Marked,
    /// It is of another type than the request, which does not wait.
    OtherType(MigrateType),
    /// Its type is none for pages that move.
    NotMovable(MigrateType),
    /// It is free as a whole: no need to fill it.
    IsFree,
    /// It is part of a block as large as a pageblock.
    Huge,
}

impl Machine {
    /// The pageblock from a frame on that a scanner looks at: where it ends, if the zone has it in one piece.
    fn pageblock_of(&self, zone: ZoneId, pfn: Pfn) -> (Pfn, Pfn) {
        let (span, order) = (self.zone(zone).span, self.pageblock_order());
        let start = pfn.align_down(order);
        (Pfn(start.0.max(span.start.0)), Pfn((start.0.saturating_add(order.pages())).min(span.end.0)))
    }

    fn has_memory(&self, zone: ZoneId, (start, end): (Pfn, Pfn)) -> bool {
        let is_there = |pfn: Pfn| self.page(pfn).state != PageState::Hole && self.zone_of(pfn) == Some(zone);
        start < end && is_there(start) && is_there(Pfn(end.0 - 1))
    }

    fn pageblock_number(&self, pfn: Pfn) -> u32 {
        pfn.0 >> self.pageblock_order().get()
    }

    /// Whether a pageblock is worth a look (`isolation_suitable()`).
    fn isolation_suitable(&self, control: &Control, pfn: Pfn) -> bool {
        control.ignore_skip || !self.compaction().is_some_and(|of| of.skips(self.pageblock_number(pfn)))
    }

    fn set_pageblock_skip(&mut self, pfn: Pfn) {
        let number = self.pageblock_number(pfn);
        self.compaction_mut().set_skip(number, true);
    }

    /// Whether pages of a pageblock may be moved away (`suitable_migration_source()`).
    fn suitable_migration_source(&self, control: &Control, pfn: Pfn) -> Result<(), Passed> {
        if let Some(block) = self.block_of(pfn)
            && block.order >= self.pageblock_order()
            && self.page(block.pfn).state == PageState::Allocated
        {
            return Err(Passed::Huge);
        }
        if control.mode != MigrateMode::Async || !control.is_direct() {
            return Ok(());
        }
        let of_block = self.pageblock_type(pfn);
        let fits = if control.migratetype == MigrateType::Movable {
            matches!(of_block, MigrateType::Movable | MigrateType::Cma)
        } else {
            of_block == control.migratetype
        };
        if fits { Ok(()) } else { Err(Passed::OtherType(of_block)) }
    }

    /// Whether pages may be moved into a pageblock (`suitable_migration_target()`).
    fn suitable_migration_target(&self, control: &Control, start: Pfn) -> Result<(), Passed> {
        let page = self.page(start);
        if page.state == PageState::Free && page.order >= self.pageblock_order() {
            return Err(Passed::IsFree);
        }
        let of_block = self.pageblock_type(start);
        if control.ignore_block_suitable || matches!(of_block, MigrateType::Movable | MigrateType::Cma) {
            Ok(())
        } else {
            Err(Passed::NotMovable(of_block))
        }
    }

    fn passes(&self, t: &mut Trace<'_>, zone: ZoneId, scanner: Scanner, pfn: Pfn, why: Passed) {
        let func = match scanner {
            Scanner::Migrate => Func::IsolateMigratepages,
            Scanner::Free => Func::IsolateFreepages,
        };
        self.told_compact(t, func, || CompactStep::Passed { zone, scanner, pageblock: pfn, why });
    }

    /// Where the scanner for pages to move goes on (`update_cached_migrate()`).
    fn update_cached_migrate(&mut self, control: &Control, pfn: Pfn) {
        let order = self.pageblock_order();
        let pfn = Pfn((pfn.0 + order.pages() - 1) >> order.get() << order.get());
        let zone = &mut self.compaction_mut().zones[control.zone.index()];
        zone.cached_migrate[0] = zone.cached_migrate[0].max(pfn);
        if control.mode != MigrateMode::Async {
            zone.cached_migrate[1] = zone.cached_migrate[1].max(pfn);
        }
    }

    /// Takes pages to be moved from the next pageblock that has any (`isolate_migratepages()`); whether there are any.
    pub(super) fn isolate_migratepages(&mut self, t: &mut Trace<'_>, by: Compactor) -> bool {
        t.within(Func::IsolateMigratepages, |t| {
            loop {
                let Some(control) = self.control_of(by).cloned() else { return false };
                let low = control.migrate_pfn;
                let (start, end) = self.pageblock_of(control.zone, low);
                if end > control.free_pfn || end <= low {
                    let zone = control.zone;
                    self.told_compact(t, Func::IsolateMigratepages, || CompactStep::NothingLeft { zone });
                    break;
                }
                let passes = if !self.has_memory(control.zone, (start, end)) {
                    Some(None)
                } else if low == start && !self.isolation_suitable(&control, low) {
                    Some(Some(Passed::Marked))
                } else {
                    self.suitable_migration_source(&control, low).err().map(Some)
                };
                if let Some(why) = passes {
                    if let Some(why) = why {
                        self.passes(t, control.zone, Scanner::Migrate, start, why);
                        if why != Passed::Marked {
                            self.update_cached_migrate(&control, end);
                        }
                    }
                    self.with_control(by, |control| control.migrate_pfn = end);
                    continue;
                }
                self.isolate_migratepages_block(t, by, &control, end);
                break;
            }
            self.control_of(by).is_some_and(|control| !control.migratepages.is_empty())
        })
    }

    /// The same of one pageblock, from where the scanner is (`isolate_migratepages_block()`).
    fn isolate_migratepages_block(&mut self, t: &mut Trace<'_>, by: Compactor, control: &Control, end: Pfn) {
        let from = control.migrate_pfn;
        let mut low = from;
        // One that stays spoils an aligned block of the wanted order, and what was taken of it goes back.
        let gives_up = control.is_direct() && control.mode == MigrateMode::Async;
        let order = control.order.unwrap_or(Order::ZERO);
        let block_end = |pfn: Pfn| Pfn(pfn.align_down(order).0 + order.pages());
        let mut next_skip = block_end(low);
        let (mut scanned, mut isolated, mut stays) = (0u32, 0u32, 0u32);
        let mut first: Option<(Pfn, Stays)> = None;
        let mut taken: Vec<Pfn> = Vec::new();
        while low < end {
            if gives_up && low >= next_skip {
                if !taken.is_empty() {
                    break;
                }
                next_skip = block_end(low);
            }
            scanned += 1;
            let page = self.page(low);
            if page.state == PageState::Free {
                low = Pfn(low.0 + page.order.pages());
                continue;
            }
            match self.isolate_movable(low) {
                Ok(()) => {
                    let is_first = isolated == 0 && low.is_aligned(self.pageblock_order());
                    if is_first && !control.ignore_skip {
                        self.set_pageblock_skip(low);
                    }
                    taken.push(low);
                    isolated += 1;
                    low = low.plus(1);
                    if taken.len() as u32 >= COMPACT_CLUSTER_MAX && !control.finish_pageblock {
                        break;
                    }
                }
                Err(why) => {
                    let order = match why {
                        Stays::Compound(order) => order,
                        _ if page.state == PageState::Allocated => page.order,
                        _ => Order::ZERO,
                    };
                    if why != Stays::NotInUse || page.state == PageState::Reserved {
                        stays += order.pages();
                        first = first.or(Some((low, why)));
                    }
                    low = Pfn(low.0 + order.pages());
                    if gives_up {
                        isolated -= taken.len() as u32;
                        self.putback_movable(std::mem::take(&mut taken));
                        if low < next_skip {
                            low = next_skip;
                            next_skip = Pfn(next_skip.0 + order_pages(control));
                        }
                    }
                }
            }
        }
        low = low.min(end);
        if low == end && (isolated == 0 || control.finish_pageblock) {
            if isolated == 0 && from == self.pageblock_of(control.zone, from).0 {
                self.set_pageblock_skip(from);
            }
            self.update_cached_migrate(control, low);
        }
        let compaction = self.compaction_mut();
        compaction.count(CompactEvent::Isolated, u64::from(isolated));
        // The one that was taken last is moved first.
        taken.reverse();
        self.with_control(by, |control| {
            control.scanned[0] += u64::from(scanned);
            control.migrate_pfn = low;
            control.migratepages = taken;
        });
        let zone = control.zone;
        let told = || CompactStep::IsolatedPages { zone, from, to: low, pages: isolated, stays, first };
        self.told_compact(t, Func::IsolateMigratepagesBlock, told);
    }

    /// Takes free frames for the pages that are to move, from the next pageblocks that have any (`isolate_freepages()`).
    fn isolate_freepages(&mut self, t: &mut Trace<'_>, by: Compactor) {
        t.within(Func::IsolateFreepages, |t| {
            let Some(control) = self.control_of(by).cloned() else { return };
            let order = self.pageblock_order();
            let zone = control.zone;
            let wanted = control.batch;
            // The pageblock that pages are moved out of is not filled.
            let low = control.migrate_pfn.align_down(order).plus(order.pages());
            let mut at = control.free_pfn;
            let mut stride = if control.mode == MigrateMode::Async { COMPACT_CLUSTER_MAX } else { 1 };
            let mut start = at.align_down(order);
            loop {
                if start < low || start < self.zone(zone).span.start {
                    break;
                }
                let (_, end) = self.pageblock_of(zone, start);
                let passed = if !self.has_memory(zone, (start, end)) {
                    Some(None)
                } else if let Err(why) = self.suitable_migration_target(&control, start) {
                    Some(Some(why))
                } else if !self.isolation_suitable(&control, start) {
                    Some(Some(Passed::Marked))
                } else {
                    None
                };
                if let Some(why) = passed {
                    if let Some(why) = why {
                        self.passes(t, zone, Scanner::Free, start, why);
                    }
                } else {
                    let isolated = self.isolate_freepages_block(t, by, &mut at, end, stride);
                    if at == end {
                        self.update_pageblock_skip(&control, start);
                    }
                    let have = self.control_of(by).map_or(0, |control| control.freepages.len() as u32);
                    if have >= wanted {
                        if at >= end {
                            at = Pfn(start.0.saturating_sub(order.pages()));
                        }
                        break;
                    } else if at < end {
                        // There must not be less free memory than the mark says.
                        break;
                    }
                    stride = if isolated > 0 { 1 } else { COMPACT_CLUSTER_MAX.min(stride << 1) };
                }
                if start.0 < order.pages() {
                    at = Pfn(0);
                    break;
                }
                start = Pfn(start.0 - order.pages());
                at = start;
            }
            self.with_control(by, |control| control.free_pfn = at);
        });
    }

    /// `update_pageblock_skip()`
    fn update_pageblock_skip(&mut self, control: &Control, start: Pfn) {
        self.set_pageblock_skip(start);
        let zone = &mut self.compaction_mut().zones[control.zone.index()];
        zone.cached_free = zone.cached_free.min(start);
    }

    /// The same of one pageblock (`isolate_freepages_block()`); how many frames it gave.
    fn isolate_freepages_block(
        &mut self,
        t: &mut Trace<'_>,
        by: Compactor,
        at: &mut Pfn,
        end: Pfn,
        stride: u32,
    ) -> u32 {
        let Some(control) = self.control_of(by).cloned() else { return 0 };
        let from = *at;
        let (mut scanned, mut isolated) = (0u64, 0u32);
        let mut got: Vec<Pfn> = Vec::new();
        let have = control.freepages.len() as u32;
        let mut pfn = from;
        while pfn < end {
            scanned += 1;
            let page = self.page(pfn);
            if page.state != PageState::Free {
                let compound = match page.state {
                    PageState::Allocated if page.order > Order::ZERO => page.order.pages() - 1,
                    _ => 0,
                };
                pfn = Pfn(pfn.0 + compound + stride);
                continue;
            }
            let block = Block { pfn, order: page.order };
            if !self.isolate_free_page(control.zone, block) {
                break;
            }
            let pages = block.order.pages();
            scanned += u64::from(pages) - 1;
            isolated += pages;
            got.extend((pfn.0..pfn.0 + pages).map(Pfn));
            if have + isolated >= control.batch {
                pfn = Pfn(pfn.0 + pages);
                break;
            }
            pfn = Pfn(pfn.0 + pages - 1 + stride);
        }
        *at = pfn.min(end);
        self.compaction_mut().count(CompactEvent::Isolated, u64::from(isolated));
        self.with_control(by, |control| {
            control.scanned[1] += scanned;
            control.freepages.extend(got);
            control.free_pfn = pfn.min(end);
        });
        let (zone, to) = (control.zone, *at);
        let told = || CompactStep::IsolatedRoom { zone, from, to, pages: isolated };
        self.told_compact(t, Func::IsolateFreepagesBlock, told);
        isolated
    }

    /// A free block leaves its list and becomes single frames that nobody owns (`__isolate_free_page()`,
    /// `split_map_pages()`); refused where less than the lowest mark would be left.
    pub(crate) fn isolate_free_page(&mut self, zone: ZoneId, block: Block) -> bool {
        let migratetype = self.page(block.pfn).migratetype;
        if migratetype != MigrateType::Isolate {
            let of = self.zone(zone);
            let mark = of.wmark_pages(Mark::Min) + block.order.pages();
            let free = of.nr_free_pages.0;
            let check = zone_watermark_ok(of, Order::ZERO, mark, ZoneKind::Dma, AllocFlags::CMA, free);
            if self.has_watermarks() && check.verdict != WatermarkVerdict::Ok {
                return false;
            }
        }
        self.del_from_free_list(zone, block);
        self.count_free(zone, migratetype, -i64::from(block.order.pages()));
        if block.order.get() + 1 >= self.pageblock_order().get()
            && self.pageblock_type(block.pfn).is_mergeable()
        {
            self.set_pageblock_types(block, MigrateType::Movable);
        }
        for at in 0..block.order.pages() {
            let single = Block { pfn: block.pfn.plus(at), order: Order::ZERO };
            self.mem_map.hand_over(single, PageKind::Movable, NONE);
        }
        true
    }

    /// A frame for a page that moves (`compaction_alloc()`).
    pub(super) fn compaction_alloc(&mut self, t: &mut Trace<'_>, by: Compactor) -> Option<Pfn> {
        if self.control_of(by)?.freepages.is_empty() {
            self.isolate_freepages(t, by);
        }
        let mut got = None;
        self.with_control(by, |control| got = control.freepages.pop());
        got
    }

    /// Whether the scanners have met (`compact_scanners_met()`).
    pub(super) fn scanners_met(&self, control: &Control) -> bool {
        self.pageblock_number(control.free_pfn) <= self.pageblock_number(control.migrate_pfn)
    }

    /// Whether a zone is done (`compact_finished()`); none: it goes on.
    pub(super) fn compact_finished(&mut self, by: Compactor) -> Option<CompactResult> {
        let control = self.control_of(by)?.clone();
        if self.scanners_met(&control) {
            let (start, last) = self.zone_ends(control.zone);
            let zone = &mut self.compaction_mut().zones[control.zone.index()];
            (zone.cached_migrate, zone.cached_free) = ([start; 2], last);
            zone.blockskip_flush |= control.is_direct();
            return Some(if control.whole_zone {
                CompactResult::Complete
            } else {
                CompactResult::PartialSkipped
            });
        }
        if let Some(low) = control.proactive {
            let score = super::fragmentation_score(&self.nr_free_of(control.zone), self.pageblock_order());
            return (score <= low).then_some(CompactResult::Success);
        }
        let order = control.order?;
        if !control.migrate_pfn.is_aligned(self.pageblock_order()) {
            return None;
        }
        self.has_suitable_block(control.zone, order, control.migratetype).then_some(CompactResult::Success)
    }

    /// Where the scanners of a zone begin: its first frame, and its last pageblock.
    pub(super) fn zone_ends(&self, zone: ZoneId) -> (Pfn, Pfn) {
        let span = self.zone(zone).span;
        (span.start, Pfn(span.end.0.saturating_sub(1)).align_down(self.pageblock_order()))
    }
}

/// Pages of the wanted order.
fn order_pages(control: &Control) -> u32 {
    control.order.map_or(1, Order::pages)
}

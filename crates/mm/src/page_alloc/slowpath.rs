//! When no zone serves a request above its low mark (`__alloc_pages_slowpath()`, 6.1.192).
//!
//! Where nobody takes memory away, and of compaction, it is complete up to the calls: they get nothing, and say so.

use super::{AllocContext, AllocFlags};
use crate::Machine;
use crate::compaction::{CompactPriority, CompactResult};
use crate::gfp::GfpFlags;
use crate::mmzone::ZoneId;
use crate::oom_kill::machine::Progress;
use crate::page::{Block, MigrateType};
use crate::parts;
use crate::step::{Func, NotModelled, StepKind, Trace};
use crate::units::Order;

/// Orders above this are costly: the allocator does not go to any length for them (`PAGE_ALLOC_COSTLY_ORDER`).
const COSTLY_ORDER: u8 = 3;

impl Machine {
    pub(crate) fn alloc_pages_slowpath(
        &mut self,
        t: &mut Trace<'_>,
        ac: &AllocContext,
    ) -> Option<(ZoneId, Block)> {
        t.within(Func::AllocPagesSlowpath, |t| {
            let gfp = ac.gfp;
            let can_direct_reclaim = gfp.contains(GfpFlags::DIRECT_RECLAIM);
            let costly = ac.order.get() > COSTLY_ORDER;
            let flags = self.gfp_to_alloc_flags(gfp, ac.order);
            t.emit(self, StepKind::SlowPath { flags });
            if flags.has(AllocFlags::KSWAPD) {
                self.wake_all_kswapds(t, ac);
            }
            if let Some(got) = self.get_page_from_freelist(t, ac, flags) {
                return Some(got);
            }
            // Where compacting is enough: large blocks, and blocks that may not move later.
            let compacts_first = gfp.contains(GfpFlags::IO)
                && (costly || (ac.order > Order::ZERO && ac.migratetype != MigrateType::Movable));
            let mut priority = CompactPriority::SyncLight;
            if can_direct_reclaim && compacts_first && !gfp.contains(GfpFlags::MEMALLOC) {
                let (got, result) = self.alloc_pages_direct_compact(t, ac, flags, CompactPriority::Async);
                if got.is_some() {
                    return got;
                }
                if costly && gfp.contains(GfpFlags::NORETRY) {
                    // Compacting more thoroughly would take too long for it.
                    let helps = !matches!(result, CompactResult::Skipped | CompactResult::Deferred);
                    if !self.compacts() || !helps {
                        return self.nopage(t, ac);
                    }
                    priority = CompactPriority::Async;
                }
            }
            // `__gfp_pfmemalloc_flags()`
            let all = gfp.contains(GfpFlags::MEMALLOC) && !gfp.contains(GfpFlags::NOMEMALLOC);
            if all {
                let flags = flags.with(AllocFlags::NO_WATERMARKS);
                if let Some(got) = self.get_page_from_freelist(t, ac, flags) {
                    return Some(got);
                }
            }
            if !can_direct_reclaim || all {
                return self.nopage(t, ac);
            }
            if self.reclaim.is_some() {
                return self.reclaim_and_retry(t, ac, flags, priority);
            }
            t.emit(self, StepKind::Missing { what: NotModelled::DirectReclaim });
            if let (Some(got), _) = self.alloc_pages_direct_compact(t, ac, flags, priority) {
                return Some(got);
            }
            if gfp.contains(GfpFlags::NORETRY) || (costly && !gfp.contains(GfpFlags::RETRY_MAYFAIL)) {
                return self.nopage(t, ac);
            }
            // `should_reclaim_retry()`: the last resort before it gives up.
            if self.unreserve_highatomic_pageblock(t, ac, true)
                && let Some(got) = self.get_page_from_freelist(t, ac, flags)
            {
                return Some(got);
            }
            self.alloc_pages_may_oom(t, ac, flags).or_else(|| self.nopage(t, ac))
        })
    }

    /// Somebody may have freed much since; if not, somebody has to go, and the request tries again
    /// (`__alloc_pages_may_oom()`, and the retries that follow it).
    fn alloc_pages_may_oom(
        &mut self,
        t: &mut Trace<'_>,
        ac: &AllocContext,
        flags: AllocFlags,
    ) -> Option<(ZoneId, Block)> {
        let cma = |of: AllocFlags| of.with_if(AllocFlags::CMA, flags.has(AllocFlags::CMA));
        loop {
            let high = cma(AllocFlags::WMARK_HIGH);
            if let Some(got) = self.get_page_from_freelist(t, ac, high) {
                return Some(got);
            }
            if ac.order.get() > COSTLY_ORDER || ac.gfp.contains(GfpFlags::RETRY_MAYFAIL) {
                return None;
            }
            if self.processes.is_untouched() {
                // There is nobody who could be killed.
                t.emit(self, StepKind::Missing { what: NotModelled::OutOfMemory });
                return None;
            }
            let again = match (parts::rules().out_of_memory)(self, t, ac) {
                Progress::Nothing => return None,
                Progress::Retry => flags,
                Progress::Dying => cma(AllocFlags::OOM),
            };
            if let Some(got) = self.get_page_from_freelist(t, ac, again) {
                return Some(got);
            }
            if again.has(AllocFlags::OOM) {
                return None;
            }
        }
    }

    /// The loop of the slow path where memory can be reclaimed: until it succeeds, or makes no sense any more.
    fn reclaim_and_retry(
        &mut self,
        t: &mut Trace<'_>,
        ac: &AllocContext,
        flags: AllocFlags,
        priority: CompactPriority,
    ) -> Option<(ZoneId, Block)> {
        let (mut priority, mut retries) = (priority, 0);
        let (gfp, costly) = (ac.gfp, ac.order.get() > COSTLY_ORDER);
        let zones: Vec<ZoneId> = self.zonelist(ac);
        let mut nodes: Vec<u8> = Vec::new();
        for zone in &zones {
            let node = self.zone(*zone).node;
            if !nodes.contains(&node) {
                nodes.push(node);
            }
        }
        let mut no_progress: u8 = 0;
        loop {
            // `__alloc_pages_direct_reclaim()`
            let reclaimed = (parts::rules().try_to_free_pages)(self, t, ac.cpu, ac.order, ac.highest, &nodes);
            if reclaimed > 0 {
                if let Some(got) = self.get_page_from_freelist(t, ac, flags) {
                    return Some(got);
                }
                // What was reclaimed may lie where this request does not look.
                self.unreserve_highatomic_pageblock(t, ac, false);
                self.drain_all_pages(t);
                if let Some(got) = self.get_page_from_freelist(t, ac, flags) {
                    return Some(got);
                }
            }
            let (got, compacted) = self.alloc_pages_direct_compact(t, ac, flags, priority);
            if got.is_some() {
                return got;
            }
            if gfp.contains(GfpFlags::NORETRY) || (costly && !gfp.contains(GfpFlags::RETRY_MAYFAIL)) {
                return self.nopage(t, ac);
            }
            no_progress = if reclaimed > 0 && !costly { 0 } else { no_progress.saturating_add(1) };
            if (parts::rules().should_reclaim_retry)(
                self,
                t,
                ac.order,
                ac.highest,
                flags,
                &zones,
                no_progress,
            ) || self.unreserve_highatomic_pageblock(t, ac, true)
            {
                if flags.has(AllocFlags::KSWAPD) {
                    self.wake_all_kswapds(t, ac);
                }
                if let Some(got) = self.get_page_from_freelist(t, ac, flags) {
                    return Some(got);
                }
                continue;
            }
            if reclaimed > 0
                && self.compacts()
                && gfp.contains(GfpFlags::IO)
                && ac.order > Order::ZERO
                && let Some(again) = (parts::rules().should_compact_retry)(
                    self,
                    t,
                    ac,
                    flags,
                    (compacted, priority, retries),
                    &zones,
                )
            {
                (priority, retries) = again;
                if flags.has(AllocFlags::KSWAPD) {
                    self.wake_all_kswapds(t, ac);
                }
                if let Some(got) = self.get_page_from_freelist(t, ac, flags) {
                    return Some(got);
                }
                continue;
            }
            return self.alloc_pages_may_oom(t, ac, flags).or_else(|| self.nopage(t, ac));
        }
    }

    /// Memory is compacted, and the request tries again (`__alloc_pages_direct_compact()`); how compacting ended. Where nobody
    /// compacts it gets nothing, and says so.
    fn alloc_pages_direct_compact(
        &mut self,
        t: &mut Trace<'_>,
        ac: &AllocContext,
        flags: AllocFlags,
        priority: CompactPriority,
    ) -> (Option<(ZoneId, Block)>, CompactResult) {
        if ac.order == Order::ZERO || !ac.gfp.contains(GfpFlags::IO) {
            return (None, CompactResult::Skipped);
        }
        if !self.compacts() {
            t.emit(self, StepKind::Missing { what: NotModelled::DirectCompact });
            return (None, CompactResult::Skipped);
        }
        t.within(Func::AllocPagesDirectCompact, |t| {
            let zones = self.zonelist(ac);
            let result = (parts::rules().direct_compact)(self, t, ac, flags, priority, &zones);
            if result == CompactResult::Skipped {
                return (None, result);
            }
            let got = self.get_page_from_freelist(t, ac, flags);
            (parts::rules().compact_served)(self, t, got.map(|(zone, _)| zone), ac.order);
            (got, result)
        })
    }

    /// The last lines of the slow path: a request that must not fail may go into the reserve.
    fn nopage(&mut self, t: &mut Trace<'_>, ac: &AllocContext) -> Option<(ZoneId, Block)> {
        if !ac.gfp.contains(GfpFlags::NOFAIL) || !ac.gfp.contains(GfpFlags::DIRECT_RECLAIM) {
            return None;
        }
        self.get_page_from_freelist(t, ac, AllocFlags::WMARK_MIN.with(AllocFlags::MIN_RESERVE))
    }

    /// What a request may do in the slow path (`gfp_to_alloc_flags()`, 6.1.192).
    fn gfp_to_alloc_flags(&self, gfp: GfpFlags, order: Order) -> AllocFlags {
        let no_wait = !gfp.contains(GfpFlags::DIRECT_RECLAIM) && !gfp.contains(GfpFlags::NOMEMALLOC);
        let high = gfp.contains(GfpFlags::HIGH);
        AllocFlags::WMARK_MIN
            .with_if(AllocFlags::MIN_RESERVE, high)
            .with_if(AllocFlags::KSWAPD, gfp.contains(GfpFlags::KSWAPD_RECLAIM))
            .with_if(AllocFlags::NON_BLOCK, no_wait)
            .with_if(AllocFlags::HIGHATOMIC, no_wait && high && order > Order::ZERO)
            .with_if(
                AllocFlags::CMA,
                self.settings().cma && self.gfp_migratetype(gfp) == MigrateType::Movable,
            )
    }

    /// Wakes kswapd of every node in the zonelist (`wake_all_kswapds()`).
    fn wake_all_kswapds(&mut self, t: &mut Trace<'_>, ac: &AllocContext) {
        let mut last = None;
        for zone in self.zonelist(ac) {
            let node = self.zone(zone).node;
            if last != Some(node) {
                self.wakeup_kswapd(t, zone, ac.order, ac.highest);
            }
            last = Some(node);
        }
    }
}

//! When no zone serves a request above its low mark (`__alloc_pages_slowpath()`, 6.1.192).
//!
//! Where nobody takes memory away, and of compaction, it is complete up to the calls: they get nothing, and say so.

use super::{AllocContext, AllocFlags};
use crate::Machine;
use crate::compaction::{CompactPriority, CompactResult};
use crate::cpuset::Cpuset;
use crate::gfp::GfpFlags;
use crate::mempolicy::NodeMask;
use crate::mmzone::{ZoneId, ZoneKind};
use crate::oom_kill::machine::Progress;
use crate::page::{Block, MigrateType};
use crate::parts;
use crate::step::{CpusetStep, Func, Leaves, NotModelled, StepKind, Trace};
use crate::units::Order;

/// Orders above this are costly: the allocator does not go to any length for them (`PAGE_ALLOC_COSTLY_ORDER`).
const COSTLY_ORDER: u8 = 3;

/// What comes of the OOM killer.
enum MayOom {
    /// A block, of a zone.
    Got(ZoneId, Block),
    /// Somebody was killed, or is dying: the request tries everything again.
    Again,
    /// Nothing.
    Nothing,
}

/// Whether a request is so urgent that cpusets do not count (`gfp_to_alloc_flags()`: no `ALLOC_CPUSET`).
fn drops_cpuset(gfp: GfpFlags) -> bool {
    gfp.contains(GfpFlags::HIGH) && !gfp.contains(GfpFlags::DIRECT_RECLAIM)
}

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
            let mut ac = self.beyond_the_cpuset(t, ac);
            if flags.has(AllocFlags::KSWAPD) {
                self.wake_all_kswapds(t, &ac);
            }
            if let Some(got) = self.get_page_from_freelist(t, &ac, flags) {
                return Some(got);
            }
            // Where compacting is enough: large blocks, and blocks that may not move later.
            let compacts_first = gfp.contains(GfpFlags::IO)
                && (costly || (ac.order > Order::ZERO && ac.migratetype != MigrateType::Movable));
            let mut priority = CompactPriority::SyncLight;
            if can_direct_reclaim && compacts_first && !gfp.contains(GfpFlags::MEMALLOC) {
                let (got, result) = self.alloc_pages_direct_compact(t, &ac, flags, CompactPriority::Async);
                if got.is_some() {
                    return got;
                }
                if costly && gfp.contains(GfpFlags::NORETRY) {
                    // Compacting more thoroughly would take too long for it.
                    let helps = !matches!(result, CompactResult::Skipped | CompactResult::Deferred);
                    if !self.compacts() || !helps {
                        return self.nopage(t, &ac);
                    }
                    priority = CompactPriority::Async;
                }
            }
            // `__gfp_pfmemalloc_flags()`
            let all = gfp.contains(GfpFlags::MEMALLOC) && !gfp.contains(GfpFlags::NOMEMALLOC);
            // What is so urgent is the system's affair: policies do not count.
            let was_placed = ac.nodemask.is_some() && (all || drops_cpuset(gfp));
            if all || drops_cpuset(gfp) {
                ac = self.anywhere(&ac);
            }
            if all || was_placed {
                let flags = flags.with_if(AllocFlags::NO_WATERMARKS, all);
                if let Some(got) = self.get_page_from_freelist(t, &ac, flags) {
                    return Some(got);
                }
            }
            if !can_direct_reclaim || all {
                return self.nopage(t, &ac);
            }
            if self.reclaim.is_some() {
                return self.reclaim_and_retry(t, &ac, flags, priority);
            }
            t.emit(self, StepKind::Missing { what: NotModelled::DirectReclaim });
            if let (Some(got), _) = self.alloc_pages_direct_compact(t, &ac, flags, priority) {
                return Some(got);
            }
            if gfp.contains(GfpFlags::NORETRY) || (costly && !gfp.contains(GfpFlags::RETRY_MAYFAIL)) {
                return self.nopage(t, &ac);
            }
            // `should_reclaim_retry()`: the last resort before it gives up.
            if self.unreserve_highatomic_pageblock(t, &ac, true)
                && let Some(got) = self.get_page_from_freelist(t, &ac, flags)
            {
                return Some(got);
            }
            loop {
                match self.alloc_pages_may_oom(t, &ac, flags) {
                    MayOom::Got(zone, block) => return Some((zone, block)),
                    MayOom::Nothing => return self.nopage(t, &ac),
                    // What was said of reclaim and compaction holds still: only what came back can help.
                    MayOom::Again => {
                        if let Some(got) = self.get_page_from_freelist(t, &ac, flags) {
                            return Some(got);
                        }
                    }
                }
            }
        })
    }

    /// What the fast path made of the cpuset does not hold any more (`__alloc_pages_slowpath()`, the first lines): only
    /// what belongs to a program has to stay inside in any case.
    fn beyond_the_cpuset(&mut self, t: &mut Trace<'_>, ac: &AllocContext) -> AllocContext {
        let Some(Cpuset { name: cpuset, mems, .. }) = ac.cpuset else { return *ac };
        let leaves = self.cpuset_leaves(ac).filter(|_| !drops_cpuset(ac.gfp));
        if leaves.is_none()
            && let Some(process) = self.processes.oom.current
        {
            let why = match () {
                () if self.is_dying() => Leaves::Victim,
                () if drops_cpuset(ac.gfp) => Leaves::Urgent,
                () => Leaves::Kernel,
            };
            let step = CpusetStep::Leaves { cpuset, mems, why };
            self.told_cpuset(t, Func::CpusetNodeAllowed, process, step);
        }
        self.within(ac, leaves)
    }

    /// The same request where a cpuset leaves it these nodes. What is preferred follows from the policy alone.
    fn within(&self, ac: &AllocContext, mems: Option<NodeMask>) -> AllocContext {
        let free = AllocContext { mems: None, ..*ac };
        let preferred = self.next_zone(&free, &mut 0).unwrap_or(ac.preferred);
        AllocContext { mems, preferred, ..free }
    }

    /// The same request where neither a policy nor a cpuset counts.
    fn anywhere(&self, ac: &AllocContext) -> AllocContext {
        self.within(&AllocContext { nodemask: None, ..*ac }, None)
    }

    /// The zones that a policy leaves to a request: cpusets are not asked by everybody.
    pub(super) fn zonelist_of_policy(&self, ac: &AllocContext) -> Vec<ZoneId> {
        self.zonelist(&AllocContext { mems: None, ..*ac })
    }

    /// Somebody may have freed much since; if not, somebody has to go (`__alloc_pages_may_oom()`).
    fn alloc_pages_may_oom(&mut self, t: &mut Trace<'_>, ac: &AllocContext, flags: AllocFlags) -> MayOom {
        let got = |got: Option<(ZoneId, Block)>| {
            got.map_or(MayOom::Nothing, |(zone, block)| MayOom::Got(zone, block))
        };
        let cma = |of: AllocFlags| of.with_if(AllocFlags::CMA, flags.has(AllocFlags::CMA));
        // (As if it were for a program: `__GFP_HARDWALL`.)
        let inside = self.within(ac, self.cpuset_keeps(ac));
        let high = self.get_page_from_freelist(t, &inside, cma(AllocFlags::WMARK_HIGH));
        if high.is_some() {
            return got(high);
        }
        if ac.order.get() > COSTLY_ORDER || ac.gfp.contains(GfpFlags::RETRY_MAYFAIL) {
            return MayOom::Nothing;
        }
        if self.processes.is_untouched() {
            // There is nobody who could be killed.
            t.emit(self, StepKind::Missing { what: NotModelled::OutOfMemory });
            return MayOom::Nothing;
        }
        let is_asked = ac.highest >= ZoneKind::Normal && !ac.gfp.contains(GfpFlags::THISNODE);
        match (parts::rules().out_of_memory)(self, t, ac) {
            // What must not fail may have the last page, as soon as the killer was asked.
            Progress::Nothing if is_asked && ac.gfp.contains(GfpFlags::NOFAIL) => {
                got(self.alloc_pages_cpuset_fallback(t, ac, cma(AllocFlags::NO_WATERMARKS)))
            }
            Progress::Nothing => MayOom::Nothing,
            Progress::Retry if ac.gfp.contains(GfpFlags::NOFAIL) => {
                match self.alloc_pages_cpuset_fallback(t, ac, cma(AllocFlags::NO_WATERMARKS)) {
                    Some((zone, block)) => MayOom::Got(zone, block),
                    None => MayOom::Again,
                }
            }
            Progress::Retry => MayOom::Again,
            // A victim needs memory to end, wherever it comes from.
            Progress::Dying => {
                let ac = self.anywhere(ac);
                got(self.get_page_from_freelist(t, &ac, cma(AllocFlags::OOM)))
            }
        }
    }

    /// The loop of the slow path where memory can be reclaimed: until it succeeds, or makes no sense any more. After a kill
    /// it begins anew; it ends as each turn reclaims something, counts up to a bound, or has a victim give back more.
    fn reclaim_and_retry(
        &mut self,
        t: &mut Trace<'_>,
        ac: &AllocContext,
        flags: AllocFlags,
        priority: CompactPriority,
    ) -> Option<(ZoneId, Block)> {
        let (mut priority, mut retries) = (priority, 0);
        let (gfp, costly) = (ac.gfp, ac.order.get() > COSTLY_ORDER);
        let zones = self.zonelist_of_policy(ac);
        let keeps = self.cpuset_keeps(ac);
        let mut nodes: Vec<u8> = Vec::new();
        for zone in &zones {
            let node = self.zone(*zone).node;
            // (`shrink_zones()`: nobody reclaims outside of the own cpuset.)
            if !nodes.contains(&node) && keeps.is_none_or(|mems| mems.has(node)) {
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
            let mut again = (parts::rules().should_reclaim_retry)(
                self,
                t,
                ac.order,
                ac.highest,
                flags,
                &zones,
                no_progress,
            ) || self.unreserve_highatomic_pageblock(t, ac, true);
            if !again
                && reclaimed > 0
                && self.compacts()
                && gfp.contains(GfpFlags::IO)
                && ac.order > Order::ZERO
                && let Some(more) = (parts::rules().should_compact_retry)(
                    self,
                    t,
                    ac,
                    flags,
                    (compacted, priority, retries),
                    &zones,
                )
            {
                (priority, retries) = more;
                again = true;
            }
            if !again {
                match self.alloc_pages_may_oom(t, ac, flags) {
                    MayOom::Got(zone, block) => return Some((zone, block)),
                    MayOom::Nothing => return self.nopage(t, ac),
                    MayOom::Again => no_progress = 0,
                }
            }
            if flags.has(AllocFlags::KSWAPD) {
                self.wake_all_kswapds(t, ac);
            }
            if let Some(got) = self.get_page_from_freelist(t, ac, flags) {
                return Some(got);
            }
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
            let zones = self.zonelist_of_policy(ac);
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
        self.alloc_pages_cpuset_fallback(t, ac, AllocFlags::WMARK_MIN.with(AllocFlags::MIN_RESERVE))
    }

    /// Inside of the cpuset, and elsewhere when that is exhausted (`__alloc_pages_cpuset_fallback()`).
    fn alloc_pages_cpuset_fallback(
        &mut self,
        t: &mut Trace<'_>,
        ac: &AllocContext,
        flags: AllocFlags,
    ) -> Option<(ZoneId, Block)> {
        let inside = self.within(ac, self.cpuset_leaves(ac));
        let got = self.get_page_from_freelist(t, &inside, flags);
        if got.is_some() || inside.mems.is_none() {
            return got;
        }
        let ac = self.within(ac, None);
        t.within(Func::AllocPagesCpusetFallback, |t| self.get_page_from_freelist(t, &ac, flags))
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
        // (`wakeup_kswapd()` looks at the cpuset as well.)
        let ac = &self.within(ac, self.cpuset_leaves(ac));
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

//! Which lists are looked at, and for how long; the daemon of each node (mm/vmscan.c, 6.1).

use super::balance::{DEF_PRIORITY, SWAP_CLUSTER_MAX, ScanInputs, rest_after_enough, scan_count};
use super::lruvec::Lru;
use super::{GroupId, VmEvent};
use crate::Machine;
use crate::hash::Digest;
use crate::mmzone::{Mark, ZoneId, ZoneKind};
use crate::page_alloc::{AllocFlags, zone_watermark_ok};
use crate::step::{Func, ReclaimStep, Reclaimer, Trace, WatermarkVerdict};
use crate::units::{CpuId, Order};

/// Times in a row that kswapd may get nothing before nobody wakes it any more (`MAX_RECLAIM_RETRIES`).
pub const MAX_RECLAIM_RETRIES: u8 = 16;

/// What a run of reclaim is about (`struct scan_control`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Scan {
    pub by: Reclaimer,
    pub cpu: CpuId,
    /// The group that has to find room in itself (`target_mem_cgroup`); the root: the whole machine does.
    pub within: GroupId,
    /// Zones above this one are no help (`reclaim_idx`).
    pub highest: ZoneKind,
    pub may_writepage: bool,
    /// Pages that are mapped may go.
    pub may_unmap: bool,
    pub scanned: u64,
    pub reclaimed: u64,
    may_swap: bool,
    pub(super) priority: u8,
    target: u64,
    may_deactivate: [bool; 2],
    force_deactivate: bool,
    skipped_deactivate: bool,
    cache_trim_mode: bool,
    file_is_tiny: bool,
    /// Pages that were taken; of them those of files; dirty ones that nobody writes, those on their way, and those that
    /// came by twice (`sc->nr`).
    taken: u64,
    file_taken: u64,
    met: [u64; 3],
}

impl Scan {
    pub(super) fn new(by: Reclaimer, cpu: CpuId, highest: ZoneKind, target: u64) -> Scan {
        Scan {
            by,
            cpu,
            within: GroupId::ROOT,
            highest,
            may_writepage: true,
            may_unmap: true,
            scanned: 0,
            reclaimed: 0,
            may_swap: true,
            priority: DEF_PRIORITY,
            target,
            may_deactivate: [false; 2],
            force_deactivate: false,
            skipped_deactivate: false,
            cache_trim_mode: false,
            file_is_tiny: false,
            taken: 0,
            file_taken: 0,
            met: [0; 3],
        }
    }

    /// A program that says itself what is to go does not care whether it was used (`reclaim_pages()`).
    pub(super) fn ignores_references(&self) -> bool {
        self.by == Reclaimer::Madvise
    }

    /// What was met on the way.
    pub(super) fn note(&mut self, taken: u64, is_file: bool, met: [u64; 3]) {
        self.taken += taken;
        self.file_taken += if is_file { taken } else { 0 };
        self.met.iter_mut().zip(met).for_each(|(sum, more)| *sum += more);
    }

    fn digest(&self, to: &mut Digest) {
        to.word(u64::from(self.priority) << 8 | self.highest as u64);
        let flags = [
            self.may_writepage,
            self.may_swap,
            self.may_deactivate[0],
            self.may_deactivate[1],
            self.force_deactivate,
            self.skipped_deactivate,
            self.cache_trim_mode,
            self.file_is_tiny,
        ];
        to.word(flags.iter().fold(0, |bits, flag| bits << 1 | u64::from(*flag)));
        for word in [self.scanned, self.reclaimed, self.target, self.taken, self.file_taken] {
            to.word(word);
        }
        self.met.iter().for_each(|word| to.word(*word));
    }
}

/// How far the lists of a node were looked at (what `shrink_lruvec()` has on its stack).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Round {
    /// Whose lists.
    group: GroupId,
    targets: [u64; 4],
    left: [u64; 4],
    reclaimed: u64,
    proportional: bool,
}

/// The daemon of a node (`kswapd()`).
#[derive(Clone, Debug, Default)]
pub struct Kswapd {
    /// What it was woken for: the order, and the highest zone that the request could use; none: it sleeps.
    wanted: Option<(Order, ZoneKind)>,
    /// Runs in a row without a page (`kswapd_failures`).
    pub failures: u8,
    run: Option<Run>,
}

/// A run of kswapd: what `balance_pgdat()` has on its stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Run {
    sc: Scan,
    order: Order,
    /// Pages that the boost asks for; 0: none.
    boost: u64,
    /// What the boost of each zone was when the run began, by zone; up to eight are kept.
    boosts: [u32; 8],
    /// What was reclaimed before this priority.
    before: u64,
    round: Option<Round>,
}

/// How a run of kswapd ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// A zone has enough.
    Balanced,
    /// It has looked at everything.
    Tired,
}

impl Kswapd {
    /// Whether it has something to do.
    #[must_use]
    pub fn is_awake(&self) -> bool {
        self.wanted.is_some()
    }

    /// The priority that it is at, 12 to 1; none: it sleeps, or has just been woken.
    #[must_use]
    pub fn priority(&self) -> Option<u8> {
        self.run.map(|run| run.sc.priority)
    }

    /// Pages it has reclaimed since it woke.
    #[must_use]
    pub fn reclaimed(&self) -> u64 {
        self.run.map_or(0, |run| run.sc.reclaimed)
    }

    pub(super) fn digest(&self, to: &mut Digest) {
        to.word(self.wanted.map_or(u64::MAX, |(order, kind)| u64::from(order.get()) << 8 | kind as u64));
        to.word(u64::from(self.failures));
        let Some(Run { sc, order, boost, boosts, before, round }) = &self.run else { return to.word(0) };
        sc.digest(to);
        to.word(u64::from(order.get()) << 32 | *before);
        to.word(*boost);
        boosts.iter().for_each(|boost| to.word(u64::from(*boost)));
        let Some(round) = round else { return to.word(1) };
        round.targets.iter().chain(&round.left).for_each(|word| to.word(*word));
        let group = u64::from(round.group.raw()) << 48;
        to.word(group | round.reclaimed << 1 | u64::from(round.proportional));
    }
}

impl Machine {
    /// The zones of a node up to a kind, lowest first.
    fn zones_of(&self, node: u8, highest: ZoneKind) -> impl Iterator<Item = ZoneId> {
        self.zone_ids().filter(move |id| {
            let zone = self.zone(*id);
            zone.node == node && zone.kind <= highest && zone.managed.0 > 0
        })
    }

    /// Pages of a zone that could be taken away (`zone_reclaimable_pages()`).
    pub(crate) fn zone_reclaimable_pages(&self, zone: ZoneId) -> u64 {
        let Some(reclaim) = self.reclaim() else { return 0 };
        let sizes = reclaim.zone_sizes(zone);
        let file = sizes[Lru::InactiveFile as usize] + sizes[Lru::ActiveFile as usize];
        let anon = sizes[Lru::InactiveAnon as usize] + sizes[Lru::ActiveAnon as usize];
        let pages = file + if reclaim.swap_left(GroupId::ROOT) > 0 { anon } else { 0 };
        if pages == 0 { self.zone(zone).nr_free_pages.0 } else { pages }
    }

    /// What decides how much of which list is looked at (`prepare_scan_count()`); then come the lists of the first group
    /// (`shrink_node_memcgs()`): its own, or the root's if the whole machine is short.
    pub(super) fn begin_node(&mut self, t: &mut Trace<'_>, sc: &mut Scan, node: u8) -> Option<Round> {
        let all: Vec<ZoneId> = self.zones_of(node, ZoneKind::Movable).collect();
        let high: u64 = all.iter().map(|id| u64::from(self.zone(*id).wmark_pages(Mark::High))).sum();
        let free: u64 = all.iter().map(|id| self.zone(*id).nr_free_pages.0).sum();
        let reclaim = self.reclaim()?;
        let within = sc.within;
        let (refaults_then, refaults_now) =
            (reclaim.lruvec(node, within).refaults, reclaim.activated(node, within));
        for (kind, is_file) in [(0, false), (1, true)] {
            // What came back was taken away too early: others have to go.
            let refaults = refaults_now[kind] != refaults_then[kind];
            sc.may_deactivate[kind] =
                sc.force_deactivate || refaults || reclaim.is_low(node, within, is_file);
        }
        let len = |lru| reclaim.len_within(node, within, lru);
        let file = len(Lru::InactiveFile) + len(Lru::ActiveFile);
        let inactive_file = len(Lru::InactiveFile) >> sc.priority;
        sc.cache_trim_mode = inactive_file > 0 && !sc.may_deactivate[1];
        // (Of a group nobody asks that.)
        sc.file_is_tiny = within.is_root()
            && file + free <= high
            && !sc.may_deactivate[0]
            && len(Lru::InactiveAnon) >> sc.priority > 0;
        self.begin_lruvec(t, sc, node, within)
    }

    /// How much of which list of a group is looked at (`get_scan_count()`).
    fn begin_lruvec(&mut self, t: &mut Trace<'_>, sc: &Scan, node: u8, group: GroupId) -> Option<Round> {
        let zones: Vec<ZoneId> = self.zones_of(node, sc.highest).collect();
        let reclaim = self.reclaim()?;
        let size = |lru| zones.iter().map(|zone| reclaim.zone_size_of(group, *zone, lru)).sum::<u64>();
        let sizes = Lru::EVICTABLE.map(size);
        // Without swappiness a group leaves pages without a file alone, whatever comes of it.
        let may_swap = sc.may_swap && (sc.within.is_root() || reclaim.tunables.swappiness > 0);
        let inputs = ScanInputs {
            priority: sc.priority,
            swappiness: reclaim.tunables.swappiness,
            can_swap: may_swap && reclaim.swap_left(group) > 0,
            cost: reclaim.lruvec(node, sc.within).cost,
            file_is_tiny: sc.file_is_tiny,
            cache_trim_mode: sc.cache_trim_mode,
            sizes,
        };
        let (balance, targets) = scan_count(&inputs);
        let (by, priority) = (sc.by, sc.priority);
        let name = reclaim.group(group).map(|group| group.name);
        let told = || ReclaimStep::ScanCount {
            by,
            node,
            group: name,
            priority,
            balance,
            counts: targets.map(|count| u32::try_from(count).unwrap_or(u32::MAX)),
        };
        self.told_reclaim(t, Func::GetScanCount, told);
        let proportional = by == Reclaimer::Direct && priority == DEF_PRIORITY;
        Some(Round { group, targets, left: targets, reclaimed: 0, proportional })
    }

    /// At most 32 pages of each list (a turn of the loop of `shrink_lruvec()`); whether that was all.
    pub(super) fn shrink_round(
        &mut self,
        t: &mut Trace<'_>,
        sc: &mut Scan,
        node: u8,
        round: &mut Round,
    ) -> bool {
        // (Whether anything but active pages without files is left.)
        let goes_on = |left: &[u64; 4]| left[0] + left[2] + left[3] > 0;
        if goes_on(&round.left) {
            for (at, lru) in Lru::EVICTABLE.into_iter().enumerate() {
                let now = round.left[at].min(SWAP_CLUSTER_MAX);
                if now == 0 {
                    continue;
                }
                round.left[at] -= now;
                round.reclaimed += self.shrink_list(t, sc, (node, round.group), lru, now);
            }
            let is_enough = round.reclaimed >= sc.target && !round.proportional;
            if !is_enough {
                if goes_on(&round.left) {
                    return false;
                }
            } else if let Some(rest) = rest_after_enough(round.targets, round.left) {
                round.left = rest;
                if goes_on(&rest) {
                    return false;
                }
            }
        }
        sc.reclaimed += round.reclaimed;
        if round.reclaimed > 0
            && let Some(reclaim) = self.reclaim_mut()
        {
            reclaim.nodes[usize::from(node)].kswapd.failures = 0;
        }
        // Some of what is active becomes inactive, so that there is a choice the next time.
        if self.wants_aging(node, round.group) {
            self.shrink_active_list(t, sc, (node, round.group), Lru::ActiveAnon, SWAP_CLUSTER_MAX);
        }
        // Shrinkers of caches know of no groups: they run with the lists of the root (`shrink_node_memcgs()`).
        if round.group.is_root() {
            let (.., pages) = self.shrink_slab(t, node, sc.priority, sc.cpu);
            sc.reclaimed += pages;
        } else {
            self.shrink_split_queue(t, (node, round.group), sc.priority, sc.cpu);
        }
        // The lists of the next group.
        let next = self.reclaim().and_then(|reclaim| reclaim.group_ids().find(|group| *group > round.group));
        match next.filter(|_| sc.within.is_root()).and_then(|group| self.begin_lruvec(t, sc, node, group)) {
            Some(next) => {
                *round = next;
                false
            }
            None => true,
        }
    }

    /// Whether too many of the pages without a file are active, and there is anywhere for them to go.
    fn wants_aging(&self, node: u8, group: GroupId) -> bool {
        self.reclaim().is_some_and(|r| r.swap_pages().0 > 0 && r.is_low(node, group, false))
    }

    /// Active pages of all groups become inactive, if there are too many (`age_active_anon()`).
    fn age_active_anon(&mut self, t: &mut Trace<'_>, sc: &mut Scan, node: u8) {
        if !self.wants_aging(node, GroupId::ROOT) {
            return;
        }
        let groups: Vec<GroupId> =
            self.reclaim().into_iter().flat_map(|reclaim| reclaim.group_ids()).collect();
        for group in groups {
            self.shrink_active_list(t, sc, (node, group), Lru::ActiveAnon, SWAP_CLUSTER_MAX);
        }
    }

    fn shrink_list(
        &mut self,
        t: &mut Trace<'_>,
        sc: &mut Scan,
        (node, group): (u8, GroupId),
        lru: Lru,
        pages: u64,
    ) -> u64 {
        if !lru.is_active() {
            return self.shrink_inactive_list(t, sc, (node, group), lru, pages);
        }
        if sc.may_deactivate[usize::from(lru.is_file())] {
            self.shrink_active_list(t, sc, (node, group), lru, pages);
        } else {
            sc.skipped_deactivate = true;
        }
        0
    }

    fn snapshot_refaults(&mut self, node: u8, within: GroupId) {
        if let Some(reclaim) = self.reclaim_mut() {
            let now = reclaim.activated(node, within);
            reclaim.lruvec_mut(node, within).refaults = now;
        }
    }

    /// A group finds room in itself (`try_to_free_mem_cgroup_pages()`): how many pages of it are free now that were not.
    pub(super) fn try_to_free_mem_cgroup_pages(
        &mut self,
        t: &mut Trace<'_>,
        cpu: CpuId,
        group: GroupId,
        pages: u64,
    ) -> u64 {
        t.within(Func::TryToFreeMemCgroupPages, |t| {
            let target = pages.max(SWAP_CLUSTER_MAX);
            let mut sc = Scan::new(Reclaimer::Group, cpu, ZoneKind::Movable, target);
            sc.within = group;
            let nodes: Vec<u8> = (0..self.nodes()).collect();
            self.do_try_to_free_pages(t, &mut sc, &nodes);
            let reclaimed = sc.reclaimed.min(u64::from(u32::MAX)) as u32;
            let priority = sc.priority;
            if let Some(of) = self.reclaim().and_then(|reclaim| reclaim.group(group)) {
                let (usage, max) = (of.memory.usage, of.memory.max);
                let told = |group| ReclaimStep::GroupReclaimed { group, reclaimed, priority, usage, max };
                self.told_group(t, group, Func::TryToFreeMemCgroupPages, told);
            }
            sc.reclaimed
        })
    }

    /// The lists are looked at further and further (`do_try_to_free_pages()`).
    fn do_try_to_free_pages(&mut self, t: &mut Trace<'_>, sc: &mut Scan, nodes: &[u8]) {
        loop {
            for priority in (0..=DEF_PRIORITY).rev() {
                sc.priority = priority;
                for node in nodes {
                    let Some(mut round) = self.begin_node(t, sc, *node) else { continue };
                    while !self.shrink_round(t, sc, *node, &mut round) {}
                    // (The driver knows of no groups.)
                    if sc.within.is_root() {
                        self.lowmem_scan(t, sc.by);
                    }
                }
                if sc.reclaimed >= sc.target {
                    break;
                }
                // All that was found is on its way to the disk: it waits (`reclaim_throttle()`).
                if sc.reclaimed == 0 {
                    self.end_writeback(t);
                }
            }
            nodes.iter().for_each(|node| self.snapshot_refaults(*node, sc.within));
            if sc.reclaimed > 0 || !sc.skipped_deactivate {
                break;
            }
            // Once more, and now active pages are not spared.
            (sc.force_deactivate, sc.skipped_deactivate) = (true, false);
        }
    }

    /// A task finds memory itself (`try_to_free_pages()`): how many pages are free now that were not.
    pub(crate) fn try_to_free_pages(
        &mut self,
        t: &mut Trace<'_>,
        cpu: CpuId,
        order: Order,
        highest: ZoneKind,
        nodes: &[u8],
    ) -> u64 {
        t.within(Func::TryToFreePages, |t| {
            let mut sc = Scan::new(Reclaimer::Direct, cpu, highest, SWAP_CLUSTER_MAX);
            if let Some(reclaim) = self.reclaim_mut() {
                reclaim.count(VmEvent::AllocStall, 1);
            }
            self.told_reclaim(t, Func::TryToFreePages, || ReclaimStep::DirectReclaim { order });
            self.do_try_to_free_pages(t, &mut sc, nodes);
            let (reclaimed, priority) = (sc.reclaimed.min(u64::from(u32::MAX)) as u32, sc.priority);
            self.told_reclaim(t, Func::TryToFreePages, || ReclaimStep::DirectReclaimed {
                reclaimed,
                priority,
            });
            sc.reclaimed
        })
    }

    /// Whether another round makes sense (`should_reclaim_retry()`): if everything that could go went, would it be enough?
    pub(crate) fn should_reclaim_retry(
        &mut self,
        t: &mut Trace<'_>,
        order: Order,
        highest: ZoneKind,
        flags: AllocFlags,
        zones: &[ZoneId],
        no_progress: u8,
    ) -> bool {
        let enough = |zone: &ZoneId| {
            let of = self.zone(*zone);
            let available = self.zone_reclaimable_pages(*zone) + of.nr_free_pages.0;
            let min = of.wmark_pages(Mark::Min);
            zone_watermark_ok(of, order, min, highest, flags, available).verdict == WatermarkVerdict::Ok
        };
        let zone = zones.iter().copied().find(|zone| no_progress <= MAX_RECLAIM_RETRIES && enough(zone));
        // Others get their turn meanwhile.
        self.end_writeback(t);
        let told = || ReclaimStep::Retry { order, zone, no_progress };
        self.told_reclaim(t, Func::ShouldReclaimRetry, told);
        zone.is_some()
    }

    /// kswapd of a node has something to do (`wakeup_kswapd()`); whether it was asleep.
    pub(crate) fn kswapd_wakes(&mut self, node: u8, order: Order, highest: ZoneKind) -> bool {
        let Some(reclaim) = self.reclaim_mut() else { return false };
        let kswapd = &mut reclaim.nodes[usize::from(node)].kswapd;
        if kswapd.failures >= MAX_RECLAIM_RETRIES {
            return false;
        }
        let was_asleep = kswapd.wanted.is_none();
        let (o, h) = kswapd.wanted.unwrap_or((order, highest));
        kswapd.wanted = Some((o.max(order), h.max(highest)));
        was_asleep
    }

    /// Whether a zone of the node has enough free pages (`pgdat_balanced()`).
    fn balanced(&self, node: u8, order: Order, highest: ZoneKind) -> Option<ZoneId> {
        self.zones_of(node, highest).find(|id| {
            let zone = self.zone(*id);
            let (mark, free) = (zone.wmark_pages(Mark::High), zone.nr_free_pages.0);
            let check = zone_watermark_ok(zone, order, mark, highest, AllocFlags::WMARK_MIN, free);
            check.verdict == WatermarkVerdict::Ok
        })
    }

    /// kswapd of a node runs for a while: at most 32 pages of each list (`balance_pgdat()`).
    pub(super) fn kswapd_slice(&mut self, t: &mut Trace<'_>, node: u8) {
        let Some(kswapd) = self.reclaim().map(|reclaim| &reclaim.nodes[usize::from(node)].kswapd) else {
            return;
        };
        let Some((order, highest)) = kswapd.wanted else { return };
        t.within(Func::Kswapd, |t| {
            let kswapd = self.reclaim().map(|reclaim| &reclaim.nodes[usize::from(node)].kswapd);
            let run = kswapd.and_then(|kswapd| kswapd.run);
            let mut run = run.unwrap_or_else(|| self.kswapd_begins(node, order, highest));
            let end = self.kswapd_goes_on(t, node, &mut run);
            if let Some(reclaim) = self.reclaim_mut() {
                reclaim.nodes[usize::from(node)].kswapd.run = end.is_none().then_some(run);
            }
            if let Some(end) = end {
                self.kswapd_ends(t, node, &run, end);
            }
        });
    }

    fn kswapd_begins(&mut self, node: u8, order: Order, highest: ZoneKind) -> Run {
        let mut boosts = [0; 8];
        for (at, id) in (0..).zip(self.zones_of(node, ZoneKind::Movable)) {
            if let Some(boost) = boosts.get_mut(at) {
                *boost = self.zone(id).watermark_boost;
            }
        }
        self.set_reclaim_active(node, highest, true);
        if let Some(reclaim) = self.reclaim_mut() {
            reclaim.count(VmEvent::PageOutRun, 1);
        }
        let cpu = (0..self.cpus()).map(CpuId).find(|cpu| self.node_of(*cpu) == node).unwrap_or(CpuId(0));
        let boost = boosts.iter().map(|boost| u64::from(*boost)).sum();
        let sc = Scan::new(Reclaimer::Kswapd(node), cpu, highest, 0);
        Run { sc, order, boost, boosts, before: 0, round: None }
    }

    /// While kswapd works, the CPUs keep less of its zones for themselves (`ZONE_RECLAIM_ACTIVE`).
    fn set_reclaim_active(&mut self, node: u8, highest: ZoneKind, active: bool) {
        let zones: Vec<ZoneId> = self.zones_of(node, highest).collect();
        zones.into_iter().for_each(|zone| self.zone_mut(zone).reclaim_active = active);
    }

    /// A slice of a run; none: it goes on.
    fn kswapd_goes_on(&mut self, t: &mut Trace<'_>, node: u8, run: &mut Run) -> Option<End> {
        let mut round = match run.round.take() {
            Some(round) => round,
            None => {
                // The head of the loop.
                let highest = run.sc.highest;
                let mut balanced = self.balanced(node, run.order, highest);
                if balanced.is_none() && run.boost > 0 {
                    // There are more urgent things than the boost.
                    run.boost = 0;
                    run.sc.priority = DEF_PRIORITY;
                }
                if run.boost > 0 {
                    balanced = None;
                }
                let priority = run.sc.priority;
                let told = || ReclaimStep::Balance { node, balanced, priority };
                self.told_reclaim(t, Func::BalancePgdat, told);
                if balanced.is_some() {
                    return Some(End::Balanced);
                }
                run.sc.may_writepage = run.boost == 0;
                run.sc.may_swap = run.boost == 0;
                self.age_active_anon(t, &mut run.sc, node);
                run.sc.scanned = 0;
                run.before = run.sc.reclaimed;
                let high =
                    |id: ZoneId| u64::from(self.zone(id).wmark_pages(Mark::High)).max(SWAP_CLUSTER_MAX);
                run.sc.target = self.zones_of(node, highest).map(high).sum();
                (run.sc.taken, run.sc.file_taken, run.sc.met) = (0, 0, [0; 3]);
                match self.begin_node(t, &mut run.sc, node) {
                    Some(round) => round,
                    None => return Some(End::Tired),
                }
            }
        };
        if !self.shrink_round(t, &mut run.sc, node, &mut round) {
            run.round = Some(round);
            return None;
        }
        self.lowmem_scan(t, run.sc.by);
        // The foot of the loop.
        self.note_node(t, node, &run.sc);
        let reclaimed = run.sc.reclaimed - run.before;
        let gap = u64::from(run.order.pages()) * 2;
        if run.order > Order::ZERO && run.sc.reclaimed >= gap {
            run.order = Order::ZERO;
        }
        let had_boost = run.boost > 0;
        run.boost -= run.boost.min(reclaimed);
        if had_boost && reclaimed == 0 {
            return Some(End::Tired);
        }
        let keeps_priority =
            run.sc.scanned >= run.sc.target || had_boost && run.sc.priority == DEF_PRIORITY - 2;
        if !keeps_priority || reclaimed == 0 {
            run.sc.priority -= 1;
        }
        (run.sc.priority < 1).then_some(End::Tired)
    }

    /// What kswapd met at the end of the lists (the end of `shrink_node()`).
    fn note_node(&mut self, t: &mut Trace<'_>, node: u8, sc: &Scan) {
        let [unqueued_dirty, writeback, immediate] = sc.met;
        if let Some(reclaim) = self.reclaim_mut() {
            let of = &mut reclaim.nodes[usize::from(node)];
            of.is_writeback |= writeback > 0 && writeback == sc.taken;
            of.is_dirty |= sc.file_taken > 0 && unqueued_dirty == sc.file_taken;
        }
        if immediate > 0 {
            self.end_writeback(t);
        }
    }

    /// A run is over: with enough free memory, or when it has failed too often, kswapd sleeps until somebody wakes it;
    /// otherwise it begins anew.
    fn kswapd_ends(&mut self, t: &mut Trace<'_>, node: u8, run: &Run, end: End) {
        let highest = run.sc.highest;
        self.set_reclaim_active(node, highest, false);
        // The boost that it was woken for is worked off.
        let zones: Vec<ZoneId> = self.zones_of(node, ZoneKind::Movable).collect();
        for (zone, boost) in zones.into_iter().zip(run.boosts) {
            let zone = self.zone_mut(zone);
            zone.watermark_boost = zone.watermark_boost.saturating_sub(boost);
        }
        if run.boosts.iter().any(|boost| *boost > 0) {
            self.wakeup_kcompactd(t, node, self.pageblock_order(), highest);
        }
        self.snapshot_refaults(node, GroupId::ROOT);
        let is_balanced = self.balanced(node, run.order, highest).is_some();
        let Some(reclaim) = self.reclaim_mut() else { return };
        let of = &mut reclaim.nodes[usize::from(node)];
        if is_balanced {
            (of.is_dirty, of.is_writeback) = (false, false);
        }
        if end == End::Tired && run.sc.reclaimed == 0 {
            of.kswapd.failures = (of.kswapd.failures + 1).min(MAX_RECLAIM_RETRIES);
        }
        let failures = of.kswapd.failures;
        if !is_balanced && failures < MAX_RECLAIM_RETRIES {
            return;
        }
        let asked = of.kswapd.wanted.take().map_or(Order::ZERO, |(order, _)| order);
        if is_balanced {
            self.kswapd_resets_marks(node);
            self.wakeup_kcompactd(t, node, asked, highest);
        }
        let reclaimed = run.sc.reclaimed.min(u64::from(u32::MAX)) as u32;
        let told = || ReclaimStep::KswapdSleeps { node, reclaimed, failures };
        self.told_reclaim(t, Func::KswapdTryToSleep, told);
    }
}

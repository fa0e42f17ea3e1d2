//! kcompactd: a daemon of each node compacts memory, so that requests need not (mm/compaction.c, 6.1).

use super::CompactEvent;
use super::suitable::{CompactResult, fragmentation_score, proactive_marks};
use super::zone::{Compactor, Control, MigrateMode};
use crate::Machine;
use crate::hash::{Digest, Digestible};
use crate::machine::UnitEnd;
use crate::mmzone::{ZoneId, ZoneKind};
use crate::page_alloc::AllocFlags;
use crate::step::{CompactStep, Func, Trace};
use crate::units::{CpuId, Order};

/// What kcompactd of a node has to do (`pgdat->kcompactd_*`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Kcompactd {
    /// The order that was asked for, and up to which zone; none: it sleeps.
    pub wanted: Option<(Order, ZoneKind)>,
    /// It does so of its own accord, until scores are this low.
    pub proactive: Option<u32>,
    /// The next zone of the node that it turns to.
    next: u8,
}

impl Digestible for Kcompactd {
    fn digest(&self, to: &mut Digest) {
        let wanted = self.wanted.map_or(0, |(order, zone)| (u64::from(order.get()) << 8 | zone as u64) + 1);
        to.word(wanted << 8 | u64::from(self.next));
        to.word(self.proactive.map_or(0, |score| u64::from(score) + 1));
    }
}

impl Machine {
    /// kswapd of a node sleeps, or was woken for nothing: kcompactd is to make a block of this order
    /// (`wakeup_kcompactd()`), if a zone suits.
    pub(crate) fn wakeup_kcompactd(&mut self, t: &mut Trace<'_>, node: u8, order: Order, highest: ZoneKind) {
        if !self.compacts() || order == Order::ZERO {
            return;
        }
        let suits = |zone: ZoneId| {
            let of = self.zone(zone);
            let free = of.nr_free_pages.0;
            let flags = AllocFlags::WMARK_MIN;
            let suitable = self.compaction_suitable(zone, Some(order), flags, of.kind, free);
            suitable.result == CompactResult::Continue
        };
        if !self.node_zones(node, highest).into_iter().any(suits) {
            return;
        }
        let Some(of) = self.compaction_mut().nodes.get_mut(usize::from(node)) else { return };
        let was_asleep = of.wanted.is_none();
        let (o, h) = of.wanted.unwrap_or((order, highest));
        of.wanted = Some((o.max(order), h.max(highest)));
        if was_asleep {
            of.next = 0;
            self.compaction_mut().count(CompactEvent::DaemonWake, 1);
            self.told_compact(t, Func::WakeupKcompactd, || CompactStep::Woken { node, order });
        }
    }

    /// The marks of the node's pageblocks go where the scanners have met (`reset_isolation_suitable()`): kswapd sleeps.
    pub(crate) fn kswapd_resets_marks(&mut self, node: u8) {
        if !self.compacts() {
            return;
        }
        let flush = |zone: &ZoneId| {
            self.compaction().is_some_and(|compaction| compaction.zones[zone.index()].blockskip_flush)
        };
        let zones: Vec<ZoneId> = self.node_zones(node, ZoneKind::Movable).into_iter().filter(flush).collect();
        zones.into_iter().for_each(|zone| self.reset_isolation_suitable(zone));
    }

    fn node_zones(&self, node: u8, highest: ZoneKind) -> Vec<ZoneId> {
        let fits = |zone: &ZoneId| self.zone(*zone).node == node && self.zone(*zone).kind <= highest;
        self.zone_ids().filter(fits).collect()
    }

    /// The unit boundary: every kcompactd that is awake gets a slice, one turn.
    pub(crate) fn run_kcompactd(&mut self, t: &mut Trace<'_>) {
        for node in 0..self.nodes() {
            let awake = |of: &Kcompactd| of.wanted.is_some();
            if self
                .compaction()
                .is_some_and(|compaction| compaction.nodes.get(usize::from(node)).is_some_and(awake))
            {
                t.within(Func::Kcompactd, |t| self.kcompactd_slice(t, node));
            }
        }
    }

    /// Whether any kcompactd has something to do.
    pub(crate) fn kcompactd_works(&self) -> bool {
        self.compaction().is_some_and(|compaction| compaction.nodes.iter().any(|node| node.wanted.is_some()))
    }

    /// `kcompactd_do_work()`, and `proactive_compact_node()`
    fn kcompactd_slice(&mut self, t: &mut Trace<'_>, node: u8) {
        let by = Compactor::Kcompactd(node);
        let Some(of) =
            self.compaction().and_then(|compaction| compaction.nodes.get(usize::from(node))).copied()
        else {
            return;
        };
        let Some((order, highest)) = of.wanted else { return };
        if let Some(control) = self.control_of(by) {
            let zone = control.zone;
            if let Some(result) = self.compact_turn(t, by) {
                self.compact_ends(t, by, result);
                self.kcompactd_learns(zone, order, result, of.proactive.is_some());
            }
            return;
        }
        let zones = self.node_zones(node, highest);
        let Some(zone) = zones.get(usize::from(of.next)).copied() else {
            if let Some(of) = self.compaction_mut().nodes.get_mut(usize::from(node)) {
                *of = Kcompactd::default();
            }
            self.told_compact(t, Func::Kcompactd, || CompactStep::Sleeps { node });
            return;
        };
        if let Some(of) = self.compaction_mut().nodes.get_mut(usize::from(node)) {
            of.next += 1;
        }
        let cpu = (0..self.cpus()).map(CpuId).find(|cpu| self.node_of(*cpu) == node).unwrap_or(CpuId(0));
        if let Some(low) = of.proactive {
            let control = Control {
                mode: MigrateMode::SyncLight,
                whole_zone: true,
                ignore_skip: true,
                proactive: Some(low),
                ..Control::of(by, zone, cpu)
            };
            self.compact_begins(t, control, AllocFlags::WMARK_MIN);
            return;
        }
        let deferral = &mut self.compaction_mut().zones[zone.index()].deferral;
        if deferral.is_deferred(order) {
            let (considered, limit) = (deferral.considered, 1 << deferral.shift);
            let told = || CompactStep::PutOff { zone, order, considered, limit };
            self.told_compact(t, Func::CompactionDeferred, told);
            return;
        }
        let control = Control {
            order: Some(order),
            mode: MigrateMode::SyncLight,
            highest: self.zone(zone).kind,
            ..Control::of(by, zone, cpu)
        };
        self.compact_begins(t, control, AllocFlags::WMARK_MIN);
    }

    fn kcompactd_learns(&mut self, zone: ZoneId, order: Order, result: CompactResult, proactive: bool) {
        if proactive {
            return;
        }
        match result {
            CompactResult::Success => self.compaction_mut().zones[zone.index()].deferral.reset(order, false),
            CompactResult::PartialSkipped | CompactResult::Complete => {
                // What came free may still lie with the CPUs.
                for cpu in (0..self.cpus()).map(CpuId) {
                    let pages = self.zone(zone).pcp(cpu).count;
                    self.drain_pages(&mut Trace::unseen(), zone, cpu, pages);
                }
                self.compaction_mut().zones[zone.index()].deferral.defer(order);
            }
            _ => {}
        }
    }

    /// How scattered the free memory of a node is (`fragmentation_score_node()`).
    #[must_use]
    pub fn fragmentation_score_node(&self, node: u8) -> u32 {
        let zones = self.node_zones(node, ZoneKind::Movable);
        let present: u64 = zones.iter().map(|zone| self.zone(*zone).present.0).sum();
        let of_zone = |zone: &ZoneId| {
            let score = fragmentation_score(&self.nr_free_of(*zone), self.pageblock_order());
            self.zone(*zone).present.0 * u64::from(score) / (present + 1)
        };
        zones.iter().map(of_zone).sum::<u64>() as u32
    }

    /// Half a second is over: kcompactd of each node looks at its score, and sets to work if it is high
    /// (`should_proactive_compact_node()`).
    pub(super) fn proactive_compaction(&mut self, t: &mut Trace<'_>) -> UnitEnd {
        t.within(Func::Kcompactd, |t| {
            let proactiveness = self.compaction_mut().config.proactiveness;
            let (low, high) = proactive_marks(proactiveness);
            for node in 0..self.nodes() {
                let score = self.fragmentation_score_node(node);
                // kswapd is about to make it worse again.
                let kswapd = self.reclaim().is_some_and(|reclaim| {
                    reclaim.nodes().get(usize::from(node)).is_some_and(|of| of.kswapd.is_awake())
                });
                let begins = proactiveness > 0 && !kswapd && score > high;
                if begins
                    && let Some(of) = self.compaction_mut().nodes.get_mut(usize::from(node))
                    && of.wanted.is_none()
                {
                    *of = Kcompactd {
                        wanted: Some((Order::MAX, ZoneKind::Movable)),
                        proactive: Some(low),
                        next: 0,
                    };
                }
                self.told_compact(t, Func::Kcompactd, || CompactStep::Score {
                    node,
                    score,
                    low,
                    high,
                    begins,
                });
            }
            UnitEnd::Done
        })
    }
}

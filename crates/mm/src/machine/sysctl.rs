//! What is done to the page allocator itself: the files of `/proc/sys/vm`, draining, isolation.

use std::rc::Rc;

use crate::Machine;
use crate::op::{Op, Sysctl};
use crate::reclaim::ReclaimTunables;
use crate::step::{StepKind, Trace};

impl Machine {
    /// One of those ops; each is a unit.
    pub(crate) fn run_setting(&mut self, op: &Op, t: &mut Trace<'_>) {
        match op {
            Op::Isolate(pfn) => _ = self.set_migratetype_isolate(t, *pfn),
            Op::Unisolate(pfn, to) => self.unset_migratetype_isolate(t, *pfn, *to),
            Op::Drain => self.drain_all_pages(t),
            Op::Sysctl(write) => self.write_sysctl(t, *write),
            _ => unreachable!("the machine runs them"),
        }
    }

    /// A write to a file of `/proc/sys/vm`.
    fn write_sysctl(&mut self, t: &mut Trace<'_>, write: Sysctl) {
        let zones = self.zone_sizes();
        let setup = Rc::make_mut(&mut self.setup);
        match write {
            Sysctl::MinFreeKbytes(kb) => setup.write_min_free_kbytes(&zones, kb),
            Sysctl::WatermarkScaleFactor(factor) => setup.write_watermark_scale_factor(&zones, factor),
            Sysctl::WatermarkBoostFactor(factor) => setup.write_watermark_boost_factor(factor),
            Sysctl::LowmemReserveRatio(ratio) => setup.write_lowmem_reserve_ratio(&zones, ratio),
            Sysctl::PercpuPagelistHighFraction(fraction) => {
                setup.write_percpu_pagelist_high_fraction(&zones, fraction);
            }
            Sysctl::OvercommitMemory(mode) => setup.write_overcommit_memory(mode),
            Sysctl::OvercommitRatio(ratio) => setup.write_overcommit_ratio(ratio),
            Sysctl::Swappiness(value) => self.tune_reclaim(|of| of.swappiness = value),
            Sysctl::DirtyRatio(value) => self.tune_reclaim(|of| of.dirty_ratio = value),
            Sysctl::DirtyBackgroundRatio(value) => self.tune_reclaim(|of| of.dirty_background_ratio = value),
            Sysctl::PageCluster(value) => self.tune_reclaim(|of| of.page_cluster = value),
            Sysctl::ZoneReclaimMode(value) => self.tune_reclaim(|of| of.zone_reclaim_mode = value),
            Sysctl::VfsCachePressure(value) => self.tune_reclaim(|of| of.vfs_cache_pressure = value),
            Sysctl::PanicOnOom(value) => setup.write_panic_on_oom(value),
            Sysctl::OomKillAllocatingTask(value) => setup.write_oom_kill_allocating_task(value),
        }
        if matches!(write, Sysctl::MinFreeKbytes(_) | Sysctl::WatermarkScaleFactor(_)) {
            self.zones.iter_mut().for_each(|zone| zone.watermark_boost = 0);
        }
        self.apply_figures();
        t.emit(self, StepKind::Written { sysctl: write });
    }

    fn tune_reclaim(&mut self, write: impl FnOnce(&mut ReclaimTunables)) {
        if let Some(reclaim) = &mut self.reclaim {
            write(&mut Rc::make_mut(reclaim).tunables);
        }
    }
}

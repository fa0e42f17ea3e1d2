//! What is told of the page allocator beyond the buddy system: per-CPU lists, watermarks, other types, isolation.

mod en;
mod zh;

use mm::config::Arch;
use mm::mmzone::{Mark, ZoneId, ZoneKind};
use mm::op::{NameId, Sysctl, Workload};
use mm::page::{Block, MigrateType};
use mm::step::{NotModelled, Nothing, SkipReason, WatermarkVerdict};
use mm::{AllocFlags, CpuId, Named, Op, Order, Pfn, StepKind};
use scenario::Lang;

use super::en::En;
use super::zh::Zh;
use super::{Sentence, Told, Words, fit};
use crate::Moment;

/// One language: a function for each kind of step, and for the few moments that are none.
pub(super) trait Voice: super::Voice {
    fn skipped(w: &Words, name: NameId, reason: SkipReason) -> Told;
    fn nothing_to_do(w: &Words, why: Nothing) -> Told;
    fn too_large(w: &Words, order: u8) -> Told;
    fn fallback_found(w: &Words, block: Block, from: MigrateType, to: MigrateType, largest: bool) -> Told;
    fn claim_pageblocks(w: &Words, block: Block, to: MigrateType) -> Told;
    fn move_free_pages(w: &Words, moved: &Moved) -> Told;
    fn move_block(w: &Words, zone: ZoneId, block: Block, from: MigrateType, to: MigrateType) -> Told;
    fn watermark(w: &Words, test: &Test) -> Told;
    fn pcp_empty(w: &Words, list: PcpList, blocks: u32) -> Told;
    fn pcp_append(w: &Words, list: PcpList, block: Block) -> Told;
    fn pcp_refilled(w: &Words, list: PcpList, blocks: u32, count: u32) -> Told;
    fn pcp_take(w: &Words, list: PcpList, block: Block, count: u32) -> Told;
    fn pcp_put(w: &Words, list: PcpList, block: Block, count: u32, high: u32) -> Told;
    fn pcp_drain_begins(w: &Words, zone: ZoneId, cpu: CpuId, count: u32, pages: u32) -> Told;
    fn pcp_drain(w: &Words, list: PcpList, block: Block) -> Told;
    fn boost(w: &Words, zone: ZoneId, boost: u32, max: u32) -> Told;
    fn wake_kswapd(w: &Words, zone: ZoneId, order: Order) -> Told;
    fn slow_path(w: &Words, flags: AllocFlags) -> Told;
    fn missing(w: &Words, what: NotModelled) -> Told;
    fn reserve_highatomic(w: &Words, zone: ZoneId, pageblock: Block, reserved: u32, max: u32) -> Told;
    fn unreserve_highatomic(w: &Words, pageblock: Block, to: MigrateType, free: u32) -> Told;
    fn written(w: &Words, sysctl: &Sysctl) -> Told;
    fn isolate(w: &Words, pageblock: Block, from: MigrateType, free: u32) -> Told;
    fn isolate_refused(w: &Words, pageblock: Block, unmovable: Pfn) -> Told;
    fn unisolate(w: &Words, pageblock: Block, to: MigrateType, free: u32) -> Told;
    fn diverged(w: &Words, zone: ZoneId, block: Block, predicted: Option<Pfn>) -> Told;

    /// Before the first step of a workload, which is this request or free.
    fn workload_begins(w: &Words, workload: &Workload, first: &StepKind) -> Sentence;
    /// Before the first step of freeing a pool of `blocks` blocks.
    fn pool_free_begins(w: &Words, name: NameId, blocks: u32, first: Block) -> Sentence;
    /// What an op wants, behind its name.
    fn op_wants(w: &Words, op: &Op) -> String;
}

/// One list of one CPU.
#[derive(Clone, Copy)]
pub(crate) struct PcpList {
    pub(crate) zone: ZoneId,
    pub(crate) cpu: CpuId,
    pub(crate) order: Order,
    pub(crate) migratetype: MigrateType,
}

/// What [`StepKind::Watermark`] says.
pub(crate) struct Test {
    pub(crate) zone: ZoneId,
    pub(crate) order: Order,
    pub(crate) mark: Mark,
    pub(crate) flags: AllocFlags,
    pub(crate) free: u32,
    pub(crate) min: u32,
    pub(crate) reserve: u32,
    pub(crate) verdict: WatermarkVerdict,
}

/// What [`StepKind::MoveFreePages`] says.
pub(crate) struct Moved {
    pub(crate) pageblock: Block,
    pub(crate) free: u32,
    pub(crate) alike: u32,
    pub(crate) from: MigrateType,
    pub(crate) to: MigrateType,
    pub(crate) claimed: bool,
}

pub(super) fn tell<V: Voice>(w: &Words, kind: &StepKind) -> Told {
    match *kind {
        StepKind::Skipped { name, reason } => V::skipped(w, name, reason),
        StepKind::NothingToDo { why } => V::nothing_to_do(w, why),
        StepKind::TooLarge { order } => V::too_large(w, order),
        StepKind::FallbackFound { zone: _, block, from, to, largest } => {
            V::fallback_found(w, block, from, to, largest)
        }
        StepKind::ClaimPageblocks { zone: _, block, from: _, to } => V::claim_pageblocks(w, block, to),
        StepKind::MoveFreePages { zone: _, pageblock, free, alike, from, to, claimed } => {
            V::move_free_pages(w, &Moved { pageblock, free, alike, from, to, claimed })
        }
        StepKind::MoveBlock { zone, block, from, to } => V::move_block(w, zone, block, from, to),
        StepKind::Watermark { zone, order, mark, flags, free, min, reserve, verdict } => {
            V::watermark(w, &Test { zone, order, mark, flags, free, min, reserve, verdict })
        }
        StepKind::PcpEmpty { zone, cpu, order, migratetype, blocks } => {
            V::pcp_empty(w, PcpList { zone, cpu, order, migratetype }, blocks)
        }
        StepKind::PcpAppend { zone, cpu, block, migratetype } => {
            V::pcp_append(w, PcpList { zone, cpu, order: block.order, migratetype }, block)
        }
        StepKind::PcpRefilled { zone, cpu, order, migratetype, blocks, count } => {
            V::pcp_refilled(w, PcpList { zone, cpu, order, migratetype }, blocks, count)
        }
        StepKind::PcpTake { zone, cpu, block, migratetype, count } => {
            V::pcp_take(w, PcpList { zone, cpu, order: block.order, migratetype }, block, count)
        }
        StepKind::PcpPut { zone, cpu, block, migratetype, count, high } => {
            V::pcp_put(w, PcpList { zone, cpu, order: block.order, migratetype }, block, count, high)
        }
        StepKind::PcpDrainBegins { zone, cpu, count, pages, free_factor: _ } => {
            V::pcp_drain_begins(w, zone, cpu, count, pages)
        }
        StepKind::PcpDrain { zone, cpu, block, migratetype } => {
            V::pcp_drain(w, PcpList { zone, cpu, order: block.order, migratetype }, block)
        }
        StepKind::Boost { zone, boost, max } => V::boost(w, zone, boost, max),
        StepKind::WakeKswapd { zone, order } => V::wake_kswapd(w, zone, order),
        StepKind::SlowPath { flags } => V::slow_path(w, flags),
        StepKind::Missing { what } => V::missing(w, what),
        StepKind::ReserveHighatomic { zone, pageblock, reserved, max } => {
            V::reserve_highatomic(w, zone, pageblock, reserved, max)
        }
        StepKind::UnreserveHighatomic { zone: _, pageblock, to, free } => {
            V::unreserve_highatomic(w, pageblock, to, free)
        }
        StepKind::Written { sysctl } => V::written(w, &sysctl),
        StepKind::Isolate { zone: _, pageblock, from, free } => V::isolate(w, pageblock, from, free),
        StepKind::IsolateRefused { zone: _, pageblock, unmovable } => {
            V::isolate_refused(w, pageblock, unmovable)
        }
        StepKind::Unisolate { zone: _, pageblock, to, free } => V::unisolate(w, pageblock, to, free),
        StepKind::Diverged { zone, block, predicted } => V::diverged(w, zone, block, predicted),
        StepKind::Request { .. }
        | StepKind::TryZone { .. }
        | StepKind::ListEmpty { .. }
        | StepKind::TakeHead { .. }
        | StepKind::Split { .. }
        | StepKind::Handed { .. }
        | StepKind::FallbackBegins { .. }
        | StepKind::ZoneFailed { .. }
        | StepKind::Failed { .. }
        | StepKind::FreeRequest { .. }
        | StepKind::BuddyCheck { .. }
        | StepKind::Merge { .. }
        | StepKind::PutBlock { .. }
        | StepKind::AllowFragment { .. } => unreachable!("the first lesson has them"),
        StepKind::Kmem(_)
        | StepKind::Slub { .. }
        | StepKind::Slab { .. }
        | StepKind::Vmalloc { .. }
        | StepKind::Process { .. }
        | StepKind::Mmu { .. }
        | StepKind::Hierarchy(_)
        | StepKind::Oom(_)
        | StepKind::Migrate(_)
        | StepKind::Compact(_)
        | StepKind::Cma(_)
        | StepKind::Dma(_)
        | StepKind::Segment(_)
        | StepKind::Reclaim { .. } => unreachable!("other subsystems have them"),
    }
}

/// What an op of the page allocator wants that the first lesson does not have, behind its name.
pub(super) fn op_text(lang: Lang, w: &Words, op: &Op) -> String {
    match lang {
        Lang::En => En::op_wants(w, op),
        Lang::Zh => Zh::op_wants(w, op),
    }
}

/// The sentence before the first step of an op that is one thing after the other.
pub(crate) fn begins(lang: Lang, words: &Words, moment: &Moment, first: &StepKind) -> Sentence {
    match lang {
        Lang::En => begins_in::<En>(words, moment, first),
        Lang::Zh => begins_in::<Zh>(words, moment, first),
    }
}

fn begins_in<V: Voice>(words: &Words, moment: &Moment, first: &StepKind) -> Sentence {
    fit::<V>(words, |w| match (w.op(), *first) {
        (Some((_, Op::Workload(workload))), _) => V::workload_begins(w, workload, first),
        (Some((_, Op::Free { name, .. })), StepKind::FreeRequest { block, .. }) => {
            let blocks = match moment.machine.named(*name) {
                Named::Pool { len, .. } => len,
                _ => 1,
            };
            V::pool_free_begins(w, *name, blocks, block)
        }
        _ => unreachable!("only an op of many requests or frees begins so"),
    })
}

/// The kernel's function that serves a write, and its file.
pub(super) fn handler(write: &Sysctl) -> (&'static str, &'static str) {
    let name = match write {
        Sysctl::MinFreeKbytes(_) => "min_free_kbytes_sysctl_handler",
        Sysctl::WatermarkScaleFactor(_) => "watermark_scale_factor_sysctl_handler",
        Sysctl::WatermarkBoostFactor(_) => return ("kernel/sysctl.c", "proc_dointvec_minmax"),
        Sysctl::LowmemReserveRatio(_) => "lowmem_reserve_ratio_sysctl_handler",
        Sysctl::PercpuPagelistHighFraction(_) => "percpu_pagelist_high_fraction_sysctl_handler",
        Sysctl::OvercommitMemory(_) => return ("mm/util.c", "overcommit_policy_handler"),
        Sysctl::OvercommitRatio(_) => return ("mm/util.c", "overcommit_ratio_handler"),
        Sysctl::Swappiness(_)
        | Sysctl::VfsCachePressure(_)
        | Sysctl::PageCluster(_)
        | Sysctl::ZoneReclaimMode(_) => {
            return ("kernel/sysctl.c", "proc_dointvec_minmax");
        }
        Sysctl::DirtyRatio(_) => return ("mm/page-writeback.c", "dirty_ratio_handler"),
        Sysctl::DirtyBackgroundRatio(_) => return ("mm/page-writeback.c", "dirty_background_ratio_handler"),
        Sysctl::PanicOnOom(_) | Sysctl::OomKillAllocatingTask(_) => {
            return ("mm/oom_kill.c", "vm_oom_kill_table");
        }
    };
    ("mm/page_alloc.c", name)
}

/// The file of `/proc/sys/vm` that is written, and what.
pub(crate) fn sysctl(config: &mm::Config, write: &Sysctl) -> (&'static str, String) {
    match write {
        Sysctl::MinFreeKbytes(kb) => ("min_free_kbytes", kb.to_string()),
        Sysctl::WatermarkScaleFactor(factor) => ("watermark_scale_factor", factor.to_string()),
        Sysctl::WatermarkBoostFactor(factor) => ("watermark_boost_factor", factor.to_string()),
        Sysctl::LowmemReserveRatio(ratio) => {
            let has = |kind: ZoneKind| match kind {
                ZoneKind::Dma32 | ZoneKind::Device => config.arch == Arch::X86_64,
                ZoneKind::HighMem => config.arch == Arch::I386,
                ZoneKind::Dma | ZoneKind::Normal | ZoneKind::Movable => true,
            };
            let kinds = ZoneKind::ALL.into_iter().chain([ZoneKind::Device]).filter(|kind| has(*kind));
            let each: Vec<String> = kinds.map(|kind| ratio[kind as usize].to_string()).collect();
            ("lowmem_reserve_ratio", each.join(" "))
        }
        Sysctl::PercpuPagelistHighFraction(part) => ("percpu_pagelist_high_fraction", part.to_string()),
        Sysctl::OvercommitMemory(mode) => ("overcommit_memory", mode.number().to_string()),
        Sysctl::OvercommitRatio(ratio) => ("overcommit_ratio", ratio.to_string()),
        Sysctl::Swappiness(value) => ("swappiness", value.to_string()),
        Sysctl::DirtyRatio(ratio) => ("dirty_ratio", ratio.to_string()),
        Sysctl::DirtyBackgroundRatio(ratio) => ("dirty_background_ratio", ratio.to_string()),
        Sysctl::VfsCachePressure(percent) => ("vfs_cache_pressure", percent.to_string()),
        Sysctl::PageCluster(order) => ("page-cluster", order.to_string()),
        Sysctl::ZoneReclaimMode(value) => ("zone_reclaim_mode", value.to_string()),
        Sysctl::PanicOnOom(value) => ("panic_on_oom", value.to_string()),
        Sysctl::OomKillAllocatingTask(value) => ("oom_kill_allocating_task", value.to_string()),
    }
}

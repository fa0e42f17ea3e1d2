//! Subsystems that may arrive after the machine.
//!
//! In a page the first picture should not wait for rules that its scenario never asks for. So the machine calls a
//! subsystem through a table of functions. With the feature `parts`, in wasm, somebody has to provide the table before an
//! op of that subsystem runs; everywhere else the table is simply there.

#[cfg(all(feature = "parts", target_arch = "wasm32"))]
use std::cell::Cell;
use std::rc::Rc;

use crate::cma::{self, Cma};
use crate::compaction::{CompactPriority, CompactResult, Compaction};
use crate::config::Config;
use crate::dma::{self, Dma};
use crate::gfp::GfpFlags;
use crate::machine::UnitEnd;
use crate::memblock::BootError;
use crate::mempolicy::{InArea, Placement};
use crate::migrate::Migrate;
use crate::mmzone::{ZoneId, ZoneKind};
use crate::oom_kill::machine::Progress;
use crate::op::{CmaOp, CompactOp, DmaOp, FileOp, KmemOp, NameId, Op, ProcessOp, SegmentOp};
use crate::page::Block;
use crate::page_alloc::{AllocContext, AllocFlags};
use crate::reclaim::NodeReclaim;
use crate::replay::Recorded;
use crate::slab_common::KmemTotals;
use crate::step::Trace;
use crate::units::{CpuId, Order};
use crate::x86::mmu::{MmuConfig, Mmus};
use crate::{Machine, compaction, hierarchy, oom_kill, process, reclaim, segmentation, slab_common};

type TryToFreePages = fn(&mut Machine, &mut Trace<'_>, CpuId, Order, ZoneKind, &[u8]) -> u64;
type NodeReclaimRule =
    fn(&mut Machine, &mut Trace<'_>, u8, CpuId, GfpFlags, (Order, ZoneKind)) -> NodeReclaim;
type ShouldReclaimRetry =
    fn(&mut Machine, &mut Trace<'_>, Order, ZoneKind, AllocFlags, &[ZoneId], u8) -> bool;
type PlacementRule = fn(&mut Machine, &mut Trace<'_>, GfpFlags, Order, Option<InArea>) -> Option<Placement>;
type SlowPath = fn(&mut Machine, &mut Trace<'_>, &AllocContext) -> Option<(ZoneId, Block)>;
type DirectCompact =
    fn(&mut Machine, &mut Trace<'_>, &AllocContext, AllocFlags, CompactPriority, &[ZoneId]) -> CompactResult;
type ShouldCompactRetry = fn(
    &mut Machine,
    &mut Trace<'_>,
    &AllocContext,
    AllocFlags,
    (CompactResult, CompactPriority, u32),
    &[ZoneId],
) -> Option<(CompactPriority, u32)>;
type StartFromCounts = fn(&mut Machine, &Config, &[(ZoneId, [u32; Order::COUNT])]) -> Result<(), BootError>;

/// What only a text can ask for: kernel objects and vmalloc, recorded traces, free lists that are counted.
pub struct Rules {
    /// Runs the next unit of an op.
    pub(crate) run: fn(&mut Machine, &KmemOp, &mut Trace<'_>) -> UnitEnd,
    /// Runs the next unit of giving back an object, an area or a cache.
    pub(crate) free: fn(&mut Machine, NameId, CpuId, &mut Trace<'_>) -> UnitEnd,
    /// What is to become of the bytes of a block that was just handed out.
    pub(crate) handed: fn(&mut Machine, &mut Trace<'_>, NameId, bool),
    /// The digest of all state of objects and of vmalloc.
    pub(crate) digest: fn(&slab_common::Kmem) -> u64,
    /// How much memory its slabs take, and how much of it objects use.
    pub(crate) totals: fn(&slab_common::Kmem) -> KmemTotals,
    /// Runs the next unit of what a process does.
    pub(crate) run_process: fn(&mut Machine, &ProcessOp, &mut Trace<'_>) -> UnitEnd,
    /// Runs the next unit of giving back a block of malloc.
    pub(crate) free_chunk: fn(&mut Machine, NameId, CpuId, &mut Trace<'_>) -> UnitEnd,
    /// The digest of all processes and files.
    pub(crate) digest_processes: fn(&process::Processes, &Mmus) -> u64,
    /// The digest of all caches.
    pub(crate) digest_hierarchy: fn(&hierarchy::Hierarchy) -> u64,
    /// Runs the next unit of what is done with files.
    pub(crate) run_file: fn(&mut Machine, &FileOp, &mut Trace<'_>) -> UnitEnd,
    /// Every woken daemon gets one slice.
    pub(crate) run_daemons: fn(&mut Machine, &mut Trace<'_>),
    /// The digest of all lists, daemons and areas of swap.
    pub(crate) digest_reclaim: fn(&reclaim::Reclaim) -> u64,
    /// What reclaim needs to be there.
    pub(crate) boot_reclaim: fn(&mut Machine, &Config),
    /// A task finds memory itself.
    pub(crate) try_to_free_pages: TryToFreePages,
    /// Whether another round of that makes sense.
    pub(crate) should_reclaim_retry: ShouldReclaimRetry,
    /// Some of a near node goes before a far one is asked.
    pub(crate) node_reclaim: NodeReclaimRule,
    /// kswapd of a node has something to do; whether it was asleep.
    pub(crate) kswapd_wakes: fn(&mut Machine, u8, Order, ZoneKind) -> bool,
    /// Runs what is done with segments.
    pub(crate) run_segment: fn(&mut Machine, &SegmentOp, &mut Trace<'_>) -> UnitEnd,
    /// The digest of a processor with its segments.
    pub(crate) digest_segments: fn(&segmentation::Segmentation) -> u64,
    /// Runs the next unit of what is asked of contiguous areas.
    pub(crate) run_cma: fn(&mut Machine, &CmaOp, &mut Trace<'_>) -> UnitEnd,
    /// Runs the next unit of giving back a range of frames.
    pub(crate) free_contig: fn(&mut Machine, NameId, CpuId, &mut Trace<'_>) -> UnitEnd,
    /// The digest of all contiguous areas.
    pub(crate) digest_cma: fn(&Cma) -> u64,
    /// Activates them.
    pub(crate) boot_cma: fn(&mut Machine, &Config),
    /// Whether they lie where they may.
    pub(crate) areas_are_placed: fn(&Config) -> bool,
    /// The machine as memblock sees it before they are activated.
    pub(crate) with_areas_reserved: fn(&Config) -> Config,
    /// Runs the next unit of what devices do.
    pub(crate) run_dma: fn(&mut Machine, &DmaOp, &mut Trace<'_>) -> UnitEnd,
    /// Runs the next unit of giving back a buffer of a device.
    pub(crate) free_dma: fn(&mut Machine, NameId, CpuId, &mut Trace<'_>) -> UnitEnd,
    /// The digest of all devices.
    pub(crate) digest_dma: fn(&Dma) -> u64,
    /// Their pools are there.
    pub(crate) boot_dma: fn(&mut Machine, &Config),
    /// Lays the tables of processes out for a long run.
    pub(crate) flatten_processes: fn(&mut Machine),
    /// What so many CPUs translate addresses with.
    pub(crate) mmus: fn(MmuConfig, usize) -> Rc<Mmus>,
    /// Runs the next unit of what moves pages, or keeps them where they are.
    pub(crate) run_compact: fn(&mut Machine, &CompactOp, &mut Trace<'_>) -> UnitEnd,
    /// The digest of what is pinned and has moved.
    pub(crate) digest_migrate: fn(&Migrate) -> u64,
    /// A block goes back that somebody may count on.
    pub(crate) unpin_freed: fn(&mut Machine, Block),
    /// The digest of what compaction knows.
    pub(crate) digest_compaction: fn(&Compaction) -> u64,
    /// A request compacts zones; how it ended.
    pub(crate) direct_compact: DirectCompact,
    /// Whether it got what it wanted then.
    pub(crate) compact_served: fn(&mut Machine, &mut Trace<'_>, Option<ZoneId>, Order),
    /// Whether compacting once more makes sense.
    pub(crate) should_compact_retry: ShouldCompactRetry,
    /// Every kcompactd that is awake gets one slice.
    pub(crate) run_kcompactd: fn(&mut Machine, &mut Trace<'_>),
    /// Somebody is killed, or nobody: what comes of a request that nothing else has helped.
    pub(crate) out_of_memory: fn(&mut Machine, &mut Trace<'_>, &AllocContext) -> Progress,
    /// An op is done, but not those who were killed meanwhile.
    pub(crate) op_waits: fn(&mut Machine),
    /// Runs a unit of whoever was killed and is not gone yet.
    pub(crate) victims_turn: fn(&mut Machine, &Op, &mut Trace<'_>) -> UnitEnd,
    /// What policies and cpusets make of a request.
    pub(crate) placement: PlacementRule,
    /// When no zone stands above its low mark.
    pub(crate) alloc_pages_slowpath: SlowPath,
    /// What is done to the page allocator itself.
    pub(crate) run_setting: fn(&mut Machine, &Op, &mut Trace<'_>),
    /// Follows what a real kernel did.
    pub(crate) replay: fn(&mut Machine, &mut Trace<'_>, &Recorded),
    /// Lays out free lists that are only counted.
    pub(crate) start_from_counts: StartFromCounts,
}

/// The table, for whoever provides it.
pub const RULES: Rules = Rules {
    run: slab_common::machine::run,
    free: slab_common::machine::free,
    handed: Machine::handed,
    digest: slab_common::Kmem::digest_of,
    totals: slab_common::Kmem::totals,
    run_process: process::machine::run,
    free_chunk: process::machine::free_chunk,
    digest_processes: process::Processes::digest_of,
    digest_hierarchy: hierarchy::Hierarchy::digest_of,
    run_file: reclaim::run,
    run_daemons: Machine::run_daemons,
    digest_reclaim: reclaim::Reclaim::digest_of,
    boot_reclaim: Machine::boot_reclaim,
    try_to_free_pages: Machine::try_to_free_pages,
    should_reclaim_retry: Machine::should_reclaim_retry,
    node_reclaim: Machine::node_reclaim,
    kswapd_wakes: Machine::kswapd_wakes,
    run_segment: segmentation::machine::run,
    digest_segments: segmentation::Segmentation::digest_of,
    run_cma: cma::machine::run,
    free_contig: cma::machine::free,
    digest_cma: Cma::digest_of,
    boot_cma: cma::machine::boot,
    areas_are_placed: cma::place::are_placed,
    with_areas_reserved: cma::place::with_areas_reserved,
    run_dma: dma::machine::run,
    free_dma: dma::machine::free,
    digest_dma: Dma::digest_of,
    boot_dma: dma::machine::boot,
    flatten_processes: Machine::flatten_processes,
    mmus: |config, cpus| Rc::new(Mmus::new(config, cpus)),
    run_compact: compaction::run,
    digest_migrate: Migrate::digest_of,
    unpin_freed: Machine::unpin_freed,
    digest_compaction: Compaction::digest_of,
    direct_compact: Machine::direct_compact,
    compact_served: Machine::compact_served,
    should_compact_retry: Machine::should_compact_retry,
    run_kcompactd: Machine::run_kcompactd,
    out_of_memory: oom_kill::machine::out_of_memory,
    op_waits: |machine| Rc::make_mut(&mut machine.processes).oom.op_done = true,
    victims_turn: oom_kill::machine::victims_turn,
    placement: Machine::placement,
    alloc_pages_slowpath: Machine::alloc_pages_slowpath,
    run_setting: Machine::run_setting,
    replay: Machine::replay,
    start_from_counts: Machine::start_from_counts,
};

#[cfg(all(feature = "parts", target_arch = "wasm32"))]
thread_local! {
    static PROVIDED: Cell<Option<&'static Rules>> = const { Cell::new(None) };
}

/// These rules can be asked from now on. The table is handed in, so that nothing here refers to what is in it.
#[cfg(all(feature = "parts", target_arch = "wasm32"))]
pub fn provide(table: &'static Rules) {
    PROVIDED.set(Some(table));
}

/// # Panics
/// When nobody has provided it.
#[cfg(all(feature = "parts", target_arch = "wasm32"))]
pub(crate) fn rules() -> &'static Rules {
    PROVIDED.get().expect("what a text asks for runs only when the rules of texts are there")
}

#[cfg(not(all(feature = "parts", target_arch = "wasm32")))]
pub(crate) fn rules() -> &'static Rules {
    &RULES
}

//! The pictures that a moment can be shown as.

use mm::Op;
use mm::oom_kill::{OomRules, TaskArgs};
use mm::op::{KmemOp, ProcessOp, Sysctl};
use mm::slab_common::KMALLOC_MAX_CACHE_SIZE;
use scenario::Scenario;

/// Which picture is on the stage: decides which facts its text twin tells first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Stage {
    /// The free lists as aligned shelves, one for each order.
    #[default]
    Pyramid,
    /// Every frame of memory as a small square.
    FrameMap,
    /// What each CPU keeps for itself.
    PerCpu,
    /// The zones as tanks: how much is free, and how deep a request may go.
    Zones,
    /// The pageblocks as tiles: their types, and what they are filled with.
    Pageblocks,
    /// How well a request of each order would do in each zone.
    Fragmentation,
    /// A cache, its slabs and their objects.
    Objects,
    /// The addresses of vmalloc, and the frames behind them.
    Vmalloc,
    /// What processes were promised, what they have got of it, and how a page fault goes.
    Faults,
    /// How an address of a process becomes a place in memory: TLBs and page tables.
    Walk,
    /// The caches, memory and the disk as a staircase, and what is in them.
    Hierarchy,
    /// Who is killed when memory has run out.
    Oom,
    /// Segments: how an address gets to memory.
    Segmentation,
    /// The nodes: how far they are, who has their memory, and where a request looks.
    Nodes,
    /// Memory that runs short: the lists of pages, who takes from them, swap and files.
    Reclaim,
    /// Pages that move together, so that large free blocks come about.
    Compaction,
    /// Contiguous areas: who is lent their pages, and who has to leave.
    Cma,
    /// Memory for devices: four ways to it.
    Dma,
    /// Huge pages: addresses in rows of 2 MiB, memory in blocks of 2 MiB, and the pool.
    Huge,
}

impl Stage {
    /// All of them, in the order of the tabs.
    pub const ALL: [Stage; 19] = [
        Stage::Pyramid,
        Stage::FrameMap,
        Stage::PerCpu,
        Stage::Zones,
        Stage::Pageblocks,
        Stage::Fragmentation,
        Stage::Objects,
        Stage::Vmalloc,
        Stage::Faults,
        Stage::Walk,
        Stage::Hierarchy,
        Stage::Oom,
        Stage::Segmentation,
        Stage::Reclaim,
        Stage::Nodes,
        Stage::Compaction,
        Stage::Cma,
        Stage::Dma,
        Stage::Huge,
    ];

    /// Its place among [`Stage::ALL`].
    #[must_use]
    pub fn place(self) -> usize {
        Stage::ALL.iter().position(|stage| *stage == self).unwrap_or(0)
    }

    /// The one behind it, and the first behind the last.
    #[must_use]
    pub fn next(self) -> Stage {
        Stage::ALL[(self.place() + 1) % Stage::ALL.len()]
    }

    /// The picture that a scenario opens with, when this one is on the stage: one that shows what its ops are about.
    #[must_use]
    pub fn opens(self, scenario: &Scenario) -> Stage {
        let is_area = |op: &KmemOp| matches!(op, KmemOp::Vmalloc { .. } | KmemOp::Kvmalloc { .. });
        let is_object = |op: &KmemOp| match *op {
            KmemOp::Kmalloc { bytes, .. } => bytes <= KMALLOC_MAX_CACHE_SIZE,
            _ => !is_area(op),
        };
        let kmem =
            || scenario.ops.iter().filter_map(|op| if let Op::Kmem(op) = &op.op { Some(op) } else { None });
        let has_process = || scenario.ops.iter().any(|op| matches!(op.op, Op::Process(_)));
        let scans = || scenario.ops.iter().any(|op| matches!(op.op, Op::Process(ProcessOp::Scan { .. })));
        // What it says of killing is what it is about.
        let says = |op: &scenario::ScenarioOp| match op.op {
            Op::Process(ProcessOp::Oom(_)) => true,
            Op::Process(ProcessOp::Exec { task, .. }) => task != TaskArgs::default(),
            Op::Sysctl(Sysctl::PanicOnOom(_) | Sysctl::OomKillAllocatingTask(_)) => true,
            _ => false,
        };
        let of_config = scenario.config.oom_rules != OomRules::default() || scenario.config.lowmem.is_some();
        // (A cpuset is about nodes, even where somebody is killed.)
        let has_cpuset = || scenario.ops.iter().any(|op| matches!(op.op, Op::Process(ProcessOp::Cpuset(_))));
        let kills = || (of_config || scenario.ops.iter().any(says)) && !has_cpuset();
        let is_segment = |op: &scenario::ScenarioOp| matches!(op.op, Op::Segment(_));
        let shows = if scenario.ops.iter().any(is_segment) {
            Some(Stage::Segmentation)
        } else if scenario.ops.iter().any(|op| matches!(op.op, Op::Dma(_))) {
            Some(Stage::Dma)
        } else if scenario.ops.iter().any(|op| matches!(op.op, Op::Cma(_))) {
            Some(Stage::Cma)
        } else if kills() {
            Some(Stage::Oom)
        } else if crate::huge::is_about(scenario) {
            Some(Stage::Huge)
        } else if crate::compaction::is_about(scenario) {
            Some(Stage::Compaction)
        } else if scenario.config.nodes() > 1 {
            Some(Stage::Nodes)
        } else if scenario.config.reclaim.is_some() {
            Some(Stage::Reclaim)
        } else if scans() {
            Some(Stage::Hierarchy)
        } else if kmem().any(is_object) {
            Some(Stage::Objects)
        } else if kmem().any(is_area) {
            Some(Stage::Vmalloc)
        } else {
            let of_process = if scenario.config.mmu.is_some() { Stage::Walk } else { Stage::Faults };
            kmem().next().map(|_| Stage::Objects).or_else(|| has_process().then_some(of_process))
        };
        match (self, shows) {
            (
                Stage::Pyramid
                | Stage::Objects
                | Stage::Vmalloc
                | Stage::Faults
                | Stage::Walk
                | Stage::Hierarchy
                | Stage::Oom
                | Stage::Segmentation
                | Stage::Nodes
                | Stage::Reclaim
                | Stage::Compaction
                | Stage::Cma
                | Stage::Dma
                | Stage::Huge,
                Some(shows),
            ) => shows,
            (
                Stage::Objects
                | Stage::Vmalloc
                | Stage::Faults
                | Stage::Walk
                | Stage::Hierarchy
                | Stage::Oom
                | Stage::Segmentation
                | Stage::Nodes
                | Stage::Reclaim
                | Stage::Compaction
                | Stage::Cma
                | Stage::Dma
                | Stage::Huge,
                None,
            ) => Stage::Pyramid,
            (now, _) => now,
        }
    }
}

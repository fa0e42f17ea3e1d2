//! What can be asked of the machine: one op is one thing a person would say.

pub use crate::cma::CmaOp;
pub use crate::compaction::CompactOp;
pub use crate::dma::DmaOp;
use crate::gfp::GfpFlags;
use crate::mmzone::ZoneKind;
use crate::page::MigrateType;
pub use crate::process::ProcessOp;
pub use crate::reclaim::FileOp;
use crate::replay::Recorded;
pub use crate::segmentation::SegmentOp;
use crate::slab_common::{CacheArgs, KmallocType};
use crate::units::{CpuId, Order, Pfn};
use crate::util::Overcommit;

/// A name of the scenario (`a`, `buf`, `b[3]`), as a number: steps hold no words.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct NameId(pub u32);

/// What a page is used for; decides its colour and, for [`PageKind::Anon`] and [`PageKind::File`], that it is on
/// an LRU list and so counts as movable when a pageblock is claimed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
#[repr(u8)]
pub enum PageKind {
    /// In use, and nothing more is known (the rest of a real machine's dump).
    Unknown,
    /// Kernel memory that cannot move.
    Unmovable,
    /// Movable, but on no LRU list: a driver's or a test's `__GFP_MOVABLE` page.
    Movable,
    /// Kernel memory that can be given back.
    Reclaimable,
    /// Anonymous memory of a process.
    Anon,
    /// A page of the page cache.
    File,
    /// Cut into objects by SLUB or SLAB, or handed out whole by `kmalloc()`.
    Slab,
    /// Mapped by vmalloc.
    Vmalloc,
    /// A table of page-table entries.
    PageTable,
}

impl PageKind {
    /// The kinds that a scenario can ask for.
    pub const ASKABLE: [PageKind; 5] =
        [PageKind::Unmovable, PageKind::Movable, PageKind::Reclaimable, PageKind::Anon, PageKind::File];

    /// The flags that such a request usually carries: `GFP_KERNEL` for the kernel's own memory,
    /// `GFP_HIGHUSER_MOVABLE` for that of processes.
    #[must_use]
    pub fn usual_flags(self) -> GfpFlags {
        match self {
            PageKind::Unknown
            | PageKind::Unmovable
            | PageKind::Slab
            | PageKind::Vmalloc
            | PageKind::PageTable => GfpFlags::GFP_KERNEL,
            PageKind::Movable => GfpFlags::GFP_KERNEL | GfpFlags::MOVABLE,
            PageKind::Reclaimable => GfpFlags::GFP_KERNEL | GfpFlags::RECLAIMABLE,
            PageKind::Anon | PageKind::File => GfpFlags::GFP_HIGHUSER_MOVABLE,
        }
    }

    /// What the pages of a request are for, as far as its flags tell. Pages of processes and of the page cache are
    /// movable and compound (`folio_alloc()`); they go to an LRU list. Those of hugetlb never fall back and do not.
    #[must_use]
    pub fn of_flags(gfp: GfpFlags) -> PageKind {
        let of_hugetlb = GfpFlags::THISNODE | GfpFlags::COMP | GfpFlags::RETRY_MAYFAIL;
        match gfp.migratetype() {
            MigrateType::Movable if gfp.contains(of_hugetlb) => PageKind::Movable,
            MigrateType::Movable if gfp.contains(GfpFlags::COMP) => PageKind::Anon,
            MigrateType::Movable => PageKind::Movable,
            MigrateType::Reclaimable => PageKind::Reclaimable,
            _ => PageKind::Unmovable,
        }
    }

    /// Whether such pages can be moved elsewhere, so that a pageblock of them can be isolated: those on an LRU list,
    /// and a driver's movable ones. Of unknown pages nothing is known, so they cannot.
    #[must_use]
    pub fn migrates(self) -> bool {
        self.is_lru() || self == PageKind::Movable
    }

    /// Whether such pages are on an LRU list (`PageLRU`).
    #[must_use]
    pub fn is_lru(self) -> bool {
        matches!(self, PageKind::Anon | PageKind::File)
    }
}

/// What a request says besides its size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gfp {
    /// What the pages are for.
    pub kind: PageKind,
    /// `gfp_t`
    pub flags: GfpFlags,
}

impl Gfp {
    /// Pages of this kind with their usual flags; from this zone and below, if one is given.
    #[must_use]
    pub fn of(kind: PageKind, zone: Option<ZoneKind>) -> Gfp {
        let usual = kind.usual_flags();
        let flags = match zone {
            None => usual,
            Some(zone) => {
                let of_zone = match zone {
                    ZoneKind::Dma => GfpFlags::DMA,
                    ZoneKind::Dma32 => GfpFlags::DMA32,
                    ZoneKind::Normal => GfpFlags::NONE,
                    // With the movable bit it is the Movable zone (`gfp_zone()`).
                    ZoneKind::HighMem | ZoneKind::Movable | ZoneKind::Device => GfpFlags::HIGHMEM,
                };
                usual & !GfpFlags::HIGHMEM | of_zone
            }
        };
        Gfp { kind, flags }
    }
}

/// A write to a file of `/proc/sys/vm`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sysctl {
    /// `min_free_kbytes`, in KiB.
    MinFreeKbytes(u32),
    /// `watermark_scale_factor`, in ten-thousandths. 1 to 3000.
    WatermarkScaleFactor(u32),
    /// `watermark_boost_factor`, in ten-thousandths; 0 is off.
    WatermarkBoostFactor(u32),
    /// `lowmem_reserve_ratio`, by [`ZoneKind`].
    LowmemReserveRatio([u32; ZoneKind::COUNT]),
    /// `percpu_pagelist_high_fraction`: 0, or 8 and more.
    PercpuPagelistHighFraction(u32),
    /// `overcommit_memory`
    OvercommitMemory(Overcommit),
    /// `overcommit_ratio`, per cent.
    OvercommitRatio(u32),
    /// `swappiness`, 0 to 200.
    Swappiness(u8),
    /// `dirty_ratio`, per cent.
    DirtyRatio(u8),
    /// `dirty_background_ratio`, per cent.
    DirtyBackgroundRatio(u8),
    /// `page-cluster`, 0 to 5.
    PageCluster(u8),
    /// `zone_reclaim_mode`, 0 to 7.
    ZoneReclaimMode(u8),
    /// `vfs_cache_pressure`, per cent: how much of what nobody uses a shrinker sees.
    VfsCachePressure(u32),
    /// `panic_on_oom`: 0, 1 or 2.
    PanicOnOom(u32),
    /// `oom_kill_allocating_task`: 0 is off.
    OomKillAllocatingTask(u32),
}

/// A seeded random workload: `actions` times, allocate or free a block of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Workload {
    /// The name of its pool of blocks.
    pub name: NameId,
    /// How many actions, at most [`crate::limits::MAX_WORKLOAD_ACTIONS`].
    pub actions: u32,
    /// The smallest and the largest order it asks for, evenly drawn.
    pub orders: (Order, Order),
    /// How often each of [`PageKind::ASKABLE`] is asked for, as weights.
    pub weights: [u8; 5],
    /// Of a hundred actions, this many free a block (when the pool has one). 0 to 100.
    pub free_percent: u8,
    /// The highest zone that may serve it; none: as each kind usually has it.
    pub zone: Option<ZoneKind>,
    /// The CPU it runs on.
    pub cpu: CpuId,
}

/// One thing a person would say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Op {
    /// `name = alloc order=… …`
    Alloc {
        /// What the block is called from now on.
        name: NameId,
        /// Its size. Larger than [`Order::MAX`] is a request that the kernel refuses, so it is a plain number here.
        order: u8,
        /// The rest of the request.
        gfp: Gfp,
        /// The CPU that asks.
        cpu: CpuId,
    },
    /// `free name`: one block, or what is left of a workload's pool.
    Free {
        /// What to free.
        name: NameId,
        /// The CPU that frees it.
        cpu: CpuId,
    },
    /// `name = workload …`
    Workload(Workload),
    /// `isolate 0x8000`: the pageblock of a frame is taken out of use.
    Isolate(Pfn),
    /// `unisolate 0x8000 Movable`: it is given back.
    Unisolate(Pfn, MigrateType),
    /// `drain`: every CPU gives its pages back (`drain_all_pages()`).
    Drain,
    /// `sysctl vm.… = …`
    Sysctl(Sysctl),
    /// What a real kernel did, as its trace tells.
    Recorded(Recorded),
    /// Kernel objects and vmalloc.
    Kmem(KmemOp),
    /// Processes and their memory.
    Process(ProcessOp),
    /// Segments, and how an address gets to memory.
    Segment(SegmentOp),
    /// Files that are read and written, and time that passes.
    File(FileOp),
    /// Contiguous memory areas, and ranges of frames.
    Cma(CmaOp),
    /// Devices and their buffers.
    Dma(DmaOp),
    /// Pages that move together, or may not.
    Compact(CompactOp),
}

/// What kernel code asks of SLUB or SLAB and of vmalloc.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KmemOp {
    /// `name = kmem_cache_create size=…`
    CacheCreate {
        /// What the cache is called.
        name: NameId,
        /// Its objects.
        args: CacheArgs,
        /// Whether an older cache may serve instead (not `slab_nomerge`).
        merge: bool,
    },
    /// `name = kmem_cache_alloc cache`, or `kmem_cache_zalloc`
    CacheAlloc {
        /// What the object is called.
        name: NameId,
        /// Of which cache.
        cache: NameId,
        /// Whether it is filled with zeros.
        zero: bool,
        /// The CPU that asks.
        cpu: CpuId,
    },
    /// `register_shrinker cache`: what nobody uses of a cache may be taken away.
    RegisterShrinker {
        /// Which cache.
        cache: NameId,
        /// What it costs to have an object again (`shrinker->seeks`).
        seeks: u8,
    },
    /// `list_lru_add name`, or `list_lru_del`: nobody uses an object any more, or somebody does again.
    ListLru {
        /// Which object.
        name: NameId,
        /// Whether it is added.
        unused: bool,
    },
    /// `kmem_cache_shrink cache`
    CacheShrink {
        /// Which cache.
        cache: NameId,
    },
    /// `kmem_cache_destroy cache`
    CacheDestroy {
        /// Which cache.
        cache: NameId,
    },
    /// `name = kmalloc 40`, or `kzalloc`
    Kmalloc {
        /// What the object is called.
        name: NameId,
        /// Bytes.
        bytes: u32,
        /// The kind of cache.
        ty: KmallocType,
        /// Whether it is filled with zeros.
        zero: bool,
        /// The CPU that asks.
        cpu: CpuId,
    },
    /// `name = vmalloc 64K`, or `vzalloc`
    Vmalloc {
        /// What the area is called.
        name: NameId,
        /// Bytes.
        bytes: u64,
        /// Whether it is filled with zeros.
        zero: bool,
        /// The CPU that asks.
        cpu: CpuId,
    },
    /// `name = kvmalloc 64K`: in one piece if that is easy, else in pages.
    Kvmalloc {
        /// What it is called.
        name: NameId,
        /// Bytes.
        bytes: u32,
        /// The CPU that asks.
        cpu: CpuId,
    },
    /// `reap`: the two seconds of SLAB's reaper are over on a CPU.
    Reap {
        /// Which CPU.
        cpu: CpuId,
    },
    /// `touch name`: a CPU reads a word of an object.
    Touch {
        /// Which object.
        name: NameId,
        /// Where in it, in bytes.
        offset: u32,
        /// Which CPU.
        cpu: CpuId,
    },
}

impl KmemOp {
    fn cpu(&self) -> Option<CpuId> {
        match *self {
            KmemOp::CacheAlloc { cpu, .. }
            | KmemOp::Kmalloc { cpu, .. }
            | KmemOp::Vmalloc { cpu, .. }
            | KmemOp::Kvmalloc { cpu, .. }
            | KmemOp::Reap { cpu }
            | KmemOp::Touch { cpu, .. } => Some(cpu),
            KmemOp::CacheCreate { .. }
            | KmemOp::RegisterShrinker { .. }
            | KmemOp::ListLru { .. }
            | KmemOp::CacheShrink { .. }
            | KmemOp::CacheDestroy { .. } => None,
        }
    }

    fn name(&self) -> Option<NameId> {
        match *self {
            KmemOp::CacheCreate { name, .. }
            | KmemOp::CacheAlloc { name, .. }
            | KmemOp::Kmalloc { name, .. }
            | KmemOp::Vmalloc { name, .. }
            | KmemOp::Kvmalloc { name, .. } => Some(name),
            KmemOp::CacheDestroy { cache } => Some(cache),
            KmemOp::RegisterShrinker { .. }
            | KmemOp::ListLru { .. }
            | KmemOp::CacheShrink { .. }
            | KmemOp::Reap { .. }
            | KmemOp::Touch { .. } => None,
        }
    }
}

impl Op {
    /// The CPU it runs on; none when it is about all of them, or about none.
    #[must_use]
    pub fn cpu(&self) -> Option<CpuId> {
        match self {
            Op::Alloc { cpu, .. }
            | Op::Free { cpu, .. }
            | Op::Workload(Workload { cpu, .. })
            | Op::Recorded(
                Recorded::Alloc { cpu, .. } | Recorded::Refill { cpu, .. } | Recorded::Free { cpu, .. },
            ) => Some(*cpu),
            Op::Kmem(op) => op.cpu(),
            Op::Process(op) => op.cpu(),
            Op::Cma(op) => Some(op.cpu()),
            Op::Dma(op) => op.cpu(),
            Op::File(FileOp::Read { cpu, .. } | FileOp::Write { cpu, .. })
            | Op::Compact(CompactOp::MovePages { cpu, .. } | CompactOp::CompactMemory { cpu }) => Some(*cpu),
            Op::Isolate(_)
            | Op::Unisolate(..)
            | Op::Drain
            | Op::Sysctl(_)
            | Op::Recorded(Recorded::Drain { .. })
            | Op::File(_)
            | Op::Compact(_)
            | Op::Segment(_) => None,
        }
    }

    /// The name it gives or takes away.
    #[must_use]
    pub fn name(&self) -> Option<NameId> {
        match self {
            Op::Alloc { name, .. } | Op::Free { name, .. } | Op::Workload(Workload { name, .. }) => {
                Some(*name)
            }
            Op::Kmem(op) => op.name(),
            Op::Process(op) => op.name(),
            Op::Cma(op) => Some(op.name()),
            Op::Dma(op) => Some(op.name()),
            Op::File(FileOp::Group { name, .. }) => Some(*name),
            Op::Isolate(_)
            | Op::Unisolate(..)
            | Op::Drain
            | Op::Sysctl(_)
            | Op::Recorded(_)
            | Op::File(_)
            | Op::Compact(_)
            | Op::Segment(_) => None,
        }
    }
}

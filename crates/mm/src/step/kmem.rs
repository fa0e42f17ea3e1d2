//! Steps of the allocators of kernel objects and of vmalloc: which function each happens in, what it is to a timeline, and
//! which block it speaks of.

use super::{Func, StepClass};
use crate::cache::Access;
use crate::op::NameId;
use crate::page::Block;
use crate::process::Window;
use crate::slab::SlabStep;
use crate::slub::{Object, SlubStep};
use crate::units::{CpuId, Order, PAGE_SIZE, Pfn};
use crate::vmalloc::VmallocStep;

/// What SLUB and SLAB have in common (mm/slab_common.c).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KmemStep {
    /// A cache was created, and has no slab yet.
    Created {
        /// Which.
        cache: NameId,
    },
    /// An old cache serves under one more name.
    Merged {
        /// The new name.
        name: NameId,
        /// The cache.
        with: NameId,
    },
    /// No block is large enough for one such object.
    NotCreated {
        /// What it would have been called.
        name: NameId,
    },
    /// The smallest cache of `kmalloc()` whose objects are large enough (`kmalloc_slab()`).
    SizeClass {
        /// What the object will be called.
        name: NameId,
        /// Bytes that are wanted.
        bytes: u32,
        /// The cache.
        cache: NameId,
        /// Bytes of its objects.
        size: u32,
    },
    /// No cache has objects as large: a block straight from the buddy system (`kmalloc_large()`).
    Large {
        /// What the block will be called.
        name: NameId,
        /// Bytes that are wanted.
        bytes: u32,
        /// The order that has room for them.
        order: Order,
    },
    /// `kmalloc(0)`: an address that may not be used.
    ZeroSize {
        /// What it would have been called.
        name: NameId,
    },
    /// More than the largest block.
    TooLarge {
        /// What it would have been called.
        name: NameId,
        /// Bytes that are wanted.
        bytes: u32,
    },
    /// The object goes to the caller.
    Handed {
        /// What it is called.
        name: NameId,
        /// The cache.
        cache: NameId,
        /// Which object.
        object: Object,
        /// It was filled with zeros.
        zeroed: bool,
        /// It is as its constructor left it, or its last owner.
        constructed: bool,
    },
    /// There is no object: the caller gets NULL.
    NoObject {
        /// What it would have been called.
        name: NameId,
        /// The cache.
        cache: NameId,
    },
    /// An object comes back.
    FreeObject {
        /// What it was called.
        name: NameId,
        /// The cache.
        cache: NameId,
        /// Which object.
        object: Object,
    },
    /// Everything that CPUs keep is taken from them, and what is empty given back.
    Shrinks {
        /// Which cache.
        cache: NameId,
    },
    /// So many slabs are left.
    Shrunk {
        /// Of which cache.
        cache: NameId,
        /// Slabs.
        slabs: u32,
    },
    /// One of several names of a cache is gone.
    Unaliased {
        /// The name.
        name: NameId,
        /// The cache.
        with: NameId,
    },
    /// A cache with objects in use cannot go.
    StillInUse {
        /// Which.
        cache: NameId,
        /// Objects that somebody has.
        objects: u32,
    },
    /// The cache is gone.
    Destroyed {
        /// Which.
        cache: NameId,
    },
    /// The reaper of SLAB looks through all caches on a CPU.
    Reaps {
        /// Which CPU.
        cpu: CpuId,
    },
    /// A CPU read a word.
    Touched {
        /// Of which object.
        name: NameId,
        /// Its physical address.
        address: u64,
        /// Which CPU.
        cpu: CpuId,
        /// What it met in the level-1 cache.
        access: Access,
    },
    /// What was handed out has bytes that its last owner left.
    Holds {
        /// What it is called.
        name: NameId,
        /// What lies there.
        holds: Window,
    },
    /// Bytes became the same (`memset()`).
    Filled {
        /// Of which object or block.
        name: NameId,
        /// The physical address of the first.
        address: u64,
        /// How many.
        bytes: u64,
        /// What they are.
        value: u8,
    },
    /// What nobody uses of a cache may be taken away from now on.
    Shrinker {
        /// Of which cache.
        cache: NameId,
        /// What it costs to have an object again.
        seeks: u8,
    },
    /// An object is used no more, or again.
    Unused {
        /// Which object.
        name: NameId,
        /// Its cache.
        cache: NameId,
        /// Whether nobody uses it.
        unused: bool,
        /// Objects of the cache that nobody uses now.
        left: u32,
    },
    /// Nobody uses an object, and nobody takes it away: its cache has no shrinker.
    NoShrinker {
        /// Which object.
        name: NameId,
        /// Its cache.
        cache: NameId,
    },
    /// How many objects a shrinker is to look at.
    ShrinkerCount {
        /// Of which cache.
        cache: NameId,
        /// In which node.
        node: u8,
        /// How urgent it is, 12 to 0.
        priority: u8,
        /// Objects that it sees, those it looks at now, and those that are left for later.
        counts: [u32; 3],
    },
    /// An object was looked up since it came to the list: it goes to the end once more.
    Spared {
        /// Which object.
        name: NameId,
        /// Its cache.
        cache: NameId,
    },
    /// A shrinker is done.
    ShrinkerDone {
        /// Of which cache.
        cache: NameId,
        /// Objects that went, those that were spared, and pages that came back with them.
        counts: [u32; 3],
    },
    /// All unused objects were thrown away by hand.
    SlabDropped {
        /// Objects, and pages that came back with them.
        counts: [u32; 2],
    },
    /// Somebody looked at bytes.
    Dumped {
        /// Of which object or block.
        name: NameId,
        /// The physical address of the first.
        address: u64,
        /// How many.
        bytes: u64,
        /// What lies there.
        holds: Window,
    },
}

impl KmemStep {
    pub(super) fn class(&self) -> StepClass {
        match self {
            KmemStep::Created { .. }
            | KmemStep::Merged { .. }
            | KmemStep::SizeClass { .. }
            | KmemStep::Large { .. }
            | KmemStep::Shrinks { .. }
            | KmemStep::Shrunk { .. }
            | KmemStep::Reaps { .. }
            | KmemStep::Holds { .. }
            | KmemStep::Filled { .. }
            | KmemStep::Dumped { .. }
            | KmemStep::Shrinker { .. }
            | KmemStep::Unused { .. }
            | KmemStep::NoShrinker { .. }
            | KmemStep::ShrinkerCount { .. }
            | KmemStep::Spared { .. }
            | KmemStep::Touched { access: Access::Hit { .. }, .. } => StepClass::Look,
            // A miss brings a line in.
            KmemStep::Handed { .. } | KmemStep::Touched { access: Access::Miss { .. }, .. } => {
                StepClass::Alloc
            }
            KmemStep::FreeObject { .. }
            | KmemStep::Unaliased { .. }
            | KmemStep::ShrinkerDone { .. }
            | KmemStep::SlabDropped { .. }
            | KmemStep::Destroyed { .. } => StepClass::Free,
            KmemStep::NotCreated { .. }
            | KmemStep::ZeroSize { .. }
            | KmemStep::TooLarge { .. }
            | KmemStep::NoObject { .. }
            | KmemStep::StillInUse { .. } => StepClass::Fail,
        }
    }

    /// The first frame of the slab or page that it speaks of.
    pub(super) fn page(&self) -> Option<Pfn> {
        match *self {
            KmemStep::Handed { object, .. } | KmemStep::FreeObject { object, .. } => Some(object.slab),
            KmemStep::Filled { address, .. } | KmemStep::Dumped { address, .. } => {
                Some(Pfn((address / PAGE_SIZE) as u32))
            }
            _ => None,
        }
    }

    pub(super) fn code(&self) -> u8 {
        match self {
            KmemStep::Created { .. } => 40,
            KmemStep::Merged { .. } => 41,
            KmemStep::NotCreated { .. } => 42,
            KmemStep::SizeClass { .. } => 43,
            KmemStep::Large { .. } => 44,
            KmemStep::ZeroSize { .. } => 45,
            KmemStep::TooLarge { .. } => 46,
            KmemStep::Handed { .. } => 47,
            KmemStep::NoObject { .. } => 48,
            KmemStep::FreeObject { .. } => 49,
            KmemStep::Shrinks { .. } => 50,
            KmemStep::Shrunk { .. } => 51,
            KmemStep::Unaliased { .. } => 52,
            KmemStep::StillInUse { .. } => 53,
            KmemStep::Destroyed { .. } => 54,
            KmemStep::Reaps { .. } => 55,
            KmemStep::Touched { .. } => 56,
            KmemStep::Holds { .. } => 114,
            KmemStep::Filled { .. } => 115,
            KmemStep::Dumped { .. } => 116,
            // (A link has eight bits for it, and all numbers are taken: those that are most alike share one.)
            KmemStep::Shrinker { .. } => 40,
            KmemStep::Unused { .. } => 56,
            KmemStep::NoShrinker { .. } => 56,
            KmemStep::ShrinkerCount { .. } => 50,
            KmemStep::Spared { .. } => 50,
            KmemStep::ShrinkerDone { .. } => 51,
            KmemStep::SlabDropped { .. } => 51,
        }
    }
}

impl SlubStep {
    /// The function of mm/slub.c (6.1) that it happens in.
    pub(crate) fn func(&self) -> Func {
        match self {
            SlubStep::FastAlloc(_) => Func::SlabAllocNode,
            SlubStep::TakesRemoteFrees { .. } | SlubStep::LetsFullSlabGo { .. } => Func::GetFreelist,
            SlubStep::TakesCpuPartial { .. } => Func::SlabAllocSlow,
            SlubStep::TakesNodePartial { .. } | SlubStep::TakesOneMore { .. } => Func::GetPartialNode,
            SlubStep::NewSlab { .. } => Func::NewSlab,
            SlubStep::NoSlab => Func::SlabOutOfMemory,
            SlubStep::FastFree(_) => Func::DoSlabFree,
            SlubStep::SlowFree { .. } | SlubStep::KeepsEmpty { .. } => Func::SlabFreeSlow,
            SlubStep::ToCpuPartial { .. } => Func::PutCpuPartial,
            SlubStep::CpuPartialIsFull { .. } => Func::UnfreezePartials,
            SlubStep::ToNodePartial { .. } => Func::AddPartial,
            SlubStep::StaysFull { .. } => Func::DeactivateSlab,
            SlubStep::Discards { .. } => Func::DiscardSlab,
        }
    }

    pub(super) fn class(&self) -> StepClass {
        match self {
            SlubStep::LetsFullSlabGo { .. } | SlubStep::KeepsEmpty { .. } | SlubStep::StaysFull { .. } => {
                StepClass::Look
            }
            SlubStep::FastAlloc(_)
            | SlubStep::TakesRemoteFrees { .. }
            | SlubStep::TakesCpuPartial { .. }
            | SlubStep::TakesNodePartial { .. }
            | SlubStep::TakesOneMore { .. }
            | SlubStep::NewSlab { .. } => StepClass::Alloc,
            SlubStep::FastFree(_)
            | SlubStep::SlowFree { .. }
            | SlubStep::ToCpuPartial { .. }
            | SlubStep::CpuPartialIsFull { .. }
            | SlubStep::ToNodePartial { .. }
            | SlubStep::Discards { .. } => StepClass::Free,
            SlubStep::NoSlab => StepClass::Fail,
        }
    }

    /// The first frame of the slab that it speaks of.
    #[must_use]
    pub fn slab(&self) -> Option<Pfn> {
        match *self {
            SlubStep::FastAlloc(object) | SlubStep::FastFree(object) | SlubStep::SlowFree { object, .. } => {
                Some(object.slab)
            }
            SlubStep::TakesRemoteFrees { slab, .. }
            | SlubStep::LetsFullSlabGo { slab }
            | SlubStep::TakesCpuPartial { slab }
            | SlubStep::TakesNodePartial { slab, .. }
            | SlubStep::TakesOneMore { slab }
            | SlubStep::NewSlab { slab, .. }
            | SlubStep::ToCpuPartial { slab }
            | SlubStep::ToNodePartial { slab, .. }
            | SlubStep::StaysFull { slab }
            | SlubStep::Discards { slab }
            | SlubStep::KeepsEmpty { slab } => Some(slab),
            SlubStep::NoSlab | SlubStep::CpuPartialIsFull { .. } => None,
        }
    }

    pub(super) fn code(&self) -> u8 {
        match self {
            SlubStep::FastAlloc(_) => 60,
            SlubStep::TakesRemoteFrees { .. } => 61,
            SlubStep::LetsFullSlabGo { .. } => 62,
            SlubStep::TakesCpuPartial { .. } => 63,
            SlubStep::TakesNodePartial { .. } => 64,
            SlubStep::TakesOneMore { .. } => 65,
            SlubStep::NewSlab { .. } => 66,
            SlubStep::NoSlab => 67,
            SlubStep::FastFree(_) => 68,
            SlubStep::SlowFree { .. } => 69,
            SlubStep::ToCpuPartial { .. } => 70,
            SlubStep::CpuPartialIsFull { .. } => 71,
            SlubStep::ToNodePartial { .. } => 72,
            SlubStep::StaysFull { .. } => 73,
            SlubStep::Discards { .. } => 74,
            SlubStep::KeepsEmpty { .. } => 75,
        }
    }
}

impl SlabStep {
    /// The function of mm/slab.c that it happens in.
    pub(crate) fn func(&self) -> Func {
        match self {
            SlabStep::ArrayAlloc(_) => Func::CacheAlloc,
            SlabStep::FromShared { .. } => Func::TransferObjects,
            SlabStep::FromSlab { .. } => Func::AllocBlock,
            SlabStep::NewSlab { .. } | SlabStep::NoSlab => Func::CacheGrowBegin,
            SlabStep::ArrayFree(_) => Func::CacheFree,
            SlabStep::ToShared { .. } | SlabStep::ToSlabs { .. } => Func::CacheFlusharray,
            SlabStep::Empty { .. } => Func::FreeBlock,
            SlabStep::Destroys { .. } => Func::SlabDestroy,
        }
    }

    pub(super) fn class(&self) -> StepClass {
        match self {
            SlabStep::ArrayAlloc(_)
            | SlabStep::FromShared { .. }
            | SlabStep::FromSlab { .. }
            | SlabStep::NewSlab { .. } => StepClass::Alloc,
            SlabStep::ArrayFree(_)
            | SlabStep::ToShared { .. }
            | SlabStep::ToSlabs { .. }
            | SlabStep::Empty { .. }
            | SlabStep::Destroys { .. } => StepClass::Free,
            SlabStep::NoSlab => StepClass::Fail,
        }
    }

    /// The first frame of the slab that it speaks of.
    #[must_use]
    pub fn slab(&self) -> Option<Pfn> {
        match *self {
            SlabStep::ArrayAlloc(object) | SlabStep::ArrayFree(object) => Some(object.slab),
            SlabStep::FromSlab { slab, .. }
            | SlabStep::NewSlab { slab, .. }
            | SlabStep::Empty { slab }
            | SlabStep::Destroys { slab } => Some(slab),
            SlabStep::FromShared { .. }
            | SlabStep::NoSlab
            | SlabStep::ToShared { .. }
            | SlabStep::ToSlabs { .. } => None,
        }
    }

    pub(super) fn code(&self) -> u8 {
        match self {
            SlabStep::ArrayAlloc(_) => 80,
            SlabStep::FromShared { .. } => 81,
            SlabStep::FromSlab { .. } => 82,
            SlabStep::NewSlab { .. } => 83,
            SlabStep::NoSlab => 84,
            SlabStep::ArrayFree(_) => 85,
            SlabStep::ToShared { .. } => 86,
            SlabStep::ToSlabs { .. } => 87,
            SlabStep::Empty { .. } => 88,
            SlabStep::Destroys { .. } => 89,
        }
    }
}

impl VmallocStep {
    pub(super) fn class(&self) -> StepClass {
        match self {
            VmallocStep::Request { .. } | VmallocStep::Addresses { .. } | VmallocStep::Purged { .. } => {
                StepClass::Look
            }
            VmallocStep::Page { .. } | VmallocStep::Table { .. } | VmallocStep::Mapped { .. } => {
                StepClass::Alloc
            }
            VmallocStep::Unmapped { .. } => StepClass::Free,
            VmallocStep::Failed { .. } => StepClass::Fail,
        }
    }

    pub(super) fn block(&self) -> Option<Block> {
        match *self {
            VmallocStep::Page { pfn, .. } | VmallocStep::Table { pfn, .. } => {
                Some(Block { pfn, order: Order::ZERO })
            }
            _ => None,
        }
    }

    pub(super) fn code(&self) -> u8 {
        match self {
            VmallocStep::Request { .. } => 100,
            VmallocStep::Addresses { .. } => 101,
            VmallocStep::Page { .. } => 102,
            VmallocStep::Table { .. } => 103,
            VmallocStep::Mapped { .. } => 104,
            VmallocStep::Unmapped { .. } => 105,
            VmallocStep::Purged { .. } => 106,
            VmallocStep::Failed { .. } => 107,
        }
    }
}

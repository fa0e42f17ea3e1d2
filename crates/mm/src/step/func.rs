//! Where in the kernel a step happens.

/// The kernel functions that steps happen in: the breadcrumb on the screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Func {
    /// The scenario itself, outside the kernel.
    Scenario,
    /// `__alloc_pages()`
    AllocPages,
    /// `__alloc_pages_slowpath()`
    AllocPagesSlowpath,
    /// `alloc_pages_bulk()`
    AllocPagesBulk,
    /// `get_page_from_freelist()`
    GetPageFromFreelist,
    /// `rmqueue_pcplist()`
    RmqueuePcplist,
    /// `rmqueue_bulk()`
    RmqueueBulk,
    /// `rmqueue_buddy()`
    RmqueueBuddy,
    /// `__rmqueue_smallest()`
    RmqueueSmallest,
    /// `expand()`
    Expand,
    /// `__rmqueue_fallback()`
    RmqueueFallback,
    /// `steal_suitable_fallback()`
    StealSuitableFallback,
    /// `reserve_highatomic_pageblock()`
    ReserveHighatomic,
    /// `unreserve_highatomic_pageblock()`
    UnreserveHighatomic,
    /// `__free_pages()`
    FreePages,
    /// `free_unref_page_commit()`
    FreeUnrefPageCommit,
    /// `free_pcppages_bulk()`
    FreePcppagesBulk,
    /// `drain_all_pages()`
    DrainAllPages,
    /// `wakeup_kswapd()`
    WakeupKswapd,
    /// `set_migratetype_isolate()`
    SetMigratetypeIsolate,
    /// `unset_migratetype_isolate()`
    UnsetMigratetypeIsolate,
    /// `__free_one_page()`
    FreeOnePage,
    /// `slab_alloc_node()`
    SlabAllocNode,
    /// `___slab_alloc()`
    SlabAllocSlow,
    /// `get_freelist()`
    GetFreelist,
    /// `get_partial_node()`
    GetPartialNode,
    /// `new_slab()`
    NewSlab,
    /// `allocate_slab()`
    AllocateSlab,
    /// `__free_slab()`
    FreeSlab,
    /// `slab_out_of_memory()`
    SlabOutOfMemory,
    /// `do_slab_free()`
    DoSlabFree,
    /// `__slab_free()`
    SlabFreeSlow,
    /// `put_cpu_partial()`
    PutCpuPartial,
    /// `__unfreeze_partials()`
    UnfreezePartials,
    /// `add_partial()`
    AddPartial,
    /// `deactivate_slab()`
    DeactivateSlab,
    /// `discard_slab()`
    DiscardSlab,
    /// `____cache_alloc()`
    CacheAlloc,
    /// `transfer_objects()`
    TransferObjects,
    /// `alloc_block()`
    AllocBlock,
    /// `cache_grow_begin()`
    CacheGrowBegin,
    /// `___cache_free()`
    CacheFree,
    /// `cache_flusharray()`
    CacheFlusharray,
    /// `free_block()`
    FreeBlock,
    /// `slab_destroy()`
    SlabDestroy,
    /// `kmem_getpages()`
    KmemGetpages,
    /// `kmem_freepages()`
    KmemFreepages,
    /// `cache_reap()`
    CacheReap,
    /// `kmalloc()`
    Kmalloc,
    /// `kmalloc_slab()`
    KmallocSlab,
    /// `kmalloc_large()`
    KmallocLarge,
    /// `kfree()`
    Kfree,
    /// `kmem_cache_alloc()`
    KmemCacheAlloc,
    /// `kmem_cache_free()`
    KmemCacheFree,
    /// `kmem_cache_create()`
    KmemCacheCreate,
    /// `__kmem_cache_alias()`
    KmemCacheAlias,
    /// `kmem_cache_shrink()`
    KmemCacheShrink,
    /// `kmem_cache_destroy()`
    KmemCacheDestroy,
    /// `kvmalloc_node()`
    KvmallocNode,
    /// `vmalloc()`
    Vmalloc,
    /// `alloc_vmap_area()`
    AllocVmapArea,
    /// `vm_area_alloc_pages()`
    VmAreaAllocPages,
    /// `vmap_pages_range()`
    VmapPagesRange,
    /// `vfree()`
    Vfree,
    /// `free_vmap_area_noflush()`
    FreeVmapAreaNoflush,
    /// `__purge_vmap_area_lazy()`
    PurgeVmapAreaLazy,
}

impl Func {
    /// The name in the kernel's source.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Func::Scenario => "scenario",
            Func::AllocPages => "__alloc_pages",
            Func::AllocPagesSlowpath => "__alloc_pages_slowpath",
            Func::AllocPagesBulk => "alloc_pages_bulk",
            Func::GetPageFromFreelist => "get_page_from_freelist",
            Func::RmqueuePcplist => "rmqueue_pcplist",
            Func::RmqueueBulk => "rmqueue_bulk",
            Func::RmqueueBuddy => "rmqueue_buddy",
            Func::RmqueueSmallest => "__rmqueue_smallest",
            Func::Expand => "expand",
            Func::RmqueueFallback => "__rmqueue_fallback",
            Func::StealSuitableFallback => "steal_suitable_fallback",
            Func::ReserveHighatomic => "reserve_highatomic_pageblock",
            Func::UnreserveHighatomic => "unreserve_highatomic_pageblock",
            Func::FreePages => "__free_pages",
            Func::FreeUnrefPageCommit => "free_unref_page_commit",
            Func::FreePcppagesBulk => "free_pcppages_bulk",
            Func::DrainAllPages => "drain_all_pages",
            Func::WakeupKswapd => "wakeup_kswapd",
            Func::SetMigratetypeIsolate => "set_migratetype_isolate",
            Func::UnsetMigratetypeIsolate => "unset_migratetype_isolate",
            Func::FreeOnePage => "__free_one_page",
            Func::SlabAllocNode => "slab_alloc_node",
            Func::SlabAllocSlow => "___slab_alloc",
            Func::GetFreelist => "get_freelist",
            Func::GetPartialNode => "get_partial_node",
            Func::NewSlab => "new_slab",
            Func::AllocateSlab => "allocate_slab",
            Func::FreeSlab => "__free_slab",
            Func::SlabOutOfMemory => "slab_out_of_memory",
            Func::DoSlabFree => "do_slab_free",
            Func::SlabFreeSlow => "__slab_free",
            Func::PutCpuPartial => "put_cpu_partial",
            Func::UnfreezePartials => "__unfreeze_partials",
            Func::AddPartial => "add_partial",
            Func::DeactivateSlab => "deactivate_slab",
            Func::DiscardSlab => "discard_slab",
            Func::CacheAlloc => "____cache_alloc",
            Func::TransferObjects => "transfer_objects",
            Func::AllocBlock => "alloc_block",
            Func::CacheGrowBegin => "cache_grow_begin",
            Func::CacheFree => "___cache_free",
            Func::CacheFlusharray => "cache_flusharray",
            Func::FreeBlock => "free_block",
            Func::SlabDestroy => "slab_destroy",
            Func::KmemGetpages => "kmem_getpages",
            Func::KmemFreepages => "kmem_freepages",
            Func::CacheReap => "cache_reap",
            Func::Kmalloc => "kmalloc",
            Func::KmallocSlab => "kmalloc_slab",
            Func::KmallocLarge => "kmalloc_large",
            Func::Kfree => "kfree",
            Func::KmemCacheAlloc => "kmem_cache_alloc",
            Func::KmemCacheFree => "kmem_cache_free",
            Func::KmemCacheCreate => "kmem_cache_create",
            Func::KmemCacheAlias => "__kmem_cache_alias",
            Func::KmemCacheShrink => "kmem_cache_shrink",
            Func::KmemCacheDestroy => "kmem_cache_destroy",
            Func::KvmallocNode => "kvmalloc_node",
            Func::Vmalloc => "vmalloc",
            Func::AllocVmapArea => "alloc_vmap_area",
            Func::VmAreaAllocPages => "vm_area_alloc_pages",
            Func::VmapPagesRange => "vmap_pages_range",
            Func::Vfree => "vfree",
            Func::FreeVmapAreaNoflush => "free_vmap_area_noflush",
            Func::PurgeVmapAreaLazy => "__purge_vmap_area_lazy",
        }
    }

    /// The kernel's file that holds it.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Func::Scenario => "",
            Func::WakeupKswapd => "mm/vmscan.c",
            Func::SlabAllocNode
            | Func::SlabAllocSlow
            | Func::GetFreelist
            | Func::GetPartialNode
            | Func::NewSlab
            | Func::AllocateSlab
            | Func::FreeSlab
            | Func::SlabOutOfMemory
            | Func::DoSlabFree
            | Func::SlabFreeSlow
            | Func::PutCpuPartial
            | Func::UnfreezePartials
            | Func::AddPartial
            | Func::DeactivateSlab
            | Func::DiscardSlab => "mm/slub.c",
            Func::CacheAlloc
            | Func::TransferObjects
            | Func::AllocBlock
            | Func::CacheGrowBegin
            | Func::CacheFree
            | Func::CacheFlusharray
            | Func::FreeBlock
            | Func::SlabDestroy
            | Func::KmemGetpages
            | Func::KmemFreepages
            | Func::CacheReap => "mm/slab.c",
            Func::Kmalloc
            | Func::KmallocSlab
            | Func::KmallocLarge
            | Func::Kfree
            | Func::KmemCacheAlloc
            | Func::KmemCacheFree
            | Func::KmemCacheCreate
            | Func::KmemCacheAlias
            | Func::KmemCacheShrink
            | Func::KmemCacheDestroy => "mm/slab_common.c",
            Func::KvmallocNode => "mm/util.c",
            Func::Vmalloc
            | Func::AllocVmapArea
            | Func::VmAreaAllocPages
            | Func::VmapPagesRange
            | Func::Vfree
            | Func::FreeVmapAreaNoflush
            | Func::PurgeVmapAreaLazy => "mm/vmalloc.c",
            Func::SetMigratetypeIsolate | Func::UnsetMigratetypeIsolate => "mm/page_isolation.c",
            _ => "mm/page_alloc.c",
        }
    }
}

/// The functions above a step, outermost first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Chain {
    funcs: [Func; Chain::DEEPEST],
    len: u8,
}

impl Chain {
    const DEEPEST: usize = 18;

    pub(crate) const TOP: Chain = Chain { funcs: [Func::Scenario; Chain::DEEPEST], len: 0 };

    /// The functions, outermost first; the last one is where the step happens.
    #[must_use]
    pub fn funcs(&self) -> &[Func] {
        &self.funcs[..usize::from(self.len)]
    }

    /// The function that the step happens in.
    #[must_use]
    pub fn innermost(&self) -> Func {
        self.funcs().last().copied().unwrap_or(Func::Scenario)
    }

    pub(super) fn push(&mut self, func: Func) {
        self.funcs[usize::from(self.len)] = func;
        self.len += 1;
    }

    pub(super) fn pop(&mut self) {
        self.len -= 1;
    }
}

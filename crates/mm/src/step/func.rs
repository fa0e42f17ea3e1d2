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
    /// `execve()`
    Execve,
    /// `mmap_region()`
    Mmap,
    /// `do_mas_align_munmap()`
    Munmap,
    /// `brk()`
    Brk,
    /// `expand_downwards()`
    ExpandDownwards,
    /// `exit_mmap()`
    ExitMmap,
    /// `mprotect_fixup()`
    Mprotect,
    /// `madvise_dontneed_free()`
    Madvise,
    /// `exc_page_fault()`
    ExcPageFault,
    /// `flush_tlb_mm_range()`
    FlushTlbMmRange,
    /// `flush_tlb_func()`
    FlushTlbFunc,
    /// `switch_mm_irqs_off()`
    SwitchMm,
    /// The processor, outside the kernel.
    Mmu,
    /// `pgd_alloc()`
    PgdAlloc,
    /// `handle_mm_fault()`
    HandleMmFault,
    /// `do_anonymous_page()`
    DoAnonymousPage,
    /// `do_read_fault()`
    DoReadFault,
    /// `do_cow_fault()`
    DoCowFault,
    /// `do_shared_fault()`
    DoSharedFault,
    /// `do_wp_page()`
    DoWpPage,
    /// `wp_page_copy()`
    WpPageCopy,
    /// `zap_pte_range()`
    ZapPteRange,
    /// `free_pgtables()`
    FreePgtables,
    /// `copy_page_range()`
    CopyPageRange,
    /// `filemap_fault()`
    FilemapFault,
    /// `filemap_map_pages()`
    FilemapMapPages,
    /// `shmem_fault()`
    ShmemFault,
    /// `page_cache_ra_unbounded()`
    PageCacheRaUnbounded,
    /// `dup_mmap()`
    DupMmap,
    /// `do_exit()`
    DoExit,
    /// `mremap()`
    Mremap,
    /// `do_mlock()`
    Mlock,
    /// `munlock()`
    Munlock,
    /// `mlockall()`
    Mlockall,
    /// `munlockall()`
    Munlockall,
    /// `copy_mm()`
    CopyMm,
    /// `mmput()`
    Mmput,
    /// `do_group_exit()`
    DoGroupExit,
    /// `pthread_create()`, in the C library.
    PthreadCreate,
    /// `malloc()`, in the C library.
    LibcMalloc,
    /// `free()`, in the C library.
    LibcFree,
    /// `realloc()`, in the C library.
    LibcRealloc,
    /// `do_huge_pmd_anonymous_page()`
    DoHugePmdAnonymousPage,
    /// `do_huge_pmd_wp_page()`
    DoHugePmdWpPage,
    /// `__split_huge_pmd()`
    SplitHugePmd,
    /// `deferred_split_huge_page()`
    DeferredSplitHugePage,
    /// `deferred_split_scan()`
    DeferredSplitScan,
    /// `split_huge_page_to_list()`
    SplitHugePage,
    /// `hugepage_madvise()`
    HugepageMadvise,
    /// `set_max_huge_pages()`
    SetMaxHugePages,
    /// `hugetlb_fault()`
    HugetlbFault,
    /// `free_huge_page()`
    FreeHugePage,
    /// `alloc_surplus_huge_page()`
    AllocSurplusHugePage,
    /// `hugetlb_overcommit_handler()`
    HugetlbOvercommitHandler,
    /// `khugepaged_do_scan()`
    KhugepagedDoScan,
    /// `hpage_collapse_scan_pmd()`
    HpageCollapseScanPmd,
    /// `collapse_huge_page()`
    CollapseHugePage,
    /// `__collapse_huge_page_swapin()`
    CollapseHugePageSwapin,
    /// `__collapse_huge_page_copy()`
    CollapseHugePageCopy,
    /// `folio_add_lru()`
    FolioAddLru,
    /// `folio_rotate_reclaimable()`
    FolioRotateReclaimable,
    /// `folio_deactivate()`
    FolioDeactivate,
    /// `folio_mark_lazyfree()`
    FolioMarkLazyfree,
    /// `folio_activate()`
    FolioActivate,
    /// `lru_add_drain_cpu()`
    LruAddDrain,
    /// `folio_mark_accessed()`
    FolioMarkAccessed,
    /// `mlock_folio()`
    MlockFolio,
    /// `workingset_refault()`
    WorkingsetRefault,
    /// `shrink_inactive_list()`
    ShrinkInactiveList,
    /// `shrink_active_list()`
    ShrinkActiveList,
    /// `isolate_lru_folios()`
    IsolateLruFolios,
    /// `shrink_folio_list()`
    ShrinkFolioList,
    /// `folio_check_references()`
    FolioCheckReferences,
    /// `add_to_swap()`
    AddToSwap,
    /// `try_to_unmap()`
    TryToUnmap,
    /// `pageout()`
    Pageout,
    /// `__remove_mapping()`
    RemoveMapping,
    /// `get_scan_count()`
    GetScanCount,
    /// `try_to_free_pages()`
    TryToFreePages,
    /// `try_to_free_mem_cgroup_pages()`
    TryToFreeMemCgroupPages,
    /// `try_charge_memcg()`
    TryChargeMemcg,
    /// `mem_cgroup_css_alloc()`
    MemCgroupCssAlloc,
    /// `cgroup_attach_task()`
    CgroupAttachTask,
    /// `drain_all_stock()`
    DrainAllStock,
    /// `memory_max_write()`
    MemoryMaxWrite,
    /// `swap_max_write()`
    SwapMaxWrite,
    /// `mem_cgroup_out_of_memory()`
    MemCgroupOutOfMemory,
    /// `should_reclaim_retry()`
    ShouldReclaimRetry,
    /// `kswapd()`
    Kswapd,
    /// `balance_pgdat()`
    BalancePgdat,
    /// `kswapd_try_to_sleep()`
    KswapdTryToSleep,
    /// `do_swap_page()`
    DoSwapPage,
    /// `swap_cluster_readahead()`
    SwapClusterReadahead,
    /// `swap_readpage()`
    SwapReadpage,
    /// `filemap_read()`
    FilemapRead,
    /// `ondemand_readahead()`
    OndemandReadahead,
    /// `generic_perform_write()`
    GenericPerformWrite,
    /// `balance_dirty_pages()`
    BalanceDirtyPages,
    /// `wakeup_flusher_threads()`
    WakeupFlusherThreads,
    /// `wb_workfn()`
    WbWorkfn,
    /// `write_cache_pages()`
    WriteCachePages,
    /// `folio_end_writeback()`
    EndPageWriteback,
    /// `sync()`
    Sync,
    /// `generic_fadvise()`
    Fadvise,
    /// `drop_caches_sysctl_handler()`
    DropCaches,
    /// `invalidate_mapping_pages()`
    InvalidateMappingPages,
    /// `reclaim_pages()`
    ReclaimPages,
    /// `__alloc_pages_may_oom()`
    AllocPagesMayOom,
    /// `out_of_memory()`
    OutOfMemory,
    /// `select_bad_process()`
    SelectBadProcess,
    /// `oom_kill_process()`
    OomKillProcess,
    /// `__oom_reap_task_mm()`
    OomReapTaskMm,
    /// `__set_oom_adj()`
    SetOomAdj,
    /// `shrink_slab()`
    ShrinkSlab,
    /// `do_shrink_slab()`
    DoShrinkSlab,
    /// `register_shrinker()`
    RegisterShrinker,
    /// `list_lru_add()`
    ListLruAdd,
    /// `list_lru_del()`
    ListLruDel,
    /// `drop_slab()`
    DropSlab,
    /// `lowmem_scan()`
    LowmemScan,
    /// `node_reclaim()`
    NodeReclaim,
    /// `do_set_mempolicy()`
    DoSetMempolicy,
    /// `do_mbind()`
    DoMbind,
    /// `mpol_new()`
    MpolNew,
    /// `policy_node()`
    PolicyNode,
    /// `interleave_nid()`
    InterleaveNid,
    /// `interleave_nodes()`
    InterleaveNodes,
    /// `prepare_alloc_pages()`
    PrepareAllocPages,
    /// `cpuset_css_alloc()`
    CpusetCssAlloc,
    /// `update_nodemask()`
    UpdateNodemask,
    /// `__cpuset_node_allowed()`
    CpusetNodeAllowed,
    /// `__alloc_pages_cpuset_fallback()`
    AllocPagesCpusetFallback,
    /// `dma_alloc_attrs()`
    DmaAllocAttrs,
    /// `dma_free_attrs()`
    DmaFreeAttrs,
    /// `dma_map_page_attrs()`
    DmaMapPageAttrs,
    /// `dma_unmap_page_attrs()`
    DmaUnmapPageAttrs,
    /// `dma_sync_single_for_cpu()`
    DmaSyncSingleForCpu,
    /// `dma_sync_single_for_device()`
    DmaSyncSingleForDevice,
    /// `cma_alloc()`
    CmaAlloc,
    /// `cma_release()`
    CmaRelease,
    /// `alloc_contig_range()`
    AllocContigRange,
    /// `migrate_pages()`
    MigratePages,
    /// `unmap_and_move()`
    UnmapAndMove,
    /// `move_to_new_folio()`
    MoveToNewFolio,
    /// `remove_migration_ptes()`
    RemoveMigrationPtes,
    /// `try_to_migrate()`
    TryToMigrate,
    /// `pin_user_pages()`
    PinUserPages,
    /// `__alloc_pages_direct_compact()`
    AllocPagesDirectCompact,
    /// `should_compact_retry()`
    ShouldCompactRetry,
    /// `try_to_compact_pages()`
    TryToCompactPages,
    /// `compaction_deferred()`
    CompactionDeferred,
    /// `compaction_suitable()`
    CompactionSuitable,
    /// `compact_zone()`
    CompactZone,
    /// `compact_node()`
    CompactNode,
    /// `isolate_migratepages()`
    IsolateMigratepages,
    /// `isolate_migratepages_block()`
    IsolateMigratepagesBlock,
    /// `isolate_freepages()`
    IsolateFreepages,
    /// `isolate_freepages_block()`
    IsolateFreepagesBlock,
    /// `compaction_alloc()`
    CompactionAlloc,
    /// `wakeup_kcompactd()`
    WakeupKcompactd,
    /// `kcompactd()`
    Kcompactd,
    /// `lru_add_drain_cpu_zone()`
    LruAddDrainCpuZone,
    /// `do_move_pages_to_node()`
    DoMovePagesToNode,
    /// `unpin_user_pages()`
    UnpinUserPages,
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
            Func::Execve => "execve",
            Func::Mmap => "mmap_region",
            Func::Munmap => "do_mas_align_munmap",
            Func::Brk => "brk",
            Func::ExpandDownwards => "expand_downwards",
            Func::ExitMmap => "exit_mmap",
            Func::Mprotect => "mprotect_fixup",
            Func::Madvise => "madvise_dontneed_free",
            Func::ExcPageFault => "exc_page_fault",
            Func::FlushTlbMmRange => "flush_tlb_mm_range",
            Func::FlushTlbFunc => "flush_tlb_func",
            Func::SwitchMm => "switch_mm_irqs_off",
            Func::Mmu => "MMU",
            Func::PgdAlloc => "pgd_alloc",
            Func::HandleMmFault => "handle_mm_fault",
            Func::DoAnonymousPage => "do_anonymous_page",
            Func::DoReadFault => "do_read_fault",
            Func::DoCowFault => "do_cow_fault",
            Func::DoSharedFault => "do_shared_fault",
            Func::DoWpPage => "do_wp_page",
            Func::WpPageCopy => "wp_page_copy",
            Func::ZapPteRange => "zap_pte_range",
            Func::FreePgtables => "free_pgtables",
            Func::CopyPageRange => "copy_page_range",
            Func::FilemapFault => "filemap_fault",
            Func::FilemapMapPages => "filemap_map_pages",
            Func::ShmemFault => "shmem_fault",
            Func::PageCacheRaUnbounded => "page_cache_ra_unbounded",
            Func::DupMmap => "dup_mmap",
            Func::DoExit => "do_exit",
            Func::Mremap => "mremap",
            Func::Mlockall => "mlockall",
            Func::Munlockall => "munlockall",
            Func::CopyMm => "copy_mm",
            Func::Mmput => "mmput",
            Func::DoGroupExit => "do_group_exit",
            Func::PthreadCreate => "pthread_create",
            Func::Mlock => "do_mlock",
            Func::Munlock => "munlock",
            Func::LibcMalloc => "malloc",
            Func::LibcFree => "free",
            Func::LibcRealloc => "realloc",
            Func::DoHugePmdAnonymousPage => "do_huge_pmd_anonymous_page",
            Func::DoHugePmdWpPage => "do_huge_pmd_wp_page",
            Func::SplitHugePmd => "__split_huge_pmd",
            Func::DeferredSplitHugePage => "deferred_split_huge_page",
            Func::DeferredSplitScan => "deferred_split_scan",
            Func::SplitHugePage => "split_huge_page_to_list",
            Func::HugepageMadvise => "hugepage_madvise",
            Func::SetMaxHugePages => "set_max_huge_pages",
            Func::HugetlbFault => "hugetlb_fault",
            Func::FreeHugePage => "free_huge_page",
            Func::AllocSurplusHugePage => "alloc_surplus_huge_page",
            Func::HugetlbOvercommitHandler => "hugetlb_overcommit_handler",
            Func::KhugepagedDoScan => "khugepaged_do_scan",
            Func::HpageCollapseScanPmd => "hpage_collapse_scan_pmd",
            Func::CollapseHugePage => "collapse_huge_page",
            Func::CollapseHugePageSwapin => "__collapse_huge_page_swapin",
            Func::CollapseHugePageCopy => "__collapse_huge_page_copy",
            Func::FolioAddLru => "folio_add_lru",
            Func::FolioRotateReclaimable => "folio_rotate_reclaimable",
            Func::FolioDeactivate => "folio_deactivate",
            Func::FolioMarkLazyfree => "folio_mark_lazyfree",
            Func::FolioActivate => "folio_activate",
            Func::LruAddDrain => "lru_add_drain_cpu",
            Func::FolioMarkAccessed => "folio_mark_accessed",
            Func::MlockFolio => "mlock_folio",
            Func::WorkingsetRefault => "workingset_refault",
            Func::ShrinkInactiveList => "shrink_inactive_list",
            Func::ShrinkActiveList => "shrink_active_list",
            Func::IsolateLruFolios => "isolate_lru_folios",
            Func::ShrinkFolioList => "shrink_folio_list",
            Func::FolioCheckReferences => "folio_check_references",
            Func::AddToSwap => "add_to_swap",
            Func::TryToUnmap => "try_to_unmap",
            Func::Pageout => "pageout",
            Func::RemoveMapping => "__remove_mapping",
            Func::GetScanCount => "get_scan_count",
            Func::TryToFreePages => "try_to_free_pages",
            Func::TryToFreeMemCgroupPages => "try_to_free_mem_cgroup_pages",
            Func::TryChargeMemcg => "try_charge_memcg",
            Func::MemCgroupCssAlloc => "mem_cgroup_css_alloc",
            Func::CgroupAttachTask => "cgroup_attach_task",
            Func::DrainAllStock => "drain_all_stock",
            Func::MemoryMaxWrite => "memory_max_write",
            Func::SwapMaxWrite => "swap_max_write",
            Func::MemCgroupOutOfMemory => "mem_cgroup_out_of_memory",
            Func::ShouldReclaimRetry => "should_reclaim_retry",
            Func::Kswapd => "kswapd",
            Func::BalancePgdat => "balance_pgdat",
            Func::KswapdTryToSleep => "kswapd_try_to_sleep",
            Func::DoSwapPage => "do_swap_page",
            Func::SwapClusterReadahead => "swap_cluster_readahead",
            Func::SwapReadpage => "swap_readpage",
            Func::FilemapRead => "filemap_read",
            Func::OndemandReadahead => "ondemand_readahead",
            Func::GenericPerformWrite => "generic_perform_write",
            Func::BalanceDirtyPages => "balance_dirty_pages",
            Func::WakeupFlusherThreads => "wakeup_flusher_threads",
            Func::WbWorkfn => "wb_workfn",
            Func::WriteCachePages => "write_cache_pages",
            Func::EndPageWriteback => "folio_end_writeback",
            Func::Sync => "sync",
            Func::Fadvise => "generic_fadvise",
            Func::DropCaches => "drop_caches_sysctl_handler",
            Func::InvalidateMappingPages => "invalidate_mapping_pages",
            Func::ReclaimPages => "reclaim_pages",
            Func::AllocPagesMayOom => "__alloc_pages_may_oom",
            Func::OutOfMemory => "out_of_memory",
            Func::SelectBadProcess => "select_bad_process",
            Func::OomKillProcess => "oom_kill_process",
            Func::OomReapTaskMm => "__oom_reap_task_mm",
            Func::SetOomAdj => "__set_oom_adj",
            Func::ShrinkSlab => "shrink_slab",
            Func::DoShrinkSlab => "do_shrink_slab",
            Func::RegisterShrinker => "register_shrinker",
            Func::ListLruAdd => "list_lru_add",
            Func::ListLruDel => "list_lru_del",
            Func::DropSlab => "drop_slab",
            Func::LowmemScan => "lowmem_scan",
            Func::NodeReclaim => "node_reclaim",
            Func::DoSetMempolicy => "do_set_mempolicy",
            Func::DoMbind => "do_mbind",
            Func::MpolNew => "mpol_new",
            Func::PolicyNode => "policy_node",
            Func::InterleaveNid => "interleave_nid",
            Func::InterleaveNodes => "interleave_nodes",
            Func::PrepareAllocPages => "prepare_alloc_pages",
            Func::CpusetCssAlloc => "cpuset_css_alloc",
            Func::UpdateNodemask => "update_nodemask",
            Func::CpusetNodeAllowed => "__cpuset_node_allowed",
            Func::AllocPagesCpusetFallback => "__alloc_pages_cpuset_fallback",
            Func::DmaAllocAttrs => "dma_alloc_attrs",
            Func::DmaFreeAttrs => "dma_free_attrs",
            Func::DmaMapPageAttrs => "dma_map_page_attrs",
            Func::DmaUnmapPageAttrs => "dma_unmap_page_attrs",
            Func::DmaSyncSingleForCpu => "dma_sync_single_for_cpu",
            Func::DmaSyncSingleForDevice => "dma_sync_single_for_device",
            Func::CmaAlloc => "cma_alloc",
            Func::CmaRelease => "cma_release",
            Func::AllocContigRange => "alloc_contig_range",
            Func::MigratePages => "migrate_pages",
            Func::UnmapAndMove => "unmap_and_move",
            Func::MoveToNewFolio => "move_to_new_folio",
            Func::RemoveMigrationPtes => "remove_migration_ptes",
            Func::TryToMigrate => "try_to_migrate",
            Func::PinUserPages => "pin_user_pages",
            Func::AllocPagesDirectCompact => "__alloc_pages_direct_compact",
            Func::ShouldCompactRetry => "should_compact_retry",
            Func::TryToCompactPages => "try_to_compact_pages",
            Func::CompactionDeferred => "compaction_deferred",
            Func::CompactionSuitable => "compaction_suitable",
            Func::CompactZone => "compact_zone",
            Func::CompactNode => "compact_node",
            Func::IsolateMigratepages => "isolate_migratepages",
            Func::IsolateMigratepagesBlock => "isolate_migratepages_block",
            Func::IsolateFreepages => "isolate_freepages",
            Func::IsolateFreepagesBlock => "isolate_freepages_block",
            Func::CompactionAlloc => "compaction_alloc",
            Func::WakeupKcompactd => "wakeup_kcompactd",
            Func::Kcompactd => "kcompactd",
            Func::LruAddDrainCpuZone => "lru_add_drain_cpu_zone",
            Func::DoMovePagesToNode => "do_move_pages_to_node",
            Func::UnpinUserPages => "unpin_user_pages",
        }
    }

    /// The kernel's file that holds it.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Func::Scenario => "",
            Func::WakeupKswapd
            | Func::ShrinkSlab
            | Func::DoShrinkSlab
            | Func::RegisterShrinker
            | Func::DropSlab
            | Func::NodeReclaim => "mm/vmscan.c",
            Func::ListLruAdd | Func::ListLruDel => "mm/list_lru.c",
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
            Func::Execve => "fs/exec.c",
            Func::Mmap | Func::Munmap | Func::Brk | Func::ExpandDownwards | Func::ExitMmap => "mm/mmap.c",
            Func::Mprotect => "mm/mprotect.c",
            Func::Madvise => "mm/madvise.c",
            Func::ExcPageFault => "arch/x86/mm/fault.c",
            Func::FlushTlbMmRange | Func::FlushTlbFunc | Func::SwitchMm => "arch/x86/mm/tlb.c",
            Func::PgdAlloc => "arch/x86/mm/pgtable.c",
            Func::HandleMmFault
            | Func::DoAnonymousPage
            | Func::DoReadFault
            | Func::DoCowFault
            | Func::DoSharedFault
            | Func::DoWpPage
            | Func::WpPageCopy
            | Func::ZapPteRange
            | Func::FreePgtables
            | Func::CopyPageRange => "mm/memory.c",
            Func::FilemapFault | Func::FilemapMapPages => "mm/filemap.c",
            Func::ShmemFault => "mm/shmem.c",
            Func::PageCacheRaUnbounded => "mm/readahead.c",
            Func::DupMmap => "kernel/fork.c",
            Func::DoExit => "kernel/exit.c",
            Func::DoHugePmdAnonymousPage
            | Func::DoHugePmdWpPage
            | Func::SplitHugePmd
            | Func::SplitHugePage => "mm/huge_memory.c",
            Func::HugepageMadvise => "mm/khugepaged.c",
            Func::OutOfMemory | Func::SelectBadProcess | Func::OomKillProcess | Func::OomReapTaskMm => {
                "mm/oom_kill.c"
            }
            Func::SetOomAdj => "fs/proc/base.c",
            Func::DoSetMempolicy
            | Func::DoMbind
            | Func::MpolNew
            | Func::PolicyNode
            | Func::InterleaveNid
            | Func::InterleaveNodes => "mm/mempolicy.c",
            Func::CpusetCssAlloc | Func::UpdateNodemask | Func::CpusetNodeAllowed => "kernel/cgroup/cpuset.c",
            Func::DmaAllocAttrs
            | Func::DmaFreeAttrs
            | Func::DmaMapPageAttrs
            | Func::DmaUnmapPageAttrs
            | Func::DmaSyncSingleForCpu
            | Func::DmaSyncSingleForDevice => "kernel/dma/mapping.c",
            Func::CmaAlloc | Func::CmaRelease => "mm/cma.c",
            Func::MigratePages
            | Func::UnmapAndMove
            | Func::MoveToNewFolio
            | Func::RemoveMigrationPtes
            | Func::DoMovePagesToNode => "mm/migrate.c",
            Func::TryToMigrate => "mm/rmap.c",
            Func::TryToCompactPages
            | Func::CompactionDeferred
            | Func::CompactionSuitable
            | Func::CompactZone
            | Func::CompactNode
            | Func::IsolateMigratepages
            | Func::IsolateMigratepagesBlock
            | Func::IsolateFreepages
            | Func::IsolateFreepagesBlock
            | Func::CompactionAlloc
            | Func::WakeupKcompactd
            | Func::Kcompactd => "mm/compaction.c",
            Func::LruAddDrainCpuZone => "mm/swap.c",
            Func::PinUserPages | Func::UnpinUserPages => "mm/gup.c",
            Func::LowmemScan => "drivers/staging/android/lowmemorykiller.c",
            Func::SetMaxHugePages
            | Func::HugetlbFault
            | Func::FreeHugePage
            | Func::AllocSurplusHugePage
            | Func::HugetlbOvercommitHandler => "mm/hugetlb.c",
            Func::KhugepagedDoScan
            | Func::HpageCollapseScanPmd
            | Func::CollapseHugePage
            | Func::CollapseHugePageSwapin
            | Func::CollapseHugePageCopy => "mm/khugepaged.c",
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
    const DEEPEST: usize = 24;

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

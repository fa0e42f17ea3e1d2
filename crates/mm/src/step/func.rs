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
        }
    }

    /// The kernel's file that holds it.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Func::Scenario => "",
            Func::WakeupKswapd => "mm/vmscan.c",
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
    const DEEPEST: usize = 14;

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

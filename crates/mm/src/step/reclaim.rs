//! Steps of reclaim: the lists of pages, who is taken from them, and where to.

use super::StepClass;
use crate::mmzone::ZoneId;
use crate::op::NameId;
use crate::reclaim::balance::ScanBalance;
use crate::reclaim::{Batch, Lru, SplitWhy, Verdict};
use crate::units::{CpuId, Order, Pfn, Vaddr};
use crate::xarray::SwapEntry;

/// Whose turn reclaim is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Reclaimer {
    /// The daemon of a node.
    Kswapd(u8),
    /// Whoever asked for memory, and waits meanwhile.
    Direct,
    /// A program that said so itself (`MADV_PAGEOUT`).
    Madvise,
    /// Whoever wants more than its control group may have, in that group.
    Group,
}

/// Why a page that was looked at stays.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Kept {
    /// It is locked: it is being read just now.
    Locked,
    /// There is no room for it in swap.
    NoSwap,
    /// It is dirty, and writing is the flusher's business; it goes as soon as it is clean.
    Dirty,
    /// It is on its way to the disk; it goes when it is there.
    Writeback,
    /// It was to be thrown away, but was written to meanwhile.
    Redirtied,
    /// It was sent to the disk just now.
    PagedOut,
    /// It has to stay in memory.
    Mlocked,
    /// Somebody counts on where it lies: a huge page cannot be split then.
    Pinned,
}

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReclaimStep {
    /// A page waits in a CPU's batch (`folio_add_lru()` and others).
    Batched {
        /// Which page.
        pfn: Pfn,
        /// What for.
        batch: Batch,
        /// Whose batch.
        cpu: CpuId,
        /// How many wait there now, 1 to 15.
        waiting: u8,
    },
    /// A batch goes to the lists (`lru_add_drain_cpu()`).
    Drained {
        /// Whose.
        cpu: CpuId,
        /// Which.
        batch: Batch,
        /// How many pages: 1 to 15, and all of a huge one, which goes at once.
        pages: u16,
    },
    /// A page was used for the first time (`folio_mark_accessed()`).
    Referenced {
        /// Which.
        pfn: Pfn,
    },
    /// A page is not active any more (`folio_deactivate()`).
    Deactivated {
        /// Which.
        pfn: Pfn,
    },
    /// A page may have to stay from now on, or need not any more (`mlock_folio()`, `munlock_folio()`).
    Evictable {
        /// Which.
        pfn: Pfn,
        /// Whether it may go.
        may_go: bool,
    },
    /// `read()` finds a page in the page cache.
    ReadHit {
        /// The file.
        file: NameId,
        /// Which page of it.
        index: u32,
        /// Where it lies.
        pfn: Pfn,
    },
    /// Pages are read from a file, more than were asked for (`ondemand_readahead()`).
    ReadAhead {
        /// The file.
        file: NameId,
        /// The page that was asked for.
        index: u32,
        /// The first page that is read.
        start: u32,
        /// How many.
        pages: u32,
        /// The page that gets the mark.
        mark: Option<u32>,
        /// The page was missing; otherwise it had the mark.
        missed: bool,
    },
    /// A page comes back that was taken away (`workingset_refault()`).
    Refault {
        /// Where it lies now.
        pfn: Pfn,
        /// How many pages were taken away or became active meanwhile.
        distance: u32,
        /// With so many active pages less it would have stayed.
        size: u32,
        /// It becomes active at once.
        activated: bool,
        /// It had been active before.
        restored: bool,
    },
    /// A task has to find memory itself (`try_to_free_pages()`).
    DirectReclaim {
        /// For a block of this order.
        order: Order,
    },
    /// It is done.
    DirectReclaimed {
        /// So many pages are free.
        reclaimed: u32,
        /// The priority that it came to.
        priority: u8,
    },
    /// How much of which list is looked at (`get_scan_count()`).
    ScanCount {
        /// Who looks.
        by: Reclaimer,
        /// The node.
        node: u8,
        /// The control group whose lists it is; none: those of whoever is in none.
        group: Option<NameId>,
        /// 12 to 0.
        priority: u8,
        /// Which lists.
        balance: ScanBalance,
        /// Pages of each evictable list.
        counts: [u32; 4],
    },
    /// Pages are taken from the tail of a list (`isolate_lru_folios()`).
    Isolated {
        /// The node.
        node: u8,
        /// Which list.
        lru: Lru,
        /// How many, with all of huge ones.
        taken: u16,
        /// Those of zones that are no help, and stay.
        skipped: u16,
    },
    /// A page is looked at (`folio_check_references()`).
    Looked {
        /// Which.
        pfn: Pfn,
        /// Entries that say that it was used since the last time.
        ptes: u8,
        /// It had the mark of a first use.
        referenced: bool,
        /// What follows.
        verdict: Verdict,
    },
    /// An active page is looked at (`shrink_active_list()`).
    Aged {
        /// Which.
        pfn: Pfn,
        /// It was used, and is code: it stays active.
        stays: bool,
    },
    /// A page gets a slot in swap (`add_to_swap()`).
    AddedToSwap {
        /// Which.
        pfn: Pfn,
        /// The slot.
        entry: SwapEntry,
    },
    /// An entry that led to a page is gone (`try_to_unmap_one()`).
    Unmapped {
        /// Which page.
        pfn: Pfn,
        /// Whose entry.
        process: NameId,
        /// At which address.
        address: Vaddr,
        /// What stands there now; none: nothing, the file has it.
        entry: Option<SwapEntry>,
    },
    /// A huge page is split, because it cannot go as a whole (`shrink_folio_list()`).
    HugeSplit {
        /// Its first frame.
        pfn: Pfn,
        /// Why.
        why: SplitWhy,
    },
    /// Entries that led into a huge page are gone, one after the other (`try_to_unmap_one()`).
    HugeUnmapped {
        /// The frame that the first of them led to.
        pfn: Pfn,
        /// Whose entries.
        process: NameId,
        /// Of which address the first one is.
        address: Vaddr,
        /// What stands there now; none: nothing.
        entry: Option<SwapEntry>,
        /// How many, 1 to 512.
        pages: u16,
    },
    /// A part of a huge page is nobody's: it stays whole, and waits to be split (`deferred_split_huge_page()`).
    DeferredSplit {
        /// Its first frame.
        pfn: Pfn,
        /// Frames of it that somebody has still, 0 to 511.
        used: u16,
    },
    /// Who is short of memory looks at huge pages that nobody needs all of (`deferred_split_scan()`).
    SplitScan {
        /// Of which node.
        node: u8,
        /// Of which control group; none: those of whoever is in none.
        group: Option<NameId>,
        /// 12 to 0.
        priority: u8,
        /// How many wait.
        waiting: u32,
        /// How many are to be looked at; 0: too few wait for such a mild priority.
        scan: u32,
    },
    /// A page is written to swap (`pageout()`).
    PagedOut {
        /// Which.
        pfn: Pfn,
        /// Where to.
        entry: SwapEntry,
        /// It is there at once: the swap is in memory, compressed.
        at_once: bool,
    },
    /// A page stays for now.
    Kept {
        /// Which.
        pfn: Pfn,
        /// Why.
        why: Kept,
    },
    /// A page is taken away (`__remove_mapping()`).
    Reclaimed {
        /// Which.
        pfn: Pfn,
        /// The age that its shadow says; none: nobody can want it back.
        age: Option<u32>,
    },
    /// A batch from a list is done (`shrink_inactive_list()`, `shrink_active_list()`).
    Shrunk {
        /// The node.
        node: u8,
        /// Which list.
        lru: Lru,
        /// How many were looked at, with all of huge ones.
        taken: u16,
        /// Of an inactive list those that are free now; of an active one those that are inactive now.
        gone: u16,
        /// Those that are active now.
        active: u16,
    },
    /// Pages have been written (`end_page_writeback()`).
    Written {
        /// The first of them.
        first: Pfn,
        /// How many.
        pages: u32,
        /// Those that were to go: they are put where they are found first.
        rotated: u32,
    },
    /// kswapd looks whether its node has enough (`balance_pgdat()`).
    Balance {
        /// The node.
        node: u8,
        /// The zone that has enough; none: it goes on.
        balanced: Option<ZoneId>,
        /// 12 to 1.
        priority: u8,
    },
    /// kswapd goes to sleep (`kswapd_try_to_sleep()`).
    KswapdSleeps {
        /// The node.
        node: u8,
        /// So many pages it reclaimed since it woke.
        reclaimed: u32,
        /// It has given up so often in a row; with 16 nobody wakes it any more.
        failures: u8,
    },
    /// Whether another round of reclaim makes sense (`should_reclaim_retry()`).
    Retry {
        /// For a block of this order.
        order: Order,
        /// The zone that would have enough if all of it were reclaimed; none: it does not.
        zone: Option<ZoneId>,
        /// Rounds without a page so far, at most 16.
        no_progress: u8,
    },
    /// A page that is in swap is found in the swap cache (`lookup_swap_cache()`).
    SwapCacheHit {
        /// Where it lies in memory.
        pfn: Pfn,
        /// Its slot.
        entry: SwapEntry,
        /// It was read ahead.
        read_ahead: bool,
    },
    /// Pages are read from swap (`swapin_readahead()`).
    SwapIn {
        /// The slot that is wanted.
        entry: SwapEntry,
        /// The first slot that is read.
        start: u32,
        /// How many slots are looked at.
        pages: u8,
    },
    /// A page was read from swap (`swap_readpage()`).
    SwapRead {
        /// The slot.
        entry: SwapEntry,
        /// Where it lies now.
        pfn: Pfn,
    },
    /// A page is entered again (`do_swap_page()`).
    Swapped {
        /// The process.
        process: NameId,
        /// Where.
        address: Vaddr,
        /// Which page.
        pfn: Pfn,
        /// Its slot.
        entry: SwapEntry,
        /// The slot is free: the page will be written to.
        freed: bool,
    },
    /// A page of a file was written to (`folio_mark_dirty()`).
    Dirtied {
        /// The file.
        file: NameId,
        /// Which page of it.
        index: u32,
        /// Where it lies.
        pfn: Pfn,
        /// How many pages are dirty now.
        dirty: u32,
    },
    /// More pages are dirty than may be: whoever writes has to wait (`balance_dirty_pages()`).
    Throttled {
        /// Dirty ones, those on their way to the disk included.
        dirty: u32,
        /// How many may be.
        limit: u32,
    },
    /// The flusher is woken (`wb_start_background_writeback()`).
    FlusherWoken {
        /// Dirty pages.
        dirty: u32,
        /// How many may be before it works.
        limit: u32,
    },
    /// Pages of a file are on their way to the disk (`write_cache_pages()`).
    WriteBack {
        /// The file.
        file: NameId,
        /// The first one.
        first: u32,
        /// How many.
        pages: u32,
    },
    /// The disk has everything (`sync()`, `fsync()`).
    Synced {
        /// The file; none: all.
        file: Option<NameId>,
        /// How many pages were written for it.
        pages: u32,
    },
    /// Clean pages of files that nobody has were thrown away (`drop_caches`).
    Dropped {
        /// How many.
        pages: u32,
        /// So many stay: they are dirty, mapped or on their way to the disk.
        kept: u32,
    },
    /// A program said how it will read a file (`generic_fadvise()`).
    Advised {
        /// The file.
        file: NameId,
        /// So many pages are read ahead at most from now on.
        ra_pages: u32,
    },
    /// A program said that pages will not be used for long (`MADV_COLD`), or may go at once (`MADV_PAGEOUT`).
    Cold {
        /// Which program.
        process: NameId,
        /// The first address.
        start: Vaddr,
        /// How many pages it alone has there, of those that are looked at now.
        pages: u32,
        /// They go at once.
        pageout: bool,
    },
    /// A file ends before what was to be read.
    EndOfFile {
        /// Which.
        file: NameId,
    },
    /// There is no memory for a page of a file (`ENOMEM`).
    NoPage {
        /// Which.
        file: NameId,
    },
    /// A control group is made (`mem_cgroup_css_alloc()`).
    GroupMade {
        /// What it is called.
        group: NameId,
        /// Pages that it may have; none: as many as it likes.
        max: Option<u64>,
        /// The same of slots in swap.
        swap_max: Option<u64>,
    },
    /// A process is in a group from its beginning.
    GroupJoined {
        /// Which process.
        process: NameId,
        /// Which group.
        group: NameId,
    },
    /// A limit was written (`memory_max_write()`, `swap_max_write()`).
    GroupLimit {
        /// Of which group.
        group: NameId,
        /// Of slots in swap; otherwise of memory.
        swap: bool,
        /// Pages; none: as many as it likes.
        max: Option<u64>,
        /// What it has.
        usage: u64,
    },
    /// Pages would be more than the group may have (`try_charge_memcg()`).
    GroupOver {
        /// Which group.
        group: NameId,
        /// What it has, in pages.
        usage: u64,
        /// What it may have.
        max: u64,
        /// How many are wanted.
        pages: u32,
        /// How often that has happened (`max` of `memory.events`).
        times: u64,
    },
    /// What CPUs had charged to a group ahead is given back (`drain_all_stock()`).
    GroupDrained {
        /// Which group.
        group: NameId,
        /// How many pages.
        pages: u32,
    },
    /// A group has looked for room in itself (`try_to_free_mem_cgroup_pages()`).
    GroupReclaimed {
        /// Which group.
        group: NameId,
        /// So many pages are free.
        reclaimed: u32,
        /// The priority that it came to.
        priority: u8,
        /// What it has now.
        usage: u64,
        /// What it may have.
        max: Option<u64>,
    },
    /// It has looked again for the same charge.
    GroupRetried {
        /// Which group.
        group: NameId,
        /// How many times.
        rounds: u32,
        /// Pages that were found, all times together.
        reclaimed: u64,
    },
    /// The group has no room: the request fails (`ENOMEM`).
    GroupRefused {
        /// Which group.
        group: NameId,
        /// How many pages were wanted.
        pages: u32,
    },
    /// A near node is short, and `zone_reclaim_mode` is set: is there enough to take (`node_reclaim()`)?
    NodeReclaim {
        /// Which node.
        node: u8,
        /// Pages of files that could go.
        pages: u32,
        /// So many stay in any case.
        least: u32,
        /// There are more.
        enough: bool,
    },
    /// Some of a near node's page cache has gone, so that no far one need be asked.
    NodeReclaimed {
        /// Which node.
        node: u8,
        /// How many pages.
        reclaimed: u32,
    },
    /// Time passes.
    Waited {
        /// Milliseconds.
        ms: u32,
    },
}

impl ReclaimStep {
    pub(super) fn class(&self) -> StepClass {
        use ReclaimStep as R;
        match self {
            R::Reclaimed { .. } | R::Dropped { pages: 1.., .. } => StepClass::Free,
            R::SwapRead { .. } | R::Swapped { .. } => StepClass::Alloc,
            R::Unmapped { .. }
            | R::AddedToSwap { .. }
            | R::HugeSplit { .. }
            | R::HugeUnmapped { .. }
            | R::PagedOut { .. }
            | R::Isolated { taken: 1.., .. } => StepClass::Steal,
            R::DirectReclaimed { reclaimed: 0, .. }
            | R::NodeReclaimed { reclaimed: 0, .. }
            | R::Retry { zone: None, .. }
            | R::NoPage { .. }
            | R::GroupOver { .. }
            | R::GroupReclaimed { reclaimed: 0, .. }
            | R::GroupRetried { reclaimed: 0, .. }
            | R::GroupRefused { .. }
            | R::Throttled { .. } => StepClass::Fail,
            _ => StepClass::Look,
        }
    }

    /// The frame that it is about.
    #[must_use]
    pub fn frame(&self) -> Option<Pfn> {
        use ReclaimStep as R;
        match *self {
            R::Batched { pfn, .. }
            | R::Referenced { pfn }
            | R::Deactivated { pfn }
            | R::Evictable { pfn, .. }
            | R::ReadHit { pfn, .. }
            | R::Refault { pfn, .. }
            | R::Looked { pfn, .. }
            | R::Aged { pfn, .. }
            | R::AddedToSwap { pfn, .. }
            | R::HugeSplit { pfn, .. }
            | R::HugeUnmapped { pfn, .. }
            | R::DeferredSplit { pfn, .. }
            | R::Unmapped { pfn, .. }
            | R::PagedOut { pfn, .. }
            | R::Kept { pfn, .. }
            | R::Reclaimed { pfn, .. }
            | R::SwapCacheHit { pfn, .. }
            | R::SwapRead { pfn, .. }
            | R::Swapped { pfn, .. }
            | R::Dirtied { pfn, .. } => Some(pfn),
            _ => None,
        }
    }

    /// A number from 240 on, for the links; what is alike has the same.
    pub(super) fn code(&self) -> u8 {
        use ReclaimStep as R;
        match self {
            R::Batched { .. } | R::Drained { .. } => 240,
            R::Referenced { .. }
            | R::Deactivated { .. }
            | R::Cold { .. }
            | R::Evictable { .. }
            | R::Aged { .. } => 241,
            R::ReadHit { .. }
            | R::ReadAhead { .. }
            | R::Advised { .. }
            | R::EndOfFile { .. }
            | R::NoPage { .. } => 242,
            R::Refault { .. } => 243,
            R::DirectReclaim { .. }
            | R::DirectReclaimed { .. }
            | R::NodeReclaim { .. }
            | R::NodeReclaimed { .. }
            | R::Retry { .. } => 244,
            R::GroupMade { .. }
            | R::GroupJoined { .. }
            | R::GroupLimit { .. }
            | R::GroupOver { .. }
            | R::GroupDrained { .. }
            | R::GroupReclaimed { .. }
            | R::GroupRetried { .. }
            | R::GroupRefused { .. } => 244,
            R::ScanCount { .. } | R::Isolated { .. } | R::Shrunk { .. } | R::SplitScan { .. } => 245,
            R::Looked { .. } => 246,
            R::AddedToSwap { .. } | R::PagedOut { .. } | R::HugeSplit { .. } => 247,
            R::Unmapped { .. } | R::HugeUnmapped { .. } => 248,
            R::Kept { .. } | R::DeferredSplit { .. } => 249,
            R::Reclaimed { .. } | R::Dropped { .. } => 250,
            R::Written { .. } | R::WriteBack { .. } | R::Synced { .. } => 251,
            R::Balance { .. } | R::KswapdSleeps { .. } | R::Waited { .. } => 252,
            R::SwapCacheHit { .. } | R::SwapIn { .. } | R::SwapRead { .. } | R::Swapped { .. } => 253,
            R::Dirtied { .. } => 254,
            R::Throttled { .. } | R::FlusherWoken { .. } => 255,
        }
    }
}

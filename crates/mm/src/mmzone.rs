//! Zones and their free lists (include/linux/mmzone.h).

use crate::deque::Deque;
use crate::hash::{Digest, Digestible};
use crate::page::{Block, MigrateType, NONE};
use crate::units::{CpuId, NrPages, Order, Pfn, PfnRange};

/// `enum zone_type`, lowest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
#[repr(u8)]
pub enum ZoneKind {
    /// What an ISA device can reach: the first 16 MiB.
    Dma,
    /// What a 32-bit device can reach: below 4 GiB (64-bit kernels).
    Dma32,
    /// Memory that the kernel has mapped all the time.
    Normal,
    /// Memory without a lasting kernel mapping (32-bit kernels).
    HighMem,
    /// Movable pages only.
    Movable,
    /// Memory of a device with a `struct page`: never the buddy system's. `/proc/zoneinfo` lists it.
    Device,
}

impl ZoneKind {
    /// Those that the buddy system serves, lowest first: what a machine can have.
    pub const ALL: [ZoneKind; 5] =
        [ZoneKind::Dma, ZoneKind::Dma32, ZoneKind::Normal, ZoneKind::HighMem, ZoneKind::Movable];
    /// How many kinds there are, Device included.
    pub const COUNT: usize = 6;

    /// The name as `/proc` prints it (`zone_names`, mm/page_alloc.c).
    #[must_use]
    pub fn name(self) -> &'static str {
        ["DMA", "DMA32", "Normal", "HighMem", "Movable", "Device"][self as usize]
    }

    /// The zone of a machine with that name, in any case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<ZoneKind> {
        Self::ALL.into_iter().find(|zone| zone.name().eq_ignore_ascii_case(name))
    }

    /// The kind that `/proc` calls so, Device included; the case counts.
    #[must_use]
    pub fn from_proc_name(name: &str) -> Option<ZoneKind> {
        Self::ALL.into_iter().chain([ZoneKind::Device]).find(|zone| zone.name() == name)
    }
}

/// Which of the machine's zones: an index into [`crate::Machine::zones`], lowest address first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct ZoneId(pub u8);

impl ZoneId {
    /// As an index.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// Which end of a list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Head,
    Tail,
}

/// One list of blocks: its two ends. What lies between them is linked in `mem_map`, or for a CPU's list in
/// [`crate::deque`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FreeList {
    pub(crate) head: u32,
    pub(crate) tail: u32,
    pub(crate) len: u32,
}

impl FreeList {
    pub(crate) const EMPTY: FreeList = FreeList { head: NONE, tail: NONE, len: 0 };

    /// The first block: the one that the next request takes.
    #[must_use]
    pub fn head(&self) -> Option<Pfn> {
        (self.head != NONE).then_some(Pfn(self.head))
    }

    /// The last block: on a per-CPU list the coldest one.
    #[must_use]
    pub fn tail(&self) -> Option<Pfn> {
        (self.tail != NONE).then_some(Pfn(self.tail))
    }

    /// Puts a block at one end; gives its neighbours, previous and next, to be linked with it.
    #[inline]
    pub(crate) fn push(&mut self, pfn: Pfn, end: End) -> (u32, u32) {
        let FreeList { head, tail, .. } = *self;
        self.len += 1;
        match end {
            End::Head => {
                self.head = pfn.0;
                if tail == NONE {
                    self.tail = pfn.0;
                }
                (NONE, head)
            }
            End::Tail => {
                self.tail = pfn.0;
                if head == NONE {
                    self.head = pfn.0;
                }
                (tail, NONE)
            }
        }
    }

    /// Takes a block off whose neighbours are these.
    #[inline]
    pub(crate) fn remove(&mut self, pfn: Pfn, prev: u32, next: u32) {
        self.len -= 1;
        if self.head == pfn.0 {
            self.head = next;
        }
        if self.tail == pfn.0 {
            self.tail = prev;
        }
    }

    /// How many blocks it holds.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// `struct free_area`: the free blocks of one order, a list for each migratetype.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FreeArea {
    pub(crate) lists: [FreeList; MigrateType::COUNT],
}

impl FreeArea {
    /// The list of one type.
    #[must_use]
    pub fn list(&self, migratetype: MigrateType) -> &FreeList {
        &self.lists[migratetype.index()]
    }

    /// Blocks on all lists of this order (`nr_free`): what `/proc/buddyinfo` prints.
    #[must_use]
    pub fn nr_free(&self) -> u32 {
        self.lists.iter().map(|list| list.len).sum()
    }
}

/// The marks of a zone (`enum zone_watermarks`), in the order of the kernel.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
#[repr(u8)]
pub enum Mark {
    /// Below it an ordinary request has to reclaim for itself.
    Min,
    /// Below it kswapd is woken.
    Low,
    /// Up to it kswapd reclaims.
    High,
    /// NUMA balancing promotes pages only above it (not printed by 6.1).
    Promo,
}

impl Mark {
    /// The name as `/proc/zoneinfo` prints it.
    #[must_use]
    pub fn name(self) -> &'static str {
        ["min", "low", "high", "promo"][self as usize]
    }
}

/// The pages that one CPU keeps of one zone (`struct per_cpu_pages`, 6.1).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PerCpuPages {
    /// Pages (not blocks) on all lists.
    pub count: u32,
    /// From so many pages on, a free gives some back to the buddy system. 0 until the real pagesets are set up.
    pub high: u32,
    /// Blocks of order 0 in one refill, and the smallest number of pages in one drain.
    pub batch: u32,
    /// Doubles what a drain gives back with each one in a row; every allocation halves it.
    pub free_factor: u8,
    /// Ticks of the vmstat worker until the pages of a remote node are given back.
    pub expire: u8,
    pub(crate) lists: [Deque; PerCpuPages::LISTS],
}

impl PerCpuPages {
    /// 3 types of each of the orders 0 to 3, then two lists of huge pages (`NR_PCP_LISTS` with THP, 6.1.192).
    pub const LISTS: usize = 14;
    /// The first list of huge pages; the second one is for movable pages.
    pub const THP_LIST: usize = 12;
    /// The factor stays below this (`CONFIG_PCP_BATCH_SCALE_MAX`).
    pub const MAX_FREE_FACTOR: u8 = 5;

    /// As at boot, before the zone's size is known (`per_cpu_pages_init()`, `boot_pagesets`).
    pub(crate) const BOOT: PerCpuPages =
        PerCpuPages { count: 0, high: 0, batch: 1, free_factor: 0, expire: 0, lists: [Deque::EMPTY; 14] };

    /// One list, 0 to 13.
    #[must_use]
    pub fn list(&self, index: usize) -> &FreeList {
        &self.lists[index].list
    }

    /// The list that holds blocks of this order and type (`order_to_pindex()`). Types beyond the first three share
    /// the movable list.
    #[must_use]
    #[inline]
    pub fn index_of(order: Order, migratetype: MigrateType) -> usize {
        let migratetype = if migratetype.is_mergeable() { migratetype } else { MigrateType::Movable };
        if order.get() > 3 {
            PerCpuPages::THP_LIST + usize::from(migratetype == MigrateType::Movable)
        } else {
            usize::from(order.get()) * 3 + migratetype.index()
        }
    }

    /// The order of the blocks on a list (`pindex_to_order()`).
    #[must_use]
    pub fn order_of(index: usize, pageblock_order: Order) -> Order {
        if index >= PerCpuPages::THP_LIST {
            pageblock_order
        } else {
            Order::new(index as u8 / 3).unwrap_or(Order::ZERO)
        }
    }

    /// The type of the requests that a list serves; of the first list of huge pages, unmovable stands for both.
    #[must_use]
    pub fn type_of(index: usize) -> MigrateType {
        match index {
            PerCpuPages::THP_LIST => MigrateType::Unmovable,
            13.. => MigrateType::Movable,
            _ => MigrateType::ALL[index % 3],
        }
    }
}

impl Digestible for PerCpuPages {
    fn digest(&self, to: &mut Digest) {
        let PerCpuPages { count, high, batch, free_factor, expire, lists } = self;
        to.word(u64::from(*count) << 32 | u64::from(*high));
        to.word(u64::from(*batch) | u64::from(*free_factor) << 32 | u64::from(*expire) << 40);
        lists.iter().for_each(|deque| deque.list.digest(to));
    }
}

/// The counters of `numastat` (`enum numa_stat_item`), in pages' requests: one for each block.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NumaStat {
    /// Allocated here, as intended.
    pub hit: u64,
    /// Allocated here, though another node was preferred.
    pub miss: u64,
    /// Intended for here, but allocated elsewhere.
    pub foreign: u64,
    /// Allocated here by interleaving, as intended.
    pub interleave_hit: u64,
    /// Allocated here by a CPU of this node.
    pub local: u64,
    /// Allocated here by a CPU of another node.
    pub other: u64,
}

/// `struct zone`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Zone {
    /// Which kind.
    pub kind: ZoneKind,
    /// The NUMA node it belongs to.
    pub node: u8,
    /// From `zone_start_pfn` to its end, holes included (`spanned_pages`).
    pub span: PfnRange,
    /// Pages that exist (`present_pages`).
    pub present: NrPages,
    /// Pages that the buddy system was given (`managed_pages`).
    pub managed: NrPages,
    /// Pages on the free lists or just off them (`NR_FREE_PAGES`).
    pub nr_free_pages: NrPages,
    /// Those of them in CMA pageblocks (`NR_FREE_CMA_PAGES`).
    pub nr_free_cma: NrPages,
    /// Pages that are off the lists and still counted as free: a block in hand, a refill that has not ended.
    pub(crate) off_lists: u32,
    /// min, low, high and promo in pages, without the boost (`_watermark[]`).
    pub watermark: [u32; 4],
    /// Pages that all marks are raised by for now (`watermark_boost`).
    pub watermark_boost: u32,
    /// Pages kept from requests that could also be served by a higher zone, by the highest zone of the request
    /// (`lowmem_reserve[]`).
    pub lowmem_reserve: [u32; ZoneKind::COUNT],
    /// Pages in high-atomic pageblocks (`nr_reserved_highatomic`).
    pub nr_reserved_highatomic: u32,
    /// Pageblocks that are isolated (`nr_isolate_pageblock`).
    pub nr_isolate_pageblock: u32,
    /// kswapd is to be woken because of the boost (`ZONE_BOOSTED_WATERMARK`).
    pub boosted: bool,
    /// kswapd is at work here, so the per-CPU lists are kept short (`ZONE_RECLAIM_ACTIVE`).
    pub reclaim_active: bool,
    /// Where requests were served, and where they had been meant to.
    pub numa: NumaStat,
    pub(crate) free_area: [FreeArea; Order::COUNT],
    /// For each migratetype a bit for each order on whose list there is a block.
    pub(crate) listed: [u16; MigrateType::COUNT],
    /// By CPU.
    pub(crate) pageset: Vec<PerCpuPages>,
}

impl Zone {
    /// The free blocks of one order.
    #[must_use]
    pub fn area(&self, order: Order) -> &FreeArea {
        &self.free_area[order.index()]
    }

    /// The orders from `order` up on whose lists of this type there is a block, as bits.
    #[inline]
    pub(crate) fn listed_from(&self, order: Order, migratetype: MigrateType) -> u16 {
        self.listed[migratetype.index()] >> order.get() << order.get()
    }

    /// Puts a block at one end of a free list; gives its neighbours, previous and next, to be linked with it.
    #[inline]
    pub(crate) fn push(&mut self, block: Block, migratetype: MigrateType, end: End) -> (u32, u32) {
        let area = &mut self.free_area[block.order.index()];
        self.listed[migratetype.index()] |= 1 << block.order.get();
        area.lists[migratetype.index()].push(block.pfn, end)
    }

    /// Takes a block off a free list whose neighbours are these.
    #[inline]
    pub(crate) fn remove(&mut self, block: Block, migratetype: MigrateType, prev: u32, next: u32) {
        let area = &mut self.free_area[block.order.index()];
        let list = &mut area.lists[migratetype.index()];
        list.remove(block.pfn, prev, next);
        if list.is_empty() {
            self.listed[migratetype.index()] &= !(1 << block.order.get());
        }
    }

    /// Free blocks per order: the line of `/proc/buddyinfo`.
    #[must_use]
    pub fn nr_free(&self) -> [u32; Order::COUNT] {
        std::array::from_fn(|order| self.free_area[order].nr_free())
    }

    /// Pages on the free lists that count as free: those of isolated pageblocks lie on lists of their own and do not.
    #[must_use]
    pub fn counted_on_lists(&self) -> NrPages {
        let counted = |order: Order| {
            let area = self.area(order);
            u64::from(area.nr_free() - area.list(MigrateType::Isolate).len()) << order.get()
        };
        NrPages(Order::all().map(counted).sum())
    }

    /// The largest order that has a free block.
    #[must_use]
    pub fn largest_free_order(&self) -> Option<Order> {
        Order::all().rev().find(|order| self.area(*order).nr_free() > 0)
    }

    /// Pages that are off the lists and still counted as free: a block in hand, a refill that has not ended. What is
    /// on the lists and these make up [`Zone::nr_free_pages`], at every step.
    #[must_use]
    pub fn off_lists(&self) -> NrPages {
        NrPages(u64::from(self.off_lists))
    }

    /// A mark with the boost added (`wmark_pages()`, 6.1): what requests are measured against.
    #[must_use]
    #[inline]
    pub fn wmark_pages(&self, mark: Mark) -> u32 {
        self.watermark[mark as usize] + self.watermark_boost
    }

    /// The per-CPU lists of one CPU.
    #[must_use]
    #[inline]
    pub fn pcp(&self, cpu: CpuId) -> &PerCpuPages {
        &self.pageset[cpu.index()]
    }

    /// The per-CPU lists of every CPU.
    #[must_use]
    pub fn pagesets(&self) -> &[PerCpuPages] {
        &self.pageset
    }

    /// Pages on the per-CPU lists of all CPUs: neither free to the buddy system nor in use.
    #[must_use]
    pub fn pcp_pages(&self) -> NrPages {
        NrPages(self.pageset.iter().map(|pcp| u64::from(pcp.count)).sum())
    }
}

impl Digestible for FreeList {
    fn digest(&self, to: &mut Digest) {
        to.word(u64::from(self.head) << 32 | u64::from(self.tail));
        to.word(u64::from(self.len));
    }
}

impl Digestible for Zone {
    fn digest(&self, to: &mut Digest) {
        let Zone {
            kind,
            node,
            span,
            present,
            managed,
            nr_free_pages,
            nr_free_cma,
            off_lists,
            watermark,
            watermark_boost,
            lowmem_reserve,
            nr_reserved_highatomic,
            nr_isolate_pageblock,
            boosted,
            reclaim_active,
            numa,
            free_area,
            listed: _,
            pageset,
        } = self;
        to.word(
            u64::from(*kind as u8)
                | u64::from(*node) << 8
                | u64::from(*boosted) << 16
                | u64::from(*reclaim_active) << 17
                | u64::from(*off_lists) << 32,
        );
        to.word(u64::from(span.start.0) << 32 | u64::from(span.end.0));
        for pages in [present, managed, nr_free_pages, nr_free_cma] {
            to.word(pages.0);
        }
        for pages in watermark.iter().chain(lowmem_reserve).chain([
            watermark_boost,
            nr_reserved_highatomic,
            nr_isolate_pageblock,
        ]) {
            to.word(u64::from(*pages));
        }
        let NumaStat { hit, miss, foreign, interleave_hit, local, other } = numa;
        for count in [hit, miss, foreign, interleave_hit, local, other] {
            to.word(*count);
        }
        for area in free_area {
            to.word(u64::from(area.nr_free()));
            area.lists.iter().for_each(|list| list.digest(to));
        }
        pageset.iter().for_each(|pcp| pcp.digest(to));
    }
}

//! `/proc/zoneinfo`: everything that the kernel says about its zones.
//!
//! [`ZoneInfo`] has every field of the file, so that its `Display` gives back the text to the byte.
//! [`ZoneExcerpt`] is a zone of which only some lines are there, as `grep` leaves them.

mod machine;
mod read;
mod write;

use mm::mmzone::ZoneKind;

pub use read::{PageSetExcerpt, ZoneExcerpt, read_zoneinfo, read_zoneinfo_excerpt};

/// The whole file: all zones of all nodes, those without a page too.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ZoneInfo {
    /// In the order of the file: node by node, lowest kind first.
    pub zones: Vec<ZoneEntry>,
}

/// A counter and what it says. Which there are depends on how the kernel was built, so they keep their names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stat {
    /// The name, such as `nr_free_pages`.
    pub name: String,
    /// In pages but for a few (`nr_kernel_stack` is in KiB).
    pub value: u64,
}

/// One zone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ZoneEntry {
    /// The NUMA node.
    pub node: u32,
    /// Which kind.
    pub kind: ZoneKind,
    /// The counters of the node: in the entry of its first populated zone.
    pub node_stats: Option<Vec<Stat>>,
    /// The block `pages free`.
    pub pages: ZonePages,
    /// `lowmem_reserve[]` in pages, for requests whose highest zone is the first, the second, … kind.
    pub protection: Vec<u64>,
    /// What is only said about a zone with pages.
    pub populated: Option<PopulatedZone>,
}

/// The numbers of a zone, all in pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ZonePages {
    /// Free pages (`NR_FREE_PAGES`).
    pub free: u64,
    /// What the marks are raised by at the moment.
    pub boost: u64,
    /// The min mark, boost included.
    pub min: u64,
    /// The low mark, boost included.
    pub low: u64,
    /// The high mark, boost included.
    pub high: u64,
    /// From the first to behind the last page.
    pub spanned: u64,
    /// Pages that exist.
    pub present: u64,
    /// Pages that the buddy system was given.
    pub managed: u64,
    /// Pages of the contiguous memory allocator.
    pub cma: u64,
}

/// What is only said about a zone with pages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PopulatedZone {
    /// The counters of the zone, and those of NUMA.
    pub stats: Vec<Stat>,
    /// The per-CPU lists of each online CPU.
    pub pagesets: Vec<PageSet>,
    /// Whether kswapd has given the node up.
    pub node_unreclaimable: u64,
    /// The first frame.
    pub start_pfn: u64,
}

impl PopulatedZone {
    /// The counter of this name.
    #[must_use]
    pub fn stat(&self, name: &str) -> Option<u64> {
        self.stats.iter().find(|stat| stat.name == name).map(|stat| stat.value)
    }
}

/// The per-CPU lists of one CPU.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PageSet {
    /// Which CPU.
    pub cpu: u32,
    /// Pages on them.
    pub count: u64,
    /// Pages at which they are too long.
    pub high: u64,
    /// Pages that are moved at once.
    pub batch: u64,
    /// From how many pages on the CPU's share of a counter is added to the zone's; only with SMP.
    pub stat_threshold: Option<u64>,
}

impl ZoneInfo {
    /// The kinds of zones that the kernel was built with, lowest first.
    #[must_use]
    pub fn kinds(&self) -> Vec<ZoneKind> {
        let first = self.zones.first().map(|zone| zone.node);
        self.zones.iter().filter(|zone| Some(zone.node) == first).map(|zone| zone.kind).collect()
    }

    /// How many CPUs are online: each has its lists in every populated zone.
    #[must_use]
    pub fn online_cpus(&self) -> u32 {
        let sets = self.zones.iter().filter_map(|zone| zone.populated.as_ref()).map(|p| p.pagesets.len());
        u32::try_from(sets.max().unwrap_or(0)).unwrap_or(u32::MAX)
    }
}

//! The figures of a zone that are set up once and again after a write to a file of `/proc/sys/vm` (mm/page_alloc.c,
//! mm/khugepaged.c, mm/vmstat.c, 6.1): `min_free_kbytes`, the watermarks, the reserves for lower zones, the sizes of
//! the per-CPU lists, the thresholds of the per-CPU counters, and in which order nodes are tried.
//!
//! # The steps
//! 1. Each rule is a function of plain numbers, named after the kernel's.
//! 2. [`ZoneSetup`] keeps what the kernel keeps between two writes and applies the rules in the kernel's order:
//!    [`ZoneSetup::boot`], and a method for each file that can be written. A write recomputes some figures from the
//!    pages that the zones have *then*, and leaves the others as they were.
//! 3. [`ZoneSetup::compute`] is both at once, for whoever only wants the figures.
//!
//! Zones are given as the kernel walks them: node by node, lowest kind first, those without a page too.

use crate::mmzone::ZoneKind;
use crate::units::{NrPages, Order, PAGE_SIZE, PfnRange};
use crate::util::Overcommit;

/// Kibibytes of a page.
const PAGE_KB: u64 = PAGE_SIZE / 1024;

/// What of a zone the rules look at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ZoneSize {
    /// Which kind.
    pub kind: ZoneKind,
    /// The NUMA node.
    pub node: u8,
    /// Pages that the buddy system was given (`managed_pages`).
    pub managed: NrPages,
    /// Pages that exist (`present_pages`); a zone with any is *populated*.
    pub present: NrPages,
    /// From the first to behind the last, holes included (`spanned_pages`).
    pub spanned: NrPages,
}

/// What a person can set, with the defaults of 6.1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tunables {
    /// `/proc/sys/vm/min_free_kbytes` as it was written, in KiB; none when nobody has (`user_min_free_kbytes`).
    pub min_free_kbytes: Option<u32>,
    /// `/proc/sys/vm/watermark_scale_factor`: the gap between two marks, in ten-thousandths of the zone.
    pub watermark_scale_factor: u32,
    /// `/proc/sys/vm/watermark_boost_factor`: the most that a mark is raised by, in ten-thousandths of high.
    pub watermark_boost_factor: u32,
    /// `/proc/sys/vm/lowmem_reserve_ratio` for each kind of zone, by [`ZoneKind`]; 0 keeps nothing back.
    pub lowmem_reserve_ratio: [u32; ZoneKind::COUNT],
    /// `/proc/sys/vm/percpu_pagelist_high_fraction`: which part of a zone its per-CPU lists may hold; 0 for the
    /// rule without it.
    pub percpu_pagelist_high_fraction: u32,
    /// `/proc/sys/vm/overcommit_memory`: how much may be promised to processes.
    pub overcommit_memory: Overcommit,
    /// `/proc/sys/vm/overcommit_ratio`: the part of memory that may be promised in mode 2, per cent.
    pub overcommit_ratio: u32,
    /// `/proc/sys/vm/panic_on_oom`: 0 somebody is killed, 1 the kernel stops where all memory is short, 2 always.
    pub panic_on_oom: u32,
    /// `/proc/sys/vm/oom_kill_allocating_task`: whoever asks is killed; 0 is off.
    pub oom_kill_allocating_task: u32,
    /// Whether huge pages are made (`/sys/kernel/mm/transparent_hugepage/enabled` is not `never`), so that
    /// khugepaged asks for more free memory.
    pub thp: bool,
    /// Frames of a pageblock as an order (`pageblock_order`).
    pub pageblock_order: Order,
}

impl Default for Tunables {
    fn default() -> Tunables {
        Tunables {
            min_free_kbytes: None,
            watermark_scale_factor: 10,
            watermark_boost_factor: 15_000,
            lowmem_reserve_ratio: [256, 256, 32, 0, 0, 0],
            percpu_pagelist_high_fraction: 0,
            overcommit_memory: Overcommit::Guess,
            overcommit_ratio: 50,
            panic_on_oom: 0,
            oom_kill_allocating_task: 0,
            thp: true,
            pageblock_order: Order::new(9).unwrap_or(Order::MAX),
        }
    }
}

/// The watermarks of a zone, in pages and without boost (`_watermark[]`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Watermarks {
    /// Below it only requests with rights of reserve are served.
    pub min: NrPages,
    /// Below it kswapd wakes up.
    pub low: NrPages,
    /// Up to it kswapd reclaims.
    pub high: NrPages,
    /// Up to it pages are promoted from a slower node; 6.1 does not print it.
    pub promo: NrPages,
}

/// All that is set up for a zone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ZoneFigures {
    /// The watermarks.
    pub marks: Watermarks,
    /// `lowmem_reserve[]`, in pages: what is kept back from requests whose highest zone is of this kind, by
    /// [`ZoneKind`]. `/proc/zoneinfo` prints it as `protection`, one number for each kind that the kernel has.
    pub lowmem_reserve: [NrPages; ZoneKind::COUNT],
    /// Pages at which a per-CPU list is too long (`pcp->high`).
    pub pcp_high: u32,
    /// Pages that a per-CPU list takes or gives back at once (`pcp->batch`).
    pub pcp_batch: u32,
    /// From how many pages on a CPU's share of a counter is added to the zone's (`stat_threshold`).
    pub stat_threshold: u32,
    /// Below so many free pages the counter is too far off to be trusted; 0 when it never is
    /// (`percpu_drift_mark`).
    pub percpu_drift_mark: NrPages,
}

/// Where the zones of an x86 machine lie, whatever node they are on, lowest first; empty ones too (`zone_sizes_init()`,
/// arch/x86/mm/init.c, 6.1): DMA up to 16 MiB, DMA32 up to 4 GiB where there is no high memory, Normal up to the end
/// of what the kernel maps, HighMem up to the end of all. `min` is the first frame that exists.
#[must_use]
pub fn zone_sizes_init(min: u32, max_low: u32, max: u32) -> Vec<(ZoneKind, PfnRange)> {
    const DMA_END: u32 = (16 << 20) / PAGE_SIZE as u32;
    const DMA32_END: u32 = ((4 << 30) / PAGE_SIZE) as u32;
    let mut ends = vec![(ZoneKind::Dma, DMA_END.min(max_low))];
    if max_low == max {
        ends.push((ZoneKind::Dma32, DMA32_END.min(max_low)));
    }
    ends.push((ZoneKind::Normal, max_low));
    if max_low < max {
        ends.push((ZoneKind::HighMem, max));
    }
    let mut start = min;
    let range = |(kind, end): (ZoneKind, u32)| {
        let range = PfnRange::new(start, end);
        start = start.max(end);
        (kind, range)
    };
    ends.into_iter().map(range).collect()
}

/// What of a zone's range lies on a node whose memory is `ram`, ascending: from the node's first to behind its last
/// frame, and how many of these frames exist (`zone_spanned_pages_in_node()`, `zone_absent_pages_in_node()`,
/// mm/page_alloc.c, 6.1).
#[must_use]
pub fn zone_pages_in_node(zone: PfnRange, ram: &[PfnRange]) -> (PfnRange, NrPages) {
    let (Some(first), Some(last)) = (ram.first(), ram.last()) else {
        return (PfnRange::new(zone.start.0, zone.start.0), NrPages(0));
    };
    let span = PfnRange { start: first.start, end: first.end.max(last.end) }.and(zone);
    let present = ram.iter().map(|range| u64::from(range.and(span).len())).sum();
    (span, NrPages(present))
}

/// `a * b / c` without overflow; 0 when `c` is 0.
fn mul_div(a: u64, b: u64, c: u64) -> u64 {
    let exact = (u128::from(a) * u128::from(b)).checked_div(u128::from(c)).unwrap_or(0);
    u64::try_from(exact).unwrap_or(u64::MAX)
}

fn sum(pages: impl Iterator<Item = NrPages>) -> NrPages {
    NrPages(pages.fold(0, |sum, pages| sum.saturating_add(pages.0)))
}

/// Pages that user data may use without touching reserves: what the zones up to Normal hold above their high marks
/// (`nr_free_buffer_pages()`, mm/page_alloc.c, 6.1). All nodes count, because the fallback list has them all. At
/// boot no zone has marks yet, so `high` is all 0.
#[must_use]
pub fn nr_free_buffer_pages(zones: &[ZoneSize], high: impl Iterator<Item = NrPages>) -> NrPages {
    let low = zones.iter().zip(high).filter(|(zone, _)| zone.kind <= ZoneKind::Normal);
    sum(low.map(|(zone, high)| NrPages(zone.managed.0.saturating_sub(high.0))))
}

/// `min_free_kbytes` in KiB for so many pages of [`nr_free_buffer_pages`]: four times the root of the amount in
/// KiB, from 128 to 262144 (`calculate_min_free_kbytes()`, mm/page_alloc.c, 6.1).
#[must_use]
pub fn calculate_min_free_kbytes(buffer_pages: NrPages) -> u32 {
    let root = (u128::from(buffer_pages.0) * u128::from(PAGE_KB) * 16).isqrt();
    u32::try_from(root).unwrap_or(u32::MAX).clamp(128, 262_144)
}

/// Whether a machine with so many pages keeps huge pages on when it boots: from 512 MiB on (`hugepage_init()`,
/// mm/huge_memory.c, 6.1).
#[must_use]
pub fn hugepages_stay_on(total: NrPages) -> bool {
    total.0 >= (512 << 20) / PAGE_SIZE
}

/// The least `min_free_kbytes`, in KiB, with which fallbacks rarely mix migratetypes: eleven pageblocks for each
/// populated zone up to Normal, but no more than a twentieth of `buffer_pages`
/// (`set_recommended_min_free_kbytes()`, mm/khugepaged.c, 6.1).
#[must_use]
pub fn recommended_min_free_kbytes(zones: &[ZoneSize], buffer_pages: NrPages, pageblock_order: Order) -> u32 {
    // Two whole pageblocks, and one for each pair of the three migratetypes that the per-CPU lists know.
    const PAGEBLOCKS: u64 = 2 + 3 * 3;
    let zones = zones.iter().filter(|zone| zone.present.0 > 0 && zone.kind <= ZoneKind::Normal).count();
    let wanted = u64::from(pageblock_order.pages()) * PAGEBLOCKS * zones as u64;
    let pages = wanted.min(buffer_pages.0 / 20);
    u32::try_from(pages * PAGE_KB).unwrap_or(u32::MAX)
}

/// Whether a kind of zone has no lasting kernel mapping (`is_highmem_idx()`, 6.1): Movable is made of the highest
/// memory, so it has none where HighMem has pages.
fn is_highmem(kind: ZoneKind, zones: &[ZoneSize]) -> bool {
    let highmem = || zones.iter().any(|zone| zone.kind == ZoneKind::HighMem && zone.spanned.0 > 0);
    kind == ZoneKind::HighMem || (kind == ZoneKind::Movable && highmem())
}

/// The watermarks of all zones (`__setup_per_zone_wmarks()`, mm/page_alloc.c, 6.1): each gets its share of
/// `min_free_kbytes`, and the gap between two marks is a quarter of the share or the scale factor's part of the
/// zone, whichever is more. A zone of high memory has a small min of its own, even when it is empty.
#[must_use]
pub fn setup_per_zone_wmarks(
    zones: &[ZoneSize],
    min_free_kbytes: u32,
    watermark_scale_factor: u32,
) -> Vec<Watermarks> {
    let pages_min = u64::from(min_free_kbytes) / PAGE_KB;
    let lowmem = sum(zones.iter().filter(|zone| !is_highmem(zone.kind, zones)).map(|zone| zone.managed));
    let marks = |zone: &ZoneSize| {
        let share = mul_div(pages_min, zone.managed.0, lowmem.0);
        let min = if is_highmem(zone.kind, zones) { (zone.managed.0 / 1024).clamp(32, 128) } else { share };
        let scaled = mul_div(zone.managed.0, u64::from(watermark_scale_factor), 10_000);
        let gap = (share / 4).max(scaled);
        let above = |gaps: u64| NrPages(min.saturating_add(gap.saturating_mul(gaps)));
        Watermarks { min: NrPages(min), low: above(1), high: above(2), promo: above(3) }
    };
    zones.iter().map(marks).collect()
}

/// `lowmem_reserve[]` of all zones (`setup_per_zone_lowmem_reserve()`, mm/page_alloc.c, 6.1): what the zones above
/// up to the request's highest hold together on the same node, divided by the zone's own ratio.
#[must_use]
pub fn setup_per_zone_lowmem_reserve(
    zones: &[ZoneSize],
    ratio: &[u32; ZoneKind::COUNT],
) -> Vec<[NrPages; ZoneKind::COUNT]> {
    let reserve = |zone: &ZoneSize| {
        let ratio = u64::from(ratio[zone.kind as usize]);
        std::array::from_fn(|highest| {
            let between = |other: &&ZoneSize| {
                other.node == zone.node && other.kind > zone.kind && other.kind as usize <= highest
            };
            let above = sum(zones.iter().filter(between).map(|other| other.managed));
            let nothing = ratio == 0 || zone.managed.0 == 0;
            NrPages(if nothing { 0 } else { above.0 / ratio })
        })
    };
    zones.iter().map(reserve).collect()
}

/// Pages that are not for user data: of each zone its high mark and its largest reserve, but no more than it has
/// (`calculate_totalreserve_pages()`, mm/page_alloc.c, 6.1). `MemAvailable` leaves them out.
#[must_use]
pub fn calculate_totalreserve_pages(zones: impl Iterator<Item = (NrPages, NrPages, NrPages)>) -> NrPages {
    sum(zones.map(|(managed, high, largest_reserve)| {
        NrPages(largest_reserve.0.saturating_add(high.0).min(managed.0))
    }))
}

/// Pages that a per-CPU list moves at once (`zone_batchsize()`, mm/page_alloc.c, 6.1): a thousandth of the zone,
/// 1 MiB at most, a quarter of that, rounded so that it is one less than a power of two.
#[must_use]
pub fn zone_batchsize(managed: NrPages) -> u32 {
    let quarter = ((managed.0 / 1024).min((1 << 20) / PAGE_SIZE) / 4).max(1) as u32;
    let rounded = 1 << (quarter + quarter / 2).ilog2();
    (rounded - 1u32).max(1)
}

/// Pages at which a per-CPU list is too long (`zone_highsize()`, mm/page_alloc.c, 6.1): the low mark, boost
/// included, or the given fraction of the zone, shared by the CPUs of its node; four batches at least.
/// `cpus` are those of the zone's node, all that are online when it has none.
#[must_use]
pub fn zone_highsize(managed: NrPages, low: NrPages, batch: u32, high_fraction: u32, cpus: u32) -> u32 {
    let total = managed.0.checked_div(u64::from(high_fraction)).unwrap_or(low.0);
    let share = total / u64::from(cpus.max(1));
    u32::try_from(share).unwrap_or(u32::MAX).max(batch.saturating_mul(4))
}

/// How far a CPU's share of a counter may be off, in pages, on a zone that has enough of them
/// (`calculate_normal_threshold()`, mm/vmstat.c, 6.1): it grows with the digits of the CPUs and of the zone's size
/// in 128 MiB, up to 125.
#[must_use]
pub fn calculate_normal_threshold(managed: NrPages, cpus: u32) -> u32 {
    let digits = |n: u64| u64::BITS - n.leading_zeros();
    let size = managed.0 / ((128 << 20) / PAGE_SIZE);
    (2 * digits(u64::from(cpus)) * (1 + digits(size))).min(125)
}

/// The same while kswapd is awake: as far off as still cannot hide that the min mark is reached
/// (`calculate_pressure_threshold()`, mm/vmstat.c, 6.1).
#[must_use]
pub fn calculate_pressure_threshold(marks: &Watermarks, cpus: u32) -> u32 {
    let share = marks.low.0.saturating_sub(marks.min.0) / u64::from(cpus.max(1));
    u32::try_from(share).unwrap_or(u32::MAX).clamp(1, 125)
}

/// Below so many free pages the counter may hide that the min mark is reached; 0 when the CPUs' shares together
/// are too small for that (`refresh_zone_stat_thresholds()`, mm/vmstat.c, 6.1).
#[must_use]
pub fn percpu_drift_mark(marks: &Watermarks, threshold: u32, cpus: u32) -> NrPages {
    let drift = u64::from(threshold) * u64::from(cpus);
    let tolerated = marks.low.0.saturating_sub(marks.min.0);
    NrPages(if drift > tolerated { marks.high.0.saturating_add(drift) } else { 0 })
}

/// The nodes of a machine as the zonelists see them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NumaNodes {
    /// Row by row the distances of the firmware's table (SLIT); what is missing is 10 to itself and 20 to others.
    pub distances: Vec<Vec<u8>>,
    /// CPUs of each node.
    pub cpus: Vec<u32>,
    /// Whether the node has memory.
    pub has_memory: Vec<bool>,
}

impl NumaNodes {
    /// How far it is from one node to another (`node_distance()`).
    #[must_use]
    pub fn distance(&self, from: u8, to: u8) -> u8 {
        let row = self.distances.get(usize::from(from));
        let usual = if from == to { 10 } else { 20 };
        row.and_then(|row| row.get(usize::from(to))).copied().unwrap_or(usual)
    }

    fn has_cpus(&self, node: u8) -> bool {
        self.cpus.get(usize::from(node)).is_some_and(|cpus| *cpus > 0)
    }

    fn with_memory(&self) -> impl Iterator<Item = u8> {
        (0..=u8::MAX).zip(&self.has_memory).filter(|(_, has)| **has).map(|(node, _)| node)
    }

    /// The node to try after those in `used` (`find_next_best_node()`, mm/page_alloc.c, 6.1): the node itself,
    /// then the nearest; of equally near ones that with the least `load`. Nodes below the local one, and nodes
    /// with CPUs of their own, count as one further away.
    #[must_use]
    pub fn find_next_best_node(&self, local: u8, used: &[u8], load: &[u32]) -> Option<u8> {
        if !used.contains(&local) {
            return Some(local);
        }
        let value = |node: u8| {
            let further = u64::from(node < local) + u64::from(self.has_cpus(node));
            let load = load.get(usize::from(node)).copied().unwrap_or(0);
            (u64::from(self.distance(local, node)) + further, load)
        };
        self.with_memory().filter(|node| !used.contains(node)).min_by_key(|node| value(*node))
    }

    /// For each node the order in which nodes are tried (`build_zonelists()`, mm/page_alloc.c, 6.1). The lists are
    /// built one after the other: the first node of each distance gets a load, so that the next list begins with
    /// another of the same distance.
    #[must_use]
    pub fn fallback_orders(&self) -> Vec<Vec<u8>> {
        let mut load = vec![0; self.has_memory.len()];
        let nodes = (0..=u8::MAX).take(self.has_memory.len());
        let order = |local: u8| {
            let (mut order, mut previous) = (Vec::new(), local);
            while let Some(node) = self.find_next_best_node(local, &order, &load) {
                if self.distance(local, node) != self.distance(local, previous) {
                    load[usize::from(node)] += 1;
                }
                order.push(node);
                previous = node;
            }
            order
        };
        nodes.map(order).collect()
    }
}

/// What the kernel keeps of all this, and the writes that change it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ZoneSetup {
    tunables: Tunables,
    cpus_per_node: Vec<u32>,
    min_free_kbytes: u32,
    totalreserve: NrPages,
    figures: Vec<ZoneFigures>,
}

impl ZoneSetup {
    /// The figures of a machine that has booted with these zones and then got what `tunables` asks for.
    /// `cpus_per_node` are the online CPUs of each node.
    #[must_use]
    pub fn compute(zones: &[ZoneSize], tunables: &Tunables, cpus_per_node: &[u32]) -> Vec<ZoneFigures> {
        ZoneSetup::boot(zones, tunables, cpus_per_node).figures
    }

    /// As the kernel boots (`init_per_zone_wmark_min()`, then khugepaged's start, 6.1): first everything with
    /// `min_free_kbytes` from the root of the memory, then the marks again with khugepaged's, which looks at the
    /// first marks. A `min_free_kbytes` of a person is written after that.
    #[must_use]
    pub fn boot(zones: &[ZoneSize], tunables: &Tunables, cpus_per_node: &[u32]) -> ZoneSetup {
        let mut setup = ZoneSetup {
            tunables: Tunables { min_free_kbytes: None, ..*tunables },
            cpus_per_node: cpus_per_node.to_vec(),
            min_free_kbytes: 0,
            totalreserve: NrPages(0),
            figures: vec![ZoneFigures::default(); zones.len()],
        };
        setup.min_free_kbytes = calculate_min_free_kbytes(setup.buffer_pages(zones));
        setup.update_marks(zones);
        setup.refresh_stat_thresholds(zones);
        setup.update_reserves(zones);
        let total = sum(zones.iter().map(|zone| zone.managed));
        setup.tunables.thp &= hugepages_stay_on(total);
        if setup.tunables.thp {
            setup.write_thp(zones, true);
        }
        if let Some(kb) = tunables.min_free_kbytes {
            setup.write_min_free_kbytes(zones, kb);
        }
        setup
    }

    /// What is set; `thp` is off when the machine was too small for it.
    #[must_use]
    pub fn tunables(&self) -> &Tunables {
        &self.tunables
    }

    /// `/proc/sys/vm/min_free_kbytes` as it reads, in KiB.
    #[must_use]
    pub fn min_free_kbytes(&self) -> u32 {
        self.min_free_kbytes
    }

    /// `totalreserve_pages`: see [`calculate_totalreserve_pages`].
    #[must_use]
    pub fn totalreserve(&self) -> NrPages {
        self.totalreserve
    }

    /// The figures of each zone, in the order of the zones.
    #[must_use]
    pub fn figures(&self) -> &[ZoneFigures] {
        &self.figures
    }

    /// A write to `overcommit_memory` (`overcommit_policy_handler()`).
    pub fn write_overcommit_memory(&mut self, mode: Overcommit) {
        self.tunables.overcommit_memory = mode;
    }

    /// A write to `overcommit_ratio` (`overcommit_ratio_handler()`).
    pub fn write_overcommit_ratio(&mut self, ratio: u32) {
        self.tunables.overcommit_ratio = ratio;
    }

    /// A write to `panic_on_oom`.
    pub fn write_panic_on_oom(&mut self, value: u32) {
        self.tunables.panic_on_oom = value;
    }

    /// A write to `oom_kill_allocating_task`.
    pub fn write_oom_kill_allocating_task(&mut self, value: u32) {
        self.tunables.oom_kill_allocating_task = value;
    }

    /// A write to `min_free_kbytes` (`min_free_kbytes_sysctl_handler()`): the marks and the per-CPU lists, not the
    /// reserves.
    pub fn write_min_free_kbytes(&mut self, zones: &[ZoneSize], kb: u32) {
        self.tunables.min_free_kbytes = Some(kb);
        self.min_free_kbytes = kb;
        self.update_marks(zones);
    }

    /// A write to `watermark_scale_factor` (`watermark_scale_factor_sysctl_handler()`).
    pub fn write_watermark_scale_factor(&mut self, zones: &[ZoneSize], factor: u32) {
        self.tunables.watermark_scale_factor = factor;
        self.update_marks(zones);
    }

    /// A write to `watermark_boost_factor`: looked at the next time types are mixed.
    pub fn write_watermark_boost_factor(&mut self, factor: u32) {
        self.tunables.watermark_boost_factor = factor;
    }

    /// A write to `lowmem_reserve_ratio` (`lowmem_reserve_ratio_sysctl_handler()`). In 6.1 a mere read does the
    /// same with the ratios that are there: it takes the pages that the zones have now.
    pub fn write_lowmem_reserve_ratio(&mut self, zones: &[ZoneSize], ratio: [u32; ZoneKind::COUNT]) {
        self.tunables.lowmem_reserve_ratio = ratio;
        self.update_reserves(zones);
    }

    /// A write to `percpu_pagelist_high_fraction` (`percpu_pagelist_high_fraction_sysctl_handler()`): a fraction
    /// from 1 to 7 is refused.
    pub fn write_percpu_pagelist_high_fraction(&mut self, zones: &[ZoneSize], fraction: u32) {
        if !(1..8).contains(&fraction) {
            self.tunables.percpu_pagelist_high_fraction = fraction;
            self.update_pcp(zones);
        }
    }

    /// Huge pages are switched on or off (`set_recommended_min_free_kbytes()`). On only ever raises
    /// `min_free_kbytes`, even above a person's; off computes it anew, but not below a person's.
    pub fn write_thp(&mut self, zones: &[ZoneSize], on: bool) {
        self.tunables.thp = on;
        let buffer_pages = self.buffer_pages(zones);
        if on {
            let wanted = recommended_min_free_kbytes(zones, buffer_pages, self.tunables.pageblock_order);
            self.min_free_kbytes = self.min_free_kbytes.max(wanted);
        } else {
            let new = calculate_min_free_kbytes(buffer_pages);
            if self.tunables.min_free_kbytes.is_none_or(|user| new > user) {
                self.min_free_kbytes = new;
            }
        }
        self.update_marks(zones);
    }

    /// The CPUs that share the per-CPU lists' pages on a node: its own, all that are online when it has none.
    #[must_use]
    pub fn cpus_of(&self, node: u32) -> u32 {
        let local = usize::try_from(node).ok().and_then(|node| self.cpus_per_node.get(node));
        local.copied().filter(|cpus| *cpus > 0).unwrap_or_else(|| self.online_cpus())
    }

    fn buffer_pages(&self, zones: &[ZoneSize]) -> NrPages {
        nr_free_buffer_pages(zones, self.figures.iter().map(|figures| figures.marks.high))
    }

    /// `setup_per_zone_wmarks()`: every zone's per-CPU lists follow its marks.
    fn update_marks(&mut self, zones: &[ZoneSize]) {
        let scale = self.tunables.watermark_scale_factor;
        let marks = setup_per_zone_wmarks(zones, self.min_free_kbytes, scale);
        for (figures, marks) in self.figures.iter_mut().zip(marks) {
            figures.marks = marks;
        }
        self.update_totalreserve(zones);
        self.update_pcp(zones);
    }

    fn update_reserves(&mut self, zones: &[ZoneSize]) {
        let reserves = setup_per_zone_lowmem_reserve(zones, &self.tunables.lowmem_reserve_ratio);
        for (figures, reserve) in self.figures.iter_mut().zip(reserves) {
            figures.lowmem_reserve = reserve;
        }
        self.update_totalreserve(zones);
    }

    fn update_totalreserve(&mut self, zones: &[ZoneSize]) {
        let parts = zones.iter().zip(&self.figures).map(|(zone, figures)| {
            let largest = figures.lowmem_reserve.iter().map(|pages| pages.0).max().unwrap_or(0);
            (zone.managed, figures.marks.high, NrPages(largest))
        });
        self.totalreserve = calculate_totalreserve_pages(parts);
    }

    /// `zone_set_pageset_high_and_batch()`: only populated zones have per-CPU lists of their own.
    fn update_pcp(&mut self, zones: &[ZoneSize]) {
        let fraction = self.tunables.percpu_pagelist_high_fraction;
        let mut figures = std::mem::take(&mut self.figures);
        for (zone, figures) in zones.iter().zip(&mut figures) {
            if zone.present.0 > 0 {
                let cpus = self.cpus_of(zone.node.into());
                figures.pcp_batch = zone_batchsize(zone.managed);
                figures.pcp_high =
                    zone_highsize(zone.managed, figures.marks.low, figures.pcp_batch, fraction, cpus);
            }
        }
        self.figures = figures;
    }

    /// `refresh_zone_stat_thresholds()`: at boot and when a CPU comes or goes.
    fn refresh_stat_thresholds(&mut self, zones: &[ZoneSize]) {
        let cpus = self.online_cpus();
        for (zone, figures) in zones.iter().zip(&mut self.figures) {
            if zone.present.0 > 0 {
                figures.stat_threshold = calculate_normal_threshold(zone.managed, cpus);
                figures.percpu_drift_mark = percpu_drift_mark(&figures.marks, figures.stat_threshold, cpus);
            }
        }
    }

    /// CPUs of all nodes.
    #[must_use]
    pub fn online_cpus(&self) -> u32 {
        self.cpus_per_node.iter().fold(0, |sum: u32, cpus| sum.saturating_add(*cpus))
    }
}

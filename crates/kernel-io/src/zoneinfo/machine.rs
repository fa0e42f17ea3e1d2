//! `/proc/zoneinfo` of a machine. What the machine does not count yet is left out: the statistics of nodes, and those
//! of the LRU lists.

use mm::mmzone::{Mark, Zone, ZoneKind};
use mm::units::CpuId;
use mm::{Machine, setup};

use super::{PageSet, PopulatedZone, Stat, ZoneEntry, ZoneInfo, ZonePages};

impl ZoneInfo {
    /// The file as this machine would print it (`zoneinfo_show()`, mm/vmstat.c, 6.1): node by node, every kind of zone
    /// that the kernel has, empty ones too.
    #[must_use]
    pub fn of(machine: &Machine) -> ZoneInfo {
        let sizes = machine.zone_sizes();
        let kinds: Vec<ZoneKind> = sizes.iter().take_while(|s| s.node == 0).map(|s| s.kind).collect();
        let figures = machine.setup().figures();
        let entry = |(at, size): (usize, &setup::ZoneSize)| {
            let id = machine.zone_ids().find(|id| {
                let zone = machine.zone(*id);
                zone.node == size.node && zone.kind == size.kind
            });
            let zone = id.map(|id| machine.zone(id));
            // An empty zone of high memory has marks all the same.
            let empty = figures.get(at).map(|figures| figures.marks).unwrap_or_default();
            let mark = |mark: Mark| {
                let of_empty = [empty.min, empty.low, empty.high, empty.promo][mark as usize].0;
                zone.map_or(of_empty, |zone| u64::from(zone.wmark_pages(mark)))
            };
            let pages = |of: fn(&Zone) -> u64| zone.map_or(0, of);
            ZoneEntry {
                node: u32::from(size.node),
                kind: size.kind,
                node_stats: None,
                pages: ZonePages {
                    free: pages(|z| z.nr_free_pages.0),
                    boost: pages(|z| u64::from(z.watermark_boost)),
                    min: mark(Mark::Min),
                    low: mark(Mark::Low),
                    high: mark(Mark::High),
                    spanned: pages(|z| u64::from(z.span.len())),
                    present: pages(|z| z.present.0),
                    managed: pages(|z| z.managed.0),
                    cma: id.map_or(0, |id| machine.cma_pages(id).0),
                },
                protection: kinds
                    .iter()
                    .map(|kind| zone.map_or(0, |z| u64::from(z.lowmem_reserve[*kind as usize])))
                    .collect(),
                populated: zone.map(|zone| populated(machine, zone, figures.get(at))),
            }
        };
        ZoneInfo { zones: sizes.iter().enumerate().map(entry).collect() }
    }
}

fn populated(machine: &Machine, zone: &Zone, figures: Option<&setup::ZoneFigures>) -> PopulatedZone {
    let numa = zone.numa;
    let stats = [
        ("nr_free_pages", zone.nr_free_pages.0),
        ("nr_free_cma", zone.nr_free_cma.0),
        ("numa_hit", numa.hit),
        ("numa_miss", numa.miss),
        ("numa_foreign", numa.foreign),
        ("numa_interleave", numa.interleave_hit),
        ("numa_local", numa.local),
        ("numa_other", numa.other),
    ];
    let pageset = |cpu: u8| {
        let pcp = zone.pcp(CpuId(cpu));
        PageSet {
            cpu: u32::from(cpu),
            count: u64::from(pcp.count),
            high: u64::from(pcp.high),
            batch: u64::from(pcp.batch),
            stat_threshold: figures.map(|figures| u64::from(figures.stat_threshold)),
        }
    };
    PopulatedZone {
        stats: stats.map(|(name, value)| Stat { name: name.into(), value }).into(),
        pagesets: if machine.has_pcp() { (0..machine.cpus()).map(pageset).collect() } else { Vec::new() },
        node_unreclaimable: 0,
        start_pfn: u64::from(zone.span.start.0),
    }
}

//! A machine as it is before anything runs, and the figures that follow from its zones.

use super::{Machine, Named, Pageblock, Progress, Settings};
use crate::config::Config;
use crate::cow::CowVec;
use crate::deque::Pieces;
use crate::mmzone::{FreeArea, FreeList, Mark, NumaStat, PerCpuPages, Zone, ZoneKind};
use crate::page::{Block, MemMap, MigrateType, Page, PageState};
use crate::page_alloc::setup::{Tunables, ZoneSetup, ZoneSize, zone_batchsize, zone_highsize};
use crate::parts;
use crate::replay::Tally;
use crate::rng::Rng;
use crate::units::{NrPages, Order, Pfn, PfnRange};
use std::rc::Rc;

impl Machine {
    /// A machine with nothing in it: every frame of RAM reserved, everything else a hole.
    pub(crate) fn bare(config: &Config) -> Machine {
        let end = config.end();
        let mut mem_map = MemMap::holes(end.0);
        for range in &config.ram {
            mem_map.fill(*range, Page::plain(PageState::Reserved));
        }
        let pages =
            |of: &[PfnRange], span: PfnRange| of.iter().map(|r| u64::from(r.and(span).len())).sum::<u64>();
        let zones = config
            .zones
            .iter()
            .map(|spec| Zone {
                kind: spec.kind,
                node: spec.node,
                span: spec.span,
                present: NrPages(pages(&config.ram, spec.span)),
                managed: NrPages(0),
                nr_free_pages: NrPages(0),
                nr_free_cma: NrPages(0),
                off_lists: 0,
                watermark: [0; 4],
                watermark_boost: 0,
                lowmem_reserve: [0; ZoneKind::COUNT],
                nr_reserved_highatomic: 0,
                nr_isolate_pageblock: 0,
                boosted: false,
                reclaim_active: false,
                numa: NumaStat::default(),
                free_area: [FreeArea { lists: [FreeList::EMPTY; 6] }; 11],
                listed: [0; 6],
                pageset: vec![PerCpuPages::BOOT; config.cpus.len()],
            })
            .collect();
        let pageblocks = end.0.div_ceil(config.pageblock_order.pages());
        let settings = Settings::new(config);
        let pageblocks = {
            let nowhere = Pageblock { migratetype: MigrateType::Unmovable, zone: Pageblock::MANY };
            let mut table = CowVec::filled(pageblocks, nowhere);
            for index in 0..pageblocks {
                let first = index << config.pageblock_order.get();
                let last = first + (config.pageblock_order.pages() - 1);
                if let (Some(zone), true) = (settings.zone_of(Pfn(first)), last < end.0)
                    && settings.zone_of(Pfn(last)) == Some(zone)
                {
                    table.set(index, Pageblock { zone: zone.0, ..nowhere });
                }
            }
            table
        };
        Machine {
            settings: Rc::new(settings),
            setup: Rc::new(ZoneSetup::boot(&[], &config.tunables, &[])),
            mem_map,
            pcp_blocks: Pieces::new(),
            pageblocks,
            zones,
            in_hand: Vec::new(),
            names: CowVec::empty(Named::Nothing),
            pool_blocks: CowVec::empty(Block { pfn: Pfn(0), order: Order::ZERO }),
            kmem: Rc::default(),
            processes: Rc::default(),
            mmus: config.mmu.map_or_else(Rc::default, |mmu| (parts::rules().mmus)(mmu, config.cpus.len())),
            reclaim: None,
            migrate: None,
            compaction: None,
            hierarchy: None,
            cma: None,
            dma: None,
            segmentation: None,
            progress: Progress { op: 0, unit: 0, rng: Rng::new(config.seed, 0) },
            tally: Tally::default(),
        }
    }

    /// Computes every zone's marks, reserves and per-CPU sizes, as the kernel does once memory is handed over
    /// (`init_per_zone_wmark_min()` and khugepaged's start, 6.1).
    pub(crate) fn init_per_zone_figures(&mut self, config: &Config) {
        let tunables = Tunables { pageblock_order: config.pageblock_order, ..config.tunables };
        self.setup = Rc::new(ZoneSetup::boot(&self.zone_sizes(), &tunables, &config.cpus_per_node()));
        self.apply_figures();
    }

    /// The zones as [`crate::setup`] wants them: node by node, lowest kind first, those without a page too.
    #[must_use]
    pub fn zone_sizes(&self) -> Vec<ZoneSize> {
        let all = || ZoneKind::ALL.into_iter().chain([ZoneKind::Device]);
        let kinds = || all().filter(|kind| self.has_kind(*kind));
        let of = |node: u8, kind: ZoneKind| {
            let zone = self.zones.iter().find(|z| z.node == node && z.kind == kind);
            let (managed, present, spanned) =
                zone.map_or((0, 0, 0), |z| (z.managed.0, z.present.0, u64::from(z.span.len())));
            ZoneSize {
                kind,
                node,
                managed: NrPages(managed),
                present: NrPages(present),
                spanned: NrPages(spanned),
            }
        };
        (0..self.settings.nodes)
            .flat_map(|node| kinds().map(move |kind| (node, kind)))
            .map(|(n, k)| of(n, k))
            .collect()
    }

    /// Whether the kernel was built with this kind of zone.
    #[must_use]
    pub fn has_kind(&self, kind: ZoneKind) -> bool {
        match kind {
            ZoneKind::Dma32 => self.settings.has_dma32,
            ZoneKind::HighMem => self.settings.has_highmem,
            ZoneKind::Device => self.settings.has_dma32,
            ZoneKind::Dma | ZoneKind::Normal | ZoneKind::Movable => true,
        }
    }

    /// Puts the figures of [`ZoneSetup`] into the zones; a write to the marks takes the boost away
    /// (`__setup_per_zone_wmarks()`).
    pub(super) fn apply_figures(&mut self) {
        let setup = Rc::clone(&self.setup);
        for (size, figures) in self.zone_sizes().into_iter().zip(setup.figures()) {
            let Some(zone) = self.zones.iter_mut().find(|z| z.node == size.node && z.kind == size.kind)
            else {
                continue;
            };
            // Far more than any machine has pages, and small enough to be added up.
            let bounded = |pages: NrPages| pages.0.min(1 << 30) as u32;
            let marks = figures.marks;
            zone.watermark = [marks.min, marks.low, marks.high, marks.promo].map(bounded);
            zone.lowmem_reserve = figures.lowmem_reserve.map(bounded);
            for pcp in &mut zone.pageset {
                (pcp.high, pcp.batch) = (figures.pcp_high, figures.pcp_batch);
            }
        }
    }

    /// Every CPU's lists get the sizes that follow from the zones' managed pages and low marks
    /// (`zone_set_pageset_high_and_batch()`).
    pub(crate) fn set_up_pagesets(&mut self) {
        let fraction = self.tunables().percpu_pagelist_high_fraction;
        let nodes = self.settings.node_of_cpu.clone();
        for zone in &mut self.zones {
            let on_node = nodes.iter().filter(|node| **node == zone.node).count();
            let cpus = if on_node > 0 { on_node } else { nodes.len() } as u32;
            let batch = zone_batchsize(zone.managed);
            let low = NrPages(u64::from(zone.wmark_pages(Mark::Low)));
            let high = zone_highsize(zone.managed, low, batch, fraction, cpus);
            zone.pageset.iter_mut().for_each(|pcp| (pcp.high, pcp.batch) = (high, batch));
        }
    }
}

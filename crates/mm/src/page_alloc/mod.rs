//! The zoned page allocator (mm/page_alloc.c): `alloc_pages` and `free_pages`.
//!
//! - `zonelist`: which zones a request may use, in which order;
//! - `watermark`: how deep it may go into each of them;
//! - `pcp`: the per-CPU lists between a task and the buddy system;
//! - `buddy`: taking, splitting, merging, and which end of a list a block goes to;
//! - `fallback`: what happens when a migratetype has nothing left;
//! - `highatomic`: pageblocks set aside for high-order requests that cannot wait;
//! - `slowpath`: what happens when nothing is found at once;
//! - `unseen`: the same where nobody looks on; `flat`: what of it is done at once;
//! - `setup`: the figures of a zone, computed from its size.

mod buddy;
mod fallback;
mod flat;
mod highatomic;
mod pcp;
pub mod setup;
mod slowpath;
mod unseen;
mod watermark;
mod zonelist;

pub use watermark::{AllocFlags, WatermarkCheck, zone_watermark_ok};

use crate::Machine;
use crate::cpuset::Cpuset;
use crate::gfp::GfpFlags;
use crate::mempolicy::{InArea, NodeMask, Placement};
use crate::mmzone::{Zone, ZoneId, ZoneKind};
use crate::op::{Gfp, NameId, PageKind};
use crate::page::{Block, MigrateType, NONE, PageState};
use crate::parts;
use crate::reclaim::{NodeReclaim, RECLAIM_DISTANCE};
use crate::step::{Func, StepKind, Trace};
use crate::units::{CpuId, Order, Pfn};

/// What a request is about, worked out once (`struct alloc_context`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct AllocContext {
    pub cpu: CpuId,
    pub order: Order,
    pub gfp: GfpFlags,
    pub migratetype: MigrateType,
    /// `highest_zoneidx`
    pub highest: ZoneKind,
    /// The node whose zonelist is walked.
    pub node: u8,
    /// The only nodes that may serve it; none: all.
    pub nodemask: Option<NodeMask>,
    /// The cpuset of whoever asks, where it does not have all nodes.
    pub cpuset: Option<Cpuset>,
    /// The nodes that the cpuset leaves to the request just now; none: all.
    pub mems: Option<NodeMask>,
    /// The first zone of the zonelist that is allowed.
    pub preferred: ZoneId,
}

impl Machine {
    /// Asks for a block of `order` on behalf of a name; gives its first frame, or nothing (`__alloc_pages()`, 6.1).
    pub(crate) fn alloc_pages(
        &mut self,
        t: &mut Trace<'_>,
        cpu: CpuId,
        name: NameId,
        order: u8,
        gfp: Gfp,
    ) -> Option<Pfn> {
        self.alloc_pages_in(t, cpu, name, order, gfp, None)
    }

    /// The same for a page of an area, whose policy says which node it comes from (`vma_alloc_folio()`, mm/mempolicy.c).
    pub(crate) fn alloc_pages_in(
        &mut self,
        t: &mut Trace<'_>,
        cpu: CpuId,
        name: NameId,
        order: u8,
        gfp: Gfp,
        of: Option<InArea>,
    ) -> Option<Pfn> {
        t.within(Func::AllocPages, |t| {
            // Until somebody has said something nobody is asked.
            let order_of = Order::new(order).unwrap_or(Order::MAX);
            let place = match self.processes.has_policies {
                true => (parts::rules().placement)(self, t, gfp.flags, order_of, of),
                false => None,
            };
            self.alloc_pages_placed(t, cpu, name, order, gfp, place)
        })
    }

    /// The same where it is decided already which nodes are asked (`__alloc_pages_node()`).
    pub(crate) fn alloc_pages_placed(
        &mut self,
        t: &mut Trace<'_>,
        cpu: CpuId,
        name: NameId,
        order: u8,
        gfp: Gfp,
        place: Option<Placement>,
    ) -> Option<Pfn> {
        let body = |t: &mut Trace<'_>| {
            let Gfp { flags, kind } = gfp;
            let migratetype = self.gfp_migratetype(flags);
            let preferred = self.prepare_alloc_pages(cpu, Order::ZERO, flags, place).map(|ac| ac.preferred);
            let highest_zone = preferred.map_or(self.highest_zone(flags), |zone| self.zone(zone).kind);
            t.emit(self, StepKind::Request { name, order, kind, migratetype, highest_zone, flags, cpu });
            let Some(wanted) = Order::new(order) else {
                t.emit(self, StepKind::TooLarge { order });
                return None;
            };
            let got = match place {
                None => self.alloc_block(t, cpu, wanted, flags),
                Some(place) => self.alloc_placed(t, cpu, wanted, flags, place),
            };
            let Some((zone, block)) = got else {
                let nodes = place.and_then(|place| place.allowed.or(place.cpuset.map(|cpuset| cpuset.mems)));
                let may = |zone: &&Zone| {
                    zone.kind <= highest_zone && nodes.is_none_or(|nodes| nodes.has(zone.node))
                };
                let free = self.zones().iter().filter(may);
                let free = free.map(|zone| zone.nr_free_pages.0).sum::<u64>() as u32;
                t.emit(self, StepKind::Failed { name, order, free });
                return None;
            };
            self.hand_over(t, zone, block, name, gfp);
            Some(block.pfn)
        };
        t.within_once(Func::AllocPages, body)
    }

    /// A block that nobody has a name for, with nobody looking on; from one node alone, if one is said.
    pub(crate) fn alloc_quietly(
        &mut self,
        cpu: CpuId,
        order: Order,
        gfp: Gfp,
        node: Option<u8>,
    ) -> Option<Pfn> {
        let allowed = node.map(|node| NodeMask::of([node]));
        let place = node.map(|_| Placement { node, allowed, ..Placement::default() });
        let t = &mut Trace::unseen();
        let (zone, block) = self.alloc_step_by_step(t, cpu, order, gfp.flags, place)?;
        self.hand_over_unnamed(t, zone, block, gfp.kind);
        Some(block.pfn)
    }

    /// The block that serves a request, in hand, and the zone it came from: the fast path, then the slow one.
    #[inline]
    pub(crate) fn alloc_block(
        &mut self,
        t: &mut Trace<'_>,
        cpu: CpuId,
        order: Order,
        gfp: GfpFlags,
    ) -> Option<(ZoneId, Block)> {
        if t.looks() {
            return self.alloc_step_by_step(t, cpu, order, gfp, None);
        }
        let pfn = self.alloc(cpu, order, gfp)?;
        Some((self.zone_of(pfn)?, Block { pfn, order }))
    }

    /// The same where a policy says which nodes may serve it (`__alloc_pages()` as mm/mempolicy.c calls it).
    fn alloc_placed(
        &mut self,
        t: &mut Trace<'_>,
        cpu: CpuId,
        order: Order,
        gfp: GfpFlags,
        place: Placement,
    ) -> Option<(ZoneId, Block)> {
        if place.first.is_some() {
            // `alloc_pages_preferred_many()`
            let easy = gfp & !(GfpFlags::DIRECT_RECLAIM | GfpFlags::NOFAIL);
            let first = Placement { allowed: place.first, ..place };
            if let Some(got) = self.alloc_step_by_step(t, cpu, order, easy, Some(first)) {
                return Some(got);
            }
        }
        let got = self.alloc_step_by_step(t, cpu, order, gfp, Some(place))?;
        let zone = self.zone_mut(got.0);
        if place.interleaved && Some(zone.node) == place.node {
            zone.numa.interleave_hit += 1;
        }
        Some(got)
    }

    /// The same, whoever looks on.
    fn alloc_step_by_step(
        &mut self,
        t: &mut Trace<'_>,
        cpu: CpuId,
        order: Order,
        gfp: GfpFlags,
        place: Option<Placement>,
    ) -> Option<(ZoneId, Block)> {
        let ac = self.prepare_alloc_pages(cpu, order, gfp, place)?;
        let flags = self.first_flags(ac.preferred, ac.migratetype, gfp);
        if let Some(got) = self.get_page_from_freelist(t, &ac, flags) {
            return Some(got);
        }
        // Without marks there is no lower one to try: the request fails as it stands.
        if !self.settings().watermarks {
            return None;
        }
        (parts::rules().alloc_pages_slowpath)(self, t, &ac)
    }

    /// What a request may do in the fast path.
    fn first_flags(&self, preferred: ZoneId, migratetype: MigrateType, gfp: GfpFlags) -> AllocFlags {
        // `alloc_flags_nofragment()`: only Normal is kept clean, and only where there is a zone below it to use.
        let keep_clean = self.zone(preferred).kind == ZoneKind::Normal
            && (self.settings().nodes == 1 || self.has_zone_below(preferred));
        AllocFlags::WMARK_LOW
            .with_if(AllocFlags::CMA, migratetype == MigrateType::Movable && self.settings().cma)
            .with_if(AllocFlags::KSWAPD, gfp.contains(GfpFlags::KSWAPD_RECLAIM))
            .with_if(AllocFlags::NOFRAGMENT, keep_clean && self.settings().has_dma32)
    }

    /// The type of the lists that serve the request (`gfp_migratetype()`): everything is unmovable when pages are
    /// not grouped by mobility.
    pub(crate) fn gfp_migratetype(&self, gfp: GfpFlags) -> MigrateType {
        if self.groups_by_mobility() { gfp.migratetype() } else { MigrateType::Unmovable }
    }

    /// Tries the zones one after the other (`get_page_from_freelist()`).
    #[inline]
    fn get_page_from_freelist(
        &mut self,
        t: &mut Trace<'_>,
        ac: &AllocContext,
        flags: AllocFlags,
    ) -> Option<(ZoneId, Block)> {
        t.within(Func::GetPageFromFreelist, |t| {
            let mut flags = flags;
            'again: loop {
                let no_fragment = flags.has(AllocFlags::NOFRAGMENT);
                let mut at = 0;
                while let Some(zone) = self.next_zone(ac, &mut at) {
                    // Rather mix types here than go to another node.
                    if no_fragment && self.zone(zone).node != self.zone(ac.preferred).node {
                        break;
                    }
                    t.emit(self, StepKind::TryZone { zone, no_fragment });
                    if self.settings().watermarks
                        && !self.zone_watermark_fast(t, zone, ac.order, ac.highest, flags, ac.gfp)
                        && !flags.has(AllocFlags::NO_WATERMARKS)
                        && !self.node_reclaim_helps(t, zone, ac, flags)
                    {
                        continue;
                    }
                    if let Some(block) = self.rmqueue_any(t, zone, ac, flags) {
                        if ac.order > Order::ZERO && flags.has(AllocFlags::HIGHATOMIC) {
                            self.reserve_highatomic_pageblock(t, zone, block);
                        }
                        return Some((zone, block));
                    }
                    let free = self.zone(zone).nr_free_pages.0 as u32;
                    let &AllocContext { order, migratetype, .. } = ac;
                    t.emit(self, StepKind::ZoneFailed { zone, order, migratetype, free });
                }
                if !no_fragment {
                    return None;
                }
                flags = flags.without(AllocFlags::NOFRAGMENT);
                t.emit(self, StepKind::AllowFragment { zone: ac.preferred });
                continue 'again;
            }
        })
    }

    /// Whether a zone that is below its mark has enough once some of its node was reclaimed, where that is wanted and the
    /// node is near (`zone_allows_reclaim()`).
    fn node_reclaim_helps(
        &mut self,
        t: &mut Trace<'_>,
        zone: ZoneId,
        ac: &AllocContext,
        flags: AllocFlags,
    ) -> bool {
        let mode = self.reclaim.as_ref().map_or(0, |reclaim| reclaim.tunables.zone_reclaim_mode);
        let (node, preferred) = (self.zone(zone).node, self.zone(ac.preferred).node);
        if mode == 0 || self.settings().distance(preferred, node) > RECLAIM_DISTANCE {
            return false;
        }
        let of = (ac.order, ac.highest);
        let tried = (parts::rules().node_reclaim)(self, t, node, ac.cpu, ac.gfp, of) == NodeReclaim::Tried;
        tried && self.zone_watermark_fast(t, zone, ac.order, ac.highest, flags, ac.gfp)
    }

    /// A block of this zone: from the CPU's own list, or from the buddy system (`rmqueue()`).
    #[inline]
    fn rmqueue_any(
        &mut self,
        t: &mut Trace<'_>,
        zone: ZoneId,
        ac: &AllocContext,
        flags: AllocFlags,
    ) -> Option<Block> {
        let mut block = None;
        // The movable list may hold pages of CMA, which this request may not have.
        let may_use =
            !self.settings().cma || flags.has(AllocFlags::CMA) || ac.migratetype != MigrateType::Movable;
        if self.pcp_allowed_order(ac.order) && may_use {
            block = self.rmqueue_pcplist(t, zone, ac, flags);
        }
        if block.is_none() {
            block = self.rmqueue_buddy(t, zone, ac.order, ac.migratetype, flags);
        }
        if block.is_some() {
            self.zone_statistics(ac, zone, 1);
        }
        if flags.has(AllocFlags::KSWAPD) && self.zone(zone).boosted {
            self.zone_mut(zone).boosted = false;
            self.wakeup_kswapd(t, zone, Order::ZERO, self.zone(zone).kind);
        }
        block
    }

    /// The block in hand becomes the caller's.
    #[inline]
    fn hand_over(&mut self, t: &mut Trace<'_>, zone: ZoneId, block: Block, name: NameId, gfp: Gfp) {
        self.take_out_of_hand(t, block);
        let Gfp { kind, .. } = gfp;
        self.mem_map.hand_over(block, kind, name.0);
        t.emit(self, StepKind::Handed { zone, block, name, kind });
    }

    /// Gives a block back (`__free_pages()`): to the list of the CPU that frees it, or straight to the buddy system.
    /// `name` is what it was called, if anything.
    pub(crate) fn free_pages(&mut self, t: &mut Trace<'_>, cpu: CpuId, name: Option<NameId>, block: Block) {
        if self.migrate.is_some() {
            (parts::rules().unpin_freed)(self, block);
        }
        if t.looks() { self.free_step_by_step(t, cpu, name, block) } else { self.free(cpu, block) }
    }

    /// The same, whoever looks on.
    fn free_step_by_step(&mut self, t: &mut Trace<'_>, cpu: CpuId, name: Option<NameId>, block: Block) {
        t.within(Func::FreePages, |t| {
            let is_in_use = self.mem_map.flags(block.pfn).is(PageState::Allocated, block.order);
            assert!(is_in_use, "free of frame {} of order {}, which is not in use", block.pfn, block.order);
            let zone = self.zone_of(block.pfn).expect("an allocated block lies in a zone");
            let migratetype = self.pageblock_type(block.pfn);
            self.put_in_hand(t, block);
            t.emit(self, StepKind::FreeRequest { zone, block, name, migratetype });
            // An isolated pageblock gets its pages back at once.
            if self.pcp_allowed_order(block.order) && migratetype != MigrateType::Isolate {
                self.free_to_pcp(t, zone, cpu, block, migratetype);
            } else {
                self.free_one_page(t, zone, block, migratetype, FreeTo::Either);
            }
        });
    }

    /// The block in hand becomes that of a caller whose name nobody knows.
    pub(crate) fn hand_over_unnamed(
        &mut self,
        t: &mut Trace<'_>,
        zone: ZoneId,
        block: Block,
        kind: PageKind,
    ) {
        self.hand_over(t, zone, block, NameId(NONE), Gfp { kind, flags: GfpFlags::default() });
    }
}

/// `fpi_t`: whether the caller of `__free_one_page()` insists on the tail of the list (`FPI_TO_TAIL`).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum FreeTo {
    /// Head or tail as the merge rule says (`FPI_NONE`).
    Either,
    /// The tail: boot and memory hotplug.
    Tail,
}

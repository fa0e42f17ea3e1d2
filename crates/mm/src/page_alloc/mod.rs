//! The zoned page allocator (mm/page_alloc.c): `alloc_pages` and `free_pages`.
//!
//! - [`buddy`](self): taking, splitting, merging, and which end of a list a block goes to;
//! - `fallback`: what happens when a migratetype has nothing left.
//!
//! Not modelled yet, and said so on the screen: watermarks, per-CPU lists, and the slow path behind them.

mod buddy;
mod fallback;
pub mod setup;

pub(crate) use buddy::End;

use crate::Machine;
use crate::mmzone::{ZoneId, ZoneKind};
use crate::op::{Gfp, NameId};
use crate::page::{Block, MigrateType, Page, PageState};
use crate::step::{Func, StepKind, Trace};
use crate::units::{Order, Pfn};

/// `ALLOC_NOFRAGMENT`: whether a pass may take blocks of other types that are smaller than a pageblock.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fragment {
    Allowed,
    No,
}

impl Machine {
    /// Asks for a block of `order`; gives its first frame, or nothing when no zone can serve it
    /// (`__alloc_pages()`, 6.1).
    pub(crate) fn alloc_pages(
        &mut self,
        t: &mut Trace<'_>,
        name: NameId,
        order: u8,
        gfp: Gfp,
    ) -> Option<Pfn> {
        t.within(Func::AllocPages, |t| {
            let migratetype = self.gfp_migratetype(gfp);
            let Gfp { kind, highest_zone } = gfp;
            t.emit(self, StepKind::Request { name, order, kind, migratetype, highest_zone });
            let Some(wanted) = Order::new(order) else {
                t.emit(self, StepKind::TooLarge { order });
                return None;
            };
            let block = self.get_page_from_freelist(t, wanted, migratetype, highest_zone);
            let Some((zone, block)) = block else {
                let free =
                    self.zonelist(highest_zone).map(|zone| self.zone(zone).nr_free_pages.0).sum::<u64>();
                t.emit(self, StepKind::Failed { name, order, free: free as u32 });
                return None;
            };
            self.hand_over(t, zone, block, name, gfp);
            Some(block.pfn)
        })
    }

    /// The type of the lists that serve the request (`gfp_migratetype()`): everything is unmovable when pages are
    /// not grouped by mobility.
    fn gfp_migratetype(&self, gfp: Gfp) -> MigrateType {
        if self.groups_by_mobility() { gfp.kind.migratetype() } else { MigrateType::Unmovable }
    }

    /// The zones that may serve a request, in the order they are tried: from the highest allowed down
    /// (`build_zonelists()`; one node so far).
    pub fn zonelist(&self, highest: ZoneKind) -> impl Iterator<Item = ZoneId> + use<> {
        let allowed: Vec<ZoneId> = self.zone_ids().filter(|id| self.zone(*id).kind <= highest).collect();
        allowed.into_iter().rev()
    }

    /// Tries the zones one after the other (`get_page_from_freelist()`). A pass that must not mix types comes
    /// first when the preferred zone is Normal (`alloc_flags_nofragment()`, 6.1 with CONFIG_ZONE_DMA32).
    fn get_page_from_freelist(
        &mut self,
        t: &mut Trace<'_>,
        order: Order,
        migratetype: MigrateType,
        highest: ZoneKind,
    ) -> Option<(ZoneId, Block)> {
        t.within(Func::GetPageFromFreelist, |t| {
            let preferred = self.zonelist(highest).next()?;
            let first =
                if self.zone(preferred).kind == ZoneKind::Normal { Fragment::No } else { Fragment::Allowed };
            let passes: &[Fragment] = match first {
                Fragment::No => &[Fragment::No, Fragment::Allowed],
                Fragment::Allowed => &[Fragment::Allowed],
            };
            for &fragment in passes {
                for zone in self.zonelist(highest) {
                    t.emit(self, StepKind::TryZone { zone, no_fragment: fragment == Fragment::No });
                    if let Some(block) = self.rmqueue_buddy(t, zone, order, migratetype, fragment) {
                        return Some((zone, block));
                    }
                    let free = self.zone(zone).nr_free_pages.0 as u32;
                    t.emit(self, StepKind::ZoneFailed { zone, order, migratetype, free });
                }
            }
            None
        })
    }

    /// The block in hand becomes the caller's.
    fn hand_over(&mut self, t: &mut Trace<'_>, zone: ZoneId, block: Block, name: NameId, gfp: Gfp) {
        self.take_out_of_hand(block);
        self.zone_mut(zone).nr_free_pages.0 -= u64::from(block.order.pages());
        let page =
            Page { order: block.order, kind: gfp.kind, owner: name.0, ..Page::plain(PageState::Allocated) };
        self.set_page(block.pfn, page);
        t.emit(self, StepKind::Handed { zone, block, name, kind: gfp.kind });
    }

    /// Gives a block back (`__free_pages()`; without per-CPU lists it goes straight to the buddy system).
    /// `name` is what it was called, if anything.
    pub(crate) fn free_pages(&mut self, t: &mut Trace<'_>, name: Option<NameId>, block: Block) {
        t.within(Func::FreePages, |t| {
            let page = self.page(block.pfn);
            let is_in_use = page.state == PageState::Allocated && page.order == block.order;
            assert!(is_in_use, "free of frame {} of order {}, which is not in use", block.pfn, block.order);
            let zone = self.zone_of(block.pfn).expect("an allocated block lies in a zone");
            let migratetype = self.pageblock_type(block.pfn);
            self.zone_mut(zone).nr_free_pages.0 += u64::from(block.order.pages());
            self.put_in_hand(block);
            t.emit(self, StepKind::FreeRequest { zone, block, name, migratetype });
            self.free_one_page(t, zone, block, migratetype, FreeTo::Either);
        });
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

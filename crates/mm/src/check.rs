//! The oracle: the laws that hold whenever no kernel function is running, and most of them at every step.
//!
//! What may be suspended *inside* a function: while a block is in hand, its pages are counted as free
//! (`nr_free_pages`) but are on no list; nothing else.

use crate::Machine;
use crate::machine::Named;
use crate::op::NameId;
use crate::page::{Block, MigrateType, PageState};
use crate::units::{Order, Pfn};

impl Machine {
    /// Checks every law in full. For tests: it reads all of `mem_map`.
    ///
    /// # Errors
    /// The first law that does not hold, in words for a developer.
    pub fn check(&self) -> Result<(), String> {
        self.check_frames()?;
        self.check_lists()?;
        self.check_sums()?;
        self.check_names()
    }

    /// Every frame is a head, a tail of exactly one head, reserved, or a hole.
    fn check_frames(&self) -> Result<(), String> {
        let mut pfn = Pfn(0);
        while pfn < self.end() {
            let page = self.page(pfn);
            if !page.is_head() {
                if page.state == PageState::Tail {
                    return Err(format!("frame {pfn} is a tail without a head"));
                }
                pfn = pfn.plus(1);
                continue;
            }
            let block = Block { pfn, order: page.order };
            if !pfn.is_aligned(page.order) {
                return Err(format!("{block:?} is not aligned"));
            }
            if self.zone_of(pfn).is_none() || self.zone_of(pfn) != self.zone_of(block.last()) {
                return Err(format!("{block:?} leaves its zone"));
            }
            if let Some(inside) =
                (pfn.0 + 1..=block.last().0).find(|p| self.page(Pfn(*p)).state != PageState::Tail)
            {
                return Err(format!("frame {inside} is in {block:?}, but no tail"));
            }
            pfn = pfn.plus(page.order.pages());
        }
        Ok(())
    }

    /// Lists are doubly linked, their blocks are free heads of the right order, type and zone, and every free head
    /// is on a list.
    fn check_lists(&self) -> Result<(), String> {
        let mut listed = 0u64;
        for zone in self.zone_ids() {
            for order in Order::all() {
                let area = self.zone(zone).area(order);
                let mut blocks = 0;
                for migratetype in MigrateType::ALL {
                    let list = area.list(migratetype);
                    let (mut len, mut last) = (0, crate::page::NONE);
                    for pfn in self.free_list(zone, order, migratetype) {
                        let page = self.page(pfn);
                        if page.state != PageState::Free
                            || page.order != order
                            || page.migratetype != migratetype
                            || self.zone_of(pfn) != Some(zone)
                            || page.prev != last
                        {
                            return Err(format!(
                                "list {order} {migratetype:?}: frame {pfn} does not belong: {page:?}"
                            ));
                        }
                        (len, last) = (len + 1, pfn.0);
                        if len > list.len {
                            return Err(format!("list {order} {migratetype:?} is longer than its length"));
                        }
                    }
                    if len != list.len || last != list.tail {
                        return Err(format!("list {order} {migratetype:?}: {len} blocks, {list:?}"));
                    }
                    blocks += len;
                }
                if blocks != area.nr_free {
                    return Err(format!("order {order}: nr_free {} for {blocks} blocks", area.nr_free));
                }
                listed += u64::from(blocks);
            }
        }
        let heads = self.mem_map().flatten().filter(|page| page.state == PageState::Free).count() as u64;
        if heads == listed { Ok(()) } else { Err(format!("{heads} free heads, {listed} on lists")) }
    }

    /// Pages are conserved: free on lists + in hand = `nr_free_pages`; that + in use = managed.
    fn check_sums(&self) -> Result<(), String> {
        for id in self.zone_ids() {
            let zone = self.zone(id);
            let on_lists: u64 = Order::all().map(|o| u64::from(zone.area(o).nr_free()) << o.get()).sum();
            let in_hand: u64 = self
                .in_hand()
                .iter()
                .filter(|b| self.zone_of(b.pfn) == Some(id))
                .map(|b| u64::from(b.order.pages()))
                .sum();
            if on_lists + in_hand != zone.nr_free_pages.0 {
                let free = zone.nr_free_pages;
                return Err(format!(
                    "{}: {on_lists} on lists + {in_hand} in hand, not {free}",
                    zone.kind.name()
                ));
            }
            let in_use: u64 = (zone.span.start.0..zone.span.end.0)
                .map(|pfn| self.page(Pfn(pfn)))
                .filter(|page| page.state == PageState::Allocated)
                .map(|page| u64::from(page.order.pages()))
                .sum();
            if in_use + zone.nr_free_pages.0 != zone.managed.0 {
                let (free, managed) = (zone.nr_free_pages, zone.managed);
                return Err(format!("{}: {in_use} in use + {free} free, not {managed}", zone.kind.name()));
            }
        }
        Ok(())
    }

    /// A name's block is in use and says whose it is, and every owned block belongs to a name.
    fn check_names(&self) -> Result<(), String> {
        let mut named = 0u64;
        for name in (0..self.names_len()).map(NameId) {
            let blocks: Vec<Block> = match self.named(name) {
                Named::Block(block) => vec![block],
                Named::Pool { .. } => self.pool(name).collect(),
                _ => Vec::new(),
            };
            for block in blocks {
                let page = self.page(block.pfn);
                if page.state != PageState::Allocated
                    || page.order != block.order
                    || page.owner() != Some(name)
                {
                    return Err(format!("{name:?} has {block:?}, which is {page:?}"));
                }
                named += 1;
            }
        }
        let owned = self.mem_map().flatten().filter(|p| p.owner().is_some()).count() as u64;
        // A block that is handed over is owned from the step on; its name learns of it when the op is done.
        if owned == named || owned == named + 1 {
            Ok(())
        } else {
            Err(format!("{owned} owned, {named} named"))
        }
    }

    /// No two free buddies below pageblock order are left unmerged. Holds for a machine that booted; a dump of a
    /// real kernel may start otherwise.
    ///
    /// # Errors
    /// The first pair found.
    pub fn check_merged(&self) -> Result<(), String> {
        for pfn in (0..self.end().0).map(Pfn) {
            let page = self.page(pfn);
            let buddy = pfn.buddy(page.order);
            if page.state == PageState::Free
                && page.order < self.pageblock_order().min(Order::MAX)
                && self.page(buddy).state == PageState::Free
                && self.page(buddy).order == page.order
                && self.zone_of(buddy) == self.zone_of(pfn)
            {
                return Err(format!("free buddies {pfn} and {buddy} of order {}", page.order));
            }
        }
        Ok(())
    }
}

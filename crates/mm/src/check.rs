//! The oracle: the laws that hold whenever no kernel function is running, and most of them at every step.
//!
//! What may be suspended *inside* a function: pages that left the lists stay counted as free
//! ([`crate::mmzone::Zone::off_lists`]) until the kernel counts them off; a block in hand is nobody's.

use crate::Machine;
use crate::machine::Named;
use crate::mmzone::PerCpuPages;
use crate::op::NameId;
use crate::page::{Block, MigrateType, PageState};
use crate::units::{CpuId, Order, Pfn};

impl Machine {
    /// Checks every law in full. For tests: it reads all of `mem_map`.
    ///
    /// # Errors
    /// The first law that does not hold, in words for a developer.
    pub fn check(&self) -> Result<(), String> {
        self.check_frames()?;
        self.check_lists()?;
        self.check_pcp()?;
        self.check_sums()?;
        self.check_names()?;
        self.check_cma()?;
        self.check_dma()?;
        self.kmem.check()?;
        self.check_shrinkers()?;
        self.processes.check()?;
        self.hierarchy.as_ref().map_or(Ok(()), |hierarchy| hierarchy.check())?;
        self.segmentation.as_ref().map_or(Ok(()), |segmentation| segmentation.check())?;
        self.check_mmus()?;
        self.check_migrate()?;
        self.check_reclaim()
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
                    let is_listed = self.zone(zone).listed_from(order, migratetype) >> order.get() & 1 == 1;
                    if is_listed != (len > 0) {
                        return Err(format!(
                            "list {order} {migratetype:?}: {len} blocks, listed: {is_listed}"
                        ));
                    }
                    blocks += len;
                }
                listed += u64::from(blocks);
            }
        }
        let heads = self.mem_map().flatten().filter(|page| page.state() == PageState::Free).count() as u64;
        if heads == listed { Ok(()) } else { Err(format!("{heads} free heads, {listed} on lists")) }
    }

    /// Pages are conserved: on lists + off them = `nr_free_pages`; that + per-CPU lists + in use = managed. What is in
    /// hand on its way from or to a per-CPU list is in none of these sums.
    fn check_sums(&self) -> Result<(), String> {
        for id in self.zone_ids() {
            let zone = self.zone(id);
            let name = zone.kind.name();
            let isolated = |order: Order| u64::from(zone.area(order).list(MigrateType::Isolate).len());
            let on_lists: u64 =
                Order::all().map(|o| (u64::from(zone.area(o).nr_free()) - isolated(o)) << o.get()).sum();
            let (off, free) = (zone.off_lists().0, zone.nr_free_pages.0);
            if on_lists + off != free {
                return Err(format!("{name}: {on_lists} on lists + {off} off them, not {free}"));
            }
            let pages_in = |state: PageState| -> u64 {
                let pages = (zone.span.start.0..zone.span.end.0).map(|pfn| self.page(Pfn(pfn)));
                pages.filter(|page| page.state == state).map(|page| u64::from(page.order.pages())).sum()
            };
            let (in_use, in_hand) = (pages_in(PageState::Allocated), pages_in(PageState::InHand));
            let (on_pcp, counted) = (pages_in(PageState::Pcp), zone.pcp_pages().0);
            if on_pcp != counted {
                return Err(format!("{name}: {on_pcp} pages on per-CPU lists, not {counted}"));
            }
            let isolated: u64 = Order::all().map(|o| isolated(o) << o.get()).sum();
            let all = in_use + in_hand + on_pcp + on_lists + isolated;
            if all != zone.managed.0 {
                let managed = zone.managed;
                return Err(format!(
                    "{name}: {in_use} in use + {on_pcp} on per-CPU lists + {in_hand} in hand + {on_lists} free, \
                     not {managed}"
                ));
            }
        }
        Ok(())
    }

    /// Per-CPU lists hold heads of the right order, type and zone, and their pages are counted.
    fn check_pcp(&self) -> Result<(), String> {
        for zone in self.zone_ids() {
            for cpu in (0..self.cpus()).map(CpuId) {
                let pcp = self.zone(zone).pcp(cpu);
                let mut count = 0;
                for index in 0..PerCpuPages::LISTS {
                    let (mut len, mut last) = (0, crate::page::NONE);
                    let order = PerCpuPages::order_of(index, self.pageblock_order());
                    for pfn in self.pcp_list(zone, cpu, index) {
                        let page = self.page(pfn);
                        if page.state != PageState::Pcp
                            || page.order != order
                            || PerCpuPages::index_of(order, page.migratetype) != index
                            || self.zone_of(pfn) != Some(zone)
                        {
                            return Err(format!(
                                "CPU {cpu}, list {index}: frame {pfn} does not belong: {page:?}"
                            ));
                        }
                        (len, last, count) = (len + 1, pfn.0, count + order.pages());
                        if len > pcp.list(index).len() {
                            return Err(format!("CPU {cpu}, list {index} is longer than its length"));
                        }
                    }
                    if len != pcp.list(index).len() || pcp.list(index).tail != last {
                        return Err(format!("CPU {cpu}, list {index}: {len} blocks, ending in {last}"));
                    }
                }
                if count != pcp.count {
                    return Err(format!("CPU {cpu}: {count} pages on its lists, not {}", pcp.count));
                }
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
                Named::Contig { first, count } => (first.0..first.0 + count)
                    .map(|pfn| Block { pfn: Pfn(pfn), order: Order::ZERO })
                    .collect(),
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
        // Slabs belong to their cache, pages of vmalloc to the area, tables to the kernel.
        let slabs = self.kmem.blocks().map(|(cache, pfn, order)| (cache, Block { pfn, order }));
        let mut kernel: Vec<(NameId, Block)> = slabs.collect();
        if let Some(vmalloc) = self.kmem.vmalloc() {
            let areas = vmalloc.areas().map(|area| (Some(area.start), area));
            for (start, area) in areas.chain(vmalloc.open().map(|(area, _)| (None, area))) {
                let single = |pfn: &Pfn| Block { pfn: *pfn, order: Order::ZERO };
                for block in area.pages.iter().map(single) {
                    let owner = self.page(block.pfn).owner();
                    let is_its = |name| start.is_none_or(|start| self.named(name) == Named::Area(start));
                    if owner.is_none_or(|name| !is_its(name)) {
                        return Err(format!("{block:?} of an area belongs to {owner:?}"));
                    }
                    kernel.extend(owner.map(|name| (name, block)));
                }
            }
            named += vmalloc.tables().count() as u64;
        }
        for (pfn, order) in self.processes.frames() {
            let page = self.page(pfn);
            if page.state != PageState::Allocated || page.order != order || page.owner().is_none() {
                return Err(format!("frame {pfn} of a process is {page:?}"));
            }
            named += 1;
        }
        for (name, block) in kernel {
            let page = self.page(block.pfn);
            if page.state != PageState::Allocated || page.order != block.order || page.owner() != Some(name) {
                return Err(format!("{name:?} has {block:?}, which is {page:?}"));
            }
            named += 1;
        }
        for name in (0..self.names_len()).map(NameId) {
            if let Named::Object { cache, object } = self.named(name)
                && !self.kmem.cache_of(cache).is_some_and(|cache| cache.is_in_use(object))
            {
                return Err(format!("{name:?} has {object:?}, which nobody has"));
            }
        }
        let owned = self.mem_map().flatten().filter(|page| page.is_owned()).count() as u64;
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

//! A pageblock is taken out of use while somebody works on it (mm/page_isolation.c, 6.1): CMA, memory hotplug.

use crate::Machine;
use crate::mmzone::{End, ZoneId};
use crate::page::{Block, MigrateType, PageState};
use crate::step::{Func, Nothing, StepKind, Trace};
use crate::units::Pfn;

impl Machine {
    /// The pageblock that holds a frame is isolated: its free pages go to lists that nobody takes from, and are no
    /// longer counted as free (`set_migratetype_isolate()`). Refused when a page in it cannot be moved away.
    pub(crate) fn set_migratetype_isolate(&mut self, t: &mut Trace<'_>, pfn: Pfn) -> bool {
        self.isolate_pageblock(t, pfn, |machine, pageblock| machine.has_unmovable_pages(pageblock)).is_ok()
    }

    /// The same for whoever gives the pageblock back as this type: a contiguous area may have what is its own, whatever
    /// is in it, and nobody else may have that.
    ///
    /// # Errors
    /// The page that keeps it from being isolated; none when somebody works on it already.
    pub(crate) fn isolate_for(
        &mut self,
        t: &mut Trace<'_>,
        pfn: Pfn,
        of: MigrateType,
    ) -> Result<(), Option<Pfn>> {
        self.isolate_pageblock(t, pfn, |machine, pageblock| {
            match (machine.pageblock_type(pageblock.pfn), of) {
                (MigrateType::Cma, MigrateType::Cma) => None,
                (MigrateType::Cma, _) => Some(pageblock.pfn),
                _ => machine.has_unmovable_pages(pageblock),
            }
        })
    }

    fn isolate_pageblock(
        &mut self,
        t: &mut Trace<'_>,
        pfn: Pfn,
        unmovable: impl FnOnce(&Machine, Block) -> Option<Pfn>,
    ) -> Result<(), Option<Pfn>> {
        t.within(Func::SetMigratetypeIsolate, |t| {
            let Some((zone, pageblock)) = self.whole_pageblock(pfn) else {
                t.emit(self, StepKind::NothingToDo { why: Nothing::NoPageblock(pfn) });
                return Err(None);
            };
            let from = self.pageblock_type(pfn);
            if from == MigrateType::Isolate {
                t.emit(self, StepKind::NothingToDo { why: Nothing::IsIsolated(pageblock) });
                return Err(None);
            }
            if let Some(unmovable) = unmovable(self, pageblock) {
                t.emit(self, StepKind::IsolateRefused { zone, pageblock, unmovable });
                return Err(Some(unmovable));
            }
            self.split_free_page(zone, pageblock);
            self.set_pageblock_types(pageblock, MigrateType::Isolate);
            let free = self.move_freepages_block(zone, pfn, MigrateType::Isolate).map_or(0, |(free, _)| free);
            self.zone_mut(zone).nr_isolate_pageblock += 1;
            t.emit(self, StepKind::Isolate { zone, pageblock, from, free });
            Ok(())
        })
    }

    /// A free block that reaches beyond the pageblock is cut into pageblocks first, each on a list of its own type
    /// (`isolate_single_pageblock()`, `split_free_page()`). The block was counted, or not, by the type of its list; from
    /// now on each part is by its own.
    fn split_free_page(&mut self, zone: ZoneId, pageblock: Block) {
        let Some(whole) = self.block_of(pageblock.pfn).filter(|whole| whole.order > pageblock.order) else {
            return;
        };
        let page = self.page(whole.pfn);
        if page.state != PageState::Free {
            return;
        }
        self.del_from_free_list(zone, whole);
        self.count_free(zone, page.migratetype, -i64::from(whole.order.pages()));
        for part in 0..whole.order.pages() / pageblock.order.pages() {
            let part = Block { pfn: whole.pfn.plus(part * pageblock.order.pages()), order: pageblock.order };
            let migratetype = self.pageblock_type(part.pfn);
            self.add_to_free_list(zone, part, migratetype, End::Head);
            self.count_free(zone, migratetype, i64::from(part.order.pages()));
        }
    }

    /// The pageblock is given back as this type (`unset_migratetype_isolate()`). A whole free pageblock is put back
    /// as one block, so that it merges with its buddy (`__putback_isolated_page()`).
    pub(crate) fn unset_migratetype_isolate(&mut self, t: &mut Trace<'_>, pfn: Pfn, to: MigrateType) {
        t.within(Func::UnsetMigratetypeIsolate, |t| {
            let Some((zone, pageblock)) = self.whole_pageblock(pfn) else {
                t.emit(self, StepKind::NothingToDo { why: Nothing::NoPageblock(pfn) });
                return;
            };
            if self.pageblock_type(pfn) != MigrateType::Isolate {
                t.emit(self, StepKind::NothingToDo { why: Nothing::NotIsolated(pageblock) });
                return;
            }
            self.set_pageblock_types(pageblock, to);
            let whole = self.page(pageblock.pfn);
            let is_whole = whole.state == PageState::Free && whole.order == pageblock.order;
            let free = if is_whole {
                pageblock.order.pages()
            } else {
                self.move_freepages_block(zone, pfn, to).map_or(0, |(free, _)| free)
            };
            self.zone_mut(zone).nr_isolate_pageblock -= 1;
            t.emit(self, StepKind::Unisolate { zone, pageblock, to, free });
            if is_whole {
                self.del_from_free_list(zone, pageblock);
                self.put_in_hand(t, pageblock);
                self.free_one_page(t, zone, pageblock, to, crate::page_alloc::FreeTo::Tail);
            }
        });
    }

    /// The pageblock of a frame, if its zone has all of it.
    fn whole_pageblock(&self, pfn: Pfn) -> Option<(ZoneId, Block)> {
        let order = self.pageblock_order();
        let pageblock = Block { pfn: pfn.align_down(order), order };
        let zone = self.zone_of(pfn)?;
        let span = self.zone(zone).span;
        (span.contains(pageblock.pfn) && span.contains(pageblock.last())).then_some((zone, pageblock))
    }

    /// The first frame that cannot be moved away (`has_unmovable_pages()`): neither free nor on a per-CPU list nor
    /// of a kind that migrates.
    fn has_unmovable_pages(&self, pageblock: Block) -> Option<Pfn> {
        let mut pfn = pageblock.pfn;
        while pfn <= pageblock.last() {
            let Some(head) = self.block_of(pfn) else { return Some(pfn) };
            let page = self.page(head.pfn);
            let moves = match page.state {
                PageState::Free | PageState::Pcp => true,
                _ => page.kind.migrates(),
            };
            if !moves {
                return Some(pfn);
            }
            pfn = head.last().plus(1);
        }
        None
    }
}

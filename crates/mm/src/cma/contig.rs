//! A range of frames is emptied and taken (`alloc_contig_range()`, mm/page_alloc.c, 6.1): pageblocks are isolated, guests
//! leave, what is free is taken off the lists, and the pageblocks become what they were.

use super::{Denied, Phase, Work};
use crate::Machine;
use crate::machine::{Named, UnitEnd};
use crate::mmzone::ZoneId;
use crate::op::PageKind;
use crate::page::{Block, MigrateType, Page, PageState};
use crate::step::{CmaStep, StepKind, Trace};
use crate::units::{CpuId, Order, Pfn, PfnRange};

impl Machine {
    /// The zone that has all pageblocks of a range.
    pub(super) fn zone_with_all(&self, range: PfnRange) -> Option<ZoneId> {
        let pages = self.pageblock_order().pages();
        let start = range.start.align_down(self.pageblock_order());
        let end = range.end.0.checked_next_multiple_of(pages)?;
        let zone = self.zone_of(start)?;
        let span = self.zone(zone).span;
        (start < range.end && end <= span.end.0).then_some(zone)
    }

    /// How many pageblocks a range touches.
    pub(super) fn blocks_of(&self, work: &Work) -> u32 {
        let (range, order) = (work.range(), self.pageblock_order());
        let first = range.start.0 >> order.get();
        range.end.0.div_ceil(order.pages()) - first
    }

    fn range_block(&self, work: &Work, number: u32) -> Pfn {
        let order = self.pageblock_order();
        work.first.align_down(order).plus(number << order.get())
    }

    /// The type that the pageblocks get back.
    fn contig_type(&self, work: &Work) -> MigrateType {
        if work.area.is_some() { MigrateType::Cma } else { MigrateType::Movable }
    }

    /// The next unit.
    pub(super) fn contig_turn(&mut self, t: &mut Trace<'_>, work: Work) -> UnitEnd {
        match work.phase {
            Phase::Isolate { done } => self.contig_isolate(t, work, done),
            Phase::Drain => self.contig_drain(t, work),
            Phase::Migrate { next } => self.contig_migrate(t, work, next),
            Phase::Test => self.contig_test(t, work),
            Phase::Take { outer } => self.contig_take(t, work, outer),
            Phase::Undo { next, isolated, denied } => self.contig_undo(t, work, next, isolated, denied),
            Phase::Search { .. } | Phase::Release { .. } => UnitEnd::Done,
        }
    }

    pub(super) fn goes_to(&mut self, work: Work, phase: Phase) -> UnitEnd {
        self.cma_goes_on(Work { phase, ..work })
    }

    /// One pageblock is isolated: the first, the last, then those between (`start_isolate_page_range()`).
    fn contig_isolate(&mut self, t: &mut Trace<'_>, work: Work, done: u32) -> UnitEnd {
        let blocks = self.blocks_of(&work);
        let number = match done {
            0 => 0,
            1 => blocks - 1,
            between => between - 1,
        };
        let pfn = self.range_block(&work, number);
        match self.isolate_for(t, pfn, self.contig_type(&work)) {
            Ok(()) if done + 1 == blocks => self.goes_to(work, Phase::Drain),
            Ok(()) => self.goes_to(work, Phase::Isolate { done: done + 1 }),
            Err(busy) => {
                let denied = Some(Denied::Busy(busy));
                if done == 0 {
                    let next = blocks;
                    return self.goes_to(work, Phase::Undo { next, isolated: 0, denied });
                }
                self.goes_to(work, Phase::Undo { next: 0, isolated: done, denied })
            }
        }
    }

    /// Every CPU gives the pages of the zone back that it keeps: into isolated pageblocks they come for good.
    fn contig_drain(&mut self, t: &mut Trace<'_>, work: Work) -> UnitEnd {
        let mut pages = 0;
        if let Some(zone) = self.zone_with_all(work.range()) {
            for cpu in (0..self.cpus()).map(CpuId) {
                let count = self.zone(zone).pcp(cpu).count;
                pages += count;
                self.drain_pages(&mut Trace::unseen(), zone, cpu, count);
            }
        }
        // `lru_cache_disable()`: what waits for a list could not be isolated.
        self.contig_prepare();
        let end = self.goes_to(work, Phase::Migrate { next: work.first });
        t.emit(self, StepKind::Cma(CmaStep::Drained { pages }));
        end
    }

    /// Is everything free? What nobody could move shows here (`test_pages_isolated()`).
    fn contig_test(&mut self, t: &mut Trace<'_>, work: Work) -> UnitEnd {
        let Work { first, count, .. } = work;
        // The free block that holds the first frame may begin before it.
        let outer = match self.block_of(first) {
            Some(block) if self.page(block.pfn).state == PageState::Free => block.pfn,
            _ => first,
        };
        let end = work.range().end;
        let (mut pfn, mut busy) = (outer, None);
        while pfn < end {
            let page = self.page(pfn);
            if page.state != PageState::Free || page.migratetype != MigrateType::Isolate {
                busy = Some(pfn);
                break;
            }
            pfn = pfn.plus(page.order.pages());
        }
        let phase = match busy {
            None => Phase::Take { outer },
            Some(pfn) => self.undo_all(&work, Some(Denied::Busy(Some(pfn)))),
        };
        let end = self.goes_to(work, phase);
        t.emit(self, StepKind::Cma(CmaStep::Tested { first, count, busy }));
        end
    }

    pub(super) fn undo_all(&self, work: &Work, denied: Option<Denied>) -> Phase {
        Phase::Undo { next: 0, isolated: self.blocks_of(work), denied }
    }

    /// The free blocks leave their lists, page by page they are the caller's, and what is too many goes back
    /// (`isolate_freepages_range()`, `free_contig_range()`).
    fn contig_take(&mut self, t: &mut Trace<'_>, work: Work, outer: Pfn) -> UnitEnd {
        let Work { name, cpu, first, count, .. } = work;
        let range = work.range();
        let Some(zone) = self.zone_with_all(range) else { return UnitEnd::Done };
        let mut pfn = outer;
        while pfn < range.end {
            let block = Block { pfn, order: self.page(pfn).order };
            self.del_from_free_list(zone, block);
            pfn = pfn.plus(block.order.pages());
        }
        let whole = PfnRange::new(outer.0, pfn.0);
        let page = Page { kind: PageKind::Unmovable, ..Page::plain(PageState::Allocated) };
        self.fill_pages(whole, page);
        for pfn in (range.start.0..range.end.0).map(Pfn) {
            self.mem_map.hand_over(Block { pfn, order: Order::ZERO }, PageKind::Unmovable, name.0);
        }
        self.set_named(name, Named::Contig { first, count });
        let rest = (outer.0..first.0).chain(range.end.0..whole.end.0);
        for pfn in rest.map(Pfn) {
            self.free_pages(&mut Trace::unseen(), cpu, None, Block { pfn, order: Order::ZERO });
        }
        let phase = self.undo_all(&work, None);
        let end = self.goes_to(work, phase);
        let rest = whole.len() - count;
        t.emit(self, StepKind::Cma(CmaStep::Taken { name, first, count, rest }));
        end
    }

    /// One pageblock becomes what it was (`undo_isolate_page_range()`).
    fn contig_undo(
        &mut self,
        t: &mut Trace<'_>,
        work: Work,
        next: u32,
        isolated: u32,
        denied: Option<Denied>,
    ) -> UnitEnd {
        let blocks = self.blocks_of(&work);
        let was_isolated = |number: u32| match number {
            0 => isolated > 0,
            last if last + 1 == blocks => isolated > 1 || blocks == 1,
            between => between + 1 < isolated,
        };
        let number = (next..blocks).find(|number| was_isolated(*number));
        let Some(number) = number else { return self.contig_ended(t, work, denied) };
        let pfn = self.range_block(&work, number);
        self.unset_migratetype_isolate(t, pfn, self.contig_type(&work));
        let following = (number + 1..blocks).find(|number| was_isolated(*number)).unwrap_or(blocks);
        self.goes_to(work, Phase::Undo { next: following, isolated, denied })
    }
}

//! Areas at boot, `cma_alloc()` and `cma_release()` (mm/cma.c, 6.1), unit by unit.

use std::rc::Rc;

use super::{Area, Cma, CmaOp, Denied, Phase, Work};
use crate::Machine;
use crate::config::{Config, Start};
use crate::machine::{Named, UnitEnd};
use crate::op::NameId;
use crate::page::{Block, MigrateType, Page, PageState};
use crate::page_alloc::FreeTo;
use crate::step::{CmaStep, Func, SkipReason, StepKind, Trace};
use crate::units::{CpuId, Order, Pfn, PfnRange};

/// Pages that are given back in one unit.
const RETURNED_AT_ONCE: u32 = 64;

/// Areas are activated: their pageblocks get their type, and what is in them goes to the buddy system, block by block
/// (`cma_init_reserved_areas()`, `init_cma_reserved_pageblock()`). Where the lists are a dump's, so are the types.
pub(crate) fn boot(machine: &mut Machine, config: &Config) {
    let mut cma = Cma::default();
    for spec in &config.areas {
        let Some(zone) = machine.zone_of(spec.frames.start) else { continue };
        cma.areas.push(Area::new(spec, zone));
        if config.start != Start::Boot {
            continue;
        }
        let order = config.pageblock_order;
        let mut pfn = spec.frames.start;
        while pfn < spec.frames.end {
            let block = Block { pfn, order };
            machine.set_pageblock_types(block, MigrateType::Cma);
            let range = PfnRange::new(pfn.0, pfn.0 + order.pages());
            machine.fill_pages(range, Page::plain(PageState::Tail));
            machine.zone_mut(zone).managed.0 += u64::from(order.pages());
            let mut nobody = ();
            let mut t = Trace::new(&mut nobody);
            machine.put_in_hand(&t, block);
            machine.free_one_page(&mut t, zone, block, MigrateType::Cma, FreeTo::Either);
            pfn = pfn.plus(order.pages());
        }
    }
    machine.cma = Some(Rc::new(cma));
}

/// Runs the next unit of what is asked of areas.
pub(crate) fn run(machine: &mut Machine, op: &CmaOp, t: &mut Trace<'_>) -> UnitEnd {
    let func = match op {
        CmaOp::Alloc { .. } => Func::CmaAlloc,
        CmaOp::Range { .. } => Func::AllocContigRange,
        CmaOp::Release { .. } => Func::CmaRelease,
    };
    t.within(func, |t| match machine.cma().and_then(Cma::work).copied() {
        Some(work) => machine.cma_turn(t, work),
        None => machine.cma_begins(t, op),
    })
}

/// Gives a buffer back under its name (`free_contig_range()`).
pub(crate) fn free(machine: &mut Machine, name: NameId, cpu: CpuId, t: &mut Trace<'_>) -> UnitEnd {
    run(machine, &CmaOp::Release { name, cpu }, t)
}

impl Machine {
    pub(super) fn cma_mut(&mut self) -> &mut Cma {
        Rc::make_mut(self.cma.get_or_insert_with(Rc::default))
    }

    pub(super) fn cma_goes_on(&mut self, work: Work) -> UnitEnd {
        self.cma_mut().work = Some(work);
        UnitEnd::More
    }

    fn cma_ends(&mut self) -> UnitEnd {
        self.cma_mut().work = None;
        UnitEnd::Done
    }

    fn told_cma(&self, t: &mut Trace<'_>, step: CmaStep) {
        t.emit(self, StepKind::Cma(step));
    }

    fn cma_begins(&mut self, t: &mut Trace<'_>, op: &CmaOp) -> UnitEnd {
        let (name, cpu) = (op.name(), op.cpu());
        let named = self.named(name);
        let is_release = matches!(op, CmaOp::Release { .. });
        let holds = !matches!(named, Named::Nothing | Named::Failed | Named::Freed);
        if is_release {
            let Named::Contig { first, count } = named else {
                self.skipped(t, name);
                return UnitEnd::Done;
            };
            let area = self.cma().and_then(|cma| {
                let at = cma.areas.iter().position(|area| area.frames.contains(first))?;
                u8::try_from(at).ok()
            });
            self.told_cma(t, CmaStep::Release { name, first, count });
            let phase = Phase::Release { done: 0 };
            let work = Work { name, cpu, area, first, count, mask: 0, phase, denied: None };
            return self.cma_goes_on(work);
        }
        if holds {
            t.emit(self, StepKind::Skipped { name, reason: SkipReason::StillHeld });
            return UnitEnd::Done;
        }
        match *op {
            CmaOp::Alloc { area, count, align, .. } => {
                let Some((number, _)) = self.cma().and_then(|cma| cma.area(area)) else {
                    self.set_named(name, Named::Failed);
                    self.told_cma(t, CmaStep::NoArea { name });
                    return UnitEnd::Done;
                };
                self.told_cma(t, CmaStep::Asked { name, area: number, count, align });
                let mask = (1 << align.min(super::MAX_ALIGN)) - 1;
                let phase = Phase::Search { from: 0 };
                let (area, first) = (Some(number), Pfn(0));
                self.cma_goes_on(Work { name, cpu, area, first, count, mask, phase, denied: None })
            }
            CmaOp::Range { first, count, .. } => {
                self.told_cma(t, CmaStep::AskedRange { name, first, count });
                let phase = Phase::Isolate { done: 0 };
                let work = Work { name, cpu, area: None, first, count, mask: 0, phase, denied: None };
                if self.zone_with_all(work.range()).is_none() {
                    return self.cma_failed(t, Work { denied: Some(Denied::NoZone), ..work });
                }
                self.cma_goes_on(work)
            }
            CmaOp::Release { .. } => UnitEnd::Done,
        }
    }

    /// The next unit of an op that runs.
    fn cma_turn(&mut self, t: &mut Trace<'_>, work: Work) -> UnitEnd {
        match work.phase {
            Phase::Search { from } => self.cma_search(t, work, from),
            Phase::Release { done } => self.cma_returns(t, work, done),
            Phase::Undo { next, isolated, denied } if next == self.blocks_of(&work) => {
                debug_assert!(isolated <= next, "more pageblocks than the range has");
                self.contig_ended(t, work, denied)
            }
            _ => t.within_once(Func::AllocContigRange, |t| self.contig_turn(t, work)),
        }
    }

    /// The bitmap has room, or not.
    fn cma_search(&mut self, t: &mut Trace<'_>, work: Work, from: u32) -> UnitEnd {
        let Work { area: Some(number), count, mask, .. } = work else { return self.cma_ends() };
        let Some(area) = self.cma_mut().areas.get_mut(usize::from(number)) else { return self.cma_ends() };
        let base = area.frames.start;
        let Some(at) = area.find(from, count, mask) else {
            self.told_cma(t, CmaStep::NotFound { area: number, from: base.plus(from), count });
            return self.cma_failed(t, work);
        };
        area.set(at, count, true);
        let first = base.plus(at);
        // The bits are this op's from now on, whoever looks.
        let end = self.cma_goes_on(Work { first, phase: Phase::Isolate { done: 0 }, ..work });
        self.told_cma(t, CmaStep::Found { area: number, first, count });
        end
    }

    /// `alloc_contig_range()` has returned.
    pub(super) fn contig_ended(&mut self, t: &mut Trace<'_>, work: Work, denied: Option<Denied>) -> UnitEnd {
        let Work { name, area, first, count, mask, .. } = work;
        let Some(denied) = denied else {
            if area.is_some() {
                self.cma_mut().events[0] += 1;
            }
            let end = self.cma_ends();
            self.told_cma(t, CmaStep::Got { name, first, count });
            return end;
        };
        let work = Work { denied: Some(denied), ..work };
        let base = area.and_then(|number| {
            let area = self.cma_mut().areas.get_mut(usize::from(number))?;
            let base = area.frames.start;
            area.set(first.0 - base.0, count, false);
            Some(base)
        });
        match (area, base, denied) {
            (Some(area), Some(base), Denied::Busy(_)) => {
                // One step of the alignment further, not the whole range.
                let from = first.0 - base.0 + mask + 1;
                let end = self.cma_goes_on(Work { phase: Phase::Search { from }, ..work });
                self.told_cma(t, CmaStep::Slides { area, denied, from: base.plus(from) });
                end
            }
            _ => self.cma_failed(t, work),
        }
    }

    fn cma_failed(&mut self, t: &mut Trace<'_>, work: Work) -> UnitEnd {
        let Work { name, area, count, denied, .. } = work;
        if area.is_some() {
            self.cma_mut().events[1] += 1;
        }
        self.set_named(name, Named::Failed);
        let end = self.cma_ends();
        self.told_cma(t, CmaStep::Failed { name, count, denied });
        end
    }

    /// Some of the buffer's pages are freed, each for itself.
    fn cma_returns(&mut self, t: &mut Trace<'_>, work: Work, done: u32) -> UnitEnd {
        let Work { name, cpu, area, first, count, .. } = work;
        let now = (count - done).min(RETURNED_AT_ONCE);
        let from = first.plus(done);
        for at in 0..now {
            let left = count - done - at - 1;
            let named = match left {
                0 => Named::Freed,
                count => Named::Contig { first: from.plus(at + 1), count },
            };
            self.set_named(name, named);
            self.free_pages(
                &mut Trace::unseen(),
                cpu,
                None,
                Block { pfn: from.plus(at), order: Order::ZERO },
            );
        }
        self.told_cma(t, CmaStep::Returned { first: from, count: now });
        let done = done + now;
        if done < count {
            return self.cma_goes_on(Work { phase: Phase::Release { done }, ..work });
        }
        if let Some(number) = area
            && let Some(area) = self.cma_mut().areas.get_mut(usize::from(number))
        {
            area.set(first.0 - area.frames.start.0, count, false);
        }
        let end = self.cma_ends();
        self.told_cma(t, CmaStep::Released { name, first, count });
        end
    }
}

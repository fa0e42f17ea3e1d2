//! The loop that runs an op unit by unit, and the ops of the page allocator.

use super::{Machine, Named, UnitEnd};
use crate::op::{Gfp, NameId, Op, PageKind, Workload};
use crate::page::{Block, PageState};
use crate::parts;
use crate::rng::Rng;
use crate::step::{Func, Observer, SkipReason, StepKind, Trace};
use crate::units::{CpuId, Order, Pfn};

impl Machine {
    /// Runs the next unit of `op`. The same op has to be given until it is [`UnitEnd::Done`].
    pub fn run_unit(&mut self, op: &Op, observer: &mut dyn Observer) -> UnitEnd {
        self.run_unit_before(op, &mut Trace::new(observer))
    }

    /// The same with nobody looking on: the same machine comes of it, and it takes a fraction of the time.
    pub fn run_unit_unseen(&mut self, op: &Op) -> UnitEnd {
        self.run_unit_before(op, &mut Trace::unseen())
    }

    fn run_unit_before(&mut self, op: &Op, t: &mut Trace<'_>) -> UnitEnd {
        if self.progress.unit == 0 {
            self.progress.rng = Rng::new(self.settings.seed, u64::from(self.progress.op) + 1);
        }
        let victims = self.processes.oom.has_turn();
        let end = t.within(Func::Scenario, |t| match op {
            // Whoever was killed goes first: the op waits for what comes back.
            _ if victims => (parts::rules().victims_turn)(self, op, t),
            Op::Alloc { name, order, gfp, cpu } => {
                self.alloc_op(t, *cpu, *name, *order, *gfp);
                UnitEnd::Done
            }
            Op::Kmem(op) => (parts::rules().run)(self, op, t),
            Op::Process(op) => (parts::rules().run_process)(self, op, t),
            Op::Segment(op) => (parts::rules().run_segment)(self, op, t),
            Op::File(op) => (parts::rules().run_file)(self, op, t),
            Op::Cma(op) => (parts::rules().run_cma)(self, op, t),
            Op::Dma(op) => (parts::rules().run_dma)(self, op, t),
            Op::Compact(op) => (parts::rules().run_compact)(self, op, t),
            Op::Free { name, cpu } => self.free_named(t, *cpu, *name),
            Op::Workload(workload) => self.workload_turn(t, workload),
            Op::Recorded(recorded) => {
                // It has to see what is moved.
                if t.looks() {
                    (parts::rules().replay)(self, t, recorded);
                } else {
                    (parts::rules().replay)(self, &mut Trace::new(&mut ()), recorded);
                }
                UnitEnd::Done
            }
            Op::Isolate(_) | Op::Unisolate(..) | Op::Drain | Op::Sysctl(_) => {
                (parts::rules().run_setting)(self, op, t);
                UnitEnd::Done
            }
        });
        // The unit boundary: here, in a fixed order, every woken daemon gets one slice. An op ends when those who were
        // killed by it, or meanwhile, are gone.
        if self.reclaim.is_some() {
            t.within(Func::Scenario, |t| (parts::rules().run_daemons)(self, t));
        }
        if self.compaction.is_some() {
            t.within(Func::Scenario, |t| (parts::rules().run_kcompactd)(self, t));
        }
        let end = if end == UnitEnd::Done && self.processes.oom.has_turn() {
            (parts::rules().op_waits)(self);
            UnitEnd::More
        } else {
            end
        };
        match end {
            UnitEnd::More if victims => {}
            UnitEnd::More => self.progress.unit += 1,
            UnitEnd::Done => {
                self.progress.unit = 0;
                self.progress.op += 1;
            }
        }
        end
    }

    fn free_named(&mut self, t: &mut Trace<'_>, cpu: CpuId, name: NameId) -> UnitEnd {
        let reason = match self.named(name) {
            Named::Object { .. } | Named::Cache(_) | Named::Area(_) => {
                return (parts::rules().free)(self, name, cpu, t);
            }
            _ if self.dma.as_ref().is_some_and(|dma| dma.work.is_some() || dma.buffer(name).is_some()) => {
                return (parts::rules().free_dma)(self, name, cpu, t);
            }
            Named::Dma => return (parts::rules().free_dma)(self, name, cpu, t),
            Named::Contig { .. } => return (parts::rules().free_contig)(self, name, cpu, t),
            Named::Chunk { .. } => return (parts::rules().free_chunk)(self, name, cpu, t),
            _ if self.processes.work.is_some() => return (parts::rules().free_chunk)(self, name, cpu, t),
            _ if self.cma.as_ref().is_some_and(|cma| cma.work().is_some()) => {
                return (parts::rules().free_contig)(self, name, cpu, t);
            }
            _ if self.kmem.is_busy() => return (parts::rules().free)(self, name, cpu, t),
            Named::Block(block) => {
                // The name is taken away first: from the first step on, the block is the allocator's.
                self.set_named(name, Named::Freed);
                self.free_pages(t, cpu, Some(name), block);
                return UnitEnd::Done;
            }
            Named::Pool { first, len: len @ 1.. } => {
                let block = self.pool_blocks.get(first + len - 1);
                self.set_named(
                    name,
                    if len == 1 { Named::Freed } else { Named::Pool { first, len: len - 1 } },
                );
                self.free_pages(t, cpu, Some(name), block);
                return if len == 1 { UnitEnd::Done } else { UnitEnd::More };
            }
            Named::Pool { len: 0, .. } | Named::Freed => SkipReason::AlreadyFreed,
            Named::Failed => SkipReason::AllocationFailed,
            Named::Nothing => SkipReason::NotYetAllocated,
            Named::Process
            | Named::Thread { .. }
            | Named::Mapping { .. }
            | Named::File
            | Named::Group
            | Named::Cpuset
            | Named::Device => SkipReason::OtherKind,
        };
        t.emit(self, StepKind::Skipped { name, reason });
        UnitEnd::Done
    }

    /// A block is asked for on behalf of a name.
    pub(crate) fn alloc_op(&mut self, t: &mut Trace<'_>, cpu: CpuId, name: NameId, order: u8, gfp: Gfp) {
        match self.named(name) {
            Named::Nothing | Named::Failed | Named::Freed => {
                let block = self.alloc_pages(t, cpu, name, order, gfp);
                let order = Order::new(order);
                let named = match (block, order) {
                    (Some(pfn), Some(order)) => Named::Block(Block { pfn, order }),
                    _ => Named::Failed,
                };
                self.set_named(name, named);
                let zero = gfp.flags.contains(crate::gfp::GfpFlags::ZERO);
                let looks = zero || self.kmem_config().init_on_alloc || self.processes.knows_bytes();
                if looks && block.is_some() {
                    (parts::rules().handed)(self, t, name, zero);
                }
            }
            _ => t.emit(self, StepKind::Skipped { name, reason: SkipReason::StillHeld }),
        }
    }

    /// One action of a random workload: a free when the dice say so and the pool has a block, else an allocation.
    fn workload_turn(&mut self, t: &mut Trace<'_>, workload: &Workload) -> UnitEnd {
        let Workload { name, actions, orders, weights, free_percent, zone, cpu } = workload;
        if self.progress.unit == 0 {
            let is_free = matches!(
                self.named(*name),
                Named::Nothing | Named::Failed | Named::Freed | Named::Pool { len: 0, .. }
            );
            if !is_free {
                t.emit(self, StepKind::Skipped { name: *name, reason: SkipReason::StillHeld });
                return UnitEnd::Done;
            }
            self.set_named(*name, Named::Pool { first: self.pool_blocks.len(), len: 0 });
        }
        let Named::Pool { first, len } = self.named(*name) else {
            unreachable!("a workload's name is its pool")
        };
        let mut rng = self.progress.rng;
        if rng.below(100) < u32::from(*free_percent) && len > 0 {
            let (at, last) = (first + rng.below(len), first + len - 1);
            let block = self.pool_blocks.get(at);
            self.pool_blocks.set(at, self.pool_blocks.get(last));
            self.set_named(*name, Named::Pool { first, len: len - 1 });
            self.free_pages(t, *cpu, Some(*name), block);
        } else {
            let (low, high) = (orders.0.get(), orders.1.get());
            let order = low + rng.below(u32::from(high - low) + 1) as u8;
            let kind = pick_kind(&mut rng, weights);
            let gfp = Gfp::of(kind, *zone);
            if let (Some(pfn), Some(order)) =
                (self.alloc_pages(t, *cpu, *name, order, gfp), Order::new(order))
            {
                self.pool_blocks.grow(first + len + 1);
                self.pool_blocks.set(first + len, Block { pfn, order });
                self.set_named(*name, Named::Pool { first, len: len + 1 });
            }
        }
        self.progress.rng = rng;
        if self.progress.unit + 1 < *actions { UnitEnd::More } else { UnitEnd::Done }
    }

    /// Somebody unknown gives a single page back: what a dump of a real machine shows in use, and what later
    /// frees of its trace return.
    ///
    /// # Panics
    /// When the frame is not such a page.
    pub fn free_unknown_page(&mut self, pfn: Pfn, observer: &mut dyn Observer) {
        let page = self.page(pfn);
        assert!(
            page.state == PageState::Allocated && page.owner().is_none(),
            "somebody known has frame {pfn}"
        );
        self.free_pages(&mut Trace::new(observer), CpuId(0), None, Block { pfn, order: page.order });
    }

    /// So many ops of one unit are done, none of which drew a number.
    pub(crate) fn did_ops(&mut self, ops: u32) {
        if ops > 0 {
            self.progress.op += ops;
            self.progress.rng = Rng::new(self.settings.seed, u64::from(self.progress.op));
        }
    }
}

/// Draws a kind by weight; unmovable when every weight is 0.
fn pick_kind(rng: &mut Rng, weights: &[u8; 5]) -> PageKind {
    let total: u32 = weights.iter().map(|w| u32::from(*w)).sum();
    let mut at = rng.below(total.max(1));
    for (kind, weight) in PageKind::ASKABLE.into_iter().zip(weights) {
        match at.checked_sub(u32::from(*weight)) {
            Some(left) => at = left,
            None => return kind,
        }
    }
    PageKind::Unmovable
}

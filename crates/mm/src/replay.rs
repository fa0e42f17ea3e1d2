//! A recorded trace is replayed: the rules predict each thing that a real kernel did, and where they are wrong the
//! machine follows the kernel.
//!
//! # The steps
//! 1. An op is one thing of the trace ([`Recorded`]): an allocation with the refill that it caused, a free with the
//!    drain that it caused. What else it moved is in a table of the configuration ([`Moved`]).
//! 2. The machine does it by its own rules, and notes which blocks it moves.
//! 3. When they are the trace's, that is all. When not, it is counted as an anomaly, with what was wrong; the
//!    machine goes back to before the op and does what the trace says.
//!
//! # What a trace does not say
//! Pages that `alloc_pages_bulk()` takes (thread stacks, vmalloc) leave a per-CPU list without an event. That they did
//! is in the trace all the same: they are freed later, or nowhere free at its end, and were never handed out
//! ([`Silent`]). When one of them left is not; it is inferred when the kernel takes a page behind it, or drains one,
//! and counted apart ([`Tally::inferred`]). In a trace from boot the per-CPU lists get their sizes without an event.

use std::collections::{BTreeMap, BTreeSet};

use crate::Machine;
use crate::gfp::GfpFlags;
use crate::hash::{Digest, Digestible};
use crate::mmzone::{End, PerCpuPages, ZoneId};
use crate::op::{Op, PageKind};
use crate::page::{Block, MigrateType, NONE, Page, PageState};
use crate::page_alloc::FreeTo;
use crate::step::{Nothing, StepKind, Trace};
use crate::units::{CpuId, Order, Pfn, PfnRange};

/// What happened to a block on the way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moving {
    /// It left the free lists (`mm_page_alloc_zone_locked`).
    Taken,
    /// Another type's lists were opened to the request (`mm_page_alloc_extfrag`): the block that was found. Its
    /// pageblock has the request's type now, or not.
    Stolen {
        /// The type it was found on.
        from: MigrateType,
        /// Whether the pageblock changed its type.
        claimed: bool,
    },
    /// It went from a per-CPU list back to the free lists (`mm_page_pcpu_drain`).
    Drained,
}

/// A block that was moved while something else was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moved {
    /// How.
    pub how: Moving,
    /// The block.
    pub block: Block,
    /// Taken and stolen: the type of the request. Drained: the free lists it went to.
    pub migratetype: MigrateType,
}

/// A page that left a per-CPU list without an event, at some op between two.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Silent {
    /// The page.
    pub pfn: Pfn,
    /// From this op on it is on a list.
    pub from: u32,
    /// At this op it is known to have left it.
    pub to: u32,
}

/// What a trace says besides its ops.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Recording {
    /// What the ops moved.
    pub moved: Vec<Moved>,
    /// The pages that left a per-CPU list without an event, in order.
    pub silent: Vec<Silent>,
}

impl Recording {
    /// What `ops` and the blocks that they moved tell. `listed` are the blocks on per-CPU lists at the start,
    /// `free_after` all that is free at the end, if that is known.
    #[must_use]
    pub fn new(
        ops: &[Op],
        moved: Vec<Moved>,
        listed: impl IntoIterator<Item = Block>,
        free_after: Option<&[Block]>,
    ) -> Recording {
        let mut since: BTreeMap<Pfn, u32> = listed.into_iter().map(|block| (block.pfn, 0)).collect();
        let mut silent = Vec::new();
        let single = |block: &Block| block.order == Order::ZERO;
        for (op, number) in ops.iter().zip(0u32..) {
            let Op::Recorded(recorded) = op else { continue };
            let moves = recorded.moves();
            let of_op = moved.iter().skip(moves.first as usize).take(moves.len as usize);
            if let Recorded::Free { block, .. } = recorded
                && single(block)
                && let Some(from) = since.insert(block.pfn, number)
            {
                // It was on a list, and yet somebody had it.
                silent.push(Silent { pfn: block.pfn, from, to: number });
            }
            for Moved { how, block, .. } in of_op.filter(|moved| single(&moved.block)) {
                match how {
                    Moving::Taken => {
                        since.insert(block.pfn, number);
                    }
                    Moving::Drained => {
                        since.remove(&block.pfn);
                    }
                    Moving::Stolen { .. } => {}
                }
            }
            if let Recorded::Alloc { pfn: Some(pfn), .. } = recorded {
                since.remove(pfn);
            }
        }
        // What was on a list and is not free at the end had left as well.
        let frames = |block: &Block| (block.pfn.0..=block.last().0).map(Pfn);
        let free: BTreeSet<Pfn> = free_after.unwrap_or_default().iter().flat_map(frames).collect();
        let left = since.into_iter().filter(|(pfn, _)| !free.contains(pfn));
        silent.extend(left.map(|(pfn, from)| Silent { pfn, from, to: u32::MAX }));
        silent.sort_unstable();
        Recording { moved, silent }
    }
}

impl Recorded {
    /// The blocks that it moved.
    fn moves(&self) -> Moves {
        match *self {
            Recorded::Alloc { moves, .. }
            | Recorded::Refill { moves, .. }
            | Recorded::Free { moves, .. }
            | Recorded::Drain { moves } => moves,
        }
    }
}

/// Which entries of the table belong to an op.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Moves {
    /// The first one.
    pub first: u32,
    /// How many.
    pub len: u32,
}

/// One thing that a real kernel did, as its trace tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Recorded {
    /// A request was served, or not.
    Alloc {
        /// The CPU that asked.
        cpu: CpuId,
        /// The order.
        order: Order,
        /// The request.
        gfp: GfpFlags,
        /// What the pages are for, as far as the request tells.
        kind: PageKind,
        /// The first frame of the block; none when the request failed.
        pfn: Option<Pfn>,
        /// Blocks that were taken and stolen for it.
        moves: Moves,
    },
    /// A per-CPU list was refilled, and no request was served: `alloc_pages_bulk()` was at work.
    Refill {
        /// The CPU.
        cpu: CpuId,
        /// The order of the list.
        order: Order,
        /// The type of the list.
        migratetype: MigrateType,
        /// Blocks that were taken and stolen for it.
        moves: Moves,
    },
    /// A block came back.
    Free {
        /// The CPU that freed it.
        cpu: CpuId,
        /// The block.
        block: Block,
        /// Blocks that were drained because of it.
        moves: Moves,
    },
    /// Blocks were drained for another reason.
    Drain {
        /// Which.
        moves: Moves,
    },
}

/// What the rules got wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Anomaly {
    /// Another block was handed out than predicted.
    Handed,
    /// Another block left the free lists than predicted, or more or fewer did.
    Taken,
    /// Another fallback than predicted, or none.
    Stolen,
    /// Other blocks were drained than predicted.
    Drained,
    /// A request failed that was predicted to be served.
    Failed,
    /// A block was freed that is not in use by the model.
    NotInUse,
    /// A block was handed out or moved that is not free by the model.
    NotFree,
}

impl Anomaly {
    /// How many kinds there are.
    pub const COUNT: usize = 7;
    /// All of them.
    pub const ALL: [Anomaly; 7] = [
        Anomaly::Handed,
        Anomaly::Taken,
        Anomaly::Stolen,
        Anomaly::Drained,
        Anomaly::Failed,
        Anomaly::NotInUse,
        Anomaly::NotFree,
    ];

    /// A short name.
    #[must_use]
    pub fn name(self) -> &'static str {
        ["handed", "taken", "stolen", "drained", "failed", "not-in-use", "not-free"][self as usize]
    }
}

/// How the replay went so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Recorded things that were replayed.
    pub replayed: u32,
    /// Blocks whose place was predicted: handed out, taken, stolen, drained, freed.
    pub events: u32,
    /// Of these the right ones.
    pub predicted: u32,
    /// How often each kind of anomaly occurred.
    pub anomalies: [u32; Anomaly::COUNT],
    /// The op of the first one of each kind, plus 1.
    pub first: [u32; Anomaly::COUNT],
    /// Pages that left a per-CPU list without an event.
    pub inferred: u32,
    /// Pages that a CPU no longer has, and no allocation has told yet from which list they went.
    owed: Option<Owed>,
}

/// Pages that went from a CPU without an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Owed {
    zone: ZoneId,
    cpu: CpuId,
    pages: u32,
}

impl Tally {
    /// All anomalies together.
    #[must_use]
    pub fn anomalies(&self) -> u32 {
        self.anomalies.iter().sum()
    }

    /// Pages that were thought to have gone from a per-CPU list, and never turned out to: at the end of a trace each
    /// four of them are a drain that was predicted and did not happen.
    #[must_use]
    pub fn unexplained(&self) -> u32 {
        self.owed.map_or(0, |owed| owed.pages)
    }
}

impl Digestible for Tally {
    fn digest(&self, to: &mut Digest) {
        let Tally { replayed, events, predicted, anomalies, first, inferred, owed } = self;
        to.word(u64::from(*replayed) << 32 | u64::from(*events));
        to.word(u64::from(*predicted) << 32 | u64::from(*inferred));
        to.word(owed.map_or(0, |owed| {
            1 + (u64::from(owed.pages) << 16 | u64::from(owed.zone.0) << 8 | u64::from(owed.cpu.0))
        }));
        anomalies.iter().chain(first).for_each(|n| to.word(u64::from(*n)));
    }
}

impl Machine {
    /// Replays one thing of the trace.
    pub(crate) fn replay(&mut self, t: &mut Trace<'_>, recorded: &Recorded) {
        self.tally_mut().replayed += 1;
        if !self.is_possible(recorded) {
            // Another machine's trace: there is nothing to follow.
            self.anomaly(Anomaly::NotFree);
            t.emit(self, StepKind::NothingToDo { why: Nothing::NotFollowed });
            return;
        }
        match *recorded {
            Recorded::Alloc { cpu, order, gfp, kind, pfn, moves } => {
                self.replay_alloc(t, cpu, order, gfp, kind, pfn, moves);
            }
            Recorded::Refill { cpu, order, migratetype, moves } => {
                let theirs = self.recorded(moves);
                self.replay_refills(t, cpu, order, migratetype, &theirs);
            }
            Recorded::Free { cpu, block, moves } => self.replay_free(t, cpu, block, moves),
            Recorded::Drain { moves } => self.replay_drain(t, moves),
        }
        if !t.has_told() {
            t.emit(self, StepKind::NothingToDo { why: Nothing::NotFollowed });
        }
    }

    /// Whether the machine has the CPU and all the blocks that the op names.
    fn is_possible(&self, recorded: &Recorded) -> bool {
        let (cpu, block) = match *recorded {
            Recorded::Alloc { cpu, order, pfn, .. } => (cpu, pfn.map(|pfn| Block { pfn, order })),
            Recorded::Refill { cpu, .. } => (cpu, None),
            Recorded::Free { cpu, block, .. } => (cpu, Some(block)),
            Recorded::Drain { .. } => (CpuId(0), None),
        };
        let moved = self.recorded(recorded.moves());
        let mut blocks = moved.iter().map(|moved| moved.block).chain(block);
        // Nobody takes from an isolated pageblock.
        let takes_isolated = |moved: &Moved| {
            moved.how != Moving::Drained && self.pageblock_type(moved.block.pfn) == MigrateType::Isolate
        };
        let refills_nothing =
            matches!(recorded, Recorded::Refill { order, .. } if !self.pcp_allowed_order(*order));
        cpu.index() < usize::from(self.cpus())
            && !refills_nothing
            && blocks.all(|block| self.is_managed(block))
            && !moved.iter().any(takes_isolated)
    }

    /// Whether all of a block is memory that the buddy system was given, in one zone, and no part of it has a name in
    /// the scenario.
    fn is_managed(&self, block: Block) -> bool {
        let end = u64::from(block.pfn.0) + u64::from(block.order.pages());
        block.pfn.is_aligned(block.order)
            && end <= u64::from(self.end().0)
            && self.zone_of(block.pfn).is_some_and(|zone| self.zone_of(block.last()) == Some(zone))
            && self.is_all(block, |page| page.owner().is_none())
    }

    fn recorded(&self, moves: Moves) -> Vec<Moved> {
        let (first, len) = (moves.first as usize, moves.len as usize);
        self.settings().recorded.moved.get(first..first + len).unwrap_or_default().to_vec()
    }

    fn anomaly(&mut self, kind: Anomaly) {
        let op = self.ops_done() + 1;
        let tally = self.tally_mut();
        tally.anomalies[kind as usize] += 1;
        if tally.first[kind as usize] == 0 {
            tally.first[kind as usize] = op;
        }
    }

    fn count(&mut self, events: usize, predicted: usize) {
        let tally = self.tally_mut();
        tally.events += events as u32;
        tally.predicted += predicted as u32;
    }

    /// Compares what was moved; says what kind of thing was the first that differed.
    fn compare(&mut self, ours: &[Moved], theirs: &[Moved]) -> bool {
        let same = ours.iter().zip(theirs).take_while(|(a, b)| a == b).count();
        self.count(theirs.len(), same);
        if same == ours.len() && same == theirs.len() {
            return true;
        }
        let kind = match theirs.get(same).or(ours.get(same)).map(|m| m.how) {
            Some(Moving::Stolen { .. }) => Anomaly::Stolen,
            Some(Moving::Drained) => Anomaly::Drained,
            _ => match ours.get(same).map(|m| m.how) {
                Some(Moving::Stolen { .. }) => Anomaly::Stolen,
                _ => Anomaly::Taken,
            },
        };
        self.anomaly(kind);
        false
    }

    #[allow(clippy::too_many_arguments, reason = "the fields of one event")]
    fn replay_alloc(
        &mut self,
        t: &mut Trace<'_>,
        cpu: CpuId,
        order: Order,
        gfp: GfpFlags,
        kind: PageKind,
        pfn: Option<Pfn>,
        moves: Moves,
    ) {
        let theirs = self.recorded(moves);
        let migratetype = self.gfp_migratetype(gfp);
        if let Some(pfn) = pfn {
            self.infer_pagesets(cpu, pfn, &theirs);
        }
        let in_bulk = pfn.map_or(0, |pfn| self.infer_bulk(t, cpu, order, migratetype, pfn, &theirs));
        let theirs = &theirs[in_bulk..];
        let before = self.clone();
        t.note();
        let got = self.alloc_block(t, cpu, order, gfp);
        let ours = t.noted();
        let same_moves = self.compare(&ours, theirs);
        let our_pfn = got.map(|(_, block)| block.pfn);
        self.count(1, usize::from(our_pfn == pfn));
        if our_pfn != pfn {
            match pfn {
                Some(_) => self.anomaly(Anomaly::Handed),
                None => self.anomaly(Anomaly::Failed),
            }
        }
        if same_moves && our_pfn == pfn {
            if let Some((zone, block)) = got {
                self.hand_over_unnamed(t, zone, block, kind);
            }
            return;
        }
        self.back_to(before);
        self.follow_moves(cpu, order, theirs);
        if let Some(pfn) = pfn {
            let block = Block { pfn, order };
            if !self.is_all(block, |page| matches!(page.state, PageState::Free | PageState::Pcp)) {
                self.anomaly(Anomaly::NotFree);
            }
            self.take_exactly(block, kind);
            if let Some(zone) = self.zone_of(pfn) {
                t.emit(self, StepKind::Diverged { zone, block, predicted: our_pfn });
            }
        }
    }

    /// A boot pageset holds one block; when a refill takes several, the real pagesets have been set up by then
    /// (`setup_per_cpu_pageset()`).
    fn infer_pagesets(&mut self, cpu: CpuId, pfn: Pfn, moves: &[Moved]) {
        let Some(zone) = self.zone_of(pfn) else { return };
        let is_boot = |pcp: &PerCpuPages| (pcp.high, pcp.batch) == (0, 1);
        let taken = moves.iter().filter(|moved| moved.how == Moving::Taken).count();
        if taken > 1 && is_boot(self.zone(zone).pcp(cpu)) {
            self.set_up_pagesets();
        }
    }

    /// Whether these pages may have left their list without an event by now.
    fn have_gone(&self, pages: &[Pfn]) -> bool {
        let op = self.ops_done();
        let silent = &self.settings().recorded.silent;
        pages.iter().all(|&pfn| {
            let first = silent.partition_point(|s| s.pfn < pfn);
            silent[first..].iter().take_while(|s| s.pfn == pfn).any(|s| s.from <= op && op <= s.to)
        })
    }

    /// Whether `alloc_pages_bulk()` took pages before this allocation, without an event: all that was on the list,
    /// all of each refill but the last, and of that what lies before `pfn`. Then it is done; gives how many of the
    /// moves were the bulk's.
    fn infer_bulk(
        &mut self,
        t: &mut Trace<'_>,
        cpu: CpuId,
        order: Order,
        migratetype: MigrateType,
        pfn: Pfn,
        theirs: &[Moved],
    ) -> usize {
        let Some(zone) = self.zone_of(pfn).filter(|_| order == Order::ZERO && self.pcp_allowed_order(order))
        else {
            return 0;
        };
        let index = PerCpuPages::index_of(order, migratetype);
        let list: Vec<Pfn> = self.pcp_list(zone, cpu, index).collect();
        let refill = self.refill_blocks(zone, cpu, order) as usize;
        let is_taken = |m: &Moved| m.how == Moving::Taken;
        let taken: Vec<Pfn> = theirs.iter().filter(|m| is_taken(m)).map(|m| m.block.pfn).collect();
        let refills = taken.len().div_ceil(refill.max(1));
        let last_refill = refills.saturating_sub(1) * refill;
        let last = if refills == 0 { &list[..] } else { &taken[last_refill..] };
        let Some(depth) = last.iter().position(|at| *at == pfn) else { return 0 };
        let before_last = if refills == 0 { &[][..] } else { &list[..] };
        let gone = [before_last, &taken[..last_refill], &last[..depth]].concat();
        if gone.is_empty() || !self.have_gone(&gone) {
            return 0;
        }
        // The last refill is the allocation's own when it took the first page of it.
        let of_bulk = (refills - usize::from(refills > 0 && depth == 0)) * refill;
        let mut seen = 0;
        let first_own = theirs.iter().position(|m| {
            let is_own = seen >= of_bulk;
            seen += usize::from(is_taken(m));
            is_own
        });
        let moves = first_own.unwrap_or(theirs.len());
        self.replay_refills(t, cpu, order, migratetype, &theirs[..moves]);
        let gone: Vec<Pfn> = self.pcp_list(zone, cpu, index).take_while(|at| *at != pfn).collect();
        self.vanish(zone, cpu, index, &gone);
        moves
    }

    /// These pages of a per-CPU list are in use by somebody unknown now.
    fn vanish(&mut self, zone: ZoneId, cpu: CpuId, index: usize, pages: &[Pfn]) {
        for &pfn in pages {
            self.pcp_del(zone, cpu, index, Block { pfn, order: Order::ZERO });
            self.set_page(pfn, Page::plain(PageState::Allocated));
        }
        self.tally_mut().inferred += pages.len() as u32;
        if let Some(Owed { zone: of, cpu: by, pages: owed }) = self.tally_mut().owed
            && (of, by) == (zone, cpu)
        {
            let paid = owed.min(pages.len() as u32);
            self.zone_mut(zone).pageset[cpu.index()].high -= paid;
            self.tally_mut().owed = (owed > paid).then_some(Owed { zone, cpu, pages: owed - paid });
        }
    }

    /// How many pages of a CPU's lists may have gone without an event by now.
    fn pages_gone(&self, zone: ZoneId, cpu: CpuId) -> u32 {
        let lists = (0..3).flat_map(|index| self.pcp_list(zone, cpu, index));
        lists.filter(|pfn| self.have_gone(&[*pfn])).count() as u32
    }

    fn unexplained_pages(&mut self) -> u32 {
        self.tally_mut().unexplained()
    }

    /// One more page of a CPU is gone, from one of its lists: it may hold so many more in the model until it is known
    /// from which.
    fn owe(&mut self, zone: ZoneId, cpu: CpuId) {
        let pages = self.unexplained_pages() + 1;
        self.tally_mut().owed = Some(Owed { zone, cpu, pages });
        self.zone_mut(zone).pageset[cpu.index()].high += 1;
    }

    /// Refills of `alloc_pages_bulk()`: each time it has taken all that was on the list.
    fn replay_refills(
        &mut self,
        t: &mut Trace<'_>,
        cpu: CpuId,
        order: Order,
        migratetype: MigrateType,
        theirs: &[Moved],
    ) {
        let index = PerCpuPages::index_of(order, migratetype);
        let mut rest = theirs;
        while let Some(zone) = rest.first().and_then(|m| self.zone_of(m.block.pfn)) {
            if order == Order::ZERO {
                let list: Vec<Pfn> = self.pcp_list(zone, cpu, index).collect();
                if !self.have_gone(&list) {
                    self.anomaly(Anomaly::Taken);
                }
                self.vanish(zone, cpu, index, &list);
            }
            let before = self.clone();
            t.note();
            self.refill_for_bulk(t, zone, cpu, order, migratetype);
            let ours = t.noted();
            let (now, later) = rest.split_at(ours.len().clamp(1, rest.len()));
            if !self.compare(&ours, now) {
                self.back_to(before);
                self.follow_moves(cpu, order, now);
            }
            rest = later;
        }
    }

    /// As it was, but for the tally.
    fn back_to(&mut self, before: Machine) {
        let tally = *self.tally_mut();
        *self = before;
        *self.tally_mut() = tally;
    }

    fn replay_free(&mut self, t: &mut Trace<'_>, cpu: CpuId, block: Block, moves: Moves) {
        let theirs = self.recorded(moves);
        if self.zone_of(block.pfn).is_none() || self.zone_of(block.last()) != self.zone_of(block.pfn) {
            self.anomaly(Anomaly::NotInUse);
            return;
        }
        let page = self.page(block.pfn);
        if page.state == PageState::Pcp && page.order == block.order && block.order == Order::ZERO {
            // It can only be freed because it was taken in bulk before.
            if let Some((zone, cpu)) =
                self.zone_of(block.pfn).and_then(|z| Some((z, self.cpu_of_pcp(z, block)?)))
            {
                let index = PerCpuPages::index_of(page.order, page.migratetype);
                self.vanish(zone, cpu, index, &[block.pfn]);
            }
        }
        if !self.is_all(block, |page| page.state == PageState::Allocated) {
            self.anomaly(Anomaly::NotInUse);
        }
        let kind = self.block_of(block.pfn).map_or(PageKind::Unknown, |head| self.page(head.pfn).kind);
        self.take_exactly(block, kind);
        self.count(1, 1);
        let zone = self.zone_of(block.pfn).unwrap_or(ZoneId(0));
        loop {
            let before = self.clone();
            t.note();
            self.free_pages(t, cpu, None, block);
            let ours = t.noted();
            if ours != theirs {
                let after = std::mem::replace(self, before);
                if self.infer_from_drain(zone, cpu, &ours, &theirs) {
                    continue;
                }
                let before = std::mem::replace(self, after);
                self.compare(&ours, &theirs);
                self.back_to(before);
                let migratetype = self.pageblock_type(block.pfn);
                let index = PerCpuPages::index_of(block.order, migratetype);
                self.set_page(block.pfn, Page::plain(PageState::Tail));
                if self.pcp_allowed_order(block.order) {
                    self.pcp_add(zone, cpu, index, block, migratetype, End::Head);
                } else {
                    let mut nobody = ();
                    let mut t = Trace::new(&mut nobody);
                    self.put_in_hand(&t, block);
                    self.free_one_page(&mut t, zone, block, migratetype, FreeTo::Either);
                }
                self.follow_moves(cpu, block.order, &theirs);
            } else {
                self.compare(&ours, &theirs);
            }
            return;
        }
    }

    /// What a drain tells of pages that left without an event. None happened, though the CPU should have too many
    /// pages: it has fewer. Another block than the next one was drained: those between are
    /// gone. True when something was found, and the machine knows of it now.
    fn infer_from_drain(&mut self, zone: ZoneId, cpu: CpuId, ours: &[Moved], theirs: &[Moved]) -> bool {
        if theirs.is_empty() {
            let of_this = self.tally_mut().owed.is_none_or(|owed| (owed.zone, owed.cpu) == (zone, cpu));
            if of_this && self.unexplained_pages() < self.pages_gone(zone, cpu) {
                self.owe(zone, cpu);
                return true;
            }
            return false;
        }
        let Some((expected, found)) = ours.iter().zip(theirs).find(|(a, b)| a != b) else { return false };
        let single = |moved: &Moved| moved.how == Moving::Drained && moved.block.order == Order::ZERO;
        if !single(expected) || !single(found) {
            return false;
        }
        let index = PerCpuPages::index_of(Order::ZERO, self.page(expected.block.pfn).migratetype);
        let list: Vec<Pfn> = self.pcp_list(zone, cpu, index).collect();
        let place = |pfn: Pfn| list.iter().position(|at| *at == pfn);
        let (Some(tail), Some(head)) = (place(expected.block.pfn), place(found.block.pfn)) else {
            return false;
        };
        if head >= tail || !self.have_gone(&list[head + 1..=tail]) {
            return false;
        }
        self.vanish(zone, cpu, index, &list[head + 1..=tail]);
        true
    }

    /// Drains that no free caused: from a CPU's first list on, in chunks (`drain_pages_zone()`, 6.1.192).
    fn replay_drain(&mut self, t: &mut Trace<'_>, moves: Moves) {
        let theirs = self.recorded(moves);
        let mut rest = &theirs[..];
        while let Some(first) = rest.first() {
            let place = |this: &Machine, moved: &Moved| {
                let zone = this.zone_of(moved.block.pfn)?;
                Some((zone, this.cpu_of_pcp(zone, moved.block)?))
            };
            let Some((zone, cpu)) = place(self, first) else {
                self.anomaly(Anomaly::NotFree);
                self.count(1, 0);
                rest = &rest[1..];
                continue;
            };
            let run = rest.iter().take_while(|m| place(self, m) == Some((zone, cpu))).count();
            let (now, later) = rest.split_at(run);
            let pages: u32 = now.iter().map(|m| m.block.order.pages()).sum();
            let before = self.clone();
            t.note();
            self.drain_pages(t, zone, cpu, pages);
            let ours = t.noted();
            if !self.compare(&ours, now) {
                self.back_to(before);
                self.follow_moves(cpu, Order::ZERO, now);
            }
            rest = later;
        }
    }

    /// The CPU on one of whose lists the block is.
    fn cpu_of_pcp(&self, zone: ZoneId, block: Block) -> Option<CpuId> {
        let page = self.page(block.pfn);
        if page.state != PageState::Pcp || page.order != block.order {
            return None;
        }
        let index = PerCpuPages::index_of(page.order, page.migratetype);
        let mut cpus = (0..self.cpus()).map(CpuId);
        if self.cpus() == 1 {
            return cpus.next();
        }
        cpus.find(|cpu| self.pcp_list(zone, *cpu, index).any(|pfn| pfn == block.pfn))
    }

    /// Does what the trace says, whatever the rules say.
    fn follow_moves(&mut self, cpu: CpuId, order: Order, moves: &[Moved]) {
        for moved in moves {
            let Moved { how, block, migratetype } = *moved;
            let Some(zone) = self.zone_of(block.pfn) else { continue };
            match how {
                Moving::Stolen { claimed, .. } => {
                    if block.order >= self.pageblock_order() {
                        self.set_pageblock_types(block, migratetype);
                    } else if claimed {
                        let order = self.pageblock_order();
                        self.set_pageblock_types(
                            Block { pfn: block.pfn.align_down(order), order },
                            migratetype,
                        );
                    }
                    let is_there = |this: &Machine| {
                        let page = this.page(block.pfn);
                        page.state == PageState::Free && page.order == block.order
                    };
                    if claimed && block.order < self.pageblock_order() {
                        self.move_freepages_block(zone, block.pfn, migratetype);
                    } else if is_there(self) {
                        self.move_to_free_list(zone, block, migratetype);
                    } else {
                        self.anomaly(Anomaly::NotFree);
                    }
                }
                Moving::Taken => {
                    if !self.is_all(block, |page| page.state == PageState::Free) {
                        self.anomaly(Anomaly::NotFree);
                    }
                    self.take_exactly(block, PageKind::Unknown);
                    if self.pcp_allowed_order(order) && block.order == order {
                        let index = PerCpuPages::index_of(order, migratetype);
                        self.set_page(block.pfn, Page::plain(PageState::Tail));
                        self.pcp_add(zone, cpu, index, block, migratetype, End::Tail);
                    }
                }
                Moving::Drained => {
                    if self.page(block.pfn).state != PageState::Pcp {
                        self.anomaly(Anomaly::NotFree);
                    }
                    self.take_exactly(block, PageKind::Unknown);
                    let mut nobody = ();
                    let mut t = Trace::new(&mut nobody);
                    self.put_in_hand(&t, block);
                    self.free_one_page(&mut t, zone, block, migratetype, FreeTo::Either);
                }
            }
        }
    }

    /// Whether every frame of a block belongs to a head of which this holds.
    fn is_all(&self, block: Block, holds: impl Fn(&Page) -> bool) -> bool {
        let mut pfn = block.pfn;
        while pfn <= block.last() {
            let Some(head) = self.block_of(pfn) else { return false };
            if !holds(&self.page(head.pfn)) {
                return false;
            }
            pfn = head.last().plus(1);
        }
        true
    }

    /// Makes these frames one block that somebody has, wherever they are now: what hangs over the edges stays what
    /// it is, in single pages or in halves.
    fn take_exactly(&mut self, block: Block, kind: PageKind) {
        let whole = Page { order: block.order, kind, ..Page::plain(PageState::Allocated) };
        if self.block_of(block.pfn) == Some(block) && self.page(block.pfn).state == PageState::Allocated {
            self.set_page(block.pfn, whole);
            return;
        }
        let mut pfn = block.pfn;
        while pfn <= block.last() {
            let Some(head) = self.block_of(pfn) else {
                pfn = pfn.plus(1);
                continue;
            };
            let page = self.page(head.pfn);
            let zone = self.zone_of(head.pfn).unwrap_or(ZoneId(0));
            match page.state {
                PageState::Free => {
                    self.del_from_free_list(zone, head);
                    self.count_free(zone, page.migratetype, -i64::from(head.order.pages()));
                    // The halves that do not hold the block stay free, as when a block is cut.
                    let mut kept = head;
                    while kept.order > block.order {
                        let Some(order) = kept.order.down() else { break };
                        let (low, high) = (kept.pfn, kept.pfn.plus(order.pages()));
                        let (keep, put) = if block.pfn < high { (low, high) } else { (high, low) };
                        self.add_to_free_list(zone, Block { pfn: put, order }, page.migratetype, End::Head);
                        self.count_free(zone, page.migratetype, i64::from(order.pages()));
                        kept = Block { pfn: keep, order };
                    }
                }
                PageState::Pcp => {
                    let index = PerCpuPages::index_of(page.order, page.migratetype);
                    if let Some(cpu) = self.cpu_of_pcp(zone, head) {
                        self.pcp_del(zone, cpu, index, head);
                    }
                    self.break_up(head, PageKind::Unknown);
                }
                PageState::Allocated => self.break_up(head, page.kind),
                _ => {}
            }
            pfn = head.last().plus(1);
        }
        self.fill_pages(PfnRange::new(block.pfn.0, block.last().0 + 1), Page::plain(PageState::Tail));
        self.set_page(block.pfn, whole);
    }

    /// A block becomes single pages in use.
    fn break_up(&mut self, block: Block, kind: PageKind) {
        let single = Page { kind, owner: NONE, ..Page::plain(PageState::Allocated) };
        self.fill_pages(PfnRange::new(block.pfn.0, block.last().0 + 1), single);
    }
}

//! From a trace to the ops that replay it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use mm::op::PageKind;
use mm::page::{Block, MigrateType};
use mm::replay::{Moved, Moves, Moving, Recorded, Recording};
use mm::units::{CpuId, Order, Pfn, PfnRange};
use mm::{Machine, Op};

use crate::lists::{ListsDump, ZoneDump};
use crate::trace::{EventKind, TraceEvent};

/// A trace as ops of a machine.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Replay {
    /// One for each thing that the trace says was done.
    pub ops: Vec<Op>,
    /// For each op the line of the text where its first event is.
    pub lines: Vec<u32>,
    /// What the trace says besides; goes into [`mm::Config::recorded`].
    pub recording: Rc<Recording>,
    /// Events of the page allocator that were used.
    pub events: u32,
}

/// Whether a machine's lists are those that a kernel had.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ListsAgree {
    /// The same blocks are free.
    pub blocks: bool,
    /// The free lists hold them in the same order, and the pageblocks have the same types.
    pub order: bool,
    /// The per-CPU lists hold the same blocks in the same order.
    pub pcp: bool,
}

impl ListsAgree {
    /// Compares the machine with a dump of the kernel.
    #[must_use]
    pub fn with(machine: &Machine, kernel: &ListsDump) -> ListsAgree {
        let ours = ListsDump::of(machine);
        let free = |dump: &ListsDump| -> BTreeSet<(Order, Pfn)> {
            let lists = dump.zones.iter().flat_map(|zone| &zone.lists);
            lists.flat_map(|(order, _, pfns)| pfns.iter().map(|pfn| (*order, *pfn))).collect()
        };
        let zones = || ours.zones.iter().zip(&kernel.zones);
        let same_zones = ours.zones.len() == kernel.zones.len();
        let same_types = zones().all(|(a, b)| {
            let mut pairs = a.pageblocks.iter().zip(&b.pageblocks);
            // What is a hole to one of them has no type to compare.
            a.pageblocks.len() == b.pageblocks.len()
                && pairs.all(|(a, b)| a.is_none() || b.is_none() || a == b)
        });
        let pcp = |zone: &ZoneDump| {
            let mut lists = zone.pcp_lists.clone();
            lists.sort_by_key(|list| (list.cpu, list.index));
            lists
        };
        ListsAgree {
            blocks: free(&ours) == free(kernel),
            order: same_zones && same_types && zones().all(|(a, b)| a.lists == b.lists),
            pcp: same_zones && zones().all(|(a, b)| pcp(a) == pcp(b)),
        }
    }
}

/// Which migratetype a number stands for: 4 is CMA on a kernel that has it, Isolate on one without.
fn migratetype(raw: u8, cma: bool) -> MigrateType {
    match raw {
        4 if !cma => MigrateType::Isolate,
        _ => MigrateType::from_raw(raw).unwrap_or(MigrateType::Movable),
    }
}

/// Blocks that left the free lists of a CPU's refill and do not belong to an op yet.
#[derive(Default)]
struct Pending {
    moved: Vec<Moved>,
    line: u32,
    /// The order and the type of the request.
    request: Option<(Order, u8)>,
}

/// A trace, and what is known of its two ends.
#[derive(Clone, Copy, Debug)]
pub struct Window<'a> {
    /// The events.
    pub events: &'a [TraceEvent],
    /// Events that follow them: they tell of pages that were freed as a list whether they have reached a per-CPU list
    /// by the end.
    pub follow: &'a [TraceEvent],
    /// The lists at the start.
    pub before: &'a ListsDump,
    /// The lists at the end.
    pub after: Option<&'a ListsDump>,
    /// Whether the kernel was built with CMA.
    pub cma: bool,
}

/// Reads the ops out of the events.
#[must_use]
pub fn replay(window: &Window<'_>) -> Replay {
    let Window { events, follow, before, after, cma } = *window;
    let batched = freed_as_a_list(events, follow);
    let mut out = Builder::default();
    let mut pending: BTreeMap<u16, Pending> = BTreeMap::new();
    let mut at = 0;
    while let Some(event) = events.get(at) {
        let TraceEvent { cpu, line, kind, .. } = *event;
        let index = at;
        at += 1;
        let id = CpuId(u8::try_from(cpu).unwrap_or(u8::MAX));
        match kind {
            EventKind::AllocZoneLocked { pfn, order, migratetype: raw, .. } => {
                let waiting = pending.entry(cpu).or_default();
                if waiting.request.is_some_and(|request| request != (order, raw)) {
                    out.refill(waiting, id, cma);
                }
                let waiting = pending.entry(cpu).or_default();
                waiting.add(line, (order, raw), Moving::Taken, Block { pfn, order }, migratetype(raw, cma));
            }
            EventKind::AllocExtfrag {
                pfn,
                alloc_order,
                fallback_order,
                alloc_migratetype,
                fallback_migratetype,
                change_ownership,
                ..
            } => {
                let waiting = pending.entry(cpu).or_default();
                let request = (alloc_order, alloc_migratetype);
                if waiting.request.is_some_and(|other| other != request) {
                    out.refill(waiting, id, cma);
                }
                let how = Moving::Stolen {
                    from: migratetype(fallback_migratetype, cma),
                    claimed: change_ownership,
                };
                let block = Block { pfn, order: fallback_order };
                let waiting = pending.entry(cpu).or_default();
                waiting.add(line, request, how, block, migratetype(alloc_migratetype, cma));
            }
            EventKind::Alloc { .. } | EventKind::AllocFailed { .. } => {
                let (order, raw, gfp, pfn) = match kind {
                    EventKind::Alloc { pfn, order, migratetype, gfp } => (order, migratetype, gfp, Some(pfn)),
                    EventKind::AllocFailed { order, migratetype, gfp } => (order, migratetype, gfp, None),
                    _ => unreachable!("matched above"),
                };
                let mut waiting = pending.remove(&cpu).unwrap_or_default();
                if waiting.request.is_some_and(|request| request != (order, raw)) {
                    out.refill(&mut waiting, id, cma);
                }
                let first_line = if waiting.moved.is_empty() { line } else { waiting.line };
                let moves = out.moves(&waiting.moved);
                out.events += 1;
                let recorded =
                    Recorded::Alloc { cpu: id, order, gfp, kind: PageKind::of_flags(gfp), pfn, moves };
                out.op(first_line, recorded);
            }
            EventKind::Free { .. } | EventKind::FreeBatched { .. } => {
                if let Some(mut waiting) = pending.remove(&cpu) {
                    out.refill(&mut waiting, id, cma);
                }
                let (pfn, order) = match kind {
                    EventKind::Free { .. } if batched[index] => continue,
                    EventKind::Free { pfn, order } => (pfn, order),
                    EventKind::FreeBatched { pfn } => (pfn, Order::ZERO),
                    _ => unreachable!("matched above"),
                };
                let drained = drained(&events[at..], cpu, cma);
                at += drained.len();
                let moves = out.moves(&drained);
                out.events += 1;
                out.op(line, Recorded::Free { cpu: id, block: Block { pfn, order }, moves });
            }
            EventKind::PcpuDrain { .. } => {
                if let Some(mut waiting) = pending.remove(&cpu) {
                    out.refill(&mut waiting, id, cma);
                }
                let drained = drained(&events[index..], cpu, cma);
                at = index + drained.len();
                let moves = out.moves(&drained);
                out.op(line, Recorded::Drain { moves });
            }
            _ => {}
        }
    }
    let mut left: Vec<_> = pending.into_iter().collect();
    left.sort_by_key(|(_, waiting)| waiting.line);
    for (cpu, mut waiting) in left {
        out.refill(&mut waiting, CpuId(u8::try_from(cpu).unwrap_or(u8::MAX)), cma);
    }
    out.finish(before, after)
}

/// What becomes a [`Replay`].
#[derive(Default)]
struct Builder {
    ops: Vec<Op>,
    lines: Vec<u32>,
    moved: Vec<Moved>,
    events: u32,
}

impl Pending {
    fn add(&mut self, line: u32, request: (Order, u8), how: Moving, block: Block, migratetype: MigrateType) {
        if self.moved.is_empty() {
            self.line = line;
        }
        self.request = Some(request);
        self.moved.push(Moved { how, block, migratetype });
    }
}

impl Replay {
    /// Every frame that the trace names, as ascending, disjoint ranges: the buddy system has or had all of them.
    pub(crate) fn frames(&self) -> Vec<PfnRange> {
        let of_op = |op: &Op| match op {
            Op::Recorded(Recorded::Alloc { order, pfn: Some(pfn), .. }) => {
                Some(Block { pfn: *pfn, order: *order })
            }
            Op::Recorded(Recorded::Free { block, .. }) => Some(*block),
            _ => None,
        };
        let blocks =
            self.ops.iter().filter_map(of_op).chain(self.recording.moved.iter().map(|moved| moved.block));
        crate::layout::merged(
            blocks.map(|block| PfnRange::new(block.pfn.0, block.pfn.0 + block.order.pages())).collect(),
        )
    }
}

impl Builder {
    fn finish(self, before: &ListsDump, after: Option<&ListsDump>) -> Replay {
        let Builder { ops, lines, moved, events } = self;
        let blocks = |dump: &ListsDump| -> Vec<Block> {
            let of_zone = |zone: &ZoneDump| {
                let lists = zone.lists.iter().map(|(order, _, pfns)| (*order, pfns.clone()));
                let blocks =
                    lists.flat_map(|(order, pfns)| pfns.into_iter().map(move |pfn| Block { pfn, order }));
                blocks.chain(zone.pcp.iter().copied()).collect::<Vec<_>>()
            };
            dump.zones.iter().flat_map(of_zone).collect()
        };
        let listed = before.zones.iter().flat_map(|zone| zone.pcp.iter().copied());
        let free_after = after.map(blocks);
        let recording = Recording::new(&ops, moved, listed, free_after.as_deref());
        Replay { ops, lines, recording: Rc::new(recording), events }
    }

    fn op(&mut self, line: u32, recorded: Recorded) {
        self.ops.push(Op::Recorded(recorded));
        self.lines.push(line);
    }

    fn moves(&mut self, moved: &[Moved]) -> Moves {
        let moves = Moves { first: self.moved.len() as u32, len: moved.len() as u32 };
        self.moved.extend_from_slice(moved);
        self.events += moves.len;
        moves
    }

    /// What is waiting was a refill that served nobody whom the trace names.
    fn refill(&mut self, waiting: &mut Pending, cpu: CpuId, cma: bool) {
        let Pending { moved, line, request } = std::mem::take(waiting);
        let Some((order, raw)) = request else { return };
        let moves = self.moves(&moved);
        self.op(line, Recorded::Refill { cpu, order, migratetype: migratetype(raw, cma), moves });
    }
}

/// The drains at the beginning of the events, as long as they are of this CPU.
fn drained(events: &[TraceEvent], of: u16, cma: bool) -> Vec<Moved> {
    let moved = events.iter().map_while(|event| match event.kind {
        EventKind::PcpuDrain { pfn, order, migratetype: raw } if event.cpu == of => Some(Moved {
            how: Moving::Drained,
            block: Block { pfn, order },
            migratetype: migratetype(raw, cma),
        }),
        _ => None,
    });
    moved.collect()
}

/// For each event whether it is the free of a page that is freed as one of a list: the page comes to a per-CPU list
/// with a later event (`free_unref_page_list()`).
fn freed_as_a_list(events: &[TraceEvent], after: &[TraceEvent]) -> Vec<bool> {
    let mut is_next: BTreeMap<Pfn, bool> = BTreeMap::new();
    let mut batched = vec![false; events.len()];
    for index in (0..events.len() + after.len()).rev() {
        let event = events.get(index).unwrap_or_else(|| &after[index - events.len()]);
        match event.kind {
            EventKind::FreeBatched { pfn } => {
                is_next.insert(pfn, true);
            }
            EventKind::Free { pfn, order } => {
                let is_list = is_next.insert(pfn, false).unwrap_or(false) && order == Order::ZERO;
                if let Some(at) = batched.get_mut(index) {
                    *at = is_list;
                }
            }
            EventKind::Alloc { pfn, .. }
            | EventKind::AllocZoneLocked { pfn, .. }
            | EventKind::PcpuDrain { pfn, .. } => {
                is_next.insert(pfn, false);
            }
            _ => {}
        }
    }
    batched
}

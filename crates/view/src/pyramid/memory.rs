//! One walk over the frames that are shown: blocks that are wide enough one by one, the others as columns.

use mm::mmzone::ZoneId;
use mm::op::PageKind;
use mm::page::{Block, Page, PageState};
use mm::{Machine, Order, Pfn, PfnRange};

/// What is in the window.
pub(super) struct Memory {
    /// Free blocks that are wide enough, by address.
    pub free: Vec<Block>,
    /// Blocks in use that are wide enough, by address.
    pub used: Vec<(Block, Page)>,
    /// Reserved memory and holes that are wide enough.
    pub absent: Vec<PfnRange>,
    /// Free blocks of each order that are narrow, but wider than a hair.
    pub thin_free: [Vec<Pfn>; Order::COUNT],
    /// Narrow stretches of each kind in use; last: reserved and holes.
    pub thin_used: [Vec<PfnRange>; KINDS + 1],
    /// For each order whose blocks are narrower than a hair: free frames in each column.
    pub density: [Vec<u32>; Order::COUNT],
    /// Frames of blocks in use narrower than a hair in each column, for each kind; last: reserved and holes.
    pub crowd: [Vec<u32>; KINDS + 1],
    /// Which kinds are seen.
    pub kinds: [bool; KINDS],
    /// Whether any frame is reserved or missing.
    pub has_absent: bool,
}

/// How many kinds of pages there are; the last one is what a CPU keeps.
pub(super) const KINDS: usize = 7;

/// How wide things are.
#[derive(Clone, Copy)]
pub(super) struct Grain {
    /// Columns across the window.
    pub columns: u32,
    /// Blocks of fewer frames than this are narrow.
    pub min_frames: u32,
    /// Blocks of fewer frames than this are narrower than a hair.
    pub thin_frames: u32,
}

/// Calls `f` for every block and every run of single frames without one that touches `window`.
pub(super) fn walk(machine: &Machine, window: PfnRange, mut f: impl FnMut(Pfn, u32, &Page)) {
    let mut at = window.start.0;
    let end = window.end.0.min(machine.end().0);
    if machine.page(window.start).state == PageState::Tail
        && let Some(block) = machine.block_of(window.start)
    {
        f(block.pfn, block.order.pages(), &machine.page(block.pfn));
        at = block.last().0 + 1;
    }
    while at < end {
        let page = machine.page(Pfn(at));
        let len = if page.is_head() { page.order.pages() } else { 1 };
        f(Pfn(at), len, &page);
        at += len;
    }
}

/// Frames `start..start + len` added to the columns that they lie in.
struct Columns {
    start: u32,
    len: u32,
    columns: u32,
    /// Columns per frame with 32 binary places.
    factor: u64,
}

impl Columns {
    fn new(window: PfnRange, columns: u32) -> Columns {
        let len = window.len().max(1);
        Columns { start: window.start.0, len, columns, factor: (u64::from(columns) << 32) / u64::from(len) }
    }

    fn of(&self, frame: u32) -> u32 {
        (((u64::from(frame) * self.factor) >> 32) as u32).min(self.columns - 1)
    }

    fn add(&self, to: &mut [u32], pfn: Pfn, pages: u32) {
        let from = pfn.0.saturating_sub(self.start);
        let end = (pfn.0 + pages).saturating_sub(self.start).min(self.len);
        if end <= from {
            return;
        }
        let (first, last) = (self.of(from), self.of(end - 1));
        if first == last {
            to[first as usize] += end - from;
        } else {
            for column in first..=last {
                let (low, high) = (self.edge(column), self.edge(column + 1));
                to[column as usize] += end.min(high).saturating_sub(from.max(low));
            }
        }
    }

    /// The first frame of a column.
    fn edge(&self, column: u32) -> u32 {
        let mut frame = ((u64::from(column) << 32) / self.factor) as u32;
        while frame < self.len && self.of(frame) < column {
            frame += 1;
        }
        if column >= self.columns { self.len } else { frame }
    }
}

/// Frames of each column.
pub(super) fn frames_of_columns(window: PfnRange, columns: u32) -> Vec<u32> {
    let c = Columns::new(window, columns);
    (0..columns).map(|column| c.edge(column + 1).saturating_sub(c.edge(column))).collect()
}

impl Memory {
    /// What the part of `zone` that lies in `window` holds.
    pub(super) fn read(machine: &Machine, zone: ZoneId, window: PfnRange, grain: Grain) -> Memory {
        let columns = Columns::new(window, grain.columns);
        let span = machine.zone(zone).span.and(window);
        let blank = || vec![0u32; grain.columns as usize];
        let mut memory =
            Memory {
                free: Vec::new(),
                used: Vec::new(),
                absent: Vec::new(),
                density: std::array::from_fn(|order| {
                    if 1 << order < grain.thin_frames { blank() } else { Vec::new() }
                }),
                thin_free: Default::default(),
                thin_used: Default::default(),
                crowd: std::array::from_fn(|_| blank()),
                kinds: [false; KINDS],
                has_absent: false,
            };
        let mut gap: Option<PfnRange> = None;
        let absent = |memory: &mut Memory, gap: &mut Option<PfnRange>| {
            if let Some(run) = gap.take() {
                memory.has_absent = true;
                if run.len() >= grain.min_frames {
                    memory.absent.push(run);
                } else if run.len() >= grain.thin_frames {
                    memory.thin_used[KINDS].push(run);
                } else {
                    columns.add(&mut memory.crowd[KINDS], run.start, run.len());
                }
            }
        };
        walk(machine, span, |pfn, len, page| {
            if matches!(page.state, PageState::Reserved | PageState::Hole) {
                match &mut gap {
                    Some(run) => run.end = Pfn(pfn.0 + len),
                    None => gap = Some(PfnRange::new(pfn.0, pfn.0 + len)),
                }
                return;
            }
            if gap.is_some() {
                absent(&mut memory, &mut gap);
            }
            let block = Block { pfn, order: page.order };
            let wide = len >= grain.min_frames;
            match page.state {
                PageState::Free if wide => memory.free.push(block),
                PageState::Free if len >= grain.thin_frames => {
                    memory.thin_free[page.order.index()].push(pfn);
                }
                PageState::Free => columns.add(&mut memory.density[page.order.index()], pfn, len),
                PageState::Allocated | PageState::Pcp => {
                    let kind = Kept::of(page) as usize;
                    memory.kinds[kind] = true;
                    if wide {
                        memory.used.push((block, *page));
                    } else if len >= grain.thin_frames {
                        let end = Pfn(pfn.0 + len);
                        match memory.thin_used[kind].last_mut() {
                            Some(run) if run.end == pfn => run.end = end,
                            _ => memory.thin_used[kind].push(PfnRange { start: pfn, end }),
                        }
                    } else {
                        columns.add(&mut memory.crowd[kind], pfn, len);
                    }
                }
                _ => {}
            }
        });
        absent(&mut memory, &mut gap);
        memory
    }
}

/// What a block off the free lists is: in use for something, or kept by a CPU.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Kept {
    Unknown,
    Unmovable,
    Movable,
    Reclaimable,
    Anon,
    File,
    Pcp,
}

impl Kept {
    /// Every one, by its number.
    pub(super) const ALL: [Kept; KINDS] =
        [Kept::Unknown, Kept::Unmovable, Kept::Movable, Kept::Reclaimable, Kept::Anon, Kept::File, Kept::Pcp];

    /// What the block of this head is.
    pub(super) fn of(page: &Page) -> Kept {
        match (page.state, page.kind) {
            (PageState::Pcp, _) => Kept::Pcp,
            (_, PageKind::Unknown) => Kept::Unknown,
            (_, PageKind::Unmovable | PageKind::Slab | PageKind::Vmalloc | PageKind::PageTable) => {
                Kept::Unmovable
            }
            (_, PageKind::Movable) => Kept::Movable,
            (_, PageKind::Reclaimable) => Kept::Reclaimable,
            (_, PageKind::Anon) => Kept::Anon,
            (_, PageKind::File) => Kept::File,
        }
    }
}

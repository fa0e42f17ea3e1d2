//! What every pageblock is filled with. Follows the machine by comparing chunks: a step costs what the step touched.

use std::collections::BTreeSet;

use mm::mmzone::ZoneId;
use mm::op::PageKind;
use mm::page::{MigrateType, Page, PageState};
use mm::{Machine, Order, Pfn, PfnRange};
use scenario::Lang;

use crate::scene::Paint;

/// What a frame of a pageblock is, from the bottom of its tile to the top.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Use {
    Unmovable,
    Reclaimable,
    Unknown,
    Movable,
    Anon,
    File,
    Pcp,
    InHand,
    Reserved,
    Hole,
    Free,
}

impl Use {
    /// How many there are.
    pub const COUNT: usize = 11;
    /// All of them.
    pub const ALL: [Use; Use::COUNT] = [
        Use::Unmovable,
        Use::Reclaimable,
        Use::Unknown,
        Use::Movable,
        Use::Anon,
        Use::File,
        Use::Pcp,
        Use::InHand,
        Use::Reserved,
        Use::Hole,
        Use::Free,
    ];

    /// What the head of a block says, or a frame that is in none.
    pub(crate) fn of(page: &Page) -> Use {
        match page.state {
            PageState::Hole | PageState::Tail => Use::Hole,
            PageState::Reserved => Use::Reserved,
            PageState::Free => Use::Free,
            PageState::InHand => Use::InHand,
            PageState::Pcp => Use::Pcp,
            PageState::Allocated => match page.kind {
                PageKind::Unknown => Use::Unknown,
                PageKind::Unmovable | PageKind::Slab | PageKind::Vmalloc | PageKind::PageTable => {
                    Use::Unmovable
                }
                PageKind::Movable => Use::Movable,
                PageKind::Reclaimable => Use::Reclaimable,
                PageKind::Anon => Use::Anon,
                PageKind::File => Use::File,
            },
        }
    }

    /// What it is called.
    #[must_use]
    pub fn name(self, lang: Lang) -> &'static str {
        let (en, zh) = match self {
            Use::Unmovable => ("kernel", "内核"),
            Use::Reclaimable => ("reclaimable", "可回收"),
            Use::Unknown => ("unknown", "来源不明"),
            Use::Movable => ("movable", "可移动"),
            Use::Anon => ("anonymous", "匿名页"),
            Use::File => ("file", "文件页"),
            Use::Pcp => ("kept by a CPU", "CPU 留着"),
            Use::InHand => ("in hand", "在手中"),
            Use::Reserved => ("reserved", "保留"),
            Use::Hole => ("hole", "空洞"),
            Use::Free => ("free", "空闲"),
        };
        lang.pick(en, zh)
    }

    /// What it is painted with; free memory is paper.
    pub(crate) fn paint(self) -> Paint {
        match self {
            Use::Unmovable => Paint::Unmovable,
            Use::Reclaimable => Paint::Reclaimable,
            Use::Unknown => Paint::Unknown,
            Use::Movable => Paint::Movable,
            Use::Anon => Paint::Anon,
            Use::File => Paint::File,
            Use::Pcp => Paint::Pcp,
            Use::InHand => Paint::Hand,
            Use::Reserved => Paint::Reserved,
            Use::Hole => Paint::Outside,
            Use::Free => Paint::Free,
        }
    }
}

/// The frames of a pageblock by what they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Fill {
    /// One number for each [`Use`], in its order.
    pub frames: [u16; Use::COUNT],
}

impl Fill {
    /// The frames of one kind.
    #[must_use]
    pub fn of(&self, what: Use) -> u32 {
        u32::from(self.frames[what as usize])
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> u32 {
        self.frames.iter().map(|n| u32::from(*n)).sum()
    }

    /// Neither free nor missing.
    #[must_use]
    pub fn in_use(&self) -> u32 {
        self.all() - self.of(Use::Free) - self.of(Use::Hole)
    }

    pub(crate) fn count(machine: &Machine, range: PfnRange) -> Fill {
        let mut frames = [0u16; Use::COUNT];
        let mut pfn = range.start.0;
        while pfn < range.end.0 {
            let page = machine.page(Pfn(pfn));
            let (page, end) = match page.state {
                PageState::Tail => match machine.block_of(Pfn(pfn)) {
                    Some(block) => (machine.page(block.pfn), block.last().0 + 1),
                    None => (page, pfn + 1),
                },
                _ if page.is_head() => (page, pfn + page.order.pages()),
                _ => (page, pfn + 1),
            };
            let end = end.min(range.end.0);
            frames[Use::of(&page) as usize] += (end - pfn) as u16;
            pfn = end;
        }
        Fill { frames }
    }
}

/// How many pageblocks the span of a zone touches.
pub(crate) fn tiles(machine: &Machine, zone: ZoneId) -> u32 {
    let order = machine.pageblock_order().get();
    let span = machine.zone(zone).span;
    if span.is_empty() { 0 } else { ((span.end.0 - 1) >> order) - (span.start.0 >> order) + 1 }
}

/// The frames of one of them that are in the zone.
pub(crate) fn range(machine: &Machine, zone: ZoneId, at: u32) -> PfnRange {
    let order = machine.pageblock_order();
    let span = machine.zone(zone).span;
    let first = span.start.align_down(order).0 + (at << order.get());
    PfnRange::new(first, first + order.pages()).and(span)
}

/// How many pageblocks of each type a zone has, those without any memory left out (`pagetypeinfo_showblockcount()`).
pub(crate) fn types(machine: &Machine, zone: ZoneId) -> [u32; MigrateType::COUNT] {
    let mut counts = [0; MigrateType::COUNT];
    for at in 0..tiles(machine, zone) {
        let range = range(machine, zone, at);
        if machine.page(range.start).state != PageState::Hole || !is_hole(machine, range) {
            counts[machine.pageblock_type(range.start).index()] += 1;
        }
    }
    counts
}

fn is_hole(machine: &Machine, range: PfnRange) -> bool {
    (range.start.0..range.end.0).all(|pfn| machine.page(Pfn(pfn)).state == PageState::Hole)
}

/// What every pageblock of a machine is filled with.
#[derive(Clone)]
pub struct Census {
    machine: Machine,
    zones: Vec<Vec<Fill>>,
}

impl Census {
    /// Counts all of a machine.
    #[must_use]
    pub fn of(machine: &Machine) -> Census {
        let of_zone = |zone| {
            (0..tiles(machine, zone)).map(|at| Fill::count(machine, range(machine, zone, at))).collect()
        };
        Census { machine: machine.clone(), zones: machine.zone_ids().map(of_zone).collect() }
    }

    /// Follows to another moment.
    pub fn follow(&mut self, machine: &Machine) {
        let shape = |machine: &Machine| {
            let spans: Vec<PfnRange> = machine.zones().iter().map(|zone| zone.span).collect();
            (machine.end(), machine.pageblock_order(), spans)
        };
        if shape(&self.machine) != shape(machine) {
            *self = Census::of(machine);
            return;
        }
        let before = std::mem::replace(&mut self.machine, machine.clone());
        let order = machine.pageblock_order().get();
        // A block that begins in a chunk reaches at most as far as the largest order.
        let reach = Order::MAX.pages();
        let mut touched = BTreeSet::new();
        let mut base = 0;
        for (old, new) in before.mem_map().zip(machine.mem_map()) {
            let end = base + new.len() as u32;
            if !std::ptr::eq(old, new) {
                let last = (end + reach - 1).min(machine.end().0.saturating_sub(1));
                touched.extend(base >> order..=last >> order);
            }
            base = end;
        }
        for number in touched {
            for (zone, fills) in machine.zone_ids().zip(&mut self.zones) {
                let first = machine.zone(zone).span.start.0 >> order;
                let Some(at) = number.checked_sub(first) else { continue };
                if let Some(fill) = fills.get_mut(at as usize) {
                    *fill = Fill::count(machine, range(machine, zone, at));
                }
            }
        }
    }

    /// One pageblock.
    #[must_use]
    pub fn fill(&self, zone: ZoneId, at: u32) -> Fill {
        self.zones.get(zone.index()).and_then(|fills| fills.get(at as usize)).copied().unwrap_or_default()
    }

    #[cfg(test)]
    pub(super) fn zones(&self) -> &[Vec<Fill>] {
        &self.zones
    }

    /// The free frames of all of them.
    #[must_use]
    pub fn free(&self) -> u64 {
        self.zones.iter().flatten().map(|fill| u64::from(fill.of(Use::Free))).sum()
    }
}

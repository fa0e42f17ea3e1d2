//! vmalloc: the kernel's addresses above, one behind the other, the frames of physical memory below, wherever they are,
//! and between them a thread from each page to its frame.

mod draw;
#[cfg(test)]
mod tests;

use mm::op::{KmemOp, NameId};
use mm::page::PageState;
use mm::step::StepKind;
use mm::units::PAGE_SIZE;
use mm::vmalloc::{Vaddr, Vmalloc, VmallocStep};
use mm::{Machine, Named, Op, Order, Pfn};
use scenario::Lang;

use crate::Moment;
use crate::narrate::num;
use crate::pyramid::Direction;
use crate::scene::{Room, Scene};

/// Draws the addresses and the frames.
#[must_use]
pub fn scene(moment: &Moment, room: &Room, lang: Lang, selected: Option<Pfn>) -> Scene {
    draw::scene(moment, room, lang, selected)
}

/// What some addresses are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum What {
    /// An area in use.
    Area,
    /// An area that gets its pages.
    Built,
    /// An area that is not mapped any more and gives its pages back.
    GivenBack,
    /// Addresses that wait for a purge.
    Waits,
    /// Addresses that nobody has, before others that somebody has.
    Gap,
    /// Where the next step puts an area.
    Coming,
}

/// Addresses that are of one kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Segment {
    pub what: What,
    pub start: Vaddr,
    /// How many pages of addresses; of an area the last one is its guard page.
    pub pages: u64,
    /// The number of the first page that has a frame.
    pub first: u32,
    /// The frames from that page on.
    pub frames: Vec<Pfn>,
}

impl Segment {
    fn plain(what: What, start: Vaddr, pages: u64) -> Segment {
        Segment { what, start, pages, first: 0, frames: Vec::new() }
    }

    /// Whether the addresses are an area's.
    pub fn is_area(&self) -> bool {
        !matches!(self.what, What::Waits | What::Gap)
    }

    /// Pages without the guard page.
    pub fn mapped(&self) -> u64 {
        self.pages - u64::from(self.is_area())
    }

    pub fn end(&self) -> Vaddr {
        Vaddr(self.start.0 + self.pages * PAGE_SIZE)
    }

    /// The frame of a page.
    pub fn frame(&self, page: u64) -> Option<Pfn> {
        self.frames.get(usize::try_from(page.checked_sub(u64::from(self.first))?).ok()?).copied()
    }

    /// In how many runs of neighbouring frames its pages lie.
    pub fn runs(&self) -> usize {
        let breaks = self.frames.windows(2).filter(|pair| pair[0].0 + 1 != pair[1].0).count();
        usize::from(!self.frames.is_empty()) + breaks
    }
}

/// The step of vmalloc that was just done, and the one that comes next.
fn steps(moment: &Moment) -> [Option<VmallocStep>; 2] {
    [moment.just_did, moment.next].map(|step| match step?.kind {
        StepKind::Vmalloc { step, .. } => Some(step),
        _ => None,
    })
}

/// Everything from the first address of the range to the end of the last one that is not just free.
pub(crate) fn addresses(moment: &Moment) -> Vec<Segment> {
    let Some(vmalloc) = moment.machine.kmem().vmalloc() else { return coming(moment).into_iter().collect() };
    let mut all: Vec<Segment> = vmalloc
        .areas()
        .map(|area| Segment {
            frames: area.pages.clone(),
            ..Segment::plain(What::Area, area.start, area.size() / PAGE_SIZE)
        })
        .collect();
    let open = open(vmalloc);
    let waits = vmalloc.waits().filter(|(from, _)| open.as_ref().is_none_or(|open| open.start != *from));
    all.extend(waits.map(|(from, to)| Segment::plain(What::Waits, from, (to.0 - from.0) / PAGE_SIZE)));
    all.extend(open);
    all.extend(coming(moment));
    mm::sort::by_key(&mut all, |segment| segment.start.0);
    let mut whole: Vec<Segment> = Vec::new();
    let mut at = vmalloc.start();
    for segment in all {
        if at < segment.start {
            whole.push(Segment::plain(What::Gap, at, (segment.start.0 - at.0) / PAGE_SIZE));
        }
        at = segment.end();
        match whole.last_mut() {
            // One purge frees both.
            Some(last) if last.what == What::Waits && segment.what == What::Waits => {
                last.pages += segment.pages
            }
            _ => whole.push(segment),
        }
    }
    whole
}

/// The area between having its addresses and being in use, or between its last use and the end of it.
fn open(vmalloc: &Vmalloc) -> Option<Segment> {
    let (area, want) = vmalloc.open()?;
    if want > 0 {
        let whole = Segment::plain(What::Built, area.start, u64::from(want) + 1);
        return Some(Segment { frames: area.pages.clone(), ..whole });
    }
    let mut frames = area.pages.clone();
    frames.reverse();
    let waits = vmalloc.waits().find(|(from, _)| *from == area.start);
    // After a purge its addresses are nobody's.
    let left = u64::from(vmalloc.gone()) + frames.len() as u64 + 1;
    let pages = waits.map_or(left, |(from, to)| (to.0 - from.0) / PAGE_SIZE);
    Some(Segment { first: vmalloc.gone(), frames, ..Segment::plain(What::GivenBack, area.start, pages) })
}

/// The area that the next step finds addresses for.
fn coming(moment: &Moment) -> Option<Segment> {
    match steps(moment)[1] {
        Some(VmallocStep::Addresses { start, pages }) => Some(Segment::plain(What::Coming, start, pages)),
        _ => None,
    }
}

/// The segment that the story is about: what is open or comes, that of the step, that of the op, else the last area.
pub(crate) fn in_play(moment: &Moment, segments: &[Segment]) -> Option<usize> {
    let open = |segment: &Segment| matches!(segment.what, What::Built | What::GivenBack | What::Coming);
    let of_step = steps(moment).into_iter().flatten().find_map(|step| match step {
        VmallocStep::Mapped { start, .. } | VmallocStep::Unmapped { start, .. } => Some(start),
        _ => None,
    });
    let of_op = op_name(moment).and_then(|name| match moment.machine.named(name) {
        Named::Area(start) => Some(start),
        _ => None,
    });
    let starts_at = |start: Option<Vaddr>| segments.iter().position(|segment| Some(segment.start) == start);
    segments
        .iter()
        .position(open)
        .or_else(|| starts_at(of_step))
        .or_else(|| starts_at(of_op))
        .or_else(|| segments.iter().rposition(|segment| segment.what == What::Area))
}

/// The op that the moment is in or has just ended.
fn op(moment: &Moment) -> Option<&Op> {
    let ended = moment.cursor.step == 0 && moment.just_did.is_some();
    let at = moment.cursor.op.saturating_sub(u32::from(ended)) as usize;
    moment.scenario.ops.get(at).map(|op| &op.op)
}

fn op_name(moment: &Moment) -> Option<NameId> {
    op(moment)?.name()
}

/// What the area is called; an open one after the op that works on it.
pub(crate) fn name_of<'m>(moment: &'m Moment, segment: &Segment) -> Option<&'m str> {
    let id = match segment.what {
        What::Waits | What::Gap => None,
        What::Area => (0..moment.scenario.names.len() as u32)
            .map(NameId)
            .find(|id| moment.machine.named(*id) == Named::Area(segment.start)),
        What::Built | What::GivenBack | What::Coming => op_name(moment),
    };
    id.map(|id| moment.name(id))
}

/// How many pages the op in play wants, or has: what `kmalloc()` would need in one piece.
pub(crate) fn wanted_pages(moment: &Moment, play: Option<&Segment>) -> Option<u64> {
    let of_op = match op(moment) {
        Some(Op::Kmem(KmemOp::Vmalloc { bytes, .. })) => Some(*bytes),
        Some(Op::Kmem(KmemOp::Kvmalloc { bytes, .. })) => Some(u64::from(*bytes)),
        _ => None,
    };
    let pages = of_op.map(|bytes| bytes.div_ceil(PAGE_SIZE));
    pages.or_else(|| Some(play?.mapped())).filter(|pages| *pages > 0)
}

/// The smallest order with room for so many pages; none when no block is as large.
pub(crate) fn order_for(pages: u64) -> Option<Order> {
    Order::new(u8::try_from(pages.next_power_of_two().trailing_zeros()).ok()?)
}

/// The largest free block that `kmalloc()` may have: it cannot use memory that is not mapped all the time, nor a zone for
/// what can move.
pub(crate) fn largest_free(machine: &Machine) -> Option<Order> {
    let lowmem = machine
        .zones()
        .iter()
        .filter(|zone| !matches!(zone.kind, mm::mmzone::ZoneKind::HighMem | mm::mmzone::ZoneKind::Movable));
    lowmem.filter_map(|zone| zone.largest_free_order()).max()
}

/// What `mem_map` says: how many frames vmalloc has, and how much of each stretch of memory is in use, in 255ths.
pub(crate) fn survey(machine: &Machine, stretches: u32) -> (u64, Vec<u8>) {
    let end = machine.end().0.max(1);
    let each = end.div_ceil(stretches.max(1)).max(1);
    let mut used = Vec::with_capacity(stretches as usize);
    let (mut vmalloc, mut at, mut count, mut is_used) = (0, 0, 0, false);
    for flags in machine.mem_map().flatten().take(end as usize) {
        match flags.state() {
            PageState::Tail => {}
            PageState::Allocated => {
                is_used = true;
                vmalloc += u64::from(flags.page().kind == mm::op::PageKind::Vmalloc);
            }
            PageState::Reserved | PageState::InHand => is_used = true,
            PageState::Free | PageState::Pcp | PageState::Hole => is_used = false,
        }
        at += 1;
        count += u32::from(is_used);
        if at == each {
            used.push((count * 255 / at) as u8);
            (at, count) = (0, 0);
        }
    }
    used.extend((count * 255).checked_div(at).map(|share| share as u8));
    (vmalloc, used)
}

/// The page to select when an arrow key is pressed: its neighbour in the addresses, or the first page of the next area.
#[must_use]
pub fn neighbour(moment: &Moment, from: Option<Pfn>, to: Direction) -> Option<Pfn> {
    let segments: Vec<Segment> =
        addresses(moment).into_iter().filter(|segment| !segment.frames.is_empty()).collect();
    let place = from.and_then(|pfn| {
        segments
            .iter()
            .enumerate()
            .find_map(|(at, segment)| Some((at, segment.frames.iter().position(|frame| *frame == pfn)?)))
    });
    let first = |at: usize| segments.get(at)?.frames.first().copied();
    let Some((at, page)) = place else { return first(in_play(moment, &segments).unwrap_or(0)) };
    match to {
        Direction::Left => segments[at].frames.get(page.checked_sub(1)?).copied(),
        Direction::Right => segments[at].frames.get(page + 1).copied(),
        Direction::Up => first(at.checked_sub(1)?),
        Direction::Down => first(at + 1),
    }
}

/// What a screen reader says of the picture as a whole; the text twin has the rest.
#[must_use]
pub fn label(moment: &Moment, lang: Lang) -> String {
    let segments = addresses(moment);
    let areas = segments.iter().filter(|segment| segment.is_area()).count() as u64;
    let pages: u64 = segments.iter().map(|segment| segment.frames.len() as u64).sum();
    let (areas, pages) = (num(areas), num(pages));
    match lang {
        Lang::En => format!(
            "Addresses of vmalloc above, physical memory below: {areas} {}, {pages} {}. Arrow keys go from page to page.",
            if areas == "1" { "area" } else { "areas" },
            if pages == "1" { "page" } else { "pages" },
        ),
        Lang::Zh => format!(
            "上面是 vmalloc 的地址，下面是物理内存：{areas} 个区域，{pages} 页。用方向键在页之间移动。"
        ),
    }
}

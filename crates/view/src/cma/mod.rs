//! Contiguous areas: a band of memory that is lent to movable pages, which leave when a device wants a piece of it.
//!
//! All of memory is a ruler above, the area a field of pages below it, pageblock by pageblock, and under that the bitmap
//! of what is handed out.

mod draw;
#[cfg(test)]
mod tests;

use mm::cma::{Area, Cma, CmaOp};
use mm::op::PageKind;
use mm::page::PageState;
use mm::step::CmaStep;
use mm::{Machine, Named, Op, Pfn, PfnRange, Step, StepKind};
use scenario::Lang;

use crate::Moment;
use crate::narrate::cma::size;
use crate::narrate::num;
use crate::pyramid::Direction;
use crate::scene::{Room, Scene};

/// Draws the area in play.
#[must_use]
pub fn scene(moment: &Moment, room: &Room, lang: Lang, selected: Option<Pfn>) -> Scene {
    draw::scene(moment, room, lang, selected)
}

/// What a page of an area is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum What {
    /// On a free list.
    Free,
    /// Free, but a CPU keeps it.
    Pcp,
    /// A guest: a page of a process, of a file, or a movable one.
    Guest(PageKind),
    /// It is handed out to a device.
    Handed,
    /// In use by somebody who cannot leave.
    Other,
    /// A guest that cannot leave.
    Pinned,
}

/// How many pages of an area are what.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Census {
    pub free: u32,
    pub guests: u32,
    pub pinned: u32,
    pub handed: u32,
    pub other: u32,
}

impl Census {
    pub fn of(pages: &[What]) -> Census {
        let mut census = Census::default();
        for what in pages {
            match what {
                What::Free | What::Pcp => census.free += 1,
                What::Guest(_) => census.guests += 1,
                What::Pinned => census.pinned += 1,
                What::Handed => census.handed += 1,
                What::Other => census.other += 1,
            }
        }
        census
    }
}

pub(crate) fn of_step(step: Option<&Step>) -> Option<CmaStep> {
    match step?.kind {
        StepKind::Cma(step) => Some(step),
        _ => None,
    }
}

/// Everything in an area, page by page; and the same for any range.
pub(crate) fn pages_of(machine: &Machine, range: PfnRange) -> Vec<What> {
    let mut pages = Vec::with_capacity(range.len() as usize);
    let mut pfn = range.start;
    while pfn < range.end {
        let page = machine.page(pfn);
        let head = if page.is_head() { Some(pfn) } else { machine.block_of(pfn).map(|block| block.pfn) };
        let (what, end) = match head {
            None => (What::Other, pfn.plus(1)),
            Some(head) => {
                let block = machine.page(head);
                let what = match block.state {
                    PageState::Free | PageState::InHand => What::Free,
                    PageState::Pcp => What::Pcp,
                    _ if is_handed(machine, pfn) => What::Handed,
                    _ if machine.is_pinned(head) => What::Pinned,
                    _ if block.kind.migrates() => What::Guest(block.kind),
                    _ => What::Other,
                };
                (what, head.plus(block.order.pages()))
            }
        };
        let end = end.min(range.end);
        pages.extend(std::iter::repeat_n(what, (end.0 - pfn.0) as usize));
        pfn = end;
    }
    pages
}

/// Whether a frame is part of a buffer that was handed out in one piece.
fn is_handed(machine: &Machine, pfn: Pfn) -> bool {
    let Some(owner) = machine.page(pfn).owner() else { return false };
    matches!(machine.named(owner), Named::Contig { .. })
}

/// The op that the moment is in or has just ended.
pub(crate) fn op(moment: &Moment) -> Option<&Op> {
    let ended = moment.cursor.step == 0 && moment.just_did.is_some() && moment.next.is_none();
    let at = moment.cursor.op.saturating_sub(u32::from(ended)) as usize;
    moment.scenario.ops.get(at).map(|op| &op.op)
}

/// The area that the story is about: that of the op, else the one with most guests, else the first.
pub(crate) fn in_play(moment: &Moment) -> Option<(u8, &Area)> {
    let cma = moment.machine.cma()?;
    let by_work = cma.work().and_then(|work| work.area());
    let by_step = || {
        moment.trail.iter().rev().chain(&moment.next).find_map(|step| match of_step(Some(step))? {
            CmaStep::Asked { area, .. } | CmaStep::Found { area, .. } | CmaStep::Slides { area, .. } => {
                Some(area)
            }
            _ => None,
        })
    };
    let by_op = || match op(moment) {
        Some(Op::Cma(CmaOp::Alloc { area, .. })) => cma.area(*area).map(|(number, _)| number),
        _ => None,
    };
    let number = by_work.or_else(by_step).or_else(by_op);
    cma.area(number).or_else(|| cma.area(Some(0)))
}

/// The range that is tried, taken, or given back; with whether it is still being worked on.
pub(crate) fn range_in_play(moment: &Moment) -> Option<(PfnRange, bool)> {
    let of = |first: Pfn, count: u32| PfnRange::new(first.0, first.0 + count);
    if let Some(work) = moment.machine.cma().and_then(Cma::work).filter(|work| !work.is_search()) {
        return Some((work.range(), true));
    }
    moment.just_did.iter().chain(moment.trail.iter().rev()).find_map(|step| match of_step(Some(step))? {
        CmaStep::Got { first, count, .. } | CmaStep::Released { first, count, .. } => {
            Some((of(first, count), false))
        }
        _ => None,
    })
}

/// Whether the law of an area holds: whoever is there and was not handed it can leave, or is pinned and was let in as a
/// guest.
pub(crate) fn is_lawful(moment: &Moment, area: &Area, pages: &[What]) -> bool {
    let works = moment.machine.cma().and_then(Cma::work).map(|work| work.range());
    (0u32..).zip(pages).all(|(at, what)| {
        let pfn = area.frames.start.plus(at);
        let busy = works.is_some_and(|range| range.contains(pfn));
        match what {
            What::Handed => area.is_set(at) || busy,
            What::Other => busy,
            _ => !area.is_set(at) || busy,
        }
    })
}

/// What is going on, in a line.
pub(crate) fn headline(area: &Area, census: &Census, lang: Lang) -> Vec<String> {
    let (size, guests, handed) =
        (size(area.frames.len()), num(census.guests + census.pinned), num(census.handed));
    let free = num(census.free);
    match lang {
        Lang::En => vec![
            format!("CMA area, {size}: {guests} pages lent to guests, {handed} handed out, {free} free"),
            format!("CMA, {size}: {guests} lent, {handed} handed out, {free} free"),
            format!("CMA, {size}"),
        ],
        Lang::Zh => vec![
            format!("CMA 区域 {size}：借给客人 {guests} 页，交给设备 {handed} 页，空闲 {free} 页"),
            format!("CMA {size}：借出 {guests}，交出 {handed}，空闲 {free}"),
            format!("CMA {size}"),
        ],
    }
}

/// The pageblock to select when an arrow key is pressed: the next one of the area in play, or the one before.
#[must_use]
pub fn neighbour(moment: &Moment, from: Option<Pfn>, to: Direction) -> Option<Pfn> {
    let (_, area) = in_play(moment)?;
    let pages = moment.machine.pageblock_order().pages();
    let first = area.frames.start;
    let Some(pfn) = from.filter(|pfn| area.frames.contains(*pfn)) else { return Some(first) };
    let number = (pfn.0 - first.0) / pages;
    let next = match to {
        Direction::Left | Direction::Up => number.checked_sub(1)?,
        Direction::Right | Direction::Down => number + 1,
    };
    Some(first.plus(next * pages)).filter(|pfn| area.frames.contains(*pfn))
}

/// What a screen reader says of the picture as a whole; the text twin has the rest.
#[must_use]
pub fn label(moment: &Moment, lang: Lang) -> String {
    match in_play(moment) {
        None => lang.pick("There is no contiguous area.", "没有连续内存区。").into(),
        Some((_, area)) => {
            let census = Census::of(&pages_of(&moment.machine, area.frames));
            headline(area, &census, lang).swap_remove(0) + lang.pick(".", "。")
        }
    }
}

//! Which frames are shown.

use mm::mmzone::ZoneId;
use mm::page::{Block, MigrateType, PageState};
use mm::step::StepKind;
use mm::{Machine, Order, Pfn, PfnRange};

use crate::Moment;

/// A zone with more frames than this is shown in part.
const WHOLE: u32 = 2048;
/// The smallest part.
const SMALLEST: u32 = 64;

/// The zone that the steps around the moment are about: the one to show.
#[must_use]
pub fn zone_in_play(moment: &Moment) -> ZoneId {
    let of = |step: &mm::Step| step.kind.zone();
    moment
        .just_did
        .as_ref()
        .and_then(of)
        .or_else(|| moment.next.as_ref().and_then(of))
        .or_else(|| moment.trail.iter().rev().find_map(of))
        .unwrap_or_else(|| {
            // The zone with most memory.
            let zones = moment.machine.zone_ids();
            zones.max_by_key(|id| moment.machine.zone(*id).managed).unwrap_or(ZoneId(0))
        })
}

/// All of a zone, rounded outwards.
#[must_use]
pub fn whole(machine: &Machine, zone: ZoneId) -> PfnRange {
    let span = machine.zone(zone).span;
    let unit = if span.len() > WHOLE { Order::MAX.pages() } else { SMALLEST };
    PfnRange::new(span.start.0 / unit * unit, span.end.0.div_ceil(unit).saturating_mul(unit))
}

/// The frames to show when nobody has said which: all of a small zone; else an aligned power of two around the
/// blocks of the step, which stays the same while an op cuts a block up or merges it.
#[must_use]
pub fn window(moment: &Moment, zone: ZoneId) -> PfnRange {
    let machine = &moment.machine;
    let all = whole(machine, zone);
    if all.len() <= WHOLE {
        return all;
    }
    let span = machine.zone(zone).span;
    let did = moment.just_did.iter().flat_map(|step| step.kind.blocks()).flatten();
    let comes = moment.next.iter().flat_map(|step| step.kind.blocks()).flatten();
    let in_zone = |b: &Block| span.contains(b.pfn);
    let mut blocks: Vec<Block> = did.filter(in_zone).collect();
    // At the end of an op the next step belongs to another one, which may be far away.
    let same_op = moment.cursor.step > 0;
    if blocks.is_empty() || same_op {
        blocks.extend(comes.filter(in_zone));
    }
    if blocks.is_empty() {
        blocks.extend(expected(moment, zone));
    }
    let Some(first) = blocks.first() else { return all };
    let (mut low, mut high) = (first.pfn.0, first.last().0);
    let mut largest = 0;
    for block in &blocks {
        let hull = hull(machine, zone, *block);
        low = low.min(hull.pfn.0);
        high = high.max(hull.last().0);
        largest = largest.max(hull.order.pages());
    }
    let mut size = (largest * 4).clamp(SMALLEST, WHOLE);
    while low / size != high / size && size < all.len() {
        size *= 2;
    }
    if size >= all.len() {
        return all;
    }
    PfnRange::new(low / size * size, low / size * size + size)
}

/// The block together with the free buddies that it was cut off from, or that it will merge with.
fn hull(machine: &Machine, zone: ZoneId, block: Block) -> Block {
    let mut block = Block { pfn: block.pfn.align_down(block.order), order: block.order };
    while let Some(up) = block.order.up() {
        let buddy = block.pfn.buddy(block.order);
        let page = machine.page(buddy);
        let free = matches!(page.state, PageState::Free | PageState::InHand);
        if !free || page.order != block.order || machine.zone_of(buddy) != Some(zone) {
            break;
        }
        block = Block { pfn: block.pfn.align_down(up), order: up };
    }
    block
}

/// The block that the request of this op will be served from, if it is served.
fn expected(moment: &Moment, zone: ZoneId) -> Option<Block> {
    let steps = moment.trail.iter().chain(&moment.just_did).chain(&moment.next);
    let (order, migratetype) = steps.rev().find_map(|step| match step.kind {
        StepKind::Request { order, migratetype, .. } => Some((Order::new(order)?, migratetype)),
        StepKind::FallbackBegins { wanted, migratetype, .. } => Some((wanted, migratetype)),
        _ => None,
    })?;
    let head = |order: Order, t: MigrateType| {
        let pfn: Pfn = moment.machine.zone(zone).area(order).list(t).head()?;
        Some(Block { pfn, order })
    };
    order
        .and_up()
        .find_map(|o| head(o, migratetype))
        .or_else(|| order.and_up().rev().find_map(|o| MigrateType::ALL.into_iter().find_map(|t| head(o, t))))
}

/// Twice as close to the frame `about`, or twice as far; never outside the zone, never fewer than 16 frames.
#[must_use]
pub fn zoom(whole: PfnRange, window: PfnRange, about: Pfn, closer: bool) -> PfnRange {
    let len = if closer { window.len().div_ceil(2).max(16) } else { window.len().saturating_mul(2) };
    let len = len.min(whole.len());
    // What is under the pointer stays under it.
    let before = about.0.clamp(window.start.0, window.end.0) - window.start.0;
    let share = u64::from(before) * u64::from(len) / u64::from(window.len().max(1));
    moved(whole, i64::from(about.0) - share as i64, len)
}

/// The window moved by so many eighths of its own width.
#[must_use]
pub fn pan(whole: PfnRange, window: PfnRange, eighths: i32) -> PfnRange {
    let by = i64::from(window.len()) * i64::from(eighths) / 8;
    moved(whole, i64::from(window.start.0) + by, window.len())
}

fn moved(whole: PfnRange, start: i64, len: u32) -> PfnRange {
    let last = i64::from(whole.end.0) - i64::from(len);
    let start = start.clamp(i64::from(whole.start.0), last.max(i64::from(whole.start.0))) as u32;
    PfnRange::new(start, start + len)
}

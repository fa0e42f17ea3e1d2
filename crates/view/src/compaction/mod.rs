//! Compaction: the pageblocks of a zone on a ruler with both scanners, and the two pageblocks in play frame by frame.

mod draw;
#[cfg(test)]
mod tests;

use mm::compaction::{Control, Scanner};
use mm::mmzone::ZoneId;
use mm::op::{CompactOp, PageKind};
use mm::page::PageState;
use mm::step::{CompactStep, MigrateStep};
use mm::{Machine, Op, Order, Pfn, Step, StepKind};
use scenario::{Lang, Scenario};

use crate::Moment;
use crate::pyramid::Direction;
use crate::scene::{Paint, Room, Scene};
use crate::vitals::zone_name;

/// Draws the ruler and the two pageblocks in play.
#[must_use]
pub fn scene(moment: &Moment, room: &Room, lang: Lang, selected: Option<Pfn>) -> Scene {
    draw::scene(moment, room, lang, selected)
}

/// Whether a scenario is about it.
pub(crate) fn is_about(scenario: &Scenario) -> bool {
    let asks = |op: &Op| {
        matches!(
            op,
            Op::Compact(CompactOp::CompactMemory { .. } | CompactOp::Proactive | CompactOp::MovePages { .. })
        )
    };
    scenario.config.compaction.is_some() || scenario.ops.iter().any(|op| asks(&op.op))
}

/// What a pageblock has in it, in frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Filling {
    /// Free, kept by a CPU, or in the allocator's hand.
    pub free: u32,
    /// In use, and can move.
    pub moves: u32,
    /// In use, and stays.
    pub stays: u32,
    /// Taken as room for pages that move.
    pub room: u32,
}

impl Filling {
    /// The frames of a range.
    #[must_use]
    pub fn of(machine: &Machine, from: Pfn, to: Pfn) -> Filling {
        let mut all = Filling::default();
        let mut pfn = from;
        while pfn < to {
            let page = machine.page(pfn);
            let pages = if page.is_head() { page.order.pages().min(to.0 - pfn.0) } else { 1 };
            match page.state {
                PageState::Free | PageState::Pcp | PageState::InHand => all.free += pages,
                PageState::Allocated if page.owner().is_none() && page.kind == PageKind::Movable => {
                    all.room += pages
                }
                PageState::Allocated if machine.can_migrate(pfn).is_ok() || is_taken(machine, pfn) => {
                    all.moves += pages;
                }
                PageState::Allocated | PageState::Reserved => all.stays += pages,
                PageState::Tail | PageState::Hole => {}
            }
            pfn = Pfn(pfn.0 + pages);
        }
        all
    }

    fn total(self) -> u32 {
        self.free + self.moves + self.stays + self.room
    }
}

/// Whether a page was taken from its list to be moved.
fn is_taken(machine: &Machine, pfn: Pfn) -> bool {
    machine
        .compaction()
        .is_some_and(|compaction| compaction.running().any(|control| control.migratepages.contains(&pfn)))
}

/// How a frame is painted, and the word for it in a legend.
fn paint_of(machine: &Machine, pfn: Pfn) -> Paint {
    let page = machine.page(pfn);
    match page.state {
        PageState::Hole => Paint::Outside,
        PageState::Reserved => Paint::Reserved,
        PageState::Free | PageState::Pcp => Paint::Free,
        PageState::InHand => Paint::Hand,
        PageState::Tail => {
            machine.block_of(pfn).map_or(Paint::Outside, |block| match machine.page(block.pfn).state {
                PageState::Free | PageState::Pcp => Paint::Free,
                PageState::InHand => Paint::Hand,
                _ => Paint::Unmovable,
            })
        }
        PageState::Allocated if page.owner().is_none() && page.kind == PageKind::Movable => Paint::Density,
        PageState::Allocated if machine.is_pinned(pfn) => Paint::Locked,
        PageState::Allocated if page.kind.migrates() && page.order == Order::ZERO => Paint::Movable,
        PageState::Allocated => Paint::Unmovable,
    }
}

pub(crate) fn of_compaction(step: Option<&Step>) -> Option<CompactStep> {
    match step?.kind {
        StepKind::Compact(step) => Some(step),
        _ => None,
    }
}

fn of_migration(step: Option<&Step>) -> Option<MigrateStep> {
    match step?.kind {
        StepKind::Migrate(step) => Some(step),
        _ => None,
    }
}

/// What is being compacted at this moment, if anything is.
fn control(moment: &Moment) -> Option<&Control> {
    let compaction = moment.machine.compaction()?;
    let zone = moment.just_did.iter().find_map(|step| step.kind.zone());
    let of_zone = compaction.running().find(|control| Some(control.zone) == zone);
    of_zone.or_else(|| compaction.running().next())
}

/// The zone that is shown: the one that is compacted, or was last, or the largest.
#[must_use]
pub fn zone_in_play(moment: &Moment) -> ZoneId {
    if let Some(control) = control(moment) {
        return control.zone;
    }
    let of = |step: &Step| match step.kind {
        StepKind::Compact(step) => step.zone(),
        StepKind::Migrate(step) => {
            step.frames().into_iter().flatten().find_map(|pfn| moment.machine.zone_of(pfn))
        }
        _ => None,
    };
    let steps = moment.just_did.iter().chain(moment.trail.iter().rev()).chain(&moment.next);
    let largest = || moment.machine.zone_ids().max_by_key(|zone| moment.machine.zone(*zone).managed);
    steps.into_iter().find_map(of).or_else(largest).unwrap_or(ZoneId(0))
}

/// Where both scanners are; with nothing running, where they ended or would begin.
fn scanners(moment: &Moment, zone: ZoneId) -> Option<(Pfn, Pfn)> {
    if let Some(control) = control(moment).filter(|control| control.zone == zone) {
        return Some((control.migrate_pfn, control.free_pfn));
    }
    let ended = |step: &Step| match step.kind {
        StepKind::Compact(
            CompactStep::Ends { zone: of, migrate, free, .. }
            | CompactStep::Begins { zone: of, migrate, free, .. },
        ) if of == zone => Some((migrate, free)),
        _ => None,
    };
    moment.just_did.iter().chain(moment.trail.iter().rev()).find_map(ended)
}

/// The pageblocks that pages come from and go to, by their first frames.
fn blocks_in_play(moment: &Moment) -> [Option<Pfn>; 2] {
    let order = moment.machine.pageblock_order();
    let start = |pfn: Pfn| pfn.align_down(order);
    let mut found = [None; 2];
    let steps = moment.just_did.iter().chain(moment.trail.iter().rev()).chain(&moment.next);
    for step in steps {
        match step.kind {
            StepKind::Migrate(MigrateStep::Moved { from, to, .. } | MigrateStep::Copied { from, to, .. }) => {
                found[0] = found[0].or(Some(start(from)));
                found[1] = found[1].or(Some(start(to)));
            }
            StepKind::Migrate(MigrateStep::Unmapped { pfn, .. } | MigrateStep::Stays { pfn, .. }) => {
                found[0] = found[0].or(Some(start(pfn)));
            }
            StepKind::Compact(CompactStep::IsolatedPages { from, .. }) => {
                found[0] = found[0].or(Some(start(from)))
            }
            StepKind::Compact(CompactStep::IsolatedRoom { from, .. }) => {
                found[1] = found[1].or(Some(start(from)))
            }
            StepKind::Compact(CompactStep::Passed { scanner, pageblock, .. }) => {
                let at = usize::from(scanner == Scanner::Free);
                found[at] = found[at].or(Some(start(pageblock)));
            }
            StepKind::Compact(CompactStep::Begins { migrate, free, .. }) => {
                found = [found[0].or(Some(start(migrate))), found[1].or(Some(start(free)))];
            }
            _ => {}
        }
    }
    found
}

/// The pageblock to select when an arrow key is pressed: the next one of the zone in play, or the one before.
#[must_use]
pub fn neighbour(moment: &Moment, from: Option<Pfn>, to: Direction) -> Option<Pfn> {
    let span = moment.machine.zone(zone_in_play(moment)).span;
    let order = moment.machine.pageblock_order();
    let Some(pfn) = from.filter(|pfn| span.contains(*pfn)) else { return Some(span.start) };
    let next = match to {
        Direction::Left | Direction::Up => pfn.align_down(order).0.checked_sub(order.pages())?,
        Direction::Right | Direction::Down => pfn.align_down(order).0 + order.pages(),
    };
    let next = Pfn(next.max(span.start.0));
    Some(next).filter(|next| span.contains(*next) && *next != pfn)
}

/// What a screen reader says of the picture as a whole; the text twin has the rest.
#[must_use]
pub fn label(moment: &Moment, lang: Lang) -> String {
    let zone = zone_in_play(moment);
    let name = zone_name(&moment.machine, zone);
    let largest = moment.machine.zone(zone).largest_free_order();
    let largest = largest.map_or(lang.pick("none", "没有").to_owned(), |order| order.to_string());
    match lang {
        Lang::En => format!("Compaction of zone {name}. Largest free order: {largest}."),
        Lang::Zh => format!("规整 {name} 区。最大空闲阶：{largest}。"),
    }
}

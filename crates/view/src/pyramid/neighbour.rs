//! Moving the data cursor over the blocks with the arrow keys.

use mm::mmzone::ZoneId;
use mm::page::{Block, PageState};
use mm::{Order, Pfn, PfnRange};

use super::memory::walk;
use crate::Moment;

/// Where to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// To the block before it on its shelf.
    Left,
    /// To the block behind it on its shelf.
    Right,
    /// To the nearest block on the next shelf above that has one.
    Up,
    /// To the nearest block on the next shelf below that has one; below all shelves are the blocks in use and those that a CPU
    /// keeps.
    Down,
}

/// A shelf, from the bottom: the blocks in use, then the orders.
fn shelf(state: PageState, order: Order) -> Option<usize> {
    match state {
        PageState::Allocated | PageState::Pcp => Some(0),
        PageState::Free | PageState::InHand => Some(1 + order.index()),
        PageState::Hole | PageState::Reserved | PageState::Tail => None,
    }
}

/// The block to select when an arrow key is pressed: its first frame. From nowhere it is the first block of the
/// topmost shelf. Only blocks that touch `window` are reached.
#[must_use]
pub fn neighbour(
    moment: &Moment,
    zone: ZoneId,
    window: PfnRange,
    from: Option<Pfn>,
    to: Direction,
) -> Option<Pfn> {
    let machine = &moment.machine;
    let span = machine.zone(zone).span.and(window);
    let here = from
        .and_then(|pfn| machine.block_of(pfn))
        .filter(|b| b.pfn < span.end && span.start <= b.last())
        .and_then(|b| Some((b, shelf(machine.page(b.pfn).state, b.order)?)));
    let middle = |b: Block| u64::from(b.pfn.0) * 2 + u64::from(b.order.pages());
    let mut best: Option<(u64, Pfn)> = None;
    walk(machine, span, |pfn, _, page| {
        let block = Block { pfn, order: page.order };
        let Some(there) = shelf(page.state, page.order) else { return };
        let far = 1 << 40;
        let cost = match here {
            // Shelves first, then addresses.
            None => (Order::COUNT - there) as u64 * far + u64::from(pfn.0),
            Some((b, at)) => {
                let away = middle(block).abs_diff(middle(b));
                match to {
                    Direction::Left if there == at && pfn < b.pfn => away,
                    Direction::Right if there == at && pfn > b.pfn => away,
                    Direction::Up if there > at => (there - at) as u64 * far + away,
                    Direction::Down if there < at => (at - there) as u64 * far + away,
                    _ => return,
                }
            }
        };
        if best.is_none_or(|(least, _)| cost < least) {
            best = Some((cost, pfn));
        }
    });
    best.map(|(_, pfn)| pfn)
}

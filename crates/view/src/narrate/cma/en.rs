//! The English sentences about contiguous areas.

use mm::cma::{CmaOp, Denied};
use mm::step::CmaStep;

use super::super::en::count;
use super::super::told;
use super::{Told, Words, num, size, span};

fn pages(number: u32) -> String {
    count(u64::from(number), "page", "pages")
}

fn guests(number: u32) -> String {
    count(u64::from(number), "guest", "guests")
}

/// Why a range was not had.
fn because(denied: Denied) -> String {
    match denied {
        Denied::Busy(Some(pfn)) => format!("frame {} stays where it is", num(pfn.0)),
        Denied::Busy(None) => "somebody works there already".into(),
        Denied::NoMemory => "guests find no place to go to".into(),
        Denied::NoZone => "no zone has all of these frames".into(),
    }
}

fn code(denied: Denied) -> &'static str {
    match denied {
        Denied::Busy(_) => "−EBUSY",
        Denied::NoMemory => "−ENOMEM",
        Denied::NoZone => "−EINVAL",
    }
}

pub(super) fn tell(w: &Words, step: &CmaStep) -> Told {
    match *step {
        CmaStep::Asked { name, count, align, .. } => {
            let (name, size) = (w.name(name), size(count));
            let why = match align {
                0 => "Its pages have to lie side by side, wherever they begin.".into(),
                align => {
                    format!("They have to lie side by side, from a multiple of {} on.", num(1u32 << align))
                }
            };
            told(
                (format!("A device wants {} for {name} in one piece ({size}).", pages(count)), why.clone()),
                (format!("A device asks for {} in one piece ({size}) for {name}.", pages(count)), why),
                format!("{name}: {} are asked of CMA", pages(count)),
            )
        }
        CmaStep::AskedRange { name, first, count } => {
            let (name, span) = (w.name(name), span(first, count));
            let why = "Whoever is there has to leave, if that is possible.";
            told(
                (format!("Frames {span} are wanted for {name}."), why),
                (format!("Ask for frames {span}, for {name}."), why),
                format!("{name}: frames {span} are wanted"),
            )
        }
        CmaStep::NoArea { name } => {
            let name = w.name(name);
            let why = "A line like `cma 16M` sets one aside at boot.";
            told(
                (format!("There is no contiguous area for {name}."), why),
                (format!("Look for a contiguous area for {name}: there is none."), why),
                format!("{name}: there is no contiguous area"),
            )
        }
        CmaStep::Found { first, count, .. } => {
            let span = span(first, count);
            let why = "Nobody was given them. Whether they are empty is another question.";
            told(
                (format!("The bitmap has {} zeros in a row: {span} are marked.", num(count)), why),
                (format!("Mark {span} in the bitmap: {} zeros in a row.", num(count)), why),
                format!("frames {span} are marked in the bitmap"),
            )
        }
        CmaStep::NotFound { from, count, .. } => {
            let (from, count) = (num(from.0), num(count));
            let why = "Zeros are pages that nobody was given.";
            told(
                (format!("From frame {from} on there are no {count} zeros in a row."), why),
                (format!("Look for {count} zeros in a row from frame {from} on: there are none."), why),
                format!("no {count} zeros in a row from frame {from} on"),
            )
        }
        CmaStep::Drained { pages: kept } => {
            let why = "What they keep is free, but on no list that is looked at here.";
            let back = pages(kept);
            told(
                (format!("The CPUs gave back what they kept of this zone: {back}."), why),
                (format!("Have the CPUs give back what they keep of this zone: {back}."), why),
                format!("the CPUs give {back} back"),
            )
        }
        CmaStep::Moved { from, to } => {
            let (from, to) = (num(from.0), num(to.0));
            let why =
                "Its bytes were copied, and its page tables lead there now. Its program noticed nothing.";
            told(
                (format!("The guest in frame {from} moved to {to}."), why),
                (
                    format!("Move the guest in frame {from} to {to}."),
                    "Copy its bytes, and turn its page tables.",
                ),
                format!("guest {from} → {to}"),
            )
        }
        CmaStep::Dropped { page } => {
            let page = num(page.0);
            let why = "The same bytes are on the disk: reading them again is cheaper than a copy.";
            told(
                (format!("The clean page of a file in frame {page} was dropped."), why),
                (format!("Drop the clean page of a file in frame {page}."), why),
                format!("clean page {page} is dropped"),
            )
        }
        CmaStep::Stays { page, no_memory: true } => {
            let page = num(page.0);
            let why = "Outside of the isolated pageblocks no page can be had.";
            told(
                (format!("The guest in frame {page} finds no place to go to."), why),
                (format!("Look for a place for the guest in frame {page}: there is none."), why),
                format!("guest {page} finds no place"),
            )
        }
        CmaStep::Stays { page, .. } => {
            let page = num(page.0);
            let why = "Somebody counts on where it lies: it is pinned.";
            told(
                (format!("The guest in frame {page} cannot leave."), why),
                (format!("Ask the guest in frame {page} to leave: it cannot."), why),
                format!("guest {page} is pinned"),
            )
        }
        CmaStep::Emptied { from, to, moved } => {
            let (from, to) = (num(from.0), num(to.0 - 1));
            let why = match moved {
                0 => "Nobody was there who could be moved.".to_owned(),
                moved => format!("{} left.", guests(moved)),
            };
            told(
                (format!("Frames {from} to {to} were looked through."), why.clone()),
                (format!("Look through frames {from} to {to}."), why),
                format!("frames {from} to {to}: {} left", guests(moved)),
            )
        }
        CmaStep::Tested { first, count, busy: None } => {
            let span = span(first, count);
            let why = "Every page is free, in pageblocks that nobody else takes from.";
            told(
                (format!("Frames {span} are empty."), why),
                (format!("Test frames {span}: they are empty."), why),
                format!("frames {span} are empty"),
            )
        }
        CmaStep::Tested { busy: Some(busy), .. } => {
            let busy = num(busy.0);
            let why = "−EBUSY: one page that stays is enough to spoil the whole range.";
            told(
                (format!("Frame {busy} is not free."), why),
                (format!("Test the range: frame {busy} is not free."), why),
                format!("frame {busy} is not free: −EBUSY"),
            )
        }
        CmaStep::Taken { name, first, count, rest } => {
            let (name, span) = (w.name(name), span(first, count));
            let why = match rest {
                0 => "They are single pages now, one beside the other.".to_owned(),
                rest => format!("{} of the free blocks were too many, and went back.", pages(rest)),
            };
            told(
                (format!("Frames {span} left the free lists for {name}."), why.clone()),
                (format!("Take frames {span} off the free lists for {name}."), why),
                format!("frames {span} are taken for {name}"),
            )
        }
        CmaStep::Slides { denied, from, .. } => {
            let from = num(from.0);
            let why = format!("The bits are cleared: {}.", because(denied));
            told(
                (format!("This range was not to be had; the search goes on from frame {from}."), why.clone()),
                (format!("Go on from frame {from}: this range cannot be had."), why),
                format!("{}: on from frame {from}", code(denied)),
            )
        }
        CmaStep::Got { name, first, count } => {
            let (name, span, size) = (w.name(name), span(first, count), size(count));
            let why = "The area lends the rest to movable pages, as before.";
            told(
                (format!("{name} has frames {span} in one piece: {size}."), why),
                (format!("Give {name} frames {span}: {size} in one piece."), why),
                format!("{name} has frames {span}"),
            )
        }
        CmaStep::Failed { name, count, denied } => {
            let (name, count) = (w.name(name), pages(count));
            let why = match denied {
                None => "There is no run of zeros that is long enough.".to_owned(),
                Some(denied) => {
                    format!("{}: {}, and there is no other range.", code(denied), because(denied))
                }
            };
            told(
                (format!("{name} was not had: {count} in one piece."), why.clone()),
                (format!("Give up: {count} in one piece for {name}."), why),
                format!("{name} fails"),
            )
        }
        CmaStep::Release { name, first, count } => {
            let (name, span) = (w.name(name), span(first, count));
            let why = "From now on movable pages may use them again.";
            told(
                (format!("{name} is given back: frames {span}."), why),
                (format!("Give {name} back: frames {span}."), why),
                format!("{name} is given back"),
            )
        }
        CmaStep::Returned { first, count } => {
            let span = span(first, count);
            let why = "Each is freed for itself, and merges with its buddies where they are free.";
            told(
                (format!("Frames {span} went back, page by page."), why),
                (format!("Free frames {span}, page by page."), why),
                format!("frames {span} go back"),
            )
        }
        CmaStep::Released { name, first, count } => {
            let (name, span) = (w.name(name), span(first, count));
            let why = "The device has let go, and the memory is of use to others.";
            told(
                (format!("All of {name} is back, and its bits are cleared."), why),
                (format!("Clear the bits of {name}: {span}."), why),
                format!("{name} is back"),
            )
        }
    }
}

pub(super) fn op_text(w: &Words, op: &CmaOp) -> String {
    match *op {
        CmaOp::Alloc { count, .. } => {
            format!("a device wants {} in one piece ({})", pages(count), size(count))
        }
        CmaOp::Range { first, count, .. } => format!("wants frames {}, whoever is there", span(first, count)),
        CmaOp::Release { name, .. } => format!("gives {} back to its area", w.name(name)),
    }
}

//! The English sentences about pages that move.

use mm::migrate::{PinWhat, Stays};
use mm::op::{CompactOp, NameId, PageKind};
use mm::step::MigrateStep;

use super::super::en::count;
use super::super::process::hex;
use super::super::told;
use super::{Told, Words, num};

/// `a` and a verb before it, or nobody.
fn whose(w: &Words, owner: Option<NameId>) -> String {
    owner.map_or("The page".to_owned(), |name| format!("A page of {}", w.name(name)))
}

/// Why a page stays where it is.
pub(super) fn why(stays: Stays) -> String {
    match stays {
        Stays::NotInUse => "nobody has it".into(),
        Stays::Unmovable(PageKind::Slab) => "it holds kernel objects".into(),
        Stays::Unmovable(PageKind::PageTable) => "it is a page table".into(),
        Stays::Unmovable(_) => "it is kernel memory".into(),
        Stays::Compound(order) => format!("it is part of a block of order {}", order.get()),
        Stays::Unknown => "nothing is known of it".into(),
        Stays::Pinned => "it is pinned".into(),
        Stays::Writeback => "it is on its way to the disk".into(),
        Stays::Locked => "it is being read".into(),
        Stays::NotListed => "it is on no LRU list".into(),
    }
}

/// What that means.
fn meaning(stays: Stays) -> &'static str {
    match stays {
        Stays::NotInUse => "There is nothing to move.",
        Stays::Unmovable(_) => "The kernel keeps its address, and nobody could correct that.",
        Stays::Compound(_) => "Larger blocks are not moved.",
        Stays::Unknown => "It may be anything.",
        Stays::Pinned => "A device counts on its address.",
        Stays::Writeback | Stays::Locked => "The disk works with it.",
        Stays::NotListed => "Only pages on a list are taken.",
    }
}

pub(super) fn migrate(w: &Words, step: &MigrateStep) -> Told {
    match *step {
        MigrateStep::Pinned { name, pfn, pages } => {
            let what = name.map_or(format!("frame {}", num(pfn.0)), |name| w.name(name).into_owned());
            let many = count(pages, "frame", "frames");
            let why = "Until it is unpinned nobody may move it.";
            told(
                (format!("{what} is pinned: {many}."), why),
                (format!("Pin {what}: {many}."), why),
                format!("{what} is pinned"),
            )
        }
        MigrateStep::Unpinned { name, pfn, .. } => {
            let what = name.map_or(format!("frame {}", num(pfn.0)), |name| w.name(name).into_owned());
            let why = "Nobody counts on its address any more.";
            told(
                (format!("{what} is unpinned."), why),
                (format!("Unpin {what}."), why),
                format!("{what} is unpinned"),
            )
        }
        MigrateStep::NothingPinned { name } => {
            let what = name.map_or("that frame".to_owned(), |name| w.name(name).into_owned());
            let why = "Only memory that somebody has can be pinned, and only what is pinned unpinned.";
            told(
                (format!("Nothing to do for {what}."), why),
                (format!("There will be nothing to do for {what}."), why),
                format!("nothing to pin: {what}"),
            )
        }
        MigrateStep::Stays { pfn, why: stays } => {
            let (frame, why) = (num(pfn.0), why(stays));
            told(
                (format!("Frame {frame} stays: {why}."), meaning(stays)),
                (format!("Frame {frame} will stay: {why}."), meaning(stays)),
                format!("frame {frame} stays: {why}"),
            )
        }
        MigrateStep::Unmapped { pfn, process, address } => {
            let (frame, p) = (num(pfn.0), w.name(process));
            let at = hex(address);
            let why = "A migration entry stands there: whoever comes has to wait.";
            told(
                (format!("{p}'s entry for {at} no longer leads to frame {frame}."), why),
                (format!("Unmap frame {frame} at {at} in {p}."), why),
                format!("frame {frame} is unmapped in {p}"),
            )
        }
        MigrateStep::Copied { from, to, owner } => {
            let (from, to) = (num(from.0), num(to.0));
            let why = format!("{}: its bytes, its flags, its place in lists and files.", whose(w, owner));
            told(
                (format!("Frame {from} was copied to frame {to}."), why.clone()),
                (format!("Copy frame {from} to frame {to}."), why),
                format!("frame {from} is copied to {to}"),
            )
        }
        MigrateStep::Remapped { pfn, process, address } => {
            let (frame, p) = (num(pfn.0), w.name(process));
            let at = hex(address);
            let why = format!("{p} finds the same at the same address, and notices nothing.");
            told(
                (format!("{p}'s entry for {at} leads to frame {frame} now."), why.clone()),
                (format!("Let {p}'s entry for {at} lead to frame {frame}."), why),
                format!("frame {frame} is mapped in {p}"),
            )
        }
        MigrateStep::Freed { pfn } => {
            let frame = num(pfn.0);
            let why = "Its page lies elsewhere.";
            told(
                (format!("Frame {frame} is free."), why),
                (format!("Free frame {frame}."), why),
                format!("frame {frame} is free"),
            )
        }
        MigrateStep::Moved { from, to, owner } => {
            let (from, to, whose) = (num(from.0), num(to.0), whose(w, owner));
            told(
                (format!("{whose} moved from frame {from} to {to}."), format!("Frame {from} is free.")),
                (
                    format!("Move frame {from} to frame {to}."),
                    format!("Frame {from} will be free, and nobody notices."),
                ),
                format!("frame {from} moves to {to}"),
            )
        }
        MigrateStep::ToNode { name, node, moved, stayed } => {
            let (n, many) = (w.name(name), count(moved, "page", "pages"));
            let why = if stayed == 0 {
                "All that lay elsewhere came.".to_owned()
            } else {
                format!("{} stayed.", num(stayed))
            };
            told(
                (format!("{many} of {n} came to node {node}."), why.clone()),
                (format!("{many} of {n} will have come to node {node}."), why),
                format!("{many} of {n} come to node {node}"),
            )
        }
    }
}

pub(super) fn op_text(w: &Words, op: &CompactOp) -> String {
    match *op {
        CompactOp::Pin { what, on } => {
            let what = match what {
                PinWhat::Name(name) => w.name(name).into_owned(),
                PinWhat::Frame(pfn) => format!("frame {}", num(pfn.0)),
            };
            if on { format!("{what} must not move from now on") } else { format!("{what} may move again") }
        }
        CompactOp::MovePages { name, node, .. } => {
            format!("moves the pages of {} to node {node}", w.name(name))
        }
    }
}

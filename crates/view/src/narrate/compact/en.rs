//! The English sentences about pages that move.

use mm::compaction::{CompactPriority, CompactResult, Compactor, Passed, Scanner};
use mm::migrate::{PinWhat, Stays};
use mm::op::{CompactOp, NameId, PageKind};
use mm::step::{CompactStep, MigrateStep};

use super::super::en::count;
use super::super::process::hex;
use super::super::told;
use super::{Told, Words, num};

/// `a` and a verb before it, or nobody.
fn whose(w: &Words, owner: Option<NameId>) -> String {
    owner.map_or("The page".to_owned(), |name| format!("A page of {}", w.name(name)))
}

/// "1 page was", "2 pages were".
fn were(many: impl Into<u64>) -> &'static str {
    if many.into() == 1 { "was" } else { "were" }
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
        CompactOp::CompactMemory { .. } => "moves pages together in all zones".into(),
        CompactOp::Proactive => "half a second is over: is free memory scattered?".into(),
        CompactOp::MovePages { name, node, .. } => {
            format!("moves the pages of {} to node {node}", w.name(name))
        }
    }
}

fn who(by: Compactor) -> &'static str {
    match by {
        Compactor::Direct => "the request",
        Compactor::Person => "a person",
        Compactor::Kcompactd(_) => "kcompactd",
    }
}

fn result(of: CompactResult) -> &'static str {
    match of {
        CompactResult::NotSuitableZone => "memory is short, not scattered",
        CompactResult::Skipped => "too little room to move pages",
        CompactResult::Deferred => "it is put off",
        CompactResult::NoSuitablePage => "no block is large enough yet",
        CompactResult::Continue => "it goes on",
        CompactResult::Complete => "the scanners met, all was looked at",
        CompactResult::PartialSkipped => "the scanners met, part was skipped",
        CompactResult::Contended => "there was no room",
        CompactResult::Success => "a block is large enough",
    }
}

fn priority(of: CompactPriority) -> &'static str {
    match of {
        CompactPriority::Async => "without waiting",
        CompactPriority::SyncLight => "frame by frame",
        CompactPriority::SyncFull => "with everything",
    }
}

fn passed(why: Passed) -> &'static str {
    match why {
        Passed::Marked => "it was no use last time",
        Passed::OtherType(_) => "it is of another type",
        Passed::NotMovable(_) => "it is not for movable pages",
        Passed::IsFree => "all of it is free",
        Passed::Huge => "it is one large block",
    }
}

/// The sentences about compaction.
pub(super) fn tell(w: &Words, step: &CompactStep) -> Told {
    match *step {
        CompactStep::Direct { order, priority: how } => {
            let (order, how) = (order.get(), priority(how));
            let why = "Enough may be free, in pieces: they can be moved together.";
            told(
                (format!("The request for order {order} compacts memory itself, {how}."), why),
                (format!("Let the request for order {order} compact memory, {how}."), why),
                format!("direct compaction for order {order}, {how}"),
            )
        }
        CompactStep::Unsuitable { zone, order, suitable } => {
            let (zone, order, free, mark) =
                (w.zone(zone), order.get(), num(suitable.free), num(suitable.mark));
            let why = match (suitable.result, suitable.index) {
                (CompactResult::Success, _) => "A block of that order is there.".to_owned(),
                (_, Some(index)) => {
                    format!("The index of fragmentation is {}: memory is short.", index.max(0))
                }
                _ => format!("{free} pages are free, and moving needs more than {mark}."),
            };
            told(
                (format!("{zone} is not compacted for order {order}."), why.clone()),
                (format!("{zone} will not be compacted for order {order}."), why),
                format!("{zone} is not compacted"),
            )
        }
        CompactStep::PutOff { zone, order, considered, limit } => {
            let (zone, order) = (w.zone(zone), order.get());
            let why = format!("It failed lately; attempt {considered} of {limit} that are waited for.");
            told(
                (format!("Compacting {zone} for order {order} is put off."), why.clone()),
                (format!("Put off compacting {zone} for order {order}."), why),
                format!("compacting {zone} is put off"),
            )
        }
        CompactStep::Begins { zone, by, migrate, free, whole_zone, .. } => {
            let (zone, who) = (w.zone(zone), who(by));
            let (migrate, free) = (num(migrate.0), num(free.0));
            let from = if whole_zone { "End to end" } else { "From where it last stopped" };
            let why = format!("{from}: pages from frame {migrate} up, room from frame {free} down.");
            told(
                (format!("Compaction of {zone} began, by {who}."), why.clone()),
                (format!("Begin to compact {zone}, by {who}."), why),
                format!("{zone}: compaction begins"),
            )
        }
        CompactStep::Passed { scanner, pageblock, why, .. } => {
            let block = num(pageblock.0);
            let which = match scanner {
                Scanner::Migrate => "The migration scanner",
                Scanner::Free => "The free scanner",
            };
            let reason = passed(why);
            let means = match why {
                Passed::Marked => "A mark on the pageblock says so.",
                Passed::OtherType(_) => "Without waiting, only the request's own type is worth it.",
                Passed::NotMovable(_) => "Movable pages there would spoil it for others.",
                Passed::IsFree => "It is what compaction is to make.",
                Passed::Huge => "It is large enough as it is.",
            };
            told(
                (format!("{which} passed over pageblock {block}: {reason}."), means),
                (format!("{which} passes over pageblock {block}: {reason}."), means),
                format!("pageblock {block} is passed over: {reason}"),
            )
        }
        CompactStep::IsolatedPages { from, pages, stays, first, .. } => {
            let (from, many) = (num(from.0), count(pages, "page", "pages"));
            let why = match first {
                _ if stays == 0 => "They leave their lists, so that nobody else takes them.".to_owned(),
                Some((pfn, stays_for)) => {
                    let why = why(stays_for);
                    match stays {
                        1 => format!("Frame {} stays: {why}.", num(pfn.0)),
                        _ => format!("{} stay; the first is frame {}: {why}.", num(stays), num(pfn.0)),
                    }
                }
                None => format!("{} stay.", num(stays)),
            };
            told(
                (format!("From frame {from} on {many} {} taken to be moved.", were(pages)), why.clone()),
                (format!("Take {many} from frame {from} on, to be moved."), why),
                format!("{many} taken from frame {from} on"),
            )
        }
        CompactStep::IsolatedRoom { from, pages, .. } => {
            let (from, many) = (num(from.0), count(pages, "free frame", "free frames"));
            let why = if pages == 0 { "The scanner goes on below." } else { "Pages can move there." };
            told(
                (format!("From frame {from} on {many} {} taken as room.", were(pages)), why),
                (format!("Take {many} from frame {from} on as room."), why),
                format!("{many} taken from frame {from} on"),
            )
        }
        CompactStep::NothingLeft { zone } => {
            let zone = w.zone(zone);
            let why = "Below the free scanner everything was looked at.";
            told(
                (format!("The migration scanner of {zone} found nothing more."), why),
                (format!("The migration scanner of {zone} finds nothing more."), why),
                "no pages left to move",
            )
        }
        CompactStep::NoRoom { pages, .. } => {
            let many = count(pages, "page", "pages");
            let why = "Less free memory than the lowest mark must not be left.";
            told(
                (format!("There was no room for {many}: back to their lists."), why),
                (format!("Put {many} back: there is no room."), why),
                format!("no room for {many}"),
            )
        }
        CompactStep::Drained { pages, .. } => {
            let many = count(pages, "page", "pages");
            let why = "On the free lists they merge with their buddies.";
            told(
                (format!("The CPU gave {many} back to the free lists."), why),
                (format!("Give the CPU's {many} back to the free lists."), why),
                format!("{many} drained"),
            )
        }
        CompactStep::Ends { zone, result: of, moved, largest, .. } => {
            let (zone, many, how) = (w.zone(zone), count(moved, "page", "pages"), result(of));
            let why = largest.map_or("Nothing is free.".to_owned(), |order| {
                format!("{many} moved; the largest free block has order {}.", order.get())
            });
            told(
                (format!("Compaction of {zone} is over: {how}."), why.clone()),
                (format!("End compacting {zone}: {how}."), why),
                format!("{zone}: {how}"),
            )
        }
        CompactStep::Served { order, zone } => {
            let order = order.get();
            match zone {
                Some(_) => told(
                    (
                        format!("Compaction paid: there is a block of order {order}."),
                        "The request is served.",
                    ),
                    (format!("Serve the request for order {order}."), "Compaction made a block for it."),
                    "compaction paid",
                ),
                None => told(
                    (
                        format!("Compaction did not help: no block of order {order}."),
                        "Something else is tried.",
                    ),
                    (format!("Go on without a block of order {order}."), "Compaction did not help."),
                    "compaction did not help",
                ),
            }
        }
        CompactStep::Retry { result: of, priority: again, .. } => {
            let how = format!("The last time: {}.", result(of));
            match again {
                Some(again) => told(
                    (format!("Once more, {}.", priority(again)), how.clone()),
                    (format!("Try once more, {}.", priority(again)), how),
                    "once more",
                ),
                None => told(
                    ("Compacting once more makes no sense.", how.clone()),
                    ("Compact no more for this request.", how),
                    "no more compacting",
                ),
            }
        }
        CompactStep::Woken { node, order } => {
            let order = order.get();
            let why = "kswapd has freed enough; now it is to come together.";
            told(
                (format!("kcompactd of node {node} was woken for order {order}."), why),
                (format!("Wake kcompactd of node {node} for order {order}."), why),
                format!("kcompactd{node} is woken"),
            )
        }
        CompactStep::Sleeps { node } => told(
            (format!("kcompactd of node {node} sleeps."), "It has been in all zones."),
            (format!("Let kcompactd of node {node} sleep."), "It has been in all zones."),
            format!("kcompactd{node} sleeps"),
        ),
        CompactStep::Score { node, score, low, high, begins } => {
            let why = if begins {
                format!("That is above {high}: kcompactd works until it is {low}.")
            } else {
                format!("Only above {high} kcompactd would set to work.")
            };
            told(
                (format!("{score}% of node {node}'s free memory is in small blocks."), why.clone()),
                (format!("Measure node {node}: {score}% is in small blocks."), why),
                format!("node {node}: score {score}"),
            )
        }
    }
}

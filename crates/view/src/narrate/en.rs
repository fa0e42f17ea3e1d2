//! The English sentences.

use mm::gfp::GfpFlags;
use mm::mmzone::ZoneId;
use mm::op::{NameId, PageKind};
use mm::page::{Block, MigrateType};
use mm::step::BuddyVerdict;
use mm::{NrPages, Op, Order, Pfn};
use scenario::Lang;

use crate::parts;

use super::words::{Arrival, power_of_two, type_name};
use super::{Asked, Sentence, Shortage, Told, Voice, Words, num, told};

/// English.
pub(crate) struct En;

/// `512–1023`, or `frame 25`.
pub(super) fn span(w: &Words, block: Block) -> String {
    if block.order == Order::ZERO { format!("frame {}", num(block.pfn.0)) } else { w.span(block) }
}

/// `frames 512–1023`, or `frame 25`; `block 512` when room is short.
pub(super) fn frames(w: &Words, block: Block) -> String {
    match block.order {
        Order::ZERO => span(w, block),
        _ if w.first_frame_only() => format!("block {}", num(block.pfn.0)),
        _ => format!("frames {}", w.span(block)),
    }
}

/// `MOVABLE list 8`, with its zone when there are several.
pub(super) fn list(w: &Words, zone: ZoneId, order: Order, migratetype: MigrateType) -> String {
    let of = w.zone_of_list(zone).map_or(String::new(), |zone| format!(" of {zone}"));
    format!("{} list {order}{of}", type_name(migratetype))
}

/// `256 frames in a row (1 MiB)`.
pub(super) fn wanted(order: u8) -> String {
    match order {
        0 => "one frame (4 KiB)".into(),
        1..=20 => {
            let pages = 1u64 << order;
            format!("{} frames in a row ({})", num(pages), NrPages(pages).bytes())
        }
        _ => format!("{} frames in a row", power_of_two(order)),
    }
}

pub(super) fn pages(pages: impl Into<u64>) -> String {
    match pages.into() {
        1 => "1 page".into(),
        pages => format!("{} pages", num(pages)),
    }
}

pub(super) fn count(number: impl Into<u64>, one: &str, many: &str) -> String {
    match number.into() {
        1 => format!("1 {one}"),
        number => format!("{} {many}", num(number)),
    }
}

/// ` op 7`, counted from 1 as the transport does.
pub(super) fn this_op(w: &Words) -> String {
    w.op().map_or(String::new(), |(op, _)| format!(" op {}", num(op + 1)))
}

/// What a kind of page is, at the start of a sentence.
fn kind_of_memory(kind: PageKind) -> &'static str {
    match kind {
        PageKind::Unknown => "Nobody knows what it is for",
        PageKind::Unmovable | PageKind::Vmalloc => "Kernel memory cannot move",
        PageKind::Slab => "Kernel objects cannot move",
        PageKind::PageTable => "A page table cannot move",
        PageKind::Movable => "Its pages can be moved",
        PageKind::Reclaimable => "The kernel can give it up again",
        PageKind::Anon => "A process's own memory can be moved",
        PageKind::File => "The page cache can be moved",
    }
}

/// How much of the memory is free, at the start of a clause.
fn share(percent: u32) -> String {
    match percent {
        48..=52 => "half of memory".into(),
        0 => "memory".into(),
        100 => "all of memory".into(),
        _ => format!("{percent}% of memory"),
    }
}

impl Voice for En {
    const LANG: Lang = Lang::En;

    fn request(w: &Words, asked: &Asked) -> Told {
        let &Asked { name, order, kind, migratetype, flags, cpu } = asked;
        let (name, size, lists) = (w.name(name), wanted(order), type_name(migratetype));
        let size = if w.many_cpus() { format!("{size} on CPU {}", cpu.0) } else { size };
        let cannot_wait = w.config().watermarks && !flags.contains(GfpFlags::DIRECT_RECLAIM);
        let why = if cannot_wait && flags.contains(GfpFlags::HIGH) {
            "It cannot wait (GFP_ATOMIC), so it may go deeper than others.".into()
        } else if cannot_wait {
            "It cannot wait, and has no right to go deeper (GFP_NOWAIT).".into()
        } else if flags.migratetype() == migratetype {
            format!("{}, so the {lists} lists come first.", kind_of_memory(kind))
        } else {
            "This machine does not group pages by mobility: UNMOVABLE lists serve everyone.".into()
        };
        let block = match order {
            11.. => format!("That is order {order}, more than the largest block, order 10."),
            0 => format!("A block of order 0, a single frame, from the {lists} lists."),
            _ => {
                format!("One block of order {order}, {} frames, from the {lists} lists.", power_of_two(order))
            }
        };
        told(
            (format!("{name} asked for {size}."), why),
            (format!("{name} wants {size}."), block),
            format!("{name} asks for {size}"),
        )
    }

    fn try_zone(w: &Words, zone: ZoneId, no_fragment: bool) -> Told {
        let name = w.zone(zone);
        let pass = if no_fragment {
            let size = w.pageblock_size();
            format!("On this pass, other types' blocks below a pageblock ({size}) stay untouched.")
        } else {
            "If its own type has nothing, other types' blocks may be taken.".into()
        };
        let (did, next, why) = match w.arrival(zone) {
            Arrival::First if !w.many_zones() => (
                format!("Started in zone {name}, the only one."),
                format!("Start in zone {name}, the only one."),
                pass,
            ),
            Arrival::First => (
                format!("Started in zone {name}, the highest that may serve."),
                format!("Start in zone {name}, the highest that may serve."),
                pass,
            ),
            Arrival::FromAbove(above) => (
                format!("Went down to zone {name}."),
                format!("Go down to zone {name}."),
                format!("Zone {} has nothing, and a lower zone may serve as well.", w.zone(above)),
            ),
            Arrival::TooLow(above) => (
                format!("Went down to zone {name}."),
                format!("Go down to zone {name}."),
                format!("Zone {} stands too low, and a lower zone may serve as well.", w.zone(above)),
            ),
            Arrival::FromNode(node) => (
                format!("Went to zone {name}, on another node."),
                format!("Go to zone {name}, on another node."),
                format!("Node {node} has nothing for this request; other nodes' memory is farther away."),
            ),
            Arrival::Again => (
                format!("Tried zone {name} once more, now in the slow path."),
                format!("Try zone {name} once more, now in the slow path."),
                "Other marks and rights count now, so the same zone may do.".into(),
            ),
            Arrival::SecondPass => (
                format!("Started a second pass in zone {name}."),
                format!("Start a second pass in zone {name}."),
                "Now other types' small blocks may be taken, at the price of mixing types.".into(),
            ),
            Arrival::Unknown => (format!("Turned to zone {name}."), format!("Turn to zone {name}."), pass),
        };
        told((did, &*why), (next, &*why), format!("try zone {name}"))
    }

    fn list_empty(w: &Words, zone: ZoneId, order: Order, migratetype: MigrateType) -> Told {
        let list = list(w, zone, order, migratetype);
        let (did_why, next_why) = match order.up() {
            Some(up) if w.begins_search() => (
                format!(
                    "No block has the very size that is wanted; a larger one, from list {up} up, can be cut."
                ),
                "A block of the very size that is wanted would be best.".into(),
            ),
            Some(up) => (
                format!("List {up} is next: its blocks are twice as large, and can be cut as well."),
                format!("Then list {up} has to do: a block twice as large can be cut."),
            ),
            None => {
                let none = "No list lies above: this type has nothing left that is large enough.";
                (none.into(), none.into())
            }
        };
        told(
            (format!("Looked at {list}: it is empty."), did_why),
            (format!("Look at {list}: it is empty."), next_why),
            format!("{list} is empty"),
        )
    }

    fn take_head(w: &Words, zone: ZoneId, block: Block, migratetype: MigrateType, wanted: Order) -> Told {
        let list = list(w, zone, block.order, migratetype);
        let why = if block.order == wanted {
            "It has exactly the size that is wanted.".into()
        } else {
            format!("It is the smallest that will do, and order {wanted} is cut out of it.")
        };
        told(
            (format!("Took {} off {list}: it was the head.", frames(w, block)), why),
            (
                format!("Take the head of {list}, {}.", frames(w, block)),
                "A request always takes the head, never a block behind it.",
            ),
            format!("take {}, the head of {list}", span(w, block)),
        )
    }

    fn split(w: &Words, zone: ZoneId, kept: Block, put: Block, migratetype: MigrateType) -> Told {
        let list = list(w, zone, put.order, migratetype);
        let whole = whole(kept);
        let (cut, lower, upper) = (span(w, whole), span(w, kept), span(w, put));
        told(
            (
                format!("Cut {cut} in two; its upper half, {upper}, became the head of {list}."),
                format!("Why: list {} was empty.", put.order),
            ),
            (
                format!("Cut {cut} in two and keep the lower half, {lower}."),
                format!("The upper half, {upper}, becomes the head of list {}.", put.order),
            ),
            format!("cut {cut} in two: {upper} to the head of {list}"),
        )
    }

    fn handed(w: &Words, block: Block, name: NameId) -> Told {
        let (name, frames) = (w.name(name), frames(w, block));
        let did_why = match w.real() {
            None if w.was_on_pcp() => {
                "No block was cut, no zone was locked: that is what the CPU's list is for.".into()
            }
            None => "A request gets the lowest frames of the block it took; the rest stays free.".to_owned(),
            Some(real) if real == block.pfn => {
                format!("The real kernel handed out frame {} as well.", num(real.0))
            }
            Some(real) => format!("The real kernel handed out frame {} instead.", num(real.0)),
        };
        let (next, next_why) = match w.was_cut() {
            _ if w.was_on_pcp() => (
                format!("Hand {frames} to {name}."),
                "It came from the CPU's own list: nothing is left over.",
            ),
            Some(true) => {
                (format!("Hand the lower half, {frames}, to {name}."), "The kernel keeps the upper part.")
            }
            _ => (format!("Hand {frames} to {name}."), "The size is right: nothing is left over."),
        };
        let size = NrPages(u64::from(block.order.pages())).bytes();
        told(
            (format!("{name} got {frames} ({size})."), did_why),
            (next, next_why),
            format!("{name} gets {}", span(w, block)),
        )
    }

    fn fallback_begins(
        w: &Words,
        zone: ZoneId,
        migratetype: MigrateType,
        [wanted, min_order]: [Order; 2],
    ) -> Told {
        let own = type_name(migratetype);
        let of = w.zone_of_list(zone).map_or(String::new(), |zone| format!(" in {zone}"));
        let from = if min_order == Order::MAX {
            "order 10 only".into()
        } else {
            format!("order 10 down to {min_order}")
        };
        let why = if min_order > wanted {
            "Smaller blocks would mix types inside a pageblock."
        } else {
            "Largest first, so that types mix in as few places as possible."
        };
        told(
            (format!("{own} has nothing left{of}: other types are searched, {from}."), why),
            (format!("{own} has nothing left{of}: search other types, {from}."), why),
            format!("{own} has nothing left: look at other types"),
        )
    }

    fn zone_failed(w: &Words, zone: ZoneId, order: Order, free: u32) -> Told {
        let zone = w.zone(zone);
        let why = match (free, order) {
            (0, _) => "No page is free there.".into(),
            (free, order) if free < order.pages() => format!("Only {} free there.", are(free)),
            (free, Order::ZERO) => format!("{} free there, but none that this pass may take.", are(free)),
            (free, order) => format!(
                "{} free there, but no {} in a row that this pass may take.",
                are(free),
                num(order.pages())
            ),
        };
        told(
            (format!("Zone {zone} has nothing for order {order}."), &*why),
            (format!("Give up on zone {zone} for order {order}."), &*why),
            format!("zone {zone} has nothing for order {order}"),
        )
    }

    fn failed(w: &Words, name: NameId, order: u8, free: u32) -> Told {
        let name = w.name(name);
        let row = match order {
            0 => "frame".into(),
            1..=20 => format!("{} frames in a row", num(1u64 << order)),
            _ => format!("{} frames in a row", power_of_two(order)),
        };
        let (what, why) = match w.shortage(order, free) {
            Shortage::Empty => (
                "no page is free".into(),
                "Every zone that the request may use has run out of memory.".into(),
            ),
            Shortage::TooLittle => (
                format!("only {} free for it", are(free)),
                format!("It wanted {row}: this is shortage, not fragmentation."),
            ),
            Shortage::Scattered { percent: Some(percent) } => (
                format!("{} is free, but no {row}", share(percent)),
                format!("The {} lie in smaller pieces: fragmentation.", pages_free(free)),
            ),
            Shortage::Scattered { percent: None } => (
                format!("no {row} for it"),
                format!("{} free, but not in a piece that it may take.", are(free)),
            ),
            Shortage::BelowMarks => (
                "every zone stands at its mark".into(),
                format!("{} free, but kept for requests that may go deeper.", are(free)),
            ),
            Shortage::OffLimits => (
                format!("no {row} that it may take"),
                format!("{} free, the large pieces in types that are off limits for it.", are(free)),
            ),
        };
        told(
            (format!("{name} got nothing: {what}."), &*why),
            (format!("{name} gets nothing: {what}."), &*why),
            format!("{name} failed: {what}"),
        )
    }

    fn free_request(w: &Words, block: Block, name: Option<NameId>, migratetype: MigrateType) -> Told {
        let name = name.map_or("Somebody unknown".into(), |name| w.name(name));
        let (frames, lists) = (frames(w, block), type_name(migratetype));
        let size = NrPages(u64::from(block.order.pages())).bytes();
        let on = w.cpu().filter(|_| w.many_cpus()).map_or(String::new(), |cpu| format!(" on CPU {}", cpu.0));
        let (did_why, next_why) = if w.goes_to_pcp(block.order) {
            (
                format!("A block of order {} goes to the list of the CPU that frees it.", block.order),
                "It stays with the CPU that frees it: no merging, no lock of the zone.",
            )
        } else {
            (
                format!("The {lists} lists get it: that is the type of its pageblock."),
                "Before it goes on a list, the kernel looks for a free buddy to merge with.",
            )
        };
        told(
            (format!("{name} gave back {frames} ({size}){on}."), did_why),
            (format!("{name} gives back {frames} ({size}){on}."), next_why),
            format!("{name} gives back {}", span(w, block)),
        )
    }

    fn buddy_check(w: &Words, block: Block, buddy: Pfn, verdict: BuddyVerdict) -> Told {
        let size = block.order.pages();
        let sum = format!("{} ⊕ {} = {}", num(block.pfn.0), num(size), num(buddy.0));
        let (is, why) = match verdict {
            BuddyVerdict::Yes => {
                ("free as well".into(), "Free, the same order, the same zone: the two merge.".into())
            }
            BuddyVerdict::NoMemory => {
                ("off limits".into(), "No memory there, or reserved at boot: merging ends.".into())
            }
            BuddyVerdict::InUse => (
                match w.owner(buddy) {
                    Some(name) => format!("in use by {}", w.name(name)),
                    None => "in use".into(),
                },
                "Only a free buddy can join: merging ends.".into(),
            ),
            BuddyVerdict::OtherOrder(order) => {
                (format!("free, but of order {order}"), "The rest of it is not free: merging ends.".into())
            }
            BuddyVerdict::OtherZone => {
                ("in another zone".into(), "Blocks never merge across zones: merging ends.".into())
            }
            BuddyVerdict::OtherType { ours, theirs } => (
                format!("free, but {}", type_name(theirs)),
                format!("{} and {} pageblocks never mix: merging ends.", type_name(ours), type_name(theirs)),
            ),
        };
        // The sum begins with the block itself, so its name can be left out when room is short.
        let of = if w.first_frame_only() { String::new() } else { format!(" of {}", span(w, block)) };
        told(
            (format!("Looked at the buddy{of}: {sum}; it is {is}."), why),
            (
                format!("Look for the buddy of {}: flip bit {}, {sum}.", span(w, block), block.order),
                "They merge if it is free and of the same order and zone.",
            ),
            format!("buddy {sum} is {is}"),
        )
    }

    fn merge(w: &Words, zone: ZoneId, merged: Block, buddy: Block, from: MigrateType) -> Told {
        let list = list(w, zone, buddy.order, from);
        let (buddy, whole, order) = (span(w, buddy), span(w, merged), merged.order);
        told(
            (
                format!("Merged with the buddy, {buddy}: now {whole}, order {order}."),
                format!("The buddy left {list}; the lower start names the whole."),
            ),
            (
                format!("Take the buddy, {buddy}, off {list}."),
                format!("The two become one block: {whole}, order {order}."),
            ),
            format!("merge with {buddy}: {whole}, order {order}"),
        )
    }

    fn put_block(w: &Words, zone: ZoneId, block: Block, migratetype: MigrateType, tail: bool) -> Told {
        let (frames, list) = (frames(w, block), list(w, zone, block.order, migratetype));
        let (end, why) = match (tail, block.order) {
            (true, _) => {
                ("tail", "Its next merge is likely: the tail is taken last, so it can wait for its buddy.")
            }
            (false, Order::MAX) => {
                ("head", "There is no larger order to merge into; the head is taken first.")
            }
            (false, _) => {
                ("head", "No larger merge is near, so the next request may have it, warm in the cache.")
            }
        };
        told(
            (format!("Put {frames} at the {end} of {list}."), why),
            (format!("Now put {frames} at the {end} of {list}."), why),
            format!("put {} at the {end} of {list}", span(w, block)),
        )
    }

    fn allow_fragment(_: &Words) -> Told {
        let why = "Better a pageblock of two types than no memory.";
        told(
            ("Nothing was found without mixing types: now they may be mixed.", why),
            ("Walk the zones again, and now let types be mixed in a pageblock.", why),
            "walk the zones again: types may be mixed now",
        )
    }

    fn machine(w: &Words, free: u64) -> Sentence {
        let frames: u64 = w.config().ram.iter().map(|range| u64::from(range.len())).sum();
        let zones = w.zones();
        let zones = match zones.as_slice() {
            [zone] => format!("in one zone, {zone}"),
            many if w.is_full() => format!("in zones {}", many.join(", ")),
            many => format!("in {} zones", many.len()),
        };
        let text = format!(
            "This machine has {} ({}) {zones}.",
            count(frames, "frame of 4 KiB", "frames of 4 KiB"),
            NrPages(frames).bytes()
        );
        let why =
            if free == frames { "All of them are free.".into() } else { format!("{} free now.", are(free)) };
        Sentence::from((text, why))
    }

    fn ending(_: &Words, free: u64, held: u32) -> Sentence {
        let who = match held {
            0 => "nobody holds memory".into(),
            1 => "one name still holds memory".into(),
            held => format!("{} names still hold memory", num(held)),
        };
        let text = format!("The story ends here: {} free, {who}.", are(free));
        Sentence::from((text, "Step back, or change the scenario and see what differs."))
    }

    fn op_text(w: &Words, op: &Op) -> String {
        match op {
            Op::Alloc { order, .. } => format!("wants {}", wanted(*order)),
            Op::Free { .. } => "is given back".into(),
            _ => (parts::words().op_text)(Self::LANG, w, op),
        }
    }
}

/// "1 page is", "12 pages are".
fn are(free: impl Into<u64>) -> String {
    let free = free.into();
    format!("{} {}", pages(free), if free == 1 { "is" } else { "are" })
}

fn pages_free(free: u32) -> String {
    count(free, "free page", "free pages")
}

/// The block that a half was cut from; the lower half gives its start.
fn whole(lower: Block) -> Block {
    Block { pfn: lower.pfn, order: lower.order.up().unwrap_or(lower.order) }
}

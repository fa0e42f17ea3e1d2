//! The English sentences about memory for devices.

use mm::dma::{Direction, DmaOp, Lane, NoMapping, Through};
use mm::step::DmaStep;

use super::super::cma::{size, span};
use super::super::en::count;
use super::super::num;
use super::super::told;
use super::{Told, Words, address, frames};

fn pages(number: u32) -> String {
    count(number, "page", "pages")
}

pub(super) fn tell(w: &Words, step: &DmaStep) -> Told {
    match *step {
        DmaStep::Device { name, mask, region } => {
            let name = w.name(name);
            let why = match region {
                None => format!("It puts out {mask} bits of an address."),
                Some(_) => format!("It puts out {mask} bits of an address, and has memory of its own."),
            };
            told(
                (format!("Device {name} is there."), why.clone()),
                (format!("Declare device {name}."), why),
                format!("device {name}, {mask} bits"),
            )
        }
        DmaStep::Asked { name, device, pages: wanted, atomic, .. } => {
            let (name, device, size) = (w.name(name), w.name(device), size(wanted));
            let why = if atomic {
                "It has no MMU, so one piece is wanted, and nobody may wait."
            } else {
                "It sees memory as one piece, from the first address to the last."
            };
            told(
                (format!("{device} wants {size} for {name}."), why),
                (format!("Ask for {size} for {name}, which {device} is to use."), why),
                format!("{name}: {size} for {device}"),
            )
        }
        DmaStep::FromPool { name, first, order, .. } => {
            let (name, span) = (w.name(name), span(first, order.pages()));
            let why = "Reserved at boot: always there, and of no use to others.";
            told(
                (format!("{name} has frames {span} of a pool that was kept for devices."), why),
                (format!("Give {name} frames {span} of a pool that was kept for devices."), why),
                format!("{name}: frames {span} of the pool"),
            )
        }
        DmaStep::PoolFull { name, pages: wanted, .. } => {
            let (name, wanted) = (w.name(name), pages(wanted));
            let why = "A device with a pool gets nothing from anywhere else.";
            told(
                (format!("The pool has no room of {wanted} for {name}."), why),
                (format!("Look in the pool for {wanted} for {name}: there is no room."), why),
                format!("{name}: the pool is full"),
            )
        }
        DmaStep::FromArea { name, pages: wanted, align, .. } => {
            let (name, wanted) = (w.name(name), pages(wanted));
            let why =
                format!("Exactly so many, aligned to {}. Guests have to leave first.", num(1u32 << align));
            told(
                (format!("A contiguous area was asked for {wanted} for {name}."), why.clone()),
                (format!("Ask the contiguous area for {wanted} for {name}."), why),
                format!("{name}: CMA is asked for {wanted}"),
            )
        }
        DmaStep::AsksBuddy { name, order } => {
            let name = w.name(name);
            let why = format!("A block of order {order} is the last hope.");
            told(
                (format!("The area had nothing for {name}: the buddy system is next."), why.clone()),
                (format!("Turn to the buddy system: the area has nothing for {name}."), why),
                format!("{name}: on to the buddy system"),
            )
        }
        DmaStep::TooHigh { name, pfn, mask } => {
            let (name, pfn) = (w.name(name), num(pfn.0));
            let why = "A lower zone is next.";
            told(
                (format!("Block {pfn} lies above what {mask} bits reach: {name} cannot have it."), why),
                (format!("Give block {pfn} back: {mask} bits do not reach it, for {name}."), why),
                format!("block {pfn} is above {mask} bits"),
            )
        }
        DmaStep::Scattered { name, pages: wanted } => {
            let (name, wanted) = (w.name(name), pages(wanted));
            let why = "The IOMMU makes one piece of them: frames may lie anywhere.";
            told(
                (format!("{wanted} for {name} may be scattered."), why),
                (format!("Gather {wanted} for {name}, wherever they are."), why),
                format!("{name}: {wanted}, wherever they are"),
            )
        }
        DmaStep::Gathered { name, pages: there, of, .. } => {
            let (name, there, of) = (w.name(name), num(there), num(of));
            let why = "The largest blocks first, single pages if there are none.";
            told(
                (format!("{there} of {of} pages are there for {name}."), why),
                (format!("Gather pages for {name}: {there} of {of}."), why),
                format!("{name}: {there} of {of} pages"),
            )
        }
        DmaStep::Addresses { name, iova, pages: wanted } => {
            let (name, wanted, at) = (w.name(name), pages(wanted), address(iova));
            let why = "The device's own addresses, from the top downwards.";
            told(
                (format!("{name} has addresses for {wanted}, from {at} on."), why),
                (format!("Find addresses for {wanted} of {name}: from {at} on."), why),
                format!("{name}: addresses from {at} on"),
            )
        }
        DmaStep::Mapped { name, iova, pages: now, tables } => {
            let (name, now, at) = (w.name(name), pages(now), address(iova));
            let why = match tables {
                0 => "The tables that are there have room.".to_owned(),
                tables => {
                    format!("{} for that came from the buddy system.", count(tables, "table", "tables"))
                }
            };
            told(
                (format!("{now} of {name} got their entries, from {at} on."), why.clone()),
                (format!("Write the entries for {now} of {name}, from {at} on."), why),
                format!("{name}: {now} mapped"),
            )
        }
        DmaStep::Got { name, device, lane } => {
            let (name, device) = (w.name(name), w.name(device));
            let why = match lane {
                Lane::Iommu { iova, .. } => {
                    format!("For it they are one piece, from {} on.", address(iova))
                }
                Lane::Buddy(block) => {
                    format!("Frames {}: a block of the buddy system.", span(block.pfn, block.order.pages()))
                }
                lane => format!("Frames {}, one behind the other.", frames(lane).unwrap_or_default()),
            };
            told(
                (format!("{device} can use {name}."), why.clone()),
                (format!("Hand {name} over to {device}."), why),
                format!("{device} has {name}"),
            )
        }
        DmaStep::Failed { name, pages: wanted } => {
            let (name, size) = (w.name(name), size(wanted));
            let why = match wanted {
                1025.. => "The largest block of the buddy system has 4 MiB.",
                _ => "There was no piece that is large enough.",
            };
            told(
                (format!("{name} was not had: {size}."), why),
                (format!("Give up: {size} for {name}."), why),
                format!("{name} fails"),
            )
        }
        DmaStep::Free { name, device, lane } => {
            let (name, device) = (w.name(name), w.name(device));
            let why = match frames(lane) {
                Some(frames) => format!("Frames {frames} can be had again."),
                None => "Its entries go first, then its pages.".to_owned(),
            };
            told(
                (format!("{device} gives {name} back."), why.clone()),
                (format!("Take {name} back from {device}."), why),
                format!("{device} gives {name} back"),
            )
        }
        DmaStep::Unmapped { name, iova, pages: now } => {
            let (name, now, at) = (w.name(name), pages(now), address(iova));
            let why = "The IOTLB has forgotten them; the pages went back.";
            told(
                (format!("{now} of {name} lost their entries, from {at} on."), why),
                (format!("Take the entries of {now} of {name}, from {at} on."), why),
                format!("{name}: {now} unmapped"),
            )
        }
        DmaStep::Access { device, address: at, pfn, known } => {
            let (device, at, pfn) = (w.name(device), address(at), num(pfn.0));
            let why = match known {
                None => "Nothing lies between: its addresses are those of memory.",
                Some(true) => "The IOTLB knew the way.",
                Some(false) => "The IOTLB did not know the way: four tables were read.",
            };
            told(
                (format!("{device} used address {at}: frame {pfn}."), why),
                (format!("Let {device} use address {at}: frame {pfn}."), why),
                format!("{device}: {at} is frame {pfn}"),
            )
        }
        DmaStep::MapAsked { device, what, bytes, dir, .. } => {
            let (device, what, size) = (w.name(device), w.name(what), mm::Bytes(u64::from(bytes)));
            let why = match dir {
                Direction::ToDevice => "The device is going to read it.",
                Direction::FromDevice => "The device is going to write it.",
                Direction::Both => "The device is going to read and to write it.",
            };
            told(
                (format!("{device} is to use {size} of {what} for a while."), why),
                (format!("Lend {size} of {what} to {device} for a while."), why),
                format!("{what} is lent to {device}"),
            )
        }
        DmaStep::Direct { name, address, .. } => {
            let name = w.name(name);
            let why = "All of it is within the device's reach: nothing has to be copied.";
            told(
                (format!("{name} is used where it lies, at address {address:#x}."), why),
                (format!("Let the device use {name} where it lies, at address {address:#x}."), why),
                format!("{name} is used where it lies"),
            )
        }
        DmaStep::OutOfReach { name, last, mask } => {
            let name = w.name(name);
            let why = "A copy low in memory has to stand for it.";
            told(
                (format!("{mask} bits do not reach {name}, which ends at {last:#x}."), why),
                (format!("See whether {mask} bits reach {name}, which ends at {last:#x}."), why),
                format!("{mask} bits do not reach {name}"),
            )
        }
        DmaStep::Slots { name, first, slots, used } => {
            let (name, span) = (w.name(name), slot_span(first, slots));
            let why = format!("Slots of 2 KiB that are in use now: {used}.");
            told(
                (format!("{name} has {span}, in the bounce buffers."), why.clone()),
                (format!("Give {name} {span}, in the bounce buffers."), why),
                format!("{name}: {span}"),
            )
        }
        DmaStep::Bounced { name, to_device, value, .. } => {
            let name = w.name(name);
            let (way, why) = match to_device {
                true => ("to its slots", "The device works there, and not in the buffer."),
                false => ("back from its slots", "Now the buffer has what the device wrote."),
            };
            told(
                (format!("The CPU copied {name} {way}: version {value}."), why),
                (format!("Copy {name} {way}: version {value}."), why),
                format!("{name} is copied {way}"),
            )
        }
        DmaStep::Cleaned { name, wrote: true, value } => {
            let name = w.name(name);
            let why = "This device does not look into caches.";
            told(
                (format!("The cache wrote version {value} of {name} to memory."), why),
                (format!("Write version {value} of {name} from the cache to memory."), why),
                format!("{name}: version {value} is in memory"),
            )
        }
        DmaStep::Cleaned { name, wrote: false, value } => {
            let name = w.name(name);
            let why = format!("Memory has version {value} already.");
            told(
                (format!("Nothing of {name} had to be written from the cache."), why.clone()),
                (format!("Write what the cache has of {name} to memory: there is nothing."), why),
                format!("{name}: nothing to write"),
            )
        }
        DmaStep::Invalidated { name, dropped } => {
            let name = w.name(name);
            let (did, why) = match dropped {
                None => ("nothing".to_owned(), "The next read comes from memory anyway."),
                Some((value, false)) => (format!("version {value}"), "The next read comes from memory."),
                Some((value, true)) => (
                    format!("version {value}, which was nowhere else"),
                    "It was written when it was the device's turn: now it is lost.",
                ),
            };
            told(
                (format!("The cache forgot {did} of {name}."), why),
                (format!("Make the cache forget {name}: it has {did}."), why),
                format!("the cache forgets {name}"),
            )
        }
        DmaStep::Baton { name, device, with_device } => {
            let (name, device) = (w.name(name), w.name(device));
            let (whose, why) = match with_device {
                true => (
                    format!("{device}'s turn"),
                    "The CPU keeps its hands off until it is synced or unmapped.".to_owned(),
                ),
                false => {
                    ("the CPU's turn".to_owned(), format!("{device} keeps its hands off until it is synced."))
                }
            };
            told(
                (format!("It is {whose} with {name}."), why.clone()),
                (format!("From now on it is {whose} with {name}."), why),
                format!("{name}: {whose}"),
            )
        }
        DmaStep::NotMapped { name, bytes, why } => {
            let (name, size) = (w.name(name), mm::Bytes(u64::from(bytes)));
            let why = match why {
                NoMapping::NoSwiotlb => "There are no bounce buffers, and it is out of reach.".to_owned(),
                NoMapping::TooLarge => "128 slots in a row are the most: 256 KiB.".to_owned(),
                NoMapping::Full { largest } => {
                    format!("The longest free run has {}.", count(largest, "slot", "slots"))
                }
                NoMapping::SlotTooHigh => "The bounce buffers are out of its reach, too.".to_owned(),
                NoMapping::NoTables => "There are no addresses left, or no page for a table.".to_owned(),
            };
            told(
                (format!("{name} is refused: {size}."), why.clone()),
                (format!("Refuse {name}: {size}."), why),
                format!("{name} is refused"),
            )
        }
        DmaStep::StreamEnds { name, device, through } => {
            let (name, device) = (w.name(name), w.name(device));
            let why = match through {
                Through::Direct => "There was nothing to copy.".to_owned(),
                Through::Swiotlb { slots, .. } => format!("{} came free.", count(slots, "slot", "slots")),
                Through::Iommu { .. } => "Its entries are gone, from the IOTLB as well.".to_owned(),
            };
            told(
                (format!("{name} is over: {device} has it no longer."), why.clone()),
                (format!("Take {name} away from {device}."), why),
                format!("{name} is over"),
            )
        }
        DmaStep::CpuTouched { what, write: true, value, lent_to, .. } => {
            let what = w.name(what);
            let why = match lent_to {
                Some(device) => format!("It is {}'s turn, which may never see that.", w.name(device)),
                None => "It is in the CPU's cache, and not yet in memory.".to_owned(),
            };
            told(
                (format!("The CPU wrote {what}: version {value}."), why.clone()),
                (format!("Write version {value} of {what}."), why),
                format!("the CPU writes {what}"),
            )
        }
        DmaStep::CpuTouched { what, value, newest, .. } => {
            let (what, read) = (w.name(what), versions(value, newest));
            let why = match value == newest {
                true => "Nobody has written a newer one.",
                false => "What the device wrote lies elsewhere: it was not synced for the CPU.",
            };
            told(
                (format!("The CPU read {what}: {read}."), why),
                (format!("Read {what} with the CPU: {read}."), why),
                format!("the CPU reads {what}: version {value}"),
            )
        }
        DmaStep::DeviceTouched { name, device, write: true, value, with_device, .. } => {
            let (name, device) = (w.name(name), w.name(device));
            let why = match with_device {
                true => "It is its turn; the CPU sees that once it is synced or unmapped.",
                false => "It is the CPU's turn: whose version stays is a matter of luck.",
            };
            told(
                (format!("{device} wrote {name}: version {value}."), why),
                (format!("Let {device} write version {value} of {name}."), why),
                format!("{device} writes {name}"),
            )
        }
        DmaStep::DeviceTouched { name, device, value, newest, .. } => {
            let (name, device, read) = (w.name(name), w.name(device), versions(value, newest));
            let why = match value == newest {
                true => "Nobody has written a newer one.",
                false => "What the CPU wrote lies elsewhere: it was not synced for the device.",
            };
            told(
                (format!("{device} read {name}: {read}."), why),
                (format!("Let {device} read {name}: {read}."), why),
                format!("{device} reads {name}: version {value}"),
            )
        }
        DmaStep::Faulted { name, device, write, address } => {
            let (name, device) = (w.name(name), w.name(device));
            let (verb, why) = match write {
                true => ("write", "It was lent to be read."),
                false => ("read", "It was lent to be written."),
            };
            told(
                (format!("The IOMMU did not let {device} {verb} {name} at {address:#x}."), why),
                (format!("Stop {device}, which wants to {verb} {name} at {address:#x}."), why),
                format!("{device} may not {verb} {name}"),
            )
        }
    }
}

/// One slot, or how many from the first one on; slots are no frames, and are not written as those are.
fn slot_span(first: u32, slots: u32) -> String {
    match slots {
        1 => format!("slot {first}"),
        _ => format!("{slots} slots from slot {first} on"),
    }
}

fn versions(value: u32, newest: u32) -> String {
    if value == newest {
        format!("version {value}")
    } else {
        format!("version {value}, and {newest} is newer")
    }
}

pub(super) fn op_text(w: &Words, op: &DmaOp) -> String {
    match *op {
        DmaOp::Device { mask, coherent: false, iommu: false, .. } => {
            format!("a device with {mask} bits that does not look into caches")
        }
        DmaOp::Device { mask, iommu: true, .. } => format!("a device with {mask} bits, behind an IOMMU"),
        DmaOp::Device { mask, .. } => format!("a device with {mask} bits"),
        DmaOp::Alloc { device, bytes, .. } => {
            format!("{} wants {} in one piece", w.name(device), mm::Bytes(bytes))
        }
        DmaOp::Free { .. } => "is given back".into(),
        DmaOp::Access { pages: wanted, .. } => format!("the device reads {}", pages(wanted)),
        DmaOp::Map { device, what, .. } => format!("{} is lent to {}", w.name(what), w.name(device)),
        DmaOp::Unmap { .. } => "is no longer lent".into(),
        DmaOp::Sync { for_device: true, .. } => "is the device's turn".into(),
        DmaOp::Sync { for_device: false, .. } => "is the CPU's turn".into(),
        DmaOp::Cpu { write: true, .. } => "the CPU writes".into(),
        DmaOp::Cpu { write: false, .. } => "the CPU reads".into(),
        DmaOp::Write { .. } => "the device writes".into(),
    }
}

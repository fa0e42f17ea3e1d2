//! The English sentences about memory for devices.

use mm::dma::{DmaOp, Lane};
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
                (format!("{name} has frames {span} of the device's own pool."), why),
                (format!("Give {name} frames {span} of the device's own pool."), why),
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
    }
}

pub(super) fn op_text(w: &Words, op: &DmaOp) -> String {
    match *op {
        DmaOp::Device { mask, iommu: true, .. } => format!("a device with {mask} bits, behind an IOMMU"),
        DmaOp::Device { mask, .. } => format!("a device with {mask} bits"),
        DmaOp::Alloc { device, bytes, .. } => {
            format!("{} wants {} in one piece", w.name(device), mm::Bytes(bytes))
        }
        DmaOp::Free { .. } => "is given back".into(),
        DmaOp::Access { pages: wanted, .. } => format!("the device reads {}", pages(wanted)),
    }
}

//! What is said of memory for devices: who is asked for it, and what the device pays.

mod en;
mod zh;

use mm::dma::{DmaOp, Lane, Region};
use mm::op::NameId;
use mm::step::DmaStep;
use scenario::Lang;
use scenario::ast::Target;
use scenario::dma::DmaLine;

use super::cma::span;
use super::{Told, Words};

/// A step, told.
pub(crate) fn tell(lang: Lang, w: &Words, step: &DmaStep) -> Told {
    match lang {
        Lang::En => en::tell(w, step),
        Lang::Zh => zh::tell(w, step),
    }
}

/// What an op wants, behind its name.
pub(super) fn op_text(lang: Lang, w: &Words, op: &DmaOp) -> String {
    match lang {
        Lang::En => en::op_text(w, op),
        Lang::Zh => zh::op_text(w, op),
    }
}

/// An op as the language writes it.
pub(super) fn code(w: &Words, op: &DmaOp) -> String {
    let target = |name: NameId| Target::named(w.full_name(name));
    match *op {
        DmaOp::Device { name, mask, iommu, coherent, region } => {
            let region = match region {
                Some(Region::Area(number)) => w.area(number),
                Some(Region::Pool(number)) => w.pool(number),
                None => None,
            };
            let region = region.map(str::to_owned);
            DmaLine::Device { target: target(name), mask, iommu, coherent, region }.to_string()
        }
        DmaOp::Alloc { name, device, bytes, atomic, cpu } => {
            DmaLine::Alloc { target: target(name), device: target(device), bytes, atomic, cpu: cpu.0 }
                .to_string()
        }
        DmaOp::Free { name, cpu } => DmaLine::Free { target: target(name), cpu: cpu.0 }.to_string(),
        DmaOp::Access { name, first, pages } => {
            DmaLine::Access { target: target(name), first, pages }.to_string()
        }
        DmaOp::Map { name, device, what, bytes, dir, cpu } => {
            let (target, device, what) = (target(name), target(device), target(what));
            DmaLine::Map { target, device, what, bytes, dir, cpu: cpu.0 }.to_string()
        }
        DmaOp::Unmap { name } => DmaLine::Unmap { target: target(name) }.to_string(),
        DmaOp::Sync { name, for_device } => DmaLine::Sync { target: target(name), for_device }.to_string(),
        DmaOp::Cpu { name, write } => DmaLine::Cpu { target: target(name), write }.to_string(),
        DmaOp::Write { name } => DmaLine::Write { target: target(name) }.to_string(),
    }
}

/// The address of a page of a device's addresses.
pub(crate) fn address(page: u64) -> String {
    format!("{:#x}", page << 12)
}

/// The frames of a lane, where they lie side by side.
fn frames(lane: Lane) -> Option<String> {
    match lane {
        Lane::Pool { first, order, .. } => Some(span(first, order.pages())),
        Lane::Cma { first, pages } => Some(span(first, pages)),
        Lane::Buddy(block) => Some(span(block.pfn, block.order.pages())),
        Lane::Iommu { .. } => None,
    }
}

//! What is said of segments: what the processor makes of an address.

mod en;
mod zh;

use mm::segmentation::{Descriptor, SegReg, SegmentOp, Selector};
use mm::step::SegmentStep;
use scenario::Lang;

use super::{Told, Words};

/// A step, told.
pub(crate) fn tell(lang: Lang, w: &Words, step: &SegmentStep) -> Told {
    match lang {
        Lang::En => en::step(w, step),
        Lang::Zh => zh::step(w, step),
    }
}

/// What an op wants, behind its name.
pub(crate) fn op_text(lang: Lang, op: &SegmentOp) -> String {
    match lang {
        Lang::En => en::op_text(op),
        Lang::Zh => zh::op_text(op),
    }
}

/// An op as the language writes it.
pub(crate) fn code(op: &SegmentOp) -> String {
    scenario::segmentation::print(op)
}

/// `0x1234`, at least four digits.
pub(crate) fn hex(value: impl Into<u64>) -> String {
    format!("{:#06x}", value.into())
}

/// The same with the five digits of 20 lines.
fn line_20(value: impl Into<u64>) -> String {
    format!("{:#07x}", value.into())
}

/// A register in capitals, as the manuals write it.
pub(crate) fn reg_name(reg: SegReg) -> String {
    reg.name().to_uppercase()
}

/// `GDT 3` or `LDT 1`.
pub(crate) fn entry_name(selector: Selector) -> String {
    format!("{} {}", if selector.is_local() { "LDT" } else { "GDT" }, selector.index())
}

/// The eight bytes as they lie in memory, lowest address first.
pub(crate) fn bytes_of(descriptor: Descriptor) -> String {
    let bytes: Vec<String> = descriptor.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}

/// `ds:0x5678`
pub(crate) fn logical(reg: Option<SegReg>, offset: u64) -> String {
    match reg {
        Some(reg) => format!("{}:{}", reg_name(reg), hex(offset)),
        None => hex(offset),
    }
}

/// The registers that a return emptied, in order.
fn cleared(mask: u8) -> Vec<String> {
    SegReg::ALL.into_iter().filter(|reg| mask >> *reg as u8 & 1 == 1).map(reg_name).collect()
}

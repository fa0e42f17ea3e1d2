//! What the processor decides about a segment: pure functions of a selector, a descriptor and the ring. All of it after
//! the manuals of the processors (8086 Family User's Manual; Intel SDM volume 3A, chapters 3 and 5).

use super::descriptor::{Descriptor, Fields, SegmentKind, Selector};
use super::{Mode, SegReg, Why};
use crate::process::Access;

/// Segment times 16, plus offset: up to 0x10ffef, one bit more than the 8086 has lines for.
#[must_use]
pub fn real_address(segment: u16, offset: u16) -> u32 {
    (u32::from(segment) << 4) + u32::from(offset)
}

/// What the 20 address lines of an 8086 carry of it.
#[must_use]
pub fn wrap_20(address: u32) -> u32 {
    address & 0xf_ffff
}

/// Address line 20 at the gate: held at 0, or as it is.
#[must_use]
pub fn gate_a20(address: u64, open: bool) -> u64 {
    if open { address } else { address & !(1 << 20) }
}

/// Whether a descriptor is of a kind that the register takes.
///
/// # Errors
/// Why not: general protection with the selector.
pub fn type_fits(reg: SegReg, descriptor: Descriptor, mode: Mode) -> Result<(), Why> {
    let Fields { long, big, .. } = descriptor.decode();
    match (reg, descriptor.kind()) {
        (_, SegmentKind::System(ty)) => Err(Why::System { ty }),
        (SegReg::Cs, SegmentKind::Code { .. }) if mode == Mode::Long && long && big => Err(Why::LongAndBig),
        (SegReg::Cs, SegmentKind::Code { .. }) => Ok(()),
        (SegReg::Cs, SegmentKind::Data { .. }) => Err(Why::NotCode),
        (SegReg::Ss, SegmentKind::Data { writable: true, .. }) => Ok(()),
        (SegReg::Ss, _) => Err(Why::StackNotWritable),
        (_, SegmentKind::Code { readable: false, .. }) => Err(Why::NotReadable),
        (_, SegmentKind::Data { .. } | SegmentKind::Code { .. }) => Ok(()),
    }
}

/// Whether the ring may load it: data when neither the ring nor the RPL is further out than the descriptor; the stack and
/// code only in their own ring, conforming code from outside as well.
///
/// # Errors
/// Why not: general protection with the selector.
pub fn privilege_fits(reg: SegReg, selector: Selector, cpl: u8, descriptor: Descriptor) -> Result<(), Why> {
    let (rpl, dpl) = (selector.rpl(), descriptor.dpl());
    let fits = match (reg, descriptor.kind()) {
        (SegReg::Cs, SegmentKind::Code { conforming: true, .. }) => dpl <= cpl,
        (SegReg::Cs, _) => dpl == cpl && rpl <= cpl,
        (SegReg::Ss, _) => rpl == cpl && dpl == cpl,
        // Everybody may read conforming code.
        (_, SegmentKind::Code { conforming: true, .. }) => true,
        _ => cpl.max(rpl) <= dpl,
    };
    if fits { Ok(()) } else { Err(Why::Privilege { cpl, rpl, dpl }) }
}

/// Whether returning to an outer ring may load this code: its ring is that of the selector.
///
/// # Errors
/// Why not: general protection with the selector.
pub fn return_fits(selector: Selector, cpl: u8, descriptor: Descriptor) -> Result<(), Why> {
    let (rpl, dpl) = (selector.rpl(), descriptor.dpl());
    let fits = match descriptor.kind() {
        SegmentKind::Code { conforming: true, .. } => dpl <= rpl,
        _ => dpl == rpl,
    };
    if fits && rpl >= cpl { Ok(()) } else { Err(Why::Privilege { cpl, rpl, dpl }) }
}

/// Whether the segment in a register may be used so.
///
/// # Errors
/// Why not: general protection, error code 0.
pub fn allowed(access: Access, hidden: Descriptor) -> Result<(), Why> {
    if !hidden.is_present() {
        return Err(Why::NullUsed);
    }
    match (access, hidden.kind()) {
        (Access::Write, SegmentKind::Data { writable: false, .. }) => Err(Why::ReadOnly),
        (Access::Write, SegmentKind::Code { .. }) => Err(Why::CodeWritten),
        (Access::Read, SegmentKind::Code { readable: false, .. }) => Err(Why::NotReadable),
        _ => Ok(()),
    }
}

/// Whether all bytes of an access are inside the segment.
///
/// # Errors
/// Why not: general protection or a stack fault, error code 0.
pub fn within(hidden: Descriptor, offset: u64, size: u8) -> Result<(), Why> {
    let last = offset.saturating_add(u64::from(size.max(1)) - 1);
    match hidden.offsets() {
        Some((low, high)) if u64::from(low) <= offset && last <= u64::from(high) => Ok(()),
        offsets => Err(Why::Limit { offset, size, offsets }),
    }
}

/// Base plus offset, in 32 bits.
#[must_use]
pub fn linear(hidden: Descriptor, offset: u64) -> u64 {
    u64::from(hidden.base().wrapping_add(offset as u32))
}

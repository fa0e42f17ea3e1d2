//! The steps of segmentation: one for each decision of the processor.

use super::StepClass;
use crate::config::Arch;
use crate::process::Access;
use crate::segmentation::{Bounds, Cpu, Descriptor, Fault, Lack, Mode, SegReg, Selector, Table};

/// What the processor did with an address, or with a segment register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the fields are called as in the manuals of the processors")]
pub enum SegmentStep {
    /// A processor was switched on.
    Cpu { cpu: Cpu },
    /// It is in another mode.
    Mode { mode: Mode },
    /// The gate at address line 20.
    A20 { open: bool },
    /// A program's base and bound, or none.
    Relocation { bounds: Option<Bounds> },
    /// The processor does not have that.
    Lacks { cpu: Cpu, what: Lack },
    /// A descriptor was written.
    Written { table: Table, index: u16, descriptor: Descriptor },
    /// Linux has set up its segments, and a program runs.
    Linux { arch: Arch },
    /// A page was mapped, or taken away.
    Mapped { linear: u32, entry: u32, directory: u32, new_table: bool },
    /// Linear addresses go through page tables, or no more.
    Paging { on: bool },
    /// FS or GS begins elsewhere.
    Base { reg: SegReg, base: u64 },

    /// A selector is taken apart; no register: it is that of the LDT.
    Selected { reg: Option<SegReg>, selector: Selector },
    /// The null selector is taken, and nothing can be used through it.
    Null { reg: Option<SegReg> },
    /// The entry lies inside its table.
    InTable { selector: Selector, limit: u32 },
    /// Its eight bytes are read.
    Read { selector: Selector, descriptor: Descriptor },
    /// It is of a kind that the register takes.
    Typed { reg: SegReg, descriptor: Descriptor },
    /// The rings fit.
    Privileged { reg: SegReg, cpl: u8, rpl: u8, dpl: u8 },
    /// P is set.
    Present { selector: Selector },
    /// The processor notes in the table that it was used.
    Accessed { selector: Selector, descriptor: Descriptor },
    /// The hidden part is filled.
    Loaded { reg: SegReg, selector: Selector, descriptor: Descriptor },
    /// In real mode: the base is the number times 16.
    RealLoaded { reg: SegReg, selector: Selector, base: u32 },
    /// The LDT is known.
    LdtLoaded { selector: Selector, descriptor: Descriptor },
    /// The outer ring runs; bit by bit, the registers that were emptied.
    Returned { cpl: u8, cleared: u8 },

    /// A logical address is used.
    Access { access: Access, reg: Option<SegReg>, offset: u64, size: u8 },
    /// The segment may be used so.
    Allowed { reg: SegReg, access: Access },
    /// All bytes are inside the segment.
    Within { reg: SegReg, offset: u64, size: u8, low: u32, high: u32 },
    /// The base is added.
    Added { reg: SegReg, base: u32, offset: u64, linear: u64 },
    /// Segment times 16, plus offset.
    Shifted { segment: u16, offset: u16, sum: u32 },
    /// The rest of a word comes from the beginning of the segment.
    Around { reg: SegReg },
    /// There are 20 lines only.
    Wrapped { from: u32, to: u32 },
    /// Address line 20 is held at 0.
    Masked { from: u64, to: u64 },
    /// Real mode reaches beyond 1 MiB.
    High { address: u64 },
    /// In long mode the base does not count.
    Flat { reg: SegReg, offset: u64 },
    /// That of FS and GS does.
    Based { reg: SegReg, base: u64, offset: u64, linear: u64 },
    /// The linear address goes on to page tables that are not shown here.
    Translated { linear: u64 },
    /// Below the bound of the program.
    InBound { offset: u64, size: u8, limit: u32 },
    /// Above its base.
    Relocated { base: u32, offset: u64, physical: u64 },
    /// The entry of the page directory.
    Directory { linear: u32, place: u16, entry: u32 },
    /// The entry of the page table.
    Entry { linear: u32, place: u16, entry: u32 },
    /// What goes out to memory.
    Reached { address: u64, size: u8 },
    /// The processor does not get on.
    Fault(Fault),
}

impl SegmentStep {
    pub(super) fn class(&self) -> StepClass {
        match self {
            SegmentStep::Lacks { .. } | SegmentStep::Fault(_) => StepClass::Fail,
            _ => StepClass::Look,
        }
    }

    pub(super) fn code(&self) -> u8 {
        match self {
            SegmentStep::Cpu { .. } => 200,
            SegmentStep::Mode { .. } => 201,
            SegmentStep::A20 { .. } => 202,
            SegmentStep::Relocation { .. } => 203,
            SegmentStep::Lacks { .. } => 204,
            SegmentStep::Written { .. } => 205,
            SegmentStep::Linux { .. } => 206,
            SegmentStep::Mapped { .. } => 207,
            SegmentStep::Paging { .. } => 208,
            SegmentStep::Base { .. } => 209,
            SegmentStep::Selected { .. } => 210,
            SegmentStep::Null { .. } => 211,
            SegmentStep::InTable { .. } => 212,
            SegmentStep::Read { .. } => 213,
            SegmentStep::Typed { .. } => 214,
            SegmentStep::Privileged { .. } => 215,
            SegmentStep::Present { .. } => 216,
            SegmentStep::Accessed { .. } => 217,
            SegmentStep::Loaded { .. } => 218,
            SegmentStep::RealLoaded { .. } => 219,
            SegmentStep::LdtLoaded { .. } => 220,
            SegmentStep::Returned { .. } => 221,
            SegmentStep::Access { .. } => 222,
            SegmentStep::Allowed { .. } => 223,
            SegmentStep::Within { .. } => 224,
            SegmentStep::Added { .. } => 225,
            SegmentStep::Shifted { .. } => 226,
            SegmentStep::Around { .. } => 227,
            SegmentStep::Wrapped { .. } => 228,
            SegmentStep::Masked { .. } => 229,
            SegmentStep::High { .. } => 230,
            SegmentStep::Flat { .. } => 231,
            SegmentStep::Based { .. } => 232,
            SegmentStep::Translated { .. } => 233,
            SegmentStep::InBound { .. } => 234,
            SegmentStep::Relocated { .. } => 235,
            SegmentStep::Directory { .. } => 236,
            SegmentStep::Entry { .. } => 237,
            SegmentStep::Reached { .. } => 238,
            SegmentStep::Fault(_) => 239,
        }
    }
}

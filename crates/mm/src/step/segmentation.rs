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
            SegmentStep::Cpu { .. } => 151,
            SegmentStep::Mode { .. } => 152,
            SegmentStep::A20 { .. } => 153,
            SegmentStep::Relocation { .. } => 154,
            SegmentStep::Lacks { .. } => 155,
            SegmentStep::Written { .. } => 156,
            SegmentStep::Linux { .. } => 157,
            SegmentStep::Mapped { .. } => 158,
            SegmentStep::Paging { .. } => 159,
            SegmentStep::Base { .. } => 160,
            SegmentStep::Selected { .. } => 161,
            SegmentStep::Null { .. } => 162,
            SegmentStep::InTable { .. } => 163,
            SegmentStep::Read { .. } => 164,
            SegmentStep::Typed { .. } => 165,
            SegmentStep::Privileged { .. } => 166,
            SegmentStep::Present { .. } => 167,
            SegmentStep::Accessed { .. } => 168,
            SegmentStep::Loaded { .. } => 169,
            SegmentStep::RealLoaded { .. } => 183,
            SegmentStep::LdtLoaded { .. } => 184,
            SegmentStep::Returned { .. } => 185,
            SegmentStep::Access { .. } => 186,
            SegmentStep::Allowed { .. } => 187,
            SegmentStep::Within { .. } => 188,
            SegmentStep::Added { .. } => 189,
            SegmentStep::Shifted { .. } => 190,
            SegmentStep::Around { .. } => 191,
            SegmentStep::Wrapped { .. } => 192,
            SegmentStep::Masked { .. } => 193,
            SegmentStep::High { .. } => 194,
            SegmentStep::Flat { .. } => 195,
            SegmentStep::Based { .. } => 196,
            SegmentStep::Translated { .. } => 197,
            SegmentStep::InBound { .. } => 198,
            SegmentStep::Relocated { .. } => 199,
            SegmentStep::Directory { .. } => 236,
            SegmentStep::Entry { .. } => 237,
            SegmentStep::Reached { .. } => 238,
            SegmentStep::Fault(_) => 239,
        }
    }
}

//! Segmentation: a selector chooses a descriptor, its limit is a gate for the offset, its base is added, and what comes of
//! it lies on a ruler of addresses.

mod draw;
mod ruler;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::STORIES;

use mm::segmentation::{
    Cpu, Descriptor, Doing, Fault, Mode, SegReg, SegmentKind, Segmentation, Selector, Table, Vector, Why,
};
use mm::step::{SegmentStep, StepKind};
use scenario::Lang;

use crate::Moment;
use crate::narrate::segmentation::{hex, logical, reg_name};
use crate::scene::{Room, Scene};

/// Draws the processor's segments and the way of the address in play.
#[must_use]
pub fn scene(moment: &Moment, room: &Room, lang: Lang) -> Scene {
    draw::scene(moment, room, lang)
}

/// What a step is about, and so what is ringed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// The logical address, or the selector that is loaded.
    Logical,
    /// A row of a table of descriptors.
    Row(Table, u16),
    /// A segment register.
    Register(SegReg),
    /// The limit.
    Gate,
    /// The sum.
    Sum,
    /// The entry of the page directory.
    Directory,
    /// The entry of the page table.
    Entry,
    /// The address on the ruler of linear addresses.
    Linear,
    /// The address in physical memory.
    Physical,
}

fn row_of(selector: Selector) -> Place {
    Place::Row(if selector.is_local() { Table::Ldt } else { Table::Gdt }, selector.index())
}

/// What a step is about.
pub(crate) fn place(seg: &Segmentation, step: &SegmentStep) -> Option<Place> {
    Some(match *step {
        SegmentStep::Cpu { .. }
        | SegmentStep::Mode { .. }
        | SegmentStep::Lacks { .. }
        | SegmentStep::Linux { .. }
        | SegmentStep::Paging { .. }
        | SegmentStep::A20 { .. } => return None,
        SegmentStep::Relocation { .. } | SegmentStep::Translated { .. } => Place::Linear,
        SegmentStep::Written { table, index, .. } => Place::Row(table, index),
        SegmentStep::Mapped { .. } => Place::Physical,
        SegmentStep::Selected { .. } | SegmentStep::Access { .. } | SegmentStep::Null { reg: None } => {
            Place::Logical
        }
        SegmentStep::InTable { selector, .. }
        | SegmentStep::Read { selector, .. }
        | SegmentStep::Present { selector }
        | SegmentStep::Accessed { selector, .. }
        | SegmentStep::LdtLoaded { selector, .. } => row_of(selector),
        SegmentStep::Typed { .. } | SegmentStep::Privileged { .. } => match seg.way().doing {
            Doing::Load { selector, .. } => row_of(selector),
            _ => return None,
        },
        SegmentStep::Base { reg, .. }
        | SegmentStep::Null { reg: Some(reg) }
        | SegmentStep::Loaded { reg, .. }
        | SegmentStep::RealLoaded { reg, .. }
        | SegmentStep::Allowed { reg, .. } => Place::Register(reg),
        SegmentStep::Returned { .. } => Place::Register(SegReg::Cs),
        SegmentStep::Within { .. } | SegmentStep::InBound { .. } => Place::Gate,
        SegmentStep::Added { .. }
        | SegmentStep::Shifted { .. }
        | SegmentStep::Around { .. }
        | SegmentStep::Wrapped { .. }
        | SegmentStep::Masked { .. }
        | SegmentStep::High { .. }
        | SegmentStep::Flat { .. }
        | SegmentStep::Based { .. }
        | SegmentStep::Relocated { .. } => Place::Sum,
        SegmentStep::Directory { .. } => Place::Directory,
        SegmentStep::Entry { .. } => Place::Entry,
        SegmentStep::Reached { .. } if seg.paging() => Place::Physical,
        SegmentStep::Reached { .. } => Place::Linear,
        SegmentStep::Fault(Fault { vector, why, .. }) => match (why, seg.way().doing) {
            (Why::Limit { .. } | Why::Bound { .. }, _) => Place::Gate,
            (Why::NotCanonical, _) => Place::Sum,
            (Why::Page { .. }, _) if vector == Vector::Pf => Place::Entry,
            // Nothing was to be loaded: the mode was to change.
            (Why::Ring { .. }, doing) if !matches!(doing, Doing::Load { .. }) => {
                Place::Register(register_in_play(seg))
            }
            (Why::NullLoaded | Why::NoLdt | Why::BeyondTable { .. } | Why::Ring { .. }, _) => Place::Logical,
            (_, Doing::Load { selector, .. }) => row_of(selector),
            (_, Doing::Access { reg: Some(reg), .. }) => Place::Register(reg),
            _ => Place::Logical,
        },
    })
}

/// The step, if it is one of segments.
pub(crate) fn step_of(step: Option<mm::Step>) -> Option<SegmentStep> {
    match step?.kind {
        StepKind::Segment(step) => Some(step),
        _ => None,
    }
}

/// The register in play: the one that is used or loaded; DS where nothing is.
pub(crate) fn register_in_play(seg: &Segmentation) -> SegReg {
    match seg.way().doing {
        Doing::Load { reg: Some(reg), .. } | Doing::Access { reg: Some(reg), .. } => reg,
        _ => SegReg::Ds,
    }
}

/// The descriptor whose limit and base are looked at.
pub(crate) fn in_play(seg: &Segmentation) -> Descriptor {
    match seg.way().doing {
        Doing::Load { .. } if seg.mode() != Mode::Real => {
            seg.way().descriptor.unwrap_or_else(|| seg.register(register_in_play(seg)).hidden)
        }
        _ => seg.register(register_in_play(seg)).hidden,
    }
}

/// `data rw`, `code rx`: what a row has room for.
pub(crate) fn kind_word(descriptor: Descriptor) -> &'static str {
    match descriptor.kind() {
        SegmentKind::Data { down: false, writable: true } => "data rw",
        SegmentKind::Data { down: false, writable: false } => "data r",
        SegmentKind::Data { down: true, writable: true } => "data rw ↓",
        SegmentKind::Data { down: true, writable: false } => "data r ↓",
        SegmentKind::Code { conforming: false, readable: true } => "code rx",
        SegmentKind::Code { conforming: false, readable: false } => "code x",
        SegmentKind::Code { conforming: true, readable: true } => "code rx C",
        SegmentKind::Code { conforming: true, readable: false } => "code x C",
        SegmentKind::System(Descriptor::LDT) => "LDT",
        SegmentKind::System(_) => "system",
    }
}

/// The entries that hold something: table, index, the descriptor as the processor reads it.
pub(crate) fn entries(seg: &Segmentation) -> Vec<(Table, u16, Descriptor)> {
    let of = |table: Table| {
        let entries = (0u16..).zip(seg.table(table)).filter(|(_, entry)| entry.0 != 0);
        entries.map(move |(index, entry)| (table, index, seg.as_read(*entry)))
    };
    of(Table::Gdt).chain(of(Table::Ldt)).collect()
}

/// The registers that the processor has.
pub(crate) fn registers(seg: &Segmentation) -> Vec<SegReg> {
    SegReg::ALL.into_iter().filter(|reg| seg.cpu().has_register(*reg)).collect()
}

/// Where a register's segment begins, as it counts in this mode.
pub(crate) fn base_of(seg: &Segmentation, reg: SegReg) -> u64 {
    if seg.mode() == Mode::Long { seg.long_base(reg) } else { u64::from(seg.register(reg).hidden.base()) }
}

/// The processor and its mode, in a few words.
pub(crate) fn processor(seg: &Segmentation, lang: Lang) -> String {
    let (cpu, mode) = (seg.cpu(), seg.mode());
    let ring = seg.cpl();
    match (cpu, mode, lang) {
        (Cpu::Direct, _, Lang::En) => "no segments".into(),
        (Cpu::Direct, _, Lang::Zh) => "没有分段".into(),
        (_, Mode::Real, Lang::En) => format!("{}, real mode", cpu.name()),
        (_, Mode::Real, Lang::Zh) => format!("{}，实模式", cpu.name()),
        (_, Mode::Protected, Lang::En) => format!("{}, protected mode, ring {ring}", cpu.name()),
        (_, Mode::Protected, Lang::Zh) => format!("{}，保护模式，{ring} 环", cpu.name()),
        (_, Mode::Long, Lang::En) => format!("{}, long mode, ring {ring}", cpu.name()),
        (_, Mode::Long, Lang::Zh) => format!("{}，长模式，{ring} 环", cpu.name()),
    }
}

/// `#GP(0x18)`, as short as it can be.
pub(crate) fn fault_word(fault: Fault) -> String {
    match fault.code {
        Some(code) => format!("{}({code:#x})", fault.vector.name()),
        None => fault.vector.name().to_owned(),
    }
}

/// What a screen reader says of the picture as a whole; the text twin has the rest.
#[must_use]
pub fn label(moment: &Moment, lang: Lang) -> String {
    let seg = moment.machine.segmentation();
    if seg.is_untouched() {
        return lang.pick("Segments: no processor yet.", "分段：还没有处理器。").to_owned();
    }
    let what = processor(seg, lang);
    let way = seg.way();
    let at = match way.doing {
        Doing::Nothing => String::new(),
        Doing::Load { reg, selector } => {
            format!("{} ← {selector}", reg.map_or("LDTR".into(), reg_name))
        }
        Doing::Access { reg, offset, .. } => logical(reg, offset),
    };
    let end = match (way.fault, way.physical.or(way.linear)) {
        (Some(fault), _) => format!(" → {}", fault_word(fault)),
        (None, Some(address)) => format!(" → {}", hex(address)),
        (None, None) => String::new(),
    };
    match lang {
        Lang::En => format!("Segments. {what}. {at}{end}"),
        Lang::Zh => format!("分段。{what}。{at}{end}"),
    }
}

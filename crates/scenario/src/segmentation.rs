//! What a text says of segments: `gdt 3 data base=1M limit=0xffff dpl=3`, `load ds 0x1b`, `read ds:0x10 size=4`.
//!
//! Its ops hold no names, so the engine's own ops are what a statement holds.

use mm::config::Arch;
use mm::process::Access;
use mm::segmentation::{Bounds, Descriptor, Fields, Rights, SegReg, SegmentKind, SegmentOp, Table};

use crate::kmem::Size;
use crate::process::ACCESSES;

/// The words that a line about segments begins with; `read`, `write` and `exec` besides.
pub(crate) const WORDS: [&str; 14] = [
    "cpu",
    "mode",
    "a20",
    "relocation",
    "gdt",
    "ldt",
    "lldt",
    "load",
    "iret",
    "linux",
    "page",
    "paging",
    "fs_base",
    "gs_base",
];

/// A line about segments, as the printer writes it.
#[must_use]
pub fn print(op: &SegmentOp) -> String {
    let on_off = |on: bool| if on { "on" } else { "off" };
    match *op {
        SegmentOp::Cpu(cpu) => format!("cpu {}", cpu.name()),
        SegmentOp::Mode(mode) => format!("mode {}", mode.name()),
        SegmentOp::A20(open) => format!("a20 {}", on_off(open)),
        SegmentOp::Relocation(None) => "relocation off".into(),
        SegmentOp::Relocation(Some(Bounds { base, limit })) => {
            format!("relocation base={} limit={}", Size(base.into()), Size(limit.into()))
        }
        SegmentOp::Write { table, index, descriptor } => {
            let table = if table == Table::Gdt { "gdt" } else { "ldt" };
            format!("{table} {index} {}", descriptor_text(descriptor))
        }
        SegmentOp::Lldt(selector) => format!("lldt {:#x}", selector.0),
        SegmentOp::Load { reg, selector } => format!("load {reg} {:#x}", selector.0),
        SegmentOp::Return { cs, ss } => format!("iret cs={:#x} ss={:#x}", cs.0, ss.0),
        SegmentOp::Linux(Arch::I386) => "linux i386".into(),
        SegmentOp::Linux(Arch::X86_64) => "linux x86_64".into(),
        SegmentOp::Page { linear, frame: None } => format!("page {linear:#x} absent"),
        SegmentOp::Page { linear, frame: Some((frame, Rights { write, user })) } => {
            let write = if write { "" } else { " r" };
            let user = if user { " user" } else { "" };
            format!("page {linear:#x} {frame:#x}{write}{user}")
        }
        SegmentOp::Paging(on) => format!("paging {}", on_off(on)),
        SegmentOp::Base { reg, base } => format!("{reg}_base {base:#x}"),
        SegmentOp::Access { access, reg, offset, size } => {
            let word = ACCESSES.into_iter().find(|(_, of)| *of == access).map_or("", |(word, _)| word);
            let reg = reg.map_or(String::new(), |reg| format!("{reg}:"));
            let size = if size == 1 { String::new() } else { format!(" size={size}") };
            format!("{word} {reg}{offset:#x}{size}")
        }
    }
}

/// A descriptor in words; its eight bytes, where no words say it.
#[must_use]
pub fn descriptor_text(descriptor: Descriptor) -> String {
    let Fields { base, limit, dpl, present, avl, long, big, pages, .. } = descriptor.decode();
    let (word, more) = match descriptor.kind() {
        _ if long && big => return format!("{:#018x}", descriptor.0),
        SegmentKind::Data { down, writable } => ("data", [(!writable, " r"), (down, " down")]),
        SegmentKind::Code { conforming, readable } => {
            ("code", [(!readable, " x"), (conforming, " conforming")])
        }
        SegmentKind::System(Descriptor::LDT) if !long && !big && !avl => ("ldt", [(false, ""); 2]),
        SegmentKind::System(_) => return format!("{:#018x}", descriptor.0),
    };
    let is_segment = word != "ldt";
    let mut out = word.to_owned();
    if base > 0 && base % 1024 == 0 {
        out += &format!(" base={}", Size(base.into()));
    } else if base > 0 {
        out += &format!(" base={base:#x}");
    }
    out += &format!(" limit={limit:#x}");
    if dpl > 0 {
        out += &format!(" dpl={dpl}");
    }
    let bits = if long { " bits=64" } else { " bits=16" };
    let accessed = is_segment && descriptor.is_accessed();
    let flags = [(is_segment && !big, bits), (pages, " pages"), (accessed, " accessed"), (avl, " avl")];
    let all = more.into_iter().chain(flags).chain([(!present, " absent")]);
    all.filter(|(on, _)| *on).for_each(|(_, word)| out += word);
    out
}

/// A register by its name.
pub(crate) fn register(word: &str) -> Option<SegReg> {
    SegReg::ALL.into_iter().find(|reg| reg.name() == word)
}

/// Whether the access needs code.
pub(crate) fn is_exec(access: Access) -> bool {
    access == Access::Exec
}

//! What the processor that a text has chosen can do, as far as it shows before anything runs.

use mm::config::Arch;
use mm::process::Access;
use mm::segmentation::{Cpu, Lack, Mode, SegReg, SegmentOp};

use super::super::Lowering;
use super::{Fault, Unroll};
use crate::diagnostic::{Kind, What};
use crate::span::Part;

impl Unroll {
    /// An op of segments; none when the processor has no such thing.
    pub(super) fn segment(
        &mut self,
        lowering: &mut Lowering<'_>,
        line: u32,
        op: &SegmentOp,
    ) -> Option<SegmentOp> {
        match *op {
            SegmentOp::Cpu(cpu) => self.processor = cpu,
            SegmentOp::Linux(Arch::I386) => self.processor = Cpu::I80386,
            SegmentOp::Linux(Arch::X86_64) => self.processor = Cpu::X86_64,
            _ => {}
        }
        let cpu = self.processor;
        if let Some(what) = lack(cpu, op) {
            self.report_once(lowering, line, Fault::Processor, Part::Target, || Kind::CpuLacks { cpu, what });
            return None;
        }
        if let SegmentOp::Access { offset, size, .. } = *op {
            let (most, bytes) = (cpu.most_offset(), cpu.most_bytes());
            let too_large = |what, found, min, max| Kind::OutOfRange { what, found, min, max };
            if offset > most {
                let found = format!("{offset:#x}");
                self.report_once(lowering, line, Fault::Processor, Part::Value(0), || {
                    too_large(What::Offset, found, 0, most)
                });
                return None;
            }
            if size > bytes {
                self.report_once(lowering, line, Fault::Processor, Part::Size, || {
                    too_large(What::AccessSize, size.to_string(), 1, bytes.into())
                });
                return None;
            }
        }
        Some(*op)
    }
}

/// What the op needs and the processor does not have.
fn lack(cpu: Cpu, op: &SegmentOp) -> Option<Lack> {
    let unless = |has: bool, lack: Lack| (!has).then_some(lack);
    let register = |reg: SegReg| match cpu.has_segments() {
        true => unless(cpu.has_register(reg), Lack::Register(reg)),
        false => Some(Lack::Segments),
    };
    match *op {
        SegmentOp::Cpu(_) | SegmentOp::Linux(_) => None,
        SegmentOp::Mode(mode) => unless(cpu.has_mode(mode), Lack::Mode(mode)),
        SegmentOp::A20(_) => unless(cpu.has_gate(), Lack::Gate),
        SegmentOp::Relocation(_) => unless(cpu == Cpu::Direct, Lack::Relocation),
        SegmentOp::Write { .. } | SegmentOp::Lldt(_) => {
            unless(cpu.has_mode(Mode::Protected), Lack::Descriptors)
        }
        SegmentOp::Load { reg, .. } => register(reg),
        SegmentOp::Return { .. } => register(SegReg::Cs),
        SegmentOp::Page { .. } | SegmentOp::Paging(_) => unless(cpu == Cpu::I80386, Lack::Paging),
        SegmentOp::Base { .. } => unless(cpu == Cpu::X86_64, Lack::Bases),
        SegmentOp::Access { reg: None, .. } => None,
        SegmentOp::Access { reg: Some(reg), access, .. } => {
            register(reg).or_else(|| unless(access != Access::Exec || reg == SegReg::Cs, Lack::Register(reg)))
        }
    }
}

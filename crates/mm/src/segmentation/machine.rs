//! The ops of segmentation: each decision of the processor is a step.

use std::rc::Rc;

use super::{
    Cpu, Descriptor, Doing, Fault, Lack, Mode, PageTables, Register, SegReg, SegmentKind, SegmentOp,
    Segmentation, Selector, Table, Vector, Way, Why, linux, paging, places, rules,
};
use crate::config::Arch;
use crate::machine::{Machine, UnitEnd};
use crate::process::Access;
use crate::step::{SegmentStep, StepKind, Trace};
use crate::units::PAGE_SIZE;
use crate::x86::pgtable::Paging;

/// A null register: nothing can be used through it.
const NULL: Descriptor = Descriptor(0);

/// How a register comes to its selector.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// `mov`, or a far jump.
    Move,
    /// A return to an outer ring.
    Return,
}

/// Runs an op; each is one unit.
pub(crate) fn run(machine: &mut Machine, op: &SegmentOp, t: &mut Trace<'_>) -> UnitEnd {
    let run = &mut Run { machine, t };
    {
        let seg = run.seg();
        (seg.is_used, seg.way) = (true, Way::default());
    }
    match *op {
        SegmentOp::Cpu(cpu) => {
            *run.seg() = Segmentation::reset(cpu);
            run.tell(SegmentStep::Cpu { cpu });
        }
        SegmentOp::Mode(mode) => run.mode(mode),
        SegmentOp::A20(open) => match run.segmentation().cpu.has_gate() {
            false => run.lacks(Lack::Gate),
            true => {
                run.seg().a20 = open;
                run.tell(SegmentStep::A20 { open });
            }
        },
        SegmentOp::Relocation(bounds) => match run.segmentation().cpu {
            Cpu::Direct => {
                run.seg().bounds = bounds;
                run.tell(SegmentStep::Relocation { bounds });
            }
            _ => run.lacks(Lack::Relocation),
        },
        SegmentOp::Write { table, index, descriptor } => run.write_entry(table, index, descriptor),
        SegmentOp::Lldt(selector) => run.lldt(selector),
        SegmentOp::Load { reg, selector } => {
            run.load(reg, selector, How::Move);
        }
        SegmentOp::Return { cs, ss } => run.iret(cs, ss),
        SegmentOp::Linux(arch) => {
            run.seg().linux(arch);
            run.tell(SegmentStep::Linux { arch });
        }
        SegmentOp::Page { linear, frame } => {
            let (linear, frame) = (linear & !0xfff, frame.map(|(frame, rights)| (frame & !0xfff, rights)));
            if !run.segmentation().has_paging() {
                run.lacks(Lack::Paging);
            } else {
                let new_table = run.seg().tables.map(linear, frame);
                let tables = &run.segmentation().tables;
                let (entry, directory) = (tables.table_entry(linear), tables.directory_entry(linear));
                run.tell(SegmentStep::Mapped { linear, entry, directory, new_table });
            }
        }
        SegmentOp::Paging(on) => match run.segmentation().has_paging() {
            false => run.lacks(Lack::Paging),
            true => {
                run.seg().paging = on;
                run.tell(SegmentStep::Paging { on });
            }
        },
        SegmentOp::Base { reg, base } => match (run.segmentation().cpu, reg) {
            (Cpu::X86_64, SegReg::Fs | SegReg::Gs) => {
                run.seg().bases[usize::from(reg == SegReg::Gs)] = base;
                run.tell(SegmentStep::Base { reg, base });
            }
            _ => run.lacks(Lack::Bases),
        },
        SegmentOp::Access { access, reg, offset, size } => {
            run.use_memory(access, reg, offset, size.clamp(1, 8));
        }
    }
    UnitEnd::Done
}

impl Segmentation {
    /// Paging of two levels belongs to the 80386; in long mode there are four, on a stage of their own.
    fn has_paging(&self) -> bool {
        self.cpu == Cpu::I80386
    }

    /// A program runs under Linux.
    fn linux(&mut self, arch: Arch) {
        let tables = std::mem::take(&mut self.tables);
        let (cpu, mode) = match arch {
            Arch::I386 => (Cpu::I80386, Mode::Protected),
            Arch::X86_64 => (Cpu::X86_64, Mode::Long),
        };
        *self = Segmentation { mode, cpl: 3, paging: arch == Arch::I386, ..Segmentation::reset(cpu) };
        if arch == Arch::I386 {
            // What was mapped stays: a text may say it before or behind.
            self.tables = tables;
        }
        let mut gdt = vec![Descriptor(0); usize::from(linux::table_len(arch))];
        for (index, descriptor, _) in linux::entries(arch) {
            gdt[usize::from(*index)] = *descriptor;
        }
        let (code, data) = linux::of_programs(arch);
        for selector in [code, data] {
            gdt[usize::from(selector.index())].0 |= Descriptor::ACCESSED;
        }
        let of = |selector: Selector| Register { selector, hidden: gdt[usize::from(selector.index())] };
        let null = Register { selector: Selector(0), hidden: NULL };
        self.registers = [null; 6];
        self.registers[SegReg::Cs as usize] = of(code);
        self.registers[SegReg::Ss as usize] = of(data);
        if arch == Arch::I386 {
            self.registers[SegReg::Ds as usize] = of(data);
            self.registers[SegReg::Es as usize] = of(data);
        }
        self.gdt = Rc::new(gdt);
    }

    fn fault(&self, vector: Vector, code: u32, why: Why) -> Fault {
        Fault { vector, code: (self.mode != Mode::Real).then_some(code), why }
    }

    /// What goes wrong with a stack segment has an exception of its own.
    fn fault_of(&self, reg: SegReg, code: u32, why: Why) -> Fault {
        self.fault(if reg == SegReg::Ss { Vector::Ss } else { Vector::Gp }, code, why)
    }
}

/// The processor at work.
struct Run<'a, 'o> {
    machine: &'a mut Machine,
    t: &'a mut Trace<'o>,
}

impl Run<'_, '_> {
    fn segmentation(&self) -> &Segmentation {
        self.machine.segmentation()
    }

    fn seg(&mut self) -> &mut Segmentation {
        Rc::make_mut(self.machine.segmentation.get_or_insert_with(|| Rc::new(super::switched_on().clone())))
    }

    fn tell(&mut self, step: SegmentStep) {
        self.t.emit(self.machine, StepKind::Segment(step));
    }

    fn lacks(&mut self, what: Lack) {
        let cpu = self.segmentation().cpu;
        self.tell(SegmentStep::Lacks { cpu, what });
    }

    fn fails(&mut self, fault: Fault) {
        self.seg().way.fault = Some(fault);
        self.tell(SegmentStep::Fault(fault));
    }

    fn mode(&mut self, mode: Mode) {
        let Segmentation { cpu, mode: before, cpl, .. } = *self.segmentation();
        if !cpu.has_mode(mode) {
            return self.lacks(Lack::Mode(mode));
        }
        if cpl > 0 {
            // CR0 is written by the kernel alone.
            let fault = self.segmentation().fault(Vector::Gp, 0, Why::Ring { cpl });
            return self.fails(fault);
        }
        if cpu == Cpu::I80286 && before == Mode::Protected && mode == Mode::Real {
            return self.lacks(Lack::BackToReal);
        }
        let seg = self.seg();
        // The registers keep what is hidden in them until they are loaded again.
        seg.mode = mode;
        self.tell(SegmentStep::Mode { mode });
    }

    fn write_entry(&mut self, table: Table, index: u16, descriptor: Descriptor) {
        if !self.segmentation().cpu.has_mode(Mode::Protected) {
            return self.lacks(Lack::Descriptors);
        }
        let index = index.min(8191).max(u16::from(table == Table::Gdt));
        let seg = self.seg();
        let entries = Rc::make_mut(match table {
            Table::Gdt => &mut seg.gdt,
            Table::Ldt => &mut seg.ldt,
        });
        if entries.len() <= usize::from(index) {
            entries.resize(usize::from(index) + 1, Descriptor(0));
        }
        entries[usize::from(index)] = descriptor;
        let descriptor = self.segmentation().as_read(descriptor);
        self.tell(SegmentStep::Written { table, index, descriptor });
    }

    /// The descriptor that a selector chooses: its table, its place in the table, its eight bytes.
    fn find(&mut self, reg: Option<SegReg>, selector: Selector) -> Option<Descriptor> {
        self.seg().way = Way { doing: Doing::Load { reg, selector }, ..Way::default() };
        self.tell(SegmentStep::Selected { reg, selector });
        let seg = self.segmentation();
        let table = if selector.is_local() { Table::Ldt } else { Table::Gdt };
        let code = selector.error_code();
        let Some(limit) = seg.table_limit(table) else {
            let fault = seg.fault(Vector::Gp, code, Why::NoLdt);
            self.fails(fault);
            return None;
        };
        let Some(descriptor) = seg.descriptor(selector) else {
            let fault = seg.fault(Vector::Gp, code, Why::BeyondTable { limit });
            self.fails(fault);
            return None;
        };
        self.tell(SegmentStep::InTable { selector, limit });
        self.seg().way.descriptor = Some(descriptor);
        self.tell(SegmentStep::Read { selector, descriptor });
        Some(descriptor)
    }

    fn lldt(&mut self, selector: Selector) {
        let seg = self.segmentation();
        if !seg.cpu.has_mode(Mode::Protected) {
            return self.lacks(Lack::Descriptors);
        }
        if seg.cpl > 0 {
            let fault = seg.fault(Vector::Gp, 0, Why::Ring { cpl: seg.cpl });
            self.seg().way.doing = Doing::Load { reg: None, selector };
            return self.fails(fault);
        }
        if selector.is_null() {
            let seg = self.seg();
            seg.way.doing = Doing::Load { reg: None, selector };
            seg.ldtr = Register { selector, hidden: NULL };
            return self.tell(SegmentStep::Null { reg: None });
        }
        let Some(descriptor) = self.find(None, selector) else { return };
        let code = selector.error_code();
        let seg = self.segmentation();
        let fault = match descriptor.kind() {
            _ if selector.is_local() => Some(seg.fault(Vector::Gp, code, Why::NoLdt)),
            SegmentKind::System(Descriptor::LDT) if descriptor.is_present() => None,
            SegmentKind::System(Descriptor::LDT) => Some(seg.fault(Vector::Np, code, Why::Absent)),
            _ => {
                let ty = descriptor.decode().ty;
                Some(seg.fault(Vector::Gp, code, Why::NotLdt { ty }))
            }
        };
        if let Some(fault) = fault {
            return self.fails(fault);
        }
        self.seg().ldtr = Register { selector, hidden: descriptor };
        self.tell(SegmentStep::LdtLoaded { selector, descriptor });
    }

    /// Loads a register; false: it failed, and holds what it held.
    fn load(&mut self, reg: SegReg, selector: Selector, how: How) -> bool {
        let Segmentation { cpu, mode, cpl, .. } = *self.segmentation();
        if !cpu.has_segments() {
            self.lacks(Lack::Segments);
            return false;
        }
        if !cpu.has_register(reg) {
            self.lacks(Lack::Register(reg));
            return false;
        }
        if mode == Mode::Real {
            let base = rules::real_address(selector.0, 0);
            let seg = self.seg();
            seg.way.doing = Doing::Load { reg: Some(reg), selector };
            let before = seg.registers[reg as usize].hidden;
            // The limit is the one that was loaded last, in protected mode perhaps.
            let limit = before.decode();
            let real = Descriptor::real(base);
            let hidden = if limit.limit > 0xffff || limit.pages {
                let of_real = real.decode();
                Descriptor::encode(&super::Fields { limit: limit.limit, pages: limit.pages, ..of_real })
            } else {
                real
            };
            seg.registers[reg as usize] = Register { selector, hidden };
            self.tell(SegmentStep::RealLoaded { reg, selector, base });
            return true;
        }
        if selector.is_null() {
            self.seg().way = Way { doing: Doing::Load { reg: Some(reg), selector }, ..Way::default() };
            let is_taken = match reg {
                SegReg::Cs => false,
                SegReg::Ss => mode == Mode::Long && cpl < 3 && selector.rpl() == cpl,
                _ => true,
            };
            if is_taken {
                self.seg().registers[reg as usize] = Register { selector, hidden: NULL };
                self.tell(SegmentStep::Null { reg: Some(reg) });
            } else {
                let fault = self.segmentation().fault(Vector::Gp, 0, Why::NullLoaded);
                self.fails(fault);
            }
            return is_taken;
        }
        let Some(descriptor) = self.find(Some(reg), selector) else { return false };
        let code = selector.error_code();
        if let Err(why) = rules::type_fits(reg, descriptor, mode) {
            let fault = self.segmentation().fault(Vector::Gp, code, why);
            self.fails(fault);
            return false;
        }
        self.tell(SegmentStep::Typed { reg, descriptor });
        let fits = match how {
            How::Return if reg == SegReg::Cs => rules::return_fits(selector, cpl, descriptor),
            _ => rules::privilege_fits(reg, selector, cpl, descriptor),
        };
        if let Err(why) = fits {
            let fault = self.segmentation().fault(Vector::Gp, code, why);
            self.fails(fault);
            return false;
        }
        let (rpl, dpl) = (selector.rpl(), descriptor.dpl());
        self.tell(SegmentStep::Privileged { reg, cpl, rpl, dpl });
        if !descriptor.is_present() {
            let vector = if reg == SegReg::Ss { Vector::Ss } else { Vector::Np };
            let fault = self.segmentation().fault(vector, code, Why::Absent);
            self.fails(fault);
            return false;
        }
        self.tell(SegmentStep::Present { selector });
        let used = Descriptor(descriptor.0 | Descriptor::ACCESSED);
        if used != descriptor {
            let seg = self.seg();
            let entries = Rc::make_mut(if selector.is_local() { &mut seg.ldt } else { &mut seg.gdt });
            if let Some(entry) = entries.get_mut(usize::from(selector.index())) {
                entry.0 |= Descriptor::ACCESSED;
            }
            seg.way.descriptor = Some(used);
            self.tell(SegmentStep::Accessed { selector, descriptor: used });
        }
        let seg = self.seg();
        // A far jump stays in its ring, whatever the selector says.
        let selector = match (reg, how) {
            (SegReg::Cs, How::Move) => Selector(selector.0 & !3 | u16::from(cpl)),
            _ => selector,
        };
        seg.registers[reg as usize] = Register { selector, hidden: used };
        self.tell(SegmentStep::Loaded { reg, selector, descriptor: used });
        true
    }

    /// Back to a program: its code says which ring, and its stack has to be of that ring.
    fn iret(&mut self, cs: Selector, ss: Selector) {
        let before = self.segmentation().clone();
        if !self.load(SegReg::Cs, cs, How::Return) {
            return;
        }
        if before.mode == Mode::Real {
            self.load(SegReg::Ss, ss, How::Return);
            return;
        }
        self.seg().cpl = cs.rpl();
        if !self.load(SegReg::Ss, ss, How::Return) {
            // The return did not take place: everything is as it was, but for the mark on the descriptors.
            let seg = self.seg();
            (seg.cpl, seg.registers) = (before.cpl, before.registers);
            return;
        }
        // What the outer ring must not have is taken out of its registers.
        let cpl = cs.rpl();
        let mut cleared = 0u8;
        for reg in [SegReg::Ds, SegReg::Es, SegReg::Fs, SegReg::Gs] {
            let Register { hidden, .. } = self.segmentation().register(reg);
            let conforms = matches!(hidden.kind(), SegmentKind::Code { conforming: true, .. });
            if hidden.is_present() && !conforms && hidden.dpl() < cpl {
                cleared |= 1 << reg as u8;
                self.seg().registers[reg as usize] = Register { selector: Selector(0), hidden: NULL };
            }
        }
        self.tell(SegmentStep::Returned { cpl, cleared });
    }

    fn use_memory(&mut self, access: Access, said: Option<SegReg>, offset: u64, size: u8) {
        let Segmentation { cpu, mode, .. } = *self.segmentation();
        let reg = said.unwrap_or_else(|| SegReg::usual(access));
        if !cpu.has_segments() {
            return match said {
                Some(_) => self.lacks(Lack::Segments),
                None => self.direct(access, offset, size),
            };
        }
        if !cpu.has_register(reg) {
            return self.lacks(Lack::Register(reg));
        }
        let offset = match mode {
            Mode::Long => offset,
            _ => offset & cpu.most_offset() & u64::from(u32::MAX),
        };
        self.seg().way.doing = Doing::Access { access, reg: Some(reg), offset, size };
        self.tell(SegmentStep::Access { access, reg: Some(reg), offset, size });
        match (cpu, mode) {
            (Cpu::I8086, _) => self.use_8086(reg, offset, size),
            (_, Mode::Long) => self.use_long(reg, offset, size),
            _ => self.use_segment(access, reg, offset, size),
        }
    }

    /// Without segments: the address, or the address above a base and below a bound.
    fn direct(&mut self, access: Access, offset: u64, size: u8) {
        let offset = offset & u64::from(u32::MAX);
        self.seg().way.doing = Doing::Access { access, reg: None, offset, size };
        self.tell(SegmentStep::Access { access, reg: None, offset, size });
        let Some(bounds) = self.segmentation().bounds else {
            let seg = self.seg();
            (seg.way.linear, seg.way.within) = (Some(offset), true);
            return self.reached(offset, size);
        };
        let last = offset + u64::from(size) - 1;
        let physical = u32::try_from(last).ok().and_then(|last| bounds.translate(last));
        if physical.is_none() {
            let why = Why::Bound { limit: bounds.limit };
            return self.fails(Fault { vector: Vector::Bound, code: None, why });
        }
        self.seg().way.within = true;
        self.tell(SegmentStep::InBound { offset, size, limit: bounds.limit });
        let physical = u64::from(bounds.base) + offset;
        self.seg().way.linear = Some(physical);
        self.tell(SegmentStep::Relocated { base: bounds.base, offset, physical });
        self.reached(physical, size);
    }

    /// The 8086 checks nothing: shift, add, and 20 bits of it.
    fn use_8086(&mut self, reg: SegReg, offset: u64, size: u8) {
        let segment = self.segmentation().register(reg).selector.0;
        let sum = rules::real_address(segment, offset as u16);
        let seg = self.seg();
        (seg.way.linear, seg.way.within) = (Some(u64::from(sum)), true);
        self.tell(SegmentStep::Shifted { segment, offset: offset as u16, sum });
        if offset + u64::from(size) > 0x1_0000 {
            self.tell(SegmentStep::Around { reg });
        }
        let address = rules::wrap_20(sum);
        if address != sum {
            self.seg().way.linear = Some(u64::from(address));
            self.tell(SegmentStep::Wrapped { from: sum, to: address });
        }
        self.reached(u64::from(address), size);
    }

    /// In long mode a segment begins at 0 and has no end, but for the bases of FS and GS.
    fn use_long(&mut self, reg: SegReg, offset: u64, size: u8) {
        let base = self.segmentation().long_base(reg);
        let linear = base.wrapping_add(offset);
        let step = match reg {
            SegReg::Fs | SegReg::Gs => SegmentStep::Based { reg, base, offset, linear },
            _ => SegmentStep::Flat { reg, offset },
        };
        let seg = self.seg();
        (seg.way.linear, seg.way.within) = (Some(linear), true);
        self.tell(step);
        let last = linear.wrapping_add(u64::from(size) - 1);
        let is_canonical = |address| Paging::FourLevel.is_canonical(address);
        if !is_canonical(linear) || !is_canonical(last) || last < linear {
            let seg = self.seg();
            (seg.way.linear, seg.way.within) = (None, false);
            let fault = self.segmentation().fault_of(reg, 0, Why::NotCanonical);
            return self.fails(fault);
        }
        self.tell(SegmentStep::Translated { linear });
    }

    /// From the 80286 on: what is hidden in the register decides, in real mode as well.
    fn use_segment(&mut self, access: Access, reg: SegReg, offset: u64, size: u8) {
        let Segmentation { mode, cpl, cpu, .. } = *self.segmentation();
        let Register { selector, hidden } = self.segmentation().register(reg);
        if mode == Mode::Protected {
            if let Err(why) = rules::allowed(access, hidden) {
                let fault = self.segmentation().fault(Vector::Gp, 0, why);
                return self.fails(fault);
            }
            self.tell(SegmentStep::Allowed { reg, access });
        }
        if let Err(why) = rules::within(hidden, offset, size) {
            let fault = self.segmentation().fault_of(reg, 0, why);
            return self.fails(fault);
        }
        self.seg().way.within = true;
        if let Some((low, high)) = hidden.offsets() {
            self.tell(SegmentStep::Within { reg, offset, size, low, high });
        }
        let linear = rules::linear(hidden, offset);
        self.seg().way.linear = Some(linear);
        let is_real = mode == Mode::Real && u32::from(selector.0) << 4 == hidden.base() && offset <= 0xffff;
        self.tell(match is_real {
            true => {
                let sum = rules::real_address(selector.0, offset as u16);
                SegmentStep::Shifted { segment: selector.0, offset: offset as u16, sum }
            }
            false => SegmentStep::Added { reg, base: hidden.base(), offset, linear },
        });
        if self.segmentation().paging && mode == Mode::Protected {
            return self.walk(access, linear as u32, size, cpl == 3);
        }
        // The 80286 has 24 address lines.
        let lines = if cpu == Cpu::I80286 { 0xff_ffff } else { u64::MAX };
        self.gate(linear & lines, size);
    }

    /// Through the directory and the tables, page by page.
    fn walk(&mut self, access: Access, linear: u32, size: u8, user: bool) {
        let last = linear.wrapping_add(u32::from(size) - 1);
        let pages: &[u32] = if linear >> 12 == last >> 12 { &[linear] } else { &[linear, last & !0xfff] };
        for at in pages {
            let (directory, place) = places(*at);
            let tables: &PageTables = &self.segmentation().tables;
            let (upper, entry) = (tables.directory_entry(*at), tables.table_entry(*at));
            if let Err(why) = paging::allows(upper, access, user) {
                return self.page_fault(why);
            }
            self.seg().tables.passed_directory(*at);
            let upper = self.segmentation().tables.directory_entry(*at);
            self.tell(SegmentStep::Directory { linear: *at, place: directory, entry: upper });
            if let Err(why) = paging::allows(entry, access, user) {
                return self.page_fault(why);
            }
            self.seg().tables.used(*at, access);
            let entry = self.segmentation().tables.table_entry(*at);
            self.tell(SegmentStep::Entry { linear: *at, place, entry });
            let physical = u64::from(entry & !0xfff) | u64::from(*at) & (PAGE_SIZE - 1);
            let here = if pages.len() == 1 {
                size
            } else if *at == linear {
                (0x1000 - (linear & 0xfff)) as u8
            } else {
                (last & 0xfff) as u8 + 1
            };
            self.gate(physical, here);
        }
    }

    fn page_fault(&mut self, why: Why) {
        let code = match why {
            Why::Page { present, write, user } => {
                u32::from(present) | u32::from(write) << 1 | u32::from(user) << 2
            }
            _ => 0,
        };
        // Of two pages the first one may have been there.
        self.seg().way.physical = None;
        let fault = self.segmentation().fault(Vector::Pf, code, why);
        self.fails(fault);
    }

    /// Past the gate of address line 20, out to memory.
    fn gate(&mut self, address: u64, size: u8) {
        let Segmentation { a20, mode, cpu, .. } = *self.segmentation();
        let gated = if cpu.has_gate() { rules::gate_a20(address, a20) } else { address };
        if gated != address {
            self.tell(SegmentStep::Masked { from: address, to: gated });
        } else if mode == Mode::Real && address > 0xf_ffff {
            self.tell(SegmentStep::High { address });
        }
        self.reached(gated, size);
    }

    fn reached(&mut self, address: u64, size: u8) {
        self.seg().way.physical = Some(address);
        self.tell(SegmentStep::Reached { address, size });
    }
}

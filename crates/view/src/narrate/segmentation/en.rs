//! The English sentences about segments.

use mm::config::Arch;
use mm::process::Access;
use mm::segmentation::{
    Cpu, Descriptor, Fault, Fields, Lack, Mode, SegReg, SegmentKind, SegmentOp, Table, Vector, Why,
};
use mm::step::SegmentStep;
use mm::x86::pgtable::Pte;

use super::super::told;
use super::{Told, Words, bytes_of, cleared, entry_name, hex, line_20, logical, reg_name};

fn verb(access: Access) -> &'static str {
    match access {
        Access::Read => "read",
        Access::Write => "write",
        Access::Exec => "execute",
    }
}

fn cpu_name(cpu: Cpu) -> &'static str {
    match cpu {
        Cpu::Direct => "processor without segments",
        Cpu::I8086 => "8086",
        Cpu::I80286 => "80286",
        Cpu::I80386 => "80386",
        Cpu::X86_64 => "x86-64 processor",
    }
}

fn bytes(size: u8) -> String {
    if size == 1 { "1 byte".into() } else { format!("{size} bytes") }
}

/// `data to read and write`
pub(super) fn kind(descriptor: Descriptor) -> &'static str {
    match descriptor.kind() {
        SegmentKind::Data { down: true, writable: true } => "data to write, growing down",
        SegmentKind::Data { down: true, writable: false } => "read-only data, growing down",
        SegmentKind::Data { writable: true, .. } => "data to read and write",
        SegmentKind::Data { .. } => "read-only data",
        SegmentKind::Code { conforming: true, .. } => "conforming code",
        SegmentKind::Code { readable: true, .. } => "code to execute and read",
        SegmentKind::Code { .. } => "code to execute only",
        SegmentKind::System(Descriptor::LDT) => "an LDT",
        SegmentKind::System(_) => "a system descriptor",
    }
}

fn offsets(descriptor: Descriptor) -> String {
    match descriptor.offsets() {
        Some((low, high)) => format!("offsets {low:#x} to {high:#x}"),
        None => "no offset at all".into(),
    }
}

pub(super) fn step(w: &Words, step: &SegmentStep) -> Told {
    match *step {
        SegmentStep::Cpu { cpu } => {
            let why = match cpu {
                Cpu::Direct => "An address is the address: whoever knows it can use it.",
                Cpu::I8086 => "Registers of 16 bits, 20 address lines: segments make up for the 4 bits.",
                Cpu::I80286 => "It begins in real mode, like an 8086; protected mode is new.",
                Cpu::I80386 => "It begins in real mode; 32 bits and paging are new.",
                Cpu::X86_64 => "It begins in real mode, like every one before it.",
            };
            let name = cpu_name(cpu);
            told(
                (format!("The {name} is switched on."), why),
                (format!("Switch on the {name}."), why),
                format!("the {name} is switched on"),
            )
        }
        SegmentStep::Mode { mode } => {
            let why = match mode {
                Mode::Real => "A segment register times 16 is the base again.",
                Mode::Protected => {
                    "From now on a segment register holds a selector: it chooses a descriptor."
                }
                Mode::Long => "Base and limit of CS, DS, ES and SS do not count any more.",
            };
            let name = mode.name();
            told(
                (format!("The processor is in {name} mode now."), why),
                (format!("Put the processor into {name} mode."), why),
                format!("{name} mode"),
            )
        }
        SegmentStep::A20 { open } => {
            let (is, why) = match open {
                true => ("open", "Address line 20 carries what the processor says."),
                false => {
                    ("closed", "Address line 20 stays 0, so that old programs find the wrap of the 8086.")
                }
            };
            told(
                (format!("The A20 gate is {is} now."), why),
                (format!("The A20 gate becomes {is}."), why),
                format!("the A20 gate is {is}"),
            )
        }
        SegmentStep::Relocation { bounds: Some(bounds) } => {
            let text = format!("base {}, bound {}", hex(bounds.base), hex(bounds.limit));
            let why = "Every address of the program is below the bound, and the base is added to it.";
            told(
                (format!("The program lies in one piece: {text}."), why),
                (format!("Put the program into one piece: {text}."), why),
                format!("the program has {text}"),
            )
        }
        SegmentStep::Relocation { bounds: None } => {
            let why = "An address is the address again.";
            told(
                ("Base and bound are off.", why),
                ("Switch base and bound off.", why),
                "base and bound are off",
            )
        }
        SegmentStep::Lacks { cpu, what } => {
            let has = lack(what);
            let text = format!("The {} has no {has}: nothing happened.", cpu_name(cpu));
            let next = format!("Nothing can happen: the {} has no {has}.", cpu_name(cpu));
            let why = "A later processor has it.";
            told((text, why), (next, why), format!("the {} has no {has}", cpu_name(cpu)))
        }
        SegmentStep::Written { table, index, descriptor } => {
            let table = if table == Table::Gdt { "GDT" } else { "LDT" };
            let what = format!("{}, base {}", kind(descriptor), hex(descriptor.base()));
            let raw = bytes_of(descriptor);
            let size = if w.is_full() { format!(", {}", offsets(descriptor)) } else { String::new() };
            told(
                (format!("{table} {index} is {what}{size}."), format!("Its bytes: {raw}.")),
                (format!("Write {table} {index}: {what}{size}."), format!("Its bytes: {raw}.")),
                format!("{table} {index} is {what}"),
            )
        }
        SegmentStep::Linux { arch } => {
            let (name, why) = match arch {
                Arch::I386 => {
                    ("i386", "Four segments, all from 0 to 4 GiB: they tell rings apart, nothing else.")
                }
                Arch::X86_64 => {
                    ("x86-64", "Base and limit do not count here: CS says the ring and the 64 bits.")
                }
            };
            told(
                (format!("A program runs under Linux on {name}, in ring 3."), why),
                (format!("A program runs under Linux on {name}, in ring 3."), why),
                format!("Linux on {name} has set up its segments"),
            )
        }
        SegmentStep::Mapped { linear, entry, new_table, .. } => {
            let pte = Pte(u64::from(entry));
            if !pte.has(Pte::PRESENT) {
                let why = "An access there is a page fault from now on.";
                return told(
                    (format!("No page is at {} any more.", hex(linear)), why),
                    (format!("Take the page at {} away.", hex(linear)), why),
                    format!("no page at {}", hex(linear)),
                );
            }
            let who = if pte.has(Pte::USER) { "for programs" } else { "for the kernel" };
            let may = if pte.has(Pte::RW) { "to read and write" } else { "to read" };
            let frame = hex(entry & !0xfff);
            let why = match new_table {
                true => "A page table was made for it.",
                false => "Its page table was there already.",
            };
            told(
                (format!("The page at {} is the frame at {frame}: {may}, {who}.", hex(linear)), why),
                (format!("Map the page at {} to the frame at {frame}: {may}, {who}.", hex(linear)), why),
                format!("page {} → frame {frame}", hex(linear)),
            )
        }
        SegmentStep::Paging { on: true } => {
            let why = "What segments make is a linear address: directory and table lead on from it.";
            told(("Paging is on.", why), ("Switch paging on.", why), "paging is on")
        }
        SegmentStep::Paging { on: false } => {
            let why = "A linear address is the physical one again.";
            told(("Paging is off.", why), ("Switch paging off.", why), "paging is off")
        }
        SegmentStep::Base { reg, base } => {
            let reg = reg_name(reg);
            let why = "It is a register of its own (MSR): memory of a thread or of a CPU begins there.";
            told(
                (format!("{reg} begins at {} now.", hex(base)), why),
                (format!("Let {reg} begin at {}.", hex(base)), why),
                format!("{reg} begins at {}", hex(base)),
            )
        }
        SegmentStep::Selected { reg, selector } => {
            let reg = reg.map_or("LDTR".into(), reg_name);
            let table = if selector.is_local() { "the LDT" } else { "the GDT" };
            let (index, ti, rpl) = (selector.index(), u8::from(selector.is_local()), selector.rpl());
            let why = format!("Index {index}, TI {ti}: {table}, RPL {rpl}.");
            told(
                (format!("The selector for {reg}, {selector}, was taken apart."), why.clone()),
                (format!("Take the selector for {reg} apart: {selector}."), why),
                format!("{selector} is index {index} of {table}, RPL {rpl}"),
            )
        }
        SegmentStep::Null { reg } => {
            let reg = reg.map_or("LDTR".into(), reg_name);
            let why = "That is allowed; only using the segment would be a fault.";
            told(
                (format!("{reg} holds the null selector now."), why),
                (format!("Load {reg} with the null selector."), why),
                format!("{reg} is null"),
            )
        }
        SegmentStep::InTable { selector, limit } => {
            let last = u32::from(selector.index()) * 8 + 7;
            let why = format!("Its last byte is {last}, the table's limit {limit}.");
            let entry = entry_name(selector);
            told(
                (format!("{entry} lies inside its table."), why.clone()),
                (format!("Check that {entry} lies inside its table."), why),
                format!("{entry} lies inside its table"),
            )
        }
        SegmentStep::Read { selector, descriptor } => {
            let entry = entry_name(selector);
            let what =
                format!("Base {}, {}: {}.", hex(descriptor.base()), offsets(descriptor), kind(descriptor));
            let raw = bytes_of(descriptor);
            told(
                (format!("{entry} was read: {raw}."), what.clone()),
                (format!("Read {entry}: {raw}."), what),
                format!("{entry} is {raw}"),
            )
        }
        SegmentStep::Typed { reg, descriptor } => {
            let (name, is) = (reg_name(reg), kind(descriptor));
            let why = match reg {
                SegReg::Cs => "CS takes code.",
                SegReg::Ss => "SS takes data that can be written to.",
                _ => "It takes whatever can be read.",
            };
            told(
                (format!("The kind fits {name}: {is}."), why),
                (format!("See whether the kind fits {name}: {is}."), why),
                format!("{is} fits {name}"),
            )
        }
        SegmentStep::Privileged { reg, cpl, rpl, dpl } => {
            let why = match reg {
                SegReg::Cs => "Code runs in its own ring.",
                SegReg::Ss => "The stack is of the ring that runs: all three are equal.",
                _ => "Neither CPL nor RPL is above DPL.",
            };
            told(
                (format!("The rings fit: CPL {cpl}, RPL {rpl}, DPL {dpl}."), why),
                (format!("Compare the rings: CPL {cpl}, RPL {rpl}, DPL {dpl}."), why),
                format!("CPL {cpl}, RPL {rpl}, DPL {dpl} fit"),
            )
        }
        SegmentStep::Present { selector } => {
            let entry = entry_name(selector);
            let why = "With P clear the system could bring the segment in first.";
            told(
                (format!("P is set: the segment of {entry} is in memory."), why),
                (format!("See whether the segment of {entry} is in memory: P is set."), why),
                format!("{entry} is present"),
            )
        }
        SegmentStep::Accessed { selector, .. } => {
            let entry = entry_name(selector);
            let why = "So the system can see which segments are in use.";
            told(
                (format!("The processor set the accessed bit in {entry}."), why),
                (format!("Set the accessed bit in {entry}."), why),
                format!("{entry} is marked as accessed"),
            )
        }
        SegmentStep::Loaded { reg, selector, descriptor } => {
            let name = reg_name(reg);
            let (base, limit) = (hex(descriptor.base()), hex(descriptor.limit()));
            let why = "The hidden part is a copy: the table is not read again until the next load.";
            told(
                (format!("{name} = {selector}, and hidden in it base {base}, limit {limit}."), why),
                (format!("Load {name} with {selector}; hidden in it base {base}, limit {limit}."), why),
                format!("{name} is loaded: base {base}, limit {limit}"),
            )
        }
        SegmentStep::RealLoaded { reg, selector, base } => {
            let name = reg_name(reg);
            let why = "Times 16: nothing is looked up and nothing is checked.";
            told(
                (format!("{name} = {selector}: the segment begins at {}.", hex(base)), why),
                (format!("Load {name} with {selector}: the segment begins at {}.", hex(base)), why),
                format!("{name} is {selector}, base {}", hex(base)),
            )
        }
        SegmentStep::LdtLoaded { selector, descriptor } => {
            let text = format!("base {}, limit {}", hex(descriptor.base()), hex(descriptor.limit()));
            let why = "It is a segment itself, and the GDT says where it lies.";
            told(
                (format!("The LDT is that of {}: {text}.", entry_name(selector)), why),
                (format!("Take {} as the LDT: {text}.", entry_name(selector)), why),
                format!("the LDT has {text}"),
            )
        }
        SegmentStep::Returned { cpl, cleared: mask } => {
            let cleared = cleared(mask);
            let why = match cleared.is_empty() {
                true => "It cannot get back by a jump: only an interrupt or a gate leads inwards.".into(),
                false => format!("Taken from it: {}, which held data of an inner ring.", cleared.join(", ")),
            };
            told(
                (format!("Ring {cpl} runs now."), why.clone()),
                (format!("Let ring {cpl} run."), why),
                format!("ring {cpl} runs"),
            )
        }
        SegmentStep::Access { access, reg, offset, size } => {
            let (at, verb, size) = (logical(reg, offset), verb(access), bytes(size));
            let why = match reg {
                Some(_) => "A logical address: a segment register and an offset.",
                None => "The program says one number.",
            };
            told(
                (format!("The program wants to {verb} {size} at {at}."), why),
                (format!("The program wants to {verb} {size} at {at}."), why),
                format!("{verb} {size} at {at}"),
            )
        }
        SegmentStep::Allowed { reg, access } => {
            let (name, verb) = (reg_name(reg), verb(access));
            let why = "What is hidden in the register says so; no table is read.";
            told(
                (format!("The segment in {name} lets the program {verb}."), why),
                (format!("See whether {name} lets the program {verb}."), why),
                format!("{name} allows it"),
            )
        }
        SegmentStep::Within { reg, offset, size, low, high } => {
            let last = offset + u64::from(size) - 1;
            let what = match size {
                1 => format!("offset {} is", hex(offset)),
                _ => format!("offsets {} to {} are", hex(offset), hex(last)),
            };
            let why = format!("{} may be used from {low:#x} to {high:#x}, both included.", reg_name(reg));
            told(
                (format!("Inside the limit: {what} in the segment."), why.clone()),
                (format!("Check the limit: {what} in the segment."), why),
                format!("{what} inside the limit"),
            )
        }
        SegmentStep::Added { base, offset, linear, .. } => {
            let why = match base {
                0 => "The base is 0: the offset is the linear address.",
                _ => "The program never sees this number.",
            };
            let sum = format!("{} + {} = {}", hex(base), hex(offset), hex(linear));
            told(
                (format!("Base plus offset: {sum}, the linear address."), why),
                (format!("Add the base: {sum}, the linear address."), why),
                format!("{sum} is the linear address"),
            )
        }
        SegmentStep::Shifted { segment, offset, sum } => {
            let text = format!("{} × 16 + {} = {}", hex(segment), hex(offset), hex(sum));
            let why = match sum {
                0..=0xf_ffff => "Other segments with other offsets make the same sum.",
                _ => "That needs 21 bits.",
            };
            told(
                (format!("Segment times 16 plus offset: {text}."), why),
                (format!("Shift the segment by 4 bits and add: {text}."), why),
                text,
            )
        }
        SegmentStep::Around { reg } => {
            let why = "The 8086 has no limit to check: offsets go round.";
            told(
                (format!("The last byte of {} was passed: the rest is at offset 0.", reg_name(reg)), why),
                (format!("Go on at offset 0 of {}.", reg_name(reg)), why),
                format!("the rest comes from offset 0 of {}", reg_name(reg)),
            )
        }
        SegmentStep::Wrapped { from, to } => {
            let why = "The 8086 has address lines 0 to 19: bit 20 goes nowhere.";
            told(
                (format!("Wrapped at 1 MiB: {} became {}.", line_20(from), line_20(to)), why),
                (format!("Wrap at 1 MiB: {} becomes {}.", line_20(from), line_20(to)), why),
                format!("{} wraps to {}", line_20(from), line_20(to)),
            )
        }
        SegmentStep::Masked { from, to } => {
            let why = "The A20 gate is closed: address line 20 stays 0.";
            told(
                (format!("{} became {}.", line_20(from), line_20(to)), why),
                (format!("{} becomes {}.", line_20(from), line_20(to)), why),
                format!("A20: {} → {}", line_20(from), line_20(to)),
            )
        }
        SegmentStep::High { address } => {
            let why = "With the A20 gate open real mode reaches 65,520 bytes beyond 1 MiB (the HMA).";
            told(
                (format!("{} lies above 1 MiB, and stays there.", hex(address)), why),
                (format!("Let {} stay above 1 MiB.", hex(address)), why),
                format!("{} is in the HMA", hex(address)),
            )
        }
        SegmentStep::Flat { reg, offset } => {
            let why = "Base and limit in the descriptor are not even looked at.";
            told(
                (format!("{} counts as 0: {} is the linear address.", reg_name(reg), hex(offset)), why),
                (format!("Take {} as 0: {} is the linear address.", reg_name(reg), hex(offset)), why),
                format!("{} counts as 0", reg_name(reg)),
            )
        }
        SegmentStep::Based { reg, base, offset, linear } => {
            let why = "The bases of FS and GS are the two that still count.";
            let sum = format!("{} + {} = {}", hex(base), hex(offset), hex(linear));
            told(
                (format!("{} has a base: {sum}.", reg_name(reg)), why),
                (format!("Add the base of {}: {sum}.", reg_name(reg)), why),
                sum,
            )
        }
        SegmentStep::Translated { linear } => {
            let why = "That is paging's part: four tables translate it, and no segment has a say in it.";
            told(
                (format!("{} went on to the page tables.", hex(linear)), why),
                (format!("Hand {} on to the page tables.", hex(linear)), why),
                format!("{} goes to the page tables", hex(linear)),
            )
        }
        SegmentStep::InBound { offset, limit, .. } => {
            let text = format!("{} is below the bound, {}", hex(offset), hex(limit));
            told(
                (format!("{text}."), "The bound is the first address that is too large."),
                (format!("Check the bound: {text}."), "The bound is the first address that is too large."),
                text,
            )
        }
        SegmentStep::Relocated { base, offset, physical } => {
            let sum = format!("{} + {} = {}", hex(base), hex(offset), hex(physical));
            let why = "Move the program, change the base, and it does not notice.";
            told((format!("Base plus address: {sum}."), why), (format!("Add the base: {sum}."), why), sum)
        }
        SegmentStep::Directory { linear, place, entry } => {
            let text = format!("entry {place} of the page directory is {entry:#010x}");
            let why = format!("The upper ten bits of {} choose it.", hex(linear));
            told(
                (format!("Found: {text}."), why.clone()),
                (format!("Look up bits 31 to 22: {text}."), why),
                text,
            )
        }
        SegmentStep::Entry { linear, place, entry } => {
            let text = format!("entry {place} of the page table is {entry:#010x}");
            let why = format!("The next ten bits of {} choose it; the lower twelve stay.", hex(linear));
            told(
                (format!("Found: {text}."), why.clone()),
                (format!("Look up bits 21 to 12: {text}."), why),
                text,
            )
        }
        SegmentStep::Reached { address, size } => {
            let text = format!("{} at physical address {}", bytes(size), hex(address));
            let why = "This is what goes out to memory.";
            told(
                (format!("The access reached {text}."), why),
                (format!("Reach {text}."), why),
                format!("reached {text}"),
            )
        }
        SegmentStep::Fault(fault) => failed(fault),
    }
}

fn lack(what: Lack) -> String {
    match what {
        Lack::Segments => "segment registers".into(),
        Lack::Register(reg) => format!("register {}", reg_name(reg)),
        Lack::Mode(mode) => format!("{} mode", mode.name()),
        Lack::BackToReal => "way back to real mode but a reset".into(),
        Lack::Gate => "gate at address line 20".into(),
        Lack::Descriptors => "descriptors".into(),
        Lack::Paging => "page tables of two levels".into(),
        Lack::Bases => "bases besides those in descriptors".into(),
        Lack::Relocation => "single base and bound".into(),
    }
}

/// `#GP(0x0018)`
pub(super) fn exception(fault: Fault) -> String {
    match fault.code {
        Some(code) => format!("{}({code:#x})", fault.vector.name()),
        None if fault.vector == Vector::Bound => "A trap".into(),
        None => format!("{}, interrupt {}", fault.vector.name(), fault.vector.number()),
    }
}

fn failed(fault: Fault) -> Told {
    let name = exception(fault);
    let (what, why) = match fault.why {
        Why::NullLoaded => ("the null selector".into(), "CS and SS have to have a segment."),
        Why::NullUsed => {
            ("the register holds the null selector".into(), "It may be loaded with it, but not used.")
        }
        Why::NoLdt => ("there is no LDT".into(), "TI is set, and LDTR holds nothing."),
        Why::BeyondTable { limit } => (
            format!("the entry lies beyond the table's limit, {limit}"),
            "The error code is the selector without its RPL.",
        ),
        Why::System { .. } => {
            ("a system descriptor, no segment".into(), "S is clear: neither code nor data.")
        }
        Why::NotCode => ("CS takes code only".into(), "Data cannot be executed by jumping there."),
        Why::LongAndBig => ("L and D are both set".into(), "Code has either 64 bits or 32."),
        Why::StackNotWritable => ("SS takes data that can be written to".into(), "A stack is pushed to."),
        Why::NotReadable => ("the code may only be executed".into(), "R is clear in its descriptor."),
        Why::NotLdt { .. } => ("it is not the descriptor of an LDT".into(), "LDTR takes type 2 only."),
        Why::Ring { cpl } => (format!("ring {cpl} may not"), "Only ring 0 chooses tables and modes."),
        Why::Privilege { cpl, rpl, dpl } => (
            format!("the rings do not fit: CPL {cpl}, RPL {rpl}, DPL {dpl}"),
            "Data: neither CPL nor RPL above DPL; stack and code: all equal.",
        ),
        Why::Absent => ("P is clear".into(), "The system may bring the segment in and try again."),
        Why::ReadOnly => ("the data may only be read".into(), "W is clear in its descriptor."),
        Why::CodeWritten => ("code is never written to".into(), "Another segment over the same bytes could."),
        Why::Limit { offset, size, offsets } => {
            let last = offset.saturating_add(u64::from(size) - 1);
            let may = match offsets {
                Some((low, high)) => format!("{low:#x} to {high:#x}"),
                None => "none".into(),
            };
            let text = match size {
                1 => format!("offset {} is outside: {may}", hex(offset)),
                _ => format!("offsets {} to {} are not all in {may}", hex(offset), hex(last)),
            };
            (text, "The memory is not even looked at.")
        }
        Why::NotCanonical => ("the address is not canonical".into(), "Bits 63 to 48 have to repeat bit 47."),
        Why::Page { present: false, .. } => {
            ("no page is there".into(), "Segments let it pass: paging is what protects.")
        }
        Why::Page { write: true, .. } => ("the page may only be read".into(), "R/W is clear in its entry."),
        Why::Page { .. } => {
            ("the page is the kernel's".into(), "U/S is clear: segments let it pass, the page does not.")
        }
        Why::Bound { limit } => {
            (format!("the address is not below the bound, {}", hex(limit)), "The program ends there.")
        }
    };
    told(
        (format!("{name}: {what}."), why),
        (format!("{name} comes: {what}."), why),
        format!("{name}: {what}"),
    )
}

pub(super) fn op_text(op: &SegmentOp) -> String {
    match *op {
        SegmentOp::Cpu(cpu) => format!("switches on the {}", cpu_name(cpu)),
        SegmentOp::Mode(mode) => format!("goes to {} mode", mode.name()),
        SegmentOp::A20(true) => "opens the A20 gate".into(),
        SegmentOp::A20(false) => "closes the A20 gate".into(),
        SegmentOp::Relocation(Some(_)) => "puts the program into one piece".into(),
        SegmentOp::Relocation(None) => "switches base and bound off".into(),
        SegmentOp::Write { descriptor, .. } => {
            let Fields { dpl, .. } = descriptor.decode();
            format!("{}, ring {dpl}", kind(descriptor))
        }
        SegmentOp::Lldt(_) => "chooses the LDT".into(),
        SegmentOp::Load { reg: SegReg::Cs, .. } => "jumps to other code".into(),
        SegmentOp::Load { reg, .. } => format!("loads {}", reg_name(reg)),
        SegmentOp::Return { .. } => "returns to an outer ring".into(),
        SegmentOp::Linux(Arch::I386) => "a program under Linux on i386".into(),
        SegmentOp::Linux(Arch::X86_64) => "a program under Linux on x86-64".into(),
        SegmentOp::Page { frame: Some(_), .. } => "maps a page to a frame".into(),
        SegmentOp::Page { frame: None, .. } => "takes a page away".into(),
        SegmentOp::Paging(true) => "switches paging on".into(),
        SegmentOp::Paging(false) => "switches paging off".into(),
        SegmentOp::Base { reg, .. } => format!("sets the base of {}", reg_name(reg)),
        SegmentOp::Access { access, size, .. } => format!("{}s {}", verb(access), bytes(size)),
    }
}

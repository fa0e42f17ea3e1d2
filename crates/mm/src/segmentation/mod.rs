//! Segmentation: how an address got to memory before paging, and what of it is left beside paging.
//!
//! - `descriptor`: selectors and the eight bytes of a descriptor;
//! - `rules`: what the processor decides about them;
//! - `books`: a base and a bound, without descriptors;
//! - `linux`: the segments that Linux sets up (arch/x86/kernel/cpu/common.c);
//! - `paging`: a page directory with its tables, for what comes behind segments;
//! - `machine`: the ops.
//!
//! It is a processor and tables of its own: nothing here takes a frame of the machine.

mod books;
mod check;
mod descriptor;
mod linux;
pub(crate) mod machine;
mod paging;
pub mod rules;

pub use books::{Bounds, TwoParts};
pub use descriptor::{Descriptor, Fields, SegmentKind, Selector};
pub use linux::{Entry, entries as linux_entries, of_programs, table_len};
pub use paging::{CR3, PageTable, PageTables, Rights, places};

use std::fmt;
use std::rc::Rc;

use crate::config::Arch;
use crate::hash::Digest;
use crate::process::Access;

/// A processor.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub enum Cpu {
    /// One without segments: an address is the address, or lies in one piece of memory with a base and a bound.
    Direct,
    /// 16 bits, 20 address lines, real mode only.
    I8086,
    /// Protected mode with 24 bits of base and 16 of limit.
    I80286,
    /// 32 bits, and paging.
    #[default]
    I80386,
    /// Long mode: all but FS and GS begin at 0.
    X86_64,
}

impl Cpu {
    /// All of them.
    pub const ALL: [Cpu; 5] = [Cpu::Direct, Cpu::I8086, Cpu::I80286, Cpu::I80386, Cpu::X86_64];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Cpu::Direct => "direct",
            Cpu::I8086 => "8086",
            Cpu::I80286 => "80286",
            Cpu::I80386 => "80386",
            Cpu::X86_64 => "x86_64",
        }
    }

    /// Whether it has segment registers at all.
    #[must_use]
    pub fn has_segments(self) -> bool {
        self != Cpu::Direct
    }

    /// Whether it has this register: FS and GS came with the 80386.
    #[must_use]
    pub fn has_register(self, reg: SegReg) -> bool {
        self.has_segments() && (self >= Cpu::I80386 || !matches!(reg, SegReg::Fs | SegReg::Gs))
    }

    /// Whether it can be put into this mode.
    #[must_use]
    pub fn has_mode(self, mode: Mode) -> bool {
        match mode {
            Mode::Real => self.has_segments(),
            Mode::Protected => self >= Cpu::I80286,
            Mode::Long => self == Cpu::X86_64,
        }
    }

    /// Whether address line 20 has a gate.
    #[must_use]
    pub fn has_gate(self) -> bool {
        self >= Cpu::I80286
    }

    /// The largest offset that its registers hold.
    #[must_use]
    pub fn most_offset(self) -> u64 {
        match self {
            Cpu::I8086 | Cpu::I80286 => 0xffff,
            Cpu::Direct | Cpu::I80386 => u64::from(u32::MAX),
            Cpu::X86_64 => u64::MAX,
        }
    }

    /// The most bytes that one access of it moves.
    #[must_use]
    pub fn most_bytes(self) -> u8 {
        match self {
            Cpu::I8086 | Cpu::I80286 => 2,
            Cpu::Direct | Cpu::I80386 => 4,
            Cpu::X86_64 => 8,
        }
    }
}

/// How the processor understands a segment register.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub enum Mode {
    /// Its number times 16 is where the segment begins.
    #[default]
    Real,
    /// It chooses a descriptor.
    Protected,
    /// The same, but base and limit are left out of account.
    Long,
}

impl Mode {
    /// All of them.
    pub const ALL: [Mode; 3] = [Mode::Real, Mode::Protected, Mode::Long];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Mode::Real => "real",
            Mode::Protected => "protected",
            Mode::Long => "long",
        }
    }
}

/// A segment register.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum SegReg {
    /// Code.
    Cs,
    /// Data, if nothing else is said.
    Ds,
    /// More data.
    Es,
    /// The stack.
    Ss,
    /// More data, since the 80386.
    Fs,
    /// More data, since the 80386.
    Gs,
}

impl SegReg {
    /// All of them.
    pub const ALL: [SegReg; 6] = [SegReg::Cs, SegReg::Ds, SegReg::Es, SegReg::Ss, SegReg::Fs, SegReg::Gs];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            SegReg::Cs => "cs",
            SegReg::Ds => "ds",
            SegReg::Es => "es",
            SegReg::Ss => "ss",
            SegReg::Fs => "fs",
            SegReg::Gs => "gs",
        }
    }

    /// The one that an access uses when none is said.
    #[must_use]
    pub fn usual(access: Access) -> SegReg {
        if access == Access::Exec { SegReg::Cs } else { SegReg::Ds }
    }
}

/// A table of descriptors.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Table {
    /// The one of all.
    Gdt,
    /// That of a task, if it has one.
    Ldt,
}

/// An op of segmentation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SegmentOp {
    /// `cpu 80386`: this processor, just switched on, its tables empty.
    Cpu(Cpu),
    /// `mode protected`
    Mode(Mode),
    /// `a20 off`
    A20(bool),
    /// `relocation base=12418 limit=472`, `relocation off`
    Relocation(Option<Bounds>),
    /// `gdt 3 data base=1M limit=0xffff dpl=3`
    Write {
        /// Into which table.
        table: Table,
        /// 1 to 8191; in an LDT from 0.
        index: u16,
        /// What.
        descriptor: Descriptor,
    },
    /// `lldt 0x28`: where the LDT lies, the GDT says.
    Lldt(Selector),
    /// `load ds 0x1b`; CS by a far jump.
    Load {
        /// Which register.
        reg: SegReg,
        /// What goes into it.
        selector: Selector,
    },
    /// `iret cs=0x1b ss=0x23`: back to where the program was, in an outer ring.
    Return {
        /// Its code.
        cs: Selector,
        /// Its stack.
        ss: Selector,
    },
    /// `linux i386`: a program runs under Linux 6.1.
    Linux(Arch),
    /// `page 0x8048000 0x345000 r user`, `page 0x8048000 absent`
    Page {
        /// The linear address.
        linear: u32,
        /// The physical address of the frame, and what may be done with it; none: nothing is there.
        frame: Option<(u32, Rights)>,
    },
    /// `paging on`
    Paging(bool),
    /// `fs_base 0x7ffff7d8a740`: FS or GS begins there in long mode.
    Base {
        /// FS or GS.
        reg: SegReg,
        /// Where.
        base: u64,
    },
    /// `read ds:0x5678 size=4`
    Access {
        /// What it does.
        access: Access,
        /// Through which register; none: the usual one.
        reg: Option<SegReg>,
        /// Where in the segment.
        offset: u64,
        /// 1, 2, 4 or 8 bytes.
        size: u8,
    },
}

/// What a processor does not have.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Lack {
    /// Segment registers.
    Segments,
    /// This segment register.
    Register(SegReg),
    /// This mode.
    Mode(Mode),
    /// A way back to real mode but a reset.
    BackToReal,
    /// A gate at address line 20.
    Gate,
    /// Descriptors.
    Descriptors,
    /// Paging of two levels.
    Paging,
    /// Bases of FS and GS that are no part of a descriptor.
    Bases,
    /// A base and a bound for all of a program, in place of segments.
    Relocation,
}

/// An exception.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Vector {
    /// 11, segment not present.
    Np,
    /// 12, of the stack segment.
    Ss,
    /// 13, general protection.
    Gp,
    /// 14, page fault.
    Pf,
    /// A trap of a processor without segments: beyond the bound.
    Bound,
}

impl Vector {
    /// As the manuals write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Vector::Np => "#NP",
            Vector::Ss => "#SS",
            Vector::Gp => "#GP",
            Vector::Pf => "#PF",
            Vector::Bound => "trap",
        }
    }

    /// Its number.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Vector::Np => 11,
            Vector::Ss => 12,
            Vector::Gp => 13,
            Vector::Pf => 14,
            Vector::Bound => 0,
        }
    }
}

/// Why the processor does not get on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Why {
    /// CS and SS take no null selector.
    NullLoaded,
    /// The register holds the null selector.
    NullUsed,
    /// There is no LDT.
    NoLdt,
    /// The entry lies beyond the end of the table.
    BeyondTable {
        /// The largest byte offset of the table.
        limit: u32,
    },
    /// The descriptor is of no segment.
    System {
        /// Its type.
        ty: u8,
    },
    /// CS takes code only.
    NotCode,
    /// Code with L and D both set is reserved.
    LongAndBig,
    /// SS takes data that can be written to.
    StackNotWritable,
    /// Code that may only be executed.
    NotReadable,
    /// LDTR takes the descriptor of an LDT.
    NotLdt {
        /// Its type.
        ty: u8,
    },
    /// Only the innermost ring may.
    Ring {
        /// The ring.
        cpl: u8,
    },
    /// The rings do not fit.
    Privilege {
        /// The ring the processor is in.
        cpl: u8,
        /// The one in the selector.
        rpl: u8,
        /// The one in the descriptor.
        dpl: u8,
    },
    /// P is clear.
    Absent,
    /// Data that may only be read.
    ReadOnly,
    /// Code cannot be written to.
    CodeWritten,
    /// Not all bytes are inside the segment.
    Limit {
        /// The first one.
        offset: u64,
        /// How many.
        size: u8,
        /// The smallest and the largest offset that may be used.
        offsets: Option<(u32, u32)>,
    },
    /// The upper bits do not repeat the highest one that is translated.
    NotCanonical,
    /// No page, or not for this.
    Page {
        /// There is an entry that says present.
        present: bool,
        /// It was to be written.
        write: bool,
        /// By a program.
        user: bool,
    },
    /// Beyond the bound of the program.
    Bound {
        /// How many bytes it has.
        limit: u32,
    },
}

/// An exception with what goes with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Fault {
    /// Which.
    pub vector: Vector,
    /// What the processor pushes with it; in real mode it pushes nothing.
    pub code: Option<u32>,
    /// Why.
    pub why: Why,
}

/// A segment register: what a program sees of it, and what it does not.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Register {
    /// The part that a program sees.
    pub selector: Selector,
    /// The hidden part: a copy of the descriptor, made when the register was loaded. Not present after a null selector.
    pub hidden: Descriptor,
}

/// What is being done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub enum Doing {
    /// Nothing with addresses.
    #[default]
    Nothing,
    /// A register is loaded; none: the one of the LDT.
    Load {
        /// Which.
        reg: Option<SegReg>,
        /// What goes into it.
        selector: Selector,
    },
    /// Memory is used.
    Access {
        /// How.
        access: Access,
        /// Through which register; none on a processor that has none.
        reg: Option<SegReg>,
        /// Where in the segment.
        offset: u64,
        /// How many bytes.
        size: u8,
    },
}

/// How far the last load or access has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub struct Way {
    /// What it is.
    pub doing: Doing,
    /// The descriptor that was read for it.
    pub descriptor: Option<Descriptor>,
    /// The offset is inside the segment.
    pub within: bool,
    /// The linear address, once it is known.
    pub linear: Option<u64>,
    /// The physical address, once it is known.
    pub physical: Option<u64>,
    /// How it failed.
    pub fault: Option<Fault>,
}

/// A processor with its segments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Segmentation {
    cpu: Cpu,
    mode: Mode,
    a20: bool,
    /// The ring.
    cpl: u8,
    bounds: Option<Bounds>,
    gdt: Rc<Vec<Descriptor>>,
    ldt: Rc<Vec<Descriptor>>,
    ldtr: Register,
    registers: [Register; 6],
    /// Of FS and GS, in long mode.
    bases: [u64; 2],
    paging: bool,
    tables: PageTables,
    way: Way,
    /// Some op was about it.
    is_used: bool,
}

thread_local! {
    static SWITCHED_ON: &'static Segmentation = {
        let reset = Segmentation::reset(Cpu::default());
        Box::leak(Box::new(Segmentation { is_used: false, ..reset }))
    };
}

/// A processor that no op was about yet.
pub(crate) fn switched_on() -> &'static Segmentation {
    SWITCHED_ON.with(|reset| *reset)
}

impl Segmentation {
    /// A processor that was just switched on.
    pub(crate) fn reset(cpu: Cpu) -> Segmentation {
        let register = Register { selector: Selector(0), hidden: Descriptor::real(0) };
        Segmentation {
            cpu,
            mode: Mode::Real,
            a20: true,
            cpl: 0,
            bounds: None,
            gdt: Rc::new(vec![Descriptor(0)]),
            ldt: Rc::default(),
            ldtr: Register { selector: Selector(0), hidden: Descriptor(0) },
            registers: [register; 6],
            bases: [0; 2],
            paging: false,
            tables: PageTables::default(),
            way: Way::default(),
            is_used: true,
        }
    }

    /// Whether no op was about it yet.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        !self.is_used
    }

    /// The processor.
    #[must_use]
    pub fn cpu(&self) -> Cpu {
        self.cpu
    }

    /// Its mode.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether address line 20 does as the processor says.
    #[must_use]
    pub fn a20(&self) -> bool {
        self.a20
    }

    /// The ring: 0 is the kernel, 3 are programs.
    #[must_use]
    pub fn cpl(&self) -> u8 {
        self.cpl
    }

    /// The base and the bound of the program, on a processor without segments.
    #[must_use]
    pub fn bounds(&self) -> Option<Bounds> {
        self.bounds
    }

    /// The entries of a table; the first one of the GDT is never used.
    #[must_use]
    pub fn table(&self, table: Table) -> &[Descriptor] {
        match table {
            Table::Gdt => &self.gdt,
            Table::Ldt => &self.ldt,
        }
    }

    /// The register that says which descriptor of the GDT is that of the LDT.
    #[must_use]
    pub fn ldtr(&self) -> Register {
        self.ldtr
    }

    /// A segment register.
    #[must_use]
    pub fn register(&self, reg: SegReg) -> Register {
        self.registers[reg as usize]
    }

    /// Where FS or GS begins in long mode; 0 for the others.
    #[must_use]
    pub fn long_base(&self, reg: SegReg) -> u64 {
        match reg {
            SegReg::Fs => self.bases[0],
            SegReg::Gs => self.bases[1],
            _ => 0,
        }
    }

    /// Whether linear addresses go through the page tables.
    #[must_use]
    pub fn paging(&self) -> bool {
        self.paging
    }

    /// The page tables.
    #[must_use]
    pub fn page_tables(&self) -> &PageTables {
        &self.tables
    }

    /// How far the last load or access has come.
    #[must_use]
    pub fn way(&self) -> &Way {
        &self.way
    }

    /// The largest byte offset of a table: eight bytes an entry. None: there is no such table.
    #[must_use]
    pub fn table_limit(&self, table: Table) -> Option<u32> {
        match table {
            Table::Gdt => Some(self.gdt.len() as u32 * 8 - 1),
            Table::Ldt => self.ldtr.hidden.is_present().then(|| self.ldtr.hidden.limit()),
        }
    }

    /// The descriptor that a selector chooses, as this processor reads it; zeros where nothing was written. None: the
    /// entry is beyond the table.
    #[must_use]
    pub fn descriptor(&self, selector: Selector) -> Option<Descriptor> {
        let table = if selector.is_local() { Table::Ldt } else { Table::Gdt };
        let last = u32::from(selector.index()) * 8 + 7;
        if last > self.table_limit(table)? {
            return None;
        }
        let entry = self.table(table).get(usize::from(selector.index())).copied().unwrap_or_default();
        Some(self.as_read(entry))
    }

    /// The same eight bytes mean less to the 80286.
    #[must_use]
    pub fn as_read(&self, descriptor: Descriptor) -> Descriptor {
        if self.cpu == Cpu::I80286 { descriptor.of_80286() } else { descriptor }
    }

    /// The digest of all of it.
    pub(crate) fn digest_of(&self) -> u64 {
        let Segmentation {
            cpu,
            mode,
            a20,
            cpl,
            bounds,
            gdt,
            ldt,
            ldtr,
            registers,
            bases,
            paging,
            tables,
            way,
            is_used,
        } = self;
        let mut d = Digest::default();
        let flags = u64::from(*a20) | u64::from(*paging) << 1 | u64::from(*is_used) << 2;
        d.word(*cpu as u64 | (*mode as u64) << 8 | u64::from(*cpl) << 16 | flags << 24);
        d.word(bounds.map_or(u64::MAX, |b| u64::from(b.base) << 32 | u64::from(b.limit)));
        for table in [gdt, ldt] {
            d.word(table.len() as u64);
            table.iter().for_each(|entry| d.word(entry.0));
        }
        for Register { selector, hidden } in registers.iter().chain([ldtr]) {
            d.word(u64::from(selector.0));
            d.word(hidden.0);
        }
        bases.iter().for_each(|base| d.word(*base));
        tables.digest(&mut d);
        way.digest(&mut d);
        d.finish()
    }
}

impl Way {
    fn digest(&self, d: &mut Digest) {
        let Way { doing, descriptor, within, linear, physical, fault } = self;
        let reg_number = |reg: Option<SegReg>| reg.map_or(9, |reg| reg as u64);
        match *doing {
            Doing::Nothing => d.word(0),
            Doing::Load { reg, selector } => d.word(1 | reg_number(reg) << 8 | u64::from(selector.0) << 16),
            Doing::Access { access, reg, offset, size } => {
                d.word(2 | reg_number(reg) << 8 | (access as u64) << 16 | u64::from(size) << 24);
                d.word(offset);
            }
        }
        for value in [descriptor.map(|descriptor| descriptor.0), *linear, *physical] {
            d.word(u64::from(value.is_some()));
            d.word(value.unwrap_or(0));
        }
        d.word(u64::from(*within));
        let Some(Fault { vector, code, why }) = fault else { return };
        d.word(u64::from(vector.number()) << 32 | u64::from(code.unwrap_or(u32::MAX)));
        why.digest(d);
    }
}

impl Why {
    fn digest(&self, d: &mut Digest) {
        let (tag, a, b): (u64, u64, u64) = match *self {
            Why::NullLoaded => (0, 0, 0),
            Why::NullUsed => (1, 0, 0),
            Why::NoLdt => (2, 0, 0),
            Why::BeyondTable { limit } => (3, u64::from(limit), 0),
            Why::System { ty } => (4, u64::from(ty), 0),
            Why::NotCode => (5, 0, 0),
            Why::LongAndBig => (6, 0, 0),
            Why::StackNotWritable => (7, 0, 0),
            Why::NotReadable => (8, 0, 0),
            Why::NotLdt { ty } => (9, u64::from(ty), 0),
            Why::Ring { cpl } => (10, u64::from(cpl), 0),
            Why::Privilege { cpl, rpl, dpl } => {
                (11, u64::from(cpl) << 16 | u64::from(rpl) << 8 | u64::from(dpl), 0)
            }
            Why::Absent => (12, 0, 0),
            Why::ReadOnly => (13, 0, 0),
            Why::CodeWritten => (14, 0, 0),
            Why::Limit { offset, size, offsets } => {
                d.word(u64::from(size));
                let (low, high) = offsets.unwrap_or((1, 0));
                (15, offset, u64::from(low) << 32 | u64::from(high))
            }
            Why::NotCanonical => (16, 0, 0),
            Why::Page { present, write, user } => {
                (17, u64::from(present) | u64::from(write) << 1 | u64::from(user) << 2, 0)
            }
            Why::Bound { limit } => (18, u64::from(limit), 0),
        };
        d.word(tag);
        d.word(a);
        d.word(b);
    }
}

impl fmt::Display for SegReg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

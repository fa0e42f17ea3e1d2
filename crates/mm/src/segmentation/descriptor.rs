//! Descriptors: the eight bytes that say what a segment is, bit by bit (arch/x86/include/asm/desc_defs.h), and selectors,
//! which say where a descriptor stands.

use std::fmt;

/// A selector: what a segment register holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct Selector(pub u16);

impl Selector {
    /// The selector of a descriptor.
    #[must_use]
    pub fn of(index: u16, local: bool, rpl: u8) -> Selector {
        Selector(index << 3 | u16::from(local) << 2 | u16::from(rpl & 3))
    }

    /// Which descriptor of the table, 0 to 8191.
    #[must_use]
    pub fn index(self) -> u16 {
        self.0 >> 3
    }

    /// TI: the table is the LDT, not the GDT.
    #[must_use]
    pub fn is_local(self) -> bool {
        self.0 & 4 != 0
    }

    /// RPL: on whose behalf it is used, 0 to 3.
    #[must_use]
    pub fn rpl(self) -> u8 {
        (self.0 & 3) as u8
    }

    /// Whether it chooses no descriptor: entry 0 of the GDT, whatever its RPL.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.0 & !3 == 0
    }

    /// What an exception says of it: its RPL is left out, bits 0 and 1 mean something else there.
    #[must_use]
    pub fn error_code(self) -> u32 {
        u32::from(self.0 & !3)
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#06x}", self.0)
    }
}

/// What a segment is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum SegmentKind {
    /// Data, to be read.
    Data {
        /// E: its offsets lie above the limit, for a stack that grows downwards.
        down: bool,
        /// W
        writable: bool,
    },
    /// Code, to be executed.
    Code {
        /// C: may be jumped to from outer rings, which stay what they are.
        conforming: bool,
        /// R
        readable: bool,
    },
    /// S is clear: a table, a task or a gate, by the four bits of its type.
    System(u8),
}

/// All fields of a descriptor: together they are its 64 bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Fields {
    /// Where the segment begins in the linear addresses.
    pub base: u32,
    /// The limit as it is written, 20 bits.
    pub limit: u32,
    /// The four bits of the type.
    pub ty: u8,
    /// S: code or data.
    pub is_segment: bool,
    /// DPL, 0 to 3.
    pub dpl: u8,
    /// P
    pub present: bool,
    /// AVL: for the system's own use.
    pub avl: bool,
    /// L: code of 64 bits.
    pub long: bool,
    /// D/B: 32 bits, otherwise 16.
    pub big: bool,
    /// G: the limit counts pages of 4 KiB.
    pub pages: bool,
}

/// A descriptor: eight bytes, the lowest one first in memory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct Descriptor(pub u64);

impl Descriptor {
    /// The bit that the processor sets when it loads the segment (A).
    pub const ACCESSED: u64 = 1 << 40;
    /// The type of an LDT (`DESC_LDT`).
    pub const LDT: u8 = 2;

    /// The eight bytes with these fields; what is too large for its field is cut.
    #[must_use]
    pub fn encode(fields: &Fields) -> Descriptor {
        let Fields { base, limit, ty, is_segment, dpl, present, avl, long, big, pages } = *fields;
        let (base, limit) = (u64::from(base), u64::from(limit & 0xf_ffff));
        let low = limit & 0xffff | (base & 0xff_ffff) << 16;
        let access = u64::from(ty & 15)
            | u64::from(is_segment) << 4
            | u64::from(dpl & 3) << 5
            | u64::from(present) << 7;
        let flags = u64::from(avl) | u64::from(long) << 1 | u64::from(big) << 2 | u64::from(pages) << 3;
        Descriptor(low | access << 40 | (limit >> 16) << 48 | flags << 52 | (base >> 24) << 56)
    }

    /// Its fields.
    #[must_use]
    pub fn decode(self) -> Fields {
        let bit = |at: u32| self.0 >> at & 1 != 0;
        Fields {
            base: (self.0 >> 16 & 0xff_ffff | self.0 >> 56 << 24) as u32,
            limit: (self.0 & 0xffff | self.0 >> 32 & 0xf_0000) as u32,
            ty: (self.0 >> 40 & 15) as u8,
            is_segment: bit(44),
            dpl: (self.0 >> 45 & 3) as u8,
            present: bit(47),
            avl: bit(52),
            long: bit(53),
            big: bit(54),
            pages: bit(55),
        }
    }

    /// Data to read and write, all of its offsets 16 bits: what a register holds in real mode.
    #[must_use]
    pub fn real(base: u32) -> Descriptor {
        Descriptor::encode(&Fields {
            base,
            limit: 0xffff,
            ty: 3,
            is_segment: true,
            dpl: 0,
            present: true,
            avl: false,
            long: false,
            big: false,
            pages: false,
        })
    }

    /// As the 80286 reads it, which keeps off the two upper bytes: 24 bits of base, 16 of limit.
    #[must_use]
    pub fn of_80286(self) -> Descriptor {
        Descriptor(self.0 & 0xffff_ffff_ffff)
    }

    /// Its bytes, as they lie in memory.
    #[must_use]
    pub fn bytes(self) -> [u8; 8] {
        self.0.to_le_bytes()
    }

    /// Where the segment begins.
    #[must_use]
    pub fn base(self) -> u32 {
        self.decode().base
    }

    /// The largest offset that the limit means, in bytes: with G it counts pages, and its lowest twelve bits are not
    /// checked.
    #[must_use]
    pub fn limit(self) -> u32 {
        let Fields { limit, pages, .. } = self.decode();
        if pages { limit << 12 | 0xfff } else { limit }
    }

    /// DPL
    #[must_use]
    pub fn dpl(self) -> u8 {
        self.decode().dpl
    }

    /// P
    #[must_use]
    pub fn is_present(self) -> bool {
        self.decode().present
    }

    /// A
    #[must_use]
    pub fn is_accessed(self) -> bool {
        self.0 & Self::ACCESSED != 0
    }

    /// What it is for.
    #[must_use]
    pub fn kind(self) -> SegmentKind {
        let Fields { ty, is_segment, .. } = self.decode();
        match (is_segment, ty & 8 != 0) {
            (false, _) => SegmentKind::System(ty),
            (true, false) => SegmentKind::Data { down: ty & 4 != 0, writable: ty & 2 != 0 },
            (true, true) => SegmentKind::Code { conforming: ty & 4 != 0, readable: ty & 2 != 0 },
        }
    }

    /// The smallest and the largest offset that may be used; none where there is no such offset: a segment that grows
    /// downwards and whose limit leaves nothing above it.
    #[must_use]
    pub fn offsets(self) -> Option<(u32, u32)> {
        let limit = self.limit();
        match self.kind() {
            SegmentKind::Data { down: true, .. } => {
                let top = if self.decode().big { u32::MAX } else { 0xffff };
                limit.checked_add(1).filter(|low| *low <= top).map(|low| (low, top))
            }
            _ => Some((0, limit)),
        }
    }
}

impl fmt::Display for Descriptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#018x}", self.0)
    }
}

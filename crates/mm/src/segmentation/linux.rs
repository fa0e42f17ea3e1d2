//! The segments that Linux 6.1 sets up: all of them from 0 to the end (`gdt_page`, arch/x86/kernel/cpu/common.c; the indices,
//! arch/x86/include/asm/segment.h).

use super::descriptor::{Descriptor, Selector};
use crate::config::Arch;

/// An entry of Linux's GDT: its index, its eight bytes, and what the kernel calls it.
pub type Entry = (u16, Descriptor, &'static str);

const I386: [Entry; 4] = [
    (12, Descriptor(0x00cf_9a00_0000_ffff), "KERNEL_CS"),
    (13, Descriptor(0x00cf_9200_0000_ffff), "KERNEL_DS"),
    (14, Descriptor(0x00cf_fa00_0000_ffff), "USER_CS"),
    (15, Descriptor(0x00cf_f200_0000_ffff), "USER_DS"),
];

const X86_64: [Entry; 6] = [
    (1, Descriptor(0x00cf_9b00_0000_ffff), "KERNEL32_CS"),
    (2, Descriptor(0x00af_9b00_0000_ffff), "KERNEL_CS"),
    (3, Descriptor(0x00cf_9300_0000_ffff), "KERNEL_DS"),
    (4, Descriptor(0x00cf_fb00_0000_ffff), "USER32_CS"),
    (5, Descriptor(0x00cf_f300_0000_ffff), "USER_DS"),
    (6, Descriptor(0x00af_fb00_0000_ffff), "USER_CS"),
];

/// The entries that are in use for code and data.
#[must_use]
pub fn entries(arch: Arch) -> &'static [Entry] {
    match arch {
        Arch::I386 => &I386,
        Arch::X86_64 => &X86_64,
    }
}

/// How many entries the whole table has (`GDT_ENTRIES`).
#[must_use]
pub fn table_len(arch: Arch) -> u16 {
    match arch {
        Arch::I386 => 32,
        Arch::X86_64 => 16,
    }
}

/// What a program runs with: the code (`__USER_CS`) and the data segment (`__USER_DS`).
#[must_use]
pub fn of_programs(arch: Arch) -> (Selector, Selector) {
    match arch {
        Arch::I386 => (Selector(0x73), Selector(0x7b)),
        Arch::X86_64 => (Selector(0x33), Selector(0x2b)),
    }
}

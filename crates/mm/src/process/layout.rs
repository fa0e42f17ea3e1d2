//! Where the addresses of a process end, as its machine translates them (arch/x86/include/asm/page_64_types.h,
//! processor.h, elf.h and pgtable-3level_types.h, 6.1).

use super::mm_types::{ELF_ET_DYN_BASE, TASK_SIZE};
use crate::config::Arch;
use crate::units::{PAGE_SIZE, Vaddr};
use crate::x86::pgtable::{Level, Paging, Pte};

impl Paging {
    /// All of them, in the order of their words.
    pub const ALL: [Paging; 4] = [Paging::FourLevel, Paging::FiveLevel, Paging::TwoLevel, Paging::Pae];

    /// What the kernels of an architecture use unless told otherwise: four levels, and on i386 PAE.
    #[must_use]
    pub fn of(arch: Arch) -> Paging {
        match arch {
            Arch::X86_64 => Paging::FourLevel,
            Arch::I386 => Paging::Pae,
        }
    }

    /// The architecture that has it.
    #[must_use]
    pub fn arch(self) -> Arch {
        match self {
            Paging::FourLevel | Paging::FiveLevel => Arch::X86_64,
            Paging::TwoLevel | Paging::Pae => Arch::I386,
        }
    }

    /// As a person writes it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Paging::FourLevel => "4level",
            Paging::FiveLevel => "5level",
            Paging::TwoLevel => "2level",
            Paging::Pae => "pae",
        }
    }

    /// One past the last address that a process can have (`TASK_SIZE_MAX`): 128 TiB or 64 PiB but for a page, and 3 GiB
    /// on i386, where the kernel has the rest (`PAGE_OFFSET`).
    #[must_use]
    pub fn task_size(self) -> Vaddr {
        match self {
            Paging::FourLevel => TASK_SIZE,
            Paging::FiveLevel => Vaddr((1 << 56) - PAGE_SIZE),
            Paging::TwoLevel | Paging::Pae => Vaddr(0xc000_0000),
        }
    }

    /// One past the last address that is given out, where a stack begins (`STACK_TOP`, `DEFAULT_MAP_WINDOW`): with five
    /// levels the same as with four, unless a program asks for more.
    #[must_use]
    pub fn stack_top(self) -> Vaddr {
        self.task_size().min(match self.arch() {
            Arch::X86_64 => TASK_SIZE,
            Arch::I386 => self.task_size(),
        })
    }

    /// Where a program that can lie anywhere begins when nothing is left to chance (`ELF_ET_DYN_BASE`).
    #[must_use]
    pub fn et_dyn_base(self) -> Vaddr {
        match self.arch() {
            Arch::X86_64 => ELF_ET_DYN_BASE,
            Arch::I386 => Vaddr(0x40_0000),
        }
    }

    /// PMD tables that an address space gets with its topmost one (`PREALLOCATED_PMDS`, without page table isolation):
    /// with PAE one for each GiB of a process, as the processor reads all four entries above them at once.
    #[must_use]
    pub fn preallocated_pmds(self) -> u16 {
        if self == Paging::Pae { 3 } else { 0 }
    }

    /// Whether an entry can say that its page is not code: entries of four bytes have no room for that bit.
    #[must_use]
    pub fn has_nx(self) -> bool {
        self != Paging::TwoLevel
    }

    /// The entry of a table in a table of this level: the four topmost ones of PAE have no other bit.
    #[must_use]
    pub(crate) fn table_entry(self, level: Level) -> Pte {
        if self == Paging::Pae && level == Level::Pgd { Pte::PRESENT } else { Pte::USER_TABLE }
    }

    /// Entries of a table of this level; none: it has no such tables.
    #[must_use]
    pub fn entries(self, level: Level) -> Option<usize> {
        self.levels().iter().find(|(of, ..)| *of == level).map(|(.., bits)| 1 << bits)
    }

    /// Whether the processor has pages of an entry of the PMD, and the kernel makes them behind a program's back.
    #[must_use]
    pub fn has_thp(self) -> bool {
        self != Paging::TwoLevel
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{Rlimits, mmap_base};

    #[test]
    fn facts_11_ends_of_user_space() {
        let ends = Paging::ALL.map(|paging| paging.task_size().0);
        assert_eq!(ends, [0x7fff_ffff_f000, 0xff_ffff_ffff_f000, 0xc000_0000, 0xc000_0000]);
        let tops = Paging::ALL.map(|paging| paging.stack_top().0);
        assert_eq!(tops, [0x7fff_ffff_f000, 0x7fff_ffff_f000, 0xc000_0000, 0xc000_0000]);
        let bases = Paging::ALL.map(|paging| mmap_base(paging.stack_top(), Rlimits::default()).0);
        assert_eq!(bases, [0x7fff_f7ff_f000, 0x7fff_f7ff_f000, 0xb800_0000, 0xb800_0000]);
    }

    #[test]
    fn a_table_is_a_frame_of_entries() {
        for paging in Paging::ALL {
            assert_eq!(Paging::of(paging.arch()).arch(), paging.arch());
            for (level, ..) in paging.levels() {
                let bytes =
                    paging.entries(*level).expect("a level of its own") * paging.entry_size() as usize;
                // The four entries at the top of PAE are the exception.
                let whole = if (paging, *level) == (Paging::Pae, Level::Pgd) { 32 } else { 4096 };
                assert_eq!(bytes, whole, "{paging:?} {level:?}");
            }
        }
    }
}

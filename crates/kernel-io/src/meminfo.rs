//! Lines of `/proc/meminfo` (`meminfo_proc_show()`, fs/proc/meminfo.c, 6.1): those of slabs, of vmalloc and of huge pages.

use std::fmt;

use mm::Machine;
use mm::process::HPAGE_PAGES;
use mm::units::NrPages;

/// The address space for vmalloc on x86-64 with four levels of page tables, in bytes (`VMALLOC_TOTAL`): 32 TiB, the
/// last byte not counted. Where it begins makes no difference.
pub const VMALLOC_TOTAL: u64 = (32 << 40) - 1;

/// `KReclaimable` to `SUnreclaim`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SlabLines {
    /// Pages of slabs whose cache can give back (`NR_SLAB_RECLAIMABLE_B`).
    pub reclaimable: NrPages,
    /// Pages of all other slabs, and of `kmalloc()` beyond the largest cache (`NR_SLAB_UNRECLAIMABLE_B`).
    pub unreclaimable: NrPages,
    /// Other pages that can be given back (`NR_KERNEL_MISC_RECLAIMABLE`).
    pub misc_reclaimable: NrPages,
}

impl fmt::Display for SlabLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SlabLines { reclaimable, unreclaimable, misc_reclaimable } = self;
        kb(f, "KReclaimable", reclaimable.0 + misc_reclaimable.0)?;
        kb(f, "Slab", reclaimable.0 + unreclaimable.0)?;
        kb(f, "SReclaimable", reclaimable.0)?;
        kb(f, "SUnreclaim", unreclaimable.0)
    }
}

/// `VmallocTotal` to `VmallocChunk`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VmallocLines {
    /// Bytes of addresses, [`VMALLOC_TOTAL`] on x86-64.
    pub total: u64,
    /// Pages that `vmalloc()` took (`nr_vmalloc_pages`); mappings of other pages are not among them.
    pub used: NrPages,
}

impl fmt::Display for VmallocLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        line(f, "VmallocTotal", self.total >> 10)?;
        kb(f, "VmallocUsed", self.used.0)?;
        // The largest gap is no longer searched for.
        line(f, "VmallocChunk", 0)
    }
}

/// `AnonHugePages`, and `HugePages_Total` to `Hugetlb` (`hugetlb_report_meminfo()`, mm/hugetlb.c, 6.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct HugeLines {
    /// Frames of huge pages that processes have as a whole.
    pub anon: NrPages,
    /// Huge pages of the pool, of 2 MiB each.
    pub total: u32,
    /// Those that nobody has.
    pub free: u32,
    /// Those that areas were promised.
    pub reserved: u32,
    /// Those that go when they come back.
    pub surplus: u32,
}

impl HugeLines {
    /// Those of a machine.
    #[must_use]
    pub fn of(machine: &Machine) -> HugeLines {
        let processes = machine.processes();
        // A page that several have counts once.
        let whole = processes.huge().compounds().filter(|(_, compound)| compound.pmds > 0).count() as u64;
        let pool = processes.pool();
        HugeLines {
            anon: NrPages(whole * u64::from(HPAGE_PAGES)),
            total: pool.total,
            free: pool.free(),
            reserved: pool.reserved,
            surplus: pool.surplus,
        }
    }
}

impl fmt::Display for HugeLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        kb(f, "AnonHugePages", self.anon.0)?;
        let counts =
            [("Total", self.total), ("Free", self.free), ("Rsvd", self.reserved), ("Surp", self.surplus)];
        for (name, count) in counts {
            writeln!(f, "{:<18} {count:5}", format!("HugePages_{name}:"))?;
        }
        line(f, "Hugepagesize", 2048)?;
        line(f, "Hugetlb", u64::from(self.total) * 2048)
    }
}

/// `show_val_kb()`: pages, as KiB.
pub(crate) fn kb(f: &mut fmt::Formatter<'_>, name: &str, pages: u64) -> fmt::Result {
    line(f, name, pages * 4)
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, kb: u64) -> fmt::Result {
    writeln!(f, "{:<16}{kb:8} kB", format!("{name}:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a kernel of 1 GiB said when half of a pool of 32 was mapped, but not touched.
    #[test]
    fn the_lines_of_huge_pages_are_the_kernels() {
        let lines = HugeLines { anon: NrPages(0), total: 32, free: 32, reserved: 16, surplus: 0 };
        assert_eq!(
            lines.to_string(),
            "\
AnonHugePages:         0 kB
HugePages_Total:      32
HugePages_Free:       32
HugePages_Rsvd:       16
HugePages_Surp:        0
Hugepagesize:       2048 kB
Hugetlb:           65536 kB
"
        );
    }

    /// `base/meminfo.txt` of `amd64_1024M_smp1`.
    #[test]
    fn the_lines_are_the_kernels() {
        let slab = SlabLines {
            reclaimable: NrPages(9756 / 4),
            unreclaimable: NrPages(7000 / 4),
            misc_reclaimable: NrPages(0),
        };
        let vmalloc = VmallocLines { total: VMALLOC_TOTAL, used: NrPages(12924 / 4) };
        assert_eq!(
            format!("{slab}{vmalloc}"),
            "\
KReclaimable:       9756 kB
Slab:              16756 kB
SReclaimable:       9756 kB
SUnreclaim:         7000 kB
VmallocTotal:   34359738367 kB
VmallocUsed:       12924 kB
VmallocChunk:          0 kB
"
        );
    }
}

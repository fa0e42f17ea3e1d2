//! `/proc/vmallocinfo`: the kernel's own virtual areas, one a line.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use mm::config::Arch;

/// What an area is for, in the order in which the line says it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum VmFlag {
    /// `VM_IOREMAP`: registers of a device.
    IoRemap,
    /// `VM_ALLOC`: `vmalloc()`.
    Alloc,
    /// `VM_MAP`: pages that somebody had already, `vmap()`.
    Map,
    /// `VM_USERMAP`: may be mapped into user space.
    UserMap,
    /// `VM_DMA_COHERENT`: a buffer that a device and the CPUs share.
    DmaCoherent,
}

impl VmFlag {
    fn name(self) -> &'static str {
        match self {
            VmFlag::IoRemap => "ioremap",
            VmFlag::Alloc => "vmalloc",
            VmFlag::Map => "vmap",
            VmFlag::UserMap => "user",
            VmFlag::DmaCoherent => "dma-coherent",
        }
    }
}

/// `struct vm_struct`: what is known about an area.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct VmArea {
    /// Who asked for it: `alloc_large_system_hash+0x195/0x286`.
    pub caller: Option<String>,
    /// Pages that were taken for it, the guard page not among them; 0 when it has none of its own.
    pub pages: u64,
    /// The first byte's physical address, where it maps a device.
    pub phys: Option<u64>,
    /// What it is for.
    pub flags: BTreeSet<VmFlag>,
    /// Whether the list of its pages has an area too (`is_vmalloc_addr(v->pages)`).
    pub vpages: bool,
    /// Pages on each NUMA node, lowest node first. A kernel without NUMA says nothing.
    pub nodes: Vec<(u32, u64)>,
}

/// What is at some addresses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum VmKind {
    /// An area.
    Area(VmArea),
    /// A piece for short use (`vm_map_ram()`).
    MapRam,
    /// Addresses that were freed and wait for the next flush of all TLBs. They come last.
    Unpurged,
}

/// A line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VmallocInfoRow {
    /// The first byte.
    pub start: u64,
    /// Behind the last byte, the guard page included.
    pub end: u64,
    /// What is there.
    pub kind: VmKind,
}

/// The file as root reads it with `kernel.kptr_restrict=1`, so that addresses are what they are (`s_show()` and
/// `show_purge_info()`, mm/vmalloc.c, 6.1). The kernel has its areas in ascending order of addresses.
#[must_use]
pub fn vmallocinfo(rows: &[VmallocInfoRow], arch: Arch) -> String {
    let digits = 2 * mm::slab_common::word(arch) as usize;
    let mut out = String::new();
    for VmallocInfoRow { start, end, kind } in rows {
        let _ = write!(out, "0x{start:0digits$x}-0x{end:0digits$x} {:7}", end.saturating_sub(*start));
        match kind {
            VmKind::Area(area) => write_area(area, &mut out),
            VmKind::MapRam => out.push_str(" vm_map_ram"),
            VmKind::Unpurged => out.push_str(" unpurged vm_area"),
        }
        out.push('\n');
    }
    out
}

fn write_area(area: &VmArea, out: &mut String) {
    let VmArea { caller, pages, phys, flags, vpages, nodes } = area;
    if let Some(caller) = caller {
        let _ = write!(out, " {caller}");
    }
    if *pages > 0 {
        let _ = write!(out, " pages={pages}");
    }
    if let Some(phys) = phys {
        // Physical addresses have 64 bits with PAE too.
        let _ = write!(out, " phys=0x{phys:016x}");
    }
    for flag in flags {
        let _ = write!(out, " {}", flag.name());
    }
    if *vpages {
        out.push_str(" vpages");
    }
    for (node, pages) in nodes.iter().filter(|(_, pages)| *pages > 0) {
        let _ = write!(out, " N{node}={pages}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Facts 09, §8: the form of a line; the size has the guard page in it.
    #[test]
    fn a_line_says_only_what_there_is() {
        let area = |start, end, area| VmallocInfoRow { start, end, kind: VmKind::Area(area) };
        let base = 0xffff_c900_0000_0000;
        let rows = [
            area(
                base,
                base + 0x4000,
                VmArea {
                    caller: Some("kernel_clone+0x94/0x3e0".into()),
                    pages: 3,
                    flags: BTreeSet::from([VmFlag::Alloc]),
                    vpages: true,
                    nodes: vec![(0, 1), (1, 0), (2, 2)],
                    ..VmArea::default()
                },
            ),
            area(
                base + 0x4000,
                base + 0x6000,
                VmArea {
                    caller: Some("acpi_os_map_iomem+0x1bc/0x1e0".into()),
                    phys: Some(0xa0000),
                    flags: BTreeSet::from([VmFlag::UserMap, VmFlag::IoRemap]),
                    ..VmArea::default()
                },
            ),
            VmallocInfoRow { start: base + 0x6000, end: base + 0x8000, kind: VmKind::MapRam },
            VmallocInfoRow { start: base + 0x100_0000, end: base + 0x900_0000, kind: VmKind::Unpurged },
        ];
        assert_eq!(
            vmallocinfo(&rows, Arch::X86_64),
            "\
0xffffc90000000000-0xffffc90000004000   16384 kernel_clone+0x94/0x3e0 pages=3 vmalloc vpages N0=1 N2=2
0xffffc90000004000-0xffffc90000006000    8192 acpi_os_map_iomem+0x1bc/0x1e0 phys=0x00000000000a0000 ioremap user
0xffffc90000006000-0xffffc90000008000    8192 vm_map_ram
0xffffc90001000000-0xffffc90009000000 134217728 unpurged vm_area
"
        );
    }

    #[test]
    fn pointers_of_a_32_bit_kernel_have_eight_digits() {
        let rows = [VmallocInfoRow { start: 0xf7ff_e000, end: 0xf800_0000, kind: VmKind::Unpurged }];
        assert_eq!(vmallocinfo(&rows, Arch::I386), "0xf7ffe000-0xf8000000    8192 unpurged vm_area\n");
    }
}

//! `/proc/PID/maps`, `smaps` and `smaps_rollup` (fs/proc/task_mmu.c, 6.1).

use std::fmt::Write as _;

use mm::op::NameId;
use mm::process::{Counter, HPAGE_SIZE, Mm, Processes, Shows, Smaps, Vma};
use mm::units::{NrPages, PAGE_SIZE, Vaddr};

use super::kib;

/// Where the name of an area begins in its line: `25 + sizeof(void *) * 6 - 1` columns, and a blank.
const NAME_COLUMN: usize = 73;

/// The first inode of a disk that is nobody's own (ext4).
const FIRST_INODE: u32 = 12;

/// The inode of an area with huge pages of the pool; in Linux each has its own.
const FIRST_HUGE_INODE: u32 = 1;

/// What stands in front of the name: addresses, rights, the place in the file, and which file.
struct Prefix {
    start: Vaddr,
    end: Vaddr,
    rights: [char; 4],
    offset: u64,
    device: &'static str,
    inode: u32,
}

/// The line; one without a name ends in a blank (`show_vma_header_prefix()`, `seq_pad()`).
fn write_line(out: &mut String, prefix: &Prefix, name: Option<&str>) {
    let Prefix { start, end, rights, offset, device, inode } = prefix;
    let rights: String = rights.iter().collect();
    let line = format!("{:08x}-{:08x} {rights} {offset:08x} {device} {inode} ", start.0, end.0);
    match name {
        Some(name) => {
            let padded = NAME_COLUMN - 1;
            let _ = writeln!(out, "{line:<padded$} {name}");
        }
        None => {
            let _ = writeln!(out, "{line}");
        }
    }
}

/// The line of an area. Instead of the path of a file there is what the scenario calls it, below the root; its device
/// and its inode are invented, but the same ones for the same file.
pub(super) fn write_area(
    out: &mut String,
    processes: &Processes,
    mm: &Mm,
    vma: &Vma,
    name: &impl Fn(NameId) -> String,
) {
    let Vma { start, end, .. } = *vma;
    let rights = vma.rights();
    let nowhere = Prefix { start, end, rights, offset: 0, device: "00:00", inode: 0 };
    match processes.shows(mm, vma) {
        Shows::File(id, pgoff) => {
            let inode = FIRST_INODE.saturating_add(id.0);
            let prefix = Prefix { offset: pgoff * PAGE_SIZE, device: "08:01", inode, ..nowhere };
            let path = processes.file(id).map(|file| format!("/{}", name(file.name)));
            write_line(out, &prefix, path.as_deref());
        }
        Shows::Shmem(id, pgoff) => {
            let inode = id.0.saturating_add(1);
            let prefix = Prefix { offset: pgoff * PAGE_SIZE, device: "00:01", inode, ..nowhere };
            write_line(out, &prefix, Some("/dev/zero (deleted)"));
        }
        Shows::Heap => write_line(out, &nowhere, Some("[heap]")),
        Shows::Stack => write_line(out, &nowhere, Some("[stack]")),
        Shows::Own => write_line(out, &nowhere, None),
        Shows::Hugetlb => {
            let prefix = Prefix { device: "00:0f", inode: FIRST_HUGE_INODE, ..nowhere };
            write_line(out, &prefix, Some("/anon_hugepage (deleted)"));
        }
    }
}

/// `/proc/PID/maps`.
#[must_use]
pub fn pid_maps(processes: &Processes, mm: &Mm, name: impl Fn(NameId) -> String) -> String {
    let mut out = String::new();
    mm.vmas().iter().for_each(|vma| write_area(&mut out, processes, mm, vma, &name));
    out
}

/// `/proc/PID/smaps`, on a processor without protection keys (`show_smap()`).
#[must_use]
pub fn pid_smaps(processes: &Processes, mm: &Mm, name: impl Fn(NameId) -> String) -> String {
    let mut out = String::new();
    for vma in mm.vmas() {
        write_area(&mut out, processes, mm, vma, &name);
        let page = if vma.hugetlb { HPAGE_SIZE } else { PAGE_SIZE } / 1024;
        write_sizes(&mut out, &[("Size", kib(vma.pages())), ("KernelPageSize", page), ("MMUPageSize", page)]);
        write_sums(&mut out, &processes.smaps(mm, vma), false);
        let _ = writeln!(out, "THPeligible:    {}", u8::from(processes.is_thp_eligible(vma)));
        write_flags(&mut out, vma);
    }
    out
}

/// `/proc/PID/smaps_rollup` (`show_smaps_rollup()`).
#[must_use]
pub fn pid_smaps_rollup(processes: &Processes, mm: &Mm) -> String {
    let mut out = String::new();
    let (start, end) = match mm.vmas() {
        [first, .., last] | [first @ last] => (first.start, last.end),
        [] => (Vaddr(0), Vaddr(0)),
    };
    let prefix = Prefix { start, end, rights: ['-', '-', '-', 'p'], offset: 0, device: "00:00", inode: 0 };
    write_line(&mut out, &prefix, Some("[rollup]"));
    write_sums(&mut out, &processes.smaps_rollup(mm), true);
    out
}

fn write_sizes(out: &mut String, sizes: &[(&str, u64)]) {
    for (label, kib) in sizes {
        let label = format!("{label}:");
        let _ = writeln!(out, "{label:<16}{kib:8} kB");
    }
}

/// The sums over pages (`__show_smap()`).
fn write_sums(out: &mut String, sums: &Smaps, rollup: bool) {
    let kib = |pages: u64| kib(NrPages(pages));
    write_sizes(out, &[("Rss", kib(sums.rss)), ("Pss", sums.pss_kib()), ("Pss_Dirty", sums.pss_dirty_kib())]);
    if rollup {
        let of = [("Pss_Anon", Counter::Anon), ("Pss_File", Counter::File), ("Pss_Shmem", Counter::Shmem)];
        write_sizes(out, &of.map(|(label, counter)| (label, sums.pss_kib_of(counter))));
    }
    write_sizes(
        out,
        &[
            ("Shared_Clean", kib(sums.shared_clean)),
            ("Shared_Dirty", kib(sums.shared_dirty)),
            ("Private_Clean", kib(sums.private_clean)),
            ("Private_Dirty", kib(sums.private_dirty)),
            ("Referenced", kib(sums.referenced)),
            ("Anonymous", kib(sums.anonymous)),
            ("LazyFree", kib(sums.lazyfree)),
            ("AnonHugePages", kib(sums.anon_huge)),
        ],
    );
    // Of those that are 0 there is nothing in the machine.
    write_sizes(
        out,
        &[
            ("ShmemPmdMapped", 0),
            ("FilePmdMapped", 0),
            ("Shared_Hugetlb", kib(sums.shared_hugetlb)),
            ("Private_Hugetlb", kib(sums.private_hugetlb)),
            ("Swap", kib(sums.swap)),
            ("SwapPss", sums.swap_pss_kib()),
            ("Locked", sums.locked_kib()),
        ],
    );
}

/// The flags of an area, lowest bit first (`show_smap_vma_flags()`).
fn write_flags(out: &mut String, vma: &Vma) {
    let flags = [
        (vma.prot.read, "rd"),
        (vma.prot.write, "wr"),
        (vma.prot.exec, "ex"),
        (vma.shared, "sh"),
        // All files are open to read and write, so that everything may be allowed later.
        (true, "mr"),
        (true, "mw"),
        (true, "me"),
        (vma.shared, "ms"),
        (vma.grows_down, "gd"),
        (vma.locked, "lo"),
        (vma.account, "ac"),
        (vma.noreserve, "nr"),
        (vma.hugetlb, "ht"),
        // Nobody ever resets the notes of what was written to; a stack alone has lost this one when a program begins.
        (!vma.grows_down, "sd"),
        (vma.hugepage == Some(true), "hg"),
        (vma.hugepage == Some(false), "nh"),
    ];
    out.push_str("VmFlags:");
    flags.iter().filter(|(has, _)| *has).for_each(|(_, flag)| {
        let _ = write!(out, " {flag}");
    });
    out.push_str(" \n");
}

//! `/proc/PID/pagemap`, which is eight bytes for each page, as lines (`pte_to_pagemap_entry()`,
//! fs/proc/task_mmu.c, 6.1).

use std::fmt::Write as _;

use mm::op::NameId;
use mm::process::{Counter, Mm, Processes, Vma};
use mm::x86::pgtable::Pte;

use super::maps::write_area;

/// The most areas that are written out, and the most pages of one.
const MOST_AREAS: usize = 64;
const MOST_PAGES: usize = 64;

/// Bits of an entry, and what the line calls them.
const SOFT_DIRTY: (u64, &str) = (1 << 55, "soft-dirty");
const MMAP_EXCLUSIVE: (u64, &str) = (1 << 56, "exclusive");
const FILE: (u64, &str) = (1 << 61, "file");
const PRESENT: (u64, &str) = (1 << 63, "present");

/// The pages that are there: below the line of each area that has any, the address of a page, the eight bytes of
/// `pagemap` about it, its frame, and what the flags say. Beyond a bound pages and areas are only counted.
#[must_use]
pub fn pid_pagemap(processes: &Processes, mm: &Mm, name: impl Fn(NameId) -> String) -> String {
    let mut out = String::new();
    let entries = |vma: &Vma| processes.tables().pages(mm.pgd, vma.start, vma.end);
    let mut with_pages = mm.vmas().iter().filter(|vma| entries(vma).next().is_some());
    for vma in with_pages.by_ref().take(MOST_AREAS) {
        write_area(&mut out, processes, mm, vma, &name);
        let mut pages = entries(vma);
        for (address, pte) in pages.by_ref().take(MOST_PAGES) {
            let flags = flags(processes, vma, pte);
            let pfn = pte.pfn().0;
            let entry = flags.iter().fold(u64::from(pfn), |entry, (bit, _)| entry | bit);
            let words: Vec<&str> = flags.iter().rev().map(|(_, word)| *word).collect();
            let _ = writeln!(out, "{:08x} {entry:016x} pfn {pfn} {}", address.0, words.join(","));
        }
        match pages.count() {
            0 => {}
            more => {
                let _ = writeln!(out, "… pages left out: {more}");
            }
        }
    }
    match with_pages.count() {
        0 => {}
        more => {
            let _ = writeln!(out, "… areas left out: {more}");
        }
    }
    out
}

/// What is said of a page, lowest bit first. The page of zeros is nobody's: it is only present.
fn flags(processes: &Processes, vma: &Vma, pte: Pte) -> Vec<(u64, &'static str)> {
    let counts = !pte.has(Pte::SPECIAL);
    let flags = [
        // As in `smaps`: written or not, but for the stack an area is noted as a whole.
        (!vma.grows_down || pte.has(Pte::DIRTY), SOFT_DIRTY),
        (counts && processes.mapcount(pte.pfn()) == 1, MMAP_EXCLUSIVE),
        (counts && processes.counter(pte.pfn()) != Counter::Anon, FILE),
        (true, PRESENT),
    ];
    flags.into_iter().filter(|(has, _)| *has).map(|(_, flag)| flag).collect()
}

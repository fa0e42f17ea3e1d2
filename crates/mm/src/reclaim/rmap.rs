//! Who has a page (mm/rmap.c, 6.1): every entry of a page table that leads to it.

use crate::Machine;
use crate::op::NameId;
use crate::process::{Backing, HPAGE_PAGES, Leaf, Processes, Vma, Way};
use crate::step::Trace;
use crate::units::{CpuId, NrPages, PAGE_SIZE, Pfn, Vaddr};
use crate::x86::pgtable::Pte;

/// An entry that leads to a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    pub process: NameId,
    pub address: Vaddr,
    pub table: Pfn,
    pub index: u16,
    pub pte: Pte,
    /// The area has to stay (`VM_LOCKED`).
    pub locked: bool,
    /// It is code (`VM_EXEC`).
    pub exec: bool,
}

impl From<Place> for Way {
    fn from(place: Place) -> Way {
        let Place { process, address, table, index, pte, .. } = place;
        Way { process, address, table, index, pte }
    }
}

/// What was found while a page's entries were looked at (`folio_referenced()`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Used {
    /// Entries that say that it was used.
    pub ptes: u32,
    /// One of the areas has to stay.
    pub locked: bool,
    /// One of the areas is code.
    pub exec: bool,
}

/// Where in its area a page without a file belongs (`linear_page_index()`): the page's number, however the area was moved.
pub(super) fn linear_index(vma: &Vma, address: Vaddr) -> u64 {
    match vma.backing {
        Backing::Anon => (address.0 / PAGE_SIZE).wrapping_add(vma.moved),
        Backing::File { pgoff, .. } => pgoff + (address.0 - vma.start.0) / PAGE_SIZE,
    }
}

/// Where a page with this index would lie in an area (`vma_address()`).
fn address_in(vma: &Vma, index: u64) -> Option<Vaddr> {
    let address = match vma.backing {
        Backing::Anon => index.wrapping_sub(vma.moved).checked_mul(PAGE_SIZE)?,
        Backing::File { pgoff, .. } => {
            vma.start.0.checked_add(index.checked_sub(pgoff)?.checked_mul(PAGE_SIZE)?)?
        }
    };
    vma.contains(Vaddr(address)).then_some(Vaddr(address))
}

impl Place {
    /// It leads to a huge page as a whole.
    pub(crate) fn is_huge(&self) -> bool {
        self.pte.has(Pte::PSE)
    }

    fn of(leaf: &Leaf, process: NameId, vma: &Vma) -> Place {
        let Leaf { address, table, index, entry: pte, .. } = *leaf;
        Place { process, address, table, index, pte, locked: vma.locked, exec: vma.prot.exec }
    }
}

/// All entries that lead to a huge page or into it; an area may have a part of it alone. `index` is where its first frame
/// belongs.
fn huge_places(processes: &Processes, head: Pfn, index: u64) -> Vec<Place> {
    let Some((_, compound)) = processes.huge().of(head) else { return Vec::new() };
    let mut places = Vec::new();
    for mm in processes.mms() {
        for vma in mm.vmas().iter().filter(|vma| !vma.shared && !vma.hugetlb) {
            // (Before the area, if it begins in the middle of the page.)
            let first = linear_index(vma, vma.start);
            let (from, to) = (index.max(first), (index + u64::from(HPAGE_PAGES)).min(first + vma.pages().0));
            if from >= to {
                continue;
            }
            let address_of = |index: u64| Vaddr(vma.start.0 + (index - first) * PAGE_SIZE);
            for leaf in processes.tables().leaves(mm.pgd, address_of(from), address_of(to)) {
                let at = (leaf.address.0.wrapping_sub(vma.start.0) / PAGE_SIZE + first).wrapping_sub(index);
                let leads = u64::from(leaf.entry.pfn().0) == u64::from(head.0).wrapping_add(at);
                if leads && !leaf.entry.has(Pte::SPECIAL) {
                    places.push(Place::of(&leaf, mm.name, vma));
                    if places.len() == compound.entries() as usize {
                        return places;
                    }
                }
            }
        }
    }
    places
}

/// All entries that lead to a page (`rmap_walk()`). `index` is what [`linear_index`] says of one without a file.
pub(super) fn places(processes: &Processes, pfn: Pfn, index: u64) -> Vec<Place> {
    let mapped = processes.mapped(pfn);
    let mut places = Vec::new();
    if mapped.mapcount == 0 {
        return places;
    }
    let of_file = mapped.file();
    for mm in processes.mms() {
        for vma in mm.vmas() {
            let address = match (of_file, vma.backing) {
                (Some((file, page)), Backing::File { file: shown, .. }) if file == shown => {
                    address_in(vma, u64::from(page))
                }
                (Some(_), _) => None,
                // A private page of a file's area is one without a file.
                (None, _) if vma.shared || vma.hugetlb => None,
                (None, _) => address_in(vma, index),
            };
            let Some(address) = address else { continue };
            let Some((table, index, pte)) = processes.tables().place(mm.pgd, address) else { continue };
            if pte.is_page() && pte.pfn() == pfn {
                let process = mm.name;
                let (locked, exec) = (vma.locked, vma.prot.exec);
                places.push(Place { process, address, table, index, pte, locked, exec });
                if places.len() == mapped.mapcount as usize {
                    return places;
                }
            }
        }
    }
    places
}

impl Machine {
    /// Entries that say that a page was used since somebody looked last, that of a huge page as one; nothing changes.
    #[must_use]
    pub fn young_ptes(&self, pfn: Pfn) -> u32 {
        self.rmap(pfn).iter().filter(|place| place.pte.has(Pte::ACCESSED)).count() as u32
    }

    pub(crate) fn rmap(&self, pfn: Pfn) -> Vec<Place> {
        let page = self.reclaim().map(|reclaim| reclaim.page(pfn));
        let index = page.map_or(0, |page| page.index);
        if page.is_some_and(|page| page.pages() > 1) {
            huge_places(&self.processes, pfn, index)
        } else {
            places(&self.processes, pfn, index)
        }
    }

    /// Which entries say that a page was used since the last time; they say so no longer (`folio_referenced()`).
    pub(super) fn folio_referenced(&mut self, t: &mut Trace<'_>, pfn: Pfn, cpu: CpuId) -> Used {
        let mut used = Used::default();
        let is_large = self.reclaim().is_some_and(|reclaim| reclaim.page(pfn).pages() > 1);
        for place in self.rmap(pfn) {
            // Of a huge page only its own entry has to stay.
            let locked = place.locked && (!is_large || place.is_huge());
            used.locked |= locked;
            used.exec |= place.exec;
            if locked {
                return used;
            }
            if place.pte.has(Pte::ACCESSED) {
                used.ptes += 1;
                let old = place.pte.without(Pte::ACCESSED);
                if place.is_huge() {
                    // (`pmdp_clear_flush_young()`)
                    self.will_flush(place.process);
                    self.write_pte(place.table, place.index, old);
                    self.flush_tlb(t, cpu, place.process, (place.address, NrPages(1)), false);
                } else {
                    // x86 flushes nothing for it: a processor that remembers the page just does not say so again.
                    self.write_pte(place.table, place.index, old);
                }
            }
        }
        used
    }
}

//! Who has a page (mm/rmap.c, 6.1): every entry of a page table that leads to it.

use crate::Machine;
use crate::op::NameId;
use crate::process::{Backing, Processes, Vma, Way};
use crate::units::{PAGE_SIZE, Pfn, Vaddr};
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
    /// Entries that say that a page was used since somebody looked last; nothing changes.
    #[must_use]
    pub fn young_ptes(&self, pfn: Pfn) -> u32 {
        self.rmap(pfn).iter().filter(|place| place.pte.has(Pte::ACCESSED)).count() as u32
    }

    pub(crate) fn rmap(&self, pfn: Pfn) -> Vec<Place> {
        let index = self.reclaim().map_or(0, |reclaim| reclaim.page(pfn).index);
        places(&self.processes, pfn, index)
    }

    /// Which entries say that a page was used since the last time; they say so no longer (`folio_referenced()`).
    pub(super) fn folio_referenced(&mut self, pfn: Pfn) -> Used {
        let mut used = Used::default();
        for place in self.rmap(pfn) {
            used.locked |= place.locked;
            used.exec |= place.exec;
            if place.locked {
                return used;
            }
            if place.pte.has(Pte::ACCESSED) {
                used.ptes += 1;
                // x86 flushes nothing for it: a processor that remembers the page just does not say so again.
                self.write_pte(place.table, place.index, place.pte.without(Pte::ACCESSED));
            }
        }
        used
    }
}

//! What migration asks of processes and files: their entries, and what is known of a page.

use super::Processes;
use super::pgtable::{Mapped, Tables};
use crate::Machine;
use crate::reclaim::{LruPage, Place};
use crate::step::Trace;
use crate::units::{CpuId, NrPages, Pfn, Vaddr};
use crate::x86::pgtable::Pte;
use crate::xarray::Entry;

impl Tables {
    /// The entries between two addresses that lead to a page which is on its way to another frame: the address, and the
    /// frame that it leaves.
    pub fn moving(&self, pgd: Pfn, start: Vaddr, end: Vaddr) -> impl Iterator<Item = (Vaddr, Pfn)> + use<'_> {
        self.lowest(pgd, start, end, Pte::as_migration).map(|(address, _, _, pfn, _)| (address, pfn))
    }
}

impl Processes {
    /// Every entry that leads to a page, by looking at all of them: where no lists are kept, no page knows its place.
    fn look_for(&self, pfn: Pfn) -> Vec<Place> {
        let wanted = self.mapped(pfn).mapcount as usize;
        let mut places = Vec::new();
        for mm in self.mms() {
            for vma in mm.vmas() {
                for (address, table, index, pte) in self.tables.between(mm.pgd, vma.start, vma.end) {
                    if places.len() == wanted {
                        return places;
                    }
                    if pte.is_page() && !pte.has(Pte::SPECIAL) && pte.pfn() == pfn {
                        let (locked, exec) = (vma.locked, vma.prot.exec);
                        places.push(Place { process: mm.name, address, table, index, pte, locked, exec });
                    }
                }
            }
        }
        places
    }
}

impl Machine {
    /// Every entry that leads to a page (`rmap_walk()`).
    pub(crate) fn entries_to(&self, pfn: Pfn) -> Vec<Place> {
        if self.reclaim().is_some_and(|reclaim| reclaim.page(pfn) != LruPage::NOTHING) {
            self.rmap(pfn)
        } else {
            self.processes.look_for(pfn)
        }
    }

    /// An entry leads to a page that moves from now on, and no processor remembers it any more (`try_to_migrate_one()`).
    pub(crate) fn try_to_migrate_one(&mut self, t: &mut Trace<'_>, cpu: CpuId, place: &Place) {
        let Place { process, address, table, index, pte, .. } = *place;
        self.will_flush(process);
        let pfn = pte.pfn();
        let procs = self.procs();
        procs.tables.write(table, index, Pte::migration(pfn, pte.has(Pte::RW)));
        let mapped = procs.mapped(pfn);
        procs.set_mapped(pfn, Mapped { mapcount: mapped.mapcount.saturating_sub(1), ..mapped });
        if procs.mapped(pfn) == Mapped::NOBODY {
            // Nothing says whose it is until it has moved.
            procs.fresh.push(pfn);
        }
        if pte.has(Pte::DIRTY) && mapped.file().is_some() {
            self.set_dirty(pfn, true);
        }
        self.flush_tlb(t, cpu, process, (address, NrPages(1)), false);
    }

    /// An entry that led to a moving page leads to it where it is now (`remove_migration_pte()`).
    pub(crate) fn remove_migration_pte(&mut self, place: &Place, to: Pfn) {
        let procs = self.procs();
        procs.tables.write(place.table, place.index, place.pte.to(to));
        let mapped = procs.mapped(to);
        procs.set_mapped(to, Mapped { mapcount: mapped.mapcount + 1, ..mapped });
        procs.fresh.retain(|pfn| *pfn != to);
    }

    /// What is known of a page is known of another frame: its bytes, its file, its place on the lists
    /// (`folio_migrate_mapping()`, `folio_migrate_flags()`).
    pub(crate) fn move_page(&mut self, from: Pfn, to: Pfn) {
        let procs = self.procs();
        let mapped = procs.mapped(from);
        procs.set_mapped(to, mapped);
        procs.set_mapped(from, Mapped::NOBODY);
        procs.fresh.iter_mut().filter(|pfn| **pfn == from).for_each(|pfn| *pfn = to);
        if let Some((file, index)) = mapped.file() {
            self.set_file_entry(file, index, Some(Entry::Page(to)));
        }
        self.move_contents(from, to);
        self.migrate_lru(from, to);
    }

    /// A frame gets the bytes of another.
    pub(crate) fn move_contents(&mut self, from: Pfn, to: Pfn) {
        if !self.processes.is_untouched() || self.processes.knows_bytes() {
            self.procs().contents.copy_frame(from, to);
        }
    }
}

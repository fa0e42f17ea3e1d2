//! The laws of huge pages: each is one block, with exactly these entries, and a table is put by for each entry.

use std::collections::BTreeMap;

use super::mm_types::{Mm, Rss};
use super::{HPAGE_PAGES, Leaf, Processes, Vaddr};
use crate::units::Pfn;
use crate::x86::pgtable::Pte;

impl Processes {
    /// The huge pages of a process.
    fn huge_leaves(&self, mm: &Mm) -> impl Iterator<Item = Leaf> + use<'_> {
        let pooled = |leaf: &Leaf| self.pool.entries(leaf.entry.pfn()).is_some();
        self.tables.leaves(mm.pgd, Vaddr(0), mm.top).filter(move |leaf| leaf.is_huge() && !pooled(leaf))
    }

    /// Tables that are put by for its entries.
    pub(super) fn deposits_of(&self, mm: &Mm) -> u64 {
        self.huge_leaves(mm).count() as u64
    }

    /// Checks those of a process, and adds their pages to what is there.
    pub(super) fn check_huge_of(&self, mm: &Mm, rss: &mut Rss) -> Result<(), String> {
        for leaf in self.huge_leaves(mm) {
            let Leaf { address, entry, .. } = leaf;
            let who = mm.name;
            let Some(vma) = mm.vma_at(address).filter(|vma| leaf.end() <= vma.end) else {
                return Err(format!("{who:?}: a huge page at {address:x} is not in one area"));
            };
            if entry.has(Pte::RW) && !vma.prot.write {
                return Err(format!("{who:?}: {address:x} can be written to, {vma:x?} not"));
            }
            if entry.has(Pte::SPECIAL) {
                if entry.has(Pte::RW) || Some(entry.pfn()) != self.huge.zero_page() {
                    return Err(format!("{who:?}: {address:x} is not quite the huge zero page: {entry:x?}"));
                }
                continue;
            }
            let Some((head, compound)) = self.huge.of(entry.pfn()).filter(|(head, _)| *head == entry.pfn())
            else {
                return Err(format!("{who:?}: {address:x} leads to no huge page: {entry:x?}"));
            };
            if entry.has(Pte::RW) && compound.entries() != 1 {
                return Err(format!(
                    "{who:?}: {address:x} writes to {head}, which others have: {compound:?}"
                ));
            }
            rss.anon += u64::from(HPAGE_PAGES);
        }
        Ok(())
    }

    /// Checks the pool, and the areas that have pages of it.
    pub(super) fn check_pool(&self) -> Result<(), String> {
        let mut entries: BTreeMap<Pfn, u32> = BTreeMap::new();
        let mut promised = 0;
        for mm in self.mms() {
            let mut count = 0;
            for vma in mm.vmas().iter().filter(|vma| vma.hugetlb) {
                promised += super::hugetlb::unused(mm, vma);
                for leaf in self.tables.leaves(mm.pgd, vma.start, vma.end) {
                    let of = entries.entry(leaf.entry.pfn()).or_default();
                    (*of, count) = (*of + 1, count + 1);
                    let entries = self.pool.entries(leaf.entry.pfn());
                    if !leaf.is_huge() || leaf.entry.has(Pte::RW) && (entries != Some(1) || !vma.prot.write) {
                        return Err(format!("{:?}: {leaf:x?} of the pool, {entries:?}", mm.name));
                    }
                }
            }
            if count != mm.hugetlb {
                return Err(format!("{:?}: {count} pages of the pool, not {}", mm.name, mm.hugetlb));
            }
        }
        self.pool.check(promised, &entries)
    }

    /// Checks what concerns several processes.
    pub(super) fn check_compounds(&self) -> Result<(), String> {
        let mut pmds: BTreeMap<Pfn, u32> = BTreeMap::new();
        let mut entries: BTreeMap<Pfn, usize> = BTreeMap::new();
        for leaf in self.mms().flat_map(|mm| self.huge_leaves(mm)) {
            *entries.entry(leaf.table).or_default() += 1;
            if !leaf.entry.has(Pte::SPECIAL) {
                *pmds.entry(leaf.entry.pfn()).or_default() += 1;
            }
        }
        for (head, compound) in self.huge.compounds() {
            let there = pmds.get(&head).copied().unwrap_or(0);
            let frames = || (head.0..head.0 + HPAGE_PAGES).map(Pfn);
            let small: u32 = frames().map(|pfn| self.mapped(pfn).mapcount).sum();
            if (compound.pmds, compound.ptes) != (there, small) {
                return Err(format!("huge page {head}: {compound:?}, and {there} and {small} entries"));
            }
            let alone = |pfn: &Pfn| !self.mapped(*pfn).exclusive || self.mapcount(*pfn) == 1;
            if compound.exclusive && compound.entries() > 1 || !frames().all(|pfn| alone(&pfn)) {
                return Err(format!("huge page {head} is not one process's alone: {compound:?}"));
            }
        }
        if let Some(head) = self.huge.noted().find(|head| self.huge.of(*head).is_none()) {
            return Err(format!("frames of {head} were touched, and it is no huge page"));
        }
        let mut tables = self.tables.frames();
        tables.try_for_each(|table| {
            let (has, needs) = (self.huge.deposited(table), entries.get(&table).copied().unwrap_or(0));
            if has == needs {
                Ok(())
            } else {
                Err(format!("table {table}: {has} tables are put by for {needs}"))
            }
        })
    }
}

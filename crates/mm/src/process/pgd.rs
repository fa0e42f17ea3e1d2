//! The top of an address space's tables, and what comes and goes with it (arch/x86/mm/pgtable.c, 6.1).

use super::pgtable::Read;
use crate::machine::Machine;
use crate::op::NameId;
use crate::page::Block;
use crate::reclaim::GroupId;
use crate::step::{Func, ProcessStep, Trace};
use crate::units::{CpuId, Order, Pfn, Vaddr};
use crate::x86::pgtable::Level;

impl Machine {
    /// A frame for the topmost table, and with PAE those for the tables right below it (`pgd_alloc()`,
    /// `preallocate_pmds()`); none, and nothing is kept, when one of them cannot be had.
    pub(super) fn pgd_alloc(&mut self, t: &mut Trace<'_>, cpu: CpuId, group: GroupId) -> Option<Pfn> {
        t.within(Func::PgdAlloc, |t| {
            let wanted = 1 + self.processes().tables().paging().preallocated_pmds();
            for _ in 0..wanted {
                let pfn = self.alloc_table(t, cpu, group);
                self.procs().fresh.extend(pfn);
                if pfn.is_none() {
                    self.pgd_free(t, cpu);
                    return None;
                }
            }
            self.procs().fresh.reverse();
            self.procs().fresh.pop()
        })
    }

    /// Gives back what nothing was written to yet.
    pub(super) fn pgd_free(&mut self, t: &mut Trace<'_>, cpu: CpuId) {
        while let Some(pfn) = self.procs().fresh.pop() {
            self.put_pages(t, cpu, Some(NameId::PAGE_TABLE), Block { pfn, order: Order::ZERO });
        }
    }

    /// The tables that an address space gets with its topmost one are entered there (`pgd_prepopulate_pmd()`).
    pub(super) fn prepopulate(&mut self, t: &mut Trace<'_>, process: NameId) {
        for address in (0u64..).map(|at| Vaddr(at << 30)) {
            let Some(mm) = self.processes().mm(process) else { return };
            let Some(top) = self.processes().tables().walk(mm.pgd, address).last() else { return };
            let Some(pfn) = self.procs().fresh.pop() else { return };
            self.add_table(t, Func::PgdAlloc, process, (address, top), pfn);
        }
    }

    /// A frame becomes the table below an entry, for an address.
    pub(super) fn add_table(
        &mut self,
        t: &mut Trace<'_>,
        func: Func,
        process: NameId,
        (address, above): (Vaddr, Read),
        pfn: Pfn,
    ) -> Option<()> {
        let procs = self.procs();
        let paging = procs.tables.paging();
        let level = level_below(paging.levels(), above.level)?;
        procs.tables.add(level, pfn);
        procs.tables.write(above.table, above.index, paging.table_entry(above.level).to(pfn));
        let from = Vaddr(address.0 & !(paging.span(above.level)? - 1));
        let mm = procs.mm_mut(process)?;
        mm.pgtables.0 += 1;
        let tables = mm.pgtables;
        self.told_process(t, func, process, || ProcessStep::Table { level, pfn, from, tables });
        Some(())
    }
}

/// The level of the tables that entries of a level lead to.
fn level_below(levels: &[(Level, u8, u8)], above: Level) -> Option<Level> {
    levels.iter().map(|(level, ..)| *level).find(|level| *level > above)
}

//! A child with the same areas, and where it matters with the same pages (kernel/fork.c, `copy_page_range()` in
//! mm/memory.c, 6.1).

use std::collections::BTreeSet;

use super::mm_types::{AnonVma, Counter, Mm, Rss, Vma};
use super::pgtable::Mapped;
use super::zap::batch_of;
use super::{HPAGE_PAGES, Leaf, Processes, Then, Work};
use crate::machine::{Machine, Named, UnitEnd};
use crate::op::NameId;
use crate::page::Block;
use crate::step::{Func, ProcessStep, Refusal, Trace};
use crate::units::{CpuId, NrPages, Order, PAGE_SIZE, Vaddr};
use crate::x86::pgtable::{Level, Pte};

/// Entries that are copied in one unit: a page table of them.
const BATCH: usize = 512;

impl Machine {
    /// The child gets its areas (`dup_mmap()`); its pages come with the next units.
    /// Whoever of the parent's threads forks, the child has that one alone.
    pub(super) fn fork(
        &mut self,
        t: &mut Trace<'_>,
        (parent, task): (NameId, NameId),
        child: NameId,
        cpu: CpuId,
    ) -> UnitEnd {
        t.within(Func::DupMmap, |t| {
            let Some(mm) = self.processes.mm(parent).cloned() else { return UnitEnd::Done };
            let Some(pgd) = self.pgd_alloc(t, cpu, self.group_of_process(parent)) else {
                return self.refused(t, child, Refusal::NoTable);
            };
            let promised = mm.vmas().iter().filter(|vma| vma.account).map(|vma| vma.pages().0).sum();
            if let Err(why) = self.procs().charge(mm.total_vm(), NrPages(promised)) {
                self.procs().fresh.insert(0, pgd);
                self.pgd_free(t, cpu);
                return self.refused(t, child, why);
            }
            let procs = self.procs();
            procs.tables.add(Level::Pgd, pgd);
            let mut vmas = mm.vmas.clone();
            for vma in &mut vmas {
                // A lock is the parent's own.
                vma.locked = false;
                // Whoever forks keeps what was promised.
                vma.reserved = false;
                // `anon_vma_fork()`: the child's own, and linked to all of those above it.
                if let Some(anon) = vma.anon_vma {
                    vma.anon_vma = Some(AnonVma { id: procs.anon_vmas, chain: anon.chain + 1 });
                    procs.anon_vmas += 1;
                }
            }
            // The stacks of the others are there, and nobody's (`__reclaim_stacks()`, in the C library).
            let others = procs.threads_of(parent).filter(|thread| thread.name != task);
            let mut stacks: Vec<_> = others.map(|thread| (thread.stack, thread.bytes)).collect();
            stacks.extend(&mm.stacks);
            let (areas, total) = (vmas.len() as u32, mm.total_vm());
            let fresh = Mm {
                name: child,
                parent: Some(parent),
                vmas,
                pgd,
                rss: Rss::default(),
                hiwater_rss: NrPages(0),
                hiwater_vm: total,
                pgtables: NrPages(0),
                hugetlb: 0,
                swapents: 0,
                hugetlb_used: BTreeSet::new(),
                min_flt: 0,
                maj_flt: 0,
                oom: mm.oom.child(),
                stacks,
                lock_future: false,
                ..mm
            };
            procs.add_mm(fresh);
            procs.work = Some(Work::Fork { parent, child, at: Vaddr(0), shared: 0 });
            self.set_named(child, Named::Process);
            self.told_process(t, Func::DupMmap, parent, || ProcessStep::Forked { child, areas, total });
            self.prepopulate(t, child);
            UnitEnd::More
        })
    }

    /// The next page tables, or the next area, are copied (`copy_page_range()`), until there is something to see.
    pub(super) fn fork_on(&mut self, t: &mut Trace<'_>, cpu: CpuId) -> UnitEnd {
        loop {
            let Some(Work::Fork { parent, child, at, shared }) = self.processes.work else {
                return UnitEnd::Done;
            };
            let next = self.processes.mm(parent).and_then(|mm| Some((*mm.find_vma(at)?, mm.pgd)));
            let Some((vma, pgd)) = next else {
                self.procs().work = None;
                self.will_flush(parent);
                self.told_process(t, Func::DupMmap, parent, || ProcessStep::Flush { pages: None });
                self.flush_tlb_mm(t, cpu, parent);
                return UnitEnd::Done;
            };
            let (start, from) = (vma.start, at.max(vma.start));
            // `vma_needs_copy()`: what a fault finds again is left out.
            if vma.anon_vma.is_none() {
                let leaves = self.processes.tables.leaves(pgd, vma.start, vma.end);
                let present = NrPages(leaves.map(|leaf| leaf.pages()).sum());
                self.procs().work = Some(Work::Fork { parent, child, at: vma.end, shared: 0 });
                if present == NrPages(0) {
                    continue;
                }
                self.told_process(t, Func::DupMmap, parent, || ProcessStep::LeftOut {
                    child,
                    start,
                    present,
                });
                return UnitEnd::More;
            }
            let from_start = from == vma.start;
            let (batch, rest) = batch_of(self.processes.tables.leaves(pgd, from, vma.end), BATCH);
            let end = rest.unwrap_or(vma.end);
            let copied = shared + batch.iter().map(Leaf::pages).sum::<u64>();
            let tables = |this: &Self| this.processes.mm(child).map(|mm| mm.pgtables);
            let before = tables(self);
            let fits = t.within(Func::CopyPageRange, |t| {
                let to = if from_start { vma.end } else { end };
                self.fork_swaps(t, parent, child, (from, to), cpu)
                    && batch.into_iter().all(|leaf| {
                        if leaf.is_huge() && vma.hugetlb {
                            return self.fork_hugetlb(t, child, &leaf, cpu).is_some();
                        }
                        if leaf.is_huge() {
                            return self.fork_huge_pmd(t, (parent, child), &vma, leaf.address, cpu).is_some();
                        }
                        self.alloc_tables(t, child, leaf.address, cpu, Level::Pte).is_some()
                            && self.fork_one(parent, child, &vma, leaf.address)
                    })
            });
            if !fits {
                // There is no child then; what it has goes again.
                self.will_flush(parent);
                self.refused(t, child, Refusal::NoTable);
                self.flush_tlb_mm(t, cpu, parent);
                let top = self.processes.tables.paging().stack_top();
                return self.start_zap(t, child, (Vaddr(0), top), Then::Exit, cpu);
            }
            let is_last = end == vma.end;
            let shared = if is_last { 0 } else { copied };
            self.procs().work = Some(Work::Fork { parent, child, at: end, shared });
            if is_last {
                let shared = NrPages(copied);
                self.told_process(t, Func::CopyPageRange, parent, || ProcessStep::CopiedArea {
                    child,
                    start,
                    shared,
                });
            }
            if is_last || tables(self) != before {
                return UnitEnd::More;
            }
        }
    }
}

impl Machine {
    /// A child gets the entry of a huge page, with a table put by for it (`copy_huge_pmd()`). What had to go for the tables
    /// is in pieces now, or in swap: it is copied entry by entry.
    fn fork_huge_pmd(
        &mut self,
        t: &mut Trace<'_>,
        (parent, child): (NameId, NameId),
        vma: &Vma,
        address: Vaddr,
        cpu: CpuId,
    ) -> Option<()> {
        self.alloc_tables(t, child, address, cpu, Level::Pmd)?;
        let deposit = self.alloc_table(t, cpu, self.group_of_process(child))?;
        let leaf = self.processes.tables.leaf(self.processes.mm(parent)?.pgd, address);
        if let Some(leaf) = leaf.filter(Leaf::is_huge) {
            let walk = self.processes.tables.walk(self.processes.mm(child)?.pgd, address);
            let read = walk.reads().find(|read| read.level == Level::Pmd)?;
            self.procs().copy_huge_pmd(child, &leaf, (read.table, read.index), deposit);
            return Some(());
        }
        let block = Block { pfn: deposit, order: Order::ZERO };
        self.put_pages(t, cpu, Some(NameId::PAGE_TABLE), block);
        self.alloc_tables(t, child, address, cpu, Level::Pte)?;
        let all = (0..u64::from(HPAGE_PAGES)).map(|at| Vaddr(address.0 + at * PAGE_SIZE));
        { all }.all(|address| self.fork_one(parent, child, vma, address)).then_some(())
    }

    /// One entry is there twice, as it is now: what had to go for the tables is in swap.
    fn fork_one(&mut self, parent: NameId, child: NameId, vma: &Vma, address: Vaddr) -> bool {
        match self.place(parent, address) {
            Some((table, index, pte)) if pte.is_page() => {
                self.procs().copy_present_pte(child, vma, address, (table, index), pte);
                true
            }
            _ => self.fork_one_swap(parent, child, address),
        }
    }
}

impl Processes {
    /// One page is there twice, and what is private may only be read from now on (`copy_present_pte()`).
    fn copy_present_pte(
        &mut self,
        child: NameId,
        vma: &Vma,
        address: Vaddr,
        (table, index): (crate::Pfn, u16),
        pte: Pte,
    ) {
        let pte = if vma.shared { pte } else { pte.without(Pte::RW) };
        self.tables.write(table, index, pte);
        let Some((theirs, at, _)) = self.mm(child).and_then(|mm| self.tables.place(mm.pgd, address)) else {
            return;
        };
        let copy = pte.without(Pte::ACCESSED);
        self.tables.write(theirs, at, if vma.shared { copy.without(Pte::DIRTY) } else { copy });
        if pte.has(Pte::SPECIAL) {
            return;
        }
        let pfn = pte.pfn();
        let mapped = self.mapped(pfn);
        self.set_mapped(pfn, Mapped { mapcount: mapped.mapcount + 1, exclusive: false, ..mapped });
        self.joins_compound(pfn);
        let counter: Counter = self.counter(pfn);
        if let Some(mm) = self.mm_mut(child) {
            mm.add(counter, 1);
        }
    }
}

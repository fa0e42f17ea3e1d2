//! How the processor gets from an address to memory while a process runs, and who tells it to forget
//! (arch/x86/mm/tlb.c, 6.1).

use std::rc::Rc;

use super::Access;
use super::memory::{Outcome, is_allowed};
use super::pgtable::Tables;
use crate::cow::own;
use crate::hierarchy::Hierarchy;
use crate::machine::Machine;
use crate::op::NameId;
use crate::step::{Denial, Func, HierarchyStep, MmuStep, StepKind, Trace};
use crate::units::{CpuId, NrPages, PAGE_SIZE, Pfn, Vaddr};
use crate::x86::mmu::{Mmu, Mmus};
use crate::x86::pgtable::{Level, Paging, Pte};
use crate::x86::tlb::{PageSize, flush_range};

/// Pages that are translated in one unit.
const TOUCHED_AT_ONCE: u64 = 64;

/// Who wants an address translated.
#[derive(Clone, Copy)]
pub(crate) struct Seeker {
    pub process: NameId,
    pub cpu: CpuId,
    pub pgd: Pfn,
    pub paging: Paging,
}

/// The size of the page that an entry of a level maps.
fn size_of(level: Level) -> PageSize {
    match level {
        Level::Pte => PageSize::Small,
        Level::Pmd | Level::Pgd => PageSize::Large,
        _ => PageSize::Giant,
    }
}

/// Why an entry says no.
fn denial(pte: Pte, access: Access) -> Denial {
    match access {
        _ if !pte.has(Pte::PRESENT) => Denial::NotPresent,
        Access::Exec => Denial::NoExec,
        _ => Denial::ReadOnly,
    }
}

/// Where an address of a page lies in memory.
fn physical(pte: Pte, size: PageSize, at: Vaddr) -> u64 {
    let within = size.bytes() - 1;
    (u64::from(pte.pfn().0) * PAGE_SIZE) & !within | at.0 & within
}

/// What [`Machine::translate`] does, at once and with nobody looking on.
#[inline]
fn translate_unseen(
    unit: &mut Mmu,
    tables: &mut Tables,
    caches: &mut Option<Rc<Hierarchy>>,
    of: Seeker,
    at: Vaddr,
    access: Access,
) -> Option<u64> {
    unit.counts.accesses += 1;
    let found = match unit.find(1, at) {
        Some(hit) => {
            unit.counts.l1_hits += 1;
            Some(hit)
        }
        None => unit.find(2, at).inspect(|(size, pte)| {
            unit.counts.l2_hits += 1;
            unit.keep(1, at, *size, *pte, false);
        }),
    };
    if let Some((size, pte)) = found {
        if !is_allowed(pte, access) {
            unit.forget_faulting(of.paging, at);
            return None;
        }
        if access != Access::Write || pte.has(Pte::DIRTY) {
            return Some(physical(pte, size, at));
        }
    }
    unit.counts.walks += 1;
    let begin = unit.begin(of.paging, of.pgd, at);
    let mut table = begin.table;
    for (nth, (level, shift, bits)) in of.paging.levels().iter().enumerate().skip(usize::from(begin.skipped))
    {
        let index = (at.0 >> shift) as u16 & ((1 << bits) - 1);
        let entry = tables.entry(table, index);
        unit.counts.references += 1;
        if let Some(caches) = caches {
            own(caches).access(of.cpu, entry_at(of.paging, table, index), Access::Read);
        }
        let is_leaf = *level == Level::Pte || entry.has(Pte::PSE);
        if !entry.has(Pte::PRESENT) || is_leaf && !is_allowed(entry, access) {
            unit.forget_faulting(of.paging, at);
            return None;
        }
        if !is_leaf {
            table = entry.pfn();
            unit.remember(of.paging, nth + 1, at, entry);
            continue;
        }
        let marked = entry.with(marks(access));
        if marked != entry {
            tables.write(table, index, marked);
            if let Some(caches) = caches {
                own(caches).access(of.cpu, entry_at(of.paging, table, index), Access::Write);
            }
        }
        let size = size_of(*level);
        unit.keep(2, at, size, marked, found.is_some());
        unit.keep(1, at, size, marked, found.is_some());
        return Some(physical(marked, size, at));
    }
    None
}

/// Where an entry of a table lies in memory.
fn entry_at(paging: Paging, table: Pfn, index: u16) -> u64 {
    u64::from(table.0) * PAGE_SIZE + u64::from(index) * u64::from(paging.entry_size())
}

/// What the processor notes in the entry of a page that it uses.
fn marks(access: Access) -> Pte {
    if access == Access::Write { Pte::ACCESSED.with(Pte::DIRTY) } else { Pte::ACCESSED }
}

impl Machine {
    /// What the CPUs translate with.
    #[must_use]
    pub fn mmus(&self) -> &Mmus {
        &self.mmus
    }

    /// Whether no CPU that is up to date remembers what the tables of a process do not say.
    #[must_use]
    pub fn tlbs_are_true(&self) -> bool {
        self.check_mmus().is_ok()
    }

    fn told_mmu(&self, t: &mut Trace<'_>, of: Seeker, step: impl FnOnce() -> MmuStep) {
        if t.looks() {
            let kind = StepKind::Mmu { cpu: of.cpu, process: of.process, step: step() };
            t.within_once(Func::Mmu, |t| t.emit(self, kind));
        }
    }

    #[inline]
    fn unit(&mut self, cpu: CpuId) -> Option<&mut Mmu> {
        own(&mut self.mmus).cpu_mut(cpu)
    }

    /// The CPU goes on with a process: its address space is loaded. None: the machine has no translations to look at.
    pub(crate) fn load_mm(&mut self, t: &mut Trace<'_>, process: NameId, cpu: CpuId) -> Option<Seeker> {
        self.mmus.config()?;
        let pgd = self.processes.mm(process)?.pgd;
        let of = Seeker { process, cpu, pgd, paging: self.processes.tables().paging() };
        if let Some((switch, dropped)) = own(&mut self.mmus).switch_to(cpu, process) {
            let dropped = switch.flush.then_some(dropped);
            if t.looks() {
                let step = MmuStep::Switched { pgd, asid: switch.asid, dropped };
                let kind = StepKind::Mmu { cpu, process, step };
                t.within_once(Func::SwitchMm, |t| t.emit(self, kind));
            }
        }
        Some(of)
    }

    /// A process uses addresses one after the other, with nobody looking on: how many, until one ends it or there is no
    /// memory. None at all where a machine has no translations, or there is no such process.
    pub fn access_unseen(
        &mut self,
        process: NameId,
        cpu: CpuId,
        access: Access,
        addresses: impl IntoIterator<Item = Vaddr>,
    ) -> u64 {
        let mut t = Trace::unseen();
        let Some(of) = self.load_mm(&mut t, process, cpu) else { return 0 };
        let mut addresses = addresses.into_iter();
        let mut through = 0;
        loop {
            let (mmus, procs) = (own(&mut self.mmus), own(&mut self.processes));
            let caches = &mut self.hierarchy;
            let Some(unit) = mmus.cpu_mut(cpu) else { return through };
            let stopped = addresses.find(|at| {
                let is_known = translate_unseen(unit, &mut procs.tables, caches, of, *at, access).is_some();
                through += u64::from(is_known);
                !is_known
            });
            let Some(at) = stopped else { return through };
            if at >= self.processes.tables().paging().task_size()
                || self.page_fault(&mut t, process, at, access, cpu) != Outcome::Resolved
            {
                return through;
            }
            if self.translate(&mut t, of, at, access).is_none() {
                return through;
            }
            through += 1;
        }
    }

    /// The processor touches pages as far as it gets: how many, and whether the next one stopped it. Where translations
    /// are looked at it translates them one by one, and some of them in one unit.
    pub(super) fn touch_pages(
        &mut self,
        t: &mut Trace<'_>,
        (process, cpu): (NameId, CpuId),
        (from, left, down): (Vaddr, u64, bool),
        access: Access,
    ) -> (u64, bool) {
        // An address that no process can have goes into no TLB.
        let of = if from < self.processes.tables().paging().task_size() {
            self.load_mm(t, process, cpu)
        } else {
            None
        };
        let Some(of) = of else {
            let touched = self.touch_present(process, from, left, access, down);
            return (touched, touched == 0);
        };
        let looks = t.looks();
        for touched in 0..left.min(TOUCHED_AT_ONCE) {
            let offset = touched * PAGE_SIZE;
            let at = if down { from.0.checked_sub(offset) } else { from.0.checked_add(offset) };
            let at = at.map(Vaddr).filter(|at| *at < self.processes.tables().paging().task_size());
            let is_known = at.is_some_and(|at| match looks {
                true => self.translate(t, of, at, access).is_some(),
                false => self.translate_at_once(of, at, access).is_some(),
            });
            if !is_known {
                return (touched, true);
            }
        }
        (left.min(TOUCHED_AT_ONCE), false)
    }

    /// The processor translates an address for an access: where it lies in memory. None: it cannot, and a page fault
    /// follows.
    #[inline]
    pub(crate) fn translate(
        &mut self,
        t: &mut Trace<'_>,
        of: Seeker,
        at: Vaddr,
        access: Access,
    ) -> Option<u64> {
        let unit = self.unit(of.cpu)?;
        unit.counts.accesses += 1;
        let mut found = None;
        for level in [1, 2] {
            let unit = self.unit(of.cpu)?;
            let hit = unit.find(level, at);
            if hit.is_some() {
                let hits = if level == 1 { &mut unit.counts.l1_hits } else { &mut unit.counts.l2_hits };
                *hits += 1;
            }
            if t.looks() {
                let set = self.set_of(of.cpu, level, PageSize::Small, at);
                let hit = hit.map(|(size, pte)| (size, Pfn((physical(pte, size, at) >> 12) as u32)));
                self.told_mmu(t, of, || MmuStep::Look { address: at, level, set, hit });
            }
            if let Some((size, pte)) = hit {
                if level == 2 {
                    self.fill(t, of, 1, at, size, pte)?;
                }
                found = hit;
                break;
            }
        }
        let Some((size, pte)) = found else { return self.table_walk(t, of, at, access) };
        if !is_allowed(pte, access) {
            // The kernel will change the entry, or end the process: nothing of it is remembered.
            self.unit(of.cpu)?.forget_faulting(of.paging, at);
            let why = denial(pte, access);
            self.told_mmu(t, of, || MmuStep::Denied { address: at, level: None, entry: pte, why });
            return None;
        }
        if access == Access::Write && !pte.has(Pte::DIRTY) {
            self.told_mmu(t, of, || MmuStep::NotDirty { address: at });
            return self.table_walk(t, of, at, access);
        }
        let physical = physical(pte, size, at);
        self.told_mmu(t, of, || MmuStep::Translated { address: at, physical, size, references: 0 });
        Some(physical)
    }

    /// The same with nobody looking on.
    fn translate_at_once(&mut self, of: Seeker, at: Vaddr, access: Access) -> Option<u64> {
        let unit = own(&mut self.mmus).cpu_mut(of.cpu)?;
        let tables = &mut own(&mut self.processes).tables;
        translate_unseen(unit, tables, &mut self.hierarchy, of, at, access)
    }

    /// The processor reads the tables.
    fn table_walk(&mut self, t: &mut Trace<'_>, of: Seeker, at: Vaddr, access: Access) -> Option<u64> {
        let levels = of.paging.levels();
        let unit = self.unit(of.cpu)?;
        unit.counts.walks += 1;
        let begin = unit.begin(of.paging, of.pgd, at);
        if begin.skipped > 0 {
            let level = levels[usize::from(begin.skipped)].0;
            self.told_mmu(t, of, || MmuStep::Skipped {
                address: at,
                level,
                table: begin.table,
                levels: begin.skipped,
            });
        }
        let (mut table, mut references) = (begin.table, 0);
        for (nth, (level, shift, bits)) in levels.iter().enumerate().skip(usize::from(begin.skipped)) {
            let index = (at.0 >> shift) as u16 & ((1 << bits) - 1);
            let entry = self.processes.tables().entry(table, index);
            references += 1;
            self.unit(of.cpu)?.counts.references += 1;
            let level = *level;
            self.told_mmu(t, of, || MmuStep::Read { address: at, level, table, index, entry, references });
            self.entry_through_caches(t, of, (table, index), Access::Read);
            let is_leaf = level == Level::Pte || entry.has(Pte::PSE);
            if !entry.has(Pte::PRESENT) || is_leaf && !is_allowed(entry, access) {
                self.unit(of.cpu)?.forget_faulting(of.paging, at);
                let why = denial(entry, access);
                self.told_mmu(t, of, || MmuStep::Denied { address: at, level: Some(level), entry, why });
                return None;
            }
            if !is_leaf {
                table = entry.pfn();
                self.unit(of.cpu)?.remember(of.paging, nth + 1, at, entry);
                continue;
            }
            let marked = entry.with(marks(access));
            if marked != entry {
                self.procs().tables.write(table, index, marked);
                self.entry_through_caches(&mut Trace::unseen(), of, (table, index), Access::Write);
                let dirty = marked.has(Pte::DIRTY) && !entry.has(Pte::DIRTY);
                self.told_mmu(t, of, || MmuStep::Marked { address: at, table, index, entry: marked, dirty });
            }
            let size = size_of(level);
            for level in [2, 1] {
                self.fill(t, of, level, at, size, marked)?;
            }
            let physical = physical(marked, size, at);
            self.told_mmu(t, of, || MmuStep::Translated { address: at, physical, size, references });
            return Some(physical);
        }
        None
    }

    /// An entry of a table is a word of memory like any other: where there are caches, they are asked for it.
    fn entry_through_caches(
        &mut self,
        t: &mut Trace<'_>,
        of: Seeker,
        (table, index): (Pfn, u16),
        access: Access,
    ) {
        let (cpu, physical) = (of.cpu, entry_at(of.paging, table, index));
        let Some(caches) = &mut self.hierarchy else { return };
        let outcome = own(caches).access(cpu, physical, access);
        let (level, cycles) = (outcome.level, outcome.cycles);
        self.told_caches(t, || HierarchyStep::Entry { cpu, physical, level, cycles });
    }

    /// A TLB keeps a translation.
    #[inline]
    fn fill(
        &mut self,
        t: &mut Trace<'_>,
        of: Seeker,
        level: u8,
        at: Vaddr,
        size: PageSize,
        pte: Pte,
    ) -> Option<()> {
        let evicted = self.unit(of.cpu)?.keep(level, at, size, pte, true);
        if t.looks() {
            let set = self.set_of(of.cpu, level, size, at);
            let evicted = evicted.map(|gone| (Vaddr(gone.key.page << gone.key.size.shift()), gone.key.asid));
            self.told_mmu(t, of, || MmuStep::Filled { address: at, level, set, size, evicted });
        }
        Some(())
    }

    fn set_of(&self, cpu: CpuId, level: u8, size: PageSize, at: Vaddr) -> u16 {
        self.mmus.cpu(cpu).map_or(0, |unit| unit.tlb(level, size).set_of(at.0 >> size.shift()))
    }

    /// Tables of a process are changed that processors may remember.
    pub(crate) fn will_flush(&mut self, process: NameId) {
        if self.mmus.config().is_some() {
            own(&mut self.mmus).will_flush(process);
        }
    }

    /// A process is no more, and nothing of it is remembered.
    pub(super) fn forget_mm(&mut self, process: NameId) {
        if self.mmus.config().is_some() {
            own(&mut self.mmus).forget(process);
        }
    }

    /// What processors remember of so many pages of a process is no longer so: those that are on it forget it at once.
    pub(crate) fn flush_tlb(
        &mut self,
        t: &mut Trace<'_>,
        cpu: CpuId,
        process: NameId,
        (start, pages): (Vaddr, NrPages),
        tables: bool,
    ) {
        if self.mmus.config().is_none() {
            return;
        }
        let range = (start, flush_range(pages.0, tables));
        let (generation, reached) = own(&mut self.mmus).begin_flush(cpu, process);
        for of in reached {
            let mmus = own(&mut self.mmus);
            let Some(dropped) = mmus.flush_on(of, of != cpu, range, PageSize::Small, generation) else {
                continue;
            };
            let step = MmuStep::Forgot {
                start,
                pages: dropped.pages.map(NrPages),
                dropped: dropped.entries,
                ipi: of != cpu,
            };
            if t.looks() {
                let kind = StepKind::Mmu { cpu: of, process, step };
                t.within_once(Func::FlushTlbFunc, |t| t.emit(self, kind));
            }
        }
    }

    /// All that processors remember of a process is no longer so (`flush_tlb_mm()`).
    pub(super) fn flush_tlb_mm(&mut self, t: &mut Trace<'_>, cpu: CpuId, process: NameId) {
        self.flush_tlb(t, cpu, process, (Vaddr(0), NrPages(u64::MAX)), false);
    }
}

impl Machine {
    /// No CPU that is up to date remembers of a process what its tables do not say. While pages are taken away, what is
    /// gone is flushed before anybody else can have it.
    ///
    /// # Errors
    /// The first that does.
    pub(crate) fn check_mmus(&self) -> Result<(), String> {
        let (mmus, procs) = (&self.mmus, &self.processes);
        if procs.work.is_some() {
            return Ok(());
        }
        for (cpu, unit) in mmus.iter() {
            for (asid, slot) in (0u16..).zip(unit.slots()) {
                let Some((process, seen)) = slot else { continue };
                let Some(mm) = procs.mm(process) else {
                    return Err(format!("{cpu:?} has a slot of {process:?}, which is no more"));
                };
                // What was flushed meanwhile is looked at when the CPU comes back to it.
                if seen < mmus.generation(process) || mmus.is_pending(process) {
                    continue;
                }
                for (level, size) in [(1, PageSize::Small), (1, PageSize::Large), (2, PageSize::Small)] {
                    for entry in unit.tlb(level, size).iter().filter(|entry| entry.key.asid == asid) {
                        let at = Vaddr(entry.key.page << entry.key.size.shift());
                        let now = procs.tables.walk(mm.pgd, at).last().map_or(Pte(0), |read| read.entry);
                        let is_less = entry.pte.pfn() == now.pfn()
                            && now.has(entry.pte.without(Pte::NX).without(Pte::ACCESSED))
                            && (entry.pte.has(Pte::NX) || !now.has(Pte::NX));
                        if !is_less {
                            return Err(format!(
                                "{cpu:?} remembers {:x?} at {at:x} of {process:?}, and the tables say {now:x?}",
                                entry.pte
                            ));
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

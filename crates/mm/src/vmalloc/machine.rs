//! The machine's side of vmalloc: pages come a batch at a time, and each batch is a unit.

use super::{NoArea, Vaddr, Vmalloc, VmallocStep};
use crate::gfp::GfpFlags;
use crate::machine::{Machine, Named, UnitEnd};
use crate::op::{Gfp, NameId, PageKind};
use crate::page::Block;
use crate::step::{Func, SkipReason, StepKind, Trace};
use crate::units::{CpuId, NrPages, Order, Pfn};

/// So many pages are asked for at once (`vm_area_alloc_pages()`).
const BATCH: u32 = 100;

/// The next unit of `vmalloc()`: the addresses, then the pages by the hundred, then the entries.
pub(crate) fn alloc(
    machine: &mut Machine,
    t: &mut Trace<'_>,
    name: NameId,
    bytes: u64,
    zero: bool,
    cpu: CpuId,
) -> UnitEnd {
    t.within(Func::Vmalloc, |t| {
        if machine.range().open().is_none() {
            // The first unit, unless what is open already is given back.
            if !machine.may_name(t, name) {
                return UnitEnd::Done;
            }
            t.emit(machine, StepKind::Vmalloc { name, step: VmallocStep::Request { bytes } });
            return match machine.range().begin(bytes) {
                Ok((start, purged)) => {
                    if let Some(pages) = purged {
                        told(machine, t, Func::PurgeVmapAreaLazy, name, VmallocStep::Purged { pages });
                    }
                    let pages = bytes.div_ceil(crate::units::PAGE_SIZE) + 1;
                    told(machine, t, Func::AllocVmapArea, name, VmallocStep::Addresses { start, pages });
                    UnitEnd::More
                }
                Err(why) => failed(machine, t, name, why),
            };
        }
        if machine.range().open().is_some_and(|(_, want)| want == 0) {
            return give_back(machine, t, name, cpu);
        }
        let zero = if zero { GfpFlags::ZERO } else { GfpFlags::NONE };
        let flags = GfpFlags::GFP_KERNEL | GfpFlags::HIGHMEM | GfpFlags::NOWARN | zero;
        for _ in 0..machine.range().missing().min(BATCH) {
            let page = t.within(Func::VmAreaAllocPages, |t| {
                machine.alloc_pages(t, cpu, name, 0, Gfp { kind: PageKind::Vmalloc, flags })
            });
            let Some(pfn) = page else { return gives_up(machine, t, name) };
            let index = machine.range().add_page(pfn);
            told(machine, t, Func::VmAreaAllocPages, name, VmallocStep::Page { index, pfn });
        }
        if machine.range().missing() > 0 {
            return UnitEnd::More;
        }
        while let Some(from) = machine.range().missing_table() {
            let gfp = Gfp { kind: PageKind::PageTable, flags: GfpFlags::GFP_KERNEL | GfpFlags::ZERO };
            let page =
                t.within(Func::VmapPagesRange, |t| machine.alloc_pages(t, cpu, NameId::PAGE_TABLE, 0, gfp));
            let Some(pfn) = page else { return gives_up(machine, t, name) };
            machine.range().add_table(from, pfn);
            told(machine, t, Func::VmapPagesRange, name, VmallocStep::Table { from, pfn });
        }
        let start = machine.range().finish();
        machine.set_named(name, Named::Area(start));
        let pages = machine.area(start).map_or(0, |area| area.pages.len() as u32);
        told(machine, t, Func::VmapPagesRange, name, VmallocStep::Mapped { start, pages });
        UnitEnd::Done
    })
}

/// The next unit of `vfree()`: the entries, then the pages by the hundred.
pub(crate) fn free(machine: &mut Machine, t: &mut Trace<'_>, name: NameId, cpu: CpuId) -> UnitEnd {
    t.within(Func::Vfree, |t| {
        if let Named::Area(start) = machine.named(name) {
            let Some(waiting) = machine.range().unmap(start) else {
                unreachable!("a name stands for an area that is there")
            };
            machine.set_named(name, Named::Freed);
            told(machine, t, Func::FreeVmapAreaNoflush, name, VmallocStep::Unmapped { start, waiting });
            purge_what_pays(machine, t, name);
            return UnitEnd::More;
        }
        if machine.range().open().is_none() {
            t.emit(machine, StepKind::Skipped { name, reason: SkipReason::OtherKind });
            return UnitEnd::Done;
        }
        give_back(machine, t, name, cpu)
    })
}

/// Up to a hundred pages go back.
fn give_back(machine: &mut Machine, t: &mut Trace<'_>, name: NameId, cpu: CpuId) -> UnitEnd {
    for _ in 0..BATCH {
        let Some(pfn) = machine.range().next_page() else { return UnitEnd::Done };
        machine.free_pages(t, cpu, Some(name), Block { pfn, order: Order::ZERO });
    }
    // The last one closes the area.
    if machine.range().open().is_some_and(|(area, _)| area.pages.is_empty()) {
        machine.range().next_page();
        return UnitEnd::Done;
    }
    UnitEnd::More
}

/// Addresses come to wait: when they are many, one flush of every TLB pays.
fn purge_what_pays(machine: &mut Machine, t: &mut Trace<'_>, name: NameId) {
    if machine.range().wants_purge() {
        let pages = machine.range().purge();
        told(machine, t, Func::PurgeVmapAreaLazy, name, VmallocStep::Purged { pages });
    }
}

fn gives_up(machine: &mut Machine, t: &mut Trace<'_>, name: NameId) -> UnitEnd {
    let got = NrPages(machine.range().open().map_or(0, |(area, _)| area.pages.len() as u64));
    machine.range().give_up();
    failed(machine, t, name, NoArea::NoPages { got });
    purge_what_pays(machine, t, name);
    if got == NrPages(0) {
        machine.range().next_page();
        return UnitEnd::Done;
    }
    UnitEnd::More
}

fn failed(machine: &mut Machine, t: &mut Trace<'_>, name: NameId, why: NoArea) -> UnitEnd {
    machine.set_named(name, Named::Failed);
    t.emit(machine, StepKind::Vmalloc { name, step: VmallocStep::Failed { why } });
    UnitEnd::Done
}

fn told(machine: &mut Machine, t: &mut Trace<'_>, func: Func, name: NameId, step: VmallocStep) {
    t.within(func, |t| t.emit(machine, StepKind::Vmalloc { name, step }));
}

impl Machine {
    /// The range of vmalloc, which is laid out when it is used first.
    fn range(&mut self) -> &mut Vmalloc {
        if self.kmem().vmalloc().is_none() {
            let total = NrPages(self.zones().iter().map(|zone| zone.managed.0).sum());
            let (arch, cpus, high_memory) =
                (self.settings().arch, u32::from(self.cpus()), self.high_memory());
            self.kmem_mut().set_vmalloc(Vmalloc::new(arch, cpus, total, high_memory));
        }
        self.kmem_mut().vmalloc_mut().unwrap_or_else(|| unreachable!("it was laid out"))
    }

    /// The area that begins at an address.
    #[must_use]
    pub fn area(&self, start: Vaddr) -> Option<&super::Area> {
        self.kmem().vmalloc()?.areas().find(|area| area.start == start)
    }

    /// The page of an area that is mapped at an address: what `vmalloc_to_page()` finds.
    #[must_use]
    pub fn vmalloc_to_page(&self, at: Vaddr) -> Option<Pfn> {
        let area = self.kmem().vmalloc()?.areas().take_while(|area| area.start <= at).last()?;
        area.pages.get(((at.0 - area.start.0) / crate::units::PAGE_SIZE) as usize).copied()
    }
}

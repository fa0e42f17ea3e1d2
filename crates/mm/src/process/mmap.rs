//! Where an area comes to lie, and what may be promised (mm/mmap.c, arch/x86/mm/mmap.c, 6.1).

use super::mm_types::{MAX_MAP_COUNT, MMAP_MIN_ADDR, Mm, STACK_GUARD_GAP};
use super::{Processes, Rlimits};
use crate::step::Refusal;
use crate::units::{NrPages, PAGE_SIZE, Vaddr};
use crate::util::Asker;

/// Where areas are put that ask for no address, from there downwards (`mmap_base()`): below the room that a stack may
/// take below `top`, which is 128 MiB at least. Nothing is left to chance here (no `randomize_va_space`).
#[must_use]
pub fn mmap_base(top: Vaddr, limits: Rlimits) -> Vaddr {
    const LEAST: u64 = 128 << 20;
    let most = top.0 / 6 * 5;
    let gap = limits.stack.saturating_add(STACK_GUARD_GAP.bytes().0).clamp(LEAST, most);
    Vaddr((top.0 - gap).next_multiple_of(PAGE_SIZE))
}

impl Mm {
    /// The highest free addresses below `mmap_base` that are as long; if there are none, the lowest ones from a third
    /// of the address space upwards (`vm_unmapped_area()`).
    #[must_use]
    pub fn unmapped_area(&self, bytes: u64) -> Option<Vaddr> {
        if bytes > self.top.0 {
            return None;
        }
        let gaps = || {
            let starts = std::iter::once(MMAP_MIN_ADDR).chain(self.vmas().iter().map(|vma| vma.end));
            let ends = self.vmas().iter().map(|vma| vma.start_gap()).chain([self.top]);
            starts.zip(ends)
        };
        let below = |(start, end): (Vaddr, Vaddr)| (start, end.min(self.mmap_base));
        let fits = |(start, end): &(Vaddr, Vaddr)| end.0.checked_sub(start.0).is_some_and(|gap| gap >= bytes);
        if let Some((_, end)) = gaps().map(below).filter(fits).last() {
            return Some(Vaddr(end.0 - bytes));
        }
        let bottom = Vaddr((self.top.0 / 3).next_multiple_of(PAGE_SIZE));
        gaps().map(|(start, end)| (start.max(bottom), end)).find(fits).map(|(start, _)| start)
    }

    /// Whether so many pages more stay below `RLIMIT_AS` (`may_expand_vm()`).
    #[must_use]
    pub fn may_expand(&self, pages: NrPages) -> bool {
        let most = self.limits.address_space.map_or(u64::MAX, |bytes| bytes / PAGE_SIZE);
        self.total_vm().0.saturating_add(pages.0) <= most
    }

    /// Whether there may be another area.
    pub(crate) fn has_room_for_areas(&self, more: usize) -> bool {
        self.vmas().len() + more <= MAX_MAP_COUNT + 1
    }
}

impl Processes {
    /// Promises so many pages to a process that has so many addresses already, or says why not (`security_vm_enough_memory_mm()`).
    pub(crate) fn charge(&mut self, total_vm: NrPages, pages: NrPages) -> Result<(), Refusal> {
        let asker = Asker { admin: true, total_vm };
        if !self.commit.allows(pages, NrPages(self.committed), asker) {
            let most = self.commit.most(asker);
            return Err(Refusal::Overcommit { pages, most });
        }
        self.committed += pages.0;
        Ok(())
    }

    /// So many pages are no longer promised (`vm_unacct_memory()`).
    pub(crate) fn uncharge(&mut self, pages: NrPages) {
        self.committed -= pages.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::TASK_SIZE;

    #[test]
    fn facts_10_mmap_base() {
        assert_eq!(mmap_base(TASK_SIZE, Rlimits::default()), Vaddr(0x7fff_f7ff_f000));
        // A stack that may be larger than 127 MiB moves it down.
        let large = Rlimits { stack: 1 << 30, ..Rlimits::default() };
        assert_eq!(mmap_base(TASK_SIZE, large), Vaddr(0x7fff_bfef_f000));
    }
}

//! The caches as a part of the machine.

use std::rc::Rc;

use super::{Caches, Hierarchy, Level, Walk};
use crate::hash::Digest;
use crate::machine::Machine;
use crate::op::NameId;
use crate::process::Access;
use crate::rng::Rng;
use crate::step::{HierarchyStep, StepKind, Trace};
use crate::units::{CpuId, Pfn, Vaddr};

/// What is left of an access pattern.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ScanWork {
    pub process: NameId,
    /// The first address, and how many bytes from it on are meant.
    pub start: Vaddr,
    pub len: u64,
    /// The next reference, and how many there are.
    pub next: u64,
    pub total: u64,
    pub cpu: CpuId,
    pub rng: Rng,
    /// Where the words were found so far, and what they cost.
    pub found: [u32; 5],
    pub cycles: u64,
}

impl ScanWork {
    pub(super) fn digest(&self, to: &mut Digest) {
        to.word(self.next);
        to.word(self.cycles);
        to.word(self.rng.state());
    }
}

impl Machine {
    /// What the caches of this machine are: as its scenario says, or those of a Skylake.
    #[must_use]
    pub fn caches(&self) -> Caches {
        self.settings().caches.unwrap_or_default()
    }

    /// The caches, if anybody has asked them for anything.
    #[must_use]
    pub fn hierarchy(&self) -> Option<&Hierarchy> {
        self.hierarchy.as_deref()
    }

    pub(crate) fn hierarchy_mut(&mut self) -> &mut Hierarchy {
        let caches = self.caches();
        Rc::make_mut(self.hierarchy.get_or_insert_with(|| Rc::new(Hierarchy::new(caches))))
    }

    /// A CPU asks for the word at a physical address, step by step: where it is found, and what it costs.
    pub(crate) fn ask_caches(
        &mut self,
        t: &mut Trace<'_>,
        cpu: CpuId,
        physical: u64,
        access: Access,
    ) -> (Level, u64) {
        if let Some(cycles) = self.hierarchy_mut().access_at_hand(cpu, physical, access) {
            return (Level::L1, u64::from(cycles));
        }
        let mut walk = Walk::new(cpu, physical, access);
        while let Some(step) = self.hierarchy_mut().advance(&mut walk) {
            self.told_caches(t, || step);
        }
        let outcome = walk.outcome();
        (outcome.level, outcome.cycles)
    }

    pub(crate) fn told_caches(&self, t: &mut Trace<'_>, step: impl FnOnce() -> HierarchyStep) {
        if t.looks() {
            t.emit(self, StepKind::Hierarchy(step()));
        }
    }

    /// A device has written to a page.
    pub(crate) fn dma_wrote(&mut self, pfn: Pfn) {
        if let Some(hierarchy) = &mut self.hierarchy {
            Rc::make_mut(hierarchy).dma(pfn);
        }
    }
}

impl Hierarchy {
    pub(crate) fn scan(&self) -> Option<ScanWork> {
        self.scan
    }

    pub(crate) fn set_scan(&mut self, scan: Option<ScanWork>) {
        self.scan = scan;
    }

    /// A process runs on a CPU from now on; the one it ran on before, if that was another one.
    pub(crate) fn put_on(&mut self, process: NameId, cpu: CpuId) -> Option<CpuId> {
        let before = self.on.insert(process, cpu).unwrap_or_default();
        (before != cpu).then_some(before)
    }
}

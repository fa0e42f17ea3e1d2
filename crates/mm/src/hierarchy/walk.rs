//! One access on its way down until it is found, and back up: step by step, so that the caches can be looked at in between.

use super::{CacheId, Hierarchy, Level, Outcome, Victim, l1_of};
use crate::cache::Line;
use crate::process::Access;
use crate::step::HierarchyStep;
use crate::units::CpuId;

/// What comes next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Next {
    Look(CacheId),
    Supply,
    Dram,
    Fill(CacheId),
    Own,
    Done,
}

/// An access on its way ([`Hierarchy::advance`]).
#[derive(Clone, Copy, Debug)]
pub struct Walk {
    cpu: CpuId,
    access: Access,
    next: Next,
    outcome: Outcome,
}

impl Walk {
    /// A CPU asks for the word at a physical address.
    #[must_use]
    pub fn new(cpu: CpuId, address: u64, access: Access) -> Walk {
        let line = address & !u64::from(super::LINE - 1);
        let outcome =
            Outcome { line, level: Level::L1, cycles: 0, evicted: [None; 3], supplied: None, invalidated: 0 };
        Walk { cpu, access, next: Next::Look(l1_of(access)), outcome }
    }

    /// What it came to, once it has arrived.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }
}

impl Hierarchy {
    /// The next thing that an access does; none: it has arrived.
    pub fn advance(&mut self, walk: &mut Walk) -> Option<HierarchyStep> {
        loop {
            let (cpu, line) = (walk.cpu, walk.outcome.line);
            match walk.next {
                Next::Look(cache) => return Some(self.look(walk, cache)),
                Next::Supply => {
                    walk.next = Next::Fill(CacheId::L2);
                    let from = self.cores().find(|(of, core)| *of != cpu && core.has_modified(line));
                    let Some((from, _)) = from else { continue };
                    self.give_up_modified(from, line);
                    self.l3.mark(line, true);
                    walk.outcome.supplied = Some(from);
                    return Some(HierarchyStep::Supplied { from, to: cpu, line });
                }
                Next::Dram => {
                    walk.next = Next::Fill(CacheId::L3);
                    walk.outcome.level = Level::Dram;
                    walk.outcome.cycles += u64::from(self.caches.cycles.dram);
                    self.dram.0 += 1;
                    return Some(HierarchyStep::Dram { cpu, line, cycles: walk.outcome.cycles });
                }
                Next::Fill(cache) => return Some(self.fill(walk, cache)),
                Next::Own => {
                    walk.next = Next::Done;
                    if walk.access != Access::Write {
                        continue;
                    }
                    let lost = self.leave_no_copy(cpu, line);
                    walk.outcome.invalidated = lost;
                    self.core_mut(cpu).l1d.mark(line, true);
                    if lost != 0 {
                        return Some(HierarchyStep::Invalidated { cpu, line, cpus: lost });
                    }
                }
                Next::Done => {
                    let Outcome { level, cycles, .. } = walk.outcome;
                    let core = self.core_mut(cpu);
                    core.references += 1;
                    core.cycles += cycles;
                    core.found[level as usize] += 1;
                    return None;
                }
            }
        }
    }

    /// The tags of one set are compared.
    fn look(&mut self, walk: &mut Walk, cache: CacheId) -> HierarchyStep {
        let (cpu, line) = (walk.cpu, walk.outcome.line);
        let cycles = self.caches.cycles;
        let (cost, level, below) = match cache {
            CacheId::L1d | CacheId::L1i => (cycles.l1, Level::L1, Next::Look(CacheId::L2)),
            CacheId::L2 => (cycles.l2, Level::L2, Next::Look(CacheId::L3)),
            CacheId::L3 => (cycles.l3, Level::L3, Next::Dram),
        };
        walk.outcome.cycles += u64::from(cost);
        let (sets, counts) = match cache {
            CacheId::L3 => (&mut self.l3, &mut self.l3_counts),
            of_core => self.core_mut(cpu).sets_mut(of_core),
        };
        let set = sets.shape().set_of(line);
        let compared = sets.lines(set).count() as u8;
        let hit = sets.touch(line);
        counts.looked(hit);
        if hit {
            walk.outcome.level = level;
        }
        walk.next = match (hit, cache) {
            (false, _) => below,
            (true, CacheId::L1d | CacheId::L1i) => Next::Own,
            (true, CacheId::L2) => Next::Fill(l1_of(walk.access)),
            (true, CacheId::L3) => Next::Supply,
        };
        HierarchyStep::Look { cpu, cache, line, set, compared, hit, cycles: walk.outcome.cycles }
    }

    /// The line comes into a level, and another one goes for it.
    fn fill(&mut self, walk: &mut Walk, cache: CacheId) -> HierarchyStep {
        let (cpu, line) = (walk.cpu, walk.outcome.line);
        let fresh = Line { address: line, modified: false };
        let mut gone: Option<Line>;
        let set;
        match cache {
            CacheId::L3 => {
                set = self.l3.shape().set_of(line);
                gone = self.l3.insert(fresh);
                if let Some(gone) = &mut gone {
                    // What it has no more, nobody above may have.
                    for core in self.cores.iter_mut().flatten() {
                        if core.l2.find(gone.address).is_some() {
                            gone.modified |= std::rc::Rc::make_mut(core).drop_line(gone.address).1;
                        }
                    }
                    self.l3_counts.evictions += 1;
                    if gone.modified {
                        self.l3_counts.write_backs += 1;
                        self.dram.1 += 1;
                    }
                }
                walk.next = Next::Fill(CacheId::L2);
            }
            CacheId::L2 => {
                let core = self.core_mut(cpu);
                set = core.l2.shape().set_of(line);
                gone = core.l2.insert(fresh);
                if let Some(gone) = &mut gone {
                    gone.modified |= core.drop_line(gone.address).1;
                    core.counts[CacheId::L2 as usize].evictions += 1;
                    if gone.modified {
                        core.counts[CacheId::L2 as usize].write_backs += 1;
                        let address = gone.address;
                        self.l3.mark(address, true);
                    }
                }
                walk.next = Next::Fill(l1_of(walk.access));
            }
            CacheId::L1d | CacheId::L1i => {
                let core = self.core_mut(cpu);
                // An instruction may be fetched that was just written.
                if cache == CacheId::L1i && core.l1d.find(line).is_some_and(|line| line.modified) {
                    core.l1d.mark(line, false);
                    core.l2.mark(line, true);
                    core.counts[CacheId::L1d as usize].write_backs += 1;
                }
                let (sets, counts) = core.sets_mut(cache);
                set = sets.shape().set_of(line);
                gone = sets.insert(fresh);
                if let Some(gone) = gone {
                    counts.evictions += 1;
                    if gone.modified {
                        counts.write_backs += 1;
                        core.l2.mark(gone.address, true);
                    }
                }
                walk.next = Next::Own;
            }
        }
        let at = match cache {
            CacheId::L1d | CacheId::L1i => 0,
            CacheId::L2 => 1,
            CacheId::L3 => 2,
        };
        walk.outcome.evicted[at] = gone.map(Victim::from);
        HierarchyStep::Fill { cpu, cache, line, set, victim: walk.outcome.evicted[at] }
    }

    /// A CPU writes back what it has written to, and keeps a copy that is like everybody's.
    fn give_up_modified(&mut self, cpu: CpuId, line: u64) {
        let core = self.core_mut(cpu);
        for cache in [CacheId::L1d, CacheId::L2] {
            let (sets, counts) = core.sets_mut(cache);
            if sets.find(line).is_some_and(|line| line.modified) {
                sets.mark(line, false);
                counts.write_backs += 1;
            }
        }
    }

    /// A CPU is about to write: no other one keeps a copy, nor do its own instructions. The CPUs that lost one, as bits.
    fn leave_no_copy(&mut self, cpu: CpuId, line: u64) -> u64 {
        let mut lost = 0;
        for (at, core) in self.cores.iter_mut().enumerate() {
            let Some(core) = core else { continue };
            if at == cpu.index() {
                if core.l1i.find(line).is_some() {
                    let core = std::rc::Rc::make_mut(core);
                    core.l1i.remove(line);
                    core.counts[CacheId::L1i as usize].invalidations += 1;
                }
            } else if core.l2.find(line).is_some() {
                std::rc::Rc::make_mut(core).drop_line(line);
                lost |= 1 << at.min(63);
            }
        }
        lost
    }
}

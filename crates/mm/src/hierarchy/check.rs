//! The laws of caches, which hold at every step.

use super::{CacheId, Core, Hierarchy};
use crate::cache::Sets;

impl Hierarchy {
    /// Checks every law in full.
    ///
    /// # Errors
    /// The first one that does not hold.
    pub fn check(&self) -> Result<(), String> {
        check_sets("L3", &self.l3)?;
        for (cpu, core) in self.cores() {
            for cache in [CacheId::L1d, CacheId::L1i, CacheId::L2] {
                check_sets(&format!("{} of CPU {cpu}", cache.name()), core.sets(cache))?;
            }
            let below = [(&core.l1d, &core.l2), (&core.l1i, &core.l2), (&core.l2, &self.l3)];
            for (above, below) in below {
                let mut lines = all(above);
                // A line that comes in comes from below: between two steps of it, too.
                if let Some(line) = lines.find(|line| below.find(line.address).is_none()) {
                    return Err(format!("CPU {cpu}: {line:x?} is not in the level below"));
                }
            }
            self.check_modified(cpu.0, core)?;
            let l1 = core.counts[0].misses + core.counts[1].misses;
            let l2 = core.counts[2].lookups();
            // An access that is under way has been looked for in level 1 only.
            if l2 > l1 || l1 > l2 + 1 {
                return Err(format!("CPU {cpu}: {l1} misses in level 1, {l2} lookups in level 2"));
            }
            let found: u64 = core.found.iter().sum();
            if found != core.references {
                return Err(format!("CPU {cpu}: {} references, {found} found", core.references));
            }
        }
        Ok(())
    }

    fn check_modified(&self, cpu: u8, core: &Core) -> Result<(), String> {
        if let Some(line) = all(&core.l1i).find(|line| line.modified) {
            return Err(format!("CPU {cpu}: an instruction is modified: {line:x?}"));
        }
        for line in all(&core.l1d).chain(all(&core.l2)).filter(|line| line.modified) {
            let others = self.cores().filter(|(of, _)| of.0 != cpu);
            if let Some((other, _)) =
                others.into_iter().find(|(_, core)| core.l2.find(line.address).is_some())
            {
                return Err(format!("CPU {cpu} has modified {line:x?}, and CPU {other} has a copy"));
            }
        }
        Ok(())
    }
}

fn all(sets: &Sets) -> impl Iterator<Item = crate::cache::Line> + '_ {
    (0..sets.shape().sets).flat_map(|set| sets.lines(set))
}

fn check_sets(name: &str, sets: &Sets) -> Result<(), String> {
    for set in 0..sets.shape().sets {
        let lines: Vec<u64> = sets.lines(set).map(|line| line.address).collect();
        for (at, line) in lines.iter().enumerate() {
            if lines[..at].contains(line) {
                return Err(format!("{name}: line {line:x} is twice in set {set}"));
            }
            if sets.shape().set_of(*line) != set || sets.shape().line_of(*line) != *line {
                return Err(format!("{name}: line {line:x} is in set {set}"));
            }
        }
    }
    Ok(())
}

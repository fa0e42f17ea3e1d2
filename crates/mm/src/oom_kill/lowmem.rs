//! How Android's driver chose (drivers/staging/android/lowmemorykiller.c of 3.10 to 4.11): long before memory has run
//! out, and by what the user is likely to miss least.

use crate::op::NameId;
use crate::units::NrPages;

/// Levels that can be set (`lowmem_adj[]`, `lowmem_minfree[]`).
pub const MINFREE_LEVELS: usize = 6;

/// What memory is like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LowMemory {
    /// Free pages but for those that are kept back (`NR_FREE_PAGES - totalreserve_pages`); below zero when they are touched.
    pub free: i64,
    /// Pages of files that could go (`NR_FILE_PAGES - NR_SHMEM`, without the swap cache).
    pub file: i64,
}

/// A process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LowTask {
    /// Which.
    pub name: NameId,
    /// `oom_score_adj`: 0 what is in front, up to 1000.
    pub oom_score_adj: i16,
    /// Pages in memory.
    pub rss: NrPages,
    /// It was killed less than a second ago, and is not gone yet.
    pub dying: bool,
}

/// The levels: below so much free memory and so many pages of files, whoever has such an adjustment or a higher one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lowmem {
    /// Adjustments, and pages; a level of 0 pages is never reached.
    pub levels: [(i16, NrPages); MINFREE_LEVELS],
}

impl Default for Lowmem {
    /// As the driver has it: 6, 8, 16 and 64 MiB.
    fn default() -> Lowmem {
        let unused = (0, NrPages(0));
        let level = |adj: i16, pages: u64| (adj, NrPages(pages));
        let levels = [level(0, 3 * 512), level(1, 2 * 1024), level(6, 4 * 1024), level(12, 16 * 1024)];
        let [a, b, c, d] = levels;
        Lowmem { levels: [a, b, c, d, unused, unused] }
    }
}

/// What the driver finds when it looks at a process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LowVerdict {
    /// It is the first to go so far.
    First,
    /// Another one has a higher adjustment, or the same and as many pages.
    Later,
    /// Its adjustment is below those that may go.
    Spared,
    /// It has no pages.
    Empty,
}

impl Lowmem {
    /// The first level that is reached, counted from 0; none: there is enough memory.
    #[must_use]
    pub fn level(&self, memory: LowMemory) -> Option<usize> {
        let short = |pages: NrPages| memory.free < pages.0 as i64 && memory.file < pages.0 as i64;
        self.levels.iter().position(|(_, pages)| short(*pages))
    }

    /// From which adjustment on somebody has to go; none: there is enough memory.
    #[must_use]
    pub fn min_adj(&self, memory: LowMemory) -> Option<i16> {
        self.levels.get(self.level(memory)?).map(|(adj, _)| *adj)
    }

    /// The levels that are in use, the one that is reached last first: pages, and from which adjustment on somebody goes.
    pub fn used(&self) -> impl DoubleEndedIterator<Item = (i16, NrPages)> + use<> {
        self.levels.into_iter().filter(|(_, pages)| pages.0 > 0)
    }

    /// What comes of looking at a process, when that one was the first to go so far.
    #[must_use]
    pub fn verdict(min_adj: i16, task: &LowTask, first: Option<&LowTask>) -> LowVerdict {
        let key = |task: &LowTask| (task.oom_score_adj, task.rss);
        match first {
            _ if task.oom_score_adj < min_adj => LowVerdict::Spared,
            _ if task.rss.0 == 0 => LowVerdict::Empty,
            Some(first) if key(task) <= key(first) => LowVerdict::Later,
            _ => LowVerdict::First,
        }
    }

    /// Who goes (`lowmem_scan()`): of those with the highest adjustment the largest, of several such the first. Nobody
    /// while one is on its way.
    #[must_use]
    pub fn choose(&self, memory: LowMemory, tasks: &[LowTask]) -> Option<NameId> {
        let min_adj = self.min_adj(memory)?;
        if tasks.iter().any(|task| task.dying) {
            return None;
        }
        let mut chosen: Option<&LowTask> = None;
        for task in tasks {
            if Lowmem::verdict(min_adj, task, chosen) == LowVerdict::First {
                chosen = Some(task);
            }
        }
        chosen.map(|task| task.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(name: u32, oom_score_adj: i16, rss: u64) -> LowTask {
        LowTask { name: NameId(name), oom_score_adj, rss: NrPages(rss), dying: false }
    }

    #[test]
    fn facts_13_levels_of_lowmemorykiller() {
        let levels = Lowmem::default();
        assert_eq!(levels.min_adj(LowMemory { free: 3000, file: 5000 }), Some(12));
        assert_eq!(levels.min_adj(LowMemory { free: 3000, file: 4000 }), Some(6));
        assert_eq!(levels.min_adj(LowMemory { free: 1000, file: 1000 }), Some(0));
        assert_eq!(levels.min_adj(LowMemory { free: 1000, file: 20_000 }), None, "files can still go");
        assert_eq!(levels.min_adj(LowMemory { free: -5, file: 2047 }), Some(1));
    }

    #[test]
    fn facts_13_whom_lowmemorykiller_takes() {
        let levels = Lowmem::default();
        let short = LowMemory { free: 3000, file: 5000 };
        let tasks = [
            task(1, 0, 90_000),
            task(2, 900, 2000),
            task(3, 906, 1000),
            task(4, 906, 1500),
            task(5, 906, 1500),
        ];
        assert_eq!(levels.choose(short, &tasks), Some(NameId(4)), "the first of the largest");
        assert_eq!(levels.choose(short, &tasks[..1]), None, "what is in front stays");
        let dying = LowTask { dying: true, ..task(6, 0, 1) };
        assert_eq!(levels.choose(short, &[tasks[1], dying]), None, "one at a time");
        assert_eq!(levels.choose(short, &[task(7, 950, 0)]), None, "nothing to gain");
        assert_eq!(levels.choose(LowMemory { free: 20_000, file: 0 }, &tasks), None);
    }
}

//! Android's driver at work: reclaim asks it in each pass over a node, and it kills whoever the user will miss least.
//!
//! The kernel would ask a shrinker of 32 seeks only after every thousand pages that it has looked at (`do_shrink_slab()`);
//! here each pass asks it once.

use super::lowmem::{LowMemory, LowTask, LowVerdict, Lowmem};
use super::report::{Behalf, LogLine, LowKill};
use super::state::Dying;
use crate::Machine;
use crate::process::{Mm, Processes};
use crate::step::{Func, OomStep, Reclaimer, Trace};

/// How long the driver waits for whom it has killed before it kills again, in milliseconds of the machine's clock (`HZ`).
const DEATHPENDING: u64 = 1000;

impl Machine {
    /// The levels of Android's driver; none: it is not there.
    #[must_use]
    pub fn lowmem(&self) -> Option<Lowmem> {
        self.settings().lowmem
    }

    /// What the driver measures its levels against.
    #[must_use]
    pub fn low_memory(&self) -> LowMemory {
        let signed = |pages: u64| i64::try_from(pages).unwrap_or(i64::MAX);
        let free: u64 = self.zones().iter().map(|zone| zone.nr_free_pages.0).sum();
        let files = self.processes().files().filter(|(_, file)| !file.shmem);
        let file: u64 = files.map(|(_, file)| u64::from(file.nr_cached())).sum();
        LowMemory { free: signed(free) - signed(self.setup().totalreserve().0), file: signed(file) }
    }

    /// Who could be killed, in the order of the kernel's list.
    fn low_tasks(&self, now: u64) -> Vec<LowTask> {
        let procs = self.processes();
        let pending = procs.oom.deathpending.is_some_and(|until| now <= until);
        let is_under_way = |mm: &Mm| procs.oom.dying() == Some(mm.name);
        let task = |mm: &Mm| LowTask {
            name: mm.name,
            oom_score_adj: mm.oom.oom_score_adj,
            rss: mm.rss.total(),
            dying: is_under_way(mm) || mm.oom.victim && pending,
        };
        procs.in_list_order().filter(|mm| !procs.is_unkillable(mm)).map(task).collect()
    }

    /// A pass over a node is over: the driver looks whether memory is short, and kills at most one (`lowmem_scan()`).
    pub(crate) fn lowmem_scan(&mut self, t: &mut Trace<'_>, by: Reclaimer) {
        let Some(levels) = self.lowmem().filter(|_| !self.processes().is_untouched()) else { return };
        t.within(Func::ShrinkSlab, |t| {
            let memory = self.low_memory();
            let level = levels.level(memory);
            let reached = level.and_then(|at| levels.levels.get(at)).copied();
            self.told_oom(t, Func::LowmemScan, || OomStep::LowMemory { memory, reached });
            let Some((min_adj, minfree)) = reached else { return };
            let now = self.reclaim().map_or(0, crate::reclaim::Reclaim::clock);
            let tasks = self.low_tasks(now);
            if let Some(process) = tasks.iter().find(|task| task.dying).map(|task| task.name) {
                self.told_oom(t, Func::LowmemScan, || OomStep::LowPending { process });
                return;
            }
            let mut first: Option<&LowTask> = None;
            for task in &tasks {
                let verdict = Lowmem::verdict(min_adj, task, first);
                if verdict == LowVerdict::First {
                    first = Some(task);
                }
                let LowTask { name: process, oom_score_adj, .. } = *task;
                let first = first.map(|task| task.name);
                let told = || OomStep::LowScored { process, oom_score_adj, verdict, first };
                self.told_oom(t, Func::LowmemScan, told);
            }
            match first.copied() {
                Some(victim) => {
                    let behalf = match by {
                        Reclaimer::Kswapd(node) => Behalf::Kswapd(node),
                        _ => Behalf::Task(self.processes().oom.current),
                    };
                    let line = LowKill {
                        process: victim.name,
                        oom_score_adj: victim.oom_score_adj,
                        rss: victim.rss,
                        behalf,
                        memory,
                        min_adj,
                        minfree,
                    };
                    self.low_kill(t, line, now);
                }
                None => self.told_oom(t, Func::LowmemScan, || OomStep::LowNobody { min_adj }),
            }
        });
    }

    fn low_kill(&mut self, t: &mut Trace<'_>, kill: LowKill, now: u64) {
        let LowKill { process, oom_score_adj, rss, .. } = kill;
        let Some(stuck) = self.processes().mm(process).map(|mm| mm.oom.args.stuck) else { return };
        let procs = self.procs();
        // Whoever runs in the kernel, or will go on in a moment, finds the signal at the end of its unit.
        let in_kernel = [procs.oom.current, procs.oom.ran].contains(&Some(process));
        procs.oom.print(LogLine::LowKill(kill));
        procs.oom.deathpending = Some(now + DEATHPENDING);
        if let Some(mm) = procs.mm_mut(process) {
            mm.oom.victim = true;
        }
        // Nobody helps when no signal reaches it: the reaper works for the OOM killer alone.
        procs.oom.dying =
            (!stuck).then_some(Dying { process, in_kernel, reaped: None, taken: 0, work: None });
        self.told_oom(t, Func::LowmemScan, || OomStep::LowKill { process, oom_score_adj, rss });
    }
}

impl Processes {
    /// Whom Android's driver killed last, if nobody else has killed since, as far as that is still in the log.
    #[must_use]
    pub fn last_low_kill(&self) -> Option<&LowKill> {
        match self.oom.log().next_back()? {
            LogLine::LowKill(kill) => Some(kill),
            _ => None,
        }
    }
}

//! Who is killed when memory has run out: the score of a task, as three kernels give it, and the choice
//! (mm/oom_kill.c of 6.1, 3.10 and 2.6.32; `/proc/PID/oom_score` and `oom_adj` of fs/proc/base.c).

use crate::units::{NrPages, PAGE_SIZE};

/// The adjustment that keeps a task from being killed (`OOM_SCORE_ADJ_MIN`).
pub const OOM_SCORE_ADJ_MIN: i16 = -1000;
/// The adjustment that makes a task the first choice (`OOM_SCORE_ADJ_MAX`).
pub const OOM_SCORE_ADJ_MAX: i16 = 1000;
/// `oom_adj`: as [`OOM_SCORE_ADJ_MIN`] (`OOM_DISABLE`).
pub const OOM_DISABLE: i8 = -17;

/// What the killer looks at of a process, by 6.1 and 3.10.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Task {
    /// Pages in memory: of files, anonymous, and shared (`get_mm_rss()`).
    pub rss: NrPages,
    /// Pages in swap (`MM_SWAPENTS`).
    pub swapents: NrPages,
    /// Bytes of page tables (`mm_pgtables_bytes()`); 3.10 counts only the last level.
    pub pgtables_bytes: u64,
    /// `oom_score_adj`, -1000 to 1000.
    pub oom_score_adj: i16,
    /// It may do what root may (`CAP_SYS_ADMIN`): 3.10 spares it.
    pub admin: bool,
    /// It is init, a kernel thread, or was chosen before and has nothing left to give (`MMF_OOM_SKIP`).
    pub unkillable: bool,
}

/// `totalpages`: memory and swap that the choice is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TotalPages(pub NrPages);

impl TotalPages {
    fn signed(self) -> i64 {
        self.0.0 as i64
    }
}

/// How bad a task is in pages, by 6.1; none: it may not be killed (`oom_badness()`).
///
/// Pages in memory and in swap and of tables, and for each point of the adjustment a thousandth of everything. It can
/// be below zero. There is nothing off for root.
#[must_use]
pub fn oom_badness(task: &Task, total: TotalPages) -> Option<i64> {
    if task.unkillable || task.oom_score_adj == OOM_SCORE_ADJ_MIN {
        return None;
    }
    // The thousandth is rounded down before it is multiplied.
    Some(pages(task) + i64::from(task.oom_score_adj) * (total.signed() / 1000))
}

fn pages(task: &Task) -> i64 {
    (task.rss.0 + task.swapents.0 + task.pgtables_bytes / PAGE_SIZE) as i64
}

/// The same by 3.10: an adjustment 30 lower for root, and never below 1; 0: it may not be killed.
#[must_use]
pub fn oom_badness_3_10(task: &Task, total: TotalPages) -> u64 {
    if task.unkillable || task.oom_score_adj == OOM_SCORE_ADJ_MIN {
        return 0;
    }
    let adj = i64::from(task.oom_score_adj) - if task.admin { 30 } else { 0 };
    (pages(task) + adj * (total.signed() / 1000)).max(1) as u64
}

/// `/proc/PID/oom_score` of 6.1: from 0, and 666 for a task that has nothing and asks for nothing.
#[must_use]
pub fn oom_score(task: &Task, total: TotalPages) -> u64 {
    let Some(badness) = oom_badness(task, total) else { return 0 };
    ((1000 + badness * 1000 / total.signed()) * 2 / 3) as u64
}

/// `/proc/PID/oom_score` of 3.10: thousandths of everything.
#[must_use]
pub fn oom_score_3_10(task: &Task, total: TotalPages) -> u64 {
    oom_badness_3_10(task, total) * 1000 / total.0.0
}

/// Which of the tasks, in the order of the kernel's list, is killed (`select_bad_process()`, 6.1): the worst; of
/// several that are as bad the last one. None: nobody may be.
#[must_use]
pub fn select_bad_process<'t>(tasks: impl IntoIterator<Item = &'t Task>, total: TotalPages) -> Option<usize> {
    let scored = tasks.into_iter().enumerate();
    let scored = scored.filter_map(|(at, task)| Some((oom_badness(task, total)?, at)));
    scored.max().map(|(_, at)| at)
}

/// What the killer of 2.6.32 looks at.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OldTask {
    /// All pages of its address space, whether they are in memory or not.
    pub total_vm: NrPages,
    /// The same of each child that has an address space of its own.
    pub children: Vec<NrPages>,
    /// Time on CPUs, in seconds.
    pub cpu_seconds: u64,
    /// Seconds since it began.
    pub run_seconds: u64,
    /// Its priority was lowered (`nice` above 0).
    pub nice: bool,
    /// `CAP_SYS_ADMIN` or `CAP_SYS_RESOURCE`.
    pub admin: bool,
    /// `CAP_SYS_RAWIO`.
    pub raw_io: bool,
    /// `oom_adj`, -17 to 15.
    pub oom_adj: i8,
}

/// How bad a task is by 2.6.32 (`badness()`): the size of its address space, half of its children's; less for what has
/// run long and worked much, and for root. 0: it may not be killed.
///
/// CPU time counts in units of 8 seconds here (exactly so where `HZ` is a power of two).
#[must_use]
pub fn badness_2_6(task: &OldTask) -> u64 {
    if task.oom_adj == OOM_DISABLE {
        return 0;
    }
    let mut points = task.total_vm.0 + task.children.iter().map(|child| child.0 / 2 + 1).sum::<u64>();
    let (cpu_time, run_time) = (task.cpu_seconds >> 3, task.run_seconds >> 10);
    if cpu_time > 0 {
        points /= cpu_time.isqrt();
    }
    if run_time > 0 {
        points /= run_time.isqrt().isqrt();
    }
    if task.nice {
        points *= 2;
    }
    for spared in [task.admin, task.raw_io] {
        points /= if spared { 4 } else { 1 };
    }
    match task.oom_adj {
        0 => points,
        adj @ 1.. => points.max(1) << adj,
        adj => points >> adj.unsigned_abs(),
    }
}

/// `oom_score_adj` after a write of `oom_adj`, -17 to 15 (`oom_adj_write()`, 6.1).
#[must_use]
pub fn oom_score_adj_of(oom_adj: i8) -> i16 {
    if oom_adj == 15 { OOM_SCORE_ADJ_MAX } else { i16::from(oom_adj) * OOM_SCORE_ADJ_MAX / 17 }
}

/// What is read from `oom_adj` (`oom_adj_read()`, 6.1): rounded towards 0, so not always what was written.
#[must_use]
pub fn oom_adj_of(oom_score_adj: i16) -> i8 {
    if oom_score_adj == OOM_SCORE_ADJ_MAX {
        return 15;
    }
    (i32::from(oom_score_adj) * 17 / 1000).min(15) as i8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(rss: u64, swap: u64, tables: u64, oom_score_adj: i16) -> Task {
        Task {
            rss: NrPages(rss),
            swapents: NrPages(swap),
            pgtables_bytes: tables * PAGE_SIZE,
            oom_score_adj,
            ..Task::default()
        }
    }

    #[test]
    fn facts_13_scores_of_6_1() {
        for total in [1_000_000, 1_000_999] {
            let total = TotalPages(NrPages(total));
            let tasks = [
                task(300_000, 0, 800, 0),
                task(100_000, 0, 300, 500),
                task(400_000, 50_000, 1000, -500),
                task(200_000, 0, 400, 0),
                task(1, 0, 1, -1000),
            ];
            let points = [Some(300_800), Some(600_300), Some(-49_000), Some(200_400), None];
            assert_eq!(tasks.map(|task| oom_badness(&task, total)), points);
            assert_eq!(select_bad_process(&tasks, total), Some(1));
            if total.0.0 == 1_000_000 {
                assert_eq!(tasks.map(|task| oom_score(&task, total)), [866, 1066, 634, 800, 0]);
            }
        }
        let total = TotalPages(NrPages(1_000_000));
        let adjusted = [0, 1, 58, 294, 500, 999, 1000].map(|adj| oom_score(&task(0, 0, 0, adj), total));
        assert_eq!(adjusted, [666, 667, 705, 862, 1000, 1332, 1333]);
        assert_eq!(oom_score(&task(1_000_000, 0, 0, 1000), total), 2000);
    }

    #[test]
    fn of_equals_the_last_one_goes_and_scores_below_zero_count() {
        let total = TotalPages(NrPages(100_000));
        let tasks = [task(10, 0, 0, -900), task(10, 0, 0, -900), task(5, 0, 0, -1000)];
        assert_eq!(oom_badness(&tasks[0], total), Some(-89_990));
        assert_eq!(select_bad_process(&tasks, total), Some(1));
        assert_eq!(select_bad_process(&tasks[2..], total), None);
    }

    #[test]
    fn facts_13_badness_of_2_6() {
        let mut old =
            OldTask { total_vm: NrPages(100_000), children: vec![NrPages(40_000)], ..OldTask::default() };
        assert_eq!(badness_2_6(&old), 120_001);
        old.cpu_seconds = 16 * 8;
        assert_eq!(badness_2_6(&old), 30_000);
        old.run_seconds = 81 * 1024;
        assert_eq!(badness_2_6(&old), 10_000);
        old.admin = true;
        assert_eq!(badness_2_6(&old), 2500);
        old.oom_adj = 3;
        assert_eq!(badness_2_6(&old), 20_000);
        old.oom_adj = OOM_DISABLE;
        assert_eq!(badness_2_6(&old), 0);
        assert_eq!(badness_2_6(&OldTask { oom_adj: 4, ..OldTask::default() }), 16, "from 1 upwards");
    }

    #[test]
    fn facts_13_root_of_3_10() {
        let total = TotalPages(NrPages(1_000_000));
        let plain = task(100_000, 0, 0, 0);
        let root = Task { admin: true, ..plain };
        assert_eq!([plain, root].map(|task| oom_badness_3_10(&task, total)), [100_000, 70_000]);
        assert_eq!([plain, root].map(|task| oom_score_3_10(&task, total)), [100, 70]);
        assert_eq!(oom_badness_3_10(&Task { rss: NrPages(5), ..root }, total), 1);
        assert_eq!(oom_badness(&root, total), Some(100_000), "no longer");
    }

    #[test]
    fn facts_13_oom_adj() {
        let written = [-17, -16, -10, -1, 1, 5, 10, 14, 15].map(oom_score_adj_of);
        assert_eq!(written, [-1000, -941, -588, -58, 58, 294, 588, 823, 1000]);
        let read = [58, 294, 588, -588, -941, -1000, 999, 1000].map(oom_adj_of);
        assert_eq!(read, [0, 4, 9, -9, -15, -17, 15, 15]);
    }

    /// Every kill of a real kernel, from the report that it printed; and every `oom_score` that was read before.
    #[test]
    fn the_victims_of_a_real_kernel() {
        let text = include_str!("../../tests/data/oom/kills.txt");
        let (mut total, mut tasks, mut pids) = (TotalPages(NrPages(0)), Vec::new(), Vec::new());
        let (mut kills, mut scores) = (0, 0);
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let words: Vec<&str> = line.split(' ').collect();
            let number = |at: usize| words[at].parse::<i64>().expect("a number");
            match words[0] {
                "case" => {
                    total = TotalPages(NrPages(number(2) as u64));
                    (tasks, pids) = (Vec::new(), Vec::new());
                }
                "score" => {
                    let seen = Task {
                        rss: NrPages(number(4) as u64 / 4),
                        swapents: NrPages(number(6) as u64 / 4),
                        pgtables_bytes: number(5) as u64 * 1024,
                        oom_score_adj: number(3) as i16,
                        unkillable: number(1) == 1,
                        ..Task::default()
                    };
                    assert_eq!(oom_score(&seen, total), number(2) as u64, "{line}");
                    scores += 1;
                }
                "task" => {
                    pids.push(number(1));
                    tasks.push(Task {
                        rss: NrPages(number(4) as u64),
                        pgtables_bytes: number(5) as u64,
                        swapents: NrPages(number(6) as u64),
                        oom_score_adj: number(7) as i16,
                        unkillable: number(1) == 1,
                        ..Task::default()
                    });
                }
                "killed" => {
                    let victim = select_bad_process(&tasks, total).map(|at| pids[at]);
                    assert_eq!(victim, Some(number(1)), "{line}");
                    kills += 1;
                }
                _ => panic!("{line}"),
            }
        }
        assert_eq!((kills, scores), (16, 73));
    }
}

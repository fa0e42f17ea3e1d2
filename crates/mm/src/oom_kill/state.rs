//! What the killer knows of a process besides its memory, and who was killed and is not gone yet.

use std::rc::Rc;

use super::report::LogLine;
use super::score::{
    OOM_SCORE_ADJ_MIN, OldTask, Task, TotalPages, badness_2_6, oom_badness, oom_badness_3_10, oom_score,
    oom_score_3_10,
};
use crate::hash::Digest;
use crate::op::NameId;
use crate::process::{Mm, Processes, Work};
use crate::units::{NrPages, PAGE_SIZE, Pfn, Vaddr};
use crate::x86::pgtable::Pte;

/// Lines of the log that are kept; the oldest go.
pub const MAX_LOG: usize = 32;

/// By whose rules the killer counts and chooses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub enum OomRules {
    /// Linux 2.6.32: the size of the address space, its children's, the time that it worked; children go first.
    V2_6_32,
    /// Linux 3.10: pages in memory, 30 thousandths less for root; the worst child goes first.
    V3_10,
    /// Linux 6.1: pages in memory, in swap and of tables.
    #[default]
    V6_1,
}

impl OomRules {
    /// All of them, oldest first.
    pub const ALL: [OomRules; 3] = [OomRules::V2_6_32, OomRules::V3_10, OomRules::V6_1];

    /// The version as a person writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            OomRules::V2_6_32 => "2.6.32",
            OomRules::V3_10 => "3.10",
            OomRules::V6_1 => "6.1",
        }
    }
}

/// What a new program says of itself: what only the killer, and who may do what, asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TaskArgs {
    /// Whose it is; 0 is root.
    pub uid: u32,
    /// Its priority, -20 to 19.
    pub nice: i8,
    /// Seconds that it has worked on CPUs: what 2.6.32 divides by.
    pub cpu_seconds: u32,
    /// Seconds since it began: the same.
    pub age_seconds: u32,
    /// It waits in the kernel for something that does not come (state D): no signal reaches it.
    pub stuck: bool,
    /// The control group whose memory it is charged to.
    pub cgroup: Option<NameId>,
    /// The cpuset that it is in; none: the root.
    pub cpuset: Option<NameId>,
}

/// What the killer knows of a process (`struct signal_struct`, and the flags of its `mm_struct`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TaskOom {
    /// What it said of itself.
    pub args: TaskArgs,
    /// `oom_score_adj`, -1000 to 1000.
    pub oom_score_adj: i16,
    /// What it may lower that to without `CAP_SYS_RESOURCE` (`oom_score_adj_min`).
    pub oom_score_adj_min: i16,
    /// `oom_adj` of 2.6.32, -17 to 15.
    pub oom_adj: i8,
    /// It was chosen and has SIGKILL: its requests may go into the reserve (`TIF_MEMDIE`, `tsk_is_oom_victim()`).
    pub victim: bool,
    /// It has nothing left to give (`MMF_OOM_SKIP`).
    pub skip: bool,
}

impl TaskOom {
    /// A new program.
    #[must_use]
    pub fn new(args: TaskArgs) -> TaskOom {
        TaskOom { args, ..TaskOom::default() }
    }

    /// A child: it has worked for no time yet, and runs.
    #[must_use]
    pub fn child(self) -> TaskOom {
        let args = TaskArgs { cpu_seconds: 0, age_seconds: 0, stuck: false, ..self.args };
        TaskOom { args, victim: false, skip: false, ..self }
    }

    /// It may do what root may (`CAP_SYS_ADMIN`, `CAP_SYS_RESOURCE`, `CAP_SYS_RAWIO`).
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.args.uid == 0
    }

    pub(crate) fn digest(&self, to: &mut Digest) {
        if *self == TaskOom::default() {
            return;
        }
        let TaskOom { args, oom_score_adj, oom_score_adj_min, oom_adj, victim, skip } = *self;
        let TaskArgs { uid, nice, cpu_seconds, age_seconds, stuck, cgroup, cpuset } = args;
        let flags = [victim, skip, stuck].iter().fold(1, |bits, flag| bits << 1 | u64::from(*flag));
        to.word(u64::from(uid) << 32 | u64::from(nice as u8) << 8 | flags);
        to.word(u64::from(cpu_seconds) << 32 | u64::from(age_seconds));
        let adjs = [oom_score_adj as u16, oom_score_adj_min as u16, oom_adj as u16];
        to.word(adjs.iter().fold(0, |bits, adj| bits << 16 | u64::from(*adj)));
        to.word(cgroup.map_or(u64::MAX, |group| u64::from(group.0)));
        if let Some(cpuset) = cpuset {
            to.word(1 << 33 | u64::from(cpuset.0));
        }
    }
}

/// How far a victim is on its way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Dying {
    pub process: NameId,
    /// It is in the kernel itself, for memory: it finds the signal when the unit is over.
    pub in_kernel: bool,
    /// No signal reaches it: the reaper takes its memory, from this address on.
    pub reaped: Option<Vaddr>,
    /// Pages that the reaper has taken so far.
    pub taken: u64,
    /// What it has left to give back of what is under way.
    pub work: Option<Work>,
}

/// What the killer keeps.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Oom {
    /// Who was killed and is not gone yet. The kernel waits for one before it takes another.
    pub(crate) dying: Option<Dying>,
    /// All the rest of the op is done; what follows is the victim's.
    pub(crate) op_done: bool,
    /// Who runs in the kernel just now; nobody between units.
    pub(crate) current: Option<NameId>,
    /// Who ran in it during the unit before, if the op goes on; it follows from the op.
    pub(crate) ran: Option<NameId>,
    /// Until when Android's driver waits for whom it has killed, in milliseconds of the machine's clock.
    pub(crate) deathpending: Option<u64>,
    /// What was printed, oldest first.
    log: Vec<Rc<LogLine>>,
    /// Lines printed so far.
    printed: u32,
    /// Processes that were killed (`oom_kill` of `/proc/vmstat`).
    pub kills: u32,
}

impl Oom {
    /// Nobody was ever killed, and nothing printed.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        self.printed == 0 && self.dying.is_none() && !self.op_done
    }

    /// What was printed, oldest first; at most [`MAX_LOG`] lines.
    pub fn log(&self) -> impl DoubleEndedIterator<Item = &LogLine> {
        self.log.iter().map(Rc::as_ref)
    }

    /// Lines printed so far, those that are not kept any more among them.
    #[must_use]
    pub fn printed(&self) -> u32 {
        self.printed
    }

    /// Who was killed and is not gone yet.
    #[must_use]
    pub fn dying(&self) -> Option<NameId> {
        self.dying.as_ref().map(|dying| dying.process)
    }

    /// Whether the reaper takes its memory, as no signal reaches it.
    #[must_use]
    pub fn is_reaped(&self) -> bool {
        self.dying.as_ref().is_some_and(|dying| dying.reaped.is_some())
    }

    /// Whether it is a victim's turn at the next unit.
    pub(crate) fn has_turn(&self) -> bool {
        self.dying.as_ref().is_some_and(|dying| !dying.in_kernel)
    }

    pub(crate) fn print(&mut self, line: LogLine) {
        if self.log.len() == MAX_LOG {
            self.log.remove(0);
        }
        self.log.push(Rc::new(line));
        self.printed += 1;
    }

    pub(crate) fn digest(&self, to: &mut Digest) {
        if self.is_untouched() {
            return;
        }
        to.word(u64::from(self.printed) << 32 | u64::from(self.kills));
        if let Some(until) = self.deathpending {
            to.word(until);
        }
        self.log().for_each(|line| line.digest(to));
        let Some(Dying { process, in_kernel, reaped, taken, work }) = self.dying else {
            to.word(u64::from(self.op_done));
            return;
        };
        to.word(u64::from(process.0) << 2 | u64::from(in_kernel) << 1 | u64::from(self.op_done));
        to.word(reaped.map_or(u64::MAX, |at| at.0));
        to.word(taken);
        if let Some(work) = work {
            work.digest(to);
        }
    }
}

impl Processes {
    /// What the killer keeps.
    #[must_use]
    pub fn oom(&self) -> &Oom {
        &self.oom
    }

    /// The processes in the order of the kernel's list: as they came.
    pub fn in_list_order(&self) -> impl Iterator<Item = &Mm> {
        self.order.iter().filter_map(|name| self.mm(*name))
    }

    /// Memory and swap that a system-wide choice is about.
    #[must_use]
    pub fn total_pages(&self) -> TotalPages {
        TotalPages(NrPages((self.commit.total_ram.0 + self.commit.total_swap.0).max(1)))
    }

    /// Whether a process cannot be chosen, whatever its score: it is not there as a whole yet, or not any more.
    #[must_use]
    pub fn is_unkillable(&self, mm: &Mm) -> bool {
        let forked = matches!(self.work, Some(Work::Fork { child, .. }) if child == mm.name);
        forked || mm.oom.skip
    }

    /// What 6.1 and 3.10 look at.
    #[must_use]
    pub fn oom_task(&self, mm: &Mm, rules: OomRules) -> Task {
        let tables = if rules == OomRules::V3_10 { self.last_tables(mm) } else { mm.pgtables.0 };
        Task {
            rss: mm.rss.total(),
            swapents: NrPages(mm.swapents),
            pgtables_bytes: tables * PAGE_SIZE,
            oom_score_adj: mm.oom.oom_score_adj,
            admin: mm.oom.is_root(),
            unkillable: self.is_unkillable(mm),
        }
    }

    /// What 2.6.32 looks at.
    #[must_use]
    pub fn old_oom_task(&self, mm: &Mm) -> OldTask {
        let args = mm.oom.args;
        OldTask {
            total_vm: mm.total_vm(),
            children: self.children(mm.name).map(Mm::total_vm).collect(),
            cpu_seconds: u64::from(args.cpu_seconds),
            run_seconds: u64::from(args.age_seconds),
            nice: args.nice > 0,
            admin: mm.oom.is_root(),
            raw_io: mm.oom.is_root(),
            oom_adj: if self.is_unkillable(mm) { super::OOM_DISABLE } else { mm.oom.oom_adj },
        }
    }

    /// How bad a process is by these rules; none: it may not be killed.
    #[must_use]
    pub fn badness(&self, mm: &Mm, rules: OomRules, total: TotalPages) -> Option<i64> {
        let points = |points: u64| i64::try_from(points).unwrap_or(i64::MAX);
        match rules {
            OomRules::V6_1 => oom_badness(&self.oom_task(mm, rules), total),
            OomRules::V3_10 => {
                let of = oom_badness_3_10(&self.oom_task(mm, rules), total);
                (of > 0).then_some(points(of))
            }
            // There 0 points are a choice as well, if nobody has more.
            OomRules::V2_6_32 => {
                let task = self.old_oom_task(mm);
                (task.oom_adj != super::OOM_DISABLE).then(|| points(badness_2_6(&task)))
            }
        }
    }

    /// `/proc/PID/oom_score` by these rules (`proc_oom_score()`, fs/proc/base.c).
    #[must_use]
    pub fn oom_score(&self, mm: &Mm, rules: OomRules) -> u64 {
        let total = self.total_pages();
        match rules {
            OomRules::V6_1 => oom_score(&self.oom_task(mm, rules), total),
            OomRules::V3_10 => oom_score_3_10(&self.oom_task(mm, rules), total),
            OomRules::V2_6_32 => badness_2_6(&self.old_oom_task(mm)),
        }
    }

    /// Whether its adjustment keeps it from being killed.
    #[must_use]
    pub fn is_protected(mm: &Mm, rules: OomRules) -> bool {
        match rules {
            OomRules::V2_6_32 => mm.oom.oom_adj == super::OOM_DISABLE,
            _ => mm.oom.oom_score_adj == OOM_SCORE_ADJ_MIN,
        }
    }

    /// The children of a process, in the order in which they came: those of an older one of that name are nobody's.
    pub fn children(&self, parent: NameId) -> impl Iterator<Item = &Mm> {
        let since = self.in_list_order().skip_while(move |mm| mm.name != parent);
        since.filter(move |mm| mm.parent == Some(parent))
    }

    /// Tables of the last level, and those that are put by for huge pages (`nr_ptes` of 3.10).
    fn last_tables(&self, mm: &Mm) -> u64 {
        let tables = self.tables();
        let levels = tables.paging().levels();
        let mut above = vec![mm.pgd];
        // Down to those whose entries lead to tables of the last level.
        for _ in 2..levels.len() {
            let below = |table: &Pfn| {
                let entries = tables.entries(*table).unwrap_or(&[]).iter();
                entries.filter(|entry| entry.has(Pte::PRESENT)).map(|entry| entry.pfn()).collect::<Vec<_>>()
            };
            above = above.iter().flat_map(below).collect();
        }
        let entries = above.iter().flat_map(|table| tables.entries(*table).unwrap_or(&[]));
        entries.filter(|entry| entry.has(Pte::PRESENT)).count() as u64
    }
}

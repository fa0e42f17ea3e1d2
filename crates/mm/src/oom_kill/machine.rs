//! From a request that finds nothing to a process that is gone (mm/oom_kill.c, 6.1), and the ops.

use super::report::{LogLine, Report, ReportEnd};
use super::score::{OOM_SCORE_ADJ_MIN, TotalPages, oom_adj_of, oom_score_adj_of};
use super::state::{Dying, OomRules};
use crate::cpuset::Cpuset;
use crate::gfp::GfpFlags;
use crate::machine::{Machine, UnitEnd};
use crate::mempolicy::{Mode, NodeMask};
use crate::mmzone::{Zone, ZoneKind};
use crate::op::{NameId, Op};
use crate::page_alloc::AllocContext;
use crate::process::{Mm, Then, Vma, Work};
use crate::reclaim::GroupId;
use crate::step::{Floor, Func, OomStep, Spared, StepKind, Trace, Verdict};
use crate::units::{CpuId, NrPages, Order, Vaddr};

/// What is asked about killing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OomOp {
    /// `oom_score_adj p 500`, `oom_score_adj p -500 root`: the file of a process is written.
    ScoreAdj {
        /// Whose.
        process: NameId,
        /// What, -1000 to 1000.
        value: i16,
        /// By root; otherwise by the process itself.
        root: bool,
    },
    /// `oom_adj p 5`: the same of the old file.
    Adj {
        /// Whose.
        process: NameId,
        /// What, -17 to 15.
        value: i8,
        /// By root.
        root: bool,
    },
    /// `sysrq f`: somebody is killed though nobody asks for memory.
    Sysrq,
}

/// What comes of calling the killer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Progress {
    /// Nothing: the request fails.
    Nothing,
    /// Memory came back, or will: the request tries again.
    Retry,
    /// Whoever asks is being killed: it may go into the reserve.
    Dying,
}

/// What is short, and so who is asked to give: everybody, those of a control group, or those who may use some nodes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scope {
    /// The control group that is full; the root: the whole machine is.
    pub group: GroupId,
    /// The only nodes whose memory helps by a policy, where others have some, too (`CONSTRAINT_MEMORY_POLICY`); none: all.
    pub nodes: Option<NodeMask>,
    /// The cpuset of whoever asks, where it does not have all nodes.
    pub cpuset: Option<Cpuset>,
    /// Only memory of its nodes helps (`CONSTRAINT_CPUSET`).
    pub cpuset_limits: bool,
}

impl Scope {
    /// All memory, and everybody.
    pub const MACHINE: Scope =
        Scope { group: GroupId::ROOT, nodes: None, cpuset: None, cpuset_limits: false };

    /// The only nodes whose memory helps; none: all.
    #[must_use]
    pub fn helpful(&self) -> Option<NodeMask> {
        self.nodes.or(self.cpuset.filter(|_| self.cpuset_limits).map(|cpuset| cpuset.mems))
    }
}

/// Who is short of what.
#[derive(Clone, Copy)]
struct Cause {
    gfp: GfpFlags,
    /// None: a person pressed keys.
    order: Option<Order>,
    cpu: CpuId,
    /// What is short, and who is asked to give.
    scope: Scope,
}

/// The last part of `__alloc_pages_may_oom()`, and `out_of_memory()`.
pub(crate) fn out_of_memory(machine: &mut Machine, t: &mut Trace<'_>, ac: &AllocContext) -> Progress {
    let spared = |machine: &Machine, t: &mut Trace<'_>, func: Func, why: Spared| {
        machine.told_oom(t, func, || OomStep::Spared { why });
        Progress::Nothing
    };
    if ac.highest < ZoneKind::Normal {
        let above = machine.zones().iter().filter(|zone| zone.kind > ac.highest);
        let above = NrPages(above.map(|zone| zone.nr_free_pages.0).sum());
        return spared(machine, t, Func::AllocPagesMayOom, Spared::LowZone { zone: ac.highest, above });
    }
    if ac.gfp.contains(GfpFlags::THISNODE) {
        return spared(machine, t, Func::AllocPagesMayOom, Spared::ThisNode);
    }
    t.within(Func::OutOfMemory, |t| {
        // `task_will_free_mem()`
        if let Some(process) = machine.current().filter(|mm| mm.oom.victim).map(|mm| mm.name) {
            machine.told_oom(t, Func::OutOfMemory, || OomStep::WillFree { process });
            return Progress::Dying;
        }
        if !ac.gfp.contains(GfpFlags::FS) {
            return spared(machine, t, Func::OutOfMemory, Spared::NoFs);
        }
        // (`constrained_alloc()`)
        let nodes = ac.nodemask.filter(|nodes| nodes.and(machine.memory_nodes()) != machine.memory_nodes());
        let cpuset_limits = nodes.is_none() && machine.is_cpuset_limited(ac);
        let scope = Scope { nodes, cpuset: ac.cpuset, cpuset_limits, ..Scope::MACHINE };
        machine.choose(t, Cause { gfp: ac.gfp, order: Some(ac.order), cpu: ac.cpu, scope })
    })
}

/// A control group is full, and found no room in itself (`mem_cgroup_out_of_memory()`): somebody of it is killed.
pub(crate) fn mem_cgroup_out_of_memory(
    machine: &mut Machine,
    t: &mut Trace<'_>,
    cpu: CpuId,
    group: GroupId,
    gfp: GfpFlags,
    order: Order,
) -> Progress {
    // Somebody has made room meanwhile.
    if machine.has_margin(group, order.pages()) {
        return Progress::Retry;
    }
    t.within(Func::MemCgroupOutOfMemory, |t| {
        if let Some(process) = machine.current().filter(|mm| mm.oom.victim).map(|mm| mm.name) {
            machine.told_oom(t, Func::OutOfMemory, || OomStep::WillFree { process });
            return Progress::Dying;
        }
        let scope = Scope { group, ..Scope::MACHINE };
        t.within(Func::OutOfMemory, |t| machine.choose(t, Cause { gfp, order: Some(order), cpu, scope }))
    })
}

/// The next unit of an op while a victim is on its way: it gives back some of what it has.
pub(crate) fn victims_turn(machine: &mut Machine, op: &Op, t: &mut Trace<'_>) -> UnitEnd {
    machine.victims_slice(t, op.cpu().unwrap_or_default());
    let oom = &machine.processes().oom;
    if oom.dying.is_some() || !oom.op_done {
        return UnitEnd::More;
    }
    machine.procs().oom.op_done = false;
    UnitEnd::Done
}

/// Runs an op.
pub(crate) fn run(machine: &mut Machine, op: OomOp, t: &mut Trace<'_>, cpu: CpuId) -> UnitEnd {
    match op {
        OomOp::ScoreAdj { process, value, root } => {
            machine.set_oom_adj(t, process, value, oom_adj_of(value), root, None);
        }
        OomOp::Adj { process, value, root } => {
            machine.set_oom_adj(t, process, oom_score_adj_of(value), value, root, Some(value));
        }
        OomOp::Sysrq => {
            t.within(Func::OutOfMemory, |t| {
                let scope = Scope::MACHINE;
                machine.choose(t, Cause { gfp: GfpFlags::GFP_KERNEL, order: None, cpu, scope });
            });
        }
    }
    UnitEnd::Done
}

impl Machine {
    pub(super) fn told_oom(&self, t: &mut Trace<'_>, func: Func, step: impl FnOnce() -> OomStep) {
        if t.looks() {
            let kind = StepKind::Oom(step());
            t.within_once(func, |t| t.emit(self, kind));
        }
    }

    /// Who runs in the kernel just now.
    fn current(&self) -> Option<&Mm> {
        self.processes().oom.current.and_then(|name| self.processes().mm(name))
    }

    /// By whose rules the killer counts.
    #[must_use]
    pub fn oom_rules(&self) -> OomRules {
        self.settings().oom_rules
    }

    /// Whether killing it could give memory back that helps (`oom_cpuset_eligible()`). Where a policy is to blame whoever is
    /// bound to other nodes has none there, and whoever is bound to nothing may have some anywhere; otherwise it has to share
    /// a node with the cpuset of whoever asks.
    #[must_use]
    pub fn may_help(&self, mm: &Mm, scope: Scope) -> bool {
        match (scope.nodes, scope.cpuset) {
            (Some(nodes), _) => {
                let bound = mm.mempolicy.filter(|policy| policy.mode == Mode::Bind);
                bound.is_none_or(|policy| !policy.nodes.and(nodes).is_empty())
            }
            (None, Some(cpuset)) => !self.mems_allowed(mm).and(cpuset.mems).is_empty(),
            (None, None) => true,
        }
    }

    /// Whether a cpuset is why a request finds nothing: it keeps it from a zone that could serve it (`constrained_alloc()`).
    fn is_cpuset_limited(&self, ac: &AllocContext) -> bool {
        let Some(mems) = self.cpuset_leaves(ac) else { return false };
        let could = |zone: &&Zone| {
            let by_policy = ac.nodemask.is_none_or(|nodes| nodes.has(zone.node));
            zone.kind <= ac.highest && zone.managed.0 > 0 && by_policy
        };
        self.zones().iter().filter(could).any(|zone| !mems.has(zone.node))
    }

    /// Who can be chosen, in the order in which they are looked at (`for_each_process()`, and in a group
    /// `mem_cgroup_scan_tasks()`): those of a group came to it in the same order.
    pub(super) fn candidates(&self, group: GroupId) -> impl Iterator<Item = &Mm> {
        let is_in = move |mm: &&Mm| group.is_root() || self.group_of_process(mm.name) == group;
        self.processes().in_list_order().filter(is_in)
    }

    /// Whether whoever runs in the kernel is being killed (`task_is_dying()`).
    pub(crate) fn is_dying(&self) -> bool {
        self.current().is_some_and(|mm| mm.oom.victim)
    }

    /// Memory and swap that a choice is about (`constrained_alloc()`): of some nodes all their frames, and all swap; of a
    /// group what it may have.
    #[must_use]
    pub fn oom_total(&self, scope: Scope) -> TotalPages {
        let all = self.processes().total_pages();
        if let Some(nodes) = scope.helpful() {
            let present = self.zones().iter().filter(|zone| nodes.has(zone.node)).map(|zone| zone.present.0);
            let swap = self.processes().commit.total_swap.0;
            return TotalPages(NrPages((present.sum::<u64>() + swap).max(1)));
        }
        let of =
            self.reclaim().and_then(|reclaim| Some(reclaim.max_of(reclaim.group(scope.group)?, all.0.0)));
        of.map_or(all, |pages| TotalPages(NrPages(pages.max(1))))
    }

    /// Somebody is chosen and killed (`out_of_memory()`, from `check_panic_on_oom()` on).
    fn choose(&mut self, t: &mut Trace<'_>, cause: Cause) -> Progress {
        let Cause { gfp, order, scope, .. } = cause;
        let Scope { group, .. } = scope;
        let nodes = scope.helpful();
        let cpuset = scope.cpuset.filter(|_| scope.cpuset_limits).map(|cpuset| cpuset.name);
        let rules = self.oom_rules();
        let total = self.oom_total(scope);
        let memcg = self.reclaim().and_then(|reclaim| reclaim.group(group)).map(|group| group.name);
        let invoker = self.current().map(|mm| mm.name);
        self.told_oom(t, Func::OutOfMemory, || OomStep::Invoked {
            invoker,
            gfp,
            order,
            memcg,
            cpuset,
            nodes,
            total: total.0,
            rules,
        });
        let panics = self.tunables().panic_on_oom;
        // What a group or only some nodes are short of is no reason, unless that is said (`check_panic_on_oom()`).
        if panics > u32::from(memcg.is_some() || nodes.is_some()) && order.is_some() {
            let compulsory = panics > 1;
            let end = ReportEnd::Panic { compulsory };
            let report = Report { end, ..self.report(invoker, gfp, order, scope) };
            self.procs().oom.print(LogLine::Report(Box::new(report)));
            self.told_oom(t, Func::OutOfMemory, || OomStep::Panic { compulsory });
            return Progress::Nothing;
        }
        let asker = self.current().filter(|mm| {
            let protected = mm.oom.oom_score_adj == OOM_SCORE_ADJ_MIN;
            !protected && !self.processes().is_unkillable(mm) && self.may_help(mm, scope)
        });
        // While somebody is on its way, nobody else is taken.
        let takes_asker = self.tunables().oom_kill_allocating_task > 0
            && memcg.is_none()
            && self.processes().oom.dying.is_none();
        if let (true, Some(process)) = (takes_asker, asker.map(|mm| mm.name)) {
            self.told_oom(t, Func::OutOfMemory, || OomStep::TakesAsker { process });
            return self.kill(t, process, cause);
        }
        let mut worst: Option<(NameId, i64)> = None;
        let names: Vec<NameId> = self.candidates(group).map(|mm| mm.name).collect();
        for process in names {
            let Some(mm) = self.processes().mm(process) else { continue };
            if !self.may_help(mm, scope) {
                let verdict = Verdict::Elsewhere;
                let told = || OomStep::Scored { process, points: None, verdict, worst };
                self.told_oom(t, Func::SelectBadProcess, told);
                continue;
            }
            if mm.oom.victim && !mm.oom.skip {
                return self.wait_for(t, process, cause.cpu);
            }
            let points = self.processes().badness(mm, rules, total);
            let verdict = match (points, worst) {
                _ if self.processes().is_unkillable(mm) => Verdict::Unkillable,
                (None, _) => Verdict::Protected,
                // Of several that are as bad 6.1 takes the last one, older kernels the first.
                (Some(points), Some((_, most)))
                    if points < most || points == most && rules != OomRules::V6_1 =>
                {
                    Verdict::Better
                }
                (Some(_), _) => Verdict::Worst,
            };
            if let (Verdict::Worst, Some(points)) = (verdict, points) {
                worst = Some((process, points));
            }
            self.told_oom(t, Func::SelectBadProcess, || OomStep::Scored { process, points, verdict, worst });
        }
        let Some((chosen, _)) = worst else {
            let report = self.report(invoker, gfp, order, scope);
            self.procs().oom.print(LogLine::Report(Box::new(report)));
            self.told_oom(t, Func::OutOfMemory, || match memcg {
                Some(group) => OomStep::NobodyInGroup { group },
                None => OomStep::NobodyLeft,
            });
            return Progress::Nothing;
        };
        let victim = self.child_of(chosen, rules, scope);
        if let Some(child) = victim {
            self.told_oom(t, Func::OomKillProcess, || OomStep::TakesChild { parent: chosen, child });
        }
        self.kill(t, victim.unwrap_or(chosen), cause)
    }

    /// Who is killed in place of its parent: in 3.10 the worst child, in 2.6.32 the first that may be.
    fn child_of(&self, parent: NameId, rules: OomRules, scope: Scope) -> Option<NameId> {
        let procs = self.processes();
        let total = self.oom_total(scope);
        let is_in = |mm: &&Mm| {
            let group = scope.group.is_root() || self.group_of_process(mm.name) == scope.group;
            group && self.may_help(mm, scope)
        };
        let children = procs.children(parent).filter(is_in);
        let scored = children.filter_map(|mm| Some((mm.name, procs.badness(mm, rules, total)?)));
        match rules {
            OomRules::V6_1 => None,
            OomRules::V2_6_32 => {
                let may = |mm: &&Mm| mm.oom.oom_adj != super::OOM_DISABLE && !procs.is_unkillable(mm);
                procs.children(parent).filter(is_in).find(may).map(|mm| mm.name)
            }
            OomRules::V3_10 => {
                let worse = |worst: Option<(NameId, i64)>, next: (NameId, i64)| match worst {
                    Some((_, most)) if next.1 <= most => worst,
                    _ => Some(next),
                };
                scored.fold(None, worse).map(|(name, _)| name)
            }
        }
    }

    /// A process gets SIGKILL (`oom_kill_process()`, `__oom_kill_process()`), and what it has begins to come back.
    fn kill(&mut self, t: &mut Trace<'_>, process: NameId, cause: Cause) -> Progress {
        let rules = self.oom_rules();
        let total = self.oom_total(cause.scope);
        let invoker = self.current().map(|mm| mm.name);
        let mut report = self.report(invoker, cause.gfp, cause.order, cause.scope);
        let Some(mm) = self.processes().mm(process) else { return Progress::Nothing };
        let points = self.processes().badness(mm, rules, total);
        let (rss, tables, stuck) = (mm.rss, mm.pgtables, mm.oom.args.stuck);
        report.end = ReportEnd::Killed(self.task_row(mm, points));
        let in_kernel = invoker == Some(process);
        let procs = self.procs();
        procs.oom.print(LogLine::Report(Box::new(report)));
        procs.oom.kills += 1;
        if let Some(mm) = procs.mm_mut(process) {
            mm.oom.victim = true;
        }
        self.count_oom_kill(process);
        let procs = self.procs();
        // Before the reaper came (4.6) nobody helped when no signal reached a victim.
        let goes = !stuck || rules == OomRules::V6_1;
        let reaped = stuck.then_some(Vaddr(0));
        procs.oom.dying = goes.then_some(Dying { process, in_kernel, reaped, taken: 0, work: None });
        let points = points.unwrap_or(0);
        self.told_oom(t, Func::OomKillProcess, || OomStep::Kill { process, points, rss, tables });
        if in_kernel {
            return Progress::Dying;
        }
        if cause.order.is_some() && goes {
            // Whoever asks sleeps for a moment, and the victim runs.
            self.victims_slice(t, cause.cpu);
        }
        Progress::Retry
    }

    /// A victim is on its way: nobody else is killed.
    fn wait_for(&mut self, t: &mut Trace<'_>, process: NameId, cpu: CpuId) -> Progress {
        if self.processes().oom.dying.is_none() {
            self.told_oom(t, Func::SelectBadProcess, || OomStep::Hangs { process });
            return Progress::Nothing;
        }
        self.told_oom(t, Func::SelectBadProcess, || OomStep::Waits { process });
        self.victims_slice(t, cpu);
        Progress::Retry
    }

    /// A victim gives back some more of what it has; or the reaper takes it, where no signal reaches the victim.
    fn victims_slice(&mut self, t: &mut Trace<'_>, cpu: CpuId) {
        let Some(dying) = self.processes().oom.dying else { return };
        let Dying { process, reaped, .. } = dying;
        // What an op has under way is put aside meanwhile.
        let own = std::mem::replace(&mut self.procs().work, dying.work);
        let goes_on = match reaped {
            None => {
                if self.processes().work.is_none() {
                    let top = self.processes().tables().paging().stack_top();
                    self.begin_zap(process, (Vaddr(0), top), Then::Exit);
                }
                self.zap(t, cpu) == UnitEnd::More
            }
            Some(from) => t.within(Func::OomReapTaskMm, |t| self.reap(t, process, from, cpu)),
        };
        let left = std::mem::replace(&mut self.procs().work, own);
        match &mut self.procs().oom.dying {
            Some(dying) if goes_on => dying.work = left,
            dying => *dying = None,
        }
    }

    /// The next pages of an area, or of the next area, go (`__oom_reap_task_mm()`); whether there are more.
    fn reap(&mut self, t: &mut Trace<'_>, process: NameId, from: Vaddr, cpu: CpuId) -> bool {
        if self.processes().work.is_none() {
            let procs = self.processes();
            let Some(mm) = procs.mm(process) else { return false };
            // What others see as well stays, and so does what the pool of huge pages has.
            let has = |vma: &&Vma| {
                let present = || procs.tables().leaves(mm.pgd, vma.start, vma.end).next().is_some();
                vma.end > from && !vma.shared && !vma.hugetlb && present()
            };
            let Some(vma) = mm.vmas().iter().find(has).copied() else {
                self.reaped(t, process);
                return false;
            };
            self.begin_zap(process, (vma.start, vma.end), Then::Reap);
        }
        let Some(Work::Zap { start, end, present: before, .. }) = self.processes().work else { return false };
        let of_mm = |machine: &Machine| machine.processes().mm(process).map_or(0, |mm| mm.rss.total().0);
        let rss = of_mm(self);
        let goes_on = self.zap(t, cpu) == UnitEnd::More;
        let taken = rss.saturating_sub(of_mm(self));
        if let Some(dying) = &mut self.procs().oom.dying {
            dying.taken += taken;
            if !goes_on {
                dying.reaped = Some(end);
            }
        }
        if !goes_on {
            let present = NrPages(before + taken);
            self.told_oom(t, Func::OomReapTaskMm, || OomStep::ReapedArea { process, start, present });
        }
        true
    }

    /// The reaper is done (`oom_reap_task()`): whoever is short next finds that nothing is left here.
    fn reaped(&mut self, t: &mut Trace<'_>, process: NameId) {
        let procs = self.procs();
        let taken = NrPages(procs.oom.dying.map_or(0, |dying| dying.taken));
        let Some(mm) = procs.mm_mut(process) else { return };
        mm.oom.skip = true;
        let rss = mm.rss;
        procs.oom.print(LogLine::Reaped { process, rss });
        self.told_oom(t, Func::OomReapTaskMm, || OomStep::Reaped { process, taken, rss });
    }

    /// A unit of an op of a process is over. If the process was killed meanwhile it finds the signal now, and what the op
    /// had left to do is dropped; a child that was half made goes first.
    pub(crate) fn back_from_kernel(&mut self, t: &mut Trace<'_>, end: UnitEnd) -> UnitEnd {
        let Some(Dying { process, in_kernel: true, .. }) = self.processes().oom.dying else { return end };
        let half = match self.processes().work {
            Some(Work::Fork { child, .. }) => Some(child),
            _ => None,
        };
        if let Some(child) = half {
            let top = self.processes().tables().paging().stack_top();
            self.begin_zap(child, (Vaddr(0), top), Then::Exit);
            return UnitEnd::More;
        }
        if let Some(Work::Zap { process: of, .. }) = self.processes().work
            && of != process
        {
            return UnitEnd::More;
        }
        self.procs().drop_work();
        if let Some(dying) = &mut self.procs().oom.dying {
            dying.in_kernel = false;
        }
        self.stop_scan();
        self.told_oom(t, Func::DoExit, || OomStep::Dies { process });
        UnitEnd::Done
    }

    /// `oom_score_adj` of a process is written (`__set_oom_adj()`).
    fn set_oom_adj(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        value: i16,
        oom_adj: i8,
        root: bool,
        legacy: Option<i8>,
    ) {
        let Some(mm) = self.processes().mm(process) else {
            self.skipped(t, process);
            return;
        };
        let capable = root || mm.oom.is_root();
        // Who uses the old file may only raise it.
        let floor = if legacy.is_some() { mm.oom.oom_score_adj } else { mm.oom.oom_score_adj_min };
        if value < floor && !capable {
            let floor = Floor(floor);
            self.told_oom(t, Func::SetOomAdj, || OomStep::Refused { process, oom_score_adj: value, floor });
            return;
        }
        if let Some(mm) = self.procs().mm_mut(process) {
            (mm.oom.oom_score_adj, mm.oom.oom_adj) = (value, oom_adj);
            if capable && legacy.is_none() {
                mm.oom.oom_score_adj_min = value;
            }
        }
        self.told_oom(t, Func::SetOomAdj, || OomStep::Adjusted {
            process,
            written: legacy.map_or(value, i16::from),
            legacy: legacy.is_some(),
            oom_score_adj: value,
        });
    }
}

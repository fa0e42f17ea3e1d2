//! The OOM scoreboard: every process with what it has as a bar, who is looked at, who is killed and why, and the memory
//! that comes back.

mod draw;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::STORIES;

use mm::mempolicy::NodeMask;
use mm::oom_kill::{LogLine, LowMemory, LowVerdict, OomRules, Report, Scope, TaskRow, TotalPages};
use mm::op::NameId;
use mm::process::{Mm, Processes, Rss};
use mm::reclaim::{GroupId, Memcg};
use mm::step::{OomStep, ReclaimStep, Verdict};
use mm::units::PAGE_SIZE;
use mm::{NrPages, Step, StepKind};
use scenario::Lang;

use crate::Moment;
use crate::narrate::num;
use crate::narrate::oom::signed;
use crate::scene::{Room, Scene};

/// Draws the processes and the tank of free memory.
#[must_use]
pub fn scene(moment: &Moment, room: &Room, lang: Lang) -> Scene {
    draw::scene(moment, room, lang)
}

/// How a process stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    /// Nobody has looked at it.
    Open,
    /// It was looked at, and another one is worse.
    Better,
    /// It is the worst so far.
    Worst,
    /// Its adjustment keeps it from being killed.
    Protected,
    /// Its adjustment is below those that Android's driver may kill now; or it is bound to nodes that have enough.
    Spared,
    /// It has nothing left to give.
    Unkillable,
    /// It has SIGKILL, and gives back what it has.
    Dying,
    /// It is gone.
    Gone,
    /// It is not in the group that is full, and nobody asks it for anything.
    Outside,
}

/// A process on the board.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub name: NameId,
    pub rss: Rss,
    pub swap: u64,
    pub tables: u64,
    /// Pages that it has no more, and that nobody else has yet.
    pub freed: u64,
    /// Pages of addresses.
    pub vsz: u64,
    pub oom_score_adj: i16,
    /// What the adjustment is worth, in pages.
    pub offset: i64,
    /// How bad it is; none: it may not be killed.
    pub points: Option<i64>,
    pub standing: Standing,
    /// What it had when it was killed, in pages.
    pub had: Option<u64>,
}

impl Row {
    /// Pages that it has: in memory, in swap, and of tables.
    pub(crate) fn pages(&self) -> u64 {
        self.rss.total().0 + self.swap + self.tables + self.freed
    }
}

fn of_step(step: Option<&Step>) -> Option<OomStep> {
    match step?.kind {
        StepKind::Oom(step) => Some(step),
        _ => None,
    }
}

/// The last report of the log.
fn report(processes: &Processes) -> Option<&Report> {
    processes.oom().log().rev().find_map(|line| match line {
        LogLine::Report(report) => Some(&**report),
        LogLine::Reaped { .. } | LogLine::LowKill(_) => None,
    })
}

/// The control group that is full, or the fullest one if none is; the root where the whole machine is short, or where no group
/// has a limit.
pub(crate) fn group_in_play(moment: &Moment) -> GroupId {
    let Some(reclaim) = moment.machine.reclaim() else { return GroupId::ROOT };
    let named = |name: Option<NameId>| name.and_then(|name| reclaim.group_named(name)).unwrap_or_default();
    let of = |step: &Step| match step.kind {
        StepKind::Oom(OomStep::Invoked { memcg, .. }) => Some(named(memcg)),
        StepKind::Reclaim {
            step:
                ReclaimStep::GroupOver { group, .. }
                | ReclaimStep::GroupLimit { group, swap: false, .. }
                | ReclaimStep::GroupReclaimed { group, .. }
                | ReclaimStep::GroupRefused { group, .. },
        } => Some(named(Some(group))),
        _ => None,
    };
    let said = moment.just_did.iter().chain(moment.trail.iter().rev()).find_map(of);
    let logged = || report(moment.machine.processes()).map(|report| named(report.memcg));
    said.or_else(logged).unwrap_or_else(|| {
        let share = |group: &GroupId| {
            let memory = reclaim.group(*group).map(|group| group.memory);
            memory.and_then(|memory| Some((memory.usage << 20) / memory.max?.max(1)))
        };
        let limited = reclaim.group_ids().filter(|group| share(group).is_some());
        limited.max_by_key(share).unwrap_or_default()
    })
}

/// The group of [`group_in_play`], if it is not the root.
pub(crate) fn group_of(moment: &Moment) -> Option<&Memcg> {
    moment.machine.reclaim()?.group(group_in_play(moment))
}

/// The only nodes that are short, where not all are, and the cpuset that is why; none of it: all of the machine is, or a group.
pub(crate) fn nodes_in_play(moment: &Moment) -> Option<(NodeMask, Option<NameId>)> {
    let of = |step: &Step| match step.kind {
        StepKind::Oom(OomStep::Invoked { nodes, cpuset, .. }) => Some(nodes.map(|nodes| (nodes, cpuset))),
        _ => None,
    };
    let said = moment.just_did.iter().chain(moment.trail.iter().rev()).find_map(of);
    said.unwrap_or_else(|| {
        let report = report(moment.machine.processes())?;
        let by_cpuset = report.cpuset.filter(|_| report.cpuset_limits).map(|of| (report.mems, Some(of)));
        report.nodes.map(|nodes| (nodes, None)).or(by_cpuset)
    })
}

/// What is short, as far as is known.
pub(crate) fn scope_in_play(moment: &Moment) -> Scope {
    let nodes = nodes_in_play(moment).map(|(nodes, _)| nodes);
    Scope { group: group_in_play(moment), nodes, ..Scope::MACHINE }
}

/// What was found of whom since the killer was last called, as far as the steps are known.
fn scan(moment: &Moment) -> Vec<(NameId, Verdict)> {
    let steps: Vec<OomStep> = moment.trail.iter().filter_map(|step| of_step(Some(step))).collect();
    let from = steps.iter().rposition(|step| matches!(step, OomStep::Invoked { .. })).unwrap_or(0);
    let scored = steps[from..].iter().filter_map(|step| match *step {
        OomStep::Scored { process, verdict, .. } => Some((process, verdict)),
        _ => None,
    });
    scored.collect()
}

/// What Android's driver found when it looked last, and what it found of whom, as far as the steps are known.
pub(crate) fn driver(moment: &Moment) -> Option<(LowMemory, Option<(i16, NrPages)>)> {
    moment.trail.iter().rev().find_map(|step| match of_step(Some(step)) {
        Some(OomStep::LowMemory { memory, reached }) => Some((memory, reached)),
        _ => None,
    })
}

/// Whether the board is that of Android's driver: it is there, and the OOM killer has not been called since.
pub(crate) fn is_drivers(moment: &Moment) -> bool {
    let processes = moment.machine.processes();
    let called = moment.trail.iter().rev().find_map(|step| match of_step(Some(step)) {
        Some(OomStep::Invoked { .. }) => Some(false),
        Some(OomStep::LowMemory { .. }) => Some(true),
        _ => None,
    });
    let by_log = || processes.last_low_kill().is_some() || processes.oom().log().next().is_none();
    moment.machine.lowmem().is_some() && called.unwrap_or_else(by_log)
}

/// What the driver found of whom since it looked last.
fn driver_scan(moment: &Moment) -> Vec<(NameId, LowVerdict)> {
    let steps: Vec<OomStep> = moment.trail.iter().filter_map(|step| of_step(Some(step))).collect();
    let from = steps.iter().rposition(|step| matches!(step, OomStep::LowMemory { .. })).unwrap_or(0);
    let scored = steps[from..].iter().filter_map(|step| match *step {
        OomStep::LowScored { process, verdict, .. } => Some((process, verdict)),
        _ => None,
    });
    scored.collect()
}

/// The same rows as Android's driver sees them: nobody has points, and the adjustment alone decides.
fn driver_rows(moment: &Moment) -> Vec<Row> {
    let processes = moment.machine.processes();
    let scan = driver_scan(moment);
    let first = scan.iter().rev().find(|(_, verdict)| *verdict == LowVerdict::First).map(|(name, _)| *name);
    let victim = processes.last_low_kill();
    let row = |mm: &Mm| {
        let of = scan.iter().find(|(name, _)| *name == mm.name).map(|(_, verdict)| *verdict);
        let standing = if mm.oom.victim {
            Standing::Dying
        } else if first == Some(mm.name) {
            Standing::Worst
        } else {
            match of {
                None => Standing::Open,
                Some(LowVerdict::Spared) => Standing::Spared,
                Some(LowVerdict::Empty) => Standing::Unkillable,
                Some(LowVerdict::First | LowVerdict::Later) => Standing::Better,
            }
        };
        let had = victim.filter(|kill| kill.process == mm.name && mm.oom.victim).map(|kill| kill.rss.0);
        Row {
            name: mm.name,
            rss: mm.rss,
            swap: 0,
            tables: 0,
            freed: if standing == Standing::Dying { processes.being_freed().0 } else { 0 },
            vsz: mm.total_vm().0,
            oom_score_adj: mm.oom.oom_score_adj,
            offset: 0,
            points: None,
            standing,
            had,
        }
    };
    let mut rows: Vec<Row> = processes.in_list_order().map(row).collect();
    if let Some(kill) = victim.filter(|kill| processes.mm(kill.process).is_none()) {
        let at = rows.iter().position(|row| row.name > kill.process).unwrap_or(rows.len());
        rows.insert(
            at,
            Row {
                name: kill.process,
                rss: Rss::default(),
                swap: 0,
                tables: 0,
                freed: 0,
                vsz: 0,
                oom_score_adj: kill.oom_score_adj,
                offset: 0,
                points: None,
                standing: Standing::Gone,
                had: Some(kill.rss.0),
            },
        );
    }
    rows
}

/// The pages that an adjustment is worth by these rules.
fn offset(mm: &Mm, rules: OomRules, total: TotalPages) -> i64 {
    let root = if rules == OomRules::V3_10 && mm.oom.is_root() { 30 } else { 0 };
    let adj = i64::from(mm.oom.oom_score_adj) - root;
    let thousandth = i64::try_from(total.0.0 / 1000).unwrap_or(i64::MAX);
    if rules == OomRules::V2_6_32 { 0 } else { adj.saturating_mul(thousandth) }
}

/// The processes in the order of the kernel's list; whoever was killed last stays on the board when it is gone.
pub(crate) fn rows(moment: &Moment) -> Vec<Row> {
    if is_drivers(moment) {
        return driver_rows(moment);
    }
    let processes = moment.machine.processes();
    let rules = moment.machine.oom_rules();
    let group = group_in_play(moment);
    // What is measured against depends on what is short.
    let invoked = moment.trail.iter().rev().find_map(|step| match of_step(Some(step)) {
        Some(OomStep::Invoked { total, .. }) => Some(TotalPages(total)),
        _ => None,
    });
    let total = invoked.unwrap_or_else(|| moment.machine.oom_total(scope_in_play(moment)));
    let scan = scan(moment);
    let worst = scan.iter().rev().find(|(_, verdict)| *verdict == Verdict::Worst).map(|(name, _)| *name);
    let last = report(processes);
    let victim = last.and_then(Report::victim);
    let row = |mm: &Mm| {
        let seen = scan.iter().any(|(name, _)| *name == mm.name);
        let outside = !group.is_root() && moment.machine.group_of_process(mm.name) != group;
        let standing = if mm.oom.skip {
            Standing::Unkillable
        } else if mm.oom.victim {
            Standing::Dying
        } else if outside {
            Standing::Outside
        } else if Processes::is_protected(mm, rules) {
            Standing::Protected
        } else if worst == Some(mm.name) {
            Standing::Worst
        } else if scan.contains(&(mm.name, Verdict::Elsewhere)) {
            Standing::Spared
        } else if seen {
            Standing::Better
        } else {
            Standing::Open
        };
        let killed = victim.filter(|victim| victim.name == mm.name && (mm.oom.victim || mm.oom.skip));
        Row {
            name: mm.name,
            rss: mm.rss,
            swap: processes.oom_task(mm, rules).swapents.0,
            tables: processes.oom_task(mm, rules).pgtables_bytes / PAGE_SIZE,
            freed: if standing == Standing::Dying { processes.being_freed().0 } else { 0 },
            vsz: mm.total_vm().0,
            oom_score_adj: mm.oom.oom_score_adj,
            offset: if outside { 0 } else { offset(mm, rules, total) },
            points: match (standing, killed) {
                // What it was killed for.
                (Standing::Dying, Some(killed)) => killed.points,
                (Standing::Outside, _) => None,
                _ => processes.badness(mm, rules, total),
            },
            standing,
            had: killed.map(TaskRow::total_rss).map(|pages| pages.0),
        }
    };
    let mut rows: Vec<Row> = processes.in_list_order().map(row).collect();
    if let (Some(victim), Some(report)) = (victim, last)
        && processes.mm(victim.name).is_none()
    {
        // Where it stood among those that are still there.
        let before = report.tasks.iter().take_while(|task| task.name != victim.name);
        let at = before.filter_map(|task| rows.iter().position(|row| row.name == task.name)).max();
        rows.insert(at.map_or(0, |at| at + 1), gone(victim));
    }
    rows
}

fn gone(victim: &TaskRow) -> Row {
    Row {
        name: victim.name,
        rss: Rss::default(),
        swap: 0,
        tables: 0,
        freed: 0,
        vsz: 0,
        oom_score_adj: victim.oom_score_adj,
        offset: 0,
        points: victim.points,
        standing: Standing::Gone,
        had: Some(victim.total_rss().0),
    }
}

/// What is going on, in a line: whoever asks, and what has come of it.
pub(crate) fn headline(moment: &Moment, lang: Lang) -> Vec<String> {
    let processes = moment.machine.processes();
    let rows = rows(moment);
    let name = |process: NameId| moment.name(process).to_owned();
    let of = |standing: Standing| rows.iter().find(|row| row.standing == standing);
    if let Some(row) = of(Standing::Dying) {
        let (p, pages) = (name(row.name), num(row.pages()));
        return match (lang, processes.oom().is_reaped()) {
            (Lang::En, true) => vec![format!("The reaper takes what {p} has: {pages} pages are left")],
            (Lang::En, false) => {
                vec![format!("{p} has SIGKILL: it gives back {pages} pages"), format!("{p} dies")]
            }
            (Lang::Zh, true) => vec![format!("reaper 在收 {p} 的内存：还有 {pages} 页")],
            (Lang::Zh, false) => {
                vec![format!("{p} 收到 SIGKILL，正在归还 {pages} 页"), format!("{p} 正在死去")]
            }
        };
    }
    if is_drivers(moment) {
        return driver_headline(moment, of(Standing::Gone), lang);
    }
    let invoked = moment.trail.iter().rev().find_map(|step| match of_step(Some(step)) {
        Some(OomStep::Invoked { invoker, order, memcg, .. }) => Some((invoker, order, memcg)),
        _ => None,
    });
    if let Some((invoker, _, Some(group))) = invoked {
        let g = name(group);
        let asks = invoker.map(name);
        return match (lang, asks) {
            (Lang::En, Some(p)) => vec![format!("{g} is full: {p} asks in vain"), format!("{g} is full")],
            (Lang::En, None) => vec![format!("{g} is full")],
            (Lang::Zh, Some(p)) => vec![format!("{g} 满了：{p} 要不到"), format!("{g} 满了")],
            (Lang::Zh, None) => vec![format!("{g} 满了")],
        };
    }
    let short =
        nodes_in_play(moment).filter(|_| invoked.is_some()).map(|(nodes, cpuset)| match (lang, cpuset) {
            (Lang::En, Some(cpuset)) => format!("Cpuset {} is exhausted", name(cpuset)),
            (Lang::Zh, Some(cpuset)) => format!("cpuset {} 耗尽", name(cpuset)),
            (Lang::En, None) => format!("Node {nodes} is exhausted"),
            (Lang::Zh, None) => format!("节点 {nodes} 耗尽"),
        });
    let invoked = invoked.map(|(invoker, order, _)| (invoker, order));
    if let (Some(short), Some((Some(process), _))) = (short, invoked) {
        let long = match lang {
            Lang::En => format!("{short}: {} asks in vain", name(process)),
            Lang::Zh => format!("{short}：{} 要不到", name(process)),
        };
        return vec![long, short];
    }
    match (invoked, lang) {
        (Some((_, None)), Lang::En) => vec!["SysRq and F: somebody has to go".into()],
        (Some((_, None)), Lang::Zh) => vec!["SysRq+F：要杀一个进程".into()],
        (Some((Some(process), _)), Lang::En) => {
            vec![format!("Memory has run out: {} asks in vain", name(process)), "Memory has run out".into()]
        }
        (Some((Some(process), _)), Lang::Zh) => {
            vec![format!("内存耗尽：{} 要不到", name(process)), "内存耗尽".into()]
        }
        (Some(_), Lang::En) => vec!["Memory has run out".into()],
        (Some(_), Lang::Zh) => vec!["内存耗尽".into()],
        (None, Lang::En) => match of(Standing::Gone) {
            Some(row) => {
                vec![format!("{} was killed for {} points", name(row.name), signed(row.points.unwrap_or(0)))]
            }
            None => match group_of(moment) {
                Some(group) => vec![format!("If {} were full now", name(group.name))],
                None => vec!["If memory ran out now".into()],
            },
        },
        (None, Lang::Zh) => match of(Standing::Gone) {
            Some(row) => vec![format!("{} 因 {} 分被杀", name(row.name), signed(row.points.unwrap_or(0)))],
            None => match group_of(moment) {
                Some(group) => vec![format!("假如现在 {} 满了", name(group.name))],
                None => vec!["假如现在内存耗尽".into()],
            },
        },
    }
}

fn driver_headline(moment: &Moment, gone: Option<&Row>, lang: Lang) -> Vec<String> {
    match (driver(moment), lang) {
        (Some((_, Some((adj, pages)))), Lang::En) => vec![
            format!("Below {} pages: adj {} and more may go", num(pages.0), signed(adj)),
            format!("adj {} and more may go", signed(adj)),
        ],
        (Some((_, Some((adj, pages)))), Lang::Zh) => vec![
            format!("低于 {} 页：adj 不小于 {} 的可以杀", num(pages.0), signed(adj)),
            format!("adj 不小于 {} 的可以杀", signed(adj)),
        ],
        (Some((_, None)), Lang::En) => {
            vec!["The driver reaches no level: nobody goes".into(), "Nobody goes".into()]
        }
        (Some((_, None)), Lang::Zh) => vec!["驱动的门槛都没到：谁也不杀".into(), "谁也不杀".into()],
        (None, _) => match (gone, lang) {
            (Some(row), Lang::En) => {
                vec![format!("{} went for its adj of {}", moment.name(row.name), signed(row.oom_score_adj))]
            }
            (Some(row), Lang::Zh) => {
                vec![format!("{} 因 adj {} 先走了", moment.name(row.name), signed(row.oom_score_adj))]
            }
            (None, Lang::En) => vec!["Android's driver watches: the highest adj goes first".into()],
            (None, Lang::Zh) => vec!["Android 的驱动看着：adj 最高的先走".into()],
        },
    }
}

/// The picture in one line, for whoever does not see it; the table tells the rest.
#[must_use]
pub fn label(moment: &Moment, lang: Lang) -> String {
    let rows = rows(moment);
    let head = headline(moment, lang).into_iter().next().unwrap_or_default();
    let worst = rows.iter().filter(|row| row.standing != Standing::Gone).max_by_key(|row| row.points);
    let worst = worst.filter(|row| row.points.is_some()).map(|row| {
        let (p, points) = (moment.name(row.name), signed(row.points.unwrap_or(0)));
        match lang {
            Lang::En => format!(" {p} is the worst, with {points} points."),
            Lang::Zh => format!("{p} 得分最高：{points} 分。"),
        }
    });
    let count = num(rows.len() as u64);
    match lang {
        Lang::En => format!("OOM scoreboard of {count} processes. {head}.{}", worst.unwrap_or_default()),
        Lang::Zh => format!("OOM 记分牌，{count} 个进程。{head}。{}", worst.unwrap_or_default()),
    }
}

//! The English sentences about the OOM killer.

use mm::NrPages;
use mm::mempolicy::NodeMask;
use mm::oom_kill::{LowMemory, LowVerdict, OOM_SCORE_ADJ_MIN, OomOp, OomRules, TaskArgs, oom_adj_of};
use mm::op::NameId;
use mm::step::{Floor, OomStep, Spared, Verdict};

use super::super::en::count;
use super::super::told;
use super::{Told, Words, num, protection, signed, sum, worth};

pub(super) fn tell(w: &Words, step: &OomStep) -> Told {
    match *step {
        OomStep::Spared { why } => spared(why),
        OomStep::Invoked { invoker, order, memcg, total, rules, nodes, cpuset, .. } => {
            let total = num(total.0);
            if let Some(group) = memcg {
                let g = w.name(group);
                let why = format!("Only its own processes are looked at, against {total} pages.");
                let did = (format!("{g} is full: the OOM killer was called."), why.clone());
                let next = (format!("{g} is full: call the OOM killer."), why);
                return told(did, next, "the OOM killer is called");
            }
            let why = match rules {
                _ if nodes.is_some() => only(w, nodes, cpuset, &total),
                OomRules::V6_1 => format!("It measures everybody against {total} pages, memory and swap."),
                rules => format!("It chooses as Linux {} did, among all who run.", rules.name()),
            };
            let (did, next) = match (order, invoker) {
                (None, _) => (
                    "Somebody pressed SysRq and F: the OOM killer was called.".to_owned(),
                    "Call the OOM killer: somebody pressed SysRq and F.".to_owned(),
                ),
                (_, Some(process)) => {
                    let p = w.name(process);
                    (
                        format!("Nothing else helped {p}: the OOM killer was called."),
                        format!("Call the OOM killer: nothing else helps {p}."),
                    )
                }
                _ => (
                    "Nothing else helped: the OOM killer was called.".to_owned(),
                    "Call the OOM killer: nothing else helps.".to_owned(),
                ),
            };
            told((did, why.clone()), (next, why), "the OOM killer is called")
        }
        OomStep::Scored { process, points, verdict, worst } => {
            let p = w.name(process);
            let score = count_of(points);
            let sum = sum(w, process, points).map(|sum| format!("{sum}."));
            match (verdict, worst) {
                (Verdict::Protected, _) => {
                    let by = protection(w);
                    told(
                        (
                            format!("{p} may not be killed: {by}."),
                            "That is written where life depends on it.",
                        ),
                        (format!("Pass over {p}: {by}."), "That is written where life depends on it."),
                        format!("{p} may not be killed: {by}"),
                    )
                }
                (Verdict::Elsewhere, _) => {
                    let why = "Its memory lies where there is enough.";
                    told(
                        (format!("{p} was passed over: it is bound to other nodes."), why),
                        (format!("Pass over {p}: it is bound to other nodes."), why),
                        format!("{p} is bound to other nodes"),
                    )
                }
                (Verdict::Unkillable, _) => {
                    let why = "Nothing would come of killing it.";
                    told(
                        (format!("{p} was passed over: it has nothing left to give."), why),
                        (format!("Pass over {p}: it has nothing left to give."), why),
                        format!("{p} is passed over"),
                    )
                }
                (Verdict::Better, Some((other, most))) => {
                    let why = format!("{} stays the choice with {}.", w.name(other), signed(most));
                    told(
                        (format!("{p} has {score}."), why.clone()),
                        (format!("Look at {p}: it has {score}."), why),
                        format!("{p}: {score}"),
                    )
                }
                (Verdict::Worst | Verdict::Better, _) => {
                    let why = sum.unwrap_or_else(|| "Its size, less for long work.".into());
                    told(
                        (format!("{p} has {score}, the most so far."), why.clone()),
                        (format!("Look at {p}: {score}, the most so far."), why),
                        format!("{p}: {score}, the worst so far"),
                    )
                }
            }
        }
        OomStep::TakesAsker { process } => {
            let p = w.name(process);
            let why = "vm.oom_kill_allocating_task is set: nobody else is looked at.";
            told(
                (format!("{p} asked, so {p} goes."), why),
                (format!("Take {p}, which asks."), why),
                format!("{p} asks, so it goes"),
            )
        }
        OomStep::TakesChild { parent, child } => {
            let (parent, child) = (w.name(parent), w.name(child));
            let why = "A child may be enough, and the parent's work is not lost.";
            told(
                (format!("{child} dies for its parent {parent}."), why),
                (format!("Take {child}, a child of {parent}."), why),
                format!("{child} dies for {parent}"),
            )
        }
        OomStep::Kill { process, points, rss, tables } => {
            let p = w.name(process);
            let pages = count(rss.total().0 + tables.0, "page", "pages");
            let why = format!("{pages} may come back. Until then half of the reserve is open to it.");
            told(
                (format!("{p} got SIGKILL, for {} points.", signed(points)), why.clone()),
                (format!("Send SIGKILL to {p}, for {} points.", signed(points)), why),
                format!("{p} is killed, for {} points", signed(points)),
            )
        }
        OomStep::Waits { process } => {
            let p = w.name(process);
            let why = "One at a time: more comes back with each page that it gives up.";
            told(
                (format!("{p} is dying, so nobody else is killed."), why),
                (format!("Wait for {p}, which is dying."), why),
                format!("{p} is dying: nobody else is killed"),
            )
        }
        OomStep::WillFree { process } => {
            let p = w.name(process);
            let why = "It needs a few pages to end, and gives back far more.";
            told(
                (format!("{p} is dying itself: it may go into the reserve."), why),
                (format!("Let {p} go into the reserve: it is dying itself."), why),
                format!("{p} is dying: it may go into the reserve"),
            )
        }
        OomStep::Dies { process } => {
            let p = w.name(process);
            let why = "What it was about to do is not done any more.";
            told(
                (format!("{p} found SIGKILL on its way back from the kernel."), why),
                (format!("Let {p} find SIGKILL on its way back."), why),
                format!("{p} finds SIGKILL and ends"),
            )
        }
        OomStep::ReapedArea { process, present, .. } => {
            let (p, pages) = (w.name(process), count(present.0, "page", "pages"));
            let why = "Nobody will read them: it never returns to its program.";
            told(
                (format!("The reaper took {pages} of an area of {p}."), why),
                (format!("Take {pages} of an area of {p}."), why),
                format!("the reaper takes {pages} of {p}"),
            )
        }
        OomStep::Reaped { process, taken, .. } => {
            let (p, pages) = (w.name(process), count(taken.0, "page", "pages"));
            let why = "It sleeps on in the kernel, and is no choice any more.";
            told(
                (format!("The reaper is done with {p}: {pages}."), why),
                (format!("Be done with {p}: the reaper took {pages}."), why),
                format!("the reaper has taken {pages} of {p}"),
            )
        }
        OomStep::NobodyLeft => {
            let why = "When a request waits for memory, the kernel panics here.";
            told(
                ("There is nobody who may be killed.", why),
                ("Find nobody who may be killed.", why),
                "nobody may be killed",
            )
        }
        OomStep::NobodyInGroup { group } => {
            let g = w.name(group);
            let why = "Others are not asked: the request fails.";
            told(
                (format!("There is nobody in {g} who may be killed."), why),
                (format!("Find nobody in {g} who may be killed."), why),
                format!("nobody in {g} may be killed"),
            )
        }
        OomStep::Panic { compulsory } => {
            let value = if compulsory { 2 } else { 1 };
            let why = format!("vm.panic_on_oom is {value}. Here only the request fails.");
            told(
                ("The kernel panicked, and killed nobody.", why.clone()),
                ("Panic, and kill nobody.", why),
                "the kernel panics",
            )
        }
        OomStep::Hangs { process } => {
            let p = w.name(process);
            let why = "The reaper came with Linux 4.6. Here the request fails.";
            told(
                (format!("{p} was killed and never goes: this kernel waits."), why),
                (format!("Wait for {p}, which never goes."), why),
                format!("{p} never goes: the kernel waits without end"),
            )
        }
        OomStep::Adjusted { process, written, legacy, oom_score_adj } => {
            adjusted(w, &w.name(process), written, legacy, oom_score_adj)
        }
        OomStep::LowMemory { memory, reached } => low_memory(memory, reached),
        OomStep::LowScored { process, oom_score_adj, verdict, first } => {
            let p = w.name(process);
            let adj = signed(oom_score_adj);
            let (why, brief) = match (verdict, first) {
                (LowVerdict::Spared, _) => (
                    "The user is nearer to it than the level allows.".into(),
                    format!("{p}: adj {adj} stays"),
                ),
                (LowVerdict::Empty, _) => {
                    ("It has no pages: nothing would come of it.".into(), format!("{p} has no pages"))
                }
                (LowVerdict::Later, Some(other)) => {
                    let why =
                        format!("{} goes first: a higher one, or as high and no smaller.", w.name(other));
                    (why, format!("{p}: adj {adj}"))
                }
                (LowVerdict::First | LowVerdict::Later, _) => {
                    let why = "The highest so far: the user will miss it least.".to_owned();
                    (why, format!("{p}: adj {adj}, the first to go so far"))
                }
            };
            told(
                (format!("{p} has adjustment {adj}."), why.clone()),
                (format!("Look at {p}: adjustment {adj}."), why),
                brief,
            )
        }
        OomStep::LowPending { process } => {
            let p = w.name(process);
            let why = "It was killed less than a second ago: one at a time.";
            told(
                (format!("The driver waits for {p} to go."), why),
                (format!("Wait for {p} to go."), why),
                format!("the driver waits for {p}"),
            )
        }
        OomStep::LowKill { process, oom_score_adj, rss } => {
            let p = w.name(process);
            let pages = count(rss.0, "page comes", "pages come");
            let why = format!("Its adjustment is {}. {pages} back.", signed(oom_score_adj));
            told(
                (format!("{p} got SIGKILL, before memory ran out."), why.clone()),
                (format!("Send SIGKILL to {p}, before memory runs out."), why),
                format!("the driver kills {p}"),
            )
        }
        OomStep::LowNobody { min_adj } => {
            let why = format!("All are below adjustment {}: reclaim has to do.", signed(min_adj));
            told(
                ("The driver found nobody who may go.", why.clone()),
                ("Find nobody who may go.", why),
                "the driver finds nobody",
            )
        }
        OomStep::Refused { process, oom_score_adj, floor: Floor(floor) } => {
            let (p, value) = (w.name(process), signed(oom_score_adj));
            let why = format!("Only root may go below {} (CAP_SYS_RESOURCE).", signed(floor));
            told(
                (format!("{p} may not have oom_score_adj {value}: EACCES."), why.clone()),
                (format!("Refuse {p} an oom_score_adj of {value}."), why),
                format!("{p} may not have oom_score_adj {value}"),
            )
        }
    }
}

/// Free pages and those of files, against the levels of Android's driver.
fn low_memory(memory: LowMemory, reached: Option<(i16, NrPages)>) -> Told {
    let (free, file) = (signed(memory.free), signed(memory.file));
    let is = format!("{free} pages are free above the reserve, {file} are of files.");
    match reached {
        None => told(
            ("Android's driver had no level to act on.", is.clone()),
            ("Let Android's driver look: no level is reached.", is),
            "no level of the driver is reached",
        ),
        Some((adj, pages)) => {
            let (adj, pages) = (signed(adj), num(pages.0));
            told(
                (format!("Both are below {pages}: whoever has adj {adj} or more may go."), is.clone()),
                (format!("Compare with {pages}: whoever has adj {adj} or more may go."), is),
                format!("below {pages} pages: adj {adj} and more may go"),
            )
        }
    }
}

/// Which nodes are short.
fn only(w: &Words, nodes: Option<NodeMask>, cpuset: Option<NameId>, total: &str) -> String {
    let nodes = nodes.unwrap_or_default();
    let many = if nodes.weight() == 1 { "node" } else { "nodes" };
    match cpuset {
        Some(cpuset) => {
            let c = w.name(cpuset);
            format!("Cpuset {c} has {many} {nodes} alone: {total} pages, with swap.")
        }
        None => format!("Short of memory of {many} {nodes} alone: {total} pages, with swap."),
    }
}

fn count_of(points: Option<i64>) -> String {
    match points {
        Some(1) => "1 point".into(),
        points => format!("{} points", signed(points.unwrap_or(0))),
    }
}

fn spared(why: Spared) -> Told {
    match why {
        Spared::LowZone { zone, above } => {
            let zone = zone.name();
            let why = format!("{} pages are free above, out of its reach.", num(above.0));
            told(
                (format!("Nobody is killed: the request insists on {zone} and below."), why.clone()),
                (format!("Kill nobody: the request insists on {zone} and below."), why),
                format!("nobody is killed for a request of {zone}"),
            )
        }
        Spared::ThisNode => {
            let why = "Whoever dies might have had memory of another.";
            told(
                ("Nobody is killed: the request insists on one node.", why),
                ("Kill nobody: the request insists on one node.", why),
                "nobody is killed for a request of one node",
            )
        }
        Spared::NoFs => {
            let why = "It may hold locks of a file system. Linux tries on without end.";
            told(
                ("Nobody is killed for a request without GFP FS.", why),
                ("Kill nobody: the request has no GFP FS.", why),
                "nobody is killed for a request without GFP FS",
            )
        }
    }
}

fn adjusted(w: &Words, p: &str, written: i16, legacy: bool, value: i16) -> Told {
    let now = signed(value);
    let (text, next, brief) = if legacy {
        let old = signed(written);
        (
            format!("oom_adj {old} of {p} became oom_score_adj {now}."),
            format!("Turn oom_adj {old} of {p} into oom_score_adj {now}."),
            format!("oom_adj {old} of {p} is oom_score_adj {now}"),
        )
    } else {
        (
            format!("{p} has oom_score_adj {now}."),
            format!("Give {p} an oom_score_adj of {now}."),
            format!("{p} has oom_score_adj {now}"),
        )
    };
    let points = worth(w, value).map(|points| signed(points.abs()));
    let read = oom_adj_of(value);
    let why = match (value, points) {
        _ if legacy && i16::from(read) != written => {
            format!("Thousandths are kept: oom_adj reads {} now.", signed(read))
        }
        (OOM_SCORE_ADJ_MIN, _) => "It may not be killed at all.".into(),
        (0, _) => "What it has is all that counts.".into(),
        (1.., Some(points)) => format!("It offers itself: {points} points more."),
        (_, Some(points)) => format!("It is protected: {points} points less."),
        (1.., None) => "It offers itself.".into(),
        (_, None) => "It is protected.".into(),
    };
    told((text, why.clone()), (next, why), brief)
}

pub(super) fn op_text(w: &Words, op: OomOp) -> String {
    match op {
        OomOp::ScoreAdj { process, value, root } => {
            let by = if root { "root gives" } else { "gives itself" };
            match root {
                true => format!("{by} {} an oom_score_adj of {}", w.name(process), signed(value)),
                false => format!("{} {by} an oom_score_adj of {}", w.name(process), signed(value)),
            }
        }
        OomOp::Adj { process, value, .. } => {
            format!("{} gets an oom_adj of {}", w.name(process), signed(value))
        }
        OomOp::Sysrq => "kills somebody, though nobody asks for memory".into(),
    }
}

pub(super) fn task_text(w: &Words, task: &TaskArgs) -> String {
    let mut out = String::new();
    if task.uid > 0 {
        out += &format!(" of user {}", task.uid);
    }
    if task.nice != 0 {
        out += &format!(", nice {}", signed(task.nice));
    }
    if task.cpu_seconds > 0 {
        out += &format!(", {} s of work", num(task.cpu_seconds));
    }
    if task.age_seconds > 0 {
        out += &format!(", {} s old", num(task.age_seconds));
    }
    if task.stuck {
        out += ", stuck in the kernel";
    }
    if let Some(group) = task.cgroup {
        out += &format!(", in group {}", w.name(group));
    }
    if let Some(cpuset) = task.cpuset {
        out += &format!(", in cpuset {}", w.name(cpuset));
    }
    out
}

//! Who is killed.

use mm::oom_kill::{OomRules, Scope};
use mm::op::NameId;
use mm::process::Mm;
use mm::reclaim::GroupId;
use mm::step::{OomStep, StepKind};

use super::{At, rules};
use crate::question::{Ask, Claim, Mistake, OomMistake, Question};

pub(super) fn question(at: &At) -> Option<Question> {
    match at.next {
        StepKind::Oom(
            OomStep::Invoked { .. }
            | OomStep::Scored { .. }
            | OomStep::TakesAsker { .. }
            | OomStep::Kill { .. },
        ) => dies(at),
        _ => None,
    }
}

fn dies(at: &At) -> Option<Question> {
    let (victim, steps) = at.find(|kind| match *kind {
        StepKind::Oom(OomStep::Kill { process, .. }) => Some(process),
        _ => None,
    })?;
    let procs = at.machine.processes();
    let of_rules = at.machine.oom_rules();
    let asker = asker(at);
    let mut wrong: Vec<(NameId, OomMistake)> = Vec::new();
    if let Some(process) = asker {
        wrong.push((process, OomMistake::Asker(process)));
    }
    let group = group(at);
    let is_in_group = |mm: &Mm| group.is_root() || at.machine.group_of_process(mm.name) == group;
    let scope = scope(at, asker);
    let is_in = |mm: &Mm| is_in_group(mm) && at.machine.may_help(mm, scope);
    // "The largest one", wherever it is.
    let all = rules::largest(procs, rules::By::Rss, |_| true);
    if let Some(mm) = all.filter(|mm| !is_in(mm)) {
        let of = if is_in_group(mm) { OomMistake::Elsewhere } else { OomMistake::Outsider };
        wrong.push((mm.name, of(mm.name)));
    }
    let largest = |old| rules::largest(procs, old, is_in);
    if let Some(mm) = largest(rules::By::Vsz) {
        let (process, rss) = (mm.name, mm.rss.total().0);
        wrong.push((
            process,
            match of_rules {
                OomRules::V2_6_32 => OomMistake::SizeAlone(process),
                _ => OomMistake::LargestVsz { process, rss },
            },
        ));
    }
    if let Some(mm) = largest(rules::By::Rss) {
        let (process, adj) = (mm.name, mm.oom.oom_score_adj);
        wrong.push((
            process,
            match of_rules {
                OomRules::V2_6_32 => OomMistake::RssByOldRules(process),
                _ => OomMistake::LargestRss { process, adj },
            },
        ));
    }
    if let Some(mm) = largest(rules::By::Adjustment).filter(|mm| mm.oom.oom_score_adj > 0) {
        wrong.push((mm.name, OomMistake::HighestAdj(mm.name)));
    }
    if let Some(mm) = procs.mms().find(|mm| is_in(mm)) {
        wrong.push((mm.name, OomMistake::LowestPid(mm.name)));
    }
    let wrong = wrong.into_iter().map(|(name, mistake)| (Claim::Dies(name), Mistake::Oom(mistake))).collect();
    at.choice(Ask::WhoDies { victim, rules: of_rules }, Claim::Dies(victim), wrong, steps).sorted()
}

/// Which nodes are short, and in which cpuset whoever asks is (nobody is, where a group is full).
fn scope(at: &At, asker: Option<NameId>) -> Scope {
    let of = |step: &mm::Step| match step.kind {
        StepKind::Oom(OomStep::Invoked { memcg, nodes, cpuset, .. }) => Some((memcg, nodes, cpuset)),
        _ => None,
    };
    let invoked = at.coming.first().and_then(of).or_else(|| at.moment.trail.iter().rev().find_map(of));
    let Some((None, nodes, limit)) = invoked else { return Scope::MACHINE };
    let procs = at.machine.processes();
    let cpuset = asker.and_then(|name| procs.cpuset_of(procs.mm(name)?)).copied();
    Scope { nodes: nodes.filter(|_| limit.is_none()), cpuset, ..Scope::MACHINE }
}

/// The control group that is full; the root: the whole machine is.
fn group(at: &At) -> GroupId {
    let of = |step: &mm::Step| match step.kind {
        StepKind::Oom(OomStep::Invoked { memcg, .. }) => Some(memcg),
        _ => None,
    };
    let memcg =
        at.coming.first().and_then(of).or_else(|| at.moment.trail.iter().rev().find_map(of)).flatten();
    memcg.and_then(|name| at.machine.reclaim()?.group_named(name)).unwrap_or_default()
}

/// Who asks for the memory that there is not.
fn asker(at: &At) -> Option<NameId> {
    let of = |step: &mm::Step| match step.kind {
        StepKind::Oom(OomStep::Invoked { invoker, .. }) => Some(invoker),
        _ => None,
    };
    at.coming.first().and_then(of).or_else(|| at.moment.trail.iter().rev().find_map(of)).flatten()
}

//! The English sentences about control groups.

use mm::op::FileOp;
use mm::step::ReclaimStep;

use super::super::en::count;
use super::super::kmem::en::bytes;
use super::super::told;
use super::{Told, Words, num};

fn pages(number: impl Into<u64>) -> String {
    count(number, "page", "pages")
}

/// `40 MiB`
fn size(pages: u64) -> String {
    bytes(pages.saturating_mul(mm::units::PAGE_SIZE))
}

/// `40 MiB`, `as much as it likes`
fn limit(max: Option<u64>) -> String {
    max.map_or("as much as it likes".into(), size)
}

/// A step of a group, told.
pub(super) fn tell(w: &Words, step: &ReclaimStep) -> Told {
    use ReclaimStep as R;
    match *step {
        R::GroupMade { group, max, .. } => {
            let (g, limit) = (w.name(group), limit(max));
            let why = "What its processes ask for is charged to it, wherever it lies.";
            told(
                (format!("Group {g} may have {limit}."), why),
                (format!("Make group {g}, which may have {limit}."), why),
                format!("group {g}: {limit}"),
            )
        }
        R::GroupJoined { process, group } => {
            let (p, g) = (w.name(process), w.name(group));
            let why = "Its pages and tables are charged to the group, and its children's.";
            told(
                (format!("{p} is in group {g}."), why),
                (format!("Put {p} in group {g}."), why),
                format!("{p} is in group {g}"),
            )
        }
        R::GroupLimit { group, swap, max, usage } => {
            let (g, limit, what) = (w.name(group), limit(max), if swap { " of swap" } else { "" });
            let why = match max {
                Some(max) if usage > max && !swap => {
                    format!("It has {}: what is above the limit has to go.", size(usage))
                }
                _ => format!("It has {}.", size(usage)),
            };
            told(
                (format!("Group {g} may have {limit}{what} now."), why.clone()),
                (format!("Let group {g} have {limit}{what}."), why),
                format!("group {g}: {limit}{what}"),
            )
        }
        R::GroupOver { group, usage, max, pages: wanted, .. } => {
            let (g, usage, max) = (w.name(group), num(usage), num(max));
            let more = num(wanted);
            let why = "Whatever the machine has: the group looks in itself.";
            told(
                (format!("{g} has {usage} of {max} pages, and {more} more did not fit."), why),
                (format!("{g} has {usage} of {max} pages: no room for {more} more."), why),
                format!("{g} is full: {usage} of {max} pages"),
            )
        }
        R::GroupDrained { group, pages: ahead } => {
            let (g, ahead) = (w.name(group), pages(ahead));
            let why = "A CPU charges 64 pages at once, and keeps what it does not need.";
            told(
                (format!("{ahead} charged to {g} ahead were given back."), why),
                (format!("Give back {ahead} that are charged to {g} ahead."), why),
                format!("{g}: {ahead} charged ahead go back"),
            )
        }
        R::GroupReclaimed { group, reclaimed, priority, usage, .. } => {
            let g = w.name(group);
            let found = if reclaimed == 0 { "nothing".into() } else { pages(reclaimed) };
            let why = match reclaimed {
                0 => "All of it is in use, or there is nowhere for it to go.".to_owned(),
                _ => format!("It came to priority {priority}, and has {} now.", pages(usage)),
            };
            told(
                (format!("{g} has found {found} in itself."), why.clone()),
                (format!("{g} has found {found} in itself."), why),
                format!("{g} finds {found} in itself"),
            )
        }
        R::GroupRetried { group, rounds, reclaimed } => {
            let (g, rounds) = (w.name(group), count(rounds, "more round", "more rounds"));
            let found = if reclaimed == 0 { "nothing".into() } else { pages(reclaimed) };
            let why = "After 16 retries somebody of the group is killed.";
            told(
                (format!("{rounds} in {g} found {found}."), why),
                (format!("Look in {g} again, {rounds}: {found}."), why),
                format!("{rounds} in {g}: {found}"),
            )
        }
        R::GroupRefused { group, pages: wanted } => {
            let (g, wanted) = (w.name(group), pages(wanted));
            let why = "The request fails, however much the machine has.";
            told(
                (format!("{g} has no room for {wanted}: ENOMEM."), why),
                (format!("Refuse {g} {wanted}: ENOMEM."), why),
                format!("{g} has no room for {wanted}"),
            )
        }
        _ => told(("", ""), ("", ""), ""),
    }
}

/// What an op of a group wants, behind its name.
pub(super) fn op_text(w: &Words, op: &FileOp) -> String {
    match *op {
        FileOp::Group { max, .. } => format!("a control group, which may have {}", limit(max)),
        FileOp::GroupMax { group, max, swap } => {
            let what = if swap { " of swap" } else { "" };
            format!("group {} may have {}{what}", w.name(group), limit(max))
        }
        _ => String::new(),
    }
}

//! From a document back to text: the one canonical way to write it. What a link carries.

use std::fmt::Write as _;

use mm::op::PageKind;

use crate::ast::{
    Alloc, Document, For, Line, Phrase, Run, Size, Statement, Workload, kind_word, mobility_word,
};

/// The canonical text: one space between words, loops indented by two, every line ended. Parsing it gives the same
/// document.
#[must_use]
pub fn print(document: &Document) -> String {
    let mut out = String::new();
    let mut depth = 0usize;
    for Line { statement, comment } in &document.lines {
        if statement.as_ref().is_some_and(Statement::closes) {
            depth = depth.saturating_sub(1);
        }
        let mut line = "  ".repeat(depth.min(MAX_INDENT));
        if let Some(statement) = statement {
            line += &print_statement(statement);
        }
        if let Some(comment) = comment {
            line += if statement.is_some() { "  #" } else { "#" };
            if !comment.is_empty() {
                line.push(' ');
                line += comment;
            }
        }
        out += line.trim_end();
        out.push('\n');
        if statement.as_ref().is_some_and(Statement::opens) {
            depth += 1;
        }
    }
    out
}

/// Deeper than loops may nest, a text of broken lines could otherwise grow by the square of its length.
const MAX_INDENT: usize = 8;

/// One statement, without indentation and comment.
#[must_use]
pub fn print_statement(statement: &Statement) -> String {
    match statement {
        Statement::Title(phrase) => format!("title {}", quoted(phrase)),
        Statement::Rules(rules) => format!("rules {}", rules.name()),
        Statement::Ram(amount) => format!("ram {amount}"),
        Statement::Zone { kind, size: None } => format!("zone {}", kind.name()),
        Statement::Zone { kind, size: Some(size) } => format!("zone {} {size}", kind.name()),
        Statement::Reserve { start, size } => format!("reserve {start} {size}"),
        Statement::PageblockOrder(order) => format!("pageblock_order {order}"),
        Statement::Mobility(mobility) => format!("page_group_by_mobility {}", mobility_word(*mobility)),
        Statement::Pcp(on) => format!("pcp {}", on_off(*on)),
        Statement::Cma(on) => format!("cma {}", on_off(*on)),
        Statement::Seed(seed) => format!("seed {seed}"),
        Statement::BuddyInfo { zone, counts } => {
            let mut out = format!("buddyinfo Node 0, zone {}", zone.name());
            counts.iter().for_each(|count| out += &format!(" {count}"));
            out
        }
        Statement::FreeList { zone, order, migratetype, pfns } => {
            let mut out = format!("free_list {} {order} {}:", zone.name(), migratetype.name());
            pfns.iter().for_each(|pfn| out += &format!(" {pfn:#x}"));
            out
        }
        Statement::Pageblocks { zone, runs } => format!("pageblocks {}{}", zone.name(), print_runs(runs)),
        Statement::Say(phrase) => format!("say {}", quoted(phrase)),
        Statement::Alloc(alloc) => print_alloc(alloc),
        Statement::Free(target) => format!("free {target}"),
        Statement::Workload(workload) => print_workload(workload),
        Statement::For(For { variable, from, to, step: 1 }) => format!("for {variable} in {from}..{to}"),
        Statement::For(For { variable, from, to, step }) => {
            format!("for {variable} in {from}..{to} step {step}")
        }
        Statement::End => "end".to_owned(),
        Statement::Broken(text) => text.clone(),
    }
}

fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

fn quoted(Phrase { text, zh }: &Phrase) -> String {
    let quote = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    match zh {
        None => quote(text),
        Some(zh) => format!("{} zh {}", quote(text), quote(zh)),
    }
}

/// Long runs as `1*40`, short ones digit by digit; a long run stands apart.
fn print_runs(runs: &[Run]) -> String {
    const LONG: u32 = 5;
    let mut out = String::new();
    let mut after_digits = false;
    for &Run { migratetype, count } in runs {
        let digit = migratetype as u8;
        let long = count >= LONG;
        if long || !after_digits {
            out.push(' ');
        }
        if long {
            let _ = write!(out, "{digit}*{count}");
        } else {
            (0..count).for_each(|_| out += &digit.to_string());
        }
        after_digits = !long;
    }
    out
}

fn print_alloc(Alloc { target, size, kind, zone, real }: &Alloc) -> String {
    let mut out = match size {
        Size::Order(order) => format!("{target} = alloc order={order}"),
        Size::Pages(pages) => format!("{target} = alloc pages={pages}"),
    };
    let _ = write!(out, " {}", kind_word(*kind));
    if let Some(zone) = zone {
        let _ = write!(out, " zone={}", zone.name());
    }
    if let Some(real) = real {
        let _ = write!(out, " real={real:#x}");
    }
    out
}

fn print_workload(workload: &Workload) -> String {
    let Workload { target, actions, orders: (low, high), weights, free_percent, zone } = workload;
    let mut out = format!("{target} = workload {actions}");
    let _ = match low == high {
        true => write!(out, " orders={low}"),
        false => write!(out, " orders={low}..{high}"),
    };
    for (kind, weight) in PageKind::ASKABLE.into_iter().zip(weights).filter(|(_, weight)| **weight > 0) {
        let _ = write!(out, " {}={weight}", kind_word(kind));
    }
    if *free_percent > 0 {
        let _ = write!(out, " free={free_percent}");
    }
    if let Some(zone) = zone {
        let _ = write!(out, " zone={}", zone.name());
    }
    out
}

//! From a document back to text: the one canonical way to write it. What a link carries.

use std::fmt::{self, Write as _};

use mm::config::StartFigures;
use mm::op::PageKind;

use crate::ast::{
    Alloc, Document, Flags, For, Line, Node, PcpSizes, Phrase, Run, Size, Statement, Workload, kind_word,
    mobility_word,
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
        Statement::Arch(arch) => format!("arch {}", arch.name()),
        Statement::Ram(amount) => format!("ram {amount}"),
        Statement::Zone { kind, size: None } => format!("zone {}", kind.name()),
        Statement::Zone { kind, size: Some(size) } => format!("zone {} {size}", kind.name()),
        Statement::Reserve { start, size } => format!("reserve {start} {size}"),
        Statement::Cpus(cpus) => format!("cpus {cpus}"),
        Statement::Node(node) => print_node(node),
        Statement::Distance { from, to, distance } => format!("distance {from} {to} {distance}"),
        Statement::PageblockOrder(order) => format!("pageblock_order {order}"),
        Statement::Mobility(mobility) => format!("page_group_by_mobility {}", mobility_word(*mobility)),
        Statement::Pcp(on) => format!("pcp {}", on_off(*on)),
        Statement::Watermarks(on) => format!("watermarks {}", on_off(*on)),
        Statement::Tunable(tunable) => tunable.to_string(),
        Statement::Thp(thp) => format!("thp {}", thp.word()),
        Statement::Paging(paging) => format!("paging {}", paging.word()),
        Statement::Cma(on) => format!("cma {}", on_off(*on)),
        Statement::Area(line) => line.to_string(),
        Statement::ReservedMemory(line) => line.to_string(),
        Statement::KmemSetting(setting) => setting.to_string(),
        Statement::Reclaim(on) => format!("reclaim {}", on_off(*on)),
        Statement::Swap(line) => line.to_string(),
        Statement::Tlb(config) => crate::mmu::tlb_line(config),
        Statement::OomKiller(rules) => format!("oom_killer {}", rules.name()),
        Statement::Lowmem(line) => line.to_string(),
        Statement::Compaction(line) => line.to_string(),
        Statement::Caches(line) => line.to_string(),
        Statement::Seed(seed) => format!("seed {seed}"),
        Statement::BuddyInfo { zone, counts } => {
            let mut out = format!("buddyinfo Node {}, zone {}", zone.node, zone.kind.name());
            counts.iter().for_each(|count| out += &format!(" {count}"));
            out
        }
        Statement::FreeList { zone, order, migratetype, pfns } => {
            format!("free_list {zone} {order} {}:{}", migratetype.name(), frames(pfns))
        }
        Statement::Pageblocks { zone, runs } => format!("pageblocks {zone}{}", print_runs(runs)),
        Statement::Figures { zone, figures } => format!("figures {zone}{}", print_figures(figures)),
        Statement::PcpSizes { zone, cpu, sizes } => {
            format!("pcp_sizes {zone} cpu={cpu}{}", print_sizes(sizes))
        }
        Statement::PcpList { zone, cpu, order, migratetype, pfns } => {
            format!("pcp_list {zone} cpu={cpu} order={order} {}:{}", migratetype.name(), frames(pfns))
        }
        Statement::Say(phrase) => format!("say {}", quoted(phrase)),
        Statement::Alloc(alloc) => alloc.to_string(),
        Statement::Free { target, cpu } => format!("free {target}{}", on_cpu(*cpu)),
        Statement::Workload(workload) => workload.to_string(),
        Statement::Dts(line) if line.text.is_empty() => "dts".to_owned(),
        Statement::Dts(line) => format!("dts {}", line.text),
        Statement::Swiotlb(bytes) => format!("swiotlb {}", crate::kmem::Size(*bytes)),
        Statement::Drain => "drain".to_owned(),
        Statement::Sysctl(tunable) => format!("sysctl vm.{tunable}"),
        Statement::Isolate(pfn) => format!("isolate {pfn:#x}"),
        Statement::Unisolate(pfn, to) => format!("unisolate {pfn:#x} {}", to.name()),
        Statement::Kernel(kernel) => kernel.to_string(),
        Statement::Kmem(kmem) => kmem.to_string(),
        Statement::Process(process) => process.to_string(),
        Statement::File(line) => line.to_string(),
        Statement::CmaOp(line) => line.to_string(),
        Statement::Dma(line) => line.to_string(),
        Statement::Compact(line) => line.to_string(),
        Statement::Segment(op) => crate::segmentation::print(op),
        Statement::For(For { variable, from, to, step: 1 }) => format!("for {variable} in {from}..{to}"),
        Statement::For(For { variable, from, to, step }) => {
            format!("for {variable} in {from}..{to} step {step}")
        }
        Statement::End => "end".to_owned(),
        Statement::Broken(text) => text.clone(),
    }
}

/// Frames, each behind a space.
fn frames(pfns: &[u32]) -> String {
    pfns.iter().map(|pfn| format!(" {pfn:#x}")).collect()
}

/// The CPU, unless it is the first one.
fn on_cpu(cpu: u8) -> String {
    if cpu > 0 { format!(" cpu={cpu}") } else { String::new() }
}

fn print_node(Node { node, ram, cpus }: &Node) -> String {
    let mut out = format!("node {node}");
    if let Some(ram) = ram {
        let _ = write!(out, " ram {ram}");
    }
    if !cpus.is_empty() {
        out += " cpus";
        cpus.iter().for_each(|(from, to)| out += &format!(" {from}..{to}"));
    }
    out
}

/// What is as it usually is, is left out.
fn print_figures(figures: &StartFigures) -> String {
    let StartFigures { watermark: [min, low, high, promo], watermark_boost, nr_reserved_highatomic } =
        figures;
    let mut out = format!(" min={min} low={low} high={high}");
    if *promo != usual_promo(*low, *high) {
        let _ = write!(out, " promo={promo}");
    }
    if *watermark_boost > 0 {
        let _ = write!(out, " boost={watermark_boost}");
    }
    if *nr_reserved_highatomic > 0 {
        let _ = write!(out, " highatomic={nr_reserved_highatomic}");
    }
    out
}

/// As far above high as high is above low.
pub(crate) fn usual_promo(low: u32, high: u32) -> u32 {
    high.saturating_add(high.saturating_sub(low))
}

fn print_sizes(PcpSizes { high, batch, free_factor, expire }: &PcpSizes) -> String {
    let mut out = format!(" high={high} batch={batch}");
    if *free_factor > 0 {
        let _ = write!(out, " free_factor={free_factor}");
    }
    if *expire > 0 {
        let _ = write!(out, " expire={expire}");
    }
    out
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

impl fmt::Display for Alloc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print_alloc(self))
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print_workload(self))
    }
}

fn print_alloc(Alloc { target, size, kind, zone, flags, cpu, real, by }: &Alloc) -> String {
    let mut out = match size {
        Size::Order(order) => format!("{target} = alloc order={order}"),
        Size::Pages(pages) => format!("{target} = alloc pages={pages}"),
    };
    match flags {
        // The flags say it themselves.
        Flags::Given(flags) if *kind == Flags::kind(*flags) => {}
        _ => {
            let _ = write!(out, " {}", kind_word(*kind));
        }
    }
    let _ = match flags {
        Flags::Usual => Ok(()),
        Flags::Nowait => write!(out, " nowait"),
        Flags::Atomic => write!(out, " atomic"),
        Flags::Given(flags) => write!(out, " gfp={flags}"),
    };
    if let Some(zone) = zone {
        let _ = write!(out, " zone={}", zone.name());
    }
    if let Some(by) = by {
        let _ = write!(out, " by={by}");
    }
    out += &on_cpu(*cpu);
    if let Some(real) = real {
        let _ = write!(out, " real={real:#x}");
    }
    out
}

fn print_workload(workload: &Workload) -> String {
    let Workload { target, actions, orders: (low, high), weights, free_percent, zone, cpu } = workload;
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
    out += &on_cpu(*cpu);
    out
}

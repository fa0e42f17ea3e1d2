//! The text of a scenario that starts where a real kernel stood and replays what it did.

use mm::config::{Arch, Config, Start, StartPcp};
use mm::mmzone::{PerCpuPages, ZoneKind};
use mm::{Op, Order};

use crate::ast::{Amount, Document, Line, PcpSizes, Phrase, Run, Statement, ZoneRef};
use crate::kernel::Kernel;
use crate::print;

/// The scenario `title` of the machine that `config` describes and of the recorded ops among `ops`.
///
/// Not everything of a dump has words: memory lies where a PC has it, and what was reserved at boot is in use by
/// somebody, like everything else that is on no list.
#[must_use]
pub fn replayed(title: Phrase, config: &Config, ops: &[Op]) -> String {
    let mut statements = vec![Statement::Title(title)];
    if config.arch != Arch::default() {
        statements.push(Statement::Arch(config.arch));
    }
    machine(config, &mut statements);
    if config.cma {
        statements.push(Statement::Cma(true));
    }
    if let Start::Lists(zones) = &config.start {
        for (lists, spec) in zones.iter().zip(&config.zones) {
            let zone = ZoneRef { kind: spec.kind, node: spec.node };
            let mut runs: Vec<Run> = Vec::new();
            for migratetype in &lists.pageblocks {
                match runs.last_mut().filter(|run| run.migratetype == *migratetype) {
                    Some(run) => run.count += 1,
                    None => runs.push(Run { migratetype: *migratetype, count: 1 }),
                }
            }
            statements.push(Statement::Pageblocks { zone, runs });
            statements.extend(lists.figures.map(|figures| Statement::Figures { zone, figures }));
            for pcp in &lists.pcp {
                per_cpu(zone, pcp, config.pageblock_order, &mut statements);
            }
            for (order, migratetype, pfns) in &lists.lists {
                let pfns = pfns.iter().map(|pfn| pfn.0).collect();
                statements.push(Statement::FreeList { zone, order: *order, migratetype: *migratetype, pfns });
            }
        }
    }
    let table = &config.recorded.moved;
    statements.extend(ops.iter().filter_map(|op| match op {
        Op::Recorded(recorded) => Some(Statement::Kernel(Kernel::of(recorded, table))),
        _ => None,
    }));
    print(&Document { lines: statements.into_iter().map(Line::from).collect() })
}

/// `ram`, and the zones where they are not those of an x86-64 PC.
fn machine(config: &Config, statements: &mut Vec<Statement>) {
    const FOUR_GIB: u32 = 0x10_0000;
    const HOLE: u32 = 0xc_0000;
    let end = config.end().0;
    let frames = if end > FOUR_GIB { HOLE + (end - FOUR_GIB) } else { end };
    statements.push(Statement::Ram(Amount::frames(u64::from(frames))));
    if config.arch == Arch::I386 {
        // Where low memory ends is up to the kernel's build.
        for spec in config.zones.iter().filter(|spec| spec.kind != ZoneKind::HighMem) {
            let size = spec.span.end.0 - if spec.kind == ZoneKind::Dma { 0 } else { spec.span.start.0 };
            let size = Some(Amount::frames(u64::from(size)));
            statements.push(Statement::Zone { kind: spec.kind, size });
        }
        if config.zones.iter().any(|spec| spec.kind == ZoneKind::HighMem) {
            statements.push(Statement::Zone { kind: ZoneKind::HighMem, size: None });
        }
    }
    if config.cpus.len() > 1 {
        statements.push(Statement::Cpus(config.cpus.len() as u8));
    }
}

fn per_cpu(zone: ZoneRef, pcp: &StartPcp, pageblock_order: Order, statements: &mut Vec<Statement>) {
    let [high, batch, free_factor, expire] = pcp.sizes;
    let cpu = pcp.cpu.0;
    let sizes = PcpSizes { high, batch, free_factor: free_factor as u8, expire: expire as u8 };
    statements.push(Statement::PcpSizes { zone, cpu, sizes });
    for (index, pfns) in &pcp.lists {
        let index = usize::from(*index);
        statements.push(Statement::PcpList {
            zone,
            cpu,
            order: PerCpuPages::order_of(index, pageblock_order),
            migratetype: PerCpuPages::type_of(index),
            pfns: pfns.iter().map(|pfn| pfn.0).collect(),
        });
    }
}

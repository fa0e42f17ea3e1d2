//! Several NUMA nodes: where their memory lies, who has which CPU, and how far it is between them.

use mm::Config;
use mm::config::Arch;
use mm::limits::MIN_FRAMES;

use super::{Lowering, machine};
use crate::ast::Node;
use crate::diagnostic::Kind;
use crate::span::Part;

/// A line `distance`.
pub(super) struct DistanceLine {
    pub line: u32,
    pub from: u8,
    pub to: u8,
    pub distance: u8,
}

/// The memory of the nodes, one behind the other, with the zones and the CPUs that each of them has.
pub(super) fn layout(
    lowering: &mut Lowering<'_>,
    nodes: &[(u32, &Node)],
    arch: Arch,
    most: u32,
) -> Option<Config> {
    let errors = lowering.errors();
    let (mut sizes, mut sum) = (Vec::new(), 0u64);
    for (expected, (line, node)) in (0u8..).zip(nodes) {
        if node.node != expected {
            let kind = Kind::NodeOrder { node: node.node, expected };
            lowering.report_part(*line, Part::Node, kind);
            return None;
        }
        let frames = node.ram.map_or(0, |ram| ram.count());
        if node.ram.is_some() && frames < u64::from(MIN_FRAMES) {
            let kind = Kind::SmallNode { node: node.node, min: u64::from(MIN_FRAMES) };
            lowering.report_line(*line, kind);
        }
        sum = sum.saturating_add(frames);
        sizes.push(frames);
    }
    let cpus = cpus(lowering, nodes);
    let last = nodes.last().map_or(1, |(line, _)| *line);
    if sum > 0 {
        machine::bounded(lowering, last, sum, most)?;
    } else {
        lowering.report_line(nodes.first().map_or(1, |(line, _)| *line), Kind::NodesWithoutRam);
    }
    if lowering.errors() > errors {
        return None;
    }
    let sizes: Vec<u32> = sizes.into_iter().map(|frames| frames as u32).collect();
    Some(Config { cpus, ..Config::pc(arch, &sizes) })
}

/// The node of each CPU; without any word of them, one on the first node.
fn cpus(lowering: &mut Lowering<'_>, nodes: &[(u32, &Node)]) -> Vec<u8> {
    let mut of_cpu: Vec<Option<(u8, u32)>> = Vec::new();
    for (line, node) in nodes {
        for cpu in node.cpus.iter().flat_map(|(from, to)| *from..=*to) {
            let at = usize::from(cpu);
            if of_cpu.len() <= at {
                of_cpu.resize(at + 1, None);
            }
            match of_cpu[at] {
                Some((_, first)) => lowering.report_line(*line, Kind::CpuTwice { cpu, first }),
                None => of_cpu[at] = Some((node.node, *line)),
            }
        }
    }
    if let Some(cpu) = of_cpu.iter().position(Option::is_none) {
        let line = nodes.iter().find(|(_, node)| !node.cpus.is_empty()).map_or(1, |(line, _)| *line);
        lowering.report_line(line, Kind::CpuMissing { cpu: cpu as u8 });
    }
    if of_cpu.is_empty() {
        return vec![0];
    }
    of_cpu.into_iter().map(|of| of.map_or(0, |(node, _)| node)).collect()
}

/// The table of distances; a line holds both ways, unless the way back has one of its own. Empty without any line.
pub(super) fn distances(lowering: &mut Lowering<'_>, lines: &[DistanceLine], nodes: u8) -> Vec<Vec<u8>> {
    if lines.is_empty() {
        return Vec::new();
    }
    let mut table: Vec<Vec<u8>> =
        (0..nodes).map(|from| (0..nodes).map(|to| if from == to { 10 } else { 20 }).collect()).collect();
    let mut said: Vec<(u8, u8, u32)> = Vec::new();
    for DistanceLine { line, from, to, distance } in lines {
        if let Some(node) = [*from, *to].into_iter().find(|node| *node >= nodes) {
            lowering.report_line(*line, Kind::UnknownNode { node, nodes });
            continue;
        }
        if let Some((.., first)) = said.iter().find(|(a, b, _)| (a, b) == (from, to)) {
            lowering.report_line(*line, Kind::RepeatedDistance { first: *first });
            continue;
        }
        said.push((*from, *to, *line));
        table[usize::from(*from)][usize::from(*to)] = *distance;
        if !lines.iter().any(|other| (other.from, other.to) == (*to, *from)) {
            table[usize::from(*to)][usize::from(*from)] = *distance;
        }
    }
    table
}

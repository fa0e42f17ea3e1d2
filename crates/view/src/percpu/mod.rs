//! The per-CPU lists of a zone: a task at the top of each column, its CPU's lists as shelves, the buddy system's free
//! lists at the bottom.
//!
//! Blocks come up from the free lists to the tails, leave from the heads to the task, come back to the heads, and are
//! given back from the tails. Lists that are empty on every CPU are only a line.

mod draw;
#[cfg(test)]
mod tests;

use mm::mmzone::{PerCpuPages, ZoneId};
use mm::step::StepKind;
use mm::{CpuId, Machine, Pfn};
use scenario::Lang;

use crate::Moment;
use crate::pyramid::Direction;
use crate::scene::{Room, Scene};

/// Draws the lists that the CPUs have of a zone.
#[must_use]
pub fn scene(moment: &Moment, room: &Room, zone: ZoneId, lang: Lang, selected: Option<Pfn>) -> Scene {
    draw::scene(moment, room, zone, lang, selected)
}

/// The CPU that a step speaks of.
#[must_use]
pub fn cpu_of(kind: &StepKind) -> Option<CpuId> {
    match *kind {
        StepKind::Request { cpu, .. }
        | StepKind::PcpEmpty { cpu, .. }
        | StepKind::PcpAppend { cpu, .. }
        | StepKind::PcpRefilled { cpu, .. }
        | StepKind::PcpTake { cpu, .. }
        | StepKind::PcpPut { cpu, .. }
        | StepKind::PcpDrainBegins { cpu, .. }
        | StepKind::PcpDrain { cpu, .. } => Some(cpu),
        _ => None,
    }
}

/// The CPU that the story is about: that of the step, else that of the op.
#[must_use]
pub fn cpu_in_play(moment: &Moment) -> CpuId {
    let of = |step: &mm::Step| cpu_of(&step.kind);
    let ended = moment.cursor.step == 0 && moment.just_did.is_some();
    let op = moment.scenario.ops.get(moment.cursor.op.saturating_sub(u32::from(ended)) as usize);
    let of_op = op.and_then(|op| op.op.cpu());
    moment
        .just_did
        .as_ref()
        .and_then(of)
        .or_else(|| moment.trail.iter().rev().find_map(of))
        .or(of_op)
        .or_else(|| moment.next.as_ref().and_then(of))
        .unwrap_or(CpuId(0))
}

/// Every list that holds something, in the order of the picture: CPU by CPU, from the top.
fn lists(machine: &Machine, zone: ZoneId) -> Vec<(CpuId, usize)> {
    let all = (0..machine.cpus()).flat_map(|cpu| (0..PerCpuPages::LISTS).map(move |i| (CpuId(cpu), i)));
    all.filter(|(cpu, index)| !machine.zone(zone).pcp(*cpu).list(*index).is_empty()).collect()
}

/// The block to select when an arrow key is pressed: its neighbour on the list, or the head of the next list that
/// holds something.
#[must_use]
pub fn neighbour(moment: &Moment, zone: ZoneId, from: Option<Pfn>, to: Direction) -> Option<Pfn> {
    let machine = &moment.machine;
    let lists = lists(machine, zone);
    let place = from.and_then(|pfn| machine.block_of(pfn)).and_then(|block| {
        lists.iter().enumerate().find_map(|(at, (cpu, index))| {
            let on_list = machine.pcp_list(zone, *cpu, *index).position(|pfn| pfn == block.pfn)?;
            Some((at, on_list))
        })
    });
    let head = |at: usize| {
        let (cpu, index) = lists.get(at)?;
        machine.zone(zone).pcp(*cpu).list(*index).head()
    };
    let Some((at, on_list)) = place else { return head(0) };
    let (cpu, index) = *lists.get(at)?;
    match to {
        Direction::Left => machine.pcp_list(zone, cpu, index).nth(on_list.checked_sub(1)?),
        Direction::Right => machine.pcp_list(zone, cpu, index).nth(on_list + 1),
        Direction::Up => head(at.checked_sub(1)?),
        Direction::Down => head(at + 1),
    }
}

/// What a screen reader says of the picture as a whole; the text twin has the rest.
#[must_use]
pub fn label(moment: &Moment, zone: ZoneId, lang: Lang) -> String {
    let machine = &moment.machine;
    let name = crate::vitals::zone_name(machine, zone);
    let (cpus, pages) = (machine.cpus(), machine.zone(zone).pcp_pages().0);
    match lang {
        Lang::En => {
            let who = if cpus == 1 { "one CPU keeps".to_owned() } else { format!("{cpus} CPUs keep") };
            format!("Per-CPU lists of zone {name}: {who} {pages} pages. Arrow keys go from block to block.")
        }
        Lang::Zh => format!("{name} 区的每 CPU 链表：{cpus} 个 CPU 共留 {pages} 页。用方向键在块之间移动。"),
    }
}

//! The nodes of a machine as a map: each with its CPUs and zones, how far it is from the others, who has its memory, and
//! where the request in play looks for a page.

mod draw;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use mm::mempolicy::{Mempolicy, Mode, NodeMask};
use mm::mmzone::{NumaStat, ZoneId};
use mm::op::NameId;
use mm::page::PageState;
use mm::setup::NumaNodes;
use mm::step::{CpusetStep, ProcessStep};
use mm::{CpuId, Machine, Pfn, StepKind};
use scenario::Lang;

use crate::Moment;
use crate::narrate::num;
use crate::pageblocks::Use;
use crate::scene::{Room, Scene};
use crate::zones::Asked;

/// Draws the map.
#[must_use]
pub fn scene(moment: &Moment, room: &Room, lang: Lang) -> Scene {
    draw::scene(moment, room, lang)
}

/// Who asks for a page, and where it may come from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asks {
    pub asked: Asked,
    /// The node of its CPU.
    pub home: u8,
    /// What was said of the process or of the area, and the node that it means first; none: nothing was said.
    pub placed: Option<(Mempolicy, Option<u8>)>,
    /// What was said was said of the area.
    pub by_area: bool,
    /// The cpuset of whoever asks; none: the root, which has all nodes.
    pub inside: Option<Inside>,
}

/// A cpuset that decides where a request looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Inside {
    pub cpuset: NameId,
    pub mems: NodeMask,
    /// The request may leave it.
    pub leaves: bool,
}

impl Asks {
    pub(crate) fn of(moment: &Moment) -> Asks {
        let asked = Asked::of(moment);
        let home = moment.machine.node_of(asked.cpu);
        // A policy is told right before the request that it places, and that before all steps of the request.
        let steps = moment.just_did.iter().chain(moment.trail.iter().rev());
        let (mut placed, mut inside) = ((None, false), None);
        let mut is_before = false;
        for step in steps {
            match step.kind {
                // A cpuset is told before the policy.
                StepKind::Process { step: ProcessStep::Placed { policy, node, by_area, .. }, .. }
                    if placed.0.is_none() =>
                {
                    placed = (Some((policy, node)), by_area);
                    is_before = true;
                }
                StepKind::Process {
                    step: ProcessStep::Cpuset(CpusetStep::Leaves { cpuset, mems, .. }),
                    ..
                } if !is_before => inside = inside.or(Some(Inside { cpuset, mems, leaves: true })),
                StepKind::Process {
                    step: ProcessStep::Cpuset(CpusetStep::Inside { cpuset, mems }), ..
                } => {
                    inside = inside.or(Some(Inside { cpuset, mems, leaves: false }));
                    break;
                }
                StepKind::Request { .. } if !is_before => is_before = true,
                StepKind::Process { step: ProcessStep::Fault { .. }, .. } => break,
                _ if is_before => break,
                _ => {}
            }
        }
        Asks { asked, home, placed: placed.0, by_area: placed.1, inside }
    }

    /// The zones in the order in which they are asked.
    pub(crate) fn zonelist(&self, machine: &Machine) -> Vec<ZoneId> {
        let first = self.placed.and_then(|(_, node)| node).unwrap_or(self.home);
        let cpu = (0..machine.cpus()).map(CpuId).find(|cpu| machine.node_of(*cpu) == first);
        let mut zones = machine.zonelist_of(cpu.unwrap_or(self.asked.cpu), self.asked.flags);
        if let Some((Mempolicy { mode: Mode::Bind, nodes }, _)) = self.placed {
            zones.retain(|zone| nodes.has(machine.zone(*zone).node));
        }
        if let Some(inside) = self.inside.filter(|inside| !inside.leaves) {
            zones.retain(|zone| inside.mems.has(machine.zone(*zone).node));
        }
        zones
    }
}

/// The cpusets that have a node, but for the root.
pub(crate) fn cpusets_with(moment: &Moment, node: u8) -> Vec<String> {
    let cpusets = moment.machine.processes().cpusets().iter();
    cpusets.filter(|of| of.mems.has(node)).map(|of| moment.name(of.name).to_owned()).collect()
}

/// Machines with more frames than this are not searched for who has what.
const MOST_FRAMES: u32 = 1 << 18;

/// What somebody has of a zone: a process, a file or a block of the scenario by its name, everything else by its use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Share {
    pub name: Option<NameId>,
    pub of: Use,
    pub pages: u64,
}

/// Who has how many pages of a zone, the most first; none where the machine is too large to be searched at each step.
pub(crate) fn shares(machine: &Machine, zone: ZoneId) -> Vec<Share> {
    if machine.end().0 > MOST_FRAMES {
        return Vec::new();
    }
    let mut pages: BTreeMap<(Option<NameId>, usize), u64> = BTreeMap::new();
    let span = machine.zone(zone).span;
    let mut pfn = span.start;
    while pfn < span.end {
        let page = machine.page(pfn);
        let len = if page.is_head() { page.order.pages() } else { 1 };
        let of = Use::of(&page);
        if !matches!(of, Use::Hole | Use::Reserved | Use::Free) {
            let name = page
                .owner()
                .filter(|name| page.state == PageState::Allocated && name.kernel_name().is_none());
            *pages.entry((name, of as usize)).or_default() += u64::from(len);
        }
        pfn = Pfn(pfn.0 + len);
    }
    let share = |((name, of), pages): ((Option<NameId>, usize), u64)| Share { name, of: Use::ALL[of], pages };
    let mut all: Vec<Share> = pages.into_iter().map(share).collect();
    mm::sort::by_key(&mut all, |share| {
        u64::from(share.name.is_none()) << 40 | (u64::from(u32::MAX) - share.pages)
    });
    all
}

/// How far the nodes are from each other, as firmware says.
pub(crate) fn distances(moment: &Moment) -> NumaNodes {
    NumaNodes { distances: moment.scenario.config.distances.clone(), ..NumaNodes::default() }
}

/// The counters of a node: the sums over its zones.
pub(crate) fn numastat(machine: &Machine, node: u8) -> NumaStat {
    machine.zones().iter().filter(|zone| zone.node == node).fold(NumaStat::default(), |sum, zone| {
        let of = zone.numa;
        NumaStat {
            hit: sum.hit + of.hit,
            miss: sum.miss + of.miss,
            foreign: sum.foreign + of.foreign,
            interleave_hit: sum.interleave_hit + of.interleave_hit,
            local: sum.local + of.local,
            other: sum.other + of.other,
        }
    })
}

impl Share {
    /// Who it is.
    pub(crate) fn who(&self, moment: &Moment, lang: Lang) -> String {
        self.name.map_or_else(|| self.of.name(lang).to_owned(), |name| moment.name(name).to_owned())
    }
}

/// What a screen reader says of the picture as a whole; the text twin has the rest.
#[must_use]
pub fn label(moment: &Moment, lang: Lang) -> String {
    let machine = &moment.machine;
    let nodes = (0..machine.nodes()).map(|node| {
        let zones = machine.zones().iter().filter(|zone| zone.node == node);
        let (free, all) =
            zones.fold((0, 0), |(free, all), zone| (free + zone.nr_free_pages.0, all + zone.managed.0));
        match lang {
            Lang::En => format!("node {node}: {} of {} pages free", num(free), num(all)),
            Lang::Zh => format!("节点 {node}：{} 页，空闲 {} 页", num(all), num(free)),
        }
    });
    let nodes: Vec<String> = nodes.collect();
    match lang {
        Lang::En => format!("The nodes of the machine. {}.", nodes.join("; ")),
        Lang::Zh => format!("机器的各个节点。{}。", nodes.join("；")),
    }
}

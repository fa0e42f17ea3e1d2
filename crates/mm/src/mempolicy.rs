//! Which node a page comes from (mm/mempolicy.c, 6.1): what a process says of its memory, what it says of an area, and
//! what follows for each request.

use crate::Machine;
use crate::cpuset::Cpuset;
use crate::gfp::GfpFlags;
use crate::hash::Digest;
use crate::machine::UnitEnd;
use crate::mmzone::ZoneKind;
use crate::op::NameId;
use crate::process::{At, Backing, ByteRange, FileId, Vma};
use crate::step::{CpusetStep, Func, ProcessStep, Refusal, Trace};
use crate::units::{NrPages, Order, PAGE_SIZE, Vaddr};

/// Nodes, a bit for each (`nodemask_t`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct NodeMask(u8);

impl NodeMask {
    /// These nodes; what no machine has is left out.
    #[must_use]
    pub fn of(nodes: impl IntoIterator<Item = u8>) -> NodeMask {
        NodeMask(nodes.into_iter().filter(|node| *node < 8).fold(0, |bits, node| bits | 1 << node))
    }

    /// Whether a node is one of them.
    #[must_use]
    pub fn has(self, node: u8) -> bool {
        node < 8 && self.0 >> node & 1 == 1
    }

    /// Them, lowest first.
    pub fn nodes(self) -> impl Iterator<Item = u8> {
        (0..8).filter(move |node| self.has(*node))
    }

    /// How many there are (`nodes_weight()`).
    #[must_use]
    pub fn weight(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// A bit for each.
    #[must_use]
    pub fn bits(self) -> u64 {
        u64::from(self.0)
    }

    /// Those that are in both.
    #[must_use]
    pub fn and(self, other: NodeMask) -> NodeMask {
        NodeMask(self.0 & other.0)
    }

    /// The n-th one, counted round and round (`offset_il_node()`).
    #[must_use]
    pub fn nth(self, n: u64) -> Option<u8> {
        let weight = u64::from(self.weight());
        self.nodes().nth(n.checked_rem(weight)? as usize)
    }

    /// The next one behind a node, round and round (`next_node_in()`).
    #[must_use]
    pub fn next_in(self, after: Option<u8>) -> Option<u8> {
        let behind = self.nodes().find(|node| after.is_none_or(|after| *node > after));
        behind.or_else(|| self.nodes().next())
    }
}

impl std::fmt::Display for NodeMask {
    /// As the kernel prints it: `0-1,3`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut before = false;
        for node in self.nodes() {
            if node > 0 && self.has(node - 1) {
                if !self.has(node + 1) {
                    write!(f, "-{node}")?;
                }
                continue;
            }
            write!(f, "{}{node}", if before { "," } else { "" })?;
            before = true;
        }
        Ok(())
    }
}

/// What is said of where memory is to come from (`MPOL_*`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Mode {
    /// From the node of the CPU that asks, and from the others when it has none (`MPOL_LOCAL`).
    Local,
    /// From one node, and from the others when it has none (`MPOL_PREFERRED`).
    Preferred,
    /// From these nodes without waiting, and then from all (`MPOL_PREFERRED_MANY`).
    PreferredMany,
    /// From these nodes and no other (`MPOL_BIND`).
    Bind,
    /// From these nodes in turn (`MPOL_INTERLEAVE`).
    Interleave,
}

/// A policy (`struct mempolicy`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Mempolicy {
    /// What is said.
    pub mode: Mode,
    /// Of which nodes; none of [`Mode::Local`].
    pub nodes: NodeMask,
}

impl Mempolicy {
    pub(crate) fn digest(&self, to: &mut Digest) {
        to.word(u64::from(self.nodes.0) << 8 | self.mode as u64 | 1 << 32);
    }
}

/// Where a request looks for memory, by a policy and a cpuset.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Placement {
    /// The node whose zonelist is walked; none: that of the CPU.
    pub node: Option<u8>,
    /// The only nodes that may serve it; none: all.
    pub allowed: Option<NodeMask>,
    /// These are asked first, without waiting for memory.
    pub first: Option<NodeMask>,
    /// What its node serves counts as interleaved.
    pub interleaved: bool,
    /// The cpuset of whoever asks, where it does not have all nodes.
    pub cpuset: Option<Cpuset>,
}

/// Of which area's memory a page is to be, and for which of its addresses.
#[derive(Clone, Copy)]
pub(crate) struct InArea {
    pub process: NameId,
    pub address: Vaddr,
}

impl Vma {
    /// The number of its first page (`vm_pgoff`): of memory of its own that of the address where it first lay.
    #[must_use]
    pub fn vm_pgoff(&self) -> u64 {
        match self.backing {
            Backing::Anon => (self.start.0 / PAGE_SIZE).wrapping_add(self.moved),
            Backing::File { pgoff, .. } => pgoff,
        }
    }

    /// Which page of an interleaved area an address lies in, counted in blocks of an order (`interleave_nid()`).
    #[must_use]
    pub fn interleave_index(&self, address: Vaddr, order: Order) -> u64 {
        let shift = order.get();
        let inside = (address.0.saturating_sub(self.start.0) / PAGE_SIZE) >> shift;
        (self.vm_pgoff() >> shift).wrapping_add(inside)
    }
}

impl Machine {
    /// The nodes that have memory (`N_MEMORY`).
    #[must_use]
    pub fn memory_nodes(&self) -> NodeMask {
        NodeMask::of(self.zones().iter().filter(|zone| zone.present.0 > 0).map(|zone| zone.node))
    }

    /// The highest kind of zone that policies are about (`policy_zone`).
    fn policy_zone(&self) -> ZoneKind {
        let kinds = self.zones().iter().filter(|zone| zone.managed.0 > 0).map(|zone| zone.kind);
        kinds.filter(|kind| *kind < ZoneKind::Movable).max().unwrap_or(ZoneKind::Normal)
    }

    /// What policies and cpusets make of a request; none: nothing was said, or nothing that counts here.
    pub(crate) fn placement(
        &mut self,
        t: &mut Trace<'_>,
        gfp: GfpFlags,
        order: Order,
        of: Option<InArea>,
    ) -> Option<Placement> {
        let all = self.memory_nodes();
        let cpuset = self.processes.cpuset_of_current().copied().filter(|cpuset| cpuset.mems != all);
        if let (Some(Cpuset { name, mems, .. }), Some(process)) = (cpuset, self.processes.oom.current) {
            let inside = CpusetStep::Inside { cpuset: name, mems };
            self.told_cpuset(t, Func::PrepareAllocPages, process, inside);
        }
        let policy = self.policy_placement(t, gfp, order, of);
        match (policy, cpuset) {
            (None, None) => None,
            (policy, cpuset) => Some(Placement { cpuset, ..policy.unwrap_or_default() }),
        }
    }

    /// A page of an area goes by the area's policy before that of its process (`get_vma_policy()`), and everything else by
    /// that of whoever runs.
    fn policy_placement(
        &mut self,
        t: &mut Trace<'_>,
        gfp: GfpFlags,
        order: Order,
        of: Option<InArea>,
    ) -> Option<Placement> {
        if gfp.contains(GfpFlags::THISNODE) {
            return None;
        }
        let process = of.map(|of| of.process).or(self.processes.oom.current)?;
        let mm = self.processes.mm(process)?;
        let vma = of.and_then(|of| mm.find_vma(of.address).copied());
        let own = vma.and_then(|vma| vma.policy);
        let policy = own.or(mm.mempolicy)?;
        let Mempolicy { mode, nodes } = policy;
        let none = Placement::default();
        // Requests for low memory are not bound: it may lie on one node only (`apply_policy_zone()`).
        let counts = self.highest_zone(gfp) >= self.policy_zone();
        let mut index = None;
        let placement = match mode {
            Mode::Local => none,
            Mode::Preferred => Placement { node: nodes.nodes().next(), ..none },
            Mode::PreferredMany => Placement { first: counts.then_some(nodes), ..none },
            Mode::Bind => {
                let counts = counts && !nodes.and(self.mems_allowed(mm)).is_empty();
                Placement { allowed: counts.then_some(nodes), ..none }
            }
            Mode::Interleave => {
                let node = match vma.zip(of) {
                    Some((vma, of)) => {
                        let n = vma.interleave_index(of.address, order);
                        index = Some(n);
                        nodes.nth(n)
                    }
                    None => {
                        let next = nodes.next_in(mm.il_prev);
                        if let Some(mm) = self.procs().mm_mut(process) {
                            mm.il_prev = next;
                        }
                        next
                    }
                };
                Placement { node, interleaved: true, ..none }
            }
        };
        let (func, node) = match (mode, index) {
            (Mode::Interleave, Some(_)) => (Func::InterleaveNid, placement.node),
            (Mode::Interleave, None) => (Func::InterleaveNodes, placement.node),
            _ => (Func::PolicyNode, placement.node),
        };
        let by_area = own.is_some();
        self.told_process(t, func, process, || ProcessStep::Placed { policy, node, by_area, index });
        Some(placement)
    }

    /// Where whoever runs has mapped a page of shared memory.
    pub(crate) fn shmem_area(&self, file: FileId, index: u32) -> Option<InArea> {
        if !self.processes.has_policies {
            return None;
        }
        let process = self.processes.oom.current?;
        let vmas = self.processes.mm(process)?.vmas().iter();
        let mut places = vmas.filter_map(|vma| {
            let (of, first) = vma.index_of(vma.start)?;
            let inside = u64::from(index).checked_sub(first)?;
            (of == file && inside < vma.pages().0).then_some(Vaddr(vma.start.0 + inside * PAGE_SIZE))
        });
        places.next().map(|address| InArea { process, address })
    }

    /// Nodes that have no memory do not count, nor do those outside of the cpuset (`mpol_set_nodemask()`); none left: EINVAL.
    fn checked(&self, process: NameId, policy: Mempolicy) -> Result<Mempolicy, Refusal> {
        let allowed = self.processes.mm(process).map_or(self.memory_nodes(), |mm| self.mems_allowed(mm));
        let nodes = policy.nodes.and(allowed);
        match policy.mode {
            Mode::Local => Ok(Mempolicy { nodes: NodeMask::default(), ..policy }),
            _ if nodes.is_empty() => Err(Refusal::NoNodes),
            _ => Ok(Mempolicy { nodes, ..policy }),
        }
    }

    /// `set_mempolicy()`: where the memory of a process comes from from now on (`do_set_mempolicy()`).
    pub(crate) fn set_mempolicy(
        &mut self,
        t: &mut Trace<'_>,
        process: NameId,
        policy: Option<Mempolicy>,
    ) -> UnitEnd {
        let policy = match policy.map(|policy| self.checked(process, policy)).transpose() {
            Ok(policy) => policy,
            Err(why) => return self.refused_policy(t, process, why),
        };
        let procs = self.procs();
        procs.has_policies |= policy.is_some();
        if let Some(mm) = procs.mm_mut(process) {
            mm.mempolicy = policy;
            // The first one in turn is the first of all.
            mm.il_prev = None;
        }
        self.told_process(t, Func::DoSetMempolicy, process, || ProcessStep::PolicySet { policy, area: None });
        UnitEnd::Done
    }

    /// `mbind()`: where pages of an area come from that are not there yet (`do_mbind()`, `mbind_range()`).
    pub(crate) fn mbind(
        &mut self,
        t: &mut Trace<'_>,
        at: At,
        bytes: Option<ByteRange>,
        policy: Option<Mempolicy>,
    ) -> UnitEnd {
        let Some((process, start, end)) = self.pages_at(t, at, bytes) else { return UnitEnd::Done };
        let policy = match policy.map(|policy| self.checked(process, policy)).transpose() {
            Ok(policy) => policy,
            Err(why) => return self.refused_policy(t, process, why),
        };
        let procs = self.procs();
        procs.has_policies |= policy.is_some();
        let Some(mm) = procs.mm_mut(process) else { return UnitEnd::Done };
        if !mm.has_room_for_areas(2) {
            return self.refused_policy(t, process, Refusal::TooMany);
        }
        for at in mm.cut(start, end) {
            if let Some(vma) = mm.vmas.get_mut(at) {
                vma.policy = policy;
            }
        }
        mm.merge_around(start, end);
        let area = Some((start, NrPages((end.0 - start.0) / PAGE_SIZE)));
        self.told_process(t, Func::DoMbind, process, || ProcessStep::PolicySet { policy, area });
        UnitEnd::Done
    }

    fn refused_policy(&mut self, t: &mut Trace<'_>, process: NameId, why: Refusal) -> UnitEnd {
        self.told_process(t, Func::MpolNew, process, || ProcessStep::Refused { why });
        UnitEnd::Done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_14_interleave_counts_round_and_round() {
        let nodes = NodeMask::of([0, 2]);
        assert_eq!([0, 1, 2, 3, 4, 5].map(|n| nodes.nth(n)), [0, 2, 0, 2, 0, 2].map(Some));
        assert_eq!(NodeMask::default().nth(3), None);
        let mut prev = None;
        let in_turn = [(); 5].map(|()| {
            prev = NodeMask::of([1, 2, 5]).next_in(prev);
            prev
        });
        assert_eq!(in_turn, [1, 2, 5, 1, 2].map(Some));
    }

    #[test]
    fn facts_14_the_index_of_a_page_begins_at_vm_pgoff() {
        let at = |pages: u64| Vaddr(pages * PAGE_SIZE);
        let anon = Vma::anon(at(103), at(1200));
        let of =
            |address: u64, order: u8| anon.interleave_index(at(address), Order::new(order).expect("small"));
        assert_eq!([of(103, 0), of(104, 0), of(1024, 9)], [103, 104, 1]);
        let file = Vma { backing: Backing::File { file: FileId(0), pgoff: 7 }, ..anon };
        assert_eq!(file.interleave_index(at(105), Order::ZERO), 9);
    }

    #[test]
    fn nodes_as_the_kernel_prints_them() {
        let text = |nodes: &[u8]| NodeMask::of(nodes.iter().copied()).to_string();
        assert_eq!(text(&[0]), "0");
        assert_eq!(text(&[0, 1]), "0-1");
        assert_eq!(text(&[0, 1, 2, 4, 6, 7]), "0-2,4,6-7");
        assert_eq!(text(&[1, 3]), "1,3");
        assert_eq!(text(&[]), "");
    }
}

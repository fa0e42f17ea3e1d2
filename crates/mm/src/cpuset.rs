//! Which nodes processes may have memory of (kernel/cgroup/cpuset.c, 6.1, with the files of version 1): a memory policy
//! says what a program wants, a cpuset what it may have.
//!
//! Cpusets lie side by side below the root, whose nodes are all that have memory. Nobody moves pages that are there
//! (`cpuset.memory_migrate` is 0, as it is unless somebody writes to it).

use crate::Machine;
use crate::gfp::GfpFlags;
use crate::hash::Digest;
use crate::machine::{Named, UnitEnd};
use crate::mempolicy::{Mempolicy, Mode, NodeMask};
use crate::op::NameId;
use crate::page_alloc::AllocContext;
use crate::process::{Mm, Processes};
use crate::step::{CpusetStep, Func, ProcessStep, Trace};

/// Cpusets that a machine can have; more are refused.
pub const MAX_CPUSETS: usize = 64;

/// A cpuset, as far as memory goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cpuset {
    /// What it is called.
    pub name: NameId,
    /// The nodes that its processes may have memory of (`cpuset.mems`), never none.
    pub mems: NodeMask,
    /// What the kernel asks for on their behalf stays inside as well (`cpuset.mem_hardwall`).
    pub hardwall: bool,
}

/// What is asked about cpusets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CpusetOp {
    /// `c = cpuset mems=0,1 mem_hardwall`: there is one more.
    Make(Cpuset),
    /// `cpuset.mems c 1`: other nodes from now on.
    Mems {
        /// Of which cpuset.
        cpuset: NameId,
        /// Which nodes.
        mems: NodeMask,
    },
}

/// All cpusets.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Cpusets {
    /// What the root has (`top_cpuset`), once there is another one; it follows from the machine.
    root: NodeMask,
    /// All others.
    list: Vec<Cpuset>,
    /// The one that a program joins which is not there as a whole yet; nothing between units.
    pub(crate) joining: Option<NameId>,
}

impl Cpusets {
    /// Without cpusets there is nothing to say.
    pub(crate) fn digest(&self, to: &mut Digest) {
        for Cpuset { name, mems, hardwall } in &self.list {
            to.word(u64::from(name.0) << 32 | mems.bits() << 1 | u64::from(*hardwall));
        }
    }
}

impl Processes {
    /// The cpusets, in the order in which they were made; the root is none of them.
    #[must_use]
    pub fn cpusets(&self) -> &[Cpuset] {
        &self.cpusets.list
    }

    /// The cpuset of that name.
    #[must_use]
    pub fn cpuset(&self, name: NameId) -> Option<&Cpuset> {
        self.cpusets().iter().find(|cpuset| cpuset.name == name)
    }

    /// The cpuset that a process is in; none: the root.
    #[must_use]
    pub fn cpuset_of(&self, mm: &Mm) -> Option<&Cpuset> {
        self.cpuset(mm.oom.args.cpuset?)
    }

    /// The nodes that a process may have memory of (`task->mems_allowed`), where there are cpusets.
    #[must_use]
    pub fn mems_allowed(&self, mm: &Mm) -> NodeMask {
        self.cpuset_of(mm).map_or(self.cpusets.root, |cpuset| cpuset.mems)
    }

    /// That of whoever runs in the kernel just now; none: the root's, or nobody runs (an interrupt).
    #[must_use]
    pub fn cpuset_of_current(&self) -> Option<&Cpuset> {
        match self.cpusets.joining {
            Some(name) => self.cpuset(name),
            None => self.cpuset_of(self.mm(self.oom.current?)?),
        }
    }
}

/// Old nodes become new ones of the same rank, round and round (`nodes_remap()`).
fn remapped(nodes: NodeMask, old: NodeMask, new: NodeMask) -> NodeMask {
    let to = |node: u8| {
        let rank = old.nodes().position(|other| other == node);
        rank.and_then(|rank| new.nth(rank as u64)).unwrap_or(node)
    };
    NodeMask::of(nodes.nodes().map(to))
}

impl Mempolicy {
    /// The same policy when its cpuset gets other nodes (`mpol_rebind_policy()`, without flags): what was preferred stays so.
    fn rebound(self, old: NodeMask, new: NodeMask) -> Mempolicy {
        match self.mode {
            Mode::Bind | Mode::Interleave => Mempolicy { nodes: remapped(self.nodes, old, new), ..self },
            Mode::Local | Mode::Preferred | Mode::PreferredMany => self,
        }
    }
}

impl Machine {
    /// The nodes that a process may have memory of (`task->mems_allowed`): all that have some, but for cpusets.
    #[must_use]
    pub fn mems_allowed(&self, mm: &Mm) -> NodeMask {
        self.processes().cpuset_of(mm).map_or_else(|| self.memory_nodes(), |cpuset| cpuset.mems)
    }

    /// The nodes that the cpuset of whoever asks leaves to a request that is not easily served; none: all
    /// (`__cpuset_node_allowed()`). The nearest cpuset that is a hard wall is that of the process itself, or the root.
    pub(crate) fn cpuset_leaves(&self, ac: &AllocContext) -> Option<NodeMask> {
        let cpuset = ac.cpuset.filter(|_| !self.is_dying())?;
        (cpuset.hardwall || ac.gfp.contains(GfpFlags::HARDWALL)).then_some(cpuset.mems)
    }

    /// The nodes that whoever asks may reclaim, and get memory of above the high mark: those inside, whatever it asks for.
    pub(crate) fn cpuset_keeps(&self, ac: &AllocContext) -> Option<NodeMask> {
        ac.cpuset.filter(|_| !self.is_dying()).map(|cpuset| cpuset.mems)
    }

    /// What is asked about cpusets.
    pub(crate) fn cpuset_op(&mut self, t: &mut Trace<'_>, op: CpusetOp) -> UnitEnd {
        match op {
            CpusetOp::Make(cpuset) => self.make_cpuset(t, cpuset),
            CpusetOp::Mems { cpuset, mems } => self.write_mems(t, cpuset, mems),
        }
        UnitEnd::Done
    }

    /// Nodes without memory are none of the root's, so they cannot be any cpuset's (EINVAL).
    fn has_no_memory(&self, mems: NodeMask) -> bool {
        mems.is_empty() || mems.and(self.memory_nodes()) != mems
    }

    fn make_cpuset(&mut self, t: &mut Trace<'_>, cpuset: Cpuset) {
        let Cpuset { name, mems, hardwall } = cpuset;
        if !self.may_name(t, name) {
            return;
        }
        if self.processes().cpusets().len() >= MAX_CPUSETS {
            self.skipped(t, name);
            return;
        }
        if self.has_no_memory(mems) {
            self.set_named(name, Named::Failed);
            self.told_cpuset(t, Func::UpdateNodemask, name, CpusetStep::NoMemory { mems });
            return;
        }
        let root = self.memory_nodes();
        let procs = self.procs();
        procs.has_policies = true;
        procs.cpusets.root = root;
        procs.cpusets.list.push(cpuset);
        self.set_named(name, Named::Cpuset);
        self.told_cpuset(t, Func::CpusetCssAlloc, name, CpusetStep::Made { mems, hardwall });
    }

    /// `cpuset.mems` is written (`update_nodemask()`): the policies of its processes follow, pages that are there stay.
    fn write_mems(&mut self, t: &mut Trace<'_>, name: NameId, mems: NodeMask) {
        let Some(old) = self.processes().cpuset(name).map(|cpuset| cpuset.mems) else {
            self.skipped(t, name);
            return;
        };
        if self.has_no_memory(mems) {
            self.told_cpuset(t, Func::UpdateNodemask, name, CpusetStep::NoMemory { mems });
            return;
        }
        let procs = self.procs();
        procs.cpusets.list.iter_mut().filter(|of| of.name == name).for_each(|of| of.mems = mems);
        let inside = |mm: &&Mm| mm.oom.args.cpuset == Some(name);
        let members: Vec<NameId> = procs.mms().filter(inside).map(|mm| mm.name).collect();
        for member in &members {
            let Some(mm) = procs.mm_mut(*member) else { continue };
            mm.mempolicy = mm.mempolicy.map(|policy| policy.rebound(old, mems));
            for vma in &mut mm.vmas {
                vma.policy = vma.policy.map(|policy| policy.rebound(old, mems));
            }
        }
        let members = members.len() as u32;
        self.told_cpuset(t, Func::UpdateNodemask, name, CpusetStep::Mems { old, mems, members });
    }

    pub(crate) fn told_cpuset(&self, t: &mut Trace<'_>, func: Func, of: NameId, step: CpusetStep) {
        self.told_process(t, func, of, || ProcessStep::Cpuset(step));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(nodes: &[u8]) -> NodeMask {
        NodeMask::of(nodes.iter().copied())
    }

    #[test]
    fn nodes_follow_by_their_rank() {
        assert_eq!(remapped(of(&[1]), of(&[0, 1]), of(&[2, 3])), of(&[3]));
        assert_eq!(remapped(of(&[0, 1]), of(&[0, 1]), of(&[2])), of(&[2]), "round and round");
        assert_eq!(remapped(of(&[2]), of(&[0, 2]), of(&[1])), of(&[1]));
        assert_eq!(remapped(of(&[3]), of(&[0, 1]), of(&[2])), of(&[3]), "what was not inside stays");
    }
}

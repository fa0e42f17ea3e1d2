//! Steps of cpusets.

use crate::mempolicy::NodeMask;
use crate::op::NameId;

/// What happens with a cpuset, or because of one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CpusetStep {
    /// There is one more (`cpuset_css_alloc()`).
    Made {
        /// The nodes that its processes may have memory of.
        mems: NodeMask,
        /// What the kernel asks for on their behalf stays inside as well.
        hardwall: bool,
    },
    /// A new program is in it from its beginning (`cgroup_attach_task()`).
    Joined {
        /// Which one.
        cpuset: NameId,
        /// Its nodes.
        mems: NodeMask,
    },
    /// It has other nodes from now on (`update_nodemask()`).
    Mems {
        /// Those that it had.
        old: NodeMask,
        /// Those that it has.
        mems: NodeMask,
        /// How many processes are in it, whose policies follow.
        members: u32,
    },
    /// It would have a node without memory, or none (EINVAL): it keeps what it has.
    NoMemory {
        /// Those nodes.
        mems: NodeMask,
    },
    /// A request looks inside alone at first (`prepare_alloc_pages()`).
    Inside {
        /// The cpuset of whoever asks.
        cpuset: NameId,
        /// Its nodes.
        mems: NodeMask,
    },
    /// Inside there is not enough, and the request may leave (`__cpuset_node_allowed()`).
    Leaves {
        /// The cpuset of whoever asks.
        cpuset: NameId,
        /// Its nodes.
        mems: NodeMask,
        /// Why.
        why: Leaves,
    },
}

/// Why a request may leave the cpuset of whoever asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Leaves {
    /// It is the kernel's own (no `__GFP_HARDWALL`), and the cpuset is no hard wall.
    Kernel,
    /// It is urgent, and cannot wait (`GFP_ATOMIC`).
    Urgent,
    /// Whoever asks was killed, and needs memory to end (`tsk_is_oom_victim()`).
    Victim,
}

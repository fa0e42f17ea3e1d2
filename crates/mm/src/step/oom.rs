//! Steps of the OOM killer: what each is to a timeline.

use super::StepClass;
use crate::gfp::GfpFlags;
use crate::mempolicy::NodeMask;
use crate::mmzone::ZoneKind;
use crate::oom_kill::{LowMemory, LowVerdict, OomRules};
use crate::op::NameId;
use crate::process::Rss;
use crate::units::{NrPages, Order, Vaddr};

/// Why nobody is killed for a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spared {
    /// It insists on a low zone: whoever is killed would hardly give memory there (`highest_zoneidx < ZONE_NORMAL`).
    LowZone {
        /// The highest zone that may serve it.
        zone: ZoneKind,
        /// Free pages of the zones above, which it may not have.
        above: NrPages,
    },
    /// It insists on one node (`__GFP_THISNODE`).
    ThisNode,
    /// Whoever asks may hold locks of a file system (no `__GFP_FS`).
    NoFs,
}

/// What the killer finds when it looks at a process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is the worst so far.
    Worst,
    /// Another one is worse, or as bad and stays the choice.
    Better,
    /// Its adjustment keeps it from being killed.
    Protected,
    /// It is bound to other nodes than those that are short, or its cpuset has none of them.
    Elsewhere,
    /// It has been killed before and has nothing left to give, or is not a process yet.
    Unkillable,
}

/// Why a write to `oom_score_adj` or `oom_adj` is refused (EACCES): what it may not be lowered below.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Floor(pub i16);

/// What the OOM killer does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OomStep {
    /// Nobody is killed for a request: it fails.
    Spared {
        /// Why.
        why: Spared,
    },
    /// Nothing else has helped: somebody has to go (`out_of_memory()`).
    Invoked {
        /// Who asks for memory; none: no process.
        invoker: Option<NameId>,
        /// What for.
        gfp: GfpFlags,
        /// How much; none: nobody asks, a person pressed keys.
        order: Option<Order>,
        /// The control group that is full; none: the whole machine is.
        memcg: Option<NameId>,
        /// The cpuset that is why only some nodes help; none: a policy is, if any are.
        cpuset: Option<NameId>,
        /// The only nodes whose memory helps; none: all.
        nodes: Option<NodeMask>,
        /// Memory and swap that the choice is about.
        total: NrPages,
        /// By whose rules it is made.
        rules: OomRules,
    },
    /// A process is looked at (`oom_evaluate_task()`).
    Scored {
        /// Which.
        process: NameId,
        /// How bad it is; none: it may not be killed.
        points: Option<i64>,
        /// What comes of it.
        verdict: Verdict,
        /// The worst so far, and how bad it is.
        worst: Option<(NameId, i64)>,
    },
    /// Whoever asks is killed, without looking for anybody else (`vm.oom_kill_allocating_task`).
    TakesAsker {
        /// Who.
        process: NameId,
    },
    /// A child is killed in place of its parent (2.6.32 and 3.10).
    TakesChild {
        /// Who was chosen.
        parent: NameId,
        /// Who is killed.
        child: NameId,
    },
    /// Somebody gets SIGKILL, and the right to half of the reserve (`__oom_kill_process()`).
    Kill {
        /// Who.
        process: NameId,
        /// How bad it is.
        points: i64,
        /// What it has.
        rss: Rss,
        /// Pages of its tables.
        tables: NrPages,
    },
    /// Somebody was killed before and is not gone yet: the request waits for that.
    Waits {
        /// For whom.
        process: NameId,
    },
    /// Whoever asks is being killed itself: it may go into the reserve, and nobody else is killed for it.
    WillFree {
        /// Who.
        process: NameId,
    },
    /// On its way back from the kernel it finds SIGKILL. What it was about is not done any more.
    Dies {
        /// Who.
        process: NameId,
    },
    /// The reaper has taken the pages of an area (`__oom_reap_task_mm()`).
    ReapedArea {
        /// Whose.
        process: NameId,
        /// The area's first address.
        start: Vaddr,
        /// Pages that were there.
        present: NrPages,
    },
    /// The reaper has taken all that can be taken; what is left goes with the process.
    Reaped {
        /// Whose.
        process: NameId,
        /// Pages that it took.
        taken: NrPages,
        /// What the process has still.
        rss: Rss,
    },
    /// Nobody may be killed: the kernel stops.
    NobodyLeft,
    /// Nobody of a control group may be killed: the request fails.
    NobodyInGroup {
        /// Which group.
        group: NameId,
    },
    /// The kernel stops instead of killing anybody (`vm.panic_on_oom`).
    Panic {
        /// Also where only a part of memory is short (2).
        compulsory: bool,
    },
    /// Somebody was killed before and never goes, and an old kernel waits for that for ever.
    Hangs {
        /// For whom.
        process: NameId,
    },
    /// `oom_score_adj` or `oom_adj` was written.
    Adjusted {
        /// Whose.
        process: NameId,
        /// What was written.
        written: i16,
        /// To the old file, `oom_adj`.
        legacy: bool,
        /// `oom_score_adj` from now on.
        oom_score_adj: i16,
    },
    /// The write is refused.
    Refused {
        /// Whose.
        process: NameId,
        /// What was written, as `oom_score_adj`.
        oom_score_adj: i16,
        /// What it may not be lowered below without `CAP_SYS_RESOURCE`.
        floor: Floor,
    },
    /// Android's driver looks how much memory there is (`lowmem_scan()`).
    LowMemory {
        /// What it finds.
        memory: LowMemory,
        /// The first level that is reached: from which adjustment on somebody goes, and pages; none: there is enough.
        reached: Option<(i16, NrPages)>,
    },
    /// The driver looks at a process.
    LowScored {
        /// Which.
        process: NameId,
        /// Its adjustment.
        oom_score_adj: i16,
        /// What comes of it.
        verdict: LowVerdict,
        /// Who is the first to go so far.
        first: Option<NameId>,
    },
    /// The driver has killed somebody less than a second ago, who is not gone yet: it waits.
    LowPending {
        /// For whom.
        process: NameId,
    },
    /// The driver kills somebody.
    LowKill {
        /// Who.
        process: NameId,
        /// Its adjustment.
        oom_score_adj: i16,
        /// What it has in memory.
        rss: NrPages,
    },
    /// The driver finds nobody: all are nearer to the user than the level allows.
    LowNobody {
        /// From which adjustment on somebody would go.
        min_adj: i16,
    },
}

impl OomStep {
    /// The process that it is about.
    #[must_use]
    pub fn process(&self) -> Option<NameId> {
        match *self {
            OomStep::Scored { process, .. }
            | OomStep::TakesAsker { process }
            | OomStep::Kill { process, .. }
            | OomStep::Waits { process }
            | OomStep::WillFree { process }
            | OomStep::Dies { process }
            | OomStep::ReapedArea { process, .. }
            | OomStep::Reaped { process, .. }
            | OomStep::Hangs { process }
            | OomStep::LowScored { process, .. }
            | OomStep::LowPending { process }
            | OomStep::LowKill { process, .. }
            | OomStep::Adjusted { process, .. }
            | OomStep::Refused { process, .. } => Some(process),
            OomStep::TakesChild { child, .. } => Some(child),
            OomStep::Invoked { invoker, .. } => invoker,
            OomStep::Spared { .. }
            | OomStep::NobodyLeft
            | OomStep::NobodyInGroup { .. }
            | OomStep::Panic { .. }
            | OomStep::LowMemory { .. }
            | OomStep::LowNobody { .. } => None,
        }
    }

    pub(super) fn class(&self) -> StepClass {
        match self {
            OomStep::Scored { .. }
            | OomStep::TakesAsker { .. }
            | OomStep::TakesChild { .. }
            | OomStep::Waits { .. }
            | OomStep::LowMemory { .. }
            | OomStep::LowScored { .. }
            | OomStep::LowPending { .. }
            | OomStep::LowNobody { .. }
            | OomStep::WillFree { .. }
            | OomStep::Adjusted { .. } => StepClass::Look,
            OomStep::ReapedArea { .. } | OomStep::Reaped { .. } => StepClass::Free,
            OomStep::Spared { .. }
            | OomStep::Invoked { .. }
            | OomStep::Kill { .. }
            | OomStep::LowKill { .. }
            | OomStep::Dies { .. }
            | OomStep::NobodyLeft
            | OomStep::NobodyInGroup { .. }
            | OomStep::Panic { .. }
            | OomStep::Hangs { .. }
            | OomStep::Refused { .. } => StepClass::Fail,
        }
    }

    pub(super) fn code(&self) -> u8 {
        match self {
            OomStep::Spared { .. } => 90,
            OomStep::Invoked { .. } => 91,
            OomStep::Scored { .. } => 92,
            OomStep::TakesAsker { .. } => 93,
            OomStep::TakesChild { .. } => 94,
            OomStep::Kill { .. } => 95,
            OomStep::Waits { .. } => 96,
            OomStep::WillFree { .. } => 97,
            OomStep::Dies { .. } => 98,
            OomStep::ReapedArea { .. } => 99,
            OomStep::Reaped { .. } => 108,
            OomStep::NobodyLeft | OomStep::NobodyInGroup { .. } => 109,
            OomStep::Panic { .. } => 110,
            OomStep::Hangs { .. } => 111,
            OomStep::Adjusted { .. } => 112,
            OomStep::Refused { .. } => 113,
            OomStep::LowMemory { .. } => 76,
            OomStep::LowScored { .. } => 77,
            OomStep::LowKill { .. } => 78,
            OomStep::LowPending { .. } | OomStep::LowNobody { .. } => 79,
        }
    }
}

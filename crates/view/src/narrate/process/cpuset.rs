//! What is said of cpusets.

use mm::cpuset::{Cpuset, CpusetOp};
use mm::step::{CpusetStep, Leaves};

use super::super::{Told, Words, told};
use super::join;
use super::numa::nodes_en;

pub(super) fn tell_en(w: &Words, p: &str, step: CpusetStep) -> Told {
    match step {
        CpusetStep::Made { mems, hardwall } => {
            let of = nodes_en(mems);
            let why = match hardwall {
                true => "All requests of its processes stay inside, the kernel's own too.",
                false => "What the kernel needs for itself may still come from elsewhere.",
            };
            told(
                (format!("Cpuset {p} has {of}."), why),
                (format!("Make a cpuset {p} of {of}."), why),
                format!("cpuset {p}: {of}"),
            )
        }
        CpusetStep::Joined { cpuset, mems } => {
            let (c, of) = (w.name(cpuset), nodes_en(mems));
            let why = format!("Its own pages come from {of} alone.");
            told(
                (format!("{p} is in cpuset {c}."), why.clone()),
                (format!("Put {p} into cpuset {c}."), why),
                format!("{p} is in cpuset {c}"),
            )
        }
        CpusetStep::Mems { mems, .. } => {
            let of = nodes_en(mems);
            let why = "Policies follow. Pages that are there stay where they are.";
            told(
                (format!("Cpuset {p} has {of} from now on."), why),
                (format!("Let cpuset {p} have {of}."), why),
                format!("cpuset {p}: {of}"),
            )
        }
        CpusetStep::NoMemory { mems } => {
            let of = nodes_en(mems);
            let why = "A cpuset needs nodes that have memory.";
            told(
                (format!("Cpuset {p} cannot have {of}: EINVAL."), why),
                (format!("Refuse cpuset {p} {of}: EINVAL."), why),
                format!("cpuset {p} cannot have {of}"),
            )
        }
        CpusetStep::Inside { cpuset, mems } => {
            let (c, of) = (w.name(cpuset), nodes_en(mems));
            let why = format!("{p} is in cpuset {c}: others are not asked at first.");
            told(
                (format!("Only {of} may serve it."), why.clone()),
                (format!("Ask {of} alone."), why),
                format!("{of} alone: cpuset {c}"),
            )
        }
        CpusetStep::Leaves { cpuset, why, .. } => {
            let c = w.name(cpuset);
            let why = match why {
                Leaves::Kernel => "The page is for the kernel itself: no __GFP_HARDWALL.".to_owned(),
                Leaves::Urgent => "It is urgent and cannot wait: cpusets do not count.".to_owned(),
                Leaves::Victim => format!("{p} was killed, and needs memory to end."),
            };
            told(
                (format!("The request may leave cpuset {c}."), why.clone()),
                (format!("Let the request leave cpuset {c}."), why),
                format!("it may leave cpuset {c}"),
            )
        }
    }
}

pub(super) fn tell_zh(w: &Words, p: &str, step: CpusetStep) -> Told {
    let of = |cpuset: &str| format!("cpuset {cpuset}");
    match step {
        CpusetStep::Made { mems, hardwall } => {
            let c = of(p);
            let why = match hardwall {
                true => "其中进程的请求都不能出去，内核自用的也一样。",
                false => "内核自用的内存仍可以取自别处。",
            };
            told(
                (join(&[&c, "含节点"]) + &format!(" {mems}。"), why),
                (join(&["建", &c]) + &format!("，含节点 {mems}。"), why),
                format!("{c}：节点 {mems}"),
            )
        }
        CpusetStep::Joined { cpuset, mems } => {
            let c = of(&w.name(cpuset));
            let why = format!("它自己的页只取自节点 {mems}。");
            told(
                (join(&[p, "进了", &c]) + "。", why.clone()),
                (join(&["把", p, "放进", &c]) + "。", why),
                join(&[p, "在", &c, "里"]),
            )
        }
        CpusetStep::Mems { mems, .. } => {
            let c = of(p);
            let why = "策略跟着变，已有的页留在原处。";
            told(
                (join(&[&c, "此后含节点"]) + &format!(" {mems}。"), why),
                (join(&["让", &c, "改含节点"]) + &format!(" {mems}。"), why),
                format!("{c}：节点 {mems}"),
            )
        }
        CpusetStep::NoMemory { mems } => {
            let c = of(p);
            let why = "cpuset 的节点都得有内存。";
            told(
                (join(&[&c, "不能含节点"]) + &format!(" {mems}：EINVAL。"), why),
                (join(&["不让", &c, "含节点"]) + &format!(" {mems}：EINVAL。"), why),
                join(&[&c, "不能含节点"]) + &format!(" {mems}"),
            )
        }
        CpusetStep::Inside { cpuset, mems } => {
            let c = of(&w.name(cpuset));
            let why = join(&[p, "在", &c, "里：先不问别的节点"]) + "。";
            told(
                (format!("只有节点 {mems} 可以给。"), why.clone()),
                (format!("只问节点 {mems}。"), why),
                format!("只问节点 {mems}：{c}"),
            )
        }
        CpusetStep::Leaves { cpuset, why, .. } => {
            let c = of(&w.name(cpuset));
            let why = match why {
                Leaves::Kernel => "这页是内核自用的，没有 __GFP_HARDWALL。".to_owned(),
                Leaves::Urgent => "请求紧急，又不能等：不看 cpuset。".to_owned(),
                Leaves::Victim => join(&[p, "已被杀，要有内存才能死"]) + "。",
            };
            told(
                (join(&["请求可以出", &c, "了"]) + "。", why.clone()),
                (join(&["让请求出", &c]) + "。", why),
                join(&["可以出", &c]),
            )
        }
    }
}

pub(super) fn op_en(w: &Words, op: CpusetOp) -> String {
    match op {
        CpusetOp::Make(Cpuset { mems, .. }) => format!("is a cpuset of {}", nodes_en(mems)),
        CpusetOp::Mems { cpuset, mems } => format!("cpuset {} gets {}", w.name(cpuset), nodes_en(mems)),
    }
}

pub(super) fn op_zh(w: &Words, op: CpusetOp) -> String {
    match op {
        CpusetOp::Make(Cpuset { mems, .. }) => format!("cpuset，含节点 {mems}"),
        CpusetOp::Mems { cpuset, mems } => {
            join(&[&format!("cpuset {}", w.name(cpuset)), "改含节点"]) + &format!(" {mems}")
        }
    }
}

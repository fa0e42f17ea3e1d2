//! 关于控制组的中文句子。

use mm::op::FileOp;
use mm::step::ReclaimStep;

use super::super::kmem::zh::bytes;
use super::super::process::join;
use super::super::told;
use super::{Told, Words, num};

/// `40 MiB`
fn size(pages: u64) -> String {
    bytes(pages.saturating_mul(mm::units::PAGE_SIZE))
}

/// 最多能用多少。
fn limit(max: Option<u64>) -> String {
    max.map_or("不限".into(), |max| format!("最多 {}", size(max)))
}

/// 说控制组的一步。
pub(super) fn tell(w: &Words, step: &ReclaimStep) -> Told {
    use ReclaimStep as R;
    match *step {
        R::GroupMade { group, max, .. } => {
            let (g, limit) = (w.name(group), limit(max));
            let why = "组里进程要的页都记在它账上，不管页在哪里。";
            told(
                (join(&["控制组", &g, "的内存"]) + &limit + "。", why),
                (join(&["建控制组", &g]) + "：内存" + &limit + "。", why),
                join(&["控制组", &g]) + "：" + &limit,
            )
        }
        R::GroupJoined { process, group } => {
            let (p, g) = (w.name(process), w.name(group));
            let why = "它和子进程的页、页表都记在组的账上。";
            told(
                (join(&[&p, "在控制组", &g, "里。"]), why),
                (join(&["把", &p, "放进控制组", &g]) + "。", why),
                join(&[&p, "在控制组", &g, "里"]),
            )
        }
        R::GroupLimit { group, swap, max, usage } => {
            let (g, limit, what) = (w.name(group), limit(max), if swap { "交换区" } else { "内存" });
            let why = match max {
                Some(max) if usage > max && !swap => format!("它已有 {}，超出的得走。", size(usage)),
                _ => format!("它已有 {}。", size(usage)),
            };
            told(
                (join(&["控制组", &g, "的"]) + what + "现在" + &limit + "。", why.clone()),
                (join(&["把控制组", &g, "的"]) + what + "改成" + &limit + "。", why),
                join(&["控制组", &g, "的"]) + what + &limit,
            )
        }
        R::GroupOver { group, usage, max, pages, .. } => {
            let (g, usage, max) = (w.name(group), num(usage), num(max));
            let why = "整机再空也没用：先在组里找。";
            told(
                (join(&[&g, "已有"]) + &format!(" {usage}/{max} 页，再要 {pages} 页放不下。"), why),
                (join(&[&g, "已有"]) + &format!(" {usage}/{max} 页，再要 {pages} 页放不下。"), why),
                join(&[&g, "满了"]) + &format!("：{usage}/{max} 页"),
            )
        }
        R::GroupDrained { group, pages } => {
            let g = w.name(group);
            let why = "CPU 一次记 64 页的账，没用完的先留着。";
            told(
                (join(&["预先记在", &g, "账上的"]) + &format!(" {pages} 页退回了。"), why),
                (join(&["退回预先记在", &g, "账上的"]) + &format!(" {pages} 页。"), why),
                join(&[&g, "退回预记的"]) + &format!(" {pages} 页"),
            )
        }
        R::GroupReclaimed { group, reclaimed, priority, usage, .. } => {
            let g = w.name(group);
            let found = if reclaimed == 0 {
                "什么也没找到".into()
            } else {
                format!("找到 {} 页", num(reclaimed))
            };
            let why = match reclaimed {
                0 => "页都在用，或者没有地方可去。".to_owned(),
                _ => format!("优先级到了 {priority}，现在用着 {} 页。", num(usage)),
            };
            let text = join(&[&g, "在组内"]) + &found;
            told((format!("{text}。"), why.clone()), (format!("{text}。"), why), text)
        }
        R::GroupRetried { group, rounds, reclaimed } => {
            let g = w.name(group);
            let found =
                if reclaimed == 0 { "一无所获".into() } else { format!("找到 {} 页", num(reclaimed)) };
            let why = "重试 16 次还不够，就杀组里的一个进程。";
            let text = join(&["在", &g, "里又找了"]) + &format!(" {rounds} 轮，{found}");
            told((format!("{text}。"), why), (format!("{text}。"), why), text)
        }
        R::GroupRefused { group, pages } => {
            let g = w.name(group);
            let why = "整机再空，请求也失败。";
            told(
                (join(&[&g, "放不下"]) + &format!(" {pages} 页：ENOMEM。"), why),
                (join(&["拒绝", &g]) + &format!(" 的 {pages} 页：ENOMEM。"), why),
                join(&[&g, "放不下"]) + &format!(" {pages} 页"),
            )
        }
        _ => told(("", ""), ("", ""), ""),
    }
}

/// 控制组的一个操作要做什么。
pub(super) fn op_text(w: &Words, op: &FileOp) -> String {
    match *op {
        FileOp::Group { max, .. } => format!("控制组，内存{}", limit(max)),
        FileOp::GroupMax { group, max, swap } => {
            let what = if swap { "交换区" } else { "内存" };
            join(&["控制组", &w.name(group), "的"]) + what + &limit(max)
        }
        _ => String::new(),
    }
}

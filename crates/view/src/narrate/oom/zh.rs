//! 关于 OOM killer 的中文句子。

use mm::NrPages;
use mm::mempolicy::NodeMask;
use mm::oom_kill::{LowMemory, LowVerdict, OOM_SCORE_ADJ_MIN, OomOp, OomRules, TaskArgs, oom_adj_of};
use mm::op::NameId;
use mm::step::{Floor, OomStep, Spared, Verdict};

use super::super::process::join;
use super::super::told;
use super::{Told, Words, num, protection, signed, sum, worth};

pub(super) fn tell(w: &Words, step: &OomStep) -> Told {
    match *step {
        OomStep::Spared { why } => spared(why),
        OomStep::Invoked { invoker, order, memcg, total, rules, nodes, cpuset, .. } => {
            if let Some(group) = memcg {
                let g = w.name(group);
                let why = format!("只看组里的进程，拿 {} 页来衡量。", num(total.0));
                let did = (join(&[&g, "满了，叫来了 OOM killer。"]), why.clone());
                return told(did, (join(&[&g, "满了，叫来 OOM killer。"]), why), "叫来 OOM killer");
            }
            let why = match rules {
                _ if nodes.is_some() => only(w, nodes, cpuset, &num(total.0)),
                OomRules::V6_1 => format!("每个进程都拿内存加交换区的 {} 页来衡量。", num(total.0)),
                rules => format!("按 Linux {} 的规则，在所有进程里挑。", rules.name()),
            };
            let (did, next) = match (order, invoker) {
                (None, _) => (
                    "有人按下 SysRq+F，OOM killer 被叫来了。".to_owned(),
                    "有人按下 SysRq+F，叫来 OOM killer。".to_owned(),
                ),
                (_, Some(process)) => {
                    let p = w.name(process);
                    (
                        join(&[&p, "再没有别的办法，叫来了 OOM killer。"]),
                        join(&[&p, "再没有别的办法，叫来 OOM killer。"]),
                    )
                }
                _ => (
                    "再没有别的办法，叫来了 OOM killer。".to_owned(),
                    "再没有别的办法，叫来 OOM killer。".to_owned(),
                ),
            };
            told((did, why.clone()), (next, why), "叫来 OOM killer")
        }
        OomStep::Scored { process, points, verdict, worst } => {
            let p = w.name(process);
            let score = format!("{} 分", signed(points.unwrap_or(0)));
            match (verdict, worst) {
                (Verdict::Protected, _) => {
                    let by = protection(w);
                    let why = "离不开的进程才这样写。";
                    told(
                        (join(&[&p, "不能杀："]) + &by + "。", why),
                        (join(&["跳过", &p]) + "：" + &by + "。", why),
                        join(&[&p, "不能杀："]) + &by,
                    )
                }
                (Verdict::Elsewhere, _) => {
                    let why = "它的内存在够用的节点上。";
                    told(
                        (join(&["跳过了", &p]) + "：它绑在别的节点上。", why),
                        (join(&["跳过", &p]) + "：它绑在别的节点上。", why),
                        join(&[&p, "绑在别的节点上"]),
                    )
                }
                (Verdict::Unkillable, _) => {
                    let why = "杀它也得不到什么。";
                    told(
                        (join(&["跳过了", &p]) + "：它已没有可给的。", why),
                        (join(&["跳过", &p]) + "：它已没有可给的。", why),
                        join(&["跳过", &p]),
                    )
                }
                (Verdict::Better, Some((other, most))) => {
                    let other = w.name(other);
                    let why = join(&["人选还是", &other]) + &format!("，{} 分。", signed(most));
                    told(
                        (join(&[&p, "得"]) + &format!(" {score}。"), why.clone()),
                        (join(&["看", &p]) + &format!("：{score}。"), why),
                        join(&[&p, "得"]) + &format!(" {score}"),
                    )
                }
                (Verdict::Worst | Verdict::Better, _) => {
                    let why = sum(w, process, points)
                        .map_or("看占的地址，干得久的打折。".into(), |sum| format!("{sum}。"));
                    told(
                        (join(&[&p, "得"]) + &format!(" {score}，目前最高。"), why.clone()),
                        (join(&["看", &p]) + &format!("：{score}，目前最高。"), why),
                        join(&[&p, "得"]) + &format!(" {score}，目前最高"),
                    )
                }
            }
        }
        OomStep::TakesAsker { process } => {
            let p = w.name(process);
            let why = "设了 vm.oom_kill_allocating_task，别的进程看都不看。";
            told(
                (join(&["谁要内存就杀谁：选中", &p]) + "。", why),
                (join(&["谁要内存就杀谁：选", &p]) + "。", why),
                join(&["谁要就杀谁：", &p]),
            )
        }
        OomStep::TakesChild { parent, child } => {
            let (parent, child) = (w.name(parent), w.name(child));
            let why = "也许杀一个子进程就够，父进程的活不白干。";
            told(
                (join(&[&child, "替父进程", &parent, "去死。"]), why),
                (join(&["换成", &parent, "的子进程", &child]) + "。", why),
                join(&[&child, "替", &parent, "死"]),
            )
        }
        OomStep::Kill { process, points, rss, tables } => {
            let p = w.name(process);
            let why = format!("大约能收回 {} 页，此前它可用一半预留。", num(rss.total().0 + tables.0));
            let score = signed(points);
            told(
                (join(&[&p, "收到 SIGKILL："]) + &format!("{score} 分。"), why.clone()),
                (join(&["向", &p, "发 SIGKILL："]) + &format!("{score} 分。"), why),
                join(&[&p, "被杀："]) + &format!("{score} 分"),
            )
        }
        OomStep::Waits { process } => {
            let p = w.name(process);
            let why = "一次只杀一个：它每还一页，就多一页。";
            told(
                (join(&[&p, "正在死去，先不杀别人。"]), why),
                (join(&["等", &p, "死去，先不杀别人。"]), why),
                join(&[&p, "正在死去，不杀别人"]),
            )
        }
        OomStep::WillFree { process } => {
            let p = w.name(process);
            let why = "收尾要几页，还回来的多得多。";
            told(
                (join(&[&p, "自己就要死了，可以动用预留。"]), why),
                (join(&["让", &p, "动用预留：它自己就要死了。"]), why),
                join(&[&p, "要死了，可以动用预留"]),
            )
        }
        OomStep::Dies { process } => {
            let p = w.name(process);
            let why = "它没做完的事不再做了。";
            told(
                (join(&[&p, "从内核返回时见到 SIGKILL。"]), why),
                (join(&[&p, "要返回时会见到 SIGKILL。"]), why),
                join(&[&p, "见到 SIGKILL，结束"]),
            )
        }
        OomStep::ReapedArea { process, present, .. } => {
            let p = w.name(process);
            let pages = num(present.0);
            let why = "没人会再读：它回不到自己的程序了。";
            told(
                (join(&["reaper 收走了", &p, "一个区域的"]) + &format!(" {pages} 页。"), why),
                (join(&["收走", &p, "一个区域的"]) + &format!(" {pages} 页。"), why),
                join(&["reaper 收走", &p, "的"]) + &format!(" {pages} 页"),
            )
        }
        OomStep::Reaped { process, taken, .. } => {
            let p = w.name(process);
            let pages = num(taken.0);
            let why = "它还睡在内核里，但不再是人选。";
            told(
                (join(&["reaper 收完了", &p]) + &format!("：共 {pages} 页。"), why),
                (join(&["收完", &p]) + &format!("：reaper 共收走 {pages} 页。"), why),
                join(&["reaper 收完", &p]) + &format!("，{pages} 页"),
            )
        }
        OomStep::NobodyLeft => {
            let why = "若有请求在等内存，内核到这里就 panic。";
            told(("没有谁可以杀。", why), ("找不到可以杀的进程。", why), "没有谁可以杀")
        }
        OomStep::NobodyInGroup { group } => {
            let g = w.name(group);
            let why = "别的进程不问：请求失败。";
            told(
                (join(&[&g, "里没有谁可以杀。"]), why),
                (join(&["在", &g, "里找不到可以杀的进程。"]), why),
                join(&[&g, "里没有谁可以杀"]),
            )
        }
        OomStep::Panic { compulsory } => {
            let value = if compulsory { 2 } else { 1 };
            let why = format!("vm.panic_on_oom 是 {value}。这里只让请求失败。");
            told(("内核 panic，谁也没杀。", why.clone()), ("内核 panic，谁也不杀。", why), "内核 panic")
        }
        OomStep::Hangs { process } => {
            let p = w.name(process);
            let why = "Linux 4.6 才有 reaper。这里让请求失败。";
            told(
                (join(&[&p, "被杀了却走不掉，这个内核一直等。"]), why),
                (join(&["一直等走不掉的", &p]) + "。", why),
                join(&[&p, "走不掉，内核一直等"]),
            )
        }
        OomStep::Adjusted { process, written, legacy, oom_score_adj } => {
            adjusted(w, &w.name(process), written, legacy, oom_score_adj)
        }
        OomStep::LowMemory { memory, reached } => low_memory(memory, reached),
        OomStep::LowScored { process, oom_score_adj, verdict, first } => {
            let p = w.name(process);
            let adj = format!(" {}", signed(oom_score_adj));
            let (why, brief) = match (verdict, first) {
                (LowVerdict::Spared, _) => (
                    "离用户太近，这一级还轮不到它。".to_owned(),
                    join(&[&p, "的 adj 是"]) + &adj + "，轮不到",
                ),
                (LowVerdict::Empty, _) => ("它一页也没有，杀了也没用。".into(), join(&[&p, "一页也没有"])),
                (LowVerdict::Later, Some(other)) => (
                    join(&["先轮到", &w.name(other)]) + "：adj 更高，或一样高而内存不少于它。",
                    join(&[&p, "的 adj 是"]) + &adj,
                ),
                (LowVerdict::First | LowVerdict::Later, _) => {
                    ("目前最高：用户最不会在意它。".into(), join(&[&p, "的 adj 是"]) + &adj + "，目前最先走")
                }
            };
            told(
                (join(&[&p, "的 adj 是"]) + &adj + "。", why.clone()),
                (join(&["看", &p]) + "：adj" + &adj + "。", why),
                brief,
            )
        }
        OomStep::LowPending { process } => {
            let p = w.name(process);
            let why = "杀它还不到一秒：一次只杀一个。";
            told(
                (join(&["驱动在等", &p, "死去。"]), why),
                (join(&["等", &p, "死去。"]), why),
                join(&["驱动在等", &p]),
            )
        }
        OomStep::LowKill { process, oom_score_adj, rss } => {
            let p = w.name(process);
            let why = format!("它的 adj 是 {}，能收回 {} 页。", signed(oom_score_adj), num(rss.0));
            told(
                (join(&[&p, "收到 SIGKILL：内存还没有耗尽。"]), why.clone()),
                (join(&["向", &p, "发 SIGKILL：内存还没有耗尽。"]), why),
                join(&["驱动杀了", &p]),
            )
        }
        OomStep::LowNobody { min_adj } => {
            let why = format!("adj 都低于 {}，只能靠回收。", signed(min_adj));
            told(("驱动没找到可以杀的。", why.clone()), ("找不到可以杀的。", why), "驱动没找到可以杀的")
        }
        OomStep::Refused { process, oom_score_adj, floor: Floor(floor) } => {
            let (p, value) = (w.name(process), signed(oom_score_adj));
            let why = format!("低于 {} 要有 CAP_SYS_RESOURCE。", signed(floor));
            told(
                (join(&[&p, "不能把 oom_score_adj 降到"]) + &format!(" {value}。"), why.clone()),
                (join(&["不许", &p, "把 oom_score_adj 降到"]) + &format!(" {value}。"), why),
                join(&[&p, "不能把 oom_score_adj 降到"]) + &format!(" {value}"),
            )
        }
    }
}

/// 空闲页和文件页，与 Android 驱动的各级门槛相比。
fn low_memory(memory: LowMemory, reached: Option<(i16, NrPages)>) -> Told {
    let is = format!("预留外空闲 {} 页，文件页 {} 页。", signed(memory.free), signed(memory.file));
    match reached {
        None => told(
            ("Android 的驱动看过了，哪一级门槛都没到。", is.clone()),
            ("让 Android 的驱动看看：哪一级门槛都没到。", is),
            "驱动的门槛都没到",
        ),
        Some((adj, pages)) => {
            let (adj, pages) = (signed(adj), num(pages.0));
            told(
                (format!("都低于 {pages} 页：adj ≥ {adj} 的可以杀。"), is.clone()),
                (format!("与 {pages} 页相比：adj ≥ {adj} 的可以杀。"), is),
                format!("低于 {pages} 页，adj ≥ {adj} 的可以杀"),
            )
        }
    }
}

/// 缺的是哪些节点。
fn only(w: &Words, nodes: Option<NodeMask>, cpuset: Option<NameId>, total: &str) -> String {
    let nodes = nodes.unwrap_or_default();
    match cpuset {
        Some(cpuset) => {
            let c = format!("cpuset {}", w.name(cpuset));
            match w.first_frame_only() {
                true => join(&["只看", &c, "里的进程"]) + "。",
                false => join(&[&format!("{c}（节点 {nodes}）"), "连交换区共"]) + &format!(" {total} 页。"),
            }
        }
        None => format!("缺的只是节点 {nodes} 的内存：加上交换区共 {total} 页。"),
    }
}

fn spared(why: Spared) -> Told {
    match why {
        Spared::LowZone { zone, above } => {
            let zone = zone.name();
            let why = format!("上面空着 {} 页，它却不能用。", num(above.0));
            told(
                (format!("谁也不杀：请求只要 {zone} 及以下。"), why.clone()),
                (format!("谁也不杀：请求只要 {zone} 及以下。"), why),
                format!("为 {zone} 的请求谁也不杀"),
            )
        }
        Spared::ThisNode => {
            let why = "死的也许用的是别的节点。";
            told(
                ("谁也不杀：请求只要一个节点的。", why),
                ("谁也不杀：请求只要一个节点的。", why),
                "为单个节点的请求谁也不杀",
            )
        }
        Spared::NoFs => {
            let why = "请求者可能拿着文件系统的锁。Linux 会一直重试。";
            told(
                ("谁也不杀：请求没有 GFP FS。", why),
                ("谁也不杀：请求没有 GFP FS。", why),
                "为没有 GFP FS 的请求谁也不杀",
            )
        }
    }
}

fn adjusted(w: &Words, p: &str, written: i16, legacy: bool, value: i16) -> Told {
    let now = signed(value);
    let (text, next, brief) = if legacy {
        let old = signed(written);
        (
            join(&[p, "的 oom_adj"]) + &format!(" {old} 换算成 oom_score_adj {now}。"),
            join(&["把", p, "的 oom_adj"]) + &format!(" {old} 换算成 oom_score_adj {now}。"),
            join(&[p, "的 oom_adj"]) + &format!(" {old} 就是 oom_score_adj {now}"),
        )
    } else {
        (
            join(&[p, "的 oom_score_adj 现在是"]) + &format!(" {now}。"),
            join(&["把", p, "的 oom_score_adj 设成"]) + &format!(" {now}。"),
            join(&[p, "的 oom_score_adj 是"]) + &format!(" {now}"),
        )
    };
    let points = worth(w, value).map(|points| signed(points.abs()));
    let read = oom_adj_of(value);
    let why = match (value, points) {
        _ if legacy && i16::from(read) != written => {
            format!("存的是千分之几，再读是 {}。", signed(read))
        }
        (OOM_SCORE_ADJ_MIN, _) => "它不能杀。".into(),
        (0, _) => "只看它占了多少。".into(),
        (1.., Some(points)) => format!("它愿意先死：多 {points} 分。"),
        (_, Some(points)) => format!("它受保护：少 {points} 分。"),
        (1.., None) => "它愿意先死。".into(),
        (_, None) => "它受保护。".into(),
    };
    told((text, why.clone()), (next, why), brief)
}

pub(super) fn op_text(w: &Words, op: OomOp) -> String {
    match op {
        OomOp::ScoreAdj { process, value, root: true } => {
            join(&["root 把", &w.name(process), "的 oom_score_adj 设成"]) + &format!(" {}", signed(value))
        }
        OomOp::ScoreAdj { process, value, root: false } => {
            join(&[&w.name(process), "把自己的 oom_score_adj 设成"]) + &format!(" {}", signed(value))
        }
        OomOp::Adj { process, value, .. } => {
            join(&[&w.name(process), "的 oom_adj 设成"]) + &format!(" {}", signed(value))
        }
        OomOp::Sysrq => "没人要内存，也杀一个".into(),
    }
}

pub(super) fn task_text(w: &Words, task: &TaskArgs) -> String {
    let mut out = String::new();
    if task.uid > 0 {
        out += &format!("，用户 {}", task.uid);
    }
    if task.nice != 0 {
        out += &format!("，nice {}", signed(task.nice));
    }
    if task.cpu_seconds > 0 {
        out += &format!("，干了 {} 秒", num(task.cpu_seconds));
    }
    if task.age_seconds > 0 {
        out += &format!("，已运行 {} 秒", num(task.age_seconds));
    }
    if task.stuck {
        out += "，卡在内核里";
    }
    if let Some(group) = task.cgroup {
        out += &join(&["，在控制组", &w.name(group), "里"]);
    }
    if let Some(cpuset) = task.cpuset {
        out += &join(&[&format!("，在 cpuset {}", w.name(cpuset)), "里"]);
    }
    out
}

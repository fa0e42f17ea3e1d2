//! 关于页迁移的中文句子。

use mm::compaction::{CompactPriority, CompactResult, Compactor, Passed, Scanner};
use mm::migrate::{PinWhat, Stays};
use mm::op::{CompactOp, NameId, PageKind};
use mm::step::{CompactStep, MigrateStep};

use super::super::process::{hex, join};
use super::super::told;
use super::{Told, Words, num};

fn whose(w: &Words, owner: Option<NameId>) -> String {
    owner.map_or("这一页".to_owned(), |name| join(&[&w.name(name), "的一页"]))
}

/// 为什么留在原处。
pub(super) fn why(stays: Stays) -> String {
    match stays {
        Stays::NotInUse => "没有人用它".into(),
        Stays::Unmovable(PageKind::Slab) => "里面是内核对象".into(),
        Stays::Unmovable(PageKind::PageTable) => "它是页表".into(),
        Stays::Unmovable(_) => "它是内核内存".into(),
        Stays::Compound(order) => format!("它属于一个 {} 阶块", order.get()),
        Stays::Unknown => "不知道里面是什么".into(),
        Stays::Pinned => "它被钉住了".into(),
        Stays::Writeback => "它正在写回磁盘".into(),
        Stays::Locked => "它正在被读入".into(),
        Stays::NotListed => "它不在 LRU 链表上".into(),
    }
}

fn meaning(stays: Stays) -> &'static str {
    match stays {
        Stays::NotInUse => "没有什么可以迁移。",
        Stays::Unmovable(_) => "内核记着它的地址，没有人能改过来。",
        Stays::Compound(_) => "更大的块不迁移。",
        Stays::Unknown => "它可能是任何东西。",
        Stays::Pinned => "有设备要用这个地址。",
        Stays::Writeback | Stays::Locked => "磁盘正在用它。",
        Stays::NotListed => "只取链表上的页。",
    }
}

pub(super) fn migrate(w: &Words, step: &MigrateStep) -> Told {
    match *step {
        MigrateStep::Pinned { name, pfn, pages } => {
            let what = name.map_or(format!("{} 号页框", num(pfn.0)), |name| w.name(name).into_owned());
            let many = num(pages);
            let why = "解除之前，谁也不能移动它。";
            told(
                (format!("{}，共 {many} 个页框。", join(&[&what, "被钉住"])), why),
                (format!("钉住 {what}，共 {many} 个页框。"), why),
                join(&[&what, "被钉住"]),
            )
        }
        MigrateStep::Unpinned { name, pfn, .. } => {
            let what = name.map_or(format!("{} 号页框", num(pfn.0)), |name| w.name(name).into_owned());
            let why = "再没有人依赖它的地址。";
            told(
                (format!("{}。", join(&[&what, "不再被钉住"])), why),
                (format!("解除钉住 {what}。"), why),
                join(&[&what, "不再被钉住"]),
            )
        }
        MigrateStep::NothingPinned { name } => {
            let what = name.map_or("这个页框".to_owned(), |name| w.name(name).into_owned());
            let why = "只有在用的内存能钉住，只有钉住的能解除。";
            told(
                (format!("{}。", join(&["对", &what, "没有什么可做"])), why),
                (format!("{}。", join(&["对", &what, "将没有什么可做"])), why),
                format!("没有可钉住的：{what}"),
            )
        }
        MigrateStep::Stays { pfn, why: stays } => {
            let (frame, why) = (num(pfn.0), why(stays));
            told(
                (format!("{frame} 号页框留在原处：{why}。"), meaning(stays)),
                (format!("{frame} 号页框将留在原处：{why}。"), meaning(stays)),
                format!("{frame} 号页框留在原处：{why}"),
            )
        }
        MigrateStep::Unmapped { pfn, process, address } => {
            let (frame, p, at) = (num(pfn.0), w.name(process), hex(address));
            let why = "那里现在是迁移项：谁来访问都要等。";
            told(
                (format!("{} {at} 的表项不再指向 {frame} 号页框。", join(&[&p, "中"])), why),
                (format!("在 {p} 中解除 {at} 到 {frame} 号页框的映射。"), why),
                format!("{frame} 号页框在 {p} 中解除映射"),
            )
        }
        MigrateStep::Copied { from, to, owner } => {
            let (from, to) = (num(from.0), num(to.0));
            let why = format!("{}：内容、标志、链表和文件里的位置。", whose(w, owner));
            told(
                (format!("{from} 号页框复制到了 {to} 号。"), why.clone()),
                (format!("把 {from} 号页框复制到 {to} 号。"), why),
                format!("{from} 号页框复制到 {to} 号"),
            )
        }
        MigrateStep::Remapped { pfn, process, address } => {
            let (frame, p, at) = (num(pfn.0), w.name(process), hex(address));
            let why = "内容和地址都没变，进程毫无察觉。";
            told(
                (format!("{} {at} 的表项现在指向 {frame} 号页框。", join(&[&p, "中"])), why),
                (format!("让 {p} 中 {at} 的表项指向 {frame} 号页框。"), why),
                format!("{frame} 号页框映射到 {p}"),
            )
        }
        MigrateStep::Freed { pfn } => {
            let frame = num(pfn.0);
            let why = "它的页已在别处。";
            told(
                (format!("{frame} 号页框空闲了。"), why),
                (format!("释放 {frame} 号页框。"), why),
                format!("{frame} 号页框空闲"),
            )
        }
        MigrateStep::Moved { from, to, owner } => {
            let (from, to, whose) = (num(from.0), num(to.0), whose(w, owner));
            told(
                (format!("{whose}从 {from} 号页框移到了 {to} 号。"), format!("{from} 号页框空闲了。")),
                (format!("把 {from} 号页框移到 {to} 号。"), format!("{from} 号页框将空闲，没有人察觉。")),
                format!("{from} 号页框移到 {to} 号"),
            )
        }
        MigrateStep::ToNode { name, node, moved, stayed } => {
            let (n, many) = (w.name(name), num(moved));
            let why = if stayed == 0 {
                "没有一页留下。".to_owned()
            } else {
                format!("{} 页留在原处。", num(stayed))
            };
            told(
                (format!("{} {many} 页到了节点 {node}。", join(&[&n, "的"])), why.clone()),
                (format!("{} {many} 页将到节点 {node}。", join(&[&n, "的"])), why),
                format!("{} {many} 页到节点 {node}", join(&[&n, "的"])),
            )
        }
    }
}

pub(super) fn op_text(w: &Words, op: &CompactOp) -> String {
    match *op {
        CompactOp::Pin { what, on } => {
            let what = match what {
                PinWhat::Name(name) => w.name(name).into_owned(),
                PinWhat::Frame(pfn) => format!("{} 号页框", num(pfn.0)),
            };
            if on { format!("从现在起不许移动 {what}") } else { format!("又可以移动 {what}") }
        }
        CompactOp::CompactMemory { .. } => "在所有区里把页挪到一起".into(),
        CompactOp::Proactive => "过了半秒：空闲内存是否零散？".into(),
        CompactOp::MovePages { name, node, .. } => {
            format!("把 {} 页移到节点 {node}", join(&[&w.name(name), "的"]))
        }
    }
}

fn who(by: Compactor) -> &'static str {
    match by {
        Compactor::Direct => "请求",
        Compactor::Person => "有人",
        Compactor::Kcompactd(_) => "kcompactd",
    }
}

fn result(of: CompactResult) -> &'static str {
    match of {
        CompactResult::NotSuitableZone => "是内存少，不是碎片多",
        CompactResult::Skipped => "空位太少，挪不动",
        CompactResult::Deferred => "推迟了",
        CompactResult::NoSuitablePage => "还没有足够大的块",
        CompactResult::Continue => "继续",
        CompactResult::Complete => "两个扫描器相遇，全看过了",
        CompactResult::PartialSkipped => "两个扫描器相遇，只看了一部分",
        CompactResult::Contended => "没有空位",
        CompactResult::Success => "有足够大的块了",
    }
}

fn priority(of: CompactPriority) -> &'static str {
    match of {
        CompactPriority::Async => "什么也不等",
        CompactPriority::SyncLight => "逐个页框找",
        CompactPriority::SyncFull => "不遗余力",
    }
}

fn passed(why: Passed) -> &'static str {
    match why {
        Passed::Marked => "上次白看了",
        Passed::OtherType(_) => "类型不同",
        Passed::NotMovable(_) => "不放可移动页",
        Passed::IsFree => "整块都空闲",
        Passed::Huge => "整块是一个大块",
    }
}

/// 关于内存规整的句子。
pub(super) fn tell(w: &Words, step: &CompactStep) -> Told {
    match *step {
        CompactStep::Direct { order, priority: how } => {
            let (order, how) = (order.get(), priority(how));
            let why = "空闲的也许够，只是零散：可以挪到一起。";
            told(
                (format!("{order} 阶请求自己规整内存，{how}。"), why),
                (format!("让 {order} 阶请求自己规整内存，{how}。"), why),
                format!("为 {order} 阶直接规整，{how}"),
            )
        }
        CompactStep::Unsuitable { zone, order, suitable } => {
            let (zone, order, free, mark) =
                (w.zone(zone), order.get(), num(suitable.free), num(suitable.mark));
            let why = match (suitable.result, suitable.index) {
                (CompactResult::Success, _) => "这一阶的块现成就有。".to_owned(),
                (_, Some(index)) => format!("碎片指数是 {}：缺的是内存。", index.max(0)),
                _ => format!("空闲 {free} 页，要挪动得多于 {mark} 页。"),
            };
            told(
                (format!("不为 {order} 阶规整 {zone}。"), why.clone()),
                (format!("将不为 {order} 阶规整 {zone}。"), why),
                format!("不规整 {zone}"),
            )
        }
        CompactStep::PutOff { zone, order, considered, limit } => {
            let (zone, order) = (w.zone(zone), order.get());
            let why = format!("最近失败过；要等 {limit} 次，这是第 {considered} 次。");
            told(
                (format!("为 {order} 阶规整 {zone} 推迟了。"), why.clone()),
                (format!("推迟为 {order} 阶规整 {zone}。"), why),
                format!("规整 {zone} 推迟"),
            )
        }
        CompactStep::Begins { zone, by, migrate, free, whole_zone, .. } => {
            let (zone, who) = (w.zone(zone), who(by));
            let (migrate, free) = (num(migrate.0), num(free.0));
            let from = if whole_zone { "从头到尾" } else { "接着上次" };
            let why = format!("{from}：从 {migrate} 号页框往上找页，从 {free} 号往下找空位。");
            told(
                (format!("{} {zone}。", join(&[who, "开始规整"])), why.clone()),
                (format!("{} {zone}。", join(&["让", who, "开始规整"])), why),
                format!("开始规整 {zone}"),
            )
        }
        CompactStep::Passed { scanner, pageblock, why, .. } => {
            let block = num(pageblock.0);
            let which = match scanner {
                Scanner::Migrate => "迁移扫描器",
                Scanner::Free => "空闲扫描器",
            };
            let reason = passed(why);
            let means = match why {
                Passed::Marked => "页块上有标记。",
                Passed::OtherType(_) => "什么也不等时，只有同类型的块值得看。",
                Passed::NotMovable(_) => "可移动页放进去，会妨碍别人。",
                Passed::IsFree => "规整要的正是这样的块。",
                Passed::Huge => "它本来就够大。",
            };
            told(
                (format!("{which}跳过了 {block} 号页块：{reason}。"), means),
                (format!("{which}将跳过 {block} 号页块：{reason}。"), means),
                format!("跳过 {block} 号页块：{reason}"),
            )
        }
        CompactStep::IsolatedPages { from, pages, stays, first, .. } => {
            let (from, many) = (num(from.0), num(pages));
            let why = match first {
                _ if stays == 0 => "它们离开链表，别人就不会来取。".to_owned(),
                Some((pfn, stays_for)) => {
                    format!("{} 页留下，第一个是 {} 号页框：{}。", num(stays), num(pfn.0), why(stays_for))
                }
                None => format!("{} 页留下。", num(stays)),
            };
            told(
                (format!("从 {from} 号页框起取了 {many} 页来迁移。"), why.clone()),
                (format!("从 {from} 号页框起取 {many} 页来迁移。"), why),
                format!("从 {from} 号页框起取 {many} 页"),
            )
        }
        CompactStep::IsolatedRoom { from, pages, .. } => {
            let (from, many) = (num(from.0), num(pages));
            let why = if pages == 0 { "扫描器接着往下看。" } else { "页可以移到那里。" };
            told(
                (format!("从 {from} 号页框起取了 {many} 个空闲页框当空位。"), why),
                (format!("从 {from} 号页框起取 {many} 个空闲页框当空位。"), why),
                format!("从 {from} 号页框起取 {many} 个空位"),
            )
        }
        CompactStep::NothingLeft { zone } => {
            let zone = w.zone(zone);
            let why = "空闲扫描器以下都看过了。";
            told(
                (format!("{zone} 的迁移扫描器没有再找到页。"), why),
                (format!("{zone} 的迁移扫描器不会再找到页。"), why),
                "没有页可迁移了",
            )
        }
        CompactStep::NoRoom { pages, .. } => {
            let many = num(pages);
            let why = "空闲内存不能少于最低水位。";
            told(
                (format!("{many} 页没有空位，回到链表。"), why),
                (format!("把 {many} 页放回链表：没有空位。"), why),
                format!("{many} 页没有空位"),
            )
        }
        CompactStep::Drained { pages, .. } => {
            let many = num(pages);
            let why = "到了空闲链表上，才能和伙伴合并。";
            told(
                (format!("CPU 把 {many} 页还给了空闲链表。"), why),
                (format!("让 CPU 把 {many} 页还给空闲链表。"), why),
                format!("归还 {many} 页"),
            )
        }
        CompactStep::Ends { zone, result: of, moved, largest, .. } => {
            let (zone, many, how) = (w.zone(zone), num(moved), result(of));
            let why = largest.map_or("没有空闲内存。".to_owned(), |order| {
                format!("迁移了 {many} 页；最大的空闲块是 {} 阶。", order.get())
            });
            told(
                (format!("{zone} 规整结束：{how}。"), why.clone()),
                (format!("结束规整 {zone}：{how}。"), why),
                format!("{zone}：{how}"),
            )
        }
        CompactStep::Served { order, zone } => {
            let order = order.get();
            match zone {
                Some(_) => told(
                    (format!("规整有了结果：有 {order} 阶块了。"), "请求得到满足。"),
                    (format!("满足 {order} 阶请求。"), "规整为它凑出了一块。"),
                    "规整有了结果",
                ),
                None => told(
                    (format!("规整没有用：没有 {order} 阶块。"), "再试别的办法。"),
                    (format!("没有 {order} 阶块，接着想办法。"), "规整没有用。"),
                    "规整没有用",
                ),
            }
        }
        CompactStep::Retry { result: of, priority: again, .. } => {
            let how = format!("上次：{}。", result(of));
            match again {
                Some(again) => told(
                    (format!("再来一次，{}。", priority(again)), how.clone()),
                    (format!("再试一次，{}。", priority(again)), how),
                    "再来一次",
                ),
                None => told(("再规整没有意义。", how.clone()), ("不再为这个请求规整。", how), "不再规整"),
            }
        }
        CompactStep::Woken { node, order } => {
            let order = order.get();
            let why = "kswapd 已经腾够了内存，现在要凑到一起。";
            told(
                (format!("节点 {node} 的 kcompactd 被叫醒，要凑 {order} 阶块。"), why),
                (format!("叫醒节点 {node} 的 kcompactd，凑 {order} 阶块。"), why),
                format!("叫醒 kcompactd{node}"),
            )
        }
        CompactStep::Sleeps { node } => told(
            (format!("节点 {node} 的 kcompactd 睡了。"), "所有区都去过了。"),
            (format!("让节点 {node} 的 kcompactd 睡下。"), "所有区都去过了。"),
            format!("kcompactd{node} 睡了"),
        ),
        CompactStep::Score { node, score, low, high, begins } => {
            let why = if begins {
                format!("高于 {high}：kcompactd 要干到 {low} 为止。")
            } else {
                format!("高于 {high} kcompactd 才会动手。")
            };
            told(
                (format!("节点 {node} 的空闲内存有 {score}% 在小块里。"), why.clone()),
                (format!("量一量节点 {node}：{score}% 在小块里。"), why),
                format!("节点 {node}：得分 {score}"),
            )
        }
    }
}

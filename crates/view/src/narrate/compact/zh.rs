//! 关于页迁移的中文句子。

use mm::migrate::{PinWhat, Stays};
use mm::op::{CompactOp, NameId, PageKind};
use mm::step::MigrateStep;

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
        CompactOp::MovePages { name, node, .. } => {
            format!("把 {} 页移到节点 {node}", join(&[&w.name(name), "的"]))
        }
    }
}

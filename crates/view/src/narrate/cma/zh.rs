//! 关于连续内存区的中文句子。

use mm::cma::{CmaOp, Denied};
use mm::step::CmaStep;

use super::super::process::join;
use super::super::told;
use super::{Told, Words, num, size, span};

/// 这段为什么要不到。
fn because(denied: Denied) -> String {
    match denied {
        Denied::Busy(Some(pfn)) => format!("{} 号页框搬不走", num(pfn.0)),
        Denied::Busy(None) => "已经有人在那里动手".into(),
        Denied::NoMemory => "客人没有地方可去".into(),
        Denied::NoZone => "没有哪个区包含全部这些页框".into(),
    }
}

fn code(denied: Denied) -> &'static str {
    match denied {
        Denied::Busy(_) => "−EBUSY",
        Denied::NoMemory => "−ENOMEM",
        Denied::NoZone => "−EINVAL",
    }
}

pub(super) fn tell(w: &Words, step: &CmaStep) -> Told {
    match *step {
        CmaStep::Asked { name, count, align, .. } => {
            let (name, pages, size) = (w.name(name), num(count), size(count));
            let why = match align {
                0 => "页必须一张挨一张，从哪里开始都行。".into(),
                align => format!("页必须一张挨一张，起点是 {} 的倍数。", num(1u32 << align)),
            };
            let text = join(&["设备为", &name]) + &format!(" 要一整块 {pages} 页（{size}）。");
            told(
                (text.clone(), why.clone()),
                (text, why),
                join(&[&name, "向 CMA 要"]) + &format!(" {pages} 页"),
            )
        }
        CmaStep::AskedRange { name, first, count } => {
            let (name, span) = (w.name(name), span(first, count));
            let why = "在那里的都得让开，只要让得开。";
            let text = join(&["为", &name]) + &format!(" 要 {span} 号页框。");
            told((text.clone(), why), (text, why), join(&[&name, "要"]) + &format!(" {span} 号页框"))
        }
        CmaStep::NoArea { name } => {
            let name = w.name(name);
            let why = "写一行 cma 16M，启动时就会留出一块。";
            told(
                (join(&["没有可给", &name]) + " 的连续内存区。", why),
                (join(&["为", &name]) + " 找连续内存区：没有。", why),
                join(&[&name, "没有连续内存区可用"]),
            )
        }
        CmaStep::Found { first, count, .. } => {
            let (span, count) = (span(first, count), num(count));
            let why = "它们没有交给设备；里面有没有客人另说。";
            told(
                (format!("位图里有连续 {count} 个 0：{span} 号已标记。"), why),
                (format!("位图里有连续 {count} 个 0，把 {span} 号标记上。"), why),
                format!("在位图里标记 {span} 号"),
            )
        }
        CmaStep::NotFound { from, count, .. } => {
            let (from, count) = (num(from.0), num(count));
            let why = "0 表示这一页没有发给设备。";
            told(
                (format!("从 {from} 号起，没有连续 {count} 个 0。"), why),
                (format!("从 {from} 号起找连续 {count} 个 0：没有。"), why),
                format!("从 {from} 号起没有连续 {count} 个 0"),
            )
        }
        CmaStep::Drained { pages } => {
            let pages = num(pages);
            let why = "它们留着的页是空闲的，却不在这里要看的链表上。";
            told(
                (format!("各 CPU 交回了这个区的存货：{pages} 页。"), why),
                (format!("让各 CPU 交回这个区的存货：{pages} 页。"), why),
                format!("各 CPU 交回 {pages} 页"),
            )
        }
        CmaStep::Moved { from, to } => {
            let (from, to) = (num(from.0), num(to.0));
            told(
                (format!("{from} 号页框里的客人搬到了 {to} 号。"), "字节已拷贝，页表已改指；程序毫不知情。"),
                (format!("把 {from} 号页框里的客人搬到 {to} 号。"), "拷贝字节，改页表。"),
                format!("客人 {from} → {to}"),
            )
        }
        CmaStep::Dropped { page } => {
            let page = num(page.0);
            let why = "磁盘上有同样的内容，再读一遍比拷贝省事。";
            told(
                (format!("{page} 号页框里干净的文件页丢掉了。"), why),
                (format!("丢掉 {page} 号页框里干净的文件页。"), why),
                format!("丢掉干净页 {page}"),
            )
        }
        CmaStep::Stays { page, no_memory: true } => {
            let page = num(page.0);
            let why = "隔离的页块之外，一页也要不到。";
            told(
                (format!("{page} 号页框里的客人没有地方可去。"), why),
                (format!("给 {page} 号页框里的客人找地方：没有。"), why),
                format!("客人 {page} 没有地方可去"),
            )
        }
        CmaStep::Stays { page, .. } => {
            let page = num(page.0);
            let why = "有人指望它留在原地：它被钉住了（pin）。";
            told(
                (format!("{page} 号页框里的客人走不了。"), why),
                (format!("请 {page} 号页框里的客人走：走不了。"), why),
                format!("客人 {page} 被钉住"),
            )
        }
        CmaStep::Emptied { from, to, moved } => {
            let span = format!("{}–{}", num(from.0), num(to.0 - 1));
            let why = match moved {
                0 => "那里没有可搬的客人。".to_owned(),
                moved => format!("走了 {} 位客人。", num(moved)),
            };
            told(
                (format!("{span} 号页框查过了。"), why.clone()),
                (format!("查一遍 {span} 号页框。"), why),
                format!("{span} 号：走了 {} 位", num(moved)),
            )
        }
        CmaStep::Tested { first, count, busy: None } => {
            let span = span(first, count);
            let why = "每一页都空闲，而且在别人不会取用的页块里。";
            told(
                (format!("{span} 号页框已经腾空。"), why),
                (format!("检查 {span} 号页框：已经腾空。"), why),
                format!("{span} 号已腾空"),
            )
        }
        CmaStep::Tested { busy: Some(busy), .. } => {
            let busy = num(busy.0);
            let why = "−EBUSY：一页不走，整段作废。";
            told(
                (format!("{busy} 号页框不空。"), why),
                (format!("检查这一段：{busy} 号页框不空。"), why),
                format!("{busy} 号不空：−EBUSY"),
            )
        }
        CmaStep::Taken { name, first, count, rest } => {
            let (name, span) = (w.name(name), span(first, count));
            let why = match rest {
                0 => "它们现在是一张挨一张的单页。".to_owned(),
                rest => format!("多出的 {} 页已放回。", num(rest)),
            };
            told(
                (format!("{span} 号页框从空闲链表取下，") + &join(&["给", &name]) + "。", why.clone()),
                (format!("把 {span} 号页框从空闲链表取下，") + &join(&["给", &name]) + "。", why),
                format!("取下 {span} 号"),
            )
        }
        CmaStep::Slides { denied, from, .. } => {
            let from = num(from.0);
            let why = format!("位图已清：{}。", because(denied));
            told(
                (format!("这一段要不到，从 {from} 号页框接着找。"), why.clone()),
                (format!("这一段要不到，从 {from} 号页框接着找。"), why),
                format!("{}：从 {from} 号接着找", code(denied)),
            )
        }
        CmaStep::Got { name, first, count } => {
            let (name, span, size) = (w.name(name), span(first, count), size(count));
            let why = "其余的照旧借给可移动的页。";
            told(
                (join(&[&name, "得到了"]) + &format!(" {span} 号页框，一整块 {size}。"), why),
                (join(&["给", &name]) + &format!(" {span} 号页框，一整块 {size}。"), why),
                join(&[&name, "得到"]) + &format!(" {span} 号"),
            )
        }
        CmaStep::Failed { name, count, denied } => {
            let (name, pages) = (w.name(name), num(count));
            let why = match denied {
                None => "没有足够长的一串 0。".to_owned(),
                Some(denied) => format!("{}：{}，也没有别的段可试。", code(denied), because(denied)),
            };
            told(
                (join(&[&name, "没要到"]) + &format!("一整块 {pages} 页。"), why.clone()),
                (join(&["放弃：", &name]) + &format!(" 要不到一整块 {pages} 页。"), why),
                join(&[&name, "失败"]),
            )
        }
        CmaStep::Release { name, first, count } => {
            let (name, span) = (w.name(name), span(first, count));
            let why = "以后可移动的页又能用它们。";
            told(
                (join(&["归还", &name]) + &format!("：{span} 号页框。"), why),
                (join(&["归还", &name]) + &format!("：{span} 号页框。"), why),
                join(&["归还", &name]),
            )
        }
        CmaStep::Returned { first, count } => {
            let span = span(first, count);
            let why = "每页单独释放，伙伴空闲就合并。";
            told(
                (format!("{span} 号页框一页一页放回去了。"), why),
                (format!("把 {span} 号页框一页一页放回去。"), why),
                format!("放回 {span} 号"),
            )
        }
        CmaStep::Released { name, first, count } => {
            let (name, span) = (w.name(name), span(first, count));
            let why = "设备放手了，内存又能给别人用。";
            told(
                (join(&[&name, "全部还清，位图里的位也清了。"]), why),
                (join(&["清掉", &name]) + &format!(" 在位图里的位：{span}。"), why),
                join(&[&name, "还清"]),
            )
        }
    }
}

pub(super) fn op_text(w: &Words, op: &CmaOp) -> String {
    match *op {
        CmaOp::Alloc { count, .. } => format!("设备要一整块 {} 页（{}）", num(count), size(count)),
        CmaOp::Range { first, count, .. } => format!("要 {} 号页框，不管谁在那里", span(first, count)),
        CmaOp::Release { name, .. } => join(&["把", &w.name(name)]) + " 还给它的区域",
    }
}

//! 关于大页的中文句子。

use mm::NrPages;
use mm::step::ProcessStep;

use super::super::told;
use super::{Told, Words, bytes_of, hex, kib, num, pick};

/// 说的是别的事就没有。
pub(super) fn huge(w: &Words, p: &str, step: &ProcessStep) -> Option<Told> {
    Some(match *step {
        ProcessStep::HugePage { address, pfn, rss, .. } => {
            let (at, pfn, rss) = (hex(address), num(pfn.0), kib(w, rss));
            let why = pick(w, "一次来 512 页。", "只缺页一次。");
            told(
                (format!("{pfn} 号页框起的 2 MiB 清零，映射到 {at}：RSS 为 {rss}。"), why),
                (format!("把 {pfn} 号页框起的 2 MiB 清零，映射到 {at}：RSS 变为 {rss}。"), why),
                format!("{pfn} 号页框起的大页映射到 {at}"),
            )
        }
        ProcessStep::HugeZeroPage { address, pfn, tables } => {
            let (at, pfn, tables) = (hex(address), num(pfn.0), kib(w, tables));
            let why = if w.is_full() {
                format!("只读没写，RSS 不变；另备一张页表（VmPTE {tables}）。")
            } else {
                "只读没写，RSS 不变。".into()
            };
            told(
                (format!("大零页（{pfn} 号页框起）映射到了 {at}。"), why.clone()),
                (format!("把大零页（{pfn} 号页框起）映射到 {at}。"), why),
                format!("大零页映射到 {at}"),
            )
        }
        ProcessStep::HugeFallback { address } => {
            let at = hex(address);
            let why = pick(w, "空闲内存再多，也没有连着的 512 个页框。", "没有连着的 512 个页框。");
            told(
                (format!("{at} 要不到大页，只好用 4 KiB 的页。"), why),
                (format!("{at} 要不到大页，改用 4 KiB 的页。"), why),
                format!("{at} 要不到大页，改用 4 KiB"),
            )
        }
        ProcessStep::HugeReused { address, pfn } => {
            let (at, pfn) = (hex(address), num(pfn.0));
            let why = pick(w, "没有别人用它：整个大页保持不动。", "没有别人用它。");
            told(
                (format!("{p} 可以写 {at} 的整个大页（{pfn} 号页框起）了。"), why),
                (format!("让 {p} 可以写 {at} 的整个大页（{pfn} 号页框起）。"), why),
                format!("{at} 的大页可以写了"),
            )
        }
        ProcessStep::SplitPmd { address, pfn, zero } => {
            let (at, pfn) = (hex(address), num(pfn.0));
            let why = match (zero, w.is_full()) {
                (true, _) => "512 项都指向零页。",
                (false, true) => "这张表早就备好了；地址还通向原来的页框。",
                (false, false) => "页框照旧。",
            };
            told(
                (format!("{at} 的大页表项换成了 512 项的页表，在 {pfn} 号页框。"), why),
                (format!("把 {at} 的大页表项换成 512 项的页表，在 {pfn} 号页框。"), why),
                format!("{at} 的大页表项换成页表"),
            )
        }
        ProcessStep::SplitPage { pfn, freed } => {
            let pfn = num(pfn.0);
            let why = match freed {
                NrPages(0) => "从此每一页都能单独归还。".to_owned(),
                freed => format!("没人用的 {} 个页框归还了。", num(freed.0)),
            };
            told(
                (format!("{pfn} 号页框起的大页拆成了 512 个 4 KiB 的页。"), why.clone()),
                (format!("把 {pfn} 号页框起的大页拆成 512 个 4 KiB 的页。"), why),
                format!("{pfn} 号页框起的大页拆成小页"),
            )
        }
        ProcessStep::HugeAdvised { start, pages, huge } => {
            let from = hex(start);
            let short = w.first_frame_only();
            let size = if short { format!("{} ", bytes_of(pages)) } else { format!("{} 页", num(pages.0)) };
            let (wants, why) = match huge {
                true => ("想用大页", pick(w, "以后在那里缺页，放得下就给 2 MiB。", "以后给 2 MiB。")),
                false => ("不要大页", pick(w, "以后在那里缺页，只给 4 KiB。", "以后给 4 KiB。")),
            };
            told(
                (format!("{p} 说 {from} 起的 {size}{wants}。"), why),
                (format!("{p} 要说 {from} 起的 {size}{wants}。"), why),
                format!("{p} 说 {from} 起的 {size}{wants}"),
            )
        }
        ProcessStep::PoolGrows { pfn, total } => {
            let (pfn, total) = (num(pfn.0), num(total));
            let why = "不管有没有人要用。";
            told(
                (format!("{pfn} 号页框起的 2 MiB 留给了大页池，池里有 {total} 个。"), why),
                (format!("把 {pfn} 号页框起的 2 MiB 留给大页池，池里将有 {total} 个。"), why),
                format!("{pfn} 号页框起的 2 MiB 进了大页池"),
            )
        }
        ProcessStep::PoolSized { wanted, total, free } => {
            let (has, free) = (num(total), num(free));
            let why = if total < wanted {
                format!("要的是 {} 个，可是再没有连着的 512 个页框了。", num(wanted))
            } else if total > wanted {
                "还在用的，归还时再走。".into()
            } else {
                "它们不归伙伴系统管了。".into()
            };
            told(
                (format!("大页池有 {has} 个大页，{free} 个空闲。"), why.clone()),
                (format!("让大页池有 {has} 个大页，{free} 个空闲。"), why),
                format!("大页池有 {has} 个大页"),
            )
        }
        ProcessStep::HugetlbPage { address, pfn, free, reserved } => {
            let (at, pfn, free, reserved) = (hex(address), num(pfn.0), num(free), num(reserved));
            let why = if w.is_full() {
                format!("空闲 {free} 个，许出 {reserved} 个；不算进 RSS。")
            } else {
                "不算进 RSS。".into()
            };
            told(
                (format!("{p} 得到池里的大页（{pfn} 号页框起），在 {at}。"), why.clone()),
                (format!("给 {p} 池里的大页（{pfn} 号页框起），在 {at}。"), why),
                format!("{p} 在 {at} 得到池里的大页"),
            )
        }
        ProcessStep::HugetlbCopied { address, from, to, free } => {
            let (at, from, to, free) = (hex(address), num(from.0), num(to.0), num(free));
            let why = if w.is_full() {
                format!("整整 2 MiB；还空闲 {free} 个。")
            } else {
                "整整 2 MiB。".into()
            };
            told(
                (format!("{from} 号页框起的大页复制到了 {to} 号页框起，归 {at}。"), why.clone()),
                (format!("把 {from} 号页框起的大页复制到 {to} 号页框起，归 {at}。"), why),
                format!("{at} 的大页复制了一份"),
            )
        }
        ProcessStep::PoolEmpty { address } => {
            let at = hex(address);
            let why = "空闲的都许给了别人。";
            told(
                (format!("大页池里没有给 {at} 的大页了。"), why),
                (format!("大页池里找不到给 {at} 的大页。"), why),
                format!("大页池里没有给 {at} 的大页"),
            )
        }
        ProcessStep::PoolBack { back, gone, free, total } => {
            let (back, free) = (num(back), num(free));
            let why = match gone {
                0 => format!("共 {} 个，空闲 {free} 个；不回伙伴系统。", num(total)),
                gone => format!("共 {} 个，空闲 {free} 个；超额 {} 个回伙伴系统。", num(total), num(gone)),
            };
            let why = if w.is_full() { why } else { format!("空闲 {free} 个。") };
            told(
                (format!("{p} 把 {back} 个大页还给了大页池。"), why.clone()),
                (format!("把 {p} 的 {back} 个大页收回大页池。"), why),
                format!("{p} 还给大页池 {back} 个大页"),
            )
        }
        _ => return None,
    })
}

//! 关于大页的中文句子。

use mm::NrPages;
use mm::step::ProcessStep;

use super::super::zh::told;
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
        _ => return None,
    })
}

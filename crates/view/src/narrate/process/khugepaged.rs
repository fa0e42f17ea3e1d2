//! What is said of khugepaged and of huge pages beyond the pool, in both languages.

use mm::NrPages;
use mm::process::{Found, ScanResult};
use mm::step::HugeStep;

use super::super::en::count;
use super::super::told;
use super::{Told, Words, hex, kib, num, pick};

pub(super) fn en(w: &Words, p: &str, step: &HugeStep) -> Told {
    match *step {
        HugeStep::Overcommit { most: 0, surplus } => {
            let why = if surplus > 0 {
                "Those that there are stay until they come back."
            } else {
                "Whoever wants more than the pool has is refused."
            };
            told(
                ("No huge page beyond the pool may be had.", why),
                ("Allow no huge page beyond the pool.", why),
                "no huge page beyond the pool may be had",
            )
        }
        HugeStep::Overcommit { most, .. } => {
            let most = count(most, "huge page", "huge pages");
            let why = pick(w, "They come when they are wanted, and go when they come back.", "When wanted.");
            told(
                (format!("Up to {most} beyond the pool may be had."), why),
                (format!("Allow up to {most} beyond the pool."), why),
                format!("up to {most} beyond the pool may be had"),
            )
        }
        HugeStep::Surplus { pfn, surplus, total, .. } => {
            let (pfn, surplus, total) = (num(pfn.0), num(surplus), num(total));
            let why =
                pick(w, "It goes to the buddy system when it comes back.", "It goes when it comes back.");
            told(
                (format!("2 MiB from frame {pfn} on joined the pool: {total}, {surplus} surplus."), why),
                (format!("Let 2 MiB from frame {pfn} on join the pool: {total}, {surplus} surplus."), why),
                format!("frame {pfn} and 511 more join the pool as surplus"),
            )
        }
        HugeStep::NoSurplus { surplus, most } => {
            let why = if surplus >= most {
                format!("There are {} already, as many as are allowed.", num(surplus))
            } else {
                "No block of 512 frames is free.".into()
            };
            told(
                ("There was no huge page beyond the pool.", why.clone()),
                ("Find no huge page beyond the pool.", why),
                "no huge page beyond the pool",
            )
        }
        HugeStep::Scanned { address, found, result } => {
            let at = hex(address);
            let what = match found {
                Found { present: 0, none: 0, swap: 0, .. } => String::new(),
                Found { present, none, swap: 0, .. } => {
                    format!(": {} there, {} not", num(present), num(none))
                }
                Found { present, none, swap, .. } => {
                    format!(": {} there, {} not, {} in swap", num(present), num(none), num(swap))
                }
            };
            let why = scanned_en(result);
            told(
                (format!("2 MiB of {p} at {at} were looked at{what}."), why),
                (format!("Look at 2 MiB of {p} at {at}{what}."), why),
                format!("khugepaged looks at 2 MiB at {at}"),
            )
        }
        HugeStep::CollapseCopied { address, pfn, copied, cleared } => {
            let (at, pfn) = (hex(address), num(pfn.0));
            let (copied, cleared) = (count(copied, "page", "pages"), num(cleared));
            let why = pick(
                w,
                "No entry leads to the old ones now: who touches them waits.",
                "No entry leads to the old ones.",
            );
            told(
                (format!("Frame {pfn} on got a copy of {copied} at {at}; {cleared} more are zeros."), why),
                (format!("Copy {copied} at {at} to frame {pfn} on, and fill {cleared} with zeros."), why),
                format!("{copied} at {at} are copied to a huge page"),
            )
        }
        HugeStep::Collapsed { address, pfn, rss, more, .. } => {
            let (at, pfn, rss) = (hex(address), num(pfn.0), kib(w, rss));
            let why = match (more, w.is_full()) {
                (NrPages(0), true) => "Just as much, in one piece; the table is put by.".to_owned(),
                (NrPages(0), false) => "Just as much, in one piece.".to_owned(),
                (more, true) => format!("{} more, never touched; the table is put by.", kib(w, more)),
                (more, false) => format!("{} more.", kib(w, more)),
            };
            told(
                (format!("One entry leads to 2 MiB at {at}, frame {pfn} on: RSS is {rss}."), why.clone()),
                (format!("Let one entry lead to 2 MiB at {at}, frame {pfn} on: RSS becomes {rss}."), why),
                format!("the pages at {at} are one huge page"),
            )
        }
        HugeStep::NotCollapsed { address, why } => {
            let (at, why) = (hex(address), scanned_en(why));
            told(
                (format!("khugepaged left the small pages at {at} as they are."), why),
                (format!("Leave the small pages at {at} as they are."), why),
                format!("the pages at {at} stay small"),
            )
        }
        HugeStep::Slept { scanned: 0, .. } => {
            let why = pick(
                w,
                "No area may have huge pages and has ever been written to.",
                "No area may have huge pages.",
            );
            told(
                ("khugepaged found nothing to look at, and sleeps.", why),
                ("Find nothing to look at, and sleep.", why),
                "khugepaged finds nothing to look at",
            )
        }
        HugeStep::Slept { scanned, collapsed, .. } => {
            let (scanned, made) = (num(scanned), count(collapsed, "huge page", "huge pages"));
            let why = pick(w, "Next time it goes on where it stopped.", "It will go on here.");
            told(
                (format!("khugepaged looked at {scanned} pages, made {made}, and sleeps."), why),
                (format!("Sleep: khugepaged looked at {scanned} pages and made {made}."), why),
                format!("khugepaged sleeps; it made {made}"),
            )
        }
    }
}

fn scanned_en(result: ScanResult) -> &'static str {
    match result {
        ScanResult::Succeed => "They can be one: some may be written to, and were used.",
        ScanResult::PmdNull => "Nothing was touched there, so there is no table.",
        ScanResult::PmdMapped => "It is a huge page already.",
        ScanResult::ExceedNone => "More are missing than max_ptes_none allows.",
        ScanResult::ExceedSwap => "More are in swap than max_ptes_swap allows.",
        ScanResult::ExceedShared => "Others share more than max_ptes_shared allows.",
        ScanResult::PageRo => "Not one of them may be written to.",
        ScanResult::LackReferenced => "Too few were used of late.",
        ScanResult::PageLru => "One is on no list.",
        ScanResult::PageCount => "Somebody counts on where one of them lies.",
        ScanResult::PteNonPresent => "One of them is on its way elsewhere.",
        ScanResult::AllocFail => "No block of 512 frames is free.",
        ScanResult::ChargeFail => "The control group may have no more.",
        ScanResult::SwapIn => "One could not come back from swap.",
    }
}

pub(super) fn zh(w: &Words, step: &HugeStep) -> Told {
    match *step {
        HugeStep::Overcommit { most: 0, surplus } => {
            let why = if surplus > 0 {
                "已有的，归还时再走。"
            } else {
                "池里不够的，申请只能失败。"
            };
            told(("大页池外不能再要大页了。", why), ("大页池外不许再要大页。", why), "大页池外不能再要大页")
        }
        HugeStep::Overcommit { most, .. } => {
            let most = num(most);
            let why = "要用时才来，归还时就走。";
            told(
                (format!("大页池外最多可以再要 {most} 个大页。"), why),
                (format!("允许在大页池外最多再要 {most} 个大页。"), why),
                format!("大页池外最多再要 {most} 个大页"),
            )
        }
        HugeStep::Surplus { pfn, surplus, total, .. } => {
            let (pfn, surplus, total) = (num(pfn.0), num(surplus), num(total));
            let why = pick(w, "归还时，它就回到伙伴系统。", "归还时就走。");
            told(
                (format!("{pfn} 号页框起的 2 MiB 进了大页池：共 {total} 个，超额 {surplus} 个。"), why),
                (format!("让 {pfn} 号页框起的 2 MiB 进大页池：共 {total} 个，超额 {surplus} 个。"), why),
                format!("{pfn} 号页框起的 2 MiB 作为超额进了大页池"),
            )
        }
        HugeStep::NoSurplus { surplus, most } => {
            let why = if surplus >= most {
                format!("超额的已有 {} 个，不许再多。", num(surplus))
            } else {
                "没有连着的 512 个页框。".into()
            };
            told(("大页池外没有要到大页。", why.clone()), ("大页池外要不到大页。", why), "大页池外要不到大页")
        }
        HugeStep::Scanned { address, found, result } => {
            let at = hex(address);
            let what = match found {
                Found { present: 0, none: 0, swap: 0, .. } => String::new(),
                Found { present, none, swap: 0, .. } => {
                    format!("：{} 页在，{} 页缺", num(present), num(none))
                }
                Found { present, none, swap, .. } => {
                    format!("：{} 页在，{} 页缺，{} 页换出", num(present), num(none), num(swap))
                }
            };
            let why = scanned_zh(result);
            told(
                (format!("看了 {at} 的 2 MiB{what}。"), why),
                (format!("查看 {at} 的 2 MiB{what}。"), why),
                format!("khugepaged 查看 {at} 的 2 MiB"),
            )
        }
        HugeStep::CollapseCopied { address, pfn, copied, cleared } => {
            let (at, pfn, copied, cleared) = (hex(address), num(pfn.0), num(copied), num(cleared));
            let why = pick(w, "这时没有表项通向旧页，谁碰谁等。", "没有表项通向旧页了。");
            told(
                (format!("{at} 的 {copied} 页复制到了 {pfn} 号页框起，{cleared} 页清零。"), why),
                (format!("把 {at} 的 {copied} 页复制到 {pfn} 号页框起，{cleared} 页清零。"), why),
                format!("{at} 的 {copied} 页复制进大页"),
            )
        }
        HugeStep::Collapsed { address, pfn, rss, more, .. } => {
            let (at, pfn, rss) = (hex(address), num(pfn.0), kib(w, rss));
            let why = match (more, w.is_full()) {
                (NrPages(0), true) => "页数不变，只是连成一块；页表留作备用。".to_owned(),
                (NrPages(0), false) => "页数不变。".to_owned(),
                (more, true) => format!("多出没碰过的 {}；页表留作备用。", kib(w, more)),
                (more, false) => format!("多 {}。", kib(w, more)),
            };
            told(
                (format!("一项管 {at} 的 2 MiB（{pfn} 号页框起）：RSS 为 {rss}。"), why.clone()),
                (format!("一项管 {at} 的 2 MiB（{pfn} 号页框起）：RSS 变 {rss}。"), why),
                format!("{at} 的小页合成了大页"),
            )
        }
        HugeStep::NotCollapsed { address, why } => {
            let (at, why) = (hex(address), scanned_zh(why));
            told(
                (format!("khugepaged 没有合并 {at} 的小页。"), why),
                (format!("不合并 {at} 的小页。"), why),
                format!("{at} 的小页没有合并"),
            )
        }
        HugeStep::Slept { scanned: 0, .. } => {
            let why = "没有哪个区域既可用大页，又写过。";
            told(
                ("khugepaged 没有可看的，又睡了。", why),
                ("没有可看的，接着睡。", why),
                "khugepaged 没有可看的",
            )
        }
        HugeStep::Slept { scanned, collapsed, .. } => {
            let (scanned, made) = (num(scanned), num(collapsed));
            let why = pick(w, "下次从停下的地方接着看。", "下次接着看。");
            told(
                (format!("khugepaged 看了 {scanned} 页，合成 {made} 个大页，又睡了。"), why),
                (format!("去睡：khugepaged 看了 {scanned} 页，合成 {made} 个大页。"), why),
                format!("khugepaged 睡了，合成 {made} 个大页"),
            )
        }
    }
}

fn scanned_zh(result: ScanResult) -> &'static str {
    match result {
        ScanResult::Succeed => "能写，也用过：可以合并。",
        ScanResult::PmdNull => "那里没碰过，还没有页表。",
        ScanResult::PmdMapped => "已经是大页了。",
        ScanResult::ExceedNone => "缺的多于 max_ptes_none。",
        ScanResult::ExceedSwap => "换出的多于 max_ptes_swap。",
        ScanResult::ExceedShared => "共用的多于 max_ptes_shared。",
        ScanResult::PageRo => "没有一页能写。",
        ScanResult::LackReferenced => "近来用过的太少。",
        ScanResult::PageLru => "有一页不在链表上。",
        ScanResult::PageCount => "有人认定了其中一页的位置。",
        ScanResult::PteNonPresent => "有一页正要搬走。",
        ScanResult::AllocFail => "没有连着的 512 个页框。",
        ScanResult::ChargeFail => "控制组不能再多用了。",
        ScanResult::SwapIn => "有一页换不回来。",
    }
}

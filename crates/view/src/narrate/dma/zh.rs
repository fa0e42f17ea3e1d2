//! 关于设备内存的中文句子。

use mm::dma::{Direction, DmaOp, Lane, NoMapping, Through};
use mm::step::DmaStep;

use super::super::cma::{size, span};
use super::super::num;
use super::super::process::join;
use super::super::told;
use super::{Told, Words, address, frames};

pub(super) fn tell(w: &Words, step: &DmaStep) -> Told {
    match *step {
        DmaStep::Device { name, mask, region } => {
            let name = w.name(name);
            let why = match region {
                None => format!("它能发出 {mask} 位地址。"),
                Some(_) => format!("它能发出 {mask} 位地址，还有自己的内存。"),
            };
            told(
                (join(&["有了设备", &name]) + "。", why.clone()),
                (join(&["声明设备", &name]) + "。", why),
                join(&["设备", &name]) + &format!("：{mask} 位"),
            )
        }
        DmaStep::Asked { name, device, pages, atomic, .. } => {
            let (name, device, size) = (w.name(name), w.name(device), size(pages));
            let why = if atomic {
                "它没有 MMU，要一整块，而且不能等。"
            } else {
                "它眼里的内存是一整块，地址从头到尾。"
            };
            let text = join(&[&device, "为", &name]) + &format!(" 要 {size}。");
            told((text.clone(), why), (text, why), join(&[&name, "要"]) + &format!(" {size}"))
        }
        DmaStep::FromPool { name, first, order, .. } => {
            let (name, span) = (w.name(name), span(first, order.pages()));
            let why = "启动时留好的：随时都有，别人用不上。";
            told(
                (join(&[&name, "得到设备池里的"]) + &format!(" {span} 号页框。"), why),
                (join(&["从设备池里给", &name]) + &format!(" {span} 号页框。"), why),
                join(&[&name, "：池里的"]) + &format!(" {span} 号"),
            )
        }
        DmaStep::PoolFull { name, pages, .. } => {
            let (name, pages) = (w.name(name), num(pages));
            let why = "有池的设备不会再去别处要。";
            told(
                (join(&["池里放不下", &name]) + &format!(" 的 {pages} 页。"), why),
                (join(&["在池里给", &name]) + &format!(" 找 {pages} 页：放不下。"), why),
                join(&[&name, "：池满了"]),
            )
        }
        DmaStep::FromArea { name, pages, align, .. } => {
            let (name, pages) = (w.name(name), num(pages));
            let why = format!("不多不少，按 {} 对齐；客人得先搬走。", num(1u32 << align));
            told(
                (join(&["为", &name]) + &format!(" 向连续内存区要了 {pages} 页。"), why.clone()),
                (join(&["为", &name]) + &format!(" 向连续内存区要 {pages} 页。"), why),
                join(&[&name, "向 CMA 要"]) + &format!(" {pages} 页"),
            )
        }
        DmaStep::AsksBuddy { name, order } => {
            let name = w.name(name);
            let why = format!("只剩下伙伴系统的 {order} 阶块了。");
            told(
                (join(&["连续内存区给不了", &name]) + "，去找伙伴系统。", why.clone()),
                (join(&["连续内存区给不了", &name]) + "，去找伙伴系统。", why),
                join(&[&name, "去找伙伴系统"]),
            )
        }
        DmaStep::TooHigh { name, pfn, mask } => {
            let (name, pfn) = (w.name(name), num(pfn.0));
            let why = "再到更低的区去找。";
            told(
                (format!("{pfn} 号块太高，{mask} 位地址够不着，") + &join(&["不能给", &name]) + "。", why),
                (format!("还回 {pfn} 号块：{mask} 位地址够不着，") + &join(&["不能给", &name]) + "。", why),
                format!("{mask} 位地址够不着 {pfn} 号块"),
            )
        }
        DmaStep::Scattered { name, pages } => {
            let (name, pages) = (w.name(name), num(pages));
            let why = "IOMMU 会把它们拼成一整块，页框在哪里都行。";
            told(
                (join(&[&name, "的"]) + &format!(" {pages} 页可以是分散的。"), why),
                (join(&["为", &name]) + &format!(" 到处收集 {pages} 页。"), why),
                join(&[&name, "：到处收集"]) + &format!(" {pages} 页"),
            )
        }
        DmaStep::Gathered { name, pages, of, .. } => {
            let (name, pages, of) = (w.name(name), num(pages), num(of));
            let why = "先拿大块，没有就一页一页地拿。";
            told(
                (join(&["为", &name]) + &format!(" 收集到 {pages} 页，共要 {of} 页。"), why),
                (join(&["为", &name]) + &format!(" 收集：{pages} 页，共要 {of} 页。"), why),
                join(&[&name, "：收集到"]) + &format!(" {pages}/{of} 页"),
            )
        }
        DmaStep::Addresses { name, iova, pages } => {
            let (name, pages, at) = (w.name(name), num(pages), address(iova));
            let why = "这是设备自己的地址，从高处往下给。";
            told(
                (join(&[&name, "得到"]) + &format!(" {pages} 页地址，从 {at} 起。"), why),
                (join(&["给", &name]) + &format!(" 找 {pages} 页地址：从 {at} 起。"), why),
                join(&[&name, "：地址从"]) + &format!(" {at} 起"),
            )
        }
        DmaStep::Mapped { name, iova, pages, tables } => {
            let (name, pages, at) = (w.name(name), num(pages), address(iova));
            let why = match tables {
                0 => "已有的表放得下。".to_owned(),
                tables => format!("为此向伙伴系统要了 {} 张表。", num(tables)),
            };
            told(
                (join(&[&name, "的"]) + &format!(" {pages} 页有了表项，从 {at} 起。"), why.clone()),
                (join(&["给", &name]) + &format!(" 的 {pages} 页写表项，从 {at} 起。"), why),
                join(&[&name, "：映射了"]) + &format!(" {pages} 页"),
            )
        }
        DmaStep::Got { name, device, lane } => {
            let (name, device) = (w.name(name), w.name(device));
            let why = match lane {
                Lane::Iommu { iova, .. } => format!("在它眼里是一整块，从 {} 起。", address(iova)),
                Lane::Buddy(block) => {
                    format!("{} 号页框：伙伴系统的一块。", span(block.pfn, block.order.pages()))
                }
                lane => format!("{} 号页框，一张挨一张。", frames(lane).unwrap_or_default()),
            };
            told(
                (join(&[&device, "可以用", &name]) + " 了。", why.clone()),
                (join(&["把", &name, "交给", &device]) + "。", why),
                join(&[&device, "得到", &name]),
            )
        }
        DmaStep::Failed { name, pages } => {
            let (name, size) = (w.name(name), size(pages));
            let why = match pages {
                1025.. => "伙伴系统最大的块是 4 MiB。",
                _ => "没有足够大的一块。",
            };
            told(
                (join(&[&name, "没要到"]) + &format!("：{size}。"), why),
                (join(&["放弃：", &name]) + &format!(" 要不到 {size}。"), why),
                join(&[&name, "失败"]),
            )
        }
        DmaStep::Free { name, device, lane } => {
            let (name, device) = (w.name(name), w.name(device));
            let why = match frames(lane) {
                Some(frames) => format!("{frames} 号页框又能给别人。"),
                None => "先去掉表项，再还页框。".to_owned(),
            };
            told(
                (join(&[&device, "归还", &name]) + "。", why.clone()),
                (join(&["从", &device, "收回", &name]) + "。", why),
                join(&[&device, "归还", &name]),
            )
        }
        DmaStep::Unmapped { name, iova, pages } => {
            let (name, pages, at) = (w.name(name), num(pages), address(iova));
            let why = "IOTLB 忘掉了它们，页框也还了。";
            told(
                (join(&[&name, "的"]) + &format!(" {pages} 页没有表项了，从 {at} 起。"), why),
                (join(&["去掉", &name]) + &format!(" 的 {pages} 页的表项，从 {at} 起。"), why),
                join(&[&name, "：去掉"]) + &format!(" {pages} 页的映射"),
            )
        }
        DmaStep::Access { device, address: at, pfn, known } => {
            let (device, at, pfn) = (w.name(device), address(at), num(pfn.0));
            let why = match known {
                None => "中间没有隔着什么：它的地址就是内存的地址。",
                Some(true) => "IOTLB 认得路。",
                Some(false) => "IOTLB 不认得路：读了四级表。",
            };
            told(
                (join(&[&device, "用了地址"]) + &format!(" {at}：{pfn} 号页框。"), why),
                (join(&["让", &device]) + &format!(" 用地址 {at}：{pfn} 号页框。"), why),
                join(&[&device, "："]) + &format!("{at} 是 {pfn} 号"),
            )
        }
        DmaStep::MapAsked { device, what, bytes, dir, .. } => {
            let (device, what, size) = (w.name(device), w.name(what), mm::Bytes(u64::from(bytes)));
            let why = match dir {
                Direction::ToDevice => "设备要读它。",
                Direction::FromDevice => "设备要写它。",
                Direction::Both => "设备要读它，也要写它。",
            };
            let text =
                join(&["把", &what, "的"]) + &format!(" {size} ") + &join(&["借给", &device]) + " 用一会儿。";
            told((text.clone(), why), (text, why), join(&[&what, "借给", &device]))
        }
        DmaStep::Direct { name, address, .. } => {
            let name = w.name(name);
            let why = "整个缓冲区设备都够得着，不用复制。";
            let text = join(&["设备就地使用", &name]) + &format!("，地址是 {address:#x}。");
            told((text.clone(), why), (text, why), join(&["就地使用", &name]))
        }
        DmaStep::OutOfReach { name, last, mask } => {
            let name = w.name(name);
            let why = "只好在低处放一份副本。";
            told(
                (
                    format!("{mask} 位地址够不着 ") + &join(&[&name]) + &format!("：它到 {last:#x} 为止。"),
                    why,
                ),
                (
                    format!("看 {mask} 位地址够不够得着 ")
                        + &join(&[&name])
                        + &format!("：它到 {last:#x} 为止。"),
                    why,
                ),
                format!("{mask} 位够不着 ") + &join(&[&name]),
            )
        }
        DmaStep::Slots { name, first, slots, used } => {
            let (name, span) = (w.name(name), slot_span(first, slots));
            let why = format!("现在占用的 2 KiB 槽：{used} 个。");
            told(
                (join(&[&name, "得到弹跳缓冲区里"]) + &format!("{span}。"), why.clone()),
                (join(&["给", &name]) + &format!(" 弹跳缓冲区里{span}。"), why),
                join(&[&name, "："]) + &span,
            )
        }
        DmaStep::Bounced { name, to_device, value, .. } => {
            let name = w.name(name);
            let (way, why) = match to_device {
                true => ("复制到槽里", "设备用的是槽，不是缓冲区。"),
                false => ("从槽里复制回来", "这下缓冲区里才有设备写的东西。"),
            };
            told(
                (join(&["CPU 把", &name]) + &format!(" {way}：第 {value} 版。"), why),
                (join(&["把", &name]) + &format!(" {way}：第 {value} 版。"), why),
                join(&[&name, way]),
            )
        }
        DmaStep::Cleaned { name, wrote: true, value } => {
            let name = w.name(name);
            let why = "这个设备不看缓存。";
            let text = join(&["缓存把", &name]) + &format!(" 的第 {value} 版写回内存。");
            told((text.clone(), why), (text, why), join(&[&name, "："]) + &format!("第 {value} 版写回内存"))
        }
        DmaStep::Cleaned { name, wrote: false, value } => {
            let name = w.name(name);
            let why = format!("内存里已经是第 {value} 版。");
            let text = join(&["缓存里没有", &name]) + " 要写回的东西。";
            told((text.clone(), why.clone()), (text, why), join(&[&name, "：没有要写回的"]))
        }
        DmaStep::Invalidated { name, dropped } => {
            let name = w.name(name);
            let (what, why) = match dropped {
                None => ("没有它".to_owned(), "下次读本来就要去内存。"),
                Some((value, false)) => (format!("丢掉第 {value} 版"), "下次读要去内存。"),
                Some((value, true)) => {
                    (format!("丢掉第 {value} 版，别处没有"), "轮到设备时 CPU 写了它：这下丢了。")
                }
            };
            let text = join(&["缓存忘掉", &name]) + &format!("：{what}。");
            told((text.clone(), why), (text, why), join(&["缓存忘掉", &name]))
        }
        DmaStep::Baton { name, device, with_device } => {
            let (name, device) = (w.name(name), w.name(device));
            let (whose, why) = match with_device {
                true => (join(&["轮到", &device, "用"]), "同步或解除映射之前，CPU 不能碰。".to_owned()),
                false => ("轮到 CPU 用".to_owned(), join(&["再同步之前，", &device]) + " 不能碰。"),
            };
            let text = join(&[&whose, &name]) + "。";
            told((text.clone(), why.clone()), (text, why), join(&[&whose, &name]))
        }
        DmaStep::NotMapped { name, bytes, why } => {
            let (name, size) = (w.name(name), mm::Bytes(u64::from(bytes)));
            let why = match why {
                NoMapping::NoSwiotlb => "够不着，又没有弹跳缓冲区。".to_owned(),
                NoMapping::TooLarge => "最多 128 个连续的槽：256 KiB。".to_owned(),
                NoMapping::Full { largest } => format!("最长的空闲段有 {} 个槽。", num(largest)),
                NoMapping::SlotTooHigh => "弹跳缓冲区它也够不着。".to_owned(),
                NoMapping::NoTables => "没有地址了，或者没有页放表。".to_owned(),
            };
            told(
                (join(&[&name, "被拒绝"]) + &format!("：{size}。"), why.clone()),
                (join(&["拒绝", &name]) + &format!("：{size}。"), why),
                join(&[&name, "被拒绝"]),
            )
        }
        DmaStep::StreamEnds { name, device, through } => {
            let (name, device) = (w.name(name), w.name(device));
            let why = match through {
                Through::Direct => "没有要复制的。".to_owned(),
                Through::Swiotlb { slots, .. } => format!("还回 {} 个槽。", num(slots)),
                Through::Iommu { .. } => "表项没了，IOTLB 也忘了。".to_owned(),
            };
            told(
                (join(&[&name, "结束了："]) + &join(&[&device, "不能再用"]) + "。", why.clone()),
                (join(&["从", &device, "收回", &name]) + "。", why),
                join(&[&name, "结束"]),
            )
        }
        DmaStep::CpuTouched { what, write: true, value, lent_to, .. } => {
            let what = w.name(what);
            let why = match lent_to {
                Some(device) => join(&["现在轮到", &w.name(device)]) + "：它也许永远看不到。",
                None => "在 CPU 的缓存里，还没到内存。".to_owned(),
            };
            let text = join(&["CPU 写了", &what]) + &format!("：第 {value} 版。");
            told((text.clone(), why.clone()), (text, why), join(&["CPU 写", &what]))
        }
        DmaStep::CpuTouched { what, value, newest, .. } => {
            let (what, read) = (w.name(what), versions(value, newest));
            let why = match value == newest {
                true => "没有人写过更新的。",
                false => "设备写的在别处：没有为 CPU 同步。",
            };
            let text = join(&["CPU 读了", &what]) + &format!("：{read}。");
            told((text.clone(), why), (text, why), join(&["CPU 读", &what]) + &format!("：第 {value} 版"))
        }
        DmaStep::DeviceTouched { name, device, write: true, value, with_device, .. } => {
            let (name, device) = (w.name(name), w.name(device));
            let why = match with_device {
                true => "轮到它；同步或解除映射之后 CPU 才看得到。",
                false => "现在轮到 CPU：谁的留下来要看运气。",
            };
            let text = join(&[&device, "写了", &name]) + &format!("：第 {value} 版。");
            told((text.clone(), why), (text, why), join(&[&device, "写", &name]))
        }
        DmaStep::DeviceTouched { name, device, value, newest, .. } => {
            let (name, device, read) = (w.name(name), w.name(device), versions(value, newest));
            let why = match value == newest {
                true => "没有人写过更新的。",
                false => "CPU 写的在别处：没有为设备同步。",
            };
            let text = join(&[&device, "读了", &name]) + &format!("：{read}。");
            told(
                (text.clone(), why),
                (text, why),
                join(&[&device, "读", &name]) + &format!("：第 {value} 版"),
            )
        }
        DmaStep::Faulted { name, device, write, address } => {
            let (name, device) = (w.name(name), w.name(device));
            let (verb, why) = match write {
                true => ("写", "它只借给设备读。"),
                false => ("读", "它只借给设备写。"),
            };
            let text = join(&["IOMMU 不让", &device, verb, &name]) + &format!("，地址是 {address:#x}。");
            told((text.clone(), why), (text, why), join(&[&device, "不能", verb, &name]))
        }
    }
}

/// 一个槽，或者从哪个槽起的几个。
fn slot_span(first: u32, slots: u32) -> String {
    match slots {
        1 => format!("第 {first} 个槽"),
        _ => format!("从第 {first} 个起的 {slots} 个槽"),
    }
}

fn versions(value: u32, newest: u32) -> String {
    if value == newest {
        format!("第 {value} 版")
    } else {
        format!("第 {value} 版，最新的是第 {newest} 版")
    }
}

pub(super) fn op_text(w: &Words, op: &DmaOp) -> String {
    match *op {
        DmaOp::Device { mask, coherent: false, iommu: false, .. } => {
            format!("{mask} 位地址、不看缓存的设备")
        }
        DmaOp::Device { mask, iommu: true, .. } => format!("{mask} 位地址的设备，在 IOMMU 后面"),
        DmaOp::Device { mask, .. } => format!("{mask} 位地址的设备"),
        DmaOp::Alloc { device, bytes, .. } => {
            join(&[&w.name(device), "要一整块"]) + &format!(" {}", mm::Bytes(bytes))
        }
        DmaOp::Free { .. } => "归还".into(),
        DmaOp::Access { pages, .. } => format!("设备读 {} 页", num(pages)),
        DmaOp::Map { device, what, .. } => join(&[&w.name(what), "借给", &w.name(device)]),
        DmaOp::Unmap { .. } => "不再借出".into(),
        DmaOp::Sync { for_device: true, .. } => "轮到设备用".into(),
        DmaOp::Sync { for_device: false, .. } => "轮到 CPU 用".into(),
        DmaOp::Cpu { write: true, .. } => "CPU 写".into(),
        DmaOp::Cpu { write: false, .. } => "CPU 读".into(),
        DmaOp::Write { .. } => "设备写".into(),
    }
}

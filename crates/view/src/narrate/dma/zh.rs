//! 关于设备内存的中文句子。

use mm::dma::{DmaOp, Lane};
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
                (join(&[&name, "得到设备自己的池里的"]) + &format!(" {span} 号页框。"), why),
                (join(&["从设备自己的池里给", &name]) + &format!(" {span} 号页框。"), why),
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
    }
}

pub(super) fn op_text(w: &Words, op: &DmaOp) -> String {
    match *op {
        DmaOp::Device { mask, iommu: true, .. } => format!("{mask} 位地址的设备，在 IOMMU 后面"),
        DmaOp::Device { mask, .. } => format!("{mask} 位地址的设备"),
        DmaOp::Alloc { device, bytes, .. } => {
            join(&[&w.name(device), "要一整块"]) + &format!(" {}", mm::Bytes(bytes))
        }
        DmaOp::Free { .. } => "归还".into(),
        DmaOp::Access { pages, .. } => format!("设备读 {} 页", num(pages)),
    }
}

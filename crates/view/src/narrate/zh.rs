//! 中文句子。The Chinese sentences: written as Chinese, not translated; names of the kernel stay as they are.

use mm::gfp::GfpFlags;
use mm::mmzone::ZoneId;
use mm::op::{NameId, PageKind};
use mm::page::{Block, MigrateType};
use mm::step::BuddyVerdict;
use mm::{NrPages, Op, Order, Pfn};
use scenario::Lang;

use crate::parts;

use super::words::{Arrival, power_of_two, type_name};
use super::{Asked, Sentence, Shortage, Told, Voice, Words, num, told};

/// 简体中文。
pub(crate) struct Zh;

/// `512–1023 号页框`, `25 号页框`; `512 号块` when room is short.
pub(super) fn frames(w: &Words, block: Block) -> String {
    let noun = if w.first_frame_only() && block.order > Order::ZERO { "号块" } else { "号页框" };
    format!("{} {noun}", w.span(block))
}

/// `MOVABLE 8 阶链表`, with its zone when there are several.
pub(super) fn list(w: &Words, zone: ZoneId, order: Order, migratetype: MigrateType) -> String {
    let of = w.zone_of_list(zone).map_or(String::new(), |zone| format!("{zone} 区 "));
    format!("{of}{} {order} 阶链表", type_name(migratetype))
}

/// `连续 256 个页框（1 MiB）`
pub(super) fn wanted(order: u8) -> String {
    match order {
        0 => "1 个页框（4 KiB）".into(),
        1..=20 => {
            let pages = 1u64 << order;
            format!("连续 {} 个页框（{}）", num(pages), NrPages(pages).bytes())
        }
        _ => format!("连续 {} 个页框", power_of_two(order)),
    }
}

/// `（1 MiB）`, unless room is short.
fn size(w: &Words, block: Block) -> String {
    if w.first_frame_only() {
        return String::new();
    }
    format!("（{}）", NrPages(u64::from(block.order.pages())).bytes())
}

/// `第 7 个操作`, counted from 1 as the transport does.
pub(super) fn this_op(w: &Words) -> String {
    w.op().map_or("这个操作".into(), |(op, _)| format!("第 {} 个操作", num(op + 1)))
}

fn kind_of_memory(kind: PageKind) -> &'static str {
    match kind {
        PageKind::Unknown => "用途不明",
        PageKind::Unmovable | PageKind::Vmalloc => "内核内存不能移动",
        PageKind::Slab => "内核对象不能移动",
        PageKind::PageTable => "页表不能移动",
        PageKind::Movable => "这种页可以移动",
        PageKind::Reclaimable => "内核内存，可以回收",
        PageKind::Anon => "进程的匿名页可以移动",
        PageKind::File => "页缓存可以移动",
    }
}

impl Voice for Zh {
    const LANG: Lang = Lang::Zh;

    fn request(w: &Words, asked: &Asked) -> Told {
        let &Asked { name, order, kind, migratetype, flags, cpu } = asked;
        let (name, size, lists) = (w.name(name), wanted(order), type_name(migratetype));
        let name = if w.many_cpus() { format!("CPU {} 上的 {name}", cpu.0) } else { name.into_owned() };
        let cannot_wait = w.config().watermarks && !flags.contains(GfpFlags::DIRECT_RECLAIM);
        let why = if cannot_wait && flags.contains(GfpFlags::HIGH) {
            "它不能等（GFP_ATOMIC），可以用到更深。".into()
        } else if cannot_wait {
            "它不能等，也无权用得更深（GFP_NOWAIT）。".into()
        } else if flags.migratetype() == migratetype {
            format!("{}，先看 {lists} 链表。", kind_of_memory(kind))
        } else {
            "本机不按可移动性分组，都用 UNMOVABLE 链表。".into()
        };
        let block = match order {
            11.. => "大于最大的 10 阶，所以给不了。".into(),
            0 => format!("即一个 0 阶块，取自 {lists} 链表。"),
            _ if !w.is_full() => format!("即 {order} 阶块，取自 {lists} 链表。"),
            _ => format!("即 {order} 阶块（{} 页），取自 {lists} 链表。", power_of_two(order)),
        };
        told(
            (format!("{name} 申请了{}{size}。", gap(&size)), why),
            (format!("{name} 要{}{size}。", gap(&size)), block),
            format!("{name} 申请{}{size}", gap(&size)),
        )
    }

    fn try_zone(w: &Words, zone: ZoneId, no_fragment: bool) -> Told {
        let name = w.zone(zone);
        let pass = if no_fragment {
            let size = w.pageblock_size();
            format!("这一趟不碰其他类型里小于 pageblock（{size}）的块。")
        } else {
            "本类型没有时，可以拿其他类型的块。".into()
        };
        let (did, next, why) = match w.arrival(zone) {
            Arrival::First if !w.many_zones() => (
                format!("从 {name} 区找起，机器只有这一个区。"),
                format!("先找 {name} 区，机器只有这一个区。"),
                pass,
            ),
            Arrival::First => (
                format!("从 {name} 区找起，它是可用的最高区。"),
                format!("先找 {name} 区，它是可用的最高区。"),
                pass,
            ),
            Arrival::FromAbove(above) => (
                format!("往下转到 {name} 区。"),
                format!("往下转到 {name} 区再找。"),
                format!("{} 区没有合适的块，低处的区也能满足请求。", w.zone(above)),
            ),
            Arrival::TooLow(above) => (
                format!("往下转到 {name} 区。"),
                format!("往下转到 {name} 区再找。"),
                format!("{} 区水位太低，低处的区也能满足请求。", w.zone(above)),
            ),
            Arrival::FromNode(node) => (
                format!("转到另一个节点的 {name} 区。"),
                format!("转到另一个节点的 {name} 区再找。"),
                format!("节点 {node} 满足不了这个请求；别的节点更远，但也能用。"),
            ),
            Arrival::Again => (
                format!("在慢速路径里又找 {name} 区。"),
                format!("在慢速路径里再找 {name} 区。"),
                "现在看的水位和权限不同，同一个区可能就行了。".into(),
            ),
            Arrival::SecondPass => (
                format!("回到 {name} 区，开始第二趟。"),
                format!("回到 {name} 区，再找一趟。"),
                "这一趟允许拿其他类型的小块，代价是类型混杂。".into(),
            ),
            Arrival::Unknown => (format!("转到 {name} 区。"), format!("去找 {name} 区。"), pass),
        };
        told((did, &*why), (next, &*why), format!("找 {name} 区"))
    }

    fn list_empty(w: &Words, zone: ZoneId, order: Order, migratetype: MigrateType) -> Told {
        let list = list(w, zone, order, migratetype);
        let (did_why, next_why) = match order.up() {
            Some(up) if w.begins_search() => (
                format!("没有正好这么大的块；从 {up} 阶起，大块可以拆分。"),
                "有正好这么大的块最省事。".into(),
            ),
            Some(up) => (
                format!("再看 {up} 阶：大一倍的块也可以拆分。"),
                format!("那就看大一倍的 {up} 阶，也可以拆分。"),
            ),
            None => {
                let none = "上面没有链表了：这个类型没有够大的块。";
                (none.into(), none.into())
            }
        };
        told(
            (format!("看了 {list}：空的。"), did_why),
            (format!("看 {list}：它是空的。"), next_why),
            format!("{list}是空的"),
        )
    }

    fn take_head(w: &Words, zone: ZoneId, block: Block, migratetype: MigrateType, wanted: Order) -> Told {
        let (list, frames) = (list(w, zone, block.order, migratetype), frames(w, block));
        let why = if block.order == wanted {
            "大小正好，不用拆分。".into()
        } else {
            format!("它是够用的最小块，要从中拆出 {wanted} 阶块。")
        };
        told(
            (format!("从 {list}头取下 {frames}。"), why),
            (format!("取 {list}头：{frames}。"), "分配总是取链表头的块，不取后面的。"),
            format!("从 {list}头取下 {}", w.span(block)),
        )
    }

    fn split(w: &Words, zone: ZoneId, kept: Block, put: Block, migratetype: MigrateType) -> Told {
        let list = list(w, zone, put.order, migratetype);
        let whole = Block { pfn: kept.pfn, order: kept.order.up().unwrap_or(kept.order) };
        let (cut, lower, upper) = (frames(w, whole), w.span(kept), w.span(put));
        told(
            (
                format!("把 {cut}拆成两半，后半 {upper} 成为 {list}头。"),
                format!("因为 {} 阶链表是空的。", put.order),
            ),
            (
                format!("把 {cut}拆成两半，前半 {lower} 留在手里。"),
                format!("后半 {upper} 放到 {} 阶链表头。", put.order),
            ),
            format!("拆分 {}：{upper} 放到 {list}头", w.span(whole)),
        )
    }

    fn handed(w: &Words, block: Block, name: NameId) -> Told {
        let (name, frames) = (w.name(name), frames(w, block));
        let size = size(w, block);
        let (next, next_why) = match w.was_cut() {
            _ if w.was_on_pcp() => (format!("把 {frames}交给 {name}。"), "来自本 CPU 的链表，没有剩余。"),
            Some(true) => (format!("把前半 {frames}交给 {name}。"), "后面的部分都留在空闲链表上。"),
            _ => (format!("把 {frames}交给 {name}。"), "大小正好，没有剩余。"),
        };
        let did_why = match w.real() {
            None if w.was_on_pcp() => "没有拆块，也没有锁区：CPU 链表就为了这个。".to_owned(),
            None => "给出去的总是块里地址最低的部分，其余仍空闲。".to_owned(),
            Some(real) if real == block.pfn => format!("真实内核给出的也是 {} 号页框。", num(real.0)),
            Some(real) => format!("真实内核给出的却是 {} 号页框。", num(real.0)),
        };
        told(
            (format!("{name} 得到 {frames}{size}。"), did_why),
            (next, next_why),
            format!("{name} 得到 {}", w.span(block)),
        )
    }

    fn fallback_begins(
        w: &Words,
        zone: ZoneId,
        migratetype: MigrateType,
        [wanted, min_order]: [Order; 2],
    ) -> Told {
        let own = type_name(migratetype);
        let of = w.zone_of_list(zone).map_or(String::new(), |zone| format!("{zone} 区的 "));
        let from = if min_order == Order::MAX {
            "只看 10 阶".into()
        } else {
            format!("从 10 阶看到 {min_order} 阶")
        };
        let why = if min_order > wanted {
            "更小的块会让同一个 pageblock 混入两种类型。"
        } else {
            "先拿最大的块，类型混杂的地方就最少。"
        };
        told(
            (format!("{of}{own} 已经没有可用的块，改看其他类型，{from}。"), why),
            (format!("{of}{own} 没有可用的块，去看其他类型，{from}。"), why),
            format!("{own} 没有可用的块，改看其他类型"),
        )
    }

    fn zone_failed(w: &Words, zone: ZoneId, order: Order, free: u32) -> Told {
        let zone = w.zone(zone);
        let why = match (free, order) {
            (0, _) => "那里一个空闲页也没有。".into(),
            (free, order) if free < order.pages() => format!("那里只有 {} 页空闲。", num(free)),
            (free, Order::ZERO) => format!("那里有 {} 页空闲，但这一趟都不能拿。", num(free)),
            (free, order) => {
                format!("那里有 {} 页空闲，但没有能拿的连续 {} 页。", num(free), num(order.pages()))
            }
        };
        told(
            (format!("{zone} 区没有可用的 {order} 阶块。"), &*why),
            (format!("放弃 {zone} 区：没有可用的 {order} 阶块。"), &*why),
            format!("{zone} 区没有可用的 {order} 阶块"),
        )
    }

    fn failed(w: &Words, name: NameId, order: u8, free: u32) -> Told {
        let name = w.name(name);
        let row = match order {
            0 => "1 个页框".into(),
            1..=20 => format!("连续 {} 个页框", num(1u64 << order)),
            _ => format!("连续 {} 个页框", power_of_two(order)),
        };
        let (what, why) = match w.shortage(order, free) {
            Shortage::Empty => ("没有空闲页了".into(), "可用的区都已耗尽。".into()),
            Shortage::TooLittle => (
                format!("它能用的只剩 {} 页", num(free)),
                format!("它要{}{row}：是内存不足，不是碎片。", gap(&row)),
            ),
            Shortage::Scattered { percent: Some(percent) } => {
                let share = match percent {
                    48..=52 => "内存有一半空闲".into(),
                    0 => "内存有空闲".into(),
                    100 => "内存全部空闲".into(),
                    _ => format!("内存有 {percent}% 空闲"),
                };
                (
                    format!("{share}，却没有{}{row}", gap(&row)),
                    format!("{} 个空闲页都是更小的碎块。", num(free)),
                )
            }
            Shortage::Scattered { percent: None } => (
                format!("没有{}{row}", gap(&row)),
                format!("有 {} 页空闲，但没有它能拿的这么大的一块。", num(free)),
            ),
            Shortage::BelowMarks => {
                ("各个区都已到水位线".into(), format!("还有 {} 页空闲，留给有权用得更深的请求。", num(free)))
            }
            Shortage::OffLimits => (
                format!("没有它能拿的{}{row}", gap(&row)),
                format!("有 {} 页空闲，大块都属于它不能用的类型。", num(free)),
            ),
        };
        told(
            (format!("{name} 没有得到内存：{what}。"), &*why),
            (format!("{name} 得不到内存：{what}。"), &*why),
            format!("{name} 失败：{what}"),
        )
    }

    fn free_request(w: &Words, block: Block, name: Option<NameId>, migratetype: MigrateType) -> Told {
        let name = name.map_or("不明使用者".into(), |name| format!("{} ", w.name(name)));
        let (frames, lists) = (frames(w, block), type_name(migratetype));
        let size = size(w, block);
        let on =
            w.cpu().filter(|_| w.many_cpus()).map_or(String::new(), |cpu| format!("在 CPU {} 上", cpu.0));
        let name = format!("{name}{on}");
        let (did_why, next_why) = if w.goes_to_pcp(block.order) {
            (format!("{} 阶块先归释放它的 CPU。", block.order), "先留在释放它的 CPU：不合并，也不锁区。")
        } else {
            (format!("按 pageblock 类型归到 {lists} 链表。"), "上链表之前，先看有没有空闲的伙伴可以合并。")
        };
        told(
            (format!("{name}释放了 {frames}{size}。"), did_why),
            (format!("{name}释放 {frames}{size}。"), next_why),
            format!("{name}释放 {}", w.span(block)),
        )
    }

    fn buddy_check(w: &Words, block: Block, buddy: Pfn, verdict: BuddyVerdict) -> Told {
        let size = block.order.pages();
        let sum = format!("{} ⊕ {} = {}", num(block.pfn.0), num(size), num(buddy.0));
        let (is, why) = match verdict {
            BuddyVerdict::Yes => ("也空闲".into(), "空闲、同阶、同区：可以合并。".into()),
            BuddyVerdict::NoMemory => ("不可用".into(), "那里没有内存或已保留，合并到此为止。".into()),
            BuddyVerdict::InUse => (
                match w.owner(buddy) {
                    Some(name) => format!("{} 正在用", w.name(name)),
                    None => "在使用中".into(),
                },
                "伙伴不空闲，合并到此为止。".into(),
            ),
            BuddyVerdict::OtherOrder(order) => {
                (format!("空闲，但只有 {order} 阶"), "没有整块空闲，不能合并。".into())
            }
            BuddyVerdict::OtherZone => ("在另一个区".into(), "跨区不合并，到此为止。".into()),
            BuddyVerdict::OtherType { ours, theirs } => {
                (format!("空闲，但属于 {}", type_name(theirs)), format!("与 {} 不能混合。", type_name(ours)))
            }
        };
        // The sum begins with the block itself, so its name can be left out when room is short.
        let whose = if w.first_frame_only() { String::new() } else { format!(" {}的", frames(w, block)) };
        told(
            (format!("看了{whose}伙伴：{sum}，{is}。"), why),
            (
                format!("找 {}的伙伴：翻转第 {} 位，{sum}。", frames(w, block), block.order),
                "若空闲、同阶、同区，就合并。",
            ),
            format!("伙伴 {sum}：{is}"),
        )
    }

    fn merge(w: &Words, zone: ZoneId, merged: Block, buddy: Block, from: MigrateType) -> Told {
        let list = list(w, zone, buddy.order, from);
        let (buddy, order) = (w.span(buddy), merged.order);
        told(
            (
                format!("与伙伴 {buddy} 合并，成为 {order} 阶的 {}。", frames(w, merged)),
                format!("伙伴已从 {list}取下。"),
            ),
            (
                format!("把伙伴 {buddy} 从 {list}取下。"),
                format!("两块合成 {order} 阶的 {}。", frames(w, merged)),
            ),
            format!("并入 {buddy}，成为 {order} 阶的 {}", w.span(merged)),
        )
    }

    fn put_block(w: &Words, zone: ZoneId, block: Block, migratetype: MigrateType, tail: bool) -> Told {
        let (frames, list) = (frames(w, block), list(w, zone, block.order, migratetype));
        let (end, why) = match (tail, block.order) {
            (true, _) => ("尾", "很可能马上还要合并：放在链表尾，等伙伴也空闲。"),
            (false, Order::MAX) => ("头", "已是最高阶，不再合并；下次先取它。"),
            (false, _) => ("头", "眼下合并不成更大的块；下次先取它，缓存还热。"),
        };
        told(
            (format!("{frames}放到了 {list}{end}。"), why),
            (format!("把 {frames}放到 {list}{end}。"), why),
            format!("{} 放到 {list}{end}", w.span(block)),
        )
    }

    fn allow_fragment(_: &Words) -> Told {
        let why = "类型混杂，总好过没有内存。";
        told(
            ("不混类型就找不到，现在允许混杂。", why),
            ("把各区再找一遍，这次允许类型混杂。", why),
            "再找一遍，允许类型混杂",
        )
    }

    fn machine(w: &Words, free: u64) -> Sentence {
        let frames: u64 = w.config().ram.iter().map(|range| u64::from(range.len())).sum();
        let zones = w.zones();
        let zones = match zones.as_slice() {
            [zone] => format!("只有 {zone} 一个区（zone）"),
            many if w.is_full() => format!("分为 {} 区", many.join("、")),
            many => format!("分为 {} 个区", many.len()),
        };
        let text = format!("这台机器有 {} 个页框（{}），{zones}。", num(frames), NrPages(frames).bytes());
        let free =
            if free == frames { "全部空闲".into() } else { format!("现有 {} 页空闲", num(free)) };
        Sentence::from((text, format!("每个页框 4 KiB，{free}。")))
    }

    fn ending(_: &Words, free: u64, held: u32) -> Sentence {
        let who = match held {
            0 => "没有人占着内存".into(),
            held => format!("{} 个名字还占着内存", num(held)),
        };
        let text = format!("到这里就结束了：{} 页空闲，{who}。", num(free));
        Sentence::from((text, "可以往回走，或改动场景，看看有什么不同。"))
    }

    fn op_text(w: &Words, op: &Op) -> String {
        match op {
            Op::Alloc { order, .. } => {
                let size = wanted(*order);
                format!("要{}{size}", gap(&size))
            }
            Op::Free { .. } => "释放".into(),
            _ => (parts::words().op_text)(Self::LANG, w, op),
        }
    }
}

/// A space before a digit, none before a Chinese word.
pub(super) fn gap(before: &str) -> &'static str {
    if before.starts_with(|c: char| c.is_ascii()) { " " } else { "" }
}

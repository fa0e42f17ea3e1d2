//! 中文句子。The Chinese sentences: written as Chinese, not translated; names of the kernel stay as they are.

use mm::gfp::GfpFlags;
use mm::mmzone::ZoneId;
use mm::op::{NameId, PageKind, Sysctl, Workload};
use mm::page::{Block, MigrateType};
use mm::replay::Recorded;
use mm::step::{BuddyVerdict, NotModelled, Nothing, SkipReason, WatermarkVerdict};
use mm::util::Overcommit;
use mm::{AllocFlags, CpuId, NrPages, Op, Order, Pfn, StepKind};
use scenario::Lang;

use crate::parts;

use super::words::{Arrival, power_of_two, type_name};
use super::{Asked, Moved, PcpList, Sentence, Shortage, Test, Told, Voice, Words, num, sysctl};

/// 简体中文。
pub(crate) struct Zh;

pub(super) fn told(
    did: (impl Into<String>, impl Into<String>),
    next: (impl Into<String>, impl Into<String>),
    brief: impl Into<String>,
) -> Told {
    Told { did: did.into(), next: next.into(), brief: brief.into() }
}

/// `512–1023 号页框`, `25 号页框`; `512 号块` when room is short.
fn frames(w: &Words, block: Block) -> String {
    let noun = if w.first_frame_only() && block.order > Order::ZERO { "号块" } else { "号页框" };
    format!("{} {noun}", w.span(block))
}

/// `MOVABLE 8 阶链表`, with its zone when there are several.
fn list(w: &Words, zone: ZoneId, order: Order, migratetype: MigrateType) -> String {
    let of = w.zone_of_list(zone).map_or(String::new(), |zone| format!("{zone} 区 "));
    format!("{of}{} {order} 阶链表", type_name(migratetype))
}

/// `CPU 0 的 MOVABLE 0 阶链表`, with its zone when there are several.
fn cpu_list(w: &Words, list: PcpList) -> String {
    let PcpList { zone, cpu, order, migratetype } = list;
    let of = w.zone_of_list(zone).map_or(String::new(), |zone| format!("{zone} 区 "));
    format!("CPU {} 的 {of}{} {order} 阶链表", cpu.0, type_name(migratetype))
}

/// `连续 256 个页框（1 MiB）`
fn wanted(order: u8) -> String {
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
fn this_op(w: &Words) -> String {
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

    fn skipped(w: &Words, name: NameId, reason: SkipReason) -> Told {
        let (op, name) = (this_op(w), w.name(name));
        let (what, why) = match reason {
            SkipReason::AllocationFailed => {
                (format!("{name} 没有内存可释放"), "当初的分配失败了，没有叫这个名字的块。")
            }
            SkipReason::AlreadyFreed => (format!("{name} 早已释放"), "重复释放会弄坏真实内核的链表。"),
            SkipReason::NotYetAllocated => (format!("还没有 {name}"), "到这里还没有用这个名字分配过。"),
            SkipReason::OtherKind => {
                (format!("{name} 不是这一类东西"), "这个名字代表的东西，这个操作用不上。")
            }
            SkipReason::StillHeld => (format!("{name} 还占着内存"), "再分配一次，就会丢掉原来那一块。"),
        };
        told(
            (format!("跳过{op}：{what}。"), why),
            (format!("要跳过{op}：{what}。"), why),
            format!("跳过：{what}"),
        )
    }

    fn nothing_to_do(w: &Words, why: Nothing) -> Told {
        let (before, it, after, why) = match why {
            Nothing::NoCpuPages => {
                ("各 CPU 的链表上都没有页", String::new(), "", "能交回的，只有 CPU 手里留着的页。")
            }
            Nothing::NoPageblock(pfn) => {
                ("没有哪个区完整拥有 ", num(pfn.0), " 号页框的 pageblock", "只有完整的才能隔离或归还。")
            }
            Nothing::IsIsolated(pageblock) => {
                ("pageblock ", frames(w, pageblock), "已经隔离了", "后来者只会得到 EBUSY。")
            }
            Nothing::NotIsolated(pageblock) => {
                ("pageblock ", frames(w, pageblock), "没有被隔离", "只有隔离了的才能归还。")
            }
            Nothing::NoReaper => {
                ("SLUB 没有收割器", String::new(), "", "它没有要清的数组：slab 空了，或用 shrink，内存才还。")
            }
            Nothing::NotFollowed => {
                ("记录的事件在这里没有移动什么", String::new(), "", "它没有移动块，或者这里没有那些块。")
            }
        };
        let rest = format!("跳过{}：{before}{it}{after}", this_op(w));
        told((format!("{rest}。"), why), (format!("要{rest}。"), why), rest)
    }

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

    fn too_large(_: &Words, order: u8) -> Told {
        let why = "最大的块是 10 阶：1024 个页框，4 MiB。";
        told(
            (format!("内核当场拒绝 {order} 阶的请求，返回 NULL。"), why),
            (format!("当场拒绝 {order} 阶的请求，链表都不必看。"), why),
            format!("拒绝 {order} 阶：最大是 10 阶"),
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

    fn fallback_found(w: &Words, block: Block, from: MigrateType, to: MigrateType, largest: bool) -> Told {
        let (frames, from) = (frames(w, block), type_name(from));
        let (which, why) = if largest {
            ("其他类型里最大的空闲块", "先拿最大的块，类型混杂的地方就最少。")
        } else {
            ("够用的最小块", "可移动页以后还能搬走，不必糟蹋大块。")
        };
        told(
            (format!("选中 {from} 的 {frames}：{which}。"), why),
            (format!("选 {from} 的 {frames}：{which}。"), why),
            format!("{} 借用 {from} 的 {} 号块", type_name(to), num(block.pfn.0)),
        )
    }

    fn claim_pageblocks(w: &Words, block: Block, to: MigrateType) -> Told {
        let (frames, to) = (frames(w, block), type_name(to));
        let many = w.pageblocks(block);
        let why = "它全部空闲，里面不会留下旧类型的页。";
        told(
            (format!("把 {frames}标记为 {to}：共 {many} 个完整的 pageblock。"), why),
            (format!("要把 {frames}标记为 {to}：共 {many} 个完整的 pageblock。"), why),
            format!("把 {} 标记为 {to}", w.span(block)),
        )
    }

    fn move_free_pages(w: &Words, moved: &Moved) -> Told {
        let Moved { pageblock, free, alike, from, to, claimed } = *moved;
        let (block, to, from) = (w.span(pageblock), type_name(to), type_name(from));
        let sum = free + alike;
        let enough = sum >= pageblock.order.pages() / 2;
        let sum = match alike {
            0 => format!("空闲 {} 页", num(free)),
            _ if w.first_frame_only() => format!("空闲和同类共 {} 页", num(sum)),
            _ => format!("空闲 {} + 同类 {} = {}", num(free), num(alike), num(sum)),
        };
        let why = match (claimed, enough) {
            (true, true) if from == to => format!("{sum}，够一半，仍是 {to}。"),
            (true, true) => format!("{sum}，够一半，它的类型也改。"),
            (true, false) => "不按可移动性分组，类型直接改。".into(),
            (false, _) => format!("{sum}，不到一半，类型不变。"),
        };
        let end = if claimed { format!("现在是 {to}") } else { format!("仍是 {from}") };
        told(
            (format!("pageblock {block} 的空闲页都移到了 {to} 链表。"), &*why),
            (format!("把 pageblock {block} 的空闲页移到 {to} 链表。"), &*why),
            format!("pageblock {block} 的 {} 个空闲页移到 {to}，{end}", num(free)),
        )
    }

    fn move_block(w: &Words, zone: ZoneId, block: Block, from: MigrateType, to: MigrateType) -> Told {
        let (from, list) = (type_name(from), list(w, zone, block.order, to));
        let why = match w.before() {
            Some(StepKind::ClaimPageblocks { .. }) => "pageblock 已改类型，它也跟过去。",
            _ if w.too_small_to_claim(block, to) => "块太小，改不了整个 pageblock，只移它。",
            _ => "pageblock 类型不变，只移这一块。",
        };
        told(
            (format!("把 {}从 {from} 移到 {list}尾。", frames(w, block)), why),
            (format!("要把 {}从 {from} 移到 {list}尾。", frames(w, block)), "然后重新查找，就能找到它。"),
            format!("{} 从 {from} 移到 {list}尾", w.span(block)),
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

    fn watermark(w: &Words, test: &Test) -> Told {
        let &Test { zone, order, mark, flags, free, min, reserve, verdict } = test;
        let zone = w.zone(zone);
        let is_lowered = flags.has(AllocFlags::MIN_RESERVE) || flags.has(AllocFlags::OOM);
        let mark = if is_lowered { format!("{} 降到", mark.name()) } else { mark.name().to_owned() };
        let (free, min, reserve) = (num(free), num(min), num(reserve));
        let against = format!("{mark} {min} + 保留 {reserve}");
        let ignores = flags.has(AllocFlags::NO_WATERMARKS) && verdict != WatermarkVerdict::Ok;
        let verdict = match verdict {
            _ if ignores => "照样可取".into(),
            WatermarkVerdict::Ok => "够".to_owned(),
            WatermarkVerdict::TooFew => "不够".to_owned(),
            WatermarkVerdict::NoBlock if w.is_full() => format!("够，但没有 {order} 阶块"),
            WatermarkVerdict::NoBlock => "没有块".to_owned(),
        };
        let why = if ignores {
            "它不看水位。"
        } else if is_lowered && !w.is_full() {
            "它可低于 min。"
        } else if !w.is_full() {
            "须更多。"
        } else if flags.has(AllocFlags::OOM) {
            "它是 OOM 的牺牲者，可用 min 的一半。"
        } else if flags.has(AllocFlags::MIN_RESERVE) && flags.has(AllocFlags::NON_BLOCK) {
            "它很急又不能等，可用 min 的 5/8。"
        } else if flags.has(AllocFlags::MIN_RESERVE) {
            "它很急，可用 min 的一半。"
        } else {
            "空闲必须多于两者之和。"
        };
        told(
            (format!("{zone} 空闲 {free}，{against}：{verdict}。"), why),
            (format!("量 {zone}：空闲 {free}，{against}。"), why),
            format!("{zone}：空闲 {free}，{against}：{verdict}"),
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

    fn pcp_empty(w: &Words, list: PcpList, blocks: u32) -> Told {
        let (of, blocks) = (cpu_list(w, list), num(blocks));
        let why = "一次锁区拿一批，后面就不用锁；不再看水位。";
        told(
            (format!("{of}是空的，开始补 {blocks} 块。"), why),
            (format!("{of}是空的，补 {blocks} 块。"), why),
            format!("{of}是空的：补 {blocks} 块"),
        )
    }

    fn pcp_append(w: &Words, list: PcpList, block: Block) -> Told {
        let (frames, of) = (frames(w, block), cpu_list(w, list));
        let why = "放在尾部，取用的先后就与拿来的先后一致。";
        told(
            (format!("{frames}放到了 {of}尾。"), why),
            (format!("把 {frames}放到 {of}尾。"), why),
            format!("{} 放到 {of}尾", w.span(block)),
        )
    }

    fn pcp_refilled(w: &Words, list: PcpList, blocks: u32, held: u32) -> Told {
        let PcpList { zone, cpu, .. } = list;
        let (zone, cpu) = (w.zone(zone), cpu.0);
        if blocks == 0 {
            let why = "接下来直接问空闲链表，只对少数请求有用。";
            return told(
                (format!("CPU {cpu} 一块也没补到。"), why),
                (format!("CPU {cpu} 一块也补不到。"), why),
                format!("CPU {cpu} 一块也没补到"),
            );
        }
        let why = format!("到这时它们才不算 {zone} 区的空闲页。");
        let has = format!("共留着 {} 页", num(held));
        told(
            (format!("CPU {cpu} 补到 {} 块，{has}。", num(blocks)), &*why),
            (format!("CPU {cpu} 补齐了 {} 块，{has}。", num(blocks)), &*why),
            format!("CPU {cpu} 补到 {} 块，{has}", num(blocks)),
        )
    }

    fn pcp_take(w: &Words, list: PcpList, block: Block, held: u32) -> Told {
        let (frames, of, cpu) = (frames(w, block), cpu_list(w, list), list.cpu.0);
        let left = match held {
            0 => format!("CPU {cpu} 不再留有这个区的页。"),
            held => format!("CPU {cpu} 还留着 {} 页。", num(held)),
        };
        told(
            (format!("从 {of}头取下 {frames}。"), left),
            (format!("取 {of}头：{frames}。"), "表头最近释放，或最先补进来；不用锁区。"),
            format!("从 {of}头取下 {}", w.span(block)),
        )
    }

    fn pcp_put(w: &Words, list: PcpList, block: Block, held: u32, high: u32) -> Told {
        let (frames, of) = (frames(w, block), cpu_list(w, list));
        let why = match high {
            0 => format!("共 {} 页，上限此时算 0，全退。", num(held)),
            high if held >= high => {
                format!("满 {} 页，要退。", num(high))
            }
            high => format!("有 {} 页，满 {} 退。", num(held), num(high)),
        };
        told(
            (format!("{frames}放到了 {of}头。"), &*why),
            (format!("把 {frames}放到 {of}头。"), &*why),
            format!("{} 放到 {of}头", w.span(block)),
        )
    }

    fn pcp_drain_begins(w: &Words, zone: ZoneId, cpu: CpuId, held: u32, back: u32) -> Told {
        let (name, held, back) = (w.zone(zone), num(held), num(back));
        let is_all = matches!(w.op(), Some((_, Op::Drain)));
        let did_why = match w.next_drain(zone, cpu) {
            _ if is_all => "全部退回，块才能重新合并。".into(),
            Some(next) => format!("先退尾部最冷的；接着再退就是 {} 页。", num(next)),
            None => "先退尾部最冷的。".into(),
        };
        told(
            (format!("CPU {} 有 {name} 区 {held} 页，退回 {back} 页。", cpu.0), did_why),
            (
                format!("CPU {} 有 {name} 区 {held} 页，要退回 {back} 页。", cpu.0),
                "从各链表的尾部退起，先退最冷的。",
            ),
            format!("CPU {} 的 {held} 页退回 {back} 页", cpu.0),
        )
    }

    fn pcp_drain(w: &Words, list: PcpList, block: Block) -> Told {
        let PcpList { cpu, order, migratetype, .. } = list;
        let (frames, cpu, to) = (frames(w, block), cpu.0, type_name(migratetype));
        let why = format!("它最冷，按释放时记下的类型回 {to} 链表。");
        told(
            (format!("从 CPU {cpu} 的 {order} 阶链表尾取下 {frames}。"), &*why),
            (format!("从 CPU {cpu} 的 {order} 阶链表尾取 {frames}。"), &*why),
            format!("从 CPU {cpu} 的 {order} 阶链表尾取下 {}", w.span(block)),
        )
    }

    fn boost(w: &Words, zone: ZoneId, boost: u32, max: u32) -> Told {
        let (zone, boost, max) = (w.zone(zone), num(boost), num(max));
        let why = "好让 kswapd 多回收，少混类型。";
        told(
            (format!("类型混了：{zone} 区水位抬高 {boost} 页，至多 {max}。"), why),
            (format!("类型要混：把 {zone} 区水位共抬高 {boost} 页，至多 {max}。"), why),
            format!("{zone} 区水位抬高 {boost} 页，最多 {max} 页"),
        )
    }

    fn wake_kswapd(w: &Words, zone: ZoneId, order: Order) -> Told {
        let (node, zone) = (w.node(zone), w.zone(zone));
        let why = match (order, w.config().reclaim.is_some()) {
            (Order::ZERO, true) => "它回收页，直到有一个区高于 high；请求照常进行。".into(),
            (_, true) => format!("它回收页，直到凑出 {order} 阶的块。"),
            (Order::ZERO, false) => "它要把空闲页补到 high；本版还没有它的工作。".to_owned(),
            _ => format!("它要凑出 {order} 阶的块；本版还没有它的工作。"),
        };
        told(
            (format!("因为 {zone} 区，唤醒了节点 {node} 的 kswapd。"), &*why),
            (format!("因为 {zone} 区，唤醒节点 {node} 的 kswapd。"), &*why),
            format!("因为 {zone} 区唤醒节点 {node} 的 kswapd"),
        )
    }

    fn slow_path(_: &Words, flags: AllocFlags) -> Told {
        let high = flags.has(AllocFlags::MIN_RESERVE);
        let why = match (high, flags.has(AllocFlags::NON_BLOCK)) {
            (true, true) => "它很急又不能等，可用 min 的 5/8。",
            (true, false) => "它很急，可用 min 的一半。",
            (false, true) => "它不能等，又不能低于 min，只剩这一次。",
            (false, false) => "它可以等：之后能回收、规整，最后还能杀进程。",
        };
        told(
            ("各区都不高于 low，从这里起看 min。", why),
            ("各区都不高于 low，转入慢速路径，改看 min。", why),
            "转入慢速路径，改看 min",
        )
    }

    fn missing(_: &Words, what: NotModelled) -> Told {
        let (what, why) = match what {
            NotModelled::DirectCompact => ("直接规整", "它会把页挪到一起，凑出够大的块。"),
            NotModelled::DirectReclaim => ("直接回收", "任务自己会丢弃缓存页、写出脏页。"),
            NotModelled::OutOfMemory => {
                let why = "它会 panic；这里只让请求失败。";
                return told(
                    ("内核在这里找进程来杀，可一个进程也没有。", why),
                    ("内核接着找进程来杀，可一个进程也没有。", why),
                    "没有进程可杀",
                );
            }
        };
        let gap = gap(what);
        let after = if gap.is_empty() { "" } else { " " };
        told(
            (format!("内核在这里做{gap}{what}，本版还没有。"), why),
            (format!("内核接着做{gap}{what}，本版还没有。"), why),
            format!("{what}{after}还没有实现，什么也得不到"),
        )
    }

    fn reserve_highatomic(w: &Words, zone: ZoneId, pageblock: Block, reserved: u32, max: u32) -> Told {
        let (zone, block) = (w.zone(zone), w.span(pageblock));
        let why = format!("{zone} 区共留 {} 页，最多 {} 页。", num(reserved), num(max));
        told(
            (format!("把 pageblock {block} 留给紧急的高阶请求。"), &*why),
            (format!("要把 pageblock {block} 留给紧急的高阶请求。"), &*why),
            format!("pageblock {block} 改为 HIGHATOMIC"),
        )
    }

    fn unreserve_highatomic(w: &Words, pageblock: Block, to: MigrateType, free: u32) -> Told {
        let (block, to, free) = (w.span(pageblock), type_name(to), num(free));
        let why = "不然请求就要失败，这是最后的办法。";
        told(
            (format!("预留的 pageblock {block} 改为 {to}，空闲 {free} 页。"), why),
            (format!("把预留的 pageblock {block} 改为 {to}，空闲 {free} 页。"), why),
            format!("HIGHATOMIC pageblock {block} 改为 {to}"),
        )
    }

    fn isolate(w: &Words, pageblock: Block, from: MigrateType, free: u32) -> Told {
        let (block, from, free) = (frames(w, pageblock), type_name(from), num(free));
        let why = "空闲页挂到没人取的链上，不再算空闲。";
        told(
            (format!("隔离了 {from} pageblock {block}，空闲 {free} 页。"), why),
            (format!("隔离 {from} pageblock {block}，空闲 {free} 页。"), why),
            format!("已隔离 {block}"),
        )
    }

    fn isolate_refused(w: &Words, pageblock: Block, unmovable: Pfn) -> Told {
        let block = frames(w, pageblock);
        let why = format!("{} 号页框搬不走。", num(unmovable.0));
        told(
            (format!("pageblock {block}没能隔离。"), why.clone()),
            (format!("pageblock {block}隔离不了。"), why),
            format!("未隔离 {block}"),
        )
    }

    fn unisolate(w: &Words, pageblock: Block, to: MigrateType, free: u32) -> Told {
        let (block, to, free) = (frames(w, pageblock), type_name(to), num(free));
        let why = "它们又算空闲，可以分配。";
        told(
            (format!("{block}归还为 {to} pageblock，空闲 {free} 页。"), why),
            (format!("把 {block}归还为 {to} pageblock，空闲 {free} 页。"), why),
            format!("已归还 {block}"),
        )
    }

    fn diverged(w: &Words, zone: ZoneId, block: Block, predicted: Option<Pfn>) -> Told {
        let (zone, frames) = (w.zone(zone), frames(w, block));
        let why = match predicted {
            Some(pfn) => format!("按规则应是 {} 号页框；此后模型跟随内核。", num(pfn.0)),
            None => "按规则这次应失败；此后模型跟随内核。".into(),
        };
        told(
            (format!("真实内核拿的却是 {zone} 的 {frames}。"), why.clone()),
            (format!("真实内核要拿的却是 {zone} 的 {frames}。"), why),
            format!("分歧：{frames}"),
        )
    }

    fn written(w: &Words, write: &Sysctl) -> Told {
        let (file, value) = sysctl(w.config(), write);
        let why = match write {
            Sysctl::MinFreeKbytes(_) => "各区分摊它：水位和 CPU 上限都重算了。",
            Sysctl::WatermarkScaleFactor(_) => "min 到 low、high 的距离由它决定。",
            Sysctl::WatermarkBoostFactor(_) => "类型混杂时水位最多抬这么高，0 是不抬。",
            Sysctl::LowmemReserveRatio(_) => "保留量重算。",
            Sysctl::PercpuPagelistHighFraction(_) => "每个 CPU 能留多少页，重新算过。",
            Sysctl::OvercommitMemory(Overcommit::Guess) => "只拒绝比全部内存还大的请求。",
            Sysctl::OvercommitMemory(Overcommit::Always) => "要多少都许诺。",
            Sysctl::OvercommitMemory(Overcommit::Never) => "所有许诺加起来不超过上限。",
            Sysctl::PanicOnOom(0) => "内存耗尽时，杀一个进程。",
            Sysctl::PanicOnOom(_) => "内存耗尽时，内核 panic，谁也不杀。",
            Sysctl::OomKillAllocatingTask(0) => "内存耗尽时，杀得分最高的。",
            Sysctl::OomKillAllocatingTask(_) => "内存耗尽时，谁要内存就杀谁。",
            Sysctl::OvercommitRatio(_) => "模式 2 才用：内存的这么多可以许诺。",
            Sysctl::Swappiness(_) => "匿名页与文件页的权重之和是 200，匿名页占这么多。",
            Sysctl::DirtyRatio(_) => "脏页超过这个百分比，写的人就得等。",
            Sysctl::DirtyBackgroundRatio(_) => "脏页超过这个百分比，刷写线程就开工。",
            Sysctl::ZoneReclaimMode(0) => "一个节点不够，就由别的节点给。",
            Sysctl::ZoneReclaimMode(_) => "先收回近处节点的文件页，再去问远处的节点。",
            Sysctl::PageCluster(_) => "一次从 swap 读的页最多是 2 的这么多次方。",
        };
        told(
            (format!("已写 {file}：{value}。"), why),
            (format!("将写 {file}：{value}。"), why),
            format!("{file} = {value}"),
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

    fn workload_begins(w: &Words, workload: &Workload, first: &StepKind) -> Sentence {
        let name = w.name(workload.name);
        let first = match *first {
            StepKind::Request { order, .. } => {
                let size = wanted(order);
                format!("先要{}{size}。", gap(&size))
            }
            _ => "先释放一块。".into(),
        };
        let text = format!(
            "{name} 开始 {} 次随机操作，其中 {}% 是释放。",
            num(workload.actions),
            workload.free_percent
        );
        Sentence::from((text, first))
    }

    fn pool_free_begins(w: &Words, name: NameId, blocks: u32, first: Block) -> Sentence {
        let name = w.name(name);
        let text = match blocks {
            1 => format!("{name} 释放它仅有的一块。"),
            blocks => format!("{name} 逐块释放它的 {} 块内存。", num(blocks)),
        };
        Sentence::from((text, format!("先释放 {}。", frames(w, first))))
    }

    fn op_text(w: &Words, op: &Op) -> String {
        match op {
            Op::Kmem(_) | Op::Process(_) | Op::Segment(_) | Op::File(_) => {
                (parts::words().op_text)(Self::LANG, w, op)
            }
            Op::Alloc { order, .. } => {
                let size = wanted(*order);
                format!("要{}{size}", gap(&size))
            }
            Op::Free { .. } => "释放".into(),
            Op::Workload(Workload { actions, orders: (low, high), .. }) => {
                let orders = if low == high { format!("{low} 阶") } else { format!("{low} 到 {high} 阶") };
                format!("做 {} 次随机操作，{orders}", num(*actions))
            }
            Op::Drain => "每个 CPU 退回它的页".into(),
            Op::Isolate(pfn) => format!("隔离 {} 号页框的 pageblock", num(pfn.0)),
            Op::Unisolate(pfn, to) => {
                format!("把 {} 号页框的 pageblock 归还为 {}", num(pfn.0), type_name(*to))
            }
            Op::Recorded(Recorded::Alloc { order, .. }) => {
                let size = wanted(order.get());
                format!("记录：内核拿走{}{size}", gap(&size))
            }
            Op::Recorded(Recorded::Refill { .. }) => "记录：内核补充了 per-CPU 链表".into(),
            Op::Recorded(Recorded::Free { block, .. }) => {
                let size = wanted(block.order.get());
                format!("记录：内核退回{}{size}", gap(&size))
            }
            Op::Recorded(Recorded::Drain { .. }) => "记录：内核回收了 per-CPU 链表".into(),
            Op::Sysctl(write) => {
                let (file, value) = sysctl(w.config(), write);
                format!("向 {file} 写入 {value}")
            }
        }
    }
}

/// A space before a digit, none before a Chinese word.
fn gap(before: &str) -> &'static str {
    if before.starts_with(|c: char| c.is_ascii()) { " " } else { "" }
}

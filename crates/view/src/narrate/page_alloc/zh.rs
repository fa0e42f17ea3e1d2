//! 中文句子。

use mm::mmzone::ZoneId;
use mm::op::{NameId, Sysctl, Workload};
use mm::page::{Block, MigrateType};
use mm::replay::Recorded;
use mm::step::{NotModelled, Nothing, SkipReason, WatermarkVerdict};
use mm::util::Overcommit;
use mm::{AllocFlags, CpuId, Op, Order, Pfn, StepKind};

use super::super::words::type_name;
use super::super::zh::{Zh, frames, gap, list, this_op, wanted};
use super::super::{Sentence, Told, Words, num, told};
use super::{Moved, PcpList, Test, Voice, sysctl};

/// `CPU 0 的 MOVABLE 0 阶链表`, with its zone when there are several.
fn cpu_list(w: &Words, list: PcpList) -> String {
    let PcpList { zone, cpu, order, migratetype } = list;
    let of = w.zone_of_list(zone).map_or(String::new(), |zone| format!("{zone} 区 "));
    format!("CPU {} 的 {of}{} {order} 阶链表", cpu.0, type_name(migratetype))
}

impl Voice for Zh {
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

    fn too_large(_: &Words, order: u8) -> Told {
        let why = "最大的块是 10 阶：1024 个页框，4 MiB。";
        told(
            (format!("内核当场拒绝 {order} 阶的请求，返回 NULL。"), why),
            (format!("当场拒绝 {order} 阶的请求，链表都不必看。"), why),
            format!("拒绝 {order} 阶：最大是 10 阶"),
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
            Sysctl::VfsCachePressure(_) => "没人用的 dentry 和 inode，收缩器只看到这个百分比。",
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

    fn op_wants(w: &Words, op: &Op) -> String {
        match op {
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
            Op::Kmem(_)
            | Op::Process(_)
            | Op::Segment(_)
            | Op::File(_)
            | Op::Compact(_)
            | Op::Cma(_)
            | Op::Dma(_)
            | Op::Alloc { .. }
            | Op::Free { .. } => {
                unreachable!("they are told elsewhere")
            }
        }
    }
}

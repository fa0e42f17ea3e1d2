//! 关于内存回收的中文句子。

use mm::Pfn;
use mm::op::{FileOp, NameId};
use mm::process::ByteRange;
use mm::reclaim::balance::ScanBalance;
use mm::reclaim::{Batch, FileAdvice, Lru, SplitWhy, Verdict};
use mm::step::{Kept, ReclaimStep, Reclaimer};
use mm::xarray::SwapEntry;

use super::super::kmem::zh::bytes;
use super::super::process::{hex, join, pick};
use super::super::told;
use super::{
    Told, Words, anon_share, file_page, is_huge, num, scanned, seconds, slot, swap_is_full, swappiness,
};

/// `812 号页框`，地方够时还说它是文件的哪一页；`1,024 号页框起的大页`。
fn frame(w: &Words, pfn: Pfn) -> String {
    if is_huge(w, pfn) {
        return format!("{} 号页框起的大页", num(pfn.0));
    }
    match file_page(w, pfn).filter(|_| w.is_full()) {
        Some((file, index)) => format!("{} 号页框（{file} 第 {} 页）", num(pfn.0), num(index)),
        None => format!("{} 号页框", num(pfn.0)),
    }
}

/// `槽 37 到 548`
fn run_of_slots(w: &Words, first: SwapEntry, many: u16) -> String {
    let last = SwapEntry { offset: first.offset + u32::from(many.max(1)) - 1, ..first };
    format!("槽 {} 到 {}", slot(w, first), slot(w, last))
}

/// `槽 37`；大页的`槽 512 到 1,023`。
fn slots_of(w: &Words, pfn: Pfn, entry: SwapEntry) -> String {
    match is_huge(w, pfn) {
        true => run_of_slots(w, entry, 512),
        false => format!("槽 {}", slot(w, entry)),
    }
}

fn list(lru: Lru) -> &'static str {
    match lru {
        Lru::InactiveAnon => "不活跃匿名",
        Lru::ActiveAnon => "活跃匿名",
        Lru::InactiveFile => "不活跃文件",
        Lru::ActiveFile => "活跃文件",
        Lru::Unevictable => "不可回收",
    }
}

/// 这一批里的页在等什么。
fn waiting_for(batch: Batch) -> &'static str {
    match batch {
        Batch::Add => "新页",
        Batch::Rotate => "已写完",
        Batch::Deactivate => "待转不活跃",
        Batch::LazyFree => "可丢弃",
        Batch::Activate => "待转活跃",
    }
}

fn who(by: Reclaimer) -> &'static str {
    match by {
        Reclaimer::Kswapd(_) => "kswapd ",
        Reclaimer::Direct => "任务自己",
        Reclaimer::Madvise => "madvise ",
        Reclaimer::Group => "任务自己",
    }
}

/// `第 3 页`、`第 3 到 7 页`
fn run(first: u32, pages: u32) -> String {
    match pages {
        0 | 1 => format!("第 {} 页", num(first)),
        _ => format!("第 {} 到 {} 页", num(first), num(first + pages - 1)),
    }
}

/// `槽 3`、`槽 3 到 7`
fn slots(first: u32, many: u8) -> String {
    match many {
        0 | 1 => format!("槽 {}", num(first)),
        _ => format!("槽 {} 到 {}", num(first), num(first + u32::from(many) - 1)),
    }
}

pub(super) fn tell(w: &Words, step: &ReclaimStep) -> Told {
    use ReclaimStep as R;
    match *step {
        // 页怎样上链表，怎样在链表间移动。
        R::Batched { pfn, batch, cpu, waiting } => {
            let (frame, kind) = (frame(w, pfn), waiting_for(batch));
            let why = match (batch, waiting) {
                _ if is_huge(w, pfn) => "它有 512 页，这一批马上送上链表。",
                (_, 15) => "满了，马上送上链表。",
                (Batch::Activate, _) => "它被用了第二次。",
                _ => pick(w, "攒够 15 页只拿一次锁。", "15 页一起送。"),
            };
            told(
                (format!("{frame}在 CPU {cpu} 的{kind}批次里排队：{waiting}/15 页。"), why),
                (format!("让{}到 CPU {cpu} 的{kind}批次里排队。", spaced(&frame)), why),
                format!("{frame}排进{kind}批次，{waiting}/15"),
            )
        }
        R::Drained { cpu, batch, pages } => {
            let why = match batch {
                Batch::Add => "都放在表头，从表尾开始看。",
                Batch::Rotate => "放到表尾：已经干净，下一个就是它们。",
                Batch::Deactivate => "放到不活跃链表的表头，标记清掉。",
                Batch::LazyFree => "放进不活跃文件链表：像干净页一样丢掉，不用 swap。",
                Batch::Activate => "放到活跃链表的表头。",
            };
            told(
                (format!("CPU {cpu} 的一批 {pages} 页上了链表。"), why),
                (format!("把 CPU {cpu} 的一批 {pages} 页送上链表。"), why),
                format!("CPU {cpu}：{pages} 页上链表"),
            )
        }
        R::Referenced { pfn } => {
            let frame = frame(w, pfn);
            let why = "也许只用这一次；再用一次才转为活跃。";
            told(
                (format!("{frame}标上了 referenced。"), why),
                (format!("给{}标上 referenced。", spaced(&frame)), why),
                format!("{frame}：referenced"),
            )
        }
        R::Deactivated { pfn } => {
            let frame = frame(w, pfn);
            let why = "近期没人要用它。";
            told(
                (format!("{frame}转为不活跃。"), why),
                (format!("把{}转为不活跃。", spaced(&frame)), why),
                format!("{frame}：不活跃"),
            )
        }
        R::Evictable { pfn, may_go } => {
            let frame = frame(w, pfn);
            let (to, why) = if may_go {
                ("可回收的链表", "锁解开了，它和别的页一样可以收走。")
            } else {
                ("不可回收链表", "它被锁住了，扫描时不必白看它。")
            };
            told(
                (format!("{frame}移到了{to}。"), why),
                (format!("把{}移到{to}。", spaced(&frame)), why),
                format!("{frame}：{to}"),
            )
        }
        R::Cold { process, start, pages, pageout } => {
            let (p, from, all) = (w.name(process), hex(start), num(pages));
            let (what, why) = if pageout {
                ("现在就收走", "MADV_PAGEOUT 不问用没用过。")
            } else {
                ("算作没用过", "MADV_COLD：会早些收走。")
            };
            told(
                (format!("{p} 从 {from} 起的 {all} 页{what}。"), why),
                (format!("{p} 从 {from} 起 {all} 页要{what}。"), why),
                format!("{p} 的 {all} 页{what}"),
            )
        }
        // 读文件，以及手工丢弃。
        R::ReadHit { file, index, pfn } => {
            let (f, page, frame) = (w.name(file), num(index), num(pfn.0));
            let why = "它在页缓存里，不用等磁盘。";
            told(
                (format!("read 在 {frame} 号页框找到 {f} 第 {page} 页。"), why),
                (format!("read 会在 {frame} 号页框找到 {f} 第 {page} 页。"), why),
                format!("{f} 第 {page} 页在缓存里"),
            )
        }
        R::ReadAhead { file, index, start, pages, mark, missed } => {
            let (f, what, at) = (w.name(file), run(start, pages), num(index));
            let cause = match (missed, w.first_frame_only()) {
                (true, true) => "缺页".to_owned(),
                (true, false) => format!("第 {at} 页不在"),
                (false, true) => "碰到标记".into(),
                (false, false) => format!("第 {at} 页有预读标记"),
            };
            let why = match (mark.map(num), missed) {
                (Some(mark), _) if w.first_frame_only() => format!("下个标记在第 {mark} 页。"),
                (Some(mark), true) => format!("往后读的人会要它们；第 {mark} 页做标记。"),
                (Some(mark), false) => format!("赶在有人等之前；下个标记在第 {mark} 页。"),
                (None, _) if pages == 1 => "看不出会接着往下读。".into(),
                (None, _) => "只读到这里。".into(),
            };
            told(
                (format!("读 {f} {what}：{cause}。"), &*why),
                (format!("要读 {f} {what}：{cause}。"), &*why),
                format!("读 {f} {what}"),
            )
        }
        R::Refault { pfn, distance, size, activated, restored } => {
            let (frame, distance, size) = (frame(w, pfn), num(distance), num(size));
            let (text, why) = match (activated, restored) {
                (true, true) => ("马上活跃", format!("没超过竞争者 {size} 页：走早了，它原来就活跃。")),
                (true, false) => ("马上活跃", format!("没超过竞争者 {size} 页：它走早了。")),
                (false, _) => ("从不活跃开始", format!("超过 {size}：反正留不住。")),
            };
            told(
                (format!("{frame}回来了，距离 {distance}：{text}。"), why.clone()),
                (format!("{frame}回来，距离 {distance}：{text}。"), why),
                format!("{frame}回来，距离 {distance}"),
            )
        }
        R::Advised { file, ra_pages } => {
            let f = w.name(file);
            let (text, why) = match ra_pages {
                0 => (format!("{f} 从此不预读"), "程序说会东读一处、西读一处。"),
                most => (format!("{f} 从此一次最多读 {most} 页"), "程序说了它会怎样读。"),
            };
            told((format!("{text}。"), why), (format!("{text}。"), why), format!("{f}：预读 {ra_pages} 页"))
        }
        R::EndOfFile { file } => {
            let f = w.name(file);
            let why = "后面什么也没有。";
            told((format!("{f} 到此为止。"), why), (format!("{f} 到此为止。"), why), format!("{f} 到头了"))
        }
        R::NoPage { file } => {
            let f = w.name(file);
            let why = "谁的页都拿不走：调用返回 ENOMEM。";
            told(
                (format!("{f} 的页没有页框可放。"), why),
                (format!("{f} 的页没有页框可放。"), why),
                format!("{f} 没有页框"),
            )
        }
        R::Dropped { pages, kept } => {
            let all = num(pages);
            let why = match kept {
                0 => "都是干净的，也没人映射。".to_owned(),
                kept => format!("留下 {} 页：脏的、被映射的、在排队或回写的。", num(kept)),
            };
            told(
                (format!("丢掉了 {all} 页文件缓存。"), why.clone()),
                (format!("丢掉 {all} 页文件缓存。"), why),
                format!("丢掉 {all} 页文件缓存"),
            )
        }
        // 脏页，以及怎样写到磁盘。
        R::Dirtied { file, index, pfn, dirty } => {
            let (f, page) = (w.name(file), num(index));
            let frame = if w.is_full() { format!("（{} 号页框）", num(pfn.0)) } else { String::new() };
            let why = format!("磁盘以后才知道；脏页共 {}。", num(dirty));
            told(
                (format!("write 写脏了 {f} 第 {page} 页{frame}。"), why.clone()),
                (format!("write 要写脏 {f} 第 {page} 页{frame}。"), why),
                format!("{f} 第 {page} 页脏了"),
            )
        }
        R::Throttled { dirty, limit } => {
            let (dirty, limit) = (num(dirty), num(limit));
            let why = "写内存不能一直比磁盘快。";
            told(
                (format!("写的人得等：脏页有 {dirty}，超过 {limit}。"), why),
                (format!("让写的人等一等：脏页有 {dirty}，超过 {limit}。"), why),
                format!("写的人等待：脏页 {dirty}"),
            )
        }
        R::FlusherWoken { dirty, limit } => {
            let why = if dirty > limit {
                format!("脏页 {}，超过 {}。", num(dirty), num(limit))
            } else {
                "扫描碰到的全是脏页。".to_owned()
            };
            told(
                ("唤醒了刷写线程。", why.clone()),
                ("唤醒刷写线程。", why),
                format!("唤醒刷写线程：脏页 {}", num(dirty)),
            )
        }
        R::WriteBack { file, first, pages } => {
            let (f, what) = (w.name(file), run(first, pages));
            let why = "相邻的一起写；写完之前处于回写状态。";
            told(
                (format!("{f} {what}正送往磁盘。"), why),
                (format!("把 {f} {what}送往磁盘。"), why),
                format!("写 {f} {what}"),
            )
        }
        R::Written { first: _, pages, rotated } => {
            let all = num(pages);
            let why = match rotated {
                0 => "它们干净了。".to_owned(),
                rotated => format!("其中 {} 页等着走：放到表尾。", num(rotated)),
            };
            told(
                (format!("磁盘写完了 {all} 页。"), why.clone()),
                (format!("磁盘写完 {all} 页。"), why),
                format!("写完 {all} 页"),
            )
        }
        R::Synced { file, pages } => {
            let what = file.map_or("所有文件".into(), |file| format!("{} ", w.name(file)));
            let why = format!("先写了 {} 页。", num(pages));
            told(
                (format!("{what}都在磁盘上了。"), why.clone()),
                (format!("等{}都写到磁盘。", spaced(&what)), why),
                format!("同步：{} 页", num(pages)),
            )
        }
        R::Waited { ms } => {
            let time = seconds(ms);
            let why = "有事可做的守护线程接着做。";
            told((format!("过了 {time}。"), why), (format!("过 {time}。"), why), format!("过 {time}"))
        }
        // 换出与换入。
        R::AddedToSwap { pfn, entry } => {
            let (frame, slots) = (frame(w, pfn), slots_of(w, pfn, entry));
            let why = if is_huge(w, pfn) {
                "有连着的 512 个空槽：它能整个走。"
            } else {
                "它没有文件，内容只能放进 swap。"
            };
            told(
                (format!("{frame}得到 swap 的{slots}。"), why),
                (format!("给{} swap 的{slots}。", spaced(&frame)), why),
                format!("{frame}：{slots}"),
            )
        }
        R::Unmapped { pfn, process, address, entry } => {
            let (frame, p, at) = (num(pfn.0), w.name(process), hex(address));
            let (did, next, why) = match entry.map(|entry| slot(w, entry)) {
                Some(slot) if w.first_frame_only() => (
                    format!("{p} 的 {at} 从 {frame} 号页框改指槽 {slot}。"),
                    format!("{p} 的 {at} 从 {frame} 号页框改指槽 {slot}。"),
                    "下次访问会缺页。",
                ),
                Some(slot) => (
                    format!("{p} 在 {at} 的页表项改指槽 {slot}，不再指 {frame} 号页框。"),
                    format!("{p} 在 {at} 的页表项：从 {frame} 号页框改指槽 {slot}。"),
                    "下次访问会缺页。",
                ),
                None => (
                    format!("{p} 在 {at} 指向 {frame} 号页框的页表项清掉了。"),
                    format!("清掉 {p} 在 {at} 指向 {frame} 号页框的页表项。"),
                    "内容文件里有。",
                ),
            };
            told((did, why), (next, why), format!("{p} 解除 {frame} 号页框的映射"))
        }
        R::PagedOut { pfn, entry, at_once } => {
            let (frame, slots) = (frame(w, pfn), slots_of(w, pfn, entry));
            let (is, why) = if at_once {
                ("压缩进了", "zram 在内存里，不用等磁盘。")
            } else {
                ("正写往", "磁盘写完，它才能空闲。")
            };
            told(
                (format!("{frame}{is}{slots}。"), why),
                (format!("把{}写到{slots}。", spaced(&frame)), why),
                format!("{frame}写到{slots}"),
            )
        }
        R::HugeSplit { pfn, why } => {
            let pfn = num(pfn.0);
            let why = match why {
                SplitWhy::InPieces => "没有一项指向整个大页，有的页框也许没人用。",
                SplitWhy::NoCluster => "swap 拿不出连着的 512 个空槽。",
            };
            told(
                (format!("{pfn} 号页框起的大页不能整个走：先拆开。"), why),
                (format!("拆开 {pfn} 号页框起的大页：它不能整个走。"), why),
                format!("拆开 {pfn} 号页框起的大页"),
            )
        }
        R::HugeUnmapped { pfn: _, process, address, entry, pages } => {
            let (all, p, at) = (num(pages), w.name(process), hex(address));
            let (did, next, why) = match entry.map(|entry| run_of_slots(w, entry, pages)) {
                Some(slots) => (
                    format!("{p} 从 {at} 起 {all} 项改指{slots}。"),
                    format!("{p} 从 {at} 起 {all} 项要改指{slots}。"),
                    "访问就缺页。",
                ),
                None => (
                    format!("{p} 从 {at} 起的 {all} 项清掉了。"),
                    format!("清掉 {p} 从 {at} 起的 {all} 项。"),
                    "MADV_FREE 允许的，不用写出。",
                ),
            };
            told((did, why), (next, why), format!("{p} 解除 {all} 页的映射"))
        }
        R::DeferredSplit { pfn, used } => {
            let (pfn, used) = (num(pfn.0), num(used));
            let why = "内存紧张时才拆；没人用的那些还不空闲。";
            told(
                (format!("{pfn} 号页框起的大页只用着 {used}/512 页：排队等拆。"), why),
                (format!("让 {pfn} 号页框起的大页排队等拆：只用着 {used}/512 页。"), why),
                format!("{pfn} 号页框起的大页等着拆"),
            )
        }
        R::SwapCacheHit { pfn, entry, read_ahead } => {
            let (frame, slot) = (num(pfn.0), slot(w, entry));
            let why = if read_ahead {
                "随邻居预读进来的，不用等磁盘。"
            } else {
                "交换缓存里还有它，不用等磁盘。"
            };
            told(
                (format!("槽 {slot} 的页在内存里：{frame} 号页框。"), why),
                (format!("槽 {slot} 的页在内存里：{frame} 号页框。"), why),
                format!("槽 {slot} 在 {frame} 号页框"),
            )
        }
        R::SwapIn { entry, start, pages } => {
            let (slot, what) = (slot(w, entry), slots(start, pages));
            let why = match pages {
                1 => "只读它：之前预读的没人要。",
                _ => "一起换出的，也许会一起要。",
            };
            told(
                (format!("要槽 {slot}：读{what}。"), why),
                (format!("要槽 {slot}：将读{what}。"), why),
                format!("读{what}"),
            )
        }
        R::SwapRead { entry, pfn } => {
            let (slot, frame) = (slot(w, entry), num(pfn.0));
            let why = "槽里的副本留着：页不改，下次就不用再写。";
            told(
                (format!("槽 {slot} 读进了 {frame} 号页框。"), why),
                (format!("把槽 {slot} 读进 {frame} 号页框。"), why),
                format!("槽 {slot}：{frame} 号页框"),
            )
        }
        R::Swapped { process, address, pfn, entry, freed } => {
            let (p, at, frame, slot) = (w.name(process), hex(address), num(pfn.0), slot(w, entry));
            let why = if freed { "槽空出来了。" } else { "槽留着副本。" };
            let of = pick(w, " 在", " 的");
            let entry = pick(w, "的页表项", "");
            told(
                (format!("{p}{of} {at} {entry}从槽 {slot} 改回 {frame} 号页框。"), why),
                (format!("把 {p}{of} {at} {entry}从槽 {slot} 改回 {frame} 号页框。"), why),
                format!("{p} 的槽 {slot} 回到 {frame} 号页框"),
            )
        }
        // 一页的去留。
        R::Looked { pfn, ptes, referenced, verdict } => {
            let frame = frame(w, pfn);
            let (text, why) = match verdict {
                Verdict::Reclaim => ("可以走", "上次看过之后，没有页表项说它用过。".to_owned()),
                Verdict::ReclaimClean => ("干净就可以走", "只被 read 用过一次。".into()),
                Verdict::Keep => ("回到表头", "用过一次：再给一次机会。".into()),
                Verdict::Activate if ptes > 1 => ("转为活跃", format!("{ptes} 个页表项说它用过。")),
                Verdict::Activate if ptes == 0 => ("得留下", "有人锁住了它。".into()),
                Verdict::Activate if referenced => ("转为活跃", "有标记之后又用了一次。".into()),
                Verdict::Activate => ("转为活跃", "用过，而且是代码。".into()),
            };
            told(
                (format!("{frame}{text}。"), why.clone()),
                (format!("看看{}：{text}。", spaced(&frame)), why),
                format!("{frame}{text}"),
            )
        }
        R::Aged { pfn, stays } => {
            let frame = frame(w, pfn);
            let (text, why) = if stays {
                ("仍然活跃", "用过，而且是代码。")
            } else {
                ("转为不活跃", "不管用没用过：到不活跃链表上再看。")
            };
            told(
                (format!("{frame}{text}。"), why),
                (format!("{frame}要{text}。"), why),
                format!("{frame}{text}"),
            )
        }
        R::Kept { pfn, why } => {
            let frame = frame(w, pfn);
            let (text, why) = match why {
                Kept::Locked => ("正在读入", "读它的人锁着它。"),
                Kept::NoSwap => ("swap 没有空槽", "没有槽，内容就丢了。"),
                Kept::Dirty => ("它是脏的", "文件由刷写线程写，写完马上走。"),
                Kept::Writeback => ("正在回写", "磁盘写完它再走。"),
                Kept::Redirtied => ("其间又被写过", "它又是普通内存了。"),
                Kept::PagedOut => ("刚开始写", "磁盘写完它再走。"),
                Kept::Mlocked => ("锁在内存里", "它该待在不可回收链表。"),
                Kept::Pinned => ("它被钉住了", "钉住的大页拆不开。"),
            };
            told(
                (format!("{frame}留下：{text}。"), why),
                (format!("让{}留下：{text}。", spaced(&frame)), why),
                format!("{frame}留下：{text}"),
            )
        }
        R::Reclaimed { pfn, age } => {
            let frame = frame(w, pfn);
            let why = match age {
                Some(age) if is_huge(w, pfn) => {
                    format!("留下 512 个影子项，年龄 {}，回来时好比较。", num(age))
                }
                Some(age) => format!("留下影子项，年龄 {}，它回来时好比较。", num(age)),
                None => "MADV_FREE 允许的，内容不要了。".into(),
            };
            told(
                (format!("收走了{}。", spaced(&frame)), why.clone()),
                (format!("收走{}。", spaced(&frame)), why),
                format!("收走{}", spaced(&frame)),
            )
        }
        R::Isolated { node: _, lru, taken, skipped } => {
            let list = list(lru);
            let why = match skipped {
                0 => "表尾的待得最久。".to_owned(),
                skipped => format!("另有 {skipped} 页所在的区帮不上忙，放回表头。"),
            };
            told(
                (format!("从{list}链表的表尾取下 {taken} 页。"), why.clone()),
                (format!("从{list}链表的表尾取 {taken} 页。"), why),
                format!("{list}链表取下 {taken} 页"),
            )
        }
        R::Shrunk { node: _, lru, taken, gone, active } => {
            let list = list(lru);
            let (fate, why) = if lru.is_active() {
                ("转为不活跃", format!("仍然活跃的：{active} 页。"))
            } else {
                ("成了空闲页", format!("{active} 页转为活跃，其余放回表头。"))
            };
            told(
                (format!("{list}链表的 {taken} 页里，{gone} 页{fate}。"), why.clone()),
                (format!("{list}链表的 {taken} 页里，{gone} 页{fate}。"), why),
                format!("{list}：{taken} 页里 {gone} 页{fate}"),
            )
        }
        // 谁来找页，找得多狠，到什么时候。
        R::DirectReclaim { order } => {
            let why = "kswapd 来不及：任务自己干活，它的内存先等着。";
            let order = order.get();
            told(
                (format!("开始直接回收，为了 {order} 阶的块。"), why),
                (format!("直接回收，为了 {order} 阶的块。"), why),
                format!("直接回收，{order} 阶"),
            )
        }
        R::DirectReclaimed { reclaimed, priority } => {
            let why = match reclaimed {
                0 => "页都在用，或者没有地方可去。".to_owned(),
                _ => format!("优先级到了 {priority}；现在再试一次请求。"),
            };
            let all = num(reclaimed);
            told(
                (format!("任务自己回收了 {all} 页。"), why.clone()),
                (format!("任务自己回收了 {all} 页。"), why),
                format!("直接回收：{all} 页"),
            )
        }
        R::ScanCount { by, node, group, priority, balance, counts } => {
            let ([anon, file], who) = (scanned(counts), who(by));
            let amount = match [anon, file] {
                [0, 0] => "一页也不扫描".to_owned(),
                [anon, file] => format!("扫描 {} 个匿名页、{} 个文件页", num(anon), num(file)),
            };
            let amount = group
                .filter(|_| w.is_full())
                .map_or(amount.clone(), |group| join(&["在", &w.name(group), "里"]) + &amount);
            let why = match balance {
                ScanBalance::Equal => "别的都没用：所有链表，整个看。".to_owned(),
                ScanBalance::Anon => "文件页几乎没有了。".into(),
                ScanBalance::File if swap_is_full(w) => "swap 没有空位：只看文件。".into(),
                ScanBalance::File => "不活跃的文件页足够多。".into(),
                ScanBalance::Fract if anon + file == 0 => "这个优先级下链表太短。".into(),
                ScanBalance::Fract => match anon_share(w, node).filter(|_| w.is_full()) {
                    Some(share) => format!("swappiness {} 加上代价：匿名占 {share}%。", swappiness(w)),
                    None => format!("按 swappiness {} 和代价。", swappiness(w)),
                },
            };
            told(
                (format!("{who}在优先级 {priority} {amount}。"), why.clone()),
                (format!("{who}要在优先级 {priority} {amount}。"), why),
                format!("优先级 {priority}：{amount}"),
            )
        }
        R::SplitScan { node: _, group, priority, waiting, scan } => {
            let waiting = num(waiting);
            let whose = group.filter(|_| w.is_full()).map(|group| w.name(group));
            let whose = whose.map_or("有 ".to_owned(), |name| format!("{name} 有 "));
            let (text, why) = match scan {
                0 => ("一个也不看", "在这个优先级，份额不到一个。"),
                _ => ("现在就拆", "里面没人用的页框会归还。"),
            };
            let text = format!("{whose}{waiting} 个大页等着拆：优先级 {priority}，{text}。");
            told((text.clone(), why), (text, why), format!("{waiting} 个大页等着拆"))
        }
        R::Balance { node, balanced, priority } => {
            let (text, why) = match balanced {
                Some(zone) => {
                    (format!("kswapd 看到 {} 区高于 high。", w.zone(zone)), "有一个区够了就停。".to_owned())
                }
                None => (
                    format!("节点 {node} 没有一个区高于 high：kswapd 接着干。"),
                    format!("优先级 {priority}：每条链表的 1/{}。", 1u32 << priority.min(12)),
                ),
            };
            let brief = match balanced {
                Some(_) => "kswapd：够了".into(),
                None => format!("kswapd 接着干，优先级 {priority}"),
            };
            told((text.clone(), why.clone()), (text, why), brief)
        }
        R::KswapdSleeps { node, reclaimed, failures } => {
            let all = num(reclaimed);
            let why = if failures >= 16 {
                "连着 16 次一无所获：任务自己成功之前没人再叫它。"
            } else {
                "有区低于 low 时再叫醒它。"
            };
            told(
                (format!("节点 {node} 的 kswapd 睡了：它回收了 {all} 页。"), why),
                (format!("节点 {node} 的 kswapd 要睡了：它回收了 {all} 页。"), why),
                format!("kswapd 睡了，回收 {all} 页"),
            )
        }
        R::NodeReclaim { node, pages, least, enough } => {
            let why = format!("可以走的文件页有 {}，至少留 {}。", num(pages), num(least));
            let text = if enough {
                format!("节点 {node} 近：先收它的文件页，再问别的节点。")
            } else {
                format!("节点 {node} 的文件页太少，收不了。")
            };
            let brief = if enough { "先收自己的文件页" } else { "文件页太少" };
            told((text.clone(), why.clone()), (text, why), format!("节点 {node}：{brief}"))
        }
        R::NodeReclaimed { node, reclaimed } => {
            let all = num(reclaimed);
            let why = "现在再量一次这个区。";
            told(
                (format!("节点 {node} 走了 {all} 页。"), why),
                (format!("节点 {node} 要走 {all} 页。"), why),
                format!("节点 {node} 走 {all} 页"),
            )
        }
        R::Retry { order: _, zone, no_progress } => {
            let (text, why) = match zone {
                Some(zone) => ("值得再来一轮", format!("能走的都走，{} 区就够了。", w.zone(zone))),
                None if no_progress > 16 => ("不再试了", "连着 16 轮一无所获。".into()),
                None => ("不再试了", "能走的都走也不够。".into()),
            };
            told((format!("{text}。"), why.clone()), (format!("{text}。"), why), text)
        }
        R::GroupMade { .. }
        | R::GroupJoined { .. }
        | R::GroupLimit { .. }
        | R::GroupOver { .. }
        | R::GroupDrained { .. }
        | R::GroupReclaimed { .. }
        | R::GroupRetried { .. }
        | R::GroupRefused { .. } => super::group_zh::tell(w, step),
    }
}

/// 夹在汉字中间：数字、字母两边空一格。
fn spaced(words: &str) -> String {
    let ascii = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let before = if ascii(words.chars().next()) { " " } else { "" };
    let after = if ascii(words.chars().next_back()) { " " } else { "" };
    format!("{before}{words}{after}")
}

/// `log`、`log 的 64 KiB`
fn part(w: &Words, file: NameId, range: Option<ByteRange>) -> String {
    let f = w.name(file);
    match range {
        None => f.into_owned(),
        Some(ByteRange { from: 0, to }) => format!("{f} 的 {}", bytes(to)),
        Some(ByteRange { from, to }) => {
            format!("{f} 里 {} 后的 {}", bytes(from), bytes(to.saturating_sub(from)))
        }
    }
}

pub(super) fn op_text(w: &Words, op: &FileOp) -> String {
    match *op {
        FileOp::Read { file, bytes, .. } => format!("程序读 {}", part(w, file, bytes)),
        FileOp::Write { file, bytes, .. } => format!("程序写 {}", part(w, file, bytes)),
        FileOp::Sync { file: Some(file) } => format!("把 {} 写到磁盘", w.name(file)),
        FileOp::Sync { file: None } => "把所有脏页写到磁盘".into(),
        FileOp::Advise { file, advice } => {
            let f = w.name(file);
            match advice {
                FileAdvice::Normal => format!("{f} 照常读"),
                FileAdvice::Sequential => format!("{f} 会按顺序读"),
                FileAdvice::Random => format!("{f} 会随机读"),
                FileAdvice::DontNeed => format!("{f} 不再需要"),
            }
        }
        FileOp::DropCaches { what: 1 } => "丢掉干净的文件页".into(),
        FileOp::DropCaches { .. } => "丢掉能再得到的一切".into(),
        FileOp::Wait { ms } => format!("过 {}", seconds(ms)),
        FileOp::Group { .. } | FileOp::GroupMax { .. } => super::group_zh::op_text(w, op),
    }
}

//! 关于进程的中文句子。

use mm::op::{NameId, ProcessOp};
use mm::process::{Access, Advice, At, ByteRange, Prot, Rlimits};
use mm::step::{ProcessStep, Refusal, Signal};
use mm::units::Vaddr;
use mm::{NrPages, Pfn};

use super::super::kmem::zh::bytes;
use super::super::told;
use super::{
    Told, Words, between, bytes_of, call, errno, error_bits, hex, kib, level_name, num, pick, reach,
};

/// `2560 页（10 MiB）`，地方不够时只说 `2560 页` 或 `10 MiB`。
fn amount(w: &Words, pages: NrPages) -> String {
    if w.first_frame_only() {
        return bytes_of(pages);
    }
    let size = if w.is_full() { format!("（{}）", bytes_of(pages)) } else { String::new() };
    format!("{}{size}", count(pages))
}

/// 后面接汉字：字母后面空一格。
fn spaced(amount: &str) -> String {
    let gap = if amount.ends_with('B') { " " } else { "" };
    format!("{amount}{gap}")
}

fn count(pages: NrPages) -> String {
    format!("{} 页", num(pages.0))
}

/// `2560 页`，地方很不够时说 `10 MiB`。
fn number(w: &Words, pages: NrPages) -> String {
    if w.first_frame_only() { bytes_of(pages) } else { count(pages) }
}

fn frame(pfn: Pfn) -> String {
    format!("{} 号页框", num(pfn.0))
}

/// `可读可写`
fn rights(prot: Prot) -> String {
    let all = [(prot.read, "可读"), (prot.write, "可写"), (prot.exec, "可执行")];
    let may: Vec<&str> = all.into_iter().filter(|(may, _)| *may).map(|(_, what)| what).collect();
    match may[..] {
        [] => "不可访问".into(),
        [only] => format!("只{only}"),
        _ => may.concat(),
    }
}

fn verb(access: Access) -> &'static str {
    match access {
        Access::Read => "读",
        Access::Write => "写",
        Access::Exec => "执行",
    }
}

pub(super) fn process(w: &Words, process: NameId, step: &ProcessStep) -> Told {
    let p = w.name(process);
    let whose = if w.first_frame_only() { String::new() } else { format!("{p} 的 ") };
    match *step {
        ProcessStep::File { pages, cached } => {
            let size = spaced(&amount(w, pages));
            let why = match cached.0 {
                0 => "它在磁盘上，内存里还没有它的页。".to_owned(),
                cached if cached == pages.0 => "它已全在页缓存里，读它不用等磁盘。".into(),
                cached => format!("其中 {} 页在页缓存里，其余在磁盘上。", num(cached)),
            };
            told(
                (format!("{p} 是一个 {size}的文件。"), why.clone()),
                (format!("建一个 {size}的文件，叫 {p}。"), why),
                format!("{p}：{}的文件", count(pages)),
            )
        }
        ProcessStep::Exec { pgd, stack, top } => {
            let size = between(stack, top);
            let stack = if w.first_frame_only() { "栈".into() } else { format!("{size} 的栈") };
            let (pgd, top) = (frame(pgd), hex(top));
            told(
                (
                    format!("{p} 有了地址空间：PGD 是 {pgd}，{stack}到 {top} 为止。"),
                    pick(w, "其余地址都空着，一页也没有。", "还没有页。"),
                ),
                (
                    format!("给 {p} 建地址空间：{pgd}做 PGD，{stack}到 {top} 为止。"),
                    pick(w, "每个进程有自己的页表。", "页表归它自己。"),
                ),
                format!("{p} 有了地址空间，PGD 是 {pgd}"),
            )
        }
        ProcessStep::NoExec => {
            let why = "没有页表，处理器一个地址也翻译不了。";
            told(
                (format!("{p} 没能启动：没有页框做 PGD。"), why),
                (format!("放弃启动 {p}：没有页框做 PGD。"), why),
                format!("{p} 没能启动：没有页框做 PGD"),
            )
        }
        ProcessStep::Mapped { start, pages, merged, total } => {
            let (size, from, vsz) = (amount(w, pages), hex(start), kib(w, total));
            let by = call(w).map_or("内核".into(), |call| format!("{call} "));
            let to = if w.first_frame_only() { "许出去".into() } else { format!("许给 {p}") };
            let why = match (merged, w.is_full()) {
                (true, true) => "并入邻区，不占页。",
                (false, true) => "只许诺，不占页。",
                (_, false) => "不占页。",
            };
            told(
                (format!("{by}把 {from} 起的 {}{to}，VSZ 为 {vsz}。", spaced(&size)), why),
                (
                    format!("把 {from} 起的 {}{to}：VSZ 变为 {vsz}。", spaced(&size)),
                    "只给地址，访问时才给页。",
                ),
                format!("把 {from} 起的 {}许给 {p}", count(pages)),
            )
        }
        ProcessStep::Refused { why } => refused(w, &p, why),
        ProcessStep::Unmapped { start, pages, present, tables, total } => {
            let (size, from, vsz) = (amount(w, pages), hex(start), kib(w, total));
            let present = num(present.0);
            let who = if w.first_frame_only() { String::new() } else { format!("{p} ") };
            let why = if w.is_full() && tables > 0 {
                let tables = num(tables);
                format!("{present} 页有页框，{tables} 张页表空了。")
            } else {
                format!("{present} 页有页框。")
            };
            told(
                (format!("{who}交还 {from} 起的 {size}：VSZ 降到 {vsz}。"), why.clone()),
                (format!("收回 {from} 起的 {size}：VSZ 变为 {vsz}。"), why),
                format!("{p} 交还 {from} 起的 {}", count(pages)),
            )
        }
        ProcessStep::LazyFreed { start, pages, present } => {
            let (of, from, present) = (spaced(&number(w, pages)), hex(start), num(present.0));
            let why = pick(w, "收走以前还算在 RSS 里；再写过的页就留下。", "尚未收走。");
            told(
                (format!("{p} 的 {from} 起的 {of}可随时收走，{present} 页在。"), why),
                (format!("{p} 的 {from} 起的 {of}将可收走，{present} 页在。"), why),
                format!("{p} 的 {from} 起的 {of}可以收走"),
            )
        }
        ProcessStep::DontNeed { start, pages, present } => {
            let (of, from, present) = (number(w, pages), hex(start), num(present.0));
            let why = pick(w, "地址还在；再访问时是零，或是文件的内容。", "地址还在。");
            told(
                (format!("{p} 不要 {from} 起 {}的内容了，其中 {present} 页在。", spaced(&of)), why),
                (format!("丢掉 {p} 从 {from} 起的 {of}，其中 {present} 页在。"), why),
                format!("{p} 不要 {from} 起的 {of}"),
            )
        }
        ProcessStep::Protected { start, pages, prot, areas } => {
            let (of, from, may) = (spaced(&amount(w, pages)), hex(start), rights(prot));
            let areas = num(areas);
            let why = if w.is_full() {
                format!("一个区域一种权限，可能要切开：{p} 有 {areas} 个区域。")
            } else {
                format!("{p} 有 {areas} 个区域。")
            };
            told(
                (format!("{from} 起的 {of}现在{may}。"), why.clone()),
                (format!("把 {from} 起的 {of}改成{may}。"), why),
                format!("{from} 起的 {}{may}", count(pages)),
            )
        }
        ProcessStep::Flush { pages: Some(pages) } => {
            let pages = count(pages);
            let why = "不然处理器还会照旧翻译。";
            told(
                (format!("TLB 里 {p} 的 {pages}翻译作废了。"), why),
                (format!("让 TLB 里 {p} 的 {pages}翻译作废。"), why),
                format!("TLB 里 {p} 的 {pages}翻译作废"),
            )
        }
        ProcessStep::Flush { pages: None } => {
            let why = "一次全刷，比一页一页刷快。";
            told(
                (format!("TLB 里 {p} 的翻译全部作废了。"), why),
                (format!("让 TLB 里 {p} 的翻译全部作废。"), why),
                format!("TLB 里 {p} 的翻译全部作废"),
            )
        }
        ProcessStep::Present { address, pages, access } => {
            let verb = verb(access);
            let at = match pages.0 {
                1 => format!("{} 那一页", hex(address)),
                _ => format!("{} 起的 {}", hex(address), number(w, pages)),
            };
            let why = pick(w, "页表里写着：没有缺页，内核毫不知情。", "没有缺页，内核不知情。");
            told(
                (format!("{p} {verb}了 {at}：处理器自己找到了。"), why),
                (format!("{p} {verb} {at}：处理器自己找得到。"), why),
                format!("{p} {verb} {at}，没有缺页"),
            )
        }
        ProcessStep::Fault { address, access, error_code } => {
            let (at, verb) = (hex(address), verb(access));
            let (bits, there) = error_bits(w, error_code, ["（权限）", "（写）", "（用户态）", "（取指令）"]);
            let found = if there { "页表项不允许" } else { "那里没有页" };
            let why = match &bits[..] {
                [] => format!("错误码 0：{found}。"),
                [only] => format!("错误码 {only}：{found}。"),
                _ => format!("错误码 {error_code} = {}：{found}。", bits.join("+ ")),
            };
            told(
                (format!("{p} 要{verb} {at}，发生缺页异常。"), why.clone()),
                (format!("{p} {verb} {at}：缺页异常。"), why),
                format!("缺页异常：{p} {verb} {at}，错误码 {error_code}"),
            )
        }
        ProcessStep::Area { start, end } => {
            let (start, end) = (hex(start), hex(end));
            let why = "不是程序出错，是许诺该兑现了。";
            told(
                (format!("地址在 {start} 到 {end} 的区域里，这样做是允许的。"), why),
                (format!("查找地址所在的区域：{start} 到 {end}，允许。"), why),
                format!("地址在 {start} 到 {end} 的区域里"),
            )
        }
        ProcessStep::StackGrows { start, by, total } => {
            let (by, start, vsz) = (amount(w, by), hex(start), kib(w, total));
            let why = pick(w, "不用申请，碰到就长。", "碰到就长。");
            told(
                (format!("{p} 的栈向下长了 {by}，到 {start}：VSZ 升到 {vsz}。"), why),
                (format!("让 {p} 的栈向下长 {by}，到 {start}：VSZ 变为 {vsz}。"), why),
                format!("{p} 的栈长到 {start}"),
            )
        }
        ProcessStep::Table { level, pfn, from, tables } => {
            let reach = reach(w, level);
            let (level, pfn, from, tables) = (level_name(level), frame(pfn), hex(from), kib(w, tables));
            let why = match (reach, w.is_full()) {
                (Some(reach), true) => format!("一张管 {reach}；{p} 的页表共 {tables}。"),
                _ => format!("页表共 {tables}。"),
            };
            told(
                (format!("{pfn}成了页表（{level}），管 {from} 起的地址。"), why.clone()),
                (format!("拿 {pfn}做页表（{level}），管 {from} 起的地址。"), why),
                format!("{pfn}做页表（{level}）"),
            )
        }
        ProcessStep::ZeroPage { address, pfn } => {
            let (at, pfn) = (hex(address), frame(pfn));
            let why = "只读没写：它不算进谁的 RSS。";
            told(
                (format!("大家共用的零页（{pfn}）映射到了 {at}。"), why),
                (format!("把大家共用的零页（{pfn}）映射到 {at}。"), why),
                format!("零页映射到 {at}"),
            )
        }
        ProcessStep::AnonPage { address, pfn, rss } => {
            let (at, pfn, rss) = (hex(address), frame(pfn), kib(w, rss));
            let why = pick(w, "清零，免得露出别人的旧数据。", "免得露出旧数据。");
            told(
                (format!("{pfn}清零后映射到 {at}：{whose}RSS 升到 {rss}。"), why),
                (format!("把 {pfn}清零，映射到 {at}：{whose}RSS 变为 {rss}。"), why),
                format!("{pfn}清零，映射到 {at}"),
            )
        }
        ProcessStep::CacheMiss { file, index, first, pages } => {
            let (file, page) = (w.name(file), num(index + 1));
            let (read, why) = match pages {
                0 | 1 => ("从磁盘读它".to_owned(), format!("主缺页：{p} 要等磁盘。")),
                _ if w.first_frame_only() => {
                    (format!("从磁盘读 {} 页", num(pages)), "主缺页，带预读。".into())
                }
                _ => (
                    format!("从磁盘读第 {} 到 {} 页", num(first + 1), num(first + pages)),
                    format!("主缺页：{p} 要等磁盘，所以顺便预读。"),
                ),
            };
            told(
                (format!("{file} 的第 {page} 页不在内存里：{read}。"), why.clone()),
                (format!("{file} 的第 {page} 页不在内存里：要{read}。"), why),
                format!("{file} 的第 {page} 页要从磁盘读"),
            )
        }
        ProcessStep::Cached { file, index, pfn } => {
            let (file, page, pfn) = (w.name(file), num(index + 1), frame(pfn));
            let why = "以后谁要它，都不用等磁盘。";
            told(
                (format!("{pfn}装着 {file} 的第 {page} 页，进了页缓存。"), why),
                (format!("把 {file} 的第 {page} 页放进页缓存，用 {pfn}。"), why),
                format!("{file} 的第 {page} 页缓存在 {pfn}"),
            )
        }
        ProcessStep::FaultAround { address, mapped, rss } => {
            let (of, at, rss) = (num(mapped), hex(address), kib(w, rss));
            let why = pick(w, "反正在页缓存里，省得一页页地缺页。", "省得一页页地缺页。");
            told(
                (format!("一次映射了文件的 {of} 页，从 {at} 起：{whose}RSS 升到 {rss}。"), why),
                (format!("一次映射文件的 {of} 页，从 {at} 起：{whose}RSS 变为 {rss}。"), why),
                format!("从 {at} 起映射文件的 {of} 页"),
            )
        }
        ProcessStep::FilePage { address, pfn, shared, rss } => {
            let (at, pfn, rss) = (hex(address), frame(pfn), kib(w, rss));
            let why = if shared {
                pick(w, "大家共用它，写的都进文件。", "大家共用。")
            } else {
                pick(w, "它还是文件的，要写就得复制。", "要写就得复制。")
            };
            told(
                (format!("文件页 {pfn}映射到了 {at}：{whose}RSS 升到 {rss}。"), why),
                (format!("把文件页 {pfn}映射到 {at}：{whose}RSS 变为 {rss}。"), why),
                format!("文件页 {pfn}映射到 {at}"),
            )
        }
        ProcessStep::Copied { address, from, to, rss } => {
            let (at, from, to, rss) = (hex(address), frame(from), num(to.0), kib(w, rss));
            let why = pick(w, "写时复制：别人看到的旧页不变。", "写时复制。");
            told(
                (format!("{from}复制到 {to} 号，映射在 {at}：RSS 为 {rss}。"), why),
                (format!("把 {from}复制到 {to} 号，映射在 {at}：RSS 变为 {rss}。"), why),
                format!("{from}复制到 {to} 号，映射在 {at}"),
            )
        }
        ProcessStep::Reused { address, pfn } => {
            let (at, pfn) = (hex(address), frame(pfn));
            let why = "别人都不用它了，复制是浪费。";
            told(
                (format!("{p} 直接写 {at} 的 {pfn}，没有复制。"), why),
                (format!("让 {p} 直接写 {at} 的 {pfn}，不复制。"), why),
                format!("{at} 的 {pfn}不复制，直接写"),
            )
        }
        ProcessStep::MadeWritable { address, pfn } => {
            let (at, pfn) = (hex(address), frame(pfn));
            let why = "共享的页不复制，内核只记下它脏了。";
            told(
                (format!("{p} 从此可以写 {at} 的 {pfn}。"), why),
                (format!("允许 {p} 写 {at} 的 {pfn}。"), why),
                format!("{at} 的 {pfn}可写了"),
            )
        }
        ProcessStep::Resolved { address, major, minor } => {
            let (at, minor) = (hex(address), num(minor));
            let (kind, why) = if major {
                ("主缺页", format!("等了磁盘。次缺页至今 {minor} 次。"))
            } else {
                ("次缺页", format!("没用到磁盘。次缺页至今 {minor} 次。"))
            };
            told(
                (format!("{at} 的{kind}处理完了，{p} 再试一次。"), why.clone()),
                (format!("结束 {at} 的{kind}，{p} 再试一次。"), why),
                format!("{at} 的{kind}处理完了"),
            )
        }
        ProcessStep::NoMemory { address } => {
            let at = hex(address);
            let why = pick(w, "许诺的比有的多，又没有谁能杀。", "许诺的比有的多。");
            told(
                (format!("{at} 没有页框可用，{p} 走不下去了。"), why),
                (format!("{at} 找不到页框，{p} 走不下去。"), why),
                format!("{at} 没有页框，{p} 走不下去"),
            )
        }
        ProcessStep::Killed { address, signal } => killed(w, &p, address, signal),
        ProcessStep::Forked { child, areas, total } => {
            let (child, areas, vsz) = (w.name(child), num(areas), kib(w, total));
            let why = pick(w, "地址马上照抄，页等有人写才复制。", "页等有人写才复制。");
            told(
                (format!("{child} 有了 {p} 的 {areas} 个区域，VSZ 都是 {vsz}。"), why),
                (format!("把 {p} 的 {areas} 个区域也给 {child}，VSZ 都是 {vsz}。"), why),
                format!("{child} 有了 {p} 的 {areas} 个区域"),
            )
        }
        ProcessStep::CopiedArea { child, start, shared } => {
            let (child, start, pages) = (w.name(child), hex(start), number(w, shared));
            let why = match shared.0 {
                0 => "那里还没人碰过，没有页可以共用。",
                _ => pick(w, "私有的页都改成只读：谁先写，谁复制。", "谁先写，谁复制。"),
            };
            told(
                (format!("{p} 和 {child} 在 {start} 的区域里共用 {pages}。"), why),
                (format!("让 {p} 和 {child} 在 {start} 的区域里共用 {pages}。"), why),
                format!("{p} 和 {child} 在 {start} 共用 {pages}"),
            )
        }
        ProcessStep::LeftOut { child, start, present } => {
            let (child, start, pages) = (w.name(child), hex(start), count(present));
            let why = pick(w, "文件里找得回来，缺页比抄页表项省。", "文件里找得回来。");
            told(
                (format!("{start} 的区域跳过了 {pages}，{child} 没有映射它们。"), why),
                (format!("跳过 {start} 的区域里的 {pages}，{child} 不映射它们。"), why),
                format!("{start} 的区域跳过 {pages}"),
            )
        }
        ProcessStep::Locked { start, pages, locked, total } => {
            let who = if w.first_frame_only() { String::new() } else { format!("{p} ") };
            let (of, from, all) = (number(w, pages), hex(start), kib(w, total));
            if locked {
                let why = pick(w, "不许离开内存，所以马上都要来。", "马上都要来。");
                return told(
                    (format!("{who}锁住 {from} 起的 {of}：VmLck 为 {all}。"), why),
                    (format!("锁住 {from} 起的 {of}：VmLck 变为 {all}。"), why),
                    format!("{p} 锁住 {from} 起的 {of}"),
                );
            }
            let why = "页暂时还在，以后可以走。";
            told(
                (format!("{who}解锁 {from} 起的 {of}：VmLck 为 {all}。"), why),
                (format!("解锁 {from} 起的 {of}：VmLck 变为 {all}。"), why),
                format!("{p} 解锁 {from} 起的 {of}"),
            )
        }
        ProcessStep::Cpuset(step) => super::cpuset::tell_zh(w, &p, step),
        ProcessStep::PolicySet { policy, area } => super::numa::set_zh(w, &p, policy, area),
        ProcessStep::Placed { policy, node, by_area, index } => {
            super::numa::placed_zh(&p, policy, node, by_area, index)
        }
        ProcessStep::Malloc(ref step) => super::malloc::zh(w, &p, step),
        ProcessStep::Huge(ref step) => super::khugepaged::zh(w, step),
        ProcessStep::Remapped { start, to, old, new, moved, whole, total } => {
            let (from, at, vsz) = (hex(start), hex(to), kib(w, total));
            let (before, now) = (spaced(&number(w, old)), number(w, new));
            if start == to {
                let why = "只移动末尾。";
                return told(
                    (format!("{from} 的区域由 {before}变成 {now}：VSZ 为 {vsz}。"), why),
                    (format!("让 {from} 的区域变成 {now}：VSZ 变为 {vsz}。"), why),
                    format!("{from} 的区域变成 {}", count(new)),
                );
            }
            let why = match moved.0 {
                0 => "没有页，只换地址。".to_owned(),
                _ if whole > 0 && w.first_frame_only() => "整张页表搬走。".into(),
                _ if w.first_frame_only() => "没复制页。".into(),
                moved if whole > 0 => {
                    format!("搬 {} 项，{} 张整表。", num(moved), num(whole))
                }
                moved => format!("搬了 {} 个页表项，没复制页。", num(moved)),
            };
            told(
                (format!("区域从 {from} 搬到了 {at}：VSZ 为 {vsz}。"), why.clone()),
                (format!("把区域从 {from} 搬到 {at}：VSZ 变为 {vsz}。"), why),
                format!("区域从 {from} 搬到 {at}"),
            )
        }
        // Told in a file of their own.
        ProcessStep::HugePage { .. }
        | ProcessStep::HugeZeroPage { .. }
        | ProcessStep::HugeFallback { .. }
        | ProcessStep::HugeReused { .. }
        | ProcessStep::SplitPmd { .. }
        | ProcessStep::SplitPage { .. }
        | ProcessStep::PoolGrows { .. }
        | ProcessStep::PoolSized { .. }
        | ProcessStep::HugetlbPage { .. }
        | ProcessStep::HugetlbCopied { .. }
        | ProcessStep::PoolBack { .. }
        | ProcessStep::PoolEmpty { .. }
        | ProcessStep::HugeAdvised { .. } => unreachable!("huge pages are told elsewhere"),
        ProcessStep::StackReused { .. }
        | ProcessStep::ThreadStarted { .. }
        | ProcessStep::ThreadExited { .. }
        | ProcessStep::ThreadMoved { .. }
        | ProcessStep::LockedAll { .. } => unreachable!("threads are told elsewhere"),
        ProcessStep::Exited { freed } => {
            let freed = amount(w, freed);
            let why = "区域和页表没了，别人共用的页还在。";
            told(
                (format!("{p} 结束了，归还了 {freed}。"), why),
                (format!("结束 {p}，收回 {freed}。"), why),
                format!("{p} 结束，归还 {freed}"),
            )
        }
    }
}

/// 内核拒绝。
fn refused(w: &Words, p: &str, why: Refusal) -> Told {
    let (what, because): (String, &str) = match why {
        Refusal::Empty => ("长度不能是 0".into(), "一个区域至少有一页。"),
        Refusal::NoGap => ("没有这么长的空隙".into(), "地址要连成一片，页框倒不必。"),
        Refusal::Overcommit { pages, most } => (
            format!("再许诺 {}就超过{} {}", spaced(&number(w, pages)), pick(w, "上限", ""), number(w, most)),
            pick(w, "超量使用：许诺过的，总有要兑现的时候。", "超量使用。"),
        ),
        Refusal::AddressSpaceLimit => ("地址空间会超过 RLIMIT_AS".into(), "它限的是地址，不管有没有页。"),
        Refusal::TooMany => (
            "区域太多了".into(),
            pick(w, "每个区域都占内核内存，见 vm.max_map_count。", "区域也占内核内存。"),
        ),
        Refusal::Heap => ("堆不能到那里".into(), "会撞上别的区域，或者退到起点以下。"),
        Refusal::NoHugePages { pages, available } => (
            format!("要 {} 个大页，只剩 {} 个", num(pages), num(available)),
            pick(w, "池里有多少，才许诺多少。", "有多少许多少。"),
        ),
        Refusal::Pooled => {
            ("里面有大页池的页".into(), pick(w, "它们整个来、整个走，一次 2 MiB。", "要走就整个走。"))
        }
        Refusal::NotAnonymous => ("里面有文件映射".into(), "文件的内容不能这样放弃：它在文件里。"),
        Refusal::NotAFile => (
            "文件不能这样映射".into(),
            pick(w, "要共享着写，得以可写方式打开；不是文件则是 ENODEV。", "要共享着写，得以可写方式打开。"),
        ),
        Refusal::Hole => ("有一段不在任何区域里".into(), "空洞前面的照样做了。"),
        Refusal::LockForbidden => ("它什么也不许锁".into(), "RLIMIT_MEMLOCK 是 0。"),
        Refusal::LockLimit { pages, most } | Refusal::LockAgain { pages, most } => (
            format!("要锁 {}，只许 {}", number(w, pages), number(w, most)),
            pick(w, "RLIMIT_MEMLOCK 限的是地址。", "超过上限。"),
        ),
        Refusal::IsLocked => ("里面有锁住的".into(), "锁住的不能放弃。"),
        Refusal::NotMapped => ("不全在一个区域里".into(), "一次只能重映射一个区域。"),
        Refusal::NoNodes => ("这些节点都没有它能用的内存".into(), "那样一页也要不到。"),
        Refusal::NoTable => ("没有页框做页表".into(), "页表也是要占内存的。"),
    };
    let errno = errno(why);
    match call(w) {
        Some(call) => told(
            (format!("{p} 的 {call} 返回了 {errno}：{what}。"), because),
            (format!("{p} 的 {call} 将返回 {errno}：{what}。"), because),
            format!("{p} 的 {call} 返回 {errno}"),
        ),
        None => told(
            (format!("内核回绝了 {p}，{errno}：{what}。"), because),
            (format!("回绝 {p}，{errno}：{what}。"), because),
            format!("回绝 {p}：{errno}"),
        ),
    }
}

/// 信号结束了进程。
fn killed(w: &Words, p: &str, address: Vaddr, signal: Signal) -> Told {
    let (what, why) = match signal {
        Signal::NoArea if address.0 < 4096 => ("那里没有区域", "空指针：最低处故意不映射，错误才会露出来。"),
        Signal::NoArea => ("那里没有区域", "没有谁得到过这个地址：野指针。"),
        Signal::NotAllowed => ("区域不允许", "权限是区域的，不管那里有什么页。"),
        Signal::StackLimit => ("栈到了上限", "RLIMIT_STACK 挡住无穷递归。"),
        Signal::StackGuard => ("栈离别的区域太近", "下面总留一段间隙，免得互相踩坏。"),
        Signal::AddressSpaceLimit => ("栈长不了", "地址空间会超过 RLIMIT_AS。"),
        Signal::LockLimit => ("栈长不了", "它锁着，会超过 RLIMIT_MEMLOCK。"),
        Signal::NotCanonical => ("进程没有这样的地址", "它在进程的地址范围之外。"),
        Signal::NoHugePage => ("大页池空了", "那里没有许诺过大页。"),
        Signal::BeyondFile => ("文件没有这么长", "区域可以比文件长，但那里没有页可给。"),
    };
    let name = if signal == Signal::BeyondFile {
        pick(w, "总线错误（SIGBUS）", "总线错误")
    } else {
        pick(w, "段错误（SIGSEGV）", "段错误")
    };
    let at = hex(address);
    told(
        (format!("{p} 在 {at} 遇到{name}，结束了：{what}。"), why),
        (format!("用{name}结束 {p}，在 {at}：{what}。"), why),
        format!("{p} 在 {at} 遇到{name}：{what}"),
    )
}

/// 汉字和字母、数字之间空一格。
pub(in crate::narrate) fn join(words: &[&str]) -> String {
    let mut text = String::new();
    for word in words {
        let ends = |c: Option<char>| c.map(|c| c.is_ascii());
        if !text.is_empty() && ends(text.chars().next_back()) != ends(word.chars().next()) {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

/// `整个 m`、`m 的 64 KiB`、`m 里 4 KiB 后的 64 KiB`。
fn part(w: &Words, at: At, range: Option<ByteRange>) -> String {
    let of = match at {
        At::Area { name, .. } => w.name(name).into_owned(),
        At::Heap(process) => join(&[&w.name(process), "的堆"]),
        At::Stack(process) => join(&[&w.name(process), "的栈"]),
        At::Address(process, address) => {
            let process = w.name(process);
            return match range {
                None => join(&[&process, "的地址", &hex(address)]),
                Some(ByteRange { from, to }) => {
                    let start = Vaddr(address.0.saturating_add(from));
                    join(&[&process, "在", &hex(start), "的", &bytes(to.saturating_sub(from))])
                }
            };
        }
    };
    match range {
        None => join(&["整个", &of]),
        Some(ByteRange { from: 0, to }) => join(&[&of, "的", &bytes(to)]),
        Some(ByteRange { from, to }) => {
            join(&[&of, "里", &bytes(from), "后的", &bytes(to.saturating_sub(from))])
        }
    }
}

pub(super) fn op_text(w: &Words, op: &ProcessOp) -> String {
    match *op {
        ProcessOp::File { bytes: length, cached, .. } => {
            let place = match cached {
                0 => "都在磁盘上".to_owned(),
                all if all >= length => "全在页缓存里".to_owned(),
                part => format!("其中 {} 在页缓存里", bytes(part)),
            };
            format!("文件，长 {}，{place}", bytes(length))
        }
        ProcessOp::Exec { limits: Rlimits { stack, address_space, memlock }, task, .. } => {
            let task = super::super::oom::task_text(scenario::Lang::Zh, w, &task);
            let stack = (stack != Rlimits::default().stack).then(|| format!("，栈最多 {}", bytes(stack)));
            let space = address_space.map(|most| format!("，地址最多 {}", bytes(most)));
            let lock = memlock.map(|most| format!("，最多锁 {}", bytes(most)));
            let limits = [stack, space, lock].map(Option::unwrap_or_default).concat();
            format!("新进程{task}{limits}")
        }
        ProcessOp::Fork { parent, .. } => join(&[&w.name(parent), "的子进程，页都一样"]),
        ProcessOp::Thread { of, stack, cpu, .. } => {
            let stack = stack.map_or(String::new(), |most| format!("，栈 {}", bytes(most)));
            join(&[&w.name(of), "的线程，在", &format!("CPU {} 上{stack}", cpu.0)])
        }
        ProcessOp::Mlockall { process, current, future, .. } => join(&[
            &w.name(process),
            match (current, future) {
                (false, false) => "不再锁内存",
                (true, false) => "锁住现有的内存",
                (false, true) => "锁住以后的内存",
                (true, true) => "锁住所有内存，以后的也锁",
            },
        ]),
        ProcessOp::Exit { process, .. } => join(&[&w.name(process), "结束"]),
        ProcessOp::Mmap { process, bytes: length, args, .. } => {
            let addresses = if args.shared { "的共享地址" } else { "的地址" };
            let wants = join(&[&w.name(process), "要", &bytes(length), addresses]);
            match args.file {
                Some((file, _)) => format!("{wants}，映射 {}", w.name(file)),
                None => wants,
            }
        }
        ProcessOp::Munmap { at, bytes, .. } => join(&["交还", &part(w, at, bytes)]),
        ProcessOp::Mprotect { at, bytes, prot } => join(&["把", &part(w, at, bytes), "改成", &rights(prot)]),
        ProcessOp::Cpuset(op) => super::cpuset::op_zh(w, op),
        ProcessOp::AllocPages { process, order, .. } => {
            let size = super::super::zh::wanted(order);
            join(&[&w.name(process), "的调用里，内核要"]) + super::super::zh::gap(&size) + &size
        }
        ProcessOp::SetMempolicy { process, policy } => {
            join(&[&w.name(process), "的内存", &super::numa::whence_zh(policy)])
        }
        ProcessOp::Mbind { at, bytes, policy } => {
            join(&[&part(w, at, bytes), "的新页", &super::numa::whence_zh(policy)])
        }
        ProcessOp::Madvise { at, bytes, advice: Advice::DontNeed, .. } => {
            join(&["不要", &part(w, at, bytes), "的内容了"])
        }
        ProcessOp::Madvise { at, bytes, advice: Advice::Free, .. } => {
            join(&[&part(w, at, bytes), "随时可以收走"])
        }
        ProcessOp::Mremap { name, bytes: length, may_move, .. } => {
            let moves = if may_move { "，可以搬家" } else { "" };
            join(&[&w.name(name), "改成", &format!("{}{moves}", bytes(length))])
        }
        ProcessOp::Mlock { at, bytes, locked, .. } => {
            join(&[if locked { "锁住" } else { "解锁" }, &part(w, at, bytes)])
        }
        ProcessOp::Malloc { process, bytes: length, zero, .. } => {
            let zeros = if zero { "，全零" } else { "" };
            join(&[&w.name(process), "要一块", &format!("{}{zeros}", bytes(length))])
        }
        ProcessOp::Realloc { of, bytes: length, .. } => join(&["把", &w.name(of), "改成", &bytes(length)]),
        ProcessOp::Memset { at, value, bytes, .. } => {
            join(&["把", &part(w, at, bytes), "都写成", &format!("{value:#04x}")])
        }
        ProcessOp::Hexdump { at, bytes, .. } => join(&["看看", &part(w, at, bytes), "里有什么"]),
        ProcessOp::Madvise { at, bytes, advice: Advice::Cold, .. } => {
            join(&[&part(w, at, bytes), "近期不用"])
        }
        ProcessOp::Madvise { at, bytes, advice: Advice::PageOut, .. } => {
            join(&[&part(w, at, bytes), "现在就可以换出"])
        }
        ProcessOp::Madvise { at, bytes, advice: Advice::HugePage, .. } => {
            join(&[&part(w, at, bytes), "想用大页"])
        }
        ProcessOp::Madvise { at, bytes, advice: Advice::NoHugePage, .. } => {
            join(&[&part(w, at, bytes), "不要大页"])
        }
        ProcessOp::NrHugepages { pages, .. } => format!("预留 {} 个大页", num(pages)),
        ProcessOp::NrOvercommitHugepages { pages } => format!("允许池外再要 {} 个大页", num(pages)),
        ProcessOp::Khugepaged { .. } => "khugepaged 醒来".into(),
        ProcessOp::Brk { process, by, .. } => {
            let moves = if by < 0 { "的堆缩小" } else { "的堆增长" };
            join(&[&w.name(process), moves, &bytes(by.unsigned_abs())])
        }
        ProcessOp::Scan { .. } | ProcessOp::Move { .. } | ProcessOp::Oom(_) => String::new(),
        ProcessOp::Access { access, at, bytes, .. } => {
            let (verb, part) = (verb(access), part(w, at, bytes));
            match at {
                At::Area { by: Some(by), .. } => join(&[&w.name(by), verb, &part]),
                _ => join(&[verb, &part]),
            }
        }
    }
}

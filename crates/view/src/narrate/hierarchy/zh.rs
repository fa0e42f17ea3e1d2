//! 关于缓存的中文句子。

use mm::hierarchy::{Amat, CacheId, Level};
use mm::process::{Access, Pattern, Scan};
use mm::step::HierarchyStep;

use super::super::kmem::zh::bytes;
use super::super::told;
use super::{Told, Words, average, below, caches, cpus, disk_name, line, num, times};

fn list(found: [u32; 5]) -> String {
    let all = Level::ALL.into_iter().zip(found).filter(|(level, n)| *level < Level::Disk || *n > 0);
    let name = |level: Level| if level == Level::Disk { "磁盘" } else { level.name() };
    all.map(|(level, n)| format!("{} {}", name(level), num(n))).collect::<Vec<_>>().join("，")
}

pub(super) fn tell(w: &Words, step: &HierarchyStep) -> Told {
    match *step {
        HierarchyStep::Reference { process, cpu: _, address, physical, access } => {
            let p = w.name(process);
            let verb = match access {
                Access::Read => "读",
                Access::Write => "写",
                Access::Exec => "取指",
            };
            let what = line(w, physical);
            let what = if what.starts_with("0x") { format!("{address:#x}") } else { what };
            let why = match w.first_frame_only() {
                true => format!("查页表得 {physical:#x}，缓存只认它。"),
                false => format!("虚拟地址 {address:#x}，查页表得 {physical:#x}，缓存只认后者。"),
            };
            told(
                (format!("{p} {verb}了 {what}。"), why.clone()),
                (format!("{p} 要{verb} {what}。"), why),
                format!("{p} {verb} {what}，物理地址 {physical:#x}"),
            )
        }
        HierarchyStep::Hits { line: of, references, .. } => {
            let (n, of, cycles) = (num(references), line(w, of), caches(w).cycles.l1);
            let why = match references {
                1 => format!("只要 {cycles} 个周期，不用问下面各级。"),
                _ => format!("相邻的字同在一个 64 字节的行里，每次 {cycles} 个周期。"),
            };
            told(
                (format!("{n} 次访问命中 L1：行 {of} 在里面。"), why.clone()),
                (format!("{n} 次访问将命中 L1：行 {of} 在里面。"), why),
                format!("L1 命中 {n} 次，行 {of}"),
            )
        }
        HierarchyStep::Look { cache, set, compared, hit, cycles, .. } => {
            let name = cache.name();
            let found = match (hit, compared) {
                (true, n) => format!("{n} 个标记中有一个相符"),
                (false, 0) => "是空的".into(),
                (false, n) => format!("{n} 个标记都不符"),
            };
            let why = match (hit, cache) {
                (false, _) => format!("未命中，已用 {} 个周期，接着问 {}。", num(cycles), below(cache)),
                (true, CacheId::L1d | CacheId::L1i) => "命中。因为要写，别的 CPU 不能再留副本。".into(),
                (true, _) => format!("命中，共 {} 个周期，从这里逐级往上复制。", num(cycles)),
            };
            told(
                (format!("查了 {name} 第 {set} 组：{found}。"), why.clone()),
                (format!("查 {name} 第 {set} 组：{found}。"), why),
                format!("{name} 第 {set} 组：{}", if hit { "命中" } else { "未命中" }),
            )
        }
        HierarchyStep::Dram { line: of, cycles, .. } => {
            let (of, cycles) = (line(w, of), num(cycles));
            let why = format!("一共 {cycles} 个周期。上行途中 L3、L2、L1 各留一份。");
            told(
                (format!("从 DRAM 读来了行 {of}。"), why.clone()),
                (format!("从 DRAM 读行 {of}。"), why),
                format!("行 {of} 来自 DRAM"),
            )
        }
        HierarchyStep::Fill { cache, line: of, set, victim, .. } => {
            let (name, of) = (cache.name(), line(w, of));
            match victim {
                None => {
                    let why = "组里有空位，谁也不用走。";
                    told(
                        (format!("行 {of} 放进了 {name} 第 {set} 组。"), why),
                        (format!("把行 {of} 放进 {name} 第 {set} 组。"), why),
                        format!("{name} 第 {set} 组放进行 {of}"),
                    )
                }
                Some(victim) => {
                    let gone = line(w, victim.line);
                    let why = match victim.modified {
                        true => format!("它最久未用（LRU），又被写过，要写回 {}。", below(cache)),
                        false => "它最久未用（LRU）。".into(),
                    };
                    told(
                        (format!("{of} 进了 {name} 第 {set} 组，{gone} 离开。"), why.clone()),
                        (format!("{of} 进 {name} 第 {set} 组，{gone} 离开。"), why),
                        format!("{name} 第 {set} 组：{of} 进，{gone} 出"),
                    )
                }
            }
        }
        HierarchyStep::Supplied { from, to, line: of } => {
            let of = line(w, of);
            let why = format!("新内容只有它有，现在 CPU {to} 也能读了。");
            told(
                (format!("CPU {from} 把行 {of} 写回了 L3。"), why.clone()),
                (format!("CPU {from} 把行 {of} 写回 L3。"), why),
                format!("CPU {from} 写回 {of}"),
            )
        }
        HierarchyStep::Invalidated { cpu, line: of, cpus: lost } => {
            let (of, lost) = (line(w, of), cpus(lost));
            let who = match lost[..] {
                [one] => format!("CPU {one} "),
                _ => format!("{} 个 CPU ", lost.len()),
            };
            let why = "一个 CPU 改了的行，别人不能再留，要用就重新取。";
            told(
                (format!("CPU {cpu} 写了，{who}丢掉了行 {of}。"), why),
                (format!("CPU {cpu} 要写，{who}丢掉行 {of}。"), why),
                format!("{who}丢掉行 {of}"),
            )
        }
        HierarchyStep::Entry { physical, level, cycles, .. } => {
            let (at, of) = (format!("{physical:#x}"), level.name());
            let why = "查表也是读内存，同样经过缓存。";
            told(
                (format!("{at} 的页表项在 {of} 里：{} 个周期。", num(cycles)), why),
                (format!("在 {of} 里找到 {at} 的页表项：{} 个周期。", num(cycles)), why),
                format!("{at} 的页表项在 {of} 里"),
            )
        }
        HierarchyStep::Disk { address, cycles, .. } => {
            let caches = caches(w);
            let (disk, n) = (disk_name(caches.disk), num(cycles));
            let times = num(caches.disk_cycles(caches.disk) / u64::from(caches.cycles.dram.max(1)));
            let why = format!("它的页来自 {disk}，顶得上读 {times} 次 DRAM。");
            told(
                (format!("{address:#x} 用了 {n} 个周期。"), why.clone()),
                (format!("{address:#x} 要用 {n} 个周期。"), why),
                format!("页来自 {disk}：{n} 个周期"),
            )
        }
        HierarchyStep::Batch { process, references, found, cycles, .. } => {
            let (p, n) = (w.name(process), num(references));
            let each = average(Amat { cycles, references: u64::from(references) });
            let why = match w.first_frame_only() {
                true => format!("平均 {each} 个周期。"),
                false => format!("{}，平均 {each} 个周期。", list(found)),
            };
            told(
                (format!("{p} 又访问了 {n} 次。"), why.clone()),
                (format!("{p} 再访问 {n} 次。"), why),
                format!("又访问 {n} 次：{}", list(found)),
            )
        }
        HierarchyStep::Scanned { process, references, found, cycles, .. } => {
            let (p, n) = (w.name(process), num(references));
            let each = average(Amat { cycles, references: u64::from(references) });
            let [l1, ..] = found;
            let why = match w.first_frame_only() {
                true => format!("其中 {} 次命中 L1。", num(l1)),
                false => format!("找到的地方：{}。", list(found)),
            };
            told(
                (format!("{p} 共访问 {n} 次，平均 {each} 个周期（AMAT）。"), why.clone()),
                (format!("{p} 将访问完 {n} 次，平均 {each} 个周期（AMAT）。"), why),
                format!("{p}：{n} 次访问，AMAT {each} 周期"),
            )
        }
        HierarchyStep::Moved { process, from, to } => {
            let p = w.name(process);
            if from == to {
                let why = "什么也没变，它的行就在这里的缓存中。";
                return told(
                    (format!("{p} 仍在 CPU {to} 上。"), why),
                    (format!("让 {p} 留在 CPU {to} 上。"), why),
                    format!("{p} 留在 CPU {to}"),
                );
            }
            let why = format!("它的行留在 CPU {from} 的 L1、L2 里，这边只有 L3 是热的。");
            told(
                (format!("{p} 移到了 CPU {to} 上。"), why.clone()),
                (format!("把 {p} 移到 CPU {to} 上。"), why),
                format!("{p} 从 CPU {from} 移到 CPU {to}"),
            )
        }
    }
}

/// 扫描做什么，写在名字后面。
pub(super) fn scan(scan: &Scan) -> String {
    let verb = match scan.access {
        Access::Read => "读",
        Access::Write => "写",
        Access::Exec => "取指",
    };
    let how = match scan.pattern {
        Pattern::Rows { rows, columns } => format!("按行{verb} {rows} 行 {columns} 列"),
        Pattern::Columns { rows, columns } => format!("按列{verb} {rows} 行 {columns} 列"),
        Pattern::Stride { bytes: stride } => {
            let stride = bytes(stride);
            let gap = if stride.ends_with('B') { " " } else { "" };
            format!("每隔 {stride}{gap}{verb}一个字")
        }
        Pattern::Random { count } => format!("随机{verb} {} 个字", num(count)),
    };
    match times(scan) {
        Some(times) => format!("{how}，共 {times} 遍"),
        None => how,
    }
}

//! 关于地址转换的中文句子。

use mm::op::NameId;
use mm::step::{Denial, MmuStep};
use mm::x86::pgtable::Pte;
use mm::x86::tlb::PageSize;
use mm::{Bytes, CpuId};

use super::super::told;
use super::{Told, Words, bit_of, bits, hex, level_name, num, pick};

fn tlb(level: u8) -> &'static str {
    if level == 1 { "L1 TLB" } else { "L2 TLB" }
}

/// 不止一个 CPU 时说是哪一个。
fn on_cpu(w: &Words, cpu: CpuId) -> String {
    if w.many_cpus() { format!("CPU {} 的 ", cpu.0) } else { String::new() }
}

pub(super) fn mmu(w: &Words, cpu: CpuId, process: NameId, step: &MmuStep) -> Told {
    let p = w.name(process);
    let on = on_cpu(w, cpu);
    match *step {
        MmuStep::Switched { pgd, asid, dropped } => {
            let pgd = format!("{} 号页框", num(pgd.0));
            let why = match dropped {
                None => format!("槽 {asid} 里的转换还有效，一项也不丢。"),
                Some(0) => format!("分到槽 {asid}，是空的。"),
                Some(gone) => format!("分到槽 {asid}，丢掉 {} 项。", num(gone)),
            };
            told(
                (format!("{on}CR3 指向了 {p} 的 PGD，{pgd}。"), why.clone()),
                (format!("让 {on}CR3 指向 {p} 的 PGD，{pgd}。"), why),
                format!("{on}CR3：{p} 的 PGD，{pgd}"),
            )
        }
        MmuStep::Kept { task, pgd: _ } => {
            let t = w.name(task);
            let why = pick(w, "同一进程的线程共用页表，TLB 一项也不丢。", "线程共用页表。");
            told(
                (format!("CPU {} 换成 {t}，CR3 不变：还是 {p} 的 PGD。", cpu.0), why),
                (format!("CPU {} 换 {t} 来跑，CR3 不变：还是 {p} 的 PGD。", cpu.0), why),
                format!("CPU {} 换成 {t}，CR3 不变", cpu.0),
            )
        }
        MmuStep::Look { address, level, set, hit } => {
            let (at, of) = (hex(address), tlb(level));
            match hit {
                Some((size, pfn)) => {
                    let pfn = num(pfn.0);
                    let why = match (level, size) {
                        (1, PageSize::Small) => "命中，不用读页表。",
                        (1, _) => "命中了大页，不用读页表。",
                        _ => "命中：慢几个周期，仍不用读页表。",
                    };
                    told(
                        (format!("{of} 里有 {at}：{pfn} 号页框。"), why),
                        (format!("在 {of} 里查 {at}：有，{pfn} 号页框。"), why),
                        format!("{of} 命中 {at}：{pfn} 号页框"),
                    )
                }
                None => {
                    let why = if level == 1 {
                        "未命中，去查更大的 L2。"
                    } else {
                        "也未命中，只能去读页表。"
                    };
                    told(
                        (format!("查了 {of} 第 {set} 组，没有 {at}。"), why),
                        (format!("在 {of} 第 {set} 组查 {at}：没有。"), why),
                        format!("{of} 第 {set} 组没有 {at}"),
                    )
                }
            }
        }
        MmuStep::NotDirty { address } => {
            let at = hex(address);
            let why = pick(w, "内核要知道哪页写过：得在页表里置 D 位。", "要置 D 位。");
            told(
                (format!("第一次写 {at}，还是去读了页表。"), why),
                (format!("第一次写 {at}：还是要读页表。"), why),
                format!("第一次写 {at}，要读页表"),
            )
        }
        MmuStep::Skipped { address, level, table, levels } => {
            let (at, level, table) = (hex(address), level_name(level), num(table.0));
            let why = format!("上次走过这条路，上面 {levels} 级不用再读。");
            told(
                (format!("记得 {at} 的 {level} 表：{table} 号页框。"), why.clone()),
                (format!("{at} 从记得的 {level} 表查起，{table} 号页框。"), why),
                format!("{at} 从 {table} 号页框的 {level} 表查起"),
            )
        }
        MmuStep::Read { address: _, level, table, index, entry, references } => {
            let (name, table, index) = (level_name(level), num(table.0), num(index));
            let leads = if entry.has(Pte::PRESENT) {
                format!("指向 {} 号页框", num(entry.pfn().0))
            } else {
                "不在内存".to_owned()
            };
            let why = if entry.has(Pte::PRESENT) && w.is_full() {
                format!("第 {references} 次访存，标志 {}。", bits(entry))
            } else {
                format!("第 {references} 次访存。")
            };
            told(
                (format!("读了 {table} 号页框里 {name} 的第 {index} 项：{leads}。"), why.clone()),
                (format!("读 {table} 号页框里 {name} 的第 {index} 项：{leads}。"), why),
                format!("{table} 号页框 {name} 第 {index} 项：{leads}"),
            )
        }
        MmuStep::Marked { address: _, table, index, entry: _, dirty } => {
            let (table, index) = (num(table.0), num(index));
            let (bit, meaning) = if dirty { ("D", "写") } else { ("A", "用") };
            let why = "回收和写回都看这些位。";
            told(
                (format!("处理器在 {table} 号页框第 {index} 项置了 {bit} 位：这页{meaning}过。"), why),
                (format!("在 {table} 号页框第 {index} 项置 {bit} 位：这页{meaning}过。"), why),
                format!("{table} 号页框第 {index} 项置 {bit} 位"),
            )
        }
        MmuStep::Filled { address, level, set, size, evicted } => {
            let (at, of) = (hex(address), tlb(level));
            let why = match evicted {
                Some((gone, _)) if w.is_full() => format!("最久没用的 {} 让出位置。", hex(gone)),
                Some((gone, _)) => format!("{} 让位。", hex(gone)),
                None if size == PageSize::Small => "这一组还有空位。".into(),
                None => format!("一项管 {}。", Bytes(size.bytes())),
            };
            told(
                (format!("{of} 第 {set} 组记下了 {at}。"), why.clone()),
                (format!("在 {of} 第 {set} 组记下 {at}。"), why),
                format!("{of} 第 {set} 组记下 {at}"),
            )
        }
        MmuStep::Translated { address, physical, size: _, references } => {
            let (at, physical) = (hex(address), format!("{physical:#x}"));
            let why = match references {
                0 => "没有访存。".to_owned(),
                count => format!("访存 {count} 次，下次查 TLB 就行。"),
            };
            told(
                (format!("{at} 就是内存里的 {physical}。"), why.clone()),
                (format!("去内存的 {physical}，它就是 {at}。"), why),
                format!("{at} 是 {physical}，访存 {references} 次"),
            )
        }
        MmuStep::Denied { address, level, entry: _, why } => {
            let (at, bit) = (hex(address), bit_of(why));
            let who = match level {
                Some(level) => format!("{} 项", level_name(level)),
                None => "TLB ".into(),
            };
            let reason = match why {
                Denial::NotPresent => "那里还没有页，交给内核。",
                Denial::ReadOnly => "不许写，由内核决定。",
                Denial::NoExec => "不是代码，由内核决定。",
            };
            told(
                (format!("{who}里 {bit}，{p} 在 {at} 被拦下。"), reason),
                (format!("在 {at} 拦下 {p}：{who}里 {bit}。"), reason),
                format!("{at} 的 {who}里 {bit}"),
            )
        }
        MmuStep::Forgot { start: _, pages, dropped, ipi } => {
            let what = match pages {
                Some(pages) => format!(" {} 页", num(pages.0)),
                None => "所有页".into(),
            };
            let had = num(dropped);
            let why = if ipi {
                pick(w, "别的 CPU 发中断要它做：TLB 击落。", "TLB 击落。")
            } else if pages.is_some() {
                "每页一条 INVLPG。"
            } else {
                "超过 33 页或页表没了：一次全丢更快。"
            };
            told(
                (format!("CPU {} 忘掉了 {p} 的{what}，TLB 少了 {had} 项。", cpu.0), why),
                (format!("让 CPU {} 忘掉 {p} 的{what}，TLB 少 {had} 项。", cpu.0), why),
                format!("CPU {} 忘掉 {p} 的{what}：{had} 项", cpu.0),
            )
        }
    }
}

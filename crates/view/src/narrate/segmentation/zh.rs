//! The Chinese sentences about segments.

use mm::config::Arch;
use mm::process::Access;
use mm::segmentation::{
    Cpu, Descriptor, Fault, Fields, Lack, Mode, SegReg, SegmentKind, SegmentOp, Table, Vector, Why,
};
use mm::step::SegmentStep;
use mm::x86::pgtable::Pte;

use super::super::told;
use super::{Told, Words, bytes_of, cleared, entry_name, hex, line_20, logical, reg_name};

fn verb(access: Access) -> &'static str {
    match access {
        Access::Read => "读",
        Access::Write => "写",
        Access::Exec => "执行",
    }
}

fn cpu_name(cpu: Cpu) -> &'static str {
    match cpu {
        Cpu::Direct => "没有分段的处理器",
        Cpu::I8086 => "8086",
        Cpu::I80286 => "80286",
        Cpu::I80386 => "80386",
        Cpu::X86_64 => "x86-64",
    }
}

fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Real => "实模式",
        Mode::Protected => "保护模式",
        Mode::Long => "长模式",
    }
}

pub(super) fn kind(descriptor: Descriptor) -> &'static str {
    match descriptor.kind() {
        SegmentKind::Data { down: true, writable: true } => "向下扩展的可写数据段",
        SegmentKind::Data { down: true, writable: false } => "向下扩展的只读数据段",
        SegmentKind::Data { writable: true, .. } => "可读写的数据段",
        SegmentKind::Data { .. } => "只读数据段",
        SegmentKind::Code { conforming: true, .. } => "一致代码段",
        SegmentKind::Code { readable: true, .. } => "可执行可读的代码段",
        SegmentKind::Code { .. } => "只可执行的代码段",
        SegmentKind::System(Descriptor::LDT) => "LDT",
        SegmentKind::System(_) => "系统描述符",
    }
}

fn offsets(descriptor: Descriptor) -> String {
    match descriptor.offsets() {
        Some((low, high)) => format!("偏移 {low:#x}～{high:#x}"),
        None => "没有可用的偏移".into(),
    }
}

pub(super) fn step(w: &Words, step: &SegmentStep) -> Told {
    match *step {
        SegmentStep::Cpu { cpu } => {
            let why = match cpu {
                Cpu::Direct => "地址就是地址：谁知道都能用。",
                Cpu::I8086 => "寄存器 16 位，地址线 20 根：差的 4 位靠段补上。",
                Cpu::I80286 => "开机在实模式，和 8086 一样；保护模式是新的。",
                Cpu::I80386 => "开机在实模式；32 位和分页是新的。",
                Cpu::X86_64 => "开机仍在实模式，和历代一样。",
            };
            let name = cpu_name(cpu);
            told(
                (format!("通电：{name}。"), why),
                (
                    format!(
                        "通电的是{}。",
                        if cpu == Cpu::Direct { name.to_owned() } else { format!(" {name}") }
                    ),
                    why,
                ),
                format!("通电：{name}"),
            )
        }
        SegmentStep::Mode { mode } => {
            let why = match mode {
                Mode::Real => "段寄存器乘 16 又是段基址。",
                Mode::Protected => "从此段寄存器里是选择子：它选中一个描述符。",
                Mode::Long => "CS、DS、ES、SS 的基址和限长从此不算数。",
            };
            let name = mode_name(mode);
            told((format!("处理器进入{name}。"), why), (format!("让处理器进入{name}。"), why), name)
        }
        SegmentStep::A20 { open } => {
            let (is, why) = match open {
                true => ("打开", "第 20 根地址线照处理器说的走。"),
                false => ("关上", "第 20 根地址线恒为 0，老程序还能碰到 8086 的回绕。"),
            };
            told((format!("A20 门{is}了。"), why), (format!("把 A20 门{is}。"), why), format!("A20 门{is}"))
        }
        SegmentStep::Relocation { bounds: Some(bounds) } => {
            let text = format!("基址 {}，界限 {}", hex(bounds.base), hex(bounds.limit));
            let why = "程序的地址都要小于界限，再加上基址。";
            told(
                (format!("程序放在一整块内存里：{text}。"), why),
                (format!("把程序放进一整块内存：{text}。"), why),
                text,
            )
        }
        SegmentStep::Relocation { bounds: None } => {
            let why = "地址又就是地址。";
            told(("基址和界限不用了。", why), ("停用基址和界限。", why), "停用基址和界限")
        }
        SegmentStep::Lacks { cpu, what } => {
            let space = if cpu == Cpu::Direct { "" } else { " " };
            let text = format!("{}{space}没有{}", cpu_name(cpu), lack(what));
            let why = "别的处理器才有。";
            told((format!("{text}：什么也没发生。"), why), (format!("{text}：什么也不会发生。"), why), text)
        }
        SegmentStep::Written { table, index, descriptor } => {
            let table = if table == Table::Gdt { "GDT" } else { "LDT" };
            let what = format!("{}，基址 {}", kind(descriptor), hex(descriptor.base()));
            let raw = bytes_of(descriptor);
            let size = if w.is_full() { format!("，{}", offsets(descriptor)) } else { String::new() };
            told(
                (format!("{table} {index}：{what}{size}。"), format!("字节：{raw}。")),
                (format!("写 {table} {index}：{what}{size}。"), format!("字节：{raw}。")),
                format!("{table} {index}：{what}"),
            )
        }
        SegmentStep::Linux { arch } => {
            let (name, why) = match arch {
                Arch::I386 => ("i386", "四个段都是 0～4 GiB：只用来区分特权级，别无他用。"),
                Arch::X86_64 => ("x86-64", "基址和限长不算数：CS 只说特权级和 64 位。"),
            };
            told(
                (format!("{name} 上的 Linux 里，一个程序在 3 环运行。"), why),
                (format!("让一个程序在 {name} 的 Linux 里运行，在 3 环。"), why),
                format!("{name} 的 Linux 设好了段"),
            )
        }
        SegmentStep::Mapped { linear, entry, new_table, .. } => {
            let pte = Pte(u64::from(entry));
            if !pte.has(Pte::PRESENT) {
                let why = "从此访问那里就缺页。";
                return told(
                    (format!("{} 处的页没有了。", hex(linear)), why),
                    (format!("拿走 {} 处的页。", hex(linear)), why),
                    format!("{} 处没有页", hex(linear)),
                );
            }
            let who = if pte.has(Pte::USER) { "程序可用" } else { "只归内核" };
            let may = if pte.has(Pte::RW) { "可读写" } else { "只读" };
            let frame = hex(entry & !0xfff);
            let why = match new_table {
                true => "为它新建了一张页表，由页目录指过去。",
                false => "它的页表早就有了。",
            };
            told(
                (format!("{} 处的页映射到页框 {frame}：{may}，{who}。", hex(linear)), why),
                (format!("把 {} 处的页映射到页框 {frame}：{may}，{who}。", hex(linear)), why),
                format!("页 {} → 页框 {frame}", hex(linear)),
            )
        }
        SegmentStep::Paging { on: true } => {
            let why = "分段得到的是线性地址，再由页目录和页表接着翻译。";
            told(("分页打开了。", why), ("打开分页。", why), "打开分页")
        }
        SegmentStep::Paging { on: false } => {
            let why = "线性地址又就是物理地址。";
            told(("分页关了。", why), ("关掉分页。", why), "关掉分页")
        }
        SegmentStep::Base { reg, base } => {
            let reg = reg_name(reg);
            let why = "它另有寄存器（MSR）：线程或 CPU 自己的内存从那里开始。";
            told(
                (format!("{reg} 从 {} 开始。", hex(base)), why),
                (format!("让 {reg} 从 {} 开始。", hex(base)), why),
                format!("{reg} 从 {} 开始", hex(base)),
            )
        }
        SegmentStep::Selected { reg, selector } => {
            let reg = reg.map_or("LDTR".into(), reg_name);
            let table = if selector.is_local() { "LDT" } else { "GDT" };
            let (index, ti, rpl) = (selector.index(), u8::from(selector.is_local()), selector.rpl());
            let why = format!("索引 {index}，TI {ti}：{table}，RPL {rpl}。");
            told(
                (format!("{reg} 的选择子 {selector} 拆开了。"), why.clone()),
                (format!("拆开 {reg} 的选择子 {selector}。"), why),
                format!("{selector}：{table} 第 {index} 项，RPL {rpl}"),
            )
        }
        SegmentStep::Null { reg } => {
            let reg = reg.map_or("LDTR".into(), reg_name);
            let why = "这是允许的；用这个段才会出错。";
            told(
                (format!("{reg} 装入了空选择子。"), why),
                (format!("给 {reg} 装入空选择子。"), why),
                format!("{reg} 为空"),
            )
        }
        SegmentStep::InTable { selector, limit } => {
            let last = u32::from(selector.index()) * 8 + 7;
            let why = format!("它的末字节是 {last}，表的界限是 {limit}。");
            let entry = entry_name(selector);
            told(
                (format!("{entry} 没有超出表。"), why.clone()),
                (format!("查 {entry} 是否超出表。"), why),
                format!("{entry} 在表内"),
            )
        }
        SegmentStep::Read { selector, descriptor } => {
            let entry = entry_name(selector);
            let raw = bytes_of(descriptor);
            let what = if w.is_full() {
                format!("{}，基址 {}。", kind(descriptor), hex(descriptor.base()))
            } else {
                format!("{}。", kind(descriptor))
            };
            told(
                (format!("读出 {entry}：{raw}。"), what.clone()),
                (format!("读 {entry}：{raw}。"), what),
                format!("{entry}：{raw}"),
            )
        }
        SegmentStep::Typed { reg, descriptor } => {
            let (name, is) = (reg_name(reg), kind(descriptor));
            let why = match reg {
                SegReg::Cs => "CS 只装代码段。",
                SegReg::Ss => "SS 只装可写的数据段。",
                _ => "能读的段它都装。",
            };
            told(
                (format!("类型合适，{name} 可以装：{is}。"), why),
                (format!("看 {name} 能不能装这种段：{is}。"), why),
                format!("{name} 可以装{is}"),
            )
        }
        SegmentStep::Privileged { reg, cpl, rpl, dpl } => {
            let why = match reg {
                SegReg::Cs => "代码在自己的环里运行。",
                SegReg::Ss => "栈属于正在运行的环：三者相等。",
                _ => "CPL 和 RPL 都不大于 DPL。",
            };
            told(
                (format!("特权级通过：CPL {cpl}，RPL {rpl}，DPL {dpl}。"), why),
                (format!("比特权级：CPL {cpl}，RPL {rpl}，DPL {dpl}。"), why),
                format!("CPL {cpl}、RPL {rpl}、DPL {dpl}：通过"),
            )
        }
        SegmentStep::Present { selector } => {
            let entry = entry_name(selector);
            let why = "P 为 0 时，系统可以先把段调进来。";
            told(
                (format!("P 为 1：{entry} 的段在内存里。"), why),
                (format!("看 {entry} 的段在不在内存里：P 为 1。"), why),
                format!("{entry} 的 P 为 1"),
            )
        }
        SegmentStep::Accessed { selector, .. } => {
            let entry = entry_name(selector);
            let why = "系统由此看出哪些段用过。";
            told(
                (format!("处理器把 {entry} 的 A 位置 1。"), why),
                (format!("把 {entry} 的 A 位置 1。"), why),
                format!("{entry} 的 A 位置 1"),
            )
        }
        SegmentStep::Loaded { reg, selector, descriptor } => {
            let name = reg_name(reg);
            let (base, limit) = (hex(descriptor.base()), hex(descriptor.limit()));
            let why = "隐藏部分是一份副本：下次装入前不再读表。";
            told(
                (format!("{name} = {selector}，隐藏部分：基址 {base}，限长 {limit}。"), why),
                (format!("给 {name} 装入 {selector}，隐藏部分：基址 {base}，限长 {limit}。"), why),
                format!("{name} 装好：基址 {base}，限长 {limit}"),
            )
        }
        SegmentStep::RealLoaded { reg, selector, base } => {
            let name = reg_name(reg);
            let why = "乘 16 就是：不查表，也不检查。";
            told(
                (format!("{name} = {selector}：段从 {} 开始。", hex(base)), why),
                (format!("给 {name} 装入 {selector}：段从 {} 开始。", hex(base)), why),
                format!("{name} 是 {selector}，基址 {}", hex(base)),
            )
        }
        SegmentStep::LdtLoaded { selector, descriptor } => {
            let text = format!("基址 {}，限长 {}", hex(descriptor.base()), hex(descriptor.limit()));
            let why = "LDT 自己也是一个段，在哪里由 GDT 说。";
            told(
                (format!("LDT 就是 {}：{text}。", entry_name(selector)), why),
                (format!("用 {} 当 LDT：{text}。", entry_name(selector)), why),
                format!("LDT：{text}"),
            )
        }
        SegmentStep::Returned { cpl, cleared: mask } => {
            let cleared = cleared(mask);
            let why = match cleared.is_empty() {
                true => "跳转回不去：只有中断或门能进内环。".into(),
                false => format!("{} 里是内环的数据，被清空。", cleared.join("、")),
            };
            told(
                (format!("现在运行的是 {cpl} 环。"), why.clone()),
                (format!("让 {cpl} 环运行。"), why),
                format!("{cpl} 环运行"),
            )
        }
        SegmentStep::Access { access, reg, offset, size } => {
            let (at, verb) = (logical(reg, offset), verb(access));
            let why = match reg {
                Some(_) => "这是逻辑地址：段寄存器加偏移。",
                None => "程序只说一个数。",
            };
            told(
                (format!("程序要在 {at} {verb} {size} 字节。"), why),
                (format!("程序要在 {at} {verb} {size} 字节。"), why),
                format!("在 {at} {verb} {size} 字节"),
            )
        }
        SegmentStep::Allowed { reg, access } => {
            let (name, verb) = (reg_name(reg), verb(access));
            let why = "看的是寄存器的隐藏部分，不读表。";
            told(
                (format!("{name} 的段允许{verb}。"), why),
                (format!("看 {name} 的段允不允许{verb}。"), why),
                format!("{name} 允许{verb}"),
            )
        }
        SegmentStep::Within { reg, offset, size, low, high } => {
            let last = offset + u64::from(size) - 1;
            let what = match size {
                1 => format!("偏移 {}", hex(offset)),
                _ => format!("偏移 {}～{}", hex(offset), hex(last)),
            };
            let why = format!("{} 可用 {low:#x}～{high:#x}，两端都算。", reg_name(reg));
            told(
                (format!("没有越界：{what} 在段内。"), why.clone()),
                (format!("查限长：{what} 在段内。"), why),
                format!("{what} 在段内"),
            )
        }
        SegmentStep::Added { base, offset, linear, .. } => {
            let why = match base {
                0 => "基址是 0：偏移就是线性地址。",
                _ => "程序从来看不到这个数。",
            };
            let sum = format!("{} + {} = {}", hex(base), hex(offset), hex(linear));
            told(
                (format!("基址加偏移：{sum}，即线性地址。"), why),
                (format!("加上基址：{sum}，即线性地址。"), why),
                format!("线性地址 {sum}"),
            )
        }
        SegmentStep::Shifted { segment, offset, sum } => {
            let text = format!("{} × 16 + {} = {}", hex(segment), hex(offset), hex(sum));
            let why = match sum {
                0..=0xf_ffff => "别的段配别的偏移也能得到它。",
                _ => "这要 21 位。",
            };
            told(
                (format!("段值乘 16 加偏移：{text}。"), why),
                (format!("段值左移 4 位再加：{text}。"), why),
                text,
            )
        }
        SegmentStep::Around { reg } => {
            let why = "8086 不查限长：偏移到头就从 0 再来。";
            told(
                (format!("过了 {} 的末字节：其余的在偏移 0。", reg_name(reg)), why),
                (format!("接着从 {} 的偏移 0 取。", reg_name(reg)), why),
                format!("其余的从 {} 的偏移 0 取", reg_name(reg)),
            )
        }
        SegmentStep::Wrapped { from, to } => {
            let why = "8086 只有 20 根地址线：最高那一位没有去处。";
            told(
                (format!("在 1 MiB 处回绕：{} 变成 {}。", line_20(from), line_20(to)), why),
                (format!("在 1 MiB 处回绕：{} 变成 {}。", line_20(from), line_20(to)), why),
                format!("{} 回绕到 {}", line_20(from), line_20(to)),
            )
        }
        SegmentStep::Masked { from, to } => {
            let why = "A20 门关着：第 20 根地址线恒为 0。";
            told(
                (format!("{} 变成了 {}。", line_20(from), line_20(to)), why),
                (format!("{} 变成 {}。", line_20(from), line_20(to)), why),
                format!("A20：{} → {}", line_20(from), line_20(to)),
            )
        }
        SegmentStep::High { address } => {
            let why = "A20 门开着，实模式能到 1 MiB 以上 65,520 字节（HMA）。";
            told(
                (format!("{} 超过 1 MiB，照样用。", hex(address)), why),
                (format!("{} 超过 1 MiB，照样用。", hex(address)), why),
                format!("{} 在 HMA 里", hex(address)),
            )
        }
        SegmentStep::Flat { reg, offset } => {
            let why = "描述符里的基址和限长连看都不看。";
            told(
                (format!("{} 当作 0：{} 就是线性地址。", reg_name(reg), hex(offset)), why),
                (format!("把 {} 当作 0：{} 就是线性地址。", reg_name(reg), hex(offset)), why),
                format!("{} 当作 0", reg_name(reg)),
            )
        }
        SegmentStep::Based { reg, base, offset, linear } => {
            let why = "这两个基址仍算数。";
            let sum = format!("{} + {} = {}", hex(base), hex(offset), hex(linear));
            told(
                (format!("{} 有基址：{sum}。", reg_name(reg)), why),
                (format!("加 {} 的基址：{sum}。", reg_name(reg)), why),
                sum,
            )
        }
        SegmentStep::Translated { linear } => {
            let why = "之后归分页：由四级页表翻译，段不再过问。";
            told(
                (format!("{} 交给了页表。", hex(linear)), why),
                (format!("把 {} 交给页表。", hex(linear)), why),
                format!("{} 交给页表", hex(linear)),
            )
        }
        SegmentStep::InBound { offset, limit, .. } => {
            let text = format!("{} 小于界限 {}", hex(offset), hex(limit));
            let why = "界限是第一个越界的地址。";
            told((format!("{text}。"), why), (format!("查界限：{text}。"), why), text)
        }
        SegmentStep::Relocated { base, offset, physical } => {
            let sum = format!("{} + {} = {}", hex(base), hex(offset), hex(physical));
            let why = "程序搬了家，改一下基址就行，它自己不知道。";
            told((format!("基址加地址：{sum}。"), why), (format!("加上基址：{sum}。"), why), sum)
        }
        SegmentStep::Directory { linear, place, entry } => {
            let text = format!("页目录第 {place} 项是 {entry:#010x}");
            let why = format!("由 {} 的高 10 位选出。", hex(linear));
            told((format!("{text}。"), why.clone()), (format!("查 31～22 位：{text}。"), why), text)
        }
        SegmentStep::Entry { linear, place, entry } => {
            let text = format!("页表第 {place} 项是 {entry:#010x}");
            let why = format!("由 {} 中间 10 位选出；低 12 位不变。", hex(linear));
            told((format!("{text}。"), why.clone()), (format!("查 21～12 位：{text}。"), why), text)
        }
        SegmentStep::Reached { address, size } => {
            let text = format!("物理地址 {}，{size} 字节", hex(address));
            let why = "送到内存总线上的就是它。";
            told((format!("到了{text}。"), why), (format!("到{text}。"), why), format!("到{text}"))
        }
        SegmentStep::Fault(fault) => failed(fault),
    }
}

fn lack(what: Lack) -> String {
    match what {
        Lack::Segments => "段寄存器".into(),
        Lack::Register(reg) => format!(" {} 寄存器", reg_name(reg)),
        Lack::Mode(mode) => mode_name(mode).into(),
        Lack::BackToReal => "回实模式的路，只能复位".into(),
        Lack::Gate => "第 20 根地址线的门".into(),
        Lack::Descriptors => "描述符".into(),
        Lack::Paging => "两级页表".into(),
        Lack::Bases => "描述符以外的基址".into(),
        Lack::Relocation => "一对基址和界限".into(),
    }
}

/// `#GP(0x0018)`
pub(super) fn exception(fault: Fault) -> String {
    match fault.code {
        Some(code) => format!("{}（{code:#x}）", fault.vector.name()),
        None if fault.vector == Vector::Bound => "陷入".into(),
        None => format!("{}，中断 {}", fault.vector.name(), fault.vector.number()),
    }
}

fn failed(fault: Fault) -> Told {
    let name = exception(fault);
    let (what, why) = match fault.why {
        Why::NullLoaded => ("空选择子".into(), "CS 和 SS 必须有段。"),
        Why::NullUsed => ("寄存器里是空选择子".into(), "装入可以，用就不行。"),
        Why::NoLdt => ("没有 LDT".into(), "TI 为 1，LDTR 却是空的。"),
        Why::BeyondTable { limit } => {
            (format!("这一项超出了表的界限 {limit}"), "错误码是去掉 RPL 的选择子。")
        }
        Why::System { .. } => ("是系统描述符，不是段".into(), "S 为 0：既非代码也非数据。"),
        Why::NotCode => ("CS 只装代码段".into(), "跳到数据段去执行是不行的。"),
        Why::LongAndBig => ("L 和 D 都是 1".into(), "代码要么 64 位，要么 32 位。"),
        Why::StackNotWritable => ("SS 只装可写的数据段".into(), "栈是要压入的。"),
        Why::NotReadable => ("这段代码只能执行".into(), "描述符里的 R 为 0。"),
        Why::NotLdt { .. } => ("不是 LDT 的描述符".into(), "LDTR 只装类型 2。"),
        Why::Ring { cpl } => (format!("{cpl} 环没有权利"), "只有 0 环能换表、换模式。"),
        Why::Privilege { cpl, rpl, dpl } => (
            format!("特权级不够：CPL {cpl}，RPL {rpl}，DPL {dpl}"),
            "数据段要 CPL、RPL 都不大于 DPL；栈和代码要相等。",
        ),
        Why::Absent => ("P 为 0".into(), "系统可以把段调进来再试。"),
        Why::ReadOnly => ("这段数据只能读".into(), "描述符里的 W 为 0。"),
        Why::CodeWritten => ("代码段永远不能写".into(), "要写，得另设一个段盖住它。"),
        Why::Limit { offset, size, offsets } => {
            let last = offset.saturating_add(u64::from(size) - 1);
            let may = match offsets {
                Some((low, high)) => format!("只能 {low:#x}～{high:#x}"),
                None => "没有可用的偏移".into(),
            };
            let text = match size {
                1 => format!("偏移 {} 越界，{may}", hex(offset)),
                _ => format!("偏移 {}～{} 越界，{may}", hex(offset), hex(last)),
            };
            (text, "内存碰都没碰。")
        }
        Why::NotCanonical => ("地址不规范".into(), "63～48 位要和 47 位相同。"),
        Why::Page { present: false, .. } => ("那里没有页".into(), "段放行了：真正保护的是分页。"),
        Why::Page { write: true, .. } => ("这一页只能读".into(), "页表项里的 R/W 为 0。"),
        Why::Page { .. } => ("这一页归内核".into(), "U/S 为 0：段放行了，页不放行。"),
        Why::Bound { limit } => (format!("地址不小于界限 {}", hex(limit)), "程序到那里为止。"),
    };
    told(
        (format!("{name}：{what}。"), why),
        (format!("接着出错，{name}：{what}。"), why),
        format!("{name}：{what}"),
    )
}

pub(super) fn op_text(op: &SegmentOp) -> String {
    match *op {
        SegmentOp::Cpu(cpu) => format!("通电：{}", cpu_name(cpu)),
        SegmentOp::Mode(mode) => format!("进入{}", mode_name(mode)),
        SegmentOp::A20(true) => "打开 A20 门".into(),
        SegmentOp::A20(false) => "关上 A20 门".into(),
        SegmentOp::Relocation(Some(_)) => "把程序放进一整块内存".into(),
        SegmentOp::Relocation(None) => "停用基址和界限".into(),
        SegmentOp::Write { descriptor, .. } => {
            let Fields { dpl, .. } = descriptor.decode();
            format!("{}，{dpl} 环", kind(descriptor))
        }
        SegmentOp::Lldt(_) => "选定 LDT".into(),
        SegmentOp::Load { reg: SegReg::Cs, .. } => "跳到别的代码段".into(),
        SegmentOp::Load { reg, .. } => format!("装入 {}", reg_name(reg)),
        SegmentOp::Return { .. } => "返回外环".into(),
        SegmentOp::Linux(Arch::I386) => "i386 上 Linux 里的程序".into(),
        SegmentOp::Linux(Arch::X86_64) => "x86-64 上 Linux 里的程序".into(),
        SegmentOp::Page { frame: Some(_), .. } => "把页映射到页框".into(),
        SegmentOp::Page { frame: None, .. } => "拿走一页".into(),
        SegmentOp::Paging(true) => "打开分页".into(),
        SegmentOp::Paging(false) => "关掉分页".into(),
        SegmentOp::Base { reg, .. } => format!("设 {} 的基址", reg_name(reg)),
        SegmentOp::Access { access, size, .. } => format!("{} {size} 字节", verb(access)),
    }
}

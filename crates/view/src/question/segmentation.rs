//! What questions about segments say: the misconceptions, and the sentences in both languages.

use mm::process::Access;
use mm::segmentation::{SegReg, Selector};
use scenario::Lang;

use super::{Ask, Claim};
use crate::narrate::segmentation::{hex, logical, reg_name};

/// A misconception about segments, with what its correction needs.
#[allow(missing_docs, reason = "the sentences say it")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SegmentMistake {
    BaseForgotten,
    LimitStillCounts,
    OldBase,
    BoundIncluded { limit: u32 },
    BoundOfSum,
    Unchecked,
    NoWrap,
    WrapFaults,
    AlwaysWraps,
    FirstByte,
    Feared,
    Unshifted,
    TimesTen,
    TimesEight,
    NotDown,
    StackVector,
    NullIsZero,
    TypeIgnored { access: Access },
    NotPaging,
    LimitExclusive,
    LimitInBytes,
    RealThinking,
    RplIgnored { rpl: u8, dpl: u8 },
    RingsIgnored { cpl: u8, dpl: u8 },
    RingIsNotAbsence,
    AbsentLater,
    AbsentHasItsOwn,
    BeyondIsAbsent,
    BeyondIsZero,
    KindIgnored { reg: SegReg },
    IndexIsSelector,
    RplInIndex,
    OtherTable { local: bool },
}

/// A question; nothing for one about something else.
pub(super) fn ask(lang: Lang, ask: &Ask) -> String {
    match *ask {
        Ask::SegmentEnds { access, reg, offset, size } => {
            let at = logical(reg, offset);
            match lang {
                Lang::En => {
                    let verb = ["reads", "writes", "executes"][access as usize];
                    let bytes = if size == 1 { "1 byte".into() } else { format!("{size} bytes") };
                    format!("The program {verb} {bytes} at {at}. A fault, or which address?")
                }
                Lang::Zh => {
                    let verb = ["读", "写", "执行"][access as usize];
                    format!("程序在 {at} {verb} {size} 字节。出错，还是到哪个地址？")
                }
            }
        }
        Ask::SegmentLoads { reg, selector } => {
            let (reg, Selector(value)) = (reg_name(reg), selector);
            lang.pick(
                format!("{} is loaded into {reg}. A fault, or which base?", hex(value)),
                format!("把 {} 装入 {reg}。出错，还是得到哪个基址？", hex(value)),
            )
        }
        Ask::SegmentEntry { selector } => lang.pick(
            format!("Which descriptor does the selector {selector} choose?"),
            format!("选择子 {selector} 选中哪个描述符？"),
        ),
        _ => String::new(),
    }
}

/// An answer; nothing for one about something else.
pub(super) fn claim(lang: Lang, claim: &Claim) -> String {
    match *claim {
        Claim::Linear(at) => lang.pick(format!("address {}", hex(at)), format!("地址 {}", hex(at))),
        Claim::Exception(vector) => {
            let name = vector.name();
            lang.pick(format!("a fault: {name}"), format!("出错：{name}"))
        }
        Claim::Loads(base) => {
            lang.pick(format!("loaded: base {}", hex(base)), format!("装入，基址 {}", hex(base)))
        }
        Claim::TableEntry { local, index } => format!("{} {index}", if local { "LDT" } else { "GDT" }),
        _ => String::new(),
    }
}

/// The sentence that names a misconception and corrects it.
pub(super) fn mistake(lang: Lang, mistake: SegmentMistake) -> String {
    match lang {
        Lang::En => english(mistake),
        Lang::Zh => chinese(mistake),
    }
}

fn english(mistake: SegmentMistake) -> String {
    use SegmentMistake as M;
    match mistake {
        M::BaseForgotten => {
            "“The offset is the address”? The segment begins at its base: that is added.".into()
        }
        M::LimitStillCounts => {
            "“Beyond 4 GiB the limit strikes”? In long mode limits are not checked; only the top bits are."
                .into()
        }
        M::OldBase => {
            "“The base in the descriptor”? In long mode it does not count; FS and GS have their own.".into()
        }
        M::BoundIncluded { limit } => {
            format!("“Up to the bound”? The bound, {}, is the first address that is too large.", hex(limit))
        }
        M::BoundOfSum => {
            "“The sum is measured”? The program's own address is, before the base is added.".into()
        }
        M::Unchecked => "“An offset is only a number”? It is compared with the limit first.".into(),
        M::NoWrap => "“It goes above 1 MiB”? Bit 20 never gets to memory here: the address wraps.".into(),
        M::WrapFaults => "“Too large is a fault”? Nothing is checked: the upper bit is just lost.".into(),
        M::AlwaysWraps => {
            "“Real mode wraps at 1 MiB”? Only where line 20 is missing or its gate is closed.".into()
        }
        M::FirstByte => {
            "“The first byte is inside”? All bytes have to be: the last one lies beyond the limit.".into()
        }
        M::Feared => "“Surely a fault”? Kind, ring and limit all fit: go through them one by one.".into(),
        M::Unshifted => "“Segment plus offset”? The segment is shifted by four bits first: times 16.".into(),
        M::TimesTen => "“A 0 behind it is times 10”? In hex it is times 16.".into(),
        M::TimesEight => {
            "“A segment register times 8”? Eight bytes are those of a descriptor; real mode has none: 16."
                .into()
        }
        M::NotDown => "“Offsets up to the limit”? It grows down: those above the limit may be used.".into(),
        M::StackVector => "“One fault for all”? What fails through SS is #SS; through the others #GP.".into(),
        M::NullIsZero => {
            "“Null is base 0”? The null selector stands for no segment: using it is a fault.".into()
        }
        M::TypeIgnored { access: Access::Write } => {
            "“Inside is inside”? The kind counts as well: this segment cannot be written to.".into()
        }
        M::TypeIgnored { .. } => {
            "“Inside is inside”? The kind counts as well: this code can only be run.".into()
        }
        M::NotPaging => "“A page fault”? It does not get that far: the segment stops it.".into(),
        M::LimitExclusive => "“The limit is a length”? It is the last offset that may be used.".into(),
        M::LimitInBytes => "“The limit counts bytes”? G is set: it counts pages of 4 KiB.".into(),
        M::RealThinking => {
            "“Times 16”? That is real mode: here the register is a selector, the base is in a table.".into()
        }
        M::RplIgnored { rpl, dpl } => {
            format!("“Ring 0 may do anything”? RPL {rpl} says on whose behalf, and DPL is {dpl}.")
        }
        M::RingsIgnored { cpl, dpl } => {
            format!("“It is there, so it loads”? The rings have to fit: CPL is {cpl}, DPL {dpl}.")
        }
        M::RingIsNotAbsence => {
            "“Not to be had is not present”? P is set: what is wrong is general protection.".into()
        }
        M::AbsentLater => "“Found out when it is used”? P is looked at when the register is loaded.".into(),
        M::AbsentHasItsOwn => {
            "“General protection”? P clear has an exception of its own: it can be mended.".into()
        }
        M::BeyondIsAbsent => {
            "“Not there is not present”? Beyond the table there is no P to look at: #GP.".into()
        }
        M::BeyondIsZero => "“Then it reads zeros”? Beyond the table's limit nothing is read at all.".into(),
        M::KindIgnored { reg } => {
            format!("“Any segment will do”? {} takes only certain kinds, and this is not one.", reg_name(reg))
        }
        M::IndexIsSelector => {
            "“The selector is the number”? Its three low bits are TI and RPL: divide by 8.".into()
        }
        M::RplInIndex => "“Two bits are RPL, the rest index”? Bit 2 is TI: the index begins at bit 3.".into(),
        M::OtherTable { local: true } => "“The GDT, as always”? Bit 2, TI, is set: the LDT.".into(),
        M::OtherTable { local: false } => "“The task's own table”? Bit 2, TI, is clear: the GDT.".into(),
    }
}

fn chinese(mistake: SegmentMistake) -> String {
    use SegmentMistake as M;
    match mistake {
        M::BaseForgotten => "“偏移就是地址”？段从基址开始：要加上它。".into(),
        M::LimitStillCounts => "“过了 4 GiB 限长会拦住”？长模式不查限长，只看高位是否规范。".into(),
        M::OldBase => "“描述符里有基址”？长模式下不算数；FS 和 GS 另有基址。".into(),
        M::BoundIncluded { limit } => format!("“到界限为止都行”？界限 {} 本身已经越界。", hex(limit)),
        M::BoundOfSum => "“拿和去比”？先拿程序自己的地址比，比完才加基址。".into(),
        M::Unchecked => "“偏移不过是个数”？先要和限长比。".into(),
        M::NoWrap => "“到 1 MiB 以上去”？第 20 位到不了内存：地址回绕。".into(),
        M::WrapFaults => "“太大就出错”？什么也不查：高位白白丢掉。".into(),
        M::AlwaysWraps => "“实模式总在 1 MiB 回绕”？没有第 20 根线或门关着才会。".into(),
        M::FirstByte => "“首字节在段内”？每个字节都要在：末字节越界了。".into(),
        M::Feared => "“肯定出错”？类型、特权级、限长都没问题：逐项查一遍。".into(),
        M::Unshifted => "“段加偏移”？段值先左移 4 位，即乘 16。".into(),
        M::TimesTen => "“后面添 0 是乘 10”？十六进制里是乘 16。".into(),
        M::TimesEight => "“段寄存器乘 8”？8 字节的是描述符，实模式没有：乘 16。".into(),
        M::NotDown => "“偏移不超过限长”？它向下扩展：可用的在限长之上。".into(),
        M::StackVector => "“出错都一样”？经过 SS 是 #SS，其余是 #GP。".into(),
        M::NullIsZero => "“空就是基址 0”？空选择子不代表任何段：一用就出错。".into(),
        M::TypeIgnored { access: Access::Write } => "“在段内就行”？还要看类型：这个段不能写。".into(),
        M::TypeIgnored { .. } => "“在段内就行”？还要看类型：这段代码只能执行。".into(),
        M::NotPaging => "“是缺页”？走不到那一步：段先拦住了。".into(),
        M::LimitExclusive => "“限长是长度”？它是最后一个可用的偏移。".into(),
        M::LimitInBytes => "“限长以字节计”？G 为 1：以 4 KiB 的页计。".into(),
        M::RealThinking => "“乘 16”？那是实模式：这里是选择子，基址在表里。".into(),
        M::RplIgnored { rpl, dpl } => format!("“0 环什么都行”？RPL {rpl} 说明替谁做，而 DPL 是 {dpl}。"),
        M::RingsIgnored { cpl, dpl } => format!("“有就能装”？特权级要合适：CPL {cpl}，DPL {dpl}。"),
        M::RingIsNotAbsence => "“拿不到就是不在”？P 为 1：这是一般保护错。".into(),
        M::AbsentLater => "“用的时候才发现”？装入寄存器时就查 P。".into(),
        M::AbsentHasItsOwn => "“一般保护错”？P 为 0 另有异常：系统还能补救。".into(),
        M::BeyondIsAbsent => "“没有就是不在”？表外没有 P 可看：#GP。".into(),
        M::BeyondIsZero => "“那就读到 0”？超出表的界限，根本不读。".into(),
        M::KindIgnored { reg } => format!("“什么段都行”？{} 只装某几类，这个不是。", reg_name(reg)),
        M::IndexIsSelector => "“选择子就是编号”？低 3 位是 TI 和 RPL：要除以 8。".into(),
        M::RplInIndex => "“低 2 位是 RPL，其余是索引”？第 2 位是 TI：索引从第 3 位起。".into(),
        M::OtherTable { local: true } => "“总是 GDT”？TI 为 1：是 LDT。".into(),
        M::OtherTable { local: false } => "“任务自己的表”？TI 为 0：是 GDT。".into(),
    }
}

//! The text twins of segmentation: the tables of descriptors with their bytes, the segment registers with what is hidden
//! in them, the pages, and how far the address in play has come.

use mm::segmentation::{Doing, Mode, Table as Descriptors};
use mm::x86::pgtable::Pte;
use scenario::Lang;

use super::{MOST_BLOCKS, Table};
use crate::Moment;
use crate::narrate::segmentation::{bytes_of, hex, logical, reg_name};
use crate::segmentation::{base_of, entries, fault_word, kind_word, processor, registers};

/// All of it; nothing before there is a processor.
pub(super) fn tables(moment: &Moment, lang: Lang) -> Vec<Table> {
    let seg = moment.machine.segmentation();
    if seg.is_untouched() {
        return Vec::new();
    }
    let mut tables = vec![way(moment, lang)];
    if seg.cpu().has_segments() {
        tables.push(segment_registers(moment, lang));
    }
    if !entries(seg).is_empty() {
        tables.push(descriptors(moment, lang));
    }
    if seg.page_tables().count() > 0 {
        tables.push(pages(moment, lang));
    }
    tables
}

/// The address in play.
fn way(moment: &Moment, lang: Lang) -> Table {
    let seg = moment.machine.segmentation();
    let way = seg.way();
    let mut table = Table::new(
        lang.pick("The processor and the address in play", "处理器与当前的地址"),
        &[
            lang.pick("processor", "处理器"),
            lang.pick("what is done", "在做什么"),
            lang.pick("inside the limit", "没有越界"),
            lang.pick("linear", "线性地址"),
            lang.pick("physical", "物理地址"),
            lang.pick("fault", "出错"),
        ],
    );
    let doing = match way.doing {
        Doing::Nothing => "–".into(),
        Doing::Load { reg, selector } => format!("{} ← {selector}", reg.map_or("LDTR".into(), reg_name)),
        Doing::Access { access, reg, offset, size } => {
            let verb = lang.pick(["read", "write", "execute"], ["读", "写", "执行"])[access as usize];
            format!("{verb} {} ({size})", logical(reg, offset))
        }
    };
    let address = |value: Option<u64>| value.map_or("–".into(), hex);
    let yes = lang.pick("yes", "是");
    table.rows.push(vec![
        processor(seg, lang),
        doing,
        if way.within { yes.into() } else { "–".into() },
        address(way.linear),
        address(way.physical),
        way.fault.map_or("–".into(), fault_word),
    ]);
    table
}

/// What a program sees of the registers, and what it does not.
fn segment_registers(moment: &Moment, lang: Lang) -> Table {
    let seg = moment.machine.segmentation();
    let mut table = Table::new(
        lang.pick("Segment registers; all but the selector is hidden", "段寄存器：选择子以外都是隐藏部分"),
        &[
            lang.pick("register", "寄存器"),
            lang.pick("selector", "选择子"),
            lang.pick("base", "基址"),
            lang.pick("limit", "限长"),
            lang.pick("kind", "类型"),
            "DPL",
        ],
    );
    for reg in registers(seg) {
        let register = seg.register(reg);
        let is_null = !register.hidden.is_present();
        let limit = match seg.mode() {
            Mode::Long => "–".into(),
            _ if is_null => "–".into(),
            _ => hex(register.hidden.limit()),
        };
        let null = lang.pick("null", "空").to_owned();
        table.rows.push(vec![
            reg_name(reg),
            register.selector.to_string(),
            if is_null && seg.mode() != Mode::Long { "–".into() } else { hex(base_of(seg, reg)) },
            limit,
            if is_null { null } else { kind_word(register.hidden).into() },
            if is_null { "–".into() } else { register.hidden.dpl().to_string() },
        ]);
    }
    table
}

/// Every descriptor that holds something, with its bytes.
fn descriptors(moment: &Moment, lang: Lang) -> Table {
    let seg = moment.machine.segmentation();
    let mut table = Table::new(
        lang.pick("Descriptors", "描述符"),
        &[
            lang.pick("entry", "项"),
            lang.pick("bytes, lowest address first", "字节，低地址在前"),
            lang.pick("base", "基址"),
            lang.pick("limit", "限长"),
            lang.pick("kind", "类型"),
            "DPL",
            "P",
            "A",
        ],
    );
    let all = entries(seg);
    for (of, index, descriptor) in all.iter().take(MOST_BLOCKS) {
        let name = if *of == Descriptors::Gdt { "GDT" } else { "LDT" };
        let fields = descriptor.decode();
        table.rows.push(vec![
            format!("{name} {index}"),
            bytes_of(*descriptor),
            hex(descriptor.base()),
            hex(descriptor.limit()),
            kind_word(*descriptor).into(),
            fields.dpl.to_string(),
            u8::from(fields.present).to_string(),
            u8::from(descriptor.is_accessed()).to_string(),
        ]);
    }
    table.leave_out(all.len().saturating_sub(MOST_BLOCKS), lang);
    table
}

/// The pages that are mapped.
fn pages(moment: &Moment, lang: Lang) -> Table {
    let seg = moment.machine.segmentation();
    let mut table = Table::new(
        lang.pick("Pages", "页"),
        &[
            lang.pick("linear", "线性地址"),
            lang.pick("directory entry", "页目录项"),
            lang.pick("table entry", "页表项"),
            lang.pick("frame", "页框"),
            lang.pick("rights", "权限"),
        ],
    );
    let tables = seg.page_tables();
    for (linear, entry) in tables.pages().take(MOST_BLOCKS) {
        let pte = Pte(u64::from(entry));
        let write = if pte.has(Pte::RW) { "rw" } else { "r" };
        let who =
            if pte.has(Pte::USER) { lang.pick("user", "用户") } else { lang.pick("kernel", "内核") };
        table.rows.push(vec![
            hex(linear),
            format!("{:#010x}", tables.directory_entry(linear)),
            format!("{entry:#010x}"),
            hex(entry & !0xfff),
            format!("{write} {who}"),
        ]);
    }
    table.leave_out(tables.pages().count().saturating_sub(MOST_BLOCKS), lang);
    table
}

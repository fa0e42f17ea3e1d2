//! The text twins of translations: the way of an address through the tables, the TLBs that were asked, and what CPUs
//! counted.

use mm::process::Read;
use mm::x86::pgtable::Pte;
use mm::x86::tlb::PageSize;
use scenario::Lang;

use super::{MOST_BLOCKS, Table};
use crate::Moment;
use crate::narrate::num;
use crate::walk::{shown, walk};

/// What the picture of a page walk shows; nothing before there is a process.
pub(super) fn tables(moment: &Moment, lang: Lang) -> Vec<Table> {
    let Some(of) = shown(moment) else { return Vec::new() };
    let name = moment.name(of.process);
    let caption = match lang {
        Lang::En => format!("Tables on the way to {:#x} of {name}", of.address),
        Lang::Zh => format!("{name} 的 {:#x} 经过的页表", of.address),
    };
    let mut way = Table::new(
        &caption,
        &[
            lang.pick("level", "级"),
            lang.pick("frame of the table", "表所在页框"),
            lang.pick("entry", "项"),
            lang.pick("value", "值"),
            lang.pick("leads to frame", "指向页框"),
            lang.pick("read by the processor", "处理器读过"),
        ],
    );
    for Read { level, table, index, entry } in walk(moment, &of).iter().flat_map(|way| way.reads()) {
        let leads = if entry.has(Pte::PRESENT) { num(entry.pfn().0) } else { "–".into() };
        way.rows.push(vec![
            crate::walk::name_of(level).into(),
            num(table.0),
            num(index),
            format!("{:#018x}", entry.0),
            leads,
            if of.has_read(level) { lang.pick("yes", "是").into() } else { "–".into() },
        ]);
    }
    let mut tables = vec![way];
    let mmus = moment.machine.mmus();
    if mmus.config().is_none() {
        return tables;
    }
    if let Some(unit) = mmus.cpu(of.cpu) {
        let caption = match lang {
            Lang::En => format!("The sets of CPU {} that this page belongs to, last used first", of.cpu.0),
            Lang::Zh => format!("CPU {} 上这一页所属的组，最近用的在前", of.cpu.0),
        };
        let headers =
            ["TLB", lang.pick("set", "组"), "ASID", lang.pick("page", "页"), lang.pick("frame", "页框")];
        let mut sets = Table::new(&caption, &headers);
        for level in [1u8, 2] {
            let size = of.asked[usize::from(level - 1)].flatten().unwrap_or(PageSize::Small);
            let tlb = unit.tlb(level, size);
            let set = tlb.set_of(of.address.0 >> size.shift());
            for entry in tlb.set(set) {
                sets.rows.push(vec![
                    format!("L{level}"),
                    num(set),
                    entry.key.asid.to_string(),
                    format!("{:#x}", entry.key.page << entry.key.size.shift()),
                    num(entry.pte.pfn().0),
                ]);
            }
        }
        tables.push(sets);
    }
    let headers = [
        "CPU",
        "CR3",
        lang.pick("slot", "槽"),
        lang.pick("translated", "转换次数"),
        lang.pick("L1 hits", "一级命中"),
        lang.pick("L2 hits", "二级命中"),
        lang.pick("walks", "查表"),
        lang.pick("references to memory", "访存"),
        lang.pick("switches", "切换"),
        lang.pick("forgotten", "忘掉的项"),
        lang.pick("shootdowns", "击落中断"),
    ];
    let mut counts = Table::new(lang.pick("What CPUs translated", "各 CPU 的地址转换"), &headers);
    for (cpu, unit) in mmus.iter().take(MOST_BLOCKS) {
        let c = unit.counts;
        let mut row = vec![
            cpu.0.to_string(),
            unit.loaded().map_or("–".into(), |mm| moment.name(mm).to_owned()),
            unit.asid().to_string(),
        ];
        let figures =
            [c.accesses, c.l1_hits, c.l2_hits, c.walks, c.references, c.switches, c.flushed, c.ipis];
        row.extend(figures.map(num));
        counts.rows.push(row);
    }
    tables.push(counts);
    tables
}

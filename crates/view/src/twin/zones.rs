//! The tables of the zones: the lists of their CPUs, their marks, and where requests were served.

use mm::mmzone::{Mark, PerCpuPages, ZoneKind};
use mm::{CpuId, Machine};
use scenario::Lang;

use super::{MOST_BLOCKS, Table, left_out};
use crate::narrate::{num, type_name};
use crate::vitals::zone_name;

/// What every CPU keeps of every zone, and its lists; nothing on a machine without them.
pub(super) fn pcp_tables(machine: &Machine, lang: Lang) -> Vec<Table> {
    if machine.has_pcp() { vec![pcp_sizes(machine, lang), pcp_lists(machine, lang)] } else { Vec::new() }
}

/// The marks, the reserves and where requests were served; nothing on a machine without watermarks.
pub(super) fn watermark_tables(machine: &Machine, lang: Lang) -> Vec<Table> {
    let mut tables = Vec::new();
    if machine.has_watermarks() {
        tables.extend([watermarks(machine, lang), lowmem_reserve(machine, lang)]);
    }
    if machine.has_watermarks() || machine.nodes() > 1 {
        tables.push(numastat(machine, lang));
    }
    tables
}

fn cpus(machine: &Machine) -> impl Iterator<Item = CpuId> + use<> {
    (0..machine.cpus()).map(CpuId)
}

/// Count, limit and batch of each CPU and zone.
fn pcp_sizes(machine: &Machine, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("What each CPU keeps of each zone, in pages", "每个 CPU 在各区留着的页"),
        &[lang.pick("zone", "区"), "CPU", "count", "high", "batch", "free_factor"],
    );
    for id in machine.zone_ids() {
        for cpu in cpus(machine) {
            let PerCpuPages { count, high, batch, free_factor, .. } = machine.zone(id).pcp(cpu);
            let figures = [*count, *high, *batch, u32::from(*free_factor)].map(num);
            let cells = [zone_name(machine, id), cpu.0.to_string()].into_iter().chain(figures);
            table.rows.push(cells.collect());
        }
    }
    table
}

/// Every list of a CPU that is not empty, head first.
fn pcp_lists(machine: &Machine, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("Lists of the CPUs, head to tail", "各 CPU 的链表，从头到尾"),
        &[
            lang.pick("zone", "区"),
            "CPU",
            lang.pick("type", "类型"),
            lang.pick("order", "阶"),
            lang.pick("blocks", "块数"),
            lang.pick("first frames, head to tail", "各块首页框，头 → 尾"),
        ],
    );
    for id in machine.zone_ids() {
        for cpu in cpus(machine) {
            for index in 0..PerCpuPages::LISTS {
                let len = machine.zone(id).pcp(cpu).list(index).len();
                if len == 0 {
                    continue;
                }
                let first = machine.pcp_list(id, cpu, index).take(MOST_BLOCKS);
                let mut blocks: Vec<String> = first.map(|pfn| num(pfn.0)).collect();
                if len as usize > MOST_BLOCKS {
                    blocks.push(left_out(len as usize - MOST_BLOCKS, lang));
                }
                table.rows.push(vec![
                    zone_name(machine, id),
                    cpu.0.to_string(),
                    pcp_type_name(index).into(),
                    PerCpuPages::order_of(index, machine.pageblock_order()).to_string(),
                    num(len),
                    blocks.join(lang.pick(", ", "、")),
                ]);
            }
        }
    }
    table
}

/// Whose requests a list of a CPU serves; the first list of huge pages serves all but the movable ones.
pub(crate) fn pcp_type_name(index: usize) -> &'static str {
    if index == PerCpuPages::THP_LIST {
        "UNMOVABLE, RECLAIMABLE"
    } else {
        type_name(PerCpuPages::type_of(index))
    }
}

/// Each zone's free pages against its marks.
fn watermarks(machine: &Machine, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("Free pages and watermarks, the boost included", "空闲页与水位（含抬高）"),
        &[
            lang.pick("zone", "区"),
            lang.pick("free", "空闲"),
            "min",
            "low",
            "high",
            lang.pick("boost", "抬高"),
            lang.pick("set aside", "预留"),
            lang.pick("kept by CPUs", "CPU 留着"),
            "managed",
        ],
    );
    for id in machine.zone_ids() {
        let zone = machine.zone(id);
        let marks = [Mark::Min, Mark::Low, Mark::High].map(|mark| num(zone.wmark_pages(mark)));
        let mut row = vec![zone_name(machine, id), num(zone.nr_free_pages.0)];
        row.extend(marks);
        row.extend([num(zone.watermark_boost), num(zone.nr_reserved_highatomic)]);
        row.extend([num(zone.pcp_pages().0), num(zone.managed.0)]);
        table.rows.push(row);
    }
    table
}

/// What each zone keeps from requests, by the highest zone that may serve them.
fn lowmem_reserve(machine: &Machine, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick(
            "Pages kept from a request, by the highest zone it may use (lowmem_reserve)",
            "按请求可用的最高区，各区保留的页（lowmem_reserve）",
        ),
        &[lang.pick("zone", "区")],
    );
    let kinds: Vec<ZoneKind> = ZoneKind::ALL.into_iter().filter(|kind| machine.has_kind(*kind)).collect();
    table.headers.extend(kinds.iter().map(|kind| kind.name().to_owned()));
    for id in machine.zone_ids() {
        let reserve = &machine.zone(id).lowmem_reserve;
        let cells = kinds.iter().map(|kind| num(reserve[*kind as usize]));
        table.rows.push([zone_name(machine, id)].into_iter().chain(cells).collect());
    }
    table
}

/// Where requests were served, and where they had been meant to.
fn numastat(machine: &Machine, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("Where requests were served (numastat)", "请求在哪里得到满足（numastat）"),
        &[lang.pick("zone", "区"), "numa_hit", "numa_miss", "numa_foreign", "local_node", "other_node"],
    );
    for id in machine.zone_ids() {
        let numa = machine.zone(id).numa;
        let counts = [numa.hit, numa.miss, numa.foreign, numa.local, numa.other].map(num);
        table.rows.push([zone_name(machine, id)].into_iter().chain(counts).collect());
    }
    table
}

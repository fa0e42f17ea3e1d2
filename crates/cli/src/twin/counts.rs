//! Numbers that must agree between the files of a moment: free pages and free blocks, the totals of memory, the
//! indices of fragmentation, what is available.

use std::io;

use kernel_io::{
    BootLog, Numbers, PageTypeInfo, ZoneEntry, ZoneInfo, ZoneRow, read_free_rows, read_index_rows,
    read_pagetypeinfo,
};
use mm::Order;
use mm::setup::calculate_totalreserve_pages;
use mm::units::{NrPages, PfnRange};
use mm::vmstat::{fragmentation_index, unusable_free_index};

use super::folder::{Folder, Log, Moment};
use super::report::Report;
use super::zones::name;

/// Why free pages may differ from one file to the next.
pub const MOVED: &str =
    "the files were read one after the other, and meminfo or vmstat show that memory moved meanwhile";

/// Compares all that one moment's files say.
pub fn compare(
    moment: &Moment,
    folder: &Folder,
    report: &mut Report<'_>,
) -> Result<(), crate::failure::Failure> {
    let free = moment.buddyinfo.as_deref();
    let moved = moment.zoneinfo.as_ref().is_some_and(|info| has_moved(moment, info));
    if let (Some(info), Some(free)) = (&moment.zoneinfo, free) {
        free_pages(&moment.file("zoneinfo"), info, free, moved, report)?;
    }
    if let (Some(types), Some(free)) = (&moment.pagetypeinfo, free) {
        by_type(&moment.file("pagetypeinfo"), types, free, moved, report)?;
    }
    if let (Some(types), Some(info)) = (&moment.pagetypeinfo, &moment.zoneinfo) {
        let log = folder.first().and_then(|first| first.dmesg.as_ref());
        pageblocks(&moment.file("pagetypeinfo"), types, info, log, report)?;
    }
    if let Some(free) = free {
        if let Some(rows) = &moment.extfrag {
            indices(&moment.file("extfrag_index"), rows, free, extfrag, report)?;
        }
        if let Some(rows) = &moment.unusable {
            indices(&moment.file("unusable_index"), rows, free, unusable, report)?;
        }
    }
    if let (Some(info), Some(meminfo)) = (&moment.zoneinfo, &moment.meminfo) {
        totals(&moment.file("meminfo"), info, meminfo, report)?;
    }
    Ok(())
}

/// Free pages of all zones together.
fn all_free(info: &ZoneInfo) -> u64 {
    info.zones.iter().fold(0, |sum, zone| sum.saturating_add(zone.pages.free))
}

/// Whether the files were not read at one moment: the same number is another in a later file.
fn has_moved(moment: &Moment, info: &ZoneInfo) -> bool {
    let free = all_free(info);
    let meminfo = moment.meminfo.as_ref().and_then(|numbers| numbers.get("MemFree")).map(|kb| kb / 4);
    let vmstat = moment.vmstat.as_ref().and_then(|numbers| numbers.get("nr_free_pages"));
    [meminfo, vmstat].into_iter().flatten().any(|other| other != free)
}

/// How far the counter of free pages may be from the lists: each CPU keeps a share of it to itself.
fn drift(zone: &ZoneEntry) -> u64 {
    let sets = zone.populated.iter().flat_map(|populated| &populated.pagesets);
    sets.fold(0, |sum, set| sum.saturating_add(set.stat_threshold.unwrap_or(0)))
}

/// How many pages may move between two reads: a few refills of the per-CPU lists.
fn movement(zone: &ZoneEntry) -> u64 {
    let sets = zone.populated.iter().flat_map(|populated| &populated.pagesets);
    sets.fold(0, |sum, set| sum.saturating_add(set.batch.saturating_mul(4)))
}

fn pages_of(counts: &[u64; Order::COUNT]) -> u64 {
    let pages = |(blocks, order): (&u64, Order)| blocks.saturating_mul(order.pages().into());
    counts.iter().zip(Order::all()).map(pages).fold(0, u64::saturating_add)
}

/// `nr_free_pages` against the free lists.
fn free_pages(
    file: &str,
    info: &ZoneInfo,
    free: &[ZoneRow<u64>],
    moved: bool,
    report: &mut Report<'_>,
) -> io::Result<()> {
    for zone in &info.zones {
        let Some(counter) = zone.populated.as_ref().and_then(|populated| populated.stat("nr_free_pages"))
        else {
            continue;
        };
        let field = format!("{} nr_free_pages", name(zone.node, zone.kind));
        let Some(row) = free.iter().find(|row| (row.node, row.kind) == (zone.node, zone.kind)) else {
            report.figure(file, field, counter, "no row of buddyinfo")?;
            continue;
        };
        let lists = pages_of(&row.values);
        let (off, drift) = (counter.abs_diff(lists), drift(zone));
        if off == 0 {
            report.figure(file, field, counter, lists)?;
        } else if off > drift && moved && off <= drift.saturating_add(movement(zone)) {
            report.skip(file, field, counter, MOVED)?;
        } else {
            let ours = format!("{lists}, at most {drift} off");
            report.judged(file, field, counter, ours, off <= drift)?;
        }
    }
    Ok(())
}

/// The free blocks of all migratetypes together.
fn by_type(
    file: &str,
    types: &PageTypeInfo,
    free: &[ZoneRow<u64>],
    moved: bool,
    report: &mut Report<'_>,
) -> io::Result<()> {
    for row in free {
        let field = format!("{} free blocks", name(row.node, row.kind));
        let Some(totals) = types.totals(row.node, row.kind) else {
            report.figure(file, field, "no such zone", shown(&row.values))?;
            continue;
        };
        let capped = || "the kernel stopped counting a list that is too long";
        let all: Option<Vec<u64>> = totals.into_iter().collect();
        match all {
            None => report.skip(file, field, "> 100000", capped())?,
            Some(all) if all != row.values && moved => report.skip(file, field, shown(&all), MOVED)?,
            Some(all) => report.figure(file, field, shown(&all), shown(&row.values))?,
        }
    }
    Ok(())
}

fn shown(numbers: &[u64]) -> String {
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(" ")
}

/// How many pageblocks a zone has (`pagetypeinfo_showblockcount_print()`, mm/vmstat.c, 6.1): the kernel steps from the
/// zone's first frame, and leaves out where there is no memory, on x86-64 by 2 MiB.
fn pageblocks(
    file: &str,
    types: &PageTypeInfo,
    info: &ZoneInfo,
    log: Option<&BootLog>,
    report: &mut Report<'_>,
) -> io::Result<()> {
    let Some(step) = u8::try_from(types.page_block_order).ok().and_then(Order::new).map(Order::pages) else {
        return Ok(());
    };
    // Without DMA32 it is a 32-bit kernel, which knows only of holes of whole sections.
    let has_subsections = info.kinds().contains(&mm::mmzone::ZoneKind::Dma32);
    for (node, kind, blocks) in &types.blocks {
        let sum = blocks.iter().fold(0u64, |sum, n| sum.saturating_add(*n));
        let field = format!("{} pageblocks", name(*node, *kind));
        let zone = info.zones.iter().find(|zone| (zone.node, zone.kind) == (*node, *kind));
        let Some((zone, start)) = zone.and_then(|zone| Some((zone, zone.populated.as_ref()?.start_pfn)))
        else {
            report.figure(file, field, sum, "no such zone")?;
            continue;
        };
        let ours = if zone.pages.present == zone.pages.spanned || !has_subsections {
            zone.pages.spanned.div_ceil(step.into())
        } else {
            let ranges = log.map(|log| &log.node_ranges[..]).unwrap_or_default();
            if ranges.is_empty() {
                report.skip(file, field, sum, "no dmesg says where the zone's holes are")?;
                continue;
            }
            let exists = |pfn: u64| {
                let Ok(first) = u32::try_from(pfn & !511) else { return false };
                let subsection = PfnRange::new(first, first.saturating_add(512));
                ranges.iter().any(|(n, ram)| n == node && !ram.and(subsection).is_empty())
            };
            // A broken file must not keep us busy: a frame number has 32 bits here, a pageblock at least 32 pages.
            let step = step.max(32);
            let end = start.saturating_add(zone.pages.spanned).min(u64::from(u32::MAX));
            (start..end).step_by(step as usize).filter(|pfn| exists(*pfn)).count() as u64
        };
        report.figure(file, field, sum, ours)?;
    }
    Ok(())
}

/// A row of the debug file `extfrag_index`.
fn extfrag(nr_free: &[u32; Order::COUNT], order: Order) -> String {
    let index = fragmentation_index(nr_free, order);
    format!("{}.{:03}", index / 1000, index % 1000)
}

/// A row of the debug file `unusable_index`.
fn unusable(nr_free: &[u32; Order::COUNT], order: Order) -> String {
    let index = unusable_free_index(nr_free, order);
    format!("{}.{:03}", index / 1000, index % 1000)
}

/// The indices of all orders against those of the free blocks.
fn indices(
    file: &str,
    rows: &[ZoneRow<String>],
    free: &[ZoneRow<u64>],
    index: impl Fn(&[u32; Order::COUNT], Order) -> String,
    report: &mut Report<'_>,
) -> io::Result<()> {
    for row in rows {
        let field = name(row.node, row.kind);
        let kernel = row.values.join(" ");
        match free.iter().find(|other| (other.node, other.kind) == (row.node, row.kind)) {
            Some(free) => {
                let counts = free.values.map(|blocks| u32::try_from(blocks).unwrap_or(u32::MAX));
                let ours: Vec<String> = Order::all().map(|order| index(&counts, order)).collect();
                report.figure(file, field, kernel, ours.join(" "))?;
            }
            None => report.skip(file, field, kernel, "no buddyinfo of that moment")?,
        }
    }
    Ok(())
}

/// `MemTotal`, and `MemAvailable` (`si_mem_available()`, mm/page_alloc.c, 6.1): the free pages that are not reserved,
/// and of the page cache and of what slab gives back all but the half or the low marks, whichever is less.
fn totals(file: &str, info: &ZoneInfo, meminfo: &Numbers, report: &mut Report<'_>) -> io::Result<()> {
    let sum = |pages: &dyn Fn(&ZoneEntry) -> u64| info.zones.iter().map(pages).fold(0, u64::saturating_add);
    if let Some(kb) = meminfo.get("MemTotal") {
        report.figure(file, "MemTotal", kb, sum(&|zone| zone.pages.managed).saturating_mul(4))?;
    }
    let Some(kb) = meminfo.get("MemAvailable") else { return Ok(()) };
    let pages = |name: &str| Some(meminfo.get(name)? / 4);
    let all = (pages("MemFree"), pages("Active(file)"), pages("Inactive(file)"), pages("KReclaimable"));
    let (Some(free), Some(active), Some(inactive), Some(reclaimable)) = all else {
        return report.skip(file, "MemAvailable", kb, "meminfo lacks what it is computed from");
    };
    let reserve = |zone: &ZoneEntry| {
        let high = zone.pages.high.saturating_sub(zone.pages.boost);
        let largest = zone.protection.iter().max().copied().unwrap_or(0);
        (NrPages(zone.pages.managed), NrPages(high), NrPages(largest))
    };
    let reserved = calculate_totalreserve_pages(info.zones.iter().map(reserve));
    let low = sum(&|zone| zone.pages.low);
    let gives_back = |pages: u64| i128::from(pages) - i128::from((pages / 2).min(low));
    let available = i128::from(free) - i128::from(reserved.0)
        + gives_back(active.saturating_add(inactive))
        + gives_back(reclaimable);
    report.figure(file, "MemAvailable", kb, available.max(0) * 4)
}

/// A log of fragmentation (`wl/h_*`): free blocks, free blocks by migratetype and the indices, one after the other,
/// among much else.
pub fn frag_log(log: &Log<String>, report: &mut Report<'_>) -> io::Result<()> {
    let mut free: Vec<ZoneRow<u64>> = Vec::new();
    let mut title = String::new();
    let lines: Vec<&str> = log.content.lines().collect();
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        at += 1;
        let in_block = |line: &&&str| line.starts_with("Node");
        let block = |from: usize| lines[from..].iter().take_while(in_block).count();
        // The lines of a part where they stand, so that a mistake's place is true.
        let part = |from: usize, to: usize| "\n".repeat(from) + &lines[from..to].join("\n");
        if let Some(moment) = line.strip_prefix("## buddyinfo ") {
            title = moment.into();
            let end = at + block(at);
            free = good(&log.file, read_free_rows(&part(at, end)), report).unwrap_or_default();
            at = end;
        } else if line.starts_with("Page block order:") {
            let end =
                lines[at..].iter().position(|line| line.starts_with('#')).map_or(lines.len(), |n| at + n);
            if let Some(types) = good(&log.file, read_pagetypeinfo(&part(at - 1, end)), report) {
                by_type_in_log(&log.file, &title, &types, &mut free, report)?;
            }
            at = end;
        } else if line == "## extfrag_index" || line == "## unusable_index" {
            let end = at + block(at);
            if let Some(rows) = good(&log.file, read_index_rows(&part(at, end)), report) {
                let file = format!("{}: {title}: {}", log.file, &line[3..]);
                let index = if line.ends_with("extfrag_index") { extfrag } else { unusable };
                indices(&file, &rows, &free, index, report)?;
            }
            at = end;
        }
    }
    Ok(())
}

/// In a log the indices are read after this, so what it says is what they are compared with.
fn by_type_in_log(
    file: &str,
    title: &str,
    types: &PageTypeInfo,
    free: &mut [ZoneRow<u64>],
    report: &mut Report<'_>,
) -> io::Result<()> {
    by_type(&format!("{file}: {title}"), types, free, false, report)?;
    for row in free {
        let all: Option<Vec<u64>> =
            types.totals(row.node, row.kind).and_then(|totals| totals.into_iter().collect());
        if let Some(all) = all.and_then(|all| all.try_into().ok()) {
            row.values = all;
        }
    }
    Ok(())
}

/// What was read; what is wrong with it goes to the report.
pub fn good<T>(
    file: &str,
    result: Result<T, Vec<kernel_io::ReadError>>,
    report: &mut Report<'_>,
) -> Option<T> {
    result.map_err(|errors| report.broken(file, &errors)).ok()
}

//! The text twins of reclaim: the lists from their tails, what the scanner has in its hands, who works, swap and files.

use mm::Pfn;
use mm::mmzone::Mark;
use mm::reclaim::{Batch, LruFlags, Medium, Reclaim};
use scenario::Lang;

use super::{MOST_BLOCKS, Table};
use crate::Moment;
use crate::narrate::num;
use crate::reclaim::{LISTS, Worker, list_name, worker, zones_of};
use crate::vitals::zone_name;

/// Pages of a list that are named, from the tail on.
const TAIL: usize = 8;

/// All of it; nothing where nobody takes memory away.
pub(super) fn tables(moment: &Moment, lang: Lang) -> Vec<Table> {
    let Some(reclaim) = moment.machine.reclaim() else { return Vec::new() };
    let mut tables = vec![lists(moment, reclaim, lang), workers(moment, reclaim, lang)];
    if !reclaim.isolated().is_empty() {
        tables.push(hands(moment, reclaim, lang));
    }
    if !reclaim.areas().is_empty() {
        tables.push(swap(reclaim, lang));
    }
    if moment.machine.processes().files().next().is_some() {
        tables.push(files(moment, reclaim, lang));
    }
    tables.extend(super::groups::table(moment, lang));
    tables
}

/// `812 R`, with the letters of the picture.
fn page(moment: &Moment, reclaim: &Reclaim, pfn: Pfn) -> String {
    let flags = reclaim.page(pfn).flags;
    let mapped = moment.machine.processes().mapped(pfn);
    let dirty = mapped.dirty && mapped.file().is_some();
    let marks = [
        (flags.has(LruFlags::WRITEBACK), 'W'),
        (dirty, 'D'),
        (flags.has(LruFlags::SWAPCACHE), 'S'),
        (flags.has(LruFlags::REFERENCED), 'R'),
        (moment.machine.young_ptes(pfn) > 0, '•'),
    ];
    let marks: String = marks.into_iter().filter(|(is, _)| *is).map(|(_, mark)| mark).collect();
    if marks.is_empty() { num(pfn.0) } else { format!("{} {marks}", num(pfn.0)) }
}

fn lists(moment: &Moment, reclaim: &Reclaim, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("LRU lists; the tail is looked at first", "LRU 链表：从表尾看起"),
        &[
            lang.pick("node", "节点"),
            lang.pick("list", "链表"),
            lang.pick("pages", "页"),
            lang.pick("the oldest, tail first", "最老的，从尾数起"),
        ],
    );
    for node in 0..moment.machine.nodes() {
        for lru in LISTS {
            let len = reclaim.len(node, lru);
            let oldest = reclaim.list_from_tail(node, lru).take(TAIL);
            let oldest: Vec<String> = oldest.map(|pfn| page(moment, reclaim, pfn)).collect();
            let oldest = if oldest.is_empty() { "–".into() } else { oldest.join(lang.pick(", ", "、")) };
            table.rows.push(vec![node.to_string(), list_name(lru, lang).into(), num(len), oldest]);
        }
    }
    table
}

fn workers(moment: &Moment, reclaim: &Reclaim, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("Who works", "谁在干活"),
        &[
            lang.pick("who", "谁"),
            lang.pick("now", "此刻"),
            lang.pick("state", "状态"),
            lang.pick("figures", "数字"),
        ],
    );
    let now = worker(moment);
    let mark = |is: bool| if is { "✓" } else { "–" }.to_owned();
    let task = if now == Worker::Direct {
        lang.pick("reclaims itself, and waits", "自己回收，在等")
    } else {
        lang.pick("goes on", "照常运行")
    };
    let waiting: usize = (0..moment.machine.cpus())
        .flat_map(|cpu| Batch::ALL.map(|batch| reclaim.batch(mm::CpuId(cpu), batch).len()))
        .sum();
    let batches = lang.pick("pages in batches", "批次里的页");
    table.rows.push(vec![
        lang.pick("task", "任务").into(),
        mark(matches!(now, Worker::Task | Worker::Direct)),
        task.into(),
        format!("{batches}: {waiting}"),
    ]);
    for node in 0..moment.machine.nodes() {
        let kswapd = &reclaim.nodes()[usize::from(node)].kswapd;
        let state = match (kswapd.is_awake(), kswapd.priority()) {
            (false, _) => lang.pick("asleep", "睡着").to_owned(),
            (true, None) => lang.pick("woken", "被叫醒").to_owned(),
            (true, Some(priority)) => format!("{} {priority}", lang.pick("priority", "优先级")),
        };
        let zones = zones_of(&moment.machine, node).into_iter().map(|id| {
            let zone = moment.machine.zone(id);
            let marks = [Mark::Min, Mark::Low, Mark::High].map(|mark| num(zone.wmark_pages(mark))).join("/");
            format!("{} {} ({marks})", zone_name(&moment.machine, id), num(zone.nr_free_pages.0))
        });
        let zones: Vec<String> = zones.collect();
        table.rows.push(vec![
            format!("kswapd{node}"),
            mark(now == Worker::Kswapd),
            state,
            zones.join(lang.pick(", ", "、")),
        ]);
    }
    let (background, limit) = moment.machine.dirty_limits();
    let dirty = format!(
        "{} {}, {} {} ({}/{})",
        lang.pick("dirty", "脏"),
        num(reclaim.nr_dirty()),
        lang.pick("writeback", "回写"),
        num(reclaim.nr_writeback()),
        num(background),
        num(limit)
    );
    table.rows.push(vec![
        lang.pick("flusher", "刷写线程").into(),
        mark(now == Worker::Flusher),
        "–".into(),
        dirty,
    ]);
    table
}

fn hands(moment: &Moment, reclaim: &Reclaim, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("In the scanner's hands", "扫描者手里"),
        &[lang.pick("frame", "页框"), lang.pick("holds", "内容"), lang.pick("entries", "页表项")],
    );
    let processes = moment.machine.processes();
    for pfn in reclaim.isolated().iter().take(MOST_BLOCKS) {
        let mapped = processes.mapped(*pfn);
        let of = mapped.file().and_then(|(file, index)| Some((processes.file(file)?.name, index)));
        let holds = match of {
            Some((file, index)) => format!("{} {}", moment.name(file), num(index)),
            None => lang.pick("anon", "匿名").to_owned(),
        };
        table.rows.push(vec![page(moment, reclaim, *pfn), holds, num(mapped.mapcount)]);
    }
    table
}

fn swap(reclaim: &Reclaim, lang: Lang) -> Table {
    let mut table = Table::new(
        "swap",
        &[
            lang.pick("area", "区域"),
            lang.pick("lies in", "所在"),
            lang.pick("priority", "优先级"),
            lang.pick("slots", "槽"),
            lang.pick("in use", "在用"),
            lang.pick("in memory too", "内存里也有"),
        ],
    );
    for (at, area) in reclaim.areas().iter().enumerate() {
        let medium = match area.medium {
            Medium::Disk => lang.pick("disk", "磁盘"),
            Medium::Zram => "zram",
        };
        table.rows.push(vec![
            at.to_string(),
            medium.into(),
            area.priority.to_string(),
            num(area.slots()),
            num(area.slots() - area.free()),
            num(area.in_cache()),
        ]);
    }
    table
}

fn files(moment: &Moment, reclaim: &Reclaim, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("Files in the page cache", "页缓存里的文件"),
        &[
            lang.pick("file", "文件"),
            lang.pick("pages", "页"),
            lang.pick("cached", "缓存"),
            lang.pick("dirty", "脏"),
            lang.pick("window read ahead", "预读窗口"),
        ],
    );
    for (id, file) in moment.machine.processes().files().take(MOST_BLOCKS) {
        let dirty = reclaim.dirty().filter(|(of, _)| *of == id).count() as u64;
        let window = match file.ra.size {
            0 => "–".into(),
            size => format!("{}–{}", num(file.ra.start), num(file.ra.start.saturating_add(size - 1))),
        };
        table.rows.push(vec![
            moment.name(file.name).to_owned(),
            num(file.len().0),
            num(file.cache().count() as u64),
            num(dirty),
            window,
        ]);
    }
    table
}

//! Memory that runs short: the lists of pages as belts, whose turn it is to take from their ends, and where what is taken
//! goes: to swap, to its file, or to the free pages in the tank.

mod draw;
mod groups;
mod places;
mod rulers;
mod shelves;
mod slabs;
#[cfg(test)]
mod tests;

use mm::mmzone::ZoneId;
use mm::reclaim::{Lru, LruFlags, Reclaim};
use mm::step::{Func, ReclaimStep};
use mm::xarray::SwapEntry;
use mm::{Machine, Pfn, Step, StepKind};
use scenario::Lang;

use crate::Moment;
use crate::inspector::{Row, row};
use crate::narrate::num;
use crate::pyramid::Direction;
use crate::scene::{Room, Scene};

/// Draws the belts, the tank and the shelves; `selected` is the frame that is looked at everywhere.
#[must_use]
pub fn scene(moment: &Moment, room: &Room, lang: Lang, selected: Option<Pfn>) -> Scene {
    draw::scene(moment, room, lang, selected)
}

/// What a step says of reclaim.
pub(crate) fn of_step(step: Option<&Step>) -> Option<ReclaimStep> {
    match step?.kind {
        StepKind::Reclaim { step } => Some(step),
        _ => None,
    }
}

/// Who works at this moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Worker {
    /// The task that the op is about goes on with its own business.
    Task,
    /// It has to find memory itself, and waits.
    Direct,
    /// The daemon of the node.
    Kswapd,
    /// The thread that writes dirty pages.
    Flusher,
    /// The disk: it has done what it was sent.
    Disk,
}

/// Whose turn the step just done was, or at the very beginning the one that comes.
pub(crate) fn worker(moment: &Moment) -> Worker {
    let step = moment.just_did.as_ref().or(moment.next.as_ref());
    let Some(step) = step else { return Worker::Task };
    let has = |func: Func| step.chain.funcs().contains(&func);
    if has(Func::Kswapd) {
        Worker::Kswapd
    } else if has(Func::TryToFreePages) || has(Func::TryToFreeMemCgroupPages) {
        Worker::Direct
    } else if has(Func::WbWorkfn) {
        Worker::Flusher
    } else if matches!(of_step(Some(step)), Some(ReclaimStep::Written { .. })) {
        Worker::Disk
    } else {
        Worker::Task
    }
}

/// The node in play: that of the frame, the list or the daemon that the steps around are about.
pub(crate) fn node_in_play(moment: &Moment) -> u8 {
    let of = |step: &Step| {
        let step = of_step(Some(step))?;
        match step {
            ReclaimStep::ScanCount { node, .. }
            | ReclaimStep::Isolated { node, .. }
            | ReclaimStep::Shrunk { node, .. }
            | ReclaimStep::Balance { node, .. }
            | ReclaimStep::NodeReclaim { node, .. }
            | ReclaimStep::NodeReclaimed { node, .. }
            | ReclaimStep::SplitScan { node, .. }
            | ReclaimStep::KswapdSleeps { node, .. } => Some(node),
            _ => step.frame().map(|pfn| node_of(&moment.machine, pfn)),
        }
    };
    let steps = moment.just_did.iter().chain(moment.trail.iter().rev()).chain(&moment.next);
    steps.into_iter().find_map(of).unwrap_or(0)
}

fn node_of(machine: &Machine, pfn: Pfn) -> u8 {
    machine.zone_of(pfn).map_or(0, |zone| machine.zone(zone).node)
}

/// The zones of a node that have memory.
pub(crate) fn zones_of(machine: &Machine, node: u8) -> Vec<ZoneId> {
    let has = |id: &ZoneId| machine.zone(*id).node == node && machine.zone(*id).managed.0 > 0;
    machine.zone_ids().filter(has).collect()
}

/// The slot of swap that a step is about.
pub(crate) fn slot_of(step: ReclaimStep) -> Option<SwapEntry> {
    match step {
        ReclaimStep::AddedToSwap { entry, .. }
        | ReclaimStep::PagedOut { entry, .. }
        | ReclaimStep::SwapCacheHit { entry, .. }
        | ReclaimStep::SwapIn { entry, .. }
        | ReclaimStep::SwapRead { entry, .. }
        | ReclaimStep::Swapped { entry, .. } => Some(entry),
        ReclaimStep::Unmapped { entry, .. } | ReclaimStep::HugeUnmapped { entry, .. } => entry,
        _ => None,
    }
}

/// What a list is called.
pub(crate) fn list_name(lru: Lru, lang: Lang) -> &'static str {
    match lru {
        Lru::InactiveAnon => lang.pick("inactive anon", "不活跃匿名"),
        Lru::ActiveAnon => lang.pick("active anon", "活跃匿名"),
        Lru::InactiveFile => lang.pick("inactive file", "不活跃文件"),
        Lru::ActiveFile => lang.pick("active file", "活跃文件"),
        Lru::Unevictable => lang.pick("unevictable", "不可回收"),
    }
}

/// The last `ScanCount` of the pass that goes on, if it is known.
pub(crate) fn pass(moment: &Moment) -> Option<ReclaimStep> {
    let steps = moment.just_did.iter().chain(moment.trail.iter().rev());
    let counts =
        |step: &Step| of_step(Some(step)).filter(|step| matches!(step, ReclaimStep::ScanCount { .. }));
    steps.into_iter().find_map(counts)
}

/// The page beside one on its list, or on the list above or below.
#[must_use]
pub fn neighbour(moment: &Moment, selected: Option<Pfn>, to: Direction) -> Option<Pfn> {
    let reclaim = moment.machine.reclaim()?;
    let node = selected.map_or_else(|| node_in_play(moment), |pfn| node_of(&moment.machine, pfn));
    let lists = LISTS;
    let tail = |lru: Lru| reclaim.list_from_tail(node, lru).next();
    let found = selected.and_then(|pfn| place_of(reclaim, node, pfn));
    let Some((lru, at)) = found else { return lists.into_iter().find_map(tail) };
    let row = lists.iter().position(|of| *of == lru)?;
    match to {
        Direction::Left => reclaim.list_from_tail(node, lru).nth(at + 1),
        Direction::Right => reclaim.list_from_tail(node, lru).nth(at.checked_sub(1)?),
        Direction::Up => lists[..row].iter().rev().find_map(|lru| tail(*lru)),
        Direction::Down => lists[row + 1..].iter().find_map(|lru| tail(*lru)),
    }
}

/// The lists from top to bottom.
pub(crate) const LISTS: [Lru; 5] =
    [Lru::ActiveAnon, Lru::InactiveAnon, Lru::ActiveFile, Lru::InactiveFile, Lru::Unevictable];

/// How far a list is searched.
const FARTHEST: usize = 4096;

/// The list that a page is on, and its place from the tail, from 0.
pub(crate) fn place_of(reclaim: &Reclaim, node: u8, pfn: Pfn) -> Option<(Lru, usize)> {
    LISTS.into_iter().find_map(|lru| {
        let at = reclaim.list_from_tail(node, lru).take(FARTHEST).position(|other| other == pfn)?;
        Some((lru, at))
    })
}

/// What a screen reader says of the picture as a whole; the text twin has the rest.
#[must_use]
pub fn label(moment: &Moment, lang: Lang) -> String {
    let Some(reclaim) = moment.machine.reclaim() else {
        return lang.pick("Reclaim: nobody takes memory away here.", "回收：这台机器不回收内存。").to_owned();
    };
    let sizes: Vec<String> =
        Lru::ALL.map(|lru| format!("{} {}", list_name(lru, lang), num(reclaim.size(lru)))).to_vec();
    match lang {
        Lang::En => format!("Reclaim. Pages on the lists: {}.", sizes.join(", ")),
        Lang::Zh => format!("回收。链表上的页：{}。", sizes.join("，")),
    }
}

/// `PG_…` as `/proc/kpageflags` and its readers call them.
const FLAGS: [(LruFlags, &str); 10] = [
    (LruFlags::HEAD, "head"),
    (LruFlags::LRU, "lru"),
    (LruFlags::ACTIVE, "active"),
    (LruFlags::REFERENCED, "referenced"),
    (LruFlags::WORKINGSET, "workingset"),
    (LruFlags::UNEVICTABLE, "unevictable"),
    (LruFlags::WRITEBACK, "writeback"),
    (LruFlags::RECLAIM, "reclaim"),
    (LruFlags::SWAPCACHE, "swapcache"),
    (LruFlags::READAHEAD, "readahead"),
];

/// What the card of a frame says of its list, its flags, its file and its slot.
pub(crate) fn card_rows(moment: &Moment, pfn: Pfn, lang: Lang) -> Vec<Row> {
    let Some(reclaim) = moment.machine.reclaim() else { return Vec::new() };
    let processes = moment.machine.processes();
    // Of a frame in a huge page all that there is to say is said of the first.
    let pfn = processes.folio(pfn);
    let page = reclaim.page(pfn);
    let mapped = processes.mapped(pfn);
    let mut rows = Vec::new();
    let lru = if page.flags.has(LruFlags::ISOLATED) {
        Some(lang.pick("none: in the scanner's hands", "不在链表上：在扫描者手里").to_owned())
    } else if page.flags.has(LruFlags::LRU) {
        let file = mapped.file().and_then(|(file, _)| processes.file(file));
        let is_file = file.map_or(processes.is_lazyfree(pfn), |file| !file.shmem);
        let lru = if page.flags.has(LruFlags::UNEVICTABLE) {
            Lru::Unevictable
        } else {
            Lru::of(is_file, page.flags.has(LruFlags::ACTIVE))
        };
        Some(list_name(lru, lang).to_owned())
    } else if page.flags.has(LruFlags::BATCHED) {
        Some(lang.pick("none yet: in a CPU's batch", "还没上链表：在 CPU 的批次里").to_owned())
    } else {
        None
    };
    rows.extend(lru.map(|lru| row(lang.pick("LRU list", "LRU 链表"), lru, false)));
    let mut flags: Vec<&str> =
        FLAGS.into_iter().filter(|(flag, _)| page.flags.has(*flag)).map(|(_, name)| name).collect();
    if mapped.dirty {
        flags.push("dirty");
    }
    if !flags.is_empty() {
        rows.push(row(lang.pick("flags", "标志"), flags.join(" "), true));
    }
    if let Some((file, index)) = mapped.file()
        && let Some(file) = processes.file(file)
    {
        let (name, index) = (moment.name(file.name), num(index));
        let page = match lang {
            Lang::En => format!("{name}, page {index}"),
            Lang::Zh => format!("{name} 第 {index} 页"),
        };
        rows.push(row(lang.pick("file", "文件"), page, false));
    }
    if let Some(SwapEntry { area, offset }) = page.swap() {
        rows.push(row(lang.pick("swap slot", "swap 槽"), format!("{area}:{offset}"), true));
    }
    let young = moment.machine.young_ptes(pfn);
    let compound = processes.huge().of(pfn).map(|(_, of)| of);
    let entries = compound.map_or(mapped.mapcount, mm::process::Compound::entries);
    if entries > 0 {
        let of = match lang {
            Lang::En => format!("{young} of {} entries", num(entries)),
            Lang::Zh => format!("{} 个页表项里 {young} 个", num(entries)),
        };
        rows.push(row(lang.pick("used since the last look", "上次看后用过"), of, false));
    }
    if compound.is_some_and(|of| of.queued) {
        let used = num(processes.used_frames(pfn));
        let of = match lang {
            Lang::En => format!("{used} of 512 frames are used"),
            Lang::Zh => format!("512 个页框用着 {used} 个"),
        };
        rows.push(row(lang.pick("waits to be split", "等着拆"), of, false));
    }
    rows
}

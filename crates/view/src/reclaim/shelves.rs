//! The tank with the free pages, who works, and the shelves where pages go: swap and files.

use mm::mmzone::{Mark, ZoneId};
use mm::op::NameId;
use mm::process::{File, FileId};
use mm::reclaim::{LruFlags, Medium, SWAPFILE_CLUSTER, SwapArea};
use mm::step::{Func, ReclaimStep};
use mm::units::NrPages;
use mm::xarray::{Entry, SwapEntry};
use scenario::Lang;

use super::draw::Draw;
use super::{Worker, slot_of, zones_of};
use crate::narrate::num;
use crate::scene::{Area, Dash, Form, Hit, Id, Paint, Ring, Spot, centred};
use crate::vitals::zone_name;

/// How many times the high mark the top of a tank stands for; what is more is only told.
const TOP: f32 = 2.5;
/// Files that are drawn at most.
const FILES: usize = 4;

/// Who can work, and what is said of it.
struct Chip {
    worker: Worker,
    name: String,
    words: Vec<String>,
    waits: bool,
}

impl Draw<'_> {
    /// The zone whose marks decide: the highest one of the node.
    fn zone(&self) -> Option<ZoneId> {
        zones_of(&self.moment.machine, self.node).last().copied()
    }

    /// The tank, and under it who works.
    pub(super) fn tank_and_workers(&mut self, room: Area) {
        let s = self.b.s;
        let l = s.label;
        let chips = self.chips();
        let height = l * 2.75;
        let all = chips.len() as f32 * (height + s.space * 0.5);
        self.tank(Area::between(room.x, room.y, room.right(), room.bottom() - all - s.space));
        let mut y = room.bottom() - all + s.space * 0.5;
        for chip in chips {
            self.worker_chip(&chip, Area { x: room.x, y, w: room.w, h: height });
            y += height + s.space * 0.5;
        }
    }

    fn tank(&mut self, room: Area) {
        let s = self.b.s;
        let Some(id) = self.zone() else { return };
        let zone = self.moment.machine.zone(id).clone();
        let title = self.b.title();
        let lang = self.b.lang;
        let name = zone_name(&self.moment.machine, id);
        let words = match lang {
            Lang::En => vec![format!("Free in {name}"), name],
            Lang::Zh => vec![format!("{name} 的空闲页"), name],
        };
        self.b.words(&words, title, Spot::start(room.x, room.y + s.body), room, Paint::Ink);
        let area = Area::between(room.x, room.y + s.body * 1.6, room.x + room.w * 0.36, room.bottom());
        let free = zone.nr_free_pages.0;
        let high = zone.wmark_pages(Mark::High).max(1);
        let most = high as f32 * TOP;
        let y = |pages: f32| area.bottom() - area.h * (pages / most).min(1.0);
        let (radius, line) = (s.radius, s.line);
        let item = self.b.back.rect(area, radius, Paint::Paper, 0.0);
        item.id = Id::Tank(id);
        item.hit = Some(Hit::Zone(id));
        let level = y(free as f32);
        let used = Area::between(area.x, area.y, area.right(), level);
        self.b.back.rect(used, radius, Paint::Used, 0.0);
        let mut said = Vec::new();
        for mark in [Mark::High, Mark::Low, Mark::Min] {
            let pages = zone.wmark_pages(mark);
            let at = y(pages as f32);
            self.b.things.line([area.x, at, area.right(), at], Paint::Mark, line).id = Id::Mark(id, mark);
            said.push((
                at,
                vec![format!("{} {}", mark.name(), num(pages)), mark.name().to_owned()],
                Paint::Ink,
                false,
            ));
        }
        self.b.things.line(
            [area.x - line * 2.0, level, area.right() + line * 2.0, level],
            Paint::Level,
            line * 1.8,
        );
        let above = if free as f32 > most { "↑ " } else { "" };
        let words = match lang {
            Lang::En => vec![format!("{above}{} free", num(free)), format!("{above}{}", num(free))],
            Lang::Zh => vec![format!("{above}空闲 {}", num(free)), format!("{above}{}", num(free))],
        };
        let below = free < u64::from(zone.wmark_pages(Mark::Min));
        said.push((level, words, if below { Paint::Fail } else { Paint::Ink }, true));
        self.b.things.rect(area, radius, Paint::Axis, line);
        self.places.tank = Some(area);
        if matches!(self.did, Some(ReclaimStep::Reclaimed { .. } | ReclaimStep::Balance { .. })) {
            self.b.ring(area.grown(s.ring * 0.5), Ring::Done, Id::Ringed(Ring::Done));
        }
        // The words beside it, kept apart from each other.
        mm::sort::by_key(&mut said, |(at, ..)| (at * 16.0) as u64);
        let step = s.label * 1.25;
        let mut limit = area.bottom() + s.label * 0.2;
        let top = area.y + s.label * 0.7;
        let mut at: Vec<f32> = said.iter().map(|(at, ..)| at.max(top)).collect();
        for i in 1..at.len() {
            at[i] = at[i].max(at[i - 1] + step);
        }
        for y in at.iter_mut().rev() {
            *y = y.min(limit);
            limit = *y - step;
        }
        let x = area.right() + s.space;
        let within = Area::between(x, room.y, room.right(), room.bottom() + s.label);
        for ((mark, words, paint, strong), y) in said.into_iter().zip(at) {
            let face = if strong { self.b.strong() } else { self.b.plain() };
            if self.b.words(&words, face, Spot::start(x, centred(y, s.label)), within, paint).is_some() {
                let edge = s.edge;
                self.b.back.line([area.right(), mark, x - s.space * 0.3, y], Paint::Link, edge);
            }
        }
    }

    /// The tank as a bar from left to right, with one line about who works.
    pub(super) fn tank_line(&mut self, room: Area) {
        let s = self.b.s;
        let Some(id) = self.zone() else { return };
        let zone = self.moment.machine.zone(id).clone();
        let free = zone.nr_free_pages.0;
        let high = zone.wmark_pages(Mark::High).max(1);
        let most = high as f32 * TOP;
        let bar = Area { h: s.label * 0.7, y: room.bottom() - s.label * 0.7, ..room };
        let x = |pages: f32| bar.x + bar.w * (pages / most).min(1.0);
        let (radius, line) = (s.radius, s.line);
        let item = self.b.back.rect(bar, radius, Paint::Used, 0.0);
        item.id = Id::Tank(id);
        item.hit = Some(Hit::Zone(id));
        let level = x(free as f32);
        self.b.back.rect(Area { w: level - bar.x, ..bar }, radius, Paint::Paper, 0.0);
        for mark in [Mark::Min, Mark::Low, Mark::High] {
            let at = x(zone.wmark_pages(mark) as f32);
            self.b.things.line([at, bar.y, at, bar.bottom()], Paint::Mark, line).id = Id::Mark(id, mark);
        }
        self.b.things.line([level, bar.y - line, level, bar.bottom() + line], Paint::Level, line * 1.8);
        self.b.things.rect(bar, radius, Paint::Axis, line);
        self.places.tank = Some(bar);
        let chips = self.chips();
        let chip = chips
            .into_iter()
            .find(|chip| chip.worker == self.worker || chip.waits && self.worker == Worker::Direct);
        let marks =
            [Mark::Min, Mark::Low, Mark::High].map(|mark| zone.wmark_pages(mark).to_string()).join("/");
        let words = match self.b.lang {
            Lang::En => vec![format!("free {} · {marks}", num(free)), format!("free {}", num(free))],
            Lang::Zh => vec![format!("空闲 {} · {marks}", num(free)), format!("空闲 {}", num(free))],
        };
        let (strong, plain) = (self.b.strong(), self.b.plain());
        let y = room.y + s.label;
        let left = self.b.words(&words, strong, Spot::start(room.x, y), room, Paint::Ink);
        let from = left.map_or(room.x, |area| area.right() + s.space);
        if let Some(chip) = chip {
            let within = Area::between(from, room.y, room.right(), room.bottom());
            let words: Vec<String> = chip
                .words
                .iter()
                .map(|words| format!("{}: {words}", chip.name))
                .chain([chip.name.clone()])
                .collect();
            let paint = if chip.waits { Paint::Fail } else { Paint::Action };
            self.b.words(&words, plain, Spot::end(room.right(), y), within, paint);
        }
    }

    /// The task, kswapd and the flusher.
    fn chips(&self) -> [Chip; 3] {
        let lang = self.b.lang;
        let reclaim = self.reclaim;
        let kswapd = &reclaim.nodes()[usize::from(self.node)].kswapd;
        let task = match self.worker {
            Worker::Direct => lang.pick(
                vec!["reclaims itself: it waits".to_owned(), "reclaims itself".into()],
                vec!["自己回收：在等".to_owned()],
            ),
            _ if self.is_in(Func::BalanceDirtyPages) => {
                lang.pick(vec!["waits for the disk".to_owned()], vec!["在等磁盘".to_owned()])
            }
            _ => lang.pick(vec!["goes on".to_owned()], vec!["照常运行".to_owned()]),
        };
        let waits = self.worker == Worker::Direct || self.is_in(Func::BalanceDirtyPages);
        let done = num(kswapd.reclaimed());
        let awake = match (kswapd.is_awake(), kswapd.priority()) {
            (false, _) if kswapd.failures >= 16 => {
                lang.pick(vec!["has given up".to_owned()], vec!["放弃了".to_owned()])
            }
            (false, _) => lang.pick(vec!["asleep".to_owned()], vec!["睡着".to_owned()]),
            (true, None) => lang.pick(vec!["woken".to_owned()], vec!["被叫醒".to_owned()]),
            (true, Some(priority)) => lang.pick(
                vec![format!("priority {priority}, {done} pages"), format!("pr. {priority}, {done}")],
                vec![format!("优先级 {priority}，{done} 页"), format!("{priority}，{done} 页")],
            ),
        };
        let (background, limit) = self.moment.machine.dirty_limits();
        let dirty = reclaim.nr_dirty() + reclaim.nr_writeback();
        let dirty = lang.pick(
            vec![
                format!("{} dirty, limits {}/{}", num(dirty), num(background), num(limit)),
                format!("{} dirty ({}/{})", num(dirty), num(background), num(limit)),
                format!("dirty {}", num(dirty)),
            ],
            vec![
                format!("脏 {}，限 {}/{}", num(dirty), num(background), num(limit)),
                format!("脏 {}/{}", num(dirty), num(background)),
                format!("脏 {}", num(dirty)),
            ],
        );
        let chip = |worker, name: &str, words, waits| Chip { worker, name: name.to_owned(), words, waits };
        [
            chip(Worker::Task, lang.pick("task", "任务"), task, waits),
            chip(Worker::Kswapd, "kswapd", awake, false),
            chip(Worker::Flusher, lang.pick("flusher", "刷写线程"), dirty, false),
        ]
    }

    fn worker_chip(&mut self, chip: &Chip, area: Area) {
        let s = self.b.s;
        let works =
            chip.worker == self.worker || chip.worker == Worker::Task && self.worker == Worker::Direct;
        let (radius, edge) = (s.radius * 2.0, s.edge);
        let paint = if works { Paint::Wash } else { Paint::Slot };
        self.b.back.rect(area, radius, paint, edge);
        if works {
            let ring = if chip.waits { Ring::Fail } else { Ring::Done };
            let item = self.b.rings.rect(area, radius, Paint::Ring(ring), s.ring);
            item.id = Id::Ringed(ring);
        }
        let inner = area.grown(-s.space * 0.6);
        let (strong, plain) = (self.b.strong(), self.b.plain());
        let name = if works { format!("▸ {}", chip.name) } else { chip.name.clone() };
        let ink = if works { Paint::Ink } else { Paint::Quiet };
        self.b.words(&[name], strong, Spot::start(inner.x, area.y + s.label * 1.2), area, ink);
        let paint = if chip.waits { Paint::Fail } else { ink };
        let face = if chip.waits { strong } else { plain };
        self.b.words(
            &chip.words,
            face,
            Spot::start(inner.x, area.y + s.label * 2.35),
            inner.grown(s.label * 0.3),
            paint,
        );
    }

    /// Swap above, files below.
    pub(super) fn shelves(&mut self, room: Area) {
        let s = self.b.s;
        // Where nothing is swapped or read, its shelf is a line.
        let line = s.body * 1.6 + s.label * 2.2;
        let has_more = self.has_shrinkers() || self.has_groups();
        let swap = if self.reclaim.areas().is_empty() && has_more { line } else { room.h * 0.42 };
        let middle = room.y + swap;
        self.swap_shelf(Area::between(room.x, room.y, room.right(), middle - s.space));
        let mut bottom = room.bottom();
        if has_more {
            let files = if self.files().is_empty() { line } else { (bottom - middle) * 0.5 };
            let (top, end) = (middle + files, bottom);
            bottom = top;
            let shelf = |y, end| Area::between(room.x, y + s.space * 0.5, room.right(), end);
            match (self.has_groups(), self.has_shrinkers()) {
                (true, true) => {
                    let between = (top + end) * 0.5;
                    self.group_shelf(shelf(top, between));
                    self.slab_shelf(shelf(between, end));
                }
                (true, false) => self.group_shelf(shelf(top, end)),
                _ => self.slab_shelf(shelf(top, end)),
            }
        }
        self.file_shelf(Area::between(room.x, middle + s.space * 0.5, room.right(), bottom));
    }

    fn cell(&self) -> (f32, f32) {
        match self.b.form {
            Form::Projector => (17.0, 3.0),
            Form::Laptop | Form::Phone => (9.0, 1.5),
        }
    }

    fn swap_shelf(&mut self, room: Area) {
        let s = self.b.s;
        let title = self.b.title();
        let name = "swap".to_owned();
        self.b.words(&[name], title, Spot::start(room.x, room.y + s.body), room, Paint::Ink);
        let mut y = room.y + s.body * 1.5;
        if self.reclaim.areas().is_empty() {
            let words =
                self.b.say(&["none: anon pages cannot leave", "none"], &["没有：匿名页走不了", "没有"]);
            let plain = self.b.plain();
            self.b.words(&words, plain, Spot::start(room.x, y + s.label), room, Paint::Quiet);
            return;
        }
        // Those that are used first come first; the one in play shows its slots.
        let entry = [self.did, self.next].into_iter().flatten().find_map(slot_of);
        let areas = self.reclaim.areas();
        let mut order: Vec<usize> = (0..areas.len()).collect();
        mm::sort::by_key(&mut order, |at| (i32::from(i16::MAX) - i32::from(areas[*at].priority)) as u64);
        let first = entry.map(|entry| usize::from(entry.area)).or(order.first().copied()).unwrap_or(0);
        for at in order {
            let Some(area) = areas.get(at) else { continue };
            let (h, is_first) = (s.label * 2.6, at == first);
            if y + h > room.bottom() {
                break;
            }
            self.area_line(at, area, Area { y, h, ..room });
            y += h;
            if is_first {
                let rows = if areas.len() > 1 { 0.6 } else { 1.0 };
                let bottom = y + (room.bottom() - y) * rows;
                let shows = self.moment.machine.processes().huge().events.fault_alloc > 0;
                let strip =
                    if shows && area.clusters_in_use().next().is_some() { s.label * 2.9 } else { 0.0 };
                let used =
                    self.slots(at, area, entry, Area::between(room.x, y, room.right(), bottom - strip));
                if strip > 0.0 {
                    let from = y + used + s.space * 0.5;
                    self.clusters(at, area, entry, Area { y: from, h: strip, ..room });
                }
                let used = used + strip;
                y += used + s.space * 0.5;
            }
        }
    }

    /// An area of swap: how much of it is in use.
    fn area_line(&mut self, at: usize, area: &SwapArea, room: Area) {
        let s = self.b.s;
        let used = area.slots() - area.free();
        let size = NrPages(u64::from(area.pages)).bytes();
        let medium = match area.medium {
            Medium::Disk => self.b.lang.pick("disk", "磁盘"),
            Medium::Zram => "zram",
        };
        let (used_words, all) = (num(used), num(area.slots()));
        let words = match self.b.lang {
            Lang::En => vec![
                format!("{at}: {medium} {size}, {used_words} of {all} slots"),
                format!("{at}: {used_words} of {all} slots"),
                format!("{at}: {used_words}/{all}"),
            ],
            Lang::Zh => vec![
                format!("{at}：{medium} {size}，用 {used_words}/{all} 槽"),
                format!("{at}：用 {used_words}/{all} 槽"),
                format!("{at}：{used_words}/{all}"),
            ],
        };
        let plain = self.b.plain();
        self.b.words(&words, plain, Spot::start(room.x, room.y + s.label), room, Paint::Ink);
        let bar = Area { y: room.y + s.label * 1.4, h: s.label * 0.6, ..room };
        let (radius, edge) = (s.radius, s.edge);
        self.b.back.rect(bar, radius, Paint::Slot, edge);
        let share = used as f32 / area.slots().max(1) as f32;
        if used > 0 {
            self.b.things.rect(Area { w: (bar.w * share).max(edge * 2.0), ..bar }, radius, Paint::Anon, edge);
        }
    }

    /// The slots around the one in play; how high they are together.
    fn slots(&mut self, at: usize, area: &SwapArea, entry: Option<SwapEntry>, room: Area) -> f32 {
        let s = self.b.s;
        let (cell, gap) = self.cell();
        let columns = (((room.w + gap) / (cell + gap)) as u32).min(64);
        let rows = ((room.h - s.label * 1.4) / (cell + gap)) as u32;
        if columns == 0 || rows == 0 {
            return 0.0;
        }
        let rows = rows.min(6);
        let shown = columns * rows;
        let offset = entry.filter(|of| usize::from(of.area) == at).map_or(1, |of| of.offset);
        // The first slot is number 1: the header is none.
        let from = if area.slots() <= shown {
            1
        } else {
            let row = (offset.saturating_sub(1)) / columns;
            let last = (area.slots() - 1) / columns + 1;
            row.saturating_sub(rows / 2).min(last.saturating_sub(rows)) * columns + 1
        };
        let to = (from + shown).min(area.pages);
        let edge = s.edge;
        for offset in from..to {
            let place = offset - from;
            let cell_area = Area {
                x: room.x + (place % columns) as f32 * (cell + gap),
                y: room.y + (place / columns) as f32 * (cell + gap),
                w: cell,
                h: cell,
            };
            let (is_used, cached) = (area.count(offset) > 0, area.has_cache(offset));
            let paint = if is_used || cached { Paint::Anon } else { Paint::Slot };
            self.b.things.rect(cell_area, s.radius * 0.5, paint, edge);
            if cached {
                let inner = cell_area.grown(-cell * 0.3);
                self.b.things.rect(inner, 0.0, Paint::Paper, 0.0);
            }
            self.places.slots.push((SwapEntry { area: at as u8, offset }, cell_area));
        }
        let used_rows = (to - from).div_ceil(columns);
        let height = used_rows as f32 * (cell + gap);
        let cached = num(area.in_cache());
        let words = match self.b.lang {
            Lang::En => vec![
                format!("slots {}–{} · ▣ in memory too: {cached}", num(from), num(to - 1)),
                format!("{}–{} · ▣ {cached}", num(from), num(to - 1)),
            ],
            Lang::Zh => vec![
                format!("槽 {}–{} · ▣ 内存里也有：{cached}", num(from), num(to - 1)),
                format!("{}–{} · ▣ {cached}", num(from), num(to - 1)),
            ],
        };
        let plain = self.b.plain();
        self.b.words(
            &words,
            plain,
            Spot::start(room.x, room.y + height + s.label),
            room.grown(s.label),
            Paint::Quiet,
        );
        height + s.label * 1.4
    }

    /// The clusters of an area, each as full as its 512 slots: only an empty one takes a huge page.
    fn clusters(&mut self, at: usize, area: &SwapArea, entry: Option<SwapEntry>, room: Area) {
        let s = self.b.s;
        let all: Vec<(u32, u32)> = area.clusters_in_use().collect();
        let (gap, count) = (s.edge * 1.5, all.len() as f32);
        let w = ((room.w + gap) / count - gap).min(s.label * 3.0);
        let most = if w < s.edge * 2.0 { 0 } else { all.len() };
        let (h, edge, radius) = (s.label * 1.1, s.edge, s.radius * 0.5);
        let in_play =
            entry.filter(|of| usize::from(of.area) == at).map(|of| of.offset & !(SWAPFILE_CLUSTER - 1));
        for (place, (first, used)) in all.iter().take(most).enumerate() {
            let tile = Area { x: room.x + place as f32 * (w + gap), y: room.y, w, h };
            self.b.back.rect(tile, radius, Paint::Slot, edge);
            let share = *used as f32 / SWAPFILE_CLUSTER as f32;
            if *used > 0 {
                let full = Area { w: (w * share).max(edge), ..tile };
                self.b.things.rect(full, radius, Paint::Anon, 0.0);
            }
            if in_play == Some(*first) {
                self.places.cluster = Some(tile);
            }
        }
        let (free, total) = (num(area.free_clusters()), num(all.len() as u64));
        let words = match self.b.lang {
            Lang::En => vec![
                format!("clusters of 512 slots: {free} of {total} free"),
                format!("clusters free: {free} of {total}"),
                format!("{free}/{total}"),
            ],
            Lang::Zh => vec![format!("512 槽一簇：{free}/{total} 簇全空"), format!("空簇 {free}/{total}")],
        };
        let spot = Spot::start(room.x, room.y + h + s.label * 1.1);
        let plain = self.b.plain();
        self.b.words(&words, plain, spot, room.grown(s.label), Paint::Quiet);
    }

    /// The files, those in play first.
    fn files(&self) -> Vec<FileId> {
        let processes = self.moment.machine.processes();
        let of_step = |step: ReclaimStep| -> Option<NameId> {
            match step {
                ReclaimStep::ReadHit { file, .. }
                | ReclaimStep::ReadAhead { file, .. }
                | ReclaimStep::Dirtied { file, .. }
                | ReclaimStep::WriteBack { file, .. }
                | ReclaimStep::Advised { file, .. }
                | ReclaimStep::EndOfFile { file }
                | ReclaimStep::NoPage { file } => Some(file),
                ReclaimStep::Synced { file, .. } => file,
                _ => {
                    let (file, _) = self.file_of(step.frame()?)?;
                    Some(processes.file(file)?.name)
                }
            }
        };
        let steps = [self.did, self.next];
        let names: Vec<NameId> = steps.into_iter().flatten().filter_map(of_step).collect();
        let mut files: Vec<FileId> = names.into_iter().filter_map(|name| processes.file_of(name)).collect();
        for (id, file) in processes.files() {
            if !files.contains(&id) && !file.shmem {
                files.push(id);
            }
        }
        let mut seen = Vec::new();
        for id in files {
            if !seen.contains(&id) {
                seen.push(id);
            }
        }
        // The one in play keeps its place as long as there is room for all.
        if seen.len() <= FILES {
            mm::sort::by_key(&mut seen, |id| u64::from(id.0));
        }
        seen.truncate(FILES);
        seen
    }

    fn file_shelf(&mut self, room: Area) {
        let s = self.b.s;
        let title = self.b.title();
        let words = self.b.say(&["files in the page cache", "page cache"], &["页缓存里的文件", "页缓存"]);
        self.b.words(&words, title, Spot::start(room.x, room.y + s.body), room, Paint::Ink);
        let files = self.files();
        let processes = self.moment.machine.processes();
        if files.is_empty() {
            let words = self.b.say(&["no files"], &["没有文件"]);
            let plain = self.b.plain();
            self.b.words(
                &words,
                plain,
                Spot::start(room.x, room.y + s.body * 1.6 + s.label),
                room,
                Paint::Quiet,
            );
            return;
        }
        let signs = self.b.say(
            &["▨ dirty · ○ mark · ▁ window read ahead", "▨ dirty · ○ mark · ▁ window"],
            &["▨ 脏 · ○ 预读标记 · ▁ 预读窗口", "▨ 脏 · ○ 标记 · ▁ 窗口"],
        );
        let plain = self.b.plain();
        let y = room.y + s.body * 1.4 + s.label;
        self.b.words(&signs, plain, Spot::start(room.x, y), room, Paint::Quiet);
        let top = y + s.label * 0.5;
        let each = (room.bottom() - top) / files.len() as f32;
        for (at, id) in files.into_iter().enumerate() {
            let Some(file) = processes.file(id) else { continue };
            let y = top + at as f32 * each;
            self.file_strip(id, file, Area { y, h: each - s.space * 0.4, ..room });
        }
    }

    /// What is said of a file: how much of it is cached, dirty, on its way.
    fn file_words(&self, id: FileId, file: &File) -> Vec<String> {
        let name = self.moment.name(file.name);
        let cached = file.cache().count() as u64;
        let (all, dirty) = (file.len().0, self.reclaim.dirty().filter(|(of, _)| *of == id).count() as u64);
        let (cached, all, dirty) = (num(cached), num(all), (dirty > 0).then(|| num(dirty)));
        match (self.b.lang, dirty) {
            (Lang::En, Some(dirty)) => vec![
                format!("{name}: {cached} of {all} cached, {dirty} dirty"),
                format!("{name}: {cached}/{all}, {dirty} dirty"),
                format!("{name} {cached}/{all}"),
            ],
            (Lang::En, None) => {
                vec![format!("{name}: {cached} of {all} pages cached"), format!("{name} {cached}/{all}")]
            }
            (Lang::Zh, Some(dirty)) => vec![
                format!("{name}：缓存 {cached}/{all} 页，脏 {dirty}"),
                format!("{name}：{cached}/{all}，脏 {dirty}"),
                format!("{name} {cached}/{all}"),
            ],
            (Lang::Zh, None) => {
                vec![format!("{name}：缓存 {cached}/{all} 页"), format!("{name} {cached}/{all}")]
            }
        }
    }

    /// A file as a strip of its pages.
    fn file_strip(&mut self, id: FileId, file: &File, room: Area) {
        let s = self.b.s;
        let face = self.b.plain();
        let words = self.file_words(id, file);
        self.b.words(&words, face, Spot::start(room.x, room.y + s.label), room, Paint::Ink);
        let (cell, gap) = self.cell();
        let line = cell + gap * 2.0;
        let top = room.y + s.label * 1.45;
        let columns = (((room.w + gap) / (cell + gap)) as u32 / 4 * 4).max(4);
        let rows = ((room.bottom() - top) / line) as u32;
        let pages = file.len().0 as u32;
        if rows == 0 || pages == 0 {
            return;
        }
        let rows = rows.min(16);
        let shown = columns * rows;
        let from = if pages <= shown {
            0
        } else {
            let at = self.index_in_play(id, file).unwrap_or(0);
            let last = pages.div_ceil(columns);
            (at / columns).saturating_sub(rows / 2).min(last.saturating_sub(rows)) * columns
        };
        let to = (from + shown).min(pages);
        let edge = s.edge;
        let window = file.ra.start..file.ra.start.saturating_add(file.ra.size);
        let entries: Vec<(u32, Entry)> =
            file.entries().skip_while(|(at, _)| *at < from).take_while(|(at, _)| *at < to).collect();
        let mut entries = entries.into_iter().peekable();
        for index in from..to {
            let place = index - from;
            let area = Area {
                x: room.x + (place % columns) as f32 * (cell + gap),
                y: top + (place / columns) as f32 * line,
                w: cell,
                h: cell,
            };
            let entry = entries.next_if(|(at, _)| *at == index).map(|(_, entry)| entry);
            let (paint, mark) = match entry {
                Some(Entry::Page(pfn)) => {
                    let flags = self.reclaim.page(pfn).flags;
                    let dirty = self.moment.machine.processes().mapped(pfn).dirty;
                    let paint = if flags.has(LruFlags::WRITEBACK) {
                        Paint::Writeback
                    } else if dirty {
                        Paint::Dirty
                    } else {
                        Paint::File
                    };
                    (paint, flags.has(LruFlags::READAHEAD))
                }
                Some(Entry::Shadow(_)) => (Paint::Ghost, false),
                Some(Entry::Swap(_)) => (Paint::Anon, false),
                None => (Paint::Slot, false),
            };
            let item = self.b.things.rect(area, s.radius * 0.5, paint, edge);
            if paint == Paint::Ghost {
                item.pen.dash = Dash::Ghost;
            }
            if let Some(Entry::Page(pfn)) = entry {
                item.hit = Some(Hit::Block(pfn));
            }
            if mark {
                let inner = area.grown(-cell * 0.3);
                self.b.things.rect(inner, cell, Paint::Paper, edge);
            }
            if window.contains(&index) {
                let y = area.bottom() + gap * 0.8;
                self.b.things.line([area.x, y, area.right(), y], Paint::Bracket, s.line);
            }
            self.places.pages.push((file.name, index, area));
        }
    }

    /// The page of a file that the steps around are about.
    fn index_in_play(&self, id: FileId, file: &File) -> Option<u32> {
        let of = |step: ReclaimStep| match step {
            ReclaimStep::ReadHit { file: of, index, .. }
            | ReclaimStep::Dirtied { file: of, index, .. }
            | ReclaimStep::ReadAhead { file: of, start: index, .. }
            | ReclaimStep::WriteBack { file: of, first: index, .. }
                if of == file.name =>
            {
                Some(index)
            }
            _ => self.file_of(step.frame()?).filter(|(of, _)| *of == id).map(|(_, index)| index),
        };
        let steps = [self.did, self.next].into_iter().flatten();
        steps.into_iter().find_map(of).or((file.ra.size > 0).then_some(file.ra.start)).or(file.ra.prev)
    }

    /// Swap and files in a line each, where there is no room for more.
    pub(super) fn shelf_lines(&mut self, room: Area) {
        let s = self.b.s;
        let plain = self.b.plain();
        let line = s.label * 1.3;
        let (total, free) = self.reclaim.swap_pages();
        let (used, total) = (num(total - free), num(total));
        let mut lines = vec![match self.b.lang {
            Lang::En => vec![format!("swap: {used} of {total} slots in use"), format!("swap {used}/{total}")],
            Lang::Zh => vec![format!("swap：用了 {used}/{total} 槽"), format!("swap {used}/{total}")],
        }];
        let files = self.files();
        let processes = self.moment.machine.processes();
        for id in files {
            if let Some(file) = processes.file(id) {
                lines.push(self.file_words(id, file));
            }
        }
        lines.extend(self.reclaim.groups().iter().map(|group| self.group_words(group)));
        let shrinkers = self.moment.machine.kmem().shrinkers();
        lines.extend(shrinkers.iter().map(|shrinker| self.shrinker_words(shrinker)));
        let mut y = room.y + s.label;
        for words in lines {
            if y > room.bottom() + s.label * 0.3 {
                break;
            }
            self.b.words(&words, plain, Spot::start(room.x, y), self.b.all(), Paint::Quiet);
            y += line;
        }
    }
}

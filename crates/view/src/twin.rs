//! The text twin: the same facts as the picture, as tables and as a few sentences, for whoever does not see it.

mod cma;
mod compaction;
mod groups;
pub mod hierarchy;
pub mod kmem;
mod names;
mod nodes;
mod oom;
mod process;
mod reclaim;
mod segmentation;
mod walk;
mod zones;

use mm::mmzone::ZoneId;
use mm::op::{NameId, PageKind};
use mm::page::{Block, MigrateType, PageState};
use mm::vmstat::{fragmentation_index, unusable_free_index};
use mm::{Machine, Named, NrPages, Order};
use scenario::Lang;

use self::names::names;
pub(crate) use self::zones::pcp_type_name;
use self::zones::{pcp_tables, watermark_tables};
use crate::fragmentation;
use crate::narrate::{narration, num, step_line, type_name};
use crate::pageblocks::{self, Census, Use};
use crate::vitals::{Vitals, thousandths, vitals, zone_name};
use crate::{Moment, Stage};

/// The most blocks of a list that are written out.
const MOST_BLOCKS: usize = 32;
/// The most steps.
const MOST_STEPS: usize = 25;

/// A table of texts. Every row has as many cells as there are headers; the first cell is the row's own header.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    /// What it is about.
    pub caption: String,
    /// The columns.
    pub headers: Vec<String>,
    /// The rows; none when there is nothing of the kind.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    fn new(caption: &str, headers: &[&str]) -> Table {
        let headers = headers.iter().map(|header| (*header).to_owned()).collect();
        Table { caption: caption.into(), headers, rows: Vec::new() }
    }

    /// A row that only says that more is left out.
    fn leave_out(&mut self, more: usize, lang: Lang) {
        if more > 0 {
            let mut row = vec![left_out(more, lang)];
            row.resize(self.headers.len(), String::new());
            self.rows.push(row);
        }
    }
}

fn left_out(more: usize, lang: Lang) -> String {
    match lang {
        Lang::En => format!("… {} more", num(more as u64)),
        Lang::Zh => format!("…… 还有 {} 个", num(more as u64)),
    }
}

/// The tables of a moment; those that the picture on `stage` shows come first, and those of processes, if there are
/// any, last.
#[must_use]
pub fn tables(moment: &Moment, stage: Stage, lang: Lang) -> Vec<Table> {
    let mut tables = of_stage(moment, stage, lang);
    let of_processes = process::tables(moment, lang);
    let at = if matches!(stage, Stage::Faults | Stage::Huge) { 0 } else { tables.len() };
    tables.splice(at..at, of_processes);
    let of_killing = if stage == Stage::Oom { oom::tables(moment, lang) } else { Vec::new() };
    tables.splice(0..0, of_killing);
    let of_caches = hierarchy::tables(moment, lang);
    let at = if stage == Stage::Hierarchy { 0 } else { tables.len() };
    tables.splice(at..at, of_caches);
    let of_segments = segmentation::tables(moment, lang);
    let at = if stage == Stage::Segmentation { 0 } else { tables.len() };
    tables.splice(at..at, of_segments);
    if stage == Stage::Nodes {
        tables.splice(0..0, nodes::tables(moment, lang));
    }
    let of_reclaim = reclaim::tables(moment, lang);
    let at = if stage == Stage::Reclaim { 0 } else { tables.len() };
    tables.splice(at..at, of_reclaim);
    let of_compaction = compaction::tables(moment, lang);
    let at = if stage == Stage::Compaction { 0 } else { tables.len() };
    tables.splice(at..at, of_compaction);
    let of_areas = cma::tables(moment, lang);
    let at = if matches!(stage, Stage::Cma | Stage::Dma) { 0 } else { tables.len() };
    tables.splice(at..at, of_areas);
    tables
}

fn of_stage(moment: &Moment, stage: Stage, lang: Lang) -> Vec<Table> {
    match stage {
        Stage::Pyramid => {
            let mut tables = vec![
                free_blocks(&moment.machine, lang),
                list_order(&moment.machine, lang),
                in_hand(&moment.machine, lang),
                names(moment, lang),
                steps(moment, lang),
                indices(&moment.machine, lang),
            ];
            tables.extend(pcp_tables(&moment.machine, lang));
            tables.extend(watermark_tables(&moment.machine, lang));
            tables
        }
        Stage::FrameMap => {
            let mut tables = vec![
                frames(&moment.machine, lang),
                names(moment, lang),
                indices(&moment.machine, lang),
                free_blocks(&moment.machine, lang),
                in_hand(&moment.machine, lang),
                steps(moment, lang),
            ];
            tables.extend(pcp_tables(&moment.machine, lang));
            tables.extend(watermark_tables(&moment.machine, lang));
            tables
        }
        Stage::PerCpu => {
            let mut tables = pcp_tables(&moment.machine, lang);
            tables.extend([
                free_blocks(&moment.machine, lang),
                in_hand(&moment.machine, lang),
                names(moment, lang),
                steps(moment, lang),
            ]);
            tables.extend(watermark_tables(&moment.machine, lang));
            tables
        }
        Stage::Zones | Stage::Nodes => {
            let mut tables = watermark_tables(&moment.machine, lang);
            tables.extend([
                free_blocks(&moment.machine, lang),
                in_hand(&moment.machine, lang),
                names(moment, lang),
                steps(moment, lang),
            ]);
            tables.extend(pcp_tables(&moment.machine, lang));
            tables
        }
        Stage::Fragmentation => {
            let mut tables = vec![
                fragmentation::table(moment, lang),
                indices(&moment.machine, lang),
                free_blocks(&moment.machine, lang),
                names(moment, lang),
                steps(moment, lang),
            ];
            tables.extend(pcp_tables(&moment.machine, lang));
            tables.extend(watermark_tables(&moment.machine, lang));
            tables
        }
        Stage::Objects
        | Stage::Vmalloc
        | Stage::Faults
        | Stage::Walk
        | Stage::Hierarchy
        | Stage::Oom
        | Stage::Segmentation
        | Stage::Reclaim
        | Stage::Compaction
        | Stage::Cma
        | Stage::Dma
        | Stage::Huge => {
            let mut tables = match stage {
                Stage::Objects => kmem::objects(moment, lang),
                Stage::Faults
                | Stage::Hierarchy
                | Stage::Oom
                | Stage::Segmentation
                | Stage::Reclaim
                | Stage::Compaction
                | Stage::Cma
                | Stage::Dma
                | Stage::Huge => Vec::new(),
                Stage::Walk => walk::tables(moment, lang),
                _ => kmem::vmalloc(moment, lang),
            };
            tables.extend([
                names(moment, lang),
                free_blocks(&moment.machine, lang),
                in_hand(&moment.machine, lang),
                steps(moment, lang),
            ]);
            tables
        }
        Stage::Pageblocks => {
            let mut tables = vec![
                pageblock_types(&moment.machine, lang),
                pageblock_tiles(moment, lang),
                free_blocks(&moment.machine, lang),
                names(moment, lang),
                steps(moment, lang),
            ];
            tables.extend(pcp_tables(&moment.machine, lang));
            tables.extend(watermark_tables(&moment.machine, lang));
            tables
        }
    }
}

/// How many pageblocks of each type a zone has, as the end of `/proc/pagetypeinfo` says it.
fn pageblock_types(machine: &Machine, lang: Lang) -> Table {
    let caption = lang.pick("Pageblocks by zone and type", "各区、各类型的 pageblock 数");
    let mut table = Table::new(caption, &[lang.pick("zone", "区")]);
    table.headers.extend(MigrateType::ALL.map(|t| type_name(t).to_owned()));
    for zone in machine.zone_ids() {
        let counts = pageblocks::types(machine, zone);
        let mut row = vec![zone_name(machine, zone)];
        row.extend(counts.map(num));
        table.rows.push(row);
    }
    table
}

/// Pageblock by pageblock; of many, those around the one that the last step was about.
fn pageblock_tiles(moment: &Moment, lang: Lang) -> Table {
    let machine = &moment.machine;
    let census = Census::of(machine);
    let caption = lang.pick("Pageblocks and what they are filled with", "各 pageblock 的类型与内容");
    let headers = [
        "pageblock",
        lang.pick("zone", "区"),
        lang.pick("frames", "页框"),
        lang.pick("type", "类型"),
        lang.pick("free", "空闲"),
        lang.pick("in use", "在用"),
        lang.pick("of what", "用途"),
    ];
    let mut table = Table::new(caption, &headers);
    let tiles: Vec<(ZoneId, u32)> = machine
        .zone_ids()
        .flat_map(|zone| (0..pageblocks::tiles(machine, zone)).map(move |at| (zone, at)))
        .filter(|(zone, at)| {
            let fill = census.fill(*zone, *at);
            fill.of(Use::Hole) < fill.all()
        })
        .collect();
    let here = moment.just_did.and_then(|step| step.kind.blocks()[0]).map(|block| block.pfn);
    let has = |(zone, at): &(ZoneId, u32)| {
        here.is_some_and(|pfn| pageblocks::range(machine, *zone, *at).contains(pfn))
    };
    let middle = tiles.iter().position(has).unwrap_or(0);
    let first = middle.saturating_sub(MOST_BLOCKS / 2).min(tiles.len().saturating_sub(MOST_BLOCKS));
    for (zone, at) in tiles.iter().copied().skip(first).take(MOST_BLOCKS) {
        let range = pageblocks::range(machine, zone, at);
        let fill = census.fill(zone, at);
        let uses = Use::ALL.into_iter().filter(|what| !matches!(what, Use::Free | Use::Hole));
        let uses = uses.filter(|what| fill.of(*what) > 0);
        let uses: Vec<String> =
            uses.map(|what| format!("{} {}", num(fill.of(what)), what.name(lang))).collect();
        table.rows.push(vec![
            num(range.start.0 >> machine.pageblock_order().get()),
            zone_name(machine, zone),
            format!("{}–{}", num(range.start.0), num(range.end.0 - 1)),
            type_name(machine.pageblock_type(range.start)).into(),
            num(fill.of(Use::Free)),
            num(fill.in_use()),
            if uses.is_empty() { "–".into() } else { uses.join(lang.pick(", ", "、")) },
        ]);
    }
    table.leave_out(tiles.len() - table.rows.len(), lang);
    table
}

fn span(block: Block) -> String {
    match block.order {
        Order::ZERO => num(block.pfn.0),
        _ => format!("{}–{}", num(block.pfn.0), num(block.last().0)),
    }
}

/// The types that have a block anywhere, so that a table has no columns or rows of zeroes only.
fn types_in_use(machine: &Machine, zone: ZoneId) -> Vec<MigrateType> {
    let zone = machine.zone(zone);
    let used = |t: &MigrateType| Order::all().any(|order| !zone.area(order).list(*t).is_empty());
    machine.migratetypes().filter(used).collect()
}

/// Zones × orders × types; the line of all types is that of `/proc/buddyinfo`.
fn free_blocks(machine: &Machine, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("Free blocks by zone, type and order", "各区、各类型、各阶的空闲块数"),
        &[lang.pick("zone", "区"), lang.pick("type", "类型")],
    );
    table.headers.extend(Order::all().map(|order| order.to_string()));
    table.headers.push(lang.pick("pages", "页数").into());
    let mut add = |zone: &str, name: &str, counts: [u32; Order::COUNT]| {
        let pages: u64 = Order::all().zip(counts).map(|(o, blocks)| u64::from(blocks) << o.get()).sum();
        let counts = counts.into_iter().map(num);
        let cells = [zone.to_owned(), name.to_owned()].into_iter().chain(counts).chain([num(pages)]);
        table.rows.push(cells.collect());
    };
    for id in machine.zone_ids() {
        let (name, zone) = (zone_name(machine, id), machine.zone(id));
        for migratetype in types_in_use(machine, id) {
            let count = |order: usize| {
                Order::new(order as u8).map_or(0, |order| zone.area(order).list(migratetype).len())
            };
            add(&name, type_name(migratetype), std::array::from_fn(count));
        }
        add(&name, lang.pick("all", "合计"), zone.nr_free());
    }
    table
}

/// Every list that is not empty, head first.
fn list_order(machine: &Machine, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("Free lists, head to tail", "空闲链表，从头到尾"),
        &[
            lang.pick("zone", "区"),
            lang.pick("type", "类型"),
            lang.pick("order", "阶"),
            lang.pick("blocks", "块数"),
            lang.pick("first frames, head to tail", "各块首页框，头 → 尾"),
        ],
    );
    for id in machine.zone_ids() {
        for (order, migratetype) in Order::all()
            .rev()
            .flat_map(|order| types_in_use(machine, id).into_iter().map(move |t| (order, t)))
        {
            let len = machine.zone(id).area(order).list(migratetype).len();
            if len == 0 {
                continue;
            }
            let first = machine.free_list(id, order, migratetype).take(MOST_BLOCKS);
            let mut blocks: Vec<String> = first.map(|pfn| num(pfn.0)).collect();
            if len as usize > MOST_BLOCKS {
                blocks.push(left_out(len as usize - MOST_BLOCKS, lang));
            }
            table.rows.push(vec![
                zone_name(machine, id),
                type_name(migratetype).into(),
                order.to_string(),
                num(len),
                blocks.join(lang.pick(", ", "、")),
            ]);
        }
    }
    table
}

fn in_hand(machine: &Machine, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("Blocks in the allocator's hand", "分配器手中的块"),
        &[lang.pick("frames", "页框"), lang.pick("order", "阶"), lang.pick("pages", "页数")],
    );
    let rows = machine.in_hand().iter();
    table.rows = rows.map(|b| vec![span(*b), b.order.to_string(), num(b.order.pages())]).collect();
    table
}

/// What a kind of page is called.
pub(crate) fn kind_name(kind: PageKind, lang: Lang) -> &'static str {
    match kind {
        PageKind::Unknown => lang.pick("unknown", "不明"),
        PageKind::Unmovable => lang.pick("kernel, unmovable", "内核，不可移动"),
        PageKind::Movable => lang.pick("movable", "可移动"),
        PageKind::Reclaimable => lang.pick("kernel, reclaimable", "内核，可回收"),
        PageKind::Anon => lang.pick("anonymous", "匿名页"),
        PageKind::Slab => lang.pick("kernel objects", "内核对象"),
        PageKind::Vmalloc => "vmalloc",
        PageKind::PageTable => lang.pick("page table", "页表"),
        PageKind::File => lang.pick("file", "文件页"),
    }
}

/// The last steps, newest first, with their numbers.
fn steps(moment: &Moment, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("The last steps, newest first", "最近的步骤，新的在前"),
        &[
            lang.pick("step", "步"),
            lang.pick("what happened", "发生的事"),
            lang.pick("kernel function", "内核函数"),
        ],
    );
    for (global, step) in numbered_trail(moment).into_iter().rev().take(MOST_STEPS) {
        let line = step_line(&moment.scenario, &step, lang);
        let func = step.chain.innermost().name();
        table.rows.push(vec![num(global), line, func.into()]);
    }
    table
}

/// The steps of this unit with their numbers, oldest first; at the end of a unit its last step.
pub(crate) fn numbered_trail(moment: &Moment) -> Vec<(u64, mm::Step)> {
    let steps = if moment.trail.is_empty() { moment.just_did.as_slice() } else { moment.trail.as_slice() };
    let first = moment.global + 1 - (steps.len() as u64).min(moment.global);
    (first..).zip(steps.iter().copied()).collect()
}

/// The two indices of every zone and order, as the kernel's `unusable_index` and `extfrag_index`.
fn indices(machine: &Machine, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("Fragmentation by order", "各阶的碎片程度"),
        &[lang.pick("zone", "区"), lang.pick("index", "指标")],
    );
    table.headers.extend(Order::all().map(|order| order.to_string()));
    for id in machine.zone_ids() {
        let nr_free = machine.zone(id).nr_free();
        let unusable = Order::all().map(|order| thousandths(unusable_free_index(&nr_free, order) as i32));
        let index = Order::all().map(|order| thousandths(fragmentation_index(&nr_free, order)));
        let row = |name: &str| vec![zone_name(machine, id), name.to_owned()];
        table.rows.push(row("unusable_index").into_iter().chain(unusable).collect());
        table.rows.push(row("extfrag_index").into_iter().chain(index).collect());
    }
    table
}

/// How many frames there are of each use; they sum to all frames.
fn frames(machine: &Machine, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("Frames by use", "各种用途的页框数"),
        &[lang.pick("use", "用途"), lang.pick("frames", "页框数"), lang.pick("size", "大小")],
    );
    let Uses { free, in_hand, pcp, reserved, holes, used } = Uses::of(machine);
    let mut add = |name: &str, frames: u64| {
        if frames > 0 {
            table.rows.push(vec![name.into(), num(frames), NrPages(frames).bytes().to_string()]);
        }
    };
    add(lang.pick("free, on lists", "空闲，在链表上"), free);
    add(lang.pick("in hand", "在手中"), in_hand);
    add(lang.pick("kept by CPUs", "CPU 留着"), pcp);
    let kinds = [PageKind::Unknown].into_iter().chain(PageKind::ASKABLE);
    for kind in kinds {
        add(kind_name(kind, lang), used[kind as usize]);
    }
    add(lang.pick("reserved", "保留"), reserved);
    add(lang.pick("hole, no memory", "空洞，没有内存"), holes);
    add(lang.pick("all", "合计"), u64::from(machine.end().0));
    table
}

/// Frames of each use.
#[derive(Default)]
struct Uses {
    free: u64,
    in_hand: u64,
    pcp: u64,
    reserved: u64,
    holes: u64,
    used: [u64; 6],
}

impl Uses {
    fn of(machine: &Machine) -> Uses {
        let mut uses = Uses::default();
        for page in machine.mem_map().flatten().map(|flags| flags.page()) {
            let pages = u64::from(page.order.pages());
            match page.state {
                PageState::Hole => uses.holes += 1,
                PageState::Reserved => uses.reserved += 1,
                PageState::Free => uses.free += pages,
                PageState::InHand => uses.in_hand += pages,
                PageState::Pcp => uses.pcp += pages,
                PageState::Allocated => uses.used[page.kind as usize] += pages,
                PageState::Tail => {}
            }
        }
        uses
    }
}

/// The whole picture in a few spoken sentences.
#[must_use]
pub fn describe(moment: &Moment, lang: Lang) -> String {
    let vitals = vitals(moment, lang);
    let said = narration(moment, lang);
    let (did, next) =
        (said.did.map_or(String::new(), |s| s.text), said.next.map_or(String::new(), |s| s.text));
    let ids = (0..moment.scenario.names.len() as u32).map(NameId);
    let holds = |id: &NameId| {
        matches!(moment.machine.named(*id), Named::Block(_) | Named::Pool { len: 1.., .. } | Named::Process)
    };
    let holding: Vec<&str> = ids.filter(holds).map(|id| moment.name(id)).collect();
    let some = holding.iter().take(3).copied().collect::<Vec<_>>().join(lang.pick(", ", "、"));
    let more = holding.len().saturating_sub(3);
    let who = match (lang, holding.len()) {
        (Lang::En, 0) => "no name of the scenario holds memory".into(),
        (Lang::En, 1) => format!("{some} holds memory"),
        (Lang::En, 2..=3) => format!("{some} hold memory"),
        (Lang::En, _) => format!("{some} and {} more hold memory", num(more as u64)),
        (Lang::Zh, 0) => "场景里没有名字占用内存".into(),
        (Lang::Zh, 1..=3) => format!("{some} 占用着内存"),
        (Lang::Zh, len) => format!("{some} 等 {} 个名字占用着内存", num(len as u64)),
    };
    let (at, of) = (num(moment.global), num(moment.total));
    let Vitals { headline, largest_text, .. } = &vitals;
    match lang {
        Lang::En => {
            format!("Step {at} of {of}: {headline}, {largest_text}; {who}. Just done: {did} Next: {next}")
        }
        Lang::Zh => {
            format!("第 {at} 步，共 {of} 步：{headline}，{largest_text}；{who}。刚才：{did}下一步：{next}")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use expect_test::{Expect, expect};
    use mm::Config;
    use mm::config::Mobility;
    use mm::page::MigrateType::Movable;

    use super::names::MOST_NAMES;
    use super::*;
    use crate::testing::{Story, in_words, lists, small_pc, three_zones, walk};

    fn check(moment: &Moment, stage: Stage, lang: Lang, expected: Expect) {
        let mut text = in_words(&tables(moment, stage, lang));
        let _ = writeln!(text, "{}", describe(moment, lang));
        expected.assert_eq(&text);
    }

    fn moment() -> Moment {
        Story::on(lists(1024, Movable, &[(9, Movable, &[512]), (6, Movable, &[64, 256])]))
            .alloc("buf", 8, PageKind::Movable)
            .at(0, 5)
    }

    #[test]
    fn the_pyramid_in_words() {
        check(
            &moment(),
            Stage::Pyramid,
            Lang::En,
            expect![[r#"
            Free blocks by zone, type and order
              zone | type | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | pages
              Normal | MOVABLE | 0 | 0 | 0 | 0 | 0 | 0 | 2 | 0 | 1 | 0 | 0 | 384
              Normal | all | 0 | 0 | 0 | 0 | 0 | 0 | 2 | 0 | 1 | 0 | 0 | 384
            Free lists, head to tail
              zone | type | order | blocks | first frames, head to tail
              Normal | MOVABLE | 8 | 1 | 768
              Normal | MOVABLE | 6 | 2 | 64, 256
            Blocks in the allocator's hand
              frames | order | pages
              512–767 | 8 | 256
            Names and what they hold
              name | holds | pages | kind
            The last steps, newest first
              step | what happened | kernel function
              5 | cut 512–1023 in two: 768–1023 to the head of MOVABLE list 8 | expand
              4 | take 512–1023, the head of MOVABLE list 9 | __rmqueue_smallest
              3 | MOVABLE list 8 is empty | __rmqueue_smallest
              2 | try zone Normal | get_page_from_freelist
              1 | buf asks for 256 frames in a row (1 MiB) | __alloc_pages
            Fragmentation by order
              zone | index | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10
              Normal | unusable_index | 0.000 | 0.000 | 0.000 | 0.000 | 0.000 | 0.000 | 0.000 | 0.333 | 0.333 | 1.000 | 1.000
              Normal | extfrag_index | −1.000 | −1.000 | −1.000 | −1.000 | −1.000 | −1.000 | −1.000 | −1.000 | −1.000 | 0.417 | 0.542
            Step 5 of 6: 640 of 1024 pages free, largest free block: order 8 (1 MiB); no name of the scenario holds memory. Just done: Cut 512–1023 in two; its upper half, 768–1023, became the head of MOVABLE list 8. Next: Hand the lower half, frames 512–767, to buf.
        "#]],
        );
        check(
            &moment(),
            Stage::Pyramid,
            Lang::Zh,
            expect![[r#"
            各区、各类型、各阶的空闲块数
              区 | 类型 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 页数
              Normal | MOVABLE | 0 | 0 | 0 | 0 | 0 | 0 | 2 | 0 | 1 | 0 | 0 | 384
              Normal | 合计 | 0 | 0 | 0 | 0 | 0 | 0 | 2 | 0 | 1 | 0 | 0 | 384
            空闲链表，从头到尾
              区 | 类型 | 阶 | 块数 | 各块首页框，头 → 尾
              Normal | MOVABLE | 8 | 1 | 768
              Normal | MOVABLE | 6 | 2 | 64、256
            分配器手中的块
              页框 | 阶 | 页数
              512–767 | 8 | 256
            各名字占用的内存
              名字 | 占用 | 页数 | 用途
            最近的步骤，新的在前
              步 | 发生的事 | 内核函数
              5 | 拆分 512–1023：768–1023 放到 MOVABLE 8 阶链表头 | expand
              4 | 从 MOVABLE 9 阶链表头取下 512–1023 | __rmqueue_smallest
              3 | MOVABLE 8 阶链表是空的 | __rmqueue_smallest
              2 | 找 Normal 区 | get_page_from_freelist
              1 | buf 申请连续 256 个页框（1 MiB） | __alloc_pages
            各阶的碎片程度
              区 | 指标 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10
              Normal | unusable_index | 0.000 | 0.000 | 0.000 | 0.000 | 0.000 | 0.000 | 0.000 | 0.333 | 0.333 | 1.000 | 1.000
              Normal | extfrag_index | −1.000 | −1.000 | −1.000 | −1.000 | −1.000 | −1.000 | −1.000 | −1.000 | −1.000 | 0.417 | 0.542
            第 5 步，共 6 步：空闲 640 / 1024 页，最大空闲块：8 阶（1 MiB）；场景里没有名字占用内存。刚才：把 512–1023 号页框拆成两半，后半 768–1023 成为 MOVABLE 8 阶链表头。下一步：把前半 512–767 号页框交给 buf。
        "#]],
        );
    }

    #[test]
    fn the_frame_map_in_words() {
        let story = Story::on(three_zones(3, Mobility::On)).workload("w", 40, (0, 3), [1, 1, 1, 1, 1], 30);
        check(
            &story.alloc("big", 9, PageKind::File).end(),
            Stage::FrameMap,
            Lang::En,
            expect![[r#"
                Frames by use
                  use | frames | size
                  free, on lists | 1405 | 5.4 MiB
                  kernel, unmovable | 8 | 32 KiB
                  movable | 23 | 92 KiB
                  kernel, reclaimable | 15 | 60 KiB
                  anonymous | 3 | 12 KiB
                  file | 10 | 40 KiB
                  reserved | 36 | 144 KiB
                  all | 1500 | 5.8 MiB
                Names and what they hold
                  name | holds | pages | kind
                  w | 18 blocks | 59 | workload
                  big | nothing: it failed | 0 | –
                Fragmentation by order
                  zone | index | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10
                  DMA | unusable_index | 0.000 | 0.000 | 0.000 | 0.000 | 0.000 | 0.066 | 0.200 | 0.466 | 1.000 | 1.000 | 1.000
                  DMA | extfrag_index | −1.000 | −1.000 | −1.000 | −1.000 | −1.000 | −1.000 | −1.000 | −1.000 | 0.516 | 0.633 | 0.692
                  DMA32 | unusable_index | 0.000 | 0.000 | 0.000 | 0.005 | 0.027 | 0.071 | 0.204 | 0.292 | 0.646 | 1.000 | 1.000
                  DMA32 | extfrag_index | −1.000 | −1.000 | −1.000 | −1.000 | −1.000 | −1.000 | −1.000 | −1.000 | −1.000 | 0.799 | 0.858
                  Normal | unusable_index | 0.000 | 0.002 | 0.002 | 0.002 | 0.020 | 0.129 | 0.274 | 0.709 | 1.000 | 1.000 | 1.000
                  Normal | extfrag_index | −1.000 | −1.000 | −1.000 | −1.000 | −1.000 | −1.000 | −1.000 | −1.000 | 0.753 | 0.831 | 0.870
                Free blocks by zone, type and order
                  zone | type | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | pages
                  DMA | MOVABLE | 0 | 0 | 0 | 0 | 1 | 1 | 1 | 1 | 0 | 0 | 0 | 240
                  DMA | all | 0 | 0 | 0 | 0 | 1 | 1 | 1 | 1 | 0 | 0 | 0 | 240
                  DMA32 | MOVABLE | 0 | 0 | 1 | 2 | 2 | 3 | 1 | 2 | 1 | 0 | 0 | 724
                  DMA32 | all | 0 | 0 | 1 | 2 | 2 | 3 | 1 | 2 | 1 | 0 | 0 | 724
                  Normal | UNMOVABLE | 0 | 0 | 0 | 1 | 1 | 1 | 1 | 0 | 0 | 0 | 0 | 120
                  Normal | MOVABLE | 0 | 0 | 0 | 0 | 1 | 0 | 1 | 1 | 0 | 0 | 0 | 208
                  Normal | RECLAIMABLE | 1 | 0 | 0 | 0 | 1 | 1 | 1 | 0 | 0 | 0 | 0 | 113
                  Normal | all | 1 | 0 | 0 | 1 | 3 | 2 | 3 | 1 | 0 | 0 | 0 | 441
                Blocks in the allocator's hand
                  frames | order | pages
                The last steps, newest first
                  step | what happened | kernel function
                  294 | big failed: no 512 frames in a row for it | __alloc_pages
                  293 | zone DMA has nothing for order 9 | get_page_from_freelist
                  292 | MOVABLE has nothing left: look at other types | __rmqueue_fallback
                  291 | MOVABLE list 10 of DMA is empty | __rmqueue_smallest
                  290 | MOVABLE list 9 of DMA is empty | __rmqueue_smallest
                  289 | try zone DMA | get_page_from_freelist
                  288 | zone DMA32 has nothing for order 9 | get_page_from_freelist
                  287 | MOVABLE has nothing left: look at other types | __rmqueue_fallback
                  286 | MOVABLE list 10 of DMA32 is empty | __rmqueue_smallest
                  285 | MOVABLE list 9 of DMA32 is empty | __rmqueue_smallest
                  284 | try zone DMA32 | get_page_from_freelist
                  283 | zone Normal has nothing for order 9 | get_page_from_freelist
                  282 | MOVABLE has nothing left: look at other types | __rmqueue_fallback
                  281 | MOVABLE list 10 of Normal is empty | __rmqueue_smallest
                  280 | MOVABLE list 9 of Normal is empty | __rmqueue_smallest
                  279 | try zone Normal | get_page_from_freelist
                  278 | walk the zones again: types may be mixed now | get_page_from_freelist
                  277 | zone DMA has nothing for order 9 | get_page_from_freelist
                  276 | MOVABLE has nothing left: look at other types | __rmqueue_fallback
                  275 | MOVABLE list 10 of DMA is empty | __rmqueue_smallest
                  274 | MOVABLE list 9 of DMA is empty | __rmqueue_smallest
                  273 | try zone DMA | get_page_from_freelist
                  272 | zone DMA32 has nothing for order 9 | get_page_from_freelist
                  271 | MOVABLE has nothing left: look at other types | __rmqueue_fallback
                  270 | MOVABLE list 10 of DMA32 is empty | __rmqueue_smallest
                Step 294 of 294: 1405 of 1464 pages free, largest free block: order 8 (1 MiB); w holds memory. Just done: big got nothing: 95% of memory is free, but no 512 frames in a row. Next: The story ends here: 1405 pages are free, one name still holds memory.
            "#]],
        );
    }

    #[test]
    fn per_cpu_lists_and_watermarks_in_words() {
        let story = Story::on(small_pc())
            .alloc("a", 0, PageKind::Anon)
            .alloc("b", 1, PageKind::Unmovable)
            .alloc("c", 0, PageKind::File)
            .free("a")
            .free_on("b", 1);
        let tables = tables(&story.end(), Stage::FrameMap, Lang::Zh);
        let text: Vec<String> = tables[6..]
            .iter()
            .flat_map(|table| {
                let rows = table.rows.iter().map(|row| format!("  {}", row.join(" | ")));
                [table.caption.clone(), format!("  {}", table.headers.join(" | "))].into_iter().chain(rows)
            })
            .collect();
        expect![[r#"
            每个 CPU 在各区留着的页
              区 | CPU | count | high | batch | free_factor
              DMA | 0 | 0 | 37 | 1 | 0
              DMA | 1 | 0 | 37 | 1 | 0
              DMA32 | 0 | 4 | 120 | 3 | 0
              DMA32 | 1 | 2 | 120 | 3 | 0
            各 CPU 的链表，从头到尾
              区 | CPU | 类型 | 阶 | 块数 | 各块首页框，头 → 尾
              DMA32 | 0 | MOVABLE | 0 | 2 | 4096、4098
              DMA32 | 0 | UNMOVABLE | 1 | 1 | 5122
              DMA32 | 1 | UNMOVABLE | 1 | 1 | 5120
            空闲页与水位（含抬高）
              区 | 空闲 | min | low | high | 抬高 | 预留 | CPU 留着 | managed
              DMA | 3840 | 60 | 75 | 90 | 0 | 0 | 0 | 3840
              DMA32 | 12,281 | 192 | 240 | 288 | 0 | 0 | 6 | 12,288
            按请求可用的最高区，各区保留的页（lowmem_reserve）
              区 | DMA | DMA32 | Normal | Movable
              DMA | 0 | 48 | 48 | 48
              DMA32 | 0 | 0 | 0 | 0
            请求在哪里得到满足（numastat）
              区 | numa_hit | numa_miss | numa_foreign | local_node | other_node
              DMA | 0 | 0 | 0 | 0 | 0
              DMA32 | 3 | 0 | 0 | 3 | 0"#]]
        .assert_eq(&text.join("\n"));
    }

    #[test]
    fn long_lists_say_how_much_is_left_out() {
        let mut story = Story::on(Config::single_zone(256));
        for i in 0..128 {
            story = story.alloc(&format!("p[{i}]"), 0, PageKind::Anon);
        }
        for i in 0..64 {
            story = story.free(&format!("p[{}]", 2 * i));
        }
        let tables = tables(&story.end(), Stage::Pyramid, Lang::En);
        assert!(tables[1].rows.iter().any(|row| row[4].ends_with("… 32 more")), "{:?}", tables[1].rows);
        assert_eq!(tables[3].rows.len(), MOST_NAMES + 1);
        assert_eq!(tables[3].rows[MOST_NAMES][0], "… 64 more");
    }

    #[test]
    fn tables_are_rectangular_and_agree_with_the_machine() {
        let story =
            Story::on(three_zones(3, Mobility::On)).workload("w", 60, (0, 5), [1, 1, 1, 1, 1], 45).free("w");
        walk(&story.scenario(), |moment| {
            for (at, stage) in Stage::ALL.into_iter().enumerate() {
                let lang = Lang::ALL[at % 2];
                let tables = tables(moment, stage, lang);
                for table in &tables {
                    assert!(table.rows.iter().all(|row| row.len() == table.headers.len()), "{table:?}");
                }
                assert!(!describe(moment, lang).is_empty());
            }
            let uses = Uses::of(&moment.machine);
            let used: u64 = uses.used.iter().sum();
            let all = uses.free + uses.in_hand + uses.pcp + uses.reserved + uses.holes + used;
            assert_eq!(all, u64::from(moment.machine.end().0));
        });
    }
}

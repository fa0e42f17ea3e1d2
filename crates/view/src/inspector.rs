//! The card of one selected frame: what block it is in, its buddy bit by bit, whether they would merge, where it
//! stands on its list, what happened to it, and what can be done with it.

use mm::mmzone::{PerCpuPages, ZoneId};
use mm::op::NameId;
use mm::page::{Block, MigrateType, PageState};
use mm::{CpuId, Machine, Named, NrPages, Order, Pfn};
use scenario::Lang;

use crate::Moment;
use crate::narrate::{num, step_line, type_name};
use crate::pageblocks::{self, Fill, Use};
use crate::twin::{kind_name, numbered_trail, pcp_type_name};
use crate::vitals::zone_name;

/// How far a list is walked to find a block's place: a longer list is not worth the time of a frame.
const FARTHEST: u32 = 4096;

/// All that is known about a selected frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Card {
    /// "Block 128", or "Frame 12" where there is no block.
    pub title: String,
    /// "free, on a list"
    pub state: String,
    /// The block; none for a hole and for reserved memory.
    pub block: Option<Block>,
    /// The plain facts.
    pub rows: Vec<Row>,
    /// The computation of its buddy; none for the largest order, which has none.
    pub buddy: Option<BuddySum>,
    /// Whether it merges with its buddy, condition by condition; empty when there is none.
    pub checks: Vec<Check>,
    /// "2nd of 5 on list 6 MOVABLE, head → tail"
    pub place: Option<String>,
    /// What the steps around this moment did to it, oldest first.
    pub history: Vec<HistoryLine>,
    /// What can be done with it from here on.
    pub actions: Vec<BlockAction>,
    /// Why there is nothing to compute, or what else has to be said.
    pub note: Option<String>,
}

/// One fact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// What it is.
    pub label: String,
    /// The value.
    pub value: String,
    /// The value is code, a number or a name: monospaced.
    pub mono: bool,
}

/// Frame number ⊕ size = buddy, as three rows of bits under each other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BuddySum {
    /// "Buddy: flip bit 6"
    pub caption: String,
    /// The rows: the block, its size, its buddy.
    pub rows: [BitRow; 3],
    /// The bit that differs, counted from the right, from 0: it is the order.
    pub flipped: u8,
}

/// One row of bits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BitRow {
    /// "", "⊕" or "=".
    pub sign: &'static str,
    /// The number.
    pub value: u32,
    /// Its bits, the highest first: enough for every frame of the machine.
    pub bits: Vec<bool>,
}

/// One condition of a merge.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Check {
    /// "free"
    pub label: String,
    /// It is met.
    pub ok: bool,
    /// What was found: "in use by e".
    pub detail: String,
}

/// One step that touched the block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HistoryLine {
    /// Steps since the beginning, this one included.
    pub step: u64,
    /// What it did.
    pub text: String,
}

/// Something to do with the block: a line to add to the scenario at the cursor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BlockAction {
    /// What the button says.
    pub label: String,
    /// The line.
    pub statement: String,
}

/// The card of the frame `pfn`.
#[must_use]
pub fn card(moment: &Moment, pfn: Pfn, lang: Lang) -> Card {
    let machine = &moment.machine;
    match (machine.block_of(pfn), machine.zone_of(pfn)) {
        (Some(block), Some(zone)) => block_card(moment, pfn, block, zone, lang),
        _ => {
            let mut card = bare_card(machine, pfn, lang);
            card.rows.extend(crate::dma::card_rows(moment, pfn, lang));
            card
        }
    }
}

/// A frame that the buddy system does not have.
fn bare_card(machine: &Machine, pfn: Pfn, lang: Lang) -> Card {
    let reserved = machine.page(pfn).state == PageState::Reserved;
    let (state, note) = if reserved {
        (
            lang.pick("reserved", "保留"),
            lang.pick(
                "Kept back at boot, for the firmware or the kernel itself: the buddy system never gets it.",
                "启动时就留给固件或内核自身，不交给伙伴系统。",
            ),
        )
    } else {
        (lang.pick("hole", "空洞"), lang.pick("No memory has this address.", "这个地址上没有内存。"))
    };
    let mut rows = vec![address(pfn, lang)];
    if let Some(zone) = machine.zone_of(pfn) {
        if reserved {
            let pageblock = machine.pageblock_type(pfn);
            rows.push(row(lang.pick("pageblock type", "pageblock 类型"), type_name(pageblock), true));
            rows.extend(pageblock_rows(machine, pfn, zone, lang));
        }
        rows.push(zone_row(machine, zone, lang));
    }
    Card {
        title: format!("{} {}", lang.pick("Frame", "页框"), num(pfn.0)),
        state: state.into(),
        block: None,
        rows,
        buddy: None,
        checks: Vec::new(),
        place: None,
        history: Vec::new(),
        actions: Vec::new(),
        note: Some(note.into()),
    }
}

fn block_card(moment: &Moment, pfn: Pfn, block: Block, zone: ZoneId, lang: Lang) -> Card {
    let machine = &moment.machine;
    let page = machine.page(block.pfn);
    let state = match page.state {
        PageState::Free => lang.pick("free, on a list", "空闲，在链表上"),
        PageState::Pcp => lang.pick("on a list of a CPU", "在某个 CPU 的链表上"),
        PageState::InHand => lang.pick("in hand, on no list", "手中，还不在链表上"),
        _ => lang.pick("in use", "使用中"),
    };
    let unknown = page.state == PageState::Allocated && page.owner().is_none();
    let note = if unknown {
        Some(lang.pick(
            "In use when the story begins; nobody knows by whom.",
            "故事开始时就在使用中，不知道归谁。",
        ))
    } else if page.state == PageState::Pcp {
        Some(lang.pick(
            "Neither free nor in use: to the buddy system it counts as taken, so it cannot merge.",
            "既不算空闲，也没人用：对伙伴系统来说已被取走，不能合并。",
        ))
    } else if block.order == Order::MAX {
        Some(lang.pick("The largest order there is: it never merges.", "已是最高阶，不再合并。"))
    } else {
        None
    };
    Card {
        title: format!("{} {}", lang.pick("Block", "块"), num(block.pfn.0)),
        state: state.into(),
        block: Some(block),
        rows: rows(moment, pfn, block, zone, lang),
        buddy: buddy_sum(machine, block, lang),
        checks: checks(moment, block, zone, lang),
        place: match page.state {
            PageState::Free => Some(place(machine, block, zone, lang)),
            PageState::Pcp => pcp_place(machine, block, zone).map(|at| at.text(lang)),
            _ => None,
        },
        history: history(moment, block, lang),
        actions: actions(moment, block, zone, lang),
        note: note.map(str::to_owned),
    }
}

pub(crate) fn row(label: &str, value: impl Into<String>, mono: bool) -> Row {
    Row { label: label.into(), value: value.into(), mono }
}

fn address(pfn: Pfn, lang: Lang) -> Row {
    row(lang.pick("address", "地址"), format!("{:#x}", u64::from(pfn.0) * mm::units::PAGE_SIZE), true)
}

fn zone_row(machine: &Machine, id: ZoneId, lang: Lang) -> Row {
    let zone = machine.zone(id);
    row(lang.pick("zone", "区"), format!("{}, node {}", zone.kind.name(), zone.node), true)
}

fn rows(moment: &Moment, pfn: Pfn, block: Block, zone: ZoneId, lang: Lang) -> Vec<Row> {
    let machine = &moment.machine;
    let page = machine.page(block.pfn);
    let pages = block.order.pages();
    let size = NrPages(u64::from(pages)).bytes();
    let mut rows = vec![row(
        lang.pick("order", "阶"),
        match (lang, pages) {
            (Lang::En, 1) => format!("{}: 1 page, {size}", block.order),
            (Lang::En, _) => format!("{}: {} pages, {size}", block.order, num(pages)),
            (Lang::Zh, _) => format!("{}：{} 页，{size}", block.order, num(pages)),
        },
        false,
    )];
    if pages > 1 {
        let frames = format!("{}–{}", num(block.pfn.0), num(block.last().0));
        rows.push(row(lang.pick("frames", "页框"), frames, true));
    }
    if pfn != block.pfn {
        let (at, of) = (num(pfn.0 - block.pfn.0 + 1), num(pages));
        let selected = match lang {
            Lang::En => format!("{}, number {at} of {of} in the block", num(pfn.0)),
            Lang::Zh => format!("{}，块里 {of} 个中的第 {at} 个", num(pfn.0)),
        };
        rows.push(row(lang.pick("selected frame", "选中的页框"), selected, false));
    }
    rows.push(address(pfn, lang));
    if page.state == PageState::Free {
        rows.push(row(lang.pick("list type", "链表类型"), type_name(page.migratetype), true));
    }
    if page.state == PageState::Pcp {
        if let Some(PcpPlace { cpu, .. }) = pcp_place(machine, block, zone) {
            rows.push(row(lang.pick("kept by", "留在"), format!("CPU {}", cpu.0), true));
        }
        rows.push(row(lang.pick("goes back to", "退回时归"), type_name(page.migratetype), true));
    }
    let pageblock = machine.pageblock_type(pfn);
    rows.push(row(lang.pick("pageblock type", "pageblock 类型"), type_name(pageblock), true));
    rows.extend(pageblock_rows(machine, pfn, zone, lang));
    rows.push(zone_row(machine, zone, lang));
    if page.state == PageState::Allocated {
        if let Some(owner) = page.owner() {
            rows.push(row(lang.pick("held by", "使用者"), moment.name(owner), true));
        }
        rows.push(row(lang.pick("kind", "用途"), kind_name(page.kind, lang), false));
        rows.extend(crate::reclaim::card_rows(moment, pfn, lang));
    }
    rows.extend(crate::dma::card_rows(moment, pfn, lang));
    rows
}

/// Which pageblock it is, and what is in it.
fn pageblock_rows(machine: &Machine, pfn: Pfn, zone: ZoneId, lang: Lang) -> [Row; 2] {
    let order = machine.pageblock_order().get();
    let number = pfn.0 >> order;
    let at = number - (machine.zone(zone).span.start.0 >> order);
    let range = pageblocks::range(machine, zone, at);
    let fill = Fill::count(machine, range);
    let uses = Use::ALL.into_iter().rev().filter(|what| *what != Use::Hole && fill.of(*what) > 0);
    let uses: Vec<String> = uses.map(|what| format!("{} {}", num(fill.of(what)), what.name(lang))).collect();
    let (first, last) = (num(range.start.0), num(range.end.0 - 1));
    [
        row("pageblock", format!("{}: {first}–{last}", num(number)), true),
        row(lang.pick("in the pageblock", "pageblock 里"), uses.join(lang.pick(", ", "、")), false),
    ]
}

fn buddy_sum(machine: &Machine, block: Block, lang: Lang) -> Option<BuddySum> {
    if block.order == Order::MAX {
        return None;
    }
    let order = block.order.get();
    let buddy = block.pfn.buddy(block.order);
    let highest = (machine.end().0.saturating_sub(1)).max(block.pfn.0).max(buddy.0);
    let width = u32::BITS - highest.leading_zeros();
    let bits = |value: u32| (0..width).rev().map(|bit| value >> bit & 1 == 1).collect();
    let row = |sign, value| BitRow { sign, value, bits: bits(value) };
    let caption = match lang {
        Lang::En => format!("Buddy: flip bit {order}"),
        Lang::Zh => format!("伙伴：翻转第 {order} 位"),
    };
    Some(BuddySum {
        caption,
        rows: [row("", block.pfn.0), row("⊕", block.order.pages()), row("=", buddy.0)],
        flipped: order,
    })
}

/// The conditions of `page_is_buddy()`, each looked at by itself; from the size of a pageblock on, the type as well.
fn checks(moment: &Moment, block: Block, zone: ZoneId, lang: Lang) -> Vec<Check> {
    if block.order == Order::MAX {
        return Vec::new();
    }
    let machine = &moment.machine;
    let buddy = block.pfn.buddy(block.order);
    let found = machine.block_of(buddy);
    let page = found.map(|found| machine.page(found.pfn));
    let check = |label: &str, ok, detail: String| Check { label: label.into(), ok, detail };

    let free = page.is_some_and(|page| page.state == PageState::Free);
    let state = match (page.map(|page| page.state), page.and_then(|page| page.owner())) {
        (Some(PageState::Free), _) => "PageBuddy".into(),
        (Some(PageState::Pcp), _) => lang.pick("on a CPU's list", "在 CPU 链表上").into(),
        (Some(PageState::InHand), _) => lang.pick("in hand", "在手中").into(),
        (Some(_), Some(owner)) => match lang {
            Lang::En => format!("in use by {}", moment.name(owner)),
            Lang::Zh => format!("{} 正在用", moment.name(owner)),
        },
        (Some(_), None) => lang.pick("in use", "使用中").into(),
        (None, _) => match machine.page(buddy).state {
            PageState::Reserved => lang.pick("reserved", "保留").into(),
            _ => lang.pick("no memory", "没有内存").into(),
        },
    };
    let same_order = found == Some(Block { pfn: buddy, order: block.order });
    let order = match found {
        Some(found) if found.pfn == buddy => match lang {
            Lang::En => format!("order {}", found.order),
            Lang::Zh => format!("{} 阶", found.order),
        },
        Some(found) => match lang {
            Lang::En => format!("inside block {}", num(found.pfn.0)),
            Lang::Zh => format!("在块 {} 里面", num(found.pfn.0)),
        },
        None => "–".into(),
    };
    let buddy_zone = machine.zone_of(buddy);
    let mut checks = vec![
        check(lang.pick("free", "空闲"), free, state),
        check(lang.pick("same order", "同阶"), same_order, order),
        check(
            lang.pick("same zone", "同一个区"),
            buddy_zone == Some(zone),
            buddy_zone.map_or("–".into(), |id| zone_name(machine, id)),
        ),
    ];
    if block.order >= machine.pageblock_order() && found.is_some() {
        let (ours, theirs) = (machine.pageblock_type(block.pfn), machine.pageblock_type(buddy));
        let mix = ours == theirs || (ours.is_mergeable() && theirs.is_mergeable());
        let detail = format!("{} + {}", type_name(ours), type_name(theirs));
        checks.push(check(lang.pick("types that mix", "类型可混"), mix, detail));
    }
    checks
}

/// "2nd of 5 on list 6 MOVABLE, head → tail"
fn place(machine: &Machine, block: Block, zone: ZoneId, lang: Lang) -> String {
    let Block { pfn, order } = block;
    let migratetype = machine.page(pfn).migratetype;
    let len = machine.zone(zone).area(order).list(migratetype).len();
    let list = type_name(migratetype);
    let walked = machine.free_list(zone, order, migratetype).take(FARTHEST as usize);
    match (walked.into_iter().position(|at| at == pfn), lang) {
        (Some(at), Lang::En) => {
            let at = at as u64 + 1;
            format!("{} of {} on list {order} {list}, head → tail", ordinal(at), num(len))
        }
        (Some(at), Lang::Zh) => {
            format!("{list} {order} 阶链表第 {} 个，共 {} 个，头 → 尾", num(at as u64 + 1), num(len))
        }
        (None, Lang::En) => {
            format!("behind the first {} of {} on list {order} {list}", num(FARTHEST), num(len))
        }
        (None, Lang::Zh) => {
            format!("{list} 的 {order} 阶链表共 {} 个，排在前 {} 个之后", num(len), num(FARTHEST))
        }
    }
}

/// Where a block stands on a CPU's list.
struct PcpPlace {
    cpu: CpuId,
    index: usize,
    order: Order,
    /// From the head, from 0.
    at: usize,
    len: u32,
}

impl PcpPlace {
    /// "2nd of 15 on CPU 0's order-0 MOVABLE list, head → tail"
    fn text(&self, lang: Lang) -> String {
        let PcpPlace { cpu, index, order, at, len } = self;
        let (list, at, len) = (pcp_type_name(*index), *at as u64 + 1, num(*len));
        match lang {
            Lang::En => {
                let at = ordinal(at);
                format!("{at} of {len} on CPU {}'s order-{order} {list} list, head → tail", cpu.0)
            }
            Lang::Zh => {
                format!("CPU {} 的 {list} {order} 阶链表第 {} 个，共 {len} 个，头 → 尾", cpu.0, num(at))
            }
        }
    }
}

/// Looks for a block on the lists of every CPU.
fn pcp_place(machine: &Machine, block: Block, zone: ZoneId) -> Option<PcpPlace> {
    let lists = (0..machine.cpus()).flat_map(|cpu| (0..PerCpuPages::LISTS).map(move |i| (CpuId(cpu), i)));
    lists
        .filter(|(_, index)| PerCpuPages::order_of(*index, machine.pageblock_order()) == block.order)
        .find_map(|(cpu, index)| {
            let at = machine.pcp_list(zone, cpu, index).position(|pfn| pfn == block.pfn)?;
            let len = machine.zone(zone).pcp(cpu).list(index).len();
            Some(PcpPlace { cpu, index, order: block.order, at, len })
        })
}

/// `1st`, `2nd`, `13th`
fn ordinal(number: u64) -> String {
    let ending = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{}{ending}", num(number))
}

fn history(moment: &Moment, block: Block, lang: Lang) -> Vec<HistoryLine> {
    let overlaps = |other: &Block| other.pfn <= block.last() && block.pfn <= other.last();
    numbered_trail(moment)
        .into_iter()
        .filter(|(_, step)| step.kind.blocks().iter().flatten().any(overlaps))
        .map(|(global, step)| HistoryLine { step: global, text: step_line(&moment.scenario, &step, lang) })
        .collect()
}

fn actions(moment: &Moment, block: Block, zone: ZoneId, lang: Lang) -> Vec<BlockAction> {
    let page = moment.machine.page(block.pfn);
    match (page.state, page.owner()) {
        (PageState::Allocated, Some(owner)) => free_action(moment, block, owner, lang).into_iter().collect(),
        (PageState::Free, _) => alloc_actions(moment, block, zone, lang),
        _ => Vec::new(),
    }
}

fn free_action(moment: &Moment, block: Block, owner: NameId, lang: Lang) -> Option<BlockAction> {
    let name = moment.name(owner);
    let label = match (moment.machine.named(owner), lang) {
        (Named::Block(held), _) if held != block => return None,
        (Named::Block(_), Lang::En) => format!("Free {name}"),
        (Named::Block(_), Lang::Zh) => format!("释放 {name}"),
        (Named::Pool { len, .. }, Lang::En) => format!("Free all {} blocks of {name}", num(len)),
        (Named::Pool { len, .. }, Lang::Zh) => format!("释放 {name} 的全部 {} 块", num(len)),
        (Named::Area(_), Lang::En) => format!("Free all of {name}"),
        (Named::Area(_), Lang::Zh) => format!("释放整个 {name}"),
        _ => return None,
    };
    Some(BlockAction { label, statement: format!("free {name}") })
}

/// The word of the language for a request that looks at the lists of a type; none for types that no request has.
fn kind_word(migratetype: MigrateType) -> Option<&'static str> {
    match migratetype {
        MigrateType::Unmovable => Some("unmovable"),
        MigrateType::Movable => Some("movable"),
        MigrateType::Reclaimable => Some("reclaimable"),
        MigrateType::HighAtomic | MigrateType::Cma | MigrateType::Isolate => None,
    }
}

/// Requests that a free block can serve. Which block a request gets is the allocator's decision: the label promises
/// this block only when it really would be taken.
fn alloc_actions(moment: &Moment, block: Block, zone: ZoneId, lang: Lang) -> Vec<BlockAction> {
    let machine = &moment.machine;
    let migratetype = machine.page(block.pfn).migratetype;
    let Some(kind) = kind_word(migratetype) else { return Vec::new() };
    let name = scenario::fresh_name(&moment.scenario);
    // The zonelist begins with the highest zone that the request may use, so this zone has to be named.
    let above = machine.zones().iter().any(|other| other.kind > machine.zone(zone).kind);
    let below = if above { format!(" zone={}", machine.zone(zone).kind.name()) } else { String::new() };
    let statement = |order: Order| format!("{name} = alloc order={order} {kind}{below}");
    // The block that a request of this order would take off this zone's lists.
    let taken = |wanted: Order| {
        wanted.and_up().find_map(|order| {
            let head = machine.zone(zone).area(order).list(migratetype).head()?;
            Some(Block { pfn: head, order })
        })
    };
    let action = |order: Order, this: &str, other: [&str; 2]| {
        let label = match taken(order) {
            Some(taken) if taken == block => this.to_owned(),
            Some(taken) => {
                let [before, behind] = other;
                format!("{before}{}{behind}", num(taken.pfn.0))
            }
            None => this.to_owned(),
        };
        BlockAction { label, statement: statement(order) }
    };
    let mut actions = vec![action(
        block.order,
        lang.pick("Allocate this block", "分配这一块"),
        lang.pick(
            ["Ask for a block of this size (block ", " is the head and goes first)"],
            ["申请一个同样大的块（链表头 ", " 会先被取走）"],
        ),
    )];
    if block.order > Order::ZERO {
        actions.push(action(
            Order::ZERO,
            lang.pick("Cut a single page out of it", "从中拆出一页"),
            lang.pick(["Ask for a single page (block ", " goes first)"], ["申请一页（", " 号块会先被取走）"]),
        ));
    }
    actions
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use expect_test::{Expect, expect};
    use mm::Config;
    use mm::config::Mobility;
    use mm::op::PageKind;
    use mm::page::MigrateType::Movable;

    use super::*;
    use crate::testing::{Story, lists, small_pc, three_zones, walk};

    fn text(card: &Card) -> String {
        let mut text = format!("{} · {}\n", card.title, card.state);
        for row in &card.rows {
            let _ = writeln!(text, "  {}: {}", row.label, row.value);
        }
        if let Some(sum) = &card.buddy {
            let _ = writeln!(text, "{}", sum.caption);
            for row in &sum.rows {
                let bits: String = row.bits.iter().map(|bit| if *bit { '1' } else { '0' }).collect();
                let _ = writeln!(text, "  {bits} {} {}", row.sign, row.value);
            }
        }
        for check in &card.checks {
            let _ =
                writeln!(text, "  {} {} ({})", if check.ok { '✓' } else { '✕' }, check.label, check.detail);
        }
        for line in card.place.iter().chain(&card.note) {
            let _ = writeln!(text, "{line}");
        }
        for line in &card.history {
            let _ = writeln!(text, "  {} {}", line.step, line.text);
        }
        for action in &card.actions {
            let _ = writeln!(text, "  [{}] {}", action.label, action.statement);
        }
        text
    }

    fn check(moment: &Moment, pfn: u32, lang: Lang, expected: Expect) {
        expected.assert_eq(&text(&card(moment, Pfn(pfn), lang)));
    }

    fn split() -> Moment {
        Story::on(lists(1024, Movable, &[(9, Movable, &[512]), (6, Movable, &[256, 64])]))
            .alloc("buf", 8, PageKind::Movable)
            .at(0, 5)
    }

    #[test]
    fn a_block_in_hand() {
        check(
            &split(),
            600,
            Lang::En,
            expect![[r#"
                Block 512 · in hand, on no list
                  order: 8: 256 pages, 1 MiB
                  frames: 512–767
                  selected frame: 600, number 89 of 256 in the block
                  address: 0x258000
                  pageblock type: MOVABLE
                  pageblock: 1: 512–1023
                  in the pageblock: 256 free, 256 in hand
                  zone: Normal, node 0
                Buddy: flip bit 8
                  1000000000  512
                  0100000000 ⊕ 256
                  1100000000 = 768
                  ✓ free (PageBuddy)
                  ✓ same order (order 8)
                  ✓ same zone (Normal)
                  4 take 512–1023, the head of MOVABLE list 9
                  5 cut 512–1023 in two: 768–1023 to the head of MOVABLE list 8
            "#]],
        );
        check(
            &split(),
            600,
            Lang::Zh,
            expect![[r#"
                块 512 · 手中，还不在链表上
                  阶: 8：256 页，1 MiB
                  页框: 512–767
                  选中的页框: 600，块里 256 个中的第 89 个
                  地址: 0x258000
                  pageblock 类型: MOVABLE
                  pageblock: 1: 512–1023
                  pageblock 里: 256 空闲、256 在手中
                  区: Normal, node 0
                伙伴：翻转第 8 位
                  1000000000  512
                  0100000000 ⊕ 256
                  1100000000 = 768
                  ✓ 空闲 (PageBuddy)
                  ✓ 同阶 (8 阶)
                  ✓ 同一个区 (Normal)
                  4 从 MOVABLE 9 阶链表头取下 512–1023
                  5 拆分 512–1023：768–1023 放到 MOVABLE 8 阶链表头
            "#]],
        );
    }

    #[test]
    fn a_free_block() {
        check(
            &split(),
            64,
            Lang::En,
            expect![[r#"
                Block 64 · free, on a list
                  order: 6: 64 pages, 256 KiB
                  frames: 64–127
                  address: 0x40000
                  list type: MOVABLE
                  pageblock type: MOVABLE
                  pageblock: 0: 0–511
                  in the pageblock: 128 free, 384 unknown
                  zone: Normal, node 0
                Buddy: flip bit 6
                  0001000000  64
                  0001000000 ⊕ 64
                  0000000000 = 0
                  ✕ free (in use)
                  ✕ same order (order 0)
                  ✓ same zone (Normal)
                2nd of 2 on list 6 MOVABLE, head → tail
                  [Ask for a block of this size (block 256 is the head and goes first)] a = alloc order=6 movable
                  [Ask for a single page (block 256 goes first)] a = alloc order=0 movable
            "#]],
        );
        check(
            &split(),
            256,
            Lang::Zh,
            expect![[r#"
                块 256 · 空闲，在链表上
                  阶: 6：64 页，256 KiB
                  页框: 256–319
                  地址: 0x100000
                  链表类型: MOVABLE
                  pageblock 类型: MOVABLE
                  pageblock: 0: 0–511
                  pageblock 里: 128 空闲、384 来源不明
                  区: Normal, node 0
                伙伴：翻转第 6 位
                  0100000000  256
                  0001000000 ⊕ 64
                  0101000000 = 320
                  ✕ 空闲 (使用中)
                  ✕ 同阶 (0 阶)
                  ✓ 同一个区 (Normal)
                MOVABLE 6 阶链表第 1 个，共 2 个，头 → 尾
                  [分配这一块] a = alloc order=6 movable
                  [从中拆出一页] a = alloc order=0 movable
            "#]],
        );
    }

    #[test]
    fn blocks_in_use() {
        let story =
            Story::on(Config::single_zone(64)).alloc("a", 0, PageKind::Anon).alloc("k", 2, PageKind::Anon);
        check(
            &story.end(),
            0,
            Lang::En,
            expect![[r#"
                Block 0 · in use
                  order: 0: 1 page, 4 KiB
                  address: 0x0
                  pageblock type: MOVABLE
                  pageblock: 0: 0–63
                  in the pageblock: 59 free, 5 anonymous
                  zone: Normal, node 0
                  held by: a
                  kind: anonymous
                Buddy: flip bit 0
                  000000  0
                  000001 ⊕ 1
                  000001 = 1
                  ✓ free (PageBuddy)
                  ✓ same order (order 0)
                  ✓ same zone (Normal)
                  [Free a] free a
            "#]],
        );
        check(
            &split(),
            5,
            Lang::En,
            expect![[r#"
                Block 5 · in use
                  order: 0: 1 page, 4 KiB
                  address: 0x5000
                  pageblock type: MOVABLE
                  pageblock: 0: 0–511
                  in the pageblock: 128 free, 384 unknown
                  zone: Normal, node 0
                  kind: unknown
                Buddy: flip bit 0
                  0000000101  5
                  0000000001 ⊕ 1
                  0000000100 = 4
                  ✕ free (in use)
                  ✓ same order (order 0)
                  ✓ same zone (Normal)
                In use when the story begins; nobody knows by whom.
            "#]],
        );
    }

    #[test]
    fn what_is_no_block_explains_itself() {
        let moment = Story::on(three_zones(3, Mobility::On)).end();
        check(
            &moment,
            3,
            Lang::En,
            expect![[r#"
                Frame 3 · reserved
                  address: 0x3000
                  pageblock type: UNMOVABLE
                  pageblock: 0: 1–7
                  in the pageblock: 7 reserved
                  zone: DMA, node 0
                Kept back at boot, for the firmware or the kernel itself: the buddy system never gets it.
            "#]],
        );
        check(
            &moment,
            5000,
            Lang::Zh,
            expect![[r#"
            页框 5000 · 空洞
              地址: 0x1388000
            这个地址上没有内存。
        "#]],
        );
        check(
            &Story::on(Config::single_zone(1024)).end(),
            0,
            Lang::En,
            expect![[r#"
                Block 0 · free, on a list
                  order: 10: 1024 pages, 4 MiB
                  frames: 0–1023
                  address: 0x0
                  list type: MOVABLE
                  pageblock type: MOVABLE
                  pageblock: 0: 0–511
                  in the pageblock: 512 free
                  zone: Normal, node 0
                1st of 1 on list 10 MOVABLE, head → tail
                The largest order there is: it never merges.
                  [Allocate this block] a = alloc order=10 movable
                  [Cut a single page out of it] a = alloc order=0 movable
            "#]],
        );
    }

    #[test]
    fn a_page_that_a_cpu_keeps() {
        let story = Story::on(small_pc()).alloc("a", 0, PageKind::Anon).alloc("b", 0, PageKind::Anon);
        let moment = story.free("a").free("b").end();
        let id = ZoneId(1);
        let last = moment.machine.pcp_list(id, CpuId(0), 1).nth(1).expect("two at least");
        check(
            &moment,
            last.0,
            Lang::En,
            expect![[r#"
                Block 4096 · on a list of a CPU
                  order: 0: 1 page, 4 KiB
                  address: 0x1000000
                  kept by: CPU 0
                  goes back to: MOVABLE
                  pageblock type: MOVABLE
                  pageblock: 8: 4096–4607
                  in the pageblock: 509 free, 3 kept by a CPU
                  zone: DMA32, node 0
                Buddy: flip bit 0
                  01000000000000  4096
                  00000000000001 ⊕ 1
                  01000000000001 = 4097
                  ✕ free (on a CPU's list)
                  ✓ same order (order 0)
                  ✓ same zone (DMA32)
                2nd of 3 on CPU 0's order-0 MOVABLE list, head → tail
                Neither free nor in use: to the buddy system it counts as taken, so it cannot merge.
            "#]],
        );
        check(
            &moment,
            last.0,
            Lang::Zh,
            expect![[r#"
                块 4096 · 在某个 CPU 的链表上
                  阶: 0：1 页，4 KiB
                  地址: 0x1000000
                  留在: CPU 0
                  退回时归: MOVABLE
                  pageblock 类型: MOVABLE
                  pageblock: 8: 4096–4607
                  pageblock 里: 509 空闲、3 CPU 留着
                  区: DMA32, node 0
                伙伴：翻转第 0 位
                  01000000000000  4096
                  00000000000001 ⊕ 1
                  01000000000001 = 4097
                  ✕ 空闲 (在 CPU 链表上)
                  ✓ 同阶 (0 阶)
                  ✓ 同一个区 (DMA32)
                CPU 0 的 MOVABLE 0 阶链表第 2 个，共 3 个，头 → 尾
                既不算空闲，也没人用：对伙伴系统来说已被取走，不能合并。
            "#]],
        );
    }

    #[test]
    fn ordinals() {
        assert_eq!(
            [1, 2, 3, 4, 11, 12, 13, 21, 111, 122].map(ordinal).join(" "),
            "1st 2nd 3rd 4th 11th 12th 13th 21st 111th 122nd"
        );
    }

    /// A frame always has a card; a block that stands on a list fails a condition, or it would have merged.
    #[test]
    fn every_frame_has_a_card_at_every_moment() {
        let story =
            Story::on(three_zones(3, Mobility::On)).workload("w", 30, (0, 5), [1, 1, 1, 1, 1], 45).free("w");
        walk(&story.scenario(), |moment| {
            for pfn in (0..1510).step_by(7) {
                let card = card(moment, Pfn(pfn), [Lang::En, Lang::Zh][pfn as usize % 2]);
                assert_eq!(card.buddy.is_none(), card.checks.is_empty());
                assert!(card.buddy.is_some() || card.note.is_some(), "{pfn} says nothing: {card:?}");
                if let Some(sum) = &card.buddy {
                    let [a, b, c] = &sum.rows;
                    assert_eq!(a.value ^ b.value, c.value);
                    assert_eq!((a.bits.len(), b.bits.len()), (c.bits.len(), c.bits.len()));
                }
                for action in &card.actions {
                    let line = scenario::parse(&action.statement).document.lines.swap_remove(0);
                    assert!(line.statement.is_some_and(|s| s.is_op()), "{}", action.statement);
                }
                if card.place.is_some() && !card.checks.is_empty() {
                    assert!(card.checks.iter().any(|check| !check.ok), "{pfn} would have merged: {card:?}");
                }
            }
        });
    }
}

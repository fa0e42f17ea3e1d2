//! The vital figures beside the picture: how much is free, in what pieces, and the sum that always holds.

use mm::mmzone::{Mark, ZoneId};
use mm::op::Workload;
use mm::replay::Recorded;
use mm::vmstat::{fragmentation_index, unusable_free_index};
use mm::{Machine, NrPages, Op, Order};
use scenario::Lang;

use crate::Moment;
use crate::narrate::num;

/// The orders that are watched while no request says which one matters: 64 KiB, and a huge page.
const WATCHED: [u8; 2] = [4, 9];

/// The vital figures of one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vitals {
    /// Free pages, those in the allocator's hand included.
    pub free: u64,
    /// Pages that the buddy system was given.
    pub managed: u64,
    /// Free pages that are on no list: in the allocator's hand, or in a refill that has not ended.
    pub in_hand: u64,
    /// Pages on the lists of the CPUs: neither free nor in use; none on a machine without such lists.
    pub pcp: Option<u64>,
    /// "768 of 1024 pages free"
    pub headline: String,
    /// The largest order with a free block on a list; none when the lists are empty.
    pub largest: Option<Order>,
    /// "largest free block: order 9 (2 MiB)"
    pub largest_text: String,
    /// Each zone, lowest address first.
    pub zones: Vec<ZoneVitals>,
    /// How fragmented the zones are for the order that is asked for, or else for orders 4 and 9.
    pub fragmentation: Vec<Fragmentation>,
    /// The sum that always holds.
    pub invariant: Invariant,
}

/// The vital figures of one zone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ZoneVitals {
    /// Which.
    pub zone: ZoneId,
    /// Its name, with its node when there are several.
    pub name: String,
    /// Its free pages.
    pub free: u64,
    /// Pages that the buddy system was given.
    pub managed: u64,
    /// Free pages that are on no list.
    pub in_hand: u64,
    /// Pages on the lists of the CPUs.
    pub pcp: u64,
    /// min, low and high with the boost; none on a machine without watermarks.
    pub marks: Option<[u32; 3]>,
    /// How much the marks are raised by.
    pub boost: u32,
    /// The largest order with a free block.
    pub largest: Option<Order>,
}

/// How fragmented one zone is for one order, in thousandths.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fragmentation {
    /// Which zone.
    pub zone: ZoneId,
    /// For which order.
    pub order: Order,
    /// `extfrag_index`: -1000 = a request would be met, near 0 = too little memory, near 1000 = too scattered.
    pub index: i32,
    /// `unusable_index`: the share of free memory that such a request cannot use.
    pub unusable: u32,
    /// "order 4: 0.922"
    pub text: String,
    /// What the index means.
    pub meaning: &'static str,
}

/// A figure that the rules keep true.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invariant {
    /// "✓ 512 on lists + 256 in hand = 768 free"
    pub text: String,
    /// Whether it is true; false would be a bug in the engine, and the chip says so.
    pub holds: bool,
}

/// The vital figures of a moment.
#[must_use]
pub fn vitals(moment: &Moment, lang: Lang) -> Vitals {
    let machine = &moment.machine;
    let zones = zones(machine);
    let sum = |figure: fn(&ZoneVitals) -> u64| zones.iter().map(figure).sum::<u64>();
    let (free, managed, in_hand) = (sum(|z| z.free), sum(|z| z.managed), sum(|z| z.in_hand));
    let largest = zones.iter().filter_map(|zone| zone.largest).max();
    let largest_text = match largest {
        Some(order) => {
            let size = NrPages(u64::from(order.pages())).bytes();
            match lang {
                Lang::En => format!("largest free block: order {order} ({size})"),
                Lang::Zh => format!("最大空闲块：{order} 阶（{size}）"),
            }
        }
        None => lang.pick("no free block", "没有空闲块").into(),
    };
    let headline = match lang {
        Lang::En => format!("{} of {} pages free", num(free), num(managed)),
        Lang::Zh => format!("空闲 {} / {} 页", num(free), num(managed)),
    };
    Vitals {
        free,
        managed,
        in_hand,
        pcp: machine.has_pcp().then(|| sum(|z| z.pcp)),
        headline,
        largest,
        largest_text,
        fragmentation: fragmentation(moment, lang),
        invariant: invariant(machine, lang),
        zones,
    }
}

/// The figures of each zone, without the words about them.
#[must_use]
pub fn zones(machine: &Machine) -> Vec<ZoneVitals> {
    machine
        .zone_ids()
        .map(|id| {
            let zone = machine.zone(id);
            ZoneVitals {
                zone: id,
                name: zone_name(machine, id),
                free: zone.nr_free_pages.0,
                managed: zone.managed.0,
                in_hand: zone.off_lists().0,
                pcp: zone.pcp_pages().0,
                marks: machine
                    .has_watermarks()
                    .then(|| [Mark::Min, Mark::Low, Mark::High].map(|mark| zone.wmark_pages(mark))),
                boost: zone.watermark_boost,
                largest: zone.largest_free_order(),
            }
        })
        .collect()
}

/// The name of a zone, with its node when there are several nodes.
pub(crate) fn zone_name(machine: &Machine, id: ZoneId) -> String {
    let zone = machine.zone(id);
    if machine.zones().iter().any(|other| other.node != zone.node) {
        format!("{}/{}", zone.kind.name(), zone.node)
    } else {
        zone.kind.name().into()
    }
}

/// The order that the op at the cursor asks for.
pub(crate) fn asked_order(moment: &Moment) -> Option<Order> {
    match &moment.scenario.ops.get(moment.cursor.op as usize)?.op {
        Op::Alloc { order, .. } => Order::new(*order),
        Op::Workload(Workload { orders: (_, high), .. }) => Some(*high),
        Op::Recorded(Recorded::Alloc { order, .. }) => Some(*order),
        Op::Free { .. }
        | Op::Isolate(_)
        | Op::Unisolate(..)
        | Op::Drain
        | Op::Sysctl(_)
        | Op::Kmem(_)
        | Op::Process(_)
        | Op::Segment(_)
        | Op::File(_)
        | Op::Cma(_)
        | Op::Dma(_)
        | Op::Compact(_)
        | Op::Recorded(_) => None,
    }
}

fn fragmentation(moment: &Moment, lang: Lang) -> Vec<Fragmentation> {
    let machine = &moment.machine;
    let asked: Vec<Order> = match asked_order(moment) {
        Some(order) => vec![order],
        None => WATCHED.into_iter().filter_map(Order::new).collect(),
    };
    let each = |id: ZoneId| {
        let nr_free = machine.zone(id).nr_free();
        asked.iter().map(move |order| {
            let index = fragmentation_index(&nr_free, *order);
            let shown = thousandths(index);
            Fragmentation {
                zone: id,
                order: *order,
                index,
                unusable: unusable_free_index(&nr_free, *order),
                text: match lang {
                    Lang::En => format!("order {order}: {shown}"),
                    Lang::Zh => format!("{order} 阶：{shown}"),
                },
                meaning: meaning(index, machine.zone(id).nr_free_pages.0, *order, lang),
            }
        })
    };
    machine.zone_ids().flat_map(each).collect()
}

/// `0.922`, `−1.000`: what the kernel means, where its own printing of numbers between −1 and 0 is garbled.
pub(crate) fn thousandths(value: i32) -> String {
    let sign = if value < 0 { "−" } else { "" };
    let value = value.unsigned_abs();
    format!("{sign}{}.{:03}", value / 1000, value % 1000)
}

/// What a fragmentation index means; 500 is the kernel's own threshold (`extfrag_threshold`). The index of many
/// small blocks is near 1000 even where all of them together would not do, so the free pages are asked as well.
fn meaning(index: i32, free: u64, order: Order, lang: Lang) -> &'static str {
    match index {
        -1000 => lang.pick("a request would be met", "请求能够满足"),
        501.. if free >= u64::from(order.pages()) => {
            lang.pick("enough memory, too scattered", "内存够，但太碎")
        }
        _ => lang.pick("too little memory", "内存不足"),
    }
}

fn invariant(machine: &Machine, lang: Lang) -> Invariant {
    let on_lists: u64 = machine.zones().iter().map(|zone| zone.counted_on_lists().0).sum();
    let in_hand: u64 = machine.zones().iter().map(|zone| zone.off_lists().0).sum();
    let free: u64 = machine.zones().iter().map(|zone| zone.nr_free_pages.0).sum();
    let holds = on_lists + in_hand == free;
    let (mark, equals) = if holds { ('✓', '=') } else { ('✕', '≠') };
    let (on_lists, in_hand, free) = (num(on_lists), num(in_hand), num(free));
    // With per-CPU lists it may be a refill that has not ended, too.
    let text = match (lang, machine.has_pcp()) {
        (Lang::En, false) => format!("{mark} {on_lists} on lists + {in_hand} in hand {equals} {free} free"),
        (Lang::Zh, false) => format!("{mark} 链上 {on_lists} + 手中 {in_hand} {equals} 空闲 {free}"),
        (lang, true) => {
            let kept = num(machine.zones().iter().map(|zone| zone.pcp_pages().0).sum::<u64>());
            match lang {
                Lang::En => {
                    format!(
                        "{mark} {on_lists} on lists + {in_hand} on the way {equals} {free} free; CPUs keep {kept}"
                    )
                }
                Lang::Zh => {
                    format!("{mark} 链上 {on_lists} + 途中 {in_hand} {equals} 空闲 {free}；CPU 留 {kept}")
                }
            }
        }
    };
    Invariant { text, holds }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use mm::Config;
    use mm::config::Mobility;
    use mm::op::PageKind;
    use mm::page::MigrateType::Movable;

    use super::*;
    use crate::testing::{
        Story, lists, pressed, small_pc, small_with_reserves, three_zones, two_nodes, walk,
    };

    fn check(moment: &Moment, en: Expect, zh: Expect) {
        for (lang, expected) in [(Lang::En, en), (Lang::Zh, zh)] {
            let v = vitals(moment, lang);
            let mut text = format!("{}\n{}\n{}\n", v.headline, v.largest_text, v.invariant.text);
            for f in &v.fragmentation {
                text.push_str(&format!(
                    "{} ({}; {} unusable)\n",
                    f.text,
                    f.meaning,
                    thousandths(f.unusable as i32)
                ));
            }
            expected.assert_eq(&text);
        }
    }

    #[test]
    fn a_block_in_hand_is_still_free() {
        let config = lists(1024, Movable, &[(9, Movable, &[512]), (6, Movable, &[64])]);
        check(
            &Story::on(config).alloc("buf", 8, PageKind::Movable).at(0, 5),
            expect![[r#"
                576 of 1024 pages free
                largest free block: order 8 (1 MiB)
                ✓ 320 on lists + 256 in hand = 576 free
                order 8: −1.000 (a request would be met; 0.200 unusable)
            "#]],
            expect![[r#"
                空闲 576 / 1024 页
                最大空闲块：8 阶（1 MiB）
                ✓ 链上 320 + 手中 256 = 空闲 576
                8 阶：−1.000 (请求能够满足; 0.200 unusable)
            "#]],
        );
    }

    #[test]
    fn pages_that_cpus_keep_are_not_free() {
        let story = Story::on(small_pc()).alloc("a", 0, PageKind::Anon);
        check(
            &story.at(0, 17),
            expect![[r#"
                16,128 of 16,128 pages free
                largest free block: order 10 (4 MiB)
                ✓ 15,872 on lists + 256 on the way = 16,128 free; CPUs keep 0
                order 0: −1.000 (a request would be met; 0.000 unusable)
                order 0: −1.000 (a request would be met; 0.000 unusable)
            "#]],
            expect![[r#"
                空闲 16,128 / 16,128 页
                最大空闲块：10 阶（4 MiB）
                ✓ 链上 15,872 + 途中 256 = 空闲 16,128；CPU 留 0
                0 阶：−1.000 (请求能够满足; 0.000 unusable)
                0 阶：−1.000 (请求能够满足; 0.000 unusable)
            "#]],
        );
        let story = Story::on(small_pc()).alloc("a", 0, PageKind::Anon).end();
        let v = vitals(&story, Lang::En);
        assert_eq!((v.pcp, v.zones[0].pcp, v.zones[1].pcp), (Some(2), 0, 2), "{}", v.invariant.text);
        assert!(v.zones[1].marks.is_some_and(|[min, low, high]| min < low && low < high));
        for config in [two_nodes(), small_with_reserves()] {
            walk(&pressed(config).scenario(), |moment| {
                let v = vitals(moment, Lang::En);
                assert!(v.invariant.holds, "{}: {}", moment.cursor, v.invariant.text);
            });
        }
    }

    #[test]
    fn scattered_memory() {
        let mut story = Story::on(Config::single_zone(64));
        for i in 0..64 {
            story = story.alloc(&format!("p[{i}]"), 0, PageKind::Anon);
        }
        for i in 0..32 {
            story = story.free(&format!("p[{}]", 2 * i));
        }
        check(
            &story.end(),
            expect![[r#"
                32 of 64 pages free
                largest free block: order 0 (4 KiB)
                ✓ 32 on lists + 0 in hand = 32 free
                order 4: 0.907 (enough memory, too scattered; 1.000 unusable)
                order 9: 0.967 (too little memory; 1.000 unusable)
            "#]],
            expect![[r#"
                空闲 32 / 64 页
                最大空闲块：0 阶（4 KiB）
                ✓ 链上 32 + 手中 0 = 空闲 32
                4 阶：0.907 (内存够，但太碎; 1.000 unusable)
                9 阶：0.967 (内存不足; 1.000 unusable)
            "#]],
        );
    }

    #[test]
    fn the_sum_holds_at_every_step() {
        let story =
            Story::on(three_zones(3, Mobility::On)).workload("w", 300, (0, 5), [1, 1, 1, 1, 1], 45).free("w");
        walk(&story.scenario(), |moment| {
            let v = vitals(moment, Lang::En);
            assert!(v.invariant.holds, "{}: {}", moment.cursor, v.invariant.text);
            assert_eq!(v.zones.iter().map(|z| z.free).sum::<u64>(), v.free);
            assert!(v.in_hand <= v.free && v.free <= v.managed);
        });
    }
}

//! Fragmentation: a request of some order asks every zone for a place. How much of the free memory is in blocks too
//! small for it (`unusable_index`), why it would fail (`extfrag_index`), and what the kernel makes of that.
//!
//! The frame map shows where such a request comes nearest to fitting; here are the zones side by side, and all orders.

mod draw;
#[cfg(test)]
mod tests;

use mm::mmzone::ZoneId;
use mm::page::{Block, MigrateType};
use mm::step::StepKind;
use mm::vmstat::{fragmentation_index, unusable_free_index};
use mm::{Machine, NrPages, Order, Pfn};
use scenario::Lang;

use crate::Moment;
use crate::frame_map::{THRESHOLD, bytes_text, thousandths};
use crate::narrate::{num, type_name};
use crate::scene::{Room, Scene};
use crate::twin::Table;
use crate::vitals::zone_name;

/// Draws the zones; `zone` is among those that are shown when not all of them fit.
#[must_use]
pub fn scene(moment: &Moment, room: &Room, zone: ZoneId, order: Order, lang: Lang) -> Scene {
    draw::scene(moment, room, zone, order, lang)
}

/// The order to ask for when nobody has chosen one: that of the request in play, else the first one that a zone
/// cannot serve, else the largest.
#[must_use]
pub fn order_in_play(moment: &Moment) -> Order {
    let asked = moment.trail.iter().rev().chain(&moment.just_did).find_map(|step| match step.kind {
        StepKind::Request { order, .. } => Order::new(order),
        StepKind::Failed { order, .. } => Order::new(order),
        _ => None,
    });
    asked.filter(|order| *order > Order::ZERO).unwrap_or_else(|| {
        let fails = |order: &Order| {
            moment
                .machine
                .zones()
                .iter()
                .any(|zone| zone.largest_free_order().is_none_or(|most| most < *order))
        };
        Order::all().find(fails).unwrap_or(Order::MAX)
    })
}

/// The indices of a zone for one order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reading {
    /// Which zone.
    pub zone: ZoneId,
    /// Which order.
    pub order: Order,
    /// Pages on its free lists.
    pub free: u64,
    /// Blocks they are in.
    pub blocks: u64,
    /// `unusable_index`, in thousandths.
    pub unusable: u32,
    /// `extfrag_index`, in thousandths; −1000: the request would succeed.
    pub extfrag: i32,
    /// The free block that serves it: the smallest that is large enough.
    pub place: Option<(Block, MigrateType)>,
    /// The largest free block.
    pub largest: Option<Order>,
}

impl Reading {
    /// Asks a zone.
    #[must_use]
    pub fn of(machine: &Machine, id: ZoneId, order: Order) -> Reading {
        let zone = machine.zone(id);
        let nr_free = zone.nr_free();
        let place = order.and_up().find_map(|at| {
            let area = zone.area(at);
            let of_type = |t: MigrateType| Some((Block { pfn: area.list(t).head()?, order: at }, t));
            MigrateType::ALL.into_iter().find_map(of_type)
        });
        Reading {
            zone: id,
            order,
            free: Order::all().map(|o| u64::from(nr_free[o.index()]) << o.get()).sum(),
            blocks: nr_free.iter().map(|n| u64::from(*n)).sum(),
            unusable: unusable_free_index(&nr_free, order),
            extfrag: fragmentation_index(&nr_free, order),
            place,
            largest: zone.largest_free_order(),
        }
    }

    /// Where the request would go, or why nowhere: by length.
    #[must_use]
    pub fn answer(&self, lang: Lang) -> Vec<String> {
        let order = self.order;
        match (self.place, self.largest) {
            (Some((block, t)), _) => {
                let (pfn, of) = (num(block.pfn.0), block.order);
                vec![
                    lang.pick(
                        format!("Order {order} fits: {} block {pfn} of order {of}.", type_name(t)),
                        format!("{order} 阶放得下：{} 的 {of} 阶块 {pfn}。", type_name(t)),
                    ),
                    lang.pick(
                        format!("Fits: block {pfn}, order {of}."),
                        format!("放得下：{of} 阶块 {pfn}。"),
                    ),
                    lang.pick("It fits.".into(), "放得下。".into()),
                ]
            }
            (None, None) => {
                vec![lang.pick("Nowhere: no page is free.".into(), "放不下：没有空闲页。".into())]
            }
            (None, Some(most)) => {
                let wanted = bytes_text(NrPages(u64::from(order.pages())).bytes());
                let piece = bytes_text(NrPages(u64::from(most.pages())).bytes());
                vec![
                    lang.pick(
                        format!("Order {order} fits nowhere: {wanted} wanted, the largest piece is {piece}."),
                        format!("{order} 阶放不下：要 {wanted}，最大一块只有 {piece}。"),
                    ),
                    lang.pick(
                        format!("Nowhere: the largest piece is {piece}."),
                        format!("放不下：最大一块 {piece}。"),
                    ),
                    lang.pick("Nowhere.".into(), "放不下。".into()),
                ]
            }
        }
    }

    /// What `unusable_index` says, in a sentence.
    #[must_use]
    pub fn unusable_words(&self, lang: Lang) -> Vec<String> {
        let (tenths, rest) = (self.unusable / 10, self.unusable % 10);
        let percent = if rest == 0 { format!("{tenths}%") } else { format!("{tenths}.{rest}%") };
        let order = self.order;
        if self.free == 0 {
            return vec![lang.pick("Nothing is free.".into(), "没有空闲页。".into())];
        }
        vec![
            lang.pick(
                format!("{percent} of the free memory lies in blocks too small for order {order}."),
                format!("空闲内存的 {percent} 在不够 {order} 阶的小块里。"),
            ),
            lang.pick(format!("{percent} in smaller blocks."), format!("{percent} 在小块里。")),
        ]
    }

    /// What the kernel reads out of `extfrag_index`, in a sentence.
    #[must_use]
    pub fn extfrag_words(&self, lang: Lang) -> Vec<String> {
        let pick = |en: &str, zh: &str| lang.pick(en, zh).to_owned();
        match self.extfrag {
            -1000 => vec![
                pick("The request would succeed: nothing to compact.", "请求会成功，不用规整。"),
                pick("It would succeed.", "请求会成功。"),
            ],
            index if index > THRESHOLD => vec![
                pick(
                    "extfrag_index above 0.5: enough is free, but scattered. The kernel tries compaction.",
                    "extfrag_index 高于 0.5：空闲够，只是太散。内核会试规整（compaction）。",
                ),
                pick("Scattered: compaction.", "太散：规整。"),
            ],
            _ => vec![
                pick(
                    "extfrag_index not above 0.5: too little is free. Compaction would not help; pages have to be reclaimed.",
                    "extfrag_index 不高于 0.5：空闲太少。规整没有用，要先回收。",
                ),
                pick("Too little: reclaim.", "太少：回收。"),
            ],
        }
    }

    /// The block that would serve it.
    #[must_use]
    pub fn pfn(&self) -> Option<Pfn> {
        self.place.map(|(block, _)| block.pfn)
    }
}

/// What a screen reader says of the picture as a whole; the text twin has the rest.
#[must_use]
pub fn label(moment: &Moment, order: Order, lang: Lang) -> String {
    let machine = &moment.machine;
    let parts: Vec<String> = machine
        .zone_ids()
        .map(|zone| {
            let reading = Reading::of(machine, zone, order);
            let [a, b] = [i64::from(reading.unusable), i64::from(reading.extfrag)].map(thousandths);
            format!("{}: unusable_index {a}, extfrag_index {b}", zone_name(machine, zone))
        })
        .collect();
    match lang {
        Lang::En => format!(
            "A request of order {order}. {}. Left and right arrow keys choose another order.",
            parts.join("; ")
        ),
        Lang::Zh => format!("{order} 阶的请求。{}。用左右方向键换一个阶。", parts.join("；")),
    }
}

/// The same in words, zone by zone: for the text twin.
pub(crate) fn table(moment: &Moment, lang: Lang) -> Table {
    let order = order_in_play(moment);
    let caption = match lang {
        Lang::En => format!("A request of order {order}, zone by zone"),
        Lang::Zh => format!("{order} 阶的请求，逐区来看"),
    };
    let headers = [
        lang.pick("zone", "区"),
        "unusable_index",
        "extfrag_index",
        lang.pick("where it fits", "放在哪里"),
        lang.pick("what the kernel reads out of it", "内核怎么看"),
    ];
    let machine = &moment.machine;
    let rows = machine
        .zone_ids()
        .map(|zone| {
            let reading = Reading::of(machine, zone, order);
            vec![
                zone_name(machine, zone),
                thousandths(i64::from(reading.unusable)),
                thousandths(i64::from(reading.extfrag)),
                reading.answer(lang).swap_remove(0),
                reading.extfrag_words(lang).swap_remove(0),
            ]
        })
        .collect();
    Table { caption, headers: headers.map(str::to_owned).to_vec(), rows }
}

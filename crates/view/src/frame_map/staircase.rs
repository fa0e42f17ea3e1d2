//! How much of the free memory each order cannot use.

use mm::mmzone::{ZoneId, ZoneKind};
use mm::vmstat::{fragmentation_index, unusable_free_index};
use mm::{Machine, Order};
use scenario::Lang;

/// `extfrag_threshold` of the kernel (mm/compaction.c): above it, compaction is worth trying. In thousandths.
pub const THRESHOLD: i32 = 500;

/// The staircase of one zone: `unusable_free_index` of each order, and the fragmentation index of the chosen one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Staircase {
    /// Which zone.
    pub zone: ZoneId,
    /// The chosen order.
    pub order: Order,
    /// The index of each order now, in thousandths.
    pub now: [u32; Order::COUNT],
    /// The same before the last step, if it differs.
    pub before: Option<[u32; Order::COUNT]>,
    /// The fragmentation index of the chosen order, in thousandths: −1000 when it would succeed.
    pub index: i32,
}

impl Staircase {
    /// The staircase of one zone. `before` is the zone's `nr_free` one step ago, where known.
    #[must_use]
    pub fn of(
        machine: &Machine,
        zone: ZoneId,
        order: Order,
        before: Option<&[u32; Order::COUNT]>,
    ) -> Staircase {
        let nr_free = machine.zone(zone).nr_free();
        let now = stairs(&nr_free);
        let before = before.map(stairs).filter(|before| *before != now);
        Staircase { zone, order, now, before, index: fragmentation_index(&nr_free, order) }
    }

    /// The index of the chosen order now.
    #[must_use]
    pub fn unusable(&self) -> u32 {
        self.now[self.order.index()]
    }

    /// Whether the kernel would try compaction rather than reclaim (`compaction_suitable()`).
    #[must_use]
    pub fn compaction_helps(&self) -> bool {
        self.index > THRESHOLD
    }

    /// What stands above the staircase; the zone is named where there are several.
    #[must_use]
    pub fn title(of_zone: Option<ZoneKind>, lang: Lang) -> String {
        match (of_zone.map(ZoneKind::name), lang) {
            (None, Lang::En) => "Unusable share of free memory, by order".into(),
            (None, Lang::Zh) => "各阶用不上的空闲内存比例".into(),
            (Some(zone), Lang::En) => format!("{zone}: unusable share of free memory"),
            (Some(zone), Lang::Zh) => format!("{zone} 区各阶用不上的比例"),
        }
    }

    /// The value of the chosen order, as it stands at it.
    #[must_use]
    pub fn reading(&self, lang: Lang) -> String {
        let value = thousandths(i64::from(self.unusable()));
        match lang {
            Lang::En => format!("order {}: {value}", self.order),
            Lang::Zh => format!("{} 阶：{value}", self.order),
        }
    }

    /// The whole staircase in one sentence: the picture's text twin.
    #[must_use]
    pub fn describe(&self, lang: Lang) -> String {
        let list = |sep: &str| {
            let parts: Vec<String> = Order::all()
                .map(|order| format!("{order}: {}", thousandths(i64::from(self.now[order.index()]))))
                .collect();
            parts.join(sep)
        };
        match lang {
            Lang::En => format!("Share of free memory that an order cannot use. {}.", list(", ")),
            Lang::Zh => format!("每一阶用不上的空闲内存比例。{}。", list("，")),
        }
    }
}

fn stairs(nr_free: &[u32; Order::COUNT]) -> [u32; Order::COUNT] {
    let mut stairs = [0; Order::COUNT];
    for order in Order::all() {
        stairs[order.index()] = unusable_free_index(nr_free, order);
    }
    stairs
}

/// `0.922`, `−1.000`: three decimals, and a real minus sign.
#[must_use]
pub fn thousandths(value: i64) -> String {
    let sign = if value < 0 { "−" } else { "" };
    format!("{sign}{}.{:03}", value.abs() / 1000, value.abs() % 1000)
}

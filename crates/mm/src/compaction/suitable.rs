//! Whether compaction makes sense, when it is put off, and how it ended (mm/compaction.c, 6.1).

use crate::Machine;
use crate::hash::{Digest, Digestible};
use crate::mmzone::{Mark, ZoneId, ZoneKind};
use crate::page::MigrateType;
use crate::page_alloc::{AllocFlags, zone_watermark_ok};
use crate::step::WatermarkVerdict;
use crate::units::Order;
use crate::vmstat::{extfrag_for_order, fragmentation_index};

/// Orders above this are costly (`PAGE_ALLOC_COSTLY_ORDER`).
const COSTLY_ORDER: u8 = 3;

/// How compacting a zone ended, or why it did not begin; of several zones the highest counts (`enum compact_result`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum CompactResult {
    /// It is not scattered: there is too little memory.
    NotSuitableZone,
    /// There is too little room to move pages to.
    Skipped,
    /// It has failed lately, and is put off.
    Deferred,
    /// No block is large enough yet.
    NoSuitablePage,
    /// It goes on, or can begin.
    Continue,
    /// All of the zone was looked at.
    Complete,
    /// The scanners met, but part of the zone was not looked at.
    PartialSkipped,
    /// There was no room where it was needed, or something else was in the way.
    Contended,
    /// A block is large enough.
    Success,
}

impl CompactResult {
    /// Another, more thorough round may be better (`compaction_withdrawn()`; what is skipped needs memory first).
    #[must_use]
    pub fn is_withdrawn(self) -> bool {
        matches!(self, CompactResult::Deferred | CompactResult::Contended | CompactResult::PartialSkipped)
    }
}

/// How thorough it is; a lower number is more (`enum compact_priority`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum CompactPriority {
    /// All of the zone, and nothing is spared.
    SyncFull,
    /// It waits for little.
    SyncLight,
    /// It waits for nothing, and gives up soon.
    Async,
}

impl CompactPriority {
    /// The next more thorough one, if this order is worth it.
    #[must_use]
    pub fn more(self, order: Order) -> Option<CompactPriority> {
        match self {
            CompactPriority::Async => Some(CompactPriority::SyncLight),
            CompactPriority::SyncLight if order.get() <= COSTLY_ORDER => Some(CompactPriority::SyncFull),
            CompactPriority::SyncLight | CompactPriority::SyncFull => None,
        }
    }
}

/// The most that attempts are put off: 63 of 64 (`COMPACT_MAX_DEFER_SHIFT`).
pub const MAX_DEFER_SHIFT: u8 = 6;

/// When a zone's compaction is put off: after each failure twice as often (`defer_compaction()`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Deferral {
    /// Attempts since the last failure (`compact_considered`).
    pub considered: u32,
    /// 2 to this many attempts until the next one counts (`compact_defer_shift`).
    pub shift: u8,
    /// From this order on (`compact_order_failed`).
    pub order_failed: u8,
}

impl Deferral {
    /// Whether this attempt is put off (`compaction_deferred()`).
    pub fn is_deferred(&mut self, order: Order) -> bool {
        if order.get() < self.order_failed {
            return false;
        }
        let limit = 1 << self.shift;
        self.considered = (self.considered + 1).min(limit);
        self.considered < limit
    }

    /// It has failed (`defer_compaction()`).
    pub fn defer(&mut self, order: Order) {
        self.considered = 0;
        self.shift = (self.shift + 1).min(MAX_DEFER_SHIFT);
        self.order_failed = self.order_failed.min(order.get());
    }

    /// There is a large enough block; `served`: and a request got it (`compaction_defer_reset()`).
    pub fn reset(&mut self, order: Order, served: bool) {
        if served {
            (self.considered, self.shift) = (0, 0);
        }
        if order.get() >= self.order_failed {
            self.order_failed = order.get() + 1;
        }
    }

    /// Whether it has been put off for as long as it can be, and begins anew (`compaction_restarting()`).
    #[must_use]
    pub fn is_restarting(&self, order: Order) -> bool {
        order.get() >= self.order_failed
            && self.shift == MAX_DEFER_SHIFT
            && self.considered >= 1 << self.shift
    }
}

impl Digestible for Deferral {
    fn digest(&self, to: &mut Digest) {
        to.word(u64::from(self.considered) << 16 | u64::from(self.shift) << 8 | u64::from(self.order_failed));
    }
}

/// Free pages that there have to be beyond the mark: room for what moves (`compact_gap()`).
#[must_use]
pub fn compact_gap(order: Order) -> u32 {
    2 << order.get()
}

/// Whether compacting a zone makes sense, and the figures that say so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Suitable {
    /// What came out.
    pub result: CompactResult,
    /// Free pages that count.
    pub free: u32,
    /// What they have to exceed.
    pub mark: u32,
    /// The index of fragmentation, for costly orders that got so far.
    pub index: Option<i32>,
}

/// How scattered a zone's free memory is: the percentage of it in blocks below `order` (`fragmentation_score_zone()`).
#[must_use]
pub fn fragmentation_score(nr_free: &[u32; Order::COUNT], order: Order) -> u32 {
    extfrag_for_order(nr_free, order)
}

/// The scores that kcompactd stops at, and begins above (`fragmentation_score_wmark()`).
#[must_use]
pub fn proactive_marks(proactiveness: u8) -> (u32, u32) {
    let low = 100u32.saturating_sub(u32::from(proactiveness)).max(5);
    (low, (low + 10).min(100))
}

impl Machine {
    /// Whether compacting a zone for a request makes sense (`compaction_suitable()`); no order: a person wants it.
    #[must_use]
    pub fn compaction_suitable(
        &self,
        zone: ZoneId,
        order: Option<Order>,
        flags: AllocFlags,
        highest: ZoneKind,
        free: u64,
    ) -> Suitable {
        let of = self.zone(zone);
        let Some(order) = order else {
            return Suitable { result: CompactResult::Continue, free: free as u32, mark: 0, index: None };
        };
        let mark = of.wmark_pages(flags.mark());
        let check = zone_watermark_ok(of, order, mark, highest, flags, free);
        if check.verdict == WatermarkVerdict::Ok {
            let (free, mark) = (check.free.max(0) as u32, check.min.max(0) as u32);
            return Suitable { result: CompactResult::Success, free, mark, index: None };
        }
        let mark = of.wmark_pages(if order.get() > COSTLY_ORDER { Mark::Low } else { Mark::Min });
        let mark = mark + compact_gap(order);
        let check = zone_watermark_ok(of, Order::ZERO, mark, highest, AllocFlags::CMA, free);
        let (free, mark) = (check.free.max(0) as u32, (check.min + check.reserve).max(0) as u32);
        if check.verdict != WatermarkVerdict::Ok {
            return Suitable { result: CompactResult::Skipped, free, mark, index: None };
        }
        let index = (order.get() > COSTLY_ORDER).then(|| fragmentation_index(&self.nr_free_of(zone), order));
        let threshold = self.compaction().map_or(500, |compaction| compaction.config.extfrag_threshold);
        let lacks = index.is_some_and(|index| (0..=threshold as i32).contains(&index));
        let result = if lacks { CompactResult::NotSuitableZone } else { CompactResult::Continue };
        Suitable { result, free, mark, index }
    }

    pub(super) fn nr_free_of(&self, zone: ZoneId) -> [u32; Order::COUNT] {
        let mut nr_free = [0; Order::COUNT];
        Order::all().for_each(|order| nr_free[order.index()] = self.zone(zone).area(order).nr_free());
        nr_free
    }

    /// Whether a request of this order and type would find a block in the zone (the end of `__compact_finished()`).
    pub(super) fn has_suitable_block(&self, zone: ZoneId, order: Order, wanted: MigrateType) -> bool {
        order.and_up().any(|order| {
            let area = self.zone(zone).area(order);
            !area.list(wanted).is_empty()
                || wanted == MigrateType::Movable && !area.list(MigrateType::Cma).is_empty()
                || self.can_steal_from(zone, order, wanted)
        })
    }
}

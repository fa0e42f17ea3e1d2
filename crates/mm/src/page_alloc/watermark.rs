//! How deep a request may go into a zone: the marks, and the flags that lower them (mm/page_alloc.c, mm/internal.h).

use crate::Machine;
use crate::gfp::GfpFlags;
use crate::mmzone::{Mark, Zone, ZoneId, ZoneKind};
use crate::page::MigrateType;
use crate::step::{StepKind, Trace, WatermarkVerdict};
use crate::units::Order;

/// What a request may do (`ALLOC_*`, mm/internal.h; the numbers of 6.1.192).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct AllocFlags(pub u16);

impl AllocFlags {
    /// `ALLOC_WMARK_MIN`: measured against min.
    pub const WMARK_MIN: AllocFlags = AllocFlags(0);
    /// `ALLOC_WMARK_LOW`
    pub const WMARK_LOW: AllocFlags = AllocFlags(1);
    /// `ALLOC_WMARK_HIGH`
    pub const WMARK_HIGH: AllocFlags = AllocFlags(2);
    /// `ALLOC_NO_WATERMARKS`: every page may go.
    pub const NO_WATERMARKS: AllocFlags = AllocFlags(0x4);
    /// `ALLOC_OOM`: a victim of the OOM killer, which gives back more than it takes.
    pub const OOM: AllocFlags = AllocFlags(0x8);
    /// `ALLOC_NON_BLOCK`: it cannot wait.
    pub const NON_BLOCK: AllocFlags = AllocFlags(0x10);
    /// `ALLOC_MIN_RESERVE`: it may have part of the reserve (`__GFP_HIGH`).
    pub const MIN_RESERVE: AllocFlags = AllocFlags(0x20);
    /// `ALLOC_CMA`: pages of contiguous memory areas will do.
    pub const CMA: AllocFlags = AllocFlags(0x80);
    /// `ALLOC_NOFRAGMENT`: rather no page than one that mixes types in a pageblock.
    pub const NOFRAGMENT: AllocFlags = AllocFlags(0x100);
    /// `ALLOC_HIGHATOMIC`: it may take from the pageblocks set aside for such requests.
    pub const HIGHATOMIC: AllocFlags = AllocFlags(0x200);
    /// `ALLOC_KSWAPD`: it may wake kswapd.
    pub const KSWAPD: AllocFlags = AllocFlags(0x800);
    /// `ALLOC_RESERVES`: any right to a reserve.
    const RESERVES: u16 = 0x8 | 0x10 | 0x20 | 0x200;

    /// Whether all of these are set.
    #[must_use]
    pub const fn has(self, flags: AllocFlags) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// With these as well.
    #[must_use]
    pub const fn with(self, flags: AllocFlags) -> AllocFlags {
        AllocFlags(self.0 | flags.0)
    }

    /// With these as well, if so.
    #[must_use]
    pub(crate) const fn with_if(self, flags: AllocFlags, so: bool) -> AllocFlags {
        if so { self.with(flags) } else { self }
    }

    /// Without these.
    #[must_use]
    pub const fn without(self, flags: AllocFlags) -> AllocFlags {
        AllocFlags(self.0 & !flags.0)
    }

    /// The mark that it is measured against.
    #[must_use]
    pub const fn mark(self) -> Mark {
        match self.0 & 3 {
            0 => Mark::Min,
            1 => Mark::Low,
            _ => Mark::High,
        }
    }

    /// Whether it has any right to a reserve.
    #[must_use]
    pub const fn has_reserves(self) -> bool {
        self.0 & AllocFlags::RESERVES != 0
    }
}

/// What a test was about, and what came out of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WatermarkCheck {
    /// Free pages that count; may be negative.
    pub free: i64,
    /// The mark after what the flags take off.
    pub min: i64,
    /// `lowmem_reserve` for this request.
    pub reserve: i64,
    /// What came out.
    pub verdict: WatermarkVerdict,
}

/// Tests `free` pages of a zone against `mark` (`__zone_watermark_ok()`, 6.1.192).
#[must_use]
#[inline]
pub fn zone_watermark_ok(
    zone: &Zone,
    order: Order,
    mark: u32,
    highest: ZoneKind,
    flags: AllocFlags,
    free: u64,
) -> WatermarkCheck {
    // `__zone_watermark_unusable_free()`
    let mut unusable = i64::from(order.pages()) - 1;
    if !flags.has_reserves() {
        unusable += i64::from(zone.nr_reserved_highatomic);
    }
    if !flags.has(AllocFlags::CMA) {
        unusable += zone.nr_free_cma.0 as i64;
    }
    let free = free as i64 - unusable;
    let mut min = i64::from(mark);
    if flags.has(AllocFlags::MIN_RESERVE) {
        min -= min / 2;
        if flags.has(AllocFlags::NON_BLOCK) {
            min -= min / 4;
        }
    }
    if flags.has(AllocFlags::OOM) {
        min -= min / 2;
    }
    let reserve = i64::from(zone.lowmem_reserve[highest as usize]);
    let verdict = if free <= min + reserve {
        WatermarkVerdict::TooFew
    } else if order == Order::ZERO || has_block(zone, order, flags) {
        WatermarkVerdict::Ok
    } else {
        WatermarkVerdict::NoBlock
    };
    WatermarkCheck { free, min, reserve, verdict }
}

/// Whether a list that the request may use holds a block that is large enough.
#[inline]
pub(super) fn has_block(zone: &Zone, order: Order, flags: AllocFlags) -> bool {
    use MigrateType::{Cma, HighAtomic, Movable, Reclaimable, Unmovable};
    let bits = |migratetype| zone.listed_from(order, migratetype);
    let listed = |migratetype| bits(migratetype) != 0;
    (bits(Unmovable) | bits(Movable) | bits(Reclaimable)) != 0
        || flags.has(AllocFlags::CMA) && listed(Cma)
        || (flags.has(AllocFlags::HIGHATOMIC) || flags.has(AllocFlags::OOM)) && listed(HighAtomic)
}

impl Machine {
    /// The test before a zone is used (`zone_watermark_fast()`, 6.1.192).
    pub(super) fn zone_watermark_fast(
        &self,
        t: &mut Trace<'_>,
        zone: ZoneId,
        order: Order,
        highest: ZoneKind,
        flags: AllocFlags,
        gfp: GfpFlags,
    ) -> bool {
        let mark = flags.mark();
        let z = self.zone(zone);
        let free = z.nr_free_pages.0;
        let mut check = zone_watermark_ok(z, order, z.wmark_pages(mark), highest, flags, free);
        // An urgent single page is not kept out by the boost.
        if check.verdict != WatermarkVerdict::Ok
            && order == Order::ZERO
            && gfp.contains(GfpFlags::ATOMIC)
            && z.watermark_boost > 0
            && mark == Mark::Min
        {
            check = zone_watermark_ok(z, order, z.watermark[Mark::Min as usize], highest, flags, free);
        }
        let WatermarkCheck { free, min, reserve, verdict } = check;
        let count = |pages: i64| pages.max(0) as u32;
        t.emit(
            self,
            StepKind::Watermark {
                zone,
                order,
                mark,
                flags,
                free: count(free),
                min: count(min),
                reserve: count(reserve),
                verdict,
            },
        );
        verdict == WatermarkVerdict::Ok
    }
}

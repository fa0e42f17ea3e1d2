//! Where contiguous areas come to lie (`cma_declare_contiguous_nid()`, mm/cma.c, 6.1), long before there is a buddy
//! system: memblock says what is free.

use super::{AreaSpec, MAX_AREAS};
use crate::config::{Arch, Config, Start, ZoneLists};
use crate::memblock::free_ranges;
use crate::mmzone::PerCpuPages;
use crate::page::MigrateType;
use crate::units::{Order, Pfn, PfnRange};

/// What the command line, or a node of the device tree, says of an area.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wish {
    /// Its size in pages; rounded up to whole pageblocks.
    pub pages: u32,
    /// Its alignment in pages, a power of two; at least a pageblock.
    pub alignment: u32,
    /// Not below this frame.
    pub from: Pfn,
    /// Not above this one; none: as far as memory goes.
    pub limit: Option<Pfn>,
    /// It begins exactly at `from`.
    pub fixed: bool,
    /// Devices without an area of their own use it.
    pub default: bool,
}

impl Wish {
    /// `cma=64M`: so many pages anywhere, for all devices.
    #[must_use]
    pub fn anywhere(pages: u32) -> Wish {
        Wish { pages, alignment: 1, from: Pfn(0), limit: None, fixed: false, default: true }
    }
}

/// Why an area cannot be had.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Refused {
    /// −EINVAL: it would have no page.
    Nothing,
    /// −EINVAL: it is to begin where no pageblock begins.
    Unaligned,
    /// −EBUSY: some of these frames are reserved, or are no memory.
    Taken,
    /// −ENOMEM: nowhere is so much memory free in one piece.
    NoRoom,
    /// It would lie in several zones (`cma_activate_area()` gives it up).
    ManyZones,
    /// There are [`MAX_AREAS`] already.
    TooMany,
}

/// 4 GiB.
const FOUR_GIB: u32 = 0x10_0000;
/// Where the high memory of i386 begins.
const HIGHMEM: u32 = 0x3_8000;

/// Finds the place of an area: exactly where it is wished, or in the highest gap that is large enough; in high memory
/// first, and on a machine with much memory from 4 GiB upwards.
///
/// # Errors
/// Why there is no such place.
pub fn declare(config: &Config, wish: &Wish) -> Result<AreaSpec, Refused> {
    if config.areas.len() >= MAX_AREAS {
        return Err(Refused::TooMany);
    }
    if wish.pages == 0 {
        return Err(Refused::Nothing);
    }
    // `CMA_MIN_ALIGNMENT_PAGES`
    let align = wish.alignment.max(config.pageblock_order.pages());
    let align = align.checked_next_power_of_two().ok_or(Refused::NoRoom)?;
    let pages = wish.pages.checked_next_multiple_of(align).ok_or(Refused::NoRoom)?;
    let end = config.end().0;
    let limit = wish.limit.map_or(end, |limit| (limit.0 & !(align - 1)).min(end));
    let from = wish.from.0.checked_next_multiple_of(align).ok_or(Refused::NoRoom)?;
    let free = gaps(config);
    let base = if wish.fixed && wish.from.0 > 0 {
        if from != wish.from.0 {
            return Err(Refused::Unaligned);
        }
        let wanted = PfnRange::new(from, from.checked_add(pages).ok_or(Refused::NoRoom)?);
        let is_free = free.iter().any(|gap| gap.and(wanted) == wanted);
        Some(from).filter(|_| is_free).ok_or(Refused::Taken)?
    } else {
        let high = if config.arch == Arch::I386 { HIGHMEM } else { u32::MAX };
        let in_high = (from < high && limit > high).then(|| highest(&free, (high, limit), pages, align));
        let low_limit = limit.min(high);
        let above = (end >= FOUR_GIB.saturating_add(pages))
            .then(|| lowest(&free, (FOUR_GIB, low_limit), pages, align));
        let found = in_high.flatten().or(above.flatten());
        found.or_else(|| highest(&free, (from, low_limit), pages, align)).ok_or(Refused::NoRoom)?
    };
    let frames = PfnRange::new(base, base + pages);
    let is_in_one = config.zones.iter().any(|zone| zone.span.and(frames) == frames);
    if is_in_one { Ok(AreaSpec { frames, default: wish.default }) } else { Err(Refused::ManyZones) }
}

/// The same for memory that is no area: whole pages are enough, and it may lie anywhere
/// (`__reserved_mem_alloc_size()`, drivers/of/of_reserved_mem.c).
///
/// # Errors
/// Why there is no such place.
pub fn reserve(config: &Config, wish: &Wish) -> Result<AreaSpec, Refused> {
    let align = wish.alignment.checked_next_power_of_two().ok_or(Refused::NoRoom)?;
    let free = gaps(config);
    let base = if wish.fixed {
        let from = wish.from.0;
        let wanted = PfnRange::new(from, from.checked_add(wish.pages).ok_or(Refused::NoRoom)?);
        let is_free = free.iter().any(|gap| gap.and(wanted) == wanted);
        Some(from).filter(|_| is_free).ok_or(Refused::Taken)?
    } else {
        let limit = wish.limit.map_or(config.end().0, |limit| limit.0);
        highest(&free, (wish.from.0, limit), wish.pages, align).ok_or(Refused::NoRoom)?
    };
    Ok(AreaSpec { frames: PfnRange::new(base, base + wish.pages), default: false })
}

/// What memblock has free: memory that is neither reserved nor an area's.
fn gaps(config: &Config) -> Vec<PfnRange> {
    free_ranges(&with_areas_reserved(config), PfnRange::new(0, config.end().0))
}

/// The same machine, where the frames of areas are reserved: so it is until they are activated.
pub(crate) fn with_areas_reserved(config: &Config) -> Config {
    let mut all = config.clone();
    all.reserved.extend(config.areas.iter().map(|area| area.frames));
    all
}

/// The highest aligned place between two frames (`__memblock_find_range_top_down()`).
pub(crate) fn highest(free: &[PfnRange], (from, to): (u32, u32), pages: u32, align: u32) -> Option<u32> {
    free.iter().rev().find_map(|gap| {
        let (start, end) = (gap.start.0.max(from), gap.end.0.min(to));
        let base = end.checked_sub(pages)? & !(align - 1);
        (base >= start).then_some(base)
    })
}

/// The lowest one (`__memblock_find_range_bottom_up()`).
fn lowest(free: &[PfnRange], (from, to): (u32, u32), pages: u32, align: u32) -> Option<u32> {
    free.iter().find_map(|gap| {
        let (start, end) = (gap.start.0.max(from), gap.end.0.min(to));
        let base = start.checked_next_multiple_of(align)?;
        (base.checked_add(pages)? <= end).then_some(base)
    })
}

/// Whether the areas of a machine are as [`declare`] makes them.
pub(crate) fn are_placed(config: &Config) -> bool {
    if !are_known(config) {
        return false;
    }
    let order = config.pageblock_order;
    let mut bare = Config { areas: Vec::new(), ..config.clone() };
    config.areas.iter().all(|area| {
        let frames = area.frames;
        let is_free = gaps(&bare).iter().any(|gap| gap.and(frames) == frames);
        let is_in_one = config.zones.iter().any(|zone| zone.span.and(frames) == frames);
        bare.areas.push(*area);
        let is_whole = frames.start.is_aligned(order) && frames.end.is_aligned(order) && !frames.is_empty();
        is_whole && is_in_one && is_free && bare.areas.len() <= MAX_AREAS
    })
}

/// Whether what memory begins with knows of the areas: where it is given list by list, all of their pageblocks have to be
/// CMA; where it is only counted, nobody can say.
#[must_use]
pub fn are_known(config: &Config) -> bool {
    let order = config.pageblock_order;
    match &config.start {
        Start::Boot => true,
        Start::Counts(_) => config.areas.is_empty(),
        Start::Lists(zones) => {
            are_off_lists(config, zones)
                && config.areas.iter().all(|area| {
                    let mut blocks = (area.frames.start.0 >> order.get())..(area.frames.end.0 >> order.get());
                    blocks.all(|block| {
                        zones.iter().any(|of| {
                            let Some(zone) = config.zones.get(of.zone.index()) else { return false };
                            let first = zone.span.start.0 >> order.get();
                            let at = block.checked_sub(first).and_then(|at| of.pageblocks.get(at as usize));
                            zone.span.contains(Pfn(block << order.get())) && at == Some(&MigrateType::Cma)
                        })
                    })
                })
        }
    }
}

/// Whether no block of a list lies in what is reserved.
fn are_off_lists(config: &Config, zones: &[ZoneLists]) -> bool {
    let is_off = |pfn: &Pfn, order: Order| {
        let end = pfn.0.saturating_add(order.pages());
        config.reserved.iter().all(|reserved| reserved.end <= *pfn || end <= reserved.start.0)
    };
    zones.iter().all(|zone| {
        let free = zone.lists.iter().all(|(order, _, blocks)| blocks.iter().all(|pfn| is_off(pfn, *order)));
        let kept = zone.pcp.iter().flat_map(|pcp| &pcp.lists).all(|(index, blocks)| {
            let order = PerCpuPages::order_of(usize::from(*index), config.pageblock_order);
            blocks.iter().all(|pfn| is_off(pfn, order))
        });
        free && kept
    })
}

/// `alignment` of a device tree in pages: at least one page, a power of two.
#[must_use]
pub fn alignment_pages(bytes: u64) -> Option<u32> {
    let pages = bytes.div_ceil(crate::units::PAGE_SIZE).max(1);
    u32::try_from(pages).ok().filter(|pages| pages.is_power_of_two() && *pages <= 1 << (2 * Order::MAX.get()))
}

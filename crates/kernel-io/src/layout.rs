//! Where memory lies when a text does not say all of it.

use mm::config::{Start, ZoneLists, ZoneSpec};
use mm::limits::MAX_FRAMES_IMPORTED;
use mm::mmzone::{ZoneId, ZoneKind};
use mm::page::MigrateType;
use mm::units::{Order, Pfn, PfnRange};
use mm::{Config, Machine};

use crate::buddyinfo::BuddyRow;
use crate::lists::ZoneDump;

/// Where DMA ends on x86: 16 MiB.
const DMA_END: u32 = 0x1000;
/// Behind the BIOS's memory, which a 6.1 kernel keeps reserved: 1 MiB (facts 01 section 2).
const FIRST_MIB: u32 = 0x100;
/// Where Normal begins on x86-64: 4 GiB.
const FOUR_GIB: u32 = 0x10_0000;
/// Where HighMem begins on a classic i386: 896 MiB.
const HIGHMEM_START: u32 = 0x3_8000;

/// As many frames as surely hold so many free blocks of which no two would merge: each block of an order below the
/// largest may need a whole pair of buddies to itself.
fn need(counts: &[u32; Order::COUNT]) -> u64 {
    let largest = u64::from(Order::MAX.pages());
    let frames: u64 = counts
        .iter()
        .zip(Order::all())
        .map(|(n, order)| u64::from(*n) << order.up().unwrap_or(order).get())
        .sum();
    frames.next_multiple_of(largest).max(largest)
}

/// Frames of RAM of the machine that [`from_counts`] lays out, roughly: what is checked against the bound.
pub(crate) fn frames_needed(rows: &[BuddyRow]) -> u64 {
    rows.iter().map(|row| need(&row.counts)).sum()
}

/// A machine on which these counts fit, with zones where x86 has them. `rows` are lowest kind first.
pub(crate) fn from_counts(rows: &[BuddyRow]) -> Config {
    let has = |kind| rows.iter().any(|row| row.zone == kind);
    let mut config = Config { mobility: mm::config::Mobility::Auto, ..Config::single_zone(0) };
    (config.ram, config.zones) = (Vec::new(), Vec::new());
    let mut at = 0u32;
    for row in rows {
        let start = match row.zone {
            ZoneKind::Dma => 1,
            ZoneKind::Normal if has(ZoneKind::Dma32) => at.max(FOUR_GIB),
            ZoneKind::HighMem => at.max(HIGHMEM_START),
            _ => at,
        };
        if let Some(last) = config.zones.last_mut() {
            // A zone's span reaches to the next zone, its RAM may end before that.
            last.span.end = Pfn(start);
        }
        let ram = if row.zone == ZoneKind::Dma {
            let (ram, reserved) = lay_out_dma(row);
            config.reserved.extend(reserved);
            ram
        } else {
            let frames = need(&row.counts).min(u64::from(MAX_FRAMES_IMPORTED)) as u32;
            PfnRange::new(start, start + frames)
        };
        config.zones.push(ZoneSpec { kind: row.zone, node: 0, span: ram });
        push_merged(&mut config.ram, ram);
        at = ram.end.0;
    }
    let counts = (0u8..).zip(rows).map(|(id, row)| (ZoneId(id), row.counts)).collect();
    Config { start: Start::Counts(counts), ..config }
}

/// DMA is 16 MiB large, and its first MiB reserved, if the counts let it be.
fn lay_out_dma(row: &BuddyRow) -> (PfnRange, Option<PfnRange>) {
    let usual = PfnRange::new(1, DMA_END);
    let first_mib = PfnRange::new(1, FIRST_MIB);
    let fits = |reserved: Option<PfnRange>| {
        let config = Config {
            ram: vec![usual],
            reserved: reserved.into_iter().collect(),
            zones: vec![ZoneSpec { kind: ZoneKind::Dma, node: 0, span: usual }],
            start: Start::Counts(vec![(ZoneId(0), row.counts)]),
            ..Config::single_zone(0)
        };
        row.free_pages() <= u64::from(usual.len()) && Machine::boot(&config).is_ok()
    };
    if fits(Some(first_mib)) {
        (usual, Some(first_mib))
    } else if fits(None) {
        (usual, None)
    } else {
        let frames = need(&row.counts).min(u64::from(MAX_FRAMES_IMPORTED)) as u32;
        // The blocks below the first of the largest order are left to chance.
        (PfnRange::new(1, DMA_END.max(Order::MAX.pages() + frames)), None)
    }
}

/// The machine that starts with these very lists.
/// `in_use` are frames, ascending and disjoint, that are known to be the buddy system's, though no list holds them.
pub(crate) fn from_dump(zones: &[ZoneDump], in_use: &[PfnRange]) -> Config {
    let mut config = Config {
        cma: zones.iter().any(ZoneDump::has_cma),
        mobility: mm::config::Mobility::Auto,
        ..Config::single_zone(0)
    };
    (config.ram, config.zones) = (Vec::new(), Vec::new());
    let mut lists = Vec::new();
    for (id, zone) in (0u8..).zip(zones) {
        config.zones.push(ZoneSpec { kind: zone.kind, node: zone.node, span: zone.span });
        let (ram, reserved) = places(zone, in_use).unwrap_or_else(|_| (vec![zone.span], Vec::new()));
        ram.into_iter().for_each(|range| push_merged(&mut config.ram, range));
        reserved.into_iter().for_each(|range| push_merged(&mut config.reserved, range));
        lists.push(ZoneLists {
            zone: ZoneId(id),
            // `memmap_init_range()` never sets the type of a hole: its bits stay 0.
            pageblocks: zone.pageblocks.iter().map(|t| t.unwrap_or(MigrateType::Unmovable)).collect(),
            lists: zone.lists.clone(),
            ..ZoneLists::empty(ZoneId(id))
        });
    }
    Config { start: Start::Lists(lists), ..config }
}

/// The zone's RAM, and what of it is reserved, so that the numbers of present and managed pages come out. The dump
/// has no places for either but for whole pageblocks of hole; see [`crate::ListsDump::config`] for those chosen.
///
/// # Errors
/// Which of the two finds no room: `holes` or `reserved frames`.
pub(crate) fn places(
    zone: &ZoneDump,
    in_use: &[PfnRange],
) -> Result<(Vec<PfnRange>, Vec<PfnRange>), &'static str> {
    let mut occupied = zone.occupied();
    occupied.extend(in_use.iter().map(|range| range.and(zone.span)).filter(|range| !range.is_empty()));
    let occupied = merged(occupied);
    let runs = zone.runs();
    let in_runs: u64 = runs.iter().map(|run| u64::from(run.len())).sum();
    let mut missing = in_runs.checked_sub(zone.present.0).ok_or("present frames")?;
    let mut holes = Vec::new();
    // A zone begins and ends with a frame that exists, unless a hole's pageblock says otherwise.
    let inner = PfnRange::new(zone.span.start.0 + 1, zone.span.end.0.saturating_sub(1));
    let bios = PfnRange::new(inner.start.0, FIRST_MIB).and(inner);
    let above = PfnRange::new(inner.start.0.max(FIRST_MIB), inner.end.0);
    for part in [bios, above] {
        for run in runs.iter().rev() {
            for gap in without(run.and(part), &occupied).into_iter().rev() {
                let take = u64::from(gap.len()).min(missing) as u32;
                if take > 0 {
                    holes.push(PfnRange::new(gap.end.0 - take, gap.end.0));
                    missing -= u64::from(take);
                }
            }
        }
    }
    if missing > 0 {
        return Err("holes");
    }
    holes.sort_by_key(|hole| hole.start);
    let ram: Vec<PfnRange> = runs.iter().flat_map(|run| without(*run, &holes)).collect();
    let mut missing = zone.present.0.checked_sub(zone.managed.0).ok_or("managed frames")?;
    let mut reserved = Vec::new();
    for gap in ram.iter().flat_map(|range| without(*range, &occupied)) {
        let take = u64::from(gap.len()).min(missing) as u32;
        if take > 0 {
            reserved.push(PfnRange::new(gap.start.0, gap.start.0 + take));
            missing -= u64::from(take);
        }
    }
    if missing > 0 { Err("reserved frames") } else { Ok((ram, reserved)) }
}

/// The same frames as ascending, disjoint ranges.
pub(crate) fn merged(mut ranges: Vec<PfnRange>) -> Vec<PfnRange> {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<PfnRange> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// What is left of `range` without `taken`, which are ascending and disjoint.
fn without(range: PfnRange, taken: &[PfnRange]) -> Vec<PfnRange> {
    let (mut left, mut at) = (Vec::new(), range.start);
    let first = taken.partition_point(|t| t.end <= range.start);
    for t in taken[first..].iter().take_while(|t| t.start < range.end) {
        if at < t.start {
            left.push(PfnRange { start: at, end: t.start });
        }
        at = at.max(t.end);
    }
    if at < range.end {
        left.push(PfnRange { start: at, end: range.end });
    }
    left
}

/// Adds a range behind the others; one that continues the last is joined to it.
fn push_merged(ranges: &mut Vec<PfnRange>, range: PfnRange) {
    match ranges.last_mut() {
        Some(last) if last.end == range.start => last.end = range.end,
        _ => ranges.push(range),
    }
}

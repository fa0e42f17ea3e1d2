//! The first state of the free lists: counts or lists.

use mm::Config;
use mm::config::{Start, ZoneLists, ZoneSpec};
use mm::limits::{MAX_FRAMES_IMPORTED, MIN_FRAMES};
use mm::mmzone::{ZoneId, ZoneKind};
use mm::page::MigrateType;
use mm::units::{Order, Pfn, PfnRange};

use super::{Lowering, pack};
use crate::ast::{Run, Statement};
use crate::diagnostic::Kind;
use crate::scenario::Note;
use crate::span::Part;

/// The lines that speak of the free lists.
pub(super) struct StartLines<'d> {
    counts: Vec<(u32, ZoneKind, &'d [u32; Order::COUNT])>,
    lists: Vec<ListLine<'d>>,
    pageblocks: Vec<(u32, ZoneKind, &'d [Run])>,
}

struct ListLine<'d> {
    line: u32,
    zone: ZoneKind,
    order: Order,
    migratetype: MigrateType,
    pfns: &'d [u32],
}

/// Collects them; reports rows that stand twice and starts that do not go together.
pub(super) fn read<'d>(lowering: &mut Lowering<'d>) -> StartLines<'d> {
    let mut start = StartLines { counts: Vec::new(), lists: Vec::new(), pageblocks: Vec::new() };
    for (line, statement) in lowering.statements() {
        match statement {
            Statement::BuddyInfo { zone, counts } => {
                if let Some((first, ..)) = start.counts.iter().find(|(_, kind, _)| kind == zone) {
                    lowering.report_line(line, Kind::RepeatedRow { zone: *zone, first: *first });
                } else {
                    start.counts.push((line, *zone, counts));
                }
            }
            Statement::FreeList { zone, order, migratetype, pfns } => start.lists.push(ListLine {
                line,
                zone: *zone,
                order: *order,
                migratetype: *migratetype,
                pfns,
            }),
            Statement::Pageblocks { zone, runs } => {
                if let Some((first, ..)) = start.pageblocks.iter().find(|(_, kind, _)| kind == zone) {
                    lowering.report_line(line, Kind::RepeatedRow { zone: *zone, first: *first });
                } else {
                    start.pageblocks.push((line, *zone, runs));
                }
            }
            _ => {}
        }
    }
    let of_lists = start.lists.first().map(|l| l.line).or(start.pageblocks.first().map(|(line, ..)| *line));
    if let (Some((counts, ..)), Some(lists)) = (start.counts.first(), of_lists) {
        let (first, second) = (lists.min(*counts), lists.max(*counts));
        lowering.report_line(second, Kind::MixedStarts { other: first });
    }
    start
}

impl StartLines<'_> {
    /// Whether the machine comes from somewhere else: it may be larger than one that a text lays out.
    pub fn is_import(&self) -> bool {
        !self.counts.is_empty() || !self.lists.is_empty() || !self.pageblocks.is_empty()
    }

    /// What the picture has to admit of it.
    pub fn notes(&self) -> Vec<Note> {
        let lists = !self.lists.is_empty() || !self.pageblocks.is_empty();
        let invented = (!self.counts.is_empty()).then_some(Note::PositionsInvented);
        invented.into_iter().chain(lists.then_some(Note::GivenLists)).collect()
    }

    /// Zones for counts without any `ram` and `zone` lines: one behind the other, each as small as its counts
    /// allow. None without counts.
    pub fn invented_zones(&self, lowering: &mut Lowering<'_>) -> Option<Config> {
        let last = self.counts.last()?.0;
        let mut rows: Vec<_> = self.counts.iter().collect();
        mm::sort::by_key(&mut rows, |(_, kind, _)| *kind as u64);
        let (mut at, mut specs) = (0u64, Vec::new());
        for (_, kind, counts) in rows {
            let end = at + u64::from(pack::smallest(counts));
            let clamp = |frames: u64| u32::try_from(frames).unwrap_or(u32::MAX);
            specs.push(ZoneSpec { kind: *kind, node: 0, span: PfnRange::new(clamp(at), clamp(end)) });
            at = end;
        }
        let (min, max) = (u64::from(MIN_FRAMES), u64::from(MAX_FRAMES_IMPORTED));
        if at > max {
            lowering.report_line(last, Kind::Frames { frames: at, min, max });
            return None;
        }
        Some(Config { zones: specs, ..Config::single_zone(at as u32) })
    }

    /// The start of a machine that is laid out already. What is wrong is reported.
    pub fn lower(&self, lowering: &mut Lowering<'_>, config: &Config) -> Start {
        if !self.counts.is_empty() {
            return Start::Counts(self.lower_counts(lowering, config));
        }
        if !self.is_import() {
            return Start::Boot;
        }
        Start::Lists(self.lower_lists(lowering, config))
    }

    fn lower_counts(
        &self,
        lowering: &mut Lowering<'_>,
        config: &Config,
    ) -> Vec<(ZoneId, [u32; Order::COUNT])> {
        let mut rows = Vec::new();
        for (line, kind, counts) in &self.counts {
            let Some((id, spec)) = find_zone(lowering, config, *line, *kind) else { continue };
            let ranges = pack::free_ranges(config, spec.span);
            if !pack::fits(&ranges, counts) {
                let needed =
                    Order::all().zip(*counts).map(|(o, n)| u64::from(o.pages()) * u64::from(*n)).sum();
                let has = ranges.iter().map(|range| u64::from(range.len())).sum();
                lowering.report_line(*line, Kind::CountsDoNotFit { zone: *kind, needed, has });
            }
            rows.push((id, **counts));
        }
        rows
    }

    fn lower_lists(&self, lowering: &mut Lowering<'_>, config: &Config) -> Vec<ZoneLists> {
        let mut zones: Vec<ZoneLists> =
            (0u8..).zip(&config.zones).map(|(id, _)| ZoneLists::empty(ZoneId(id))).collect();
        for (line, kind, runs) in &self.pageblocks {
            let Some((id, spec)) = find_zone(lowering, config, *line, *kind) else { continue };
            let order = config.pageblock_order.get();
            let has = u64::from((spec.span.end.0.div_ceil(1 << order)) - (spec.span.start.0 >> order));
            let found = runs.iter().map(|run| u64::from(run.count)).sum();
            if found > has {
                lowering.report_line(*line, Kind::TooManyPageblocks { zone: *kind, has, found });
                continue;
            }
            zones[id.index()].pageblocks = runs
                .iter()
                .flat_map(|run| std::iter::repeat_n(run.migratetype, run.count as usize))
                .collect();
        }
        // First frame, frame behind the last one, line, index on that line.
        let mut blocks: Vec<(u32, u32, u32, u32)> = Vec::new();
        for ListLine { line, zone, order, migratetype, pfns } in &self.lists {
            let Some((id, spec)) = find_zone(lowering, config, *line, *zone) else { continue };
            let free = pack::free_ranges(config, spec.span);
            for (at, &pfn) in (0u32..).zip(*pfns) {
                match bad_block(spec, &free, pfn, *order) {
                    Some(kind) => lowering.report_part(*line, Part::Value(at), kind),
                    None => blocks.push((pfn, pfn + order.pages(), *line, at)),
                }
            }
            let lists = &mut zones[id.index()].lists;
            let pfns = pfns.iter().map(|pfn| Pfn(*pfn));
            match lists.iter_mut().find(|(o, m, _)| (o, m) == (order, migratetype)) {
                Some((.., list)) => list.extend(pfns),
                None => lists.push((*order, *migratetype, pfns.collect())),
            }
        }
        // They come by line, and on a line by index.
        mm::sort::by_key(&mut blocks, |(start, end, ..)| u64::from(*start) << 32 | u64::from(*end));
        for pair in blocks.windows(2) {
            let [(_, end, other, _), (pfn, _, line, at)] = pair else { continue };
            if pfn < end {
                lowering.report_part(*line, Part::Value(*at), Kind::Overlap { pfn: *pfn, other: *other });
            }
        }
        zones
    }
}

/// What is wrong with one block of a list, apart from the others.
fn bad_block(spec: &ZoneSpec, free: &[PfnRange], pfn: u32, order: Order) -> Option<Kind> {
    if !Pfn(pfn).is_aligned(order) {
        return Some(Kind::Misaligned { pfn, order });
    }
    let (start, end) = (spec.span.start.0, spec.span.end.0);
    let behind = u64::from(pfn) + u64::from(order.pages());
    if pfn < start || behind > u64::from(end) {
        return Some(Kind::OutsideZone { pfn, order, zone: spec.kind, start, end });
    }
    let inside = |range: &PfnRange| range.start.0 <= pfn && behind <= u64::from(range.end.0);
    (!free.iter().any(inside)).then_some(Kind::NotRam { pfn, order })
}

/// The zone of that kind; reports when the machine has none.
fn find_zone<'c>(
    lowering: &mut Lowering<'_>,
    config: &'c Config,
    line: u32,
    kind: ZoneKind,
) -> Option<(ZoneId, &'c ZoneSpec)> {
    let found = (0u8..).zip(&config.zones).find(|(_, spec)| spec.kind == kind);
    if found.is_none() {
        let has = config.zones.iter().map(|spec| spec.kind).collect();
        lowering.report_part(line, Part::Zone, Kind::UnknownZone { zone: kind, has });
    }
    found.map(|(id, spec)| (ZoneId(id), spec))
}

//! The first state of the free lists: counts or lists.

use mm::Config;
use mm::config::{Arch, Start, StartFigures, StartPcp, ZoneLists, ZoneSpec};
use mm::limits::{MAX_FRAMES_IMPORTED, MIN_FRAMES};
use mm::mmzone::{PerCpuPages, ZoneId};
use mm::page::MigrateType;
use mm::units::{CpuId, Order, Pfn, PfnRange};

use super::{Lowering, pack};
use crate::ast::{PcpSizes, Run, Statement, ZoneRef};
use crate::diagnostic::Kind;
use crate::scenario::Note;
use crate::span::Part;

/// The lines that speak of the free lists.
#[derive(Default)]
pub(super) struct StartLines<'d> {
    counts: Vec<(u32, ZoneRef, &'d [u32; Order::COUNT])>,
    lists: Vec<ListLine<'d>>,
    pageblocks: Vec<(u32, ZoneRef, &'d [Run])>,
    figures: Vec<(u32, ZoneRef, StartFigures)>,
    /// With the CPU.
    sizes: Vec<(u32, ZoneRef, u8, PcpSizes)>,
}

struct ListLine<'d> {
    line: u32,
    zone: ZoneRef,
    /// Whose list; none: the zone's own.
    cpu: Option<u8>,
    order: Order,
    migratetype: MigrateType,
    pfns: &'d [u32],
}

/// Collects them; reports rows that stand twice and starts that do not go together.
pub(super) fn read<'d>(lowering: &mut Lowering<'d>) -> StartLines<'d> {
    let mut start = StartLines::default();
    for (line, statement) in lowering.statements() {
        let twice = match statement {
            Statement::BuddyInfo { zone, counts } => {
                once(&mut start.counts, (line, *zone, counts), |(line, of, _)| (*line, *of == *zone))
            }
            Statement::Pageblocks { zone, runs } => {
                once(&mut start.pageblocks, (line, *zone, runs), |(line, of, _)| (*line, *of == *zone))
            }
            Statement::Figures { zone, figures } => {
                once(&mut start.figures, (line, *zone, *figures), |(line, of, _)| (*line, *of == *zone))
            }
            Statement::PcpSizes { zone, cpu, sizes } => {
                let same = |(line, of, c, _): &(u32, ZoneRef, u8, PcpSizes)| (*line, (of, c) == (zone, cpu));
                once(&mut start.sizes, (line, *zone, *cpu, *sizes), same)
            }
            Statement::FreeList { zone, order, migratetype, pfns } => {
                let (order, migratetype) = (*order, *migratetype);
                start.lists.push(ListLine { line, zone: *zone, cpu: None, order, migratetype, pfns });
                None
            }
            Statement::PcpList { zone, cpu, order, migratetype, pfns } => {
                let (cpu, order, migratetype) = (Some(*cpu), *order, *migratetype);
                start.lists.push(ListLine { line, zone: *zone, cpu, order, migratetype, pfns });
                None
            }
            _ => None,
        };
        if let (Some(first), Some(zone)) = (twice, zone_of(statement)) {
            lowering.report_line(line, Kind::RepeatedRow { zone: zone.kind, first });
        }
    }
    if let (Some((counts, ..)), Some(lists)) = (start.counts.first(), start.first_of_lists()) {
        let (first, second) = (lists.min(*counts), lists.max(*counts));
        lowering.report_line(second, Kind::MixedStarts { other: first });
    }
    start
}

/// Adds a line, unless there is one of the same: then gives the number of that one.
fn once<T>(lines: &mut Vec<T>, line: T, same: impl Fn(&T) -> (u32, bool)) -> Option<u32> {
    let first = lines.iter().map(same).find(|(_, is_same)| *is_same);
    if first.is_none() {
        lines.push(line);
    }
    first.map(|(first, _)| first)
}

fn zone_of(statement: &Statement) -> Option<&ZoneRef> {
    match statement {
        Statement::BuddyInfo { zone, .. }
        | Statement::Pageblocks { zone, .. }
        | Statement::Figures { zone, .. }
        | Statement::PcpSizes { zone, .. } => Some(zone),
        _ => None,
    }
}

impl StartLines<'_> {
    /// The first line that is about lists and not about counts.
    fn first_of_lists(&self) -> Option<u32> {
        let firsts = [
            self.lists.first().map(|list| list.line),
            self.pageblocks.first().map(|(line, ..)| *line),
            self.figures.first().map(|(line, ..)| *line),
            self.sizes.first().map(|(line, ..)| *line),
        ];
        firsts.into_iter().flatten().min()
    }

    /// Whether the machine comes from somewhere else: it may be larger than one that a text lays out.
    pub fn is_import(&self) -> bool {
        !self.counts.is_empty() || self.first_of_lists().is_some()
    }

    /// What the picture has to admit of it.
    pub fn notes(&self) -> Vec<Note> {
        let lists = self.first_of_lists().is_some();
        let invented = (!self.counts.is_empty()).then_some(Note::PositionsInvented);
        invented.into_iter().chain(lists.then_some(Note::GivenLists)).collect()
    }

    /// Zones for counts without any `ram` and `zone` lines: one behind the other, each as small as its counts
    /// allow. None without counts.
    pub fn invented_zones(&self, lowering: &mut Lowering<'_>, arch: Arch) -> Option<Config> {
        let last = self.counts.last()?.0;
        let mut rows: Vec<_> = self.counts.iter().collect();
        mm::sort::by_key(&mut rows, |(_, zone, _)| u64::from(zone.node) << 8 | zone.kind as u64);
        let (mut at, mut specs, errors) = (0u64, Vec::new(), lowering.errors());
        for (line, ZoneRef { kind, node }, counts) in rows {
            if !arch.zone_kinds().contains(kind) {
                lowering.report_part(*line, Part::Zone, Kind::ZoneOfOtherArch { zone: *kind, arch });
            }
            let end = at + u64::from(pack::smallest(counts));
            let clamp = |frames: u64| u32::try_from(frames).unwrap_or(u32::MAX);
            specs.push(ZoneSpec { kind: *kind, node: *node, span: PfnRange::new(clamp(at), clamp(end)) });
            at = end;
        }
        let (min, max) = (u64::from(MIN_FRAMES), u64::from(MAX_FRAMES_IMPORTED));
        if at > max {
            lowering.report_line(last, Kind::Frames { frames: at, min, max });
        }
        (lowering.errors() == errors).then(|| Config { zones: specs, arch, ..Config::single_zone(at as u32) })
    }

    /// The start of a machine that is laid out already; `pcp_off` is the line that says so. What is wrong is
    /// reported.
    pub fn lower(&self, lowering: &mut Lowering<'_>, config: &Config, pcp_off: Option<u32>) -> Start {
        if !self.counts.is_empty() {
            return Start::Counts(self.lower_counts(lowering, config));
        }
        if !self.is_import() {
            return Start::Boot;
        }
        let errors = lowering.errors();
        let mut zones: Vec<ZoneLists> =
            (0u8..).zip(&config.zones).map(|(id, _)| ZoneLists::empty(ZoneId(id))).collect();
        self.lower_pageblocks(lowering, config, &mut zones);
        self.lower_figures(lowering, config, pcp_off, &mut zones);
        self.lower_lists(lowering, config, pcp_off, &mut zones);
        if lowering.errors() == errors && self.lists.iter().all(|list| list.pfns.is_empty()) {
            let line = self.first_of_lists().unwrap_or(1);
            lowering.report_line(line, Kind::NothingListed);
        }
        Start::Lists(zones)
    }

    fn lower_counts(
        &self,
        lowering: &mut Lowering<'_>,
        config: &Config,
    ) -> Vec<(ZoneId, [u32; Order::COUNT])> {
        let mut rows = Vec::new();
        for (line, zone, counts) in &self.counts {
            let Some((id, spec)) = find_zone(lowering, config, *line, *zone) else { continue };
            let ranges = pack::free_ranges(config, spec.span);
            if !pack::fits(&ranges, counts) {
                let needed =
                    Order::all().zip(*counts).map(|(o, n)| u64::from(o.pages()) * u64::from(*n)).sum();
                let has = ranges.iter().map(|range| u64::from(range.len())).sum();
                lowering.report_line(*line, Kind::CountsDoNotFit { zone: zone.kind, needed, has });
            }
            rows.push((id, **counts));
        }
        rows
    }

    fn lower_pageblocks(&self, lowering: &mut Lowering<'_>, config: &Config, zones: &mut [ZoneLists]) {
        for (line, zone, runs) in &self.pageblocks {
            let Some((id, spec)) = find_zone(lowering, config, *line, *zone) else { continue };
            let order = config.pageblock_order.get();
            let has = u64::from((spec.span.end.0.div_ceil(1 << order)) - (spec.span.start.0 >> order));
            let found = runs.iter().map(|run| u64::from(run.count)).sum();
            if found > has {
                lowering.report_line(*line, Kind::TooManyPageblocks { zone: zone.kind, has, found });
                continue;
            }
            zones[id.index()].pageblocks = runs
                .iter()
                .flat_map(|run| std::iter::repeat_n(run.migratetype, run.count as usize))
                .collect();
        }
    }

    /// What zones and CPUs have besides lists.
    fn lower_figures(
        &self,
        lowering: &mut Lowering<'_>,
        config: &Config,
        pcp_off: Option<u32>,
        zones: &mut [ZoneLists],
    ) {
        for (line, zone, figures) in &self.figures {
            if let Some((id, _)) = find_zone(lowering, config, *line, *zone) {
                zones[id.index()].figures = Some(*figures);
            }
        }
        for (line, zone, cpu, sizes) in &self.sizes {
            if !has_pcp(lowering, config, *line, *cpu, pcp_off) {
                continue;
            }
            let Some((id, _)) = find_zone(lowering, config, *line, *zone) else { continue };
            let PcpSizes { high, batch, free_factor, expire } = *sizes;
            zones[id.index()].pcp.push(StartPcp {
                cpu: CpuId(*cpu),
                sizes: [high, batch, u32::from(free_factor), u32::from(expire)],
                lists: Vec::new(),
            });
        }
    }

    fn lower_lists(
        &self,
        lowering: &mut Lowering<'_>,
        config: &Config,
        pcp_off: Option<u32>,
        zones: &mut [ZoneLists],
    ) {
        // First frame, frame behind the last one, line, index on that line.
        let mut blocks: Vec<(u32, u32, u32, u32)> = Vec::new();
        for ListLine { line, zone, cpu, order, migratetype, pfns } in &self.lists {
            if cpu.is_some_and(|cpu| !has_pcp(lowering, config, *line, cpu, pcp_off)) {
                continue;
            }
            let Some((id, spec)) = find_zone(lowering, config, *line, *zone) else { continue };
            let free = pack::free_ranges(config, spec.span);
            for (at, &pfn) in (0u32..).zip(*pfns) {
                match bad_block(spec, &free, pfn, *order) {
                    Some(kind) => lowering.report_part(*line, Part::Value(at), kind),
                    None => blocks.push((pfn, pfn + order.pages(), *line, at)),
                }
            }
            let pfns = pfns.iter().map(|pfn| Pfn(*pfn));
            let of_zone = &mut zones[id.index()];
            let Some(cpu) = cpu else {
                match of_zone.lists.iter_mut().find(|(o, m, _)| (o, m) == (order, migratetype)) {
                    Some((.., list)) => list.extend(pfns),
                    None => of_zone.lists.push((*order, *migratetype, pfns.collect())),
                }
                continue;
            };
            let pageblock = config.pageblock_order;
            if order.get() > 3 && *order != pageblock {
                lowering.report_part(*line, Part::Size, Kind::NoPcpListOfOrder { order: *order, pageblock });
                continue;
            }
            let Some(pcp) = of_zone.pcp.iter_mut().find(|pcp| pcp.cpu.0 == *cpu) else {
                lowering.report_line(*line, Kind::PcpWithoutSizes { zone: zone.kind, cpu: *cpu });
                continue;
            };
            let index = PerCpuPages::index_of(*order, *migratetype) as u8;
            match pcp.lists.iter_mut().find(|(i, _)| *i == index) {
                Some((_, list)) => list.extend(pfns),
                None => pcp.lists.push((index, pfns.collect())),
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
    }
}

/// Whether the machine has such a CPU, and per-CPU lists at all; says what is wrong.
fn has_pcp(lowering: &mut Lowering<'_>, config: &Config, line: u32, cpu: u8, pcp_off: Option<u32>) -> bool {
    let cpus = config.cpus.len() as u8;
    if let Some(off) = pcp_off {
        lowering.report_line(line, Kind::PcpIsOff { off });
    } else if cpu >= cpus {
        lowering.report_part(line, Part::Cpu, Kind::UnknownCpu { cpu, cpus });
    } else {
        return true;
    }
    false
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

/// The zone; reports when the machine has none such.
fn find_zone<'c>(
    lowering: &mut Lowering<'_>,
    config: &'c Config,
    line: u32,
    zone: ZoneRef,
) -> Option<(ZoneId, &'c ZoneSpec)> {
    let ZoneRef { kind, node } = zone;
    let found = (0u8..).zip(&config.zones).find(|(_, spec)| (spec.kind, spec.node) == (kind, node));
    if found.is_none() {
        let nodes = config.nodes();
        if node >= nodes {
            lowering.report_part(line, Part::Node, Kind::UnknownNode { node, nodes });
        } else {
            let has = config.zones.iter().filter(|spec| spec.node == node).map(|spec| spec.kind).collect();
            let node = (nodes > 1).then_some(node);
            lowering.report_part(line, Part::Zone, Kind::UnknownZone { zone: kind, node, has });
        }
    }
    found.map(|(id, spec)| (ZoneId(id), spec))
}

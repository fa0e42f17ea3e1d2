//! The settings of a text as a [`Config`].

use mm::Config;
use mm::config::{Arch, ZoneSpec};
use mm::limits::{MAX_FRAMES, MAX_FRAMES_IMPORTED, MIN_FRAMES};
use mm::mmzone::ZoneKind;
use mm::op::Sysctl;
use mm::reclaim::{MAX_SWAPFILES, ReclaimTunables};
use mm::units::PfnRange;
use mm::util::Overcommit;
use mm::x86::pgtable::Paging;

use super::{Lowering, cma, nodes, pack, start};
use crate::ast::{Amount, Node, Statement, Thp, Tunable};
use crate::diagnostic::Kind;
use crate::files::FileLine;
use crate::kmem::KmemSetting;
use crate::letter::first_word;
use crate::parser::KEYWORDS;
use crate::scenario::Note;
use crate::span::Part;
use crate::suggest::nearest;

/// A machine and what its picture has to admit.
pub(super) struct Lowered {
    pub config: Config,
    pub notes: Vec<Note>,
    /// The labels of contiguous areas and of pools.
    pub labels: cma::Labels,
}

/// A zone as the text gives it.
struct ZoneLine {
    line: u32,
    kind: ZoneKind,
    size: Option<Amount>,
}

/// The lines that lay out the machine; of those that stand once, the line and the value.
#[derive(Default)]
struct Layout<'d> {
    ram: Option<(u32, Amount)>,
    zones: Vec<ZoneLine>,
    reserves: Vec<(u32, Amount, Amount)>,
    cpus: Option<(u32, u8)>,
    nodes: Vec<(u32, &'d Node)>,
    distances: Vec<nodes::DistanceLine>,
    paging: Option<(u32, Paging)>,
    areas: cma::Areas<'d>,
    /// The line of `pcp off`.
    pcp_off: Option<u32>,
}

/// What decides about reclaim; whoever says so wants it.
fn of_reclaim(settings: &mut Config) -> &mut ReclaimTunables {
    &mut settings.reclaim.get_or_insert_default().tunables
}

/// The machine, or none when something is wrong with it.
pub(super) fn machine(lowering: &mut Lowering<'_>) -> Option<Lowered> {
    let second = settings_stand_once_and_first(lowering);
    if layout_is_broken(lowering) {
        return None;
    }
    let errors = lowering.errors();
    let start = start::read(lowering);
    let mut settings = Config { pcp: true, watermarks: true, ..Config::single_zone(0) };
    settings.mobility = mm::config::Mobility::Auto;
    let mut layout = Layout::default();
    let mut tunables = Vec::new();
    for (line, statement) in lowering.statements().filter(|(line, _)| second.binary_search(line).is_err()) {
        match statement {
            Statement::Rules(rules) => settings.rules = *rules,
            Statement::Arch(arch) => settings.arch = *arch,
            Statement::Ram(amount) => layout.ram = Some((line, *amount)),
            Statement::Zone { kind, size } => {
                layout.zones.push(ZoneLine { line, kind: *kind, size: *size });
            }
            Statement::Reserve { start, size } => layout.reserves.push((line, *start, *size)),
            Statement::Cpus(cpus) => layout.cpus = Some((line, *cpus)),
            Statement::Node(node) => layout.nodes.push((line, node)),
            Statement::Distance { from, to, distance } => {
                layout.distances.push(nodes::DistanceLine {
                    line,
                    from: *from,
                    to: *to,
                    distance: *distance,
                });
            }
            Statement::PageblockOrder(order) => settings.pageblock_order = *order,
            Statement::Mobility(mobility) => settings.mobility = *mobility,
            Statement::Paging(paging) => layout.paging = Some((line, *paging)),
            Statement::Cma(cma) => settings.cma = *cma,
            Statement::Area(area) => layout.areas.default = Some((line, *area)),
            Statement::ReservedMemory(node) => layout.areas.nodes.push((line, node)),
            Statement::Dts(of) => layout.areas.nodes.extend(of.reserved.iter().map(|node| (line, node))),
            Statement::Swiotlb(bytes) => layout.areas.swiotlb = Some((line, *bytes)),
            Statement::KmemSetting(setting) => match *setting {
                KmemSetting::Slab(allocator, era) => {
                    (settings.kmem.allocator, settings.kmem.era) = (allocator, era);
                }
                KmemSetting::FreelistRandom(on) => settings.kmem.freelist_random = on,
                KmemSetting::Colour(on) => settings.kmem.colour = on,
                KmemSetting::InitOnAlloc(on) => settings.kmem.init_on_alloc = on,
            },
            // A group that is full reclaims.
            Statement::Reclaim(true) | Statement::File(FileLine::Group { .. }) => {
                settings.reclaim.get_or_insert_default();
            }
            // What kcompactd does begins where kswapd ends.
            Statement::Compaction(line) => {
                settings.compaction = line.config();
                if line.on {
                    settings.reclaim.get_or_insert_default();
                }
            }
            Statement::Swap(line) => {
                let areas = &mut settings.reclaim.get_or_insert_default().swap;
                if areas.len() < MAX_SWAPFILES {
                    areas.push(line.spec());
                }
            }
            Statement::Tlb(config) => settings.mmu = Some(*config),
            Statement::OomKiller(rules) => settings.oom_rules = *rules,
            Statement::Lowmem(line) => {
                settings.lowmem = line.levels();
                if line.on {
                    settings.reclaim.get_or_insert_default();
                }
            }
            Statement::Caches(line) => settings.caches = Some(line.caches()),
            Statement::Seed(seed) => settings.seed = *seed,
            Statement::Pcp(on) => {
                settings.pcp = *on;
                layout.pcp_off = (!on).then_some(line);
            }
            Statement::Watermarks(on) => settings.watermarks = *on,
            Statement::Thp(thp) => {
                settings.tunables.thp = *thp != Thp::Never;
                settings.thp = Some(match thp {
                    Thp::Always => mm::config::Thp::Always,
                    Thp::Madvise => mm::config::Thp::Madvise,
                    Thp::Never => mm::config::Thp::Never,
                });
            }
            Statement::Tunable(tunable) => tunables.push((line, tunable)),
            _ => {}
        }
    }
    settings.paging = Paging::of(settings.arch);
    if let Some((line, paging)) = layout.paging {
        settings.paging = paging;
        if paging.arch() != settings.arch {
            lowering.report_line(line, Kind::PagingOfOtherArch { paging, arch: settings.arch });
        }
    }
    for (line, tunable) in tunables {
        let Some(write) = sysctl(lowering, line, tunable, settings.arch) else { continue };
        let tunables = &mut settings.tunables;
        match write {
            Sysctl::MinFreeKbytes(kb) => tunables.min_free_kbytes = Some(kb),
            Sysctl::WatermarkScaleFactor(factor) => tunables.watermark_scale_factor = factor,
            Sysctl::WatermarkBoostFactor(factor) => tunables.watermark_boost_factor = factor,
            Sysctl::LowmemReserveRatio(ratio) => tunables.lowmem_reserve_ratio = ratio,
            Sysctl::PercpuPagelistHighFraction(fraction) => {
                tunables.percpu_pagelist_high_fraction = fraction;
            }
            Sysctl::OvercommitMemory(mode) => tunables.overcommit_memory = mode,
            Sysctl::OvercommitRatio(ratio) => tunables.overcommit_ratio = ratio,
            Sysctl::Swappiness(value) => of_reclaim(&mut settings).swappiness = value,
            Sysctl::DirtyRatio(value) => of_reclaim(&mut settings).dirty_ratio = value,
            Sysctl::DirtyBackgroundRatio(value) => of_reclaim(&mut settings).dirty_background_ratio = value,
            Sysctl::PageCluster(value) => of_reclaim(&mut settings).page_cluster = value,
            Sysctl::VfsCachePressure(value) => of_reclaim(&mut settings).vfs_cache_pressure = value,
            Sysctl::ZoneReclaimMode(value) => of_reclaim(&mut settings).zone_reclaim_mode = value,
            Sysctl::PanicOnOom(value) => tunables.panic_on_oom = value,
            Sysctl::OomKillAllocatingTask(value) => tunables.oom_kill_allocating_task = value,
        }
    }
    let mut notes = start.notes();
    let most = if start.is_import() { MAX_FRAMES_IMPORTED } else { MAX_FRAMES };
    let laid_out = if !layout.nodes.is_empty() {
        nodes_say_it(lowering, &layout);
        nodes::layout(lowering, &layout.nodes, settings.arch, most)
    } else if !layout.zones.is_empty() {
        layout_of_zones(lowering, &layout.zones, layout.ram, settings.arch, most)
    } else if let Some((line, amount)) = layout.ram {
        let frames = bounded(lowering, line, amount.count(), most);
        frames.map(|frames| Config::pc(settings.arch, &[frames]))
    } else {
        let invented = start.invented_zones(lowering, settings.arch);
        if invented.is_some() {
            notes.push(Note::ZonesInvented);
        }
        invented
    };
    let Some(laid_out) = laid_out else {
        // Nothing else was wrong: then nothing says how much memory there is.
        if lowering.errors() == errors && layout.ram.is_none() && layout.zones.is_empty() {
            let line = lowering.document.lines.len().max(1) as u32;
            let line = lowering.statements().next().map_or(line, |(line, _)| line);
            lowering.report_line(line, Kind::MissingRam);
        }
        return None;
    };
    let mut config = Config {
        ram: laid_out.ram,
        zones: laid_out.zones,
        reserved: laid_out.reserved,
        cpus: match layout.cpus {
            Some((_, cpus)) => vec![0; usize::from(cpus)],
            None => laid_out.cpus,
        },
        start: mm::config::Start::Boot,
        ..settings
    };
    config.distances = nodes::distances(lowering, &layout.distances, config.nodes());
    for (line, from, size) in std::mem::take(&mut layout.reserves) {
        let end = u64::from(config.end().0);
        if from.count().checked_add(size.count()).is_none_or(|to| to > end) {
            lowering.report_line(line, Kind::ReserveOutside { frames: end });
            continue;
        }
        config.reserved.push(PfnRange::new(from.count() as u32, (from.count() + size.count()) as u32));
    }
    if config.zones.iter().all(|zone| pack::free_ranges(&config, zone.span).is_empty()) {
        let first = layout.nodes.first().map(|(line, _)| *line);
        let line = layout.ram.map(|(line, _)| line).or(layout.zones.first().map(|zone| zone.line)).or(first);
        lowering.report_line(line.unwrap_or(1), Kind::NothingFree);
    }
    config.start = start.lower(lowering, &config, layout.pcp_off);
    let labels = cma::place(lowering, &mut config, &layout.areas);
    (lowering.errors() == errors).then_some(Lowered { config, notes, labels })
}

/// The write that a file's name and its numbers mean; reports a number of ratios that is not the kernel's.
pub(super) fn sysctl(
    lowering: &mut Lowering<'_>,
    line: u32,
    tunable: &Tunable,
    arch: Arch,
) -> Option<Sysctl> {
    Some(match tunable {
        Tunable::MinFreeKbytes(kb) => Sysctl::MinFreeKbytes(*kb),
        Tunable::WatermarkScaleFactor(factor) => Sysctl::WatermarkScaleFactor(*factor),
        Tunable::WatermarkBoostFactor(factor) => Sysctl::WatermarkBoostFactor(*factor),
        Tunable::PercpuPagelistHighFraction(fraction) => Sysctl::PercpuPagelistHighFraction(*fraction),
        Tunable::OvercommitMemory(mode) => Sysctl::OvercommitMemory(match mode {
            0 => Overcommit::Guess,
            1 => Overcommit::Always,
            _ => Overcommit::Never,
        }),
        Tunable::PanicOnOom(value) => Sysctl::PanicOnOom(*value),
        Tunable::OomKillAllocatingTask(value) => Sysctl::OomKillAllocatingTask(*value),
        Tunable::OvercommitRatio(ratio) => Sysctl::OvercommitRatio(*ratio),
        // They are bounded when they are read.
        Tunable::Swappiness(value) => Sysctl::Swappiness(*value as u8),
        Tunable::DirtyRatio(value) => Sysctl::DirtyRatio(*value as u8),
        Tunable::DirtyBackgroundRatio(value) => Sysctl::DirtyBackgroundRatio(*value as u8),
        Tunable::ZoneReclaimMode(value) => Sysctl::ZoneReclaimMode(*value as u8),
        Tunable::VfsCachePressure(value) => Sysctl::VfsCachePressure(*value),
        Tunable::PageCluster(value) => Sysctl::PageCluster(*value as u8),
        Tunable::LowmemReserveRatio(given) => {
            let zones = arch.zone_kinds();
            if given.len() != zones.len() {
                let found = given.len() as u32;
                lowering.report_line(line, Kind::RatioCount { found, zones });
                return None;
            }
            let mut ratio = [0; ZoneKind::COUNT];
            zones.iter().zip(given).for_each(|(kind, number)| ratio[*kind as usize] = *number);
            Sysctl::LowmemReserveRatio(ratio)
        }
    })
}

/// Reports the lines that `node` lines leave no room for.
fn nodes_say_it(lowering: &mut Lowering<'_>, layout: &Layout<'_>) {
    let lines = [
        ("ram", layout.ram.map(|(line, _)| line)),
        ("zone", layout.zones.first().map(|zone| zone.line)),
        ("cpus", layout.cpus.map(|(line, _)| line)),
    ];
    for (name, line) in lines {
        if let Some(line) = line {
            lowering.report_line(line, Kind::NodesSayIt { name });
        }
    }
}

/// Whether a line that lays out the machine is wrong: what it meant is not guessed, and its error is enough.
fn layout_is_broken(lowering: &Lowering<'_>) -> bool {
    const LAYOUT: [&str; 14] = [
        "arch",
        "ram",
        "zone",
        "cpus",
        "node",
        "distance",
        "reserve",
        "buddyinfo",
        "free_list",
        "pageblocks",
        "figures",
        "pcp_sizes",
        "pcp_list",
        "Node",
    ];
    lowering.statements().any(|(_, statement)| {
        let Statement::Broken(text) = statement else { return false };
        let word = first_word(text);
        LAYOUT.contains(&word) || nearest(word, KEYWORDS).is_some_and(|meant| LAYOUT.contains(&meant))
    })
}

/// A setting that is set twice, or that stands behind an op. Gives the lines that are too many, in order.
fn settings_stand_once_and_first(lowering: &mut Lowering<'_>) -> Vec<u32> {
    let mut second = Vec::new();
    let mut first_lines: Vec<(&'static str, u32)> = Vec::new();
    let mut ops = false;
    for (line, statement) in lowering.statements() {
        ops |= statement.is_op();
        let Some((name, many)) = setting(statement) else { continue };
        if ops && name != "title" {
            lowering.report_line(line, Kind::LateSetting);
        }
        match first_lines.iter().find(|(of, _)| *of == name) {
            None => first_lines.push((name, line)),
            Some((_, first)) if !many => {
                lowering.report_line(line, Kind::RepeatedSetting { name, first: *first });
                second.push(line);
            }
            Some(_) => {}
        }
    }
    second
}

/// The word of a setting, and whether it may stand several times.
fn setting(statement: &Statement) -> Option<(&'static str, bool)> {
    if let Some(name) = statement.single_setting() {
        return Some((name, false));
    }
    Some(match statement {
        Statement::Zone { .. } => ("zone", true),
        Statement::Reserve { .. } => ("reserve", true),
        Statement::Node(_) => ("node", true),
        Statement::ReservedMemory(_) => ("reserved_memory", true),
        Statement::Dts(of) if !of.reserved.is_empty() => ("dts", true),
        Statement::Distance { .. } => ("distance", true),
        Statement::BuddyInfo { .. } => ("buddyinfo", true),
        Statement::FreeList { .. } => ("free_list", true),
        Statement::Pageblocks { .. } => ("pageblocks", true),
        Statement::Figures { .. } => ("figures", true),
        Statement::PcpSizes { .. } => ("pcp_sizes", true),
        Statement::PcpList { .. } => ("pcp_list", true),
        _ => return None,
    })
}

/// A number of frames within the bounds of a machine.
pub(super) fn bounded(lowering: &mut Lowering<'_>, line: u32, frames: u64, most: u32) -> Option<u32> {
    let (min, max) = (u64::from(MIN_FRAMES), u64::from(most));
    if (min..=max).contains(&frames) {
        return Some(frames as u32);
    }
    lowering.report_line(line, Kind::Frames { frames, min, max });
    None
}

/// Zones from frame 0 on, one behind the other; the last one may take the rest.
fn layout_of_zones(
    lowering: &mut Lowering<'_>,
    lines: &[ZoneLine],
    ram: Option<(u32, Amount)>,
    arch: Arch,
    most: u32,
) -> Option<Config> {
    let errors = lowering.errors();
    let mut specs: Vec<ZoneSpec> = Vec::new();
    let mut at = 0u64;
    for (index, ZoneLine { line, kind, size }) in lines.iter().enumerate() {
        if !arch.zone_kinds().contains(kind) {
            lowering.report_part(*line, Part::Zone, Kind::ZoneOfOtherArch { zone: *kind, arch });
            continue;
        }
        if let Some(last) = specs.last().filter(|last| last.kind >= *kind) {
            lowering.report_line(*line, Kind::ZoneOrder { zone: *kind, after: last.kind });
            continue;
        }
        let is_last = index + 1 == lines.len();
        let frames = match (size, ram) {
            (Some(size), _) => size.count(),
            (None, Some((_, ram))) if is_last => ram.count().saturating_sub(at),
            (None, _) => {
                let no_ram = ram.is_none() && is_last;
                lowering.report_line(*line, Kind::ZoneWithoutSize { zone: *kind, no_ram });
                continue;
            }
        };
        if frames == 0 {
            lowering.report_line(*line, Kind::EmptyZone { zone: *kind });
        }
        let end = at.saturating_add(frames);
        // Past the bound nothing is laid out: reported below.
        let clamp = |frames: u64| u32::try_from(frames).unwrap_or(u32::MAX);
        specs.push(ZoneSpec { kind: *kind, node: 0, span: PfnRange::new(clamp(at), clamp(end)) });
        at = end;
    }
    if lowering.errors() > errors {
        return None;
    }
    let line = ram.map(|(line, _)| line).or(lines.last().map(|zone| zone.line)).unwrap_or(1);
    let frames = bounded(lowering, line, ram.map_or(at, |(_, amount)| amount.count()), most)?;
    if u64::from(frames) != at {
        let line = lines.last().map_or(line, |zone| zone.line);
        lowering.report_line(line, Kind::ZonesMismatch { zones: at, ram: u64::from(frames) });
        return None;
    }
    Some(Config { zones: specs, ..Config::single_zone(frames) })
}

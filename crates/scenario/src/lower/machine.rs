//! The settings of a text as a [`Config`].

use mm::Config;
use mm::config::ZoneSpec;
use mm::limits::{MAX_FRAMES, MAX_FRAMES_IMPORTED, MIN_FRAMES};
use mm::mmzone::ZoneKind;
use mm::units::PfnRange;

use super::{Lowering, pack, start};
use crate::ast::{Amount, Statement};
use crate::diagnostic::{Kind, NotYet};
use crate::letter::first_word;
use crate::parser::KEYWORDS;
use crate::scenario::Note;
use crate::suggest::nearest;

/// A machine and what its picture has to admit.
pub(super) struct Lowered {
    pub config: Config,
    pub notes: Vec<Note>,
}

/// A zone as the text gives it.
struct ZoneLine {
    line: u32,
    kind: ZoneKind,
    size: Option<Amount>,
}

/// The machine, or none when something is wrong with it.
pub(super) fn machine(lowering: &mut Lowering<'_>) -> Option<Lowered> {
    let second = settings_stand_once_and_first(lowering);
    if layout_is_broken(lowering) {
        return None;
    }
    let errors = lowering.errors();
    let start = start::read(lowering);
    let (mut ram, mut zones, mut reserves, mut settings) =
        (None, Vec::new(), Vec::new(), Config::single_zone(0));
    settings.mobility = mm::config::Mobility::Auto;
    let (mut pcp_said, mut pcp_on) = (false, None);
    for (line, statement) in lowering.statements().filter(|(line, _)| second.binary_search(line).is_err()) {
        match statement {
            Statement::Rules(rules) => settings.rules = *rules,
            Statement::Ram(amount) => ram = Some((line, *amount)),
            Statement::Zone { kind, size } => zones.push(ZoneLine { line, kind: *kind, size: *size }),
            Statement::Reserve { start, size } => reserves.push((line, *start, *size)),
            Statement::PageblockOrder(order) => settings.pageblock_order = *order,
            Statement::Mobility(mobility) => settings.mobility = *mobility,
            Statement::Cma(cma) => settings.cma = *cma,
            Statement::Seed(seed) => settings.seed = *seed,
            Statement::Pcp(on) => {
                pcp_said = true;
                pcp_on = on.then_some(line);
            }
            // A wrong `pcp` line has its own error.
            Statement::Broken(text) => pcp_said |= text.starts_with("pcp"),
            _ => {}
        }
    }
    let mut notes = start.notes();
    let most = if start.is_import() { MAX_FRAMES_IMPORTED } else { MAX_FRAMES };
    let layout = if !zones.is_empty() {
        layout_of_zones(lowering, &zones, ram, most)
    } else if let Some((line, amount)) = ram {
        let frames = bounded(lowering, line, amount.count(), most);
        frames.map(Config::x86_64)
    } else {
        let layout = start.invented_zones(lowering);
        if layout.is_some() {
            notes.push(Note::ZonesInvented);
        }
        layout
    };
    let Some(layout) = layout else {
        // Nothing else was wrong: then nothing says how much memory there is.
        if lowering.errors() == errors && ram.is_none() && zones.is_empty() {
            let line = lowering.document.lines.len().max(1) as u32;
            let line = lowering.statements().next().map_or(line, |(line, _)| line);
            lowering.report_line(line, Kind::MissingRam);
        }
        return None;
    };
    let mut config = Config {
        ram: layout.ram,
        zones: layout.zones,
        reserved: layout.reserved,
        start: mm::config::Start::Boot,
        ..settings
    };
    for (line, from, size) in reserves {
        let end = u64::from(config.end().0);
        if from.count().checked_add(size.count()).is_none_or(|to| to > end) {
            lowering.report_line(line, Kind::ReserveOutside { frames: end });
            continue;
        }
        config.reserved.push(PfnRange::new(from.count() as u32, (from.count() + size.count()) as u32));
    }
    if !pcp_said {
        let line = lowering.statements().find(|(_, s)| s.is_op()).map_or(1, |(line, _)| line);
        lowering.report_line(line, Kind::PcpUnsaid);
    }
    if config.zones.iter().all(|zone| pack::free_ranges(&config, zone.span).is_empty()) {
        let line = ram.map(|(line, _)| line).or(zones.first().map(|zone| zone.line)).unwrap_or(1);
        lowering.report_line(line, Kind::NothingFree);
    }
    config.start = start.lower(lowering, &config);
    let lowered = (lowering.errors() == errors).then_some(Lowered { config, notes });
    // An error, but one that leaves a machine: the badge says that it has no per-CPU lists.
    if let Some(line) = pcp_on {
        lowering.report_line(line, Kind::NotYet(NotYet::Pcp));
    }
    lowered
}

/// Whether a line that lays out the machine is wrong: what it meant is not guessed, and its error is enough.
fn layout_is_broken(lowering: &Lowering<'_>) -> bool {
    const LAYOUT: [&str; 7] = ["ram", "zone", "reserve", "buddyinfo", "free_list", "pageblocks", "Node"];
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
    Some(match statement {
        Statement::Title(_) => ("title", false),
        Statement::Rules(_) => ("rules", false),
        Statement::Ram(_) => ("ram", false),
        Statement::Zone { .. } => ("zone", true),
        Statement::Reserve { .. } => ("reserve", true),
        Statement::PageblockOrder(_) => ("pageblock_order", false),
        Statement::Mobility(_) => ("page_group_by_mobility", false),
        Statement::Pcp(_) => ("pcp", false),
        Statement::Cma(_) => ("cma", false),
        Statement::Seed(_) => ("seed", false),
        Statement::BuddyInfo { .. } => ("buddyinfo", true),
        Statement::FreeList { .. } => ("free_list", true),
        Statement::Pageblocks { .. } => ("pageblocks", true),
        _ => return None,
    })
}

/// A number of frames within the bounds of a machine.
fn bounded(lowering: &mut Lowering<'_>, line: u32, frames: u64, most: u32) -> Option<u32> {
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
    most: u32,
) -> Option<Config> {
    let errors = lowering.errors();
    let mut specs: Vec<ZoneSpec> = Vec::new();
    let mut at = 0u64;
    for (index, ZoneLine { line, kind, size }) in lines.iter().enumerate() {
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

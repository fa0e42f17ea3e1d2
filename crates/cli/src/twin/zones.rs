//! The figures of `/proc/zoneinfo`.

use std::fmt::Display;
use std::io;

use kernel_io::{ZoneEntry, ZoneInfo};
use mm::mmzone::ZoneKind;
use mm::setup::{ZoneFigures, calculate_pressure_threshold, zone_highsize};
use mm::units::NrPages;

use super::machine::Expected;
use super::report::Report;

/// How a zone is called in the report.
pub fn name(node: u32, kind: ZoneKind) -> String {
    format!("Node {node} {}", kind.name())
}

/// `(0, 190, 190)`, one number for each kind of zone that the kernel has.
pub fn protection(kinds: &[ZoneKind], figures: &ZoneFigures) -> String {
    list(kinds.iter().map(|kind| figures.lowmem_reserve[*kind as usize].0))
}

/// `(0, 190, 190)`
pub fn list(numbers: impl IntoIterator<Item = u64>) -> String {
    let numbers: Vec<String> = numbers.into_iter().map(|n| n.to_string()).collect();
    format!("({})", numbers.join(", "))
}

/// A figure that follows from the files unless something unknown happened: then a match counts, and a mismatch
/// proves nothing.
pub fn figure_unless(
    report: &mut Report<'_>,
    file: &str,
    field: impl Display,
    kernel: impl Display,
    engine: impl Display,
    unless: Option<&String>,
) -> io::Result<()> {
    let (kernel, engine) = (kernel.to_string(), engine.to_string());
    match unless {
        Some(why) if kernel != engine => report.skip(file, field, kernel, why.clone()),
        _ => report.figure(file, field, kernel, engine),
    }
}

/// Compares the whole file.
pub fn compare(file: &str, info: &ZoneInfo, expected: &Expected, report: &mut Report<'_>) -> io::Result<()> {
    let kinds = info.kinds();
    for (index, (zone, figures)) in info.zones.iter().zip(expected.setup.figures()).enumerate() {
        let name = name(zone.node, zone.kind);
        marks(file, &name, zone, figures, expected, report)?;
        let unless = expected.reserves_unless.as_ref();
        let kernel = list(zone.protection.iter().copied());
        figure_unless(
            report,
            file,
            format!("{name} protection"),
            kernel,
            protection(&kinds, figures),
            unless,
        )?;
        if let Some((span, present)) = expected.places.as_ref().and_then(|places| places.get(index)) {
            report.figure(file, format!("{name} spanned"), zone.pages.spanned, span.len())?;
            report.figure(file, format!("{name} present"), zone.pages.present, present)?;
            if let Some(populated) = &zone.populated {
                report.figure(file, format!("{name} start_pfn"), populated.start_pfn, span.start)?;
            }
        }
        let has_managed =
            zone.pages.managed <= zone.pages.present && zone.pages.present <= zone.pages.spanned;
        let shown = format!("{} {} {}", zone.pages.managed, zone.pages.present, zone.pages.spanned);
        report.judged(file, format!("{name} managed present spanned"), shown, "ascending", has_managed)?;
        lists(file, &name, zone, figures, expected, report)?;
    }
    Ok(())
}

/// The watermarks. The file has them with the boost that the zone has at the moment.
fn marks(
    file: &str,
    name: &str,
    zone: &ZoneEntry,
    figures: &ZoneFigures,
    expected: &Expected,
    report: &mut Report<'_>,
) -> io::Result<()> {
    let without_boost = |mark: u64| mark.saturating_sub(zone.pages.boost);
    let [min, low, high] = [zone.pages.min, zone.pages.low, zone.pages.high].map(without_boost);
    let ours = figures.marks;
    let unless = expected.marks_unless.as_ref();
    figure_unless(report, file, format!("{name} min"), min, ours.min, unless)?;
    figure_unless(report, file, format!("{name} low"), low, ours.low, unless)?;
    // The three lie in equal distances, whatever they follow from.
    let high_by_low = low.saturating_mul(2).saturating_sub(min);
    let ours = if unless.is_some() { NrPages(high_by_low) } else { ours.high };
    report.figure(file, format!("{name} high"), high, ours)
}

/// The per-CPU lists and the thresholds of the per-CPU counters.
fn lists(
    file: &str,
    name: &str,
    zone: &ZoneEntry,
    figures: &ZoneFigures,
    expected: &Expected,
    report: &mut Report<'_>,
) -> io::Result<()> {
    let Some(populated) = &zone.populated else { return Ok(()) };
    let unless = expected.marks_unless.as_ref();
    let high = if unless.is_some() {
        // The low mark is not known, but it is there to read.
        let batch = populated.pagesets.first().map_or(0, |set| u32::try_from(set.batch).unwrap_or(u32::MAX));
        let fraction = expected.setup.tunables().percpu_pagelist_high_fraction;
        let low = NrPages(zone.pages.low.saturating_sub(zone.pages.boost));
        zone_highsize(NrPages(zone.pages.managed), low, batch, fraction, expected.setup.cpus_of(zone.node))
    } else {
        figures.pcp_high
    };
    for set in &populated.pagesets {
        let field = |what: &str| format!("{name} cpu {} {what}", set.cpu);
        match &expected.cpus_unless {
            Some(why) => report.skip(file, field("high"), set.high, why.clone())?,
            None => report.figure(file, field("high"), set.high, high)?,
        }
        figure_unless(report, file, field("batch"), set.batch, figures.pcp_batch, unless)?;
        if let Some(threshold) = set.stat_threshold {
            // Zones on which the counters could hide too much have another one while kswapd is awake.
            let cpus = expected.setup.online_cpus();
            let awake = u64::from(calculate_pressure_threshold(&figures.marks, cpus));
            let is_awake = figures.percpu_drift_mark.0 > 0 && threshold == awake;
            let ours = if is_awake { awake } else { figures.stat_threshold.into() };
            figure_unless(report, file, field("vm stats threshold"), threshold, ours, unless)?;
        }
    }
    Ok(())
}

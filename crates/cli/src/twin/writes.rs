//! What the kernel said after each write to a file of `/proc/sys/vm` (`wl/n_*`). Each write sets marks and lists up from
//! the pages that the zones have then, so everything here follows from the log and the zones.

use std::io;

use kernel_io::{SysctlStep, SysctlWrite, ZoneExcerpt, ZoneMarks};
use mm::setup::{ZoneFigures, ZoneSetup, ZoneSize};
use mm::units::NrPages;

use super::folder::Log;
use super::machine::{Machine, NO_OLD_MIN_FREE, by_kind};
use super::report::Report;
use super::zones::{figure_unless, list, name, protection};

/// Follows the log.
pub fn compare(log: &Log<Vec<SysctlStep>>, machine: &Machine<'_>, report: &mut Report<'_>) -> io::Result<()> {
    let kinds: Vec<_> =
        machine.now.iter().filter(|zone| zone.node == machine.now[0].node).map(|zone| zone.kind).collect();
    let mut zones = machine.now.clone();
    let mut setup = machine.booted();
    machine.read_ratio(&mut setup, &zones);
    let mut marks_unless = None;
    for step in &log.content {
        update(&mut zones, &step.zones);
        let restores = !matches!(step.write, SysctlWrite::MinFreeKbytes(_));
        if restores && !machine.restore_min_free(&mut setup.clone(), &zones) {
            marks_unless = Some(NO_OLD_MIN_FREE.to_owned());
        }
        machine.write(&mut setup, &zones, &step.write);
        if let SysctlWrite::LowmemReserveRatioRead(kernel) = &step.write {
            let ours = setup.tunables().lowmem_reserve_ratio;
            let kernel = by_kind(&kinds, kernel, [0; _]);
            let shown = |ratio: [u32; _]| list(kinds.iter().map(|kind| u64::from(ratio[*kind as usize])));
            report.figure(&log.file, step.heading.clone(), shown(kernel), shown(ours))?;
        }
        let mut step_report =
            Step { file: &log.file, step, machine, marks_unless: marks_unless.as_ref(), report };
        for excerpt in &step.zones {
            if let Some(figures) = find(&zones, &setup, excerpt.node, excerpt.kind) {
                step_report.zone(excerpt, figures, &protection(&kinds, figures))?;
            }
        }
        for marks in &step.marks {
            if let Some(figures) = find(&zones, &setup, marks.node, marks.kind) {
                step_report.marks(marks, figures)?;
            }
        }
    }
    Ok(())
}

/// The log says how many pages the zones have, at some steps.
fn update(zones: &mut [ZoneSize], said: &[ZoneExcerpt]) {
    for zone in zones {
        let of_zone = |e: &&ZoneExcerpt| (e.node, e.kind) == (u32::from(zone.node), zone.kind);
        if let Some(managed) = said.iter().find(of_zone).and_then(|e| e.field("managed")) {
            zone.managed = NrPages(managed);
        }
    }
}

fn find<'s>(
    zones: &[ZoneSize],
    setup: &'s ZoneSetup,
    node: u32,
    kind: mm::mmzone::ZoneKind,
) -> Option<&'s ZoneFigures> {
    let index = zones.iter().position(|zone| (u32::from(zone.node), zone.kind) == (node, kind))?;
    setup.figures().get(index)
}

/// The report of one step.
struct Step<'a, 'o> {
    file: &'a str,
    step: &'a SysctlStep,
    machine: &'a Machine<'a>,
    marks_unless: Option<&'a String>,
    report: &'a mut Report<'o>,
}

impl Step<'_, '_> {
    fn field(&self, zone: &str, what: &str) -> String {
        format!("{}: {zone} {what}", self.step.heading)
    }

    fn zone(&mut self, excerpt: &ZoneExcerpt, figures: &ZoneFigures, reserves: &str) -> io::Result<()> {
        let zone = name(excerpt.node, excerpt.kind);
        for (what, ours) in
            [("min", figures.marks.min), ("low", figures.marks.low), ("high", figures.marks.high)]
        {
            if let Some(kernel) = excerpt.field(what) {
                let field = self.field(&zone, what);
                figure_unless(self.report, self.file, field, kernel, ours, self.marks_unless)?;
            }
        }
        if let Some(protection) = &excerpt.protection {
            let field = self.field(&zone, "protection");
            self.report.figure(self.file, field, list(protection.iter().copied()), reserves)?;
        }
        for (cpu, set) in excerpt.pagesets.iter().enumerate() {
            self.lists(&format!("{zone} cpu {cpu}"), set.high, set.batch, figures)?;
        }
        Ok(())
    }

    /// The kernel's own numbers: they include the mark for promotion, which 6.1 prints nowhere.
    fn marks(&mut self, marks: &ZoneMarks, figures: &ZoneFigures) -> io::Result<()> {
        let zone = name(marks.node, marks.kind);
        let ours = figures.marks;
        let kernel = list(marks.marks);
        let ours = list([ours.min, ours.low, ours.high, ours.promo].map(|pages| pages.0));
        let field = self.field(&zone, "min low high promo in memory");
        figure_unless(self.report, self.file, field, kernel, ours, self.marks_unless)?;
        for (cpu, [high, batch]) in marks.pcp.iter().enumerate() {
            self.lists(&format!("{zone} cpu {cpu} in memory"), Some(*high), Some(*batch), figures)?;
        }
        Ok(())
    }

    fn lists(
        &mut self,
        zone: &str,
        high: Option<u64>,
        batch: Option<u64>,
        figures: &ZoneFigures,
    ) -> io::Result<()> {
        if let Some(high) = high {
            let field = self.field(zone, "high");
            match self.machine.cpus_unknown() {
                Some(why) => self.report.skip(self.file, field, high, why.clone())?,
                None => {
                    figure_unless(self.report, self.file, field, high, figures.pcp_high, self.marks_unless)?
                }
            }
        }
        if let Some(batch) = batch {
            let field = self.field(zone, "batch");
            self.report.figure(self.file, field, batch, figures.pcp_batch)?;
        }
        Ok(())
    }
}

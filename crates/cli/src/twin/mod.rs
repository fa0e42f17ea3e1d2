//! `mmscope twin`: what a real kernel printed, figure by figure against what the rules make of the same machine.
//!
//! # The steps
//! 1. `folder` finds the files: moments of one machine (`base/`, `end/`, …) with the workloads between them (`wl/`), or
//!    a plain folder of `/proc` files, which is one moment;
//! 2. `machine` finds out what the machine was when the kernel set its zones up, and follows the writes to
//!    `/proc/sys/vm` from there with the rules of [`mm::setup`];
//! 3. `zones` compares the figures of zones, `counts` the numbers that must agree between files, `writes` what the
//!    kernel said after each write, `slab` what it said about its caches, `oom` whom it killed when memory had run out;
//! 4. `report` prints a line for each figure, and counts.
//!
//! A figure is *skipped* when the files do not say what it follows from; the line says what is missing. Where the
//! files say it, a difference is a difference.

mod counts;
mod folder;
mod machine;
mod memcg;
mod oom;
mod report;
mod slab;
mod writes;
mod zones;

use std::io::Write;
use std::path::Path;

use crate::failure::Failure;
use folder::{Folder, Moment};
use machine::Machine;
use report::Report;

/// Compares a folder of files.
///
/// # Errors
/// When there is nothing to compare, when a file is broken, and when a figure is different.
pub fn twin(dir: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let mut report = Report::new(out);
    let folder = Folder::open(dir, &mut report)?;
    for moment in &folder.moments {
        compare(&folder, moment, &mut report)?;
    }
    if let (Some(log), Some(machine)) = (&folder.log, Machine::of(&folder)) {
        writes::compare(log, &machine, &mut report)?;
    }
    for log in &folder.frag_logs {
        counts::frag_log(log, &mut report)?;
    }
    slab::compare(&folder, &mut report)?;
    oom::compare(&folder, &mut report)?;
    report.finish(&folder.shown)
}

/// Everything that one moment's files say.
fn compare(folder: &Folder, moment: &Moment, report: &mut Report<'_>) -> Result<(), Failure> {
    if let (Some(info), Some(machine)) = (&moment.zoneinfo, Machine::of(folder)) {
        let expected = machine.at(moment, info);
        zones::compare(&moment.file("zoneinfo"), info, &expected, report)?;
        if moment.is_first {
            machine.first_moment(moment, &expected, report)?;
        }
    }
    counts::compare(moment, folder, report)
}

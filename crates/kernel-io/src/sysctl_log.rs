//! The log of what a kernel said about its zones after each write to a file of `/proc/sys/vm`.
//!
//! ```text
//! ### min_free_kbytes=1024                                   what was written
//! Node 0, zone      DMA                                      lines of /proc/zoneinfo after that
//!         min      18
//! Z node=0 zone=DMA … min=18 low=22 high=26 promo=30 …       the kernel's own numbers of the zone
//! P cpu=0 count=0 high=22 batch=1 …                          and of its per-CPU lists
//! ### lowmem_reserve_ratio default
//! 256 256 32 0 0                                             what the file reads as
//! ### 64 64 32 0 0                                           what was written to it
//! ```

use mm::mmzone::ZoneKind;

use crate::error::{Format, ReadError, ReadErrorKind};
use crate::words::{Place, Word, words};
use crate::zoneinfo::{ZoneExcerpt, read_zoneinfo_excerpt};

/// A write, or a look at a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SysctlWrite {
    /// To `min_free_kbytes`, in KiB.
    MinFreeKbytes(u32),
    /// To `watermark_scale_factor`, after `min_free_kbytes` got its old value back.
    WatermarkScaleFactor(u32),
    /// None: what `lowmem_reserve_ratio` reads as, after `watermark_scale_factor` got its old value back.
    LowmemReserveRatioRead(Vec<u32>),
    /// To `lowmem_reserve_ratio`: the numbers for the kernel's kinds of zones; what is too much is ignored.
    LowmemReserveRatio(Vec<u32>),
    /// To `percpu_pagelist_high_fraction`, after `lowmem_reserve_ratio` got its old value back.
    PercpuPagelistHighFraction(u32),
}

/// A write and what the kernel said then.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SysctlStep {
    /// The line of the heading, from 1.
    pub line: u32,
    /// The heading without `###`.
    pub heading: String,
    /// What was done.
    pub write: SysctlWrite,
    /// Of each zone some lines of `/proc/zoneinfo`.
    pub zones: Vec<ZoneExcerpt>,
    /// The kernel's own numbers, where there are any.
    pub marks: Vec<ZoneMarks>,
}

/// What a kernel's memory said about a zone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ZoneMarks {
    /// The line, from 1.
    pub line: u32,
    /// The NUMA node.
    pub node: u32,
    /// Which kind.
    pub kind: ZoneKind,
    /// `min`, `low`, `high`, `promo`, in pages and without boost.
    pub marks: [u64; 4],
    /// `high` and `batch` of each CPU's lists, in pages.
    pub pcp: Vec<[u64; 2]>,
}

/// Reads the log.
///
/// # Errors
/// Every mistake in it.
pub fn read_sysctl_log(text: &str) -> Result<Vec<SysctlStep>, Vec<ReadError>> {
    let (mut steps, mut errors) = (Vec::new(), Vec::new());
    let mut section: Option<(u32, &str)> = None;
    let mut body = String::new();
    let mut close = |section: Option<(u32, &str)>, body: &mut String| {
        if let Some((line, heading)) = section {
            match step(line, heading, body) {
                Ok(step) => steps.push(step),
                Err(mut more) => errors.append(&mut more),
            }
        } else if let Some(word) = words(body).next() {
            let place = Place { line: 1, column: 1 };
            errors.push(place.error(ReadErrorKind::NotALine(Format::SysctlLog, word.quoted())));
        }
        body.clear();
    };
    for (number, line) in (1u32..).zip(text.lines()) {
        if let Some(heading) = line.strip_prefix("### ") {
            close(section, &mut body);
            section = Some((number, heading));
        } else {
            body.push_str(line);
            body.push('\n');
        }
    }
    close(section, &mut body);
    if steps.is_empty() && errors.is_empty() {
        errors.push(Place { line: 1, column: 1 }.error(ReadErrorKind::Empty(Format::SysctlLog)));
    }
    if errors.is_empty() { Ok(steps) } else { Err(errors) }
}

/// One section; its first line is behind `line`.
fn step(line: u32, heading: &str, body: &str) -> Result<SysctlStep, Vec<ReadError>> {
    let place = Place { line, column: 5 };
    let unknown = || {
        let what = Word { text: heading, column: 5 }.quoted();
        vec![place.error(ReadErrorKind::NotALine(Format::SysctlLog, what))]
    };
    let (mut zoneinfo, mut marks, mut errors) = (String::new(), Vec::<ZoneMarks>::new(), Vec::new());
    let mut read_as = None;
    for (number, content) in (line.saturating_add(1)..).zip(body.lines()) {
        // Every line has its place in both, so that places stay true.
        let mut zone_line = "";
        match content.split_once(' ').map(|(first, _)| first) {
            Some("Z") => match zone_marks(number, content) {
                Some(zone) => marks.push(zone),
                None => errors.push(not_a_line(number, content)),
            },
            Some("P") => match (marks.last_mut(), pcp(content)) {
                (Some(zone), Some(pcp)) => zone.pcp.push(pcp),
                _ => errors.push(not_a_line(number, content)),
            },
            _ if number == line + 1 && ratios(content).is_some() => read_as = ratios(content),
            _ => zone_line = content,
        }
        zoneinfo.push_str(zone_line);
        zoneinfo.push('\n');
    }
    let mut zones = if zoneinfo.trim().is_empty() {
        Vec::new()
    } else {
        read_zoneinfo_excerpt(&zoneinfo).unwrap_or_else(|more| {
            errors.extend(more.into_iter().map(|e| ReadError { line: e.line.saturating_add(line), ..e }));
            Vec::new()
        })
    };
    let (what, value) = heading.split_once('=').unwrap_or((heading, ""));
    let value = value.split(' ').next().unwrap_or("");
    let number = || value.parse::<u32>().map_err(|_| unknown());
    let write = match (what, read_as, ratios(heading)) {
        ("min_free_kbytes", ..) => SysctlWrite::MinFreeKbytes(number()?),
        ("watermark_scale_factor", ..) => SysctlWrite::WatermarkScaleFactor(number()?),
        ("percpu_pagelist_high_fraction", ..) => SysctlWrite::PercpuPagelistHighFraction(number()?),
        ("lowmem_reserve_ratio default", Some(ratios), _) => SysctlWrite::LowmemReserveRatioRead(ratios),
        (_, _, Some(ratios)) => SysctlWrite::LowmemReserveRatio(ratios),
        _ => return Err(unknown()),
    };
    if !errors.is_empty() {
        return Err(errors);
    }
    zones.iter_mut().for_each(|zone| zone.line = zone.line.saturating_add(line));
    Ok(SysctlStep { line, heading: heading.into(), write, zones, marks })
}

fn not_a_line(number: u32, content: &str) -> ReadError {
    let what = Word { text: content, column: 1 }.quoted();
    Place { line: number, column: 1 }.error(ReadErrorKind::NotALine(Format::SysctlLog, what))
}

/// Numbers and nothing else.
fn ratios(line: &str) -> Option<Vec<u32>> {
    let numbers: Option<Vec<u32>> = line.split_whitespace().map(|word| word.parse().ok()).collect();
    numbers.filter(|numbers| !numbers.is_empty())
}

fn key<'t>(line: &'t str, key: &str) -> Option<&'t str> {
    line.split_whitespace()
        .find_map(|word| word.split_once('=').filter(|(name, _)| *name == key))
        .map(|(_, v)| v)
}

fn zone_marks(line: u32, content: &str) -> Option<ZoneMarks> {
    let mark = |name| key(content, name)?.parse().ok();
    Some(ZoneMarks {
        line,
        node: key(content, "node")?.parse().ok()?,
        kind: ZoneKind::from_proc_name(key(content, "zone")?)?,
        marks: [mark("min")?, mark("low")?, mark("high")?, mark("promo")?],
        pcp: Vec::new(),
    })
}

fn pcp(content: &str) -> Option<[u64; 2]> {
    let number = |name| key(content, name)?.parse().ok();
    Some([number("high")?, number("batch")?])
}

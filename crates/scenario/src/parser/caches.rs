//! Lines about caches, and words that a process asks them for.

use mm::hierarchy::{Cycles, Geometry, MOST_BYTES, Preset};
use mm::limits::MAX_ACTIONS;
use mm::process::{Access, Pattern, Scan};

use super::cursor::{Cursor, Parsed};
use super::kmem::cpu;
use super::process::{at, byte_range};
use super::statement::{each_option, once, unknown_option};
use crate::ast::Statement;
use crate::caches::{CachesLine, DISKS, PATTERNS, SIZES};
use crate::diagnostic::{Kind, What};
use crate::process::{ACCESSES, At, MAX_BYTES, Process};
use crate::span::Part;

/// The most rows or columns of a matrix.
const MOST_ROWS: u32 = 65_536;
/// The largest element.
const MOST_ELEM: u64 = 4096;
/// The most cycles that a level may take.
const MOST_CYCLES: u32 = 1_000_000;

/// `caches skylake l3=2M/16 cycles=4/12/44/320 mhz=4000 disk=hdd`
pub(super) fn caches(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    const WORDS: [&str; 7] = ["l1d", "l1i", "l2", "l3", "cycles", "mhz", "disk"];
    let mut line = CachesLine::default();
    if c.done() {
        return Err(c.expected(What::Caches));
    }
    if c.keyword("skylake") {
        line.preset = Some(Preset::Skylake);
        if c.sign('-') {
            if !c.keyword("sp") {
                return Err(c.expected(What::Caches));
            }
            line.preset = Some(Preset::SkylakeSp);
        }
    } else if c.keyword("zen2") {
        line.preset = Some(Preset::Zen2);
    }
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        match word {
            "cycles" => {
                c.equals()?;
                let mut next = |slash: bool| {
                    if slash && !c.sign('/') {
                        return Err(c.expected(What::Cycles));
                    }
                    c.number_u32(What::Cycles, 1, MOST_CYCLES)
                };
                let value = Cycles { l1: next(false)?, l2: next(true)?, l3: next(true)?, dram: next(true)? };
                once(c, word, &mut line.cycles, value)
            }
            "mhz" => {
                c.equals()?;
                let value = c.number_u32(What::Number, 100, 10_000)?;
                once(c, word, &mut line.mhz, value)
            }
            "disk" => {
                c.equals()?;
                let value = DISKS[c.choice(What::Disk, &DISKS.map(|(word, _)| word))?].1;
                once(c, word, &mut line.disk, value)
            }
            word => match SIZES.iter().position(|of| *of == word) {
                Some(at) => {
                    c.equals()?;
                    let value = geometry(c, MOST_BYTES[at.saturating_sub(1)])?;
                    once(c, word, &mut line.sizes[at], value)
                }
                None => Err(unknown_option(c, word, &WORDS)),
            },
        }
    })?;
    Ok(Statement::Caches(line))
}

/// `32K/8`
fn geometry(c: &mut Cursor<'_, '_>, most: u32) -> Parsed<Geometry> {
    let span = c.span();
    let bytes = c.bytes(64..=u64::from(most))?;
    if !c.sign('/') {
        return Err(c.expected(What::Ways));
    }
    let ways = c.number(What::Ways, 1, u64::from(mm::cache::MAX_WAYS))?;
    let span = span.to(c.last_span());
    Geometry::new(bytes, ways).ok_or(()).map_err(|()| c.report(span, Kind::CacheSets { bytes, ways }))
}

/// `m column 64x64 0..32K write elem=8 times=2 by=q cpu=1`
pub(super) fn scan(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    const WORDS: [&str; 7] = ["read", "write", "exec", "elem", "times", "by", "cpu"];
    let mut at = at(c)?;
    let word = PATTERNS[c.choice(What::Pattern, &PATTERNS)?];
    let pattern = match word {
        "row" | "column" => {
            let (rows, columns) = matrix(c)?;
            if word == "row" { Pattern::Rows { rows, columns } } else { Pattern::Columns { rows, columns } }
        }
        "stride" => {
            c.equals()?;
            Pattern::Stride { bytes: c.bytes(1..=MAX_BYTES)? }
        }
        _ => {
            if !c.keyword("count") {
                return Err(c.expected(What::RandomCount));
            }
            c.equals()?;
            Pattern::Random { count: c.number_u32(What::Count, 1, MAX_ACTIONS)? }
        }
    };
    let bytes = match c.peek_word() {
        Some(word) if word.starts_with(|c: char| c.is_ascii_digit()) => Some(byte_range(c, &at)?),
        _ => None,
    };
    let (mut access, mut elem, mut times, mut by, mut on) = (None, None, None, None, None);
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        let span = c.last_span();
        match word {
            "elem" => {
                c.equals()?;
                let value = c.bytes(1..=MOST_ELEM)? as u32;
                once(c, word, &mut elem, value)
            }
            "times" => {
                c.equals()?;
                let value = c.number_u32(What::Number, 1, MAX_ACTIONS)?;
                once(c, word, &mut times, value)
            }
            "by" => {
                c.equals()?;
                let process = c.target_of(What::Process, Part::By)?;
                if !matches!(at, At::Area { .. }) {
                    return Err(c.report(span.to(c.last_span()), Kind::ByWithoutArea));
                }
                once(c, word, &mut by, process)
            }
            "cpu" => {
                c.equals()?;
                let value = c.cpu()?;
                once(c, word, &mut on, value)
            }
            word => match ACCESSES.into_iter().find(|(of, _)| *of == word) {
                Some((_, value)) => once(c, word, &mut access, value),
                None => Err(unknown_option(c, word, &WORDS)),
            },
        }
    })?;
    if let At::Area { by: slot, .. } = &mut at {
        *slot = by;
    }
    let scan = Scan {
        access: access.unwrap_or(Access::Read),
        pattern,
        elem: elem.unwrap_or(Scan::ELEM),
        times: times.unwrap_or(1),
    };
    Ok(Statement::Process(Process::Scan { at, bytes, scan, cpu: on }))
}

/// `64x64`
fn matrix(c: &mut Cursor<'_, '_>) -> Parsed<(u32, u32)> {
    let Some(word) = c.peek_word() else { return Err(c.expected(What::Matrix)) };
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u32>().ok().filter(|n| is_number && (1..=MOST_ROWS).contains(n))
    };
    let both = word.split_once('x').and_then(|(rows, columns)| Some((number(rows)?, number(columns)?)));
    let Some(both) = both else { return Err(c.expected(What::Matrix)) };
    c.skip();
    Ok(both)
}

/// `p cpu=1`
pub(super) fn moves(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let process = c.target_of(What::Process, Part::Target)?;
    if c.done() {
        return Err(c.expected(What::Cpu));
    }
    let cpu = cpu(c)?;
    Ok(Statement::Process(Process::Move { process, cpu }))
}

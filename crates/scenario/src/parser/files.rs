//! Lines about files that are read and written, about swap, and about time that passes.

use mm::limits::MAX_FRAMES_IMPORTED;
use mm::reclaim::Medium;

use super::cursor::{Cursor, Parsed};
use super::process::{byte_range, signed};
use super::statement::{each_option, on_off, once, unknown_option};
use crate::ast::{Amount, Statement, Target};
use crate::diagnostic::{Kind, What};
use crate::files::{
    ADVICES, FileLine, LowmemLine, MAX_BLOCK, MAX_LEVELS, MAX_SWAP, MAX_WAIT, SwapLine, USUAL_BLOCK,
};
use crate::process::At;
use crate::span::Part;

/// The words that such lines begin with.
pub(super) const WORDS: [&str; 9] =
    ["cat", "dd", "fsync", "sync", "fadvise", "drop_caches", "wait", "memory.max", "memory.swap.max"];

/// What stands behind one of [`WORDS`].
pub(super) fn op(c: &mut Cursor<'_, '_>, word: &str) -> Parsed<Statement> {
    Ok(Statement::File(match word {
        "fsync" => FileLine::Fsync(c.target()?),
        "sync" => FileLine::Sync,
        "fadvise" => {
            let file = c.target()?;
            FileLine::Advise(file, ADVICES[c.choice(What::FileAdvice, &ADVICES.map(|(word, _)| word))?].1)
        }
        "drop_caches" => FileLine::DropCaches(c.number(What::DropCaches, 1, 3)? as u8),
        "wait" => FileLine::Wait(duration(c)?),
        "memory.max" | "memory.swap.max" => {
            let group = c.target_of(What::Group, Part::Target)?;
            FileLine::GroupMax { group, max: limit(c)?, swap: word != "memory.max" }
        }
        word => return io(c, word == "dd"),
    }))
}

/// `f 0..64K block=16K cpu=1`
fn io(c: &mut Cursor<'_, '_>, writes: bool) -> Parsed<Statement> {
    let file = c.target()?;
    let at = At::Area { area: file.clone(), by: None };
    let bytes = match c.peek_word() {
        Some(word) if word.starts_with(|c: char| c.is_ascii_digit()) => Some(byte_range(c, &at)?),
        _ => None,
    };
    let (mut block, mut cpu) = (None, None);
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        match word {
            "block" => {
                c.equals()?;
                let value = c.bytes(1..=MAX_BLOCK)? as u32;
                once(c, word, &mut block, value)
            }
            "cpu" => {
                c.equals()?;
                let value = c.cpu()?;
                once(c, word, &mut cpu, value)
            }
            word => Err(unknown_option(c, word, &["block", "cpu"])),
        }
    })?;
    let (block, cpu) = (block.unwrap_or(USUAL_BLOCK), cpu.unwrap_or(0));
    Ok(Statement::File(FileLine::Io { file, bytes, block, writes, cpu }))
}

/// `40M`, or `max`: as much as it likes.
fn limit(c: &mut Cursor<'_, '_>) -> Parsed<Option<Amount>> {
    if c.keyword("max") {
        return Ok(None);
    }
    match c.peek_word() {
        Some(word) if word.starts_with(|c: char| c.is_ascii_digit()) => Ok(Some(c.amount()?)),
        _ => Err(c.expected(What::GroupLimit)),
    }
}

/// `max=40M swap.max=0`
pub(super) fn group(c: &mut Cursor<'_, '_>, target: Target) -> Parsed<Statement> {
    let (mut max, mut swap_max) = (None, None);
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        let slot = match word {
            "max" => &mut max,
            "swap.max" => &mut swap_max,
            word => return Err(unknown_option(c, word, &["max", "swap.max"])),
        };
        c.equals()?;
        let value = limit(c)?;
        once(c, word, slot, value)
    })?;
    let (max, swap_max) = (max.flatten(), swap_max.flatten());
    Ok(Statement::File(FileLine::Group { target, max, swap_max }))
}

/// `5s`, `200ms`; in milliseconds.
fn duration(c: &mut Cursor<'_, '_>) -> Parsed<u32> {
    let Some(word) = c.peek_word() else { return Err(c.expected(What::Duration)) };
    let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = word.split_at(digits);
    let unit = match unit {
        "s" => 1000,
        "ms" => 1,
        _ => return Err(c.expected(What::Duration)),
    };
    let span = c.span();
    let found = super::cursor::shortened(word);
    c.skip();
    let ms = number.parse::<u32>().ok().and_then(|number| number.checked_mul(unit));
    ms.filter(|ms| (1..=MAX_WAIT).contains(ms)).ok_or(()).map_err(|()| {
        c.report(span, Kind::OutOfRange { what: What::Milliseconds, found, min: 1, max: u64::from(MAX_WAIT) })
    })
}

/// `swap 64M zram priority=5`
pub(super) fn swap(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let span = c.span();
    let size = c.amount()?;
    let pages = size.count();
    if !(2..=MAX_SWAP).contains(&pages) {
        let span = span.to(c.last_span());
        let (what, found) = (What::SwapPages, pages.to_string());
        return Err(c.report(span, Kind::OutOfRange { what, found, min: 2, max: MAX_SWAP }));
    }
    let medium = if c.keyword("zram") { Medium::Zram } else { Medium::Disk };
    let mut priority = None;
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        if word != "priority" {
            let words = if medium == Medium::Zram { &["priority"][..] } else { &["zram", "priority"] };
            return Err(unknown_option(c, word, words));
        }
        c.equals()?;
        let value = c.number(What::SwapPriority, 0, i16::MAX as u64)? as i16;
        once(c, word, &mut priority, value)
    })?;
    Ok(Statement::Swap(SwapLine { size, medium, priority }))
}

/// `lowmemorykiller on adj=0,100,900 minfree=1024,2048,8192`
pub(super) fn lowmem(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let on = on_off(c)?;
    let (mut adj, mut minfree) = (None, None);
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        match word {
            "adj" => {
                c.equals()?;
                let value = list(c, |c| Ok(signed(c, (1000, 1000))? as i16))?;
                once(c, word, &mut adj, value)
            }
            "minfree" => {
                c.equals()?;
                let value = list(c, |c| c.number_u32(What::Pages, 1, MAX_FRAMES_IMPORTED))?;
                once(c, word, &mut minfree, value)
            }
            word => Err(unknown_option(c, word, &["adj", "minfree"])),
        }
    })?;
    let (adj, minfree) = (adj.unwrap_or_default(), minfree.unwrap_or_default());
    Ok(Statement::Lowmem(LowmemLine { on, adj, minfree }))
}

/// `1,2,3`: as many as there are levels.
fn list<T>(
    c: &mut Cursor<'_, '_>,
    mut number: impl FnMut(&mut Cursor<'_, '_>) -> Parsed<T>,
) -> Parsed<Vec<T>> {
    let mut all = vec![number(c)?];
    while all.len() < MAX_LEVELS && c.sign(',') {
        all.push(number(c)?);
    }
    Ok(all)
}

//! Lines about contiguous areas.

use mm::cma::MAX_ALIGN;
use mm::limits::MAX_FRAMES_IMPORTED;

use super::cursor::{Cursor, Parsed, Wrong};
use super::statement::{each_option, on_off, once, unknown_option};
use crate::ast::{Statement, Target};
use crate::cma::{AreaLine, CmaLine, ReservedLine};
use crate::diagnostic::{Kind, What};
use crate::span::{Part, Span};

/// `on`, `off`, or `64M at=190M below=1G`
pub(super) fn cma(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    if !c.peek_word().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit())) {
        return Ok(Statement::Cma(on_off(c)?));
    }
    let size = c.amount()?;
    let (mut at, mut below) = (None, None);
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        let slot = match word {
            "at" => &mut at,
            "below" => &mut below,
            word => return Err(unknown_option(c, word, &["at", "below"])),
        };
        c.equals()?;
        let value = c.amount()?;
        once(c, word, slot, value)
    })?;
    Ok(Statement::Area(AreaLine { size, at, below }))
}

/// `video size=16M alignment=4M reusable linux,cma-default`
pub(super) fn reserved(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    const WORDS: [&str; 9] = [
        "size",
        "alignment",
        "at",
        "from",
        "below",
        "reusable",
        "no-map",
        "linux,cma-default",
        "linux,dma-default",
    ];
    let name = c.name(What::Name)?.to_owned();
    let (mut size, mut alignment, mut at, mut from, mut below) = (None, None, None, None, None);
    let (mut reusable, mut no_map, mut default, mut dma_default) = (None, None, None, None);
    let mut span = c.span();
    each_option(c, |c| {
        let begins = c.span();
        let Some(word) = c.word() else { return c.nothing_more() };
        match word {
            "size" | "alignment" | "at" | "from" | "below" => {
                c.equals()?;
                let value = c.amount()?;
                let slot = match word {
                    "size" => &mut size,
                    "alignment" => &mut alignment,
                    "from" => &mut from,
                    "below" => &mut below,
                    _ => &mut at,
                };
                once(c, word, slot, value)
            }
            "reusable" => once(c, word, &mut reusable, ()),
            "no" => {
                if !(c.sign('-') && c.keyword("map")) {
                    return Err(unknown_word(c, begins, word, "no-map"));
                }
                span = begins.to(c.last_span());
                once(c, "no-map", &mut no_map, ())
            }
            "linux" => {
                let is_comma = c.sign(',');
                let is_dma = is_comma && c.keyword("dma");
                if !(is_comma && (is_dma || c.keyword("cma")) && c.sign('-') && c.keyword("default")) {
                    return Err(unknown_word(c, begins, word, "linux,cma-default"));
                }
                if is_dma {
                    once(c, "linux,dma-default", &mut dma_default, ())
                } else {
                    once(c, "linux,cma-default", &mut default, ())
                }
            }
            word => Err(unknown_option(c, word, &WORDS)),
        }
    })?;
    let Some(size) = size else { return Err(c.expected(What::Figure("size"))) };
    if reusable.is_some() && no_map.is_some() {
        return Err(c.report(span, Kind::ReusableNoMap));
    }
    Ok(Statement::ReservedMemory(ReservedLine {
        name,
        size,
        alignment,
        at,
        from,
        below,
        reusable: reusable.is_some(),
        no_map: no_map.is_some(),
        default: default.is_some(),
        dma_default: dma_default.is_some(),
        is_pool: true,
    }))
}

/// The beginning of a property that does not go on as it has to.
fn unknown_word(c: &mut Cursor<'_, '_>, span: Span, word: &str, meant: &str) -> Wrong {
    c.report(span, Kind::UnknownOption { found: word.into(), suggestion: Some(meant.into()) })
}

/// `buf = cma_alloc 256 align=8`, `c = alloc_contig_range 0x1800 512`
pub(super) fn request(c: &mut Cursor<'_, '_>, target: Target, word: &str) -> Parsed<Statement> {
    if word == "alloc_contig_range" {
        let first = c.number_u32(What::Pfn, 0, 2 * MAX_FRAMES_IMPORTED)?;
        let count = pages(c)?;
        let cpu = super::kmem::cpu(c)?;
        return Ok(Statement::CmaOp(CmaLine::Range { target, first, count, cpu }));
    }
    let count = pages(c)?;
    let (mut align, mut area, mut cpu) = (None, None, None);
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        match word {
            "align" => {
                c.equals()?;
                let value = c.number(What::Order, 0, u64::from(MAX_ALIGN))? as u8;
                once(c, word, &mut align, value)
            }
            "area" => {
                c.equals()?;
                let span = c.span();
                c.mark(Part::File, span);
                let value = c.name(What::Name)?.to_owned();
                once(c, word, &mut area, value)
            }
            "cpu" => {
                c.equals()?;
                let value = c.cpu()?;
                once(c, word, &mut cpu, value)
            }
            word => Err(unknown_option(c, word, &["align", "area", "cpu"])),
        }
    })?;
    let (align, cpu) = (align.unwrap_or(0), cpu.unwrap_or(0));
    Ok(Statement::CmaOp(CmaLine::Alloc { target, count, align, area, cpu }))
}

fn pages(c: &mut Cursor<'_, '_>) -> Parsed<u32> {
    let span = c.span();
    c.mark(Part::Size, span);
    c.number_u32(What::Pages, 1, MAX_FRAMES_IMPORTED)
}

/// `cma_release buf cpu=1`
pub(super) fn release(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let target = c.target()?;
    Ok(Statement::CmaOp(CmaLine::Release { target, cpu: super::kmem::cpu(c)? }))
}

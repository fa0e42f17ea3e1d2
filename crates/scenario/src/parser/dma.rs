//! Lines about devices and their memory.

use mm::dma::{MASK_BITS, MAX_BUFFER};
use mm::limits::MAX_FRAMES_IMPORTED;

use super::cursor::{Cursor, Parsed};
use super::statement::{each_option, once, unknown_option};
use crate::ast::{Statement, Target};
use crate::diagnostic::What;
use crate::dma::{DIRECTION_WORDS, DIRECTIONS, DmaLine, MAX_READ, USUAL_MASK};
use crate::span::Part;

/// `d = device mask=32 iommu memory_region=video`, `buf = dma_alloc_coherent d 16M`
pub(super) fn request(c: &mut Cursor<'_, '_>, target: Target, word: &str) -> Parsed<Statement> {
    match word {
        "device" => return device(c, target),
        "dma_map" => return map(c, target),
        _ => {}
    }
    let device = c.target_of(What::Name, Part::Process)?;
    let span = c.span();
    c.mark(Part::Size, span);
    let bytes = c.bytes(1..=MAX_BUFFER)?;
    let (mut atomic, mut cpu) = (None, None);
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        match word {
            "atomic" => once(c, word, &mut atomic, ()),
            "cpu" => {
                c.equals()?;
                let value = c.cpu()?;
                once(c, word, &mut cpu, value)
            }
            word => Err(unknown_option(c, word, &["atomic", "cpu"])),
        }
    })?;
    let (atomic, cpu) = (atomic.is_some(), cpu.unwrap_or(0));
    Ok(Statement::Dma(DmaLine::Alloc { target, device, bytes, atomic, cpu }))
}

/// `m = dma_map d a 6K dir=to`
fn map(c: &mut Cursor<'_, '_>, target: Target) -> Parsed<Statement> {
    let device = c.target_of(What::Name, Part::Process)?;
    let what = c.target_of(What::Name, Part::Cache)?;
    let mut bytes = 0;
    if c.peek_word().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit())) {
        bytes = c.bytes(1..=MAX_BUFFER)?;
    }
    let (mut dir, mut cpu) = (None, None);
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        match word {
            "dir" => {
                c.equals()?;
                let at = c.choice(What::Direction, &DIRECTION_WORDS)?;
                once(c, word, &mut dir, DIRECTIONS[at])
            }
            "cpu" => {
                c.equals()?;
                let value = c.cpu()?;
                once(c, word, &mut cpu, value)
            }
            word => Err(unknown_option(c, word, &["dir", "cpu"])),
        }
    })?;
    let Some(dir) = dir else { return Err(c.expected(What::Literal("dir="))) };
    Ok(Statement::Dma(DmaLine::Map { target, device, what, bytes, dir, cpu: cpu.unwrap_or(0) }))
}

/// The words that a line about what is lent begins with.
pub(super) const WORDS: [&str; 6] =
    ["dma_unmap", "dma_sync_for_cpu", "dma_sync_for_device", "dma_write", "cpu_read", "cpu_write"];

/// `dma_unmap m`, `dma_sync_for_cpu m`, `cpu_write a`
pub(super) fn op(c: &mut Cursor<'_, '_>, word: &str) -> Parsed<Statement> {
    let target = c.target()?;
    Ok(Statement::Dma(match word {
        "dma_unmap" => DmaLine::Unmap { target },
        "dma_write" => DmaLine::Write { target },
        "dma_sync_for_cpu" | "dma_sync_for_device" => {
            DmaLine::Sync { target, for_device: word == "dma_sync_for_device" }
        }
        _ => DmaLine::Cpu { target, write: word == "cpu_write" },
    }))
}

fn device(c: &mut Cursor<'_, '_>, target: Target) -> Parsed<Statement> {
    let (mut mask, mut iommu, mut region, mut noncoherent) = (None, None, None, None);
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        match word {
            "mask" => {
                c.equals()?;
                let value = c.number(What::Bits, u64::from(MASK_BITS.0), u64::from(MASK_BITS.1))? as u8;
                once(c, word, &mut mask, value)
            }
            "iommu" => once(c, word, &mut iommu, ()),
            "noncoherent" => once(c, word, &mut noncoherent, ()),
            "memory_region" => {
                c.equals()?;
                let span = c.span();
                c.mark(Part::File, span);
                let value = c.name(What::Name)?.to_owned();
                once(c, word, &mut region, value)
            }
            word => Err(unknown_option(c, word, &["mask", "iommu", "noncoherent", "memory_region"])),
        }
    })?;
    let (mask, iommu) = (mask.unwrap_or(USUAL_MASK), iommu.is_some());
    let coherent = noncoherent.is_none();
    Ok(Statement::Dma(DmaLine::Device { target, mask, iommu, coherent, region }))
}

/// `dma_free_coherent buf cpu=1`
pub(super) fn free(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let target = c.target()?;
    Ok(Statement::Dma(DmaLine::Free { target, cpu: super::kmem::cpu(c)? }))
}

/// `dma_read buf page=3 pages=8`
pub(super) fn read(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let target = c.target()?;
    let (mut first, mut pages) = (None, None);
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        let (slot, min, max) = match word {
            "page" => (&mut first, 0, MAX_FRAMES_IMPORTED),
            "pages" => (&mut pages, 1, MAX_READ),
            word => return Err(unknown_option(c, word, &["page", "pages"])),
        };
        c.equals()?;
        let value = c.number_u32(What::Pages, min, max)?;
        once(c, word, slot, value)
    })?;
    let (first, pages) = (first.unwrap_or(0), pages.unwrap_or(1));
    Ok(Statement::Dma(DmaLine::Access { target, first, pages }))
}

//! Lines about pages that move, or may not.

use mm::limits::MAX_FRAMES_IMPORTED;

use super::cursor::{Cursor, Parsed};
use super::kmem::cpu;
use super::statement::{each_option, on_off, once, unknown_option};
use crate::ast::Statement;
use crate::compact::{CompactLine, CompactionLine, Pinned};
use crate::diagnostic::What;

/// The words that such lines begin with.
pub(super) const WORDS: [&str; 5] = ["pin", "unpin", "move_pages", "compact_memory", "kcompactd"];

/// What stands behind one of [`WORDS`].
pub(super) fn op(c: &mut Cursor<'_, '_>, word: &str) -> Parsed<Statement> {
    Ok(Statement::Compact(match word {
        "move_pages" => return move_pages(c),
        "compact_memory" => CompactLine::CompactMemory { cpu: cpu(c)? },
        "kcompactd" => CompactLine::Kcompactd,
        word => {
            let is_frame = c.peek_word().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()));
            let what = if is_frame {
                Pinned::Frame(c.number_u32(What::Pfn, 0, 2 * MAX_FRAMES_IMPORTED)?)
            } else {
                Pinned::Name(c.target()?)
            };
            CompactLine::Pin { what, on: word == "pin" }
        }
    }))
}

/// `m node=1 cpu=0`
fn move_pages(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let target = c.target()?;
    let (mut node, mut cpu) = (None, None);
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        let slot = match word {
            "node" => &mut node,
            "cpu" => &mut cpu,
            word => return Err(unknown_option(c, word, &["node", "cpu"])),
        };
        c.equals()?;
        let value = if word == "node" { c.node()? } else { c.cpu()? };
        once(c, word, slot, value)
    })?;
    let Some(node) = node else { return Err(c.expected(What::Node)) };
    Ok(Statement::Compact(CompactLine::MovePages { target, node, cpu: cpu.unwrap_or(0) }))
}

/// `on extfrag_threshold=500 proactiveness=20`
pub(super) fn compaction(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let on = on_off(c)?;
    let (mut extfrag_threshold, mut proactiveness) = (None, None);
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        let (slot, most) = match word {
            "extfrag_threshold" => (&mut extfrag_threshold, 1000),
            "proactiveness" => (&mut proactiveness, 100),
            word => return Err(unknown_option(c, word, &["extfrag_threshold", "proactiveness"])),
        };
        c.equals()?;
        let value = c.number_u32(What::Number, 0, most)?;
        once(c, word, slot, value)
    })?;
    Ok(Statement::Compaction(CompactionLine { on, extfrag_threshold, proactiveness }))
}

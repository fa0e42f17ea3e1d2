//! `gfp_flags` as trace events and messages print them (`show_gfp_flags()`, include/trace/events/mmflags.h, 6.1).

use mm::gfp::GfpFlags;

use crate::error::{ReadError, ReadErrorKind};
use crate::words::Word;

/// Names that kernels before or after 6.1 print, or 6.1 with options that are not modelled, and what a 6.1 kernel
/// would have in their place. Most have nothing: they change no decision about pages.
const ELSEWHERE: [(&str, u32); 13] = [
    ("__GFP_DMA", 0x1),
    ("__GFP_DMA32", 0x4),
    ("__GFP_REPEAT", 0x4000),
    ("GFP_TEMPORARY", 0xcd0),
    ("__GFP_COLD", 0),
    ("__GFP_NOTRACK", 0),
    ("__GFP_OTHER_NODE", 0),
    ("__GFP_SKIP_ZERO", 0),
    ("__GFP_SKIP_KASAN", 0),
    ("__GFP_SKIP_KASAN_POISON", 0),
    ("__GFP_SKIP_KASAN_UNPOISON", 0),
    ("__GFP_NOLOCKDEP", 0),
    ("__GFP_NO_OBJ_EXT", 0),
];

/// Reads flags: names with `|` between them, numbers in hex (`0xcc0`), both, or `none`; and the number with its names
/// behind it, as messages have it (`0xcc0(GFP_KERNEL)`), where the names count: the numbers differ between versions.
///
/// # Errors
/// The part that is neither a name nor a number, and its column; the line is 1.
pub fn read_gfp(text: &str) -> Result<GfpFlags, ReadError> {
    parse(text.trim_end()).map_err(|(at, length)| {
        let start = Word { text: &text[at..at + length], column: 1 };
        let column = text[..at].chars().count().try_into().unwrap_or(u32::MAX - 1) + 1;
        ReadError { line: 1, column, kind: ReadErrorKind::UnknownGfp(start.quoted()) }
    })
}

/// The same for a part of a line.
///
/// # Errors
/// Where in `text` the part that is wrong begins, and its length, in bytes.
pub(crate) fn parse(text: &str) -> Result<GfpFlags, (usize, usize)> {
    if let Some((number, names)) = text.split_once('(')
        && let Some(names) = names.strip_suffix(')')
    {
        let value = part(number.trim()).ok_or((0, number.len()))?;
        return match names {
            "" => Ok(value),
            _ => parse_names(names).map_err(|(at, length)| (number.len() + 1 + at, length)),
        };
    }
    parse_names(text)
}

fn parse_names(text: &str) -> Result<GfpFlags, (usize, usize)> {
    let (mut flags, mut at) = (GfpFlags(0), 0);
    for word in text.split('|') {
        flags.0 |= part(word.trim()).ok_or((at, word.len()))?.0;
        at += word.len() + 1;
    }
    Ok(flags)
}

fn part(word: &str) -> Option<GfpFlags> {
    if let Some(digits) = word.strip_prefix("0x") {
        let digits = digits.bytes().all(|b| b.is_ascii_hexdigit()).then_some(digits)?;
        return u32::from_str_radix(digits, 16).ok().map(GfpFlags);
    }
    if word == "none" {
        return Some(GfpFlags(0));
    }
    let elsewhere = || ELSEWHERE.iter().find(|(name, _)| *name == word).map(|(_, bits)| GfpFlags(*bits));
    GfpFlags::from_name(word).or_else(elsewhere)
}

//! `gfp_flags` as trace events and messages print them (`show_gfp_flags()`, include/trace/events/mmflags.h, 6.1).

use std::fmt::Write as _;

use mm::gfp::GfpFlags;

use crate::error::{ReadError, ReadErrorKind};
use crate::words::Word;

/// The names in the order in which the kernel tries them: a name is printed when all its bits are still there.
const NAMES: [(&str, u32); 36] = [
    ("GFP_TRANSHUGE", 0x1c_24ca),
    ("GFP_TRANSHUGE_LIGHT", 0x1c_20ca),
    ("GFP_HIGHUSER_MOVABLE", 0x10_0cca),
    ("GFP_HIGHUSER", 0x10_0cc2),
    ("GFP_USER", 0x10_0cc0),
    ("GFP_KERNEL_ACCOUNT", 0x40_0cc0),
    ("GFP_KERNEL", 0xcc0),
    ("GFP_NOFS", 0xc40),
    ("GFP_ATOMIC", 0xa20),
    ("GFP_NOIO", 0xc00),
    ("GFP_NOWAIT", 0x800),
    ("GFP_DMA", 0x1),
    ("__GFP_HIGHMEM", 0x2),
    ("GFP_DMA32", 0x4),
    ("__GFP_HIGH", 0x20),
    ("__GFP_ATOMIC", 0x200),
    ("__GFP_IO", 0x40),
    ("__GFP_FS", 0x80),
    ("__GFP_NOWARN", 0x2000),
    ("__GFP_RETRY_MAYFAIL", 0x4000),
    ("__GFP_NOFAIL", 0x8000),
    ("__GFP_NORETRY", 0x1_0000),
    ("__GFP_COMP", 0x4_0000),
    ("__GFP_ZERO", 0x100),
    ("__GFP_NOMEMALLOC", 0x8_0000),
    ("__GFP_MEMALLOC", 0x2_0000),
    ("__GFP_HARDWALL", 0x10_0000),
    ("__GFP_THISNODE", 0x20_0000),
    ("__GFP_RECLAIMABLE", 0x10),
    ("__GFP_MOVABLE", 0x8),
    ("__GFP_ACCOUNT", 0x40_0000),
    ("__GFP_WRITE", 0x1000),
    ("__GFP_RECLAIM", 0xc00),
    ("__GFP_DIRECT_RECLAIM", 0x400),
    ("__GFP_KSWAPD_RECLAIM", 0x800),
    ("__GFP_ZEROTAGS", 0x80_0000),
];

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

/// The flags as the kernel's trace events print them: `GFP_KERNEL|__GFP_ZERO`; bits without a name in hex at the
/// end; `none` when there is no bit.
#[must_use]
pub fn gfp_names(flags: GfpFlags) -> String {
    let (mut left, mut out) = (flags.0, String::new());
    for (name, bits) in NAMES {
        if left != 0 && left & bits == bits {
            left &= !bits;
            out.push_str(if out.is_empty() { "" } else { "|" });
            out.push_str(name);
        }
    }
    if left != 0 {
        let _ = write!(out, "{}{:#x}", if out.is_empty() { "" } else { "|" }, left);
    }
    if out.is_empty() { "none".into() } else { out }
}

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
    NAMES.iter().chain(&ELSEWHERE).find(|(name, _)| *name == word).map(|(_, bits)| GfpFlags(*bits))
}

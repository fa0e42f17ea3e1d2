//! `/proc/buddyinfo`: free blocks of each order, zone by zone.

use std::fmt::Write as _;

use mm::config::Config;
use mm::limits::MAX_FRAMES_IMPORTED;
use mm::mmzone::ZoneKind;
use mm::{Machine, Order};

use crate::error::{Bound, Format, Missing, ReadError, ReadErrorKind};
use crate::words::{Word, end_of, first_place, lines, words};
use crate::{layout, populated};

/// The whole file (`frag_show_print()`, mm/vmstat.c, 6.1).
#[must_use]
pub fn buddyinfo(machine: &Machine) -> String {
    let mut out = String::new();
    for (_, zone) in populated(machine) {
        let _ = write!(out, "Node {}, zone {:>8} ", zone.node, zone.kind.name());
        for blocks in zone.nr_free() {
            let _ = write!(out, "{blocks:>6} ");
        }
        out.push('\n');
    }
    out
}

/// One line of the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BuddyRow {
    /// Whose.
    pub zone: ZoneKind,
    /// Free blocks of each order, smallest first.
    pub counts: [u32; Order::COUNT],
}

impl BuddyRow {
    /// The free pages that they are.
    #[must_use]
    pub fn free_pages(&self) -> u64 {
        self.counts.iter().zip(Order::all()).map(|(n, order)| u64::from(*n) << order.get()).sum()
    }
}

/// The file as it was read: node 0, each zone once, lowest kind first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BuddyInfo {
    /// Its lines.
    pub rows: Vec<BuddyRow>,
}

impl BuddyInfo {
    /// The machine that starts with these counts.
    ///
    /// The file says neither how large a zone is nor where its free blocks are. So the zones lie where x86 has them
    /// and are hardly larger than their free blocks need; every other frame is in use by somebody unknown.
    #[must_use]
    pub fn config(&self) -> Config {
        layout::from_counts(&self.rows)
    }
}

/// Reads `/proc/buddyinfo` as a person pastes it: any spacing, with or without the commas, with fewer orders than
/// 11 (older and smaller kernels) or more (when those are 0).
///
/// # Errors
/// Every mistake in it, in the order of the text.
pub fn read_buddyinfo(text: &str) -> Result<BuddyInfo, Vec<ReadError>> {
    let (mut rows, mut errors) = (Vec::<BuddyRow>::new(), Vec::new());
    for (number, line) in lines(text) {
        match read_row(number, line, &mut errors) {
            Some(row) if rows.iter().any(|r| r.zone == row.zone) => {
                errors.push(end_of(number, "").error(ReadErrorKind::ZoneTwice(row.zone)));
            }
            Some(row) => rows.push(row),
            None => {}
        }
    }
    if rows.is_empty() && errors.is_empty() {
        errors.push(first_place(text).error(ReadErrorKind::Empty(Format::BuddyInfo)));
    }
    rows.sort_by_key(|row| row.zone);
    let frames = layout::frames_needed(&rows);
    if errors.is_empty() && frames > u64::from(MAX_FRAMES_IMPORTED) {
        errors.push(first_place(text).error(ReadErrorKind::Beyond(Bound::Frames, frames)));
    }
    if errors.is_empty() { Ok(BuddyInfo { rows }) } else { Err(errors) }
}

/// One line; none when it is another node's or has a mistake, which is then reported.
fn read_row(number: u32, line: &str, errors: &mut Vec<ReadError>) -> Option<BuddyRow> {
    let mut words = words(line);
    let first = words.next()?;
    let mut wrong = |word: Option<Word<'_>>, kind| {
        errors.push(word.map_or_else(|| end_of(number, line), |w| w.at(number)).error(kind));
        None
    };
    if !first.text.eq_ignore_ascii_case("node") {
        return wrong(Some(first), ReadErrorKind::NotALine(Format::BuddyInfo, first.quoted()));
    }
    let node = words.next();
    match node.map(|word| word.text.parse::<u32>()) {
        Some(Ok(0)) => {}
        Some(Ok(other)) => return wrong(node, ReadErrorKind::SecondNode(other)),
        Some(Err(_)) | None => return wrong(node, ReadErrorKind::Expected(Missing::Node)),
    }
    let zone = words.next();
    if !zone.is_some_and(|word| word.text.eq_ignore_ascii_case("zone")) {
        return wrong(zone, ReadErrorKind::Expected(Missing::ZoneWord));
    }
    let Some(name) = words.next() else {
        return wrong(None, ReadErrorKind::Expected(Missing::ZoneName));
    };
    let Some(zone) = ZoneKind::from_name(name.text) else {
        return wrong(Some(name), ReadErrorKind::UnknownZone(name.quoted()));
    };
    let mut counts = [0; Order::COUNT];
    let mut columns = 0u32;
    let mut broken = false;
    for word in words {
        let kind = match (word.text.parse::<u64>(), counts.get_mut(columns as usize)) {
            (Ok(0), _) => None,
            (Ok(_), None) => Some(ReadErrorKind::OrderTooLarge(columns)),
            (Ok(blocks), Some(count)) => match u32::try_from(blocks) {
                Ok(blocks) if blocks <= MAX_FRAMES_IMPORTED => {
                    *count = blocks;
                    None
                }
                _ => {
                    let frames = blocks.saturating_mul(1 << columns);
                    Some(ReadErrorKind::Beyond(Bound::Frames, frames))
                }
            },
            (Err(_), _) => Some(ReadErrorKind::NotANumber(word.quoted())),
        };
        if let Some(kind) = kind {
            wrong(Some(word), kind);
            broken = true;
        }
        columns = columns.saturating_add(1);
    }
    if columns == 0 {
        return wrong(None, ReadErrorKind::Expected(Missing::Counts));
    }
    if broken { None } else { Some(BuddyRow { zone, counts }) }
}

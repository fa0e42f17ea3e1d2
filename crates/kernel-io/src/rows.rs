//! Files with a row of numbers for each zone of each node: `/proc/buddyinfo`, `extfrag_index`, `unusable_index`.

use mm::Order;
use mm::mmzone::ZoneKind;

use crate::error::{Format, Missing, ReadError, ReadErrorKind};
use crate::words::{Word, end_of, first_place, lines, number, words};

/// One row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ZoneRow<T> {
    /// Its line, from 1.
    pub line: u32,
    /// The NUMA node.
    pub node: u32,
    /// Which kind of zone.
    pub kind: ZoneKind,
    /// For each order, smallest first.
    pub values: [T; Order::COUNT],
}

/// Reads the rows of free blocks of a kernel's `/proc/buddyinfo`: all nodes, exactly the 11 orders of 6.1. What a
/// person pastes to start a machine is for [`crate::read_buddyinfo`].
///
/// # Errors
/// Every mistake in it, in the order of the text.
pub fn read_free_rows(text: &str) -> Result<Vec<ZoneRow<u64>>, Vec<ReadError>> {
    read(text, Format::BuddyInfo, number)
}

/// Reads the rows of `extfrag_index` or `unusable_index`, each number as the text that it is.
///
/// # Errors
/// Every mistake in it, in the order of the text.
pub fn read_index_rows(text: &str) -> Result<Vec<ZoneRow<String>>, Vec<ReadError>> {
    read(text, Format::ZoneRows, |word, end| match word {
        Some(word) if word.text.parse::<f64>().is_ok() || word.text.contains(".-") => Ok(word.text.into()),
        Some(word) => Err(word.at(end.line).error(ReadErrorKind::NotANumber(word.quoted()))),
        None => Err(end.error(ReadErrorKind::Expected(Missing::Number))),
    })
}

fn read<T: Default>(
    text: &str,
    format: Format,
    value: impl Fn(Option<Word<'_>>, crate::words::Place) -> Result<T, ReadError>,
) -> Result<Vec<ZoneRow<T>>, Vec<ReadError>> {
    let (mut rows, mut errors) = (Vec::<ZoneRow<T>>::new(), Vec::new());
    for (line, content) in lines(text) {
        let row = zone_of_line(line, content).and_then(|(node, kind, mut words)| {
            let mut values: [T; Order::COUNT] = std::array::from_fn(|_| T::default());
            for place in &mut values {
                *place = value(words.next(), end_of(line, content))?;
            }
            match words.next() {
                Some(word) => Err(word.at(line).error(ReadErrorKind::NotALine(format, word.quoted()))),
                None => Ok(ZoneRow { line, node, kind, values }),
            }
        });
        match row {
            Ok(row) if rows.iter().any(|other| (other.node, other.kind) == (row.node, row.kind)) => {
                errors.push(end_of(line, "").error(ReadErrorKind::ZoneTwice(row.kind)));
            }
            Ok(row) => rows.push(row),
            Err(error) => errors.push(error),
        }
    }
    if rows.is_empty() && errors.is_empty() {
        errors.push(first_place(text).error(ReadErrorKind::Empty(format)));
    }
    if errors.is_empty() { Ok(rows) } else { Err(errors) }
}

/// `Node 0, zone      DMA`, and the words behind it.
pub(crate) fn zone_of_line(
    line: u32,
    content: &str,
) -> Result<(u32, ZoneKind, impl Iterator<Item = Word<'_>>), ReadError> {
    let mut words = words(content);
    let end = end_of(line, content);
    let missing = |word: Option<Word<'_>>, what| {
        word.map_or(end, |word| word.at(line)).error(ReadErrorKind::Expected(what))
    };
    let first = words.next();
    if first.is_none_or(|word| word.text != "Node") {
        return Err(missing(first, Missing::Node));
    }
    let node = words.next();
    let Some(Ok(number)) = node.map(|word| word.text.parse()) else {
        return Err(missing(node, Missing::Node));
    };
    let zone = words.next();
    if zone.is_none_or(|word| word.text != "zone") {
        return Err(missing(zone, Missing::ZoneWord));
    }
    let name = words.next().ok_or_else(|| missing(None, Missing::ZoneName))?;
    let kind = ZoneKind::from_proc_name(name.text)
        .ok_or_else(|| name.at(line).error(ReadErrorKind::UnknownZone(name.quoted())))?;
    Ok((number, kind, words))
}

//! `/proc/slabinfo`: a line for each cache of SLUB or of SLAB.
//!
//! [`SlabInfo`] has every number of the file, so that its `Display` gives back the text to the byte.

use std::fmt;

use crate::error::{Format, Missing, ReadError, ReadErrorKind};
use crate::words::{Word, end_of, first_place, lines, number, words};

/// The first line (`print_slabinfo_header()`, mm/slab_common.c, 6.1).
const VERSION: &str = "slabinfo - version: 2.1";

/// The second line, which names the columns.
const COLUMNS: &str = "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> \
                       : tunables <limit> <batchcount> <sharedfactor> \
                       : slabdata <active_slabs> <num_slabs> <sharedavail>";

/// The whole file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SlabInfo {
    /// Its lines, the newest cache first.
    pub rows: Vec<SlabInfoRow>,
}

/// A cache.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SlabInfoRow {
    /// Its name; caches that were merged have that of one of them.
    pub name: String,
    /// Objects that are in use. SLUB counts all that CPUs hold as such, SLAB those in the arrays of the CPUs.
    pub active_objs: u64,
    /// Objects that there is room for in all slabs.
    pub num_objs: u64,
    /// Bytes from one object to the next.
    pub objsize: u32,
    /// Objects in a slab.
    pub objperslab: u32,
    /// Pages of a slab. With SLUB some slabs may have fewer, when memory was short.
    pub pagesperslab: u32,
    /// SLAB: objects that the array of a CPU holds at most; SLUB: 0, as the next two.
    pub limit: u32,
    /// SLAB: objects that move between an array and the slabs at once.
    pub batchcount: u32,
    /// SLAB: batches that the node's shared array holds.
    pub sharedfactor: u32,
    /// SLAB: slabs with an object in use; SLUB: all.
    pub active_slabs: u64,
    /// Slabs.
    pub num_slabs: u64,
    /// SLAB: objects in the shared arrays; SLUB: 0.
    pub sharedavail: u64,
}

impl SlabInfoRow {
    /// The pages of all its slabs, if none is smaller than it should be.
    #[must_use]
    pub fn pages(&self) -> u64 {
        self.num_slabs.saturating_mul(self.pagesperslab.into())
    }
}

impl fmt::Display for SlabInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{VERSION}\n{COLUMNS}")?;
        self.rows.iter().try_for_each(|row| writeln!(f, "{row}"))
    }
}

/// The line without its end (`cache_show()`, mm/slab_common.c, 6.1).
impl fmt::Display for SlabInfoRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SlabInfoRow { name, active_objs, num_objs, objsize, objperslab, pagesperslab, .. } = self;
        let SlabInfoRow { limit, batchcount, sharedfactor, active_slabs, num_slabs, sharedavail, .. } = self;
        write!(f, "{name:<17} {active_objs:6} {num_objs:6} {objsize:6} {objperslab:4} {pagesperslab:4}")?;
        write!(f, " : tunables {limit:4} {batchcount:4} {sharedfactor:4}")?;
        write!(f, " : slabdata {active_slabs:6} {num_slabs:6} {sharedavail:6}")
    }
}

/// Reads the file, or lines of it: any spacing, with or without the two lines of the header.
///
/// # Errors
/// Every mistake in it, in the order of the text.
pub fn read_slabinfo(text: &str) -> Result<SlabInfo, Vec<ReadError>> {
    let (mut info, mut errors) = (SlabInfo::default(), Vec::new());
    for (line, content) in lines(text) {
        match read_row(line, content) {
            Ok(row) => info.rows.extend(row),
            Err(error) => errors.push(error),
        }
    }
    if info.rows.is_empty() && errors.is_empty() {
        errors.push(first_place(text).error(ReadErrorKind::Empty(Format::SlabInfo)));
    }
    if errors.is_empty() { Ok(info) } else { Err(errors) }
}

/// A line; none for the one with the version.
fn read_row(line: u32, content: &str) -> Result<Option<SlabInfoRow>, ReadError> {
    let end = end_of(line, content);
    let mut words = words(content);
    let Some(name) = words.next() else { return Ok(None) };
    if content.trim_start().starts_with("slabinfo - version:") {
        return match words.nth(2) {
            // 2.0 has the same columns.
            Some(Word { text: "2.0" | "2.1", .. }) => Ok(None),
            Some(version) => Err(version.at(line).error(ReadErrorKind::UnknownVersion(version.quoted()))),
            None => Err(end.error(ReadErrorKind::Expected(Missing::Number))),
        };
    }
    let row = SlabInfoRow {
        name: name.text.into(),
        active_objs: number(words.next(), end)?,
        num_objs: number(words.next(), end)?,
        objsize: number(words.next(), end)?,
        objperslab: number(words.next(), end)?,
        pagesperslab: number(words.next(), end)?,
        limit: {
            part(&mut words, "tunables", line, content)?;
            number(words.next(), end)?
        },
        batchcount: number(words.next(), end)?,
        sharedfactor: number(words.next(), end)?,
        active_slabs: {
            part(&mut words, "slabdata", line, content)?;
            number(words.next(), end)?
        },
        num_slabs: number(words.next(), end)?,
        sharedavail: number(words.next(), end)?,
    };
    match words.next() {
        None => Ok(Some(row)),
        Some(more) => Err(more.at(line).error(ReadErrorKind::NotALine(Format::SlabInfo, more.quoted()))),
    }
}

/// `: tunables`, with which a part of the line begins.
fn part<'t>(
    words: &mut impl Iterator<Item = Word<'t>>,
    name: &'static str,
    line: u32,
    content: &str,
) -> Result<(), ReadError> {
    for expected in [":", name] {
        match words.next() {
            Some(word) if word.text == expected => {}
            found => {
                let place = found.map_or_else(|| end_of(line, content), |word| word.at(line));
                return Err(place.error(ReadErrorKind::Expected(Missing::Word(expected))));
            }
        }
    }
    Ok(())
}

//! Reads `/proc/pagetypeinfo`. (A machine's is written by [`crate::pagetypeinfo()`].)

use mm::Order;
use mm::mmzone::ZoneKind;

use crate::error::{Format, Missing, ReadError, ReadErrorKind};
use crate::rows::zone_of_line;
use crate::words::{end_of, first_place, lines, number, words};

/// The file as it was read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PageTypeInfo {
    /// Frames of a pageblock as an order.
    pub page_block_order: u32,
    /// Free blocks of each zone and migratetype.
    pub free: Vec<FreeByType>,
    /// Pageblocks of each zone, of each migratetype in the order of [`PageTypeInfo::types`].
    pub blocks: Vec<(u32, ZoneKind, Vec<u64>)>,
    /// The names of the migratetypes.
    pub types: Vec<String>,
}

/// The free blocks of a zone that are on the lists of one migratetype.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FreeByType {
    /// The NUMA node.
    pub node: u32,
    /// Which kind of zone.
    pub kind: ZoneKind,
    /// The name of the migratetype.
    pub migratetype: String,
    /// Free blocks of each order, smallest first; none where the kernel stopped counting (`>100000`).
    pub counts: [Option<u64>; Order::COUNT],
}

impl PageTypeInfo {
    /// Free blocks of each order of a zone, all types together; none where the kernel stopped counting.
    #[must_use]
    pub fn totals(&self, node: u32, kind: ZoneKind) -> Option<[Option<u64>; Order::COUNT]> {
        let mut rows = self.free.iter().filter(|row| (row.node, row.kind) == (node, kind)).peekable();
        rows.peek()?;
        let add = |a: Option<u64>, b: Option<u64>| Some(a?.saturating_add(b?));
        Some(
            rows.fold([Some(0); Order::COUNT], |sum, row| {
                std::array::from_fn(|o| add(sum[o], row.counts[o]))
            }),
        )
    }
}

/// Reads the file of a 6.1 kernel, any number of nodes.
///
/// # Errors
/// Every mistake in it, in the order of the text.
pub fn read_pagetypeinfo(text: &str) -> Result<PageTypeInfo, Vec<ReadError>> {
    let (mut info, mut errors) = (PageTypeInfo::default(), Vec::new());
    for (line, content) in lines(text) {
        errors.extend(info.line(line, content).err());
    }
    if info.free.is_empty() && errors.is_empty() {
        errors.push(first_place(text).error(ReadErrorKind::Empty(Format::PageTypeInfo)));
    }
    if errors.is_empty() { Ok(info) } else { Err(errors) }
}

impl PageTypeInfo {
    fn line(&mut self, line: u32, content: &str) -> Result<(), ReadError> {
        let end = end_of(line, content);
        if content.starts_with("Page block order:") {
            self.page_block_order = number(words(content).nth(3), end)?;
            return Ok(());
        }
        if content.starts_with("Pages per block:") || content.starts_with("Free pages count") {
            return Ok(());
        }
        if content.starts_with("Number of blocks type") {
            self.types = words(content).skip(4).map(|word| word.text.into()).collect();
            return Ok(());
        }
        if !content.starts_with("Node") {
            let word = words(content).next();
            let what = word.map_or(String::new(), |word| word.quoted());
            let place = word.map_or(end, |word| word.at(line));
            return Err(place.error(ReadErrorKind::NotALine(Format::PageTypeInfo, what)));
        }
        let (node, kind, mut words) = zone_of_line(line, content)?;
        let first = words.next().ok_or_else(|| end.error(ReadErrorKind::Expected(Missing::Counts)))?;
        if first.text != "type" {
            let mut blocks = vec![number(Some(first), end)?];
            for word in words {
                blocks.push(number(Some(word), end)?);
            }
            self.blocks.push((node, kind, blocks));
            return Ok(());
        }
        let missing = || end.error(ReadErrorKind::Expected(Missing::MigrateType));
        let migratetype: String = words.next().ok_or_else(missing)?.text.into();
        let same = |row: &FreeByType| (row.node, row.kind) == (node, kind) && row.migratetype == migratetype;
        if self.free.iter().any(same) {
            return Err(first.at(line).error(ReadErrorKind::FieldTwice(migratetype)));
        }
        let mut counts = [Some(0); Order::COUNT];
        for count in &mut counts {
            let word = words.next();
            let capped = word.is_some_and(|word| word.text.starts_with('>'));
            *count = if capped {
                // `>100000`; a space may follow the sign.
                if word.is_some_and(|word| word.text == ">") {
                    words.next();
                }
                None
            } else {
                Some(number(word, end)?)
            };
        }
        self.free.push(FreeByType { node, kind, migratetype, counts });
        Ok(())
    }
}

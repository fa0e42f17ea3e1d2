//! Reads `/proc/zoneinfo`, whole or in part.

use mm::mmzone::ZoneKind;

use super::{PageSet, PopulatedZone, Stat, ZoneEntry, ZoneInfo, ZonePages};
use crate::error::{Format, Missing, ReadError, ReadErrorKind};
use crate::words::{Place, Word, end_of, first_place, lines, number, words};

/// A zone of which only some lines are there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ZoneExcerpt {
    /// The line of its header, from 1.
    pub line: u32,
    /// The NUMA node.
    pub node: u32,
    /// Which kind.
    pub kind: ZoneKind,
    /// The counters of the node, if they are there.
    pub node_stats: Option<Vec<Stat>>,
    /// The counters of the zone.
    pub stats: Vec<Stat>,
    /// `lowmem_reserve[]`, in pages.
    pub protection: Option<Vec<u64>>,
    /// The per-CPU lists, as far as they are there.
    pub pagesets: Vec<PageSetExcerpt>,
    /// Whether `pagesets` was said.
    has_pagesets: bool,
    fields: [Option<u64>; FIELDS.len()],
}

/// The per-CPU lists of a CPU, as far as they are there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PageSetExcerpt {
    /// Which CPU.
    pub cpu: Option<u32>,
    /// Pages on them.
    pub count: Option<u64>,
    /// Pages at which they are too long.
    pub high: Option<u64>,
    /// Pages that are moved at once.
    pub batch: Option<u64>,
    /// From how many pages on a share of a counter is added.
    pub stat_threshold: Option<u64>,
}

/// The single numbers of a zone: the word that begins the line, and what the field is called.
const FIELDS: [(&str, &str); 11] = [
    ("pages", "pages free"),
    ("boost", "boost"),
    ("min", "min"),
    ("low", "low"),
    ("high", "high"),
    ("spanned", "spanned"),
    ("present", "present"),
    ("managed", "managed"),
    ("cma", "cma"),
    ("node_unreclaimable:", "node_unreclaimable"),
    ("start_pfn:", "start_pfn"),
];

impl ZoneExcerpt {
    fn new(line: u32, node: u32, kind: ZoneKind) -> ZoneExcerpt {
        ZoneExcerpt {
            line,
            node,
            kind,
            node_stats: None,
            stats: Vec::new(),
            protection: None,
            pagesets: Vec::new(),
            has_pagesets: false,
            fields: [None; FIELDS.len()],
        }
    }

    /// A single number of the zone: `pages free`, `boost`, `min`, `low`, `high`, `spanned`, `present`, `managed`,
    /// `cma`, `node_unreclaimable` or `start_pfn`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<u64> {
        let index = FIELDS.iter().position(|(_, field)| *field == name)?;
        self.fields[index]
    }

    /// The zone with all its fields.
    ///
    /// # Errors
    /// What is missing.
    fn complete(self) -> Result<ZoneEntry, ReadError> {
        let place = Place { line: self.line, column: 1 };
        let missing = |field| place.error(ReadErrorKind::Expected(Missing::Field(field)));
        let field = |name: &'static str| self.field(name).ok_or_else(|| missing(name));
        let pages = ZonePages {
            free: field("pages free")?,
            boost: field("boost")?,
            min: field("min")?,
            low: field("low")?,
            high: field("high")?,
            spanned: field("spanned")?,
            present: field("present")?,
            managed: field("managed")?,
            cma: field("cma")?,
        };
        let populated = if self.has_pagesets {
            let set = |set: &PageSetExcerpt| {
                Ok(PageSet {
                    cpu: set.cpu.ok_or_else(|| missing("cpu"))?,
                    count: set.count.ok_or_else(|| missing("count"))?,
                    high: set.high.ok_or_else(|| missing("high of the per-CPU lists"))?,
                    batch: set.batch.ok_or_else(|| missing("batch"))?,
                    stat_threshold: set.stat_threshold,
                })
            };
            Some(PopulatedZone {
                pagesets: self.pagesets.iter().map(set).collect::<Result<_, _>>()?,
                node_unreclaimable: field("node_unreclaimable")?,
                start_pfn: field("start_pfn")?,
                stats: self.stats,
            })
        } else {
            None
        };
        Ok(ZoneEntry {
            node: self.node,
            kind: self.kind,
            node_stats: self.node_stats,
            pages,
            protection: self.protection.ok_or_else(|| missing("protection"))?,
            populated,
        })
    }
}

/// Reads the whole file of a 6.1 kernel.
///
/// # Errors
/// Every mistake in it, in the order of the text; what a zone lacks is said at its first line.
pub fn read_zoneinfo(text: &str) -> Result<ZoneInfo, Vec<ReadError>> {
    let (mut zones, mut errors) = (Vec::new(), Vec::new());
    for zone in read_zoneinfo_excerpt(text)? {
        match zone.complete() {
            Ok(zone) => zones.push(zone),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(ZoneInfo { zones }) } else { Err(errors) }
}

/// Reads what is left of the file after somebody took lines out.
///
/// # Errors
/// Every mistake in it, in the order of the text.
pub fn read_zoneinfo_excerpt(text: &str) -> Result<Vec<ZoneExcerpt>, Vec<ReadError>> {
    let (mut zones, mut errors) = (Vec::<ZoneExcerpt>::new(), Vec::new());
    for (line, content) in lines(text) {
        let result = match zones.last_mut() {
            _ if content.starts_with("Node") => header(line, content).and_then(|zone| {
                let twice = zones.iter().any(|other| (other.node, other.kind) == (zone.node, zone.kind));
                let kind = zone.kind;
                zones.push(zone);
                let place = Place { line, column: 1 };
                if twice { Err(place.error(ReadErrorKind::ZoneTwice(kind))) } else { Ok(()) }
            }),
            Some(zone) => zone.line(line, content),
            None => {
                let what = words(content).next().map_or(String::new(), Word::quoted);
                Err(first_place(content).error(ReadErrorKind::NotALine(Format::ZoneInfo, what)))
                    .map_err(|error| ReadError { line, ..error })
            }
        };
        errors.extend(result.err());
    }
    if zones.is_empty() && errors.is_empty() {
        errors.push(first_place(text).error(ReadErrorKind::Empty(Format::ZoneInfo)));
    }
    if errors.is_empty() { Ok(zones) } else { Err(errors) }
}

/// `Node 0, zone      DMA`.
fn header(line: u32, content: &str) -> Result<ZoneExcerpt, ReadError> {
    let (node, kind, _) = crate::rows::zone_of_line(line, content)?;
    Ok(ZoneExcerpt::new(line, node, kind))
}

impl ZoneExcerpt {
    fn line(&mut self, line: u32, content: &str) -> Result<(), ReadError> {
        let mut words = words(content);
        let Some(first) = words.next() else { return Ok(()) };
        let end = end_of(line, content);
        let twice = |what: &str| first.at(line).error(ReadErrorKind::FieldTwice(what.into()));
        if let Some(index) = FIELDS.iter().position(|(word, _)| *word == first.text) {
            // Only the first one has a second word before its number.
            let value = if index == 0 { words.nth(1) } else { words.next() };
            let old = self.fields[index].replace(number(value, end)?);
            return if old.is_some() { Err(twice(FIELDS[index].1)) } else { Ok(()) };
        }
        match first.text {
            "per-node" => {
                let old = self.node_stats.replace(Vec::new());
                return if old.is_some() { Err(twice("per-node stats")) } else { Ok(()) };
            }
            "protection:" => {
                let bare = |word: Word<'_>| {
                    let text = word.text.trim_matches(['(', ')']);
                    let wrong = || word.at(line).error(ReadErrorKind::NotANumber(word.quoted()));
                    text.parse().map_err(|_| wrong())
                };
                let old = self.protection.replace(words.map(bare).collect::<Result<_, _>>()?);
                return if old.is_some() { Err(twice("protection")) } else { Ok(()) };
            }
            "pagesets" => self.has_pagesets = true,
            "cpu:" => {
                let cpu = Some(number(words.next(), end)?);
                self.pagesets.push(PageSetExcerpt { cpu, ..PageSetExcerpt::default() });
            }
            "count:" => {
                let count = number(words.next(), end)?;
                // Without the line of the CPU this one begins the next CPU's.
                self.set(|set| set.count.is_some()).count = Some(count);
            }
            "high:" => self.set(|_| false).high = Some(number(words.next(), end)?),
            "batch:" => self.set(|_| false).batch = Some(number(words.next(), end)?),
            "vm" => self.set(|_| false).stat_threshold = Some(number(words.nth(2), end)?),
            name => {
                let value = number(words.next(), end)?;
                let stat = Stat { name: name.into(), value };
                match &mut self.node_stats {
                    Some(stats) if self.fields[0].is_none() => stats.push(stat),
                    _ => self.stats.push(stat),
                }
            }
        }
        Ok(())
    }

    /// The CPU's lists that the line is about: the last one's, or a new one's.
    fn set(&mut self, is_new: impl Fn(&PageSetExcerpt) -> bool) -> &mut PageSetExcerpt {
        if self.pagesets.last().is_none_or(is_new) {
            self.pagesets.push(PageSetExcerpt::default());
        }
        let last = self.pagesets.len() - 1;
        &mut self.pagesets[last]
    }
}

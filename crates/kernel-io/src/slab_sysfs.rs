//! The files of `/sys/kernel/slab`, which only SLUB has: a folder for each cache, as a table with a line for each
//! folder; and those of one cache as they change.
//!
//! ```text
//! cache           object_size  slab_size  objs_per_slab  order  …     tabs between the columns, in any order
//! :0000192        176          192        21             0      …
//! audit_buffer    -> :0000024                                         another name of a cache
//! ```
//!
//! The log of a cache has `WHEN`, and then for each file a tab and `FILE=VALUE`; other lines are left out.

use std::collections::BTreeMap;

use crate::error::{Format, Missing, ReadError, ReadErrorKind};
use crate::words::{Place, Word, end_of, first_place, lines, number, words_from};

/// All caches, and the other names of some.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SlabTable {
    /// By name.
    pub caches: BTreeMap<String, SlabCache>,
    /// The name of the folder that each other name is a link to.
    pub links: BTreeMap<String, String>,
}

impl SlabTable {
    /// The cache of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&SlabCache> {
        let name = self.links.get(name).map_or(name, |target| target);
        self.caches.get(name)
    }
}

/// How the objects of a cache lie, and what is kept of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SlabLayout {
    /// Bytes that were asked for; of merged caches the most.
    pub object_size: u32,
    /// Bytes from one object to the next.
    pub slab_size: u32,
    /// Objects in a slab.
    pub objs_per_slab: u32,
    /// The order of a slab.
    pub order: u32,
    /// Slabs with free objects that a node keeps.
    pub min_partial: u32,
    /// Objects that a CPU is meant to keep on its partial slabs.
    pub cpu_partial: u32,
}

impl SlabLayout {
    fn read(number: impl Fn(&'static str) -> Result<u32, ReadError>) -> Result<SlabLayout, ReadError> {
        Ok(SlabLayout {
            object_size: number("object_size")?,
            slab_size: number("slab_size")?,
            objs_per_slab: number("objs_per_slab")?,
            order: number("order")?,
            min_partial: number("min_partial")?,
            cpu_partial: number("cpu_partial")?,
        })
    }
}

/// The folder of a cache.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SlabCache {
    /// How its objects lie.
    pub layout: SlabLayout,
    /// Bytes that an object's address is a multiple of.
    pub align: u32,
    /// Caches that were created later and became this one.
    pub aliases: u32,
    /// Objects that are in use or held by a CPU.
    pub objects: u32,
    /// Slabs.
    pub slabs: u32,
    /// Slabs on the lists of the nodes.
    pub partial: u32,
    /// `SLAB_RECLAIM_ACCOUNT`
    pub reclaim_account: bool,
    /// `SLAB_HWCACHE_ALIGN`
    pub hwcache_align: bool,
}

/// The files of one cache at some moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SlabMoment {
    /// The line, from 1.
    pub line: u32,
    /// What was done before it.
    pub when: String,
    /// How its objects lie.
    pub layout: SlabLayout,
    /// Objects that are in use or held by a CPU.
    pub objects: u32,
    /// Objects that there is room for.
    pub total_objects: u32,
    /// Slabs.
    pub slabs: u32,
    /// Slabs on the lists of the nodes.
    pub partial: u32,
    /// Objects in use in those.
    pub objects_partial: u32,
    /// Slabs that CPUs hold: the one that each allocates from, and its partial ones.
    pub cpu_slabs: u32,
    /// The partial ones among those, and the objects that are thought to be free in them.
    pub slabs_cpu_partial: (u32, u32),
}

/// Reads the table.
///
/// # Errors
/// Every mistake in it, in the order of the text.
pub fn read_slab_table(text: &str) -> Result<SlabTable, Vec<ReadError>> {
    let mut lines = lines(text);
    let Some((_, header)) = lines.next() else {
        return Err(vec![first_place(text).error(ReadErrorKind::Empty(Format::SlabTable))]);
    };
    let columns: Vec<&str> = cells(header).map(|cell| cell.text.trim()).collect();
    if columns[0] != "cache" {
        let kind = ReadErrorKind::NotALine(Format::SlabTable, crate::words::quoted(columns[0]));
        return Err(vec![first_place(text).error(kind)]);
    }
    let (mut table, mut errors) = (SlabTable::default(), Vec::new());
    for (line, content) in lines {
        errors.extend(table.line(line, content, &columns).err());
    }
    if errors.is_empty() { Ok(table) } else { Err(errors) }
}

impl SlabTable {
    fn line(&mut self, line: u32, content: &str, columns: &[&str]) -> Result<(), ReadError> {
        let cells: Vec<Word<'_>> = cells(content).collect();
        let name = cells[0];
        let twice = self.caches.contains_key(name.text) || self.links.contains_key(name.text);
        if twice {
            return Err(name.at(line).error(ReadErrorKind::FieldTwice(name.text.into())));
        }
        if let Some(target) = cells.get(1).and_then(|cell| cell.text.strip_prefix("-> ")) {
            self.links.insert(name.text.into(), target.into());
            return Ok(());
        }
        let number = |column: &'static str| {
            let at = columns.iter().position(|name| *name == column);
            value(at.and_then(|at| cells.get(at)).copied(), column, end_of(line, content))
        };
        let cache = SlabCache {
            layout: SlabLayout::read(number)?,
            align: number("align")?,
            aliases: number("aliases")?,
            objects: number("objects")?,
            slabs: number("slabs")?,
            partial: number("partial")?,
            reclaim_account: number("reclaim_account")? > 0,
            hwcache_align: number("hwcache_align")? > 0,
        };
        self.caches.insert(name.text.into(), cache);
        Ok(())
    }
}

/// Reads the log of a cache.
///
/// # Errors
/// Every mistake in its lines, in the order of the text.
pub fn read_slab_log(text: &str) -> Result<Vec<SlabMoment>, Vec<ReadError>> {
    let (mut moments, mut errors) = (Vec::new(), Vec::new());
    for (line, content) in lines(text) {
        if let Some((when, files)) = (Word { text: content, column: 1 }).split('\t')
            && files.text.contains("objects=")
        {
            match moment(line, when, content, files) {
                Ok(moment) => moments.push(moment),
                Err(error) => errors.push(error),
            }
        }
    }
    if moments.is_empty() && errors.is_empty() {
        errors.push(first_place(text).error(ReadErrorKind::Empty(Format::SlabLog)));
    }
    if errors.is_empty() { Ok(moments) } else { Err(errors) }
}

fn moment(line: u32, when: &str, content: &str, files: Word<'_>) -> Result<SlabMoment, ReadError> {
    let end = end_of(line, content);
    let file = |name: &str| {
        let mut files = cells_of(files).filter_map(|cell| cell.split('='));
        files.find(|(found, _)| *found == name).map(|(_, value)| value)
    };
    let number = |name: &'static str| value(file(name), name, end);
    let cpu_partial = file("slabs_cpu_partial").and_then(|value| value.split('('));
    let (objects, slabs) = cpu_partial.map_or((None, None), |(objects, rest)| {
        let column = rest.column.saturating_sub(objects.chars().count() as u32 + 1);
        let slabs = rest.text.split(')').next().unwrap_or_default();
        (Some(Word { text: objects, column }), Some(Word { text: slabs, column: rest.column }))
    });
    Ok(SlabMoment {
        line,
        when: when.into(),
        layout: SlabLayout::read(number)?,
        objects: number("objects")?,
        total_objects: number("total_objects")?,
        slabs: number("slabs")?,
        partial: number("partial")?,
        objects_partial: number("objects_partial")?,
        cpu_slabs: number("cpu_slabs")?,
        slabs_cpu_partial: (
            value(slabs, "slabs_cpu_partial", end)?,
            value(objects, "slabs_cpu_partial", end)?,
        ),
    })
}

/// The first number of what stands for a name, behind which there may be those of each node.
fn value(cell: Option<Word<'_>>, name: &'static str, end: Place) -> Result<u32, ReadError> {
    match cell.and_then(|cell| words_from(cell).next()) {
        Some(word) => number(Some(word), end),
        None => Err(end.error(ReadErrorKind::Expected(Missing::Column(name)))),
    }
}

/// What stands between the tabs of a line: at least one cell.
fn cells(line: &str) -> impl Iterator<Item = Word<'_>> {
    cells_of(Word { text: line, column: 1 })
}

fn cells_of(part: Word<'_>) -> impl Iterator<Item = Word<'_>> {
    let mut rest = Some(part);
    std::iter::from_fn(move || {
        let whole = rest?;
        let (cell, behind) = match whole.split('\t') {
            Some((text, behind)) => (Word { text, ..whole }, Some(behind)),
            None => (whole, None),
        };
        rest = behind;
        Some(cell)
    })
}

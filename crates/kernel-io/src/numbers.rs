//! Files that are names and numbers: `/proc/meminfo`, `/proc/vmstat`, the files of `/proc/sys/vm`.

use crate::error::{Format, ReadError, ReadErrorKind};
use crate::words::{Place, Word, end_of, first_place, lines, number, words_from};

/// A name, its numbers, and the line that they stand in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    /// The line, from 1.
    pub line: u32,
    /// The name, without colon or path.
    pub name: String,
    /// The numbers; one in most files.
    pub values: Vec<u64>,
}

/// Names and numbers of a file, in its order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Numbers {
    /// All of them.
    pub all: Vec<Named>,
}

impl Numbers {
    /// The only or first number of a name. In `/proc/meminfo` it is in KiB but for the counts of huge pages.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<u64> {
        self.list(name)?.first().copied()
    }

    /// All numbers of a name.
    #[must_use]
    pub fn list(&self, name: &str) -> Option<&[u64]> {
        self.all.iter().find(|named| named.name == name).map(|named| &named.values[..])
    }

    fn add(&mut self, line: u32, name: &str, values: Vec<u64>, place: Place) -> Result<(), ReadError> {
        if self.list(name).is_some() {
            return Err(place.error(ReadErrorKind::FieldTwice(name.into())));
        }
        self.all.push(Named { line, name: name.into(), values });
        Ok(())
    }
}

/// Reads `/proc/meminfo`: `MemTotal:  210728 kB`.
///
/// # Errors
/// Every mistake in it, in the order of the text.
pub fn read_meminfo(text: &str) -> Result<Numbers, Vec<ReadError>> {
    read_lines(text, Format::MemInfo, |line| line.split(':'), one)
}

/// Reads `/proc/vmstat`: `nr_free_pages 52164`.
///
/// # Errors
/// Every mistake in it, in the order of the text.
pub fn read_vmstat(text: &str) -> Result<Numbers, Vec<ReadError>> {
    read_lines(text, Format::VmStat, |line| line.split(' '), one)
}

/// Reads what `grep -H . /proc/sys/vm/*` or `sysctl vm` print. Values that are no numbers (such as `Node`) are left
/// out.
///
/// # Errors
/// Every mistake in it, in the order of the text.
pub fn read_sysctl_vm(text: &str) -> Result<Numbers, Vec<ReadError>> {
    let mark = |line: Word<'_>| if line.text.contains('/') { ':' } else { '=' };
    read_lines(
        text,
        Format::SysctlVm,
        |line| line.split(mark(line)),
        |rest, _| {
            Ok(words_from(rest).map(|word| word.text.parse().ok()).collect::<Option<_>>().unwrap_or_default())
        },
    )
}

/// The number of a line, which has to be there.
fn one(rest: Word<'_>, end: Place) -> Result<Vec<u64>, ReadError> {
    Ok(vec![number(words_from(rest).next(), end)?])
}

/// Each line split into a name and what stands behind it. `values` gives none for a line to leave out.
fn read_lines<'t>(
    text: &'t str,
    format: Format,
    split: impl Fn(Word<'t>) -> Option<(&'t str, Word<'t>)>,
    values: impl Fn(Word<'t>, Place) -> Result<Vec<u64>, ReadError>,
) -> Result<Numbers, Vec<ReadError>> {
    let (mut numbers, mut errors) = (Numbers::default(), Vec::new());
    for (line, content) in lines(text) {
        let whole = Word { text: content, column: 1 };
        let result = match split(whole) {
            None => {
                let what = Word { text: content.trim(), column: 1 }.quoted();
                Err(whole.at(line).error(ReadErrorKind::NotALine(format, what)))
            }
            Some((path, rest)) => values(rest, end_of(line, content)).and_then(|values| {
                let name = path.trim().rsplit(['/', '.']).next().unwrap_or(path);
                if values.is_empty() { Ok(()) } else { numbers.add(line, name, values, whole.at(line)) }
            }),
        };
        errors.extend(result.err());
    }
    if numbers.all.is_empty() && errors.is_empty() {
        errors.push(first_place(text).error(ReadErrorKind::Empty(format)));
    }
    if errors.is_empty() { Ok(numbers) } else { Err(errors) }
}

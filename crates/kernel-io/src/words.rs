//! Words of a line, each with its place.

use crate::error::{Missing, ReadError, ReadErrorKind};

/// A place in a text: line and column, both from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Place {
    pub(crate) fn error(self, kind: ReadErrorKind) -> ReadError {
        ReadError { line: self.line, column: self.column, kind }
    }
}

/// A word and the column of its first character, from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Word<'t> {
    pub(crate) text: &'t str,
    pub(crate) column: u32,
}

impl<'t> Word<'t> {
    pub(crate) fn at(self, line: u32) -> Place {
        Place { line, column: self.column }
    }

    /// The word as an error quotes it.
    pub(crate) fn quoted(self) -> String {
        quoted(self.text)
    }

    /// What stands before the first `mark`, and what stands behind it.
    pub(crate) fn split(self, mark: char) -> Option<(&'t str, Word<'t>)> {
        let (before, after) = self.text.split_once(mark)?;
        let column = self.column + columns(before) + 1;
        Some((before, Word { text: after, column }))
    }
}

/// A word as an error quotes it: a pasted text may hold a megabyte without a space.
pub(crate) fn quoted(word: &str) -> String {
    const MOST: usize = 24;
    let short: String = word.chars().take(MOST).collect();
    if short.len() < word.len() { short + "…" } else { short }
}

fn columns(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX - 1)
}

/// The words of a line: what stands between spaces, tabs and commas.
pub(crate) fn words(line: &str) -> impl Iterator<Item = Word<'_>> {
    words_from(Word { text: line, column: 1 })
}

/// The words of a part of a line.
pub(crate) fn words_from(part: Word<'_>) -> impl Iterator<Item = Word<'_>> {
    let (mut rest, mut column) = (part.text, part.column);
    std::iter::from_fn(move || {
        let is_gap = |c: char| c.is_whitespace() || c == ',';
        let start = rest.find(|c| !is_gap(c))?;
        column = column.saturating_add(columns(&rest[..start]));
        rest = &rest[start..];
        let text = &rest[..rest.find(is_gap).unwrap_or(rest.len())];
        let word = Word { text, column };
        column = column.saturating_add(columns(text));
        rest = &rest[text.len()..];
        Some(word)
    })
}

/// The lines of a text with their numbers, from 1; blank lines and `#` comments are left out.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = (u32, &str)> {
    (1u32..).zip(text.lines()).filter(|(_, line)| {
        let line = line.trim_start();
        !line.is_empty() && !line.starts_with('#')
    })
}

/// The place behind the last character of a line: where something is missing.
pub(crate) fn end_of(number: u32, line: &str) -> Place {
    Place { line: number, column: columns(line.trim_end()).saturating_add(1) }
}

/// Where the text begins to say something.
pub(crate) fn first_place(text: &str) -> Place {
    lines(text)
        .find_map(|(number, line)| Some(words(line).next()?.at(number)))
        .unwrap_or(Place { line: 1, column: 1 })
}

/// A number of the text, or what is wrong with it; `end` is where it should have been.
pub(crate) fn number<T: std::str::FromStr>(word: Option<Word<'_>>, end: Place) -> Result<T, ReadError> {
    let Some(word) = word else {
        return Err(end.error(ReadErrorKind::Expected(Missing::Number)));
    };
    word.text.parse().map_err(|_| {
        Place { line: end.line, column: word.column }.error(ReadErrorKind::NotANumber(word.quoted()))
    })
}

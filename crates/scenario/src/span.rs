//! Where in the text something stands. Kept beside the [`crate::ast`], not in it: two documents are equal when they
//! say the same, wherever it stands.

/// A stretch of one line, counted in characters (not bytes) so that an editor can underline it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct Span {
    /// The line, from 1.
    pub line: u32,
    /// The first character, from 1.
    pub column: u32,
    /// How many characters; 0 for a place between two.
    pub len: u32,
}

impl Span {
    /// A stretch of `len` characters.
    #[must_use]
    pub fn new(line: u32, column: u32, len: u32) -> Span {
        Span { line, column, len }
    }

    /// From the start of `self` to the end of `other`; both on one line.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        let end = (other.column + other.len).max(self.column + self.len);
        Span { len: end - self.column, ..self }
    }

    /// The bytes of `text` that it covers, for an editor that counts in bytes; empty at the end of the text when
    /// `text` is not the text it was made from.
    #[must_use]
    pub fn bytes(self, text: &str) -> std::ops::Range<usize> {
        let mut offset = 0;
        for (number, line) in (1u32..).zip(text.split('\n')) {
            if number == self.line {
                let byte =
                    |chars: u32| line.char_indices().nth(chars as usize).map_or(line.len(), |(byte, _)| byte);
                let start = self.column.saturating_sub(1);
                return offset + byte(start)..offset + byte(start.saturating_add(self.len));
            }
            offset += line.len() + 1;
        }
        text.len()..text.len()
    }
}

/// A part of a statement that a diagnostic may point at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Part {
    /// The name that an op gives or takes away, with its index.
    Target,
    /// A zone.
    Zone,
    /// An order, or a number of pages.
    Size,
    /// The bounds of a loop, or a start.
    Range,
    /// The n-th value: a frame of a list, a count of a row.
    Value(u32),
    /// A loop's variable where it is used.
    Variable,
    /// A CPU.
    Cpu,
    /// A node.
    Node,
    /// The cache of an object.
    Cache,
    /// The process that forks or maps.
    Process,
    /// The file that an area shows.
    File,
    /// The control group of a process.
    Group,
    /// The cpuset of a process.
    Cpuset,
    /// The process that does it instead of the one that mapped the area.
    By,
}

/// Where the parts of one line stand.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LineSpans {
    /// The whole statement, without its comment.
    pub statement: Span,
    pub(crate) parts: Vec<(Part, Span)>,
}

/// Where everything stands: one entry for each line of the document.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Spans {
    pub(crate) lines: Vec<LineSpans>,
}

impl Spans {
    /// The statement on a line, counted from 1.
    #[must_use]
    pub fn statement(&self, line: u32) -> Span {
        self.line(line).map_or(Span::new(line, 1, 0), |l| l.statement)
    }

    /// A part of the statement on a line, or else the whole of it.
    #[must_use]
    pub fn part(&self, line: u32, part: Part) -> Span {
        let found = self.line(line).and_then(|l| l.parts.iter().find(|(p, _)| *p == part));
        found.map_or_else(|| self.statement(line), |(_, span)| *span)
    }

    fn line(&self, line: u32) -> Option<&LineSpans> {
        self.lines.get((line as usize).checked_sub(1)?)
    }
}

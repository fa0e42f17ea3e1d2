//! Edits that are done on the screen, as patches to the text: one line changes, everything else stays as it was
//! written, comments too.

use std::fmt;

use crate::ast::Statement;
use crate::lang::Lang;
use crate::printer::print_statement;
use crate::scenario::Scenario;
use crate::{Parsed, parse};

/// Why an edit cannot be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EditError {
    /// The text has no scenario, or not so many ops.
    NoSuchOp {
        /// The op that was meant.
        op: u32,
    },
    /// The op is one turn of a loop: its line stands for all turns.
    InLoop {
        /// The line of the op.
        line: u32,
        /// The first line of the outermost loop.
        of: u32,
    },
    /// The op is a device of a device tree, which may take many lines.
    OfDeviceTree {
        /// The line where its node begins.
        line: u32,
    },
    /// The statement is not one of these: `seed`, `rules` and so on, one value each.
    NoSetting,
}

impl EditError {
    /// The reason, for the person who tried.
    #[must_use]
    pub fn message(self, lang: Lang) -> String {
        match (self, lang) {
            (EditError::NoSuchOp { op }, Lang::En) => format!("the scenario has no op {op}"),
            (EditError::NoSuchOp { op }, Lang::Zh) => format!("场景里没有第 {op} 个操作"),
            (EditError::InLoop { line, of }, Lang::En) => {
                format!(
                    "line {line} stands for every turn of the loop on line {of}; change the loop in the text"
                )
            }
            (EditError::InLoop { line, of }, Lang::Zh) => {
                format!("第 {line} 行属于第 {of} 行的循环，代表每一次循环；请在文本里修改这个循环")
            }
            (EditError::OfDeviceTree { line }, Lang::En) => {
                format!("this device is the node on line {line}; change the device tree in the text")
            }
            (EditError::OfDeviceTree { line }, Lang::Zh) => {
                format!("这个设备是第 {line} 行的节点；请在文本里修改设备树")
            }
            (EditError::NoSetting, Lang::En) => "this is not a setting with one value".into(),
            (EditError::NoSetting, Lang::Zh) => "这不是只有一个值的设置".into(),
        }
    }
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Lang::En))
    }
}

impl std::error::Error for EditError {}

/// Puts a statement behind op number `op`, or before all of them. Behind a turn of a loop means behind the `end` of
/// the outermost loop around it.
///
/// Gives the new text and the line of the statement in it, from 1.
///
/// # Errors
/// [`EditError::NoSuchOp`] when there is no such op.
pub fn insert_after(text: &str, op: Option<u32>, statement: &Statement) -> Result<(String, u32), EditError> {
    let parsed = parse(text);
    let mut lines = Lines::of(text);
    let at = match op {
        Some(op) => {
            let line = line_of(&parsed, op)?;
            match loop_around(&parsed, line) {
                Some((_, end)) => end as usize,
                None if is_tree(&parsed, line) => end_of_tree(&parsed),
                None => line as usize,
            }
        }
        // Before the first op, and before the sentences and comments that belong to it.
        None => match parsed.lower().and_then(|scenario| scenario.ops.first()) {
            // Devices of a tree are there before everything else.
            Some(first) if is_tree(&parsed, first.line) => end_of_tree(&parsed),
            Some(first) => {
                let line = loop_around(&parsed, first.line).map_or(first.line, |(start, _)| start);
                start_of_what_belongs_to(&parsed, line)
            }
            None => lines.lines.len(),
        },
    };
    lines.insert(at, print_statement(statement));
    Ok((lines.text(), at as u32 + 1))
}

/// Puts a statement in the place of op number `op`; indentation and comment stay.
///
/// # Errors
/// [`EditError::InLoop`] when the op is a turn of a loop, [`EditError::NoSuchOp`] when there is none.
pub fn replace(text: &str, op: u32, statement: &Statement) -> Result<String, EditError> {
    let parsed = parse(text);
    let line = single_line_of(&parsed, op)?;
    let mut lines = Lines::of(text);
    lines.set_statement(&parsed, line, &print_statement(statement));
    Ok(lines.text())
}

/// Takes op number `op` away, with the sentences that were said before it. A comment behind it stays, on a line of
/// its own.
///
/// # Errors
/// [`EditError::InLoop`] when the op is a turn of a loop, [`EditError::NoSuchOp`] when there is none.
pub fn remove(text: &str, op: u32) -> Result<String, EditError> {
    let parsed = parse(text);
    let line = single_line_of(&parsed, op)?;
    let mut lines = Lines::of(text);
    let says = parsed.lower().map(|scenario| says_of(scenario, op)).unwrap_or_default();
    // From the bottom up, so that the numbers stay right.
    lines.remove_statement(&parsed, line);
    says.into_iter().rev().for_each(|say| lines.remove_statement(&parsed, say));
    Ok(lines.text())
}

/// Sets a setting with one value (`seed 7`, `cma on`): in its line, or in a new one behind the other settings.
///
/// # Errors
/// [`EditError::NoSetting`] for any other statement.
pub fn set_setting(text: &str, statement: &Statement) -> Result<String, EditError> {
    let name = statement.single_setting();
    if name.is_none() {
        return Err(EditError::NoSetting);
    }
    let parsed = parse(text);
    let mut lines = Lines::of(text);
    let statements = || parsed.document.lines.iter().map(|line| line.statement.as_ref());
    let same = |s: Option<&Statement>| s.is_some_and(|s| s.single_setting() == name);
    match statements().position(same) {
        Some(at) => lines.set_statement(&parsed, at as u32 + 1, &print_statement(statement)),
        None => lines.insert(place_of_setting(statements()), print_statement(statement)),
    }
    Ok(lines.text())
}

/// Where a new setting goes: behind the last one before the first op; the index of the line that it will be.
pub(crate) fn place_of_setting<'s>(statements: impl Iterator<Item = Option<&'s Statement>>) -> usize {
    let mut at = 0;
    for (index, statement) in statements.enumerate() {
        match statement {
            Some(Statement::Say(_) | Statement::For(_) | Statement::Broken(_)) => break,
            Some(statement) if statement.is_op() => break,
            Some(_) => at = index + 1,
            None => {}
        }
    }
    at
}

fn line_of(parsed: &Parsed, op: u32) -> Result<u32, EditError> {
    let found = parsed.lower().and_then(|scenario| scenario.ops.get(op as usize));
    found.map(|op| op.line).ok_or(EditError::NoSuchOp { op })
}

fn single_line_of(parsed: &Parsed, op: u32) -> Result<u32, EditError> {
    let line = line_of(parsed, op)?;
    match loop_around(parsed, line) {
        Some((of, _)) => Err(EditError::InLoop { line, of }),
        None if is_tree(parsed, line) => Err(EditError::OfDeviceTree { line }),
        None => Ok(line),
    }
}

/// Whether a line is one of a device tree.
fn is_tree(parsed: &Parsed, line: u32) -> bool {
    let statement = parsed.document.lines.get((line as usize).saturating_sub(1)).map(|line| &line.statement);
    matches!(statement, Some(Some(Statement::Dts(_))))
}

/// The last line of the device tree.
fn end_of_tree(parsed: &Parsed) -> usize {
    let is_tree = |line: &crate::ast::Line| matches!(line.statement, Some(Statement::Dts(_)));
    parsed.document.lines.iter().rposition(is_tree).map_or(0, |at| at + 1)
}

/// The first and the last line of the outermost loop around a line.
fn loop_around(parsed: &Parsed, line: u32) -> Option<(u32, u32)> {
    let (mut open, mut start) = (0u32, 0);
    for (number, l) in (1u32..).zip(&parsed.document.lines) {
        let Some(statement) = &l.statement else { continue };
        if statement.opens() {
            if open == 0 {
                start = number;
            }
            open += 1;
        } else if statement.closes() {
            open = open.saturating_sub(1);
            if open == 0 && start > 0 && (start..=number).contains(&line) {
                return Some((start, number));
            }
        }
    }
    // A loop without `end` goes to the end of the text.
    (open > 0 && line >= start).then_some((start, parsed.document.lines.len() as u32))
}

/// The index of the first of the lines directly above `line` that are sentences or comments.
fn start_of_what_belongs_to(parsed: &Parsed, line: u32) -> usize {
    let mut at = line as usize - 1;
    while at > 0 {
        let above = &parsed.document.lines[at - 1];
        let comment = above.statement.is_none() && above.comment.is_some();
        if !comment && !matches!(above.statement, Some(Statement::Say(_))) {
            break;
        }
        at -= 1;
    }
    at
}

/// The lines of the sentences that are said before an op, when they stand outside every loop.
fn says_of(scenario: &Scenario, op: u32) -> Vec<u32> {
    let mut lines: Vec<u32> =
        scenario.captions.iter().filter(|caption| caption.op == op).map(|caption| caption.line).collect();
    // A sentence of a loop that waits for its next op is said on other turns too. The others stand in the order of
    // the text.
    lines.retain(|line| scenario.captions.iter().filter(|caption| caption.line == *line).count() == 1);
    lines
}

/// A text as lines, with the line breaks it has.
struct Lines {
    lines: Vec<String>,
    ends_with_break: bool,
    carriage_returns: bool,
}

impl Lines {
    fn of(text: &str) -> Lines {
        Lines {
            lines: text
                .split_terminator('\n')
                .map(|l| l.strip_suffix('\r').unwrap_or(l).to_owned())
                .collect(),
            ends_with_break: text.is_empty() || text.ends_with('\n'),
            carriage_returns: text.contains("\r\n"),
        }
    }

    fn text(self) -> String {
        let line_break = if self.carriage_returns { "\r\n" } else { "\n" };
        let mut text = self.lines.join(line_break);
        if self.ends_with_break && !self.lines.is_empty() {
            text += line_break;
        }
        text
    }

    fn insert(&mut self, at: usize, line: String) {
        self.lines.insert(at.min(self.lines.len()), line);
    }

    fn set_statement(&mut self, parsed: &Parsed, line: u32, statement: &str) {
        let span = parsed.spans.statement(line);
        let Some(old) = self.lines.get_mut(line as usize - 1) else { return };
        let range = crate::Span { line: 1, ..span }.bytes(old);
        old.replace_range(range, statement);
    }

    fn remove_statement(&mut self, parsed: &Parsed, line: u32) {
        let at = line as usize - 1;
        let Some(of_line) = parsed.document.lines.get(at) else { return };
        match &of_line.comment {
            Some(comment) => self.lines[at] = format!("# {comment}").trim_end().to_owned(),
            None => drop(self.lines.remove(at)),
        }
    }
}

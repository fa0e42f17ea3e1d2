//! The form of a link that a person can read: a built-in scenario, what is set differently, and the moment.

use super::{Cursor, LinkState, alphabet};
use crate::ast::{Document, Line};
use crate::builtin::{Builtin, builtin, builtins};
use crate::edit::place_of_setting;
use crate::parser::{parse_lines, parse_statement};
use crate::printer::{print, print_statement};

/// The settings that such a link may change: one word and one value each.
pub(super) const SETTINGS: [&str; 12] = [
    "seed",
    "pageblock_order",
    "page_group_by_mobility",
    "cma",
    "cpus",
    "pcp",
    "watermarks",
    "thp",
    "min_free_kbytes",
    "watermark_scale_factor",
    "watermark_boost_factor",
    "percpu_pagelist_high_fraction",
];

/// `<preset>[;k=v…][@op.step]`, when the state, whose text is canonical, is a built-in scenario but for such settings.
pub(super) fn body(state: &LinkState) -> Option<String> {
    let document = parse_lines(&state.text).0;
    builtins().iter().find_map(|builtin| {
        let mut changed = parse_lines(builtin.text).0;
        let mut body = builtin.id.to_owned();
        for name in SETTINGS {
            let Some(value) = value_of(&document, name) else { continue };
            if value_of(&changed, name).as_ref() != Some(&value) {
                set(&mut changed, name, &value)?;
                body += &format!(";{name}={value}");
            }
        }
        if print(&changed) != state.text {
            return None;
        }
        if state.cursor != Cursor::default() {
            body += &format!("@{}.{}", state.cursor.op, state.cursor.step);
        }
        Some(body)
    })
}

/// The check characters of a body; the format digit is part of what they guard.
pub(super) fn check(body: &str) -> String {
    alphabet::check(&format!("0/{body}"))
}

/// What a body says, once its check characters are right.
pub(super) enum Wrong {
    UnknownPreset(String),
    BadSetting(String),
    BadCursor(String),
}

/// The state of a body.
pub(super) fn read(body: &str) -> Result<(LinkState, &'static Builtin), Wrong> {
    let (rest, cursor) = match body.split_once('@') {
        Some((rest, cursor)) => {
            (rest, read_cursor(cursor).ok_or_else(|| Wrong::BadCursor(cursor.to_owned()))?)
        }
        None => (body, Cursor::default()),
    };
    let mut parts = rest.split(';');
    let id = parts.next().unwrap_or_default();
    let builtin = builtin(id).ok_or_else(|| Wrong::UnknownPreset(id.to_owned()))?;
    let mut document = parse_lines(builtin.text).0;
    for part in parts {
        let set = part.split_once('=').and_then(|(name, value)| {
            let known = SETTINGS.contains(&name) && value.bytes().all(|b| b.is_ascii_alphanumeric());
            if known { set(&mut document, name, value) } else { None }
        });
        set.ok_or_else(|| Wrong::BadSetting(part.to_owned()))?;
    }
    Ok((LinkState::new(&print(&document), cursor, None), builtin))
}

/// The built-in scenario that a body begins with, when the rest of it is damaged.
pub(super) fn preset(body: &str) -> Option<&'static Builtin> {
    let id = body.split([';', '@']).next()?;
    builtin(id)
}

/// `12.3`
fn read_cursor(text: &str) -> Option<Cursor> {
    let number = |text: &str| {
        let plain = text == "0" || !text.starts_with('0');
        if plain && text.bytes().all(|b| b.is_ascii_digit()) { text.parse::<u32>().ok() } else { None }
    };
    let (op, step) = text.split_once('.')?;
    Some(Cursor { op: number(op)?, step: number(step)? })
}

/// The value of a setting, when the document has it exactly once.
fn value_of(document: &Document, name: &str) -> Option<String> {
    let mut values = document.lines.iter().filter_map(|line| {
        let text = print_statement(line.statement.as_ref()?);
        Some(text.strip_prefix(name)?.strip_prefix(' ')?.to_owned())
    });
    values.next().filter(|_| values.next().is_none())
}

/// Sets it, in its own line or in a new one behind the other settings.
fn set(document: &mut Document, name: &str, value: &str) -> Option<()> {
    let statement = parse_statement(&format!("{name} {value}")).ok()?;
    let name = statement.single_setting()?;
    let same = |line: &&mut Line| line.statement.as_ref().is_some_and(|s| s.single_setting() == Some(name));
    if let Some(line) = document.lines.iter_mut().find(same) {
        line.statement = Some(statement);
        return Some(());
    }
    let at = place_of_setting(document.lines.iter().map(|line| line.statement.as_ref()));
    document.lines.insert(at, Line::from(statement));
    Some(())
}

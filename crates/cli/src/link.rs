//! `mmscope link` and `mmscope open`: a scenario as the fragment of a link, and back.

use std::io::Write;

use history::Cursor;
use scenario::Lang;
use scenario::link::{self, LinkState, RULE_REVISION};

use crate::args::Source;
use crate::failure::{Failure, complain};
use crate::{run, source};

/// Prints the fragment.
///
/// # Errors
/// When the text is wrong or the moment does not exist.
pub fn link(file: &Source, at: Option<Cursor>, out: &mut dyn Write) -> Result<(), Failure> {
    let text = file.text()?;
    let scenario = file.read(&text).strict().map_err(|_| Failure::Data(Vec::new()))?;
    let (mut cursor, mut kind) = (Cursor::START, None);
    if let Some(at) = at {
        let mut session = source::session(&scenario)?;
        cursor = run::seek(&mut session, at)?;
        // At the start of an op there is nothing that could move.
        kind = session.just_did().filter(|_| cursor.step > 0).map(|step| step.kind.code());
    }
    let cursor = link::Cursor { op: cursor.op, step: cursor.step };
    let fragment = link::encode(&LinkState::new(&text, cursor, kind)).map_err(failure)?;
    Ok(writeln!(out, "{fragment}")?)
}

/// Prints the scenario that a fragment carries; its moment as a comment in the last line, so that the whole is a
/// scenario again.
///
/// # Errors
/// When the fragment is damaged.
pub fn open(fragment: &str, out: &mut dyn Write) -> Result<(), Failure> {
    let nothing = || Failure::data("mmscope: there is nothing in this link");
    let state = link::decode(fragment).map_err(failure)?.ok_or_else(nothing)?;
    if state.rule_revision != RULE_REVISION {
        complain(
            "mmscope: warning: the rules have changed since this link was made; its moment may have moved",
        );
    }
    out.write_all(state.text.as_bytes())?;
    Ok(writeln!(out, "# at {}.{}", state.cursor.op, state.cursor.step)?)
}

/// What is wrong, and what can be opened all the same: only said, never opened instead.
fn failure(error: link::LinkError) -> Failure {
    let rest = match &error.recovered {
        Some(link::Recovered::Preset(builtin)) => format!("; its scenario is builtin:{}", builtin.id),
        Some(link::Recovered::Text(text)) => format!("; its first {} lines arrived", text.lines().count()),
        None => String::new(),
    };
    Failure::data(format!("mmscope: {}{rest}", error.message(Lang::En)))
}

//! Links: a scenario and a moment of it in the fragment of an address.
//!
//! ```text
//! #0/buddy-split                      a built-in scenario from its start, as a person types it
//! #0.k3Xq/buddy-split;seed=7@4.2      the same with settings and a moment; `k3Xq` checks all behind the `/`
//! #0zAbC…_-.k3Xq                      any text: the packed payload, and the check characters of all before the `.`
//! ```
//!
//! The digit is the format. A link opens as what was sent or not at all: [`decode`] gives an error that says what is
//! wrong and what could be opened instead, never another scene. Check characters stand in front in the readable form,
//! because whatever is cut off its end leaves them behind to notice. Every link that is made has them, but for the
//! bare one; only a person who types a link may leave them out (`#0/buddy-split@4.2`).

mod alphabet;
mod coder;
mod error;
mod model;
mod names;
mod packed;
mod readable;
#[cfg(test)]
mod tests;

pub use error::{LinkError, LinkErrorKind, Recovered};
pub use packed::{dictionary_is_there, provide_dictionary};

use mm::limits::MAX_OPS;

use crate::builtin::BUILTIN_IDS;
use crate::parser::{MAX_TEXT, parse_lines};
use crate::printer::print;
use crate::suggest::nearest;
use crate::{Parsed, parse};

/// The revision of the engine's rules that a link is made with. It grows when a correction of a rule moves steps;
/// `docs/rule-changes.md` says which.
pub const RULE_REVISION: u32 = 1;

/// The format of the links that are made.
const FORMAT: char = '0';

/// Longer fragments hold no text of [`MAX_TEXT`] bytes.
const MAX_FRAGMENT: usize = 3 * MAX_TEXT;

/// A moment: so many ops are done, and so many steps of the next one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct Cursor {
    /// Ops that are done, 0 to [`MAX_OPS`].
    pub op: u32,
    /// Steps of op `op` that are done; 0 after the last op.
    pub step: u32,
}

/// What a link carries.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LinkState {
    /// The scenario's text. Decoded: canonical.
    pub text: String,
    /// The moment.
    pub cursor: Cursor,
    /// [`mm::StepKind::code`] of the step that is done last at this moment, 1 to 255; none at the start of an op, and
    /// none in a readable link. When the rules move steps, the page looks for this kind near the cursor.
    pub kind: Option<u8>,
    /// The revision of the rules that the link was made with, [`RULE_REVISION`] now. A readable link does not
    /// carry it: its text is that of this version, so it counts as made now.
    pub rule_revision: u32,
}

impl LinkState {
    /// A text at a moment, made by this version.
    #[must_use]
    pub fn new(text: &str, cursor: Cursor, kind: Option<u8>) -> LinkState {
        LinkState {
            text: text.to_owned(),
            cursor,
            kind: kind.filter(|k| *k > 0),
            rule_revision: RULE_REVISION,
        }
    }
}

/// The fragment for a state, with its `#`: readable when the text is a built-in scenario but for a setting, else
/// packed.
///
/// # Errors
/// [`LinkErrorKind::TooLarge`] when the canonical text is longer than [`MAX_TEXT`].
pub fn encode(state: &LinkState) -> Result<String, LinkError> {
    // A packed link to a built-in scenario would hardly be shorter, and nobody could read it.
    let state = canonical(state)?;
    if let Some(body) = readable::body(&state) {
        let plain = BUILTIN_IDS.contains(&body.as_str());
        let check = if plain { String::new() } else { format!(".{}", readable::check(&body)) };
        return Ok(format!("#{FORMAT}{check}/{body}"));
    }
    let guarded = format!("{FORMAT}z{}", alphabet::to_base64(&packed::pack(&state)));
    let check = alphabet::check(&guarded);
    Ok(format!("#{guarded}.{check}"))
}

/// The state with its text as the printer writes it.
fn canonical(state: &LinkState) -> Result<LinkState, LinkError> {
    if state.text.len() > MAX_TEXT {
        return Err(too_large());
    }
    let text = print(&parse_lines(&state.text).0);
    if text.len() > MAX_TEXT {
        return Err(too_large());
    }
    Ok(LinkState { text, ..state.clone() })
}

/// The state of a fragment, or of a whole address with one; none when the fragment is empty.
///
/// Whatever chat programs do to links is undone first: percent signs, a full stop or a bracket behind it, blanks and
/// line breaks in it.
///
/// # Errors
/// Whatever keeps it from being exactly what was sent; never a guess.
pub fn decode(fragment: &str) -> Result<Option<LinkState>, LinkError> {
    if fragment.len() > MAX_FRAGMENT {
        return Err(too_large());
    }
    let cleaned = clean(fragment);
    let Some(format) = cleaned.chars().next() else { return Ok(None) };
    if format != FORMAT {
        let newer = format.is_ascii_digit() && cleaned[1..].starts_with(['/', '.', 'z']);
        if !newer {
            return Err(LinkErrorKind::NotALink.into());
        }
        let recovered = cleaned.split_once('/').and_then(|(_, body)| readable::preset(body));
        let kind = LinkErrorKind::NewerVersion { digit: format };
        return Err(LinkError { kind, recovered: recovered.map(Recovered::Preset) });
    }
    let rest = &cleaned[1..];
    let state = if let Some(body) = rest.strip_prefix('/') {
        read_preset(body, None)
    } else if let Some(checked) = rest.strip_prefix('.') {
        match checked.split_once('/') {
            Some((check, body)) => read_preset(body, Some(check)),
            None => Err(truncated(&cleaned)),
        }
    } else if rest.starts_with('z') {
        decode_custom(&cleaned)
    } else if rest.is_empty() {
        Err(truncated(&cleaned))
    } else {
        Err(LinkErrorKind::NotALink.into())
    }?;
    Ok(Some(state))
}

/// Whether a fragment is of the packed form, which takes the dictionary ([`dictionary_is_there`]).
#[must_use]
pub fn is_packed(fragment: &str) -> bool {
    fragment.len() <= MAX_FRAGMENT
        && clean(fragment).strip_prefix(FORMAT).is_some_and(|rest| rest.starts_with('z'))
}

fn read_preset(body: &str, check: Option<&str>) -> Result<LinkState, LinkError> {
    let recovered = readable::preset(body).map(Recovered::Preset);
    let fail = |kind| Err(LinkError { kind, recovered: recovered.clone() });
    if check.is_some_and(|check| check != readable::check(body)) {
        return fail(LinkErrorKind::BadChecksum);
    }
    let state = match readable::read(body) {
        Ok((state, _)) => state,
        Err(readable::Wrong::UnknownPreset(name)) => {
            let suggestion = nearest(&name, BUILTIN_IDS.iter().copied());
            let cut = BUILTIN_IDS.iter().copied().find(|id| name.len() > 2 && id.starts_with(&name));
            return fail(LinkErrorKind::UnknownPreset { name, suggestion: suggestion.or(cut) });
        }
        Err(readable::Wrong::BadSetting(found)) => return fail(LinkErrorKind::BadSetting { found }),
        Err(readable::Wrong::BadCursor(found)) => return fail(LinkErrorKind::BadCursor { found }),
    };
    runnable(state).map_err(|error| LinkError { recovered, ..error })
}

/// `0z<payload>.<check>`
fn decode_custom(cleaned: &str) -> Result<LinkState, LinkError> {
    let (guarded, check) = match cleaned.split_once('.') {
        Some((guarded, check)) if check.len() >= alphabet::CHECK => (guarded, check),
        split => {
            // The end is missing: what is there is right, as far as it goes.
            let payload =
                split.map_or(cleaned, |(guarded, _)| guarded).strip_prefix("0z").unwrap_or_default();
            let text = alphabet::from_base64(payload).map(|bytes| packed::unpack_start(&bytes));
            let text = text.filter(|text| parse(text).lower().is_some());
            let recovered = text.map(|text| Recovered::Text(print(&parse_lines(&text).0)));
            return Err(LinkError { recovered, ..truncated(cleaned) });
        }
    };
    let guarded: String = guarded
        .chars()
        .map(|c| {
            if c == '+' {
                '-'
            } else if c == '/' {
                '_'
            } else {
                c
            }
        })
        .collect();
    if check != alphabet::check(&guarded) {
        return Err(LinkErrorKind::BadChecksum.into());
    }
    let payload = guarded.strip_prefix("0z").and_then(alphabet::from_base64);
    let state = payload.ok_or(packed::Unpack::Nonsense).and_then(|bytes| packed::unpack(&bytes));
    match state {
        Ok(state) => runnable(LinkState { text: print(&parse_lines(&state.text).0), ..state }),
        Err(packed::Unpack::TooLarge) => Err(too_large()),
        Err(packed::Unpack::Nonsense) => Err(LinkErrorKind::BadChecksum.into()),
    }
}

/// The state, when its text makes a machine and its moment is one of the scenario.
fn runnable(state: LinkState) -> Result<LinkState, LinkError> {
    let parsed: Parsed = parse(&state.text);
    let Some(scenario) = parsed.lower() else {
        return Err(LinkErrorKind::NotAScenario { diagnostics: parsed.diagnostics }.into());
    };
    let Cursor { op, step } = state.cursor;
    let ops = scenario.ops.len() as u32;
    if op > ops.min(MAX_OPS) || (op == ops && step > 0) {
        return Err(LinkErrorKind::BadCursor { found: format!("{op}.{step}") }.into());
    }
    Ok(state)
}

fn too_large() -> LinkError {
    LinkErrorKind::TooLarge { bound: MAX_TEXT as u32 }.into()
}

fn truncated(cleaned: &str) -> LinkError {
    LinkErrorKind::Truncated { chars: cleaned.chars().count() as u32 + 1 }.into()
}

/// The fragment as it was sent.
fn clean(fragment: &str) -> String {
    let mut text = fragment.to_owned();
    // Some programs encode what is encoded already. No link has a `%` of its own.
    for _ in 0..3 {
        match percent_decode(&text) {
            Some(decoded) => text = decoded,
            None => break,
        }
    }
    let text = text.split_once('#').map_or(text.as_str(), |(_, behind)| behind);
    // What trackers append. No link has these signs either.
    let text = text.split(['?', '&']).next().unwrap_or_default();
    text.chars().filter(|c| !c.is_whitespace()).collect::<String>().trim_end_matches(BEHIND_LINKS).to_owned()
}

/// What people and programs write directly behind a link: brackets, marks and quotes of both languages.
const BEHIND_LINKS: &[char] = &[
    ')', ']', '.', ',', ';', ':', '!', '?', '>', '"', '\'', '*', '_', '~', '`', '|', '\\', '\u{3002}',
    '\u{ff0c}', '\u{ff09}', '\u{300d}', '\u{300b}', '\u{3001}', '\u{ff1b}', '\u{ff1a}', '\u{ff01}',
    '\u{ff1f}', '\u{3011}', '\u{201d}', '\u{2019}',
];

/// With every `%41` as what it stands for; none when there is none, or when that is no text.
fn percent_decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let (mut at, mut found) = (0, false);
    while at < bytes.len() {
        let code = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let code = code.filter(|code| code.iter().all(u8::is_ascii_hexdigit));
        let code = code.and_then(|code| u8::from_str_radix(str::from_utf8(code).ok()?, 16).ok());
        out.push(code.unwrap_or(bytes[at]));
        at += if code.is_some() { 3 } else { 1 };
        found |= code.is_some();
    }
    String::from_utf8(out).ok().filter(|_| found)
}

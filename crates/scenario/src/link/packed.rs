//! Texts as few characters: the payload of a custom link.
//!
//! A stream of bits for the arithmetic coder: the rule revision, the cursor and the kind of the step under it, each as
//! plain as it is; then the text, each bit with the probability that the model gives it, and before every line a bit
//! that says whether there is one more.

use std::sync::OnceLock;

use super::coder::{Decoder, Encoder};
use super::model::Model;
use super::{Cursor, LinkState};
use crate::parser::MAX_TEXT;

/// The dictionary, where the program does not have it from the start (see [`mod@crate::builtin`]).
static PROVIDED: OnceLock<String> = OnceLock::new();

/// What the model has read before it sees a text. Belongs to format `0`; never changes once the format is frozen.
/// Empty while it is not there.
pub(super) fn dictionary() -> &'static str {
    #[cfg(feature = "texts")]
    const THERE: &str = include_str!("dictionary.0.txt");
    #[cfg(not(feature = "texts"))]
    const THERE: &str = "";
    PROVIDED.get().map_or(THERE, String::as_str)
}

/// Whether packed links can be made and opened.
#[must_use]
pub fn dictionary_is_there() -> bool {
    !dictionary().is_empty()
}

/// Takes the dictionary of packed links, if it is the one of this format; false if it is not.
pub fn provide_dictionary(text: String) -> bool {
    let right = hash(&text) == include_str!("dictionary.0.hash");
    right && (PROVIDED.set(text).is_ok() || dictionary_is_there())
}

/// What `dictionary.0.hash` has of a text.
pub(super) fn hash(text: &str) -> String {
    let mut digest = mm::hash::Digest::default();
    text.bytes().for_each(|byte| digest.word(u64::from(byte)));
    format!("{:016x}\n", digest.finish())
}

/// A bit that is as likely as not.
const EVEN: u32 = 1 << 15;
/// The text ends here: one line in so many.
const ENDS: u32 = (1 << 16) / 48;

/// Reading the dictionary takes some milliseconds, a copy of what was learned much less.
fn primed() -> Model {
    static PRIMED: OnceLock<Model> = OnceLock::new();
    debug_assert!(dictionary_is_there(), "a packed link without its dictionary");
    PRIMED.get_or_init(|| Model::primed(dictionary().as_bytes())).clone()
}

/// The payload's bytes. `state.text` is canonical: empty, or every line ended.
pub(super) fn pack(state: &LinkState) -> Vec<u8> {
    let mut out = Encoder::new();
    let at_start = state.cursor == Cursor::default() && state.kind.is_none();
    number(&mut out, state.rule_revision);
    out.bit(u32::from(!at_start), EVEN);
    if !at_start {
        number(&mut out, state.cursor.op);
        number(&mut out, state.cursor.step);
        let kind = state.kind.unwrap_or(0);
        (0..8).rev().for_each(|shift| out.bit(u32::from(kind >> shift) & 1, EVEN));
    }
    let mut model = primed();
    for line in state.text.split_inclusive('\n') {
        out.bit(0, ENDS);
        for byte in line.bytes() {
            for shift in (0..8).rev() {
                let bit = u32::from(byte >> shift) & 1;
                out.bit(bit, model.predict());
                model.learn(bit);
            }
        }
    }
    out.bit(1, ENDS);
    out.finish()
}

/// Why a payload is none.
pub(super) enum Unpack {
    /// The text is longer than any that is read.
    TooLarge,
    /// It is no text at all.
    Nonsense,
}

/// The state of a payload.
pub(super) fn unpack(bytes: &[u8]) -> Result<LinkState, Unpack> {
    let mut bits = Decoder::new(bytes);
    let mut state = header(&mut bits).ok_or(Unpack::Nonsense)?;
    let mut text = Vec::new();
    let mut model = primed();
    while bits.bit(ENDS) == 0 {
        loop {
            let byte = byte(&mut bits, &mut model);
            text.push(byte);
            if text.len() > MAX_TEXT {
                return Err(Unpack::TooLarge);
            }
            if bits.is_past_the_end() {
                return Err(Unpack::Nonsense);
            }
            if byte == b'\n' {
                break;
            }
        }
    }
    state.text = String::from_utf8(text).map_err(|_| Unpack::Nonsense)?;
    Ok(state)
}

/// The whole lines at the start of a payload whose end is missing: only what does not depend on the missing part.
pub(super) fn unpack_start(bytes: &[u8]) -> String {
    let mut bits = Decoder::new(bytes);
    let mut text = Vec::new();
    if header(&mut bits).is_some() {
        let mut model = primed();
        let mut whole = 0;
        while text.len() < MAX_TEXT && (whole < text.len() || bits.bit(ENDS) == 0) && bits.is_sure() {
            let byte = byte(&mut bits, &mut model);
            if !bits.is_sure() {
                break;
            }
            text.push(byte);
            if byte == b'\n' {
                whole = text.len();
            }
        }
        text.truncate(whole);
    }
    String::from_utf8(text).unwrap_or_default()
}

fn header(bits: &mut Decoder<'_>) -> Option<LinkState> {
    let mut state = LinkState { rule_revision: read_number(bits)?, ..LinkState::default() };
    if bits.bit(EVEN) == 1 {
        state.cursor = Cursor { op: read_number(bits)?, step: read_number(bits)? };
        let kind = (0..8).fold(0, |kind, _| kind << 1 | bits.bit(EVEN) as u8);
        state.kind = (kind > 0).then_some(kind);
    }
    Some(state)
}

fn byte(bits: &mut Decoder<'_>, model: &mut Model) -> u8 {
    (0..8).fold(0, |byte, _| {
        let bit = bits.bit(model.predict());
        model.learn(bit);
        byte << 1 | bit as u8
    })
}

/// A number as its length in ones, a zero, and its bits behind the first (Elias).
fn number(out: &mut Encoder, number: u32) {
    let plus_one = u64::from(number) + 1;
    let bits = 63 - plus_one.leading_zeros();
    (0..bits).for_each(|_| out.bit(1, EVEN));
    out.bit(0, EVEN);
    (0..bits).rev().for_each(|shift| out.bit((plus_one >> shift) as u32 & 1, EVEN));
}

fn read_number(bits: &mut Decoder<'_>) -> Option<u32> {
    let mut length = 0;
    while bits.bit(EVEN) == 1 {
        length += 1;
        if length > 32 {
            return None;
        }
    }
    let plus_one = (0..length).fold(1u64, |number, _| number << 1 | u64::from(bits.bit(EVEN)));
    u32::try_from(plus_one - 1).ok()
}

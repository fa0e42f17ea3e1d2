//! Any text as a link, and any scenario's link with a damage: what opens is what a link of it carries.

#![no_main]

use libfuzzer_sys::fuzz_target;
use scenario::Lang;
use scenario::link::{Cursor, LinkState, decode, encode};

/// What opens can be sent, and opens again as the same.
fn check(fragment: &str) -> Option<LinkState> {
    match decode(fragment) {
        Ok(None) => None,
        Ok(Some(state)) => {
            let link = encode(&state).expect("what was opened can be sent");
            assert_eq!(decode(&link).expect("what was sent can be opened").as_ref(), Some(&state));
            Some(state)
        }
        Err(error) => {
            assert!([Lang::En, Lang::Zh].iter().all(|lang| !error.message(*lang).is_empty()));
            None
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    check(&text);
    // Random texts have no right check characters: a right link comes from the coder, and gets one damage.
    let Some(([place @ .., with], text)) = bytes.split_at_checked(3).and_then(|(head, text)| {
        Some((<&[u8; 3]>::try_from(head).ok()?, std::str::from_utf8(text).ok()?))
    }) else {
        return;
    };
    let Ok(link) = encode(&LinkState::new(text, Cursor::default(), None)) else { return };
    let sent = check(&link);
    let at = usize::from(u16::from_le_bytes(*place)) % link.len();
    let damaged = match with {
        0..=0x7f => format!("{}{}{}", &link[..at], char::from(*with), &link[at + 1..]),
        _ => link[..at].to_owned(),
    };
    if let Some(opened) = check(&damaged) {
        assert!(Some(&opened) == sent.as_ref() || !damaged.contains(['.', '@', ';']), "{link} {damaged}");
    }
});

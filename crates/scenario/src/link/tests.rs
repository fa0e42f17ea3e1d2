//! The parts of a link one by one, and the file that the format is frozen with.

use proptest::prelude::*;

use super::coder::{Decoder, Encoder};
use super::packed::hash;
use super::{alphabet, packed};
use crate::builtin::builtins;

/// What the dictionary is made of: phrases of the language, then every built-in text but for those that replay what a
/// kernel did: nobody writes such lines, and frames of another machine are no help.
fn dictionary() -> String {
    let written = builtins().iter().filter(|builtin| !builtin.id.starts_with("replay-"));
    let texts: String = written.map(|builtin| builtin.text).collect();
    format!("{}{texts}", include_str!("phrases.txt"))
}

/// While the format is `0` the dictionary follows the built-in scenarios, because students edit those and send them
/// on. Once it is frozen this test goes, and the next one stays.
///
/// `UPDATE_LINKS=1 cargo test -p scenario` writes it anew, and the golden links too; run it until it passes.
#[test]
fn the_dictionary_has_the_built_in_scenarios() {
    let expected = dictionary();
    if std::env::var_os("UPDATE_LINKS").is_some() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/link");
        std::fs::write(format!("{folder}/dictionary.0.txt"), &expected).expect("it can be written");
        std::fs::write(format!("{folder}/dictionary.0.hash"), hash(&expected)).expect("it can be written");
    }
    assert!(
        packed::dictionary() == expected,
        "a built-in scenario has changed: run `UPDATE_LINKS=1 cargo test -p scenario` until it passes"
    );
}

/// Any change of the dictionary breaks every custom link there is.
#[test]
fn the_dictionary_is_the_one_of_this_format() {
    assert_eq!(hash(packed::dictionary()), include_str!("dictionary.0.hash"));
    // The model has to read it before the first link opens.
    assert!(packed::dictionary().len() < 136 * 1024);
}

#[test]
fn base64_is_url_safe_and_takes_the_other_kind_too() {
    assert_eq!(alphabet::to_base64(b""), "");
    assert_eq!(alphabet::to_base64(b"f"), "Zg");
    assert_eq!(alphabet::to_base64(b"fo"), "Zm8");
    assert_eq!(alphabet::to_base64(b"foobar"), "Zm9vYmFy");
    assert_eq!(alphabet::to_base64(&[0xfb, 0xff]), "-_8");
    assert_eq!(alphabet::from_base64("+/8"), Some(vec![0xfb, 0xff]));
    assert_eq!(alphabet::from_base64("Zg="), None);
}

proptest! {
    #[test]
    fn base64_round_trip(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        prop_assert_eq!(alphabet::from_base64(&alphabet::to_base64(&bytes)), Some(bytes));
    }

    /// Whatever the probabilities are, as long as both sides know the same.
    #[test]
    fn the_coder_round_trip(bits in prop::collection::vec((0u32..2, 1u32..65536), 0..600)) {
        let mut out = Encoder::new();
        bits.iter().for_each(|(bit, probability)| out.bit(*bit, *probability));
        let bytes = out.finish();
        let mut back = Decoder::new(&bytes);
        for (bit, probability) in &bits {
            prop_assert_eq!(back.bit(*probability), *bit);
        }
        prop_assert!(!back.is_past_the_end());
    }
}

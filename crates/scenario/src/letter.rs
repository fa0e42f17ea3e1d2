//! Which characters names are made of. Every script has its letters; where its symbols stand is told by a few blocks of
//! Unicode, because the standard library's tables of all letters cost 2 KB of WebAssembly.

/// Whether names may have this character: letters and digits of any script, and `_`.
#[must_use]
pub fn is_name_char(c: char) -> bool {
    c.is_ascii_digit() || starts_name(c)
}

/// Whether a name may begin with this character.
pub(crate) fn starts_name(c: char) -> bool {
    match c {
        'a'..='z' | 'A'..='Z' | '_' => true,
        '\0'..='\u{bf}' | '\u{d7}' | '\u{f7}' => false,
        // Punctuation, arrows, mathematics, boxes.
        '\u{2000}'..='\u{2bff}' | '\u{2e00}'..='\u{2e7f}' => false,
        // The same for East Asia, and the wide forms of ASCII.
        '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '\u{3030}' => false,
        '\u{fe00}'..='\u{fe6f}' | '\u{feff}'..='\u{ff65}' | '\u{ffe0}'..='\u{ffff}' => false,
        // For private use; pictures.
        '\u{e000}'..='\u{f8ff}' | '\u{1f000}'..='\u{1faff}' | '\u{e0000}'.. => false,
        _ => true,
    }
}

/// The characters at the beginning of a text that names may have.
pub(crate) fn first_word(text: &str) -> &str {
    let end = text.char_indices().find(|(_, c)| !is_name_char(*c));
    &text[..end.map_or(text.len(), |(at, _)| at)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_every_script_and_no_signs() {
        for c in "azAZ_éßøщאあ块中한ก".chars() {
            assert!(c == '_' || c.is_alphabetic());
            assert!(starts_name(c), "{c}");
        }
        for c in " !-.#\u{a0}×÷“”‘’…—→⊕　、。「」【】！＝Ａ\u{200b}\u{feff}😀".chars()
        {
            assert!(!is_name_char(c), "{c}");
        }
        assert_eq!((first_word("块_2 = x"), first_word("= x"), first_word("for")), ("块_2", "", "for"));
    }
}

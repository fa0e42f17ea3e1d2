//! Which names may come next.
//!
//! What is done on the screen names its blocks one after the other and frees those that it holds. To a model that
//! knows bytes only, such a name is noise; to this one a request's name is the next one, and the name behind `free`
//! is one of those that are held.

/// The names of a text so far.
#[derive(Clone, Default)]
pub(super) struct Names {
    /// The line so far.
    line: Vec<u8>,
    /// The names that were given and not freed, oldest first.
    held: Vec<Vec<u8>>,
    /// The name that was given last.
    last: Vec<u8>,
    /// What may come next, from here on; the best guess last.
    guesses: Vec<Vec<u8>>,
    place: Place,
}

/// What kind of name is expected.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Place {
    /// None, or one that nothing is known about.
    #[default]
    Elsewhere,
    /// At the beginning of a line.
    Given,
    /// Behind `free`.
    Freed,
}

/// More held names than this are not looked through, newest first.
const MOST_HELD: usize = 256;

impl Names {
    /// The text goes on with `byte`.
    pub fn byte(&mut self, byte: u8) {
        if byte == b'\n' {
            self.end_line();
            return;
        }
        self.line.push(byte);
        let start = self.line.iter().position(|b| *b != b' ').unwrap_or(self.line.len());
        let said = &self.line[start..];
        if said.is_empty() {
            self.expect_given();
        } else if said == b"free " {
            self.place = Place::Freed;
            self.guesses = self.held[self.held.len().saturating_sub(MOST_HELD)..].to_vec();
            self.guesses.iter_mut().for_each(|name| name.push(b'\n'));
        } else if self.place != Place::Elsewhere {
            self.guesses.retain(|guess| guess.len() > 1 && guess[0] == byte);
            for guess in &mut self.guesses {
                guess.remove(0);
            }
            if self.guesses.is_empty() {
                self.place = Place::Elsewhere;
            }
        }
    }

    fn end_line(&mut self) {
        let line = String::from_utf8(std::mem::take(&mut self.line)).unwrap_or_default();
        let mut words = line.split_ascii_whitespace();
        match (words.next(), words.next()) {
            (Some("free"), Some(name)) => {
                if let Some(at) = self.held.iter().rposition(|held| held == name.as_bytes()) {
                    self.held.remove(at);
                }
            }
            (Some(name), Some("=")) => {
                self.last = name.as_bytes().to_vec();
                self.held.push(self.last.clone());
            }
            _ => {}
        }
        self.expect_given();
    }

    /// The name after the last one: `c` after `b`, `a1` after `z`, `s18` after `s17`.
    fn expect_given(&mut self) {
        self.place = Place::Given;
        let mut by_letter = self.last.clone();
        match by_letter.split_first_mut() {
            None => by_letter = b"a".to_vec(),
            Some((letter @ b'a'..=b'y', _)) => *letter += 1,
            Some((letter, number)) => {
                let number = number_of(number).unwrap_or(0);
                *letter = b'a';
                by_letter.truncate(1);
                by_letter.extend((number.wrapping_add(1)).to_string().into_bytes());
            }
        }
        let digits = self.last.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        let (word, number) = self.last.split_at(self.last.len() - digits);
        let mut by_number = word.to_vec();
        let number = number_of(number).unwrap_or(1);
        by_number.extend(number.wrapping_add(1).to_string().into_bytes());
        self.guesses = vec![by_number, by_letter];
        self.guesses.iter_mut().for_each(|name| name.push(b' '));
    }

    /// What is known of the next bit, given the bits of this byte so far behind a leading 1: a number that is the
    /// same for the same knowledge, 0 for none.
    pub fn hint(&self, byte: u32) -> u32 {
        let bits = 31 - byte.leading_zeros();
        let (mut all, mut ones, mut best) = (0u32, 0u32, 0);
        for guess in &self.guesses {
            let next = guess.first().map_or(0, |b| u32::from(*b)) | 0x100;
            if next >> (8 - bits) == byte {
                all += 1;
                best = next >> (7 - bits) & 1;
                ones += best;
            }
        }
        if all == 0 || self.place == Place::Elsewhere {
            return 0;
        }
        let share = ones * 32 / all;
        1 + best + 2 * (self.place as u32) + 8 * share + 512 * all.min(4)
    }
}

fn number_of(digits: &[u8]) -> Option<u32> {
    str::from_utf8(digits).ok()?.parse().ok()
}

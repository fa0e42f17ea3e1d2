//! Words that a trace repeats, each kept once.

use std::collections::BTreeMap;

/// How long a word is kept, in bytes; the rest is cut off.
const MAX_LENGTH: usize = 256;

/// The number of a word in its [`Names`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct Name(pub u16);

/// Words and how often each came. There are at most 65,536 of at most 256 bytes; the last of them stands for all
/// others, and reads `…`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Names {
    words: Vec<(Box<str>, u32)>,
    numbers: BTreeMap<Box<[u8]>, u16>,
}

impl Names {
    /// The word with this number; empty for a number of other names.
    #[must_use]
    pub fn get(&self, name: Name) -> &str {
        self.words.get(usize::from(name.0)).map_or("", |(word, _)| word)
    }

    /// The number of a word, if it came.
    #[must_use]
    pub fn find(&self, word: &str) -> Option<Name> {
        self.numbers.get(word.as_bytes()).copied().map(Name)
    }

    /// All words in the order in which they first came, and how often each came.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, u32)> {
        self.words.iter().map(|(word, times)| (&**word, *times))
    }

    /// How many different words there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether no word came.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Counts a word, and keeps it when it is new.
    pub(super) fn add(&mut self, word: &[u8]) -> Name {
        const LAST: u16 = u16::MAX;
        let word = &word[..word.len().min(MAX_LENGTH)];
        let number = match self.numbers.get(word) {
            Some(number) => *number,
            None => match u16::try_from(self.words.len()) {
                Ok(number) if number < LAST => {
                    self.words.push((String::from_utf8_lossy(word).into(), 0));
                    self.numbers.insert(word.into(), number);
                    number
                }
                Ok(number) => {
                    self.words.push(("…".into(), 0));
                    number
                }
                Err(_) => LAST,
            },
        };
        self.again(Name(number));
        Name(number)
    }

    /// Counts a word that is known.
    pub(super) fn again(&mut self, name: Name) {
        if let Some((_, times)) = self.words.get_mut(usize::from(name.0)) {
            *times = times.saturating_add(1);
        }
    }
}

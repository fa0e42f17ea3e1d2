//! What the next bit of a scenario's text probably is.
//!
//! A link has to be short, and a scenario's text is mostly what every scenario says. Deflate with a preset dictionary
//! was measured first: it finds the phrases of the dictionary, but a new sentence costs it as much as ever, and
//! typical lessons stayed above half of what lz-string makes of them. So the text is coded arithmetically, each bit
//! with the probability that this model gives it; the model has read the dictionary before.
//!
//! It mixes the predictions of several contexts (the last one to six bytes, the words before, the place in the line,
//! the longest match so far), each a table of adaptive counters, by weights that it learns on the way. All of it is
//! integer arithmetic of fixed width: the same bits natively and in wasm, for ever. Changing any number in this file
//! changes every link, so after format `0` this file is frozen; `golden_links.txt` sees to it.

use super::names::Names;

/// Contexts with a table of counters each.
const CONTEXTS: usize = 11;
/// The contexts and the match.
const INPUTS: usize = CONTEXTS + 1;
/// Slots of each context's table, as a power of two.
const TABLE_BITS: u32 = 16;
/// Slots of the table of places where a match may begin, as a power of two.
const MATCH_BITS: u32 = 15;
/// The fewest bytes that make a match.
const MATCH_MIN: usize = 5;
/// Longer matches are as good as this one.
const MATCH_LONGEST: u32 = 31;
/// Sets of weights chosen by what is expected to match, for each bit of a byte.
const SETS_BY_MATCH: usize = 6 * 8;
/// And those chosen by the bits of the byte so far.
const WEIGHT_SETS: usize = SETS_BY_MATCH + 256;
/// How fast weights learn.
const WEIGHT_RATE: i64 = 10;
/// How slow counters become.
const COUNT_LIMIT: u32 = 40;
/// One in 16.16 fixed point.
const ONE: i64 = 1 << 16;

/// The logistic function at 0, 0.5, 1, … 12, as probabilities in 65536ths.
const LOGISTIC: [i32; 25] = [
    32768, 40793, 47911, 53582, 57724, 60567, 62428, 63616, 64360, 64821, 65103, 65276, 65380, 65443, 65481,
    65503, 65516, 65524, 65529, 65532, 65533, 65534, 65534, 65535, 65535,
];

/// The logistic function of `x / 256`, in 65536ths; 1 to 65535.
fn squash(x: i32) -> i32 {
    let place = x.unsigned_abs().min(12 * 256 - 1) as i32;
    let (at, part) = ((place / 128) as usize, place % 128);
    let up = LOGISTIC[at] + (LOGISTIC[at + 1] - LOGISTIC[at]) * part / 128;
    if x < 0 { 65536 - up } else { up }.clamp(1, 65535)
}

/// The inverse of [`squash`] for probabilities in 4096ths: what the mixer adds up.
fn stretch_table() -> Vec<i16> {
    let mut table = Vec::with_capacity(4096);
    let mut x = -12 * 256;
    for probability in 0..4096 {
        while x < 12 * 256 && squash(x) < probability * 16 + 8 {
            x += 1;
        }
        table.push(x as i16);
    }
    table
}

/// The model and all it has learned.
#[derive(Clone)]
pub(super) struct Model {
    stretch: Vec<i16>,
    /// Slots of all contexts. Of each: 16 bits probability of a 1, 6 bits how often it was used, 10 bits that tell
    /// contexts apart which share a slot.
    slots: Vec<u32>,
    /// Per set of weights, one weight for each input.
    weights: Vec<i64>,
    /// How often a match of some length was right, as a probability in 65536ths.
    match_right: [i32; MATCH_LONGEST as usize + 1],
    history: Vec<u8>,
    /// By hash of the last bytes, where they stood before.
    match_starts: Vec<u32>,
    match_at: usize,
    match_len: u32,
    /// The bits of the current byte behind a leading 1.
    byte: u32,
    context: [u32; CONTEXTS],
    words: Words,
    names: Names,
    // What the last prediction was made of, for the update.
    used: [u32; CONTEXTS],
    inputs: [i32; INPUTS],
    weight_sets: [usize; 2],
    probability: i32,
    expected: Option<u32>,
}

/// Where in the language the text stands.
#[derive(Clone, Copy, Default)]
struct Words {
    /// The word so far.
    word: u32,
    /// The words before it, newest first.
    before: [u32; 2],
    /// The first word of this line and of the last one.
    first: u32,
    last_first: u32,
    /// How many words and signs the line has had.
    field: u32,
}

impl Words {
    fn byte(&mut self, byte: u8) {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | 0x80.. => {
                self.word = hash(self.word, u32::from(byte) + 1);
            }
            _ => {
                if self.word != 0 {
                    if self.field == 0 {
                        self.first = self.word;
                    }
                    self.before = [self.word, self.before[0]];
                    self.field += 1;
                    self.word = 0;
                }
                if byte == b'\n' {
                    self.last_first = self.first;
                    (self.first, self.field) = (0, 0);
                }
            }
        }
    }
}

fn hash(a: u32, b: u32) -> u32 {
    let mixed = (a ^ b.wrapping_mul(0x9e37_79b1)).wrapping_mul(0x85eb_ca6b);
    mixed ^ (mixed >> 15)
}

impl Model {
    /// A model that has read `dictionary`.
    pub fn primed(dictionary: &[u8]) -> Model {
        let mut model = Model {
            stretch: stretch_table(),
            slots: vec![32768 << 16; CONTEXTS << TABLE_BITS],
            weights: vec![ONE * 12 / 100; INPUTS * WEIGHT_SETS],
            match_right: std::array::from_fn(|len| 65536 - 32768 / (len as i32 + 1)),
            history: Vec::new(),
            match_starts: vec![0; 1 << MATCH_BITS],
            match_at: 0,
            match_len: 0,
            byte: 1,
            context: [0; CONTEXTS],
            words: Words::default(),
            names: Names::default(),
            used: [0; CONTEXTS],
            inputs: [0; INPUTS],
            weight_sets: [0; 2],
            probability: 32768,
            expected: None,
        };
        model.set_contexts();
        for byte in dictionary {
            for shift in (0..8).rev() {
                model.predict();
                model.learn(u32::from(byte >> shift) & 1);
            }
        }
        model
    }

    /// The probability that the next bit is 1, in 65536ths: 1 to 65535.
    pub fn predict(&mut self) -> u32 {
        let hint = self.names.hint(self.byte);
        for at in 0..CONTEXTS {
            let hashed = match at {
                9 => hash(hint, 0),
                10 => hash(hint, self.context[at]),
                _ => hash(self.context[at], self.byte),
            };
            let slot = (at << TABLE_BITS) as u32 + (hashed >> (32 - TABLE_BITS));
            self.used[at] = slot;
            let check = hashed & 0x3ff;
            let stored = &mut self.slots[slot as usize];
            if *stored & 0x3ff != check {
                *stored = 32768 << 16 | check;
            }
            self.inputs[at] = match *stored >> 10 & 0x3f {
                0 => 0,
                _ => i32::from(self.stretch[(*stored >> 20) as usize]),
            };
        }
        self.expected = None;
        self.inputs[CONTEXTS] = 0;
        if self.match_len > 0 {
            let predicted = u32::from(self.history[self.match_at]) | 0x100;
            let bits = 32 - self.byte.leading_zeros() - 1;
            if predicted >> (8 - bits) == self.byte {
                let expected = predicted >> (7 - bits) & 1;
                let right = self.match_right[self.match_len.min(MATCH_LONGEST) as usize];
                let sure = i32::from(self.stretch[(right >> 4).min(4095) as usize]);
                self.inputs[CONTEXTS] = if expected == 1 { sure } else { -sure };
                self.expected = Some(expected);
            } else {
                self.match_len = 0;
            }
        }
        let by_match = match self.expected {
            None => usize::from(hint > 0),
            Some(_) => 2 + (self.match_len.min(MATCH_LONGEST) / 8) as usize,
        };
        let bits = (31 - self.byte.leading_zeros()) as usize;
        self.weight_sets = [by_match * 8 + bits, SETS_BY_MATCH + self.byte as usize];
        let dot: i64 = self
            .weight_sets
            .iter()
            .flat_map(|set| self.weights[set * INPUTS..][..INPUTS].iter().zip(self.inputs))
            .map(|(weight, input)| weight * i64::from(input))
            .sum();
        self.probability = squash((dot / ONE).clamp(-(12 << 8), 12 << 8) as i32);
        self.probability as u32
    }

    /// The bit that was predicted last is `bit`.
    pub fn learn(&mut self, bit: u32) {
        let target = (bit as i32) << 16;
        let error = i64::from(target - self.probability);
        for set in self.weight_sets {
            let weights = &mut self.weights[set * INPUTS..][..INPUTS];
            for (weight, input) in weights.iter_mut().zip(self.inputs) {
                *weight += (i64::from(input) * error * WEIGHT_RATE) >> 18;
            }
        }
        for slot in self.used {
            let stored = &mut self.slots[slot as usize];
            let (probability, count) = ((*stored >> 16) as i32, *stored >> 10 & 0x3f);
            let moved = probability + (target - probability) * 2 / (2 * count as i32 + 3);
            let count = (count + 1).min(COUNT_LIMIT);
            *stored = (moved.clamp(16, 65519) as u32) << 16 | count << 10 | *stored & 0x3ff;
        }
        if let Some(expected) = self.expected {
            let right = &mut self.match_right[self.match_len.min(MATCH_LONGEST) as usize];
            *right += ((i32::from(expected == bit) << 16) - *right) / 64;
            *right = (*right).clamp(32, 65535 - 8);
        }
        self.byte = self.byte << 1 | bit;
        if self.byte >= 0x100 {
            let byte = (self.byte & 0xff) as u8;
            self.byte = 1;
            self.history.push(byte);
            self.words.byte(byte);
            self.names.byte(byte);
            self.find_match(byte);
            self.set_contexts();
        }
    }

    fn find_match(&mut self, byte: u8) {
        let end = self.history.len();
        if self.match_len > 0 && self.history[self.match_at] == byte {
            self.match_len += 1;
            self.match_at += 1;
        } else {
            self.match_len = 0;
        }
        if end < MATCH_MIN {
            return;
        }
        let last = &self.history[end - MATCH_MIN..];
        let hashed = last.iter().fold(0, |hashed, byte| hash(hashed, u32::from(*byte) + 1));
        let start = &mut self.match_starts[(hashed >> (32 - MATCH_BITS)) as usize];
        if self.match_len == 0 && *start > 0 {
            self.match_at = *start as usize;
            let before = self.history[..self.match_at].iter().rev();
            let same = before.zip(self.history.iter().rev()).take(64).take_while(|(a, b)| a == b).count();
            self.match_len = if same >= MATCH_MIN { same as u32 } else { 0 };
        }
        *start = end as u32;
    }

    fn set_contexts(&mut self) {
        let last = |n: usize| {
            let recent = self.history.iter().rev().take(n);
            recent.fold(n as u32 + 1, |hashed, byte| hash(hashed, u32::from(*byte) + 1))
        };
        let Words { word, before, first, last_first, field } = self.words;
        self.context = [
            last(1),
            last(2),
            last(3),
            last(4),
            last(6),
            hash(hash(101, word), before[0]),
            hash(hash(hash(102, word), before[0]), before[1]),
            hash(hash(hash(103, word), first), field),
            hash(hash(hash(104, word), first), last_first),
            0,
            hash(last_first, 7),
        ];
    }
}

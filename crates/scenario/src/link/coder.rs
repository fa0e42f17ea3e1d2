//! An arithmetic coder: bits with probabilities to bytes and back.

/// Writes bits.
pub(super) struct Encoder {
    low: u32,
    high: u32,
    out: Vec<u8>,
}

impl Encoder {
    pub fn new() -> Encoder {
        Encoder { low: 0, high: u32::MAX, out: Vec::new() }
    }

    /// Writes `bit`, whose probability to be 1 is `probability` / 65536.
    pub fn bit(&mut self, bit: u32, probability: u32) {
        let middle = middle(self.low, self.high, probability);
        match bit {
            0 => self.low = middle + 1,
            _ => self.high = middle,
        }
        while (self.low ^ self.high) >> 24 == 0 {
            self.out.push((self.high >> 24) as u8);
            (self.low, self.high) = (self.low << 8, self.high << 8 | 0xff);
        }
    }

    /// The bytes: as few as tell the last interval from its neighbours, with zeros behind them.
    pub fn finish(mut self) -> Vec<u8> {
        for bytes in 0..=4u32 {
            let mask = u32::MAX.checked_shr(8 * bytes).unwrap_or(0);
            let value = (u64::from(self.low) + u64::from(mask)) & !u64::from(mask);
            if value <= u64::from(self.high) {
                self.out.extend((0..bytes).map(|byte| (value >> (24 - 8 * byte)) as u8));
                break;
            }
        }
        while self.out.last() == Some(&0) {
            self.out.pop();
        }
        self.out
    }
}

/// Reads bits. Behind the last byte it reads zeros.
pub(super) struct Decoder<'b> {
    low: u32,
    high: u32,
    value: u32,
    bytes: std::slice::Iter<'b, u8>,
    /// Zeros read behind the last byte.
    missing: u32,
    /// A bit depended on them.
    guessed: bool,
}

impl<'b> Decoder<'b> {
    pub fn new(bytes: &'b [u8]) -> Decoder<'b> {
        let mut decoder =
            Decoder { low: 0, high: u32::MAX, value: 0, bytes: bytes.iter(), missing: 0, guessed: false };
        (0..4).for_each(|_| decoder.shift());
        decoder
    }

    /// The next bit, whose probability to be 1 is `probability` / 65536.
    pub fn bit(&mut self, probability: u32) -> u32 {
        let middle = middle(self.low, self.high, probability);
        let bit = u32::from(self.value <= middle);
        let unknown = u32::MAX.checked_shr(32u32.saturating_sub(8 * self.missing)).unwrap_or(0);
        self.guessed |= bit != u32::from(self.value | unknown <= middle);
        match bit {
            0 => self.low = middle + 1,
            _ => self.high = middle,
        }
        while (self.low ^ self.high) >> 24 == 0 {
            (self.low, self.high) = (self.low << 8, self.high << 8 | 0xff);
            self.shift();
        }
        bit
    }

    /// Whether more was read than an encoder can have written: what comes out now is no text.
    pub fn is_past_the_end(&self) -> bool {
        self.missing > 8
    }

    /// Whether everything so far would have been the same whatever follows the last byte.
    pub fn is_sure(&self) -> bool {
        !self.guessed
    }

    fn shift(&mut self) {
        let byte = self.bytes.next();
        self.missing += u32::from(byte.is_none());
        self.value = self.value << 8 | u32::from(byte.copied().unwrap_or(0));
    }
}

/// The last number of the interval that means 1. `low < high` holds, because their first bytes differ.
fn middle(low: u32, high: u32, probability: u32) -> u32 {
    let width = u64::from(high - low);
    low + ((width * u64::from(probability)) >> 16) as u32
}

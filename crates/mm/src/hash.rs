//! The digest of the machine's state: the same number natively and in wasm, or a rule depends on the platform.

/// A 64-bit mixing hash over words. Not cryptographic; stable across platforms and releases of Rust.
#[derive(Clone, Copy, Debug)]
pub struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Digest(0x9e37_79b9_7f4a_7c15)
    }
}

impl Digest {
    /// Mixes one word in.
    pub fn word(&mut self, word: u64) {
        let mut x = (self.0 ^ word).wrapping_mul(0xff51_afd7_ed55_8ccd);
        x ^= x >> 32;
        self.0 = x.wrapping_mul(0xc4ce_b9fe_1a85_ec53).rotate_left(29);
    }

    /// The digest so far.
    #[must_use]
    pub fn finish(self) -> u64 {
        let x = (self.0 ^ (self.0 >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        x ^ (x >> 29)
    }
}

/// State that can be mixed into a [`Digest`], word by word.
pub trait Digestible {
    /// Feeds every field that is part of the state.
    fn digest(&self, to: &mut Digest);
}

impl Digestible for u8 {
    fn digest(&self, to: &mut Digest) {
        to.word(u64::from(*self));
    }
}

impl Digestible for u32 {
    fn digest(&self, to: &mut Digest) {
        to.word(u64::from(*self));
    }
}

impl Digestible for u64 {
    fn digest(&self, to: &mut Digest) {
        to.word(*self);
    }
}

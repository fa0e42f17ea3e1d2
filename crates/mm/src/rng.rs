//! The generator of random numbers: part of the state, never of the platform.

/// SplitMix64. Its stream is part of the link format: a shared workload draws the same numbers for ever.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rng(u64);

impl Rng {
    /// A stream for `(seed, stream)`; different streams of one seed are unrelated.
    #[must_use]
    pub fn new(seed: u64, stream: u64) -> Rng {
        let mut rng = Rng(seed ^ stream.wrapping_mul(0xd134_2543_de82_ef95));
        rng.next();
        rng
    }

    /// The next 64 bits.
    #[allow(clippy::should_implement_trait, reason = "an endless stream is no Iterator: there is no None")]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in `0..bound`. `bound` is at least 1.
    pub fn below(&mut self, bound: u32) -> u32 {
        debug_assert!(bound > 0);
        let wide = u64::from((self.next() >> 32) as u32) * u64::from(bound);
        (wide >> 32) as u32
    }

    /// The inner state, for the machine's digest.
    #[must_use]
    pub fn state(self) -> u64 {
        self.0
    }
}

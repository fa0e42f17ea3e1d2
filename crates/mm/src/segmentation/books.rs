//! What came before segments with descriptors, as the books have it: a base and a bound for a whole program, and a table
//! with a base and a bound for each of its parts.

/// A base and a bound: one past the last address that a program may use.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Bounds {
    /// Where the program lies.
    pub base: u32,
    /// How many bytes it has.
    pub limit: u32,
}

impl Bounds {
    /// The physical address; none: it is beyond the bound.
    #[must_use]
    pub fn translate(self, address: u32) -> Option<u64> {
        (address < self.limit).then(|| u64::from(self.base) + u64::from(address))
    }

    /// A part that grows downwards from its base: `distance` bytes below it, at least 1.
    #[must_use]
    pub fn translate_down(self, distance: u32) -> Option<u64> {
        (1..=self.limit).contains(&distance).then(|| u64::from(self.base).checked_sub(u64::from(distance)))?
    }
}

/// A program of two parts, as the OSTEP course has it: the upper half of its addresses is a stack that grows downwards
/// from the end of them all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TwoParts {
    /// How many addresses there are.
    pub addresses: u32,
    /// The lower half, growing upwards.
    pub low: Bounds,
    /// The upper half, growing downwards.
    pub high: Bounds,
}

impl TwoParts {
    /// Which part an address is in: the topmost bit says it.
    #[must_use]
    pub fn part(self, address: u32) -> u8 {
        u8::from(address >= self.addresses / 2)
    }

    /// The physical address; none: it is beyond the bound of its part.
    #[must_use]
    pub fn translate(self, address: u32) -> Option<u64> {
        match self.part(address) {
            0 => self.low.translate(address),
            _ => self.high.translate_down(self.addresses.checked_sub(address)?),
        }
    }
}

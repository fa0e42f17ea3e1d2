//! The requests, the same ones for everybody.

use mm::Order;
use mm::rng::Rng;

/// How the sizes of requests are spread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mix {
    /// Order `k` with probability 2^-(k+1): many small blocks, few large ones.
    Geometric,
    /// Every order from 0 to 10 alike.
    Uniform,
    /// Single frames.
    Order0,
    /// All memory in one order, then all of it back, order after order.
    Sweep,
}

impl Mix {
    /// All of them, in the order of the table.
    pub const ALL: [Mix; 4] = [Mix::Geometric, Mix::Uniform, Mix::Order0, Mix::Sweep];

    /// Its name in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Mix::Geometric => "geometric",
            Mix::Uniform => "uniform",
            Mix::Order0 => "order 0",
            Mix::Sweep => "full sweep",
        }
    }

    fn order(self, rng: &mut Rng) -> u8 {
        match self {
            Mix::Geometric => (rng.next().trailing_zeros() as u8).min(Order::MAX.get()),
            Mix::Uniform => rng.below(Order::COUNT as u32) as u8,
            Mix::Order0 | Mix::Sweep => 0,
        }
    }
}

/// One request. A slot holds at most one block at a time.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// Whose block.
    pub slot: u32,
    /// Its size.
    pub order: u8,
    /// Whether it is a block of movable pages; peers know no such thing.
    pub movable: bool,
    /// Whether the block comes or goes.
    pub is_alloc: bool,
}

/// Requests that fill memory to the half, and then keep it there.
pub struct Stream {
    /// Allocations only.
    pub fill: Vec<Ask>,
    /// As many frees as allocations, more or less: a random one of the blocks that are held goes, or another comes.
    pub steady: Vec<Ask>,
    /// How many slots there are.
    pub slots: u32,
}

/// Makes `count` requests at the half of `frames` frames, two movable blocks for each unmovable one. Not for a
/// [`Mix::Sweep`], whose length depends on the allocator.
#[must_use]
pub fn stream(mix: Mix, frames: u32, count: usize, seed: u64) -> Stream {
    let mut rng = Rng::new(seed, u64::from(frames));
    let (mut held, mut empty) = (Vec::<(u32, u8)>::new(), Vec::<u32>::new());
    let (mut slots, mut pages) = (0, 0);
    let (mut fill, mut steady) = (Vec::new(), Vec::with_capacity(count));
    while steady.len() < count {
        let is_full = pages >= frames / 2;
        // Around the half, memory is left to its dice; away from it, they are loaded.
        let still_filling = fill.is_empty() || steady.is_empty() && !is_full;
        let is_alloc = if still_filling || held.is_empty() {
            true
        } else {
            let percent = if is_full { 45 } else { 55 };
            rng.below(100) < percent
        };
        let ask = if is_alloc {
            let slot = empty.pop().unwrap_or_else(|| {
                slots += 1;
                slots - 1
            });
            let order = mix.order(&mut rng);
            pages += 1 << order;
            held.push((slot, order));
            Ask { slot, order, movable: rng.below(3) > 0, is_alloc }
        } else {
            let (slot, order) = held.swap_remove(rng.below(held.len() as u32) as usize);
            pages -= 1 << order;
            empty.push(slot);
            Ask { slot, order, movable: false, is_alloc }
        };
        let is_filling = steady.is_empty() && !is_full;
        if is_filling { &mut fill } else { &mut steady }.push(ask);
    }
    Stream { fill, steady, slots }
}

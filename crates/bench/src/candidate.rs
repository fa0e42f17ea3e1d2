//! An allocator that takes part, and its turns.

use std::hint::black_box;
use std::time::Duration;

use mm::Order;

use crate::ThreadTime;
use crate::mix::Ask;

/// An allocator of frames. All of them get the same number of frames, and see the same requests.
pub trait Candidate {
    /// What a block is called by.
    type Block: Copy;

    /// Its name in the table.
    const NAME: &'static str;

    /// So many frames, all free.
    fn new(frames: u32) -> Self;

    /// A block of this order.
    fn alloc(&mut self, order: u8, movable: bool) -> Option<Self::Block>;

    /// Gives a block back.
    fn free(&mut self, block: Self::Block, order: u8);

    /// The first frame of a block, from any beginning.
    fn first_frame(&self, block: Self::Block) -> usize;

    /// Bytes of its own state, if they can be told.
    fn state_bytes(&self) -> Option<u64>;
}

/// What a turn came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Turn {
    /// Time of this thread on its CPU.
    pub time: Duration,
    /// Allocations and frees that were made.
    pub requests: u32,
    /// Allocations that were refused.
    pub refused: u32,
}

impl Turn {
    /// Nanoseconds a request.
    #[must_use]
    pub fn ns(&self) -> f64 {
        self.time.as_nanos() as f64 / f64::from(self.requests.max(1))
    }
}

/// A candidate with the blocks that are held, whatever its type.
pub trait Runner {
    /// The candidate's name.
    fn name(&self) -> &'static str;

    /// Serves these requests.
    fn serve(&mut self, asks: &[Ask]) -> Turn;

    /// Takes all memory in one order and gives it back, order after order.
    fn sweep(&mut self) -> Turn;

    /// Frames in use, after a look that no two blocks overlap.
    ///
    /// # Panics
    /// When two do.
    fn frames_in_use(&self) -> u32;

    /// The most frames that it gives away, one by one; for a candidate with nothing in use.
    fn capacity(&mut self) -> u32;

    /// Bytes of its own state a frame, if they can be told.
    fn bytes_a_frame(&self) -> Option<f64>;
}

/// A candidate and the blocks it gave away.
pub struct Running<C: Candidate> {
    candidate: C,
    frames: u32,
    /// By slot.
    held: Vec<Option<C::Block>>,
    /// By slot, the order of the last block that was asked for.
    orders: Vec<u8>,
}

impl<C: Candidate> Running<C> {
    /// So many frames, and so many slots to hold blocks in.
    #[must_use]
    pub fn new(frames: u32, slots: u32) -> Self {
        Running {
            candidate: C::new(frames),
            frames,
            held: vec![None; slots as usize],
            orders: vec![0; slots as usize],
        }
    }
}

impl<C: Candidate> Runner for Running<C> {
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn serve(&mut self, asks: &[Ask]) -> Turn {
        let mut refused = 0;
        let start = ThreadTime::now();
        for ask in asks {
            let slot = &mut self.held[ask.slot as usize];
            if ask.is_alloc {
                let block = self.candidate.alloc(ask.order, ask.movable);
                refused += u32::from(block.is_none());
                *slot = block;
            } else if let Some(block) = slot.take() {
                self.candidate.free(block, ask.order);
            }
        }
        let time = start.elapsed();
        asks.iter().for_each(|ask| self.orders[ask.slot as usize] = ask.order);
        Turn { time, requests: asks.len() as u32, refused }
    }

    fn sweep(&mut self) -> Turn {
        let mut blocks = Vec::with_capacity(self.frames as usize);
        let mut turn = Turn::default();
        let start = ThreadTime::now();
        for order in 0..=Order::MAX.get() {
            while let Some(block) = self.candidate.alloc(order, true) {
                blocks.push(block);
            }
            turn.requests += 2 * blocks.len() as u32;
            for block in blocks.drain(..) {
                self.candidate.free(black_box(block), order);
            }
        }
        Turn { time: start.elapsed(), ..turn }
    }

    fn frames_in_use(&self) -> u32 {
        let held = self.held.iter().zip(&self.orders);
        let blocks: Vec<_> = held.filter_map(|(block, order)| Some(((*block)?, *order))).collect();
        distinct_frames(&self.candidate, &blocks)
    }

    fn capacity(&mut self) -> u32 {
        let mut blocks = Vec::new();
        while let Some(block) = self.candidate.alloc(0, true) {
            blocks.push((block, 0));
        }
        let frames = distinct_frames(&self.candidate, &blocks);
        blocks.into_iter().for_each(|(block, order)| self.candidate.free(block, order));
        frames
    }

    fn bytes_a_frame(&self) -> Option<f64> {
        Some(self.candidate.state_bytes()? as f64 / f64::from(self.frames))
    }
}

/// The frames of some blocks.
fn distinct_frames<C: Candidate>(candidate: &C, blocks: &[(C::Block, u8)]) -> u32 {
    let mut frames: Vec<usize> = blocks
        .iter()
        .flat_map(|(block, order)| {
            let first = candidate.first_frame(*block);
            first..first + (1 << order)
        })
        .collect();
    let all = frames.len();
    frames.sort_unstable();
    frames.dedup();
    assert_eq!(frames.len(), all, "{}: a frame was given away twice", C::NAME);
    all as u32
}

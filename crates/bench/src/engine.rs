//! Ours: everything on, and nobody looking on.

use std::num::NonZeroU32;

use mm::gfp::GfpFlags;
use mm::page::Block;
use mm::{Config, CpuId, Machine, Order, Pfn};

use crate::candidate::Candidate;

const CPU: CpuId = CpuId(0);

/// A PC with zones, migratetypes, watermarks and per-CPU lists.
pub struct Engine(Machine);

/// That PC. The first MiB is reserved, so it has one more than the buddy system is to get.
#[must_use]
pub fn config(frames: u32) -> Config {
    Config { pcp: true, watermarks: true, ..Config::x86_64(frames + 256) }
}

impl Candidate for Engine {
    type Block = NonZeroU32;
    const NAME: &'static str = "mmscope";

    fn new(frames: u32) -> Engine {
        let mut machine = Machine::boot(&config(frames)).expect("a PC boots");
        machine.flatten();
        Engine(machine)
    }

    #[inline]
    fn alloc(&mut self, order: u8, movable: bool) -> Option<NonZeroU32> {
        let gfp = if movable { GfpFlags::GFP_HIGHUSER_MOVABLE } else { GfpFlags::GFP_KERNEL };
        // The first frame is reserved.
        self.0.alloc(CPU, Order::new(order)?, gfp).and_then(|pfn| NonZeroU32::new(pfn.0))
    }

    #[inline]
    fn free(&mut self, frame: NonZeroU32, order: u8) {
        if let Some(order) = Order::new(order) {
            self.0.free(CPU, Block { pfn: Pfn(frame.get()), order });
        }
    }

    fn first_frame(&self, frame: NonZeroU32) -> usize {
        frame.get() as usize
    }

    fn state_bytes(&self) -> Option<u64> {
        Some(self.0.state_bytes())
    }
}

//! The same random requests for everybody who is measured.

use mm::CpuId;
use mm::op::{Gfp, NameId, Op, PageKind};
use mm::rng::Rng;

/// One request. A slot holds at most one block at a time.
#[derive(Clone, Copy)]
pub enum Ask {
    /// A block of this order into this slot.
    Alloc { slot: u32, order: u8, kind: PageKind },
    /// Free what the slot holds.
    Free { slot: u32 },
}

impl Ask {
    /// As the engine takes it: a slot is a name.
    pub fn op(self) -> Op {
        match self {
            Ask::Alloc { slot, order, kind } => {
                Op::Alloc { name: NameId(slot), order, gfp: Gfp::of(kind, None), cpu: CpuId(0) }
            }
            Ask::Free { slot } => Op::Free { name: NameId(slot), cpu: CpuId(0) },
        }
    }
}

/// So many requests: orders 0 to 3, two movable for one unmovable, 45 frees in a hundred.
pub fn traffic(count: u32, seed: u64) -> Vec<Ask> {
    let mut rng = Rng::new(seed, 0);
    let (mut held, mut empty, mut slots) = (Vec::<u32>::new(), Vec::<u32>::new(), 0);
    let mut asks = Vec::with_capacity(count as usize);
    for _ in 0..count {
        if rng.below(100) < 45 && !held.is_empty() {
            let slot = held.swap_remove(rng.below(held.len() as u32) as usize);
            empty.push(slot);
            asks.push(Ask::Free { slot });
        } else {
            let slot = empty.pop().unwrap_or_else(|| {
                slots += 1;
                slots - 1
            });
            held.push(slot);
            let kind = if rng.below(3) == 0 { PageKind::Unmovable } else { PageKind::Anon };
            asks.push(Ask::Alloc { slot, order: rng.below(4) as u8, kind });
        }
    }
    asks
}

//! What a real kernel did, as lines of a scenario: `kernel alloc 0x7a4e order=1 gfp=GFP_KERNEL taken 0x7a4e 0x7a50`.
//!
//! A recorded trace becomes such lines, so that it is a scenario like any other: readable, shareable when it is short,
//! and stepped through on the same timeline.

use std::fmt;

use mm::gfp::GfpFlags;
use mm::op::PageKind;
use mm::page::{Block, MigrateType};
use mm::replay::{Moved, Moves, Moving, Recorded};
use mm::units::{CpuId, Order, Pfn};

/// One thing that a kernel did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kernel {
    /// What.
    pub did: Did,
    /// The CPU it did it on.
    pub cpu: u8,
    /// Which blocks it moved on the way, in their order.
    pub moved: Vec<MovedBlocks>,
}

/// What a kernel did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Did {
    /// A request was served, or failed.
    Alloc {
        /// The first frame; none when it failed.
        pfn: Option<u32>,
        /// Its order.
        order: Order,
        /// The request.
        gfp: GfpFlags,
    },
    /// A per-CPU list was refilled, and nobody was served.
    Refill {
        /// The order of the list.
        order: Order,
        /// Its type.
        migratetype: MigrateType,
    },
    /// A block came back.
    Free {
        /// Its first frame.
        pfn: u32,
        /// Its order.
        order: Order,
    },
    /// Per-CPU lists were drained for another reason.
    Drain,
}

/// Blocks that were moved in the same way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MovedBlocks {
    /// How.
    pub how: Moving,
    /// Their order.
    pub order: Order,
    /// Drained: the free lists they went to. Else the type of the request.
    pub migratetype: MigrateType,
    /// Their first frames.
    pub pfns: Vec<u32>,
}

impl Did {
    /// The order and the type of the blocks that are taken for it, which its line does not say again.
    #[must_use]
    pub fn takes(&self) -> (Order, MigrateType) {
        match *self {
            Did::Alloc { order, gfp, .. } => (order, gfp.migratetype()),
            Did::Refill { order, migratetype } => (order, migratetype),
            Did::Free { order, .. } => (order, MigrateType::Movable),
            Did::Drain => (Order::ZERO, MigrateType::Movable),
        }
    }
}

impl Kernel {
    /// The line that says this.
    #[must_use]
    pub fn of(recorded: &Recorded, table: &[Moved]) -> Kernel {
        let (did, cpu, moves) = match *recorded {
            Recorded::Alloc { cpu, order, gfp, pfn, moves, .. } => {
                (Did::Alloc { pfn: pfn.map(|pfn| pfn.0), order, gfp }, cpu, moves)
            }
            Recorded::Refill { cpu, order, migratetype, moves } => {
                (Did::Refill { order, migratetype }, cpu, moves)
            }
            Recorded::Free { cpu, block, moves } => {
                (Did::Free { pfn: block.pfn.0, order: block.order }, cpu, moves)
            }
            Recorded::Drain { moves } => (Did::Drain, CpuId(0), moves),
        };
        let mut moved: Vec<MovedBlocks> = Vec::new();
        for m in table.iter().skip(moves.first as usize).take(moves.len as usize) {
            let Moved { how, block, migratetype } = *m;
            let joins = |last: &&mut MovedBlocks| {
                !matches!(how, Moving::Stolen { .. })
                    && (last.how, last.order, last.migratetype) == (how, block.order, migratetype)
            };
            match moved.last_mut().filter(joins) {
                Some(last) => last.pfns.push(block.pfn.0),
                None => {
                    moved.push(MovedBlocks { how, order: block.order, migratetype, pfns: vec![block.pfn.0] })
                }
            }
        }
        Kernel { did, cpu: cpu.0, moved }
    }

    /// The op; what it moved goes to the end of `table`.
    pub(crate) fn recorded(&self, table: &mut Vec<Moved>) -> Recorded {
        let first = table.len() as u32;
        for MovedBlocks { how, order, migratetype, pfns } in &self.moved {
            let block = |pfn: &u32| Block { pfn: Pfn(*pfn), order: *order };
            table.extend(pfns.iter().map(|pfn| Moved {
                how: *how,
                block: block(pfn),
                migratetype: *migratetype,
            }));
        }
        let moves = Moves { first, len: table.len() as u32 - first };
        let cpu = CpuId(self.cpu);
        match self.did {
            Did::Alloc { pfn, order, gfp } => {
                let kind = PageKind::of_flags(gfp);
                Recorded::Alloc { cpu, order, gfp, kind, pfn: pfn.map(Pfn), moves }
            }
            Did::Refill { order, migratetype } => Recorded::Refill { cpu, order, migratetype, moves },
            Did::Free { pfn, order } => Recorded::Free { cpu, block: Block { pfn: Pfn(pfn), order }, moves },
            Did::Drain => Recorded::Drain { moves },
        }
    }
}

impl fmt::Display for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.did {
            Did::Alloc { pfn: Some(pfn), order, gfp } => {
                write!(f, "kernel alloc {pfn:#x} order={order} gfp={gfp}")?
            }
            Did::Alloc { pfn: None, order, gfp } => write!(f, "kernel alloc none order={order} gfp={gfp}")?,
            Did::Refill { order, migratetype } => {
                write!(f, "kernel refill order={order} {}", migratetype.name())?
            }
            Did::Free { pfn, order } => write!(f, "kernel free {pfn:#x} order={order}")?,
            Did::Drain => f.write_str("kernel drain")?,
        }
        if self.cpu > 0 {
            write!(f, " cpu={}", self.cpu)?;
        }
        for MovedBlocks { how, order, migratetype, pfns } in &self.moved {
            match how {
                Moving::Taken => f.write_str(" taken")?,
                Moving::Stolen { .. } => f.write_str(" stolen")?,
                Moving::Drained => write!(f, " drained order={order} {}", migratetype.name())?,
            }
            runs(f, pfns, order.pages())?;
            if let Moving::Stolen { from, claimed } = how {
                write!(f, " order={order} from={}", from.name())?;
                f.write_str(if *claimed { " claimed" } else { "" })?;
            }
        }
        Ok(())
    }
}

/// Frames in their order; blocks side by side as `first..last`.
fn runs(f: &mut fmt::Formatter<'_>, pfns: &[u32], pages: u32) -> fmt::Result {
    let mut at = 0;
    while let Some(first) = pfns.get(at) {
        let beside =
            |n: usize| pfns.get(at + n).is_some_and(|pfn| Some(*pfn) == pfns[at + n - 1].checked_add(pages));
        let len = (1..).find(|n| !beside(*n)).unwrap_or(1);
        match len {
            1 => write!(f, " {first:#x}")?,
            _ => write!(f, " {first:#x}..{:#x}", pfns[at + len - 1])?,
        }
        at += len;
    }
    Ok(())
}

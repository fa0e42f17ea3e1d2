//! What a scenario has a name for.

use crate::hash::{Digest, Digestible};
use crate::op::NameId;
use crate::page::Block;
use crate::slub::{Object, SlabId};
use crate::units::{Pfn, Vaddr};

/// What a name of the scenario stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Named {
    /// Nothing yet.
    #[default]
    Nothing,
    /// A block.
    Block(Block),
    /// An allocation that failed.
    Failed,
    /// A block or a pool that was freed.
    Freed,
    /// A workload's pool: so many blocks of the table of pool blocks, from the first one on.
    Pool {
        /// Index of its first block.
        first: u32,
        /// How many it holds.
        len: u32,
    },
    /// A cache: the name that it was created under, another one where two became one.
    Cache(NameId),
    /// An object of a cache.
    Object {
        /// Which cache.
        cache: NameId,
        /// Which object.
        object: Object,
    },
    /// An area of vmalloc, by its first byte.
    Area(Vaddr),
    /// A process.
    Process,
    /// A thread that is no leader.
    Thread {
        /// Of which process.
        process: NameId,
    },
    /// What `mmap()` gave a process: its first address, and its length in pages.
    Mapping {
        /// Whose.
        process: NameId,
        /// From where.
        start: Vaddr,
        /// How many pages, at most as many as a `u32` counts.
        pages: u32,
    },
    /// A file.
    File,
    /// A control group.
    Group,
    /// A cpuset.
    Cpuset,
    /// What `malloc()` gave a process: the pointer, and how many bytes were asked for.
    Chunk {
        /// Whose.
        process: NameId,
        /// The pointer.
        at: Vaddr,
        /// How many bytes.
        bytes: u32,
    },
    /// A range of frames in one piece, each of them a block of order 0.
    Contig {
        /// The first frame.
        first: Pfn,
        /// How many.
        count: u32,
    },
    /// A device that wants memory.
    Device,
    /// A buffer of a device that is no block of anybody's name.
    Dma,
}

impl Digestible for Named {
    fn digest(&self, to: &mut Digest) {
        let (tag, a, b) = match *self {
            Named::Cache(name) => (5, name.0, 0),
            Named::Object { cache, object: Object { slab, at: SlabId(at), index } } => {
                to.word(u64::from(slab.0) << 32 | u64::from(at));
                (6, cache.0, u32::from(index))
            }
            Named::Area(Vaddr(start)) => (7, start as u32, (start >> 32) as u32),
            Named::Process => (8, 0, 0),
            Named::Thread { process } => (12, process.0, 0),
            Named::Mapping { process, start, pages } => {
                to.word(start.0);
                (9, process.0, pages)
            }
            Named::File => (10, 0, 0),
            Named::Group => (13, 0, 0),
            Named::Cpuset => (17, 0, 0),
            Named::Contig { first, count } => (14, first.0, count),
            Named::Device => (15, 0, 0),
            Named::Dma => (16, 0, 0),
            Named::Chunk { process, at, bytes } => {
                to.word(at.0);
                (11, process.0, bytes)
            }
            Named::Nothing => (0, 0, 0),
            Named::Block(block) => (1, block.pfn.0, u32::from(block.order.get())),
            Named::Failed => (2, 0, 0),
            Named::Freed => (3, 0, 0),
            Named::Pool { first, len } => (4, first, len),
        };
        to.word(tag | u64::from(b) << 8);
        to.word(u64::from(a));
    }
}

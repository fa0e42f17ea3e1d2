//! Memory for devices (kernel/dma, drivers/iommu/dma-iommu.c, 6.1): a device that has no MMU wants it in one piece, and not
//! above what it can address.
//!
//! - `machine`: `dma_alloc_coherent()` and how it chooses: the device's own pool, an IOMMU, a contiguous area, the buddy system;
//! - `iommu`: addresses of a device from the top downwards, its tables, and what it remembers of them;
//! - `pool`: memory that was kept from everybody else at boot;
//! - `stream`: buffers that are lent to a device for a while, whose turn it is, and what each of them sees;
//! - `swiotlb`: bounce buffers for those that a device does not reach.

pub(crate) mod iommu;
pub(crate) mod machine;
mod pool;
mod stream;
pub mod swiotlb;

use std::collections::BTreeMap;

pub use iommu::{Iommu, MAX_IOTLB};
pub use pool::Pool;
pub use stream::{Contents, Direction, Line, NoMapping, Stream, Through};
pub use swiotlb::Swiotlb;

use crate::Machine;
use crate::hash::Digest;
use crate::machine::Named;
use crate::op::NameId;
use crate::page::{Block, PageState};
use crate::units::{CpuId, Order, Pfn};

/// The most pools that a device tree declares.
pub const MAX_POOLS: usize = 8;
/// The most devices of a machine.
pub const MAX_DEVICES: usize = 16;
/// The largest buffer, in bytes: 256 MiB.
pub const MAX_BUFFER: u64 = 256 << 20;
/// The fewest and the most bits of an address that a device has.
pub const MASK_BITS: (u8, u8) = (24, 64);

/// Memory of a device tree that a device calls its own (`memory-region`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Region {
    /// A contiguous area, by its number (`dev->cma_area`).
    Area(u8),
    /// A pool, by its number (`dev->dma_mem`).
    Pool(u8),
}

/// What devices do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DmaOp {
    /// `d = device mask=32 iommu memory_region=video`
    Device {
        /// What it is called.
        name: NameId,
        /// How many bits its addresses have (`coherent_dma_mask`).
        mask: u8,
        /// Whether its addresses are translated.
        iommu: bool,
        /// Whether it looks into the CPUs' caches (`dma-coherent`).
        coherent: bool,
        /// Memory of its own.
        region: Option<Region>,
    },
    /// `buf = dma_alloc_coherent d 16M`
    Alloc {
        /// What the buffer is called.
        name: NameId,
        /// Whose it is.
        device: NameId,
        /// How many bytes, 1 to [`MAX_BUFFER`].
        bytes: u64,
        /// The caller cannot wait (`GFP_ATOMIC`).
        atomic: bool,
        /// The CPU that asks.
        cpu: CpuId,
    },
    /// `dma_free_coherent buf`
    Free {
        /// Which buffer.
        name: NameId,
        /// The CPU that gives it back.
        cpu: CpuId,
    },
    /// `dma_read buf 0..64K`: the device reads its buffer, page by page.
    Access {
        /// Which buffer.
        name: NameId,
        /// From this page of it on.
        first: u32,
        /// So many pages.
        pages: u32,
    },
    /// `m = dma_map d a 6K dir=to`: a block is lent to a device.
    Map {
        /// What the mapping is called.
        name: NameId,
        /// Who gets it.
        device: NameId,
        /// Which block.
        what: NameId,
        /// So many bytes of it from its first one on; 0: all.
        bytes: u64,
        /// Which way data goes.
        dir: Direction,
        /// The CPU that asks.
        cpu: CpuId,
    },
    /// `dma_unmap m`
    Unmap {
        /// Which mapping.
        name: NameId,
    },
    /// `dma_sync_for_cpu m`, `dma_sync_for_device m`: it is the other one's turn.
    Sync {
        /// Which mapping.
        name: NameId,
        /// Whose turn it is then.
        for_device: bool,
    },
    /// `cpu_read a`, `cpu_write a`
    Cpu {
        /// Which block.
        name: NameId,
        /// It writes.
        write: bool,
    },
    /// `dma_write m`: the device writes what was lent to it. It reads with [`DmaOp::Access`].
    Write {
        /// Which mapping.
        name: NameId,
    },
}

impl DmaOp {
    pub(crate) fn cpu(&self) -> Option<CpuId> {
        match *self {
            DmaOp::Alloc { cpu, .. } | DmaOp::Free { cpu, .. } | DmaOp::Map { cpu, .. } => Some(cpu),
            DmaOp::Device { .. }
            | DmaOp::Access { .. }
            | DmaOp::Unmap { .. }
            | DmaOp::Sync { .. }
            | DmaOp::Cpu { .. }
            | DmaOp::Write { .. } => None,
        }
    }

    pub(crate) fn name(&self) -> NameId {
        let (DmaOp::Device { name, .. }
        | DmaOp::Alloc { name, .. }
        | DmaOp::Free { name, .. }
        | DmaOp::Access { name, .. }
        | DmaOp::Map { name, .. }
        | DmaOp::Unmap { name }
        | DmaOp::Sync { name, .. }
        | DmaOp::Cpu { name, .. }
        | DmaOp::Write { name }) = *self;
        name
    }
}

/// A device (`struct device`, as far as its memory goes).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Device {
    /// What it is called.
    pub name: NameId,
    /// How many bits its addresses have.
    pub mask: u8,
    /// Memory of its own.
    pub region: Option<Region>,
    /// What translates its addresses.
    pub iommu: Option<Iommu>,
    /// Whether it looks into the CPUs' caches.
    pub coherent: bool,
}

impl Device {
    /// The last address that it can put out.
    #[must_use]
    pub fn limit(&self) -> u64 {
        if self.mask >= 64 { u64::MAX } else { (1 << self.mask) - 1 }
    }
}

/// Where a buffer came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lane {
    /// The device's own pool.
    Pool {
        /// Which.
        pool: u8,
        /// The first frame.
        first: Pfn,
        /// So many pages, as an order.
        order: Order,
    },
    /// A contiguous area.
    Cma {
        /// The first frame.
        first: Pfn,
        /// How many pages.
        pages: u32,
    },
    /// The buddy system.
    Buddy(Block),
    /// Pages wherever they are, behind an IOMMU.
    Iommu {
        /// The first page of the device's addresses.
        iova: u64,
        /// How many pages.
        pages: u32,
    },
}

impl Lane {
    /// How many pages it takes from others, those that were rounded up included.
    #[must_use]
    pub fn pages(&self) -> u32 {
        match *self {
            Lane::Pool { order, .. } => order.pages(),
            Lane::Buddy(block) => block.order.pages(),
            Lane::Cma { pages, .. } | Lane::Iommu { pages, .. } => pages,
        }
    }
}

/// A buffer of a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Buffer {
    /// Whose it is.
    pub device: NameId,
    /// Where it came from.
    pub lane: Lane,
}

/// What the op that runs is at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    /// The contiguous area works on it.
    Cma,
    /// Whichever zones are left are asked: with these many bits of an address.
    Buddy { bits: u8 },
    /// Pages are gathered; so many are there.
    Gather,
    /// They are mapped from this page of the buffer on.
    Map { iova: u64, done: u32 },
    /// So many were given back.
    Unmap { iova: u64, pages: u32, done: u32 },
}

/// The op that runs, all that its next unit needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Work {
    pub name: NameId,
    pub device: NameId,
    pub pages: u32,
    pub atomic: bool,
    pub cpu: CpuId,
    pub phase: Phase,
}

/// All devices, their buffers, and the pools.
#[derive(Clone, Default)]
pub struct Dma {
    pub(crate) devices: Vec<Device>,
    pub(crate) pools: Vec<Pool>,
    pub(crate) buffers: BTreeMap<NameId, Buffer>,
    /// What was gathered for the op that runs.
    pub(crate) gathered: Vec<Block>,
    pub(crate) work: Option<Work>,
    /// What is lent.
    pub(crate) streams: BTreeMap<NameId, Stream>,
    /// What lies in blocks that were lent or touched.
    pub(crate) contents: BTreeMap<NameId, Contents>,
    /// The last number that somebody wrote.
    pub(crate) values: u32,
    pub(crate) swiotlb: Option<Swiotlb>,
    /// The pool of devices that have none (`dma_coherent_default_memory`).
    pub(crate) default_pool: Option<u8>,
}

impl Dma {
    /// The devices, as they were declared.
    #[must_use]
    pub fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// One of them.
    #[must_use]
    pub fn device(&self, name: NameId) -> Option<&Device> {
        self.devices.iter().find(|device| device.name == name)
    }

    /// The pools of the device tree, by number.
    #[must_use]
    pub fn pools(&self) -> &[Pool] {
        &self.pools
    }

    /// The buffer of this name.
    #[must_use]
    pub fn buffer(&self, name: NameId) -> Option<&Buffer> {
        self.buffers.get(&name)
    }

    /// All buffers, by name.
    pub fn buffers(&self) -> impl Iterator<Item = (NameId, &Buffer)> {
        self.buffers.iter().map(|(name, buffer)| (*name, buffer))
    }

    /// The mapping of this name.
    #[must_use]
    pub fn stream(&self, name: NameId) -> Option<&Stream> {
        self.streams.get(&name)
    }

    /// All that is lent, by name.
    pub fn streams(&self) -> impl Iterator<Item = (NameId, &Stream)> {
        self.streams.iter().map(|(name, stream)| (*name, stream))
    }

    /// What lies in a block, if it was lent or touched.
    #[must_use]
    pub fn contents_of(&self, block: NameId) -> Option<&Contents> {
        self.contents.get(&block)
    }

    /// Blocks of which that is known, by name.
    pub fn contents(&self) -> impl Iterator<Item = (NameId, &Contents)> {
        self.contents.iter().map(|(name, of)| (*name, of))
    }

    /// The pool of devices that do not look into caches and have none of their own, by number.
    #[must_use]
    pub fn default_pool(&self) -> Option<u8> {
        self.default_pool
    }

    /// The bounce buffers, if there are any.
    #[must_use]
    pub fn swiotlb(&self) -> Option<&Swiotlb> {
        self.swiotlb.as_ref()
    }

    pub(crate) fn digest_of(dma: &Dma) -> u64 {
        let Dma { devices, pools, buffers, gathered, work, streams, contents, values, swiotlb, default_pool } =
            dma;
        let mut d = Digest::default();
        for Device { name, mask, region, iommu, coherent } in devices {
            let region = match region {
                None => 0,
                Some(Region::Area(number)) => 1 | u64::from(*number) << 8,
                Some(Region::Pool(number)) => 2 | u64::from(*number) << 8,
            };
            d.word(u64::from(name.0) << 32 | u64::from(!coherent) << 24 | u64::from(*mask) << 16 | region);
            if let Some(iommu) = iommu {
                iommu.digest(&mut d);
            }
        }
        pools.iter().for_each(|pool| pool.digest(&mut d));
        for (name, Buffer { device, lane }) in buffers {
            d.word(u64::from(name.0) << 32 | u64::from(device.0));
            let (tag, a, b) = match *lane {
                Lane::Pool { pool, first, order } => {
                    (1, u64::from(first.0), u64::from(pool) << 8 | u64::from(order.get()))
                }
                Lane::Cma { first, pages } => (2, u64::from(first.0), u64::from(pages)),
                Lane::Buddy(block) => (3, u64::from(block.pfn.0), u64::from(block.order.get())),
                Lane::Iommu { iova, pages } => (4, iova, u64::from(pages)),
            };
            d.word(tag);
            d.word(a);
            d.word(b);
        }
        for block in gathered {
            d.word(u64::from(block.pfn.0) << 8 | u64::from(block.order.get()));
        }
        if let Some(Work { name, device, pages, atomic, cpu, phase }) = *work {
            d.word(u64::from(name.0) << 32 | u64::from(device.0));
            d.word(u64::from(pages) << 32 | u64::from(cpu.0) << 8 | u64::from(atomic));
            let (tag, a, b) = match phase {
                Phase::Cma => (1, 0, 0),
                Phase::Buddy { bits } => (2, u64::from(bits), 0),
                Phase::Gather => (3, 0, 0),
                Phase::Map { iova, done } => (4, iova, u64::from(done)),
                Phase::Unmap { iova, pages, done } => (5, iova, u64::from(pages) << 32 | u64::from(done)),
            };
            d.word(tag);
            d.word(a);
            d.word(b);
        }
        for (name, stream) in streams {
            d.word(u64::from(name.0));
            stream.digest(&mut d);
        }
        contents.iter().for_each(|(name, of)| stream::digest_contents(*name, of, &mut d));
        if *values > 0 {
            d.word(u64::from(*values));
        }
        if let Some(swiotlb) = swiotlb {
            swiotlb.digest(&mut d);
        }
        if let Some(pool) = default_pool {
            d.word(1 | u64::from(*pool) << 8);
        }
        d.finish()
    }
}

impl Machine {
    /// The devices and their memory; none where a text speaks of none.
    #[must_use]
    pub fn dma(&self) -> Option<&Dma> {
        self.dma.as_deref()
    }

    /// The laws of devices' memory: pools lend what their bits say and to one buffer each; a device's addresses lead to
    /// frames that are its buffer's.
    pub(crate) fn check_dma(&self) -> Result<(), String> {
        let Some(dma) = self.dma() else { return Ok(()) };
        for (number, pool) in (0u8..).zip(&dma.pools) {
            let of_pool = dma.buffers.values().filter_map(|buffer| match buffer.lane {
                Lane::Pool { pool, first, order } if pool == number => Some((first, order)),
                _ => None,
            });
            let lent: u32 = of_pool.clone().map(|(_, order)| order.pages()).sum();
            if lent != pool.used() {
                return Err(format!("pool {number}: {lent} pages lent, {} bits", pool.used()));
            }
            for (first, order) in of_pool {
                if !pool.holds(first, order) {
                    return Err(format!("pool {number}: {first} of order {order} is not lent"));
                }
            }
        }
        for device in &dma.devices {
            let Some(iommu) = &device.iommu else { continue };
            // What is lent may lie in a larger block, and be lent twice.
            let lent = |iova: u64| {
                dma.streams.values().any(|of| {
                    let Through::Iommu { iova: from, pages } = of.through else { return false };
                    of.device == device.name && (from..from + u64::from(pages)).contains(&iova)
                })
            };
            iommu.check(&lent).map_err(|why| format!("{:?}: {why}", device.name))?;
            for (_, block) in iommu.maps().filter(|(iova, _)| !lent(*iova)) {
                let page = self.page(block.pfn);
                if page.state != PageState::Allocated || page.order != block.order {
                    return Err(format!("{:?} maps {block:?}, which is {page:?}", device.name));
                }
            }
        }
        for (name, buffer) in &dma.buffers {
            let fits = match (buffer.lane, self.named(*name)) {
                (Lane::Buddy(block), Named::Block(of)) => of == block,
                (Lane::Cma { first, pages }, Named::Contig { first: of, count }) => {
                    (of, count) == (first, pages)
                }
                (Lane::Pool { .. } | Lane::Iommu { .. }, Named::Dma) => true,
                _ => false,
            };
            if !fits && dma.work.is_none_or(|work| work.name != *name) {
                return Err(format!("{name:?} is {:?}, and a buffer {buffer:?}", self.named(*name)));
            }
        }
        self.check_streams(dma)
    }
}

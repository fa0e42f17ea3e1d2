//! What a text says of devices and their memory: `d = device mask=32 iommu`, `buf = dma_alloc_coherent d 16M`,
//! `m = dma_map d a 6K dir=to`.

use std::fmt;

use mm::dma::Direction;

use crate::ast::Target;
use crate::kmem::{Cpu, Size};

/// How many bits of an address a device has unless its line says so.
pub const USUAL_MASK: u8 = 32;
/// The most pages that a line has a device read.
pub const MAX_READ: u32 = 64;

/// The words for which way data goes, in the order of [`DIRECTIONS`].
pub const DIRECTION_WORDS: [&str; 3] = ["to", "from", "both"];
/// Which way data goes: to the device, from it, or both.
pub const DIRECTIONS: [Direction; 3] = [Direction::ToDevice, Direction::FromDevice, Direction::Both];

/// An op on devices.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DmaLine {
    /// `d = device mask=32 iommu memory_region=video`
    Device {
        /// What it is called.
        target: Target,
        /// How many bits of an address it has.
        mask: u8,
        /// Whether its addresses are translated.
        iommu: bool,
        /// Whether it looks into the CPUs' caches.
        coherent: bool,
        /// The label of its memory.
        region: Option<String>,
    },
    /// `buf = dma_alloc_coherent d 16M atomic`
    Alloc {
        /// What the buffer is called.
        target: Target,
        /// Whose it is.
        device: Target,
        /// How many bytes.
        bytes: u64,
        /// The caller cannot wait.
        atomic: bool,
        /// The CPU that asks.
        cpu: u8,
    },
    /// `dma_free_coherent buf`
    Free {
        /// Which buffer.
        target: Target,
        /// The CPU that gives it back.
        cpu: u8,
    },
    /// `dma_read buf page=3 pages=8`
    Access {
        /// Which buffer.
        target: Target,
        /// From this page of it on.
        first: u32,
        /// So many pages, 1 to [`MAX_READ`].
        pages: u32,
    },
    /// `m = dma_map d a 6K dir=to`
    Map {
        /// What the mapping is called.
        target: Target,
        /// Who gets it.
        device: Target,
        /// Which block.
        what: Target,
        /// So many bytes of it; 0: all.
        bytes: u64,
        /// Which way data goes.
        dir: Direction,
        /// The CPU that asks.
        cpu: u8,
    },
    /// `dma_unmap m`
    Unmap {
        /// Which mapping.
        target: Target,
    },
    /// `dma_sync_for_cpu m`, `dma_sync_for_device m`
    Sync {
        /// Which mapping.
        target: Target,
        /// Whose turn it is then.
        for_device: bool,
    },
    /// `cpu_read a`, `cpu_write a`
    Cpu {
        /// Which block.
        target: Target,
        /// It writes.
        write: bool,
    },
    /// `dma_write m`
    Write {
        /// Which mapping.
        target: Target,
    },
}

impl DmaLine {
    /// What it gives a name to, or is about.
    #[must_use]
    pub fn target(&self) -> &Target {
        match self {
            DmaLine::Device { target, .. }
            | DmaLine::Alloc { target, .. }
            | DmaLine::Free { target, .. }
            | DmaLine::Access { target, .. }
            | DmaLine::Map { target, .. }
            | DmaLine::Unmap { target }
            | DmaLine::Sync { target, .. }
            | DmaLine::Cpu { target, .. }
            | DmaLine::Write { target } => target,
        }
    }
}

impl fmt::Display for DmaLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DmaLine::Device { target, mask, iommu, coherent, region } => {
                write!(f, "{target} = device")?;
                if *mask != USUAL_MASK {
                    write!(f, " mask={mask}")?;
                }
                if *iommu {
                    f.write_str(" iommu")?;
                }
                if !*coherent {
                    f.write_str(" noncoherent")?;
                }
                region.as_ref().map_or(Ok(()), |region| write!(f, " memory_region={region}"))
            }
            DmaLine::Alloc { target, device, bytes, atomic, cpu } => {
                let atomic = if *atomic { " atomic" } else { "" };
                write!(f, "{target} = dma_alloc_coherent {device} {}{atomic}{}", Size(*bytes), Cpu(*cpu))
            }
            DmaLine::Free { target, cpu } => write!(f, "dma_free_coherent {target}{}", Cpu(*cpu)),
            DmaLine::Access { target, first, pages } => {
                write!(f, "dma_read {target}")?;
                if *first > 0 {
                    write!(f, " page={first}")?;
                }
                if *pages != 1 { write!(f, " pages={pages}") } else { Ok(()) }
            }
            DmaLine::Map { target, device, what, bytes, dir, cpu } => {
                write!(f, "{target} = dma_map {device} {what}")?;
                if *bytes > 0 {
                    write!(f, " {}", Size(*bytes))?;
                }
                let at = DIRECTIONS.iter().position(|of| of == dir).unwrap_or(0);
                write!(f, " dir={}{}", DIRECTION_WORDS[at], Cpu(*cpu))
            }
            DmaLine::Unmap { target } => write!(f, "dma_unmap {target}"),
            DmaLine::Sync { target, for_device } => {
                write!(f, "dma_sync_for_{} {target}", if *for_device { "device" } else { "cpu" })
            }
            DmaLine::Cpu { target, write } => {
                write!(f, "cpu_{} {target}", if *write { "write" } else { "read" })
            }
            DmaLine::Write { target } => write!(f, "dma_write {target}"),
        }
    }
}

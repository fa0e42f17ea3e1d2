//! What a text says of contiguous areas: `cma 64M`, `reserved_memory video size=16M reusable`, `buf = cma_alloc 256 align=8`.

use std::fmt;

use crate::ast::{Amount, Target};
use crate::kmem::Cpu;

/// `cma 64M at=190M`: the default area, as `cma=64M@190M` of the kernel's command line; `below=1G` is `@0-1G`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AreaLine {
    /// Its size.
    pub size: Amount,
    /// Where it begins; none: where there is room.
    pub at: Option<Amount>,
    /// It ends at or below this.
    pub below: Option<Amount>,
}

impl fmt::Display for AreaLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cma {}", self.size)?;
        if let Some(at) = self.at {
            write!(f, " at={at}")?;
        }
        self.below.map_or(Ok(()), |below| write!(f, " below={below}"))
    }
}

/// `reserved_memory video size=16M alignment=4M reusable linux,cma-default`: a node below `/reserved-memory` of a device
/// tree, its properties called as there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReservedLine {
    /// Its label.
    pub name: String,
    /// `size`
    pub size: Amount,
    /// `alignment`; none: as the kernel needs it.
    pub alignment: Option<Amount>,
    /// Its place (`reg`); none: where there is room.
    pub at: Option<Amount>,
    /// Not below this (`alloc-ranges`).
    pub from: Option<Amount>,
    /// Not above this (`alloc-ranges`).
    pub below: Option<Amount>,
    /// `reusable`: movable pages may use it, so it is a contiguous area.
    pub reusable: bool,
    /// `no-map`: the kernel does not touch it.
    pub no_map: bool,
    /// `linux,cma-default`: the area of all devices that have none.
    pub default: bool,
    /// `linux,dma-default`: the pool of all devices that do not look into caches and have none.
    pub dma_default: bool,
    /// A driver lends it to devices (`shared-dma-pool`): a line says nothing else, only a node can.
    pub is_pool: bool,
}

impl fmt::Display for ReservedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "reserved_memory {} size={}", self.name, self.size)?;
        if let Some(alignment) = self.alignment {
            write!(f, " alignment={alignment}")?;
        }
        if let Some(at) = self.at {
            write!(f, " at={at}")?;
        }
        if let Some(from) = self.from {
            write!(f, " from={from}")?;
        }
        if let Some(below) = self.below {
            write!(f, " below={below}")?;
        }
        let words = [
            (self.reusable, " reusable"),
            (self.no_map, " no-map"),
            (self.default, " linux,cma-default"),
            (self.dma_default, " linux,dma-default"),
        ];
        words.into_iter().filter(|(on, _)| *on).try_for_each(|(_, word)| f.write_str(word))
    }
}

/// An op on areas, or on ranges of frames.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CmaLine {
    /// `buf = cma_alloc 256 align=8 area=video`
    Alloc {
        /// What the buffer is called.
        target: Target,
        /// How many pages, at least 1.
        count: u32,
        /// Its alignment as an order.
        align: u8,
        /// The label of its area; none: the default one.
        area: Option<String>,
        /// The CPU that asks.
        cpu: u8,
    },
    /// `c = alloc_contig_range 0x1800 512`
    Range {
        /// What it is called.
        target: Target,
        /// Its first frame.
        first: u32,
        /// How many pages, at least 1.
        count: u32,
        /// The CPU that asks.
        cpu: u8,
    },
    /// `cma_release buf`
    Release {
        /// Which buffer.
        target: Target,
        /// The CPU that gives it back.
        cpu: u8,
    },
}

impl CmaLine {
    /// What it gives a name to, or takes it from.
    #[must_use]
    pub fn target(&self) -> &Target {
        match self {
            CmaLine::Alloc { target, .. }
            | CmaLine::Range { target, .. }
            | CmaLine::Release { target, .. } => target,
        }
    }
}

impl fmt::Display for CmaLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CmaLine::Alloc { target, count, align, area, cpu } => {
                write!(f, "{target} = cma_alloc {count}")?;
                if *align > 0 {
                    write!(f, " align={align}")?;
                }
                if let Some(area) = area {
                    write!(f, " area={area}")?;
                }
                write!(f, "{}", Cpu(*cpu))
            }
            CmaLine::Range { target, first, count, cpu } => {
                write!(f, "{target} = alloc_contig_range {first:#x} {count}{}", Cpu(*cpu))
            }
            CmaLine::Release { target, cpu } => write!(f, "cma_release {target}{}", Cpu(*cpu)),
        }
    }
}

//! The steps of memory for devices.

use super::StepClass;
use crate::dma::{Direction, Lane, NoMapping, Region, Through};
use crate::op::NameId;
use crate::page::Block;
use crate::units::{Order, Pfn};

/// What was done for a device, or by it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the fields are called as in the kernel")]
pub enum DmaStep {
    /// A device is there.
    Device { name: NameId, mask: u8, region: Option<Region> },
    /// A buffer is asked for.
    Asked { name: NameId, device: NameId, bytes: u64, pages: u32, mask: u8, atomic: bool },
    /// The device's own pool has room.
    FromPool { name: NameId, pool: u8, first: Pfn, order: Order },
    /// The device's own pool is full, and nobody else is asked.
    PoolFull { name: NameId, pool: u8, pages: u32 },
    /// A contiguous area is asked.
    FromArea { name: NameId, area: u8, pages: u32, align: u8 },
    /// The area has nothing: the buddy system is asked.
    AsksBuddy { name: NameId, order: u8 },
    /// The block lies above what the device reaches: it goes back.
    TooHigh { name: NameId, pfn: Pfn, mask: u8 },
    /// An IOMMU makes one piece of many: pages are gathered wherever they are.
    Scattered { name: NameId, pages: u32 },
    /// So many pages are there; the largest block of the last ones.
    Gathered { name: NameId, pages: u32, of: u32, last: Option<Block> },
    /// Addresses for them, side by side.
    Addresses { name: NameId, iova: u64, pages: u32 },
    /// So many pages got their entries, in so many new tables.
    Mapped { name: NameId, iova: u64, pages: u32, tables: u32 },
    /// The buffer is there.
    Got { name: NameId, device: NameId, lane: Lane },
    /// The caller gets NULL.
    Failed { name: NameId, pages: u32 },
    /// A buffer is given back.
    Free { name: NameId, device: NameId, lane: Lane },
    /// So many pages lost their entries, and went back.
    Unmapped { name: NameId, iova: u64, pages: u32 },
    /// The device uses a page at one of its addresses, in pages; known: whether its IOTLB had the way, none: it has none.
    Access { device: NameId, address: u64, pfn: Pfn, known: Option<bool> },
    /// A block is to be lent to a device.
    MapAsked { name: NameId, device: NameId, what: NameId, first: Pfn, bytes: u32, dir: Direction },
    /// The device uses it where it lies.
    Direct { name: NameId, address: u64, bytes: u32 },
    /// Its last byte lies above what the device reaches.
    OutOfReach { name: NameId, last: u64, mask: u8 },
    /// Slots of the bounce buffers stand for it; how many are in use now.
    Slots { name: NameId, first: u32, slots: u32, used: u32 },
    /// The CPU copied it: to the slots, or back.
    Bounced { name: NameId, first: u32, slots: u32, to_device: bool, value: u32 },
    /// What was in the CPU's cache alone was written to memory; whether there was anything.
    Cleaned { name: NameId, wrote: bool, value: u32 },
    /// The CPU's cache forgot what it had; whether that had been written there and nowhere else.
    Invalidated { name: NameId, dropped: Option<(u32, bool)> },
    /// It is the other one's turn.
    Baton { name: NameId, device: NameId, with_device: bool },
    /// It cannot be lent.
    NotMapped { name: NameId, bytes: u32, why: NoMapping },
    /// It is no longer lent.
    StreamEnds { name: NameId, device: NameId, through: Through },
    /// A CPU read or wrote a block; what it saw, and what was written last; the device whose turn it was.
    CpuTouched { what: NameId, write: bool, value: u32, newest: u32, lent_to: Option<NameId> },
    /// A device read or wrote what was lent to it.
    DeviceTouched { name: NameId, device: NameId, write: bool, value: u32, newest: u32, with_device: bool },
    /// A device's IOMMU did not let it.
    Faulted { name: NameId, device: NameId, write: bool, address: u64 },
}

impl DmaStep {
    pub(super) fn class(&self) -> StepClass {
        match self {
            DmaStep::FromPool { .. }
            | DmaStep::Got { .. }
            | DmaStep::Gathered { .. }
            | DmaStep::Mapped { .. }
            | DmaStep::Direct { .. }
            | DmaStep::Slots { .. } => StepClass::Alloc,
            DmaStep::Free { .. } | DmaStep::Unmapped { .. } | DmaStep::StreamEnds { .. } => StepClass::Free,
            // What is seen is not what was written last.
            DmaStep::CpuTouched { value, newest, .. } | DmaStep::DeviceTouched { value, newest, .. }
                if value != newest =>
            {
                StepClass::Fail
            }
            DmaStep::NotMapped { .. }
            | DmaStep::Faulted { .. }
            | DmaStep::Invalidated { dropped: Some((_, true)), .. }
            | DmaStep::PoolFull { .. }
            | DmaStep::Failed { .. }
            | DmaStep::AsksBuddy { .. }
            | DmaStep::TooHigh { .. } => StepClass::Fail,
            DmaStep::Device { .. }
            | DmaStep::Asked { .. }
            | DmaStep::FromArea { .. }
            | DmaStep::Scattered { .. }
            | DmaStep::Addresses { .. }
            | DmaStep::Access { .. }
            | DmaStep::MapAsked { .. }
            | DmaStep::OutOfReach { .. }
            | DmaStep::Bounced { .. }
            | DmaStep::Cleaned { .. }
            | DmaStep::Invalidated { .. }
            | DmaStep::Baton { .. }
            | DmaStep::CpuTouched { .. }
            | DmaStep::DeviceTouched { .. } => StepClass::Look,
        }
    }

    /// The pages that it is about: of a piece its first and its last one.
    pub(super) fn blocks(&self) -> [Option<Block>; 2] {
        let page = |pfn: Pfn| Some(Block { pfn, order: Order::ZERO });
        let ends = |first: Pfn, pages: u32| [page(first), page(first.plus(pages.saturating_sub(1)))];
        match *self {
            DmaStep::FromPool { first, order, .. } => ends(first, order.pages()),
            DmaStep::Got { lane, .. } | DmaStep::Free { lane, .. } => match lane {
                Lane::Pool { first, order, .. } => ends(first, order.pages()),
                Lane::Cma { first, pages } => ends(first, pages),
                Lane::Buddy(block) => [Some(block), None],
                Lane::Iommu { .. } => [None, None],
            },
            DmaStep::MapAsked { first, bytes, .. } => {
                ends(first, bytes.div_ceil(crate::units::PAGE_SIZE as u32))
            }
            DmaStep::Gathered { last, .. } => [last, None],
            DmaStep::TooHigh { pfn, .. } | DmaStep::Access { pfn, .. } => [page(pfn), None],
            _ => [None, None],
        }
    }

    /// Shared with the steps of contiguous areas.
    pub(super) fn code(&self) -> u8 {
        if self.class() == StepClass::Fail { 119 } else { 118 }
    }
}

//! Streaming mappings (kernel/dma/mapping.c, direct.h; drivers/iommu/dma-iommu.c; 6.1): a buffer that is there already is
//! lent to a device for a while. While the device has it the CPU keeps its hands off, and the other way round.
//!
//! What lies in a buffer is a number, one for all of it: whoever writes makes it another one. A CPU has it in its cache or
//! not; a device that is not coherent sees memory alone.

use std::rc::Rc;

use super::swiotlb::{IO_TLB_SEGSIZE, Swiotlb, slots_of};
use super::{Dma, Iommu};
use crate::Machine;
use crate::hash::Digest;
use crate::machine::{Named, UnitEnd};
use crate::op::{NameId, PageKind};
use crate::page::{Block, PageState};
use crate::step::{DmaStep, SkipReason, StepKind, Trace};
use crate::units::{CpuId, Order, PAGE_SIZE, Pfn};

/// Which way data goes (`enum dma_data_direction`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// The device reads it.
    ToDevice,
    /// The device writes it.
    FromDevice,
    /// Both.
    Both,
}

impl Direction {
    /// Whether the device may read.
    #[must_use]
    pub fn reads(self) -> bool {
        self != Direction::FromDevice
    }

    /// Whether the device may write.
    #[must_use]
    pub fn writes(self) -> bool {
        self != Direction::ToDevice
    }
}

/// Where a device finds a mapping.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Through {
    /// Where it lies.
    Direct,
    /// In slots of the bounce buffers.
    Swiotlb {
        /// The first of them.
        first: u32,
        /// How many.
        slots: u32,
    },
    /// Behind its IOMMU.
    Iommu {
        /// The first page of its addresses.
        iova: u64,
        /// How many pages.
        pages: u32,
    },
}

/// Why a mapping is refused (`DMA_MAPPING_ERROR`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoMapping {
    /// There are no bounce buffers.
    NoSwiotlb,
    /// More than a segment of slots.
    TooLarge,
    /// So many slots in a row are not free; the longest run that is.
    Full {
        /// In slots.
        largest: u32,
    },
    /// The bounce buffers lie above what the device reaches, too.
    SlotTooHigh,
    /// No addresses are left, or no memory for tables.
    NoTables,
}

/// What lies in a piece of memory, as the CPU and as memory have it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Line {
    /// What the CPU's cache has, and whether it was written there and not yet in memory.
    pub cache: Option<(u32, bool)>,
    /// What memory has.
    pub memory: u32,
}

impl Line {
    /// What the CPU sees.
    #[must_use]
    pub fn seen_by_cpu(&self) -> u32 {
        self.cache.map_or(self.memory, |(value, _)| value)
    }

    /// The CPU reads: it has it in its cache then.
    fn read(&mut self) -> u32 {
        let value = self.seen_by_cpu();
        self.cache = self.cache.or(Some((value, false)));
        value
    }

    /// What was written reaches memory, and stays in the cache; whether there was any.
    fn clean(&mut self) -> bool {
        let dirty = self.cache.filter(|(_, dirty)| *dirty);
        if let Some((value, _)) = dirty {
            (self.memory, self.cache) = (value, Some((value, false)));
        }
        dirty.is_some()
    }

    fn digest(&self, d: &mut Digest) {
        d.word(u64::from(self.memory));
        d.word(self.cache.map_or(0, |(value, dirty)| 1 | u64::from(dirty) << 1 | u64::from(value) << 32));
    }
}

/// A buffer that was lent, or is going to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Contents {
    /// Its first frame.
    pub first: Pfn,
    /// What lies in it.
    pub line: Line,
    /// What was written last, by whomever.
    pub newest: u32,
}

/// A streaming mapping.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stream {
    /// Whose it is.
    pub device: NameId,
    /// Which buffer.
    pub what: NameId,
    /// Its first frame.
    pub first: Pfn,
    /// So many bytes of it.
    pub bytes: u32,
    /// Which way data goes.
    pub dir: Direction,
    /// Where the device finds it.
    pub through: Through,
    /// Whether it is the device's turn; else it is the CPU's.
    pub with_device: bool,
    /// What lies in its slots.
    pub slot: Line,
}

impl Stream {
    /// The address that the device uses, in bytes.
    #[must_use]
    pub fn address(&self, swiotlb: Option<&Swiotlb>) -> u64 {
        match self.through {
            Through::Direct => u64::from(self.first.0) * PAGE_SIZE,
            Through::Swiotlb { first, .. } => swiotlb.map_or(0, |pool| pool.address(first)),
            Through::Iommu { iova, .. } => iova * PAGE_SIZE,
        }
    }

    pub(super) fn digest(&self, d: &mut Digest) {
        let Stream { device, what, first, bytes, dir, through, with_device, slot } = self;
        d.word(u64::from(device.0) << 32 | u64::from(what.0));
        d.word(u64::from(first.0) << 32 | u64::from(*bytes));
        let (tag, a, b) = match *through {
            Through::Direct => (1, 0, 0),
            Through::Swiotlb { first, slots } => (2, u64::from(first), slots),
            Through::Iommu { iova, pages } => (3, iova, pages),
        };
        d.word(tag | (*dir as u64) << 8 | u64::from(*with_device) << 16);
        d.word(a);
        d.word(u64::from(b));
        slot.digest(d);
    }
}

pub(super) fn digest_contents(name: NameId, of: &Contents, d: &mut Digest) {
    d.word(u64::from(name.0) << 32 | u64::from(of.first.0));
    d.word(u64::from(of.newest));
    of.line.digest(d);
}

/// What a mapping is asked for.
#[derive(Clone, Copy)]
pub(super) struct Ask {
    pub name: NameId,
    pub device: NameId,
    pub what: NameId,
    pub bytes: u64,
    pub dir: Direction,
    pub cpu: CpuId,
}

impl Machine {
    /// The block of this name, if it is one that stays where it is: whoever lends a page has to hold it.
    fn lent_block(&self, what: NameId) -> Option<Block> {
        let Named::Block(block) = self.named(what) else { return None };
        let moves = matches!(self.page(block.pfn).kind, PageKind::Movable | PageKind::Anon | PageKind::File);
        let is_buffer = self.dma().is_some_and(|dma| dma.buffer(what).is_some());
        (!moves && !is_buffer).then_some(block)
    }

    /// What lies in a block; whatever was there before is number 0.
    fn contents(&mut self, what: NameId, first: Pfn) -> &mut Contents {
        let fresh = Contents { first, line: Line::default(), newest: 0 };
        let of = self.dma_mut().contents.entry(what).or_insert(fresh);
        if of.first != first {
            *of = fresh;
        }
        of
    }

    fn is_coherent(&self, device: NameId) -> bool {
        self.dma().and_then(|dma| dma.device(device)).is_none_or(|device| device.coherent)
    }

    fn with_stream<R>(&mut self, name: NameId, work: impl FnOnce(&mut Stream) -> R) -> Option<R> {
        self.dma_mut().streams.get_mut(&name).map(work)
    }

    /// `dma_map_page_attrs()`
    pub(super) fn dma_map(&mut self, t: &mut Trace<'_>, ask: Ask) -> UnitEnd {
        let Ask { name, device, what, bytes, dir, cpu } = ask;
        if !matches!(self.named(name), Named::Nothing | Named::Failed | Named::Freed) {
            t.emit(self, StepKind::Skipped { name, reason: SkipReason::StillHeld });
            return UnitEnd::Done;
        }
        let Some((mask, has_iommu)) =
            self.dma().and_then(|dma| dma.device(device)).map(|of| (of.mask, of.iommu.is_some()))
        else {
            t.emit(self, StepKind::Skipped { name: device, reason: SkipReason::NotYetAllocated });
            return UnitEnd::Done;
        };
        let Some(block) = self.lent_block(what) else {
            self.skipped(t, what);
            return UnitEnd::Done;
        };
        let whole = u64::from(block.order.pages()) * PAGE_SIZE;
        let bytes = if bytes == 0 { whole } else { bytes.min(whole) } as u32;
        let first = block.pfn;
        self.contents(what, first);
        self.told_dma(t, DmaStep::MapAsked { name, device, what, first, bytes, dir });
        let slot = Line::default();
        let stream =
            Stream { device, what, first, bytes, dir, through: Through::Direct, with_device: false, slot };
        let last = u64::from(first.0) * PAGE_SIZE + u64::from(bytes) - 1;
        let done = if has_iommu {
            self.clean_for_device(t, name, &stream);
            self.map_by_iommu(t, name, stream, cpu)
        } else if mask >= 64 || last < 1 << mask {
            self.stream_is_there(name, stream);
            self.told_dma(t, DmaStep::Direct { name, address: u64::from(first.0) * PAGE_SIZE, bytes });
            self.clean_for_device(t, name, &stream);
            Ok(())
        } else {
            self.told_dma(t, DmaStep::OutOfReach { name, last, mask });
            self.map_by_swiotlb(t, name, stream, mask, cpu)
        };
        match done {
            Ok(()) => self.baton(t, name, true),
            Err(why) => {
                self.set_named(name, Named::Failed);
                self.told_dma(t, DmaStep::NotMapped { name, bytes, why });
            }
        }
        UnitEnd::Done
    }

    fn stream_is_there(&mut self, name: NameId, stream: Stream) {
        self.dma_mut().streams.insert(name, stream);
        self.set_named(name, Named::Dma);
    }

    /// Whose turn it is now.
    fn baton(&mut self, t: &mut Trace<'_>, name: NameId, with_device: bool) {
        let device = self.with_stream(name, |stream| {
            stream.with_device = with_device;
            stream.device
        });
        if let Some(device) = device {
            self.told_dma(t, DmaStep::Baton { name, device, with_device });
        }
    }

    /// `iommu_dma_map_page()`
    fn map_by_iommu(
        &mut self,
        t: &mut Trace<'_>,
        name: NameId,
        stream: Stream,
        cpu: CpuId,
    ) -> Result<(), NoMapping> {
        let device = stream.device;
        let pages = u64::from(stream.bytes).div_ceil(PAGE_SIZE) as u32;
        let found = self.dma().and_then(|dma| {
            let of = dma.device(device)?;
            of.iommu.as_ref()?.find(pages, of.limit())
        });
        let iova = found.ok_or(NoMapping::NoTables)?;
        self.with_iommu(device, |iommu| iommu.reserve(iova, pages));
        self.told_dma(t, DmaStep::Addresses { name, iova, pages });
        let mut tables = 0;
        for at in 0..pages {
            let block = Block { pfn: stream.first.plus(at), order: Order::ZERO };
            let Some(new) = self.iommu_map(device, iova + u64::from(at), block, cpu) else {
                self.take_away(device, iova, pages);
                return Err(NoMapping::NoTables);
            };
            tables += new;
        }
        self.stream_is_there(name, Stream { through: Through::Iommu { iova, pages }, ..stream });
        self.told_dma(t, DmaStep::Mapped { name, iova, pages, tables });
        Ok(())
    }

    /// A mapping's entries and addresses go.
    fn take_away(&mut self, device: NameId, iova: u64, pages: u32) {
        self.with_iommu(device, |iommu: &mut Iommu| {
            for page in iova..iova + u64::from(pages) {
                iommu.unmap(page);
            }
            iommu.release(iova);
        });
    }

    /// `swiotlb_map()`, `swiotlb_tbl_map_single()`
    fn map_by_swiotlb(
        &mut self,
        t: &mut Trace<'_>,
        name: NameId,
        stream: Stream,
        mask: u8,
        cpu: CpuId,
    ) -> Result<(), NoMapping> {
        let slots = slots_of(stream.bytes);
        let pool = self.dma_mut().swiotlb.as_mut().ok_or(NoMapping::NoSwiotlb)?;
        if slots > IO_TLB_SEGSIZE {
            return Err(NoMapping::TooLarge);
        }
        let Some(first) = pool.take(cpu, stream.bytes) else {
            return Err(NoMapping::Full { largest: pool.largest() });
        };
        let (used, end) = (pool.used(), pool.address(first) + u64::from(stream.bytes) - 1);
        if mask < 64 && end >= 1 << mask {
            pool.give_back(first, slots);
            return Err(NoMapping::SlotTooHigh);
        }
        self.stream_is_there(name, Stream { through: Through::Swiotlb { first, slots }, ..stream });
        self.told_dma(t, DmaStep::Slots { name, first, slots, used });
        // Whatever the direction: nothing of what lay in the slots before may reach a program.
        self.bounce(t, name, true);
        self.clean_for_device(t, name, &stream);
        Ok(())
    }

    /// The CPU copies between a buffer and its slots (`swiotlb_bounce()`).
    fn bounce(&mut self, t: &mut Trace<'_>, name: NameId, to_device: bool) {
        let Some(stream) = self.dma().and_then(|dma| dma.stream(name)).copied() else { return };
        let Through::Swiotlb { first, slots } = stream.through else { return };
        let coherent = self.is_coherent(stream.device);
        let mut slot = stream.slot;
        let of = self.contents(stream.what, stream.first);
        let value = if to_device {
            let value = of.line.read();
            // A coherent device looks into the cache as well: there is no difference.
            slot = if coherent {
                Line { cache: None, memory: value }
            } else {
                Line { cache: Some((value, true)), ..slot }
            };
            value
        } else {
            let value = slot.read();
            of.line.cache = Some((value, true));
            value
        };
        self.with_stream(name, |stream| stream.slot = slot);
        self.told_dma(t, DmaStep::Bounced { name, first, slots, to_device, value });
    }

    /// What the CPU wrote reaches memory where a device looks at memory alone (`arch_sync_dma_for_device()`, arm64).
    fn clean_for_device(&mut self, t: &mut Trace<'_>, name: NameId, stream: &Stream) {
        if self.is_coherent(stream.device) {
            return;
        }
        let in_slots = self
            .dma()
            .and_then(|dma| dma.stream(name))
            .is_some_and(|stream| matches!(stream.through, Through::Swiotlb { .. }));
        let (wrote, value) = if in_slots {
            let clean = |stream: &mut Stream| (stream.slot.clean(), stream.slot.memory);
            self.with_stream(name, clean).unwrap_or_default()
        } else {
            let of = self.contents(stream.what, stream.first);
            (of.line.clean(), of.line.memory)
        };
        self.told_dma(t, DmaStep::Cleaned { name, wrote, value });
    }

    /// What the CPU has in its cache is forgotten where a device has written to memory (`arch_sync_dma_for_cpu()`, arm64).
    fn invalidate_for_cpu(&mut self, t: &mut Trace<'_>, name: NameId, stream: &Stream) {
        if self.is_coherent(stream.device) || !stream.dir.writes() {
            return;
        }
        let dropped = if matches!(stream.through, Through::Swiotlb { .. }) {
            self.with_stream(name, |stream| stream.slot.cache.take()).flatten()
        } else {
            self.contents(stream.what, stream.first).line.cache.take()
        };
        self.told_dma(t, DmaStep::Invalidated { name, dropped });
    }

    /// `dma_sync_single_for_cpu()`, `dma_sync_single_for_device()`
    pub(super) fn dma_sync(&mut self, t: &mut Trace<'_>, name: NameId, for_device: bool) -> UnitEnd {
        let Some(stream) = self.dma().and_then(|dma| dma.stream(name)).copied() else {
            self.skipped(t, name);
            return UnitEnd::Done;
        };
        if for_device {
            if stream.dir.reads() {
                self.bounce(t, name, true);
            }
            self.clean_for_device(t, name, &stream);
        } else {
            self.invalidate_for_cpu(t, name, &stream);
            if stream.dir.writes() {
                self.bounce(t, name, false);
            }
        }
        self.baton(t, name, for_device);
        UnitEnd::Done
    }

    /// `dma_unmap_page_attrs()`
    pub(super) fn dma_unmap(&mut self, t: &mut Trace<'_>, name: NameId) -> UnitEnd {
        let Some(stream) = self.dma().and_then(|dma| dma.stream(name)).copied() else {
            self.skipped(t, name);
            return UnitEnd::Done;
        };
        self.invalidate_for_cpu(t, name, &stream);
        match stream.through {
            Through::Direct => {}
            Through::Swiotlb { first, slots } => {
                if stream.dir.writes() {
                    self.bounce(t, name, false);
                }
                if let Some(pool) = self.dma_mut().swiotlb.as_mut() {
                    pool.give_back(first, slots);
                }
            }
            Through::Iommu { iova, pages } => self.take_away(stream.device, iova, pages),
        }
        self.dma_mut().streams.remove(&name);
        self.set_named(name, Named::Freed);
        let (device, through) = (stream.device, stream.through);
        self.told_dma(t, DmaStep::StreamEnds { name, device, through });
        UnitEnd::Done
    }

    fn next_value(&mut self) -> u32 {
        let dma = self.dma_mut();
        dma.values = dma.values.wrapping_add(1).max(1);
        dma.values
    }

    /// A CPU reads or writes a buffer, whoever's turn it is.
    pub(super) fn cpu_touches(&mut self, t: &mut Trace<'_>, what: NameId, write: bool) -> UnitEnd {
        let Some(Block { pfn: first, .. }) = self.lent_block(what) else {
            self.skipped(t, what);
            return UnitEnd::Done;
        };
        let lent_to = self.dma().and_then(|dma| {
            dma.streams.values().find(|of| of.with_device && of.what == what).map(|of| of.device)
        });
        let value = if write { self.next_value() } else { 0 };
        let of = self.contents(what, first);
        let value = if write {
            (of.line.cache, of.newest) = (Some((value, true)), value);
            value
        } else {
            of.line.read()
        };
        let newest = of.newest;
        self.told_dma(t, DmaStep::CpuTouched { what, write, value, newest, lent_to });
        UnitEnd::Done
    }

    /// A device reads or writes what was lent to it, whoever's turn it is; its IOMMU sees to it that it does no more.
    pub(super) fn device_touches(&mut self, t: &mut Trace<'_>, name: NameId, write: bool) -> UnitEnd {
        let Some(stream) = self.dma().and_then(|dma| dma.stream(name)).copied() else {
            self.skipped(t, name);
            return UnitEnd::Done;
        };
        let Stream { device, what, first, dir, through, .. } = stream;
        let address = stream.address(self.dma().and_then(|dma| dma.swiotlb.as_ref()));
        let may = if write { dir.writes() } else { dir.reads() };
        if let Through::Iommu { iova, pages } = through {
            if !may {
                self.told_dma(t, DmaStep::Faulted { name, device, write, address });
                return UnitEnd::Done;
            }
            for page in iova..iova + u64::from(pages) {
                self.with_iommu(device, |iommu| iommu.translate(page));
            }
        }
        let coherent = self.is_coherent(device);
        let value = if write { self.next_value() } else { 0 };
        let turn = |line: &mut Line| {
            if write {
                line.memory = value;
                if coherent {
                    line.cache = None;
                }
                value
            } else if coherent {
                line.seen_by_cpu()
            } else {
                line.memory
            }
        };
        let in_slots = matches!(through, Through::Swiotlb { .. });
        let of_slot = if in_slots { self.with_stream(name, |stream| turn(&mut stream.slot)) } else { None };
        let of = self.contents(what, first);
        let value = of_slot.unwrap_or_else(|| turn(&mut of.line));
        if write {
            of.newest = value;
        }
        let (newest, with_device) = (of.newest, stream.with_device);
        self.told_dma(t, DmaStep::DeviceTouched { name, device, write, value, newest, with_device });
        UnitEnd::Done
    }

    /// The laws of what is lent: slots are in use by one mapping each, and by nobody else.
    pub(super) fn check_streams(&self, dma: &Dma) -> Result<(), String> {
        let mut slots: Vec<(u32, u32)> = Vec::new();
        for (name, stream) in &dma.streams {
            if self.named(*name) != Named::Dma {
                return Err(format!("{name:?} is {:?}, and a mapping", self.named(*name)));
            }
            match stream.through {
                Through::Direct => {}
                Through::Swiotlb { first, slots: many } => slots.push((first, many)),
                Through::Iommu { iova, pages } => {
                    let iommu = dma.device(stream.device).and_then(|device| device.iommu.as_ref());
                    let leads = |at: u32| {
                        let frame = iommu.and_then(|iommu| iommu.frame(iova + u64::from(at)));
                        frame == Some(stream.first.plus(at))
                    };
                    if !(0..pages).all(leads) {
                        return Err(format!("{name:?} does not lead to frame {}", stream.first));
                    }
                }
            }
        }
        let used = dma.swiotlb.as_ref().map_or(0, Swiotlb::used);
        slots.sort_unstable();
        let overlaps = slots.windows(2).any(|pair| pair[0].0 + pair[0].1 > pair[1].0);
        let crosses = |(first, many): &(u32, u32)| first % IO_TLB_SEGSIZE + many > IO_TLB_SEGSIZE;
        let lent: u32 = slots.iter().map(|(_, many)| many).sum();
        if used != lent || overlaps || slots.iter().any(crosses) {
            return Err(format!("{used} slots are in use, and mappings have {slots:?}"));
        }
        let pool = dma.swiotlb.as_ref().map(|pool| pool.frames);
        let is_kept = |pfn: u32| self.page(Pfn(pfn)).state == PageState::Reserved;
        match pool.filter(|frames| !(frames.start.0..frames.end.0).all(is_kept)) {
            None => Ok(()),
            Some(frames) => Err(format!("{frames:?} is not kept for bounce buffers")),
        }
    }
}

/// Bounce buffers are there from the start.
pub(super) fn boot(machine: &mut Machine, frames: crate::units::PfnRange, cpus: u32) {
    let dma = machine.dma.get_or_insert_with(Rc::default);
    Rc::make_mut(dma).swiotlb = Some(Swiotlb::new(frames, cpus));
}

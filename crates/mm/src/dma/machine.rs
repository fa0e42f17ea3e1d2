//! `dma_alloc_coherent()` and what comes after it (kernel/dma/mapping.c, direct.c, contiguous.c; drivers/iommu/dma-iommu.c;
//! 6.1), unit by unit.

use std::rc::Rc;

use super::stream::Ask;
use super::{Buffer, Device, Dma, DmaOp, Lane, MAX_DEVICES, Phase, Pool, Region, Work};
use crate::Machine;
use crate::cma::{Cma, CmaOp, Work as CmaWork};
use crate::config::Config;
use crate::gfp::GfpFlags;
use crate::machine::{Named, UnitEnd};
use crate::op::{Gfp, NameId, PageKind};
use crate::page::{Block, PageState};
use crate::step::{DmaStep, Func, SkipReason, StepKind, Trace};
use crate::units::{CpuId, Order, PAGE_SIZE, Pfn};

/// Pages that are mapped, or given back, in one unit.
const AT_ONCE: u32 = 64;
/// Bits of an address that zone DMA has on a PC (`zone_dma_bits`).
const ZONE_DMA_BITS: u8 = 24;
/// `CONFIG_CMA_ALIGNMENT`: a buffer of a contiguous area is aligned to 1 MiB at most.
const CMA_ALIGNMENT: u8 = 8;
/// Sizes of pages that the IOMMU knows, as orders, the largest first: 2 MiB and 4 KiB.
const IOMMU_ORDERS: [u8; 2] = [9, 0];

/// Pools are there from the start, and nobody else has them.
pub(crate) fn boot(machine: &mut Machine, config: &Config) {
    let pools = config.pools.iter().map(|frames| Pool::new(*frames)).collect();
    machine.dma = Some(Rc::new(Dma { pools, default_pool: config.default_pool, ..Dma::default() }));
    if let Some(frames) = config.swiotlb {
        super::stream::boot(machine, frames, config.cpus.len() as u32);
    }
}

/// Runs the next unit of what a device does.
pub(crate) fn run(machine: &mut Machine, op: &DmaOp, t: &mut Trace<'_>) -> UnitEnd {
    let func = match op {
        DmaOp::Device { .. } | DmaOp::Cpu { .. } => Func::Scenario,
        DmaOp::Alloc { .. } => Func::DmaAllocAttrs,
        DmaOp::Free { .. } => Func::DmaFreeAttrs,
        DmaOp::Access { .. } | DmaOp::Write { .. } => Func::Mmu,
        DmaOp::Map { .. } => Func::DmaMapPageAttrs,
        DmaOp::Unmap { .. } => Func::DmaUnmapPageAttrs,
        DmaOp::Sync { for_device: true, .. } => Func::DmaSyncSingleForDevice,
        DmaOp::Sync { for_device: false, .. } => Func::DmaSyncSingleForCpu,
    };
    t.within_once(func, |t| match machine.dma().and_then(|dma| dma.work) {
        Some(work) => machine.dma_turn(t, work),
        // A contiguous area that takes its pages back.
        None if machine.cma().and_then(Cma::work).is_some_and(CmaWork::is_release) => {
            let (name, cpu) = (op.name(), op.cpu().unwrap_or(CpuId(0)));
            crate::cma::machine::run(machine, &CmaOp::Release { name, cpu }, t)
        }
        None => machine.dma_begins(t, op),
    })
}

/// Gives a buffer back under its name.
pub(crate) fn free(machine: &mut Machine, name: NameId, cpu: CpuId, t: &mut Trace<'_>) -> UnitEnd {
    run(machine, &DmaOp::Free { name, cpu }, t)
}

/// The smallest order that holds so many pages (`get_order()`).
fn order_of(pages: u32) -> u8 {
    pages.next_power_of_two().trailing_zeros() as u8
}

impl Machine {
    pub(super) fn dma_mut(&mut self) -> &mut Dma {
        Rc::make_mut(self.dma.get_or_insert_with(Rc::default))
    }

    pub(super) fn told_dma(&self, t: &mut Trace<'_>, step: DmaStep) {
        t.emit(self, StepKind::Dma(step));
    }

    fn dma_goes_on(&mut self, work: Work) -> UnitEnd {
        self.dma_mut().work = Some(work);
        UnitEnd::More
    }

    fn dma_ends(&mut self) -> UnitEnd {
        self.dma_mut().work = None;
        UnitEnd::Done
    }

    fn dma_begins(&mut self, t: &mut Trace<'_>, op: &DmaOp) -> UnitEnd {
        match *op {
            DmaOp::Device { name, mask, iommu, region, coherent } => {
                let iommu = iommu.then(Default::default);
                self.dma_device(t, Device { name, mask, region, iommu, coherent })
            }
            DmaOp::Alloc { name, device, bytes, atomic, cpu } => {
                if !matches!(self.named(name), Named::Nothing | Named::Failed | Named::Freed) {
                    t.emit(self, StepKind::Skipped { name, reason: SkipReason::StillHeld });
                    return UnitEnd::Done;
                }
                let Some(of) = self.dma().and_then(|dma| dma.device(device)).cloned() else {
                    t.emit(self, StepKind::Skipped { name: device, reason: SkipReason::NotYetAllocated });
                    return UnitEnd::Done;
                };
                let pages = bytes.div_ceil(PAGE_SIZE).clamp(1, u64::from(u32::MAX >> 4)) as u32;
                self.told_dma(t, DmaStep::Asked { name, device, bytes, pages, mask: of.mask, atomic });
                self.dma_chooses(t, Work { name, device, pages, atomic, cpu, phase: Phase::Cma }, &of)
            }
            DmaOp::Free { name, cpu } => self.dma_free(t, name, cpu),
            DmaOp::Access { name, .. } if self.dma().is_some_and(|dma| dma.stream(name).is_some()) => {
                self.device_touches(t, name, false)
            }
            DmaOp::Access { name, first, pages } => self.dma_access(t, name, first, pages),
            DmaOp::Map { name, device, what, bytes, dir, cpu } => {
                self.dma_map(t, Ask { name, device, what, bytes, dir, cpu })
            }
            DmaOp::Unmap { name } => self.dma_unmap(t, name),
            DmaOp::Sync { name, for_device } => self.dma_sync(t, name, for_device),
            DmaOp::Cpu { name, write } => self.cpu_touches(t, name, write),
            DmaOp::Write { name } => self.device_touches(t, name, true),
        }
    }

    fn dma_device(&mut self, t: &mut Trace<'_>, device: Device) -> UnitEnd {
        let Device { name, mask, region, .. } = device;
        let known = self.dma().map_or(0, |dma| dma.devices.len());
        if self.named(name) != Named::Nothing || known >= MAX_DEVICES {
            t.emit(self, StepKind::Skipped { name, reason: SkipReason::StillHeld });
            return UnitEnd::Done;
        }
        self.dma_mut().devices.push(device);
        self.set_named(name, Named::Device);
        self.told_dma(t, DmaStep::Device { name, mask, region });
        UnitEnd::Done
    }

    /// Who is asked first (`dma_alloc_attrs()`, `dma_direct_alloc()`).
    fn dma_chooses(&mut self, t: &mut Trace<'_>, work: Work, device: &Device) -> UnitEnd {
        let Work { name, pages, atomic, .. } = work;
        // `dma_alloc_from_dev_coherent()`: whoever has a pool gets nothing from elsewhere.
        if let Some(Region::Pool(number)) = device.region {
            return self.dma_from_pool(t, work, number);
        }
        if device.iommu.is_some() {
            self.told_dma(t, DmaStep::Scattered { name, pages });
            return self.dma_goes_on(Work { phase: Phase::Gather, ..work });
        }
        // `dma_direct_alloc()`: a device that does not look into caches gets memory that is in none (CONFIG_DMA_GLOBAL_POOL).
        if let Some(number) = self.dma().and_then(Dma::default_pool).filter(|_| !device.coherent) {
            return self.dma_from_pool(t, work, number);
        }
        // `dma_alloc_contiguous()`: only for callers who can wait; its own area for any size, the default one for more
        // than a page.
        let area = match device.region {
            Some(Region::Area(number)) => Some(number),
            _ if pages > 1 => self.cma().and_then(|cma| cma.area(None)).map(|(number, _)| number),
            _ => None,
        };
        if let Some(area) = area.filter(|_| !atomic) {
            let align = order_of(pages).min(CMA_ALIGNMENT);
            self.told_dma(t, DmaStep::FromArea { name, area, pages, align });
            let op = CmaOp::Alloc { name, area: Some(area), count: pages, align, cpu: work.cpu };
            let end = self.dma_goes_on(Work { phase: Phase::Cma, ..work });
            crate::cma::machine::run(self, &op, t);
            return end;
        }
        self.dma_goes_on(Work { phase: Phase::Buddy { bits: device.mask }, ..work })
    }

    fn dma_from_pool(&mut self, t: &mut Trace<'_>, work: Work, number: u8) -> UnitEnd {
        let Work { name, device, pages, .. } = work;
        let order = Order::new(order_of(pages));
        let pool = self.dma_mut().pools.get_mut(usize::from(number));
        let taken = pool.and_then(|pool| Some((pool.take(order?)?, order?)));
        let Some((first, order)) = taken else {
            self.told_dma(t, DmaStep::PoolFull { name, pool: number, pages });
            return self.dma_failed(t, work);
        };
        self.dma_has(
            name,
            Buffer { device, lane: Lane::Pool { pool: number, first, order } },
            Some(Named::Dma),
        );
        self.told_dma(t, DmaStep::FromPool { name, pool: number, first, order });
        UnitEnd::Done
    }

    /// The buffer is there: nobody works on it any more.
    fn dma_has(&mut self, name: NameId, buffer: Buffer, named: Option<Named>) {
        let dma = self.dma_mut();
        dma.buffers.insert(name, buffer);
        dma.work = None;
        if let Some(named) = named {
            self.set_named(name, named);
        }
    }

    fn dma_failed(&mut self, t: &mut Trace<'_>, work: Work) -> UnitEnd {
        let Work { name, pages, .. } = work;
        self.set_named(name, Named::Failed);
        let end = self.dma_ends();
        self.told_dma(t, DmaStep::Failed { name, pages });
        end
    }

    fn dma_turn(&mut self, t: &mut Trace<'_>, work: Work) -> UnitEnd {
        match work.phase {
            Phase::Cma => self.dma_by_area(t, work),
            Phase::Buddy { bits } => self.dma_by_buddy(t, work, bits),
            Phase::Gather => self.dma_gathers(t, work),
            Phase::Map { iova, done } => self.dma_maps(t, work, iova, done),
            Phase::Unmap { iova, pages, done } => self.dma_unmaps(t, work, iova, pages, done),
        }
    }

    /// The contiguous area works on it; what it cannot do, the buddy system is asked for.
    fn dma_by_area(&mut self, t: &mut Trace<'_>, work: Work) -> UnitEnd {
        let Work { name, device, pages, cpu, .. } = work;
        let mask = self.dma().and_then(|dma| dma.device(device)).map_or(64, |device| device.mask);
        let runs = self.cma().is_some_and(|cma| cma.work().is_some());
        if runs {
            let op = CmaOp::Alloc { name, area: None, count: pages, align: 0, cpu };
            crate::cma::machine::run(self, &op, t);
            return UnitEnd::More;
        }
        match self.named(name) {
            Named::Contig { first, count } if self.reaches(mask, first, count) => {
                let lane = Lane::Cma { first, pages: count };
                self.dma_has(name, Buffer { device, lane }, None);
                self.told_dma(t, DmaStep::Got { name, device, lane });
                UnitEnd::Done
            }
            // An area above the device's mask is never asked for: the buddy system is next.
            _ => {
                self.told_dma(t, DmaStep::AsksBuddy { name, order: order_of(pages) });
                self.dma_goes_on(Work { phase: Phase::Buddy { bits: mask }, ..work })
            }
        }
    }

    /// Whether a device reaches all of these frames (`dma_coherent_ok()`).
    fn reaches(&self, mask: u8, first: Pfn, pages: u32) -> bool {
        let last = (u64::from(first.0) + u64::from(pages)) * PAGE_SIZE - 1;
        mask >= 64 || last < 1 << mask
    }

    /// A block of the buddy system, from the zone that the mask allows (`__dma_direct_alloc_pages()`).
    fn dma_by_buddy(&mut self, t: &mut Trace<'_>, work: Work, bits: u8) -> UnitEnd {
        let Work { name, device, pages, atomic, cpu, .. } = work;
        let mask = self.dma().and_then(|dma| dma.device(device)).map_or(64, |device| device.mask);
        let zone = match bits {
            ..=ZONE_DMA_BITS => GfpFlags::DMA,
            25..=32 => GfpFlags::DMA32,
            _ => GfpFlags::NONE,
        };
        let flags =
            (if atomic { GfpFlags::GFP_ATOMIC } else { GfpFlags::GFP_KERNEL }) | GfpFlags::ZERO | zone;
        let gfp = Gfp { kind: PageKind::Unmovable, flags };
        let order = order_of(pages);
        let got = self.alloc_pages(t, cpu, name, order, gfp).zip(Order::new(order));
        let Some((pfn, order)) = got else { return self.dma_failed(t, work) };
        let block = Block { pfn, order };
        self.set_named(name, Named::Block(block));
        if self.reaches(mask, pfn, pages) {
            let lane = Lane::Buddy(block);
            self.dma_has(name, Buffer { device, lane }, None);
            self.told_dma(t, DmaStep::Got { name, device, lane });
            return UnitEnd::Done;
        }
        // Too high: back with it, and a lower zone.
        self.set_named(name, Named::Nothing);
        self.free_pages(t, cpu, Some(name), block);
        self.told_dma(t, DmaStep::TooHigh { name, pfn, mask });
        match zone {
            GfpFlags::NONE => self.dma_goes_on(Work { phase: Phase::Buddy { bits: 32 }, ..work }),
            GfpFlags::DMA32 => self.dma_goes_on(Work { phase: Phase::Buddy { bits: ZONE_DMA_BITS }, ..work }),
            _ => self.dma_failed(t, work),
        }
    }

    /// Pages wherever they are, the largest first (`__iommu_dma_alloc_pages()`).
    fn dma_gathers(&mut self, t: &mut Trace<'_>, work: Work) -> UnitEnd {
        let Work { name, device, pages, cpu, .. } = work;
        let limit = self.dma().and_then(|dma| dma.device(device)).map_or(u64::MAX, Device::limit);
        let there: u32 =
            self.dma().map_or(0, |dma| dma.gathered.iter().map(|block| block.order.pages()).sum());
        let (mut now, mut blocks) = (there, 0u32);
        let mut largest: Option<Block> = None;
        while now < pages && blocks < AT_ONCE {
            let left = pages - now;
            let fits = |order: &&u8| 1u32 << **order <= left;
            let mut got = None;
            for order in IOMMU_ORDERS.iter().filter(fits) {
                let hard = *order == 0;
                let extra = if hard { GfpFlags::NONE } else { GfpFlags::NORETRY | GfpFlags::NOWARN };
                let flags = GfpFlags::GFP_KERNEL | GfpFlags::ZERO | extra;
                let Some(order) = Order::new(*order) else { continue };
                if let Some((zone, block)) = self.alloc_block(&mut Trace::unseen(), cpu, order, flags) {
                    self.hand_over_unnamed(&mut Trace::unseen(), zone, block, PageKind::Unmovable);
                    got = Some(block);
                    break;
                }
            }
            let Some(block) = got else {
                // What was gathered goes back.
                let gathered = std::mem::take(&mut self.dma_mut().gathered);
                for block in gathered {
                    self.free_pages(&mut Trace::unseen(), cpu, None, block);
                }
                return self.dma_failed(t, work);
            };
            self.dma_mut().gathered.push(block);
            largest = largest.max_by_order(block);
            now += block.order.pages();
            blocks += 1;
        }
        if now < pages {
            let end = self.dma_goes_on(work);
            self.told_dma(t, DmaStep::Gathered { name, pages: now, of: pages, last: largest });
            return end;
        }
        let iova = self.dma().and_then(|dma| dma.device(device)?.iommu.as_ref()?.find(pages, limit));
        let Some(iova) = iova else {
            let gathered = std::mem::take(&mut self.dma_mut().gathered);
            for block in gathered {
                self.free_pages(&mut Trace::unseen(), cpu, None, block);
            }
            return self.dma_failed(t, work);
        };
        self.with_iommu(device, |iommu| iommu.reserve(iova, pages));
        let end = self.dma_goes_on(Work { phase: Phase::Map { iova, done: 0 }, ..work });
        self.told_dma(t, DmaStep::Gathered { name, pages: now, of: pages, last: largest });
        self.told_dma(t, DmaStep::Addresses { name, iova, pages });
        end
    }

    pub(super) fn with_iommu<R>(
        &mut self,
        device: NameId,
        work: impl FnOnce(&mut super::Iommu) -> R,
    ) -> Option<R> {
        let dma = self.dma_mut();
        let device = dma.devices.iter_mut().find(|of| of.name == device)?;
        Some(work(device.iommu.as_mut()?))
    }

    /// An entry of a device's tables leads to a block (`iommu_map()`). Tables that are missing come from the buddy system: how
    /// many; none when it has none, and those that came stay.
    pub(super) fn iommu_map(&mut self, device: NameId, page: u64, block: Block, cpu: CpuId) -> Option<u32> {
        let missing = self.with_iommu(device, |iommu| iommu.missing_tables(page)).unwrap_or_default();
        let mut tables = 0;
        for key in missing {
            let flags = GfpFlags::GFP_ATOMIC | GfpFlags::ZERO;
            let (zone, table) = self.alloc_block(&mut Trace::unseen(), cpu, Order::ZERO, flags)?;
            self.hand_over_unnamed(&mut Trace::unseen(), zone, table, PageKind::PageTable);
            self.with_iommu(device, |iommu| iommu.add_table(key, table.pfn));
            tables += 1;
        }
        self.with_iommu(device, |iommu| iommu.map(page, block));
        Some(tables)
    }

    /// Entries for the next blocks; tables come from the buddy system (`iommu_map_sg()`).
    fn dma_maps(&mut self, t: &mut Trace<'_>, work: Work, iova: u64, done: u32) -> UnitEnd {
        let Work { name, device, pages, cpu, .. } = work;
        let (mut at, mut mapped, mut tables) = (done, 0u32, 0u32);
        while mapped < AT_ONCE {
            let Some(block) = self.dma().and_then(|dma| dma.gathered.first()).copied() else { break };
            let Some(new) = self.iommu_map(device, iova + u64::from(at), block, cpu) else {
                return self.dma_undoes(t, work, iova);
            };
            tables += new;
            self.dma_mut().gathered.remove(0);
            at += block.order.pages();
            mapped += 1;
        }
        if at < pages {
            let end = self.dma_goes_on(Work { phase: Phase::Map { iova, done: at }, ..work });
            self.told_dma(
                t,
                DmaStep::Mapped { name, iova: iova + u64::from(done), pages: at - done, tables },
            );
            return end;
        }
        let lane = Lane::Iommu { iova, pages };
        self.told_dma(t, DmaStep::Mapped { name, iova: iova + u64::from(done), pages: at - done, tables });
        self.dma_has(name, Buffer { device, lane }, Some(Named::Dma));
        self.told_dma(t, DmaStep::Got { name, device, lane });
        UnitEnd::Done
    }

    /// There is no page for a table: nothing stays mapped.
    fn dma_undoes(&mut self, t: &mut Trace<'_>, work: Work, iova: u64) -> UnitEnd {
        let Work { device, pages, cpu, .. } = work;
        let mut blocks = std::mem::take(&mut self.dma_mut().gathered);
        for page in iova..iova + u64::from(pages) {
            blocks.extend(self.with_iommu(device, |iommu| iommu.unmap(page)).flatten());
        }
        self.with_iommu(device, |iommu| iommu.release(iova));
        for block in blocks {
            self.free_pages(&mut Trace::unseen(), cpu, None, block);
        }
        self.dma_failed(t, work)
    }

    fn dma_free(&mut self, t: &mut Trace<'_>, name: NameId, cpu: CpuId) -> UnitEnd {
        if self.dma().is_some_and(|dma| dma.stream(name).is_some()) {
            return self.dma_unmap(t, name);
        }
        let Some(Buffer { device, lane }) = self.dma().and_then(|dma| dma.buffer(name)).copied() else {
            self.skipped(t, name);
            return UnitEnd::Done;
        };
        self.told_dma(t, DmaStep::Free { name, device, lane });
        self.dma_mut().buffers.remove(&name);
        match lane {
            Lane::Pool { pool, first, order } => {
                if let Some(pool) = self.dma_mut().pools.get_mut(usize::from(pool)) {
                    pool.give_back(first, order);
                }
                self.set_named(name, Named::Freed);
                UnitEnd::Done
            }
            Lane::Buddy(block) => {
                self.set_named(name, Named::Freed);
                self.free_pages(t, cpu, Some(name), block);
                UnitEnd::Done
            }
            Lane::Cma { .. } => {
                let op = CmaOp::Release { name, cpu };
                crate::cma::machine::run(self, &op, t)
            }
            Lane::Iommu { iova, pages } => {
                self.set_named(name, Named::Freed);
                let phase = Phase::Unmap { iova, pages, done: 0 };
                self.dma_goes_on(Work { name, device, pages, atomic: false, cpu, phase })
            }
        }
    }

    /// Entries go, and the pages with them.
    fn dma_unmaps(&mut self, t: &mut Trace<'_>, work: Work, iova: u64, pages: u32, done: u32) -> UnitEnd {
        let Work { name, device, cpu, .. } = work;
        let (mut at, mut blocks) = (done, 0u32);
        while at < pages && blocks < AT_ONCE {
            let block = self.with_iommu(device, |iommu| iommu.unmap(iova + u64::from(at))).flatten();
            let Some(block) = block else { break };
            if self.page(block.pfn).state == PageState::Allocated {
                self.free_pages(&mut Trace::unseen(), cpu, None, block);
            }
            at += block.order.pages();
            blocks += 1;
        }
        let step = DmaStep::Unmapped { name, iova: iova + u64::from(done), pages: at - done };
        if at < pages && blocks > 0 {
            let end = self.dma_goes_on(Work { phase: Phase::Unmap { iova, pages, done: at }, ..work });
            self.told_dma(t, step);
            return end;
        }
        self.with_iommu(device, |iommu| iommu.release(iova));
        let end = self.dma_ends();
        self.told_dma(t, step);
        end
    }

    /// The device reads some pages of its buffer.
    fn dma_access(&mut self, t: &mut Trace<'_>, name: NameId, first: u32, pages: u32) -> UnitEnd {
        let Some(Buffer { device, lane }) = self.dma().and_then(|dma| dma.buffer(name)).copied() else {
            self.skipped(t, name);
            return UnitEnd::Done;
        };
        let last = lane.pages();
        let from = first.min(last.saturating_sub(1));
        // A unit is a few pages; the rest of a longer line is of no other kind.
        for page in from..from.saturating_add(pages.clamp(1, AT_ONCE)).min(last) {
            let (address, pfn, known) = match lane {
                Lane::Iommu { iova, .. } => {
                    let at = iova + u64::from(page);
                    let known = self.with_iommu(device, |iommu| iommu.translate(at)).unwrap_or(false);
                    let pfn = self.dma().and_then(|dma| dma.device(device)?.iommu.as_ref()?.frame(at));
                    (at, pfn.unwrap_or(Pfn(0)), Some(known))
                }
                Lane::Pool { first, .. }
                | Lane::Cma { first, .. }
                | Lane::Buddy(Block { pfn: first, .. }) => {
                    let pfn = first.plus(page);
                    (u64::from(pfn.0), pfn, None)
                }
            };
            self.told_dma(t, DmaStep::Access { device, address, pfn, known });
        }
        UnitEnd::Done
    }
}

/// The larger one of two blocks.
trait Larger {
    fn max_by_order(self, block: Block) -> Option<Block>;
}

impl Larger for Option<Block> {
    fn max_by_order(self, block: Block) -> Option<Block> {
        Some(self.filter(|most| most.order >= block.order).unwrap_or(block))
    }
}

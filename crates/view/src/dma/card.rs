//! What the card of a frame says of areas, devices and scanners, and where arrow keys go from buffer to buffer.

use mm::Pfn;
use mm::dma::{Dma, Lane, Through};
use mm::op::NameId;
use scenario::Lang;

use crate::Moment;
use crate::inspector::{Row, row};
use crate::narrate::num;
use crate::pyramid::Direction;

/// What is said of a frame: its area and its bit, its pool, the device that uses it, and what compaction makes of its
/// pageblock.
pub(crate) fn card_rows(moment: &Moment, pfn: Pfn, lang: Lang) -> Vec<Row> {
    let machine = &moment.machine;
    let mut rows = Vec::new();
    let areas = machine.cma().map_or(&[][..], mm::cma::Cma::areas);
    if let Some((number, area)) = (0usize..).zip(areas).find(|(_, area)| area.frames.contains(pfn)) {
        let label = moment.scenario.areas.get(number).map_or("–", String::as_str);
        let is_set = area.is_set(pfn.0 - area.frames.start.0);
        let text = match (lang, is_set) {
            (Lang::En, true) => format!("{label}, bit 1: handed out, or being worked on"),
            (Lang::En, false) => format!("{label}, bit 0: lent to movable pages"),
            (Lang::Zh, true) => format!("{label}，位为 1：已交出，或正在处理"),
            (Lang::Zh, false) => format!("{label}，位为 0：借给可移动的页"),
        };
        rows.push(row(lang.pick("contiguous area", "连续内存区"), text, false));
    }
    if let Some(dma) = machine.dma() {
        rows.extend(of_devices(moment, dma, pfn, lang));
    }
    let pageblock = pfn.0 >> machine.pageblock_order().get();
    if machine.compaction().is_some_and(|compaction| compaction.skips(pageblock)) {
        let text =
            lang.pick("passes over its pageblock: looked at in vain", "跳过这个 pageblock：刚才白看过");
        rows.push(row(lang.pick("compaction", "规整"), text, false));
    }
    rows
}

fn of_devices(moment: &Moment, dma: &Dma, pfn: Pfn, lang: Lang) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some((number, pool)) = (0usize..).zip(dma.pools()).find(|(_, pool)| pool.frames.contains(pfn)) {
        let label = moment.scenario.pools.get(number).map_or("–", String::as_str);
        let used = pool.holds(pfn, mm::Order::ZERO);
        let state = if used { lang.pick("lent", "借出") } else { lang.pick("idle", "闲着") };
        rows.push(row(lang.pick("pool of devices", "设备的池"), format!("{label}: {state}"), false));
    }
    let buffer = dma.buffers().find(|(_, buffer)| frames_of(dma, buffer.device, buffer.lane, pfn));
    if let Some((name, buffer)) = buffer {
        let (name, device) = (moment.name(name), moment.name(buffer.device));
        let text = match lang {
            Lang::En => format!("{name}, of {device}"),
            Lang::Zh => format!("{name}，{device} 的"),
        };
        rows.push(row(lang.pick("buffer", "缓冲区"), text, true));
    }
    for (name, stream) in dma.streams() {
        let pages = u64::from(stream.bytes).div_ceil(mm::units::PAGE_SIZE) as u32;
        if (stream.first..stream.first.plus(pages)).contains(&pfn) {
            let (name, device) = (moment.name(name), moment.name(stream.device));
            let turn = if stream.with_device { device } else { "CPU" };
            let text = match lang {
                Lang::En => format!("{device}, as {name}; the turn of {turn}"),
                Lang::Zh => format!("{device}，叫 {name}；轮到 {turn}"),
            };
            rows.push(row(lang.pick("lent to", "借给"), text, false));
        }
    }
    if let Some((_, of)) = dma.contents().find(|(_, of)| of.first == pfn) {
        let memory = of.line.memory;
        let text = match (lang, of.line.cache) {
            (Lang::En, None) => format!("version {memory} in memory"),
            (Lang::En, Some((cached, _))) => {
                format!("version {memory} in memory, {cached} in the CPU's cache")
            }
            (Lang::Zh, None) => format!("内存里是第 {memory} 版"),
            (Lang::Zh, Some((cached, _))) => format!("内存里是第 {memory} 版，CPU 缓存里是第 {cached} 版"),
        };
        rows.push(row(lang.pick("contents", "内容"), text, false));
    }
    if let Some(pool) = dma.swiotlb().filter(|pool| pool.frames.contains(pfn)) {
        let first = (pfn.0 - pool.frames.start.0) * 2;
        let of = |slot: u32| {
            let holder = dma.streams().find(|(_, stream)| {
                matches!(stream.through, Through::Swiotlb { first, slots } if (first..first + slots).contains(&slot))
            });
            let holder = holder.map_or(lang.pick("free", "空闲"), |(name, _)| moment.name(name));
            format!("{}: {holder}", num(slot))
        };
        let text = format!("{}, {}", of(first), of(first + 1));
        rows.push(row(lang.pick("bounce buffers, slots", "弹跳缓冲区的槽"), text, false));
    }
    rows
}

/// Whether a frame is one of a buffer's.
fn frames_of(dma: &Dma, device: NameId, lane: Lane, pfn: Pfn) -> bool {
    let within = |first: Pfn, pages: u32| (first..first.plus(pages)).contains(&pfn);
    match lane {
        Lane::Pool { first, order, .. } => within(first, order.pages()),
        Lane::Cma { first, pages } => within(first, pages),
        Lane::Buddy(block) => within(block.pfn, block.order.pages()),
        Lane::Iommu { iova, pages } => {
            let iommu = dma.device(device).and_then(|device| device.iommu.as_ref());
            let mut maps = iommu.into_iter().flat_map(mm::dma::Iommu::maps);
            maps.any(|(from, block)| {
                (iova..iova + u64::from(pages)).contains(&from) && within(block.pfn, block.order.pages())
            })
        }
    }
}

/// The frame to select when an arrow key is pressed: the first one of the next buffer or of the next block that is lent, or
/// of the one before.
pub(crate) fn neighbour(moment: &Moment, from: Option<Pfn>, to: Direction) -> Option<Pfn> {
    let dma = moment.machine.dma()?;
    let buffers = dma.buffers().filter_map(|(_, buffer)| match buffer.lane {
        Lane::Pool { first, .. } | Lane::Cma { first, .. } => Some(first),
        Lane::Buddy(block) => Some(block.pfn),
        Lane::Iommu { iova, .. } => dma.device(buffer.device)?.iommu.as_ref()?.frame(iova),
    });
    let slots = dma.streams().filter_map(|(_, stream)| match stream.through {
        Through::Swiotlb { first, .. } => Some(dma.swiotlb()?.frames.start.plus(first / 2)),
        Through::Direct | Through::Iommu { .. } => None,
    });
    let mut all: Vec<Pfn> = buffers.chain(dma.contents().map(|(_, of)| of.first)).chain(slots).collect();
    all.sort_unstable();
    all.dedup();
    let Some(at) = from.and_then(|pfn| all.iter().position(|of| *of == pfn)) else {
        return all.first().copied();
    };
    match to {
        Direction::Left | Direction::Up => all.get(at.checked_sub(1)?).copied(),
        Direction::Right | Direction::Down => all.get(at + 1).copied(),
    }
}

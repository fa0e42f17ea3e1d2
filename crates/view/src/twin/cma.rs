//! The text twins of contiguous areas: each pageblock, and the runs of the bitmap.

use mm::PfnRange;
use mm::cma::Area;
use mm::dma::{Dma, Lane, Swiotlb, Through};
use scenario::Lang;

use super::{MOST_BLOCKS, Table};
use crate::Moment;
use crate::cma::{Census, in_play, pages_of};
use crate::dma::{seen_by_device, way};
use crate::narrate::cma::span;
use crate::narrate::dma::address;
use crate::narrate::{num, type_name};

/// The area in play, and the buffers of devices; nothing where there are none.
pub(super) fn tables(moment: &Moment, lang: Lang) -> Vec<Table> {
    let mut tables = match in_play(moment) {
        None => Vec::new(),
        Some((number, area)) => {
            vec![blocks(moment, number, area, lang), bitmap(area, lang), counts(moment, lang)]
        }
    };
    if let Some(dma) = moment.machine.dma() {
        tables.push(buffers(moment, dma, lang));
        tables.extend((!dma.pools().is_empty()).then(|| pools(moment, dma, lang)));
        tables.extend((dma.contents().next().is_some()).then(|| lent(moment, dma, lang)));
        tables.extend(dma.swiotlb().map(|pool| bounce_buffers(moment, dma, pool, lang)));
    }
    tables
}

/// Which device has what, from where, and what it pays for it.
fn buffers(moment: &Moment, dma: &Dma, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("Buffers of devices", "设备的缓冲区"),
        &[
            lang.pick("device", "设备"),
            lang.pick("mask", "地址位数"),
            lang.pick("buffer", "缓冲区"),
            lang.pick("from", "来自"),
            lang.pick("its address", "它的地址"),
            lang.pick("pages", "页数"),
            lang.pick("IOTLB hits and misses", "IOTLB 命中和未命中"),
        ],
    );
    for (name, buffer) in dma.buffers().take(MOST_BLOCKS) {
        let device = dma.device(buffer.device);
        let (from, at) = match buffer.lane {
            Lane::Pool { first, .. } => {
                (lang.pick("a pool kept at boot", "启动时留的池"), u64::from(first.0))
            }
            Lane::Cma { first, .. } => (lang.pick("a contiguous area", "连续内存区"), u64::from(first.0)),
            Lane::Buddy(block) => (lang.pick("the buddy system", "伙伴系统"), u64::from(block.pfn.0)),
            Lane::Iommu { iova, .. } => (lang.pick("anywhere, by its IOMMU", "到处，经 IOMMU"), iova),
        };
        let iotlb = device.and_then(|device| device.iommu.as_ref());
        let iotlb = iotlb.map_or("–".into(), |iommu| format!("{}/{}", num(iommu.hits), num(iommu.misses)));
        table.rows.push(vec![
            moment.name(buffer.device).to_owned(),
            device.map_or("–".into(), |device| device.mask.to_string()),
            moment.name(name).to_owned(),
            from.into(),
            address(at),
            num(buffer.lane.pages()),
            iotlb,
        ]);
    }
    table.leave_out(dma.buffers().count().saturating_sub(MOST_BLOCKS), lang);
    table
}

/// What is kept for devices, and how much of it lies idle.
fn pools(moment: &Moment, dma: &Dma, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("Pools of devices, reserved at boot", "启动时给设备留的池"),
        &[
            lang.pick("pool", "池"),
            lang.pick("frames", "页框"),
            lang.pick("in use", "在用"),
            lang.pick("idle", "闲着"),
        ],
    );
    for (number, pool) in dma.pools().iter().enumerate() {
        let label = moment.scenario.pools.get(number).map_or("–", String::as_str);
        let used = pool.used();
        let frames = span(pool.frames.start, pool.frames.len());
        table.rows.push(vec![label.into(), frames, num(used), num(pool.frames.len() - used)]);
    }
    table
}

/// What was lent or touched: what lies where, and whose turn it is.
fn lent(moment: &Moment, dma: &Dma, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("Blocks lent to devices", "借给设备的块"),
        &[
            lang.pick("block", "块"),
            lang.pick("in the CPU's cache", "CPU 的缓存里"),
            lang.pick("in memory", "内存里"),
            lang.pick("the newest", "最新"),
            lang.pick("mapping", "映射"),
            lang.pick("lent to", "借给"),
            lang.pick("what for", "用途"),
            lang.pick("bytes", "字节"),
            lang.pick("its address", "它的地址"),
            lang.pick("what it sees", "它看到的"),
            lang.pick("whose turn", "轮到谁"),
        ],
    );
    let dash = || "–".to_owned();
    let version = |value: u32| match lang {
        Lang::En => format!("version {value}"),
        Lang::Zh => format!("第 {value} 版"),
    };
    let mut rows = 0;
    for (what, contents) in dma.contents() {
        let head = [
            moment.name(what).to_owned(),
            contents.line.cache.map_or_else(dash, |(value, _)| version(value)),
            version(contents.line.memory),
            version(contents.newest),
        ];
        let of_block: Vec<_> = dma.streams().filter(|(_, of)| of.what == what).collect();
        let mut add = |rest: [String; 7]| {
            rows += 1;
            if rows <= MOST_BLOCKS {
                table.rows.push(head.iter().cloned().chain(rest).collect());
            }
        };
        if of_block.is_empty() {
            let nobody = lang.pick("nobody", "没有").to_owned();
            add([dash(), nobody, dash(), dash(), dash(), dash(), lang.pick("the CPU", "CPU").to_owned()]);
        }
        for (name, stream) in of_block {
            let device = moment.name(stream.device).to_owned();
            add([
                moment.name(name).to_owned(),
                device.clone(),
                way(stream.dir, lang).to_owned(),
                num(stream.bytes),
                format!("{:#x}", stream.address(dma.swiotlb())),
                version(seen_by_device(&moment.machine, contents, stream)),
                if stream.with_device { device } else { lang.pick("the CPU", "CPU").to_owned() },
            ]);
        }
    }
    table.leave_out(rows.saturating_sub(MOST_BLOCKS), lang);
    table
}

/// Which slots stand for what.
fn bounce_buffers(moment: &Moment, dma: &Dma, pool: &Swiotlb, lang: Lang) -> Table {
    let (frames, used, slots) =
        (span(pool.frames.start, pool.frames.len()), num(pool.used()), num(pool.slots()));
    let caption = match lang {
        Lang::En => format!("Bounce buffers, frames {frames}: {used} of {slots} slots of 2 KiB in use"),
        Lang::Zh => format!("弹跳缓冲区（{frames} 号页框）：{slots} 个 2 KiB 的槽，在用 {used}"),
    };
    let mut table = Table::new(
        &caption,
        &[lang.pick("mapping", "映射"), lang.pick("first slot", "第一个槽"), lang.pick("slots", "槽数")],
    );
    let mut rows = 0;
    for (name, stream) in dma.streams() {
        let Through::Swiotlb { first, slots } = stream.through else { continue };
        rows += 1;
        if rows <= MOST_BLOCKS {
            table.rows.push(vec![moment.name(name).to_owned(), num(first), num(slots)]);
        }
    }
    table.leave_out(rows.saturating_sub(MOST_BLOCKS), lang);
    table
}

fn blocks(moment: &Moment, number: u8, area: &Area, lang: Lang) -> Table {
    let frames = span(area.frames.start, area.frames.len());
    let caption = match lang {
        Lang::En => format!("Contiguous area {number}, frames {frames}, pageblock by pageblock"),
        Lang::Zh => format!("{number} 号连续内存区（{frames} 号页框）的页块"),
    };
    let mut table = Table::new(
        &caption,
        &[
            lang.pick("frames", "页框"),
            lang.pick("type", "类型"),
            lang.pick("free", "空闲"),
            lang.pick("guests", "客人"),
            lang.pick("pinned", "被钉住"),
            lang.pick("handed out", "已交出"),
        ],
    );
    let step = moment.machine.pageblock_order().pages();
    let starts: Vec<u32> = (area.frames.start.0..area.frames.end.0).step_by(step as usize).collect();
    for start in starts.iter().take(MOST_BLOCKS) {
        let range = PfnRange::new(*start, start + step).and(area.frames);
        let census = Census::of(&pages_of(&moment.machine, range));
        let of = type_name(moment.machine.pageblock_type(range.start));
        table.rows.push(vec![
            span(range.start, range.len()),
            of.into(),
            num(census.free),
            num(census.guests),
            num(census.pinned),
            num(census.handed),
        ]);
    }
    table.leave_out(starts.len().saturating_sub(MOST_BLOCKS), lang);
    table
}

fn bitmap(area: &Area, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("Its bitmap: 1 is handed out or being worked on", "它的位图：1 是已交出，或正在处理"),
        &[lang.pick("frames", "页框"), lang.pick("bit", "位"), lang.pick("pages", "页数")],
    );
    let len = area.frames.len();
    let (mut from, mut more) = (0, 0);
    for page in 1..=len {
        if page == len || area.is_set(page) != area.is_set(from) {
            if table.rows.len() < MOST_BLOCKS {
                let first = area.frames.start.plus(from);
                let bit = if area.is_set(from) { "1" } else { "0" };
                table.rows.push(vec![span(first, page - from), bit.into(), num(page - from)]);
            } else {
                more += 1;
            }
            from = page;
        }
    }
    table.leave_out(more, lang);
    table
}

fn counts(moment: &Moment, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("What is counted of all areas", "所有连续内存区的计数"),
        &[lang.pick("counter", "计数器"), lang.pick("value", "值")],
    );
    let machine = &moment.machine;
    let total: u64 = machine.zone_ids().map(|zone| machine.cma_pages(zone).0).sum();
    let free: u64 = machine.zones().iter().map(|zone| zone.nr_free_cma.0).sum();
    let [success, fail] = machine.cma().map_or([0; 2], mm::cma::Cma::events);
    for (name, value) in [
        ("CmaTotal", format!("{} kB", num(total * 4))),
        ("CmaFree", format!("{} kB", num(free * 4))),
        ("cma_alloc_success", num(success)),
        ("cma_alloc_fail", num(fail)),
    ] {
        table.rows.push(vec![name.into(), value]);
    }
    table
}

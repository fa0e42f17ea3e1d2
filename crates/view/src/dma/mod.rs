//! Memory for devices: the four ways to it, one below the other. Above in each what the device sees, one piece; below where it
//! is in memory; beside it what that costs. Below them what is lent for a while, and whose turn it is.

mod card;
mod draw;
mod lent;
#[cfg(test)]
mod tests;

use mm::dma::{Buffer, Device, DmaOp, Lane, Region};
use mm::op::NameId;
use mm::step::DmaStep;
use mm::{Machine, Named, Op, Pfn, Step, StepKind};
use scenario::Lang;

pub(crate) use self::card::card_rows;
pub(crate) use self::lent::{lent, seen_by_device, way};
use crate::Moment;
use crate::narrate::cma::size;
use crate::narrate::num;
use crate::pyramid::Direction;
use crate::scene::{Room, Scene};

/// Draws the ways.
#[must_use]
pub fn scene(moment: &Moment, room: &Room, lang: Lang, selected: Option<Pfn>) -> Scene {
    draw::scene(moment, room, lang, selected)
}

/// The frame to select when an arrow key is pressed: that of the next buffer, or of the one before.
#[must_use]
pub fn neighbour(moment: &Moment, from: Option<Pfn>, to: Direction) -> Option<Pfn> {
    card::neighbour(moment, from, to)
}

/// A way to memory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Way {
    /// Reserved at boot for one device.
    Pool,
    /// Scattered pages behind an IOMMU.
    Iommu,
    /// A contiguous area, whose guests leave.
    Cma,
    /// A block of the buddy system.
    Buddy,
}

impl Way {
    pub(crate) const ALL: [Way; 4] = [Way::Pool, Way::Iommu, Way::Cma, Way::Buddy];

    /// The way that a device goes first.
    pub(crate) fn of(machine: &Machine, device: &Device) -> Way {
        let has_default_pool = machine.dma().is_some_and(|dma| dma.default_pool().is_some());
        let has_default = machine.cma().is_some_and(|cma| cma.area(None).is_some());
        match (device.region, device.iommu.is_some()) {
            (Some(Region::Pool(_)), _) => Way::Pool,
            (_, true) => Way::Iommu,
            _ if has_default_pool && !device.coherent => Way::Pool,
            (Some(Region::Area(_)), _) => Way::Cma,
            _ if has_default => Way::Cma,
            _ => Way::Buddy,
        }
    }

    fn of_lane(lane: Lane) -> Way {
        match lane {
            Lane::Pool { .. } => Way::Pool,
            Lane::Iommu { .. } => Way::Iommu,
            Lane::Cma { .. } => Way::Cma,
            Lane::Buddy(_) => Way::Buddy,
        }
    }

    pub(crate) fn name(self, lang: Lang) -> &'static str {
        match self {
            Way::Pool => lang.pick("reserved at boot", "启动时预留"),
            Way::Iommu => "IOMMU",
            Way::Cma => "CMA",
            Way::Buddy => lang.pick("buddy system", "伙伴系统"),
        }
    }

    /// The same where there is less room.
    pub(crate) fn short(self, lang: Lang) -> &'static str {
        match self {
            Way::Pool => lang.pick("reserved", "预留"),
            Way::Buddy => lang.pick("buddy", "伙伴"),
            Way::Iommu | Way::Cma => self.name(lang),
        }
    }
}

/// What is to be said of a way.
pub(crate) struct Row {
    pub way: Way,
    /// The device that goes it, if there is one.
    pub device: Option<NameId>,
    /// The last buffer that came that way.
    pub buffer: Option<(NameId, Buffer)>,
    /// A buffer that was not had, asked for after that.
    pub failed: Option<(NameId, u64)>,
}

pub(crate) fn of_step(step: Option<&Step>) -> Option<DmaStep> {
    match step?.kind {
        StepKind::Dma(step) => Some(step),
        _ => None,
    }
}

/// The ways from above downwards, and how each of them stands.
pub(crate) fn rows(moment: &Moment) -> Vec<Row> {
    let machine = &moment.machine;
    let devices = machine.dma().map_or(&[][..], mm::dma::Dma::devices);
    let row = |way: Way| {
        let of_way: Vec<&Device> = devices.iter().filter(|device| Way::of(machine, device) == way).collect();
        let (mut buffer, mut failed) = (None, None);
        let done = moment.scenario.ops.iter().take(moment.cursor.op as usize + 1);
        for op in done {
            let Op::Dma(DmaOp::Alloc { name, device, bytes, .. }) = op.op else { continue };
            let had =
                machine.dma().and_then(|dma| dma.buffer(name)).filter(|of| Way::of_lane(of.lane) == way);
            if let Some(had) = had {
                (buffer, failed) = (Some((name, *had)), None);
            } else if of_way.iter().any(|of| of.name == device) && machine.named(name) == Named::Failed {
                failed = Some((name, bytes));
            }
        }
        let device = buffer.map(|(_, buffer): (_, Buffer)| buffer.device);
        Row { way, device: device.or(of_way.last().map(|device| device.name)), buffer, failed }
    };
    Way::ALL.map(row).into()
}

/// Whether every device sees one piece: each page of a buffer leads to a frame.
pub(crate) fn is_lawful(moment: &Moment) -> bool {
    let Some(dma) = moment.machine.dma() else { return true };
    dma.buffers().all(|(_, buffer)| match buffer.lane {
        Lane::Iommu { iova, pages } => {
            let iommu = dma.device(buffer.device).and_then(|device| device.iommu.as_ref());
            iommu.is_some_and(|iommu| (0..u64::from(pages)).all(|page| iommu.frame(iova + page).is_some()))
        }
        _ => true,
    })
}

/// What a way costs, line by line: what it takes, what each access pays, and when it fails.
pub(crate) fn score(moment: &Moment, row: &Row, lang: Lang) -> Vec<String> {
    let dma = moment.machine.dma();
    let taken = row.buffer.map(|(_, buffer)| buffer.lane.pages());
    let taken = match (taken, lang) {
        (None, Lang::En) => "takes nothing yet".to_owned(),
        (None, Lang::Zh) => "还没占内存".to_owned(),
        (Some(pages), Lang::En) => format!("takes {}", size(pages)),
        (Some(pages), Lang::Zh) => format!("占 {}", size(pages)),
    };
    match row.way {
        Way::Pool => {
            let idle: u32 =
                dma.map_or(0, |dma| dma.pools().iter().map(|pool| pool.frames.len() - pool.used()).sum());
            let idle = match lang {
                Lang::En => format!("idle, and nobody's: {}", size(idle)),
                Lang::Zh => format!("闲着、别人不能用：{}", size(idle)),
            };
            vec![
                idle,
                lang.pick("access: direct", "访问：直接").into(),
                lang.pick("fails when full", "满了就失败").into(),
            ]
        }
        Way::Iommu => {
            let iommu = row.device.and_then(|name| dma?.device(name)?.iommu.as_ref());
            let (hits, misses) = iommu.map_or((0, 0), |iommu| (iommu.hits, iommu.misses));
            let access = match lang {
                Lang::En => format!("IOTLB: {} hits, {} walks", num(hits), num(misses)),
                Lang::Zh => format!("IOTLB：命中 {}，走表 {}", num(hits), num(misses)),
            };
            let tables = iommu.map_or(0, |iommu| iommu.tables().count() as u64);
            let more = match lang {
                Lang::En => format!("{taken}, tables: {}", num(tables)),
                Lang::Zh => format!("{taken}，另有 {} 张表", num(tables)),
            };
            vec![more, access, lang.pick("fails when memory is out", "内存用完才失败").into()]
        }
        Way::Cma => {
            let moved = moment.machine.migrate().map_or(0, |migrate| migrate.success);
            let moved = match lang {
                Lang::En => format!("guests that moved: {}", num(moved)),
                Lang::Zh => format!("搬走的客人：{}", num(moved)),
            };
            let fails = lang.pick("fails where a guest is pinned", "有客人被钉住就失败");
            vec![taken, moved, fails.into()]
        }
        Way::Buddy => vec![
            taken,
            lang.pick("access: direct", "访问：直接").into(),
            lang.pick("fails when scattered", "太散就失败").into(),
        ],
    }
}

/// What a screen reader says of the picture as a whole; the text twin has the rest.
#[must_use]
pub fn label(moment: &Moment, lang: Lang) -> String {
    let rows = rows(moment);
    let had = rows.iter().filter(|row| row.buffer.is_some()).count() as u64;
    let failed = rows.iter().filter(|row| row.failed.is_some()).count() as u64;
    if let Some(lent) = lent(moment).filter(|_| !has_ways(moment)) {
        return of_lent(moment, &lent, lang);
    }
    match lang {
        Lang::En => format!(
            "Four ways to memory for a device: {} with a buffer, {} that failed.",
            num(had),
            num(failed)
        ),
        Lang::Zh => format!("给设备内存的四条路：{} 条有缓冲区，{} 条失败。", num(had), num(failed)),
    }
}

/// Whether there is anything to say of the ways: not where a text only lends.
pub(crate) fn has_ways(moment: &Moment) -> bool {
    let is_alloc = |op: &Op| matches!(op, Op::Dma(DmaOp::Alloc { .. }));
    let pools = moment.machine.dma().is_some_and(|dma| !dma.pools().is_empty());
    pools || moment.scenario.engine_ops().any(is_alloc)
}

fn of_lent(moment: &Moment, lent: &lent::Lent, lang: Lang) -> String {
    let what = moment.name(lent.what);
    let turn = lent.stream.map(|(_, stream)| (moment.name(stream.device), stream.with_device));
    match (turn, lang) {
        (None, Lang::En) => format!("{what} is lent to nobody."),
        (None, Lang::Zh) => format!("{what} 没有借出。"),
        (Some((device, true)), Lang::En) => format!("{what} is lent to {device}, and it is its turn."),
        (Some((device, true)), Lang::Zh) => format!("{what} 借给了 {device}，轮到它用。"),
        (Some((device, false)), Lang::En) => format!("{what} is lent to {device}, and it is the CPU's turn."),
        (Some((device, false)), Lang::Zh) => format!("{what} 借给了 {device}，轮到 CPU 用。"),
    }
}

//! A request that looks for a place.

use mm::mmzone::ZoneKind;
use mm::page::Block;
use mm::{Machine, Order, Pfn};
use scenario::Lang;

use super::headline::thousands;
use raster::Ink;
use raster::Layout;
use raster::{Raster, TILE};

/// Whether a request of one order finds a place, and where it comes nearest to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ghost {
    /// The order asked for.
    pub order: Order,
    /// The highest zone that may serve it, where not all of them may.
    pub highest: Option<ZoneKind>,
    /// Aligned places of that size in the zones that may serve it.
    pub places: u32,
    /// The answer.
    pub verdict: Verdict,
}

/// The answer to a [`Ghost`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// This block is free; the head of the list that would serve the request.
    Fits(Block),
    /// No place is free, or none that may be taken. The best one: the fewest frames in use, then the fewest that
    /// cannot move, then the lowest.
    Blocked {
        /// The place.
        block: Block,
        /// Its frames that are in use.
        in_use: u32,
        /// Of those, the ones that cannot move.
        pinned: u32,
        /// The first frame in use.
        first: Pfn,
    },
    /// There is no aligned place of that size at all.
    NoPlace,
}

impl Ghost {
    /// Looks for a place for a block of `order`, in the zones up to `highest`.
    #[must_use]
    pub fn find(raster: &Raster, order: Order, highest: ZoneKind) -> Ghost {
        let machine = raster.shown();
        let places = places(machine, order, highest);
        let verdict = match served_by(machine, order, highest) {
            Some(block) => Verdict::Fits(block),
            None => best_place(raster, order, highest),
        };
        let limited = machine.zones().iter().any(|zone| zone.kind > highest);
        Ghost { order, highest: limited.then_some(highest), places, verdict }
    }

    /// The block that is ringed.
    #[must_use]
    pub fn block(&self) -> Option<Block> {
        match self.verdict {
            Verdict::Fits(block) | Verdict::Blocked { block, .. } => Some(block),
            Verdict::NoPlace => None,
        }
    }

    /// Whether the request finds its place.
    #[must_use]
    pub fn fits(&self) -> bool {
        matches!(self.verdict, Verdict::Fits(_))
    }

    /// The shape of the request: columns and rows in the quad layout.
    #[must_use]
    pub fn shape(&self) -> (u32, u32) {
        let bits = u32::from(self.order.get());
        (1 << bits.div_ceil(2), 1 << (bits / 2))
    }

    /// The question the picture answers.
    #[must_use]
    pub fn question(&self, layout: Layout, lang: Lang) -> String {
        let (w, h) = self.shape();
        let frames = self.order.pages();
        let place = match (self.highest, lang) {
            (None, Lang::En) => "anywhere".to_string(),
            (None, Lang::Zh) => "哪里".to_string(),
            (Some(ZoneKind::Dma), Lang::En) => "in DMA".to_string(),
            (Some(ZoneKind::Dma), Lang::Zh) => "DMA 区哪里".to_string(),
            (Some(zone), Lang::En) => format!("in {} or below", zone.name()),
            (Some(zone), Lang::Zh) => format!("{} 及更低的区哪里", zone.name()),
        };
        match (self.order.get(), layout, lang) {
            (0, _, Lang::En) => format!("Is a single frame free {place}?"),
            (0, _, Lang::Zh) => format!("{place}还有一个空闲页框？"),
            (_, Layout::Ruler, Lang::En) => format!("Do {frames} frames in a row fit {place}?"),
            (_, Layout::Ruler, Lang::Zh) => format!("{place}放得下连续 {frames} 个页框？"),
            (order, Layout::Quad, Lang::En) => {
                let article = if w == 8 { "an" } else { "a" };
                let shape = if order % 2 == 0 { "square" } else { "rectangle" };
                format!("Does {article} {w} × {h} {shape} fit {place}?")
            }
            (order, Layout::Quad, Lang::Zh) => {
                let shape = if order % 2 == 0 { "正方形" } else { "长方形" };
                format!("{place}放得下一个 {w} × {h} 的{shape}？")
            }
        }
    }

    /// The answer in one line.
    #[must_use]
    pub fn answer(&self, lang: Lang) -> String {
        let places = thousands(u64::from(self.places));
        let of = self.order.pages();
        match (self.verdict, lang) {
            (Verdict::Fits(block), Lang::En) => format!("Yes: {}.", frames_text(block, lang)),
            (Verdict::Fits(block), Lang::Zh) => format!("放得下：{}。", frames_text(block, lang)),
            (Verdict::Blocked { in_use, .. }, Lang::En) => {
                format!("No. Best of {places} places: {in_use} of {of} in use.")
            }
            (Verdict::Blocked { in_use, .. }, Lang::Zh) => {
                format!("放不下：{places} 处里最好的一处占用了 {in_use}/{of}。")
            }
            (Verdict::NoPlace, Lang::En) => "There is no such place.".to_string(),
            (Verdict::NoPlace, Lang::Zh) => "没有这样的位置。".to_string(),
        }
    }

    /// What stands under the ringed place.
    #[must_use]
    pub fn caption(&self, lang: Lang) -> String {
        let (order, of) = (self.order, self.order.pages());
        match (self.verdict, lang) {
            (Verdict::Fits(_), Lang::En) => format!("Order {order} fits here"),
            (Verdict::Fits(_), Lang::Zh) => format!("{order} 阶的块放得下"),
            (Verdict::Blocked { in_use: 1, first, .. }, Lang::En) => {
                format!("Order {order} here: frame {} is in use", thousands(u64::from(first.0)))
            }
            (Verdict::Blocked { in_use: 1, first, .. }, Lang::Zh) => {
                format!("{order} 阶放这里：页框 {} 被占用", thousands(u64::from(first.0)))
            }
            (Verdict::Blocked { in_use, .. }, Lang::En) => {
                format!("Order {order} here: {in_use} of {of} in use")
            }
            (Verdict::Blocked { in_use, .. }, Lang::Zh) => {
                format!("{order} 阶放这里：{of} 个页框里占用 {in_use} 个")
            }
            (Verdict::NoPlace, Lang::En) => format!("Order {order} is larger than all of it"),
            (Verdict::NoPlace, Lang::Zh) => format!("{order} 阶比这里还大"),
        }
    }
}

/// `frames 8,192 – 8,207`
#[must_use]
pub fn frames_text(block: Block, lang: Lang) -> String {
    let (first, last) = (thousands(u64::from(block.pfn.0)), thousands(u64::from(block.last().0)));
    match (block.order == Order::ZERO, lang) {
        (true, Lang::En) => format!("frame {first}"),
        (true, Lang::Zh) => format!("页框 {first}"),
        (false, Lang::En) => format!("frames {first} – {last}"),
        (false, Lang::Zh) => format!("页框 {first} – {last}"),
    }
}

/// How many aligned blocks of `order` lie in one zone each.
fn places(machine: &Machine, order: Order, highest: ZoneKind) -> u32 {
    let whole = |zone: &mm::mmzone::Zone| {
        let first = u64::from(zone.span.start.0).div_ceil(u64::from(order.pages()));
        let end = u64::from(zone.span.end.0 >> order.get());
        end.saturating_sub(first) as u32
    };
    machine.zones_up_to(highest).map(|zone| whole(machine.zone(zone))).sum()
}

/// The smallest free block that is large enough; the highest zone first, as the zonelist has it.
fn served_by(machine: &Machine, order: Order, highest: ZoneKind) -> Option<Block> {
    machine.zones_up_to(highest).find_map(|zone| {
        order.and_up().find_map(|at| {
            let area = machine.zone(zone).area(at);
            let pfn = mm::page::MigrateType::ALL.into_iter().find_map(|t| area.list(t).head())?;
            Some(Block { pfn, order })
        })
    })
}

fn best_place(raster: &Raster, order: Order, highest: ZoneKind) -> Verdict {
    let pages = order.pages() as usize;
    let mut best: Option<(u32, u32, Block)> = None;
    for zone in raster.shown().zones().iter().filter(|zone| zone.kind <= highest) {
        let first = (zone.span.start.0 as usize).next_multiple_of(pages);
        let end = zone.span.end.0 as usize / pages * pages;
        let mut at = first;
        while at < end {
            let tile = at / TILE as usize;
            let bound = best.map_or(u32::MAX, |(in_use, ..)| in_use);
            if pages >= TILE as usize {
                let in_use = raster.in_use_of(tile, pages / TILE as usize);
                if in_use <= bound {
                    consider(raster, at, order, in_use, &mut best);
                }
                at += pages;
                continue;
            }
            // A tile so full that no place in it can be better is left out at once.
            let (here, tile_end) = (u32::from(raster.in_use()[tile]), ((tile + 1) * TILE as usize).min(end));
            let room = TILE - order.pages();
            if here.saturating_sub(room) <= bound {
                while at < tile_end {
                    let cells = &raster.cells()[at..at + pages];
                    let in_use = cells.iter().filter(|c| **c & 15 != Ink::Free as u8).count() as u32;
                    consider(raster, at, order, in_use, &mut best);
                    at += pages;
                }
            }
            at = tile_end;
        }
    }
    let Some((in_use, pinned, block)) = best else { return Verdict::NoPlace };
    let cells = &raster.cells()[block.pfn.0 as usize..];
    let first = cells.iter().position(|c| Ink::of_cell(*c).is_in_use()).unwrap_or(0);
    Verdict::Blocked { block, in_use, pinned, first: block.pfn.plus(first as u32) }
}

/// Keeps the better of the best place and the one at `at`. A place without memory is none.
fn consider(raster: &Raster, at: usize, order: Order, in_use: u32, best: &mut Option<(u32, u32, Block)>) {
    let better_than = best.map_or((u32::MAX, u32::MAX), |(in_use, pinned, _)| (in_use, pinned));
    if in_use > better_than.0 {
        return;
    }
    let cells = &raster.cells()[at..at + order.pages() as usize];
    let mut pinned = 0;
    for cell in cells {
        match Ink::of_cell(*cell) {
            Ink::Hole => return,
            ink => pinned += u32::from(ink.is_pinned()),
        }
    }
    if (in_use, pinned) < better_than {
        *best = Some((in_use, pinned, Block { pfn: Pfn(at as u32), order }));
    }
}

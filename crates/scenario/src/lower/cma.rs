//! Contiguous areas find their place: first those of the device tree that say where, then those that do not, and the
//! command line's at last (`early_init_fdt_scan_reserved_mem()`, `dma_contiguous_reserve()`).

use mm::Config;
use mm::cma::place::{self, Refused, Wish};
use mm::config::Start;
use mm::dma::MAX_POOLS;
use mm::units::{PAGE_SIZE, Pfn};

use super::Lowering;
use crate::ast::Amount;
use crate::cma::{AreaLine, ReservedLine};
use crate::diagnostic::Kind;

/// A line and what it says.
#[derive(Default)]
pub(super) struct Areas<'d> {
    pub default: Option<(u32, AreaLine)>,
    pub nodes: Vec<(u32, &'d ReservedLine)>,
    /// Bounce buffers, in bytes.
    pub swiotlb: Option<(u32, u64)>,
}

/// 4 GiB in frames (`ARCH_LOW_ADDRESS_LIMIT`).
const FOUR_GIB: u32 = 0x10_0000;

fn frames(amount: Amount) -> u32 {
    u32::try_from(amount.count()).unwrap_or(u32::MAX)
}

/// What areas and pools are called, by number.
#[derive(Clone, Default)]
pub(super) struct Labels {
    pub areas: Vec<String>,
    pub pools: Vec<String>,
}

/// Puts all of them into the machine; gives their labels.
pub(super) fn place(lowering: &mut Lowering<'_>, config: &mut Config, areas: &Areas<'_>) -> Labels {
    let mut labels = Labels::default();
    let bypassed = |node: &ReservedLine| node.default && areas.default.is_some();
    for has_place in [true, false] {
        for (line, node) in areas.nodes.iter().filter(|(_, node)| node.at.is_some() == has_place) {
            let alignment = node.alignment.map_or(1, frames);
            let alignment = place::alignment_pages(u64::from(alignment) * PAGE_SIZE);
            let Some(alignment) = alignment else {
                lowering.report_line(*line, Kind::AreaRefused { why: Refused::Unaligned });
                continue;
            };
            let wish = Wish {
                pages: frames(node.size),
                alignment,
                from: Pfn(node.at.or(node.from).map_or(0, frames)),
                limit: node.below.map(|below| Pfn(frames(below))),
                fixed: node.at.is_some(),
                default: node.default,
            };
            // A node that is no area needs no more than whole pages.
            let is_area = node.reusable && !bypassed(node);
            let found = if is_area { place::declare(config, &wish) } else { place::reserve(config, &wish) };
            match found {
                Ok(area) if is_area => {
                    config.areas.push(area);
                    labels.areas.push(node.name.clone());
                }
                // What no driver is for is nobody's.
                Ok(area) if config.pools.len() < MAX_POOLS && !node.reusable && node.is_pool => {
                    if node.dma_default {
                        config.default_pool = Some(config.pools.len() as u8);
                    }
                    config.reserved.push(area.frames);
                    config.pools.push(area.frames);
                    labels.pools.push(node.name.clone());
                }
                Ok(area) => config.reserved.push(area.frames),
                Err(why) => lowering.report_line(*line, Kind::AreaRefused { why }),
            }
        }
    }
    // `cma=0` is none.
    if let Some((line, area)) = areas.default.as_ref().filter(|(_, area)| frames(area.size) > 0) {
        // `cma=64M@190M` is fixed there; `cma=64M@0-1G` is not.
        let wish = Wish {
            pages: frames(area.size),
            alignment: 1,
            from: Pfn(area.at.map_or(0, frames)),
            limit: area.below.map(|below| Pfn(frames(below))),
            fixed: area.at.is_some() && area.below.is_none(),
            default: true,
        };
        match place::declare(config, &wish) {
            Ok(area) => {
                config.areas.push(area);
                labels.areas.push("cma".into());
            }
            Err(why) => lowering.report_line(*line, Kind::AreaRefused { why }),
        }
    }
    if let Some((line, bytes)) = areas.swiotlb {
        bounce_buffers(lowering, config, line, bytes);
    }
    let first = areas.default.map(|(line, _)| line).or(areas.nodes.first().map(|(line, _)| *line));
    let first = first.or(areas.swiotlb.map(|(line, _)| line));
    match (&config.start, first) {
        (Start::Counts(_), Some(line)) => lowering.report_line(line, Kind::AreaWithRows),
        (Start::Lists(_), Some(line)) if !place::are_known(config) => {
            lowering.report_line(line, Kind::AreaNotInLists);
        }
        _ => {}
    }
    config.cma |= !config.areas.is_empty();
    labels
}

/// Bounce buffers lie below 4 GiB, as high as there is room; as many slots as the next power of two
/// (`swiotlb_init_remap()`, `round_up_default_nslabs()`).
fn bounce_buffers(lowering: &mut Lowering<'_>, config: &mut Config, line: u32, bytes: u64) {
    let pages = (bytes.next_power_of_two() / PAGE_SIZE) as u32;
    let limit = Some(Pfn(FOUR_GIB));
    let wish = Wish { pages, alignment: 1, from: Pfn(0), limit, fixed: false, default: false };
    match place::reserve(config, &wish) {
        Ok(area) => {
            config.reserved.push(area.frames);
            config.swiotlb = Some(area.frames);
        }
        Err(why) => lowering.report_line(line, Kind::AreaRefused { why }),
    }
}

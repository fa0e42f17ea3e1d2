//! The zones as tanks, in the order in which a request tries them: how much is free, the marks, what is kept from the
//! request, and how deep which request may go.
//!
//! The foot of a tank is drawn larger than the rest, because that is where the marks are; a break says so.

mod draw;
#[cfg(test)]
mod tests;

use mm::gfp::GfpFlags;
use mm::mmzone::{ZoneId, ZoneKind};
use mm::step::StepKind;
use mm::{CpuId, Machine, Order};
use scenario::Lang;

use crate::Moment;
use crate::percpu::cpu_in_play;
use crate::scene::{Room, Scene};

/// Draws the tanks; `zone` is the one that is told in full.
#[must_use]
pub fn scene(moment: &Moment, room: &Room, zone: ZoneId, lang: Lang) -> Scene {
    draw::scene(moment, room, zone, lang)
}

/// The request that the tanks are measured for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Asked {
    pub cpu: CpuId,
    pub flags: GfpFlags,
    pub highest: ZoneKind,
    pub order: Order,
    /// It is really asked; false: what an ordinary request would find.
    pub is_real: bool,
}

impl Asked {
    /// The request of the op that the moment is in or has just ended, or that comes next.
    pub(crate) fn of(moment: &Moment) -> Asked {
        let steps = moment.trail.iter().rev().chain(&moment.just_did).chain(&moment.next);
        let asked = steps.into_iter().find_map(|step| match step.kind {
            StepKind::Request { cpu, flags, highest_zone, order, .. } => Some(Asked {
                cpu,
                flags,
                highest: highest_zone,
                order: Order::new(order).unwrap_or(Order::MAX),
                is_real: true,
            }),
            _ => None,
        });
        asked.unwrap_or_else(|| {
            let flags = GfpFlags::GFP_HIGHUSER_MOVABLE;
            let machine = &moment.machine;
            Asked {
                cpu: cpu_in_play(moment),
                flags,
                highest: machine
                    .zonelist_of(cpu_in_play(moment), flags)
                    .first()
                    .map_or(ZoneKind::Normal, |id| machine.zone(*id).kind),
                order: Order::ZERO,
                is_real: false,
            }
        })
    }
}

/// The zones as they are drawn: those of the zonelist first, then those that the request may not use.
pub(crate) fn order(machine: &Machine, asked: &Asked) -> (Vec<ZoneId>, usize) {
    let mut zones = machine.zonelist_of(asked.cpu, asked.flags);
    let allowed = zones.len();
    let rest: Vec<ZoneId> = machine.zone_ids().filter(|id| !zones.contains(id)).collect();
    zones.extend(rest);
    (zones, allowed)
}

/// The tank so many places to the right of one, or to the left.
#[must_use]
pub fn neighbour(moment: &Moment, zone: ZoneId, by: i32) -> Option<ZoneId> {
    let (zones, _) = order(&moment.machine, &Asked::of(moment));
    let at = zones.iter().position(|id| *id == zone)?;
    zones.get(usize::try_from(at as i32 + by).ok()?).copied()
}

/// What a screen reader says of the picture as a whole; the text twin has the rest.
#[must_use]
pub fn label(moment: &Moment, lang: Lang) -> String {
    let machine = &moment.machine;
    let (zones, allowed) = order(machine, &Asked::of(moment));
    let names: Vec<String> =
        zones.iter().take(allowed).map(|id| crate::vitals::zone_name(machine, *id)).collect();
    match lang {
        Lang::En => format!(
            "Zones in the order they are tried: {}. Arrow keys go from zone to zone.",
            names.join(", ")
        ),
        Lang::Zh => format!("各区，按尝试的先后：{}。用方向键在区之间移动。", names.join("、")),
    }
}

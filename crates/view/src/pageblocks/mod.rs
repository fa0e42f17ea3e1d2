//! The pageblocks of every zone as tiles: the type of each, what it is filled with, and what a step did to one of them.
//!
//! There can be 8,192 of them, so tiles are drawn together, not one by one: [`tile_at`] finds what a pointer is on.

mod census;
mod draw;
mod plan;
mod story;
#[cfg(test)]
mod tests;

use mm::Pfn;
use mm::mmzone::ZoneId;
use mm::page::{Block, MigrateType};
use scenario::Lang;

use crate::Moment;
use crate::narrate::num;
use crate::pyramid::Direction;
use crate::scene::{Area, Paint, Room, Scene};

pub use census::{Census, Fill, Use};
pub(crate) use census::{range, tiles, types};
use plan::Plan;

/// Draws the pageblocks; `census` follows the machine of this moment.
#[must_use]
pub fn scene(moment: &Moment, census: &Census, room: &Room, lang: Lang, selected: Option<Pfn>) -> Scene {
    draw::scene(moment, census, room, lang, selected)
}

/// The pageblock under a place of the picture, as its first frame that is memory.
#[must_use]
pub fn tile_at(moment: &Moment, room: &Room, x: f32, y: f32) -> Option<Pfn> {
    let plan = Plan::of(&moment.machine, room);
    let (zone, at) = plan.tile_at(x, y)?;
    plan.first_frame(&moment.machine, zone, at)
}

/// Where a block is drawn: around the tiles that it touches, once for each row of them.
#[must_use]
pub fn places(moment: &Moment, room: &Room, block: Block) -> Vec<Area> {
    let plan = Plan::of(&moment.machine, room);
    let mut rows: Vec<Area> = Vec::new();
    for area in plan.touched(&moment.machine, block).into_iter().filter_map(|(zone, at)| plan.area(zone, at))
    {
        match rows.last_mut().filter(|row| (row.y - area.y).abs() < 0.5) {
            Some(row) => *row = Area::between(row.x, row.y, area.right(), row.bottom()),
            None => rows.push(area),
        }
    }
    rows
}

/// The pageblock to select when an arrow key is pressed, as its first frame that is memory: left and right go along
/// the frames, up and down to the row above or below.
#[must_use]
pub fn neighbour(moment: &Moment, room: &Room, from: Option<Pfn>, to: Direction) -> Option<Pfn> {
    let plan = Plan::of(&moment.machine, room);
    let place = from.and_then(|pfn| plan.place_of(&moment.machine, pfn));
    let (zone, at) = match place {
        Some((zone, at)) => plan.beside(zone, at, to)?,
        None => plan.first()?,
    };
    plan.first_frame(&moment.machine, zone, at)
}

/// The letter that stands for a type on a tile.
#[must_use]
pub fn letter(migratetype: MigrateType) -> &'static str {
    match migratetype {
        MigrateType::Unmovable => "U",
        MigrateType::Movable => "M",
        MigrateType::Reclaimable => "R",
        MigrateType::HighAtomic => "H",
        MigrateType::Cma => "C",
        MigrateType::Isolate => "I",
    }
}

/// What a tile of this type is painted with.
pub(crate) fn paint(migratetype: MigrateType) -> Paint {
    match migratetype {
        MigrateType::Unmovable => Paint::TypeUnmovable,
        MigrateType::Movable => Paint::TypeMovable,
        MigrateType::Reclaimable => Paint::TypeReclaimable,
        MigrateType::HighAtomic => Paint::TypeHighAtomic,
        MigrateType::Cma => Paint::TypeCma,
        MigrateType::Isolate => Paint::TypeIsolate,
    }
}

/// What a screen reader says of the picture as a whole; the text twin has the rest.
#[must_use]
pub fn label(moment: &Moment, zone: ZoneId, lang: Lang) -> String {
    let machine = &moment.machine;
    let name = crate::vitals::zone_name(machine, zone);
    let counts = types(machine, zone);
    let kinds = MigrateType::ALL.into_iter().filter(|t| counts[t.index()] > 0);
    let parts: Vec<String> = kinds
        .map(|t| {
            let (count, name) = (num(counts[t.index()]), crate::narrate::type_name(t));
            lang.pick(format!("{count} {name}"), format!("{name} {count} 个"))
        })
        .collect();
    match lang {
        Lang::En => format!(
            "Pageblocks of zone {name}: {}. Arrow keys go from pageblock to pageblock.",
            parts.join(", ")
        ),
        Lang::Zh => format!("{name} 区的 pageblock：{}。用方向键在 pageblock 之间移动。", parts.join("，")),
    }
}

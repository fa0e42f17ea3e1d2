//! Where the tiles lie: zone under zone, rows of frames from left to right, as large as the room allows.

use mm::mmzone::ZoneId;
use mm::page::{Block, PageState};
use mm::{Machine, Pfn};

use super::census::{range, tiles};
use crate::board::Sizes;
use crate::pyramid::Direction;
use crate::scene::{Area, Form, Room};

/// How much of a tile can be told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Detail {
    /// Its type, and how much of it is in use.
    Level,
    /// Its type beside what it is filled with.
    Fill,
    /// The letter of its type too.
    Letter,
}

/// The tiles of one zone.
#[derive(Clone, Copy, Debug)]
pub(super) struct ZonePlan {
    pub id: ZoneId,
    pub tiles: u32,
    /// Baseline of its name.
    pub name_y: f32,
    /// Where its first tile is.
    pub y: f32,
}

/// Where everything is.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// What the tiles are in.
    pub map: Area,
    /// The pageblock that is told in full.
    pub close_up: Area,
    /// Left of the rows, for the number of their first frame.
    pub gutter: f32,
    pub cols: u32,
    /// Width and height of a tile, and from one to the next.
    pub tile: (f32, f32),
    pub pitch: (f32, f32),
    pub detail: Detail,
    pub zones: Vec<ZonePlan>,
}

impl Plan {
    pub(super) fn of(machine: &Machine, room: &Room) -> Plan {
        let (w, h) = (room.width / room.scale, room.height / room.scale);
        let s = Sizes::of(room.form);
        let counts: Vec<(ZoneId, u32)> =
            machine.zone_ids().map(|id| (id, tiles(machine, id))).filter(|(_, n)| *n > 0).collect();
        let top = s.head + s.space * 0.5;
        let bottom = h - s.legend - s.label * 1.7;
        let (map, close_up) = match room.form {
            Form::Phone => {
                let strip = s.label * 8.2;
                let y = bottom - strip;
                (
                    Area::between(s.margin, top, w - s.margin, y - s.space),
                    Area::between(s.margin, y, w - s.margin, bottom),
                )
            }
            form => {
                let side = if form == Form::Projector { (w * 0.31).min(560.0) } else { (w * 0.3).min(300.0) };
                let x = w - s.margin - side;
                (
                    Area::between(s.margin, top, x - s.space * 2.0, bottom),
                    Area::between(x, top, w - s.margin, bottom),
                )
            }
        };
        let gutter = if room.form == Form::Phone { 0.0 } else { s.label * 5.4 };
        let name = s.label * 1.55;
        let (most, least_gap) = match room.form {
            Form::Projector => (210.0, 2.0),
            Form::Laptop => (104.0, 1.0),
            Form::Phone => (60.0, 1.0),
        };
        let detail_of = |tile_h: f32| match tile_h {
            h if h < s.label * 0.9 => Detail::Level,
            h if h < s.label * 1.5 => Detail::Fill,
            _ => Detail::Letter,
        };
        // Columns, size of a tile and from one to the next, where the tiles of this height fit.
        let fit = |tile_h: f32| {
            let level = detail_of(tile_h) == Detail::Level;
            let least_gap = if level { 0.6 } else { least_gap };
            let gap = (tile_h * 0.12).max(least_gap).min(most * 0.08);
            let tile_w = if level { tile_h } else { tile_h * 1.3 };
            let pitch = (tile_w + gap, tile_h + gap);
            let mut cols = ((map.w - gutter + gap) / pitch.0).max(1.0) as u32;
            // Rows begin at round numbers; a few tiles stand in even ones.
            cols = match cols {
                32.. => cols - cols % 8,
                9.. => cols - cols % 4,
                _ => counts.iter().map(|(_, n)| n.div_ceil(n.div_ceil(cols))).max().unwrap_or(cols),
            };
            let rows: u32 = counts.iter().map(|(_, n)| n.div_ceil(cols)).sum();
            let height = counts.len() as f32 * (name + s.space * 0.6) + rows as f32 * pitch.1;
            (height <= map.h || tile_h < 1.2).then_some((cols, (tile_w, tile_h), pitch))
        };
        let heights = std::iter::successors(Some(most), |tile_h: &f32| Some(tile_h * 0.97));
        let (mut cols, mut tile, mut pitch) =
            heights.clone().find_map(fit).unwrap_or((1, (1.0, 1.0), (1.0, 1.0)));
        // Two, four, eight in a row are rounder still, if the tiles need not be much smaller.
        let least = tile.1 * 0.72;
        let near = heights.skip_while(|h| *h > tile.1).take_while(|h| *h >= least);
        let near = near.filter(|h| detail_of(*h) == detail_of(tile.1)).filter_map(fit);
        if let Some(rounder) = near.into_iter().find(|(cols, ..)| cols.is_power_of_two()) {
            (cols, tile, pitch) = rounder;
        }
        let mut y = map.y;
        let zone = |(id, tiles): &(ZoneId, u32)| {
            let zone = ZonePlan { id: *id, tiles: *tiles, name_y: y + s.label, y: y + name };
            y += name + s.space * 0.6 + tiles.div_ceil(cols) as f32 * pitch.1;
            zone
        };
        let zones = counts.iter().map(zone).collect();
        Plan { map, close_up, gutter, cols, tile, pitch, detail: detail_of(tile.1), zones }
    }

    fn zone(&self, id: ZoneId) -> Option<&ZonePlan> {
        self.zones.iter().find(|zone| zone.id == id)
    }

    /// The place of a tile.
    pub(super) fn area(&self, id: ZoneId, at: u32) -> Option<Area> {
        let zone = self.zone(id).filter(|zone| at < zone.tiles)?;
        let (col, row) = ((at % self.cols) as f32, (at / self.cols) as f32);
        let (x, y) = (self.map.x + self.gutter + col * self.pitch.0, zone.y + row * self.pitch.1);
        Some(Area { x, y, w: self.tile.0, h: self.tile.1 })
    }

    pub(super) fn tile_at(&self, x: f32, y: f32) -> Option<(ZoneId, u32)> {
        let zone = self.zones.iter().rev().find(|zone| y >= zone.y)?;
        let (x, y) = (x - self.map.x - self.gutter, y - zone.y);
        let (col, row) = ((x / self.pitch.0).floor(), (y / self.pitch.1).floor());
        if x < 0.0 || col >= self.cols as f32 {
            return None;
        }
        let at = row as u32 * self.cols + col as u32;
        (at < zone.tiles).then_some((zone.id, at))
    }

    /// The tile that a frame is in.
    pub(super) fn place_of(&self, machine: &Machine, pfn: Pfn) -> Option<(ZoneId, u32)> {
        let order = machine.pageblock_order().get();
        let zone = machine.zone_of(pfn)?;
        let at = (pfn.0 >> order) - (machine.zone(zone).span.start.0 >> order);
        Some((zone, at))
    }

    /// The tiles that a block touches.
    pub(super) fn touched(&self, machine: &Machine, block: Block) -> Vec<(ZoneId, u32)> {
        let (Some((zone, first)), Some((_, last))) =
            (self.place_of(machine, block.pfn), self.place_of(machine, block.last()))
        else {
            return Vec::new();
        };
        (first..=last.max(first)).map(|at| (zone, at)).collect()
    }

    pub(super) fn first(&self) -> Option<(ZoneId, u32)> {
        Some((self.zones.first()?.id, 0))
    }

    pub(super) fn beside(&self, id: ZoneId, at: u32, to: Direction) -> Option<(ZoneId, u32)> {
        let place = self.zones.iter().position(|zone| zone.id == id)?;
        let tiles = self.zones[place].tiles;
        let above = || self.zones[..place].last();
        let below = || self.zones.get(place + 1);
        let col = at % self.cols;
        match to {
            Direction::Left if at > 0 => Some((id, at - 1)),
            Direction::Left => above().map(|zone| (zone.id, zone.tiles - 1)),
            Direction::Right if at + 1 < tiles => Some((id, at + 1)),
            Direction::Right => below().map(|zone| (zone.id, 0)),
            Direction::Up if at >= self.cols => Some((id, at - self.cols)),
            Direction::Up => above().map(|zone| {
                let row = (zone.tiles - 1) / self.cols * self.cols;
                (zone.id, (row + col).min(zone.tiles - 1))
            }),
            Direction::Down if at + self.cols < tiles => Some((id, at + self.cols)),
            // The last row may be shorter.
            Direction::Down if at / self.cols < (tiles - 1) / self.cols => Some((id, tiles - 1)),
            Direction::Down => below().map(|zone| (zone.id, col.min(zone.tiles - 1))),
        }
    }

    pub(super) fn first_frame(&self, machine: &Machine, zone: ZoneId, at: u32) -> Option<Pfn> {
        let range = range(machine, zone, at);
        let state = |pfn: &Pfn| machine.page(*pfn).state;
        let mut frames = (range.start.0..range.end.0).map(Pfn);
        let has_block = |pfn: &Pfn| !matches!(state(pfn), PageState::Hole | PageState::Reserved);
        let is_memory = |pfn: &Pfn| state(pfn) != PageState::Hole;
        let found = frames.clone().find(has_block).or_else(|| frames.find(is_memory));
        found.or((!range.is_empty()).then_some(range.start))
    }
}

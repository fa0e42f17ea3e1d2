//! Areas that can have huge pages: each 2 MiB of addresses is a tile, which is one page, or 512 small ones.

use mm::Vaddr;
use mm::process::{Counter, HPAGE_SIZE, Leaf, Mm, Processes, Vma};
use mm::units::PAGE_SIZE;
use mm::x86::pgtable::Pte;

use super::draw::Ink;
use crate::scene::Area;

/// Pages beside each other in a tile, and rows of them.
const TILE: (u64, u64) = (32, 16);
/// Of larger areas only the share is drawn that is there.
const MOST: u64 = 16;

/// Whether an area is drawn as tiles: it has a huge page, or can have one.
pub(super) fn is_tiled(processes: &Processes, mm: &Mm, vma: &Vma) -> bool {
    let is_large = vma.end.0 - vma.start.0 >= HPAGE_SIZE && count(vma) <= MOST;
    let mut leaves = processes.tables().leaves(mm.pgd, vma.start, vma.end);
    is_large && (vma.hugetlb || processes.makes_huge_pages(vma) || leaves.any(|leaf| leaf.is_huge()))
}

/// How many tiles an area has, those included of which it has only a part.
pub(super) fn count(vma: &Vma) -> u64 {
    vma.end.0.div_ceil(HPAGE_SIZE) - vma.start.0 / HPAGE_SIZE
}

/// The tiles of an area, laid out.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Tiles {
    /// A page of 4 KiB.
    pub cell: f32,
    /// Between two tiles.
    pub gap: f32,
    /// Tiles beside each other.
    pub columns: u64,
}

impl Tiles {
    /// As wide as fits.
    pub(super) fn of(cell: f32, gap: f32, width: f32) -> Tiles {
        let one = cell * TILE.0 as f32 + gap * 2.0;
        Tiles { cell, gap, columns: ((width / one) as u64).max(1) }
    }

    /// How much room the tiles of an area take.
    pub(super) fn size(&self, vma: &Vma) -> (f32, f32) {
        let tiles = count(vma);
        let (w, h) = self.tile();
        let rows = tiles.div_ceil(self.columns);
        (tiles.min(self.columns) as f32 * (w + self.gap * 2.0), rows as f32 * (h + self.gap * 2.0))
    }

    fn tile(&self) -> (f32, f32) {
        (self.cell * TILE.0 as f32, self.cell * TILE.1 as f32)
    }

    /// The tile that an address of an area lies in, which begins at the corner.
    pub(super) fn tile_of(&self, vma: &Vma, address: Vaddr, (x, y): (f32, f32)) -> Area {
        let at = address.0 / HPAGE_SIZE - vma.start.0 / HPAGE_SIZE;
        let (row, column) = (at / self.columns, at % self.columns);
        let (w, h) = self.tile();
        let step = self.gap * 2.0;
        Area { x: x + column as f32 * (w + step), y: y + row as f32 * (h + step), w, h }
    }

    /// The place of a page of 4 KiB in its tile.
    pub(super) fn page_in(&self, tile: Area, address: Vaddr) -> Area {
        let at = address.0 % HPAGE_SIZE / PAGE_SIZE;
        let (x, y) = (tile.x + (at % TILE.0) as f32 * self.cell, tile.y + (at / TILE.0) as f32 * self.cell);
        let edge = (self.cell * 0.18).max(0.4);
        Area { x, y, w: self.cell - edge, h: self.cell - edge }
    }
}

/// What is known of the pages behind an entry.
pub(super) fn ink(processes: &Processes, leaf: &Leaf) -> Ink {
    let mut ink = Ink::default();
    let pfn = leaf.entry.pfn();
    // Of a huge page others may have only a part.
    let shared = processes.huge().of(pfn).is_some_and(|(_, of)| leaf.is_huge() && of.entries() > 1);
    *if leaf.entry.has(Pte::SPECIAL) {
        &mut ink.zero
    } else {
        match processes.counter(pfn) {
            Counter::Anon if shared || processes.mapcount(pfn) > 1 => &mut ink.several,
            Counter::Anon | Counter::Shmem => &mut ink.own,
            Counter::File => &mut ink.file,
        }
    } += 1;
    ink
}

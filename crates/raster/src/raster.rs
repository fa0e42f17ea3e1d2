//! One byte for each frame.

use mm::page::{Block, PageFlags};
use mm::{Machine, Pfn};

use crate::cell::{Ink, cell_of};
use crate::geometry::{Geometry, Layout, Rect, even_bits, pieces};

/// Frames of a tile: 8 × 8 in the quad layout.
pub const TILE: u32 = 64;
/// Frames that the count of pinned pages is kept for: a pageblock of x86-64.
const PLOT: u32 = 512;
/// With more dirty rectangles than this, one around all of them is cheaper.
const MOST_RECTS: usize = 48;

/// A colour as a canvas stores it.
pub type Rgba = [u8; 4];

/// The colours of all cells: [`Ink`] as index, and 16 more for every other block.
pub type Palette = [Rgba; 32];

/// What an update changed: runs of frames, ascending, in whole tiles.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Dirty {
    runs: Vec<(u32, u32)>,
}

impl Dirty {
    /// One run of frames, widened to whole tiles.
    #[must_use]
    pub fn of(start: u32, end: u32) -> Dirty {
        let mut dirty = Dirty::default();
        dirty.add(start, end);
        dirty
    }

    fn everything(frames: u32) -> Dirty {
        Dirty { runs: vec![(0, frames.next_multiple_of(TILE))] }
    }

    fn add(&mut self, start: u32, end: u32) {
        let (start, end) = (start / TILE * TILE, end.next_multiple_of(TILE));
        match self.runs.last_mut() {
            Some(last) if start <= last.1 && last.0 <= start => last.1 = last.1.max(end),
            _ => self.runs.push((start, end)),
        }
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Frames that may have changed.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.runs.iter().map(|(start, end)| u64::from(end - start)).sum()
    }

    /// The runs, as first frame and the frame behind the last.
    #[must_use]
    pub fn runs(&self) -> &[(u32, u32)] {
        &self.runs
    }

    /// Takes the changes of a later update along.
    pub fn merge(&mut self, later: Dirty) {
        self.runs.extend(later.runs);
        mm::sort::by_key(&mut self.runs, |(start, end)| u64::from(*start) << 32 | u64::from(*end));
        let runs = std::mem::take(&mut self.runs);
        for (start, end) in runs {
            self.add(start, end);
        }
    }

    /// The texels to put on the screen again: a few rectangles, or one around all.
    #[must_use]
    pub fn texel_rects(&self, geometry: &Geometry) -> Vec<Rect> {
        let (w, h) = geometry.texture();
        let whole = Rect { x: 0, y: 0, w, h };
        let bits = geometry.frames().max(64).next_power_of_two().trailing_zeros();
        let mut rects = Vec::new();
        for &(start, end) in &self.runs {
            for (start, bits) in pieces(start, end, bits) {
                rects.push(geometry.texels(geometry.rect(start, bits)));
                if rects.len() > MOST_RECTS {
                    let rest = self.runs.iter().flat_map(|run| pieces(run.0, run.1, bits.max(6)));
                    let all = rest.map(|(start, bits)| geometry.texels(geometry.rect(start, bits)));
                    return vec![clip(all.fold(Rect::default(), Rect::union), whole)];
                }
            }
        }
        rects.into_iter().map(|rect| clip(rect, whole)).collect()
    }
}

fn clip(rect: Rect, to: Rect) -> Rect {
    Rect { w: rect.w.min(to.w.saturating_sub(rect.x)), h: rect.h.min(to.h.saturating_sub(rect.y)), ..rect }
}

/// What every frame of a machine shows.
#[derive(Clone)]
pub struct Raster {
    /// The machine that is shown. Clones share their chunks, so what changed is found by comparing addresses.
    shown: Machine,
    frames: u32,
    /// One per frame, in frame order, filled up to whole tiles with [`Ink::Outside`].
    cells: Vec<u8>,
    counts: [u32; Ink::COUNT],
    /// Frames in use in each tile.
    in_use: Vec<u8>,
    /// Unmovable frames in each plot.
    nails: Vec<u16>,
}

impl Raster {
    /// The raster of a machine.
    #[must_use]
    pub fn of(machine: &Machine) -> Raster {
        let frames = machine.end().0;
        let mut raster = Raster {
            shown: machine.clone(),
            frames,
            cells: Vec::new(),
            counts: [0; Ink::COUNT],
            in_use: Vec::new(),
            nails: Vec::new(),
        };
        raster.rebuild(machine);
        raster
    }

    /// Reads the whole machine.
    pub fn rebuild(&mut self, machine: &Machine) -> Dirty {
        self.shown = machine.clone();
        self.frames = machine.end().0;
        let frames = self.frames as usize;
        self.cells.clear();
        self.cells.resize(frames.next_multiple_of(TILE as usize), Ink::Outside as u8);
        let (mut base, mut at) = (0, 0);
        for chunk in machine.mem_map() {
            let end = base + chunk.len();
            // A block that is larger than a chunk has covered this one already.
            while at < end {
                let (cell, pages) = cell_of(&chunk[at - base].page(), Pfn(at as u32));
                if pages == 1 {
                    self.cells[at] = cell;
                    at += 1;
                } else {
                    let stop = (at + pages as usize).min(frames);
                    self.cells[at..stop].fill(cell);
                    at = stop;
                }
            }
            base = end;
        }
        self.count_everything();
        Dirty::everything(self.frames)
    }

    fn count_everything(&mut self) {
        self.counts = [0; Ink::COUNT];
        self.in_use.clear();
        self.nails.clear();
        self.nails.resize(self.frames.div_ceil(PLOT) as usize, 0);
        for (i, tile) in self.cells.as_chunks::<{ TILE as usize }>().0.iter().enumerate() {
            let mut hist = [0u8; 16];
            if tile.iter().all(|cell| *cell == tile[0]) {
                hist[usize::from(tile[0] & 15)] = TILE as u8;
            } else {
                for cell in tile {
                    hist[usize::from(cell & 15)] += 1;
                }
            }
            for (total, here) in self.counts.iter_mut().zip(hist) {
                *total += u32::from(here);
            }
            let idle = hist[Ink::Free as usize] + hist[Ink::Outside as usize];
            self.in_use.push(TILE as u8 - idle);
            self.nails[i / (PLOT / TILE) as usize] += u16::from(hist[Ink::Unmovable as usize]);
        }
        self.counts[Ink::Outside as usize] = 0;
    }

    /// Follows the machine to any other moment of the same scenario: only chunks that are not shared with the
    /// machine shown so far are read.
    ///
    /// A frame changes only when the entry of its block's head changes, and then the head's chunk is a copy: so
    /// the blocks whose heads lie in copied chunks are all that has to be written.
    pub fn seek(&mut self, machine: &Machine) -> Dirty {
        if machine.end().0 != self.frames {
            return self.rebuild(machine);
        }
        let before = std::mem::replace(&mut self.shown, machine.clone());
        let mut dirty = Dirty::default();
        let mut base = 0;
        for (old, new) in before.mem_map().zip(machine.mem_map()) {
            if !std::ptr::eq(old, new) {
                self.read_chunk(base, new, &mut dirty);
            }
            base += new.len() as u32;
        }
        dirty
    }

    fn read_chunk(&mut self, base: u32, chunk: &[PageFlags], dirty: &mut Dirty) {
        let mut at = 0;
        while let Some(page) = chunk.get(at as usize) {
            // Tails at the beginning belong to a block of an earlier chunk.
            if page.state() == mm::page::PageState::Tail {
                at += 1;
                continue;
            }
            let (cell, pages) = cell_of(&page.page(), Pfn(base + at));
            self.write(base + at, pages, cell, dirty);
            at += pages;
        }
    }

    /// Follows the machine by one or a few steps that touched only `blocks`: what [`mm::step::StepKind::blocks`] says.
    pub fn update(&mut self, machine: &Machine, blocks: impl IntoIterator<Item = Block>) -> Dirty {
        if machine.end().0 != self.frames {
            return self.rebuild(machine);
        }
        self.shown = machine.clone();
        let mut touched: Vec<Block> = blocks.into_iter().collect();
        mm::sort::by_key(&mut touched, |b| u64::from(b.pfn.0) << 8 | u64::from(b.order.get()));
        let mut dirty = Dirty::default();
        for block in touched {
            let Block { pfn, order } = machine.block_of(block.pfn).unwrap_or(block);
            let (mut at, end) = (pfn.0, (pfn.0 + order.pages()).max(block.last().0 + 1).min(self.frames));
            while at < end {
                let (cell, pages) = cell_of(&machine.page(Pfn(at)), Pfn(at));
                self.write(at, pages, cell, &mut dirty);
                at += pages;
            }
        }
        dirty.merge(Dirty::default());
        dirty
    }

    fn write(&mut self, start: u32, pages: u32, cell: u8, dirty: &mut Dirty) {
        let end = (start + pages).min(self.frames);
        let (from, to) = (start as usize, end as usize);
        if self.cells[from..to].iter().all(|old| *old == cell) {
            return;
        }
        let new = Ink::of_cell(cell);
        for at in from..to {
            let old = Ink::of_cell(self.cells[at]);
            if old == new {
                continue;
            }
            self.counts[old as usize] -= 1;
            self.counts[new as usize] += 1;
            let (tile, plot) = (at / TILE as usize, at / PLOT as usize);
            self.in_use[tile] = self.in_use[tile] + u8::from(new.is_in_use()) - u8::from(old.is_in_use());
            self.nails[plot] =
                self.nails[plot] + u16::from(new == Ink::Unmovable) - u16::from(old == Ink::Unmovable);
        }
        self.cells[from..to].fill(cell);
        dirty.add(start, end);
    }

    /// Frames of the machine.
    #[must_use]
    pub fn frames(&self) -> u32 {
        self.frames
    }

    /// The machine that is shown.
    #[must_use]
    pub fn shown(&self) -> &Machine {
        &self.shown
    }

    /// The cells in frame order, [`Ink`] in the low four bits.
    #[must_use]
    pub fn cells(&self) -> &[u8] {
        &self.cells[..self.frames as usize]
    }

    /// What a frame shows.
    #[must_use]
    pub fn ink(&self, pfn: Pfn) -> Ink {
        self.cells().get(pfn.0 as usize).map_or(Ink::Outside, |cell| Ink::of_cell(*cell))
    }

    /// How many frames show an ink. All of them together are the machine: the rule of this picture.
    #[must_use]
    pub fn count(&self, ink: Ink) -> u32 {
        self.counts[ink as usize]
    }

    /// Frames in use in each tile of [`TILE`] frames.
    pub fn in_use(&self) -> &[u8] {
        &self.in_use
    }

    /// Frames in use among the tiles' frames of a block of order 6 or more.
    pub fn in_use_of(&self, first_tile: usize, tiles: usize) -> u32 {
        let end = (first_tile + tiles).min(self.in_use.len());
        self.in_use[first_tile.min(end)..end].iter().map(|n| u32::from(*n)).sum()
    }

    /// The pageblocks of 512 frames that hold unmovable pages, but so few that they spoil what could be one piece:
    /// first frame and how many.
    pub fn nails(&self) -> impl Iterator<Item = (Pfn, u32)> {
        let few = 1..=(PLOT / 8) as u16;
        self.nails
            .iter()
            .enumerate()
            .filter(move |(_, n)| few.contains(n))
            .map(|(i, n)| (Pfn(i as u32 * PLOT), u32::from(*n)))
    }

    /// Paints everything. `texture` has the size of [`Geometry::texture`].
    pub fn paint(&self, geometry: &Geometry, palette: &Palette, texture: &mut [Rgba]) {
        match geometry.layout() {
            Layout::Quad => self.paint_quad(geometry, palette, texture),
            Layout::Ruler => self.paint_run(geometry, palette, texture, 0, self.cells.len() as u32),
        }
    }

    /// Paints what changed.
    pub fn paint_dirty(&self, geometry: &Geometry, palette: &Palette, texture: &mut [Rgba], dirty: &Dirty) {
        for &(start, end) in &dirty.runs {
            self.paint_run(geometry, palette, texture, start, end.min(self.cells.len() as u32));
        }
    }

    /// Row by row of tiles, so that what is written lies together.
    fn paint_quad(&self, geometry: &Geometry, palette: &Palette, texture: &mut [Rgba]) {
        if geometry.frames_per_texel() > 1 {
            return self.paint_run(geometry, palette, texture, 0, self.cells.len() as u32);
        }
        let width = geometry.texture().0 as usize;
        let tiles = self.cells.as_chunks::<{ TILE as usize }>().0;
        for (row, band) in texture.chunks_exact_mut(8 * width).enumerate() {
            let y = super::geometry::spread(row as u32) << 1;
            for column in 0..width / 8 {
                let number = (y | super::geometry::spread(column as u32)) as usize;
                if let Some(tile) = tiles.get(number) {
                    paint_tile(tile, palette, &mut band[column * 8..], width);
                }
            }
        }
    }

    fn paint_run(&self, geometry: &Geometry, palette: &Palette, texture: &mut [Rgba], start: u32, end: u32) {
        let width = geometry.texture().0 as usize;
        let per_texel = geometry.frames_per_texel() as usize;
        let cells = &self.cells[start as usize..end as usize];
        match (geometry.layout(), per_texel) {
            (Layout::Ruler, 1) => {
                let out = &mut texture[start as usize..];
                for (texel, cell) in out.iter_mut().zip(cells) {
                    *texel = palette[usize::from(cell & 31)];
                }
            }
            (Layout::Ruler, _) => {
                let out = &mut texture[start as usize / per_texel..];
                for (texel, group) in out.iter_mut().zip(cells.chunks_exact(per_texel)) {
                    *texel = palette[usize::from(blend(group) & 31)];
                }
            }
            (Layout::Quad, 1) => {
                for (i, tile) in cells.as_chunks::<{ TILE as usize }>().0.iter().enumerate() {
                    let number = start / TILE + i as u32;
                    let (x, y) = (even_bits(number) as usize * 8, even_bits(number >> 1) as usize * 8);
                    paint_tile(tile, palette, &mut texture[y * width + x..], width);
                }
            }
            (Layout::Quad, _) => {
                for (i, group) in cells.chunks_exact(per_texel).enumerate() {
                    let number = start / per_texel as u32 + i as u32;
                    let (x, y) = (even_bits(number) as usize, even_bits(number >> 1) as usize);
                    texture[y * width + x] = palette[usize::from(blend(group) & 31)];
                }
            }
        }
    }
}

/// Where the cells of one row of a tile lie in it: the even bits are the column, the odd ones the row.
const COLUMNS: [usize; 8] = [0, 1, 4, 5, 16, 17, 20, 21];

/// 64 frames as 8 × 8 texels.
fn paint_tile(tile: &[u8; TILE as usize], palette: &Palette, out: &mut [Rgba], width: usize) {
    let mut rest = out;
    for (i, column) in COLUMNS.into_iter().enumerate() {
        if i > 0 {
            rest = &mut std::mem::take(&mut rest)[width..];
        }
        let Some(row) = rest.first_chunk_mut::<8>() else { return };
        let first = 2 * column;
        for (texel, at) in row.iter_mut().zip(COLUMNS) {
            *texel = palette[usize::from(tile[(first + at) & 63] & 31)];
        }
    }
}

/// The one cell that stands for several: unmovable if any is, else what most are, the higher number at a draw.
fn blend(group: &[u8]) -> u8 {
    let mut counts = [0u8; 32];
    for cell in group {
        if Ink::of_cell(*cell) == Ink::Unmovable {
            return *cell;
        }
        counts[usize::from(cell & 31)] += 1;
    }
    let mut best = 0;
    for (cell, count) in counts.iter().enumerate() {
        if *count > 0 && *count >= counts[best] {
            best = cell;
        }
    }
    best as u8
}

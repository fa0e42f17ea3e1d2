//! Where a frame lies.

use mm::page::Block;
use mm::{Order, Pfn};

/// The most texels on a side of the backing canvas (16,777,216 pixels is what iOS allows; this is a quarter of it).
const MOST_BITS: u32 = 22;

/// How frames are laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub enum Layout {
    /// Z-order (Morton): a block of even order is a square, of odd order two squares side by side; buddies touch.
    #[default]
    Quad,
    /// Rows of whole pageblocks, from left to right and from top to bottom.
    Ruler,
}

/// A rectangle, in frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub struct Rect {
    /// Left edge.
    pub x: u32,
    /// Top edge.
    pub y: u32,
    /// Width.
    pub w: u32,
    /// Height.
    pub h: u32,
}

impl Rect {
    /// The smallest rectangle that covers both; an empty one covers nothing.
    #[must_use]
    pub fn union(self, other: Rect) -> Rect {
        if self.w == 0 || self.h == 0 {
            return other;
        }
        if other.w == 0 || other.h == 0 {
            return self;
        }
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let right = (self.x + self.w).max(other.x + other.w);
        let bottom = (self.y + self.h).max(other.y + other.h);
        Rect { x, y, w: right - x, h: bottom - y }
    }

    /// What both cover.
    #[must_use]
    pub fn intersect(self, other: Rect) -> Rect {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let right = (self.x + self.w).min(other.x + other.w);
        let bottom = (self.y + self.h).min(other.y + other.h);
        Rect { x, y, w: right.saturating_sub(x), h: bottom.saturating_sub(y) }
    }

    /// Whether the cell `(x, y)` lies in it.
    #[must_use]
    pub fn contains(self, x: u32, y: u32) -> bool {
        (self.x..self.x + self.w).contains(&x) && (self.y..self.y + self.h).contains(&y)
    }
}

/// The plane that the frames of one machine are laid out on. A frame is 1 × 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Geometry {
    layout: Layout,
    frames: u32,
    /// Frame numbers have so many bits.
    bits: u32,
    /// The columns of a row have so many bits (ruler).
    row_bits: u32,
    /// Frames that share one texel, as a power of two: 0, or 2 when there are too many for one canvas.
    texel_bits: u32,
}

impl Geometry {
    /// The plane of a machine with `frames` frames.
    #[must_use]
    pub fn new(layout: Layout, frames: u32) -> Geometry {
        let bits = frames.max(64).next_power_of_two().trailing_zeros();
        let square = bits.div_ceil(2);
        // A pageblock of 512 frames fills a row, unless that would make a strip.
        let row_bits = if bits >= 12 { square.max(9) } else { square };
        Geometry { layout, frames, bits, row_bits, texel_bits: if bits > MOST_BITS { 2 } else { 0 } }
    }

    /// The layout.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Frames of the machine, holes included.
    #[must_use]
    pub fn frames(&self) -> u32 {
        self.frames
    }

    /// Width and height of the plane.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        match self.layout {
            Layout::Quad => (1 << self.bits.div_ceil(2), 1 << (self.bits / 2)),
            Layout::Ruler => (1 << self.row_bits, 1 << (self.bits - self.row_bits)),
        }
    }

    /// The part of the plane that frames lie on; it starts at (0, 0).
    #[must_use]
    pub fn used(&self) -> Rect {
        let all = pieces(0, self.frames, self.bits).map(|(start, bits)| self.rect(start, bits));
        all.fold(Rect::default(), Rect::union)
    }

    /// The cell of a frame.
    #[must_use]
    pub fn place(&self, pfn: Pfn) -> (u32, u32) {
        match self.layout {
            Layout::Quad => (even_bits(pfn.0), even_bits(pfn.0 >> 1)),
            Layout::Ruler => (pfn.0 & ((1 << self.row_bits) - 1), pfn.0 >> self.row_bits),
        }
    }

    /// The frame at a cell; none outside the machine.
    #[must_use]
    pub fn pfn_at(&self, x: u32, y: u32) -> Option<Pfn> {
        let (w, h) = self.size();
        if x >= w || y >= h {
            return None;
        }
        let pfn = match self.layout {
            Layout::Quad => spread(x) | spread(y) << 1,
            Layout::Ruler => y << self.row_bits | x,
        };
        (pfn < self.frames).then_some(Pfn(pfn))
    }

    /// The rectangle of a block: it is always one.
    #[must_use]
    pub fn rect_of(&self, block: Block) -> Rect {
        self.rect(block.pfn.0, u32::from(block.order.get()))
    }

    /// The rectangles of a pageblock-like run: `1 << bits` frames from `start` on, which is aligned to it.
    #[must_use]
    pub fn rect(&self, start: u32, bits: u32) -> Rect {
        let (x, y) = self.place(Pfn(start));
        let (w, h) = match self.layout {
            Layout::Quad => (bits.div_ceil(2), bits / 2),
            Layout::Ruler => (bits.min(self.row_bits), bits.saturating_sub(self.row_bits)),
        };
        Rect { x, y, w: 1 << w, h: 1 << h }
    }

    /// The rectangles of any run of frames: as few aligned pieces as it has.
    pub fn rects(&self, start: Pfn, end: Pfn) -> impl Iterator<Item = Rect> + use<> {
        let this = *self;
        pieces(start.0, end.0.min(self.frames), self.bits).map(move |(start, bits)| this.rect(start, bits))
    }

    /// The outline of a run of frames as line segments `(x0, y0, x1, y1)`: edges between cells inside and outside.
    /// Meant for zones, whose pieces are few; edges shared by two pieces of the run are left out.
    #[must_use]
    pub fn outline(&self, start: Pfn, end: Pfn) -> Vec<(u32, u32, u32, u32)> {
        let inside = |x: u32, y: u32| self.pfn_at(x, y).is_some_and(|pfn| start <= pfn && pfn < end);
        let mut edges = Vec::new();
        for Rect { x, y, w, h } in self.rects(start, end) {
            edge(w, |i| y > 0 && inside(x + i, y - 1), |a, b| edges.push((x + a, y, x + b, y)));
            edge(w, |i| inside(x + i, y + h), |a, b| edges.push((x + a, y + h, x + b, y + h)));
            edge(h, |i| x > 0 && inside(x - 1, y + i), |a, b| edges.push((x, y + a, x, y + b)));
            edge(h, |i| inside(x + w, y + i), |a, b| edges.push((x + w, y + a, x + w, y + b)));
        }
        edges
    }

    /// The square (or 2:1 rectangle) of 1,024 frames around a frame: what the lens shows.
    #[must_use]
    pub fn lens_at(&self, pfn: Pfn) -> Block {
        let order =
            Order::all().rev().find(|order| order.pages() <= self.frames.max(1)).unwrap_or(Order::ZERO);
        let last = Pfn(self.frames.saturating_sub(1)).align_down(order);
        Block { pfn: pfn.align_down(order).min(last), order }
    }

    /// Frames that share one texel.
    #[must_use]
    pub fn frames_per_texel(&self) -> u32 {
        1 << self.texel_bits
    }

    /// One texel, in frames: 1 × 1, or 2 × 2 (quad) or 4 × 1 (ruler) when there are too many frames for one canvas.
    #[must_use]
    pub fn texel(&self) -> (u32, u32) {
        match self.layout {
            Layout::Quad => (1 << (self.texel_bits / 2), 1 << (self.texel_bits / 2)),
            Layout::Ruler => (1 << self.texel_bits, 1),
        }
    }

    /// Width and height of the texture, in texels.
    #[must_use]
    pub fn texture(&self) -> (u32, u32) {
        let ((w, h), (tw, th)) = (self.size(), self.texel());
        (w / tw, h / th)
    }

    /// The texels that a rectangle of frames covers.
    #[must_use]
    pub fn texels(&self, rect: Rect) -> Rect {
        let (tw, th) = self.texel();
        let (x, y) = (rect.x / tw, rect.y / th);
        Rect { x, y, w: (rect.x + rect.w).div_ceil(tw) - x, h: (rect.y + rect.h).div_ceil(th) - y }
    }
}

/// Calls `emit` for each maximal run of `0..len` in which `covered` is false.
fn edge(len: u32, covered: impl Fn(u32) -> bool, mut emit: impl FnMut(u32, u32)) {
    let mut from = None;
    for i in 0..len {
        match (covered(i), from) {
            (false, None) => from = Some(i),
            (true, Some(at)) => {
                emit(at, i);
                from = None;
            }
            _ => {}
        }
    }
    if let Some(at) = from {
        emit(at, len);
    }
}

/// A run of frames as aligned pieces `(start, bits)`, each as large as alignment allows.
pub fn pieces(start: u32, end: u32, most_bits: u32) -> impl Iterator<Item = (u32, u32)> {
    let mut at = start;
    std::iter::from_fn(move || {
        if at >= end {
            return None;
        }
        let bits = at.trailing_zeros().min((end - at).ilog2()).min(most_bits);
        let piece = (at, bits);
        at += 1 << bits;
        Some(piece)
    })
}

/// The even bits of a number, put together: one coordinate of a Morton number.
pub fn even_bits(n: u32) -> u32 {
    let n = n & 0x5555_5555;
    let n = (n | n >> 1) & 0x3333_3333;
    let n = (n | n >> 2) & 0x0f0f_0f0f;
    let n = (n | n >> 4) & 0x00ff_00ff;
    (n | n >> 8) & 0x0000_ffff
}

/// The bits of a number, spread out to the even places.
pub fn spread(n: u32) -> u32 {
    let n = n & 0x0000_ffff;
    let n = (n | n << 8) & 0x00ff_00ff;
    let n = (n | n << 4) & 0x0f0f_0f0f;
    let n = (n | n << 2) & 0x3333_3333;
    (n | n << 1) & 0x5555_5555
}

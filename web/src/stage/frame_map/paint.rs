//! What is drawn frame by frame: the lens, the enlarged map, and the rings over both.

use mm::page::Block;
use mm::{Machine, Pfn};
use view::frame_map::{Geometry, Ink, Pattern, Point, Rect, Size, Viewport, ink_of};
use web_sys::CanvasRenderingContext2d;

use super::backing::token_of;
use crate::canvas::{Tokens, css};

/// How a ring is drawn: it says what is happening.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ring {
    /// Just done.
    Did,
    /// Comes next.
    Next,
    /// Is looked at.
    Look,
    /// Failed.
    Failed,
    /// Only a frame around: what the lens shows.
    Lens,
}

/// A canvas, what its style sheet says, and the way from frames to device pixels.
pub struct Pen<'c> {
    ctx: &'c CanvasRenderingContext2d,
    tokens: &'c Tokens,
    geometry: &'c Geometry,
    view: Viewport,
    size: Size,
    dpr: f64,
}

/// A rectangle in device pixels.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Box2 {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Box2 {
    fn inset(self, by: f64) -> Box2 {
        Box2 {
            x: self.x + by,
            y: self.y + by,
            w: (self.w - 2.0 * by).max(1.0),
            h: (self.h - 2.0 * by).max(1.0),
        }
    }

    /// What sticks out of a canvas of `w` × `h` by less than `most` is drawn at its edge instead.
    fn kept_inside(self, w: f64, h: f64, margin: f64, most: f64) -> Box2 {
        let low = |v: f64| if v < margin && v > margin - most { margin } else { v };
        let high =
            |v: f64, end: f64| if v > end - margin && v < end - margin + most { end - margin } else { v };
        let (x, y) = (low(self.x), low(self.y));
        let (right, bottom) = (high(self.x + self.w, w), high(self.y + self.h, h));
        Box2 { x, y, w: (right - x).max(1.0), h: (bottom - y).max(1.0) }
    }

    /// At least `least` wide and high, around the same middle.
    fn at_least(self, least: f64) -> Box2 {
        let (dw, dh) = ((least - self.w).max(0.0), (least - self.h).max(0.0));
        Box2 { x: self.x - dw / 2.0, y: self.y - dh / 2.0, w: self.w + dw, h: self.h + dh }
    }
}

impl<'c> Pen<'c> {
    /// A pen for one redraw.
    #[must_use]
    pub fn new(
        ctx: &'c CanvasRenderingContext2d,
        tokens: &'c Tokens,
        geometry: &'c Geometry,
        view: Viewport,
        size: Size,
        dpr: f64,
    ) -> Pen<'c> {
        Pen { ctx, tokens, geometry, view, size, dpr }
    }

    /// A length that the style sheet names, in device pixels.
    fn width(&self, name: &str, otherwise: f64) -> f64 {
        (self.tokens.number(name, otherwise) * self.dpr).round().max(1.0)
    }

    fn colour(&self, name: &str) -> String {
        css(self.tokens.rgba(self.ctx, name))
    }

    /// A rectangle of frames on the canvas, its edges on whole device pixels.
    #[must_use]
    pub fn place(&self, rect: Rect) -> Box2 {
        let corner = |x: u32, y: u32| {
            let at = self.view.to_screen(Point { x: f64::from(x), y: f64::from(y) }, self.size);
            ((at.x * self.dpr).round(), (at.y * self.dpr).round())
        };
        let ((x0, y0), (x1, y1)) = (corner(rect.x, rect.y), corner(rect.x + rect.w, rect.y + rect.h));
        Box2 { x: x0, y: y0, w: x1 - x0, h: y1 - y0 }
    }

    fn place_block(&self, block: Block) -> Box2 {
        self.place(self.geometry.rect_of(block))
    }

    /// Every block in `seen`, block by block: a block is one piece, with a gap around it.
    pub fn blocks(&self, machine: &Machine, seen: Rect) {
        let mut by_ink: Vec<Vec<Block>> = vec![Vec::new(); Ink::COUNT];
        for y in seen.y..seen.y + seen.h {
            for x in seen.x..seen.x + seen.w {
                let Some(pfn) = self.geometry.pfn_at(x, y) else { continue };
                let page = machine.page(pfn);
                let (block, ink) = match ink_of(&page) {
                    Some(ink) if page.is_head() => (Block { pfn, order: page.order }, ink),
                    Some(ink) => (Block { pfn, order: mm::Order::ZERO }, ink),
                    // The head of a block lies at its upper left corner. It is out of sight only when the block
                    // crosses the upper or the left edge.
                    None if x == seen.x || y == seen.y => {
                        let Some(block) = machine.block_of(pfn) else { continue };
                        let ink = ink_of(&machine.page(block.pfn)).unwrap_or(Ink::Unknown);
                        if by_ink[ink as usize].contains(&block) {
                            continue;
                        }
                        (block, ink)
                    }
                    None => continue,
                };
                by_ink[ink as usize].push(block);
            }
        }
        for ink in Ink::ALL {
            self.fill(ink, &by_ink[ink as usize]);
        }
    }

    fn fill(&self, ink: Ink, blocks: &[Block]) {
        let (Some(token), false) = (token_of(ink), blocks.is_empty()) else { return };
        let ctx = self.ctx;
        let cell = self.view.scale * self.dpr;
        let gap = self.width("--fm-gap", 1.0).min(cell / 4.0);
        let line = self.dpr.max(1.0).round();
        let free = ink == Ink::Free;
        ctx.set_fill_style_str(&self.colour(token));
        for block in blocks {
            let Box2 { x, y, w, h } = self.place_block(*block).inset(gap / 2.0);
            ctx.fill_rect(x, y, w, h);
        }
        // Free blocks are paper with an outline; a light fill needs one to be seen on paper.
        if free || ink == Ink::File || ink == Ink::Hole || ink == Ink::Slab {
            ctx.set_stroke_style_str(&self.colour(if free { "--quiet" } else { "--edge" }));
            ctx.set_line_width(line);
            for block in blocks.iter().filter(|block| !free || block.order.get() > 0) {
                let Box2 { x, y, w, h } = self.place_block(*block).inset(gap / 2.0 + line / 2.0);
                ctx.stroke_rect(x, y, w, h);
            }
        }
        if ink.pattern() != Pattern::Solid && cell >= 6.0 * self.dpr {
            self.pattern(ink.pattern(), blocks, cell);
        }
    }

    /// The pattern in every frame of some blocks.
    fn pattern(&self, pattern: Pattern, blocks: &[Block], cell: f64) {
        let ctx = self.ctx;
        let cells = blocks.iter().flat_map(|block| {
            let Rect { x, y, w, h } = self.geometry.rect_of(*block);
            (y..y + h).flat_map(move |y| (x..x + w).map(move |x| Rect { x, y, w: 1, h: 1 }))
        });
        let boxes = cells.map(|rect| self.place(rect));
        ctx.set_fill_style_str(&self.colour("--paper"));
        ctx.set_line_width((cell / 8.0).max(self.dpr).round());
        ctx.begin_path();
        match pattern {
            Pattern::Empty | Pattern::Solid => {}
            Pattern::Dot => {
                for b in boxes {
                    ctx.move_to(b.x + b.w / 2.0 + cell * 0.17, b.y + b.h / 2.0);
                    let (x, y) = (b.x + b.w / 2.0, b.y + b.h / 2.0);
                    let _ = ctx.arc(x, y, cell * 0.17, 0.0, std::f64::consts::TAU);
                }
                ctx.fill();
            }
            Pattern::Eye => {
                boxes.for_each(|b| ctx.fill_rect(b.x + b.w * 0.36, b.y + b.h * 0.36, b.w * 0.28, b.h * 0.28));
            }
            Pattern::Lines => {
                for b in boxes {
                    let h = (b.h * 0.12).max(1.0).round();
                    ctx.fill_rect(b.x, (b.y + b.h * 0.3).round(), b.w, h);
                    ctx.fill_rect(b.x, (b.y + b.h * 0.62).round(), b.w, h);
                }
            }
            Pattern::Bars => {
                for b in boxes {
                    let w = (b.w * 0.12).max(1.0).round();
                    ctx.fill_rect((b.x + b.w * 0.3).round(), b.y, w, b.h);
                    ctx.fill_rect((b.x + b.w * 0.62).round(), b.y, w, b.h);
                }
            }
            Pattern::Grid => {
                ctx.set_fill_style_str(&self.colour("--edge"));
                for b in boxes {
                    let line = self.dpr.max(1.0).round();
                    for part in [0.33, 0.66] {
                        ctx.fill_rect((b.x + b.w * part).round(), b.y, line, b.h);
                        ctx.fill_rect(b.x, (b.y + b.h * part).round(), b.w, line);
                    }
                }
            }
            Pattern::Edge => {
                boxes.for_each(|b| ctx.fill_rect(b.x + b.w * 0.25, b.y + b.h * 0.25, b.w * 0.5, b.h * 0.5))
            }
            Pattern::Roof => {
                ctx.set_stroke_style_str(&self.colour("--on-pcp"));
                for b in boxes {
                    let b = b.inset(cell * 0.2);
                    ctx.move_to(b.x, b.y + b.h * 0.75);
                    ctx.line_to(b.x + b.w / 2.0, b.y + b.h * 0.25);
                    ctx.line_to(b.x + b.w, b.y + b.h * 0.75);
                }
                ctx.stroke();
            }
            Pattern::Hatch | Pattern::Cross => {
                let colour = if pattern == Pattern::Cross { "--ink-3" } else { "--paper" };
                ctx.set_stroke_style_str(&self.colour(colour));
                ctx.set_line_width(self.dpr.max(1.0));
                for b in boxes {
                    let b = b.inset(cell * 0.25);
                    ctx.move_to(b.x, b.y + b.h);
                    ctx.line_to(b.x + b.w, b.y);
                    if pattern == Pattern::Cross {
                        ctx.move_to(b.x, b.y);
                        ctx.line_to(b.x + b.w, b.y + b.h);
                    }
                }
                ctx.stroke();
            }
        }
    }

    /// Lines between the places of blocks of so many bits, within `seen`.
    pub fn grid(&self, bits: u32, seen: Rect) {
        let unit = self.geometry.rect(0, bits);
        let all = self.place(seen);
        let ctx = self.ctx;
        ctx.set_fill_style_str(&self.colour("--line"));
        let line = self.dpr.max(1.0).round();
        for x in (seen.x.next_multiple_of(unit.w)..=seen.x + seen.w).step_by(unit.w as usize) {
            let at = self.place(Rect { x, y: seen.y, w: 1, h: 1 }).x;
            ctx.fill_rect(at - (line / 2.0).floor(), all.y, line, all.h);
        }
        for y in (seen.y.next_multiple_of(unit.h)..=seen.y + seen.h).step_by(unit.h as usize) {
            let at = self.place(Rect { x: seen.x, y, w: 1, h: 1 }).y;
            ctx.fill_rect(all.x, at - (line / 2.0).floor(), all.w, line);
        }
    }

    /// The borders of a run of frames: of a zone, or of all.
    pub fn outline(&self, start: Pfn, end: Pfn, colour: &str, width: f64) {
        let ctx = self.ctx;
        ctx.set_fill_style_str(&self.colour(colour));
        let line = (width * self.dpr).round().max(1.0);
        let half = (line / 2.0).floor();
        for (x0, y0, x1, y1) in self.geometry.outline(start, end) {
            let edge = self.place(Rect { x: x0, y: y0, w: x1 - x0, h: y1 - y0 });
            ctx.fill_rect(edge.x - half, edge.y - half, edge.w + line, edge.h + line);
        }
    }

    /// A corner for each pageblock that a few unmovable pages spoil.
    pub fn nails(&self, nails: impl Iterator<Item = (Pfn, u32)>) {
        let ctx = self.ctx;
        let side = self.width("--fm-nail", 7.0);
        ctx.set_fill_style_str(&self.colour("--unm"));
        ctx.set_stroke_style_str(&self.colour("--paper"));
        ctx.set_line_width(self.dpr.max(1.0));
        for (pfn, _) in nails {
            let Box2 { x, y, w, h } = self.place(self.geometry.rect(pfn.0, 9));
            if w.min(h) < 1.6 * side {
                continue;
            }
            ctx.begin_path();
            ctx.move_to(x + w, y);
            ctx.line_to(x + w, y + side);
            ctx.line_to(x + w - side, y);
            ctx.close_path();
            ctx.fill();
            ctx.stroke();
        }
    }

    /// A ring around a block, seen on every fill: paper below, colour above.
    pub fn ring(&self, block: Block, ring: Ring) {
        self.ring_box(self.place_block(block), ring);
    }

    /// A ring around a rectangle in device pixels.
    pub fn ring_box(&self, around: Box2, ring: Ring) {
        let ctx = self.ctx;
        let width = self.width("--fm-ring", 2.5);
        let around = around.at_least(self.width("--fm-ring-least", 8.0)).inset(-width / 2.0);
        let (w, h) = (self.size.w * self.dpr, self.size.h * self.dpr);
        let Box2 { x, y, w, h } = around.kept_inside(w, h, width, 4.0 * width);
        ctx.save();
        ctx.set_line_join("round");
        let solid = js_sys::Array::new();
        let _ = ctx.set_line_dash(&solid);
        ctx.set_stroke_style_str(&self.colour("--paper"));
        ctx.set_line_width(self.width("--fm-halo", 6.0));
        ctx.stroke_rect(x, y, w, h);
        let colour = match ring {
            Ring::Did | Ring::Next | Ring::Look => "--act",
            Ring::Failed => "--fail",
            Ring::Lens => "--ink",
        };
        ctx.set_stroke_style_str(&self.colour(colour));
        ctx.set_line_width(if ring == Ring::Lens { (width * 0.8).round() } else { width });
        let dash: &[f64] = match ring {
            Ring::Did | Ring::Failed | Ring::Lens => &[],
            Ring::Next => &[2.4, 1.6],
            Ring::Look => &[0.04, 2.0],
        };
        if ring == Ring::Look {
            ctx.set_line_cap("round");
        }
        let pattern = js_sys::Array::new();
        dash.iter().for_each(|length| {
            pattern.push(&(length * width).into());
        });
        let _ = ctx.set_line_dash(&pattern);
        ctx.stroke_rect(x, y, w, h);
        ctx.restore();
    }

    /// The ✕ at the corner of what failed.
    pub fn badge(&self, block: Block) {
        let ctx = self.ctx;
        let Box2 { x, y, w, .. } = self.place_block(block);
        let radius = self.width("--fm-badge", 9.0);
        // Inside the canvas, wherever the block lies.
        let right = self.size.w * self.dpr - radius - 1.0;
        let (x, y) = ((x + w).min(right), y.max(radius + 1.0));
        ctx.begin_path();
        let _ = ctx.arc(x, y, radius, 0.0, std::f64::consts::TAU);
        ctx.set_fill_style_str(&self.colour("--fail"));
        ctx.fill();
        ctx.set_stroke_style_str(&self.colour("--paper"));
        ctx.set_line_width((radius / 4.5).max(1.0));
        ctx.stroke();
        let arm = radius * 0.4;
        ctx.set_line_cap("round");
        ctx.begin_path();
        for (dx, dy) in [(1.0, 1.0), (1.0, -1.0)] {
            ctx.move_to(x - dx * arm, y - dy * arm);
            ctx.line_to(x + dx * arm, y + dy * arm);
        }
        ctx.stroke();
    }
}

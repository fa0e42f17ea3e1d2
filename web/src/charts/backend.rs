//! Plotters on a canvas, in device pixels.
//!
//! Our own, because plotters-canvas measures text through an element with a `style` attribute, which the page's policy
//! forbids: here the canvas measures it.

use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;

use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontTransform,
};
use view::number::fixed;
use web_sys::CanvasRenderingContext2d;

type Done = Result<(), DrawingErrorKind<Infallible>>;

/// The pattern of the lines that are drawn next. Plotters knows no pattern, so it is set beside it.
#[derive(Clone, Default)]
pub struct Dash(Rc<Cell<Option<[f64; 2]>>>);

impl Dash {
    /// Lines are continuous from here on.
    pub fn solid(&self) {
        self.0.set(None);
    }

    /// Lines are dashes and gaps of so many device pixels from here on.
    pub fn dashed(&self, dash: f64, gap: f64) {
        self.0.set(Some([dash, gap]));
    }
}

/// A canvas as Plotters sees it.
pub struct CanvasBackend<'c> {
    ctx: &'c CanvasRenderingContext2d,
    size: (u32, u32),
    dash: Dash,
}

impl<'c> CanvasBackend<'c> {
    /// Draws on `ctx`, which has so many device pixels.
    #[must_use]
    pub fn new(ctx: &'c CanvasRenderingContext2d, size: (u32, u32), dash: &Dash) -> CanvasBackend<'c> {
        CanvasBackend { ctx, size, dash: dash.clone() }
    }

    fn fill(&self, color: BackendColor) {
        self.ctx.set_fill_style_str(&colour(color));
    }

    fn stroke(&self, style: &impl BackendStyle) {
        self.ctx.set_stroke_style_str(&colour(style.color()));
        self.ctx.set_line_width(f64::from(style.stroke_width().max(1)));
        self.ctx.set_line_join("round");
        let pattern = js_sys::Array::new();
        for length in self.dash.0.get().into_iter().flatten() {
            pattern.push(&length.into());
        }
        let _ = self.ctx.set_line_dash(&pattern);
    }

    /// Lines of odd width run through the middle of a pixel, others along its edge: then both are sharp.
    fn shift(style: &impl BackendStyle) -> f64 {
        if style.stroke_width() % 2 == 1 { 0.5 } else { 0.0 }
    }

    fn trace(&self, path: impl IntoIterator<Item = BackendCoord>, shift: f64) {
        self.ctx.begin_path();
        for (i, (x, y)) in path.into_iter().enumerate() {
            let (x, y) = (f64::from(x) + shift, f64::from(y) + shift);
            if i == 0 { self.ctx.move_to(x, y) } else { self.ctx.line_to(x, y) }
        }
    }

    fn set_font<S: BackendTextStyle>(&self, style: &S) {
        let (slant, family) = (style.style(), style.family());
        let weight = if slant.as_str() == "bold" { "700" } else { "400" };
        self.ctx.set_font(&format!("{weight} {}px {}", fixed(style.size(), 2), family.as_str()));
    }
}

fn colour(BackendColor { alpha, rgb: (r, g, b) }: BackendColor) -> String {
    format!("rgba({r}, {g}, {b}, {})", fixed(alpha, 3))
}

impl DrawingBackend for CanvasBackend<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Done {
        Ok(())
    }

    fn present(&mut self) -> Done {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Done {
        if color.alpha > 0.0 {
            self.fill(color);
            self.ctx.fill_rect(f64::from(x), f64::from(y), 1.0, 1.0);
        }
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Done {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (x0, y0): BackendCoord,
        (x1, y1): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Done {
        if style.color().alpha == 0.0 {
            return Ok(());
        }
        let (x, y) = (f64::from(x0.min(x1)), f64::from(y0.min(y1)));
        let (w, h) = (f64::from(x0.abs_diff(x1)), f64::from(y0.abs_diff(y1)));
        if fill {
            self.fill(style.color());
            self.ctx.fill_rect(x, y, w, h);
        } else {
            let shift = Self::shift(style);
            self.stroke(style);
            self.ctx.stroke_rect(x + shift, y + shift, w, h);
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Done {
        if style.color().alpha > 0.0 {
            self.stroke(style);
            self.trace(path, Self::shift(style));
            self.ctx.stroke();
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Done {
        if style.color().alpha == 0.0 {
            return Ok(());
        }
        self.ctx.begin_path();
        let _ = self.ctx.arc(f64::from(x), f64::from(y), f64::from(radius), 0.0, std::f64::consts::TAU);
        if fill {
            self.fill(style.color());
            self.ctx.fill();
        } else {
            self.stroke(style);
            self.ctx.stroke();
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Done {
        if style.color().alpha > 0.0 {
            self.fill(style.color());
            self.trace(vert, 0.0);
            self.ctx.close_path();
            self.ctx.fill();
        }
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, (x, y): BackendCoord) -> Done {
        if style.color().alpha == 0.0 {
            return Ok(());
        }
        self.set_font(style);
        self.fill(style.color());
        let anchor = style.anchor();
        self.ctx.set_text_align(match anchor.h_pos {
            HPos::Left => "left",
            HPos::Center => "center",
            HPos::Right => "right",
        });
        self.ctx.set_text_baseline(match anchor.v_pos {
            VPos::Top => "top",
            VPos::Center => "middle",
            VPos::Bottom => "bottom",
        });
        let turns = match style.transform() {
            FontTransform::None => 0.0,
            FontTransform::Rotate90 => 0.25,
            FontTransform::Rotate180 => 0.5,
            FontTransform::Rotate270 => 0.75,
        };
        self.ctx.save();
        let _ = self.ctx.translate(f64::from(x), f64::from(y));
        let _ = self.ctx.rotate(turns * std::f64::consts::TAU);
        let _ = self.ctx.fill_text(text, 0.0, 0.0);
        self.ctx.restore();
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        self.set_font(style);
        let width = self.ctx.measure_text(text).map_or(0.0, |metrics| metrics.width());
        Ok((width.ceil() as u32, style.size().ceil() as u32))
    }
}

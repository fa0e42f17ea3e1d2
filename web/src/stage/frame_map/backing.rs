//! The picture of the whole machine, one canvas pixel for each frame, kept between redraws.

use view::frame_map::{Dirty, Geometry, Ink, Palette, Raster, Rect, Rgba, Viewport};
use view::frame_map::{Point, Size};
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use crate::canvas::Tokens;

/// The custom property that an ink is painted with; none: nothing is painted.
#[must_use]
pub fn token_of(ink: Ink) -> Option<&'static str> {
    match ink {
        Ink::Outside => None,
        Ink::Hole => Some("--hole"),
        Ink::Reserved => Some("--ev1"),
        Ink::Free => Some("--paper"),
        Ink::InHand => Some("--act"),
        Ink::Pcp => Some("--pcp"),
        Ink::Anon | Ink::Movable => Some("--anon"),
        Ink::File => Some("--file"),
        Ink::Unmovable => Some("--unm"),
        Ink::Reclaimable => Some("--rec"),
        Ink::Unknown => Some("--ev3"),
        Ink::Slab => Some("--slab"),
        Ink::PageTable => Some("--pt"),
    }
}

/// The colours of all cells as an element sees them.
#[must_use]
pub fn palette(ctx: &CanvasRenderingContext2d, tokens: &Tokens) -> Palette {
    let mut palette: Palette = [[0; 4]; 32];
    let paper = tokens.rgba(ctx, "--paper");
    for ink in Ink::ALL {
        let Some(name) = token_of(ink) else { continue };
        let colour = tokens.rgba(ctx, name);
        palette[ink as usize] = colour;
        // Every other block is a shade nearer to the paper, so that neighbours can be told apart.
        let mix = |a: u8, b: u8| ((u32::from(a) * 7 + u32::from(b)) / 8) as u8;
        let shade = |c: Rgba| [mix(c[0], paper[0]), mix(c[1], paper[1]), mix(c[2], paper[2]), c[3]];
        palette[ink as usize + 16] = if ink.is_in_use() { shade(colour) } else { colour };
    }
    palette
}

/// Whether pixels of a canvas are read back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// Never: the browser may keep them where it draws fastest.
    No,
    /// Often: they stay in memory, where the browser would move them anyway after the first few times.
    Often,
}

/// A canvas that is not in the page.
#[must_use]
pub fn hidden_canvas(w: u32, h: u32, read: Read) -> Option<(HtmlCanvasElement, CanvasRenderingContext2d)> {
    let canvas: HtmlCanvasElement = gloo::utils::document().create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(w);
    canvas.set_height(h);
    let options = js_sys::Object::new();
    js_sys::Reflect::set(&options, &"willReadFrequently".into(), &(read == Read::Often).into()).ok()?;
    let ctx = canvas.get_context_with_context_options("2d", &options).ok()??.dyn_into().ok()?;
    Some((canvas, ctx))
}

/// The kept picture.
pub struct Backing {
    geometry: Geometry,
    palette: Palette,
    pixels: Vec<Rgba>,
    canvas: HtmlCanvasElement,
    ctx: CanvasRenderingContext2d,
    /// For sizes between whole multiples: the picture, enlarged without smoothing.
    scratch: Option<(HtmlCanvasElement, CanvasRenderingContext2d)>,
}

impl Backing {
    /// The picture of `raster`, painted.
    #[must_use]
    pub fn new(raster: &Raster, geometry: Geometry, palette: Palette, read: Read) -> Option<Backing> {
        let (w, h) = geometry.texture();
        let (canvas, ctx) = hidden_canvas(w, h, read)?;
        let pixels = vec![[0; 4]; (w * h) as usize];
        let mut backing = Backing { geometry, palette, pixels, canvas, ctx, scratch: None };
        backing.repaint(raster);
        Some(backing)
    }

    /// Whether it was painted for this plane.
    #[must_use]
    pub fn is_for(&self, geometry: &Geometry) -> bool {
        self.geometry == *geometry
    }

    /// Paints everything.
    pub fn repaint(&mut self, raster: &Raster) {
        let (w, h) = self.geometry.texture();
        raster.paint(&self.geometry, &self.palette, &mut self.pixels);
        self.put(&[Rect { x: 0, y: 0, w, h }]);
    }

    /// Paints what changed, or everything when the colours did.
    pub fn follow(&mut self, raster: &Raster, palette: Palette, dirty: &Dirty) {
        if palette != self.palette {
            self.palette = palette;
            self.repaint(raster);
        } else if !dirty.is_empty() {
            raster.paint_dirty(&self.geometry, &self.palette, &mut self.pixels, dirty);
            self.put(&dirty.texel_rects(&self.geometry));
        }
    }

    /// Puts parts of the pixels on the canvas. The image is a view of our memory, not a copy.
    fn put(&self, rects: &[Rect]) {
        let (w, h) = self.geometry.texture();
        let bytes = Clamped(self.pixels.as_flattened());
        let Ok(image) = ImageData::new_with_u8_clamped_array_and_sh(bytes, w, h) else { return };
        for rect in rects {
            let [x, y, w, h] = [rect.x, rect.y, rect.w, rect.h].map(f64::from);
            let _ = self.ctx.put_image_data_with_dirty_x_and_dirty_y_and_dirty_width_and_dirty_height(
                &image, 0.0, 0.0, x, y, w, h,
            );
        }
    }

    /// Waits until the browser has done it: a pixel is read back.
    pub fn finish(&self) {
        let _ = self.ctx.get_image_data(0.0, 0.0, 1.0, 1.0);
    }

    /// Draws the part that `view` shows. `css` is the size in CSS pixels.
    pub fn draw(&mut self, to: &CanvasRenderingContext2d, view: Viewport, css: Size, dpr: f64) {
        let seen = view.seen(css, &self.geometry);
        if seen.w == 0 || seen.h == 0 {
            return;
        }
        let (tw, th) = self.geometry.texel();
        let texels = self.geometry.texels(seen);
        let from = Point { x: f64::from(texels.x * tw), y: f64::from(texels.y * th) };
        let corner = view.to_screen(from, css);
        let (x, y) = (corner.x * dpr, corner.y * dpr);
        let (sx, sy) = (view.scale * dpr * f64::from(tw), view.scale * dpr * f64::from(th));
        let (w, h) = (f64::from(texels.w) * sx, f64::from(texels.h) * sy);
        let [u, v, uw, vh] = [texels.x, texels.y, texels.w, texels.h].map(f64::from);
        let whole = (sx - sx.round()).abs() < 1e-3;
        let times = sx.ceil().max(1.0) as u32;
        let (bw, bh) = (texels.w * times, texels.h * times);
        let enlarge = sx > 1.0 && sx < 8.0 && !whole && u64::from(bw) * u64::from(bh) <= 1 << 22;
        if !enlarge {
            // Smaller than one pixel per texel: averaged. Larger: sharp.
            to.set_image_smoothing_enabled(sx < 1.0);
            let _ = to.draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
                &self.canvas,
                u,
                v,
                uw,
                vh,
                x,
                y,
                w,
                h,
            );
            return;
        }
        // At 1.5 pixels per texel, sharp columns would be 1 and 2 pixels wide in turn. So: sharp to the next whole
        // multiple, then averaged down.
        if self.scratch.is_none() {
            self.scratch = hidden_canvas(bw, bh, Read::No);
        }
        let Some((canvas, ctx)) = &self.scratch else { return };
        if canvas.width() < bw || canvas.height() < bh {
            canvas.set_width(bw.max(canvas.width()));
            canvas.set_height(bh.max(canvas.height()));
        }
        let (bw, bh) = (f64::from(bw), f64::from(bh));
        ctx.set_image_smoothing_enabled(false);
        ctx.clear_rect(0.0, 0.0, bw, bh);
        let _ = ctx.draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
            &self.canvas,
            u,
            v,
            uw,
            vh,
            0.0,
            0.0,
            bw,
            bh,
        );
        to.set_image_smoothing_enabled(true);
        let _ = to.draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
            canvas, 0.0, 0.0, bw, bh, x, y, w, h,
        );
    }
}

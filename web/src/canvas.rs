//! A canvas that is sharp at every device pixel ratio, and the colours that canvases draw with.
//!
//! The backing store has exactly the device pixels that the element covers (`devicePixelContentBox` where the browser
//! tells them, else CSS size × ratio). Drawing happens outside the virtual DOM, in an effect: when the version
//! changes, when the size does, and when the page gets other colours.
//!
//! No `style` attribute is set: the page's policy forbids it. The element takes its size from its class.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo::events::EventListener;
use view::number::fixed;
use wasm_bindgen::prelude::*;
use web_sys::{
    CanvasRenderingContext2d, CssStyleDeclaration, HtmlCanvasElement, MutationObserver, MutationObserverInit,
    ResizeObserver, ResizeObserverBoxOptions, ResizeObserverEntry, ResizeObserverOptions, ResizeObserverSize,
};
use yew::prelude::*;

/// A size in device pixels.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DeviceSize {
    /// Width.
    pub w: u32,
    /// Height.
    pub h: u32,
}

/// What draws: gets the context, the size in device pixels, and device pixels per CSS pixel.
///
/// Two of them always count as equal: whether the picture is another one is what the version says.
#[derive(Clone)]
pub struct Draw(Rc<DrawFn>);

type DrawFn = dyn Fn(&CanvasRenderingContext2d, DeviceSize, f64);

impl Draw {
    /// Draws with this function.
    pub fn new(draw: impl Fn(&CanvasRenderingContext2d, DeviceSize, f64) + 'static) -> Draw {
        Draw(Rc::new(draw))
    }
}

impl PartialEq for Draw {
    fn eq(&self, _: &Draw) -> bool {
        true
    }
}

/// Something shared that is compared by identity.
pub struct Shared<T>(pub Rc<T>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Shared(Rc::clone(&self.0))
    }
}

impl<T> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> std::ops::Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Shared<T> {
    fn from(value: T) -> Self {
        Shared(Rc::new(value))
    }
}

/// The properties of [`HiDpiCanvas`].
#[derive(Properties, PartialEq)]
pub struct HiDpiCanvasProps {
    /// What draws it.
    pub draw: Draw,
    /// Another number: another picture.
    pub version: u64,
    /// Classes besides `hidpi`; they decide the size.
    #[prop_or_default]
    pub class: Classes,
    /// The canvas element, for those who have to measure it.
    #[prop_or_default]
    pub canvas: Option<NodeRef>,
}

/// Everything that a redraw needs, shared with the observers.
struct Live {
    canvas: NodeRef,
    draw: RefCell<Draw>,
    size: Cell<DeviceSize>,
}

impl Live {
    fn redraw(&self) {
        let size = self.size.get();
        if size.w == 0 || size.h == 0 {
            return;
        }
        let Some(canvas) = self.canvas.cast::<HtmlCanvasElement>() else { return };
        let Some(ctx) = context(&canvas) else { return };
        let css = f64::from(canvas.client_width());
        let dpr = if css > 0.0 { f64::from(size.w) / css } else { 1.0 };
        let draw = self.draw.borrow().clone();
        ctx.save();
        (draw.0)(&ctx, size, dpr);
        ctx.restore();
    }

    fn resized(&self, size: DeviceSize) {
        let Some(canvas) = self.canvas.cast::<HtmlCanvasElement>() else { return };
        self.size.set(size);
        if canvas.width() != size.w || canvas.height() != size.h {
            canvas.set_width(size.w);
            canvas.set_height(size.h);
        }
        self.redraw();
    }
}

/// The 2D context of a canvas.
#[must_use]
pub fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok().flatten()?.dyn_into().ok()
}

/// A canvas with one canvas pixel for each device pixel. It is a picture only: what it says is said in words beside it.
#[component]
pub fn HiDpiCanvas(props: &HiDpiCanvasProps) -> Html {
    // A default in the properties would be another reference in every render.
    let own = use_node_ref();
    let canvas = props.canvas.clone().unwrap_or(own);
    let live = {
        let (canvas, draw) = (canvas.clone(), props.draw.clone());
        use_memo((), move |()| Live { canvas, draw: RefCell::new(draw), size: Cell::default() })
    };
    live.draw.replace(props.draw.clone());
    {
        let live = Rc::clone(&live);
        use_effect_with((), move |()| {
            let watch = Watch::new(&live);
            move || drop(watch)
        });
    }
    {
        let live = Rc::clone(&live);
        use_effect_with(props.version, move |_| live.redraw());
    }
    html! {
        <canvas ref={canvas} class={classes!("hidpi", props.class.clone())} aria-hidden="true" />
    }
}

/// The observers of one canvas; dropping them stops them.
struct Watch {
    resize: Option<ResizeObserver>,
    theme: Option<MutationObserver>,
    _on_resize: Closure<dyn FnMut(js_sys::Array)>,
    _on_theme: Closure<dyn FnMut()>,
    _on_scheme: Vec<EventListener>,
}

impl Watch {
    fn new(live: &Rc<Live>) -> Watch {
        let of_resize = Rc::clone(live);
        let on_resize = Closure::new(move |entries: js_sys::Array| {
            if let Ok(entry) = entries.get(0).dyn_into::<ResizeObserverEntry>() {
                of_resize.resized(device_size(&entry));
            }
        });
        let of_theme = Rc::clone(live);
        let on_theme = Closure::new(move || of_theme.redraw());
        let resize = ResizeObserver::new(on_resize.as_ref().unchecked_ref()).ok();
        if let (Some(observer), Some(canvas)) = (&resize, live.canvas.cast::<HtmlCanvasElement>()) {
            if knows_device_pixels() {
                let options = ResizeObserverOptions::new();
                options.set_box(ResizeObserverBoxOptions::DevicePixelContentBox);
                observer.observe_with_options(&canvas, &options);
            } else {
                observer.observe(&canvas);
            }
        }
        let theme = MutationObserver::new(on_theme.as_ref().unchecked_ref()).ok();
        if let (Some(observer), Some(root)) = (&theme, gloo::utils::document().document_element()) {
            let options = MutationObserverInit::new();
            options.set_attributes(true);
            let _ = observer.observe_with_options(&root, &options);
        }
        let query = |query: &str| gloo::utils::window().match_media(query).ok().flatten();
        let on_scheme = ["(prefers-color-scheme: dark)", "(forced-colors: active)"]
            .into_iter()
            .filter_map(query)
            .map(|list| {
                let live = Rc::clone(live);
                EventListener::new(&list, "change", move |_| live.redraw())
            })
            .collect();
        Watch { resize, theme, _on_resize: on_resize, _on_theme: on_theme, _on_scheme: on_scheme }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(observer) = &self.resize {
            observer.disconnect();
        }
        if let Some(observer) = &self.theme {
            observer.disconnect();
        }
    }
}

/// Whether the browser tells the size in device pixels (Safari does not).
fn knows_device_pixels() -> bool {
    let get = |of: &JsValue, key: &str| js_sys::Reflect::get(of, &JsValue::from_str(key)).ok();
    get(&js_sys::global(), "ResizeObserverEntry").and_then(|class| get(&class, "prototype")).is_some_and(
        |p| js_sys::Reflect::has(&p, &JsValue::from_str("devicePixelContentBoxSize")).unwrap_or(false),
    )
}

fn device_size(entry: &ResizeObserverEntry) -> DeviceSize {
    let dpr = gloo::utils::window().device_pixel_ratio();
    let rect = entry.content_rect();
    let (w, h) = (rect.width() * dpr, rect.height() * dpr);
    if knows_device_pixels()
        && let Ok(size) = entry.device_pixel_content_box_size().get(0).dyn_into::<ResizeObserverSize>()
    {
        let (exact_w, exact_h) = (size.inline_size(), size.block_size());
        // An emulated ratio (developer tools, tests) is not in the box; then ours is the better one.
        if (exact_w - w).abs() < 2.0 && (exact_h - h).abs() < 2.0 {
            return DeviceSize { w: exact_w.round() as u32, h: exact_h.round() as u32 };
        }
    }
    DeviceSize { w: w.round() as u32, h: h.round() as u32 }
}

/// The custom properties that an element sees, for a canvas to draw with. Chart and map code names no colour.
pub struct Tokens {
    style: CssStyleDeclaration,
}

impl Tokens {
    /// What the element sees.
    #[must_use]
    pub fn of(element: &web_sys::Element) -> Option<Tokens> {
        let style = gloo::utils::window().get_computed_style(element).ok().flatten()?;
        Some(Tokens { style })
    }

    /// What the canvas behind a context sees.
    #[must_use]
    pub fn of_context(ctx: &CanvasRenderingContext2d) -> Option<Tokens> {
        Tokens::of(ctx.canvas()?.as_ref())
    }

    /// The text of a property; empty when it is not set.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.style.get_property_value(name).unwrap_or_default().trim().to_string()
    }

    /// A length or a number, without its unit.
    #[must_use]
    pub fn number(&self, name: &str, otherwise: f64) -> f64 {
        js_number(&self.text(name)).unwrap_or(otherwise)
    }

    /// The size of the element's text in CSS pixels.
    #[must_use]
    pub fn font_size(&self) -> f64 {
        self.number("font-size", 12.0)
    }

    /// The families of the element's text.
    #[must_use]
    pub fn font_family(&self) -> String {
        self.text("font-family")
    }

    /// A colour as the canvas understands it: red, green, blue, opacity. The browser itself reads it, so that every
    /// way to write a colour works. Changes the fill style.
    #[must_use]
    pub fn rgba(&self, ctx: &CanvasRenderingContext2d, name: &str) -> [u8; 4] {
        let text = self.text(name);
        // An unreadable colour leaves the style as it was: a known one.
        ctx.set_fill_style_str("transparent");
        ctx.set_fill_style_str(&text);
        let read = ctx.fill_style().as_string().unwrap_or_default();
        parse_canvas_colour(&read).unwrap_or([0, 0, 0, 0])
    }
}

/// The number that a text begins with. The browser reads it: Rust's own reader brings a table of 10 KB.
fn js_number(text: &str) -> Option<f64> {
    let number = js_sys::Number::parse_float(text);
    number.is_finite().then_some(number)
}

/// `#rrggbb` or `rgba(r, g, b, a)`: the two ways in which a canvas tells a colour.
fn parse_canvas_colour(text: &str) -> Option<[u8; 4]> {
    if let Some(hex) = text.strip_prefix('#') {
        let n = u32::from_str_radix(hex, 16).ok()?;
        return Some([(n >> 16) as u8, (n >> 8) as u8, n as u8, 255]);
    }
    let inside = text.strip_prefix("rgba(")?.strip_suffix(')')?;
    let mut parts = inside.split(',').map(js_number);
    let mut next = || parts.next()?;
    let (r, g, b, a) = (next()?, next()?, next()?, next()?);
    Some([r as u8, g as u8, b as u8, (a * 255.0).round() as u8])
}

/// A colour as CSS text.
#[must_use]
pub fn css([r, g, b, a]: [u8; 4]) -> String {
    format!("rgba({r}, {g}, {b}, {})", fixed(f64::from(a) / 255.0, 3))
}

/// A version out of anything that can be hashed.
#[must_use]
pub fn version(of: &impl std::hash::Hash) -> u64 {
    use std::hash::{DefaultHasher, Hasher};
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

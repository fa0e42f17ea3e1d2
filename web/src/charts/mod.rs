//! The charts over time: Plotters on a sharp canvas, and over it real elements for what is read.
//!
//! The canvas is drawn again when the data, the size or the colours change, never when the cursor moves: the cursor
//! line, the values at it and the veil over the future are elements, placed through CSSOM.

mod backend;

use std::rc::Rc;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::prelude::*;
use plotters::style::FontDesc;
use scenario::Lang;
use view::Moment;
use view::charts::{
    Axis, FreePages, IndexKind, Indices, Pressure, ProcessMemory, SlabMemory, Value, held_at,
};
use view::number::{between, fixed};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, Element, HtmlElement, PointerEvent};
use yew::prelude::*;

use crate::canvas::{DeviceSize, Draw, HiDpiCanvas, Shared, Tokens, version};
pub use backend::{CanvasBackend, Dash};

/// Where the plot lies on its canvas, in CSS pixels.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Plot {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

/// What paints a chart and says where its plot lies.
#[derive(Clone)]
struct Paint(Rc<PaintFn>);

type PaintFn = dyn Fn(&CanvasRenderingContext2d, DeviceSize, f64) -> Option<Plot>;

impl PartialEq for Paint {
    fn eq(&self, _: &Paint) -> bool {
        true
    }
}

/// One line of what is read at the cursor.
#[derive(Clone, PartialEq)]
struct Reading {
    /// Which line it belongs to: the class of its swatch.
    swatch: &'static str,
    text: String,
    /// Height of its point in the plot, 0 to 1; none: it has no point.
    at: Option<f64>,
}

#[derive(Properties, PartialEq)]
struct ChartBoxProps {
    title: String,
    describe: String,
    paint: Paint,
    version: u64,
    /// Where the cursor is, 0 to 1.
    at: f64,
    /// Where the readings stand, 0 to 1 from the bottom.
    readings_at: f64,
    readings: Vec<Reading>,
    /// The readings stand beside the title: what is drawn fills the plot.
    #[prop_or_default]
    above: bool,
    /// A name that stands at a height of the plot, 0 to 1.
    #[prop_or_default]
    note: Option<(String, f64)>,
    /// Asks for a moment, 0 to 1.
    on_seek: Callback<f64>,
}

/// Title, canvas, and the elements over it.
#[component]
fn ChartBox(props: &ChartBoxProps) -> Html {
    let over = use_node_ref();
    let dragging = use_mut_ref(|| false);
    {
        let (over, at, readings_at) = (over.clone(), props.at, props.readings_at);
        // After every render: elements may be new.
        use_effect(move || {
            if let Some(over) = over.cast::<HtmlElement>() {
                let style = over.style();
                let _ = style.set_property("--at", &fixed(between(at, 0.0, 1.0), 5));
                let _ = style.set_property("--readings-at", &fixed(readings_at, 3));
                place_heights(&over);
            }
        });
    }
    let draw = {
        let (paint, over) = (props.paint.clone(), over.clone());
        Draw::new(move |ctx, size, dpr| {
            ctx.clear_rect(0.0, 0.0, f64::from(size.w), f64::from(size.h));
            let Some(plot) = (paint.0)(ctx, size, dpr) else { return };
            if let Some(over) = over.cast::<HtmlElement>() {
                for (name, value) in [("--x", plot.x), ("--y", plot.y), ("--w", plot.w), ("--h", plot.h)] {
                    let _ = over.style().set_property(name, &format!("{}px", fixed(value, 2)));
                }
                let _ = over.set_attribute("data-placed", "");
            }
        })
    };
    let seek = {
        let (over, on_seek) = (over.clone(), props.on_seek.clone());
        move |event: &PointerEvent| {
            let Some(over) = over.cast::<Element>() else { return };
            let Some(tokens) = Tokens::of(&over) else { return };
            let (x, w) = (tokens.number("--x", 0.0), tokens.number("--w", 1.0));
            let left = over.get_bounding_client_rect().left() + x;
            on_seek.emit(between((f64::from(event.client_x()) - left) / w.max(1.0), 0.0, 1.0));
        }
    };
    let onpointerdown = {
        let (dragging, seek) = (Rc::clone(&dragging), seek.clone());
        Callback::from(move |event: PointerEvent| {
            *dragging.borrow_mut() = true;
            if let Some(target) = event.current_target().and_then(|t| t.dyn_into::<Element>().ok()) {
                let _ = target.set_pointer_capture(event.pointer_id());
            }
            seek(&event);
        })
    };
    let onpointermove = {
        let dragging = Rc::clone(&dragging);
        Callback::from(move |event: PointerEvent| {
            if *dragging.borrow() {
                seek(&event);
            }
        })
    };
    let stop = Callback::from(move |_: PointerEvent| *dragging.borrow_mut() = false);
    let side = if props.at > 0.5 { "left" } else { "right" };
    let dot = |reading: &Reading| {
        reading.at.map(|at| {
            html! { <span class={classes!("chart-dot", reading.swatch)} data-v={fixed(at, 4)} /> }
        })
    };
    let readings = html! {
        <div class="chart-readings">
            { for props.readings.iter().map(|reading| html! {
                <span class="chart-reading">
                    <svg class={classes!("chart-swatch", reading.swatch)} viewBox="0 0 20 4">
                        <line x1="0" y1="2" x2="20" y2="2" />
                    </svg>
                    { &reading.text }
                </span>
            }) }
        </div>
    };
    html! {
        <figure class="chart" role="group" aria-label={props.describe.clone()}>
            <figcaption class="chart-title">
                <span>{ &props.title }</span>
                if props.above {
                    { readings.clone() }
                }
            </figcaption>
            <div class="chart-plot">
                <HiDpiCanvas class="chart-canvas" draw={draw} version={props.version} />
                <div
                    ref={over}
                    class="chart-over"
                    onpointerdown={onpointerdown}
                    onpointermove={onpointermove}
                    onpointerup={stop.clone()}
                    onpointercancel={stop}
                >
                    <span class="chart-future" />
                    <div class="chart-notes">
                        if let Some((note, at)) = &props.note {
                            <span class="chart-note" data-v={fixed(*at, 4)}>{ note }</span>
                        }
                    </div>
                    <span class="chart-cursor" />
                    <div class="chart-dots">{ for props.readings.iter().filter_map(dot) }</div>
                    if !props.above {
                        <div class="chart-beside" data-side={side}>{ readings.clone() }</div>
                    }
                </div>
            </div>
        </figure>
    }
}

/// Hands the heights that elements ask for in `data-v` over to the style sheet.
fn place_heights(over: &HtmlElement) {
    let Ok(nodes) = over.query_selector_all("[data-v]") else { return };
    for i in 0..nodes.length() {
        let Some(element) = nodes.get(i).and_then(|node| node.dyn_into::<HtmlElement>().ok()) else {
            continue;
        };
        if let Some(at) = element.get_attribute("data-v") {
            let _ = element.style().set_property("--v", &at);
        }
    }
}

/// The sizes and colours that both charts draw with.
struct Look<'c> {
    ctx: &'c CanvasRenderingContext2d,
    tokens: Tokens,
    family: String,
    dpr: f64,
}

impl<'c> Look<'c> {
    fn new(ctx: &'c CanvasRenderingContext2d, dpr: f64) -> Option<Look<'c>> {
        let tokens = Tokens::of_context(ctx)?;
        let family = tokens.font_family();
        Some(Look { ctx, tokens, family, dpr })
    }

    fn colour(&self, name: &str) -> RGBAColor {
        let [r, g, b, a] = self.tokens.rgba(self.ctx, name);
        RGBAColor(r, g, b, f64::from(a) / 255.0)
    }

    /// CSS pixels as whole device pixels.
    fn px(&self, css: f64) -> u32 {
        (css * self.dpr).round().max(1.0) as u32
    }

    /// A line width that the style sheet names.
    fn width(&self, name: &str, otherwise: f64) -> u32 {
        self.px(self.tokens.number(name, otherwise))
    }

    fn text(&self, colour: &str) -> TextStyle<'_> {
        let size = self.tokens.font_size() * self.dpr;
        // Not `(family, size).into_font()`: it compares names in lower case, which brings Unicode's tables along (7 KB).
        let family = FontFamily::Name(self.family.as_str());
        let mut style = TextStyle::from(FontDesc::new(family, size, FontStyle::Normal));
        style.color = self.colour(colour).to_backend_color();
        style
    }

    fn widest(&self, axis: &Axis) -> u32 {
        let weight = self.tokens.font_size() * self.dpr;
        self.ctx.set_font(&format!("400 {}px {}", fixed(weight, 2), self.family));
        let width = |label: &str| self.ctx.measure_text(label).map_or(0.0, |m| m.width());
        axis.ticks.iter().map(|tick| width(&tick.label).ceil() as u32).max().unwrap_or(0)
    }
}

/// An axis as Plotters sees it: the ticks and their names are ours.
struct Ruled<'x> {
    axis: &'x Axis,
    /// Every so many of its ticks has room for its label.
    every: usize,
}

impl Ranged for Ruled<'_> {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        let share = (value - self.axis.min) / (self.axis.max - self.axis.min);
        from + (share * f64::from(to - from)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        self.axis.ticks.iter().step_by(self.every).map(|tick| tick.at).collect()
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.axis.min..self.axis.max
    }
}

impl ValueFormatter<f64> for Ruled<'_> {
    fn format_ext(&self, value: &f64) -> String {
        let tick = self.axis.ticks.iter().find(|tick| tick.at == *value);
        tick.map_or_else(String::new, |tick| tick.label.clone())
    }
}

type Context<'a, 'c> = ChartContext<'a, CanvasBackend<'c>, Cartesian2d<Ruled<'a>, Ruled<'a>>>;

/// Axes, labels and horizontal lines; then `series` draws on it.
fn paint_chart(
    look: &Look<'_>,
    size: DeviceSize,
    (x, y): (&Axis, &Axis),
    series: impl for<'a, 'c> FnOnce(&mut Context<'a, 'c>, &Dash) -> Result<(), Box<dyn std::error::Error>>,
) -> Option<Plot> {
    let dash = Dash::default();
    let root = CanvasBackend::new(look.ctx, (size.w, size.h), &dash).into_drawing_area();
    let font = look.px(look.tokens.font_size());
    let (left, label) = (look.widest(y) + font * 7 / 10, look.widest(x));
    // Half a label sticks out at the end of the axis.
    let right = (label / 2 + look.px(2.0)).max(look.px(6.0));
    let room = size.w.saturating_sub(left + right).max(1);
    let every = (x.ticks.len() as u32 * (label + font)).div_ceil(room).max(1) as usize;
    let high = size.h.saturating_sub(font * 21 / 10 + 1).max(1);
    let every_y = (y.ticks.len() as u32 * (font * 6 / 5)).div_ceil(high + font).max(1) as usize;
    let mut chart = ChartBuilder::on(&root)
        .margin_top(font * 6 / 10 + 1)
        .margin_right(right)
        .x_label_area_size(font * 3 / 2)
        .y_label_area_size(left)
        .build_cartesian_2d(Ruled { axis: x, every }, Ruled { axis: y, every: every_y })
        .ok()?;
    let (line, quiet) = (look.colour("--line"), look.colour("--line").mix(0.0));
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_labels(x.ticks.len())
        .y_labels(y.ticks.len())
        .label_style(look.text("--ink-2"))
        .axis_style(line.stroke_width(look.px(1.0)))
        .bold_line_style(line.stroke_width(look.px(1.0)))
        .light_line_style(quiet)
        .set_all_tick_mark_size(font / 4)
        .draw()
        .ok()?;
    series(&mut chart, &dash).ok()?;
    let (xs, ys) = chart.plotting_area().get_pixel_range();
    drop(chart);
    root.present().ok()?;
    let css = |device: i32| f64::from(device) / look.dpr;
    Some(Plot { x: css(xs.start), y: css(ys.start), w: css(xs.end - xs.start), h: css(ys.end - ys.start) })
}

/// The corners of a line whose values hold until the next one.
fn stairs(values: &[Value], end: f64) -> Vec<(f64, f64)> {
    let mut corners = Vec::with_capacity(2 * values.len() + 1);
    let mut level = None;
    for Value { global, value } in values {
        let at = *global as f64;
        if let Some(level) = level.replace(*value) {
            corners.push((at, level));
        }
        corners.push((at, *value));
    }
    corners.extend(level.map(|level| (end, level)));
    corners
}

/// Draws [`Indices`]: for the page and for tests.
pub fn paint_indices(
    ctx: &CanvasRenderingContext2d,
    size: DeviceSize,
    dpr: f64,
    chart: &Indices,
) -> Option<Plot> {
    let look = Look::new(ctx, dpr)?;
    let end = chart.x.max;
    paint_chart(&look, size, (&chart.x, &chart.y), |context, dash| {
        let warm = look.colour("--warn-wash");
        context.draw_series([Rectangle::new([(0.0, Indices::THRESHOLD), (end, 1.0)], warm.filled())])?;
        dash.dashed(4.0 * dpr, 3.0 * dpr);
        let threshold = [(0.0, Indices::THRESHOLD), (end, Indices::THRESHOLD)];
        let thin = look.colour("--ink-2").stroke_width(look.width("--chart-thin", 1.0));
        context.draw_series(LineSeries::new(threshold, thin))?;
        dash.dashed(8.0 * dpr, 4.0 * dpr);
        let unusable = look.colour("--anon").stroke_width(look.width("--chart-line", 2.5));
        context.draw_series(LineSeries::new(stairs(&chart.unusable, end), unusable))?;
        dash.solid();
        let halo = look.colour("--paper").stroke_width(look.width("--chart-line", 2.5) * 2);
        let line = look.colour("--ink").stroke_width(look.width("--chart-line", 2.5));
        for style in [halo, line] {
            context.draw_series(LineSeries::new(stairs(&chart.fragmentation, end), style))?;
        }
        Ok(())
    })
}

/// Draws [`FreePages`]: for the page and for tests.
pub fn paint_free_pages(
    ctx: &CanvasRenderingContext2d,
    size: DeviceSize,
    dpr: f64,
    chart: &FreePages,
) -> Option<Plot> {
    let look = Look::new(ctx, dpr)?;
    let end = chart.x.max;
    let (light, dark, paper) = (look.colour("--wash-2"), look.colour("--ink-2"), look.colour("--paper"));
    let last = chart.layers.len().saturating_sub(1).max(1);
    // The sums of the layers up to each: the highest is filled first, the lower ones over it.
    let mut sums: Vec<Vec<Value>> = Vec::with_capacity(chart.layers.len());
    for layer in &chart.layers {
        let below = sums.last();
        let add = |(i, v): (usize, &Value)| Value {
            value: v.value + below.map_or(0.0, |below| below[i].value),
            ..*v
        };
        let sum = layer.pages.iter().enumerate().map(add).collect();
        sums.push(sum);
    }
    paint_chart(&look, size, (&chart.x, &chart.y), |context, _| {
        let edge = paper.stroke_width(look.px(1.0));
        for (i, sum) in sums.iter().enumerate().rev() {
            let fill = blend(light, dark, i as f64 / last as f64);
            context.draw_series(AreaSeries::new(stairs(sum, end), 0.0, fill).border_style(edge))?;
        }
        let outline = look.colour("--ink").stroke_width(look.width("--chart-line", 2.5));
        if let Some(all) = sums.last() {
            context.draw_series(LineSeries::new(stairs(all, end), outline))?;
        }
        let size = look.tokens.font_size() * dpr;
        let height = f64::from(context.plotting_area().dim_in_pixel().1) / (chart.y.max - chart.y.min);
        for (i, (layer, sum)) in chart.layers.iter().zip(&sums).enumerate() {
            let Some(thickest) = layer.thickest().filter(|v| v.value * height > size * 1.1) else { continue };
            let at = sum.iter().find(|v| v.global == thickest.global).map_or(0.0, |v| v.value);
            // Not at the very edge, where half of it would be cut off.
            let x = between(thickest.global as f64, end * 0.03, end * 0.97);
            let colour = if i * 2 > last { "--paper" } else { "--ink" };
            let style = look.text(colour).pos(plotters::style::text_anchor::Pos::new(
                plotters::style::text_anchor::HPos::Center,
                plotters::style::text_anchor::VPos::Center,
            ));
            let middle = at - thickest.value / 2.0;
            context.draw_series([Text::new(layer.order.to_string(), (x, middle), style)])?;
        }
        Ok(())
    })
}

/// Draws [`SlabMemory`]: for the page and for tests.
pub fn paint_slab_memory(
    ctx: &CanvasRenderingContext2d,
    size: DeviceSize,
    dpr: f64,
    chart: &SlabMemory,
) -> Option<Plot> {
    let look = Look::new(ctx, dpr)?;
    let end = chart.x.max;
    paint_chart(&look, size, (&chart.x, &chart.y), |context, _| {
        let line = look.colour("--ink").stroke_width(look.width("--chart-line", 2.5));
        let (slabs, used) = (stairs(&chart.slabs, end), stairs(&chart.used, end));
        context.draw_series(AreaSeries::new(slabs.clone(), 0.0, look.colour("--wash-2")))?;
        context.draw_series(AreaSeries::new(used, 0.0, look.colour("--slab")))?;
        context.draw_series(LineSeries::new(slabs, line))?;
        Ok(())
    })
}

/// Draws [`ProcessMemory`]: for the page and for tests.
pub fn paint_process_memory(
    ctx: &CanvasRenderingContext2d,
    size: DeviceSize,
    dpr: f64,
    chart: &ProcessMemory,
) -> Option<Plot> {
    let look = Look::new(ctx, dpr)?;
    let end = chart.x.max;
    paint_chart(&look, size, (&chart.x, &chart.y), |context, _| {
        let line = look.colour("--ink").stroke_width(look.width("--chart-line", 2.5));
        let (vsz, rss) = (stairs(&chart.vsz, end), stairs(&chart.rss, end));
        context.draw_series(AreaSeries::new(vsz.clone(), 0.0, look.colour("--wash-2")))?;
        context.draw_series(AreaSeries::new(rss, 0.0, look.colour("--anon")))?;
        context.draw_series(LineSeries::new(vsz, line))?;
        Ok(())
    })
}

/// Draws [`Pressure`]: for the page and for tests.
pub fn paint_pressure(
    ctx: &CanvasRenderingContext2d,
    size: DeviceSize,
    dpr: f64,
    chart: &Pressure,
) -> Option<Plot> {
    let look = Look::new(ctx, dpr)?;
    let end = chart.x.max;
    paint_chart(&look, size, (&chart.x, &chart.y), |context, _| {
        let line = look.colour("--ink").stroke_width(look.width("--chart-line", 2.5));
        let [anon, both, swapped] = [&chart.anon, &chart.both, &chart.swapped].map(|of| stairs(of, end));
        context.draw_series(AreaSeries::new(both, 0.0, look.colour("--file")))?;
        context.draw_series(AreaSeries::new(anon, 0.0, look.colour("--anon")))?;
        context.draw_series(LineSeries::new(swapped, line))?;
        Ok(())
    })
}

/// A colour on the way from one to another.
fn blend(a: RGBAColor, b: RGBAColor, at: f64) -> RGBAColor {
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * at).round() as u8;
    RGBAColor(mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2), a.3 + (b.3 - a.3) * at)
}

/// The properties of a chart.
#[derive(Properties, PartialEq)]
pub struct ChartProps<T: PartialEq> {
    /// What is drawn.
    pub chart: Shared<T>,
    /// The moment at the cursor.
    pub moment: Shared<Moment>,
    /// The language.
    pub lang: Lang,
    /// The readings of a chart that may have them beside the cursor stand beside the title.
    #[prop_or_default]
    pub above: bool,
    /// Asks for the moment after so many steps.
    pub on_seek: Callback<u64>,
}

/// The fragmentation index and the unusable index of one order, over time.
#[component]
pub fn IndexChart(props: &ChartProps<Indices>) -> Html {
    let ChartProps { chart, moment, lang, above, on_seek } = props;
    let paint = {
        let chart = chart.clone();
        Paint(Rc::new(move |ctx, size, dpr| paint_indices(ctx, size, dpr, &chart)))
    };
    let height = |value: f64| (value - chart.y.min) / (chart.y.max - chart.y.min);
    let readings = IndexKind::ALL
        .into_iter()
        .map(|kind| Reading {
            swatch: match kind {
                IndexKind::Fragmentation => "is-fragmentation",
                IndexKind::Unusable => "is-unusable",
            },
            text: chart.reading(&moment.machine, kind, *lang),
            at: Some(height(chart.value_now(&moment.machine, kind))),
        })
        .collect::<Vec<_>>();
    html! {
        <ChartBox
            title={chart.title(*lang)}
            describe={chart.describe(&moment.machine, *lang)}
            paint={paint}
            version={version(&(Rc::as_ptr(&chart.0) as usize, lang))}
            at={moment.global as f64 / chart.x.max}
            above={*above}
            readings_at={0.36}
            readings={readings}
            note={Some((chart.threshold_label().to_string(), height(Indices::THRESHOLD)))}
            on_seek={seek(on_seek, chart.x.max)}
        />
    }
}

/// Free pages over time, stacked by the order of their block.
#[component]
pub fn FreePagesChart(props: &ChartProps<FreePages>) -> Html {
    let ChartProps { chart, moment, lang, on_seek, .. } = props;
    let paint = {
        let chart = chart.clone();
        Paint(Rc::new(move |ctx, size, dpr| paint_free_pages(ctx, size, dpr, &chart)))
    };
    let reading = Reading {
        swatch: "is-total",
        text: chart.reading(&moment.machine, *lang),
        at: Some(chart.total_at(moment.global) as f64 / chart.y.max),
    };
    html! {
        <ChartBox
            title={chart.title(*lang)}
            describe={chart.describe(*lang)}
            paint={paint}
            version={version(&(Rc::as_ptr(&chart.0) as usize, lang))}
            at={moment.global as f64 / chart.x.max}
            readings_at={0.5}
            readings={vec![reading]}
            on_seek={seek(on_seek, chart.x.max)}
        />
    }
}

/// The memory of slabs over time, and what objects use of it.
#[component]
pub fn SlabMemoryChart(props: &ChartProps<SlabMemory>) -> Html {
    let ChartProps { chart, moment, lang, on_seek, .. } = props;
    let paint = {
        let chart = chart.clone();
        Paint(Rc::new(move |ctx, size, dpr| paint_slab_memory(ctx, size, dpr, &chart)))
    };
    let now = held_at(&chart.slabs, moment.global).unwrap_or(0.0);
    let reading = Reading {
        swatch: "is-slab",
        text: chart.reading(&moment.machine, *lang),
        at: Some(between(now / chart.y.max, 0.0, 1.0)),
    };
    html! {
        <ChartBox
            title={chart.title(*lang)}
            describe={chart.describe(*lang)}
            paint={paint}
            version={version(&(Rc::as_ptr(&chart.0) as usize, lang))}
            at={moment.global as f64 / chart.x.max}
            above={true}
            readings_at={0.5}
            readings={vec![reading]}
            on_seek={seek(on_seek, chart.x.max)}
        />
    }
}

/// VSZ and RSS of a process over time.
#[component]
pub fn ProcessMemoryChart(props: &ChartProps<ProcessMemory>) -> Html {
    let ChartProps { chart, moment, lang, on_seek, .. } = props;
    let paint = {
        let chart = chart.clone();
        Paint(Rc::new(move |ctx, size, dpr| paint_process_memory(ctx, size, dpr, &chart)))
    };
    let name = moment.name(chart.process);
    let reading = |(swatch, (text, at))| Reading { swatch, text, at: Some(at) };
    let readings = ["is-vsz", "is-rss"].into_iter().zip(chart.readings(&moment.machine)).map(reading);
    html! {
        <ChartBox
            title={chart.title(name, *lang)}
            describe={chart.describe(name, *lang)}
            paint={paint}
            version={version(&(Rc::as_ptr(&chart.0) as usize, lang))}
            at={moment.global as f64 / chart.x.max}
            above={true}
            readings_at={0.5}
            readings={readings.collect::<Vec<_>>()}
            on_seek={seek(on_seek, chart.x.max)}
        />
    }
}

/// What reclaim can choose from, over time.
#[component]
pub fn PressureChart(props: &ChartProps<Pressure>) -> Html {
    let ChartProps { chart, moment, lang, on_seek, .. } = props;
    let paint = {
        let chart = chart.clone();
        Paint(Rc::new(move |ctx, size, dpr| paint_pressure(ctx, size, dpr, &chart)))
    };
    let reading = |(swatch, (text, at))| Reading { swatch, text, at: Some(at) };
    let readings = chart.readings(&moment.machine, *lang);
    let readings = ["is-rss", "is-file", "is-vsz"].into_iter().zip(readings).map(reading);
    html! {
        <ChartBox
            title={chart.title(&moment.machine, *lang)}
            describe={chart.describe(*lang)}
            paint={paint}
            version={version(&(Rc::as_ptr(&chart.0) as usize, lang))}
            at={moment.global as f64 / chart.x.max}
            above={true}
            readings_at={0.5}
            readings={readings.collect::<Vec<_>>()}
            on_seek={seek(on_seek, chart.x.max)}
        />
    }
}

fn seek(on_seek: &Callback<u64>, steps: f64) -> Callback<f64> {
    let on_seek = on_seek.clone();
    Callback::from(move |at: f64| on_seek.emit((at * steps).round() as u64))
}

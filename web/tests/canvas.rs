//! Canvases in a real browser: sharp at the device pixel ratio, drawn when they should be, in the colours of the page.

#![cfg(target_arch = "wasm32")]

use std::cell::Cell;
use std::rc::Rc;

use gloo::timers::future::TimeoutFuture;
use gloo::utils::{document, window};
use history::{Session, Survey};
use mm::mmzone::ZoneId;
use mm::op::{Gfp, NameId, PageKind};
use mm::{Config, CpuId, Machine, Op, Order, Pfn};
use mmscope_web::canvas::{DeviceSize, Draw, HiDpiCanvas, Shared, context};
use mmscope_web::charts::{paint_free_pages, paint_indices};
use mmscope_web::stage::frame_map::{FrameMapStage, measure_redraw};
use scenario::Lang;
use view::Moment;
use view::charts::{FreePages, Indices};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{CanvasRenderingContext2d, Element, HtmlCanvasElement, HtmlElement};
use yew::prelude::*;

wasm_bindgen_test_configure!(run_in_browser);

/// A place of this size in the page, with the sizes that the style sheets would give.
fn place(w: u32, h: u32) -> HtmlElement {
    let place: HtmlElement = document().create_element("div").unwrap().unchecked_into();
    for (name, value) in [
        ("position", "fixed"),
        ("left", "0"),
        ("top", "0"),
        ("width", &format!("{w}px")),
        ("height", &format!("{h}px")),
    ] {
        place.style().set_property(name, value).unwrap();
    }
    document().body().unwrap().append_child(&place).unwrap();
    place
}

fn fill(element: &Element) {
    let style = element.unchecked_ref::<HtmlElement>().style();
    for (name, value) in [("display", "block"), ("width", "100%"), ("height", "100%")] {
        style.set_property(name, value).unwrap();
    }
}

fn find(place: &Element, selector: &str) -> Element {
    place.query_selector(selector).unwrap().unwrap_or_else(|| panic!("no {selector}"))
}

fn pixel(ctx: &CanvasRenderingContext2d, x: f64, y: f64) -> [u8; 4] {
    let data = ctx.get_image_data(x, y, 1.0, 1.0).unwrap().data();
    [data[0], data[1], data[2], data[3]]
}

#[derive(Properties, PartialEq)]
struct ProbeProps {
    drawn: Shared<Cell<u32>>,
    version: u64,
}

#[component]
fn Probe(props: &ProbeProps) -> Html {
    let drawn = props.drawn.clone();
    let draw = Draw::new(move |ctx, size: DeviceSize, _| {
        drawn.set(drawn.get() + 1);
        ctx.set_fill_style_str("#0000ff");
        ctx.fill_rect(0.0, 0.0, f64::from(size.w), f64::from(size.h));
        ctx.set_fill_style_str("#ff0000");
        ctx.fill_rect(f64::from(size.w) - 1.0, f64::from(size.h) - 1.0, 1.0, 1.0);
    });
    html! { <HiDpiCanvas draw={draw} version={props.version} /> }
}

#[wasm_bindgen_test]
async fn one_canvas_pixel_is_one_device_pixel() {
    let place = place(101, 61);
    let drawn = Shared::from(Cell::new(0));
    let props = ProbeProps { drawn: drawn.clone(), version: 1 };
    let mut app = yew::Renderer::<Probe>::with_root_and_props(place.clone().into(), props).render();
    TimeoutFuture::new(20).await;
    let canvas: HtmlCanvasElement = find(&place, "canvas").unchecked_into();
    fill(&canvas);
    TimeoutFuture::new(60).await;
    let dpr = window().device_pixel_ratio();
    let (w, h) = ((101.0 * dpr).round(), (61.0 * dpr).round());
    assert_eq!((f64::from(canvas.width()), f64::from(canvas.height())), (w, h));
    let ctx = context(&canvas).unwrap();
    assert_eq!(pixel(&ctx, 0.0, 0.0), [0, 0, 255, 255]);
    assert_eq!(pixel(&ctx, w - 1.0, h - 1.0), [255, 0, 0, 255]);

    // Drawn again for another version, for another size, for other colours of the page; not for nothing.
    let before = drawn.get();
    app.update(ProbeProps { drawn: drawn.clone(), version: 1 });
    TimeoutFuture::new(30).await;
    assert_eq!(drawn.get(), before, "the same version");
    app.update(ProbeProps { drawn: drawn.clone(), version: 2 });
    TimeoutFuture::new(30).await;
    assert_eq!(drawn.get(), before + 1, "another version");
    place.style().set_property("width", "50px").unwrap();
    TimeoutFuture::new(60).await;
    assert_eq!(f64::from(canvas.width()), (50.0 * dpr).round());
    assert_eq!(drawn.get(), before + 2, "another size");
    document().document_element().unwrap().set_attribute("data-theme", "dark").unwrap();
    TimeoutFuture::new(30).await;
    assert_eq!(drawn.get(), before + 3, "other colours");
    document().document_element().unwrap().remove_attribute("data-theme").unwrap();
    app.destroy();
    place.remove();
}

/// A machine whose pages were taken one by one and given back in part, so that order 4 fails in the end.
fn scattered() -> Session {
    let gfp = Gfp::of(PageKind::Anon, None);
    let cpu = CpuId(0);
    let alloc = |name, order| Op::Alloc { name: NameId(name), order, gfp, cpu };
    let mut ops: Vec<Op> = (0..4096).map(|name| alloc(name, 0)).collect();
    ops.extend((0..4096).filter(|name| name % 3 != 1).map(|name| Op::Free { name: NameId(name), cpu }));
    ops.push(alloc(5000, 4));
    let machine = Machine::boot(&Config::single_zone(4096)).unwrap();
    let mut session = Session::new(machine, Rc::new(ops));
    while !session.survey(100_000) {}
    session.seek_global(session.survey_so_far().steps());
    session
}

/// A canvas in the page with the colours that the charts ask for.
fn chart_canvas(w: u32, h: u32) -> (HtmlCanvasElement, CanvasRenderingContext2d) {
    let canvas: HtmlCanvasElement = document().create_element("canvas").unwrap().unchecked_into();
    canvas.set_width(w);
    canvas.set_height(h);
    for (name, value) in [
        ("--paper", "#ffffff"),
        ("--ink", "#102030"),
        ("--ink-2", "#405060"),
        ("--line", "#d0d0d0"),
        ("--wash-2", "#e0e0e0"),
        ("--anon", "#0000a0"),
        ("--warn-wash", "#ffe0c0"),
        ("font-size", "12px"),
        ("font-family", "sans-serif"),
    ] {
        canvas.style().set_property(name, value).unwrap();
    }
    document().body().unwrap().append_child(&canvas).unwrap();
    let ctx = context(&canvas).unwrap();
    (canvas, ctx)
}

#[wasm_bindgen_test]
fn a_chart_is_drawn_in_the_colours_of_the_page() {
    let session = scattered();
    for dpr in [1.0, 2.0] {
        let size = DeviceSize { w: (400.0 * dpr) as u32, h: (240.0 * dpr) as u32 };
        let (canvas, ctx) = chart_canvas(size.w, size.h);
        let chart = Indices::of(session.survey_so_far(), ZoneId(0), Order::new(4).unwrap());
        let plot = paint_indices(&ctx, size, dpr, &chart).expect("drawn");
        assert!(
            plot.x > 10.0 && plot.x + plot.w < 400.0 && plot.y > 0.0 && plot.y + plot.h < 240.0,
            "{plot:?}"
        );
        let band = pixel(&ctx, (plot.x + plot.w * 0.2) * dpr, (plot.y + plot.h * 0.12) * dpr);
        assert_eq!(band, [255, 224, 192, 255], "the band above the threshold at {dpr}");
        let data = ctx.get_image_data(0.0, 0.0, f64::from(size.w), f64::from(size.h)).unwrap().data();
        let seen = |rgb: [u8; 3]| data.chunks_exact(4).filter(|p| p[..3] == rgb && p[3] == 255).count();
        assert!(seen([0x10, 0x20, 0x30]) > 300, "the line is there");
        assert!(seen([0x40, 0x50, 0x60]) > 20, "labels are there");
        canvas.remove();

        let (canvas, ctx) = chart_canvas(size.w, size.h);
        let chart = FreePages::of(session.survey_so_far(), None);
        let plot = paint_free_pages(&ctx, size, dpr, &chart).expect("drawn");
        let full = pixel(&ctx, (plot.x + 3.0) * dpr, (plot.y + plot.h * 0.4) * dpr);
        assert_eq!(full, [0x40, 0x50, 0x60, 255], "all free in blocks of order 10 at the beginning");
        canvas.remove();
    }
}

#[derive(Properties, PartialEq)]
struct StageProps {
    selected: Shared<Cell<Option<Pfn>>>,
}

#[component]
fn Stage(props: &StageProps) -> Html {
    let session = use_memo((), |()| {
        let session = scattered();
        let scenario =
            scenario::parse(scenario::builtin("buddy-split").unwrap().text).lower().cloned().unwrap();
        let moment = Moment::of(&session, &Rc::new(scenario));
        (Shared::from(moment), Shared::<Survey>::from(session.survey_so_far().clone()))
    });
    let (moment, survey) = (&session.0, &session.1);
    let selected = props.selected.clone();
    html! {
        <FrameMapStage
            moment={moment.clone()}
            survey={survey.clone()}
            zone={ZoneId(0)}
            selected={None}
            on_select={move |pfn| selected.set(pfn)}
            on_seek={|_| ()}
            lang={Lang::En}
        />
    }
}

#[wasm_bindgen_test]
async fn the_map_asks_and_answers() {
    let place = place(1000, 400);
    let selected = Shared::from(Cell::new(None));
    let props = StageProps { selected: selected.clone() };
    let app = yew::Renderer::<Stage>::with_root_and_props(place.clone().into(), props).render();
    TimeoutFuture::new(50).await;
    assert_eq!(find(&place, ".fm-question").text_content().unwrap(), "Does a 4 × 4 square fit anywhere?");
    assert!(find(&place, ".fm-answer").text_content().unwrap().starts_with("No."));
    assert!(place.query_selector("[data-pane=map]").unwrap().is_some());

    // The failed request is the moment, so its order keeps being asked for.
    find(&place, ".fm-order").unchecked_into::<HtmlElement>().click();
    TimeoutFuture::new(50).await;
    assert_eq!(find(&place, ".fm-question").text_content().unwrap(), "Does a 4 × 4 square fit anywhere?");

    // The data cursor, by keyboard.
    let layer = find(&place, ".fm-layer");
    for key in ["ArrowRight", "ArrowRight", "ArrowDown", "Enter"] {
        let init = web_sys::KeyboardEventInit::new();
        init.set_key(key);
        init.set_bubbles(true);
        init.set_cancelable(true);
        let event = web_sys::KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
        layer.dispatch_event(&event).unwrap();
        TimeoutFuture::new(20).await;
        assert!(event.default_prevented(), "{key} is the picture's");
    }
    let pfn = selected.get().expect("Enter selects");
    assert!(pfn.0 > 0);
    let told = find(&place, ".fm-map [role=status]").text_content().unwrap();
    assert!(told.starts_with("Frame "), "{told}");
    app.destroy();
    place.remove();
}

#[wasm_bindgen_test]
fn redraws_of_a_million_frames_are_measured() {
    let (full, patch) = measure_redraw();
    console_log!("full redraw {full:.2} ms, patch {patch:.3} ms");
    assert!(full.is_finite() && patch.is_finite());
    assert!(patch < full);
}

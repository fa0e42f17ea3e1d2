//! The staircase: how much of the free memory each order cannot use. Its steps choose the order that is asked for.

use mm::Order;
use mm::mmzone::ZoneKind;
use scenario::Lang;
use view::frame_map::Staircase;
use view::number::fixed;
use yew::prelude::*;

/// The properties of [`Stairs`].
#[derive(Properties, PartialEq)]
pub struct StairsProps {
    /// What is drawn.
    pub stairs: Staircase,
    /// The zone it is about, where there are several.
    pub of_zone: Option<ZoneKind>,
    /// The language.
    pub lang: Lang,
    /// Another order is asked for.
    pub on_order: Callback<Order>,
}

/// A path over eleven columns of width 1 and height 1, y down.
fn path(values: &[u32; Order::COUNT]) -> String {
    let mut d = String::from("M0 1");
    for (i, value) in values.iter().enumerate() {
        let y = fixed(1.0 - f64::from(*value) / 1000.0, 3);
        d.push_str(&format!("L{i} {y}L{} {y}", i + 1));
    }
    d
}

/// The staircase with its order buttons.
#[component]
pub fn Stairs(props: &StairsProps) -> Html {
    let StairsProps { stairs, of_zone, lang, on_order } = props;
    let line = path(&stairs.now);
    let before = stairs.before.as_ref().map(path).unwrap_or_default();
    let chosen = stairs.order.index();
    let bad = stairs.unusable() == 1000;
    let choose = |order: Order| {
        let on_order = on_order.clone();
        let name = match lang {
            Lang::En => format!("Ask for order {order}"),
            Lang::Zh => format!("请求 {order} 阶"),
        };
        html! {
            <button
                key={order.get()}
                type="button"
                class="fm-order"
                aria-pressed={(order == stairs.order).to_string()}
                aria-label={name}
                onclick={move |_| on_order.emit(order)}
            >
                { order.get() }
            </button>
        }
    };
    html! {
        <figure class="fm-stairs" role="group" aria-label={stairs.describe(*lang)}>
            <figcaption class="fm-stairs-title">
                <span>{ Staircase::title(*of_zone, *lang) }</span>
                <b class={classes!(bad.then_some("is-bad"))}>{ stairs.reading(*lang) }</b>
            </figcaption>
            <div class="fm-stairs-plot">
                <span class="fm-tick fm-tick-1">{ "1" }</span>
                <span class="fm-tick fm-tick-half">{ "0.5" }</span>
                <span class="fm-tick fm-tick-0">{ "0" }</span>
                <svg class="fm-stairs-svg" viewBox="0 0 11 1" preserveAspectRatio="none" aria-hidden="true">
                    <path class="fm-stairs-grid" d="M0 0H11M0 .5H11M0 1H11" />
                    <path class="fm-stairs-fill" d={format!("{line}L11 1Z")} />
                    <rect
                        class={classes!("fm-stairs-chosen", bad.then_some("is-bad"))}
                        x={chosen.to_string()} y="0" width="1" height="1"
                    />
                    <path class="fm-stairs-before" d={before} />
                    <path class="fm-stairs-line" d={line} />
                </svg>
            </div>
            <div class="fm-orders">
                <span class="fm-orders-name">{ lang.pick("order", "阶") }</span>
                { for Order::all().map(choose) }
            </div>
        </figure>
    }
}

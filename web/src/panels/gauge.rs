//! The projector's column of figures with its gauge. A part of its own ([`crate::lazy`]).

use scenario::Lang;
use view::number::{between, fixed};
use yew::prelude::*;

use super::vitals::{VitalsData, grouped, order};
use crate::i18n::Msg;
use crate::i18n::panes::{PaneMsg, PaneSay};

/// The column. The gauge's box is as high as there is room, its parts are placed in percent.
pub fn column(data: &VitalsData, lang: Lang) -> Html {
    let figure = grouped(data.free);
    let largest = format!("{} {}", PaneMsg::LargestFree.text(lang), order(data.largest, lang));
    html! {
        <>
            <h2>{ PaneMsg::FreePages.text(lang) }</h2>
            <p class={classes!("figure", (figure.len() > 7).then_some("wide"))}>{ figure }</p>
            <p class="of">{ PaneSay::OfPages(&grouped(data.total)).text(lang) }</p>
            <div class="gauge">{ gauge(data, lang) }</div>
            <p class="foot">{ largest }</p>
            <p class="foot">
                { data.pcp.map(|pcp| format!("{} {}", Msg::KeptByCpus.text(lang), grouped(pcp))).unwrap_or_default() }
            </p>
        </>
    }
}

/// Free memory is paper, used memory is hatched; it stands as high as the share of it.
fn gauge(data: &VitalsData, lang: Lang) -> Html {
    // From the top, in percent.
    let depth = |pages: u64| 100.0 - 100.0 * pages.min(data.total) as f64 / data.total.max(1) as f64;
    let percent = |value: f64| format!("{}%", fixed(value, 3));
    let level = depth(data.free);
    // Labels keep their distance from each other: 6 % is a line of text.
    let mut taken = vec![between(level, 3.0, 97.0)];
    let mut place = |wanted: f64| {
        let start = between(wanted, 3.0, 97.0);
        let is_free = |at: &f64| {
            (3.0..=97.0).contains(at) && !taken.iter().any(|other: &f64| (*other - *at).abs() < 5.5)
        };
        // The nearest place that is free, downwards first.
        let steps = (0..18).flat_map(|step| [start + 5.6 * f64::from(step), start - 5.6 * f64::from(step)]);
        let at = steps.into_iter().find(is_free).unwrap_or(start);
        taken.push(at);
        at
    };
    // What is in hand is free, but on no list: the part just below the level.
    let on_lists = (data.in_hand > 0).then(|| depth(data.free.saturating_sub(data.in_hand)));
    let in_hand_label = on_lists.map(&mut place);
    // With per-CPU lists it may be a refill that has not ended, too.
    let off_lists = if data.pcp.is_some() { PaneMsg::OnTheWay } else { PaneMsg::InHand };
    let in_use_label = (level > 14.0).then(|| place(level / 2.0));
    let marks: Vec<_> = data.marks.iter().map(|(name, pages)| (name, *pages, depth(*pages))).collect();
    let marks: Vec<_> = marks.into_iter().map(|(name, pages, at)| (name, pages, at, place(at))).collect();
    html! {
        <svg aria-hidden="true">
            <defs>
                <pattern
                    id="gauge-hatch"
                    width="9"
                    height="9"
                    patternUnits="userSpaceOnUse"
                    patternTransform="rotate(45)"
                >
                    <line class="hatch-line" x1="0" y1="0" x2="0" y2="9" />
                </pattern>
            </defs>
            <rect class="tank" x="0" y="0" width="26%" height="100%" rx="3" stroke-width="3" />
            <rect class="used" x="0" y="0" width="26%" height={percent(level)} rx="3" />
            <line class="level" x1="-2%" x2="31%" y1={percent(level)} y2={percent(level)} stroke-width="4" />
            <text class="strong" x="34%" y={percent(between(level, 3.0, 97.0))}>
                { format!("{} {}", grouped(data.free), PaneMsg::Now.text(lang)) }
            </text>
            <g>
                if let Some(at) = in_use_label {
                    <text x="34%" y={percent(at)}>{ PaneMsg::InUse.text(lang) }</text>
                }
            </g>
            <g>
                if let (Some(line), Some(at)) = (on_lists, in_hand_label) {
                    <rect class="hand" x="0" y={percent(level)} width="26%" height={percent(line - level)} />
                    <text class="act" x="34%" y={percent(at)}>
                        { format!("{} {}", grouped(data.in_hand), off_lists.text(lang)) }
                    </text>
                }
            </g>
            <g>
                { for marks.into_iter().enumerate().map(|(key, (name, pages, line, at))| html! {
                    <g {key}>
                        <line class="mark" x1="0" x2="31%" y1={percent(line)} y2={percent(line)} stroke-width="3" />
                        <text x="34%" y={percent(at)}>{ format!("{name} {}", grouped(pages)) }</text>
                    </g>
                }) }
            </g>
        </svg>
    }
}

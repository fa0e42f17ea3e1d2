//! The card of the selected block, which the inspector shows.

use scenario::Lang;
use view::inspector::{BuddySum, Card, Check};
use yew::prelude::*;

use super::parts::{Entry, entry};
use crate::Action;
use crate::action::Way;
use crate::i18n::panes::PaneMsg;
use crate::icons::{Icon, icon};

/// Draws the card.
pub fn draw(card: &Card, lang: Lang, on: &Callback<Action>) -> Html {
    let history = card.history.iter().map(|line| Entry {
        global: line.step,
        text: line.text.clone().into(),
        func: AttrValue::default(),
        failed: false,
        now: false,
    });
    let facts = card.rows.iter().enumerate().map(|(at, fact)| {
        html! {
            <div key={at} class="fact">
                <dt>{ fact.label.clone() }</dt>
                <dd class={fact.mono.then_some("mono")}>{ fact.value.clone() }</dd>
            </div>
        }
    });
    html! {
        <div>
            <h3>{ card.title.clone() }<small>{ card.state.clone() }</small></h3>
            <dl>{ for facts }</dl>
            <p class="place">{ card.place.clone().unwrap_or_default() }</p>
            <p class="empty">{ card.note.clone().unwrap_or_default() }</p>
            <div>
                if let Some(sum) = &card.buddy {
                    <h4>{ sum.caption.clone() }</h4>
                    { draw_bits(sum) }
                }
            </div>
            <div>
                if !card.checks.is_empty() {
                    <h4>{ PaneMsg::ChecksHeading.text(lang) }</h4>
                    <ul class="ticks">{ for card.checks.iter().enumerate().map(draw_check) }</ul>
                }
            </div>
            <div class="buttons offers">
                { for card.actions.iter().enumerate().map(|(at, offer)| {
                    let statement = offer.statement.clone();
                    html! {
                        <button
                            key={at}
                            type="button"
                            class="btn line"
                            title={statement.clone()}
                            onclick={on.reform(move |_| Action::Insert(statement.clone()))}
                        >
                            { icon(Icon::Flask) }
                            { offer.label.clone() }
                        </button>
                    }
                }) }
            </div>
            <h4>{ PaneMsg::HistoryHeading.text(lang) }</h4>
            <ol class="past">{ for history.map(|line| entry(&line, on)) }</ol>
            <p class="empty">
                { if card.history.is_empty() { PaneMsg::HistoryEmpty.text(lang) } else { "" } }
            </p>
            <div class="buttons">
                { change_button(Icon::Back, PaneMsg::PreviousChange, Way::Back, lang, on) }
                { change_button(Icon::Forward, PaneMsg::NextChange, Way::Forward, lang, on) }
            </div>
        </div>
    }
}

fn change_button(shape: Icon, name: PaneMsg, way: Way, lang: Lang, on: &Callback<Action>) -> Html {
    let key = if way == Way::Back { "," } else { "." };
    html! {
        <button
            type="button"
            class="btn line"
            title={format!("{} ({key})", name.text(lang))}
            onclick={on.reform(move |_| Action::Change(way))}
        >
            { icon(shape) }
            { name.text(lang) }
        </button>
    }
}

fn draw_bits(sum: &BuddySum) -> Html {
    let width = sum.rows[0].bits.len();
    let hot = width.checked_sub(1 + usize::from(sum.flipped));
    let rows = sum.rows.iter().enumerate().map(|(row, bits)| {
        let value = format!("{} {}", bits.sign, bits.value);
        html! {
            <div key={row} class="bit-row">
                <span class="word" aria-hidden="true">
                    { for bits.bits.iter().enumerate().map(|(at, bit)| html! {
                        <i class={(Some(at) == hot).then_some("hot")}>{ u8::from(*bit) }</i>
                    }) }
                </span>
                <span class="value">{ value.trim().to_owned() }</span>
            </div>
        }
    });
    html! {
        <div class="bits" data-wide={if width > 12 { "on" } else { "off" }}>{ for rows }</div>
    }
}

fn draw_check((at, check): (usize, &Check)) -> Html {
    let (class, sign) = if check.ok { ("yes", "✓") } else { ("no", "✕") };
    html! {
        <li key={at}>
            <span {class}>{ sign }</span>
            <span>{ check.label.clone() }{ " " }<small>{ check.detail.clone() }</small></span>
        </li>
    }
}

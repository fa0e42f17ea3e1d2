//! Z6: the figures that tell how the machine is: a row in the strip, or on the projector a column ([`super::gauge`]).

use scenario::Lang;
use yew::prelude::*;

use crate::i18n::Msg;

/// The figures.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct VitalsData {
    /// Free pages, in hand ones included.
    pub free: u64,
    /// Pages that the buddy system has in all.
    pub total: u64,
    /// Free pages that are on no list just now.
    pub in_hand: u64,
    /// Pages on the lists of the CPUs; none on a machine without them.
    pub pcp: Option<u64>,
    /// The largest order with a free block.
    pub largest: Option<u8>,
    /// Marks on the gauge: watermarks.
    pub marks: Vec<(AttrValue, u64)>,
}

/// From 10,000 on in groups of three.
#[must_use]
pub fn grouped(number: u64) -> String {
    let plain = number.to_string();
    if plain.len() < 5 {
        return plain;
    }
    let mut out = String::new();
    for (at, digit) in plain.chars().enumerate() {
        if at > 0 && (plain.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// An order, or that there is none.
#[must_use]
pub fn order(order: Option<u8>, lang: Lang) -> String {
    order.map_or_else(|| Msg::NothingFree.text(lang).to_owned(), |order| order.to_string())
}

/// The row.
pub fn row(data: &VitalsData, lang: Lang) -> Html {
    let marks = data.marks.iter().map(|(name, pages)| format!("{name} {}", grouped(*pages)));
    html! {
        <div class="vitals-row" role="group" aria-label={Msg::Figures.text(lang)}>
            <span>
                { Msg::Free.text(lang) }{ " " }
                <b>{ grouped(data.free) }</b>
                { " / " }{ grouped(data.total) }
            </span>
            <span>{ Msg::Largest.text(lang) }{ " " }<b>{ order(data.largest, lang) }</b></span>
            <span>
                if let Some(pcp) = data.pcp {
                    { Msg::KeptByCpus.text(lang) }{ " " }<b>{ grouped(pcp) }</b>
                }
            </span>
            <span class="rare">{ marks.collect::<Vec<_>>().join(" · ") }</span>
        </div>
    }
}

//! The two numbers that clash.

use mm::units::Bytes;
use mm::{Machine, NrPages, Order, Pfn};
use scenario::Lang;

use raster::{Ink, ink_of};

use super::ink::ink_label;

/// A piece of a sentence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Span {
    /// The words.
    pub text: String,
    /// Whether they carry the weight.
    pub strong: bool,
}

impl Span {
    /// Words among others.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Span {
        Span { text: text.into(), strong: false }
    }

    /// Words that carry the weight.
    #[must_use]
    pub fn strong(text: impl Into<String>) -> Span {
        Span { text: text.into(), strong: true }
    }
}

/// How much is free, and how large the largest piece of it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Headline {
    /// Pages on the free lists.
    pub free: NrPages,
    /// Pages that exist.
    pub present: NrPages,
    /// The largest free block.
    pub largest: Option<Order>,
}

impl Headline {
    /// The numbers of a machine.
    #[must_use]
    pub fn of(machine: &Machine) -> Headline {
        let zones = machine.zones();
        let on_lists = |zone: &mm::mmzone::Zone| {
            let nr_free = zone.nr_free();
            Order::all().map(|order| u64::from(nr_free[order.index()]) << order.get()).sum::<u64>()
        };
        Headline {
            free: NrPages(zones.iter().map(on_lists).sum()),
            present: NrPages(zones.iter().map(|zone| zone.present.0).sum()),
            largest: zones.iter().filter_map(|zone| zone.largest_free_order()).max(),
        }
    }

    /// The sentence, its two numbers strong.
    #[must_use]
    pub fn spans(&self, lang: Lang) -> Vec<Span> {
        let (free, present) = (bytes_text(self.free.bytes()), bytes_text(self.present.bytes()));
        let Some(largest) = self.largest else {
            return match lang {
                Lang::En => vec![Span::strong("Nothing"), Span::plain(format!(" of {present} is free"))],
                Lang::Zh => vec![Span::plain(format!("{present} 里")), Span::strong("没有空闲内存")],
            };
        };
        let largest = bytes_text(NrPages(u64::from(largest.pages())).bytes());
        match lang {
            Lang::En => vec![
                Span::plain("Free "),
                Span::strong(free),
                Span::plain(format!(" of {present}, largest piece ")),
                Span::strong(largest),
            ],
            Lang::Zh => vec![
                Span::plain(format!("{present} 里空闲 ")),
                Span::strong(free),
                Span::plain("，最大的一块是 "),
                Span::strong(largest),
            ],
        }
    }

    /// The sentence as text.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        self.spans(lang).into_iter().map(|span| span.text).collect()
    }
}

/// One frame in a sentence: what the data cursor reads out.
#[must_use]
pub fn frame_text(machine: &Machine, pfn: Pfn, lang: Lang) -> String {
    let number = thousands(u64::from(pfn.0));
    let block = machine.block_of(pfn);
    let ink = ink_of(&machine.page(block.map_or(pfn, |block| block.pfn))).unwrap_or(Ink::Unknown);
    match (block, lang) {
        (None, Lang::En) => format!("Frame {number}: {}", ink_label(ink, lang)),
        (None, Lang::Zh) => format!("页框 {number}：{}", ink_label(ink, lang)),
        (Some(block), Lang::En) => {
            format!("Frame {number}: {}, in a block of order {}", ink_label(ink, lang), block.order)
        }
        (Some(block), Lang::Zh) => {
            format!("页框 {number}：{}，在 {} 阶块里", ink_label(ink, lang), block.order)
        }
    }
}

/// An amount with at most one decimal, rounded: `83.1 MiB`, `256 MiB`, `4 KiB`.
#[must_use]
pub fn bytes_text(bytes: Bytes) -> String {
    let mut unit = ["KiB", "MiB", "GiB", "TiB"].into_iter();
    let mut name = unit.next().unwrap_or_default();
    let (mut scale, mut shown) = (1024u64, "B");
    let mut tenths = bytes.0 * 10;
    while tenths >= 10_240 {
        // In tenths, rounded: 1,048,572 KiB is 1 GiB, not 1023.9 MiB.
        tenths = (bytes.0 * 10 + scale / 2) / scale;
        shown = name;
        scale *= 1024;
        name = unit.next().unwrap_or("PiB");
    }
    match tenths % 10 {
        0 => format!("{} {shown}", tenths / 10),
        rest => format!("{}.{rest} {shown}", tenths / 10),
    }
}

/// A number with a comma after every three digits.
#[must_use]
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.char_indices() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

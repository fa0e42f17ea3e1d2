//! Whether a device gets its piece: the sentences of the question, and the misconceptions about it.

use scenario::Lang;

use super::{Ask, Claim};
use crate::narrate::cma::size;
use crate::narrate::{Words, num};

/// How a request to a contiguous area ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CmaEnd {
    /// It gets the first range that the bitmap has room for.
    First,
    /// It gets another one, further on.
    Later,
    /// It gets none.
    Fails,
}

/// A misconception about contiguous areas.
#[allow(missing_docs, reason = "the sentences say it")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CmaMistake {
    GuestsStay,
    AlwaysThere,
    PinnedEndsIt,
    PinsIgnored,
    TriesFurther,
}

pub(super) fn ask(lang: Lang, w: &Words, ask: &Ask) -> String {
    let Ask::CmaEnds { name, count, free } = *ask else { return String::new() };
    let (name, size, count, free) = (w.name(name), size(count), num(count), num(free));
    match lang {
        Lang::En => {
            format!(
                "{name} wants {size} ({count} pages) in one piece; {free} pages of the area are free. Will it?"
            )
        }
        Lang::Zh => format!("{name} 要一整块 {size}（{count} 页），区域里空闲 {free} 页。能成吗？"),
    }
}

pub(super) fn claim(lang: Lang, claim: &Claim) -> String {
    let (en, zh) = match claim {
        Claim::Cma(CmaEnd::First) => ("yes, at the first try", "能，第一次就成"),
        Claim::Cma(CmaEnd::Later) => ("yes, but further on", "能，但要往后挪"),
        Claim::Cma(CmaEnd::Fails) => ("no", "不能"),
        _ => ("", ""),
    };
    lang.pick(en, zh).to_owned()
}

pub(super) fn mistake(lang: Lang, mistake: CmaMistake) -> String {
    let (en, zh) = match mistake {
        CmaMistake::GuestsStay => (
            "“It is full of guests”? They are movable: they leave, and their programs go on.",
            "“里面住满了客人”？客人都可移动：搬走就是，程序照跑。",
        ),
        CmaMistake::AlwaysThere => (
            "“It is set aside for that”? It is lent out: one page that stays spoils the range.",
            "“就是为它留的”？平时借出去了：一页不走，整段作废。",
        ),
        CmaMistake::PinnedEndsIt => (
            "“A pinned page ends it”? It ends this range only: the search goes on a little further.",
            "“有钉住的页就完了”？只是这一段作废，往后再找。",
        ),
        CmaMistake::PinsIgnored => (
            "“Every guest leaves”? Not the one that a device counts on: it is pinned.",
            "“客人都会走”？被钉住的走不了：有设备指望它在原地。",
        ),
        CmaMistake::TriesFurther => (
            "“It goes on until it fits”? There is no further range without a page that stays.",
            "“总能往后挪”？后面每一段都有走不了的页。",
        ),
    };
    lang.pick(en, zh).to_owned()
}

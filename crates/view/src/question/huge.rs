//! What khugepaged makes, what the pool gets, and how huge pages go: the sentences of the questions, and the misconceptions about them.

use mm::Bytes;
use scenario::Lang;

use super::{Ask, Claim};
use crate::narrate::{Words, num};

/// What becomes of 2 MiB of addresses that khugepaged looks at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CollapseEnd {
    /// They become a huge page.
    Made,
    /// They stay as they are: of what is found there.
    Unfit,
    /// They would, and there is no block of 512 frames.
    NoBlock,
}

/// A misconception about huge pages.
#[allow(missing_docs, reason = "the sentences say it")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HugeMistake {
    AllMustBeThere,
    MergedInPlace,
    BlockIsThere,
    LimitsIgnored,
    HugeAlready,
    RssStays,
    RssIsWhole,
    CountHoles,
    AsManyAsWanted,
    PagesAreEnough,
    WhenTouched,
    CountBlocks,
    AlwaysSplit,
    SlotsAnywhere,
    PiecesGoWhole,
    PartsAreFree,
    WholeGoes,
    NothingComesBack,
    CountUnused,
}

pub(super) fn ask(lang: Lang, w: &Words, ask: &Ask) -> String {
    match *ask {
        Ask::Collapses { process, there, none } => {
            let (p, there, none) = (w.name(process), num(there), num(none));
            lang.pick(
                format!(
                    "khugepaged looks at 2 MiB of {p}: {there} pages there, {none} missing. What comes of it?"
                ),
                format!("khugepaged 看 {p} 的 2 MiB：{there} 页在，{none} 页缺。结果会怎样？"),
            )
        }
        Ask::CollapseRss { process, before, there } => {
            let (p, before, there) = (w.name(process), num(before), num(there));
            lang.pick(
                format!(
                    "{there} pages of {p} become a huge page. RSS is {before} pages: how many afterwards?"
                ),
                format!("{p} 的 {there} 页要合成一个大页。RSS 现为 {before} 页，之后是多少页？"),
            )
        }
        Ask::PoolGets { wanted, has, free } => {
            let (wanted, has) = (num(wanted), num(has));
            let free = Bytes(u64::from(free) * 4096).to_string();
            lang.pick(
                format!("The pool has {has} huge pages and is to have {wanted}; {free} are free. How many will it have?"),
                format!("大页池有 {has} 个大页，要 {wanted} 个；空闲内存 {free}。最后会有几个？"),
            )
        }
        Ask::HugeGoes { pfn } => {
            let pfn = num(pfn.0);
            lang.pick(
                format!("The huge page at frame {pfn} is to go to swap. How does it go?"),
                format!("{pfn} 号页框起的大页要去 swap。它怎么走？"),
            )
        }
        Ask::HugeFrees { pfn, used, split } => {
            let (pfn, used) = (num(pfn.0), num(used));
            if split {
                lang.pick(
                    format!("The huge page at frame {pfn} is split; {used} of its 512 frames are in use. How many come back?"),
                    format!("{pfn} 号页框起的大页要拆开，512 个页框用着 {used} 个。归还几个？"),
                )
            } else {
                lang.pick(
                    format!("Of the huge page at frame {pfn} {used} of 512 frames are still in use. How many are free at once?"),
                    format!("{pfn} 号页框起的大页还用着 {used}/512 个页框。现在有几个马上空闲？"),
                )
            }
        }
        _ => String::new(),
    }
}

pub(super) fn claim(lang: Lang, claim: &Claim) -> String {
    let (en, zh) = match claim {
        Claim::Collapse(CollapseEnd::Made) => ("they become a huge page", "合成一个大页"),
        Claim::Collapse(CollapseEnd::Unfit) => ("they stay: they do not fit", "不合并：条件不够"),
        Claim::Collapse(CollapseEnd::NoBlock) => ("they stay: no block is free", "不合并：没有整块"),
        Claim::HugeWhole(true) => ("as a whole", "整个走"),
        Claim::HugeWhole(false) => ("it is split first", "先拆开"),
        _ => ("", ""),
    };
    lang.pick(en, zh).to_owned()
}

pub(super) fn mistake(lang: Lang, mistake: HugeMistake) -> String {
    let (en, zh) = match mistake {
        HugeMistake::AllMustBeThere => (
            "“All 512 have to be there”? Up to max_ptes_none may be missing: 511, unless said otherwise.",
            "“512 页都得在”？可以缺 max_ptes_none 页：不另说就是 511。",
        ),
        HugeMistake::MergedInPlace => (
            "“They only move together”? They are copied: 512 other frames in one piece are needed first.",
            "“就地合并”？是复制：先要有另外 512 个连着的页框。",
        ),
        HugeMistake::BlockIsThere => (
            "“There is no block”? One is free, or compaction makes one: khugepaged may wait for it.",
            "“没有整块”？有空闲的，或者规整出一块：khugepaged 等得起。",
        ),
        HugeMistake::LimitsIgnored => (
            "“Whatever is there will do”? Not beyond the limits: missing, swapped out, shared, or never written.",
            "“有什么都行”？有限度：缺的、换出的、共用的不能太多，还得能写。",
        ),
        HugeMistake::HugeAlready => (
            "“It makes one of them”? What is a huge page already is left alone.",
            "“再合成一个”？已经是大页的就不动了。",
        ),
        HugeMistake::RssStays => (
            "“The same pages, the same RSS”? What was missing is there now as well, filled with zeros.",
            "“页还是那些，RSS 不变”？缺的那些现在也有了，填的是零。",
        ),
        HugeMistake::RssIsWhole => (
            "“512 more”? Those that were there are counted already; only what was missing is new.",
            "“再加 512 页”？原有的早算过了，只多出缺的那些。",
        ),
        HugeMistake::CountHoles => (
            "Add what was missing of the 512: a huge page is there as a whole.",
            "加上 512 页里缺的：大页是整个都在的。",
        ),
        HugeMistake::AsManyAsWanted => (
            "“As many as were asked for”? As many as there are blocks of 512 frames; no error tells.",
            "“要几个给几个”？有几块连着的 512 页框才给几个，也不报错。",
        ),
        HugeMistake::PagesAreEnough => (
            "“2 MiB of free pages make one”? Only where they lie side by side.",
            "“凑够 2 MiB 就行”？得连在一起才行。",
        ),
        HugeMistake::WhenTouched => (
            "“They come when they are touched”? The pool takes them at once, whether anybody needs them or not.",
            "“碰到才来”？大页池马上就拿走，不管有没有人用。",
        ),
        HugeMistake::AlwaysSplit => (
            "“In small pages, always”? With 512 free slots side by side it is written as a whole.",
            "“总是拆成小页走”？有连着的 512 个空槽，就整个写出去。",
        ),
        HugeMistake::SlotsAnywhere => (
            "“As a whole”? That takes 512 free slots side by side, a whole cluster; there is none.",
            "“整个走”？那要连着的 512 个空槽，也就是一整簇；现在没有。",
        ),
        HugeMistake::PiecesGoWhole => (
            "“As a whole”? No entry leads to all of it: it is split, so that what nobody has is not written.",
            "“整个走”？没有一项指向整个大页：先拆开，没人用的就不用写。",
        ),
        HugeMistake::PartsAreFree => (
            "“The rest is free”? It is one block of 512: until it is split, all of it is in use.",
            "“剩下的就空闲”？它是 512 个页框的一整块：拆开之前，整块都算在用。",
        ),
        HugeMistake::WholeGoes => (
            "“All 512”? Those that are in use stay where they are, as pages of 4 KiB.",
            "“512 个都走”？在用的原地不动，成为 4 KiB 的页。",
        ),
        HugeMistake::NothingComesBack => (
            "“None”? Once it is split, each frame is given back by itself: those that nobody has.",
            "“一个也没有”？拆开之后每个页框单独归还：没人用的都还。",
        ),
        HugeMistake::CountUnused => ("512 less those that are in use.", "512 减去在用的。"),
        HugeMistake::CountBlocks => (
            "Count the blocks of 512 frames that are free, or become so.",
            "数一数有几块连着的 512 个页框空闲，或者能腾出来。",
        ),
    };
    lang.pick(en, zh).to_owned()
}

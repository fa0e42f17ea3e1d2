//! What questions about reclaim say: the misconceptions, and the sentences in both languages.

use scenario::Lang;

use super::{Ask, Claim};
use crate::narrate::{Words, num};

/// What becomes of a page that reclaim looks at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PageFate {
    /// It is free at once.
    Free,
    /// Back to the head of its list.
    Head,
    /// It becomes active.
    Active,
    /// It is written, and goes when that is done.
    Written,
    /// It stays until the flusher has written it.
    Flusher,
}

/// A misconception about reclaim.
#[allow(missing_docs, reason = "the sentences say it")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReclaimMistake {
    OldestGoes,
    FreeAtOnce,
    DirtyIsLost,
    AnyUse,
    FinderWrites,
    CleanIsWritten,
    MappedStays,
    StopsAtLow,
    StopsAtMin,
    NeverStops,
    ObjectsGiveBytes,
    AllSlabsGo,
    NoSlabGoes,
    CountSlabs,
}

/// A question; nothing for one about something else.
pub(super) fn ask(lang: Lang, w: &Words, ask: &Ask) -> String {
    match *ask {
        Ask::PageFate { pfn, is_file } => {
            let (pfn, en, zh) = (
                num(pfn.0),
                if is_file { "a file" } else { "a process" },
                if is_file { "文件" } else { "进程" },
            );
            lang.pick(
                format!("Frame {pfn}, a page of {en}, is in the scanner's hands. What becomes of it?"),
                format!("{pfn} 号页框是{zh}的页，正在扫描者手里。它会怎样？"),
            )
        }
        Ask::ShrinkGives { cache, scan, slabs } => {
            let (cache, scan, slabs) = (w.name(cache), num(scan), num(slabs));
            lang.pick(
                format!(
                    "Up to {scan} unused objects of {cache}, in {slabs} slabs, go. How many pages come back?"
                ),
                format!("{cache} 在 {slabs} 个 slab 里，最多走 {scan} 个没人用的对象。收回几页？"),
            )
        }
        Ask::KswapdGoesOn { zone, free, marks: [min, low, high] } => {
            let (zone, free) = (w.zone(zone), num(free));
            let marks = [min, low, high].map(num).join("/");
            lang.pick(
                format!("{free} pages of zone {zone} are free; min/low/high are {marks}. Does kswapd go on?"),
                format!("{zone} 区空闲 {free} 页，min/low/high 是 {marks}。kswapd 还接着干吗？"),
            )
        }
        _ => String::new(),
    }
}

/// An answer; nothing for one about something else.
pub(super) fn claim(lang: Lang, claim: &Claim) -> String {
    let (en, zh) = match *claim {
        Claim::PageFate(fate) => match fate {
            PageFate::Free => ("it is free at once", "马上空闲"),
            PageFate::Head => ("back to the head of its list", "回到链表头"),
            PageFate::Active => ("it becomes active", "转为活跃"),
            PageFate::Written => ("written first, free later", "先写出去，以后再空闲"),
            PageFate::Flusher => ("it waits for the flusher", "等刷写线程来写"),
        },
        Claim::Kswapd(true) => ("it goes on", "接着干"),
        Claim::Kswapd(false) => ("it can stop", "可以停了"),
        _ => ("", ""),
    };
    lang.pick(en, zh).to_owned()
}

/// The sentence that names a misconception and corrects it.
pub(super) fn mistake(lang: Lang, mistake: ReclaimMistake) -> String {
    use ReclaimMistake as M;
    let (en, zh) = match mistake {
        M::OldestGoes => (
            "“The oldest goes”? If it was used since the last look, it gets another chance.",
            "“最老的先走”？上次看过之后用过的，还有一次机会。",
        ),
        M::FreeAtOnce => (
            "“Free at once”? What is in it has to be on the disk first: the frame is free after that.",
            "“马上空闲”？内容先得写到磁盘，页框之后才空闲。",
        ),
        M::DirtyIsLost => (
            "“Just throw it away”? It is dirty: the disk does not have what is in it.",
            "“丢掉就行”？它是脏的：磁盘上没有它的内容。",
        ),
        M::AnyUse => (
            "“Used, so active”? One use is not enough: the mark, then a second use.",
            "“用过就活跃”？一次不够：先做标记，再用一次才行。",
        ),
        M::FinderWrites => (
            "“Whoever finds it writes it”? Files are the flusher's: it writes many pages in order.",
            "“谁碰到谁写”？文件由刷写线程写：它一次按顺序写很多页。",
        ),
        M::CleanIsWritten => (
            "“Write it first”? It is clean: the file on the disk has the same bytes.",
            "“先写出去”？它是干净的：磁盘上的文件里内容一样。",
        ),
        M::MappedStays => (
            "“Mapped pages stay”? Their entries are taken away: the next access faults.",
            "“映射着的不会走”？页表项可以清掉，下次访问再缺页。",
        ),
        M::StopsAtLow => (
            "“Low is enough”? Low wakes it; it works until a zone is above high.",
            "“到 low 就够”？低于 low 叫醒它；它要干到高于 high。",
        ),
        M::StopsAtMin => (
            "“Min is enough”? Below min tasks wait themselves; kswapd works up to high.",
            "“到 min 就够”？低于 min 任务自己等；kswapd 要干到 high。",
        ),
        M::ObjectsGiveBytes => (
            "“What they took”? Pages come back slab by slab: one object in use holds its slab.",
            "“占多少还多少”？内存按 slab 还，一个在用的对象就占住整个 slab。",
        ),
        M::AllSlabsGo => (
            "“All slabs go”? Some have an object in use, and of empty ones SLUB keeps a few.",
            "“slab 全走”？有的里面还有对象在用，空的 SLUB 也留几个。",
        ),
        M::NoSlabGoes => (
            "“None”? Slabs whose last object goes can go back as well.",
            "“一页也没有”？最后一个对象走了，slab 就能还。",
        ),
        M::CountSlabs => (
            "Count the slabs in which nothing stays in use, less those that SLUB keeps.",
            "数一数没有对象在用的 slab，再减去 SLUB 留下的。",
        ),
        M::NeverStops => (
            "“It empties the cache”? Above high it stops: what is cached may still be of use.",
            "“它会清空缓存”？高于 high 就停：缓存也许还有用。",
        ),
    };
    lang.pick(en, zh).to_owned()
}

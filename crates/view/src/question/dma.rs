//! Where a device gets its memory from: the sentences of the question, and the misconceptions about it.

use scenario::Lang;

use super::{Ask, Claim};
use crate::narrate::Words;
use crate::narrate::cma::size;

/// Where a buffer comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DmaEnd {
    /// The device's own pool.
    Pool,
    /// Pages wherever they are, behind its IOMMU.
    Iommu,
    /// A contiguous area.
    Cma,
    /// The buddy system.
    Buddy,
    /// Nowhere: it is not had.
    Nothing,
}

/// A misconception about memory for devices.
#[allow(missing_docs, reason = "the sentences say it")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DmaMistake {
    OwnComesFirst,
    ReservedIsThere,
    NeedNotLieTogether,
    AreaComesFirst,
    GuestsLeave,
    CannotWait,
    HasNone,
    BlockIsThere,
    PoolIsAll,
    NoRun,
    FreeButScattered,
}

pub(super) fn ask(lang: Lang, w: &Words, ask: &Ask) -> String {
    let Ask::DmaEnds { name, device, pages, atomic } = *ask else { return String::new() };
    let (name, device, size) = (w.name(name), w.name(device), size(pages));
    match (lang, atomic) {
        (Lang::En, false) => format!("{device} wants {size} for {name}. Where does it come from?"),
        (Lang::En, true) => {
            format!("{device} wants {size} for {name}, and cannot wait. Where does it come from?")
        }
        (Lang::Zh, false) => format!("{device} 为 {name} 要 {size}。从哪里来？"),
        (Lang::Zh, true) => format!("{device} 为 {name} 要 {size}，不能等。从哪里来？"),
    }
}

pub(super) fn claim(lang: Lang, claim: &Claim) -> String {
    let (en, zh) = match claim {
        Claim::Dma(DmaEnd::Pool) => ("from its own pool", "自己的池"),
        Claim::Dma(DmaEnd::Iommu) => ("from anywhere: its IOMMU", "哪里都行：有 IOMMU"),
        Claim::Dma(DmaEnd::Cma) => ("from a contiguous area", "连续内存区"),
        Claim::Dma(DmaEnd::Buddy) => ("from the buddy system", "伙伴系统"),
        Claim::Dma(DmaEnd::Nothing) => ("from nowhere: it fails", "哪里也没有：失败"),
        _ => ("", ""),
    };
    lang.pick(en, zh).to_owned()
}

pub(super) fn mistake(lang: Lang, mistake: DmaMistake) -> String {
    use DmaMistake as M;
    let (en, zh) = match mistake {
        M::OwnComesFirst => (
            "“Where everybody gets it”? A device with a pool of its own gets all from there.",
            "“和大家一样去要”？有自己的池的设备只用池。",
        ),
        M::ReservedIsThere => (
            "“Memory is too scattered”? The pool was set aside at boot, before anything was scattered.",
            "“内存太散”？池是启动时留的，那时还没散。",
        ),
        M::NeedNotLieTogether => (
            "“It has to be one piece”? Only for the device: its IOMMU leads each page to some frame.",
            "“必须是一整块”？只是设备看起来如此：IOMMU 把每一页引到某个页框。",
        ),
        M::AreaComesFirst => (
            "“A free block will do”? More than a page, and time to wait: the area is asked first.",
            "“拿个空闲块就行”？不止一页又能等，先问连续内存区。",
        ),
        M::GuestsLeave => (
            "“No such piece is free”? The guests of the area leave, and then it is.",
            "“没有这么大的空闲块”？客人一搬走就有了。",
        ),
        M::CannotWait => (
            "“From the area”? Until its guests have left takes time, and this caller cannot wait.",
            "“从连续内存区”？等客人搬走要时间，它不能等。",
        ),
        M::HasNone => ("“From there”? This device has nothing of the kind.", "“从那里来”？这个设备没有这样的东西。"),
        M::BlockIsThere => (
            "“It fails”? In a zone that it reaches there is a block that is large enough.",
            "“会失败”？它够得着的区里有够大的块。",
        ),
        M::PoolIsAll => (
            "“Then others help out”? Whoever has a pool gets nothing from elsewhere.",
            "“那就去别处”？有池的设备不会去别处要。",
        ),
        M::NoRun => (
            "“The pool has it”? Not so many free pages in a row, from a multiple of that on.",
            "“池里有”？没有这么多连着的空闲页，还要对齐。",
        ),
        M::FreeButScattered => (
            "“Enough is free”? Perhaps, but not in one block: and nobody else is left to ask.",
            "“空闲够多”？也许，可不在一块里；也没有别人可问了。",
        ),
    };
    lang.pick(en, zh).to_owned()
}

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

/// Where a device finds what is lent to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LendEnd {
    /// Where it lies.
    Direct,
    /// In a copy, low in memory.
    Copy,
    /// Behind its IOMMU.
    Iommu,
    /// Nowhere: it is refused.
    Refused,
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
    WithinReach,
    OutOfReach,
    TranslatedAnyway,
    NeverRefused,
    NoTranslation,
    SeenAtOnce,
    OldIsKept,
}

pub(super) fn ask(lang: Lang, w: &Words, ask: &Ask) -> String {
    match *ask {
        Ask::Lends { what, device, last, mask } => {
            let (what, device) = (w.name(what), w.name(device));
            return match lang {
                Lang::En => format!(
                    "{what}, which ends at {last:#x}, is to be lent to {device} with {mask} bits. Where does it find it?"
                ),
                Lang::Zh => format!("{what} 到 {last:#x} 为止，要借给 {mask} 位的 {device}。它在哪里找到？"),
            };
        }
        Ask::Sees { who, what, newest } => {
            let what = w.name(what);
            let (en, zh) = match who {
                Some(device) => (w.name(device).into_owned(), w.name(device).into_owned()),
                None => ("The CPU".to_owned(), "CPU".to_owned()),
            };
            return match lang {
                Lang::En => format!("{en} reads {what}; the newest is version {newest}. What does it see?"),
                Lang::Zh => format!("{zh} 读 {what}，最新的是第 {newest} 版。它看到什么？"),
            };
        }
        _ => {}
    }
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
        Claim::Dma(DmaEnd::Pool) => ("from a pool kept at boot", "启动时留的池"),
        Claim::Dma(DmaEnd::Iommu) => ("from anywhere: its IOMMU", "哪里都行：有 IOMMU"),
        Claim::Dma(DmaEnd::Cma) => ("from a contiguous area", "连续内存区"),
        Claim::Dma(DmaEnd::Buddy) => ("from the buddy system", "伙伴系统"),
        Claim::Dma(DmaEnd::Nothing) => ("from nowhere: it fails", "哪里也没有：失败"),
        Claim::Lends(LendEnd::Direct) => ("where it lies", "就在原处"),
        Claim::Lends(LendEnd::Copy) => ("in a copy, lower down", "低处的副本"),
        Claim::Lends(LendEnd::Iommu) => ("behind its IOMMU", "经过 IOMMU"),
        Claim::Lends(LendEnd::Refused) => ("nowhere: it is refused", "找不到：被拒绝"),
        Claim::Version(value) => {
            return lang.pick(format!("version {value}"), format!("第 {value} 版"));
        }
        _ => ("", ""),
    };
    lang.pick(en, zh).to_owned()
}

pub(super) fn mistake(lang: Lang, mistake: DmaMistake) -> String {
    use DmaMistake as M;
    let (en, zh) = match mistake {
        M::OwnComesFirst => (
            "“Where everybody gets it”? A device that has a pool gets all from there.",
            "“和大家一样去要”？有池的设备只用池。",
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
        M::HasNone => {
            ("“From there”? This device has nothing of the kind.", "“从那里来”？这个设备没有这样的东西。")
        }
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
        M::WithinReach => (
            "“A copy is needed”? Its last byte is within reach of the device's bits: it stays where it is.",
            "“要副本”？最后一个字节它的位数够得着：就用原处。",
        ),
        M::OutOfReach => (
            "“Where it lies”? Its last byte is above what the device's bits can say.",
            "“就在原处”？最后一个字节超出了它的位数。",
        ),
        M::TranslatedAnyway => (
            "“By its physical address”? The IOMMU gives it an address of its own, within its reach.",
            "“用物理地址”？IOMMU 给它另外的地址，够得着。",
        ),
        M::NeverRefused => (
            "“A copy will do”? For a copy there have to be free slots, and within its reach.",
            "“放份副本就行”？得有空闲的槽，而且它够得着。",
        ),
        M::NoTranslation => ("“Behind an IOMMU”? This device has none.", "“经过 IOMMU”？这个设备没有。"),
        M::SeenAtOnce => (
            "“The newest, of course”? It lies elsewhere until somebody syncs.",
            "“当然是最新的”？同步之前它在别处。",
        ),
        M::OldIsKept => (
            "“What it read before”? Nothing of that is kept: what lies there now is the newest.",
            "“上次读到的”？没有留着：现在那里是最新的。",
        ),
    };
    lang.pick(en, zh).to_owned()
}

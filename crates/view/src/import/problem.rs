//! What is wrong with what was brought, and what to do about it, in both languages.

use kernel_io::trace::TraceErrorKind;
use kernel_io::{Bound, Missing, ReadErrorKind};
use scenario::{Lang, MAX_TEXT};

use super::MAX_BYTES;
use crate::narrate::num;

/// One thing that is wrong, and where.
#[derive(Clone, PartialEq, Debug)]
pub struct Problem {
    /// The file; empty: what was pasted.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1; 0: it is the line as a whole.
    pub column: u32,
    /// What.
    pub wrong: Wrong,
}

/// What is wrong.
#[derive(Clone, PartialEq, Debug)]
pub enum Wrong {
    /// A mistake in a text of a kernel.
    Read(ReadErrorKind),
    /// A mistake in a scenario, or in a row of `/proc/buddyinfo`.
    Scenario(Box<scenario::Diagnostic>),
    /// A line that is no row of `/proc/buddyinfo`.
    NoRow(String),
    /// So many more mistakes.
    More(u32),
    /// A trace, and nobody says what was free when it began.
    NoLists,
    /// A trace without any event of the page allocator.
    NothingToReplay,
    /// No machine can start so.
    Boot(String),
    /// More bytes than are read.
    TooLarge {
        /// So many.
        bytes: u64,
    },
    /// The free lists alone are longer than a scenario can be.
    ListsTooLong {
        /// So many bytes.
        bytes: u64,
    },
    /// `/proc/pagetypeinfo` stops counting somewhere.
    Uncounted,
    /// `/proc/zoneinfo` does not count by order.
    OnlyZoneInfo,
}

impl Problem {
    /// Where it is: `board.dts:3:7`, `3`.
    #[must_use]
    pub fn place(&self) -> String {
        let file = if self.file.is_empty() { String::new() } else { format!("{}:", self.file) };
        match self.column {
            0 => format!("{file}{}", self.line),
            column => format!("{file}{}:{column}", self.line),
        }
    }

    /// Whether nothing can come of it; else it is only to be known.
    #[must_use]
    pub fn is_error(&self) -> bool {
        !matches!(self.wrong, Wrong::Uncounted | Wrong::NoRow(_) | Wrong::More(_))
    }

    /// What is wrong.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match &self.wrong {
            Wrong::Read(kind) => match lang {
                Lang::En => kind.to_string(),
                Lang::Zh => read_zh(kind),
            },
            Wrong::Scenario(diagnostic) => diagnostic.message(lang),
            Wrong::NoRow(line) => lang.pick(
                format!("not a row of /proc/buddyinfo: “{line}”"),
                format!("不是 /proc/buddyinfo 的一行：“{line}”"),
            ),
            Wrong::More(more) => lang.pick(
                format!("{} more lines that are no events", num(*more)),
                format!("还有 {} 行不是事件", num(*more)),
            ),
            Wrong::NoLists => lang.pick(
                "a trace alone does not say which frames were free when it began".into(),
                "只有跟踪记录，不知道开始时哪些页框空闲".into(),
            ),
            Wrong::NothingToReplay => lang.pick(
                "no event of the page allocator in the trace".into(),
                "跟踪记录里没有页分配器的事件".into(),
            ),
            Wrong::Boot(why) => lang
                .pick(format!("no machine can start like this: {why}"), format!("这样的机器无法启动：{why}")),
            Wrong::TooLarge { bytes } => lang.pick(
                format!("{} bytes; at most {} are read here", num(*bytes), num(MAX_BYTES as u64)),
                format!("共 {} 字节，这里最多读 {} 字节", num(*bytes), num(MAX_BYTES as u64)),
            ),
            Wrong::ListsTooLong { bytes } => lang.pick(
                format!(
                    "the free lists take {} bytes; a scenario has at most {}",
                    num(*bytes),
                    num(MAX_TEXT as u64)
                ),
                format!("空闲链表要 {} 字节，一个场景最多 {} 字节", num(*bytes), num(MAX_TEXT as u64)),
            ),
            Wrong::Uncounted => lang.pick(
                "the kernel stopped counting here (`>100000`): taken as 0".into(),
                "内核在这里不再数下去（`>100000`），按 0 处理".into(),
            ),
            Wrong::OnlyZoneInfo => lang.pick(
                "/proc/zoneinfo does not say how many blocks of which order are free".into(),
                "/proc/zoneinfo 没有各阶空闲块的数目".into(),
            ),
        }
    }

    /// What to do.
    #[must_use]
    pub fn hint(&self, lang: Lang) -> Option<String> {
        let hint = match &self.wrong {
            Wrong::Scenario(diagnostic) => return diagnostic.hint(lang),
            Wrong::NoLists => lang.pick(
                "Add the dump of the free lists (`Z node=0 …`) made at that moment. /proc/buddyinfo only counts blocks: it opens without the trace.",
                "请加上那一刻的空闲链表转储（`Z node=0 …`）。/proc/buddyinfo 只有块数，只能单独打开。",
            ),
            Wrong::NothingToReplay => lang.pick(
                "Record kmem:mm_page_alloc, mm_page_free, mm_page_alloc_zone_locked, mm_page_pcpu_drain and mm_page_alloc_extfrag.",
                "请记录 kmem:mm_page_alloc、mm_page_free、mm_page_alloc_zone_locked、mm_page_pcpu_drain 和 mm_page_alloc_extfrag。",
            ),
            Wrong::TooLarge { .. } => lang.pick(
                "`mmscope replay` on the command line reads up to 5,000,000 events.",
                "命令行的 `mmscope replay` 最多可读 5,000,000 个事件。",
            ),
            Wrong::ListsTooLong { .. } => {
                lang.pick("`mmscope replay` has no such bound.", "命令行的 `mmscope replay` 没有这个限制。")
            }
            Wrong::OnlyZoneInfo => lang.pick("Add /proc/buddyinfo.", "请加上 /proc/buddyinfo。"),
            Wrong::NoRow(_) => lang.pick("It is left out.", "已略过。"),
            Wrong::Read(ReadErrorKind::CutOff) => {
                lang.pick("Make the dump again with a larger buffer.", "请用更大的缓冲区重新转储。")
            }
            Wrong::Read(ReadErrorKind::Trace(TraceErrorKind::UnknownForm)) => lang.pick(
                "Events of the kernel's trace file, of `trace-cmd report` or of `perf script`.",
                "可用内核的 trace 文件、`trace-cmd report` 或 `perf script` 的输出。",
            ),
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

/// The same as the English of [`kernel_io::ReadErrorKind`].
fn read_zh(kind: &ReadErrorKind) -> String {
    use ReadErrorKind as K;
    match kind {
        K::UnknownFormat => {
            "既不像 /proc/buddyinfo（`Node 0, zone …`），也不像空闲链表转储（`Z node=0 …`）".into()
        }
        K::Empty(format) => format!("这里没有 {} 的内容", format.describe()),
        K::NotALine(format, word) => format!("应为 {} 的一行，实际是 `{word}`", format.describe()),
        K::Expected(what) => format!("缺少{}", missing_zh(*what)),
        K::NotANumber(word) => format!("应为数字，实际是 `{word}`"),
        K::UnknownZone(word) => format!("没有名为 `{word}` 的区：DMA、DMA32、Normal、HighMem 或 Movable"),
        K::SecondNode(node) => format!("节点 {node}：目前只支持一个节点，请只留节点 0 的行"),
        K::ZoneTwice(zone) => format!("{} 区已经出现过", zone.name()),
        K::ZonesOutOfOrder(zone) => format!("{} 区不在前一个区之上", zone.name()),
        K::Beyond(Bound::Frames, frames) => {
            format!("共 {frames} 个页框，最多 {} 个", mm::limits::MAX_FRAMES_IMPORTED)
        }
        K::Beyond(Bound::FrameNumber, pfn) => {
            format!("页框 {pfn:#x} 太大，应小于 {:#x}", 2 * u64::from(mm::limits::MAX_FRAMES_IMPORTED))
        }
        K::Beyond(Bound::TooFewFrames, frames) => {
            format!("共 {frames} 个页框，至少要 {} 个", mm::limits::MIN_FRAMES)
        }
        K::Beyond(Bound::Node, node) => format!("节点号 {node} 太大"),
        K::OrderTooLarge(order) => format!("有 {order} 阶的空闲块，最高是 {} 阶", mm::Order::MAX),
        K::UnknownMigrateType(word) => format!(
            "没有编号为 `{word}` 的迁移类型：0 Unmovable、1 Movable、2 Reclaimable、3 HighAtomic、4 CMA、5 Isolate"
        ),
        K::NoZoneYet => "前面还没有 `Z` 行".into(),
        K::PageblocksTwice => "这个区已有 pageblock 类型".into(),
        K::TooManyPageblocks { most } => format!("这个区只有 {most} 个 pageblock"),
        K::ListTwice => "这个链表已经出现过".into(),
        K::CpuTwice(cpu) => format!("CPU {cpu} 的数字已经出现过"),
        K::TooManyPages(key) => format!("{key} 页数太多：managed ≤ present ≤ spanned"),
        K::NoRoomFor(what) => format!("空闲页太多，放不下所说的 {what}"),
        K::EndsInHole(zone) => format!("{} 区以空洞结尾，而机器最后一个页框应是内存", zone.name()),
        K::NotAligned(block) => {
            format!(
                "页框 {:#x} 不是 {} 的倍数，不能是 {} 阶块的开头",
                block.pfn.0,
                block.order.pages(),
                block.order
            )
        }
        K::OutsideZone(block) => format!("页框 {:#x} 处的 {} 阶块超出了它的区", block.pfn.0, block.order),
        K::InHole(block) => format!("页框 {:#x} 处的 {} 阶块在空洞里", block.pfn.0, block.order),
        K::Overlap(pfn) => format!("页框 {:#x} 也在另一个链表上", pfn.0),
        K::UnknownPcpList(word) => format!("没有编号为 `{word}` 的每 CPU 链表：0 到 13"),
        K::CutOff => "转储被截断：缓冲区太小".into(),
        K::RangesOutOfOrder => "区间应不为空，且在前一个之上".into(),
        K::AnotherTotal { said, counted } => {
            format!("文中说空闲 {said} 个页框，区间合计 {counted} 个：是否缺了一段？")
        }
        K::UnknownGfp(word) => format!("没有名为 `{word}` 的 gfp 标志"),
        K::FieldTwice(field) => format!("`{field}` 已经出现过"),
        K::Trace(kind) => trace_zh(kind),
        K::UnknownVersion(word) => format!("文件版本 {word}：只读 2.0 和 2.1"),
    }
}

fn missing_zh(what: Missing) -> String {
    match what {
        Missing::Node => "节点号，如 `Node 0, zone DMA`".into(),
        Missing::ZoneWord => "`zone`，如 `Node 0, zone DMA`".into(),
        Missing::ZoneName => "区名：DMA、DMA32、Normal、HighMem 或 Movable".into(),
        Missing::Counts => "各阶空闲块数，从 0 阶起".into(),
        Missing::Key(key) => format!("区那一行里的 `{key}=…`"),
        Missing::Order => "链表的阶，0 到 10".into(),
        Missing::MigrateType => "迁移类型的编号，0 到 5".into(),
        Missing::Colon => "`:` 和链表上的页框".into(),
        Missing::PageblockTypes => "每个 pageblock 一个数字或 `-`".into(),
        Missing::Cpu => "`cpu=…`".into(),
        Missing::Ranges => "页框区间，如 `100 1000`".into(),
        Missing::RangeEnd => "区间之后的页框，十六进制".into(),
        Missing::Number => "一个数字".into(),
        Missing::Field(field) => format!("这个区的 `{field}`"),
        Missing::Word(word) => format!("`{word}`"),
        Missing::Column(column) => format!("`{column}` 的数字"),
    }
}

fn trace_zh(kind: &TraceErrorKind) -> String {
    use TraceErrorKind as K;
    match kind {
        K::UnknownForm => "没有一行是跟踪事件".into(),
        K::NotAnEvent(_, found) if found.is_empty() => "这一行不是跟踪事件".into(),
        K::NotAnEvent(_, found) => format!("这一行不是跟踪事件：`{found}`"),
        K::NotATime(found) => format!("应为以秒计的时间，实际是 `{found}`"),
        K::NotACpu(found) => format!("应为 CPU 号，实际是 `{found}`"),
        K::NotATask(found) => format!("应为任务名和进程号，实际是 `{found}`"),
        K::MissingField(key) => format!("事件里缺少 `{key}`"),
        K::NotANumber(key, found) => format!("`{key}` 应为数字，实际是 `{found}`"),
        K::UnknownGfp(found) => format!("没有名为 `{found}` 的 gfp 标志"),
        K::UnknownZone(found) => format!("没有名为 `{found}` 的区"),
        K::OrderTooLarge(order) => format!("{order} 阶的块：最高是 {} 阶", mm::Order::MAX),
        K::TooManyEvents => {
            format!("超过 {} 个事件，其余的不读", num(u64::from(kernel_io::trace::MAX_EVENTS)))
        }
    }
}

//! What is said of malloc, in both languages: what lies between a program and the kernel.

use mm::Bytes;
use mm::process::{Cell, Place, Window};
use mm::step::MallocStep;

use super::super::en::count;
use super::super::told;
use super::{Told, Words, hex, num, pick};

/// `112 bytes`, `131 KiB` where it is much.
fn size(bytes: u64) -> String {
    if bytes < 10_000 { count(bytes, "byte", "bytes") } else { Bytes(bytes).to_string() }
}

fn size_zh(bytes: u64) -> String {
    if bytes < 10_000 { format!("{} 字节", num(bytes)) } else { format!("{} ", Bytes(bytes)) }
}

/// What lies in memory: `16 bytes of malloc's own, then 84 × 0x41`.
pub(in crate::narrate) fn holds(window: &Window) -> String {
    let one = |(length, cell): &(u64, Cell)| match cell {
        Cell::Byte(byte) => format!("{} × {byte:#04x}", num(*length)),
        Cell::Libc => format!("{} of malloc's own", num(*length)),
        Cell::File => format!("{} of the file", num(*length)),
        Cell::FreePointer => format!("{} of SLUB's own", num(*length)),
        Cell::Unsaid => format!("{} unknown", num(*length)),
    };
    let mut runs: Vec<String> = window.runs().iter().take(2).map(one).collect();
    if window.goes_on || window.runs().len() > 2 {
        runs.push("…".into());
    }
    if runs.is_empty() { "nothing".into() } else { runs.join(", ") }
}

pub(in crate::narrate) fn holds_zh(window: &Window) -> String {
    let one = |(length, cell): &(u64, Cell)| match cell {
        Cell::Byte(byte) => format!("{} × {byte:#04x}", num(*length)),
        Cell::Libc => format!("malloc {} 字节", num(*length)),
        Cell::File => format!("文件 {} 字节", num(*length)),
        Cell::FreePointer => format!("SLUB 指针 {} 字节", num(*length)),
        Cell::Unsaid => format!("未知 {} 字节", num(*length)),
    };
    let mut runs: Vec<String> = window.runs().iter().take(2).map(one).collect();
    if window.goes_on || window.runs().len() > 2 {
        runs.push("…".into());
    }
    if runs.is_empty() { "没有内容".into() } else { runs.join("，") }
}

/// Whether somebody's bytes are still there.
fn is_old(window: &Window) -> bool {
    window.runs().iter().any(|(_, cell)| matches!(cell, Cell::Byte(1..)))
}

fn place(of: Place) -> &'static str {
    match of {
        Place::Tcache => "the tcache",
        Place::Fast => "a fastbin",
        Place::Unsorted => "the unsorted bin",
        Place::Small => "a small bin",
        Place::Large => "a large bin",
        Place::Top => "the top of the heap",
        Place::Mapping => "an area of its own",
    }
}

fn place_zh(of: Place) -> &'static str {
    match of {
        Place::Tcache => "tcache",
        Place::Fast => "fastbin",
        Place::Unsorted => "unsorted bin",
        Place::Small => "small bin",
        Place::Large => "large bin",
        Place::Top => "top",
        Place::Mapping => "mmap",
    }
}

/// In English.
pub(super) fn en(w: &Words, p: &str, step: &MallocStep) -> Told {
    match *step {
        MallocStep::Wants { bytes, size: chunk, zero } => {
            let (what, chunk) = (size(bytes), size(chunk));
            let zeros = if zero { "zeroed " } else { "" };
            let why = pick(
                w,
                "8 bytes for its size are added; it is a multiple of 16, and 32 at least.",
                "8 bytes for its size, rounded up to 16.",
            );
            told(
                (format!("{p} asks malloc for {zeros}{what}: a chunk of {chunk}."), why),
                (format!("Look for {zeros}{what} for {p}: a chunk of {chunk}."), why),
                format!("{p} wants a chunk of {chunk}"),
            )
        }
        MallocStep::Own { at, size: chunk } => {
            let (at, chunk) = (hex(at), size(chunk));
            let why = pick(
                w,
                "The lists of the thread's own, the tcache, begin there.",
                "The heads of the tcache lie there.",
            );
            told(
                (format!("malloc took the first {chunk} of the heap for itself, at {at}."), why),
                (format!("Take the first {chunk} of the heap, at {at}, for malloc itself."), why),
                format!("malloc takes {chunk} for itself"),
            )
        }
        MallocStep::Emptied { chunks } => {
            let chunks = count(u64::from(chunks), "chunk", "chunks");
            let why = "What lay there apart is joined with its free neighbours now.";
            told(
                (format!("malloc emptied its fastbins: {chunks}."), why),
                (format!("Empty the fastbins: {chunks}."), why),
                format!("the fastbins are emptied: {chunks}"),
            )
        }
        MallocStep::Sorted { chunks } => {
            let chunks = count(u64::from(chunks), "chunk", "chunks");
            let why = pick(
                w,
                "Freed lately, they did not fit; in bins they lie by size.",
                "In bins they lie by size.",
            );
            told(
                (format!("malloc put {chunks} from the unsorted bin into bins of their size."), why),
                (format!("Put {chunks} from the unsorted bin into bins of their size."), why),
                format!("{chunks} are sorted into bins"),
            )
        }
        MallocStep::Found { at, size: chunk, from, rest } => {
            let (at, chunk, of) = (hex(at), size(chunk), place(from));
            let why = match (from, rest) {
                (Place::Top, rest) => {
                    format!("{} are left of it. The kernel hears nothing of this.", size(rest))
                }
                (_, 0) => "No system call: the kernel hears nothing of this.".into(),
                (_, rest) => format!("It was larger: the other {} stay free.", size(rest)),
            };
            told(
                (format!("malloc took the chunk at {at}, {chunk}, from {of}."), why.clone()),
                (format!("Take the chunk at {at}, {chunk}, from {of}."), why),
                format!("{chunk} at {at} come from {of}"),
            )
        }
        MallocStep::Asks { size: chunk, top, bytes, mmap } => {
            let (chunk, top, bytes) = (size(chunk), size(top), size(bytes));
            if mmap {
                let why = pick(
                    w,
                    "From the mmap threshold on a chunk is an area: free can give it back.",
                    "From the mmap threshold on it gets an area.",
                );
                return told(
                    (format!("No chunk is as long as {chunk}: malloc asks mmap for {bytes}."), why),
                    (format!("Ask mmap for {bytes}: no chunk is as long as {chunk}."), why),
                    format!("malloc asks mmap for {bytes}"),
                );
            }
            let why = format!("Its top has {top}; 128 KiB are asked for to spare.");
            told(
                (format!("No chunk is as long as {chunk}: malloc asks brk for {bytes} more."), why.clone()),
                (format!("Ask brk for {bytes} more: no chunk is as long as {chunk}."), why),
                format!("malloc asks brk for {bytes}"),
            )
        }
        MallocStep::Given { at, bytes, holds: window } => {
            let (at, what) = (hex(at), size(bytes));
            let why = match (is_old(&window), window.is_zero()) {
                (true, _) => format!("Old contents lie there: {}.", holds(&window)),
                (false, true) => "It holds zeros: nobody has written there yet.".into(),
                (false, false) => format!("There lies: {}.", holds(&window)),
            };
            told(
                (format!("{p} has its {what}, at {at}."), why.clone()),
                (format!("Give {p} its {what}, at {at}."), why),
                format!("{p} gets {what} at {at}"),
            )
        }
        MallocStep::Null { bytes } => {
            let what = size(bytes);
            let why = "The kernel gave nothing more, and no free chunk is long enough.";
            told(
                (format!("malloc returned NULL to {p}, which wanted {what}."), why),
                (format!("Return NULL to {p}, which wants {what}."), why),
                format!("{p} gets NULL for {what}"),
            )
        }
        MallocStep::Freed { at, size: chunk, to, whole } => {
            let (at, part, of) = (hex(at), size(chunk), place(to));
            let why = match to {
                Place::Tcache => pick(
                    w,
                    "malloc keeps it for the next request: the kernel gets nothing back.",
                    "The kernel gets nothing back.",
                )
                .to_owned(),
                Place::Fast => "The tcache has seven of its size already; it is not joined yet.".into(),
                _ if whole > chunk => format!("With the free memory beside it, it is {} long.", size(whole)),
                _ => "Its neighbours are in use, so it is joined with nothing.".into(),
            };
            told(
                (format!("The chunk at {at}, {part}, went to {of}."), why.clone()),
                (format!("Put the chunk at {at}, {part}, into {of}."), why),
                format!("{part} at {at} go to {of}"),
            )
        }
        MallocStep::Threshold { mmap, trim } => {
            let (mmap, trim) = (size(mmap), size(trim));
            let why = format!("Such chunks stay in the heap now; it shrinks when its top has {trim}.");
            told(
                (format!("malloc raised its mmap threshold to {mmap}."), why.clone()),
                (format!("Raise the mmap threshold to {mmap}."), why),
                format!("the mmap threshold is {mmap}"),
            )
        }
        MallocStep::Trim { top, by } => {
            let (top, by) = (size(top), size(by));
            let why = "The top is past the trim threshold; 128 KiB of it stay.";
            told(
                (format!("malloc gives {by} of its top of {top} back, with brk."), why),
                (format!("Give {by} of the top of {top} back, with brk."), why),
                format!("malloc gives back {by} of the top"),
            )
        }
        MallocStep::Resized { at, from, size: chunk } => {
            let (at, before, now) = (hex(at), size(from), size(chunk));
            let why = if from == chunk {
                "The chunk is long enough as it is."
            } else {
                "No byte is copied: what lies behind it was free, or is free now."
            };
            told(
                (format!("The chunk at {at} stays where it is: {before} became {now}."), why),
                (format!("Leave the chunk at {at} where it is: {before} become {now}."), why),
                format!("the chunk at {at} has {now} now"),
            )
        }
        MallocStep::Moved { from, to, bytes } => {
            let (from, to, bytes) = (hex(from), hex(to), size(bytes));
            let why = "Behind it there was no room; the old chunk is freed.";
            told(
                (format!("realloc copied {bytes} from {from} to {to}."), why),
                (format!("Copy {bytes} from {from} to {to}."), why),
                format!("{bytes} are copied to {to}"),
            )
        }
        MallocStep::Cleared { at, bytes: 0 } => {
            let at = hex(at);
            let why = "It comes straight from the kernel, which hands out zeros only.";
            told(
                (format!("calloc has nothing to clear at {at}."), why),
                (format!("Clear nothing at {at}."), why),
                format!("nothing to clear at {at}"),
            )
        }
        MallocStep::Cleared { at, bytes } => {
            let (at, bytes) = (hex(at), size(bytes));
            let why = "It was used before, and malloc keeps no account of what was written.";
            told(
                (format!("calloc filled {bytes} at {at} with zeros."), why),
                (format!("Fill {bytes} at {at} with zeros."), why),
                format!("{bytes} at {at} are cleared"),
            )
        }
        MallocStep::Filled { at, bytes, value } => {
            let (at, bytes) = (hex(at), size(bytes));
            let why = "A frame keeps its bytes until somebody writes others.";
            told(
                (format!("{p} filled {bytes} at {at} with {value:#04x}."), why),
                (format!("Fill {bytes} of {p} at {at} with {value:#04x}."), why),
                format!("{bytes} at {at} are {value:#04x}"),
            )
        }
        MallocStep::Dumped { at, bytes, holds: window } => {
            let (at, bytes, what) = (hex(at), size(bytes), holds(&window));
            let why = match (is_old(&window), window.is_zero()) {
                (_, true) => "All zeros: the kernel clears a page before a process gets it.",
                (true, _) => "Bytes stay until somebody writes over them.",
                (false, _) => "Somebody wrote it, or keeps it.",
            };
            told(
                (format!("{p} sees in {bytes} at {at}: {what}."), why),
                (format!("Let {p} look at {bytes} at {at}: {what}."), why),
                format!("{bytes} at {at}: {what}"),
            )
        }
    }
}

/// 中文。
pub(super) fn zh(w: &Words, p: &str, step: &MallocStep) -> Told {
    match *step {
        MallocStep::Wants { bytes, size: chunk, zero } => {
            let (what, chunk) = (size_zh(bytes), size_zh(chunk));
            let zeros = if zero { "全零的" } else { "" };
            let what = what.trim_end();
            let why = pick(w, "加 8 字节记大小，再凑成 16 的倍数，至少 32。", "加 8 字节，凑成 16 的倍数。");
            told(
                (format!("{p} 向 malloc 要{zeros} {what}：chunk 要 {}。", chunk.trim_end()), why),
                (format!("给 {p} 找{zeros} {what}：chunk 要 {}。", chunk.trim_end()), why),
                format!("{p} 要 {chunk}的 chunk"),
            )
        }
        MallocStep::Own { at, size: chunk } => {
            let (at, chunk) = (hex(at), size_zh(chunk));
            let why = pick(w, "线程自己的空闲链表 tcache 的表头就放在这里。", "tcache 的表头在这里。");
            told(
                (format!("malloc 自己先占了堆头 {at} 的 {}。", chunk.trim_end()), why),
                (format!("堆头 {at} 的 {}留给 malloc 自己。", chunk), why),
                format!("malloc 自用 {}", chunk.trim_end()),
            )
        }
        MallocStep::Emptied { chunks } => {
            let chunks = num(chunks);
            let why = "这些 chunk 这才与空闲邻居合并。";
            told(
                (format!("malloc 清空了 fastbin，共 {chunks} 个 chunk。"), why),
                (format!("清空 fastbin，共 {chunks} 个 chunk。"), why),
                format!("fastbin 清空 {chunks} 个"),
            )
        }
        MallocStep::Sorted { chunks } => {
            let chunks = num(chunks);
            let why = pick(w, "刚释放的先不分类，用不上时才按大小归位。", "用不上才归位。");
            told(
                (format!("unsorted bin 里的 {chunks} 个 chunk 按大小进了各自的 bin。"), why),
                (format!("把 unsorted bin 里的 {chunks} 个 chunk 按大小放进各自的 bin。"), why),
                format!("{chunks} 个 chunk 按大小归位"),
            )
        }
        MallocStep::Found { at, size: chunk, from, rest } => {
            let (at, chunk, of) = (hex(at), size_zh(chunk), place_zh(from));
            let why = match (from, rest) {
                (Place::Top, rest) => format!("top 还剩 {}，内核不知情。", size_zh(rest).trim_end()),
                (_, 0) => "没有系统调用，内核毫不知情。".into(),
                (_, rest) => format!("切剩的 {}仍空闲。", size_zh(rest)),
            };
            told(
                (format!("从 {of} 取了 {at} 的 chunk，{}。", chunk.trim_end()), why.clone()),
                (format!("从 {of} 取 {at} 的 chunk，{}。", chunk.trim_end()), why),
                format!("从 {of} 取 {at} 的 chunk"),
            )
        }
        MallocStep::Asks { size: chunk, top, bytes, mmap } => {
            let (chunk, top, bytes) = (size_zh(chunk), size_zh(top), size_zh(bytes));
            let (chunk, top, bytes) = (chunk.trim_end(), top.trim_end(), bytes.trim_end());
            if mmap {
                let why = "到了 mmap 阈值就单独映射。";
                return told(
                    (format!("空闲 chunk 都不够 {chunk}：用 mmap 要 {bytes}。"), why),
                    (format!("用 mmap 要 {bytes}：空闲 chunk 都不够 {chunk}。"), why),
                    format!("malloc 用 mmap 要 {bytes}"),
                );
            }
            let why = format!("top 只有 {top}；多要 128 KiB 备用。");
            told(
                (format!("空闲 chunk 都不够 {chunk}：用 brk 再要 {bytes}。"), why.clone()),
                (format!("用 brk 再要 {bytes}：空闲 chunk 都不够 {chunk}。"), why),
                format!("malloc 用 brk 要 {bytes}"),
            )
        }
        MallocStep::Given { at, bytes, holds: window } => {
            let (at, what) = (hex(at), size_zh(bytes));
            let who = if w.first_frame_only() { String::new() } else { format!("{p} ") };
            let whom = if w.first_frame_only() { "它".to_owned() } else { format!(" {p}") };
            let why = match (is_old(&window), window.is_zero()) {
                (true, _) => format!("旧内容：{}。", holds_zh(&window)),
                (false, true) => "里面是零：还没人写过。".into(),
                (false, false) => format!("里面是：{}。", holds_zh(&window)),
            };
            told(
                (format!("{who}得到了 {}，在 {at}。", what.trim_end()), why.clone()),
                (format!("给{whom} {}，在 {at}。", what.trim_end()), why),
                format!("{p} 得到 {at} 的 {}", what.trim_end()),
            )
        }
        MallocStep::Null { bytes } => {
            let what = size_zh(bytes).trim_end().to_owned();
            let why = "内核不再给了，空闲的 chunk 又都不够长。";
            told(
                (format!("{p} 要 {what}，malloc 返回了 NULL。"), why),
                (format!("{p} 要 {what}，malloc 将返回 NULL。"), why),
                format!("{p} 得到 NULL"),
            )
        }
        MallocStep::Freed { at, size: chunk, to, whole } => {
            let (at, part, of) = (hex(at), size_zh(chunk), place_zh(to));
            let why = match to {
                Place::Tcache => {
                    pick(w, "malloc 留着给下一个同样大小的请求，没还给内核。", "没还给内核。").to_owned()
                }
                Place::Fast => "tcache 里同样大小的满了七个；它先不合并。".into(),
                _ if whole > chunk => {
                    format!("连上旁边空闲的，一共 {}。", size_zh(whole).trim_end())
                }
                _ => "两边都在用，没有可合并的。".into(),
            };
            told(
                (format!("{at} 的 chunk（{}）进了 {of}。", part.trim_end()), why.clone()),
                (format!("把 {at} 的 chunk（{}）放进 {of}。", part.trim_end()), why),
                format!("{at} 的 chunk 进 {of}"),
            )
        }
        MallocStep::Threshold { mmap, trim } => {
            let (mmap, trim) = (size_zh(mmap), size_zh(trim));
            let why = format!("放过一次多半还会放；top 到 {}才归还。", trim);
            told(
                (format!("malloc 把 mmap 阈值升到 {}。", mmap.trim_end()), why.clone()),
                (format!("把 mmap 阈值升到 {}。", mmap.trim_end()), why),
                format!("mmap 阈值升到 {}", mmap.trim_end()),
            )
        }
        MallocStep::Trim { top, by } => {
            let (top, by) = (size_zh(top), size_zh(by));
            let why = "top 到了归还阈值；留下 128 KiB。";
            told(
                (format!("top 有 {}，malloc 用 brk 归还 {}。", top.trim_end(), by.trim_end()), why),
                (format!("top 有 {}，用 brk 归还 {}。", top.trim_end(), by.trim_end()), why),
                format!("malloc 归还 top 的 {}", by.trim_end()),
            )
        }
        MallocStep::Resized { at, from, size: chunk } => {
            let (at, before, now) = (hex(at), size_zh(from), size_zh(chunk));
            let why = if from == chunk { "本来就够长。" } else { "一个字节也不用复制。" };
            told(
                (format!("{at} 的 chunk 原地从 {}变成 {}。", before, now.trim_end()), why),
                (format!("让 {at} 的 chunk 原地从 {}变成 {}。", before, now.trim_end()), why),
                format!("{at} 的 chunk 变成 {}", now.trim_end()),
            )
        }
        MallocStep::Moved { from, to, bytes } => {
            let (from, to, bytes) = (hex(from), hex(to), size_zh(bytes));
            let why = "后面没有地方，只好搬。";
            told(
                (format!("realloc 把 {bytes}从 {from} 复制到 {to}。"), why),
                (format!("把 {bytes}从 {from} 复制到 {to}。"), why),
                format!("{bytes}复制到 {to}"),
            )
        }
        MallocStep::Cleared { at, bytes: 0 } => {
            let at = hex(at);
            let why = "刚从内核来，内核给的本来就是零。";
            told(
                (format!("calloc 不用清零 {at}。"), why),
                (format!("不用清零 {at}。"), why),
                format!("{at} 不用清零"),
            )
        }
        MallocStep::Cleared { at, bytes } => {
            let (at, bytes) = (hex(at), size_zh(bytes));
            let why = "用过的内存里有什么，malloc 不知道。";
            told(
                (format!("calloc 把 {at} 起的 {bytes}清零了。"), why),
                (format!("把 {at} 起的 {bytes}清零。"), why),
                format!("{at} 起的 {bytes}清零"),
            )
        }
        MallocStep::Filled { at, bytes, value } => {
            let (at, bytes) = (hex(at), size_zh(bytes));
            let why = "没人再写，页框里的内容就一直在。";
            told(
                (format!("{p} 把 {at} 起的 {bytes}都写成 {value:#04x}。"), why),
                (format!("把 {p} 的 {at} 起 {bytes}都写成 {value:#04x}。"), why),
                format!("{at} 起的 {bytes}写成 {value:#04x}"),
            )
        }
        MallocStep::Dumped { at, bytes, holds: window } => {
            let (at, bytes, what) = (hex(at), size_zh(bytes), holds_zh(&window));
            let why = match (is_old(&window), window.is_zero()) {
                (_, true) => "全是零：页给进程以前，内核会清零。",
                (true, _) => "没人覆盖，就一直在。",
                (false, _) => "有人写过。",
            };
            told(
                (format!("{at} 起 {bytes}里是：{what}。"), why),
                (format!("看看 {at} 起 {}：{what}。", bytes.trim_end()), why),
                format!("{at} 起 {}：{what}", bytes.trim_end()),
            )
        }
    }
}

//! 中文的问题。

use mm::Order;
use mm::hierarchy::Level;
use mm::op::NameId;
use mm::page::{Block, MigrateType};
use mm::process::Pattern;
use mm::step::WatermarkVerdict;
use scenario::Lang;

use super::{
    Ask, ChunkFrom, Claim, CpuList, End, Fate, Freed, Goes, Mistake, Note, ObjectTo, Source, Verdict, cma,
    compact, dma, huge, oom, reclaim, segmentation,
};
use crate::faults::Leaf;
use crate::hierarchy::Spot;
use crate::narrate::{Words, num, type_name};
use mm::process::Access;

fn who(w: &Words, name: Option<NameId>) -> String {
    name.map_or("这个请求".into(), |name| format!("{} ", w.name(name)))
}

/// `512–1023 号页框`; `512 号块` when room is short.
fn frames(w: &Words, block: Block) -> String {
    let noun = if w.first_frame_only() && block.order > Order::ZERO { "号块" } else { "号页框" };
    format!("{} {noun}", w.span(block))
}

fn list(order: Order, migratetype: MigrateType) -> String {
    format!("{} {order} 阶链表", type_name(migratetype))
}

fn cpu_list(list: &CpuList) -> String {
    let CpuList { cpu, order, migratetype, .. } = *list;
    format!("CPU {} 的 {} {order} 阶链表", cpu.0, type_name(migratetype))
}

pub(super) fn ask(w: &Words, ask: &Ask) -> String {
    match *ask {
        Ask::List { who: name, wanted, migratetype, .. } => format!(
            "{}要 {wanted} 阶块，先看 {} 链表。会从哪个链表取？",
            who(w, name),
            type_name(migratetype)
        ),
        Ask::Head { order, migratetype, blocks, .. } => {
            format!("{}上有 {} 块。会取哪一块？", list(order, migratetype), num(blocks))
        }
        Ask::Half { block } => format!("把 {}拆成两半，哪一半留在手里？", frames(w, block)),
        Ask::UpperHalf { block } => {
            format!("把 {}拆成两半，前半留在手里。后半放到哪里？", frames(w, block))
        }
        Ask::Buddy { block, buddy } => {
            format!("{}的伙伴应是 {}。两块会合并吗？", frames(w, block), w.span(buddy))
        }
        Ask::BuddyPlace { block } => format!("{}的伙伴是哪一块？", frames(w, block)),
        Ask::MergeStart { halves: [a, b] } => {
            format!("{} 与 {} 合并，新块从几号页框开始？", w.span(a), w.span(b))
        }
        Ask::MergeTo { who: name, block } => format!(
            "{}还回 {}（{} 阶）。合并到最后是几阶的块？",
            name.map_or("有人".into(), |name| format!("{} ", w.name(name))),
            frames(w, block),
            block.order
        ),
        Ask::Put { block, migratetype, .. } => {
            format!("{}不再合并。放到 {}的什么位置？", frames(w, block), list(block.order, migratetype))
        }
        Ask::Cuts { who: name, block: None, wanted } => {
            format!("{}要 {wanted} 阶块。一共要拆几次？", who(w, name))
        }
        Ask::Cuts { block: Some(block), wanted, .. } => {
            format!("取下的是 {} 阶块，要的是 {wanted} 阶。一共要拆几次？", block.order)
        }
        Ask::Given { who: name } => format!("{}会得到哪些页框？", who(w, name)),
        Ask::Served { who: name, order, many: false } => {
            format!("{}要 {order} 阶块。它能得到吗？", who(w, name))
        }
        Ask::Served { who: name, order, many: true } => {
            format!("{}要 {order} 阶块。由哪个区满足？", who(w, name))
        }
        Ask::Watermark(m) => {
            let urgent = if m.pages != m.min { "紧急的 " } else { "" };
            format!(
                "{} 区空闲 {}，{} {}，保留 {}。{urgent}{} 阶请求过得了吗？",
                w.zone(m.zone),
                num(m.free),
                m.mark.name(),
                num(m.pages),
                num(m.reserve),
                m.order
            )
        }
        Ask::Refill { cpu, order, batch } => {
            format!("CPU {} 的 {order} 阶链表空了，batch 是 {} 页。一次补来几块？", cpu.0, num(batch))
        }
        Ask::PcpHead { list, blocks } => {
            format!("{}上有 {} 块。会取哪一块？", cpu_list(&list), num(blocks))
        }
        Ask::PcpTail { list, blocks } => {
            format!("要退页了，{}上有 {} 块。先退哪一块？", cpu_list(&list), num(blocks))
        }
        Ask::PcpPut { cpu, block } => {
            format!("CPU {} 释放 {}。它放到哪里？", cpu.0, frames(w, block))
        }
        Ask::PcpAppend { cpu, block } => {
            format!("补来了 {}。放到 CPU {} 链表的什么位置？", frames(w, block), cpu.0)
        }
        Ask::Drain { zone, cpu, count, high, batch } => format!(
            "CPU {} 有 {} 区 {} 页，上限 {}，batch {}。这次退回几页？",
            cpu.0,
            w.zone(zone),
            num(count),
            num(high),
            num(batch)
        ),
        Ask::Steal { migratetype, wanted } => {
            format!("{} 没有可用的 {wanted} 阶块。会选其他类型的哪一块？", type_name(migratetype))
        }
        Ask::Pageblock { pageblock, to, sum: Some((free, alike)) } => {
            let alike = match alike {
                0 => String::new(),
                alike => format!("，另有 {} 页近似 {}", num(alike), type_name(to)),
            };
            format!(
                "pageblock {} 的 {} 页里空闲 {} 页{alike}。它会怎样？",
                w.span(pageblock),
                num(pageblock.order.pages()),
                num(free)
            )
        }
        Ask::Pageblock { pageblock, to, sum: None } => {
            format!(
                "{} 要从 pageblock {} 拿走一块。这个 pageblock 会怎样？",
                type_name(to),
                w.span(pageblock)
            )
        }
        Ask::Fails { requests } => format!("接下来有 {} 个请求。最先失败的是哪一个？", num(requests)),
        Ask::Source { who: name, cpu, order } => {
            format!("CPU {} 上，{}要 {order} 阶块。它从哪里来？", cpu.0, who(w, name))
        }
        Ask::Marks { zone } => {
            format!("{} 区的一个 pageblock 混入了别的类型。这个区的水位会变吗？", w.zone(zone))
        }
        Ask::FaultEnds { process, access, address } => {
            let verb = match access {
                Access::Read => "读",
                Access::Write => "写",
                Access::Exec => "执行",
            };
            format!("{} {verb} {address:#x}，发生缺页。结果怎样？", w.name(process))
        }
        Ask::ChunkFrom { process, bytes } => {
            format!("{} 向 malloc 要 {} 字节。chunk 从哪里来？", w.name(process), num(bytes))
        }
        Ask::RssAfterFree { name, process, before } => format!(
            "释放 {}。{} 现在有 {} 页在内存里，之后有多少页？",
            w.name(name),
            w.name(process),
            num(before)
        ),
        Ask::WhoDies { .. } => oom::ask(w, ask, Lang::Zh),
        Ask::CmaEnds { .. } => cma::ask(Lang::Zh, w, ask),
        Ask::DmaEnds { .. } | Ask::Lends { .. } | Ask::Sees { .. } => dma::ask(Lang::Zh, w, ask),
        Ask::ScannersMeet { .. } | Ask::BlockTaken { .. } => compact::ask(Lang::Zh, w, ask),
        Ask::Collapses { .. }
        | Ask::CollapseRss { .. }
        | Ask::PoolGets { .. }
        | Ask::HugeGoes { .. }
        | Ask::HugeFrees { .. } => huge::ask(Lang::Zh, w, ask),
        Ask::PageFate { .. } | Ask::KswapdGoesOn { .. } | Ask::ShrinkGives { .. } => {
            reclaim::ask(Lang::Zh, w, ask)
        }
        Ask::SegmentEnds { .. } | Ask::SegmentLoads { .. } | Ask::SegmentEntry { .. } => {
            segmentation::ask(Lang::Zh, ask)
        }
        Ask::RssAfter { process, before } => {
            format!("{} 现在占 {} 页内存，发生缺页。处理完占几页？", w.name(process), num(before))
        }
        Ask::CpusForget { process, cpus } => {
            format!("要忘掉 {} 的一些页。{cpus} 个 CPU 里，现在有几个得忘？", w.name(process))
        }
        Ask::References { process, address, levels } => {
            format!("{} 用到 {address:#x}，页表有 {levels} 级。要读几个表项？", w.name(process))
        }
        Ask::Evicted { level, set, ways } => {
            format!("L{level} TLB 第 {set} 组满了，有 {ways} 页。哪一页要让位？")
        }
        Ask::SizeClass { who: name, bytes } => {
            format!("{}向 kmalloc 要 {} 字节。由哪个缓存给？", who(w, name), num(bytes))
        }
        Ask::NextObject { cache, free } => {
            format!("{} 在这个 CPU 手边有 {} 个空闲对象。给出哪一个？", w.name(cache), num(free))
        }
        Ask::FreedObject { cpu, object } => format!(
            "CPU {} 释放 {} 号页框那个 slab 的对象 {}。它放到哪里？",
            cpu.0,
            num(object.slab.0),
            object.index
        ),
        Ask::EmptySlab { slab } => {
            format!("{} 号页框的 slab 已没有对象在用。它会还给伙伴系统吗？", num(slab.0))
        }
        Ask::Vmalloc { who: name, pages, largest } => format!(
            "{}向 vmalloc 要 {} 页，{}。能得到吗？",
            who(w, name),
            num(pages),
            largest.map_or("没有空闲块".into(), |order| format!("最大的空闲块只有 {order} 阶"))
        ),
        Ask::Addresses { who: name, pages } => {
            format!("{}要 {} 页地址，外加一页保护页。地址从哪里开始？", who(w, name), num(pages))
        }
        Ask::Sets { cpu, reads } => {
            format!("CPU {} 接着读 {} 个字。它们落在一级缓存的几个组里？", cpu.0, num(reads))
        }
        Ask::Line { cpu, name } => {
            format!("CPU {} 再读一次 {}。它的行还在一级缓存里吗？", cpu.0, w.name(name))
        }
        Ask::FoundIn { cpu, line, spot } => {
            format!("CPU {} 要{}，会在哪里找到？", cpu.0, cache_line(w, line, spot))
        }
        Ask::Leaves { cpu, cache, set } => {
            format!("CPU {} 的 {} 第 {set} 组满了，哪一行离开？", cpu.0, cache.name())
        }
        Ask::CacheMisses { process, references, scan } => {
            let how = match scan.pattern {
                Pattern::Rows { .. } => "按行",
                Pattern::Columns { .. } => "按列",
                Pattern::Stride { .. } => "按步长",
                Pattern::Random { .. } => "随机",
            };
            format!("{} {how}访问 {} 次，L1 有多少次未命中？", w.name(process), num(references))
        }
    }
}

pub(super) fn claim(w: &Words, claim: &Claim) -> String {
    match *claim {
        Claim::List(Some(order)) => format!("{order} 阶链表"),
        Claim::List(None) => "都没有够大的块".into(),
        Claim::Block(block, note) => {
            let span = w.span(block);
            match note {
                Note::None => span,
                Note::Lower => format!("前半 {span}"),
                Note::Upper => format!("后半 {span}"),
                Note::Whole => format!("整块 {span}"),
                Note::Of(of) => format!("{} 的 {span}", type_name(of)),
            }
        }
        Claim::Order(order) => format!("{order} 阶"),
        Claim::Start(pfn) => format!("{} 号页框", num(pfn.0)),
        Claim::Goes(Goes::Head(order)) => format!("{order} 阶链表头"),
        Claim::Goes(Goes::Tail(order)) => format!("{order} 阶链表尾"),
        Claim::Goes(Goes::Back(order)) => format!("放回 {order} 阶链表"),
        Claim::Goes(Goes::Caller) => "也交给请求者".into(),
        Claim::Buddy(verdict) => match verdict {
            Verdict::Merge => "会合并",
            Verdict::InUse => "不会：伙伴在用",
            Verdict::OtherOrder => "不会：空闲，但大小不同",
            Verdict::OtherZone => "不会：在另一个区",
            Verdict::OtherType => "不会：类型不能混",
            Verdict::NoMemory => "不会：那里没有内存",
        }
        .into(),
        Claim::End(End::Head) => "放在头".into(),
        Claim::End(End::Tail) => "放在尾".into(),
        Claim::End(End::Sorted) => "按地址插入".into(),
        Claim::Freed(Freed::CpuHead) => "CPU 链表头".into(),
        Claim::Freed(Freed::CpuTail) => "CPU 链表尾".into(),
        Claim::Freed(Freed::FreeLists) => "直接回空闲链表".into(),
        Claim::Zone(Some(zone)) => format!("{} 区", w.zone(zone)),
        Claim::Zone(None) => "哪个也不行：失败".into(),
        Claim::Served(true) => "能".into(),
        Claim::Served(false) => "不能：失败".into(),
        Claim::Passes(WatermarkVerdict::Ok) => "过得了".into(),
        Claim::Passes(WatermarkVerdict::TooFew) => "不行：页太少".into(),
        Claim::Passes(WatermarkVerdict::NoBlock) => "不行：没有够大的块".into(),
        Claim::Fate(Fate::Whole, to) => format!("整个改为 {}", type_name(to)),
        Claim::Fate(Fate::FreePages, _) => "只把空闲页移过去".into(),
        Claim::Fate(Fate::Block, _) => "只把那一块移过去".into(),
        Claim::Name(Some((name, order))) => format!("{}，{order} 阶", w.name(name)),
        Claim::Name(None) => "都不会失败".into(),
        Claim::Source(Source::OwnList) => "本 CPU 的链表".into(),
        Claim::Source(Source::Refill) => "先补充本 CPU 链表".into(),
        Claim::Source(Source::FreeLists) => "直接取自空闲链表".into(),
        Claim::Rises(true) => "会：暂时抬高".into(),
        Claim::Rises(false) => "不会：是固定的".into(),
        Claim::Cache(cache) => w.name(cache).into_owned(),
        Claim::CacheOf(bytes) => format!("专做 {} 字节的缓存", num(bytes)),
        Claim::Object(object) => format!("slab {} 的对象 {}", num(object.slab.0), object.index),
        Claim::ObjectTo(ObjectTo::Cpu) => "本 CPU 的空闲链表头".into(),
        Claim::ObjectTo(ObjectTo::Array) => "本 CPU 数组的末尾".into(),
        Claim::ObjectTo(ObjectTo::Slab) => "slab 自己的链表，slab 不动".into(),
        Claim::ObjectTo(ObjectTo::CpuPartial) => "slab 自己的链表，slab 归本 CPU".into(),
        Claim::ObjectTo(ObjectTo::Buddy) => "slab 整个还给伙伴系统".into(),
        Claim::SlabGoes(true) => "会，马上就还".into(),
        Claim::SlabGoes(false) => "不会，节点留着它".into(),
        Claim::Address(at) => format!("{at:x}"),
        Claim::Cma(_) => cma::claim(Lang::Zh, claim),
        Claim::Dma(_) | Claim::Lends(_) | Claim::Version(_) => dma::claim(Lang::Zh, claim),
        Claim::Meet(_) | Claim::Takes(_) => compact::claim(Lang::Zh, claim),
        Claim::Collapse(_) | Claim::HugeWhole(_) => huge::claim(Lang::Zh, claim),
        Claim::PageFate(_) | Claim::Kswapd(_) => reclaim::claim(Lang::Zh, claim),
        Claim::Linear(_) | Claim::Exception(_) | Claim::Loads(_) | Claim::TableEntry { .. } => {
            segmentation::claim(Lang::Zh, claim)
        }
        Claim::Fault(leaf) => match leaf {
            Leaf::NoArea => "SIGSEGV：没有区域".into(),
            Leaf::NotAllowed => "SIGSEGV：不允许".into(),
            Leaf::Reused => "原来的页直接改成可写".into(),
            Leaf::Copied | Leaf::PrivateCopy => "复制一页".into(),
            Leaf::Cached => "映射文件在内存里的页".into(),
            Leaf::Disk => "先读磁盘".into(),
            Leaf::BeyondFile => "SIGBUS".into(),
            Leaf::Zero => "映射零页".into(),
            Leaf::Fresh => "清零一个新页框".into(),
            Leaf::Huge => "给一个 2 MiB 的大页".into(),
            Leaf::PoolEmpty => "SIGBUS：大页池空了".into(),
        },
        Claim::Chunk(from) => match from {
            ChunkFrom::Kept => "从空闲 chunk 的链表".into(),
            ChunkFrom::Top => "从堆顶 top 切".into(),
            ChunkFrom::Brk => "用 brk 向内核要".into(),
            ChunkFrom::Mmap => "用 mmap 向内核要".into(),
        },
        Claim::Dies(_) => oom::claim(w, claim),
        Claim::Page(page) => format!("{page:#x}"),
        Claim::LineThere(true) => "在：命中".into(),
        Claim::LineThere(false) => "不在：未命中".into(),
        Claim::Found(level) => match level {
            Level::Dram => "哪级缓存都没有，在 DRAM".into(),
            Level::Disk => "在磁盘上".into(),
            level => format!("在 {} 里", level.name()),
        },
        Claim::CacheLine(line, spot) => cache_line(w, line, spot).trim_start().to_owned(),
    }
}

pub(super) fn mistake(w: &Words, mistake: &Mistake) -> String {
    match *mistake {
        Mistake::ExactKept { order } => {
            format!("“正好那么大的块总会有”？{order} 阶链表是空的，要拆更大的块。")
        }
        Mistake::LargestFirst => "“先拿最大的”？在本类型里，总是取够用的最小块。".into(),
        Mistake::AnyType { from } => {
            format!("“空闲的都能用”？那是 {} 的块；请求先看自己的类型。", type_name(from))
        }
        Mistake::GivesUp => "“链表空了就完了”？更大的块可以拆分。".into(),
        Mistake::NothingLeft { migratetype } => {
            format!("“自己的链表总有”？往上的 {} 链表都空了，接着要看其他类型。", type_name(migratetype))
        }
        Mistake::RoundsDown { order } => format!("“小一点也行”？{order} 阶的块太小，请求也不会把块拼起来。"),
        Mistake::LowestAddress => "“地址最低的先走”？链表不按地址排序，只看谁在头、谁在尾。".into(),
        Mistake::TailFirst => "“先来先走”？请求取的是链表头，链表尾最晚才动。".into(),
        Mistake::KeepsUpper => "“留下后半”？留下的是前半：请求得到地址最低的页框。".into(),
        Mistake::PutsTail => "“到链表尾去排队”？拆下的一半成为链表头，下次先取它。".into(),
        Mistake::StaysOnList => "“留在原来的链表”？它只有一半大了，该去低一阶的链表。".into(),
        Mistake::GoesAlong => "“两半都给”？那就不必拆了：给请求的只有前半。".into(),
        Mistake::GetsWhole => "“整块都给”？块已经拆到所要的大小。".into(),
        Mistake::NoCut { order } => format!("“总要拆几次”？正好有 {order} 阶的块，不用拆。"),
        Mistake::OneCut => "“一次就拆到位”？每拆一次只减半，阶数减一。".into(),
        Mistake::CountsOrders => "“几阶就拆几次”？数的是间隔：从一阶到下一阶拆一次。".into(),
        Mistake::CountsPages => "“两半都接着拆”？只有手里的一半再拆。".into(),
        Mistake::HalfByHalf { from, to } => format!("每拆一次减半：从 {from} 阶到 {to} 阶，每降一阶拆一次。"),
        Mistake::AnyNeighbour { buddy } => {
            format!("“空闲的邻居都能合并”？只有伙伴 {} 能，它的编号只差一位。", num(buddy.0))
        }
        Mistake::WrongSide { buddy } => {
            format!("“邻居在用就合不成”？那个邻居不是伙伴；伙伴 {} 是空闲的。", num(buddy.0))
        }
        Mistake::StillHeld { name: Some(name) } => {
            format!("“邻居总能合并”？伙伴还归 {} 用，不在空闲链表上。", w.name(name))
        }
        Mistake::StillHeld { name: None } => "“邻居总能合并”？伙伴还有人用，不在空闲链表上。".into(),
        Mistake::KeptByCpu => "“没人用就是空闲”？它在某个 CPU 的链表上，伙伴系统当它在用。".into(),
        Mistake::IgnoresOrder { order } => {
            format!("“空闲就行”？伙伴须是同阶的一整块，而它属于 {order} 阶的空闲块。")
        }
        Mistake::IgnoresZone => "“内存连成一片”？块不会从一个区伸到另一个区。".into(),
        Mistake::IgnoresType { theirs } => {
            format!("“类型无所谓”？{} 的 pageblock 不与别的合并。", type_name(theirs))
        }
        Mistake::IgnoresHole => "“总有伙伴”？那里没有内存，或从未交给伙伴系统。".into(),
        Mistake::NextDoor { buddy } => {
            format!("“挨着的就是伙伴”？只有 {} 是，它的编号只差一位。", num(buddy.0))
        }
        Mistake::Look { verdict, name } => match (verdict, name) {
            (Verdict::Merge, _) => "再看一眼：伙伴空闲、同阶、同区，这就够了。".into(),
            (Verdict::InUse, Some(name)) => {
                format!("再看一眼：伙伴归 {} 用，不在空闲链表上。", w.name(name))
            }
            (Verdict::InUse, None) => "再看一眼：伙伴有人用，不在空闲链表上。".into(),
            (Verdict::OtherOrder, _) => "再看一眼：伙伴处空闲，但不是同阶的一整块。".into(),
            (Verdict::OtherZone, _) => "再看一眼：伙伴在另一个区。".into(),
            (Verdict::OtherType, _) => "再看一眼：伙伴空闲，但类型不能混。".into(),
            (Verdict::NoMemory, _) => "再看一眼：那里没有伙伴系统的内存。".into(),
        },
        Mistake::KeepsAddress => "“地址不变”？合并后的块从前半的开头算起。".into(),
        Mistake::NoMerge => "“释放只是放回去”？伙伴空闲，马上就合并。".into(),
        Mistake::OneMerge => "“释放一次合并一次”？只要下一个伙伴也空闲，就接着合并。".into(),
        Mistake::AllTheWay { order } => format!("“总会合到顶”？到 {order} 阶时，伙伴不合条件。"),
        Mistake::AlwaysHead => "“还回来就放头”？它很可能马上还要合并，放在尾等伙伴。".into(),
        Mistake::AlwaysTail => "“还回来就放尾”？只有很可能再合并时才放尾；否则放头，缓存还热。".into(),
        Mistake::SortedByAddress => "“链表按地址排”？块只放到头或尾，从不插在中间。".into(),
        Mistake::HighestServes => "“总由最高的区满足”？先试的是它，但它这次不行。".into(),
        Mistake::LowestFirst => "“从低处找起”？各区从高往低试，好省下低处的区。".into(),
        Mistake::MostFree => "“哪里空闲多就用哪里”？看的是区的先后，不是空闲多少。".into(),
        Mistake::AboveLimit => "“哪个区都行”？请求不能用高于标志所指的区。".into(),
        Mistake::OtherNode => "“哪个节点都行”？先用 CPU 自己的节点，别的节点更远。".into(),
        Mistake::TooLarge => "“总有办法”？最大的块只有 10 阶。".into(),
        Mistake::CpusetForbids => "“别的节点有”？cpuset 不许，这页是给程序用的。".into(),
        Mistake::CpusetHolds => "“cpuset 里没有了”？内核自用的页可以取自别处。".into(),
        Mistake::StopsAtOne => "“一处不行就失败”？还有别的链表、区和水位可试。".into(),
        Mistake::PagesAreEnough { free } => {
            format!("“空闲页够了”？有 {} 页，但要的是一整块，还得有区肯给。", num(free))
        }
        Mistake::TooLittle { free } => format!("“总有办法”？只剩 {} 页空闲，不够它要的。", num(free)),
        Mistake::IgnoresReserve { need } => {
            format!("“只看水位”？还要加上保留：空闲须多于 {} 页。", num(need))
        }
        Mistake::IgnoresRights { min } => format!("“水位对谁都一样”？紧急请求按 {} 页来量。", num(min)),
        Mistake::AtLeast { need } => format!("“到了水位就行”？空闲须多于 {} 页，刚好不算。", num(need)),
        Mistake::NotEnough { need } => format!("再算一遍：空闲须多于水位加保留，即 {} 页。", num(need)),
        Mistake::Enough { need } => format!("再算一遍：水位加保留是 {} 页，空闲比这多。", num(need)),
        Mistake::HasBlock => "看看链表：可用的类型里有够大的块。".into(),
        Mistake::NoLargeBlock { order } => format!("“页数够就行”？没有它能用的 {order} 阶或更大的块。"),
        Mistake::OneAtATime => "“一次补一块”？锁一次区就拿一批，这正是链表的用处。".into(),
        Mistake::BatchOfBlocks { order } => {
            format!("“batch 是块数”？它是页数：{order} 阶要减半 {order} 次。")
        }
        Mistake::FillsUp => "“补到上限为止”？一次只补一个 batch。".into(),
        Mistake::RunsOut => "“补满一个 batch”？还没补够，空闲链表就没有了。".into(),
        Mistake::BatchRule { batch, order: Order::ZERO } => {
            format!("一次补一个 batch：{} 个单页块。", num(batch))
        }
        Mistake::BatchRule { batch, order } => {
            format!("补来的是 batch（{} 页）减半 {order} 次，但至少 2 块。", num(batch))
        }
        Mistake::Fifo => "“放得最久的先走”？走的是表头：本 CPU 释放的页就放在那里，还在缓存里。".into(),
        Mistake::Lifo => "“后进先出”？取用时是这样；退回的却是表尾，最冷的。".into(),
        Mistake::PutsAtCpuTail => "“去排队”？释放的块成为表头：还热，下次先用它。".into(),
        Mistake::PastCpu => "“都直接找伙伴系统”？小块要经过本 CPU 的链表。".into(),
        Mistake::AppendsAtHead => "“像释放那样放在头”？补来的放在尾，先后次序不变。".into(),
        Mistake::OnlyTheFreed => "“只退多出来的一页”？一次退一批，锁才划算。".into(),
        Mistake::AlwaysBatch => "“每次一个 batch”？接连退就加倍，介于 batch 与上限减 batch 之间。".into(),
        Mistake::Everything => "“全部退回”？只退一部分，最热的页留下。".into(),
        Mistake::DownToLimit => "“退到上限为止”？至少退一个 batch，不然下次释放又要退。".into(),
        Mistake::AllOfIt => "刚退过又释放 1 到 3 阶的块时，上限算 0：全部退回。".into(),
        Mistake::DrainRule { pages } => {
            format!("退 {} 页：一个 batch，接连退就加倍，至多上限减 batch。", num(pages))
        }
        Mistake::CpuListEmpty => "“CPU 手边就有”？那个链表是空的，要先补充。".into(),
        Mistake::CpuListHas { blocks } => format!("“每次都要补充”？链表上有 {} 块，空了才补。", num(blocks)),
        Mistake::TooLargeForCpu { order } => {
            format!("“CPU 什么大小都留”？{order} 阶不留：只留 3 阶以下和整个 pageblock。")
        }
        Mistake::SmallestFirst => "“拿够用的最小块”？拿别的类型时先拿最大的，混杂的地方才少。".into(),
        Mistake::LargestAlways => "“总拿最大的”？可移动页以后能搬走，所以拿够用的最小块。".into(),
        Mistake::TypeOrder => "“按类型的编号来”？每种类型另有自己的先后次序。".into(),
        Mistake::AlwaysClaims { sum, half } => {
            format!("“碰过就归它”？算下来 {} 页，不到一半（{}）。", num(sum), num(half))
        }
        Mistake::NeverClaims { sum, half } => {
            format!("“pageblock 类型不变”？算下来 {} 页，够一半（{}）：整个改类型。", num(sum), num(half))
        }
        Mistake::WholeIsFree => "“只拿要用的”？这一块够一个 pageblock，又全空闲：整个改类型。".into(),
        Mistake::OnlyOne => "“只拿要用的”？pageblock 的空闲页都移过去，免得下次再来。".into(),
        Mistake::MovableLeaves => "“整个 pageblock 跟着走”？可移动请求拿小块时，其余不动。".into(),
        Mistake::FixedMarks => "“水位开机就定了”？类型混杂会把它暂时抬高，好让 kswapd 腾地方。".into(),
        Mistake::LargestFails => "“越大越先失败”？要看轮到它时有没有那么大的块。".into(),
        Mistake::ServedFirst => "“轮到它就不够了”？轮到它时还有块可给。".into(),
        Mistake::FailsEarlier => "“轮到它就不够了”？比它早的一个已经找不到块了。".into(),
        Mistake::NoneFails => "“总有办法”？其中一个找不到能拿的块。".into(),
        Mistake::ExactCache => "“每种大小都有缓存”？kmalloc 只有十来种大小，取放得下的最小一种。".into(),
        Mistake::PowersOfTwo => "“大小逐次翻倍”？不全是：中间还有 96 和 192 字节的缓存。".into(),
        Mistake::CacheTooSmall { size } => {
            format!("“取最接近的”？{} 字节的对象放不下：大小总是往上取。", num(size))
        }
        Mistake::HeaderRoom => "“还要放得下头部”？对象没有头部：slab 知道它多大。".into(),
        Mistake::LowestObject => "“地址最低的先走”？空闲对象不按地址排：最后释放的先给出。".into(),
        Mistake::OldestObject => "“先来先走”？最后释放的先给出：它的字节可能还在 CPU 缓存里。".into(),
        Mistake::OtherSlab => "“哪个 slab 都行”？CPU 自己的 slab 还有空闲对象时，不动别的。".into(),
        Mistake::PastArray => "“直接从 slab 取”？先看本 CPU 的数组。".into(),
        Mistake::ArrayFirst => "“放回它的 slab”？先进本 CPU 的数组，攒够一批才还给 slab。".into(),
        Mistake::NotCpusSlab => "“CPU 自己留着”？它的空闲链表只有自己那个 slab 的对象，这个不是。".into(),
        Mistake::Cma(mistake) => cma::mistake(Lang::Zh, mistake),
        Mistake::Dma(mistake) => dma::mistake(Lang::Zh, mistake),
        Mistake::Compact(mistake) => compact::mistake(Lang::Zh, mistake),
        Mistake::Huge(mistake) => huge::mistake(Lang::Zh, mistake),
        Mistake::Reclaim(mistake) => reclaim::mistake(Lang::Zh, mistake),
        Mistake::Segment(mistake) => segmentation::mistake(Lang::Zh, mistake),
        Mistake::FaultIsError => "“缺页就是出错”？区域在，也允许：只是页还没有。".into(),
        Mistake::ReadAllocates => "“读也要给页框”？只是读：大家共用的零页就够，不花内存。".into(),
        Mistake::ZeroPageWritten => "“零页就行”？零页是大家的：要写就得有自己的页框。".into(),
        Mistake::OthersSeeIt => "“直接改成可写”？别人也有这一页，会看到改动：要复制。".into(),
        Mistake::ForgetsContents => "“给一个清零的页框”？原来的内容要带过去：要复制。".into(),
        Mistake::ReadOnlyEntry => {
            "“页表项不让写，所以 SIGSEGV”？区域是允许的：页表项只读只是为了先通知内核。".into()
        }
        Mistake::NobodyElse => "“总要复制”？这一页已经没有别人在用，复制就浪费了。".into(),
        Mistake::InMemoryAlready => "“要读磁盘”？它在页缓存里：次缺页。".into(),
        Mistake::NotInMemory => "“它在页缓存里”？这一页不在：要读磁盘，是主缺页。".into(),
        Mistake::HugeIsSmall => {
            "“一次只来 4 KiB”？这 2 MiB 整个都在区域里，大页又开着：一次缺页来 512 页。".into()
        }
        Mistake::PoolIsMemory => "“内存还有”？池里没有许给它的，别的内存又不能顶：SIGBUS。".into(),
        Mistake::PoolInRss => "“RSS 会算它”？池里的大页单独算一行：HugetlbPages。".into(),
        Mistake::FilesOwnPage => "“给自己的页框”？只要还没写，看到的就是文件自己的页。".into(),
        Mistake::PrivateWrite => "“映射文件的页”？私有映射要写：文件不能变，所以复制一份。".into(),
        Mistake::NotPromised => "“总能找到一页”？只有区域承诺过的才行：这次访问没有权利。".into(),
        Mistake::OnePageEach => "“一次缺页多一页”？再数一数映射了几页，又换下了几页。".into(),
        Mistake::WalksAll => "“每级都读”？TLB 和记得的表都帮不上时才这样。".into(),
        Mistake::TlbKnowsAll => "“不用读”？TLB 只记得最近用过的页。".into(),
        Mistake::OneTable => "“读一个”？不记得的每一级都要访存一次。".into(),
        Mistake::CountTables => "数一数最后一张记得的表下面还有几级。".into(),
        Mistake::EvictsNewest => "“最新的”？让位的是最久没用的。".into(),
        Mistake::EvictsLowest => "“地址最低的”？不看地址，最久没用的让位。".into(),
        Mistake::Oom(mistake) => oom::mistake(w, mistake, Lang::Zh),
        Mistake::ForgetsAlone => "“只忘自己的”？每个 CPU 都有 TLB，别的 CPU 也在用这些页表。".into(),
        Mistake::EveryCpuForgets => "“全都得忘”？不在用它的 CPU 不打扰，回来时再补上。".into(),
        Mistake::CountCpus => "数一数有几个 CPU 正装着这个地址空间。".into(),
        Mistake::RssIsPromise => "“RSS 不变”？页一映射就算进去。".into(),
        Mistake::CountPages => "数一数这次缺页映射了几页，又换下了几页。".into(),
        Mistake::SyscallEachTime => "“每次都找内核”？malloc 一次多要些，大多数请求自己就能满足。".into(),
        Mistake::KeptFirst => "“从 top 切”？有合适的空闲 chunk，先用它。".into(),
        Mistake::TopIsTooShort => "“top 里有”？它不够长。".into(),
        Mistake::AreaFromThreshold => "“用 brk”？到了 mmap 阈值就单独映射，好单独归还。".into(),
        Mistake::HeapHasIt => "“用 mmap”？堆里没有，又到了阈值，才用它。".into(),
        Mistake::FreeGivesBack => "“free 就还给内核”？malloc 留着给下一个请求：RSS 不变。".into(),
        Mistake::FreeKeepsAll => "“malloc 都留着”？单独的区域、太长的 top，马上归还。".into(),
        Mistake::IsCpusSlab => "“放回 slab 的链表”？它正是本 CPU 的 slab：放进 CPU 的链表，不用锁。".into(),
        Mistake::WasFull => "“slab 不动”？它原来是满的，不在任何链表上：谁释放就归谁的 CPU。".into(),
        Mistake::WasNotFull => "“slab 归这个 CPU”？只有原来满的才这样，这个早有去处了。".into(),
        Mistake::Frozen => "“空了就还”？这个 slab 归某个 CPU，还要接着用。".into(),
        Mistake::OthersInUse { objects } => {
            format!("“释放就还内存”？这个 slab 还有 {} 个对象在用，页还不了。", num(objects))
        }
        Mistake::KeepsSlabs { partial, min } => {
            format!("“空了马上还”？节点要留 {min} 个（min_partial），链表上只有 {partial} 个。")
        }
        Mistake::EnoughSlabs { partial, min } => {
            format!("“空的都留着”？只留到 min_partial，即 {min} 个：链表上已有 {partial} 个。")
        }
        Mistake::NeedsOnePiece => "“要连成一块”？只有地址要连续：每页是哪个空闲页框都行。".into(),
        Mistake::FramesRunOut => "“地址多的是”？地址够，但每页都要一个页框，页框用完了。".into(),
        Mistake::StillWaits => "“释放了就能用”？TLB 可能还记着这些地址，要等一起刷新。".into(),
        Mistake::BehindTheLast => "“新的排到最后”？取放得下的最低空隙。".into(),
        Mistake::NoGuardPage => "“区域挨着区域”？每个后面都有一页不映射的保护页，越界就出错。".into(),
        Mistake::SetForEach => "“每次读各占一组”？组由地址定：相距 4,096 字节整数倍的行同在一组。".into(),
        Mistake::OneSet => "“都挤在一组”？它们在各自页里的位置不同，组也就不同。".into(),
        Mistake::SetRule => "组号是地址除以 64 再对 64 取余：数数有几个不同的。".into(),
        Mistake::PushedOut { ways } => format!("“读过就在”？它那组只有 {ways} 个位置，后来的行把它挤走了。"),
        Mistake::StillThere => "“早被挤走了”？只有同组的行挤得走它，而这组装得下所有的行。".into(),
        Mistake::ElementLines => "一次未命中就搬来整行 64 字节，旁边的字随后都会命中。".into(),
        Mistake::LinesStay { ways } => {
            format!("一组只留 {ways} 行，有的行还没用完就被挤走了。")
        }
        Mistake::FirstInFirstOut => "离开的是最久没用的行（LRU），不是最先进来的。".into(),
        Mistake::SetOfByte => "组由行号（地址 / 64）决定，相邻的字节在同一组。".into(),
        Mistake::DirectMapped { ways } => format!("一组能放 {ways} 行，不是一行，同组的行可以并存。"),
        Mistake::MissesRule => "数一数：要用时不在组里的行有多少，每行 64 字节。".into(),
        Mistake::PageIsCached => "缓存按 64 字节的行存放，不按页：同页的另一行在，不说明它在。".into(),
        Mistake::NotInSet => "它那一组的标记都不符：没来过，或者已经离开。".into(),
        Mistake::PrivateToOther => "别的 CPU 的 L1、L2 是它私有的，这里只能在自己的缓存或 L3 里找到。".into(),
        Mistake::LostEverywhere => "离开一级的行还在下一级：下级包含上级的所有行。".into(),
        Mistake::NeverHere => "哪级都没有：以前没人要过，或者已经离开。".into(),
        Mistake::NewestLeaves => "刚用过的最可能再用，离开的是最久没用的行。".into(),
        Mistake::LowestLine => "与地址大小无关，最久没用的行离开（LRU）。".into(),
        Mistake::WrittenStays => "写过的行并不会因此留下，离开时写回即可。".into(),
    }
}

/// 图上怎么叫这一行。
fn cache_line(w: &Words, line: u64, spot: Option<Spot>) -> String {
    match spot {
        Some(spot) => format!(" {}", spot.words(&|name| w.name(name).into_owned())),
        None => format!("行 {line:#x}"),
    }
}

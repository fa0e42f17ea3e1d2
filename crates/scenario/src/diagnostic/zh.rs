//! 诊断信息的中文文本。
//!
//! The diagnostics in 简体中文. Words of the language, numbers and the kernel's own names stay as they are.

use mm::cma::MAX_AREAS;
use mm::cma::place::Refused;
use mm::config::Arch;
use mm::limits::{MAX_FRAMES_IMPORTED, MIN_FRAMES};
use mm::mmzone::ZoneKind;
use mm::segmentation::{Cpu as SegmentCpu, Lack, Mode};
use mm::units::NrPages;
use mm::x86::pgtable::Paging;
use mm::{BootError, Order};

use super::{DtsWrong, Kind, NotYet, What};
use crate::kmem::Size;

pub(super) fn message(kind: &Kind) -> String {
    match kind {
        Kind::UnknownStatement { found, .. } => format!("没有以“{found}”开头的语句"),
        Kind::Expected { what, found: Some(found), .. } => {
            format!("此处应为{}，却写着“{found}”", noun(*what))
        }
        Kind::Expected { what, found: None, .. } => format!("此处应为{}，但这一行已经结束", noun(*what)),
        Kind::Trailing { found } => format!("语句已经完整，后面却还有“{found}”"),
        Kind::UnknownOption { found, .. } => format!("这里没有“{found}”这个选项"),
        Kind::RepeatedOption { name } => format!("“{name}”在这一行写了两次"),
        Kind::UnclosedText => "这段文字缺少右引号".into(),
        Kind::BadEscape { found: Some(found) } => format!("文字里的“\\{found}”没有含义"),
        Kind::BadEscape { found: None } => "文字以单独一个“\\”结尾".into(),
        Kind::FullWidth { found, .. } => format!("“{found}”是全角符号"),
        Kind::BadCharacter { found } => format!("字符“{}”在这里没有含义", found.escape_debug()),
        Kind::OutOfRange { what, found, min, max } => {
            format!("{}应在 {min} 到 {max} 之间，不能是 {found}", noun(*what))
        }
        Kind::NotWholeFrames { found } => format!("{found} 不是 4 KiB 页框的整数倍"),
        Kind::NoSets { entries, ways } => format!("{entries} 项按每组 {ways} 路分，组数不是 2 的幂"),
        Kind::ReservedName { name } => format!("“{name}”是语言的关键字，不能用作名字"),
        Kind::EmptyRange { from, to } => format!("范围 {from}..{to} 是空的：终点在起点之前"),
        Kind::MissingEnd => "这个循环缺少 end".into(),
        Kind::EndWithoutFor => "这个 end 没有对应的循环".into(),
        Kind::TooDeep { max } => format!("循环最多嵌套 {max} 层"),
        Kind::EmptyLoop => "这个循环里没有任何操作".into(),
        Kind::UnknownVariable { name, .. } => format!("外层没有以“{name}”计数的循环"),
        Kind::ShadowedVariable { name } => format!("外层循环已经在用“{name}”计数"),
        Kind::BadIndex { value } => format!("下标算出来是 {value}，应在 0 到 {} 之间", u32::MAX),
        Kind::TextTooLong { bytes, max } => format!("文本有 {bytes} 字节，最多读取 {max} 字节"),
        Kind::TooManyOps { ops, max } => format!("循环展开后有 {ops} 个操作，一个场景最多 {max} 个"),
        Kind::TooManyActions { actions, max } => {
            format!("随机负载共有 {actions} 个动作，一个场景最多 {max} 个")
        }
        Kind::TooManyPages { pages, actions: 0, max } => {
            format!("到这里为止访问、复制或改动的页共有 {pages} 个，一个场景最多 {max} 个")
        }
        Kind::TooManyPages { pages, actions, max } => {
            format!(
                "到这里为止访问、复制或改动的页共有 {pages} 个，另有随机负载的 {actions} 个动作，\
                 一个场景两者合计最多 {max} 个"
            )
        }
        Kind::NoBytes { from, to } => {
            format!("范围 {}..{} 里没有字节：不包含终点", Size(*from), Size(*to))
        }
        Kind::HugeOfOthers => "大页池里的页在这里只能私有，也不属于文件".into(),
        Kind::OffsetWithoutFile => "“offset=”说的是文件里的位置，这里却没有映射文件".into(),
        Kind::NotAGroup { name } => format!("“{name}”不是控制组"),
        Kind::NotACpuset { name } => format!("“{name}”不是 cpuset"),
        Kind::CacheSets { bytes, ways } => {
            format!("{}、{ways} 路、每行 64 字节，分不出 2 的幂个组", Size(*bytes))
        }
        Kind::MatrixTooLarge { bytes, has } => format!("矩阵有 {bytes} 字节，这里只有 {has} 字节"),
        Kind::TooManyReferences { references, max } => {
            format!("到这里为止 scan 共访问 {references} 个字，一个场景最多 {max} 个")
        }
        Kind::ExecutedElsewhere { reg } => format!("执行代码只能经过 cs，不能经过 {reg}"),
        Kind::CpuLacks { cpu, what } => lack(*cpu, *what),
        Kind::ByWithoutArea => "这里不能写“by=”：这一行已经写明了进程".into(),
        Kind::RepeatedSetting { name, first } => format!("“{name}”在第 {first} 行已经设置过"),
        Kind::LateSetting => "这项设置写在第一个操作之后，却从一开始就生效".into(),
        Kind::MissingRam => "没有说明这台机器有多少内存".into(),
        Kind::Frames { frames, min, max } => {
            format!("{}：一台机器应有 {min} 到 {max} 个页框", size(*frames))
        }
        Kind::ZoneOrder { zone, after } => {
            format!("{} 区不能写在 {} 区之后：各区须由低到高", zone.name(), after.name())
        }
        Kind::ZoneWithoutSize { zone, no_ram: false } => {
            format!("{} 区没有写大小，只有最后一个区可以占用剩余内存", zone.name())
        }
        Kind::ZoneWithoutSize { zone, no_ram: true } => {
            format!("{} 区要占用剩余内存，但没有说明总共有多少", zone.name())
        }
        Kind::EmptyZone { zone } => format!("没有内存留给 {} 区了", zone.name()),
        Kind::ZonesMismatch { zones, ram } => {
            format!("各区合计 {}，而内存共有 {}", size(*zones), size(*ram))
        }
        Kind::UnknownZone { zone, node: None, .. } => format!("这台机器没有 {} 区", zone.name()),
        Kind::UnknownZone { zone, node: Some(node), .. } => format!("节点 {node} 没有 {} 区", zone.name()),
        Kind::PagingOfOtherArch { paging, arch } => {
            format!("{} 的内核没有 {} 这种分页方式", arch.name(), paging.word())
        }
        Kind::ZoneOfOtherArch { zone, arch } => format!("{} 的内核没有 {} 区", arch.name(), zone.name()),
        Kind::NodesSayIt { name } => format!("“{name}”不能与 node 行并用：node 行已经说明了"),
        Kind::NodeOrder { node, expected } => {
            format!("这里写着节点 {node}，接下来应是节点 {expected}：节点从 0 起依次编号")
        }
        Kind::SmallNode { node, min } => format!("节点 {node} 的内存不足 {min} 个页框"),
        Kind::UnknownNode { node, nodes: 1 } => format!("这台机器没有节点 {node}，只有节点 0"),
        Kind::UnknownNode { node, nodes } => {
            format!("这台机器没有节点 {node}，只有节点 0 到 {}", nodes.saturating_sub(1))
        }
        Kind::NodesWithoutRam => "没有一个节点有内存".into(),
        Kind::DistanceToItself => "节点到自身的距离总是 10".into(),
        Kind::RepeatedDistance { first } => format!("第 {first} 行已经写过这个距离"),
        Kind::CpuTwice { cpu, first } => format!("CPU {cpu} 已经在第 {first} 行的节点上"),
        Kind::CpuMissing { cpu } => format!("CPU {cpu} 不在任何节点上"),
        Kind::UnknownCpu { cpu, cpus: 1 } => format!("这台机器没有 CPU {cpu}，只有 CPU 0"),
        Kind::UnknownCpu { cpu, cpus } => {
            format!("这台机器没有 CPU {cpu}，只有 CPU 0 到 {}", cpus.saturating_sub(1))
        }
        Kind::RatioCount { found, zones: kinds } => {
            format!("这个内核有 {} 个区，却写了 {found} 个比值", kinds.len())
        }
        Kind::SmallFraction { found } => format!("内核不接受 {found}：只能是 0，或者 8 以上"),
        Kind::MarksDescend => "水位线应依 min、low、high、promo 递增".into(),
        Kind::PcpIsOff { off } => format!("第 {off} 行说明没有每 CPU 页链表（pcp）"),
        Kind::PcpWithoutSizes { zone, cpu } => {
            format!("没有写明 CPU {cpu} 在 {} 区的链表可以有多长", zone.name())
        }
        Kind::NoPcpListOfOrder { order, .. } => format!("{order} 阶的块不进每 CPU 页链表（pcp）"),
        Kind::NoPcpListOf { migratetype } => {
            format!("每 CPU 页链表（pcp）没有 {} 类型的", migratetype.name())
        }
        Kind::FlagsNameTwo { zones: true } => "这些标志同时指定了两个区".into(),
        Kind::FlagsNameTwo { zones: false } => "这些标志同时指定了两种迁移类型".into(),
        Kind::FlagsSayIt { option } => format!("“{option}”不能与 gfp= 并用：标志已经说明了"),
        Kind::FlagsDisagree { word, flags } => format!("要的是 {word} 页，这些标志要的却是 {flags} 页"),
        Kind::NothingListed => "没有给出任何空闲链表，所有页框都在使用".into(),
        Kind::ReserveOutside { frames } => format!("保留范围超出了机器的 {frames} 个页框"),
        Kind::AreaRefused { why: Refused::Unaligned } => {
            "连续内存区从页块的开头开始，对齐必须是 2 的幂".into()
        }
        Kind::AreaRefused { why: Refused::Nothing } => "这块区域一页也没有".into(),
        Kind::AreaRefused { why: Refused::Taken } => "这些页框里有的被保留，有的不是内存".into(),
        Kind::AreaRefused { why: Refused::NoRoom } => "没有一处有这么大一整块空闲内存".into(),
        Kind::AreaRefused { why: Refused::ManyZones } => "这块区域会跨多个内存区".into(),
        Kind::AreaRefused { why: Refused::TooMany } => format!("连续内存区最多 {MAX_AREAS} 个"),
        Kind::Dts(why) => dts(why),
        Kind::AreaNotInLists => "内存是按链表给出的，这里留出的内存在那里并没有留出".into(),
        Kind::AreaWithRows => "/proc/buddyinfo 的计数说不出留出的内存里有什么".into(),
        Kind::ReusableNoMap => "内核要用的内存必须有映射".into(),
        Kind::UnknownArea { name, .. } => format!("没有叫“{name}”的连续内存区"),
        Kind::NothingFree => "所有页框都被保留，任何请求都会失败".into(),
        Kind::MixedStarts { other } => {
            format!("第 {other} 行用另一种方式给出了空闲链表：初始状态要么写计数，要么写链表")
        }
        Kind::RepeatedRow { zone, first } => format!("第 {first} 行已经写过 {} 区的这一项", zone.name()),
        Kind::CountsDoNotFit { zone, needed, has } => {
            format!("这些空闲块共 {}，而 {} 区只放得下 {}", size(*needed), zone.name(), size(*has))
        }
        Kind::Misaligned { pfn, order } => {
            format!("{order} 阶的块不能从页框 {pfn:#x} 开始：它不是 {} 的倍数", order.pages())
        }
        Kind::OutsideZone { pfn, order, zone, start, end } => {
            format!("{pfn:#x} 处的 {order} 阶块超出了 {} 区（{start:#x} 到 {end:#x}）", zone.name())
        }
        Kind::NotRam { pfn, order } => format!("{pfn:#x} 处的 {order} 阶块里有保留页框或不存在的内存"),
        Kind::Overlap { pfn, other } => format!("页框 {pfn:#x} 已经在第 {other} 行的块里"),
        Kind::TooManyPageblocks { zone, has, found } => {
            format!("{} 区有 {has} 个 pageblock，却列出了 {found} 个", zone.name())
        }
        Kind::NotYet(NotYet::Rules(rules)) => format!("Linux {rules} 的规则尚未建模"),
        Kind::OrderRefused { order } => {
            format!("内核会直接拒绝 {order} 阶的请求，最大是 {} 阶", Order::MAX)
        }
        Kind::ZoneAbsent { zone, instead: Some(instead) } => {
            format!("这台机器没有 {} 区，请求将从 {} 区往下找", zone.name(), instead.name())
        }
        Kind::ZoneAbsent { zone, instead: None } => {
            format!("这台机器没有 {} 区，也没有比它低的区", zone.name())
        }
        Kind::UnknownName { name, row: None, .. } => format!("没有叫“{name}”的"),
        Kind::UnknownName { name, row: Some((from, to)), .. } => {
            format!("没有叫“{name}”的，这一排的下标是 {from} 到 {to}")
        }
        Kind::NoPowerOfTwo { found } => format!("{found} 不是 2 的幂"),
        Kind::UsedTooEarly { name, allocated } => {
            format!("“{name}”到第 {allocated} 行才申请，这里却已经用到它")
        }
        Kind::DoubleFree { name, freed } => format!("“{name}”在第 {freed} 行已经释放过"),
        Kind::StillHeld { name, allocated } => {
            format!("“{name}”还占着第 {allocated} 行申请的内存（除非那次请求失败）")
        }
        Kind::Boot(error) => boot(error),
    }
}

pub(super) fn hint(kind: &Kind) -> Option<String> {
    Some(match kind {
        Kind::UnknownStatement { suggestion: Some(word), .. }
        | Kind::Expected { suggestion: Some(word), .. }
        | Kind::UnknownOption { suggestion: Some(word), .. }
        | Kind::UnknownVariable { suggestion: Some(word), .. }
        | Kind::UnknownName { suggestion: Some(word), .. } => format!("是不是想写“{word}”？"),
        Kind::UnknownStatement { .. } => "请求的写法是 a = alloc order=3 movable".into(),
        Kind::Expected { what, .. } => return example(*what).map(|example| format!("例如 {example}")),
        Kind::Trailing { .. } => "注释以 # 开头".into(),
        Kind::UnclosedText => "文字要写在同一行的两个 \" 之间".into(),
        Kind::BadEscape { .. } => "反斜杠写作 \\\\，引号写作 \\\"".into(),
        Kind::FullWidth { ascii, .. } => format!("请写半角的 {ascii}"),
        Kind::BadCharacter { found: ';' } => "一行只写一条语句".into(),
        Kind::NotWholeFrames { .. } => "应为 4K 的倍数".into(),
        Kind::OutOfRange { what: What::Order, .. } => "阶是 2 的幂次：3 阶就是 8 页".into(),
        Kind::NoSets { ways, .. } => format!("例如 {}/{ways}", u32::from(*ways) * 16),
        Kind::ReservedName { name } => format!("可以写 {name}1"),
        Kind::EmptyRange { from, to } => format!("范围包含两端，是不是想写 {to}..{from}？"),
        Kind::TooManyPages { .. } => "只访问其中一部分：write m 0..64K".into(),
        Kind::NoBytes { from, to } if to < from => format!("是不是想写 {}..{}？", Size(*to), Size(*from)),
        Kind::NoBytes { .. } => "0..4K 是第一页".into(),
        Kind::HugeOfOthers => "去掉 shared 和 file=：m = mmap p 4M huge".into(),
        Kind::OffsetWithoutFile => "写上文件：m = mmap p 64K file=libc offset=4K".into(),
        Kind::NotAGroup { .. } => "先在前面建一个：g = cgroup max=40M".into(),
        Kind::NotACpuset { .. } => "先在前面建一个：c = cpuset mems=0".into(),
        Kind::CacheSets { .. } => "32K/8 有 64 组，48K/12 也是".into(),
        Kind::MatrixTooLarge { .. } => "区域要更大，或者矩阵更小".into(),
        Kind::TooManyReferences { .. } => "只扫其中一部分：scan m stride=64 0..64K".into(),
        Kind::ExecutedElsewhere { .. } => "例如 exec cs:0x100".into(),
        Kind::CpuLacks { what, .. } => instead(*what).into(),
        Kind::ByWithoutArea => "写在区域后面：write m by=q；别的进程的堆：write q heap".into(),
        Kind::MissingEnd => "在循环最后一行之后单独写一行 end".into(),
        Kind::EndWithoutFor => "循环以 for i in 0..63 开头".into(),
        Kind::ShadowedVariable { .. } => "给其中一个换个变量名".into(),
        Kind::LateSetting => "把它移到第一个操作之前".into(),
        Kind::MissingRam => "请写 ram 64M".into(),
        Kind::ZoneOrder { .. } => "顺序是 DMA、DMA32、Normal、HighMem、Movable，每个最多一次".into(),
        Kind::ZoneWithoutSize { no_ram: false, .. } => "例如 zone DMA 16M".into(),
        Kind::ZoneWithoutSize { no_ram: true, .. } => "加一行 ram 64M，或给这个区写上大小".into(),
        Kind::ZonesMismatch { .. } => "最后一个区不写大小，就会占用剩余内存".into(),
        Kind::UnknownZone { has, .. } if !has.is_empty() => format!("它有 {}", zones(has)),
        Kind::AreaRefused { why: Refused::Unaligned } => "取 2M 的倍数".into(),
        Kind::AreaRefused { .. } => "不写位置，或者改小：cma 16M".into(),
        Kind::AreaNotInLists => {
            "连续内存区的 pageblock 是 CMA，在 pageblocks 行里写 4；别的留出内存不在任何链表上".into()
        }
        Kind::AreaWithRows => "直接给出空闲链表：free_list DMA32 10 CMA: 0xc000".into(),
        Kind::ReusableNoMap => "reusable 是连续内存区，no-map 是某个设备自己的池".into(),
        Kind::UnknownArea { suggestion: Some(near), .. }
        | Kind::Dts(DtsWrong::UnknownLabel { suggestion: Some(near), .. }) => format!("是不是想写“{near}”？"),
        Kind::Dts(DtsWrong::UnknownLabel { .. }) => "给节点加上标签：video: video { … };".into(),
        Kind::Dts(DtsWrong::NoSize) => "写 size = <0x400000>; 或 reg = <0x3000000 0x400000>;".into(),
        Kind::Dts(DtsWrong::Cells { .. }) => "看 #address-cells 和 #size-cells，不写就各是 1".into(),
        Kind::Dts(DtsWrong::Unfinished) => "用 }; 结束".into(),
        Kind::Dts(DtsWrong::Include) => "去掉这一行，或把内容写进来".into(),
        Kind::UnknownArea { .. } => "先在上面声明：reserved_memory video size=16M reusable".into(),
        Kind::NothingFree => "PC 的第一个 MiB 是保留的；写一行 zone Normal 就只有一个普通的区".into(),
        Kind::CountsDoNotFit { needed, has, .. } if needed <= has => {
            "两个空闲伙伴会合并，所以有的计数需要比总和更多的空间".into()
        }
        Kind::NotYet(NotYet::Rules(_)) => "请写 rules 6.1".into(),
        Kind::ZoneOfOtherArch { zone: ZoneKind::HighMem, .. } => "请写 arch i386".into(),
        Kind::PagingOfOtherArch { arch: Arch::I386, .. } => "它有 pae 和 2level".into(),
        Kind::PagingOfOtherArch { paging: Paging::TwoLevel | Paging::Pae, .. } => "请写 arch i386".into(),
        Kind::ZoneOfOtherArch { arch: Arch::I386, .. } => "它有 DMA、Normal、HighMem、Movable".into(),
        Kind::NodesSayIt { name: "ram" } => "请写 node 0 ram 1G".into(),
        Kind::NodesSayIt { name: "cpus" } => "请写 node 0 ram 1G cpus 0..3".into(),
        Kind::NodesSayIt { .. } => "各区按 Linux 的规则分布在节点上".into(),
        Kind::NodesWithoutRam => "例如 node 0 ram 1G".into(),
        Kind::CpuMissing { .. } => "CPU 从 0 起连续编号".into(),
        Kind::RatioCount { zones: kinds, .. } => format!("{} 各一个", zones(kinds)),
        Kind::PcpIsOff { .. } => "删去那一行".into(),
        Kind::PcpWithoutSizes { zone, cpu } => {
            format!("加一行 pcp_sizes {} cpu={cpu} high=515 batch=15", zone.name())
        }
        Kind::NoPcpListOfOrder { pageblock, .. } => {
            format!("0 到 3 阶和 {pageblock} 阶（一个 pageblock）的块才进")
        }
        Kind::NoPcpListOf { .. } => "这样的块在 Movable 链表上".into(),
        Kind::FlagsNameTwo { zones: true } => "GFP_DMA、GFP_DMA32、__GFP_HIGHMEM 只能写一个".into(),
        Kind::FlagsNameTwo { zones: false } => "__GFP_MOVABLE 和 __GFP_RECLAIMABLE 只能写一个".into(),
        Kind::FlagsSayIt { option: "zone=" } => "在标志里写 GFP_DMA、GFP_DMA32 或 __GFP_HIGHMEM".into(),
        Kind::FlagsDisagree { word: "movable" | "anon" | "file", .. } => {
            "加上 |__GFP_MOVABLE，或删去这个词".into()
        }
        Kind::FlagsDisagree { word: "reclaimable", .. } => "加上 |__GFP_RECLAIMABLE，或删去这个词".into(),
        Kind::FlagsDisagree { .. } => "删去这个词".into(),
        Kind::NothingListed => "例如 free_list DMA 10 Movable: 0x400 0x800 0xc00".into(),
        Kind::UnknownName { row: Some(_), .. } => "范围包含两端：0..63 是 64 次".into(),
        Kind::UsedTooEarly { .. } => "把这一行移到它后面".into(),
        _ => return None,
    })
}

fn noun(what: What) -> String {
    match what {
        What::Literal(word) => return format!("“{word}”"),
        What::Name => "名字",
        What::Number => "数字",
        What::Amount => "内存大小",
        What::Text => "引号里的文字",
        What::Order => "阶",
        What::Pages => "页数",
        What::Pfn => "页框号",
        What::Zone => "内存区",
        What::MigrateType => "迁移类型",
        What::PageKind => "页的用途",
        What::OnOff => " on 或 off",
        What::OnOffAuto => " on、off 或 auto",
        What::Rules => "内核版本",
        What::Size => " order= 或 pages=",
        What::Weight => "用途及其权重",
        What::Percent => "百分比",
        What::Actions => "动作数",
        What::Variable => "循环变量",
        What::Index => "下标",
        What::Range => "范围",
        What::Request => " alloc、workload、kmalloc 之类的词",
        What::Bytes => "字节数",
        What::ObjectSize => " size= 和字节数",
        What::Slab => " slub 或 slab",
        What::Processor => " skylake 或 nehalem",
        What::BuddyRow => " /proc/buddyinfo 的一行",
        What::Count => "空闲块的个数",
        What::PageblockDigits => " pageblock 类型的数字（0 到 5）",
        What::Arch => "体系结构",
        What::Node => "节点号",
        What::NodeParts => " ram 或 cpus",
        What::Cpu => " CPU 号",
        What::Cpus => " CPU 数",
        What::CpuRange => " CPU 的范围",
        What::Distance => "距离",
        What::Kibibytes => " KiB 数",
        What::Factor => "系数",
        What::Ratio => "比值",
        What::Fraction => "分数",
        What::Sysctl => " /proc/sys/vm 里的一个文件",
        What::KernelDid => " alloc、refill、free 或 drain",
        What::KernelMoved => " taken、stolen 或 drained",
        What::Thp => " always、madvise 或 never",
        What::HugePages => "大页的个数",
        What::OomKiller => " 2.6.32、3.10 或 6.1",
        What::SysrqKey => " f",
        What::Policy => "内存策略",
        What::Paging => " 4level、5level、2level 或 pae",
        What::Gfp => "请求的标志",
        What::Process => "进程的名字",
        What::Prot => " r、rw、rx、none 之类的权限",
        What::Advice => " dontneed",
        What::Byte => "一个字节（0x00 到 0xff）",
        What::Caches => "处理器的名字，或某级缓存的大小",
        What::FileAdvice => " normal、sequential、random 或 dontneed",
        What::DropCaches => " 1、2 或 3",
        What::Duration => "时间，如 5s 或 200ms",
        What::Milliseconds => "毫秒数",
        What::SwapPages => "交换区的页数",
        What::SwapPriority => "优先级",
        What::Group => "控制组的名字",
        What::GroupLimit => "内存量或 max",
        What::Cpuset => "cpuset 的名字",
        What::Ways => " / 和路数",
        What::Cycles => " L1、L2、L3、DRAM 的周期数，中间用 / 隔开",
        What::Disk => " ssd 或 hdd",
        What::Pattern => " row、column、stride 或 random",
        What::Matrix => "行数 x 列数",
        What::RandomCount => " count=",
        What::SignedBytes => "带 + 或 - 的字节数",
        What::ByteRange => "字节范围",
        What::Address => "地址",
        What::SegmentCpu => " direct、8086、80286、80386 或 x86_64",
        What::Mode => " real、protected 或 long",
        What::SegmentRegister => "段寄存器（cs、ds、es、ss、fs、gs）",
        What::Selector => "选择子",
        What::Descriptor => " data、code、ldt，或十六进制的 8 个字节",
        What::Limit => "段限长",
        What::Offset => "段内偏移",
        What::AccessSize => "一次访问的字节数（1、2、4、8）",
        What::Bits => " 16、32 或 64",
        What::Direction => " to、from 或 both",
        What::Figure(name) => return format!(" {name}= 和数字"),
    }
    .into()
}

fn example(what: What) -> Option<&'static str> {
    Some(match what {
        What::Name => "a",
        What::Amount => "64M",
        What::Text => "\"一句话。\"",
        What::Pfn => "0xb000",
        What::Zone => "DMA32",
        What::MigrateType => "Movable",
        What::PageKind => "movable",
        What::Rules => "6.1",
        What::Size => "order=3",
        What::Weight => "movable=60",
        What::Actions => "workload 1000",
        What::Variable => "for i in 0..63",
        What::Index => "b[2*i+1]",
        What::Range => "0..63",
        What::Request => "a = alloc order=3 movable",
        What::Bytes => "64K",
        What::ObjectSize => "c = kmem_cache_create size=600",
        What::Slab => "slab slub",
        What::Processor => "tlb skylake",
        What::BuddyRow => "Node 0, zone DMA 3 2 3 0 3 2 0 0 1 1 3",
        What::PageblockDigits => "0022 1*40",
        What::Arch => "x86_64",
        What::NodeParts => "node 0 ram 1G cpus 0..1",
        What::Cpus => "cpus 4",
        What::Sysctl => "sysctl vm.min_free_kbytes 4096",
        What::KernelDid => "kernel alloc 0x7a4e order=0 gfp=GFP_KERNEL",
        What::KernelMoved => "kernel alloc 0x7a4e order=0 gfp=GFP_KERNEL taken 0x7a4e 0x7a4f",
        What::Gfp => "GFP_KERNEL|__GFP_NOWARN",
        What::CpuRange => "cpus 0..1",
        What::Process => "p",
        What::Prot => "mprotect m r",
        What::Advice => "madvise m dontneed",
        What::Byte => "memset b 0x41",
        What::Caches => "caches skylake",
        What::FileAdvice => "fadvise f random",
        What::DropCaches => "drop_caches 1",
        What::Duration | What::Milliseconds => "wait 5s",
        What::SwapPages => "swap 64M",
        What::SwapPriority => "swap 64M priority=5",
        What::Group => "p = exec cgroup=g",
        What::GroupLimit => "g = cgroup max=40M",
        What::Cpuset => "p = exec cpuset=c",
        What::Ways => "l1d=32K/8",
        What::Cycles => "cycles=4/12/44/320",
        What::Disk => "disk=hdd",
        What::Pattern => "scan m stride=64",
        What::Matrix => "scan m row 64x64",
        What::RandomCount => "scan m random count=1000",
        What::SignedBytes => "brk p +132K",
        What::ByteRange => "0..64K",
        What::Address => "0x7fff12345000",
        What::SegmentCpu => "cpu 80386",
        What::Mode => "mode protected",
        What::SegmentRegister => "load ds 0x1b",
        What::Selector => "0x1b",
        What::Descriptor => "gdt 3 data base=1M limit=0xffff",
        What::Limit => "limit=0xffff",
        What::Offset => "read ds:0x10",
        What::Figure("limit") => "limit=0xffff",
        What::Figure("base") => "base=1M",
        What::Figure("cs") => "iret cs=0x1b ss=0x23",
        What::Figure("ss") => "iret cs=0x1b ss=0x23",
        What::Figure("min") => "min=34",
        What::Figure("low") => "low=42",
        What::Figure("high") => "high=50",
        What::Figure("batch") => "batch=15",
        What::Figure("cpu") => "cpu=0",
        What::Figure("order") => "order=0",
        _ => return None,
    })
}

/// What a processor does not have, as a sentence.
fn lack(cpu: SegmentCpu, what: Lack) -> String {
    let cpu = if cpu == SegmentCpu::Direct { "没有分段的处理器" } else { cpu.name() };
    match what {
        Lack::Segments => format!("{cpu}没有段寄存器"),
        Lack::Register(reg) => format!("{cpu} 没有 {reg} 寄存器"),
        Lack::Mode(mode) => format!("{cpu} 没有 {} 模式", mode.name()),
        Lack::BackToReal => format!("{cpu} 只有复位才能回到实模式"),
        Lack::Gate => format!("{cpu} 的第 20 根地址线没有门"),
        Lack::Descriptors => format!("{cpu} 没有描述符"),
        Lack::Paging => format!("{cpu} 没有两级页表"),
        Lack::Bases => format!("{cpu} 的段基址写在描述符里"),
        Lack::Relocation => format!("{cpu} 有分段，不用一对基址和界限"),
    }
}

fn instead(what: Lack) -> &'static str {
    match what {
        Lack::Segments => "去掉寄存器，或先写 cpu 8086",
        Lack::Register(_) | Lack::Paging => "cpu 80386 才有",
        Lack::Mode(Mode::Long) | Lack::Bases => "cpu x86_64 才有",
        Lack::Mode(_) | Lack::Descriptors | Lack::Gate => "80286 起才有：cpu 80286",
        Lack::BackToReal => "再写一行 cpu 80286 就是复位",
        Lack::Relocation => "cpu direct 才有",
    }
}

fn boot(error: &BootError) -> String {
    match error {
        BootError::Frames(frames) => {
            format!("{frames} 个页框：一台机器应有 {MIN_FRAMES} 到 {MAX_FRAMES_IMPORTED} 个")
        }
        BootError::Layout => "内存区或内存范围有重叠，或者没有这样的区、节点或 CPU".into(),
        BootError::BadBlock(_, block) => {
            format!("{:#x} 处的 {} 阶空闲块放不进它的区", block.pfn.0, block.order)
        }
        BootError::Overlap(pfn) => format!("两个空闲块都含有页框 {:#x}", pfn.0),
        BootError::DoesNotFit(_) => "空闲块的计数超出了内存区的大小".into(),
    }
}

/// `64 MiB(16384 个页框)`.
fn size(frames: u64) -> String {
    format!("{}（{frames} 个页框）", NrPages(frames.min(u64::MAX >> 16)).bytes())
}

fn zones(kinds: &[ZoneKind]) -> String {
    kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join("、")
}

fn dts(why: &DtsWrong) -> String {
    match why {
        DtsWrong::Expected { wanted, found } => {
            let wanted = match *wanted {
                "a node" | "a node or a property" => "节点或属性",
                "a label" => "标签",
                "a value" => "值",
                "a number or `>`" => "数字或 >",
                other => other.trim_matches('`'),
            };
            format!("这里应该是{wanted}，写的却是“{found}”")
        }
        DtsWrong::Unfinished => "这里没有结束".into(),
        DtsWrong::NoSize => "预留内存的节点要写多大".into(),
        DtsWrong::Cells { name, wanted } => format!("{name} 不够 {wanted} 个单元"),
        DtsWrong::UnknownLabel { name, .. } => format!("预留内存里没有标签“{name}”"),
        DtsWrong::Include => "不读其他文件".into(),
        DtsWrong::TooDeep => "节点嵌套太深".into(),
    }
}

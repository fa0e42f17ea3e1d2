//! 关于内核对象和 vmalloc 的中文句子。

use mm::Pfn;
use mm::cache::Access;
use mm::op::{KmemOp, NameId};
use mm::process::{Cell, Window};
use mm::slab::SlabStep;
use mm::slab_common::Allocator;
use mm::slub::SlubStep;
use mm::step::KmemStep;
use mm::vmalloc::{NoArea, VmallocStep};

use super::super::process::malloc::holds_zh;
use super::super::told;
use super::{
    Discard, Told, Words, cache_of, colour_offset, cpu, discard, min_partial, num, pieces, whole_unit,
};

/// `40 字节`, `64 KiB`
pub(in crate::narrate) fn bytes(bytes: impl Into<u64>) -> String {
    let bytes = bytes.into();
    whole_unit(bytes).unwrap_or_else(|| format!("{} 字节", num(bytes)))
}

/// The same with Chinese behind it: a space only behind Latin letters.
fn bytes_and(of: impl Into<u64>, behind: &str) -> String {
    let bytes = bytes(of);
    let space = if bytes.ends_with("字节") { "" } else { " " };
    format!("{bytes}{space}{behind}")
}

pub(super) fn kmem(w: &Words, step: &KmemStep) -> Told {
    match *step {
        KmemStep::Created { cache } => {
            let name = w.name(cache);
            let figures = cache_of(w, cache).map(mm::slab_common::Cache::figures);
            let did = figures.map_or(format!("建好了缓存 {name}。"), |f| {
                format!(
                    "建好缓存 {name}：{} 页的 slab 装 {} 个 {}。",
                    f.pagesperslab,
                    f.objperslab,
                    bytes_and(f.objsize, "的对象")
                )
            });
            told(
                (did, "它还没有 slab，第一次申请时才有。"),
                (format!("建立缓存 {name}。"), "现在只算布局；内存等第一次申请时再要。"),
                format!("建立 {name}"),
            )
        }
        KmemStep::Merged { name, with } => {
            let (name, with) = (w.name(name), w.name(with));
            let why = "两者的对象几乎一样，合用一个缓存更省。";
            told(
                (format!("{name} 成了 {with} 的别名。"), why),
                (format!("让 {name} 做 {with} 的别名。"), why),
                format!("{name} 并入 {with}"),
            )
        }
        KmemStep::NotCreated { name } => {
            let name = w.name(name);
            let why = "最大的块是 4 MiB，一个对象得放得下。";
            told(
                (format!("没能建立缓存 {name}：对象太大。"), why),
                (format!("拒绝建立缓存 {name}：对象太大。"), why),
                format!("拒绝 {name}：对象太大"),
            )
        }
        KmemStep::SizeClass { name, bytes: wanted, cache, size } => {
            let (name, cache) = (w.name(name), w.name(cache));
            let why = match size - wanted {
                0 => "它的对象正好这么大。".to_owned(),
                waste if w.is_full() => format!("它的对象有 {}，浪费 {}。", bytes(size), bytes(waste)),
                waste => format!("浪费 {}。", bytes(waste)),
            };
            told(
                (format!("{name} 的 {} {cache} 提供。", bytes_and(wanted, "由")), why),
                (
                    format!("{name} 要 {}，选中 {cache}。", bytes(wanted)),
                    "它是放得下的 kmalloc 缓存里最小的。",
                ),
                format!("{name}：{}，用 {cache}", bytes(wanted)),
            )
        }
        KmemStep::Large { name, bytes: wanted, order } => {
            let (name, wanted) = (w.name(name), bytes_and(wanted, "太大"));
            let why = if w.is_full() {
                "kmalloc 就直接向伙伴系统要，而且要连成一片。"
            } else {
                "kmalloc 就找伙伴系统要。"
            };
            told(
                (format!("{wanted}，没有缓存装得下：{name} 需要一个 {order} 阶块。"), why),
                (format!("{wanted}，没有缓存装得下：要 {order} 阶块。"), why),
                format!("{name}：绕过缓存，要 {order} 阶"),
            )
        }
        KmemStep::ZeroSize { name } => {
            let name = w.name(name);
            let why = "它不是 NULL，但一读就出错。";
            told(
                (format!("{name} 要 0 字节，得到一个没有内存的地址。"), why),
                (format!("{name} 要 0 字节，给它一个没有内存的地址。"), why),
                format!("{name}：0 字节"),
            )
        }
        KmemStep::TooLarge { name, bytes: wanted } => {
            let name = w.name(name);
            let too_many = bytes_and(wanted, "太多");
            let why = "kmalloc 要连成一片，而最大的块是 4 MiB。";
            told(
                (format!("{name} 得到 NULL：{too_many}。"), why),
                (format!("拒绝 {name}：{too_many}。"), why),
                format!("拒绝 {name}：{too_many}"),
            )
        }
        KmemStep::Handed { name, cache: _, object, zeroed, constructed } => {
            let (name, index, slab) = (w.name(name), object.index, slab_at(w, object.slab));
            let why = if zeroed {
                "事先把它的字节全清成了零。"
            } else if constructed {
                "构造函数只在建 slab 时跑过一次，现在不跑。"
            } else {
                "里面还是上一个主人留下的内容，清零才会变。"
            };
            told(
                (format!("{name} 得到 {slab} 里的对象 {index}。"), why),
                (format!("把 {slab} 里的对象 {index} 交给 {name}。"), why),
                format!("{name} 得到对象 {index}"),
            )
        }
        KmemStep::NoObject { name, cache } => {
            let (name, cache) = (w.name(name), w.name(cache));
            let why = "没有 slab 有空闲对象，也要不到新的块。";
            told(
                (format!("{name} 从 {cache} 得到 NULL。"), why),
                (format!("给 {name} 返回 NULL。"), why),
                format!("{name} 得到 NULL"),
            )
        }
        KmemStep::FreeObject { name, cache, object } => {
            let (name, cache, index) = (w.name(name), w.name(cache), object.index);
            let slab = slab_at(w, object.slab);
            let why = "对象不动，变的只是链表。";
            told(
                (format!("{name} 把 {slab} 里的对象 {index} 还给了 {cache}。"), why),
                (format!("{name} 要把 {slab} 里的对象 {index} 还给 {cache}。"), why),
                format!("{name} 归还对象 {index}"),
            )
        }
        KmemStep::Shrinks { cache } => {
            let cache = w.name(cache);
            let why = "收上来才看得出哪些 slab 是空的。";
            told(
                (format!("开始收缩 {cache}：每个 CPU 都要交出自己留着的。"), why),
                (format!("收缩 {cache}：每个 CPU 交出自己留着的。"), why),
                format!("收缩 {cache}"),
            )
        }
        KmemStep::Shrunk { cache, slabs } => {
            let cache = w.name(cache);
            let why = if slabs == 0 {
                "它的内存全部回到了伙伴系统。"
            } else {
                "只要有一个对象在用，整个 slab 就得留着。"
            };
            told(
                (format!("{cache} 现在有 {slabs} 个 slab。"), why),
                (format!("{cache} 还剩 {slabs} 个 slab。"), why),
                format!("{cache} 有 {slabs} 个 slab"),
            )
        }
        KmemStep::Unaliased { name, with } => {
            let (name, with) = (w.name(name), w.name(with));
            let why = "有几个名字的缓存，到最后一个名字才消失。";
            told(
                (format!("{name} 这个名字没了，{with} 还在。"), why),
                (format!("去掉 {name} 这个名字，{with} 留着。"), why),
                format!("{name} 没了，{with} 还在"),
            )
        }
        KmemStep::StillInUse { cache, objects } => {
            let cache = w.name(cache);
            let why = "内核只警告并保留它，否则有人会用到已经没了的内存。";
            told(
                (format!("{cache} 没能销毁：还有 {objects} 个对象在用。"), why),
                (format!("{cache} 不能销毁：还有 {objects} 个对象在用。"), why),
                format!("{cache} 保留：{objects} 个在用"),
            )
        }
        KmemStep::Destroyed { cache } => {
            let cache = w.name(cache);
            let why = "没有对象在用，所有 slab 都能还掉。";
            told(
                (format!("缓存 {cache} 没有了。"), why),
                (format!("销毁缓存 {cache}。"), why),
                format!("销毁 {cache}"),
            )
        }
        KmemStep::Reaps { cpu } => {
            let why = if w.config().kmem.allocator == Allocator::Slab {
                "每两秒一次，这期间没人用过的数组交出五分之一。"
            } else {
                "只有 SLAB 才有数组要它照管，SLUB 没有。"
            };
            told(
                (format!("回收器到了 CPU {}。", cpu.0), why),
                (format!("回收器来查看 CPU {}。", cpu.0), why),
                format!("回收器查看 CPU {}", cpu.0),
            )
        }
        KmemStep::Shrinker { .. }
        | KmemStep::Unused { .. }
        | KmemStep::NoShrinker { .. }
        | KmemStep::ShrinkerCount { .. }
        | KmemStep::Spared { .. }
        | KmemStep::ShrinkerDone { .. }
        | KmemStep::SlabDropped { .. } => super::shrinker::zh(w, step),
        KmemStep::Touched { name, address: _, cpu, access } => touched(w, name, cpu.0, access),
        KmemStep::Holds { name, holds } => {
            let (name, bytes) = (w.name(name), holds_zh(&holds));
            let why = "内核的内存归还时，没有谁清它。";
            told(
                (format!("{name} 里有前人的内容：{bytes}。"), why),
                (format!("{name} 里有前人的内容：{bytes}。"), why),
                format!("{name}：{bytes}"),
            )
        }
        KmemStep::Filled { name, address: _, bytes: length, value } => {
            let (name, size) = (w.name(name), |verb| bytes_and(length, verb));
            let why = "谁拿着都一样，直到有人再写。";
            told(
                (format!("{name} 的 {} {value:#04x}。", size("变成了")), why),
                (format!("把 {name} 的 {} {value:#04x}。", size("写成")), why),
                format!("{name} 的 {} {value:#04x}", size("变成")),
            )
        }
        KmemStep::Dumped { name, address: _, bytes: _, holds } => {
            let (name, bytes) = (w.name(name), holds_zh(&holds));
            let why = memory_says(&holds);
            told(
                (format!("{name} 里是 {bytes}。"), why),
                (format!("看看 {name}：{bytes}。"), why),
                format!("{name}：{bytes}"),
            )
        }
    }
}

/// 按首个页框称呼一个 slab，地方不够时说得短些。
fn slab_at(w: &Words, at: Pfn) -> String {
    let frame = num(at.0);
    if w.is_full() { format!("{frame} 号页框的 slab") } else { format!("slab {frame}") }
}

/// 这些字节说明什么。
fn memory_says(holds: &Window) -> &'static str {
    let has = |is: fn(&Cell) -> bool| holds.runs().iter().any(|(_, cell)| is(cell));
    if has(|cell| *cell == Cell::FreePointer) {
        "空闲时，SLUB 的指针存在里面。"
    } else if has(|cell| *cell == Cell::Unsaid) {
        "没人写过的地方，有什么不知道。"
    } else {
        "最后一次写的就是这些。"
    }
}

fn touched(w: &Words, name: NameId, cpu: u8, access: Access) -> Told {
    let name = w.name(name);
    let (what, why) = match access {
        Access::Hit { set } => (format!("组 {set} 命中"), "它那一行还在一级缓存里。"),
        Access::Miss { set, evicted: None } => (format!("组 {set} 未命中"), "这一组还放得下它那一行。"),
        Access::Miss { set, evicted: Some(_) } => {
            (format!("组 {set} 未命中"), "这一组满了，最久没用的那一行被换出。")
        }
    };
    told(
        (format!("CPU {cpu} 读了 {name}：{what}。"), why),
        (format!("CPU {cpu} 读 {name}：{what}。"), why),
        format!("CPU {cpu} 读 {name}：{what}"),
    )
}

pub(super) fn slub(w: &Words, cache: NameId, step: &SlubStep) -> Told {
    let (cpu, keeps) = (cpu(w, "CPU"), min_partial(w, cache));
    let cache = w.name(cache);
    let slab = step.slab().map_or(String::new(), |pfn| slab_at(w, pfn));
    match *step {
        SlubStep::FastAlloc(object) => {
            let index = object.index;
            told(
                (
                    format!("从 {cpu} 的空闲链取下对象 {index}，它在 {slab} 里。"),
                    "快速路径不用锁；下一个是谁，对象自己写着。",
                ),
                (format!("取 {cpu} 空闲链的头，{slab} 的对象 {index}。"), "快速路径不用锁：这条链别人不碰。"),
                format!("从 {cpu} 的空闲链取对象 {index}"),
            )
        }
        SlubStep::TakesRemoteFrees { objects, .. } => {
            let why = "一次交换就把整条链拿来，谁也不用等谁。";
            told(
                (format!("{cpu} 把放回 {slab} 的 {objects} 个对象收了下来。"), why),
                (format!("{cpu} 的空闲链空了：收下放回 {slab} 的 {objects} 个。"), why),
                format!("{cpu} 收下放回的 {objects} 个对象"),
            )
        }
        SlubStep::LetsFullSlabGo { .. } => told(
            (
                format!("{cpu} 放开了 {slab}，里面没有空闲的了。"),
                "满的 slab 不在任何链表上，有对象归还时才回来。",
            ),
            (format!("放开 {slab}，里面没有空闲的了。"), "满的 slab 用不着链表。"),
            format!("{cpu} 放开满的 slab"),
        ),
        SlubStep::TakesCpuPartial { .. } => {
            let why = "还是不用锁：CPU 的部分空闲链表归它自己。";
            told(
                (format!("{cpu} 换用 {slab}，它的部分空闲链表上最新的一个。"), why),
                (format!("换用 {slab}，{cpu} 的部分空闲链表上最新的。"), why),
                format!("{cpu} 从自己的部分空闲链表取 slab"),
            )
        }
        SlubStep::TakesNodePartial { node, .. } => {
            let why = "这条链表各 CPU 共用，所以要拿锁。";
            told(
                (format!("{cpu} 换用 {slab}，节点 {node} 部分空闲链表的头。"), why),
                (format!("取 {slab}，节点 {node} 部分空闲链表的头。"), why),
                format!("{cpu} 从节点 {node} 取 slab"),
            )
        }
        SlubStep::TakesOneMore { .. } => {
            let why = "锁反正拿着，顺便多取几个。";
            told(
                (format!("{slab} 也移到了 {cpu} 的部分空闲链表。"), why),
                (format!("顺便把 {slab} 移到 {cpu} 的部分空闲链表。"), why),
                "又一个 slab 移到 CPU 的部分空闲链表",
            )
        }
        SlubStep::NewSlab { order, .. } => told(
            (
                format!("{slab}（{order} 阶）归了 {cache}，由 {cpu} 使用。"),
                "对象全空闲，每个都写着下一个是谁。",
            ),
            (format!("把这一块做成 {cache} 的 slab。"), "空闲对象串成一条链：每个里面存着下一个的地址。"),
            format!("{cache} 有了新的 slab"),
        ),
        SlubStep::NoSlab => {
            let why = "没有 slab 有空闲对象，伙伴系统也没有块。";
            told(
                (format!("{cache} 找不到对象。"), why),
                (format!("{cache} 会找不到对象。"), why),
                format!("{cache} 没有对象"),
            )
        }
        SlubStep::FastFree(object) => {
            let index = object.index;
            let why = "正是这个 CPU 的 slab：不用锁，下次先给它。";
            told(
                (format!("对象 {index} 成了 {cpu} 空闲链的头。"), why),
                (format!("把对象 {index} 放到 {cpu} 空闲链的头上。"), why),
                format!("对象 {index} 回到 {cpu} 的空闲链"),
            )
        }
        SlubStep::SlowFree { object, frozen } => {
            let index = object.index;
            let why = if frozen {
                "slab 是冻结的：它的 CPU 以后会发现，链表不变。"
            } else {
                "那个 slab 不归任何 CPU，所以可能要换链表。"
            };
            told(
                (format!("对象 {index} 放回了 {slab} 自己的空闲链。"), why),
                (format!("把对象 {index} 放回 {slab} 自己的空闲链。"), why),
                format!("对象 {index} 回到它的 slab"),
            )
        }
        SlubStep::ToCpuPartial { .. } => {
            let why = "它本来是满的，不在链表上；现在有了空闲对象。";
            told(
                (format!("{slab} 进了 {cpu} 的部分空闲链表。"), why),
                (format!("把 {slab} 放进 {cpu} 的部分空闲链表。"), why),
                format!("一个 slab 进了 {cpu} 的部分空闲链表"),
            )
        }
        SlubStep::CpuPartialIsFull { slabs } => {
            let why = "一次拿锁，全部交给节点。";
            told(
                (format!("{cpu} 的部分空闲链表满了，{slabs} 个 slab 离开它。"), why),
                (format!("{cpu} 的部分空闲链表满了：移走 {slabs} 个 slab。"), why),
                format!("{slabs} 个 slab 离开 {cpu} 的部分空闲链表"),
            )
        }
        SlubStep::ToNodePartial { tail, .. } => {
            let end = if tail { "尾" } else { "头" };
            let why = "在那里，哪个 CPU 都能取用它。";
            told(
                (format!("{slab} 到了节点部分空闲链表的{end}上。"), why),
                (format!("把 {slab} 放到节点部分空闲链表的{end}上。"), why),
                format!("一个 slab 到了节点链表的{end}"),
            )
        }
        SlubStep::StaysFull { .. } => {
            let why = "它的对象全在用。";
            told(
                (format!("{slab} 放开了，不进链表。"), why),
                (format!("放开 {slab}，不进链表。"), why),
                "放开一个满的 slab",
            )
        }
        SlubStep::Discards { .. } => {
            let why = match (discard(w), keeps) {
                (Discard::Shrink, _) => "收缩时，空的 slab 全部归还。".to_owned(),
                (_, Some(keeps)) => format!("节点已有 {keeps} 个带空闲对象的 slab，够了。"),
                _ => "节点已有足够的、带空闲对象的 slab。".into(),
            };
            told(
                (format!("{slab} 空了，要还给伙伴系统。"), why.clone()),
                (format!("还掉 {slab}：它空了。"), why),
                "归还一个空的 slab",
            )
        }
        SlubStep::KeepsEmpty { .. } => {
            let why = keeps.map_or("也许马上又要用。".to_owned(), |keeps| {
                format!("节点手头留 {keeps} 个 slab，空的也算：也许马上又要用。")
            });
            told(
                (format!("{slab} 空了，但留着。"), why.clone()),
                (format!("{slab} 虽然空了，也留着。"), why),
                "留着一个空的 slab",
            )
        }
    }
}

pub(super) fn slab(w: &Words, cache: NameId, step: &SlabStep) -> Told {
    let cpu = cpu(w, "CPU");
    let offset = match *step {
        SlabStep::NewSlab { colour, .. } => colour_offset(w, cache, colour),
        _ => None,
    };
    let cache = w.name(cache);
    let slab = step.slab().map_or(String::new(), |pfn| slab_at(w, pfn));
    match *step {
        SlabStep::ArrayAlloc(object) => {
            let index = object.index;
            let why = "后放进来的先给出：它可能还在 CPU 的缓存里。";
            told(
                (format!("从 {cpu} 数组的末尾取下 {slab} 的对象 {index}。"), why),
                (format!("取 {cpu} 数组的末尾，{slab} 的对象 {index}。"), why),
                format!("从 {cpu} 的数组取对象 {index}"),
            )
        }
        SlabStep::FromShared { objects } => {
            let why = "同一节点的 CPU 共用的数组，比 slab 优先。";
            told(
                (format!("{objects} 个对象从共享数组移到了 {cpu} 的数组。"), why),
                (format!("{cpu} 的数组空了：从共享数组移来 {objects} 个。"), why),
                format!("从共享数组移来 {objects} 个"),
            )
        }
        SlabStep::FromSlab { objects, full, .. } => {
            let why = if full {
                "这个 slab 现在就算满了，虽然还没人用。"
            } else {
                "一次一批，slab 里还有。"
            };
            told(
                (format!("{objects} 个对象从 {slab} 移到了 {cpu} 的数组。"), why),
                (format!("{cpu} 的数组空了：从 {slab} 移来 {objects} 个。"), why),
                format!("{objects} 个对象进了 {cpu} 的数组"),
            )
        }
        SlabStep::NewSlab { colour, .. } => {
            let why = match offset {
                Some(0) => "对象从最开头排起。".to_owned(),
                Some(offset) => format!("对象往后错开 {}，用到 CPU 缓存的其他行。", bytes(offset)),
                None => "颜色决定对象往后错开多少。".into(),
            };
            told(
                (format!("{slab} 归了 {cache}，颜色是 {colour}。"), why.clone()),
                (format!("把 {slab} 交给 {cache}，颜色是 {colour}。"), why),
                format!("{cache} 有了新的 slab，颜色 {colour}"),
            )
        }
        SlabStep::NoSlab => {
            let why = "没有 slab 有空闲对象，伙伴系统也没有块。";
            told(
                (format!("{cache} 找不到对象。"), why),
                (format!("{cache} 会找不到对象。"), why),
                format!("{cache} 没有对象"),
            )
        }
        SlabStep::ArrayFree(object) => {
            let index = object.index;
            let why = "slab 并不知道：在它那里，这个对象还算在用。";
            told(
                (format!("对象 {index} 放到了 {cpu} 数组的末尾。"), why),
                (format!("把对象 {index} 放到 {cpu} 数组的末尾。"), why),
                format!("对象 {index} 进了 {cpu} 的数组"),
            )
        }
        SlabStep::ToShared { objects } => {
            let why = "同一节点的其他 CPU 也许用得上。";
            told(
                (format!("{cpu} 的数组满了，最早的 {objects} 个移到了共享数组。"), why),
                (format!("{cpu} 的数组满了：最早的 {objects} 个移到共享数组。"), why),
                format!("{objects} 个进了共享数组"),
            )
        }
        SlabStep::ToSlabs { objects } => {
            let why = "只有这样，slab 才可能变空。";
            told(
                (format!("{cpu} 的数组满了，最早的 {objects} 个要回各自的 slab。"), why),
                (format!("{cpu} 的数组满了：最早的 {objects} 个放回各自的 slab。"), why),
                format!("{objects} 个放回各自的 slab"),
            )
        }
        SlabStep::Empty { .. } => {
            let why = "部分空闲的 slab 比它先用，所以它可能还给伙伴系统。";
            told(
                (format!("{slab} 的对象又全空闲了。"), why),
                (format!("这样 {slab} 的对象就全空闲了。"), why),
                "一个 slab 空了",
            )
        }
        SlabStep::Destroys { .. } => {
            let why = match discard(w) {
                Discard::Shrink => "收缩时，空的 slab 全部归还。",
                Discard::Reaper => "回收器拿走几个最近没人用的。",
                Discard::Enough => "节点的空闲对象超过了上限。",
            };
            told(
                (format!("{slab} 要还给伙伴系统。"), why),
                (format!("把 {slab} 还给伙伴系统。"), why),
                "归还一个空的 slab",
            )
        }
    }
}

pub(super) fn vmalloc(w: &Words, name: NameId, step: &VmallocStep) -> Told {
    let name = w.name(name);
    match *step {
        VmallocStep::Request { bytes: wanted } => {
            let why = "只有地址是连续的，页框从哪儿来都行。";
            told(
                (format!("{name} 向 vmalloc 申请了 {}。", bytes(wanted)), why),
                (format!("{name} 要向 vmalloc 申请 {}。", bytes(wanted)), why),
                format!("{name} 向 vmalloc 申请 {}", bytes(wanted)),
            )
        }
        VmallocStep::Addresses { start, pages } => {
            let pages = num(pages - 1);
            let why = "这是放得下的最低空隙，还没有映射。";
            told(
                (format!("占下 {start:x} 起的地址：{pages} 页，后面加一页保护页。"), why),
                (format!("占用 {start:x} 起的地址：{pages} 页加一页保护页。"), why),
                format!("地址从 {start:x} 起"),
            )
        }
        VmallocStep::Page { index, pfn } => {
            let (page, frame) = (num(index + 1), num(pfn.0));
            let why = "页框一个一个要，不必相邻。";
            told(
                (format!("{name} 的第 {page} 页是 {frame} 号页框。"), why),
                (format!("让 {frame} 号页框做 {name} 的第 {page} 页。"), why),
                format!("第 {page} 页：{frame} 号页框"),
            )
        }
        VmallocStep::Table { pfn, .. } => {
            let why = "附近以前没有映射过；一张表管 2 MiB 地址，以后也不拆。";
            told(
                (format!("{} 号页框成了一张页表。", num(pfn.0)), why),
                (format!("拿 {} 号页框做页表。", num(pfn.0)), why),
                format!("{} 号页框做页表", num(pfn.0)),
            )
        }
        VmallocStep::Mapped { start, pages } => {
            let why = match pieces(w, start) {
                Some(pieces @ 2..) => format!("页框分成 {pieces} 段，用的人察觉不到。"),
                _ => "从现在起，这些地址可以用了。".into(),
            };
            told(
                (format!("{name} 映射好了，写了 {} 个页表项。", num(pages)), why),
                (format!("映射 {name}：写 {} 个页表项。", num(pages)), "每一项写明这一页背后是哪个页框。"),
                format!("{name} 映射好了"),
            )
        }
        VmallocStep::Unmapped { waiting, .. } => {
            let why = format!("地址先等着，已有 {} 页：也许还有 TLB 记着它们。", num(waiting));
            told(
                (format!("{name} 的页表项清掉了。"), why.clone()),
                (format!("清掉 {name} 的页表项。"), why),
                format!("{name} 解除映射"),
            )
        }
        VmallocStep::Purged { pages } => {
            let why = "刷新一次所有 TLB，全都解决了。";
            told(
                (format!("等着的 {} 页地址又能用了。", num(pages)), why),
                (format!("刷新所有 TLB，收回 {} 页地址。", num(pages)), why),
                format!("收回 {} 页地址", num(pages)),
            )
        }
        VmallocStep::Failed { why } => {
            let why = match why {
                NoArea::ZeroSize => "什么也没要，内核只发警告。".to_owned(),
                NoArea::ExceedsTotalPages => "比全部内存还多。".into(),
                NoArea::NoAddresses => "已用的地址之间，没有够长的空隙。".into(),
                NoArea::NoPages { got } => format!("拿到 {} 页后内存用完了，都还回去。", num(got.0)),
            };
            told(
                (format!("{name} 从 vmalloc 得到 NULL。"), why.clone()),
                (format!("给 {name} 返回 NULL。"), why),
                format!("{name} 得到 NULL"),
            )
        }
    }
}

pub(super) fn op_text(w: &Words, op: &KmemOp) -> String {
    match *op {
        KmemOp::CacheCreate { args, .. } => format!("建立缓存，对象大小 {}", bytes(args.object_size)),
        KmemOp::CacheAlloc { cache, .. } => format!("要 {} 的一个对象", w.name(cache)),
        KmemOp::RegisterShrinker { cache, .. } => format!("{} 里没人用的可以收走", w.name(cache)),
        KmemOp::ListLru { name, unused: true } => format!("{} 没人用了", w.name(name)),
        KmemOp::ListLru { name, unused: false } => format!("{} 又有人用了", w.name(name)),
        KmemOp::CacheShrink { cache } => format!("归还 {} 的空 slab", w.name(cache)),
        KmemOp::CacheDestroy { cache } => format!("销毁缓存 {}", w.name(cache)),
        KmemOp::Kmalloc { bytes: wanted, .. } => format!("要连成一片的 {}", bytes(wanted)),
        KmemOp::Vmalloc { bytes: wanted, .. } => format!("要 {}", bytes_and(wanted, "的地址")),
        KmemOp::Kvmalloc { bytes: wanted, .. } => format!("要 {}，最好连成一片", bytes(wanted)),
        KmemOp::Reap { cpu } => format!("SLAB 的回收器查看 CPU {}", cpu.0),
        KmemOp::Touch { name, cpu, .. } => format!("CPU {} 读 {}", cpu.0, w.name(name)),
    }
}

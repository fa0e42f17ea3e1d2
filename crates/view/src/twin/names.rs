//! The text twin of names: what the scenario calls something, and what each of them holds.

use mm::op::NameId;
use mm::{Named, Pfn};
use scenario::Lang;

use super::{Table, kind_name, span};
use crate::Moment;
use crate::narrate::num;

/// The most names.
pub(super) const MOST_NAMES: usize = 64;

/// The names of the scenario that the machine has heard of, and what they hold.
pub(super) fn names(moment: &Moment, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("Names and what they hold", "各名字占用的内存"),
        &[
            lang.pick("name", "名字"),
            lang.pick("holds", "占用"),
            lang.pick("pages", "页数"),
            lang.pick("kind", "用途"),
        ],
    );
    let machine = &moment.machine;
    let known = |id: &NameId| machine.named(*id) != Named::Nothing;
    let all = || (0..moment.scenario.names.len() as u32).map(NameId).filter(known);
    for id in all().take(MOST_NAMES) {
        let kind = |pfn: Pfn| kind_name(machine.page(pfn).kind, lang);
        let (holds, pages, kind) = match machine.named(id) {
            Named::Block(block) => (span(block), Some(u64::from(block.order.pages())), kind(block.pfn)),
            Named::Pool { len, .. } => {
                let pages = machine.pool(id).map(|block| u64::from(block.order.pages())).sum();
                let blocks = match lang {
                    Lang::En => format!("{} {}", num(len), if len == 1 { "block" } else { "blocks" }),
                    Lang::Zh => format!("{} 块", num(len)),
                };
                (blocks, Some(pages), lang.pick("workload", "随机负载"))
            }
            Named::Cache(of) => {
                let slabs = machine.kmem().cache_of(of).map_or(0, |cache| cache.pages().0);
                (moment.name(of).to_owned(), Some(slabs), lang.pick("cache", "缓存"))
            }
            Named::Object { cache, object } => {
                let (at, of) = (num(object.slab.0), moment.name(cache));
                let holds = match lang {
                    Lang::En => format!("object {} of {of}, slab {at}", object.index),
                    Lang::Zh => format!("{of} 的对象 {}，slab {at}", object.index),
                };
                (holds, Some(0), lang.pick("kernel object", "内核对象"))
            }
            Named::Area(start) => {
                let pages = machine.area(start).map_or(0, |area| area.pages.len() as u64);
                (format!("{start:x}"), Some(pages), "vmalloc")
            }
            Named::Contig { first, count } => {
                let kind = lang.pick("buffer in one piece", "连续缓冲区");
                (crate::narrate::cma::span(first, count), Some(u64::from(count)), kind)
            }
            Named::Device => {
                (lang.pick("nothing itself", "自己不占").into(), None, lang.pick("device", "设备"))
            }
            Named::Dma => {
                let lane = machine.dma().and_then(|dma| dma.buffer(id)).map(|buffer| buffer.lane);
                let pages = lane.map(|lane| u64::from(lane.pages()));
                let holds = match lane {
                    Some(mm::dma::Lane::Pool { first, order, .. }) => {
                        crate::narrate::cma::span(first, order.pages())
                    }
                    Some(mm::dma::Lane::Iommu { iova, .. }) => crate::narrate::dma::address(iova),
                    _ => "–".into(),
                };
                (holds, pages, lang.pick("buffer of a device", "设备缓冲区"))
            }
            // Whose frames these are is told by the tables of the process: a name here promises addresses only.
            Named::Process => {
                (lang.pick("an address space", "地址空间").into(), None, lang.pick("process", "进程"))
            }
            Named::Thread { process } => {
                let of = moment.name(process);
                let holds = match lang {
                    Lang::En => format!("the address space of {of}"),
                    Lang::Zh => format!("{of} 的地址空间"),
                };
                (holds, None, lang.pick("thread", "线程"))
            }
            Named::Mapping { process, start, pages } => {
                let (pages, of) = (num(pages), moment.name(process));
                let holds = match lang {
                    Lang::En => format!("{pages} pages of addresses of {of}, from {start:x}"),
                    Lang::Zh => format!("{of} 从 {start:x} 起的 {pages} 页地址"),
                };
                (holds, None, lang.pick("mapping", "映射"))
            }
            Named::Chunk { process, at, bytes } => {
                let (bytes, of) = (num(bytes), moment.name(process));
                let holds = match lang {
                    Lang::En => format!("{bytes} bytes of {of}, at {at:x}"),
                    Lang::Zh => format!("{of} 在 {at:x} 的 {bytes} 字节"),
                };
                (holds, None, "malloc")
            }
            Named::File => {
                (lang.pick("pages of the page cache", "页缓存里的页").into(), None, lang.pick("file", "文件"))
            }
            Named::Group => {
                let reclaim = machine.reclaim();
                let group = reclaim.and_then(|reclaim| reclaim.group(reclaim.group_named(id)?));
                let usage = group.map(|group| group.memory.usage);
                (
                    lang.pick("what is charged to it", "记在它账上的页").into(),
                    usage,
                    lang.pick("group", "控制组"),
                )
            }
            Named::Cpuset => {
                let mems = machine.processes().cpuset(id).map_or_else(String::new, |of| of.mems.to_string());
                let holds = match lang {
                    Lang::En => format!("the right to memory of nodes {mems}"),
                    Lang::Zh => format!("用节点 {mems} 的内存的权利"),
                };
                (holds, None, "cpuset")
            }
            Named::Failed => (lang.pick("nothing: it failed", "无：分配失败").into(), Some(0), "–"),
            Named::Freed => (lang.pick("nothing: freed", "无：已释放").into(), Some(0), "–"),
            Named::Nothing => continue,
        };
        let pages = pages.map_or("–".into(), num);
        table.rows.push(vec![moment.name(id).to_owned(), holds, pages, kind.into()]);
    }
    table.leave_out(all().count().saturating_sub(MOST_NAMES), lang);
    table
}

//! The text twins of kernel objects and of vmalloc.

use mm::page::Block;
use mm::slab_common::{Cache, Objects, SlabPlace};
use mm::slub::Object;
use mm::units::PAGE_SIZE;
use mm::{CpuId, Pfn};
use scenario::Lang;

use super::{MOST_BLOCKS, Table, left_out};
use crate::Moment;
use crate::narrate::num;
use crate::objects;
use crate::vmalloc::{What, addresses, in_play, largest_free, name_of, order_for, wanted_pages};

/// Free objects beyond so many are counted only.
const MOST_OBJECTS: usize = 16;

/// The caches, and the slabs of the one that the story is about.
#[must_use]
pub fn objects(moment: &Moment, lang: Lang) -> Vec<Table> {
    let kmem = moment.machine.kmem();
    let mut tables = vec![caches(moment, lang)];
    if let Some(cache) = objects::in_play(moment, kmem, None).and_then(|name| kmem.cache_of(name)) {
        tables.push(slabs(moment, cache, lang));
        tables.extend(arrays(moment, cache, lang));
    }
    tables
}

/// Bytes of a cache's slabs in which no object can lie: what is filled up at each object, and the ends of the slabs.
fn lost(cache: &Cache) -> u64 {
    let objects: u64 = cache.slabs().iter().map(|slab| u64::from(slab.objects)).sum();
    (cache.pages().0 * PAGE_SIZE).saturating_sub(objects * u64::from(cache.args().object_size))
}

/// The caches that have slabs, and all that the scenario created.
fn caches(moment: &Moment, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("Caches", "各缓存"),
        &[
            lang.pick("name", "名字"),
            lang.pick("object, bytes", "对象字节数"),
            lang.pick("from one to the next, bytes", "对象间距（字节）"),
            lang.pick("in use", "在用"),
            "active_objs",
            "num_objs",
            lang.pick("slabs", "slab 数"),
            lang.pick("pages", "页数"),
            lang.pick("bytes without an object", "放不了对象的字节"),
        ],
    );
    let has_part = |cache: &&Cache| cache.pages().0 > 0 || cache.name.as_kmalloc().is_none();
    for cache in moment.machine.kmem().caches().filter(has_part) {
        let f = cache.figures();
        let figures = [f.in_use, f.active_objs, f.num_objs, f.num_slabs].map(num);
        let mut row =
            vec![moment.name(cache.name).to_owned(), num(cache.args().object_size), num(cache.size())];
        row.extend(figures);
        row.extend([num(cache.pages().0), num(lost(cache))]);
        table.rows.push(row);
    }
    table
}

/// The slabs of a cache, in the order in which they will be used.
fn slabs(moment: &Moment, cache: &Cache, lang: Lang) -> Table {
    let name = moment.name(cache.name);
    let caption = lang.pick(format!("Slabs of {name}"), format!("{name} 的 slab"));
    let mut table = Table::new(
        &caption,
        &[
            lang.pick("frames", "页框"),
            lang.pick("where", "在哪里"),
            lang.pick("objects", "对象"),
            lang.pick("in use", "在用"),
            lang.pick("free ones, the next first", "空闲对象，下一个在前"),
        ],
    );
    let is_coloured = matches!(&cache.objects, Objects::Slab(cache) if cache.geometry().colours > 1);
    if is_coloured {
        table.headers.push(lang.pick("colour", "着色").to_owned());
    }
    let slabs = cache.slabs();
    for slab in slabs.iter().take(MOST_BLOCKS) {
        let frames = range(slab.pfn, Block { pfn: slab.pfn, order: slab.order }.last());
        let mut free: Vec<String> =
            slab.free.iter().take(MOST_OBJECTS).map(|index| index.to_string()).collect();
        if slab.free.len() > MOST_OBJECTS {
            free.push(left_out(slab.free.len() - MOST_OBJECTS, lang));
        }
        let mut row = vec![
            frames,
            place(slab.place, lang),
            num(slab.objects),
            num(slab.in_use),
            free.join(lang.pick(", ", "、")),
        ];
        if is_coloured {
            row.push(num(slab.colour));
        }
        table.rows.push(row);
    }
    table.leave_out(slabs.len().saturating_sub(MOST_BLOCKS), lang);
    table
}

fn place(place: SlabPlace, lang: Lang) -> String {
    match (lang, place) {
        (Lang::En, SlabPlace::Cpu(cpu)) => format!("slab of CPU {cpu}"),
        (Lang::En, SlabPlace::CpuPartial(cpu)) => format!("partial list of CPU {cpu}"),
        (Lang::En, SlabPlace::Partial(node)) => format!("partial list of node {node}"),
        (Lang::En, SlabPlace::Full(_)) => "full".to_owned(),
        (Lang::En, SlabPlace::Free(node)) => format!("free list of node {node}"),
        (Lang::En, SlabPlace::Moving(_)) => "on the way".to_owned(),
        (Lang::Zh, SlabPlace::Moving(_)) => "移动中".to_owned(),
        (Lang::Zh, SlabPlace::Cpu(cpu)) => format!("CPU {cpu} 正在用"),
        (Lang::Zh, SlabPlace::CpuPartial(cpu)) => format!("CPU {cpu} 的 partial 链表"),
        (Lang::Zh, SlabPlace::Partial(node)) => format!("节点 {node} 的 partial 链表"),
        (Lang::Zh, SlabPlace::Full(_)) => "已满".to_owned(),
        (Lang::Zh, SlabPlace::Free(node)) => format!("节点 {node} 的 free 链表"),
    }
}

/// The arrays of SLAB: objects that are free but in no slab's list.
fn arrays(moment: &Moment, cache: &Cache, lang: Lang) -> Option<Table> {
    let Objects::Slab(slab) = &cache.objects else { return None };
    let name = moment.name(cache.name);
    let caption = lang.pick(format!("Arrays of {name}"), format!("{name} 的数组"));
    let headers = [
        lang.pick("array", "数组"),
        lang.pick("objects", "对象"),
        lang.pick("slab and object, the next first", "slab/对象，下一个在前"),
    ];
    let mut table = Table::new(&caption, &headers);
    let mut row = |of: String, objects: Vec<Object>| {
        // The last one in goes first.
        let newest = objects.iter().rev().take(MOST_OBJECTS);
        let mut cells: Vec<String> =
            newest.map(|object| format!("{}/{}", num(object.slab.0), object.index)).collect();
        if objects.len() > MOST_OBJECTS {
            cells.push(left_out(objects.len() - MOST_OBJECTS, lang));
        }
        table.rows.push(vec![of, num(objects.len() as u64), cells.join(lang.pick(", ", "、"))]);
    };
    for cpu in 0..moment.machine.cpus() {
        row(format!("CPU {cpu}"), slab.array(CpuId(cpu)).collect());
    }
    for node in 0..moment.machine.nodes() {
        let of = lang.pick(format!("shared, node {node}"), format!("共享，节点 {node}"));
        row(of, slab.shared_array(node).collect());
    }
    Some(table)
}

/// The areas, the addresses that wait, the tables, and what one piece would need.
#[must_use]
pub fn vmalloc(moment: &Moment, lang: Lang) -> Vec<Table> {
    let segments = addresses(moment);
    let mut areas = Table::new(
        lang.pick("Areas of vmalloc", "vmalloc 的区域"),
        &[
            lang.pick("name", "名字"),
            lang.pick("first address", "起始地址"),
            lang.pick("pages, without the guard page", "页数（不含保护页）"),
            lang.pick("state", "状态"),
            lang.pick("pieces", "段数"),
            lang.pick("frames, in the order of the addresses", "页框，按地址先后"),
        ],
    );
    let mut rest = Table::new(
        lang.pick("Addresses between areas", "区域之间的地址"),
        &[lang.pick("first address", "起始地址"), lang.pick("pages", "页数"), lang.pick("state", "状态")],
    );
    for segment in &segments {
        let state = match segment.what {
            What::Area => lang.pick("in use", "在用"),
            What::Built => lang.pick("gets its pages", "正在要页"),
            What::GivenBack => lang.pick("gives its pages back", "正在还页"),
            What::Coming => lang.pick("comes next", "下一步占用"),
            What::Waits => lang.pick("wait for a purge", "等清理"),
            What::Gap => lang.pick("free", "空闲"),
        };
        let start = format!("{:x}", segment.start);
        if !segment.is_area() {
            rest.rows.push(vec![start, num(segment.pages), state.to_owned()]);
            continue;
        }
        areas.rows.push(vec![
            name_of(moment, segment).unwrap_or("–").to_owned(),
            start,
            num(segment.mapped()),
            state.to_owned(),
            num(segment.runs() as u64),
            runs(&segment.frames),
        ]);
    }
    let mut tables = Table::new(
        lang.pick("Page tables of vmalloc", "vmalloc 的页表"),
        &[lang.pick("first address that it maps", "所映射的起始地址"), lang.pick("frame", "页框")],
    );
    let all = moment.machine.kmem().vmalloc().into_iter().flat_map(|vmalloc| vmalloc.tables());
    tables.rows.extend(all.map(|(from, pfn)| vec![format!("{from:x}"), num(pfn.0)]));
    let mut piece = Table::new(
        lang.pick("In one piece (kmalloc)", "连成一块（kmalloc）"),
        &[
            lang.pick("pages wanted", "要的页数"),
            lang.pick("order needed", "所需阶"),
            lang.pick("largest free order", "最大空闲阶"),
        ],
    );
    if let Some(pages) = wanted_pages(moment, in_play(moment, &segments).map(|at| &segments[at])) {
        let order = |order: Option<mm::Order>| order.map_or("–".to_owned(), |order| order.to_string());
        piece.rows.push(vec![num(pages), order(order_for(pages)), order(largest_free(&moment.machine))]);
    }
    vec![areas, rest, tables, piece]
}

fn range(first: Pfn, last: Pfn) -> String {
    if first == last { num(first.0) } else { format!("{}–{}", num(first.0), num(last.0)) }
}

/// Frames with those side by side as one: `12–14, 20`.
fn runs(frames: &[Pfn]) -> String {
    let mut ranges: Vec<(Pfn, Pfn)> = Vec::new();
    for pfn in frames {
        match ranges.last_mut() {
            Some((_, last)) if last.0 + 1 == pfn.0 => *last = *pfn,
            _ => ranges.push((*pfn, *pfn)),
        }
    }
    let first = ranges.iter().take(MOST_BLOCKS);
    let mut texts: Vec<String> = first.map(|(first, last)| range(*first, *last)).collect();
    if ranges.len() > MOST_BLOCKS {
        texts.push("…".to_owned());
    }
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::testing::{end_of_tables, in_words};

    fn end(text: &str) -> Moment {
        end_of_tables(text, |moment, lang| objects(moment, lang).into_iter().chain(vmalloc(moment, lang)))
    }

    fn check(tables: Vec<Table>, expected: Expect) {
        expected.assert_eq(&in_words(&tables));
    }

    #[test]
    fn caches_and_slabs_in_words() {
        let text = "ram 16M\nc = kmem_cache_create size=1000\nfor i in 0..9\n  o[i] = kmem_cache_alloc c\nend\n\
                    free o[2]\nfree o[9]\np = kmalloc 40\nfree o[1]";
        check(
            objects(&end(text), Lang::En),
            expect![[r#"
            Caches
              name | object, bytes | from one to the next, bytes | in use | active_objs | num_objs | slabs | pages | bytes without an object
              kmalloc-64 | 64 | 64 | 1 | 64 | 64 | 1 | 1 | 0
              c | 1000 | 1000 | 7 | 16 | 16 | 2 | 4 | 384
            Slabs of c
              frames | where | objects | in use | free ones, the next first
              258–259 | slab of CPU 0 | 8 | 1 | 1, 2, 3, 4, 5, 6, 7
              256–257 | partial list of CPU 0 | 8 | 6 | 1, 2
        "#]],
        );
        check(
            objects(&end(text), Lang::Zh),
            expect![[r#"
            各缓存
              名字 | 对象字节数 | 对象间距（字节） | 在用 | active_objs | num_objs | slab 数 | 页数 | 放不了对象的字节
              kmalloc-64 | 64 | 64 | 1 | 64 | 64 | 1 | 1 | 0
              c | 1000 | 1000 | 7 | 16 | 16 | 2 | 4 | 384
            c 的 slab
              页框 | 在哪里 | 对象 | 在用 | 空闲对象，下一个在前
              258–259 | CPU 0 正在用 | 8 | 1 | 1、2、3、4、5、6、7
              256–257 | CPU 0 的 partial 链表 | 8 | 6 | 1、2
        "#]],
        );
        let text = format!("slab slab\n{text}");
        check(
            objects(&end(&text), Lang::En),
            expect![[r#"
            Caches
              name | object, bytes | from one to the next, bytes | in use | active_objs | num_objs | slabs | pages | bytes without an object
              kmalloc-64 | 64 | 64 | 1 | 16 | 64 | 1 | 1 | 0
              c | 1000 | 1000 | 7 | 12 | 12 | 3 | 3 | 288
            Slabs of c
              frames | where | objects | in use | free ones, the next first
              258 | full | 4 | 1 | 
              257 | full | 4 | 4 | 
              256 | full | 4 | 2 | 
            Arrays of c
              array | objects | slab and object, the next first
              CPU 0 | 5 | 256/2, 258/2, 256/1, 258/1, 258/0
              shared, node 0 | 0 | 
        "#]],
        );
    }

    #[test]
    fn areas_in_words() {
        let text = "ram 16M\npcp off\na = vmalloc 12K\nb = vmalloc 8K\nk = alloc order=0 anon\nc = vmalloc 16K\nfree a";
        check(
            vmalloc(&end(text), Lang::En),
            expect![[r#"
            Areas of vmalloc
              name | first address | pages, without the guard page | state | pieces | frames, in the order of the addresses
              b | ffffc90000004000 | 2 | in use | 1 | 260–261
              c | ffffc90000007000 | 4 | in use | 1 | 262–265
            Addresses between areas
              first address | pages | state
              ffffc90000000000 | 4 | wait for a purge
            Page tables of vmalloc
              first address that it maps | frame
              ffffc90000000000 | 259
            In one piece (kmalloc)
              pages wanted | order needed | largest free order
              4 | 2 | 10
        "#]],
        );
        check(
            vmalloc(&end(text), Lang::Zh),
            expect![[r#"
            vmalloc 的区域
              名字 | 起始地址 | 页数（不含保护页） | 状态 | 段数 | 页框，按地址先后
              b | ffffc90000004000 | 2 | 在用 | 1 | 260–261
              c | ffffc90000007000 | 4 | 在用 | 1 | 262–265
            区域之间的地址
              起始地址 | 页数 | 状态
              ffffc90000000000 | 4 | 等清理
            vmalloc 的页表
              所映射的起始地址 | 页框
              ffffc90000000000 | 259
            连成一块（kmalloc）
              要的页数 | 所需阶 | 最大空闲阶
              4 | 2 | 10
        "#]],
        );
    }
}

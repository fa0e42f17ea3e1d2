//! The text twins of the memory hierarchy: how each level did, what a word costs on average, and the sets in play.

use mm::hierarchy::{CacheId, Caches, Counts, Hierarchy, Level};
use mm::units::Bytes;
use mm::{CpuId, Machine};
use scenario::Lang;

use super::{MOST_BLOCKS, Table};
use crate::Moment;
use crate::hierarchy::{in_play, label_of};
use crate::narrate::hierarchy::{average, disk_name, geometry};
use crate::narrate::num;

/// The levels, the average, and the sets in play; nothing before a word was asked for.
pub(super) fn tables(moment: &Moment, lang: Lang) -> Vec<Table> {
    let Some(hierarchy) = moment.machine.hierarchy() else { return Vec::new() };
    vec![levels(&moment.machine, lang), amat(hierarchy, lang), sets(moment, hierarchy, lang)]
}

/// Of a hundred: `96.2 %`; a dash of nothing.
pub(crate) fn percent(part: u64, of: u64) -> String {
    if of == 0 {
        return "–".into();
    }
    let tenths = (u128::from(part) * 1000 + u128::from(of) / 2) / u128::from(of);
    match (tenths / 10, tenths % 10) {
        (whole @ (0 | 100), 0) => format!("{whole} %"),
        (whole, tenth) => format!("{whole}.{tenth} %"),
    }
}

/// How each level did; those of a CPU for each that has asked for anything.
#[must_use]
pub fn levels(machine: &Machine, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("Memory hierarchy: levels", "存储层次：各级"),
        &[
            lang.pick("level", "级"),
            lang.pick("size", "大小"),
            lang.pick("ways", "路"),
            lang.pick("sets", "组"),
            lang.pick("hits", "命中"),
            lang.pick("misses", "未命中"),
            lang.pick("hit rate", "命中率"),
            lang.pick("evicted", "被挤出"),
            lang.pick("written back", "写回"),
            lang.pick("invalidated", "作废"),
            lang.pick("cycles", "周期"),
        ],
    );
    let caches = machine.caches();
    let none = Hierarchy::new(caches);
    let hierarchy = machine.hierarchy().unwrap_or(&none);
    let cpus: Vec<CpuId> = hierarchy.cores().map(|(cpu, _)| cpu).collect();
    let row = |name: String, cache: CacheId, counts: Counts, cycles: u32| {
        let size = geometry(&caches, cache);
        vec![
            name,
            Bytes(u64::from(size.bytes)).to_string(),
            num(size.ways),
            num(size.sets()),
            num(counts.hits),
            num(counts.misses),
            percent(counts.hits, counts.lookups()),
            num(counts.evictions),
            num(counts.write_backs),
            num(counts.invalidations),
            num(cycles),
        ]
    };
    let cycles = caches.cycles;
    for cpu in if cpus.is_empty() { vec![CpuId(0)] } else { cpus } {
        for (cache, cycles) in
            [(CacheId::L1d, cycles.l1), (CacheId::L1i, cycles.l1), (CacheId::L2, cycles.l2)]
        {
            let name = format!("{}, CPU {cpu}", cache.name());
            table.rows.push(row(name, cache, hierarchy.counts(Some(cpu), cache), cycles));
        }
    }
    table.rows.push(row("L3".into(), CacheId::L3, hierarchy.counts(None, CacheId::L3), cycles.l3));
    let dash = || "–".to_owned();
    let (reads, writes) = hierarchy.dram();
    let plain = |name: &str, hits: u64, misses: String, back: String, cycles: u64| {
        let rest = [dash(), back, dash(), num(cycles)];
        [vec![name.to_owned(), dash(), dash(), dash(), num(hits), misses, dash()], rest.to_vec()].concat()
    };
    let disk = hierarchy.disk_reads();
    let found = reads.saturating_sub(disk);
    table.rows.push(plain("DRAM", found, num(disk), num(writes), u64::from(cycles.dram)));
    table.rows.push(plain(disk_name(caches.disk), disk, num(0u32), dash(), caches.disk_cycles(caches.disk)));
    table
}

/// What a word costs on average, and from where.
#[must_use]
pub fn amat(hierarchy: &Hierarchy, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("Average memory access time (AMAT), in cycles", "平均访存时间（AMAT），以周期计"),
        &[
            lang.pick("who", "谁"),
            lang.pick("references", "访问次数"),
            "L1",
            "L2",
            "L3",
            "DRAM",
            lang.pick("disk", "磁盘"),
            lang.pick("cycles", "周期"),
            "AMAT",
        ],
    );
    for (cpu, core) in hierarchy.cores() {
        let found = Level::ALL.map(|level| num(core.found()[level as usize]));
        let mut row = vec![format!("CPU {cpu}"), num(core.references())];
        row.extend(found);
        row.extend([num(core.cycles()), average(hierarchy.amat(Some(cpu)))]);
        table.rows.push(row);
    }
    table
}

/// The formula with its numbers.
#[must_use]
pub fn formula(hierarchy: &Hierarchy) -> String {
    let Caches { cycles, .. } = *hierarchy.caches();
    let of = |cache| hierarchy.counts(None, cache);
    let (l1d, l1i, l2, l3) = (of(CacheId::L1d), of(CacheId::L1i), of(CacheId::L2), of(CacheId::L3));
    let rates = [
        percent(l1d.misses + l1i.misses, l1d.lookups() + l1i.lookups()),
        percent(l2.misses, l2.lookups()),
        percent(l3.misses, l3.lookups()),
    ];
    let [m1, m2, m3] = rates;
    let all = average(hierarchy.amat(None));
    format!(
        "AMAT = {} + {m1} × ({} + {m2} × ({} + {m3} × {})) = {all}",
        cycles.l1, cycles.l2, cycles.l3, cycles.dram
    )
}

/// The sets that the line in play belongs to, the last line used first.
fn sets(moment: &Moment, hierarchy: &Hierarchy, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("Sets in play, last used first", "正在用的组，最近用过的在前"),
        &[
            lang.pick("cache", "缓存"),
            lang.pick("set", "组"),
            lang.pick("line", "行"),
            lang.pick("what it holds", "内容"),
            lang.pick("written to", "写过"),
        ],
    );
    let (cpu, line) = in_play(moment);
    let Some(line) = line else { return table };
    let mut left = 0;
    for cache in [CacheId::L1d, CacheId::L2, CacheId::L3] {
        let Some(sets) = hierarchy.sets(cpu, cache) else { continue };
        let set = sets.shape().set_of(line);
        for of in sets.lines(set) {
            if table.rows.len() >= MOST_BLOCKS {
                left += 1;
                continue;
            }
            table.rows.push(vec![
                cache.name().to_owned(),
                num(set),
                format!("{:#x}", of.address),
                label_of(moment, of.address).unwrap_or_else(|| "–".into()),
                lang.pick(["no", "yes"], ["否", "是"])[usize::from(of.modified)].to_owned(),
            ]);
        }
    }
    table.leave_out(left, lang);
    table
}

/// The tables as plain text in columns, for a terminal.
#[must_use]
pub fn text(machine: &Machine, lang: Lang) -> String {
    let none = Hierarchy::new(machine.caches());
    let hierarchy = machine.hierarchy().unwrap_or(&none);
    let mut out = String::new();
    for table in [levels(machine, lang), amat(hierarchy, lang)] {
        let rows: Vec<&Vec<String>> = std::iter::once(&table.headers).chain(&table.rows).collect();
        let wide = |text: &str| text.chars().map(|c| 1 + usize::from(c >= '\u{2e80}')).sum::<usize>();
        let width = |at: usize| rows.iter().map(|row| wide(&row[at])).max().unwrap_or(0);
        let widths: Vec<usize> = (0..table.headers.len()).map(width).collect();
        for row in rows {
            let mut text = String::new();
            for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let pad = " ".repeat(width - wide(cell));
                // What is counted stands at the right.
                text += &if at == 0 { format!("{cell}{pad}") } else { format!("  {pad}{cell}") };
            }
            out += text.trim_end();
            out.push('\n');
        }
        out.push('\n');
    }
    out += &formula(hierarchy);
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::testing::{end_of_tables, in_words};

    const TEXT: &str = "ram 16M\ncpus 2\ncaches l1d=512/2 l2=2K/4 l3=8K/8\np = exec\nm = mmap p 4K\n\
                        scan m row 16x16\nscan m column 16x16 write\nmove p cpu=1\nscan m row 2x8";

    fn check(tables: &[Table], expected: Expect) {
        expected.assert_eq(&in_words(tables));
    }

    #[test]
    fn levels_in_words() {
        let end = end_of_tables(TEXT, tables);
        check(
            &tables(&end, Lang::En),
            expect![[r#"
                Memory hierarchy: levels
                  level | size | ways | sets | hits | misses | hit rate | evicted | written back | invalidated | cycles
                  L1d, CPU 0 | 512 B | 2 | 4 | 224 | 288 | 43.8 % | 280 | 248 | 0 | 4
                  L1i, CPU 0 | 32 KiB | 8 | 64 | 0 | 0 | – | 0 | 0 | 0 | 4
                  L2, CPU 0 | 2 KiB | 4 | 8 | 224 | 64 | 77.8 % | 32 | 2 | 0 | 12
                  L1d, CPU 1 | 512 B | 2 | 4 | 14 | 2 | 87.5 % | 0 | 0 | 0 | 4
                  L1i, CPU 1 | 32 KiB | 8 | 64 | 0 | 0 | – | 0 | 0 | 0 | 4
                  L2, CPU 1 | 2 KiB | 4 | 8 | 0 | 2 | 0 % | 0 | 0 | 0 | 12
                  L3 | 8 KiB | 8 | 16 | 2 | 64 | 3.0 % | 0 | 0 | 0 | 44
                  DRAM | – | – | – | 64 | 0 | – | – | 0 | – | 320
                  SSD | – | – | – | 0 | 0 | – | – | – | – | 400,000
                Average memory access time (AMAT), in cycles
                  who | references | L1 | L2 | L3 | DRAM | disk | cycles | AMAT
                  CPU 0 | 512 | 224 | 224 | 0 | 64 | 0 | 28,800 | 56.3
                  CPU 1 | 16 | 14 | 0 | 2 | 0 | 0 | 176 | 11
                Sets in play, last used first
                  cache | set | line | what it holds | written to
                  L1d | 1 | 0x201040 | [1][0] | no
                  L2 | 1 | 0x201040 | [1][0] | no
                  L3 | 1 | 0x201040 | [1][0] | yes
                  L3 | 1 | 0x201440 | – | no
                  L3 | 1 | 0x1440 | – | no
                  L3 | 1 | 0x1040 | – | no
            "#]],
        );
        check(
            &tables(&end, Lang::Zh)[..2],
            expect![[r#"
                存储层次：各级
                  级 | 大小 | 路 | 组 | 命中 | 未命中 | 命中率 | 被挤出 | 写回 | 作废 | 周期
                  L1d, CPU 0 | 512 B | 2 | 4 | 224 | 288 | 43.8 % | 280 | 248 | 0 | 4
                  L1i, CPU 0 | 32 KiB | 8 | 64 | 0 | 0 | – | 0 | 0 | 0 | 4
                  L2, CPU 0 | 2 KiB | 4 | 8 | 224 | 64 | 77.8 % | 32 | 2 | 0 | 12
                  L1d, CPU 1 | 512 B | 2 | 4 | 14 | 2 | 87.5 % | 0 | 0 | 0 | 4
                  L1i, CPU 1 | 32 KiB | 8 | 64 | 0 | 0 | – | 0 | 0 | 0 | 4
                  L2, CPU 1 | 2 KiB | 4 | 8 | 0 | 2 | 0 % | 0 | 0 | 0 | 12
                  L3 | 8 KiB | 8 | 16 | 2 | 64 | 3.0 % | 0 | 0 | 0 | 44
                  DRAM | – | – | – | 64 | 0 | – | – | 0 | – | 320
                  SSD | – | – | – | 0 | 0 | – | – | – | – | 400,000
                平均访存时间（AMAT），以周期计
                  谁 | 访问次数 | L1 | L2 | L3 | DRAM | 磁盘 | 周期 | AMAT
                  CPU 0 | 512 | 224 | 224 | 0 | 64 | 0 | 28,800 | 56.3
                  CPU 1 | 16 | 14 | 0 | 2 | 0 | 0 | 176 | 11
            "#]],
        );
    }

    #[test]
    fn on_a_terminal() {
        let end = end_of_tables(TEXT, tables);
        expect![[r#"
            level         size  ways  sets  hits  misses  hit rate  evicted  written back  invalidated   cycles
            L1d, CPU 0   512 B     2     4   224     288    43.8 %      280           248            0        4
            L1i, CPU 0  32 KiB     8    64     0       0         –        0             0            0        4
            L2, CPU 0    2 KiB     4     8   224      64    77.8 %       32             2            0       12
            L1d, CPU 1   512 B     2     4    14       2    87.5 %        0             0            0        4
            L1i, CPU 1  32 KiB     8    64     0       0         –        0             0            0        4
            L2, CPU 1    2 KiB     4     8     0       2       0 %        0             0            0       12
            L3           8 KiB     8    16     2      64     3.0 %        0             0            0       44
            DRAM             –     –     –    64       0         –        –             0            –      320
            SSD              –     –     –     0       0         –        –             –            –  400,000

            who    references   L1   L2  L3  DRAM  disk  cycles  AMAT
            CPU 0         512  224  224   0    64     0  28,800  56.3
            CPU 1          16   14    0   2     0     0     176    11

            AMAT = 4 + 54.9 % × (12 + 22.8 % × (44 + 97.0 % × 320)) = 54.9
        "#]].assert_eq(&text(&end.machine, Lang::En));
        assert!(text(&end.machine, Lang::Zh).contains("命中率"));
    }

    #[test]
    fn nothing_before_a_word_is_asked_for() {
        assert_eq!(tables(&end_of_tables("ram 16M\np = exec", tables), Lang::En), []);
    }
}

//! The text twins of processes: what each of them has, and the areas of the one in play.

use mm::process::{Khugepaged, Mm, Processes, Shows, ThpEvents, Vma};
use mm::units::PAGE_SIZE;
use mm::x86::pgtable::Pte;
use mm::{NrPages, StepKind};
use scenario::Lang;

use super::{MOST_BLOCKS, Table};
use crate::Moment;
use crate::narrate::num;
use crate::process::in_play;

/// The processes, and the areas of the one in play; nothing before there are any.
pub(super) fn tables(moment: &Moment, lang: Lang) -> Vec<Table> {
    let processes = moment.machine.processes();
    if processes.is_untouched() {
        return Vec::new();
    }
    let mut tables = vec![all(moment, processes, lang)];
    let mm = in_play(moment).and_then(|process| processes.mm(process));
    tables.extend(mm.map(|mm| areas(moment, processes, mm, lang)));
    tables.extend(huge(processes, lang));
    tables
}

/// What `/proc/vmstat` and `/proc/meminfo` say of huge pages; nothing where there never was one.
fn huge(processes: &Processes, lang: Lang) -> Option<Table> {
    let (events, daemon, pool) = (processes.huge().events, processes.huge().khugepaged, processes.pool());
    let is_idle = events == ThpEvents::default() && daemon == Khugepaged::default();
    if is_idle && (pool.total, pool.overcommit) == (0, 0) {
        return None;
    }
    let caption = lang.pick("Huge pages of 2 MiB", "大页（2 MiB）");
    let head = [lang.pick("figure", "名目"), lang.pick("number", "数目")];
    let mut table = Table::new(caption, &head);
    for (name, number) in [
        ("thp_fault_alloc", events.fault_alloc),
        ("thp_fault_fallback", events.fault_fallback),
        ("thp_split_page", events.split_page),
        ("thp_deferred_split_page", events.deferred_split_page),
        ("thp_split_pmd", events.split_pmd),
        ("thp_zero_page_alloc", events.zero_page_alloc),
        ("thp_swpout", events.swpout),
        ("thp_swpout_fallback", events.swpout_fallback),
        ("HugePages_Total", u64::from(pool.total)),
        ("HugePages_Free", u64::from(pool.free())),
        ("HugePages_Rsvd", u64::from(pool.reserved)),
        ("HugePages_Surp", u64::from(pool.surplus)),
    ] {
        table.rows.push(vec![name.into(), num(number)]);
    }
    let [none, swap, shared] = daemon.exceeded;
    let more = [
        ("thp_collapse_alloc", daemon.collapse_alloc),
        ("thp_collapse_alloc_failed", daemon.collapse_alloc_failed),
        ("thp_scan_exceed_none_pte", none),
        ("thp_scan_exceed_swap_pte", swap),
        ("thp_scan_exceed_share_pte", shared),
        ("khugepaged/pages_collapsed", daemon.pages_collapsed),
        ("khugepaged/full_scans", daemon.full_scans),
    ];
    if daemon != Khugepaged::default() {
        table.rows.extend(more.map(|(name, number)| vec![name.into(), num(number)]));
    }
    if pool.overcommit > 0 || pool.buddy_fail > 0 {
        let more = [
            ("nr_overcommit_hugepages", u64::from(pool.overcommit)),
            ("htlb_buddy_alloc_success", pool.buddy_success),
            ("htlb_buddy_alloc_fail", pool.buddy_fail),
        ];
        table.rows.extend(more.map(|(name, number)| vec![name.into(), num(number)]));
    }
    Some(table)
}

fn kib(pages: NrPages) -> String {
    num(pages.0 * (PAGE_SIZE / 1024))
}

/// Every process: what it was promised, what it has, and what of that is really its share.
fn all(moment: &Moment, processes: &Processes, lang: Lang) -> Table {
    let mut table = Table::new(
        lang.pick("Processes, memory in KiB", "各进程，内存以 KiB 计"),
        &[
            lang.pick("name", "名字"),
            "VSZ",
            "RSS",
            lang.pick("of its own (RssAnon)", "匿名页（RssAnon）"),
            lang.pick("of files (RssFile)", "文件页（RssFile）"),
            lang.pick("shared memory (RssShmem)", "共享内存（RssShmem）"),
            "PSS",
            lang.pick("page tables (VmPTE)", "页表（VmPTE）"),
            lang.pick("minor faults", "次缺页"),
            lang.pick("major faults", "主缺页"),
        ],
    );
    for mm in processes.mms().take(MOST_BLOCKS) {
        table.rows.push(vec![
            moment.name(mm.name).to_owned(),
            kib(mm.total_vm()),
            kib(mm.rss.total()),
            kib(NrPages(mm.rss.anon)),
            kib(NrPages(mm.rss.file)),
            kib(NrPages(mm.rss.shmem)),
            num(processes.smaps_rollup(mm).pss_kib()),
            kib(mm.pgtables),
            num(mm.min_flt),
            num(mm.maj_flt),
        ]);
    }
    table.leave_out(processes.mms().count().saturating_sub(MOST_BLOCKS), lang);
    table
}

/// The areas of a process, lowest address first; of many, those around the one that the last step was about.
fn areas(moment: &Moment, processes: &Processes, mm: &Mm, lang: Lang) -> Table {
    let name = moment.name(mm.name);
    let caption = lang.pick(format!("Areas of {name}"), format!("{name} 的区域"));
    let mut table = Table::new(
        &caption,
        &[
            lang.pick("addresses", "地址"),
            lang.pick("rights", "权限"),
            lang.pick("what it shows", "内容"),
            lang.pick("pages", "页数"),
            lang.pick("present (RSS)", "在内存的页（RSS）"),
            lang.pick("the page of zeros", "零页"),
        ],
    );
    let vmas = mm.vmas();
    let address = moment.just_did.and_then(|step| match step.kind {
        StepKind::Process { step, .. } => step.address(),
        _ => None,
    });
    let middle = address.and_then(|at| vmas.iter().position(|vma| at < vma.end)).unwrap_or(0);
    let first = middle.saturating_sub(MOST_BLOCKS / 2).min(vmas.len().saturating_sub(MOST_BLOCKS));
    for vma in vmas.iter().skip(first).take(MOST_BLOCKS) {
        let entries = processes.tables().pages(mm.pgd, vma.start, vma.end);
        let zeros = entries.filter(|(_, pte)| pte.has(Pte::SPECIAL)).count() as u64;
        table.rows.push(vec![
            format!("{:x}–{:x}", vma.start, vma.end),
            vma.rights().iter().collect(),
            shown(moment, processes, mm, vma, lang),
            num(vma.pages().0),
            num(processes.smaps(mm, vma).rss),
            num(zeros),
        ]);
    }
    table.leave_out(vmas.len().saturating_sub(MOST_BLOCKS), lang);
    table
}

fn shown(moment: &Moment, processes: &Processes, mm: &Mm, vma: &Vma, lang: Lang) -> String {
    let from = |what: &str, pgoff: u64| match lang {
        Lang::En => format!("{what} from page {}", num(pgoff)),
        Lang::Zh => format!("{what}，从第 {} 页起", num(pgoff)),
    };
    match processes.shows(mm, vma) {
        Shows::File(id, pgoff) => from(processes.file(id).map_or("–", |file| moment.name(file.name)), pgoff),
        Shows::Shmem(_, pgoff) => from(lang.pick("shared memory", "共享内存"), pgoff),
        Shows::Heap => lang.pick("heap", "堆").into(),
        Shows::Stack => lang.pick("stack", "栈").into(),
        Shows::Hugetlb => lang.pick("huge pages of the pool", "大页池的页").into(),
        Shows::Own => lang.pick("anonymous memory", "匿名内存").into(),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::testing::{end_of_tables, in_words};

    fn end(text: &str) -> Moment {
        end_of_tables(text, tables)
    }

    fn check(tables: Vec<Table>, expected: Expect) {
        expected.assert_eq(&in_words(&tables));
    }

    #[test]
    fn processes_and_areas_in_words() {
        let text = "ram 16M\nlibc = file 100K cached=32K\np = exec\nbrk p +132K\nwrite p heap 0..8K\n\
                    t = mmap p 60K file=libc offset=4K rx\nexec t 0..40K\nm = mmap p 4M\nwrite m 0..8K\n\
                    read m 8K..20K\ns = mmap p 16K shared\nwrite s 0..4K\nq = fork p\nwrite m 0..4K by=q";
        let end = end(text);
        check(
            tables(&end, Lang::En),
            expect![[r#"
            Processes, memory in KiB
              name | VSZ | RSS | of its own (RssAnon) | of files (RssFile) | shared memory (RssShmem) | PSS | page tables (VmPTE) | minor faults | major faults
              p | 4436 | 84 | 20 | 60 | 4 | 76 | 32 | 11 | 1
              q | 4436 | 20 | 20 | 0 | 0 | 12 | 28 | 1 | 0
            Areas of q
              addresses | rights | what it shows | pages | present (RSS) | the page of zeros
              555555554000–555555575000 | rw-p | heap | 33 | 2 | 0
              7ffff7bec000–7ffff7bf0000 | rw-s | shared memory from page 0 | 4 | 0 | 0
              7ffff7bf0000–7ffff7ff0000 | rw-p | anonymous memory | 1024 | 2 | 3
              7ffff7ff0000–7ffff7fff000 | r-xp | libc from page 1 | 15 | 0 | 0
              7ffffffde000–7ffffffff000 | rw-p | stack | 33 | 1 | 0
        "#]],
        );
        check(
            tables(&end, Lang::Zh),
            expect![[r#"
            各进程，内存以 KiB 计
              名字 | VSZ | RSS | 匿名页（RssAnon） | 文件页（RssFile） | 共享内存（RssShmem） | PSS | 页表（VmPTE） | 次缺页 | 主缺页
              p | 4436 | 84 | 20 | 60 | 4 | 76 | 32 | 11 | 1
              q | 4436 | 20 | 20 | 0 | 0 | 12 | 28 | 1 | 0
            q 的区域
              地址 | 权限 | 内容 | 页数 | 在内存的页（RSS） | 零页
              555555554000–555555575000 | rw-p | 堆 | 33 | 2 | 0
              7ffff7bec000–7ffff7bf0000 | rw-s | 共享内存，从第 0 页起 | 4 | 0 | 0
              7ffff7bf0000–7ffff7ff0000 | rw-p | 匿名内存 | 1024 | 2 | 3
              7ffff7ff0000–7ffff7fff000 | r-xp | libc，从第 1 页起 | 15 | 0 | 0
              7ffffffde000–7ffffffff000 | rw-p | 栈 | 33 | 1 | 0
        "#]],
        );
    }

    #[test]
    fn huge_pages_in_words() {
        let text = "ram 16M\nthp always\nnr_hugepages 1\np = exec\nm = mmap p 4M\nwrite m 4K..8K\nmadvise m dontneed 1M..1028K";
        let tables = tables(&end(text), Lang::En);
        let rows: Vec<String> = tables[2].rows.iter().map(|row| row.join(" ")).collect();
        let expected = [
            "thp_fault_alloc 1",
            "thp_fault_fallback 0",
            "thp_split_page 0",
            "thp_deferred_split_page 1",
            "thp_split_pmd 1",
            "thp_zero_page_alloc 0",
            "thp_swpout 0",
            "thp_swpout_fallback 0",
            "HugePages_Total 1",
            "HugePages_Free 1",
            "HugePages_Rsvd 0",
            "HugePages_Surp 0",
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn without_processes_there_are_no_tables() {
        assert_eq!(tables(&end("ram 16M\na = alloc order=0"), Lang::En), []);
        // The last one is gone: the table of processes is empty, and no areas are left.
        let tables = tables(&end("ram 16M\np = exec\nexit p"), Lang::En);
        assert_eq!(tables.len(), 1);
        assert!(tables[0].rows.is_empty());
    }

    #[test]
    fn of_many_areas_those_around_the_step_are_written_out() {
        let text = "ram 16M\np = exec\nfor i in 0..40\n  m[i] = mmap p 8K\n  mprotect m[i] r 0..4K\nend\n\
                    write m[0] 4K..8K";
        let tables = tables(&end(text), Lang::En);
        let rows = &tables[1].rows;
        assert_eq!(rows.len(), MOST_BLOCKS + 1);
        assert_eq!(rows[MOST_BLOCKS][0], "… 51 more");
        // The topmost area but for the stack is the one that was written to.
        assert_eq!(rows[MOST_BLOCKS - 2][4], "1", "{rows:?}");
    }
}

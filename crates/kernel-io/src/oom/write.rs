//! The report of the OOM killer (`dump_header()`, `__show_mem()`, `dump_tasks()`, `__oom_kill_process()`, 6.1), without
//! times, the stack of whoever asked, and its registers.

use std::fmt::Write as _;

use mm::mmzone::ZoneKind;
use mm::oom_kill::{Behalf, LogLine, LowKill, Report, ReportEnd, TaskRow, ZoneReport, oom_adj_of};
use mm::op::NameId;
use mm::process::{Mm, Processes};
use mm::units::{NrPages, Order, PAGE_SIZE};
use mm::x86::pgtable::Paging;
use mm::{Config, Machine};

use super::LETTERS;
use crate::memcg::stat_format;
use crate::process::{comm_of, pid_of};

/// Who asks when it is no process: a worker of the kernel's.
const WORKER: &str = "kworker/0:1";
/// Its number, and that of the daemon of the first node: such as they have on a small machine.
const WORKER_PID: u32 = 15;
const KSWAPD_PID: u32 = 36;

/// `/proc/PID/oom_score` (`proc_oom_score()`, fs/proc/base.c).
#[must_use]
pub fn pid_oom_score(machine: &Machine, mm: &Mm) -> String {
    format!("{}\n", machine.processes().oom_score(mm, machine.oom_rules()))
}

/// `/proc/PID/oom_score_adj`
#[must_use]
pub fn pid_oom_score_adj(_: &Processes, mm: &Mm) -> String {
    format!("{}\n", mm.oom.oom_score_adj)
}

/// `/proc/PID/oom_adj`, as 6.1 makes it of the other (`oom_adj_read()`).
#[must_use]
pub fn pid_oom_adj(_: &Processes, mm: &Mm) -> String {
    format!("{}\n", oom_adj_of(mm.oom.oom_score_adj))
}

/// A line of the machine's log, or several.
#[must_use]
pub fn oom_log(config: &Config, line: &LogLine, name: impl Fn(NameId) -> String) -> String {
    match line {
        LogLine::LowKill(kill) => low_kill(kill, &name),
        LogLine::Report(report) => of_report(config, report, &name),
        LogLine::Reaped { process, rss } => format!(
            "oom_reaper: reaped process {} ({}), now anon-rss:{}, file-rss:{}, shmem-rss:{}\n",
            pid_of(*process),
            comm_of(*process, &name),
            kb(rss.anon),
            kb(rss.file),
            kb(rss.shmem)
        ),
    }
}

/// What Android's driver prints (`lowmem_scan()`, drivers/staging/android/lowmemorykiller.c, 4.11).
fn low_kill(kill: &LowKill, name: &dyn Fn(NameId) -> String) -> String {
    let (comm, pid) = match kill.behalf {
        Behalf::Kswapd(node) => (format!("kswapd{node}"), KSWAPD_PID + u32::from(node)),
        Behalf::Task(None) => (WORKER.to_owned(), WORKER_PID),
        Behalf::Task(Some(process)) => (comm_of(process, name), pid_of(process)),
    };
    let victim = pid_of(kill.process);
    let kib = |pages: i64| pages.saturating_mul(PAGE_SIZE as i64 / 1024);
    format!(
        "lowmemorykiller: Killing '{}' ({victim}) (tgid {victim}), adj {},\n   to free {} on behalf of '{comm}' ({pid}) \
         because\n   cache {}kB is below limit {} for oom_score_adj {}\n   Free memory is {}kB above reserved\n",
        comm_of(kill.process, name),
        kill.oom_score_adj,
        kb(kill.rss.0),
        kib(kill.memory.file),
        kb(kill.minfree.0),
        kill.min_adj,
        kib(kill.memory.free),
    )
}

/// Pages as `K()` prints them: in KiB.
fn kb(pages: u64) -> String {
    format!("{}kB", pages * (PAGE_SIZE / 1024))
}

fn of_report(config: &Config, report: &Report, name: &dyn Fn(NameId) -> String) -> String {
    let mut out = String::new();
    let comm = report.invoker.map_or(WORKER.to_owned(), |process| comm_of(process, name));
    let order = report.order.map_or(-1, |order| i16::from(order.get()));
    let _ = writeln!(
        out,
        "{comm} invoked oom-killer: gfp_mask={:#x}({}), order={order}, oom_score_adj={}",
        report.gfp.0, report.gfp, report.invoker_adj
    );
    match report.memcg {
        None => show_mem(config, report, &mut out),
        Some(group) => {
            let [usage, limit, failcnt] = report.usage;
            let _ = writeln!(out, "memory: usage {}, limit {}, failcnt {failcnt}", kb(usage), kb(limit));
            let [usage, limit, failcnt] = report.swap;
            let _ = writeln!(out, "swap: usage {}, limit {}, failcnt {failcnt}", kb(usage), kb(limit));
            let _ = writeln!(out, "Memory cgroup stats for /{}:", name(group));
            out.push_str(&report.stat.as_deref().map(stat_format).unwrap_or_default());
        }
    }
    tasks(&report.tasks, name, &mut out);
    ending(report, name, &mut out);
    out
}

/// `__show_mem()`
fn show_mem(config: &Config, report: &Report, out: &mut String) {
    let sum = |of: fn(&ZoneReport) -> u64| report.zones.iter().map(of).sum::<u64>();
    let lru = of_lists(report.zones.iter());
    let [isolated_anon, isolated_file] = report.isolated;
    let [reclaimable, unreclaimable] = report.slab;
    let _ = writeln!(
        out,
        "Mem-Info:\nactive_anon:{} inactive_anon:{} isolated_anon:{isolated_anon}\n active_file:{} \
         inactive_file:{} isolated_file:{isolated_file}\n unevictable:{} dirty:{} writeback:{}\n slab_reclaimable:{reclaimable} \
         slab_unreclaimable:{unreclaimable}\n mapped:{} shmem:{} pagetables:{}\n sec_pagetables:0 bounce:0\n \
         kernel_misc_reclaimable:0\n free:{} free_pcp:{} free_cma:0",
        lru[1],
        lru[0],
        lru[3],
        lru[2],
        lru[4],
        report.dirty,
        report.writeback,
        report.mapped,
        report.shmem,
        report.pagetables,
        sum(|zone| zone.free),
        sum(|zone| zone.free_pcp[0]),
    );
    // Nodes that do not help are left out (`show_mem_node_skip()`).
    let helpful = report.nodes.unwrap_or(report.mems);
    let is_shown = |zone: &&ZoneReport| helpful.has(zone.node);
    let shown = || report.zones.iter().filter(is_shown);
    let mut nodes: Vec<u8> = shown().map(|zone| zone.node).collect();
    nodes.sort_unstable();
    nodes.dedup();
    for node in &nodes {
        let of_node = || report.zones.iter().filter(|zone| zone.node == *node);
        // What is counted of the whole machine is the first node's.
        let first = |pages: u64| if *node == 0 { pages } else { 0 };
        let _ = writeln!(
            out,
            "Node {node} {} isolated(anon):{} isolated(file):{} mapped:{} dirty:{} writeback:{} shmem:{} shmem_thp: 0kB \
             shmem_pmdmapped: 0kB anon_thp: 0kB writeback_tmp:0kB kernel_stack:0kB pagetables:{} \
             sec_pagetables:0kB all_unreclaimable? no",
            lists_kb(of_lists(of_node())),
            kb(first(isolated_anon)),
            kb(first(isolated_file)),
            kb(first(report.mapped)),
            kb(first(report.dirty)),
            kb(first(report.writeback)),
            kb(first(report.shmem)),
            kb(first(report.pagetables)),
        );
    }
    for zone in shown() {
        of_zone(zone, out);
    }
    for zone in shown() {
        free_blocks(zone, out);
    }
    for node in &nodes {
        hugepages(config, report, *node, out);
    }
    let present = sum(|zone| zone.present);
    let high = |zone: &&ZoneReport| matches!(zone.kind, ZoneKind::HighMem | ZoneKind::Movable);
    let high: u64 = report.zones.iter().filter(high).map(|zone| zone.present).sum();
    let _ = writeln!(
        out,
        "{} total pagecache pages\n{} pages in swap cache\nFree swap  = {}\nTotal swap = {}\n{present} pages \
         RAM\n{high} pages HighMem/MovableOnly\n{} pages reserved",
        report.pagecache,
        report.swapcache,
        kb(report.swap_pages[0]),
        kb(report.swap_pages[1]),
        present - sum(|zone| zone.managed),
    );
    if config.cma {
        out.push_str("0 pages cma reserved\n");
    }
    out.push_str("0 pages hwpoisoned\n");
}

/// What lies on each list, of several zones.
fn of_lists<'z>(zones: impl Iterator<Item = &'z ZoneReport>) -> [u64; 5] {
    zones.fold([0; 5], |sums, zone| std::array::from_fn(|at| sums[at] + zone.lru[at]))
}

/// The lists, as the line of a node and that of a zone have them.
fn lists_kb([inactive_anon, active_anon, inactive_file, active_file, unevictable]: [u64; 5]) -> String {
    format!(
        "active_anon:{} inactive_anon:{} active_file:{} inactive_file:{} unevictable:{}",
        kb(active_anon),
        kb(inactive_anon),
        kb(active_file),
        kb(inactive_file),
        kb(unevictable)
    )
}

fn of_zone(zone: &ZoneReport, out: &mut String) {
    let [boost, min, low, high] = zone.marks.map(kb);
    let [pcp, local] = zone.free_pcp.map(kb);
    let _ = writeln!(
        out,
        "Node {} {} free:{} boost:{boost} min:{min} low:{low} high:{high} reserved_highatomic:{}KB {} \
         writepending:0kB present:{} managed:{} mlocked:{} bounce:0kB free_pcp:{pcp} local_pcp:{local} free_cma:0kB",
        zone.node,
        zone.kind.name(),
        kb(zone.free),
        zone.highatomic * (PAGE_SIZE / 1024),
        lists_kb(zone.lru),
        kb(zone.present),
        kb(zone.managed),
        // Whatever has to stay was locked.
        kb(zone.lru[4]),
    );
    out.push_str("lowmem_reserve[]:");
    zone.reserve.iter().for_each(|pages| {
        let _ = write!(out, " {pages}");
    });
    out.push('\n');
}

/// Blocks of each order, and on which lists there are any.
fn free_blocks(zone: &ZoneReport, out: &mut String) {
    let _ = write!(out, "Node {} {}: ", zone.node, zone.kind.name());
    for (order, (blocks, types)) in Order::all().zip(zone.lists) {
        let _ = write!(out, "{blocks}*{} ", kb(u64::from(order.pages())));
        if blocks > 0 {
            let letters = LETTERS.iter().enumerate().filter(|(at, _)| types >> at & 1 == 1);
            let _ = write!(out, "({}) ", letters.map(|(_, letter)| letter).collect::<String>());
        }
    }
    let _ = writeln!(out, "= {}", kb(zone.on_lists()));
}

/// A line for each size of huge pages that the processor has (`hugetlb_show_meminfo_node()`).
fn hugepages(config: &Config, report: &Report, node: u8, out: &mut String) {
    let sizes: &[u64] = match config.paging {
        Paging::FourLevel | Paging::FiveLevel => &[1 << 20, 2048],
        Paging::Pae => &[2048],
        Paging::TwoLevel => &[4096],
    };
    for size in sizes {
        let [total, free, surplus] = if node == 0 && *size == 2048 { report.pool } else { [0; 3] };
        let _ = writeln!(
            out,
            "Node {node} hugepages_total={total} hugepages_free={free} hugepages_surp={surplus} \
             hugepages_size={size}kB"
        );
    }
}

/// `dump_tasks()`
fn tasks(tasks: &[TaskRow], name: &dyn Fn(NameId) -> String, out: &mut String) {
    out.push_str("Tasks state (memory values in pages):\n");
    out.push_str("[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n");
    for task in tasks {
        let pid = pid_of(task.name);
        let NrPages(rss) = task.total_rss();
        let _ = writeln!(
            out,
            "[{pid:>7}] {:>5} {pid:>5} {:>8} {rss:>8} {:>8} {:>8}         {:>5} {}",
            task.uid,
            task.total_vm.0,
            task.pgtables_bytes,
            task.swapents.0,
            task.oom_score_adj,
            comm_of(task.name, name),
        );
    }
}

fn ending(report: &Report, name: &dyn Fn(NameId) -> String, out: &mut String) {
    let victim = match &report.end {
        ReportEnd::Killed(victim) => victim,
        ReportEnd::NobodyLeft => {
            out.push_str("Out of memory and no killable processes...\n");
            out.push_str(match (report.order, report.memcg) {
                (None, _) => "OOM request ignored. No task eligible\n",
                (_, Some(_)) => "",
                _ => "Kernel panic - not syncing: System is deadlocked on memory\n",
            });
            return;
        }
        ReportEnd::Panic { compulsory } => {
            let how = if *compulsory { "compulsory" } else { "system-wide" };
            let _ = writeln!(out, "Kernel panic - not syncing: Out of memory: {how} panic_on_oom is enabled");
            return;
        }
    };
    let (cpuset, mems) = (report.cpuset.map_or("/".to_owned(), name), report.mems);
    let mask = report.nodes.map_or("(null)".to_owned(), |nodes| nodes.to_string());
    let (pid, comm) = (pid_of(victim.name), comm_of(victim.name, name));
    let of_task = victim.memcg.map(name).unwrap_or_default();
    let (constraint, of_group, what) = match report.memcg {
        None => {
            let constraint = match report.nodes {
                Some(_) => "CONSTRAINT_MEMORY_POLICY",
                None if report.cpuset_limits => "CONSTRAINT_CPUSET",
                None => "CONSTRAINT_NONE",
            };
            (constraint, format!("global_oom,task_memcg=/{of_task}"), "Out of memory")
        }
        Some(group) => {
            let of_group = format!("oom_memcg=/{},task_memcg=/{of_task}", name(group));
            ("CONSTRAINT_MEMCG", of_group, "Memory cgroup out of memory")
        }
    };
    let _ = writeln!(
        out,
        "oom-kill:constraint={constraint},nodemask={mask},cpuset={cpuset},mems_allowed={mems},{of_group},task={comm},\
         pid={pid},uid={}",
        victim.uid
    );
    let _ = writeln!(
        out,
        "{what}: Killed process {pid} ({comm}) total-vm:{}, anon-rss:{}, file-rss:{}, shmem-rss:{}, UID:{} \
         pgtables:{}kB oom_score_adj:{}",
        kb(victim.total_vm.0),
        kb(victim.rss.anon),
        kb(victim.rss.file),
        kb(victim.rss.shmem),
        victim.uid,
        victim.pgtables_bytes / 1024,
        victim.oom_score_adj,
    );
}

//! Whom a kernel killed, and what it printed then, against the rules (`oom/`).

use std::io;

use kernel_io::{OomDump, OomKill, OomTable, OomZone, ZoneInfo, read_oom_dump};
use mm::oom_kill::{Task, TotalPages, oom_score, select_bad_process};
use mm::units::NrPages;

use super::folder::{Folder, Log};
use super::machine::{Expected, Machine};
use super::report::Report;
use super::zones::{figure_unless, list, protection};

/// Bytes of a page table in KiB are not known of what `/proc` says, but the pages are.
const KIB_OF_PAGE: u64 = 4;

/// Pages that a CPU may keep to itself before it adds them to a counter (`stat_threshold`, at most 125).
const MOST_LAG: u64 = 125;

/// Compares all logs.
pub fn compare(folder: &Folder, report: &mut Report<'_>) -> io::Result<()> {
    for Log { file, content } in &folder.oom_logs {
        let dump = read_oom_dump(content);
        scores(file, &dump, report)?;
        let first = folder.first().and_then(|moment| Some((moment, moment.zoneinfo.as_ref()?)));
        let machine = Machine::of(folder);
        for kill in &dump.kills {
            victim(file, &dump, kill, report)?;
            super::memcg::group(file, &dump, kill, report)?;
            figures(file, kill, report)?;
            memory(file, kill, report)?;
            if let (Some((moment, info)), Some(machine)) = (first, &machine) {
                zones(file, kill, info, (machine, &machine.at(moment, info)), report)?;
            }
        }
    }
    Ok(())
}

/// `oom_score` of every process, from what `/proc` said of its memory right then.
fn scores(file: &str, dump: &OomDump, report: &mut Report<'_>) -> io::Result<()> {
    let Some(kib) = dump.total_kib else { return Ok(()) };
    let total = TotalPages(NrPages(kib.iter().sum::<u64>() / KIB_OF_PAGE));
    if total.0.0 == 0 {
        return Ok(());
    }
    for process in &dump.processes {
        let [rss, tables, swap] = process.kib;
        let task = Task {
            rss: NrPages(rss / KIB_OF_PAGE),
            swapents: NrPages(swap / KIB_OF_PAGE),
            pgtables_bytes: tables * 1024,
            oom_score_adj: process.oom_score_adj,
            // init
            unkillable: process.pid == 1,
            ..Task::default()
        };
        let field = format!("{} {} oom_score", process.pid, process.name);
        report.figure(file, field, process.oom_score, oom_score(&task, total))?;
    }
    Ok(())
}

/// Whether only some nodes are short: by a policy, or by a cpuset.
fn of_some_nodes(kill: &OomKill) -> bool {
    let constraint = kill.chosen.as_ref().map(|(constraint, ..)| constraint.as_str());
    matches!(constraint, Some("CONSTRAINT_MEMORY_POLICY" | "CONSTRAINT_CPUSET"))
}

fn task_of(row: &OomTable) -> Task {
    Task {
        rss: NrPages(row.rss),
        swapents: NrPages(row.swapents),
        pgtables_bytes: row.pgtables_bytes,
        oom_score_adj: row.oom_score_adj,
        ..Task::default()
    }
}

/// Who is killed, by the table of tasks.
fn victim(file: &str, dump: &OomDump, kill: &OomKill, report: &mut Report<'_>) -> io::Result<()> {
    let Some((_, pid, _)) = &kill.killed else { return Ok(()) };
    let pages = match (kill.memcg, dump.total_kib) {
        // (`mem_cgroup_get_max()`: what it may have of swap counts as far as there is swap.)
        (Some([_, limit]), total) => {
            let swap = kill.group.swap[1].min(total.map_or(0, |kib| kib[1]));
            Some(limit.saturating_add(swap) / KIB_OF_PAGE)
        }
        // (`constrained_alloc()`: all frames of the nodes that help, which are those that are shown, and all swap.)
        (None, total) if of_some_nodes(kill) => {
            let zones = kill.zones.iter().filter(|zone| zone.kind.is_some());
            let present = zones.map(|zone| zone.kib("present")).sum::<Option<u64>>();
            let swap = total.map_or(0, |kib| kib[1]);
            present.map(|kib| kib.saturating_add(swap) / KIB_OF_PAGE)
        }
        (None, Some(kib)) => Some(kib.iter().sum::<u64>() / KIB_OF_PAGE),
        (None, None) => kill.pages[0].zip(kill.pages[1]).map(|(all, reserved)| all.saturating_sub(reserved)),
    };
    let Some(pages) = pages.filter(|pages| *pages > 0) else {
        return report.skip(file, "victim", pid, "how much memory there is the file does not say");
    };
    let tasks: Vec<Task> = kill.tasks.iter().map(task_of).collect();
    let ours = select_bad_process(&tasks, TotalPages(NrPages(pages)));
    let ours = ours.map_or("nobody".to_owned(), |at| kill.tasks[at].pid.to_string());
    report.figure(file, "victim", pid, ours)?;
    if !dump.gone.is_empty() {
        report.judged(file, "victim is gone", pid, "gone", dump.gone.contains(pid))?;
    }
    Ok(())
}

/// What the last lines say of the victim, from its row in the table.
fn figures(file: &str, kill: &OomKill, report: &mut Report<'_>) -> io::Result<()> {
    let Some((how, pid, name)) = &kill.killed else { return Ok(()) };
    let Some(row) = kill.tasks.iter().find(|row| row.pid == *pid) else {
        return report.skip(file, "Killed process", pid, "it is not in the table of tasks");
    };
    let (begins, constraint) = match kill.memcg {
        Some(_) => ("Memory cgroup out of memory", "CONSTRAINT_MEMCG"),
        None if kill.place.nodemask.is_some() => ("Out of memory", "CONSTRAINT_MEMORY_POLICY"),
        // (Whether a cpuset is to blame, only its name and what was asked for could tell.)
        None if kill.place.cpuset.as_deref().is_some_and(|of| of != "/") && of_some_nodes(kill) => {
            ("Out of memory", "CONSTRAINT_CPUSET")
        }
        None => ("Out of memory", "CONSTRAINT_NONE"),
    };
    report.figure(file, "Killed process", format!("{how}: {name}"), format!("{begins}: {}", row.name))?;
    if let Some((of, task, chosen, uid)) = &kill.chosen {
        let kernel = format!("{of} {task} {chosen} {uid}");
        report.figure(file, "oom-kill", kernel, format!("{constraint} {} {pid} {}", row.name, row.uid))?;
    }
    let rss: Option<i64> =
        ["anon-rss", "file-rss", "shmem-rss"].into_iter().map(|name| kill.figure(name)).sum();
    let kib = |pages: u64| pages.saturating_mul(KIB_OF_PAGE).to_string();
    for (field, kernel, ours) in [
        ("total-vm", kill.figure("total-vm"), kib(row.total_vm)),
        ("anon-rss + file-rss + shmem-rss", rss, kib(row.rss)),
        ("UID", kill.figure("UID"), row.uid.to_string()),
        ("pgtables", kill.figure("pgtables"), (row.pgtables_bytes / 1024).to_string()),
        ("oom_score_adj", kill.figure("oom_score_adj"), row.oom_score_adj.to_string()),
    ] {
        if let Some(kernel) = kernel {
            report.figure(file, field, kernel, ours)?;
        }
    }
    Ok(())
}

/// The sums of the report's own figures.
fn memory(file: &str, kill: &OomKill, report: &mut Report<'_>) -> io::Result<()> {
    let of_zone = || kill.zones.iter().filter(|zone| zone.kind.is_some());
    for list in &kill.lists {
        let name = format!("Node {} {}", list.node, list.kind.name());
        report.figure(file, format!("{name} free blocks"), list.kib, list.sum_kib())?;
        let has_types = list.lists.iter().all(|(blocks, types)| (*blocks > 0) == (*types > 0));
        report.judged(file, format!("{name} types"), "of lists that have blocks", "the same", has_types)?;
        let zone = of_zone().find(|zone| zone.kind == Some(list.kind) && zone.node == list.node);
        if let Some(free) = zone.and_then(|zone| zone.kib("free")) {
            report.figure(file, format!("{name} free"), free, list.sum_kib())?;
        }
    }
    let sum = |name: &str| of_zone().map(|zone| zone.kib(name)).sum::<Option<u64>>();
    let nodes = || kill.zones.iter().filter(|zone| zone.kind.is_none());
    let of_nodes = |name: &str| nodes().map(|node| node.kib(name)).sum::<Option<u64>>();
    let has = !kill.lists.is_empty() && nodes().next().is_some();
    for name in ["free", "free_pcp"] {
        if let (Some(pages), Some(kib), true) = (kill.pages_of(name), sum(name), has) {
            report.figure(file, format!("Mem-Info {name}"), pages, kib / KIB_OF_PAGE)?;
        }
    }
    for name in
        ["active_anon", "inactive_anon", "active_file", "inactive_file", "mapped", "shmem", "pagetables"]
    {
        if let (Some(pages), Some(kib), true) = (kill.pages_of(name), of_nodes(name), has) {
            report.figure(file, format!("Mem-Info {name}"), pages, kib / KIB_OF_PAGE)?;
        }
    }
    for name in ["active_anon", "inactive_anon", "active_file", "inactive_file"] {
        let (Some(node), Some(zones), true) = (of_nodes(name), sum(name), has) else { continue };
        let lag = node.abs_diff(zones) / KIB_OF_PAGE;
        let field = format!("{name} of nodes and zones");
        match lag {
            1..=MOST_LAG => {
                report.skip(file, field, node, "CPUs keep the counters of zones and of nodes apart")?
            }
            _ => report.figure(file, field, node, zones)?,
        }
    }
    let (present, managed) = (sum("present"), sum("managed"));
    if let ([Some(ram), Some(reserved)], Some(present), Some(managed)) = (kill.pages, present, managed) {
        report.figure(file, "pages RAM", ram, present / KIB_OF_PAGE)?;
        report.figure(file, "pages reserved", reserved, present.saturating_sub(managed) / KIB_OF_PAGE)?;
    }
    Ok(())
}

/// The zones' marks, reserves and sizes, from what the machine was when the kernel set them up. Whoever read the files of
/// `/proc/sys/vm` meanwhile has had the reserves computed anew.
fn zones(
    file: &str,
    kill: &OomKill,
    info: &ZoneInfo,
    (machine, expected): (&Machine<'_>, &Expected),
    report: &mut Report<'_>,
) -> io::Result<()> {
    let mut setup = expected.setup.clone();
    machine.read_ratio(&mut setup, &machine.now);
    let kinds = info.kinds();
    for (zone, figures) in info.zones.iter().zip(setup.figures()) {
        let is_it = |of: &&OomZone| of.node == zone.node && of.kind == Some(zone.kind);
        let Some(of) = kill.zones.iter().find(is_it) else { continue };
        let name = super::zones::name(zone.node, zone.kind);
        let boost = of.kib("boost").unwrap_or(0);
        let marks = figures.marks;
        for (field, mark) in [("min", marks.min), ("low", marks.low), ("high", marks.high)] {
            let Some(kib) = of.kib(field) else { continue };
            let ours = mark.0.saturating_mul(KIB_OF_PAGE).saturating_add(boost);
            let unless = expected.marks_unless.as_ref();
            figure_unless(report, file, format!("{name} {field}"), kib, ours, unless)?;
        }
        for (field, pages) in [("present", zone.pages.present), ("managed", zone.pages.managed)] {
            let Some(kib) = of.kib(field) else { continue };
            report.figure(file, format!("{name} {field}"), kib, pages.saturating_mul(KIB_OF_PAGE))?;
        }
        let ours = protection(&kinds, figures);
        let unless = expected.reserves_unless.as_ref();
        figure_unless(
            report,
            file,
            format!("{name} lowmem_reserve"),
            list(of.reserve.clone()),
            ours,
            unless,
        )?;
    }
    Ok(())
}

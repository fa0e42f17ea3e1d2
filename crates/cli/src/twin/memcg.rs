//! A control group that was full, and what its files said afterwards, against the rules (`oom/memcg_oom.txt`).

use std::io;

use kernel_io::{OomDump, OomKill};

use super::report::Report;

/// Tries of a charge before somebody is killed: the first one, one more when the CPUs have given back what they charged
/// ahead, and `MAX_RECLAIM_RETRIES` (`try_charge_memcg()`). Each later kill of the same charge comes after one less.
const ROUNDS: u64 = 18;
/// Pages of a CPU that wait for a list (`PAGEVEC_SIZE`).
const BATCH: u64 = 15;
const PAGE: u64 = 4096;

/// Lines of a `memory.stat`.
type Stat = [(String, u64)];

fn of(stat: &Stat, name: &str) -> Option<u64> {
    stat.iter().find(|(of, _)| of == name).map(|(_, value)| *value)
}

/// All that is said of the group of a kill.
pub fn group(file: &str, dump: &OomDump, kill: &OomKill, report: &mut Report<'_>) -> io::Result<()> {
    let Some([usage, limit]) = kill.memcg else { return Ok(()) };
    if let Some(max) = dump.memory_max_kib {
        report.figure(file, "memory limit", limit, max)?;
    }
    // A page did not fit, and nothing is charged beyond the limit.
    report.figure(file, "memory usage", usage, limit)?;
    let least = ROUNDS + 1;
    let enough = kill.group.failcnt >= least;
    let said = format!("at least {least}");
    report.judged(file, "memory failcnt", kill.group.failcnt, said, enough)?;
    let [path, oom, task] = &kill.group.paths;
    if let Some(path) = path {
        for (field, said) in [("oom_memcg", oom), ("task_memcg", task)] {
            report.figure(file, field, said.clone().unwrap_or_default(), path)?;
        }
    }
    let mut survivors: Vec<u32> = kill.tasks.iter().map(|task| task.pid).collect();
    survivors.retain(|pid| kill.killed.as_ref().is_none_or(|(_, killed, _)| killed != pid));
    if !dump.alive.is_empty() {
        report.figure(file, "who is left", list(&dump.alive), list(&survivors))?;
    }
    let stat = &kill.group.stat;
    if let (Some(anon), Some(pages), Some(kernel)) = (of(stat, "anon"), of(stat, "file"), of(stat, "kernel"))
    {
        let sum = anon.saturating_add(pages).saturating_add(kernel);
        match of(stat, "sock").unwrap_or(0) + of(stat, "swapcached").unwrap_or(0) {
            0 => report.figure(file, "anon + file + kernel", sum, usage.saturating_mul(1024))?,
            _ => report.skip(
                file,
                "anon + file + kernel",
                sum,
                "sockets or the swap cache have pages of it too",
            )?,
        }
    }
    let tables: u64 = kill.tasks.iter().map(|task| task.pgtables_bytes).fold(0, u64::saturating_add);
    if let Some(said) = of(stat, "pagetables") {
        // Of the tables that processes count, those above the last two levels are not in it.
        report.judged(file, "pagetables", said, format!("at most {tables}"), said <= tables)?;
    }
    sums(file, "", stat, report)?;
    after(file, dump, report)
}

/// What hangs together in every `memory.stat`.
fn sums(file: &str, when: &str, stat: &Stat, report: &mut Report<'_>) -> io::Result<()> {
    let sum = |names: [&str; 2]| Some(of(stat, names[0])?.saturating_add(of(stat, names[1])?));
    for (whole, parts) in [
        ("slab", ["slab_reclaimable", "slab_unreclaimable"]),
        ("pgscan", ["pgscan_kswapd", "pgscan_direct"]),
        ("pgsteal", ["pgsteal_kswapd", "pgsteal_direct"]),
    ] {
        if let (Some(said), Some(ours)) = (of(stat, whole), sum(parts)) {
            report.figure(file, format!("{whole}{when}"), said, ours)?;
        }
    }
    if let (Some(kernel), Some(tables), Some(slab)) =
        (of(stat, "kernel"), of(stat, "pagetables"), of(stat, "slab"))
    {
        let least = tables.saturating_add(slab);
        let field = format!("kernel{when}");
        report.judged(file, field, kernel, format!("at least {least}"), kernel >= least)?;
    }
    let shmem = of(stat, "shmem").unwrap_or(0);
    let unevictable = of(stat, "unevictable").unwrap_or(0);
    for (kind, pages) in [
        ("anon", of(stat, "anon").map(|anon| anon.saturating_add(shmem))),
        ("file", of(stat, "file").map(|file| file.saturating_sub(shmem))),
    ] {
        let lists = sum(match kind {
            "anon" => ["inactive_anon", "active_anon"],
            _ => ["inactive_file", "active_file"],
        });
        if let (Some(pages), Some(lists), 0) = (pages, lists, unevictable) {
            // The last ones wait in a batch for their list.
            let waiting = pages.checked_sub(lists);
            let fits = waiting.is_some_and(|bytes| bytes <= BATCH * PAGE);
            let field = format!("lists of {kind}{when}");
            report.judged(file, field, lists, format!("{pages} but for a batch"), fits)?;
        }
    }
    Ok(())
}

/// What `memory.events` and `memory.stat` said when it was over.
fn after(file: &str, dump: &OomDump, report: &mut Report<'_>) -> io::Result<()> {
    let stat = &dump.after;
    if stat.is_empty() {
        return Ok(());
    }
    if let Some(kills) = of(stat, "oom_kill") {
        report.figure(file, "oom_kill", kills, dump.kills.len() as u64)?;
    }
    if let (Some(max), Some(oom)) = (of(stat, "max"), of(stat, "oom")) {
        let least =
            oom.checked_sub(1).map_or(0, |more| more.saturating_mul(ROUNDS - 1).saturating_add(ROUNDS));
        report.judged(file, "max", max, format!("at least {least}"), max >= least)?;
    }
    for (name, why) in
        [("low", "memory.low"), ("high", "memory.high"), ("oom_group_kill", "memory.oom.group")]
    {
        if let Some(said) = of(stat, name) {
            report.judged(file, name, said, format!("0: nobody wrote {why}"), said == 0)?;
        }
    }
    sums(file, " afterwards", stat, report)
}

fn list(pids: &[u32]) -> String {
    pids.iter().map(u32::to_string).collect::<Vec<_>>().join(" ")
}

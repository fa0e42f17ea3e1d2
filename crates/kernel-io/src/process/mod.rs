//! What `/proc/PID` says of the processes of a machine, and what `ps` makes of it.
//!
//! A figure that the machine has no rules for is printed as the kernel prints it where there is none of it: nothing
//! is locked, swapped out or huge.

mod maps;
mod pagemap;

pub use maps::{pid_maps, pid_smaps, pid_smaps_rollup};
pub use pagemap::pid_pagemap;

use std::fmt::Write as _;

use mm::Machine;
use mm::op::NameId;
use mm::process::{HPAGE_SIZE, Mm, Processes};
use mm::units::{NrPages, PAGE_SIZE};

/// The first number that a process can have.
const FIRST_PID: u32 = 100;

/// The longest name of a process, in bytes (`TASK_COMM_LEN` and its closing zero).
const COMM_LEN: usize = 15;

/// Nodes that a kernel for amd64 can count (`CONFIG_NODES_SHIFT=10`).
const MAX_NODES: usize = 1024;

/// The number of a process. Names are numbered as they appear in the scenario, those of areas and files among them,
/// and so are processes: a name always means the same number, whoever comes or goes.
#[must_use]
pub fn pid_of(process: NameId) -> u32 {
    FIRST_PID.saturating_add(process.0)
}

/// What `name` calls a process, as far as the kernel keeps it.
fn comm(mm: &Mm, name: impl Fn(NameId) -> String) -> String {
    comm_of(mm.name, name)
}

/// The same of a process that need not be there any more.
pub(crate) fn comm_of(process: NameId, name: impl Fn(NameId) -> String) -> String {
    let mut comm = name(process);
    comm.truncate(comm.floor_char_boundary(COMM_LEN));
    comm
}

fn kib(pages: NrPages) -> u64 {
    pages.0 * (PAGE_SIZE / 1024)
}

/// A file of every process, one after the other; where there are several, each below its path, as `tail` does it.
#[must_use]
pub fn of_every_process(machine: &Machine, file: &str, text: impl Fn(&Processes, &Mm) -> String) -> String {
    let processes = machine.processes();
    let several = processes.mms().nth(1).is_some();
    let mut out = String::new();
    for mm in processes.mms() {
        if several {
            let _ = writeln!(out, "==> /proc/{}/{file} <==", pid_of(mm.name));
        }
        out.push_str(&text(processes, mm));
    }
    out
}

/// `/proc/PID/status`: the name, and the lines from `VmPeak` to `VmSwap`, `HugetlbPages` where there is a pool, and
/// `Threads` where there are several, and which nodes it may have memory of where there are cpusets (`task_mem()`,
/// fs/proc/task_mmu.c, `task_sig()`, fs/proc/array.c, `cpuset_task_status_allowed()`, kernel/cgroup/cpuset.c, 6.1).
#[must_use]
pub fn pid_status(processes: &Processes, mm: &Mm, name: impl Fn(NameId) -> String) -> String {
    let (exe, lib) = processes.code(mm);
    let none = NrPages(0);
    let mut out = format!("Name:\t{}\n", comm(mm, name));
    for (label, pages) in [
        ("VmPeak", mm.hiwater_vm),
        ("VmSize", mm.total_vm()),
        ("VmLck", mm.locked_vm()),
        ("VmPin", none),
        ("VmHWM", mm.hiwater_rss),
        ("VmRSS", mm.rss.total()),
        ("RssAnon", NrPages(mm.rss.anon)),
        ("RssFile", NrPages(mm.rss.file)),
        ("RssShmem", NrPages(mm.rss.shmem)),
        ("VmData", mm.data_vm()),
        ("VmStk", mm.stack_vm()),
        ("VmExe", exe),
        ("VmLib", lib),
        ("VmPTE", mm.pgtables),
        ("VmSwap", NrPages(mm.swapents)),
    ] {
        let _ = writeln!(out, "{label}:\t{:8} kB", kib(pages));
    }
    // `hugetlb_report_usage()`; Linux prints it always, here it waits until there is a pool.
    if processes.pool().total > 0 {
        let _ = writeln!(out, "HugetlbPages:\t{:8} kB", mm.hugetlb * (HPAGE_SIZE / 1024));
    }
    // `task_sig()`; Linux prints it always, here it waits until there are threads, and stays when they have ended.
    let threads = processes.users(mm.name);
    if threads > 1 || !mm.thread_stacks().is_empty() {
        let _ = writeln!(out, "Threads:\t{threads}");
    }
    // Linux prints it always, here it waits until there is a cpuset.
    if !processes.cpusets().is_empty() {
        let mems = processes.mems_allowed(mm);
        let words = "00000000,".repeat(MAX_NODES / 32 - 1);
        let _ = writeln!(out, "Mems_allowed:\t{words}{:08x}\nMems_allowed_list:\t{mems}", mems.bits());
    }
    out
}

/// `/proc/PID/statm`, in pages (`proc_pid_statm()`, fs/proc/array.c, 6.1).
#[must_use]
pub fn pid_statm(processes: &Processes, mm: &Mm) -> String {
    let (text, _) = processes.code(mm);
    let shared = mm.rss.file + mm.rss.shmem;
    let data = mm.data_vm().0 + mm.stack_vm().0;
    format!("{} {} {shared} {} 0 {data} 0\n", mm.total_vm().0, mm.rss.total().0, text.0)
}

/// What `ps -o pid,min_flt,maj_flt,vsz,rss,comm` of procps 4.0.2 prints of all processes of the machine, where
/// numbers of processes have five digits at most.
#[must_use]
pub fn ps(machine: &Machine, name: impl Fn(NameId) -> String) -> String {
    const WIDTHS: [usize; 5] = [5, 6, 6, 6, 5];
    let mut out = String::new();
    let mut row = |cells: [String; 5], comm: &str| {
        let (mut line, mut column) = (String::new(), 0);
        for (cell, width) in cells.iter().zip(WIDTHS) {
            // What is too wide pushes the next ones to the right, until one has blanks to spare.
            column += width;
            let padding = column.saturating_sub(line.len() + cell.len());
            let _ = write!(line, "{:padding$}{cell} ", "");
            column += 1;
        }
        let _ = writeln!(out, "{line}{comm}");
    };
    row(["PID", "MINFL", "MAJFL", "VSZ", "RSS"].map(String::from), "COMMAND");
    for mm in machine.processes().mms() {
        let figures =
            [pid_of(mm.name).into(), mm.min_flt, mm.maj_flt, kib(mm.total_vm()), kib(mm.rss.total())];
        row(figures.map(|figure: u64| figure.to_string()), &comm(mm, &name));
    }
    out
}

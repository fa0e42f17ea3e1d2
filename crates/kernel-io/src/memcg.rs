//! What the files of a control group say (mm/memcontrol.c, 6.1, `cgroup` version 2), written from a machine.

use std::fmt::Write as _;

use mm::Machine;
use mm::op::NameId;
use mm::reclaim::{GroupEvent, GroupId, Lru, Memcg, MemoryStat, VmEvent};
use mm::units::PAGE_SIZE;

/// A file of every group, each behind a line with its path.
#[must_use]
pub fn of_every_group(
    machine: &Machine,
    file: &str,
    name: impl Fn(NameId) -> String,
    text: impl Fn(&Machine, GroupId) -> String,
) -> String {
    let Some(reclaim) = machine.reclaim() else { return String::new() };
    let mut out = String::new();
    for group in reclaim.group_ids() {
        if let Some(of) = reclaim.group(group) {
            let _ = write!(out, "==> /sys/fs/cgroup/{}/{file} <==\n{}", name(of.name), text(machine, group));
        }
    }
    out
}

fn of<T>(machine: &Machine, group: GroupId, read: impl Fn(&Memcg) -> T) -> Option<T> {
    Some(read(machine.reclaim()?.group(group)?))
}

/// `memory.current`, in bytes.
#[must_use]
pub fn memory_current(machine: &Machine, group: GroupId) -> String {
    of(machine, group, |of| format!("{}\n", of.memory.usage * PAGE_SIZE)).unwrap_or_default()
}

/// `memory.swap.current`, in bytes.
#[must_use]
pub fn memory_swap_current(machine: &Machine, group: GroupId) -> String {
    of(machine, group, |of| format!("{}\n", of.swap.usage * PAGE_SIZE)).unwrap_or_default()
}

/// `memory.max`, in bytes, or `max`.
#[must_use]
pub fn memory_max(machine: &Machine, group: GroupId) -> String {
    let text = |of: &Memcg| match of.memory.max {
        Some(max) => format!("{}\n", max * PAGE_SIZE),
        None => "max\n".into(),
    };
    of(machine, group, text).unwrap_or_default()
}

/// `memory.events`
#[must_use]
pub fn memory_events(machine: &Machine, group: GroupId) -> String {
    let text = |of: &Memcg| {
        let line = |event: &GroupEvent| format!("{} {}\n", event.name(), of.event(*event));
        GroupEvent::ALL.iter().map(line).collect()
    };
    of(machine, group, text).unwrap_or_default()
}

/// `memory.stat`
#[must_use]
pub fn memory_stat(machine: &Machine, group: GroupId) -> String {
    machine.memory_stat(group).map(|stat| stat_format(&stat)).unwrap_or_default()
}

/// `memory_stat_format()`: what lies in memory in bytes, and what happened as counts. What no machine here has is 0.
#[must_use]
pub(crate) fn stat_format(stat: &MemoryStat) -> String {
    let lru = |lru: Lru| stat.lru[lru as usize];
    let pages = [
        ("anon", stat.anon),
        ("file", stat.file),
        ("kernel", stat.kernel),
        ("kernel_stack", 0),
        ("pagetables", stat.pagetables),
        ("sec_pagetables", 0),
        ("percpu", 0),
        ("sock", 0),
        ("vmalloc", 0),
        ("shmem", stat.shmem),
        ("zswap", 0),
        ("zswapped", 0),
        ("file_mapped", stat.file_mapped),
        ("file_dirty", stat.file_dirty),
        ("file_writeback", stat.file_writeback),
        ("swapcached", stat.swapcached),
        ("anon_thp", stat.anon_thp),
        ("file_thp", 0),
        ("shmem_thp", 0),
        ("inactive_anon", lru(Lru::InactiveAnon)),
        ("active_anon", lru(Lru::ActiveAnon)),
        ("inactive_file", lru(Lru::InactiveFile)),
        ("active_file", lru(Lru::ActiveFile)),
        ("unevictable", lru(Lru::Unevictable)),
        ("slab_reclaimable", 0),
        ("slab_unreclaimable", 0),
        ("slab", 0),
    ];
    let event = |event: VmEvent| stat.event(event);
    let both = |kswapd: VmEvent, direct: VmEvent| event(kswapd) + event(direct);
    let [faults, major] = stat.faults;
    let counts = [
        ("workingset_refault_anon", event(VmEvent::WorkingsetRefaultAnon)),
        ("workingset_refault_file", event(VmEvent::WorkingsetRefaultFile)),
        ("workingset_activate_anon", event(VmEvent::WorkingsetActivateAnon)),
        ("workingset_activate_file", event(VmEvent::WorkingsetActivateFile)),
        ("workingset_restore_anon", event(VmEvent::WorkingsetRestoreAnon)),
        ("workingset_restore_file", event(VmEvent::WorkingsetRestoreFile)),
        ("workingset_nodereclaim", 0),
        ("pgscan", both(VmEvent::PgScanKswapd, VmEvent::PgScanDirect)),
        ("pgsteal", both(VmEvent::PgStealKswapd, VmEvent::PgStealDirect)),
        ("pgscan_kswapd", event(VmEvent::PgScanKswapd)),
        ("pgscan_direct", event(VmEvent::PgScanDirect)),
        ("pgsteal_kswapd", event(VmEvent::PgStealKswapd)),
        ("pgsteal_direct", event(VmEvent::PgStealDirect)),
        ("pgfault", faults),
        ("pgmajfault", major),
        ("pgrefill", event(VmEvent::PgRefill)),
        ("pgactivate", event(VmEvent::PgActivate)),
        ("pgdeactivate", event(VmEvent::PgDeactivate)),
        ("pglazyfree", event(VmEvent::PgLazyfree)),
        ("pglazyfreed", event(VmEvent::PgLazyfreed)),
        ("zswpin", 0),
        ("zswpout", 0),
        ("thp_fault_alloc", 0),
        ("thp_collapse_alloc", 0),
    ];
    let pages = pages.into_iter().map(|(name, pages)| (name, pages * PAGE_SIZE));
    pages.chain(counts).map(|(name, value)| format!("{name} {value}\n")).collect()
}

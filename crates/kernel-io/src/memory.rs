//! What a machine's memory is used for, as `/proc/meminfo` and `free` say it (`meminfo_proc_show()`, fs/proc/meminfo.c, 6.1;
//! procps).

use std::fmt;

use mm::Machine;
use mm::compaction::CompactEvent;
use mm::mmzone::NumaStat;
use mm::process::Counter;
use mm::reclaim::{Lru, LruFlags};

use crate::kmem::kmem_lines_of;
use crate::meminfo::{HugeLines, SlabLines, kb};

/// What a machine's memory is used for, in pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Memory {
    /// What the buddy system was given (`MemTotal`).
    pub total: u64,
    /// What is free.
    pub free: u64,
    /// What could be had without swapping (`si_mem_available()`).
    pub available: u64,
    /// Pages of files, shared memory included; those of the swap cache apart.
    pub cached: u64,
    /// Pages in memory that have a slot in swap.
    pub swap_cached: u64,
    /// Pages on the lists, by [`Lru`].
    pub lru: [u64; 5],
    /// Pages that have to stay.
    pub mlocked: u64,
    /// Slots of swap.
    pub swap_total: u64,
    /// Slots that nobody has.
    pub swap_free: u64,
    /// Pages that have to be written.
    pub dirty: u64,
    /// Pages on their way to a disk.
    pub writeback: u64,
    /// Pages without a file that processes have.
    pub anon: u64,
    /// Pages of files that processes have.
    pub mapped: u64,
    /// Pages of shared memory.
    pub shmem: u64,
    /// Pages of slabs that can be given back, and the others.
    pub slab: [u64; 2],
    /// Page tables.
    pub page_tables: u64,
    /// What may be promised.
    pub commit_limit: u64,
    /// What is promised.
    pub committed: u64,
}

impl Memory {
    /// That of a machine.
    #[must_use]
    pub fn of(machine: &Machine) -> Memory {
        let processes = machine.processes();
        let total = machine.zones().iter().map(|zone| zone.managed.0).sum();
        let free = machine.zones().iter().map(|zone| zone.nr_free_pages.0).sum();
        let (slab, _) = kmem_lines_of(machine);
        let slab = [slab.reclaimable.0, slab.unreclaimable.0];
        let (mut shmem, mut cached, mut mapped) = (0, 0, 0);
        for (_, file) in processes.files() {
            for (_, pfn) in file.cache() {
                cached += 1;
                shmem += u64::from(file.shmem);
                mapped += u64::from(processes.mapped(pfn).mapcount > 0);
            }
        }
        // Whoever shares a page has it once.
        let mut anon = 0;
        for pfn in (0..machine.end().0).map(mm::Pfn) {
            let of = processes.mapped(pfn);
            anon += u64::from(of.mapcount > 0 && processes.counter(pfn) == Counter::Anon);
        }
        let huge: u64 = HugeLines::of(machine).anon.0;
        let reclaim = machine.reclaim();
        let lru = Lru::ALL.map(|lru| reclaim.map_or(0, |reclaim| reclaim.size(lru)));
        let (swap_total, swap_free) = reclaim.map_or((0, 0), mm::reclaim::Reclaim::swap_pages);
        let mlocked = reclaim.map_or(0, |reclaim| {
            let stays = |pfn: &u32| reclaim.page(mm::Pfn(*pfn)).flags.has(LruFlags::UNEVICTABLE);
            (0..machine.end().0).filter(stays).count() as u64
        });
        let commit = &processes.commit;
        Memory {
            total,
            free,
            available: available(machine, free, lru, slab[0]),
            cached,
            swap_cached: reclaim.map_or(0, mm::reclaim::Reclaim::swap_cached),
            lru,
            mlocked,
            swap_total,
            swap_free,
            dirty: reclaim.map_or(0, mm::reclaim::Reclaim::nr_dirty),
            writeback: reclaim.map_or(0, mm::reclaim::Reclaim::nr_writeback),
            anon: anon + huge,
            mapped,
            shmem,
            slab,
            page_tables: processes.tables().frames().count() as u64,
            commit_limit: commit.limit().0,
            committed: processes.committed,
        }
    }

    /// `Active` and `Inactive`: both kinds together.
    fn both(&self, active: bool) -> u64 {
        self.lru[Lru::of(false, active) as usize] + self.lru[Lru::of(true, active) as usize]
    }
}

/// The free pages that are not reserved, and of the page cache and of what slab gives back all but the half or the low
/// marks, whichever is less (`si_mem_available()`, mm/page_alloc.c, 6.1).
fn available(machine: &Machine, free: u64, lru: [u64; 5], reclaimable: u64) -> u64 {
    let low: u64 =
        machine.zones().iter().map(|zone| u64::from(zone.wmark_pages(mm::mmzone::Mark::Low))).sum();
    let gives_back = |pages: u64| pages - (pages / 2).min(low);
    let file = lru[Lru::InactiveFile as usize] + lru[Lru::ActiveFile as usize];
    let sum = free + gives_back(file) + gives_back(reclaimable);
    sum.saturating_sub(machine.setup().totalreserve().0)
}

/// `MemTotal` to `Committed_AS`; what nothing here models is 0.
impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |lru: Lru| self.lru[lru as usize];
        let [reclaimable, unreclaimable] = self.slab.map(mm::NrPages);
        for (name, pages) in [
            ("MemTotal", self.total),
            ("MemFree", self.free),
            ("MemAvailable", self.available),
            ("Buffers", 0),
            ("Cached", self.cached),
            ("SwapCached", self.swap_cached),
            ("Active", self.both(true)),
            ("Inactive", self.both(false)),
            ("Active(anon)", of(Lru::ActiveAnon)),
            ("Inactive(anon)", of(Lru::InactiveAnon)),
            ("Active(file)", of(Lru::ActiveFile)),
            ("Inactive(file)", of(Lru::InactiveFile)),
            ("Unevictable", of(Lru::Unevictable)),
            ("Mlocked", self.mlocked),
            ("SwapTotal", self.swap_total),
            ("SwapFree", self.swap_free),
            ("Dirty", self.dirty),
            ("Writeback", self.writeback),
            ("AnonPages", self.anon),
            ("Mapped", self.mapped),
            ("Shmem", self.shmem),
        ] {
            kb(f, name, pages)?;
        }
        let slab = SlabLines { reclaimable, unreclaimable, misc_reclaimable: mm::NrPages(0) };
        write!(f, "{slab}")?;
        kb(f, "PageTables", self.page_tables)?;
        kb(f, "CommitLimit", self.commit_limit)?;
        kb(f, "Committed_AS", self.committed)
    }
}

/// `/proc/meminfo` of a machine.
#[must_use]
pub fn meminfo(machine: &Machine) -> String {
    let (_, vmalloc) = kmem_lines_of(machine);
    let cma = cma_lines(machine);
    format!("{}{vmalloc}{cma}{}", Memory::of(machine), HugeLines::of(machine))
}

/// `CmaTotal` and `CmaFree`, where there are contiguous areas: a kernel with CMA has the lines always, and one without
/// never (CONFIG_CMA).
fn cma_lines(machine: &Machine) -> String {
    let total: u64 = machine.zone_ids().map(|zone| machine.cma_pages(zone).0).sum();
    let free: u64 = machine.zones().iter().map(|zone| zone.nr_free_cma.0).sum();
    if !machine.migratetypes().any(|of| of == mm::page::MigrateType::Cma) {
        return String::new();
    }
    let line = |name: &str, pages: u64| format!("{:<16}{:>8} kB\n", format!("{name}:"), pages * 4);
    line("CmaTotal", total) + &line("CmaFree", free)
}

/// How `free` lays its table out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layout {
    /// procps up to 3.3.9: buffers and cached apart, and a second row that counts them as free.
    Old,
    /// procps 3.3.10 and later: both together, and what is available.
    New,
}

/// `free` (procps), in KiB or, with `free -m`, in MiB.
#[must_use]
pub fn free(memory: &Memory, layout: Layout, mebibytes: bool) -> String {
    let unit = |pages: u64| if mebibytes { pages / 256 } else { pages * 4 };
    let swap_used = memory.swap_total - memory.swap_free;
    let [reclaimable, _] = memory.slab;
    let row = |label: &str, cells: &[u64]| {
        let cells: String = cells.iter().map(|pages| format!(" {:>11}", unit(*pages))).collect();
        format!("{label:<7}{cells}\n")
    };
    match layout {
        Layout::Old => {
            let used = memory.total - memory.free;
            let mut out = format!(
                "{:>20}{:>11}{:>11}{:>11}{:>11}{:>11}\n",
                "total", "used", "free", "shared", "buffers", "cached"
            );
            let row = |label: &str, cells: &[u64]| {
                let cells: String = cells.iter().map(|pages| format!(" {:>10}", unit(*pages))).collect();
                format!("{label}{cells}\n")
            };
            out += &row("Mem:     ", &[memory.total, used, memory.free, memory.shmem, 0, memory.cached]);
            out += &row(
                "-/+ buffers/cache:",
                &[used.saturating_sub(memory.cached), memory.free + memory.cached],
            );
            out += &row("Swap:    ", &[memory.swap_total, swap_used, memory.swap_free]);
            out
        }
        Layout::New => {
            let cache = memory.cached + reclaimable;
            let used = (memory.total - memory.free).checked_sub(cache).unwrap_or(memory.total - memory.free);
            let mut out = format!(
                "{:>19} {:>11} {:>11} {:>11} {:>11} {:>11}\n",
                "total", "used", "free", "shared", "buff/cache", "available"
            );
            let mem = [memory.total, used, memory.free, memory.shmem, cache, memory.available];
            out += &row("Mem:", &mem);
            out += &row("Swap:", &[memory.swap_total, swap_used, memory.swap_free]);
            out
        }
    }
}

/// Lines of `/proc/vmstat` (mm/vmstat.c, 6.1): what is on the lists, what has to be written, and what was counted.
#[must_use]
pub fn vmstat(machine: &Machine) -> String {
    use mm::reclaim::VmEvent;
    let memory = Memory::of(machine);
    let of = |lru: Lru| memory.lru[lru as usize];
    let free_cma = machine.cma().map(|_| machine.zones().iter().map(|zone| zone.nr_free_cma.0).sum::<u64>());
    let of_cma = || free_cma.map(|free| ("nr_free_cma", free)).into_iter();
    let line = |(name, count): (&str, u64)| format!("{name} {count}\n");
    let Some(reclaim) = machine.reclaim() else {
        let all =
            [("nr_free_pages", memory.free)].into_iter().chain(of_cma()).chain(contiguity_events(machine));
        return all.map(line).collect();
    };
    let isolated = |file: usize| reclaim.nodes().iter().map(|node| node.lruvec.isolated[file]).sum::<u64>();
    let (background, limit) = machine.dirty_limits();
    let numa = numa_events(machine, None);
    let several = machine.nodes() > 1;
    let numa = NUMA_EVENTS.into_iter().zip(numa).filter(|_| several);
    let first = std::iter::once(("nr_free_pages", memory.free)).chain(of_cma()).chain(numa);
    let rows = [
        ("nr_inactive_anon", of(Lru::InactiveAnon)),
        ("nr_active_anon", of(Lru::ActiveAnon)),
        ("nr_inactive_file", of(Lru::InactiveFile)),
        ("nr_active_file", of(Lru::ActiveFile)),
        ("nr_unevictable", of(Lru::Unevictable)),
        ("nr_isolated_anon", isolated(0)),
        ("nr_isolated_file", isolated(1)),
        ("nr_anon_pages", memory.anon),
        ("nr_mapped", memory.mapped),
        ("nr_file_pages", memory.cached + memory.swap_cached),
        ("nr_dirty", memory.dirty),
        ("nr_writeback", memory.writeback),
        ("nr_shmem", memory.shmem),
        ("nr_page_table_pages", memory.page_tables),
        ("nr_swapcached", memory.swap_cached),
        ("nr_dirty_threshold", limit),
        ("nr_dirty_background_threshold", background),
    ];
    let counts = |of: &[VmEvent]| -> Vec<(&'static str, u64)> {
        of.iter().map(|event| (event.name(), reclaim.event(*event))).collect()
    };
    // Those of pages that move and of areas stand before those of reading ahead from swap.
    let ahead = VmEvent::ALL.iter().position(|event| *event == VmEvent::SwapRa).unwrap_or(VmEvent::ALL.len());
    let (before, behind) = VmEvent::ALL.split_at(ahead);
    let counts = counts(before).into_iter().chain(contiguity_events(machine)).chain(counts(behind));
    first.chain(rows).chain(counts).map(line).collect()
}

/// How often pages moved, what compaction did, and what came of requests to areas and for huge pages; nothing before any of
/// it was asked for.
fn contiguity_events(machine: &Machine) -> Vec<(&'static str, u64)> {
    let mut rows = Vec::new();
    if let Some(migrate) = machine.migrate() {
        rows.extend([("pgmigrate_success", migrate.success), ("pgmigrate_fail", migrate.fail)]);
    }
    if let Some(compaction) = machine.compaction() {
        rows.extend(CompactEvent::ALL.iter().map(|event| (event.name(), compaction.event(*event))));
    }
    rows.extend(htlb_events(machine));
    if let Some(cma) = machine.cma() {
        let [success, fail] = cma.events();
        rows.extend([("cma_alloc_success", success), ("cma_alloc_fail", fail)]);
    }
    rows.extend(thp_events(machine));
    rows
}

/// How often the buddy system gave a block for the pool; nothing before it was asked.
fn htlb_events(machine: &Machine) -> Vec<(&'static str, u64)> {
    let pool = machine.processes().pool();
    let counts =
        [("htlb_buddy_alloc_success", pool.buddy_success), ("htlb_buddy_alloc_fail", pool.buddy_fail)];
    if counts.iter().all(|(_, count)| *count == 0) { Vec::new() } else { counts.into() }
}

/// What is counted of transparent huge pages; nothing before there was one, or somebody looked for one.
fn thp_events(machine: &Machine) -> Vec<(&'static str, u64)> {
    let huge = machine.processes().huge();
    let (events, daemon) = (huge.events, huge.khugepaged);
    let [none, swap, shared] = daemon.exceeded;
    let counts = [
        ("thp_fault_alloc", events.fault_alloc),
        ("thp_fault_fallback", events.fault_fallback),
        ("thp_collapse_alloc", daemon.collapse_alloc),
        ("thp_collapse_alloc_failed", daemon.collapse_alloc_failed),
        ("thp_split_page", events.split_page),
        ("thp_deferred_split_page", events.deferred_split_page),
        ("thp_split_pmd", events.split_pmd),
        ("thp_scan_exceed_none_pte", none),
        ("thp_scan_exceed_swap_pte", swap),
        ("thp_scan_exceed_share_pte", shared),
        ("thp_zero_page_alloc", events.zero_page_alloc),
        ("thp_swpout", events.swpout),
        ("thp_swpout_fallback", events.swpout_fallback),
    ];
    if counts.iter().all(|(_, count)| *count == 0) { Vec::new() } else { counts.into() }
}

/// The counters of NUMA as `/proc/vmstat` calls them.
const NUMA_EVENTS: [&str; 6] =
    ["numa_hit", "numa_miss", "numa_foreign", "numa_interleave", "numa_local", "numa_other"];

/// How often requests were served where they were meant to, of a node or of all.
fn numa_events(machine: &Machine, node: Option<u8>) -> [u64; 6] {
    let mut sums = [0; 6];
    for zone in machine.zones().iter().filter(|zone| node.is_none_or(|node| zone.node == node)) {
        let NumaStat { hit, miss, foreign, interleave_hit, local, other } = zone.numa;
        let counts = [hit, miss, foreign, interleave_hit, local, other];
        sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    sums
}

/// `/sys/devices/system/node/nodeN/numastat` of every node (drivers/base/node.c, 6.1), each below its path, as `tail` does
/// it, where there are several.
#[must_use]
pub fn numastat(machine: &Machine) -> String {
    const NAMES: [&str; 6] =
        ["numa_hit", "numa_miss", "numa_foreign", "interleave_hit", "local_node", "other_node"];
    let of_node = |node: u8| {
        let rows = NAMES.into_iter().zip(numa_events(machine, Some(node)));
        let head = if machine.nodes() > 1 {
            format!("==> /sys/devices/system/node/node{node}/numastat <==\n")
        } else {
            String::new()
        };
        head + &rows.map(|(name, count)| format!("{name} {count}\n")).collect::<String>()
    };
    (0..machine.nodes()).map(of_node).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `base/free.txt` of `amd64_256M_smp1_wl` (procps of Debian 12).
    #[test]
    fn free_is_laid_out_as_procps_does() {
        let memory = Memory {
            total: 210_716 / 4,
            free: 168_052 / 4,
            available: 174_912 / 4,
            cached: (18_448 - 9832) / 4,
            slab: [9832 / 4, 0],
            shmem: 5688 / 4,
            swap_total: 262_140 / 4,
            swap_free: 262_140 / 4,
            ..Memory::default()
        };
        assert_eq!(
            free(&memory, Layout::New, false),
            "              total        used        free      shared  buff/cache   available\n\
             Mem:         210716       24216      168052        5688       18448      174912\n\
             Swap:        262140           0      262140\n"
        );
    }

    /// The second article's machine: `free -m` in the old layout.
    #[test]
    fn the_articles_free() {
        let mib = |mib: u64| mib * 256;
        let memory = Memory {
            total: mib(32_013),
            free: mib(724),
            cached: mib(12_000),
            swap_total: mib(32_767),
            swap_free: mib(9633),
            ..Memory::default()
        };
        let text = free(&memory, Layout::Old, true);
        let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(rows[0], ["total", "used", "free", "shared", "buffers", "cached"]);
        // (The article's columns were rounded one by one.)
        assert_eq!(rows[1], ["Mem:", "32013", "31289", "724", "0", "0", "12000"]);
        assert_eq!(rows[2], ["-/+", "buffers/cache:", "19289", "12724"]);
        assert_eq!(rows[3], ["Swap:", "32767", "23134", "9633"]);
    }
}

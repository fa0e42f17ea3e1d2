//! Slabs: `/proc/slabinfo`, the table of `/sys/kernel/slab`, the logs of a cache (`wl/m_*`), and what `/proc/meminfo`
//! makes of all that.
//!
//! How objects lie follows from their size, from how they are aligned and from a few flags. Of kmalloc's caches the name
//! says all; the table has all but whether there is a constructor, and `/proc/slabinfo` alone has only the size in the
//! slab. Where more than one layout can be, the report names each.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::io;

use kernel_io::{
    Numbers, SlabCache, SlabInfo, SlabInfoRow, SlabLayout, SlabTable, VMALLOC_TOTAL, ZoneInfo, read_slab_log,
    read_slabinfo,
};
use mm::config::Arch;
use mm::mmzone::ZoneKind;
use mm::slab_common::{CacheArgs, KMALLOC_SIZES, KmallocType, MAX_OBJECT, SlabFlags, calculate_alignment};
use mm::{slab, slub};

use super::counts::{MOVED, good};
use super::folder::{Folder, Log, Moment};
use super::report::Report;

/// Why nothing is known about slabs.
const NO_MACHINE: &str = "no zoneinfo of the first moment says what machine it is";

/// What layouts depend on.
pub struct Caches<'f> {
    arch: Arch,
    cpus: u32,
    /// The table of the first moment: caches stay as they were created.
    table: Option<&'f SlabTable>,
    /// The bytes of an object of each of kmalloc's caches, by name.
    kmalloc: BTreeMap<String, u32>,
}

impl<'f> Caches<'f> {
    /// The caches of a folder, if its first moment has a file of zones.
    fn of(folder: &'f Folder) -> Option<Caches<'f>> {
        let first = folder.first()?;
        let info = first.zoneinfo.as_ref()?;
        let arch = if info.kinds().contains(&ZoneKind::Dma32) { Arch::X86_64 } else { Arch::I386 };
        let types = [KmallocType::Normal, KmallocType::Cgroup, KmallocType::Reclaim, KmallocType::Dma];
        let names = |size: u32| types.map(|kind| (kind.cache_name(size), size));
        let kmalloc = KMALLOC_SIZES.into_iter().flat_map(names).collect();
        Some(Caches { arch, cpus: info.online_cpus(), table: first.slab_table.as_ref(), kmalloc })
    }

    /// What a cache of SLUB was created with, as far as its name or the table says it; several when something is open.
    fn created(&self, name: &str, cache: Option<&SlabCache>) -> Vec<CacheArgs> {
        match (self.kmalloc.get(name), cache) {
            (Some(size), _) => vec![of_kmalloc(*size, SlabFlags::NONE)],
            (None, Some(cache)) => {
                // A constructor, or objects that are looked at after they were freed: the pointer lies behind them.
                let with = |flags| args(cache.layout.object_size, cache.align, flags, false);
                [SlabFlags::NONE, SlabFlags::TYPESAFE_BY_RCU].into_iter().filter_map(with).collect()
            }
            (None, None) => Vec::new(),
        }
    }

    fn slub(&self, args: &CacheArgs) -> Option<slub::Geometry> {
        slub::Geometry::of(args, self.cpus, self.arch)
    }
}

/// What kmalloc's caches are created with (`create_kmalloc_cache()`, mm/slab_common.c, 6.1).
fn of_kmalloc(size: u32, flags: SlabFlags) -> CacheArgs {
    CacheArgs { align: if size.is_power_of_two() { size } else { 0 }, flags, ..CacheArgs::of_size(size) }
}

/// What a file says that a cache was created with; none when no cache can be.
fn args(object_size: u32, align: u32, flags: SlabFlags, ctor: bool) -> Option<CacheArgs> {
    let can_be = (1..=MAX_OBJECT).contains(&object_size) && align.is_power_of_two() && align <= MAX_OBJECT;
    can_be.then(|| CacheArgs { align, flags, ctor, ..CacheArgs::of_size(object_size) })
}

/// Compares all that the folder's files say about slabs.
pub fn compare(folder: &Folder, report: &mut Report<'_>) -> io::Result<()> {
    let Some(caches) = Caches::of(folder) else {
        for moment in &folder.moments {
            for (file, is_there) in
                [("slabinfo", moment.slabinfo.is_some()), ("slab_geometry.tsv", moment.slab_table.is_some())]
            {
                if is_there {
                    report.skip(&moment.file(file), "all caches", "?", NO_MACHINE)?;
                }
            }
        }
        return Ok(());
    };
    for moment in &folder.moments {
        if let Some(table) = &moment.slab_table {
            caches.table(&moment.file("slab_geometry.tsv"), table, report)?;
        }
        if let Some(info) = &moment.slabinfo {
            caches.slabinfo(&moment.file("slabinfo"), info, report)?;
        }
        if let (Some(zones), Some(meminfo)) = (&moment.zoneinfo, &moment.meminfo) {
            caches.totals(moment, zones, meminfo, report)?;
        }
    }
    for log in &folder.slab_logs {
        caches.log(log, report)?;
    }
    Ok(())
}

/// A figure that is one of some; the report names each.
fn one_of(
    report: &mut Report<'_>,
    file: &str,
    field: impl Display,
    kernel: String,
    ours: &[String],
) -> io::Result<()> {
    let is_equal = ours.contains(&kernel);
    let each: Vec<&str> = ours.iter().map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect();
    let shown = if each.is_empty() { "no layout".into() } else { each.join(" or ") };
    report.judged(file, field, kernel, shown, is_equal)
}

/// `slab_size objs_per_slab order min_partial cpu_partial`
fn shown(layout: &SlabLayout) -> String {
    let SlabLayout { slab_size, objs_per_slab, order, min_partial, cpu_partial, .. } = layout;
    format!("{slab_size} {objs_per_slab} {order} {min_partial} {cpu_partial}")
}

fn shown_of(geometry: &slub::Geometry) -> String {
    let slub::Geometry { size, objects, order, min_partial, cpu_partial, .. } = geometry;
    format!("{size} {objects} {order} {min_partial} {cpu_partial}")
}

impl Caches<'_> {
    /// The table of `/sys/kernel/slab`.
    fn table(&self, file: &str, table: &SlabTable, report: &mut Report<'_>) -> io::Result<()> {
        let mut names: BTreeMap<&str, u32> = BTreeMap::new();
        for target in table.links.values() {
            *names.entry(target).or_default() += 1;
        }
        for (name, cache) in &table.caches {
            let created = self.created(name, Some(cache));
            let layouts: Vec<_> = created.iter().filter_map(|args| self.slub(args)).collect();
            let ours: Vec<String> = layouts.iter().map(shown_of).collect();
            let field = format!("{name} slab_size objs_per_slab order min_partial cpu_partial");
            one_of(report, file, field, shown(&cache.layout), &ours)?;
            self.align(file, name, cache, &created, report)?;
            // A cache that others became has no folder under a name of its own: that is a link too.
            let links = names.get(name.as_str()).copied().unwrap_or(0);
            let aliases = links.saturating_sub(u32::from(name.starts_with(':')));
            report.figure(file, format!("{name} aliases"), cache.aliases, aliases)?;
            if let Some(geometry) = layouts.iter().find(|g| g.size == cache.layout.slab_size) {
                objects(file, name, cache, geometry, report)?;
            }
        }
        Ok(())
    }

    /// What a cache's objects are aligned to. Somebody may have asked for more than the flags do.
    fn align(
        &self,
        file: &str,
        name: &str,
        cache: &SlabCache,
        created: &[CacheArgs],
        report: &mut Report<'_>,
    ) -> io::Result<()> {
        let Some(args) = created.first() else { return Ok(()) };
        let field = format!("{name} align");
        if self.kmalloc.contains_key(name) {
            return report.figure(file, field, cache.align, calculate_alignment(args, self.arch));
        }
        let flags = if cache.hwcache_align { SlabFlags::HWCACHE_ALIGN } else { SlabFlags::NONE };
        let least = calculate_alignment(&CacheArgs { align: 0, flags, ..*args }, self.arch);
        let is_equal = cache.align >= least && cache.align.is_power_of_two();
        report.judged(file, field, cache.align, format!("at least {least}"), is_equal)
    }

    /// `/proc/slabinfo`.
    fn slabinfo(&self, file: &str, info: &SlabInfo, report: &mut Report<'_>) -> io::Result<()> {
        let is_slab = is_slab(&info.rows);
        for row in &info.rows {
            self.layout(file, row, is_slab, report)?;
            self.counts(file, "", row, is_slab, report)?;
        }
        Ok(())
    }

    /// What of a line does not change.
    fn layout(
        &self,
        file: &str,
        row: &SlabInfoRow,
        is_slab: bool,
        report: &mut Report<'_>,
    ) -> io::Result<()> {
        let SlabInfoRow { name, objsize, objperslab, pagesperslab, .. } = row;
        let SlabInfoRow { limit, batchcount, sharedfactor, .. } = row;
        let kernel = format!("{objsize} {objperslab} {pagesperslab} {limit} {batchcount} {sharedfactor}");
        let ours = if is_slab { self.slab_layouts(row) } else { self.slub_layouts(row) };
        let field = format!("{name} objsize objperslab pagesperslab limit batchcount sharedfactor");
        one_of(report, file, field, kernel, &ours)
    }

    fn slub_layouts(&self, row: &SlabInfoRow) -> Vec<String> {
        let cache = self.table.and_then(|table| table.get(&row.name));
        let mut created = self.created(&row.name, cache);
        if created.is_empty() {
            // The size that is printed has everything in it already.
            created.extend(args(row.objsize, 1, SlabFlags::NONE, false));
        }
        // The table leaves no choice.
        let is_tables = |g: &slub::Geometry| cache.is_none_or(|cache| cache.layout.slab_size == g.size);
        let layouts = created.iter().filter_map(|args| self.slub(args)).filter(is_tables);
        layouts.map(|g| format!("{} {} {} 0 0 0", g.size, g.objects, g.order.pages())).collect()
    }

    fn slab_layouts(&self, row: &SlabInfoRow) -> Vec<String> {
        let machine = slab::Machine::of(self.arch, self.cpus);
        let of = |args: &CacheArgs| slab::Geometry::of(args, slab::Era::Linux6_1, machine);
        let layouts: Vec<slab::Geometry> = match self.kmalloc.get(&row.name) {
            Some(size) => of(&of_kmalloc(*size, SlabFlags::HWCACHE_ALIGN)).into_iter().collect(),
            None => {
                // Nothing prints the bytes that were asked for, the flags, and whether there is a constructor.
                let align = (row.objsize & row.objsize.wrapping_neg()).min(mm::slab_common::CACHE_LINE);
                let asked = row.objsize.saturating_sub(mm::slab_common::CACHE_LINE - 1)..=row.objsize;
                let flags = [SlabFlags::NONE, SlabFlags::RECLAIM_ACCOUNT];
                let with = flags.into_iter().flat_map(|flags| [false, true].map(|ctor| (flags, ctor)));
                let all = asked.flat_map(|bytes| {
                    with.clone().filter_map(move |(flags, ctor)| args(bytes, align, flags, ctor))
                });
                all.filter_map(|args| of(&args)).filter(|g| g.size == row.objsize).collect()
            }
        };
        let shown = |g: &slab::Geometry| {
            let slab::Geometry { size, objects, limit, batchcount, shared, .. } = g;
            format!("{size} {objects} {} {limit} {batchcount} {shared}", g.order.pages())
        };
        layouts.iter().map(shown).collect()
    }

    /// What of a line does change, and how its numbers hang together.
    fn counts(
        &self,
        file: &str,
        when: &str,
        row: &SlabInfoRow,
        is_slab: bool,
        report: &mut Report<'_>,
    ) -> io::Result<()> {
        let SlabInfoRow { name, active_objs, num_objs, active_slabs, num_slabs, sharedavail, .. } = row;
        let room = |slabs: u64| slabs.saturating_mul(row.objperslab.into());
        report.figure(file, format!("{when}{name} num_objs"), num_objs, room(*num_slabs))?;
        let field = format!("{when}{name} active_objs active_slabs sharedavail");
        let kernel = format!("{active_objs} {active_slabs} {sharedavail}");
        if is_slab {
            // An active slab has an object in use, and a free one none.
            let most = room(*active_slabs);
            let shared = u64::from(row.sharedfactor) * u64::from(row.batchcount);
            let ours = format!("{active_slabs} to {most}, at most {num_slabs}, at most {shared}");
            let is_equal = (*active_slabs..=most).contains(active_objs)
                && active_slabs <= num_slabs
                && *sharedavail <= shared;
            report.judged(file, field, kernel, ours, is_equal)
        } else {
            let ours = format!("at most {num_objs}, {num_slabs}, 0");
            let is_equal = active_objs <= num_objs && active_slabs == num_slabs && *sharedavail == 0;
            report.judged(file, field, kernel, ours, is_equal)
        }
    }

    /// What `/proc/meminfo` says about slabs and about addresses.
    fn totals(
        &self,
        moment: &Moment,
        zones: &ZoneInfo,
        meminfo: &Numbers,
        report: &mut Report<'_>,
    ) -> io::Result<()> {
        let file = moment.file("meminfo");
        if let (Some(kb), Arch::X86_64) = (meminfo.get("VmallocTotal"), self.arch) {
            report.figure(&file, "VmallocTotal", kb, VMALLOC_TOTAL >> 10)?;
        }
        if let Some(kb) = meminfo.get("VmallocChunk") {
            report.figure(&file, "VmallocChunk", kb, 0)?;
        }
        let all = (meminfo.get("Slab"), meminfo.get("SReclaimable"), meminfo.get("SUnreclaim"));
        let (Some(slab), Some(reclaimable), Some(unreclaimable)) = all else { return Ok(()) };
        report.figure(&file, "Slab", slab, reclaimable.saturating_add(unreclaimable))?;
        let misc = moment.vmstat.as_ref().and_then(|vmstat| vmstat.get("nr_kernel_misc_reclaimable"));
        if let (Some(kb), Some(misc)) = (meminfo.get("KReclaimable"), misc) {
            let ours = reclaimable.saturating_add(misc.saturating_mul(4));
            report.figure(&file, "KReclaimable", kb, ours)?;
        }
        let Some(info) = &moment.slabinfo else { return Ok(()) };
        let pages = |with: &dyn Fn(&SlabInfoRow) -> bool| {
            info.rows.iter().filter(|row| with(row)).map(SlabInfoRow::pages).fold(0, u64::saturating_add)
        };
        let mut figure = |name: &str, counters: &[&str], kb: u64, pages: u64, more: bool| {
            let slack = drift(zones).saturating_mul(counters.len() as u64);
            let agrees = |counter: u64| {
                counter.saturating_add(slack) >= pages && (more || counter <= pages.saturating_add(slack))
            };
            let field = format!("{name} of slabinfo");
            let later = counters
                .iter()
                .try_fold(0u64, |sum, name| Some(sum.saturating_add(moment.vmstat.as_ref()?.get(name)?)));
            if !agrees(kb / 4) && later.is_some_and(agrees) {
                return report.skip(&file, field, kb, MOVED);
            }
            let or_more = if more { " or more" } else { "" };
            let ours =
                format!("{}{or_more}, at most {} off", pages.saturating_mul(4), slack.saturating_mul(4));
            report.judged(&file, field, kb, ours, agrees(kb / 4))
        };
        // Requests beyond the largest cache are counted as slabs that cannot be given back.
        const COUNTERS: [&str; 2] = ["nr_slab_reclaimable", "nr_slab_unreclaimable"];
        match self.table.filter(|table| !table.caches.is_empty()) {
            Some(table) => {
                let gives_back =
                    |row: &SlabInfoRow| table.get(&row.name).is_some_and(|cache| cache.reclaim_account);
                figure("SReclaimable", &COUNTERS[..1], reclaimable, pages(&gives_back), false)?;
                figure("SUnreclaim", &COUNTERS[1..], unreclaimable, pages(&|row| !gives_back(row)), true)
            }
            None => figure("Slab", &COUNTERS, slab, pages(&|_| true), true),
        }
    }

    /// A log of a cache.
    fn log(&self, log: &Log<String>, report: &mut Report<'_>) -> io::Result<()> {
        if log.file.contains("slabinfo") {
            return self.slabinfo_log(log, report);
        }
        let mut before = None;
        for moment in good(&log.file, read_slab_log(&log.content), report).unwrap_or_default() {
            let layout = &moment.layout;
            let Some(geometry) =
                args(layout.object_size, 1, SlabFlags::NONE, false).and_then(|a| self.slub(&a))
            else {
                let name = format!("{} B", layout.object_size);
                report.judged(&log.file, name, shown(layout), "no layout", false)?;
                continue;
            };
            let name = format!("{} B", layout.object_size);
            if before.replace(*layout) != Some(*layout) {
                let field = format!("{name} slab_size objs_per_slab order min_partial cpu_partial");
                report.figure(&log.file, field, shown(layout), shown_of(&geometry))?;
            }
            let room = |slabs: u32| slabs.saturating_mul(geometry.objects.into());
            let (total, (slabs, objects)) = (room(moment.slabs), moment.slabs_cpu_partial);
            let free = room(moment.partial).saturating_sub(moment.objects_partial);
            let field = format!("{name} {}: total_objects objects slabs_cpu_partial", moment.when);
            let kernel = format!("{} {} {objects}({slabs})", moment.total_objects, moment.objects);
            let ours = format!("{total} {} {}({slabs})", total.saturating_sub(free), room(slabs) / 2);
            report.figure(&log.file, field, kernel, ours)?;
            let most = self.cpus.saturating_mul(geometry.cpu_partial_slabs.saturating_add(1));
            let field = format!("{name} {}: cpu_slabs", moment.when);
            let ours = format!("{slabs} to {most}");
            let is_equal = (slabs..=most).contains(&moment.cpu_slabs);
            report.judged(&log.file, field, moment.cpu_slabs, ours, is_equal)?;
        }
        Ok(())
    }

    /// Lines of `/proc/slabinfo`, each with a word and a tab in front that says when it was.
    fn slabinfo_log(&self, log: &Log<String>, report: &mut Report<'_>) -> io::Result<()> {
        // What is in front becomes spaces, so that a mistake's place is true.
        let line = |line: &str| {
            line.split_once('\t')
                .map_or(String::new(), |(when, row)| " ".repeat(when.chars().count() + 1) + row)
        };
        let text: Vec<String> = log.content.lines().map(line).collect();
        let whens = log.content.lines().filter_map(|line| Some(line.split_once('\t')?.0));
        let Some(info) = good(&log.file, read_slabinfo(&text.join("\n")), report) else { return Ok(()) };
        let is_slab = is_slab(&info.rows);
        let mut before = "";
        for (when, row) in whens.zip(&info.rows) {
            if before != row.name {
                self.layout(&log.file, row, is_slab, report)?;
                before = &row.name;
            }
            self.counts(&log.file, &format!("{when}: "), row, is_slab, report)?;
        }
        Ok(())
    }
}

/// The objects that a cache counts as in use: all but those that are free in slabs on the lists of the nodes.
fn objects(
    file: &str,
    name: &str,
    cache: &SlabCache,
    geometry: &slub::Geometry,
    report: &mut Report<'_>,
) -> io::Result<()> {
    let SlabCache { objects, slabs, partial, .. } = *cache;
    let field = format!("{name} objects");
    let full = slabs.saturating_sub(partial);
    let (least, most) =
        (full.saturating_mul(geometry.min_objects.into()), slabs.saturating_mul(geometry.objects.into()));
    let is_equal = (least..=most).contains(&objects);
    if !is_equal && objects.saturating_add(geometry.objects.into()) >= least && objects <= most {
        // Who reads them makes names, and with them a slab.
        return report.skip(file, field, objects, "the files of a cache were read one after the other");
    }
    report.judged(file, field, objects, format!("{least} to {most}"), is_equal)
}

/// Whether it is SLAB: SLUB has no arrays, and prints 0 for their sizes.
fn is_slab(rows: &[SlabInfoRow]) -> bool {
    rows.iter().any(|row| row.limit > 0)
}

/// How many pages a counter of the nodes may be off: each CPU keeps a share of it to itself, for each node as much as
/// the node's zones allow at most (`refresh_zone_stat_thresholds()`, mm/vmstat.c, 6.1).
fn drift(info: &ZoneInfo) -> u64 {
    let mut largest: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    for zone in &info.zones {
        for set in zone.populated.iter().flat_map(|populated| &populated.pagesets) {
            let of_node = largest.entry((zone.node, set.cpu)).or_default();
            *of_node = (*of_node).max(set.stat_threshold.unwrap_or(0));
        }
    }
    largest.values().fold(0, |sum, threshold| sum.saturating_add(*threshold))
}

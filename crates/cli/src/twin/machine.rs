//! What the machine was when the kernel set its zones up, and what was written to `/proc/sys/vm` since.

use std::io;

use kernel_io::{BootLog, SysctlWrite, ZoneInfo, apic_ids, kernel_frame, node_distances};
use mm::mmzone::ZoneKind;
use mm::setup::{NumaNodes, Tunables, ZoneSetup, ZoneSize, hugepages_stay_on};
use mm::units::{NrPages, Order, PfnRange};

use super::folder::{Folder, Moment};
use super::report::Report;

/// What kernels print in `lowmem_reserve_ratio` on x86-64: five numbers. A workload that puts the ratios back writes
/// all of them, wherever it runs; a kernel with fewer kinds of zones takes the first ones.
const FIVE_RATIOS: [u32; 5] = [256, 256, 32, 0, 0];

/// A machine as the files of its first moment describe it.
pub struct Machine<'f> {
    folder: &'f Folder,
    first: &'f Moment,
    info: &'f ZoneInfo,
    /// The zones with the pages that they have at that moment.
    pub now: Vec<ZoneSize>,
    /// Online CPUs of each node; when it is not known which node they are on, all on the first, and why.
    cpus: Vec<u32>,
    cpus_unknown: Option<String>,
    /// After boot; from the pages of now when those of then are not known, and why they are not.
    boot: ZoneSetup,
    boot_unknown: Option<String>,
}

/// The figures of a moment, and what they do not follow from.
pub struct Expected {
    /// The figures.
    pub setup: ZoneSetup,
    /// Why the watermarks, the batches and the thresholds may be others.
    pub marks_unless: Option<String>,
    /// Why the reserves may be others.
    pub reserves_unless: Option<String>,
    /// Why the sizes of the per-CPU lists may be others.
    pub cpus_unless: Option<String>,
    /// Where the kernel's log says the zones lie, in the order of the zones.
    pub places: Option<Vec<(PfnRange, NrPages)>>,
}

/// The zones of a file with the pages that it says they have.
pub fn sizes(info: &ZoneInfo) -> Vec<ZoneSize> {
    let size = |zone: &kernel_io::ZoneEntry| ZoneSize {
        kind: zone.kind,
        node: u8::try_from(zone.node).unwrap_or(u8::MAX),
        managed: NrPages(zone.pages.managed),
        present: NrPages(zone.pages.present),
        spanned: NrPages(zone.pages.spanned),
    };
    info.zones.iter().map(size).collect()
}

/// Numbers for the kernel's kinds of zones, as a file of `/proc/sys/vm` has them. What is too much is ignored, and
/// what is missing keeps its old value.
pub fn by_kind(kinds: &[ZoneKind], numbers: &[u32], old: [u32; ZoneKind::COUNT]) -> [u32; ZoneKind::COUNT] {
    let mut all = old;
    for (kind, number) in kinds.iter().zip(numbers) {
        all[*kind as usize] = *number;
    }
    all
}

impl<'f> Machine<'f> {
    /// The machine of a folder, if its first moment has a file of zones.
    pub fn of(folder: &'f Folder) -> Option<Machine<'f>> {
        let first = folder.first()?;
        let info = first.zoneinfo.as_ref()?;
        let now = sizes(info);
        let (cpus, cpus_unknown) = cpus_per_node(first, info);
        let (at_init, boot_unknown) = match managed_at_init(first, info, &now) {
            Ok(zones) => (zones, None),
            Err(why) => (now.clone(), Some(why)),
        };
        let mut tunables = Tunables::default();
        if let Some(order) = first.pagetypeinfo.as_ref().map(|info| info.page_block_order) {
            let order = u8::try_from(order).ok().and_then(Order::new);
            tunables.pageblock_order = order.unwrap_or(tunables.pageblock_order);
        }
        tunables.thp = match first.thp.as_deref().and_then(thp_is_on) {
            Some(on) => on,
            None => {
                let without = ZoneSetup::boot(&at_init, &Tunables { thp: false, ..tunables }, &cpus);
                first.number("min_free_kbytes") != Some(without.min_free_kbytes())
            }
        };
        let boot = ZoneSetup::boot(&at_init, &tunables, &cpus);
        Some(Machine { folder, first, info, now, cpus, cpus_unknown, boot, boot_unknown })
    }

    /// The figures at a moment, whose zones are `info`.
    pub fn at(&self, moment: &Moment, info: &ZoneInfo) -> Expected {
        let mut setup = self.boot.clone();
        let zones = sizes(info);
        let mut marks_unless = self.boot_unknown.clone();
        let mut reserves_unless = self.boot_unknown.clone();
        if zones.len() != self.now.len() {
            let why = "there are other zones than at the first moment".to_owned();
            (marks_unless, reserves_unless) = (Some(why.clone()), Some(why));
        } else if moment.is_first {
            self.first_writes(&mut setup, &zones);
            if self.is_written_min_free(&setup, &zones) {
                let kb = self.first.number("min_free_kbytes").unwrap_or_default();
                setup.write_min_free_kbytes(&zones, kb);
                marks_unless = None;
            }
            if self.folder.moments.len() == 1 && self.folder.log.is_none() {
                // Nothing says whether the ratio was read before the zones were.
                let mut read = setup.clone();
                let ratio = setup.tunables().lowmem_reserve_ratio;
                read.write_lowmem_reserve_ratio(&zones, ratio);
                if protections(info) == expected_protections(info, &read) {
                    setup = read;
                    reserves_unless = None;
                }
            }
        } else {
            let workloads = self.folder.log.is_some() || self.folder.thp_was_switched;
            if workloads && !moment.is_last {
                let why = "it is not known which of the writes of wl/ came before".to_owned();
                (marks_unless, reserves_unless) = (Some(why.clone()), Some(why));
            } else {
                self.workloads(&mut setup, &zones, &mut marks_unless, &mut reserves_unless);
            }
        }
        let places = self.first.dmesg.as_ref().and_then(|log| places(log, &zones));
        Expected { setup, marks_unless, reserves_unless, cpus_unless: self.cpus_unknown.clone(), places }
    }

    /// What a person has set before the first moment, as the files of `/proc/sys/vm` say.
    fn first_writes(&self, setup: &mut ZoneSetup, zones: &[ZoneSize]) {
        let tunables = *setup.tunables();
        let ratio = self.first.numbers("lowmem_reserve_ratio");
        let ratio = by_kind(&self.info.kinds(), &ratio, tunables.lowmem_reserve_ratio);
        if ratio != tunables.lowmem_reserve_ratio {
            setup.write_lowmem_reserve_ratio(zones, ratio);
        }
        let scale = self.old("watermark_scale_factor", tunables.watermark_scale_factor);
        if scale != tunables.watermark_scale_factor {
            setup.write_watermark_scale_factor(zones, scale);
        }
        let fraction = self.first.number("percpu_pagelist_high_fraction").unwrap_or_default();
        if fraction != tunables.percpu_pagelist_high_fraction {
            setup.write_percpu_pagelist_high_fraction(zones, fraction);
        }
    }

    /// Whether all marks are those of a `min_free_kbytes` that a person wrote.
    fn is_written_min_free(&self, setup: &ZoneSetup, zones: &[ZoneSize]) -> bool {
        let Some(kb) = self.first.number("min_free_kbytes") else { return false };
        let mut written = setup.clone();
        written.write_min_free_kbytes(zones, kb);
        let all = self.info.zones.iter().zip(written.figures());
        (kb != setup.min_free_kbytes() || self.boot_unknown.is_some())
            && all.into_iter().all(|(zone, figures)| {
                let boost = zone.pages.boost;
                [zone.pages.min, zone.pages.low, zone.pages.high].map(|mark| mark.saturating_sub(boost))
                    == [figures.marks.min.0, figures.marks.low.0, figures.marks.high.0]
            })
    }

    /// What happened between the first and the last moment.
    fn workloads(
        &self,
        setup: &mut ZoneSetup,
        zones: &[ZoneSize],
        marks_unless: &mut Option<String>,
        reserves_unless: &mut Option<String>,
    ) {
        self.first_writes(setup, zones);
        if self.first.sysctl.is_some() {
            self.read_ratio(setup, zones);
            *reserves_unless = None;
        }
        if let Some(log) = &self.folder.log {
            for step in &log.content {
                self.write(setup, zones, &step.write);
            }
            *marks_unless = self.restore_all(setup, zones).err();
        }
        if self.folder.thp_was_switched {
            setup.write_thp(zones, true);
        }
    }

    /// In 6.1 reading the ratio sets the reserves up anew.
    pub fn read_ratio(&self, setup: &mut ZoneSetup, zones: &[ZoneSize]) {
        setup.write_lowmem_reserve_ratio(zones, setup.tunables().lowmem_reserve_ratio);
    }

    /// One write of the log. Before a file's first write the file before it gets its old value back.
    pub fn write(&self, setup: &mut ZoneSetup, zones: &[ZoneSize], write: &SysctlWrite) {
        match write {
            SysctlWrite::MinFreeKbytes(kb) => setup.write_min_free_kbytes(zones, *kb),
            SysctlWrite::WatermarkScaleFactor(scale) => {
                self.restore_min_free(setup, zones);
                setup.write_watermark_scale_factor(zones, *scale);
            }
            SysctlWrite::LowmemReserveRatioRead(_) => {
                setup.write_watermark_scale_factor(zones, self.old("watermark_scale_factor", 10));
                self.read_ratio(setup, zones);
            }
            SysctlWrite::LowmemReserveRatio(ratio) => {
                let ratio = by_kind(&self.info.kinds(), ratio, setup.tunables().lowmem_reserve_ratio);
                setup.write_lowmem_reserve_ratio(zones, ratio);
            }
            SysctlWrite::PercpuPagelistHighFraction(fraction) => {
                self.restore_ratio(setup, zones);
                setup.write_percpu_pagelist_high_fraction(zones, *fraction);
            }
        }
    }

    /// Everything gets its old value back at the end of the log.
    ///
    /// # Errors
    /// Why one is not known.
    fn restore_all(&self, setup: &mut ZoneSetup, zones: &[ZoneSize]) -> Result<(), String> {
        setup.write_watermark_scale_factor(zones, self.old("watermark_scale_factor", 10));
        setup.write_percpu_pagelist_high_fraction(zones, self.old("percpu_pagelist_high_fraction", 0));
        self.restore_ratio(setup, zones);
        if self.restore_min_free(setup, zones) { Ok(()) } else { Err(NO_OLD_MIN_FREE.into()) }
    }

    /// Whether it is known what `min_free_kbytes` was.
    pub fn restore_min_free(&self, setup: &mut ZoneSetup, zones: &[ZoneSize]) -> bool {
        match self.first.number("min_free_kbytes") {
            Some(kb) if setup.min_free_kbytes() != kb => setup.write_min_free_kbytes(zones, kb),
            Some(_) => {}
            None => return false,
        }
        true
    }

    fn restore_ratio(&self, setup: &mut ZoneSetup, zones: &[ZoneSize]) {
        let old = self.first.numbers("lowmem_reserve_ratio");
        let five = FIVE_RATIOS.len() > old.len() && !old.is_empty();
        let ratio = if five { FIVE_RATIOS.to_vec() } else { old };
        let ratio = by_kind(&self.info.kinds(), &ratio, setup.tunables().lowmem_reserve_ratio);
        setup.write_lowmem_reserve_ratio(zones, ratio);
    }

    fn old(&self, name: &str, default: u32) -> u32 {
        self.first.number(name).unwrap_or(default)
    }

    /// The figures after boot, with what was set before the first moment.
    pub fn booted(&self) -> ZoneSetup {
        let mut setup = self.boot.clone();
        self.first_writes(&mut setup, &self.now);
        setup
    }

    /// Why it is not known on which nodes the CPUs are.
    pub fn cpus_unknown(&self) -> Option<&String> {
        self.cpus_unknown.as_ref()
    }

    /// What the first moment says about the machine itself.
    pub fn first_moment(
        &self,
        moment: &Moment,
        expected: &Expected,
        report: &mut Report<'_>,
    ) -> io::Result<()> {
        if let Some(kb) = moment.number("min_free_kbytes") {
            let file = moment.file("sysctl_vm");
            match &self.boot_unknown {
                None if expected.setup.tunables().min_free_kbytes.is_some() => {
                    report.skip(&file, "min_free_kbytes", kb, "a person has written it")?;
                }
                None => report.figure(&file, "min_free_kbytes", kb, self.boot.min_free_kbytes())?,
                Some(why) => report.skip(&file, "min_free_kbytes", kb, why.clone())?,
            }
        }
        if let (Some(on), None) = (moment.thp.as_deref().and_then(thp_is_on), &self.boot_unknown) {
            let total = NrPages(self.now.iter().fold(0, |sum, zone| sum.saturating_add(zone.managed.0)));
            if !hugepages_stay_on(total) {
                let shown = |on| if on { "on" } else { "never" };
                report.figure(&moment.file("thp"), "enabled", shown(on), shown(self.boot.tunables().thp))?;
            }
        }
        let Some(log) = &moment.dmesg else { return Ok(()) };
        let file = moment.file("dmesg");
        if let Some(kb) = log.memory_kb {
            let present = self.now.iter().fold(0u64, |sum, zone| sum.saturating_add(zone.present.0));
            report.figure(&file, "Memory: /K available", kb, present.saturating_mul(4))?;
        }
        let nodes = self.nodes();
        let orders = nodes.fallback_orders();
        let shown = |order: &[u8]| order.iter().map(u8::to_string).collect::<Vec<_>>().join(" ");
        for (node, order) in &log.fallback_orders {
            let field = format!("Fallback order for Node {node}");
            match (orders.get(*node as usize), &self.cpus_unknown) {
                (Some(ours), None) => report.figure(&file, field, shown(order), shown(ours))?,
                (_, Some(why)) => report.skip(&file, field, shown(order), why.clone())?,
                (None, None) => report.figure(&file, field, shown(order), "no such node")?,
            }
        }
        Ok(())
    }

    /// The nodes as the zonelists see them.
    fn nodes(&self) -> NumaNodes {
        let last = self.now.iter().map(|zone| zone.node).max().unwrap_or(0);
        let has_memory = |node: u8| self.now.iter().any(|zone| zone.node == node && zone.present.0 > 0);
        NumaNodes {
            distances: self.first.numa.as_deref().and_then(node_distances).unwrap_or_default(),
            cpus: self.cpus.clone(),
            has_memory: (0..=last).map(has_memory).collect(),
        }
    }
}

/// Why marks are not known after a write of the log was taken back.
pub const NO_OLD_MIN_FREE: &str = "no sysctl_vm says what min_free_kbytes was before";

impl Moment {
    /// A file of `/proc/sys/vm` with one number.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.sysctl.as_ref()?.get(name).and_then(|number| u32::try_from(number).ok())
    }

    /// A file of `/proc/sys/vm` with several numbers; none when it is not there.
    pub fn numbers(&self, name: &str) -> Vec<u32> {
        let list = self.sysctl.as_ref().and_then(|numbers| numbers.list(name)).unwrap_or_default();
        list.iter().map(|number| u32::try_from(*number).unwrap_or(u32::MAX)).collect()
    }
}

/// Whether huge pages are on: `[always] madvise never`.
fn thp_is_on(text: &str) -> Option<bool> {
    let line = text.lines().find_map(|line| line.strip_prefix("enabled:"))?;
    let chosen = line.split_whitespace().find_map(|word| word.strip_prefix('[')?.strip_suffix(']'))?;
    Some(chosen != "never")
}

/// `protection` of all zones as it is printed.
fn protections(info: &ZoneInfo) -> Vec<Vec<u64>> {
    info.zones.iter().map(|zone| zone.protection.clone()).collect()
}

fn expected_protections(info: &ZoneInfo, setup: &ZoneSetup) -> Vec<Vec<u64>> {
    let kinds = info.kinds();
    let of = |figures: &mm::setup::ZoneFigures| {
        kinds.iter().map(|kind| figures.lowmem_reserve[*kind as usize].0).collect()
    };
    setup.figures().iter().map(of).collect()
}

/// Online CPUs of each node. A processor's node is in the firmware's table, which the kernel's log has.
fn cpus_per_node(moment: &Moment, info: &ZoneInfo) -> (Vec<u32>, Option<String>) {
    let online = info.online_cpus();
    let last = info.zones.iter().map(|zone| zone.node).max().unwrap_or(0);
    if last == 0 {
        return (vec![online], None);
    }
    let apic_nodes = moment.dmesg.as_ref().map(|log| &log.apic_nodes[..]).unwrap_or_default();
    let ids = moment.cpuinfo.as_deref().map(apic_ids).unwrap_or_default();
    let mut cpus = vec![0u32; last.min(255) as usize + 1];
    for id in &ids {
        let node = apic_nodes.iter().find(|(apic, _)| apic == id).map(|(_, node)| *node as usize);
        if let Some(count) = node.and_then(|node| cpus.get_mut(node)) {
            *count += 1;
        }
    }
    if cpus.iter().sum::<u32>() == online {
        (cpus, None)
    } else {
        let why = "no cpuinfo and dmesg (SRAT) say which node each CPU is on";
        (vec![online], Some(why.into()))
    }
}

/// The zones with the pages that they had when the kernel set them up: those of now without what the kernel's log
/// says was freed later.
fn managed_at_init(moment: &Moment, info: &ZoneInfo, now: &[ZoneSize]) -> Result<Vec<ZoneSize>, String> {
    let log = moment.dmesg.as_ref().ok_or("no dmesg says what was freed after the zones were set up")?;
    let is_whole = log.memory_kb.is_some() && log.freed.iter().any(|freed| freed.what.starts_with("unused"));
    if !is_whole {
        return Err("dmesg does not reach from boot to where the kernel frees its initial code".into());
    }
    let spans: Vec<PfnRange> =
        info.zones.iter().map(|zone| span(zone).unwrap_or(PfnRange::new(0, 0))).collect();
    let mut zones = now.to_vec();
    let mut take = |range: PfnRange| {
        for (zone, span) in zones.iter_mut().zip(&spans) {
            zone.managed.0 = zone.managed.0.saturating_sub(u64::from(range.and(*span).len()));
        }
    };
    let kernel = kernel_place(moment, &spans);
    for freed in &log.freed {
        let pages = u32::try_from(freed.kb / 4).unwrap_or(u32::MAX);
        match &freed.what[..] {
            // That is before there are watermarks.
            "SMP alternatives" => {}
            "initrd" => {
                let place = log.ramdisk.ok_or("dmesg does not say where the initial RAM disk lay")?;
                take(PfnRange::new(place.start.0, place.start.0.saturating_add(pages)));
            }
            what if what.starts_with("unused") => {
                let start = kernel.clone()?;
                take(PfnRange::new(start, start.saturating_add(pages)));
            }
            what => return Err(format!("dmesg frees `{what}`, and no rule says where it lay")),
        }
    }
    Ok(zones)
}

/// A frame of the kernel's image: what it frees of itself lies in the same zone.
fn kernel_place(moment: &Moment, spans: &[PfnRange]) -> Result<u32, String> {
    if let Some(pfn) = moment.iomem.as_deref().and_then(kernel_frame) {
        return Ok(pfn.0);
    }
    // It never lies below 16 MiB on x86.
    let above: Vec<&PfnRange> = spans.iter().filter(|span| span.end.0 > 0x1000).collect();
    match above[..] {
        [only] => Ok(only.start.0),
        _ => Err("no iomem says in which zone the kernel lies".into()),
    }
}

fn span(zone: &kernel_io::ZoneEntry) -> Option<PfnRange> {
    let start = u32::try_from(zone.populated.as_ref()?.start_pfn).ok()?;
    let end = u32::try_from(u64::from(start).checked_add(zone.pages.spanned)?).ok()?;
    Some(PfnRange::new(start, end))
}

/// Where the kernel's log says that the zones lie.
fn places(log: &BootLog, zones: &[ZoneSize]) -> Option<Vec<(PfnRange, NrPages)>> {
    if log.has_movable || log.node_ranges.is_empty() {
        return None;
    }
    let place = |zone: &ZoneSize| {
        let range = log.zone_ranges.iter().find(|(kind, _)| *kind == zone.kind);
        let range = range.map_or(PfnRange::new(0, 0), |(_, range)| *range);
        let ram: Vec<PfnRange> = log
            .node_ranges
            .iter()
            .filter(|(node, _)| *node == u32::from(zone.node))
            .map(|(_, r)| *r)
            .collect();
        mm::setup::zone_pages_in_node(range, &ram)
    };
    Some(zones.iter().map(place).collect())
}

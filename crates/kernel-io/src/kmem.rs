//! What a machine's caches and areas are as rows of the kernel's files.

use std::collections::BTreeMap;

use mm::Machine;
use mm::op::NameId;
use mm::units::NrPages;

use crate::{
    SlabInfo, SlabInfoRow, SlabLines, VMALLOC_TOTAL, VmArea, VmFlag, VmKind, VmallocInfoRow, VmallocLines,
};

/// The caches as `/proc/slabinfo` lists them, the youngest first (`slab_caches`, to whose head each new one is added).
/// `name` says what a name of the machine is called.
#[must_use]
pub fn slabinfo_of(machine: &Machine, name: impl Fn(NameId) -> String) -> SlabInfo {
    let kmem = machine.kmem_booted();
    let mut rows: Vec<SlabInfoRow> = kmem
        .caches()
        .map(|cache| {
            let f = cache.figures();
            let [limit, batchcount, sharedfactor] = f.tunables;
            SlabInfoRow {
                name: name(cache.name),
                active_objs: f.active_objs.into(),
                num_objs: f.num_objs.into(),
                objsize: f.objsize,
                objperslab: f.objperslab,
                pagesperslab: f.pagesperslab,
                limit,
                batchcount,
                sharedfactor,
                active_slabs: f.active_slabs.into(),
                num_slabs: f.num_slabs.into(),
                sharedavail: f.shared_avail.into(),
            }
        })
        .collect();
    rows.reverse();
    SlabInfo { rows }
}

/// The areas as `/proc/vmallocinfo` lists them, and behind them the addresses that wait. Instead of a caller in the
/// kernel's code there is what the scenario calls the area.
#[must_use]
pub fn vmalloc_rows_of(machine: &Machine, name: impl Fn(NameId) -> String) -> Vec<VmallocInfoRow> {
    let Some(vmalloc) = machine.kmem().vmalloc() else { return Vec::new() };
    let areas = vmalloc.areas().map(|area| {
        let mut nodes: BTreeMap<u32, u64> = BTreeMap::new();
        for pfn in &area.pages {
            let node = machine.zone_of(*pfn).map_or(0, |zone| machine.zone(zone).node);
            *nodes.entry(u32::from(node)).or_default() += 1;
        }
        let owner = area.pages.first().and_then(|pfn| machine.page(*pfn).owner());
        let area_of = VmArea {
            caller: owner.map(&name),
            pages: area.pages.len() as u64,
            flags: [VmFlag::Alloc].into(),
            nodes: nodes.into_iter().collect(),
            ..VmArea::default()
        };
        VmallocInfoRow { start: area.start.0, end: area.start.0 + area.size(), kind: VmKind::Area(area_of) }
    });
    let waiting =
        vmalloc.unpurged().map(|(start, end)| VmallocInfoRow { start, end, kind: VmKind::Unpurged });
    areas.chain(waiting).collect()
}

/// The lines of `/proc/meminfo` that follow from slabs and areas.
#[must_use]
pub fn kmem_lines_of(machine: &Machine) -> (SlabLines, VmallocLines) {
    let kmem = machine.kmem();
    let [unreclaimable, reclaimable] = kmem.slab_pages();
    let vmalloc = kmem.vmalloc();
    (
        SlabLines {
            reclaimable,
            unreclaimable: NrPages(unreclaimable.0 + machine.kmalloc_large_pages().0),
            misc_reclaimable: NrPages(0),
        },
        VmallocLines {
            total: vmalloc.map_or(VMALLOC_TOTAL, mm::vmalloc::Vmalloc::total_bytes),
            used: NrPages(vmalloc.map_or(0, mm::vmalloc::Vmalloc::nr_vmalloc_pages)),
        },
    )
}

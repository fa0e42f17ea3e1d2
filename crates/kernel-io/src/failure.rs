//! What the kernel logs when a request fails (`warn_alloc()`, `__show_free_areas()`, mm/page_alloc.c, 6.1): the lines
//! that a machine can fill in. The stack, the registers and the LRU lists are not among them.

use std::fmt::Write as _;

use mm::gfp::GfpFlags;
use mm::mempolicy::NodeMask;
use mm::mmzone::{Mark, Zone};
use mm::page::MigrateType;
use mm::units::{CpuId, Order};
use mm::{Machine, NrPages};

use crate::populated;

/// Pages as `K()` prints them: in KiB.
fn kb(pages: u64) -> String {
    format!("{}kB", pages * 4)
}

/// The report of a request of `comm` on `cpu` that has just failed; nothing for one that wants no report
/// (`__GFP_NOWARN`). Times and host names are left out. `inside` is the cpuset of whoever asked, and its nodes.
#[must_use]
pub fn page_allocation_failure(
    machine: &Machine,
    comm: &str,
    order: u8,
    gfp: GfpFlags,
    cpu: CpuId,
    inside: Option<(&str, NodeMask)>,
) -> Option<String> {
    if gfp.contains(GfpFlags::NOWARN) {
        return None;
    }
    let mut out = String::new();
    let GfpFlags(mode) = gfp;
    let _ =
        write!(out, "{comm}: page allocation failure: order:{order}, mode:{mode:#x}({gfp}), nodemask=(null)");
    // (`cpuset_print_current_mems_allowed()`; Linux prints it always, here it waits until there is a cpuset.)
    if let Some((cpuset, mems)) = inside {
        let _ = write!(out, ",cpuset={cpuset},mems_allowed={mems}");
    }
    out.push('\n');
    let _ = writeln!(out, "CPU: {cpu} PID: 1 Comm: {comm}");
    out.push_str("Mem-Info:\n");
    show_free_areas(machine, cpu, &mut out);
    Some(out)
}

/// `__show_free_areas()`
fn show_free_areas(machine: &Machine, cpu: CpuId, out: &mut String) {
    let zones = populated(machine);
    let sum = |of: fn(&Zone) -> NrPages| -> u64 { zones.iter().map(|(_, zone)| of(zone).0).sum() };
    let (free, cma) = (sum(|z| z.nr_free_pages), sum(|z| z.nr_free_cma));
    let _ = writeln!(out, " free:{free} free_pcp:{} free_cma:{cma}", sum(Zone::pcp_pages));
    let highest = machine.zone_sizes().iter().take_while(|size| size.node == 0).count();
    for (_, zone) in &zones {
        let mark = |mark: Mark| kb(u64::from(zone.wmark_pages(mark)));
        let _ = writeln!(
            out,
            "Node {} {} free:{} boost:{} min:{} low:{} high:{} reserved_highatomic:{}KB present:{} managed:{} \
             free_pcp:{} local_pcp:{} free_cma:{}",
            zone.node,
            zone.kind.name(),
            kb(zone.nr_free_pages.0),
            kb(u64::from(zone.watermark_boost)),
            mark(Mark::Min),
            mark(Mark::Low),
            mark(Mark::High),
            u64::from(zone.nr_reserved_highatomic) * 4,
            kb(zone.present.0),
            kb(zone.managed.0),
            kb(zone.pcp_pages().0),
            kb(u64::from(zone.pcp(cpu).count)),
            kb(zone.nr_free_cma.0),
        );
        out.push_str("lowmem_reserve[]:");
        for size in &machine.zone_sizes()[..highest] {
            let _ = write!(out, " {}", zone.lowmem_reserve[size.kind as usize]);
        }
        out.push('\n');
    }
    for (_, zone) in &zones {
        free_blocks(zone, out);
    }
    let present: u64 = zones.iter().map(|(_, zone)| zone.present.0).sum();
    let managed: u64 = zones.iter().map(|(_, zone)| zone.managed.0).sum();
    let _ = writeln!(out, "{present} pages RAM\n{} pages reserved", present - managed);
}

/// One line for each zone: blocks of each order, and on which lists there are any (`show_migration_types()`).
fn free_blocks(zone: &Zone, out: &mut String) {
    let _ = write!(out, "Node {} {}: ", zone.node, zone.kind.name());
    let mut total = 0;
    for order in Order::all() {
        let blocks = u64::from(zone.area(order).nr_free());
        total += blocks << order.get();
        let _ = write!(out, "{blocks}*{} ", kb(u64::from(order.pages())));
        let letters: String = MigrateType::ALL
            .into_iter()
            .filter(|t| !zone.area(order).list(*t).is_empty())
            .map(|t| ['U', 'M', 'E', 'H', 'C', 'I'][t.index()])
            .collect();
        if blocks > 0 {
            let _ = write!(out, "({letters}) ");
        }
    }
    let _ = writeln!(out, "= {}", kb(total));
}

//! `/proc/pagetypeinfo`: free blocks per order and migratetype, and how many pageblocks each type has.

use std::fmt::Write as _;

use mm::mmzone::Zone;
use mm::page::{MigrateType, PageState};
use mm::{Machine, Order, Pfn};

use crate::populated;

/// The kernel stops counting a list here, lest it hold the zone's lock for too long.
const CAP: u32 = 100_000;

/// The whole file (`pagetypeinfo_show()`, mm/vmstat.c, 6.1): once for each node that has memory.
#[must_use]
pub fn pagetypeinfo(machine: &Machine) -> String {
    let mut out = String::new();
    let zones: Vec<&Zone> = populated(machine).into_iter().map(|(_, zone)| zone).collect();
    for zones in zones.chunk_by(|a, b| a.node == b.node) {
        header(machine, &mut out);
        for zone in zones {
            free_counts(machine, zone, &mut out);
        }
        let _ = write!(out, "\n{:<23}", "Number of blocks type ");
        for migratetype in machine.migratetypes() {
            let _ = write!(out, "{:>12} ", migratetype.name());
        }
        out.push('\n');
        for zone in zones {
            block_counts(machine, zone, &mut out);
        }
    }
    out
}

fn header(machine: &Machine, out: &mut String) {
    let order = machine.pageblock_order();
    let _ = writeln!(out, "Page block order: {order}");
    let _ = writeln!(out, "Pages per block:  {}", order.pages());
    let _ = write!(out, "\n{:<43} ", "Free pages count per migrate type at order");
    for order in Order::all() {
        let _ = write!(out, "{:>6} ", order.get());
    }
    out.push('\n');
}

/// `pagetypeinfo_showfree_print()`.
fn free_counts(machine: &Machine, zone: &Zone, out: &mut String) {
    for migratetype in machine.migratetypes() {
        let (node, kind) = (zone.node, zone.kind.name());
        let _ = write!(out, "Node {node:>4}, zone {kind:>8}, type {:>12} ", migratetype.name());
        for order in Order::all() {
            let blocks = zone.area(order).list(migratetype).len();
            let over = if blocks >= CAP { ">" } else { "" };
            let _ = write!(out, "{over}{:>6} ", blocks.min(CAP));
        }
        out.push('\n');
    }
}

/// `pagetypeinfo_showblockcount_print()`: steps from the zone's first frame, even when that is inside a pageblock;
/// frames without memory are left out.
fn block_counts(machine: &Machine, zone: &Zone, out: &mut String) {
    let mut counts = [0u32; MigrateType::COUNT];
    let step = machine.pageblock_order().pages();
    let mut pfn = zone.span.start;
    while pfn < zone.span.end {
        if machine.page(pfn).state != PageState::Hole {
            counts[machine.pageblock_type(pfn).index()] += 1;
        }
        pfn = Pfn(pfn.0.saturating_add(step));
    }
    let _ = write!(out, "Node {}, zone {:>8} ", zone.node, zone.kind.name());
    for migratetype in machine.migratetypes() {
        let _ = write!(out, "{:>12} ", counts[migratetype.index()]);
    }
    out.push('\n');
}

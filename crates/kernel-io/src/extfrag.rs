//! The files of `/sys/kernel/debug/extfrag`: how scattered the free memory is, for each order.

use std::fmt::Write as _;

use mm::vmstat::{fragmentation_index, unusable_free_index};
use mm::{Machine, Order};

use crate::populated;

/// `extfrag_index`: why a request would fail, in thousandths with a point (`extfrag_show_print()`, mm/vmstat.c,
/// 6.1).
///
/// The kernel prints whole and thousandths as two signed numbers, so that an index of -500 reads ` 0.-500`.
#[must_use]
pub fn extfrag_index(machine: &Machine) -> String {
    per_order(machine, |out, nr_free, order| {
        let index = fragmentation_index(nr_free, order);
        // Rust's division and padding are C's: towards zero, and a minus sign counts as a digit.
        let _ = write!(out, "{:2}.{:03} ", index / 1000, index % 1000);
    })
}

/// `unusable_index`: how much of the free memory a request could not use (`unusable_show_print()`, mm/vmstat.c,
/// 6.1).
#[must_use]
pub fn unusable_index(machine: &Machine) -> String {
    per_order(machine, |out, nr_free, order| {
        let index = unusable_free_index(nr_free, order);
        let _ = write!(out, "{}.{:03} ", index / 1000, index % 1000);
    })
}

fn per_order(machine: &Machine, print: impl Fn(&mut String, &[u32; Order::COUNT], Order)) -> String {
    let mut out = String::new();
    for (_, zone) in populated(machine) {
        let _ = write!(out, "Node {}, zone {:>8} ", zone.node, zone.kind.name());
        for order in Order::all() {
            print(&mut out, &zone.nr_free(), order);
        }
        out.push('\n');
    }
    out
}

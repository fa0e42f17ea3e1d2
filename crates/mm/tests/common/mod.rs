//! A machine to try things on, step by step.

#![allow(dead_code, reason = "every test binary uses its own part")]

pub mod cases;

use mm::config::{Start, ZoneLists};
use mm::mmzone::ZoneId;
use mm::op::{Gfp, NameId, PageKind};
use mm::page::MigrateType;
use mm::{Config, CpuId, Machine, Op, Order, Pfn, Step, UnitEnd};

/// The only zone of [`Config::single_zone`].
pub const ZONE: ZoneId = ZoneId(0);

/// The order `order`.
pub fn order(order: u8) -> Order {
    Order::new(order).expect("an order of the buddy system")
}

/// A request for pages of `kind` from any zone.
pub fn gfp(kind: PageKind) -> Gfp {
    Gfp::of(kind, None)
}

/// Runs one op to its end, checks every law after each of its units, and gives its steps.
pub fn run(machine: &mut Machine, op: &Op) -> Vec<Step> {
    let mut steps = Vec::new();
    while machine.run_unit(op, &mut steps) == UnitEnd::More {
        machine.check().expect("a law is broken between units");
    }
    machine.check().expect("a law is broken after an op");
    steps
}

/// Asks for a block and gives its first frame.
pub fn alloc(machine: &mut Machine, name: u32, order: u8, kind: PageKind) -> Option<u32> {
    run(machine, &Op::Alloc { name: NameId(name), order, gfp: gfp(kind), cpu: CpuId(0) });
    match machine.named(NameId(name)) {
        mm::Named::Block(block) => Some(block.pfn.0),
        _ => None,
    }
}

/// Frees what `name` holds.
pub fn free(machine: &mut Machine, name: u32) -> Vec<Step> {
    run(machine, &Op::Free { name: NameId(name), cpu: CpuId(0) })
}

/// One free list, head first.
pub fn list(machine: &Machine, order_: u8, migratetype: MigrateType) -> Vec<u32> {
    machine.free_list(ZONE, order(order_), migratetype).map(|pfn| pfn.0).collect()
}

/// Free blocks per order of the first zone.
pub fn nr_free(machine: &Machine) -> [u32; Order::COUNT] {
    machine.zone(ZONE).nr_free()
}

/// A machine of one zone with exactly these free lists, all pageblocks of one type; the rest is in use.
pub fn from_lists(frames: u32, types: MigrateType, lists: &[(u8, MigrateType, &[u32])]) -> Machine {
    let config = Config {
        start: Start::Lists(vec![ZoneLists {
            zone: ZONE,
            pageblocks: vec![types; frames.div_ceil(512) as usize],
            lists: lists
                .iter()
                .map(|(o, t, pfns)| (order(*o), *t, pfns.iter().map(|p| Pfn(*p)).collect()))
                .collect(),
            ..ZoneLists::empty(ZoneId(0))
        }]),
        ..Config::single_zone(frames)
    };
    Machine::boot(&config).expect("lists that make a machine")
}

//! What is said of the memory hierarchy: a word on its way through the caches.

mod en;
mod zh;

use mm::CpuId;
use mm::hierarchy::{Amat, CacheId, Caches, Disk, Geometry};
use mm::op::ProcessOp;
use mm::process::{At, Scan};
use mm::step::HierarchyStep;
use scenario::Lang;

use super::{Told, Words, num};
use crate::hierarchy::Contents;

/// A step of the caches, told.
pub(crate) fn tell(lang: Lang, w: &Words, step: &HierarchyStep) -> Told {
    match lang {
        Lang::En => en::tell(w, step),
        Lang::Zh => zh::tell(w, step),
    }
}

/// What an op wants, behind its name.
pub(super) fn op_text(lang: Lang, w: &Words, op: &ProcessOp) -> Option<String> {
    match (*op, lang) {
        (ProcessOp::Scan { at, scan, .. }, Lang::En) => {
            Some(format!("{}: {}", place(w, at, ["'s heap", "'s stack"]), en::scan(&scan)))
        }
        (ProcessOp::Scan { at, scan, .. }, Lang::Zh) => {
            Some(format!("{}：{}", place(w, at, [" 的堆", " 的栈"]), zh::scan(&scan)))
        }
        (ProcessOp::Move { process, cpu }, Lang::En) => {
            Some(format!("{} goes on on CPU {cpu}", w.name(process)))
        }
        (ProcessOp::Move { process, cpu }, Lang::Zh) => {
            Some(format!("{} 移到 CPU {cpu} 上运行", w.name(process)))
        }
        _ => None,
    }
}

/// Where a scan goes.
fn place(w: &Words, at: At, [heap, stack]: [&str; 2]) -> String {
    match at {
        At::Area { name, .. } => w.name(name).into_owned(),
        At::Heap(process) => format!("{}{heap}", w.name(process)),
        At::Stack(process) => format!("{}{stack}", w.name(process)),
        At::Address(process, address) => format!("{} {address:#x}", w.name(process)),
    }
}

/// The caches of the scenario's machine.
pub(crate) fn caches(w: &Words) -> Caches {
    w.config().caches.unwrap_or_default()
}

/// A line or a word as the picture has it: what it is to the scan, else its physical address.
fn line(w: &Words, address: u64) -> String {
    let spot = || {
        let (_, op) = w.op()?;
        Contents::of_op(w.machine()?, op)?.spot(address)
    };
    match spot() {
        Some(spot) => spot.words(&|name| w.name(name).into_owned()),
        None => format!("{address:#x}"),
    }
}

/// So many cycles for each of so many references, with a decimal where it says more: `4`, `51`, `12.3`.
pub(crate) fn average(amat: Amat) -> String {
    let tenths = (amat.thousandths() + 50) / 100;
    match tenths % 10 {
        0 => num(tenths / 10),
        rest => format!("{}.{rest}", num(tenths / 10)),
    }
}

/// CPUs that are given as bits, as far as they are read: `1, 3`.
fn cpus(bits: u64) -> Vec<CpuId> {
    (0..64).filter(|at| bits >> at & 1 != 0).map(CpuId).collect()
}

/// The level below a cache.
fn below(cache: CacheId) -> &'static str {
    match cache {
        CacheId::L1d | CacheId::L1i => "L2",
        CacheId::L2 => "L3",
        CacheId::L3 => "DRAM",
    }
}

/// What the last level is called.
pub(crate) fn disk_name(disk: Disk) -> &'static str {
    match disk {
        Disk::Ssd => "SSD",
        Disk::Hdd => "HDD",
    }
}

/// Size of one cache.
pub(crate) fn geometry(caches: &Caches, cache: CacheId) -> Geometry {
    match cache {
        CacheId::L1d => caches.l1d,
        CacheId::L1i => caches.l1i,
        CacheId::L2 => caches.l2,
        CacheId::L3 => caches.l3,
    }
}

/// How often, when it is more than once.
fn times(scan: &Scan) -> Option<String> {
    (scan.times > 1).then(|| num(scan.times))
}

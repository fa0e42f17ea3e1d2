//! What real kernels print: `/proc` twins written, dumps of real machines read.
//!
//! # Written
//! [`buddyinfo()`], [`pagetypeinfo()`], [`extfrag_index`] and [`unusable_index`] print a machine byte for byte as Linux
//! 6.1 would, trailing spaces and quirks included. What is not in a machine yet is printed from plain data: [`SlabInfo`],
//! [`vmallocinfo()`], [`SlabLines`] and [`VmallocLines`] of `/proc/meminfo`, and what [`slabtop()`] makes of the first.
//! Of processes there are [`pid_status`], [`pid_statm`], [`pid_maps`], [`pid_smaps`], [`pid_smaps_rollup`], and for
//! people [`pid_pagemap`] and [`ps()`]; of control groups [`memory_stat`], [`memory_events`] and [`memory_current`].
//! [`page_allocation_failure`] and [`oom_log`] are what the kernel logs when
//! memory has run out.
//!
//! # Read
//! [`read_buddyinfo`] takes `/proc/buddyinfo` as a person pastes it, [`read_lists`] the dump of ordered free lists
//! (and [`write_lists`] prints it again); [`read`] finds out which of the two it is. What they give turns into an
//! [`mm::Config`]. [`mod@trace`] reads traces of events, [`mod@gfp`] the flags of a request, [`read_kpf_free`] which
//! frames were free. Every mistake in a text is reported with its place ([`ReadError`]), all of them at once.
//!
//! What a real machine said about itself is read for comparison: [`read_zoneinfo`] (whose [`ZoneInfo`] also writes the
//! text back to the byte), [`read_pagetypeinfo`], [`read_free_rows`], [`read_index_rows`], [`read_meminfo`],
//! [`read_vmstat`], [`read_sysctl_vm`], [`read_sysctl_log`], [`read_slabinfo`], [`read_slab_table`],
//! [`read_slab_log`]; and texts that are for people, of which only known lines
//! count: [`BootLog`], [`read_oom_dump`], [`kernel_frame`], [`apic_ids`], [`node_distances`].
//!
//! # What this crate never does
//! No IO, no panic on any text, no invention without saying so: where a text leaves something open (the size of a
//! zone, the place of its holes), the function that fills it in says how.

mod bootlog;
mod buddyinfo;
mod error;
mod extfrag;
mod failure;
pub mod gfp;
mod hardware;
mod kmem;
mod kpf_free;
mod layout;
mod lists;
mod memcg;
mod meminfo;
mod memory;
mod numbers;
mod oom;
mod pagetypeinfo;
mod pagetypes;
mod process;
mod replay;
mod rows;
mod slab_sysfs;
mod slabinfo;
mod slabtop;
mod sysctl_log;
pub mod trace;
mod vmallocinfo;
mod words;
mod zoneinfo;

use mm::mmzone::Zone;
use mm::{Config, Machine};

pub use bootlog::{BootLog, Freed};
pub use buddyinfo::{BuddyInfo, BuddyRow, buddyinfo, read_buddyinfo};
pub use error::{Bound, Format, Missing, ReadError, ReadErrorKind};
pub use extfrag::{extfrag_index, unusable_index};
pub use failure::page_allocation_failure;
pub use gfp::read_gfp;
pub use hardware::{apic_ids, kernel_frame, node_distances};
pub use kmem::{kmem_lines_of, slabinfo_of, vmalloc_rows_of};
pub use kpf_free::{FreeFrames, read_kpf_free};
pub use lists::{ListsDump, PcpListDump, PcpNumbers, ZoneDump, ZoneNumbers, read_lists, write_lists};
pub use memcg::{
    memory_current, memory_events, memory_max, memory_stat, memory_swap_current, of_every_group,
};
pub use meminfo::{HugeLines, SlabLines, VMALLOC_TOTAL, VmallocLines};
pub use memory::{Layout, Memory, free, meminfo, numastat, vmstat};
pub use numbers::{Named, Numbers, read_meminfo, read_sysctl_vm, read_vmstat};
pub use oom::{
    OomDump, OomGroup, OomKill, OomList, OomPlace, OomProcess, OomTable, OomZone, oom_log, pid_oom_adj,
    pid_oom_score, pid_oom_score_adj, read_oom_dump,
};
pub use pagetypeinfo::pagetypeinfo;
pub use pagetypes::{FreeByType, PageTypeInfo, read_pagetypeinfo};
pub use process::{
    of_every_process, pid_maps, pid_of, pid_pagemap, pid_smaps, pid_smaps_rollup, pid_statm, pid_status, ps,
};
pub use replay::{ListsAgree, Replay, Window, replay};
pub use rows::{ZoneRow, read_free_rows, read_index_rows};
pub use slab_sysfs::{SlabCache, SlabLayout, SlabMoment, SlabTable, read_slab_log, read_slab_table};
pub use slabinfo::{SlabInfo, SlabInfoRow, read_slabinfo};
pub use slabtop::{Procps, SlabSort, slabtop};
pub use sysctl_log::{SysctlStep, SysctlWrite, ZoneMarks, read_sysctl_log};
pub use trace::{EventKind, Trace, TraceEvent, TraceReader, read_trace};
pub use vmallocinfo::{VmArea, VmFlag, VmKind, VmallocInfoRow, vmallocinfo};
pub use zoneinfo::{
    PageSet, PageSetExcerpt, PopulatedZone, Stat, ZoneEntry, ZoneExcerpt, ZoneInfo, ZonePages, read_zoneinfo,
    read_zoneinfo_excerpt,
};

/// What a text turned out to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Dump {
    /// `/proc/buddyinfo`: free blocks per order.
    BuddyInfo(BuddyInfo),
    /// A dump of ordered free lists.
    Lists(ListsDump),
}

impl Dump {
    /// The machine that starts so; see [`BuddyInfo::config`] and [`ListsDump::config`] for what is filled in.
    #[must_use]
    pub fn config(&self) -> Config {
        match self {
            Dump::BuddyInfo(info) => info.config(),
            Dump::Lists(dump) => dump.config(),
        }
    }
}

/// Reads a text whose first word tells which of the known formats it is: `Node` or `Z`.
///
/// # Errors
/// Every mistake in it, in the order of the text; [`ReadErrorKind::UnknownFormat`] when it is neither.
pub fn read(text: &str) -> Result<Dump, Vec<ReadError>> {
    match Format::of(text) {
        Some(Format::BuddyInfo) => read_buddyinfo(text).map(Dump::BuddyInfo),
        Some(Format::Lists) => read_lists(text).map(Dump::Lists),
        _ => Err(vec![words::first_place(text).error(ReadErrorKind::UnknownFormat)]),
    }
}

/// The populated zones in the order in which `/proc` walks them: node by node, lowest kind first
/// (`walk_zones_in_node()`, mm/vmstat.c, 6.1).
fn populated(machine: &Machine) -> Vec<(mm::mmzone::ZoneId, &Zone)> {
    let mut zones: Vec<_> =
        machine.zone_ids().map(|id| (id, machine.zone(id))).filter(|(_, zone)| zone.present.0 > 0).collect();
    let place = |id: mm::mmzone::ZoneId, zone: &Zone| {
        (u64::from(zone.node) << 8 | zone.kind as u64) << 8 | u64::from(id.0)
    };
    mm::sort::by_key(&mut zones, |(id, zone)| place(*id, zone));
    zones
}

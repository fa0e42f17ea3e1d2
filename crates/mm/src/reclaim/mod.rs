//! What the kernel does when memory runs short: the lists of pages that are used, who is taken from them, and where to.
//!
//! - `lruvec`: the lists (include/linux/mm_inline.h);
//! - `swap`: how pages come to them and move on them (mm/swap.c);
//! - `workingset`: what is known of a page that comes back (mm/workingset.c);
//! - `balance`: the arithmetic, without a machine;
//! - `vmscan`: which lists are looked at, and for how long; kswapd (mm/vmscan.c);
//! - `node_reclaim`: memory of a near node before that of a far one (mm/vmscan.c: `node_reclaim()`);
//! - `shrink`: what becomes of a page that is looked at (mm/vmscan.c: `shrink_folio_list()`);
//! - `rmap`: who has a page (mm/rmap.c);
//! - `huge`: pages of 512 frames on the lists, and how they go (mm/huge_memory.c, mm/vmscan.c);
//! - `swapfile`: areas and slots (mm/swapfile.c);
//! - `swap_state`: pages that are in memory and in swap, and what is read from there (mm/swap_state.c, mm/memory.c);
//! - `page_writeback`: dirty pages and the flusher (mm/page-writeback.c, fs/fs-writeback.c);
//! - `readahead`: how far a file is read ahead (mm/readahead.c);
//! - `memcontrol`: control groups, which have their own lists and a limit (mm/memcontrol.c);
//! - `migrate`: what of a page goes with it to another frame (mm/vmscan.c, mm/migrate.c);
//! - `unseen`: what most pages come to, where nobody looks on;
//! - `files`: `read()`, `write()`, `sync()`, `drop_caches`;
//! - `check`: the laws.
//!
//! All of it is there only in machines that say so (`reclaim on`, `swap 64M`): the others have what they were given, and
//! nobody takes it away.

pub mod balance;
mod check;
pub(crate) mod files;
mod huge;
mod lruvec;
pub mod memcontrol;
mod migrate;
mod node_reclaim;
mod page_writeback;
pub mod readahead;
mod rmap;
mod shrink;
mod swap;
mod swap_state;
mod swapfile;
mod unseen;
mod vmscan;
mod workingset;

pub use files::{FileAdvice, FileOp};
pub use huge::SplitWhy;
pub use lruvec::{Lru, LruFlags, LruPage, LruPages, Lruvec};
pub use memcontrol::{GroupEvent, GroupId, Memcg, MemoryStat, PageCounter};
pub(crate) use node_reclaim::{NodeReclaim, RECLAIM_DISTANCE};
pub(crate) use rmap::Place;
pub use shrink::Verdict;
pub use swap::{BATCH, Batch};
pub use swapfile::{MAX_SWAPFILES, Medium, SWAPFILE_CLUSTER, SwapArea, SwapSpec};
pub use vmscan::Kswapd;

use std::rc::Rc;

use crate::Machine;
use crate::config::Config;
use crate::cow::own;
use crate::hash::{Digest, Digestible};
use crate::machine::UnitEnd;
use crate::mmzone::ZoneId;
use crate::step::{Func, ReclaimStep, StepKind, Trace};
use crate::units::Pfn;

/// What a machine needs to reclaim memory.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ReclaimConfig {
    /// Where pages without a file can go, at most [`MAX_SWAPFILES`] areas.
    pub swap: Vec<SwapSpec>,
    /// What was written to `/proc/sys/vm` before.
    pub tunables: ReclaimTunables,
}

/// What is written to `/proc/sys/vm` and decides about reclaim.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReclaimTunables {
    /// `swappiness`, 0 to 200.
    pub swappiness: u8,
    /// `dirty_ratio`, percent.
    pub dirty_ratio: u8,
    /// `dirty_background_ratio`, percent.
    pub dirty_background_ratio: u8,
    /// `page-cluster`: 2 to this many pages are read from swap at once.
    pub page_cluster: u8,
    /// `zone_reclaim_mode`: 1 memory of a near node is reclaimed before a far one is asked, 2 dirty pages are written for
    /// that, 4 mapped pages go, too.
    pub zone_reclaim_mode: u8,
    /// `vfs_cache_pressure`, per cent: shrinkers see so much of what nobody uses.
    pub vfs_cache_pressure: u32,
}

impl Default for ReclaimTunables {
    fn default() -> ReclaimTunables {
        ReclaimTunables {
            swappiness: balance::SWAPPINESS,
            dirty_ratio: 20,
            dirty_background_ratio: 10,
            page_cluster: 3,
            zone_reclaim_mode: 0,
            vfs_cache_pressure: 100,
        }
    }
}

macro_rules! events {
    ($($(#[$doc:meta])* $event:ident $name:literal,)*) => {
        /// What is counted since boot, by the names of `/proc/vmstat`.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        pub enum VmEvent {
            $($(#[$doc])* $event,)*
        }

        impl VmEvent {
            /// All of them, in the order of `/proc/vmstat`.
            pub const ALL: &'static [VmEvent] = &[$(VmEvent::$event,)*];

            /// As `/proc/vmstat` calls it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(VmEvent::$event => $name,)*
                }
            }
        }
    };
}

events! {
    /// Pages that came back.
    WorkingsetRefaultAnon "workingset_refault_anon",
    /// The same of files.
    WorkingsetRefaultFile "workingset_refault_file",
    /// Of them those that became active at once.
    WorkingsetActivateAnon "workingset_activate_anon",
    /// The same of files.
    WorkingsetActivateFile "workingset_activate_file",
    /// Of them those that had been active before.
    WorkingsetRestoreAnon "workingset_restore_anon",
    /// The same of files.
    WorkingsetRestoreFile "workingset_restore_file",
    /// Pages that reclaim wrote.
    VmscanWrite "nr_vmscan_write",
    /// Dirty pages that go as soon as they are clean.
    VmscanImmediate "nr_vmscan_immediate_reclaim",
    /// Pages of files that became dirty.
    Dirtied "nr_dirtied",
    /// Pages that were written.
    Written "nr_written",
    /// Pages that were read from swap.
    PswpIn "pswpin",
    /// Pages that were written to swap.
    PswpOut "pswpout",
    /// Times that a task had to reclaim memory itself.
    AllocStall "allocstall",
    /// Pages that became active.
    PgActivate "pgactivate",
    /// Pages that became inactive.
    PgDeactivate "pgdeactivate",
    /// Pages that may be thrown away (`MADV_FREE`).
    PgLazyfree "pglazyfree",
    /// Of them those that were.
    PgLazyfreed "pglazyfreed",
    /// Active pages that were looked at.
    PgRefill "pgrefill",
    /// Pages that kswapd took away.
    PgStealKswapd "pgsteal_kswapd",
    /// Pages that tasks took away themselves.
    PgStealDirect "pgsteal_direct",
    /// Inactive pages that kswapd looked at.
    PgScanKswapd "pgscan_kswapd",
    /// Inactive pages that tasks looked at themselves.
    PgScanDirect "pgscan_direct",
    /// Inactive pages without a file that were looked at.
    PgScanAnon "pgscan_anon",
    /// Inactive pages of files that were looked at.
    PgScanFile "pgscan_file",
    /// Pages without a file that were taken away.
    PgStealAnon "pgsteal_anon",
    /// Pages of files that were taken away.
    PgStealFile "pgsteal_file",
    /// Objects that shrinkers looked at.
    SlabsScanned "slabs_scanned",
    /// Times that kswapd had less than the low mark again after a nap.
    KswapdLowWmark "kswapd_low_wmark_hit_quickly",
    /// Times that kswapd had less than the high mark again after a nap.
    KswapdHighWmark "kswapd_high_wmark_hit_quickly",
    /// Times that kswapd began to work.
    PageOutRun "pageoutrun",
    /// Pages that were put where they are found first once they were written.
    PgRotated "pgrotated",
    /// Times that clean pages were thrown away by hand.
    DropPagecache "drop_pagecache",
    /// Times that objects were thrown away by hand.
    DropSlab "drop_slab",
    /// Pages that came from swap before anybody asked for them.
    SwapRa "swap_ra",
    /// Of them those that somebody asked for then.
    SwapRaHit "swap_ra_hit",
}

impl VmEvent {
    /// Feeds how often each happened to a digest.
    fn digest(counts: &[u64], to: &mut Digest) {
        for (event, count) in VmEvent::ALL.iter().zip(counts) {
            // Those of shrinkers are not there where nothing shrinks.
            if *count > 0 || !matches!(event, VmEvent::SlabsScanned | VmEvent::DropSlab) {
                to.word(*count);
            }
        }
    }
}

/// A node: its lists, and its daemon.
#[derive(Clone, Default)]
pub struct Node {
    /// The lists.
    pub lruvec: Lruvec,
    /// The daemon.
    pub kswapd: Kswapd,
    /// Too many dirty pages came to the end of the list (`PGDAT_DIRTY`): kswapd may write them itself.
    pub(crate) is_dirty: bool,
    /// Too many pages at the end are on their way to the disk (`PGDAT_WRITEBACK`).
    pub(crate) is_writeback: bool,
    /// Pages that came back and became active, without and with files (`WORKINGSET_ACTIVATE_BASE`).
    pub(crate) activated: [u64; 2],
}

/// All that reclaim knows.
#[derive(Clone)]
pub struct Reclaim {
    pub(crate) pages: LruPages,
    nodes: Vec<Node>,
    /// Pages on each list, zone by zone (`NR_ZONE_INACTIVE_ANON` and so on).
    zone_sizes: Vec<[u64; 5]>,
    batches: Vec<swap::Batches>,
    /// Pages that were taken from their lists to be looked at, in that order.
    isolated: Vec<Pfn>,
    /// Pages that are being read (`PG_locked`).
    locked: Vec<Pfn>,
    areas: Vec<SwapArea>,
    swap: swap_state::SwapState,
    groups: memcontrol::Groups,
    /// Pages on their way to a disk, in that order.
    in_flight: Vec<Pfn>,
    /// Huge pages that nobody needs all of.
    pub(crate) split_queue: huge::SplitQueue,
    flusher: page_writeback::Flusher,
    /// What was written to `/proc/sys/vm`.
    pub tunables: ReclaimTunables,
    events: Vec<u64>,
    /// What an op of several units has left to do.
    work: Option<files::Work>,
}

impl Reclaim {
    pub(crate) fn new(machine: &Machine, config: &ReclaimConfig) -> Reclaim {
        Reclaim {
            pages: LruPages::filled(machine.end().0, LruPage::NOTHING),
            nodes: vec![Node::default(); usize::from(machine.nodes())],
            zone_sizes: vec![[0; 5]; machine.zones().len()],
            batches: vec![swap::Batches::default(); usize::from(machine.cpus())],
            isolated: Vec::new(),
            locked: Vec::new(),
            areas: swapfile::areas(&config.swap),
            swap: swap_state::SwapState::default(),
            groups: memcontrol::Groups::new(machine.end().0, machine.cpus()),
            in_flight: Vec::new(),
            split_queue: huge::SplitQueue::default(),
            flusher: page_writeback::Flusher::default(),
            tunables: config.tunables,
            events: vec![0; VmEvent::ALL.len()],
            work: None,
        }
    }

    /// The nodes.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// What is known of a page.
    #[must_use]
    pub fn page(&self, pfn: Pfn) -> LruPage {
        *self.pages.get_or_fill(pfn.0)
    }

    /// The pages of a list, the youngest first: those of the root, and then those of each group.
    pub fn list(&self, node: u8, lru: Lru) -> impl Iterator<Item = Pfn> {
        self.group_ids().flat_map(move |group| self.list_of(node, group, lru))
    }

    /// The pages of a group's list, the youngest first.
    pub fn list_of(&self, node: u8, group: GroupId, lru: Lru) -> impl Iterator<Item = Pfn> {
        self.lruvec(node, group).iter(&self.pages, lru)
    }

    /// The pages of a list, the oldest first; those of the root, and then those of each group.
    pub fn list_from_tail(&self, node: u8, lru: Lru) -> impl Iterator<Item = Pfn> {
        self.group_ids().flat_map(move |group| self.lruvec(node, group).from_tail(&self.pages, lru))
    }

    /// Pages on a list of a node, those of all groups among them.
    #[must_use]
    pub fn len(&self, node: u8, lru: Lru) -> u64 {
        self.len_within(node, GroupId::ROOT, lru)
    }

    /// Pages of a zone on each list.
    #[must_use]
    pub fn zone_sizes(&self, zone: ZoneId) -> [u64; 5] {
        self.zone_sizes[zone.index()]
    }

    /// The areas of swap.
    #[must_use]
    pub fn areas(&self) -> &[SwapArea] {
        &self.areas
    }

    /// Pages that were taken from their lists to be looked at.
    #[must_use]
    pub fn isolated(&self) -> &[Pfn] {
        &self.isolated
    }

    /// A page was looked at: mostly it is the one that was taken first.
    fn no_longer_isolated(&mut self, pfn: Pfn) {
        if let Some(at) = self.isolated.iter().position(|at| *at == pfn) {
            self.isolated.remove(at);
        }
    }

    /// Pages on their way to a disk, the first one sent first.
    #[must_use]
    pub fn in_flight(&self) -> &[Pfn] {
        &self.in_flight
    }

    /// Pages that wait in a CPU's batch.
    #[must_use]
    pub fn batch(&self, cpu: crate::CpuId, batch: Batch) -> &[Pfn] {
        self.batches.get(cpu.index()).map_or(&[], |of| of.of(batch))
    }

    /// How often something happened.
    #[must_use]
    pub fn event(&self, event: VmEvent) -> u64 {
        self.events[event as usize]
    }

    pub(crate) fn count(&mut self, event: VmEvent, by: u64) {
        self.events[event as usize] += by;
    }

    /// Pages on a list in all nodes.
    #[must_use]
    pub fn size(&self, lru: Lru) -> u64 {
        (0u8..).zip(&self.nodes).map(|(node, _)| self.len(node, lru)).sum()
    }

    pub(crate) fn flatten(&mut self) {
        self.pages.flatten();
    }

    pub(crate) fn digest_of(reclaim: &Reclaim) -> u64 {
        let mut d = Digest::default();
        for (pfn, page) in reclaim.pages.iter().enumerate().filter(|(_, page)| *page != LruPage::NOTHING) {
            d.word(pfn as u64);
            page.digest(&mut d);
        }
        for node in &reclaim.nodes {
            node.lruvec.digest(&mut d);
            node.kswapd.digest(&mut d);
            d.word(u64::from(node.is_dirty) | u64::from(node.is_writeback) << 1);
            node.activated.iter().for_each(|word| d.word(*word));
        }
        reclaim.batches.iter().for_each(|batches| batches.digest(&mut d));
        for list in [&reclaim.isolated, &reclaim.locked, &reclaim.in_flight] {
            d.word(list.len() as u64);
            list.iter().for_each(|pfn| d.word(u64::from(pfn.0)));
        }
        reclaim.areas.iter().for_each(|area| area.digest(&mut d));
        reclaim.swap.digest(&mut d);
        reclaim.groups.digest(&mut d);
        reclaim.split_queue.digest(&mut d);
        reclaim.flusher.digest(&mut d);
        let ReclaimTunables {
            swappiness,
            dirty_ratio,
            dirty_background_ratio,
            page_cluster,
            zone_reclaim_mode,
            vfs_cache_pressure,
        } = reclaim.tunables;
        for byte in [swappiness, dirty_ratio, dirty_background_ratio, page_cluster] {
            d.word(u64::from(byte));
        }
        if zone_reclaim_mode != 0 {
            d.word(1 << 16 | u64::from(zone_reclaim_mode));
        }
        if vfs_cache_pressure != 100 {
            d.word(2 << 32 | u64::from(vfs_cache_pressure));
        }
        VmEvent::digest(&reclaim.events, &mut d);
        match &reclaim.work {
            None => d.word(0),
            Some(work) => work.digest(&mut d),
        }
        d.finish()
    }
}

impl Machine {
    /// What reclaim knows; none: nobody takes memory away on this machine.
    #[must_use]
    pub fn reclaim(&self) -> Option<&Reclaim> {
        self.reclaim.as_deref()
    }

    pub(crate) fn reclaim_mut(&mut self) -> Option<&mut Reclaim> {
        self.reclaim.as_mut().map(own)
    }

    /// What a machine needs to reclaim memory is there from the start.
    pub(crate) fn boot_reclaim(&mut self, config: &Config) {
        if let Some(of) = &config.reclaim {
            self.reclaim = Some(Rc::new(Reclaim::new(self, of)));
        }
        self.boot_compaction(config);
    }

    pub(crate) fn told_reclaim(&self, t: &mut Trace<'_>, func: Func, step: impl FnOnce() -> ReclaimStep) {
        if t.looks() {
            let kind = StepKind::Reclaim { step: step() };
            t.within_once(func, |t| t.emit(self, kind));
        }
    }

    /// The unit boundary: every woken daemon gets one slice, in a fixed order; what was on its way to a disk is there.
    pub(crate) fn run_daemons(&mut self, t: &mut Trace<'_>) {
        self.end_writeback(t);
        for node in 0..self.nodes() {
            self.kswapd_slice(t, node);
        }
        self.flusher_slice(t);
    }

    /// Whether any daemon has something to do.
    pub(crate) fn daemons_work(&self) -> bool {
        self.kcompactd_works()
            || self.reclaim().is_some_and(|reclaim| {
                !reclaim.in_flight.is_empty()
                    || reclaim.flusher.is_awake()
                    || reclaim.nodes.iter().any(|node| node.kswapd.is_awake())
            })
    }
}

/// Runs the next unit of what is done with files.
pub(crate) fn run(machine: &mut Machine, op: &FileOp, t: &mut Trace<'_>) -> UnitEnd {
    machine.file_op(op, t)
}

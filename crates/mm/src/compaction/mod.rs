//! Compaction (mm/compaction.c, 6.1): pages that can move are moved together, so that large free blocks come about.
//!
//! - `suitable`: whether it makes sense, when it is put off, and when it is over: without a machine as far as possible;
//! - `scan`: the two scanners, one for pages to move and one for frames to move them to;
//! - `zone`: a zone is compacted, turn by turn; a request does it itself, or a person asks for it;
//! - `kcompactd`: a daemon of each node does it.

mod kcompactd;
mod scan;
mod suitable;
mod zone;

pub use kcompactd::Kcompactd;
pub use scan::{COMPACT_CLUSTER_MAX, Passed, Scanner};
pub use suitable::{
    CompactPriority, CompactResult, Deferral, MAX_DEFER_SHIFT, Suitable, compact_gap, fragmentation_score,
    proactive_marks,
};
pub use zone::{Compactor, Control, MigrateMode};

use std::rc::Rc;

use crate::Machine;
use crate::config::Config;
use crate::hash::{Digest, Digestible};
use crate::machine::UnitEnd;
use crate::migrate::PinWhat;
use crate::op::NameId;
use crate::step::{CompactStep, Func, StepKind, Trace};
use crate::units::{CpuId, Pfn};

/// What a machine that compacts memory by itself was told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CompactionConfig {
    /// `extfrag_threshold`, 0 to 1000: with an index of fragmentation up to this a failure is said to be for lack of memory.
    pub extfrag_threshold: u32,
    /// `compaction_proactiveness`, 0 to 100.
    pub proactiveness: u8,
}

impl Default for CompactionConfig {
    fn default() -> CompactionConfig {
        CompactionConfig { extfrag_threshold: 500, proactiveness: 20 }
    }
}

/// What is asked of pages that can move.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CompactOp {
    /// `pin a`, `pin 0x8000`, `unpin a`: somebody counts on where pages lie, or not any more.
    Pin {
        /// Which pages.
        what: PinWhat,
        /// From now on; otherwise not any more.
        on: bool,
    },
    /// `move_pages m node=1`: pages are to come to a node.
    MovePages {
        /// Whose.
        name: NameId,
        /// Where to.
        node: u8,
        /// The CPU that does it.
        cpu: CpuId,
    },
    /// `compact_memory`: all zones are compacted from end to end (`/proc/sys/vm/compact_memory`).
    CompactMemory {
        /// The CPU that does it.
        cpu: CpuId,
    },
    /// `kcompactd`: half a second is over, and kcompactd looks how scattered free memory is.
    Proactive,
}

macro_rules! events {
    ($($(#[$doc:meta])* $event:ident $name:literal,)*) => {
        /// What is counted since boot, by the names of `/proc/vmstat`.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        pub enum CompactEvent {
            $($(#[$doc])* $event,)*
        }

        impl CompactEvent {
            /// All of them, in the order of `/proc/vmstat`.
            pub const ALL: &'static [CompactEvent] = &[$(CompactEvent::$event,)*];

            /// As `/proc/vmstat` calls it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(CompactEvent::$event => $name,)*
                }
            }
        }
    };
}

events! {
    /// Frames that were looked at for pages to move.
    MigrateScanned "compact_migrate_scanned",
    /// Frames that were looked at for room.
    FreeScanned "compact_free_scanned",
    /// Pages and free frames that were taken.
    Isolated "compact_isolated",
    /// Requests that compacted memory themselves.
    Stall "compact_stall",
    /// Of them those that found nothing even then.
    Fail "compact_fail",
    /// Of them those that were served then.
    Success "compact_success",
    /// Times that kcompactd began to work.
    DaemonWake "compact_daemon_wake",
    /// Frames that it looked at for pages to move.
    DaemonMigrateScanned "compact_daemon_migrate_scanned",
    /// Frames that it looked at for room.
    DaemonFreeScanned "compact_daemon_free_scanned",
}

/// What is remembered of a zone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ZoneCompaction {
    /// Where the scanner for pages to move goes on, for those that do not wait and for those that do
    /// (`compact_cached_migrate_pfn`).
    pub cached_migrate: [Pfn; 2],
    /// Where the scanner for room goes on (`compact_cached_free_pfn`).
    pub cached_free: Pfn,
    /// Where both began when the marks were last taken away (`compact_init_migrate_pfn`, `compact_init_free_pfn`).
    pub init: [Pfn; 2],
    /// When it is put off.
    pub deferral: Deferral,
    /// Both scanners have met: the marks can go once kswapd sleeps (`compact_blockskip_flush`).
    pub blockskip_flush: bool,
}

/// All that compaction knows.
#[derive(Clone, Debug)]
pub struct Compaction {
    config: CompactionConfig,
    /// Requests and kcompactd do it by themselves.
    pub(crate) is_automatic: bool,
    zones: Vec<ZoneCompaction>,
    nodes: Vec<Kcompactd>,
    /// A bit for each pageblock that is not worth another look (`PB_migrate_skip`).
    skip: Vec<u64>,
    /// What runs now: of a task, or of a person; and of kcompactd of each node.
    controls: Vec<Option<Control>>,
    /// Zones that `compact_memory` still has to compact.
    to_do: Vec<u8>,
    events: Vec<u64>,
}

impl Compaction {
    fn new(machine: &Machine, config: Option<CompactionConfig>) -> Compaction {
        let pageblocks = machine.end().0.div_ceil(machine.pageblock_order().pages());
        Compaction {
            config: config.unwrap_or_default(),
            is_automatic: config.is_some(),
            zones: vec![ZoneCompaction::default(); machine.zones().len()],
            nodes: vec![Kcompactd::default(); usize::from(machine.nodes())],
            skip: vec![0; pageblocks.div_ceil(64) as usize],
            controls: vec![None; usize::from(machine.nodes()) + 1],
            to_do: Vec::new(),
            events: vec![0; CompactEvent::ALL.len()],
        }
    }

    /// What it was told.
    #[must_use]
    pub fn config(&self) -> CompactionConfig {
        self.config
    }

    /// What is remembered of each zone.
    #[must_use]
    pub fn zones(&self) -> &[ZoneCompaction] {
        &self.zones
    }

    /// The daemons, node by node.
    #[must_use]
    pub fn nodes(&self) -> &[Kcompactd] {
        &self.nodes
    }

    /// What runs now, if anything does.
    #[must_use]
    pub fn control(&self, by: Compactor) -> Option<&Control> {
        self.controls.get(by.index())?.as_ref()
    }

    /// All that runs now: that of a task or a person first, then that of each kcompactd.
    pub fn running(&self) -> impl Iterator<Item = &Control> {
        self.controls.iter().flatten()
    }

    /// Whether a pageblock, by its number, is not worth another look.
    #[must_use]
    pub fn skips(&self, pageblock: u32) -> bool {
        self.skip.get(pageblock as usize / 64).is_some_and(|bits| bits >> (pageblock % 64) & 1 == 1)
    }

    fn set_skip(&mut self, pageblock: u32, skips: bool) {
        if let Some(bits) = self.skip.get_mut(pageblock as usize / 64) {
            *bits = *bits & !(1 << (pageblock % 64)) | u64::from(skips) << (pageblock % 64);
        }
    }

    /// How often something happened.
    #[must_use]
    pub fn event(&self, event: CompactEvent) -> u64 {
        self.events[event as usize]
    }

    fn count(&mut self, event: CompactEvent, by: u64) {
        self.events[event as usize] += by;
    }

    pub(crate) fn digest_of(compaction: &Compaction) -> u64 {
        let mut d = Digest::default();
        let Compaction { config, is_automatic, zones, nodes, skip, controls, to_do, events } = compaction;
        d.word(u64::from(config.extfrag_threshold) << 32 | u64::from(config.proactiveness));
        d.word(u64::from(*is_automatic));
        for zone in zones {
            let [a, b] = zone.cached_migrate;
            d.word(u64::from(a.0) << 32 | u64::from(b.0));
            d.word(u64::from(zone.cached_free.0) << 32 | u64::from(zone.blockskip_flush));
            d.word(u64::from(zone.init[0].0) << 32 | u64::from(zone.init[1].0));
            zone.deferral.digest(&mut d);
        }
        nodes.iter().for_each(|node| node.digest(&mut d));
        skip.iter().for_each(|bits| d.word(*bits));
        controls.iter().for_each(|control| match control {
            None => d.word(0),
            Some(control) => control.digest(&mut d),
        });
        d.word(to_do.len() as u64);
        to_do.iter().for_each(|zone| d.word(u64::from(*zone)));
        events.iter().for_each(|count| d.word(*count));
        d.finish()
    }
}

impl Machine {
    /// What compaction knows; none before anything was compacted, where it is not automatic.
    #[must_use]
    pub fn compaction(&self) -> Option<&Compaction> {
        self.compaction.as_deref()
    }

    /// Whether requests and kcompactd compact by themselves.
    #[must_use]
    pub fn compacts(&self) -> bool {
        self.compaction().is_some_and(|compaction| compaction.is_automatic)
    }

    fn compaction_mut(&mut self) -> &mut Compaction {
        if self.compaction.is_none() {
            self.compaction = Some(Rc::new(Compaction::new(self, None)));
        }
        Rc::make_mut(self.compaction.get_or_insert_with(|| unreachable!("it was just made")))
    }

    /// A machine that compacts by itself does from the start.
    pub(crate) fn boot_compaction(&mut self, config: &Config) {
        if config.compaction.is_some() {
            self.compaction = Some(Rc::new(Compaction::new(self, config.compaction)));
        }
    }

    fn told_compact(&self, t: &mut Trace<'_>, func: Func, step: impl FnOnce() -> CompactStep) {
        if t.looks() {
            let kind = StepKind::Compact(step());
            t.within_once(func, |t| t.emit(self, kind));
        }
    }
}

/// Runs the next unit.
pub(crate) fn run(machine: &mut Machine, op: &CompactOp, t: &mut Trace<'_>) -> UnitEnd {
    match *op {
        CompactOp::Pin { what, on } => {
            machine.pin(t, what, on);
            UnitEnd::Done
        }
        CompactOp::MovePages { name, node, cpu } => machine.move_pages(t, name, node, cpu),
        CompactOp::CompactMemory { cpu } => machine.compact_memory(t, cpu),
        CompactOp::Proactive => machine.proactive_compaction(t),
    }
}

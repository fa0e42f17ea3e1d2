//! What the kernel prints when it kills somebody, as numbers (`dump_header()`, `show_mem()`, `dump_tasks()`, 6.1).

use super::lowmem::LowMemory;
use super::machine::Scope;
use crate::Machine;
use crate::gfp::GfpFlags;
use crate::hash::Digest;
use crate::mempolicy::NodeMask;
use crate::mmzone::{Mark, ZoneKind};
use crate::op::NameId;
use crate::page::MigrateType;
use crate::process::{Counter, Mm, Rss};
use crate::reclaim::{MemoryStat, PageCounter};
use crate::slab_common::SlabFlags;
use crate::units::{CpuId, NrPages, Order, PAGE_SIZE, Pfn};

/// What a group may have that may have as much as it likes, in pages (`PAGE_COUNTER_MAX`).
pub const NO_LIMIT: u64 = (i64::MAX as u64) / PAGE_SIZE;

/// A process in the table of tasks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TaskRow {
    /// What it is called.
    pub name: NameId,
    /// Whose it is.
    pub uid: u32,
    /// Pages of its address space.
    pub total_vm: NrPages,
    /// Pages in memory.
    pub rss: Rss,
    /// Bytes of page tables.
    pub pgtables_bytes: u64,
    /// Pages in swap.
    pub swapents: NrPages,
    /// `oom_score_adj`
    pub oom_score_adj: i16,
    /// How bad it is by the rules of the machine; none: it may not be killed.
    pub points: Option<i64>,
    /// The control group that it is in.
    pub memcg: Option<NameId>,
}

impl TaskRow {
    /// All pages of its that are in memory.
    #[must_use]
    pub fn total_rss(&self) -> NrPages {
        self.rss.total()
    }
}

/// A zone, as the report shows it; pages throughout.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ZoneReport {
    /// Which kind.
    pub kind: ZoneKind,
    /// Of which node.
    pub node: u8,
    /// Free pages.
    pub free: u64,
    /// The boost, and the marks min, low and high with it.
    pub marks: [u64; 4],
    /// Pages in high-atomic pageblocks.
    pub highatomic: u64,
    /// Frames that there are.
    pub present: u64,
    /// Those that the allocator was given.
    pub managed: u64,
    /// What all CPUs keep, and what the first of them does.
    pub free_pcp: [u64; 2],
    /// Anonymous pages, those of shared anonymous memory among them.
    pub anon: u64,
    /// Pages of files.
    pub file: u64,
    /// Pages on each list, as the kernel numbers them; without reclaim all are inactive.
    pub lru: [u64; 5],
    /// `lowmem_reserve[]`, for each kind of zone that the kernel has.
    pub reserve: Vec<u64>,
    /// For each order the blocks on its lists, and a bit for each type that has one.
    pub lists: [(u32, u8); Order::COUNT],
}

impl ZoneReport {
    /// Pages on all lists.
    #[must_use]
    pub fn on_lists(&self) -> u64 {
        self.lists.iter().enumerate().map(|(order, (blocks, _))| u64::from(*blocks) << order).sum()
    }
}

/// Everything that is printed before somebody is killed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Who asked for memory; none: no process.
    pub invoker: Option<NameId>,
    /// And its `oom_score_adj`.
    pub invoker_adj: i16,
    /// What it asked for; no order: nobody asked, a person pressed keys.
    pub gfp: GfpFlags,
    /// How much.
    pub order: Option<Order>,
    /// The control group that is full; none: the whole machine is.
    pub memcg: Option<NameId>,
    /// What the group has and may have, in pages, and how often it was refused; zeros where there is none.
    pub usage: [u64; 3],
    /// The same of slots in swap. Whoever may have as many as it likes has [`NO_LIMIT`].
    pub swap: [u64; 3],
    /// What the group's pages are.
    pub stat: Option<Box<MemoryStat>>,
    /// The only nodes whose memory helps, by a policy; none: all.
    pub nodes: Option<NodeMask>,
    /// The cpuset of whoever asks; none: the root.
    pub cpuset: Option<NameId>,
    /// The nodes that it has (`mems_allowed`).
    pub mems: NodeMask,
    /// Only those help (`CONSTRAINT_CPUSET`).
    pub cpuset_limits: bool,
    /// Memory and swap that the choice is about.
    pub total: NrPages,
    /// The zones, lowest first.
    pub zones: Vec<ZoneReport>,
    /// Pages of files in the page cache, those of shared anonymous memory among them.
    pub pagecache: u64,
    /// Pages that processes have mapped of them.
    pub mapped: u64,
    /// Those of shared anonymous memory.
    pub shmem: u64,
    /// Pages of files that were written to, and the disk does not know it.
    pub dirty: u64,
    /// Those on their way to a disk.
    pub writeback: u64,
    /// Pages that were taken from their lists to be looked at, without and with files.
    pub isolated: [u64; 2],
    /// Pages in memory that have a slot in swap.
    pub swapcache: u64,
    /// Slots in swap: those that are free, and all.
    pub swap_pages: [u64; 2],
    /// Pages of page tables.
    pub pagetables: u64,
    /// Huge pages of the pool: all, those that nobody has, and those beyond what was asked for.
    pub pool: [u64; 3],
    /// Pages of slabs that can be given back, and of all others.
    pub slab: [u64; 2],
    /// All processes that could be chosen, in the order of the kernel's list.
    pub tasks: Vec<TaskRow>,
    /// How it ends.
    pub end: ReportEnd,
}

/// How a report ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReportEnd {
    /// Somebody is killed.
    Killed(TaskRow),
    /// Nobody can be: the kernel stops, if somebody waits for memory.
    NobodyLeft,
    /// The kernel stops, as `panic_on_oom` wants it.
    Panic {
        /// In spite of all constraints (2).
        compulsory: bool,
    },
}

impl Report {
    /// Who is killed.
    #[must_use]
    pub fn victim(&self) -> Option<&TaskRow> {
        match &self.end {
            ReportEnd::Killed(victim) => Some(victim),
            _ => None,
        }
    }
}

/// On whose behalf Android's driver kills.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Behalf {
    /// The daemon of a node.
    Kswapd(u8),
    /// Whoever asks for memory; none: no process.
    Task(Option<NameId>),
}

/// What Android's driver prints when it kills (`lowmem_scan()`, drivers/staging/android/lowmemorykiller.c, 4.11).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LowKill {
    /// Who is killed.
    pub process: NameId,
    /// Its adjustment.
    pub oom_score_adj: i16,
    /// Its pages in memory.
    pub rss: NrPages,
    /// On whose behalf.
    pub behalf: Behalf,
    /// What memory is like.
    pub memory: LowMemory,
    /// From which adjustment on somebody has to go.
    pub min_adj: i16,
    /// The level that is reached.
    pub minfree: NrPages,
}

impl LowKill {
    fn digest(&self, to: &mut Digest) {
        let LowKill { process, oom_score_adj, rss, behalf, memory, min_adj, minfree } = *self;
        to.word(u64::from(process.0) << 2 | 2);
        to.word(u64::from(oom_score_adj as u16) << 16 | u64::from(min_adj as u16));
        to.word(match behalf {
            Behalf::Kswapd(node) => u64::from(node) << 1 | 1,
            Behalf::Task(name) => name.map_or(u64::from(u32::MAX), |name| u64::from(name.0)) << 1,
        });
        [rss.0, minfree.0, memory.free as u64, memory.file as u64].iter().for_each(|word| to.word(*word));
    }
}

/// A line of the kernel's log, or several that belong together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LogLine {
    /// Android's driver kills somebody.
    LowKill(LowKill),
    /// Somebody is killed, or nobody.
    Report(Box<Report>),
    /// The reaper has taken what a process had.
    Reaped {
        /// Whose.
        process: NameId,
        /// What it has still.
        rss: Rss,
    },
}

impl LogLine {
    pub(crate) fn digest(&self, to: &mut Digest) {
        match self {
            LogLine::LowKill(kill) => kill.digest(to),
            LogLine::Report(report) => report.digest(to),
            LogLine::Reaped { process, rss } => {
                to.word(u64::from(process.0) << 2 | 1);
                [rss.anon, rss.file, rss.shmem].iter().for_each(|pages| to.word(*pages));
            }
        }
    }
}

impl Report {
    fn digest(&self, to: &mut Digest) {
        let of = |name: Option<NameId>| name.map_or(u64::from(u32::MAX), |name| u64::from(name.0));
        to.word(of(self.invoker) << 32 | of(self.memcg));
        to.word(u64::from(self.gfp.0) << 32 | self.order.map_or(255, |order| u64::from(order.get())));
        to.word(self.invoker_adj as u64);
        if let Some(nodes) = self.nodes {
            nodes.nodes().for_each(|node| to.word(u64::from(node)));
        }
        if let Some(cpuset) = self.cpuset {
            to.word(u64::from(cpuset.0) << 32 | self.mems.bits() << 1 | u64::from(self.cpuset_limits));
        }
        let words = [self.total.0, self.pagecache, self.mapped, self.shmem, self.dirty, self.pagetables];
        words.iter().chain(&self.slab).chain(&self.usage).chain(&self.pool).for_each(|word| to.word(*word));
        for zone in &self.zones {
            let words = [zone.free, zone.highatomic, zone.anon, zone.file];
            words.iter().chain(&zone.marks).chain(&zone.free_pcp).for_each(|word| to.word(*word));
            zone.lists
                .iter()
                .for_each(|(blocks, types)| to.word(u64::from(*blocks) << 8 | u64::from(*types)));
        }
        if let Some(stat) = &self.stat {
            self.swap.iter().for_each(|word| to.word(*word));
            stat.digest(to);
        }
        for task in self.tasks.iter().chain(self.victim()) {
            to.word(u64::from(task.name.0) << 32 | task.total_rss().0);
            to.word(task.points.map_or(u64::MAX, |points| points as u64));
        }
    }
}

impl Machine {
    pub(super) fn task_row(&self, mm: &Mm, points: Option<i64>) -> TaskRow {
        TaskRow {
            name: mm.name,
            uid: mm.oom.args.uid,
            total_vm: mm.total_vm(),
            rss: mm.rss,
            pgtables_bytes: mm.pgtables.0 * PAGE_SIZE,
            swapents: NrPages(mm.swapents),
            oom_score_adj: mm.oom.oom_score_adj,
            points,
            memcg: mm.oom.args.cgroup,
        }
    }

    /// What the machine is like just now (`show_mem()`), nobody chosen yet.
    pub(super) fn report(
        &self,
        invoker: Option<NameId>,
        gfp: GfpFlags,
        order: Option<Order>,
        scope: Scope,
    ) -> Report {
        let procs = self.processes();
        let mut anon = vec![0; self.zones().len()];
        let mut file = anon.clone();
        let (mut mapped, mut dirty) = (0, 0);
        let mut of_frame = |pfn: Pfn, counter: Counter, entries: u32, is_dirty: bool| {
            let Some(zone) = self.zone_of(pfn) else { return };
            // What stands behind shared anonymous memory is on the lists of anonymous pages.
            let lists = if counter == Counter::File { &mut file } else { &mut anon };
            lists[zone.index()] += 1;
            mapped += u64::from(counter != Counter::Anon && entries > 0);
            dirty += u64::from(counter == Counter::File && is_dirty);
        };
        procs.each_frame(&mut of_frame);
        let caches = |shmem: bool| {
            let files = procs.files().filter(move |(_, file)| file.shmem == shmem);
            files.map(|(_, file)| file.cache().count() as u64).sum::<u64>()
        };
        let (shmem, files) = (caches(true), caches(false));
        let kinds: Vec<ZoneKind> =
            self.zone_sizes().iter().take_while(|size| size.node == 0).map(|size| size.kind).collect();
        let reclaim = self.reclaim();
        let zone_report = |id: crate::mmzone::ZoneId| {
            let zone = self.zone(id);
            let mark = |mark: Mark| u64::from(zone.wmark_pages(mark));
            let kept = |cpu: u8| u64::from(zone.pcp(CpuId(cpu)).count);
            let mut lists = [(0, 0); Order::COUNT];
            for (order, (blocks, types)) in Order::all().zip(&mut lists) {
                let area = zone.area(order);
                let has = |of: &MigrateType| !area.list(*of).is_empty();
                let bits = MigrateType::ALL.iter().filter(|of| has(of)).map(|of| 1 << of.index());
                (*blocks, *types) = (area.nr_free(), bits.sum());
            }
            ZoneReport {
                kind: zone.kind,
                node: zone.node,
                free: zone.nr_free_pages.0,
                marks: [u64::from(zone.watermark_boost), mark(Mark::Min), mark(Mark::Low), mark(Mark::High)],
                highatomic: u64::from(zone.nr_reserved_highatomic),
                present: zone.present.0,
                managed: zone.managed.0,
                free_pcp: [(0..self.cpus()).map(kept).sum(), kept(0)],
                anon: anon[id.index()],
                file: file[id.index()],
                lru: reclaim.map_or([anon[id.index()], 0, file[id.index()], 0, 0], |of| of.zone_sizes(id)),
                reserve: kinds.iter().map(|kind| u64::from(zone.lowmem_reserve[*kind as usize])).collect(),
                lists,
            }
        };
        let mut slab = [0, 0];
        for cache in self.kmem().caches() {
            let reclaimable = cache.args().flags.has(SlabFlags::RECLAIM_ACCOUNT);
            slab[usize::from(!reclaimable)] += cache.pages().0;
        }
        let rules = self.settings().oom_rules;
        let total = self.oom_total(scope);
        let asks = invoker.and_then(|name| procs.mm(name));
        let of_group = self.reclaim().and_then(|reclaim| reclaim.group(scope.group));
        let counts = |of: PageCounter| [of.usage, of.max.unwrap_or(NO_LIMIT), of.failcnt];
        Report {
            invoker,
            invoker_adj: asks.map_or(0, |mm| mm.oom.oom_score_adj),
            gfp,
            order,
            memcg: of_group.map(|group| group.name),
            usage: of_group.map_or([0; 3], |group| counts(group.memory)),
            swap: of_group.map_or([0; 3], |group| counts(group.swap)),
            stat: self.memory_stat(scope.group).map(Box::new),
            nodes: scope.nodes,
            cpuset: asks.and_then(|mm| procs.cpuset_of(mm)).map(|cpuset| cpuset.name),
            mems: asks.map_or(self.memory_nodes(), |mm| self.mems_allowed(mm)),
            cpuset_limits: scope.cpuset_limits,
            total: total.0,
            zones: self.zone_ids().map(zone_report).collect(),
            pagecache: files + shmem,
            mapped,
            shmem,
            dirty,
            writeback: reclaim.map_or(0, |of| of.in_flight().len() as u64),
            isolated: reclaim.map_or([0; 2], |of| {
                let of_nodes = |kind: usize| of.nodes().iter().map(|node| node.lruvec.isolated[kind]).sum();
                [of_nodes(0), of_nodes(1)]
            }),
            swapcache: reclaim.map_or(0, |of| of.swap_cached()),
            swap_pages: reclaim.map_or([0; 2], |of| {
                let (all, free) = of.swap_pages();
                [free, all]
            }),
            pagetables: procs.tables().frames().count() as u64,
            pool: [procs.pool().total, procs.pool().free(), procs.pool().surplus].map(u64::from),
            slab,
            tasks: self
                .candidates(scope.group)
                .filter(|mm| self.may_help(mm, scope))
                .map(|mm| self.task_row(mm, procs.badness(mm, rules, total)))
                .collect(),
            end: ReportEnd::NobodyLeft,
        }
    }
}

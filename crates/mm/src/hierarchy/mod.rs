//! The memory hierarchy: where a word is found, what it costs, and what has to leave for it.
//!
//! Each CPU has a level-1 cache for data and one for instructions and a level 2; the level 3 is everybody's. They are fed
//! with physical addresses ([`Hierarchy::access`]). A set has its lines in the order of their last use, and the one that
//! was not used for longest goes.
//!
//! # What is simplified
//! - Replacement is LRU everywhere; processors come close to it with fewer bits.
//! - Each level has all lines of those above it, and what leaves it leaves those too: as Skylake's level 3 does. That of
//!   Skylake-SP and of Zen takes what leaves level 2 instead.
//! - Nothing is fetched ahead, nothing overlaps: what an access costs is the sum of the levels that were looked in.
//! - Of coherence there is only what it comes to: a write leaves no copy at other CPUs, and a line that another CPU has
//!   written to is written back before it is read (no states, no messages, no cost).
//! - The kernel's own accesses are not among them (filling a page with zeros, copying it, walking tables), unless somebody
//!   feeds them. What a disk has read goes past the caches, and copies of what was there before are dropped.

mod check;
mod config;
mod machine;
mod walk;

use std::collections::BTreeMap;
use std::rc::Rc;

pub use config::{Caches, Cycles, Disk, Geometry, LINE, MOST_BYTES, Preset};
pub(crate) use machine::ScanWork;
pub use walk::Walk;

use crate::cache::{Line, Sets};
use crate::hash::{Digest, Digestible};
use crate::op::NameId;
use crate::process::Access;
use crate::units::{CpuId, PAGE_SIZE, Pfn};

/// One of the caches that a CPU can look in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum CacheId {
    /// Level 1, data.
    L1d,
    /// Level 1, instructions.
    L1i,
    /// Level 2.
    L2,
    /// Level 3.
    L3,
}

impl CacheId {
    /// All of them.
    pub const ALL: [CacheId; 4] = [CacheId::L1d, CacheId::L1i, CacheId::L2, CacheId::L3];

    /// What `lscpu` calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            CacheId::L1d => "L1d",
            CacheId::L1i => "L1i",
            CacheId::L2 => "L2",
            CacheId::L3 => "L3",
        }
    }
}

/// Where a word was found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Level {
    /// A level-1 cache.
    L1,
    /// Level 2.
    L2,
    /// Level 3.
    L3,
    /// Memory.
    Dram,
    /// Not even there: its page came from a disk.
    Disk,
}

impl Level {
    /// All of them.
    pub const ALL: [Level; 5] = [Level::L1, Level::L2, Level::L3, Level::Dram, Level::Disk];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Level::L1 => "L1",
            Level::L2 => "L2",
            Level::L3 => "L3",
            Level::Dram => "DRAM",
            Level::Disk => "disk",
        }
    }
}

/// How a cache did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Its line was there.
    pub hits: u64,
    /// It was not.
    pub misses: u64,
    /// A line went to make room for another one.
    pub evictions: u64,
    /// A line that was written to went to the level below.
    pub write_backs: u64,
    /// A line went because another CPU wrote to it, or because it left the level below, or because a disk wrote there.
    pub invalidations: u64,
}

impl Counts {
    /// Hits and misses.
    #[must_use]
    pub fn lookups(&self) -> u64 {
        self.hits + self.misses
    }

    fn plus(self, other: &Counts) -> Counts {
        Counts {
            hits: self.hits + other.hits,
            misses: self.misses + other.misses,
            evictions: self.evictions + other.evictions,
            write_backs: self.write_backs + other.write_backs,
            invalidations: self.invalidations + other.invalidations,
        }
    }

    fn looked(&mut self, hit: bool) {
        if hit {
            self.hits += 1;
        } else {
            self.misses += 1;
        }
    }

    fn digest(&self, to: &mut Digest) {
        [self.hits, self.misses, self.evictions, self.write_backs, self.invalidations]
            .into_iter()
            .for_each(|count| to.word(count));
    }
}

/// A line that went to make room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Victim {
    /// Its first address.
    pub line: u64,
    /// It had been written to, so it is written back.
    pub modified: bool,
}

impl From<Line> for Victim {
    fn from(line: Line) -> Victim {
        Victim { line: line.address, modified: line.modified }
    }
}

/// What an access came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// The first address of its line.
    pub line: u64,
    /// Where it was found; the line was copied into every level above that one.
    pub level: Level,
    /// What it cost.
    pub cycles: u64,
    /// What went for it in level 1, 2 and 3.
    pub evicted: [Option<Victim>; 3],
    /// The CPU that had written to it last and still had it, which wrote it back first.
    pub supplied: Option<CpuId>,
    /// The CPUs that lost their copies, as bits.
    pub invalidated: u64,
}

/// What the caches of a CPU hold, and how they did.
#[derive(Clone)]
pub struct Core {
    l1d: Sets,
    l1i: Sets,
    l2: Sets,
    /// Of L1d, L1i and L2.
    counts: [Counts; 3],
    /// Words that it asked for.
    references: u64,
    /// What they cost.
    cycles: u64,
    /// Where they were found, by [`Level`].
    found: [u64; 5],
}

impl Core {
    fn new(caches: &Caches) -> Core {
        Core {
            l1d: Sets::new(caches.l1d.shape()),
            l1i: Sets::new(caches.l1i.shape()),
            l2: Sets::new(caches.l2.shape()),
            counts: [Counts::default(); 3],
            references: 0,
            cycles: 0,
            found: [0; 5],
        }
    }

    fn sets(&self, cache: CacheId) -> &Sets {
        match cache {
            CacheId::L1d => &self.l1d,
            CacheId::L1i => &self.l1i,
            CacheId::L2 | CacheId::L3 => &self.l2,
        }
    }

    fn sets_mut(&mut self, cache: CacheId) -> (&mut Sets, &mut Counts) {
        let [l1d, l1i, l2] = &mut self.counts;
        match cache {
            CacheId::L1d => (&mut self.l1d, l1d),
            CacheId::L1i => (&mut self.l1i, l1i),
            CacheId::L2 | CacheId::L3 => (&mut self.l2, l2),
        }
    }

    /// Words that it asked for.
    #[must_use]
    pub fn references(&self) -> u64 {
        self.references
    }

    /// What they cost.
    #[must_use]
    pub fn cycles(&self) -> u64 {
        self.cycles
    }

    /// Where they were found, by [`Level`].
    #[must_use]
    pub fn found(&self) -> [u64; 5] {
        self.found
    }

    /// Whether it has a line and has written to it.
    fn has_modified(&self, line: u64) -> bool {
        [&self.l1d, &self.l2].into_iter().any(|sets| sets.find(line).is_some_and(|line| line.modified))
    }

    /// A line goes from all of its caches: whether one had it, and whether it was modified.
    fn drop_line(&mut self, line: u64) -> (bool, bool) {
        let (mut had, mut modified) = (false, false);
        for cache in [CacheId::L1d, CacheId::L1i, CacheId::L2] {
            let (sets, counts) = self.sets_mut(cache);
            if let Some(gone) = sets.remove(line) {
                counts.invalidations += 1;
                (had, modified) = (true, modified | gone.modified);
            }
        }
        (had, modified)
    }
}

/// A number of cycles for each of so many references, exactly.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Amat {
    /// What all of them cost.
    pub cycles: u64,
    /// How many there were.
    pub references: u64,
}

impl Amat {
    /// In thousandths of a cycle, rounded to the nearest; 0 without references.
    #[must_use]
    pub fn thousandths(self) -> u64 {
        let Amat { cycles, references } = self;
        let (cycles, references) = (u128::from(cycles), u128::from(references.max(1)));
        u64::try_from((cycles * 1000 + references / 2) / references).unwrap_or(u64::MAX)
    }
}

/// All caches of a machine.
#[derive(Clone)]
pub struct Hierarchy {
    caches: Caches,
    /// By CPU; none: it never asked for anything.
    cores: Vec<Option<Rc<Core>>>,
    l3: Sets,
    l3_counts: Counts,
    /// Lines that memory gave, and lines that came back to it.
    dram: (u64, u64),
    /// Reads of a disk that a word had to wait for.
    disk: u64,
    /// The CPU that each process runs on, of those that somebody has said it of.
    on: BTreeMap<NameId, CpuId>,
    /// The op that goes on.
    scan: Option<ScanWork>,
}

impl Hierarchy {
    /// With nothing in it.
    #[must_use]
    pub fn new(caches: Caches) -> Hierarchy {
        Hierarchy {
            caches,
            cores: Vec::new(),
            l3: Sets::new(caches.l3.shape()),
            l3_counts: Counts::default(),
            dram: (0, 0),
            disk: 0,
            on: BTreeMap::new(),
            scan: None,
        }
    }

    /// What the caches are.
    #[must_use]
    pub fn caches(&self) -> &Caches {
        &self.caches
    }

    /// The CPUs that have asked for anything, and their caches.
    pub fn cores(&self) -> impl Iterator<Item = (CpuId, &Core)> {
        let numbered = (0..).map(CpuId).zip(&self.cores);
        numbered.filter_map(|(cpu, core)| Some((cpu, core.as_deref()?)))
    }

    /// The caches of a CPU, if it has ever asked for anything.
    #[must_use]
    pub fn core(&self, cpu: CpuId) -> Option<&Core> {
        self.cores.get(cpu.index())?.as_deref()
    }

    /// The lines of a cache; those of a CPU that never asked for anything are none.
    #[must_use]
    pub fn sets(&self, cpu: CpuId, cache: CacheId) -> Option<&Sets> {
        match cache {
            CacheId::L3 => Some(&self.l3),
            of_core => self.core(cpu).map(|core| core.sets(of_core)),
        }
    }

    /// How a cache did; that of all CPUs together without one.
    #[must_use]
    pub fn counts(&self, cpu: Option<CpuId>, cache: CacheId) -> Counts {
        if cache == CacheId::L3 {
            return self.l3_counts;
        }
        let of = |core: &Core| core.counts[cache as usize];
        let cores = self.cores().filter(|(of, _)| cpu.is_none_or(|cpu| cpu == *of));
        cores.fold(Counts::default(), |sum, (_, core)| sum.plus(&of(core)))
    }

    /// Lines that memory gave, and lines that came back to it.
    #[must_use]
    pub fn dram(&self) -> (u64, u64) {
        self.dram
    }

    /// Reads of a disk that a word had to wait for.
    #[must_use]
    pub fn disk_reads(&self) -> u64 {
        self.disk
    }

    /// The average memory access time, from what the references cost: of a CPU, or of all.
    #[must_use]
    pub fn amat(&self, cpu: Option<CpuId>) -> Amat {
        let cores = self.cores().filter(|(of, _)| cpu.is_none_or(|cpu| cpu == *of));
        cores.fold(Amat::default(), |sum, (_, core)| Amat {
            cycles: sum.cycles + core.cycles,
            references: sum.references + core.references,
        })
    }

    /// The same from the rates alone, L1 + m1 × (L2 + m2 × (L3 + m3 × (DRAM + m4 × disk))), as numerator and denominator
    /// in lowest terms; none without references.
    #[must_use]
    pub fn amat_of_rates(&self) -> Option<(u128, u128)> {
        let of = |cache| self.counts(None, cache);
        let l1 = of(CacheId::L1d).plus(&of(CacheId::L1i));
        let (l2, l3) = (of(CacheId::L2), of(CacheId::L3));
        let Cycles { l1: c1, l2: c2, l3: c3, dram } = self.caches.cycles;
        let disk = self.caches.disk_cycles(self.caches.disk);
        // From the innermost bracket outwards: cost of this level + share of those that go on × what they cost then.
        let levels = [
            (u128::from(dram), self.disk, l3.misses),
            (u128::from(c3), l3.misses, l3.lookups()),
            (u128::from(c2), l2.misses, l2.lookups()),
            (u128::from(c1), l1.misses, l1.lookups()),
        ];
        let (mut over, mut under) = (u128::from(disk), 1u128);
        for (own, go_on, all) in levels {
            let (go_on, all) = (u128::from(go_on), u128::from(all.max(1)));
            (over, under) = (own * all * under + go_on * over, all * under);
            let by = gcd(over, under);
            (over, under) = (over / by, under / by);
        }
        (l1.lookups() > 0).then_some((over, under))
    }

    /// The CPU that a process runs on, as far as somebody has said.
    #[must_use]
    pub fn runs_on(&self, process: NameId) -> Option<CpuId> {
        self.on.get(&process).copied()
    }

    /// Where a word would be found, without asking for it.
    #[must_use]
    pub fn probe(&self, cpu: CpuId, address: u64, access: Access) -> Level {
        let has = |cache| self.sets(cpu, cache).is_some_and(|sets| sets.find(address).is_some());
        let of = [(l1_of(access), Level::L1), (CacheId::L2, Level::L2), (CacheId::L3, Level::L3)];
        of.into_iter().find(|(cache, _)| has(*cache)).map_or(Level::Dram, |(_, level)| level)
    }

    /// A CPU asks for the word at a physical address: what comes of it.
    pub fn access(&mut self, cpu: CpuId, address: u64, access: Access) -> Outcome {
        let mut walk = Walk::new(cpu, address, access);
        while self.advance(&mut walk).is_some() {}
        walk.outcome()
    }

    /// The same if it is found in level 1 and concerns nobody else, which is most of the time: what it cost.
    pub(crate) fn access_at_hand(&mut self, cpu: CpuId, address: u64, access: Access) -> Option<u32> {
        let core = self.cores.get_mut(cpu.index())?.as_mut()?;
        let l1 = l1_of(access);
        let line = core.sets(l1).find(address)?;
        if access == Access::Write && !line.modified {
            return None;
        }
        let core = Rc::make_mut(core);
        let (sets, counts) = core.sets_mut(l1);
        sets.touch(address);
        counts.hits += 1;
        core.references += 1;
        core.cycles += u64::from(self.caches.cycles.l1);
        core.found[Level::L1 as usize] += 1;
        Some(self.caches.cycles.l1)
    }

    /// A device has written to a page: whatever copies there were are no longer true.
    pub fn dma(&mut self, pfn: Pfn) {
        let first = u64::from(pfn.0) * PAGE_SIZE;
        for line in (first..first + PAGE_SIZE).step_by(LINE as usize) {
            // What level 3 does not have, nobody has.
            if self.l3.remove(line).is_none() {
                continue;
            }
            self.l3_counts.invalidations += 1;
            for core in self.cores.iter_mut().flatten() {
                Rc::make_mut(core).drop_line(line);
            }
        }
    }

    /// The word that was just asked for had to wait for a disk: what that cost.
    pub(crate) fn waited_for_disk(&mut self, cpu: CpuId, found: Level) -> u64 {
        let cycles = self.caches.disk_cycles(self.caches.disk);
        let core = self.core_mut(cpu);
        core.cycles += cycles;
        core.found[found as usize] -= 1;
        core.found[Level::Disk as usize] += 1;
        self.disk += 1;
        cycles
    }

    fn core_mut(&mut self, cpu: CpuId) -> &mut Core {
        if self.cores.len() <= cpu.index() {
            self.cores.resize(cpu.index() + 1, None);
        }
        let caches = &self.caches;
        Rc::make_mut(self.cores[cpu.index()].get_or_insert_with(|| Rc::new(Core::new(caches))))
    }

    pub(crate) fn digest_of(hierarchy: &Hierarchy) -> u64 {
        let mut d = Digest::default();
        for (cpu, core) in hierarchy.cores() {
            d.word(u64::from(cpu.0));
            [&core.l1d, &core.l1i, &core.l2].into_iter().for_each(|sets| sets.digest(&mut d));
            core.counts.iter().for_each(|counts| counts.digest(&mut d));
            core.found.iter().for_each(|found| d.word(*found));
            d.word(core.references);
            d.word(core.cycles);
        }
        hierarchy.l3.digest(&mut d);
        hierarchy.l3_counts.digest(&mut d);
        [hierarchy.dram.0, hierarchy.dram.1, hierarchy.disk].into_iter().for_each(|count| d.word(count));
        for (process, cpu) in &hierarchy.on {
            d.word(u64::from(process.0) << 8 | u64::from(cpu.0));
        }
        if let Some(scan) = &hierarchy.scan {
            scan.digest(&mut d);
        }
        d.finish()
    }
}

/// The level-1 cache that an access looks in.
#[must_use]
pub fn l1_of(access: Access) -> CacheId {
    match access {
        Access::Read | Access::Write => CacheId::L1d,
        Access::Exec => CacheId::L1i,
    }
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a.max(1) } else { gcd(b, a % b) }
}

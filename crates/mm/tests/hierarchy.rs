//! The memory hierarchy: the worked examples of facts 17, the laws of caches, and an oracle that counts time instead of
//! keeping an order.

mod common;

use std::collections::BTreeMap;

use mm::hierarchy::{CacheId, Caches, Cycles, Disk, Geometry, Hierarchy, Level, Preset, Victim};
use mm::oom_kill::TaskArgs;
use mm::op::NameId;
use mm::process::{Access, At, ByteRange, MmapArgs, Pattern, ProcessOp, Rlimits, Scan};
use mm::step::HierarchyStep;
use mm::x86::mmu::MmuConfig;
use mm::{Config, CpuId, Machine, Named, Op, Pfn, Step, StepKind};
use proptest::prelude::*;

use common::run;

const CPU: CpuId = CpuId(0);
const OTHER: CpuId = CpuId(1);
const P: NameId = NameId(0);
const M: NameId = NameId(1);
const F: NameId = NameId(2);

fn geometry(bytes: u64, ways: u64) -> Geometry {
    Geometry::new(bytes, ways).expect("sets that can be told apart")
}

/// 2, 4 and 16 lines: small enough to follow by hand.
fn toy() -> Caches {
    Caches {
        l1d: geometry(128, 2),
        l1i: geometry(128, 2),
        l2: geometry(256, 4),
        l3: geometry(1024, 4),
        ..Caches::default()
    }
}

#[test]
fn facts_17_presets() {
    let of = |caches: Caches| [caches.l1d, caches.l2, caches.l3].map(|g| (g.bytes >> 10, g.ways, g.sets()));
    assert_eq!(of(Caches::of(Preset::Skylake)), [(32, 8, 64), (256, 4, 1024), (8192, 16, 8192)]);
    assert_eq!(of(Caches::of(Preset::SkylakeSp)), [(32, 8, 64), (1024, 16, 1024), (22_528, 11, 32_768)]);
    assert_eq!(of(Caches::of(Preset::Zen2)), [(32, 8, 64), (512, 8, 1024), (16_384, 16, 16_384)]);
    let ns = |caches: Caches| {
        let Cycles { l1, l2, l3, dram } = caches.cycles;
        [l1, l2, l3, dram].map(|cycles| caches.picoseconds(u64::from(cycles)))
    };
    assert_eq!(ns(Caches::of(Preset::Skylake)), [1000, 3000, 11_000, 80_000]);
    // Level 3: 25 ns; memory 90 ns.
    assert_eq!(ns(Caches::of(Preset::SkylakeSp))[2..], [24_800, 90_000]);
    assert_eq!(ns(Caches::of(Preset::Zen2))[3], 96_000);
    // A solid-state drive 100 µs, a hard disk 10 ms.
    let skylake = Caches::default();
    assert_eq!([Disk::Ssd, Disk::Hdd].map(|disk| skylake.disk_cycles(disk)), [400_000, 40_000_000]);
    // Sets that no bits of an address name, no ways at all, and too many.
    assert_eq!(Geometry::new(24 << 10, 8), None);
    assert_eq!(Geometry::new(32 << 10, 12), None);
    assert_eq!(Geometry::new(48 << 10, 12), Some(Geometry { bytes: 48 << 10, ways: 12 }));
    assert_eq!(Geometry::new(32 << 10, 0), None);
    assert_eq!(Geometry::new(64 * 256, 256), None);
}

/// AMAT = L1 + m1 × (L2 + m2 × (L3 + m3 × DRAM)).
#[test]
fn facts_17_amat() {
    let mut h = Hierarchy::new(Caches::default());
    assert_eq!(h.amat_of_rates(), None);
    // One line: one miss all the way, and seven hits.
    for word in 0..8 {
        h.access(CPU, word * 8, Access::Read);
    }
    // 4 + 1/8 × (12 + 1 × (44 + 1 × 320)) = 51.
    assert_eq!((h.amat_of_rates(), h.amat(None).thousandths()), (Some((51, 1)), 51_000));
    assert_eq!((h.amat(None).cycles, h.amat(None).references), (408, 8));
}

#[test]
fn facts_17_rows_and_columns() {
    // 64 × 64 numbers of 8 bytes are as large as the level-1 cache. A row of them is eight lines long, so what is below
    // each other lies 512 bytes apart: eight sets of 64, eight ways each, for the 64 lines of a column.
    let misses = |column_wise: bool| {
        let mut h = Hierarchy::new(Caches::default());
        for a in 0..64u64 {
            for b in 0..64u64 {
                let (row, column) = if column_wise { (b, a) } else { (a, b) };
                h.access(CPU, (row * 64 + column) * 8, Access::Read);
            }
        }
        h.counts(None, CacheId::L1d).misses
    };
    assert_eq!((misses(false), misses(true)), (512, 512));
    // Rows of 512 numbers are as long as a page: all 64 lines of a column share one set, and eight of them fit.
    let mut h = Hierarchy::new(Caches::default());
    for column in 0..8u64 {
        for row in 0..64u64 {
            h.access(CPU, (row * 512 + column) * 8, Access::Read);
        }
    }
    assert_eq!(h.counts(None, CacheId::L1d).misses, 512);
    assert_eq!(h.counts(None, CacheId::L2).misses, 64);
}

#[test]
fn the_way_down_and_up() {
    let mut h = Hierarchy::new(toy());
    let Caches { cycles: Cycles { l1, l2, l3, dram }, .. } = *h.caches();
    let cost = |levels: &[u32]| levels.iter().map(|c| u64::from(*c)).sum::<u64>();
    let line = |number: u64| number * 256;
    let first = h.access(CPU, line(0) + 60, Access::Write);
    assert_eq!((first.line, first.level, first.cycles), (0, Level::Dram, cost(&[l1, l2, l3, dram])));
    assert_eq!(h.access(CPU, line(0), Access::Read).cycles, cost(&[l1]));
    h.access(CPU, line(1), Access::Read);
    // Two lines fit into a set of level 1: the first, which was written to, goes to level 2.
    let third = h.access(CPU, line(2), Access::Read);
    assert_eq!(third.evicted, [Some(Victim { line: 0, modified: true }), None, None]);
    let again = h.access(CPU, line(0), Access::Read);
    assert_eq!((again.level, again.cycles), (Level::L2, cost(&[l1, l2])));
    // Four fit into level 2 and into a set of level 3: the fifth pushes one out of all of them.
    h.access(CPU, line(3), Access::Read);
    let fifth = h.access(CPU, line(4), Access::Read);
    assert_eq!(fifth.level, Level::Dram);
    assert_eq!(fifth.evicted[2], Some(Victim { line: 0, modified: true }), "{fifth:?}");
    assert_eq!(h.dram(), (5, 1));
    assert_eq!(h.probe(CPU, 0, Access::Read), Level::Dram);
    assert_eq!(h.counts(None, CacheId::L1d).write_backs, 1);
    h.check().expect("laws");
}

#[test]
fn a_write_leaves_no_copy_elsewhere() {
    let mut h = Hierarchy::new(Caches::default());
    h.access(CPU, 0, Access::Read);
    // The level 3 is everybody's.
    assert_eq!(h.access(OTHER, 8, Access::Read).level, Level::L3);
    let write = h.access(OTHER, 16, Access::Write);
    assert_eq!((write.level, write.invalidated), (Level::L1, 1));
    assert_eq!(h.probe(CPU, 0, Access::Read), Level::L3);
    h.check().expect("laws");
    // The one who has written to it writes it back first, and keeps a copy.
    let read = h.access(CPU, 0, Access::Read);
    assert_eq!((read.level, read.supplied), (Level::L3, Some(OTHER)));
    assert_eq!(h.access(OTHER, 0, Access::Read).level, Level::L1);
    assert_eq!(h.counts(Some(OTHER), CacheId::L1d).write_backs, 1);
    // Nobody has to be told twice.
    h.access(CPU, 0, Access::Write);
    assert_eq!(h.access(CPU, 0, Access::Write).invalidated, 0);
    h.check().expect("laws");
}

#[test]
fn instructions_have_their_own_level_1() {
    let mut h = Hierarchy::new(Caches::default());
    h.access(CPU, 0, Access::Write);
    let fetch = h.access(CPU, 0, Access::Exec);
    assert_eq!(fetch.level, Level::L2);
    assert_eq!(h.access(CPU, 0, Access::Exec).level, Level::L1);
    h.check().expect("laws");
    // What is written is fetched anew.
    h.access(CPU, 0, Access::Write);
    assert_eq!(h.access(CPU, 0, Access::Exec).level, Level::L2);
    h.check().expect("laws");
}

#[test]
fn a_disk_writes_past_the_caches() {
    let mut h = Hierarchy::new(Caches::default());
    h.access(CPU, 4096, Access::Read);
    h.access(CPU, 8192, Access::Read);
    h.dma(Pfn(1));
    assert_eq!([4096, 8192].map(|at| h.probe(CPU, at, Access::Read)), [Level::Dram, Level::L1]);
    h.check().expect("laws");
}

/// The whole hierarchy once more, differently: every line has the time of its last use.
#[derive(Default)]
struct Oracle {
    clock: u64,
    /// By CPU (none: level 3), cache and line: when it was used last, and whether it is modified.
    lines: BTreeMap<(Option<u8>, CacheId, u64), (u64, bool)>,
}

impl Oracle {
    fn set_of(caches: &Caches, cache: CacheId, line: u64) -> (u64, usize) {
        let g = match cache {
            CacheId::L1d => caches.l1d,
            CacheId::L1i => caches.l1i,
            CacheId::L2 => caches.l2,
            CacheId::L3 => caches.l3,
        };
        (line / 64 % u64::from(g.sets()), usize::from(g.ways))
    }

    fn put(&mut self, caches: &Caches, who: Option<u8>, cache: CacheId, line: u64) {
        self.clock += 1;
        let (set, ways) = Oracle::set_of(caches, cache, line);
        let alike = |key: &(Option<u8>, CacheId, u64)| {
            key.0 == who && key.1 == cache && Oracle::set_of(caches, cache, key.2).0 == set
        };
        let there: Vec<_> = self.lines.iter().filter(|(key, _)| alike(key)).map(|(k, v)| (v.0, *k)).collect();
        if there.len() == ways {
            let (_, oldest) = there.into_iter().min().expect("a full set");
            let (_, mut modified) = self.lines.remove(&oldest).expect("it is there");
            let above: Vec<_> = match cache {
                CacheId::L3 => self.lines.keys().filter(|key| key.2 == oldest.2).copied().collect(),
                CacheId::L2 => [CacheId::L1d, CacheId::L1i].map(|l1| (who, l1, oldest.2)).to_vec(),
                _ => Vec::new(),
            };
            for key in above {
                modified |= self.lines.remove(&key).is_some_and(|(_, modified)| modified);
            }
            if modified && cache != CacheId::L3 {
                let below = if cache == CacheId::L2 { (None, CacheId::L3) } else { (who, CacheId::L2) };
                self.lines.get_mut(&(below.0, below.1, oldest.2)).expect("inclusion").1 = true;
            }
        }
        self.lines.insert((who, cache, line), (self.clock, false));
    }

    fn access(&mut self, caches: &Caches, cpu: u8, address: u64, access: Access) -> Level {
        let (line, who) = (address / 64 * 64, Some(cpu));
        let l1 = if access == Access::Exec { CacheId::L1i } else { CacheId::L1d };
        let down = [(who, l1), (who, CacheId::L2), (None, CacheId::L3)];
        let found = down.iter().position(|(who, cache)| self.lines.contains_key(&(*who, *cache, line)));
        let at = found.unwrap_or(3);
        if let Some((who, cache)) = down.get(at) {
            self.clock += 1;
            self.lines.get_mut(&(*who, *cache, line)).expect("it is there").0 = self.clock;
        }
        let others: Vec<_> = self
            .lines
            .iter()
            .filter(|((of, _, l), _)| *l == line && of.is_some_and(|of| of != cpu))
            .map(|(key, line)| (*key, line.1))
            .collect();
        if at == 2 && others.iter().any(|(_, modified)| *modified) {
            others.iter().for_each(|(key, _)| self.lines.get_mut(key).expect("it is there").1 = false);
            self.lines.get_mut(&(None, CacheId::L3, line)).expect("inclusion").1 = true;
        }
        for (who, cache) in down[..at].iter().rev() {
            if *cache == CacheId::L1i && self.lines.get(&(Some(cpu), CacheId::L1d, line)).is_some_and(|l| l.1)
            {
                self.lines.get_mut(&(Some(cpu), CacheId::L1d, line)).expect("it is there").1 = false;
                self.lines.get_mut(&(Some(cpu), CacheId::L2, line)).expect("inclusion").1 = true;
            }
            self.put(caches, *who, *cache, line);
        }
        if access == Access::Write {
            self.lines.retain(|(of, _, l), _| *l != line || of.is_none_or(|of| of == cpu));
            self.lines.remove(&(who, CacheId::L1i, line));
            self.lines.get_mut(&(who, CacheId::L1d, line)).expect("it came in").1 = true;
        }
        [Level::L1, Level::L2, Level::L3, Level::Dram][at]
    }

    fn same(&self, h: &Hierarchy) -> Result<(), String> {
        let mut count = 0;
        let all: Vec<Option<u8>> = std::iter::once(None).chain((0..4).map(Some)).collect();
        for who in all {
            for cache in CacheId::ALL.into_iter().filter(|c| (*c == CacheId::L3) == who.is_none()) {
                let Some(sets) = h.sets(CpuId(who.unwrap_or(0)), cache) else { continue };
                for set in 0..sets.shape().sets {
                    let mut last = u64::MAX;
                    for line in sets.lines(set) {
                        count += 1;
                        match self.lines.get(&(who, cache, line.address)) {
                            Some((used, modified)) if *modified == line.modified && *used < last => {
                                last = *used
                            }
                            other => return Err(format!("{who:?} {cache:?} {line:x?}: {other:?}")),
                        }
                    }
                }
            }
        }
        if count == self.lines.len() { Ok(()) } else { Err(format!("{count} of {} lines", self.lines.len())) }
    }
}

fn accesses() -> impl Strategy<Value = Vec<(u8, u64, Access)>> {
    let what = prop_oneof![4 => Just(Access::Read), 3 => Just(Access::Write), 1 => Just(Access::Exec)];
    prop::collection::vec((0u8..3, 0u64..40, what), 1..400)
}

proptest! {
    /// An oracle written differently finds every word at the same level, and the same lines everywhere.
    #[test]
    fn an_oracle_with_a_clock_agrees(accesses in accesses(), wide in any::<bool>()) {
        let caches = if wide { Caches { l2: geometry(512, 2), l3: geometry(2048, 8), ..toy() } } else { toy() };
        let (mut h, mut oracle) = (Hierarchy::new(caches), Oracle::default());
        for (cpu, number, access) in accesses {
            let address = number * 64 + number % 64;
            prop_assert_eq!(h.probe(CpuId(cpu), address, access), oracle.access(&caches, cpu, address, access));
            h.access(CpuId(cpu), address, access);
            prop_assert_eq!(h.check(), Ok(()));
            prop_assert_eq!(oracle.same(&h), Ok(()));
        }
    }

    /// The counters of each level add up, and what everything cost is what the rates say.
    #[test]
    fn counters_add_up(accesses in accesses()) {
        let mut h = Hierarchy::new(toy());
        for (cpu, number, access) in &accesses {
            h.access(CpuId(*cpu), number * 64, *access);
        }
        let [l1d, l1i, l2, l3] = CacheId::ALL.map(|cache| h.counts(None, cache));
        prop_assert_eq!(l1d.lookups() + l1i.lookups(), accesses.len() as u64);
        prop_assert_eq!(l1d.misses + l1i.misses, l2.lookups());
        prop_assert_eq!(l2.misses, l3.lookups());
        prop_assert_eq!(l3.misses, h.dram().0);
        prop_assert_eq!(l3.write_backs, h.dram().1);
        let amat = h.amat(None);
        let (over, under) = h.amat_of_rates().expect("there were some");
        prop_assert_eq!(u128::from(amat.cycles) * under, u128::from(amat.references) * over);
    }
}

fn machine(caches: Option<Caches>) -> Machine {
    machine_with(caches, None)
}

fn machine_with(caches: Option<Caches>, mmu: Option<MmuConfig>) -> Machine {
    let config = Config { caches, mmu, cpus: vec![0; 4], ..Config::single_zone(4096) };
    let mut machine = Machine::boot(&config).expect("it boots");
    let mut op = |op| drop(run(&mut machine, &Op::Process(op)));
    op(ProcessOp::Exec { name: P, limits: Rlimits::default(), task: TaskArgs::default(), cpu: CPU });
    op(ProcessOp::Mmap { name: M, process: P, bytes: 1 << 20, args: MmapArgs::ANONYMOUS, cpu: CPU });
    machine
}

fn scan(pattern: Pattern) -> Scan {
    Scan { access: Access::Write, pattern, elem: 8, times: 1 }
}

fn op(scan: Scan, bytes: Option<ByteRange>, cpu: Option<CpuId>) -> Op {
    Op::Process(ProcessOp::Scan { at: At::Area { name: M, by: None }, bytes, scan, cpu })
}

fn scanned(steps: &[Step]) -> Option<(u32, [u32; 5], u64)> {
    steps.iter().find_map(|step| match step.kind {
        StepKind::Hierarchy(HierarchyStep::Scanned { references, found, cycles, .. }) => {
            Some((references, found, cycles))
        }
        _ => None,
    })
}

#[test]
fn a_process_scans_what_its_tables_lead_to() {
    let mut m = machine(None);
    assert!(m.hierarchy().is_none());
    let rows = op(scan(Pattern::Rows { rows: 16, columns: 64 }), None, None);
    let steps = run(&mut m, &rows);
    // 8 KiB: 128 lines, and seven hits in each.
    let (references, found, cycles) = scanned(&steps).expect("it ends");
    assert_eq!((references, found), (1024, [896, 0, 0, 128, 0]));
    assert_eq!(cycles, 896 * 4 + 128 * 380);
    let faults = steps.iter().filter(|step| matches!(step.kind, StepKind::Process { .. })).count();
    assert!(faults > 0, "pages came");
    // Once more: all of it is in level 1.
    let steps = run(&mut m, &rows);
    assert_eq!(scanned(&steps).map(|(_, found, _)| found), Some([1024, 0, 0, 0, 0]));
    // A task on another core finds its level 3 warm, and everything above it cold.
    let steps = run(&mut m, &Op::Process(ProcessOp::Move { process: P, cpu: OTHER }));
    assert!(matches!(
        steps.last().map(|step| step.kind),
        Some(StepKind::Hierarchy(HierarchyStep::Moved { from: CPU, to: OTHER, .. }))
    ));
    let steps = run(&mut m, &rows);
    assert_eq!(scanned(&steps).map(|(_, found, _)| found), Some([896, 0, 128, 0, 0]));
    // It has written to all of them, so the first core has none of them any more.
    assert_eq!(m.hierarchy().map(|h| h.counts(Some(CPU), CacheId::L2).invalidations), Some(128));
    let steps = run(&mut m, &op(scan(Pattern::Rows { rows: 16, columns: 64 }), None, Some(CPU)));
    assert!(steps.iter().any(|step| matches!(step.kind, StepKind::Hierarchy(HierarchyStep::Moved { .. }))));
}

#[test]
fn what_comes_from_a_disk_costs_most() {
    let mut m = machine(None);
    let mut one = |op: ProcessOp| run(&mut m, &Op::Process(op));
    one(ProcessOp::File { name: F, bytes: 256 << 10, cached: 0, cpu: CPU });
    let args = MmapArgs { file: Some((F, 0)), ..MmapArgs::ANONYMOUS };
    let name = NameId(3);
    one(ProcessOp::Mmap { name, process: P, bytes: 256 << 10, args, cpu: CPU });
    let scan = Scan { access: Access::Read, pattern: Pattern::Stride { bytes: 4096 }, elem: 8, times: 1 };
    let bytes = Some(ByteRange { from: 0, to: 64 << 10 });
    let steps = one(ProcessOp::Scan { at: At::Area { name, by: None }, bytes, scan, cpu: None });
    let (references, found, cycles) = scanned(&steps).expect("it ends");
    assert_eq!((references, found), (16, [0, 0, 0, 15, 1]));
    assert_eq!(cycles, 16 * 380 + 400_000);
    let h = m.hierarchy().expect("it was asked");
    assert_eq!(h.disk_reads(), 1);
    let (over, under) = h.amat_of_rates().expect("references");
    assert_eq!(over * 16, u128::from(cycles) * under);
}

#[test]
fn who_scans_where_nothing_is_ends() {
    let mut m = machine(None);
    let at = At::Address(P, mm::Vaddr(0x1000));
    let scan = scan(Pattern::Stride { bytes: 64 });
    let steps = run(&mut m, &Op::Process(ProcessOp::Scan { at, bytes: None, scan, cpu: None }));
    assert_eq!(scanned(&steps), None);
    assert!(m.processes().mm(P).is_none());
    // The next one is skipped.
    let steps = run(&mut m, &op(scan, None, None));
    assert!(matches!(steps[..], [Step { kind: StepKind::Skipped { .. }, .. }]), "{steps:?}");
    assert_eq!(m.named(P), Named::Freed);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// With somebody looking on or not, the same machine comes of it; and forwards again the same.
    #[test]
    fn seen_and_unseen_are_the_same(
        pattern in prop_oneof![
            (1u32..40, 1u32..200).prop_map(|(rows, columns)| Pattern::Rows { rows, columns }),
            (1u32..40, 1u32..200).prop_map(|(rows, columns)| Pattern::Columns { rows, columns }),
            (1u64..9000).prop_map(|bytes| Pattern::Stride { bytes }),
            (1u32..3000).prop_map(|count| Pattern::Random { count }),
        ],
        times in 1u32..4, write in any::<bool>(), cpu in 0u8..4, small in any::<bool>(), tlb in any::<bool>(),
    ) {
        let access = if write { Access::Write } else { Access::Read };
        let op = op(Scan { access, pattern, elem: 8, times }, None, Some(CpuId(cpu)));
        let mut seen = machine_with(small.then(toy), tlb.then_some(MmuConfig::SKYLAKE));
        let mut unseen = seen.clone();
        let before = seen.state_hash();
        let steps = run(&mut seen, &op);
        while unseen.run_unit_unseen(&op) == mm::UnitEnd::More {}
        prop_assert_eq!(seen.state_hash(), unseen.state_hash());
        prop_assert_ne!(seen.state_hash(), before);
        let (references, found, cycles) = scanned(&steps).expect("it ends");
        prop_assert_eq!(u64::from(references), found.iter().map(|n| u64::from(*n)).sum::<u64>());
        let amat = seen.hierarchy().expect("it was asked").amat(None);
        // A CPU's walks are references as well, but not those of the scan.
        let walks = amat.references - u64::from(references);
        let read: u64 = seen.mmus().iter().map(|(_, unit)| unit.counts.references).sum();
        prop_assert!(tlb && walks >= read && amat.cycles > cycles || walks == 0 && amat.cycles == cycles);
    }
}

/// Where there are TLBs and caches, a walk reads the entries of tables through the caches: cold from memory, and then from
/// where the line still is; what the TLB knows costs nothing.
#[test]
fn walks_go_through_the_caches() {
    let config = Config { mmu: Some(mm::x86::mmu::MmuConfig::SKYLAKE), ..Config::x86_64(4096) };
    let mut m = Machine::boot(&config).expect("it boots");
    run(
        &mut m,
        &Op::Process(ProcessOp::Exec {
            name: P,
            limits: Rlimits::default(),
            task: mm::oom_kill::TaskArgs::default(),
            cpu: CPU,
        }),
    );
    let args = MmapArgs::ANONYMOUS;
    run(&mut m, &Op::Process(ProcessOp::Mmap { name: M, process: P, bytes: 1 << 16, args, cpu: CPU }));
    // There are caches from the first scan on.
    let entries = |steps: &[mm::Step]| -> Vec<(u64, mm::hierarchy::Level)> {
        let of = |step: &mm::Step| match step.kind {
            StepKind::Hierarchy(HierarchyStep::Entry { physical, level, .. }) => Some((physical, level)),
            _ => None,
        };
        steps.iter().filter_map(of).collect()
    };
    let at = At::Area { name: M, by: None };
    let touch = |bytes: (u64, u64)| {
        let bytes = Some(mm::process::ByteRange { from: bytes.0, to: bytes.1 });
        Op::Process(ProcessOp::Access { access: Access::Read, at, bytes, cpu: CPU })
    };
    assert!(entries(&run(&mut m, &touch((0, 4096)))).is_empty());
    let scan = Scan { access: Access::Write, pattern: Pattern::Stride { bytes: 4096 }, elem: 8, times: 1 };
    let bytes = Some(mm::process::ByteRange { from: 8192, to: 8193 });
    run(&mut m, &Op::Process(ProcessOp::Scan { at, bytes, scan, cpu: None }));
    let steps = run(&mut m, &touch((4096, 8192)));
    let read = entries(&steps);
    let procs = m.processes();
    let mm::Named::Mapping { start, .. } = m.named(M) else { panic!("it was mapped") };
    let walk = procs.tables().walk(procs.mm(P).expect("it runs").pgd, mm::Vaddr(start.0 + 4096));
    let lowest = walk.last().expect("it leads somewhere");
    let place = u64::from(lowest.table.0) * 4096 + u64::from(lowest.index) * 8;
    // The entry beside it was read by the walk before, so its line is there.
    assert!(read.contains(&(place, mm::hierarchy::Level::L1)), "{read:x?}");
    // Known by the TLB: no entry is read.
    assert!(entries(&run(&mut m, &touch((4096, 8192)))).is_empty());
    // Nobody looking on makes no difference.
    let mut unseen = m.clone();
    let again = touch((12_288, 40_960));
    run(&mut m, &again);
    while unseen.run_unit_unseen(&again) == mm::UnitEnd::More {}
    assert_eq!(m.state_hash(), unseen.state_hash());
    m.check().expect("every law holds");
}

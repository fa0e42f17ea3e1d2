//! Memory runs short: pages go to swap and come back, files are read again, and every law holds at every step.

#[path = "common/process.rs"]
mod common;

use common::{M, MIB, P, Run};
use mm::config::Thp;
use mm::oom_kill::TaskArgs;
use mm::op::{FileOp, Gfp, KmemOp, NameId, PageKind, Sysctl};
use mm::process::{Access, Advice, At, ByteRange, MmapArgs, ProcessOp, Prot, Rlimits};
use mm::reclaim::{FileAdvice, Lru, LruFlags, Medium, ReclaimConfig, SwapSpec, VmEvent};
use mm::slab_common::{CacheArgs, SlabFlags};
use mm::units::NrPages;
use mm::x86::mmu::MmuConfig;
use mm::{Config, CpuId, Machine, Named, Op, Step, UnitEnd};
use proptest::prelude::*;

const CPU: CpuId = CpuId(0);

fn config(mib: u32, swap: u64, medium: Medium) -> Config {
    let specs = if swap == 0 {
        Vec::new()
    } else {
        vec![SwapSpec { pages: NrPages(swap * 256), priority: None, medium }]
    };
    Config {
        watermarks: true,
        pcp: true,
        reclaim: Some(ReclaimConfig { swap: specs, ..ReclaimConfig::default() }),
        ..Config::x86_64(mib * 256)
    }
}

fn of_files(run: &mut Run, op: FileOp) -> Vec<Step> {
    run.steps_of(&Op::File(op))
}

fn event(run: &Run, event: VmEvent) -> u64 {
    run.machine.reclaim().unwrap().event(event)
}

#[test]
fn more_than_there_is() {
    for medium in [Medium::Disk, Medium::Zram] {
        let mut run = Run::of_config(&config(16, 32, medium));
        run.exec();
        run.mmap(M, 24 * MIB, MmapArgs::ANONYMOUS);
        run.touch(Access::Write, At::Area { name: M, by: None }, None);
        let mm = run.machine.processes().mm(P).unwrap();
        assert_eq!(mm.rss.anon + mm.swapents, 24 * 256 + 1, "{medium:?}");
        assert!(mm.swapents > 8 * 256, "{medium:?}: {}", mm.swapents);
        assert_eq!(mm.maj_flt, 0);
        run.touch(Access::Read, At::Area { name: M, by: None }, None);
        let mm = run.machine.processes().mm(P).unwrap();
        assert!(mm.maj_flt > 100, "{medium:?}: {}", mm.maj_flt);
        assert!(event(&run, VmEvent::PswpIn) >= mm.maj_flt);
        run.exit(P);
        assert_eq!(run.machine.reclaim().unwrap().swap_pages(), (32 * 256 - 1, 32 * 256 - 1));
        assert!(Lru::ALL.iter().all(|lru| run.machine.reclaim().unwrap().size(*lru) == 0));
    }
}

const FILES: [NameId; 2] = [NameId(20), NameId(21)];
const AREAS: [NameId; 3] = [NameId(30), NameId(31), NameId(32)];
const GROUPS: [NameId; 2] = [NameId(40), NameId(41)];
/// A cache, and its objects.
const DENTRY: NameId = NameId(50);
const OBJECTS: std::ops::Range<u32> = 51..71;
const PROCESSES: [NameId; 3] = [NameId(0), NameId(1), NameId(2)];

fn any_op() -> impl Strategy<Value = Op> {
    let file = || prop::sample::select(FILES.to_vec());
    let area = || prop::sample::select(AREAS.to_vec());
    let process = || prop::sample::select(PROCESSES.to_vec());
    let cpu = || (0u8..2).prop_map(CpuId);
    let group = || prop::sample::select(GROUPS.to_vec());
    let limit = || prop::option::weighted(0.8, 0u64..700);
    let pages = |most: u64| (0..most, 0..most).prop_map(|(a, b)| (a.min(b) << 12, (a.max(b) + 1) << 12));
    let range = move |most: u64| prop::option::of(pages(most).prop_map(|(from, to)| ByteRange { from, to }));
    let at = move || {
        prop_oneof![
            6 => (area(), prop::option::of(process())).prop_map(|(name, by)| At::Area { name, by }),
            1 => process().prop_map(At::Stack),
        ]
    };
    let access = prop::sample::select(vec![Access::Read, Access::Write, Access::Write]);
    let prot = prop::sample::select(vec![Prot::READ, Prot::READ_WRITE, Prot::NONE, Prot::READ_EXEC]);
    let advice = prop::sample::select(vec![Advice::DontNeed, Advice::Free, Advice::Cold, Advice::PageOut]);
    let said = prop::sample::select(vec![
        FileAdvice::Normal,
        FileAdvice::Sequential,
        FileAdvice::Random,
        FileAdvice::DontNeed,
    ]);
    let mapped = (area(), process(), 1u64..700, any::<[bool; 3]>(), prop::option::of(file()), prot.clone());
    let mmap =
        (mapped, cpu()).prop_map(|((name, process, pages, [shared, populate, locked], file, prot), cpu)| {
            let args = MmapArgs {
                prot,
                shared,
                file: file.map(|file| (file, 0)),
                populate,
                locked: locked && pages < 100,
                ..MmapArgs::ANONYMOUS
            };
            ProcessOp::Mmap { name, process, bytes: pages << 12, args, cpu }
        });
    let of_process = prop_oneof![
        2 => (file(), 1u64..600, prop_oneof![2 => Just(0), 1 => 0u64..600], cpu())
            .prop_map(|(name, pages, cached, cpu)| ProcessOp::File { name, bytes: pages << 12, cached: cached << 12, cpu }),
        3 => (process(), prop::option::of(group()), cpu()).prop_map(|(name, cgroup, cpu)| {
            let task = TaskArgs { cgroup, ..TaskArgs::default() };
            ProcessOp::Exec { name, limits: Rlimits::default(), task, cpu }
        }),
        2 => (process(), process(), cpu()).prop_map(|(name, parent, cpu)| ProcessOp::Fork { name, parent, cpu }),
        1 => (process(), cpu()).prop_map(|(process, cpu)| ProcessOp::Exit { process, cpu }),
        6 => mmap,
        1 => (at(), range(100), cpu()).prop_map(|(at, bytes, cpu)| ProcessOp::Munmap { at, bytes, cpu }),
        1 => (at(), range(100), prot).prop_map(|(at, bytes, prot)| ProcessOp::Mprotect { at, bytes, prot }),
        3 => (at(), advice, range(100), cpu())
            .prop_map(|(at, advice, bytes, cpu)| ProcessOp::Madvise { at, advice, bytes, cpu }),
        1 => (at(), range(64), any::<bool>(), cpu())
            .prop_map(|(at, bytes, locked, cpu)| ProcessOp::Mlock { at, bytes, locked, cpu }),
        1 => (area(), 1u64..800, cpu())
            .prop_map(|(name, pages, cpu)| ProcessOp::Mremap { name, bytes: pages << 12, may_move: true, cpu }),
        12 => (access, at(), range(700), cpu())
            .prop_map(|(access, at, bytes, cpu)| ProcessOp::Access { access, at, bytes, cpu }),
    ];
    let of_file = prop_oneof![
        5 => (file(), range(600), cpu())
            .prop_map(|(file, bytes, cpu)| FileOp::Read { file, bytes, block: 8192, cpu }),
        3 => (file(), range(600), cpu())
            .prop_map(|(file, bytes, cpu)| FileOp::Write { file, bytes, block: 16384, cpu }),
        1 => prop::option::of(file()).prop_map(|file| FileOp::Sync { file }),
        1 => (file(), said).prop_map(|(file, advice)| FileOp::Advise { file, advice }),
        1 => Just(FileOp::DropCaches { what: 3 }),
        1 => (1u32..40_000).prop_map(|ms| FileOp::Wait { ms }),
        2 => (group(), limit(), limit()).prop_map(|(name, max, swap_max)| FileOp::Group { name, max, swap_max }),
        1 => (group(), limit(), any::<bool>()).prop_map(|(group, max, swap)| FileOp::GroupMax { group, max, swap }),
    ];
    let object = || prop::sample::select(OBJECTS.collect::<Vec<u32>>()).prop_map(NameId);
    let of_kmem = prop_oneof![
        8 => (object(), cpu())
            .prop_map(|(name, cpu)| KmemOp::CacheAlloc { name, cache: DENTRY, zero: false, cpu }),
        8 => (object(), prop::bool::weighted(0.8)).prop_map(|(name, unused)| KmemOp::ListLru { name, unused }),
        2 => (object(), cpu()).prop_map(|(name, cpu)| KmemOp::Touch { name, offset: 0, cpu }),
        1 => (0u8..4).prop_map(|seeks| KmemOp::RegisterShrinker { cache: DENTRY, seeks }),
    ];
    prop_oneof![
        12 => of_process.prop_map(Op::Process),
        5 => of_file.prop_map(Op::File),
        6 => of_kmem.prop_map(Op::Kmem),
        1 => object().prop_map(|name| Op::Free { name, cpu: CPU }),
        1 => (0u32..300).prop_map(|percent| Op::Sysctl(Sysctl::VfsCachePressure(percent))),
        1 => (0u8..=200).prop_map(|value| Op::Sysctl(Sysctl::Swappiness(value))),
    ]
}

/// A file that is read, and its pages.
const READ: NameId = NameId(60);
const PAGES: u32 = 7000;

/// Single pages are read with nobody looking on, and as ops with somebody who does: how many were read.
fn read_both(ours: &mut Machine, pages: &[u32], cpu: CpuId) -> (u64, Machine) {
    let mut theirs = ours.clone();
    ours.flatten();
    let (read, _) = ours.read_pages_unseen(READ, cpu, pages.iter().copied());
    for page in pages.iter().take(read as usize + 1) {
        let from = u64::from(*page) << 12;
        let bytes = Some(ByteRange { from, to: from + 4096 });
        let op = Op::File(FileOp::Read { file: READ, bytes, block: 4096, cpu });
        while theirs.run_unit(&op, &mut Vec::new()) == UnitEnd::More {}
    }
    (read, theirs)
}

fn quick(machine: &mut Machine, op: Op) {
    while machine.run_unit_unseen(&op) == UnitEnd::More {}
}

/// The last read finds no memory, whoever looks on.
#[test]
fn reads_until_memory_runs_out() {
    let single = Config::single_zone(1024);
    let mut ours = Machine::boot(&Config { zones: single.zones, ..config(4, 0, Medium::Disk) }).unwrap();
    let file = ProcessOp::File { name: READ, bytes: u64::from(PAGES) << 12, cached: 0, cpu: CPU };
    quick(&mut ours, Op::Process(file));
    quick(&mut ours, Op::File(FileOp::Advise { file: READ, advice: FileAdvice::Random }));
    let pages: Vec<u32> = (0..500).map(|page| page * 7).collect();
    assert_eq!(read_both(&mut ours, &pages, CPU).0, 500);
    // The kernel takes all that it can get, and nobody gives anything back.
    for name in 100..2000 {
        let gfp = Gfp::of(PageKind::Unmovable, None);
        quick(&mut ours, Op::Alloc { name: NameId(name), order: 0, gfp, cpu: CPU });
    }
    let (read, theirs) = read_both(&mut ours, &pages, CPU);
    assert!(read < 20, "{read}");
    assert_eq!(ours.state_hash(), theirs.state_hash());
}

proptest! {
    #![proptest_config(common::cases::usually(48))]

    /// Pages of a file that are read one after the other with nobody looking on come to what as many ops come to, among pages
    /// that are mapped, dirty, or nobody's file, on one CPU or two.
    #[test]
    fn reads_that_nobody_looks_at(
        reads in prop::collection::vec((0..PAGES, 1u32..24, any::<bool>()), 200..700),
        (swap, cpus) in (0u64..3, 1usize..3),
        advice in prop::sample::select(vec![FileAdvice::Normal, FileAdvice::Random, FileAdvice::Sequential]),
        others in prop::collection::vec(any_op(), 0..8),
        (mib, with_dma32) in (3u32..6, any::<bool>()),
    ) {
        let machine = if with_dma32 { config(mib + 16, swap, Medium::Disk) } else { config(mib, swap, Medium::Zram) };
        let zones = if with_dma32 { machine.zones.clone() } else { Config::single_zone(mib * 256).zones };
        let mut ours = Machine::boot(&Config { cpus: vec![0; 2], zones, ..machine }).unwrap();
        let bytes = u64::from(PAGES) << 12;
        quick(&mut ours, Op::Process(ProcessOp::File { name: READ, bytes, cached: 0, cpu: CPU }));
        quick(&mut ours, Op::File(FileOp::Advise { file: READ, advice }));
        let mut others = others.into_iter();
        for (at, part) in reads.chunks(100).enumerate() {
            let cpu = CpuId((at % cpus) as u8);
            // Some of them again and again.
            let pages = part.iter().flat_map(|(page, more, is_hot)| {
                let page = if *is_hot { page / 100 } else { *page };
                page..(page + more).min(PAGES)
            });
            let pages: Vec<u32> = pages.collect();
            let (_, theirs) = read_both(&mut ours, &pages, cpu);
            prop_assert_eq!(ours.state_hash(), theirs.state_hash());
            prop_assert_eq!(ours.check(), Ok(()));
            if let Some(op) = others.next() {
                quick(&mut ours, op);
            }
        }
    }
}

proptest! {
    #![proptest_config(common::cases::usually(32))]

    /// Whatever is asked of a machine with hardly any memory: every law holds at every step, nobody looking on makes no
    /// difference, nothing loops for ever, and in the end everything comes back.
    #[test]
    fn laws(
        ops in prop::collection::vec(any_op(), 1..40),
        frames in prop_oneof![Just(900u32), Just(2048)],
        swap in prop::collection::vec((2u64..900, prop::option::of(0i16..3), any::<bool>()), 0..3),
        mmu in any::<bool>(),
        groups in any::<bool>(),
        huge in any::<bool>(),
    ) {
        let area = |(pages, priority, zram)| SwapSpec {
            pages: NrPages(pages),
            priority,
            medium: if zram { Medium::Zram } else { Medium::Disk },
        };
        let config = Config {
            pcp: true,
            watermarks: true,
            cpus: vec![0, 0],
            mmu: mmu.then_some(MmuConfig::SKYLAKE),
            thp: huge.then_some(Thp::Always),
            reclaim: Some(ReclaimConfig { swap: swap.into_iter().map(area).collect(), ..ReclaimConfig::default() }),
            ..Config::single_zone(frames)
        };
        let mut run = Run::of_config(&config);
        let before = run.free();
        // Whoever is put in a group finds it.
        if groups {
            for (name, max) in GROUPS.into_iter().zip([Some(300), Some(80)]) {
                of_files(&mut run, FileOp::Group { name, max, swap_max: None });
            }
        }
        // Two objects fill a page, so that many slabs come and go.
        let args = CacheArgs { flags: SlabFlags::RECLAIM_ACCOUNT, ..CacheArgs::of_size(2000) };
        let of_cache = [
            KmemOp::CacheCreate { name: DENTRY, args, merge: false },
            KmemOp::RegisterShrinker { cache: DENTRY, seeks: 2 },
        ];
        for op in of_cache {
            run.steps_of(&Op::Kmem(op));
        }
        for op in &ops {
            run.steps_of(op);
        }
        for name in OBJECTS.map(NameId) {
            run.steps_of(&Op::Kmem(KmemOp::ListLru { name, unused: true }));
        }
        // Nobody uses any of them, so all go; the cache gives up what it keeps. (Without seeks, only half would at a time.)
        run.steps_of(&Op::Sysctl(Sysctl::VfsCachePressure(100)));
        run.steps_of(&Op::Kmem(KmemOp::RegisterShrinker { cache: DENTRY, seeks: 2 }));
        of_files(&mut run, FileOp::DropCaches { what: 2 });
        let is_object = |name| matches!(run.machine.named(name), Named::Object { .. });
        prop_assert_eq!(OBJECTS.map(NameId).find(|name| is_object(*name)), None);
        run.steps_of(&Op::Kmem(KmemOp::CacheDestroy { cache: DENTRY }));
        prop_assert!(run.machine.kmem().shrinkers().is_empty());
        for process in PROCESSES {
            run.exit(process);
        }
        for what in [FileOp::Sync { file: None }, FileOp::DropCaches { what: 1 }, FileOp::Wait { ms: 1000 }] {
            of_files(&mut run, what);
        }
        let cached: usize = run.machine.processes().files().map(|(_, file)| file.cache().count()).sum();
        prop_assert_eq!(cached, 0);
        // (The huge page of zeros stays once it is there.)
        let zero = if run.machine.processes().huge().zero_page().is_some() { 512 } else { 0 };
        let reclaim = run.machine.reclaim().unwrap();
        // What was on its way to the disk as its process went stays until somebody needs it (`folio_free_swap()`).
        let in_cache = reclaim.swap_cached();
        prop_assert_eq!(run.free() + zero + in_cache, before);
        let (total, free) = reclaim.swap_pages();
        prop_assert_eq!(total, free + in_cache);
        for group in run.machine.reclaim().unwrap().groups() {
            prop_assert!(group.memory.usage <= 2 * 64, "only what two CPUs keep: {:?}", group.memory);
            prop_assert_eq!((group.swap.usage, group.kmem), (0, 0));
        }
    }
}

/// What a real kernel read ahead, page by page of what a program read and touched.
#[test]
fn read_ahead_as_a_real_kernel_did() {
    const FILE: NameId = NameId(20);
    let text = include_str!("data/reclaim/readahead.tsv");
    let mut run = Run::of_config(&config(128, 0, Medium::Disk));
    run.is_quick = true;
    run.op(ProcessOp::File { name: FILE, bytes: 40 * MIB, cached: 0, cpu: CPU });
    run.exec();
    let pages_of = |run: &Run| -> Vec<u32> {
        let file = run.machine.processes().file_of(FILE).unwrap();
        run.machine.processes().file(file).unwrap().cache().map(|(index, _)| index).collect()
    };
    let (mut step, mut seen, mut known) = ("", 0, Vec::new());
    let mut next = 0;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [of, page, runs] = cells[..] else { panic!("{line}") };
        let page: u32 = page.parse().unwrap();
        if of != step {
            step = of;
            next = page;
            match of {
                // Each step opens the file anew.
                "fadvise" => {
                    of_files(&mut run, FileOp::Advise { file: FILE, advice: FileAdvice::Sequential });
                }
                "mmap" => {
                    of_files(&mut run, FileOp::Advise { file: FILE, advice: FileAdvice::Normal });
                    let args = MmapArgs {
                        prot: Prot::READ,
                        shared: true,
                        file: Some((FILE, 0)),
                        ..MmapArgs::ANONYMOUS
                    };
                    run.mmap(M, 40 * MIB, args);
                }
                _ => {}
            }
        }
        // What lies between two lines brought nothing.
        let between = if matches!(of, "random" | "strided") { page..=page } else { next..=page };
        for at in between {
            let bytes = Some(ByteRange { from: u64::from(at) << 12, to: u64::from(at + 1) << 12 });
            if of == "mmap" {
                run.op(ProcessOp::Access {
                    access: Access::Read,
                    at: At::Area { name: M, by: None },
                    bytes,
                    cpu: CPU,
                });
            } else {
                of_files(&mut run, FileOp::Read { file: FILE, bytes, block: 4096, cpu: CPU });
            }
            let now = pages_of(&run);
            let new: Vec<u32> = now.iter().filter(|page| !known.contains(*page)).copied().collect();
            known = now;
            let wanted: Vec<u32> = if at == page {
                let ends =
                    |run: &str| run.split_once('-').map(|(a, b)| (a.parse().unwrap(), b.parse().unwrap()));
                runs.split(' ').filter_map(ends).flat_map(|(a, b): (u32, u32)| a..=b).collect()
            } else {
                Vec::new()
            };
            assert_eq!(new, wanted, "{of} page {at}");
        }
        next = page + 1;
        seen += 1;
    }
    assert_eq!(seen, 107);
}

/// The flags of pages of files that were read so many times, and then touched in a mapping that went (Linux 6.1.192 amd64,
/// `/proc/kpageflags`).
#[test]
fn flags_as_a_real_kernel_had_them() {
    const FILE: NameId = NameId(20);
    let mut run = Run::of_config(&config(32, 16, Medium::Disk));
    run.op(ProcessOp::File { name: FILE, bytes: MIB, cached: 0, cpu: CPU });
    of_files(&mut run, FileOp::Advise { file: FILE, advice: FileAdvice::Random });
    for times in 1..=6u64 {
        for _ in 0..times {
            // Another page between two reads: the rest of a page is no second use of it.
            for at in [times, 100] {
                let bytes = Some(ByteRange { from: at << 12, to: (at + 1) << 12 });
                of_files(&mut run, FileOp::Read { file: FILE, bytes, block: 4096, cpu: CPU });
            }
            run.steps_of(&Op::File(FileOp::Wait { ms: 1 }));
        }
    }
    let flags = |run: &Run, index: u32| {
        let procs = run.machine.processes();
        let pfn = procs.file(procs.file_of(FILE).unwrap()).unwrap().cached(index).unwrap();
        let flags = run.machine.reclaim().unwrap().page(pfn).flags;
        let letters = [(LruFlags::REFERENCED, 'R'), (LruFlags::LRU, 'L'), (LruFlags::ACTIVE, 'A')];
        letters.iter().filter(|(flag, _)| flags.has(*flag)).map(|(_, letter)| *letter).collect::<String>()
    };
    let all = |run: &Run| (1..=6).map(|index| flags(run, index)).collect::<Vec<_>>();
    assert_eq!(all(&run), ["RL", "LA", "RLA", "RLA", "RLA", "RLA"]);
    run.exec();
    let args = MmapArgs { prot: Prot::READ, shared: true, file: Some((FILE, 0)), ..MmapArgs::ANONYMOUS };
    run.mmap(M, MIB, args);
    for at in 1..=6u64 {
        run.touch(Access::Read, At::Area { name: M, by: None }, Some((at << 12, (at + 1) << 12)));
    }
    run.munmap(M, None);
    of_files(&mut run, FileOp::Wait { ms: 1 });
    assert_eq!(all(&run), ["LA", "RLA", "RLA", "RLA", "RLA", "RLA"]);
}

/// 280 MiB written and read again in 256 MiB, with a disk to swap to: what a real kernel counted (Linux 6.1.192 amd64). How far
/// kswapd gets while a page is filled is a matter of time, and so the figures have bands; what follows from the order of the
/// lists is close.
#[test]
fn pressure_as_a_real_kernel_counted_it() {
    // (from `before` to `reread_all` of its /proc/vmstat, and of the process's own counters)
    const PSWPIN: u64 = 71_234;
    const PSWPOUT: u64 = 105_324;
    const STOLEN: u64 = 104_418 + 101;
    const MAJOR: u64 = 9061;
    const SWAP_RA: u64 = 62_173;
    const SWAP_RA_HIT: u64 = 61_984;
    const FREE: u64 = 169_688 / 4;
    let mut machine = Machine::boot(&config(256, 256, Medium::Disk)).unwrap();
    let run = |machine: &mut Machine, op: Op| while machine.run_unit_unseen(&op) == UnitEnd::More {};
    // (Its marks were 2599, 3248 and 3897 pages then: khugepaged had raised them.)
    run(&mut machine, Op::Sysctl(Sysctl::MinFreeKbytes(10_396)));
    // What the kernel and others had, in large pieces and then in small ones.
    let free = |machine: &Machine| machine.zones().iter().map(|zone| zone.nr_free_pages.0).sum::<u64>();
    for name in 0.. {
        let order = match free(&machine) {
            free if free <= FREE => break,
            free if free > FREE + 4096 => 10,
            _ => 0,
        };
        let gfp = Gfp::of(PageKind::Unmovable, None);
        run(&mut machine, Op::Alloc { name: NameId(100 + name), order, gfp, cpu: CPU });
    }
    run(
        &mut machine,
        Op::Process(ProcessOp::Exec {
            name: P,
            limits: Rlimits::default(),
            task: TaskArgs::default(),
            cpu: CPU,
        }),
    );
    let args = MmapArgs { noreserve: true, ..MmapArgs::ANONYMOUS };
    run(&mut machine, Op::Process(ProcessOp::Mmap { name: M, process: P, bytes: 280 * MIB, args, cpu: CPU }));
    for access in [Access::Write, Access::Read] {
        let at = At::Area { name: M, by: None };
        run(&mut machine, Op::Process(ProcessOp::Access { access, at, bytes: None, cpu: CPU }));
    }
    machine.check().unwrap();
    let reclaim = machine.reclaim().unwrap();
    let near = |what: &str, ours: u64, theirs: u64, percent: u64| {
        assert!(ours.abs_diff(theirs) * 100 <= theirs * percent, "{what}: {ours}, there {theirs}");
    };
    near("pswpin", reclaim.event(VmEvent::PswpIn), PSWPIN, 2);
    near("pswpout", reclaim.event(VmEvent::PswpOut), PSWPOUT, 3);
    let stolen = reclaim.event(VmEvent::PgStealAnon) + reclaim.event(VmEvent::PgStealFile);
    near("pgsteal", stolen, STOLEN, 3);
    near("pgmajfault", machine.processes().mm(P).unwrap().maj_flt, MAJOR, 4);
    near("swap_ra", reclaim.event(VmEvent::SwapRa), SWAP_RA, 3);
    near("swap_ra_hit", reclaim.event(VmEvent::SwapRaHit), SWAP_RA_HIT, 3);
}

//! The worked examples of kernel objects and of vmalloc (facts 07, 08 and 09), through ops of a machine: every law is
//! checked after every unit.

mod common;

use common::*;
use mm::cache::Access;
use mm::config::{Mobility, Start, ZoneLists};
use mm::op::{KmemOp, NameId, PageKind};
use mm::page::MigrateType::Unmovable;
use mm::slab::{Era, SlabStep};
use mm::slab_common::{Allocator, CacheArgs, CacheFigures, KmallocType, KmemConfig, SlabFlags, SlabPlace};
use mm::slub::{Object, SlubStep};
use mm::step::{KmemStep, Nothing, SkipReason};
use mm::vmalloc::{NoArea, VMALLOC_START, VmallocStep};
use mm::{Config, CpuId, Machine, Named, NrPages, Op, Pfn, Step, StepKind};

const SLAB: KmemConfig = KmemConfig {
    allocator: Allocator::Slab,
    era: Era::Linux6_1,
    freelist_random: false,
    colour: true,
    init_on_alloc: false,
};

/// A machine with 64 MiB in one zone, and types that are not grouped: nothing is stolen.
fn config(cpus: u8, kmem: KmemConfig) -> Config {
    let cpus = vec![0; usize::from(cpus)];
    Config { cpus, mobility: Mobility::Off, ..Config::single_zone(16_384) }.with_kmem(kmem)
}

fn boot(cpus: u8, kmem: KmemConfig) -> Machine {
    Machine::boot(&config(cpus, kmem)).expect("it boots")
}

/// With these free blocks alone.
fn boot_lists(cpus: u8, kmem: KmemConfig, lists: &[(u8, &[u32])]) -> Machine {
    let lists = ZoneLists {
        pageblocks: vec![Unmovable; 32],
        lists: lists
            .iter()
            .map(|(o, at)| (order(*o), Unmovable, at.iter().copied().map(Pfn).collect()))
            .collect(),
        ..ZoneLists::empty(ZONE)
    };
    Machine::boot(&Config { start: Start::Lists(vec![lists]), ..config(cpus, kmem) }).expect("it boots")
}

fn kmem(m: &mut Machine, op: KmemOp) -> Vec<Step> {
    run(m, &Op::Kmem(op))
}

fn create(m: &mut Machine, name: u32, args: CacheArgs) -> Vec<Step> {
    kmem(m, KmemOp::CacheCreate { name: NameId(name), args, merge: true })
}

fn cache_alloc(m: &mut Machine, name: u32, cache: u32, cpu: u8) -> Vec<Step> {
    let (name, cache, cpu) = (NameId(name), NameId(cache), CpuId(cpu));
    kmem(m, KmemOp::CacheAlloc { name, cache, zero: false, cpu })
}

fn kmalloc(m: &mut Machine, name: u32, bytes: u32, cpu: u8) -> Vec<Step> {
    let (name, cpu) = (NameId(name), CpuId(cpu));
    kmem(m, KmemOp::Kmalloc { name, bytes, ty: KmallocType::Normal, zero: false, cpu })
}

fn vmalloc(m: &mut Machine, name: u32, bytes: u64) -> Vec<Step> {
    kmem(m, KmemOp::Vmalloc { name: NameId(name), bytes, zero: false, cpu: CpuId(0) })
}

fn shrink(m: &mut Machine, cache: u32) -> Vec<Step> {
    kmem(m, KmemOp::CacheShrink { cache: NameId(cache) })
}

fn free_on(m: &mut Machine, name: u32, cpu: u8) -> Vec<Step> {
    run(m, &Op::Free { name: NameId(name), cpu: CpuId(cpu) })
}

fn object(m: &Machine, name: u32) -> (NameId, Object) {
    match m.named(NameId(name)) {
        Named::Object { cache, object } => (cache, object),
        other => panic!("{name} is {other:?}"),
    }
}

fn index(m: &Machine, name: u32) -> u16 {
    object(m, name).1.index
}

fn figures(m: &Machine, cache: NameId) -> CacheFigures {
    m.kmem().cache_of(cache).expect("it is there").figures()
}

/// Where the slab of an object is.
fn place(m: &Machine, name: u32) -> SlabPlace {
    let (cache, object) = object(m, name);
    let slabs = m.kmem().cache_of(cache).expect("it is there").slabs();
    slabs.iter().find(|slab| slab.pfn == object.slab).expect("it is there").place
}

fn area(m: &Machine, name: u32) -> u64 {
    match m.named(NameId(name)) {
        Named::Area(start) => start.0 - VMALLOC_START.0,
        other => panic!("{name} is {other:?}"),
    }
}

fn slub_steps(steps: &[Step]) -> Vec<SlubStep> {
    let of = |step: &Step| match step.kind {
        StepKind::Slub { step, .. } => Some(step),
        _ => None,
    };
    steps.iter().filter_map(of).collect()
}

fn slab_steps(steps: &[Step]) -> Vec<SlabStep> {
    let of = |step: &Step| match step.kind {
        StepKind::Slab { step, .. } => Some(step),
        _ => None,
    };
    steps.iter().filter_map(of).collect()
}

/// The last step of kernel objects.
fn told(steps: &[Step]) -> KmemStep {
    let of = |step: &Step| match step.kind {
        StepKind::Kmem(step) => Some(step),
        _ => None,
    };
    steps.iter().rev().find_map(of).expect("there is one")
}

/// Section 8 of facts 07: kmalloc-1k on four CPUs has 16 objects in a block of order 2.
#[test]
fn facts_07_8_seventeen_objects_take_two_blocks() {
    let mut m = boot_lists(4, KmemConfig::default(), &[(2, &[0, 16, 32, 48])]);
    for name in 0..17 {
        kmalloc(&mut m, name, 1000, 0);
    }
    let (cache, _) = object(&m, 0);
    assert_eq!(cache.kernel_name(), Some("kmalloc-1k"));
    assert_eq!(nr_free(&m)[2], 2, "two of four blocks are gone");
    assert_eq!(
        (0..17).map(|name| index(&m, name)).collect::<Vec<_>>(),
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0]
    );
    assert_eq!((place(&m, 0), place(&m, 16)), (SlabPlace::Full(0), SlabPlace::Cpu(0)));

    // The full slab is frozen and on the CPU's partial list, where slabinfo calls its objects active.
    let (_, freed) = object(&m, 3);
    let slab = freed.slab;
    assert_eq!(
        slub_steps(&free(&mut m, 3)),
        [SlubStep::SlowFree { object: freed, frozen: false }, SlubStep::ToCpuPartial { slab }]
    );
    assert_eq!(place(&m, 0), SlabPlace::CpuPartial(0));
    let f = figures(&m, cache);
    assert_eq!((f.num_objs, f.active_objs, f.in_use, f.num_slabs), (32, 32, 16, 2));

    // Fifteen more fill the second slab, the sixteenth is the one that was freed.
    for name in 20..35 {
        kmalloc(&mut m, name, 1000, 0);
    }
    let steps = slub_steps(&kmalloc(&mut m, 35, 1000, 0));
    assert!(steps.contains(&SlubStep::TakesCpuPartial { slab }), "{steps:?}");
    assert_eq!(object(&m, 35).1, freed);
    assert_eq!(nr_free(&m)[2], 2);
}

/// Section 5: frees of another CPU into a frozen slab touch no list, and are taken all at once.
#[test]
fn facts_07_5_remote_frees() {
    let mut m = boot_lists(4, KmemConfig::default(), &[(2, &[0, 16, 32, 48])]);
    for name in 0..16 {
        kmalloc(&mut m, name, 1024, 0);
    }
    let (cache, first) = object(&m, 0);
    for name in [2, 5, 9] {
        let object = object(&m, name).1;
        assert_eq!(slub_steps(&free_on(&mut m, name, 1)), [SlubStep::SlowFree { object, frozen: true }]);
    }
    assert_eq!(place(&m, 0), SlabPlace::Cpu(0));
    let steps = slub_steps(&kmalloc(&mut m, 20, 1024, 0));
    assert_eq!(steps[0], SlubStep::TakesRemoteFrees { slab: first.slab, objects: 3 });
    // The last one freed is the first one handed out.
    kmalloc(&mut m, 21, 1024, 0);
    kmalloc(&mut m, 22, 1024, 0);
    assert_eq!([20, 21, 22].map(|name| index(&m, name)), [9, 5, 2]);

    // A full slab belongs to whoever frees into it.
    kmalloc(&mut m, 23, 1024, 0);
    assert_eq!(place(&m, 0), SlabPlace::Full(0));
    free_on(&mut m, 7, 2);
    assert_eq!(place(&m, 0), SlabPlace::CpuPartial(2));
    kmalloc(&mut m, 24, 1024, 2);
    assert_eq!((index(&m, 24), place(&m, 24)), (7, SlabPlace::Cpu(2)));
    assert_eq!(figures(&m, cache).num_slabs, 2);
}

/// `list_move()` puts each empty slab in front of the others that go.
#[test]
fn shrinking_gives_the_last_slab_back_first() {
    let mut m = boot_lists(1, KmemConfig::default(), &[(3, &[0, 16, 32, 48])]);
    create(&mut m, 0, CacheArgs::of_size(8192));
    (1..=9).for_each(|name| drop(cache_alloc(&mut m, name, 0, 0)));
    let slabs = [1, 5, 9].map(|name| object(&m, name).1.slab);
    (1..=9).for_each(|name| drop(free(&mut m, name)));
    assert_eq!((nr_free(&m)[3], figures(&m, NameId(0)).num_slabs), (1, 3), "all slabs stay");
    let steps = shrink(&mut m, 0);
    let gone = slub_steps(&steps).into_iter().filter(|step| matches!(step, SlubStep::Discards { .. }));
    assert_eq!(gone.collect::<Vec<_>>(), slabs.map(|slab| SlubStep::Discards { slab }));
    assert_eq!(told(&steps), KmemStep::Shrunk { cache: NameId(0), slabs: 0 });
    assert_eq!(nr_free(&m)[3], 4);
}

/// Facts 08 A4: a cold array takes all twelve objects of a new slab, and hands the last one out first.
#[test]
fn facts_08_a4_first_objects() {
    let mut m = boot(1, SLAB);
    create(&mut m, 0, CacheArgs::of_size(320));
    let steps = slab_steps(&cache_alloc(&mut m, 1, 0, 0));
    let slab = object(&m, 1).1.slab;
    assert_eq!(steps[1], SlabStep::FromSlab { slab, objects: 12, full: true });
    assert_eq!(place(&m, 1), SlabPlace::Full(0));
    (2..=12).for_each(|name| drop(cache_alloc(&mut m, name, 0, 0)));
    assert_eq!((1..=12).map(|name| index(&m, name)).collect::<Vec<_>>(), (0..12).rev().collect::<Vec<_>>());
    let f = figures(&m, NameId(0));
    assert_eq!((f.tunables, f.num_objs, f.active_objs), ([54, 27, 0], 12, 12));
    free(&mut m, 5);
    assert_eq!(figures(&m, NameId(0)).active_objs, 12, "an object in an array counts as active");
    cache_alloc(&mut m, 13, 0, 0);
    assert_eq!(index(&m, 13), index(&m, 4) - 1, "the one that was freed last");
}

/// Facts 08 A3 and B: 6.1 takes the next colour first, 2.6 the colour first.
#[test]
fn facts_08_colours() {
    let starts = |era: Era, colour: bool| {
        let mut m = boot(1, KmemConfig { era, colour, ..SLAB });
        create(&mut m, 0, CacheArgs::of_size(700));
        let mut starts: Vec<u32> = Vec::new();
        let mut last = None;
        for name in 1..=66 {
            cache_alloc(&mut m, name, 0, 0);
            let (cache, object) = object(&m, name);
            if last.replace(object.slab) != Some(object.slab) {
                let cache = m.kmem().cache_of(cache).expect("it is there");
                starts.push(cache.place(Object { index: 0, ..object }));
            }
        }
        starts.iter().map(|start| start - starts.iter().min().expect("there are some")).collect::<Vec<_>>()
    };
    // Seven colours from the second on; five from the first on.
    assert_eq!(starts(Era::Linux6_1, true), [0, 64, 128, 192, 256, 320]);
    assert_eq!(starts(Era::Linux2_6, true), [0, 64, 128, 192, 256, 0]);
    assert_eq!(starts(Era::Linux6_1, false), [0; 6]);
}

/// A word of each of ten slabs: eight lines of one set, or a set for each.
#[test]
fn colours_spread_over_the_sets() {
    let misses = |colour: bool| {
        let mut m =
            boot_lists(1, KmemConfig { colour, ..SLAB }, &[(1, &[0, 4, 8, 12, 16, 20, 24, 28, 32, 36])]);
        create(&mut m, 0, CacheArgs::of_size(5000));
        (1..=10).for_each(|name| drop(cache_alloc(&mut m, name, 0, 0)));
        let mut misses = 0;
        for name in (1..=10).chain(1..=10) {
            let touch = KmemOp::Touch { name: NameId(name), offset: 0, cpu: CpuId(0) };
            if let KmemStep::Touched { access: Access::Miss { .. }, .. } = told(&kmem(&mut m, touch)) {
                misses += 1;
            }
        }
        misses
    };
    assert_eq!((misses(true), misses(false)), (10, 20));
}

/// What one flush of an array makes too many goes back as one list, the last one that was chosen first.
#[test]
fn slab_gives_the_newest_of_the_oldest_back_first() {
    let mut m = boot(1, SLAB);
    create(&mut m, 0, CacheArgs::of_size(4096));
    (1..=60).for_each(|name| drop(cache_alloc(&mut m, name, 0, 0)));
    let slabs: Vec<Pfn> = (1..=60).map(|name| object(&m, name).1.slab).collect();
    // An array of 24, twelve at once; a node with one CPU keeps 2 × 12 + 1 free objects.
    let steps: Vec<Step> = (1..=60).flat_map(|name| free(&mut m, name)).collect();
    let gone: Vec<Pfn> = slab_steps(&steps)
        .into_iter()
        .filter_map(|step| if let SlabStep::Destroys { slab } = step { Some(slab) } else { None })
        .collect();
    let expected: Vec<Pfn> = slabs[..11].iter().rev().copied().collect();
    assert_eq!(gone, expected);
    assert_eq!(figures(&m, NameId(0)).num_slabs, 49);
}

/// Facts 09 3: a page and a guard page each.
#[test]
fn facts_09_addresses_step_by_two_pages() {
    let mut m = boot(1, KmemConfig::default());
    (0..4).for_each(|name| drop(vmalloc(&mut m, name, 4096)));
    assert_eq!([0, 1, 2, 3].map(|name| area(&m, name)), [0, 8192, 16_384, 24_576]);
}

/// The test of facts 09: the lowest gap that is long enough, once what was freed has been purged.
#[test]
fn facts_09_first_fit() {
    let mut m = boot(1, KmemConfig::default());
    let before = nr_free(&m);
    vmalloc(&mut m, 0, 10_000);
    vmalloc(&mut m, 1, 1);
    assert_eq!([0, 1].map(|name| area(&m, name)), [0, 0x4000]);
    free(&mut m, 0);
    // The addresses wait.
    vmalloc(&mut m, 2, 4096);
    assert_eq!(area(&m, 2), 0x6000);
    free(&mut m, 2);
    // More than 32 MiB of them on one CPU: one flush, and all can be had again.
    for name in 3..5 {
        vmalloc(&mut m, name, 16 << 20);
        let steps = free(&mut m, name);
        let purged = steps.iter().any(|step| {
            matches!(step.kind, StepKind::Vmalloc { step: VmallocStep::Purged { pages: 8200 }, .. })
        });
        assert_eq!(purged, name == 4);
    }
    vmalloc(&mut m, 5, 4096);
    vmalloc(&mut m, 6, 8192);
    assert_eq!([5, 6].map(|name| area(&m, name)), [0, 0x6000]);

    [1, 5, 6].into_iter().for_each(|name| drop(free(&mut m, name)));
    // The tables of page-table entries stay: one for the first 2 MiB, and those of 32 MiB.
    let tables = m.kmem().vmalloc().expect("it was used").tables().count() as u64;
    let free_pages = |counts: [u32; 11]| (0u32..).zip(counts).map(|(o, n)| u64::from(n) << o).sum::<u64>();
    assert_eq!(free_pages(nr_free(&m)) + tables, free_pages(before));
}

/// Memory runs out after five of eight pages: all five go back, and the addresses wait.
#[test]
fn facts_09_failing_midway_gives_all_back() {
    let mut m = boot_lists(1, KmemConfig::default(), &[(0, &[1, 4, 7, 10, 13])]);
    let before = nr_free(&m);
    let steps = vmalloc(&mut m, 0, 8 * 4096);
    let why = NoArea::NoPages { got: NrPages(5) };
    assert!(steps.iter().any(
        |s| matches!(s.kind, StepKind::Vmalloc { step: VmallocStep::Failed { why: of }, .. } if of == why)
    ));
    assert_eq!((m.named(NameId(0)), nr_free(&m)), (Named::Failed, before));
    assert_eq!(m.kmem().vmalloc().expect("it was used").waiting(), 9);
    // Four pages and a table just fit, behind what waits.
    vmalloc(&mut m, 0, 4 * 4096);
    assert_eq!((area(&m, 0), nr_free(&m)), (9 * 4096, [0; 11]));
    free(&mut m, 0);

    // More than 32 MiB wait in the end: the failure that makes them so many purges.
    let purges = |steps: &[Step]| {
        steps.iter().any(|s| matches!(s.kind, StepKind::Vmalloc { step: VmallocStep::Purged { .. }, .. }))
    };
    assert!(!purges(&vmalloc(&mut m, 1, 17 << 20)));
    assert!(purges(&vmalloc(&mut m, 1, 17 << 20)));
    assert_eq!(m.kmem().vmalloc().expect("it was used").waiting(), 0);
}

/// A request with nothing left ends in NULL, and no trace of it stays.
#[test]
fn a_cache_without_memory_gives_null() {
    for config in [KmemConfig::default(), SLAB] {
        let mut m = boot_lists(1, config, &[(0, &[1])]);
        create(&mut m, 0, CacheArgs::of_size(2000));
        let found = (1..4)
            .take_while(|name| !matches!(told(&cache_alloc(&mut m, *name, 0, 0)), KmemStep::NoObject { .. }));
        assert_eq!(found.count(), 2, "{config:?}");
        assert_eq!(m.named(NameId(3)), Named::Failed);
    }
}

/// `kvmalloc()` takes a block while there is one, and single pages behind each other when there is none.
#[test]
fn kvmalloc_falls_back_to_pages() {
    let mut m = boot_lists(1, KmemConfig::default(), &[(0, &[1, 4, 7, 10, 13]), (2, &[32])]);
    let kvmalloc = |m: &mut Machine, name| {
        kmem(m, KmemOp::Kvmalloc { name: NameId(name), bytes: 16_384, cpu: CpuId(0) });
        m.named(NameId(name))
    };
    let before = nr_free(&m);
    assert!(matches!(kvmalloc(&mut m, 0), Named::Block(block) if block.order == order(2)));
    assert!(matches!(kvmalloc(&mut m, 1), Named::Area(_)));
    assert_eq!(nr_free(&m), [0; 11]);
    free(&mut m, 0);
    free(&mut m, 1);
    let mut left = before;
    left[0] -= 1;
    assert_eq!(nr_free(&m), left, "a table of entries stays");
}

/// Whether bytes are zeroed: with `init_on_alloc` all but what a constructor made, or what may still be looked at
/// (`slab_want_init_on_alloc()`); without, what asks for it.
#[test]
fn what_is_zeroed() {
    let plain = CacheArgs::of_size(64);
    let ctor = CacheArgs { ctor: true, ..plain };
    let rcu = CacheArgs { flags: SlabFlags::TYPESAFE_BY_RCU, ..plain };
    let zeroed = |init_on_alloc: bool| {
        let mut m = boot(1, KmemConfig { init_on_alloc, ..KmemConfig::default() });
        [plain, ctor, rcu].map(|args| {
            create(&mut m, 0, args);
            let [without, with] = [false, true].map(|zero| {
                let (name, cache, cpu) = (NameId(1), NameId(0), CpuId(0));
                let steps = kmem(&mut m, KmemOp::CacheAlloc { name, cache, zero, cpu });
                free(&mut m, 1);
                matches!(told(&steps), KmemStep::Handed { zeroed: true, .. })
            });
            kmem(&mut m, KmemOp::CacheDestroy { cache: NameId(0) });
            (without, with)
        })
    };
    assert_eq!(zeroed(false), [(false, true), (false, true), (false, true)]);
    assert_eq!(zeroed(true), [(true, true), (false, false), (false, true)]);
}

/// A cache with an object in use stays, but gives its other slabs back.
#[test]
fn a_cache_in_use_is_not_destroyed() {
    let mut m = boot_lists(1, KmemConfig::default(), &[(3, &[0, 16, 32])]);
    create(&mut m, 0, CacheArgs::of_size(8192));
    (1..=9).for_each(|name| drop(cache_alloc(&mut m, name, 0, 0)));
    (2..=9).for_each(|name| drop(free(&mut m, name)));
    let destroy = KmemOp::CacheDestroy { cache: NameId(0) };
    assert_eq!(told(&kmem(&mut m, destroy)), KmemStep::StillInUse { cache: NameId(0), objects: 1 });
    assert_eq!((nr_free(&m)[3], figures(&m, NameId(0)).num_slabs), (2, 1));
    free(&mut m, 1);
    assert_eq!(told(&kmem(&mut m, destroy)), KmemStep::Destroyed { cache: NameId(0) });
    assert_eq!(nr_free(&m)[3], 3);
}

/// A cache with two names lives on under the second; nobody else can be called like it meanwhile.
#[test]
fn a_merged_cache_keeps_its_first_name() {
    let mut m = boot(1, KmemConfig::default());
    create(&mut m, 0, CacheArgs::of_size(600));
    assert_eq!(
        told(&create(&mut m, 1, CacheArgs::of_size(596))),
        KmemStep::Merged { name: NameId(1), with: NameId(0) }
    );
    cache_alloc(&mut m, 2, 1, 0);
    let destroy = |m: &mut Machine, name| told(&kmem(m, KmemOp::CacheDestroy { cache: NameId(name) }));
    assert_eq!(destroy(&mut m, 0), KmemStep::Unaliased { name: NameId(0), with: NameId(0) });
    let skipped = StepKind::Skipped { name: NameId(0), reason: SkipReason::StillHeld };
    assert_eq!(create(&mut m, 0, CacheArgs::of_size(4000))[0].kind, skipped);
    assert_eq!(object(&m, 2).0, NameId(0));
    free(&mut m, 2);
    assert_eq!(destroy(&mut m, 1), KmemStep::Destroyed { cache: NameId(0) });
    assert_eq!(told(&create(&mut m, 0, CacheArgs::of_size(4000))), KmemStep::Created { cache: NameId(0) });
}

/// What is too large for a cache counts as slab memory all the same (`kmalloc_large()`), until it is freed.
#[test]
fn large_blocks_of_kmalloc_are_counted() {
    let mut m = boot(1, KmemConfig::default());
    let kmalloc = |name, bytes| KmemOp::Kmalloc {
        name: NameId(name),
        bytes,
        ty: KmallocType::Normal,
        zero: false,
        cpu: CpuId(0),
    };
    kmem(&mut m, kmalloc(0, 40));
    assert_eq!((m.kmalloc_large_pages(), m.kmem().slab_pages()[0]), (NrPages(0), NrPages(1)));
    kmem(&mut m, kmalloc(1, 8193));
    kmem(&mut m, kmalloc(2, 64 << 10));
    alloc(&mut m, 3, 5, PageKind::Unmovable);
    assert_eq!(m.kmalloc_large_pages(), NrPages(4 + 16));
    free(&mut m, 1);
    assert_eq!(m.kmalloc_large_pages(), NrPages(16));
}

#[test]
fn only_classic_slab_has_a_reaper() {
    let reap = |kmem_config| {
        let mut m = boot(1, kmem_config);
        kmem(&mut m, KmemOp::Reap { cpu: CpuId(0) })[0].kind
    };
    assert_eq!(reap(SLAB), StepKind::Kmem(KmemStep::Reaps { cpu: CpuId(0) }));
    assert_eq!(reap(KmemConfig::default()), StepKind::NothingToDo { why: Nothing::NoReaper });
}

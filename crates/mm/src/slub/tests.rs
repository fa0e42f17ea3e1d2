//! SLUB against real kernels: the layouts of every cache they had, and what they did with one.

use proptest::prelude::*;

use super::{Geometry, KmemCache, Object, SlabFigures, SlabPages, SlubStep};
use crate::config::Arch;
use crate::rng::Rng;
use crate::slab_common::{CacheArgs, SlabFlags};
use crate::units::{CpuId, Order, Pfn};

/// Blocks from a row of frames, the lowest that is free; none beyond `end`.
#[derive(Default)]
pub(crate) struct Row {
    pub(crate) taken: Vec<(u32, Order)>,
    pub(crate) end: Option<u32>,
}

impl SlabPages for Row {
    fn take(&mut self, order: Order, min: Order) -> Option<(Pfn, Order, u8)> {
        [order, min].into_iter().find_map(|order| {
            let mut pfn = 0;
            while let Some((at, of)) =
                self.taken.iter().find(|(at, of)| pfn < at + of.pages() && *at < pfn + order.pages())
            {
                pfn = (at + of.pages()).next_multiple_of(order.pages());
            }
            if self.end.is_some_and(|end| pfn + order.pages() > end) {
                return None;
            }
            self.taken.push((pfn, order));
            Some((Pfn(pfn), order, 0))
        })
    }

    fn give_back(&mut self, pfn: Pfn, order: Order) {
        let at = self.taken.iter().position(|taken| *taken == (pfn.0, order)).expect("it was taken");
        self.taken.swap_remove(at);
    }
}

/// The columns of the kernels' tables: `/sys/kernel/slab/*` after boot.
pub(crate) fn rows(table: &'static str) -> impl Iterator<Item = (&'static str, Vec<u32>)> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let (name, numbers) = line.split_once('\t').expect("a name and numbers");
        (name, numbers.split('\t').map(|n| n.parse().expect("a number")).collect())
    })
}

/// Every cache that four kernels had: object size and alignment give the size, the size gives the rest.
#[test]
fn the_layouts_of_real_caches_follow() {
    let tables = [
        (include_str!("../../tests/data/slab/amd64_smp1.tsv"), 1, Arch::X86_64, 157),
        (include_str!("../../tests/data/slab/amd64_smp4.tsv"), 4, Arch::X86_64, 157),
        (include_str!("../../tests/data/slab/cust_smp1.tsv"), 1, Arch::X86_64, 145),
        (include_str!("../../tests/data/slab/i386pae_smp1.tsv"), 1, Arch::I386, 142),
    ];
    for (table, cpus, arch, caches) in tables {
        assert_eq!(rows(table).count(), caches);
        for (name, row) in rows(table) {
            let [object_size, size, objects, order, min_partial, cpu_partial, align] = row[..] else {
                panic!("{name}: seven numbers")
            };
            // Nothing prints whether there is a constructor: one of the two layouts it is.
            let of = |flags| {
                Geometry::of(&CacheArgs { align, flags, ..CacheArgs::of_size(object_size) }, cpus, arch)
            };
            let found = [SlabFlags::NONE, SlabFlags::TYPESAFE_BY_RCU].into_iter().filter_map(of).find(|g| {
                (g.size, u32::from(g.objects), u32::from(g.order.get())) == (size, objects, order)
                    && (g.min_partial, g.cpu_partial) == (min_partial, cpu_partial)
            });
            assert!(found.is_some(), "{name} {row:?}: {:?}", of(SlabFlags::NONE));
        }
    }
}

/// The article's `slabtop`: of each cache its size is printed as hundredths of a KiB; one of those sizes gives the rest.
#[test]
fn the_layouts_of_the_articles_slabtop_follow() {
    let table = include_str!("../../tests/data/slab/article_slabtop.txt");
    let mut caches = 0;
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [objs, _, _, size, slabs, objects, cache_size, name] = words[..] else { panic!("{line}") };
        let number = |word: &str| word.trim_end_matches('K').parse::<u32>().expect("a number");
        let pages = number(cache_size) / number(slabs) / 4;
        assert_eq!(number(objs), number(slabs) * number(objects), "{line}");
        assert_eq!(number(cache_size), number(slabs) * pages * 4, "{line}");
        let found = (8u32..=16384).step_by(8).find(|bytes| {
            let printed = format!("{:.2}K", f64::from(*bytes) / 1024.0);
            printed == size
                && Geometry::of(&CacheArgs::of_size(*bytes), 4, Arch::X86_64)
                    .is_some_and(|g| (u32::from(g.objects), g.order.pages()) == (number(objects), pages))
        });
        assert!(found.is_some(), "{name}: {line}");
        caches += 1;
    }
    assert_eq!(caches, 37);
}

#[test]
fn facts_07_orders_of_kmalloc() {
    // (order, objects) for 1, 4, 8 and 16 CPUs.
    let table: [(u32, [(u8, u16); 4]); 13] = [
        (8, [(0, 512); 4]),
        (16, [(0, 256); 4]),
        (32, [(0, 128); 4]),
        (64, [(0, 64); 4]),
        (96, [(0, 42); 4]),
        (128, [(0, 32); 4]),
        (192, [(0, 21), (0, 21), (0, 21), (1, 42)]),
        (256, [(0, 16), (0, 16), (1, 32), (1, 32)]),
        (512, [(0, 8), (1, 16), (2, 32), (2, 32)]),
        (1024, [(1, 8), (2, 16), (3, 32), (3, 32)]),
        (2048, [(2, 8), (3, 16), (3, 16), (3, 16)]),
        (4096, [(3, 8); 4]),
        (8192, [(3, 4); 4]),
    ];
    let geometry =
        |size, cpus| Geometry::of(&CacheArgs::of_size(size), cpus, Arch::X86_64).expect("it has an order");
    for (size, expected) in table {
        let got = [1, 4, 8, 16].map(|cpus| geometry(size, cpus)).map(|g| (g.order.get(), g.objects));
        assert_eq!(got, expected, "{size}");
    }
    let orders = |size| [1, 4, 8, 16].map(|cpus| geometry(size, cpus).order.get());
    for (size, expected) in [
        (200, [0, 0, 0, 1]),
        (232, [0, 0, 1, 1]),
        (264, [0, 1, 1, 1]),
        (320, [0, 1, 1, 1]),
        (448, [0, 1, 2, 2]),
        (576, [1, 2, 2, 2]),
        (704, [1, 2, 2, 3]),
        (1000, [1, 2, 3, 3]),
        (1088, [2, 3, 3, 3]),
        (2112, [3; 4]),
        (6016, [3; 4]),
        (9792, [3; 4]),
        (16384, [3; 4]),
    ] {
        assert_eq!(orders(size), expected, "{size}");
    }
    let slabs = |size| geometry(size, 4).cpu_partial_slabs;
    let sizes = [8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192];
    assert_eq!(sizes.map(slabs), [1, 1, 2, 4, 6, 8, 12, 7, 7, 3, 3, 2, 3]);
}

pub(crate) fn numbers<'a>(words: impl Iterator<Item = &'a str>) -> Vec<u32> {
    words.map(|word| word.parse().expect("a number")).collect()
}

fn cache_of(object_size: u32, cpus: u8) -> KmemCache {
    let args = CacheArgs::of_size(object_size);
    KmemCache::new(args, Geometry::of(&args, cpus.into(), Arch::X86_64).expect("it has an order"), cpus, 1)
}

/// What a real kernel did with a cache of its own (`wl/m_slub_dynamics.txt` of `cust_256M_smp1`): the place of every
/// object, and the figures on the way.
#[test]
fn a_real_cache_fills_and_empties() {
    let table = include_str!("../../tests/data/slab/slub_dynamics.txt");
    let mut sizes = 0;
    for part in table.split("\ncache ").skip(1) {
        let (size, rest) = part.split_once('\n').expect("a size");
        let mut cache = cache_of(size.parse().expect("a number"), 1);
        let (mut row, mut held, mut slabs) = (Row::default(), Vec::new(), Vec::new());
        for line in rest.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split_whitespace();
            match words.next() {
                // Where objects lay: the number of their slab among all that came, the first offset, the step.
                Some("at") => {
                    let [number, offset, step, count] = numbers(words)[..] else { panic!("{line}") };
                    for at in 0..count {
                        let object = cache
                            .alloc(CpuId(0), 0, &mut row, &mut |step| {
                                if let SlubStep::NewSlab { slab, .. } = step {
                                    slabs.push(slab);
                                }
                            })
                            .expect("there is memory");
                        let slab = slabs.iter().position(|slab| *slab == object.slab).expect("it came");
                        let lies = u32::from(object.index) * cache.geometry().size;
                        assert_eq!((slab as u32, lies), (number, offset + at * step), "{size}: {line}");
                        held.push(Some(object));
                    }
                }
                Some("free") => {
                    let [from, below, every] = numbers(words)[..] else { panic!("{line}") };
                    for number in (from..below).step_by(every as usize) {
                        if let Some(object) = held[number as usize].take() {
                            cache.free(CpuId(0), object, &mut row, &mut |_| ()).expect("it is in use");
                        }
                    }
                }
                Some("shrink") => cache.shrink(&mut row, &mut |_| ()),
                Some("figures") => {
                    let [
                        objects,
                        total_objects,
                        slabs,
                        partial,
                        objects_partial,
                        cpu_slabs,
                        slabs_cpu_partial,
                    ] = numbers(words)[..]
                    else {
                        panic!("{line}")
                    };
                    let expected = SlabFigures {
                        objects,
                        total_objects,
                        slabs,
                        partial,
                        objects_partial,
                        cpu_slabs,
                        slabs_cpu_partial,
                    };
                    assert_eq!(cache.figures(), expected, "{size}: after {} allocations", held.len());
                }
                _ => panic!("{line}"),
            }
            assert_eq!(cache.check(), Ok(()));
        }
        assert!(row.taken.is_empty(), "all is given back");
        sizes += 1;
    }
    assert_eq!(sizes, 5);
}

/// Facts 07, §8: four CPUs, kmalloc-1k.
#[test]
fn facts_07_unit_test() {
    let (mut cache, mut row) = (cache_of(1024, 4), Row::default());
    let alloc = |cache: &mut KmemCache, row: &mut Row| {
        let mut steps = Vec::new();
        let object = cache.alloc(CpuId(0), 0, row, &mut |step| steps.push(step)).expect("there is memory");
        (object, steps)
    };
    let first: Vec<Object> = (0..17).map(|_| alloc(&mut cache, &mut row).0).collect();
    assert_eq!(row.taken.len(), 2);
    assert!(row.taken.iter().all(|(_, order)| order.get() == 2));
    let a = first[0].slab;
    let mut steps = Vec::new();
    cache.free(CpuId(0), first[3], &mut row, &mut |step| steps.push(step)).expect("it is in use");
    assert_eq!(
        steps,
        [SlubStep::SlowFree { object: first[3], frozen: false }, SlubStep::ToCpuPartial { slab: a }]
    );
    let SlabFigures { objects, total_objects, slabs_cpu_partial, .. } = cache.figures();
    assert_eq!((objects, total_objects, slabs_cpu_partial), (32, 32, 1));
    for _ in 0..15 {
        assert_ne!(alloc(&mut cache, &mut row).0.slab, a);
    }
    let (object, steps) = alloc(&mut cache, &mut row);
    assert_eq!(object, first[3]);
    assert_eq!(
        steps,
        [
            SlubStep::LetsFullSlabGo { slab: first[16].slab },
            SlubStep::TakesCpuPartial { slab: a },
            SlubStep::TakesRemoteFrees { slab: a, objects: 1 },
            SlubStep::FastAlloc(object)
        ]
    );
}

/// An object that another CPU frees goes to the slab, and comes back when the first CPU has nothing else left.
#[test]
fn remote_frees_come_back_all_at_once() {
    let (mut cache, mut row) = (cache_of(1024, 2), Row::default());
    let objects: Vec<Object> =
        (0..16).map(|_| cache.alloc(CpuId(0), 0, &mut row, &mut |_| ()).expect("there is memory")).collect();
    for object in &objects[..3] {
        let mut steps = Vec::new();
        cache.free(CpuId(1), *object, &mut row, &mut |step| steps.push(step)).expect("it is in use");
        assert_eq!(steps, [SlubStep::SlowFree { object: *object, frozen: true }]);
    }
    assert_eq!(cache.free(CpuId(1), objects[0], &mut row, &mut |_| ()), Err(super::NotInUse(objects[0])));
    let mut steps = Vec::new();
    let object = cache.alloc(CpuId(0), 0, &mut row, &mut |step| steps.push(step));
    assert_eq!(object, Some(objects[2]), "the last one that was freed");
    assert_eq!(steps[0], SlubStep::TakesRemoteFrees { slab: objects[0].slab, objects: 3 });
}

#[derive(Clone, Copy, Debug)]
enum Deed {
    Alloc(u8),
    Free(u8, usize),
    Flush(u8),
    Shrink,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        10 => (0u8..3).prop_map(Deed::Alloc),
        9 => (0u8..3, any::<usize>()).prop_map(|(cpu, which)| Deed::Free(cpu, which)),
        1 => (0u8..3).prop_map(Deed::Flush),
        1 => Just(Deed::Shrink),
    ];
    prop::collection::vec(deed, 0..400)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("MMSCOPE_PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(60),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// No object is handed out twice, none is lost, and every law holds after every deed.
    #[test]
    fn objects_are_conserved(size in 8u32..9000, random in any::<bool>(), end in 4u32..200, deeds in deeds()) {
        let mut cache = cache_of(size, 3);
        if random {
            cache = cache.randomised(Rng::new(7, u64::from(size)));
        }
        let mut row = Row { taken: Vec::new(), end: Some(end) };
        let mut held: Vec<Object> = Vec::new();
        for deed in deeds {
            match deed {
                Deed::Alloc(cpu) => {
                    if let Some(object) = cache.alloc(CpuId(cpu), 0, &mut row, &mut |_| ()) {
                        prop_assert!(!held.contains(&object), "{:?} is handed out twice", object);
                        held.push(object);
                    }
                }
                Deed::Free(cpu, which) if !held.is_empty() => {
                    let object = held.swap_remove(which % held.len());
                    prop_assert_eq!(cache.free(CpuId(cpu), object, &mut row, &mut |_| ()), Ok(()));
                    prop_assert!(cache.free(CpuId(cpu), object, &mut row, &mut |_| ()).is_err());
                }
                Deed::Free(..) => {}
                Deed::Flush(cpu) => cache.flush_cpu(CpuId(cpu), &mut row, &mut |_| ()),
                Deed::Shrink => {
                    cache.shrink(&mut row, &mut |_| ());
                    prop_assert_eq!(cache.figures().objects, held.len() as u32);
                }
            }
            prop_assert_eq!(cache.check(), Ok(()));
            prop_assert_eq!(cache.figures().slabs as usize, row.taken.len());
        }
        for object in held {
            cache.free(CpuId(0), object, &mut row, &mut |_| ()).expect("it is in use");
        }
        cache.shrink(&mut row, &mut |_| ());
        prop_assert!(row.taken.is_empty());
    }
}

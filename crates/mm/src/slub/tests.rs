//! SLUB against real kernels: the layouts of every cache they had, and what they did with one.

use proptest::prelude::*;

use super::{Geometry, KmemCache, NotInUse, Object, SlabFigures, SlubStep};
use crate::config::Arch;
use crate::rng::Rng;
use crate::slab_common::{CacheArgs, SlabFlags};
use crate::testing::{Cache, Row, Watched, as_a_real_kernel, config, conserves_objects, deeds, rows};
use crate::units::CpuId;

impl Cache for KmemCache {
    fn alloc(&mut self, cpu: CpuId, row: &mut Row) -> Option<Object> {
        KmemCache::alloc(self, cpu, 0, row)
    }

    fn free(&mut self, cpu: CpuId, object: Object, row: &mut Row) -> Result<(), NotInUse> {
        KmemCache::free(self, cpu, object, row)
    }

    fn shrink(&mut self, row: &mut Row) {
        KmemCache::shrink(self, row);
    }

    fn tidy(&mut self, cpu: CpuId, _of_node: bool, row: &mut Row) {
        self.flush_cpu(cpu, row);
    }

    fn check(&self) -> Result<(), String> {
        KmemCache::check(self)
    }

    fn counts(&self) -> (u32, u32) {
        let figures = KmemCache::figures(self);
        (figures.slabs, figures.objects)
    }

    fn place(&self, object: Object) -> u32 {
        u32::from(object.index) * self.geometry().size
    }

    fn figures(&self) -> Vec<u32> {
        let f = KmemCache::figures(self);
        vec![
            f.objects,
            f.total_objects,
            f.slabs,
            f.partial,
            f.objects_partial,
            f.cpu_slabs,
            f.slabs_cpu_partial,
        ]
    }
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

fn cache_of(object_size: u32, cpus: u8) -> KmemCache {
    let args = CacheArgs::of_size(object_size);
    KmemCache::new(args, Geometry::of(&args, cpus.into(), Arch::X86_64).expect("it has an order"), cpus, 1)
}

/// `wl/m_slub_dynamics.txt` of `cust_256M_smp1`.
#[test]
fn a_real_cache_fills_and_empties() {
    as_a_real_kernel(include_str!("../../tests/data/slab/slub_dynamics.txt"), |size| cache_of(size, 1));
}

/// Facts 07, §8: four CPUs, kmalloc-1k.
#[test]
fn facts_07_unit_test() {
    let (mut cache, mut host) = (cache_of(1024, 4), Watched::new());
    let alloc = |cache: &mut KmemCache, host: &mut Watched<SlubStep>| {
        cache.alloc(CpuId(0), 0, host).expect("there is memory")
    };
    let first: Vec<Object> = (0..17).map(|_| alloc(&mut cache, &mut host)).collect();
    assert_eq!(host.row.taken.len(), 2);
    assert!(host.row.taken.iter().all(|(_, order)| order.get() == 2));
    let a = first[0].slab;
    host.steps.clear();
    cache.free(CpuId(0), first[3], &mut host).expect("it is in use");
    assert_eq!(
        host.steps,
        [SlubStep::SlowFree { object: first[3], frozen: false }, SlubStep::ToCpuPartial { slab: a }]
    );
    let SlabFigures { objects, total_objects, slabs_cpu_partial, .. } = cache.figures();
    assert_eq!((objects, total_objects, slabs_cpu_partial), (32, 32, 1));
    for _ in 0..15 {
        assert_ne!(alloc(&mut cache, &mut host).slab, a);
    }
    host.steps.clear();
    let object = alloc(&mut cache, &mut host);
    assert_eq!(object, first[3]);
    assert_eq!(
        host.steps,
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
    let (mut cache, mut host) = (cache_of(1024, 2), Watched::new());
    let objects: Vec<Object> =
        (0..16).map(|_| cache.alloc(CpuId(0), 0, &mut host).expect("there is memory")).collect();
    for object in &objects[..3] {
        host.steps.clear();
        cache.free(CpuId(1), *object, &mut host).expect("it is in use");
        assert_eq!(host.steps, [SlubStep::SlowFree { object: *object, frozen: true }]);
    }
    assert_eq!(cache.free(CpuId(1), objects[0], &mut host), Err(super::NotInUse(objects[0])));
    host.steps.clear();
    let object = cache.alloc(CpuId(0), 0, &mut host);
    assert_eq!(object, Some(objects[2]), "the last one that was freed");
    assert_eq!(host.steps[0], SlubStep::TakesRemoteFrees { slab: objects[0].slab, objects: 3 });
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn objects_are_conserved(size in 8u32..9000, random in any::<bool>(), end in 4u32..200, deeds in deeds()) {
        let plain = cache_of(size, 3);
        let cache = if random { plain.randomised(Rng::new(7, u64::from(size))) } else { plain };
        conserves_objects(cache, end, deeds)?;
    }
}

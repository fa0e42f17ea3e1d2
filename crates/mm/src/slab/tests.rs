//! Classic SLAB against a real kernel and against the worked examples of the facts.

use proptest::prelude::*;

use super::{Era, Geometry, KmemCache, Machine, Management, SlabStep, general_caches};
use crate::config::Arch;
use crate::slab_common::{CacheArgs, SlabFlags};
use crate::slub::{NotInUse, Object};
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

    fn tidy(&mut self, cpu: CpuId, of_node: bool, row: &mut Row) {
        self.reap(cpu, of_node.then_some(0), row);
    }

    fn check(&self) -> Result<(), String> {
        KmemCache::check(self)
    }

    fn counts(&self) -> (u32, u32) {
        let info = self.slabinfo();
        (info.num_slabs, info.active_objs)
    }

    fn place(&self, object: Object) -> u32 {
        self.geometry().place(self.colour(object).expect("its slab is there"), object.index)
    }

    fn figures(&self) -> Vec<u32> {
        let info = self.slabinfo();
        assert_eq!(info.shared_avail, 0, "one CPU shares with nobody");
        vec![info.active_objs, info.num_objs, info.active_slabs, info.num_slabs]
    }
}

fn geometry(args: &CacheArgs, era: Era, machine: Machine) -> Geometry {
    Geometry::of(args, era, machine).expect("it has an order")
}

fn one_cpu() -> Machine {
    Machine::of(Arch::X86_64, 1)
}

const HWCACHE: SlabFlags = SlabFlags::HWCACHE_ALIGN;

fn aligned(object_size: u32) -> CacheArgs {
    CacheArgs { flags: HWCACHE, ..CacheArgs::of_size(object_size) }
}

/// Every line of a real kernel's `/proc/slabinfo`: the size gives the rest.
#[test]
fn the_layouts_of_real_caches_follow() {
    let table = include_str!("../../tests/data/slab/custslab_smp1.tsv");
    assert_eq!(rows(table).count(), 136);
    for (name, row) in rows(table) {
        let [size, objects, pages, limit, batchcount, shared] = row[..] else {
            panic!("{name}: six numbers")
        };
        // Nothing prints the bytes of the object itself, nor whether it has a constructor, nor the flags.
        let found = (size.saturating_sub(63).max(1)..=size).rev().any(|object_size| {
            let layouts = [SlabFlags::NONE, SlabFlags::RECLAIM_ACCOUNT].map(|flags| {
                [false, true].map(|ctor| CacheArgs {
                    ctor,
                    flags,
                    align: (size & size.wrapping_neg()).min(64),
                    ..CacheArgs::of_size(object_size)
                })
            });
            layouts.iter().flatten().any(|args| {
                Geometry::of(args, Era::Linux6_1, one_cpu()).is_some_and(|g| {
                    (g.size, u32::from(g.objects), g.order.pages()) == (size, objects, pages)
                        && (g.limit, g.batchcount, g.shared) == (limit, batchcount, shared)
                })
            })
        });
        assert!(found, "{name} {row:?}");
    }
}

#[test]
fn facts_08_geometry_of_6_1() {
    use Management::{ObjFreelist, OnSlab};
    let ctor = |object_size| CacheArgs { ctor: true, ..CacheArgs::of_size(object_size) };
    for (args, management, size, objects, order, left_over, colours) in [
        (CacheArgs::of_size(32), OnSlab, 32, 124, 0, 4, 0),
        (CacheArgs::of_size(64), ObjFreelist, 64, 64, 0, 0, 0),
        (CacheArgs::of_size(192), ObjFreelist, 192, 21, 0, 64, 1),
        (CacheArgs::of_size(320), ObjFreelist, 320, 12, 0, 256, 4),
        (CacheArgs::of_size(352), ObjFreelist, 352, 11, 0, 224, 3),
        (ctor(600), OnSlab, 600, 6, 0, 490, 7),
        (aligned(700), ObjFreelist, 704, 11, 1, 448, 7),
        (CacheArgs::of_size(1536), ObjFreelist, 1536, 5, 1, 512, 8),
        (CacheArgs::of_size(2240), ObjFreelist, 2240, 3, 1, 1472, 23),
    ] {
        let g = geometry(&args, Era::Linux6_1, one_cpu());
        assert_eq!(
            (g.management, g.size, g.objects, g.order.get(), g.left_over, g.colours),
            (management, size, objects, order, left_over, colours),
            "{args:?}"
        );
    }
}

#[test]
fn facts_08_geometry_of_2_6() {
    use Management::{OffSlab, OnSlab};
    let pc = |arch, line| Machine { line, ..Machine::of(arch, 1) };
    let plain = CacheArgs::of_size;
    for (arch, line, args, management, objects, order, left_over, colours) in [
        (Arch::I386, 32, aligned(128), OnSlab, 30, 0, 96, 3),
        (Arch::I386, 32, plain(200), OnSlab, 19, 0, 192, 6),
        (Arch::I386, 32, aligned(256), OnSlab, 15, 0, 160, 5),
        (Arch::I386, 32, plain(320), OnSlab, 12, 0, 180, 5),
        (Arch::I386, 32, plain(700), OnSlab, 11, 1, 420, 13),
        (Arch::I386, 32, plain(1536), OnSlab, 5, 1, 464, 14),
        (Arch::I386, 32, aligned(2048), OffSlab, 2, 0, 0, 0),
        (Arch::I386, 32, aligned(512), OffSlab, 8, 0, 0, 0),
        (Arch::I386, 64, plain(200), OnSlab, 19, 0, 192, 3),
        (Arch::I386, 64, aligned(256), OnSlab, 15, 0, 128, 2),
        (Arch::I386, 64, plain(700), OnSlab, 11, 1, 420, 6),
        (Arch::I386, 64, plain(1536), OnSlab, 5, 1, 464, 7),
        (Arch::X86_64, 64, plain(100), OnSlab, 37, 0, 48, 0),
        (Arch::X86_64, 64, plain(200), OnSlab, 19, 0, 168, 2),
        (Arch::X86_64, 64, plain(320), OnSlab, 12, 0, 160, 2),
        (Arch::X86_64, 64, plain(500), OnSlab, 7, 0, 488, 7),
        (Arch::X86_64, 64, plain(700), OnSlab, 11, 1, 352, 5),
        (Arch::X86_64, 64, plain(1536), OnSlab, 5, 1, 440, 6),
        (Arch::X86_64, 64, aligned(1696), OnSlab, 4, 1, 1216, 19),
    ] {
        let g = geometry(&args, Era::Linux2_6, pc(arch, line));
        assert_eq!(
            (g.management, g.objects, g.order.get(), g.left_over, g.colours),
            (management, objects, order, left_over, colours),
            "{arch:?} {line} {args:?} {g:?}"
        );
    }
}

#[test]
fn general_caches_of_2_6() {
    let of = |line, largest| general_caches(line, largest).collect::<Vec<u32>>();
    assert_eq!(
        of(64, 131_072),
        [32, 64, 128, 192, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131_072]
    );
    assert_eq!(of(32, 512), [32, 64, 96, 128, 192, 256, 512]);
    assert_eq!(of(64, 33_554_432).last(), Some(&33_554_432));
}

/// 6.1 counts first and uses then; 2.6.32 the other way round. Both begin again after the last colour.
#[test]
fn slabs_take_turns_in_their_colours() {
    let colours = |args: CacheArgs, era, slabs: usize| {
        let g = geometry(&args, era, one_cpu());
        let (mut cache, mut host) = (KmemCache::new(args, g, 1, 1), Watched::new());
        let mut seen = Vec::new();
        while seen.len() < slabs {
            cache.alloc(CpuId(0), 0, &mut host);
            seen.extend(host.steps.drain(..).filter_map(|step| match step {
                SlabStep::NewSlab { colour, .. } => Some(colour * g.colour_off),
                _ => None,
            }));
        }
        seen
    };
    assert_eq!(colours(CacheArgs::of_size(320), Era::Linux6_1, 6), [64, 128, 192, 0, 64, 128]);
    assert_eq!(colours(CacheArgs::of_size(352), Era::Linux6_1, 4), [64, 128, 0, 64]);
    assert_eq!(colours(CacheArgs::of_size(192), Era::Linux6_1, 2), [0, 0]);
    assert_eq!(colours(CacheArgs::of_size(500), Era::Linux2_6, 8), [0, 64, 128, 192, 256, 320, 384, 0]);
}

/// Facts 08, A4: the first object of a cold cache is the last one of its slab's first batch.
#[test]
fn facts_08_first_objects() {
    let args = CacheArgs::of_size(320);
    let (mut cache, mut row) =
        (KmemCache::new(args, geometry(&args, Era::Linux6_1, one_cpu()), 1, 1), Row::default());
    let order: Vec<u16> =
        (0..12).map(|_| cache.alloc(CpuId(0), 0, &mut row).expect("there is memory").index).collect();
    assert_eq!(order, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    assert_eq!(row.taken.len(), 1);
}

/// `wl/m_slabinfo_dynamics.txt` of `custSLAB_256M_smp1`.
#[test]
fn a_real_cache_fills_and_empties() {
    as_a_real_kernel(include_str!("../../tests/data/slab/slab_dynamics.txt"), |size| {
        let args = aligned(size);
        KmemCache::new(args, geometry(&args, Era::Linux6_1, one_cpu()), 1, 1)
    });
}

/// An array that nobody uses loses a fifth every time, and a slab that is empty then goes in the end.
#[test]
fn the_reaper_takes_what_is_not_used() {
    let args = CacheArgs::of_size(64);
    let g = geometry(&args, Era::Linux6_1, one_cpu());
    let (mut cache, mut row) = (KmemCache::new(args, g, 1, 1), Row::default());
    let object = cache.alloc(CpuId(0), 0, &mut row).expect("there is memory");
    cache.free(CpuId(0), object, &mut row).expect("it is in use");
    let mut moved = Vec::new();
    for _ in 0..8 {
        let before = cache.slabinfo().active_objs;
        cache.reap(CpuId(0), None, &mut row);
        moved.push(before - cache.slabinfo().active_objs);
    }
    // The first time it was used; then a fifth of 120 is more than it has, so half of what is there.
    assert_eq!(moved, [0, 8, 4, 2, 1, 1, 0, 0]);
    assert_eq!(row.taken.len(), 1);
    cache.reap(CpuId(0), Some(0), &mut row);
    assert_eq!(row.taken.len(), 1, "somebody wanted a free slab since");
    cache.reap(CpuId(0), Some(0), &mut row);
    assert!(row.taken.is_empty());
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn objects_are_conserved(size in 1u32..9000, old in any::<bool>(), end in 4u32..200, deeds in deeds()) {
        let args = CacheArgs::of_size(size);
        let era = if old { Era::Linux2_6 } else { Era::Linux6_1 };
        let g = geometry(&args, era, Machine::of(Arch::X86_64, 3));
        conserves_objects(KmemCache::new(args, g, 3, 1), end, deeds)?;
    }
}

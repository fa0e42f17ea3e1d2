//! Classic SLAB against a real kernel and against the worked examples of the facts.

use proptest::prelude::*;

use super::{Era, Geometry, KmemCache, Machine, Management, SlabInfo, SlabStep, general_caches};
use crate::config::Arch;
use crate::slab_common::{CacheArgs, SlabFlags};
use crate::slub::Object;
use crate::slub::tests::{Row, numbers, rows};
use crate::units::CpuId;

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
        let (mut cache, mut row, mut seen) = (KmemCache::new(args, g, 1, 1), Row::default(), Vec::new());
        while seen.len() < slabs {
            cache.alloc(CpuId(0), 0, &mut row, &mut |step| {
                if let SlabStep::NewSlab { colour, .. } = step {
                    seen.push(colour * g.colour_off);
                }
            });
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
    let order: Vec<u16> = (0..12)
        .map(|_| cache.alloc(CpuId(0), 0, &mut row, &mut |_| ()).expect("there is memory").index)
        .collect();
    assert_eq!(order, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    assert_eq!(row.taken.len(), 1);
}

/// What a real kernel did with a cache of its own (`wl/m_slabinfo_dynamics.txt` of `custSLAB_256M_smp1`): the place of
/// every object, and the line of `/proc/slabinfo` on the way.
#[test]
fn a_real_cache_fills_and_empties() {
    let table = include_str!("../../tests/data/slab/slab_dynamics.txt");
    let mut sizes = 0;
    for part in table.split("\ncache ").skip(1) {
        let (size, rest) = part.split_once('\n').expect("a size");
        let args = aligned(size.parse().expect("a number"));
        let g = geometry(&args, Era::Linux6_1, one_cpu());
        let mut cache = KmemCache::new(args, g, 1, 1);
        let (mut row, mut held, mut slabs) = (Row::default(), Vec::new(), Vec::new());
        for line in rest.lines() {
            let mut words = line.split_whitespace();
            match words.next() {
                Some("at") => {
                    let parts: Vec<i32> = words.map(|word| word.parse().expect("a number")).collect();
                    let [number, offset, step, count] = parts[..] else { panic!("{line}") };
                    for at in 0..count {
                        let object = cache
                            .alloc(CpuId(0), 0, &mut row, &mut |step| {
                                if let SlabStep::NewSlab { slab, .. } = step {
                                    slabs.push(slab);
                                }
                            })
                            .expect("there is memory");
                        let slab = slabs.iter().position(|slab| *slab == object.slab).expect("it came");
                        let colour = cache.colour(object).expect("it is there");
                        let lies = g.place(colour, object.index);
                        assert_eq!(
                            (slab as i32, lies as i32),
                            (number, offset + at * step),
                            "{size}: {line}"
                        );
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
                Some("slabinfo") => {
                    let [active_objs, num_objs, active_slabs, num_slabs] = numbers(words)[..] else {
                        panic!("{line}")
                    };
                    let expected =
                        SlabInfo { active_objs, num_objs, active_slabs, num_slabs, shared_avail: 0 };
                    assert_eq!(
                        cache.slabinfo(),
                        expected,
                        "{size}: {line}, after {} allocations",
                        held.len()
                    );
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

/// An array that nobody uses loses a fifth every time, and a slab that is empty then goes in the end.
#[test]
fn the_reaper_takes_what_is_not_used() {
    let args = CacheArgs::of_size(64);
    let g = geometry(&args, Era::Linux6_1, one_cpu());
    let (mut cache, mut row) = (KmemCache::new(args, g, 1, 1), Row::default());
    let object = cache.alloc(CpuId(0), 0, &mut row, &mut |_| ()).expect("there is memory");
    cache.free(CpuId(0), object, &mut row, &mut |_| ()).expect("it is in use");
    let mut moved = Vec::new();
    for _ in 0..8 {
        let before = cache.slabinfo().active_objs;
        cache.reap(CpuId(0), None, &mut row, &mut |_| ());
        moved.push(before - cache.slabinfo().active_objs);
    }
    // The first time it was used; then a fifth of 120 is more than it has, so half of what is there.
    assert_eq!(moved, [0, 8, 4, 2, 1, 1, 0, 0]);
    assert_eq!(row.taken.len(), 1);
    cache.reap(CpuId(0), Some(0), &mut row, &mut |_| ());
    assert_eq!(row.taken.len(), 1, "somebody wanted a free slab since");
    cache.reap(CpuId(0), Some(0), &mut row, &mut |_| ());
    assert!(row.taken.is_empty());
}

#[derive(Clone, Copy, Debug)]
enum Deed {
    Alloc(u8),
    Free(u8, usize),
    Reap(u8, bool),
    Shrink,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        10 => (0u8..3).prop_map(Deed::Alloc),
        9 => (0u8..3, any::<usize>()).prop_map(|(cpu, which)| Deed::Free(cpu, which)),
        1 => (0u8..3, any::<bool>()).prop_map(|(cpu, node)| Deed::Reap(cpu, node)),
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
    fn objects_are_conserved(size in 1u32..9000, old in any::<bool>(), end in 4u32..200, deeds in deeds()) {
        let args = CacheArgs::of_size(size);
        let era = if old { Era::Linux2_6 } else { Era::Linux6_1 };
        let g = geometry(&args, era, Machine::of(Arch::X86_64, 3));
        let (mut cache, mut row) = (KmemCache::new(args, g, 3, 1), Row { taken: Vec::new(), end: Some(end) });
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
                Deed::Reap(cpu, node) => cache.reap(CpuId(cpu), node.then_some(0), &mut row, &mut |_| ()),
                Deed::Shrink => {
                    cache.shrink(&mut row, &mut |_| ());
                    prop_assert_eq!(cache.slabinfo().active_objs, held.len() as u32);
                }
            }
            prop_assert_eq!(cache.check(), Ok(()));
            prop_assert_eq!(cache.slabinfo().num_slabs as usize, row.taken.len());
        }
        for object in held {
            cache.free(CpuId(0), object, &mut row, &mut |_| ()).expect("it is in use");
        }
        cache.shrink(&mut row, &mut |_| ());
        prop_assert!(row.taken.is_empty());
    }
}

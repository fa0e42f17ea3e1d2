//! The laws of the machine, on random machines and random ops.

mod common;

use mm::config::{Arch, Mobility};
use mm::gfp::GfpFlags;
use mm::mmzone::{ZoneId, ZoneKind};
use mm::op::{Gfp, KmemOp, NameId, PageKind, Sysctl, Workload};
use mm::setup::Tunables;
use mm::slab_common::{Allocator, CacheArgs, KmallocType, KmemConfig, SlabFlags};
use mm::{Config, CpuId, Machine, Named, NrPages, Observer, Op, Step, UnitEnd};
use proptest::prelude::*;

/// CPUs of every machine here.
const CPUS: u8 = 3;
/// Names that ops give and take away; few, so that they meet.
const NAMES: u32 = 40;
/// Of them, so many are mostly those of caches.
const CACHES: u32 = 4;

/// Machines of one, two or three nodes, x86-64 and i386, or with zones of odd sizes; small, so that memory runs low.
fn machines() -> impl Strategy<Value = Config> {
    let layouts = prop_oneof![
        (4200u32..7000).prop_map(Config::x86_64),
        (4200u32..7000).prop_map(|frames| Config::pc(Arch::I386, &[frames])),
        (4200u32..6000, 64u32..3000).prop_map(|(a, b)| Config::pc(Arch::X86_64, &[a, b])),
        (4200u32..5000, 64u32..2000, 64u32..2000).prop_map(|(a, b, c)| Config::pc(Arch::X86_64, &[a, b, c])),
        (64u32..5000).prop_map(Config::single_zone),
        zones(),
    ];
    let switches = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let cpus = prop::array::uniform3(any::<prop::sample::Index>());
    (layouts, switches, cpus, 1u8..=10, tunables(), any::<u64>(), kmem_configs()).prop_map(
        |(layout, (pcp, watermarks, cma, usual, groups), cpus, pageblock, tunables, seed, kmem)| {
            let nodes = usize::from(layout.nodes());
            let pageblock = if usual { 9 } else { pageblock };
            Config {
                pcp,
                watermarks,
                cma,
                cpus: cpus.iter().map(|at| at.index(nodes) as u8).collect(),
                pageblock_order: common::order(pageblock),
                mobility: if groups { Mobility::On } else { Mobility::Auto },
                tunables,
                seed,
                kmem,
                ..layout
            }
        },
    )
}

fn kmem_configs() -> impl Strategy<Value = KmemConfig> {
    let allocators = prop::sample::select(vec![
        (Allocator::Slub, mm::slab::Era::Linux6_1),
        (Allocator::Slab, mm::slab::Era::Linux6_1),
        (Allocator::Slab, mm::slab::Era::Linux2_6),
    ]);
    let switches = (any::<bool>(), any::<bool>(), any::<bool>());
    (allocators, switches).prop_map(|((allocator, era), (freelist_random, colour, init_on_alloc))| {
        KmemConfig { allocator, era, freelist_random, colour, init_on_alloc }
    })
}

/// Caches have names of their own, so that objects find them.
fn kmem_ops() -> impl Strategy<Value = KmemOp> {
    let name = || (CACHES..NAMES).prop_map(NameId);
    let cache = || (0..CACHES).prop_map(NameId);
    let cpu = || (0..CPUS).prop_map(CpuId);
    let types = [KmallocType::Normal, KmallocType::Cgroup, KmallocType::Reclaim, KmallocType::Dma];
    let ty = prop::sample::select(types.to_vec());
    let flags =
        [SlabFlags::NONE, SlabFlags::HWCACHE_ALIGN, SlabFlags::RECLAIM_ACCOUNT, SlabFlags::TYPESAFE_BY_RCU];
    let flags = prop::sample::select(flags.to_vec());
    let size = prop_oneof![3 => 1u32..3000, 1 => 1u32..100_000];
    let bytes = || prop_oneof![5 => 0u32..9000, 1 => 0u32..5_000_000];
    let args = (size, 0u32..8, flags, any::<bool>(), any::<bool>()).prop_map(
        |(object_size, align, flags, ctor, user_copy)| CacheArgs {
            object_size,
            align: if align < 3 { 0 } else { 1 << align },
            flags,
            ctor,
            user_copy,
        },
    );
    prop_oneof![
        3 => (cache(), args, any::<bool>()).prop_map(|(name, args, merge)| KmemOp::CacheCreate { name, args, merge }),
        20 => (name(), cache(), any::<bool>(), cpu())
            .prop_map(|(name, cache, zero, cpu)| KmemOp::CacheAlloc { name, cache, zero, cpu }),
        12 => (name(), bytes(), ty, any::<bool>(), cpu())
            .prop_map(|(name, bytes, ty, zero, cpu)| KmemOp::Kmalloc { name, bytes, ty, zero, cpu }),
        2 => cache().prop_map(|cache| KmemOp::CacheShrink { cache }),
        1 => cache().prop_map(|cache| KmemOp::CacheDestroy { cache }),
        4 => (name(), 0u64..2_000_000, any::<bool>(), cpu())
            .prop_map(|(name, bytes, zero, cpu)| KmemOp::Vmalloc { name, bytes, zero, cpu }),
        2 => (name(), bytes(), cpu()).prop_map(|(name, bytes, cpu)| KmemOp::Kvmalloc { name, bytes, cpu }),
        2 => cpu().prop_map(|cpu| KmemOp::Reap { cpu }),
        3 => (name(), 0u32..5000, cpu()).prop_map(|(name, offset, cpu)| KmemOp::Touch { name, offset, cpu }),
    ]
}

/// Zones of any kind, one behind the other, each with a start that is aligned to nothing.
fn zones() -> impl Strategy<Value = Config> {
    let arch = prop::sample::select(vec![Arch::X86_64, Arch::I386]);
    (arch, prop::collection::vec(64u32..2500, 1..4)).prop_map(|(arch, sizes)| {
        let mut config = Config { arch, ..Config::single_zone(sizes.iter().sum()) };
        let mut at = 0;
        let kinds = arch.zone_kinds().iter().filter(|kind| **kind != ZoneKind::Device);
        let spec = |(kind, pages): (&ZoneKind, &u32)| {
            let span = mm::PfnRange::new(at, at + pages);
            at += pages;
            mm::config::ZoneSpec { kind: *kind, node: 0, span }
        };
        config.zones = kinds.zip(&sizes).map(spec).collect();
        config
    })
}

fn tunables() -> impl Strategy<Value = Tunables> {
    (prop::option::of(0u32..4000), 1u32..300, prop::sample::select(vec![0u32, 15_000, 90_000]), any::<bool>())
        .prop_map(|(min_free_kbytes, watermark_scale_factor, watermark_boost_factor, thp)| Tunables {
            min_free_kbytes,
            watermark_scale_factor,
            watermark_boost_factor,
            thp,
            ..Tunables::default()
        })
}

fn sysctls() -> impl Strategy<Value = Sysctl> {
    prop_oneof![
        prop_oneof![0u32..4000, any::<u32>()].prop_map(Sysctl::MinFreeKbytes),
        (1u32..=3000).prop_map(Sysctl::WatermarkScaleFactor),
        prop_oneof![0u32..90_000, any::<u32>()].prop_map(Sysctl::WatermarkBoostFactor),
        prop::array::uniform6(prop_oneof![0u32..300, any::<u32>()]).prop_map(Sysctl::LowmemReserveRatio),
        (0u32..5000).prop_map(Sysctl::PercpuPagelistHighFraction),
    ]
}

/// Any flags that do not contradict each other, the usual ones most of the time.
fn gfps() -> impl Strategy<Value = Gfp> {
    let kind = || prop::sample::select(PageKind::ASKABLE.to_vec());
    let zone = prop::option::of(prop::sample::select(ZoneKind::ALL.to_vec()));
    prop_oneof![
        4 => (kind(), zone).prop_map(|(kind, zone)| Gfp::of(kind, zone)),
        2 => kind().prop_map(|kind| Gfp { kind, flags: kind.usual_flags().atomic() }),
        1 => kind().prop_map(|kind| Gfp { kind, flags: kind.usual_flags().nowait() }),
        2 => (kind(), 0u32..0x80_0000)
            .prop_map(|(kind, bits)| Gfp { kind, flags: GfpFlags(bits) })
            .prop_filter("no bug", |gfp| !gfp.flags.names_two_zones() && !gfp.flags.names_two_types()),
    ]
}

fn ops() -> impl Strategy<Value = Op> {
    let name = || (0..NAMES).prop_map(NameId);
    let cpu = || (0..CPUS).prop_map(CpuId);
    let order = prop_oneof![6 => 0u8..4, 3 => 0u8..11, 1 => Just(9u8)];
    prop_oneof![
        24 => (name(), order, gfps(), cpu())
            .prop_map(|(name, order, gfp, cpu)| Op::Alloc { name, order, gfp, cpu }),
        16 => (name(), cpu()).prop_map(|(name, cpu)| Op::Free { name, cpu }),
        2 => (name(), 1u32..120, 0u8..4, prop::array::uniform5(0u8..9), 0u8..=100, cpu()).prop_map(
            |(name, actions, high, weights, free_percent, cpu)| {
                let orders = (common::order(0), common::order(high));
                Op::Workload(Workload { name, actions, orders, weights, free_percent, zone: None, cpu })
            }
        ),
        1 => Just(Op::Drain),
        2 => sysctls().prop_map(Op::Sysctl),
        20 => kmem_ops().prop_map(Op::Kmem),
    ]
}

/// Checks the laws at every step that a function takes.
struct AtEveryStep {
    left: u32,
}

impl Observer for AtEveryStep {
    fn step(&mut self, machine: &Machine, step: &Step) {
        if self.left > 0 {
            self.left -= 1;
            assert_eq!(machine.check(), Ok(()), "{step:?}");
        }
    }
}

/// Frames that somebody has under a name.
fn in_use(machine: &Machine) -> u64 {
    let of = |name: u32| match machine.named(NameId(name)) {
        Named::Block(block) => u64::from(block.order.pages()),
        Named::Pool { .. } => machine.pool(NameId(name)).map(|block| u64::from(block.order.pages())).sum(),
        Named::Area(start) => machine.area(start).map_or(0, |area| area.pages.len() as u64),
        _ => 0,
    };
    (0..NAMES).map(of).sum::<u64>() + of_kernel(machine)
}

/// Frames of slabs and of tables, which nobody gives back.
fn of_kernel(machine: &Machine) -> u64 {
    let slabs: u64 = machine.kmem().slab_pages().iter().map(|pages| pages.0).sum();
    slabs + machine.kmem().vmalloc().map_or(0, |vmalloc| vmalloc.tables().count() as u64)
}

proptest! {
    #![proptest_config(common::cases::usually(48))]

    /// Every law after every unit, and at the first steps.
    #[test]
    fn laws_hold_after_every_unit(config in machines(), ops in prop::collection::vec(ops(), 1..160)) {
        let mut machine = Machine::boot(&config).expect("it boots");
        prop_assert_eq!(machine.check(), Ok(()));
        let managed = machine.zones().iter().map(|zone| zone.managed.0).sum::<u64>();
        let mut observer = AtEveryStep { left: 150 };
        for op in &ops {
            loop {
                let end = machine.run_unit(op, &mut observer);
                prop_assert_eq!(machine.check(), Ok(()), "{:?}", op);
                prop_assert_eq!(machine.in_hand(), []);
                if end == UnitEnd::Done {
                    break;
                }
            }
        }
        let on_lists: u64 = machine.zones().iter().map(|z| z.nr_free_pages.0 + z.pcp_pages().0).sum();
        prop_assert_eq!(on_lists + in_use(&machine), managed);
        // Every request that was meant for another zone's node was missed there.
        let sum = |of: fn(&mm::mmzone::NumaStat) -> u64| machine.zones().iter().map(|z| of(&z.numa)).sum::<u64>();
        prop_assert_eq!(sum(|n| n.miss), sum(|n| n.foreign));
        prop_assert_eq!(sum(|n| n.hit) + sum(|n| n.miss), sum(|n| n.local) + sum(|n| n.other));
    }

    /// When everything is freed and drained, nothing is missing and no two buddies are left apart.
    #[test]
    fn all_memory_comes_back(config in machines(), ops in prop::collection::vec(ops(), 1..120)) {
        let mut machine = Machine::boot(&config).expect("it boots");
        let mut run = |op: &Op| while machine.run_unit(op, &mut ()) == UnitEnd::More {};
        ops.iter().for_each(&mut run);
        (CACHES..NAMES).chain(0..CACHES).for_each(|name| {
            run(&Op::Free { name: NameId(name), cpu: CpuId(0) });
            // A cache that was another's second name goes with the last of them.
            run(&Op::Kmem(KmemOp::CacheDestroy { cache: NameId(name) }));
        });
        // What kmalloc caches keep stays.
        run(&Op::Drain);
        prop_assert_eq!(machine.check(), Ok(()));
        prop_assert_eq!(machine.check_merged(), Ok(()));
        let kept = of_kernel(&machine);
        prop_assert!(machine.kmem().caches().all(|cache| cache.figures().in_use == 0));
        let missing: u64 = machine.zones().iter().map(|zone| zone.managed.0 - zone.nr_free_pages.0).sum();
        prop_assert_eq!(missing, kept);
        prop_assert!(machine.zones().iter().all(|zone| zone.pcp_pages() == NrPages(0)));
    }

    /// The same ops on the same machine end in the same state, looked at or not.
    #[test]
    fn looking_changes_nothing(config in machines(), ops in prop::collection::vec(ops(), 1..60)) {
        let mut one = Machine::boot(&config).expect("it boots");
        let mut other = Machine::boot(&config).expect("it boots");
        let mut unseen = Machine::boot(&config).expect("it boots");
        let mut steps: Vec<Step> = Vec::new();
        for (at, op) in ops.iter().enumerate() {
            if at == ops.len() / 3 {
                unseen.flatten();
            }
            while one.run_unit(op, &mut ()) == UnitEnd::More {}
            while other.run_unit(op, &mut steps) == UnitEnd::More {}
            while unseen.run_unit_unseen(op) == UnitEnd::More {}
            prop_assert_eq!(other.state_hash(), unseen.state_hash(), "{:?}", op);
        }
        prop_assert_eq!(unseen.check(), Ok(()));
        prop_assert_eq!(one.state_hash(), other.state_hash());
    }

    /// The same where lists are long: refills that take runs of blocks, drains that give whole ones back.
    #[test]
    fn bulk_moves_come_to_the_same(
        frames in 20_000u32..50_000,
        pageblock in 3u8..=10,
        cpus in 1usize..3,
        rounds in prop::collection::vec((0u8..11, prop::array::uniform5(1u8..9), 30u8..70, 0u8..2), 1..6),
        seed in any::<u64>(),
    ) {
        let config = Config {
            pcp: true,
            watermarks: true,
            cpus: vec![0; cpus],
            pageblock_order: common::order(pageblock),
            mobility: Mobility::On,
            seed,
            ..Config::x86_64(frames)
        };
        let mut seen = Machine::boot(&config).expect("it boots");
        let mut unseen = seen.clone();
        unseen.flatten();
        for (at, (high, weights, free_percent, cpu)) in (0..).zip(&rounds) {
            let (name, cpu) = (NameId(at), CpuId(cpu % cpus as u8));
            let orders = (common::order(0), common::order(*high));
            let (weights, free_percent) = (*weights, *free_percent);
            let work = Workload { name, actions: 4000, orders, weights, free_percent, zone: None, cpu };
            let free = Op::Free { name: NameId(at / 2), cpu };
            for op in [Op::Workload(work), free] {
                while seen.run_unit(&op, &mut ()) == UnitEnd::More {}
                while unseen.run_unit_unseen(&op) == UnitEnd::More {}
                prop_assert_eq!(seen.state_hash(), unseen.state_hash(), "{:?}", op);
            }
        }
        prop_assert_eq!(unseen.check(), Ok(()));
    }

    /// A request that says which node gets nothing from another; and none gets a zone above its own.
    #[test]
    fn nobody_gets_what_the_flags_forbid(config in machines(), ops in prop::collection::vec(ops(), 1..120)) {
        let mut machine = Machine::boot(&config).expect("it boots");
        for op in &ops {
            let held = matches!(op, Op::Alloc { name, .. } if matches!(machine.named(*name), Named::Block(_) | Named::Pool { .. }));
            while machine.run_unit(op, &mut ()) == UnitEnd::More {}
            let Op::Alloc { name, gfp, cpu, .. } = op else { continue };
            let (Named::Block(block), false) = (machine.named(*name), held) else { continue };
            let zone: ZoneId = machine.zone_of(block.pfn).expect("it lies in a zone");
            let (zone, highest) = (machine.zone(zone), machine.highest_zone(gfp.flags));
            prop_assert!(zone.kind <= highest, "{:?} from {:?}", op, zone.kind);
            if gfp.flags.contains(GfpFlags::THISNODE) {
                prop_assert_eq!(zone.node, machine.node_of(*cpu));
            }
        }
    }
}

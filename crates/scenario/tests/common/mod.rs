//! Documents for property tests, and how many of them.

#![allow(dead_code, reason = "every test binary uses its own part")]

mod caches;
mod cma;
mod files;
mod process;
mod segmentation;

use mm::config::{Arch, Mobility, Rules, StartFigures};
use mm::gfp::GfpFlags;
use mm::mmzone::ZoneKind;
use mm::oom_kill::OomRules;
use mm::op::PageKind;
use mm::page::MigrateType;
use mm::replay::Moving;
use mm::slab::Era;
use mm::slab_common::{Allocator, CacheArgs, KmallocType, MAX_OBJECT, SlabFlags};
use mm::units::Order;
use mm::x86::mmu::{MmuConfig, Ways};
use mm::x86::pgtable::Paging;
use proptest::prelude::*;
use scenario::ast::{
    Alloc, Amount, Document, Flags, For, Index, Line, Node, PcpSizes, Phrase, Run, Size, Statement, Target,
    Thp, Tunable, Workload, ZoneRef,
};
use scenario::kernel::{Did, Kernel, MovedBlocks};
use scenario::kmem::{Kmem, KmemSetting};

/// How many cases a property runs: a few in the ordinary suite, as many as `MMSCOPE_PROPTEST_CASES` says in a soak.
pub fn cases(default: u32) -> ProptestConfig {
    let cases = std::env::var("MMSCOPE_PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(default);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

fn zone() -> impl Strategy<Value = ZoneKind> {
    prop::sample::select(ZoneKind::ALL.to_vec())
}

fn order() -> impl Strategy<Value = Order> {
    (0u8..=10).prop_map(|order| Order::new(order).expect("in range"))
}

fn kind() -> impl Strategy<Value = PageKind> {
    prop::sample::select(PageKind::ASKABLE.to_vec())
}

fn migratetype() -> impl Strategy<Value = MigrateType> {
    prop::sample::select(MigrateType::ALL.to_vec())
}

fn amount() -> impl Strategy<Value = Amount> {
    let bytes = (0u64..1 << 20).prop_map(|frames| Amount::bytes(frames * 4096).expect("whole frames"));
    prop_oneof![
        (0u64..1 << 24).prop_map(Amount::frames),
        bytes,
        (0u64..64).prop_map(|mib| Amount::bytes(mib << 20).expect("whole frames")),
    ]
}

/// Few of them, so that names meet.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(vec!["a", "b", "c", "buf", "x1", "_p", "read", "exec", "heap"]).prop_map(str::to_owned),
        1 => Just("\u{5757}".to_owned()),
        1 => "[a-z_][a-z0-9_]{0,9}q".prop_map(|name| name),
    ]
}

fn variable() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["i", "j", "k"]).prop_map(str::to_owned)
}

fn index() -> impl Strategy<Value = Index> {
    let terms = prop::collection::vec((-40i64..40, variable()), 0..3);
    (terms, -9i64..99).prop_map(|(terms, number)| {
        terms.iter().fold(Index::number(number), |index, (factor, name)| index.plus(*factor, name))
    })
}

/// Boxed like the ops that have them: the tree of all that could be drawn would not fit on a test's stack.
fn target() -> BoxedStrategy<Target> {
    (name(), prop::option::of(index())).prop_map(|(name, index)| Target { name, index }).boxed()
}

/// Everything that can stand in quotes on one line.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z ,.]{0,30}",
        "\\PC{0,12}",
        prop::collection::vec(any::<char>().prop_filter("one line", |c| *c != '\n'), 0..8)
            .prop_map(|chars| chars.into_iter().collect::<String>()),
        Just("\u{4f19}\u{4f34}\\ \"\u{201d}# end".to_owned()),
    ]
}

fn phrase() -> impl Strategy<Value = Phrase> {
    (text(), prop::option::of(text())).prop_map(|(text, zh)| Phrase { text, zh })
}

fn runs() -> impl Strategy<Value = Vec<Run>> {
    prop::collection::vec((migratetype(), 1u32..12), 1..8).prop_map(|runs| {
        let mut merged: Vec<Run> = Vec::new();
        for (migratetype, count) in runs {
            match merged.last_mut().filter(|last| last.migratetype == migratetype) {
                Some(last) => last.count += count,
                None => merged.push(Run { migratetype, count }),
            }
        }
        merged
    })
}

fn zone_ref() -> impl Strategy<Value = ZoneRef> {
    (zone(), prop_oneof![4 => Just(0u8), 1 => 0u8..8]).prop_map(|(kind, node)| ZoneRef { kind, node })
}

fn cpu() -> impl Strategy<Value = u8> {
    prop_oneof![4 => Just(0u8), 1 => 0u8..64]
}

fn tunable() -> impl Strategy<Value = Tunable> {
    let number = || prop_oneof![0u32..70_000, 0u32..=Tunable::MAX];
    prop_oneof![
        number().prop_map(Tunable::MinFreeKbytes),
        (1u32..=3000).prop_map(Tunable::WatermarkScaleFactor),
        number().prop_map(Tunable::WatermarkBoostFactor),
        prop::collection::vec(number(), 1..=6).prop_map(Tunable::LowmemReserveRatio),
        prop_oneof![Just(0), 8u32..500].prop_map(Tunable::PercpuPagelistHighFraction),
        (0u32..3).prop_map(Tunable::OvercommitMemory),
        number().prop_map(Tunable::OvercommitRatio),
        (0u32..=200).prop_map(Tunable::Swappiness),
        (0u32..=100).prop_map(Tunable::DirtyRatio),
        (0u32..=100).prop_map(Tunable::DirtyBackgroundRatio),
        (0u32..=5).prop_map(Tunable::PageCluster),
        (0u32..=7).prop_map(Tunable::ZoneReclaimMode),
        number().prop_map(Tunable::VfsCachePressure),
        (0u32..3).prop_map(Tunable::PanicOnOom),
        number().prop_map(Tunable::OomKillAllocatingTask),
    ]
}

/// Flags that the kernel would not take for a bug.
fn gfp_flags() -> impl Strategy<Value = GfpFlags> {
    let flags = prop_oneof![
        prop::sample::select(mm::gfp::NAMES.to_vec()).prop_map(|(_, flags)| flags),
        (0u32..=0x7ff_ffff).prop_map(GfpFlags),
    ];
    flags.prop_filter("no bug", |flags| !flags.names_two_zones() && !flags.names_two_types())
}

fn figures() -> impl Strategy<Value = StartFigures> {
    (prop::array::uniform4(0u32..9000), 0u32..3000, 0u32..2000, any::<bool>()).prop_map(
        |(mut watermark, watermark_boost, nr_reserved_highatomic, usual)| {
            watermark.sort_unstable();
            if usual {
                watermark[3] = watermark[2] + (watermark[2] - watermark[1]);
            }
            StartFigures { watermark, watermark_boost, nr_reserved_highatomic }
        },
    )
}

fn sizes() -> impl Strategy<Value = PcpSizes> {
    (0u32..9000, 1u32..99, 0u8..=5, any::<u8>()).prop_map(|(high, batch, free_factor, expire)| PcpSizes {
        high,
        batch,
        free_factor,
        expire,
    })
}

fn node() -> impl Strategy<Value = Node> {
    let range = (0u8..64, 0u8..64).prop_map(|(a, b)| (a.min(b), a.max(b)));
    (0u8..8, prop::option::of(amount()), prop::collection::vec(range, 0..3))
        .prop_filter("memory or CPUs", |(_, ram, cpus)| ram.is_some() || !cpus.is_empty())
        .prop_map(|(node, ram, cpus)| Node { node, ram, cpus })
}

fn some_frames() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(prop_oneof![0u32..16, 0u32..30_000], 1..6)
}

fn pfns() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(prop_oneof![any::<u32>(), 0u32..9000], 0..5)
}

/// What a machine is besides its memory.
fn machine_setting() -> impl Strategy<Value = Statement> {
    let mergeable = migratetype().prop_filter("it has a list", |t| t.is_mergeable());
    prop_oneof![
        prop::sample::select(vec![Arch::X86_64, Arch::I386]).prop_map(Statement::Arch),
        (1u8..=64).prop_map(Statement::Cpus),
        node().prop_map(Statement::Node),
        (0u8..8, 0u8..8, 11u8..=254)
            .prop_filter("two nodes", |(from, to, _)| from != to)
            .prop_map(|(from, to, distance)| Statement::Distance { from, to, distance }),
        any::<bool>().prop_map(Statement::Watermarks),
        (tlb_ways(), tlb_ways(), tlb_ways(), any::<bool>())
            .prop_map(|(l1, l1_large, l2, pcid)| Statement::Tlb(MmuConfig { l1, l1_large, l2, pcid })),
        any::<bool>().prop_map(Statement::Reclaim),
        files::swap().prop_map(Statement::Swap),
        tunable().prop_map(Statement::Tunable),
        prop::sample::select(OomRules::ALL.to_vec()).prop_map(Statement::OomKiller),
        files::lowmem().prop_map(Statement::Lowmem),
        cma::area().prop_map(Statement::Area),
        (1u64..=256 << 20).prop_map(|bytes| Statement::Swiotlb(bytes.max(1 << 20))),
        cma::reserved().prop_map(Statement::ReservedMemory),
        prop::sample::select(vec![Thp::Always, Thp::Madvise, Thp::Never]).prop_map(Statement::Thp),
        (zone_ref(), figures()).prop_map(|(zone, figures)| Statement::Figures { zone, figures }),
        (zone_ref(), cpu(), sizes()).prop_map(|(zone, cpu, sizes)| Statement::PcpSizes { zone, cpu, sizes }),
        (zone_ref(), cpu(), order(), mergeable, pfns()).prop_map(|(zone, cpu, order, migratetype, pfns)| {
            Statement::PcpList { zone, cpu, order, migratetype, pfns }
        }),
    ]
}

fn tlb_ways() -> impl Strategy<Value = Ways> {
    (0u32..6, 1u16..17).prop_map(|(sets, ways)| Ways { entries: ways << sets, ways })
}

fn setting() -> impl Strategy<Value = Statement> {
    prop_oneof![3 => machine_setting(), 3 => memory_setting(), 1 => kmem_setting().prop_map(Statement::KmemSetting),
        1 => caches::caches().prop_map(Statement::Caches)]
}

fn kmem_setting() -> impl Strategy<Value = KmemSetting> {
    let allocators = vec![
        (Allocator::Slub, Era::Linux6_1),
        (Allocator::Slab, Era::Linux6_1),
        (Allocator::Slab, Era::Linux2_6),
    ];
    prop_oneof![
        prop::sample::select(allocators).prop_map(|(allocator, era)| KmemSetting::Slab(allocator, era)),
        any::<bool>().prop_map(KmemSetting::FreelistRandom),
        any::<bool>().prop_map(KmemSetting::Colour),
        any::<bool>().prop_map(KmemSetting::InitOnAlloc),
    ]
}

/// What a cache is created with.
fn cache_args() -> impl Strategy<Value = CacheArgs> {
    const FLAGS: [SlabFlags; 6] = [
        SlabFlags::HWCACHE_ALIGN,
        SlabFlags::RECLAIM_ACCOUNT,
        SlabFlags::CACHE_DMA,
        SlabFlags::CACHE_DMA32,
        SlabFlags::ACCOUNT,
        SlabFlags::TYPESAFE_BY_RCU,
    ];
    let flags = prop::collection::vec(prop::sample::select(FLAGS.to_vec()), 0..3)
        .prop_map(|flags| flags.into_iter().fold(SlabFlags::NONE, |all, flag| all | flag));
    let align = prop::option::of(0u32..=12).prop_map(|shift| shift.map_or(0, |shift| 1 << shift));
    let object_size = prop_oneof![1u32..9000, 1u32..=MAX_OBJECT];
    (object_size, align, flags, any::<bool>(), any::<bool>()).prop_map(
        |(object_size, align, flags, ctor, user_copy)| CacheArgs {
            object_size,
            align,
            flags,
            ctor,
            user_copy,
        },
    )
}

/// An op on kernel objects.
fn kmem() -> impl Strategy<Value = Kmem> {
    let bytes = || prop_oneof![0u32..9000, (0u32..1 << 18).prop_map(|pages| pages << 12)];
    let types = prop::sample::select(vec![
        KmallocType::Normal,
        KmallocType::Cgroup,
        KmallocType::Reclaim,
        KmallocType::Dma,
    ]);
    prop_oneof![
        (target(), cache_args(), any::<bool>()).prop_map(|(target, args, merge)| Kmem::Create {
            target,
            args,
            merge
        }),
        (target(), target(), any::<bool>(), cpu()).prop_map(|(target, cache, zero, cpu)| Kmem::Alloc {
            target,
            cache,
            zero,
            cpu
        }),
        (target(), bytes(), types, any::<bool>(), cpu())
            .prop_map(|(target, bytes, ty, zero, cpu)| Kmem::Kmalloc { target, bytes, ty, zero, cpu }),
        (target(), bytes(), any::<bool>(), cpu()).prop_map(|(target, bytes, zero, cpu)| Kmem::Vmalloc {
            target,
            bytes: u64::from(bytes),
            zero,
            cpu
        }),
        (target(), bytes(), cpu()).prop_map(|(target, bytes, cpu)| Kmem::Kvmalloc { target, bytes, cpu }),
        (target(), any::<u8>()).prop_map(|(cache, seeks)| Kmem::RegisterShrinker { cache, seeks }),
        (target(), any::<bool>()).prop_map(|(target, unused)| Kmem::ListLru { target, unused }),
        target().prop_map(Kmem::Shrink),
        target().prop_map(Kmem::Destroy),
        cpu().prop_map(Kmem::Reap),
        (target(), 0u32..9000, cpu()).prop_map(|(target, offset, cpu)| Kmem::Touch { target, offset, cpu }),
    ]
}

fn memory_setting() -> impl Strategy<Value = Statement> {
    prop_oneof![
        phrase().prop_map(Statement::Title),
        Just(Statement::Rules(Rules::V6_1)),
        amount().prop_map(Statement::Ram),
        (zone(), prop::option::of(amount())).prop_map(|(kind, size)| Statement::Zone { kind, size }),
        (amount(), amount()).prop_map(|(start, size)| Statement::Reserve { start, size }),
        order().prop_map(|order| Statement::PageblockOrder(order.up().unwrap_or(order))),
        prop::sample::select(vec![Mobility::Auto, Mobility::On, Mobility::Off]).prop_map(Statement::Mobility),
        any::<bool>().prop_map(Statement::Pcp),
        any::<bool>().prop_map(Statement::Cma),
        prop::sample::select(Paging::ALL.to_vec()).prop_map(Statement::Paging),
        any::<u64>().prop_map(Statement::Seed),
        (zone_ref(), prop::array::uniform11(0u32..900))
            .prop_map(|(zone, counts)| Statement::BuddyInfo { zone, counts }),
        (zone_ref(), order(), migratetype(), pfns()).prop_map(|(zone, order, migratetype, pfns)| {
            Statement::FreeList { zone, order, migratetype, pfns }
        }),
        (zone_ref(), runs()).prop_map(|(zone, runs)| Statement::Pageblocks { zone, runs }),
    ]
}

/// Any op.
pub fn op() -> BoxedStrategy<Statement> {
    let size = prop_oneof![any::<u8>().prop_map(Size::Order), (1u32..5000).prop_map(Size::Pages)];
    let flags = prop_oneof![
        3 => Just(Flags::Usual),
        1 => Just(Flags::Atomic),
        1 => Just(Flags::Nowait),
        1 => gfp_flags().prop_map(Flags::Given),
    ];
    let real = prop::option::of(any::<u32>());
    let by = prop::option::weighted(0.3, target());
    let alloc = (target(), size, kind(), prop::option::of(zone()), flags, cpu(), real, by).prop_map(
        |(target, size, kind, zone, flags, cpu, real, by)| {
            let (kind, zone) = match flags {
                // Flags say the migratetype and the zone themselves.
                Flags::Given(gfp) if kind.usual_flags().migratetype() != gfp.migratetype() => {
                    (Flags::kind(gfp), None)
                }
                Flags::Given(_) => (kind, None),
                _ => (kind, zone),
            };
            let by = by.map(Box::new);
            Statement::Alloc(Alloc { target, size, kind, zone, flags, cpu, real, by })
        },
    );
    let weights = prop::array::uniform5(any::<u8>()).prop_filter("some weight", |weights| *weights != [0; 5]);
    let workload =
        (target(), 1u32..1000, order(), order(), weights, 0u8..=100, prop::option::of(zone()), cpu())
            .prop_map(|(target, actions, a, b, weights, free_percent, zone, cpu)| {
                let orders = (a.min(b), a.max(b));
                let workload = Workload { target, actions, orders, weights, free_percent, zone, cpu };
                Statement::Workload(workload)
            });
    let did = prop_oneof![
        (prop::option::of(0u32..30_000), order(), gfp_flags()).prop_map(|(pfn, order, gfp)| Did::Alloc {
            pfn,
            order,
            gfp
        }),
        (order(), migratetype()).prop_map(|(order, migratetype)| Did::Refill { order, migratetype }),
        (0u32..30_000, order()).prop_map(|(pfn, order)| Did::Free { pfn, order }),
        Just(Did::Drain),
    ];
    let moved = (0u8..3, order(), migratetype(), migratetype(), any::<bool>(), some_frames());
    let kernel = (did, cpu(), prop::collection::vec(moved, 0..3)).prop_map(|(did, cpu, moved)| {
        let blocks = moved.into_iter().map(|(how, order, migratetype, from, claimed, pfns)| match how {
            0 => MovedBlocks { how: Moving::Taken, order: did.takes().0, migratetype: did.takes().1, pfns },
            1 => MovedBlocks {
                how: Moving::Stolen { from, claimed },
                order,
                migratetype: did.takes().1,
                pfns: pfns[..1].to_vec(),
            },
            _ => MovedBlocks { how: Moving::Drained, order, migratetype, pfns },
        });
        Statement::Kernel(Kernel { did, cpu, moved: blocks.collect() })
    });
    let free = (target(), cpu()).prop_map(|(target, cpu)| Statement::Free { target, cpu });
    prop_oneof![
        8 => alloc,
        8 => free,
        2 => workload,
        1 => Just(Statement::Drain),
        1 => (0u32..30_000).prop_map(Statement::Isolate),
        1 => (0u32..30_000, migratetype()).prop_map(|(pfn, to)| Statement::Unisolate(pfn, to)),
        2 => kernel,
        4 => kmem().prop_map(Statement::Kmem),
        6 => process::process().prop_map(Statement::Process),
        4 => segmentation::segment().prop_map(Statement::Segment),
        4 => files::file().prop_map(Statement::File),
        3 => cma::op().prop_map(Statement::CmaOp),
        3 => cma::device().prop_map(Statement::Dma),
        1 => tunable().prop_map(Statement::Sysctl),
    ]
    .boxed()
}

fn statement() -> impl Strategy<Value = Statement> {
    let in_loop = (variable(), 0u32..70, 0u32..70, 1u32..4).prop_map(|(variable, a, b, step)| {
        Statement::For(For { variable, from: a.min(b), to: a.max(b), step })
    });
    let broken =
        prop::sample::select(vec!["fre a", "a = alloc", "for i", "end now", "say \"x # y", "= \u{ff1d}"]);
    prop_oneof![
        4 => setting(),
        8 => op(),
        2 => phrase().prop_map(Statement::Say),
        2 => in_loop,
        2 => Just(Statement::End),
        1 => broken.prop_map(|text| Statement::Broken(text.to_owned())),
    ]
}

fn line() -> impl Strategy<Value = Line> {
    let comment = prop_oneof!["[ -~]{0,20}", "\\PC{0,9}"].prop_map(|text| text.trim_end().to_owned());
    (prop::option::weighted(0.9, statement()), prop::option::weighted(0.2, comment)).prop_map(
        |(statement, comment)| {
            // What follows an open quotation mark is no comment.
            let open = matches!(&statement, Some(Statement::Broken(text)) if text.contains('"'));
            Line { statement, comment: comment.filter(|_| !open) }
        },
    )
}

/// Any document, most of them with much wrong between their lines.
pub fn document() -> impl Strategy<Value = Document> {
    prop::collection::vec(line(), 0..30).prop_map(|lines| Document { lines })
}

/// Documents whose machine can be built, and every op of which it can do: nearly always without an error.
pub fn scenario_text() -> impl Strategy<Value = String> {
    let machine = prop_oneof![
        Just("ram 8M\nzone Normal\npage_group_by_mobility on\npcp off\n"),
        Just("ram 64M\nseed 7\ncpus 3\n"),
        Just("ram 24M\nzone DMA 16M\nzone Normal\nwatermarks off\nreserve 0 1M\ncpus 3\n"),
        Just("pcp off\nbuddyinfo Node 0, zone DMA 3 2 3 0 3 2 0 0 1 1 3\n"),
        Just(ROWS),
        Just("node 0 ram 24M cpus 0..0\nnode 1 ram 16M cpus 1..2\ndistance 0 1 21\n"),
        Just("node 0 cpus 0..2\nnode 1 ram 12M\nnode 2 ram 12M\nwatermark_boost_factor 0\n"),
        Just("arch i386\nram 40M\nzone DMA 16M\nzone Normal 12M\nzone HighMem\ncpus 3\nthp never\n"),
        Just(DUMP),
    ];
    let kinds = (kind(), prop::sample::select(vec![Flags::Usual, Flags::Atomic, Flags::Nowait]));
    let allocator = prop::sample::select(vec!["", "slab slab\n", "slab slab 2.6\n", "freelist_random on\n"]);
    let op = (0u8..26, 0u8..40 + process::PROCESS_OPS, 0u8..=10, kinds, 0u8..3).prop_map(
        |(letter, what, order, kinds, cpu)| {
            let target = Target::named(&char::from(b'a' + letter).to_string());
            // Frames all over a small machine, and beyond it.
            let pfn = ((251 * (1 + u32::from(letter))) << order.min(3)) >> (order % 3);
            let size = Order::new(order % 5).unwrap_or(Order::ZERO);
            let kernel = |did, moved| Statement::Kernel(Kernel { did, cpu, moved });
            match what {
                0 => Statement::Drain,
                1 => Statement::Sysctl(Tunable::MinFreeKbytes(u32::from(letter) << order)),
                2 => Statement::Sysctl(Tunable::WatermarkScaleFactor(1 + u32::from(letter) * 99)),
                3 => Statement::Sysctl(Tunable::PercpuPagelistHighFraction(8 + u32::from(letter))),
                4..=10 => Statement::Free { target, cpu },
                20 => Statement::Isolate(pfn),
                21 => Statement::Unisolate(
                    pfn,
                    [MigrateType::Movable, MigrateType::Cma][usize::from(letter % 2)],
                ),
                22 => kernel(Did::Free { pfn, order: size }, Vec::new()),
                23 => {
                    kernel(Did::Alloc { pfn: Some(pfn), order: size, gfp: GfpFlags::GFP_KERNEL }, Vec::new())
                }
                24 => {
                    let how = Moving::Stolen { from: MigrateType::Movable, claimed: letter % 2 == 0 };
                    let stolen = MovedBlocks {
                        how,
                        order: size,
                        migratetype: MigrateType::Unmovable,
                        pfns: vec![pfn],
                    };
                    let taken = MovedBlocks {
                        how: Moving::Taken,
                        order: size,
                        migratetype: MigrateType::Unmovable,
                        pfns: vec![pfn, pfn + size.pages()],
                    };
                    kernel(
                        Did::Refill { order: size, migratetype: MigrateType::Unmovable },
                        vec![stolen, taken],
                    )
                }
                25 => {
                    let how = Moving::Drained;
                    let drained =
                        MovedBlocks { how, order: size, migratetype: MigrateType::Movable, pfns: vec![pfn] };
                    kernel(Did::Drain, vec![drained])
                }
                26..40 => Statement::Kmem(object_op(what, target, order, cpu)),
                40.. => Statement::Process(process::process_op(what - 40, letter, order, cpu)),
                _ => {
                    let alloc = Alloc::new(target, Size::Order(order), kinds.0);
                    Statement::Alloc(Alloc { flags: kinds.1, cpu, ..alloc })
                }
            }
        },
    );
    (machine, allocator, prop::collection::vec(op, 0..60)).prop_map(|(machine, allocator, ops)| {
        let lines = ops.into_iter().map(Line::from).collect();
        let mut ops = scenario::print(&Document { lines });
        if !machine.contains("cpus") {
            // Where there is one CPU, everything runs there.
            ops = ops.replace(" cpu=1", "").replace(" cpu=2", "");
        }
        format!("{machine}{allocator}{ops}")
    })
}

/// Ops on few caches with few objects each, so that names meet.
fn object_op(what: u8, target: Target, size: u8, cpu: u8) -> Kmem {
    let cache = Target::named(["c", "d", "e"][usize::from(size % 3)]);
    let bytes = 40 << size;
    match what {
        26 => Kmem::Create { target: cache, args: CacheArgs::of_size(bytes), merge: size.is_multiple_of(2) },
        27..=30 => Kmem::Alloc { target, cache, zero: size > 5, cpu },
        31..=33 => Kmem::Kmalloc { target, bytes, ty: KmallocType::Normal, zero: false, cpu },
        34 => Kmem::Vmalloc { target, bytes: u64::from(bytes), zero: false, cpu },
        35 => Kmem::Kvmalloc { target, bytes, cpu },
        36 => Kmem::Shrink(cache),
        37 => Kmem::Destroy(cache),
        38 => Kmem::Reap(cpu),
        _ => Kmem::Touch { target, offset: bytes, cpu },
    }
}

/// Rows of two nodes.
const ROWS: &str = "cpus 3
buddyinfo Node 0, zone DMA 3 2 3 0 3 2 0 0 1 1 3
buddyinfo Node 1, zone Normal 0 9 0 0 0 0 0 0 1 1 4
";

/// A start with everything that a dump of a kernel has.
const DUMP: &str = "ram 16M
cpus 3
pageblocks DMA 0 1*5 32
figures DMA min=34 low=42 high=50 boost=8 highatomic=512
free_list DMA 9 Movable: 0x200 0x600
free_list DMA 10 Movable: 0x800
free_list DMA 3 HighAtomic: 0xc08
pcp_sizes DMA cpu=2 high=12 batch=3 free_factor=1
pcp_list DMA cpu=2 order=0 Movable: 0x402 0x401
pcp_list DMA cpu=2 order=9 Unmovable: 0xe00
pcp_sizes DMA cpu=0 high=12 batch=3
pcp_list DMA cpu=0 order=1 Reclaimable: 0x404
";

/// What somebody does on the screen: `count` ops, named as [`scenario::fresh_name`] names them, frees of what is
/// held, all drawn from a seed.
pub fn sandbox(count: u32, seed: u64) -> String {
    let mut rng = mm::rng::Rng::new(seed, 0);
    let mut text =
        String::from("rules 6.1\nram 64M\nzone Normal\npage_group_by_mobility on\npcp off\nwatermarks off\n");
    let (mut held, mut named): (Vec<String>, u32) = (Vec::new(), 0);
    for _ in 0..count {
        if !held.is_empty() && rng.below(100) < 45 {
            let name = held.swap_remove(rng.below(held.len() as u32) as usize);
            text += &format!("free {name}\n");
            continue;
        }
        let (letter, round) = (char::from(b'a' + (named % 26) as u8), named / 26);
        let name = if round == 0 { letter.to_string() } else { format!("{letter}{round}") };
        named += 1;
        let order = rng.below(11).min(rng.below(11));
        let kind = PageKind::ASKABLE[rng.below(5) as usize];
        let alloc = Alloc::new(Target::named(&name), Size::Order(order as u8), kind);
        text += &format!("{}\n", scenario::print_statement(&Statement::Alloc(alloc)));
        held.push(name);
    }
    text
}

//! Memory for devices (Linux 6.1, kernel/dma, drivers/iommu): who is asked, in which order, and what the device sees.

mod common;

use common::run;
use mm::cma::place::{Wish, declare};
use mm::config::Arch;
use mm::dma::{Dma, DmaOp, Lane, Region};
use mm::mmzone::ZoneKind;
use mm::op::{Gfp, NameId, PageKind};
use mm::page::Block;
use mm::step::DmaStep;
use mm::{Config, CpuId, Machine, Named, Observer, Op, Order, Pfn, PfnRange, Step, StepKind, UnitEnd};
use proptest::prelude::*;

const CPU: CpuId = CpuId(0);
const DEV: NameId = NameId(500);
const BUF: NameId = NameId(501);

fn device(name: NameId, mask: u8, iommu: bool, region: Option<Region>) -> Op {
    Op::Dma(DmaOp::Device { name, mask, iommu, coherent: true, region })
}

fn alloc(name: NameId, device: NameId, bytes: u64) -> Op {
    Op::Dma(DmaOp::Alloc { name, device, bytes, atomic: false, cpu: CPU })
}

fn free(name: NameId) -> Op {
    Op::Dma(DmaOp::Free { name, cpu: CPU })
}

fn dma(machine: &Machine) -> &Dma {
    machine.dma().expect("it has devices")
}

fn lane(machine: &Machine, name: NameId) -> Option<Lane> {
    dma(machine).buffer(name).map(|buffer| buffer.lane)
}

fn free_pages(machine: &Machine) -> u64 {
    machine.zones().iter().map(|zone| zone.nr_free_pages.0 + zone.pcp_pages().0).sum()
}

fn pc(mib: u32) -> Config {
    Config { pcp: true, watermarks: true, ..Config::pc(Arch::X86_64, &[mib * 256]) }
}

fn zone_kind(machine: &Machine, pfn: Pfn) -> ZoneKind {
    machine.zone(machine.zone_of(pfn).expect("in a zone")).kind
}

/// 20 KiB without a contiguous area: a block of 32 KiB, all of which is in use; with one, five pages and no more.
#[test]
fn facts_15_twenty_kibibytes() {
    let mut machine = Machine::boot(&pc(64)).expect("boots");
    run(&mut machine, &device(DEV, 32, false, None));
    let before = free_pages(&machine);
    run(&mut machine, &alloc(BUF, DEV, 20 << 10));
    let Some(Lane::Buddy(block)) = lane(&machine, BUF) else { panic!("{:?}", lane(&machine, BUF)) };
    assert_eq!((block.order.get(), before - free_pages(&machine)), (3, 8));
    assert_eq!(zone_kind(&machine, block.pfn), ZoneKind::Dma32);
    run(&mut machine, &free(BUF));
    assert_eq!((free_pages(&machine), machine.named(BUF)), (before, Named::Freed));

    let config = pc(64);
    let area = declare(&config, &Wish::anywhere(4096)).expect("there is room");
    let mut machine = Machine::boot(&Config { areas: vec![area], ..config }).expect("boots");
    run(&mut machine, &device(DEV, 32, false, None));
    let before = free_pages(&machine);
    run(&mut machine, &alloc(BUF, DEV, 20 << 10));
    let first = area.frames.start;
    assert_eq!(lane(&machine, BUF), Some(Lane::Cma { first, pages: 5 }));
    assert_eq!(before - free_pages(&machine), 5);
    // The next one begins at a multiple of eight.
    run(&mut machine, &alloc(NameId(502), DEV, 20 << 10));
    assert_eq!(lane(&machine, NameId(502)), Some(Lane::Cma { first: first.plus(8), pages: 5 }));
    // One page is not worth the default area; nor may anybody wait for it in an interrupt.
    run(&mut machine, &alloc(NameId(503), DEV, 4096));
    assert!(matches!(lane(&machine, NameId(503)), Some(Lane::Buddy(Block { order: Order::ZERO, .. }))));
    let atomic = DmaOp::Alloc { name: NameId(504), device: DEV, bytes: 20 << 10, atomic: true, cpu: CPU };
    run(&mut machine, &Op::Dma(atomic));
    assert!(matches!(lane(&machine, NameId(504)), Some(Lane::Buddy(_))));
    for name in 501..505 {
        run(&mut machine, &free(NameId(name)));
    }
    assert_eq!(free_pages(&machine), before);
}

/// How far a device reaches decides where its memory comes from.
#[test]
fn facts_15_masks_and_zones() {
    let mut machine = Machine::boot(&pc(5 * 1024)).expect("boots");
    for (at, mask, zone) in [
        (0, 64, ZoneKind::Normal),
        (1, 32, ZoneKind::Dma32),
        (2, 24, ZoneKind::Dma),
        (3, 33, ZoneKind::Normal),
    ] {
        let (dev, buf) = (NameId(600 + at), NameId(700 + at));
        run(&mut machine, &device(dev, mask, false, None));
        run(&mut machine, &alloc(buf, dev, 16 << 10));
        let Some(Lane::Buddy(block)) = lane(&machine, buf) else {
            panic!("{mask}: {:?}", lane(&machine, buf))
        };
        assert_eq!(zone_kind(&machine, block.pfn), zone, "{mask} bits");
        assert!(u64::from(block.last().0) << 12 < 1u64 << mask.min(63));
    }
    // 26 bits reach 64 MiB: DMA32 is asked first, and what it has is too high.
    let mut machine = Machine::boot(&pc(256)).expect("boots");
    // (The lowest of its memory is in use.)
    let mut name = 0;
    while let Some(pfn) = common::alloc(&mut machine, name, 10, PageKind::Movable) {
        name += 1;
        if pfn >= 0x5000 {
            break;
        }
    }
    run(&mut machine, &device(DEV, 26, false, None));
    let steps = run(&mut machine, &alloc(BUF, DEV, 64 << 10));
    let told: Vec<DmaStep> = steps
        .iter()
        .filter_map(|s| if let StepKind::Dma(step) = s.kind { Some(step) } else { None })
        .collect();
    let Some(Lane::Buddy(block)) = lane(&machine, BUF) else { panic!("{told:?}") };
    assert!(u64::from(block.last().0) << 12 < 1 << 26);
    if told.iter().any(|step| matches!(step, DmaStep::TooHigh { .. })) {
        assert_eq!(zone_kind(&machine, block.pfn), ZoneKind::Dma);
    }
}

/// A pool is the device's alone: first fit, aligned to the size, and nobody else is asked when it is full.
#[test]
fn facts_15_a_pool_of_its_own() {
    let pool = PfnRange::new(0x2000, 0x2010);
    let config = Config { pools: vec![pool], ..pc(64) };
    assert!(Machine::boot(&config).is_err(), "a pool is reserved");
    let mut reserved = config.reserved.clone();
    reserved.push(pool);
    let mut machine = Machine::boot(&Config { reserved, ..config }).expect("boots");
    run(&mut machine, &device(DEV, 32, false, Some(Region::Pool(0))));
    let before = free_pages(&machine);
    let names: Vec<NameId> = (0..4).map(|at| NameId(600 + at)).collect();
    for (name, pages) in names.iter().zip([1u64, 3, 2, 8]) {
        run(&mut machine, &alloc(*name, DEV, pages << 12));
    }
    let first = |at: usize| match lane(&machine, names[at]) {
        Some(Lane::Pool { first, order, .. }) => Some((first.0 - 0x2000, order.get())),
        _ => None,
    };
    assert_eq!(
        [first(0), first(1), first(2), first(3)],
        [Some((0, 0)), Some((4, 2)), Some((2, 1)), Some((8, 3))]
    );
    assert_eq!((dma(&machine).pools()[0].used(), free_pages(&machine)), (15, before));
    let steps = run(&mut machine, &alloc(BUF, DEV, 8192));
    assert!(steps.iter().any(|s| matches!(s.kind, StepKind::Dma(DmaStep::PoolFull { .. }))));
    assert_eq!(machine.named(BUF), Named::Failed);
    run(&mut machine, &free(names[1]));
    run(&mut machine, &alloc(BUF, DEV, 8192));
    assert!(matches!(lane(&machine, BUF), Some(Lane::Pool { first: Pfn(0x2004), .. })));
}

/// Memory in which every second page is in use: no block, but an IOMMU makes one piece of it.
fn fragmented(machine: &mut Machine) {
    let gfp = Gfp::of(PageKind::Unmovable, None);
    let mut name = 0;
    let mut all = Vec::new();
    loop {
        let op = Op::Alloc { name: NameId(10_000 + name), order: 0, gfp, cpu: CPU };
        while machine.run_unit_unseen(&op) == UnitEnd::More {}
        if !matches!(machine.named(NameId(10_000 + name)), Named::Block(_)) {
            break;
        }
        all.push(NameId(10_000 + name));
        name += 1;
    }
    let odd = |machine: &Machine, name: &NameId| matches!(machine.named(*name), Named::Block(block) if block.pfn.0 % 2 == 1);
    let odd: Vec<NameId> = all.into_iter().filter(|name| odd(machine, name)).collect();
    for name in &odd {
        let op = Op::Free { name: *name, cpu: CPU };
        while machine.run_unit_unseen(&op) == UnitEnd::More {}
    }
    while machine.run_unit_unseen(&Op::Drain) == UnitEnd::More {}
}

#[test]
fn facts_15_one_piece_of_many() {
    let mut machine = Machine::boot(&Config { watermarks: false, ..pc(16) }).expect("boots");
    fragmented(&mut machine);
    run(&mut machine, &device(NameId(600), 32, false, None));
    run(&mut machine, &alloc(NameId(700), NameId(600), 1 << 20));
    assert_eq!(machine.named(NameId(700)), Named::Failed, "256 frames in a row are nowhere");
    run(&mut machine, &device(DEV, 32, true, None));
    let before = free_pages(&machine);
    run(&mut machine, &alloc(BUF, DEV, 1 << 20));
    let Some(Lane::Iommu { iova, pages: 256 }) = lane(&machine, BUF) else {
        panic!("{:?}", lane(&machine, BUF))
    };
    // From the top of what 32 bits reach, aligned to its size.
    assert_eq!(iova, 0xf_ff00);
    let iommu = dma(&machine).device(DEV).and_then(|device| device.iommu.as_ref()).expect("it has one");
    let frames: Vec<u32> = (0..256).map(|at| iommu.frame(iova + at).expect("mapped").0).collect();
    assert!(frames.windows(2).any(|pair| pair[1] != pair[0] + 1), "scattered");
    // 256 pages and four tables: one of each level.
    assert_eq!((iommu.tables().count(), before - free_pages(&machine)), (4, 256 + 4));
    for _ in 0..2 {
        run(&mut machine, &Op::Dma(DmaOp::Access { name: BUF, first: 0, pages: 8 }));
    }
    let iommu = dma(&machine).device(DEV).and_then(|device| device.iommu.as_ref()).expect("it has one");
    assert_eq!((iommu.hits, iommu.misses), (8, 8));
    // The next buffer lies below it; interrupts keep their addresses.
    run(&mut machine, &alloc(NameId(701), DEV, 12 << 10));
    let Some(Lane::Iommu { iova: below, .. }) = lane(&machine, NameId(701)) else { panic!() };
    assert_eq!(below, 0xf_fefc);
    run(&mut machine, &free(BUF));
    run(&mut machine, &free(NameId(701)));
    let iommu = dma(&machine).device(DEV).and_then(|device| device.iommu.as_ref()).expect("it has one");
    assert_eq!((iommu.maps().count(), iommu.tlb().len()), (0, 0));
    assert_eq!(before - free_pages(&machine), 4, "the tables stay");
}

fn any_op() -> impl Strategy<Value = Op> {
    let dev = || (0u32..5).prop_map(|at| NameId(600 + at));
    let buf = || (0u32..12).prop_map(|at| NameId(700 + at));
    prop_oneof![
        5 => (buf(), dev(), 1u64..3 << 20, any::<bool>())
            .prop_map(|(name, device, bytes, atomic)| Op::Dma(DmaOp::Alloc { name, device, bytes, atomic, cpu: CPU })),
        4 => buf().prop_map(free),
        1 => buf().prop_map(|name| Op::Free { name, cpu: CPU }),
        2 => (buf(), 0u32..900, 1u32..65)
            .prop_map(|(name, first, pages)| Op::Dma(DmaOp::Access { name, first, pages })),
        2 => (0u32..30, 0u8..4).prop_map(|(name, order)| {
            let gfp = Gfp::of(PageKind::Movable, None);
            Op::Alloc { name: NameId(name), order, gfp, cpu: CPU }
        }),
        1 => (0u32..30).prop_map(|name| Op::Free { name: NameId(name), cpu: CPU }),
    ]
}

struct Count(usize);

impl Observer for Count {
    fn step(&mut self, _: &Machine, _: &Step) {
        self.0 += 1;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever devices ask for and give back: all laws hold, nobody leaks, and unseen the same comes of it.
    #[test]
    fn devices_keep_their_laws(ops in prop::collection::vec(any_op(), 1..40)) {
        let pool = PfnRange::new(0x1800, 0x1840);
        let mut config = pc(32);
        config.reserved.push(pool);
        config.pools = vec![pool];
        let area = declare(&config, &Wish { default: false, ..Wish::anywhere(1024) }).expect("there is room");
        config.areas = vec![area];
        let mut machine = Machine::boot(&config).expect("boots");
        let devices = [
            (32, false, None),
            (24, false, None),
            (32, true, None),
            (64, false, Some(Region::Area(0))),
            (32, false, Some(Region::Pool(0))),
        ];
        for (at, (mask, iommu, region)) in (600u32..).zip(devices) {
            run(&mut machine, &device(NameId(at), mask, iommu, region));
        }
        let before = free_pages(&machine);
        let mut unseen = machine.clone();
        for op in &ops {
            loop {
                let mut count = Count(0);
                let end = machine.run_unit(op, &mut count);
                prop_assert!(count.0 > 0, "a unit without a step: {op:?}");
                prop_assert_eq!(machine.check(), Ok(()));
                prop_assert_eq!(unseen.run_unit_unseen(op), end);
                if end == UnitEnd::Done {
                    break;
                }
            }
            prop_assert_eq!(machine.state_hash(), unseen.state_hash());
        }
        // Everything goes back, and all there was is there.
        for name in (700..712).map(NameId).chain((0..30).map(NameId)) {
            run(&mut machine, &Op::Free { name, cpu: CPU });
        }
        let tables = dma(&machine).devices().iter().filter_map(|d| d.iommu.as_ref()).map(|of| of.tables().count()).sum::<usize>();
        prop_assert_eq!(free_pages(&machine) + tables as u64, before);
        prop_assert_eq!(dma(&machine).pools()[0].used(), 0);
    }
}

//! Buffers that are lent to devices (Linux 6.1, kernel/dma/direct.h, swiotlb.c; drivers/iommu/dma-iommu.c): who finds them
//! where, whose turn it is, and what each of them sees.

mod common;

use common::run;
use mm::cma::place::{Wish, reserve};
use mm::config::Arch;
use mm::dma::swiotlb::{IO_TLB_SEGSIZE, IO_TLB_SIZE};
use mm::dma::{Direction, Dma, DmaOp, NoMapping, Stream, Swiotlb, Through};
use mm::op::{Gfp, NameId, PageKind};
use mm::step::DmaStep;
use mm::units::PAGE_SIZE;
use mm::{Config, CpuId, Machine, Named, Observer, Op, Pfn, Step, StepKind, UnitEnd};
use proptest::prelude::*;

const CPU: CpuId = CpuId(0);
const DEV: NameId = NameId(500);
const BLOCK: NameId = NameId(0);
const MAP: NameId = NameId(700);

fn device(name: NameId, mask: u8, iommu: bool, coherent: bool) -> Op {
    Op::Dma(DmaOp::Device { name, mask, iommu, coherent, region: None })
}

fn block(name: NameId, order: u8) -> Op {
    Op::Alloc { name, order, gfp: Gfp::of(PageKind::Unmovable, None), cpu: CPU }
}

fn map(name: NameId, what: NameId, bytes: u64, dir: Direction) -> Op {
    Op::Dma(DmaOp::Map { name, device: DEV, what, bytes, dir, cpu: CPU })
}

fn cpu(name: NameId, write: bool) -> Op {
    Op::Dma(DmaOp::Cpu { name, write })
}

fn reads(name: NameId) -> Op {
    Op::Dma(DmaOp::Access { name, first: 0, pages: 1 })
}

fn writes(name: NameId) -> Op {
    Op::Dma(DmaOp::Write { name })
}

fn sync(name: NameId, for_device: bool) -> Op {
    Op::Dma(DmaOp::Sync { name, for_device })
}

fn unmap(name: NameId) -> Op {
    Op::Dma(DmaOp::Unmap { name })
}

/// Frames below 16 MiB come last, so that what is handed out lies above what 24 bits reach.
fn machine(swiotlb: Option<u32>, limit: Option<Pfn>) -> Machine {
    let mut config = Config { pcp: true, watermarks: true, ..Config::pc(Arch::X86_64, &[64 * 256]) };
    if let Some(pages) = swiotlb {
        let wish = Wish { pages, alignment: 1, from: Pfn(0), limit, fixed: false, default: false };
        let area = reserve(&config, &wish).expect("there is room");
        config.reserved.push(area.frames);
        config.swiotlb = Some(area.frames);
    }
    Machine::boot(&config).expect("boots")
}

/// Below 16 MiB, where a device with 24 bits reaches it.
fn low(pages: u32) -> Machine {
    machine(Some(pages), Some(Pfn(4096)))
}

fn dma(machine: &Machine) -> &Dma {
    machine.dma().expect("it has devices")
}

fn stream(machine: &Machine, name: NameId) -> Stream {
    *dma(machine).stream(name).expect("it is lent")
}

fn pool(machine: &Machine) -> &Swiotlb {
    dma(machine).swiotlb().expect("it has bounce buffers")
}

/// The steps of an op that are about devices.
fn steps(machine: &mut Machine, op: &Op) -> Vec<DmaStep> {
    struct Told(Vec<DmaStep>);
    impl Observer for Told {
        fn step(&mut self, machine: &Machine, step: &Step) {
            assert_eq!(machine.check(), Ok(()), "after {step:?}");
            if let StepKind::Dma(step) = step.kind {
                self.0.push(step);
            }
        }
    }
    let mut told = Told(Vec::new());
    while machine.run_unit(op, &mut told) == UnitEnd::More {}
    told.0
}

fn values(told: &[DmaStep]) -> Vec<(u32, u32)> {
    let seen = |step: &DmaStep| match *step {
        DmaStep::CpuTouched { value, newest, .. } | DmaStep::DeviceTouched { value, newest, .. } => {
            Some((value, newest))
        }
        _ => None,
    };
    told.iter().filter_map(seen).collect()
}

fn refused(told: &[DmaStep]) -> Option<NoMapping> {
    told.iter().find_map(|step| match step {
        DmaStep::NotMapped { why, .. } => Some(*why),
        _ => None,
    })
}

#[test]
fn the_mask_decides_whether_it_is_direct() {
    for (mask, direct) in [(32, true), (24, false), (64, true)] {
        let mut machine = low(256);
        run(&mut machine, &device(DEV, mask, false, true));
        run(&mut machine, &block(BLOCK, 0));
        run(&mut machine, &map(MAP, BLOCK, 0, Direction::ToDevice));
        let of = stream(&machine, MAP);
        assert!(u64::from(of.first.0) * PAGE_SIZE >= 1 << 24, "the block lies above 16 MiB");
        assert_eq!(of.through == Through::Direct, direct, "{mask}");
        let address = of.address(dma(&machine).swiotlb());
        assert!(mask == 64 || address + u64::from(of.bytes) <= 1 << mask);
        assert_eq!(pool(&machine).used(), if direct { 0 } else { 2 });
        assert!(of.with_device);
        run(&mut machine, &unmap(MAP));
        assert_eq!((pool(&machine).used(), machine.named(MAP)), (0, Named::Freed));
    }
}

/// 6 KiB are three slots, and whoever wants a page or more begins at one; 256 KiB are a segment, and more is refused.
#[test]
fn slots_are_of_two_kibibytes_in_segments() {
    let mut machine = low(256);
    run(&mut machine, &device(DEV, 24, false, true));
    run(&mut machine, &block(BLOCK, 7));
    let wanted = [(2048, 0, 1), (6 << 10, 2, 3), (100, 5, 1), (4096, 6, 2), (256 << 10, 128, 128)];
    for (at, (bytes, first, slots)) in (700u32..).zip(wanted) {
        run(&mut machine, &map(NameId(at), BLOCK, bytes, Direction::FromDevice));
        assert_eq!(stream(&machine, NameId(at)).through, Through::Swiotlb { first, slots }, "{bytes}");
    }
    let told = steps(&mut machine, &map(NameId(800), BLOCK, (256 << 10) + 1, Direction::FromDevice));
    assert_eq!(refused(&told), Some(NoMapping::TooLarge));
    assert_eq!(machine.named(NameId(800)), Named::Failed);
    // Two segments are left, and then what is behind the first ones.
    for at in [801, 802] {
        run(&mut machine, &map(NameId(at), BLOCK, 256 << 10, Direction::FromDevice));
    }
    let told = steps(&mut machine, &map(NameId(803), BLOCK, 256 << 10, Direction::FromDevice));
    assert_eq!(refused(&told), Some(NoMapping::Full { largest: 128 - 8 }));
    run(&mut machine, &map(NameId(804), BLOCK, 240 << 10, Direction::FromDevice));
    let told = steps(&mut machine, &map(NameId(805), BLOCK, 2048, Direction::FromDevice));
    assert_eq!(refused(&told), None, "one slot lies behind the second mapping");
    assert_eq!(stream(&machine, NameId(805)).through, Through::Swiotlb { first: 1, slots: 1 });
}

#[test]
fn without_bounce_buffers_or_below_them_it_is_refused() {
    let mut machine = machine(None, None);
    run(&mut machine, &device(DEV, 24, false, true));
    run(&mut machine, &block(BLOCK, 0));
    let told = steps(&mut machine, &map(MAP, BLOCK, 0, Direction::Both));
    assert_eq!(refused(&told), Some(NoMapping::NoSwiotlb));
    let mut machine = self::machine(Some(256), None);
    run(&mut machine, &device(DEV, 24, false, true));
    run(&mut machine, &block(BLOCK, 0));
    let told = steps(&mut machine, &map(MAP, BLOCK, 0, Direction::Both));
    assert_eq!((refused(&told), pool(&machine).used()), (Some(NoMapping::SlotTooHigh), 0));
}

/// What the CPU wrote comes to the slots with the mapping; what it writes later does not before it is told.
#[test]
fn a_bounce_buffer_is_copied_in_each_direction() {
    let mut machine = low(256);
    run(&mut machine, &device(DEV, 24, false, true));
    run(&mut machine, &block(BLOCK, 0));
    run(&mut machine, &cpu(BLOCK, true));
    let copies = |told: &[DmaStep]| {
        told.iter()
            .filter_map(|step| match step {
                DmaStep::Bounced { to_device, value, .. } => Some((*to_device, *value)),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    let told = steps(&mut machine, &map(MAP, BLOCK, 0, Direction::ToDevice));
    assert_eq!(copies(&told), [(true, 1)]);
    assert_eq!(values(&steps(&mut machine, &reads(MAP))), [(1, 1)]);
    run(&mut machine, &cpu(BLOCK, true));
    assert_eq!(values(&steps(&mut machine, &reads(MAP))), [(1, 2)], "the slot is old");
    assert_eq!(copies(&steps(&mut machine, &sync(MAP, true))), [(true, 2)]);
    assert_eq!(values(&steps(&mut machine, &reads(MAP))), [(2, 2)]);
    assert_eq!(copies(&steps(&mut machine, &unmap(MAP))), [], "nothing comes back");
    // The other way round: at first as well, or what lay in the slot before would come out of it.
    let told = steps(&mut machine, &map(MAP, BLOCK, 0, Direction::FromDevice));
    assert_eq!(copies(&told), [(true, 2)]);
    run(&mut machine, &writes(MAP));
    assert_eq!(values(&steps(&mut machine, &cpu(BLOCK, false))), [(2, 3)], "it is not there yet");
    assert_eq!(copies(&steps(&mut machine, &sync(MAP, false))), [(false, 3)]);
    assert_eq!(values(&steps(&mut machine, &cpu(BLOCK, false))), [(3, 3)]);
    assert_eq!(copies(&steps(&mut machine, &sync(MAP, true))), [], "the device only writes");
    run(&mut machine, &writes(MAP));
    assert_eq!(copies(&steps(&mut machine, &unmap(MAP))), [(false, 4)]);
    assert_eq!(values(&steps(&mut machine, &cpu(BLOCK, false))), [(4, 4)]);
}

/// A device that does not look into the caches: without a sync each sees what is old.
#[test]
fn a_cache_line_is_stale_where_nobody_synced() {
    for (coherent, stale) in [(true, false), (false, true)] {
        let mut machine = machine(None, None);
        run(&mut machine, &device(DEV, 32, false, coherent));
        run(&mut machine, &block(BLOCK, 0));
        run(&mut machine, &cpu(BLOCK, true));
        run(&mut machine, &map(MAP, BLOCK, 0, Direction::Both));
        assert_eq!(values(&steps(&mut machine, &reads(MAP))), [(1, 1)], "mapping it writes the cache back");
        run(&mut machine, &writes(MAP));
        let seen = values(&steps(&mut machine, &cpu(BLOCK, false)));
        assert_eq!(seen, [(if stale { 1 } else { 2 }, 2)]);
        run(&mut machine, &sync(MAP, false));
        assert_eq!(values(&steps(&mut machine, &cpu(BLOCK, false))), [(2, 2)]);
        run(&mut machine, &cpu(BLOCK, true));
        let seen = values(&steps(&mut machine, &reads(MAP)));
        assert_eq!(seen, [(if stale { 2 } else { 3 }, 3)]);
        run(&mut machine, &sync(MAP, true));
        assert_eq!(values(&steps(&mut machine, &reads(MAP))), [(3, 3)]);
        // Whoever writes when it is not his turn loses it.
        run(&mut machine, &cpu(BLOCK, true));
        run(&mut machine, &writes(MAP));
        let told = steps(&mut machine, &unmap(MAP));
        let lost =
            told.iter().any(|step| matches!(step, DmaStep::Invalidated { dropped: Some((4, true)), .. }));
        assert_eq!(lost, stale, "{told:?}");
        assert_eq!(values(&steps(&mut machine, &cpu(BLOCK, false))), [(5, 5)]);
    }
}

#[test]
fn an_iommu_leads_to_its_pages_and_forbids_the_rest() {
    let mut machine = machine(None, None);
    run(&mut machine, &device(DEV, 32, true, true));
    run(&mut machine, &block(BLOCK, 2));
    run(&mut machine, &map(MAP, BLOCK, 9000, Direction::ToDevice));
    let of = stream(&machine, MAP);
    assert_eq!(of.through, Through::Iommu { iova: 0xf_fffc, pages: 3 });
    let iommu = dma(&machine).device(DEV).and_then(|device| device.iommu.as_ref()).expect("it has one");
    assert_eq!(
        (0..3).map(|at| iommu.frame(0xf_fffc + at)).collect::<Vec<_>>(),
        [0, 1, 2].map(|at| Some(of.first.plus(at)))
    );
    let told = steps(&mut machine, &writes(MAP));
    assert!(matches!(told[..], [DmaStep::Faulted { write: true, address: 0xffff_c000, .. }]), "{told:?}");
    run(&mut machine, &map(NameId(701), BLOCK, 0, Direction::Both));
    assert_eq!(machine.check(), Ok(()), "the same block twice");
    run(&mut machine, &unmap(MAP));
    run(&mut machine, &Op::Free { name: NameId(701), cpu: CPU });
    let iommu = dma(&machine).device(DEV).and_then(|device| device.iommu.as_ref()).expect("it has one");
    assert_eq!((iommu.maps().count(), iommu.tlb().len()), (0, 0));
}

#[test]
fn what_moves_is_not_lent() {
    let mut machine = low(256);
    run(&mut machine, &device(DEV, 24, false, true));
    let movable = Op::Alloc { name: BLOCK, order: 0, gfp: Gfp::of(PageKind::Movable, None), cpu: CPU };
    run(&mut machine, &movable);
    run(&mut machine, &map(MAP, BLOCK, 0, Direction::Both));
    assert_eq!(machine.named(MAP), Named::Nothing);
}

/// Each CPU begins in its own area, and goes to the next one when it is full.
#[test]
fn each_cpu_has_an_area() {
    let mut config = Config { cpus: vec![0, 0], ..Config::pc(Arch::X86_64, &[64 * 256]) };
    let wish =
        Wish { pages: 256, alignment: 1, from: Pfn(0), limit: Some(Pfn(4096)), fixed: false, default: false };
    let frames = reserve(&config, &wish).expect("there is room").frames;
    config.reserved.push(frames);
    config.swiotlb = Some(frames);
    let mut machine = Machine::boot(&config).expect("boots");
    run(&mut machine, &device(DEV, 24, false, true));
    run(&mut machine, &block(BLOCK, 6));
    let at = |machine: &mut Machine, name: u32, cpu: u8| {
        let (name, cpu) = (NameId(name), CpuId(cpu));
        let dir = Direction::Both;
        run(machine, &Op::Dma(DmaOp::Map { name, device: DEV, what: BLOCK, bytes: 0, dir, cpu }));
        match stream(machine, name).through {
            Through::Swiotlb { first, .. } => first,
            other => panic!("{other:?}"),
        }
    };
    let firsts: Vec<u32> =
        [(700, 0), (701, 1), (702, 1), (703, 1)].map(|(name, cpu)| at(&mut machine, name, cpu)).into();
    assert_eq!(firsts, [0, 256, 384, 128]);
    assert_eq!((pool(&machine).areas(), IO_TLB_SIZE, IO_TLB_SEGSIZE), (2, 2048, 128));
}

fn any_op() -> impl Strategy<Value = Op> {
    let dev = || (0u32..4).prop_map(|at| NameId(600 + at));
    let mapping = || (0u32..8).prop_map(|at| NameId(700 + at));
    let what = || (0u32..6).prop_map(NameId);
    let dir = prop_oneof![Just(Direction::ToDevice), Just(Direction::FromDevice), Just(Direction::Both)];
    prop_oneof![
        3 => (what(), 0u8..8).prop_map(|(name, order)| block(name, order)),
        1 => what().prop_map(|name| Op::Free { name, cpu: CPU }),
        6 => (mapping(), dev(), what(), 0u64..300 << 10, dir, 0u8..2).prop_map(|(name, device, what, bytes, dir, cpu)| {
            Op::Dma(DmaOp::Map { name, device, what, bytes, dir, cpu: CpuId(cpu) })
        }),
        3 => mapping().prop_map(unmap),
        1 => mapping().prop_map(|name| Op::Free { name, cpu: CPU }),
        3 => (mapping(), any::<bool>()).prop_map(|(name, for_device)| sync(name, for_device)),
        3 => (what(), any::<bool>()).prop_map(|(name, write)| cpu(name, write)),
        2 => mapping().prop_map(reads),
        2 => mapping().prop_map(writes),
    ]
}

struct Count(usize);

impl Observer for Count {
    fn step(&mut self, machine: &Machine, _: &Step) {
        assert_eq!(machine.check(), Ok(()));
        self.0 += 1;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is lent and given back: slots and addresses never leak, unseen the same comes of it, and whoever keeps to the
    /// turns never sees what is old.
    #[test]
    fn lending_keeps_its_laws(ops in prop::collection::vec(any_op(), 1..60)) {
        let mut config = Config { cpus: vec![0, 0], pcp: true, ..Config::pc(Arch::X86_64, &[64 * 256]) };
        let wish = Wish { pages: 256, alignment: 1, from: Pfn(0), limit: Some(Pfn(4096)), fixed: false, default: false };
        let frames = reserve(&config, &wish).expect("there is room").frames;
        config.reserved.push(frames);
        config.swiotlb = Some(frames);
        let mut machine = Machine::boot(&config).expect("boots");
        for (at, (mask, iommu, coherent)) in (600u32..).zip([(24, false, true), (24, false, false), (32, false, false), (32, true, false)]) {
            run(&mut machine, &device(NameId(at), mask, iommu, coherent));
        }
        let mut unseen = machine.clone();
        for op in &ops {
            loop {
                let mut count = Count(0);
                let end = machine.run_unit(op, &mut count);
                prop_assert!(count.0 > 0, "a unit without a step: {op:?}");
                prop_assert_eq!(unseen.run_unit_unseen(op), end);
                if end == UnitEnd::Done {
                    break;
                }
            }
            prop_assert_eq!(machine.state_hash(), unseen.state_hash());
        }
        for name in (700..708).map(NameId) {
            run(&mut machine, &Op::Free { name, cpu: CPU });
        }
        prop_assert_eq!(pool(&machine).used(), 0);
        prop_assert_eq!(dma(&machine).streams().count(), 0);
        for device in dma(&machine).devices() {
            prop_assert_eq!(device.iommu.as_ref().map_or(0, |iommu| iommu.maps().count()), 0);
        }
    }

    /// One device, and everybody waits for his turn: what is seen is what was written last.
    #[test]
    fn who_waits_for_his_turn_sees_the_newest(
        mask in prop_oneof![Just(24u8), Just(32)],
        coherent in any::<bool>(),
        iommu in any::<bool>(),
        dir in prop_oneof![Just(Direction::ToDevice), Just(Direction::FromDevice), Just(Direction::Both)],
        turns in prop::collection::vec((any::<bool>(), any::<bool>()), 1..12),
    ) {
        let mut machine = low(256);
        run(&mut machine, &device(DEV, mask, iommu, coherent));
        run(&mut machine, &block(BLOCK, 1));
        run(&mut machine, &cpu(BLOCK, true));
        run(&mut machine, &map(MAP, BLOCK, 0, dir));
        for (with_device, write) in turns {
            if stream(&machine, MAP).with_device != with_device {
                run(&mut machine, &sync(MAP, with_device));
            }
            let op = match (with_device, write) {
                (true, true) if dir.writes() => writes(MAP),
                (true, false) if dir.reads() => reads(MAP),
                (true, _) => continue,
                // What the CPU writes goes to the device only where the device reads.
                (false, write) => cpu(BLOCK, write && dir.reads()),
            };
            for (seen, newest) in values(&steps(&mut machine, &op)) {
                prop_assert_eq!(seen, newest, "{:?}", op);
            }
        }
        // What the CPU wrote in its turn has to go to the device first, or a copy that comes back lies over it. (While it is
        // the device's turn that would lie over what the device wrote.)
        if !stream(&machine, MAP).with_device {
            run(&mut machine, &sync(MAP, true));
        }
        run(&mut machine, &unmap(MAP));
        for (seen, newest) in values(&steps(&mut machine, &cpu(BLOCK, false))) {
            prop_assert_eq!(seen, newest);
        }
    }
}

//! Lines about contiguous areas.

use proptest::prelude::*;
use scenario::cma::{AreaLine, CmaLine, ReservedLine};
use scenario::dma::{DIRECTIONS, DmaLine};

use super::{amount, cpu, name, target};

pub fn area() -> impl Strategy<Value = AreaLine> {
    let place = || prop::option::of(amount());
    // A size of nothing is written `0`, like a switch of old.
    (amount(), place(), place()).prop_map(|(size, at, below)| AreaLine { size, at, below })
}

pub fn reserved() -> impl Strategy<Value = ReservedLine> {
    let maybe = || prop::option::of(amount());
    let words = (0u8..3, any::<bool>(), any::<bool>());
    (name(), amount(), maybe(), maybe(), (maybe(), maybe()), words).prop_map(
        |(name, size, alignment, at, (from, below), (use_of, default, dma_default))| ReservedLine {
            name,
            size,
            alignment,
            at,
            from,
            below,
            reusable: use_of == 1,
            no_map: use_of == 2,
            default,
            dma_default,
            is_pool: true,
        },
    )
}

pub fn op() -> impl Strategy<Value = CmaLine> {
    let pages = || prop_oneof![1u32..2000, 1u32..=8_388_608];
    prop_oneof![
        (target(), pages(), 0u8..=10, prop::option::of(name()), cpu())
            .prop_map(|(target, count, align, area, cpu)| CmaLine::Alloc { target, count, align, area, cpu }),
        (target(), 0u32..70_000, pages(), cpu()).prop_map(|(target, first, count, cpu)| CmaLine::Range {
            target,
            first,
            count,
            cpu
        }),
        (target(), cpu()).prop_map(|(target, cpu)| CmaLine::Release { target, cpu }),
    ]
}

pub fn device() -> impl Strategy<Value = DmaLine> {
    prop_oneof![
        (target(), 24u8..=64, any::<bool>(), any::<bool>(), prop::option::of(name())).prop_map(
            |(target, mask, iommu, coherent, region)| DmaLine::Device {
                target,
                mask,
                iommu,
                coherent,
                region
            }
        ),
        (target(), target(), target(), 0u64..=256 << 20, 0usize..3, cpu()).prop_map(
            |(target, device, what, bytes, dir, cpu)| {
                DmaLine::Map { target, device, what, bytes, dir: DIRECTIONS[dir], cpu }
            }
        ),
        target().prop_map(|target| DmaLine::Unmap { target }),
        target().prop_map(|target| DmaLine::Write { target }),
        (target(), any::<bool>()).prop_map(|(target, for_device)| DmaLine::Sync { target, for_device }),
        (target(), any::<bool>()).prop_map(|(target, write)| DmaLine::Cpu { target, write }),
        (target(), target(), prop_oneof![1u64..70_000, 1u64..=256 << 20], any::<bool>(), cpu()).prop_map(
            |(target, device, bytes, atomic, cpu)| DmaLine::Alloc { target, device, bytes, atomic, cpu }
        ),
        (target(), cpu()).prop_map(|(target, cpu)| DmaLine::Free { target, cpu }),
        (target(), 0u32..5000, 1u32..=64).prop_map(|(target, first, pages)| DmaLine::Access {
            target,
            first,
            pages
        }),
    ]
}

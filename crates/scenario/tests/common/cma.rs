//! Lines about contiguous areas.

use proptest::prelude::*;
use scenario::cma::{AreaLine, CmaLine, ReservedLine};
use scenario::dma::DmaLine;

use super::{amount, cpu, name, target};

pub fn area() -> impl Strategy<Value = AreaLine> {
    let place = || prop::option::of(amount());
    // A size of nothing is written `0`, like a switch of old.
    (amount(), place(), place()).prop_map(|(size, at, below)| AreaLine { size, at, below })
}

pub fn reserved() -> impl Strategy<Value = ReservedLine> {
    let maybe = || prop::option::of(amount());
    (name(), amount(), maybe(), maybe(), 0u8..3, any::<bool>()).prop_map(
        |(name, size, alignment, at, use_of, default)| ReservedLine {
            name,
            size,
            alignment,
            at,
            reusable: use_of == 1,
            no_map: use_of == 2,
            default,
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
        (target(), 24u8..=64, any::<bool>(), prop::option::of(name()))
            .prop_map(|(target, mask, iommu, region)| DmaLine::Device { target, mask, iommu, region }),
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

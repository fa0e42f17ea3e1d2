//! Caches of processors for property tests.

use mm::hierarchy::{Cycles, Disk, Geometry, MOST_BYTES, Preset};
use proptest::prelude::*;
use scenario::caches::CachesLine;

fn size(most: u32) -> impl Strategy<Value = Option<Geometry>> {
    let any = (0u32..=20, 1u64..=128).prop_filter_map("too large", move |(shift, ways)| {
        let bytes = (64 * ways) << shift;
        (bytes <= u64::from(most)).then(|| Geometry::new(bytes, ways)).flatten()
    });
    prop::option::of(any)
}

/// Any line about caches that says something.
pub fn caches() -> impl Strategy<Value = CachesLine> {
    let cycles = (1u32..=1_000_000, 1u32..=1_000_000, 1u32..=1_000_000, 1u32..=1_000_000)
        .prop_map(|(l1, l2, l3, dram)| Cycles { l1, l2, l3, dram });
    let [l1, l2, l3] = MOST_BYTES;
    (
        prop::option::of(prop::sample::select(Preset::ALL.to_vec())),
        (size(l1), size(l1), size(l2), size(l3)),
        prop::option::of(cycles),
        prop::option::of(100u32..=10_000),
        prop::option::of(prop::sample::select(vec![Disk::Ssd, Disk::Hdd])),
    )
        .prop_map(|(preset, (l1d, l1i, l2, l3), cycles, mhz, disk)| CachesLine {
            preset,
            sizes: [l1d, l1i, l2, l3],
            cycles,
            mhz,
            disk,
        })
        .prop_filter("it says something", |line| *line != CachesLine::default())
}

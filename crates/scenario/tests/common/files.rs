//! Lines about files, swap and time.

use mm::reclaim::{FileAdvice, Medium};
use proptest::prelude::*;
use scenario::ast::Amount;
use scenario::files::{FileLine, LowmemLine, MAX_WAIT, SwapLine};
use scenario::process::MAX_BYTES;

use super::process::range;
use super::{amount, cpu, target};

/// What a group may have.
fn limit() -> impl Strategy<Value = Option<Amount>> {
    prop::option::of(amount())
}

pub fn file() -> impl Strategy<Value = FileLine> {
    use FileAdvice::{DontNeed, Normal, Random, Sequential};
    let block = prop_oneof![Just(4096u32), 1u32..=1 << 20];
    let io = (target(), prop::option::of(range(MAX_BYTES)), block, any::<bool>(), cpu())
        .prop_map(|(file, bytes, block, writes, cpu)| FileLine::Io { file, bytes, block, writes, cpu });
    let advice = prop::sample::select(vec![Normal, Sequential, Random, DontNeed]);
    prop_oneof![
        4 => io,
        1 => target().prop_map(FileLine::Fsync),
        1 => Just(FileLine::Sync),
        1 => (target(), advice).prop_map(|(file, advice)| FileLine::Advise(file, advice)),
        1 => (1u8..=3).prop_map(FileLine::DropCaches),
        1 => (target(), limit(), limit())
            .prop_map(|(target, max, swap_max)| FileLine::Group { target, max, swap_max }),
        1 => (target(), limit(), any::<bool>())
            .prop_map(|(group, max, swap)| FileLine::GroupMax { group, max, swap }),
        1 => prop_oneof![1u32..=MAX_WAIT, (1u32..=3600).prop_map(|s| s * 1000)].prop_map(FileLine::Wait),
    ]
}

pub fn swap() -> impl Strategy<Value = SwapLine> {
    let size = amount().prop_filter("pages of swap", |size| (2..=4 << 20).contains(&size.count()));
    let medium = prop::sample::select(vec![Medium::Disk, Medium::Zram]);
    (size, medium, prop::option::of(0..=i16::MAX)).prop_map(|(size, medium, priority)| SwapLine {
        size,
        medium,
        priority,
    })
}

pub fn lowmem() -> impl Strategy<Value = LowmemLine> {
    let adj = prop::collection::vec(-1000i16..=1000, 0..=6);
    let minfree = prop::collection::vec(1u32..=8_388_608, 0..=6);
    (any::<bool>(), adj, minfree).prop_map(|(on, adj, minfree)| LowmemLine { on, adj, minfree })
}

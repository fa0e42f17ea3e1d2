//! Questions about pages that move and memory for devices, judged by what the machine then holds.

use std::collections::BTreeSet;

use mm::compaction::CompactEvent;
use mm::dma::{Lane, Through};
use mm::op::NameId;
use mm::step::{CompactStep, DmaStep, MigrateStep};
use mm::{Machine, Named, Pfn, StepKind};

use super::*;

/// Where a buffer comes from: what the machine says of it.
pub(super) fn is_dma(after: &Machine, name: NameId, end: DmaEnd) -> bool {
    let lane = after.dma().and_then(|dma| dma.buffer(name)).map(|buffer| buffer.lane);
    match end {
        DmaEnd::Pool => matches!(lane, Some(Lane::Pool { .. })),
        DmaEnd::Iommu => matches!(lane, Some(Lane::Iommu { .. })),
        DmaEnd::Cma => matches!(lane, Some(Lane::Cma { .. })),
        DmaEnd::Buddy => matches!(lane, Some(Lane::Buddy(_))),
        DmaEnd::Nothing => lane.is_none() && after.named(name) == Named::Failed,
    }
}

/// Where what is lent is found: in the machine's own table of mappings.
pub(super) fn is_lent(after: &Machine, what: NameId, end: LendEnd, did: StepKind) -> bool {
    let dma = after.dma().expect("it has devices");
    let through = dma.streams().filter(|(_, of)| of.what == what).map(|(_, of)| of.through).last();
    match end {
        LendEnd::Direct => through == Some(Through::Direct),
        LendEnd::Copy => matches!(through, Some(Through::Swiotlb { .. })),
        LendEnd::Iommu => matches!(through, Some(Through::Iommu { .. })),
        LendEnd::Refused => matches!(
            did,
            StepKind::Dma(DmaStep::NotMapped { name, .. }) if after.named(name) == Named::Failed
        ),
    }
}

/// What is seen lies there: in the cache, in memory or in the slots.
pub(super) fn is_seen(before: &Machine, who: Option<NameId>, what: NameId, value: u32) -> bool {
    let dma = before.dma().expect("it has devices");
    let of = dma.contents_of(what).expect("it was touched");
    match who {
        None => of.line.cache.map_or(of.line.memory, |(cached, _)| cached) == value,
        Some(device) => {
            let coherent = dma.device(device).expect("it is there").coherent;
            dma.streams().filter(|(_, of)| (of.what, of.device) == (what, device)).any(|(_, stream)| {
                let line = match stream.through {
                    Through::Swiotlb { .. } => stream.slot,
                    _ => of.line,
                };
                let cached = line.cache.filter(|_| coherent).map(|(cached, _)| cached);
                cached.unwrap_or(line.memory) == value
            })
        }
    }
}

/// Where the scanners met: pages moved from there or below it to there or above it, and the scanners begin anew.
pub(super) fn is_meeting(
    after: &Machine,
    did: StepKind,
    mut rest: impl Iterator<Item = StepKind>,
    met: Option<Pfn>,
) -> bool {
    let StepKind::Compact(CompactStep::Ends { zone, migrate, free, .. }) = did else { return false };
    let order = after.pageblock_order();
    let [left, right] = [migrate, free].map(|pfn| pfn.align_down(order));
    let cached = after.compaction().expect("it compacted").zones()[zone.index()].cached_migrate;
    let mut lies_around = |met: Pfn| {
        rest.all(|kind| match kind {
            StepKind::Migrate(MigrateStep::Moved { from, to, .. }) if after.zone_of(from) == Some(zone) => {
                from.align_down(order) <= met && to.align_down(order) >= met
            }
            _ => true,
        })
    };
    match met {
        None => right > left,
        Some(met) => {
            let first = after.zone(zone).span.start;
            left == met && right <= left && cached == [first; 2] && lies_around(met)
        }
    }
}

/// Whether a scanner took anything: the machine counts what is taken.
pub(super) fn is_taken(before: &Machine, after: &Machine, takes: bool) -> bool {
    let taken = |machine: &Machine| machine.compaction().expect("it compacts").event(CompactEvent::Isolated);
    takes == (taken(after) > taken(before))
}

const SCATTERED: &str = "ram 2M\nzone Normal\npageblock_order 6\npcp off\ncompaction on\n\
    k = alloc order=6 unmovable\nfor i in 0..391\n  a[i] = alloc order=0 movable\nend\n\
    for i in 0..195\n  free a[2*i]\nend\npin a[101]\nb = alloc order=6 movable\nfree b\ncompact_memory\n\
    c = alloc order=7 movable\n";

const DEVICES: &str = "ram 32M\nreserved_memory dsp size=64K no-map\nreserved_memory cam size=4M reusable\n\
    d = device memory_region=dsp\ne = device memory_region=cam\nf = device iommu\ng = device mask=24\n\
    a = dma_alloc_coherent d 32K\nb = dma_alloc_coherent d 64K\nc = dma_alloc_coherent e 20K\n\
    h = dma_alloc_coherent e 20K atomic\ni = dma_alloc_coherent f 20K\nj = dma_alloc_coherent g 4M\n\
    k = dma_alloc_coherent g 8M\nl = dma_alloc_coherent e 16M\n";

const LENT: &str = "ram 5G\nswiotlb 1M\npcp off\nn = device mask=40 noncoherent\na = alloc order=0 unmovable\n\
    cpu_write a\nm = dma_map n a dir=both\ndma_read m\ndma_write m\ncpu_read a\ndma_sync_for_cpu m\ncpu_read a\n\
    c = device\nb = alloc order=7 unmovable\no = dma_map c b 6K dir=to\ncpu_write b\ndma_read o\n\
    q = dma_map c b 400K dir=to\ng = device mask=40 iommu\nr = dma_map g b 64K dir=to\nh = device iommu\n\
    s = dma_map h b 64K dir=to\n";

#[test]
fn devices_and_scanners_are_asked_about() {
    let mut kinds = BTreeMap::new();
    let (mut ends, mut mistakes) = (BTreeSet::new(), BTreeSet::new());
    for text in [SCATTERED, DEVICES, LENT] {
        examine_and_show(text, &mut kinds, |asked| {
            for choice in asked.choices() {
                match (choice.claim, choice.mistake) {
                    (claim @ (Claim::Dma(_) | Claim::Takes(_) | Claim::Lends(_)), None) => {
                        ends.insert(format!("{claim:?}"));
                    }
                    (Claim::Meet(at), None) => {
                        ends.insert(format!("meet {}", at.is_some()));
                    }
                    (_, Some(mistake @ (Mistake::Dma(_) | Mistake::Compact(_)))) => {
                        mistakes.insert(format!("{mistake:?}"));
                    }
                    _ => {}
                }
            }
        });
    }
    let all = [Kind::Lends, Kind::Sees, Kind::DmaEnds, Kind::ScannersMeet, Kind::BlockTaken];
    assert!(all.iter().all(|kind| kinds.contains_key(kind)), "{kinds:?}");
    assert_eq!(ends.len(), 13, "every answer is right once: {ends:?}");
    assert!(mistakes.len() >= 24, "misconceptions that are met: {mistakes:?}");
}

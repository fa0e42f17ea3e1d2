//! Pages that move, and compaction: every kind of step in both languages, with the longest names and numbers.

use mm::compaction::{CompactPriority, CompactResult, Compactor, Passed, Scanner, Suitable};
use mm::migrate::Stays;
use mm::step::{CompactStep, MigrateStep};
use mm::units::Vaddr;

use super::rules::keeps_the_rules;
use super::*;

const ALL_STAYS: [Stays; 10] = [
    Stays::NotInUse,
    Stays::Unmovable(PageKind::Unmovable),
    Stays::Unmovable(PageKind::Slab),
    Stays::Unmovable(PageKind::PageTable),
    Stays::Compound(Order::MAX),
    Stays::Unknown,
    Stays::Pinned,
    Stays::Writeback,
    Stays::Locked,
    Stays::NotListed,
];

fn moves(name: NameId, pfn: Pfn, pages: u32) -> Vec<StepKind> {
    use MigrateStep as S;
    let (owner, process, address) = (Some(name), name, Vaddr(0x7fff_f7fe_f000));
    let mut all = vec![
        S::Pinned { name: owner, pfn, pages },
        S::Pinned { name: None, pfn, pages: 1 },
        S::Unpinned { name: owner, pfn, pages },
        S::Unpinned { name: None, pfn, pages },
        S::NothingPinned { name: owner },
        S::NothingPinned { name: None },
        S::Unmapped { pfn, process, address },
        S::Copied { from: pfn, to: pfn, owner },
        S::Copied { from: pfn, to: pfn, owner: None },
        S::Remapped { pfn, process, address },
        S::Freed { pfn },
        S::Moved { from: pfn, to: pfn, owner },
        S::Moved { from: pfn, to: pfn, owner: None },
        S::ToNode { name, node: 1, moved: 32, stayed: 0 },
        S::ToNode { name, node: 7, moved: pages, stayed: pages },
    ];
    all.extend(ALL_STAYS.map(|why| S::Stays { pfn, why }));
    all.into_iter().map(StepKind::Migrate).collect()
}

fn compacts(pfn: Pfn, pages: u32) -> Vec<StepKind> {
    use CompactStep as S;
    let (zone, order, node) = (ZoneId(0), Order::MAX, 7);
    // Of one pageblock.
    let some = pages.min(1024);
    let mut all = vec![
        S::PutOff { zone, order, considered: 63, limit: 64 },
        S::NothingLeft { zone },
        S::NoRoom { zone, pages },
        S::Drained { zone, pages },
        S::Served { order, zone: Some(zone) },
        S::Served { order, zone: None },
        S::Woken { node, order },
        S::Sleeps { node },
        S::Score { node, score: 91, low: 80, high: 90, begins: true },
        S::Score { node, score: 12, low: 80, high: 90, begins: false },
        S::IsolatedRoom { zone, from: pfn, to: pfn, pages: some },
        S::IsolatedRoom { zone, from: pfn, to: pfn, pages: 0 },
        S::IsolatedPages { zone, from: pfn, to: pfn, pages: some, stays: 0, first: None },
        S::IsolatedPages { zone, from: pfn, to: pfn, pages: 1, stays: some, first: None },
    ];
    for why in ALL_STAYS {
        all.push(S::IsolatedPages {
            zone,
            from: pfn,
            to: pfn,
            pages: some,
            stays: some,
            first: Some((pfn, why)),
        });
    }
    for by in [Compactor::Direct, Compactor::Person, Compactor::Kcompactd(7)] {
        for whole_zone in [false, true] {
            all.push(S::Begins { zone, by, order: Some(order), migrate: pfn, free: pfn, whole_zone });
        }
    }
    for scanner in [Scanner::Migrate, Scanner::Free] {
        let (a, b) = (MigrateType::Unmovable, MigrateType::Reclaimable);
        for why in [Passed::Marked, Passed::OtherType(a), Passed::NotMovable(b), Passed::IsFree, Passed::Huge]
        {
            all.push(S::Passed { zone, scanner, pageblock: pfn, why });
        }
    }
    let priorities = [CompactPriority::Async, CompactPriority::SyncLight, CompactPriority::SyncFull];
    all.extend(priorities.map(|priority| S::Direct { order, priority }));
    let results = [
        CompactResult::NotSuitableZone,
        CompactResult::Skipped,
        CompactResult::Deferred,
        CompactResult::NoSuitablePage,
        CompactResult::Continue,
        CompactResult::Complete,
        CompactResult::PartialSkipped,
        CompactResult::Contended,
        CompactResult::Success,
    ];
    for result in results {
        let by = Compactor::Direct;
        let largest = Some(order);
        all.push(S::Ends { zone, by, result, moved: pages, migrate: pfn, free: pfn, largest });
        all.push(S::Ends { zone, by, result, moved: 0, migrate: pfn, free: pfn, largest: None });
        all.push(S::Retry { order, result, priority: Some(CompactPriority::SyncLight) });
        all.push(S::Retry { order, result, priority: None });
        for index in [None, Some(-500), Some(500)] {
            let suitable = Suitable { result, free: pages, mark: pages, index };
            all.push(S::Unsuitable { zone, order, suitable });
        }
    }
    all.into_iter().map(StepKind::Compact).collect()
}

#[test]
fn every_step_of_a_page_that_moves_is_told() {
    let long = "a_name_as_long_as_a_name_can_be_in_a_text";
    for (name, pfn, pages) in [("p", Pfn(812), 3), (long, Pfn(8_388_607), 4_194_304)] {
        let scenario = Story::on(mm::Config::single_zone(64)).names(&[name]).scenario();
        let machine = Machine::boot(&scenario.config).expect("boots");
        for kind in moves(NameId(0), pfn, pages).into_iter().chain(compacts(pfn, pages)) {
            let words = Words::of_step(&scenario, &machine, 0);
            for lang in Lang::ALL {
                let ([did, next], brief) = reclaim::told(lang, &words, &kind);
                for sentence in [&did, &next] {
                    keeps_the_rules(sentence, lang, &scenario.names, Some(&kind));
                }
                assert!(brief.chars().count() > 3, "{brief}");
            }
        }
    }
}

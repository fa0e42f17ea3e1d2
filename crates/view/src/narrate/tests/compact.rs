//! Pages that move, and compaction: every kind of step in both languages, with the longest names and numbers.

use mm::migrate::Stays;
use mm::step::MigrateStep;
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

#[test]
fn every_step_of_a_page_that_moves_is_told() {
    let long = "a_name_as_long_as_a_name_can_be_in_a_text";
    for (name, pfn, pages) in [("p", Pfn(812), 3), (long, Pfn(8_388_607), 4_194_304)] {
        let scenario = Story::on(mm::Config::single_zone(64)).names(&[name]).scenario();
        let machine = Machine::boot(&scenario.config).expect("boots");
        for kind in moves(NameId(0), pfn, pages) {
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

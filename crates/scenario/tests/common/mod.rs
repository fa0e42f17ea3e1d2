//! Documents for property tests, and how many of them.

#![allow(dead_code, reason = "every test binary uses its own part")]

use mm::config::{Mobility, Rules};
use mm::mmzone::ZoneKind;
use mm::op::PageKind;
use mm::page::MigrateType;
use mm::units::Order;
use proptest::prelude::*;
use scenario::ast::{
    Alloc, Amount, Document, For, Index, Line, Phrase, Run, Size, Statement, Target, Workload,
};

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
        8 => prop::sample::select(vec!["a", "b", "c", "buf", "x1", "_p"]).prop_map(str::to_owned),
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

fn target() -> impl Strategy<Value = Target> {
    (name(), prop::option::of(index())).prop_map(|(name, index)| Target { name, index })
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

fn setting() -> impl Strategy<Value = Statement> {
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
        any::<u64>().prop_map(Statement::Seed),
        (zone(), prop::array::uniform11(0u32..900))
            .prop_map(|(zone, counts)| Statement::BuddyInfo { zone, counts }),
        (zone(), order(), migratetype(), prop::collection::vec(any::<u32>(), 0..5)).prop_map(
            |(zone, order, migratetype, pfns)| Statement::FreeList { zone, order, migratetype, pfns }
        ),
        (zone(), runs()).prop_map(|(zone, runs)| Statement::Pageblocks { zone, runs }),
    ]
}

/// Any op.
pub fn op() -> impl Strategy<Value = Statement> {
    let size = prop_oneof![any::<u8>().prop_map(Size::Order), (1u32..5000).prop_map(Size::Pages)];
    let alloc = (target(), size, kind(), prop::option::of(zone()), prop::option::of(any::<u32>())).prop_map(
        |(target, size, kind, zone, real)| Statement::Alloc(Alloc { target, size, kind, zone, real }),
    );
    let weights = prop::array::uniform5(any::<u8>()).prop_filter("some weight", |weights| *weights != [0; 5]);
    let workload = (target(), 1u32..1000, order(), order(), weights, 0u8..=100, prop::option::of(zone()))
        .prop_map(|(target, actions, a, b, weights, free_percent, zone)| {
            let orders = (a.min(b), a.max(b));
            Statement::Workload(Workload { target, actions, orders, weights, free_percent, zone })
        });
    prop_oneof![4 => alloc, 4 => target().prop_map(Statement::Free), 1 => workload]
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

/// Documents whose machine can be built: nearly always without an error.
pub fn scenario_text() -> impl Strategy<Value = String> {
    let machine = prop_oneof![
        Just("ram 8M\nzone Normal\npage_group_by_mobility on\npcp off\n"),
        Just("ram 64M\npcp off\nseed 7\n"),
        Just("ram 24M\nzone DMA 16M\nzone Normal\npcp off\nreserve 0 1M\n"),
        Just("pcp off\nbuddyinfo Node 0, zone DMA 3 2 3 0 3 2 0 0 1 1 3\n"),
    ];
    let op = (0u8..26, any::<bool>(), 0u8..=10, kind()).prop_map(|(letter, free, order, kind)| {
        let target = Target::named(&char::from(b'a' + letter).to_string());
        match free {
            true => Statement::Free(target),
            false => Statement::Alloc(Alloc::new(target, Size::Order(order), kind)),
        }
    });
    (machine, prop::collection::vec(op, 0..60)).prop_map(|(machine, ops)| {
        let lines = ops.into_iter().map(Line::from).collect();
        format!("{machine}{}", scenario::print(&Document { lines }))
    })
}

/// What somebody does on the screen: `count` ops, named as [`scenario::fresh_name`] names them, frees of what is
/// held, all drawn from a seed.
pub fn sandbox(count: u32, seed: u64) -> String {
    let mut rng = mm::rng::Rng::new(seed, 0);
    let mut text = String::from("rules 6.1\nram 64M\nzone Normal\npage_group_by_mobility on\npcp off\n");
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
